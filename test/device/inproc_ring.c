/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The device's side of the rings: what both formats share, and the split ring, from
 * the offsets in the specification's section 2.7 and from no structure of the
 * driver's. Each descriptor is read once, each walk is bounded by the queue's size,
 * and each rule that the driver breaks is reported.
 */

#include <errno.h>
#include <string.h>

#include <rte_byteorder.h>
#include <rte_eal.h>
#include <rte_memory.h>

#include "inproc_int.h"

/* Offsets [virtio 2.7.5, 2.7.6, 2.7.8] */
#define DESC_SIZE INPROC_DESC_SIZE
#define DESC_ADDR INPROC_DESC_ADDR
#define DESC_LEN INPROC_DESC_LEN
#define DESC_FLAGS 12
#define DESC_NEXT 14
#define RING_FLAGS 0
#define RING_IDX 2
#define AVAIL_RING 4
#define USED_RING 4
#define USED_ELEM 8

#define F_NEXT INPROC_F_NEXT
#define F_WRITE INPROC_F_WRITE
#define F_INDIRECT INPROC_F_INDIRECT
#define USED_F_NO_NOTIFY 1

#define BIT_RING_PACKED 34
#define BIT_IN_ORDER 35

#define BATCH_LONGEST 7

#define BROKEN INPROC_BROKEN
#define ld16 inproc_ld16
#define ld32 inproc_ld32
#define ld64 inproc_ld64
#define st32 inproc_st32

void *
inproc_ring_va(uint64_t addr, uint32_t len)
{
	uintptr_t last = (uintptr_t)addr + (len != 0 ? len - 1 : 0);

	if (rte_eal_iova_mode() != RTE_IOVA_VA)
		return rte_mem_iova2virt(addr);
	if (last < addr || rte_mem_virt2memseg((void *)(uintptr_t)addr, NULL) == NULL ||
			rte_mem_virt2memseg((void *)last, NULL) == NULL)
		return NULL;
	return (void *)(uintptr_t)addr;
}

static int
split_enable(struct inproc_queue *q, const struct vcrypto_queue_addr *addr)
{
	uint32_t n = addr->size;

	/* [virtio 2.7.5, 2.7.6, 2.7.8]: sizes; with the event index at the end of each ring. */
	q->desc = inproc_ring_va(addr->desc, n * DESC_SIZE);
	q->avail = inproc_ring_va(addr->driver, 6 + 2 * n);
	q->used = inproc_ring_va(addr->device, 6 + 8 * n);
	if (q->desc == NULL || q->avail == NULL || q->used == NULL) {
		inproc_rule(q->d, "queue %u: a ring is not in memory that a device can reach",
				q->index);
		return -EINVAL;
	}
	/* [virtio 2.7: alignment 16, 2, 4] */
	if (addr->desc % 16 != 0 || addr->driver % 2 != 0 || addr->device % 4 != 0) {
		inproc_rule(q->d, "queue %u: misaligned ring", q->index);
		return -EINVAL;
	}
	if (ld16(q->avail + RING_IDX) != 0 || ld16(q->used + RING_IDX) != 0 ||
			ld16(q->used + RING_FLAGS) != 0)
		inproc_rule(q->d, "queue %u: rings are not zeroed", q->index);
	return 0;
}

int
inproc_ring_enable(struct inproc_queue *q, const struct vcrypto_queue_addr *addr)
{
	int ret;

	q->packed = inproc_has(q->d, BIT_RING_PACKED);
	q->in_order = inproc_has(q->d, BIT_IN_ORDER);
	ret = q->packed ? inproc_packed_enable(q, addr) : split_enable(q, addr);
	if (ret < 0)
		return ret;
	q->size = addr->size;
	q->avail_idx = q->used_idx = 0;
	q->avail_wrap = q->used_wrap = true;
	q->next_desc = 0;
	q->batch_nb = 0;
	q->unshown = false;
	q->scribbled = false;
	memset(q->lens, 0, addr->size * sizeof(q->lens[0]));
	memset(q->counts, 0, addr->size * sizeof(q->counts[0]));
	memset(q->busy, 0, addr->size);
	q->enabled = true;
	return 0;
}

void
inproc_ring_disable(struct inproc_queue *q)
{
	q->enabled = false;
	q->desc = q->avail = q->used = NULL;
}

