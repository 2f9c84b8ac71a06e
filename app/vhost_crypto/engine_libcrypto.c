/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The engine over libcrypto. Operations complete inside enqueue and wait in a
 * list, by queue, for dequeue.
 *
 * Works in a library context of its own, so that what the process does with
 * libcrypto's default context changes nothing here. The legacy provider is
 * loaded if it is there; without it ARC4 is not offered. DES needs no provider:
 * it is triple DES with three equal keys. The 3GPP's algorithms come from another
 * library (wireless.h); a build without it does not offer them.
 */

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/provider.h>

#include "aes_f8.h"
#include "aes_mac.h"
#include "engine.h"
#include "wireless.h"

#define DES_BLOCK 8
#define DES_KEY 8
#define DES3_KEY 24
#define AUTH_KEY_MAX 512 /* HMAC takes any length; what a device can carry */
#define MAX(a, b) ((a) > (b) ? (a) : (b))

enum cipher_kind {
	CIPHER_EVP,
	CIPHER_EVP_XTS,  /* no data shorter than a block */
	CIPHER_EVP_DES,  /* single DES: the key is used three times */
	CIPHER_DES3_CTR, /* made of ECB: libcrypto has no such mode */
	CIPHER_EVP_ARC4, /* keys of any length; no IV, so each operation starts from the key */
	CIPHER_AES_F8,   /* made of ECB too; the key is two */
	CIPHER_WIRELESS, /* not libcrypto's: wireless says which */
};

#define MAX_SIZES 3

struct cipher_row {
	uint8_t id;
	uint8_t kind;
	uint8_t iv_len;
	uint8_t block; /* data is a multiple of it */
	struct {
		uint16_t key_len;
		const char *name; /* libcrypto's; of CIPHER_WIRELESS nobody's, but set */
	} evp[MAX_SIZES];
	enum vhc_wireless_algo wireless; /* for CIPHER_WIRELESS */
};

static const struct cipher_row cipher_rows[] = {
		{VIRTIO_CRYPTO_CIPHER_ARC4, CIPHER_EVP_ARC4, 0, 1, .evp = {{256, "RC4"}}},
		{VIRTIO_CRYPTO_CIPHER_AES_ECB, CIPHER_EVP, 0, 16,
				.evp = {{16, "AES-128-ECB"}, {24, "AES-192-ECB"},
					{32, "AES-256-ECB"}}},
		{VIRTIO_CRYPTO_CIPHER_AES_CBC, CIPHER_EVP, 16, 16,
				.evp = {{16, "AES-128-CBC"}, {24, "AES-192-CBC"},
					{32, "AES-256-CBC"}}},
		{VIRTIO_CRYPTO_CIPHER_AES_CTR, CIPHER_EVP, 16, 1,
				.evp = {{16, "AES-128-CTR"}, {24, "AES-192-CTR"},
					{32, "AES-256-CTR"}}},
		{VIRTIO_CRYPTO_CIPHER_DES_ECB, CIPHER_EVP_DES, 0, DES_BLOCK,
				.evp = {{DES_KEY, "DES-EDE3-ECB"}}},
		{VIRTIO_CRYPTO_CIPHER_DES_CBC, CIPHER_EVP_DES, DES_BLOCK, DES_BLOCK,
				.evp = {{DES_KEY, "DES-EDE3-CBC"}}},
		{VIRTIO_CRYPTO_CIPHER_3DES_ECB, CIPHER_EVP, 0, DES_BLOCK,
				.evp = {{DES3_KEY, "DES-EDE3-ECB"}}},
		{VIRTIO_CRYPTO_CIPHER_3DES_CBC, CIPHER_EVP, DES_BLOCK, DES_BLOCK,
				.evp = {{DES3_KEY, "DES-EDE3-CBC"}}},
		{VIRTIO_CRYPTO_CIPHER_3DES_CTR, CIPHER_DES3_CTR, DES_BLOCK, 1,
				.evp = {{DES3_KEY, "DES-EDE3-ECB"}}},
		{VIRTIO_CRYPTO_CIPHER_AES_XTS, CIPHER_EVP_XTS, 16, 1,
				.evp = {{32, "AES-128-XTS"}, {64, "AES-256-XTS"}}},
		{VIRTIO_CRYPTO_CIPHER_AES_F8, CIPHER_AES_F8, VHC_AES_F8_IV_LEN, 1,
				.evp = {{32, "AES-128-ECB"}, {48, "AES-192-ECB"},
					{64, "AES-256-ECB"}}},
		{VIRTIO_CRYPTO_CIPHER_KASUMI_F8, CIPHER_WIRELESS, 8, 1,
				.evp = {{VHC_WIRELESS_KEY_LEN, "KASUMI-F8"}},
				.wireless = VHC_KASUMI_F8},
		{VIRTIO_CRYPTO_CIPHER_SNOW3G_UEA2, CIPHER_WIRELESS, 16, 1,
				.evp = {{VHC_WIRELESS_KEY_LEN, "SNOW3G-UEA2"}},
				.wireless = VHC_SNOW3G_UEA2},
		{VIRTIO_CRYPTO_CIPHER_ZUC_EEA3, CIPHER_WIRELESS, 16, 1,
				.evp = {{VHC_WIRELESS_KEY_LEN, "ZUC-EEA3"}},
				.wireless = VHC_ZUC_EEA3},
};

