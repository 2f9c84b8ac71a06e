/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The split ring, indirect and direct, against a model of the device that
 * reads raw memory at the specification's offsets (ring_model.h).
 */

#include "ring_model.h"

#include <pthread.h>
#include <time.h>

#define BOTH_KINDS(k) \
	for ((k) = VCRYPTO_RING_SPLIT_INDIRECT; (k) <= VCRYPTO_RING_SPLIT_DIRECT; (k)++)

static const uint64_t feature_sets[] = {
		MODEL_F_VERSION_1,
		MODEL_F_VERSION_1 | MODEL_F_EVENT_IDX,
		MODEL_F_VERSION_1 | MODEL_F_EVENT_IDX | MODEL_F_ORDER_PLATFORM,
};

static uint64_t
features_of(unsigned int kind, uint64_t set)
{
	return set | (kind == VCRYPTO_RING_SPLIT_INDIRECT ? MODEL_F_INDIRECT_DESC : 0);
}

/* Free slots of a test's driver side, taken in a random order. */
struct pool {
	uint16_t *slot;
	unsigned int nb;
};

static void
pool_create(struct pool *p, uint16_t size)
{
	p->slot = malloc(sizeof(*p->slot) * size);
	assert_non_null(p->slot);
	for (p->nb = 0; p->nb < size; p->nb++)
		p->slot[p->nb] = (uint16_t)p->nb;
}

static uint16_t
pool_take(struct pool *p, uint32_t r)
{
	const unsigned int at = r % p->nb;
	const uint16_t slot = p->slot[at];

	p->slot[at] = p->slot[--p->nb];
	return slot;
}

/*
 * Random sequences of add, publish, device, get: whatever is in flight, the chains arrive
 * as they were added, come back in the order of completion with their lengths, and add
 * takes exactly as many as fit. Chains of 1 to chain descriptors, or all of chain.
 */
static void
run_sequence(struct model *m, uint64_t nb_requests, bool mixed, uint64_t seed)
{
	const uint16_t size = m->size;
	struct vcrypto_ring_req *req = calloc(size, sizeof(*req));
	uint16_t *order = malloc(sizeof(*order) * size * 2); /* FIFO of completed slots */
	uint16_t *slots = malloc(sizeof(*slots) * size);
	uint32_t *lens = malloc(sizeof(*lens) * size);
	unsigned int *pick = malloc(sizeof(*pick) * size);
	unsigned int nb_order = 0, free_desc = size, i, k, fit, room;
	struct pool pool;
	uint64_t done = 0;
	bool with_lens;
	int ret;

	assert_true(req && order && slots && lens && pick);
	pool_create(&pool, size);
	while (done < nb_requests && m->err == NULL) {
		const uint16_t idx_before = model_load_idx(m->avail, 2);

		/* Add. With both sides quiet the room is known exactly. */
		if (m->kind == VCRYPTO_RING_SPLIT_DIRECT)
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
			if (fit == i && (m->kind == VCRYPTO_RING_SPLIT_INDIRECT || n <= room)) {
				fit++;
				room -= n;
			}
		}
		ret = vcrypto_ring_add(&m->ring, req, (uint16_t)k);
		MODEL_CHECK(m, ret == (int)fit);
		if (m->err != NULL)
			break;
		if (m->kind == VCRYPTO_RING_SPLIT_DIRECT)
			free_desc = room;
		for (i = fit; i < k; i++)
			pool.slot[pool.nb++] = req[i].slot;
		/* Not visible yet. */
		MODEL_CHECK(m, model_load_idx(m->avail, 2) == idx_before);
		if (unit_rand(&seed) % 4 != 0) {
			m->ops->publish(&m->ring);
			model_take(m);
		}
		/* Complete some, in order or not. */
		if (m->nb_held != 0) {
			k = unit_rand(&seed) % m->nb_held + (unit_rand(&seed) & 1);
			for (i = 0; i < k; i++)
				pick[i] = unit_rand(&seed);
			model_complete(m, k, unit_rand(&seed) & 1 ? pick : NULL,
					order + nb_order);
			nb_order += k;
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
			MODEL_CHECK(m, !with_lens || lens[i] == 0x1000u + slots[i]);
			pool.slot[pool.nb++] = order[i];
			if (m->kind == VCRYPTO_RING_SPLIT_DIRECT)
				free_desc += m->nb_desc[order[i]];
		}
		nb_order -= (unsigned int)ret;
		memmove(order, order + ret, nb_order * sizeof(*order));
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
		for (i = 0; i < (unsigned int)ret; i++) {
			MODEL_CHECK(m, lens[i] == 0x1000u + slots[i]);
			pool.slot[pool.nb++] = slots[i];
		}
	}
	MODEL_CHECK(m, pool.nb == size);
	MODEL_CHECK(m, m->ops->reclaim(&m->ring) == -1);
	MODEL_CHECK(m, m->ring.broken == VCRYPTO_RING_OK);
	free(pool.slot);
	free(req);
	free(order);
	free(slots);
	free(lens);
	free(pick);
}

static void
one_sequence(unsigned int kind, uint16_t size, uint16_t chain, uint64_t set, uint64_t nb,
		bool mixed)
{
	struct model m;

	model_create(&m, (enum vcrypto_ring_kind)kind, size, chain, features_of(kind, set));
	run_sequence(&m, nb, mixed, 88172645463325252u + size * 1000u + chain);
	model_judge(&m, "sequence");
	assert_true(m.taken >= nb);
	model_destroy(&m);
}

#define WRAPS(n) ((uint64_t)(n) * 65536 + 1000)

/* Each chain length, three wraps of the 16-bit indices. */
static void
test_every_chain_small_rings(void **state)
{
	unsigned int kind, size, chain;

	(void)state;
	BOTH_KINDS(kind)
		for (size = 1; size <= 16; size *= 2)
			for (chain = 1; chain <= size; chain++)
				one_sequence(kind, (uint16_t)size, (uint16_t)chain,
						feature_sets[chain % UNIT_DIM(feature_sets)],
						WRAPS(3), false);
}

