/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * What all ring formats share: sizes, set-up, the table of formats.
 *
 * May include: wire leaves and virtio_ring.h. Called by control-path threads
 * while nobody uses the ring.
 */

#include <errno.h>
#include <string.h>

#include "virtio_ring.h"
#include "virtio_ring_int.h"

const struct vcrypto_ring_ops *const vcrypto_ring_ops[VCRYPTO_RING_NB] = {
	[VCRYPTO_RING_SPLIT_INDIRECT] = &vcrypto_ring_split_indirect,
	[VCRYPTO_RING_SPLIT_DIRECT] = &vcrypto_ring_split_direct,
	[VCRYPTO_RING_PACKED_INDIRECT] = &vcrypto_ring_packed_indirect,
	[VCRYPTO_RING_PACKED_DIRECT] = &vcrypto_ring_packed_direct,
	[VCRYPTO_RING_SPLIT_INDIRECT_IN_ORDER] = &vcrypto_ring_split_indirect_in_order,
	[VCRYPTO_RING_SPLIT_DIRECT_IN_ORDER] = &vcrypto_ring_split_direct_in_order,
	[VCRYPTO_RING_PACKED_INDIRECT_IN_ORDER] = &vcrypto_ring_packed_indirect_in_order,
	[VCRYPTO_RING_PACKED_DIRECT_IN_ORDER] = &vcrypto_ring_packed_direct_in_order,
};

/*
 * A packed ring may have any size [virtio 2.8.10.1]; a power of two lets free-running numbers
 * say both place and wrap counter.
 */
static bool
size_is_legal(uint32_t size)
{
	return rte_is_power_of_2(size) && size <= VIRTQ_MAX_SIZE;
}

enum vcrypto_ring_kind
vcrypto_ring_kind_pick(uint64_t features)
{
	/* [virtio 2.7.5.3.1, 2.8.19] MUST NOT set INDIRECT unless the feature was negotiated. */
	return (features & VIRTIO_FEATURE(VIRTIO_F_INDIRECT_DESC) ? 0 : VCRYPTO_RING_F_DIRECT) |
		(features & VIRTIO_FEATURE(VIRTIO_F_RING_PACKED) ? VCRYPTO_RING_F_PACKED : 0) |
		(features & VIRTIO_FEATURE(VIRTIO_F_IN_ORDER) ? VCRYPTO_RING_F_IN_ORDER : 0);
}

size_t
vcrypto_ring_mem_size(enum vcrypto_ring_kind kind, uint16_t size)
{
	if ((unsigned int)kind >= VCRYPTO_RING_NB || !size_is_legal(size))
		return 0;
	return kind & VCRYPTO_RING_F_PACKED ? vcrypto_ring_packed_len(size) :
					      vcrypto_ring_split_len(size);
}

/* Private arrays, in this order, each on cache lines of its own. */
struct priv_layout {
	size_t shadow;
	size_t issued;
	size_t said;
	size_t order;
	size_t heads;
	size_t next;
	size_t slot_of;
	size_t tables;
	size_t free_desc;
	size_t len;
};

static size_t
take(struct priv_layout *l, size_t entry, uint16_t size)
{
	const size_t at = l->len;

	l->len += RTE_ALIGN_CEIL(entry * size, RTE_CACHE_LINE_SIZE);
	return at;
}

static struct priv_layout
priv_layout(uint16_t size)
{
	struct priv_layout l = { .len = 0 };

	l.shadow = take(&l, sizeof(struct vcrypto_desc), size);
	l.issued = take(&l, sizeof(uint16_t), size);
	l.said = take(&l, sizeof(struct vcrypto_desc), size);
	l.order = take(&l, sizeof(uint16_t), size);
	l.heads = take(&l, sizeof(uint16_t), size);
	l.next = take(&l, sizeof(uint16_t), size);
	l.slot_of = take(&l, sizeof(uint16_t), size);
	l.tables = take(&l, sizeof(struct vcrypto_ring_req), size);
	l.free_desc = take(&l, sizeof(uint16_t), size);
	return l;
}

size_t
vcrypto_ring_priv_size(uint16_t size)
{
	return priv_layout(size).len;
}

