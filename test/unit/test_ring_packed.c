/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The packed ring, indirect and direct, with and without IN_ORDER, against a model
 * of the device that reads raw memory at the specification's offsets: set-up, room,
 * notifications, and a device that breaks the rules.
 */

#include "ring_model.h"

static void
test_init_sizes(void **state)
{
	static const uint16_t bad[] = {0, 3, 12, 1000, 1023, 1025, 32767, 32769, 65535};
	void *mem = aligned_alloc(4096, 4096), *priv = aligned_alloc(64, 4096);
	struct vcrypto_ring r;
	unsigned int kind, i;

	(void)state;
	assert_true(mem && priv);
	PACKED_KINDS(kind) {
		for (i = 0; i < UNIT_DIM(bad); i++) {
			assert_int_equal(vcrypto_ring_mem_size((enum vcrypto_ring_kind)kind,
					bad[i]), 0);
			assert_int_equal(vcrypto_ring_init(&r, (enum vcrypto_ring_kind)kind, 0,
					bad[i], mem, 0x1000, priv, MODEL_F_VERSION_1), -EINVAL);
		}
		for (i = 1; i <= 32768; i *= 2)
			assert_true(vcrypto_ring_mem_size((enum vcrypto_ring_kind)kind,
					(uint16_t)i) >= 16u * i + 8);
	}
	free(mem);
	free(priv);
}

/* What the device finds before the first request [virtio 2.8.10, 2.8.13]. */
static void
test_init_memory(void **state)
{
	unsigned int kind, f, i;
	struct model m;

	(void)state;
	PACKED_KINDS(kind)
		for (f = 0; f < UNIT_DIM(feature_sets); f++) {
			model_create(&m, (enum vcrypto_ring_kind)kind, 64, 1,
					features_of(kind, feature_sets[f]));
			for (i = 0; i < 16u * 64; i++)
				assert_int_equal(m.desc[i], 0);
			assert_int_equal(get32(m.avail, 0), 0x00010000); /* events disabled */
			assert_int_equal(get32(m.used, 0), 0);
			/* Both write: not on one cache line, nor with descriptors. */
			assert_true((uintptr_t)m.avail / 64 != (uintptr_t)m.used / 64);
			assert_true((uintptr_t)(m.desc + 16u * 64 - 1) / 64 !=
					(uintptr_t)m.avail / 64);
			assert_false(model_more(&m));
			assert_int_equal(m.ring.broken, VCRYPTO_RING_OK);
			assert_int_equal(m.ops->reclaim(&m.ring), -1);
			model_destroy(&m);
		}
}

/* Each combination of features has its kind; without RING_PACKED nothing changes. */
static void
test_kind_pick(void **state)
{
	static const uint64_t rest = MODEL_F_VERSION_1 | MODEL_F_EVENT_IDX;
	unsigned int kind;

	(void)state;
	ALL_KINDS(kind) {
		assert_int_equal(vcrypto_ring_kind_pick(features_of(kind, rest)), kind);
		assert_non_null(vcrypto_ring_ops[kind]->name);
	}
	assert_int_equal(vcrypto_ring_kind_pick(rest | MODEL_F_RING_PACKED),
			VCRYPTO_RING_PACKED_DIRECT);
	assert_int_equal(vcrypto_ring_kind_pick(rest | MODEL_F_RING_PACKED | MODEL_F_INDIRECT_DESC),
			VCRYPTO_RING_PACKED_INDIRECT);
}

/* Tails of a table: no flag but WRITE, no id. */
static void
test_desc_fmt(void **state)
{
	unsigned int kind;

	(void)state;
	PACKED_KINDS(kind) {
		const struct vcrypto_desc_fmt *fmt = &vcrypto_ring_ops[kind]->fmt;

		assert_int_equal(fmt->read, 0);
		assert_int_equal(fmt->write, 0x00020000);
		assert_int_equal(fmt->step, 0);
		assert_int_equal(fmt->last, 0x00020000);
	}
}

