/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * RSA: sizes of keys, both forms of private keys, paddings, digests; each operation against
 * libcrypto, in both directions, and what must not verify.
 *
 * A case's n is the key's bits, its layout the padding, its decrypt the form of the private key,
 * its ranges the digest.
 */

#include <string.h>

#include "asym.h"

#define RAW RTE_CRYPTO_RSA_PADDING_NONE
#define PKCS1 RTE_CRYPTO_RSA_PADDING_PKCS1_5
#define NO_HASH ASYM_NB_HASHES

struct rsa {
	const struct asym_rsa_key *key;
	void *session;
};

static enum test_result
open_key(const struct test_case *tc, enum rte_crypto_asym_op_type op, struct rsa *r)
{
	struct rte_crypto_asym_xform x;

	memset(r, 0, sizeof(*r));
	ASYM_NEED(need_asym(RTE_CRYPTO_ASYM_XFORM_RSA, op));
	ASYM_NEED(need_modulus((tc->n + 7) / 8));
	ASYM_NEED(need_key_form(!tc->decrypt));
	/* Other drivers sign what they are given, without DigestInfo. */
	if (tc->ranges != NO_HASH && !asym_env.strict)
		return test_skip("only promised by crypto_virtio");
	r->key = asym_rsa_key(tc->n);
	TEST_CHECK(r->key != NULL, "libcrypto makes no key of %u bits", tc->n);
	asym_rsa_xform(r->key, !tc->decrypt, &x);
	return asym_session(&x, &r->session);
}

static enum rte_crypto_rsa_padding_type
padding_of(const struct test_case *tc)
{
	return (enum rte_crypto_rsa_padding_type)tc->layout;
}

static const char *
hash_of(const struct test_case *tc)
{
	return tc->ranges == NO_HASH ? NULL : asym_hashes[tc->ranges];
}

/* What is signed: a digest, or any bytes that leave room for padding. */
static uint32_t
fill_digest(const struct test_case *tc, uint8_t *out)
{
	uint8_t msg[32];

	test_rand_fill(msg, sizeof(msg));
	if (hash_of(tc) != NULL)
		return asym_digest(hash_of(tc), msg, sizeof(msg), out);
	test_rand_fill(out, 36);
	return 36;
}

/* A number below the modulus, of its length. */
static void
fill_raw(const struct asym_rsa_key *k, uint8_t *out)
{
	test_rand_fill(out, k->len);
	out[0] = 0;
	out[1] &= 0x3f;
}

/*
 * Where the user says that the device refuses what the case needs: ask it, with what it would do
 * if it could. It is skipped when the device refuses. @return TEST_PASS: nobody says so.
 */
static enum test_result
may_refuse(const struct test_case *tc, enum rte_crypto_asym_op_type op)
{
	const bool raw = tc->layout == RAW;
	const char *const what = raw ? "raw" : hash_of(tc) != NULL ? hash_of(tc) : "none";
	uint8_t in[ASYM_RSA_MAX_LEN], sig[ASYM_RSA_MAX_LEN];
	enum rte_crypto_op_status status;
	enum test_result result;
	uint32_t len, sig_len;
	struct asym_job *j;
	struct rsa r;
	bool ok;

	/* Encryption has no digest. */
	if (!asym_may_refuse(what) || (!raw && (op == RTE_CRYPTO_ASYM_OP_ENCRYPT ||
			op == RTE_CRYPTO_ASYM_OP_DECRYPT)))
		return TEST_PASS;
	ASYM_NEED(open_key(tc, op, &r));
	len = sig_len = r.key->len;
	if (raw) {
		fill_raw(r.key, in);
		ok = asym_rsa_decrypt(r.key, true, in, len, sig, &sig_len);
	} else {
		len = fill_digest(tc, in);
		ok = asym_rsa_sign(r.key, hash_of(tc), in, len, sig);
	}
	j = asym_job(r.session);
	TEST_CHECK(ok && j != NULL, "libcrypto does not sign, or no memory");
	asym_job_rsa(j, op, padding_of(tc), hash_of(tc), in, len, sig, sig_len);
	result = asym_run_one(j, &status);
	asym_job_free(j);
	asym_session_free(r.session);
	ASYM_NEED(result);
	TEST_CHECK(status != RTE_CRYPTO_OP_STATUS_SUCCESS,
			"the device does not refuse %s, which is in --refuses", what);
	return test_skip("the device refuses %s: status %d", what, (int)status);
}

