/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/provider.h>

#include <rte_common.h>

#include "reference.h"
#include "reference_aead.h"
#include "reference_wireless.h"

static const struct ref_cipher ciphers[] = {
	{"aes-ecb", RTE_CRYPTO_CIPHER_AES_ECB, REF_CIPHER_EVP, {16, 24, 32}, {0}, 16, 16},
	{"aes-cbc", RTE_CRYPTO_CIPHER_AES_CBC, REF_CIPHER_EVP, {16, 24, 32}, {16}, 16, 16},
	{"aes-ctr", RTE_CRYPTO_CIPHER_AES_CTR, REF_CIPHER_EVP, {16, 24, 32}, {16, 12}, 1, 1},
	{"aes-xts", RTE_CRYPTO_CIPHER_AES_XTS, REF_CIPHER_EVP, {32, 64}, {16}, 1, 16},
	{"aes-f8", RTE_CRYPTO_CIPHER_AES_F8, REF_CIPHER_F8, {32, 48, 64}, {16}, 1, 1},
	{"3des-ecb", RTE_CRYPTO_CIPHER_3DES_ECB, REF_CIPHER_EVP, {16, 8, 24}, {0}, 8, 8},
	{"3des-cbc", RTE_CRYPTO_CIPHER_3DES_CBC, REF_CIPHER_EVP, {16, 8, 24}, {8}, 8, 8},
	{"3des-ctr", RTE_CRYPTO_CIPHER_3DES_CTR, REF_CIPHER_CTR, {16, 8, 24}, {8}, 1, 1},
	{"des-cbc", RTE_CRYPTO_CIPHER_DES_CBC, REF_CIPHER_EVP, {8}, {8}, 8, 8},
	{"arc4", RTE_CRYPTO_CIPHER_ARC4, REF_CIPHER_EVP, {5, 8, 13, 16, 24, 32}, {0}, 1, 1},
	{"kasumi-f8", RTE_CRYPTO_CIPHER_KASUMI_F8, REF_CIPHER_KASUMI_F8, {16}, {8}, 1, 1},
	{"snow3g-uea2", RTE_CRYPTO_CIPHER_SNOW3G_UEA2, REF_CIPHER_SNOW3G, {16}, {16}, 1, 1},
	{"zuc-eea3", RTE_CRYPTO_CIPHER_ZUC_EEA3, REF_CIPHER_ZUC, {16}, {16}, 1, 1},
};

static const struct ref_auth auths[] = {
	{"md5", RTE_CRYPTO_AUTH_MD5, REF_AUTH_HASH, {0}, 16, 1},
	{"sha1", RTE_CRYPTO_AUTH_SHA1, REF_AUTH_HASH, {0}, 20, 1},
	{"sha224", RTE_CRYPTO_AUTH_SHA224, REF_AUTH_HASH, {0}, 28, 1},
	{"sha256", RTE_CRYPTO_AUTH_SHA256, REF_AUTH_HASH, {0}, 32, 1},
	{"sha384", RTE_CRYPTO_AUTH_SHA384, REF_AUTH_HASH, {0}, 48, 1},
	{"sha512", RTE_CRYPTO_AUTH_SHA512, REF_AUTH_HASH, {0}, 64, 1},
	{"sha3-224", RTE_CRYPTO_AUTH_SHA3_224, REF_AUTH_HASH, {0}, 28, 1},
	{"sha3-256", RTE_CRYPTO_AUTH_SHA3_256, REF_AUTH_HASH, {0}, 32, 1},
	{"sha3-384", RTE_CRYPTO_AUTH_SHA3_384, REF_AUTH_HASH, {0}, 48, 1},
	{"sha3-512", RTE_CRYPTO_AUTH_SHA3_512, REF_AUTH_HASH, {0}, 64, 1},
	{"md5-hmac", RTE_CRYPTO_AUTH_MD5_HMAC, REF_AUTH_HMAC, {16, 1, 63, 64, 65, 200}, 16, 1},
	{"sha1-hmac", RTE_CRYPTO_AUTH_SHA1_HMAC, REF_AUTH_HMAC, {20, 1, 63, 64, 65, 200}, 20, 1},
	{"sha224-hmac", RTE_CRYPTO_AUTH_SHA224_HMAC, REF_AUTH_HMAC, {28, 1, 63, 64, 65, 200},
			28, 1},
	{"sha256-hmac", RTE_CRYPTO_AUTH_SHA256_HMAC, REF_AUTH_HMAC, {32, 1, 63, 64, 65, 200},
			32, 1},
	{"sha384-hmac", RTE_CRYPTO_AUTH_SHA384_HMAC, REF_AUTH_HMAC, {48, 1, 127, 128, 129, 200},
			48, 1},
	{"sha512-hmac", RTE_CRYPTO_AUTH_SHA512_HMAC, REF_AUTH_HMAC, {64, 1, 127, 128, 129, 200},
			64, 1},
	{"aes-cmac", RTE_CRYPTO_AUTH_AES_CMAC, REF_AUTH_CMAC, {16, 24, 32}, 16, 1},
	{"aes-xcbc-mac", RTE_CRYPTO_AUTH_AES_XCBC_MAC, REF_AUTH_XCBC, {16}, 16, 1},
	{"aes-cbc-mac", RTE_CRYPTO_AUTH_AES_CBC_MAC, REF_AUTH_CBC_MAC, {16, 24, 32}, 16, 16},
	{"kasumi-f9", RTE_CRYPTO_AUTH_KASUMI_F9, REF_AUTH_KASUMI_F9, {16}, 4, 1},
	{"aes-gmac", RTE_CRYPTO_AUTH_AES_GMAC, REF_AUTH_GMAC, {16, 24, 32}, 16, 1},
	{"snow3g-uia2", RTE_CRYPTO_AUTH_SNOW3G_UIA2, REF_AUTH_NONE, {16}, 4, 1},
	{"zuc-eia3", RTE_CRYPTO_AUTH_ZUC_EIA3, REF_AUTH_NONE, {16}, 4, 1},
};

