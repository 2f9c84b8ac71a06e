/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Packed virtqueues [virtio 2.8], with indirect tables or direct chains.
 *
 * Descriptors are numbered from the beginning of the ring's life. The size being a
 * power of two, such a number says the place in the ring (its lower bits) and the
 * wrap counter (the next bit: 0 in the first lap, where the counter is 1).
 *
 * The id of a request is its slot; with IN_ORDER it is its number of issue, so that
 * the id of the last request of a batch says how long the batch is.
 *
 * add() writes all descriptors but the second half of the first that is not yet
 * published, which says length, id and flags: publish() does that, with one store
 * that shows the device everything.
 *
 * May include: wire leaves and virtio_ring.h. Producer and consumer functions
 * may run on two threads.
 */

#include <errno.h>

#include <rte_atomic.h>

#include "virtio_ring_int.h"

/* The second half of a descriptor: length, id, flags, from the lower end. */
#define ID_SHIFT 32
#define FLAGS_SHIFT 48
#define AVAIL ((uint64_t)VIRTQ_DESC_F_AVAIL << FLAGS_SHIFT)
#define USED ((uint64_t)VIRTQ_DESC_F_USED << FLAGS_SHIFT)
#define NEXT ((uint64_t)VIRTQ_DESC_F_NEXT << FLAGS_SHIFT)

static_assert(offsetof(struct virtq_packed_desc, len) == 8 &&
	offsetof(struct virtq_packed_desc, id) == 12 &&
	offsetof(struct virtq_packed_desc, flags) == 14, "shifts");

/* Each event structure on a cache line of its own: one is the driver's, one the device's. */
static size_t
driver_offset(uint16_t size)
{
	return RTE_ALIGN_CEIL(sizeof(struct virtq_packed_desc) * size, RTE_CACHE_LINE_SIZE);
}

size_t
vcrypto_ring_packed_len(uint16_t size)
{
	return driver_offset(size) + 2 * RTE_CACHE_LINE_SIZE;
}

void
vcrypto_ring_packed_layout(struct vcrypto_ring *r)
{
	uint8_t *const base = r->mem;
	struct virtq_event *driver_event;

	r->driver_off = driver_offset(r->size);
	r->device_off = r->driver_off + RTE_CACHE_LINE_SIZE;
	r->packed = (struct vcrypto_desc *)base;
	r->device_event = (struct virtq_event *)(base + r->device_off);
	driver_event = (struct virtq_event *)(base + r->driver_off);
	/* The driver polls. [virtio 2.8.10] no used buffer notifications */
	driver_event->flags = rte_cpu_to_le_16(VIRTQ_EVENT_F_DISABLE);
	r->packed_end = r->packed + r->size;
	r->add_at = r->packed;
	r->mark.len_tail = rte_cpu_to_le_64(AVAIL);
	r->get_at = r->packed;
	r->used_flags = AVAIL | USED;
	r->used_mask = AVAIL | USED | (uint64_t)(uint16_t)~(r->size - 1) << ID_SHIFT;
}

/* ---- producer ---- */

/* [virtio 2.8.1] available: AVAIL is the driver's wrap counter, USED its inverse */
static __rte_always_inline uint64_t
flags_avail(const struct vcrypto_ring *r, uint32_t at)
{
	return at & r->size ? USED : AVAIL;
}

/* [virtio 2.8.1] used: both are the device's wrap counter */
static __rte_always_inline uint64_t
flags_used(const struct vcrypto_ring *r, uint32_t at)
{
	return at & r->size ? 0 : AVAIL | USED;
}

static __rte_always_inline void
desc_of_table(struct vcrypto_desc *d, const struct vcrypto_ring_req *req, uint16_t id)
{
	/* [virtio 2.8.7] the table's length in bytes; WRITE is reserved */
	vcrypto_desc_set(d, req->table_iova,
		(uint32_t)req->nb_desc * sizeof(struct virtq_packed_desc),
		(uint32_t)VIRTQ_DESC_F_INDIRECT << (FLAGS_SHIFT - ID_SHIFT) | id);
}

