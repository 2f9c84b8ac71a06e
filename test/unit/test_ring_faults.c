/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The split ring, with and without IN_ORDER, against a device that breaks the rules;
 * rings of all formats after one that was reset. The packed ring's faults are in
 * test_ring_packed.c.
 */

#include "ring_model.h"

/*
 * Distrust. Each case brings a ring to the same state - three requests of two descriptors
 * with the device, after some traffic - and breaks one rule.
 */
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
	model_used_put(m, 0, m->held[m->in_order ? 0 : 1].id, 0);
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
	if (m->direct)
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
test_distrust(void **state)
{
	unsigned int kind, c, i, variant;
	enum vcrypto_ring_fault fault;
	uint16_t slots[DISTRUST_SIZE];
	uint32_t out;
	struct model m;
	int ret;

	(void)state;
	SPLIT_KINDS(kind)
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
				fault = d->fault == VCRYPTO_RING_NOT_ISSUED && m.in_order ?
						VCRYPTO_RING_NOT_IN_ORDER : d->fault;
				if (m.ring.broken != fault)
					fail_msg("%s: fault %d", d->name, (int)m.ring.broken);
				/* It stays broken, even if the device takes it all back. */
				model_store_idx(m.used, 2, m.dev_used);
				for (i = 0; i < 3; i++)
					assert_int_equal(m.ops->get(&m.ring, slots, NULL, nb),
							-EIO);
				assert_int_equal(m.ring.broken, fault);
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
	SPLIT_KINDS(kind) {
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
	ALL_KINDS(kind) {
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
	ALL_KINDS(kind) {
		distrust_prepare(&m, kind, feature_sets[1], true);
		if (m.packed)
			packed_used(&m, 60000, 1);
		else
			break_id_60000(&m);
		assert_int_equal(m.ops->get(&m.ring, slots, NULL, 1), -EIO);
		assert_int_equal(vcrypto_ring_init(&m.ring, m.kind, 3, m.size, m.mem,
				(uintptr_t)m.mem + MODEL_RING_SHIFT, m.priv,
				features_of(kind, feature_sets[1])), 0);
		model_restart(&m);
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
	ALL_KINDS(kind)
		for (done = 0; done <= 3; done++) {
			distrust_prepare(&m, kind, feature_sets[1], true);
			model_complete(&m, done, NULL, NULL); /* used, not collected */
			assert_int_equal(m.ops->get(&m.ring, slots, NULL, done ? 1 : 0),
					done ? 1 : 0);
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
	uint8_t saved[16 * 16];
	uint16_t order[16], slots[16], used[16];
	unsigned int kind, p, i, k, room, fit;
	uint64_t seed = 4711, round;
	struct vcrypto_ring_req req[16];
	struct pool pool;
	struct model m;
	int ret;

	(void)state;
	ALL_KINDS(kind)
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
					if (fit == i && (!m.direct || n <= room)) {
						fit++;
						if (m.direct)
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
				if (m.packed) {
					/* All but the flags, which say whose a descriptor is. */
					for (i = 0; i < size; i++)
						memset(m.desc + 16u * i, patterns[p], 14);
				} else {
					memset(m.desc, patterns[p], sizeof(saved));
					memset(m.avail + 4, patterns[p], 2u * size);
				}
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
					if (m.direct)
						room += m.nb_desc[used[i]];
				}
				/*
				 * A driver that knows what an indirect descriptor says need not
				 * write it again; what a device destroys for itself is its loss.
				 */
				if (!m.direct && !m.packed)
					memcpy(m.desc, saved, sizeof(saved));
			}
			model_judge(&m, "scribble");
			free(pool.slot);
			model_destroy(&m);
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_distrust),
			cmocka_unit_test(test_distrust_unpublished_id),
			cmocka_unit_test(test_get_no_room),
			cmocka_unit_test(test_init_mends),
			cmocka_unit_test(test_reclaim),
			cmocka_unit_test(test_scribble),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
