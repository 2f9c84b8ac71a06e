/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * What must be refused: xforms that no session can be made of, with the right
 * errno; ops whose lengths do not fit, with a status, and without touching data.
 */

#include <errno.h>
#include <string.h>

#include <rte_errno.h>

#include "suites.h"

/* Try to make a session of any xform chain. @return 0 or the errno; the session is freed. */
static int
try_xform(struct rte_crypto_sym_xform *x)
{
	void *s;

	rte_errno = 0;
	s = rte_cryptodev_sym_session_create(env.dev[0].id, x, env.sessions);
	if (s == NULL)
		return rte_errno;
	rte_cryptodev_sym_session_free(env.dev[0].id, s);
	return 0;
}

static enum test_result
expect_errno(struct rte_crypto_sym_xform *x, int want, int or_this)
{
	const int got = try_xform(x);

	TEST_CHECK(got != 0, "a session was made of it");
	TEST_CHECK(!env.strict || got == want || got == or_this, "%s, not %s", rte_strerror(got),
			rte_strerror(want));
	return TEST_PASS;
}

/* Good xforms of a chain or cipher, for a case to spoil. */
static enum test_result
good_xforms(struct rte_crypto_sym_xform x[2], bool chain)
{
	static struct sess s;

	memset(&s, 0, sizeof(s));
	if (chain)
		NEED(any_chain(&s.p, SESS_CIPHER_AUTH, false));
	else
		NEED(any_cipher(&s.p));
	test_rand_fill(s.key, sizeof(s.key));
	test_rand_fill(s.auth_key, sizeof(s.auth_key));
	job_xforms(&s, x);
	return TEST_PASS;
}

/* Every cipher that DPDK has a number for and the device does not show. */
static enum test_result
unknown_cipher_case(const struct test_case *tc)
{
	struct rte_crypto_sym_xform x[2];
	unsigned int algo, nb = 0;
	int got;

	RTE_SET_USED(tc);
	NEED(good_xforms(x, false));
	for (algo = 0; algo < 64; algo++) {
		if (env_cipher_cap((enum rte_crypto_cipher_algorithm)algo) != NULL)
			continue;
		x[0].cipher.algo = (enum rte_crypto_cipher_algorithm)algo;
		got = try_xform(x);
		TEST_CHECK(got != 0, "cipher %u is not shown, and gives a session", algo);
		TEST_CHECK(!env.strict || got == ENOTSUP, "cipher %u gives %s, not ENOTSUP", algo,
				rte_strerror(got));
		nb++;
	}
	test_note("%u ciphers", nb);
	return TEST_PASS;
}

static enum test_result
unknown_auth_case(const struct test_case *tc)
{
	struct rte_crypto_sym_xform x[2];
	unsigned int algo, nb = 0;
	int got;

	RTE_SET_USED(tc);
	NEED(good_xforms(x, true));
	for (algo = 0; algo < 64; algo++) {
		if (env_auth_cap((enum rte_crypto_auth_algorithm)algo) != NULL)
			continue;
		x[1].auth.algo = (enum rte_crypto_auth_algorithm)algo;
		got = try_xform(x);
		TEST_CHECK(got != 0, "auth %u is not shown, and gives a session", algo);
		TEST_CHECK(!env.strict || got == ENOTSUP, "auth %u gives %s, not ENOTSUP", algo,
				rte_strerror(got));
		nb++;
	}
	test_note("%u hashes and MACs", nb);
	return TEST_PASS;
}

enum spoilt {
	SPOILT_AEAD,
	SPOILT_TWO_CIPHERS,
	SPOILT_TWO_AUTHS,
	SPOILT_THREE,
	SPOILT_TYPE,
	SPOILT_CIPHER_OP,
	SPOILT_AUTH_OP,
	SPOILT_NULL_KEY,
	SPOILT_NULL_AUTH_KEY,
	SPOILT_KEY_LONG,
	SPOILT_KEY_SHORT,
	SPOILT_KEY_NONE,
	SPOILT_AUTH_KEY_NONE,
	SPOILT_IV_LONG,
	SPOILT_IV_SHORT,
	SPOILT_DIGEST_NONE,
	SPOILT_DIGEST_LONG,
	SPOILT_DIGEST_HUGE,
	SPOILT_NB,
};

