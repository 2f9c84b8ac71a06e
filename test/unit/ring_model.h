/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * A virtqueue seen from the device's side, for tests of the driver's rings: it
 * reads and writes raw memory at the offsets of virtio 1.4, sections 2.7 and 2.8,
 * and shares no structure with the driver. Here are what the formats share and
 * the split ring; packed_model.h has the packed one.
 *
 * desc: 16q bytes {addr 8, len 4, flags 2, next 2}; avail: 6 + 2q bytes
 * {flags, idx, ring[q], used_event}; used: 6 + 8q bytes {flags, idx,
 * ring[q] {id 4, len 4}, avail_event}.
 *
 * Any thread may play the device, so a broken rule is noted in err and
 * judged by the test's own thread.
 */

#ifndef RING_MODEL_H
#define RING_MODEL_H

#include <stdlib.h>

#include "unit_eal.h"

#include "virtio_ring.h"

#define MODEL_F_INDIRECT_DESC (UINT64_C(1) << 28)
#define MODEL_F_EVENT_IDX (UINT64_C(1) << 29)
#define MODEL_F_VERSION_1 (UINT64_C(1) << 32)
#define MODEL_F_RING_PACKED (UINT64_C(1) << 34)
#define MODEL_F_IN_ORDER (UINT64_C(1) << 35)
#define MODEL_F_ORDER_PLATFORM (UINT64_C(1) << 36)

/* What the device sees is not where the driver sees it. */
#define MODEL_RING_SHIFT UINT64_C(0x0000400000000000)
#define MODEL_TABLE_IOVA UINT64_C(0x0000700000000000)

struct model_held {
	uint16_t id; /* head, as avail.ring[] said */
	uint16_t slot;
	uint16_t nb_desc; /* of the ring */
};

struct model {
	struct vcrypto_ring ring;
	const struct vcrypto_ring_ops *ops;
	enum vcrypto_ring_kind kind;
	bool direct, packed, in_order; /* what the kind is made of */
	bool event_idx;
	uint16_t size;
	uint16_t max_chain;
	void *mem;
	size_t mem_size;
	void *priv;
	uint8_t *desc, *avail, *used; /* raw, as the device maps them; avail: the driver area */

	/* Driver's side: tables of the slots, and what each slot's chain says. */
	struct vcrypto_desc *tables; /* max_chain entries a slot */
	uint16_t *nb_desc; /* by slot */
	uint16_t *told; /* by slot: length of the table that the ring was told of, 0: none */
	uint32_t *gen; /* by slot: makes each request's content different */

	/* Device's side. */
	uint16_t dev_avail, dev_used; /* packed: places in the ring */
	bool avail_wrap, used_wrap; /* packed: wrap counters */
	struct {
		bool waits, wrap;
		uint16_t at, id;
		uint32_t len;
	} first; /* packed: the used descriptor that is to be shown last */
	uint16_t next_desc; /* split, in order: where the next chain must begin */
	struct model_held *held; /* taken and not used, in order of arrival */
	unsigned int nb_held;
	unsigned int nb_held_desc; /* packed: descriptors of the ring in them */
	uint8_t *busy; /* by descriptor: part of a chain that is held; packed: by id */
	uint16_t *link; /* by descriptor: next of a chain that is held, as it was when taken */
	uint64_t taken;
	const char *err;
};

#define MODEL_CHECK(m, cond) \
	do { \
		if (!(cond) && (m)->err == NULL) \
			(m)->err = "line " RTE_STR(__LINE__) ": " #cond; \
	} while (0)

static inline void
model_judge(const struct model *m, const char *where)
{
	if (m->err != NULL)
		fail_msg("%s: kind %d size %u chain %u event_idx %d: %s", where, (int)m->kind,
				m->size, m->max_chain, m->event_idx, m->err);
}

