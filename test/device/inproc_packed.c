/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The device's side of the packed ring, from the offsets in the specification's
 * section 2.8 and from no structure of the driver's. Rules as in inproc_ring.c.
 *
 * The first used descriptor since the last publication is written last, so that the
 * driver, which looks at one place at a time, sees all or nothing. Length, id and
 * flags, which lie side by side, are one store.
 */

#include <errno.h>
#include <string.h>

#include <rte_eal.h>

#include "inproc_int.h"

/* Offsets [virtio 2.8.13, 2.8.14] */
#define DESC_SIZE INPROC_DESC_SIZE
#define DESC_ADDR INPROC_DESC_ADDR
#define DESC_LEN INPROC_DESC_LEN
#define DESC_ID 12
#define DESC_FLAGS 14
#define EVENT_DESC 0
#define EVENT_FLAGS 2
#define EVENT_SIZE 4

#define F_NEXT INPROC_F_NEXT
#define F_WRITE INPROC_F_WRITE
#define F_INDIRECT INPROC_F_INDIRECT
#define F_AVAIL (1 << 7)
#define F_USED (1 << 15)
#define F_KNOWN (F_NEXT | F_WRITE | F_INDIRECT | F_AVAIL | F_USED)
#define EVENT_F_ENABLE 0
#define EVENT_F_DISABLE 1
#define EVENT_F_DESC 2

#define BROKEN INPROC_BROKEN

static uint8_t *
desc_at(const struct inproc_queue *q, uint16_t i)
{
	return q->desc + (size_t)i * DESC_SIZE;
}

/* A place in the ring, and the wrap counter that belongs to it, one step on. */
static void
step(const struct inproc_queue *q, uint16_t *i, bool *wrap)
{
	if (++*i == q->size) {
		*i = 0;
		*wrap = !*wrap;
	}
}

/* [virtio 2.8.1]: AVAIL like the wrap counter, USED unlike it */
static bool
is_avail(const struct inproc_queue *q, uint16_t i, bool wrap)
{
	/* Acquire: the rest of it after the flags; pairs with the driver's barrier. */
	const uint16_t flags = rte_le_to_cpu_16(__atomic_load_n(
			(uint16_t *)(desc_at(q, i) + DESC_FLAGS), __ATOMIC_ACQUIRE));

	return !!(flags & F_AVAIL) == wrap && !!(flags & F_USED) != wrap;
}

int
inproc_packed_enable(struct inproc_queue *q, const struct vcrypto_queue_addr *addr)
{
	uint32_t n = addr->size, i;

	q->desc = inproc_ring_va(addr->desc, n * DESC_SIZE);
	q->avail = inproc_ring_va(addr->driver, EVENT_SIZE);
	q->used = inproc_ring_va(addr->device, EVENT_SIZE);
	if (q->desc == NULL || q->avail == NULL || q->used == NULL) {
		inproc_rule(q->d, "queue %u: a ring is not in memory that a device can reach",
				q->index);
		return -EINVAL;
	}
	/* [virtio 2.8.11: alignment 16, 4, 4] */
	if (addr->desc % 16 != 0 || addr->driver % 4 != 0 || addr->device % 4 != 0) {
		inproc_rule(q->d, "queue %u: misaligned ring", q->index);
		return -EINVAL;
	}
	for (i = 0; i < n * DESC_SIZE && q->desc[i] == 0; i++)
		;
	if (i != n * DESC_SIZE || inproc_ld32(q->used) != 0)
		inproc_rule(q->d, "queue %u: rings are not zeroed", q->index);
	return 0;
}

static bool
walk_indirect(struct inproc_queue *q, struct inproc_chain *c, uint64_t addr, uint32_t len)
{
	const uint32_t nb = len / DESC_SIZE;
	const uint8_t *table, *p;
	uint32_t i;

	if (len == 0 || len % DESC_SIZE != 0) {
		BROKEN(q, "queue %u: indirect table of %u bytes", q->index, len);
		return false;
	}
	table = inproc_ring_va(addr, len);
	if (table == NULL) {
		BROKEN(q, "queue %u: indirect table at 0x%llx, outside of memory", q->index,
				(unsigned long long)addr);
		return false;
	}
	for (i = 0; i < nb; i++) {
		p = table + (size_t)i * DESC_SIZE;
		/* [virtio 2.8.19: MUST NOT set any flag but WRITE] */
		if ((inproc_ld16(p + DESC_FLAGS) & ~F_WRITE) != 0)
			BROKEN(q, "queue %u: flags 0x%x in an indirect table", q->index,
					inproc_ld16(p + DESC_FLAGS));
		if (!inproc_ring_add_desc(q, c, inproc_ld64(p + DESC_ADDR),
				inproc_ld32(p + DESC_LEN), inproc_ld16(p + DESC_FLAGS)))
			return false;
	}
	q->d->stats.indirect++;
	return true;
}

