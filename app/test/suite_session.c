/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Sessions: many, of all kinds, made and freed in any order; and ops whose
 * session is none of this device's: they come back with INVALID_SESSION, change
 * nothing, and stand in nobody's way.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_bus_vdev.h>
#include <rte_errno.h>

#include "suites.h"

static void
small_params(const struct sess *s, struct job_params *p)
{
	random_params(s, 200, true, p);
	p->corrupt = -1;
}

/* A job of the session with nothing special. */
static struct job *
small_job(const struct sess *s)
{
	struct job_params p;

	small_params(s, &p);
	return job_create(s, &p);
}

/* One good op on a session must work. */
static enum test_result
works(const struct sess *s)
{
	struct job *j = small_job(s);

	if (j == NULL)
		return TEST_FAIL;
	NEED(job_run_one(s->dev, 0, j));
	job_release(j);
	return TEST_PASS;
}

static enum test_result
wrong_device_case(const struct test_case *tc)
{
	struct env_dev *const behind = &env.dev[env.dev[0].nb_sessions > env.dev[1].nb_sessions];
	struct sess_params p;
	struct sess *s[2];
	struct job *j[2];
	unsigned int i;

	RTE_SET_USED(tc);
	NEED(need_strict());
	NEED(need_devs(2));
	NEED(any_cipher(&p));
	/*
	 * Devices that have made as many sessions give the next the same number: then a device
	 * does not notice that the session is not its own, and the driver has to.
	 */
	while (env.dev[0].nb_sessions != env.dev[1].nb_sessions) {
		TEST_CHECK(job_session(behind, &p, &s[0]) == 0, "no session: %s",
				rte_strerror(rte_errno));
		TEST_CHECK(job_session_free(s[0]) == 0, "a session is not freed");
	}
	for (i = 0; i < 2; i++)
		TEST_CHECK(job_session(&env.dev[i], &p, &s[i]) == 0, "no session on device %u: %s",
				i, rte_strerror(rte_errno));
	for (i = 0; i < 2; i++)
		NEED(works(s[i]));
	for (i = 0; i < 2; i++) {
		j[i] = small_job(s[i]);
		if (j[i] == NULL)
			return TEST_FAIL;
		job_expect_untouched(j[i], RTE_CRYPTO_OP_STATUS_INVALID_SESSION);
		NEED(job_run_one(&env.dev[1 - i], 0, j[i]));
	}
	for (i = 0; i < 2; i++)
		NEED(works(s[i]));
	return TEST_PASS;
}

/* Ops of both devices' sessions, each on its own device, at the same time. */
static enum test_result
two_devices_case(const struct test_case *tc)
{
	struct job *jobs[2][64];
	struct sess_params p;
	struct sess *s[2];
	unsigned int i, k;

	RTE_SET_USED(tc);
	NEED(need_devs(2));
	NEED(any_cipher(&p));
	for (i = 0; i < 2; i++)
		TEST_CHECK(job_session(&env.dev[i], &p, &s[i]) == 0, "no session on device %u: %s",
				i, rte_strerror(rte_errno));
	for (k = 0; k < RTE_DIM(jobs[0]); k++) {
		for (i = 0; i < 2; i++) {
			jobs[i][k] = small_job(s[i]);
			if (jobs[i][k] == NULL)
				return TEST_FAIL;
		}
	}
	for (k = 0; k < RTE_DIM(jobs[0]); k += 16)
		for (i = 0; i < 2; i++)
			NEED(job_run(&env.dev[i], 0, &jobs[i][k], 16, 16));
	return TEST_PASS;
}

enum bad_op {
	BAD_NULL,
	BAD_SESSIONLESS,
	BAD_FREED,
	BAD_SECURITY,
	BAD_TYPE,
	BAD_NB,
};

static const char *const bad_name[BAD_NB] = {
	"null", "sessionless", "freed", "security", "asymmetric-op",
};

