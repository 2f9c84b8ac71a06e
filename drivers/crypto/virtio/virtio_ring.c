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
#include "virtio_ring_split.h"

const struct vcrypto_ring_ops *const vcrypto_ring_ops[VCRYPTO_RING_NB] = {
	[VCRYPTO_RING_SPLIT_INDIRECT] = &vcrypto_ring_split_indirect,
	[VCRYPTO_RING_SPLIT_DIRECT] = &vcrypto_ring_split_direct,
};

static bool
size_is_legal(uint32_t size)
{
	return rte_is_power_of_2(size) && size <= VIRTQ_MAX_SIZE;
}

enum vcrypto_ring_kind
vcrypto_ring_kind_pick(uint64_t features)
{
	/* [virtio 2.7.5.3.1] MUST NOT set INDIRECT unless the feature was negotiated. */
	return features & VIRTIO_FEATURE(VIRTIO_F_INDIRECT_DESC) ? VCRYPTO_RING_SPLIT_INDIRECT :
								   VCRYPTO_RING_SPLIT_DIRECT;
}

size_t
vcrypto_ring_mem_size(enum vcrypto_ring_kind kind, uint16_t size)
{
	if ((unsigned int)kind >= VCRYPTO_RING_NB || !size_is_legal(size))
		return 0;
	return vcrypto_ring_split_used_offset(size) + vcrypto_ring_split_used_len(size);
}

/* Private arrays, in this order, each on a cache line of its own. */
struct priv_layout {
	size_t shadow;
	size_t issued;
	size_t next;
	size_t slot_of;
	size_t tables;
	size_t free_desc;
	size_t len;
};

static struct priv_layout
priv_layout(uint16_t size)
{
	const size_t words = RTE_ALIGN_CEIL(sizeof(uint16_t) * size, RTE_CACHE_LINE_SIZE);
	struct priv_layout l;

	l.shadow = 0;
	l.issued = RTE_ALIGN_CEIL(sizeof(struct vcrypto_desc) * size, RTE_CACHE_LINE_SIZE);
	l.next = l.issued + words;
	l.slot_of = l.next + words;
	l.tables = l.slot_of + words;
	l.free_desc = l.tables +
		RTE_ALIGN_CEIL(sizeof(struct vcrypto_ring_req) * size, RTE_CACHE_LINE_SIZE);
	l.len = l.free_desc + words;
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
	r->next = (uint16_t *)(p + l.next);
	r->slot_of = (uint16_t *)(p + l.slot_of);
	r->tables = (struct vcrypto_ring_req *)(p + l.tables);
	r->free_desc = (uint16_t *)(p + l.free_desc);
	for (i = 0; i < size; i++)
		r->free_desc[i] = i;
	r->free_tail = size;
	r->free_tail_cache = size;
	vcrypto_ring_split_layout(r);
	return 0;
}

void
vcrypto_ring_addr(const struct vcrypto_ring *r, struct vcrypto_queue_addr *addr)
{
	const uint8_t *base = r->mem;

	addr->desc = r->mem_iova;
	addr->driver = r->mem_iova + (size_t)((const uint8_t *)r->avail - base);
	addr->device = r->mem_iova + (size_t)((const uint8_t *)r->used - base);
	addr->size = r->size;
}

const char *
vcrypto_ring_fault_name(enum vcrypto_ring_fault fault)
{
	switch (fault) {
	case VCRYPTO_RING_OK:
		return "no fault";
	case VCRYPTO_RING_USED_IDX:
		return "used index beyond what is outstanding";
	case VCRYPTO_RING_BAD_ID:
		return "used id outside the ring";
	case VCRYPTO_RING_NOT_ISSUED:
		return "used id that is not outstanding";
	}
	return "unknown fault";
}
