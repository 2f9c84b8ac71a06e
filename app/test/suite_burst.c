/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Bursts: of all sizes, larger than the ring, of mixed sessions, with bad ops
 * among good ones; each op comes back once, and the counters are exact.
 */

#include <stdio.h>
#include <string.h>

#include <rte_cycles.h>

#include "suites.h"

#define MAX_OPS 2048

static struct job *jobs[MAX_OPS];

static enum test_result
make_jobs(struct sess **s, unsigned int nb_s, unsigned int nb, bool simple)
{
	struct job_params p;
	unsigned int i, which;

	for (i = 0; i < nb; i++) {
		which = test_rand_range(0, nb_s - 1);
		random_params(s[which], 200, simple, &p);
		jobs[i] = job_create(s[which], &p);
		if (jobs[i] == NULL)
			return TEST_FAIL;
	}
	return TEST_PASS;
}

/* Dequeue until all came back. */
static enum test_result
collect(struct env_dev *d, uint16_t qp, unsigned int nb)
{
	struct rte_crypto_op *ops[64];
	uint64_t deadline = env_deadline();
	unsigned int got = 0, polls = 0, i, n;
	struct job *j;

	while (got < nb) {
		n = rte_cryptodev_dequeue_burst(d->id, qp, ops, RTE_DIM(ops));
		for (i = 0; i < n; i++) {
			j = job_of(ops[i]);
			if (j == NULL) {
				env_stop_all();
				return test_fail("an op came back that nobody sent");
			}
			j->returned++;
		}
		got += n;
		if (n > 0) {
			deadline = env_deadline();
		} else if (rte_get_timer_cycles() > deadline) {
			env_stop_all();
			return test_fail("%u of %u ops came back", got, nb);
		} else {
			job_idle(&polls);
		}
	}
	return TEST_PASS;
}

static enum test_result
sizes_case(const struct test_case *tc)
{
	struct sess *s[1];
	struct sess_params p;

	NEED(any_cipher(&p));
	NEED(make_session(&p, &s[0]));
	NEED(make_jobs(s, 1, 256, true));
	return job_run(&env.dev[0], 0, jobs, 256, tc->n);
}

/* Without dequeuing, the device takes what its ring holds, and no more; nothing is lost. */
static enum test_result
overfull_case(const struct test_case *tc)
{
	struct rte_crypto_op *ops[MAX_OPS];
	struct sess *s[1];
	struct sess_params p;
	unsigned int i, taken, round;
	uint16_t n;

	NEED(any_cipher(&p));
	NEED(make_session(&p, &s[0]));
	NEED(make_jobs(s, 1, MAX_OPS, true));
	for (round = 0; round < 3; round++) {
		for (i = 0; i < MAX_OPS; i++) {
			ops[i] = jobs[i]->op;
			job_rearm(jobs[i]);
		}
		taken = 0;
		do {
			n = rte_cryptodev_enqueue_burst(env.dev[0].id, 0, ops + taken,
					(uint16_t)RTE_MIN(tc->n, MAX_OPS - taken));
			taken += n;
		} while (n > 0 && taken < MAX_OPS);
		TEST_CHECK(taken >= RTE_MIN(ENV_NB_DESC / 8u, (unsigned int)MAX_OPS),
				"only %u ops fit into %u descriptors", taken, ENV_NB_DESC);
		TEST_CHECK(!env.strict || taken < MAX_OPS, "%u ops fit into %u descriptors", taken,
				ENV_NB_DESC);
		NEED(collect(&env.dev[0], 0, taken));
		NEED(job_check_all(jobs, taken));
		TEST_CHECK(rte_cryptodev_dequeue_burst(env.dev[0].id, 0, ops, 1) == 0,
				"one more op than was sent");
	}
	test_note("%u ops at a time", taken);
	return TEST_PASS;
}