/* Indices are shared between threads: one access each, ordered. */
static inline uint16_t
model_load_idx(const uint8_t *area, size_t off)
{
	return rte_le_to_cpu_16(__atomic_load_n((const uint16_t *)(area + off), __ATOMIC_ACQUIRE));
}

static inline void
model_store_idx(uint8_t *area, size_t off, uint16_t v)
{
	__atomic_store_n((uint16_t *)(area + off), rte_cpu_to_le_16(v), __ATOMIC_RELEASE);
}

/** The device forgets what it holds, as after a reset. */
static inline void
model_restart(struct model *m)
{
	m->dev_avail = m->dev_used = 0;
	m->avail_wrap = m->used_wrap = true;
	m->next_desc = 0;
	m->first.waits = false;
	m->nb_held = m->nb_held_desc = 0;
	memset(m->busy, 0, m->size);
	memset(m->told, 0, sizeof(*m->told) * m->size);
}

static inline void
model_create(struct model *m, enum vcrypto_ring_kind kind, uint16_t size, uint16_t max_chain,
		uint64_t features)
{
	struct vcrypto_queue_addr addr;
	size_t priv_size, driver_len, device_len;
	uint64_t base, end;

	memset(m, 0xee, sizeof(*m));
	m->kind = kind;
	m->ops = vcrypto_ring_ops[kind];
	m->size = size;
	m->max_chain = max_chain;
	m->event_idx = (features & MODEL_F_EVENT_IDX) != 0;
	m->direct = kind & VCRYPTO_RING_F_DIRECT;
	m->packed = kind & VCRYPTO_RING_F_PACKED;
	m->in_order = kind & VCRYPTO_RING_F_IN_ORDER;
	driver_len = m->packed ? 4 : 6 + 2u * size;
	device_len = m->packed ? 4 : 6 + 8u * size;
	m->mem_size = vcrypto_ring_mem_size(kind, size);
	assert_true(m->mem_size >= 16u * size + driver_len + device_len);
	priv_size = vcrypto_ring_priv_size(size);
	m->mem = aligned_alloc(4096, RTE_ALIGN_CEIL(m->mem_size, 4096));
	m->priv = aligned_alloc(64, RTE_ALIGN_CEIL(priv_size + 1, 64));
	assert_non_null(m->mem);
	assert_non_null(m->priv);
	/* Left-overs of an earlier life must not matter. */
	memset(m->mem, 0xff, m->mem_size);
	memset(m->priv, 0xff, priv_size);
	assert_int_equal(vcrypto_ring_init(&m->ring, kind, 3, size, m->mem,
			(uintptr_t)m->mem + MODEL_RING_SHIFT, m->priv, features), 0);

	vcrypto_ring_addr(&m->ring, &addr);
	assert_int_equal(addr.size, size);
	base = (uintptr_t)m->mem + MODEL_RING_SHIFT;
	end = base + m->mem_size;
	assert_true(addr.desc >= base && addr.desc + 16u * size <= end);
	assert_true(addr.driver >= base && addr.driver + driver_len <= end);
	assert_true(addr.device >= base && addr.device + device_len <= end);
	assert_true(addr.desc % 16 == 0);
	assert_true(addr.driver % (m->packed ? 4 : 2) == 0 && addr.device % 4 == 0);
	assert_true(addr.desc + 16u * size <= addr.driver || addr.driver + driver_len <= addr.desc);
	assert_true(addr.desc + 16u * size <= addr.device || addr.device + device_len <= addr.desc);
	assert_true(addr.driver + driver_len <= addr.device ||
			addr.device + device_len <= addr.driver);
	m->desc = (uint8_t *)m->mem + (addr.desc - base);
	m->avail = (uint8_t *)m->mem + (addr.driver - base);
	m->used = (uint8_t *)m->mem + (addr.device - base);

	m->tables = aligned_alloc(64, RTE_ALIGN_CEIL(sizeof(*m->tables) * max_chain * size, 64));
	m->nb_desc = calloc(size, sizeof(*m->nb_desc));
	m->told = calloc(size, sizeof(*m->told));
	m->gen = calloc(size, sizeof(*m->gen));
	m->held = calloc(size, sizeof(*m->held));
	m->busy = calloc(size, 1);
	m->link = calloc(size, sizeof(*m->link));
	assert_true(m->tables && m->nb_desc && m->told && m->gen && m->held && m->busy && m->link);
	m->taken = 0;
	m->err = NULL;
	model_restart(m);
}

