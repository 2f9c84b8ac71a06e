/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The packed ring from the device's side. [virtio 2.8]
 *
 * Used descriptors of a burst are written at once but for the first one's length, id and flags,
 * which publish stores last: the driver looks at one place only, so it sees all or none.
 *
 * Invariant: what was taken and whose answer is not published is never more than the ring
 * holds.
 */

#include <errno.h>

#include "vring_int.h"

#define F_AVAIL (1u << 7)
#define F_USED (1u << 15)
#define DESC_LEN 16
#define TAIL 8 /* length, id and flags: read and written as one */

/* Event suppression structure [virtio 2.8.14] */
#define EVENT_ENABLE 0u
#define EVENT_DISABLE 1u
#define EVENT_DESC 2u
#define EVENT_MASK 3u

#define TOO_MANY "more descriptors are available than the ring has"
#define BAD_ID "a buffer id is beyond the ring's size"

static inline uint16_t
desc_flags(const struct vhc_vring_raw *d)
{
	return (uint16_t)(d->tail >> 48);
}

static inline uint16_t
desc_id(const struct vhc_vring_raw *d)
{
	return (uint16_t)(d->tail >> 32);
}

static inline void
advance(const struct vhc_vring *v, uint32_t *pos, bool *wrap, uint32_t nb)
{
	*pos += nb;
	if (*pos >= v->size) {
		*pos -= v->size;
		*wrap = !*wrap;
	}
}

/* The descriptor at a place, if it is available there. [virtio 2.8.1] */
static inline bool
read_available(const struct vhc_vring *v, uint32_t pos, bool wrap, struct vhc_vring_raw *d)
{
	const uint8_t *const p = v->desc + (size_t)pos * DESC_LEN;
	uint16_t flags;

	/* Acquire: all else of the chain is read after it. Pairs with the driver's release. */
	d->tail = rte_le_to_cpu_64(__atomic_load_n((const rte_le64_t *)(const void *)(p + TAIL),
			__ATOMIC_ACQUIRE));
	flags = desc_flags(d);
	if (((flags & F_AVAIL) != 0) != wrap || ((flags & F_USED) != 0) == wrap)
		return false;
	d->addr = vhc_vring_read64(p);
	return true;
}

/*
 * Walk an indirect table: all its entries, of which the WRITE flag alone counts. [virtio 2.8.7]
 * @return entries seen.
 */
static inline uint32_t
walk_table(struct vhc_vring *v, const struct vhc_guest_mem *mem, struct vhc_vring_chain *c,
		const struct vhc_vring_raw *ind, const uint8_t *table)
{
	const uint32_t len = (uint32_t)ind->tail;
	const uint32_t nb = len / DESC_LEN;
	struct vhc_vring_raw d;
	uint32_t i;

	if (unlikely(!vhc_vring_table_ok(v, ind->addr, len) || nb > v->max_table)) {
		c->bad = true;
		return 0;
	}
	for (i = 0; i < nb; i++) {
		if (likely(table != NULL)) {
			d = vhc_vring_read_desc(table + (size_t)i * DESC_LEN);
		} else if (!vhc_vring_table_entry(v, mem, ind->addr, i, &d)) {
			c->bad = true;
			break;
		}
		vhc_vring_chain_add(c, mem, d.addr, (uint32_t)d.tail,
				(desc_flags(&d) & VIRTQ_DESC_F_WRITE) != 0);
	}
	return i;
}

/* Add one descriptor of a list of direct ones; a table is not allowed there. [virtio 2.8.19] */
static inline void
add_direct(struct vhc_vring_chain *c, const struct vhc_guest_mem *mem,
		const struct vhc_vring_raw *d)
{
	if (unlikely(desc_flags(d) & VIRTQ_DESC_F_INDIRECT))
		c->bad = true;
	else
		vhc_vring_chain_add(c, mem, d->addr, (uint32_t)d->tail,
				(desc_flags(d) & VIRTQ_DESC_F_WRITE) != 0);
}

