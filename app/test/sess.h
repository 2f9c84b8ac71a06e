/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * What a session is, in the reference's terms, and its form for cryptodev. A leaf beside the
 * reference: knows no device. Functions may be called by any thread but for sess_text().
 */

#ifndef SESS_H
#define SESS_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_crypto.h>

#include "reference.h"
#include "reference_aead.h"

/* Order of a chain's parts, as the xforms stand. */
enum sess_order {
	SESS_CIPHER, /* cipher alone */
	SESS_AUTH, /* auth alone */
	SESS_CIPHER_AUTH, /* encrypt, then generate; or decrypt, then verify */
	SESS_AUTH_CIPHER, /* generate, then encrypt; or verify, then decrypt */
	SESS_AEAD,
};

struct sess_params {
	const struct ref_cipher *cipher;
	const struct ref_auth *auth;
	const struct ref_aead *aead;
	enum sess_order order;
	bool decrypt; /* with auth: verify */
	uint16_t key_len; /* of cipher or AEAD */
	uint16_t iv_len; /* of a MAC that has one, too, alone or with a NULL cipher */
	uint16_t auth_key_len;
	uint16_t digest_len; /* or tag */
	uint16_t aad_len;
};

/**
 * Fill in the xforms of a session.
 * @param key, auth_key  the keys, p->key_len and p->auth_key_len bytes; not copied.
 * @param iv_offset      where ops have their IV.
 * @return the first.
 */
struct rte_crypto_sym_xform *sess_xforms(const struct sess_params *p, const uint8_t *key,
		const uint8_t *auth_key, uint16_t iv_offset, struct rte_crypto_sym_xform x[2]);

/** What the session is, for names of cases and messages. Static buffer. */
const char *sess_text(const struct sess_params *p);

#endif /* SESS_H */