/* Bursts much larger than the ring, with dequeuing in between. */
static enum test_result
pressure_case(const struct test_case *tc)
{
	struct rte_crypto_op *ops[MAX_OPS], *back[32];
	struct sess *s[1];
	struct sess_params p;
	unsigned int i, sent = 0, got = 0, polls = 0, n;
	uint64_t deadline;
	struct job *j;

	RTE_SET_USED(tc);
	NEED(any_cipher(&p));
	NEED(make_session(&p, &s[0]));
	NEED(make_jobs(s, 1, MAX_OPS, true));
	for (i = 0; i < MAX_OPS; i++)
		ops[i] = jobs[i]->op;
	deadline = env_deadline();
	while (got < MAX_OPS) {
		sent += rte_cryptodev_enqueue_burst(env.dev[0].id, 0, ops + sent,
				(uint16_t)(MAX_OPS - sent));
		n = rte_cryptodev_dequeue_burst(env.dev[0].id, 0, back, RTE_DIM(back));
		for (i = 0; i < n; i++) {
			j = job_of(back[i]);
			TEST_CHECK(j != NULL, "an op came back that nobody sent");
			j->returned++;
		}
		got += n;
		if (n > 0) {
			deadline = env_deadline();
		} else if (rte_get_timer_cycles() > deadline) {
			env_stop_all();
			return test_fail("%u ops taken, %u came back", sent, got);
		} else {
			job_idle(&polls);
		}
	}
	return job_check_all(jobs, MAX_OPS);
}

static enum test_result
mixed_case(const struct test_case *tc)
{
	struct sess *s[16];
	unsigned int nb;

	NEED(mixed_sessions(s, RTE_DIM(s), &nb));
	NEED(make_jobs(s, nb, 1000, false));
	test_note("%u sessions", nb);
	return job_run(&env.dev[0], 0, jobs, 1000, tc->n);
}

/* Ops that cannot work, at every place of a burst. */
static enum test_result
bad_among_good_case(const struct test_case *tc)
{
	const unsigned int nb = 1024;
	struct sess *s[8];
	unsigned int nb_s, i;

	NEED(need_strict());
	NEED(mixed_sessions(s, RTE_DIM(s), &nb_s));
	NEED(make_jobs(s, nb_s, nb, false));
	for (i = 0; i < nb; i++) {
		if (test_rand_range(0, 99) >= tc->n)
			continue;
		if (i & 1) {
			job_expect_untouched(jobs[i], RTE_CRYPTO_OP_STATUS_INVALID_SESSION);
			jobs[i]->op->sym->session = NULL;
		} else {
			job_expect_untouched(jobs[i], RTE_CRYPTO_OP_STATUS_INVALID_ARGS);
			/* More than there is, in whatever the session works on. */
			if (jobs[i]->s->p.order == SESS_AUTH)
				jobs[i]->op->sym->auth.data.length = 1 << 20;
			else if (jobs[i]->s->p.order == SESS_AEAD)
				jobs[i]->op->sym->aead.data.length = 1 << 20;
			else
				jobs[i]->op->sym->cipher.data.length = 1 << 20;
		}
	}
	return job_run(&env.dev[0], 0, jobs, nb, 33);
}

static enum test_result
stats_case(const struct test_case *tc)
{
	struct rte_cryptodev_stats st;
	const unsigned int nb = 777;
	struct sess *s[1];
	struct sess_params p;
	unsigned int round, i, nb_bad;

	if (tc->n > 0)
		NEED(need_strict());
	NEED(any_cipher(&p));
	NEED(make_session(&p, &s[0]));
	NEED(make_jobs(s, 1, nb, true));
	rte_cryptodev_stats_reset(env.dev[0].id);
	TEST_CHECK(rte_cryptodev_stats_get(env.dev[0].id, &st) == 0, "no counters");
	TEST_CHECK(st.enqueued_count == 0 && st.dequeued_count == 0 && st.enqueue_err_count == 0 &&
			st.dequeue_err_count == 0, "not 0 after a reset");
	nb_bad = 0;
	for (i = 0; i < nb && tc->n > 0; i += tc->n, nb_bad++) {
		job_expect_untouched(jobs[i], RTE_CRYPTO_OP_STATUS_INVALID_SESSION);
		jobs[i]->op->sym->session = NULL;
	}
	for (round = 1; round <= 3; round++) {
		NEED(job_run(&env.dev[0], (uint16_t)(round % env.dev[0].nb_qps), jobs, nb, 16));
		TEST_CHECK(rte_cryptodev_stats_get(env.dev[0].id, &st) == 0, "no counters");
		TEST_CHECK(st.enqueued_count == (uint64_t)round * nb &&
				st.dequeued_count == (uint64_t)round * nb,
				"%u ops, counted %llu and %llu", round * nb,
				(unsigned long long)st.enqueued_count,
				(unsigned long long)st.dequeued_count);
		TEST_CHECK(st.enqueue_err_count + st.dequeue_err_count == (uint64_t)round * nb_bad,
				"%u bad ops, counted %llu and %llu", round * nb_bad,
				(unsigned long long)st.enqueue_err_count,
				(unsigned long long)st.dequeue_err_count);
		for (i = 0; i < nb; i++) {
			if (jobs[i]->status != RTE_CRYPTO_OP_STATUS_SUCCESS) {
				jobs[i]->returned = 0;
				continue;
			}
			job_rearm(jobs[i]);
		}
	}
	rte_cryptodev_stats_reset(env.dev[0].id);
	rte_cryptodev_stats_get(env.dev[0].id, &st);
	TEST_CHECK(st.enqueued_count == 0 && st.dequeued_count == 0, "not 0 after a reset");
	return TEST_PASS;
}

