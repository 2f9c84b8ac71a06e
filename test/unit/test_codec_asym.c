/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The asymmetric codec: keys against OpenSSL's DER; requests byte by byte at the specification's
 * offsets [virtio 5.9.9.2.1.5, 5.9.9.8]; and what becomes of answers, honest and not.
 */

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "unit_eal.h"

#include <errno.h>
#include <stdlib.h>

#include "virtio_codec_asym.h"

#define SUCCESS RTE_CRYPTO_OP_STATUS_SUCCESS
#define ERROR RTE_CRYPTO_OP_STATUS_ERROR
#define INVALID_ARGS RTE_CRYPTO_OP_STATUS_INVALID_ARGS
#define INVALID_SESSION RTE_CRYPTO_OP_STATUS_INVALID_SESSION
#define UNKNOWN UINT32_MAX
#define LEN 128 /* of the modulus in most tests */
#define POISON 0xa5

/* ---- keys ---- */

struct numbers {
	uint8_t mem[8][VCRYPTO_RSA_MAX_LEN + 4];
	size_t len[8];
};

static const char *const names[8] = {
	OSSL_PKEY_PARAM_RSA_N, OSSL_PKEY_PARAM_RSA_E, OSSL_PKEY_PARAM_RSA_D,
	OSSL_PKEY_PARAM_RSA_FACTOR1, OSSL_PKEY_PARAM_RSA_FACTOR2, OSSL_PKEY_PARAM_RSA_EXPONENT1,
	OSSL_PKEY_PARAM_RSA_EXPONENT2, OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
};

/* With so many zeros in front, as fixed fields of applications have them. */
static rte_crypto_uint
get_number(const EVP_PKEY *pkey, int i, struct numbers *n, size_t zeros)
{
	BIGNUM *bn = NULL;

	assert_int_equal(EVP_PKEY_get_bn_param(pkey, names[i], &bn), 1);
	n->len[i] = (size_t)BN_num_bytes(bn) + zeros;
	assert_int_equal(BN_bn2binpad(bn, n->mem[i], (int)n->len[i]), (int)n->len[i]);
	BN_clear_free(bn);
	return (rte_crypto_uint){.data = n->mem[i], .length = n->len[i]};
}

static void
rsa_xform(const EVP_PKEY *pkey, struct numbers *n, enum rte_crypto_rsa_priv_key_type type,
		size_t zeros, struct rte_crypto_rsa_xform *x)
{
	memset(x, 0, sizeof(*x));
	x->n = get_number(pkey, 0, n, zeros);
	x->e = get_number(pkey, 1, n, zeros);
	x->key_type = type;
	if (type == RTE_RSA_KEY_TYPE_EXP) {
		x->d = get_number(pkey, 2, n, zeros);
		return;
	}
	x->qt.p = get_number(pkey, 3, n, zeros);
	x->qt.q = get_number(pkey, 4, n, zeros);
	x->qt.dP = get_number(pkey, 5, n, zeros);
	x->qt.dQ = get_number(pkey, 6, n, zeros);
	x->qt.qInv = get_number(pkey, 7, n, zeros);
}

static uint8_t pub[VCRYPTO_RSA_PUBLIC_MAX + 1], priv[VCRYPTO_RSA_PRIVATE_MAX + 1];

/* A key in DER is one of OpenSSL's, too, in which it finds no fault. */
static void
check_private(const EVP_PKEY *pkey, size_t len)
{
	const uint8_t *p = priv;
	EVP_PKEY *got = d2i_PrivateKey(EVP_PKEY_RSA, NULL, &p, (long)len);
	EVP_PKEY_CTX *c;

	assert_non_null(got);
	assert_ptr_equal(p, priv + len);
	assert_int_equal(EVP_PKEY_eq(got, pkey), 1);
	c = EVP_PKEY_CTX_new(got, NULL);
	assert_int_equal(EVP_PKEY_pairwise_check(c), 1);
	EVP_PKEY_CTX_free(c);
	EVP_PKEY_free(got);
}

static void
test_rsa_keys(void **state)
{
	static const unsigned int bits[] = {512, 1024, 1025, 2048, 4096};
	static struct numbers n;
	struct rte_crypto_rsa_xform x;
	struct vcrypto_asym_key key;
	size_t pub_len, priv_len, i, zeros;
	uint8_t *der;
	int len;

	(void)state;
	for (i = 0; i < UNIT_DIM(bits); i++) {
		EVP_PKEY *pkey = EVP_RSA_gen(bits[i]);

		assert_non_null(pkey);
		for (zeros = 0; zeros < 3; zeros += 2) {
			rsa_xform(pkey, &n, RTE_RSA_KEY_TYPE_QT, zeros, &x);
			assert_int_equal(vcrypto_codec_rsa_keys("test", &x, &key, pub, &pub_len,
					priv, &priv_len), 0);
			assert_int_equal(key.algo, 1);
			assert_int_equal(key.len, (bits[i] + 7) / 8);
			check_private(pkey, priv_len);
			der = NULL;
			len = i2d_PublicKey(pkey, &der);
			assert_int_equal(len, pub_len);
			assert_memory_equal(der, pub, pub_len);
			OPENSSL_free(der);

			rsa_xform(pkey, &n, RTE_RSA_KEY_TYPE_EXP, zeros, &x);
			assert_int_equal(vcrypto_codec_rsa_keys("test", &x, &key, pub, &pub_len,
					priv, &priv_len), 0);
			check_private(pkey, priv_len);

			/* Of a public key nothing private. */
			memset(&x.d, 0, sizeof(x.d));
			assert_int_equal(vcrypto_codec_rsa_keys("test", &x, &key, pub, &pub_len,
					priv, &priv_len), 0);
			assert_int_equal(priv_len, 0);

			/* Numbers for the Chinese remainder theorem that were left out. */
			rsa_xform(pkey, &n, RTE_RSA_KEY_TYPE_QT, zeros, &x);
			memset(&x.qt.dP, 0, sizeof(x.qt.dP));
			x.qt.dQ.data = NULL;
			x.qt.qInv.length = 0;
			assert_int_equal(vcrypto_codec_rsa_keys("test", &x, &key, pub, &pub_len,
					priv, &priv_len), 0);
			check_private(pkey, priv_len);
		}
		EVP_PKEY_free(pkey);
	}
}

