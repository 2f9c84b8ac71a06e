/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * RSA and ECDSA through the driver, against OpenSSL: results, keys in all forms that the API has,
 * and operations that cannot be.
 */

#include <openssl/rsa.h>

#include "asym_fixture.h"

#define SUCCESS RTE_CRYPTO_OP_STATUS_SUCCESS
#define ERROR RTE_CRYPTO_OP_STATUS_ERROR
#define INVALID_ARGS RTE_CRYPTO_OP_STATUS_INVALID_ARGS
#define INVALID_SESSION RTE_CRYPTO_OP_STATUS_INVALID_SESSION

#define EXP RTE_RSA_KEY_TYPE_EXP
#define QT RTE_RSA_KEY_TYPE_QT
#define NONE RTE_CRYPTO_RSA_PADDING_NONE
#define PKCS1 RTE_CRYPTO_RSA_PADDING_PKCS1_5

static const struct {
	enum rte_crypto_auth_algorithm algo;
	const char *name;
	size_t len;
} hashes[] = {
	{0, NULL, 20},
	{RTE_CRYPTO_AUTH_NULL, NULL, 36},
	{RTE_CRYPTO_AUTH_MD5, "MD5", 16},
	{RTE_CRYPTO_AUTH_SHA1, "SHA1", 20},
	{RTE_CRYPTO_AUTH_SHA224, "SHA224", 28},
	{RTE_CRYPTO_AUTH_SHA256, "SHA256", 32},
	{RTE_CRYPTO_AUTH_SHA384, "SHA384", 48},
	{RTE_CRYPTO_AUTH_SHA512, "SHA512", 64},
};

static const enum rte_crypto_curve_id curves[] = {
	RTE_CRYPTO_EC_GROUP_SECP192R1,
	RTE_CRYPTO_EC_GROUP_SECP224R1,
	RTE_CRYPTO_EC_GROUP_SECP256R1,
	RTE_CRYPTO_EC_GROUP_SECP384R1,
	RTE_CRYPTO_EC_GROUP_SECP521R1,
};

static void
sign_verify(struct dut *t, const struct asym_key *k, void *session, unsigned int h)
{
	uint8_t message[64], sig[ASYM_MAX_LEN];
	struct asym_op o;

	dut_pattern(message, sizeof(message));
	asym_rsa_op(&o, session, RTE_CRYPTO_ASYM_OP_SIGN, PKCS1, hashes[h].algo, message,
			hashes[h].len);
	assert_int_equal(asym_run(t, &o), SUCCESS);
	assert_int_equal(o.op->asym->rsa.sign.length, k->len);
	assert_int_equal(o.out[k->len], ASYM_UNTOUCHED);
	memcpy(sig, o.out, k->len);
	assert_true(asym_ref_rsa_verify(k, hashes[h].name, message, hashes[h].len, sig, k->len));
	asym_op_free(&o);

	asym_rsa_verify_op(&o, session, PKCS1, hashes[h].algo, message, hashes[h].len, sig, k->len);
	assert_int_equal(asym_run(t, &o), SUCCESS);
	/* The op again, with a wrong signature, then a wrong message. */
	o.out[k->len - 1] ^= 1;
	assert_int_equal(asym_run(t, &o), ERROR);
	o.out[k->len - 1] ^= 1;
	o.in[0] ^= 1;
	assert_int_equal(asym_run(t, &o), ERROR);
	o.in[0] ^= 1;
	assert_int_equal(asym_run(t, &o), SUCCESS);
	asym_op_free(&o);
}

static void
crypt_pkcs1(struct dut *t, const struct asym_key *k, void *session, size_t len)
{
	uint8_t message[ASYM_MAX_LEN], cipher[ASYM_MAX_LEN], plain[ASYM_MAX_LEN];
	struct asym_op o;

	dut_pattern(message, sizeof(message));
	asym_rsa_op(&o, session, RTE_CRYPTO_ASYM_OP_ENCRYPT, PKCS1, 0, message, len);
	assert_int_equal(asym_run(t, &o), SUCCESS);
	assert_int_equal(o.op->asym->rsa.cipher.length, k->len);
	memcpy(cipher, o.out, k->len);
	asym_op_free(&o);
	assert_int_equal(asym_ref_rsa_decrypt(k, RSA_PKCS1_PADDING, cipher, plain), len);
	assert_memory_equal(plain, message, len);

	asym_ref_rsa_encrypt(k, RSA_PKCS1_PADDING, message, len, cipher);
	asym_rsa_op(&o, session, RTE_CRYPTO_ASYM_OP_DECRYPT, PKCS1, 0, cipher, k->len);
	assert_int_equal(asym_run(t, &o), SUCCESS);
	assert_int_equal(o.op->asym->rsa.message.length, len);
	assert_memory_equal(o.out, message, len);
	assert_int_equal(o.out[len], ASYM_UNTOUCHED);
	asym_op_free(&o);
}

