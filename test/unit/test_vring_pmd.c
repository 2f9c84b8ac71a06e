/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The driver's ring and the back end's ring on the same memory, one thread each: what the driver
 * sends is what arrives, each answer comes back once, and no kick is lost. Each end is tested
 * against a model of its own elsewhere; this is that they go together.
 */

#include <pthread.h>
#include <stdlib.h>

#include "unit_eal.h"

#include "virtio_features.h"
#include "virtio_ring.h"
#include "vring.h"

#define GPA UINT64_C(0x500000000)
#define MAX_CHAIN 6
#define PIECE 64 /* bytes that each entry of a slot has */
#define GOAL 20000
#define BURST 32

/* What the first piece of a request says. */
struct header {
	uint32_t gen;
	uint16_t slot;
	uint16_t nb;
};

struct pair {
	struct vcrypto_ring ring;
	const struct vcrypto_ring_ops *ops;
	struct vhc_vring *v;
	struct vhc_guest_mem mem;
	uint16_t size;
	bool in_order;
	uint8_t *arena;
	void *priv;
	struct vcrypto_desc *tables;
	uint8_t *data;
	uint32_t kicks; /* doorbell */
	uint32_t stop;
	const char *err; /* the device's, judged by the test's own thread */
};

#define DEVICE_CHECK(p, cond) \
	do { \
		if (!(cond) && (p)->err == NULL) \
			(p)->err = "line " RTE_STR(__LINE__) ": " #cond; \
	} while (0)

static uint64_t
gpa_of(const struct pair *p, const void *at)
{
	return GPA + (uint64_t)((const uint8_t *)at - p->arena);
}

static void *
at_gpa(const struct pair *p, uint64_t gpa)
{
	return p->arena + (gpa - GPA);
}

static uint8_t *
piece_of(const struct pair *p, uint32_t slot, uint32_t i)
{
	return p->data + ((size_t)slot * MAX_CHAIN + i) * PIECE;
}

static uint32_t
len_of(uint32_t gen, uint32_t slot, uint32_t i)
{
	return i == 0 ? sizeof(struct header) : 1 + (gen * 7 + slot * 3 + i) % PIECE;
}

static void
pair_create(struct pair *p, uint16_t size, uint64_t features)
{
	const enum vcrypto_ring_kind kind = vcrypto_ring_kind_pick(features);
	const size_t ring_len = RTE_ALIGN_CEIL(vcrypto_ring_mem_size(kind, size), 4096);
	const size_t table_len = sizeof(*p->tables) * MAX_CHAIN * size;
	const size_t len = RTE_ALIGN_CEIL(ring_len + table_len + MAX_CHAIN * PIECE * size, 4096);
	struct vcrypto_queue_addr addr;
	struct vhc_vring_cfg cfg;

	memset(p, 0, sizeof(*p));
	p->size = size;
	p->in_order = (features & VIRTIO_FEATURE(VIRTIO_F_IN_ORDER)) != 0;
	p->ops = vcrypto_ring_ops[kind];
	p->arena = aligned_alloc(4096, len);
	p->priv = aligned_alloc(64, RTE_ALIGN_CEIL(vcrypto_ring_priv_size(size) + 1, 64));
	assert_true(p->arena && p->priv);
	p->tables = (struct vcrypto_desc *)(void *)(p->arena + ring_len);
	p->data = p->arena + ring_len + table_len;
	p->mem.nb_regions = 1;
	p->mem.region[0] = (struct vhc_guest_region){ .gpa = GPA, .size = len, .hva = p->arena };
	assert_int_equal(vcrypto_ring_init(&p->ring, kind, 0, size, p->arena, GPA, p->priv,
			features), 0);
	vcrypto_ring_addr(&p->ring, &addr);
	memset(&cfg, 0, sizeof(cfg));
	cfg.desc = at_gpa(p, addr.desc);
	cfg.driver = at_gpa(p, addr.driver);
	cfg.device = at_gpa(p, addr.device);
	cfg.size = addr.size;
	cfg.packed = strstr(p->ops->name, "packed") != NULL;
	assert_int_equal(cfg.packed, (features & VIRTIO_FEATURE(VIRTIO_F_RING_PACKED)) != 0);
	cfg.event_idx = (features & VIRTIO_FEATURE(VIRTIO_F_EVENT_IDX)) != 0;
	cfg.indirect = (features & VIRTIO_FEATURE(VIRTIO_F_INDIRECT_DESC)) != 0;
	cfg.in_order = p->in_order;
	cfg.last_avail = cfg.packed ? 0x8000 : 0;
	cfg.last_used = cfg.last_avail;
	p->v = vhc_vring_create(&cfg);
	assert_non_null(p->v);
}

