/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include <stdlib.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/provider.h>

#include "aes_f8.h"
#include "lc_lib.h"

#define NB(a) (sizeof(a) / sizeof((a)[0]))

static const struct vhc_lc_cipher_algo cipher_algos[] = {
		{VIRTIO_CRYPTO_CIPHER_ARC4, VHC_LC_ARC4, 0, 1, .size = {{256, "RC4"}}},
		{VIRTIO_CRYPTO_CIPHER_AES_ECB, VHC_LC_EVP, 0, 16,
				.size = {{16, "AES-128-ECB"}, {24, "AES-192-ECB"},
					{32, "AES-256-ECB"}}},
		{VIRTIO_CRYPTO_CIPHER_AES_CBC, VHC_LC_EVP, 16, 16,
				.size = {{16, "AES-128-CBC"}, {24, "AES-192-CBC"},
					{32, "AES-256-CBC"}}},
		{VIRTIO_CRYPTO_CIPHER_AES_CTR, VHC_LC_EVP, 16, 1,
				.size = {{16, "AES-128-CTR"}, {24, "AES-192-CTR"},
					{32, "AES-256-CTR"}}},
		{VIRTIO_CRYPTO_CIPHER_DES_ECB, VHC_LC_DES, 0, VHC_LC_DES_BLOCK,
				.size = {{8, "DES-EDE3-ECB"}}},
		{VIRTIO_CRYPTO_CIPHER_DES_CBC, VHC_LC_DES, VHC_LC_DES_BLOCK, VHC_LC_DES_BLOCK,
				.size = {{8, "DES-EDE3-CBC"}}},
		{VIRTIO_CRYPTO_CIPHER_3DES_ECB, VHC_LC_EVP, 0, VHC_LC_DES_BLOCK,
				.size = {{24, "DES-EDE3-ECB"}}},
		{VIRTIO_CRYPTO_CIPHER_3DES_CBC, VHC_LC_EVP, VHC_LC_DES_BLOCK, VHC_LC_DES_BLOCK,
				.size = {{24, "DES-EDE3-CBC"}}},
		{VIRTIO_CRYPTO_CIPHER_3DES_CTR, VHC_LC_DES3_CTR, VHC_LC_DES_BLOCK, 1,
				.size = {{24, "DES-EDE3-ECB"}}},
		{VIRTIO_CRYPTO_CIPHER_AES_XTS, VHC_LC_XTS, 16, 1,
				.size = {{32, "AES-128-XTS"}, {64, "AES-256-XTS"}}},
		{VIRTIO_CRYPTO_CIPHER_AES_F8, VHC_LC_AES_F8, VHC_AES_F8_IV_LEN, 1,
				.size = {{32, "AES-128-ECB"}, {48, "AES-192-ECB"},
					{64, "AES-256-ECB"}}},
		{VIRTIO_CRYPTO_CIPHER_KASUMI_F8, VHC_LC_WIRELESS, 8, 1,
				.size = {{VHC_WIRELESS_KEY_LEN, "KASUMI-F8"}},
				.wireless = VHC_KASUMI_F8},
		{VIRTIO_CRYPTO_CIPHER_SNOW3G_UEA2, VHC_LC_WIRELESS, 16, 1,
				.size = {{VHC_WIRELESS_KEY_LEN, "SNOW3G-UEA2"}},
				.wireless = VHC_SNOW3G_UEA2},
		{VIRTIO_CRYPTO_CIPHER_ZUC_EEA3, VHC_LC_WIRELESS, 16, 1,
				.size = {{VHC_WIRELESS_KEY_LEN, "ZUC-EEA3"}},
				.wireless = VHC_ZUC_EEA3},
};

