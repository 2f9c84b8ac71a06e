/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The back end's rings with a driver that writes what it likes: descriptors, tables, indexes, event
 * fields, at any time. The ring may call chains bad and itself broken, but what it gives is
 * the guest's memory, never more chains than the ring is long, and it can be stopped and continued
 * anywhere. Input: format, features and size, then steps.
 */

#include <errno.h>

#include "fuzz.h"
#include "vring.h"

#define MAX_SIZE 16
#define REGION 0x200
#define INLINE_DESC 2
#define NB_RAW_ADDR 0xff

#define HOW_PACKED 0x01
#define HOW_EVENT_IDX 0x02
#define HOW_INDIRECT 0x04
#define HOW_IN_ORDER 0x08
#define HOW_LOG 0x10

enum step {
	STEP_DESC,   /* which, and what */
	STEP_TABLE,  /* the same, in memory that tables are in */
	STEP_OFFER,  /* split: head; packed: mark where the driver stands as available */
	STEP_INDEX,  /* split: the index jumps; packed: the place does */
	STEP_DRIVER, /* a word anywhere in the driver area */
	STEP_DEVICE, /* a word anywhere in the device area */
	STEP_POP,
	STEP_PUT,
	STEP_PUBLISH,
	STEP_CALL,
	STEP_KICKS,
	STEP_RESTART,
	STEP_NB,
};

struct target {
	struct vhc_guest_mem mem;
	struct vhc_vring_cfg cfg;
	struct vhc_vring *v;
	size_t driver_len, device_len;
	struct vhc_vring_elem held[MAX_SIZE];
	struct vhc_desc inline_desc[MAX_SIZE][INLINE_DESC];
	unsigned int nb_held;
	bool log;
	uint16_t idx; /* split */
	uint16_t pos; /* packed */
	bool wrap;
};

static void *
exactly(size_t len)
{
	void *p = NULL;

	FUZZ_CHECK(posix_memalign(&p, 16, len) == 0);
	memset(p, 0, len);
	return p;
}

static void
heard(void *ctx, const void *addr, size_t len)
{
	const struct target *const t = ctx;
	const uint8_t *const p = addr, *const device = t->cfg.device, *const desc = t->cfg.desc;

	FUZZ_CHECK(len != 0);
	if (p >= device && p + len <= device + t->device_len)
		return;
	FUZZ_CHECK(t->cfg.packed && p >= desc && p + len <= desc + 16u * t->cfg.size);
}

static bool
start(struct target *t)
{
	t->v = vhc_vring_create(&t->cfg);
	if (t->v != NULL && t->log)
		vhc_vring_set_log(t->v, heard, t);
	return t->v != NULL;
}

static void
put16(void *area, size_t off, uint16_t v)
{
	memcpy((uint8_t *)area + off, &v, sizeof(v)); /* any order of bytes will do */
}

/* Addresses are mostly near memory: a block, and an offset from before it to behind it. */
static void
make_desc(const struct target *t, struct fuzz_input *in, uint8_t *d)
{
	const uint8_t where = fuzz_u8(in);
	uint64_t addr;
	uint32_t len;
	uint16_t word;

	if (where == NB_RAW_ADDR) {
		fuzz_take(in, d, 16);
		return;
	}
	addr = t->mem.region[where % t->mem.nb_regions].gpa - 8 + fuzz_u16(in) % (REGION + 16);
	len = where & 0x80 ? fuzz_u32(in) : where & 0x40 ? fuzz_u8(in) * 16u : fuzz_u8(in);
	memcpy(d, &addr, 8);
	memcpy(d + 8, &len, 4);
	word = fuzz_u16(in);
	memcpy(d + 12, &word, 2);
	word = fuzz_u16(in);
	memcpy(d + 14, &word, 2);
}

static void
check(const struct target *t, const struct vhc_vring_elem *e)
{
	unsigned int i, k;

	FUZZ_CHECK(e->id < t->cfg.size);
	FUZZ_CHECK(e->nb_ring >= 1 && e->nb_ring <= t->cfg.size);
	for (i = 0; i < e->nb_desc; i++) {
		const uint8_t *const p = e->desc[i].addr;

		FUZZ_CHECK(e->desc[i].len != 0);
		FUZZ_CHECK(e->bad || i == 0 || e->desc[i].writable || !e->desc[i - 1].writable);
		for (k = 0; k < t->mem.nb_regions; k++)
			if (p >= t->mem.region[k].hva && p < t->mem.region[k].hva + REGION)
				break;
		FUZZ_CHECK(k != t->mem.nb_regions);
		FUZZ_CHECK(e->desc[i].len <= (size_t)(t->mem.region[k].hva + REGION - p));
	}
}