static inline void
model_destroy(struct model *m)
{
	free(m->mem);
	free(m->priv);
	free(m->tables);
	free(m->nb_desc);
	free(m->told);
	free(m->gen);
	free(m->held);
	free(m->busy);
	free(m->link);
}

/* What entry i of slot's present request says. */
static inline uint64_t
model_entry_addr(const struct model *m, uint16_t slot, uint16_t i)
{
	return UINT64_C(0xd000000000000000) | (uint64_t)(m->gen[slot] & 0xffffff) << 32 |
		(uint64_t)slot << 16 | i;
}

static inline uint32_t
model_entry_len(const struct model *m, uint16_t slot, uint16_t i)
{
	return m->gen[slot] * 2654435761u + slot * 40503u + i;
}

/* First half readable, then writable; the last always writable. */
static inline bool
model_entry_write(const struct model *m, uint16_t slot, uint16_t i)
{
	return i >= m->nb_desc[slot] / 2;
}

/** Fill a slot with a new request of nb_desc entries. Driver's side. */
static inline void
model_fill(struct model *m, uint16_t slot, uint16_t nb_desc, struct vcrypto_ring_req *req)
{
	const struct vcrypto_desc_fmt *fmt = &m->ops->fmt;
	struct vcrypto_desc *t = m->tables + (size_t)slot * m->max_chain;
	uint32_t tail;
	uint16_t i;

	m->nb_desc[slot] = nb_desc;
	m->gen[slot]++;
	for (i = 0; i < nb_desc; i++) {
		if (i == nb_desc - 1)
			tail = fmt->last;
		else
			tail = (model_entry_write(m, slot, i) ? fmt->write : fmt->read) +
				i * fmt->step;
		vcrypto_desc_set(&t[i], model_entry_addr(m, slot, i),
				model_entry_len(m, slot, i), tail);
	}
	req->slot = slot;
	req->nb_desc = nb_desc;
	req->table = t;
	req->table_iova = MODEL_TABLE_IOVA + (uint64_t)slot * m->max_chain * 16;
}

#define UNIT_BATCH 1024

/**
 * Hand filled slots to the ring, in one batch. A table of the same length in the same place
 * is not announced again: its content alone has changed.
 */
static inline uint16_t
model_add(struct model *m, const struct vcrypto_ring_req *req, uint16_t nb)
{
	uint16_t slots[UNIT_BATCH];
	uint16_t i;

	assert_true(nb <= UNIT_BATCH);
	for (i = 0; i < nb; i++) {
		slots[i] = req[i].slot;
		if (m->told[req[i].slot] != req[i].nb_desc)
			m->ops->set_table(&m->ring, &req[i]);
		m->told[req[i].slot] = req[i].nb_desc;
	}
	return m->ops->add(&m->ring, slots, nb);
}

/*
 * One descriptor against what slot's request says; next is checked by the caller.
 * @param linked  the flag NEXT says whether one more follows; else it is never set.
 */
static inline void
model_check_entry(struct model *m, const uint8_t *d, uint16_t flags, uint16_t slot, uint16_t i,
		bool linked)
{
	MODEL_CHECK(m, get64(d, 0) == model_entry_addr(m, slot, i));
	MODEL_CHECK(m, get32(d, 8) == model_entry_len(m, slot, i));
	MODEL_CHECK(m, ((flags & 2) != 0) == model_entry_write(m, slot, i));
	MODEL_CHECK(m, ((flags & 1) != 0) == (linked && i + 1 < m->nb_desc[slot]));
	MODEL_CHECK(m, (flags & ~3u) == 0);
}

