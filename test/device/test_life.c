/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Configure, set up, start, stop, close, remove, in any sensible order and a
 * thousand times, with heap, memory zones and file descriptors as they were.
 */

#include <dirent.h>
#include <errno.h>

#include <rte_malloc.h>
#include <rte_memzone.h>

#include "device_fixture.h"

#define SUCCESS RTE_CRYPTO_OP_STATUS_SUCCESS
#define ERROR RTE_CRYPTO_OP_STATUS_ERROR
#define LEN DUT_DATA_LEN
/* Bytes by which the same number of blocks may differ from one time to another. */
#define HEAP_SLACK 1024

struct holdings {
	size_t heap;
	unsigned int blocks;
	unsigned int zones;
	unsigned int fds;
};

static void
count_zone(const struct rte_memzone *mz, void *arg)
{
	(void)mz;
	(*(unsigned int *)arg)++;
}

static struct holdings
holdings(void)
{
	struct rte_malloc_socket_stats st;
	struct holdings h = {0};
	DIR *d;

	assert_int_equal(rte_malloc_get_socket_stats(0, &st), 0);
	h.heap = st.heap_allocsz_bytes;
	h.blocks = st.alloc_count;
	rte_memzone_walk(count_zone, &h.zones);
	d = opendir("/proc/self/fd");
	assert_non_null(d);
	while (readdir(d) != NULL)
		h.fds++;
	closedir(d);
	return h;
}

static void
assert_same(const struct holdings *before)
{
	const struct holdings now = holdings();

	assert_int_equal(now.zones, before->zones);
	assert_int_equal(now.blocks, before->blocks);
	/* A block is a little longer where the rest beside it is too short to stand alone. */
	assert_true(now.heap <= before->heap + HEAP_SLACK);
	assert_int_equal(now.fds, before->fds);
}

static void
c15_start_after_stop(void **state)
{
	struct dut t;
	int i;
	void *s;

	(void)state;
	dut_open(&t, NULL, NULL);
	dut_start(&t, 1, 64);
	s = dut_cipher_session(&t, true);
	for (i = 0; i < 20; i++) {
		assert_true(dut_works(&t, 0, s));
		rte_cryptodev_stop(t.id);
		/* [virtio 2.4: nothing is with the device now] */
		assert_int_equal(t.s->sessions, 0);
		assert_int_equal(rte_cryptodev_start(t.id), 0);
	}
	assert_true(dut_works(&t, 0, s));
	dut_free_session(&t, s);
	dut_close(&t);
}

static void
c15_queue_pair_not_set_up(void **state)
{
	struct rte_cryptodev_config config = {.nb_queue_pairs = 2};
	struct rte_cryptodev_qp_conf qp = {.nb_descriptors = 64};
	const struct inproc_cfg cfg = {.nb_data_queues = 2};
	struct dut t;
	void *s;

	(void)state;
	dut_open(&t, &cfg, NULL);
	assert_int_equal(rte_cryptodev_configure(t.id, &config), 0);
	assert_true(rte_cryptodev_start(t.id) < 0);
	assert_int_equal(rte_cryptodev_queue_pair_setup(t.id, 0, &qp, 0), 0);
	assert_true(rte_cryptodev_start(t.id) < 0);
	assert_int_equal(rte_cryptodev_queue_pair_setup(t.id, 1, &qp, 0), 0);
	assert_int_equal(rte_cryptodev_start(t.id), 0);
	s = dut_cipher_session(&t, true);
	assert_true(dut_works(&t, 0, s));
	assert_true(dut_works(&t, 1, s));
	dut_free_session(&t, s);
	dut_close(&t);
}

static void
c15_descriptors(void **state)
{
	static const struct {
		uint32_t wish;
		unsigned int takes; /* as many as were asked for, as far as the device goes */
	} cases[] = {{1, 8}, {7, 8}, {8, 8}, {9, 16}, {64, 64}, {100, 128}, {128, 128}, {129, 128},
		{4096, 128}, {UINT32_MAX, 128}};
	const struct inproc_cfg cfg = {.run = INPROC_RUN_MANUAL, .queue_size = 128};
	struct rte_cryptodev_config config = {.nb_queue_pairs = 1};
	struct rte_crypto_op *ops[200], *back[200];
	struct rte_cryptodev_qp_conf qp;
	unsigned int i, n;
	struct dut t;
	void *s;

	(void)state;
	dut_open(&t, &cfg, NULL);
	s = dut_cipher_session(&t, true);
	for (i = 0; i < RTE_DIM(ops); i++)
		ops[i] = dut_op(s, LEN);
	for (i = 0; i < RTE_DIM(cases); i++) {
		memset(&qp, 0, sizeof(qp));
		qp.nb_descriptors = cases[i].wish;
		assert_int_equal(rte_cryptodev_configure(t.id, &config), 0);
		assert_int_equal(rte_cryptodev_queue_pair_setup(t.id, 0, &qp, 0), 0);
		assert_int_equal(rte_cryptodev_start(t.id), 0);
		n = rte_cryptodev_enqueue_burst(t.id, 0, ops, RTE_DIM(ops));
		/* A burst is cut as if each op took the six descriptors of a slot's table. */
		assert_int_equal(n, cases[i].takes / (t.direct ? 6 : 1));
		inproc_poll(t.d, UINT_MAX);
		dut_dequeue(&t, 0, back, (uint16_t)n);
		rte_cryptodev_stop(t.id);
	}
	for (i = 0; i < RTE_DIM(ops); i++)
		dut_free_op(ops[i]);
	dut_free_session(&t, s);
	dut_close(&t);
}

