/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Capabilities: configuration masks, limits and trial sessions in, capability
 * array out. The numbers and sizes that are expected stand here once more,
 * from the specification (5.9.5.3 to 5.9.5.5) and the algorithms' standards, so
 * that a slip in the driver's table cannot agree with itself. Trials are read at
 * the specification's byte offsets.
 */

#include "unit_eal.h"

#include <errno.h>

#include <rte_cryptodev.h>
#include <rte_log.h>
#include <rte_malloc.h>

#include "virtio_caps.h"
#include "virtio_codec.h"
#include "virtio_log.h"

#define SERVICE_CIPHER 0x01
#define SERVICE_HASH 0x02
#define SERVICE_MAC 0x04
#define SERVICE_AEAD 0x08
#define ALL64 UINT64_MAX
#define ALL32 UINT32_MAX

/* ---- what must be there ---- */

struct want {
	int algo; /* of cryptodev */
	unsigned int id; /* of the specification */
	uint16_t key[3], iv_or_digest[3]; /* min, max, step */
	uint16_t block;
};

#define C(a) RTE_CRYPTO_CIPHER_##a
#define A(a) RTE_CRYPTO_AUTH_##a
#define E(a) RTE_CRYPTO_AEAD_##a

static const struct want want_ciphers[] = {
	{ C(ARC4), 1, { 5, 256, 1 }, { 0, 0, 0 }, 1 },
	{ C(AES_ECB), 2, { 16, 32, 8 }, { 0, 0, 0 }, 16 },
	{ C(AES_CBC), 3, { 16, 32, 8 }, { 16, 16, 0 }, 16 },
	{ C(AES_CTR), 4, { 16, 32, 8 }, { 12, 16, 4 }, 16 },
	{ C(DES_CBC), 6, { 8, 8, 0 }, { 8, 8, 0 }, 8 },
	{ C(3DES_ECB), 7, { 8, 24, 8 }, { 0, 0, 0 }, 8 },
	{ C(3DES_CBC), 8, { 8, 24, 8 }, { 8, 8, 0 }, 8 },
	{ C(3DES_CTR), 9, { 8, 24, 8 }, { 8, 8, 0 }, 8 },
	{ C(KASUMI_F8), 10, { 16, 16, 0 }, { 8, 8, 0 }, 8 },
	{ C(SNOW3G_UEA2), 11, { 16, 16, 0 }, { 16, 16, 0 }, 16 },
	{ C(AES_F8), 12, { 32, 64, 16 }, { 16, 16, 0 }, 16 },
	{ C(AES_XTS), 13, { 32, 64, 32 }, { 16, 16, 0 }, 16 },
	{ C(ZUC_EEA3), 14, { 16, 16, 0 }, { 16, 16, 0 }, 16 },
};

static const struct want want_hashes[] = {
	{ A(MD5), 1, { 0, 0, 0 }, { 1, 16, 1 }, 64 },
	{ A(SHA1), 2, { 0, 0, 0 }, { 1, 20, 1 }, 64 },
	{ A(SHA224), 3, { 0, 0, 0 }, { 1, 28, 1 }, 64 },
	{ A(SHA256), 4, { 0, 0, 0 }, { 1, 32, 1 }, 64 },
	{ A(SHA384), 5, { 0, 0, 0 }, { 1, 48, 1 }, 128 },
	{ A(SHA512), 6, { 0, 0, 0 }, { 1, 64, 1 }, 128 },
	{ A(SHA3_224), 7, { 0, 0, 0 }, { 1, 28, 1 }, 144 },
	{ A(SHA3_256), 8, { 0, 0, 0 }, { 1, 32, 1 }, 136 },
	{ A(SHA3_384), 9, { 0, 0, 0 }, { 1, 48, 1 }, 104 },
	{ A(SHA3_512), 10, { 0, 0, 0 }, { 1, 64, 1 }, 72 },
};

static const struct want want_macs[] = {
	{ A(MD5_HMAC), 1, { 1, 512, 1 }, { 1, 16, 1 }, 64 },
	{ A(SHA1_HMAC), 2, { 1, 512, 1 }, { 1, 20, 1 }, 64 },
	{ A(SHA224_HMAC), 3, { 1, 512, 1 }, { 1, 28, 1 }, 64 },
	{ A(SHA256_HMAC), 4, { 1, 512, 1 }, { 1, 32, 1 }, 64 },
	{ A(SHA384_HMAC), 5, { 1, 512, 1 }, { 1, 48, 1 }, 128 },
	{ A(SHA512_HMAC), 6, { 1, 512, 1 }, { 1, 64, 1 }, 128 },
	{ A(AES_CMAC), 26, { 16, 32, 8 }, { 1, 16, 1 }, 16 },
	{ A(KASUMI_F9), 27, { 16, 16, 0 }, { 1, 4, 1 }, 8 },
	{ A(AES_CBC_MAC), 49, { 16, 16, 0 }, { 1, 16, 1 }, 16 },
	{ A(AES_XCBC_MAC), 53, { 16, 16, 0 }, { 1, 16, 1 }, 16 },
};

/* Sent as GCM of no data: not in chains, and no bit of the MACs' mask. */
static const struct want want_gmac = { A(AES_GMAC), 41, { 16, 32, 8 }, { 1, 16, 1 }, 16 };

static const struct want_aead {
	int algo;
	unsigned int id;
	uint16_t key[3], iv[3], tag[3];
	uint16_t block;
} want_aeads[] = {
	{ E(AES_GCM), 1, { 16, 32, 8 }, { 0, 12, 12 }, { 4, 16, 1 }, 16 },
	{ E(AES_CCM), 2, { 16, 32, 8 }, { 7, 13, 1 }, { 4, 16, 2 }, 16 },
	{ E(CHACHA20_POLY1305), 3, { 32, 32, 0 }, { 12, 12, 0 }, { 16, 16, 0 }, 64 },
};

/* ---- a device that is asked ---- */