static void
indirect_set_table(struct vcrypto_ring *r, const struct vcrypto_ring_req *req)
{
	desc_of_table(&r->shadow[req->slot], req, req->slot);
}

/* The id is known only when the request gets its number. */
static void
indirect_in_order_set_table(struct vcrypto_ring *r, const struct vcrypto_ring_req *req)
{
	desc_of_table(&r->shadow[req->slot], req, 0);
}

/* A descriptor's place in the ring, and the flags of its lap. */
struct place {
	uint32_t pos;
	uint64_t flags;
};

static __rte_always_inline void
step(struct place *p, uint16_t nb, uint32_t size)
{
	p->pos += nb;
	if (unlikely(p->pos >= size)) {
		p->pos -= size;
		p->flags ^= AVAIL | USED;
	}
}

static __rte_always_inline struct place
place_avail(const struct vcrypto_ring *r, uint32_t at)
{
	return (struct place){ at & (r->size - 1), flags_avail(r, at) };
}

/*
 * Where the second half of a descriptor goes; that of the first which is not yet published
 * waits for publish(), and those behind it are invisible as long.
 */
static __rte_always_inline rte_le64_t *
first_half(struct vcrypto_ring *r, const struct place *p)
{
	rte_le64_t *const half = &r->packed[p->pos].len_tail;

	if (r->free_head != r->shown)
		return half;
	r->pending_at = half;
	return &r->pending;
}

/*
 * Issued only when the request is complete: a device that guesses the id early finds nothing
 * outstanding. Pairs with the acquire in packed_get().
 */
static __rte_always_inline void
issue(uint16_t *issued, uint16_t id, uint16_t nb_desc)
{
	__atomic_store_n(&issued[id], nb_desc, __ATOMIC_RELEASE);
}

/* Both halves at once, where nothing is visible yet. */
typedef uint64_t desc_halves __attribute__((vector_size(16), may_alias));
static_assert(sizeof(desc_halves) == sizeof(struct vcrypto_desc), "two halves");

/* What the ring shall say of a slot at place @p at of the producer's lap. */
static __rte_always_inline desc_halves
indirect_desc(struct vcrypto_ring *r, const struct vcrypto_desc *shadow, uint16_t *issued,
		uint16_t slot, const struct vcrypto_desc *at, const bool in_order)
{
	desc_halves d = *(const desc_halves *)&shadow[slot] | *(const desc_halves *)&r->mark;

	if (in_order) {
		/* Ids go round the ring as descriptors do. */
		const uint16_t id = at - r->packed;

		d[1] |= rte_cpu_to_le_64((uint64_t)id << ID_SHIFT);
		r->order[id] = slot;
	} else {
		issue(issued, slot, 1);
	}
	return d;
}

/* The place behind one; behind the last it is the first, in another lap. */
static __rte_always_inline struct vcrypto_desc *
next_place(struct vcrypto_ring *r, struct vcrypto_desc *at)
{
	if (likely(++at != r->packed_end))
		return at;
	r->mark.len_tail ^= rte_cpu_to_le_64(AVAIL | USED);
	return r->packed;
}

static __rte_always_inline uint16_t
add_indirect(struct vcrypto_ring *r, const uint16_t *slots, uint16_t nb, const bool in_order)
{
	const struct vcrypto_desc *const shadow = r->shadow;
	uint16_t *const issued = r->issued;
	const uint32_t head = r->free_head;
	struct vcrypto_desc *at = r->add_at;
	desc_halves d;
	uint32_t i = 0;

	if (head == r->shown && likely(nb != 0)) {
		d = indirect_desc(r, shadow, issued, slots[0], at, in_order);
		at->addr = d[0];
		r->pending = d[1];
		r->pending_at = &at->len_tail;
		at = next_place(r, at);
		i = 1;
	}
	for (; i < nb; i++) {
		d = indirect_desc(r, shadow, issued, slots[i], at, in_order);
		*(desc_halves *)at = d;
		at = next_place(r, at);
	}
	r->add_at = at;
	r->free_head = head + nb;
	/* Release: order[]; pairs with the acquire in vcrypto_ring_reclaim_in_order(). */
	__atomic_store_n(&r->avail_idx, r->avail_idx + nb, __ATOMIC_RELEASE);
	return nb;
}

