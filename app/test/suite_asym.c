/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Asymmetric sessions: many keys, many at once, in any order, freed between operations; and what
 * must be refused.
 */

#include <errno.h>
#include <string.h>

#include <rte_errno.h>

#include "asym.h"

#define MANY_SESSIONS 128
#define MANY_JOBS 192

/* ---- sessions ---- */

struct many {
	void *session[MANY_SESSIONS];
	struct asym_job *job[MANY_JOBS];
	uint8_t digest[MANY_JOBS][32];
	bool ec[MANY_JOBS];
};

static enum test_result
need_both(void)
{
	ASYM_NEED(need_asym(RTE_CRYPTO_ASYM_XFORM_RSA, RTE_CRYPTO_ASYM_OP_SIGN));
	ASYM_NEED(need_asym(RTE_CRYPTO_ASYM_XFORM_ECDSA, RTE_CRYPTO_ASYM_OP_SIGN));
	return need_key_form(true);
}

static enum test_result
open_many(struct many *m)
{
	const struct asym_rsa_key *const rsa = asym_rsa_key(1024);
	struct rte_crypto_asym_xform x;
	unsigned int i;

	TEST_CHECK(rsa != NULL, "libcrypto makes no key");
	for (i = 0; i < MANY_SESSIONS; i++) {
		if (i % 2 == 0)
			asym_rsa_xform(rsa, true, &x);
		else
			asym_ec_xform((enum asym_curve)(i / 2 % ASYM_NB_CURVES), &x);
		ASYM_NEED(asym_session(&x, &m->session[i]));
	}
	return TEST_PASS;
}

static void
close_many(struct many *m)
{
	unsigned int i;

	for (i = 0; i < MANY_JOBS; i++)
		asym_job_free(m->job[i]);
	for (i = 0; i < MANY_SESSIONS; i++)
		if (m->session[i] != NULL)
			asym_session_free(m->session[i]);
}

static enum test_result
check_job(const struct many *m, unsigned int i)
{
	const struct asym_job *const j = m->job[i];
	const struct asym_ec_key *ec;
	const struct rte_crypto_ecdsa_op_param *const e = &j->op->asym->ecdsa;
	uint8_t r[ASYM_EC_MAX_LEN] = {0}, s[ASYM_EC_MAX_LEN] = {0};

	TEST_CHECK(j->op->status == RTE_CRYPTO_OP_STATUS_SUCCESS, "job %u: status %d", i,
			(int)j->op->status);
	if (!m->ec[i]) {
		TEST_CHECK(asym_rsa_verify(asym_rsa_key(1024), "sha256", m->digest[i], 32,
				j->out.data, 128), "job %u: libcrypto refuses it", i);
		return TEST_PASS;
	}
	ec = asym_ec_key((enum asym_curve)(i % MANY_SESSIONS / 2 % ASYM_NB_CURVES));
	TEST_CHECK(e->r.length <= ec->len && e->s.length <= ec->len, "job %u: lengths", i);
	memcpy(r + ec->len - e->r.length, j->out.data, e->r.length);
	memcpy(s + ec->len - e->s.length, j->more.data, e->s.length);
	TEST_CHECK(asym_ec_verify(ec, m->digest[i], 32, r, s), "job %u: libcrypto refuses it", i);
	return TEST_PASS;
}

static enum test_result
sign_many(struct many *m)
{
	unsigned int i;

	for (i = 0; i < MANY_JOBS; i++) {
		const unsigned int k = i % MANY_SESSIONS;

		m->ec[i] = k % 2 != 0;
		test_rand_fill(m->digest[i], sizeof(m->digest[i]));
		m->job[i] = asym_job(m->session[k]);
		TEST_CHECK(m->job[i] != NULL, "no memory");
		if (m->ec[i])
			asym_job_ecdsa(m->job[i], RTE_CRYPTO_ASYM_OP_SIGN,
					asym_ec_key((enum asym_curve)(k / 2 % ASYM_NB_CURVES)),
					m->digest[i], 32, NULL, NULL);
		else
			asym_job_rsa(m->job[i], RTE_CRYPTO_ASYM_OP_SIGN,
					RTE_CRYPTO_RSA_PADDING_PKCS1_5, "sha256", m->digest[i], 32,
					NULL, 0);
	}
	ASYM_NEED(asym_run(m->job, MANY_JOBS));
	for (i = 0; i < MANY_JOBS; i++)
		ASYM_NEED(check_job(m, i));
	return TEST_PASS;
}