/* The table that a ring's descriptor d refers to. */
static inline void
model_take_table(struct model *m, const uint8_t *d, struct model_held *h)
{
	const uint64_t iova = get64(d, 0);
	const uint32_t len = get32(d, 8);
	const uint8_t *table, *p;
	uint64_t slot;
	uint16_t i;

	slot = (iova - MODEL_TABLE_IOVA) / (16u * m->max_chain);
	MODEL_CHECK(m, iova >= MODEL_TABLE_IOVA && slot < m->size);
	if (m->err != NULL)
		return;
	MODEL_CHECK(m, iova == MODEL_TABLE_IOVA + slot * m->max_chain * 16);
	MODEL_CHECK(m, len == 16u * m->nb_desc[slot]);
	table = (const uint8_t *)(m->tables + slot * m->max_chain);
	for (i = 0; i < m->nb_desc[slot]; i++) {
		p = table + 16u * i;
		/* flags and next, or id and flags */
		model_check_entry(m, p, get16(p, m->packed ? 14 : 12), (uint16_t)slot, i,
				!m->packed);
		if (!m->packed && i + 1 < m->nb_desc[slot])
			MODEL_CHECK(m, get16(p, 14) == i + 1);
	}
	h->slot = (uint16_t)slot;
	h->nb_desc = 1;
}

static inline void
model_take_indirect(struct model *m, uint16_t id, struct model_held *h)
{
	const uint8_t *d = m->desc + 16u * id;

	MODEL_CHECK(m, get16(d, 12) == 4); /* INDIRECT, without NEXT and WRITE */
	MODEL_CHECK(m, !m->busy[id]);
	MODEL_CHECK(m, !m->in_order || id == m->next_desc);
	m->next_desc = (id + 1) & (m->size - 1);
	m->busy[id] = 1;
	model_take_table(m, d, h);
}

static inline void
model_take_direct(struct model *m, uint16_t id, struct model_held *h)
{
	uint16_t d = id, i = 0, slot;

	slot = (uint16_t)(get64(m->desc + 16u * d, 0) >> 16);
	MODEL_CHECK(m, slot < m->size);
	if (m->err != NULL)
		return;
	for (;;) {
		const uint8_t *p = m->desc + 16u * d;

		MODEL_CHECK(m, !m->busy[d]); /* in one chain only */
		MODEL_CHECK(m, !m->in_order || d == m->next_desc);
		m->next_desc = (d + 1) & (m->size - 1);
		m->busy[d] = 1;
		model_check_entry(m, p, get16(p, 12), slot, i, true);
		i++;
		if (!(get16(p, 12) & 1) || m->err != NULL)
			break;
		m->link[d] = get16(p, 14);
		d = m->link[d];
		MODEL_CHECK(m, d < m->size);
		MODEL_CHECK(m, i < m->size); /* no loop */
		if (m->err != NULL)
			return;
	}
	MODEL_CHECK(m, i == m->nb_desc[slot]);
	h->slot = slot;
	h->nb_desc = i;
}

static inline unsigned int
split_take(struct model *m)
{
	const uint16_t idx = model_load_idx(m->avail, 2);
	unsigned int nb = (uint16_t)(idx - m->dev_avail), i;

	MODEL_CHECK(m, nb <= m->size);
	MODEL_CHECK(m, m->nb_held + nb <= m->size);
	for (i = 0; i < nb && m->err == NULL; i++) {
		struct model_held *h = &m->held[m->nb_held];
		const uint16_t id = get16(m->avail, 4 + 2u * (m->dev_avail & (m->size - 1)));

		MODEL_CHECK(m, id < m->size);
		if (m->err != NULL)
			break;
		h->id = id;
		if (m->direct)
			model_take_direct(m, id, h);
		else
			model_take_indirect(m, id, h);
		m->nb_held++;
		m->dev_avail++;
		m->taken++;
	}
	return nb;
}