static uint16_t
avail_index(const struct inproc_queue *q)
{
	/* Acquire: the entries are there; pairs with the driver's release. */
	return rte_le_to_cpu_16(__atomic_load_n((uint16_t *)(q->avail + RING_IDX),
			__ATOMIC_ACQUIRE));
}

uint16_t
inproc_ring_notify_state(const struct inproc_queue *q)
{
	return q->packed ? inproc_packed_notify_state(q) : avail_index(q);
}

bool
inproc_ring_batches(const struct inproc_queue *q)
{
	const struct inproc_faults *f = &q->d->faults;

	/* A wrong entry shall be seen, not be covered by the next one of its batch. */
	return q->in_order && !q->is_ctrl && q->d->cfg.in_order == INPROC_IN_ORDER_BATCH &&
			!f->bad_id && !f->stale_id && !f->double_use;
}

uint16_t
inproc_ring_batch_max(struct inproc_queue *q)
{
	q->batch_max = q->batch_max % BATCH_LONGEST + 1;
	return q->batch_max;
}

bool
inproc_ring_add_desc(struct inproc_queue *q, struct inproc_chain *c, uint64_t addr, uint32_t len,
		uint16_t flags)
{
	struct vhc_desc *v;

	if (c->nb == q->size) {
		/* [virtio 2.7.5.2, 2.8.17: no longer than the queue's size, indirect or not] */
		BROKEN(q, "queue %u: chain longer than the queue's size %u", q->index, q->size);
		return false;
	}
	v = &c->desc[c->nb];
	v->len = len;
	v->writable = (flags & F_WRITE) != 0;
	v->addr = inproc_ring_va(addr, len);
	if (v->addr == NULL) {
		BROKEN(q, "queue %u: descriptor of %u bytes at 0x%llx, outside of memory", q->index,
				len, (unsigned long long)addr);
		return false;
	}
	if (!v->writable && c->nb != 0 && c->desc[c->nb - 1].writable)
		BROKEN(q, "queue %u: readable descriptor after a writable one", q->index);
	c->nb++;
	return true;
}

static bool
walk_indirect(struct inproc_queue *q, struct inproc_chain *c, uint64_t addr, uint32_t len)
{
	uint32_t nb = len / DESC_SIZE, i, count;
	const uint8_t *table, *p;
	uint16_t flags;

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
	if (nb > q->size)
		BROKEN(q, "queue %u: indirect table of %u entries, queue size %u", q->index, nb,
				q->size);
	for (i = 0, count = 0; count < nb; count++) {
		p = table + (size_t)i * DESC_SIZE;
		flags = ld16(p + DESC_FLAGS);
		if (flags & F_INDIRECT) {
			BROKEN(q, "queue %u: indirect descriptor in an indirect table", q->index);
			return false;
		}
		if (!inproc_ring_add_desc(q, c, ld64(p + DESC_ADDR), ld32(p + DESC_LEN), flags))
			return false;
		if (!(flags & F_NEXT))
			return true;
		/* [virtio 2.7.5.3.1: in an in-order queue MUST be 1, 2, and so on] */
		if (q->in_order && ld16(p + DESC_NEXT) != i + 1)
			BROKEN(q, "queue %u: indirect table not in order", q->index);
		i = ld16(p + DESC_NEXT);
		if (i >= nb)
			break;
	}
	BROKEN(q, "queue %u: indirect table with a loop, or next out of range", q->index);
	return false;
}

/* Follow the chain of c->head. @return false: it cannot be followed. */
static bool
walk(struct inproc_queue *q, struct inproc_chain *c)
{
	uint16_t i = c->head, count, flags;
	const uint8_t *p;

	c->nb = 0;
	for (count = 0; count < q->size; count++) {
		if (q->busy[i])
			BROKEN(q, "queue %u: descriptor %u used again while the device has it",
					q->index, i);
		q->busy[i] = 1;
		q->lens[c->head] = count + 1;
		/* [virtio 2.7.5: with IN_ORDER in ring order; 2.7.5.2: next MUST be x + 1, or 0] */
		if (q->in_order && i != q->next_desc)
			BROKEN(q, "queue %u: descriptor %u, in order is %u", q->index, i,
					q->next_desc);
		q->next_desc = (uint16_t)((i + 1) % q->size);
		p = q->desc + (size_t)i * DESC_SIZE;
		flags = ld16(p + DESC_FLAGS);
		if (flags & F_INDIRECT) {
			/* [virtio 2.7.5.3.1] */
			if (!inproc_has(q->d, INPROC_BIT_INDIRECT_DESC))
				BROKEN(q, "queue %u: indirect descriptor without INDIRECT_DESC",
						q->index);
			if (flags & F_NEXT)
				BROKEN(q, "queue %u: indirect descriptor with NEXT", q->index);
			q->d->stats.indirect++;
			return walk_indirect(q, c, ld64(p + DESC_ADDR), ld32(p + DESC_LEN));
		}
		if (!inproc_ring_add_desc(q, c, ld64(p + DESC_ADDR), ld32(p + DESC_LEN), flags))
			return false;
		if (!(flags & F_NEXT)) {
			q->d->stats.direct++;
			return true;
		}
		q->links[i] = ld16(p + DESC_NEXT);
		if (q->links[i] >= q->size)
			break;
		i = q->links[i];
	}
	BROKEN(q, "queue %u: chain of head %u has a loop, or next out of range", q->index, c->head);
	return false;
}

