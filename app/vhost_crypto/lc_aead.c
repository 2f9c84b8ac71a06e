/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "aes_gcm_j0.h"
#include "lc_aead.h"

#define GCM_J0_LEN VHC_AES_GCM_J0_LEN

struct vhc_lc_aead {
	const struct vhc_lc_lib *lib;
	const struct vhc_lc_aead_algo *algo;
	const uint8_t *key;
	uint32_t key_len;
	EVP_CIPHER_CTX *evp;
	struct vhc_aes_gcm_j0 *j0; /* made with the first operation that has one */
	uint8_t tag_len;
	uint8_t iv_len; /* that evp is set to */
	bool encrypt;
};

/* Key and length of the IV. CCM's key set-up contains the lengths, so it comes last. */
static int
set_key(struct vhc_lc_aead *a, uint8_t iv_len)
{
	if (EVP_CIPHER_CTX_ctrl(a->evp, EVP_CTRL_AEAD_SET_IVLEN, iv_len, NULL) != 1 ||
			(a->algo->kind == VHC_LC_CCM &&
					EVP_CIPHER_CTX_ctrl(a->evp, EVP_CTRL_AEAD_SET_TAG,
							a->tag_len, NULL) != 1) ||
			EVP_CipherInit_ex2(a->evp, NULL, a->key, NULL, -1, NULL) != 1)
		return -EINVAL;
	a->iv_len = iv_len;
	return 0;
}

int
vhc_lc_aead_create(const struct vhc_lc_lib *lib, const struct vhc_lc_aead_algo *algo,
		const uint8_t *key, uint32_t key_len, uint32_t tag_len, bool encrypt,
		struct vhc_lc_aead **aead)
{
	const EVP_CIPHER *cipher = vhc_lc_lib_aead(lib, algo, key_len);
	struct vhc_lc_aead *a = calloc(1, sizeof(*a));
	int ret = -ENOMEM;

	if (a == NULL)
		return -ENOMEM;
	a->lib = lib;
	a->algo = algo;
	a->key = key;
	a->key_len = key_len;
	a->tag_len = (uint8_t)tag_len;
	a->encrypt = encrypt;
	a->evp = EVP_CIPHER_CTX_new();
	if (a->evp != NULL && cipher != NULL) {
		ret = -EINVAL;
		if (EVP_CipherInit_ex2(a->evp, cipher, NULL, NULL, encrypt, NULL) == 1)
			ret = set_key(a, algo->max_iv);
	}
	if (ret != 0) {
		vhc_lc_aead_destroy(a);
		return ret;
	}
	*aead = a;
	return 0;
}

void
vhc_lc_aead_destroy(struct vhc_lc_aead *a)
{
	if (a == NULL)
		return;
	/* libcrypto wipes the keys in its contexts. */
	EVP_CIPHER_CTX_free(a->evp);
	vhc_aes_gcm_j0_destroy(a->j0);
	free(a);
}

/* [virtio 5.9.9.7: an IV of 16 bytes is J0] */
static uint8_t
run_j0(struct vhc_lc_aead *a, const struct vhc_engine_op *op)
{
	int ret;

	if (a->j0 == NULL)
		a->j0 = vhc_aes_gcm_j0_create(vhc_lc_lib_aead(a->lib, a->algo, a->key_len),
				vhc_lc_lib_aes_ctr(a->lib, a->key_len), a->key);
	if (a->j0 == NULL)
		return VIRTIO_CRYPTO_ERR;
	if (a->encrypt)
		ret = vhc_aes_gcm_j0_encrypt(a->j0, op->iv, op->aad, op->aad_len, op->src[0].base,
				op->dst[0].base, op->len, op->digest, a->tag_len);
	else
		ret = vhc_aes_gcm_j0_decrypt(a->j0, op->iv, op->aad, op->aad_len, op->src[0].base,
				op->dst[0].base, op->len, op->digest, a->tag_len);
	switch (ret) {
	case 0:
		return VIRTIO_CRYPTO_OK;
	case -EBADMSG:
		return VIRTIO_CRYPTO_BADMSG;
	default:
		return VIRTIO_CRYPTO_ERR;
	}
}