static void
step_pop(struct target *t, struct fuzz_input *in)
{
	const uint16_t max_desc = fuzz_u8(in) % (INLINE_DESC + 1);
	uint16_t nb = fuzz_u8(in) % (MAX_SIZE + 1), i;
	const bool pending = vhc_vring_pending(t->v);
	int n;

	if (nb > MAX_SIZE - t->nb_held)
		nb = (uint16_t)(MAX_SIZE - t->nb_held);
	for (i = 0; i < nb; i++)
		t->held[t->nb_held + i].desc = t->inline_desc[t->nb_held + i];
	n = vhc_vring_pop(t->v, &t->mem, &t->held[t->nb_held], nb, max_desc);
	if (n == -EIO) {
		FUZZ_CHECK(vhc_vring_fault(t->v) != NULL);
		FUZZ_CHECK(!vhc_vring_pending(t->v));
		return;
	}
	FUZZ_CHECK(n >= 0 && n <= nb);
	FUZZ_CHECK(n != 0 || nb == 0 || !pending);
	for (i = 0; i < n; i++)
		check(t, &t->held[t->nb_held + i]);
	t->nb_held += (unsigned int)n;
	FUZZ_CHECK(t->nb_held <= t->cfg.size);
}

/* Forget one that is held; inline arrays move with their chains. */
static void
forget(struct target *t, unsigned int i)
{
	const unsigned int last = --t->nb_held;

	if (t->held[i].desc != t->inline_desc[i])
		free(t->held[i].desc);
	if (i == last)
		return;
	t->held[i] = t->held[last];
	if (t->held[i].desc == t->inline_desc[last]) {
		memcpy(t->inline_desc[i], t->inline_desc[last], sizeof(t->inline_desc[i]));
		t->held[i].desc = t->inline_desc[i];
	}
}

static void
step_put(struct target *t, struct fuzz_input *in)
{
	const uint8_t which = fuzz_u8(in);

	if (t->nb_held == 0)
		return;
	vhc_vring_put(t->v, &t->held[which % t->nb_held], fuzz_u16(in));
	forget(t, which % t->nb_held);
}

/* Stopped and continued: all chains that are held are taken again, or lost. */
static void
step_restart(struct target *t, struct fuzz_input *in)
{
	struct vhc_vring_saved saved[4];
	struct vhc_vring_elem *const e = &t->held[0];
	const uint8_t nb = fuzz_u8(in);
	uint16_t head;
	uint8_t i;

	vhc_vring_publish(t->v);
	vhc_vring_position(t->v, &t->cfg.last_avail, &t->cfg.last_used);
	vhc_vring_destroy(t->v);
	while (t->nb_held != 0)
		forget(t, 0);
	FUZZ_CHECK(start(t));
	for (i = 0; i < nb % 4 && t->nb_held < t->cfg.size; i++) {
		head = fuzz_u16(in);
		fuzz_take(in, saved, sizeof(saved));
		t->held[t->nb_held].desc = t->inline_desc[t->nb_held];
		if (vhc_vring_retake(t->v, &t->mem, head, saved, head % 5,
				&t->held[t->nb_held], 1) != 0)
			continue;
		check(t, &e[t->nb_held]);
		t->nb_held++;
	}
}

