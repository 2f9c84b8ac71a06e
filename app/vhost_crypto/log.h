/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Logging of the program: one log type, "app.vhost_crypto". A leaf.
 *
 * Never called per request. What a guest can cause goes through VHC_LOG_LIMITED. Keys and
 * payload are never arguments.
 */

#ifndef VHC_LOG_H
#define VHC_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_log.h>

extern int vhc_logtype;

#define VHC_LOG(level, fmt, ...) \
	rte_log(RTE_LOG_##level, vhc_logtype, "vhost_crypto: " fmt "\n", ##__VA_ARGS__)

/** Allows a few lines every few seconds; zeroed before the first use. Any thread. */
struct vhc_log_limit {
	uint64_t window; /* atomic: number of the period that is counted */
	uint32_t lines;  /* atomic: in this period */
};

/** Whether one more line may be written. */
bool vhc_log_allowed(struct vhc_log_limit *limit);

/** A line that a guest can cause. */
#define VHC_LOG_LIMITED(limit, level, fmt, ...) \
	do { \
		if (vhc_log_allowed(limit)) \
			VHC_LOG(level, fmt, ##__VA_ARGS__); \
	} while (0)

#endif /* VHC_LOG_H */