static unsigned int
split_take(struct inproc_queue *q, struct inproc_chain *chain, unsigned int max)
{
	uint16_t avail = avail_index(q);
	struct inproc_chain *c;
	unsigned int n;

	if ((uint16_t)(avail - q->avail_idx) > q->size) {
		inproc_rule(q->d, "queue %u: avail index %u, device at %u, size %u", q->index,
				avail, q->avail_idx, q->size);
		q->avail_idx = avail;
		return 0;
	}
	for (n = 0; n < max && q->avail_idx != avail; n++, q->avail_idx++) {
		c = &chain[n];
		c->nb = 0;
		c->drop = false;
		c->used_len = 0;
		c->head = ld16(q->avail + AVAIL_RING + 2 * (size_t)(q->avail_idx & (q->size - 1)));
		if (c->head >= q->size) {
			inproc_rule(q->d, "queue %u: head %u of %u", q->index, c->head, q->size);
			c->broken = true;
			c->drop = true;
			continue;
		}
		c->broken = !walk(q, c);
		if (c->nb > q->d->stats.max_chain)
			q->d->stats.max_chain = c->nb;
	}
	return n;
}

static void
split_release(struct inproc_queue *q, uint16_t head)
{
	uint16_t i = head, n;

	for (n = q->lens[head]; n != 0; n--) {
		q->busy[i] = 0;
		if (n > 1)
			i = q->links[i];
	}
	q->lens[head] = 0;
}

static void
used_put(struct inproc_queue *q, uint16_t at, uint32_t id, uint32_t len)
{
	uint8_t *e = q->used + USED_RING + USED_ELEM * (size_t)(at & (q->size - 1));

	st32(e, id);
	st32(e + 4, len);
}

static void
split_push(struct inproc_queue *q, uint32_t id, uint32_t len)
{
	if (q->batch_nb == 0) {
		used_put(q, q->used_idx, id, len);
		if (inproc_ring_batches(q) && inproc_ring_batch_max(q) > 1) {
			q->batch_at = q->used_idx;
			q->batch_nb = 1;
		}
	} else {
		/* [virtio 2.7.9: one entry, where the batch begins; the rest means nothing] */
		used_put(q, q->batch_at, id, len);
		used_put(q, q->used_idx, UINT32_MAX, UINT32_MAX);
		if (++q->batch_nb == q->batch_max)
			q->batch_nb = 0;
	}
	q->used_idx++;
}

static void
split_publish(struct inproc_queue *q, uint16_t ahead)
{
	q->batch_nb = 0;
	/* Release: results, status and used entries before the index that shows them. */
	inproc_st16_release(q->used + RING_IDX, (uint16_t)(q->used_idx + ahead));
}