static const struct {
	const char *name;
	bool chain;
	int want;
	int or_this;
} spoilt[SPOILT_NB] = {
	[SPOILT_AEAD] = {"aead", false, ENOTSUP, EINVAL},
	[SPOILT_TWO_CIPHERS] = {"two-ciphers", false, ENOTSUP, EINVAL},
	[SPOILT_TWO_AUTHS] = {"two-auths", true, ENOTSUP, EINVAL},
	[SPOILT_THREE] = {"three-xforms", true, ENOTSUP, EINVAL},
	[SPOILT_TYPE] = {"xform-type", false, ENOTSUP, EINVAL},
	[SPOILT_CIPHER_OP] = {"cipher-direction", false, EINVAL, ENOTSUP},
	[SPOILT_AUTH_OP] = {"auth-direction", true, EINVAL, ENOTSUP},
	[SPOILT_NULL_KEY] = {"key-null", false, EINVAL, EINVAL},
	[SPOILT_NULL_AUTH_KEY] = {"auth-key-null", true, EINVAL, EINVAL},
	[SPOILT_KEY_LONG] = {"key-65535", false, EINVAL, EINVAL},
	[SPOILT_KEY_SHORT] = {"key-one-less", false, EINVAL, EINVAL},
	[SPOILT_KEY_NONE] = {"key-0", false, EINVAL, EINVAL},
	[SPOILT_AUTH_KEY_NONE] = {"auth-key-0", true, EINVAL, EINVAL},
	[SPOILT_IV_LONG] = {"iv-65535", false, EINVAL, EINVAL},
	[SPOILT_IV_SHORT] = {"iv-one-less", false, EINVAL, EINVAL},
	[SPOILT_DIGEST_NONE] = {"digest-0", true, EINVAL, EINVAL},
	[SPOILT_DIGEST_LONG] = {"digest-one-more", true, EINVAL, EINVAL},
	[SPOILT_DIGEST_HUGE] = {"digest-65535", true, EINVAL, EINVAL},
};

static enum test_result
spoilt_case(const struct test_case *tc)
{
	const struct rte_cryptodev_symmetric_capability *ccap, *acap = NULL;
	struct rte_crypto_sym_xform x[2], third;

	NEED(need_strict());
	NEED(good_xforms(x, spoilt[tc->n].chain));
	TEST_CHECK(try_xform(x) == 0 || spoilt[tc->n].chain, "the good xform is refused");
	ccap = env_cipher_cap(x[0].cipher.algo);
	if (spoilt[tc->n].chain)
		acap = env_auth_cap(x[1].auth.algo);
	switch ((enum spoilt)tc->n) {
	case SPOILT_AEAD:
		x[0].type = RTE_CRYPTO_SYM_XFORM_AEAD;
		x[0].aead = (struct rte_crypto_aead_xform){
			.op = RTE_CRYPTO_AEAD_OP_ENCRYPT,
			.algo = RTE_CRYPTO_AEAD_AES_GCM,
			.key = {.data = x[0].cipher.key.data, .length = 16},
			.iv = {.offset = JOB_IV_OFFSET, .length = 12},
			.digest_length = 16,
		};
		if (rte_cryptodev_sym_capability_get(env.dev[0].id,
				&(struct rte_cryptodev_sym_capability_idx){
				.type = RTE_CRYPTO_SYM_XFORM_AEAD,
				.algo.aead = RTE_CRYPTO_AEAD_AES_GCM}) != NULL)
			return test_skip("the device shows AES-GCM");
		break;
	case SPOILT_TWO_CIPHERS:
		x[1] = x[0];
		x[0].next = &x[1];
		break;
	case SPOILT_TWO_AUTHS:
		x[0] = x[1];
		x[0].next = &x[1];
		break;
	case SPOILT_THREE:
		third = x[1];
		x[1].next = &third;
		break;
	case SPOILT_TYPE:
		x[0].type = (enum rte_crypto_sym_xform_type)77;
		break;
	case SPOILT_CIPHER_OP:
		x[0].cipher.op = (enum rte_crypto_cipher_operation)7;
		break;
	case SPOILT_AUTH_OP:
		x[1].auth.op = (enum rte_crypto_auth_operation)7;
		break;
	case SPOILT_NULL_KEY:
		x[0].cipher.key.data = NULL;
		break;
	case SPOILT_NULL_AUTH_KEY:
		if (x[1].auth.key.length == 0)
			return test_skip("the device shows no MAC");
		x[1].auth.key.data = NULL;
		break;
	case SPOILT_KEY_LONG:
		x[0].cipher.key.length = UINT16_MAX;
		break;
	case SPOILT_KEY_SHORT:
		x[0].cipher.key.length = ccap->cipher.key_size.min - 1;
		break;
	case SPOILT_KEY_NONE:
		x[0].cipher.key.length = 0;
		break;
	case SPOILT_AUTH_KEY_NONE:
		if (acap->auth.key_size.min == 0)
			return test_skip("the device shows a MAC with an empty key");
		x[1].auth.key.length = 0;
		break;
	case SPOILT_IV_LONG:
		x[0].cipher.iv.length = UINT16_MAX;
		break;
	case SPOILT_IV_SHORT:
		if (ccap->cipher.iv_size.min == 0)
			return test_skip("the device shows a cipher without IV only");
		x[0].cipher.iv.length = ccap->cipher.iv_size.min - 1;
		break;
	case SPOILT_DIGEST_NONE:
		x[1].auth.digest_length = 0;
		break;
	case SPOILT_DIGEST_LONG:
		x[1].auth.digest_length = acap->auth.digest_size.max + 1;
		break;
	default:
		x[1].auth.digest_length = UINT16_MAX;
		break;
	}
	return expect_errno(x, spoilt[tc->n].want, spoilt[tc->n].or_this);
}

