/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Differences between DPDK versions, 22.11 to the newest. Nothing else in this
 * tree tests RTE_VERSION. A leaf.
 */

#ifndef VIRTIO_COMPAT_H
#define VIRTIO_COMPAT_H

#include <rte_version.h>

#if RTE_VERSION >= RTE_VERSION_NUM(23, 3, 0, 0)
#define VCRYPTO_COMPAT_SHAKE /* RTE_CRYPTO_AUTH_SHAKE_128 and _256 */
#endif

#endif /* VIRTIO_COMPAT_H */
