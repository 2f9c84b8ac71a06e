/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The in-flight area over the lives of many back ends, each of which dies at some step: the next
 * one takes again exactly what was taken and not seen by the driver, in the order it was taken.
 */

#include "vring_model.h"

#include "inflight.h"

#define SIZE 16
#define SEED UINT64_C(0x9e3779b97f4a7c15)
/* Offsets in the area. [vhost-user, Inflight I/O tracking: split virtqueue] */
#define AREA_VERSION 8
#define AREA_LAST_BATCH 12
#define AREA_USED_IDX 14
#define AREA_DESC(i) (16 + 16u * (i))

struct bench {
	struct drv d;
	uint8_t *area;
	struct vhc_inflight *in;
	struct vhc_vring_elem held[SIZE]; /* taken in this life, as they were taken */
	struct vhc_desc desc[SIZE][8];    /* by head */
	uint32_t nb_held;
};

static void
bench_create(struct bench *b, bool in_order, uint64_t seed)
{
	const struct vhc_vring_cfg cfg = {.size = SIZE, .indirect = true, .in_order = in_order};
	uint16_t nb;

	memset(b, 0, sizeof(*b));
	drv_create(&b->d, &cfg, 2, seed);
	b->area = area(64, vhc_inflight_area_len(SIZE, false));
	b->in = vhc_inflight_create(b->area, SIZE, in_order, 0, &nb);
	assert_non_null(b->in);
	assert_int_equal(nb, 0);
	assert_int_equal(get16(b->area, AREA_VERSION), 1);
}

static void
bench_destroy(struct bench *b)
{
	vhc_inflight_destroy(b->in);
	free(b->area);
	drv_destroy(&b->d);
}

/* One request: 16 bytes to read, and 8 to write elsewhere, or over them. */
static bool
add(struct bench *b, bool over_itself)
{
	const uint64_t at = HIGH_GPA + 64 * (unit_rand(&b->d.seed) % 100);
	const struct piece p[2] = {{at, 16, false}, {over_itself ? at + 8 : at + 32, 8, true}};

	return drv_add(&b->d, p, 2, unit_rand(&b->d.seed) % 2 ? DIRECT : INDIRECT);
}

static void
hold(struct bench *b, const struct vhc_vring_elem *e)
{
	struct vhc_vring_elem *const h = &b->held[b->nb_held++];

	*h = *e;
	memcpy(b->desc[e->id], e->desc, e->nb_desc * sizeof(e->desc[0]));
	h->desc = b->desc[e->id];
}

static void
take(struct bench *b)
{
	struct vhc_desc desc[8];
	struct vhc_vring_elem e = {.desc = desc};

	if (vhc_vring_pop(b->d.v, &b->d.guest.mem, &e, 1, UNIT_DIM(desc)) != 1)
		return;
	drv_check(&b->d, &e);
	vhc_inflight_take(b->in, &e);
	hold(b, &e);
}

static void
answer(struct bench *b, uint32_t i)
{
	struct vhc_vring_elem *const e = &b->held[i];

	b->d.sent[e->id].used_len = 8;
	vhc_inflight_give_back(b->in, e);
	vhc_vring_put(b->d.v, e, 8);
	memmove(e, e + 1, (--b->nb_held - i) * sizeof(*e));
}

static uint16_t
used_idx(const struct bench *b)
{
	return get16(b->d.device, 2);
}

/* What is out although the driver has seen all there is to see: its oldest first. */
static uint32_t
missing(const struct bench *b, uint16_t *heads)
{
	uint32_t n = 0, i, k;

	for (i = 0; i < SIZE; i++) {
		if (!b->d.sent[i].out)
			continue;
		for (k = n++; k > 0 && b->d.sent[heads[k - 1]].serial > b->d.sent[i].serial; k--)
			heads[k] = heads[k - 1];
		heads[k] = (uint16_t)i;
	}
	return n;
}

/* The process is gone; another one starts with the ring and the area. */
static void
die(struct bench *b)
{
	uint16_t heads[SIZE], nb = 0, i;
	struct vhc_desc desc[8];
	struct vhc_vring_elem e;
	uint32_t out;

	vhc_vring_destroy(b->d.v);
	vhc_inflight_destroy(b->in);
	b->nb_held = 0;
	drv_reap(&b->d);
	out = missing(b, heads);
	b->in = vhc_inflight_create(b->area, SIZE, b->d.cfg.in_order, used_idx(b), &nb);
	assert_non_null(b->in);
	assert_in_range(nb, 0, out);
	b->d.cfg.last_used = used_idx(b);
	b->d.cfg.last_avail = (uint16_t)(used_idx(b) + nb);
	b->d.v = vhc_vring_create(&b->d.cfg);
	assert_non_null(b->d.v);
	assert_int_equal(vhc_inflight_pending(b->in), nb != 0);
	for (i = 0; i < nb; i++) {
		/* The next one may die over it as well. */
		if (unit_rand(&b->d.seed) % 32 == 0) {
			die(b);
			return;
		}
		e.desc = desc;
		assert_int_equal(vhc_inflight_retake(b->in, b->d.v, &b->d.guest.mem, &e, 1,
				UNIT_DIM(desc)), 1);
		assert_int_equal(e.id, heads[i]);
		drv_check(&b->d, &e);
		vhc_inflight_take(b->in, &e);
		hold(b, &e);
	}
	assert_false(vhc_inflight_pending(b->in));
}

