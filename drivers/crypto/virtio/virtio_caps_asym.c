/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The asymmetric part of the algorithm table, and the capabilities made from it.
 *
 * May include: wire, codec (to spell trial sessions), log. Knows no queue. Runs on control
 * threads, at probe; the tables are read on the data path, too.
 */

#include <errno.h>
#include <string.h>

#include <rte_common.h>

#include "virtio_caps.h"
#include "virtio_codec_asym.h"
#include "virtio_compat.h"
#include "virtio_log.h"

/* ---- the table ---- */

static const struct vcrypto_alg_curve curves[] = {
	{ "P-192", VIRTIO_CRYPTO_CURVE_NIST_P192, RTE_CRYPTO_EC_GROUP_SECP192R1, 24,
		8, { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x01 } },
	{ "P-224", VIRTIO_CRYPTO_CURVE_NIST_P224, RTE_CRYPTO_EC_GROUP_SECP224R1, 28,
		5, { 0x2b, 0x81, 0x04, 0x00, 0x21 } },
	{ "P-256", VIRTIO_CRYPTO_CURVE_NIST_P256, RTE_CRYPTO_EC_GROUP_SECP256R1, 32,
		8, { 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 } },
	{ "P-384", VIRTIO_CRYPTO_CURVE_NIST_P384, RTE_CRYPTO_EC_GROUP_SECP384R1, 48,
		5, { 0x2b, 0x81, 0x04, 0x00, 0x22 } },
	{ "P-521", VIRTIO_CRYPTO_CURVE_NIST_P521, RTE_CRYPTO_EC_GROUP_SECP521R1,
		VCRYPTO_CURVE_MAX_LEN, 5, { 0x2b, 0x81, 0x04, 0x00, 0x23 } },
};

/* What stands before a digest: DigestInfo, and 0 1 ... 0 around eight bytes of padding or more. */
#define RSA_PADDING 11
static const struct vcrypto_alg_rsa_hash rsa_hashes[] = {
	{ "no hash", VIRTIO_CRYPTO_RSA_NO_HASH, 0, 0, RSA_PADDING },
	{ "MD5", VIRTIO_CRYPTO_RSA_MD5, RTE_CRYPTO_AUTH_MD5, 16, 18 + RSA_PADDING },
	{ "SHA1", VIRTIO_CRYPTO_RSA_SHA1, RTE_CRYPTO_AUTH_SHA1, 20, 15 + RSA_PADDING },
	{ "SHA224", VIRTIO_CRYPTO_RSA_SHA224, RTE_CRYPTO_AUTH_SHA224, 28, 19 + RSA_PADDING },
	{ "SHA256", VIRTIO_CRYPTO_RSA_SHA256, RTE_CRYPTO_AUTH_SHA256, 32, 19 + RSA_PADDING },
	{ "SHA384", VIRTIO_CRYPTO_RSA_SHA384, RTE_CRYPTO_AUTH_SHA384, 48, 19 + RSA_PADDING },
	{ "SHA512", VIRTIO_CRYPTO_RSA_SHA512, RTE_CRYPTO_AUTH_SHA512, 64, 19 + RSA_PADDING },
};

const struct vcrypto_alg_curve *
vcrypto_caps_find_curve(enum rte_crypto_curve_id curve)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(curves); i++)
		if (curves[i].curve == curve)
			return &curves[i];
	return NULL;
}

const struct vcrypto_alg_curve *
vcrypto_caps_curve(uint8_t id)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(curves); i++)
		if (curves[i].id == id)
			return &curves[i];
	return NULL;
}

const struct vcrypto_alg_rsa_hash *
vcrypto_caps_find_rsa_hash(enum rte_crypto_auth_algorithm algo)
{
	unsigned int i;

	if (algo == RTE_CRYPTO_AUTH_NULL)
		algo = 0;
	for (i = 0; i < RTE_DIM(rsa_hashes); i++)
		if (rsa_hashes[i].algo == algo)
			return &rsa_hashes[i];
	return NULL;
}

const struct vcrypto_alg_rsa_hash *
vcrypto_caps_rsa_hash(uint8_t id)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(rsa_hashes); i++)
		if (rsa_hashes[i].id == id)
			return &rsa_hashes[i];
	return NULL;
}