static void
test_rsa_no_keys(void **state)
{
	static uint8_t big[VCRYPTO_RSA_MAX_LEN + 2];
	static struct numbers n, m;
	EVP_PKEY *pkey = EVP_RSA_gen(1024), *other = EVP_RSA_gen(1024);
	struct rte_crypto_rsa_xform x, y;
	struct vcrypto_asym_key key;
	size_t a, b;

	(void)state;
	memset(big, 0xff, sizeof(big));
	pub[sizeof(pub) - 1] = POISON;
	priv[sizeof(priv) - 1] = POISON;
#define KEYS() vcrypto_codec_rsa_keys("test", &x, &key, pub, &a, priv, &b)
#define GOOD() rsa_xform(pkey, &n, RTE_RSA_KEY_TYPE_QT, 0, &x)
	GOOD();
	x.n.data = NULL;
	assert_int_equal(KEYS(), -EINVAL);
	GOOD();
	x.n.length = 0;
	assert_int_equal(KEYS(), -EINVAL);
	GOOD();
	x.e.length = 0;
	assert_int_equal(KEYS(), -EINVAL);
	GOOD();
	x.e = (rte_crypto_uint){.data = big, .length = sizeof(big)};
	assert_int_equal(KEYS(), -EINVAL);
	GOOD();
	x.e = (rte_crypto_uint){.data = big, .length = 40};
	assert_int_equal(KEYS(), -ENOTSUP);
	GOOD();
	x.n = (rte_crypto_uint){.data = big, .length = VCRYPTO_RSA_MAX_LEN + 1};
	assert_int_equal(KEYS(), -ENOTSUP);
	GOOD();
	rsa_xform(other, &m, RTE_RSA_KEY_TYPE_QT, 0, &y);
	x.qt.p = y.qt.p;
	assert_int_equal(KEYS(), -EINVAL);
	GOOD();
	x.qt.q.length = 0;
	assert_int_equal(KEYS(), -EINVAL);
	GOOD();
	x.qt.dP = (rte_crypto_uint){.data = big, .length = sizeof(big)};
	assert_int_equal(KEYS(), -EINVAL);
	GOOD();
	x.qt.qInv = (rte_crypto_uint){.data = big, .length = sizeof(big)};
	assert_int_equal(KEYS(), -EINVAL);
	/* The largest numbers that pass the check have room. */
	GOOD();
	x.n = (rte_crypto_uint){.data = big, .length = VCRYPTO_RSA_MAX_LEN};
	memset(&x.qt, 0, sizeof(x.qt));
	assert_int_equal(KEYS(), 0);
	assert_int_equal(key.len, VCRYPTO_RSA_MAX_LEN);
	assert_int_equal(pub[sizeof(pub) - 1], POISON);
	assert_int_equal(priv[sizeof(priv) - 1], POISON);
	EVP_PKEY_free(pkey);
	EVP_PKEY_free(other);
}

static const struct {
	uint8_t id;
	enum rte_crypto_curve_id curve;
	const char *name;
	int nid;
	size_t len;
} curves[] = {
	{1, RTE_CRYPTO_EC_GROUP_SECP192R1, "prime192v1", NID_X9_62_prime192v1, 24},
	{2, RTE_CRYPTO_EC_GROUP_SECP224R1, "secp224r1", NID_secp224r1, 28},
	{3, RTE_CRYPTO_EC_GROUP_SECP256R1, "prime256v1", NID_X9_62_prime256v1, 32},
	{4, RTE_CRYPTO_EC_GROUP_SECP384R1, "secp384r1", NID_secp384r1, 48},
	{5, RTE_CRYPTO_EC_GROUP_SECP521R1, "secp521r1", NID_secp521r1, 66},
};

static void
test_ec_keys(void **state)
{
	uint8_t out[VCRYPTO_EC_KEY_MAX], d[70], x[70], y[70], point[140];
	struct rte_crypto_ec_point q;
	rte_crypto_uint number;
	size_t i, len, point_len;
	const uint8_t *p;

	(void)state;
	for (i = 0; i < UNIT_DIM(curves); i++) {
		EVP_PKEY *pkey = EVP_EC_gen(curves[i].name), *got;
		BIGNUM *bd = NULL, *bx = NULL, *by = NULL;

		assert_non_null(pkey);
		EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_PRIV_KEY, &bd);
		EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_EC_PUB_X, &bx);
		EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_EC_PUB_Y, &by);
		/* As few bytes as there are, and with zeros in front. */
		number = (rte_crypto_uint){.data = d, .length = (size_t)BN_bn2bin(bd, d)};
		len = vcrypto_codec_ec_private(curves[i].id, &number, out);
		assert_true(len > 0);
		p = out;
		got = d2i_PrivateKey(EVP_PKEY_EC, NULL, &p, (long)len);
		assert_non_null(got);
		assert_ptr_equal(p, out + len);
		assert_int_equal(EVP_PKEY_eq(got, pkey), 1);
		EVP_PKEY_free(got);

		q.x = (rte_crypto_uint){.data = x, .length = (size_t)BN_bn2binpad(bx, x, 70)};
		q.y = (rte_crypto_uint){.data = y, .length = (size_t)BN_bn2bin(by, y)};
		len = vcrypto_codec_ec_public(curves[i].id, &q, out);
		EVP_PKEY_get_octet_string_param(pkey, OSSL_PKEY_PARAM_PUB_KEY, point,
				sizeof(point), &point_len);
		assert_int_equal(len, 1 + 2 * curves[i].len);
		assert_int_equal(point_len, len);
		assert_memory_equal(out, point, len);

		/* What is too long for the curve, or nothing. */
		memset(d, 0xff, sizeof(d));
		number.length = curves[i].len + 1;
		assert_int_equal(vcrypto_codec_ec_private(curves[i].id, &number, out), 0);
		number.length = 0;
		assert_int_equal(vcrypto_codec_ec_private(curves[i].id, &number, out), 0);
		number = (rte_crypto_uint){.data = NULL, .length = 8};
		assert_int_equal(vcrypto_codec_ec_private(curves[i].id, &number, out), 0);
		memset(d, 0, sizeof(d));
		number = (rte_crypto_uint){.data = d, .length = 24};
		assert_int_equal(vcrypto_codec_ec_private(curves[i].id, &number, out), 0);
		memset(y, 0xff, sizeof(y));
		q.y.length = curves[i].len + 1;
		assert_int_equal(vcrypto_codec_ec_public(curves[i].id, &q, out), 0);
		q.y.data = NULL;
		assert_int_equal(vcrypto_codec_ec_public(curves[i].id, &q, out), 0);
		BN_free(bd);
		BN_free(bx);
		BN_free(by);
		EVP_PKEY_free(pkey);
	}
	assert_int_equal(vcrypto_codec_ec_private(0, &number, out), 0);
	assert_int_equal(vcrypto_codec_ec_private(6, &number, out), 0);
}

