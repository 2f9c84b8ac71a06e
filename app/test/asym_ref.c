/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include <rte_common.h>
#include <rte_crypto_asym.h>

#include "asym_ref.h"

static const struct {
	const char *name;
	int nid;
	int group;
	uint32_t len;
} curves[ASYM_NB_CURVES] = {
	[ASYM_P192] = {"P-192", NID_X9_62_prime192v1, RTE_CRYPTO_EC_GROUP_SECP192R1, 24},
	[ASYM_P224] = {"P-224", NID_secp224r1, RTE_CRYPTO_EC_GROUP_SECP224R1, 28},
	[ASYM_P256] = {"P-256", NID_X9_62_prime256v1, RTE_CRYPTO_EC_GROUP_SECP256R1, 32},
	[ASYM_P384] = {"P-384", NID_secp384r1, RTE_CRYPTO_EC_GROUP_SECP384R1, 48},
	[ASYM_P521] = {"P-521", NID_secp521r1, RTE_CRYPTO_EC_GROUP_SECP521R1, 66},
};

#define MAX_RSA_KEYS 16
static struct asym_rsa_key *rsa_keys[MAX_RSA_KEYS];
static struct asym_ec_key *ec_keys[ASYM_NB_CURVES];

const char *
asym_curve_name(enum asym_curve c)
{
	return curves[c].name;
}

int
asym_curve_group(enum asym_curve c)
{
	return curves[c].group;
}

uint32_t
asym_curve_len(enum asym_curve c)
{
	return curves[c].len;
}

void
asym_curve_order(enum asym_curve c, uint8_t *n)
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name(curves[c].nid);

	BN_bn2binpad(EC_GROUP_get0_order(group), n, (int)curves[c].len);
	EC_GROUP_free(group);
}

/* ---- keys ---- */

static bool
get_num(EVP_PKEY *pkey, const char *name, struct asym_num *out)
{
	BIGNUM *bn = NULL;
	bool ok = EVP_PKEY_get_bn_param(pkey, name, &bn) == 1 &&
			BN_num_bytes(bn) <= (int)sizeof(out->data);

	if (ok)
		out->len = (uint32_t)BN_bn2bin(bn, out->data);
	BN_clear_free(bn);
	return ok;
}

static bool
get_rsa_numbers(struct asym_rsa_key *k)
{
	k->bits = (uint32_t)EVP_PKEY_get_bits(k->pkey);
	k->len = (uint32_t)EVP_PKEY_get_size(k->pkey);
	return get_num(k->pkey, OSSL_PKEY_PARAM_RSA_N, &k->n) &&
			get_num(k->pkey, OSSL_PKEY_PARAM_RSA_E, &k->e) &&
			get_num(k->pkey, OSSL_PKEY_PARAM_RSA_D, &k->d) &&
			get_num(k->pkey, OSSL_PKEY_PARAM_RSA_FACTOR1, &k->p) &&
			get_num(k->pkey, OSSL_PKEY_PARAM_RSA_FACTOR2, &k->q) &&
			get_num(k->pkey, OSSL_PKEY_PARAM_RSA_EXPONENT1, &k->dp) &&
			get_num(k->pkey, OSSL_PKEY_PARAM_RSA_EXPONENT2, &k->dq) &&
			get_num(k->pkey, OSSL_PKEY_PARAM_RSA_COEFFICIENT1, &k->qi);
}

void
asym_rsa_free(struct asym_rsa_key *k)
{
	EVP_PKEY_free(k->pkey);
	k->pkey = NULL;
}

struct asym_rsa_key *
asym_rsa_make(uint32_t bits)
{
	struct asym_rsa_key *k = calloc(1, sizeof(*k));

	if (k == NULL)
		return NULL;
	k->pkey = EVP_RSA_gen(bits);
	if (k->pkey == NULL || !get_rsa_numbers(k) || k->bits != bits) {
		asym_rsa_free(k);
		free(k);
		return NULL;
	}
	return k;
}

const struct asym_rsa_key *
asym_rsa_key(uint32_t bits)
{
	unsigned int i;

	for (i = 0; i < MAX_RSA_KEYS && rsa_keys[i] != NULL; i++)
		if (rsa_keys[i]->bits == bits)
			return rsa_keys[i];
	if (i < MAX_RSA_KEYS)
		rsa_keys[i] = asym_rsa_make(bits);
	return i < MAX_RSA_KEYS ? rsa_keys[i] : NULL;
}

struct asym_ec_key *
asym_ec_make(enum asym_curve c)
{
	const uint32_t len = curves[c].len;
	BIGNUM *d = NULL, *x = NULL, *y = NULL;
	struct asym_ec_key *k;
	bool ok;

	k = calloc(1, sizeof(*k));
	if (k == NULL)
		return NULL;
	k->curve = c;
	k->len = len;
	k->pkey = EVP_EC_gen(OBJ_nid2sn(curves[c].nid));
	ok = k->pkey != NULL &&
			EVP_PKEY_get_bn_param(k->pkey, OSSL_PKEY_PARAM_PRIV_KEY, &d) == 1 &&
			EVP_PKEY_get_bn_param(k->pkey, OSSL_PKEY_PARAM_EC_PUB_X, &x) == 1 &&
			EVP_PKEY_get_bn_param(k->pkey, OSSL_PKEY_PARAM_EC_PUB_Y, &y) == 1 &&
			BN_bn2binpad(d, k->d, (int)len) > 0 &&
			BN_bn2binpad(x, k->x, (int)len) > 0 &&
			BN_bn2binpad(y, k->y, (int)len) > 0;
	BN_clear_free(d);
	BN_free(x);
	BN_free(y);
	if (!ok) {
		EVP_PKEY_free(k->pkey);
		free(k);
		return NULL;
	}
	return k;
}

