/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * A device that breaks the rules of the ring, that falls silent or that asks for
 * a reset: every operation comes back, nothing is touched that is not the
 * driver's, and after stop and start all works again. Worth most under the sanitizers.
 */

#include <sched.h>

#include <cryptodev_pmd.h>

#include "device_fixture.h"
#include "virtio_compat.h"
#include "virtio_queue.h"

#define SUCCESS RTE_CRYPTO_OP_STATUS_SUCCESS
#define ERROR RTE_CRYPTO_OP_STATUS_ERROR
#define LEN DUT_DATA_LEN
#define NB 8

/*
 * Rings with and without indirect tables, with and without a reset of single queues, of both
 * formats, with and without IN_ORDER.
 */
static const uint64_t kinds[] = {
	F_VERSION_1 | F_INDIRECT | F_EVENT_IDX | F_RING_RESET,
	F_VERSION_1 | F_INDIRECT,
	F_VERSION_1 | F_RING_RESET,
	F_VERSION_1 | F_EVENT_IDX,
	F_VERSION_1 | F_PACKED | F_INDIRECT | F_EVENT_IDX | F_RING_RESET,
	F_VERSION_1 | F_PACKED,
	F_VERSION_1 | F_IN_ORDER | F_INDIRECT | F_EVENT_IDX,
	F_VERSION_1 | F_IN_ORDER | F_RING_RESET,
	F_VERSION_1 | F_IN_ORDER | F_PACKED | F_INDIRECT | F_EVENT_IDX,
	F_VERSION_1 | F_IN_ORDER | F_PACKED | F_RING_RESET,
};

/* A device with IN_ORDER uses it: one used entry for several requests. */
static struct inproc_cfg
cfg_of(uint64_t features)
{
	return (struct inproc_cfg){
		.features = features,
		.in_order = features & F_IN_ORDER ? INPROC_IN_ORDER_BATCH : INPROC_IN_ORDER_OFF,
	};
}

struct fault {
	const char *what;
	struct inproc_faults f;
	bool survivable; /* the ring is sound: no operation may suffer but by its status */
};

static const struct fault ring_faults[] = {
	{"used id outside the ring", {.bad_id = true}, false},
	{"used id that is not outstanding", {.stale_id = true}, false},
	{"used id twice", {.double_use = true}, false},
	{"used index ahead by 1", {.jump_used_idx = 1}, false},
	{"used index ahead by half the ring", {.jump_used_idx = 32}, false},
	{"used index ahead by the ring", {.jump_used_idx = 64}, false},
	{"used index ahead by more than the ring", {.jump_used_idx = 1000}, false},
	{"used index behind", {.jump_used_idx = 65536 - 20}, false},
	{"descriptors overwritten", {.scribble_desc = true}, true},
	{"descriptors overwritten, completed in reverse",
		{.scribble_desc = true, .reverse = true}, true},
	{"completed in reverse", {.reverse = true}, true},
	{"nothing written", {.keep_status = true}, true},
	{"used flags of the other lap", {.wrong_wrap = true}, false},
};

/* Whether a fault is one, and can be seen, on a ring with these features. */
static bool
applies(const struct fault *f, uint64_t features)
{
	if (f->f.wrong_wrap && !(features & F_PACKED))
		return false;
	/* A request that its device leaves for later is never seen again. */
	return !(f->f.reverse && (features & F_IN_ORDER));
}

static void
set_fault(struct dut *t, const struct inproc_faults *f, unsigned int nb_faulty)
{
	*t->f = *f;
	t->f->nb_faulty = nb_faulty;
}

/* Each op of ops[] exactly once in back[]. */
static void
check_same_set(struct rte_crypto_op **ops, struct rte_crypto_op **back, unsigned int nb)
{
	unsigned int i, k;

	for (i = 0; i < nb; i++) {
		for (k = 0; k < nb && back[k] != ops[i]; k++)
			;
		assert_true(k < nb);
		back[k] = NULL;
	}
}

static void
burst(struct dut *t, uint16_t qp, void *s, unsigned int *nb_good, unsigned int *nb_bad)
{
	struct rte_crypto_op *ops[NB], *back[NB];
	unsigned int i;

	for (i = 0; i < NB; i++)
		ops[i] = dut_op(s, LEN);
	dut_enqueue(t, qp, ops, NB);
	dut_dequeue(t, qp, back, NB);
	for (i = 0; i < NB; i++) {
		if (back[i]->status == SUCCESS) {
			++*nb_good;
			assert_true(dut_encrypted(back[i], LEN));
		} else {
			++*nb_bad;
			assert_int_equal(back[i]->status, ERROR);
		}
	}
	check_same_set(ops, back, NB);
	for (i = 0; i < NB; i++)
		dut_free_op(ops[i]);
}

