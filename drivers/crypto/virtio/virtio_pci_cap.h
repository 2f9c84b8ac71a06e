/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The capability list of a modern virtio PCI device: where in which BAR its
 * register structures lie. [virtio 4.1.4 Virtio Structure PCI Capabilities]
 *
 * Pure: reads configuration space through a callback, touches no register and
 * no BAR, logs nothing. A leaf, without DPDK, so that tests and fuzzers drive it.
 *
 * Everything in configuration space is the device's word and is checked. What
 * the walk returns lies inside a mapped BAR, is as long as the structure that
 * it holds, and is aligned for its widest field.
 */

#ifndef VIRTIO_PCI_CAP_H
#define VIRTIO_PCI_CAP_H

#include <stdint.h>

#define VCRYPTO_PCI_NB_BARS 6

/** The structures that a capability can describe, as far as the driver uses them. */
enum vcrypto_pci_struct {
	VCRYPTO_PCI_COMMON,
	VCRYPTO_PCI_NOTIFY,
	VCRYPTO_PCI_ISR,
	VCRYPTO_PCI_DEVICE,
	VCRYPTO_PCI_STRUCT_NB,
};

/** A piece of a BAR; length 0: the device has no such structure. */
struct vcrypto_pci_region {
	uint32_t offset; /* bytes from the BAR's beginning */
	uint32_t length; /* bytes, as the device says; offset + length is inside the BAR */
	uint8_t bar;
};

struct vcrypto_pci_caps {
	struct vcrypto_pci_region region[VCRYPTO_PCI_STRUCT_NB];
	uint32_t notify_multiplier; /* bytes for each step of queue_notify_off */
	char error[128]; /* after a failure: what is missing and why, without newline */
};

/**
 * Read @p len bytes at @p off of configuration space; off + len is at most 256.
 * @return 0 or -errno.
 */
typedef int (*vcrypto_pci_config_read_t)(void *arg, void *buf, uint32_t len, uint32_t off);

/**
 * Find the structures of a device: the first usable instance of each.
 *
 * @param bar_len  bytes mapped of each BAR; 0 for one that is not memory or not mapped.
 * @return 0; -EIO configuration space cannot be read; -ENODEV no capability list, or no
 *         usable common, notification or device structure. caps->error says which.
 */
int vcrypto_pci_cap_walk(vcrypto_pci_config_read_t read, void *arg,
		const uint64_t bar_len[VCRYPTO_PCI_NB_BARS], struct vcrypto_pci_caps *caps);

#endif /* VIRTIO_PCI_CAP_H */
