/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Rings of all formats under traffic: every chain length over several wraps of the
 * indices, and three threads.
 */

#include "ring_model.h"

#include <pthread.h>
#include <time.h>

static void
one_sequence(unsigned int kind, uint16_t size, uint16_t chain, uint64_t set, uint64_t nb,
		bool mixed)
{
	struct model m;

	model_create(&m, (enum vcrypto_ring_kind)kind, size, chain, features_of(kind, set));
	run_sequence(&m, nb, mixed, 88172645463325252u + size * 1000u + chain);
	model_judge(&m, "sequence");
	assert_true(m.taken >= nb);
	model_destroy(&m);
}

/* Each chain length, two wraps of the 16-bit indices. */
static void
test_every_chain_small_rings(void **state)
{
	unsigned int kind, size, chain;

	(void)state;
	ALL_KINDS(kind)
		for (size = 1; size <= 16; size *= 2)
			for (chain = 1; chain <= size; chain++)
				one_sequence(kind, (uint16_t)size, (uint16_t)chain,
						feature_sets[chain % UNIT_DIM(feature_sets)],
						WRAPS(kind & VCRYPTO_RING_F_IN_ORDER ? 1 : 2),
						false);
}

static void
test_every_chain_larger_rings(void **state)
{
	unsigned int kind, size, chain;

	(void)state;
	ALL_KINDS(kind)
		for (size = 32; size <= 256; size *= 2)
			for (chain = 1; chain <= size; chain++) {
				/* All lengths; some of them over wraps of the index. */
				const bool index = size == 64 && (chain == 1 || chain == 6 ||
					chain == size);
				const uint64_t nb = index ? WRAPS(1) : RTE_MIN(size * 5, 600u);

				one_sequence(kind, (uint16_t)size, (uint16_t)chain,
						feature_sets[chain % UNIT_DIM(feature_sets)], nb,
						false);
			}
}

static void
test_mixed_chains(void **state)
{
	static const uint16_t sizes[] = {2, 64, 1024};
	unsigned int kind, i, f;

	(void)state;
	ALL_KINDS(kind)
		for (i = 0; i < UNIT_DIM(sizes); i++)
			for (f = 0; f < UNIT_DIM(feature_sets); f++)
				one_sequence(kind, sizes[i], RTE_MIN(sizes[i], 60), feature_sets[f],
						WRAPS(1), true);
}

/* The largest ring there is: a batch moves the index by half of its range. */
static void
test_largest_ring(void **state)
{
	unsigned int kind, round, i;
	struct vcrypto_ring_req *req;
	uint16_t *slots;
	struct model m;

	(void)state;
	ALL_KINDS(kind) {
		for (i = 0; i < 2; i++) {
			model_create(&m, (enum vcrypto_ring_kind)kind, 32768, 1,
					features_of(kind, feature_sets[i]));
			req = calloc(m.size, sizeof(*req));
			slots = calloc(m.size, sizeof(*slots));
			assert_true(req && slots);
			for (round = 0; round < 7; round++) {
				for (unsigned int s = 0; s < m.size; s++)
					model_fill(&m, (uint16_t)s, 1, &req[s]);
				assert_int_equal(vcrypto_ring_add(&m.ring, req, m.size), m.size);
				m.ops->publish(&m.ring);
				assert_int_equal(model_take(&m), m.size);
				model_complete(&m, m.nb_held, NULL, NULL);
				assert_int_equal(m.ops->get(&m.ring, slots, NULL, m.size), m.size);
				for (unsigned int s = 0; s < m.size; s++)
					MODEL_CHECK(&m, slots[s] == s);
			}
			model_judge(&m, "largest ring");
			free(req);
			free(slots);
			model_destroy(&m);
		}
	}
}

/*
 * Three threads: producer, device, consumer. The device goes to sleep with EVENT_IDX, and
 * only a kick wakes it, so that a kick that gets lost stops the traffic.
 */
struct traffic {
	struct model m;
	uint32_t kicks; /* doorbell */
	uint32_t stop;
	uint64_t goal;
	/* Slots from the consumer back to the producer. */
	uint16_t fifo[1024];
	uint32_t fifo_head, fifo_tail;
};