const struct asym_ec_key *
asym_ec_key(enum asym_curve c)
{
	if (ec_keys[c] == NULL)
		ec_keys[c] = asym_ec_make(c);
	return ec_keys[c];
}

void
asym_ref_fini(void)
{
	unsigned int i;

	for (i = 0; i < MAX_RSA_KEYS && rsa_keys[i] != NULL; i++) {
		asym_rsa_free(rsa_keys[i]);
		free(rsa_keys[i]);
		rsa_keys[i] = NULL;
	}
	for (i = 0; i < ASYM_NB_CURVES; i++) {
		if (ec_keys[i] == NULL)
			continue;
		EVP_PKEY_free(ec_keys[i]->pkey);
		free(ec_keys[i]);
		ec_keys[i] = NULL;
	}
}

static BIGNUM *
to_bn(const struct asym_num *n)
{
	return BN_bin2bn(n->data, (int)n->len, NULL);
}

/* dp, dq and qi. */
static bool
compute_crt(struct asym_rsa_key *k)
{
	BIGNUM *d = to_bn(&k->d), *p = to_bn(&k->p), *q = to_bn(&k->q), *t = BN_new(),
	       *m = BN_new();
	BN_CTX *c = BN_CTX_new();
	bool ok;

	ok = BN_sub(t, p, BN_value_one()) && BN_mod(m, d, t, c);
	k->dp.len = ok ? (uint32_t)BN_bn2bin(m, k->dp.data) : 0;
	ok = ok && BN_sub(t, q, BN_value_one()) && BN_mod(m, d, t, c);
	k->dq.len = ok ? (uint32_t)BN_bn2bin(m, k->dq.data) : 0;
	ok = ok && BN_mod_inverse(m, q, p, c) != NULL;
	k->qi.len = ok ? (uint32_t)BN_bn2bin(m, k->qi.data) : 0;
	BN_CTX_free(c);
	BN_clear_free(d);
	BN_clear_free(p);
	BN_clear_free(q);
	BN_clear_free(t);
	BN_clear_free(m);
	return ok;
}

bool
asym_rsa_import(struct asym_rsa_key *k, bool private)
{
	const struct {
		const char *name;
		const struct asym_num *num;
	} numbers[] = {
		{OSSL_PKEY_PARAM_RSA_N, &k->n},
		{OSSL_PKEY_PARAM_RSA_E, &k->e},
		{OSSL_PKEY_PARAM_RSA_D, &k->d},
		{OSSL_PKEY_PARAM_RSA_FACTOR1, &k->p},
		{OSSL_PKEY_PARAM_RSA_FACTOR2, &k->q},
		{OSSL_PKEY_PARAM_RSA_EXPONENT1, &k->dp},
		{OSSL_PKEY_PARAM_RSA_EXPONENT2, &k->dq},
		{OSSL_PKEY_PARAM_RSA_COEFFICIENT1, &k->qi},
	};
	const unsigned int nb = private ? RTE_DIM(numbers) : 2;
	OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	BIGNUM *bn[RTE_DIM(numbers)] = {NULL};
	OSSL_PARAM *params = NULL;
	unsigned int i;
	bool ok;

	ok = bld != NULL && c != NULL && (!private || compute_crt(k));
	for (i = 0; ok && i < nb; i++) {
		bn[i] = to_bn(numbers[i].num);
		ok = OSSL_PARAM_BLD_push_BN(bld, numbers[i].name, bn[i]) == 1;
	}
	if (ok)
		params = OSSL_PARAM_BLD_to_param(bld);
	k->pkey = NULL;
	ok = params != NULL && EVP_PKEY_fromdata_init(c) == 1 &&
			EVP_PKEY_fromdata(c, &k->pkey,
					private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY,
					params) == 1;
	if (ok) {
		k->bits = (uint32_t)EVP_PKEY_get_bits(k->pkey);
		k->len = (uint32_t)EVP_PKEY_get_size(k->pkey);
	}
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(bld);
	EVP_PKEY_CTX_free(c);
	for (i = 0; i < nb; i++)
		BN_clear_free(bn[i]);
	return ok;
}

/* ---- operations ---- */

uint32_t
asym_digest(const char *name, const void *msg, uint32_t len, uint8_t *out)
{
	unsigned int n = 0;
	EVP_MD *md = EVP_MD_fetch(NULL, name, NULL);

	if (md == NULL || EVP_Digest(msg, len, out, &n, md, NULL) != 1)
		n = 0;
	EVP_MD_free(md);
	return n;
}