const struct ref_cipher ref_cipher_null = {
	"null", RTE_CRYPTO_CIPHER_NULL, REF_CIPHER_NULL, {0}, {0}, 1, 1};
const struct ref_auth ref_auth_null = {
	"null", RTE_CRYPTO_AUTH_NULL, REF_AUTH_NULL, {0}, 0, 1};

static OSSL_LIB_CTX *libctx;
static OSSL_PROVIDER *prov_default;
static OSSL_PROVIDER *prov_legacy;

int
ref_init(void)
{
	libctx = OSSL_LIB_CTX_new();
	if (libctx == NULL)
		return -ENOMEM;
	prov_default = OSSL_PROVIDER_load(libctx, "default");
	if (prov_default == NULL)
		return -ENOTSUP;
	prov_legacy = OSSL_PROVIDER_load(libctx, "legacy");
	ref_aead_init(libctx);
	ref_wireless_init();
	return 0;
}

void
ref_fini(void)
{
	if (prov_legacy != NULL)
		OSSL_PROVIDER_unload(prov_legacy);
	if (prov_default != NULL)
		OSSL_PROVIDER_unload(prov_default);
	OSSL_LIB_CTX_free(libctx);
	prov_legacy = NULL;
	prov_default = NULL;
	libctx = NULL;
}

const struct ref_cipher *
ref_ciphers(unsigned int *nb)
{
	*nb = RTE_DIM(ciphers);
	return ciphers;
}

const struct ref_auth *
ref_auths(unsigned int *nb)
{
	*nb = RTE_DIM(auths);
	return auths;
}

const struct ref_cipher *
ref_cipher_by_name(const char *name)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(ciphers); i++)
		if (strcmp(ciphers[i].name, name) == 0)
			return &ciphers[i];
	return NULL;
}

const struct ref_auth *
ref_auth_by_name(const char *name)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(auths); i++)
		if (strcmp(auths[i].name, name) == 0)
			return &auths[i];
	return NULL;
}

const struct ref_cipher *
ref_cipher_by_algo(enum rte_crypto_cipher_algorithm algo)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(ciphers); i++)
		if (ciphers[i].algo == algo)
			return &ciphers[i];
	return NULL;
}

const struct ref_auth *
ref_auth_by_algo(enum rte_crypto_auth_algorithm algo)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(auths); i++)
		if (auths[i].algo == algo)
			return &auths[i];
	return NULL;
}

uint32_t
ref_cipher_max(const struct ref_cipher *c)
{
	/* 20000 bits [TS 35.201]; 65504 bits of ZUC, since libipsec-mb takes no more. */
	return c->kind == REF_CIPHER_KASUMI_F8 ? 2500 : c->kind == REF_CIPHER_ZUC ? 8188 :
			UINT32_MAX;
}

