/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Digests of chains: truncated to each size that the device shows, and wrong
 * in each of their bytes. A wrong digest gives AUTH_FAILED, and never changes
 * what the application put there. And digests inside the ciphered bytes, where
 * the device ciphers them, too.
 */

#include <stdlib.h>
#include <string.h>

#include <rte_malloc.h>

#include "suites.h"

static enum test_result
make_chain(const struct test_case *tc, uint16_t digest_len, enum sess_order order,
		bool decrypt, struct sess **s)
{
	struct sess_params sp;

	NEED(any_cipher(&sp));
	sp.auth = tc->auth;
	sp.order = order;
	sp.decrypt = decrypt;
	sp.auth_key_len = pick_auth_key(tc->auth);
	sp.digest_len = digest_len;
	return make_session(&sp, s);
}

static void
plain_params(const struct sess *s, enum job_place place, struct job_params *p)
{
	memset(p, 0, sizeof(*p));
	p->src_segs = 1;
	p->dst_segs = 1;
	p->place = place;
	p->corrupt = -1;
	p->cipher.len = RTE_ALIGN_CEIL(cipher_rand_len(s->p.cipher, 128), 16);
	p->auth.len = p->cipher.len;
	p->len = p->cipher.len;
}

/* Generated and verified at this size, in two places. */
static enum test_result
one_size(const struct test_case *tc, uint16_t digest_len)
{
	struct job_params p;
	struct sess *s;
	struct job *j;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		NEED(make_chain(tc, digest_len, i & 1 ? SESS_AUTH_CIPHER : SESS_CIPHER_AUTH,
				(i & 1) != 0, &s));
		plain_params(s, i & 2 ? JOB_DIGEST_BEHIND : JOB_DIGEST_OUTSIDE, &p);
		j = job_create(s, &p);
		if (j == NULL)
			return TEST_FAIL;
		NEED(job_run_one(&env.dev[0], 0, j));
		job_release(j);
		if (i & 1) {
			p.corrupt = digest_len - 1;
			j = job_create(s, &p);
			if (j == NULL)
				return TEST_FAIL;
			NEED(job_run_one(&env.dev[0], 0, j));
			job_release(j);
		}
		TEST_CHECK(job_session_free(s) == 0, "a session cannot be freed");
	}
	return TEST_PASS;
}

static enum test_result
truncated_case(const struct test_case *tc)
{
	const struct rte_crypto_param_range *r;
	uint16_t len;
	unsigned int nb = 0;

	NEED(need_chained_auth(tc->auth));
	r = &env_auth_cap(tc->auth->algo)->auth.digest_size;
	for (len = 1; len <= tc->auth->digest; len++) {
		if (!env_in_range(r, len))
			continue;
		NEED(one_size(tc, len));
		nb++;
	}
	TEST_CHECK(nb > 0, "no digest size of %u … %u step %u is in the algorithm's range", r->min,
			r->max, r->increment);
	test_note("%u sizes", nb);
	return TEST_PASS;
}

static enum test_result
wrong_case(const struct test_case *tc)
{
	enum sess_order order = (enum sess_order)tc->order;
	struct job_params p;
	uint16_t len;
	struct sess *s;
	struct job *j;
	int i;

	NEED(need_chained_auth(tc->auth));
	NEED(need_layout((enum layout)tc->layout));
	len = pick_digest(tc->auth);
	NEED(make_chain(tc, len, order, true, &s));
	for (i = -1; i < len; i++) {
		plain_params(s, (enum job_place)tc->place, &p);
		layout_apply((enum layout)tc->layout, 3, &p);
		p.corrupt = i;
		j = job_create(s, &p);
		if (j == NULL)
			return TEST_FAIL;
		NEED(job_run_one(&env.dev[0], 0, j));
		job_release(j);
	}
	return TEST_PASS;
}

