/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Asymmetric codec. [virtio 5.9.9.2.1.5, 5.9.9.8 AKCIPHER Service Operation]
 *
 * May include: wire, slot, caps (for the algorithm rows), DER, arithmetic, log. Sees no ring and no
 * transport. Functions on keys run on control threads, but for those of ECDSA, which may come with
 * an op; the rest on the data path of any queue pair.
 *
 * Invariants
 *  - nothing is written outside a buffer's two halves, nor more to the application than the
 *    modulus, or a coordinate, is long;
 *  - what the application sees as a success is what the device has written, or a comparison.
 */

#include <errno.h>
#include <string.h>

#include <rte_branch_prediction.h>
#include <rte_malloc.h>

#include "virtio_caps.h"
#include "virtio_codec.h"
#include "virtio_codec_asym.h"
#include "virtio_codec_table.h"
#include "virtio_compat.h"
#include "virtio_der.h"
#include "virtio_log.h"
#include "virtio_secret.h"

#define HALF VCRYPTO_ASYM_BUF_SECOND
static_assert(VCRYPTO_RSA_MAX_LEN <= HALF && 2 * HALF == VCRYPTO_ASYM_BUF_LEN,
	"source and result have half a buffer each");
static_assert(VCRYPTO_ASYM_BUF_KEY + VCRYPTO_EC_KEY_MAX <= HALF, "a key lies behind the source");

/* Longest digest that is signed with ECDSA; all beyond the order's length is cut off anyway. */
#define EC_MESSAGE_MAX VCRYPTO_ASYM_BUF_KEY

/* ---- keys ---- */

static struct vcrypto_number
number_of(const rte_crypto_uint *u)
{
	struct vcrypto_der_in n = { u->data, u->data != NULL ? u->length : 0 };

	vcrypto_der_strip(&n);
	return (struct vcrypto_number){ n.p, n.len };
}

static void
put_number(struct vcrypto_der_out *o, const struct vcrypto_number *n)
{
	vcrypto_der_put_number(o, n->p, n->len);
}

/* RSAPublicKey [RFC 8017, A.1.1] */
static size_t
put_rsa_public(const struct vcrypto_rsa_numbers *k, uint8_t *out)
{
	struct vcrypto_der_out o;

	vcrypto_der_out_init(&o, out, VCRYPTO_RSA_PUBLIC_MAX);
	put_number(&o, &k->e);
	put_number(&o, &k->n);
	vcrypto_der_wrap(&o, VCRYPTO_DER_SEQUENCE, 0);
	return vcrypto_der_out_end(&o);
}

/* RSAPrivateKey [RFC 8017, A.1.2] */
static size_t
put_rsa_private(const struct vcrypto_rsa_numbers *k, uint8_t *out)
{
	static const uint8_t version[] = { 0 };
	struct vcrypto_der_out o;

	vcrypto_der_out_init(&o, out, VCRYPTO_RSA_PRIVATE_MAX);
	put_number(&o, &k->qinv);
	put_number(&o, &k->dq);
	put_number(&o, &k->dp);
	put_number(&o, &k->q);
	put_number(&o, &k->p);
	put_number(&o, &k->d);
	put_number(&o, &k->e);
	put_number(&o, &k->n);
	vcrypto_der_put_number(&o, version, sizeof(version));
	vcrypto_der_wrap(&o, VCRYPTO_DER_SEQUENCE, 0);
	return vcrypto_der_out_end(&o);
}

/* What the application gives of a private key; false if it gives none. */
static bool
rsa_private_of(const struct rte_crypto_rsa_xform *x, struct vcrypto_rsa_numbers *k)
{
	if (x->key_type != RTE_RSA_KEY_TYPE_QT) {
		k->d = number_of(&x->d);
		return k->d.len != 0;
	}
	k->p = number_of(&x->qt.p);
	k->q = number_of(&x->qt.q);
	k->dp = number_of(&x->qt.dP);
	k->dq = number_of(&x->qt.dQ);
	k->qinv = number_of(&x->qt.qInv);
	return k->p.len != 0 || k->q.len != 0;
}

static bool
is_too_long(const struct vcrypto_rsa_numbers *k)
{
	return k->p.len > k->n.len || k->q.len > k->n.len || k->dp.len > k->n.len ||
		k->dq.len > k->n.len || k->qinv.len > k->n.len || k->d.len > k->n.len;
}