static const struct vhc_lc_auth_algo hash_algos[] = {
		{VIRTIO_CRYPTO_HASH_MD5, VHC_LC_HASH, 16, .name = "MD5"},
		{VIRTIO_CRYPTO_HASH_SHA1, VHC_LC_HASH, 20, .name = "SHA1"},
		{VIRTIO_CRYPTO_HASH_SHA_224, VHC_LC_HASH, 28, .name = "SHA2-224"},
		{VIRTIO_CRYPTO_HASH_SHA_256, VHC_LC_HASH, 32, .name = "SHA2-256"},
		{VIRTIO_CRYPTO_HASH_SHA_384, VHC_LC_HASH, 48, .name = "SHA2-384"},
		{VIRTIO_CRYPTO_HASH_SHA_512, VHC_LC_HASH, 64, .name = "SHA2-512"},
		{VIRTIO_CRYPTO_HASH_SHA3_224, VHC_LC_HASH, 28, .name = "SHA3-224"},
		{VIRTIO_CRYPTO_HASH_SHA3_256, VHC_LC_HASH, 32, .name = "SHA3-256"},
		{VIRTIO_CRYPTO_HASH_SHA3_384, VHC_LC_HASH, 48, .name = "SHA3-384"},
		{VIRTIO_CRYPTO_HASH_SHA3_512, VHC_LC_HASH, 64, .name = "SHA3-512"},
		{VIRTIO_CRYPTO_HASH_SHA3_SHAKE128, VHC_LC_XOF, VHC_DIGEST_MAX_LEN,
				.name = "SHAKE-128"},
		{VIRTIO_CRYPTO_HASH_SHA3_SHAKE256, VHC_LC_XOF, VHC_DIGEST_MAX_LEN,
				.name = "SHAKE-256"},
};

/* An empty key is a key of HMAC: RFC 2104 pads it with zeros. */
static const struct vhc_lc_auth_algo mac_algos[] = {
		{VIRTIO_CRYPTO_MAC_HMAC_MD5, VHC_LC_HMAC, 16, 0, VHC_LC_AUTH_KEY_MAX, "MD5"},
		{VIRTIO_CRYPTO_MAC_HMAC_SHA1, VHC_LC_HMAC, 20, 0, VHC_LC_AUTH_KEY_MAX, "SHA1"},
		{VIRTIO_CRYPTO_MAC_HMAC_SHA_224, VHC_LC_HMAC, 28, 0, VHC_LC_AUTH_KEY_MAX,
				"SHA2-224"},
		{VIRTIO_CRYPTO_MAC_HMAC_SHA_256, VHC_LC_HMAC, 32, 0, VHC_LC_AUTH_KEY_MAX,
				"SHA2-256"},
		{VIRTIO_CRYPTO_MAC_HMAC_SHA_384, VHC_LC_HMAC, 48, 0, VHC_LC_AUTH_KEY_MAX,
				"SHA2-384"},
		{VIRTIO_CRYPTO_MAC_HMAC_SHA_512, VHC_LC_HMAC, 64, 0, VHC_LC_AUTH_KEY_MAX,
				"SHA2-512"},
		{VIRTIO_CRYPTO_MAC_CMAC_3DES, VHC_LC_CMAC_3DES, 8, 24, 24},
		{VIRTIO_CRYPTO_MAC_CMAC_AES, VHC_LC_AES_MAC, VHC_AES_MAC_LEN, 16, 32,
				.aes_mac = VHC_AES_CMAC},
		{VIRTIO_CRYPTO_MAC_CBCMAC_AES, VHC_LC_AES_MAC, VHC_AES_MAC_LEN, 16, 32,
				.aes_mac = VHC_AES_CBCMAC},
		{VIRTIO_CRYPTO_MAC_XCBC_AES, VHC_LC_AES_MAC, VHC_AES_MAC_LEN, 16, 16,
				.aes_mac = VHC_AES_XCBC},
		{VIRTIO_CRYPTO_MAC_KASUMI_F9, VHC_LC_F9, VHC_WIRELESS_MAC_LEN,
				VHC_WIRELESS_KEY_LEN, VHC_WIRELESS_KEY_LEN},
};