/* [virtio 5.9.9.2.1.5]: header, algorithm, type and length of the key, the algorithm's own. */
static void
test_create(void **state)
{
	static const struct vcrypto_asym_key rsa = {.algo = 1, .len = LEN};
	static const struct vcrypto_asym_key ec = {.algo = 2, .curve = 5, .len = 66};
	struct vcrypto_asym_use use = {.private = 1, .padding = 1, .hash = 7};
	const uint8_t der[77] = {0x30};
	struct vcrypto_asym_create c;
	const uint8_t *const b = (const uint8_t *)&c.req;
	size_t i;

	(void)state;
	memset(&c, POISON, sizeof(c));
	vcrypto_codec_asym_create(&c, &rsa, &use, 1, der, sizeof(der));
	assert_int_equal(sizeof(c.req), 72);
	assert_int_equal(get32(b, 0), 0x0404);
	assert_int_equal(get32(b, 4), 1);
	assert_int_equal(get32(b, 8), 0);
	assert_int_equal(get32(b, 12), 0);
	assert_int_equal(get32(b, 16), 1);
	assert_int_equal(get32(b, 20), 2); /* private */
	assert_int_equal(get32(b, 24), sizeof(der));
	assert_int_equal(get32(b, 28), 1); /* PKCS#1 */
	assert_int_equal(get32(b, 32), 7); /* SHA-384 */
	for (i = 36; i < 72; i++)
		assert_int_equal(b[i], 0);
	assert_ptr_equal(c.key, der);
	assert_int_equal(c.key_len, sizeof(der));

	use = (struct vcrypto_asym_use){.private = 0};
	vcrypto_codec_asym_create(&c, &ec, &use, 3, der, 5);
	assert_int_equal(get32(b, 0), 0x0404);
	assert_int_equal(get32(b, 4), 3); /* Linux's number */
	assert_int_equal(get32(b, 16), 3);
	assert_int_equal(get32(b, 20), 1); /* public */
	assert_int_equal(get32(b, 24), 5);
	assert_int_equal(get32(b, 28), 5); /* P-521 */
	for (i = 32; i < 72; i++)
		assert_int_equal(b[i], 0);
}

/* ---- requests ---- */

static uint8_t buf[VCRYPTO_ASYM_BUF_LEN + 1];
static uint8_t message[2100], cipher[2100], sign[2100];

/* An RSA op with room for everything. */
static struct rte_crypto_asym_op
rsa_op(enum rte_crypto_asym_op_type type, enum rte_crypto_rsa_padding_type padding,
		enum rte_crypto_auth_algorithm hash, size_t in_len)
{
	struct rte_crypto_asym_op op;

	memset(&op, 0, sizeof(op));
	op.rsa.op_type = type;
	op.rsa.padding.type = padding;
	op.rsa.padding.hash = hash;
	op.rsa.message.data = message;
	op.rsa.cipher.data = cipher;
	op.rsa.sign.data = sign;
	switch (type) {
	case RTE_CRYPTO_ASYM_OP_DECRYPT:
		op.rsa.cipher.length = in_len;
		break;
	case RTE_CRYPTO_ASYM_OP_VERIFY:
		op.rsa.message.length = in_len;
		op.rsa.sign.length = LEN;
		break;
	default:
		op.rsa.message.length = in_len;
		break;
	}
	return op;
}

static const struct vcrypto_asym_key rsa_key = {.algo = 1, .len = LEN};
static struct vcrypto_asym_request rq;

static int
fill(const struct vcrypto_asym_key *key, const struct rte_crypto_asym_op *op, bool lengths)
{
	int ret;

	memset(buf, 0, sizeof(buf));
	buf[sizeof(buf) - 1] = POISON;
	ret = vcrypto_codec_asym_fill(key, op, lengths, buf, &rq);
	assert_int_equal(buf[sizeof(buf) - 1], POISON);
	return ret;
}

#define ENC RTE_CRYPTO_ASYM_OP_ENCRYPT
#define DEC RTE_CRYPTO_ASYM_OP_DECRYPT
#define SIGN RTE_CRYPTO_ASYM_OP_SIGN
#define VERIFY RTE_CRYPTO_ASYM_OP_VERIFY
#define NONE RTE_CRYPTO_RSA_PADDING_NONE
#define PKCS1 RTE_CRYPTO_RSA_PADDING_PKCS1_5

/* What each op becomes: which request, of which session, of how many bytes. */
static void
test_rsa_plan(void **state)
{
	static const struct {
		enum rte_crypto_asym_op_type type;
		enum rte_crypto_rsa_padding_type padding;
		enum rte_crypto_auth_algorithm hash;
		size_t in;
		uint8_t op, private, raw, hash_id;
		uint16_t src, data, dst;
	} plans[] = {
		{ENC, PKCS1, RTE_CRYPTO_AUTH_SHA512, 20, 0, 0, 0, 5, 20, 0, LEN},
		{ENC, PKCS1, 0, 0, 0, 0, 0, 5, 0, 0, LEN},
		{ENC, PKCS1, 0, LEN - 11, 0, 0, 0, 5, LEN - 11, 0, LEN},
		{DEC, PKCS1, RTE_CRYPTO_AUTH_SHA3_256, LEN, 1, 1, 0, 5, LEN, 0, LEN},
		{SIGN, PKCS1, 0, 20, 2, 1, 0, 0, 20, 0, LEN},
		{SIGN, PKCS1, RTE_CRYPTO_AUTH_NULL, LEN - 11, 2, 1, 0, 0, LEN - 11, 0, LEN},
		{SIGN, PKCS1, RTE_CRYPTO_AUTH_MD5, 16, 2, 1, 0, 4, 16, 0, LEN},
		{SIGN, PKCS1, RTE_CRYPTO_AUTH_SHA1, 20, 2, 1, 0, 5, 20, 0, LEN},
		{SIGN, PKCS1, RTE_CRYPTO_AUTH_SHA256, 32, 2, 1, 0, 6, 32, 0, LEN},
		{SIGN, PKCS1, RTE_CRYPTO_AUTH_SHA384, 48, 2, 1, 0, 7, 48, 0, LEN},
		{SIGN, PKCS1, RTE_CRYPTO_AUTH_SHA512, 64, 2, 1, 0, 8, 64, 0, LEN},
		{SIGN, PKCS1, RTE_CRYPTO_AUTH_SHA224, 28, 2, 1, 0, 9, 28, 0, LEN},
		{VERIFY, PKCS1, RTE_CRYPTO_AUTH_SHA256, 32, 3, 0, 0, 6, LEN, 32, 0},
		{VERIFY, PKCS1, 0, 11, 3, 0, 0, 0, LEN, 11, 0},
		/* [virtio 5.9.9.2.1.5] sessions without padding MUST NOT sign or verify. */
		{ENC, NONE, RTE_CRYPTO_AUTH_SHA1, 5, 0, 0, 1, 0, LEN, 0, LEN},
		{DEC, NONE, 0, LEN, 1, 1, 1, 0, LEN, 0, LEN},
		{SIGN, NONE, 0, 20, 1, 1, 1, 0, LEN, 0, LEN},
		{VERIFY, NONE, 0, 20, 0, 0, 1, 0, LEN, 0, LEN},
	};
	struct rte_crypto_asym_op op;
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(message); i++)
		message[i] = cipher[i] = sign[i] = (uint8_t)(i + 1);
	for (i = 0; i < UNIT_DIM(plans); i++) {
		const uint8_t *const in = plans[i].type == DEC ? cipher :
			plans[i].type == VERIFY ? sign : message;
		const size_t in_len = plans[i].type == VERIFY ? LEN : plans[i].in;

		op = rsa_op(plans[i].type, plans[i].padding, plans[i].hash, plans[i].in);
		assert_int_equal(fill(&rsa_key, &op, true), 0);
		assert_int_equal(rq.op, plans[i].op);
		assert_int_equal(rq.use.private, plans[i].private);
		assert_int_equal(rq.use.padding, !plans[i].raw);
		assert_int_equal(rq.use.hash, plans[i].hash_id);
		assert_int_equal(rq.src_len, plans[i].src);
		assert_int_equal(rq.data_len, plans[i].data);
		assert_int_equal(rq.dst_len, plans[i].dst);
		/* The source, on the right. */
		assert_memory_equal(buf + rq.src_len - in_len, in, in_len);
		for (k = 0; k < rq.src_len - in_len; k++)
			assert_int_equal(buf[k], 0);
		assert_memory_equal(buf + 2048, message, rq.data_len);
		for (k = 0; k < rq.dst_len; k++)
			assert_int_equal(buf[2048 + k], POISON);
	}
	/* Where the device says no lengths, it decrypts without looking at the padding. */
	op = rsa_op(DEC, PKCS1, 0, LEN);
	assert_int_equal(fill(&rsa_key, &op, false), 0);
	assert_int_equal(rq.op, 1);
	assert_int_equal(rq.use.padding, 0);
	assert_int_equal(rq.use.hash, 0);
	assert_int_equal(rq.after, VCRYPTO_ASYM_UNPAD);
}