/* A wrong digest, then the right one, with one op; and the other way round. */
static enum test_result
again_case(const struct test_case *tc)
{
	struct job_params p;
	uint8_t *digest;
	struct sess *s;
	struct job *j;
	unsigned int i;

	NEED(need_chained_auth(tc->auth));
	NEED(make_chain(tc, pick_digest(tc->auth), SESS_AUTH_CIPHER, true, &s));
	plain_params(s, JOB_DIGEST_OUTSIDE, &p);
	j = job_create(s, &p);
	if (j == NULL)
		return TEST_FAIL;
	digest = j->digest;
	for (i = 0; i < 6; i++) {
		digest[0] ^= i > 0 ? 1 : 0;
		j->status = i & 1 ? RTE_CRYPTO_OP_STATUS_AUTH_FAILED : RTE_CRYPTO_OP_STATUS_SUCCESS;
		j->any = i & 1 ? j->p.cipher : (struct job_range){0, 0};
		job_rearm(j);
		/* What the op says from its last use must not come through. */
		j->op->status = i & 1 ? RTE_CRYPTO_OP_STATUS_SUCCESS :
				RTE_CRYPTO_OP_STATUS_AUTH_FAILED;
		NEED(job_run_one(&env.dev[0], 0, j));
	}
	return TEST_PASS;
}

/* Make a job whose digest is outside one with the digest at @p at, inside the ciphered bytes. */
static enum test_result
put_inside(struct job *j, uint32_t at, int corrupt)
{
	const struct sess *const s = j->s;
	const struct sess_params *const sp = &s->p;
	const struct job_range *const c = &j->p.cipher, *const a = &j->p.auth;
	uint8_t digest[REF_MAX_DIGEST];
	uint8_t *plain, *sealed;
	struct rte_mbuf *m;
	uint32_t off = at;
	int ret;

	/* It is part of the data from here on, and checked with it. */
	rte_free(j->outside);
	j->outside = NULL;
	j->digest_at = NULL;
	plain = malloc(2 * (size_t)j->p.len);
	TEST_CHECK(plain != NULL, "no memory");
	sealed = plain + j->p.len;
	memcpy(plain, j->before, j->p.len);
	ret = ref_auth_run(sp->auth, s->auth_key, sp->auth_key_len, plain + a->off, a->len, digest);
	memcpy(plain + at, digest, sp->digest_len);
	if (ret == 0)
		ret = ref_cipher_run(sp->cipher, true, s->key, sp->key_len, j->iv, sp->iv_len,
			plain + c->off, sealed + c->off, c->len);
	if (sp->decrypt)
		memcpy(j->before + c->off, sealed + c->off, c->len);
	memcpy(j->after + c->off, (sp->decrypt ? plain : sealed) + c->off, c->len);
	free(plain);
	TEST_CHECK(ret == 0, "the reference fails with %d", ret);
	if (corrupt >= 0) {
		j->before[at + (uint32_t)corrupt] ^= 0x10;
		j->status = RTE_CRYPTO_OP_STATUS_AUTH_FAILED;
		j->any = *c;
	}
	job_rearm(j);
	m = j->p.oop && !sp->decrypt ? j->m_dst : j->m_src;
	for (; off >= m->data_len; m = m->next)
		off -= m->data_len;
	j->op->sym->auth.digest.data = rte_pktmbuf_mtod_offset(m, uint8_t *, off);
	j->op->sym->auth.digest.phys_addr = rte_pktmbuf_iova_offset(m, off);
	return TEST_PASS;
}

