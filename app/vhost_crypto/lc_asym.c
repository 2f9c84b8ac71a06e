/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "lc_asym.h"
#include "virtio_crypto_wire.h"
#include "virtio_crypto_wire_asym.h"

#define NB(array) (sizeof(array) / sizeof((array)[0]))
#define RSA_MAX_LEN (VHC_LC_RSA_MAX_BITS / 8)
#define NB_RSA_PRIVATE 8 /* n, e, d, p, q, dP, dQ, qInv */

struct vhc_lc_asym_key {
	OSSL_LIB_CTX *ctx;
	EVP_PKEY *pkey;
	uint32_t algo;
	bool private;
	int padding;      /* RSA: RSA_NO_PADDING, RSA_PKCS1_PADDING */
	const char *hash; /* RSA: of signatures, or NULL */
	uint32_t len;     /* RSA: bytes of the modulus; ECDSA: most bytes of a signature */
};

/* By VIRTIO_CRYPTO_RSA_*; MD2, MD3 and MD4 are no more. */
static const char *const hashes[] = {
		[VIRTIO_CRYPTO_RSA_MD5] = "MD5",
		[VIRTIO_CRYPTO_RSA_SHA1] = "SHA1",
		[VIRTIO_CRYPTO_RSA_SHA256] = "SHA256",
		[VIRTIO_CRYPTO_RSA_SHA384] = "SHA384",
		[VIRTIO_CRYPTO_RSA_SHA512] = "SHA512",
		[VIRTIO_CRYPTO_RSA_SHA224] = "SHA224",
};

/* By VIRTIO_CRYPTO_CURVE_*. */
static const int curves[] = {
		[VIRTIO_CRYPTO_CURVE_NIST_P192] = NID_X9_62_prime192v1,
		[VIRTIO_CRYPTO_CURVE_NIST_P224] = NID_secp224r1,
		[VIRTIO_CRYPTO_CURVE_NIST_P256] = NID_X9_62_prime256v1,
		[VIRTIO_CRYPTO_CURVE_NIST_P384] = NID_secp384r1,
		[VIRTIO_CRYPTO_CURVE_NIST_P521] = NID_secp521r1,
};

uint32_t
vhc_lc_asym_algos(void)
{
	return 1u << VIRTIO_CRYPTO_AKCIPHER_RSA | 1u << VIRTIO_CRYPTO_AKCIPHER_ECDSA;
}

static int
check_rsa(const struct vhc_asym_params *p)
{
	switch (p->padding) {
	case VIRTIO_CRYPTO_RSA_RAW_PADDING:
		return 0; /* the hash is ignored */
	case VIRTIO_CRYPTO_RSA_PKCS1_PADDING:
		if (p->hash == VIRTIO_CRYPTO_RSA_NO_HASH)
			return 0;
		return p->hash < NB(hashes) && hashes[p->hash] != NULL ? 0 : -ENOTSUP;
	default:
		return -ENOTSUP;
	}
}

int
vhc_lc_asym_check(const struct vhc_asym_params *p)
{
	int ret;

	switch (p->algo) {
	case VIRTIO_CRYPTO_AKCIPHER_RSA:
		ret = check_rsa(p);
		break;
	case VIRTIO_CRYPTO_AKCIPHER_ECDSA:
		ret = p->curve < NB(curves) && curves[p->curve] != 0 ? 0 : -ENOTSUP;
		break;
	default:
		ret = -ENOTSUP;
		break;
	}
	if (ret == 0 && (p->key_len == 0 || p->key_len > VHC_ASYM_KEY_MAX_LEN))
		ret = -EINVAL;
	return ret;
}

/* --- DER ------------------------------------------------------------------------------------ */

/* What is left of a DER value. */
struct der {
	const uint8_t *p;
	const uint8_t *end;
};

/* The contents of the next element, if it is that one; moves behind it. */
static bool
der_take(struct der *d, int tag, int class, bool constructed, struct der *contents)
{
	const uint8_t *p = d->p;
	int ret, got_tag, got_class;
	long len;

	if (p == d->end)
		return false;
	ret = ASN1_get_object(&p, &len, &got_tag, &got_class, d->end - d->p);
	/* 0x80: malformed or too long; the lowest bit: of indefinite length. */
	if ((ret & 0x81) != 0 || got_tag != tag || got_class != class ||
			((ret & V_ASN1_CONSTRUCTED) != 0) != constructed)
		return false;
	contents->p = p;
	contents->end = p + len;
	d->p = contents->end;
	return true;
}

