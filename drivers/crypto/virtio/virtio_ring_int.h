/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * What the ring formats have in common, for virtio_ring*.c only: everybody
 * else goes through the table in virtio_ring.h.
 */

#ifndef VIRTIO_RING_INT_H
#define VIRTIO_RING_INT_H

#include <errno.h>

#include "virtio_ring.h"

extern const struct vcrypto_ring_ops vcrypto_ring_split_indirect;
extern const struct vcrypto_ring_ops vcrypto_ring_split_direct;
extern const struct vcrypto_ring_ops vcrypto_ring_split_indirect_in_order;
extern const struct vcrypto_ring_ops vcrypto_ring_split_direct_in_order;
extern const struct vcrypto_ring_ops vcrypto_ring_packed_indirect;
extern const struct vcrypto_ring_ops vcrypto_ring_packed_direct;
extern const struct vcrypto_ring_ops vcrypto_ring_packed_indirect_in_order;
extern const struct vcrypto_ring_ops vcrypto_ring_packed_direct_in_order;

/** Bytes of shared memory for a ring of a legal size. */
size_t vcrypto_ring_split_len(uint16_t size);
size_t vcrypto_ring_packed_len(uint16_t size);

/** Set the pointers of a zeroed ring, and ask for no interrupts. */
void vcrypto_ring_split_layout(struct vcrypto_ring *r);
void vcrypto_ring_packed_layout(struct vcrypto_ring *r);

static inline int
vcrypto_ring_break(struct vcrypto_ring *r, enum vcrypto_ring_fault fault)
{
	r->broken = fault;
	return -EIO;
}

/* ---- indirect: each request takes one descriptor, and there is one for each slot ---- */

static inline uint32_t
vcrypto_ring_indirect_room(struct vcrypto_ring *r)
{
	RTE_SET_USED(r);
	return UINT32_MAX;
}

/* ---- direct chains: descriptors are counted ---- */

static inline void
vcrypto_ring_direct_set_table(struct vcrypto_ring *r, const struct vcrypto_ring_req *req)
{
	r->tables[req->slot] = *req;
}

/* Free descriptors while @p taken are taken; at least @p wanted, or the truth. */
static __rte_always_inline uint32_t
vcrypto_ring_free_count(struct vcrypto_ring *r, uint32_t taken, uint32_t wanted)
{
	uint32_t n = r->free_tail_cache - taken;

	if (n < wanted) {
		/*
		 * Acquire: the consumer is done with them; pairs with the release where it
		 * gives them back.
		 */
		r->free_tail_cache = __atomic_load_n(&r->free_tail, __ATOMIC_ACQUIRE);
		n = r->free_tail_cache - taken;
	}
	return n;
}

static inline uint32_t
vcrypto_ring_direct_room(struct vcrypto_ring *r)
{
	return vcrypto_ring_free_count(r, r->free_head, r->size);
}

/** A used length that a device has written: never the one that stands for none. */
static inline uint32_t
vcrypto_ring_used_len(uint32_t len)
{
	return len != VCRYPTO_RING_LEN_UNKNOWN ? len : len - 1;
}

/* ---- IN_ORDER: requests come back by their number of issue ---- */

/**
 * Ask the device how many requests it has used since number @p idx, the descriptors of all
 * before having been @p at. @p len gets the used length of the last of them.
 * @return 0 to the requests that are published; -EIO, and the ring is broken.
 */
typedef int (*vcrypto_ring_batch_t)(struct vcrypto_ring *r, uint16_t idx, uint32_t at,
		uint32_t *len);

static __rte_always_inline int
vcrypto_ring_get_in_order(struct vcrypto_ring *r, uint16_t *slots, uint32_t *lens, uint16_t nb,
		const vcrypto_ring_batch_t next_batch, const bool direct)
{
	const uint16_t mask = r->size - 1;
	uint32_t at = r->free_tail - r->size;
	uint16_t end = r->batch_end;
	uint16_t idx = r->used_idx;
	uint16_t n;
	int batch = 0;

	if (unlikely(r->broken != VCRYPTO_RING_OK))
		return -EIO;
	for (n = 0; n < nb; n++, idx++) {
		if (idx == end) {
			batch = next_batch(r, idx, at, &r->batch_len);
			if (batch <= 0)
				break;
			end += batch;
		}
		slots[n] = r->order[idx & mask];
		at += direct ? r->issued[idx & mask] : 1;
		if (lens != NULL)
			lens[n] = (uint16_t)(idx + 1) == end ?
				vcrypto_ring_used_len(r->batch_len) : VCRYPTO_RING_LEN_UNKNOWN;
	}
	r->batch_end = end;
	r->used_idx = idx;
	/* Release: what is read above; pairs with the acquire in vcrypto_ring_free_count(). */
	__atomic_store_n(&r->free_tail, at + r->size, __ATOMIC_RELEASE);
	/* What came before a bad entry is good; the next call reports the fault. */
	return n > 0 ? n : batch;
}

static __rte_always_inline int
vcrypto_ring_reclaim_in_order(struct vcrypto_ring *r, const bool direct)
{
	const uint16_t idx = r->used_idx;
	const uint16_t at = idx & (r->size - 1);

	/* Acquire: a producer may still be adding to a ring that is dead. */
	if (idx == __atomic_load_n(&r->avail_idx, __ATOMIC_ACQUIRE))
		return -1;
	if (r->batch_end == idx)
		r->batch_end++;
	r->used_idx = idx + 1;
	__atomic_store_n(&r->free_tail, r->free_tail + (direct ? r->issued[at] : 1),
		__ATOMIC_RELEASE);
	return r->order[at];
}

#endif /* VIRTIO_RING_INT_H */
