/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The back end's rings with a driver that breaks the rules. A bad chain comes out as bad, with
 * nothing in it that is not the guest's memory, and the next chain is as good as ever; a ring whose
 * own state makes no sense stops, and says why.
 */

#include <pthread.h>

#include "vring_model.h"

#define SIZE 8
#define GOOD_LEN 77

struct ring {
	struct drv d;
	uint16_t next_avail; /* split */
	uint16_t pos;        /* packed */
	bool wrap;
};

static void
ring_create(struct ring *r, bool packed, bool indirect)
{
	const struct vhc_vring_cfg cfg = {
		.size = SIZE, .packed = packed, .event_idx = true, .indirect = indirect,
	};

	memset(r, 0, sizeof(*r));
	drv_create(&r->d, &cfg, 40, 1);
	r->wrap = true;
}

static void
ring_destroy(struct ring *r)
{
	drv_destroy(&r->d);
}

/* Descriptors written by hand; where the ring stands is as if it were new. */
static void
ring_restart(struct ring *r)
{
	vhc_vring_destroy(r->d.v);
	r->d.v = vhc_vring_create(&r->d.cfg);
	assert_non_null(r->d.v);
	memset(r->d.desc, 0, 16 * SIZE);
	memset(r->d.driver, 0, driver_area_len(&r->d));
	r->next_avail = 0;
	r->pos = 0;
	r->wrap = true;
}

static void
split_desc(struct ring *r, uint16_t i, uint64_t addr, uint32_t len, uint16_t flags, uint16_t next)
{
	desc_bytes(r->d.desc + 16 * i, addr, len, flags, next);
}

static void
split_offer(struct ring *r, uint16_t head)
{
	put16(r->d.driver, 4 + 2u * (r->next_avail % SIZE), head);
	put16(r->d.driver, 2, ++r->next_avail);
}

static void
packed_offer(struct ring *r, uint64_t addr, uint32_t len, uint16_t id, uint16_t flags)
{
	desc_bytes(r->d.desc + 16 * r->pos, addr, len, id, flags | (r->wrap ? F_AVAIL : F_USED));
	if (++r->pos == SIZE) {
		r->pos = 0;
		r->wrap = !r->wrap;
	}
}

/* A chain that is in order, behind whatever came before. */
static void
offer_good(struct ring *r)
{
	if (r->d.cfg.packed) {
		packed_offer(r, HIGH_GPA, GOOD_LEN, 1, F_WRITE);
	} else {
		split_desc(r, SIZE - 1, HIGH_GPA, GOOD_LEN, F_WRITE, 0);
		split_offer(r, SIZE - 1);
	}
}

static void
check_good(const struct ring *r, const struct vhc_vring_elem *e)
{
	assert_false(e->bad);
	assert_int_equal(e->nb_desc, 1);
	assert_int_equal(e->desc[0].len, GOOD_LEN);
	assert_ptr_equal(e->desc[0].addr, guest_at(&r->d.guest, HIGH_GPA));
}

/* Two arrays that are too short on purpose: what is longer is malloc()ed. */
#define INLINE 2
static struct vhc_desc inline_desc[4][INLINE];

static int
pop(struct ring *r, struct vhc_vring_elem *e, uint16_t nb)
{
	uint16_t i;
	int n, k;

	for (i = 0; i < nb; i++)
		e[i] = (struct vhc_vring_elem){ .desc = inline_desc[i] };
	n = vhc_vring_pop(r->d.v, &r->d.guest.mem, e, nb, INLINE);
	assert_true(n <= nb);
	for (k = 0; k < n; k++) {
		for (i = 0; i < e[k].nb_desc; i++) {
			assert_true(e[k].desc[i].len != 0);
			assert_true(guest_owns(&r->d.guest, e[k].desc[i].addr, e[k].desc[i].len));
		}
		vhc_vring_put(r->d.v, &e[k], 1);
	}
	vhc_vring_publish(r->d.v);
	return n;
}

static void
release(struct vhc_vring_elem *e, int n)
{
	int i;

	for (i = 0; i < n; i++)
		if (e[i].desc != inline_desc[i])
			free(e[i].desc);
}

