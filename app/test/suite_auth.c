/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Hashes and MACs without a cipher: each key size, cut digests, layouts, forgeries. The
 * capabilities do not tell whether a device takes such a session; a device that refuses with
 * ENOTSUP is skipped.
 */

#include <string.h>

#include "suites.h"

enum mode {
	MODE_GENERATE,
	MODE_VERIFY,
	MODE_WRONG,
	MODE_NB,
};

static const char *const mode_name[MODE_NB] = {"generate", "verify", "wrong-digest"};

static enum test_result
run_key(const struct test_case *tc, uint16_t key_len, uint16_t iv_len, uint16_t digest_len)
{
	const struct ref_auth *a = tc->auth;
	const struct sess_params sp = {
		.auth = a,
		.order = SESS_AUTH,
		.decrypt = tc->n != MODE_GENERATE,
		.auth_key_len = key_len,
		.iv_len = iv_len,
		.digest_len = digest_len,
	};
	struct job_params p;
	unsigned int i;
	struct sess *s;
	struct job *j;

	NEED(make_session(&sp, &s));
	for (i = 0; i < 12; i++) {
		memset(&p, 0, sizeof(p));
		p.auth.off = i % 3 * 13;
		p.auth.len = RTE_ALIGN_CEIL(test_rand_range(1, i < 6 ? 130 : 3000),
				(uint32_t)a->block);
		p.auth.len = RTE_MIN(RTE_MAX(p.auth.len, ref_auth_min(a)), ref_auth_max(a));
		/* Nothing at all has a digest, too; not every driver has it. */
		if (i == 11 && env.strict && ref_auth_min(a) == 0)
			p.auth.len = 0;
		p.len = p.auth.off + p.auth.len;
		p.place = i % 2 ? JOB_DIGEST_BEHIND : JOB_DIGEST_OUTSIDE;
		p.corrupt = tc->n == MODE_WRONG ? (int)test_rand_range(0, sp.digest_len - 1u) : -1;
		layout_apply((enum layout)tc->layout, 2 + i % 7, &p);
		j = job_create(s, &p);
		if (j == NULL)
			return TEST_FAIL;
		NEED(job_run_one(&env.dev[0], 0, j));
		job_release(j);
	}
	return TEST_PASS;
}

static enum test_result
auth_case(const struct test_case *tc)
{
	const struct ref_auth *a = tc->auth;
	const struct rte_cryptodev_symmetric_capability *cap;
	unsigned int i;
	uint16_t key_len, len;

	NEED(need_auth(a, 0, 0));
	NEED(need_layout((enum layout)tc->layout));
	cap = env_auth_cap(a->algo);
	key_len = pick_auth_key(a);
	NEED(run_key(tc, key_len, pick_auth_iv(a), pick_digest(a)));
	for (i = 1; i < REF_MAX_SIZES && a->key_sizes[i] != 0; i++)
		if (env_in_range(&cap->auth.key_size, a->key_sizes[i]))
			NEED(run_key(tc, a->key_sizes[i], pick_auth_iv(a), pick_digest(a)));
	if (ref_auth_iv(a) && env.strict && env_in_range(&cap->auth.iv_size, 0))
		NEED(run_key(tc, key_len, 0, pick_digest(a)));
	for (len = 1; len < a->digest; len += 3)
		if (env_in_range(&cap->auth.digest_size, len))
			NEED(run_key(tc, key_len, pick_auth_iv(a), len));
	return TEST_PASS;
}

/* Each bit of digest and message, and that slots that are used again forget nothing. */
static enum test_result
forged_case(const struct test_case *tc)
{
	const struct ref_auth *a = tc->auth;
	struct sess_params sp = {.auth = a, .order = SESS_AUTH, .decrypt = true};
	struct job_params p = {.src_segs = 1, .dst_segs = 1, .corrupt = -1};
	struct sess *s;
	struct job *j;
	uint32_t bit;

	NEED(need_strict());
	NEED(need_auth(a, 0, 0));
	sp.auth_key_len = pick_auth_key(a);
	sp.iv_len = pick_auth_iv(a);
	sp.digest_len = pick_digest(a);
	NEED(make_session(&sp, &s));
	p.auth.len = p.len = RTE_MAX(32u, ref_auth_min(a));
	j = job_create(s, &p);
	if (j == NULL)
		return TEST_FAIL;
	for (bit = 0; bit < 8u * sp.digest_len + 8 * p.len; bit++) {
		uint8_t *const at = bit < 8u * sp.digest_len ? &j->digest[bit / 8] :
				&j->before[bit / 8 - sp.digest_len];

		*at ^= (uint8_t)(1u << bit % 8);
		memcpy(j->after, j->before, p.len);
		j->status = RTE_CRYPTO_OP_STATUS_AUTH_FAILED;
		job_rearm(j);
		NEED(job_run_one(&env.dev[0], 0, j));
		*at ^= (uint8_t)(1u << bit % 8);
		if (bit % 64 != 63)
			continue;
		memcpy(j->after, j->before, p.len);
		j->status = RTE_CRYPTO_OP_STATUS_SUCCESS;
		job_rearm(j);
		NEED(job_run_one(&env.dev[0], 0, j));
	}
	NEED(run_repeated(s, 3 * ENV_SMALL_DESC));
	return TEST_PASS;
}

void
suite_auth(void)
{
	struct test_case tc = {.nb_desc = ENV_SMALL_DESC};
	const struct ref_auth *a;
	unsigned int nb, i, m;

	a = ref_auths(&nb);
	for (i = 0; i < nb; i++) {
		tc.auth = &a[i];
		tc.run = forged_case;
		test_add(&tc, "%s/forged", a[i].name);
		tc.run = auth_case;
		for (m = 0; m < MODE_NB; m++) {
			tc.n = m;
			tc.layout = LAYOUT_IN_PLACE;
			test_add(&tc, "%s/%s/one-segment", a[i].name, mode_name[m]);
			tc.layout = LAYOUT_SGL;
			test_add(&tc, "%s/%s/sgl", a[i].name, mode_name[m]);
			tc.layout = LAYOUT_SGL_UNALIGNED;
			test_add(&tc, "%s/%s/sgl-unaligned", a[i].name, mode_name[m]);
		}
	}
}