static enum test_result
sign_pkcs1(const struct test_case *tc, const struct rsa *r, struct asym_job *j)
{
	uint8_t digest[ASYM_DIGEST_MAX_LEN], sig[ASYM_RSA_MAX_LEN];
	const uint32_t len = fill_digest(tc, digest);
	enum rte_crypto_op_status status;

	TEST_CHECK(!asym_may_refuse("zeros") || asym_rsa_choose(r->key, hash_of(tc), false, digest,
			len, sig), "libcrypto does not sign");
	asym_job_rsa(j, RTE_CRYPTO_ASYM_OP_SIGN, PKCS1, hash_of(tc), digest, len, NULL, 0);
	ASYM_NEED(asym_run_one(j, &status));
	TEST_CHECK(status == RTE_CRYPTO_OP_STATUS_SUCCESS, "to sign: status %d", (int)status);
	TEST_CHECK(j->op->asym->rsa.sign.length == r->key->len, "a signature of %zu bytes",
			j->op->asym->rsa.sign.length);
	TEST_CHECK(asym_rsa_verify(r->key, hash_of(tc), digest, len, j->out.data, r->key->len),
			"libcrypto refuses the signature");
	return TEST_PASS;
}

static enum test_result
sign_raw(const struct rsa *r, struct asym_job *j)
{
	uint8_t in[ASYM_RSA_MAX_LEN], back[ASYM_RSA_MAX_LEN];
	enum rte_crypto_op_status status;
	uint32_t len;

	fill_raw(r->key, in);
	asym_job_rsa(j, RTE_CRYPTO_ASYM_OP_SIGN, RAW, NULL, in, r->key->len, NULL, 0);
	ASYM_NEED(asym_run_one(j, &status));
	TEST_CHECK(status == RTE_CRYPTO_OP_STATUS_SUCCESS, "to sign: status %d", (int)status);
	TEST_CHECK(asym_rsa_encrypt(r->key, true, j->out.data, r->key->len, back, &len) &&
			len == r->key->len && memcmp(in, back, len) == 0,
			"libcrypto reads something else in the signature");
	return TEST_PASS;
}

static enum test_result
run_sign(const struct test_case *tc)
{
	enum test_result result;
	struct asym_job *j;
	struct rsa r;

	ASYM_NEED(may_refuse(tc, RTE_CRYPTO_ASYM_OP_SIGN));
	ASYM_NEED(open_key(tc, RTE_CRYPTO_ASYM_OP_SIGN, &r));
	j = asym_job(r.session);
	result = j == NULL ? test_fail("no memory") :
			tc->layout == RAW ? sign_raw(&r, j) : sign_pkcs1(tc, &r, j);
	asym_job_free(j);
	asym_session_free(r.session);
	return result;
}