static void
restart(struct dut *t)
{
	memset(t->f, 0, sizeof(*t->f));
	rte_cryptodev_stop(t->id);
	assert_int_equal(rte_cryptodev_start(t->id), 0);
}

static void
c11_ring_faults(void **state)
{
	unsigned int k, i, warm, good, bad;
	struct rte_crypto_op *op;
	struct inproc_cfg cfg;
	struct dut t;
	void *s;

	(void)state;
	for (k = 0; k < RTE_DIM(kinds); k++) {
		cfg = cfg_of(kinds[k]);
		dut_open(&t, &cfg, "timeout_ms=200");
		dut_start(&t, 1, 64);
		s = dut_cipher_session(&t, true);
		for (i = 0; i < RTE_DIM(ring_faults); i++) {
			if (!applies(&ring_faults[i], t.s->features))
				continue;
			/* At several places of the ring. */
			for (warm = 0; warm < 70; warm += 23) {
				for (unsigned int w = 0; w < warm; w++)
					assert_true(dut_works(&t, 0, s));
				good = bad = 0;
				set_fault(&t, &ring_faults[i].f, 1);
				burst(&t, 0, s, &good, &bad);
				assert_int_equal(good + bad, NB);
				if (ring_faults[i].survivable) {
					memset(t.f, 0, sizeof(*t.f));
					assert_true(bad <= 1);
				}
				/* Found by the next look at the ring; then it takes nothing. */
				assert_int_equal(rte_cryptodev_dequeue_burst(t.id, 0, &op, 1), 0);
				op = dut_op(s, LEN);
				if (ring_faults[i].survivable)
					dut_run(&t, 0, op);
				else if (rte_cryptodev_enqueue_burst(t.id, 0, &op, 1) != 0)
					fail_msg("%s: not noticed", ring_faults[i].what);
				dut_free_op(op);
				restart(&t);
				assert_true(dut_works(&t, 0, s));
			}
		}
		dut_free_session(&t, s);
		dut_close(&t);
	}
}

/* What rte_cryptodev_queue_pair_event_error_query() says, where the library has that. */
static bool
faulty(const struct dut *t, uint16_t qp)
{
	const bool is = vcrypto_queue_is_faulty(
		rte_cryptodev_pmd_get_dev(t->id)->data->queue_pairs[qp]);

#ifdef VCRYPTO_COMPAT_ERROR_QUERY
	assert_int_equal(rte_cryptodev_queue_pair_event_error_query(t->id, qp), is);
#endif
	return is;
}

/* The fault of one queue pair is not that of another where queues are reset one by one. */
static void
c11_other_queue(void **state)
{
	const struct inproc_cfg cfg = {.features = F_VERSION_1 | F_INDIRECT | F_RING_RESET,
		.nb_data_queues = 2};
	struct rte_crypto_op *op, *back;
	unsigned int good = 0, bad = 0;
	struct dut t;
	void *s;

	(void)state;
	dut_open(&t, &cfg, "timeout_ms=200");
	dut_start(&t, 2, 64);
	s = dut_cipher_session(&t, true);
	assert_false(faulty(&t, 0));
	set_fault(&t, &(struct inproc_faults){.bad_id = true}, 1);
	burst(&t, 0, s, &good, &bad);
	assert_true(bad > 0);
	assert_int_equal(t.s->queue_resets, 1);
	assert_true(faulty(&t, 0));
	assert_false(faulty(&t, 1));
	assert_true(dut_works(&t, 1, s));
	op = dut_op(s, LEN);
	assert_int_equal(rte_cryptodev_enqueue_burst(t.id, 0, &op, 1), 0);
	assert_int_equal(rte_cryptodev_dequeue_burst(t.id, 0, &back, 1), 0);
	dut_free_op(op);
	assert_true(dut_works(&t, 1, s));
	restart(&t);
	assert_false(faulty(&t, 0));
	assert_true(dut_works(&t, 0, s));
	assert_true(dut_works(&t, 1, s));
	dut_free_session(&t, s);
	dut_close(&t);
}

