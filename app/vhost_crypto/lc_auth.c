/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "lc_auth.h"

#define BLOCK_MAX 128 /* of a hash that HMAC uses */

struct vhc_lc_auth {
	uint8_t kind; /* enum vhc_lc_auth_kind */
	uint8_t digest_len;
	uint8_t full_len; /* HMAC: bytes that the hash gives */
	uint8_t block;    /* HMAC: bytes of a block of the hash */
	/* One of these. */
	EVP_MD_CTX *md;
	struct vhc_aes_mac *aes_mac;
	EVP_MAC_CTX *cmac; /* over triple DES */
	struct vhc_wireless_key *f9;
	uint8_t inner[BLOCK_MAX]; /* HMAC: the key XOR ipad, and XOR opad */
	uint8_t outer[BLOCK_MAX];
};

static int
set_up_md(struct vhc_lc_auth *a, const EVP_MD *md)
{
	a->md = EVP_MD_CTX_new();
	if (a->md == NULL || md == NULL)
		return -ENOMEM;
	return EVP_DigestInit_ex2(a->md, md, NULL) == 1 ? 0 : -EINVAL;
}

static int
set_up_hmac(struct vhc_lc_auth *a, const EVP_MD *md, const uint8_t *key, uint32_t key_len)
{
	const int block = md != NULL ? EVP_MD_get_block_size(md) : 0;
	int i, ret;

	if (block <= 0 || block > BLOCK_MAX)
		return -EINVAL;
	ret = set_up_md(a, md);
	if (ret != 0)
		return ret;
	a->block = (uint8_t)block;
	a->full_len = (uint8_t)EVP_MD_get_size(md);
	if (key_len <= (uint32_t)block) {
		if (key_len != 0)
			memcpy(a->inner, key, key_len);
	} else if (EVP_DigestUpdate(a->md, key, key_len) != 1 ||
			EVP_DigestFinal_ex(a->md, a->inner, NULL) != 1) {
		return -EINVAL;
	}
	for (i = 0; i < block; i++) {
		a->outer[i] = a->inner[i] ^ 0x5c;
		a->inner[i] ^= 0x36;
	}
	return 0;
}

static int
set_up_cmac(struct vhc_lc_auth *a, OSSL_LIB_CTX *ctx, const uint8_t *key, uint32_t key_len)
{
	char name[] = "DES-EDE3-CBC";
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_CIPHER, name, 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_MAC *mac = EVP_MAC_fetch(ctx, "CMAC", NULL);

	a->cmac = mac != NULL ? EVP_MAC_CTX_new(mac) : NULL;
	EVP_MAC_free(mac);
	if (a->cmac == NULL)
		return -ENOMEM;
	return EVP_MAC_init(a->cmac, key, key_len, params) == 1 ? 0 : -EINVAL;
}

int
vhc_lc_auth_create(const struct vhc_lc_lib *lib, const struct vhc_lc_auth_algo *algo,
		const uint8_t *key, uint32_t key_len, uint32_t digest_len,
		struct vhc_lc_auth **auth)
{
	struct vhc_lc_auth *a = calloc(1, sizeof(*a));
	int ret = -EINVAL;

	if (a == NULL)
		return -ENOMEM;
	a->kind = algo->kind;
	a->digest_len = (uint8_t)digest_len;
	switch ((enum vhc_lc_auth_kind)algo->kind) {
	case VHC_LC_HASH:
	case VHC_LC_XOF:
		ret = set_up_md(a, vhc_lc_lib_md(lib, algo));
		break;
	case VHC_LC_HMAC:
		ret = set_up_hmac(a, vhc_lc_lib_md(lib, algo), key, key_len);
		break;
	case VHC_LC_AES_MAC:
		a->aes_mac = vhc_aes_mac_create(vhc_lc_lib_ctx(lib), algo->aes_mac, key, key_len);
		ret = a->aes_mac != NULL ? 0 : -ENOMEM;
		break;
	case VHC_LC_CMAC_3DES:
		ret = set_up_cmac(a, vhc_lc_lib_ctx(lib), key, key_len);
		break;
	case VHC_LC_F9:
		a->f9 = vhc_wireless_key_create(vhc_lc_lib_wireless(lib), VHC_KASUMI_F9, key);
		ret = a->f9 != NULL ? 0 : -ENOMEM;
		break;
	}
	if (ret != 0) {
		vhc_lc_auth_destroy(a);
		return ret;
	}
	*auth = a;
	return 0;
}

void
vhc_lc_auth_destroy(struct vhc_lc_auth *a)
{
	if (a == NULL)
		return;
	/* libcrypto wipes the state in its contexts. */
	EVP_MD_CTX_free(a->md);
	vhc_aes_mac_destroy(a->aes_mac);
	EVP_MAC_CTX_free(a->cmac);
	vhc_wireless_key_destroy(a->f9);
	OPENSSL_cleanse(a, sizeof(*a));
	free(a);
}

/* An init without a hash keeps the context's, and its memory. */
static bool
hash_two(EVP_MD_CTX *md, const uint8_t *first, size_t first_len, const uint8_t *data, size_t len,
		uint8_t *out)
{
	return EVP_DigestInit_ex2(md, NULL, NULL) == 1 &&
			EVP_DigestUpdate(md, first, first_len) == 1 &&
			EVP_DigestUpdate(md, data, len) == 1 &&
			EVP_DigestFinal_ex(md, out, NULL) == 1;
}

uint8_t
vhc_lc_auth_run(struct vhc_lc_auth *a, const uint8_t *data, uint32_t len, uint8_t *digest)
{
	uint8_t full[EVP_MAX_MD_SIZE];
	size_t full_len;
	bool ok = false;

	switch ((enum vhc_lc_auth_kind)a->kind) {
	case VHC_LC_HASH:
		ok = EVP_DigestInit_ex2(a->md, NULL, NULL) == 1 &&
				EVP_DigestUpdate(a->md, data, len) == 1 &&
				EVP_DigestFinal_ex(a->md, full, NULL) == 1;
		break;
	case VHC_LC_XOF:
		ok = EVP_DigestInit_ex2(a->md, NULL, NULL) == 1 &&
				EVP_DigestUpdate(a->md, data, len) == 1 &&
				EVP_DigestFinalXOF(a->md, full, a->digest_len) == 1;
		break;
	case VHC_LC_HMAC:
		ok = hash_two(a->md, a->inner, a->block, data, len, full) &&
				hash_two(a->md, a->outer, a->block, full, a->full_len, full);
		break;
	case VHC_LC_AES_MAC:
		ok = vhc_aes_mac_compute(a->aes_mac, data, len, full) == 0;
		break;
	case VHC_LC_CMAC_3DES:
		/* An init without a key keeps the context's. */
		ok = EVP_MAC_init(a->cmac, NULL, 0, NULL) == 1 &&
				EVP_MAC_update(a->cmac, data, len) == 1 &&
				EVP_MAC_final(a->cmac, full, &full_len, sizeof(full)) == 1;
		break;
	case VHC_LC_F9:
		ok = vhc_wireless_mac(a->f9, data, len, full) == 0;
		break;
	}
	if (ok)
		memcpy(digest, full, a->digest_len);
	OPENSSL_cleanse(full, sizeof(full));
	return ok ? VIRTIO_CRYPTO_OK : VIRTIO_CRYPTO_ERR;
}
