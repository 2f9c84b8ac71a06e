/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Split virtqueues [virtio 2.7], with indirect tables or direct chains.
 *
 * Indirect: a slot owns the ring descriptor of its own number, so a request
 * costs one descriptor, one avail entry and an index; both are only stored
 * where they differ from the last lap, which in a device that completes in
 * order they never do. Direct: chains take descriptors from a FIFO.
 *
 * With IN_ORDER the driver takes descriptors in ring order [virtio 2.7.5.1], so a
 * request's descriptor is that of its number of issue, and slots are found by it.
 *
 * May include: wire leaves and virtio_ring.h. Producer and consumer functions
 * may run on two threads.
 */

#include <errno.h>

#include <rte_atomic.h>

#include "virtio_ring_int.h"

#define PAGE 4096

static size_t
avail_offset(uint16_t size)
{
	return sizeof(struct virtq_desc) * size;
}

static size_t
avail_len(uint16_t size)
{
	/* flags, idx, ring, used_event */
	return sizeof(uint16_t) * (3 + (size_t)size);
}

/* On a page of its own: avail is written by the driver, used by the device. */
static size_t
used_offset(uint16_t size)
{
	return RTE_ALIGN_CEIL(avail_offset(size) + avail_len(size), PAGE);
}

size_t
vcrypto_ring_split_len(uint16_t size)
{
	/* flags, idx, ring, avail_event */
	return used_offset(size) + sizeof(uint16_t) * 3 + sizeof(struct virtq_used_elem) * size;
}

static void
silence(struct vcrypto_ring *r)
{
	/*
	 * The driver polls. With EVENT_IDX the flag MUST stay 0 and the event index is
	 * kept where the device gets last [virtio 2.7.7.1]; without, the flag asks for silence.
	 */
	if (r->event_idx) {
		*r->used_event = rte_cpu_to_le_16((uint16_t)(r->used_idx - 1));
		r->silenced = r->used_idx;
	} else {
		r->avail->flags = rte_cpu_to_le_16(VIRTQ_AVAIL_F_NO_INTERRUPT);
	}
}

void
vcrypto_ring_split_layout(struct vcrypto_ring *r)
{
	uint8_t *const base = r->mem;

	r->driver_off = avail_offset(r->size);
	r->device_off = used_offset(r->size);
	r->desc = (struct virtq_desc *)base;
	r->avail = (struct virtq_avail *)(base + r->driver_off);
	r->used = (struct virtq_used *)(base + r->device_off);
	r->used_event = (uint16_t *)&r->avail->ring[r->size];
	r->avail_event = (uint16_t *)&r->used->ring[r->size];
	silence(r);
}

/* One entry of the avail ring; an unchanged entry is not dirtied again. */
static __rte_always_inline void
avail_put(struct vcrypto_ring *r, uint16_t idx, uint16_t head)
{
	rte_le16_t *const e = &r->avail->ring[idx & (r->size - 1)];
	const rte_le16_t v = rte_cpu_to_le_16(head);

	if (*e != v)
		*e = v;
}

/* desc[at] shall be @p want; @p said is what it was last told to be. */
static __rte_always_inline void
desc_put(struct vcrypto_ring *r, uint16_t at, struct vcrypto_desc *said,
		const struct vcrypto_desc *want)
{
	struct vcrypto_desc *const desc = (struct vcrypto_desc *)r->desc;

	if (unlikely(said->addr != want->addr || said->len_tail != want->len_tail)) {
		*said = *want;
		desc[at] = *want;
	}
}

/* [virtio 2.7.5.3] the table's length is a multiple of 16; no other flag */
static void
desc_of_table(struct vcrypto_desc *d, const struct vcrypto_ring_req *req)
{
	vcrypto_desc_set(d, req->table_iova, (uint32_t)req->nb_desc * sizeof(struct virtq_desc),
		VIRTQ_DESC_F_INDIRECT);
}

static void
indirect_set_table(struct vcrypto_ring *r, const struct vcrypto_ring_req *req)
{
	struct vcrypto_desc want;

	desc_of_table(&want, req);
	desc_put(r, req->slot, &r->shadow[req->slot], &want);
}