static __rte_always_inline uint16_t
add_direct(struct vcrypto_ring *r, const uint16_t *slots, uint16_t nb, const bool in_order)
{
	struct vcrypto_desc *const ring = r->packed;
	const uint32_t size = r->size;
	uint32_t at = r->free_head;
	uint16_t idx = r->avail_idx;
	struct place p = place_avail(r, at);
	rte_le64_t *half = first_half(r, &p);
	uint16_t i, k;

	for (i = 0; i < nb; i++, idx++) {
		const uint16_t slot = slots[i];
		const uint16_t id = in_order ? idx & (size - 1) : slot;
		const struct vcrypto_desc *const t = r->tables[slot].table;
		const uint16_t n = r->tables[slot].nb_desc;

		/* [virtio 2.8.17] MUST: room for the whole list */
		if (vcrypto_ring_free_count(r, at, n) < n)
			break;
		/*
		 * [virtio 2.8.6] all flags right in each, the id in the last; QEMU before 9.1
		 * reads it from the first, and nobody minds it in the others.
		 */
		for (k = 0; k < n; k++) {
			ring[p.pos].addr = t[k].addr;
			*half = t[k].len_tail | rte_cpu_to_le_64(p.flags |
				(uint64_t)id << ID_SHIFT | (k + 1 < n ? NEXT : 0));
			step(&p, 1, size);
			half = &ring[p.pos].len_tail;
		}
		at += n;
		if (in_order)
			r->order[id] = slot;
		issue(r->issued, id, n);
	}
	r->free_head = at;
	/* As in add_indirect(). */
	__atomic_store_n(&r->avail_idx, idx, __ATOMIC_RELEASE);
	return i;
}

static uint16_t
indirect_add(struct vcrypto_ring *r, const uint16_t *slots, uint16_t nb)
{
	return add_indirect(r, slots, nb, false);
}

static uint16_t
direct_add(struct vcrypto_ring *r, const uint16_t *slots, uint16_t nb)
{
	return add_direct(r, slots, nb, false);
}

static uint16_t
indirect_in_order_add(struct vcrypto_ring *r, const uint16_t *slots, uint16_t nb)
{
	return add_indirect(r, slots, nb, true);
}

static uint16_t
direct_in_order_add(struct vcrypto_ring *r, const uint16_t *slots, uint16_t nb)
{
	return add_direct(r, slots, nb, true);
}

static void
packed_publish(struct vcrypto_ring *r)
{
	const uint32_t head = r->free_head;

	if (unlikely(r->shown == head))
		return;
	/*
	 * For the consumer, which must not believe in more used requests than this; before the
	 * device can act on it, so that an honest device is never ahead. Release: order[] and
	 * issued[]; pairs with outstanding().
	 */
	__atomic_store_n(&r->published, r->avail_idx, __ATOMIC_RELEASE);
	/*
	 * [virtio 2.8.21.1.1] MUST: all else before the flags of the first descriptor; pairs with
	 * the device's read barrier after these.
	 */
	if (r->strong_barriers)
		rte_io_wmb();
	__atomic_store_n(r->pending_at, r->pending, __ATOMIC_RELEASE);
	/* Release: the flags; pairs with the acquire in check_idle(). */
	__atomic_store_n(&r->shown, head, __ATOMIC_RELEASE);
}

