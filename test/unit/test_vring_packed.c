/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The back end's packed ring against the driver's model.
 */

#include "vring_traffic.h"

static struct vhc_vring_cfg
config(uint32_t size, bool event_idx, bool indirect, bool in_order)
{
	return (struct vhc_vring_cfg){
		.size = (uint16_t)size,
		.packed = true,
		.event_idx = event_idx,
		.indirect = indirect,
		.in_order = in_order,
	};
}

/* Sizes that are powers of two and that are not, and every set of features. */
static void
test_traffic_every_size(void **state)
{
	static const uint16_t more[] = {100, 255, 256, 257, 1000, 4096, 32767, 32768};
	uint32_t size, i, f;

	(void)state;
	for (i = 1; i <= 20 + UNIT_DIM(more); i++)
		for (f = 0; f < 8; f++) {
			size = i <= 20 ? i : more[i - 21];
			const struct vhc_vring_cfg cfg = config(size, f & 1, f & 2, f & 4);

			traffic_run(&cfg, (uint16_t)RTE_MIN(size, 9u), 500, NB_HOW,
					88172645463325252u + size * 8 + f);
		}
}

/* Each kind of chain for many rounds of the wrap counters. */
static void
test_traffic_wraps(void **state)
{
	static const uint16_t sizes[] = {1, 7, 16, 300};
	uint32_t i, how;

	(void)state;
	for (i = 0; i < UNIT_DIM(sizes); i++)
		for (how = 0; how <= NB_HOW; how++) {
			const struct vhc_vring_cfg cfg =
				config(sizes[i], how & 1, true, how == MIXED);

			traffic_run(&cfg, (uint16_t)RTE_MIN(sizes[i], 5u), 50000, (enum how)how,
					362436069u + i * 10 + how);
		}
}

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

/* A round of one buffer of nb descriptors. */
static void
one_round(struct traffic *t, uint16_t nb)
{
	const struct piece p[] = {
		{HIGH_GPA, 16, true}, {HIGH_GPA, 16, true}, {HIGH_GPA, 16, true},
	};

	assert_true(drv_add(&t->d, p, nb, DIRECT));
	drv_publish(&t->d);
	assert_int_equal(traffic_pop(t, 1), 1);
	traffic_put(t, 0);
	traffic_publish(t);
	assert_int_equal(drv_reap(&t->d), 1);
}

/* The driver's place anywhere, in either round; buffers of one descriptor and of three. */
static void
test_event_window(void **state)
{
	const struct vhc_vring_cfg cfg = config(11, true, true, false);
	struct traffic t;
	uint32_t nb, len, at, wrap, step, i;

	(void)state;
	traffic_create(&t, &cfg, 3, 1);
	for (step = 0; step < 23; step++)
		for (len = 1; len <= 3; len += 2)
			for (nb = 0; nb * len < 11; nb++)
				for (at = 0; at < 11; at++)
					for (wrap = 0; wrap < 2; wrap++) {
						bool hit = false;
						uint32_t p = t.d.used_pos;
						bool w = t.d.used_wrap;

						put16(t.d.driver, 0, (uint16_t)(at | wrap << 15));
						put16(t.d.driver, 2, 2);
						for (i = 0; i < nb; i++)
							one_round(&t, (uint16_t)len);
						for (i = 0; i < nb * len; i++) {
							hit |= p == at && w == (wrap != 0);
							p = (p + 1) % 11;
							w ^= p == 0;
						}
						assert_int_equal(vhc_vring_call_wanted(t.d.v), hit);
						assert_false(vhc_vring_call_wanted(t.d.v));
					}
	traffic_destroy(&t);
}