static void
test_every_chain_larger_rings(void **state)
{
	unsigned int kind, size, chain;

	(void)state;
	BOTH_KINDS(kind)
		for (size = 32; size <= 256; size *= 2)
			for (chain = 1; chain <= size; chain++) {
				/* All lengths over several wraps of the ring, some over those of the index. */
				const bool index = size <= 64 && (chain <= 3 || chain == 6 ||
					chain == 7 || chain == size);

				one_sequence(kind, (uint16_t)size, (uint16_t)chain,
						feature_sets[chain % UNIT_DIM(feature_sets)],
						index ? WRAPS(1) : size * 5u, false);
			}
}

static void
test_mixed_chains(void **state)
{
	static const uint16_t sizes[] = {2, 8, 64, 1024};
	unsigned int kind, i, f;

	(void)state;
	BOTH_KINDS(kind)
		for (i = 0; i < UNIT_DIM(sizes); i++)
			for (f = 0; f < UNIT_DIM(feature_sets); f++)
				one_sequence(kind, sizes[i], RTE_MIN(sizes[i], 60), feature_sets[f],
						WRAPS(1), true);
}

/* The largest ring there is: a batch moves the index by half of its range. */
static void
test_largest_ring(void **state)
{
	unsigned int kind, round, i;
	struct vcrypto_ring_req *req;
	uint16_t *slots;
	struct model m;

	(void)state;
	BOTH_KINDS(kind) {
		for (i = 0; i < 2; i++) {
			model_create(&m, (enum vcrypto_ring_kind)kind, 32768, 1,
					features_of(kind, feature_sets[i]));
			req = calloc(m.size, sizeof(*req));
			slots = calloc(m.size, sizeof(*slots));
			assert_true(req && slots);
			for (round = 0; round < 7; round++) {
				for (unsigned int s = 0; s < m.size; s++)
					model_fill(&m, (uint16_t)s, 1, &req[s]);
				assert_int_equal(vcrypto_ring_add(&m.ring, req, m.size), m.size);
				m.ops->publish(&m.ring);
				assert_int_equal(model_take(&m), m.size);
				model_complete(&m, m.nb_held, NULL, NULL);
				assert_int_equal(m.ops->get(&m.ring, slots, NULL, m.size), m.size);
				for (unsigned int s = 0; s < m.size; s++)
					MODEL_CHECK(&m, slots[s] == s);
			}
			model_judge(&m, "largest ring");
			free(req);
			free(slots);
			model_destroy(&m);
		}
	}
}

static void
test_init_sizes(void **state)
{
	static const uint16_t bad[] = {0, 3, 5, 6, 7, 9, 12, 1000, 1023, 1025, 32767, 32769, 49152,
			65535};
	unsigned int kind, i;
	void *mem = aligned_alloc(4096, 4096), *priv = aligned_alloc(64, 4096);
	struct vcrypto_ring r;

	(void)state;
	assert_true(mem && priv);
	BOTH_KINDS(kind) {
		for (i = 0; i < UNIT_DIM(bad); i++) {
			assert_int_equal(vcrypto_ring_mem_size((enum vcrypto_ring_kind)kind, bad[i]), 0);
			assert_int_equal(vcrypto_ring_init(&r, (enum vcrypto_ring_kind)kind, 0,
					bad[i], mem, 0x1000, priv, MODEL_F_VERSION_1), -EINVAL);
		}
		for (i = 1; i <= 32768; i *= 2)
			assert_true(vcrypto_ring_mem_size((enum vcrypto_ring_kind)kind,
					(uint16_t)i) >= 26u * i + 12);
	}
	free(mem);
	free(priv);
}

/* What the device finds before the first request [virtio 2.7.10, 4.1.5.1.3]. */
static void
test_init_memory(void **state)
{
	unsigned int kind, f, i;
	struct model m;

	(void)state;
	BOTH_KINDS(kind)
		for (f = 0; f < UNIT_DIM(feature_sets); f++) {
			model_create(&m, (enum vcrypto_ring_kind)kind, 64, 1,
					features_of(kind, feature_sets[f]));
			for (i = 0; i < 16u * 64; i++)
				assert_int_equal(m.desc[i], 0);
			for (i = 2; i < 4 + 2u * 64; i++)
				assert_int_equal(m.avail[i], 0);
			for (i = 0; i < 6 + 8u * 64; i++)
				assert_int_equal(m.used[i], 0);
			model_check_silence(&m, 0, 1);
			model_judge(&m, "init");
			assert_int_equal(m.ring.broken, VCRYPTO_RING_OK);
			assert_int_equal(m.ops->reclaim(&m.ring), -1);
			model_destroy(&m);
		}
}

/* c.13: no INDIRECT flag unless the feature was negotiated. */
static void
test_kind_pick(void **state)
{
	(void)state;
	assert_int_equal(vcrypto_ring_kind_pick(MODEL_F_VERSION_1 | MODEL_F_EVENT_IDX),
			VCRYPTO_RING_SPLIT_DIRECT);
	assert_int_equal(vcrypto_ring_kind_pick(MODEL_F_VERSION_1 | MODEL_F_INDIRECT_DESC),
			VCRYPTO_RING_SPLIT_INDIRECT);
}

static void
test_desc_fmt(void **state)
{
	unsigned int kind;

	(void)state;
	BOTH_KINDS(kind) {
		const struct vcrypto_desc_fmt *fmt = &vcrypto_ring_ops[kind]->fmt;

		assert_int_equal(fmt->read, 0x00010001); /* next 1, NEXT */
		assert_int_equal(fmt->write, 0x00010003); /* next 1, NEXT | WRITE */
		assert_int_equal(fmt->step, 0x00010000);
		assert_int_equal(fmt->last, 0x00000002); /* WRITE */
		assert_non_null(vcrypto_ring_ops[kind]->name);
	}
}