/* The chain that begins at the next available descriptor; gives its id. */
static bool
walk(struct inproc_queue *q, struct inproc_chain *c, uint16_t *id, uint16_t *nb)
{
	const uint16_t first = q->avail_idx;
	bool ok = true;
	uint16_t flags;
	uint8_t *p;

	c->nb = 0;
	*nb = 0;
	do {
		p = desc_at(q, q->avail_idx);
		flags = inproc_ld16(p + DESC_FLAGS);
		*id = inproc_ld16(p + DESC_ID);
		/* [virtio 2.8.6: right in all descriptors of the list] */
		if (!is_avail(q, q->avail_idx, q->avail_wrap)) {
			BROKEN(q, "queue %u: descriptor %u of a list is not available", q->index,
					q->avail_idx);
			return false;
		}
		if ((flags & ~F_KNOWN) != 0)
			BROKEN(q, "queue %u: descriptor flags 0x%x", q->index, flags);
		step(q, &q->avail_idx, &q->avail_wrap);
		++*nb;
		if (flags & F_INDIRECT) {
			/* [virtio 2.8.19] */
			if (!inproc_has(q->d, INPROC_BIT_INDIRECT_DESC))
				BROKEN(q, "queue %u: indirect descriptor without INDIRECT_DESC",
						q->index);
			if (flags & F_NEXT || *nb != 1)
				BROKEN(q, "queue %u: indirect descriptor in a list", q->index);
			return walk_indirect(q, c, inproc_ld64(p + DESC_ADDR),
					inproc_ld32(p + DESC_LEN));
		}
		ok = ok && inproc_ring_add_desc(q, c, inproc_ld64(p + DESC_ADDR),
				inproc_ld32(p + DESC_LEN), flags);
	} while (flags & F_NEXT && q->avail_idx != first);
	if (flags & F_NEXT) {
		BROKEN(q, "queue %u: list longer than the ring", q->index);
		return false;
	}
	q->d->stats.direct++;
	return ok;
}

unsigned int
inproc_packed_take(struct inproc_queue *q, struct inproc_chain *chain, unsigned int max)
{
	uint16_t first, nb, id;
	struct inproc_chain *c;
	unsigned int n;

	for (n = 0; n < max && is_avail(q, q->avail_idx, q->avail_wrap); n++) {
		c = &chain[n];
		c->drop = false;
		c->used_len = 0;
		first = q->avail_idx;
		c->broken = !walk(q, c, &id, &nb);
		if (id >= q->size || q->busy[id]) {
			BROKEN(q, "queue %u: buffer id %u is %s", q->index, id,
					id >= q->size ? "beyond the ring" : "with the device");
			c->broken = true;
			c->drop = true;
			continue;
		}
		c->head = id;
		q->busy[id] = 1;
		q->lens[id] = q->counts[id] = nb;
		q->links[id] = first;
		if (c->nb > q->d->stats.max_chain)
			q->d->stats.max_chain = c->nb;
	}
	return n;
}

void
inproc_packed_release(struct inproc_queue *q, uint16_t id)
{
	q->busy[id] = 0;
	q->lens[id] = 0;
}

static void
used_put(struct inproc_queue *q, uint16_t at, bool wrap, uint16_t id, uint32_t len)
{
	uint8_t *p = desc_at(q, at);
	uint16_t flags = F_WRITE;

	if (q->d->faults.wrong_wrap && !q->is_ctrl)
		wrap = !wrap;
	/* [virtio 2.8.1]: both like the wrap counter */
	if (wrap)
		flags |= F_AVAIL | F_USED;
	if (!q->unshown || q->unshown_at == at) {
		q->unshown = true;
		q->unshown_at = at;
		q->unshown_half = len | (uint64_t)id << 32 | (uint64_t)flags << 48;
	} else {
		inproc_st64_release(p + DESC_LEN,
				len | (uint64_t)id << 32 | (uint64_t)flags << 48);
	}
}

void
inproc_packed_push(struct inproc_queue *q, uint32_t id, uint32_t len)
{
	uint16_t n = 1, id16 = (uint16_t)id;

	/* An id that the ring has no room for. */
	if (id > UINT16_MAX)
		id16 = id16 < UINT16_MAX - q->size ? q->size + id16 : UINT16_MAX;
	if (q->batch_nb == 0) {
		used_put(q, q->used_idx, q->used_wrap, id16, len);
		if (inproc_ring_batches(q) && inproc_ring_batch_max(q) > 1) {
			q->batch_at = q->used_idx;
			q->batch_wrap = q->used_wrap;
			q->batch_nb = 1;
		}
	} else {
		/* [virtio 2.8.8: one descriptor, where the batch begins] */
		used_put(q, q->batch_at, q->batch_wrap, id16, len);
		if (++q->batch_nb == q->batch_max)
			q->batch_nb = 0;
	}
	/* [virtio 2.8.6: on by as many descriptors as this request has] */
	if (id < q->size && q->counts[id] != 0)
		n = q->counts[id];
	for (; n != 0; n--)
		step(q, &q->used_idx, &q->used_wrap);
}