/* The flags of the driver's structure, with and without EVENT_IDX; what is reserved means yes. */
static void
test_event_flags(void **state)
{
	static const struct {
		bool event_idx;
		uint16_t off, flags;
		bool wanted;
	} cases[] = {
		{false, 0, 0, true}, {false, 0, 1, false}, {false, 0x8003, 2, true},
		{false, 0, 3, true}, {true, 0, 0, true}, {true, 0, 1, false},
		{true, 0x8000, 2, true}, {true, 0x8001, 2, false}, {true, 0, 2, false},
		{true, 0, 3, true}, {true, 0xfff0, 2, true}, {true, 0x8000, 0xfff1, false},
	};
	uint32_t i;

	(void)state;
	for (i = 0; i < UNIT_DIM(cases); i++) {
		const struct vhc_vring_cfg cfg = config(5, cases[i].event_idx, true, false);
		struct traffic t;

		traffic_create(&t, &cfg, 1, 1);
		put16(t.d.driver, 0, cases[i].off);
		put16(t.d.driver, 2, cases[i].flags);
		assert_false(vhc_vring_call_wanted(t.d.v)); /* for nothing */
		one_round(&t, 1);
		assert_int_equal(vhc_vring_call_wanted(t.d.v), cases[i].wanted);
		traffic_destroy(&t);
	}
}

/* What the device asks for is what kicks it, at every place of the ring. */
static void
test_kicks(void **state)
{
	const struct piece p = {HIGH_GPA, 16, true};
	uint32_t event_idx, i;

	(void)state;
	for (event_idx = 0; event_idx < 2; event_idx++) {
		const struct vhc_vring_cfg cfg = config(7, event_idx != 0, true, false);
		struct traffic t;

		traffic_create(&t, &cfg, 1, 1);
		for (i = 0; i < 100; i++) {
			assert_true(drv_add(&t.d, &p, 1, DIRECT));
			drv_publish(&t.d);
			assert_false(vhc_vring_want_kicks(t.d.v, false));
			assert_int_equal(get16(t.d.device, 2), 1);
			assert_false(drv_kick_wanted(&t.d));
			/* Nobody kicked for it, so the one who asks is told. */
			assert_true(vhc_vring_want_kicks(t.d.v, true));
			assert_int_equal(traffic_pop(&t, 8), 1);
			assert_false(vhc_vring_want_kicks(t.d.v, true));
			assert_int_equal(get16(t.d.device, 2), event_idx ? 2 : 0);
			assert_true(drv_add(&t.d, &p, 1, DIRECT));
			drv_publish(&t.d);
			assert_true(drv_kick_wanted(&t.d));
			assert_true(drv_add(&t.d, &p, 1, DIRECT));
			drv_publish(&t.d);
			assert_int_equal(drv_kick_wanted(&t.d), !event_idx);
			assert_int_equal(traffic_pop(&t, 8), 2);
			while (t.nb_held != 0)
				traffic_put(&t, 0);
			traffic_publish(&t);
			assert_int_equal(drv_reap(&t.d), 3);
		}
		traffic_destroy(&t);
	}
}

/* A burst is seen as a whole or not at all: the first used descriptor comes last. */
static void
test_publish_is_one_step(void **state)
{
	const struct vhc_vring_cfg cfg = config(8, true, true, false);
	const struct piece p = {HIGH_GPA, 16, true};
	struct traffic t;
	uint32_t i;

	(void)state;
	traffic_create(&t, &cfg, 1, 1);
	for (i = 0; i < 50; i++) {
		while (drv_add(&t.d, &p, 1, DIRECT))
			;
		drv_publish(&t.d);
		assert_int_equal(traffic_pop(&t, 8), 8);
		while (t.nb_held != 0) {
			traffic_put(&t, 0);
			assert_int_equal(drv_reap(&t.d), 0);
		}
		traffic_publish(&t);
		assert_int_equal(drv_reap(&t.d), 8);
		assert_false(vhc_vring_publish(t.d.v));
	}
	traffic_destroy(&t);
}

