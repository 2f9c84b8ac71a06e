/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Keys of the AKCIPHER service and what is done with them, with libcrypto. A key is parsed
 * strictly: what is in it has exactly the structure that the specification names, and its numbers
 * are within their ranges. [virtio 5.9.9.2.1.5]
 *
 * Any thread; a key may be used by several at once.
 */

#ifndef VHC_LC_ASYM_H
#define VHC_LC_ASYM_H

#include <stdint.h>

#include <openssl/crypto.h>

#include "engine.h"

/** Sizes of RSA keys, in bits. An operation with the largest takes some tens of milliseconds. */
#define VHC_LC_RSA_MIN_BITS 512
#define VHC_LC_RSA_MAX_BITS 8192

struct vhc_lc_asym_key;

/** Algorithms, as bits of the device's akcipher_algo. */
uint32_t vhc_lc_asym_algos(void);

/**
 * Whether there may be keys like this: algorithm, padding, hash, curve, lengths. The key is not
 * looked at.
 * @return 0; -ENOTSUP no such algorithm or parameter; -EINVAL a length.
 */
int vhc_lc_asym_check(const struct vhc_asym_params *p);

/**
 * Parse a key.
 * @return 0; what vhc_lc_asym_check() says; -EINVAL also where the key is refused; -ENOMEM.
 */
int vhc_lc_asym_key_create(OSSL_LIB_CTX *ctx, const struct vhc_asym_params *p,
		struct vhc_lc_asym_key **key);
/** Wipe and free; NULL is allowed. */
void vhc_lc_asym_key_destroy(struct vhc_lc_asym_key *key);

/** Do an operation: sets its status and result_len. */
void vhc_lc_asym_run(const struct vhc_lc_asym_key *key, struct vhc_engine_op *op);

#endif /* VHC_LC_ASYM_H */