void
inproc_packed_publish(struct inproc_queue *q, uint16_t ahead)
{
	uint16_t at = q->used_idx, flags;
	bool wrap = q->used_wrap;

	q->batch_nb = 0;
	for (; ahead != 0; ahead--, step(q, &at, &wrap)) {
		flags = inproc_ld16(desc_at(q, at) + DESC_FLAGS) & (uint16_t)~(F_AVAIL | F_USED);
		inproc_st16(desc_at(q, at) + DESC_FLAGS,
				wrap ? flags | F_AVAIL | F_USED : flags);
	}
	/* Release: results, status and used descriptors before the flags that show them. */
	if (q->unshown)
		inproc_st64_release(desc_at(q, q->unshown_at) + DESC_LEN, q->unshown_half);
	q->unshown = false;
}

bool
inproc_packed_arm(struct inproc_queue *q, bool wanted)
{
	/* [virtio 2.8.14]: offset in bits 0 to 14, wrap counter in bit 15 */
	inproc_st16(q->used + EVENT_DESC, (uint16_t)(q->avail_idx | q->avail_wrap << 15));
	if (!wanted)
		inproc_st16_release(q->used + EVENT_FLAGS, EVENT_F_DISABLE);
	else
		inproc_st16_release(q->used + EVENT_FLAGS,
				inproc_has(q->d, INPROC_BIT_EVENT_IDX) ? EVENT_F_DESC :
									 EVENT_F_ENABLE);
	/* The wish before the look; pairs with the driver's barrier between flags and wish. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return is_avail(q, q->avail_idx, q->avail_wrap);
}

/* Whether an id stands in a descriptor that is available and not yet taken. */
static bool
is_waiting(const struct inproc_queue *q, uint16_t id)
{
	uint16_t at = q->avail_idx, n;
	bool wrap = q->avail_wrap;

	for (n = 0; n < q->size && is_avail(q, at, wrap); n++, step(q, &at, &wrap)) {
		if (inproc_ld16(desc_at(q, at) + DESC_ID) == id)
			return true;
	}
	return false;
}

uint32_t
inproc_packed_stale_id(const struct inproc_queue *q)
{
	uint32_t id;

	for (id = q->size; id-- != 0;) {
		if (!q->busy[id] && !is_waiting(q, (uint16_t)id))
			return id;
	}
	return 0;
}

void
inproc_packed_scribble(struct inproc_queue *q, const struct inproc_chain *c)
{
	uint16_t at = q->links[c->head], n, flags;
	bool wrap = false;
	uint32_t len;
	uint8_t *p;
	void *table;

	q->scribbled = true;
	for (n = q->lens[c->head]; n != 0; n--, step(q, &at, &wrap)) {
		p = desc_at(q, at);
		flags = inproc_ld16(p + DESC_FLAGS);
		if (flags & F_INDIRECT) {
			len = inproc_ld32(p + DESC_LEN);
			table = inproc_ring_va(inproc_ld64(p + DESC_ADDR), len);
			if (table != NULL && len <= DESC_SIZE * (uint32_t)q->size)
				memset(table, 0xff, len);
		}
		memset(p, 0xff, DESC_FLAGS);
		inproc_st16(p + DESC_FLAGS, (uint16_t)(flags | ~(F_AVAIL | F_USED)));
	}
}

uint16_t
inproc_packed_notify_state(const struct inproc_queue *q)
{
	uint16_t at = q->avail_idx, n;
	bool wrap = q->avail_wrap;

	for (n = 0; n < q->size && is_avail(q, at, wrap); n++)
		step(q, &at, &wrap);
	return (uint16_t)(at | wrap << 15);
}

unsigned int
inproc_packed_instant(struct inproc_queue *q, unsigned int max)
{
	const bool va = rte_eal_iova_mode() == RTE_IOVA_VA;
	const uint8_t *p;
	uint16_t flags, nb;
	unsigned int n;
	uint64_t last;
	uint16_t id;

	for (n = 0; n < max && is_avail(q, q->avail_idx, q->avail_wrap); n++) {
		nb = 0;
		do {
			p = desc_at(q, q->avail_idx);
			flags = inproc_ld16(p + DESC_FLAGS);
			step(q, &q->avail_idx, &q->avail_wrap);
			nb++;
		} while (flags & F_NEXT && nb < q->size);
		id = inproc_ld16(p + DESC_ID) & (uint16_t)(q->size - 1);
		q->counts[id] = nb;
		if (flags & F_INDIRECT) {
			last = inproc_ld64(p + DESC_ADDR) + inproc_ld32(p + DESC_LEN) - DESC_SIZE;
			p = va ? (const uint8_t *)(uintptr_t)last : inproc_ring_va(last, DESC_SIZE);
		}
		last = inproc_ld64(p + DESC_ADDR) + inproc_ld32(p + DESC_LEN) - 1;
		*(uint8_t *)(va ? (void *)(uintptr_t)last : inproc_ring_va(last, 1)) = 0;
		inproc_packed_push(q, id, 1);
	}
	if (n != 0)
		inproc_packed_publish(q, 0);
	return n;
}
