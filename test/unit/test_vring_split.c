/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The back end's split ring against the driver's model.
 */

#include "vring_traffic.h"

#define WRAPS(n) ((n) * UINT64_C(65536) + 100)

static struct vhc_vring_cfg
config(uint32_t size, bool event_idx, bool indirect, bool in_order)
{
	return (struct vhc_vring_cfg){
		.size = (uint16_t)size,
		.event_idx = event_idx,
		.indirect = indirect,
		.in_order = in_order,
	};
}

/* Every size and every set of features. */
static void
test_traffic_every_size(void **state)
{
	uint32_t size, f;

	(void)state;
	for (size = 1; size <= 32768; size *= 2)
		for (f = 0; f < 8; f++) {
			const struct vhc_vring_cfg cfg = config(size, f & 1, f & 2, f & 4);

			traffic_run(&cfg, (uint16_t)RTE_MIN(size, 9u), 500, NB_HOW,
					88172645463325252u + size * 8 + f);
		}
}

/* The 16-bit indices run over, at several sizes, with each kind of chain. */
static void
test_traffic_index_wraps(void **state)
{
	static const uint16_t sizes[] = {1, 8, 256};
	uint32_t i, how;

	(void)state;
	for (i = 0; i < UNIT_DIM(sizes); i++)
		for (how = 0; how <= NB_HOW; how++) {
			const struct vhc_vring_cfg cfg =
				config(sizes[i], how & 1, true, how == MIXED);

			traffic_run(&cfg, (uint16_t)RTE_MIN(sizes[i], 5u), WRAPS(1), (enum how)how,
					362436069u + i * 10 + how);
		}
}

/* The largest ring, full, several times over: the index moves by half its range at once. */
static void
test_largest_ring(void **state)
{
	const struct vhc_vring_cfg cfg = config(32768, true, true, false);
	struct piece p = {HIGH_GPA, 16, true};
	struct traffic t;
	uint32_t round;

	(void)state;
	traffic_create(&t, &cfg, 1, 1);
	for (round = 0; round < 5; round++) {
		while (drv_add(&t.d, &p, 1, round & 1 ? INDIRECT : DIRECT))
			;
		drv_publish(&t.d);
		while (traffic_pop(&t, 1024) != 0)
			;
		assert_int_equal(t.nb_held, 32768);
		assert_false(vhc_vring_pending(t.d.v));
		while (t.nb_held != 0)
			traffic_put(&t, t.nb_held - 1);
		traffic_publish(&t);
		traffic_call(&t);
		assert_int_equal(drv_reap(&t.d), 32768);
	}
	traffic_destroy(&t);
}

/* Pop one chain of one piece, put it and publish. */
static void
one_round(struct traffic *t)
{
	const struct piece p = {HIGH_GPA, 16, true};

	assert_true(drv_add(&t->d, &p, 1, DIRECT));
	drv_publish(&t->d);
	assert_int_equal(traffic_pop(t, 1), 1);
	traffic_put(t, 0);
	traffic_publish(t);
	assert_int_equal(drv_reap(&t->d), 1);
}

/* used_event around where the ring stands, with bursts of 0 to 9, over the index's end. */
static void
test_event_idx_window(void **state)
{
	const struct vhc_vring_cfg cfg = config(16, true, true, false);
	struct traffic t;
	uint32_t i, nb, at;
	int delta;

	(void)state;
	traffic_create(&t, &cfg, 1, 1);
	for (at = 0; at < 65500; at++)
		one_round(&t);
	traffic_call(&t);
	for (at = 0; at < 8; at++)
		for (nb = 0; nb < 10; nb++)
			for (delta = -12; delta <= 12; delta++) {
				const uint16_t event = (uint16_t)(t.d.used_idx + delta);
				bool hit;

				put16(t.d.driver, 4 + 16 * 2, event);
				for (i = 0; i < nb; i++)
					one_round(&t);
				hit = delta >= 0 && delta < (int)nb;
				assert_int_equal(vhc_vring_call_wanted(t.d.v), hit);
				/* What was asked for once is not asked for again. */
				assert_false(vhc_vring_call_wanted(t.d.v));
			}
	traffic_destroy(&t);
}

/* More than the index can tell has gone by without a question: better one call too many. */
static void
test_event_idx_long_silence(void **state)
{
	const struct vhc_vring_cfg cfg = config(4, true, true, false);
	struct traffic t;
	uint32_t i;

	(void)state;
	traffic_create(&t, &cfg, 1, 1);
	put16(t.d.driver, 4 + 4 * 2, 0x4000);
	for (i = 0; i < 65536 + 10; i++)
		one_round(&t);
	assert_true(vhc_vring_call_wanted(t.d.v));
	traffic_destroy(&t);
}