static inline void
finish(struct vhc_vring *v, struct vhc_vring_chain *c, struct vhc_vring_elem *e, uint16_t id,
		uint32_t pos, uint32_t nb_ring)
{
	e->id = id;
	e->pos = (uint16_t)pos;
	e->nb_ring = (uint16_t)nb_ring;
	vhc_vring_chain_finish(v, c, e);
}

/* A chain of one descriptor: a piece of memory or a table. */
static inline uint32_t
take_single(struct vhc_vring *v, const struct vhc_guest_mem *mem, struct vhc_vring_chain *c,
		const struct vhc_vring_raw *d, const uint8_t *table)
{
	if (desc_flags(d) & VIRTQ_DESC_F_INDIRECT)
		return 1 + walk_table(v, mem, c, d, table);
	add_direct(c, mem, d);
	return 1;
}

/*
 * Take the list of direct descriptors that starts with d at the next place; its id is in the
 * last one. [virtio 2.8.6]
 * @return how long it is, 0 if that breaks the ring.
 */
static uint32_t
take_list(struct vhc_vring *v, const struct vhc_guest_mem *mem, struct vhc_vring_chain *c,
		struct vhc_vring_raw d, struct vhc_vring_elem *e)
{
	const uint32_t room = v->size - v->packed.inflight;
	const uint32_t first = v->packed.avail_pos;
	uint32_t pos = first, nb;

	for (nb = 1;; nb++) {
		add_direct(c, mem, &d);
		if (!(desc_flags(&d) & VIRTQ_DESC_F_NEXT))
			break;
		if (unlikely(nb >= room)) {
			vhc_vring_break(v, "a list of descriptors is longer than the ring");
			vhc_vring_chain_drop(c);
			return 0;
		}
		pos = pos + 1 == v->size ? 0 : pos + 1;
		d = vhc_vring_read_desc(v->desc + (size_t)pos * DESC_LEN);
	}
	if (unlikely(desc_id(&d) >= v->size)) {
		vhc_vring_break(v, BAD_ID);
		vhc_vring_chain_drop(c);
		return 0;
	}
	finish(v, c, e, desc_id(&d), first, nb);
	advance(v, &v->packed.avail_pos, &v->packed.avail_wrap, nb);
	v->packed.inflight += nb;
	return nb;
}

/*
 * Copy the next available descriptors that each are a chain, and prefetch their tables.
 * @return how many; *list, if one that starts a list follows, which is then the last.
 */
static inline uint16_t
read_singles(struct vhc_vring *v, const struct vhc_guest_mem *mem, struct vhc_vring_raw *d,
		const uint8_t **table, uint16_t nb, bool *list)
{
	uint32_t pos = v->packed.avail_pos;
	bool wrap = v->packed.avail_wrap;
	uint16_t i;

	*list = false;
	for (i = 0; i < nb; i++) {
		if (!read_available(v, pos, wrap, &d[i]))
			break;
		if (unlikely(v->packed.inflight + i >= v->size)) {
			vhc_vring_break(v, TOO_MANY);
			break;
		}
		if (desc_flags(&d[i]) & VIRTQ_DESC_F_NEXT) {
			*list = true;
			break;
		}
		if (unlikely(desc_id(&d[i]) >= v->size)) {
			vhc_vring_break(v, BAD_ID);
			break;
		}
		table[i] = NULL;
		if (desc_flags(&d[i]) & VIRTQ_DESC_F_INDIRECT)
			table[i] = vhc_vring_table_at(v, mem, d[i].addr, (uint32_t)d[i].tail);
		advance(v, &pos, &wrap, 1);
	}
	return i;
}