/* Ops that cannot be sent. */
static void
test_rsa_bad(void **state)
{
	static const struct vcrypto_asym_key small = {.algo = 1, .len = 64};
	struct rte_crypto_asym_op op;

	(void)state;
#define BAD(ret, t, p, h, len, ...) do { \
	op = rsa_op(t, p, h, len); \
	__VA_ARGS__; \
	assert_int_equal(fill(&rsa_key, &op, true), ret); \
} while (0)
	BAD(INVALID_ARGS, ENC, PKCS1, 0, LEN - 10, );
	BAD(INVALID_ARGS, ENC, PKCS1, 0, SIZE_MAX, );
	BAD(INVALID_ARGS, ENC, PKCS1, 0, 1, op.rsa.message.data = NULL);
	BAD(INVALID_ARGS, ENC, PKCS1, 0, 1, op.rsa.cipher.data = NULL);
	BAD(INVALID_ARGS, ENC, PKCS1, 0, 1, op.rsa.cipher.length = LEN - 1);
	BAD(0, ENC, PKCS1, 0, 1, op.rsa.cipher.length = LEN);
	BAD(INVALID_ARGS, ENC, RTE_CRYPTO_RSA_PADDING_OAEP, 0, 1, );
	BAD(INVALID_ARGS, SIGN, RTE_CRYPTO_RSA_PADDING_PSS, 0, 20, );
	BAD(INVALID_ARGS, SIGN, 99, 0, 20, );
	BAD(INVALID_ARGS, 99, PKCS1, 0, 20, );
	BAD(INVALID_ARGS, 99, NONE, 0, 20, );
	/* [RFC 8017, 7.2.2] a ciphertext is as long as the modulus. */
	BAD(ERROR, DEC, PKCS1, 0, 0, );
	BAD(ERROR, DEC, PKCS1, 0, LEN - 1, );
	BAD(ERROR, DEC, PKCS1, 0, LEN + 1, );
	BAD(ERROR, DEC, PKCS1, 0, SIZE_MAX, );
	BAD(INVALID_ARGS, DEC, PKCS1, 0, LEN, op.rsa.cipher.data = NULL);
	BAD(INVALID_ARGS, DEC, PKCS1, 0, LEN, op.rsa.message.data = NULL);
	BAD(INVALID_ARGS, SIGN, PKCS1, 0, 0, );
	BAD(INVALID_ARGS, SIGN, PKCS1, 0, LEN - 10, );
	BAD(INVALID_ARGS, SIGN, PKCS1, RTE_CRYPTO_AUTH_SHA256, 31, );
	BAD(INVALID_ARGS, SIGN, PKCS1, RTE_CRYPTO_AUTH_SHA256, 33, );
	BAD(INVALID_ARGS, SIGN, PKCS1, RTE_CRYPTO_AUTH_SHA3_256, 32, );
	BAD(INVALID_ARGS, SIGN, PKCS1, 0, 20, op.rsa.sign.data = NULL);
	BAD(INVALID_ARGS, SIGN, PKCS1, 0, 20, op.rsa.sign.length = 1);
	BAD(INVALID_ARGS, VERIFY, PKCS1, 0, 20, op.rsa.sign.data = NULL);
	BAD(INVALID_ARGS, VERIFY, PKCS1, 0, 20, op.rsa.sign.length = LEN + 1);
	BAD(INVALID_ARGS, VERIFY, PKCS1, 0, 20, op.rsa.sign.length = 0);
	BAD(INVALID_ARGS, VERIFY, PKCS1, 0, 20, op.rsa.message.data = NULL);
	/* A number that would be the signature's, but not as many bytes. */
	BAD(ERROR, VERIFY, PKCS1, 0, 20, op.rsa.sign.length = LEN - 1);
	BAD(INVALID_ARGS, ENC, NONE, 0, 0, );
	BAD(INVALID_ARGS, ENC, NONE, 0, LEN + 1, );
	BAD(INVALID_ARGS, ENC, NONE, 0, LEN, op.rsa.cipher.length = 1);
	BAD(INVALID_ARGS, SIGN, NONE, 0, LEN, op.rsa.sign.data = NULL);
	BAD(INVALID_ARGS, DEC, NONE, 0, LEN, op.rsa.message.length = LEN - 1);
	BAD(INVALID_ARGS, VERIFY, NONE, 0, LEN, op.rsa.message.data = NULL;
		op.rsa.cipher.data = NULL);
	BAD(INVALID_ARGS, VERIFY, NONE, 0, LEN + 1, );
	BAD(INVALID_ARGS, VERIFY, NONE, 0, LEN, op.rsa.cipher.length = 5);
	/* SHA-512 does not fit 512 bits. */
	op = rsa_op(SIGN, PKCS1, RTE_CRYPTO_AUTH_SHA512, 64);
	assert_int_equal(fill(&small, &op, true), INVALID_ARGS);
}

