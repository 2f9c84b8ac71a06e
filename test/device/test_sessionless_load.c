/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Operations without a session under load: more kinds than a queue pair keeps, among operations
 * with one, from one thread to another.
 */

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "sessionless.h"

#define SUCCESS RTE_CRYPTO_OP_STATUS_SUCCESS
#define KEPT 32 /* sessions that a queue pair keeps on the device */

#define LOAD_KINDS 200
#define LOAD_OPS 20000
#define LOAD_POOL 96

struct load {
	struct dut *t;
	struct kind *kinds;
	void *session;
	struct rte_crypto_op *ring[LOAD_POOL]; /* free ones, to the enqueuer */
	uint32_t head, tail;
	unsigned int wrong;
	bool stop;
};

static void
load_prepare(struct load *l, struct rte_crypto_op *op, uint64_t n)
{
	/* Runs, returns to what is long gone, and some with a session between. */
	const unsigned int i = (unsigned int)((n / 3 * 2654435761u) >> 7) % LOAD_KINDS;

	dut_pattern(dut_data(op), LEN);
	op->status = RTE_CRYPTO_OP_STATUS_NOT_PROCESSED;
	if (n % 7 == 0) {
		rte_crypto_op_attach_sym_session(op, l->session);
		memcpy(rte_crypto_op_ctod_offset(op, uint8_t *, DUT_DIGEST_OFFSET), dut_key, 16);
		return;
	}
	op->sess_type = RTE_CRYPTO_OP_SESSIONLESS;
	op->sym->xform = &l->kinds[i].x;
	memcpy(rte_crypto_op_ctod_offset(op, uint8_t *, DUT_DIGEST_OFFSET), l->kinds[i].key, 16);
}

static void *
load_enqueue(void *arg)
{
	struct rte_crypto_op *burst[16];
	struct load *const l = arg;
	uint64_t sent = 0;
	uint16_t n = 0, took, i;

	while (sent < LOAD_OPS && !__atomic_load_n(&l->stop, __ATOMIC_RELAXED)) {
		while (n < RTE_DIM(burst) && sent + n < LOAD_OPS &&
				l->head != __atomic_load_n(&l->tail, __ATOMIC_ACQUIRE)) {
			burst[n] = l->ring[l->head++ % LOAD_POOL];
			load_prepare(l, burst[n], sent + n);
			n++;
		}
		took = rte_cryptodev_enqueue_burst(l->t->id, 0, burst, n);
		sent += took;
		for (i = took; i < n; i++)
			burst[i - took] = burst[i];
		n -= took;
		if (took == 0)
			sched_yield();
	}
	return NULL;
}

static void
load(void **state)
{
	const struct inproc_cfg cfg = { .run = INPROC_RUN_THREAD, .stateless = *state != NULL };
	struct load *const l = calloc(1, sizeof(*l));
	struct rte_crypto_op *got[16];
	uint64_t done = 0, last;
	pthread_t thread;
	struct dut t;
	unsigned int i;
	uint16_t n;

	assert_non_null(l);
	dut_open(&t, &cfg, NULL);
	dut_start(&t, 1, 128);
	l->t = &t;
	l->session = dut_cipher_session(&t, true);
	l->kinds = calloc(LOAD_KINDS, sizeof(*l->kinds));
	assert_non_null(l->kinds);
	for (i = 0; i < LOAD_KINDS; i++)
		kind(&l->kinds[i], i);
	for (i = 0; i < LOAD_POOL; i++)
		l->ring[l->tail++] = bare_op(NULL);
	assert_int_equal(pthread_create(&thread, NULL, load_enqueue, l), 0);
	for (last = dut_now_ms(); done < LOAD_OPS;) {
		n = rte_cryptodev_dequeue_burst(t.id, 0, got, RTE_DIM(got));
		for (i = 0; i < n; i++) {
			l->wrong += got[i]->status != SUCCESS || !right(got[i],
				rte_crypto_op_ctod_offset(got[i], uint8_t *, DUT_DIGEST_OFFSET));
			l->ring[l->tail % LOAD_POOL] = got[i];
			__atomic_store_n(&l->tail, l->tail + 1, __ATOMIC_RELEASE);
		}
		done += n;
		if (n != 0) {
			last = dut_now_ms();
		} else if (dut_now_ms() - last > DUT_WAIT_MS) {
			__atomic_store_n(&l->stop, true, __ATOMIC_RELAXED);
			break;
		} else {
			sched_yield();
		}
	}
	pthread_join(thread, NULL);
	assert_int_equal(done, LOAD_OPS);
	assert_int_equal(l->wrong, 0);
	assert_true(t.s->sessions <= KEPT + 1);
	for (i = 0; i < LOAD_POOL; i++)
		dut_free_op(l->ring[i]);
	dut_free_session(&t, l->session);
	dut_close(&t);
	free(l->kinds);
	free(l);
}

static void
load_stateless(void **state)
{
	load(state);
}

static int yes;

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_prestate(load, NULL),
		cmocka_unit_test_prestate(load_stateless, &yes),
	};

	return cmocka_run_group_tests(tests, dut_eal_setup, dut_eal_teardown);
}
