/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include "engine_algos.h"
#include "virtio_crypto_wire.h"

/*
 * KASUMI and ZUC have a limit of bits a message: 20000 in the software at hand, and 65504 where
 * the 3GPP's specification of EEA3 ends.
 */
#define KASUMI_MAX (20000 / 8)
#define ZUC_MAX (65504 / 8)

const struct vhc_algo_cipher vhc_algos_cipher[VHC_ALGO_CIPHERS] = {
		{VIRTIO_CRYPTO_CIPHER_AES_ECB, RTE_CRYPTO_CIPHER_AES_ECB, {16, 32, 8}, 0, 16, false,
				false, 0},
		{VIRTIO_CRYPTO_CIPHER_AES_CBC, RTE_CRYPTO_CIPHER_AES_CBC, {16, 32, 8}, 16, 16,
				false, false, 0},
		{VIRTIO_CRYPTO_CIPHER_AES_CTR, RTE_CRYPTO_CIPHER_AES_CTR, {16, 32, 8}, 16, 1, true,
				false, 0},
		{VIRTIO_CRYPTO_CIPHER_DES_CBC, RTE_CRYPTO_CIPHER_DES_CBC, {8, 8, 0}, 8, 8, false,
				false, 0},
		{VIRTIO_CRYPTO_CIPHER_3DES_ECB, RTE_CRYPTO_CIPHER_3DES_ECB, {24, 24, 0}, 0, 8,
				false, false, 0},
		{VIRTIO_CRYPTO_CIPHER_3DES_CBC, RTE_CRYPTO_CIPHER_3DES_CBC, {24, 24, 0}, 8, 8,
				false, false, 0},
		{VIRTIO_CRYPTO_CIPHER_3DES_CTR, RTE_CRYPTO_CIPHER_3DES_CTR, {24, 24, 0}, 8, 1, true,
				false, 0},
		{VIRTIO_CRYPTO_CIPHER_KASUMI_F8, RTE_CRYPTO_CIPHER_KASUMI_F8, {16, 16, 0}, 8, 1,
				true, true, KASUMI_MAX},
		{VIRTIO_CRYPTO_CIPHER_SNOW3G_UEA2, RTE_CRYPTO_CIPHER_SNOW3G_UEA2, {16, 16, 0}, 16,
				1, true, true, 0},
		{VIRTIO_CRYPTO_CIPHER_AES_F8, RTE_CRYPTO_CIPHER_AES_F8, {32, 64, 16}, 16, 1, true,
				false, 0},
		{VIRTIO_CRYPTO_CIPHER_AES_XTS, RTE_CRYPTO_CIPHER_AES_XTS, {32, 64, 32}, 16, 1,
				false, false, 0},
		{VIRTIO_CRYPTO_CIPHER_ZUC_EEA3, RTE_CRYPTO_CIPHER_ZUC_EEA3, {16, 16, 0}, 16, 1,
				true, true, ZUC_MAX},
};

#define HASH(name, rte, len) \
	{ \
		false, VIRTIO_CRYPTO_HASH_##name, RTE_CRYPTO_AUTH_##rte, len, false, 0 \
	}
#define MAC(name, rte, len) \
	{ \
		true, VIRTIO_CRYPTO_MAC_##name, RTE_CRYPTO_AUTH_##rte, len, false, 0 \
	}

/*
 * Without the MACs that take an IV (GMAC, SNOW3G-UIA2, ZUC-EIA3), for which the standard's MAC
 * requests have no field, and without CBC-MAC, whose padding a cryptodev does not say.
 */
const struct vhc_algo_auth vhc_algos_auth[VHC_ALGO_AUTHS] = {
		HASH(MD5, MD5, 16),
		HASH(SHA1, SHA1, 20),
		HASH(SHA_224, SHA224, 28),
		HASH(SHA_256, SHA256, 32),
		HASH(SHA_384, SHA384, 48),
		HASH(SHA_512, SHA512, 64),
		HASH(SHA3_224, SHA3_224, 28),
		HASH(SHA3_256, SHA3_256, 32),
		HASH(SHA3_384, SHA3_384, 48),
		HASH(SHA3_512, SHA3_512, 64),
		MAC(HMAC_MD5, MD5_HMAC, 16),
		MAC(HMAC_SHA1, SHA1_HMAC, 20),
		MAC(HMAC_SHA_224, SHA224_HMAC, 28),
		MAC(HMAC_SHA_256, SHA256_HMAC, 32),
		MAC(HMAC_SHA_384, SHA384_HMAC, 48),
		MAC(HMAC_SHA_512, SHA512_HMAC, 64),
		MAC(CMAC_AES, AES_CMAC, 16),
		MAC(XCBC_AES, AES_XCBC_MAC, 16),
		{true, VIRTIO_CRYPTO_MAC_KASUMI_F9, RTE_CRYPTO_AUTH_KASUMI_F9, 4, true, KASUMI_MAX},
};

/*
 * GCM with another IV than one of 96 bits is left to libcrypto: cryptodevs differ in whether 16
 * bytes are an IV or the first counter block.
 */
const struct vhc_algo_aead vhc_algos_aead[VHC_ALGO_AEADS] = {
		{VIRTIO_CRYPTO_AEAD_GCM, RTE_CRYPTO_AEAD_AES_GCM, {16, 32, 8}, {12, 12, 0},
				{4, 16, 1}, 12},
		{VIRTIO_CRYPTO_AEAD_CCM, RTE_CRYPTO_AEAD_AES_CCM, {16, 32, 8}, {7, 13, 1},
				{4, 16, 2}, 12},
		{VIRTIO_CRYPTO_AEAD_CHACHA20_POLY1305, RTE_CRYPTO_AEAD_CHACHA20_POLY1305,
				{32, 32, 0}, {12, 12, 0}, {16, 16, 0}, 12},
};

bool
vhc_algos_size_fits(const struct vhc_algo_sizes *sizes, uint32_t len)
{
	if (len < sizes->min || len > sizes->max)
		return false;
	return sizes->step == 0 || (len - sizes->min) % sizes->step == 0;
}

int
vhc_algos_find_cipher(uint32_t id)
{
	int i;

	for (i = 0; i < VHC_ALGO_CIPHERS; i++) {
		if (vhc_algos_cipher[i].id == id)
			return i;
	}
	return -1;
}

int
vhc_algos_find_auth(bool mac, uint32_t id)
{
	int i;

	for (i = 0; i < VHC_ALGO_AUTHS; i++) {
		if (vhc_algos_auth[i].mac == mac && vhc_algos_auth[i].id == id)
			return i;
	}
	return -1;
}

int
vhc_algos_find_aead(uint32_t id)
{
	int i;

	for (i = 0; i < VHC_ALGO_AEADS; i++) {
		if (vhc_algos_aead[i].id == id)
			return i;
	}
	return -1;
}
