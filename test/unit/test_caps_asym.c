/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Asymmetric capabilities: configuration and trial sessions in, capabilities out. What is expected
 * stands here once more, from the specification (5.9.5.7, 5.9.9.2.1.5), and trials are read at its
 * offsets.
 */

#include "unit_eal.h"

#include <errno.h>

#include <rte_cryptodev.h>

#include "virtio_caps.h"
#include "virtio_codec_asym.h"

#define SERVICE_AKCIPHER 0x10
#define RSA 0x02 /* bits of akcipher_algo */
#define ID_2 0x04
#define ID_3 0x08

/* A device. */
static struct {
	uint32_t max_len; /* of RSA moduli, bytes; 0: no RSA */
	uint32_t min_len;
	uint32_t ecdsa_id; /* 0: no ECDSA */
	uint32_t curves; /* bits */
	int fail; /* what a trial returns instead */
	unsigned int fail_after; /* trials that are answered before */
	unsigned int trials, rsa, ecdsa;
} dev;

static int
trial(void *ctx, const struct vcrypto_asym_create *create)
{
	const uint8_t *const req = (const uint8_t *)&create->req;
	const uint8_t *key = create->key;
	uint32_t len, algo;

	assert_ptr_equal(ctx, &dev);
	assert_int_equal(get32(req, 0), 0x0404);
	algo = get32(req, 4);
	assert_int_equal(get32(req, 16), algo);
	assert_int_equal(get32(req, 24), create->key_len);
	if (dev.trials++ >= dev.fail_after && dev.fail != 0)
		return dev.fail;
	assert_int_equal(key[0], 0x30);
	if (algo == 1) {
		dev.rsa++;
		assert_int_equal(get32(req, 20), 1);
		/* What QEMU knows: with a hash, and one of four. */
		assert_int_equal(get32(req, 28), 1);
		assert_int_equal(get32(req, 32), 5);
		/* SEQUENCE and INTEGER with one to three bytes of length; the sign byte. */
		key += key[1] == 0x82 ? 4 : key[1] == 0x81 ? 3 : 2;
		assert_int_equal(key[0], 2);
		len = key[1] == 0x82 ? (uint32_t)key[2] << 8 | key[3] :
			key[1] == 0x81 ? key[2] : key[1];
		key += key[1] == 0x82 ? 4 : key[1] == 0x81 ? 3 : 2;
		assert_int_equal(key[0], 0);
		assert_true(key[1] & 0x80);
		assert_true(key[len - 1] & 1);
		assert_memory_equal(key + len, ((const uint8_t[]){2, 3, 1, 0, 1}), 5);
		assert_ptr_equal(key + len + 5, create->key + create->key_len);
		return len - 1 <= dev.max_len && len - 1 >= dev.min_len ? 0 : -EINVAL;
	}
	dev.ecdsa++;
	assert_int_equal(get32(req, 20), 2);
	if (algo != dev.ecdsa_id)
		return -ENOTSUP;
	return dev.curves >> get32(req, 28) & 1 ? 0 : -ENOTSUP;
}

static struct rte_cryptodev_capabilities caps[2 + VCRYPTO_CAPS_ASYM_MAX];
static uint64_t ff;
static uint32_t got_curves;

/* Behind one symmetric capability. */
static int
add(uint32_t services, uint32_t akcipher_algo, uint64_t max_size, enum vcrypto_caps_mode mode,
		uint8_t ecdsa_id)
{
	const struct vcrypto_config cfg = {
		.services = services, .akcipher_algo = akcipher_algo, .max_size = max_size};

	memset(caps, 0, sizeof(caps));
	caps[0].op = RTE_CRYPTO_OP_TYPE_SYMMETRIC;
	ff = RTE_CRYPTODEV_FF_SYMMETRIC_CRYPTO;
	got_curves = UINT32_MAX;
	dev.trials = dev.rsa = dev.ecdsa = 0;
	return vcrypto_caps_add_asym("test", &cfg, mode, ecdsa_id, trial, &dev, caps, &ff,
		&got_curves);
}

static void
check_rsa(const struct rte_cryptodev_capabilities *c, uint16_t min, uint16_t max)
{
	assert_int_equal(c->op, RTE_CRYPTO_OP_TYPE_ASYMMETRIC);
	assert_int_equal(c->asym.xform_capa.xform_type, RTE_CRYPTO_ASYM_XFORM_RSA);
	assert_int_equal(c->asym.xform_capa.op_types, 0xf);
	assert_int_equal(c->asym.xform_capa.modlen.min, min);
	assert_int_equal(c->asym.xform_capa.modlen.max, max);
	assert_int_equal(c->asym.xform_capa.modlen.increment, 1);
}

static void
check_ecdsa(const struct rte_cryptodev_capabilities *c)
{
	assert_int_equal(c->op, RTE_CRYPTO_OP_TYPE_ASYMMETRIC);
	assert_int_equal(c->asym.xform_capa.xform_type, RTE_CRYPTO_ASYM_XFORM_ECDSA);
	assert_int_equal(c->asym.xform_capa.op_types, 1 << RTE_CRYPTO_ASYM_OP_SIGN |
		1 << RTE_CRYPTO_ASYM_OP_VERIFY);
}

