/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The device's side of the split ring, from the offsets in the specification's
 * section 2.7 and from no structure of the driver's. Each descriptor is read once,
 * each walk is bounded by the queue's size, and each rule that the driver breaks
 * is reported.
 */

#include <errno.h>
#include <string.h>

#include <rte_byteorder.h>
#include <rte_eal.h>
#include <rte_memory.h>

#include "inproc_int.h"

/* Offsets [virtio 2.7.5, 2.7.6, 2.7.8] */
#define DESC_SIZE 16
#define DESC_ADDR 0
#define DESC_LEN 8
#define DESC_FLAGS 12
#define DESC_NEXT 14
#define RING_FLAGS 0
#define RING_IDX 2
#define AVAIL_RING 4
#define USED_RING 4
#define USED_ELEM 8

#define F_NEXT 1
#define F_WRITE 2
#define F_INDIRECT 4
#define USED_F_NO_NOTIFY 1
#define BIT_INDIRECT_DESC 28
#define BIT_EVENT_IDX 29

static uint16_t
ld16(const uint8_t *p)
{
	return rte_le_to_cpu_16(*(const volatile uint16_t *)p);
}

static uint32_t
ld32(const uint8_t *p)
{
	return rte_le_to_cpu_32(*(const volatile uint32_t *)p);
}

static uint64_t
ld64(const uint8_t *p)
{
	return rte_le_to_cpu_64(*(const volatile uint64_t *)p);
}

static inline void
st16_ordered(uint8_t *p, uint16_t v, int order)
{
	if (order == __ATOMIC_RELEASE)
		__atomic_store_n((uint16_t *)p, rte_cpu_to_le_16(v), __ATOMIC_RELEASE);
	else
		__atomic_store_n((uint16_t *)p, rte_cpu_to_le_16(v), __ATOMIC_RELAXED);
}

static void
st32(uint8_t *p, uint32_t v)
{
	*(volatile uint32_t *)p = rte_cpu_to_le_32(v);
}

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

int
inproc_ring_enable(struct inproc_queue *q, const struct vcrypto_queue_addr *addr)
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
	q->size = addr->size;
	q->avail_idx = 0;
	q->used_idx = 0;
	q->scribbled = false;
	memset(q->lens, 0, n * sizeof(q->lens[0]));
	memset(q->busy, 0, n);
	q->enabled = true;
	return 0;
}

void
inproc_ring_disable(struct inproc_queue *q)
{
	q->enabled = false;
	q->desc = q->avail = q->used = NULL;
}

uint16_t
inproc_ring_avail_idx(const struct inproc_queue *q)
{
	/* Acquire: the entries are there; pairs with the driver's release. */
	return rte_le_to_cpu_16(__atomic_load_n((uint16_t *)(q->avail + RING_IDX),
			__ATOMIC_ACQUIRE));
}

/* A rule break, unless the device itself has spoilt what it reads. */
#define BROKEN(q, ...) \
	do { \
		if (!(q)->scribbled) \
			inproc_rule((q)->d, __VA_ARGS__); \
	} while (0)

/* Add one descriptor to a chain. @return false: it cannot be followed. */
static bool
add_desc(struct inproc_queue *q, struct inproc_chain *c, uint64_t addr, uint32_t len,
		uint16_t flags)
{
	struct vhc_desc *v;

	if (c->nb == q->size) {
		/* [virtio 2.7.5.2: no longer than the queue's size, by indirect table or not] */
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
		if (!add_desc(q, c, ld64(p + DESC_ADDR), ld32(p + DESC_LEN), flags))
			return false;
		if (!(flags & F_NEXT))
			return true;
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
		p = q->desc + (size_t)i * DESC_SIZE;
		flags = ld16(p + DESC_FLAGS);
		if (flags & F_INDIRECT) {
			/* [virtio 2.7.5.3.1] */
			if (!inproc_has(q->d, BIT_INDIRECT_DESC))
				BROKEN(q, "queue %u: indirect descriptor without INDIRECT_DESC",
						q->index);
			if (flags & F_NEXT)
				BROKEN(q, "queue %u: indirect descriptor with NEXT", q->index);
			q->d->stats.indirect++;
			return walk_indirect(q, c, ld64(p + DESC_ADDR), ld32(p + DESC_LEN));
		}
		if (!add_desc(q, c, ld64(p + DESC_ADDR), ld32(p + DESC_LEN), flags))
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

unsigned int
inproc_ring_take(struct inproc_queue *q, struct inproc_chain *chain, unsigned int max)
{
	uint16_t avail = inproc_ring_avail_idx(q);
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

void
inproc_ring_release(struct inproc_queue *q, uint16_t head)
{
	uint16_t i = head, n;

	for (n = q->lens[head]; n != 0; n--) {
		q->busy[i] = 0;
		if (n > 1)
			i = q->links[i];
	}
	q->lens[head] = 0;
}

void
inproc_ring_push(struct inproc_queue *q, uint32_t id, uint32_t len)
{
	uint8_t *e = q->used + USED_RING + USED_ELEM * (size_t)(q->used_idx & (q->size - 1));

	st32(e, id);
	st32(e + 4, len);
	q->used_idx++;
}

void
inproc_ring_publish(struct inproc_queue *q, uint16_t ahead)
{
	/* Release: results, status and used entries before the index that shows them. */
	st16_ordered(q->used + RING_IDX, (uint16_t)(q->used_idx + ahead), __ATOMIC_RELEASE);
}

bool
inproc_ring_arm(struct inproc_queue *q, bool wanted)
{
	uint8_t *avail_event = q->used + USED_RING + USED_ELEM * (size_t)q->size;

	/* [virtio 2.7.10.2]: with EVENT_IDX the flag stays 0 and the index speaks. */
	if (inproc_has(q->d, BIT_EVENT_IDX))
		st16_ordered(avail_event, wanted ? q->avail_idx : (uint16_t)(q->avail_idx + 0x8000),
				__ATOMIC_RELAXED);
	else
		st16_ordered(q->used + RING_FLAGS, wanted ? 0 : USED_F_NO_NOTIFY, __ATOMIC_RELAXED);
	/* The wish before the look; pairs with the driver's barrier between index and wish. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return inproc_ring_avail_idx(q) != q->avail_idx;
}

uint32_t
inproc_ring_stale_id(const struct inproc_queue *q)
{
	uint16_t avail = inproc_ring_avail_idx(q), i;
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

void
inproc_ring_scribble(struct inproc_queue *q, const struct inproc_chain *c)
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

unsigned int
inproc_ring_instant(struct inproc_queue *q, unsigned int max)
{
	const bool va = rte_eal_iova_mode() == RTE_IOVA_VA;
	uint16_t avail = inproc_ring_avail_idx(q), mask = q->size - 1, head,
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
		inproc_ring_push(q, head, 1);
	}
	if (n != 0)
		inproc_ring_publish(q, 0);
	return n;
}