static bool
split_arm(struct inproc_queue *q, bool wanted)
{
	uint8_t *avail_event = q->used + USED_RING + USED_ELEM * (size_t)q->size;

	/* [virtio 2.7.10.2]: with EVENT_IDX the flag stays 0 and the index speaks. */
	if (inproc_has(q->d, INPROC_BIT_EVENT_IDX))
		inproc_st16(avail_event,
				wanted ? q->avail_idx : (uint16_t)(q->avail_idx + 0x8000));
	else
		inproc_st16(q->used + RING_FLAGS, wanted ? 0 : USED_F_NO_NOTIFY);
	/* The wish before the look; pairs with the driver's barrier between index and wish. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return avail_index(q) != q->avail_idx;
}

static uint32_t
split_stale_id(const struct inproc_queue *q)
{
	uint16_t avail = avail_index(q), i;
	uint32_t id;

	for (id = q->size; id-- != 0;) {
		if (q->busy[id])
			continue;
		for (i = q->avail_idx; i != avail; i++) {
			if (ld16(q->avail + AVAIL_RING + 2 * (size_t)(i & (q->size - 1))) == id)
				break;
		}
		if (i == avail)
			return id;
	}
	return 0;
}

static void
split_scribble(struct inproc_queue *q, const struct inproc_chain *c)
{
	uint16_t i = c->head, n;
	uint32_t len;
	uint8_t *p;
	void *table;

	q->scribbled = true;
	for (n = q->lens[c->head]; n != 0; n--) {
		p = q->desc + (size_t)i * DESC_SIZE;
		if (ld16(p + DESC_FLAGS) & F_INDIRECT) {
			len = ld32(p + DESC_LEN);
			table = inproc_ring_va(ld64(p + DESC_ADDR), len);
			if (table != NULL && len <= DESC_SIZE * (uint32_t)q->size)
				memset(table, 0xff, len);
		}
		memset(p, 0xff, DESC_SIZE);
		if (n > 1)
			i = q->links[i];
	}
}

static unsigned int
split_instant(struct inproc_queue *q, unsigned int max)
{
	const bool va = rte_eal_iova_mode() == RTE_IOVA_VA;
	uint16_t avail = avail_index(q), mask = q->size - 1, head,
		 n = avail - q->avail_idx;
	const uint8_t *p;
	unsigned int i;
	uint64_t last;

	if (n > q->size)
		return 0;
	if (n > max)
		n = (uint16_t)max;
	for (i = 0; i < n; i++) {
		head = ld16(q->avail + AVAIL_RING + 2 * (size_t)(q->avail_idx++ & mask)) & mask;
		p = q->desc + (size_t)head * DESC_SIZE;
		if (ld16(p + DESC_FLAGS) & F_INDIRECT) {
			last = ld64(p + DESC_ADDR) + ld32(p + DESC_LEN) - DESC_SIZE;
			p = va ? (const uint8_t *)(uintptr_t)last : inproc_ring_va(last, DESC_SIZE);
		} else {
			while (ld16(p + DESC_FLAGS) & F_NEXT)
				p = q->desc + (size_t)(ld16(p + DESC_NEXT) & mask) * DESC_SIZE;
		}
		last = ld64(p + DESC_ADDR) + ld32(p + DESC_LEN) - 1;
		*(uint8_t *)(va ? (void *)(uintptr_t)last : inproc_ring_va(last, 1)) = 0;
		split_push(q, head, 1);
	}
	if (n != 0)
		split_publish(q, 0);
	return n;
}

unsigned int
inproc_ring_take(struct inproc_queue *q, struct inproc_chain *chain, unsigned int max)
{
	return q->packed ? inproc_packed_take(q, chain, max) : split_take(q, chain, max);
}

void
inproc_ring_release(struct inproc_queue *q, uint16_t head)
{
	if (q->packed)
		inproc_packed_release(q, head);
	else
		split_release(q, head);
}

void
inproc_ring_push(struct inproc_queue *q, uint32_t id, uint32_t len)
{
	if (q->packed)
		inproc_packed_push(q, id, len);
	else
		split_push(q, id, len);
}

void
inproc_ring_publish(struct inproc_queue *q, uint16_t ahead)
{
	if (q->packed)
		inproc_packed_publish(q, ahead);
	else
		split_publish(q, ahead);
}

bool
inproc_ring_arm(struct inproc_queue *q, bool wanted)
{
	return q->packed ? inproc_packed_arm(q, wanted) : split_arm(q, wanted);
}

uint32_t
inproc_ring_stale_id(const struct inproc_queue *q)
{
	return q->packed ? inproc_packed_stale_id(q) : split_stale_id(q);
}

void
inproc_ring_scribble(struct inproc_queue *q, const struct inproc_chain *c)
{
	if (q->packed)
		inproc_packed_scribble(q, c);
	else
		split_scribble(q, c);
}

unsigned int
inproc_ring_instant(struct inproc_queue *q, unsigned int max)
{
	return q->packed ? inproc_packed_instant(q, max) : split_instant(q, max);
}