static bool
packed_kick_needed(struct vcrypto_ring *r)
{
	const uint16_t old = r->kicked;
	const uint16_t new = r->shown;
	uint16_t flags, off_wrap, event, at;
	uint32_t wish;

	if (unlikely(old == new))
		return false;
	/*
	 * [virtio 2.8.21.3.1] MUST: the flags must be visible before the device's wish is
	 * read: a full barrier, which pairs with the device's between its wish and the flags.
	 */
	if (r->strong_barriers)
		rte_mb();
	else
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
	r->kicked = new;

	/* Both halves at once, so that they belong together. */
	wish = rte_le_to_cpu_32(__atomic_load_n((rte_le32_t *)r->device_event, __ATOMIC_RELAXED));
	flags = wish >> 16 & VIRTQ_EVENT_F_MASK;
	if (flags != VIRTQ_EVENT_F_DESC || !r->event_idx)
		return flags != VIRTQ_EVENT_F_DISABLE;

	/*
	 * [virtio 2.8.10] the descriptor that the device names is among those shown since. An
	 * event in the other lap is in the one before: offsets are compared within two laps.
	 */
	off_wrap = (uint16_t)wish;
	event = off_wrap & (VIRTQ_EVENT_WRAP - 1);
	if (!(off_wrap & VIRTQ_EVENT_WRAP) != !!(new & r->size))
		event -= r->size;
	at = new & (r->size - 1);
	return (uint16_t)(at - event - 1) < (uint16_t)(new - old);
}

static uint16_t
packed_notify_state(const struct vcrypto_ring *r)
{
	/* [virtio 2.8.16] MUST be the next descriptor not yet made available */
	return (r->shown & (r->size - 1)) | (r->shown & r->size ? 0 : VIRTQ_EVENT_WRAP);
}

/* ---- consumer ---- */

static __rte_always_inline uint64_t
half_read(const struct vcrypto_desc *d)
{
	/*
	 * One load, so length and id are of the same age as the flags, or younger. Acquire:
	 * payload after the flags; pairs with the device's write barrier before them.
	 */
	return rte_le_to_cpu_64(__atomic_load_n(&d->len_tail, __ATOMIC_ACQUIRE));
}

/* [virtio 2.8.1] both flags are the wrap counter */
static __rte_always_inline bool
is_used(uint64_t half, uint64_t flags)
{
	return (half & (AVAIL | USED)) == flags;
}

/* Requests with the device when @p idx have come back. */
static __rte_always_inline uint16_t
outstanding(const struct vcrypto_ring *r, uint16_t idx)
{
	/* Read after the flags, so it covers all that an honest device can have used. */
	return __atomic_load_n(&r->published, __ATOMIC_ACQUIRE) - idx;
}

/*
 * Nothing is used. While something is with the device, the next descriptor must be as the driver
 * wrote it: other flags are no state that either side may leave there, and would wait for ever.
 */
static __rte_noinline int
check_idle(struct vcrypto_ring *r)
{
	const uint32_t at = r->free_tail - r->size;
	uint64_t flags = half_read(&r->packed[at & (r->size - 1)]) & (AVAIL | USED);

	if (likely(flags == flags_avail(r, at)))
		return 0;
	/*
	 * The device may have used, and this thread got, what the producer has not yet come to
	 * count as shown.
	 */
	if ((int32_t)(__atomic_load_n(&r->shown, __ATOMIC_ACQUIRE) - at) <= 0)
		return 0;
	/* It may have been shown, or used, since the first look. */
	flags = half_read(&r->packed[at & (r->size - 1)]) & (AVAIL | USED);
	if (flags == flags_avail(r, at) || flags == flags_used(r, at))
		return 0;
	return vcrypto_ring_break(r, VCRYPTO_RING_BAD_WRAP);
}

/* What the next descriptor says is not that a request is used. */
static __rte_noinline int
not_used(struct vcrypto_ring *r, uint64_t half)
{
	return is_used(half, r->used_flags) ? vcrypto_ring_break(r, VCRYPTO_RING_BAD_ID) :
		check_idle(r);
}

