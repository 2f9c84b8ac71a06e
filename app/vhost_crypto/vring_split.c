/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The split ring from the device's side. [virtio 2.7]
 *
 * A burst is taken in stages of VHC_VRING_STAGE chains: heads are read and their descriptors
 * prefetched; then descriptors are copied and their tables prefetched; then chains are built.
 *
 * Invariant: what is published, last_used, last_avail, the driver's index, in this order and no
 * further apart than the ring is long; anything else breaks the ring.
 */

#include <errno.h>

#include "vring_int.h"

#define AVAIL_FLAGS 0
#define AVAIL_IDX 2
#define AVAIL_RING 4
#define USED_FLAGS 0
#define USED_IDX 2
#define USED_RING 4
#define USED_ELEM_LEN 8

static inline uint16_t
desc_flags(const struct vhc_vring_raw *d)
{
	return (uint16_t)(d->tail >> 32);
}

static inline uint16_t
desc_next(const struct vhc_vring_raw *d)
{
	return (uint16_t)(d->tail >> 48);
}

/* Walk an indirect table. @return entries seen. */
static inline uint32_t
walk_table(struct vhc_vring *v, const struct vhc_guest_mem *mem, struct vhc_vring_chain *c,
		const struct vhc_vring_raw *ind, const uint8_t *table)
{
	const uint32_t len = (uint32_t)ind->tail;
	const uint32_t nb = len / sizeof(struct virtq_desc);
	struct vhc_vring_raw d;
	uint32_t i = 0, steps;

	if (unlikely(!vhc_vring_table_ok(v, ind->addr, len))) {
		c->bad = true;
		return 0;
	}
	for (steps = 1;; steps++) {
		if (likely(table != NULL)) {
			d = vhc_vring_read_desc(table + (size_t)i * sizeof(struct virtq_desc));
		} else if (!vhc_vring_table_entry(v, mem, ind->addr, i, &d)) {
			c->bad = true;
			break;
		}
		if (unlikely(desc_flags(&d) & VIRTQ_DESC_F_INDIRECT))
			c->bad = true; /* one table per chain [virtio 2.7.5.3.1] */
		else
			vhc_vring_chain_add(c, mem, d.addr, (uint32_t)d.tail,
					(desc_flags(&d) & VIRTQ_DESC_F_WRITE) != 0);
		if (!(desc_flags(&d) & VIRTQ_DESC_F_NEXT))
			break;
		i = desc_next(&d);
		if (unlikely(i >= nb || steps >= v->max_table)) {
			c->bad = true;
			break;
		}
	}
	return steps;
}

/*
 * Walk a chain from its first descriptor, which is copied: any number of direct ones, then perhaps
 * one that points to a table [virtio 2.7.5.3.2]. @return descriptors seen, of ring and table.
 */
static inline uint32_t
walk_chain(struct vhc_vring *v, const struct vhc_guest_mem *mem, struct vhc_vring_chain *c,
		struct vhc_vring_raw d, const uint8_t *table, uint16_t *nb_ring)
{
	uint32_t steps = 1;
	uint16_t next;

	while (!(desc_flags(&d) & VIRTQ_DESC_F_INDIRECT)) {
		vhc_vring_chain_add(c, mem, d.addr, (uint32_t)d.tail,
				(desc_flags(&d) & VIRTQ_DESC_F_WRITE) != 0);
		if (!(desc_flags(&d) & VIRTQ_DESC_F_NEXT)) {
			*nb_ring = (uint16_t)steps;
			return steps;
		}
		next = desc_next(&d);
		/* A chain that is longer than the ring is a loop [virtio 2.7.5.2]. */
		if (unlikely(next >= v->size || steps >= v->size)) {
			c->bad = true;
			*nb_ring = (uint16_t)steps;
			return steps;
		}
		d = vhc_vring_read_desc(v->desc + (size_t)next * sizeof(struct virtq_desc));
		steps++;
		if (desc_flags(&d) & VIRTQ_DESC_F_INDIRECT)
			table = vhc_vring_table_at(v, mem, d.addr, (uint32_t)d.tail);
	}
	if (unlikely(desc_flags(&d) & VIRTQ_DESC_F_NEXT))
		c->bad = true; /* [virtio 2.7.5.3.1] */
	*nb_ring = (uint16_t)steps;
	return steps + walk_table(v, mem, c, &d, table);
}