static int
rsa_private(const char *dev_name, struct vcrypto_rsa_numbers *k, uint8_t *priv, size_t *len)
{
	struct vcrypto_rsa_room *room;
	int ret = -EINVAL;

	if (k->e.len > VCRYPTO_RSA_MAX_E_LEN) {
		VCRYPTO_DEV_LOG(ERR, dev_name, "session: RSA: public exponent of %zu bytes; of a"
			" private key at most %u", k->e.len, VCRYPTO_RSA_MAX_E_LEN);
		return -ENOTSUP;
	}
	room = rte_malloc("vcrypto_rsa", sizeof(*room), 0);
	if (room == NULL)
		return -ENOMEM;
	/* The standard's key has all numbers, and devices refuse one with gaps. */
	if (!is_too_long(k))
		ret = vcrypto_bignum_complete_rsa(k, room);
	if (ret == 0) {
		*len = put_rsa_private(k, priv);
		ret = *len != 0 ? 0 : -EINVAL;
	}
	vcrypto_secret_free(room, sizeof(*room));
	if (ret == -EINVAL)
		VCRYPTO_DEV_LOG(ERR, dev_name, "session: RSA: the numbers of the private key do not"
			" belong together");
	return ret;
}

static int
rsa_padding_of(const char *dev_name, const struct rte_crypto_rsa_xform *xform,
		struct vcrypto_asym_key *key)
{
	const struct rte_crypto_rsa_padding *const padding =
		vcrypto_compat_rsa_padding(xform, NULL);

	if (padding == NULL)
		return 0;
	if (padding->type != RTE_CRYPTO_RSA_PADDING_NONE &&
			padding->type != RTE_CRYPTO_RSA_PADDING_PKCS1_5) {
		VCRYPTO_DEV_LOG(ERR, dev_name, "session: RSA: padding %d, must be none or PKCS#1"
			" v1.5", (int)padding->type);
		return -ENOTSUP;
	}
	key->padding_known = true;
	key->padding = padding->type == RTE_CRYPTO_RSA_PADDING_NONE ?
		VIRTIO_CRYPTO_RSA_RAW_PADDING : VIRTIO_CRYPTO_RSA_PKCS1_PADDING;
	key->hash = padding->hash;
	return 0;
}

int
vcrypto_codec_rsa_keys(const char *dev_name, const struct rte_crypto_rsa_xform *xform,
		struct vcrypto_asym_key *key, uint8_t *pub, size_t *pub_len, uint8_t *priv,
		size_t *priv_len)
{
	struct vcrypto_rsa_numbers k;
	int ret;

	memset(&k, 0, sizeof(k));
	memset(key, 0, sizeof(*key));
	k.n = number_of(&xform->n);
	k.e = number_of(&xform->e);
	*priv_len = 0;
	if (k.n.len == 0 || k.e.len == 0 || k.e.len > k.n.len) {
		VCRYPTO_DEV_LOG(ERR, dev_name, "session: RSA: modulus of %zu bytes and public"
			" exponent of %zu", k.n.len, k.e.len);
		return -EINVAL;
	}
	if (k.n.len > VCRYPTO_RSA_MAX_LEN) {
		VCRYPTO_DEV_LOG(ERR, dev_name, "session: RSA: modulus of %zu bytes, at most %u",
			k.n.len, VCRYPTO_RSA_MAX_LEN);
		return -ENOTSUP;
	}
	ret = rsa_padding_of(dev_name, xform, key);
	if (ret < 0)
		return ret;
	key->algo = VIRTIO_CRYPTO_AKCIPHER_RSA;
	key->len = k.n.len;
	*pub_len = put_rsa_public(&k, pub);
	if (!rsa_private_of(xform, &k))
		return 0;
	return rsa_private(dev_name, &k, priv, priv_len);
}

/* A number in front of which zeros make it this long. @return false: it is too long. */
static bool
put_padded(struct vcrypto_der_out *o, const struct vcrypto_number *n, size_t len)
{
	static const uint8_t zeros[VCRYPTO_CURVE_MAX_LEN];

	if (n->len > len)
		return false;
	vcrypto_der_put(o, n->p, n->len);
	vcrypto_der_put(o, zeros, len - n->len);
	return true;
}

