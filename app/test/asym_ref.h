/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * What libcrypto makes of asymmetric keys: numbers for cryptodev, and its own opinion of
 * signatures and ciphertexts. Knows no device.
 */

#ifndef ASYM_REF_H
#define ASYM_REF_H

#include <stdbool.h>
#include <stdint.h>

#include <openssl/evp.h>

#define ASYM_RSA_MAX_LEN 1024 /* bytes of a modulus */
#define ASYM_EC_MAX_LEN 66 /* bytes of a number of P-521 */
#define ASYM_DIGEST_MAX_LEN 64

/** A big-endian number without zeros before it. */
struct asym_num {
	uint8_t data[ASYM_RSA_MAX_LEN];
	uint32_t len;
};

struct asym_rsa_key {
	uint32_t bits;
	uint32_t len; /* bytes of the modulus */
	struct asym_num n, e, d, p, q, dp, dq, qi;
	EVP_PKEY *pkey; /* with the private numbers, unless there are none */
};

enum asym_curve {
	ASYM_P192,
	ASYM_P224,
	ASYM_P256,
	ASYM_P384,
	ASYM_P521,
	ASYM_NB_CURVES,
};

struct asym_ec_key {
	enum asym_curve curve;
	uint32_t len; /* bytes of a coordinate */
	uint8_t d[ASYM_EC_MAX_LEN], x[ASYM_EC_MAX_LEN], y[ASYM_EC_MAX_LEN]; /* len bytes each */
	EVP_PKEY *pkey;
};

const char *asym_curve_name(enum asym_curve c); /* P-192, .. */
int asym_curve_group(enum asym_curve c);        /* enum rte_crypto_curve_id */
uint32_t asym_curve_len(enum asym_curve c);
/** The order of the curve's base point, asym_curve_len() bytes. */
void asym_curve_order(enum asym_curve c, uint8_t *n);

/** A new key, of the caller: its pkey, then itself are to be freed. NULL: libcrypto failed. */
struct asym_rsa_key *asym_rsa_make(uint32_t bits);
struct asym_ec_key *asym_ec_make(enum asym_curve c);

/** A new key; sizes that were asked for before are the same key again. NULL: libcrypto failed. */
const struct asym_rsa_key *asym_rsa_key(uint32_t bits);
const struct asym_ec_key *asym_ec_key(enum asym_curve c);
/** Free them all. */
void asym_ref_fini(void);

/**
 * A key of numbers that are known: n and e, and if @p private the others of @p k that are not dp,
 * dq and qi, which are computed. @return false: libcrypto refuses them.
 */
bool asym_rsa_import(struct asym_rsa_key *k, bool private);
void asym_rsa_free(struct asym_rsa_key *k);

/** Digest of a message, by a name such as "sha256"; @return bytes, 0: no such digest. */
uint32_t asym_digest(const char *name, const void *msg, uint32_t len, uint8_t *out);

/** PKCS #1 v1.5 with a digest's name, or NULL: without DigestInfo. */
bool asym_rsa_sign(const struct asym_rsa_key *k, const char *hash, const uint8_t *in, uint32_t len,
		uint8_t *sig);
/**
 * Change a digest until its signature does (@p zero) or does not begin with a byte of 0; @p sig
 * gets it. @return false: libcrypto does not sign.
 */
bool asym_rsa_choose(const struct asym_rsa_key *k, const char *hash, bool zero, uint8_t *digest,
		uint32_t len, uint8_t *sig);
bool asym_rsa_verify(const struct asym_rsa_key *k, const char *hash, const uint8_t *in,
		uint32_t len, const uint8_t *sig, uint32_t sig_len);
/** Raw, or PKCS #1 v1.5; results have @p out_len bytes, at most the modulus's. */
bool asym_rsa_encrypt(const struct asym_rsa_key *k, bool raw, const uint8_t *in, uint32_t len,
		uint8_t *out, uint32_t *out_len);
bool asym_rsa_decrypt(const struct asym_rsa_key *k, bool raw, const uint8_t *in, uint32_t len,
		uint8_t *out, uint32_t *out_len);

/** r and s have asym_ec_key.len bytes each. */
bool asym_ec_sign(const struct asym_ec_key *k, const uint8_t *in, uint32_t len, uint8_t *r,
		uint8_t *s);
bool asym_ec_verify(const struct asym_ec_key *k, const uint8_t *in, uint32_t len, const uint8_t *r,
		const uint8_t *s);

#endif /* ASYM_REF_H */