/* ---- Ops ---- */

enum bad_op {
	OP_PARTIAL_BLOCK,
	OP_ONE_BYTE,
	OP_BEYOND_SRC,
	OP_OFFSET_BEYOND_SRC,
	OP_LENGTH_HUGE,
	OP_WRAP,
	OP_BEYOND_DST,
	OP_AUTH_BEYOND_SRC,
	OP_AUTH_WRAP,
	OP_NO_DIGEST,
	OP_DIGEST_INSIDE,
	OP_NO_SRC,
	OP_NB,
};

static const struct {
	const char *name;
	bool chain;
	bool oop;
} bad_ops[OP_NB] = {
	[OP_PARTIAL_BLOCK] = {"partial-block", false, false},
	[OP_ONE_BYTE] = {"one-byte", false, false},
	[OP_BEYOND_SRC] = {"beyond-source", false, false},
	[OP_OFFSET_BEYOND_SRC] = {"offset-beyond-source", false, false},
	[OP_LENGTH_HUGE] = {"length-huge", false, false},
	[OP_WRAP] = {"offset-plus-length-wraps", false, false},
	[OP_BEYOND_DST] = {"beyond-destination", false, true},
	[OP_AUTH_BEYOND_SRC] = {"auth-beyond-source", true, false},
	[OP_AUTH_WRAP] = {"auth-offset-plus-length-wraps", true, false},
	[OP_NO_DIGEST] = {"no-digest", true, false},
	[OP_DIGEST_INSIDE] = {"digest-encrypted", true, false},
	[OP_NO_SRC] = {"no-source", false, false},
};