static void
test_fault_names(void **state)
{
	(void)state;
	assert_non_null(vcrypto_ring_fault_name(VCRYPTO_RING_USED_IDX));
	assert_string_not_equal(vcrypto_ring_fault_name(VCRYPTO_RING_USED_IDX),
			vcrypto_ring_fault_name(VCRYPTO_RING_BAD_ID));
	assert_string_not_equal(vcrypto_ring_fault_name(VCRYPTO_RING_NOT_ISSUED),
			vcrypto_ring_fault_name(VCRYPTO_RING_BAD_ID));
	assert_string_not_equal(vcrypto_ring_fault_name(VCRYPTO_RING_NOT_ISSUED),
			vcrypto_ring_fault_name(VCRYPTO_RING_USED_IDX));
}

static uint16_t
add_n(struct model *m, uint16_t first_slot, uint16_t nb, uint16_t chain)
{
	struct vcrypto_ring_req req[64];
	uint16_t i;

	assert_true(nb <= 64);
	for (i = 0; i < nb; i++)
		model_fill(m, (uint16_t)(first_slot + i), chain, &req[i]);
	return vcrypto_ring_add(&m->ring, req, nb);
}

/* Direct chains run out of descriptors: fewer are taken, in order, and none is lost. */
static void
test_direct_exhaustion(void **state)
{
	uint16_t slots[8];
	struct model m;

	(void)state;
	model_create(&m, VCRYPTO_RING_SPLIT_DIRECT, 8, 8, MODEL_F_VERSION_1);
	assert_int_equal(add_n(&m, 0, 3, 3), 2); /* 6 of 8 taken */
	assert_int_equal(add_n(&m, 2, 1, 3), 0);
	assert_int_equal(add_n(&m, 2, 2, 2), 1); /* 8 of 8 */
	assert_int_equal(add_n(&m, 3, 5, 1), 0);
	m.ops->publish(&m.ring);
	assert_int_equal(model_take(&m), 3);
	assert_int_equal(add_n(&m, 3, 5, 1), 0);
	model_complete(&m, 1, NULL, NULL);
	/* Used, but not collected: the descriptors are not free yet. */
	assert_int_equal(add_n(&m, 3, 1, 1), 0);
	assert_int_equal(m.ops->get(&m.ring, slots, NULL, 8), 1);
	assert_int_equal(slots[0], 0);
	assert_int_equal(add_n(&m, 3, 5, 1), 3);
	assert_int_equal(add_n(&m, 0, 1, 1), 0);
	m.ops->publish(&m.ring);
	assert_int_equal(model_take(&m), 3);
	model_complete(&m, m.nb_held, NULL, NULL);
	assert_int_equal(m.ops->get(&m.ring, slots, NULL, 8), 5);
	/* The longest chain: all descriptors. */
	assert_int_equal(add_n(&m, 5, 1, 8), 1);
	assert_int_equal(add_n(&m, 6, 1, 1), 0);
	m.ops->publish(&m.ring);
	assert_int_equal(model_take(&m), 1);
	model_complete(&m, 1, NULL, NULL);
	assert_int_equal(m.ops->get(&m.ring, slots, NULL, 8), 1);
	assert_int_equal(slots[0], 5);
	model_judge(&m, "exhaustion");
	model_destroy(&m);
}

/* One by one, table and all: the same limits. */
static void
test_add_one_by_one(void **state)
{
	struct vcrypto_ring_req req[5];
	unsigned int kind, i;
	uint16_t slots[8];
	struct model m;

	(void)state;
	BOTH_KINDS(kind) {
		model_create(&m, (enum vcrypto_ring_kind)kind, 8, 8,
				features_of(kind, MODEL_F_VERSION_1));
		for (i = 0; i < 5; i++)
			model_fill(&m, (uint16_t)i, 2, &req[i]);
		assert_int_equal(vcrypto_ring_add(&m.ring, req, 5),
				kind == VCRYPTO_RING_SPLIT_DIRECT ? 4 : 5);
		m.ops->publish(&m.ring);
		model_take(&m);
		model_complete(&m, m.nb_held, NULL, NULL);
		assert_int_equal(m.ops->get(&m.ring, slots, NULL, 8),
				kind == VCRYPTO_RING_SPLIT_DIRECT ? 4 : 5);
		model_judge(&m, "one by one");
		model_destroy(&m);
	}
}

/* A request that does not fit is not overtaken by a smaller one behind it. */
static void
test_direct_no_overtaking(void **state)
{
	struct vcrypto_ring_req req[3];
	struct model m;

	(void)state;
	model_create(&m, VCRYPTO_RING_SPLIT_DIRECT, 8, 8, MODEL_F_VERSION_1);
	model_fill(&m, 0, 6, &req[0]);
	model_fill(&m, 1, 3, &req[1]);
	model_fill(&m, 2, 1, &req[2]);
	assert_int_equal(vcrypto_ring_add(&m.ring, req, 3), 1);
	assert_int_equal(vcrypto_ring_add(&m.ring, &req[2], 1), 1);
	assert_int_equal(vcrypto_ring_add(&m.ring, req, 0), 0);
	m.ops->publish(&m.ring);
	assert_int_equal(model_take(&m), 2);
	assert_int_equal(m.held[0].slot, 0);
	assert_int_equal(m.held[1].slot, 2);
	model_judge(&m, "overtaking");
	model_destroy(&m);
}

/* Indirect chains as long as the ring take one ring entry each: the ring holds size of them. */
static void
test_indirect_full(void **state)
{
	uint16_t slots[16];
	struct model m;
	unsigned int round;

	(void)state;
	model_create(&m, VCRYPTO_RING_SPLIT_INDIRECT, 16, 16,
			MODEL_F_VERSION_1 | MODEL_F_INDIRECT_DESC);
	for (round = 0; round < 5; round++) {
		assert_int_equal(add_n(&m, 0, 16, 16), 16);
		assert_int_equal(m.ops->get(&m.ring, slots, NULL, 16), 0);
		m.ops->publish(&m.ring);
		assert_int_equal(model_take(&m), 16);
		assert_int_equal(m.ops->get(&m.ring, slots, NULL, 16), 0);
		model_complete(&m, 16, NULL, NULL);
		assert_int_equal(m.ops->get(&m.ring, slots, NULL, 16), 16);
	}
	model_judge(&m, "full");
	model_destroy(&m);
}