struct device {
	bool (*cipher)(unsigned int id, uint32_t key_len);
	bool (*auth)(bool plain, unsigned int id, uint32_t key_len); /* in a chain */
	bool (*alone)(bool plain, unsigned int id, uint32_t key_len);
	bool (*aead)(unsigned int id, uint32_t key_len, uint32_t tag_len);
	uint32_t max_cipher_key, max_auth_key; /* a longer key in a trial fails the test */
	unsigned int nb; /* trials so far */
	unsigned int nb_chains, nb_alone, nb_aead;
	unsigned int err_at; /* this trial, counted from 1, and all later ones ... */
	int err; /* ... end so */
};

static bool
any_cipher(unsigned int id, uint32_t key_len)
{
	(void)id;
	(void)key_len;
	return true;
}

static bool
any_auth(bool plain, unsigned int id, uint32_t key_len)
{
	(void)plain;
	(void)id;
	(void)key_len;
	return true;
}

static bool
no_auth(bool plain, unsigned int id, uint32_t key_len)
{
	(void)plain;
	(void)id;
	(void)key_len;
	return false;
}

static bool
any_aead(unsigned int id, uint32_t key_len, uint32_t tag_len)
{
	(void)id;
	(void)key_len;
	(void)tag_len;
	return true;
}

static bool
no_aead(unsigned int id, uint32_t key_len, uint32_t tag_len)
{
	(void)id;
	(void)key_len;
	(void)tag_len;
	return false;
}

static unsigned int
full_digest(bool plain, unsigned int id)
{
	const struct want *w = plain ? want_hashes : want_macs;
	size_t n = plain ? UNIT_DIM(want_hashes) : UNIT_DIM(want_macs), i;

	for (i = 0; i < n; i++)
		if (w[i].id == id)
			return w[i].iv_or_digest[1];
	fail_msg("trial of unknown %s %u", plain ? "hash" : "MAC", id);
	return 0;
}

static int
try_chain(struct device *d, const struct vcrypto_sym_create *create)
{
	const uint8_t *const r = (const uint8_t *)&create->req;
	const uint32_t mode = get32(r, 20), key_len = mode == 2 ? get32(r, 48) : 0;
	const bool plain = mode == 1;

	d->nb_chains++;
	assert_int_equal(get32(r, 16), 2); /* cipher, then hash */
	assert_in_range(mode, 1, 2);
	assert_int_equal(get32(r, 28), create->cipher_key_len);
	assert_true(create->cipher_key_len <= d->max_cipher_key);
	assert_int_equal(get32(r, 44), full_digest(plain, get32(r, 40)));
	assert_int_equal(create->auth_key_len, key_len);
	assert_true(key_len <= d->max_auth_key);
	/* The cipher in front must be one that the device takes. */
	assert_true(d->cipher(get32(r, 24), get32(r, 28)));
	return d->auth(plain, get32(r, 40), key_len) ? 0 : -ENOTSUP;
}

/* [virtio 5.9.9.2.1.1, 5.9.9.2.1.2] */
static int
try_alone(struct device *d, const struct vcrypto_sym_create *create)
{
	const uint8_t *const r = (const uint8_t *)&create->req;
	const bool plain = get32(r, 0) == 0x0102;
	const uint32_t key_len = plain ? 0 : get32(r, 24);

	d->nb_alone++;
	assert_int_equal(create->service, plain ? 1 : 2);
	assert_int_equal(create->req_len, plain ? 24 : 32);
	assert_int_equal(get32(r, 20), full_digest(plain, get32(r, 16)));
	assert_int_equal(create->cipher_key_len, 0);
	assert_int_equal(create->auth_key_len, key_len);
	assert_true(key_len <= d->max_auth_key);
	return d->alone(plain, get32(r, 16), key_len) ? 0 : -ENOTSUP;
}

/* [virtio 5.9.9.2.1.4] */
static int
try_aead(struct device *d, const struct vcrypto_sym_create *create)
{
	const uint8_t *const r = (const uint8_t *)&create->req;

	d->nb_aead++;
	assert_int_equal(create->service, 3);
	assert_int_equal(create->req_len, 40);
	assert_int_equal(get32(r, 20), create->cipher_key_len);
	assert_int_equal(create->auth_key_len, 0);
	assert_true(create->cipher_key_len <= d->max_cipher_key);
	return d->aead(get32(r, 16), get32(r, 20), get32(r, 24)) ? 0 : -ENOTSUP;
}

static int
trial(void *ctx, const struct vcrypto_sym_create *create)
{
	const uint8_t *const r = (const uint8_t *)&create->req;
	struct device *const d = ctx;

	d->nb++;
	if (d->err_at != 0 && d->nb >= d->err_at)
		return d->err;
	if (get32(r, 0) == 0x0102 || get32(r, 0) == 0x0202)
		return try_alone(d, create);
	if (get32(r, 0) == 0x0302)
		return try_aead(d, create);
	assert_int_equal(get32(r, 0), 0x0002); /* CIPHER_CREATE_SESSION */
	assert_int_equal(create->service, 0);
	assert_int_equal(create->req_len, 72);
	if (get32(r, 64) == 2)
		return try_chain(d, create);

	assert_int_equal(get32(r, 64), 1);
	assert_int_equal(get32(r, 20), create->cipher_key_len);
	assert_true(create->cipher_key_len <= d->max_cipher_key);
	assert_int_equal(create->auth_key_len, 0);
	return d->cipher(get32(r, 16), get32(r, 20)) ? 0 : -ENOTSUP;
}

/* ---- reading the answer ---- */

struct caps {
	struct rte_cryptodev_capabilities *array;
	uint64_t ff;
	unsigned int nb;
};

static struct vcrypto_config
config(uint64_t ciphers, uint32_t hashes, uint64_t macs)
{
	return (struct vcrypto_config){
		.max_dataqueues = 1,
		.services = SERVICE_CIPHER,
		.cipher_algo = ciphers,
		.hash_algo = hashes,
		.mac_algo = macs,
		.max_cipher_key_len = 256,
		.max_auth_key_len = 512,
		.max_size = UINT64_MAX,
	};
}

