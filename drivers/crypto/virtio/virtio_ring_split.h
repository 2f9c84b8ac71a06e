/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The split ring format, for virtio_ring.c only: everybody else goes through
 * the table in virtio_ring.h.
 */

#ifndef VIRTIO_RING_SPLIT_H
#define VIRTIO_RING_SPLIT_H

#include "virtio_ring.h"

extern const struct vcrypto_ring_ops vcrypto_ring_split_indirect;
extern const struct vcrypto_ring_ops vcrypto_ring_split_direct;

/*
 * Areas of a ring of @p size entries within its memory. The used ring starts
 * on a page of its own: avail is written by the driver, used by the device.
 */
size_t vcrypto_ring_split_used_offset(uint16_t size);
size_t vcrypto_ring_split_used_len(uint16_t size);

/** Set the pointers of a zeroed ring, and ask for no interrupts. */
void vcrypto_ring_split_layout(struct vcrypto_ring *r);

#endif /* VIRTIO_RING_SPLIT_H */
