/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "aes_gcm_j0.h"

#define BLOCK 16
#define IV_LEN 12
#define CHUNK 1024

struct vhc_aes_gcm_j0 {
	EVP_CIPHER_CTX *gcm;
	EVP_CIPHER_CTX *ctr;
};

static const uint8_t zero_iv[IV_LEN];

struct vhc_aes_gcm_j0 *
vhc_aes_gcm_j0_create(const EVP_CIPHER *gcm, const EVP_CIPHER *ctr, const uint8_t *key)
{
	struct vhc_aes_gcm_j0 *g = calloc(1, sizeof(*g));

	if (g == NULL)
		return NULL;
	g->gcm = EVP_CIPHER_CTX_new();
	g->ctr = EVP_CIPHER_CTX_new();
	if (g->gcm == NULL || g->ctr == NULL ||
			EVP_EncryptInit_ex2(g->gcm, gcm, key, NULL, NULL) != 1 ||
			EVP_EncryptInit_ex2(g->ctr, ctr, key, NULL, NULL) != 1) {
		vhc_aes_gcm_j0_destroy(g);
		return NULL;
	}
	return g;
}

void
vhc_aes_gcm_j0_destroy(struct vhc_aes_gcm_j0 *g)
{
	if (g == NULL)
		return;
	/* libcrypto wipes the keys in its contexts. */
	EVP_CIPHER_CTX_free(g->gcm);
	EVP_CIPHER_CTX_free(g->ctr);
	free(g);
}

/* The block cipher itself: the first of the key stream is the counter encrypted. */
static bool
encrypt_block(struct vhc_aes_gcm_j0 *g, const uint8_t *in, uint8_t *out)
{
	static const uint8_t zeros[BLOCK];
	int n;

	return EVP_EncryptInit_ex2(g->ctr, NULL, NULL, in, NULL) == 1 &&
			EVP_EncryptUpdate(g->ctr, out, &n, zeros, BLOCK) == 1;
}

/* GCTR of SP 800-38D 6.5 from the block after @p j0: only the last 32 bits count, and wrap. */
static bool
gctr(struct vhc_aes_gcm_j0 *g, const uint8_t *j0, const uint8_t *src, uint8_t *dst, size_t len)
{
	uint8_t counter[BLOCK];
	uint32_t low;
	size_t n;
	int done, i;

	low = (uint32_t)j0[12] << 24 | (uint32_t)j0[13] << 16 | (uint32_t)j0[14] << 8 | j0[15];
	memcpy(counter, j0, BLOCK);
	for (low++; len != 0; low = 0) {
		for (i = 0; i < 4; i++)
			counter[12 + i] = (uint8_t)(low >> (24 - 8 * i));
		/* As far as libcrypto's counter of 128 bits does the same. */
		n = len;
		if ((n - 1) / BLOCK > UINT32_MAX - low)
			n = ((size_t)(UINT32_MAX - low) + 1) * BLOCK;
		if (EVP_EncryptInit_ex2(g->ctr, NULL, NULL, counter, NULL) != 1 ||
				EVP_EncryptUpdate(g->ctr, dst, &done, src, (int)n) != 1)
			return false;
		src += n;
		dst += n;
		len -= n;
	}
	return true;
}

/* The tag of a ciphertext. */
static bool
make_tag(struct vhc_aes_gcm_j0 *g, const uint8_t *j0, const uint8_t *aad, size_t aad_len,
		const uint8_t *secret, size_t len, uint8_t *tag)
{
	static const uint8_t zero_j0[BLOCK] = {[BLOCK - 1] = 1};
	uint8_t counter[BLOCK] = {0}, buf[CHUNK], mask[BLOCK], zero_mask[BLOCK];
	uint32_t block = 1; /* of the key stream that goes with the IV of zeros */
	bool ok = false;
	size_t n;
	int done, i;

	if (!encrypt_block(g, j0, mask) || !encrypt_block(g, zero_j0, zero_mask) ||
			EVP_EncryptInit_ex2(g->gcm, NULL, NULL, zero_iv, NULL) != 1 ||
			(aad_len != 0 && EVP_EncryptUpdate(g->gcm, NULL, &done, aad,
							(int)aad_len) != 1))
		goto out;
	/* What gives this ciphertext when it is encrypted with that IV, piece by piece. */
	for (; len != 0; len -= n, secret += n, block += CHUNK / BLOCK) {
		n = len < CHUNK ? len : CHUNK;
		for (i = 0; i < 4; i++)
			counter[12 + i] = (uint8_t)(block >> (24 - 8 * i));
		if (!gctr(g, counter, secret, buf, n) ||
				EVP_EncryptUpdate(g->gcm, buf, &done, buf, (int)n) != 1)
			goto out;
	}
	ok = EVP_EncryptFinal_ex(g->gcm, buf, &done) == 1 &&
			EVP_CIPHER_CTX_ctrl(g->gcm, EVP_CTRL_AEAD_GET_TAG, BLOCK, tag) == 1;
	for (i = 0; i < BLOCK; i++)
		tag[i] ^= mask[i] ^ zero_mask[i];
out:
	OPENSSL_cleanse(buf, sizeof(buf));
	OPENSSL_cleanse(mask, sizeof(mask));
	OPENSSL_cleanse(zero_mask, sizeof(zero_mask));
	return ok;
}

int
vhc_aes_gcm_j0_encrypt(struct vhc_aes_gcm_j0 *g, const uint8_t *j0, const uint8_t *aad,
		size_t aad_len, const uint8_t *src, uint8_t *dst, size_t len, uint8_t *tag,
		size_t tag_len)
{
	uint8_t full[BLOCK];

	if (!gctr(g, j0, src, dst, len) || !make_tag(g, j0, aad, aad_len, dst, len, full))
		return -EIO;
	memcpy(tag, full, tag_len);
	return 0;
}

int
vhc_aes_gcm_j0_decrypt(struct vhc_aes_gcm_j0 *g, const uint8_t *j0, const uint8_t *aad,
		size_t aad_len, const uint8_t *src, uint8_t *dst, size_t len, const uint8_t *tag,
		size_t tag_len)
{
	uint8_t full[BLOCK];
	int diff;

	if (!make_tag(g, j0, aad, aad_len, src, len, full))
		return -EIO;
	diff = CRYPTO_memcmp(full, tag, tag_len);
	OPENSSL_cleanse(full, sizeof(full));
	if (diff != 0)
		return -EBADMSG;
	return gctr(g, j0, src, dst, len) ? 0 : -EIO;
}