/* Each of the device's queue pairs, one after the other and in turn. */
static enum test_result
queue_pairs_case(const struct test_case *tc)
{
	struct sess *s[1];
	struct sess_params p;
	uint16_t qp;
	unsigned int i;

	RTE_SET_USED(tc);
	NEED(any_cipher(&p));
	NEED(make_session(&p, &s[0]));
	NEED(make_jobs(s, 1, 1024, true));
	for (i = 0, qp = 0; i < 1024; i += 16, qp++)
		NEED(job_run(&env.dev[0], qp % env.dev[0].nb_qps, jobs + i, 16, 16));
	test_note("%u queue pairs", env.dev[0].nb_qps);
	return TEST_PASS;
}

/* Nothing to do is no error. */
static enum test_result
empty_case(const struct test_case *tc)
{
	struct rte_crypto_op *op = NULL;
	unsigned int i;

	RTE_SET_USED(tc);
	for (i = 0; i < 5000; i++)
		TEST_CHECK(rte_cryptodev_dequeue_burst(env.dev[0].id, 0, &op, 1) == 0,
				"an op out of nothing");
	TEST_CHECK(rte_cryptodev_enqueue_burst(env.dev[0].id, 0, &op, 0) == 0, "took nothing");
	TEST_CHECK(rte_cryptodev_dequeue_burst(env.dev[0].id, 0, &op, 0) == 0, "gave nothing");
	return TEST_PASS;
}

void
suite_burst(void)
{
	static const unsigned int sizes[] = {1, 2, 3, 7, 8, 31, 32, 33, 63, 64, 65, 127, 128, 255,
			256};
	static const unsigned int shares[] = {1, 10, 50, 100};
	struct test_case tc = {0};
	unsigned int i;

	tc.run = sizes_case;
	for (i = 0; i < RTE_DIM(sizes); i++) {
		tc.n = sizes[i];
		test_add(&tc, "size-%u", sizes[i]);
	}
	tc.run = overfull_case;
	for (i = 1; i <= 2048; i *= 32) {
		tc.n = i;
		test_add(&tc, "overfull/burst-%u", i);
	}
	tc.n = 2048;
	test_add(&tc, "overfull/burst-2048");
	tc.run = pressure_case;
	test_add(&tc, "back-pressure");
	tc.run = mixed_case;
	for (i = 1; i <= 256; i *= 16) {
		tc.n = i;
		test_add(&tc, "mixed-sessions/burst-%u", i);
	}
	tc.run = bad_among_good_case;
	for (i = 0; i < RTE_DIM(shares); i++) {
		tc.n = shares[i];
		test_add(&tc, "bad-among-good/%u-percent", shares[i]);
	}
	tc.run = stats_case;
	tc.n = 0;
	test_add(&tc, "stats/good");
	tc.n = 5;
	test_add(&tc, "stats/with-bad");
	tc.run = queue_pairs_case;
	test_add(&tc, "queue-pairs");
	tc.run = empty_case;
	test_add(&tc, "empty");
}