static struct rte_crypto_asym_op
ec_op(enum rte_crypto_asym_op_type type, size_t len)
{
	static uint8_t d[] = {7}, x[] = {1, 2}, y[] = {3};
	struct rte_crypto_asym_op op;

	memset(&op, 0, sizeof(op));
	op.ecdsa.op_type = type;
	op.ecdsa.message.data = message;
	op.ecdsa.message.length = len;
	op.ecdsa.r.data = cipher;
	op.ecdsa.s.data = sign;
	if (type == VERIFY)
		op.ecdsa.r.length = op.ecdsa.s.length = 32;
	op.ecdsa.pkey = (rte_crypto_uint){.data = d, .length = sizeof(d)};
	op.ecdsa.q.x = (rte_crypto_uint){.data = x, .length = sizeof(x)};
	op.ecdsa.q.y = (rte_crypto_uint){.data = y, .length = sizeof(y)};
	return op;
}

static const struct vcrypto_asym_key ec_key = {.algo = 2, .curve = 3, .len = 32};

static void
test_ec_plan(void **state)
{
	static const uint8_t der[] = {
		0x30, 0x08, 0x02, 0x02, 0x00, 0x80, 0x02, 0x02, 0x01, 0x00,
	};
	struct rte_crypto_asym_op op;
	size_t i;

	(void)state;
	op = ec_op(SIGN, 32);
	assert_int_equal(fill(&ec_key, &op, true), 0);
	assert_int_equal(rq.op, 2);
	assert_int_equal(rq.use.private, 1);
	assert_int_equal(rq.src_len, 32);
	assert_memory_equal(buf, message, 32);
	/* [virtio 5.9.9.8] 72 bytes or more for P-256. */
	assert_int_equal(rq.dst_len, 72);
	assert_int_equal(rq.data_len, 0);
	op.ecdsa.r.length = 31;
	assert_int_equal(fill(&ec_key, &op, true), INVALID_ARGS);

	op = ec_op(VERIFY, 20);
	memset(cipher, 0, 32);
	memset(sign, 0, 32);
	cipher[31] = 0x80;
	sign[30] = 1;
	assert_int_equal(fill(&ec_key, &op, true), 0);
	assert_int_equal(rq.op, 3);
	assert_int_equal(rq.use.private, 0);
	assert_int_equal(rq.src_len, sizeof(der));
	assert_memory_equal(buf, der, sizeof(der));
	assert_int_equal(rq.data_len, 20);
	assert_memory_equal(buf + 2048, message, 20);
	assert_int_equal(rq.dst_len, 0);

#define EC_BAD(t, len, ...) do { \
	op = ec_op(t, len); \
	__VA_ARGS__; \
	assert_int_equal(fill(&ec_key, &op, true), INVALID_ARGS); \
} while (0)
	memset(cipher, 0xff, sizeof(cipher));
	EC_BAD(SIGN, 0, );
	EC_BAD(SIGN, SIZE_MAX, );
	EC_BAD(SIGN, 20, op.ecdsa.message.data = NULL);
	EC_BAD(SIGN, 20, op.ecdsa.r.data = NULL);
	EC_BAD(SIGN, 20, op.ecdsa.s.data = NULL);
	EC_BAD(ENC, 20, );
	EC_BAD(DEC, 20, );
	EC_BAD(77, 20, );
	EC_BAD(VERIFY, 20, op.ecdsa.r.length = 0);
	EC_BAD(VERIFY, 20, op.ecdsa.r.length = 33);
	EC_BAD(VERIFY, 20, op.ecdsa.r.length = 2000);
	EC_BAD(VERIFY, 20, op.ecdsa.s.data = NULL);
	EC_BAD(SIGN, 20, op.ecdsa.pkey.length = 0);
	EC_BAD(SIGN, 20, op.ecdsa.pkey.data = cipher; op.ecdsa.pkey.length = 33);
	EC_BAD(VERIFY, 20, op.ecdsa.q.x.data = NULL);
	EC_BAD(VERIFY, 20, op.ecdsa.q.y.data = cipher; op.ecdsa.q.y.length = 33);
	/* Room for the largest signature of each curve [virtio 5.9.9.8]. */
	for (i = 0; i < UNIT_DIM(curves); i++) {
		static const uint16_t least[] = {56, 64, 72, 104, 139};
		const struct vcrypto_asym_key key = {.algo = 2, .curve = curves[i].id,
			.len = (uint16_t)curves[i].len};

		op = ec_op(SIGN, 20);
		assert_int_equal(fill(&key, &op, true), 0);
		assert_true(rq.dst_len >= least[i] && rq.dst_len <= least[i] + 2);
	}
}

static const struct vcrypto_desc_fmt split = {1, 3, 0x10000, 2};

static void
encode(const struct vcrypto_asym_key *key, const struct vcrypto_asym_target *t,
		struct vcrypto_slot *slot, struct vcrypto_slot_priv *sp)
{
	memset(slot, POISON, sizeof(*slot));
	slot->status = 0;
	memset(sp, 0, sizeof(*sp));
	sp->slot = slot;
	sp->iova = 0x100000;
	sp->serial = 4;
	vcrypto_codec_asym_encode(key, &rq, t, 0x200000, sp, &split);
	assert_int_equal(sp->serial, 0);
	assert_int_equal(slot->status, POISON);
}

static void
check_desc(const struct vcrypto_slot *slot, int i, uint64_t addr, uint32_t len, uint16_t flags)
{
	const uint8_t *const d = (const uint8_t *)&slot->table[i];

	assert_int_equal(get64(d, 0), addr);
	assert_int_equal(get32(d, 8), len);
	assert_int_equal(d[12] | d[13] << 8, flags);
}

