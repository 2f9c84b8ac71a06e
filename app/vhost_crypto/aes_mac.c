/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "aes_mac.h"

#define BLOCK VHC_AES_MAC_LEN
#define CHUNK 1024 /* bytes of unwanted ciphertext kept at a time */

struct vhc_aes_mac {
	enum vhc_aes_mac_kind kind;
	EVP_CIPHER_CTX *cbc;    /* keyed; the IV is set anew for each message */
	uint8_t full[BLOCK];    /* added to a last block that is complete */
	uint8_t partial[BLOCK]; /* added to a last block that was padded */
};

static EVP_CIPHER_CTX *
keyed_ctx(OSSL_LIB_CTX *lib, const char *mode, const uint8_t *key, size_t key_len)
{
	char name[sizeof("AES-256-CBC")];
	EVP_CIPHER_CTX *ctx;
	EVP_CIPHER *cipher;

	if (key_len != 16 && key_len != 24 && key_len != 32)
		return NULL;
	snprintf(name, sizeof(name), "AES-%zu-%.3s", key_len * 8, mode);
	cipher = EVP_CIPHER_fetch(lib, name, NULL);
	ctx = EVP_CIPHER_CTX_new();
	if (cipher == NULL || ctx == NULL ||
			EVP_EncryptInit_ex2(ctx, cipher, key, NULL, NULL) != 1) {
		EVP_CIPHER_CTX_free(ctx);
		ctx = NULL;
	} else {
		EVP_CIPHER_CTX_set_padding(ctx, 0);
	}
	EVP_CIPHER_free(cipher);
	return ctx;
}

static bool
ecb_block(EVP_CIPHER_CTX *ecb, uint8_t fill, uint8_t *out)
{
	uint8_t in[BLOCK];
	int len;

	memset(in, fill, sizeof(in));
	return EVP_EncryptUpdate(ecb, out, &len, in, BLOCK) == 1 && len == BLOCK;
}

/* Multiplication by x in GF(2^128), most significant bit first: NIST SP 800-38B 6.1. */
static void
gf_double(const uint8_t *in, uint8_t *out)
{
	uint8_t carry = in[0] >> 7;
	unsigned int i;

	for (i = 0; i < BLOCK - 1; i++)
		out[i] = in[i] << 1 | in[i + 1] >> 7;
	out[BLOCK - 1] = (uint8_t)(in[BLOCK - 1] << 1) ^ (uint8_t)(0x87 & -carry);
}

struct vhc_aes_mac *
vhc_aes_mac_create(
		OSSL_LIB_CTX *lib, enum vhc_aes_mac_kind kind, const uint8_t *key, size_t key_len)
{
	uint8_t derived[BLOCK] = {0};
	EVP_CIPHER_CTX *ecb = NULL;
	struct vhc_aes_mac *m;
	bool ok = false;

	m = calloc(1, sizeof(*m));
	if (m == NULL)
		return NULL;
	m->kind = kind;

	switch (kind) {
	case VHC_AES_CBCMAC:
		m->cbc = keyed_ctx(lib, "CBC", key, key_len);
		ok = m->cbc != NULL;
		break;
	case VHC_AES_CMAC:
		m->cbc = keyed_ctx(lib, "CBC", key, key_len);
		ecb = keyed_ctx(lib, "ECB", key, key_len);
		if (m->cbc == NULL || ecb == NULL || !ecb_block(ecb, 0, derived))
			break;
		gf_double(derived, m->full);
		gf_double(m->full, m->partial);
		ok = true;
		break;
	case VHC_AES_XCBC:
		/* K1, K2, K3 are encryptions of constants: RFC 3566 section 4. */
		ecb = key_len == BLOCK ? keyed_ctx(lib, "ECB", key, key_len) : NULL;
		if (ecb == NULL || !ecb_block(ecb, 1, derived) || !ecb_block(ecb, 2, m->full) ||
				!ecb_block(ecb, 3, m->partial))
			break;
		m->cbc = keyed_ctx(lib, "CBC", derived, BLOCK);
		ok = m->cbc != NULL;
		break;
	}
	EVP_CIPHER_CTX_free(ecb);
	OPENSSL_cleanse(derived, sizeof(derived));
	if (!ok) {
		vhc_aes_mac_destroy(m);
		return NULL;
	}
	return m;
}

void
vhc_aes_mac_destroy(struct vhc_aes_mac *m)
{
	if (m == NULL)
		return;
	EVP_CIPHER_CTX_free(m->cbc);
	OPENSSL_cleanse(m, sizeof(*m));
	free(m);
}

int
vhc_aes_mac_compute(struct vhc_aes_mac *m, const uint8_t *data, size_t len, uint8_t *out)
{
	static const uint8_t zero_iv[BLOCK];
	uint8_t sink[CHUNK], last[BLOCK] = {0};
	size_t head, tail, i, n;
	int done, ret = -EIO;

	/* The last block is there even if the message is empty. */
	tail = len % BLOCK != 0 || len == 0 ? len % BLOCK : BLOCK;
	head = len - tail;

	if (EVP_EncryptInit_ex2(m->cbc, NULL, NULL, zero_iv, NULL) != 1)
		return -EIO;
	for (i = 0; i < head; i += n) {
		n = head - i < CHUNK ? head - i : CHUNK;
		if (EVP_EncryptUpdate(m->cbc, sink, &done, data + i, (int)n) != 1)
			goto out;
	}
	if (tail != 0)
		memcpy(last, data + head, tail);
	if (tail != BLOCK && m->kind != VHC_AES_CBCMAC)
		last[tail] = 0x80;
	for (i = 0; i < BLOCK; i++)
		last[i] ^= tail == BLOCK ? m->full[i] : m->partial[i];
	if (EVP_EncryptUpdate(m->cbc, out, &done, last, BLOCK) == 1 && done == BLOCK)
		ret = 0;
out:
	OPENSSL_cleanse(sink, sizeof(sink));
	OPENSSL_cleanse(last, sizeof(last));
	return ret;
}
