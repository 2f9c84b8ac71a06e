/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Logging of the PMD: one log type, "pmd.crypto.virtio". A leaf.
 *
 * Never called per operation. Keys, payload and digests are never arguments.
 */

#ifndef VIRTIO_LOG_H
#define VIRTIO_LOG_H

#include <stdbool.h>

#include <rte_log.h>

extern int vcrypto_logtype;

/* Set while a thread does again what it has complained of before. */
extern __thread bool vcrypto_log_off;

static inline void
vcrypto_log_quiet(bool quiet)
{
	vcrypto_log_off = quiet;
}

#define VCRYPTO_LOG(level, fmt, ...) do { \
	if (!vcrypto_log_off) \
		rte_log(RTE_LOG_##level, vcrypto_logtype, "CRYPTO_VIRTIO: " fmt "\n", \
			##__VA_ARGS__); \
} while (0)

/* The same, led by the device's name: the form for everything that concerns one device. */
#define VCRYPTO_DEV_LOG(level, name, fmt, ...) \
	VCRYPTO_LOG(level, "%s: " fmt, (name), ##__VA_ARGS__)

#endif /* VIRTIO_LOG_H */