static bool
der_sequence(struct der *d, struct der *contents)
{
	return der_take(d, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL, true, contents);
}

/*
 * A number, which is never negative here: one whose first bit is set, as DPDK's driver sends it,
 * can only be meant so.
 */
static BIGNUM *
der_number(struct der *d)
{
	struct der c;

	if (!der_take(d, V_ASN1_INTEGER, V_ASN1_UNIVERSAL, false, &c) || c.p == c.end ||
			c.end - c.p > RSA_MAX_LEN + 1)
		return NULL;
	return BN_bin2bn(c.p, (int)(c.end - c.p), NULL);
}

static bool
der_small_number(struct der *d, unsigned int want)
{
	BIGNUM *bn = der_number(d);
	bool is = bn != NULL && BN_is_word(bn, want);

	BN_free(bn);
	return is;
}

/* --- Keys ----------------------------------------------------------------------------------- */

/* @return the key, or NULL. */
static EVP_PKEY *
import(OSSL_LIB_CTX *ctx, const char *type, bool private, OSSL_PARAM_BLD *bld)
{
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(bld);
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(ctx, type, NULL);
	EVP_PKEY *pkey = NULL;

	if (params == NULL || c == NULL || EVP_PKEY_fromdata_init(c) != 1 ||
			EVP_PKEY_fromdata(c, &pkey,
					private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY,
					params) != 1)
		pkey = NULL;
	EVP_PKEY_CTX_free(c);
	OSSL_PARAM_free(params);
	return pkey;
}

/* Whether the numbers of an RSA key belong together as far as that is cheap to tell. */
static bool
rsa_numbers_fit(BIGNUM *const *bn, bool private)
{
	const BIGNUM *n = bn[0], *e = bn[1], *d = bn[2], *p = bn[3], *q = bn[4];
	const int bits = BN_num_bits(n);
	BIGNUM *pq;
	BN_CTX *c;
	bool fit;
	int i;

	if (bits < VHC_LC_RSA_MIN_BITS || bits > VHC_LC_RSA_MAX_BITS || !BN_is_odd(n) ||
			!BN_is_odd(e) || BN_is_one(e) || BN_cmp(e, n) >= 0)
		return false;
	if (!private)
		return true;
	for (i = 2; i < NB_RSA_PRIVATE; i++) {
		if (BN_is_zero(bn[i]) || BN_cmp(bn[i], n) >= 0)
			return false;
	}
	if (!BN_is_odd(p) || !BN_is_odd(q) || BN_is_one(p) || BN_is_one(q) || BN_is_one(d) ||
			BN_cmp(bn[5], p) >= 0 || BN_cmp(bn[6], q) >= 0 || BN_cmp(bn[7], p) >= 0)
		return false;
	c = BN_CTX_secure_new();
	pq = BN_secure_new();
	fit = c != NULL && pq != NULL && BN_mul(pq, p, q, c) == 1 && BN_cmp(pq, n) == 0;
	BN_clear_free(pq);
	BN_CTX_free(c);
	return fit;
}

/* RSAPublicKey: n, e. RSAPrivateKey: 0, n, e, d, p, q, dP, dQ, qInv. [RFC 8017, A.1] */
static EVP_PKEY *
rsa_key(OSSL_LIB_CTX *ctx, const struct vhc_asym_params *p)
{
	static const char *const names[NB_RSA_PRIVATE] = {
			OSSL_PKEY_PARAM_RSA_N,
			OSSL_PKEY_PARAM_RSA_E,
			OSSL_PKEY_PARAM_RSA_D,
			OSSL_PKEY_PARAM_RSA_FACTOR1,
			OSSL_PKEY_PARAM_RSA_FACTOR2,
			OSSL_PKEY_PARAM_RSA_EXPONENT1,
			OSSL_PKEY_PARAM_RSA_EXPONENT2,
			OSSL_PKEY_PARAM_RSA_COEFFICIENT1,
	};
	struct der d = {p->key, p->key + p->key_len}, seq;
	const int nb = p->private ? NB_RSA_PRIVATE : 2;
	BIGNUM *bn[NB_RSA_PRIVATE] = {NULL};
	OSSL_PARAM_BLD *bld = NULL;
	EVP_PKEY *pkey = NULL;
	bool good;
	int i;

	good = der_sequence(&d, &seq) && d.p == d.end &&
			(!p->private || der_small_number(&seq, 0));
	for (i = 0; good && i < nb; i++) {
		bn[i] = der_number(&seq);
		good = bn[i] != NULL;
	}
	/* Keys of more than two primes have more, and a version of 1. */
	good = good && seq.p == seq.end && rsa_numbers_fit(bn, p->private);
	if (good) {
		bld = OSSL_PARAM_BLD_new();
		good = bld != NULL;
		for (i = 0; good && i < nb; i++)
			good = OSSL_PARAM_BLD_push_BN(bld, names[i], bn[i]) == 1;
		if (good)
			pkey = import(ctx, "RSA", p->private, bld);
		OSSL_PARAM_BLD_free(bld);
	}
	for (i = 0; i < nb; i++)
		BN_clear_free(bn[i]);
	return pkey;
}