/* The NULL algorithms stand behind any others, and the tests count only those. */
static void
take_nulls(struct caps *c)
{
	static const struct rte_crypto_param_range none;
	const struct rte_cryptodev_symmetric_capability *s;

	if (c->nb == 0)
		return;
	assert_true(c->nb > 2);
	s = &c->array[--c->nb].sym;
	assert_int_equal(s->xform_type, RTE_CRYPTO_SYM_XFORM_AUTH);
	assert_int_equal(s->auth.algo, A(NULL));
	assert_int_equal(s->auth.block_size, 1);
	assert_memory_equal(&s->auth.key_size, &none, sizeof(none));
	assert_memory_equal(&s->auth.digest_size, &none, sizeof(none));
	assert_memory_equal(&s->auth.aad_size, &none, sizeof(none));
	assert_memory_equal(&s->auth.iv_size, &none, sizeof(none));
	s = &c->array[--c->nb].sym;
	assert_int_equal(s->xform_type, RTE_CRYPTO_SYM_XFORM_CIPHER);
	assert_int_equal(s->cipher.algo, C(NULL));
	assert_int_equal(s->cipher.block_size, 1);
	assert_memory_equal(&s->cipher.key_size, &none, sizeof(none));
	assert_memory_equal(&s->cipher.iv_size, &none, sizeof(none));
	assert_int_equal(s->cipher.dataunit_set, 0);
}

static struct caps
build(const struct vcrypto_config *cfg, enum vcrypto_caps_mode mode, struct device *d)
{
	struct caps c = { 0 };

	if (d->cipher == NULL)
		d->cipher = any_cipher;
	if (d->auth == NULL)
		d->auth = any_auth;
	if (d->alone == NULL)
		d->alone = any_auth;
	if (d->aead == NULL)
		d->aead = any_aead;
	d->max_cipher_key = cfg->max_cipher_key_len;
	d->max_auth_key = cfg->max_auth_key_len;
	assert_int_equal(vcrypto_caps_build("test", cfg, mode, trial, d, &c.array, &c.ff), 0);
	assert_non_null(c.array);
	while (c.array[c.nb].op != RTE_CRYPTO_OP_TYPE_UNDEFINED)
		assert_int_equal(c.array[c.nb++].op, RTE_CRYPTO_OP_TYPE_SYMMETRIC);
	take_nulls(&c);
	return c;
}

static const struct rte_cryptodev_symmetric_capability *
find(const struct caps *c, enum rte_crypto_sym_xform_type type, int algo)
{
	const struct rte_cryptodev_symmetric_capability *found = NULL;
	unsigned int i;

	for (i = 0; i < c->nb; i++) {
		const struct rte_cryptodev_symmetric_capability *const s = &c->array[i].sym;

		if (s->xform_type != type)
			continue;
		if (algo != (type == RTE_CRYPTO_SYM_XFORM_CIPHER ? (int)s->cipher.algo :
				type == RTE_CRYPTO_SYM_XFORM_AUTH ? (int)s->auth.algo :
				(int)s->aead.algo))
			continue;
		assert_null(found); /* once */
		found = s;
	}
	return found;
}

static const struct rte_cryptodev_symmetric_capability *
cipher_cap(const struct caps *c, int algo)
{
	return find(c, RTE_CRYPTO_SYM_XFORM_CIPHER, algo);
}

static const struct rte_cryptodev_symmetric_capability *
auth_cap(const struct caps *c, int algo)
{
	return find(c, RTE_CRYPTO_SYM_XFORM_AUTH, algo);
}

static const struct rte_cryptodev_symmetric_capability *
aead_cap(const struct caps *c, int algo)
{
	return find(c, RTE_CRYPTO_SYM_XFORM_AEAD, algo);
}

static void
check_range(const struct rte_crypto_param_range *r, uint16_t min, uint16_t max, uint16_t step)
{
	assert_int_equal(r->min, min);
	assert_int_equal(r->max, max);
	assert_int_equal(r->increment, step);
}

static void
check_whole(const struct rte_cryptodev_symmetric_capability *s, const struct want *w)
{
	assert_non_null(s);
	if (s->xform_type == RTE_CRYPTO_SYM_XFORM_CIPHER) {
		assert_int_equal(s->cipher.block_size, w->block);
		check_range(&s->cipher.key_size, w->key[0], w->key[1], w->key[2]);
		check_range(&s->cipher.iv_size, w->iv_or_digest[0], w->iv_or_digest[1],
			w->iv_or_digest[2]);
		assert_int_equal(s->cipher.dataunit_set, 0);
	} else {
		assert_int_equal(s->auth.block_size, w->block);
		check_range(&s->auth.key_size, w->key[0], w->key[1], w->key[2]);
		check_range(&s->auth.digest_size, w->iv_or_digest[0], w->iv_or_digest[1],
			w->iv_or_digest[2]);
		if (w == &want_gmac)
			check_range(&s->auth.iv_size, 0, 12, 12);
		else
			check_range(&s->auth.iv_size, 0, 0, 0);
		check_range(&s->auth.aad_size, 0, 0, 0);
	}
}

static void
check_aead(const struct rte_cryptodev_symmetric_capability *s, const struct want_aead *w)
{
	assert_non_null(s);
	assert_int_equal(s->aead.block_size, w->block);
	check_range(&s->aead.key_size, w->key[0], w->key[1], w->key[2]);
	check_range(&s->aead.iv_size, w->iv[0], w->iv[1], w->iv[2]);
	check_range(&s->aead.digest_size, w->tag[0], w->tag[1], w->tag[2]);
	check_range(&s->aead.aad_size, 0, 65535, 1);
}

/* ---- the table ---- */

static unsigned int
nb_sizes(const struct vcrypto_range *r)
{
	return r->step == 0 ? 1 : (r->max - r->min) / r->step + 1;
}

static void
check_key_range(const struct vcrypto_range *key)
{
	assert_true(key->min <= key->max);
	assert_true(key->step != 0 || key->min == key->max);
	assert_true(key->step == 0 || (key->max - key->min) % key->step == 0);
	/* Up to three sizes are tried one by one, longer ranges by halving. */
	assert_true(nb_sizes(key) <= 3 || key->step == 1);
	assert_true(key->max <= 512);
}

