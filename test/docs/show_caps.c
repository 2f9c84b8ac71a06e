/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Prints what the driver can show at most: feature flags, capabilities and
 * limits, one a line. The documentation is checked against it.
 *
 *   flag NAME
 *   virtio NAME
 *   cipher NAME key MIN MAX STEP iv MIN MAX STEP
 *   auth NAME key MIN MAX STEP digest MIN MAX STEP
 *   aead NAME key MIN MAX STEP iv MIN MAX STEP tag MIN MAX STEP
 *   limit NAME NUMBER
 *
 * Capabilities come from the driver's own builder, asked in the name of a device that
 * takes every session; flags from a cryptodev over the in-process device.
 */

#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <rte_common.h>
#include <rte_cryptodev.h>
#include <rte_eal.h>
#include <rte_malloc.h>

#include "inproc.h"
#include "virtio_caps.h"
#include "virtio_cryptodev.h"
#include "virtio_features.h"
#include "virtio_slot.h"
#include "virtio_telemetry.h"

struct name {
	int algo;
	const char *name;
};

/* Names of enumerators, which DPDK itself cannot print. */
#define CIPHER(n) { RTE_CRYPTO_CIPHER_##n, #n }
static const struct name cipher_names[] = {
	CIPHER(AES_CBC), CIPHER(AES_CTR), CIPHER(AES_ECB), CIPHER(AES_XTS), CIPHER(AES_F8),
	CIPHER(3DES_CBC), CIPHER(3DES_CTR), CIPHER(3DES_ECB), CIPHER(DES_CBC), CIPHER(ARC4),
	CIPHER(KASUMI_F8), CIPHER(SNOW3G_UEA2), CIPHER(ZUC_EEA3), CIPHER(NULL),
};

#define AUTH(n) { RTE_CRYPTO_AUTH_##n, #n }
static const struct name auth_names[] = {
	AUTH(MD5), AUTH(SHA1), AUTH(SHA224), AUTH(SHA256), AUTH(SHA384), AUTH(SHA512),
	AUTH(SHA3_224), AUTH(SHA3_256), AUTH(SHA3_384), AUTH(SHA3_512),
	AUTH(MD5_HMAC), AUTH(SHA1_HMAC), AUTH(SHA224_HMAC), AUTH(SHA256_HMAC), AUTH(SHA384_HMAC),
	AUTH(SHA512_HMAC), AUTH(AES_CMAC), AUTH(AES_XCBC_MAC), AUTH(AES_CBC_MAC), AUTH(AES_GMAC),
	AUTH(KASUMI_F9), AUTH(SNOW3G_UIA2), AUTH(ZUC_EIA3), AUTH(NULL),
};

#define AEAD(n) { RTE_CRYPTO_AEAD_##n, #n }
static const struct name aead_names[] = {
	AEAD(AES_GCM), AEAD(AES_CCM), AEAD(CHACHA20_POLY1305),
};

static void __rte_noreturn
die(const char *what, int ret)
{
	fprintf(stderr, "show-caps: %s: %d\n", what, ret);
	exit(1);
}

static const char *
name_of(const struct name *names, unsigned int nb, int algo)
{
	unsigned int i;

	for (i = 0; i < nb; i++)
		if (names[i].algo == algo)
			return names[i].name;
	die("an algorithm has no name here", algo);
}

static int
accept_all(void *ctx, const struct vcrypto_sym_create *create)
{
	RTE_SET_USED(ctx);
	RTE_SET_USED(create);
	return 0;
}

static void
show_range(const char *what, const struct rte_crypto_param_range *r, const char *end)
{
	printf(" %s %u %u %u%s", what, r->min, r->max, r->increment, end);
}

