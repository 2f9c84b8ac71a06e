/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Operations without a session, of as many keys as a test likes. For the tests of such.
 */

#ifndef SESSIONLESS_H
#define SESSIONLESS_H

#include <openssl/evp.h>

#include "device_fixture.h"

#define LEN DUT_DATA_LEN

/* The key of kind n: AES-128-CBC with these bytes. */
struct kind {
	struct rte_crypto_sym_xform x;
	uint8_t key[DUT_KEY_LEN];
};

static inline struct kind *
kind(struct kind *k, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < sizeof(k->key); i++)
		k->key[i] = (uint8_t)(0x91 + i * 7 + (i < 2 ? n >> 8 * i : 0));
	memset(&k->x, 0, sizeof(k->x));
	k->x.type = RTE_CRYPTO_SYM_XFORM_CIPHER;
	k->x.cipher.op = RTE_CRYPTO_CIPHER_OP_ENCRYPT;
	k->x.cipher.algo = RTE_CRYPTO_CIPHER_AES_CBC;
	k->x.cipher.key.data = k->key;
	k->x.cipher.key.length = sizeof(k->key);
	k->x.cipher.iv.offset = DUT_IV_OFFSET;
	k->x.cipher.iv.length = DUT_IV_LEN;
	return k;
}

static inline struct rte_crypto_op *
bare_op(struct rte_crypto_sym_xform *x)
{
	struct rte_crypto_op *const op = dut_op(NULL, LEN);

	op->sess_type = RTE_CRYPTO_OP_SESSIONLESS;
	op->sym->xform = x;
	return op;
}

/* Whether the data is the pattern under this key. */
static inline bool
right(struct rte_crypto_op *op, const uint8_t *key)
{
	const uint8_t *const iv = rte_crypto_op_ctod_offset(op, const uint8_t *, DUT_IV_OFFSET);
	EVP_CIPHER_CTX *const ctx = EVP_CIPHER_CTX_new();
	uint8_t want[LEN];
	int n;

	dut_pattern(want, LEN);
	assert_int_equal(EVP_EncryptInit_ex(ctx, EVP_aes_128_cbc(), NULL, key, iv), 1);
	EVP_CIPHER_CTX_set_padding(ctx, 0);
	assert_int_equal(EVP_EncryptUpdate(ctx, want, &n, want, LEN), 1);
	EVP_CIPHER_CTX_free(ctx);
	return memcmp(dut_data(op), want, LEN) == 0;
}

#endif /* SESSIONLESS_H */