static void
test_table(void **state)
{
	const struct vcrypto_alg_cipher *c;
	const struct vcrypto_alg_auth *a;
	const struct vcrypto_alg_aead *e;
	unsigned int nb, i;

	(void)state;
	c = vcrypto_caps_ciphers(&nb);
	assert_int_equal(nb, UNIT_DIM(want_ciphers));
	for (i = 0; i < nb; i++) {
		assert_ptr_equal(vcrypto_caps_find_cipher(c[i].algo), &c[i]);
		check_key_range(&c[i].key);
		assert_true(rte_is_power_of_2(c[i].block));
		assert_true(c[i].min_len >= c[i].block);
		assert_true(c[i].iv_wire <= 16);
		assert_true(c[i].iv.max == c[i].iv_wire);
	}
	for (i = 0; i < UNIT_DIM(want_ciphers); i++) {
		const struct vcrypto_alg_cipher *const row =
			vcrypto_caps_find_cipher(want_ciphers[i].algo);

		assert_non_null(row);
		assert_int_equal(row->id, want_ciphers[i].id);
	}
	/* What the data length must be a multiple of. */
	assert_int_equal(vcrypto_caps_find_cipher(C(AES_CBC))->block, 16);
	assert_int_equal(vcrypto_caps_find_cipher(C(3DES_ECB))->block, 8);
	assert_int_equal(vcrypto_caps_find_cipher(C(AES_CTR))->block, 1);
	assert_int_equal(vcrypto_caps_find_cipher(C(AES_XTS))->block, 1);
	assert_int_equal(vcrypto_caps_find_cipher(C(AES_XTS))->min_len, 16);

	a = vcrypto_caps_auths(&nb);
	assert_int_equal(nb, UNIT_DIM(want_hashes) + UNIT_DIM(want_macs) + 1);
	for (i = 0; i < nb; i++) {
		assert_ptr_equal(vcrypto_caps_find_auth(a[i].algo), &a[i]);
		check_key_range(&a[i].key);
		assert_true(a[i].digest <= 64);
		assert_int_equal(a[i].gmac, a[i].algo == A(AES_GMAC));
		assert_int_equal(a[i].iv.max, a[i].gmac ? 12 : 0);
	}

	e = vcrypto_caps_aeads(&nb);
	assert_int_equal(nb, UNIT_DIM(want_aeads));
	for (i = 0; i < nb; i++) {
		assert_ptr_equal(vcrypto_caps_find_aead(e[i].algo), &e[i]);
		check_key_range(&e[i].key);
		assert_int_equal(e[i].id, want_aeads[i].id);
	}
}

/* Algorithms that cannot be said in a chain, or have no number. */
static void
test_absent(void **state)
{
	(void)state;
	assert_null(vcrypto_caps_find_aead(0));
	assert_null(vcrypto_caps_find_aead(99));
	assert_null(vcrypto_caps_find_auth(A(SNOW3G_UIA2)));
	assert_null(vcrypto_caps_find_auth(A(ZUC_EIA3)));
	assert_null(vcrypto_caps_find_auth(A(NULL)));
	assert_null(vcrypto_caps_find_auth(A(SHA3_256_HMAC)));
	assert_null(vcrypto_caps_find_auth(0));
	assert_null(vcrypto_caps_find_cipher(C(NULL)));
	assert_null(vcrypto_caps_find_cipher(C(AES_DOCSISBPI)));
	assert_null(vcrypto_caps_find_cipher(0));
	assert_null(vcrypto_caps_find_cipher(99999));
}

/* ---- masks ---- */

/* One bit, one capability; undefined bits, none. [virtio 5.9.5.2] */
static void
test_each_cipher_bit(void **state)
{
	unsigned int id, i;

	(void)state;
	for (id = 0; id < 64; id++) {
		const struct vcrypto_config cfg = config(UINT64_C(1) << id, 0, 0);
		const struct want *w = NULL;
		struct device d = { 0 };
		struct caps c = build(&cfg, VCRYPTO_CAPS_ADVERTISED, &d);

		for (i = 0; i < UNIT_DIM(want_ciphers); i++)
			if (want_ciphers[i].id == id)
				w = &want_ciphers[i];
		assert_int_equal(c.nb, w != NULL ? 1 : 0);
		assert_int_equal(c.ff, w != NULL ? RTE_CRYPTODEV_FF_SYMMETRIC_CRYPTO : 0);
		if (w != NULL)
			check_whole(cipher_cap(&c, w->algo), w);
		rte_free(c.array);
	}
}

static void
check_each_auth_bit(const struct want *wants, size_t nb_wants, unsigned int nb_bits, bool hash)
{
	unsigned int id;
	size_t i;

	for (id = 0; id < nb_bits; id++) {
		/* Bit 3: AES-CBC, which stands in front. */
		const struct vcrypto_config cfg = hash ? config(1u << 3, 1u << id, 0) :
							 config(1u << 3, 0, UINT64_C(1) << id);
		const struct want *w = NULL;
		struct device d = { 0 };
		struct caps c = build(&cfg, VCRYPTO_CAPS_ADVERTISED, &d);

		for (i = 0; i < nb_wants; i++)
			if (wants[i].id == id)
				w = &wants[i];
		assert_int_equal(c.nb, w != NULL ? 2 : 1);
		assert_int_equal(c.ff, RTE_CRYPTODEV_FF_SYMMETRIC_CRYPTO |
			(w != NULL ? RTE_CRYPTODEV_FF_SYM_OPERATION_CHAINING : 0));
		if (w != NULL)
			check_whole(auth_cap(&c, w->algo), w);
		rte_free(c.array);
	}
}