static void
pair_destroy(struct pair *p)
{
	vhc_vring_destroy(p->v);
	free(p->arena);
	free(p->priv);
}

/* A chain is what its header says, in whatever pieces; the answer is written into the last. */
static uint32_t
answer(struct pair *p, const struct vhc_vring_elem *e)
{
	struct header h;
	uint32_t i;

	DEVICE_CHECK(p, !e->bad && e->nb_desc >= 2 && e->desc[0].len == sizeof(h));
	if (p->err != NULL)
		return 0;
	memcpy(&h, e->desc[0].addr, sizeof(h));
	DEVICE_CHECK(p, h.slot < p->size && e->nb_desc == h.nb);
	for (i = 0; i < e->nb_desc && p->err == NULL; i++) {
		DEVICE_CHECK(p, e->desc[i].addr == piece_of(p, h.slot, i));
		DEVICE_CHECK(p, e->desc[i].len == len_of(h.gen, h.slot, i));
		DEVICE_CHECK(p, e->desc[i].writable == (i + 1u == e->nb_desc));
	}
	*(uint8_t *)e->desc[e->nb_desc - 1].addr = (uint8_t)h.gen;
	return h.gen | 1;
}

/* Takes bursts, answers in any order, and sleeps where there is nothing to do. */
static void *
device(void *arg)
{
	struct pair *const p = arg;
	struct vhc_desc desc[BURST][MAX_CHAIN];
	struct vhc_vring_elem e[BURST];
	uint32_t seen = 0;
	uint64_t seed = 7;
	int n, i, k;

	while (!__atomic_load_n(&p->stop, __ATOMIC_ACQUIRE) && p->err == NULL) {
		for (i = 0; i < BURST; i++)
			e[i].desc = desc[i];
		n = vhc_vring_pop(p->v, &p->mem, e, (uint16_t)(1 + unit_rand(&seed) % BURST),
				MAX_CHAIN);
		DEVICE_CHECK(p, n >= 0);
		if (n == 0 && !vhc_vring_want_kicks(p->v, true)) {
			while (__atomic_load_n(&p->kicks, __ATOMIC_ACQUIRE) == seen &&
					!__atomic_load_n(&p->stop, __ATOMIC_RELAXED))
				sched_yield();
			seen = __atomic_load_n(&p->kicks, __ATOMIC_ACQUIRE);
			vhc_vring_want_kicks(p->v, false);
		}
		for (; n > 0; n--) {
			k = (int)(unit_rand(&seed) % (uint32_t)n);
			vhc_vring_put(p->v, &e[k], answer(p, &e[k]));
			if (unit_rand(&seed) % 8 == 0)
				vhc_vring_publish(p->v);
			e[k] = e[n - 1];
		}
		vhc_vring_publish(p->v);
		/* The driver polls and never asks for an interrupt. */
		DEVICE_CHECK(p, !vhc_vring_call_wanted(p->v));
	}
	return NULL;
}

static void
send_one(struct pair *p, uint16_t slot, uint32_t gen, uint16_t nb)
{
	const struct vcrypto_desc_fmt *const fmt = &p->ops->fmt;
	struct vcrypto_desc *const table = p->tables + (size_t)slot * MAX_CHAIN;
	const struct header h = {gen, slot, nb};
	uint16_t i;

	memcpy(piece_of(p, slot, 0), &h, sizeof(h));
	for (i = 0; i < nb; i++)
		vcrypto_desc_set(&table[i], gpa_of(p, piece_of(p, slot, i)), len_of(gen, slot, i),
				i + 1 == nb ? fmt->last : fmt->read + i * fmt->step);
}