static int
packed_pop(struct vhc_vring *v, const struct vhc_guest_mem *mem, struct vhc_vring_elem *elems,
		uint16_t nb, uint16_t max_desc)
{
	struct vhc_vring_raw d[VHC_VRING_STAGE];
	const uint8_t *table[VHC_VRING_STAGE];
	struct vhc_vring_chain c;
	uint32_t steps = 0, pos, seen;
	uint16_t done = 0, i, n, want;
	bool list;

	c.hint = v->data_hint;
	while (done < nb && steps < VHC_VRING_BUDGET && v->fault == NULL) {
		want = RTE_MIN((uint16_t)(nb - done), VHC_VRING_STAGE);
		n = read_singles(v, mem, d, table, want, &list);
		for (i = 0; i < n && steps < VHC_VRING_BUDGET; i++, done++) {
			pos = v->packed.avail_pos;
			vhc_vring_chain_init(&c, elems[done].desc, max_desc);
			steps += take_single(v, mem, &c, &d[i], table[i]);
			finish(v, &c, &elems[done], desc_id(&d[i]), pos, 1);
			advance(v, &v->packed.avail_pos, &v->packed.avail_wrap, 1);
		}
		v->packed.inflight += i;
		if (i < n)
			break;
		if (list) {
			vhc_vring_chain_init(&c, elems[done].desc, max_desc);
			seen = take_list(v, mem, &c, d[n], &elems[done]);
			if (seen == 0)
				break;
			steps += seen;
			done++;
		} else if (n < want) {
			break;
		}
	}
	v->data_hint = c.hint;
	return done;
}

/* What is read here decides nothing: pop reads it again, and checks it. */
static void
packed_prefetch(struct vhc_vring *v, const struct vhc_guest_mem *mem, uint16_t nb)
{
	uint32_t pos = v->packed.avail_pos;
	bool wrap = v->packed.avail_wrap;
	struct vhc_vring_raw d;
	uint16_t i;

	for (i = 0; i < nb && read_available(v, pos, wrap, &d); i++) {
		if (desc_flags(&d) & VIRTQ_DESC_F_INDIRECT)
			vhc_vring_table_at(v, mem, d.addr, (uint32_t)d.tail);
		advance(v, &pos, &wrap, 1);
	}
}

/* What the in-flight area says of a chain is as little to be trusted as the ring. */
static int
packed_retake(struct vhc_vring *v, const struct vhc_guest_mem *mem, uint16_t head,
		const struct vhc_vring_saved *saved, uint16_t nb, struct vhc_vring_elem *e,
		uint16_t max_desc)
{
	struct vhc_vring_chain c;
	struct vhc_vring_raw d;
	const uint8_t *table = NULL;
	uint16_t i;

	RTE_SET_USED(head);
	if (nb == 0 || nb > v->lost || saved[nb - 1].id >= v->size)
		return -EINVAL;
	v->lost -= nb;
	c.hint = v->data_hint;
	vhc_vring_chain_init(&c, e->desc, max_desc);
	for (i = 0; i < nb; i++) {
		d.addr = saved[i].addr;
		d.tail = (uint64_t)saved[i].flags << 48 | (uint64_t)saved[i].id << 32 |
			saved[i].len;
		if (nb != 1) {
			add_direct(&c, mem, &d);
			continue;
		}
		if (desc_flags(&d) & VIRTQ_DESC_F_INDIRECT)
			table = vhc_vring_table_at(v, mem, d.addr, (uint32_t)d.tail);
		take_single(v, mem, &c, &d, table);
	}
	finish(v, &c, e, saved[nb - 1].id, 0, nb);
	return 0;
}

static bool
packed_pending(const struct vhc_vring *v)
{
	struct vhc_vring_raw d;

	return read_available(v, v->packed.avail_pos, v->packed.avail_wrap, &d);
}

/* [virtio 2.8.22] */
static void
packed_put(struct vhc_vring *v, uint16_t id, uint16_t nb_ring, uint32_t len)
{
	const uint32_t pos = v->packed.used_pos;
	const uint64_t flags = (v->packed.used_wrap ? F_AVAIL | F_USED : 0) |
		(len != 0 ? VIRTQ_DESC_F_WRITE : 0);
	const rte_le64_t tail = rte_cpu_to_le_64(flags << 48 | (uint64_t)id << 32 | len);

	if (v->packed.nb_put == 0) {
		v->packed.first_tail = tail;
	} else {
		__atomic_store_n((rte_le64_t *)(void *)(v->desc + (size_t)pos * DESC_LEN + TAIL),
				tail, __ATOMIC_RELAXED);
	}
	advance(v, &v->packed.used_pos, &v->packed.used_wrap, nb_ring);
	v->packed.nb_put += nb_ring;
}

