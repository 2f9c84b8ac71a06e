/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * An AEAD algorithm with its key, ready to run, for one thread at a time.
 *
 * A room of the libcrypto engine.
 */

#ifndef VHC_LC_AEAD_H
#define VHC_LC_AEAD_H

#include <stdbool.h>
#include <stdint.h>

#include "lc_lib.h"

struct vhc_lc_aead;

/**
 * @param key_len  bytes that vhc_lc_lib_aead_key_fits() allows.
 * @param key      stays where it is until the object is destroyed.
 * @param tag_len  bytes that the algorithm gives.
 * @return 0; -EINVAL the key is refused; -ENOMEM.
 */
int vhc_lc_aead_create(const struct vhc_lc_lib *lib, const struct vhc_lc_aead_algo *algo,
		const uint8_t *key, uint32_t key_len, uint32_t tag_len, bool encrypt,
		struct vhc_lc_aead **aead);
/** Wipe and free; NULL is allowed. */
void vhc_lc_aead_destroy(struct vhc_lc_aead *a);
/**
 * Run an operation of one segment.
 * @return VIRTIO_CRYPTO_OK; VIRTIO_CRYPTO_ERR: the algorithm does not do such lengths;
 *         VIRTIO_CRYPTO_BADMSG: the tag is wrong, and the destination holds nothing of use.
 */
uint8_t vhc_lc_aead_run(struct vhc_lc_aead *a, const struct vhc_engine_op *op);

#endif /* VHC_LC_AEAD_H */