static void
run(uint16_t size, uint64_t features)
{
	struct pair p;
	pthread_t thread;
	uint32_t *const gen = calloc(size, sizeof(*gen));
	uint16_t *const idle = calloc(size, sizeof(*idle));
	uint32_t nb_idle, sent = 0, back = 0, lens[BURST], i;
	uint16_t slots[BURST], nb, last;
	uint64_t seed = 99 + size;
	int n;

	pair_create(&p, size, features);
	assert_true(gen && idle);
	for (nb_idle = 0; nb_idle < size; nb_idle++)
		idle[nb_idle] = (uint16_t)nb_idle;
	assert_int_equal(pthread_create(&thread, NULL, device, &p), 0);
	while (back < GOAL && __atomic_load_n(&p.err, __ATOMIC_RELAXED) == NULL) {
		for (i = unit_rand(&seed) % BURST; i != 0 && nb_idle != 0; i--) {
			const uint16_t slot = idle[nb_idle - 1];
			struct vcrypto_ring_req req = {
				.slot = slot,
				.nb_desc = (uint16_t)(2 + unit_rand(&seed) % (MAX_CHAIN - 1)),
				.table = p.tables + (size_t)slot * MAX_CHAIN,
				.table_iova = gpa_of(&p, p.tables + (size_t)slot * MAX_CHAIN),
			};

			if (sent == GOAL)
				break;
			gen[slot] = sent << 4 | req.nb_desc;
			send_one(&p, slot, gen[slot], req.nb_desc);
			if (vcrypto_ring_add(&p.ring, &req, 1) == 0)
				break;
			nb_idle--;
			sent++;
		}
		p.ops->publish(&p.ring);
		if (p.ops->kick_needed(&p.ring))
			__atomic_fetch_add(&p.kicks, 1, __ATOMIC_RELEASE);
		n = p.ops->get(&p.ring, slots, lens, BURST);
		if (n < 0)
			break;
		if (n == 0)
			sched_yield();
		for (i = 0; i < (uint32_t)n; i++) {
			nb = gen[slots[i]] & 15;
			assert_int_not_equal(nb, 0);
			assert_int_equal(lens[i], gen[slots[i]] | 1);
			last = (uint16_t)(nb - 1);
			assert_int_equal(*piece_of(&p, slots[i], last), (uint8_t)gen[slots[i]]);
			gen[slots[i]] = 0;
			idle[nb_idle++] = slots[i];
			back++;
		}
	}
	__atomic_store_n(&p.stop, 1, __ATOMIC_RELEASE);
	assert_int_equal(pthread_join(thread, NULL), 0);
	if (p.err != NULL || back != GOAL)
		fail_msg("%s, size %u: %u back, %s, %s", p.ops->name, size, back,
				p.err ? p.err : "device well",
				vcrypto_ring_fault_name(p.ring.broken));
	assert_null(vhc_vring_fault(p.v));
	pair_destroy(&p);
	free(gen);
	free(idle);
}

static void
run_all(uint64_t features)
{
	static const uint16_t sizes[] = {8, 256};
	unsigned int i, f;

	for (i = 0; i < UNIT_DIM(sizes); i++)
		for (f = 0; f < 8; f++)
			run(sizes[i], features | VIRTIO_FEATURE(VIRTIO_F_VERSION_1) |
					(f & 1 ? VIRTIO_FEATURE(VIRTIO_F_EVENT_IDX) : 0) |
					(f & 2 ? VIRTIO_FEATURE(VIRTIO_F_INDIRECT_DESC) : 0) |
					(f & 4 ? VIRTIO_FEATURE(VIRTIO_F_IN_ORDER) : 0));
}

static void
test_split(void **state)
{
	(void)state;
	run_all(0);
}

static void
test_packed(void **state)
{
	const uint64_t packed = VIRTIO_FEATURE(VIRTIO_F_RING_PACKED);

	(void)state;
	/* A driver that does not know the format does not accept the feature. */
	if (!(VCRYPTO_SUPPORTED_FEATURES & packed))
		return;
	run_all(packed);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_split),
		cmocka_unit_test(test_packed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