/* What is wanted of a chain: bad or not, and pieces (len, writable in bit 31). */
#define W 0x80000000u
struct wanted {
	bool bad;
	uint16_t nb;
	uint32_t piece[6];
};

/* The chain that was offered, then a good one, in one burst and in two. */
static void
expect(struct ring *r, const struct wanted *w, const char *what)
{
	struct vhc_vring_elem e[4];
	uint16_t i;
	int n;

	offer_good(r);
	n = pop(r, e, 4);
	if (n != 2)
		fail_msg("%s: %d chains", what, n);
	if (e[0].bad != w->bad || e[0].nb_desc != w->nb)
		fail_msg("%s: bad %d, %u pieces", what, e[0].bad, e[0].nb_desc);
	for (i = 0; i < w->nb; i++)
		if ((e[0].desc[i].len | (e[0].desc[i].writable ? W : 0)) != w->piece[i])
			fail_msg("%s: piece %u has %u bytes, writable %d", what, i,
					e[0].desc[i].len, e[0].desc[i].writable);
	check_good(r, &e[1]);
	release(e, n);
	assert_null(vhc_vring_fault(r->d.v));
	assert_int_equal(pop(r, e, 4), 0);
}

/* Descriptors of the ring's table, or of an indirect one. */
struct line {
	uint64_t addr;
	uint32_t len;
	uint16_t flags;
	uint16_t next;
};

struct chain_case {
	const char *what;
	struct line line[6];
	struct wanted wanted;
};

#define OUTSIDE UINT64_C(0x8000000000)
#define H HIGH_GPA
#define H_END (HIGH_GPA + HIGH_SIZE)

/* Cases that are the same in the ring's own table and in an indirect one. */
static const struct chain_case split_cases[] = {
	{ "loop to itself", {{H, 8, F_NEXT, 0}}, { .bad = true, .nb = 0xffff } },
	{ "loop of two", {{H, 8, F_NEXT, 1}, {H, 8, F_NEXT, 0}}, { .bad = true, .nb = 0xffff } },
	{ "loop behind a start", {{H, 8, F_NEXT, 1}, {H, 8, F_NEXT, 2}, {H, 8, F_NEXT, 1}},
		{ .bad = true, .nb = 0xffff } },
	{ "loop of nothing", {{H, 0, F_NEXT, 0}}, { .bad = true, .nb = 0 } },
	{ "next beyond the table", {{H, 8, F_NEXT, 1}, {H, 9, F_NEXT | F_WRITE, 40000}},
		{ .bad = true, .nb = 2, .piece = {8, 9 | W} } },
	{ "next just beyond the table", {{H, 8, F_NEXT, SIZE}},
		{ .bad = true, .nb = 1, .piece = {8} } },
	{ "nothing", {{H, 0, 0, 0}}, { .bad = false, .nb = 0 } },
	{ "nothing, and that nowhere", {{OUTSIDE, 0, F_NEXT, 1}, {H, 1, F_WRITE, 0}},
		{ .bad = false, .nb = 1, .piece = {1 | W} } },
	{ "empty ones between", {{H, 8, F_NEXT, 1}, {H, 0, F_NEXT, 2}, {H, 0, F_NEXT | F_WRITE, 3},
		{H, 4, F_WRITE, 0}}, { .bad = false, .nb = 2, .piece = {8, 4 | W} } },
	{ "empty ones out of order", {{H, 0, F_NEXT | F_WRITE, 1}, {H, 8, F_NEXT, 2},
		{H, 4, F_NEXT | F_WRITE, 3}, {H, 0, 0, 0}},
		{ .bad = false, .nb = 2, .piece = {8, 4 | W} } },
	{ "readable behind writable", {{H, 8, F_NEXT, 1}, {H, 9, F_NEXT | F_WRITE, 2},
		{H, 10, F_NEXT, 3}, {H, 1, F_WRITE, 0}},
		{ .bad = true, .nb = 3, .piece = {8, 9 | W, 1 | W} } },
	{ "readable at the end", {{H, 8, F_NEXT | F_WRITE, 1}, {H, 9, 0, 0}},
		{ .bad = true, .nb = 1, .piece = {8 | W} } },
	{ "in no memory", {{OUTSIDE, 8, F_NEXT, 1}, {H, 1, F_WRITE, 0}},
		{ .bad = true, .nb = 1, .piece = {1 | W} } },
	{ "below all memory", {{0, 8, 0, 0}}, { .bad = true, .nb = 0 } },
	{ "just below memory", {{LOW_GPA - 1, 1, 0, 0}}, { .bad = true, .nb = 0 } },
	{ "across the start", {{LOW_GPA - 1, 2, 0, 0}}, { .bad = true, .nb = 0 } },
	{ "the first byte", {{LOW_GPA, 1, 0, 0}}, { .bad = false, .nb = 1, .piece = {1} } },
	{ "the last bytes", {{H_END - 5, 5, F_WRITE, 0}},
		{ .bad = false, .nb = 1, .piece = {5 | W} } },
	{ "one byte too many", {{H_END - 5, 6, F_WRITE, 0}}, { .bad = true, .nb = 0 } },
	{ "just behind the end", {{H_END, 1, F_WRITE, 0}}, { .bad = true, .nb = 0 } },
	{ "4 GiB", {{H, 0xffffffff, F_NEXT, 1}, {H, 1, F_WRITE, 0}},
		{ .bad = true, .nb = 1, .piece = {1 | W} } },
	{ "over the end of all addresses", {{~UINT64_C(0), 2, F_NEXT, 1}, {H, 1, F_WRITE, 0}},
		{ .bad = true, .nb = 1, .piece = {1 | W} } },
	{ "over the end, by much", {{UINT64_C(0) - 0x10000, 0xffffffff, 0, 0}},
		{ .bad = true, .nb = 0 } },
	{ "into the memory over the end", {{UINT64_C(0) - 8, (uint32_t)LOW_GPA + 16, 0, 0}},
		{ .bad = true, .nb = 0 } },
	{ "flags that mean nothing", {{H, 8, 0xfff8, 0}},
		{ .bad = false, .nb = 1, .piece = {8} } },
};

