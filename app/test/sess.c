/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include <stdio.h>
#include <string.h>

#include "sess.h"

struct rte_crypto_sym_xform *
sess_xforms(const struct sess_params *p, const uint8_t *key, const uint8_t *auth_key,
		uint16_t iv_offset, struct rte_crypto_sym_xform x[2])
{
	struct rte_crypto_sym_xform *c = NULL, *a = NULL;

	memset(x, 0, 2 * sizeof(x[0]));
	if (p->order == SESS_AEAD) {
		x[0].type = RTE_CRYPTO_SYM_XFORM_AEAD;
		x[0].aead.op = p->decrypt ? RTE_CRYPTO_AEAD_OP_DECRYPT :
				RTE_CRYPTO_AEAD_OP_ENCRYPT;
		x[0].aead.algo = p->aead->algo;
		x[0].aead.key.data = key;
		x[0].aead.key.length = p->key_len;
		x[0].aead.iv.offset = iv_offset;
		x[0].aead.iv.length = p->iv_len;
		x[0].aead.digest_length = p->digest_len;
		x[0].aead.aad_length = p->aad_len;
		return &x[0];
	}
	if (p->order != SESS_AUTH)
		c = &x[p->order == SESS_AUTH_CIPHER];
	if (p->order != SESS_CIPHER)
		a = &x[p->order == SESS_CIPHER_AUTH];
	if (c != NULL && a != NULL)
		x[0].next = &x[1];
	if (c != NULL) {
		c->type = RTE_CRYPTO_SYM_XFORM_CIPHER;
		c->cipher.op = p->decrypt ? RTE_CRYPTO_CIPHER_OP_DECRYPT :
				RTE_CRYPTO_CIPHER_OP_ENCRYPT;
		c->cipher.algo = p->cipher->algo;
		c->cipher.key.data = key;
		c->cipher.key.length = p->key_len;
		c->cipher.iv.offset = iv_offset;
		c->cipher.iv.length = p->iv_len;
	}
	if (a != NULL) {
		a->type = RTE_CRYPTO_SYM_XFORM_AUTH;
		a->auth.op = p->decrypt ? RTE_CRYPTO_AUTH_OP_VERIFY : RTE_CRYPTO_AUTH_OP_GENERATE;
		a->auth.algo = p->auth->algo;
		a->auth.key.data = p->auth_key_len > 0 ? auth_key : NULL;
		a->auth.key.length = p->auth_key_len;
		a->auth.digest_length = p->digest_len;
		if ((c == NULL || p->cipher->kind == REF_CIPHER_NULL) && ref_auth_iv(p->auth)) {
			a->auth.iv.offset = iv_offset;
			a->auth.iv.length = p->iv_len;
		}
	}
	return &x[0];
}

const char *
sess_text(const struct sess_params *p)
{
	static char text[200];
	int n = 0;

	if (p->order == SESS_AEAD) {
		snprintf(text, sizeof(text), "%s key %u iv %u tag %u aad %u %s", p->aead->name,
				p->key_len, p->iv_len, p->digest_len, p->aad_len,
				p->decrypt ? "decrypt" : "encrypt");
		return text;
	}
	if (p->order != SESS_AUTH)
		n = snprintf(text, sizeof(text), "%s key %u iv %u %s", p->cipher->name, p->key_len,
				p->iv_len, p->decrypt ? "decrypt" : "encrypt");
	if (p->order != SESS_CIPHER)
		snprintf(text + n, sizeof(text) - (size_t)n, "%s%s key %u digest %u %s",
				p->order == SESS_AUTH ? "" : p->order == SESS_CIPHER_AUTH ?
				", then " : ", after ", p->auth->name, p->auth_key_len,
				p->digest_len, p->decrypt ? "verify" : "generate");
	return text;
}
