/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * MACs that are a CBC chain over AES: CBC-MAC (ISO/IEC 9797-1 algorithm 1,
 * zero padding), CMAC (NIST SP 800-38B) and XCBC (RFC 3566). They differ in what
 * is done to the last block and in nothing else.
 *
 * A room of the libcrypto engine; one thread at a time uses an object.
 */

#ifndef VHC_AES_MAC_H
#define VHC_AES_MAC_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/types.h>

#define VHC_AES_MAC_LEN 16

enum vhc_aes_mac_kind {
	VHC_AES_CBCMAC,
	VHC_AES_CMAC,
	VHC_AES_XCBC, /* 16-byte keys only */
};

struct vhc_aes_mac;

/**
 * @param key_len  bytes: 16, 24 or 32.
 * @return an object that holds the key; NULL if the length does not fit or memory is short.
 */
struct vhc_aes_mac *vhc_aes_mac_create(
		OSSL_LIB_CTX *lib, enum vhc_aes_mac_kind kind, const uint8_t *key, size_t key_len);
/** Wipe and free; NULL is allowed. */
void vhc_aes_mac_destroy(struct vhc_aes_mac *m);
/** MAC of @p len bytes, VHC_AES_MAC_LEN bytes to @p out. @return 0; -EIO libcrypto failed. */
int vhc_aes_mac_compute(struct vhc_aes_mac *m, const uint8_t *data, size_t len, uint8_t *out);

#endif /* VHC_AES_MAC_H */
