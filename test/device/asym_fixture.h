/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Asymmetric sessions and operations for tests of the driver, with keys that OpenSSL makes, and
 * OpenSSL's word on results.
 */

#ifndef ASYM_FIXTURE_H
#define ASYM_FIXTURE_H

#include <openssl/evp.h>

#include "device_fixture.h"

#define ASYM_MAX_LEN 1024 /* bytes of a modulus */

struct asym_number {
	uint8_t data[ASYM_MAX_LEN];
	size_t len;
};

/** A key, and its numbers. */
struct asym_key {
	EVP_PKEY *pkey;
	size_t len; /* bytes of the modulus or of a coordinate */
	/* RSA */
	struct asym_number n, e, d, p, q, dp, dq, qinv;
	/* ECDSA; its private number is d */
	enum rte_crypto_curve_id curve;
	struct asym_number x, y;
};

/** An op and what it points to. */
struct asym_op {
	struct rte_crypto_op *op;
	uint8_t in[ASYM_MAX_LEN + 16];
	uint8_t out[ASYM_MAX_LEN + 16]; /* filled with ASYM_UNTOUCHED */
	uint8_t out2[ASYM_MAX_LEN + 16];
};

#define ASYM_UNTOUCHED 0x3c

/** Group set-up and teardown: pools. */
int asym_setup(void **state);
int asym_teardown(void **state);

/** A new key; the same for the same bits, until teardown. Freed there. */
const struct asym_key *asym_rsa_key(unsigned int bits);
/** Of one of the five curves. */
const struct asym_key *asym_ec_key(enum rte_crypto_curve_id curve);

/** A session, or NULL with the errno in rte_errno. */
void *asym_rsa_session(struct dut *t, const struct asym_key *k,
		enum rte_crypto_rsa_priv_key_type type, bool private);
void *asym_ec_session(struct dut *t, enum rte_crypto_curve_id curve);
void *asym_session(struct dut *t, struct rte_crypto_asym_xform *xform);
void asym_free_session(struct dut *t, void *session);

/** Make an op of a session; @p in may be NULL. Free it with asym_op_free(). */
void asym_rsa_op(struct asym_op *o, void *session, enum rte_crypto_asym_op_type type,
		enum rte_crypto_rsa_padding_type padding, enum rte_crypto_auth_algorithm hash,
		const uint8_t *in, size_t len);
/** The same to verify. */
void asym_rsa_verify_op(struct asym_op *o, void *session,
		enum rte_crypto_rsa_padding_type padding, enum rte_crypto_auth_algorithm hash,
		const uint8_t *message, size_t len, const uint8_t *sig, size_t sig_len);
void asym_ec_sign_op(struct asym_op *o, void *session, const struct asym_key *k,
		const uint8_t *digest, size_t len);
void asym_ec_verify_op(struct asym_op *o, void *session, const struct asym_key *k,
		const uint8_t *digest, size_t len, const uint8_t *r, size_t r_len, const uint8_t *s,
		size_t s_len);
void asym_op_free(struct asym_op *o);

/** There and back. @return its status. */
enum rte_crypto_op_status asym_run(struct dut *t, struct asym_op *o);

/** OpenSSL's word. @param hash NULL: none. */
bool asym_ref_rsa_verify(const struct asym_key *k, const char *hash, const uint8_t *digest,
		size_t len, const uint8_t *sig, size_t sig_len);
void asym_ref_rsa_sign(const struct asym_key *k, const char *hash, const uint8_t *digest,
		size_t len, uint8_t *sig);
void asym_ref_rsa_encrypt(const struct asym_key *k, int padding, const uint8_t *in, size_t len,
		uint8_t *out);
/** @return bytes of the message. */
size_t asym_ref_rsa_decrypt(const struct asym_key *k, int padding, const uint8_t *in, uint8_t *out);
bool asym_ref_ec_verify(const struct asym_key *k, const uint8_t *digest, size_t len,
		const uint8_t *r, size_t r_len, const uint8_t *s, size_t s_len);
/** @param rs  gets both numbers, each as long as a coordinate. */
void asym_ref_ec_sign(const struct asym_key *k, const uint8_t *digest, size_t len, uint8_t *rs);

#endif /* ASYM_FIXTURE_H */