/* Available is what has the one flag and not the other, by the round. [virtio 2.8.1] */
static void
test_available(void **state)
{
	static const uint16_t flags[] = {0, F_AVAIL, F_USED, F_AVAIL | F_USED};
	struct vhc_desc desc[1];
	struct vhc_vring_elem e;
	struct drv d;
	uint32_t wrap, i;

	(void)state;
	for (wrap = 0; wrap < 2; wrap++)
		for (i = 0; i < UNIT_DIM(flags); i++) {
			const struct vhc_vring_cfg cfg = config(4, true, true, false);
			const bool there = flags[i] == (wrap ? F_AVAIL : F_USED);

			drv_create(&d, &cfg, 1, 1);
			vhc_vring_destroy(d.v);
			d.cfg.last_avail = (uint16_t)(wrap << 15 | 2);
			d.cfg.last_used = d.cfg.last_avail;
			d.v = vhc_vring_create(&d.cfg);
			assert_non_null(d.v);
			desc_bytes(d.desc + 2 * 16, HIGH_GPA, 8, 1, flags[i]);
			assert_int_equal(vhc_vring_pending(d.v), there);
			e.desc = desc;
			assert_int_equal(vhc_vring_pop(d.v, &d.guest.mem, &e, 1, 1), there);
			drv_destroy(&d);
		}
}

/* In a table the WRITE flag alone counts; all else may be anything. [virtio 2.8.7] */
static void
test_table_flags(void **state)
{
	const struct vhc_vring_cfg cfg = config(4, true, true, false);
	struct vhc_desc desc[4];
	struct vhc_vring_elem e = {.desc = desc};
	struct drv d;

	(void)state;
	drv_create(&d, &cfg, 4, 1);
	guest_put_desc(&d.guest, LOW_GPA, HIGH_GPA, 5, 0xffff, 0xffff & ~F_WRITE);
	guest_put_desc(&d.guest, LOW_GPA + 16, HIGH_GPA + 8, 6, 0, F_INDIRECT);
	guest_put_desc(&d.guest, LOW_GPA + 32, HIGH_GPA + 16, 7, 9, 0xffff);
	desc_bytes(d.desc, LOW_GPA, 48, 3, F_AVAIL | F_INDIRECT | F_WRITE);
	assert_int_equal(vhc_vring_pop(d.v, &d.guest.mem, &e, 1, 4), 1);
	assert_false(e.bad);
	assert_int_equal(e.id, 3);
	assert_int_equal(e.nb_ring, 1);
	assert_int_equal(e.nb_desc, 3);
	assert_int_equal(desc[0].len, 5);
	assert_false(desc[0].writable);
	assert_int_equal(desc[1].len, 6);
	assert_false(desc[1].writable);
	assert_int_equal(desc[2].len, 7);
	assert_true(desc[2].writable);
	drv_destroy(&d);
}

static void
refuse(struct vhc_vring_cfg cfg)
{
	errno = 0;
	assert_null(vhc_vring_create(&cfg));
	assert_int_equal(errno, EINVAL);
}

static void
test_create_refuses(void **state)
{
	static const struct {
		uint16_t avail, used;
		bool good;
	} at[] = {
		{0x8000, 0x8000, true}, {0, 0, true}, {0x8006, 0x8006, true},
		{0x8003, 0x8001, true}, {0x0003, 0x8003, true}, {0x8000, 0x0006, true},
		{0x8007, 0x8000, false}, {0x8000, 0x8007, false}, {0x7fff, 0x7fff, false},
		{0x8001, 0x8003, false}, {0x0004, 0x8003, false}, {0x0000, 0x0001, false},
	};
	const struct vhc_vring_cfg cfg = config(7, true, true, false);
	struct vhc_vring_cfg bad;
	struct vhc_vring *v;
	struct drv d;
	uint16_t avail, used;
	uint32_t i;

	(void)state;
	drv_create(&d, &cfg, 1, 1);
	bad = d.cfg;
	bad.size = 0;
	refuse(bad);
	bad.size = 32769;
	refuse(bad);
	bad = d.cfg;
	bad.desc = d.desc + 8;
	refuse(bad);
	bad = d.cfg;
	bad.driver = d.driver + 2;
	refuse(bad);
	bad = d.cfg;
	bad.device = d.device + 2;
	refuse(bad);
	for (i = 0; i < UNIT_DIM(at); i++) {
		bad = d.cfg;
		bad.last_avail = at[i].avail;
		bad.last_used = at[i].used;
		if (!at[i].good) {
			refuse(bad);
			continue;
		}
		v = vhc_vring_create(&bad);
		assert_non_null(v);
		vhc_vring_position(v, &avail, &used);
		assert_int_equal(avail, at[i].avail);
		assert_int_equal(used, at[i].used);
		vhc_vring_destroy(v);
	}
	drv_destroy(&d);
}