/*
 * DPDK's vhost back end needs descriptor index = avail slot. While slots are taken in order
 * and completed in order, an indirect ring gives it that.
 */
static void
test_indirect_head_is_avail_slot(void **state)
{
	uint16_t slots[8], at;
	struct model m;
	unsigned int i;

	(void)state;
	model_create(&m, VCRYPTO_RING_SPLIT_INDIRECT, 8, 6,
			MODEL_F_VERSION_1 | MODEL_F_INDIRECT_DESC);
	for (i = 0; i < 50; i++) {
		at = i & 7;
		assert_int_equal(add_n(&m, at, 1, 6), 1);
		m.ops->publish(&m.ring);
		assert_int_equal(get16(m.avail, 4 + 2u * at), at);
		model_take(&m);
		model_complete(&m, 1, NULL, NULL);
		assert_int_equal(m.ops->get(&m.ring, slots, NULL, 8), 1);
	}
	model_judge(&m, "head");
	model_destroy(&m);
}

/* Move the indices by nb requests, with a kick decision at the end. */
static void
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

/* avail_event stands behind the used ring [virtio 2.7.8]. */
static void
set_avail_event(struct model *m, uint16_t v)
{
	model_store_idx(m->used, 4 + 8u * m->size, v);
}

/* One decision: nb more published (in one or two steps), against the formula of 2.7.10. */
static void
one_kick(struct model *m, uint16_t nb, uint16_t event, bool two_steps)
{
	const uint16_t old = model_load_idx(m->avail, 2), new = (uint16_t)(old + nb);
	const bool want = (uint16_t)(new - event - 1) < (uint16_t)(new - old);
	const uint16_t first = two_steps ? nb / 2 : nb;
	uint16_t slots[64];
	bool got;

	set_avail_event(m, event);
	/* Flag bit 0 must be ignored with EVENT_IDX. */
	put16(m->used, 0, event & 1);
	assert_int_equal(add_n(m, 0, first, 1), first);
	m->ops->publish(&m->ring);
	if (two_steps) {
		assert_int_equal(add_n(m, first, nb - first, 1), nb - first);
		m->ops->publish(&m->ring);
	}
	assert_int_equal(model_load_idx(m->avail, 2), new);
	assert_int_equal(m->ops->notify_state(&m->ring), new);
	got = m->ops->kick_needed(&m->ring);
	if (got != want)
		fail_msg("event %u old %u new %u: kick %d, formula says %d", event, old, new, got,
				want);
	/* Decided once; nothing new, nothing to say. */
	assert_false(m->ops->kick_needed(&m->ring));
	model_take(m);
	model_complete(m, nb, NULL, NULL);
	assert_int_equal(m->ops->get(&m->ring, slots, NULL, 64), nb);
	model_judge(m, "kick");
}

static void
test_kick_event_idx(void **state)
{
	unsigned int kind, nb, back, sweep;
	int delta;
	struct model m;

	(void)state;
	BOTH_KINDS(kind) {
		model_create(&m, (enum vcrypto_ring_kind)kind, 8, 1,
				features_of(kind, MODEL_F_VERSION_1 | MODEL_F_EVENT_IDX));
		/* Anywhere. */
		for (sweep = 0; sweep < 20; sweep++)
			for (nb = 0; nb <= 8; nb++)
				for (delta = -4; delta <= 13; delta++)
					one_kick(&m, (uint16_t)nb,
							(uint16_t)(model_load_idx(m.avail, 2) +
								delta), sweep & 1);
		/* Old index at each of the places from which the new one wraps or just does not. */
		for (nb = 0; nb <= 8; nb += nb < 4 ? 1 : 2)
			for (back = 0; back <= nb + 1; back++)
				for (delta = -2; delta <= (int)nb + 2; delta++) {
					const uint16_t start = (uint16_t)-back;

					advance(&m, (uint16_t)(start - model_load_idx(m.avail, 2)));
					one_kick(&m, (uint16_t)nb, (uint16_t)(start + delta),
							back & 1);
				}
		/* Far away. */
		one_kick(&m, 8, (uint16_t)(model_load_idx(m.avail, 2) + 32768), false);
		one_kick(&m, 8, (uint16_t)(model_load_idx(m.avail, 2) - 32768), false);
		model_destroy(&m);
	}
}

static void
test_kick_event_idx_random(void **state)
{
	uint64_t seed = 0x1234567;
	unsigned int kind, i;
	struct model m;

	(void)state;
	BOTH_KINDS(kind) {
		model_create(&m, (enum vcrypto_ring_kind)kind, 64, 1,
				features_of(kind, MODEL_F_VERSION_1 | MODEL_F_EVENT_IDX));
		for (i = 0; i < 20000; i++) {
			const uint16_t near = (uint16_t)(model_load_idx(m.avail, 2) +
					unit_rand(&seed) % 80);

			one_kick(&m, unit_rand(&seed) % 65,
					i & 1 ? near : (uint16_t)unit_rand(&seed), i & 2);
		}
		model_destroy(&m);
	}
}

