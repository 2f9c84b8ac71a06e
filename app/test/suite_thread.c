/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Threads: enqueue and dequeue of one queue pair on two lcores, several queue
 * pairs and devices in parallel, sessions made and freed while traffic flows.
 * Every op comes back exactly once, with the right bytes.
 *
 * Worker lcores only enqueue and dequeue, and pass jobs on through rings; the
 * main lcore makes and checks the jobs.
 */

#include <stdio.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_ring.h>

#include "suites.h"

#define NB_JOBS 1024
#define MAX_WORKERS ENV_MAX_QPS

static struct job *jobs[NB_JOBS];

static enum test_result
need_lcores(unsigned int nb)
{
	if (rte_lcore_count() < nb)
		return test_skip("needs %u lcores", nb);
	return TEST_PASS;
}

static enum test_result
make_jobs(struct sess **s, unsigned int nb_s, unsigned int nb, bool repeatable)
{
	struct job_params p;
	unsigned int i;

	for (i = 0; i < nb; i++) {
		const struct sess *one = s[i % nb_s];

		random_params(one, 200, true, &p);
		/* Out of place the same op can be done again and again. */
		if (repeatable)
			layout_apply(LAYOUT_OOP, 1, &p);
		jobs[i] = job_create(one, &p);
		if (jobs[i] == NULL)
			return TEST_FAIL;
	}
	return TEST_PASS;
}

/*
 * What one end of a queue pair does: ops from a ring to the device, or from the device to a
 * ring.
 */
struct end {
	const struct env_dev *dev;
	uint16_t qp;
	struct rte_ring *ring;
	uint64_t nb; /* ops to move */
	uint64_t moved;
	unsigned int max_burst;
	uint32_t stop; /* set by the main lcore: give up */
};

static bool
told_to_stop(struct end *e)
{
	return __atomic_load_n(&e->stop, __ATOMIC_RELAXED) != 0;
}

static int
enqueuer(void *arg)
{
	struct end *e = arg;
	struct rte_crypto_op *ops[64];
	unsigned int n = 0, sent = 0, polls = 0, burst = 0, got;

	while (e->moved < e->nb && !told_to_stop(e)) {
		if (sent == n) {
			burst = burst % e->max_burst + 1;
			n = rte_ring_dequeue_burst(e->ring, (void **)ops, burst, NULL);
			sent = 0;
		}
		got = rte_cryptodev_enqueue_burst(e->dev->id, e->qp, ops + sent,
				(uint16_t)(n - sent));
		sent += got;
		e->moved += got;
		if (got == 0)
			job_idle(&polls);
	}
	return 0;
}

static int
dequeuer(void *arg)
{
	struct end *e = arg;
	struct rte_crypto_op *ops[64];
	unsigned int n, put, polls = 0, burst = 0;

	while (e->moved < e->nb && !told_to_stop(e)) {
		burst = burst % e->max_burst + 1;
		n = rte_cryptodev_dequeue_burst(e->dev->id, e->qp, ops, (uint16_t)burst);
		for (put = 0; put < n && !told_to_stop(e);)
			put += rte_ring_enqueue_burst(e->ring, (void **)&ops[put], n - put, NULL);
		e->moved += n;
		if (n == 0)
			job_idle(&polls);
	}
	return 0;
}