/* Powers of a number, which may be shorter than the modulus. */
static void
crypt_raw(struct dut *t, const struct asym_key *k, void *session, size_t len)
{
	uint8_t message[ASYM_MAX_LEN], padded[ASYM_MAX_LEN] = {0}, want[ASYM_MAX_LEN];
	struct asym_op o;

	dut_pattern(message, sizeof(message));
	message[0] = 1; /* below the modulus */
	memcpy(padded + k->len - len, message, len);
	asym_ref_rsa_encrypt(k, RSA_NO_PADDING, padded, k->len, want);
	asym_rsa_op(&o, session, RTE_CRYPTO_ASYM_OP_ENCRYPT, NONE, 0, message, len);
	assert_int_equal(asym_run(t, &o), SUCCESS);
	assert_int_equal(o.op->asym->rsa.cipher.length, k->len);
	assert_memory_equal(o.out, want, k->len);
	asym_op_free(&o);

	asym_rsa_op(&o, session, RTE_CRYPTO_ASYM_OP_DECRYPT, NONE, 0, want, k->len);
	assert_int_equal(asym_run(t, &o), SUCCESS);
	assert_int_equal(o.op->asym->rsa.message.length, k->len);
	assert_memory_equal(o.out, padded, k->len);
	asym_op_free(&o);

	asym_ref_rsa_decrypt(k, RSA_NO_PADDING, padded, want);
	asym_rsa_op(&o, session, RTE_CRYPTO_ASYM_OP_SIGN, NONE, 0, message, len);
	assert_int_equal(asym_run(t, &o), SUCCESS);
	assert_int_equal(o.op->asym->rsa.sign.length, k->len);
	assert_memory_equal(o.out, want, k->len);
	asym_op_free(&o);

	asym_rsa_verify_op(&o, session, NONE, 0, message, len, want, k->len);
	assert_int_equal(asym_run(t, &o), SUCCESS);
	/* The message as the signature has it, beside the comparison and instead of it. */
	o.op->asym->rsa.cipher.data = o.out2;
	assert_int_equal(asym_run(t, &o), SUCCESS);
	assert_int_equal(o.op->asym->rsa.cipher.length, k->len);
	assert_memory_equal(o.out2, padded, k->len);
	o.in[len - 1] ^= 1;
	assert_int_equal(asym_run(t, &o), ERROR);
	o.op->asym->rsa.cipher.data = NULL;
	assert_int_equal(asym_run(t, &o), ERROR);
	memset(o.out2, 0, sizeof(o.out2));
	o.op->asym->rsa.message.data = NULL;
	o.op->asym->rsa.cipher.data = o.out2;
	assert_int_equal(asym_run(t, &o), SUCCESS);
	assert_memory_equal(o.out2, padded, k->len);
	asym_op_free(&o);
}

static void
rsa_all(struct dut *t, const struct asym_key *k, enum rte_crypto_rsa_priv_key_type type)
{
	void *const session = asym_rsa_session(t, k, type, true);
	unsigned int h;

	assert_non_null(session);
	for (h = 0; h < RTE_DIM(hashes); h++)
		if (hashes[h].len + 19 + 11 <= k->len)
			sign_verify(t, k, session, h);
	crypt_pkcs1(t, k, session, 0);
	crypt_pkcs1(t, k, session, 1);
	crypt_pkcs1(t, k, session, k->len - 11);
	crypt_raw(t, k, session, k->len);
	crypt_raw(t, k, session, 20);
	asym_free_session(t, session);
}

static void
test_rsa(void **state)
{
	static const unsigned int bits[] = {512, 1024, 1032, 2048, 4096};
	unsigned int i;
	struct dut t;

	(void)state;
	dut_open(&t, NULL, NULL);
	dut_start(&t, 1, 64);
	for (i = 0; i < RTE_DIM(bits); i++) {
		rsa_all(&t, asym_rsa_key(bits[i]), QT);
		rsa_all(&t, asym_rsa_key(bits[i]), EXP);
	}
	dut_close(&t);
}

static void
ec_sign_verify(struct dut *t, const struct asym_key *k, void *session, size_t len)
{
	uint8_t digest[64], rs[2 * 66];
	struct asym_op o;

	dut_pattern(digest, sizeof(digest));
	asym_ec_sign_op(&o, session, k, digest, len);
	assert_int_equal(asym_run(t, &o), SUCCESS);
	assert_int_equal(o.op->asym->ecdsa.r.length, k->len);
	assert_int_equal(o.op->asym->ecdsa.s.length, k->len);
	assert_int_equal(o.out[k->len], ASYM_UNTOUCHED);
	assert_int_equal(o.out2[k->len], ASYM_UNTOUCHED);
	assert_true(asym_ref_ec_verify(k, digest, len, o.out, k->len, o.out2, k->len));
	asym_op_free(&o);

	asym_ref_ec_sign(k, digest, len, rs);
	asym_ec_verify_op(&o, session, k, digest, len, rs, k->len, rs + k->len, k->len);
	assert_int_equal(asym_run(t, &o), SUCCESS);
	o.in[0] ^= 1;
	assert_int_equal(asym_run(t, &o), ERROR);
	o.in[0] ^= 1;
	o.out[k->len - 1] ^= 1;
	assert_int_equal(asym_run(t, &o), ERROR);
	o.out[k->len - 1] ^= 1;
	o.out2[0] ^= 1;
	assert_int_equal(asym_run(t, &o), ERROR);
	o.out2[0] ^= 1;
	assert_int_equal(asym_run(t, &o), SUCCESS);
	asym_op_free(&o);
}

static void
test_ecdsa(void **state)
{
	unsigned int i, n;
	struct dut t;
	void *session;

	(void)state;
	dut_open(&t, NULL, NULL);
	dut_start(&t, 1, 64);
	for (i = 0; i < RTE_DIM(curves); i++) {
		session = asym_ec_session(&t, curves[i]);
		assert_non_null(session);
		/* So often that numbers with zeros in front come, and with a first bit set. */
		for (n = 0; n < 20; n++)
			ec_sign_verify(&t, asym_ec_key(curves[i]), session, 20 + n % 3 * 16);
		asym_free_session(&t, session);
	}
	dut_close(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rsa),
		cmocka_unit_test(test_ecdsa),
	};

	return cmocka_run_group_tests(tests, asym_setup, asym_teardown);
}
