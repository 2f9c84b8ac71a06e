/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include <errno.h>
#include <string.h>

#include <openssl/evp.h>

#include <rte_common.h>

#include "reference_aead.h"

static const struct ref_aead aeads[] = {
	{"aes-gcm", RTE_CRYPTO_AEAD_AES_GCM, {16, 24, 32}, {12},
		{16, 4, 8, 12, 13, 14, 15}, true, 0, 0},
	{"aes-ccm", RTE_CRYPTO_AEAD_AES_CCM, {16, 24, 32}, {13, 7, 8, 9, 10, 11, 12},
		{16, 4, 6, 8, 10, 12, 14}, false, 1, 18},
	{"chacha20-poly1305", RTE_CRYPTO_AEAD_CHACHA20_POLY1305, {32}, {12}, {16}, false, 0, 0},
};

static OSSL_LIB_CTX *libctx;

void
ref_aead_init(OSSL_LIB_CTX *ctx)
{
	libctx = ctx;
}

const struct ref_aead *
ref_aeads(unsigned int *nb)
{
	*nb = RTE_DIM(aeads);
	return aeads;
}

const struct ref_aead *
ref_aead_by_name(const char *name)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(aeads); i++)
		if (strcmp(aeads[i].name, name) == 0)
			return &aeads[i];
	return NULL;
}

const struct ref_aead *
ref_aead_by_algo(enum rte_crypto_aead_algorithm algo)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(aeads); i++)
		if (aeads[i].algo == algo)
			return &aeads[i];
	return NULL;
}

uint32_t
ref_aead_max(const struct ref_aead *a, size_t iv_len)
{
	/* RFC 3610, 2: 15 - iv_len bytes count the data. */
	return a->algo == RTE_CRYPTO_AEAD_AES_CCM && iv_len > 11 ?
			(UINT32_C(1) << 8 * (15 - iv_len)) - 1 : UINT32_MAX;
}

static const char *
evp_name(enum rte_crypto_aead_algorithm algo, size_t key_len)
{
	switch (algo) {
	case RTE_CRYPTO_AEAD_AES_GCM:
		return key_len == 16 ? "AES-128-GCM" : key_len == 24 ? "AES-192-GCM" :
				key_len == 32 ? "AES-256-GCM" : NULL;
	case RTE_CRYPTO_AEAD_AES_CCM:
		return key_len == 16 ? "AES-128-CCM" : key_len == 24 ? "AES-192-CCM" :
				key_len == 32 ? "AES-256-CCM" : NULL;
	case RTE_CRYPTO_AEAD_CHACHA20_POLY1305:
		return key_len == 32 ? "ChaCha20-Poly1305" : NULL;
	default:
		return NULL;
	}
}

static int
evp_aead(const struct ref_aead *a, const uint8_t *key, size_t key_len, const uint8_t *iv,
		size_t iv_len, const uint8_t *aad, size_t aad_len, const uint8_t *in, uint8_t *out,
		size_t len, uint8_t *tag, size_t tag_len)
{
	const bool ccm = a->algo == RTE_CRYPTO_AEAD_AES_CCM;
	const char *name = evp_name(a->algo, key_len);
	static const uint8_t nothing[1];
	uint8_t rest[16], none[16];
	EVP_CIPHER_CTX *ctx;
	EVP_CIPHER *evp;
	int n, ret = -EINVAL;

	if (name == NULL)
		return -EINVAL;
	evp = EVP_CIPHER_fetch(libctx, name, NULL);
	if (evp == NULL)
		return -ENOTSUP;
	ctx = EVP_CIPHER_CTX_new();
	if (ctx == NULL ||
			EVP_EncryptInit_ex2(ctx, evp, NULL, NULL, NULL) != 1 ||
			EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN, (int)iv_len, NULL) != 1 ||
			(ccm && EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, (int)tag_len,
				NULL) != 1) ||
			EVP_EncryptInit_ex2(ctx, NULL, key, iv, NULL) != 1 ||
			/* CCM wants to know the length of the data before it begins. */
			(ccm && EVP_EncryptUpdate(ctx, NULL, &n, NULL, (int)len) != 1) ||
			(aad_len > 0 && EVP_EncryptUpdate(ctx, NULL, &n, aad, (int)aad_len) != 1) ||
			((len > 0 || ccm) && EVP_EncryptUpdate(ctx, len > 0 ? out : none, &n,
				len > 0 ? in : nothing, (int)len) != 1) ||
			EVP_EncryptFinal_ex(ctx, rest, &n) != 1 ||
			EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, (int)tag_len, tag) != 1)
		goto out;
	ret = 0;
out:
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(evp);
	return ret;
}

/* ---- GCM from its first counter block [NIST SP 800-38D, 6, 7.1] ---- */

struct gcm {
	EVP_CIPHER_CTX *ecb;
	uint8_t h[16];
	uint8_t y[16];
};

static int
encrypt_block(const struct gcm *g, const uint8_t *in, uint8_t *out)
{
	int n;

	return EVP_EncryptUpdate(g->ecb, out, &n, in, 16) == 1 ? 0 : -EINVAL;
}

/* y = (y ^ block) * h, bit by bit [6.3] */
static void
ghash_block(struct gcm *g, const uint8_t *block, size_t len)
{
	uint8_t z[16] = {0}, v[16];
	unsigned int i, j, low;

	for (i = 0; i < len; i++)
		g->y[i] ^= block[i];
	memcpy(v, g->h, sizeof(v));
	for (i = 0; i < 128; i++) {
		if (g->y[i / 8] >> (7 - i % 8) & 1)
			for (j = 0; j < 16; j++)
				z[j] ^= v[j];
		low = v[15] & 1;
		for (j = 15; j > 0; j--)
			v[j] = (uint8_t)(v[j] >> 1 | v[j - 1] << 7);
		v[0] >>= 1;
		if (low)
			v[0] ^= 0xe1;
	}
	memcpy(g->y, z, sizeof(z));
}