static enum test_result
spoil_op(struct job *j, enum bad_op bad)
{
	struct rte_crypto_sym_op *sym = j->op->sym;
	const struct sess_params *sp = &j->s->p;
	const uint32_t per_byte = ref_cipher_bits(sp->cipher) ? 8 : 1;
	const uint32_t auth_per_byte = sp->auth != NULL && ref_auth_bits(sp->auth) ? 8 : 1;

	switch (bad) {
	case OP_PARTIAL_BLOCK:
	case OP_ONE_BYTE:
		if (sp->cipher->block == 1)
			return test_skip("the device shows no block cipher");
		sym->cipher.data.length = bad == OP_ONE_BYTE ? 1 : j->p.cipher.len - 1;
		break;
	case OP_BEYOND_SRC:
		sym->cipher.data.length = 16 * (j->p.len / 16 + 1) * per_byte;
		break;
	case OP_OFFSET_BEYOND_SRC:
		sym->cipher.data.offset = (j->p.len + 16) * per_byte;
		break;
	case OP_LENGTH_HUGE:
		sym->cipher.data.length = 1000000 / 16 * 16;
		break;
	case OP_WRAP:
		sym->cipher.data.offset = UINT32_MAX - 15;
		sym->cipher.data.length = 32;
		break;
	case OP_BEYOND_DST:
		/* The destination loses its last 16 bytes. */
		j->dst_cut = 16;
		j->m_dst->data_len -= 16;
		j->m_dst->pkt_len -= 16;
		break;
	case OP_AUTH_BEYOND_SRC:
		sym->auth.data.length = (j->p.len + 64) * auth_per_byte;
		break;
	case OP_AUTH_WRAP:
		sym->auth.data.offset = UINT32_MAX - 15;
		sym->auth.data.length = 32;
		break;
	case OP_NO_DIGEST:
		sym->auth.digest.data = NULL;
		break;
	case OP_DIGEST_INSIDE:
		/* Whatever the device ciphers: here the digest is to be that of the ciphertext. */
		sym->auth.digest.data = rte_pktmbuf_mtod_offset(j->m_src, uint8_t *, 48);
		sym->auth.digest.phys_addr = rte_pktmbuf_iova_offset(j->m_src, 48);
		sym->auth.data.length = 48 * auth_per_byte;
		break;
	default:
		sym->m_src = NULL;
		break;
	}
	return TEST_PASS;
}

static enum test_result
bad_op_case(const struct test_case *tc)
{
	struct job_params p = {.src_segs = 1, .dst_segs = 1, .corrupt = -1};
	struct sess_params sp;
	struct job *j[3];
	unsigned int i, round;
	struct sess *s;

	NEED(need_strict());
	if (bad_ops[tc->n].chain)
		NEED(any_chain(&sp, SESS_CIPHER_AUTH, false));
	else
		NEED(any_cipher(&sp));
	p.oop = bad_ops[tc->n].oop;
	if (p.oop)
		NEED(need_layout(LAYOUT_OOP));
	NEED(make_session(&sp, &s));
	p.cipher.len = 64;
	p.auth.len = bad_ops[tc->n].chain ? 64 : 0;
	p.len = 64;
	/* More often than the ring has slots: a refused op costs nothing that is not given back. */
	for (round = 0; round < ENV_NB_DESC + 1; round++) {
		for (i = 0; i < 3; i++) {
			j[i] = job_create(s, &p);
			if (j[i] == NULL)
				return TEST_FAIL;
		}
		job_expect_untouched(j[1], RTE_CRYPTO_OP_STATUS_INVALID_ARGS);
		NEED(spoil_op(j[1], (enum bad_op)tc->n));
		NEED(job_run(&env.dev[0], 0, j, 3, 3));
		for (i = 0; i < 3; i++)
			job_release(j[i]);
	}
	return TEST_PASS;
}

/* The same for operations without a cipher. */
enum bad_other {
	OTHER_BEYOND_SRC,
	OTHER_OFFSET_BEYOND_SRC,
	OTHER_WRAP,
	OTHER_BEYOND_DST, /* AEAD */
	OTHER_NO_DIGEST,
	OTHER_NO_AAD, /* AEAD */
	OTHER_NO_SRC,
	OTHER_NB,
};

static const char *const other_name[OTHER_NB] = {
	"beyond-source", "offset-beyond-source", "offset-plus-length-wraps", "beyond-destination",
	"no-digest", "no-aad", "no-source",
};

