/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include <stdlib.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/rsa.h>

#include "asym_fixture.h"

#define MAX_KEYS 16

static struct rte_mempool *sessions, *ops;
static struct asym_key keys[MAX_KEYS];
static unsigned int nb_keys;

int
asym_setup(void **state)
{
	int ret = dut_eal_setup(state);

	if (ret != 0)
		return ret;
	ops = rte_crypto_op_pool_create("asym_ops", RTE_CRYPTO_OP_TYPE_ASYMMETRIC, 1023, 0, 0, 0);
	return ops != NULL ? 0 : -1;
}

int
asym_teardown(void **state)
{
	unsigned int i;

	if (ops != NULL)
		assert_int_equal(rte_mempool_in_use_count(ops), 0);
	if (sessions != NULL)
		assert_int_equal(rte_mempool_in_use_count(sessions), 0);
	rte_mempool_free(ops);
	rte_mempool_free(sessions);
	for (i = 0; i < nb_keys; i++)
		EVP_PKEY_free(keys[i].pkey);
	return dut_eal_teardown(state);
}

/* ---- keys ---- */

static void
get(const struct asym_key *k, const char *name, struct asym_number *out)
{
	BIGNUM *bn = NULL;

	assert_int_equal(EVP_PKEY_get_bn_param(k->pkey, name, &bn), 1);
	out->len = (size_t)BN_num_bytes(bn);
	assert_true(out->len <= sizeof(out->data));
	BN_bn2bin(bn, out->data);
	BN_clear_free(bn);
}

const struct asym_key *
asym_rsa_key(unsigned int bits)
{
	struct asym_key *k;
	unsigned int i;

	for (i = 0; i < nb_keys; i++)
		if (keys[i].curve == 0 && keys[i].len == bits / 8)
			return &keys[i];
	assert_true(nb_keys < MAX_KEYS);
	k = &keys[nb_keys++];
	k->pkey = EVP_RSA_gen(bits);
	assert_non_null(k->pkey);
	get(k, OSSL_PKEY_PARAM_RSA_N, &k->n);
	get(k, OSSL_PKEY_PARAM_RSA_E, &k->e);
	get(k, OSSL_PKEY_PARAM_RSA_D, &k->d);
	get(k, OSSL_PKEY_PARAM_RSA_FACTOR1, &k->p);
	get(k, OSSL_PKEY_PARAM_RSA_FACTOR2, &k->q);
	get(k, OSSL_PKEY_PARAM_RSA_EXPONENT1, &k->dp);
	get(k, OSSL_PKEY_PARAM_RSA_EXPONENT2, &k->dq);
	get(k, OSSL_PKEY_PARAM_RSA_COEFFICIENT1, &k->qinv);
	k->len = k->n.len;
	return k;
}

static const struct {
	enum rte_crypto_curve_id curve;
	const char *name;
	size_t len;
} curves[] = {
	{RTE_CRYPTO_EC_GROUP_SECP192R1, "prime192v1", 24},
	{RTE_CRYPTO_EC_GROUP_SECP224R1, "secp224r1", 28},
	{RTE_CRYPTO_EC_GROUP_SECP256R1, "prime256v1", 32},
	{RTE_CRYPTO_EC_GROUP_SECP384R1, "secp384r1", 48},
	{RTE_CRYPTO_EC_GROUP_SECP521R1, "secp521r1", 66},
};

const struct asym_key *
asym_ec_key(enum rte_crypto_curve_id curve)
{
	struct asym_key *k;
	unsigned int i;

	for (i = 0; i < nb_keys; i++)
		if (keys[i].curve == curve)
			return &keys[i];
	assert_true(nb_keys < MAX_KEYS);
	k = &keys[nb_keys++];
	for (i = 0; curves[i].curve != curve; i++)
		assert_true(i < RTE_DIM(curves));
	k->curve = curve;
	k->len = curves[i].len;
	k->pkey = EVP_EC_gen(curves[i].name);
	assert_non_null(k->pkey);
	get(k, OSSL_PKEY_PARAM_PRIV_KEY, &k->d);
	get(k, OSSL_PKEY_PARAM_EC_PUB_X, &k->x);
	get(k, OSSL_PKEY_PARAM_EC_PUB_Y, &k->y);
	return k;
}

/* ---- sessions ---- */

void *
asym_session(struct dut *t, struct rte_crypto_asym_xform *xform)
{
	void *session = NULL;
	int ret;

	/* The library asks the devices that there are how large one is. */
	if (sessions == NULL)
		sessions = rte_cryptodev_asym_session_pool_create("asym_sess", 255, 0, 0, 0);
	assert_non_null(sessions);
	ret = rte_cryptodev_asym_session_create(t->id, xform, sessions, &session);
	if (ret == 0)
		return session;
	/* The library keeps the object of a session that could not be made. */
	if (session != NULL)
		rte_mempool_put(sessions, session);
	rte_errno = -ret;
	return NULL;
}