#define FF_SYM RTE_CRYPTODEV_FF_SYMMETRIC_CRYPTO
#define FF_ASYM (FF_SYM | RTE_CRYPTODEV_FF_ASYMMETRIC_CRYPTO)
#define FF_RSA (FF_ASYM | RTE_CRYPTODEV_FF_RSA_PRIV_OP_KEY_EXP | \
	RTE_CRYPTODEV_FF_RSA_PRIV_OP_KEY_QT)

static void
everything(void)
{
	memset(&dev, 0, sizeof(dev));
	dev.max_len = 1024;
	dev.min_len = 64;
	dev.ecdsa_id = 2;
	dev.curves = 0x3e;
}

static void
test_advertised(void **state)
{
	(void)state;
	everything();
	assert_int_equal(add(SERVICE_AKCIPHER, RSA | ID_2, UINT64_MAX, VCRYPTO_CAPS_ADVERTISED, 2),
		0);
	check_rsa(&caps[1], 64, 1024);
	check_ecdsa(&caps[2]);
	assert_int_equal(caps[3].op, RTE_CRYPTO_OP_TYPE_UNDEFINED);
	assert_int_equal(ff, FF_RSA);
	assert_int_equal(got_curves, 0x3e);

	/* What the configuration does not name is not asked for. */
	assert_int_equal(add(0x0f, RSA | ID_2, UINT64_MAX, VCRYPTO_CAPS_ADVERTISED, 2), 0);
	assert_int_equal(dev.trials, 0);
	assert_int_equal(caps[1].op, RTE_CRYPTO_OP_TYPE_UNDEFINED);
	assert_int_equal(ff, FF_SYM);
	assert_int_equal(got_curves, 0);
	assert_int_equal(add(SERVICE_AKCIPHER, ID_2, UINT64_MAX, VCRYPTO_CAPS_ADVERTISED, 2), 0);
	assert_int_equal(dev.rsa, 0);
	check_ecdsa(&caps[1]);
	assert_int_equal(caps[2].op, RTE_CRYPTO_OP_TYPE_UNDEFINED);
	assert_int_equal(ff, FF_ASYM);
	assert_int_equal(add(SERVICE_AKCIPHER, RSA, UINT64_MAX, VCRYPTO_CAPS_ADVERTISED, 2), 0);
	assert_int_equal(dev.ecdsa, 0);
	check_rsa(&caps[1], 64, 1024);
	assert_int_equal(caps[2].op, RTE_CRYPTO_OP_TYPE_UNDEFINED);

	/* Unless that is asked for. */
	assert_int_equal(add(0, 0, UINT64_MAX, VCRYPTO_CAPS_PROBE, 2), 0);
	check_rsa(&caps[1], 64, 1024);
	check_ecdsa(&caps[2]);
}

/* Number 2 is ECDSA in the standard and DSA in Linux's header, where ECDSA is 3. */
static void
test_numbers(void **state)
{
	(void)state;
	everything();
	dev.ecdsa_id = 3;
	assert_int_equal(add(SERVICE_AKCIPHER, RSA | ID_2 | ID_3, UINT64_MAX,
		VCRYPTO_CAPS_ADVERTISED, 3), 0);
	check_ecdsa(&caps[2]);
	/* Asked for with the wrong number, it is not there. */
	assert_int_equal(add(SERVICE_AKCIPHER, RSA | ID_2 | ID_3, UINT64_MAX,
		VCRYPTO_CAPS_ADVERTISED, 2), 0);
	assert_int_equal(caps[2].op, RTE_CRYPTO_OP_TYPE_UNDEFINED);
	assert_int_equal(got_curves, 0);
	/* DSA alone is not ECDSA. */
	assert_int_equal(add(SERVICE_AKCIPHER, RSA | ID_2, UINT64_MAX, VCRYPTO_CAPS_ADVERTISED, 3),
		0);
	assert_int_equal(dev.ecdsa, 0);
	assert_int_equal(caps[2].op, RTE_CRYPTO_OP_TYPE_UNDEFINED);
}

