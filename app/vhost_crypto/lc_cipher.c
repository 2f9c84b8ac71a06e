/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "aes_f8.h"
#include "lc_cipher.h"

#define DES_KEY 8
#define DES3_KEY 24
#define XTS_MIN 16

struct vhc_lc_cipher {
	/* One of these. */
	EVP_CIPHER_CTX *evp;
	struct vhc_aes_f8 *f8;
	struct vhc_wireless_key *wireless;
	const uint8_t *rekey; /* ARC4: the key */
	uint8_t kind;         /* enum vhc_lc_cipher_kind */
	uint8_t block;
	bool has_iv;
};

/*
 * Given to the implementation and not to the context, which would tell the implementation
 * again for each IV.
 */
static int
set_no_padding(EVP_CIPHER_CTX *ctx)
{
	unsigned int off = 0;
	const OSSL_PARAM params[] = {
			OSSL_PARAM_construct_uint(OSSL_CIPHER_PARAM_PADDING, &off),
			OSSL_PARAM_construct_end(),
	};

	return EVP_CIPHER_CTX_set_params(ctx, params);
}

static int
set_up_evp(struct vhc_lc_cipher *c, EVP_CIPHER *evp, const uint8_t *key, uint32_t key_len,
		bool encrypt)
{
	/* A counter mode only ever encrypts its counter. */
	const int enc = encrypt || c->kind == VHC_LC_DES3_CTR;
	uint8_t tripled[DES3_KEY];
	int ok, i;

	c->evp = EVP_CIPHER_CTX_new();
	if (c->evp == NULL || evp == NULL)
		return -ENOMEM;
	if (c->kind == VHC_LC_DES) {
		for (i = 0; i < 3; i++)
			memcpy(tripled + i * DES_KEY, key, DES_KEY);
		key = tripled;
	}
	ok = EVP_CipherInit_ex2(c->evp, evp, NULL, NULL, enc, NULL);
	if (ok == 1 && c->kind == VHC_LC_ARC4)
		ok = EVP_CIPHER_CTX_set_key_length(c->evp, (int)key_len);
	if (ok == 1)
		ok = EVP_CipherInit_ex2(c->evp, NULL, key, NULL, enc, NULL);
	if (ok == 1 && c->block != 1)
		ok = set_no_padding(c->evp);
	OPENSSL_cleanse(tripled, sizeof(tripled));
	if (c->kind == VHC_LC_ARC4)
		c->rekey = key;
	return ok == 1 ? 0 : -EINVAL;
}

int
vhc_lc_cipher_create(const struct vhc_lc_lib *lib, const struct vhc_lc_cipher_algo *a,
		const uint8_t *key, uint32_t key_len, bool encrypt, struct vhc_lc_cipher **cipher)
{
	struct vhc_lc_cipher *c = calloc(1, sizeof(*c));
	int ret = 0;

	if (c == NULL)
		return -ENOMEM;
	c->kind = a->kind;
	c->block = a->block;
	c->has_iv = a->iv_len != 0;
	switch (a->kind) {
	case VHC_LC_WIRELESS:
		c->wireless = vhc_wireless_key_create(vhc_lc_lib_wireless(lib), a->wireless, key);
		ret = c->wireless != NULL ? 0 : -ENOMEM;
		break;
	case VHC_LC_AES_F8:
		c->f8 = vhc_aes_f8_create(vhc_lc_lib_ctx(lib), vhc_lc_lib_f8_ecb(a, key_len), key,
				key_len);
		ret = c->f8 != NULL ? 0 : -ENOMEM;
		break;
	default:
		ret = set_up_evp(c, vhc_lc_lib_cipher(lib, a, key_len), key, key_len, encrypt);
		break;
	}
	if (ret != 0) {
		vhc_lc_cipher_destroy(c);
		return ret;
	}
	*cipher = c;
	return 0;
}

void
vhc_lc_cipher_destroy(struct vhc_lc_cipher *c)
{
	if (c == NULL)
		return;
	/* libcrypto wipes the keys in its contexts. */
	EVP_CIPHER_CTX_free(c->evp);
	vhc_aes_f8_destroy(c->f8);
	vhc_wireless_key_destroy(c->wireless);
	free(c);
}

/* 64-bit big-endian counter block, over ECB. */
static bool
des3_ctr(EVP_CIPHER_CTX *ecb, const uint8_t *iv, const uint8_t *src, uint8_t *dst, size_t len)
{
	uint8_t block[32 * VHC_LC_DES_BLOCK];
	uint64_t counter = 0;
	bool ok = true;
	size_t n, i, k;
	int done;

	for (i = 0; i < VHC_LC_DES_BLOCK; i++)
		counter = counter << 8 | iv[i];
	while (len != 0) {
		n = len < sizeof(block) ? len : sizeof(block);
		for (i = 0; i < n; i += VHC_LC_DES_BLOCK, counter++) {
			for (k = 0; k < VHC_LC_DES_BLOCK; k++)
				block[i + k] = (uint8_t)(counter >> (56 - 8 * k));
		}
		ok = EVP_EncryptUpdate(ecb, block, &done, block, (int)i) == 1;
		if (!ok)
			break;
		for (i = 0; i < n; i++)
			dst[i] = src[i] ^ block[i];
		src += n;
		dst += n;
		len -= n;
	}
	OPENSSL_cleanse(block, sizeof(block));
	return ok;
}

uint8_t
vhc_lc_cipher_run(struct vhc_lc_cipher *c, const uint8_t *iv, const uint8_t *src, uint8_t *dst,
		uint32_t len)
{
	int done = 0;
	bool ok;

	if (len == 0)
		return VIRTIO_CRYPTO_OK;
	/* Blocks are powers of two. */
	if ((len & (c->block - 1u)) != 0 || len > INT_MAX)
		return VIRTIO_CRYPTO_ERR;
	switch (c->kind) {
	case VHC_LC_DES3_CTR:
		ok = des3_ctr(c->evp, iv, src, dst, len);
		break;
	case VHC_LC_AES_F8:
		ok = vhc_aes_f8_crypt(c->f8, iv, src, dst, len) == 0;
		break;
	case VHC_LC_WIRELESS:
		ok = vhc_wireless_crypt(c->wireless, iv, src, dst, len) == 0;
		break;
	case VHC_LC_XTS:
		if (len < XTS_MIN)
			return VIRTIO_CRYPTO_ERR;
		/* fall through */
	default:
		ok = EVP_CipherInit_ex2(c->evp, NULL, c->rekey, c->has_iv ? iv : NULL, -1, NULL) ==
						1 &&
				EVP_CipherUpdate(c->evp, dst, &done, src, (int)len) == 1 &&
				(uint32_t)done == len;
		break;
	}
	return ok ? VIRTIO_CRYPTO_OK : VIRTIO_CRYPTO_ERR;
}
