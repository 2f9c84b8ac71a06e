/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * AEAD: each key, IV, tag and AAD size in each layout, and forgeries. Whatever bit of tag,
 * AAD, IV or ciphertext is another gives AUTH_FAILED.
 */

#include <stdlib.h>
#include <string.h>

#include "suites.h"

/* Around what a slot holds, one block, lines, and the largest that cryptodev can say. */
static const uint16_t aad_sizes[] = {0, 1, 8, 12, 16, 20, 32, 33, 64, 300, 4097};

static void
plain_params(const struct sess *s, uint32_t off, uint32_t len, struct job_params *p)
{
	memset(p, 0, sizeof(*p));
	p->corrupt = -1;
	p->src_segs = 1;
	p->dst_segs = 1;
	p->cipher.off = off;
	p->cipher.len = RTE_MIN(len, ref_aead_max(s->p.aead, s->p.iv_len));
	p->len = off + p->cipher.len;
}

static enum test_result
one(const struct sess *s, const struct job_params *p)
{
	struct job *j = job_create(s, p);

	if (j == NULL)
		return TEST_FAIL;
	NEED(job_run_one(s->dev, 0, j));
	job_release(j);
	return TEST_PASS;
}

/* Some lengths, offsets and places of the tag. */
static enum test_result
run_session(const struct test_case *tc, const struct sess_params *sp, unsigned int repeated)
{
	static const uint32_t lens[] = {16, 1, 64, 15, 129, 1500, 0, 17};
	struct job_params p;
	unsigned int i;
	struct sess *s;

	NEED(make_session(sp, &s));
	for (i = 0; i < RTE_DIM(lens); i++) {
		/* Not all drivers have a result for no data. */
		if (lens[i] == 0 && !env.strict)
			continue;
		plain_params(s, i % 3 * 21, lens[i], &p);
		layout_apply((enum layout)tc->layout, 2 + i % 7, &p);
		p.place = i % 2 ? JOB_DIGEST_BEHIND : JOB_DIGEST_OUTSIDE;
		if (i % 4 == 2 && (p.oop ? p.dst_segs : p.src_segs) > 1 && env.strict)
			p.place = JOB_DIGEST_SEGMENT;
		NEED(one(s, &p));
	}
	NEED(run_repeated(s, repeated));
	if (job_session_free(s) != 0)
		return test_fail("a session cannot be freed");
	return TEST_PASS;
}

static enum test_result
layout_case(const struct test_case *tc)
{
	const struct ref_aead *a = tc->aead;
	const struct rte_cryptodev_symmetric_capability *cap;
	struct sess_params first, sp;
	unsigned int i;

	NEED(need_aead(a));
	NEED(need_layout((enum layout)tc->layout));
	cap = env_aead_cap(a->algo);
	pick_aead(a, &first);
	first.decrypt = tc->decrypt;
	for (i = 0; i < RTE_DIM(a->key_sizes) && a->key_sizes[i] != 0; i++) {
		sp = first;
		sp.key_len = a->key_sizes[i];
		sp.aad_len = 12;
		if (env_in_range(&cap->aead.key_size, sp.key_len))
			NEED(run_session(tc, &sp, 3 * ENV_SMALL_DESC));
	}
	for (i = 0; i < RTE_DIM(a->iv_sizes) && a->iv_sizes[i] != 0; i++) {
		sp = first;
		sp.iv_len = a->iv_sizes[i];
		sp.aad_len = 8;
		if (env_in_range(&cap->aead.iv_size, sp.iv_len))
			NEED(run_session(tc, &sp, 0));
	}
	for (i = 0; i < RTE_DIM(a->tag_sizes) && a->tag_sizes[i] != 0; i++) {
		sp = first;
		sp.digest_len = a->tag_sizes[i];
		sp.aad_len = 20;
		if (env_in_range(&cap->aead.digest_size, sp.digest_len))
			NEED(run_session(tc, &sp, 0));
	}
	for (i = 0; i < RTE_DIM(aad_sizes); i++) {
		sp = first;
		sp.aad_len = aad_sizes[i];
		if (env_in_range(&cap->aead.aad_size, sp.aad_len))
			NEED(run_session(tc, &sp, ENV_SMALL_DESC));
	}
	return TEST_PASS;
}

/* GCM from its first counter block. */
static enum test_result
j0_case(const struct test_case *tc)
{
	const struct ref_aead *a = tc->aead;
	struct sess_params sp;

	NEED(need_aead(a));
	NEED(need_layout((enum layout)tc->layout));
	if (!env_in_range(&env_aead_cap(a->algo)->aead.iv_size, 0))
		return test_skip("the device does not show %s with an IV of 0 bytes", a->name);
	pick_aead(a, &sp);
	sp.decrypt = tc->decrypt;
	sp.iv_len = 0;
	sp.aad_len = 20;
	return run_session(tc, &sp, ENV_SMALL_DESC);
}

static enum test_result
largest_case(const struct test_case *tc)
{
	const struct ref_aead *a = tc->aead;
	struct sess_params sp;
	struct job_params p;
	struct sess *s;
	uint32_t max;

	NEED(need_aead(a));
	pick_aead(a, &sp);
	sp.decrypt = tc->decrypt;
	sp.aad_len = 65535;
	if (!env_in_range(&env_aead_cap(a->algo)->aead.aad_size, sp.aad_len))
		sp.aad_len = 12;
	NEED(make_session(&sp, &s));
	max = RTE_MIN(test_opts.max_size, 60000u);
	plain_params(s, 3, max, &p);
	NEED(one(s, &p));
	plain_params(s, 0, 1, &p);
	NEED(one(s, &p));
	return TEST_PASS;
}