/* The same for those alone: without the CIPHER service, with theirs. */
static void
check_each_alone_bit(const struct want *wants, size_t nb_wants, unsigned int nb_bits, bool hash)
{
	unsigned int id;
	size_t i;

	for (id = 0; id < nb_bits; id++) {
		struct vcrypto_config cfg = hash ? config(1u << 3, 1u << id, 0) :
						   config(1u << 3, 0, UINT64_C(1) << id);
		const struct want *w = NULL;
		struct device d = { 0 };
		struct caps c;

		for (i = 0; i < nb_wants; i++)
			if (wants[i].id == id)
				w = &wants[i];
		cfg.services = hash ? SERVICE_HASH : SERVICE_MAC;
		c = build(&cfg, VCRYPTO_CAPS_ADVERTISED, &d);
		assert_int_equal(c.nb, w != NULL);
		assert_int_equal(c.ff, w != NULL ? RTE_CRYPTODEV_FF_SYMMETRIC_CRYPTO : 0);
		assert_int_equal(d.nb_alone, d.nb);
		if (w != NULL)
			check_whole(auth_cap(&c, w->algo), w);
		rte_free(c.array);
		/* The other service's bit says nothing of it. */
		cfg.services = hash ? SERVICE_MAC : SERVICE_HASH;
		c = build(&cfg, VCRYPTO_CAPS_ADVERTISED, &d);
		assert_int_equal(c.nb, 0);
		rte_free(c.array);
	}
}

static void
test_each_alone_bit(void **state)
{
	(void)state;
	check_each_alone_bit(want_hashes, UNIT_DIM(want_hashes), 32, true);
	check_each_alone_bit(want_macs, UNIT_DIM(want_macs), 64, false);
}

/* GCM brings GMAC with it; both or neither. */
static void
test_each_aead_bit(void **state)
{
	unsigned int id, i;

	(void)state;
	for (id = 0; id < 32; id++) {
		struct vcrypto_config cfg = config(ALL64, ALL32, ALL64);
		const struct want_aead *w = NULL;
		struct device d = { 0 };
		struct caps c;

		for (i = 0; i < UNIT_DIM(want_aeads); i++)
			if (want_aeads[i].id == id)
				w = &want_aeads[i];
		cfg.services = SERVICE_AEAD;
		cfg.aead_algo = 1u << id;
		c = build(&cfg, VCRYPTO_CAPS_ADVERTISED, &d);
		assert_int_equal(c.nb, w == NULL ? 0 : id == 1 ? 2 : 1);
		assert_int_equal(c.ff, w != NULL ? RTE_CRYPTODEV_FF_SYMMETRIC_CRYPTO : 0);
		assert_int_equal(d.nb_aead, d.nb);
		assert_in_range(d.nb, 0, 20);
		if (w != NULL)
			check_aead(aead_cap(&c, w->algo), w);
		if (id == 1)
			check_whole(auth_cap(&c, A(AES_GMAC)), &want_gmac);
		rte_free(c.array);
		/* Not without the service. */
		cfg.services = 0;
		c = build(&cfg, VCRYPTO_CAPS_ADVERTISED, &d);
		assert_int_equal(c.nb, 0);
		rte_free(c.array);
	}
}

/* Tags from the longest down to the first that is refused; keys as with ciphers. */
static bool
long_tags(unsigned int id, uint32_t key_len, uint32_t tag_len)
{
	return id == 1 && key_len != 24 && (tag_len >= 12 || tag_len == 8 || tag_len == 4);
}

static bool
whole_tags(unsigned int id, uint32_t key_len, uint32_t tag_len)
{
	(void)id;
	return tag_len == 16 && key_len == 32;
}

static void
test_some_aead_lengths(void **state)
{
	struct vcrypto_config cfg = config(0, 0, 0);
	struct device d = { .aead = long_tags };
	struct caps c;

	(void)state;
	cfg.services = SERVICE_AEAD;
	cfg.aead_algo = ALL32;
	c = build(&cfg, VCRYPTO_CAPS_ADVERTISED, &d);
	assert_int_equal(c.nb, 2);
	check_range(&aead_cap(&c, E(AES_GCM))->aead.key_size, 16, 32, 16);
	check_range(&aead_cap(&c, E(AES_GCM))->aead.digest_size, 12, 16, 1);
	check_range(&auth_cap(&c, A(AES_GMAC))->auth.key_size, 16, 32, 16);
	rte_free(c.array);

	d.aead = whole_tags;
	c = build(&cfg, VCRYPTO_CAPS_ADVERTISED, &d);
	assert_int_equal(c.nb, 4);
	check_range(&aead_cap(&c, E(AES_CCM))->aead.key_size, 32, 32, 0);
	check_range(&aead_cap(&c, E(AES_CCM))->aead.digest_size, 16, 16, 0);
	rte_free(c.array);

	/* The cipher key limit is AEAD's, too. */
	d.aead = any_aead;
	cfg.max_cipher_key_len = 16;
	cfg.max_auth_key_len = 512;
	c = build(&cfg, VCRYPTO_CAPS_ADVERTISED, &d);
	check_range(&aead_cap(&c, E(AES_GCM))->aead.key_size, 16, 16, 0);
	check_range(&auth_cap(&c, A(AES_GMAC))->auth.key_size, 16, 16, 0);
	assert_null(aead_cap(&c, E(CHACHA20_POLY1305)));
	rte_free(c.array);
}

/* A capability stands for either place; each is tried, and one is enough. */
static void
test_chain_or_alone(void **state)
{
	struct vcrypto_config cfg = config(1u << 3, 1u << 2, 1u << 2);
	struct device d = { .auth = no_auth };
	struct caps c;

	(void)state;
	cfg.services = SERVICE_CIPHER | SERVICE_HASH | SERVICE_MAC;
	c = build(&cfg, VCRYPTO_CAPS_ADVERTISED, &d);
	assert_int_equal(c.nb, 3);
	assert_int_equal(c.ff, RTE_CRYPTODEV_FF_SYMMETRIC_CRYPTO);
	assert_true(d.nb_chains >= 2 && d.nb_alone >= 2);
	rte_free(c.array);

	d = (struct device){ .alone = no_auth };
	c = build(&cfg, VCRYPTO_CAPS_ADVERTISED, &d);
	assert_int_equal(c.nb, 3);
	assert_int_equal(c.ff, RTE_CRYPTODEV_FF_SYMMETRIC_CRYPTO |
		RTE_CRYPTODEV_FF_SYM_OPERATION_CHAINING);
	rte_free(c.array);

	d = (struct device){ .auth = no_auth, .alone = no_auth };
	c = build(&cfg, VCRYPTO_CAPS_ADVERTISED, &d);
	assert_int_equal(c.nb, 1);
	rte_free(c.array);
}