/* One queue pair's fault takes the other's operations along where only the device resets. */
static void
c11_both_queues(void **state)
{
	const struct inproc_cfg cfg = {.run = INPROC_RUN_MANUAL, .nb_data_queues = 2,
		.features = F_VERSION_1 | F_INDIRECT};
	struct rte_crypto_op *ops[2][NB], *back[NB];
	unsigned int i, q;
	struct dut t;
	void *s;

	(void)state;
	dut_open(&t, &cfg, "timeout_ms=200");
	dut_start(&t, 2, 64);
	s = dut_cipher_session(&t, true);
	for (q = 0; q < 2; q++) {
		for (i = 0; i < NB; i++)
			ops[q][i] = dut_op(s, LEN);
		dut_enqueue(&t, (uint16_t)q, ops[q], NB);
	}
	/* Queue 0 goes wrong at once, queue 1's requests are dropped. */
	set_fault(&t, &(struct inproc_faults){.bad_id = true}, 1);
	inproc_poll(t.d, 1);
	for (q = 0; q < 2; q++) {
		dut_dequeue(&t, (uint16_t)q, back, NB);
		check_same_set(ops[q], back, NB);
		assert_true(faulty(&t, (uint16_t)q));
		for (i = 0; i < NB; i++)
			dut_free_op(ops[q][i]);
	}
	restart(&t);
	/* Served by hand. */
	for (q = 0; q < 2; q++) {
		struct rte_crypto_op *op = dut_op(s, LEN);

		dut_enqueue(&t, (uint16_t)q, &op, 1);
		inproc_poll(t.d, UINT_MAX);
		dut_dequeue(&t, (uint16_t)q, back, 1);
		assert_int_equal(op->status, SUCCESS);
		dut_free_op(op);
	}
	dut_free_session(&t, s);
	dut_close(&t);
}

/* Any mixture of faults at any time, from seeds. */
static void
c11_random_faults(void **state)
{
	unsigned int seed, round, i, took;
	struct rte_crypto_op *ops[NB];
	struct inproc_cfg cfg;
	struct dut t;
	void *s, *chain;

	(void)state;
	for (seed = 1; seed <= 60; seed++) {
		unsigned int r = seed;

		cfg = cfg_of(kinds[seed % RTE_DIM(kinds)]);
		dut_open(&t, &cfg, "timeout_ms=50");
		dut_start(&t, 1, 64);
		s = dut_cipher_session(&t, true);
		chain = dut_chain_session(&t, true);
		for (round = 0; round < 30; round++) {
			struct rte_crypto_op *back[NB];

			r = r * 1103515245 + 12345;
			memset(t.f, 0, sizeof(*t.f));
			t.f->bad_id = (r >> 8) % 16 == 0;
			t.f->stale_id = (r >> 9) % 16 == 1;
			t.f->double_use = (r >> 10) % 16 == 2;
			t.f->jump_used_idx = (r >> 11) % 16 == 3 ? r >> 16 : 0;
			t.f->scribble_desc = (r >> 12) % 8 == 4;
			t.f->reverse = (r >> 13) % 2 && !(t.s->features & F_IN_ORDER);
			t.f->keep_status = (r >> 14) % 8 == 5;
			t.f->keep_digest = (r >> 15) % 8 == 6;
			t.f->nb_faulty = (r >> 20) % NB;
			for (i = 0; i < NB; i++)
				ops[i] = i & 1 ? dut_chain_op(chain, LEN) : dut_op(s, LEN);
			took = rte_cryptodev_enqueue_burst(t.id, 0, ops, NB);
			dut_dequeue(&t, 0, back, (uint16_t)took);
			check_same_set(ops, back, took);
			if (took < NB) {
				restart(&t);
				assert_true(dut_works(&t, 0, s));
			}
			for (i = 0; i < NB; i++)
				dut_free_op(ops[i]);
		}
		restart(&t);
		assert_true(dut_works(&t, 0, s));
		dut_free_session(&t, s);
		dut_free_session(&t, chain);
		dut_close(&t);
	}
}

/* A device that takes requests and never answers: stop gives the operations back. */
static void
dropped_requests(void **state)
{
	struct rte_crypto_op *ops[NB], *back[NB];
	struct rte_cryptodev_stats st;
	unsigned int i, k;
	struct dut t;
	void *s;

	(void)state;
	for (k = 0; k < RTE_DIM(kinds); k++) {
		const struct inproc_cfg cfg = cfg_of(kinds[k]);

		dut_open(&t, &cfg, "timeout_ms=100");
		/* With IN_ORDER it breaks a rule: see below. */
		if (t.s->features & F_IN_ORDER) {
			dut_close(&t);
			continue;
		}
		dut_start(&t, 1, 64);
		s = dut_cipher_session(&t, true);
		for (i = 0; i < NB; i++)
			ops[i] = dut_op(s, LEN);
		set_fault(&t, &(struct inproc_faults){.drop = true}, 3);
		dut_enqueue(&t, 0, ops, NB);
		dut_dequeue(&t, 0, back, NB - 3);
		assert_int_equal(rte_cryptodev_dequeue_burst(t.id, 0, back, NB), 0);
		restart(&t);
		/* They come back as errors, also after the start. */
		dut_dequeue(&t, 0, back, 3);
		for (i = 0; i < 3; i++)
			assert_int_equal(back[i]->status, ERROR);
		assert_true(dut_works(&t, 0, s));
		assert_int_equal(rte_cryptodev_stats_get(t.id, &st), 0);
		assert_int_equal(st.enqueued_count, NB + 1);
		assert_int_equal(st.dequeued_count, NB + 1);
		assert_int_equal(st.dequeue_err_count, 3);
		for (i = 0; i < NB; i++)
			dut_free_op(ops[i]);
		dut_free_session(&t, s);
		dut_close(&t);
	}
}