/* Without EVENT_IDX: MUST notify if flags is 0, SHOULD NOT if it is 1; avail_event is not read. */
static void
test_kick_flags(void **state)
{
	unsigned int kind, i, set;
	uint64_t seed = 99;
	struct model m;
	uint16_t slots[8];

	(void)state;
	BOTH_KINDS(kind)
		for (set = 0; set < 2; set++) {
			model_create(&m, (enum vcrypto_ring_kind)kind, 8, 1,
					features_of(kind, MODEL_F_VERSION_1 |
						(set ? MODEL_F_ORDER_PLATFORM : 0)));
			for (i = 0; i < 1000; i++) {
				const uint16_t quiet = unit_rand(&seed) & 1;
				const uint16_t nb = 1 + unit_rand(&seed) % 8;

				put16(m.used, 0, quiet);
				set_avail_event(&m, (uint16_t)unit_rand(&seed));
				assert_int_equal(add_n(&m, 0, nb, 1), nb);
				m.ops->publish(&m.ring);
				assert_int_equal(m.ops->notify_state(&m.ring),
						model_load_idx(m.avail, 2));
				assert_int_equal(m.ops->kick_needed(&m.ring), !quiet);
				model_take(&m);
				model_complete(&m, nb, NULL, NULL);
				assert_int_equal(m.ops->get(&m.ring, slots, NULL, 8), nb);
			}
			model_judge(&m, "flags");
			model_destroy(&m);
		}
}

/* NOTIFICATION_DATA: the 16 bits are avail.idx over its whole range [virtio 4.1.5.2]. */
static void
test_notify_state_wraps(void **state)
{
	unsigned int i;
	struct model m;

	(void)state;
	model_create(&m, VCRYPTO_RING_SPLIT_INDIRECT, 64, 1,
			MODEL_F_VERSION_1 | MODEL_F_INDIRECT_DESC);
	for (i = 0; i < 3000; i++) {
		advance(&m, 61);
		assert_int_equal(m.ops->notify_state(&m.ring), (61 * (i + 1)) & 0xffff);
	}
	/* What is added but not published does not count. */
	assert_int_equal(add_n(&m, 0, 3, 1), 3);
	assert_int_equal(m.ops->notify_state(&m.ring), (61 * 3000) & 0xffff);
	m.ops->publish(&m.ring);
	assert_int_equal(m.ops->notify_state(&m.ring), (61 * 3000 + 3) & 0xffff);
	model_destroy(&m);
}

/*
 * Distrust. Each case brings a ring to the same state - three requests of two descriptors
 * with the device, after some traffic - and breaks one rule.
 */
#define DISTRUST_SIZE 16

struct distrust {
	const char *name;
	enum vcrypto_ring_fault fault;
	void (*break_rule)(struct model *m);
	unsigned int good; /* most slots that may come out before the fault is met */
};

static void
used_jump(struct model *m, uint16_t by)
{
	unsigned int i;

	/* Whatever the ring says there, the index alone is the crime. */
	for (i = 0; i < m->nb_held; i++)
		model_used_put(m, (uint16_t)i, m->held[i].id, 0);
	model_store_idx(m->used, 2, (uint16_t)(m->dev_used + by));
}

static void
break_idx_one_more(struct model *m)
{
	used_jump(m, (uint16_t)(m->nb_held + 1));
}

static void
break_idx_ring_size(struct model *m)
{
	used_jump(m, DISTRUST_SIZE);
}

static void
break_idx_far(struct model *m)
{
	used_jump(m, 0x8000);
}

static void
break_idx_back(struct model *m)
{
	used_jump(m, 0xffff);
}

/* A request that was added but not published cannot have been used. */
static void
break_idx_unpublished(struct model *m)
{
	assert_int_equal(add_n(m, 10, 1, 2), 1);
	used_jump(m, (uint16_t)(m->nb_held + 1));
}

static void
break_id(struct model *m, uint32_t id)
{
	model_used_put(m, 0, id, 0);
	model_store_idx(m->used, 2, (uint16_t)(m->dev_used + 1));
}

static void
break_id_size(struct model *m)
{
	break_id(m, DISTRUST_SIZE);
}

static void
break_id_60000(struct model *m)
{
	break_id(m, 60000);
}

static void
break_id_all_ones(struct model *m)
{
	break_id(m, UINT32_MAX);
}

/* The id has 32 bits: one that is right in its lower 16 only is wrong. */
static void
break_id_upper_half(struct model *m)
{
	break_id(m, 0x10000u | m->held[0].id);
}

static void
break_id_top_bit(struct model *m)
{
	break_id(m, 0x80000000u | m->held[0].id);
}

static void
break_id_second(struct model *m)
{
	model_used_put(m, 0, m->held[1].id, 0);
	model_used_put(m, 1, 0xffff, 0);
	model_store_idx(m->used, 2, (uint16_t)(m->dev_used + 2));
}

/* A descriptor that is not the head of an outstanding chain. */
static void
break_not_issued(struct model *m)
{
	unsigned int id, i;
	bool held;

	for (id = 0; id < DISTRUST_SIZE; id++) {
		held = m->busy[id];
		for (i = 0; i < m->nb_held; i++)
			held = held || m->held[i].id == id;
		if (!held)
			break;
	}
	assert_true(id < DISTRUST_SIZE);
	break_id(m, id);
}

static void
break_inner_desc(struct model *m)
{
	if (m->kind == VCRYPTO_RING_SPLIT_DIRECT)
		break_id(m, m->link[m->held[1].id]);
	else
		break_not_issued(m);
}

static void
break_double_use(struct model *m)
{
	model_used_put(m, 0, m->held[0].id, 0);
	model_used_put(m, 1, m->held[0].id, 0);
	model_store_idx(m->used, 2, (uint16_t)(m->dev_used + 2));
}

/* Used again after the driver has collected it. */
static void
break_double_use_late(struct model *m)
{
	const uint16_t id = m->held[0].id;
	uint16_t slot;

	model_complete(m, 1, NULL, NULL);
	assert_int_equal(m->ops->get(&m->ring, &slot, NULL, 1), 1);
	break_id(m, id);
}

/* Added but not published: its id is known to the ring, not to the device. */
static void
break_id_unpublished(struct model *m)
{
	/* In an indirect ring the head of slot 10 is unused by the three that are out. */
	assert_int_equal(add_n(m, 10, 1, 2), 1);
	break_id(m, get16(m->avail, 4 + 2u * (m->dev_avail & (DISTRUST_SIZE - 1))));
}

