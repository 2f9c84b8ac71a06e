/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Chains in every layout, with all ranges and all places of the digest. Some
 * representative pairs of cipher and MAC, as far as the device has them.
 */

#include <errno.h>
#include <string.h>

#include <rte_errno.h>

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

enum ranges {
	RANGES_EQUAL,
	RANGES_HEADER, /* the hash starts before the cipher's bytes */
	RANGES_AROUND, /* … and ends behind them */
	RANGES_CROSSED, /* each has bytes that the other has not */
	RANGES_NO_CIPHER, /* nothing to encrypt, something to hash */
	RANGES_NB,
};

static const char *const range_name[RANGES_NB] = {
	"equal", "header", "around", "crossed", "no-cipher",
};

static const char *const place_name[JOB_DIGEST_PLACES] = {
	"digest-outside", "digest-behind", "digest-segment",
};

static const struct {
	const char *cipher;
	const char *auth;
} pairs[] = {
	{"aes-cbc", "sha1-hmac"},
	{"aes-ctr", "sha256-hmac"},
	{"3des-cbc", "md5-hmac"},
	{"aes-cbc", "sha512-hmac"},
	{"aes-ecb", "sha1"},
	{"aes-xts", "aes-cmac"},
	{"zuc-eea3", "sha1-hmac"},
	{"snow3g-uea2", "kasumi-f9"},
};

static void
set_ranges(enum ranges ranges, uint32_t len, struct job_params *p)
{
	const uint32_t head = test_rand_range(1, 40), tail = test_rand_range(1, 40);

	p->cipher.len = ranges == RANGES_NO_CIPHER ? 0 : len;
	p->auth.len = len;
	switch (ranges) {
	case RANGES_HEADER:
		p->cipher.off = p->auth.off + head;
		p->auth.len = head + len;
		break;
	case RANGES_AROUND:
		p->cipher.off = head;
		p->auth.len = head + len + tail;
		break;
	case RANGES_CROSSED:
		p->cipher.off = tail;
		p->auth.off = tail + RTE_MIN(head, len);
		break;
	default:
		p->cipher.off = tail;
		p->auth.off = tail;
		break;
	}
	p->len = RTE_MAX(p->cipher.off + p->cipher.len, p->auth.off + p->auth.len);
}

static enum test_result
run_pair(const struct test_case *tc, const struct ref_cipher *c, const struct ref_auth *a)
{
	struct sess_params sp = {
		.cipher = c,
		.auth = a,
		.order = (enum sess_order)tc->order,
		.decrypt = tc->decrypt,
		.key_len = pick_cipher_key(c),
		.iv_len = pick_iv(c),
		.auth_key_len = pick_auth_key(a),
		.digest_len = pick_digest(a),
	};
	struct job_params p;
	unsigned int segs;
	uint32_t max;
	struct sess *s;
	struct job *j;

	NEED(make_session(&sp, &s));
	for (segs = 2; segs <= JOB_MAX_SEGS; segs++) {
		memset(&p, 0, sizeof(p));
		p.corrupt = -1;
		p.place = (enum job_place)tc->place;
		/* The hash may get more than the cipher, at both ends. */
		max = RTE_MIN(segs == JOB_MAX_SEGS ? 4000u : 200u, ref_auth_max(a) - 100);
		set_ranges((enum ranges)tc->ranges, RTE_ALIGN_CEIL(cipher_rand_len(c, max), 16),
				&p);
		layout_apply((enum layout)tc->layout, segs, &p);
		j = job_create(s, &p);
		if (j == NULL)
			return TEST_FAIL;
		NEED(job_run_one(&env.dev[0], 0, j));
		job_release(j);
	}
	return TEST_PASS;
}

static enum test_result
layout_case(const struct test_case *tc)
{
	const struct ref_cipher *c;
	const struct ref_auth *a;
	enum test_result r = test_skip("the device shows none of the pairs");
	enum test_result one;
	bool passed = false;
	unsigned int i;

	NEED(need_chaining());
	NEED(need_layout((enum layout)tc->layout));
	if (tc->place == JOB_DIGEST_SEGMENT && tc->layout < LAYOUT_SGL)
		NEED(need_layout(tc->layout == LAYOUT_OOP ? LAYOUT_OOP_SGL_SGL : LAYOUT_SGL));
	if (tc->place == JOB_DIGEST_SEGMENT && tc->layout == LAYOUT_OOP_SGL_LB)
		NEED(need_layout(LAYOUT_OOP_SGL_SGL));
	if (tc->place == JOB_DIGEST_SEGMENT && tc->layout == LAYOUT_OOP_LB_SGL)
		NEED(need_layout(LAYOUT_OOP_SGL_SGL));
	for (i = 0; i < RTE_DIM(pairs); i++) {
		c = ref_cipher_by_name(pairs[i].cipher);
		a = ref_auth_by_name(pairs[i].auth);
		if (need_cipher(c, 0, 0) != TEST_PASS || need_auth(a, 0, 0) != TEST_PASS)
			continue;
		/* XTS is not defined for less than a block [IEEE Std 1619, 5.1]. */
		if (tc->ranges == RANGES_NO_CIPHER && c->algo == RTE_CRYPTO_CIPHER_AES_XTS)
			continue;
		one = run_pair(tc, c, a);
		if (one == TEST_FAIL)
			return TEST_FAIL;
		passed = passed || one == TEST_PASS;
		r = one;
	}
	return passed ? TEST_PASS : r;
}

void
suite_chain_layout(void)
{
	struct test_case tc = {.run = layout_case};
	unsigned int o, l, r, d;

	for (o = 0; o < RTE_DIM(orders); o++) {
		for (l = 0; l < LAYOUT_NB; l++) {
			for (r = 0; r < RANGES_NB; r++) {
				for (d = 0; d < JOB_DIGEST_PLACES; d++) {
					tc.order = orders[o].order;
					tc.decrypt = orders[o].decrypt;
					tc.layout = (uint8_t)l;
					tc.ranges = (uint8_t)r;
					tc.place = (uint8_t)d;
					test_add(&tc, "%s/%s/%s/%s", orders[o].name, layout_name[l],
							range_name[r], place_name[d]);
				}
			}
		}
	}
}