/* [virtio 5.9.9.8]: header, lengths; source; destination, status. */
static void
test_request(void **state)
{
	struct vcrypto_asym_target t = {.algo = 1, .session = 0x123456789abcdef0};
	struct rte_crypto_asym_op op = rsa_op(SIGN, PKCS1, RTE_CRYPTO_AUTH_SHA256, 32);
	struct vcrypto_slot slot;
	struct vcrypto_slot_priv sp;
	const uint8_t *const b = (const uint8_t *)&slot;
	size_t i;

	(void)state;
	assert_int_equal(fill(&rsa_key, &op, true), 0);
	encode(&rsa_key, &t, &slot, &sp);
	assert_int_equal(get32(b, 0), 0x0402);
	assert_int_equal(get32(b, 4), 1);
	assert_int_equal(get64(b, 8), 0x123456789abcdef0);
	assert_int_equal(get32(b, 16), 1); /* session mode */
	assert_int_equal(get32(b, 20), 0);
	assert_int_equal(get32(b, 24), 32);
	assert_int_equal(get32(b, 28), LEN);
	for (i = 32; i < 72; i++)
		assert_int_equal(b[i], 0);
	assert_int_equal(sp.nb_desc, 4);
	check_desc(&slot, 0, 0x100000, 72, 1); /* padded without REVISION_1 */
	check_desc(&slot, 1, 0x200000, 32, 1);
	check_desc(&slot, 2, 0x200000 + 2048, LEN, 3);
	check_desc(&slot, 3, 0x100000 + 192, 1, 2);
	t.revision_1 = true;
	encode(&rsa_key, &t, &slot, &sp);
	check_desc(&slot, 0, 0x100000, 32, 1);

	/* To verify: signature, signed data, nothing but the status to write. */
	op = rsa_op(VERIFY, PKCS1, RTE_CRYPTO_AUTH_SHA256, 32);
	assert_int_equal(fill(&rsa_key, &op, true), 0);
	encode(&rsa_key, &t, &slot, &sp);
	assert_int_equal(get32(b, 0), 0x0403);
	assert_int_equal(get32(b, 24), LEN);
	assert_int_equal(get32(b, 28), 32);
	assert_int_equal(sp.nb_desc, 4);
	check_desc(&slot, 1, 0x200000, LEN, 1);
	check_desc(&slot, 2, 0x200000 + 2048, 32, 1);
	check_desc(&slot, 3, 0x100000 + 192, 1, 2);

	/* Of nothing: no descriptor of no bytes. */
	op = rsa_op(ENC, PKCS1, 0, 0);
	assert_int_equal(fill(&rsa_key, &op, true), 0);
	encode(&rsa_key, &t, &slot, &sp);
	assert_int_equal(get32(b, 0), 0x0400);
	assert_int_equal(sp.nb_desc, 3);
	check_desc(&slot, 1, 0x200000 + 2048, LEN, 3);

	/* Stateless: flag 0, the session's parameters, the key in front of the source. */
	op = rsa_op(SIGN, PKCS1, RTE_CRYPTO_AUTH_SHA512, 64);
	assert_int_equal(fill(&rsa_key, &op, true), 0);
	t.stateless = true;
	t.key_iova = 0x300000;
	t.key_len = 611;
	encode(&rsa_key, &t, &slot, &sp);
	assert_int_equal(get32(b, 0), 0x0402);
	assert_int_equal(get64(b, 8), 0);
	assert_int_equal(get32(b, 16), 0);
	assert_int_equal(get32(b, 24), 1);
	assert_int_equal(get32(b, 28), 2);
	assert_int_equal(get32(b, 32), 611);
	assert_int_equal(get32(b, 36), 1);
	assert_int_equal(get32(b, 40), 8);
	assert_int_equal(get32(b, 44), 64);
	assert_int_equal(get32(b, 48), LEN);
	assert_int_equal(sp.nb_desc, 5);
	check_desc(&slot, 0, 0x100000, 52, 1);
	check_desc(&slot, 1, 0x300000, 611, 1);
	check_desc(&slot, 2, 0x200000, 64, 1);
	check_desc(&slot, 3, 0x200000 + 2048, LEN, 3);

	op = ec_op(SIGN, 20);
	assert_int_equal(fill(&ec_key, &op, true), 0);
	t.algo = 3;
	encode(&ec_key, &t, &slot, &sp);
	assert_int_equal(get32(b, 4), 3);
	assert_int_equal(get32(b, 24), 3);
	assert_int_equal(get32(b, 36), 3); /* P-256 */
	assert_int_equal(get32(b, 40), 0);
	assert_int_equal(get32(b, 44), 20);
	assert_int_equal(get32(b, 48), 72);
}

/* ---- answers ---- */

static int
answer(struct rte_crypto_asym_op *op, uint8_t status, uint32_t used)
{
	return vcrypto_codec_asym_done(&rq, status, used, buf, op);
}

/* No status but OK is a success; a rejected key is a signature that is none. */
static void
test_status(void **state)
{
	struct rte_crypto_asym_op op = rsa_op(VERIFY, PKCS1, RTE_CRYPTO_AUTH_SHA256, 32);
	unsigned int status;

	(void)state;
	assert_int_equal(fill(&rsa_key, &op, true), 0);
	assert_int_equal(answer(&op, 0, 1), SUCCESS);
	assert_int_equal(answer(&op, 1, 1), ERROR);
	assert_int_equal(answer(&op, 2, 1), ERROR); /* BADMSG */
	assert_int_equal(answer(&op, 3, 1), INVALID_ARGS);
	assert_int_equal(answer(&op, 4, 1), INVALID_SESSION);
	assert_int_equal(answer(&op, 6, 1), ERROR); /* KEY_REJECTED */
	for (status = 1; status < 256; status++)
		assert_int_not_equal(answer(&op, (uint8_t)status, 1), SUCCESS);
	op = rsa_op(SIGN, PKCS1, RTE_CRYPTO_AUTH_SHA256, 32);
	assert_int_equal(fill(&rsa_key, &op, true), 0);
	memset(buf + 2048, 7, LEN);
	for (status = 1; status < 256; status++)
		assert_int_not_equal(answer(&op, (uint8_t)status, LEN + 1), SUCCESS);
}

/* Numbers: as long as the modulus, whatever the device leaves out in front; never more. */
static void
test_number(void **state)
{
	static const enum rte_crypto_rsa_padding_type paddings[] = {NONE, PKCS1};
	struct rte_crypto_asym_op op;
	size_t i, k;

	(void)state;
	for (i = 0; i < 2; i++) {
		op = rsa_op(SIGN, paddings[i], 0, 20);
		memset(sign, 0x3c, sizeof(sign));
		assert_int_equal(fill(&rsa_key, &op, true), 0);
		/* Nothing written; nothing said. */
		assert_int_equal(answer(&op, 0, LEN + 1), ERROR);
		memset(buf + 2048, 7, LEN);
		assert_int_equal(answer(&op, 0, 0), ERROR);
		assert_int_equal(answer(&op, 0, 1), ERROR);
		assert_int_equal(answer(&op, 0, LEN + 2), ERROR);
		assert_int_equal(answer(&op, 0, 0x80000000), ERROR);
		assert_int_equal(answer(&op, 0, UNKNOWN - 1), ERROR);
		assert_int_equal(sign[0], 0x3c);
		assert_int_equal(op.rsa.sign.length, 0);

		assert_int_equal(answer(&op, 0, LEN + 1), SUCCESS);
		assert_int_equal(op.rsa.sign.length, LEN);
		assert_int_equal(sign[0], 7);
		assert_int_equal(sign[LEN], 0x3c);
		assert_int_equal(answer(&op, 0, UNKNOWN), SUCCESS);
		assert_int_equal(answer(&op, 0, LEN - 1), SUCCESS);
		assert_int_equal(op.rsa.sign.length, LEN);
		for (k = 0; k < 2; k++)
			assert_int_equal(sign[k], 0);
		assert_int_equal(sign[2], 7);
		assert_int_equal(sign[LEN], 0x3c);
	}
}