/* The driver polls: what it says about interrupts must keep the device silent. */
static inline void
model_check_silence(struct model *m, uint16_t old, uint16_t new)
{
	const uint16_t flags = get16(m->avail, 0);
	const uint16_t event = model_load_idx(m->avail, 4 + 2u * m->size);

	if (m->event_idx) {
		MODEL_CHECK(m, flags == 0); /* MUST be 0 with EVENT_IDX */
		MODEL_CHECK(m, !((uint16_t)(new - event - 1) < (uint16_t)(new - old)));
	} else {
		MODEL_CHECK(m, flags == 1);
	}
}

/** Write one used element at the device's next place; not visible before model_used_publish(). */
static inline void
model_used_put(struct model *m, uint16_t ahead, uint32_t id, uint32_t len)
{
	const size_t off = 4 + 8u * ((uint16_t)(m->dev_used + ahead) & (m->size - 1));

	put32(m->used, off, id);
	put32(m->used, off + 4, len);
}

static inline void
model_used_publish(struct model *m, uint16_t nb)
{
	const uint16_t old = m->dev_used;

	m->dev_used = (uint16_t)(old + nb);
	model_store_idx(m->used, 2, m->dev_used);
	model_check_silence(m, old, m->dev_used);
}

#include "packed_model.h"

/** The device takes everything that is available. @return how many. */
static inline unsigned int
model_take(struct model *m)
{
	return m->packed ? packed_take(m) : split_take(m);
}

/** Whether more is available than the device has taken. */
static inline bool
model_more(struct model *m)
{
	return m->packed ? packed_is_avail(m, m->dev_avail, m->avail_wrap) :
			   model_load_idx(m->avail, 2) != m->dev_avail;
}

/** The device asks for a kick at the next request, with EVENT_IDX. */
static inline void
model_want_kick(struct model *m)
{
	if (m->packed)
		packed_set_event(m, m->dev_avail, m->avail_wrap, 2);
	else
		/* avail_event stands behind the used ring [virtio 2.7.8]. */
		model_store_idx(m->used, 4 + 8u * m->size, m->dev_avail);
}

/* A request is no longer the device's. */
static inline void
model_let_go(struct model *m, const struct model_held *h)
{
	uint16_t d = h->id, j;

	m->nb_held_desc -= m->packed ? h->nb_desc : 0;
	for (j = 0; j < h->nb_desc; j++) {
		m->busy[d] = 0;
		if (m->packed || !m->direct)
			break;
		d = m->link[d];
	}
}

static inline void
model_drop_first(struct model *m, unsigned int at, unsigned int nb)
{
	m->nb_held -= nb;
	memmove(&m->held[at], &m->held[at + nb], (m->nb_held - at) * sizeof(m->held[0]));
}

#define MODEL_USED_LEN(slot) (0x1000u + (slot))

/**
 * The device finishes nb requests of those that it holds: the i-th finished is the one
 * at position pick[i] of the list as it then is (0: in order).
 * @param slots  gets the slots in order of completion; may be NULL.
 */
static inline void
model_complete(struct model *m, unsigned int nb, const unsigned int *pick, uint16_t *slots)
{
	unsigned int i, at, in_order = 0;

	for (i = 0; i < nb; i++) {
		at = pick == NULL ? in_order++ : pick[i] % m->nb_held;
		if (slots != NULL)
			slots[i] = m->held[at].slot;
		if (m->packed)
			packed_used_put(m, m->held[at].id, MODEL_USED_LEN(m->held[at].slot),
					m->held[at].nb_desc);
		else
			model_used_put(m, (uint16_t)i, m->held[at].id,
					MODEL_USED_LEN(m->held[at].slot));
		model_let_go(m, &m->held[at]);
		if (pick != NULL)
			model_drop_first(m, at, 1);
	}
	model_drop_first(m, 0, in_order);
	if (m->packed)
		packed_used_publish(m);
	else
		model_used_publish(m, (uint16_t)nb);
}