/* How many chains are available; 0 also where that breaks the ring. */
static inline uint16_t
look(struct vhc_vring *v, uint16_t nb)
{
	uint16_t avail = (uint16_t)(v->split.avail_idx - v->split.last_avail);
	uint16_t idx, out;

	if (avail >= nb)
		return nb;
	/* Acquire: entries and descriptors are read after it. Pairs with the driver's release. */
	idx = vhc_vring_read16(v->driver + AVAIL_IDX, __ATOMIC_ACQUIRE);
	avail = (uint16_t)(idx - v->split.last_avail);
	out = (uint16_t)(idx - v->split.published);
	if (unlikely(out > v->size || avail > out)) {
		vhc_vring_break(v, avail > out ? "the available index went back" :
				"the available index is further ahead than the ring is long");
		return 0;
	}
	v->split.avail_idx = idx;
	return RTE_MIN(avail, nb);
}

/* Read up to VHC_VRING_STAGE heads. @return how many are sound. */
static inline uint16_t
read_heads(struct vhc_vring *v, uint16_t *heads, uint16_t nb)
{
	const uint32_t mask = v->size - 1;
	uint16_t i;

	for (i = 0; i < nb; i++) {
		const uint32_t at = (v->split.last_avail + i) & mask;

		heads[i] = vhc_vring_read16(v->driver + AVAIL_RING + (size_t)at * 2,
				__ATOMIC_RELAXED);
		if (unlikely(heads[i] >= v->size)) {
			vhc_vring_break(v, "a head is beyond the descriptor table");
			break;
		}
		rte_prefetch0(v->desc + (size_t)heads[i] * sizeof(struct virtq_desc));
	}
	return i;
}

static int
split_pop(struct vhc_vring *v, const struct vhc_guest_mem *mem, struct vhc_vring_elem *elems,
		uint16_t nb, uint16_t max_desc)
{
	struct vhc_vring_raw first[VHC_VRING_STAGE];
	const uint8_t *table[VHC_VRING_STAGE];
	uint16_t heads[VHC_VRING_STAGE];
	const uint16_t avail = look(v, nb);
	struct vhc_vring_chain c;
	uint32_t steps = 0;
	uint16_t done, i, n;

	c.hint = v->data_hint;
	for (done = 0; done < avail && steps < VHC_VRING_BUDGET && v->fault == NULL; done += i) {
		n = read_heads(v, heads, RTE_MIN((uint16_t)(avail - done), VHC_VRING_STAGE));
		for (i = 0; i < n; i++) {
			first[i] = vhc_vring_read_desc(
					v->desc + (size_t)heads[i] * sizeof(struct virtq_desc));
			table[i] = NULL;
			if (desc_flags(&first[i]) & VIRTQ_DESC_F_INDIRECT)
				table[i] = vhc_vring_table_at(v, mem, first[i].addr,
						(uint32_t)first[i].tail);
		}
		for (i = 0; i < n && steps < VHC_VRING_BUDGET; i++) {
			struct vhc_vring_elem *const e = &elems[done + i];

			vhc_vring_chain_init(&c, e->desc, max_desc);
			steps += walk_chain(v, mem, &c, first[i], table[i], &e->nb_ring);
			e->id = heads[i];
			e->pos = heads[i];
			vhc_vring_chain_finish(v, &c, e);
		}
		v->split.last_avail = (uint16_t)(v->split.last_avail + i);
	}
	v->data_hint = c.hint;
	return done;
}

static int
split_retake(struct vhc_vring *v, const struct vhc_guest_mem *mem, uint16_t head,
		const struct vhc_vring_saved *saved, uint16_t nb, struct vhc_vring_elem *e,
		uint16_t max_desc)
{
	struct vhc_vring_chain c;
	struct vhc_vring_raw d;
	const uint8_t *table = NULL;

	RTE_SET_USED(saved);
	RTE_SET_USED(nb);
	if (head >= v->size || v->lost == 0)
		return -EINVAL;
	v->lost--;
	d = vhc_vring_read_desc(v->desc + (size_t)head * sizeof(struct virtq_desc));
	if (desc_flags(&d) & VIRTQ_DESC_F_INDIRECT)
		table = vhc_vring_table_at(v, mem, d.addr, (uint32_t)d.tail);
	c.hint = v->data_hint;
	vhc_vring_chain_init(&c, e->desc, max_desc);
	walk_chain(v, mem, &c, d, table, &e->nb_ring);
	e->id = head;
	e->pos = head;
	vhc_vring_chain_finish(v, &c, e);
	return 0;
}

