/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The algorithm table, and the capability array made from it.
 *
 * May include: wire, codec (to spell trial sessions), log. Knows no queue: who
 * sends a trial is the caller's business. Runs on control threads, at probe.
 *
 * Invariant: an algorithm or key size that is not in the table, or that the
 * device cannot take, is in no capability. The NULL algorithms are the driver's own: they stand
 * beside any others.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rte_byteorder.h>
#include <rte_common.h>
#include <rte_crypto.h>
#include <rte_malloc.h>

#include "virtio_caps.h"
#include "virtio_codec.h"
#include "virtio_compat.h"
#include "virtio_log.h"

/* ---- the table ---- */

/*
 * AES-CBC leads: it is the cipher that every device has, so it is the one that
 * stands in front of the hashes and MACs in trial chains.
 *
 * Where the standard says nothing:
 *  - AES-F8: cryptodev's key is the AES key followed by a mask of the same length
 *    (RFC 3711, 4.1.2.2), and the request has one key field, so both travel
 *    in it as they are: 32, 48 or 64 bytes.
 *  - AES-CTR: cryptodev takes a nonce of 12 bytes too; the wire has whole counter blocks.
 *  - 3DES: the wire has three keys; one and two go out as K1 K1 K1 and K1 K2 K1.
 *  - block says what the data length must be a multiple of. XTS steals ciphertext, so
 *    it takes any length from one block on.
 */
static const struct vcrypto_alg_cipher ciphers[] = {
	{ "AES-CBC", VIRTIO_CRYPTO_CIPHER_AES_CBC, RTE_CRYPTO_CIPHER_AES_CBC,
		.key = { 16, 32, 8 }, .iv = { 16, 16, 0 }, .iv_wire = 16, .block = 16,
		.min_len = 16 },
	{ "AES-CTR", VIRTIO_CRYPTO_CIPHER_AES_CTR, RTE_CRYPTO_CIPHER_AES_CTR,
		.key = { 16, 32, 8 }, .iv = { 12, 16, 4 }, .iv_wire = 16, .block = 1,
		.min_len = 1 },
	{ "AES-ECB", VIRTIO_CRYPTO_CIPHER_AES_ECB, RTE_CRYPTO_CIPHER_AES_ECB,
		.key = { 16, 32, 8 }, .iv = { 0, 0, 0 }, .iv_wire = 0, .block = 16,
		.min_len = 16 },
	{ "AES-XTS", VIRTIO_CRYPTO_CIPHER_AES_XTS, RTE_CRYPTO_CIPHER_AES_XTS,
		.key = { 32, 64, 32 }, .iv = { 16, 16, 0 }, .iv_wire = 16, .block = 1,
		.min_len = 16 },
	{ "AES-F8", VIRTIO_CRYPTO_CIPHER_AES_F8, RTE_CRYPTO_CIPHER_AES_F8,
		.key = { 32, 64, 16 }, .iv = { 16, 16, 0 }, .iv_wire = 16, .block = 1,
		.min_len = 1 },
	{ "3DES-CBC", VIRTIO_CRYPTO_CIPHER_3DES_CBC, RTE_CRYPTO_CIPHER_3DES_CBC,
		.key = { 8, 24, 8 }, .iv = { 8, 8, 0 }, .iv_wire = 8, .block = 8,
		.min_len = 8, .key_expand_3des = true },
	{ "3DES-CTR", VIRTIO_CRYPTO_CIPHER_3DES_CTR, RTE_CRYPTO_CIPHER_3DES_CTR,
		.key = { 8, 24, 8 }, .iv = { 8, 8, 0 }, .iv_wire = 8, .block = 1,
		.min_len = 1, .key_expand_3des = true },
	{ "3DES-ECB", VIRTIO_CRYPTO_CIPHER_3DES_ECB, RTE_CRYPTO_CIPHER_3DES_ECB,
		.key = { 8, 24, 8 }, .iv = { 0, 0, 0 }, .iv_wire = 0, .block = 8,
		.min_len = 8, .key_expand_3des = true },
	{ "DES-CBC", VIRTIO_CRYPTO_CIPHER_DES_CBC, RTE_CRYPTO_CIPHER_DES_CBC,
		.key = { 8, 8, 0 }, .iv = { 8, 8, 0 }, .iv_wire = 8, .block = 8,
		.min_len = 8 },
	{ "ARC4", VIRTIO_CRYPTO_CIPHER_ARC4, RTE_CRYPTO_CIPHER_ARC4,
		.key = { 5, 256, 1 }, .iv = { 0, 0, 0 }, .iv_wire = 0, .block = 1,
		.min_len = 1 },
	{ "KASUMI-F8", VIRTIO_CRYPTO_CIPHER_KASUMI_F8, RTE_CRYPTO_CIPHER_KASUMI_F8,
		.key = { 16, 16, 0 }, .iv = { 8, 8, 0 }, .iv_wire = 8, .block = 1,
		.min_len = 1, .bits = true },
	{ "SNOW3G-UEA2", VIRTIO_CRYPTO_CIPHER_SNOW3G_UEA2, RTE_CRYPTO_CIPHER_SNOW3G_UEA2,
		.key = { 16, 16, 0 }, .iv = { 16, 16, 0 }, .iv_wire = 16, .block = 1,
		.min_len = 1, .bits = true },
	{ "ZUC-EEA3", VIRTIO_CRYPTO_CIPHER_ZUC_EEA3, RTE_CRYPTO_CIPHER_ZUC_EEA3,
		.key = { 16, 16, 0 }, .iv = { 16, 16, 0 }, .iv_wire = 16, .block = 1,
		.min_len = 1, .bits = true },
};