/*
 * A device with IN_ORDER that leaves out requests and goes on: what it left out may come back as
 * part of a batch, at once or after a restart, but never as a success.
 */
static void
dropped_in_order(void **state)
{
	struct rte_crypto_op *ops[NB], *back[NB];
	struct inproc_cfg cfg;
	unsigned int i, k, batch;
	uint16_t n, got;
	struct dut t;
	void *s;

	(void)state;
	for (k = 0; k < RTE_DIM(kinds); k++) {
		if (!(kinds[k] & F_IN_ORDER))
			continue;
		for (batch = 0; batch < 2; batch++) {
			cfg = cfg_of(kinds[k]);
			cfg.in_order = batch ? INPROC_IN_ORDER_BATCH : INPROC_IN_ORDER_SINGLE;
			dut_open(&t, &cfg, "timeout_ms=100");
			dut_start(&t, 1, 64);
			s = dut_cipher_session(&t, true);
			for (i = 0; i < NB; i++)
				ops[i] = dut_op(s, LEN);
			set_fault(&t, &(struct inproc_faults){.drop = true}, 3);
			dut_enqueue(&t, 0, ops, NB);
			for (n = 0; (got = rte_cryptodev_dequeue_burst(t.id, 0, back + n,
					NB - n)) != 0;)
				n += got;
			restart(&t);
			dut_dequeue(&t, 0, back + n, NB - n);
			check_same_set(ops, back, NB);
			for (i = 0; i < NB; i++) {
				if (i < 3)
					assert_int_equal(ops[i]->status, ERROR);
				else if (ops[i]->status == SUCCESS)
					assert_true(dut_encrypted(ops[i], LEN));
				else
					assert_int_equal(ops[i]->status, ERROR);
			}
			assert_true(dut_works(&t, 0, s));
			for (i = 0; i < NB; i++)
				dut_free_op(ops[i]);
			dut_free_session(&t, s);
			dut_close(&t);
		}
	}
}

/* DEVICE_NEEDS_RESET [virtio 2.1.2]: nothing completes any more. */
static void
needs_reset(void **state)
{
	const struct inproc_cfg cfg = {.run = INPROC_RUN_MANUAL, .nb_data_queues = 2};
	struct rte_crypto_op *ops[2][NB], *back[NB], *op;
	uint64_t resets, start;
	unsigned int i, q;
	void *s, *later;
	struct dut t;

	(void)state;
	dut_open(&t, &cfg, "timeout_ms=200");
	dut_start(&t, 2, 64);
	s = dut_cipher_session(&t, true);
	for (q = 0; q < 2; q++) {
		for (i = 0; i < NB; i++)
			ops[q][i] = dut_op(s, LEN);
		dut_enqueue(&t, (uint16_t)q, ops[q], NB);
	}
	resets = t.s->resets;
	inproc_needs_reset(t.d);
	start = dut_now_ms();
	for (q = 0; q < 2; q++) {
		dut_dequeue(&t, (uint16_t)q, back, NB);
		for (i = 0; i < NB; i++) {
			assert_int_equal(back[i]->status, ERROR);
			dut_free_op(back[i]);
		}
	}
	assert_true(dut_now_ms() - start < 5000);
	/* What was in flight is only given back when the device can no longer write to it. */
	assert_true(t.s->resets > resets);
	op = dut_op(s, LEN);
	assert_int_equal(rte_cryptodev_enqueue_burst(t.id, 0, &op, 1), 0);
	/* No session either until it is restarted, and no waiting for it. */
	start = dut_now_ms();
	later = dut_cipher_session(&t, true);
	assert_null(later);
	assert_true(dut_now_ms() - start < 5000);

	restart(&t);
	/* The session of before is there again. */
	assert_int_equal(t.s->sessions, 1);
	dut_enqueue(&t, 0, &op, 1);
	inproc_poll(t.d, UINT_MAX);
	dut_dequeue(&t, 0, back, 1);
	assert_int_equal(op->status, SUCCESS);
	assert_true(dut_encrypted(op, LEN));
	dut_free_op(op);
	dut_free_session(&t, s);
	dut_close(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(c11_ring_faults),
		cmocka_unit_test(c11_other_queue),
		cmocka_unit_test(c11_both_queues),
		cmocka_unit_test(c11_random_faults),
		cmocka_unit_test(dropped_requests),
		cmocka_unit_test(dropped_in_order),
		cmocka_unit_test(needs_reset),
	};

	return cmocka_run_group_tests_name("device_ring_faults", tests, dut_eal_setup,
			dut_eal_teardown);
}