/* One signature, as it is and then spoiled in one place. */
static enum test_result
verify(const struct test_case *tc, const struct rsa *r, int spoil)
{
	uint8_t digest[ASYM_RSA_MAX_LEN], sig[ASYM_RSA_MAX_LEN];
	const char *const hash = hash_of(tc);
	enum rte_crypto_op_status status;
	enum test_result result;
	uint32_t len, sig_len = r->key->len;
	struct asym_job *j;
	bool ok;

	if (tc->layout == RAW) {
		fill_raw(r->key, digest);
		len = r->key->len;
		ok = asym_rsa_decrypt(r->key, true, digest, len, sig, &sig_len);
	} else {
		len = fill_digest(tc, digest);
		ok = asym_rsa_sign(r->key, hash, digest, len, sig);
	}
	TEST_CHECK(ok, "libcrypto does not sign");
	switch (spoil) {
	case 1:
		digest[test_rand_range(0, len - 1)] ^= 1;
		break;
	case 2:
		sig[test_rand_range(1, sig_len - 1)] ^= 0x10;
		break;
	case 3:
		sig_len--;
		break;
	case 4:
		memset(sig, 0, sig_len);
		break;
	}
	j = asym_job(r->session);
	TEST_CHECK(j != NULL, "no memory");
	asym_job_rsa(j, RTE_CRYPTO_ASYM_OP_VERIFY, padding_of(tc), hash,
			digest, len, sig, sig_len);
	result = asym_run_one(j, &status);
	if (result == TEST_PASS && (status == RTE_CRYPTO_OP_STATUS_SUCCESS) != (spoil == 0))
		result = test_fail("%s: status %d", spoil == 0 ? "a good signature" :
				"a spoiled signature", (int)status);
	asym_job_free(j);
	return result;
}

static enum test_result
run_verify(const struct test_case *tc)
{
	enum test_result result;
	struct rsa r;
	int spoil;

	ASYM_NEED(may_refuse(tc, RTE_CRYPTO_ASYM_OP_VERIFY));
	ASYM_NEED(open_key(tc, RTE_CRYPTO_ASYM_OP_VERIFY, &r));
	result = verify(tc, &r, 0);
	/* openssl's driver says SUCCESS to all of these. */
	for (spoil = 1; result == TEST_PASS && spoil <= (asym_env.strict ? 4 : 0); spoil++)
		result = verify(tc, &r, spoil);
	asym_session_free(r.session);
	return result;
}

static enum test_result
crypt(const struct test_case *tc, const struct rsa *r, bool decrypt, struct asym_job *j)
{
	const bool raw = tc->layout == RAW;
	uint8_t text[ASYM_RSA_MAX_LEN], c[ASYM_RSA_MAX_LEN], back[ASYM_RSA_MAX_LEN];
	const struct rte_crypto_rsa_op_param *const rsa = &j->op->asym->rsa;
	uint32_t len = r->key->len, c_len = 0, back_len = 0;
	enum rte_crypto_op_status status;
	unsigned int tries = 0;

	if (raw) {
		fill_raw(r->key, text);
	} else {
		len = test_rand_range(1, r->key->len - 11);
		test_rand_fill(text, len);
	}
	if (!decrypt) {
		/* Nobody knows beforehand which random padding gives a zero. */
		do {
			asym_job_rsa(j, RTE_CRYPTO_ASYM_OP_ENCRYPT, padding_of(tc),
					NULL, text, len, NULL, 0);
			ASYM_NEED(asym_run_one(j, &status));
		} while (status != RTE_CRYPTO_OP_STATUS_SUCCESS && !raw &&
				asym_may_refuse("zeros") && ++tries < 5);
		TEST_CHECK(status == RTE_CRYPTO_OP_STATUS_SUCCESS, "status %d", (int)status);
		TEST_CHECK(rsa->cipher.length == r->key->len, "a ciphertext of %zu bytes",
				rsa->cipher.length);
		TEST_CHECK(asym_rsa_decrypt(r->key, raw, j->out.data, r->key->len, back,
				&back_len) && back_len == len && memcmp(back, text, len) == 0,
				"libcrypto decrypts something else");
		return TEST_PASS;
	}
	TEST_CHECK(asym_rsa_encrypt(r->key, raw, text, len, c, &c_len), "libcrypto: encrypt");
	asym_job_rsa(j, RTE_CRYPTO_ASYM_OP_DECRYPT, padding_of(tc), NULL,
			c, c_len, NULL, 0);
	ASYM_NEED(asym_run_one(j, &status));
	TEST_CHECK(status == RTE_CRYPTO_OP_STATUS_SUCCESS, "status %d", (int)status);
	TEST_CHECK(rsa->message.length == len && memcmp(j->out.data, text, len) == 0,
			"another text, of %zu bytes and not %u", rsa->message.length, len);
	return TEST_PASS;
}