static const struct vhc_lc_aead_algo aead_algos[] = {
		{VIRTIO_CRYPTO_AEAD_GCM, VHC_LC_GCM, 12, 12, 4, 16, 1,
				{{16, "AES-128-GCM"}, {24, "AES-192-GCM"}, {32, "AES-256-GCM"}}},
		{VIRTIO_CRYPTO_AEAD_CCM, VHC_LC_CCM, 7, 13, 4, 16, 2,
				{{16, "AES-128-CCM"}, {24, "AES-192-CCM"}, {32, "AES-256-CCM"}}},
		{VIRTIO_CRYPTO_AEAD_CHACHA20_POLY1305, VHC_LC_CHACHA20_POLY1305, 12, 12, 16, 16, 1,
				{{32, "ChaCha20-Poly1305"}}},
};

static const char *const aes_ctr_names[VHC_LC_KEY_SIZES] = {
		"AES-128-CTR", "AES-192-CTR", "AES-256-CTR"};

struct vhc_lc_lib {
	OSSL_LIB_CTX *ctx;
	OSSL_PROVIDER *deflt;
	OSSL_PROVIDER *legacy; /* NULL where it is not installed */
	struct vhc_wireless *wireless; /* NULL where the build has it not */
	struct vhc_engine_caps caps;
	/* By place in the tables above; NULL where libcrypto has it not. */
	EVP_CIPHER *cipher[NB(cipher_algos)][VHC_LC_KEY_SIZES];
	EVP_CIPHER *aead[NB(aead_algos)][VHC_LC_KEY_SIZES];
	EVP_CIPHER *aes_ctr[VHC_LC_KEY_SIZES];
	EVP_MD *hash[NB(hash_algos)];
	EVP_MD *mac[NB(mac_algos)]; /* HMAC's */
};

static void
raise_to(uint32_t *max, uint32_t value)
{
	if (*max < value)
		*max = value;
}

/* What the libraries of this machine really have: a distribution may leave algorithms out. */
static void
find_ciphers(struct vhc_lc_lib *lib)
{
	const struct vhc_lc_cipher_algo *a;
	unsigned int i, k;

	for (i = 0; i < NB(cipher_algos); i++) {
		a = &cipher_algos[i];
		for (k = 0; k < VHC_LC_KEY_SIZES && a->size[k].name != NULL; k++) {
			if (a->kind != VHC_LC_WIRELESS)
				lib->cipher[i][k] =
						EVP_CIPHER_fetch(lib->ctx, a->size[k].name, NULL);
			if (a->kind == VHC_LC_WIRELESS ? lib->wireless == NULL
						       : lib->cipher[i][k] == NULL)
				break;
			raise_to(&lib->caps.max_cipher_key_len, a->size[k].key_len);
		}
		/* All sizes or none: a mask of the device says nothing about sizes. */
		if (k != 0 && (k == VHC_LC_KEY_SIZES || a->size[k].name == NULL))
			lib->caps.cipher_algo |= UINT64_C(1) << a->id;
	}
}

static void
find_aeads(struct vhc_lc_lib *lib)
{
	const struct vhc_lc_aead_algo *a;
	bool has_ctr = true;
	unsigned int i, k;

	for (k = 0; k < VHC_LC_KEY_SIZES; k++) {
		lib->aes_ctr[k] = EVP_CIPHER_fetch(lib->ctx, aes_ctr_names[k], NULL);
		has_ctr &= lib->aes_ctr[k] != NULL;
	}
	for (i = 0; i < NB(aead_algos); i++) {
		a = &aead_algos[i];
		for (k = 0; k < VHC_LC_KEY_SIZES && a->size[k].name != NULL; k++) {
			lib->aead[i][k] = EVP_CIPHER_fetch(lib->ctx, a->size[k].name, NULL);
			if (lib->aead[i][k] == NULL)
				break;
			raise_to(&lib->caps.max_cipher_key_len, a->size[k].key_len);
		}
		if (k != 0 && (k == VHC_LC_KEY_SIZES || a->size[k].name == NULL) &&
				(a->kind != VHC_LC_GCM || has_ctr))
			lib->caps.aead_algo |= UINT32_C(1) << a->id;
	}
}