/* A nonce of 13 bytes leaves 2 to count the data in (RFC 3610, 2): more is no operation. */
static enum test_result
too_long_case(const struct test_case *tc)
{
	const struct ref_aead *a = tc->aead;
	struct sess_params sp;
	struct job_params p;
	struct sess *s;
	struct job *j;

	NEED(need_strict());
	NEED(need_aead(a));
	NEED(need_layout(LAYOUT_SGL));
	pick_aead(a, &sp);
	sp.iv_len = 13;
	NEED(make_session(&sp, &s));
	plain_params(s, 0, 100, &p);
	p.len = 65536;
	p.src_segs = 4;
	j = job_create(s, &p);
	if (j == NULL)
		return TEST_FAIL;
	j->op->sym->aead.data.length = 65536;
	job_expect_untouched(j, RTE_CRYPTO_OP_STATUS_INVALID_ARGS);
	return job_run_one(s->dev, 0, j);
}

/* ---- forgeries ---- */

/* Flip each bit of @p len bytes at @p at, one after the other. */
static enum test_result
each_bit(struct job *j, uint8_t *at, uint32_t len, uint32_t step)
{
	uint32_t bit;

	for (bit = 0; bit < len * 8; bit += step) {
		at[bit / 8] ^= (uint8_t)(1u << bit % 8);
		job_expect_forgery(j);
		NEED(job_run_one(j->s->dev, 0, j));
		at[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
	return TEST_PASS;
}

static enum test_result
forged_case(const struct test_case *tc)
{
	const struct ref_aead *a = tc->aead;
	const uint32_t step = env.strict ? 1 : 7;
	struct sess_params sp;
	struct job_params p;
	struct sess *s;
	struct job *j;

	NEED(need_aead(a));
	NEED(need_layout((enum layout)tc->layout));
	pick_aead(a, &sp);
	sp.decrypt = true;
	sp.aad_len = (uint16_t)tc->n;
	if (tc->key_len != 0)
		sp.digest_len = tc->key_len;
	if (!env_in_range(&env_aead_cap(a->algo)->aead.digest_size, sp.digest_len))
		return test_skip("the device does not show %s with a tag of %u bytes", a->name,
				sp.digest_len);
	NEED(make_session(&sp, &s));
	plain_params(s, 5, 83, &p);
	layout_apply((enum layout)tc->layout, 3, &p);
	j = job_create(s, &p);
	if (j == NULL)
		return TEST_FAIL;
	NEED(each_bit(j, j->digest, sp.digest_len, step));
	NEED(each_bit(j, j->before + p.cipher.off, p.cipher.len, step));
	NEED(each_bit(j, j->iv, sp.iv_len, step));
	if (sp.aad_len != 0)
		NEED(each_bit(j, j->aad, sp.aad_len, step));
	/* And the true one still passes. */
	job_expect_forgery(j);
	j->status = RTE_CRYPTO_OP_STATUS_SUCCESS;
	j->any.len = 0;
	NEED(job_run_one(s->dev, 0, j));
	job_release(j);
	/* A tag of no data. */
	if (!env.strict)
		return TEST_PASS;
	plain_params(s, 0, 0, &p);
	p.len = 16;
	j = job_create(s, &p);
	if (j == NULL)
		return TEST_FAIL;
	return each_bit(j, j->digest, sp.digest_len, 5);
}

void
suite_aead(void)
{
	static const char *const way[] = {"encrypt", "decrypt"};
	struct test_case tc = {0};
	const struct ref_aead *a;
	unsigned int nb, i, l, d;

	a = ref_aeads(&nb);
	for (i = 0; i < nb; i++) {
		tc.aead = &a[i];
		for (d = 0; d < 2; d++) {
			tc.decrypt = d;
			for (l = 0; l < LAYOUT_NB; l++) {
				tc.layout = (uint8_t)l;
				tc.nb_desc = ENV_SMALL_DESC;
				tc.run = layout_case;
				test_add(&tc, "%s/%s/%s", a[i].name, way[d], layout_name[l]);
				tc.run = j0_case;
				if (a[i].j0)
					test_add(&tc, "%s/%s/j0/%s", a[i].name, way[d],
							layout_name[l]);
			}
			tc.nb_desc = 0;
			tc.run = largest_case;
			test_add(&tc, "%s/%s/largest", a[i].name, way[d]);
		}
		tc.run = forged_case;
		for (l = LAYOUT_IN_PLACE; l <= LAYOUT_SGL; l++) {
			tc.layout = (uint8_t)l;
			tc.n = 20;
			tc.key_len = 0;
			test_add(&tc, "%s/forged/%s", a[i].name, layout_name[l]);
			tc.n = 40;
			tc.key_len = 8;
			test_add(&tc, "%s/forged/%s/tag-8", a[i].name, layout_name[l]);
			tc.n = 0;
			tc.key_len = 0;
			test_add(&tc, "%s/forged/%s/no-aad", a[i].name, layout_name[l]);
		}
		tc.run = too_long_case;
		if (ref_aead_max(&a[i], 13) == 65535)
			test_add(&tc, "%s/too-long", a[i].name);
	}
}
