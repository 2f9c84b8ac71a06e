/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The feature bits that the driver understands and obeys; nothing else is accepted. A leaf.
 */

#ifndef VIRTIO_FEATURES_H
#define VIRTIO_FEATURES_H

#include "virtio_crypto_wire.h"
#include "virtio_wire.h"

#define VCRYPTO_SUPPORTED_FEATURES ( \
	VIRTIO_FEATURE(VIRTIO_CRYPTO_F_REVISION_1) | \
	VIRTIO_FEATURE(VIRTIO_F_INDIRECT_DESC) | \
	VIRTIO_FEATURE(VIRTIO_F_EVENT_IDX) | \
	VIRTIO_FEATURE(VIRTIO_F_VERSION_1) | \
	VIRTIO_FEATURE(VIRTIO_F_ACCESS_PLATFORM) | \
	VIRTIO_FEATURE(VIRTIO_F_ORDER_PLATFORM) | \
	VIRTIO_FEATURE(VIRTIO_F_NOTIFICATION_DATA) | \
	VIRTIO_FEATURE(VIRTIO_F_NOTIF_CONFIG_DATA) | \
	VIRTIO_FEATURE(VIRTIO_F_RING_RESET))

#endif /* VIRTIO_FEATURES_H */