struct digest_row {
	uint8_t id;
	bool xof; /* as long as one likes */
	uint8_t len;
	const char *name;
};

/* Keyless hashes, for chains with HASH_MODE_PLAIN. */
static const struct digest_row hash_rows[] = {
		{VIRTIO_CRYPTO_HASH_MD5, false, 16, "MD5"},
		{VIRTIO_CRYPTO_HASH_SHA1, false, 20, "SHA1"},
		{VIRTIO_CRYPTO_HASH_SHA_224, false, 28, "SHA2-224"},
		{VIRTIO_CRYPTO_HASH_SHA_256, false, 32, "SHA2-256"},
		{VIRTIO_CRYPTO_HASH_SHA_384, false, 48, "SHA2-384"},
		{VIRTIO_CRYPTO_HASH_SHA_512, false, 64, "SHA2-512"},
		{VIRTIO_CRYPTO_HASH_SHA3_224, false, 28, "SHA3-224"},
		{VIRTIO_CRYPTO_HASH_SHA3_256, false, 32, "SHA3-256"},
		{VIRTIO_CRYPTO_HASH_SHA3_384, false, 48, "SHA3-384"},
		{VIRTIO_CRYPTO_HASH_SHA3_512, false, 64, "SHA3-512"},
		{VIRTIO_CRYPTO_HASH_SHA3_SHAKE128, true, VHC_DIGEST_MAX_LEN, "SHAKE-128"},
		{VIRTIO_CRYPTO_HASH_SHA3_SHAKE256, true, VHC_DIGEST_MAX_LEN, "SHAKE-256"},
};

static const struct digest_row hmac_rows[] = {
		{VIRTIO_CRYPTO_MAC_HMAC_MD5, false, 16, "MD5"},
		{VIRTIO_CRYPTO_MAC_HMAC_SHA1, false, 20, "SHA1"},
		{VIRTIO_CRYPTO_MAC_HMAC_SHA_224, false, 28, "SHA2-224"},
		{VIRTIO_CRYPTO_MAC_HMAC_SHA_256, false, 32, "SHA2-256"},
		{VIRTIO_CRYPTO_MAC_HMAC_SHA_384, false, 48, "SHA2-384"},
		{VIRTIO_CRYPTO_MAC_HMAC_SHA_512, false, 64, "SHA2-512"},
};

struct aes_mac_row {
	uint8_t id;
	enum vhc_aes_mac_kind kind;
	uint8_t max_key; /* 16, or all three AES key sizes up to this */
};

static const struct aes_mac_row aes_mac_rows[] = {
		{VIRTIO_CRYPTO_MAC_CMAC_AES, VHC_AES_CMAC, 32},
		{VIRTIO_CRYPTO_MAC_CBCMAC_AES, VHC_AES_CBCMAC, 32},
		{VIRTIO_CRYPTO_MAC_XCBC_AES, VHC_AES_XCBC, 16},
};

#define NB(a) (sizeof(a) / sizeof((a)[0]))

struct lc_queue {
	struct vhc_engine_op *first;
	struct vhc_engine_op **last;
};