/* More keys than anybody keeps at hand, all in one stream. */
static enum test_result
run_many(const struct test_case *tc)
{
	static struct many m;
	enum test_result result;

	RTE_SET_USED(tc);
	ASYM_NEED(need_both());
	if (!asym_env.strict)
		return test_skip("only promised by crypto_virtio");
	memset(&m, 0, sizeof(m));
	result = open_many(&m);
	if (result == TEST_PASS)
		result = sign_many(&m);
	close_many(&m);
	return result;
}

/* Made, used once, freed, again and again. */
static enum test_result
run_churn(const struct test_case *tc)
{
	uint8_t digest[32] = {1}, r[ASYM_EC_MAX_LEN], s[ASYM_EC_MAX_LEN];
	struct rte_crypto_asym_xform x;
	enum rte_crypto_op_status status;
	const struct asym_ec_key *key;
	enum test_result result;
	struct asym_job *j;
	void *session;
	unsigned int i;

	RTE_SET_USED(tc);
	ASYM_NEED(need_asym(RTE_CRYPTO_ASYM_XFORM_ECDSA, RTE_CRYPTO_ASYM_OP_VERIFY));
	key = asym_ec_key(ASYM_P256);
	TEST_CHECK(key != NULL && asym_ec_sign(key, digest, 32, r, s), "libcrypto does not sign");
	for (i = 0; i < 500; i++) {
		asym_ec_xform(ASYM_P256, &x);
		ASYM_NEED(asym_session(&x, &session));
		j = asym_job(session);
		TEST_CHECK(j != NULL, "no memory");
		asym_job_ecdsa(j, RTE_CRYPTO_ASYM_OP_VERIFY, key, digest, 32, r, s);
		result = asym_run_one(j, &status);
		asym_job_free(j);
		asym_session_free(session);
		ASYM_NEED(result);
		TEST_CHECK(status == RTE_CRYPTO_OP_STATUS_SUCCESS, "round %u: status %d", i,
				(int)status);
	}
	return TEST_PASS;
}

/* A public key of its own: what it needs no private numbers for works without them. */
static enum test_result
run_public_only(const struct test_case *tc)
{
	const struct asym_rsa_key *const key = asym_rsa_key(2048);
	uint8_t digest[32] = {2}, sig[256];
	struct rte_crypto_asym_xform x;
	enum rte_crypto_op_status status;
	enum test_result result;
	struct asym_job *j;
	void *session;

	RTE_SET_USED(tc);
	ASYM_NEED(need_asym(RTE_CRYPTO_ASYM_XFORM_RSA, RTE_CRYPTO_ASYM_OP_VERIFY));
	if (!asym_env.strict)
		return test_skip("only promised by crypto_virtio");
	TEST_CHECK(key != NULL && asym_rsa_sign(key, "sha256", digest, 32, sig), "libcrypto");
	asym_rsa_xform(key, false, &x);
	x.rsa.d.data = NULL;
	x.rsa.d.length = 0;
	ASYM_NEED(asym_session(&x, &session));
	j = asym_job(session);
	TEST_CHECK(j != NULL, "no memory");
	asym_job_rsa(j, RTE_CRYPTO_ASYM_OP_VERIFY, RTE_CRYPTO_RSA_PADDING_PKCS1_5, "sha256", digest,
			32, sig, 256);
	result = asym_run_one(j, &status);
	if (result == TEST_PASS && status != RTE_CRYPTO_OP_STATUS_SUCCESS)
		result = test_fail("to verify: status %d", (int)status);
	asym_job_free(j);
	if (result == TEST_PASS) {
		j = asym_job(session);
		TEST_CHECK(j != NULL, "no memory");
		asym_job_rsa(j, RTE_CRYPTO_ASYM_OP_SIGN, RTE_CRYPTO_RSA_PADDING_PKCS1_5, "sha256",
				digest, 32, NULL, 0);
		result = asym_run_one(j, &status);
		if (result == TEST_PASS && status == RTE_CRYPTO_OP_STATUS_SUCCESS)
			result = test_fail("signed without a private key");
		asym_job_free(j);
	}
	asym_session_free(session);
	return result;
}