/* A second set-up of the same queue pair, and other numbers of queue pairs. */
static void
c15_reconfigure(void **state)
{
	static const uint16_t counts[] = {1, 4, 2, 3, 1, 4};
	struct rte_cryptodev_qp_conf qp = {.nb_descriptors = 64};
	const struct inproc_cfg cfg = {.nb_data_queues = 4};
	struct holdings before = {0};
	unsigned int round, i;
	uint16_t q;
	struct dut t;
	void *s;
	int ret;

	(void)state;
	dut_open(&t, &cfg, NULL);
	s = dut_cipher_session(&t, true);
	for (round = 0; round < 3; round++) {
		for (i = 0; i < RTE_DIM(counts); i++) {
			dut_configure(&t, counts[i], (uint16_t)(32 << i));
			for (q = 0; q < counts[i]; q++) {
				qp.nb_descriptors = 16u << i;
				ret = rte_cryptodev_queue_pair_setup(t.id, q, &qp, 0);
				assert_int_equal(ret, 0);
			}
			assert_int_equal(rte_cryptodev_start(t.id), 0);
			for (q = 0; q < counts[i]; q++)
				assert_true(dut_works(&t, q, s));
			rte_cryptodev_stop(t.id);
		}
		if (round == 0)
			before = holdings();
	}
	assert_same(&before);
	dut_free_session(&t, s);
	dut_close(&t);
}

static void
c15_free_after_stop(void **state)
{
	struct dut t;
	uint64_t start;
	void *s, *s2;

	(void)state;
	dut_open(&t, NULL, NULL);
	dut_start(&t, 1, 64);
	s = dut_cipher_session(&t, true);
	s2 = dut_chain_session(&t, true);
	rte_cryptodev_stop(t.id);
	start = dut_now_ms();
	dut_free_session(&t, s);
	assert_true(dut_now_ms() - start < 1000);
	assert_int_equal(t.s->sessions, 0);
	assert_int_equal(rte_cryptodev_close(t.id), 0);
	dut_free_session(&t, s2);
	dut_close(&t);
}

/* Stop gives the application everything back, and frees nothing that is not its own. */
static void
c15_stop_in_flight(void **state)
{
	enum { NB = 30 };
	const struct inproc_cfg cfg = {.run = INPROC_RUN_MANUAL};
	struct rte_crypto_op *ops[NB], *back[NB];
	unsigned int i, n;
	struct dut t;
	void *s;

	(void)state;
	dut_open(&t, &cfg, "timeout_ms=50");
	dut_start(&t, 1, 64);
	s = dut_cipher_session(&t, true);
	for (i = 0; i < NB; i++)
		ops[i] = dut_op(s, LEN);
	dut_enqueue(&t, 0, ops, NB);
	/* Ten are answered and not yet dequeued, the rest is with a device that sleeps. */
	assert_int_equal(inproc_poll(t.d, 10), 10);
	rte_cryptodev_stop(t.id);
	for (i = 0; i < NB; i++)
		assert_int_equal(rte_mbuf_refcnt_read(ops[i]->sym->m_src), 1);
	assert_int_equal(rte_mempool_in_use_count(dut_ops), NB);
	assert_int_equal(rte_mempool_in_use_count(dut_mbufs), NB);
	assert_int_equal(rte_cryptodev_start(t.id), 0);
	dut_dequeue(&t, 0, back, NB);
	for (i = 0, n = 0; i < NB; i++) {
		if (back[i]->status == SUCCESS) {
			assert_true(dut_encrypted(back[i], LEN));
			n++;
		} else {
			assert_int_equal(back[i]->status, ERROR);
		}
		dut_free_op(back[i]);
	}
	assert_int_equal(n, 10);
	assert_int_equal(rte_cryptodev_dequeue_burst(t.id, 0, back, NB), 0);
	dut_free_session(&t, s);
	dut_close(&t);
}

