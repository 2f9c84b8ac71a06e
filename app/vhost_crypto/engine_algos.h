/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * What virtio's algorithm numbers are for a cryptodev: the algorithm's number
 * there, and the sizes that an operation of it has. Narrower than what a driver
 * may take: only shapes that mean the same here and in the libcrypto engine.
 *
 * A leaf of the cryptodev engine: constant tables and look-ups, any thread. Knows
 * no session and no operation.
 */

#ifndef VHC_ENGINE_ALGOS_H
#define VHC_ENGINE_ALGOS_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_crypto_sym.h>

/** Sizes from min to max in steps; a step of 0 allows min only. */
struct vhc_algo_sizes {
	uint8_t min;
	uint8_t max;
	uint8_t step;
};

struct vhc_algo_cipher {
	uint8_t id; /* VIRTIO_CRYPTO_CIPHER_* */
	enum rte_crypto_cipher_algorithm algo;
	struct vhc_algo_sizes key;
	uint8_t iv_len;
	uint8_t block;    /* data is a multiple of it */
	bool one_way;     /* a key stream: decryption is encryption */
	bool bits;        /* offsets and lengths of a cryptodev are in bits */
	uint16_t max_len; /* bytes of data, 0: no limit of its own */
};

struct vhc_algo_auth {
	bool mac;   /* id is a VIRTIO_CRYPTO_MAC_*, else a VIRTIO_CRYPTO_HASH_* */
	uint8_t id;
	enum rte_crypto_auth_algorithm algo;
	uint8_t digest_len; /* all of it; sessions may have less */
	bool bits;
	uint16_t max_len;
};

struct vhc_algo_aead {
	uint8_t id; /* VIRTIO_CRYPTO_AEAD_* */
	enum rte_crypto_aead_algorithm algo;
	struct vhc_algo_sizes key;
	struct vhc_algo_sizes iv;
	struct vhc_algo_sizes tag;
	uint8_t iv_usual; /* the length that most have */
};

#define VHC_ALGO_CIPHERS 12
#define VHC_ALGO_AUTHS 19
#define VHC_ALGO_AEADS 3

extern const struct vhc_algo_cipher vhc_algos_cipher[VHC_ALGO_CIPHERS];
extern const struct vhc_algo_auth vhc_algos_auth[VHC_ALGO_AUTHS];
extern const struct vhc_algo_aead vhc_algos_aead[VHC_ALGO_AEADS];

/** Whether @p len is one of the sizes. */
bool vhc_algos_size_fits(const struct vhc_algo_sizes *sizes, uint32_t len);
/** @return the index of an algorithm in its table; -1 there is none. */
int vhc_algos_find_cipher(uint32_t id);
int vhc_algos_find_auth(bool mac, uint32_t id);
int vhc_algos_find_aead(uint32_t id);

#endif /* VHC_ENGINE_ALGOS_H */