int
vcrypto_ring_init(struct vcrypto_ring *r, enum vcrypto_ring_kind kind, uint16_t index,
		uint16_t size, void *mem, rte_iova_t iova, void *priv, uint64_t features)
{
	const struct priv_layout l = priv_layout(size);
	uint8_t *const p = priv;
	uint16_t i;

	if ((unsigned int)kind >= VCRYPTO_RING_NB || !size_is_legal(size))
		return -EINVAL;

	memset(r, 0, sizeof(*r));
	memset(mem, 0, vcrypto_ring_mem_size(kind, size));
	memset(priv, 0, l.len);
	r->kind = kind;
	r->size = size;
	r->index = index;
	r->event_idx = features & VIRTIO_FEATURE(VIRTIO_F_EVENT_IDX);
	r->strong_barriers = features & VIRTIO_FEATURE(VIRTIO_F_ORDER_PLATFORM);
	r->mem = mem;
	r->mem_iova = iova;
	r->shadow = (struct vcrypto_desc *)(p + l.shadow);
	r->issued = (uint16_t *)(p + l.issued);
	r->said = (struct vcrypto_desc *)(p + l.said);
	r->order = (uint16_t *)(p + l.order);
	r->heads = (uint16_t *)(p + l.heads);
	r->next = (uint16_t *)(p + l.next);
	r->slot_of = (uint16_t *)(p + l.slot_of);
	r->tables = (struct vcrypto_ring_req *)(p + l.tables);
	r->free_desc = (uint16_t *)(p + l.free_desc);
	for (i = 0; i < size; i++)
		r->free_desc[i] = i;
	r->free_tail = size;
	r->free_tail_cache = size;
	if (kind & VCRYPTO_RING_F_PACKED)
		vcrypto_ring_packed_layout(r);
	else
		vcrypto_ring_split_layout(r);
	return 0;
}

void
vcrypto_ring_addr(const struct vcrypto_ring *r, struct vcrypto_queue_addr *addr)
{
	addr->desc = r->mem_iova;
	addr->driver = r->mem_iova + r->driver_off;
	addr->device = r->mem_iova + r->device_off;
	addr->size = r->size;
}

const char *
vcrypto_ring_fault_name(enum vcrypto_ring_fault fault)
{
	switch (fault) {
	case VCRYPTO_RING_OK:
		return "no fault";
	case VCRYPTO_RING_USED_IDX:
		return "used in excess of what is outstanding";
	case VCRYPTO_RING_BAD_ID:
		return "used id outside the ring";
	case VCRYPTO_RING_NOT_ISSUED:
		return "used id that is not outstanding";
	case VCRYPTO_RING_BAD_WRAP:
		return "descriptor flags of the wrong lap";
	case VCRYPTO_RING_NOT_IN_ORDER:
		return "used out of order, against IN_ORDER";
	}
	return "unknown fault";
}

/* ---- for people ---- */

static uint16_t
look_16(const rte_le16_t *p)
{
	return p != NULL ? rte_le_to_cpu_16(__atomic_load_n(p, __ATOMIC_RELAXED)) : 0;
}

static uint32_t
look_32(const uint32_t *p)
{
	return __atomic_load_n(p, __ATOMIC_RELAXED);
}

unsigned int
vcrypto_ring_look(const struct vcrypto_ring *r,
		struct vcrypto_ring_number out[VCRYPTO_RING_NUMBERS])
{
	uint8_t *const mem = __atomic_load_n(&r->mem, __ATOMIC_RELAXED);
	const uint32_t size = __atomic_load_n(&r->size, __ATOMIC_RELAXED);
	const uint32_t taken = look_32(&r->free_head), given = look_32(&r->free_tail);
	const bool packed = (unsigned int)__atomic_load_n(&r->kind, __ATOMIC_RELAXED) &
		VCRYPTO_RING_F_PACKED;
	const struct virtq_event *event;
	const struct virtq_avail *avail;
	const struct virtq_used *used;
	unsigned int n = 0;

#define PUT(what, number) (out[n++] = (struct vcrypto_ring_number){ what, number })
	if (mem == NULL)
		return 0;
	PUT("added", __atomic_load_n(&r->avail_idx, __ATOMIC_RELAXED));
	PUT("published", __atomic_load_n(&r->published, __ATOMIC_RELAXED));
	PUT("got", __atomic_load_n(&r->used_idx, __ATOMIC_RELAXED));
	/*
	 * A ring that is being made anew has its fields for moments only in part. Areas come from
	 * offsets, which stay in the ring's memory whatever they are at that time.
	 */
	if (!packed) {
		avail = (const struct virtq_avail *)(mem + look_32(&r->driver_off));
		used = (const struct virtq_used *)(mem + look_32(&r->device_off));
		PUT("avail_idx", look_16(&avail->idx));
		PUT("avail_flags", look_16(&avail->flags));
		PUT("used_idx", look_16(&used->idx));
		PUT("used_flags", look_16(&used->flags));
		if (r->event_idx) {
			PUT("used_event", look_16(&avail->ring[size]));
			PUT("avail_event", look_16((const rte_le16_t *)&used->ring[size]));
		}
	} else {
		PUT("next_avail", taken & (size - 1));
		PUT("avail_wrap", !(taken & size));
		PUT("next_used", given & (size - 1));
		PUT("used_wrap", !((given - size) & size));
		event = (const struct virtq_event *)(mem + look_32(&r->driver_off));
		PUT("driver_event_flags", look_16(&event->flags));
		event = (const struct virtq_event *)(mem + look_32(&r->device_off));
		PUT("device_event_flags", look_16(&event->flags));
		PUT("device_event_offset", look_16(&event->off_wrap));
	}
	if (packed || look_32((const uint32_t *)&r->kind) & VCRYPTO_RING_F_DIRECT)
		PUT("free_descriptors", RTE_MIN(given - taken, size));
#undef PUT
	return n;
}
