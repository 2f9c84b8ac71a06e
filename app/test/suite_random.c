/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Random operations against the reference: algorithms, keys, sizes, offsets,
 * ranges, layouts, bursts, queue pairs. The seed is printed when the program
 * starts; with it a case finds the same operations again.
 */

#include <string.h>

#include "suites.h"

#define CASES 16
#define SESSIONLESS_CASES 8
#define MAX_SESSIONS 24
#define MANY_SESSIONS 100 /* more than a driver may keep of what ops bring */
#define MAX_BURST 200

/* In a case's layout. */
#define WITH_SESSION 0
#define WITHOUT_SESSION 1

static uint32_t
random_max_len(void)
{
	switch (test_rand_range(0, 9)) {
	case 0:
		return 16;
	case 1:
	case 2:
		return 8192;
	case 3:
		return RTE_MIN(test_opts.max_size / 2, 20000u);
	default:
		return 300;
	}
}

/* Each session of a case has its own key and digest sizes. */
static enum test_result
random_sessions(struct sess **s, unsigned int max, unsigned int *nb)
{
	const struct rte_cryptodev_symmetric_capability *ccap, *acap;
	struct sess_params p;
	unsigned int i, k, tries;

	NEED(mixed_sessions(s, max, nb));
	for (i = 0; i < *nb; i++) {
		p = s[i]->p;
		if (p.order == SESS_AEAD)
			continue;
		ccap = p.order == SESS_AUTH ? NULL : env_cipher_cap(p.cipher->algo);
		for (tries = 0; tries < 8 && ccap != NULL; tries++) {
			k = test_rand_range(0, REF_MAX_SIZES - 1);
			if (p.cipher->key_sizes[k] != 0 &&
					env_in_range(&ccap->cipher.key_size,
							p.cipher->key_sizes[k]))
				p.key_len = p.cipher->key_sizes[k];
		}
		if (p.order != SESS_CIPHER) {
			acap = env_auth_cap(p.auth->algo);
			for (tries = 0; tries < 8; tries++) {
				k = test_rand_range(1, acap->auth.digest_size.max);
				if (env_in_range(&acap->auth.digest_size, k) && k <= p.auth->digest)
					p.digest_len = (uint16_t)k;
				k = test_rand_range(acap->auth.key_size.min,
						RTE_MIN(acap->auth.key_size.max,
						(uint16_t)REF_MAX_KEY));
				if (p.auth->kind == REF_AUTH_HMAC &&
						env_in_range(&acap->auth.key_size, k))
					p.auth_key_len = (uint16_t)k;
			}
		}
		if (job_session_free(s[i]) != 0)
			return test_fail("a session is not freed");
		NEED(make_session(&p, &s[i]));
	}
	return TEST_PASS;
}

/* Sessions of a sessionless case: some ops have one all the same. */
static enum test_result
make_bare(struct sess **s, unsigned int nb)
{
	unsigned int i;

	NEED(need_features(RTE_CRYPTODEV_FF_SYM_SESSIONLESS));
	for (i = 0; i < nb; i++)
		if (test_rand_range(0, 3) != 0 && job_session_bare(s[i]) != 0)
			return test_fail("a session is not freed");
	return TEST_PASS;
}

static enum test_result
random_case(const struct test_case *tc)
{
	struct sess *s[MANY_SESSIONS];
	struct job *jobs[MAX_BURST];
	struct job_params p;
	unsigned int nb_s, nb, i, k, done = 0;

	NEED(random_sessions(s, tc->n, &nb_s));
	if (tc->layout == WITHOUT_SESSION)
		NEED(make_bare(s, nb_s));
	while (done < test_opts.ops) {
		nb = RTE_MIN(test_rand_range(1, test_rand() & 1 ? 8 : MAX_BURST),
				test_opts.ops - done);
		for (i = 0; i < nb; i++) {
			k = test_rand_range(0, nb_s - 1);
			/* Big mbufs are few. */
			random_params(s[k], nb > 4 ? 300 : random_max_len(), false, &p);
			jobs[i] = job_create(s[k], &p);
			if (jobs[i] == NULL)
				return TEST_FAIL;
		}
		NEED(job_run(&env.dev[0], (uint16_t)test_rand_range(0, env.dev[0].nb_qps - 1u),
				jobs, nb, test_rand_range(1, nb)));
		for (i = 0; i < nb; i++)
			job_release(jobs[i]);
		done += nb;
	}
	test_note("%u ops, %u sessions", done, nb_s);
	return TEST_PASS;
}

void
suite_random(void)
{
	struct test_case tc = {.run = random_case, .n = MAX_SESSIONS, .layout = WITH_SESSION};
	unsigned int i;

	for (i = 0; i < CASES; i++)
		test_add(&tc, "differential-%u", i);
	/* Few sessions on few slots: most ops find a slot that their session has used before. */
	tc.nb_desc = ENV_SMALL_DESC;
	tc.n = 4;
	for (i = 0; i < CASES; i++)
		test_add(&tc, "small-ring-%u", i);
	tc.layout = WITHOUT_SESSION;
	for (i = 0; i < SESSIONLESS_CASES; i++)
		test_add(&tc, "sessionless-small-ring-%u", i);
	tc.nb_desc = 0;
	for (i = 0; i < SESSIONLESS_CASES; i++) {
		tc.n = i % 2 == 0 ? MAX_SESSIONS : MANY_SESSIONS;
		test_add(&tc, "sessionless-%u", i);
	}
}