/*
 * Not here although they have numbers and names: SNOW3G-UIA2 and ZUC-EIA3. They need an
 * IV of their own, and neither a chain nor a MAC request has a field for it
 * [virtio 5.9.9.5, 5.9.9.6]. Nor has it one for AES-GMAC's, but that is GCM of no data.
 *
 * HMAC takes keys of any length, and a key above the hash's block is hashed
 * first (RFC 2104, 3); 512 is what devices are known to take at most.
 */
#define HASH(n, i, a, d, b) { n, VIRTIO_CRYPTO_HASH_##i, RTE_CRYPTO_AUTH_##a, \
	.key = { 0, 0, 0 }, .digest = d, .block = b }
#define HMAC(n, i, a, d, b) { n, VIRTIO_CRYPTO_MAC_HMAC_##i, RTE_CRYPTO_AUTH_##a, \
	.key = { 1, 512, 1 }, .digest = d, .block = b }
static const struct vcrypto_alg_auth auths[] = {
	HASH("MD5", MD5, MD5, 16, 64),
	HASH("SHA1", SHA1, SHA1, 20, 64),
	HASH("SHA224", SHA_224, SHA224, 28, 64),
	HASH("SHA256", SHA_256, SHA256, 32, 64),
	HASH("SHA384", SHA_384, SHA384, 48, 128),
	HASH("SHA512", SHA_512, SHA512, 64, 128),
	HASH("SHA3-224", SHA3_224, SHA3_224, 28, 144),
	HASH("SHA3-256", SHA3_256, SHA3_256, 32, 136),
	HASH("SHA3-384", SHA3_384, SHA3_384, 48, 104),
	HASH("SHA3-512", SHA3_512, SHA3_512, 64, 72),
#ifdef VCRYPTO_COMPAT_SHAKE
	/* As long as one asks for; what is cut off changes nothing of the rest. */
	HASH("SHAKE-128", SHA3_SHAKE128, SHAKE_128, 64, 168),
	HASH("SHAKE-256", SHA3_SHAKE256, SHAKE_256, 64, 136),
#endif
	HMAC("HMAC-MD5", MD5, MD5_HMAC, 16, 64),
	HMAC("HMAC-SHA1", SHA1, SHA1_HMAC, 20, 64),
	HMAC("HMAC-SHA224", SHA_224, SHA224_HMAC, 28, 64),
	HMAC("HMAC-SHA256", SHA_256, SHA256_HMAC, 32, 64),
	HMAC("HMAC-SHA384", SHA_384, SHA384_HMAC, 48, 128),
	HMAC("HMAC-SHA512", SHA_512, SHA512_HMAC, 64, 128),
	{ "AES-CMAC", VIRTIO_CRYPTO_MAC_CMAC_AES, RTE_CRYPTO_AUTH_AES_CMAC,
		.key = { 16, 32, 8 }, .digest = 16, .block = 16 },
	{ "AES-XCBC-MAC", VIRTIO_CRYPTO_MAC_XCBC_AES, RTE_CRYPTO_AUTH_AES_XCBC_MAC,
		.key = { 16, 16, 0 }, .digest = 16, .block = 16 },
	{ "AES-CBC-MAC", VIRTIO_CRYPTO_MAC_CBCMAC_AES, RTE_CRYPTO_AUTH_AES_CBC_MAC,
		.key = { 16, 16, 0 }, .digest = 16, .block = 16 },
	{ "KASUMI-F9", VIRTIO_CRYPTO_MAC_KASUMI_F9, RTE_CRYPTO_AUTH_KASUMI_F9,
		.key = { 16, 16, 0 }, .digest = 4, .block = 8, .bits = true },
	{ "AES-GMAC", VIRTIO_CRYPTO_MAC_GMAC_AES, RTE_CRYPTO_AUTH_AES_GMAC,
		.key = { 16, 32, 8 }, .iv = { 0, 12, 12 }, .digest = 16, .block = 16,
		.gmac = true },
};