static __rte_always_inline int
packed_get(struct vcrypto_ring *r, uint16_t *slots, uint32_t *lens, uint16_t nb, const bool direct)
{
	const struct vcrypto_desc *at = r->get_at;
	uint16_t *const issued = r->issued;
	uint64_t half = half_read(at);
	uint32_t nb_desc = 0, i = 0;
	uint16_t id, n, out;

	if (unlikely(r->broken != VCRYPTO_RING_OK))
		return -EIO;
	if ((half & r->used_mask) != r->used_flags)
		return nb != 0 ? not_used(r, half) : 0;
	/* What was published later is for the next call, or is a fault then. */
	out = outstanding(r, r->used_idx);
	nb = RTE_MIN(nb, out);
	if (unlikely(nb == 0))
		return out == 0 ? vcrypto_ring_break(r, VCRYPTO_RING_USED_IDX) : 0;
	for (;;) {
		if (r->strong_barriers)
			rte_io_rmb();
		id = half >> ID_SHIFT;
		/* If it is outstanding, it leaves the books. */
		n = __atomic_load_n(&issued[id], __ATOMIC_ACQUIRE);
		if (unlikely(n == 0)) {
			vcrypto_ring_break(r, VCRYPTO_RING_NOT_ISSUED);
			break;
		}
		__atomic_store_n(&issued[id], 0, __ATOMIC_RELAXED);
		slots[i] = id;
		if (lens != NULL)
			lens[i] = vcrypto_ring_used_len((uint32_t)half);
		/* [virtio 2.8.6] the device skips as many descriptors as the request has */
		nb_desc += n;
		at += direct ? n : 1;
		if (unlikely(at >= r->packed_end)) {
			at -= r->size;
			r->used_flags ^= AVAIL | USED;
		}
		if (++i == nb)
			break;
		/* Not used yet, or by a bad id, which the next call reports. */
		half = half_read(at);
		if ((half & r->used_mask) != r->used_flags)
			break;
	}
	r->get_at = at;
	r->used_idx += i;
	/* Release: what is read above; pairs with the acquire in vcrypto_ring_free_count(). */
	__atomic_store_n(&r->free_tail, r->free_tail + (direct ? nb_desc : i), __ATOMIC_RELEASE);
	/* What came before a bad entry is good; the next call reports the fault. */
	return likely(i != 0) ? (int)i : -EIO;
}

/* Apart, since lengths, which few bursts want, would cost all of them registers. */
static __rte_noinline int
indirect_get_lens(struct vcrypto_ring *r, uint16_t *slots, uint32_t *lens, uint16_t nb)
{
	return packed_get(r, slots, lens, nb, false);
}

static int
indirect_get(struct vcrypto_ring *r, uint16_t *slots, uint32_t *lens, uint16_t nb)
{
	if (unlikely(lens != NULL))
		return indirect_get_lens(r, slots, lens, nb);
	return packed_get(r, slots, NULL, nb, false);
}

static int
direct_get(struct vcrypto_ring *r, uint16_t *slots, uint32_t *lens, uint16_t nb)
{
	return packed_get(r, slots, lens, nb, true);
}

/*
 * [virtio 2.8.8] one used descriptor may stand for a batch: it lies where the batch begins, and
 * names the last request of it.
 */
static inline int
next_batch(struct vcrypto_ring *r, uint16_t idx, uint32_t at, uint32_t *len)
{
	const uint64_t half = half_read(&r->packed[at & (r->size - 1)]);
	const uint16_t id = half >> ID_SHIFT;
	const uint16_t batch = ((id - idx) & (r->size - 1)) + 1;
	uint16_t out;

	if (!is_used(half, flags_used(r, at)))
		return 0;
	if (r->strong_barriers)
		rte_io_rmb();
	*len = (uint32_t)half;
	out = outstanding(r, idx);
	if (likely(id < r->size && batch <= out))
		return batch;
	return vcrypto_ring_break(r, out == 0 ? VCRYPTO_RING_USED_IDX :
		id >= r->size ? VCRYPTO_RING_BAD_ID : VCRYPTO_RING_NOT_ISSUED);
}