/* A probe that fails at each of its steps leaves nothing. */
static void
c15_failed_probes(void **state)
{
	const struct inproc_cfg cfgs[] = {
		{.faults = {.refuse_features_ok = true}},
		{.faults = {.not_ready = true}},
		{.faults = {.ctrl_silent = true}},
		{.faults = {.ctrl_status = 1}},
		{.faults = {.generation_flips = UINT32_MAX}},
		{.features = F_INDIRECT},
		{.queue_size = 4},
		{.queue_size = 1},
		{.raw_config = true},
	};
	struct holdings before = {0};
	const uint8_t first = rte_cryptodev_count();
	unsigned int round, i;
	struct dut t;

	(void)state;
	for (round = 0; round < 20; round++) {
		for (i = 0; i < RTE_DIM(cfgs); i++) {
			if (dut_try_open(&t, &cfgs[i], "timeout_ms=20") >= 0)
				dut_close(&t);
			assert_int_equal(rte_cryptodev_count(), first);
		}
		if (round == 0)
			before = holdings();
	}
	assert_same(&before);
}

/* A name that is taken; a device that is running. */
static void
c15_remove(void **state)
{
	struct inproc *other;
	struct dut t;

	(void)state;
	dut_open(&t, NULL, NULL);
	assert_true(inproc_cryptodev_create(t.name, NULL, NULL, &other) < 0);
	dut_start(&t, 1, 64);
	assert_int_equal(inproc_cryptodev_destroy(t.name, t.d), -EBUSY);
	dut_close(&t);
	assert_int_equal(inproc_cryptodev_destroy(t.name, NULL), -ENODEV);
}

static void
one_life(struct dut *t, unsigned int i)
{
	void *s, *chain;

	dut_start(t, 1 + i % 2, (uint16_t)(16 << i % 4));
	s = dut_cipher_session(t, true);
	chain = dut_chain_session(t, true);
	assert_true(dut_works(t, 0, s));
	dut_free_session(t, chain);
	if (i % 3 == 0)
		dut_free_session(t, s);
	rte_cryptodev_stop(t->id);
	if (i % 5 == 0)
		assert_int_equal(rte_cryptodev_close(t->id), 0);
	if (i % 3 != 0)
		dut_free_session(t, s);
}

static void
c15_thousand_lives(void **state)
{
	const struct inproc_cfg cfg = {.nb_data_queues = 2};
	struct holdings before = {0};
	unsigned int i;
	struct dut t;
	size_t heap;

	(void)state;
	dut_open(&t, &cfg, NULL);
	for (i = 0; i < 1000 + 60; i++) {
		if (i <= 60) {
			heap = before.heap;
			before = holdings();
			before.heap = RTE_MAX(before.heap, heap);
		}
		one_life(&t, i);
	}
	assert_same(&before);
	dut_close(&t);
}

/* Probed, used without ever being configured, removed. */
static void
c15_probe_and_remove(void **state)
{
	const struct inproc_cfg cfg = {.nb_data_queues = 2};
	struct holdings before = {0};
	unsigned int i;
	struct dut t;
	void *s;

	(void)state;
	for (i = 0; i < 100; i++) {
		if (i == 4)
			before = holdings();
		dut_open(&t, &cfg, NULL);
		if (i % 2 != 0) {
			s = dut_cipher_session(&t, true);
			assert_non_null(s);
			dut_free_session(&t, s);
		}
		dut_close(&t);
	}
	assert_same(&before);
}

/*
 * The whole life. rte_cryptodev 22.11 itself leaves two blocks behind for each queue pair
 * of a device that was configured and then removed: its callback lists.
 */
static void
c15_life_and_remove(void **state)
{
	const struct inproc_cfg cfg = {.nb_data_queues = 2};
	struct holdings before = {0}, now;
	unsigned int i, library = 0;
	struct dut t;

	(void)state;
	for (i = 0; i < 100; i++) {
		if (i == 4) {
			before = holdings();
			library = 0;
		}
		dut_open(&t, &cfg, NULL);
		one_life(&t, i);
		library += 2 * (1 + i % 2);
		dut_close(&t);
	}
	now = holdings();
	assert_int_equal(now.zones, before.zones);
	assert_int_equal(now.fds, before.fds);
	assert_in_range(now.blocks, before.blocks, before.blocks + library);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(c15_start_after_stop),
		cmocka_unit_test(c15_queue_pair_not_set_up),
		cmocka_unit_test(c15_descriptors),
		cmocka_unit_test(c15_reconfigure),
		cmocka_unit_test(c15_free_after_stop),
		cmocka_unit_test(c15_stop_in_flight),
		cmocka_unit_test(c15_failed_probes),
		cmocka_unit_test(c15_remove),
		cmocka_unit_test(c15_thousand_lives),
		cmocka_unit_test(c15_probe_and_remove),
		cmocka_unit_test(c15_life_and_remove),
	};

	return cmocka_run_group_tests_name("device_life", tests, dut_eal_setup,
			dut_eal_teardown);
}