/* Turn a good job into an op that must be refused. */
static void
spoil(struct job *j, enum bad_op bad, struct rte_crypto_sym_xform *xforms, void *freed)
{
	job_expect_untouched(j, RTE_CRYPTO_OP_STATUS_INVALID_SESSION);
	switch (bad) {
	case BAD_NULL:
		j->op->sym->session = NULL;
		break;
	case BAD_SESSIONLESS:
		j->op->sess_type = RTE_CRYPTO_OP_SESSIONLESS;
		j->op->sym->xform = xforms;
		break;
	case BAD_FREED:
		j->op->sym->session = freed;
		break;
	case BAD_SECURITY:
		j->op->sess_type = RTE_CRYPTO_OP_SECURITY_SESSION;
		break;
	default:
		/* What stands in the place of its session is none. */
		j->op->type = RTE_CRYPTO_OP_TYPE_ASYMMETRIC;
		if (!env_has(RTE_CRYPTODEV_FF_ASYMMETRIC_CRYPTO))
			j->status = RTE_CRYPTO_OP_STATUS_INVALID_ARGS;
		break;
	}
}

static void
unspoil(struct job *j)
{
	j->op->sess_type = RTE_CRYPTO_OP_WITH_SESSION;
	j->op->type = RTE_CRYPTO_OP_TYPE_SYMMETRIC;
}

/* Bad ops alone, then among good ones, then more of them than the ring has room for. */
static enum test_result
bad_session_case(const struct test_case *tc)
{
	const enum bad_op bad = (enum bad_op)tc->n;
	struct rte_crypto_sym_xform xforms[2];
	struct job *jobs[3 * ENV_NB_DESC];
	struct sess_params p;
	struct sess *s, *gone;
	void *freed;
	enum test_result r;
	unsigned int i, phase, nb;

	NEED(need_strict());
	NEED(any_cipher(&p));
	NEED(make_session(&p, &s));
	NEED(make_session(&p, &gone));
	job_xforms(s, xforms);
	/* Where ops without a session are taken, this one asks for what cannot be. */
	if (env_has(RTE_CRYPTODEV_FF_SYM_SESSIONLESS))
		xforms[0].cipher.key.length = 1;
	freed = gone->handle;
	TEST_CHECK(job_session_free(gone) == 0, "a session cannot be freed");
	for (phase = 0; phase < 3; phase++) {
		nb = phase == 0 ? 1 : phase == 1 ? 64 : RTE_DIM(jobs);
		for (i = 0; i < nb; i++) {
			jobs[i] = small_job(s);
			if (jobs[i] == NULL)
				return TEST_FAIL;
			if (phase != 1 || i % 3 == 1)
				spoil(jobs[i], bad, xforms, freed);
		}
		r = job_run(&env.dev[0], 0, jobs, nb, 32);
		for (i = 0; i < nb; i++) {
			unspoil(jobs[i]);
			if (r == TEST_PASS)
				job_release(jobs[i]);
		}
		if (r != TEST_PASS)
			return r;
	}
	return works(s);
}

/* A session that belongs to another driver. */
static enum test_result
foreign_driver_case(const struct test_case *tc)
{
	static const char *const names[] = {"crypto_null_vt", "crypto_openssl_vt"};
	struct rte_crypto_sym_xform x = {
		.type = RTE_CRYPTO_SYM_XFORM_CIPHER,
		.cipher = {.algo = RTE_CRYPTO_CIPHER_NULL, .op = RTE_CRYPTO_CIPHER_OP_ENCRYPT},
	};
	struct rte_mempool *mp = NULL;
	enum test_result r = TEST_FAIL;
	const char *name = NULL;
	struct sess_params p;
	void *foreign = NULL;
	struct sess *s;
	struct job *j;
	unsigned int i;
	int id;

	RTE_SET_USED(tc);
	NEED(need_strict());
	NEED(any_cipher(&p));
	NEED(make_session(&p, &s));
	for (i = 0; i < RTE_DIM(names) && name == NULL; i++)
		if (rte_vdev_init(names[i], NULL) == 0)
			name = names[i];
	if (name == NULL)
		return test_skip("neither crypto_null nor crypto_openssl is there");
	id = rte_cryptodev_get_dev_id(name);
	if (strncmp(name, "crypto_openssl", strlen("crypto_openssl")) == 0) {
		x.cipher.algo = RTE_CRYPTO_CIPHER_AES_CBC;
		x.cipher.key.data = s->key;
		x.cipher.key.length = 16;
		x.cipher.iv.offset = JOB_IV_OFFSET;
		x.cipher.iv.length = 16;
	}
	mp = rte_cryptodev_sym_session_pool_create("vt_foreign", 4,
			rte_cryptodev_sym_get_private_session_size((uint8_t)id), 0, 0,
			SOCKET_ID_ANY);
	if (mp != NULL)
		foreign = rte_cryptodev_sym_session_create((uint8_t)id, &x, mp);
	if (foreign == NULL) {
		r = test_fail("no session on %s: %s", name, rte_strerror(rte_errno));
		goto out;
	}
	j = small_job(s);
	if (j == NULL)
		goto out;
	job_expect_untouched(j, RTE_CRYPTO_OP_STATUS_INVALID_SESSION);
	j->op->sym->session = foreign;
	r = job_run_one(&env.dev[0], 0, j);
	if (r == TEST_PASS)
		r = works(s);
out:
	if (foreign != NULL)
		rte_cryptodev_sym_session_free((uint8_t)id, foreign);
	rte_mempool_free(mp);
	rte_vdev_uninit(name);
	return r;
}

