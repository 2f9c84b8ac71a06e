/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The split ring, indirect and direct, against a model of the device that
 * reads raw memory at the specification's offsets (ring_model.h): set-up, room,
 * notifications.
 */

#include "ring_model.h"

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
			assert_int_equal(vcrypto_ring_mem_size((enum vcrypto_ring_kind)kind,
					bad[i]), 0);
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
			cmocka_unit_test(test_kick_event_idx),
			cmocka_unit_test(test_kick_event_idx_random),
			cmocka_unit_test(test_kick_flags),
			cmocka_unit_test(test_notify_state_wraps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