/*
 * An IV of GCM that has not 12 bytes is for the driver to hash, which it does not; cryptodev's
 * length 0 stands for the block that comes out of that, as 16 does in the standard.
 */
static const struct vcrypto_alg_aead aeads[] = {
	{ "AES-GCM", VIRTIO_CRYPTO_AEAD_GCM, RTE_CRYPTO_AEAD_AES_GCM,
		.key = { 16, 32, 8 }, .iv = { 0, 12, 12 }, .tag = { 4, 16, 1 }, .block = 16 },
	{ "AES-CCM", VIRTIO_CRYPTO_AEAD_CCM, RTE_CRYPTO_AEAD_AES_CCM,
		.key = { 16, 32, 8 }, .iv = { 7, 13, 1 }, .tag = { 4, 16, 2 }, .block = 16 },
	{ "CHACHA20-POLY1305", VIRTIO_CRYPTO_AEAD_CHACHA20_POLY1305,
		RTE_CRYPTO_AEAD_CHACHA20_POLY1305,
		.key = { 32, 32, 0 }, .iv = { 12, 12, 0 }, .tag = { 16, 16, 0 }, .block = 64 },
};

/*
 * What the driver does without the device. Not of the table, though the standard has a number for
 * no cipher and one for no MAC: a device is never asked for them.
 */
static const struct rte_cryptodev_capabilities nulls[] = {
	{ .op = RTE_CRYPTO_OP_TYPE_SYMMETRIC, .sym = {
		.xform_type = RTE_CRYPTO_SYM_XFORM_CIPHER,
		.cipher = { .algo = RTE_CRYPTO_CIPHER_NULL, .block_size = 1 } } },
	{ .op = RTE_CRYPTO_OP_TYPE_SYMMETRIC, .sym = {
		.xform_type = RTE_CRYPTO_SYM_XFORM_AUTH,
		.auth = { .algo = RTE_CRYPTO_AUTH_NULL, .block_size = 1 } } },
};

/* Longest keys of the table, for the dummy key of trials. */
#define TRIAL_KEY_LEN 512

const struct vcrypto_alg_cipher *
vcrypto_caps_find_cipher(enum rte_crypto_cipher_algorithm algo)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(ciphers); i++)
		if (ciphers[i].algo == algo)
			return &ciphers[i];
	return NULL;
}

const struct vcrypto_alg_auth *
vcrypto_caps_find_auth(enum rte_crypto_auth_algorithm algo)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(auths); i++)
		if (auths[i].algo == algo)
			return &auths[i];
	return NULL;
}

const struct vcrypto_alg_aead *
vcrypto_caps_find_aead(enum rte_crypto_aead_algorithm algo)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(aeads); i++)
		if (aeads[i].algo == algo)
			return &aeads[i];
	return NULL;
}

const struct vcrypto_alg_cipher *
vcrypto_caps_ciphers(unsigned int *nb)
{
	*nb = RTE_DIM(ciphers);
	return ciphers;
}

const struct vcrypto_alg_auth *
vcrypto_caps_auths(unsigned int *nb)
{
	*nb = RTE_DIM(auths);
	return auths;
}

const struct vcrypto_alg_aead *
vcrypto_caps_aeads(unsigned int *nb)
{
	*nb = RTE_DIM(aeads);
	return aeads;
}

/* ---- configuration space ---- */