/* Without EVENT_IDX the flags decide, for both directions, and used_event does not. */
static void
test_flags(void **state)
{
	const struct vhc_vring_cfg cfg = config(4, false, true, false);
	const struct piece p = {HIGH_GPA, 16, true};
	struct traffic t;

	(void)state;
	traffic_create(&t, &cfg, 1, 1);
	assert_false(vhc_vring_call_wanted(t.d.v)); /* for nothing */
	one_round(&t);
	assert_true(vhc_vring_call_wanted(t.d.v));
	put16(t.d.driver, 0, 1);
	put16(t.d.driver, 4 + 4 * 2, t.d.used_idx);
	one_round(&t);
	assert_false(vhc_vring_call_wanted(t.d.v));

	assert_false(vhc_vring_want_kicks(t.d.v, false));
	assert_int_equal(get16(t.d.device, 0), 1);
	assert_true(drv_add(&t.d, &p, 1, DIRECT));
	drv_publish(&t.d);
	assert_false(drv_kick_wanted(&t.d));
	/* Nobody kicked for it, so the one who asks is told. */
	assert_true(vhc_vring_want_kicks(t.d.v, true));
	assert_int_equal(get16(t.d.device, 0), 0);
	assert_int_equal(traffic_pop(&t, 1), 1);
	assert_false(vhc_vring_want_kicks(t.d.v, true));
	assert_true(drv_add(&t.d, &p, 1, DIRECT));
	drv_publish(&t.d);
	assert_true(drv_kick_wanted(&t.d));
	traffic_put(&t, 0);
	traffic_destroy(&t);
}

/* With EVENT_IDX: the next buffer kicks, the one behind it does not, nor an unwanted one. */
static void
test_avail_event(void **state)
{
	const struct vhc_vring_cfg cfg = config(8, true, true, false);
	const struct piece p = {HIGH_GPA, 16, true};
	struct traffic t;
	uint32_t i;

	(void)state;
	traffic_create(&t, &cfg, 1, 1);
	for (i = 0; i < 70000; i++) {
		/* Asked with chains on the way that the driver has not yet decided on. */
		assert_true(drv_add(&t.d, &p, 1, DIRECT));
		drv_publish(&t.d);
		assert_int_equal(traffic_pop(&t, 8), 1);
		assert_false(vhc_vring_want_kicks(t.d.v, false));
		assert_false(drv_kick_wanted(&t.d));
		assert_false(vhc_vring_want_kicks(t.d.v, true));
		assert_int_equal(get16(t.d.device, 0), 0);
		assert_true(drv_add(&t.d, &p, 1, DIRECT));
		drv_publish(&t.d);
		assert_true(drv_kick_wanted(&t.d));
		assert_true(drv_add(&t.d, &p, 1, DIRECT));
		drv_publish(&t.d);
		assert_false(drv_kick_wanted(&t.d));
		assert_int_equal(traffic_pop(&t, 8), 2);
		while (t.nb_held != 0)
			traffic_put(&t, 0);
		traffic_publish(&t);
		assert_int_equal(drv_reap(&t.d), 3);
	}
	traffic_destroy(&t);
}

static void
refuse(struct vhc_vring_cfg cfg)
{
	errno = 0;
	assert_null(vhc_vring_create(&cfg));
	assert_int_equal(errno, EINVAL);
}

/* Sizes, alignment and positions that no ring can have. */
static void
test_create_refuses(void **state)
{
	static const uint16_t sizes[] = {0, 3, 32769, 65535};
	const struct vhc_vring_cfg cfg = config(8, true, true, false);
	struct vhc_vring_cfg bad;
	struct vhc_vring *v;
	struct drv d;
	uint32_t i;

	(void)state;
	drv_create(&d, &cfg, 1, 1);
	for (i = 0; i < UNIT_DIM(sizes); i++) {
		bad = d.cfg;
		bad.size = sizes[i];
		refuse(bad);
	}
	bad = d.cfg;
	bad.desc = d.desc + 8;
	refuse(bad);
	bad = d.cfg;
	bad.driver = d.driver + 1;
	refuse(bad);
	bad = d.cfg;
	bad.device = d.device + 2;
	refuse(bad);
	bad.device = NULL;
	refuse(bad);
	bad = d.cfg;
	bad.last_avail = 9;
	refuse(bad);
	bad.last_avail = 65535;
	refuse(bad);
	bad.last_used = 65527;
	v = vhc_vring_create(&bad);
	assert_non_null(v);
	vhc_vring_destroy(v);
	vhc_vring_destroy(NULL);
	drv_destroy(&d);
}

/* What was given back counts once it is published, and in order once it may be. */
static void
test_position(void **state)
{
	struct vhc_vring_cfg cfg = config(8, true, true, false);
	uint16_t avail, used;
	struct traffic t;
	uint32_t in_order;

	(void)state;
	for (in_order = 0; in_order < 2; in_order++) {
		cfg.in_order = in_order != 0;
		traffic_create(&t, &cfg, 2, 1);
		traffic_add(&t, 3, INDIRECT);
		assert_int_equal(traffic_pop(&t, 3), 3);
		traffic_put(&t, 1);
		vhc_vring_position(t.d.v, &avail, &used);
		assert_int_equal(avail, 3);
		assert_int_equal(used, 0);
		traffic_publish(&t);
		vhc_vring_position(t.d.v, &avail, &used);
		assert_int_equal(used, in_order ? 0 : 1);
		traffic_put(&t, 0);
		traffic_publish(&t);
		vhc_vring_position(t.d.v, &avail, &used);
		assert_int_equal(avail, 3);
		assert_int_equal(used, 2);
		traffic_put(&t, 0);
		traffic_destroy(&t);
	}
}