static void
ghash(struct gcm *g, const uint8_t *data, size_t len)
{
	size_t n;

	for (; len > 0; data += n, len -= n) {
		n = RTE_MIN(len, (size_t)16);
		ghash_block(g, data, n);
	}
}

static int
gcm_blocks(struct gcm *g, const uint8_t *j0, const uint8_t *aad, size_t aad_len, const uint8_t *in,
		uint8_t *out, size_t len, uint8_t *tag)
{
	uint8_t counter[16], stream[16], lens[16] = {0};
	size_t done, i, n;

	memcpy(counter, j0, 16);
	ghash(g, aad, aad_len);
	for (done = 0; done < len; done += n) {
		/* The last 32 bits count, and nothing carries out of them. */
		for (i = 16; i > 12 && ++counter[i - 1] == 0; i--)
			;
		if (encrypt_block(g, counter, stream) != 0)
			return -EINVAL;
		n = RTE_MIN((size_t)16, len - done);
		for (i = 0; i < n; i++)
			out[done + i] = in[done + i] ^ stream[i];
	}
	ghash(g, out, len);
	for (i = 0; i < 8; i++) {
		lens[7 - i] = (uint8_t)((uint64_t)aad_len * 8 >> 8 * i);
		lens[15 - i] = (uint8_t)((uint64_t)len * 8 >> 8 * i);
	}
	ghash(g, lens, sizeof(lens));
	if (encrypt_block(g, j0, stream) != 0)
		return -EINVAL;
	for (i = 0; i < 16; i++)
		tag[i] = g->y[i] ^ stream[i];
	return 0;
}

static int
gcm_open(struct gcm *g, const uint8_t *key, size_t key_len)
{
	const char *name = key_len == 16 ? "AES-128-ECB" : key_len == 24 ? "AES-192-ECB" :
			"AES-256-ECB";
	static const uint8_t zeros[16];
	EVP_CIPHER *evp;
	int ret;

	memset(g, 0, sizeof(*g));
	evp = EVP_CIPHER_fetch(libctx, name, NULL);
	g->ecb = EVP_CIPHER_CTX_new();
	ret = evp != NULL && g->ecb != NULL &&
			EVP_EncryptInit_ex2(g->ecb, evp, key, NULL, NULL) == 1 ? 0 : -ENOTSUP;
	if (ret == 0) {
		EVP_CIPHER_CTX_set_padding(g->ecb, 0);
		ret = encrypt_block(g, zeros, g->h);
	}
	EVP_CIPHER_free(evp);
	return ret;
}

static int
gcm_from_j0(const uint8_t *key, size_t key_len, const uint8_t *j0, const uint8_t *aad,
		size_t aad_len, const uint8_t *in, uint8_t *out, size_t len, uint8_t *tag)
{
	struct gcm g;
	int ret;

	ret = gcm_open(&g, key, key_len);
	if (ret == 0)
		ret = gcm_blocks(&g, j0, aad, aad_len, in, out, len, tag);
	EVP_CIPHER_CTX_free(g.ecb);
	return ret;
}

int
ref_gcm_j0(const uint8_t *key, size_t key_len, const uint8_t *iv, size_t iv_len, uint8_t *j0)
{
	uint8_t lens[16] = {0};
	struct gcm g;
	int i, ret;

	if (iv_len == 0 || evp_name(RTE_CRYPTO_AEAD_AES_GCM, key_len) == NULL)
		return -EINVAL;
	if (iv_len == 12) {
		memcpy(j0, iv, 12);
		memcpy(j0 + 12, "\0\0\0\1", 4);
		return 0;
	}
	ret = gcm_open(&g, key, key_len);
	if (ret == 0) {
		for (i = 0; i < 8; i++)
			lens[15 - i] = (uint8_t)((uint64_t)iv_len * 8 >> 8 * i);
		ghash(&g, iv, iv_len);
		ghash(&g, lens, sizeof(lens));
		memcpy(j0, g.y, sizeof(g.y));
	}
	EVP_CIPHER_CTX_free(g.ecb);
	return ret;
}

int
ref_aead_run(const struct ref_aead *a, const uint8_t *key, size_t key_len, const uint8_t *iv,
		size_t iv_len, const uint8_t *aad, size_t aad_len, const uint8_t *in, uint8_t *out,
		size_t len, uint8_t *tag, size_t tag_len)
{
	uint8_t whole[REF_MAX_TAG];
	int ret;

	if (tag_len > REF_MAX_TAG || len > ref_aead_max(a, iv_len))
		return -EINVAL;
	if (iv_len != 0 || !a->j0)
		return evp_aead(a, key, key_len, iv, iv_len, aad, aad_len, in, out, len, tag,
				tag_len);
	if (evp_name(a->algo, key_len) == NULL)
		return -EINVAL;
	ret = gcm_from_j0(key, key_len, iv, aad, aad_len, in, out, len, whole);
	memcpy(tag, whole, tag_len);
	return ret;
}

bool
ref_aead_available(const struct ref_aead *a)
{
	uint8_t key[32] = {0}, iv[16] = {0}, data[16] = {0}, tag[REF_MAX_TAG];

	return ref_aead_run(a, key, a->key_sizes[0], iv, a->iv_sizes[0], data, sizeof(data), data,
			data, sizeof(data), tag, a->tag_sizes[0]) == 0;
}