int
vcrypto_caps_parse_config(const char *dev_name, const struct virtio_crypto_config *raw,
		struct vcrypto_config *cfg)
{
	memset(cfg, 0, sizeof(*cfg));
	/* Whether HW_READY is set is the caller's question; other bits mean nothing to us. */
	cfg->status = rte_le_to_cpu_32(raw->status);
	cfg->max_dataqueues = rte_le_to_cpu_32(raw->max_dataqueues);
	cfg->services = rte_le_to_cpu_32(raw->crypto_services);
	/* [virtio 5.9.5.2] SHOULD ignore undefined algorithm bits: the table asks for known ones */
	cfg->cipher_algo = rte_le_to_cpu_32(raw->cipher_algo_l) |
		(uint64_t)rte_le_to_cpu_32(raw->cipher_algo_h) << 32;
	cfg->hash_algo = rte_le_to_cpu_32(raw->hash_algo);
	cfg->mac_algo = rte_le_to_cpu_32(raw->mac_algo_l) |
		(uint64_t)rte_le_to_cpu_32(raw->mac_algo_h) << 32;
	cfg->aead_algo = rte_le_to_cpu_32(raw->aead_algo);
	cfg->akcipher_algo = rte_le_to_cpu_32(raw->akcipher_algo);
	cfg->max_cipher_key_len = rte_le_to_cpu_32(raw->max_cipher_key_len);
	cfg->max_auth_key_len = rte_le_to_cpu_32(raw->max_auth_key_len);
	cfg->max_size = rte_le_to_cpu_64(raw->max_size);
	if (cfg->max_size == 0)
		cfg->max_size = UINT64_MAX;

	/* [virtio 5.9.5.1] max_dataqueues MUST be 1 to 65535 */
	if (cfg->max_dataqueues == 0 || cfg->max_dataqueues > UINT16_MAX) {
		VCRYPTO_DEV_LOG(ERR, dev_name,
			"configuration: max_dataqueues is %u, must be 1 to 65535: the device"
			" is faulty", cfg->max_dataqueues);
		return -EINVAL;
	}
	return 0;
}

/* ---- capabilities ---- */

/* Long enough for the names of a whole table. */
#define NAMES_LEN 512

struct builder {
	const char *dev_name;
	const struct vcrypto_config *cfg;
	enum vcrypto_caps_mode mode;
	vcrypto_caps_trial_t trial;
	void *ctx;
	const struct vcrypto_alg_cipher *chain_cipher; /* stands in front of trial auths */
	uint16_t chain_key_len;
	bool no_space; /* a trial found no free session */
	char refused[NAMES_LEN];
	uint8_t key[TRIAL_KEY_LEN];
};

/* One algorithm on trial: a cipher, a hash or MAC alone or in a chain, or an AEAD. */
struct candidate {
	const struct vcrypto_alg_cipher *cipher;
	const struct vcrypto_alg_auth *auth;
	const struct vcrypto_alg_aead *aead;
	uint16_t tag_len; /* AEAD */
	bool advertised;
};

/* Where an IV would be; trials have no ops. */
#define TRIAL_IV_OFFSET (sizeof(struct rte_crypto_op) + sizeof(struct rte_crypto_sym_op))

/*
 * Whether the device takes a session with a key of this length.
 * @return 1, 0, or -errno when the device is broken.
 */