static uint16_t
nb_lines(const struct chain_case *c)
{
	uint16_t i;

	for (i = 0; i < UNIT_DIM(c->line); i++)
		if (c->line[i].addr == 0 && c->line[i].len == 0)
			break;
	return i;
}

/* What is wanted of a loop depends on how far it is followed. */
static struct wanted
of_loop(const struct wanted *w, uint16_t nb)
{
	struct wanted out = *w;
	uint16_t i;

	if (w->nb != 0xffff)
		return out;
	out.nb = nb;
	for (i = 0; i < UNIT_DIM(out.piece); i++)
		out.piece[i] = 8;
	return out;
}

static void
test_split_direct(void **state)
{
	struct vhc_vring_elem e[4];
	struct ring r;
	uint32_t i;
	uint16_t k;

	(void)state;
	ring_create(&r, false, true);
	for (i = 0; i < UNIT_DIM(split_cases); i++) {
		const struct chain_case *const c = &split_cases[i];

		ring_restart(&r);
		for (k = 0; k < nb_lines(c); k++)
			split_desc(&r, k, c->line[k].addr, c->line[k].len, c->line[k].flags,
					c->line[k].next);
		split_offer(&r, 0);
		if (c->wanted.nb == 0xffff) {
			/* No further than the ring is long, so not for ever. */
			offer_good(&r);
			assert_int_equal(pop(&r, e, 4), 2);
			assert_true(e[0].bad);
			assert_int_equal(e[0].nb_desc, SIZE);
			check_good(&r, &e[1]);
			release(e, 2);
			continue;
		}
		expect(&r, &c->wanted, c->what);
	}
	ring_destroy(&r);
}

