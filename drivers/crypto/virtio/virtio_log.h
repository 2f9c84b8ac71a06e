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

#include <rte_log.h>

extern int vcrypto_logtype;

#define VCRYPTO_LOG(level, fmt, ...) \
	rte_log(RTE_LOG_##level, vcrypto_logtype, "CRYPTO_VIRTIO: " fmt "\n", ##__VA_ARGS__)

/* The same, led by the device's name: the form for everything that concerns one device. */
#define VCRYPTO_DEV_LOG(level, name, fmt, ...) \
	rte_log(RTE_LOG_##level, vcrypto_logtype, "CRYPTO_VIRTIO: %s: " fmt "\n", (name), \
		##__VA_ARGS__)

#endif /* VIRTIO_LOG_H */