/* GCM and ChaCha20-Poly1305. */
static uint8_t
run_stream(struct vhc_lc_aead *a, const struct vhc_engine_op *op)
{
	uint8_t *const dst = op->dst[0].base;
	uint8_t none[16];
	int done;

	if (EVP_CipherInit_ex2(a->evp, NULL, NULL, op->iv, -1, NULL) != 1)
		return VIRTIO_CRYPTO_ERR;
	if (!a->encrypt && EVP_CIPHER_CTX_ctrl(a->evp, EVP_CTRL_AEAD_SET_TAG, a->tag_len,
					   op->digest) != 1)
		return VIRTIO_CRYPTO_ERR;
	if (op->aad_len != 0 &&
			EVP_CipherUpdate(a->evp, NULL, &done, op->aad, (int)op->aad_len) != 1)
		return VIRTIO_CRYPTO_ERR;
	if (op->len != 0 &&
			EVP_CipherUpdate(a->evp, dst, &done, op->src[0].base, (int)op->len) != 1)
		return VIRTIO_CRYPTO_ERR;
	if (EVP_CipherFinal_ex(a->evp, none, &done) != 1) {
		/* Nobody gets to see what was not authentic. */
		if (op->len != 0)
			OPENSSL_cleanse(dst, op->len);
		return a->encrypt ? VIRTIO_CRYPTO_ERR : VIRTIO_CRYPTO_BADMSG;
	}
	if (a->encrypt && EVP_CIPHER_CTX_ctrl(a->evp, EVP_CTRL_AEAD_GET_TAG, a->tag_len,
					  op->digest) != 1)
		return VIRTIO_CRYPTO_ERR;
	return VIRTIO_CRYPTO_OK;
}

static uint8_t
run_ccm(struct vhc_lc_aead *a, const struct vhc_engine_op *op)
{
	/* The length of the data has what the nonce leaves of 15 bytes. (SP 800-38C A.1) */
	const unsigned int len_bits = 8 * (15u - op->iv_len);
	uint8_t *const dst = op->dst[0].base;
	int done;

	if (len_bits < 32 && op->len >> len_bits != 0)
		return VIRTIO_CRYPTO_ERR;
	if (EVP_CipherInit_ex2(a->evp, NULL, NULL, op->iv, -1, NULL) != 1 ||
			(!a->encrypt && EVP_CIPHER_CTX_ctrl(a->evp, EVP_CTRL_AEAD_SET_TAG,
							a->tag_len, op->digest) != 1) ||
			EVP_CipherUpdate(a->evp, NULL, &done, NULL, (int)op->len) != 1 ||
			(op->aad_len != 0 && EVP_CipherUpdate(a->evp, NULL, &done, op->aad,
							     (int)op->aad_len) != 1))
		return VIRTIO_CRYPTO_ERR;
	/* Also without data, since this is where the tag is made or compared. */
	if (EVP_CipherUpdate(a->evp, dst, &done, op->src[0].base, (int)op->len) != 1) {
		if (op->len != 0)
			OPENSSL_cleanse(dst, op->len);
		return a->encrypt ? VIRTIO_CRYPTO_ERR : VIRTIO_CRYPTO_BADMSG;
	}
	if (a->encrypt && EVP_CIPHER_CTX_ctrl(a->evp, EVP_CTRL_AEAD_GET_TAG, a->tag_len,
					  op->digest) != 1)
		return VIRTIO_CRYPTO_ERR;
	return VIRTIO_CRYPTO_OK;
}

uint8_t
vhc_lc_aead_run(struct vhc_lc_aead *a, const struct vhc_engine_op *op)
{
	if (op->len > INT_MAX || op->aad_len > INT_MAX)
		return VIRTIO_CRYPTO_ERR;
	if (a->algo->kind == VHC_LC_GCM && op->iv_len == GCM_J0_LEN)
		return run_j0(a, op);
	if (op->iv_len < a->algo->min_iv || op->iv_len > a->algo->max_iv)
		return VIRTIO_CRYPTO_ERR;
	if (op->iv_len != a->iv_len && set_key(a, op->iv_len) != 0)
		return VIRTIO_CRYPTO_ERR;
	return a->algo->kind == VHC_LC_CCM ? run_ccm(a, op) : run_stream(a, op);
}