/* ECPrivateKey: 1, the number, [0] the curve, [1] the public key. [RFC 5915] */
static BIGNUM *
ec_private_number(const struct vhc_asym_params *p, const EC_GROUP *group)
{
	struct der d = {p->key, p->key + p->key_len}, seq, octets, params, oid, pub;
	const int order_len = (EC_GROUP_order_bits(group) + 7) / 8;
	const ASN1_OBJECT *curve = OBJ_nid2obj(curves[p->curve]);
	BIGNUM *bn;

	if (!der_sequence(&d, &seq) || d.p != d.end || !der_small_number(&seq, 1) ||
			!der_take(&seq, V_ASN1_OCTET_STRING, V_ASN1_UNIVERSAL, false, &octets) ||
			octets.end - octets.p > order_len)
		return NULL;
	if (der_take(&seq, 0, V_ASN1_CONTEXT_SPECIFIC, true, &params)) {
		/* The session says which curve it is, and the key must not say another. */
		if (!der_take(&params, V_ASN1_OBJECT, V_ASN1_UNIVERSAL, false, &oid) ||
				params.p != params.end ||
				(size_t)(oid.end - oid.p) != OBJ_length(curve) ||
				memcmp(oid.p, OBJ_get0_data(curve), OBJ_length(curve)) != 0)
			return NULL;
	}
	/* The public key follows from the number, so that nobody needs to believe it. */
	der_take(&seq, 1, V_ASN1_CONTEXT_SPECIFIC, true, &pub);
	if (seq.p != seq.end)
		return NULL;
	bn = BN_secure_new();
	if (bn == NULL || BN_bin2bn(octets.p, (int)(octets.end - octets.p), bn) == NULL ||
			BN_is_zero(bn) || BN_cmp(bn, EC_GROUP_get0_order(group)) >= 0) {
		BN_clear_free(bn);
		return NULL;
	}
	return bn;
}

/* A public key: the point's octets, as SEC 1 has them, and nothing around. */
static bool
ec_point(const struct vhc_asym_params *p, const EC_GROUP *group, const BIGNUM *number,
		EC_POINT *point, BN_CTX *c)
{
	if (number != NULL)
		return EC_POINT_mul(group, point, number, NULL, NULL, c) == 1;
	/* Checks that the point is on the curve, all of whose points but one have its order. */
	return EC_POINT_oct2point(group, point, p->key, p->key_len, c) == 1 &&
			EC_POINT_is_at_infinity(group, point) == 0;
}

static EVP_PKEY *
ec_key(OSSL_LIB_CTX *ctx, const struct vhc_asym_params *p)
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name_ex(ctx, NULL, curves[p->curve]);
	BN_CTX *c = BN_CTX_secure_new_ex(ctx);
	OSSL_PARAM_BLD *bld = NULL;
	EC_POINT *point = NULL;
	EVP_PKEY *pkey = NULL;
	uint8_t *octets = NULL;
	BIGNUM *number = NULL;
	size_t len = 0;

	if (group == NULL || c == NULL)
		goto out;
	point = EC_POINT_new(group);
	if (p->private)
		number = ec_private_number(p, group);
	if (point == NULL || (p->private && number == NULL) ||
			!ec_point(p, group, number, point, c))
		goto out;
	len = EC_POINT_point2buf(group, point, POINT_CONVERSION_UNCOMPRESSED, &octets, c);
	bld = OSSL_PARAM_BLD_new();
	if (len == 0 || bld == NULL ||
			OSSL_PARAM_BLD_push_utf8_string(bld, OSSL_PKEY_PARAM_GROUP_NAME,
					OBJ_nid2sn(curves[p->curve]), 0) != 1 ||
			OSSL_PARAM_BLD_push_octet_string(bld, OSSL_PKEY_PARAM_PUB_KEY, octets,
					len) != 1 ||
			(number != NULL && OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_PRIV_KEY,
					number) != 1))
		goto out;
	pkey = import(ctx, "EC", p->private, bld);