static enum test_result
run_crypt(const struct test_case *tc, bool decrypt)
{
	const enum rte_crypto_asym_op_type op = decrypt ? RTE_CRYPTO_ASYM_OP_DECRYPT :
			RTE_CRYPTO_ASYM_OP_ENCRYPT;
	enum test_result result;
	struct asym_job *j;
	struct rsa r;

	ASYM_NEED(may_refuse(tc, op));
	ASYM_NEED(open_key(tc, op, &r));
	j = asym_job(r.session);
	result = j == NULL ? test_fail("no memory") : crypt(tc, &r, decrypt, j);
	asym_job_free(j);
	asym_session_free(r.session);
	return result;
}

/*
 * Results that begin with a byte of 0. A padded signature is that of a digest that is searched for;
 * a raw one, or a ciphertext, is chosen, and what it is made of computed.
 */
static enum test_result
zero_first(const struct test_case *tc, enum rte_crypto_asym_op_type op, const struct rsa *r,
		struct asym_job *j)
{
	uint8_t in[ASYM_RSA_MAX_LEN], want[ASYM_RSA_MAX_LEN];
	const struct rte_crypto_rsa_op_param *const rsa = &j->op->asym->rsa;
	const rte_crypto_param *const out = op == RTE_CRYPTO_ASYM_OP_SIGN ? &rsa->sign :
			&rsa->cipher;
	uint32_t len = r->key->len;
	enum rte_crypto_op_status status;
	bool ok;

	if (tc->layout == PKCS1) {
		len = fill_digest(tc, in);
		ok = asym_rsa_choose(r->key, hash_of(tc), true, in, len, want);
	} else {
		fill_raw(r->key, want);
		ok = op == RTE_CRYPTO_ASYM_OP_SIGN ?
				asym_rsa_encrypt(r->key, true, want, len, in, &len) :
				asym_rsa_decrypt(r->key, true, want, len, in, &len);
	}
	TEST_CHECK(ok && want[0] == 0, "libcrypto finds no such number");
	asym_job_rsa(j, op, padding_of(tc), hash_of(tc), in, len, NULL, 0);
	ASYM_NEED(asym_run_one(j, &status));
	if (asym_may_refuse("zeros")) {
		TEST_CHECK(status != RTE_CRYPTO_OP_STATUS_SUCCESS,
				"the device does not refuse zeros, which is in --refuses");
		return test_skip("the device refuses zeros: status %d", (int)status);
	}
	TEST_CHECK(status == RTE_CRYPTO_OP_STATUS_SUCCESS, "status %d", (int)status);
	TEST_CHECK(out->length == r->key->len && memcmp(j->out.data, want, r->key->len) == 0,
			"not libcrypto's result, of %zu bytes", out->length);
	return TEST_PASS;
}

static enum test_result
run_zero_first(const struct test_case *tc, enum rte_crypto_asym_op_type op)
{
	enum test_result result;
	struct asym_job *j;
	struct rsa r;

	ASYM_NEED(may_refuse(tc, op));
	ASYM_NEED(open_key(tc, op, &r));
	j = asym_job(r.session);
	result = j == NULL ? test_fail("no memory") : zero_first(tc, op, &r, j);
	asym_job_free(j);
	asym_session_free(r.session);
	return result;
}

static enum test_result
run_sign_zero(const struct test_case *tc)
{
	return run_zero_first(tc, RTE_CRYPTO_ASYM_OP_SIGN);
}

static enum test_result
run_encrypt_zero(const struct test_case *tc)
{
	return run_zero_first(tc, RTE_CRYPTO_ASYM_OP_ENCRYPT);
}

static enum test_result
run_encrypt(const struct test_case *tc)
{
	return run_crypt(tc, false);
}

static enum test_result
run_decrypt(const struct test_case *tc)
{
	return run_crypt(tc, true);
}

