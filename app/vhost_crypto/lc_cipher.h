/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * A cipher with its key, ready to run, for one thread at a time.
 *
 * A room of the libcrypto engine.
 */

#ifndef VHC_LC_CIPHER_H
#define VHC_LC_CIPHER_H

#include <stdbool.h>
#include <stdint.h>

#include "lc_lib.h"

struct vhc_lc_cipher;

/**
 * @param key_len  bytes that vhc_lc_lib_cipher_key_fits() allows.
 * @param key      stays where it is until the cipher is destroyed.
 * @return 0; -EINVAL the key is refused; -ENOMEM.
 */
int vhc_lc_cipher_create(const struct vhc_lc_lib *lib, const struct vhc_lc_cipher_algo *a,
		const uint8_t *key, uint32_t key_len, bool encrypt, struct vhc_lc_cipher **cipher);
/** Wipe and free; NULL is allowed. */
void vhc_lc_cipher_destroy(struct vhc_lc_cipher *c);
/**
 * @param iv  as long as the algorithm says.
 * @return VIRTIO_CRYPTO_OK; VIRTIO_CRYPTO_ERR: the algorithm does not do @p len bytes.
 */
uint8_t vhc_lc_cipher_run(struct vhc_lc_cipher *c, const uint8_t *iv, const uint8_t *src,
		uint8_t *dst, uint32_t len);

#endif /* VHC_LC_CIPHER_H */