static void
test_each_auth_bit(void **state)
{
	(void)state;
	check_each_auth_bit(want_hashes, UNIT_DIM(want_hashes), 32, true);
	check_each_auth_bit(want_macs, UNIT_DIM(want_macs), 64, false);
}

/* Everything at once, undefined bits too; and that this costs no thousands of commands. */
static void
test_all_bits(void **state)
{
	const struct vcrypto_config cfg = config(ALL64, ALL32, ALL64);
	struct device d = { 0 };
	struct caps c = build(&cfg, VCRYPTO_CAPS_ADVERTISED, &d);
	size_t i;

	(void)state;
	assert_int_equal(c.nb, UNIT_DIM(want_ciphers) + UNIT_DIM(want_hashes) +
		UNIT_DIM(want_macs));
	for (i = 0; i < UNIT_DIM(want_ciphers); i++)
		check_whole(cipher_cap(&c, want_ciphers[i].algo), &want_ciphers[i]);
	for (i = 0; i < UNIT_DIM(want_hashes); i++)
		check_whole(auth_cap(&c, want_hashes[i].algo), &want_hashes[i]);
	for (i = 0; i < UNIT_DIM(want_macs); i++)
		check_whole(auth_cap(&c, want_macs[i].algo), &want_macs[i]);
	assert_in_range(d.nb, c.nb, 100);
	rte_free(c.array);
}

/* Masks mean something only for a service that is offered. [virtio 5.9.5] */
static void
test_no_cipher_service(void **state)
{
	struct vcrypto_config cfg = config(ALL64, ALL32, ALL64);
	struct device d = { 0 };
	struct caps c;

	(void)state;
	cfg.services = ALL32 & ~SERVICE_CIPHER;
	c = build(&cfg, VCRYPTO_CAPS_ADVERTISED, &d);
	assert_int_equal(c.nb, UNIT_DIM(want_hashes) + UNIT_DIM(want_macs));
	assert_int_equal(c.ff, RTE_CRYPTODEV_FF_SYMMETRIC_CRYPTO);
	assert_int_equal(d.nb, d.nb_alone);
	rte_free(c.array);
	cfg.services = ALL32 & ~(SERVICE_CIPHER | SERVICE_HASH | SERVICE_MAC);
	d = (struct device){ 0 };
	c = build(&cfg, VCRYPTO_CAPS_ADVERTISED, &d);
	assert_int_equal(c.nb, 0);
	assert_int_equal(c.ff, 0);
	assert_int_equal(d.nb, 0);
	rte_free(c.array);
}

/* ---- limits ---- */

/* The device asserts in each trial that its limits are kept. [virtio 5.9.5.2] */
static void
test_cipher_key_limit(void **state)
{
	struct vcrypto_config cfg = config(ALL64, 0, 0);
	struct device d = { 0 };
	struct caps c;

	(void)state;
	cfg.max_cipher_key_len = 24;
	c = build(&cfg, VCRYPTO_CAPS_ADVERTISED, &d);
	check_range(&cipher_cap(&c, C(AES_CBC))->cipher.key_size, 16, 24, 8);
	check_range(&cipher_cap(&c, C(3DES_CBC))->cipher.key_size, 8, 24, 8);
	check_range(&cipher_cap(&c, C(ARC4))->cipher.key_size, 5, 24, 1);
	assert_null(cipher_cap(&c, C(AES_XTS)));
	assert_null(cipher_cap(&c, C(AES_F8)));
	rte_free(c.array);

	/* Between two sizes; and too short for the 24 bytes that any 3DES key has on the wire. */
	cfg.max_cipher_key_len = 23;
	c = build(&cfg, VCRYPTO_CAPS_ADVERTISED, &d);
	check_range(&cipher_cap(&c, C(AES_CBC))->cipher.key_size, 16, 16, 0);
	check_range(&cipher_cap(&c, C(DES_CBC))->cipher.key_size, 8, 8, 0);
	check_range(&cipher_cap(&c, C(ARC4))->cipher.key_size, 5, 23, 1);
	assert_null(cipher_cap(&c, C(3DES_CBC)));
	assert_null(cipher_cap(&c, C(3DES_CTR)));
	assert_null(cipher_cap(&c, C(3DES_ECB)));
	rte_free(c.array);

	cfg.max_cipher_key_len = 63;
	c = build(&cfg, VCRYPTO_CAPS_ADVERTISED, &d);
	check_range(&cipher_cap(&c, C(AES_XTS))->cipher.key_size, 32, 32, 0);
	check_range(&cipher_cap(&c, C(AES_F8))->cipher.key_size, 32, 48, 16);
	rte_free(c.array);

	cfg.max_cipher_key_len = ALL32;
	c = build(&cfg, VCRYPTO_CAPS_ADVERTISED, &d);
	check_range(&cipher_cap(&c, C(ARC4))->cipher.key_size, 5, 256, 1);
	rte_free(c.array);

	cfg.max_cipher_key_len = 0;
	d.nb = 0;
	c = build(&cfg, VCRYPTO_CAPS_ADVERTISED, &d);
	assert_int_equal(c.nb, 0);
	assert_int_equal(d.nb, 0);
	rte_free(c.array);
}

