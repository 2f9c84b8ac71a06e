/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The algorithms of the 3GPP, over Intel's Multi-Buffer Crypto for IPsec library,
 * which a build may be without. Lengths are whole bytes. Decryption is encryption.
 *
 * A room of the libcrypto engine; knows no request and no session. Operations with different
 * keys may run on several threads at once.
 */

#ifndef VHC_WIRELESS_H
#define VHC_WIRELESS_H

#include <stddef.h>
#include <stdint.h>

#define VHC_WIRELESS_KEY_LEN 16
#define VHC_WIRELESS_MAC_LEN 4

enum vhc_wireless_algo {
	VHC_KASUMI_F8,   /* TS 35.201; IV of 8 bytes; up to 2500 bytes of data */
	VHC_SNOW3G_UEA2, /* TS 35.215; IV of 16 bytes */
	VHC_ZUC_EEA3,    /* TS 35.221; IV of 16 bytes; up to 8188 bytes of data */
	VHC_KASUMI_F9,   /* TS 35.201; a MAC; up to 2500 bytes of data */
};

struct vhc_wireless;
struct vhc_wireless_key;

/** @return the library, ready; NULL if the build is without it, or it does not start here. */
struct vhc_wireless *vhc_wireless_create(void);
/** After all its keys; NULL is allowed. */
void vhc_wireless_destroy(struct vhc_wireless *w);

/** @param key  VHC_WIRELESS_KEY_LEN bytes. @return NULL if memory is short. */
struct vhc_wireless_key *vhc_wireless_key_create(
		struct vhc_wireless *w, enum vhc_wireless_algo algo, const uint8_t *key);
/** Wipe and free; NULL is allowed. */
void vhc_wireless_key_destroy(struct vhc_wireless_key *k);

/**
 * Encrypt or decrypt with a key of a cipher. @p src and @p dst are the same memory or do
 * not overlap.
 * @return 0; -EINVAL the key is a MAC's, or the algorithm does not do @p len bytes.
 */
int vhc_wireless_crypt(const struct vhc_wireless_key *k, const uint8_t *iv, const uint8_t *src,
		uint8_t *dst, size_t len);
/**
 * MAC of @p len bytes, VHC_WIRELESS_MAC_LEN bytes to @p out. For KASUMI F9 the data is the whole
 * of what TS 35.201 4.5 puts together: COUNT, FRESH, message, direction and padding.
 * @return 0; -EINVAL the key is a cipher's, or the algorithm does not do @p len bytes.
 */
int vhc_wireless_mac(
		const struct vhc_wireless_key *k, const uint8_t *data, size_t len, uint8_t *out);

#endif /* VHC_WIRELESS_H */
