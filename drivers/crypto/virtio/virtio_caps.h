/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The algorithm table, and capabilities made from it: what the device's
 * configuration says, as far as the codec can express it, checked by trial
 * sessions. The only place that knows which algorithms exist.
 */

#ifndef VIRTIO_CAPS_H
#define VIRTIO_CAPS_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_cryptodev.h>

#include "virtio_crypto_wire.h"

struct vcrypto_asym_create;
struct vcrypto_sym_create;

/** A range of lengths in bytes: min, min + step, … max. step 0: min only. */
struct vcrypto_range {
	uint16_t min;
	uint16_t max;
	uint16_t step;
};

/** A cipher that has a number in the standard and a name in DPDK. */
struct vcrypto_alg_cipher {
	const char *name;
	uint8_t id; /* VIRTIO_CRYPTO_CIPHER_* */
	enum rte_crypto_cipher_algorithm algo;
	struct vcrypto_range key; /* as the application gives it */
	struct vcrypto_range iv; /* as the application gives it */
	uint8_t iv_wire; /* bytes on the wire */
	uint8_t block; /* bytes; data length must be a multiple */
	uint8_t min_len; /* shortest data; above block, no data is no request either */
	bool bits; /* DPDK counts offsets and lengths in bits */
	bool key_expand_3des; /* 8 and 16 bytes go out as K1 K1 K1 and K1 K2 K1 */
};

#define VCRYPTO_3DES_WIRE_KEY_LEN 24

/** Bytes on the wire of a key of @p len bytes. */
static inline uint16_t
vcrypto_alg_wire_key_len(const struct vcrypto_alg_cipher *c, uint16_t len)
{
	return c->key_expand_3des ? VCRYPTO_3DES_WIRE_KEY_LEN : len;
}

/** A hash (keyless) or MAC, alone or in a chain. */
struct vcrypto_alg_auth {
	const char *name;
	uint8_t id; /* VIRTIO_CRYPTO_HASH_* if key.max is 0, else VIRTIO_CRYPTO_MAC_* */
	enum rte_crypto_auth_algorithm algo;
	struct vcrypto_range key;
	struct vcrypto_range iv; /* none but for GMAC */
	uint8_t digest; /* full digest, bytes */
	uint8_t block; /* bytes, for struct rte_cryptodev_capabilities */
	bool bits;
	bool gmac; /* sent as AES-GCM of no data; not in chains */
};

/** An AEAD. */
struct vcrypto_alg_aead {
	const char *name;
	uint8_t id; /* VIRTIO_CRYPTO_AEAD_* */
	enum rte_crypto_aead_algorithm algo;
	struct vcrypto_range key;
	struct vcrypto_range iv; /* as the application says; 0 of GCM: 16 bytes of J0 */
	struct vcrypto_range tag;
	uint8_t block; /* bytes, for struct rte_cryptodev_capabilities */
};

/** An elliptic curve of ECDSA. */
struct vcrypto_alg_curve {
	const char *name;
	uint8_t id; /* VIRTIO_CRYPTO_CURVE_* */
	enum rte_crypto_curve_id curve;
	uint8_t len; /* bytes of a coordinate, and of a number below the order */
	uint8_t oid_len;
	uint8_t oid[8]; /* contents, in DER */
};

#define VCRYPTO_CURVE_MAX_LEN 66

/** A hash in RSA signatures with PKCS#1 v1.5 padding. */
struct vcrypto_alg_rsa_hash {
	const char *name;
	uint8_t id; /* VIRTIO_CRYPTO_RSA_* */
	enum rte_crypto_auth_algorithm algo; /* 0: none */
	uint8_t digest; /* bytes */
	uint8_t overhead; /* bytes that stand before it in the signature, padding not counted */
};

/** Row for a DPDK algorithm, or NULL if the standard has no number for it. */
const struct vcrypto_alg_cipher *vcrypto_caps_find_cipher(enum rte_crypto_cipher_algorithm algo);
const struct vcrypto_alg_auth *vcrypto_caps_find_auth(enum rte_crypto_auth_algorithm algo);
const struct vcrypto_alg_aead *vcrypto_caps_find_aead(enum rte_crypto_aead_algorithm algo);

const struct vcrypto_alg_curve *vcrypto_caps_find_curve(enum rte_crypto_curve_id curve);
/** RTE_CRYPTO_AUTH_NULL and 0 are no hash, which has a row. */
const struct vcrypto_alg_rsa_hash *vcrypto_caps_find_rsa_hash(enum rte_crypto_auth_algorithm algo);
/** Row of a number, or NULL. */
const struct vcrypto_alg_curve *vcrypto_caps_curve(uint8_t id);
const struct vcrypto_alg_rsa_hash *vcrypto_caps_rsa_hash(uint8_t id);

