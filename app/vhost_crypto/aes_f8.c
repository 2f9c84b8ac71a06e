/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "aes_f8.h"

#define BLOCK VHC_AES_F8_IV_LEN
#define AES_KEY_MAX 32

struct vhc_aes_f8 {
	EVP_CIPHER_CTX *data; /* k_e: makes the key stream */
	EVP_CIPHER_CTX *iv;   /* k_e XOR m: makes IV' */
};

static EVP_CIPHER_CTX *
keyed_ecb(const EVP_CIPHER *ecb, const uint8_t *key)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();

	if (ctx == NULL || EVP_EncryptInit_ex2(ctx, ecb, key, NULL, NULL) != 1 ||
			EVP_CIPHER_CTX_set_padding(ctx, 0) != 1) {
		EVP_CIPHER_CTX_free(ctx);
		return NULL;
	}
	return ctx;
}

static bool
ecb_block(EVP_CIPHER_CTX *ecb, const uint8_t *in, uint8_t *out)
{
	int len;

	return EVP_EncryptUpdate(ecb, out, &len, in, BLOCK) == 1 && len == BLOCK;
}

struct vhc_aes_f8 *
vhc_aes_f8_create(OSSL_LIB_CTX *lib, const char *ecb, const uint8_t *key, size_t key_len)
{
	const size_t half = key_len / 2;
	uint8_t masked[AES_KEY_MAX];
	struct vhc_aes_f8 *f8;
	EVP_CIPHER *cipher;
	size_t i;

	cipher = EVP_CIPHER_fetch(lib, ecb, NULL);
	if (cipher == NULL || key_len % 2 != 0 || half > sizeof(masked) ||
			half != (size_t)EVP_CIPHER_get_key_length(cipher)) {
		EVP_CIPHER_free(cipher);
		return NULL;
	}
	f8 = calloc(1, sizeof(*f8));
	if (f8 != NULL) {
		for (i = 0; i < half; i++)
			masked[i] = key[i] ^ key[half + i];
		f8->data = keyed_ecb(cipher, key);
		f8->iv = keyed_ecb(cipher, masked);
		OPENSSL_cleanse(masked, sizeof(masked));
		if (f8->data == NULL || f8->iv == NULL) {
			vhc_aes_f8_destroy(f8);
			f8 = NULL;
		}
	}
	EVP_CIPHER_free(cipher);
	return f8;
}

void
vhc_aes_f8_destroy(struct vhc_aes_f8 *f8)
{
	if (f8 == NULL)
		return;
	/* libcrypto wipes the keys in its contexts. */
	EVP_CIPHER_CTX_free(f8->data);
	EVP_CIPHER_CTX_free(f8->iv);
	free(f8);
}

int
vhc_aes_f8_crypt(struct vhc_aes_f8 *f8, const uint8_t *iv, const uint8_t *src, uint8_t *dst,
		size_t len)
{
	uint8_t iv2[BLOCK], in[BLOCK], stream[BLOCK] = {0};
	size_t done, n, i;
	uint64_t j = 0;
	int ret = 0;

	if (!ecb_block(f8->iv, iv, iv2))
		return -EIO;
	for (done = 0; done < len; done += n, j++) {
		/* S(j) = E(k_e, IV' XOR j XOR S(j-1)), where S(-1) is zero. */
		for (i = 0; i < BLOCK; i++)
			in[i] = iv2[i] ^ stream[i];
		for (i = 0; i < sizeof(j); i++)
			in[BLOCK - 1 - i] ^= (uint8_t)(j >> 8 * i);
		if (!ecb_block(f8->data, in, stream)) {
			ret = -EIO;
			break;
		}
		n = len - done < BLOCK ? len - done : BLOCK;
		for (i = 0; i < n; i++)
			dst[done + i] = src[done + i] ^ stream[i];
	}
	OPENSSL_cleanse(iv2, sizeof(iv2));
	OPENSSL_cleanse(in, sizeof(in));
	OPENSSL_cleanse(stream, sizeof(stream));
	return ret;
}