bool
ref_cipher_bits(const struct ref_cipher *c)
{
	return c->kind == REF_CIPHER_KASUMI_F8 || c->kind == REF_CIPHER_SNOW3G ||
			c->kind == REF_CIPHER_ZUC;
}

uint32_t
ref_auth_min(const struct ref_auth *a)
{
	/* COUNT, FRESH, direction and padding at least; a CBC-MAC of nothing is not defined. */
	return a->kind == REF_AUTH_KASUMI_F9 ? 9 : a->block > 1 ? a->block : 0;
}

uint32_t
ref_auth_max(const struct ref_auth *a)
{
	/* 20000 bits [TS 35.201]. */
	return a->kind == REF_AUTH_KASUMI_F9 ? 2500 : UINT32_MAX;
}

bool
ref_auth_bits(const struct ref_auth *a)
{
	return a->kind == REF_AUTH_KASUMI_F9;
}

bool
ref_auth_iv(const struct ref_auth *a)
{
	return a->kind == REF_AUTH_GMAC || a->kind == REF_AUTH_NONE;
}

/* libcrypto's name for a cipher with this key, NULL if it has none. */
static const char *
evp_cipher_name(enum rte_crypto_cipher_algorithm algo, size_t key_len)
{
	switch (algo) {
	case RTE_CRYPTO_CIPHER_AES_ECB:
	case RTE_CRYPTO_CIPHER_AES_F8:
		return key_len == 16 ? "AES-128-ECB" : key_len == 24 ? "AES-192-ECB" :
				key_len == 32 ? "AES-256-ECB" : NULL;
	case RTE_CRYPTO_CIPHER_AES_CBC:
		return key_len == 16 ? "AES-128-CBC" : key_len == 24 ? "AES-192-CBC" :
				key_len == 32 ? "AES-256-CBC" : NULL;
	case RTE_CRYPTO_CIPHER_AES_CTR:
		return key_len == 16 ? "AES-128-CTR" : key_len == 24 ? "AES-192-CTR" :
				key_len == 32 ? "AES-256-CTR" : NULL;
	case RTE_CRYPTO_CIPHER_AES_XTS:
		return key_len == 32 ? "AES-128-XTS" : key_len == 64 ? "AES-256-XTS" : NULL;
	case RTE_CRYPTO_CIPHER_3DES_ECB:
	case RTE_CRYPTO_CIPHER_3DES_CTR:
		return key_len == 24 ? "DES-EDE3-ECB" : NULL;
	case RTE_CRYPTO_CIPHER_3DES_CBC:
		return key_len == 24 ? "DES-EDE3-CBC" : NULL;
	case RTE_CRYPTO_CIPHER_DES_CBC:
		return key_len == 8 ? "DES-CBC" : NULL;
	case RTE_CRYPTO_CIPHER_ARC4:
		return "RC4";
	default:
		return NULL;
	}
}

static int
evp_cipher(const char *name, bool encrypt, const uint8_t *key, size_t key_len, const uint8_t *iv,
		const uint8_t *in, uint8_t *out, size_t len)
{
	EVP_CIPHER_CTX *ctx = NULL;
	EVP_CIPHER *evp;
	int ret = -ENOTSUP;
	int done = 0;

	if (name == NULL)
		return -EINVAL;
	evp = EVP_CIPHER_fetch(libctx, name, NULL);
	if (evp == NULL)
		return -ENOTSUP;
	ctx = EVP_CIPHER_CTX_new();
	if (ctx == NULL)
		goto out;
	ret = -EINVAL;
	/* ARC4 is the one with a variable key: its length is set before the key. */
	if (EVP_CipherInit_ex2(ctx, evp, NULL, NULL, encrypt, NULL) != 1)
		goto out;
	if ((size_t)EVP_CIPHER_CTX_get_key_length(ctx) != key_len &&
			EVP_CIPHER_CTX_set_key_length(ctx, (int)key_len) != 1)
		goto out;
	if (EVP_CipherInit_ex2(ctx, NULL, key, iv, encrypt, NULL) != 1)
		goto out;
	EVP_CIPHER_CTX_set_padding(ctx, 0);
	if (len > 0 && (EVP_CipherUpdate(ctx, out, &done, in, (int)len) != 1 ||
			(size_t)done != len))
		goto out;
	ret = 0;
out:
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(evp);
	return ret;
}

