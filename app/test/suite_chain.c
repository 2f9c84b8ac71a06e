/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Chains: every cipher with every hash and MAC in the four orders, with equal
 * and unequal ranges. Layouts of the data are the chain_layout suite's.
 */

#include <string.h>

#include "suites.h"

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
run(const struct sess *s, struct job_range cipher, struct job_range auth, bool oop,
		enum job_place place)
{
	struct job_params p = {
		.cipher = cipher,
		.auth = auth,
		.oop = oop,
		.src_segs = 1,
		.dst_segs = 1,
		.place = place,
		.corrupt = -1,
	};
	enum test_result r;
	struct job *j;

	p.auth.len -= p.auth.len % s->p.auth->block;
	p.len = RTE_MAX(cipher.off + cipher.len, p.auth.off + p.auth.len);
	j = job_create(s, &p);
	if (j == NULL)
		return TEST_FAIL;
	r = job_run_one(&env.dev[0], 0, j);
	if (r == TEST_PASS)
		job_release(j);
	return r;
}

static enum test_result
run_ranges(const struct sess *s)
{
	const struct ref_cipher *c = s->p.cipher;
	const uint32_t len = RTE_ALIGN_CEIL(cipher_rand_len(c, 300), 16);
	const bool oop = env_has(RTE_CRYPTODEV_FF_OOP_LB_IN_LB_OUT);
	const struct job_range at0 = {0, len}, at16 = {16, len}, at24 = {24, len};
	const struct job_range all = {0, len + 48}, behind = {len + 32, 64}, before = {0, 16};

	/* The same bytes. */
	NEED(run(s, at0, at0, false, JOB_DIGEST_BEHIND));
	NEED(run(s, at16, at16, oop, JOB_DIGEST_OUTSIDE));
	/* IPsec's header in front of the ciphertext, with and without trailer. */
	NEED(run(s, at24, (struct job_range){8, len + 16}, false, JOB_DIGEST_BEHIND));
	NEED(run(s, at24, (struct job_range){8, len + 16}, oop, JOB_DIGEST_OUTSIDE));
	NEED(run(s, at16, all, false, JOB_DIGEST_BEHIND));
	/* Overlapping in part, and apart. */
	NEED(run(s, at24, (struct job_range){0, 32}, false, JOB_DIGEST_OUTSIDE));
	NEED(run(s, at0, behind, false, JOB_DIGEST_BEHIND));
	NEED(run(s, at16, before, oop, JOB_DIGEST_OUTSIDE));
	return TEST_PASS;
}

static enum test_result
run_keys(struct sess_params *sp, unsigned int repeated)
{
	struct sess *s;

	NEED(make_session(sp, &s));
	NEED(run_ranges(s));
	NEED(run_repeated(s, repeated));
	if (job_session_free(s) != 0)
		return test_fail("a session cannot be freed");
	return TEST_PASS;
}

static enum test_result
chain_case(const struct test_case *tc)
{
	const struct ref_cipher *c = tc->cipher;
	const struct ref_auth *a = tc->auth;
	struct sess_params sp = {
		.cipher = c,
		.auth = a,
		.order = (enum sess_order)tc->order,
		.decrypt = tc->decrypt,
	};
	unsigned int i;

	NEED(need_cipher(c, 0, 0));
	NEED(need_chained_auth(a));
	sp.iv_len = pick_iv(c);
	sp.digest_len = pick_digest(a);
	sp.auth_key_len = pick_auth_key(a);
	for (i = 0; i < REF_MAX_SIZES && c->key_sizes[i] != 0; i++) {
		sp.key_len = c->key_sizes[i];
		if (env_in_range(&env_cipher_cap(c->algo)->cipher.key_size, sp.key_len))
			NEED(run_keys(&sp, i == 0 ? 3 * ENV_SMALL_DESC : 0));
	}
	sp.key_len = pick_cipher_key(c);
	for (i = 0; i < REF_MAX_SIZES && a->key_sizes[i] != 0; i++) {
		sp.auth_key_len = a->key_sizes[i];
		if (env_in_range(&env_auth_cap(a->algo)->auth.key_size, sp.auth_key_len))
			NEED(run_keys(&sp, 0));
	}
	return TEST_PASS;
}

void
suite_chain(void)
{
	struct test_case tc = {.run = chain_case, .nb_desc = ENV_SMALL_DESC};
	const struct ref_cipher *c;
	const struct ref_auth *a;
	unsigned int nb_c, nb_a, i, k, o;

	c = ref_ciphers(&nb_c);
	a = ref_auths(&nb_a);
	for (i = 0; i < nb_c; i++) {
		for (k = 0; k < nb_a; k++) {
			if (ref_auth_iv(&a[k]))
				continue;
			for (o = 0; o < RTE_DIM(orders); o++) {
				tc.cipher = &c[i];
				tc.auth = &a[k];
				tc.order = orders[o].order;
				tc.decrypt = orders[o].decrypt;
				test_add(&tc, "%s/%s/%s", c[i].name, a[k].name, orders[o].name);
			}
		}
	}
}