/* ---- capabilities ---- */

/* Moduli that are tried, in bytes: 512 bits and more. */
static const uint16_t moduli[] = { 64, 96, 128, 192, 256, 384, 512, 768, 1024, 1536,
	VCRYPTO_RSA_MAX_LEN };

struct builder {
	const struct vcrypto_config *cfg;
	uint8_t ecdsa_id;
	vcrypto_caps_asym_trial_t trial;
	void *ctx;
	bool no_space; /* a trial found no free session */
};

/* @return 1 the device takes it; 0; -errno when the device is broken. */
static int
ask(struct builder *b, const struct vcrypto_asym_create *create)
{
	const int ret = b->trial(b->ctx, create);

	if (ret == 0)
		return 1;
	b->no_space |= ret == -ENOSPC;
	return ret == -EIO || ret == -ETIMEDOUT ? ret : 0;
}

/* A public key of this length. Its modulus is odd, and no more is to be seen of it from outside. */
static int
ask_rsa(struct builder *b, uint16_t len)
{
	/* A digest that all devices have; QEMU's takes no session without one. */
	static const struct vcrypto_asym_use use = { .padding = VIRTIO_CRYPTO_RSA_PKCS1_PADDING,
		.hash = VIRTIO_CRYPTO_RSA_SHA1 };
	const struct vcrypto_asym_key key = { .algo = VIRTIO_CRYPTO_AKCIPHER_RSA, .len = len };
	static uint8_t e[] = { 1, 0, 1 };
	uint8_t n[VCRYPTO_RSA_MAX_LEN], der[VCRYPTO_RSA_PUBLIC_MAX];
	struct vcrypto_asym_key ignored;
	struct rte_crypto_rsa_xform xform;
	struct vcrypto_asym_create create;
	size_t der_len, none;
	uint32_t x = 1;
	uint16_t i;

	for (i = 0; i < len; i++) {
		x = x * 1664525 + 1013904223;
		n[i] = x >> 24;
	}
	n[0] |= 0x80;
	n[len - 1] |= 1;
	memset(&xform, 0, sizeof(xform));
	xform.n.data = n;
	xform.n.length = len;
	xform.e.data = e;
	xform.e.length = sizeof(e);
	if (vcrypto_codec_rsa_keys("trial", &xform, &ignored, der, &der_len, NULL, &none) < 0)
		return 0;
	vcrypto_codec_asym_create(&create, &key, &use, VIRTIO_CRYPTO_AKCIPHER_RSA, der, der_len);
	return ask(b, &create);
}

static int
build_rsa(struct builder *b, struct rte_cryptodev_asymmetric_xform_capability *cap)
{
	uint16_t min = 0, max = 0;
	unsigned int i;
	int ret;

	for (i = 0; i < RTE_DIM(moduli) && min == 0; i++) {
		ret = ask_rsa(b, moduli[i]);
		if (ret < 0)
			return ret;
		min = ret ? moduli[i] : 0;
	}
	for (i = RTE_DIM(moduli); i-- > 0 && min != 0 && max == 0;) {
		/* [virtio 5.9.5.2] MUST keep all of a request within it: source, result, status */
		if (moduli[i] != min && moduli[i] * UINT64_C(2) + 1 > b->cfg->max_size)
			continue;
		ret = moduli[i] == min ? 1 : ask_rsa(b, moduli[i]);
		if (ret < 0)
			return ret;
		max = ret ? moduli[i] : 0;
	}
	if (min == 0)
		return 0;
	cap->xform_type = RTE_CRYPTO_ASYM_XFORM_RSA;
	cap->op_types = 1 << RTE_CRYPTO_ASYM_OP_ENCRYPT | 1 << RTE_CRYPTO_ASYM_OP_DECRYPT |
		1 << RTE_CRYPTO_ASYM_OP_SIGN | 1 << RTE_CRYPTO_ASYM_OP_VERIFY;
	cap->modlen.min = min;
	cap->modlen.max = max;
	cap->modlen.increment = 1;
	return 1;
}