/* All places from the first to the last that was written: those between are not many. */
static void
log_published(struct vhc_vring *v)
{
	const uint32_t from = v->packed.published;
	const uint32_t nb = v->packed.nb_put;
	const uint32_t n = RTE_MIN(nb, v->size - from);

	v->log(v->log_ctx, v->desc + (size_t)from * DESC_LEN, (size_t)n * DESC_LEN);
	if (n < nb)
		v->log(v->log_ctx, v->desc, (size_t)(nb - n) * DESC_LEN);
}

static bool
packed_publish(struct vhc_vring *v)
{
	uint8_t *const p = v->desc + (size_t)v->packed.published * DESC_LEN + TAIL;

	if (v->packed.nb_put == 0)
		return false;
	/* Release: other entries, results, status come first. Pairs with the driver's acquire. */
	__atomic_store_n((rte_le64_t *)(void *)p, v->packed.first_tail, __ATOMIC_RELEASE);
	v->unsignalled += v->packed.nb_put;
	if (unlikely(v->log != NULL))
		log_published(v);
	v->packed.inflight -= v->packed.nb_put;
	v->packed.nb_put = 0;
	v->packed.published = v->packed.used_pos;
	v->packed.published_wrap = v->packed.used_wrap;
	return true;
}

/* [virtio 2.8.10] */
static bool
packed_call_wanted(struct vhc_vring *v)
{
	const uint32_t event = rte_le_to_cpu_32(__atomic_load_n(
			(const rte_le32_t *)(const void *)v->driver, __ATOMIC_RELAXED));
	const uint32_t flags = event >> 16 & EVENT_MASK;
	const uint32_t at = event & 0x7fff;
	uint32_t behind;

	if (flags == EVENT_DISABLE)
		return false;
	/* What means nothing here is taken as a wish for all. */
	if (flags != EVENT_DESC || !v->event_idx || at >= v->size || v->unsignalled >= v->size)
		return true;
	/* How far the driver's place lies behind the next one, in the round that it names. */
	if (((event >> 15 & 1) != 0) == v->packed.published_wrap) {
		if (at >= v->packed.published)
			return false;
		behind = v->packed.published - at;
	} else {
		behind = v->packed.published + v->size - at;
	}
	return behind <= v->unsignalled;
}

static void
packed_want_kicks(struct vhc_vring *v, bool want)
{
	uint32_t event = EVENT_DISABLE << 16;

	if (want && v->event_idx)
		event = EVENT_DESC << 16 | (uint32_t)v->packed.avail_wrap << 15 |
			v->packed.avail_pos;
	else if (want)
		event = EVENT_ENABLE << 16;
	/* One store: the driver never sees the flags of one wish with the place of another. */
	__atomic_store_n((rte_le32_t *)(void *)v->device, rte_cpu_to_le_32(event),
			__ATOMIC_RELAXED);
	if (unlikely(v->log != NULL))
		v->log(v->log_ctx, v->device, 4);
}

static void
packed_position(const struct vhc_vring *v, uint16_t *last_avail, uint16_t *last_used)
{
	*last_avail = (uint16_t)(v->packed.avail_pos | (uint32_t)v->packed.avail_wrap << 15);
	*last_used = (uint16_t)(v->packed.published | (uint32_t)v->packed.published_wrap << 15);
}

const struct vhc_vring_ops vhc_vring_packed_ops = {
	.pop = packed_pop,
	.retake = packed_retake,
	.prefetch = packed_prefetch,
	.pending = packed_pending,
	.put = packed_put,
	.publish = packed_publish,
	.call_wanted = packed_call_wanted,
	.want_kicks = packed_want_kicks,
	.position = packed_position,
};