static __rte_always_inline int
packed_in_order_get(struct vcrypto_ring *r, uint16_t *slots, uint32_t *lens, uint16_t nb,
		const bool direct)
{
	const int n = vcrypto_ring_get_in_order(r, slots, lens, nb, next_batch, direct);

	return likely(n != 0 || nb == 0) ? n : check_idle(r);
}

static int
indirect_in_order_get(struct vcrypto_ring *r, uint16_t *slots, uint32_t *lens, uint16_t nb)
{
	return packed_in_order_get(r, slots, lens, nb, false);
}

static int
direct_in_order_get(struct vcrypto_ring *r, uint16_t *slots, uint32_t *lens, uint16_t nb)
{
	return packed_in_order_get(r, slots, lens, nb, true);
}

static int
packed_reclaim(struct vcrypto_ring *r)
{
	uint16_t id;

	for (id = 0; id < r->size; id++) {
		/* Acquire: a producer may still be adding to a ring that is dead. */
		const uint16_t n = __atomic_load_n(&r->issued[id], __ATOMIC_ACQUIRE);

		if (n == 0)
			continue;
		__atomic_store_n(&r->issued[id], 0, __ATOMIC_RELAXED);
		__atomic_store_n(&r->free_tail, r->free_tail + n, __ATOMIC_RELEASE);
		return id;
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

/* [virtio 2.8.19] MUST NOT: no flag but WRITE in a table; add() links direct chains. */
#define PACKED_FMT { \
	.read = 0, \
	.write = (uint32_t)VIRTQ_DESC_F_WRITE << (FLAGS_SHIFT - ID_SHIFT), \
	.step = 0, \
	.last = (uint32_t)VIRTQ_DESC_F_WRITE << (FLAGS_SHIFT - ID_SHIFT), \
}

const struct vcrypto_ring_ops vcrypto_ring_packed_indirect = {
	.name = "packed, indirect",
	.fmt = PACKED_FMT,
	.room = vcrypto_ring_indirect_room,
	.set_table = indirect_set_table,
	.add = indirect_add,
	.publish = packed_publish,
	.kick_needed = packed_kick_needed,
	.notify_state = packed_notify_state,
	.get = indirect_get,
	.reclaim = packed_reclaim,
};

const struct vcrypto_ring_ops vcrypto_ring_packed_direct = {
	.name = "packed, direct",
	.fmt = PACKED_FMT,
	.room = vcrypto_ring_direct_room,
	.set_table = vcrypto_ring_direct_set_table,
	.add = direct_add,
	.publish = packed_publish,
	.kick_needed = packed_kick_needed,
	.notify_state = packed_notify_state,
	.get = direct_get,
	.reclaim = packed_reclaim,
};

const struct vcrypto_ring_ops vcrypto_ring_packed_indirect_in_order = {
	.name = "packed, indirect, in order",
	.fmt = PACKED_FMT,
	.room = vcrypto_ring_indirect_room,
	.set_table = indirect_in_order_set_table,
	.add = indirect_in_order_add,
	.publish = packed_publish,
	.kick_needed = packed_kick_needed,
	.notify_state = packed_notify_state,
	.get = indirect_in_order_get,
	.reclaim = indirect_in_order_reclaim,
};

const struct vcrypto_ring_ops vcrypto_ring_packed_direct_in_order = {
	.name = "packed, direct, in order",
	.fmt = PACKED_FMT,
	.room = vcrypto_ring_direct_room,
	.set_table = vcrypto_ring_direct_set_table,
	.add = direct_in_order_add,
	.publish = packed_publish,
	.kick_needed = packed_kick_needed,
	.notify_state = packed_notify_state,
	.get = direct_in_order_get,
	.reclaim = direct_in_order_reclaim,
};
