/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Modern virtio PCI: the transport's functions, and the PCI driver that puts a
 * cryptodev on it.
 *
 * May include: the transport table, the capability walk, and of the rooms above
 * virtio_cryptodev.h, for probe and remove. Register functions run under the
 * device's lock in the primary process; notify() in any thread of any process.
 *
 * The driver maps the registers, not EAL for it: EAL opens the UIO device in each
 * process, and uio_pci_generic ends the device's bus mastering as soon as one of
 * them closes it. The primary process alone opens the UIO device.
 */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <bus_pci_driver.h>
#include <cryptodev_pmd.h>
#include <rte_common.h>
#include <rte_cycles.h>
#include <rte_devargs.h>
#include <rte_eal.h>
#include <rte_io.h>
#include <rte_malloc.h>
#include <rte_pci.h>
#include <rte_string_fns.h>

#include "virtio_crypto_wire.h"
#include "virtio_cryptodev.h"
#include "virtio_log.h"
#include "virtio_pci.h"
#include "virtio_wire.h"

#define RESET_POLL_US 100

uint8_t vcrypto_driver_id;

/* Devices of this process, the primary; probe and remove run one at a time. */
static LIST_HEAD(, vcrypto_pci) pci_devices = LIST_HEAD_INITIALIZER(pci_devices);

static inline struct vcrypto_pci *
pci_of(struct vcrypto_transport *t)
{
	return container_of(t, struct vcrypto_pci, base);
}

/* Registers. rte_read*() and rte_write*() keep the order of accesses to one device. */

static inline uint16_t
reg_read16(const rte_le16_t *reg)
{
	return rte_le_to_cpu_16(rte_read16(reg));
}

static inline void
reg_write16(rte_le16_t *reg, uint16_t value)
{
	rte_write16(rte_cpu_to_le_16(value), reg);
}

static inline uint32_t
reg_read32(const rte_le32_t *reg)
{
	return rte_le_to_cpu_32(rte_read32(reg));
}

static inline void
reg_write32(rte_le32_t *reg, uint32_t value)
{
	rte_write32(rte_cpu_to_le_32(value), reg);
}

static inline void
reg_write64(rte_le32_t *lo, rte_le32_t *hi, uint64_t value)
{
	reg_write32(lo, (uint32_t)value);
	reg_write32(hi, value >> 32);
}

/* Whether the device's common structure reaches to the end of a field. */
#define HAS_FIELD(p, field) \
	((p)->common_len >= offsetof(struct virtio_pci_common_cfg, field) + \
			sizeof((p)->common->field))

static uint8_t
pci_get_status(struct vcrypto_transport *t)
{
	return rte_read8(&pci_of(t)->common->device_status);
}

static void
pci_set_status(struct vcrypto_transport *t, uint8_t status)
{
	rte_write8(status, &pci_of(t)->common->device_status);
}

static uint64_t
pci_get_features(struct vcrypto_transport *t)
{
	struct vcrypto_pci *p = pci_of(t);
	uint64_t features;

	reg_write32(&p->common->device_feature_select, 0);
	features = reg_read32(&p->common->device_feature);
	reg_write32(&p->common->device_feature_select, 1);
	features |= (uint64_t)reg_read32(&p->common->device_feature) << 32;

	/* What is offered without the register that it needs cannot be obeyed. */
	if (!HAS_FIELD(p, queue_notif_config_data))
		features &= ~VIRTIO_FEATURE(VIRTIO_F_NOTIF_CONFIG_DATA);
	if (!HAS_FIELD(p, queue_reset))
		features &= ~VIRTIO_FEATURE(VIRTIO_F_RING_RESET);
	return features;
}

static void
pci_set_features(struct vcrypto_transport *t, uint64_t features)
{
	struct vcrypto_pci *p = pci_of(t);

	reg_write32(&p->common->driver_feature_select, 0);
	reg_write32(&p->common->driver_feature, (uint32_t)features);
	reg_write32(&p->common->driver_feature_select, 1);
	reg_write32(&p->common->driver_feature, features >> 32);
}

static int
pci_check_features(struct vcrypto_transport *t, uint64_t features)
{
	/* [virtio 6.1] Without ACCESS_PLATFORM the device takes physical addresses, whatever an
	 * IOMMU would translate.
	 */
	if ((features & VIRTIO_FEATURE(VIRTIO_F_ACCESS_PLATFORM)) == 0 &&
			rte_eal_iova_mode() == RTE_IOVA_VA) {
		VCRYPTO_DEV_LOG(ERR, t->dev_name,
				"the device takes physical addresses only (no ACCESS_PLATFORM): "
				"run with --iova-mode=pa, or give the device iommu_platform=on");
		return -ENOTSUP;
	}
	return 0;
}