static void
test_auth_key_limit(void **state)
{
	struct vcrypto_config cfg = config(1u << 3, ALL32, ALL64);
	struct device d = { 0 };
	struct caps c;

	(void)state;
	cfg.max_auth_key_len = 20;
	c = build(&cfg, VCRYPTO_CAPS_ADVERTISED, &d);
	check_range(&auth_cap(&c, A(SHA512_HMAC))->auth.key_size, 1, 20, 1);
	check_range(&auth_cap(&c, A(AES_CMAC))->auth.key_size, 16, 16, 0);
	check_range(&auth_cap(&c, A(SHA1))->auth.key_size, 0, 0, 0);
	rte_free(c.array);

	cfg.max_auth_key_len = 1;
	c = build(&cfg, VCRYPTO_CAPS_ADVERTISED, &d);
	check_range(&auth_cap(&c, A(SHA1_HMAC))->auth.key_size, 1, 1, 0);
	assert_null(auth_cap(&c, A(AES_CMAC)));
	rte_free(c.array);

	/* No keys at all: hashes need none. */
	cfg.max_auth_key_len = 0;
	c = build(&cfg, VCRYPTO_CAPS_ADVERTISED, &d);
	assert_null(auth_cap(&c, A(SHA1_HMAC)));
	assert_non_null(auth_cap(&c, A(SHA1)));
	rte_free(c.array);

	cfg.max_auth_key_len = ALL32;
	c = build(&cfg, VCRYPTO_CAPS_ADVERTISED, &d);
	check_range(&auth_cap(&c, A(MD5_HMAC))->auth.key_size, 1, 512, 1);
	rte_free(c.array);
}

/* ---- trials ---- */

/* As QEMU's built-in back end: ECB, CBC, CTR, XTS and 3DES work, chains do not. */
static bool
qemu_cipher(unsigned int id, uint32_t key_len)
{
	(void)key_len;
	return id == 2 || id == 3 || id == 4 || id == 13 || (id >= 7 && id <= 9);
}

static void
test_refused_is_dropped(void **state)
{
	/* It advertises AES-CBC and SHA1, with the HASH and MAC services set. */
	struct vcrypto_config cfg = config(1u << 3, 1u << 2, 0);
	struct device d = { .cipher = qemu_cipher, .auth = no_auth, .alone = no_auth,
		.aead = no_aead };
	struct caps c;

	(void)state;
	cfg.services = 0x17;
	cfg.max_cipher_key_len = 64;
	c = build(&cfg, VCRYPTO_CAPS_ADVERTISED, &d);
	assert_int_equal(c.nb, 1);
	assert_non_null(cipher_cap(&c, C(AES_CBC)));
	assert_int_equal(c.ff, RTE_CRYPTODEV_FF_SYMMETRIC_CRYPTO);
	assert_int_equal(d.nb_chains, 1); /* it was asked */
	assert_int_equal(d.nb_alone, 1);
	rte_free(c.array);
}

static void
test_probe_finds_unadvertised(void **state)
{
	struct vcrypto_config cfg = config(1u << 3, 0, 0);
	struct device d = { .cipher = qemu_cipher, .auth = no_auth, .alone = no_auth,
		.aead = no_aead };
	struct caps c;

	(void)state;
	cfg.services = 0; /* not even the service */
	cfg.max_cipher_key_len = 64;
	c = build(&cfg, VCRYPTO_CAPS_PROBE, &d);
	assert_int_equal(c.nb, 7);
	assert_non_null(cipher_cap(&c, C(AES_ECB)));
	assert_non_null(cipher_cap(&c, C(AES_CBC)));
	assert_non_null(cipher_cap(&c, C(AES_CTR)));
	assert_non_null(cipher_cap(&c, C(AES_XTS)));
	assert_non_null(cipher_cap(&c, C(3DES_ECB)));
	assert_non_null(cipher_cap(&c, C(3DES_CBC)));
	assert_non_null(cipher_cap(&c, C(3DES_CTR)));
	rte_free(c.array);

	/* Limits hold in this mode too; the device asserts it. */
	d.cipher = any_cipher;
	d.auth = any_auth;
	cfg.max_cipher_key_len = 16;
	cfg.max_auth_key_len = 16;
	c = build(&cfg, VCRYPTO_CAPS_PROBE, &d);
	check_range(&cipher_cap(&c, C(AES_CBC))->cipher.key_size, 16, 16, 0);
	check_range(&auth_cap(&c, A(SHA256_HMAC))->auth.key_size, 1, 16, 1);
	rte_free(c.array);
}

/* The first cipher that works stands in front of hashes, whichever that is. */
static bool
only_snow3g(unsigned int id, uint32_t key_len)
{
	(void)key_len;
	return id == 11;
}

static bool
nothing(unsigned int id, uint32_t key_len)
{
	(void)id;
	(void)key_len;
	return false;
}

static void
test_chain_needs_a_cipher(void **state)
{
	const struct vcrypto_config cfg = config(ALL64, ALL32, ALL64);
	struct device d = { .cipher = only_snow3g };
	struct caps c;

	(void)state;
	c = build(&cfg, VCRYPTO_CAPS_ADVERTISED, &d);
	assert_int_equal(c.nb, 1 + UNIT_DIM(want_hashes) + UNIT_DIM(want_macs));
	rte_free(c.array);

	d = (struct device){ .cipher = nothing };
	c = build(&cfg, VCRYPTO_CAPS_ADVERTISED, &d);
	assert_int_equal(c.nb, 0);
	assert_int_equal(c.ff, 0);
	assert_int_equal(d.nb_chains, 0);
	rte_free(c.array);
}

/* Key sizes that a device takes, as a range that says just these. */
static uint32_t takes_min, takes_max, takes_not;

static bool
some_keys(unsigned int id, uint32_t key_len)
{
	(void)id;
	return key_len >= takes_min && key_len <= takes_max && key_len != takes_not;
}

static void
test_some_cipher_keys(void **state)
{
	static const struct {
		uint32_t min, max, not;
		uint16_t want[3];
	} cases[] = {
		{ 16, 16, 0, { 16, 16, 0 } },
		{ 24, 24, 0, { 24, 24, 0 } },
		{ 32, 32, 0, { 32, 32, 0 } },
		{ 16, 24, 0, { 16, 24, 8 } },
		{ 24, 32, 0, { 24, 32, 8 } },
		{ 16, 32, 24, { 16, 32, 16 } },
		{ 16, 32, 0, { 16, 32, 8 } },
	};
	const struct vcrypto_config cfg = config(1u << 3, 0, 0);
	size_t i;

	(void)state;
	for (i = 0; i < UNIT_DIM(cases); i++) {
		struct device d = { .cipher = some_keys };
		struct caps c;

		takes_min = cases[i].min;
		takes_max = cases[i].max;
		takes_not = cases[i].not;
		c = build(&cfg, VCRYPTO_CAPS_ADVERTISED, &d);
		check_range(&cipher_cap(&c, C(AES_CBC))->cipher.key_size, cases[i].want[0],
			cases[i].want[1], cases[i].want[2]);
		rte_free(c.array);
	}
}

