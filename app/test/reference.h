/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The independent reference: what a cipher, hash or MAC yields according to
 * OpenSSL's libcrypto, or to a published construction over its block ciphers
 * where libcrypto has none, or to the descriptions of 3GPP. A leaf: knows the
 * names that DPDK gives to the algorithms and nothing of devices, mbufs or virtio.
 *
 * It uses a library context of its own, so that nothing that a driver or back
 * end in the same process does to libcrypto's default context reaches it.
 * After ref_init() all functions may be called by several threads at once.
 */

#ifndef REFERENCE_H
#define REFERENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_crypto.h>

#define REF_MAX_SIZES 8
#define REF_MAX_KEY 256
#define REF_MAX_IV 16
#define REF_MAX_DIGEST 64

enum ref_cipher_kind {
	REF_CIPHER_NONE, /* known by name only: the reference cannot compute it */
	REF_CIPHER_EVP, /* libcrypto does all of it */
	REF_CIPHER_CTR, /* counter mode over a block cipher's ECB */
	REF_CIPHER_F8, /* RFC 3711, 4.1.2 */
	REF_CIPHER_SNOW3G, /* 3GPP TS 35.215 */
	REF_CIPHER_ZUC, /* 3GPP TS 35.221 */
	REF_CIPHER_KASUMI_F8, /* 3GPP TS 35.201 */
	REF_CIPHER_NULL, /* the data as it is */
};

struct ref_cipher {
	const char *name;
	enum rte_crypto_cipher_algorithm algo;
	enum ref_cipher_kind kind;
	uint16_t key_sizes[REF_MAX_SIZES]; /* bytes, 0 ends the list */
	uint8_t iv_sizes[3]; /* bytes, 0 ends the list; empty: no IV */
	uint8_t block; /* bytes; data length is a multiple of it */
	uint8_t min_len; /* shortest non-empty data, bytes */
};

enum ref_auth_kind {
	REF_AUTH_NONE,
	REF_AUTH_HASH,
	REF_AUTH_HMAC,
	REF_AUTH_CMAC,
	REF_AUTH_XCBC, /* RFC 3566 */
	REF_AUTH_CBC_MAC,
	REF_AUTH_KASUMI_F9, /* 3GPP TS 35.201 */
	REF_AUTH_GMAC, /* NIST SP 800-38D; with an IV */
	REF_AUTH_NULL, /* no digest */
};

struct ref_auth {
	const char *name;
	enum rte_crypto_auth_algorithm algo;
	enum ref_auth_kind kind;
	uint16_t key_sizes[REF_MAX_SIZES]; /* bytes, 0 ends the list; empty: no key */
	uint8_t digest; /* full digest, bytes */
	uint8_t block; /* bytes; data length is a multiple of it */
};

/**
 * Load libcrypto's providers.
 * @return 0; -ENOTSUP without the default provider. Without the legacy provider
 *         ref_cipher_available() says no to DES-CBC and ARC4.
 */
int ref_init(void);
void ref_fini(void);

/** Tables; *nb gets the number of rows. */
const struct ref_cipher *ref_ciphers(unsigned int *nb);
const struct ref_auth *ref_auths(unsigned int *nb);
/** The NULL algorithms, in no table: cases that draw from those want a key or a digest. */
extern const struct ref_cipher ref_cipher_null;
extern const struct ref_auth ref_auth_null;
/** A row by its name or number, NULL if there is none. */
const struct ref_cipher *ref_cipher_by_name(const char *name);
const struct ref_auth *ref_auth_by_name(const char *name);
const struct ref_cipher *ref_cipher_by_algo(enum rte_crypto_cipher_algorithm algo);
const struct ref_auth *ref_auth_by_algo(enum rte_crypto_auth_algorithm algo);

/** Shortest and longest data, bytes; UINT32_MAX: no limit. */
uint32_t ref_cipher_max(const struct ref_cipher *c);
uint32_t ref_auth_min(const struct ref_auth *a);
uint32_t ref_auth_max(const struct ref_auth *a);
/** Whether an op counts offset and length in bits; the reference never does. */
bool ref_cipher_bits(const struct ref_cipher *c);
bool ref_auth_bits(const struct ref_auth *a);

/** Whether it needs an IV, so that it cannot stand in a chain of virtio-crypto. */
bool ref_auth_iv(const struct ref_auth *a);

/** Whether the reference can do it: not all that libcrypto knows is in every build of it. */
bool ref_cipher_available(const struct ref_cipher *c);
bool ref_auth_available(const struct ref_auth *a);

/**
 * Encrypt or decrypt @p len bytes; in == out is allowed.
 * @return 0; -ENOTSUP not available; -EINVAL a length does not fit.
 */
int ref_cipher_run(const struct ref_cipher *c, bool encrypt, const uint8_t *key, size_t key_len,
		const uint8_t *iv, size_t iv_len, const uint8_t *in, uint8_t *out, size_t len);

/**
 * The full digest of @p len bytes; @p digest has room for REF_MAX_DIGEST.
 * @return 0; -ENOTSUP not available; -EINVAL a length does not fit.
 */
int ref_auth_run(const struct ref_auth *a, const uint8_t *key, size_t key_len, const uint8_t *in,
		size_t len, uint8_t *digest);
/** The same for those with an IV; of length 0: 16 bytes of first counter block. */
int ref_auth_run_iv(const struct ref_auth *a, const uint8_t *key, size_t key_len,
		const uint8_t *iv, size_t iv_len, const uint8_t *in, size_t len, uint8_t *digest);

#endif /* REFERENCE_H */
