/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The capability walk. May include nothing but C and its own header; any thread.
 */

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "virtio_pci_cap.h"

/* PCI configuration space, the conventional part */
#define PCI_CFG_SIZE 256
#define PCI_CFG_STATUS 0x06
#define PCI_CFG_STATUS_CAP_LIST 0x10
#define PCI_CFG_CAP_POINTER 0x34
#define PCI_CFG_CAP_FIRST 0x40 /* the header ends here */
#define PCI_CFG_CAP_ID_VENDOR 0x09

/* struct virtio_pci_cap, in bytes [virtio 4.1.4] */
#define CAP_ID 0
#define CAP_NEXT 1
#define CAP_LEN 2
#define CAP_CFG_TYPE 3
#define CAP_BAR 4
#define CAP_OFFSET 8
#define CAP_LENGTH 12
#define CAP_SIZE 16
#define CAP_NOTIFY_MULTIPLIER 16
#define CAP_NOTIFY_SIZE 20

/* cfg_type [virtio 4.1.4]; all other values are not this driver's business */
#define CAP_TYPE_COMMON 1
#define CAP_TYPE_NOTIFY 2
#define CAP_TYPE_ISR 3
#define CAP_TYPE_DEVICE 4

/* What makes an instance usable. */
struct cap_rule {
	const char *name;
	uint8_t cfg_type;
	uint8_t cap_size; /* of the capability itself */
	uint8_t align; /* of the structure */
	uint8_t min_length; /* of the structure: up to the last field that every device has */
	bool required;
};

static const struct cap_rule cap_rules[VCRYPTO_PCI_STRUCT_NB] = {
	/* [virtio 4.1.4.3.1] offset 4-byte aligned; [4.1.4.3] 56 bytes to queue_device's end */
	[VCRYPTO_PCI_COMMON] = { "common configuration", CAP_TYPE_COMMON, CAP_SIZE, 4, 56, true },
	/* [virtio 4.1.4.4.1] offset 2-byte aligned, at least 2 bytes */
	[VCRYPTO_PCI_NOTIFY] = { "notification", CAP_TYPE_NOTIFY, CAP_NOTIFY_SIZE, 2, 2, true },
	/* Tells interrupts apart: a polling driver can do without. [virtio 4.1.4.5] */
	[VCRYPTO_PCI_ISR] = { "ISR", CAP_TYPE_ISR, CAP_SIZE, 1, 1, false },
	/* [virtio 4.1.4.6.1] offset 4-byte aligned; [5.9.5] 56 bytes */
	[VCRYPTO_PCI_DEVICE] = { "device configuration", CAP_TYPE_DEVICE, CAP_SIZE, 4, 56, true },
};

/* Why the first instance of a structure that could not be used was passed over. */
struct cap_reject {
	const char *why;
	uint8_t pos;
};

static uint32_t
le32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* NULL if the capability describes a usable instance, otherwise what is wrong with it. */
static const char *
cap_check(const struct cap_rule *rule, const uint8_t *cap,
		const uint64_t bar_len[VCRYPTO_PCI_NB_BARS])
{
	const uint64_t offset = le32(cap + CAP_OFFSET);
	const uint64_t length = le32(cap + CAP_LENGTH);

	/* [virtio 4.1.4.1] MUST accept a larger cap_len; a smaller one lacks fields. */
	if (cap[CAP_LEN] < rule->cap_size)
		return "is too short itself";
	/* [virtio 4.1.4.1] MUST ignore reserved values of bar. */
	if (cap[CAP_BAR] >= VCRYPTO_PCI_NB_BARS)
		return "names a reserved BAR";
	if (bar_len[cap[CAP_BAR]] == 0)
		return "names a BAR that is absent or not memory";
	/* [virtio 4.1.4.3.2 and others] MUST accept a larger length. */
	if (length < rule->min_length)
		return "describes too few bytes";
	if (offset % rule->align != 0)
		return "has an unaligned offset";
	/* Both are 32 bits wide, so the sum cannot overflow 64. */
	if (offset + length > bar_len[cap[CAP_BAR]])
		return "reaches beyond its BAR";
	return NULL;
}