static void
one_step(struct target *t, struct fuzz_input *in)
{
	uint8_t *const desc = t->cfg.desc;
	uint8_t d[16];
	uint16_t at;

	switch (fuzz_u8(in) % STEP_NB) {
	case STEP_DESC:
		at = fuzz_u8(in) % t->cfg.size;
		make_desc(t, in, desc + 16 * at);
		break;
	case STEP_TABLE:
		at = fuzz_u8(in) % (REGION / 16 - 1);
		make_desc(t, in, d);
		memcpy(t->mem.region[at & 1].hva + 16 * at + 8, d, sizeof(d));
		break;
	case STEP_OFFER:
		if (!t->cfg.packed) {
			put16(t->cfg.driver, 4 + 2u * (t->idx % t->cfg.size), fuzz_u8(in));
			put16(t->cfg.driver, 2, ++t->idx);
			break;
		}
		desc[16 * t->pos + 14] = (uint8_t)((desc[16 * t->pos + 14] & 7) |
				(t->wrap ? 0x80 : 0));
		desc[16 * t->pos + 15] = t->wrap ? 0 : 0x80;
		if (++t->pos == t->cfg.size) {
			t->pos = 0;
			t->wrap = !t->wrap;
		}
		break;
	case STEP_INDEX:
		t->idx = fuzz_u16(in);
		t->pos = t->idx % t->cfg.size;
		t->wrap = t->idx & 0x8000;
		if (!t->cfg.packed)
			put16(t->cfg.driver, 2, t->idx);
		break;
	case STEP_DRIVER:
		at = fuzz_u8(in) % (t->driver_len / 2);
		put16(t->cfg.driver, 2u * at, fuzz_u16(in));
		break;
	case STEP_DEVICE:
		at = fuzz_u8(in) % (t->device_len / 2);
		put16(t->cfg.device, 2u * at, fuzz_u16(in));
		break;
	case STEP_POP:
		step_pop(t, in);
		break;
	case STEP_PUT:
		step_put(t, in);
		break;
	case STEP_PUBLISH:
		vhc_vring_publish(t->v);
		break;
	case STEP_CALL:
		(void)vhc_vring_call_wanted(t->v);
		FUZZ_CHECK(!vhc_vring_call_wanted(t->v));
		break;
	case STEP_KICKS:
		(void)vhc_vring_want_kicks(t->v, fuzz_u8(in) & 1);
		break;
	case STEP_RESTART:
		step_restart(t, in);
		break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* The first two follow each other for the guest; each is a block of its own here. */
	static const uint64_t gpa[] = {0x1000, 0x1000 + REGION, UINT64_MAX - REGION};
	struct fuzz_input in = {data, size};
	const uint8_t how = fuzz_u8(&in);
	struct target t;
	unsigned int i;

	memset(&t, 0, sizeof(t));
	t.mem.nb_regions = 3;
	for (i = 0; i < t.mem.nb_regions; i++)
		t.mem.region[i] = (struct vhc_guest_region){gpa[i], REGION, exactly(REGION)};
	t.cfg.packed = how & HOW_PACKED;
	t.cfg.event_idx = how & HOW_EVENT_IDX;
	t.cfg.indirect = how & HOW_INDIRECT;
	t.cfg.in_order = how & HOW_IN_ORDER;
	t.log = how & HOW_LOG;
	t.cfg.size = fuzz_u8(&in) % MAX_SIZE + 1;
	if (!t.cfg.packed)
		t.cfg.size = (uint16_t)(1u << t.cfg.size % 5);
	t.driver_len = t.cfg.packed ? 4 : 6 + 2u * t.cfg.size;
	t.device_len = t.cfg.packed ? 4 : 6 + 8u * t.cfg.size;
	t.cfg.desc = exactly(16u * t.cfg.size);
	t.cfg.driver = exactly(t.driver_len);
	t.cfg.device = exactly(t.device_len);
	t.cfg.last_avail = fuzz_u16(&in);
	t.cfg.last_used = fuzz_u16(&in);
	t.idx = t.cfg.last_avail;
	t.pos = (t.cfg.last_avail & 0x7fff) % t.cfg.size;
	t.wrap = t.cfg.last_avail & 0x8000;
	if (start(&t)) {
		while (in.len != 0)
			one_step(&t, &in);
		while (t.nb_held != 0) {
			vhc_vring_put(t.v, &t.held[0], 1);
			forget(&t, 0);
		}
		vhc_vring_publish(t.v);
		vhc_vring_destroy(t.v);
	}
	free(t.cfg.desc);
	free(t.cfg.driver);
	free(t.cfg.device);
	for (i = 0; i < t.mem.nb_regions; i++)
		free(t.mem.region[i].hva);
	return 0;
}

/* A table of two entries in the first block, offered, taken and given back, twice around a ring. */
static void
write_seeds(const char *folder)
{
	static const uint8_t split[] = {
		STEP_TABLE, 0, 0, 0x40, 0, 8, 1, 0, 1, 0, STEP_TABLE, 1, 2, 0x50, 0, 4, 2, 0, 0, 0,
		STEP_DESC, 0, 0x40, 16, 0, 2, 4, 0, 0, 0,
		STEP_OFFER, 0, STEP_POP, 2, 4, STEP_PUT, 0, 9, 0, STEP_PUBLISH, STEP_CALL,
		STEP_KICKS, 1,
	};
	static const uint8_t packed[] = {
		STEP_TABLE, 0, 0, 0x40, 0, 8, 0, 0, 0, 0, STEP_TABLE, 1, 2, 0x50, 0, 4, 0, 0, 2, 0,
		STEP_DESC, 0, 0x40, 16, 0, 2, 1, 0, 4, 0, STEP_OFFER,
		STEP_DESC, 1, 0x40, 16, 0, 2, 0, 0, 4, 0, STEP_OFFER,
		STEP_POP, 2, 4, STEP_PUT, 0, 9, 0, STEP_PUT, 0, 9, 0, STEP_PUBLISH, STEP_CALL,
		STEP_KICKS, 1, STEP_RESTART, 0,
	};
	uint8_t seed[6 + 8 * sizeof(packed)];
	const uint8_t *steps;
	unsigned int how, i;
	size_t len;
	char name[16];

	for (how = 0; how < 32; how++) {
		steps = how & HOW_PACKED ? packed : split;
		len = how & HOW_PACKED ? sizeof(packed) : sizeof(split);
		memset(seed, 0, 6);
		seed[0] = (uint8_t)how;
		seed[1] = 1;
		if (how & HOW_PACKED)
			seed[3] = seed[5] = 0x80;
		for (i = 0; i < 8; i++)
			memcpy(seed + 6 + i * len, steps, len);
		snprintf(name, sizeof(name), "honest%u", how);
		fuzz_seed(folder, name, seed, 6 + 8 * len);
	}
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *const folder = fuzz_seeds_wanted(*argc, *argv);

	if (folder != NULL) {
		write_seeds(folder);
		exit(0);
	}
	return 0;
}
