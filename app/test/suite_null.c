/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * NULL cipher and NULL auth: alone, with each other, and each in a chain with everything that the
 * device has, in all orders and layouts. A chain with one of them is no chain for the device, so
 * MACs with an IV can stand in it.
 */

#include <string.h>

#include "suites.h"

enum what {
	NULL_CIPHER,
	NULL_AUTH,
	NULL_BOTH,
	NULL_CIPHER_WITH, /* … a hash or MAC, tc->auth */
	NULL_AUTH_WITH, /* … a cipher, tc->cipher */
};

static const struct {
	const char *name;
	enum sess_order order;
	bool decrypt;
} orders[] = {
	{"encrypt-generate", SESS_CIPHER_AUTH, false},
	{"generate-encrypt", SESS_AUTH_CIPHER, false},
	{"verify-decrypt", SESS_AUTH_CIPHER, true},
	{"decrypt-verify", SESS_CIPHER_AUTH, true},
};

static enum test_result
need_null(void)
{
	if (env_cipher_cap(RTE_CRYPTO_CIPHER_NULL) == NULL ||
			env_auth_cap(RTE_CRYPTO_AUTH_NULL) == NULL)
		return test_skip("the device does not show NULL algorithms");
	return TEST_PASS;
}

static void
set_session(const struct test_case *tc, struct sess_params *sp)
{
	memset(sp, 0, sizeof(*sp));
	sp->order = (enum sess_order)tc->order;
	sp->decrypt = tc->decrypt;
	sp->cipher = &ref_cipher_null;
	sp->auth = &ref_auth_null;
	if (tc->n == NULL_CIPHER_WITH) {
		sp->auth = tc->auth;
		sp->auth_key_len = pick_auth_key(tc->auth);
		sp->iv_len = pick_auth_iv(tc->auth);
		sp->digest_len = pick_digest(tc->auth);
	} else if (tc->n == NULL_AUTH_WITH) {
		sp->cipher = tc->cipher;
		sp->key_len = pick_cipher_key(tc->cipher);
		sp->iv_len = pick_iv(tc->cipher);
	} else if (tc->n == NULL_CIPHER) {
		sp->auth = NULL;
	} else if (tc->n == NULL_AUTH) {
		sp->cipher = NULL;
	}
}

/* Ranges of the parts that are there; with a NULL cipher each may begin and end anywhere. */
static void
set_ranges(const struct sess_params *sp, uint32_t max, struct job_params *p)
{
	uint32_t len;

	if (sp->cipher != NULL) {
		p->cipher.off = test_rand_range(0, 40);
		p->cipher.len = test_rand_range(0, 7) == 0 && sp->cipher->min_len == 1 ? 0 :
			cipher_rand_len(sp->cipher, max);
		p->auth = p->cipher;
	}
	if (sp->auth != NULL && sp->auth != &ref_auth_null) {
		len = RTE_ALIGN_CEIL(test_rand_range(1, max), (uint32_t)sp->auth->block);
		p->auth.off = test_rand_range(0, 80);
		p->auth.len = RTE_MIN(RTE_MAX(len, ref_auth_min(sp->auth)), ref_auth_max(sp->auth));
		/* An empty range lies wherever the other one is. */
		if (p->cipher.len == 0)
			p->cipher.off = p->auth.off;
	}
	p->len = RTE_MAX(p->cipher.off + p->cipher.len, p->auth.off + p->auth.len);
	p->len += test_rand_range(0, 40) + (p->len == 0);
}

static enum test_result
null_case(const struct test_case *tc)
{
	struct job_params p;
	struct sess_params sp;
	unsigned int i, l;
	struct sess *s;
	struct job *j;

	NEED(need_null());
	if (tc->n == NULL_CIPHER_WITH)
		NEED(need_auth(tc->auth, 0, 0));
	if (tc->n == NULL_AUTH_WITH)
		NEED(need_cipher(tc->cipher, 0, 0));
	set_session(tc, &sp);
	NEED(make_session(&sp, &s));
	for (i = 0; i < 2; i++) {
		for (l = 0; l < LAYOUT_NB; l++) {
			if (need_layout((enum layout)l) != TEST_PASS)
				continue;
			memset(&p, 0, sizeof(p));
			p.corrupt = -1;
			set_ranges(&sp, i == 0 ? 150 : 3000, &p);
			p.place = sp.digest_len == 0 ? JOB_DIGEST_OUTSIDE :
				(enum job_place)test_rand_range(0, JOB_DIGEST_BEHIND);
			if (sp.decrypt && sp.digest_len != 0 && l % 2 == 0)
				p.corrupt = (int)test_rand_range(0, sp.digest_len - 1u);
			layout_apply((enum layout)l, 2 + (i + l) % (JOB_MAX_SEGS - 1), &p);
			j = job_create(s, &p);
			if (j == NULL)
				return TEST_FAIL;
			NEED(job_run_one(&env.dev[0], 0, j));
			job_release(j);
		}
	}
	return TEST_PASS;
}