static uint32_t
pci_config_len(struct vcrypto_transport *t)
{
	return pci_of(t)->device_len & ~3u; /* whole words */
}

static uint32_t
pci_config_generation(struct vcrypto_transport *t)
{
	return rte_read8(&pci_of(t)->common->config_generation);
}

static uint32_t
pci_read_config32(struct vcrypto_transport *t, uint32_t off)
{
	return rte_le_to_cpu_32(rte_read32(pci_of(t)->device + off));
}

static uint32_t
pci_nb_queues(struct vcrypto_transport *t)
{
	return reg_read16(&pci_of(t)->common->num_queues);
}

static uint16_t
pci_queue_size_max(struct vcrypto_transport *t, uint16_t index)
{
	struct vcrypto_pci *p = pci_of(t);

	reg_write16(&p->common->queue_select, index);
	return reg_read16(&p->common->queue_size);
}

/* Where the selected queue's doorbell is and what it takes. [virtio 4.1.4.4, 4.1.5.2] */
static int
doorbell_locate(struct vcrypto_pci *p, uint16_t index, uint64_t features,
		struct vcrypto_doorbell *db)
{
	const bool with_data = (features & VIRTIO_FEATURE(VIRTIO_F_NOTIFICATION_DATA)) != 0;
	const unsigned int width = with_data ? 4 : 2;
	uint64_t off;

	off = (uint64_t)reg_read16(&p->common->queue_notify_off) * p->notify_multiplier;
	if (off + width > p->notify_len || ((uintptr_t)p->notify + off) % width != 0) {
		VCRYPTO_DEV_LOG(ERR, p->base.dev_name,
				"queue %u: doorbell at 0x%" PRIx64 " does not fit the notification "
				"area of 0x%" PRIx32 " bytes; the device is defective",
				index, off, p->notify_len);
		return -EIO;
	}
	db->addr = p->notify + off;
	db->with_data = with_data;
	db->value = index;
	if (features & VIRTIO_FEATURE(VIRTIO_F_NOTIF_CONFIG_DATA))
		db->value = reg_read16(&p->common->queue_notif_config_data);
	return 0;
}

static int
pci_queue_enable(struct vcrypto_transport *t, uint16_t index, const struct vcrypto_queue_addr *addr,
		uint64_t features, struct vcrypto_doorbell *db)
{
	struct vcrypto_pci *p = pci_of(t);
	struct virtio_pci_common_cfg *c = p->common;
	uint16_t max;
	int ret;

	reg_write16(&c->queue_select, index);
	max = reg_read16(&c->queue_size);
	if (max == 0)
		return -ENOENT;
	/* [virtio 4.1.4.3.2] MUST NOT write 0 to queue_enable: a queue that is still enabled can
	 * be moved by a reset only. A device that is gone reads 0xffff.
	 */
	if (reg_read16(&c->queue_enable) != 0) {
		VCRYPTO_DEV_LOG(ERR, t->dev_name,
				"queue %u reads as enabled: the device was not reset, or is gone",
				index);
		return -EIO;
	}
	if (addr->size == 0 || addr->size > max) {
		VCRYPTO_DEV_LOG(ERR, t->dev_name,
				"queue %u: %u entries asked for, 1 to %u possible", index,
				addr->size, max);
		return -EINVAL;
	}
	ret = doorbell_locate(p, index, features, db);
	if (ret != 0)
		return ret;

	if (addr->size != max) {
		reg_write16(&c->queue_size, addr->size);
		if (reg_read16(&c->queue_size) != addr->size) {
			VCRYPTO_DEV_LOG(ERR, t->dev_name,
					"queue %u: the device insists on %u entries, not %u",
					index, reg_read16(&c->queue_size), addr->size);
			return -EINVAL;
		}
	}
	/* A polling driver wants no interrupt, neither for the queue nor for configuration
	 * changes. NO_VECTOR is always accepted, so nothing is read back. [virtio 4.1.5.1.2]
	 */
	reg_write16(&c->config_msix_vector, VIRTIO_MSI_NO_VECTOR);
	reg_write16(&c->queue_msix_vector, VIRTIO_MSI_NO_VECTOR);
	reg_write64(&c->queue_desc_lo, &c->queue_desc_hi, addr->desc);
	reg_write64(&c->queue_driver_lo, &c->queue_driver_hi, addr->driver);
	reg_write64(&c->queue_device_lo, &c->queue_device_hi, addr->device);
	/* [virtio 4.1.4.3.2] MUST configure the other fields before enabling. */
	reg_write16(&c->queue_enable, 1);
	return 0;
}

