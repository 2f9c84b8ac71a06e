/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The modern virtio PCI transport. [virtio 4.1 Virtio Over PCI Bus]
 *
 * Rooms above know struct vcrypto_transport only; this header is for the
 * transport itself and for its tests. Registers are little-endian and are
 * accessed at exactly their width; a 64-bit one as two 32-bit halves.
 * [virtio 4.1.3.1]
 *
 * Invariants
 *  - every register that is accessed lies in a mapped BAR: regions are checked
 *    by the capability walk, doorbells when a queue is enabled;
 *  - no interrupt is ever asked for: all MSI-X vectors are NO_VECTOR;
 *  - queue_enable is never written 0, and never written when it reads 1.
 */

#ifndef VIRTIO_PCI_H
#define VIRTIO_PCI_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include <rte_byteorder.h>

#include "virtio_pci_cap.h"
#include "virtio_transport.h"

/** Common configuration structure [virtio 4.1.4.3] */
struct virtio_pci_common_cfg {
	rte_le32_t device_feature_select;
	rte_le32_t device_feature;
	rte_le32_t driver_feature_select;
	rte_le32_t driver_feature;
	rte_le16_t config_msix_vector;
	rte_le16_t num_queues;
	uint8_t device_status;
	uint8_t config_generation;
	rte_le16_t queue_select; /* the fields below are those of this queue */
	rte_le16_t queue_size; /* 0: no such queue */
	rte_le16_t queue_msix_vector;
	rte_le16_t queue_enable;
	rte_le16_t queue_notify_off;
	rte_le32_t queue_desc_lo;
	rte_le32_t queue_desc_hi;
	rte_le32_t queue_driver_lo;
	rte_le32_t queue_driver_hi;
	rte_le32_t queue_device_lo;
	rte_le32_t queue_device_hi;
	/* Younger fields, there only if the structure is long enough. */
	rte_le16_t queue_notif_config_data; /* NOTIF_CONFIG_DATA */
	rte_le16_t queue_reset; /* RING_RESET */
};
static_assert(offsetof(struct virtio_pci_common_cfg, device_status) == 20, "4.1.4.3");
static_assert(offsetof(struct virtio_pci_common_cfg, queue_desc_lo) == 32, "4.1.4.3");
static_assert(offsetof(struct virtio_pci_common_cfg, queue_notif_config_data) == 56, "4.1.4.3");
static_assert(offsetof(struct virtio_pci_common_cfg, queue_reset) == 58, "4.1.4.3");

#define VIRTIO_MSI_NO_VECTOR 0xffff

/** A BAR as this process sees it; addr NULL or len 0: not memory, or not mapped. */
struct vcrypto_pci_bar {
	void *addr;
	uint64_t len;
};

/** A device on the PCI bus; in shared memory, the BARs are mapped alike in all processes. */
struct vcrypto_pci {
	struct vcrypto_transport base;
	struct vcrypto_pci_bar bars[VCRYPTO_PCI_NB_BARS]; /* those that hold the registers below */
	struct virtio_pci_common_cfg *common;
	uint8_t *notify;
	uint8_t *device; /* device configuration space */
	uint32_t common_len;
	uint32_t notify_len;
	uint32_t device_len;
	uint32_t notify_multiplier;
	char name[32]; /* PCI address, which is also the cryptodev's name */
	LIST_ENTRY(vcrypto_pci) next; /* devices of the primary process */
};

extern const struct vcrypto_transport_ops vcrypto_pci_ops;

/**
 * Find the device's registers. Touches configuration space only, no register.
 * @param p  zeroed.
 * @return 0; what vcrypto_pci_cap_walk() returns, after one log line.
 */
int vcrypto_pci_init(struct vcrypto_pci *p, const char *name, vcrypto_pci_config_read_t read,
		void *arg, const struct vcrypto_pci_bar bars[VCRYPTO_PCI_NB_BARS]);

#endif /* VIRTIO_PCI_H */