out:
	OSSL_PARAM_BLD_free(bld);
	OPENSSL_free(octets);
	BN_clear_free(number);
	EC_POINT_free(point);
	BN_CTX_free(c);
	EC_GROUP_free(group);
	return pkey;
}

int
vhc_lc_asym_key_create(OSSL_LIB_CTX *ctx, const struct vhc_asym_params *p,
		struct vhc_lc_asym_key **key)
{
	const bool rsa = p->algo == VIRTIO_CRYPTO_AKCIPHER_RSA;
	struct vhc_lc_asym_key *k;
	int ret = vhc_lc_asym_check(p);

	if (ret != 0)
		return ret;
	k = calloc(1, sizeof(*k));
	if (k == NULL)
		return -ENOMEM;
	k->ctx = ctx;
	k->algo = p->algo;
	k->private = p->private;
	if (rsa) {
		k->padding = p->padding == VIRTIO_CRYPTO_RSA_PKCS1_PADDING ? RSA_PKCS1_PADDING
									   : RSA_NO_PADDING;
		if (k->padding == RSA_PKCS1_PADDING)
			k->hash = hashes[p->hash];
	}
	k->pkey = rsa ? rsa_key(ctx, p) : ec_key(ctx, p);
	ERR_clear_error();
	if (k->pkey == NULL) {
		free(k);
		return -EINVAL;
	}
	k->len = (uint32_t)EVP_PKEY_get_size(k->pkey);
	*key = k;
	return 0;
}

void
vhc_lc_asym_key_destroy(struct vhc_lc_asym_key *key)
{
	if (key == NULL)
		return;
	EVP_PKEY_free(key->pkey);
	free(key);
}

/* --- Operations ----------------------------------------------------------------------------- */

/* Parameters of RSA for libcrypto; room for three. */
static void
rsa_params(const struct vhc_lc_asym_key *key, bool sign, OSSL_PARAM *params)
{
	*params++ = OSSL_PARAM_construct_int(OSSL_PKEY_PARAM_PAD_MODE,
			(int *)(uintptr_t)&key->padding);
	if (sign && key->hash != NULL)
		*params++ = OSSL_PARAM_construct_utf8_string(OSSL_SIGNATURE_PARAM_DIGEST,
				(char *)(uintptr_t)key->hash, 0);
	*params = OSSL_PARAM_construct_end();
}

/* Encrypt or decrypt. @return a status. */
static uint8_t
rsa_crypt(const struct vhc_lc_asym_key *key, EVP_PKEY_CTX *c, bool encrypt,
		const struct vhc_seg *src, uint8_t *out, size_t *out_len)
{
	uint8_t padded[RSA_MAX_LEN];
	const uint8_t *in = src->base;
	size_t len = src->len;
	OSSL_PARAM params[3];
	int ret;

	rsa_params(key, false, params);
	if (len > key->len)
		return VIRTIO_CRYPTO_ERR;
	if (key->padding == RSA_NO_PADDING && len < key->len) {
		/* The driver's task, but there is only one thing that it can mean. */
		memset(padded, 0, key->len - len);
		memcpy(padded + key->len - len, in, len);
		in = padded;
		len = key->len;
	}
	if (encrypt)
		ret = EVP_PKEY_encrypt_init_ex(c, params) == 1 &&
				EVP_PKEY_encrypt(c, out, out_len, in, len) == 1;
	else
		ret = EVP_PKEY_decrypt_init_ex(c, params) == 1 &&
				EVP_PKEY_decrypt(c, out, out_len, in, len) == 1;
	if (in == padded)
		OPENSSL_cleanse(padded, key->len);
	return ret ? VIRTIO_CRYPTO_OK : VIRTIO_CRYPTO_ERR;
}