static uint64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int
pci_queue_reset(struct vcrypto_transport *t, uint16_t index, unsigned int timeout_ms)
{
	struct virtio_pci_common_cfg *c = pci_of(t)->common;
	const uint64_t deadline = now_ms() + timeout_ms;
	bool late;

	reg_write16(&c->queue_select, index);
	reg_write16(&c->queue_reset, 1);
	/* [virtio 4.1.4.3.2] MUST NOT consider the queue reset until queue_reset reads 0; the
	 * device then shows queue_enable 0 as well. The clock is read before the register, so that
	 * a thread which was put aside looks once more.
	 */
	for (;;) {
		late = now_ms() >= deadline;
		if (reg_read16(&c->queue_reset) == 0 && reg_read16(&c->queue_enable) == 0)
			return 0;
		if (late)
			return -ETIMEDOUT;
		rte_delay_us_sleep(RESET_POLL_US);
	}
}

static void
pci_notify(struct vcrypto_transport *t __rte_unused, const struct vcrypto_doorbell *db,
		uint16_t ring_state)
{
	/* rte_write*() puts a write barrier before the store: what the driver wrote to the ring is
	 * visible to the device before the doorbell rings. Pairs with the device's reading the
	 * ring after it was woken.
	 */
	if (db->with_data)
		rte_write32(rte_cpu_to_le_32(db->value | (uint32_t)ring_state << 16), db->addr);
	else
		rte_write16(rte_cpu_to_le_16(db->value), db->addr);
}

const struct vcrypto_transport_ops vcrypto_pci_ops = {
	.name = "pci",
	.get_status = pci_get_status,
	.set_status = pci_set_status,
	.get_features = pci_get_features,
	.set_features = pci_set_features,
	.check_features = pci_check_features,
	.config_len = pci_config_len,
	.config_generation = pci_config_generation,
	.read_config32 = pci_read_config32,
	.nb_queues = pci_nb_queues,
	.queue_size_max = pci_queue_size_max,
	.queue_enable = pci_queue_enable,
	.queue_reset = pci_queue_reset,
	.notify = pci_notify,
};

RTE_INIT(vcrypto_pci_register)
{
	vcrypto_transport_register(VCRYPTO_TRANSPORT_PCI, &vcrypto_pci_ops);
}

/* Where a region is; its BAR is noted for other processes. */
static uint8_t *
region_take(struct vcrypto_pci *p, const struct vcrypto_pci_region *region,
		const struct vcrypto_pci_bar *bars)
{
	p->bars[region->bar] = bars[region->bar];
	return (uint8_t *)bars[region->bar].addr + region->offset;
}

int
vcrypto_pci_init(struct vcrypto_pci *p, const char *name, vcrypto_pci_config_read_t read, void *arg,
		const struct vcrypto_pci_bar bars[VCRYPTO_PCI_NB_BARS])
{
	uint64_t bar_len[VCRYPTO_PCI_NB_BARS];
	struct vcrypto_pci_caps caps;
	unsigned int i;
	int ret;

	strlcpy(p->name, name, sizeof(p->name));
	p->base.kind = VCRYPTO_TRANSPORT_PCI;
	p->base.dev_name = p->name;

	for (i = 0; i < VCRYPTO_PCI_NB_BARS; i++)
		bar_len[i] = bars[i].addr != NULL ? bars[i].len : 0;
	ret = vcrypto_pci_cap_walk(read, arg, bar_len, &caps);
	if (ret != 0) {
		VCRYPTO_DEV_LOG(ERR, name, "not a usable modern virtio device: %s", caps.error);
		return ret;
	}
	p->common = (void *)region_take(p, &caps.region[VCRYPTO_PCI_COMMON], bars);
	p->common_len = caps.region[VCRYPTO_PCI_COMMON].length;
	p->notify = region_take(p, &caps.region[VCRYPTO_PCI_NOTIFY], bars);
	p->notify_len = caps.region[VCRYPTO_PCI_NOTIFY].length;
	p->notify_multiplier = caps.notify_multiplier;
	p->device = region_take(p, &caps.region[VCRYPTO_PCI_DEVICE], bars);
	p->device_len = caps.region[VCRYPTO_PCI_DEVICE].length;
	VCRYPTO_DEV_LOG(DEBUG, name, "registers in BAR %u (common), %u (notify, x%" PRIu32
			"), %u (device, %" PRIu32 " bytes)",
			caps.region[VCRYPTO_PCI_COMMON].bar, caps.region[VCRYPTO_PCI_NOTIFY].bar,
			p->notify_multiplier, caps.region[VCRYPTO_PCI_DEVICE].bar, p->device_len);
	return 0;
}