/** Whole tables, for tests and documentation checks; *nb gets the number of rows. */
const struct vcrypto_alg_cipher *vcrypto_caps_ciphers(unsigned int *nb);
const struct vcrypto_alg_auth *vcrypto_caps_auths(unsigned int *nb);
const struct vcrypto_alg_aead *vcrypto_caps_aeads(unsigned int *nb);

/** The device's configuration in CPU order, checked; see vcrypto_caps_parse_config(). */
struct vcrypto_config {
	uint32_t status;
	uint32_t max_dataqueues;
	uint32_t services;
	uint64_t cipher_algo;
	uint32_t hash_algo;
	uint64_t mac_algo;
	uint32_t aead_algo;
	uint32_t akcipher_algo;
	uint32_t max_cipher_key_len;
	uint32_t max_auth_key_len;
	uint64_t max_size; /* UINT64_MAX where the device states none (0) */
};

/**
 * Configuration space -> struct vcrypto_config. [virtio 5.9.5]
 * @return 0; -EINVAL nonsense (no data queue, more than 65535); one log line.
 */
int vcrypto_caps_parse_config(const char *dev_name, const struct virtio_crypto_config *raw,
		struct vcrypto_config *cfg);

enum vcrypto_caps_mode {
	VCRYPTO_CAPS_ADVERTISED, /* only what the configuration names, checked by trials */
	VCRYPTO_CAPS_PROBE, /* everything in the table that a trial session accepts */
};

/**
 * Ask the device for a session and give it back at once.
 * @return 0 the device accepts; -ENOTSUP, -EINVAL or -ENOSPC it refuses;
 *         -EIO, -ETIMEDOUT the device or its control queue is broken.
 */
typedef int (*vcrypto_caps_trial_t)(void *ctx, const struct vcrypto_sym_create *create);

/**
 * Make the capability array.
 *
 * A capability for a hash or MAC cannot say where it works: alone, in chains, or both. It is
 * there if either does. The NULL algorithms are there if any other is.
 *
 * @param trial   asked once for each algorithm and key size that is a candidate.
 * @param out     gets an rte_malloc'ed array that ends with
 *                RTE_CRYPTODEV_END_OF_CAPABILITIES_LIST(); the caller rte_frees it.
 * @param ff      gets the feature flags that follow from the algorithms found
 *                (SYMMETRIC_CRYPTO, SYM_OPERATION_CHAINING, DIGEST_ENCRYPTED).
 * @return 0; -ENOMEM; what a trial reported if the device is broken.
 */
int vcrypto_caps_build(const char *dev_name, const struct vcrypto_config *cfg,
		enum vcrypto_caps_mode mode, vcrypto_caps_trial_t trial, void *ctx,
		struct rte_cryptodev_capabilities **out, uint64_t *ff);

/** As vcrypto_caps_trial_t, for a session of the AKCIPHER service. */
typedef int (*vcrypto_caps_asym_trial_t)(void *ctx, const struct vcrypto_asym_create *create);

/** Asymmetric capabilities: of RSA and ECDSA. */
#define VCRYPTO_CAPS_ASYM_MAX 2

/**
 * Put the asymmetric capabilities behind those of vcrypto_caps_build(), which leaves room.
 *
 * Moduli are asked for in a few sizes, the smallest and the largest that the device takes are the
 * limits; a request must fit the device's max_size, too. Hashes are not asked for.
 *
 * @param ecdsa_id  the device's number for ECDSA: VIRTIO_CRYPTO_AKCIPHER_ECDSA, _ECDSA_LINUX.
 * @param ff      the feature flags that follow are added (ASYMMETRIC_CRYPTO, RSA_PRIV_OP_KEY_*).
 * @param curves  gets bits of the curves that the device takes, by VIRTIO_CRYPTO_CURVE_*.
 * @return 0; what a trial reported if the device is broken.
 */
int vcrypto_caps_add_asym(const char *dev_name, const struct vcrypto_config *cfg,
		enum vcrypto_caps_mode mode, uint8_t ecdsa_id, vcrypto_caps_asym_trial_t trial,
		void *ctx, struct rte_cryptodev_capabilities *caps, uint64_t *ff,
		uint32_t *curves);

#endif /* VIRTIO_CAPS_H */