/**
 * IN_ORDER: the device finishes the first nb requests that it holds with one used entry, where
 * the first of them would have its own.
 */
static inline void
model_complete_batch(struct model *m, unsigned int nb, uint16_t *slots)
{
	const struct model_held *last = &m->held[nb - 1];
	unsigned int i, nb_desc = 0;

	for (i = 0; i < nb; i++) {
		slots[i] = m->held[i].slot;
		nb_desc += m->held[i].nb_desc;
		/* What stands in the others' entries means nothing. */
		if (!m->packed)
			model_used_put(m, (uint16_t)i, 0xffffffff, 0xffffffff);
	}
	if (m->packed)
		packed_used_put(m, last->id, MODEL_USED_LEN(last->slot), nb_desc);
	else
		model_used_put(m, 0, last->id, MODEL_USED_LEN(last->slot));
	for (i = 0; i < nb; i++)
		model_let_go(m, &m->held[i]);
	model_drop_first(m, 0, nb);
	if (m->packed)
		packed_used_publish(m);
	else
		model_used_publish(m, (uint16_t)nb);
}

#define BOTH_KINDS(k) \
	for ((k) = VCRYPTO_RING_SPLIT_INDIRECT; (k) <= VCRYPTO_RING_SPLIT_DIRECT; (k)++)

#define SPLIT_KINDS(k) ALL_KINDS(k) if (!((k) & VCRYPTO_RING_F_PACKED))
#define PACKED_KINDS(k) ALL_KINDS(k) if ((k) & VCRYPTO_RING_F_PACKED)
#define ALL_KINDS(k) for ((k) = 0; (k) < VCRYPTO_RING_NB; (k)++)

static const uint64_t feature_sets[] = {
		MODEL_F_VERSION_1,
		MODEL_F_VERSION_1 | MODEL_F_EVENT_IDX,
		MODEL_F_VERSION_1 | MODEL_F_EVENT_IDX | MODEL_F_ORDER_PLATFORM,
};

static inline uint64_t
features_of(unsigned int kind, uint64_t set)
{
	return set | (kind & VCRYPTO_RING_F_DIRECT ? 0 : MODEL_F_INDIRECT_DESC) |
		(kind & VCRYPTO_RING_F_PACKED ? MODEL_F_RING_PACKED : 0) |
		(kind & VCRYPTO_RING_F_IN_ORDER ? MODEL_F_IN_ORDER : 0);
}

/* Free slots of a test's driver side, taken in a random order. */
struct pool {
	uint16_t *slot;
	unsigned int nb;
};

static inline void
pool_create(struct pool *p, uint16_t size)
{
	p->slot = malloc(sizeof(*p->slot) * size);
	assert_non_null(p->slot);
	for (p->nb = 0; p->nb < size; p->nb++)
		p->slot[p->nb] = (uint16_t)p->nb;
}

static inline uint16_t
pool_take(struct pool *p, uint32_t r)
{
	const unsigned int at = r % p->nb;
	const uint16_t slot = p->slot[at];

	p->slot[at] = p->slot[--p->nb];
	return slot;
}

static inline uint16_t
add_n(struct model *m, uint16_t first_slot, uint16_t nb, uint16_t chain)
{
	struct vcrypto_ring_req req[64];
	uint16_t i;

	assert_true(nb <= 64);
	for (i = 0; i < nb; i++)
		model_fill(m, (uint16_t)(first_slot + i), chain, &req[i]);
	return vcrypto_ring_add(&m->ring, req, nb);
}

/* avail_event stands behind the used ring [virtio 2.7.8]. */
static inline void
set_avail_event(struct model *m, uint16_t v)
{
	model_store_idx(m->used, 4 + 8u * m->size, v);
}