void
suite_asym_session(void)
{
	struct test_case tc = {.run = run_many};

	test_add(&tc, "many-at-once");
	tc.run = run_churn;
	test_add(&tc, "made-and-freed");
	tc.run = run_public_only;
	test_add(&tc, "public-key-only");
}

/* ---- refusals ---- */

static void
no_modulus(struct rte_crypto_asym_xform *x)
{
	x->rsa.n.length = 0;
}

static void
null_modulus(struct rte_crypto_asym_xform *x)
{
	x->rsa.n.data = NULL;
}

static void
no_exponent(struct rte_crypto_asym_xform *x)
{
	x->rsa.e.length = 0;
}

static void
huge_modulus(struct rte_crypto_asym_xform *x)
{
	x->rsa.n.length = 1u << 20;
}

static void
bad_key_type(struct rte_crypto_asym_xform *x)
{
	x->rsa.key_type = (enum rte_crypto_rsa_priv_key_type)99;
}

static void
bad_type(struct rte_crypto_asym_xform *x)
{
	x->xform_type = RTE_CRYPTO_ASYM_XFORM_MODINV;
}

static void
bad_curve(struct rte_crypto_asym_xform *x)
{
	x->xform_type = RTE_CRYPTO_ASYM_XFORM_ECDSA;
	x->ec.curve_id = (enum rte_crypto_curve_id)999;
}

static const struct {
	const char *name;
	void (*spoil)(struct rte_crypto_asym_xform *x);
} bad_xforms[] = {
	{"no-modulus", no_modulus},
	{"null-modulus", null_modulus},
	{"no-exponent", no_exponent},
	{"huge-modulus", huge_modulus},
	{"key-type", bad_key_type},
	{"xform-type", bad_type},
	{"curve", bad_curve},
};

static enum test_result
run_bad_xform(const struct test_case *tc)
{
	const struct asym_rsa_key *const key = asym_rsa_key(1024);
	struct rte_crypto_asym_xform x;
	void *session = NULL;
	int ret;

	if (!asym_env.strict)
		return test_skip("only promised by crypto_virtio");
	ASYM_NEED(need_asym(RTE_CRYPTO_ASYM_XFORM_RSA, RTE_CRYPTO_ASYM_OP_SIGN));
	TEST_CHECK(key != NULL, "libcrypto makes no key");
	asym_rsa_xform(key, true, &x);
	bad_xforms[tc->n].spoil(&x);
	ret = asym_session_create(&x, &session);
	if (ret == 0) {
		asym_session_free(session);
		return test_fail("a session was made");
	}
	return TEST_PASS;
}

static void
null_message(struct rte_crypto_asym_op *op)
{
	op->rsa.message.data = NULL;
}

static void
empty_message(struct rte_crypto_asym_op *op)
{
	op->rsa.message.length = 0;
}

static void
long_message(struct rte_crypto_asym_op *op)
{
	op->rsa.message.length = 1u << 30;
}

static void
null_result(struct rte_crypto_asym_op *op)
{
	op->rsa.sign.data = NULL;
}

static void
bad_op(struct rte_crypto_asym_op *op)
{
	op->rsa.op_type = (enum rte_crypto_asym_op_type)77;
}

static void
oaep(struct rte_crypto_asym_op *op)
{
	op->rsa.padding.type = RTE_CRYPTO_RSA_PADDING_OAEP;
}

static void
bad_padding(struct rte_crypto_asym_op *op)
{
	op->rsa.padding.type = (enum rte_crypto_rsa_padding_type)55;
}

static void
bad_hash(struct rte_crypto_asym_op *op)
{
	op->rsa.padding.hash = RTE_CRYPTO_AUTH_AES_GMAC;
}