static void
run_lives(bool in_order)
{
	struct bench b;
	uint32_t step, lives = 0, taken_again = 0;
	uint64_t seed = SEED;

	bench_create(&b, in_order, SEED);
	for (step = 0; step < 200000; step++) {
		switch (unit_rand(&seed) % 8) {
		case 0:
		case 1:
			add(&b, false);
			drv_publish(&b.d);
			break;
		case 2:
		case 3:
			take(&b);
			break;
		case 4:
		case 5:
			if (b.nb_held != 0)
				answer(&b, unit_rand(&seed) % b.nb_held);
			break;
		case 6:
			/* It may die between the two, which is what the area is made for. */
			if (vhc_vring_publish(b.d.v) && unit_rand(&seed) % 4 != 0)
				vhc_inflight_published(b.in, b.d.v);
			else
				die(&b);
			drv_reap(&b.d);
			break;
		default:
			if (unit_rand(&seed) % 16 != 0)
				break;
			die(&b);
			lives++;
			taken_again += b.nb_held;
			break;
		}
	}
	/* Nothing is lost in the end. */
	do {
		while (b.nb_held != 0)
			answer(&b, 0);
		if (vhc_vring_publish(b.d.v))
			vhc_inflight_published(b.in, b.d.v);
		drv_reap(&b.d);
		take(&b);
	} while (b.nb_held != 0);
	assert_int_equal(b.d.nb_free, SIZE);
	assert_true(lives > 100 && taken_again > 100);
	bench_destroy(&b);
}

static void
lives_of_a_ring(void **state)
{
	(void)state;
	run_lives(false);
}

static void
lives_of_a_ring_in_order(void **state)
{
	(void)state;
	run_lives(true);
}

/* What may have been worked on in place already cannot be worked on again. */
static void
in_place_comes_out_as_bad(void **state)
{
	struct vhc_desc desc[8];
	struct vhc_vring_elem e = {.desc = desc};
	struct bench b;
	uint16_t nb;

	(void)state;
	bench_create(&b, false, SEED);
	assert_true(add(&b, true));
	drv_publish(&b.d);
	take(&b);
	assert_int_equal(b.nb_held, 1);
	assert_false(b.held[0].bad);
	vhc_vring_destroy(b.d.v);
	vhc_inflight_destroy(b.in);
	b.in = vhc_inflight_create(b.area, SIZE, false, 0, &nb);
	assert_int_equal(nb, 1);
	b.d.cfg.last_avail = 1;
	b.d.v = vhc_vring_create(&b.d.cfg);
	assert_int_equal(vhc_inflight_retake(b.in, b.d.v, &b.d.guest.mem, &e, 1, UNIT_DIM(desc)),
			1);
	assert_true(e.bad);
	bench_destroy(&b);
}

/* The area is the guest's: no value in it leads out of it. */
static void
an_area_of_nonsense(void **state)
{
	struct bench b;
	struct vhc_inflight *in;
	uint64_t seed = SEED;
	uint32_t round, i;
	uint16_t nb;
	size_t len = vhc_inflight_area_len(SIZE, false);

	(void)state;
	bench_create(&b, false, SEED);
	put16(b.area, AREA_LAST_BATCH, SIZE);
	put16(b.area, AREA_USED_IDX, 0);
	assert_null(vhc_inflight_create(b.area, SIZE, false, 1, &nb));
	assert_int_equal(errno, EINVAL);
	put16(b.area, AREA_LAST_BATCH, 0);
	assert_null(vhc_inflight_create(b.area, SIZE, false, SIZE + 1, &nb));
	assert_int_equal(errno, EINVAL);
	for (round = 0; round < 100000; round++) {
		for (i = 0; i < len; i++)
			b.area[i] = (uint8_t)unit_rand(&seed);
		for (i = 0; i < SIZE; i++) {
			b.area[AREA_DESC(i)] = unit_rand(&seed) % 2;
			put16(b.area, AREA_DESC(i) + 6, unit_rand(&seed) % (SIZE + 1));
		}
		put16(b.area, AREA_USED_IDX, unit_rand(&seed) % (SIZE + 2));
		put16(b.area, AREA_LAST_BATCH, unit_rand(&seed) % (SIZE + 1));
		in = vhc_inflight_create(b.area, SIZE, round % 2, 0, &nb);
		assert_true(in == NULL || nb <= SIZE);
		vhc_inflight_destroy(in);
	}
	bench_destroy(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lives_of_a_ring),
		cmocka_unit_test(lives_of_a_ring_in_order),
		cmocka_unit_test(in_place_comes_out_as_bad),
		cmocka_unit_test(an_area_of_nonsense),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