/* Move the indices by nb requests, with a kick decision at the end. */
static inline void
advance(struct model *m, unsigned int nb)
{
	uint16_t slots[64];
	uint16_t k;

	while (nb > 0) {
		k = (uint16_t)RTE_MIN(nb, m->size);
		assert_int_equal(add_n(m, 0, k, 1), k);
		m->ops->publish(&m->ring);
		model_take(m);
		model_complete(m, k, NULL, NULL);
		assert_int_equal(m->ops->get(&m->ring, slots, NULL, k), k);
		nb -= k;
	}
	m->ops->kick_needed(&m->ring);
}

/*
 * Random sequences of add, publish, device, get: whatever is in flight, the chains arrive
 * as they were added, come back in the order of completion with their lengths, and add
 * takes exactly as many as fit. Chains of 1 to chain descriptors, or all of chain.
 */
static inline void
run_sequence(struct model *m, uint64_t nb_requests, bool mixed, uint64_t seed)
{
	const uint16_t size = m->size;
	struct vcrypto_ring_req *req = calloc(size, sizeof(*req));
	uint16_t *order = malloc(sizeof(*order) * size * 2); /* FIFO of completed slots */
	uint32_t *want_lens = malloc(sizeof(*want_lens) * size * 2);
	uint16_t *slots = malloc(sizeof(*slots) * size);
	uint32_t *lens = malloc(sizeof(*lens) * size);
	unsigned int *pick = malloc(sizeof(*pick) * size);
	unsigned int nb_order = 0, free_desc = size, i, k, fit, room;
	struct pool pool;
	uint64_t done = 0;
	bool with_lens, batch;
	int ret;

	assert_true(req && order && want_lens && slots && lens && pick);
	pool_create(&pool, size);
	while (done < nb_requests && m->err == NULL) {
		/* Add. With both sides quiet the room is known exactly. */
		if (m->direct)
			MODEL_CHECK(m, m->ops->room(&m->ring) == free_desc);
		else
			MODEL_CHECK(m, m->ops->room(&m->ring) >= size);
		k = unit_rand(&seed) % (RTE_MIN(pool.nb, 32u) + 1);
		if (unit_rand(&seed) % 16 == 0)
			k = pool.nb;
		fit = 0;
		room = free_desc;
		for (i = 0; i < k; i++) {
			const uint16_t n = mixed ? 1 + unit_rand(&seed) % m->max_chain
						 : m->max_chain;

			model_fill(m, pool_take(&pool, unit_rand(&seed)), n, &req[i]);
			if (fit == i && (!m->direct || n <= room)) {
				fit++;
				room -= n;
			}
		}
		if (k <= UNIT_BATCH && unit_rand(&seed) % 4 != 0) {
			ret = model_add(m, req, (uint16_t)k);
		} else {
			ret = vcrypto_ring_add(&m->ring, req, (uint16_t)k);
			for (i = 0; i < k; i++)
				m->told[req[i].slot] = 0;
		}
		MODEL_CHECK(m, ret == (int)fit);
		if (m->err != NULL)
			break;
		if (m->direct)
			free_desc = room;
		for (i = fit; i < k; i++)
			pool.slot[pool.nb++] = req[i].slot;
		/* Not visible yet. */
		MODEL_CHECK(m, !model_more(m));
		if (unit_rand(&seed) % 4 != 0) {
			m->ops->publish(&m->ring);
			model_take(m);
		}
		/* Complete some, in order or not. */
		if (m->nb_held != 0) {
			k = unit_rand(&seed) % m->nb_held + (unit_rand(&seed) & 1);
			for (i = 0; i < k; i++)
				pick[i] = unit_rand(&seed);
			batch = m->in_order && k != 0 && (unit_rand(&seed) & 1);
			if (batch)
				model_complete_batch(m, k, order + nb_order);
			else
				model_complete(m, k, !m->in_order && unit_rand(&seed) & 1 ? pick :
						NULL, order + nb_order);
			for (i = 0; i < k; i++, nb_order++)
				want_lens[nb_order] = batch && i + 1 != k ?
						VCRYPTO_RING_LEN_UNKNOWN :
						MODEL_USED_LEN(order[nb_order]);
		}
		/* Collect some. */
		k = unit_rand(&seed) % (size + 1);
		with_lens = unit_rand(&seed) & 1;
		ret = m->ops->get(&m->ring, slots, with_lens ? lens : NULL, (uint16_t)k);
		MODEL_CHECK(m, ret == (int)RTE_MIN(k, nb_order));
		if (m->err != NULL)
			break;
		for (i = 0; i < (unsigned int)ret; i++) {
			MODEL_CHECK(m, slots[i] == order[i]);
			MODEL_CHECK(m, !with_lens || lens[i] == want_lens[i]);
			pool.slot[pool.nb++] = order[i];
			if (m->direct)
				free_desc += m->nb_desc[order[i]];
		}
		nb_order -= (unsigned int)ret;
		memmove(order, order + ret, nb_order * sizeof(*order));
		memmove(want_lens, want_lens + ret, nb_order * sizeof(*want_lens));
		done += (unsigned int)ret;
	}
	/* Nothing is lost: the rest comes back as well. */
	m->ops->publish(&m->ring);
	model_take(m);
	model_complete(m, m->nb_held, NULL, order + nb_order);
	while (m->err == NULL) {
		ret = m->ops->get(&m->ring, slots, lens, size);
		if (ret <= 0)
			break;
		for (i = 0; i < (unsigned int)ret; i++)
			pool.slot[pool.nb++] = slots[i];
	}
	MODEL_CHECK(m, pool.nb == size);
	MODEL_CHECK(m, m->ops->reclaim(&m->ring) == -1);
	MODEL_CHECK(m, m->ring.broken == VCRYPTO_RING_OK);
	free(pool.slot);
	free(req);
	free(order);
	free(want_lens);
	free(slots);
	free(lens);
	free(pick);
}

