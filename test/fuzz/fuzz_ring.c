/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * A ring of any kind whose other end writes what it likes: used indexes, flags, ids,
 * lengths, suppression fields, the descriptor table itself. The ring may call itself
 * broken, but a slot that it gives back must have been with the device.
 * Input: kind and features, then steps.
 */

#include <errno.h>

#include "fuzz.h"
#include "virtio_ring.h"

#define SIZE 16
#define MAX_CHAIN 6

static uint8_t mem[16384] __rte_aligned(4096);
static uint8_t priv[16384] __rte_aligned(64);
static struct vcrypto_desc tables[SIZE][MAX_CHAIN];

enum step {
	STEP_ADD,
	STEP_PUBLISH,
	STEP_USE_HONEST,
	STEP_USE_RAW,
	STEP_JUMP,
	STEP_GET,
	STEP_SUPPRESS,
	STEP_SCRIBBLE,
	STEP_NB,
};

/* The device. Packed: places in the ring as numbers from its beginning. */
struct device {
	struct vcrypto_ring *r;
	uint16_t avail;
	uint16_t used;
};

static void
use_split(struct device *d, uint32_t id, uint32_t len, uint16_t step)
{
	struct virtq_used *const used = d->r->used;
	const uint16_t idx = rte_le_to_cpu_16(used->idx);

	used->ring[idx % SIZE].id = rte_cpu_to_le_32(id);
	used->ring[idx % SIZE].len = rte_cpu_to_le_32(len);
	used->idx = rte_cpu_to_le_16((uint16_t)(idx + step));
}

static struct virtq_packed_desc *
packed_at(const struct device *d, uint16_t at)
{
	return (struct virtq_packed_desc *)d->r->packed + at % SIZE;
}

static void
use_packed(struct device *d, uint16_t id, uint32_t len, uint16_t step)
{
	struct virtq_packed_desc *const e = packed_at(d, d->used);

	e->id = rte_cpu_to_le_16(id);
	e->len = rte_cpu_to_le_32(len);
	e->flags = rte_cpu_to_le_16(d->used / SIZE % 2 ? 0 :
			VIRTQ_DESC_F_AVAIL | VIRTQ_DESC_F_USED);
	d->used += step;
}

static bool
is_packed(const struct device *d)
{
	return d->r->kind & VCRYPTO_RING_F_PACKED;
}

static void
use(struct device *d, uint32_t id, uint32_t len, uint16_t step)
{
	if (is_packed(d))
		use_packed(d, (uint16_t)id, len, step);
	else
		use_split(d, id, len, step);
}

/* The next available request, in order, as a device should do it. */
static void
use_honest(struct device *d)
{
	uint16_t flags, id, n = 0;

	if (!is_packed(d)) {
		if (d->avail != rte_le_to_cpu_16(d->r->avail->idx))
			use(d, rte_le_to_cpu_16(d->r->avail->ring[d->avail++ % SIZE]), 1, 1);
		return;
	}
	do {
		flags = rte_le_to_cpu_16(packed_at(d, d->avail)->flags);
		id = rte_le_to_cpu_16(packed_at(d, d->avail)->id);
		if (!!(flags & VIRTQ_DESC_F_AVAIL) == (d->avail / SIZE % 2) ||
				!!(flags & VIRTQ_DESC_F_USED) != (d->avail / SIZE % 2))
			return;
		d->avail++;
		n++;
	} while (flags & VIRTQ_DESC_F_NEXT && n < SIZE);
	use(d, id, 1, n);
}

static void
use_early(struct device *d, uint8_t id, uint16_t by)
{
	if (!is_packed(d)) {
		use(d, id, 0, by);
		return;
	}
	/* The flags alone. */
	for (by %= SIZE + 1; by != 0; by--) {
		packed_at(d, d->used)->flags = rte_cpu_to_le_16(d->used / SIZE % 2 ? 0 :
				VIRTQ_DESC_F_AVAIL | VIRTQ_DESC_F_USED);
		d->used++;
	}
}

static void
suppress(struct device *d, uint16_t a, uint16_t b)
{
	struct vcrypto_ring *const r = d->r;

	if (is_packed(d)) {
		r->device_event->off_wrap = a;
		r->device_event->flags = b;
	} else {
		r->used->flags = a;
		*(volatile uint16_t *)(void *)&r->used->ring[SIZE] = b;
	}
}