static int
ask(struct builder *b, const struct candidate *c, uint16_t key_len)
{
	const struct vcrypto_sym_algs algs = { c->cipher, c->auth, c->aead };
	struct vcrypto_sym_create create;
	struct vcrypto_sym_template tmpl;
	struct rte_crypto_sym_xform auth = { .type = RTE_CRYPTO_SYM_XFORM_AUTH };
	struct rte_crypto_sym_xform xform = { .type = RTE_CRYPTO_SYM_XFORM_CIPHER };
	struct rte_crypto_sym_xform *first = &xform;
	int ret;

	if (c->auth != NULL) {
		auth.auth.op = RTE_CRYPTO_AUTH_OP_GENERATE;
		auth.auth.algo = c->auth->algo;
		auth.auth.key.data = b->key;
		auth.auth.key.length = key_len;
		auth.auth.iv.offset = TRIAL_IV_OFFSET;
		auth.auth.iv.length = c->auth->iv.max;
		auth.auth.digest_length = c->auth->digest;
		xform.next = &auth;
		first = c->cipher != NULL ? &xform : &auth;
	}
	if (c->aead != NULL) {
		xform.type = RTE_CRYPTO_SYM_XFORM_AEAD;
		xform.aead.op = RTE_CRYPTO_AEAD_OP_ENCRYPT;
		xform.aead.algo = c->aead->algo;
		xform.aead.key.data = b->key;
		xform.aead.key.length = key_len;
		xform.aead.iv.offset = TRIAL_IV_OFFSET;
		xform.aead.iv.length = c->aead->iv.max;
		xform.aead.digest_length = c->tag_len;
	} else if (c->cipher != NULL) {
		xform.cipher.op = RTE_CRYPTO_CIPHER_OP_ENCRYPT;
		xform.cipher.algo = c->cipher->algo;
		xform.cipher.key.data = b->key;
		xform.cipher.key.length = c->auth != NULL ? b->chain_key_len : key_len;
		xform.cipher.iv.offset = TRIAL_IV_OFFSET;
		xform.cipher.iv.length = c->cipher->iv.max;
	}
	/* The form of data requests is of no interest here. */
	ret = vcrypto_codec_sym_session(first, &algs, true, &create, &tmpl);
	if (ret < 0)
		return 0;
	ret = b->trial(b->ctx, &create);
	switch (ret) {
	case 0:
		return 1;
	case -EIO:
	case -ETIMEDOUT:
		return ret;
	case -ENOSPC:
		/* Says nothing about the algorithm: believe the configuration. */
		if (!b->no_space)
			VCRYPTO_DEV_LOG(WARNING, b->dev_name,
				"no free session on the device: some algorithms go untried");
		b->no_space = true;
		return c->advertised;
	default:
		return 0;
	}
}

/*
 * The accepted length that is farthest from @p good on the way to @p end, where the
 * answers change once: a bisection in steps of @p step.
 */
static int
farthest(struct builder *b, const struct candidate *c, int good, int end, int step)
{
	int bad, ret, mid;

	if (good == end)
		return good;
	ret = ask(b, c, end);
	if (ret != 0)
		return ret < 0 ? ret : end;
	for (bad = end; RTE_MAX(good, bad) - RTE_MIN(good, bad) > step;) {
		mid = good + (bad - good) / step / 2 * step;
		ret = ask(b, c, mid);
		if (ret < 0)
			return ret;
		if (ret)
			good = mid;
		else
			bad = mid;
	}
	return good;
}

static bool
is_cipher(const struct candidate *c)
{
	return c->auth == NULL && c->aead == NULL;
}

/* Each of up to three sizes is asked for; so few always make a range. */
#define TRY_EACH_MAX 3

static int
try_each(struct builder *b, const struct candidate *c, const struct vcrypto_range *want,
		struct vcrypto_range *got)
{
	uint16_t last = 0;
	unsigned int len;
	int nb = 0, ret;

	for (len = want->min; len <= want->max; len += want->step) {
		/* 3DES keys are all the same length on the wire. */
		if (nb > 0 && is_cipher(c) && vcrypto_alg_wire_key_len(c->cipher, len) ==
				vcrypto_alg_wire_key_len(c->cipher, last))
			ret = 1;
		else
			ret = ask(b, c, len);
		if (ret < 0)
			return ret;
		if (ret) {
			if (nb++ == 0)
				got->min = len;
			else
				got->step = len - last;
			last = len;
		}
		if (want->step == 0)
			break;
	}
	got->max = last;
	return nb > 0;
}

/*
 * Longer ranges: from a usual size to both ends. A gap in the middle of the run
 * stays unseen; such a session fails when it is created.
 */
static int
try_run(struct builder *b, const struct candidate *c, const struct vcrypto_range *want,
		struct vcrypto_range *got)
{
	int start = c->auth != NULL ? c->auth->digest : 16;
	int ret;

	start = RTE_MIN(start, want->max);
	start = RTE_MAX(start, want->min);
	start -= (start - want->min) % want->step;
	ret = ask(b, c, start);
	if (ret <= 0)
		return ret;
	ret = farthest(b, c, start, want->max, want->step);
	if (ret < 0)
		return ret;
	got->max = ret;
	ret = farthest(b, c, start, want->min, want->step);
	if (ret < 0)
		return ret;
	got->min = ret;
	got->step = got->min == got->max ? 0 : want->step;
	return 1;
}