static void *
traffic_device(void *arg)
{
	struct traffic *t = arg;
	struct model *m = &t->m;
	uint32_t seen = 0;
	uint64_t done = 0, seed = 77;
	unsigned int k, i, pick[64];
	uint16_t done_slots[64];

	while (done < t->goal && !__atomic_load_n(&t->stop, __ATOMIC_RELAXED) && m->err == NULL) {
		if (model_take(m) == 0 && m->nb_held == 0) {
			/* Ask for a kick at the next request, look again, sleep. */
			model_want_kick(m);
			__atomic_thread_fence(__ATOMIC_SEQ_CST);
			if (model_more(m))
				continue;
			while (__atomic_load_n(&t->kicks, __ATOMIC_ACQUIRE) == seen &&
					!__atomic_load_n(&t->stop, __ATOMIC_RELAXED))
				sched_yield();
			seen = __atomic_load_n(&t->kicks, __ATOMIC_ACQUIRE);
			continue;
		}
		k = RTE_MIN(m->nb_held, 1 + unit_rand(&seed) % 32);
		for (i = 0; i < k; i++)
			pick[i] = unit_rand(&seed);
		if (m->in_order && seed & 2)
			model_complete_batch(m, k, done_slots);
		else
			model_complete(m, k, !m->in_order && seed & 1 ? pick : NULL, NULL);
		done += k;
	}
	return NULL;
}

static void *
traffic_producer(void *arg)
{
	struct traffic *t = arg;
	struct model *m = &t->m;
	struct vcrypto_ring_req req[16];
	uint64_t sent = 0, seed = 5;
	uint32_t tail;
	uint16_t nb, ret, i, start;

	for (nb = 0; sent < t->goal && !__atomic_load_n(&t->stop, __ATOMIC_RELAXED);) {
		tail = __atomic_load_n(&t->fifo_tail, __ATOMIC_ACQUIRE);
		while (nb < 16 && nb + sent < t->goal && t->fifo_head != tail)
			model_fill(m, t->fifo[t->fifo_head++ & 1023], 1 + unit_rand(&seed) % 6,
					&req[nb++]);
		for (start = 0; start < nb; start += ret) {
			ret = vcrypto_ring_add(&m->ring, &req[start], nb - start);
			m->ops->publish(&m->ring);
			if (m->ops->kick_needed(&m->ring))
				__atomic_fetch_add(&t->kicks, 1, __ATOMIC_RELEASE);
			if (ret == 0)
				break;
		}
		sent += start;
		for (i = start; i < nb; i++)
			req[i - start] = req[i];
		nb -= start;
		if (start == 0)
			sched_yield();
	}
	return NULL;
}

static void
test_threads(void **state)
{
	static struct traffic t;
	pthread_t device, producer;
	struct timespec start, now;
	uint16_t slots[64];
	unsigned int kind, i;
	uint64_t got;
	int ret = 0;

	(void)state;
	ALL_KINDS(kind) {
		memset(&t, 0, sizeof(t));
		t.goal = 400000;
		model_create(&t.m, (enum vcrypto_ring_kind)kind, 64, 6,
				features_of(kind, MODEL_F_VERSION_1 | MODEL_F_EVENT_IDX));
		for (i = 0; i < 64; i++)
			t.fifo[t.fifo_tail++] = (uint16_t)i;
		assert_int_equal(pthread_create(&device, NULL, traffic_device, &t), 0);
		assert_int_equal(pthread_create(&producer, NULL, traffic_producer, &t), 0);
		clock_gettime(CLOCK_MONOTONIC, &start);
		for (got = 0; got < t.goal && t.m.err == NULL;) {
			ret = t.m.ops->get(&t.m.ring, slots, NULL, 64);
			if (ret < 0)
				break;
			for (i = 0; i < (unsigned int)ret; i++)
				t.fifo[(t.fifo_tail + i) & 1023] = slots[i];
			__atomic_store_n(&t.fifo_tail, t.fifo_tail + (unsigned int)ret,
					__ATOMIC_RELEASE);
			got += (unsigned int)ret;
			if (ret == 0) {
				sched_yield();
				clock_gettime(CLOCK_MONOTONIC, &now);
				if (now.tv_sec - start.tv_sec > 60)
					break;
			}
		}
		__atomic_store_n(&t.stop, 1, __ATOMIC_RELAXED);
		pthread_join(producer, NULL);
		pthread_join(device, NULL);
		model_judge(&t.m, "threads");
		assert_true(ret >= 0);
		assert_true(got == t.goal);
		assert_int_equal(t.m.ops->reclaim(&t.m.ring), -1);
		model_destroy(&t.m);
	}
}