/* Any run around the usual length, to the byte. */
static void
test_arc4_run(void **state)
{
	const struct vcrypto_config cfg = config(1u << 1, 0, 0);
	uint32_t min, max;

	(void)state;
	takes_not = 0;
	for (min = 1; min <= 17; min++) {
		for (max = 15; max <= 300; max += max < 20 || max > 250 ? 1 : 13) {
			struct device d = { .cipher = some_keys };
			struct caps c;
			uint16_t lo = RTE_MAX(min, 5u), hi = RTE_MIN(max, 256u);

			takes_min = min;
			takes_max = max;
			c = build(&cfg, VCRYPTO_CAPS_ADVERTISED, &d);
			assert_in_range(d.nb, 1, 15);
			if (min <= 16 && max >= 16) {
				check_range(&cipher_cap(&c, C(ARC4))->cipher.key_size, lo, hi,
					lo == hi ? 0 : 1);
			} else {
				assert_int_equal(c.nb, 0);
			}
			rte_free(c.array);
		}
	}
}

static bool
some_auth_keys(bool plain, unsigned int id, uint32_t key_len)
{
	return !plain && some_keys(id, key_len);
}

static void
test_hmac_run(void **state)
{
	static const uint16_t cases[][2] = { { 1, 64 }, { 20, 20 }, { 16, 64 }, { 14, 128 },
		{ 1, 20 }, { 20, 512 }, { 1, 511 }, { 2, 512 } };
	const struct vcrypto_config cfg = config(1u << 3, 0, 1u << 2);
	size_t i;

	(void)state;
	takes_not = 0;
	for (i = 0; i < UNIT_DIM(cases); i++) {
		struct device d = { .auth = some_auth_keys };
		const uint16_t lo = cases[i][0], hi = cases[i][1];
		struct caps c;

		takes_min = lo;
		takes_max = hi;
		c = build(&cfg, VCRYPTO_CAPS_ADVERTISED, &d);
		check_range(&auth_cap(&c, A(SHA1_HMAC))->auth.key_size, lo, hi, lo == hi ? 0 : 1);
		rte_free(c.array);
	}
}

/* A device whose sessions are all taken says nothing about its algorithms. */
static void
test_no_space(void **state)
{
	const struct vcrypto_config cfg = config(1u << 3 | 1u << 4, 1u << 4, 0);
	struct device d = { .err_at = 1, .err = -ENOSPC };
	struct caps c;

	(void)state;
	c = build(&cfg, VCRYPTO_CAPS_ADVERTISED, &d);
	assert_int_equal(c.nb, 3);
	check_whole(cipher_cap(&c, C(AES_CBC)), &want_ciphers[2]);
	check_whole(auth_cap(&c, A(SHA256)), &want_hashes[3]);
	rte_free(c.array);

	/* Where nobody advertises it, nothing speaks for it. */
	d = (struct device){ .err_at = 1, .err = -ENOSPC };
	c = build(&cfg, VCRYPTO_CAPS_PROBE, &d);
	assert_int_equal(c.nb, 3);
	rte_free(c.array);
}

/* A device that breaks ends the build, at whatever trial; nothing stays allocated. */
static void
test_broken(void **state)
{
	struct vcrypto_config cfg = config(ALL64, ALL32, ALL64);
	struct device all = { .alone = no_auth };
	struct rte_malloc_socket_stats before, after;
	struct rte_cryptodev_capabilities *out;
	unsigned int i;
	uint64_t ff;
	struct caps c;

	(void)state;
	cfg.services = ALL32;
	cfg.aead_algo = ALL32;
	c = build(&cfg, VCRYPTO_CAPS_ADVERTISED, &all);
	rte_free(c.array);
	rte_malloc_get_socket_stats(0, &before);
	for (i = 1; i <= all.nb; i++) {
		struct device d = { .cipher = any_cipher, .auth = any_auth, .alone = no_auth,
			.aead = any_aead, .err_at = i,
			.err = i & 1 ? -EIO : -ETIMEDOUT, .max_cipher_key = ALL32,
			.max_auth_key = ALL32 };

		out = (void *)&d;
		assert_int_equal(vcrypto_caps_build("test", &cfg, VCRYPTO_CAPS_ADVERTISED, trial,
			&d, &out, &ff), d.err);
		assert_null(out);
		assert_int_equal(d.nb, i); /* no further trial */
	}
	rte_malloc_get_socket_stats(0, &after);
	assert_int_equal(before.alloc_count, after.alloc_count);
	assert_int_equal(before.heap_allocsz_bytes, after.heap_allocsz_bytes);
}

/* Most tests make the driver warn; its lines are looked at where they matter. */
static int
setup(void **state)
{
	const int ret = unit_eal_setup(state);

	rte_log_set_level(vcrypto_logtype, RTE_LOG_ERR);
	return ret;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_absent),
		cmocka_unit_test(test_each_cipher_bit),
		cmocka_unit_test(test_each_auth_bit),
		cmocka_unit_test(test_each_alone_bit),
		cmocka_unit_test(test_each_aead_bit),
		cmocka_unit_test(test_some_aead_lengths),
		cmocka_unit_test(test_chain_or_alone),
		cmocka_unit_test(test_all_bits),
		cmocka_unit_test(test_no_cipher_service),
		cmocka_unit_test(test_cipher_key_limit),
		cmocka_unit_test(test_auth_key_limit),
		cmocka_unit_test(test_refused_is_dropped),
		cmocka_unit_test(test_probe_finds_unadvertised),
		cmocka_unit_test(test_chain_needs_a_cipher),
		cmocka_unit_test(test_some_cipher_keys),
		cmocka_unit_test(test_arc4_run),
		cmocka_unit_test(test_hmac_run),
		cmocka_unit_test(test_no_space),
		cmocka_unit_test(test_broken),
	};

	return cmocka_run_group_tests(tests, setup, unit_eal_teardown);
}