struct lc_engine {
	struct vhc_engine base;
	OSSL_LIB_CTX *lib;
	OSSL_PROVIDER *deflt;
	OSSL_PROVIDER *legacy; /* NULL where it is not installed */
	struct vhc_wireless *wireless; /* NULL where the build has it not */
	struct vhc_engine_caps caps;
	uint16_t nb_queues;
	struct lc_queue queue[];
};

struct lc_session {
	/* One of these. */
	EVP_CIPHER_CTX *cipher;
	struct vhc_aes_f8 *f8;
	struct vhc_wireless_key *wireless;
	uint8_t cipher_kind;
	uint8_t iv_len;
	uint8_t block;
	uint8_t *rekey; /* ARC4: the key, rekey_len bytes */
	uint32_t rekey_len;
	bool chain;
	bool hash_first;
	uint8_t digest_len;
	bool xof;
	/* One of these in a chain. */
	EVP_MD *md;
	EVP_MAC_CTX *hmac;
	struct vhc_aes_mac *aes_mac;
	struct vhc_wireless_key *f9;
	EVP_MD_CTX *md_ctx; /* goes with md */
};

static const struct cipher_row *
find_cipher(uint32_t id)
{
	size_t i;

	for (i = 0; i < NB(cipher_rows); i++) {
		if (cipher_rows[i].id == id)
			return &cipher_rows[i];
	}
	return NULL;
}

static const struct digest_row *
find_digest(const struct digest_row *rows, size_t nb, uint32_t id)
{
	size_t i;

	for (i = 0; i < nb; i++) {
		if (rows[i].id == id)
			return &rows[i];
	}
	return NULL;
}

static const struct aes_mac_row *
find_aes_mac(uint32_t id)
{
	size_t i;

	for (i = 0; i < NB(aes_mac_rows); i++) {
		if (aes_mac_rows[i].id == id)
			return &aes_mac_rows[i];
	}
	return NULL;
}

static const char *
cipher_name(const struct cipher_row *row, uint32_t key_len)
{
	unsigned int i;

	if (row->kind == CIPHER_EVP_ARC4)
		return key_len >= 1 && key_len <= row->evp[0].key_len ? row->evp[0].name : NULL;
	for (i = 0; i < MAX_SIZES && row->evp[i].name != NULL; i++) {
		if (row->evp[i].key_len == key_len)
			return row->evp[i].name;
	}
	return NULL;
}

static void
lc_caps(const struct vhc_engine *base, struct vhc_engine_caps *caps)
{
	const struct lc_engine *e = (const struct lc_engine *)base;

	*caps = e->caps;
}

static int
check_auth(const struct lc_engine *e, const struct vhc_sym_params *p)
{
	const struct digest_row *d;
	const struct aes_mac_row *a;
	uint32_t full;

	if (p->auth_algo > 63)
		return -ENOTSUP;
	if (!p->mac) {
		d = find_digest(hash_rows, NB(hash_rows), p->auth_algo);
		if (d == NULL || (e->caps.chain_hash_algo & UINT32_C(1) << p->auth_algo) == 0)
			return -ENOTSUP;
		full = d->len;
	} else {
		if ((e->caps.chain_mac_algo & UINT64_C(1) << p->auth_algo) == 0)
			return -ENOTSUP;
		d = find_digest(hmac_rows, NB(hmac_rows), p->auth_algo);
		a = find_aes_mac(p->auth_algo);
		if (d != NULL) {
			/* An empty key is a key: RFC 2104 pads it with zeros. */
			if (p->auth_key_len > AUTH_KEY_MAX)
				return -EINVAL;
			full = d->len;
		} else if (a != NULL) {
			if (p->auth_key_len > a->max_key ||
					(p->auth_key_len != 16 && p->auth_key_len != 24 &&
							p->auth_key_len != 32))
				return -EINVAL;
			full = VHC_AES_MAC_LEN;
		} else if (p->auth_algo == VIRTIO_CRYPTO_MAC_KASUMI_F9) {
			if (p->auth_key_len != VHC_WIRELESS_KEY_LEN)
				return -EINVAL;
			full = VHC_WIRELESS_MAC_LEN;
		} else {
			return -ENOTSUP;
		}
	}
	return p->digest_len >= 1 && p->digest_len <= full ? 0 : -EINVAL;
}