size_t
vcrypto_codec_ec_private(uint8_t id, const rte_crypto_uint *number, uint8_t *out)
{
	const struct vcrypto_alg_curve *const curve = vcrypto_caps_curve(id);
	const struct vcrypto_number n = number_of(number);
	static const uint8_t version[] = { 1 };
	struct vcrypto_der_out o;
	size_t mark;

	if (curve == NULL || n.len == 0)
		return 0;
	vcrypto_der_out_init(&o, out, VCRYPTO_EC_KEY_MAX);
	vcrypto_der_put(&o, curve->oid, curve->oid_len);
	vcrypto_der_wrap(&o, VCRYPTO_DER_OID, 0);
	vcrypto_der_wrap(&o, VCRYPTO_DER_CONTEXT(0), 0);
	mark = vcrypto_der_mark(&o);
	if (!put_padded(&o, &n, curve->len))
		return 0;
	vcrypto_der_wrap(&o, VCRYPTO_DER_OCTET_STRING, mark);
	vcrypto_der_put_number(&o, version, sizeof(version));
	vcrypto_der_wrap(&o, VCRYPTO_DER_SEQUENCE, 0);
	return vcrypto_der_out_end(&o);
}

size_t
vcrypto_codec_ec_public(uint8_t id, const struct rte_crypto_ec_point *point, uint8_t *out)
{
	const struct vcrypto_alg_curve *const curve = vcrypto_caps_curve(id);
	const struct vcrypto_number x = number_of(&point->x), y = number_of(&point->y);
	static const uint8_t uncompressed[] = { 4 };
	struct vcrypto_der_out o;

	if (curve == NULL || point->x.data == NULL || point->y.data == NULL ||
			point->x.length == 0 || point->y.length == 0)
		return 0;
	vcrypto_der_out_init(&o, out, VCRYPTO_EC_KEY_MAX);
	if (!put_padded(&o, &y, curve->len) || !put_padded(&o, &x, curve->len))
		return 0;
	vcrypto_der_put(&o, uncompressed, sizeof(uncompressed));
	return vcrypto_der_out_end(&o);
}

/* ---- sessions ---- */

void
vcrypto_codec_asym_create(struct vcrypto_asym_create *create, const struct vcrypto_asym_key *key,
		const struct vcrypto_asym_use *use, uint32_t algo, const uint8_t *der, uint32_t len)
{
	struct virtio_crypto_akcipher_create_session_req *const req = &create->req;

	memset(create, 0, sizeof(*create));
	req->header.opcode = rte_cpu_to_le_32(VIRTIO_CRYPTO_AKCIPHER_CREATE_SESSION);
	req->header.algo = rte_cpu_to_le_32(algo);
	req->algo = rte_cpu_to_le_32(algo);
	req->key_type = rte_cpu_to_le_32(use->private ? VIRTIO_CRYPTO_AKCIPHER_KEY_TYPE_PRIVATE :
							VIRTIO_CRYPTO_AKCIPHER_KEY_TYPE_PUBLIC);
	req->key_len = rte_cpu_to_le_32(len);
	if (key->algo == VIRTIO_CRYPTO_AKCIPHER_RSA) {
		req->rsa.padding_algo = rte_cpu_to_le_32(use->padding);
		req->rsa.hash_algo = rte_cpu_to_le_32(use->hash);
	} else {
		req->ecdsa.curve_id = rte_cpu_to_le_32(key->curve);
	}
	create->key = der;
	create->key_len = len;
}

/* ---- operations ---- */

/* An input of 1 to max bytes; of none, where that may be. */
static bool
is_input(const rte_crypto_param *p, size_t min, size_t max)
{
	return p->length >= min && p->length <= max && (p->data != NULL || p->length == 0);
}

/* Room for a result of this length; the application need not say how much there is. */
static bool
is_output(const rte_crypto_param *p, size_t len)
{
	return p->data != NULL && (p->length == 0 || p->length >= len);
}

/* [virtio 5.9.9.2.1.5] MUST pad with zeros on the left to the length of the modulus */
static bool
put_source_number(const rte_crypto_param *p, uint16_t len, uint8_t *buf)
{
	const struct vcrypto_number n = number_of(p);

	if (p->data == NULL || p->length == 0 || n.len > len)
		return false;
	memset(buf, 0, len - n.len);
	if (n.len > 0)
		memcpy(buf + len - n.len, n.p, n.len);
	return true;
}

static void
put_source(const rte_crypto_param *p, uint8_t *buf, struct vcrypto_asym_request *rq)
{
	rq->src_len = p->length;
	if (p->length > 0)
		memcpy(buf, p->data, p->length);
}

static void
put_data(const rte_crypto_param *p, uint8_t *buf, struct vcrypto_asym_request *rq)
{
	rq->data_len = p->length;
	memcpy(buf + HALF, p->data, p->length);
}

/* A message or digest that a signature with this hash is of. */
static bool
is_message(const rte_crypto_param *p, const struct vcrypto_alg_rsa_hash *hash, uint16_t len)
{
	const size_t max = len > hash->overhead ? len - hash->overhead : 0;

	return hash->digest == 0 ? is_input(p, 1, max) :
		is_input(p, hash->digest, RTE_MIN(hash->digest, max));
}