static void
find_auths(struct vhc_lc_lib *lib)
{
	const struct vhc_lc_auth_algo *a;
	bool has;
	size_t i;

	for (i = 0; i < NB(hash_algos); i++) {
		lib->hash[i] = EVP_MD_fetch(lib->ctx, hash_algos[i].name, NULL);
		if (lib->hash[i] != NULL)
			lib->caps.hash_algo |= UINT32_C(1) << hash_algos[i].id;
	}
	for (i = 0; i < NB(mac_algos); i++) {
		a = &mac_algos[i];
		has = true;
		if (a->kind == VHC_LC_HMAC) {
			lib->mac[i] = EVP_MD_fetch(lib->ctx, a->name, NULL);
			has = lib->mac[i] != NULL;
		} else if (a->kind == VHC_LC_F9) {
			has = lib->wireless != NULL;
		}
		if (has)
			lib->caps.mac_algo |= UINT64_C(1) << a->id;
	}
	/* Nothing is different about them in a chain. */
	lib->caps.chain_hash_algo = lib->caps.hash_algo;
	lib->caps.chain_mac_algo = lib->caps.mac_algo;
	lib->caps.max_auth_key_len = VHC_LC_AUTH_KEY_MAX;
}

struct vhc_lc_lib *
vhc_lc_lib_create(void)
{
	struct vhc_lc_lib *lib = calloc(1, sizeof(*lib));

	if (lib == NULL)
		return NULL;
	lib->ctx = OSSL_LIB_CTX_new();
	lib->deflt = lib->ctx != NULL ? OSSL_PROVIDER_load(lib->ctx, "default") : NULL;
	if (lib->deflt == NULL) {
		vhc_lc_lib_destroy(lib);
		return NULL;
	}
	lib->legacy = OSSL_PROVIDER_load(lib->ctx, "legacy");
	lib->wireless = vhc_wireless_create();
	find_ciphers(lib);
	find_aeads(lib);
	find_auths(lib);
	return lib;
}

void
vhc_lc_lib_destroy(struct vhc_lc_lib *lib)
{
	size_t i, k;

	if (lib == NULL)
		return;
	for (k = 0; k < VHC_LC_KEY_SIZES; k++) {
		for (i = 0; i < NB(cipher_algos); i++)
			EVP_CIPHER_free(lib->cipher[i][k]);
		for (i = 0; i < NB(aead_algos); i++)
			EVP_CIPHER_free(lib->aead[i][k]);
		EVP_CIPHER_free(lib->aes_ctr[k]);
	}
	for (i = 0; i < NB(hash_algos); i++)
		EVP_MD_free(lib->hash[i]);
	for (i = 0; i < NB(mac_algos); i++)
		EVP_MD_free(lib->mac[i]);
	if (lib->legacy != NULL)
		OSSL_PROVIDER_unload(lib->legacy);
	if (lib->deflt != NULL)
		OSSL_PROVIDER_unload(lib->deflt);
	OSSL_LIB_CTX_free(lib->ctx);
	vhc_wireless_destroy(lib->wireless);
	free(lib);
}

const struct vhc_engine_caps *
vhc_lc_lib_caps(const struct vhc_lc_lib *lib)
{
	return &lib->caps;
}

OSSL_LIB_CTX *
vhc_lc_lib_ctx(const struct vhc_lc_lib *lib)
{
	return lib->ctx;
}

struct vhc_wireless *
vhc_lc_lib_wireless(const struct vhc_lc_lib *lib)
{
	return lib->wireless;
}

const struct vhc_lc_cipher_algo *
vhc_lc_lib_cipher_algo(const struct vhc_lc_lib *lib, uint32_t id)
{
	size_t i;

	for (i = 0; i < NB(cipher_algos); i++) {
		if (cipher_algos[i].id == id)
			return (lib->caps.cipher_algo >> id & 1) != 0 ? &cipher_algos[i] : NULL;
	}
	return NULL;
}