static void
spoil_other(struct job *j, enum bad_other bad)
{
	const bool aead = j->s->p.order == SESS_AEAD;
	struct rte_crypto_sym_op *sym = j->op->sym;
	uint32_t *off = aead ? &sym->aead.data.offset : &sym->auth.data.offset;
	uint32_t *len = aead ? &sym->aead.data.length : &sym->auth.data.length;

	switch (bad) {
	case OTHER_BEYOND_SRC:
		*len = j->p.len + 1;
		break;
	case OTHER_OFFSET_BEYOND_SRC:
		*off = j->p.len;
		break;
	case OTHER_WRAP:
		*off = UINT32_MAX - 15;
		*len = 32;
		break;
	case OTHER_BEYOND_DST:
		j->dst_cut = 1;
		j->m_dst->data_len--;
		j->m_dst->pkt_len--;
		break;
	case OTHER_NO_DIGEST:
		if (aead)
			sym->aead.digest.data = NULL;
		else
			sym->auth.digest.data = NULL;
		break;
	case OTHER_NO_AAD:
		sym->aead.aad.data = NULL;
		break;
	default:
		sym->m_src = NULL;
		break;
	}
}

static enum test_result
bad_other_case(const struct test_case *tc)
{
	struct job_params p = {.src_segs = 1, .dst_segs = 1, .corrupt = -1, .len = 64};
	struct sess_params sp = {.order = SESS_AUTH};
	unsigned int i, round;
	struct job *j[3];
	struct sess *s;

	NEED(need_strict());
	if (tc->aead != NULL) {
		NEED(need_aead(tc->aead));
		pick_aead(tc->aead, &sp);
		sp.aad_len = 12;
		p.cipher.len = 64;
		p.oop = tc->n == OTHER_BEYOND_DST;
	} else {
		NEED(need_auth(tc->auth, 0, 0));
		sp.auth = tc->auth;
		sp.auth_key_len = pick_auth_key(tc->auth);
		sp.iv_len = pick_auth_iv(tc->auth);
		sp.digest_len = pick_digest(tc->auth);
		p.auth.len = 64;
	}
	NEED(make_session(&sp, &s));
	for (round = 0; round < ENV_NB_DESC / 2; round++) {
		for (i = 0; i < 3; i++) {
			j[i] = job_create(s, &p);
			if (j[i] == NULL)
				return TEST_FAIL;
		}
		job_expect_untouched(j[1], RTE_CRYPTO_OP_STATUS_INVALID_ARGS);
		spoil_other(j[1], (enum bad_other)tc->n);
		NEED(job_run(&env.dev[0], 0, j, 3, 3));
		for (i = 0; i < 3; i++)
			job_release(j[i]);
	}
	return TEST_PASS;
}

/* Which number of an op, counted in bits, is not one of whole bytes. */
static const char *const bits_name[] = {
	"cipher-length", "cipher-offset", "auth-length", "auth-offset",
};

/* Of ops that are counted in bits only those of whole bytes are taken, others are refused. */
static enum test_result
bits_case(const struct test_case *tc)
{
	struct job_params p = {.src_segs = 1, .dst_segs = 1, .corrupt = -1};
	struct sess_params sp = {.cipher = tc->cipher, .order = SESS_CIPHER};
	uint32_t *number, bits;
	struct sess *s;
	struct job *j;

	NEED(need_strict());
	NEED(need_cipher(tc->cipher, 0, 0));
	if (tc->auth != NULL) {
		NEED(need_chaining());
		NEED(need_auth(tc->auth, 0, 0));
		sp.auth = tc->auth;
		sp.order = SESS_CIPHER_AUTH;
		sp.auth_key_len = pick_auth_key(tc->auth);
		sp.digest_len = pick_digest(tc->auth);
		p.auth = (struct job_range){16, 64};
	}
	sp.key_len = pick_cipher_key(tc->cipher);
	sp.iv_len = pick_iv(tc->cipher);
	p.cipher = (struct job_range){16, 64};
	p.len = 96;
	NEED(make_session(&sp, &s));
	for (bits = 1; bits < 8; bits++) {
		j = job_create(s, &p);
		if (j == NULL)
			return TEST_FAIL;
		number = tc->n == 0 ? &j->op->sym->cipher.data.length :
				tc->n == 1 ? &j->op->sym->cipher.data.offset :
				tc->n == 2 ? &j->op->sym->auth.data.length :
				&j->op->sym->auth.data.offset;
		*number += bits;
		job_expect_untouched(j, RTE_CRYPTO_OP_STATUS_INVALID_ARGS);
		NEED(job_run_one(&env.dev[0], 0, j));
		job_release(j);
	}
	return TEST_PASS;
}