/* Without padding: powers of the source. Signatures, too, since such sessions may not sign. */
static int
fill_rsa_raw(const struct vcrypto_asym_key *key, const struct rte_crypto_rsa_op_param *op,
		uint8_t *buf, struct vcrypto_asym_request *rq)
{
	const uint16_t len = key->len;
	const rte_crypto_param *src, *out = NULL;

	rq->use.padding = VIRTIO_CRYPTO_RSA_RAW_PADDING;
	rq->after = VCRYPTO_ASYM_NUMBER;
	switch (op->op_type) {
	case RTE_CRYPTO_ASYM_OP_ENCRYPT:
		src = &op->message;
		out = &op->cipher;
		break;
	case RTE_CRYPTO_ASYM_OP_DECRYPT:
		rq->use.private = 1;
		src = &op->cipher;
		out = &op->message;
		break;
	case RTE_CRYPTO_ASYM_OP_SIGN:
		rq->use.private = 1;
		src = &op->message;
		out = &op->sign;
		break;
	case RTE_CRYPTO_ASYM_OP_VERIFY:
		rq->after = VCRYPTO_ASYM_COMPARE;
		src = &op->sign;
		/* The message is compared, or what the signature says goes out, or both. */
		if (op->message.data == NULL && op->cipher.data == NULL)
			return VCRYPTO_BAD_OP;
		if (op->message.data != NULL && (op->message.length == 0 ||
				number_of(&op->message).len > len))
			return VCRYPTO_BAD_OP;
		if (op->cipher.data != NULL && !is_output(&op->cipher, len))
			return VCRYPTO_BAD_OP;
		break;
	default:
		return VCRYPTO_BAD_OP;
	}
	/* [virtio 5.9.9.2.1.5] MUST NOT sign or verify with such a session */
	rq->op = rq->use.private ? VIRTIO_CRYPTO_AKCIPHER_DECRYPT & 0xff :
				   VIRTIO_CRYPTO_AKCIPHER_ENCRYPT & 0xff;
	if ((out != NULL && !is_output(out, len)) || !put_source_number(src, len, buf))
		return VCRYPTO_BAD_OP;
	rq->src_len = len;
	rq->dst_len = len;
	return 0;
}

static int
fill_rsa_crypt(const struct vcrypto_asym_key *key, const struct rte_crypto_rsa_op_param *op,
		bool lengths, uint8_t *buf, struct vcrypto_asym_request *rq)
{
	const uint16_t len = key->len;

	rq->dst_len = len;
	/* Encryption has no digest, but QEMU's device takes no session without one. */
	rq->use.hash = VIRTIO_CRYPTO_RSA_SHA1;
	if (op->op_type == RTE_CRYPTO_ASYM_OP_ENCRYPT) {
		rq->op = VIRTIO_CRYPTO_AKCIPHER_ENCRYPT & 0xff;
		rq->after = VCRYPTO_ASYM_NUMBER;
		/* At least 11 bytes of padding [RFC 8017, 7.2.1]. */
		if (len < 11 || !is_input(&op->message, 0, len - 11) ||
				!is_output(&op->cipher, len))
			return VCRYPTO_BAD_OP;
		put_source(&op->message, buf, rq);
		return 0;
	}
	rq->op = VIRTIO_CRYPTO_AKCIPHER_DECRYPT & 0xff;
	rq->use.private = 1;
	rq->after = VCRYPTO_ASYM_MESSAGE;
	if (!lengths) {
		rq->use.padding = VIRTIO_CRYPTO_RSA_RAW_PADDING;
		rq->use.hash = VIRTIO_CRYPTO_RSA_NO_HASH;
		rq->after = VCRYPTO_ASYM_UNPAD;
	}
	if (op->message.data == NULL || op->cipher.data == NULL)
		return VCRYPTO_BAD_OP;
	/* [RFC 8017, 7.2.2] no ciphertext, whatever its value */
	if (op->cipher.length != len)
		return RTE_CRYPTO_OP_STATUS_ERROR;
	put_source(&op->cipher, buf, rq);
	return 0;
}

static int
fill_rsa_sign(const struct vcrypto_asym_key *key, const struct rte_crypto_rsa_op_param *op,
		const struct vcrypto_alg_rsa_hash *hash, uint8_t *buf,
		struct vcrypto_asym_request *rq)
{
	const uint16_t len = key->len;