/* What was given back counts once it is published, and in order once it may be. */
static void
test_position(void **state)
{
	struct vhc_vring_cfg cfg = config(4, true, true, false);
	uint16_t avail, used;
	struct traffic t;
	uint32_t in_order;

	(void)state;
	for (in_order = 0; in_order < 2; in_order++) {
		cfg.in_order = in_order != 0;
		traffic_create(&t, &cfg, 2, 1);
		one_round(&t, 1);
		one_round(&t, 1);
		traffic_add(&t, 3, INDIRECT);
		assert_int_equal(traffic_pop(&t, 3), 3);
		traffic_put(&t, 1);
		vhc_vring_position(t.d.v, &avail, &used);
		assert_int_equal(avail, 1);
		assert_int_equal(used, 0x8002);
		traffic_publish(&t);
		vhc_vring_position(t.d.v, &avail, &used);
		assert_int_equal(used, in_order ? 0x8002 : 0x8003);
		traffic_put(&t, 0);
		traffic_publish(&t);
		vhc_vring_position(t.d.v, &avail, &used);
		assert_int_equal(avail, 1);
		assert_int_equal(used, 0);
		traffic_put(&t, 0);
		traffic_destroy(&t);
	}
}

/* What the in-flight area would remember of a chain. */
static uint16_t
save(const struct drv *d, const struct vhc_vring_elem *e, struct vhc_vring_saved *s)
{
	uint32_t i;

	for (i = 0; i < e->nb_ring; i++) {
		const uint8_t *const desc = d->desc + 16 * ((e->pos + i) % d->size);

		s[i].addr = get64(desc, 0);
		s[i].len = get32(desc, 8);
		s[i].id = get16(desc, 12);
		s[i].flags = get16(desc, 14);
	}
	return e->nb_ring;
}

/* A ring whose device died with chains in hand: the next one takes them again from copies. */
static void
test_retake(void **state)
{
	uint32_t in_order, how, start, i;

	(void)state;
	for (in_order = 0; in_order < 2; in_order++)
		for (how = 0; how < 2; how++)
			for (start = 0; start < 16; start++) {
				const struct vhc_vring_cfg cfg = config(15, true, true, in_order);
				struct vhc_vring_saved s[4][4];
				uint16_t nb[4];
				struct vhc_vring_elem e;
				struct traffic t;

				traffic_create(&t, &cfg, 3, 4711 + start);
				for (i = 0; i < start; i++)
					one_round(&t, 1);
				traffic_add(&t, 4, (enum how)how);
				assert_int_equal(traffic_pop(&t, 4), 4);
				for (i = 0; i < 4; i++)
					nb[i] = save(&t.d, &t.held[i].e, s[i]);
				/* Answers may overwrite their descriptors before the end. */
				vhc_vring_position(t.d.v, &t.d.cfg.last_avail,
						&t.d.cfg.last_used);
				vhc_vring_destroy(t.d.v);
				t.d.v = vhc_vring_create(&t.d.cfg);
				assert_non_null(t.d.v);
				assert_false(vhc_vring_pending(t.d.v));
				e.desc = NULL;
				assert_int_equal(vhc_vring_retake(t.d.v, &t.d.guest.mem, 0, s[0], 0,
						&e, 0), -EINVAL);
				for (i = 0; i < 4; i++) {
					struct held *const h = &t.held[i];

					if (h->e.desc != h->desc)
						free(h->e.desc);
					memset(&h->e, 0xee, sizeof(h->e));
					h->e.desc = h->desc;
					assert_int_equal(vhc_vring_retake(t.d.v, &t.d.guest.mem,
							0, s[i], nb[i], &h->e, INLINE_DESC), 0);
					drv_check(&t.d, &h->e);
				}
				assert_int_equal(vhc_vring_retake(t.d.v, &t.d.guest.mem, 0, s[0],
						1, &e, 0), -EINVAL);
				traffic_put(&t, 1);
				traffic_put(&t, 0);
				traffic_publish(&t);
				assert_int_equal(drv_reap(&t.d), 2);
				traffic_add(&t, 1, INDIRECT);
				assert_int_equal(traffic_pop(&t, 5), 1);
				while (t.nb_held != 0)
					traffic_put(&t, t.nb_held - 1);
				traffic_publish(&t);
				assert_int_equal(drv_reap(&t.d), 3);
				assert_int_equal(t.d.nb_free, 15);
				traffic_destroy(&t);
			}
}