static uint16_t
indirect_add(struct vcrypto_ring *r, const uint16_t *slots, uint16_t nb)
{
	uint16_t *const issued = r->issued;
	uint16_t idx = r->avail_idx;
	uint16_t i;

	for (i = 0; i < nb; i++) {
		const uint16_t head = slots[i];

		/*
		 * Issued only now that the request is complete: a device that guesses
		 * the id early finds nothing outstanding. Pairs with the acquire in take().
		 */
		__atomic_store_n(&issued[head], 1, __ATOMIC_RELEASE);
		avail_put(r, idx++, head);
	}
	r->avail_idx = idx;
	return nb;
}

/* [virtio 2.7.5] with IN_ORDER: descriptors in ring order, whatever the slot */
static void
indirect_in_order_set_table(struct vcrypto_ring *r, const struct vcrypto_ring_req *req)
{
	desc_of_table(&r->shadow[req->slot], req);
}

static uint16_t
indirect_in_order_add(struct vcrypto_ring *r, const uint16_t *slots, uint16_t nb)
{
	const uint16_t mask = r->size - 1;
	uint16_t idx = r->avail_idx;
	uint16_t i;

	for (i = 0; i < nb; i++, idx++) {
		const uint16_t head = idx & mask;

		r->order[head] = slots[i];
		desc_put(r, head, &r->said[head], &r->shadow[slots[i]]);
		avail_put(r, idx, head);
	}
	/* Release: order[]; pairs with the acquire in vcrypto_ring_reclaim_in_order(). */
	__atomic_store_n(&r->avail_idx, idx, __ATOMIC_RELEASE);
	return nb;
}

static __rte_always_inline void
direct_desc_put(struct virtq_desc *d, const struct vcrypto_desc *entry, uint16_t next)
{
	const uint64_t lt = rte_le_to_cpu_64(entry->len_tail);

	/* The table's own links are of no use here; its flags are. */
	d->addr = entry->addr;
	d->len = rte_cpu_to_le_32((uint32_t)lt);
	d->flags = rte_cpu_to_le_16((uint16_t)(lt >> 32));
	d->next = rte_cpu_to_le_16(next);
}

static uint16_t
direct_add(struct vcrypto_ring *r, const uint16_t *slots, uint16_t nb)
{
	const uint16_t mask = r->size - 1;
	uint16_t idx = r->avail_idx;
	uint16_t i, k;

	for (i = 0; i < nb; i++) {
		const struct vcrypto_desc *const t = r->tables[slots[i]].table;
		const uint16_t n = r->tables[slots[i]].nb_desc;
		uint16_t head, d;

		if (vcrypto_ring_free_count(r, r->free_head, n) < n)
			break;
		head = r->free_desc[r->free_head & mask];
		for (k = 0, d = head; k < n; k++) {
			const uint16_t next = k == n - 1 ? 0 :
				r->free_desc[(r->free_head + k + 1) & mask];

			direct_desc_put(&r->desc[d], &t[k], next);
			r->next[d] = next;
			d = next;
		}
		r->free_head += n;
		r->slot_of[head] = slots[i];
		/* As in indirect_add(). */
		__atomic_store_n(&r->issued[head], n, __ATOMIC_RELEASE);
		avail_put(r, idx++, head);
	}
	r->avail_idx = idx;
	return i;
}