/* As many sessions as the device takes, up to a limit; all of them work, interleaved. */
static enum test_result
many_case(const struct test_case *tc)
{
	struct sess *s[ENV_NB_SESSIONS - 8];
	struct job *jobs[RTE_DIM(s)];
	unsigned int nb, i, k, round, first = 0;
	struct sess_params p;
	int ret = 0;

	RTE_SET_USED(tc);
	NEED(any_cipher(&p));
	for (round = 0; round < 3; round++) {
		for (nb = 0; nb < RTE_DIM(s); nb++) {
			p.decrypt = (nb & 1) != 0;
			ret = job_session(&env.dev[0], &p, &s[nb]);
			if (ret != 0)
				break;
		}
		/* Without REVISION_1 a device cannot say why it refuses [virtio 5.9.9.2.1.7]. */
		TEST_CHECK(nb == RTE_DIM(s) || ret == -ENOSPC || ret == -ENOMEM || ret == -EINVAL,
				"session %u fails with %s", nb, rte_strerror(-ret));
		TEST_CHECK(nb >= 4, "only %u sessions", nb);
		first = round == 0 ? nb : first;
		TEST_CHECK(nb == first, "at first %u sessions, then %u: not all were given back",
				first, nb);
		for (i = 0; i < nb; i++) {
			jobs[i] = small_job(s[i]);
			if (jobs[i] == NULL)
				return TEST_FAIL;
		}
		NEED(job_run(&env.dev[0], 0, jobs, nb, 32));
		for (i = 0; i < nb; i++)
			job_release(jobs[i]);
		/* Every other one goes; the rest still work; then there is room again. */
		for (i = 0, k = 0; i < nb; i++) {
			if (i % 2 == 1)
				s[k++] = s[i];
			else
				TEST_CHECK(job_session_free(s[i]) == 0,
						"session %u of %u is not freed", i, nb);
		}
		for (i = 0; i < k; i++)
			NEED(works(s[i]));
		for (i = 0; i < k; i++)
			TEST_CHECK(job_session_free(s[i]) == 0, "a session is not freed");
	}
	test_note("%u sessions at a time", nb);
	return TEST_PASS;
}

/*
 * A session's memory is used again at once by the next, of another kind: nothing that the
 * driver keeps by address may outlive the session.
 */
static enum test_result
reuse_case(const struct test_case *tc)
{
	const unsigned int kinds = 12;
	struct sess *kind[12];
	struct sess_params params[12];
	struct job *jobs[40];
	unsigned int nb, i, k, round, same = 0;
	void *last = NULL;
	struct sess *s;

	RTE_SET_USED(tc);
	NEED(mixed_sessions(kind, kinds, &nb));
	for (i = 0; i < nb; i++) {
		params[i] = kind[i]->p;
		TEST_CHECK(job_session_free(kind[i]) == 0, "a session is not freed");
	}
	for (round = 0; round < 60; round++) {
		NEED(make_session(&params[test_rand_range(0, nb - 1)], &s));
		same += s->handle == last;
		last = s->handle;
		for (k = 0; k < RTE_DIM(jobs); k++) {
			jobs[k] = small_job(s);
			if (jobs[k] == NULL)
				return TEST_FAIL;
		}
		NEED(job_run(&env.dev[0], 0, jobs, RTE_DIM(jobs), 16));
		for (k = 0; k < RTE_DIM(jobs); k++)
			job_release(jobs[k]);
		TEST_CHECK(job_session_free(s) == 0, "a session is not freed");
	}
	test_note("%u of %u sessions in the memory of the one before", same, round);
	return TEST_PASS;
}