/*
 * The key sizes of a candidate that the device takes, of those within its limit.
 * @return 1; 0 none; -errno when the device is broken.
 */
static int
try_keys(struct builder *b, const struct candidate *c, struct vcrypto_range *got)
{
	struct vcrypto_range want = c->aead != NULL ? c->aead->key :
		c->auth != NULL ? c->auth->key : c->cipher->key;
	/* That of ciphers is for AEAD, too, and so for GMAC. */
	uint32_t limit = c->auth != NULL && !c->auth->gmac ? b->cfg->max_auth_key_len :
							     b->cfg->max_cipher_key_len;

	memset(got, 0, sizeof(*got));
	/* [virtio 5.9.5.2] MUST keep key lengths within the device's: not even asked for */
	if (is_cipher(c) && c->cipher->key_expand_3des)
		limit = limit < VCRYPTO_3DES_WIRE_KEY_LEN ? 0 : UINT32_MAX;
	if (want.min > limit)
		return 0;
	if (want.max > limit)
		want.max = limit;
	if (want.step == 0 || (want.max - want.min) / want.step < TRY_EACH_MAX)
		return try_each(b, c, &want, got);
	return try_run(b, c, &want, got);
}

static bool
is_advertised(uint64_t mask, uint8_t id)
{
	return mask >> id & 1;
}

static void
note_refused(struct builder *b, const char *name)
{
	const size_t len = strlen(b->refused);

	snprintf(b->refused + len, sizeof(b->refused) - len, " %s", name);
}

static void
put_range(struct rte_crypto_param_range *out, const struct vcrypto_range *r)
{
	out->min = r->min;
	out->max = r->max;
	out->increment = r->step;
}

static int
build_ciphers(struct builder *b, struct rte_cryptodev_capabilities *out)
{
	const bool service = b->cfg->services & 1u << VIRTIO_CRYPTO_SERVICE_CIPHER;
	unsigned int i, nb = 0;
	int ret;

	for (i = 0; i < RTE_DIM(ciphers); i++) {
		const struct candidate c = {
			.cipher = &ciphers[i],
			.advertised = service && is_advertised(b->cfg->cipher_algo, ciphers[i].id),
		};
		struct rte_cryptodev_symmetric_capability *const sym = &out[nb].sym;
		struct vcrypto_range key;

		if (!c.advertised && b->mode != VCRYPTO_CAPS_PROBE)
			continue;
		ret = try_keys(b, &c, &key);
		if (ret < 0)
			return ret;
		if (ret == 0) {
			if (c.advertised)
				note_refused(b, ciphers[i].name);
			continue;
		}
		if (b->chain_cipher == NULL) {
			b->chain_cipher = &ciphers[i];
			b->chain_key_len = key.min;
		}
		out[nb].op = RTE_CRYPTO_OP_TYPE_SYMMETRIC;
		sym->xform_type = RTE_CRYPTO_SYM_XFORM_CIPHER;
		sym->cipher.algo = ciphers[i].algo;
		/* The cipher's own block, where the data need not be a multiple of it too. */
		sym->cipher.block_size = RTE_MAX(ciphers[i].block, ciphers[i].iv_wire);
		put_range(&sym->cipher.key_size, &key);
		put_range(&sym->cipher.iv_size, &ciphers[i].iv);
		nb++;
	}
	return nb;
}

/* Whether the configuration names a hash or MAC, and the services that it would need. */
static bool
auth_advertised(const struct builder *b, const struct vcrypto_alg_auth *a, unsigned int service)
{
	if (!(b->cfg->services & 1u << service))
		return false;
	if (a->gmac)
		return is_advertised(b->cfg->aead_algo, VIRTIO_CRYPTO_AEAD_GCM);
	return is_advertised(a->key.max == 0 ? b->cfg->hash_algo : b->cfg->mac_algo, a->id);
}

/*
 * A hash or MAC in a chain, which is a request of the CIPHER service: the bits of the HASH and
 * MAC services say nothing about chains.
 */
static int
try_chained(struct builder *b, const struct vcrypto_alg_auth *a, struct vcrypto_range *key,
		bool *advertised)
{
	const struct candidate c = {
		.cipher = b->chain_cipher,
		.auth = a,
		.advertised = auth_advertised(b, a, VIRTIO_CRYPTO_SERVICE_CIPHER),
	};

	if (b->chain_cipher == NULL || a->gmac ||
			(!c.advertised && b->mode != VCRYPTO_CAPS_PROBE))
		return 0;
	*advertised |= c.advertised;
	return try_keys(b, &c, key);
}