/* What is read here decides nothing: pop reads it again, and checks it. */
static void
split_prefetch(struct vhc_vring *v, const struct vhc_guest_mem *mem, uint16_t nb)
{
	const uint16_t idx = vhc_vring_read16(v->driver + AVAIL_IDX, __ATOMIC_ACQUIRE);
	const uint16_t avail = (uint16_t)(idx - v->split.last_avail);
	const uint32_t mask = v->size - 1;
	struct vhc_vring_raw d;
	uint16_t i, head;

	nb = RTE_MIN(nb, avail);
	for (i = 0; i < nb; i++) {
		head = vhc_vring_read16(v->driver + AVAIL_RING +
				(size_t)((v->split.last_avail + i) & mask) * 2, __ATOMIC_RELAXED);
		if (unlikely(head >= v->size))
			return;
		d = vhc_vring_read_desc(v->desc + (size_t)head * sizeof(struct virtq_desc));
		if (desc_flags(&d) & VIRTQ_DESC_F_INDIRECT)
			vhc_vring_table_at(v, mem, d.addr, (uint32_t)d.tail);
	}
}

static bool
split_pending(const struct vhc_vring *v)
{
	return vhc_vring_read16(v->driver + AVAIL_IDX, __ATOMIC_ACQUIRE) != v->split.last_avail;
}

static void
split_put(struct vhc_vring *v, uint16_t id, uint16_t nb_ring, uint32_t len)
{
	const uint32_t at = v->split.last_used & (v->size - 1);
	uint8_t *const p = v->device + USED_RING + (size_t)at * USED_ELEM_LEN;

	RTE_SET_USED(nb_ring);
	/* The used ring is aligned to 4 bytes only. */
	__atomic_store_n((rte_le32_t *)(void *)p, rte_cpu_to_le_32(id), __ATOMIC_RELAXED);
	__atomic_store_n((rte_le32_t *)(void *)(p + 4), rte_cpu_to_le_32(len), __ATOMIC_RELAXED);
	v->split.last_used++;
}

/* The entries that were published last, then the index. */
static void
log_published(struct vhc_vring *v, uint16_t from, uint16_t nb)
{
	const uint8_t *const ring = v->device + USED_RING;
	const uint32_t at = from & (v->size - 1);
	const uint32_t n = RTE_MIN((uint32_t)nb, v->size - at);

	v->log(v->log_ctx, ring + (size_t)at * USED_ELEM_LEN, (size_t)n * USED_ELEM_LEN);
	if (n < nb)
		v->log(v->log_ctx, ring, (size_t)(nb - n) * USED_ELEM_LEN);
	v->log(v->log_ctx, v->device + USED_IDX, 2);
}

static bool
split_publish(struct vhc_vring *v)
{
	const uint16_t from = v->split.published;
	const uint16_t nb = (uint16_t)(v->split.last_used - from);

	if (nb == 0)
		return false;
	/* Release: entries, results and status come before it. Pairs with the driver's acquire. */
	vhc_vring_write16(v->device + USED_IDX, v->split.last_used, __ATOMIC_RELEASE);
	v->split.published = v->split.last_used;
	v->unsignalled += nb;
	if (unlikely(v->log != NULL))
		log_published(v, from, nb);
	return true;
}

static bool
split_call_wanted(struct vhc_vring *v)
{
	uint16_t event;

	if (!v->event_idx) /* [virtio 2.7.7.2] */
		return !(vhc_vring_read16(v->driver + AVAIL_FLAGS, __ATOMIC_RELAXED) &
				VIRTQ_AVAIL_F_NO_INTERRUPT);
	event = vhc_vring_read16(v->driver + AVAIL_RING + (size_t)v->size * 2, __ATOMIC_RELAXED);
	/* Whether the entry at the driver's index is among the last that were published. */
	return (uint16_t)(v->split.published - event - 1) < v->unsignalled;
}

static void
split_want_kicks(struct vhc_vring *v, bool want)
{
	uint8_t *p;
	uint16_t word;

	if (v->event_idx) { /* [virtio 2.7.10] */
		p = v->device + USED_RING + (size_t)v->size * USED_ELEM_LEN;
		/* Unwanted: an index that the driver has passed and needs a wrap to reach. */
		word = (uint16_t)(want ? v->split.last_avail :
				v->split.last_avail - v->size - 1);
	} else {
		p = v->device + USED_FLAGS;
		word = want ? 0 : VIRTQ_USED_F_NO_NOTIFY;
	}
	vhc_vring_write16(p, word, __ATOMIC_RELAXED);
	if (unlikely(v->log != NULL))
		v->log(v->log_ctx, p, 2);
}

static void
split_position(const struct vhc_vring *v, uint16_t *last_avail, uint16_t *last_used)
{
	*last_avail = v->split.last_avail;
	*last_used = v->split.published;
}

const struct vhc_vring_ops vhc_vring_split_ops = {
	.pop = split_pop,
	.retake = split_retake,
	.prefetch = split_prefetch,
	.pending = split_pending,
	.put = split_put,
	.publish = split_publish,
	.call_wanted = split_call_wanted,
	.want_kicks = split_want_kicks,
	.position = split_position,
};