static bool
step_add(struct vcrypto_ring *r, struct fuzz_input *in, bool *out)
{
	const uint16_t slot = fuzz_u8(in) % SIZE;
	const uint16_t nb_desc = (uint16_t)(fuzz_u8(in) % MAX_CHAIN + 1);
	const struct vcrypto_desc_fmt *const fmt = &vcrypto_ring_ops_of(r)->fmt;
	const struct vcrypto_ring_req req = {
		.slot = slot,
		.nb_desc = nb_desc,
		.table = tables[slot],
		.table_iova = (rte_iova_t)(uintptr_t)tables[slot],
	};
	uint16_t i, n;

	if (out[slot])
		return true;
	for (i = 0; i < nb_desc; i++)
		vcrypto_desc_set(&tables[slot][i], 0x1000u * i, 16,
				i + 1 == nb_desc ? fmt->last : fmt->read + i * fmt->step);
	n = vcrypto_ring_add(r, &req, 1);
	FUZZ_CHECK(n <= 1);
	out[slot] = n == 1;
	return n == 1;
}

static void
step_get(struct vcrypto_ring *r, struct fuzz_input *in, bool *out)
{
	const uint16_t want = fuzz_u8(in) % (SIZE + 1);
	uint16_t slots[SIZE];
	uint32_t lens[SIZE];
	int i, n;

	n = vcrypto_ring_ops_of(r)->get(r, slots, lens, want);
	FUZZ_CHECK(n == -EIO || (n >= 0 && n <= want));
	FUZZ_CHECK(n != -EIO || r->broken != VCRYPTO_RING_OK);
	for (i = 0; i < n; i++) {
		FUZZ_CHECK(slots[i] < SIZE);
		FUZZ_CHECK(out[slots[i]]);
		out[slots[i]] = false;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {data, size};
	const uint8_t how = fuzz_u8(&in);
	const enum vcrypto_ring_kind kind = how % VCRYPTO_RING_NB;
	const struct vcrypto_ring_ops *const ops = vcrypto_ring_ops[kind];
	uint64_t features = VIRTIO_FEATURE(VIRTIO_F_VERSION_1);
	struct vcrypto_ring r;
	bool out[SIZE] = {false};
	struct device d = { .r = &r };
	unsigned int left = 0, i;
	uint16_t event;
	int slot;

	if (how & 0x40)
		features |= VIRTIO_FEATURE(VIRTIO_F_EVENT_IDX);
	if (how & 0x80)
		features |= VIRTIO_FEATURE(VIRTIO_F_ORDER_PLATFORM);
	FUZZ_CHECK(vcrypto_ring_mem_size(kind, SIZE) <= sizeof(mem));
	FUZZ_CHECK(vcrypto_ring_priv_size(SIZE) <= sizeof(priv));
	FUZZ_CHECK(vcrypto_ring_init(&r, kind, 0, SIZE, mem, (rte_iova_t)(uintptr_t)mem, priv,
			features) == 0);

	while (in.len != 0) {
		switch (fuzz_u8(&in) % STEP_NB) {
		case STEP_ADD:
			step_add(&r, &in, out);
			break;
		case STEP_PUBLISH:
			ops->publish(&r);
			(void)ops->kick_needed(&r);
			(void)ops->notify_state(&r);
			break;
		case STEP_USE_HONEST:
			use_honest(&d);
			break;
		case STEP_USE_RAW:
			use(&d, fuzz_u32(&in), fuzz_u32(&in), 1);
			break;
		case STEP_JUMP:
			use_early(&d, fuzz_u8(&in), fuzz_u16(&in));
			break;
		case STEP_GET:
			step_get(&r, &in, out);
			break;
		case STEP_SUPPRESS:
			event = fuzz_u16(&in);
			suppress(&d, event, fuzz_u16(&in));
			break;
		case STEP_SCRIBBLE:
			fuzz_take(&in, &r.desc[fuzz_u8(&in) % SIZE], sizeof(struct virtq_desc));
			break;
		}
	}

	/* After a reset, exactly what is still out comes back. */
	for (i = 0; i < SIZE; i++)
		left += out[i];
	while ((slot = ops->reclaim(&r)) >= 0) {
		FUZZ_CHECK(slot < SIZE && out[slot]);
		out[slot] = false;
		left--;
	}
	FUZZ_CHECK(left == 0);
	return 0;
}

static void
write_seeds(const char *folder)
{
	/* Three chains out, used in order, got; twice around. */
	static const uint8_t steps[] = {
		STEP_ADD, 0, 0, STEP_ADD, 1, 3, STEP_ADD, 2, 5, STEP_PUBLISH, STEP_USE_HONEST,
		STEP_USE_HONEST, STEP_USE_HONEST, STEP_GET, 16,
	};
	uint8_t seed[1 + 12 * sizeof(steps)];
	char name[16];
	unsigned int kind, i;

	for (kind = 0; kind < VCRYPTO_RING_NB; kind++) {
		seed[0] = (uint8_t)(kind | 0x40);
		for (i = 0; i < 12; i++)
			memcpy(seed + 1 + i * sizeof(steps), steps, sizeof(steps));
		snprintf(name, sizeof(name), "honest%u", kind);
		fuzz_seed(folder, name, seed, sizeof(seed));
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