/* Look at one vendor capability; -EIO only if it cannot be read. */
static int
cap_visit(vcrypto_pci_config_read_t read, void *arg, uint8_t pos, const uint64_t *bar_len,
		struct vcrypto_pci_caps *caps, struct cap_reject *rejects)
{
	uint8_t cap[CAP_NOTIFY_SIZE] = { 0 };
	const struct cap_rule *rule;
	struct vcrypto_pci_region *region;
	const char *why;
	unsigned int i;

	/* Nothing that the driver uses fits in what is left: vendors may do as they like. */
	if (pos + CAP_SIZE > PCI_CFG_SIZE)
		return 0;
	if (read(arg, cap, CAP_SIZE, pos) != 0)
		return -EIO;
	/* [virtio 4.1.4.1] MUST ignore reserved values of cfg_type. */
	for (i = 0; i < VCRYPTO_PCI_STRUCT_NB; i++)
		if (cap_rules[i].cfg_type == cap[CAP_CFG_TYPE])
			break;
	if (i == VCRYPTO_PCI_STRUCT_NB)
		return 0;
	rule = &cap_rules[i];
	region = &caps->region[i];
	/* [virtio 4.1.4.1] SHOULD use the first instance that it can support. */
	if (region->length != 0)
		return 0;

	why = cap_check(rule, cap, bar_len);
	if (why == NULL && pos + rule->cap_size > PCI_CFG_SIZE)
		why = "reaches beyond configuration space";
	if (why != NULL) {
		if (rejects[i].why == NULL)
			rejects[i] = (struct cap_reject) { why, pos };
		return 0;
	}
	if (i == VCRYPTO_PCI_NOTIFY) {
		if (read(arg, cap + CAP_NOTIFY_MULTIPLIER, 4, pos + CAP_NOTIFY_MULTIPLIER) != 0)
			return -EIO;
		caps->notify_multiplier = le32(cap + CAP_NOTIFY_MULTIPLIER);
	}
	region->bar = cap[CAP_BAR];
	region->offset = le32(cap + CAP_OFFSET);
	region->length = le32(cap + CAP_LENGTH);
	return 0;
}

int
vcrypto_pci_cap_walk(vcrypto_pci_config_read_t read, void *arg,
		const uint64_t bar_len[VCRYPTO_PCI_NB_BARS], struct vcrypto_pci_caps *caps)
{
	struct cap_reject rejects[VCRYPTO_PCI_STRUCT_NB] = { { NULL, 0 } };
	uint64_t visited = 0; /* one bit for each 4 bytes of configuration space */
	uint8_t buf[2];
	unsigned int i;
	uint8_t pos;

	memset(caps, 0, sizeof(*caps));
	if (read(arg, buf, 2, PCI_CFG_STATUS) != 0)
		goto unreadable;
	if ((buf[0] & PCI_CFG_STATUS_CAP_LIST) == 0) {
		snprintf(caps->error, sizeof(caps->error), "no PCI capability list");
		return -ENODEV;
	}
	if (read(arg, buf, 1, PCI_CFG_CAP_POINTER) != 0)
		goto unreadable;

	/* The two low bits of a pointer are reserved and masked. A position seen before ends the
	 * walk, so it takes 48 steps at most.
	 */
	pos = buf[0] & ~3;
	while (pos >= PCI_CFG_CAP_FIRST && (visited & UINT64_C(1) << (pos / 4)) == 0) {
		visited |= UINT64_C(1) << (pos / 4);
		if (read(arg, buf, 2, pos) != 0)
			goto unreadable;
		if (buf[CAP_ID] == PCI_CFG_CAP_ID_VENDOR &&
				cap_visit(read, arg, pos, bar_len, caps, rejects) != 0)
			goto unreadable;
		pos = buf[CAP_NEXT] & ~3;
	}

	for (i = 0; i < VCRYPTO_PCI_STRUCT_NB; i++) {
		if (!cap_rules[i].required || caps->region[i].length != 0)
			continue;
		if (rejects[i].why == NULL)
			snprintf(caps->error, sizeof(caps->error), "no %s capability",
					cap_rules[i].name);
		else
			snprintf(caps->error, sizeof(caps->error),
					"no usable %s capability: the one at 0x%02x %s",
					cap_rules[i].name, rejects[i].pos, rejects[i].why);
		return -ENODEV;
	}
	return 0;

unreadable:
	snprintf(caps->error, sizeof(caps->error), "PCI configuration space cannot be read");
	return -EIO;
}