/* A hash or MAC alone. The key sizes are those of chains, if it works there. */
static int
try_alone(struct builder *b, const struct vcrypto_alg_auth *a, bool chained,
		struct vcrypto_range *key, bool *advertised)
{
	const unsigned int service = a->gmac ? VIRTIO_CRYPTO_SERVICE_AEAD :
		a->key.max == 0 ? VIRTIO_CRYPTO_SERVICE_HASH : VIRTIO_CRYPTO_SERVICE_MAC;
	const struct candidate c = {
		.auth = a,
		.advertised = auth_advertised(b, a, service),
	};

	if (chained || (!c.advertised && b->mode != VCRYPTO_CAPS_PROBE))
		return 0;
	*advertised |= c.advertised;
	return try_keys(b, &c, key);
}

/*
 * Whether a hash or MAC that works in chains works alone, too: then two requests do what a chain
 * cannot, a digest inside the ciphered bytes. One that does is enough to say so; whether others
 * do, sessions find out.
 */
static int
try_steps(struct builder *b, const struct vcrypto_alg_auth *a, uint16_t key_len, bool *steps)
{
	const struct candidate c = {
		.auth = a,
		.advertised = auth_advertised(b, a, a->key.max == 0 ?
			VIRTIO_CRYPTO_SERVICE_HASH : VIRTIO_CRYPTO_SERVICE_MAC),
	};
	int ret;

	if (*steps || (!c.advertised && b->mode != VCRYPTO_CAPS_PROBE))
		return 0;
	ret = ask(b, &c, key_len);
	*steps = ret > 0;
	return RTE_MIN(ret, 0);
}

static int
build_auths(struct builder *b, struct rte_cryptodev_capabilities *out, bool *chains, bool *steps)
{
	unsigned int i, nb = 0;
	int chained, alone;

	for (i = 0; i < RTE_DIM(auths); i++) {
		struct rte_cryptodev_symmetric_capability *const sym = &out[nb].sym;
		const struct vcrypto_range digest = { 1, auths[i].digest, 1 };
		struct vcrypto_range key;
		bool advertised = false;

		chained = try_chained(b, &auths[i], &key, &advertised);
		if (chained < 0)
			return chained;
		alone = try_alone(b, &auths[i], chained, &key, &advertised);
		if (alone < 0)
			return alone;
		*chains |= chained;
		if (chained) {
			int ret = try_steps(b, &auths[i], key.min, steps);

			if (ret < 0)
				return ret;
		}
		if (!chained && !alone) {
			if (advertised)
				note_refused(b, auths[i].name);
			continue;
		}
		out[nb].op = RTE_CRYPTO_OP_TYPE_SYMMETRIC;
		sym->xform_type = RTE_CRYPTO_SYM_XFORM_AUTH;
		sym->auth.algo = auths[i].algo;
		sym->auth.block_size = auths[i].block;
		put_range(&sym->auth.key_size, &key);
		put_range(&sym->auth.iv_size, &auths[i].iv);
		/* Shorter digests cost nothing: the driver can cut them itself. */
		put_range(&sym->auth.digest_size, &digest);
		nb++;
	}
	return nb;
}

/* Tag lengths that the device takes: from the longest down, as far as there is no gap. */
static int
try_tags(struct builder *b, struct candidate *c, uint16_t key_len, struct vcrypto_range *got)
{
	const struct vcrypto_range *const tag = &c->aead->tag;
	int ret;

	got->max = got->min = tag->max;
	while (got->min > tag->min) {
		c->tag_len = got->min - tag->step;
		ret = ask(b, c, key_len);
		if (ret < 0)
			return ret;
		if (ret == 0)
			break;
		got->min = c->tag_len;
	}
	got->step = got->min == got->max ? 0 : tag->step;
	return 1;
}