/* Counter mode: the counter block counts up as one big-endian number. */
static int
ctr_cipher(const char *ecb, const uint8_t *key, size_t key_len, const uint8_t *iv, size_t block,
		const uint8_t *in, uint8_t *out, size_t len)
{
	uint8_t counter[16], stream[16];
	size_t done, i, n;
	int ret;

	memcpy(counter, iv, block);
	for (done = 0; done < len; done += n) {
		ret = evp_cipher(ecb, true, key, key_len, NULL, counter, stream, block);
		if (ret != 0)
			return ret;
		n = RTE_MIN(block, len - done);
		for (i = 0; i < n; i++)
			out[done + i] = in[done + i] ^ stream[i];
		for (i = block; i > 0 && ++counter[i - 1] == 0; i--)
			;
	}
	return 0;
}

/* RFC 3711, 4.1.2.1: the key is followed by the mask m, both of the same length. */
static int
f8_cipher(const uint8_t *key, size_t key_len, const uint8_t *iv, const uint8_t *in, uint8_t *out,
		size_t len)
{
	const size_t half = key_len / 2;
	const char *ecb = evp_cipher_name(RTE_CRYPTO_CIPHER_AES_F8, half);
	uint8_t masked[32], iv2[16], stream[16] = {0}, block[16];
	size_t done, i, n;
	uint64_t j = 0;
	int ret;

	if (half > sizeof(masked))
		return -EINVAL;
	for (i = 0; i < half; i++)
		masked[i] = key[i] ^ key[half + i];
	ret = evp_cipher(ecb, true, masked, half, NULL, iv, iv2, 16);
	if (ret != 0)
		return ret;
	for (done = 0; done < len; done += n, j++) {
		for (i = 0; i < 16; i++)
			block[i] = iv2[i] ^ stream[i];
		for (i = 0; i < 8; i++)
			block[15 - i] ^= (uint8_t)(j >> (8 * i));
		ret = evp_cipher(ecb, true, key, half, NULL, block, stream, 16);
		if (ret != 0)
			return ret;
		n = RTE_MIN((size_t)16, len - done);
		for (i = 0; i < n; i++)
			out[done + i] = in[done + i] ^ stream[i];
	}
	return 0;
}

static int
wireless_cipher(const struct ref_cipher *c, const uint8_t *key, size_t key_len, const uint8_t *iv,
		size_t iv_len, const uint8_t *in, uint8_t *out, size_t len)
{
	if (key_len != c->key_sizes[0] || iv_len != c->iv_sizes[0] || len > ref_cipher_max(c))
		return -EINVAL;
	if (c->kind == REF_CIPHER_SNOW3G)
		ref_snow3g_uea2(key, iv, in, out, len);
	else if (c->kind == REF_CIPHER_ZUC)
		ref_zuc_eea3(key, iv, in, out, len);
	else
		ref_kasumi_f8(key, iv, in, out, len);
	return 0;
}

int
ref_cipher_run(const struct ref_cipher *c, bool encrypt, const uint8_t *key, size_t key_len,
		const uint8_t *iv, size_t iv_len, const uint8_t *in, uint8_t *out, size_t len)
{
	uint8_t key3[24], iv16[16];
	const bool des3 = c->algo == RTE_CRYPTO_CIPHER_3DES_ECB ||
			c->algo == RTE_CRYPTO_CIPHER_3DES_CBC ||
			c->algo == RTE_CRYPTO_CIPHER_3DES_CTR;

	if (len % c->block != 0 || (len > 0 && len < c->min_len))
		return -EINVAL;
	if (len == 0)
		return 0;
	if (des3 && (key_len == 16 || key_len == 8)) {
		/* Keying options 2 and 3: K1, K2, K1 and K1, K1, K1 [NIST SP 800-67, 3.2]. */
		memcpy(key3, key, 8);
		memcpy(key3 + 8, key + key_len - 8, 8);
		memcpy(key3 + 16, key, 8);
		key = key3;
		key_len = 24;
	}
	if (c->algo == RTE_CRYPTO_CIPHER_AES_CTR && iv_len == 12) {
		/* A 12-byte nonce is followed by a 32-bit block counter that starts at 1. */
		memcpy(iv16, iv, 12);
		memcpy(iv16 + 12, "\0\0\0\1", 4);
		iv = iv16;
	}
	switch (c->kind) {
	case REF_CIPHER_EVP:
		return evp_cipher(evp_cipher_name(c->algo, key_len), encrypt, key, key_len, iv, in,
				out, len);
	case REF_CIPHER_CTR:
		return ctr_cipher(evp_cipher_name(c->algo, key_len), key, key_len, iv, iv_len, in,
				out, len);
	case REF_CIPHER_F8:
		return f8_cipher(key, key_len, iv, in, out, len);
	case REF_CIPHER_SNOW3G:
	case REF_CIPHER_ZUC:
	case REF_CIPHER_KASUMI_F8:
		return wireless_cipher(c, key, key_len, iv, iv_len, in, out, len);
	case REF_CIPHER_NULL:
		memmove(out, in, len);
		return 0;
	default:
		return -ENOTSUP;
	}
}

