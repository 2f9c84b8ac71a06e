/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Hashes and MACs without a cipher. The capabilities do not tell whether a
 * device takes such a session; a device that refuses with ENOTSUP is skipped.
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
run_key(const struct test_case *tc, uint16_t key_len)
{
	const struct ref_auth *a = tc->auth;
	const struct sess_params sp = {
		.auth = a,
		.order = SESS_AUTH,
		.decrypt = tc->n != MODE_GENERATE,
		.auth_key_len = key_len,
		.digest_len = pick_digest(a),
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
	unsigned int i;

	NEED(need_auth(a, 0, 0));
	NEED(need_layout((enum layout)tc->layout));
	NEED(run_key(tc, pick_auth_key(a)));
	for (i = 1; i < REF_MAX_SIZES && a->key_sizes[i] != 0; i++)
		if (env_in_range(&env_auth_cap(a->algo)->auth.key_size, a->key_sizes[i]))
			NEED(run_key(tc, a->key_sizes[i]));
	return TEST_PASS;
}

void
suite_auth(void)
{
	struct test_case tc = {.run = auth_case};
	const struct ref_auth *a;
	unsigned int nb, i, m;

	a = ref_auths(&nb);
	for (i = 0; i < nb; i++) {
		for (m = 0; m < MODE_NB; m++) {
			tc.auth = &a[i];
			tc.n = m;
			tc.layout = LAYOUT_IN_PLACE;
			test_add(&tc, "%s/%s/one-segment", a[i].name, mode_name[m]);
			tc.layout = LAYOUT_SGL;
			test_add(&tc, "%s/%s/sgl", a[i].name, mode_name[m]);
		}
	}
}