/* The registers in a secondary process. */

static void
uio_unmap(struct rte_pci_device *pci_dev)
{
	struct rte_mem_resource *res;
	unsigned int i;

	for (i = 0; i < VCRYPTO_PCI_NB_BARS; i++) {
		res = &pci_dev->mem_resource[i];
		if (res->addr != NULL)
			munmap(res->addr, res->len);
		res->addr = NULL;
	}
}

static int
uio_map_bar(struct rte_pci_device *pci_dev, const char *name, unsigned int index,
		const struct vcrypto_pci_bar *want)
{
	char path[PATH_MAX];
	void *addr = MAP_FAILED;
	int fd, err;

	snprintf(path, sizeof(path), "%s/%s/resource%u", rte_pci_get_sysfs_path(), name, index);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd >= 0)
		addr = mmap(want->addr, want->len, PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_FIXED_NOREPLACE, fd, 0);
	err = errno;
	if (fd >= 0)
		close(fd);
	if (addr != MAP_FAILED && addr != want->addr) {
		/* A kernel before Linux 4.17 takes the address for a wish. */
		munmap(addr, want->len);
		addr = MAP_FAILED;
		err = EEXIST;
	}
	if (addr == MAP_FAILED) {
		VCRYPTO_DEV_LOG(ERR, name,
				"%s cannot be mapped at %p, as in the primary process: %s; run with "
				"the primary's rights, or, if the address is in use, let both have "
				"another --base-virtaddr", path, want->addr, strerror(err));
		return -err;
	}
	pci_dev->mem_resource[index].addr = addr;
	pci_dev->mem_resource[index].len = want->len;
	return 0;
}

/* The BARs with registers where the primary has them, without the UIO device being opened. */
static int
uio_map(struct rte_pci_device *pci_dev, const struct vcrypto_pci *p, const char *name)
{
	unsigned int i;
	int ret;

	for (i = 0; i < VCRYPTO_PCI_NB_BARS; i++) {
		if (p->bars[i].addr == NULL)
			continue;
		ret = uio_map_bar(pci_dev, name, i, &p->bars[i]);
		if (ret != 0) {
			uio_unmap(pci_dev);
			return ret;
		}
	}
	return 0;
}

/* EAL maps and unmaps; a positive result: no kernel driver that lets us have the device. */
static int
eal_map(struct rte_pci_device *pci_dev, const char *name)
{
	const int ret = rte_pci_map_device(pci_dev);

	if (ret >= 0)
		return ret;
	VCRYPTO_DEV_LOG(ERR, name,
			"the registers cannot be mapped: UIO needs root and IOVA as PA, vfio-pci an "
			"IOMMU and access to /dev/vfio; EAL may have said more");
	return -EIO;
}

/* The PCI driver. */

static int
read_pci_config(void *arg, void *buf, uint32_t len, uint32_t off)
{
	return rte_pci_read_config(arg, buf, len, off) == (int)len ? 0 : -EIO;
}

/* With the registers mapped, and the device a bus master. */
static int
pci_create(struct rte_pci_device *pci_dev, const char *name)
{
	struct vcrypto_pci_bar bars[VCRYPTO_PCI_NB_BARS];
	struct vcrypto_dev_args args;
	struct vcrypto_pci *p;
	unsigned int i;
	int ret;

	ret = vcrypto_args_parse(name, pci_dev->device.devargs != NULL ?
			pci_dev->device.devargs->args : NULL, &args);
	if (ret != 0)
		return ret;

	p = rte_zmalloc("vcrypto_pci", sizeof(*p), RTE_CACHE_LINE_SIZE);
	if (p == NULL) {
		VCRYPTO_DEV_LOG(ERR, name, "no memory for the PCI transport");
		return -ENOMEM;
	}
	for (i = 0; i < VCRYPTO_PCI_NB_BARS; i++) {
		bars[i].addr = pci_dev->mem_resource[i].addr;
		bars[i].len = pci_dev->mem_resource[i].len;
	}
	ret = vcrypto_pci_init(p, name, read_pci_config, pci_dev, bars);
	if (ret == 0)
		ret = vcrypto_cryptodev_create(name, &pci_dev->device, vcrypto_driver_id,
				&p->base, &args);
	if (ret != 0) {
		rte_free(p);
		return ret;
	}
	LIST_INSERT_HEAD(&pci_devices, p, next);
	return 0;
}

