/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Any device configuration, and any answers to the trial sessions. Input: mode,
 * configuration space, then one byte for each trial.
 */

#include <errno.h>

#include <rte_cryptodev.h>
#include <rte_malloc.h>

#include "fuzz.h"
#include "virtio_caps.h"
#include "virtio_codec.h"

#define MAX_CAPS 256

/* What a trial can report; -EIO, which ends the building, is left rare. */
static int
trial(void *ctx, const struct vcrypto_sym_create *create)
{
	struct fuzz_input *const in = ctx;

	FUZZ_CHECK(create->cipher_key_len + create->auth_key_len <= VCRYPTO_CREATE_KEY_MAX);
	switch (fuzz_u8(in)) {
	case 1:
		return -ENOTSUP;
	case 2:
		return -EINVAL;
	case 3:
		return -ENOSPC;
	case 0xfe:
		return -EIO;
	case 0xff:
		return -ETIMEDOUT;
	default:
		return 0;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {data, size};
	struct rte_cryptodev_capabilities *caps = NULL;
	struct virtio_crypto_config raw;
	struct vcrypto_config cfg;
	enum vcrypto_caps_mode mode;
	uint64_t ff = 0;
	unsigned int n;
	int ret;

	mode = fuzz_u8(&in) % 2 != 0 ? VCRYPTO_CAPS_PROBE : VCRYPTO_CAPS_ADVERTISED;
	fuzz_take(&in, &raw, sizeof(raw));

	ret = vcrypto_caps_parse_config("fuzz", &raw, &cfg);
	FUZZ_CHECK(ret == 0 || ret == -EINVAL);
	if (ret != 0)
		return 0;
	FUZZ_CHECK(cfg.max_dataqueues >= 1 && cfg.max_dataqueues <= UINT16_MAX);
	FUZZ_CHECK(cfg.max_size != 0);

	ret = vcrypto_caps_build("fuzz", &cfg, mode, trial, &in, &caps, &ff);
	FUZZ_CHECK(ret == 0 || ret == -ENOMEM || ret == -EIO || ret == -ETIMEDOUT);
	if (ret != 0)
		return 0;
	FUZZ_CHECK(caps != NULL);
	for (n = 0; caps[n].op != RTE_CRYPTO_OP_TYPE_UNDEFINED; n++)
		FUZZ_CHECK(n < MAX_CAPS);
	FUZZ_CHECK(n == 0 || (ff & RTE_CRYPTODEV_FF_SYMMETRIC_CRYPTO) != 0);
	rte_free(caps);
	return 0;
}

static void
write_seeds(const char *folder)
{
	uint8_t seed[1 + sizeof(struct virtio_crypto_config)] = {0};
	struct virtio_crypto_config *const raw = (struct virtio_crypto_config *)(seed + 1);

	/* As QEMU's built-in device, and one that says everything. */
	raw->status = rte_cpu_to_le_32(VIRTIO_CRYPTO_S_HW_READY);
	raw->max_dataqueues = rte_cpu_to_le_32(1);
	raw->crypto_services = rte_cpu_to_le_32(0x7);
	raw->cipher_algo_l = rte_cpu_to_le_32(1u << VIRTIO_CRYPTO_CIPHER_AES_CBC);
	raw->max_cipher_key_len = rte_cpu_to_le_32(64);
	raw->max_auth_key_len = rte_cpu_to_le_32(512);
	raw->max_size = rte_cpu_to_le_64(UINT64_MAX);
	fuzz_seed(folder, "qemu", seed, sizeof(seed));
	raw->crypto_services = rte_cpu_to_le_32(UINT32_MAX);
	raw->cipher_algo_l = rte_cpu_to_le_32(UINT32_MAX);
	raw->hash_algo = rte_cpu_to_le_32(UINT32_MAX);
	raw->mac_algo_l = rte_cpu_to_le_32(UINT32_MAX);
	raw->mac_algo_h = rte_cpu_to_le_32(UINT32_MAX);
	fuzz_seed(folder, "all", seed, sizeof(seed));
	seed[0] = 1;
	fuzz_seed(folder, "probe", seed, sizeof(seed));
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *const folder = fuzz_seeds_wanted(*argc, *argv);

	if (folder != NULL) {
		write_seeds(folder);
		exit(0);
	}
	fuzz_eal_init();
	return 0;
}