static uint16_t
direct_in_order_add(struct vcrypto_ring *r, const uint16_t *slots, uint16_t nb)
{
	const uint16_t mask = r->size - 1;
	uint32_t at = r->free_head;
	uint16_t idx = r->avail_idx;
	uint16_t i, k;

	for (i = 0; i < nb; i++, idx++) {
		const struct vcrypto_desc *const t = r->tables[slots[i]].table;
		const uint16_t n = r->tables[slots[i]].nb_desc;
		const uint16_t head = at & mask;

		if (vcrypto_ring_free_count(r, at, n) < n)
			break;
		/* [virtio 2.7.5.2] with IN_ORDER next MUST be x + 1, and 0 behind the last */
		for (k = 0; k < n; k++, at++)
			direct_desc_put(&r->desc[at & mask], &t[k], (at + 1) & mask);
		r->order[idx & mask] = slots[i];
		r->heads[idx & mask] = head;
		r->issued[idx & mask] = n;
		avail_put(r, idx, head);
	}
	r->free_head = at;
	/* As in indirect_in_order_add(). */
	__atomic_store_n(&r->avail_idx, idx, __ATOMIC_RELEASE);
	return i;
}

static void
split_publish(struct vcrypto_ring *r)
{
	/*
	 * For the consumer, which must not believe a used index beyond this; before the
	 * device can act on it, so that an honest device is never ahead. Release: with IN_ORDER
	 * the consumer has no other sign that order[] is written; pairs with used_count().
	 */
	__atomic_store_n(&r->published, r->avail_idx, __ATOMIC_RELEASE);
	/*
	 * [virtio 2.7.13.2] descriptors and avail entries before the index; pairs with the
	 * device's read barrier after reading the index.
	 */
	if (r->strong_barriers)
		rte_io_wmb();
	__atomic_store_n(&r->avail->idx, rte_cpu_to_le_16(r->avail_idx), __ATOMIC_RELEASE);
}

static bool
split_kick_needed(struct vcrypto_ring *r)
{
	const uint16_t old = r->kicked;
	const uint16_t new = r->avail_idx;

	if (unlikely(old == new))
		return false;
	/*
	 * [virtio 2.7.13.4.1] the index must be visible before the device's wish is read:
	 * a full barrier, which pairs with the device's between its wish and the index.
	 */
	if (r->strong_barriers)
		rte_mb();
	else
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
	r->kicked = new;

	if (r->event_idx) {
		const uint16_t event = rte_le_to_cpu_16(
			__atomic_load_n(r->avail_event, __ATOMIC_RELAXED));

		/* [virtio 2.7.10.1] the event index lies in [old, new) */
		return (uint16_t)(new - event - 1) < (uint16_t)(new - old);
	}
	return !(__atomic_load_n(&r->used->flags, __ATOMIC_RELAXED) &
		rte_cpu_to_le_16(VIRTQ_USED_F_NO_NOTIFY));
}

static uint16_t
split_notify_state(const struct vcrypto_ring *r)
{
	/* [virtio 2.9] next_off and next_wrap are avail.idx, bits 0-14 and 15 */
	return r->published;
}

/* How many requests beyond number @p from are used; -EIO when the index cannot be true. */
static __rte_always_inline int
used_count(struct vcrypto_ring *r, uint16_t from)
{
	/*
	 * Acquire: entries and payload after the index [virtio 2.7.14]; pairs with the device's
	 * write barrier before it.
	 */
	const uint16_t idx = rte_le_to_cpu_16(__atomic_load_n(&r->used->idx, __ATOMIC_ACQUIRE));
	const uint16_t n = idx - from;

	if (likely(n == 0))
		return 0;
	if (r->strong_barriers)
		rte_io_rmb();
	/* Read after used->idx, so it covers all that an honest device can have used. */
	if (unlikely(n > (uint16_t)(__atomic_load_n(&r->published, __ATOMIC_ACQUIRE) - from)))
		return vcrypto_ring_break(r, VCRYPTO_RING_USED_IDX);
	return n;
}

/*
 * The head of a used entry if it is outstanding, and its number of descriptors; the
 * entry leaves the books.
 */
static __rte_always_inline int
take(struct vcrypto_ring *r, const struct virtq_used_elem *e, uint16_t *nb_desc)
{
	const uint32_t id = rte_le_to_cpu_32(__atomic_load_n(&e->id, __ATOMIC_RELAXED));

	if (unlikely(id >= r->size))
		return vcrypto_ring_break(r, VCRYPTO_RING_BAD_ID);
	*nb_desc = __atomic_load_n(&r->issued[id], __ATOMIC_ACQUIRE);
	if (unlikely(*nb_desc == 0))
		return vcrypto_ring_break(r, VCRYPTO_RING_NOT_ISSUED);
	__atomic_store_n(&r->issued[id], 0, __ATOMIC_RELAXED);
	return id;
}