/* The bytes of the first request, and of one in the second lap. */
static void
test_golden(void **state)
{
	uint16_t slots[2];
	unsigned int kind, lap;
	struct model m;

	(void)state;
	PACKED_KINDS(kind) {
		model_create(&m, (enum vcrypto_ring_kind)kind, 2, 2,
				features_of(kind, MODEL_F_VERSION_1));
		for (lap = 0; lap < 4; lap++) {
			/* AVAIL in laps with wrap counter 1, USED in the others. */
			const uint16_t avail = lap & 1 ? 0x8000 : 0x0080;

			assert_int_equal(add_n(&m, 1, 1, 2), 1);
			m.ops->publish(&m.ring);
			if (m.direct) {
				assert_int_equal(get64(m.desc, 0), model_entry_addr(&m, 1, 0));
				assert_int_equal(get32(m.desc, 8), model_entry_len(&m, 1, 0));
				/* Reserved here, and wanted by QEMU before 9.1. */
				assert_int_equal(get16(m.desc, 12), m.in_order ? lap & 1 : 1);
				assert_int_equal(get16(m.desc, 14), avail | 1); /* NEXT */
				assert_int_equal(get64(m.desc, 16), model_entry_addr(&m, 1, 1));
				assert_int_equal(get16(m.desc, 28), m.in_order ? lap & 1 : 1);
				assert_int_equal(get16(m.desc, 30), avail | 2); /* WRITE */
			} else {
				assert_int_equal(get64(m.desc, 0), MODEL_TABLE_IOVA + 2 * 16);
				assert_int_equal(get32(m.desc, 8), 2 * 16);
				assert_int_equal(get16(m.desc, 12), m.in_order ? 0 : 1);
				assert_int_equal(get16(m.desc, 14), avail | 4); /* INDIRECT */
			}
			model_take(&m);
			model_complete(&m, 1, NULL, NULL);
			assert_int_equal(m.ops->get(&m.ring, slots, NULL, 2), 1);
			assert_int_equal(slots[0], 1);
			if (m.direct)
				continue;
			/* On to the next lap. */
			assert_int_equal(add_n(&m, 0, 1, 1), 1);
			m.ops->publish(&m.ring);
			assert_int_equal(get16(m.desc, 30), avail | 4);
			model_take(&m);
			model_complete(&m, 1, NULL, NULL);
			assert_int_equal(m.ops->get(&m.ring, slots, NULL, 2), 1);
		}
		model_judge(&m, "golden");
		model_destroy(&m);
	}
}