/* More segments than any table has room for: refused, or done right. */
static enum test_result
segments_case(const struct test_case *tc)
{
	struct job_params p = {.len = 4096, .cipher = {0, 4096}, .corrupt = -1};
	unsigned int round, segs, done = 0, refused = 0;
	struct sess_params sp;
	struct sess *s;
	struct job *j;

	NEED(need_strict());
	NEED(need_layout((enum layout)tc->layout));
	NEED(any_cipher(&sp));
	NEED(make_session(&sp, &s));
	for (round = 0; round < 3; round++) {
		for (segs = JOB_MAX_SEGS + 1; segs <= JOB_SEGS_LIMIT; segs += 1 + round * 5) {
			layout_apply((enum layout)tc->layout, segs, &p);
			if (p.dst_segs > 1)
				p.dst_segs = (uint8_t)segs;
			j = job_create(s, &p);
			if (j == NULL)
				return TEST_FAIL;
			j->either = RTE_CRYPTO_OP_STATUS_INVALID_ARGS;
			NEED(job_run_one(&env.dev[0], 0, j));
			done += j->op->status == RTE_CRYPTO_OP_STATUS_SUCCESS;
			refused += j->op->status != RTE_CRYPTO_OP_STATUS_SUCCESS;
			job_release(j);
		}
	}
	test_note("%u done, %u refused", done, refused);
	return TEST_PASS;
}

void
suite_negative(void)
{
	struct test_case tc = {0};
	const struct ref_cipher *c;
	unsigned int i, nb;

	tc.run = unknown_cipher_case;
	test_add(&tc, "session/unknown-cipher");
	tc.run = unknown_auth_case;
	test_add(&tc, "session/unknown-auth");
	tc.run = spoilt_case;
	for (i = 0; i < SPOILT_NB; i++) {
		tc.n = i;
		test_add(&tc, "session/%s", spoilt[i].name);
	}
	tc.run = bad_op_case;
	for (i = 0; i < OP_NB; i++) {
		tc.n = i;
		test_add(&tc, "op/%s", bad_ops[i].name);
	}
	tc.run = bad_other_case;
	for (i = 0; i < OTHER_NB; i++) {
		tc.n = i;
		tc.aead = ref_aead_by_name("aes-gcm");
		test_add(&tc, "op/aes-gcm/%s", other_name[i]);
		tc.aead = NULL;
		if (i == OTHER_BEYOND_DST || i == OTHER_NO_AAD)
			continue;
		tc.auth = ref_auth_by_name("sha1-hmac");
		test_add(&tc, "op/sha1-hmac/%s", other_name[i]);
		tc.auth = ref_auth_by_name("aes-gmac");
		test_add(&tc, "op/aes-gmac/%s", other_name[i]);
		tc.auth = NULL;
	}
	tc.run = bits_case;
	c = ref_ciphers(&nb);
	for (i = 0; i < 2 * nb; i++) {
		tc.cipher = &c[i / 2];
		tc.n = i % 2;
		if (ref_cipher_bits(tc.cipher))
			test_add(&tc, "op/partial-byte/%s/%s", tc.cipher->name, bits_name[tc.n]);
	}
	tc.cipher = ref_cipher_by_name("aes-ctr");
	tc.auth = ref_auth_by_name("kasumi-f9");
	for (i = 2; i < RTE_DIM(bits_name); i++) {
		tc.n = i;
		test_add(&tc, "op/partial-byte/%s/%s", tc.auth->name, bits_name[i]);
	}
	tc.cipher = NULL;
	tc.auth = NULL;
	tc.n = 0;
	tc.run = segments_case;
	for (i = LAYOUT_SGL; i < LAYOUT_NB; i++) {
		tc.layout = (uint8_t)i;
		test_add(&tc, "op/many-segments/%s", layout_name[i]);
	}
}