/* A pop ends after some long chains, and the next one goes on. */
static void
test_long_chains_share(void **state)
{
	const struct vhc_vring_cfg cfg = config(32, true, true, false);
	struct vhc_vring_elem e[16];
	struct drv d;
	uint32_t i;
	int n, seen = 0, pops = 0;

	(void)state;
	drv_create(&d, &cfg, 40, 1);
	/* One table of 1024 entries, for each of 16 chains. */
	for (i = 0; i < 1024; i++)
		guest_put_desc(&d.guest, LOW_GPA + 16 * i, HIGH_GPA + i, 1, 0, 0);
	for (i = 0; i < 16; i++)
		desc_bytes(d.desc + 16 * i, LOW_GPA, 1024 * 16, (uint16_t)i, F_INDIRECT | F_AVAIL);
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

/* An in-flight area is guest's memory too: an id beyond the ring, a table in a list. */
static void
test_retake_distrusts(void **state)
{
	struct vhc_vring_saved s[] = {
		{HIGH_GPA, 8, 0, F_NEXT}, {LOW_GPA, 16, 9, F_INDIRECT},
	};
	struct vhc_vring_cfg cfg = config(9, true, true, false);
	struct vhc_desc desc[2];
	struct vhc_vring_elem e = {.desc = desc};
	struct drv d;

	(void)state;
	drv_create(&d, &cfg, 1, 1);
	vhc_vring_destroy(d.v);
	d.cfg.last_avail = 0x8003;
	d.v = vhc_vring_create(&d.cfg);
	assert_non_null(d.v);
	assert_int_equal(vhc_vring_retake(d.v, &d.guest.mem, 0, s, 2, &e, 2), -EINVAL);
	s[1].id = 8;
	guest_put_desc(&d.guest, LOW_GPA, HIGH_GPA, 4, 0, 0);
	assert_int_equal(vhc_vring_retake(d.v, &d.guest.mem, 0, s, 2, &e, 2), 0);
	assert_true(e.bad);
	assert_int_equal(e.id, 8);
	assert_int_equal(e.nb_ring, 2);
	assert_int_equal(e.nb_desc, 1);
	drv_destroy(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_create_refuses),
		cmocka_unit_test(test_event_flags),
		cmocka_unit_test(test_event_window),
		cmocka_unit_test(test_kicks),
		cmocka_unit_test(test_publish_is_one_step),
		cmocka_unit_test(test_available),
		cmocka_unit_test(test_table_flags),
		cmocka_unit_test(test_position),
		cmocka_unit_test(test_retake),
		cmocka_unit_test(test_retake_distrusts),
		cmocka_unit_test(test_long_chains_share),
		cmocka_unit_test(test_traffic_every_size),
		cmocka_unit_test(test_traffic_wraps),
		cmocka_unit_test(test_largest_ring),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