/*
 * Results with zeros in front: whole, without them, and with them but cut to the length that they
 * would have without. QEMU's built-in device does the last, and no such thing is a result.
 */
static void
test_number_cut(void **state)
{
	static const enum rte_crypto_asym_op_type types[] = {SIGN, ENC, DEC, VERIFY};
	uint8_t *const out = buf + 2048, number[LEN];
	struct rte_crypto_asym_op op;
	size_t i, zeros;

	(void)state;
	for (i = 0; i < 4; i++) {
		for (zeros = 1; zeros < LEN; zeros++) {
			op = rsa_op(types[i], NONE, 0, 20);
			assert_int_equal(fill(&rsa_key, &op, true), 0);
			memset(number, 0, zeros);
			memset(number + zeros, 0x51, LEN - zeros);
			if (types[i] == VERIFY) {
				op.rsa.message.data = number;
				op.rsa.message.length = LEN;
			}
			memcpy(out, number, LEN);
			assert_int_equal(answer(&op, 0, LEN + 1), SUCCESS);
			memset(out + LEN - zeros, rq.preset, zeros);
			assert_int_equal(answer(&op, 0, LEN - zeros + 1),
					zeros == LEN - 1 && types[i] != VERIFY ? SUCCESS : ERROR);
			memcpy(out, number + zeros, LEN - zeros);
			assert_int_equal(answer(&op, 0, LEN - zeros + 1), SUCCESS);
		}
	}
}

/* Where nobody says how long a number is, its last byte must have been written for certain. */
static void
test_number_of_unknown_length(void **state)
{
	static const enum rte_crypto_asym_op_type types[] = {SIGN, VERIFY};
	uint8_t *const out = buf + 2048, first;
	struct rte_crypto_asym_op op;
	int i, k;

	(void)state;
	for (i = 0; i < 2; i++) {
		op = rsa_op(types[i], NONE, 0, 20);
		op.rsa.message.data = NULL;
		if (types[i] == SIGN)
			op = rsa_op(SIGN, NONE, 0, 20);
		assert_int_equal(fill(&rsa_key, &op, false), 0);
		first = rq.preset;
		memset(out, 7, LEN);
		/* It may be what was preset, or have been written. */
		out[LEN - 1] = first;
		assert_int_equal(answer(&op, 0, UNKNOWN), VCRYPTO_ASYM_ASK_AGAIN);
		vcrypto_codec_asym_again(&rq, buf);
		assert_int_not_equal(rq.preset, first);
		assert_int_equal(answer(&op, 0, UNKNOWN), ERROR);
		memset(out, 7, LEN);
		out[LEN - 1] = first;
		assert_int_equal(answer(&op, 0, UNKNOWN), SUCCESS);
		/* Now it says so. */
		out[LEN - 1] = rq.preset;
		assert_int_equal(answer(&op, 0, LEN + 1), SUCCESS);
		/* Never, and not for ever. */
		for (k = 0; answer(&op, 0, UNKNOWN) == VCRYPTO_ASYM_ASK_AGAIN; k++) {
			assert_true(k < 3);
			vcrypto_codec_asym_again(&rq, buf);
			memset(out, 7, LEN - 1);
		}
		assert_int_equal(answer(&op, 0, UNKNOWN), ERROR);
	}
}

/* A message is as long as the device says, and nobody else can. */
static void
test_message(void **state)
{
	struct rte_crypto_asym_op op = rsa_op(DEC, PKCS1, 0, LEN);

	(void)state;
	memset(message, 0x3c, sizeof(message));
	assert_int_equal(fill(&rsa_key, &op, true), 0);
	memset(buf + 2048, 7, LEN);
	assert_int_equal(answer(&op, 0, UNKNOWN), VCRYPTO_ASYM_ASK_AGAIN);
	assert_int_equal(answer(&op, 0, 0), ERROR);
	assert_int_equal(answer(&op, 0, LEN + 2), ERROR);
	assert_int_equal(op.rsa.message.length, 0);
	assert_int_equal(answer(&op, 0, 6), SUCCESS);
	assert_int_equal(op.rsa.message.length, 5);
	assert_int_equal(message[4], 7);
	assert_int_equal(message[5], 0x3c);
	/* Room that is too small, then as much as is needed. */
	op.rsa.message.length = 9;
	assert_int_equal(answer(&op, 0, 11), INVALID_ARGS);
	assert_int_equal(message[5], 0x3c);
	op.rsa.message.length = 10;
	assert_int_equal(answer(&op, 0, 11), SUCCESS);
	assert_int_equal(answer(&op, 0, 1), SUCCESS);
	assert_int_equal(op.rsa.message.length, 0);
}

/* EME-PKCS1-v1_5 [RFC 8017, 7.2.2]. */
static void
test_unpad(void **state)
{
	struct rte_crypto_asym_op op = rsa_op(DEC, PKCS1, 0, LEN);
	uint8_t *const em = buf + 2048;
	size_t at;

	(void)state;
	memset(message, 0x3c, sizeof(message));
	assert_int_equal(fill(&rsa_key, &op, false), 0);
	for (at = 2; at < LEN; at++) {
		memset(em, 9, LEN);
		em[0] = 0;
		em[1] = 2;
		em[at] = 0;
		op.rsa.message.length = 0;
		if (at < 10) {
			assert_int_equal(answer(&op, 0, UNKNOWN), ERROR);
			continue;
		}
		assert_int_equal(answer(&op, 0, UNKNOWN), SUCCESS);
		assert_int_equal(op.rsa.message.length, LEN - 1 - at);
		assert_memory_equal(message, em + at + 1, LEN - 1 - at);
		assert_int_equal(message[LEN - 1 - at], 0x3c);
		memset(message, 0x3c, LEN);
		/* More zeros are the message's. */
		if (at + 2 < LEN) {
			em[at + 2] = 0;
			op.rsa.message.length = 0;
			assert_int_equal(answer(&op, 0, LEN + 1), SUCCESS);
			assert_int_equal(op.rsa.message.length, LEN - 1 - at);
			memset(message, 0x3c, LEN);
		}
		em[1] = 1;
		assert_int_equal(answer(&op, 0, UNKNOWN), ERROR);
		em[1] = 2;
		em[0] = 1;
		assert_int_equal(answer(&op, 0, UNKNOWN), ERROR);
		/* Without the zero in front. */
		memmove(em, em + 1, LEN - 1);
		op.rsa.message.length = 0;
		assert_int_equal(answer(&op, 0, LEN), SUCCESS);
		assert_int_equal(op.rsa.message.length, LEN - 1 - at);
		memset(message, 0x3c, LEN);
	}
	memset(em, 9, LEN);
	em[0] = 0;
	em[1] = 2;
	assert_int_equal(answer(&op, 0, UNKNOWN), ERROR);
	assert_int_equal(message[0], 0x3c);
}

