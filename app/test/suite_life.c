/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Life cycle: start and stop without and with reconfiguration, queue sizes,
 * numbers of queue pairs, sessions that outlive all of it, ops in flight when
 * the device stops.
 */

#include <errno.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_malloc.h>

#include "suites.h"

static enum test_result
traffic(const struct sess *s, uint16_t qp, unsigned int nb)
{
	struct job *jobs[300];
	struct job_params p;
	unsigned int i;

	for (i = 0; i < nb; i++) {
		random_params(s, 200, true, &p);
		jobs[i] = job_create(s, &p);
		if (jobs[i] == NULL)
			return TEST_FAIL;
	}
	NEED(job_run(s->dev, qp, jobs, nb, 32));
	for (i = 0; i < nb; i++)
		job_release(jobs[i]);
	return TEST_PASS;
}

static enum test_result
restart(struct env_dev *d)
{
	const int ret = env_start(d);

	TEST_CHECK(ret == 0, "start: %s", rte_strerror(-ret));
	return TEST_PASS;
}

static enum test_result
configure(struct env_dev *d, uint16_t nb_qps, uint32_t nb_desc)
{
	const int ret = env_configure(d, nb_qps, nb_desc);

	TEST_CHECK(ret == 0, "%u queue pairs of %u descriptors: %s", nb_qps, nb_desc,
			rte_strerror(-ret));
	return TEST_PASS;
}

/* Start after stop needs no new set-up; a session made before still works. */
static enum test_result
stop_start_case(const struct test_case *tc)
{
	struct env_dev *d = &env.dev[0];
	struct sess_params p;
	struct sess *s, *during, *after;
	unsigned int i;

	RTE_SET_USED(tc);
	NEED(need_strict());
	NEED(any_cipher(&p));
	NEED(make_session(&p, &s));
	NEED(traffic(s, 0, 100));
	for (i = 0; i < 20; i++) {
		env_stop(d);
		/* Made while it is stopped, and freed while it is stopped. */
		NEED(make_session(&p, &during));
		NEED(make_session(&p, &after));
		TEST_CHECK(job_session_free(after) == 0, "a session is not freed while stopped");
		NEED(restart(d));
		NEED(make_session(&p, &after));
		NEED(traffic(s, 0, 100));
		NEED(traffic(during, (uint16_t)(i % d->nb_qps), 100));
		NEED(traffic(after, 0, 100));
		TEST_CHECK(job_session_free(during) == 0 && job_session_free(after) == 0,
				"a session is not freed");
	}
	return TEST_PASS;
}

/* Many sessions of all kinds, some freed in between, so that the device numbers them anew. */
static enum test_result
sessions_kept_case(const struct test_case *tc)
{
	struct env_dev *d = &env.dev[0];
	struct sess *s[24];
	struct sess *last;
	unsigned int nb, i, round;

	NEED(need_strict());
	NEED(mixed_sessions(s, RTE_DIM(s), &nb));
	for (round = 0; round < 6; round++) {
		for (i = 0; i < nb; i++)
			NEED(traffic(s[i], (uint16_t)(i % d->nb_qps), 20));
		env_stop(d);
		if (tc->n == 1)
			NEED(configure(d, d->nb_qps, ENV_NB_DESC >> (round % 3)));
		if (nb > 4) {
			i = test_rand_range(0, nb - 1);
			last = s[--nb];
			TEST_CHECK(job_session_free(s[i]) == 0, "a session is not freed");
			s[i] = i == nb ? s[0] : last;
		}
		NEED(restart(d));
	}
	for (i = 0; i < nb; i++)
		NEED(traffic(s[i], 0, 20));
	return TEST_PASS;
}

static enum test_result
reconfigure_case(const struct test_case *tc)
{
	struct env_dev *d = &env.dev[0];
	const uint16_t max = (uint16_t)RTE_MIN(d->info.max_nb_queue_pairs,
			(unsigned int)ENV_MAX_QPS);
	struct sess_params p;
	unsigned int i;
	struct sess *s;
	uint16_t qp;

	RTE_SET_USED(tc);
	NEED(any_cipher(&p));
	for (i = 0; i < 12; i++) {
		env_stop(d);
		NEED(configure(d, (uint16_t)(1 + i % max), 64u << (i % 4)));
		NEED(restart(d));
		NEED(make_session(&p, &s));
		for (qp = 0; qp < d->nb_qps; qp++)
			NEED(traffic(s, qp, 300));
		TEST_CHECK(job_session_free(s) == 0, "a session is not freed");
	}
	test_note("1 to %u queue pairs", max);
	return TEST_PASS;
}