	if (hash == NULL || !is_message(&op->message, hash, len))
		return VCRYPTO_BAD_OP;
	rq->use.hash = hash->id;
	if (op->op_type == RTE_CRYPTO_ASYM_OP_SIGN) {
		rq->op = VIRTIO_CRYPTO_AKCIPHER_SIGN & 0xff;
		rq->use.private = 1;
		rq->after = VCRYPTO_ASYM_NUMBER;
		rq->dst_len = len;
		if (!is_output(&op->sign, len))
			return VCRYPTO_BAD_OP;
		put_source(&op->message, buf, rq);
		return 0;
	}
	rq->op = VIRTIO_CRYPTO_AKCIPHER_VERIFY & 0xff;
	rq->after = VCRYPTO_ASYM_NOTHING;
	if (!is_input(&op->sign, 1, len))
		return VCRYPTO_BAD_OP;
	/* [RFC 8017, 8.2.2] no signature, whatever its value */
	if (op->sign.length != len)
		return RTE_CRYPTO_OP_STATUS_ERROR;
	put_source(&op->sign, buf, rq);
	put_data(&op->message, buf, rq);
	return 0;
}

static int
fill_rsa(const struct vcrypto_asym_key *key, const struct rte_crypto_rsa_op_param *op,
		bool lengths, uint8_t *buf, struct vcrypto_asym_request *rq)
{
	const struct rte_crypto_rsa_padding *const padding = vcrypto_compat_rsa_padding(NULL, op);
	enum rte_crypto_auth_algorithm hash = key->hash;
	uint8_t type = key->padding;

	if (!key->padding_known) {
		if (padding == NULL || (padding->type != RTE_CRYPTO_RSA_PADDING_NONE &&
				padding->type != RTE_CRYPTO_RSA_PADDING_PKCS1_5))
			return VCRYPTO_BAD_OP;
		type = padding->type == RTE_CRYPTO_RSA_PADDING_NONE ?
			VIRTIO_CRYPTO_RSA_RAW_PADDING : VIRTIO_CRYPTO_RSA_PKCS1_PADDING;
		hash = padding->hash;
	}
	if (type == VIRTIO_CRYPTO_RSA_RAW_PADDING)
		return fill_rsa_raw(key, op, buf, rq);
	rq->use.padding = VIRTIO_CRYPTO_RSA_PKCS1_PADDING;
	switch (op->op_type) {
	case RTE_CRYPTO_ASYM_OP_ENCRYPT:
	case RTE_CRYPTO_ASYM_OP_DECRYPT:
		return fill_rsa_crypt(key, op, lengths, buf, rq);
	case RTE_CRYPTO_ASYM_OP_SIGN:
	case RTE_CRYPTO_ASYM_OP_VERIFY:
		return fill_rsa_sign(key, op, vcrypto_caps_find_rsa_hash(hash), buf, rq);
	default:
		return VCRYPTO_BAD_OP;
	}
}

/* Ecdsa-Sig-Value [RFC 3279, 2.2.3]: [virtio 5.9.9.8] MUST be DER */
static uint16_t
put_signature(const rte_crypto_uint *r, const rte_crypto_uint *s, uint8_t *buf)
{
	const struct vcrypto_number nr = number_of(r), ns = number_of(s);
	struct vcrypto_der_out o;

	vcrypto_der_out_init(&o, buf, VCRYPTO_ASYM_BUF_KEY);
	put_number(&o, &ns);
	put_number(&o, &nr);
	vcrypto_der_wrap(&o, VCRYPTO_DER_SEQUENCE, 0);
	return vcrypto_der_out_end(&o);
}

/* Most bytes of a signature: two numbers with a sign byte each; above 127 bytes one more. */
static uint16_t
signature_max(uint16_t part)
{
	const uint16_t len = 2 * (part + 3);

	return len + (len > 127 ? 3 : 2);
}