static void
show_capabilities(void)
{
	const struct vcrypto_config config = {
		.max_dataqueues = 1,
		.max_cipher_key_len = UINT32_MAX,
		.max_auth_key_len = UINT32_MAX,
		.max_size = UINT64_MAX,
	};
	struct rte_cryptodev_capabilities *caps, *c;
	uint64_t flags;
	int ret;

	ret = vcrypto_caps_build("show-caps", &config, VCRYPTO_CAPS_PROBE, accept_all, NULL, &caps,
			&flags);
	if (ret < 0)
		die("capabilities", ret);
	for (c = caps; c->op != RTE_CRYPTO_OP_TYPE_UNDEFINED; c++) {
		if (c->op != RTE_CRYPTO_OP_TYPE_SYMMETRIC)
			die("a capability of another kind of op", c->op);
		switch (c->sym.xform_type) {
		case RTE_CRYPTO_SYM_XFORM_CIPHER:
			printf("cipher %s", name_of(cipher_names, RTE_DIM(cipher_names),
					c->sym.cipher.algo));
			show_range("key", &c->sym.cipher.key_size, "");
			show_range("iv", &c->sym.cipher.iv_size, "\n");
			break;
		case RTE_CRYPTO_SYM_XFORM_AUTH:
			printf("auth %s", name_of(auth_names, RTE_DIM(auth_names),
					c->sym.auth.algo));
			show_range("key", &c->sym.auth.key_size, "");
			show_range("digest", &c->sym.auth.digest_size, "\n");
			break;
		case RTE_CRYPTO_SYM_XFORM_AEAD:
			printf("aead %s", name_of(aead_names, RTE_DIM(aead_names),
					c->sym.aead.algo));
			show_range("key", &c->sym.aead.key_size, "");
			show_range("iv", &c->sym.aead.iv_size, "");
			show_range("tag", &c->sym.aead.digest_size, "\n");
			break;
		default:
			die("a capability of another xform", c->sym.xform_type);
		}
	}
	rte_free(caps);
}

/* Asymmetric algorithms, of the device in the process: trial sessions tell, as everywhere. */
static void
show_asym(const struct rte_cryptodev_capabilities *c)
{
	for (; c->op != RTE_CRYPTO_OP_TYPE_UNDEFINED; c++) {
		if (c->op != RTE_CRYPTO_OP_TYPE_ASYMMETRIC)
			continue;
		switch (c->asym.xform_capa.xform_type) {
		case RTE_CRYPTO_ASYM_XFORM_RSA:
			printf("asym RSA\n");
			break;
		case RTE_CRYPTO_ASYM_XFORM_ECDSA:
			printf("asym ECDSA\n");
			break;
		default:
			die("an asymmetric xform", c->asym.xform_capa.xform_type);
		}
	}
}

static void
show_flags(void)
{
	const struct inproc_cfg cfg = { .engine = INPROC_ENGINE_LIBCRYPTO };
	struct rte_cryptodev_info info;
	struct inproc *device;
	unsigned int bit;
	int dev_id;

	dev_id = inproc_cryptodev_create("show_caps", &cfg, VCRYPTO_ARG_CAPS "=probe", &device);
	if (dev_id < 0)
		die("no device", dev_id);
	rte_cryptodev_info_get(dev_id, &info);
	for (bit = 0; bit < 64; bit++) {
		const uint64_t flag = UINT64_C(1) << bit;

		/* One of them has no name in the library of 22.11. */
		if (info.feature_flags & flag)
			printf("flag %s\n", flag == RTE_CRYPTODEV_FF_SYM_RAW_DP ? "SYM_RAW_DP" :
				rte_cryptodev_get_feature_name(flag));
	}
	show_asym(info.capabilities);
	inproc_cryptodev_destroy("show_caps", device);
}

/* Feature bits of virtio that the driver obeys. */
static void
show_virtio(void)
{
	const char *name;
	unsigned int bit;

	for (bit = 0; bit < 64; bit++) {
		if (!(VCRYPTO_SUPPORTED_FEATURES & UINT64_C(1) << bit))
			continue;
		name = vcrypto_telemetry_feature_name(bit);
		if (name == NULL)
			die("a feature without a name", bit);
		printf("virtio %s\n", name);
	}
}

int
main(void)
{
	char prefix[32], core[16];
	char prog[] = "show-caps", no_huge[] = "--no-huge", m[] = "-m", mem[] = "128",
	     no_pci[] = "--no-pci", no_shconf[] = "--no-shconf", no_tele[] = "--no-telemetry",
	     level[] = "--log-level=error", fp[] = "--file-prefix", l[] = "-l";
	char *argv[] = {prog, no_huge, m, mem, no_pci, no_shconf, no_tele, level, fp, prefix, l,
		core};
	int ret;

	snprintf(prefix, sizeof(prefix), "vcshow%d", (int)getpid());
	snprintf(core, sizeof(core), "%d", sched_getcpu());
	ret = rte_eal_init(RTE_DIM(argv), argv);
	if (ret < 0)
		die("EAL", ret);
	show_flags();
	show_virtio();
	show_capabilities();
	printf("limit timeout_ms %u\n", VCRYPTO_DEFAULT_TIMEOUT_MS);
	printf("limit max_timeout_ms %u\n", VCRYPTO_MAX_TIMEOUT_MS);
	printf("limit descriptors %u\n", VCRYPTO_SLOT_EXT_DESC);
	printf("limit min_queue %u\n", VCRYPTO_QUEUE_MIN_SIZE);
	printf("limit max_queue %u\n", VIRTQ_MAX_SIZE);
	rte_eal_cleanup();
	return 0;
}