static int
pci_probe_primary(struct rte_pci_device *pci_dev, const char *name)
{
	int ret;

	ret = eal_map(pci_dev, name);
	if (ret != 0)
		return ret;
	ret = pci_create(pci_dev, name);
	if (ret != 0)
		rte_pci_unmap_device(pci_dev);
	return ret;
}

/* The primary's transport, through the cryptodev that both have. */
static const struct vcrypto_pci *
pci_of_primary(const char *name)
{
	const struct rte_cryptodev *const cdev = rte_cryptodev_pmd_get_named_dev(name);
	const struct vcrypto_dev *const dev = cdev != NULL ? cdev->data->dev_private : NULL;

	if (dev == NULL || dev->transport == NULL ||
			dev->transport->kind != VCRYPTO_TRANSPORT_PCI) {
		VCRYPTO_DEV_LOG(ERR, name, "the primary process does not have this device, or not "
				"at this place: give both the same devices in the same order");
		return NULL;
	}
	return pci_of(dev->transport);
}

/* The primary process owns the device: others only attach, without a register access. */
static int
pci_probe_secondary(struct rte_pci_device *pci_dev, const char *name)
{
	const struct vcrypto_pci *p;
	int ret;

	switch (pci_dev->kdrv) {
	case RTE_PCI_KDRV_VFIO:
	case RTE_PCI_KDRV_IGB_UIO:
	case RTE_PCI_KDRV_UIO_GENERIC:
		break;
	default:
		return 1; /* not for us, as rte_pci_map_device() says in the primary */
	}
	ret = vcrypto_cryptodev_create(name, &pci_dev->device, vcrypto_driver_id, NULL, NULL);
	if (ret != 0)
		return ret;
	p = pci_of_primary(name);
	if (p == NULL)
		ret = -ENODEV;
	else if (pci_dev->kdrv == RTE_PCI_KDRV_VFIO)
		ret = eal_map(pci_dev, name);
	else
		ret = uio_map(pci_dev, p, name);
	if (ret != 0)
		vcrypto_cryptodev_destroy(name);
	return ret;
}

static int
pci_probe(struct rte_pci_driver *pci_drv __rte_unused, struct rte_pci_device *pci_dev)
{
	char name[RTE_CRYPTODEV_NAME_MAX_LEN];

	rte_pci_device_name(&pci_dev->addr, name, sizeof(name));
	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return pci_probe_secondary(pci_dev, name);
	return pci_probe_primary(pci_dev, name);
}

static int
pci_remove(struct rte_pci_device *pci_dev)
{
	char name[RTE_CRYPTODEV_NAME_MAX_LEN];
	struct vcrypto_pci *p;
	int ret;

	rte_pci_device_name(&pci_dev->addr, name, sizeof(name));
	ret = vcrypto_cryptodev_destroy(name);
	/* A cryptodev that is gone already must not keep the device from being probed again. */
	if (ret != 0 && ret != -ENODEV)
		return ret;
	if (rte_eal_process_type() != RTE_PROC_PRIMARY &&
			pci_dev->kdrv != RTE_PCI_KDRV_VFIO)
		uio_unmap(pci_dev);
	else
		rte_pci_unmap_device(pci_dev);
	LIST_FOREACH(p, &pci_devices, next) {
		if (strcmp(p->name, name) == 0) {
			LIST_REMOVE(p, next);
			rte_free(p);
			break;
		}
	}
	return 0;
}

static const struct rte_pci_id pci_ids[] = {
	{ RTE_PCI_DEVICE(VIRTIO_PCI_VENDOR_ID, VIRTIO_PCI_DEVICE_ID_CRYPTO) },
	{ .vendor_id = 0 },
};

static struct rte_pci_driver pci_driver = {
	.id_table = pci_ids,
	.probe = pci_probe,
	.remove = pci_remove,
};

static struct cryptodev_driver crypto_driver;

RTE_PMD_REGISTER_PCI(crypto_virtio, pci_driver);
RTE_PMD_REGISTER_CRYPTO_DRIVER(crypto_driver, pci_driver.driver, vcrypto_driver_id);
RTE_PMD_REGISTER_PCI_TABLE(crypto_virtio, pci_ids);
RTE_PMD_REGISTER_KMOD_DEP(crypto_virtio, "* igb_uio | uio_pci_generic | vfio-pci");
RTE_PMD_REGISTER_PARAM_STRING(crypto_virtio,
		VCRYPTO_ARG_CAPS "=advertised|probe "
		VCRYPTO_ARG_TIMEOUT_MS "=<int> "
		VCRYPTO_ARG_MODE "=" VCRYPTO_ARG_MODE_VALUES " "
		VCRYPTO_ARG_ECDSA_ID "=2|3");