static int
fill_ecdsa(const struct vcrypto_asym_key *key, const struct rte_crypto_ecdsa_op_param *op,
		uint8_t *buf, struct vcrypto_asym_request *rq)
{
	const rte_crypto_uint *const number = vcrypto_compat_ec_private(NULL, op);
	const struct rte_crypto_ec_point *const point = vcrypto_compat_ec_public(NULL, op);
	const uint16_t len = key->len;

	rq->part_len = len;
	/* The number k of the application is not used: the device has its own. */
	if (!is_input(&op->message, 1, EC_MESSAGE_MAX))
		return VCRYPTO_BAD_OP;
	switch (op->op_type) {
	case RTE_CRYPTO_ASYM_OP_SIGN:
		rq->op = VIRTIO_CRYPTO_AKCIPHER_SIGN & 0xff;
		rq->use.private = 1;
		rq->after = VCRYPTO_ASYM_SIGNATURE;
		rq->dst_len = signature_max(len);
		if (!is_output(&op->r, len) || !is_output(&op->s, len))
			return VCRYPTO_BAD_OP;
		if (number != NULL) {
			rq->key_len = vcrypto_codec_ec_private(key->curve, number,
				buf + VCRYPTO_ASYM_BUF_KEY);
			if (rq->key_len == 0)
				return VCRYPTO_BAD_OP;
		}
		put_source(&op->message, buf, rq);
		return 0;
	case RTE_CRYPTO_ASYM_OP_VERIFY:
		rq->op = VIRTIO_CRYPTO_AKCIPHER_VERIFY & 0xff;
		rq->after = VCRYPTO_ASYM_NOTHING;
		if (op->r.data == NULL || op->s.data == NULL || op->r.length == 0 ||
				op->s.length == 0 || number_of(&op->r).len > len ||
				number_of(&op->s).len > len)
			return VCRYPTO_BAD_OP;
		if (point != NULL) {
			rq->key_len = vcrypto_codec_ec_public(key->curve, point,
				buf + VCRYPTO_ASYM_BUF_KEY);
			if (rq->key_len == 0)
				return VCRYPTO_BAD_OP;
		}
		rq->src_len = put_signature(&op->r, &op->s, buf);
		put_data(&op->message, buf, rq);
		return 0;
	default:
		return VCRYPTO_BAD_OP;
	}
}

int
vcrypto_codec_asym_fill(const struct vcrypto_asym_key *key, const struct rte_crypto_asym_op *op,
		bool lengths, uint8_t *buf, struct vcrypto_asym_request *rq)
{
	int ret;

	memset(rq, 0, sizeof(*rq));
	if (key->algo == VIRTIO_CRYPTO_AKCIPHER_RSA) {
		rq->type = op->rsa.op_type;
		ret = fill_rsa(key, &op->rsa, lengths, buf, rq);
	} else {
		ret = fill_ecdsa(key, &op->ecdsa, buf, rq);
	}
	/* A device that writes nothing must not pass for one that did its work. */
	rq->preset = VCRYPTO_STATUS_POISON;
	if (ret == 0)
		memset(buf + HALF, rq->preset, rq->dst_len);
	return ret;
}

/* ---- requests ---- */

static uint16_t
put_header(const struct vcrypto_asym_key *key, const struct vcrypto_asym_request *rq,
		const struct vcrypto_asym_target *target, struct vcrypto_slot *slot)
{
	struct virtio_crypto_akcipher_data_req *const s = &slot->req.akcipher;
	struct virtio_crypto_akcipher_stateless_req *const l = &slot->req.akcipher_stateless;
	const rte_le32_t second = rte_cpu_to_le_32(rq->data_len != 0 ? rq->data_len : rq->dst_len);

	memset(&slot->req, 0, sizeof(slot->req));
	slot->req.header.opcode = rte_cpu_to_le_32(VIRTIO_CRYPTO_OPCODE(
		(uint32_t)VIRTIO_CRYPTO_SERVICE_AKCIPHER, rq->op));
	slot->req.header.algo = rte_cpu_to_le_32(target->algo);
	if (!target->stateless) {
		slot->req.header.session_id = rte_cpu_to_le_64(target->session);
		slot->req.header.flag = rte_cpu_to_le_32(VIRTIO_CRYPTO_FLAG_SESSION_MODE);
		s->src_data_len = rte_cpu_to_le_32(rq->src_len);
		s->dst_data_len = second;
		/* [virtio 5.9.9.3] the fixed part is padded unless REVISION_1 is negotiated */
		return target->revision_1 ? sizeof(*s) : sizeof(slot->req);
	}
	/* [virtio 5.9.9.8.1] MUST: flag 0, and the session's parameters */
	l->algo = rte_cpu_to_le_32(target->algo);
	l->key_type = rte_cpu_to_le_32(rq->use.private ? VIRTIO_CRYPTO_AKCIPHER_KEY_TYPE_PRIVATE :
							 VIRTIO_CRYPTO_AKCIPHER_KEY_TYPE_PUBLIC);
	l->key_len = rte_cpu_to_le_32(target->key_len);
	if (key->algo == VIRTIO_CRYPTO_AKCIPHER_RSA) {
		l->rsa.padding_algo = rte_cpu_to_le_32(rq->use.padding);
		l->rsa.hash_algo = rte_cpu_to_le_32(rq->use.hash);
	} else {
		l->ecdsa.curve_id = rte_cpu_to_le_32(key->curve);
	}
	l->src_data_len = rte_cpu_to_le_32(rq->src_len);
	l->dst_data_len = second;
	return sizeof(*l);
}