/* Ciphertexts that no text with padding makes. */
static enum test_result
run_bad_padding(const struct test_case *tc)
{
	enum rte_crypto_op_status status;
	enum test_result result;
	uint8_t in[ASYM_RSA_MAX_LEN];
	struct asym_job *j;
	struct rsa r;

	if (!asym_env.strict)
		return test_skip("only promised by crypto_virtio");
	ASYM_NEED(open_key(tc, RTE_CRYPTO_ASYM_OP_DECRYPT, &r));
	j = asym_job(r.session);
	TEST_CHECK(j != NULL, "no memory");
	/* 1 to any power is 1, and no block of type 2. */
	memset(in, 0, sizeof(in));
	in[r.key->len - 1] = 1;
	asym_job_rsa(j, RTE_CRYPTO_ASYM_OP_DECRYPT, PKCS1, NULL, in, r.key->len, NULL, 0);
	result = asym_run_one(j, &status);
	if (result == TEST_PASS && status == RTE_CRYPTO_OP_STATUS_SUCCESS)
		result = test_fail("decrypted what has no padding");
	asym_job_free(j);
	asym_session_free(r.session);
	return result;
}

/* At a size at which the search for one takes no time. */
static void
add_zeros(struct test_case *tc, const char *form)
{
	tc->layout = RAW;
	tc->run = run_encrypt_zero;
	test_add(tc, "%u/%s/encrypt/raw/zero-first", tc->n, form);
	tc->run = run_sign_zero;
	test_add(tc, "%u/%s/sign/raw/zero-first", tc->n, form);
	tc->layout = PKCS1;
	tc->ranges = 3;
	test_add(tc, "%u/%s/sign/pkcs1/%s/zero-first", tc->n, form, asym_hashes[3]);
	tc->ranges = NO_HASH;
}

/* All digests at the customary size; one at each of the others. */
static void
add_signatures(struct test_case *tc, const char *form)
{
	unsigned int h;

	tc->layout = PKCS1;
	for (h = 0; h <= NO_HASH; h++) {
		if (tc->n != 2048 && h != 3 && h != NO_HASH && !(tc->n == 512 && h == 1))
			continue;
		if (tc->n == 512 && h == 3)
			continue; /* no room beside DigestInfo is asked for: 62 bytes are there */
		tc->ranges = (uint8_t)h;
		tc->run = run_sign;
		test_add(tc, "%u/%s/sign/pkcs1/%s", tc->n, form,
				h == NO_HASH ? "-" : asym_hashes[h]);
		tc->run = run_verify;
		test_add(tc, "%u/%s/verify/pkcs1/%s", tc->n, form,
				h == NO_HASH ? "-" : asym_hashes[h]);
	}
	tc->ranges = NO_HASH;
	tc->layout = RAW;
	tc->run = run_sign;
	test_add(tc, "%u/%s/sign/raw", tc->n, form);
	tc->run = run_verify;
	test_add(tc, "%u/%s/verify/raw", tc->n, form);
}

void
suite_rsa(void)
{
	static const uint32_t sizes[] = {512, 1000, 1024, 2048, 3072, 4096};
	static const char *const paddings[] = {[RAW] = "raw", [PKCS1] = "pkcs1"};
	struct test_case tc = {.ranges = NO_HASH};
	unsigned int i, exp;

	for (i = 0; i < RTE_DIM(sizes); i++) {
		tc.n = sizes[i];
		for (exp = 0; exp < 2; exp++) {
			const char *const form = exp ? "exp" : "qt";

			tc.decrypt = exp;
			add_signatures(&tc, form);
			if (tc.n == 1024)
				add_zeros(&tc, form);
			for (tc.layout = RAW; tc.layout <= PKCS1; tc.layout++) {
				tc.run = run_encrypt;
				test_add(&tc, "%u/%s/encrypt/%s", tc.n, form, paddings[tc.layout]);
				tc.run = run_decrypt;
				test_add(&tc, "%u/%s/decrypt/%s", tc.n, form, paddings[tc.layout]);
			}
			tc.run = run_bad_padding;
			test_add(&tc, "%u/%s/bad-padding", tc.n, form);
		}
	}
}
