/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * What the libcrypto engine takes from libcrypto: a library context of its own, which algorithms it
 * has, and each of them fetched once. Of an algorithm this says all that there is to know
 * without a key.
 *
 * A room of the libcrypto engine; knows no session and no operation. Constant once it is made, so
 * that any thread reads it.
 *
 * The legacy provider is loaded if it is there; without it ARC4 is not offered. DES needs no
 * provider: it is triple DES with three equal keys. The 3GPP's algorithms come from another
 * library (wireless.h); a build without it does not offer them.
 */

#ifndef VHC_LC_LIB_H
#define VHC_LC_LIB_H

#include <stdbool.h>
#include <stdint.h>

#include <openssl/types.h>

#include "aes_mac.h"
#include "engine.h"
#include "wireless.h"

#define VHC_LC_KEY_SIZES 3
#define VHC_LC_AUTH_KEY_MAX 512 /* HMAC takes any length; what a device can carry */
#define VHC_LC_DES_BLOCK 8

enum vhc_lc_cipher_kind {
	VHC_LC_EVP,
	VHC_LC_XTS,      /* no data shorter than a block */
	VHC_LC_DES,      /* single DES: the key is used three times */
	VHC_LC_DES3_CTR, /* made of ECB: libcrypto has no such mode */
	VHC_LC_ARC4,     /* keys of any length; no IV, so each operation starts from the key */
	VHC_LC_AES_F8,   /* made of ECB too; the key is two */
	VHC_LC_WIRELESS, /* not libcrypto's */
};

struct vhc_lc_cipher_algo {
	uint8_t id; /* VIRTIO_CRYPTO_CIPHER_* */
	uint8_t kind;
	uint8_t iv_len;
	uint8_t block; /* data is a multiple of it */
	struct {
		uint16_t key_len;
		const char *name; /* libcrypto's; of VHC_LC_WIRELESS nobody's, but set */
	} size[VHC_LC_KEY_SIZES];
	enum vhc_wireless_algo wireless; /* for VHC_LC_WIRELESS */
};

enum vhc_lc_auth_kind {
	VHC_LC_HASH,
	VHC_LC_XOF, /* a hash as long as one likes */
	VHC_LC_HMAC,
	VHC_LC_AES_MAC,
	VHC_LC_CMAC_3DES,
	VHC_LC_F9,
};

/** A hash or a MAC. */
struct vhc_lc_auth_algo {
	uint8_t id; /* VIRTIO_CRYPTO_HASH_* or VIRTIO_CRYPTO_MAC_* */
	uint8_t kind;
	uint8_t len;     /* bytes of digest, at most */
	uint8_t min_key; /* bytes of key; AES: steps of 8 between the two */
	uint16_t max_key;
	const char *name; /* libcrypto's, of a hash and of HMAC's */
	enum vhc_aes_mac_kind aes_mac;
};

enum vhc_lc_aead_kind {
	VHC_LC_GCM,
	VHC_LC_CCM,
	VHC_LC_CHACHA20_POLY1305,
};

struct vhc_lc_aead_algo {
	uint8_t id; /* VIRTIO_CRYPTO_AEAD_* */
	uint8_t kind;
	uint8_t min_iv; /* besides, GCM takes 16 bytes: those are J0 */
	uint8_t max_iv;
	uint8_t min_tag;
	uint8_t max_tag;
	uint8_t tag_step;
	struct {
		uint16_t key_len;
		const char *name;
	} size[VHC_LC_KEY_SIZES];
};

struct vhc_lc_lib;

/** @return the library; NULL if libcrypto does not start or memory is short. */
struct vhc_lc_lib *vhc_lc_lib_create(void);
/** After all that was made with it; NULL is allowed. */
void vhc_lc_lib_destroy(struct vhc_lc_lib *lib);

const struct vhc_engine_caps *vhc_lc_lib_caps(const struct vhc_lc_lib *lib);
OSSL_LIB_CTX *vhc_lc_lib_ctx(const struct vhc_lc_lib *lib);
struct vhc_wireless *vhc_lc_lib_wireless(const struct vhc_lc_lib *lib);

/** @return the algorithm of that number; NULL if there is none here. */
const struct vhc_lc_cipher_algo *vhc_lc_lib_cipher_algo(const struct vhc_lc_lib *lib, uint32_t id);
const struct vhc_lc_auth_algo *vhc_lc_lib_auth_algo(
		const struct vhc_lc_lib *lib, bool mac, uint32_t id);
const struct vhc_lc_aead_algo *vhc_lc_lib_aead_algo(const struct vhc_lc_lib *lib, uint32_t id);

/** Whether the algorithm takes keys of that many bytes. */
bool vhc_lc_lib_cipher_key_fits(const struct vhc_lc_cipher_algo *a, uint32_t key_len);
bool vhc_lc_lib_auth_key_fits(const struct vhc_lc_auth_algo *a, uint32_t key_len);
bool vhc_lc_lib_aead_key_fits(const struct vhc_lc_aead_algo *a, uint32_t key_len);

/** libcrypto's implementation for a length that fits; the library's. NULL: it has none. */
EVP_CIPHER *vhc_lc_lib_cipher(
		const struct vhc_lc_lib *lib, const struct vhc_lc_cipher_algo *a, uint32_t key_len);
EVP_CIPHER *vhc_lc_lib_aead(
		const struct vhc_lc_lib *lib, const struct vhc_lc_aead_algo *a, uint32_t key_len);
/** Of a hash or of HMAC's. */
EVP_MD *vhc_lc_lib_md(const struct vhc_lc_lib *lib, const struct vhc_lc_auth_algo *a);
/** AES in counter mode, with a counter of 128 bits. */
EVP_CIPHER *vhc_lc_lib_aes_ctr(const struct vhc_lc_lib *lib, uint32_t key_len);
/** libcrypto's name of AES in ECB mode for such keys of AES in F8 mode. */
const char *vhc_lc_lib_f8_ecb(const struct vhc_lc_cipher_algo *a, uint32_t key_len);

#endif /* VHC_LC_LIB_H */