static const struct distrust distrusts[] = {
		{"index one more than outstanding", VCRYPTO_RING_USED_IDX, break_idx_one_more, 0},
		{"index ahead by the ring's size", VCRYPTO_RING_USED_IDX, break_idx_ring_size, 0},
		{"index ahead by 32768", VCRYPTO_RING_USED_IDX, break_idx_far, 0},
		{"index backwards", VCRYPTO_RING_USED_IDX, break_idx_back, 0},
		{"index covers an unpublished request", VCRYPTO_RING_USED_IDX,
				break_idx_unpublished, 0},
		{"id = size", VCRYPTO_RING_BAD_ID, break_id_size, 0},
		{"c.11 id 60000", VCRYPTO_RING_BAD_ID, break_id_60000, 0},
		{"id all ones", VCRYPTO_RING_BAD_ID, break_id_all_ones, 0},
		{"id right in its lower half", VCRYPTO_RING_BAD_ID, break_id_upper_half, 0},
		{"id with its top bit set", VCRYPTO_RING_BAD_ID, break_id_top_bit, 0},
		{"bad id after a good one", VCRYPTO_RING_BAD_ID, break_id_second, 1},
		{"c.11 id never issued", VCRYPTO_RING_NOT_ISSUED, break_not_issued, 0},
		{"id inside a chain", VCRYPTO_RING_NOT_ISSUED, break_inner_desc, 0},
		{"c.11 double use", VCRYPTO_RING_NOT_ISSUED, break_double_use, 1},
		{"double use after get", VCRYPTO_RING_NOT_ISSUED, break_double_use_late, 0},
};

static void
distrust_prepare(struct model *m, unsigned int kind, uint64_t set, bool near_wrap)
{
	model_create(m, (enum vcrypto_ring_kind)kind, DISTRUST_SIZE, 4, features_of(kind, set));
	advance(m, near_wrap ? 65534 : 21);
	assert_int_equal(add_n(m, 4, 3, 2), 3);
	m->ops->publish(&m->ring);
	assert_int_equal(model_take(m), 3);
	model_judge(m, "distrust");
}

/*
 * Slots that the driver has not got back before the fault: reclaim returns each of
 * them once, and nothing else. The bits of out are the slots that are with the device.
 */
static void
check_reclaim(struct model *m, uint32_t out, const char *name)
{
	unsigned int i;
	int slot;

	for (i = 0; i <= DISTRUST_SIZE; i++) {
		slot = m->ops->reclaim(&m->ring);
		if (slot < 0)
			break;
		if (slot >= DISTRUST_SIZE || !(out & 1u << slot))
			fail_msg("%s: reclaim gave slot %d, which is not out", name, slot);
		out &= ~(1u << slot);
	}
	if (out != 0)
		fail_msg("%s: reclaim did not give slots 0x%x", name, out);
	assert_int_equal(m->ops->reclaim(&m->ring), -1);
}

static void
test_distrust(void **state)
{
	unsigned int kind, c, i, variant;
	uint16_t slots[DISTRUST_SIZE];
	uint32_t out;
	struct model m;
	int ret;

	(void)state;
	BOTH_KINDS(kind)
		for (c = 0; c < UNIT_DIM(distrusts); c++)
			for (variant = 0; variant < 4; variant++) {
				const struct distrust *d = &distrusts[c];
				const uint16_t nb = variant & 2 ? 1 : DISTRUST_SIZE;
				unsigned int good = 0;

				distrust_prepare(&m, kind, feature_sets[variant & 1], variant & 1);
				d->break_rule(&m);
				out = 0;
				for (i = 0; i < m.nb_held; i++)
					out |= 1u << m.held[i].slot;
				if (d->break_rule == break_idx_unpublished)
					out |= 1u << 10;
				for (i = 0; i < DISTRUST_SIZE; i++) {
					ret = m.ops->get(&m.ring, slots, NULL, nb);
					if (ret < 0)
						break;
					for (int j = 0; j < ret; j++) {
						if (!(out & 1u << slots[j]))
							fail_msg("%s: slot %u is not out", d->name,
									slots[j]);
						out &= ~(1u << slots[j]);
						good++;
					}
				}
				if (ret != -EIO || good > d->good)
					fail_msg("%s (kind %u): %u slots, then %d", d->name, kind,
							good, ret);
				if (m.ring.broken != d->fault)
					fail_msg("%s: fault %d", d->name, (int)m.ring.broken);
				/* It stays broken, even if the device takes it all back. */
				model_store_idx(m.used, 2, m.dev_used);
				for (i = 0; i < 3; i++)
					assert_int_equal(m.ops->get(&m.ring, slots, NULL, nb), -EIO);
				assert_int_equal(m.ring.broken, d->fault);
				check_reclaim(&m, out, d->name);
				/* Only init mends it. */
				assert_int_equal(m.ops->get(&m.ring, slots, NULL, nb), -EIO);
				model_destroy(&m);
			}
}

/* An id that the driver has prepared but not published is not the device's to use. */
static void
test_distrust_unpublished_id(void **state)
{
	uint16_t slots[DISTRUST_SIZE];
	unsigned int kind;
	struct model m;

	(void)state;
	BOTH_KINDS(kind) {
		distrust_prepare(&m, kind, feature_sets[0], false);
		break_id_unpublished(&m);
		/*
		 * The used index is within what is outstanding, so only the ring's knowledge of
		 * what was published could refuse this; whatever it does, books stay whole.
		 */
		if (m.ops->get(&m.ring, slots, NULL, DISTRUST_SIZE) == -EIO)
			check_reclaim(&m, 1u << 4 | 1u << 5 | 1u << 6 | 1u << 10, "unpublished id");
		else
			check_reclaim(&m, 1u << 4 | 1u << 5 | 1u << 6, "unpublished id");
		model_destroy(&m);
	}
}