static void
test_limits(void **state)
{
	static const struct {
		uint16_t dev_min, dev_max;
		uint64_t max_size;
		uint16_t min, max;
	} limits[] = {
		{1, 4096, UINT64_MAX, 64, 2048},
		{64, 1024, UINT64_MAX, 64, 1024},
		{128, 512, UINT64_MAX, 128, 512},
		{65, 300, UINT64_MAX, 96, 256},
		{64, 64, UINT64_MAX, 64, 64},
		/* [virtio 5.9.5.2] source, result and status */
		{64, 4096, 1025, 64, 512},
		{64, 4096, 1024, 64, 384},
		{64, 4096, 4097, 64, 2048},
		{64, 4096, 4096, 64, 1536},
	};
	size_t i;

	(void)state;
	everything();
	for (i = 0; i < UNIT_DIM(limits); i++) {
		dev.min_len = limits[i].dev_min;
		dev.max_len = limits[i].dev_max;
		assert_int_equal(add(SERVICE_AKCIPHER, RSA, limits[i].max_size,
			VCRYPTO_CAPS_ADVERTISED, 2), 0);
		check_rsa(&caps[1], limits[i].min, limits[i].max);
	}
	/* Some curves. */
	dev.curves = 0x18;
	assert_int_equal(add(SERVICE_AKCIPHER, ID_2, UINT64_MAX, VCRYPTO_CAPS_ADVERTISED, 2), 0);
	check_ecdsa(&caps[1]);
	assert_int_equal(got_curves, 0x18);
}

static void
test_refused(void **state)
{
	unsigned int n, all;

	(void)state;
	everything();
	dev.max_len = 0;
	dev.curves = 0;
	assert_int_equal(add(SERVICE_AKCIPHER, RSA | ID_2, UINT64_MAX, VCRYPTO_CAPS_ADVERTISED, 2),
		0);
	assert_int_equal(caps[1].op, RTE_CRYPTO_OP_TYPE_UNDEFINED);
	assert_int_equal(ff, FF_SYM);
	everything();
	dev.fail = -ENOSPC;
	assert_int_equal(add(SERVICE_AKCIPHER, RSA | ID_2, UINT64_MAX, VCRYPTO_CAPS_ADVERTISED, 2),
		0);
	assert_int_equal(caps[1].op, RTE_CRYPTO_OP_TYPE_UNDEFINED);
	assert_int_equal(ff, FF_SYM);
	/* A device that breaks at any of the trials. */
	everything();
	assert_int_equal(add(SERVICE_AKCIPHER, RSA | ID_2, UINT64_MAX, VCRYPTO_CAPS_ADVERTISED, 2),
		0);
	all = dev.trials;
	for (n = 0; n < all; n++) {
		dev.fail = n % 2 != 0 ? -EIO : -ETIMEDOUT;
		dev.fail_after = n;
		assert_int_equal(add(SERVICE_AKCIPHER, RSA | ID_2, UINT64_MAX,
			VCRYPTO_CAPS_ADVERTISED, 2), dev.fail);
		/* It is not asked again. */
		assert_int_equal(dev.trials, n + 1);
	}
}

/* Numbers of the standard, lengths of the curves and hashes. */
static void
test_tables(void **state)
{
	static const struct {
		int curve, id, len;
	} want_curves[] = {{19, 1, 24}, {21, 2, 28}, {23, 3, 32}, {24, 4, 48}, {25, 5, 66}};
	static const struct {
		int algo, id, len;
	} want_hashes[] = {
		{0, 0, 0}, {RTE_CRYPTO_AUTH_NULL, 0, 0}, {RTE_CRYPTO_AUTH_MD5, 4, 16},
		{RTE_CRYPTO_AUTH_SHA1, 5, 20}, {RTE_CRYPTO_AUTH_SHA256, 6, 32},
		{RTE_CRYPTO_AUTH_SHA384, 7, 48}, {RTE_CRYPTO_AUTH_SHA512, 8, 64},
		{RTE_CRYPTO_AUTH_SHA224, 9, 28},
	};
	unsigned int nb = 0;
	size_t i;
	int n;

	(void)state;
	for (i = 0; i < UNIT_DIM(want_curves); i++) {
		const struct vcrypto_alg_curve *c = vcrypto_caps_find_curve(want_curves[i].curve);

		assert_non_null(c);
		assert_int_equal(c->id, want_curves[i].id);
		assert_int_equal(c->len, want_curves[i].len);
		assert_ptr_equal(vcrypto_caps_curve(c->id), c);
	}
	for (n = 0; n < 256; n++)
		nb += vcrypto_caps_curve((uint8_t)n) != NULL;
	assert_int_equal(nb, UNIT_DIM(want_curves));
	assert_null(vcrypto_caps_find_curve(0));
	assert_null(vcrypto_caps_find_curve(22));
	for (i = 0; i < UNIT_DIM(want_hashes); i++) {
		const struct vcrypto_alg_rsa_hash *h =
			vcrypto_caps_find_rsa_hash(want_hashes[i].algo);

		assert_non_null(h);
		assert_int_equal(h->id, want_hashes[i].id);
		assert_int_equal(h->digest, want_hashes[i].len);
		assert_ptr_equal(vcrypto_caps_rsa_hash(h->id), h);
	}
	assert_null(vcrypto_caps_find_rsa_hash(RTE_CRYPTO_AUTH_SHA3_256));
	assert_null(vcrypto_caps_find_rsa_hash(RTE_CRYPTO_AUTH_SHA256_HMAC));
	assert_null(vcrypto_caps_rsa_hash(1)); /* MD2 */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_advertised),
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_tables),
	};

	return cmocka_run_group_tests(tests, unit_eal_setup, unit_eal_teardown);
}