/* The same in a table, alone or behind a direct descriptor, in one block or over two. */
static void
test_split_indirect(void **state)
{
	struct ring r;
	uint32_t i, where, direct;
	uint16_t k;

	(void)state;
	ring_create(&r, false, true);
	for (i = 0; i < UNIT_DIM(split_cases); i++)
		for (where = 0; where < 3; where++)
			for (direct = 0; direct < 2; direct++) {
				const struct chain_case *const c = &split_cases[i];
				/* The border is at, or in, the second entry. */
				const uint64_t t = where == 0 ? LOW_GPA :
					r.d.guest.border - 16 - 5 * (where - 1);
				struct wanted w = of_loop(&c->wanted, 1024);
				struct vhc_vring_elem e[4];

				ring_restart(&r);
				for (k = 0; k < SIZE; k++)
					guest_put_desc(&r.d.guest, t + 16u * k, c->line[k % 6].addr,
							c->line[k % 6].len, c->line[k % 6].flags,
							c->line[k % 6].next);
				guest_put_desc(&r.d.guest, t + 16u * SIZE, H, 1, F_WRITE, 0);
				if (direct)
					split_desc(&r, 3, H, 55, F_NEXT, 4);
				split_desc(&r, direct ? 4 : 3, t, SIZE * 16, F_INDIRECT, 0);
				split_offer(&r, 3);
				if (direct && w.nb != 1024) {
					memmove(&w.piece[1], &w.piece[0], 5 * sizeof(w.piece[0]));
					w.piece[0] = 55;
					w.nb++;
				}
				if (c->wanted.nb != 0xffff) {
					expect(&r, &w, c->what);
					continue;
				}
				offer_good(&r);
				assert_int_equal(pop(&r, e, 4), 2);
				assert_true(e[0].bad);
				assert_int_equal(e[0].nb_desc, 1024 + direct);
				check_good(&r, &e[1]);
				release(e, 2);
			}
	ring_destroy(&r);
}

/* Tables of lengths and at places that they cannot have. Both formats. */
static void
test_bad_tables(void **state)
{
	static const struct wanted bad = { .bad = true, .nb = 0 };
	struct ring r;
	uint32_t packed, i;

	(void)state;
	for (packed = 0; packed < 2; packed++) {
		ring_create(&r, packed, true);
		const struct {
			const char *what;
			uint64_t addr;
			uint32_t len;
		} cases[] = {
			{ "no length", LOW_GPA, 0 },
			{ "one byte", LOW_GPA, 1 },
			{ "15 bytes", LOW_GPA, 15 },
			{ "17 bytes", LOW_GPA, 17 },
			{ "4 GiB less one", LOW_GPA, 0xffffffff },
			{ "outside", OUTSIDE, 16 },
			{ "below", LOW_GPA - 16, 16 },
			{ "across the start", LOW_GPA - 8, 16 },
			{ "across the end", H_END - 8, 16 },
			{ "behind the end", H_END, 16 },
			{ "over the end of all addresses", UINT64_C(0) - 16, 16 },
			{ "over the end, and more", UINT64_C(0) - 8, 16 },
			{ "over the end into memory", UINT64_C(0) - 16, (uint32_t)LOW_GPA + 64 },
			{ "half of it is there", r.d.guest.end - 8, 16 },
		};

		for (i = 0; i < UNIT_DIM(cases); i++) {
			ring_restart(&r);
			if (packed) {
				packed_offer(&r, cases[i].addr, cases[i].len, 0, F_INDIRECT);
			} else {
				split_desc(&r, 0, cases[i].addr, cases[i].len, F_INDIRECT, 0);
				split_offer(&r, 0);
			}
			expect(&r, &bad, cases[i].what);
		}
		ring_destroy(&r);
	}
}

/* A table longer than it says it may be is walked as far as there is memory. */
static void
test_table_ends_in_a_hole(void **state)
{
	static const struct wanted w = { .bad = true, .nb = 2, .piece = {8, 9 | W} };
	struct ring r;
	uint32_t packed;

	(void)state;
	for (packed = 0; packed < 2; packed++) {
		ring_create(&r, packed, true);
		ring_restart(&r);
		if (packed) {
			guest_put_desc(&r.d.guest, H_END - 32, H, 8, 0, 0);
			guest_put_desc(&r.d.guest, H_END - 16, H, 9, 0, F_WRITE);
			packed_offer(&r, H_END - 32, 48, 0, F_INDIRECT);
		} else {
			guest_put_desc(&r.d.guest, H_END - 32, H, 8, F_NEXT, 1);
			guest_put_desc(&r.d.guest, H_END - 16, H, 9, F_NEXT | F_WRITE, 2);
			split_desc(&r, 0, H_END - 32, 48, F_INDIRECT, 0);
			split_offer(&r, 0);
		}
		expect(&r, &w, "hole");
		ring_destroy(&r);
	}
}

