/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * One enqueuer and one dequeuer for each queue pair, several queue pairs, and a
 * device in a thread of its own, which polls or sleeps until its doorbell rings.
 */

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "device_fixture.h"

#define SUCCESS RTE_CRYPTO_OP_STATUS_SUCCESS
#define INVALID_ARGS RTE_CRYPTO_OP_STATUS_INVALID_ARGS
#define LEN 48
#define POOL 256 /* ops of one queue pair, in circulation */
#define BURST 32
#define ONE_BY_ONE_MS 1500
#define MANY_SPINS 1000000 /* without looking at the clock */

/* One queue pair's ops go round: enqueuer -> device -> dequeuer -> enqueuer. */
struct lane {
	struct dut *t;
	uint16_t qp;
	void *cipher, *chain;
	uint64_t total;
	struct rte_crypto_op *op[POOL];
	/* Free ops, from dequeuer to enqueuer. */
	struct rte_crypto_op *ring[POOL];
	uint32_t head, tail;
	uint64_t enqueued, dequeued, wrong;
	uint32_t stop; /* something failed */
	uint8_t want[LEN];
	uint8_t digest[DUT_DIGEST_LEN];
};

#define MARK(op) ((op)->sym->m_src->dynfield1[0])
enum { CIPHER, CHAIN, BAD };

/* Put an op into its state before the trip. */
static void
prepare(struct lane *l, struct rte_crypto_op *op, uint64_t n)
{
	const uint32_t kind = n % 11 == 0 ? BAD : n % 3 == 0 ? CHAIN : CIPHER;

	MARK(op) = kind;
	op->status = RTE_CRYPTO_OP_STATUS_NOT_PROCESSED;
	rte_crypto_op_attach_sym_session(op, kind == CHAIN ? l->chain : l->cipher);
	op->sym->cipher.data.offset = 0;
	op->sym->cipher.data.length = kind == BAD ? LEN - 1 : LEN;
	if (kind == CHAIN) {
		op->sym->auth.data.offset = 0;
		op->sym->auth.data.length = LEN;
		op->sym->auth.digest.data = dut_digest(op);
		op->sym->auth.digest.phys_addr = 0;
		memset(dut_digest(op), 0, DUT_DIGEST_LEN);
	}
	dut_pattern(dut_data(op), LEN);
}

static bool
right(struct lane *l, struct rte_crypto_op *op)
{
	switch (MARK(op)) {
	case BAD:
		return op->status == INVALID_ARGS;
	case CHAIN:
		if (memcmp(dut_digest(op), l->digest, DUT_DIGEST_LEN) != 0)
			return false;
		/* fall through */
	default:
		return op->status == SUCCESS && memcmp(dut_data(op), l->want, LEN) == 0;
	}
}

static void *
enqueuer(void *arg)
{
	struct rte_crypto_op *burst[BURST];
	struct lane *l = arg;
	unsigned int want, n, i;
	uint32_t avail;
	uint16_t took;

	for (n = 0; l->enqueued < l->total;) {
		avail = __atomic_load_n(&l->tail, __ATOMIC_ACQUIRE) - l->head;
		want = 1 + l->enqueued % BURST;
		if (want > l->total - l->enqueued)
			want = (unsigned int)(l->total - l->enqueued);
		for (; n < want && avail != 0; avail--, n++) {
			burst[n] = l->ring[l->head % POOL];
			l->head++;
			prepare(l, burst[n], l->enqueued + n);
		}
		took = rte_cryptodev_enqueue_burst(l->t->id, l->qp, burst, (uint16_t)n);
		l->enqueued += took;
		for (i = took; i < n; i++)
			burst[i - took] = burst[i];
		n -= took;
		if (__atomic_load_n(&l->stop, __ATOMIC_RELAXED))
			break;
		if (took == 0)
			sched_yield();
	}
	/* What the queue did not take is not under way. */
	return NULL;
}

static void *
dequeuer(void *arg)
{
	uint64_t last = dut_now_ms();
	struct rte_crypto_op *burst[BURST];
	struct lane *l = arg;
	uint16_t n, i;

	while (l->dequeued < l->total) {
		n = rte_cryptodev_dequeue_burst(l->t->id, l->qp, burst, BURST);
		for (i = 0; i < n; i++) {
			l->wrong += !right(l, burst[i]);
			l->ring[l->tail % POOL] = burst[i];
			__atomic_store_n(&l->tail, l->tail + 1, __ATOMIC_RELEASE);
		}
		l->dequeued += n;
		if (n != 0) {
			last = dut_now_ms();
		} else if (dut_now_ms() - last > DUT_WAIT_MS) {
			__atomic_store_n(&l->stop, 1, __ATOMIC_RELAXED);
			break;
		} else {
			sched_yield();
		}
	}
	return NULL;
}