/* Digests that are ciphered with the data, as of ops that generate before they encrypt. */
static enum test_result
inside_case(const struct test_case *tc)
{
	struct sess_params sp;
	struct job_params p;
	struct sess *s;
	struct job *j;
	unsigned int i;
	int corrupt;

	NEED(need_strict());
	if (!env_has(RTE_CRYPTODEV_FF_DIGEST_ENCRYPTED))
		return test_skip("the device does not cipher digests");
	NEED(need_layout((enum layout)tc->layout));
	NEED(any_chain(&sp, tc->decrypt ? SESS_CIPHER_AUTH : SESS_AUTH_CIPHER, tc->decrypt));
	if (tc->auth != NULL) {
		NEED(need_chained_auth(tc->auth));
		sp.auth = tc->auth;
		sp.auth_key_len = pick_auth_key(tc->auth);
		sp.digest_len = pick_digest(tc->auth);
	}
	if (tc->cipher != NULL) {
		NEED(need_cipher(tc->cipher, 0, 0));
		sp.cipher = tc->cipher;
		sp.key_len = pick_cipher_key(tc->cipher);
		sp.iv_len = pick_iv(tc->cipher);
	}
	NEED(make_session(&sp, &s));
	for (i = 0; i < 12; i++) {
		for (corrupt = -1; corrupt < (tc->decrypt ? sp.digest_len : 0); corrupt += 7) {
			plain_params(s, JOB_DIGEST_OUTSIDE, &p);
			/* A header that is hashed only; bytes behind the digest. */
			p.cipher.off = i % 2 * 16;
			p.auth.len = 64 + 16 * i;
			p.cipher.len = RTE_ALIGN_CEIL(p.auth.len + sp.digest_len, 16) -
				p.cipher.off + i / 4 * 16;
			p.len = p.cipher.off + p.cipher.len;
			layout_apply((enum layout)tc->layout, 2 + i % 7, &p);
			j = job_create(s, &p);
			if (j == NULL)
				return TEST_FAIL;
			NEED(put_inside(j, p.auth.len, corrupt));
			NEED(job_run_one(&env.dev[0], 0, j));
			job_release(j);
		}
	}
	return TEST_PASS;
}

static void
add_inside(void)
{
	static const uint8_t layouts[] = {
		LAYOUT_IN_PLACE, LAYOUT_OOP, LAYOUT_SGL, LAYOUT_OOP_SGL_SGL,
	};
	struct test_case tc = { .run = inside_case };
	const struct ref_cipher *c;
	const struct ref_auth *a;
	unsigned int nb, i, l, d;

	for (l = 0; l < RTE_DIM(layouts); l++) {
		for (d = 0; d < 2; d++) {
			tc.layout = layouts[l];
			tc.decrypt = d;
			tc.cipher = NULL;
			a = ref_auths(&nb);
			for (i = 0; i < nb; i++) {
				tc.auth = &a[i];
				if (!ref_auth_iv(&a[i]))
					test_add(&tc, "%s/inside/%s/%s", a[i].name,
						d ? "verify" : "generate",
						layout_name[layouts[l]]);
			}
			tc.auth = NULL;
			c = ref_ciphers(&nb);
			for (i = 0; i < nb; i++) {
				tc.cipher = &c[i];
				test_add(&tc, "%s/inside/%s/%s", c[i].name,
					d ? "verify" : "generate", layout_name[layouts[l]]);
			}
		}
	}
}

void
suite_digest(void)
{
	static const struct {
		const char *name;
		uint8_t order;
	} orders[] = {
		{"verify-decrypt", SESS_AUTH_CIPHER},
		{"decrypt-verify", SESS_CIPHER_AUTH},
	};
	static const struct {
		const char *name;
		uint8_t layout;
		uint8_t place;
	} where[] = {
		{"outside", LAYOUT_IN_PLACE, JOB_DIGEST_OUTSIDE},
		{"behind", LAYOUT_IN_PLACE, JOB_DIGEST_BEHIND},
		{"oop-behind", LAYOUT_OOP, JOB_DIGEST_BEHIND},
		{"sgl-segment", LAYOUT_SGL, JOB_DIGEST_SEGMENT},
	};
	struct test_case tc = {0};
	const struct ref_auth *a;
	unsigned int nb, i, o, w;

	a = ref_auths(&nb);
	for (i = 0; i < nb; i++) {
		if (ref_auth_iv(&a[i]))
			continue;
		tc.auth = &a[i];
		tc.run = truncated_case;
		test_add(&tc, "%s/truncated", a[i].name);
		tc.run = again_case;
		test_add(&tc, "%s/wrong-and-right", a[i].name);
		tc.run = wrong_case;
		for (o = 0; o < RTE_DIM(orders); o++) {
			for (w = 0; w < RTE_DIM(where); w++) {
				tc.order = orders[o].order;
				tc.layout = where[w].layout;
				tc.place = where[w].place;
				test_add(&tc, "%s/wrong/%s/%s", a[i].name, orders[o].name,
						where[w].name);
			}
		}
	}
	add_inside();
}