static void
free_put(struct vcrypto_ring *r, uint16_t head, uint16_t nb_desc)
{
	const uint16_t mask = r->size - 1;
	uint32_t tail = r->free_tail;
	uint16_t i;

	for (i = 0; i < nb_desc; i++) {
		r->free_desc[tail++ & mask] = head;
		head = r->next[head];
	}
	/* Release: the entries above; pairs with the acquire in vcrypto_ring_free_count(). */
	__atomic_store_n(&r->free_tail, tail, __ATOMIC_RELEASE);
}

/* The driver does not wait for interrupts: keep the event index where the device gets last. */
static __rte_always_inline void
stay_silent(struct vcrypto_ring *r)
{
	if (r->event_idx && unlikely((uint16_t)(r->used_idx - r->silenced) >= UINT16_MAX / 2))
		silence(r);
}

static __rte_always_inline int
split_get(struct vcrypto_ring *r, uint16_t *slots, uint32_t *lens, uint16_t nb, const bool direct)
{
	const uint16_t mask = r->size - 1;
	uint16_t idx, i, nb_desc;
	int n, head;

	if (unlikely(r->broken != VCRYPTO_RING_OK))
		return -EIO;
	n = used_count(r, r->used_idx);
	if (n <= 0)
		return n;
	n = RTE_MIN(n, nb);
	idx = r->used_idx;
	for (i = 0; i < n; i++, idx++) {
		const struct virtq_used_elem *const e = &r->used->ring[idx & mask];

		head = take(r, e, &nb_desc);
		if (unlikely(head < 0))
			break;
		slots[i] = direct ? r->slot_of[head] : head;
		if (lens != NULL)
			lens[i] = vcrypto_ring_used_len(rte_le_to_cpu_32(e->len));
		if (direct)
			free_put(r, head, nb_desc);
	}
	r->used_idx = idx;
	stay_silent(r);
	/* What came before a bad entry is good; the next call reports the fault. */
	return i > 0 || nb == 0 ? i : -EIO;
}

static int
indirect_get(struct vcrypto_ring *r, uint16_t *slots, uint32_t *lens, uint16_t nb)
{
	return split_get(r, slots, lens, nb, false);
}

static int
direct_get(struct vcrypto_ring *r, uint16_t *slots, uint32_t *lens, uint16_t nb)
{
	return split_get(r, slots, lens, nb, true);
}

/*
 * [virtio 2.7.9] one used entry may stand for a batch: it lies where the batch begins, names
 * the head of its last request, and the index moves by all of them.
 */
static __rte_always_inline int
next_batch(struct vcrypto_ring *r, uint16_t idx, uint32_t *len, const bool direct)
{
	const uint16_t mask = r->size - 1;
	const struct virtq_used_elem *const e = &r->used->ring[idx & mask];
	const int n = used_count(r, idx);
	uint32_t id;
	int batch;

	if (n <= 0)
		return n;
	id = rte_le_to_cpu_32(__atomic_load_n(&e->id, __ATOMIC_RELAXED));
	*len = rte_le_to_cpu_32(e->len);
	if (unlikely(id >= r->size))
		return vcrypto_ring_break(r, VCRYPTO_RING_BAD_ID);
	if (direct) {
		for (batch = 1; batch <= n && r->heads[(idx + batch - 1) & mask] != id; batch++)
			;
	} else {
		batch = ((id - idx) & mask) + 1;
	}
	return likely(batch <= n) ? batch : vcrypto_ring_break(r, VCRYPTO_RING_NOT_IN_ORDER);
}

static inline int
indirect_next_batch(struct vcrypto_ring *r, uint16_t idx, uint32_t at, uint32_t *len)
{
	RTE_SET_USED(at);
	return next_batch(r, idx, len, false);
}