static int
lc_check(const struct vhc_engine *base, const struct vhc_sym_params *p)
{
	const struct lc_engine *e = (const struct lc_engine *)base;
	const struct cipher_row *row;
	int ret;

	if (p->kind != VHC_SYM_CIPHER && p->kind != VHC_SYM_CHAIN)
		return -ENOTSUP;
	row = find_cipher(p->cipher_algo);
	if (row == NULL || (e->caps.cipher_algo & UINT64_C(1) << row->id) == 0)
		return -ENOTSUP;
	if (cipher_name(row, p->key_len) == NULL)
		return -EINVAL;
	if (p->kind == VHC_SYM_CHAIN) {
		ret = check_auth(e, p);
		if (ret != 0)
			return ret;
	}
	return row->iv_len;
}

static int
set_up_cipher(struct lc_engine *e, struct lc_session *s, const struct vhc_sym_params *p)
{
	const struct cipher_row *row = find_cipher(p->cipher_algo);
	const uint8_t *key = p->key;
	uint8_t tripled[DES3_KEY];
	EVP_CIPHER *cipher;
	unsigned int i;
	int encrypt, ok = 0;

	s->cipher_kind = row->kind;
	s->iv_len = row->iv_len;
	s->block = row->block;
	if (row->kind == CIPHER_WIRELESS) {
		s->wireless = vhc_wireless_key_create(e->wireless, row->wireless, p->key);
		return s->wireless != NULL ? 0 : -ENOMEM;
	}
	if (row->kind == CIPHER_AES_F8) {
		s->f8 = vhc_aes_f8_create(e->lib, cipher_name(row, p->key_len),
				p->key, p->key_len);
		return s->f8 != NULL ? 0 : -ENOMEM;
	}
	cipher = EVP_CIPHER_fetch(e->lib, cipher_name(row, p->key_len), NULL);
	s->cipher = EVP_CIPHER_CTX_new();
	if (cipher == NULL || s->cipher == NULL) {
		EVP_CIPHER_free(cipher);
		return -ENOMEM;
	}
	/* A counter mode only ever encrypts its counter. */
	encrypt = p->encrypt || row->kind == CIPHER_DES3_CTR;
	if (row->kind == CIPHER_EVP_DES) {
		for (i = 0; i < 3; i++)
			memcpy(tripled + i * DES_KEY, p->key, DES_KEY);
		key = tripled;
	}
	if (EVP_CipherInit_ex2(s->cipher, cipher, NULL, NULL, encrypt, NULL) == 1 &&
			EVP_CIPHER_CTX_set_padding(s->cipher, 0) == 1 &&
			(row->kind != CIPHER_EVP_ARC4 ||
					EVP_CIPHER_CTX_set_key_length(
							s->cipher, (int)p->key_len) == 1))
		ok = EVP_CipherInit_ex2(s->cipher, NULL, key, NULL, encrypt, NULL);
	OPENSSL_cleanse(tripled, sizeof(tripled));
	EVP_CIPHER_free(cipher);
	if (ok != 1)
		return -EINVAL;
	if (row->kind == CIPHER_EVP_ARC4) {
		s->rekey = OPENSSL_memdup(p->key, p->key_len);
		s->rekey_len = p->key_len;
	}
	return row->kind != CIPHER_EVP_ARC4 || s->rekey != NULL ? 0 : -ENOMEM;
}