/* Nested tables, tables that go on, tables without the feature. */
static void
test_split_table_rules(void **state)
{
	static const struct wanted nested = { .bad = true, .nb = 2, .piece = {8, 1 | W} };
	static const struct wanted more = { .bad = true, .nb = 1, .piece = {1 | W} };
	static const struct wanted refused = { .bad = true, .nb = 1, .piece = {33} };
	static const struct wanted fine = { .bad = false, .nb = 2, .piece = {33, 1 | W} };
	struct ring r;

	(void)state;
	ring_create(&r, false, true);
	ring_restart(&r);
	guest_put_desc(&r.d.guest, LOW_GPA, H, 8, F_NEXT, 1);
	guest_put_desc(&r.d.guest, LOW_GPA + 16, LOW_GPA, 48, F_INDIRECT | F_NEXT, 2);
	guest_put_desc(&r.d.guest, LOW_GPA + 32, H, 1, F_WRITE, 0);
	split_desc(&r, 0, LOW_GPA, 48, F_INDIRECT, 0);
	split_offer(&r, 0);
	expect(&r, &nested, "nested");

	ring_restart(&r);
	guest_put_desc(&r.d.guest, LOW_GPA, H, 1, F_WRITE, 0);
	split_desc(&r, 0, LOW_GPA, 16, F_INDIRECT | F_NEXT, 1);
	split_desc(&r, 1, H, 2, F_WRITE, 0);
	split_offer(&r, 0);
	expect(&r, &more, "INDIRECT and NEXT");

	ring_restart(&r);
	split_desc(&r, 0, H, 33, F_NEXT, 1);
	split_desc(&r, 1, LOW_GPA, 16, F_INDIRECT | F_WRITE, 0);
	split_offer(&r, 0);
	expect(&r, &fine, "direct, then a table");
	ring_destroy(&r);

	ring_create(&r, false, false);
	guest_put_desc(&r.d.guest, LOW_GPA, H, 1, F_WRITE, 0);
	ring_restart(&r);
	split_desc(&r, 0, H, 33, F_NEXT, 1);
	split_desc(&r, 1, LOW_GPA, 16, F_INDIRECT, 0);
	split_offer(&r, 0);
	expect(&r, &refused, "not negotiated");
	ring_destroy(&r);
}

/* The packed ring's: lists of descriptors, and tables that are not alone. */
static void
test_packed_rules(void **state)
{
	static const struct wanted order = { .bad = true, .nb = 3, .piece = {8, 9 | W, 1 | W} };
	static const struct wanted mixed = { .bad = true, .nb = 2, .piece = {8, 1 | W} };
	static const struct wanted refused = { .bad = true, .nb = 0 };
	static const struct wanted status = { .bad = true, .nb = 1, .piece = {1 | W} };
	static const struct wanted none = { .bad = false, .nb = 0 };
	static const struct wanted cut = { .bad = false, .nb = 3, .piece = {3, 4, 1 | W} };
	struct ring r;

	(void)state;
	ring_create(&r, true, true);
	ring_restart(&r);
	packed_offer(&r, H, 8, 0, F_NEXT);
	packed_offer(&r, H, 9, 0, F_NEXT | F_WRITE);
	packed_offer(&r, H, 10, 0, F_NEXT);
	packed_offer(&r, H, 1, 7, F_WRITE);
	expect(&r, &order, "readable behind writable");

	guest_put_desc(&r.d.guest, LOW_GPA, H, 1, 0, F_WRITE);
	ring_restart(&r);
	packed_offer(&r, H, 8, 0, F_NEXT);
	packed_offer(&r, LOW_GPA, 16, 0, F_NEXT | F_INDIRECT);
	packed_offer(&r, H, 1, 7, F_WRITE);
	expect(&r, &mixed, "a table in a list");

	ring_restart(&r);
	packed_offer(&r, LOW_GPA, 16, 0, F_NEXT | F_INDIRECT);
	packed_offer(&r, H, 1, 7, F_WRITE);
	expect(&r, &status, "a table that goes on");

	ring_restart(&r);
	packed_offer(&r, OUTSIDE, 16, 0, F_NEXT);
	packed_offer(&r, ~UINT64_C(0), 16, 0, F_NEXT);
	packed_offer(&r, H, 1, 7, F_WRITE);
	expect(&r, &status, "in no memory");

	ring_restart(&r);
	packed_offer(&r, OUTSIDE, 0, 0, 0);
	expect(&r, &none, "nothing");

	ring_restart(&r);
	packed_offer(&r, r.d.guest.border - 3, 7, 0, F_NEXT);
	packed_offer(&r, H, 1, 7, F_WRITE);
	expect(&r, &cut, "over the border");

	ring_restart(&r);
	packed_offer(&r, LOW_GPA, 1025 * 16, 0, F_INDIRECT);
	expect(&r, &refused, "a table that is too long");
	ring_destroy(&r);

	ring_create(&r, true, false);
	ring_restart(&r);
	packed_offer(&r, LOW_GPA, 16, 0, F_INDIRECT);
	expect(&r, &refused, "not negotiated");
	ring_destroy(&r);
}