/*
 * More ops than a ring has room for, in bursts. The driver keeps the order of those that it does
 * itself; of others it is the device's to keep, and not all do.
 */
static enum test_result
burst_case(const struct test_case *tc)
{
	struct rte_crypto_op *ops[ENV_NB_DESC], *got[ENV_NB_DESC];
	unsigned int in = 0, out = 0, i, idle = 0;
	const uint64_t end = env_deadline();
	struct job *jobs[ENV_NB_DESC];
	struct job_params p = {.corrupt = -1, .src_segs = 1, .dst_segs = 1};
	struct sess_params sp;
	struct sess *s;
	struct job *j;
	uint16_t n;

	NEED(need_null());
	if (tc->auth != NULL)
		NEED(need_auth(tc->auth, 0, 0));
	set_session(tc, &sp);
	NEED(make_session(&sp, &s));
	for (i = 0; i < RTE_DIM(jobs); i++) {
		set_ranges(&sp, 300, &p);
		p.oop = i % 2;
		jobs[i] = job_create(s, &p);
		if (jobs[i] == NULL)
			return TEST_FAIL;
		ops[i] = jobs[i]->op;
	}
	while (out < RTE_DIM(jobs)) {
		in += rte_cryptodev_enqueue_burst(env.dev[0].id, 0, ops + in,
				(uint16_t)(RTE_DIM(jobs) - in));
		/* Late, so that enqueue must wait. */
		if (in < RTE_DIM(jobs) && idle++ % 4 != 0)
			continue;
		n = rte_cryptodev_dequeue_burst(env.dev[0].id, 0, got + out,
				(uint16_t)RTE_MIN(7u, RTE_DIM(jobs) - out));
		out += n;
		if (n == 0 && rte_get_tsc_cycles() > end) {
			env_stop_all();
			return test_fail("%u of %u ops came back", out,
					(unsigned int)RTE_DIM(jobs));
		}
	}
	for (i = 0; i < RTE_DIM(jobs); i++) {
		TEST_CHECK(got[i] == ops[i] || tc->n != NULL_BOTH || !env.strict,
				"op %u came back out of order", i);
		j = job_of(got[i]);
		TEST_CHECK(j != NULL, "an op came back that nobody sent");
		j->returned++;
	}
	return job_check_all(jobs, RTE_DIM(jobs));
}

void
suite_null(void)
{
	const struct ref_cipher *const c = ref_ciphers(&(unsigned int){0});
	const struct ref_auth *const a = ref_auths(&(unsigned int){0});
	struct test_case tc = {.run = null_case};
	unsigned int i, k, nb;

	for (i = 0; i < 2; i++) {
		tc.decrypt = i;
		tc.n = NULL_CIPHER;
		tc.order = SESS_CIPHER;
		test_add(&tc, "cipher/%s", i ? "decrypt" : "encrypt");
		tc.n = NULL_AUTH;
		tc.order = SESS_AUTH;
		test_add(&tc, "auth/%s", i ? "verify" : "generate");
	}
	for (k = 0; k < RTE_DIM(orders); k++) {
		tc.order = orders[k].order;
		tc.decrypt = orders[k].decrypt;
		tc.n = NULL_BOTH;
		test_add(&tc, "both/%s", orders[k].name);
		ref_auths(&nb);
		tc.n = NULL_CIPHER_WITH;
		for (i = 0; i < nb; i++) {
			tc.auth = &a[i];
			test_add(&tc, "cipher-with/%s/%s", a[i].name, orders[k].name);
		}
		tc.auth = NULL;
		ref_ciphers(&nb);
		tc.n = NULL_AUTH_WITH;
		for (i = 0; i < nb; i++) {
			tc.cipher = &c[i];
			test_add(&tc, "auth-with/%s/%s", c[i].name, orders[k].name);
		}
		tc.cipher = NULL;
	}
	tc = (struct test_case){.run = burst_case, .nb_desc = ENV_SMALL_DESC,
		.order = SESS_CIPHER_AUTH, .n = NULL_BOTH};
	test_add(&tc, "burst/both");
	tc.n = NULL_CIPHER_WITH;
	tc.auth = ref_auth_by_name("sha1-hmac");
	test_add(&tc, "burst/cipher-with");
}