const struct vhc_lc_auth_algo *
vhc_lc_lib_auth_algo(const struct vhc_lc_lib *lib, bool mac, uint32_t id)
{
	const struct vhc_lc_auth_algo *algos = mac ? mac_algos : hash_algos;
	const uint64_t mask = mac ? lib->caps.mac_algo : lib->caps.hash_algo;
	const size_t nb = mac ? NB(mac_algos) : NB(hash_algos);
	size_t i;

	for (i = 0; i < nb; i++) {
		if (algos[i].id == id)
			return (mask >> id & 1) != 0 ? &algos[i] : NULL;
	}
	return NULL;
}

const struct vhc_lc_aead_algo *
vhc_lc_lib_aead_algo(const struct vhc_lc_lib *lib, uint32_t id)
{
	size_t i;

	for (i = 0; i < NB(aead_algos); i++) {
		if (aead_algos[i].id == id)
			return (lib->caps.aead_algo >> id & 1) != 0 ? &aead_algos[i] : NULL;
	}
	return NULL;
}

/* Place of a key's length in size[]; VHC_LC_KEY_SIZES: none. */
static unsigned int
cipher_size(const struct vhc_lc_cipher_algo *a, uint32_t key_len)
{
	unsigned int k;

	if (a->kind == VHC_LC_ARC4)
		return key_len >= 1 && key_len <= a->size[0].key_len ? 0 : VHC_LC_KEY_SIZES;
	for (k = 0; k < VHC_LC_KEY_SIZES; k++) {
		if (a->size[k].name != NULL && a->size[k].key_len == key_len)
			return k;
	}
	return VHC_LC_KEY_SIZES;
}

static unsigned int
aead_size(const struct vhc_lc_aead_algo *a, uint32_t key_len)
{
	unsigned int k;

	for (k = 0; k < VHC_LC_KEY_SIZES; k++) {
		if (a->size[k].name != NULL && a->size[k].key_len == key_len)
			return k;
	}
	return VHC_LC_KEY_SIZES;
}

bool
vhc_lc_lib_cipher_key_fits(const struct vhc_lc_cipher_algo *a, uint32_t key_len)
{
	return cipher_size(a, key_len) < VHC_LC_KEY_SIZES;
}

bool
vhc_lc_lib_auth_key_fits(const struct vhc_lc_auth_algo *a, uint32_t key_len)
{
	if (key_len < a->min_key || key_len > a->max_key)
		return false;
	return a->kind != VHC_LC_AES_MAC || key_len % 8 == 0;
}

bool
vhc_lc_lib_aead_key_fits(const struct vhc_lc_aead_algo *a, uint32_t key_len)
{
	return aead_size(a, key_len) < VHC_LC_KEY_SIZES;
}

EVP_CIPHER *
vhc_lc_lib_cipher(const struct vhc_lc_lib *lib, const struct vhc_lc_cipher_algo *a,
		uint32_t key_len)
{
	const unsigned int k = cipher_size(a, key_len);

	return k < VHC_LC_KEY_SIZES ? lib->cipher[a - cipher_algos][k] : NULL;
}

EVP_CIPHER *
vhc_lc_lib_aead(const struct vhc_lc_lib *lib, const struct vhc_lc_aead_algo *a, uint32_t key_len)
{
	const unsigned int k = aead_size(a, key_len);

	return k < VHC_LC_KEY_SIZES ? lib->aead[a - aead_algos][k] : NULL;
}

EVP_MD *
vhc_lc_lib_md(const struct vhc_lc_lib *lib, const struct vhc_lc_auth_algo *a)
{
	return a->kind == VHC_LC_HMAC ? lib->mac[a - mac_algos] : lib->hash[a - hash_algos];
}

EVP_CIPHER *
vhc_lc_lib_aes_ctr(const struct vhc_lc_lib *lib, uint32_t key_len)
{
	return key_len == 16 || key_len == 24 || key_len == 32 ? lib->aes_ctr[key_len / 8 - 2]
							       : NULL;
}

const char *
vhc_lc_lib_f8_ecb(const struct vhc_lc_cipher_algo *a, uint32_t key_len)
{
	const unsigned int k = cipher_size(a, key_len);

	return k < VHC_LC_KEY_SIZES ? a->size[k].name : NULL;
}