static int
build_aeads(struct builder *b, struct rte_cryptodev_capabilities *out)
{
	static const struct vcrypto_range aad = { 0, UINT16_MAX, 1 };
	const bool service = b->cfg->services & 1u << VIRTIO_CRYPTO_SERVICE_AEAD;
	unsigned int i, nb = 0;
	int ret;

	for (i = 0; i < RTE_DIM(aeads); i++) {
		struct candidate c = {
			.aead = &aeads[i],
			.tag_len = aeads[i].tag.max,
			.advertised = service && is_advertised(b->cfg->aead_algo, aeads[i].id),
		};
		struct rte_cryptodev_symmetric_capability *const sym = &out[nb].sym;
		struct vcrypto_range key, tag;

		if (!c.advertised && b->mode != VCRYPTO_CAPS_PROBE)
			continue;
		ret = try_keys(b, &c, &key);
		if (ret > 0)
			ret = try_tags(b, &c, key.min, &tag);
		if (ret < 0)
			return ret;
		if (ret == 0) {
			if (c.advertised)
				note_refused(b, aeads[i].name);
			continue;
		}
		out[nb].op = RTE_CRYPTO_OP_TYPE_SYMMETRIC;
		sym->xform_type = RTE_CRYPTO_SYM_XFORM_AEAD;
		sym->aead.algo = aeads[i].algo;
		sym->aead.block_size = aeads[i].block;
		put_range(&sym->aead.key_size, &key);
		put_range(&sym->aead.digest_size, &tag);
		put_range(&sym->aead.aad_size, &aad);
		put_range(&sym->aead.iv_size, &aeads[i].iv);
		nb++;
	}
	return nb;
}

int
vcrypto_caps_build(const char *dev_name, const struct vcrypto_config *cfg,
		enum vcrypto_caps_mode mode, vcrypto_caps_trial_t trial, void *ctx,
		struct rte_cryptodev_capabilities **out, uint64_t *ff)
{
	struct rte_cryptodev_capabilities *caps;
	struct builder b = {
		.dev_name = dev_name,
		.cfg = cfg,
		.mode = mode,
		.trial = trial,
		.ctx = ctx,
	};
	bool chains = false, steps = false;
	unsigned int i;
	int nb, ret;

	*out = NULL;
	*ff = 0;
	/*
	 * A dummy, no secret. Its bytes differ, since devices refuse XTS keys with equal
	 * halves and weak DES keys.
	 */
	for (i = 0; i < sizeof(b.key); i++)
		b.key[i] = i * 7 + 1;

	caps = rte_zmalloc("vcrypto_caps",
		sizeof(*caps) * (RTE_DIM(ciphers) + RTE_DIM(auths) + RTE_DIM(aeads) +
			RTE_DIM(nulls) + VCRYPTO_CAPS_ASYM_MAX + 1), 0);
	if (caps == NULL) {
		VCRYPTO_DEV_LOG(ERR, dev_name, "no memory for capabilities");
		return -ENOMEM;
	}
	ret = build_ciphers(&b, caps);
	nb = ret;
	if (ret >= 0)
		ret = build_auths(&b, caps + nb, &chains, &steps);
	nb += ret;
	if (ret >= 0)
		ret = build_aeads(&b, caps + nb);
	nb += ret;
	if (ret < 0) {
		rte_free(caps);
		return ret;
	}
	/* A device with no algorithm at all is no symmetric one. */
	if (nb > 0) {
		memcpy(caps + nb, nulls, sizeof(nulls));
		nb += RTE_DIM(nulls);
	}
	/* The end mark of RTE_CRYPTODEV_END_OF_CAPABILITIES_LIST(). */
	caps[nb].op = RTE_CRYPTO_OP_TYPE_UNDEFINED;

	if (b.refused[0] != '\0')
		VCRYPTO_DEV_LOG(INFO, dev_name,
			"advertised by the device, but refused or beyond its own key limits:%s",
			b.refused);
	if (nb == 0)
		VCRYPTO_DEV_LOG(WARNING, dev_name,
			"the device accepts no algorithm (services 0x%x, ciphers 0x%" PRIx64
			", longest key %u bytes): no capabilities",
			cfg->services, cfg->cipher_algo, cfg->max_cipher_key_len);
	if (nb > 0)
		*ff |= RTE_CRYPTODEV_FF_SYMMETRIC_CRYPTO;
	if (chains)
		*ff |= RTE_CRYPTODEV_FF_SYM_OPERATION_CHAINING;
	if (steps)
		*ff |= RTE_CRYPTODEV_FF_DIGEST_ENCRYPTED;
	*out = caps;
	return 0;
}