/*
 * c.12: the driver publishes and then reads the device's wish, while the device writes its wish
 * and then reads the index. Whatever the timing, one of the two must see the other; a missing
 * full barrier lets both look too early. Many rounds, begun by both at once.
 */
#define RACE_ROUNDS 200000

struct race {
	struct model m;
	uint32_t round; /* both may begin this one */
	uint32_t device_done;
	bool device_saw;
};

static void
race_delay(uint64_t *seed, unsigned int most)
{
	unsigned int i;

	for (i = unit_rand(seed) % most; i > 0; i--)
		__asm__ __volatile__("" : : : "memory");
}

static void
race_wait(const uint32_t *v, uint32_t want)
{
	unsigned int spins = 0;

	while (__atomic_load_n(v, __ATOMIC_ACQUIRE) != want)
		if (++spins % 4096 == 0)
			sched_yield();
}

static void *
race_device(void *arg)
{
	struct race *r = arg;
	struct model *m = &r->m;
	uint64_t seed = 31;
	uint32_t i;

	for (i = 1; i <= RACE_ROUNDS; i++) {
		race_wait(&r->round, i);
		race_delay(&seed, 32);
		/* "Kick me for the next one", then a last look. */
		model_want_kick(m);
		__atomic_thread_fence(__ATOMIC_SEQ_CST);
		r->device_saw = model_more(m);
		__atomic_store_n(&r->device_done, i, __ATOMIC_RELEASE);
	}
	return NULL;
}

static void
test_no_kick_is_lost(void **state)
{
	unsigned int kind, lost;
	static struct race r;
	uint64_t seed = 17;
	pthread_t device;
	uint16_t slot;
	uint32_t i;
	bool kick;

	(void)state;
	ALL_KINDS(kind) {
		memset(&r, 0, sizeof(r));
		model_create(&r.m, (enum vcrypto_ring_kind)kind, 8, 1,
				features_of(kind, MODEL_F_VERSION_1 | MODEL_F_EVENT_IDX));
		assert_int_equal(pthread_create(&device, NULL, race_device, &r), 0);
		for (i = 1, lost = 0; i <= RACE_ROUNDS; i++) {
			/* The old wish is for an event long ago. */
			if (r.m.packed)
				packed_set_event(&r.m, 0, false, 1);
			else
				set_avail_event(&r.m, (uint16_t)(r.m.dev_avail - 0x4000));
			if (add_n(&r.m, i & 7, 1, 1) != 1)
				r.m.err = "a slot does not fit";
			__atomic_store_n(&r.round, i, __ATOMIC_RELEASE);
			/* The other side hears of the round some hundred cycles later. */
			race_delay(&seed, 700);
			r.m.ops->publish(&r.m.ring);
			kick = r.m.ops->kick_needed(&r.m.ring);
			race_wait(&r.device_done, i);
			lost += !kick && !r.device_saw;
			model_take(&r.m);
			model_complete(&r.m, r.m.nb_held, NULL, NULL);
			MODEL_CHECK(&r.m, r.m.ops->get(&r.m.ring, &slot, NULL, 1) == 1);
		}
		pthread_join(device, NULL);
		model_judge(&r.m, "race");
		if (lost != 0)
			fail_msg("%u of %u kicks are lost", lost, RACE_ROUNDS);
		model_destroy(&r.m);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_every_chain_small_rings),
			cmocka_unit_test(test_every_chain_larger_rings),
			cmocka_unit_test(test_mixed_chains),
			cmocka_unit_test(test_largest_ring),
			cmocka_unit_test(test_threads),
			cmocka_unit_test(test_no_kick_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
