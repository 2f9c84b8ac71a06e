/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * A hash, or a MAC with its key, ready to run, for one thread at a time.
 *
 * HMAC (RFC 2104) is made of the hash: libcrypto's own allocates memory for each message, and
 * counts references to the hash that all threads share.
 *
 * A room of the libcrypto engine.
 */

#ifndef VHC_LC_AUTH_H
#define VHC_LC_AUTH_H

#include <stdint.h>

#include "lc_lib.h"

struct vhc_lc_auth;

/**
 * @param key_len     bytes that vhc_lc_lib_auth_key_fits() allows.
 * @param digest_len  bytes wanted: 1 to what the algorithm gives.
 * @return 0; -EINVAL the key is refused; -ENOMEM.
 */
int vhc_lc_auth_create(const struct vhc_lc_lib *lib, const struct vhc_lc_auth_algo *a,
		const uint8_t *key, uint32_t key_len, uint32_t digest_len,
		struct vhc_lc_auth **auth);
/** Wipe and free; NULL is allowed. */
void vhc_lc_auth_destroy(struct vhc_lc_auth *a);
/**
 * @param digest  gets the bytes that are wanted, or nothing.
 * @return VIRTIO_CRYPTO_OK; VIRTIO_CRYPTO_ERR: the algorithm does not do @p len bytes.
 */
uint8_t vhc_lc_auth_run(struct vhc_lc_auth *a, const uint8_t *data, uint32_t len, uint8_t *digest);

#endif /* VHC_LC_AUTH_H */