static rte_crypto_uint
number(const struct asym_number *n)
{
	return (rte_crypto_uint){.data = (uint8_t *)(uintptr_t)n->data, .length = n->len};
}

void *
asym_rsa_session(struct dut *t, const struct asym_key *k, enum rte_crypto_rsa_priv_key_type type,
		bool private)
{
	struct rte_crypto_asym_xform xform = {.xform_type = RTE_CRYPTO_ASYM_XFORM_RSA};

	xform.rsa.n = number(&k->n);
	xform.rsa.e = number(&k->e);
	xform.rsa.key_type = type;
	if (private && type == RTE_RSA_KEY_TYPE_EXP) {
		xform.rsa.d = number(&k->d);
	} else if (private) {
		xform.rsa.qt.p = number(&k->p);
		xform.rsa.qt.q = number(&k->q);
		xform.rsa.qt.dP = number(&k->dp);
		xform.rsa.qt.dQ = number(&k->dq);
		xform.rsa.qt.qInv = number(&k->qinv);
	}
	return asym_session(t, &xform);
}

void *
asym_ec_session(struct dut *t, enum rte_crypto_curve_id curve)
{
	struct rte_crypto_asym_xform xform = {.xform_type = RTE_CRYPTO_ASYM_XFORM_ECDSA};

	xform.ec.curve_id = curve;
	return asym_session(t, &xform);
}

void
asym_free_session(struct dut *t, void *session)
{
	assert_int_equal(rte_cryptodev_asym_session_free(t->id, session), 0);
}

/* ---- operations ---- */

static void
new_op(struct asym_op *o, void *session, const uint8_t *in, size_t len)
{
	memset(o, 0, sizeof(*o));
	o->op = rte_crypto_op_alloc(ops, RTE_CRYPTO_OP_TYPE_ASYMMETRIC);
	assert_non_null(o->op);
	rte_crypto_op_attach_asym_session(o->op, session);
	assert_true(len <= sizeof(o->in));
	if (len > 0)
		memcpy(o->in, in, len);
	memset(o->out, ASYM_UNTOUCHED, sizeof(o->out));
	memset(o->out2, ASYM_UNTOUCHED, sizeof(o->out2));
}

void
asym_rsa_op(struct asym_op *o, void *session, enum rte_crypto_asym_op_type type,
		enum rte_crypto_rsa_padding_type padding, enum rte_crypto_auth_algorithm hash,
		const uint8_t *in, size_t len)
{
	struct rte_crypto_rsa_op_param *p;

	new_op(o, session, in, len);
	p = &o->op->asym->rsa;
	p->op_type = type;
	p->padding.type = padding;
	p->padding.hash = hash;
	if (type == RTE_CRYPTO_ASYM_OP_DECRYPT) {
		p->cipher.data = o->in;
		p->cipher.length = len;
		p->message.data = o->out;
	} else {
		p->message.data = o->in;
		p->message.length = len;
		if (type == RTE_CRYPTO_ASYM_OP_SIGN)
			p->sign.data = o->out;
		else
			p->cipher.data = o->out;
	}
}

void
asym_rsa_verify_op(struct asym_op *o, void *session, enum rte_crypto_rsa_padding_type padding,
		enum rte_crypto_auth_algorithm hash, const uint8_t *message, size_t len,
		const uint8_t *sig, size_t sig_len)
{
	asym_rsa_op(o, session, RTE_CRYPTO_ASYM_OP_VERIFY, padding, hash, message, len);
	o->op->asym->rsa.cipher.data = NULL;
	memcpy(o->out, sig, sig_len);
	o->op->asym->rsa.sign.data = o->out;
	o->op->asym->rsa.sign.length = sig_len;
}

void
asym_ec_sign_op(struct asym_op *o, void *session, const struct asym_key *k,
		const uint8_t *digest, size_t len)
{
	struct rte_crypto_ecdsa_op_param *p;

	new_op(o, session, digest, len);
	p = &o->op->asym->ecdsa;
	p->op_type = RTE_CRYPTO_ASYM_OP_SIGN;
	p->pkey = number(&k->d);
	p->message.data = o->in;
	p->message.length = len;
	p->r.data = o->out;
	p->s.data = o->out2;
}

void
asym_ec_verify_op(struct asym_op *o, void *session, const struct asym_key *k,
		const uint8_t *digest, size_t len, const uint8_t *r, size_t r_len, const uint8_t *s,
		size_t s_len)
{
	struct rte_crypto_ecdsa_op_param *p;

	asym_ec_sign_op(o, session, k, digest, len);
	p = &o->op->asym->ecdsa;
	p->op_type = RTE_CRYPTO_ASYM_OP_VERIFY;
	memset(&p->pkey, 0, sizeof(p->pkey));
	p->q.x = number(&k->x);
	p->q.y = number(&k->y);
	memcpy(o->out, r, r_len);
	memcpy(o->out2, s, s_len);
	p->r.length = r_len;
	p->s.length = s_len;
}