/* A private key, which may be nearly any number. */
static int
ask_curve(struct builder *b, const struct vcrypto_alg_curve *curve)
{
	static const struct vcrypto_asym_use use = { .private = 1 };
	const struct vcrypto_asym_key key = {
		.algo = VIRTIO_CRYPTO_AKCIPHER_ECDSA, .curve = curve->id, .len = curve->len };
	uint8_t number[] = { 0x5a, 0x17, 0x29, 0x83 };
	const rte_crypto_uint n = { .data = number, .length = sizeof(number) };
	struct vcrypto_asym_create create;
	uint8_t der[VCRYPTO_EC_KEY_MAX];
	const size_t len = vcrypto_codec_ec_private(curve->id, &n, der);

	vcrypto_codec_asym_create(&create, &key, &use, b->ecdsa_id, der, len);
	return ask(b, &create);
}

static int
build_ecdsa(struct builder *b, struct rte_cryptodev_asymmetric_xform_capability *cap,
		uint32_t *got)
{
	unsigned int i;
	int ret;

	for (i = 0; i < RTE_DIM(curves); i++) {
		ret = ask_curve(b, &curves[i]);
		if (ret < 0)
			return ret;
		if (ret)
			*got |= UINT32_C(1) << curves[i].id;
	}
	if (*got == 0)
		return 0;
	cap->xform_type = RTE_CRYPTO_ASYM_XFORM_ECDSA;
	cap->op_types = 1 << RTE_CRYPTO_ASYM_OP_SIGN | 1 << RTE_CRYPTO_ASYM_OP_VERIFY;
#ifdef VCRYPTO_COMPAT_INTERNAL_RNG
	cap->internal_rng = 1;
#endif
	return 1;
}

int
vcrypto_caps_add_asym(const char *dev_name, const struct vcrypto_config *cfg,
		enum vcrypto_caps_mode mode, uint8_t ecdsa_id, vcrypto_caps_asym_trial_t trial,
		void *ctx, struct rte_cryptodev_capabilities *caps, uint64_t *ff, uint32_t *got)
{
	struct builder b = { .cfg = cfg, .ecdsa_id = ecdsa_id, .trial = trial, .ctx = ctx };
	const uint32_t mask = cfg->services & 1u << VIRTIO_CRYPTO_SERVICE_AKCIPHER ?
		cfg->akcipher_algo : 0;
	const bool rsa = mask & 1u << VIRTIO_CRYPTO_AKCIPHER_RSA;
	const bool ecdsa = mask & UINT32_C(1) << ecdsa_id;
	int has_rsa = 0, has_ecdsa = 0;

	*got = 0;
	while (caps->op != RTE_CRYPTO_OP_TYPE_UNDEFINED)
		caps++;
	if (rsa || mode == VCRYPTO_CAPS_PROBE)
		has_rsa = build_rsa(&b, &caps->asym.xform_capa);
	if (has_rsa > 0)
		caps++->op = RTE_CRYPTO_OP_TYPE_ASYMMETRIC;
	if (has_rsa >= 0 && (ecdsa || mode == VCRYPTO_CAPS_PROBE))
		has_ecdsa = build_ecdsa(&b, &caps->asym.xform_capa, got);
	if (has_ecdsa > 0)
		caps++->op = RTE_CRYPTO_OP_TYPE_ASYMMETRIC;
	memset(caps, 0, sizeof(*caps));
	caps->op = RTE_CRYPTO_OP_TYPE_UNDEFINED;
	if (has_rsa < 0 || has_ecdsa < 0)
		return RTE_MIN(has_rsa, has_ecdsa);

	if ((rsa && !has_rsa) || (ecdsa && !has_ecdsa))
		VCRYPTO_DEV_LOG(INFO, dev_name, "advertised by the device, but %s:%s%s",
			b.no_space ? "without a free session" : "refused",
			rsa && !has_rsa ? " RSA" : "", ecdsa && !has_ecdsa ? " ECDSA" : "");
	if (has_rsa)
		*ff |= RTE_CRYPTODEV_FF_RSA_PRIV_OP_KEY_EXP | RTE_CRYPTODEV_FF_RSA_PRIV_OP_KEY_QT;
	if (has_rsa || has_ecdsa)
		*ff |= RTE_CRYPTODEV_FF_ASYMMETRIC_CRYPTO;
	return 0;
}