/* A chain as long as the ring is fine; so is a table that is longer, up to a limit. */
static void
test_longest(void **state)
{
	struct vhc_vring_elem e;
	struct ring r;
	uint16_t i;

	(void)state;
	ring_create(&r, false, true);
	for (i = 0; i < SIZE; i++)
		split_desc(&r, i, H, 3, i + 1 < SIZE ? F_NEXT : 0, i + 1);
	split_offer(&r, 0);
	assert_int_equal(pop(&r, &e, 1), 1);
	assert_false(e.bad);
	assert_int_equal(e.nb_desc, SIZE);
	assert_int_equal(e.nb_ring, SIZE);
	release(&e, 1);
	for (i = 0; i < 40; i++)
		guest_put_desc(&r.d.guest, LOW_GPA + 16u * i, H, 3, i < 39 ? F_NEXT : 0, i + 1);
	split_desc(&r, 0, LOW_GPA, 40 * 16, F_INDIRECT, 0);
	split_offer(&r, 0);
	assert_int_equal(pop(&r, &e, 1), 1);
	assert_false(e.bad);
	assert_int_equal(e.nb_desc, 40);
	release(&e, 1);
	ring_destroy(&r);

	ring_create(&r, true, true);
	for (i = 0; i < SIZE; i++)
		packed_offer(&r, H, 3, 5, i + 1 < SIZE ? F_NEXT : 0);
	assert_int_equal(pop(&r, &e, 1), 1);
	assert_false(e.bad);
	assert_int_equal(e.nb_desc, SIZE);
	assert_int_equal(e.nb_ring, SIZE);
	release(&e, 1);
	for (i = 0; i < 40; i++)
		guest_put_desc(&r.d.guest, LOW_GPA + 16u * i, H, 3, 0, 0);
	packed_offer(&r, LOW_GPA, 40 * 16, 2, F_INDIRECT);
	assert_int_equal(pop(&r, &e, 1), 1);
	assert_false(e.bad);
	assert_int_equal(e.nb_desc, 40);
	release(&e, 1);
	ring_destroy(&r);
}

/* The ring is broken: it says so, for good, and a new one works. */
static void
expect_broken(struct ring *r, const char *what)
{
	struct vhc_vring_elem e[4];

	if (pop(r, e, 4) != -EIO)
		fail_msg("%s: not broken", what);
	assert_non_null(vhc_vring_fault(r->d.v));
	assert_false(vhc_vring_pending(r->d.v));
	assert_false(vhc_vring_want_kicks(r->d.v, true));
	/* Not even if the driver takes it back. */
	put16(r->d.driver, 2, 0);
	assert_int_equal(pop(r, e, 4), -EIO);
	ring_restart(r);
	assert_null(vhc_vring_fault(r->d.v));
	offer_good(r);
	assert_int_equal(pop(r, e, 4), 1);
	check_good(r, e);
	ring_restart(r);
}