void
asym_op_free(struct asym_op *o)
{
	rte_crypto_op_free(o->op);
	o->op = NULL;
}

enum rte_crypto_op_status
asym_run(struct dut *t, struct asym_op *o)
{
	return dut_run(t, 0, o->op);
}

/* ---- OpenSSL's word ---- */

static EVP_PKEY_CTX *
rsa_ctx(const struct asym_key *k, int (*init)(EVP_PKEY_CTX *), int padding, const char *hash)
{
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(k->pkey, NULL);

	assert_non_null(c);
	assert_int_equal(init(c), 1);
	assert_true(EVP_PKEY_CTX_set_rsa_padding(c, padding) > 0);
	if (hash != NULL)
		assert_true(EVP_PKEY_CTX_set_signature_md(c, EVP_get_digestbyname(hash)) > 0);
	return c;
}

bool
asym_ref_rsa_verify(const struct asym_key *k, const char *hash, const uint8_t *digest, size_t len,
		const uint8_t *sig, size_t sig_len)
{
	EVP_PKEY_CTX *c = rsa_ctx(k, EVP_PKEY_verify_init, RSA_PKCS1_PADDING, hash);
	const bool good = EVP_PKEY_verify(c, sig, sig_len, digest, len) == 1;

	EVP_PKEY_CTX_free(c);
	return good;
}

void
asym_ref_rsa_sign(const struct asym_key *k, const char *hash, const uint8_t *digest, size_t len,
		uint8_t *sig)
{
	EVP_PKEY_CTX *c = rsa_ctx(k, EVP_PKEY_sign_init, RSA_PKCS1_PADDING, hash);
	size_t sig_len = ASYM_MAX_LEN;

	assert_int_equal(EVP_PKEY_sign(c, sig, &sig_len, digest, len), 1);
	assert_int_equal(sig_len, k->len);
	EVP_PKEY_CTX_free(c);
}

void
asym_ref_rsa_encrypt(const struct asym_key *k, int padding, const uint8_t *in, size_t len,
		uint8_t *out)
{
	EVP_PKEY_CTX *c = rsa_ctx(k, EVP_PKEY_encrypt_init, padding, NULL);
	size_t out_len = ASYM_MAX_LEN;

	assert_int_equal(EVP_PKEY_encrypt(c, out, &out_len, in, len), 1);
	assert_int_equal(out_len, k->len);
	EVP_PKEY_CTX_free(c);
}

size_t
asym_ref_rsa_decrypt(const struct asym_key *k, int padding, const uint8_t *in, uint8_t *out)
{
	EVP_PKEY_CTX *c = rsa_ctx(k, EVP_PKEY_decrypt_init, padding, NULL);
	size_t len = ASYM_MAX_LEN;

	assert_int_equal(EVP_PKEY_decrypt(c, out, &len, in, k->len), 1);
	EVP_PKEY_CTX_free(c);
	return len;
}

bool
asym_ref_ec_verify(const struct asym_key *k, const uint8_t *digest, size_t len, const uint8_t *r,
		size_t r_len, const uint8_t *s, size_t s_len)
{
	ECDSA_SIG *sig = ECDSA_SIG_new();
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(k->pkey, NULL);
	uint8_t *der = NULL;
	bool good;
	int n;

	assert_int_equal(ECDSA_SIG_set0(sig, BN_bin2bn(r, (int)r_len, NULL),
			BN_bin2bn(s, (int)s_len, NULL)), 1);
	n = i2d_ECDSA_SIG(sig, &der);
	assert_true(n > 0);
	assert_int_equal(EVP_PKEY_verify_init(c), 1);
	good = EVP_PKEY_verify(c, der, (size_t)n, digest, len) == 1;
	OPENSSL_free(der);
	ECDSA_SIG_free(sig);
	EVP_PKEY_CTX_free(c);
	return good;
}

void
asym_ref_ec_sign(const struct asym_key *k, const uint8_t *digest, size_t len, uint8_t *rs)
{
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new(k->pkey, NULL);
	uint8_t der[256];
	const uint8_t *p = der;
	size_t n = sizeof(der);
	ECDSA_SIG *sig;

	assert_int_equal(EVP_PKEY_sign_init(c), 1);
	assert_int_equal(EVP_PKEY_sign(c, der, &n, digest, len), 1);
	sig = d2i_ECDSA_SIG(NULL, &p, (long)n);
	assert_non_null(sig);
	assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_r(sig), rs, (int)k->len), (int)k->len);
	assert_int_equal(BN_bn2binpad(ECDSA_SIG_get0_s(sig), rs + k->len, (int)k->len),
			(int)k->len);
	ECDSA_SIG_free(sig);
	EVP_PKEY_CTX_free(c);
}