void
vcrypto_codec_asym_encode(const struct vcrypto_asym_key *key,
		const struct vcrypto_asym_request *rq, const struct vcrypto_asym_target *target,
		rte_iova_t buf_iova, struct vcrypto_slot_priv *sp,
		const struct vcrypto_desc_fmt *fmt)
{
	struct vcrypto_writer w = { .d = sp->slot->table, .fmt = fmt };

	vcrypto_put_read(&w, sp->iova, put_header(key, rq, target, sp->slot));
	if (target->stateless)
		vcrypto_put_read(&w, target->key_iova, target->key_len);
	if (rq->src_len != 0)
		vcrypto_put_read(&w, buf_iova, rq->src_len);
	if (rq->data_len != 0)
		vcrypto_put_read(&w, buf_iova + HALF, rq->data_len);
	if (rq->dst_len != 0)
		vcrypto_put_write(&w, buf_iova + HALF, rq->dst_len);
	vcrypto_put_status(&w, sp);
	sp->in_ext = 0;
	sp->digest_action = VCRYPTO_DIGEST_NONE;
	/* The slot has nothing that a symmetric session could patch. */
	sp->serial = 0;
}

/* ---- answers ---- */

/* Most times that a result is asked for again, lest a device has its driver do so for ever. */
#define ASK_AGAIN_MAX 3

/* Whether the device has written nothing at all. */
static bool
is_preset(const struct vcrypto_asym_request *rq, const uint8_t *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (p[i] != rq->preset)
			return false;
	return true;
}

/*
 * Whether a number that is shorter than its field has lost its end. A device may leave out zeros
 * in front; one that has them there has no reason to. QEMU's built-in device, with nettle, puts
 * zeros in front and then returns as many bytes as the number has without them.
 */
static bool
is_cut(const uint8_t *p, size_t len, size_t full)
{
	return len > 1 && len < full && p[0] == 0;
}

/* A number of up to @p len bytes, where @p full are wanted. */
static void
get_number(rte_crypto_param *out, const uint8_t *p, size_t len, size_t full)
{
	memset(out->data, 0, full - len);
	memcpy(out->data + full - len, p, len);
	out->length = full;
}

static int
get_message(rte_crypto_param *out, const uint8_t *p, size_t len)
{
	if (out->length != 0 && out->length < len)
		return VCRYPTO_BAD_OP;
	memcpy(out->data, p, len);
	out->length = len;
	return RTE_CRYPTO_OP_STATUS_SUCCESS;
}

static uint32_t
ones_if_zero(uint8_t x)
{
	return (uint32_t)(((int64_t)x - 1) >> 32);
}

/*
 * EME-PKCS1-v1_5 [RFC 8017, 7.2.2]: 0, 2, eight or more bytes that are not 0, 0, the message.
 * Where it ends, and whether there is any, is found without branches on secret bytes.
 */
static int
unpad(rte_crypto_param *out, const uint8_t *p, size_t len, size_t full)
{
	uint32_t good, at = 0, looking = UINT32_MAX;
	uint8_t em[VCRYPTO_RSA_MAX_LEN];
	int ret;
	size_t i;

	memset(em, 0, full - len);
	memcpy(em + full - len, p, len);
	good = ones_if_zero(em[0]) & ones_if_zero(em[1] ^ 2);
	for (i = 2; i < full; i++) {
		const uint32_t found = ones_if_zero(em[i]) & looking;

		at |= found & (uint32_t)i;
		looking &= ~found;
	}
	good &= ~looking;
	good &= ~(uint32_t)(((int64_t)at - 10) >> 32);
	ret = good == 0 ? RTE_CRYPTO_OP_STATUS_ERROR : get_message(out, em + at + 1, full - at - 1);
	vcrypto_secret_wipe(em, full);
	return ret;
}

/* What a signature without padding says: for the application, or against its message. */
static int
compare(struct rte_crypto_rsa_op_param *op, const uint8_t *p, size_t len, size_t full)
{
	const struct vcrypto_number message = number_of(&op->message);
	uint8_t want[VCRYPTO_RSA_MAX_LEN], got[VCRYPTO_RSA_MAX_LEN];

	memset(got, 0, full - len);
	memcpy(got + full - len, p, len);
	if (op->cipher.data != NULL) {
		memcpy(op->cipher.data, got, full);
		op->cipher.length = full;
	}
	if (op->message.data == NULL)
		return RTE_CRYPTO_OP_STATUS_SUCCESS;
	if (message.len > full)
		return VCRYPTO_BAD_OP;
	memset(want, 0, full - message.len);
	if (message.len > 0)
		memcpy(want + full - message.len, message.p, message.len);
	return vcrypto_secret_equal(want, got, full) ? RTE_CRYPTO_OP_STATUS_SUCCESS :
						       RTE_CRYPTO_OP_STATUS_ERROR;
}