static void
test_split_breaks(void **state)
{
	static const uint16_t jumps[] = {SIZE + 1, 1000, 32768, 65535};
	static const uint16_t heads[] = {SIZE, SIZE + 1, 32767, 65535};
	struct vhc_vring_elem e[4];
	struct ring r;
	uint16_t i;

	(void)state;
	ring_create(&r, false, true);
	for (i = 0; i < UNIT_DIM(jumps); i++) {
		put16(r.d.driver, 2, jumps[i]);
		expect_broken(&r, "jump");
	}
	for (i = 0; i < UNIT_DIM(heads); i++) {
		split_offer(&r, heads[i]);
		expect_broken(&r, "head");
		/* What came before it is still given, and can be answered. */
		offer_good(&r);
		split_offer(&r, heads[i]);
		offer_good(&r);
		assert_int_equal(pop(&r, e, 4), 1);
		check_good(&r, e);
		assert_int_equal(get16(r.d.device, 2), 1);
		expect_broken(&r, "head behind a good one");
	}

	/* The index goes back: over what was taken, with nothing given back. */
	offer_good(&r);
	offer_good(&r);
	for (i = 0; i < 4; i++)
		e[i].desc = inline_desc[i];
	assert_int_equal(vhc_vring_pop(r.d.v, &r.d.guest.mem, e, 4, INLINE), 2);
	put16(r.d.driver, 2, 1);
	expect_broken(&r, "back");

	/* All that the ring has is taken, and more is offered. */
	for (i = 0; i < SIZE; i++)
		offer_good(&r);
	for (i = 0; i < SIZE; i++) {
		e[0].desc = inline_desc[0];
		assert_int_equal(vhc_vring_pop(r.d.v, &r.d.guest.mem, e, 1, INLINE), 1);
	}
	e[0].desc = inline_desc[0];
	assert_int_equal(vhc_vring_pop(r.d.v, &r.d.guest.mem, e, 1, INLINE), 0);
	offer_good(&r);
	expect_broken(&r, "more than all");
	ring_destroy(&r);
}

static void
test_packed_breaks(void **state)
{
	static const uint16_t ids[] = {SIZE, SIZE + 1, 32768, 65535};
	struct vhc_vring_elem e[4];
	struct ring r;
	uint16_t i;

	(void)state;
	ring_create(&r, true, true);
	for (i = 0; i < UNIT_DIM(ids); i++) {
		packed_offer(&r, H, 8, ids[i], 0);
		expect_broken(&r, "id");
		packed_offer(&r, H, 8, 1, F_NEXT);
		packed_offer(&r, H, 8, 1, F_NEXT);
		packed_offer(&r, H, 8, ids[i], 0);
		expect_broken(&r, "id of a list");
		offer_good(&r);
		packed_offer(&r, LOW_GPA, 16, ids[i], F_INDIRECT);
		assert_int_equal(pop(&r, e, 4), 1);
		check_good(&r, e);
		expect_broken(&r, "id behind a good one");
	}

	/* A list without an end; also where part of the ring is taken. */
	for (i = 0; i < SIZE; i++)
		packed_offer(&r, H, 8, 1, F_NEXT);
	expect_broken(&r, "endless list");
	offer_good(&r);
	e[0].desc = inline_desc[0];
	assert_int_equal(vhc_vring_pop(r.d.v, &r.d.guest.mem, e, 1, INLINE), 1);
	for (i = 0; i < SIZE - 1; i++)
		packed_offer(&r, H, 8, 1, F_NEXT);
	packed_offer(&r, H, 8, 1, 0);
	expect_broken(&r, "list over what is taken");

	/* All that the ring has is taken, and offered anew. */
	for (i = 0; i < SIZE; i++)
		offer_good(&r);
	for (i = 0; i < SIZE; i++) {
		e[0].desc = inline_desc[0];
		assert_int_equal(vhc_vring_pop(r.d.v, &r.d.guest.mem, e, 1, INLINE), 1);
	}
	e[0].desc = inline_desc[0];
	assert_int_equal(vhc_vring_pop(r.d.v, &r.d.guest.mem, e, 1, INLINE), 0);
	offer_good(&r);
	expect_broken(&r, "more than all");
	ring_destroy(&r);
}

/* Answers that the driver has not seen give it no right to offer more. */
static void
test_unpublished(void **state)
{
	struct vhc_vring_elem e;
	struct ring r;
	uint32_t packed, i;

	(void)state;
	for (packed = 0; packed < 2; packed++) {
		ring_create(&r, packed, true);
		for (i = 0; i < SIZE; i++) {
			offer_good(&r);
			e.desc = inline_desc[0];
			assert_int_equal(vhc_vring_pop(r.d.v, &r.d.guest.mem, &e, 1, INLINE), 1);
			vhc_vring_put(r.d.v, &e, 1);
		}
		assert_int_equal(vhc_vring_pop(r.d.v, &r.d.guest.mem, &e, 1, INLINE), 0);
		offer_good(&r);
		expect_broken(&r, "more than was seen");
		ring_destroy(&r);
	}
}