static struct rte_ring *
ring(const char *name)
{
	return rte_ring_create(name, 2 * NB_JOBS, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
}

/*
 * The main lcore is one end, a worker the other; with three lcores both ends are workers.
 * The main lcore checks each op that came back, arms it and sends it round again.
 */
static enum test_result
one_pair(struct sess **s, unsigned int nb_s, uint64_t nb_ops, bool worker_enqueues,
		bool worker_dequeues)
{
	struct rte_ring *to = ring("vt_to"), *from = ring("vt_from");
	struct end in = {.dev = &env.dev[0], .ring = to, .nb = nb_ops, .max_burst = 48};
	struct end out = {.dev = &env.dev[0], .ring = from, .nb = nb_ops, .max_burst = 40};
	struct rte_crypto_op *ops[32];
	uint64_t checked = 0, sent = 0, armed = NB_JOBS, deadline;
	enum test_result r = TEST_PASS;
	unsigned int lcore = rte_get_next_lcore(-1, 1, 0), i, n, polls = 0;
	struct job *j;

	if (to == NULL || from == NULL) {
		r = test_fail("no memory for rings");
		goto out;
	}
	r = make_jobs(s, nb_s, NB_JOBS, false);
	if (r != TEST_PASS)
		goto out;
	for (i = 0; i < NB_JOBS; i++)
		rte_ring_enqueue(to, jobs[i]->op);
	if (worker_enqueues) {
		rte_eal_remote_launch(enqueuer, &in, lcore);
		lcore = rte_get_next_lcore(lcore, 1, 0);
	}
	if (worker_dequeues)
		rte_eal_remote_launch(dequeuer, &out, lcore);
	deadline = env_deadline();
	while (checked < nb_ops) {
		if (!worker_enqueues && sent < nb_ops) {
			n = rte_ring_dequeue_burst(to, (void **)ops, test_rand_range(1,
					RTE_DIM(ops)), NULL);
			for (i = 0; i < n;)
				i += rte_cryptodev_enqueue_burst(env.dev[0].id, 0, ops + i,
						(uint16_t)(n - i));
			sent += n;
		}
		if (worker_dequeues)
			n = rte_ring_dequeue_burst(from, (void **)ops, RTE_DIM(ops), NULL);
		else
			n = rte_cryptodev_dequeue_burst(env.dev[0].id, 0, ops, RTE_DIM(ops));
		for (i = 0; i < n; i++) {
			j = job_of(ops[i]);
			if (j == NULL || ++j->returned != 1) {
				r = test_fail("an op came back %u times",
						j == NULL ? 0 : j->returned);
				goto stop;
			}
			if (!job_check(j)) {
				r = TEST_FAIL;
				goto stop;
			}
			checked++;
			if (armed < nb_ops) {
				job_rearm(j);
				rte_ring_enqueue(to, ops[i]);
				armed++;
			}
		}
		if (n > 0) {
			deadline = env_deadline();
		} else if (rte_get_timer_cycles() > deadline) {
			r = test_fail("%u of %u ops came back", (unsigned int)checked,
					(unsigned int)nb_ops);
			goto stop;
		} else {
			job_idle(&polls);
		}
	}
stop:
	__atomic_store_n(&in.stop, r != TEST_PASS, __ATOMIC_RELAXED);
	__atomic_store_n(&out.stop, r != TEST_PASS, __ATOMIC_RELAXED);
	rte_eal_mp_wait_lcore();
	if (r != TEST_PASS)
		env_stop_all();
out:
	rte_ring_free(to);
	rte_ring_free(from);
	return r;
}

/* One queue pair, ends on different lcores; counters are exact afterwards. */
static enum test_result
one_pair_case(const struct test_case *tc)
{
	const uint64_t nb_ops = RTE_MAX(20ull * test_opts.ops, 2ull * NB_JOBS);
	struct rte_cryptodev_stats st;
	struct sess *s[8];
	unsigned int nb;

	NEED(need_lcores(tc->n == 3 ? 3 : 2));
	NEED(mixed_sessions(s, RTE_DIM(s), &nb));
	rte_cryptodev_stats_reset(env.dev[0].id);
	NEED(one_pair(s, nb, nb_ops, tc->n != 2, tc->n != 1));
	rte_cryptodev_stats_get(env.dev[0].id, &st);
	TEST_CHECK(st.enqueued_count == nb_ops && st.dequeued_count == nb_ops,
			"%u ops, counted %u and %u", (unsigned int)nb_ops,
			(unsigned int)st.enqueued_count, (unsigned int)st.dequeued_count);
	test_note("%u ops, %u sessions", (unsigned int)nb_ops, nb);
	return TEST_PASS;
}

/* ---- One lcore for each queue pair ---- */

struct pair_worker {
	const struct env_dev *dev;
	uint16_t qp;
	struct job **jobs;
	unsigned int nb;
	unsigned int rounds;
	unsigned int lost;
	unsigned int foreign;
};

static int
pair_worker(void *arg)
{
	struct pair_worker *w = arg;
	struct rte_crypto_op *ops[32];
	unsigned int round, sent, got, i, n, polls = 0;
	uint64_t deadline = env_deadline();

	for (round = 0; round < w->rounds && w->lost == 0; round++) {
		for (i = 0; i < w->nb; i++)
			w->jobs[i]->returned = 0;
		for (sent = 0, got = 0; got < w->nb;) {
			n = RTE_MIN((unsigned int)RTE_DIM(ops), w->nb - sent);
			for (i = 0; i < n; i++)
				ops[i] = w->jobs[sent + i]->op;
			sent += rte_cryptodev_enqueue_burst(w->dev->id, w->qp, ops, (uint16_t)n);
			n = rte_cryptodev_dequeue_burst(w->dev->id, w->qp, ops, RTE_DIM(ops));
			for (i = 0; i < n; i++) {
				struct job *j = job_of(ops[i]);

				/* Each queue pair gives back its own. */
				if (j == NULL || j < w->jobs[0] || j > w->jobs[w->nb - 1])
					w->foreign++;
				else
					j->returned++;
			}
			got += n;
			if (n > 0) {
				deadline = env_deadline();
			} else if (rte_get_timer_cycles() > deadline) {
				w->lost = w->nb - got;
				break;
			} else {
				job_idle(&polls);
			}
		}
	}
	return 0;
}

static enum test_result
run_workers(struct pair_worker *w, unsigned int nb)
{
	unsigned int lcore = rte_get_next_lcore(-1, 1, 0), i;

	for (i = 0; i + 1 < nb; i++, lcore = rte_get_next_lcore(lcore, 1, 0))
		rte_eal_remote_launch(pair_worker, &w[i], lcore);
	pair_worker(&w[nb - 1]);
	rte_eal_mp_wait_lcore();
	for (i = 0; i < nb; i++) {
		if (w[i].lost > 0)
			env_stop_all();
		TEST_CHECK(w[i].lost == 0, "worker %u: %u ops did not come back", i, w[i].lost);
		TEST_CHECK(w[i].foreign == 0, "worker %u: %u ops of others came back", i,
				w[i].foreign);
		NEED(job_check_all(w[i].jobs, w[i].nb));
	}
	return TEST_PASS;
}

static enum test_result
parallel_pairs_case(const struct test_case *tc)
{
	const unsigned int nb = RTE_MIN(rte_lcore_count(), (unsigned int)env.dev[0].nb_qps);
	struct pair_worker w[MAX_WORKERS];
	struct sess *s[8];
	unsigned int nb_s, i, per;

	RTE_SET_USED(tc);
	NEED(need_lcores(2));
	NEED(need_layout(LAYOUT_OOP));
	if (nb < 2)
		return test_skip("the device has one queue pair");
	NEED(mixed_sessions(s, RTE_DIM(s), &nb_s));
	NEED(make_jobs(s, nb_s, NB_JOBS, true));
	per = NB_JOBS / nb;
	for (i = 0; i < nb; i++)
		w[i] = (struct pair_worker){
			.dev = &env.dev[0], .qp = (uint16_t)i, .jobs = &jobs[i * per], .nb = per,
			.rounds = 1 + 10 * test_opts.ops / per,
		};
	NEED(run_workers(w, nb));
	test_note("%u queue pairs", nb);
	return TEST_PASS;
}

static enum test_result
parallel_devices_case(const struct test_case *tc)
{
	struct pair_worker w[2];
	struct sess_params p;
	struct sess *s[2];
	unsigned int i;

	RTE_SET_USED(tc);
	NEED(need_lcores(2));
	NEED(need_devs(2));
	NEED(need_layout(LAYOUT_OOP));
	NEED(any_cipher(&p));
	for (i = 0; i < 2; i++)
		TEST_CHECK(job_session(&env.dev[i], &p, &s[i]) == 0, "no session on device %u: %s",
				i, rte_strerror(rte_errno));
	for (i = 0; i < 2; i++) {
		NEED(make_jobs(&s[i], 1, 256, true));
		memmove(jobs + 256 * (2 - i), jobs, 256 * sizeof(jobs[0]));
		w[i] = (struct pair_worker){
			.dev = &env.dev[i], .jobs = &jobs[256 * (2 - i)], .nb = 256,
			.rounds = 1 + 10 * test_opts.ops / 256,
		};
	}
	return run_workers(w, 2);
}

/* ---- Control path beside traffic ---- */

static enum test_result
churn_case(const struct test_case *tc)
{
	struct pair_worker w;
	struct rte_cryptodev_stats st, last = {0};
	enum test_result r = TEST_PASS;
	const unsigned int lcore = rte_get_next_lcore(-1, 1, 0);
	struct sess *s[8], *extra[4] = {NULL};
	struct sess_params p[8];
	unsigned int nb_s, i, rounds = 0;

	RTE_SET_USED(tc);
	NEED(need_lcores(2));
	NEED(need_layout(LAYOUT_OOP));
	NEED(mixed_sessions(s, RTE_DIM(s), &nb_s));
	for (i = 0; i < nb_s; i++)
		p[i] = s[i]->p;
	NEED(make_jobs(s, nb_s, 512, true));
	w = (struct pair_worker){
		.dev = &env.dev[0], .jobs = jobs, .nb = 512,
		.rounds = 1 + 20 * test_opts.ops / 512,
	};
	rte_eal_remote_launch(pair_worker, &w, lcore);
	while (r == TEST_PASS && (rte_eal_get_lcore_state(lcore) == RUNNING || rounds < 20)) {
		i = test_rand_range(0, RTE_DIM(extra) - 1);
		if (extra[i] != NULL && job_session_free(extra[i]) != 0)
			r = test_fail("a session is not freed");
		extra[i] = NULL;
		if (r == TEST_PASS)
			r = make_session(&p[test_rand_range(0, nb_s - 1)], &extra[i]);
		if (rte_cryptodev_stats_get(env.dev[0].id, &st) != 0 ||
				st.enqueued_count < last.enqueued_count ||
				st.dequeued_count < last.dequeued_count)
			r = test_fail("counters went back");
		last = st;
		rounds++;
	}
	rte_eal_mp_wait_lcore();
	if (r != TEST_PASS)
		return r;
	if (w.lost > 0)
		env_stop_all();
	TEST_CHECK(w.lost == 0 && w.foreign == 0, "%u ops lost, %u unknown", w.lost, w.foreign);
	test_note("%u sessions beside %u ops", rounds, w.rounds * 512);
	return job_check_all(jobs, 512);
}

/* Sessions made on two lcores at once. */
struct session_worker {
	struct sess s;
	unsigned int nb;
	unsigned int failed;
};

static int
session_worker(void *arg)
{
	struct session_worker *w = arg;
	unsigned int i;

	for (i = 0; i < w->nb; i++) {
		if (job_session_create_raw(&w->s, &env.dev[0]) != 0)
			w->failed++;
		else if (job_session_free_raw(&w->s) != 0)
			w->failed++;
	}
	return 0;
}

static enum test_result
sessions_case(const struct test_case *tc)
{
	struct session_worker w[2];
	struct job_params jp;
	struct sess_params p;
	struct sess *s;
	struct job *j;
	unsigned int i;

	RTE_SET_USED(tc);
	NEED(need_lcores(2));
	NEED(any_cipher(&p));
	memset(w, 0, sizeof(w));
	for (i = 0; i < 2; i++) {
		w[i].s.p = p;
		w[i].nb = 300;
		test_rand_fill(w[i].s.key, sizeof(w[i].s.key));
	}
	rte_eal_remote_launch(session_worker, &w[0], rte_get_next_lcore(-1, 1, 0));
	session_worker(&w[1]);
	rte_eal_mp_wait_lcore();
	TEST_CHECK(w[0].failed + w[1].failed == 0, "%u of 600 sessions failed",
			w[0].failed + w[1].failed);
	NEED(make_session(&p, &s));
	random_params(s, 200, true, &jp);
	j = job_create(s, &jp);
	if (j == NULL)
		return TEST_FAIL;
	return job_run_one(&env.dev[0], 0, j);
}

void
suite_thread(void)
{
	struct test_case tc = {0};

	tc.run = one_pair_case;
	tc.n = 1;
	test_add(&tc, "one-pair/worker-enqueues");
	tc.n = 2;
	test_add(&tc, "one-pair/worker-dequeues");
	tc.n = 3;
	test_add(&tc, "one-pair/two-workers");
	tc.run = parallel_pairs_case;
	test_add(&tc, "parallel-queue-pairs");
	tc.run = parallel_devices_case;
	test_add(&tc, "parallel-devices");
	tc.run = churn_case;
	test_add(&tc, "sessions-beside-traffic");
	tc.run = sessions_case;
	test_add(&tc, "sessions-on-two-lcores");
}
