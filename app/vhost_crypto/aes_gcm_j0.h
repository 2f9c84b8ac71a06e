/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * AES-GCM (NIST SP 800-38D) that starts from a given J0 instead of an IV: libcrypto always makes J0
 * by itself. The data is run through counter mode from J0, and the tag is the one that libcrypto
 * gives for the same ciphertext under an IV of zeros, with the one mask exchanged for the other.
 *
 * A room of the libcrypto engine; one thread at a time uses an object.
 */

#ifndef VHC_AES_GCM_J0_H
#define VHC_AES_GCM_J0_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/types.h>

#define VHC_AES_GCM_J0_LEN 16

struct vhc_aes_gcm_j0;

/**
 * @param gcm  AES in GCM mode, and @p ctr in counter mode, for that key's length.
 * @return an object that holds the key; NULL if memory is short.
 */
struct vhc_aes_gcm_j0 *vhc_aes_gcm_j0_create(
		const EVP_CIPHER *gcm, const EVP_CIPHER *ctr, const uint8_t *key);
/** Wipe and free; NULL is allowed. */
void vhc_aes_gcm_j0_destroy(struct vhc_aes_gcm_j0 *g);
/**
 * @p src and @p dst are the same memory or do not overlap.
 * @param tag  gets tag_len bytes of at most 16.
 * @return 0; -EIO libcrypto failed.
 */
int vhc_aes_gcm_j0_encrypt(struct vhc_aes_gcm_j0 *g, const uint8_t *j0, const uint8_t *aad,
		size_t aad_len, const uint8_t *src, uint8_t *dst, size_t len, uint8_t *tag,
		size_t tag_len);
/** The same backwards. @return 0; -EBADMSG the tag is wrong, and nothing was written; -EIO. */
int vhc_aes_gcm_j0_decrypt(struct vhc_aes_gcm_j0 *g, const uint8_t *j0, const uint8_t *aad,
		size_t aad_len, const uint8_t *src, uint8_t *dst, size_t len, const uint8_t *tag,
		size_t tag_len);

#endif /* VHC_AES_GCM_J0_H */