/* The same head or id twice: two answers, and the ring goes on. */
static void
test_offered_twice(void **state)
{
	struct vhc_vring_elem e[4];
	struct ring r;
	uint32_t packed;

	(void)state;
	for (packed = 0; packed < 2; packed++) {
		ring_create(&r, packed, true);
		offer_good(&r);
		offer_good(&r);
		assert_int_equal(pop(&r, e, 4), 2);
		check_good(&r, &e[0]);
		check_good(&r, &e[1]);
		assert_int_equal(pop(&r, e, 4), 0);
		ring_destroy(&r);
	}
}

/* A thread that changes descriptors while they are read: what was checked is what comes out. */
struct flipper {
	struct ring *r;
	uint32_t changes;
	uint32_t stop;
};

static void *
flip(void *arg)
{
	struct flipper *const f = arg;
	uint8_t *const direct = f->r->d.desc;
	uint8_t *const table = guest_at(&f->r->d.guest, LOW_GPA);
	uint64_t seed = 2463534242u;

	while (!__atomic_load_n(&f->stop, __ATOMIC_RELAXED)) {
		const uint32_t x = unit_rand(&seed);
		uint8_t *const d = (x & 1 ? table : direct) + 16 * (x >> 1 & 3);

		switch (x >> 3 & 3) {
		case 0:
			__atomic_store_n((uint64_t *)(void *)d, x & 32 ? H_END - 8 : OUTSIDE,
					__ATOMIC_RELAXED);
			break;
		case 1:
			__atomic_store_n((uint32_t *)(void *)(d + 8), x & 32 ? 8 : 0xffffffff,
					__ATOMIC_RELAXED);
			break;
		default:
			__atomic_store_n((uint16_t *)(void *)(d + 14),
					(uint16_t)(x & 32 ? x >> 16 & 7 : 0xffff),
					__ATOMIC_RELAXED);
			break;
		}
		__atomic_fetch_add(&f->changes, 1, __ATOMIC_RELAXED);
	}
	return NULL;
}

static void
test_changed_while_read(void **state)
{
	struct vhc_vring_elem e[4];
	struct flipper f;
	struct ring r;
	pthread_t thread;
	uint32_t i, bad = 0;
	uint16_t k;
	int n;

	(void)state;
	ring_create(&r, false, true);
	for (k = 0; k < 4; k++) {
		guest_put_desc(&r.d.guest, LOW_GPA + 16u * k, H, 8, F_NEXT, k + 1);
		split_desc(&r, k, H, 8, F_NEXT, k + 1);
	}
	f.r = &r;
	f.changes = 0;
	f.stop = 0;
	assert_int_equal(pthread_create(&thread, NULL, flip, &f), 0);
	for (i = 0; i < 200000 || bad == 0 ||
			__atomic_load_n(&f.changes, __ATOMIC_RELAXED) < 200000; i++) {
		split_desc(&r, 4, LOW_GPA, 4 * 16, F_INDIRECT, 0);
		split_offer(&r, i % 5);
		n = pop(&r, e, 4);
		assert_int_equal(n, 1);
		bad += e[0].bad;
		release(e, n);
	}
	__atomic_store_n(&f.stop, 1, __ATOMIC_RELAXED);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_null(vhc_vring_fault(r.d.v));
	assert_true(bad != 0);
	ring_destroy(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_split_direct),
		cmocka_unit_test(test_split_indirect),
		cmocka_unit_test(test_bad_tables),
		cmocka_unit_test(test_table_ends_in_a_hole),
		cmocka_unit_test(test_split_table_rules),
		cmocka_unit_test(test_packed_rules),
		cmocka_unit_test(test_longest),
		cmocka_unit_test(test_split_breaks),
		cmocka_unit_test(test_packed_breaks),
		cmocka_unit_test(test_unpublished),
		cmocka_unit_test(test_offered_twice),
		cmocka_unit_test(test_changed_while_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