/* A ring whose device died with chains in hand: the next one takes them again, by their heads. */
static void
test_retake(void **state)
{
	uint32_t in_order, i;

	(void)state;
	for (in_order = 0; in_order < 2; in_order++) {
		const struct vhc_vring_cfg cfg = config(16, true, true, in_order != 0);
		struct vhc_desc desc[5][INLINE_DESC];
		struct vhc_vring_elem e;
		struct traffic t;

		traffic_create(&t, &cfg, 3, 4711);
		traffic_add(&t, 5, MIXED);
		assert_int_equal(traffic_pop(&t, 5), 5);
		vhc_vring_position(t.d.v, &t.d.cfg.last_avail, &t.d.cfg.last_used);
		assert_int_equal(t.d.cfg.last_avail, 5);
		assert_int_equal(t.d.cfg.last_used, 0);
		vhc_vring_destroy(t.d.v);
		t.d.v = vhc_vring_create(&t.d.cfg);
		assert_non_null(t.d.v);
		/* They are not available any more. */
		assert_false(vhc_vring_pending(t.d.v));
		e.desc = desc[0];
		assert_int_equal(vhc_vring_retake(t.d.v, &t.d.guest.mem, 16, NULL, 0, &e, 3),
				-EINVAL);
		for (i = 0; i < 5; i++) {
			struct held *const h = &t.held[i];
			const uint16_t head = h->e.id;

			if (h->e.desc != h->desc)
				free(h->e.desc);
			memset(&h->e, 0xee, sizeof(h->e));
			h->e.desc = h->desc;
			assert_int_equal(vhc_vring_retake(t.d.v, &t.d.guest.mem, head, NULL, 0,
					&h->e, INLINE_DESC), 0);
			drv_check(&t.d, &h->e);
		}
		/* Not more than there were. */
		assert_int_equal(vhc_vring_retake(t.d.v, &t.d.guest.mem, 0, NULL, 0, &e, 3),
				-EINVAL);
		traffic_put(&t, 1);
		traffic_put(&t, 0);
		traffic_publish(&t);
		assert_int_equal(drv_reap(&t.d), 2);
		traffic_add(&t, 2, INDIRECT);
		assert_int_equal(traffic_pop(&t, 5), 2);
		while (t.nb_held != 0)
			traffic_put(&t, t.nb_held - 1);
		traffic_publish(&t);
		assert_int_equal(drv_reap(&t.d), 5);
		assert_int_equal(t.d.nb_free, 16);
		traffic_destroy(&t);
	}
}

/* A pop ends after some long chains, and the next one goes on. */
static void
test_long_chains_share(void **state)
{
	const struct vhc_vring_cfg cfg = config(4096, false, true, false);
	struct vhc_vring_elem e[16];
	struct drv d;
	uint32_t i;
	int n, seen = 0, pops = 0;

	(void)state;
	drv_create(&d, &cfg, 40, 1);
	/* One table of 1024 entries, for each of 16 chains. */
	for (i = 0; i < 1024; i++)
		guest_put_desc(&d.guest, LOW_GPA + 16 * i, HIGH_GPA + i, 1,
				i == 1023 ? F_WRITE : F_NEXT, (uint16_t)(i + 1));
	for (i = 0; i < 16; i++) {
		desc_bytes(d.desc + 16 * i, LOW_GPA, 1024 * 16, F_INDIRECT, 0);
		put16(d.driver, 4 + 2 * i, (uint16_t)i);
	}
	put16(d.driver, 2, 16);
	while (seen < 16) {
		for (i = 0; i < 16; i++)
			e[i].desc = NULL;
		n = vhc_vring_pop(d.v, &d.guest.mem, e, 16, 0);
		assert_in_range(n, 1, 15);
		for (i = 0; i < (uint32_t)n; i++) {
			assert_int_equal(e[i].id, seen++);
			assert_int_equal(e[i].nb_desc, 1024);
			assert_false(e[i].bad);
			free(e[i].desc);
		}
		pops++;
	}
	assert_in_range(pops, 2, 8);
	assert_int_equal(vhc_vring_pop(d.v, &d.guest.mem, e, 16, 0), 0);
	drv_destroy(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_create_refuses),
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_avail_event),
		cmocka_unit_test(test_event_idx_window),
		cmocka_unit_test(test_event_idx_long_silence),
		cmocka_unit_test(test_position),
		cmocka_unit_test(test_retake),
		cmocka_unit_test(test_long_chains_share),
		cmocka_unit_test(test_traffic_every_size),
		cmocka_unit_test(test_traffic_index_wraps),
		cmocka_unit_test(test_largest_ring),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