static int
set_up_hmac(struct lc_engine *e, struct lc_session *s, const char *digest,
		const struct vhc_sym_params *p)
{
	static const uint8_t empty[1];
	OSSL_PARAM params[2];
	char name[16];
	EVP_MAC *mac;
	int ok;

	mac = EVP_MAC_fetch(e->lib, "HMAC", NULL);
	s->hmac = mac != NULL ? EVP_MAC_CTX_new(mac) : NULL;
	EVP_MAC_free(mac);
	if (s->hmac == NULL)
		return -ENOMEM;
	strncpy(name, digest, sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	params[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name, 0);
	params[1] = OSSL_PARAM_construct_end();
	ok = EVP_MAC_init(s->hmac, p->auth_key_len != 0 ? p->auth_key : empty, p->auth_key_len,
			params);
	return ok == 1 ? 0 : -EINVAL;
}

static int
set_up_auth(struct lc_engine *e, struct lc_session *s, const struct vhc_sym_params *p)
{
	const struct digest_row *d;

	s->chain = true;
	s->hash_first = p->hash_first;
	s->digest_len = (uint8_t)p->digest_len;
	if (!p->mac) {
		d = find_digest(hash_rows, NB(hash_rows), p->auth_algo);
		s->xof = d->xof;
		s->md = EVP_MD_fetch(e->lib, d->name, NULL);
		s->md_ctx = EVP_MD_CTX_new();
		return s->md != NULL && s->md_ctx != NULL ? 0 : -ENOMEM;
	}
	d = find_digest(hmac_rows, NB(hmac_rows), p->auth_algo);
	if (d != NULL)
		return set_up_hmac(e, s, d->name, p);
	if (p->auth_algo == VIRTIO_CRYPTO_MAC_KASUMI_F9) {
		s->f9 = vhc_wireless_key_create(e->wireless, VHC_KASUMI_F9, p->auth_key);
		return s->f9 != NULL ? 0 : -ENOMEM;
	}
	s->aes_mac = vhc_aes_mac_create(
			e->lib, find_aes_mac(p->auth_algo)->kind, p->auth_key, p->auth_key_len);
	return s->aes_mac != NULL ? 0 : -ENOMEM;
}

static void
lc_session_destroy(struct vhc_engine *base, void *session)
{
	struct lc_session *s = session;

	(void)base;
	if (s == NULL)
		return;
	/* libcrypto wipes the keys in its contexts. */
	EVP_CIPHER_CTX_free(s->cipher);
	vhc_aes_f8_destroy(s->f8);
	vhc_wireless_key_destroy(s->wireless);
	OPENSSL_clear_free(s->rekey, s->rekey_len);
	EVP_MAC_CTX_free(s->hmac);
	EVP_MD_CTX_free(s->md_ctx);
	EVP_MD_free(s->md);
	vhc_aes_mac_destroy(s->aes_mac);
	vhc_wireless_key_destroy(s->f9);
	free(s);
}

static int
lc_session_create(struct vhc_engine *base, const struct vhc_sym_params *p, void **session)
{
	struct lc_engine *e = (struct lc_engine *)base;
	struct lc_session *s;
	int ret;

	ret = lc_check(base, p);
	if (ret < 0)
		return ret;
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return -ENOMEM;
	ret = set_up_cipher(e, s, p);
	if (ret == 0 && p->kind == VHC_SYM_CHAIN)
		ret = set_up_auth(e, s, p);
	if (ret != 0) {
		lc_session_destroy(base, s);
		return ret;
	}
	*session = s;
	return 0;
}

static const char *
lc_session_engine(const struct vhc_engine *base, const void *session)
{
	(void)session;
	return base->ops->name;
}

/* 64-bit big-endian counter block, over ECB. */
static int
des3_ctr(EVP_CIPHER_CTX *ecb, const uint8_t *iv, const uint8_t *src, uint8_t *dst, size_t len)
{
	uint8_t block[32 * DES_BLOCK];
	uint64_t counter = 0;
	size_t n, i, k;
	int done, ret = 0;

	for (i = 0; i < DES_BLOCK; i++)
		counter = counter << 8 | iv[i];
	while (len != 0) {
		n = len < sizeof(block) ? len : sizeof(block);
		for (i = 0; i < n; i += DES_BLOCK, counter++) {
			for (k = 0; k < DES_BLOCK; k++)
				block[i + k] = (uint8_t)(counter >> (56 - 8 * k));
		}
		if (EVP_EncryptUpdate(ecb, block, &done, block, (int)i) != 1) {
			ret = -EIO;
			break;
		}
		for (i = 0; i < n; i++)
			dst[i] = src[i] ^ block[i];
		src += n;
		dst += n;
		len -= n;
	}
	OPENSSL_cleanse(block, sizeof(block));
	return ret;
}

static uint8_t
run_cipher(struct lc_session *s, const uint8_t *iv, const uint8_t *src, uint8_t *dst, uint32_t len)
{
	int done;
	bool ok;

	if (len == 0)
		return VIRTIO_CRYPTO_OK;
	if (len % s->block != 0 || len > INT_MAX || (s->cipher_kind == CIPHER_EVP_XTS && len < 16))
		return VIRTIO_CRYPTO_ERR;
	switch (s->cipher_kind) {
	case CIPHER_DES3_CTR:
		ok = des3_ctr(s->cipher, iv, src, dst, len) == 0;
		break;
	case CIPHER_AES_F8:
		ok = vhc_aes_f8_crypt(s->f8, iv, src, dst, len) == 0;
		break;
	case CIPHER_WIRELESS:
		ok = vhc_wireless_crypt(s->wireless, iv, src, dst, len) == 0;
		break;
	default:
		ok = EVP_CipherInit_ex2(s->cipher, NULL, s->rekey, s->iv_len != 0 ? iv : NULL, -1,
				     NULL) == 1 &&
				EVP_CipherUpdate(s->cipher, dst, &done, src, (int)len) == 1 &&
				(uint32_t)done == len;
		break;
	}
	return ok ? VIRTIO_CRYPTO_OK : VIRTIO_CRYPTO_ERR;
}

static uint8_t
run_auth(struct lc_session *s, const uint8_t *data, uint32_t len, uint8_t *digest)
{
	uint8_t full[EVP_MAX_MD_SIZE];
	size_t n = sizeof(full);
	int ok;

	if (s->hmac != NULL) {
		ok = EVP_MAC_init(s->hmac, NULL, 0, NULL) == 1 &&
				EVP_MAC_update(s->hmac, data, len) == 1 &&
				EVP_MAC_final(s->hmac, full, &n, sizeof(full)) == 1;
	} else if (s->aes_mac != NULL) {
		ok = vhc_aes_mac_compute(s->aes_mac, data, len, full) == 0;
	} else if (s->f9 != NULL) {
		ok = vhc_wireless_mac(s->f9, data, len, full) == 0;
	} else {
		ok = EVP_DigestInit_ex2(s->md_ctx, s->md, NULL) == 1 &&
				EVP_DigestUpdate(s->md_ctx, data, len) == 1 &&
				(s->xof ? EVP_DigestFinalXOF(s->md_ctx, full, s->digest_len)
					: EVP_DigestFinal_ex(s->md_ctx, full, NULL)) == 1;
	}
	if (ok)
		memcpy(digest, full, s->digest_len);
	OPENSSL_cleanse(full, sizeof(full));
	return ok ? VIRTIO_CRYPTO_OK : VIRTIO_CRYPTO_ERR;
}

static void
run(struct vhc_engine_op *op)
{
	struct lc_session *s = op->session;
	const uint8_t *src = op->nb_src != 0 ? op->src[0].base : NULL;
	uint8_t *dst = op->nb_dst != 0 ? op->dst[0].base : NULL;

	op->status = VIRTIO_CRYPTO_OK;
	if (s->chain && s->hash_first)
		op->status = run_auth(s, src + op->hash_off, op->hash_len, op->digest);
	if (op->status == VIRTIO_CRYPTO_OK)
		op->status = run_cipher(s, op->iv, src + op->cipher_off, dst + op->cipher_off,
				op->cipher_len);
	if (op->status == VIRTIO_CRYPTO_OK && s->chain && !s->hash_first)
		op->status = run_auth(s, dst + op->hash_off, op->hash_len, op->digest);
}

static uint16_t
lc_enqueue(struct vhc_engine *base, uint16_t queue, struct vhc_engine_op **ops, uint16_t nb)
{
	struct lc_engine *e = (struct lc_engine *)base;
	struct lc_queue *q;
	uint16_t i;

	if (queue >= e->nb_queues)
		return 0;
	q = &e->queue[queue];
	for (i = 0; i < nb; i++) {
		run(ops[i]);
		ops[i]->next = NULL;
		*q->last = ops[i];
		q->last = &ops[i]->next;
	}
	return nb;
}

static uint16_t
lc_dequeue(struct vhc_engine *base, uint16_t queue, struct vhc_engine_op **ops, uint16_t nb)
{
	struct lc_engine *e = (struct lc_engine *)base;
	struct lc_queue *q;
	uint16_t i;

	if (queue >= e->nb_queues)
		return 0;
	q = &e->queue[queue];
	for (i = 0; i < nb && q->first != NULL; i++) {
		ops[i] = q->first;
		q->first = ops[i]->next;
	}
	if (q->first == NULL)
		q->last = &q->first;
	return i;
}

static void
lc_destroy(struct vhc_engine *base)
{
	struct lc_engine *e = (struct lc_engine *)base;

	if (e->legacy != NULL)
		OSSL_PROVIDER_unload(e->legacy);
	if (e->deflt != NULL)
		OSSL_PROVIDER_unload(e->deflt);
	OSSL_LIB_CTX_free(e->lib);
	vhc_wireless_destroy(e->wireless);
	free(e);
}

static bool
has_cipher(struct lc_engine *e, const struct cipher_row *row, unsigned int size)
{
	EVP_CIPHER *cipher;

	if (row->kind == CIPHER_WIRELESS)
		return e->wireless != NULL;
	cipher = EVP_CIPHER_fetch(e->lib, row->evp[size].name, NULL);
	EVP_CIPHER_free(cipher);
	return cipher != NULL;
}

/* What the libraries of this machine really have: a distribution may leave algorithms out. */
static void
find_out_caps(struct lc_engine *e)
{
	struct vhc_engine_caps *c = &e->caps;
	unsigned int k;
	EVP_MAC *hmac;
	EVP_MD *md;
	size_t i;

	for (i = 0; i < NB(cipher_rows); i++) {
		for (k = 0; k < MAX_SIZES && cipher_rows[i].evp[k].name != NULL; k++) {
			if (!has_cipher(e, &cipher_rows[i], k))
				break;
			c->max_cipher_key_len =
					MAX(c->max_cipher_key_len, cipher_rows[i].evp[k].key_len);
		}
		if (k != 0)
			c->cipher_algo |= UINT64_C(1) << cipher_rows[i].id;
	}
	for (i = 0; i < NB(hash_rows); i++) {
		md = EVP_MD_fetch(e->lib, hash_rows[i].name, NULL);
		if (md != NULL)
			c->chain_hash_algo |= UINT32_C(1) << hash_rows[i].id;
		EVP_MD_free(md);
	}
	hmac = EVP_MAC_fetch(e->lib, "HMAC", NULL);
	for (i = 0; hmac != NULL && i < NB(hmac_rows); i++) {
		md = EVP_MD_fetch(e->lib, hmac_rows[i].name, NULL);
		if (md != NULL)
			c->chain_mac_algo |= UINT64_C(1) << hmac_rows[i].id;
		EVP_MD_free(md);
	}
	EVP_MAC_free(hmac);
	for (i = 0; i < NB(aes_mac_rows); i++)
		c->chain_mac_algo |= UINT64_C(1) << aes_mac_rows[i].id;
	if (e->wireless != NULL)
		c->chain_mac_algo |= UINT64_C(1) << VIRTIO_CRYPTO_MAC_KASUMI_F9;
	c->max_auth_key_len = AUTH_KEY_MAX;
}

static const struct vhc_engine_ops lc_ops = {
		.name = "libcrypto",
		.caps = lc_caps,
		.check = lc_check,
		.session_create = lc_session_create,
		.session_destroy = lc_session_destroy,
		.session_engine = lc_session_engine,
		.enqueue = lc_enqueue,
		.dequeue = lc_dequeue,
		.destroy = lc_destroy,
};

struct vhc_engine *
vhc_engine_libcrypto_create(uint16_t nb_queues)
{
	struct lc_engine *e;
	uint16_t i;

	if (nb_queues == 0) {
		errno = EINVAL;
		return NULL;
	}
	e = calloc(1, sizeof(*e) + nb_queues * sizeof(e->queue[0]));
	if (e == NULL) {
		errno = ENOMEM;
		return NULL;
	}
	e->base.ops = &lc_ops;
	e->nb_queues = nb_queues;
	for (i = 0; i < nb_queues; i++)
		e->queue[i].last = &e->queue[i].first;
	e->lib = OSSL_LIB_CTX_new();
	e->deflt = e->lib != NULL ? OSSL_PROVIDER_load(e->lib, "default") : NULL;
	if (e->deflt == NULL) {
		lc_destroy(&e->base);
		errno = ENOMEM;
		return NULL;
	}
	e->legacy = OSSL_PROVIDER_load(e->lib, "legacy");
	e->wireless = vhc_wireless_create();
	find_out_caps(e);
	return &e->base;
}