static struct lane *
lane_create(struct dut *t, uint16_t qp, uint64_t total, bool with_chain)
{
	struct lane *l = calloc(1, sizeof(*l));
	unsigned int i;

	assert_non_null(l);
	l->t = t;
	l->qp = qp;
	l->total = total;
	l->cipher = dut_cipher_session(t, true);
	l->chain = with_chain ? dut_chain_session(t, true) : l->cipher;
	assert_non_null(l->cipher);
	dut_reference(true, l->want, LEN);
	dut_reference_hmac(l->want, LEN, l->digest);
	for (i = 0; i < POOL; i++)
		l->ring[i] = l->op[i] = dut_op(l->cipher, LEN);
	l->tail = POOL;
	return l;
}

static void
lane_check(struct lane *l)
{
	unsigned int i, k;

	assert_int_equal(l->dequeued, l->total);
	assert_int_equal(l->wrong, 0);
	/* Every op is there, once. */
	assert_int_equal(l->tail - l->head, POOL);
	for (i = 0; i < POOL; i++) {
		for (k = l->head; k != l->tail && l->ring[k % POOL] != l->op[i]; k++)
			;
		assert_true(k != l->tail);
		dut_free_op(l->op[i]);
	}
	if (l->chain != l->cipher)
		dut_free_session(l->t, l->chain);
	dut_free_session(l->t, l->cipher);
	free(l);
}

static void
run_lanes(const struct inproc_cfg *cfg, uint16_t nb_desc, uint64_t total)
{
	const uint16_t nb = cfg->nb_data_queues;
	struct rte_cryptodev_stats st;
	struct lane *lane[4];
	pthread_t thread[8];
	struct dut t;
	uint16_t q;

	dut_open(&t, cfg, NULL);
	dut_start(&t, nb, nb_desc);
	for (q = 0; q < nb; q++)
		lane[q] = lane_create(&t, q, total, true);
	for (q = 0; q < nb; q++) {
		assert_int_equal(pthread_create(&thread[2 * q], NULL, enqueuer, lane[q]), 0);
		assert_int_equal(pthread_create(&thread[2 * q + 1], NULL, dequeuer, lane[q]), 0);
	}
	for (q = 0; q < 2 * nb; q++)
		pthread_join(thread[q], NULL);
	assert_int_equal(rte_cryptodev_stats_get(t.id, &st), 0);
	assert_int_equal(st.enqueued_count, nb * total);
	assert_int_equal(st.dequeued_count, nb * total);
	for (q = 0; q < nb; q++)
		lane_check(lane[q]);
	dut_close(&t);
}

static const uint64_t kinds[] = {
	F_VERSION_1 | F_INDIRECT | F_EVENT_IDX,
	F_VERSION_1 | F_INDIRECT,
	F_VERSION_1 | F_EVENT_IDX,
	F_VERSION_1 | F_INDIRECT | F_ORDER_PLATFORM | F_NOTIFICATION_DATA,
};

static void
c17_two_threads(void **state)
{
	struct inproc_cfg cfg = {.run = INPROC_RUN_THREAD, .nb_data_queues = 1};
	unsigned int k;

	(void)state;
	for (k = 0; k < RTE_DIM(kinds); k++) {
		cfg.features = kinds[k];
		run_lanes(&cfg, 64, 30000);
		/* A small ring is full and empty most of the time. */
		run_lanes(&cfg, 8, 10000);
	}
}

static void
c17_two_queue_pairs(void **state)
{
	const struct inproc_cfg cfg = {.run = INPROC_RUN_THREAD, .nb_data_queues = 2};

	(void)state;
	run_lanes(&cfg, 128, 30000);
}

/* c.12: each side may miss the other if the driver looks before it has published. */
static void
c12_lost_kick(void **state)
{
	struct inproc_cfg cfg = {.run = INPROC_RUN_DOORBELL, .nb_data_queues = 1};
	unsigned int k;

	(void)state;
	for (k = 0; k < RTE_DIM(kinds); k++) {
		cfg.features = kinds[k];
		run_lanes(&cfg, 64, 20000);
	}
}