struct key_search {
	const uint8_t *key;
	uint32_t len;
	unsigned int found;
};

static int
search_segment(const struct rte_memseg_list *msl, const struct rte_memseg *ms, void *arg)
{
	struct key_search *k = arg;
	const uint8_t *at = ms->addr, *end = at + ms->len;

	RTE_SET_USED(msl);
	while (at != NULL && (at = memmem(at, (size_t)(end - at), k->key, k->len)) != NULL) {
		k->found++;
		at++;
	}
	return 0;
}

/* After a session is freed, its keys are nowhere in DPDK's memory. */
static enum test_result
key_wiped_case(const struct test_case *tc)
{
	struct sess_params p;
	struct key_search k = {0};
	struct sess *s;
	uint8_t key[16], auth_key[16];

	RTE_SET_USED(tc);
	if (any_chain(&p, SESS_CIPHER_AUTH, false) != TEST_PASS)
		NEED(any_cipher(&p));
	NEED(make_session(&p, &s));
	NEED(works(s));
	memcpy(key, s->key, sizeof(key));
	memcpy(auth_key, s->auth_key, sizeof(auth_key));
	TEST_CHECK(job_session_free(s) == 0, "a session is not freed");
	k.key = key;
	k.len = RTE_MIN(p.key_len, (uint16_t)sizeof(key));
	rte_memseg_walk(search_segment, &k);
	TEST_CHECK(k.found == 0, "the cipher key is in memory %u times", k.found);
	if (p.auth_key_len >= sizeof(auth_key)) {
		k.key = auth_key;
		k.len = sizeof(auth_key);
		rte_memseg_walk(search_segment, &k);
		TEST_CHECK(k.found == 0, "the auth key is in memory %u times", k.found);
	}
	return TEST_PASS;
}

/* Session made, used, freed, again and again. */
static enum test_result
cycles_case(const struct test_case *tc)
{
	struct sess_params p;
	unsigned int i;
	struct sess *s;

	RTE_SET_USED(tc);
	NEED(any_cipher(&p));
	for (i = 0; i < 1000; i++) {
		NEED(make_session(&p, &s));
		if (i % 50 == 0)
			NEED(works(s));
		TEST_CHECK(job_session_free(s) == 0, "session %u is not freed", i);
	}
	return TEST_PASS;
}

/* The library refuses these by itself, or asks the driver; either way there is no session. */
static enum test_result
bad_calls_case(const struct test_case *tc)
{
	struct rte_crypto_sym_xform x = {0};

	RTE_SET_USED(tc);
	TEST_CHECK(rte_cryptodev_sym_session_create(env.dev[0].id, NULL, env.sessions) == NULL,
			"a session without an xform");
	TEST_CHECK(rte_cryptodev_sym_session_create(env.dev[0].id, &x, env.sessions) == NULL,
			"a session of an empty xform");
	TEST_CHECK(rte_cryptodev_sym_session_create(env.dev[0].id, &x, NULL) == NULL,
			"a session without a pool");
	TEST_CHECK(rte_cryptodev_sym_session_free(env.dev[0].id, NULL) != 0, "NULL was freed");
	return TEST_PASS;
}

void
suite_session(void)
{
	struct test_case tc = {0};
	unsigned int i;

	tc.run = wrong_device_case;
	test_add(&tc, "wrong-device");
	tc.run = two_devices_case;
	test_add(&tc, "two-devices");
	tc.run = bad_session_case;
	for (i = 0; i < BAD_NB; i++) {
		tc.n = i;
		test_add(&tc, "bad/%s", bad_name[i]);
	}
	tc.run = foreign_driver_case;
	test_add(&tc, "bad/other-driver");
	tc.run = many_case;
	test_add(&tc, "many");
	tc.run = reuse_case;
	test_add(&tc, "reused-memory");
	tc.run = key_wiped_case;
	test_add(&tc, "key-wiped");
	tc.run = cycles_case;
	test_add(&tc, "cycles");
	tc.run = bad_calls_case;
	test_add(&tc, "bad-calls");
}