static enum test_result
descriptors_case(const struct test_case *tc)
{
	struct env_dev *d = &env.dev[0];
	struct sess_params p;
	struct sess *s[8];
	struct job *jobs[300];
	struct job_params jp;
	unsigned int nb, i;

	NEED(need_strict());
	NEED(any_cipher(&p));
	env_stop(d);
	NEED(configure(d, 1, tc->n));
	NEED(restart(d));
	NEED(mixed_sessions(s, RTE_DIM(s), &nb));
	for (i = 0; i < RTE_DIM(jobs); i++) {
		/* A chain of descriptors is no longer than the ring [virtio 2.7.5.2]. */
		random_params(s[i % nb], 300, tc->n < 32, &jp);
		jobs[i] = job_create(s[i % nb], &jp);
		if (jobs[i] == NULL)
			return TEST_FAIL;
	}
	return job_run(d, 0, jobs, RTE_DIM(jobs), 64);
}

/* What is in flight when the device stops comes back after the next start, each op once. */
static enum test_result
stop_in_flight_case(const struct test_case *tc)
{
	struct env_dev *d = &env.dev[0];
	struct rte_crypto_op *ops[256], *back[32];
	struct job *jobs[256];
	struct sess_params p;
	struct job_params jp;
	unsigned int i, got, sent, round, errors = 0, polls = 0, n;
	uint64_t deadline;
	struct sess *s;
	struct job *j;

	NEED(need_strict());
	NEED(any_cipher(&p));
	NEED(make_session(&p, &s));
	for (i = 0; i < RTE_DIM(jobs); i++) {
		random_params(s, 200, true, &jp);
		jobs[i] = job_create(s, &jp);
		if (jobs[i] == NULL)
			return TEST_FAIL;
		ops[i] = jobs[i]->op;
	}
	for (round = 0; round < 10; round++) {
		for (i = 0; i < RTE_DIM(jobs); i++)
			job_rearm(jobs[i]);
		sent = rte_cryptodev_enqueue_burst(d->id, 0, ops, (uint16_t)test_rand_range(1,
				RTE_DIM(ops)));
		env_stop(d);
		if (tc->n == 1 && round % 2 == 0) {
			env_start(d);
			env_stop(d);
		}
		NEED(restart(d));
		deadline = env_deadline();
		for (got = 0; got < sent;) {
			n = rte_cryptodev_dequeue_burst(d->id, 0, back, RTE_DIM(back));
			for (i = 0; i < n; i++) {
				j = job_of(back[i]);
				TEST_CHECK(j != NULL, "an op came back that nobody sent");
				j->returned++;
				TEST_CHECK(back[i]->status == RTE_CRYPTO_OP_STATUS_SUCCESS ||
						back[i]->status == RTE_CRYPTO_OP_STATUS_ERROR,
						"status %u", back[i]->status);
				errors += back[i]->status == RTE_CRYPTO_OP_STATUS_ERROR;
				if (back[i]->status == RTE_CRYPTO_OP_STATUS_SUCCESS &&
						!job_check(j))
					return TEST_FAIL;
			}
			got += n;
			if (n == 0)
				job_idle(&polls);
			TEST_CHECK(rte_get_timer_cycles() < deadline, "%u of %u ops came back", got,
					sent);
		}
		for (i = 0; i < sent; i++)
			TEST_CHECK(jobs[i]->returned == 1, "op %u came back %u times", i,
					jobs[i]->returned);
	}
	test_note("%u ops came back as errors", errors);
	return traffic(s, 0, 200);
}

/* In and out many times; the heap is as it was. */
static enum test_result
cycles_case(const struct test_case *tc)
{
	struct env_dev *d = &env.dev[0];
	struct rte_malloc_socket_stats before = {0}, after = {0};
	const int socket = (int)rte_socket_id();
	struct sess_params p;
	unsigned int i;
	struct sess *s;

	NEED(any_cipher(&p));
	for (i = 0; i <= tc->n; i++) {
		env_stop(d);
		NEED(configure(d, 1, 128));
		NEED(restart(d));
		NEED(make_session(&p, &s));
		NEED(traffic(s, 0, 8));
		TEST_CHECK(job_session_free(s) == 0, "a session is not freed");
		if (i == 10)
			rte_malloc_get_socket_stats(socket, &before);
	}
	rte_malloc_get_socket_stats(socket, &after);
	TEST_CHECK(after.alloc_count == before.alloc_count &&
			after.heap_allocsz_bytes == before.heap_allocsz_bytes,
			"the heap grew by %d blocks, %lld bytes in %u cycles",
			(int)after.alloc_count - (int)before.alloc_count,
			(long long)after.heap_allocsz_bytes - (long long)before.heap_allocsz_bytes,
			tc->n - 10);
	return TEST_PASS;
}

