/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * AES in f8-mode (RFC 3711, 4.1.2.2), made of ECB: libcrypto has no such mode.
 * Decryption is encryption.
 *
 * A room of the libcrypto engine; one thread at a time uses an object.
 */

#ifndef VHC_AES_F8_H
#define VHC_AES_F8_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/types.h>

#define VHC_AES_F8_IV_LEN 16

struct vhc_aes_f8;

/**
 * @param ecb      libcrypto's name of AES in ECB mode, for half of @p key_len.
 * @param key      the AES key, followed by the mask of the same length: the session salt, padded
 *                 with 0x55.
 * @param key_len  bytes of both: 32, 48 or 64.
 * @return an object that holds the keys; NULL if the length does not fit or memory is short.
 */
struct vhc_aes_f8 *vhc_aes_f8_create(
		OSSL_LIB_CTX *lib, const char *ecb, const uint8_t *key, size_t key_len);
/** Wipe and free; NULL is allowed. */
void vhc_aes_f8_destroy(struct vhc_aes_f8 *f8);
/** @p src and @p dst are the same memory or do not overlap. @return 0; -EIO libcrypto failed. */
int vhc_aes_f8_crypt(struct vhc_aes_f8 *f8, const uint8_t *iv, const uint8_t *src, uint8_t *dst,
		size_t len);

#endif /* VHC_AES_F8_H */
