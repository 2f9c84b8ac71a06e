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
#define MAX_SESSIONS 24
#define MAX_BURST 200

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

static enum test_result
random_case(const struct test_case *tc)
{
	struct sess *s[MAX_SESSIONS];
	struct job *jobs[MAX_BURST];
	struct job_params p;
	unsigned int nb_s, nb, i, k, done = 0;

	NEED(random_sessions(s, tc->n, &nb_s));
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
	struct test_case tc = {.run = random_case, .n = MAX_SESSIONS};
	unsigned int i;

	for (i = 0; i < CASES; i++)
		test_add(&tc, "differential-%u", i);
	/* Few sessions on few slots: most ops find a slot that their session has used before. */
	tc.nb_desc = ENV_SMALL_DESC;
	tc.n = 4;
	for (i = 0; i < CASES; i++)
		test_add(&tc, "small-ring-%u", i);
}