static uint8_t
sign(const struct vhc_lc_asym_key *key, EVP_PKEY_CTX *c, const struct vhc_seg *src, uint8_t *out,
		size_t *out_len)
{
	OSSL_PARAM params[3] = {OSSL_PARAM_construct_end()};

	if (key->algo == VIRTIO_CRYPTO_AKCIPHER_RSA)
		rsa_params(key, true, params);
	return EVP_PKEY_sign_init_ex(c, params) == 1 &&
					EVP_PKEY_sign(c, out, out_len, src->base, src->len) == 1
			? VIRTIO_CRYPTO_OK
			: VIRTIO_CRYPTO_ERR;
}

static uint8_t
verify(const struct vhc_lc_asym_key *key, EVP_PKEY_CTX *c, const struct vhc_engine_op *op)
{
	OSSL_PARAM params[3] = {OSSL_PARAM_construct_end()};

	if (key->algo == VIRTIO_CRYPTO_AKCIPHER_RSA)
		rsa_params(key, true, params);
	if (EVP_PKEY_verify_init_ex(c, params) != 1)
		return VIRTIO_CRYPTO_ERR;
	/* [virtio 5.9.9.8: KEY_REJECTED if the signature is not one of the data] */
	return EVP_PKEY_verify(c, op->src->base, op->src->len, op->aad, op->aad_len) == 1
			? VIRTIO_CRYPTO_OK
			: VIRTIO_CRYPTO_KEY_REJECTED;
}

/* Whether the key is one for the operation. @return a status. */
static uint8_t
allowed(const struct vhc_lc_asym_key *key, const struct vhc_engine_op *op)
{
	const bool signs = op->asym_op == VHC_ASYM_SIGN || op->asym_op == VHC_ASYM_VERIFY;

	if (key->algo == VIRTIO_CRYPTO_AKCIPHER_ECDSA && !signs)
		return VIRTIO_CRYPTO_NOTSUPP;
	/* [virtio 5.9.9.2.1.5: MUST NOT use RSA RAW sessions to sign or verify] */
	if (key->algo == VIRTIO_CRYPTO_AKCIPHER_RSA && key->padding == RSA_NO_PADDING && signs)
		return VIRTIO_CRYPTO_NOTSUPP;
	/* A private key has the public one in it. */
	if (!key->private && (op->asym_op == VHC_ASYM_DECRYPT || op->asym_op == VHC_ASYM_SIGN))
		return VIRTIO_CRYPTO_ERR;
	return VIRTIO_CRYPTO_OK;
}

void
vhc_lc_asym_run(const struct vhc_lc_asym_key *key, struct vhc_engine_op *op)
{
	uint8_t out[RSA_MAX_LEN];
	size_t out_len = sizeof(out);
	EVP_PKEY_CTX *c;
	uint8_t status;

	op->result_len = 0;
	status = allowed(key, op);
	c = status == VIRTIO_CRYPTO_OK ? EVP_PKEY_CTX_new_from_pkey(key->ctx, key->pkey, NULL)
				       : NULL;
	if (c == NULL) {
		op->status = status == VIRTIO_CRYPTO_OK ? VIRTIO_CRYPTO_ERR : status;
		return;
	}
	switch (op->asym_op) {
	case VHC_ASYM_ENCRYPT:
	case VHC_ASYM_DECRYPT:
		status = rsa_crypt(key, c, op->asym_op == VHC_ASYM_ENCRYPT, op->src, out,
				&out_len);
		break;
	case VHC_ASYM_SIGN:
		status = sign(key, c, op->src, out, &out_len);
		break;
	default:
		status = verify(key, c, op);
		out_len = 0;
		break;
	}
	EVP_PKEY_CTX_free(c);
	ERR_clear_error();
	if (status == VIRTIO_CRYPTO_OK && out_len > op->dst->len)
		status = VIRTIO_CRYPTO_ERR;
	if (status == VIRTIO_CRYPTO_OK && out_len != 0) {
		memcpy(op->dst->base, out, out_len);
		op->result_len = (uint32_t)out_len;
	}
	OPENSSL_cleanse(out, sizeof(out));
	op->status = status;
}