/*
 * Slots that the driver has not got back before the fault: reclaim returns each of
 * them once, and nothing else. The bits of out are the slots that are with the device.
 */
static inline void
check_reclaim(struct model *m, uint32_t out, const char *name)
{
	unsigned int i;
	int slot;

	for (i = 0; i <= m->size; i++) {
		slot = m->ops->reclaim(&m->ring);
		if (slot < 0)
			break;
		if (slot >= m->size || !(out & 1u << slot))
			fail_msg("%s: reclaim gave slot %d, which is not out", name, slot);
		out &= ~(1u << slot);
	}
	if (out != 0)
		fail_msg("%s: reclaim did not give slots 0x%x", name, out);
	assert_int_equal(m->ops->reclaim(&m->ring), -1);
	if (m->direct && m->ops->room(&m->ring) != m->size)
		fail_msg("%s: %u of %u descriptors are free after reclaim", name,
				m->ops->room(&m->ring), m->size);
}

/* Size of the rings that faults are tried on. */
#define DISTRUST_SIZE 16

/* Three requests of two descriptors are with the device, in slots 4 to 6, after some traffic. */
static inline void
distrust_prepare(struct model *m, unsigned int kind, uint64_t set, bool near_wrap)
{
	model_create(m, (enum vcrypto_ring_kind)kind, DISTRUST_SIZE, 4, features_of(kind, set));
	advance(m, near_wrap ? 65534 : 21);
	assert_int_equal(add_n(m, 4, 3, 2), 3);
	m->ops->publish(&m->ring);
	assert_int_equal(model_take(m), 3);
	model_judge(m, "distrust");
}

/** Requests that take the 16-bit indices around n times. */
#define WRAPS(n) ((uint64_t)(n) * 65536 + 1000)

#endif /* RING_MODEL_H */