/* A queue pair that was never set up: an error, no crash; and then it works. */
static enum test_result
not_set_up_case(const struct test_case *tc)
{
	struct env_dev *d = &env.dev[0];
	struct rte_cryptodev_config conf = {
		.socket_id = rte_cryptodev_socket_id(d->id),
		.nb_queue_pairs = 1,
	};
	struct sess_params p;
	struct sess *s;
	int ret;

	RTE_SET_USED(tc);
	NEED(need_strict());
	NEED(any_cipher(&p));
	env_stop(d);
	d->dirty = true;
	/* Twice: the second gives up what the first may have had. */
	NEED(configure(d, d->nb_qps, 64));
	conf.nb_queue_pairs = (uint16_t)RTE_MIN(2u, d->info.max_nb_queue_pairs);
	ret = rte_cryptodev_configure(d->id, &conf);
	TEST_CHECK(ret == 0, "configure: %s", rte_strerror(-ret));
	ret = rte_cryptodev_start(d->id);
	if (ret == 0)
		rte_cryptodev_stop(d->id);
	NEED(configure(d, 1, 64));
	NEED(restart(d));
	NEED(make_session(&p, &s));
	return traffic(s, 0, 100);
}

/* Set up again while stopped, with another size, without configuring. */
static enum test_result
set_up_again_case(const struct test_case *tc)
{
	struct env_dev *d = &env.dev[0];
	struct rte_cryptodev_qp_conf conf = {.mp_session = env.sessions};
	struct sess_params p;
	struct sess *s;
	uint32_t size;
	int ret;

	RTE_SET_USED(tc);
	NEED(any_cipher(&p));
	NEED(make_session(&p, &s));
	for (size = 1024; size >= 16; size /= 4) {
		env_stop(d);
		d->dirty = true;
		conf.nb_descriptors = size;
		ret = rte_cryptodev_queue_pair_setup(d->id, 0, &conf, SOCKET_ID_ANY);
		TEST_CHECK(ret == 0, "%u descriptors: %s", size, rte_strerror(-ret));
		NEED(restart(d));
		NEED(traffic(s, 0, 300));
	}
	return TEST_PASS;
}

/* Close, then everything from the beginning; sessions were freed before. */
static enum test_result
close_case(const struct test_case *tc)
{
	struct env_dev *d = &env.dev[0];
	struct sess_params p;
	struct sess *s;
	unsigned int i;
	int ret;

	RTE_SET_USED(tc);
	NEED(need_strict());
	NEED(any_cipher(&p));
	for (i = 0; i < 3; i++) {
		env_stop(d);
		d->dirty = true;
		ret = rte_cryptodev_close(d->id);
		TEST_CHECK(ret == 0, "close: %s", rte_strerror(-ret));
		NEED(configure(d, 1, 64));
		NEED(restart(d));
		NEED(make_session(&p, &s));
		NEED(traffic(s, 0, 100));
		TEST_CHECK(job_session_free(s) == 0, "a session is not freed");
	}
	return TEST_PASS;
}

void
suite_life(void)
{
	static const unsigned int sizes[] = {1, 2, 7, 8, 32, 33, 100, 1000, 4096, 32768, 65535,
			1u << 20};
	struct test_case tc = {0};
	unsigned int i;

	tc.run = stop_start_case;
	test_add(&tc, "stop-start");
	tc.run = sessions_kept_case;
	test_add(&tc, "sessions-kept/stop-start");
	tc.n = 1;
	test_add(&tc, "sessions-kept/reconfigure");
	tc.run = reconfigure_case;
	test_add(&tc, "reconfigure");
	tc.run = descriptors_case;
	for (i = 0; i < RTE_DIM(sizes); i++) {
		tc.n = sizes[i];
		test_add(&tc, "descriptors-%u", sizes[i]);
	}
	tc.run = stop_in_flight_case;
	tc.n = 0;
	test_add(&tc, "stop-in-flight");
	tc.n = 1;
	test_add(&tc, "stop-in-flight-twice");
	tc.run = set_up_again_case;
	test_add(&tc, "set-up-again");
	tc.run = not_set_up_case;
	test_add(&tc, "not-set-up");
	tc.run = close_case;
	test_add(&tc, "close");
	tc.run = cycles_case;
	tc.n = 200;
	test_add(&tc, "cycles-%u", tc.n);
}