static void
short_digest(struct rte_crypto_asym_op *op)
{
	op->rsa.message.length = 31;
}

static const struct {
	const char *name;
	void (*spoil)(struct rte_crypto_asym_op *op);
} bad_ops[] = {
	{"null-message", null_message},
	{"empty-message", empty_message},
	{"long-message", long_message},
	{"null-result", null_result},
	{"op-type", bad_op},
	{"oaep", oaep},
	{"padding", bad_padding},
	{"hash", bad_hash},
	{"digest-length", short_digest},
};

/* A bad operation between good ones: it comes back with an error, they with success. */
static enum test_result
run_bad_op(const struct test_case *tc)
{
	const struct asym_rsa_key *const key = asym_rsa_key(1024);
	struct asym_job *jobs[3] = {NULL};
	uint8_t digest[32] = {3}, sig[128];
	struct rte_crypto_asym_xform x;
	enum test_result result = TEST_PASS;
	void *session;
	unsigned int i;

	if (!asym_env.strict)
		return test_skip("only promised by crypto_virtio");
	ASYM_NEED(need_asym(RTE_CRYPTO_ASYM_XFORM_RSA, RTE_CRYPTO_ASYM_OP_SIGN));
	TEST_CHECK(key != NULL && asym_rsa_choose(key, "sha256", false, digest, 32, sig),
			"libcrypto makes no key, or does not sign");
	asym_rsa_xform(key, true, &x);
	ASYM_NEED(asym_session(&x, &session));
	for (i = 0; i < RTE_DIM(jobs); i++) {
		jobs[i] = asym_job(session);
		TEST_CHECK(jobs[i] != NULL, "no memory");
		asym_job_rsa(jobs[i], RTE_CRYPTO_ASYM_OP_SIGN, RTE_CRYPTO_RSA_PADDING_PKCS1_5,
				"sha256", digest, 32, NULL, 0);
	}
	bad_ops[tc->n].spoil(jobs[1]->op->asym);
	result = asym_run(jobs, RTE_DIM(jobs));
	for (i = 0; result == TEST_PASS && i < RTE_DIM(jobs); i++)
		if ((jobs[i]->op->status == RTE_CRYPTO_OP_STATUS_SUCCESS) != (i != 1))
			result = test_fail("job %u: status %d", i, (int)jobs[i]->op->status);
	for (i = 0; i < RTE_DIM(jobs); i++)
		asym_job_free(jobs[i]);
	asym_session_free(session);
	return result;
}

static enum test_result
run_no_session(const struct test_case *tc)
{
	enum rte_crypto_op_status status;
	enum test_result result;
	uint8_t digest[32] = {4};
	struct asym_job *j;

	if (!asym_env.strict)
		return test_skip("only promised by crypto_virtio");
	j = asym_job(NULL);
	TEST_CHECK(j != NULL, "no memory");
	asym_job_rsa(j, RTE_CRYPTO_ASYM_OP_SIGN, RTE_CRYPTO_RSA_PADDING_PKCS1_5, "sha256", digest,
			32, NULL, 0);
	j->op->sess_type = tc->n != 0 ? RTE_CRYPTO_OP_SESSIONLESS : RTE_CRYPTO_OP_WITH_SESSION;
	j->op->asym->session = NULL;
	result = asym_run_one(j, &status);
	if (result == TEST_PASS && status == RTE_CRYPTO_OP_STATUS_SUCCESS)
		result = test_fail("signed with nobody's key");
	asym_job_free(j);
	return result;
}

void
suite_asym_negative(void)
{
	struct test_case tc = {.run = run_bad_xform};

	for (tc.n = 0; tc.n < RTE_DIM(bad_xforms); tc.n++)
		test_add(&tc, "xform/%s", bad_xforms[tc.n].name);
	tc.run = run_bad_op;
	for (tc.n = 0; tc.n < RTE_DIM(bad_ops); tc.n++)
		test_add(&tc, "op/%s", bad_ops[tc.n].name);
	tc.run = run_no_session;
	tc.n = 0;
	test_add(&tc, "op/no-session");
	tc.n = 1;
	test_add(&tc, "op/session-less");
}