static int
get_signature(struct rte_crypto_ecdsa_op_param *op, const uint8_t *p, size_t len, bool exact,
		uint8_t part)
{
	struct vcrypto_der_in in = { p, len }, seq, r, s;

	if (!vcrypto_der_take(&in, VCRYPTO_DER_SEQUENCE, &seq) || (exact && in.len != 0) ||
			!vcrypto_der_take_number(&seq, &r) || !vcrypto_der_take_number(&seq, &s) ||
			seq.len != 0 || r.len > part || s.len > part || r.len == 0 || s.len == 0)
		return RTE_CRYPTO_OP_STATUS_ERROR;
	get_number(&op->r, r.p, r.len, part);
	get_number(&op->s, s.p, s.len, part);
	return RTE_CRYPTO_OP_STATUS_SUCCESS;
}

static int
get_rsa(struct rte_crypto_rsa_op_param *op, const struct vcrypto_asym_request *rq,
		const uint8_t *p, size_t len)
{
	rte_crypto_param *const out = rq->type == RTE_CRYPTO_ASYM_OP_ENCRYPT ? &op->cipher :
		rq->type == RTE_CRYPTO_ASYM_OP_DECRYPT ? &op->message : &op->sign;
	const size_t full = rq->dst_len;

	if (rq->after == VCRYPTO_ASYM_MESSAGE)
		return get_message(out, p, len);
	if (len == 0 || is_cut(p, len, full))
		return RTE_CRYPTO_OP_STATUS_ERROR;
	if (rq->after == VCRYPTO_ASYM_COMPARE)
		return compare(op, p, len, full);
	if (rq->after == VCRYPTO_ASYM_UNPAD)
		return unpad(out, p, len, full);
	get_number(out, p, len, full);
	return RTE_CRYPTO_OP_STATUS_SUCCESS;
}

int
vcrypto_codec_asym_done(const struct vcrypto_asym_request *rq, uint8_t status, uint32_t used_len,
		const uint8_t *buf, struct rte_crypto_asym_op *op)
{
	const bool exact = used_len != VCRYPTO_RING_LEN_UNKNOWN;
	const uint8_t *const p = buf + HALF;
	size_t len = rq->dst_len;

	if (status != VIRTIO_CRYPTO_OK) {
		const uint8_t ret = vcrypto_codec_status[status];

		/* A signature that is none: the API has no better word for it. */
		return ret == RTE_CRYPTO_OP_STATUS_AUTH_FAILED ? RTE_CRYPTO_OP_STATUS_ERROR : ret;
	}
	if (rq->after == VCRYPTO_ASYM_NOTHING)
		return RTE_CRYPTO_OP_STATUS_SUCCESS;
	if (!exact && rq->after == VCRYPTO_ASYM_MESSAGE)
		return VCRYPTO_ASYM_ASK_AGAIN;
	/* [virtio 5.9.9.8] the result is as long as the used length says, less the status byte */
	if (exact) {
		if (used_len == 0 || used_len - 1 > len)
			return RTE_CRYPTO_OP_STATUS_ERROR;
		len = used_len - 1;
	}
	if (len != 0 && is_preset(rq, p, len))
		return RTE_CRYPTO_OP_STATUS_ERROR;
	/*
	 * Of a number whose last byte is the preset one the device may have written less. (One with
	 * padding does not pass then.)
	 */
	if (!exact && p[len - 1] == rq->preset && (rq->after == VCRYPTO_ASYM_NUMBER ||
			rq->after == VCRYPTO_ASYM_COMPARE))
		return rq->asked < ASK_AGAIN_MAX ? VCRYPTO_ASYM_ASK_AGAIN :
						   RTE_CRYPTO_OP_STATUS_ERROR;
	if (rq->after == VCRYPTO_ASYM_SIGNATURE)
		return get_signature(&op->ecdsa, p, len, exact, rq->part_len);
	return get_rsa(&op->rsa, rq, p, len);
}

void
vcrypto_codec_asym_again(struct vcrypto_asym_request *rq, uint8_t *buf)
{
	rq->asked += rq->asked < ASK_AGAIN_MAX;
	rq->preset = (uint8_t)~rq->preset;
	memset(buf + HALF, rq->preset, rq->dst_len);
}
