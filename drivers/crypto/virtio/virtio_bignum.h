/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The arithmetic that completes RSA keys: from what an application gives of a private key to all
 * that its encoding has. No allocation but of one workspace per call. Control threads.
 *
 * Not of constant time: how long it takes depends on the key. It runs when a session is made and
 * never for an operation.
 */

#ifndef VIRTIO_BIGNUM_H
#define VIRTIO_BIGNUM_H

#include <stddef.h>
#include <stdint.h>

/** Bytes of the largest modulus. */
#define VCRYPTO_RSA_MAX_LEN 2048
/** Bytes of the largest public exponent of a private key that has to be completed. */
#define VCRYPTO_RSA_MAX_E_LEN 32

/** A number of big-endian bytes. len 0: not known. */
struct vcrypto_number {
	const uint8_t *p;
	size_t len;
};

/** A private key of two primes [RFC 8017, 3.2]. */
struct vcrypto_rsa_numbers {
	struct vcrypto_number n, e, d, p, q, dp, dq, qinv;
};

/** Memory for the numbers that are computed. Secret. */
struct vcrypto_rsa_room {
	uint8_t d[VCRYPTO_RSA_MAX_LEN];
	uint8_t p[VCRYPTO_RSA_MAX_LEN];
	uint8_t q[VCRYPTO_RSA_MAX_LEN];
	uint8_t dp[VCRYPTO_RSA_MAX_LEN];
	uint8_t dq[VCRYPTO_RSA_MAX_LEN];
	uint8_t qinv[VCRYPTO_RSA_MAX_LEN];
};

/**
 * Compute what is not known of a private key: the primes of n, e, d [NIST SP 800-56B, C.2];
 * d of e, p, q; the numbers for the Chinese remainder theorem of d, p, q.
 *
 * @param k     n and e known, and d, or p and q; the numbers that were not known point to
 *              @p room, which the caller wipes.
 * @return 0; -EINVAL the numbers are not those of one key, or beyond the limits; -ENOMEM.
 */
int vcrypto_bignum_complete_rsa(struct vcrypto_rsa_numbers *k, struct vcrypto_rsa_room *room);

#endif /* VIRTIO_BIGNUM_H */