/* A signature without padding is one if it says the message, in all its bytes. */
static void
test_compare(void **state)
{
	struct rte_crypto_asym_op op = rsa_op(VERIFY, NONE, 0, 20);
	uint8_t *const out = buf + 2048;
	size_t i;

	(void)state;
	for (i = 0; i < 20; i++)
		message[i] = (uint8_t)(i + 1);
	assert_int_equal(fill(&rsa_key, &op, true), 0);
	memset(out, 0, LEN);
	memcpy(out + LEN - 20, message, 20);
	assert_int_equal(answer(&op, 0, LEN + 1), SUCCESS);
	assert_memory_equal(cipher, out, LEN);
	assert_int_equal(op.rsa.cipher.length, LEN);
	assert_int_equal(answer(&op, 0, UNKNOWN), SUCCESS);
	for (i = 0; i < LEN; i++) {
		out[i] ^= 0x10;
		assert_int_equal(answer(&op, 0, LEN + 1), ERROR);
		out[i] ^= 0x10;
	}
	/* The device left out the zeros. */
	memmove(out, out + LEN - 20, 20);
	assert_int_equal(answer(&op, 0, 21), SUCCESS);
	assert_int_equal(answer(&op, 0, 20), ERROR);
	assert_int_equal(answer(&op, 0, 1), ERROR);
	assert_int_equal(answer(&op, 0, LEN + 2), ERROR);
	/* All zeros are no match for a message of nothing: there is none. */
	op.rsa.message.data = NULL;
	assert_int_equal(answer(&op, 0, 21), SUCCESS);
	op.rsa.message.data = message;
	op.rsa.cipher.data = NULL;
	assert_int_equal(answer(&op, 0, 21), SUCCESS);
}

/* Ecdsa-Sig-Value [RFC 3279, 2.2.3] from a device that may write anything. */
static void
test_signature(void **state)
{
	static const struct {
		uint8_t der[16];
		size_t len;
		int status;
		const char *what;
	} sigs[] = {
		{{0x30, 6, 2, 1, 1, 2, 1, 2}, 8, SUCCESS, "small numbers"},
		{{0x30, 8, 2, 2, 0, 0x80, 2, 2, 0, 0xff}, 10, SUCCESS, "sign bytes"},
		{{0x30, 6, 2, 1, 0, 2, 1, 2}, 8, ERROR, "r of 0"},
		{{0x30, 6, 2, 1, 1, 2, 1, 0}, 8, ERROR, "s of 0"},
		{{0x30, 6, 2, 1, 0x80, 2, 1, 2}, 8, ERROR, "a negative r"},
		{{0x30, 7, 2, 2, 0, 1, 2, 1, 2}, 9, ERROR, "a needless zero"},
		{{0x30, 3, 2, 1, 1}, 5, ERROR, "no s"},
		{{0x30, 9, 2, 1, 1, 2, 1, 2, 2, 1, 3}, 11, ERROR, "a third number"},
		{{0x30, 6, 2, 1, 1, 2, 1, 2, 0}, 9, ERROR, "a byte behind it"},
		{{0x31, 6, 2, 1, 1, 2, 1, 2}, 8, ERROR, "a set"},
		{{0x30, 7, 2, 1, 1, 2, 1, 2}, 8, ERROR, "a sequence that is too long"},
		{{0x30, 5, 2, 1, 1, 2, 1, 2}, 7, ERROR, "a number that is too long"},
		{{0x30, 0x81, 6, 2, 1, 1, 2, 1, 2}, 9, ERROR, "a length of needless bytes"},
		{{0x30, 0x80, 2, 1, 1, 2, 1, 2, 0, 0}, 10, ERROR, "an indefinite length"},
		{{0}, 0, ERROR, "nothing"},
	};
	struct rte_crypto_asym_op op = ec_op(SIGN, 20);
	uint8_t *const out = buf + 2048;
	size_t i;

	(void)state;
	for (i = 0; i < UNIT_DIM(sigs); i++) {
		assert_int_equal(fill(&ec_key, &op, true), 0);
		memset(cipher, 0x3c, sizeof(cipher));
		memset(sign, 0x3c, sizeof(sign));
		memcpy(out, sigs[i].der, sigs[i].len);
		if (answer(&op, 0, (uint32_t)sigs[i].len + 1) != sigs[i].status)
			fail_msg("%s", sigs[i].what);
		if (sigs[i].status == SUCCESS) {
			assert_int_equal(op.ecdsa.r.length, 32);
			assert_int_equal(op.ecdsa.s.length, 32);
			assert_int_equal(cipher[0], 0);
			assert_int_equal(cipher[30], 0);
			assert_int_not_equal(cipher[31], 0);
			assert_int_not_equal(sign[31], 0);
			/* It says itself how long it is. */
			assert_int_equal(answer(&op, 0, UNKNOWN), SUCCESS);
		} else {
			assert_int_equal(cipher[0], 0x3c);
			assert_int_equal(sign[0], 0x3c);
		}
		assert_int_equal(cipher[32], 0x3c);
		assert_int_equal(sign[32], 0x3c);
		op = ec_op(SIGN, 20);
	}
	assert_int_equal(fill(&ec_key, &op, true), 0);
	assert_int_equal(answer(&op, 0, UNKNOWN), ERROR);
	assert_int_equal(answer(&op, 0, 73), ERROR);
	/* Numbers of 33 bytes. */
	memset(out, 0x11, 72);
	memcpy(out, (const uint8_t[]){0x30, 70, 2, 33}, 4);
	memcpy(out + 37, (const uint8_t[]){2, 33}, 2);
	assert_int_equal(answer(&op, 0, 73), ERROR);
	memcpy(out, (const uint8_t[]){0x30, 69, 2, 33, 0, 0x80}, 6);
	memcpy(out + 37, (const uint8_t[]){2, 32}, 2);
	assert_int_equal(answer(&op, 0, 72), SUCCESS);
	assert_int_equal(cipher[0], 0x80);
	assert_int_equal(sign[0], 0x11);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rsa_keys),
		cmocka_unit_test(test_rsa_no_keys),
		cmocka_unit_test(test_ec_keys),
		cmocka_unit_test(test_create),
		cmocka_unit_test(test_rsa_plan),
		cmocka_unit_test(test_rsa_bad),
		cmocka_unit_test(test_ec_plan),
		cmocka_unit_test(test_request),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_number),
		cmocka_unit_test(test_number_cut),
		cmocka_unit_test(test_number_of_unknown_length),
		cmocka_unit_test(test_message),
		cmocka_unit_test(test_unpad),
		cmocka_unit_test(test_compare),
		cmocka_unit_test(test_signature),
	};

	return cmocka_run_group_tests(tests, unit_eal_setup, unit_eal_teardown);
}