/* libcrypto's name for a hash, or for the hash of an HMAC. */
static const char *
evp_md_name(enum rte_crypto_auth_algorithm algo)
{
	switch (algo) {
	case RTE_CRYPTO_AUTH_MD5:
	case RTE_CRYPTO_AUTH_MD5_HMAC:
		return "MD5";
	case RTE_CRYPTO_AUTH_SHA1:
	case RTE_CRYPTO_AUTH_SHA1_HMAC:
		return "SHA1";
	case RTE_CRYPTO_AUTH_SHA224:
	case RTE_CRYPTO_AUTH_SHA224_HMAC:
		return "SHA224";
	case RTE_CRYPTO_AUTH_SHA256:
	case RTE_CRYPTO_AUTH_SHA256_HMAC:
		return "SHA256";
	case RTE_CRYPTO_AUTH_SHA384:
	case RTE_CRYPTO_AUTH_SHA384_HMAC:
		return "SHA384";
	case RTE_CRYPTO_AUTH_SHA512:
	case RTE_CRYPTO_AUTH_SHA512_HMAC:
		return "SHA512";
	case RTE_CRYPTO_AUTH_SHA3_224:
		return "SHA3-224";
	case RTE_CRYPTO_AUTH_SHA3_256:
		return "SHA3-256";
	case RTE_CRYPTO_AUTH_SHA3_384:
		return "SHA3-384";
	case RTE_CRYPTO_AUTH_SHA3_512:
		return "SHA3-512";
	default:
		return NULL;
	}
}

static int
evp_mac(const char *mac_name, const char *param, const char *value, const uint8_t *key,
		size_t key_len, const uint8_t *in, size_t len, uint8_t *digest)
{
	OSSL_PARAM params[2] = {OSSL_PARAM_END, OSSL_PARAM_END};
	EVP_MAC_CTX *ctx = NULL;
	EVP_MAC *mac;
	size_t n;
	int ret = -EINVAL;

	if (value == NULL)
		return -EINVAL;
	mac = EVP_MAC_fetch(libctx, mac_name, NULL);
	if (mac == NULL)
		return -ENOTSUP;
	params[0] = OSSL_PARAM_construct_utf8_string(param, (char *)(uintptr_t)value, 0);
	ctx = EVP_MAC_CTX_new(mac);
	if (ctx != NULL && EVP_MAC_init(ctx, key, key_len, params) == 1 &&
			EVP_MAC_update(ctx, in, len) == 1 &&
			EVP_MAC_final(ctx, digest, &n, REF_MAX_DIGEST) == 1)
		ret = 0;
	EVP_MAC_CTX_free(ctx);
	EVP_MAC_free(mac);
	return ret;
}

static int
hash(const char *name, const uint8_t *in, size_t len, uint8_t *digest)
{
	EVP_MD *md = name == NULL ? NULL : EVP_MD_fetch(libctx, name, NULL);
	unsigned int n;
	int ret;

	if (md == NULL)
		return -ENOTSUP;
	ret = EVP_Digest(in, len, digest, &n, md, NULL) == 1 ? 0 : -EINVAL;
	EVP_MD_free(md);
	return ret;
}