/* Lists run out of descriptors: fewer are taken, in order, and none is lost. */
static void
test_direct_exhaustion(void **state)
{
	uint16_t slots[8];
	unsigned int kind;
	struct model m;

	(void)state;
	PACKED_KINDS(kind) {
		if (!(kind & VCRYPTO_RING_F_DIRECT))
			continue;
		model_create(&m, (enum vcrypto_ring_kind)kind, 8, 8,
				features_of(kind, MODEL_F_VERSION_1));
		assert_int_equal(add_n(&m, 0, 3, 3), 2); /* 6 of 8 taken */
		assert_int_equal(add_n(&m, 2, 1, 3), 0);
		assert_int_equal(add_n(&m, 2, 2, 2), 1); /* 8 of 8 */
		assert_int_equal(add_n(&m, 3, 5, 1), 0);
		assert_int_equal(m.ops->room(&m.ring), 0);
		m.ops->publish(&m.ring);
		assert_int_equal(model_take(&m), 3);
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
		/* The longest list: all descriptors, over the end of the ring. */
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
}

/* What is added is not there for the device, whatever it looks at, until publish. */
static void
test_invisible(void **state)
{
	uint8_t before[16];
	unsigned int kind, round;
	struct model m;
	uint16_t slots[16];

	(void)state;
	PACKED_KINDS(kind) {
		model_create(&m, (enum vcrypto_ring_kind)kind, 16, 3,
				features_of(kind, MODEL_F_VERSION_1));
		for (round = 0; round < 100; round++) {
			const uint8_t *next = m.desc + 16u * m.dev_avail;

			memcpy(before, next, 16);
			assert_int_equal(add_n(&m, 0, 2, 3), 2);
			assert_false(model_more(&m));
			assert_int_equal(add_n(&m, 2, 2, 2), 2);
			/* The second half of the first descriptor has not been touched. */
			assert_memory_equal(before + 8, next + 8, 8);
			m.ops->publish(&m.ring);
			assert_int_equal(model_take(&m), 4);
			/* Nothing new: publish changes nothing. */
			m.ops->publish(&m.ring);
			assert_false(model_more(&m));
			model_complete(&m, 4, NULL, NULL);
			assert_int_equal(m.ops->get(&m.ring, slots, NULL, 16), 4);
		}
		model_judge(&m, "invisible");
		model_destroy(&m);
	}
}

/* ---- notifications ---- */

/* Descriptors made available since the beginning, as the model counts them. */
struct place {
	uint16_t off;
	bool wrap;
};

/* One decision: nb more published (in one or two steps), against the words of 2.8.10. */
static void
one_kick(struct model *m, struct place *next, uint16_t nb, uint16_t chain, struct place event,
		bool two_steps)
{
	const uint16_t first = two_steps ? nb / 2 : nb;
	unsigned int nb_desc = m->direct ? nb * chain : nb;
	uint16_t slots[64];
	bool want = false, got;

	packed_set_event(m, event.off, event.wrap, 2);
	assert_int_equal(add_n(m, 0, first, chain), first);
	m->ops->publish(&m->ring);
	if (two_steps) {
		assert_int_equal(add_n(m, first, nb - first, chain), nb - first);
		m->ops->publish(&m->ring);
	}
	/* "Event will only trigger when this descriptor is made available." */
	for (; nb_desc != 0; nb_desc--) {
		want = want || (next->off == event.off && next->wrap == event.wrap);
		packed_step(m, &next->off, &next->wrap, 1);
	}
	assert_int_equal(m->ops->notify_state(&m->ring), next->off | next->wrap << 15);
	got = m->ops->kick_needed(&m->ring);
	if (got != want)
		fail_msg("kind %u size %u event %u/%d, next %u/%d after %u: kick %d",
				(unsigned int)m->kind, m->size, event.off, event.wrap, next->off,
				next->wrap, nb, got);
	/* Decided once; nothing new, nothing to say. */
	assert_false(m->ops->kick_needed(&m->ring));
	model_take(m);
	model_complete(m, nb, NULL, NULL);
	assert_int_equal(m->ops->get(&m->ring, slots, NULL, 64), nb);
	model_judge(m, "kick");
}

/* Every event at every distance from every place of small rings. */
static void
test_kick_every_event(void **state)
{
	unsigned int kind, size, nb, chain, off, wrap, turn;
	struct place next;
	struct model m;

	(void)state;
	PACKED_KINDS(kind)
		for (size = 1; size <= 16; size *= 2)
			for (chain = 1; chain <= RTE_MIN(size, 3u); chain++) {
				model_create(&m, (enum vcrypto_ring_kind)kind, (uint16_t)size, 3,
						features_of(kind, feature_sets[1 + chain % 2]));
				next = (struct place){ 0, true };
				for (turn = 0; turn < 3; turn++)
					for (nb = 0; nb * (m.direct ? chain : 1) <= size; nb++)
						for (off = 0; off < size; off++)
							for (wrap = 0; wrap < 2; wrap++)
								one_kick(&m, &next, (uint16_t)nb,
									(uint16_t)chain,
									(struct place){
										(uint16_t)off,
										wrap },
									turn & 1);
				model_destroy(&m);
			}
}

static void
test_kick_random(void **state)
{
	uint64_t seed = 0x1234567;
	unsigned int kind, i;
	struct place next, event;
	struct model m;

	(void)state;
	PACKED_KINDS(kind) {
		model_create(&m, (enum vcrypto_ring_kind)kind, 64, 1,
				features_of(kind, MODEL_F_VERSION_1 | MODEL_F_EVENT_IDX));
		next = (struct place){ 0, true };
		for (i = 0; i < 20000; i++) {
			event.off = unit_rand(&seed) % 64;
			event.wrap = unit_rand(&seed) & 1;
			one_kick(&m, &next, unit_rand(&seed) % 65, 1, event, i & 2);
		}
		model_destroy(&m);
	}
}

/* The largest ring: all of it since the last decision, and events at its ends. */
static void
test_kick_largest(void **state)
{
	static const uint16_t offs[] = {0, 1, 16383, 16384, 32766, 32767};
	struct vcrypto_ring_req *req = calloc(32768, sizeof(*req));
	uint16_t *slots = calloc(32768, sizeof(*slots));
	unsigned int kind, i, s;
	struct model m;

	(void)state;
	assert_true(req && slots);
	PACKED_KINDS(kind) {
		model_create(&m, (enum vcrypto_ring_kind)kind, 32768, 1,
				features_of(kind, MODEL_F_VERSION_1 | MODEL_F_EVENT_IDX));
		for (i = 0; i < 2 * UNIT_DIM(offs); i++) {
			/* A whole lap at a time: of this lap, or of the other. */
			const bool lap = !(i & 1), wrap = i & 2;

			packed_set_event(&m, offs[i / 2], wrap, 2);
			for (s = 0; s < m.size; s++)
				model_fill(&m, (uint16_t)s, 1, &req[s]);
			assert_int_equal(vcrypto_ring_add(&m.ring, req, m.size), m.size);
			m.ops->publish(&m.ring);
			assert_int_equal(m.ops->notify_state(&m.ring), lap ? 0 : 0x8000);
			assert_int_equal(m.ops->kick_needed(&m.ring), wrap == lap);
			assert_int_equal(model_take(&m), m.size);
			model_complete(&m, m.size, NULL, NULL);
			assert_int_equal(m.ops->get(&m.ring, slots, NULL, m.size), m.size);
		}
		model_judge(&m, "largest");
		model_destroy(&m);
	}
	free(req);
	free(slots);
}

/*
 * Flags 0 and 1, with EVENT_IDX and without; 2 only means something with it, and what means
 * nothing must not leave a device waiting.
 */
static void
test_kick_flags(void **state)
{
	unsigned int kind, f, i;
	uint64_t seed = 99;
	struct model m;
	uint16_t slots[8];

	(void)state;
	PACKED_KINDS(kind)
		for (f = 0; f < UNIT_DIM(feature_sets); f++) {
			model_create(&m, (enum vcrypto_ring_kind)kind, 8, 1,
					features_of(kind, feature_sets[f]));
			for (i = 0; i < 500; i++) {
				const uint16_t nb = 1 + unit_rand(&seed) % 8;
				uint16_t flags = unit_rand(&seed) & 3;

				if (flags == 2 && m.event_idx)
					flags = 0;
				/* Reserved bits are ignored. */
				packed_set_event(&m, unit_rand(&seed) & 0x7fff, i & 1,
						flags | (unit_rand(&seed) & 0xfffc));
				assert_int_equal(add_n(&m, 0, nb, 1), nb);
				m.ops->publish(&m.ring);
				assert_int_equal(m.ops->kick_needed(&m.ring), flags != 1);
				model_take(&m);
				model_complete(&m, nb, NULL, NULL);
				assert_int_equal(m.ops->get(&m.ring, slots, NULL, 8), nb);
			}
			model_judge(&m, "flags");
			model_destroy(&m);
		}
}

/* NOTIFICATION_DATA: what is added but not published does not count. */
static void
test_notify_state(void **state)
{
	unsigned int kind, i, per;
	struct model m;

	(void)state;
	PACKED_KINDS(kind) {
		model_create(&m, (enum vcrypto_ring_kind)kind, 16, 3,
				features_of(kind, MODEL_F_VERSION_1));
		per = m.direct ? 3 : 1;
		assert_int_equal(m.ops->notify_state(&m.ring), 0x8000);
		for (i = 1; i < 100; i++) {
			const unsigned int before = (i - 1) * per, after = i * per;
			uint16_t slot;

			assert_int_equal(add_n(&m, 0, 1, 3), 1);
			assert_int_equal(m.ops->notify_state(&m.ring),
					before % 16 | (before / 16 % 2 ? 0 : 0x8000));
			m.ops->publish(&m.ring);
			assert_int_equal(m.ops->notify_state(&m.ring),
					after % 16 | (after / 16 % 2 ? 0 : 0x8000));
			model_take(&m);
			model_complete(&m, 1, NULL, NULL);
			assert_int_equal(m.ops->get(&m.ring, &slot, NULL, 1), 1);
		}
		model_judge(&m, "notify state");
		model_destroy(&m);
	}
}

/* ---- distrust ---- */

struct distrust {
	const char *name;
	enum vcrypto_ring_fault fault;
	void (*break_rule)(struct model *m);
	unsigned int good; /* most slots that may come out before the fault is met */
};

static unsigned int
len_of(const struct model *m, unsigned int i)
{
	return m->held[i].nb_desc;
}

/* All that is out, and one more. */
static void
break_one_more(struct model *m)
{
	unsigned int i;

	for (i = 0; i < m->nb_held; i++)
		packed_used_put(m, m->held[i].id, 0, len_of(m, i));
	packed_used(m, m->held[0].id, 1);
}

/* A request that was added but not published cannot have been used. */
static void
break_unpublished(struct model *m)
{
	unsigned int i;
	uint16_t id;

	for (i = 0; i < m->nb_held; i++)
		packed_used_put(m, m->held[i].id, 0, len_of(m, i));
	packed_used_publish(m);
	assert_int_equal(add_n(m, 10, 1, 2), 1);
	id = m->in_order ? (m->held[2].id + 1) % m->size : 10;
	packed_used(m, id, 1);
}

static void
break_id_size(struct model *m)
{
	packed_used(m, DISTRUST_SIZE, 1);
}

static void
break_id_60000(struct model *m)
{
	packed_used(m, 60000, 1);
}

static void
break_id_all_ones(struct model *m)
{
	packed_used(m, UINT16_MAX, 1);
}

/* Right in its lower bits: one that is used as it stands in an index would do. */
static void
break_id_upper_bits(struct model *m)
{
	packed_used(m, m->held[0].id | DISTRUST_SIZE, 1);
}

static void
break_id_second(struct model *m)
{
	packed_used_put(m, m->held[0].id, 0, len_of(m, 0));
	packed_used(m, 0x4000, 1);
}

static void
break_not_issued(struct model *m)
{
	uint16_t id;

	for (id = 0; m->busy[id]; id++)
		;
	packed_used(m, id, 1);
}

static void
break_double_use(struct model *m)
{
	packed_used_put(m, m->held[0].id, 0, len_of(m, 0));
	packed_used(m, m->held[0].id, len_of(m, 0));
}

/* Used again after the driver has collected it. */
static void
break_double_use_late(struct model *m)
{
	const struct model_held h = m->held[0];
	uint16_t slot;

	model_complete(m, 1, NULL, NULL);
	assert_int_equal(m->ops->get(&m->ring, &slot, NULL, 1), 1);
	packed_used(m, h.id, h.nb_desc);
}

/* Flags of the lap before: nothing that the driver has not read already. */
static void
break_wrap_used(struct model *m)
{
	packed_desc_use(m, m->dev_used, !m->used_wrap, m->held[0].id, 0);
}

/* "Available" in the lap to come. */
static void
break_wrap_avail(struct model *m)
{
	const bool next = !m->used_wrap;

	model_store_idx(m->desc, 16u * m->dev_used + 14, next ? PACKED_F_AVAIL : PACKED_F_USED);
}

static const struct distrust distrusts[] = {
	{"one more used than outstanding", VCRYPTO_RING_USED_IDX, break_one_more, 3},
	{"unpublished request used", VCRYPTO_RING_USED_IDX, break_unpublished, 3},
	{"id = size", VCRYPTO_RING_BAD_ID, break_id_size, 0},
	{"id 60000", VCRYPTO_RING_BAD_ID, break_id_60000, 0},
	{"id all ones", VCRYPTO_RING_BAD_ID, break_id_all_ones, 0},
	{"id right in its lower bits", VCRYPTO_RING_BAD_ID, break_id_upper_bits, 0},
	{"bad id after a good one", VCRYPTO_RING_BAD_ID, break_id_second, 1},
	{"id never issued", VCRYPTO_RING_NOT_ISSUED, break_not_issued, 0},
	{"double use", VCRYPTO_RING_NOT_ISSUED, break_double_use, 1},
	{"double use after get", VCRYPTO_RING_NOT_ISSUED, break_double_use_late, 0},
	{"used flags of the other lap", VCRYPTO_RING_BAD_WRAP, break_wrap_used, 0},
	{"flags of no use at all", VCRYPTO_RING_BAD_WRAP, break_wrap_avail, 0},
};

static void
one_distrust(unsigned int kind, const struct distrust *d, unsigned int variant)
{
	const uint16_t nb = variant & 2 ? 1 : DISTRUST_SIZE;
	uint16_t slots[DISTRUST_SIZE];
	unsigned int i, good = 0;
	uint32_t out = 0;
	struct model m;
	int ret = 0, j;

	distrust_prepare(&m, kind, feature_sets[variant & 1], variant & 1);
	d->break_rule(&m);
	for (i = 0; i < m.nb_held; i++)
		out |= 1u << m.held[i].slot;
	if (d->break_rule == break_unpublished)
		out |= 1u << 10;
	for (i = 0; i < DISTRUST_SIZE && ret >= 0; i++) {
		ret = m.ops->get(&m.ring, slots, NULL, nb);
		for (j = 0; j < ret; j++, good++) {
			if (!(out & 1u << slots[j]))
				fail_msg("%s: slot %u is not out", d->name, slots[j]);
			out &= ~(1u << slots[j]);
		}
	}
	if (ret != -EIO || good > d->good)
		fail_msg("%s (kind %u): %u slots, then %d", d->name, kind, good, ret);
	if (m.ring.broken != d->fault)
		fail_msg("%s (kind %u): fault %d", d->name, kind, (int)m.ring.broken);
	assert_string_not_equal(vcrypto_ring_fault_name(m.ring.broken), "unknown fault");
	/* It stays broken. */
	for (i = 0; i < 3; i++)
		assert_int_equal(m.ops->get(&m.ring, slots, NULL, nb), -EIO);
	assert_int_equal(m.ring.broken, d->fault);
	check_reclaim(&m, out, d->name);
	/* Only init mends it. */
	assert_int_equal(m.ops->get(&m.ring, slots, NULL, nb), -EIO);
	model_destroy(&m);
}

static void
test_distrust(void **state)
{
	unsigned int kind, c, variant;

	(void)state;
	PACKED_KINDS(kind)
		for (c = 0; c < UNIT_DIM(distrusts); c++)
			for (variant = 0; variant < 4; variant++)
				one_distrust(kind, &distrusts[c], variant);
}

/* Polling an empty or busy ring is no fault, at any place of it and in any state. */
static void
test_idle_is_no_fault(void **state)
{
	unsigned int kind, i, k;
	uint16_t slots[8];
	struct model m;

	(void)state;
	PACKED_KINDS(kind) {
		model_create(&m, (enum vcrypto_ring_kind)kind, 8, 3,
				features_of(kind, MODEL_F_VERSION_1));
		for (i = 0; i < 200; i++) {
			assert_int_equal(m.ops->get(&m.ring, slots, NULL, 8), 0);
			assert_int_equal(add_n(&m, 0, 2, 3), 2);
			assert_int_equal(m.ops->get(&m.ring, slots, NULL, 8), 0);
			m.ops->publish(&m.ring);
			assert_int_equal(m.ops->get(&m.ring, slots, NULL, 8), 0);
			model_take(&m);
			for (k = 0; k < 2; k++) {
				assert_int_equal(m.ops->get(&m.ring, slots, NULL, 8), 0);
				model_complete(&m, 1, NULL, NULL);
				assert_int_equal(m.ops->get(&m.ring, slots, NULL, 8), 1);
			}
		}
		model_judge(&m, "idle");
		model_destroy(&m);
	}
}

/*
 * The producer is held up between showing a request and counting it as shown, the device and the
 * consumer are not: the consumer is then ahead of the count, which is no fault.
 */
static void
test_consumer_ahead(void **state)
{
	unsigned int kind, i;
	uint16_t slots[8];
	uint32_t before;
	struct model m;

	(void)state;
	PACKED_KINDS(kind) {
		model_create(&m, (enum vcrypto_ring_kind)kind, 8, 3,
				features_of(kind, MODEL_F_VERSION_1));
		for (i = 0; i < 100; i++) {
			before = m.ring.shown;
			assert_int_equal(add_n(&m, 0, 2, 3), 2);
			m.ops->publish(&m.ring);
			assert_true(m.ring.shown != before);
			m.ring.shown = before;
			model_take(&m);
			model_complete(&m, 2, NULL, NULL);
			assert_int_equal(m.ops->get(&m.ring, slots, NULL, 8), 2);
			assert_int_equal(m.ops->get(&m.ring, slots, NULL, 8), 0);
			m.ring.shown = before + (m.direct ? 6 : 2);
		}
		model_judge(&m, "consumer ahead");
		model_destroy(&m);
	}
}

/*
 * Completion out of order moves the device's place in the ring by the length of what it used,
 * not of what lies there.
 */
static void
test_direct_out_of_order(void **state)
{
	static const unsigned int pick[] = {2, 0, 0};
	struct vcrypto_ring_req req[3];
	uint16_t slots[8], order[3];
	struct model m;
	unsigned int i;

	(void)state;
	model_create(&m, VCRYPTO_RING_PACKED_DIRECT, 8, 4, MODEL_F_VERSION_1 | MODEL_F_RING_PACKED);
	for (i = 0; i < 50; i++) {
		model_fill(&m, 3, 4, &req[0]);
		model_fill(&m, 5, 1, &req[1]);
		model_fill(&m, 7, 2, &req[2]);
		assert_int_equal(vcrypto_ring_add(&m.ring, req, 3), 3);
		m.ops->publish(&m.ring);
		assert_int_equal(model_take(&m), 3);
		model_complete(&m, 3, pick, order);
		assert_int_equal(m.ops->get(&m.ring, slots, NULL, 1), 1);
		assert_int_equal(slots[0], 7);
		assert_int_equal(m.ops->room(&m.ring), 3);
		assert_int_equal(m.ops->get(&m.ring, slots, NULL, 8), 2);
		assert_int_equal(slots[0], 3);
		assert_int_equal(slots[1], 5);
	}
	model_judge(&m, "out of order");
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
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_direct_exhaustion),
		cmocka_unit_test(test_invisible),
		cmocka_unit_test(test_kick_every_event),
		cmocka_unit_test(test_kick_random),
		cmocka_unit_test(test_kick_largest),
		cmocka_unit_test(test_kick_flags),
		cmocka_unit_test(test_notify_state),
		cmocka_unit_test(test_distrust),
		cmocka_unit_test(test_idle_is_no_fault),
		cmocka_unit_test(test_consumer_ahead),
		cmocka_unit_test(test_direct_out_of_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