/* A context of the key that is about to do one thing; NULL: libcrypto refuses. */
static EVP_PKEY_CTX *
rsa_begin(const struct asym_rsa_key *k, int (*init)(EVP_PKEY_CTX *), bool raw, const char *hash)
{
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(k->pkey, NULL);
	EVP_MD *md = NULL;
	bool ok;

	ok = c != NULL && init(c) == 1 &&
			EVP_PKEY_CTX_set_rsa_padding(c,
					raw ? RSA_NO_PADDING : RSA_PKCS1_PADDING) == 1;
	if (ok && hash != NULL) {
		md = EVP_MD_fetch(NULL, hash, NULL);
		ok = md != NULL && EVP_PKEY_CTX_set_signature_md(c, md) == 1;
		EVP_MD_free(md);
	}
	if (ok)
		return c;
	EVP_PKEY_CTX_free(c);
	return NULL;
}

static bool
end(EVP_PKEY_CTX *c, int ret)
{
	EVP_PKEY_CTX_free(c);
	ERR_clear_error();
	return ret == 1;
}

bool
asym_rsa_sign(const struct asym_rsa_key *k, const char *hash, const uint8_t *in, uint32_t len,
		uint8_t *sig)
{
	EVP_PKEY_CTX *c = rsa_begin(k, EVP_PKEY_sign_init, false, hash);
	size_t n = k->len;

	return c != NULL && end(c, EVP_PKEY_sign(c, sig, &n, in, len));
}

bool
asym_rsa_choose(const struct asym_rsa_key *k, const char *hash, bool zero, uint8_t *digest,
		uint32_t len, uint8_t *sig)
{
	uint32_t i;

	/* One in 256 has the zero. */
	for (i = 0; i < 16384; i++) {
		if (!asym_rsa_sign(k, hash, digest, len, sig))
			return false;
		if ((sig[0] == 0) == zero)
			return true;
		if (++digest[0] == 0)
			digest[1]++;
	}
	return false;
}

bool
asym_rsa_verify(const struct asym_rsa_key *k, const char *hash, const uint8_t *in, uint32_t len,
		const uint8_t *sig, uint32_t sig_len)
{
	EVP_PKEY_CTX *c = rsa_begin(k, EVP_PKEY_verify_init, false, hash);

	return c != NULL && end(c, EVP_PKEY_verify(c, sig, sig_len, in, len));
}

bool
asym_rsa_encrypt(const struct asym_rsa_key *k, bool raw, const uint8_t *in, uint32_t len,
		uint8_t *out, uint32_t *out_len)
{
	EVP_PKEY_CTX *c = rsa_begin(k, EVP_PKEY_encrypt_init, raw, NULL);
	size_t n = k->len;
	bool ok = c != NULL && end(c, EVP_PKEY_encrypt(c, out, &n, in, len));

	*out_len = (uint32_t)n;
	return ok;
}

bool
asym_rsa_decrypt(const struct asym_rsa_key *k, bool raw, const uint8_t *in, uint32_t len,
		uint8_t *out, uint32_t *out_len)
{
	EVP_PKEY_CTX *c = rsa_begin(k, EVP_PKEY_decrypt_init, raw, NULL);
	size_t n = k->len;
	bool ok = c != NULL && end(c, EVP_PKEY_decrypt(c, out, &n, in, len));

	*out_len = (uint32_t)n;
	return ok;
}

bool
asym_ec_sign(const struct asym_ec_key *k, const uint8_t *in, uint32_t len, uint8_t *r, uint8_t *s)
{
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(k->pkey, NULL);
	const uint8_t *p;
	ECDSA_SIG *sig;
	uint8_t der[160];
	size_t n = sizeof(der);
	bool ok;

	if (c == NULL || !end(c, EVP_PKEY_sign_init(c) == 1 ?
			EVP_PKEY_sign(c, der, &n, in, len) : 0))
		return false;
	p = der;
	sig = d2i_ECDSA_SIG(NULL, &p, (long)n);
	ok = sig != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(sig), r, (int)k->len) > 0 &&
			BN_bn2binpad(ECDSA_SIG_get0_s(sig), s, (int)k->len) > 0;
	ECDSA_SIG_free(sig);
	return ok;
}

bool
asym_ec_verify(const struct asym_ec_key *k, const uint8_t *in, uint32_t len, const uint8_t *r,
		const uint8_t *s)
{
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(k->pkey, NULL);
	ECDSA_SIG *sig = ECDSA_SIG_new();
	uint8_t *der = NULL;
	int n;

	if (c == NULL || sig == NULL ||
			ECDSA_SIG_set0(sig, BN_bin2bn(r, (int)k->len, NULL),
					BN_bin2bn(s, (int)k->len, NULL)) != 1)
		return false;
	n = i2d_ECDSA_SIG(sig, &der);
	ECDSA_SIG_free(sig);
	n = n > 0 && end(c, EVP_PKEY_verify_init(c) == 1 ?
			EVP_PKEY_verify(c, der, (size_t)n, in, len) : 0);
	OPENSSL_free(der);
	return n != 0;
}
