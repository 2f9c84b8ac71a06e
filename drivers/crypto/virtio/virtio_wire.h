/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Wire format that all virtio devices share: device status, reserved feature
 * bits, virtqueues, as in the OASIS virtio specification 1.4, sections 2.1, 2.7,
 * 2.8 and 6. A leaf, without crypto and without PCI. Little-endian.
 */

#ifndef VIRTIO_WIRE_H
#define VIRTIO_WIRE_H

#include <assert.h>
#include <stdint.h>

#include <rte_byteorder.h>

/* Device status [virtio 2.1 Device Status Field] */
#define VIRTIO_CONFIG_S_ACKNOWLEDGE 0x01
#define VIRTIO_CONFIG_S_DRIVER 0x02
#define VIRTIO_CONFIG_S_DRIVER_OK 0x04
#define VIRTIO_CONFIG_S_FEATURES_OK 0x08
#define VIRTIO_CONFIG_S_NEEDS_RESET 0x40
#define VIRTIO_CONFIG_S_FAILED 0x80

/* Feature bit numbers, any device [virtio 6 Reserved Feature Bits] */
#define VIRTIO_F_INDIRECT_DESC 28
#define VIRTIO_F_EVENT_IDX 29
#define VIRTIO_F_VERSION_1 32
#define VIRTIO_F_ACCESS_PLATFORM 33
#define VIRTIO_F_RING_PACKED 34
#define VIRTIO_F_IN_ORDER 35
#define VIRTIO_F_ORDER_PLATFORM 36
#define VIRTIO_F_NOTIFICATION_DATA 38
#define VIRTIO_F_NOTIF_CONFIG_DATA 39
#define VIRTIO_F_RING_RESET 40

#define VIRTIO_FEATURE(bit) (UINT64_C(1) << (bit))

/* Split virtqueue [virtio 2.7] */
#define VIRTQ_DESC_F_NEXT 1
#define VIRTQ_DESC_F_WRITE 2
#define VIRTQ_DESC_F_INDIRECT 4
#define VIRTQ_USED_F_NO_NOTIFY 1
#define VIRTQ_AVAIL_F_NO_INTERRUPT 1
#define VIRTQ_MAX_SIZE 32768

struct virtq_desc {
	rte_le64_t addr;
	rte_le32_t len;
	rte_le16_t flags;
	rte_le16_t next;
};
static_assert(sizeof(struct virtq_desc) == 16, "2.7.5");

struct virtq_used_elem {
	rte_le32_t id;
	rte_le32_t len;
};
static_assert(sizeof(struct virtq_used_elem) == 8, "2.7.8");

struct virtq_avail {
	rte_le16_t flags;
	rte_le16_t idx;
	rte_le16_t ring[]; /* queue size entries, then used_event */
};

struct virtq_used {
	rte_le16_t flags;
	rte_le16_t idx;
	struct virtq_used_elem ring[]; /* queue size entries, then avail_event */
};

/* Packed virtqueue [virtio 2.8]; flags as above, and in tables none but WRITE */
#define VIRTQ_DESC_F_AVAIL (1 << 7)
#define VIRTQ_DESC_F_USED (1 << 15)

struct virtq_packed_desc {
	rte_le64_t addr;
	rte_le32_t len;
	rte_le16_t id;
	rte_le16_t flags;
};
static_assert(sizeof(struct virtq_packed_desc) == 16, "2.8.13");

#define VIRTQ_EVENT_F_ENABLE 0
#define VIRTQ_EVENT_F_DISABLE 1
#define VIRTQ_EVENT_F_DESC 2 /* with EVENT_IDX only */
#define VIRTQ_EVENT_F_MASK 3
#define VIRTQ_EVENT_WRAP (1 << 15)

struct virtq_event {
	rte_le16_t off_wrap; /* offset in the ring, and VIRTQ_EVENT_WRAP */
	rte_le16_t flags;
};
static_assert(sizeof(struct virtq_event) == 4, "2.8.14");

#endif /* VIRTIO_WIRE_H */