static inline int
direct_next_batch(struct vcrypto_ring *r, uint16_t idx, uint32_t at, uint32_t *len)
{
	RTE_SET_USED(at);
	return next_batch(r, idx, len, true);
}

static int
indirect_in_order_get(struct vcrypto_ring *r, uint16_t *slots, uint32_t *lens, uint16_t nb)
{
	const int n = vcrypto_ring_get_in_order(r, slots, lens, nb, indirect_next_batch, false);

	stay_silent(r);
	return n;
}

static int
direct_in_order_get(struct vcrypto_ring *r, uint16_t *slots, uint32_t *lens, uint16_t nb)
{
	const int n = vcrypto_ring_get_in_order(r, slots, lens, nb, direct_next_batch, true);

	stay_silent(r);
	return n;
}

static int
split_reclaim(struct vcrypto_ring *r)
{
	uint16_t head;

	for (head = 0; head < r->size; head++) {
		/* Acquire: a producer may still be adding to a ring that is dead. */
		const uint16_t nb_desc = __atomic_load_n(&r->issued[head], __ATOMIC_ACQUIRE);

		if (nb_desc == 0)
			continue;
		__atomic_store_n(&r->issued[head], 0, __ATOMIC_RELAXED);
		if (r->kind == VCRYPTO_RING_SPLIT_INDIRECT)
			return head;
		free_put(r, head, nb_desc);
		return r->slot_of[head];
	}
	return -1;
}

static int
indirect_in_order_reclaim(struct vcrypto_ring *r)
{
	return vcrypto_ring_reclaim_in_order(r, false);
}

static int
direct_in_order_reclaim(struct vcrypto_ring *r)
{
	return vcrypto_ring_reclaim_in_order(r, true);
}

/* Entry i of a table points to entry i + 1, which the step spells. */
#define SPLIT_FMT { \
	.read = VIRTQ_DESC_F_NEXT | 1u << 16, \
	.write = VIRTQ_DESC_F_NEXT | VIRTQ_DESC_F_WRITE | 1u << 16, \
	.step = 1u << 16, \
	.last = VIRTQ_DESC_F_WRITE, \
}

const struct vcrypto_ring_ops vcrypto_ring_split_indirect = {
	.name = "split, indirect",
	.fmt = SPLIT_FMT,
	.room = vcrypto_ring_indirect_room,
	.set_table = indirect_set_table,
	.add = indirect_add,
	.publish = split_publish,
	.kick_needed = split_kick_needed,
	.notify_state = split_notify_state,
	.get = indirect_get,
	.reclaim = split_reclaim,
};

const struct vcrypto_ring_ops vcrypto_ring_split_direct = {
	.name = "split, direct",
	.fmt = SPLIT_FMT,
	.room = vcrypto_ring_direct_room,
	.set_table = vcrypto_ring_direct_set_table,
	.add = direct_add,
	.publish = split_publish,
	.kick_needed = split_kick_needed,
	.notify_state = split_notify_state,
	.get = direct_get,
	.reclaim = split_reclaim,
};

const struct vcrypto_ring_ops vcrypto_ring_split_indirect_in_order = {
	.name = "split, indirect, in order",
	.fmt = SPLIT_FMT,
	.room = vcrypto_ring_indirect_room,
	.set_table = indirect_in_order_set_table,
	.add = indirect_in_order_add,
	.publish = split_publish,
	.kick_needed = split_kick_needed,
	.notify_state = split_notify_state,
	.get = indirect_in_order_get,
	.reclaim = indirect_in_order_reclaim,
};

const struct vcrypto_ring_ops vcrypto_ring_split_direct_in_order = {
	.name = "split, direct, in order",
	.fmt = SPLIT_FMT,
	.room = vcrypto_ring_direct_room,
	.set_table = vcrypto_ring_direct_set_table,
	.add = direct_in_order_add,
	.publish = split_publish,
	.kick_needed = split_kick_needed,
	.notify_state = split_notify_state,
	.get = direct_in_order_get,
	.reclaim = direct_in_order_reclaim,
};