/* Room for nothing is no fault, whatever the device has done. */
static void
test_get_no_room(void **state)
{
	uint16_t slots[DISTRUST_SIZE];
	unsigned int kind;
	struct model m;

	(void)state;
	BOTH_KINDS(kind) {
		distrust_prepare(&m, kind, feature_sets[0], false);
		assert_int_equal(m.ops->get(&m.ring, slots, NULL, 0), 0);
		model_complete(&m, 2, NULL, NULL);
		assert_int_equal(m.ops->get(&m.ring, slots, NULL, 0), 0);
		assert_int_equal(m.ring.broken, VCRYPTO_RING_OK);
		assert_int_equal(m.ops->get(&m.ring, slots, NULL, DISTRUST_SIZE), 2);
		model_destroy(&m);
	}
}

/* Broken, then init again in the same memory: as new. */
static void
test_init_mends(void **state)
{
	uint16_t slots[DISTRUST_SIZE];
	unsigned int kind;
	struct model m;

	(void)state;
	BOTH_KINDS(kind) {
		distrust_prepare(&m, kind, feature_sets[1], true);
		break_id_60000(&m);
		assert_int_equal(m.ops->get(&m.ring, slots, NULL, 1), -EIO);
		assert_int_equal(vcrypto_ring_init(&m.ring, m.kind, 3, m.size, m.mem,
				(uintptr_t)m.mem + MODEL_RING_SHIFT, m.priv,
				features_of(kind, feature_sets[1])), 0);
		m.dev_avail = 0;
		m.dev_used = 0;
		m.nb_held = 0;
		memset(m.busy, 0, m.size);
		memset(m.told, 0, sizeof(*m.told) * m.size);
		run_sequence(&m, WRAPS(1), true, 12345);
		model_judge(&m, "after init");
		model_destroy(&m);
	}
}

/* Reclaim in the middle of traffic: each slot that is out comes back once. */
static void
test_reclaim(void **state)
{
	unsigned int kind, done;
	uint16_t slots[DISTRUST_SIZE];
	uint32_t out;
	struct model m;

	(void)state;
	BOTH_KINDS(kind)
		for (done = 0; done <= 3; done++) {
			distrust_prepare(&m, kind, feature_sets[1], true);
			model_complete(&m, done, NULL, NULL); /* used, not collected */
			assert_int_equal(m.ops->get(&m.ring, slots, NULL, done ? 1 : 0), done ? 1 : 0);
			out = 1u << 4 | 1u << 5 | 1u << 6;
			if (done)
				out &= ~(1u << slots[0]);
			check_reclaim(&m, out, "reclaim");
			model_destroy(&m);
		}
}

/*
 * The device may overwrite descriptors and the available ring: it owns the memory as much
 * as the driver. The driver's books must not come from there.
 */
static void
test_scribble(void **state)
{
	static const uint8_t patterns[] = {0xff, 0x00, 0x01, 0x07};
	const uint16_t size = 16;
	uint8_t saved[16 * 16], saved_avail[6 + 2 * 16];
	uint16_t order[16], slots[16], used[16];
	unsigned int kind, p, i, k, room, fit;
	uint64_t seed = 4711, round;
	struct vcrypto_ring_req req[16];
	struct pool pool;
	struct model m;
	int ret;

	(void)state;
	BOTH_KINDS(kind)
		for (p = 0; p < UNIT_DIM(patterns); p++) {
			model_create(&m, (enum vcrypto_ring_kind)kind, size, 5,
					features_of(kind, feature_sets[p & 1]));
			pool_create(&pool, size);
			room = size;
			for (round = 0; round < 30000; round++) {
				k = unit_rand(&seed) % (pool.nb + 1);
				for (i = 0, fit = 0; i < k; i++) {
					const uint16_t n = 1 + unit_rand(&seed) % 5;

					model_fill(&m, pool_take(&pool, unit_rand(&seed)), n,
							&req[i]);
					if (fit == i && (kind == VCRYPTO_RING_SPLIT_INDIRECT ||
							n <= room)) {
						fit++;
						if (kind == VCRYPTO_RING_SPLIT_DIRECT)
							room -= n;
					}
				}
				assert_int_equal(vcrypto_ring_add(&m.ring, req, (uint16_t)k), fit);
				for (i = fit; i < k; i++)
					pool.slot[pool.nb++] = req[i].slot;
				m.ops->publish(&m.ring);
				model_take(&m);
				model_judge(&m, "scribble");

				memcpy(saved, m.desc, sizeof(saved));
				memcpy(saved_avail, m.avail, sizeof(saved_avail));
				memset(m.desc, patterns[p], sizeof(saved));
				memset(m.avail + 4, patterns[p], 2u * size);
				k = unit_rand(&seed) % (m.nb_held + 1);
				model_complete(&m, k, NULL, order);
				for (i = 0; i < k;) {
					ret = m.ops->get(&m.ring, slots, NULL,
							1 + unit_rand(&seed) % size);
					assert_true(ret > 0);
					for (int j = 0; j < ret; j++)
						used[i++] = slots[j];
				}
				assert_memory_equal(used, order, k * sizeof(order[0]));
				for (i = 0; i < k; i++) {
					pool.slot[pool.nb++] = used[i];
					if (kind == VCRYPTO_RING_SPLIT_DIRECT)
						room += m.nb_desc[used[i]];
				}
				/*
				 * A driver that knows what an indirect descriptor says need not
				 * write it again; what a device destroys for itself is its loss.
				 */
				if (kind == VCRYPTO_RING_SPLIT_INDIRECT)
					memcpy(m.desc, saved, sizeof(saved));
			}
			model_judge(&m, "scribble");
			free(pool.slot);
			model_destroy(&m);
		}
}

/*
 * Three threads: producer, device, consumer. The device goes to sleep with EVENT_IDX, and
 * only a kick wakes it, so that a kick that gets lost stops the traffic.
 */