/* RFC 3566, section 4. */
static int
xcbc(const uint8_t *key, size_t key_len, const uint8_t *in, size_t len, uint8_t *digest)
{
	const char *ecb = "AES-128-ECB";
	uint8_t k[3][16], block[16], e[16] = {0};
	size_t i, n;
	unsigned int j;

	if (key_len != 16)
		return -EINVAL;
	for (j = 0; j < 3; j++) {
		memset(block, (int)j + 1, sizeof(block));
		if (evp_cipher(ecb, true, key, 16, NULL, block, k[j], 16) != 0)
			return -ENOTSUP;
	}
	do {
		n = RTE_MIN((size_t)16, len);
		memset(block, 0, sizeof(block));
		memcpy(block, in, n);
		if (n < 16)
			block[n] = 0x80;
		in += n;
		len -= n;
		for (i = 0; i < 16; i++) {
			e[i] ^= block[i];
			if (len == 0)
				e[i] ^= n == 16 ? k[1][i] : k[2][i];
		}
		if (evp_cipher(ecb, true, k[0], 16, NULL, e, e, 16) != 0)
			return -ENOTSUP;
	} while (len > 0);
	memcpy(digest, e, 16);
	return 0;
}

static int
cbc_mac(const uint8_t *key, size_t key_len, const uint8_t *in, size_t len, uint8_t *digest)
{
	const char *ecb = evp_cipher_name(RTE_CRYPTO_CIPHER_AES_ECB, key_len);
	size_t done, i;
	int ret;

	memset(digest, 0, 16);
	for (done = 0; done < len; done += 16) {
		for (i = 0; i < 16; i++)
			digest[i] ^= in[done + i];
		ret = evp_cipher(ecb, true, key, key_len, NULL, digest, digest, 16);
		if (ret != 0)
			return ret;
	}
	return 0;
}

int
ref_auth_run_iv(const struct ref_auth *a, const uint8_t *key, size_t key_len, const uint8_t *iv,
		size_t iv_len, const uint8_t *in, size_t len, uint8_t *digest)
{
	uint8_t none[1];

	if (a->kind != REF_AUTH_GMAC)
		return ref_auth_run(a, key, key_len, in, len, digest);
	return ref_aead_run(ref_aead_by_algo(RTE_CRYPTO_AEAD_AES_GCM), key, key_len, iv, iv_len,
			in, len, none, none, 0, digest, a->digest);
}

int
ref_auth_run(const struct ref_auth *a, const uint8_t *key, size_t key_len, const uint8_t *in,
		size_t len, uint8_t *digest)
{
	const char *cbc;

	if (len % a->block != 0)
		return -EINVAL;
	switch (a->kind) {
	case REF_AUTH_HASH:
		return hash(evp_md_name(a->algo), in, len, digest);
	case REF_AUTH_HMAC:
		return evp_mac("HMAC", "digest", evp_md_name(a->algo), key, key_len, in, len,
				digest);
	case REF_AUTH_CMAC:
		cbc = evp_cipher_name(RTE_CRYPTO_CIPHER_AES_CBC, key_len);
		return evp_mac("CMAC", "cipher", cbc, key, key_len, in, len, digest);
	case REF_AUTH_XCBC:
		return xcbc(key, key_len, in, len, digest);
	case REF_AUTH_CBC_MAC:
		return cbc_mac(key, key_len, in, len, digest);
	case REF_AUTH_KASUMI_F9:
		if (key_len != a->key_sizes[0] || len < ref_auth_min(a) || len > ref_auth_max(a))
			return -EINVAL;
		ref_kasumi_f9(key, in, len, digest);
		return 0;
	case REF_AUTH_NULL:
		return 0;
	default:
		return -ENOTSUP;
	}
}

bool
ref_cipher_available(const struct ref_cipher *c)
{
	uint8_t key[REF_MAX_KEY], iv[REF_MAX_IV] = {0}, data[16] = {0};
	unsigned int i;

	/* Two unequal halves: XTS refuses others. */
	for (i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)(i + 1);
	return ref_cipher_run(c, true, key, c->key_sizes[0], iv, c->iv_sizes[0], data, data,
			sizeof(data)) == 0;
}

bool
ref_auth_available(const struct ref_auth *a)
{
	uint8_t key[REF_MAX_KEY] = {0}, data[16] = {0}, digest[REF_MAX_DIGEST];

	return ref_auth_run_iv(a, key, a->key_sizes[0], data, 12, data, sizeof(data), digest) == 0;
}