/* This thread, and those that it makes, on the last or the first of its processors. */
static void
run_on(const cpu_set_t *all, bool last)
{
	int cpu, found = 0;
	cpu_set_t one;

	for (cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET(cpu, all))
			continue;
		found = cpu;
		if (!last)
			break;
	}
	CPU_ZERO(&one);
	CPU_SET(found, &one);
	assert_int_equal(sched_setaffinity(0, sizeof(one), &one), 0);
}

/* The same with one op at a time: the device is about to sleep whenever the next one comes. */
static void
c12_one_by_one(void **state)
{
	struct inproc_cfg cfg = {.run = INPROC_RUN_DOORBELL, .engine = INPROC_ENGINE_INSTANT};
	struct rte_crypto_op *op, *back;
	unsigned int k, i, spins;
	uint64_t end;
	struct dut t;
	cpu_set_t all;
	void *s;

	(void)state;
	assert_int_equal(sched_getaffinity(0, sizeof(all), &all), 0);
	for (k = 0; k < 2; k++) {
		cfg.features = kinds[k];
		/* Apart from each other: on one processor they would take turns. */
		run_on(&all, true);
		dut_open(&t, &cfg, NULL);
		run_on(&all, false);
		dut_start(&t, 1, 8);
		s = dut_cipher_session(&t, true);
		op = dut_op(s, LEN);
		end = dut_now_ms() + ONE_BY_ONE_MS;
		for (i = 0; i % 64 != 0 || dut_now_ms() < end; i++) {
			dut_enqueue(&t, 0, &op, 1);
			spins = 0;
			while (rte_cryptodev_dequeue_burst(t.id, 0, &back, 1) == 0) {
				if (++spins > MANY_SPINS) {
					dut_dequeue(&t, 0, &back, 1);
					break;
				}
			}
			assert_int_equal(op->status, SUCCESS);
		}
		assert_int_equal(__atomic_load_n(&t.s->requests, __ATOMIC_RELAXED), i);
		dut_free_op(op);
		dut_free_session(&t, s);
		dut_close(&t);
	}
	sched_setaffinity(0, sizeof(all), &all);
}

/* A device that fails under two threads: all ops come back to the dequeuer. */
static void
needs_reset_under_load(void **state)
{
	const struct inproc_cfg cfg = {.run = INPROC_RUN_THREAD, .nb_data_queues = 2};
	struct rte_crypto_op *back[POOL];
	unsigned int round, i, n;
	struct lane *lane;
	pthread_t thread;
	struct dut t;
	uint64_t end;

	(void)state;
	dut_open(&t, &cfg, "timeout_ms=500");
	for (round = 0; round < 10; round++) {
		dut_start(&t, 2, 64);
		lane = lane_create(&t, 1, 1u << 30, false);
		assert_int_equal(pthread_create(&thread, NULL, enqueuer, lane), 0);
		/* Once it is in full swing. */
		end = dut_now_ms() + DUT_WAIT_MS;
		for (n = 0; n < 5000 && dut_now_ms() < end;) {
			const uint16_t got = rte_cryptodev_dequeue_burst(t.id, 1, back, BURST);

			for (i = 0; i < got; i++) {
				lane->ring[lane->tail % POOL] = back[i];
				__atomic_store_n(&lane->tail, lane->tail + 1, __ATOMIC_RELEASE);
			}
			n += got;
		}
		assert_true(n >= 5000);
		inproc_needs_reset(t.d);
		__atomic_store_n(&lane->stop, 1, __ATOMIC_RELAXED);
		pthread_join(thread, NULL);
		lane->dequeued = n;
		/* All that was taken comes back, well or not. */
		dut_dequeue(&t, 1, back, (uint16_t)(lane->enqueued - n));
		assert_int_equal(rte_cryptodev_dequeue_burst(t.id, 1, back, BURST), 0);
		for (i = 0; i < POOL; i++)
			dut_free_op(lane->op[i]);
		rte_cryptodev_stop(t.id);
		assert_int_equal(rte_cryptodev_start(t.id), 0);
		assert_true(dut_works(&t, 0, lane->cipher));
		assert_true(dut_works(&t, 1, lane->cipher));
		dut_free_session(&t, lane->cipher);
		free(lane);
		rte_cryptodev_stop(t.id);
	}
	dut_close(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(c17_two_threads),
		cmocka_unit_test(c17_two_queue_pairs),
		cmocka_unit_test(c12_lost_kick),
		cmocka_unit_test(c12_one_by_one),
		cmocka_unit_test(needs_reset_under_load),
	};

	return cmocka_run_group_tests_name("device_threads", tests, dut_eal_setup,
			dut_eal_teardown);
}