struct traffic {
	struct model m;
	uint32_t kicks; /* doorbell */
	uint32_t stop;
	uint64_t goal;
	/* Slots from the consumer back to the producer. */
	uint16_t fifo[1024];
	uint32_t fifo_head, fifo_tail;
};

static void *
traffic_device(void *arg)
{
	struct traffic *t = arg;
	struct model *m = &t->m;
	uint32_t seen = 0;
	uint64_t done = 0, seed = 77;
	unsigned int k, i, pick[64];

	while (done < t->goal && !__atomic_load_n(&t->stop, __ATOMIC_RELAXED) && m->err == NULL) {
		if (model_take(m) == 0 && m->nb_held == 0) {
			/* Ask for a kick at the next request, look again, sleep. */
			set_avail_event(m, m->dev_avail);
			__atomic_thread_fence(__ATOMIC_SEQ_CST);
			if (model_load_idx(m->avail, 2) != m->dev_avail)
				continue;
			while (__atomic_load_n(&t->kicks, __ATOMIC_ACQUIRE) == seen &&
					!__atomic_load_n(&t->stop, __ATOMIC_RELAXED))
				sched_yield();
			seen = __atomic_load_n(&t->kicks, __ATOMIC_ACQUIRE);
			continue;
		}
		k = RTE_MIN(m->nb_held, 1 + unit_rand(&seed) % 32);
		for (i = 0; i < k; i++)
			pick[i] = unit_rand(&seed);
		model_complete(m, k, seed & 1 ? pick : NULL, NULL);
		done += k;
	}
	return NULL;
}

static void *
traffic_producer(void *arg)
{
	struct traffic *t = arg;
	struct model *m = &t->m;
	struct vcrypto_ring_req req[16];
	uint64_t sent = 0, seed = 5;
	uint32_t tail;
	uint16_t nb, ret, i, start;

	for (nb = 0; sent < t->goal && !__atomic_load_n(&t->stop, __ATOMIC_RELAXED);) {
		tail = __atomic_load_n(&t->fifo_tail, __ATOMIC_ACQUIRE);
		while (nb < 16 && nb + sent < t->goal && t->fifo_head != tail)
			model_fill(m, t->fifo[t->fifo_head++ & 1023], 1 + unit_rand(&seed) % 6,
					&req[nb++]);
		for (start = 0; start < nb; start += ret) {
			ret = vcrypto_ring_add(&m->ring, &req[start], nb - start);
			m->ops->publish(&m->ring);
			if (m->ops->kick_needed(&m->ring))
				__atomic_fetch_add(&t->kicks, 1, __ATOMIC_RELEASE);
			if (ret == 0)
				break;
		}
		sent += start;
		for (i = start; i < nb; i++)
			req[i - start] = req[i];
		nb -= start;
		if (start == 0)
			sched_yield();
	}
	return NULL;
}

static void
test_threads(void **state)
{
	static struct traffic t;
	pthread_t device, producer;
	struct timespec start, now;
	uint16_t slots[64];
	unsigned int kind, i;
	uint64_t got;
	int ret = 0;

	(void)state;
	BOTH_KINDS(kind) {
		memset(&t, 0, sizeof(t));
		t.goal = 400000;
		model_create(&t.m, (enum vcrypto_ring_kind)kind, 64, 6,
				features_of(kind, MODEL_F_VERSION_1 | MODEL_F_EVENT_IDX));
		for (i = 0; i < 64; i++)
			t.fifo[t.fifo_tail++] = (uint16_t)i;
		assert_int_equal(pthread_create(&device, NULL, traffic_device, &t), 0);
		assert_int_equal(pthread_create(&producer, NULL, traffic_producer, &t), 0);
		clock_gettime(CLOCK_MONOTONIC, &start);
		for (got = 0; got < t.goal && t.m.err == NULL;) {
			ret = t.m.ops->get(&t.m.ring, slots, NULL, 64);
			if (ret < 0)
				break;
			for (i = 0; i < (unsigned int)ret; i++)
				t.fifo[(t.fifo_tail + i) & 1023] = slots[i];
			__atomic_store_n(&t.fifo_tail, t.fifo_tail + (unsigned int)ret,
					__ATOMIC_RELEASE);
			got += (unsigned int)ret;
			if (ret == 0) {
				sched_yield();
				clock_gettime(CLOCK_MONOTONIC, &now);
				if (now.tv_sec - start.tv_sec > 60)
					break;
			}
		}
		__atomic_store_n(&t.stop, 1, __ATOMIC_RELAXED);
		pthread_join(producer, NULL);
		pthread_join(device, NULL);
		model_judge(&t.m, "threads");
		assert_true(ret >= 0);
		assert_true(got == t.goal);
		assert_int_equal(t.m.ops->reclaim(&t.m.ring), -1);
		model_destroy(&t.m);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_init_sizes),
			cmocka_unit_test(test_init_memory),
			cmocka_unit_test(test_kind_pick),
			cmocka_unit_test(test_desc_fmt),
			cmocka_unit_test(test_fault_names),
			cmocka_unit_test(test_direct_exhaustion),
			cmocka_unit_test(test_add_one_by_one),
			cmocka_unit_test(test_direct_no_overtaking),
			cmocka_unit_test(test_indirect_full),
			cmocka_unit_test(test_indirect_head_is_avail_slot),
			cmocka_unit_test(test_kick_flags),
			cmocka_unit_test(test_kick_event_idx),
			cmocka_unit_test(test_kick_event_idx_random),
			cmocka_unit_test(test_notify_state_wraps),
			cmocka_unit_test(test_distrust),
			cmocka_unit_test(test_distrust_unpublished_id),
			cmocka_unit_test(test_get_no_room),
			cmocka_unit_test(test_init_mends),
			cmocka_unit_test(test_reclaim),
			cmocka_unit_test(test_scribble),
			cmocka_unit_test(test_every_chain_small_rings),
			cmocka_unit_test(test_every_chain_larger_rings),
			cmocka_unit_test(test_mixed_chains),
			cmocka_unit_test(test_largest_ring),
			cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
