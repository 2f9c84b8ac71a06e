/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The PCI capability walk over any configuration space. Input: six 32-bit BAR
 * lengths, then configuration space.
 */

#include <errno.h>

#include "fuzz.h"
#include "virtio_pci_cap.h"

#define CFG_SIZE 256
#define BARS_SIZE (4 * VCRYPTO_PCI_NB_BARS)

static int
read_config(void *arg, void *buf, uint32_t len, uint32_t off)
{
	FUZZ_CHECK(off <= CFG_SIZE && len <= CFG_SIZE - off);
	memcpy(buf, (const uint8_t *)arg + off, len);
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {data, size};
	uint64_t bar_len[VCRYPTO_PCI_NB_BARS];
	uint8_t config[CFG_SIZE];
	struct vcrypto_pci_caps caps;
	unsigned int i;
	int ret;

	for (i = 0; i < VCRYPTO_PCI_NB_BARS; i++)
		bar_len[i] = fuzz_u32(&in);
	fuzz_take(&in, config, sizeof(config));

	ret = vcrypto_pci_cap_walk(read_config, config, bar_len, &caps);
	FUZZ_CHECK(ret == 0 || ret == -ENODEV);
	if (ret != 0) {
		FUZZ_CHECK(memchr(caps.error, '\0', sizeof(caps.error)) != NULL);
		FUZZ_CHECK(caps.error[0] != '\0');
		return 0;
	}
	for (i = 0; i < VCRYPTO_PCI_STRUCT_NB; i++) {
		const struct vcrypto_pci_region *const r = &caps.region[i];

		if (r->length == 0) {
			FUZZ_CHECK(i == VCRYPTO_PCI_ISR);
			continue;
		}
		FUZZ_CHECK(r->bar < VCRYPTO_PCI_NB_BARS);
		FUZZ_CHECK((uint64_t)r->offset + r->length <= bar_len[r->bar]);
	}
	FUZZ_CHECK(caps.region[VCRYPTO_PCI_COMMON].length >= 56);
	FUZZ_CHECK(caps.region[VCRYPTO_PCI_COMMON].offset % 4 == 0);
	FUZZ_CHECK(caps.region[VCRYPTO_PCI_DEVICE].length >= 56);
	FUZZ_CHECK(caps.region[VCRYPTO_PCI_DEVICE].offset % 4 == 0);
	return 0;
}

/* A device with all structures in BAR 4, a page each, as QEMU lays them out. */
static void
write_seed(const char *folder)
{
	static const uint8_t types[] = {5, 2, 4, 3, 1};
	uint8_t seed[BARS_SIZE + CFG_SIZE] = {0};
	uint8_t *const config = seed + BARS_SIZE;
	uint8_t *cap;
	unsigned int i, pos = 0x40;

	seed[4 * 4 + 1] = 0x40; /* 16 KiB */
	config[0x06] = 0x10;
	config[0x34] = (uint8_t)pos;
	for (i = 0; i < sizeof(types); i++, pos += 20) {
		cap = config + pos;
		cap[0] = 0x09;
		cap[1] = i + 1 < sizeof(types) ? (uint8_t)(pos + 20) : 0;
		cap[2] = types[i] == 2 ? 20 : 16;
		cap[3] = types[i];
		cap[4] = 4;
		cap[9] = (uint8_t)((types[i] % 4) << 4);
		cap[13] = 0x10;
		cap[16] = types[i] == 2 ? 4 : 0;
	}
	fuzz_seed(folder, "qemu", seed, sizeof(seed));
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *const folder = fuzz_seeds_wanted(*argc, *argv);

	if (folder != NULL) {
		write_seed(folder);
		exit(0);
	}
	return 0;
}
