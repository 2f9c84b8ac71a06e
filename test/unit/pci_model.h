/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * A virtio PCI device as a register model. virtio_pci.c is compiled in here, with
 * its register accesses, its configuration space reads, and the functions of EAL and
 * cryptodev that probe calls led to the model; a folder with files for BARs
 * stands for sysfs. The model knows each register's offset and width from
 * [virtio 4.1.4.3], not from the driver's structure, and fails a test at the
 * access that breaks a rule of a device: wrong width, an unknown address, a write
 * to what is read-only, a 0 to queue_enable, a queue register before
 * queue_select.
 */

#ifndef PCI_MODEL_H
#define PCI_MODEL_H

#include "unit_eal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <bus_pci_driver.h>
#include <cryptodev_pmd.h>
#include <rte_cycles.h>
#include <rte_devargs.h>
#include <rte_io.h>
#include <rte_log.h>
#include <rte_malloc.h>
#include <rte_string_fns.h>

/* The driver itself may be linked in as well. */
#define vcrypto_driver_id test_pci_driver_id
#define vcrypto_pci_ops test_pci_ops
#define vcrypto_pci_init test_pci_init

#include "virtio_cryptodev.h"
#include "virtio_log.h"
#include "virtio_pci.h"
#include "virtio_wire.h"

#define BAR 4
#define BAR_SIZE 0x4000
#define COMMON 0x0000
#define ISR 0x1000
#define DEVICE 0x2000
#define NOTIFY 0x3000
#define CONFIG_LEN 56
#define NB_QUEUES 3
#define NAME "0000:00:10.0"

struct access {
	bool write;
	uint8_t width;
	uint16_t off; /* in the BAR */
	uint64_t value;
};

struct model_queue {
	uint16_t size, max, vector, enable, notify_off, config_data;
	uint32_t addr[6]; /* desc, driver, device: low and high half */
	unsigned int reset_polls; /* reads until a reset is done */
	bool resetting;
};

/* Addresses without memory behind them: an access that is not led to the model dies. */
static uint8_t *bar;

static struct {
	uint8_t cfg[256];
	struct access trace[256];
	unsigned int nb_trace;
	unsigned int cfg_reads;

	/* registers */
	uint32_t dfselect, gfselect;
	uint64_t features, guest_features;
	uint16_t config_vector, qselect;
	bool qselected;
	uint8_t status, generation;
	uint8_t config[CONFIG_LEN];
	struct model_queue q[NB_QUEUES];
	uint32_t common_len, notify_len;

	/* misbehaviour */
	bool gone; /* reads as ones, takes no write */
	bool fixed_size; /* queue_size cannot be changed */
	bool reset_leaves_enabled;

	/* what surrounds the driver */
	enum rte_proc_type_t proc;
	enum rte_iova_mode iova;
	int create_ret, destroy_ret;
	unsigned int creates, destroys;
	char name[64];
	struct rte_device *device;
	struct vcrypto_transport *transport;
	struct vcrypto_dev_args args;
	bool args_given;
	char args_text[64];
	int map_ret;
	unsigned int maps, unmaps; /* by EAL, of the device with this driver's name */
	bool unmapped_last; /* of unmap and destroy */
	bool mmap_is_wish; /* of an address, as for old kernels */
	struct rte_cryptodev cdev;
	struct rte_cryptodev_data cdev_data;
	struct rte_cryptodev *found; /* by name */
} m;

/* Stands for /sys/bus/pci/devices. */
static char sysfs[] = "/tmp/test_pci.XXXXXX";

/* Widths of the common structure's fields by offset; 0: no field begins there. */
static const uint8_t common_width[64] = {
	[0] = 4, [4] = 4, [8] = 4, [12] = 4, [16] = 2, [18] = 2, [20] = 1, [21] = 1, [22] = 2,
	[24] = 2, [26] = 2, [28] = 2, [30] = 2, [32] = 4, [36] = 4, [40] = 4, [44] = 4, [48] = 4,
	[52] = 4, [56] = 2, [58] = 2,
};

static uint16_t
model_off(const volatile void *addr, unsigned int width)
{
	uintptr_t off = (uintptr_t)addr - (uintptr_t)bar;

	if (off >= BAR_SIZE || BAR_SIZE - off < width)
		fail_msg("access outside the BAR");
	if (off % width != 0)
		fail_msg("unaligned access of %u bytes at 0x%x", width, (unsigned int)off);
	if (off < COMMON + m.common_len &&
			(off - COMMON >= 64 || common_width[off - COMMON] != width))
		fail_msg("access of %u bytes at 0x%x", width, (unsigned int)off);
	if (off >= COMMON + m.common_len && off < DEVICE)
		fail_msg("access to nothing, 0x%x", (unsigned int)off);
	return off;
}

static void
model_trace(bool write, uint16_t off, uint8_t width, uint64_t value)
{
	assert_true(m.nb_trace < UNIT_DIM(m.trace));
	m.trace[m.nb_trace++] = (struct access) { write, width, off, value };
}

static struct model_queue *
model_queue(void)
{
	static struct model_queue none;

	if (!m.qselected)
		fail_msg("a queue's register before queue_select");
	memset(&none, 0, sizeof(none));
	return m.qselect < NB_QUEUES ? &m.q[m.qselect] : &none;
}

static uint32_t
model_common_read(uint16_t off)
{
	struct model_queue *q = off >= 24 ? model_queue() : NULL;

	switch (off) {
	case 4:
		return m.dfselect < 2 ? (uint32_t)(m.features >> (32 * m.dfselect)) : 0;
	case 18:
		return NB_QUEUES;
	case 20:
		return m.status;
	case 21:
		return m.generation;
	case 24:
		return q->size;
	case 26:
		return q->vector;
	case 28:
		return q->enable;
	case 30:
		return q->notify_off;
	case 56:
		return q->config_data;
	case 58:
		if (q->resetting && q->reset_polls != 0 && --q->reset_polls == 0) {
			q->resetting = false;
			q->enable = m.reset_leaves_enabled;
			q->size = q->max;
		}
		return q->resetting;
	default:
		fail_msg("read of common + %u", off);
		return 0;
	}
}

static uint64_t
model_read(const volatile void *addr, unsigned int width)
{
	uint16_t off = model_off(addr, width);
	uint64_t value = 0;

	if (m.gone)
		value = UINT64_MAX >> (64 - 8 * width);
	else if (off < 64)
		value = model_common_read(off);
	else if (off >= DEVICE && off + width <= DEVICE + CONFIG_LEN)
		value = width == 4 ? get32(m.config, off - DEVICE) : 0;
	else
		fail_msg("read of 0x%x", off);
	model_trace(false, off, width, value);
	return value;
}

static void
model_common_write(uint16_t off, uint32_t value)
{
	struct model_queue *q = off >= 24 ? model_queue() : NULL;

	switch (off) {
	case 0:
		m.dfselect = value;
		break;
	case 8:
		m.gfselect = value;
		break;
	case 12:
		assert_true(m.gfselect < 2);
		m.guest_features &= ~(UINT64_C(0xffffffff) << (32 * m.gfselect));
		m.guest_features |= (uint64_t)value << (32 * m.gfselect);
		break;
	case 16:
		m.config_vector = value;
		break;
	case 20:
		m.status = value;
		break;
	case 22:
		m.qselect = value;
		m.qselected = true;
		break;
	case 24:
		/* [virtio 4.1.4.3.2] MUST NOT write to queue_size what is not a size. */
		assert_true(value != 0 && value <= q->max);
		assert_int_equal(q->enable, 0);
		if (!m.fixed_size)
			q->size = value;
		break;
	case 26:
		q->vector = value;
		break;
	case 28:
		if (value != 1)
			fail_msg("%u written to queue_enable", value);
		assert_int_equal(q->enable, 0);
		q->enable = 1;
		break;
	case 32:
	case 36:
	case 40:
	case 44:
	case 48:
	case 52:
		assert_int_equal(q->enable, 0);
		q->addr[(off - 32) / 4] = value;
		break;
	case 58:
		assert_int_equal(value, 1);
		q->resetting = true;
		break;
	default:
		fail_msg("write to common + %u", off);
	}
}

static void
model_write(uint32_t value, volatile void *addr, unsigned int width)
{
	uint16_t off = model_off(addr, width);

	model_trace(true, off, width, value);
	if (m.gone)
		return;
	if (off < 64)
		model_common_write(off, value);
	else if (off < NOTIFY || off + width > NOTIFY + m.notify_len)
		fail_msg("write to 0x%x", off);
}

static int
model_read_config(void *buf, size_t len, off_t off)
{
	m.cfg_reads++;
	if (off < 0 || off + len > sizeof(m.cfg))
		return -1;
	memcpy(buf, m.cfg + off, len);
	return (int)len;
}

static int
model_create(const char *name, struct rte_device *device, uint8_t driver_id,
		struct vcrypto_transport *transport, const struct vcrypto_dev_args *args)
{
	assert_int_equal(driver_id, test_pci_driver_id);
	m.creates++;
	snprintf(m.name, sizeof(m.name), "%s", name);
	m.device = device;
	m.transport = transport;
	m.args_given = args != NULL;
	if (args != NULL)
		m.args = *args;
	return m.create_ret;
}

static int
model_destroy(const char *name)
{
	m.destroys += m.destroy_ret == 0;
	m.unmapped_last = false;
	assert_string_equal(name, m.name);
	return m.destroy_ret;
}

static int
model_map_device(struct rte_pci_device *dev)
{
	unsigned int i;

	m.maps++;
	if (m.map_ret != 0)
		return m.map_ret;
	/* EAL maps what is memory, at places of its own. */
	for (i = 0; i < PCI_MAX_RESOURCE; i++)
		if (dev->mem_resource[i].phys_addr != 0)
			dev->mem_resource[i].addr = bar;
	return 0;
}

static void
model_unmap_device(struct rte_pci_device *dev)
{
	(void)dev;
	assert_int_equal(m.map_ret, 0); /* EAL leaves nothing to undo */
	m.unmaps++;
	m.unmapped_last = true;
	assert_true(m.unmaps <= m.maps);
}

static struct rte_cryptodev *
model_get_named_dev(const char *name)
{
	assert_string_equal(name, NAME);
	assert_true(m.creates > m.destroys);
	return m.found;
}

static void *
model_mmap(void *addr, size_t len, int prot, int flags, int fd, off_t off)
{
	assert_true(flags & MAP_FIXED_NOREPLACE);
	if (m.mmap_is_wish)
		flags &= ~MAP_FIXED_NOREPLACE;
	return mmap(addr, len, prot, flags, fd, off);
}

static int
model_args_parse(const char *name, const char *args, struct vcrypto_dev_args *out)
{
	assert_string_equal(name, NAME);
	snprintf(m.args_text, sizeof(m.args_text), "%s", args != NULL ? args : "(null)");
	memset(out, 0, sizeof(*out));
	out->timeout_ms = 77;
	return strcmp(m.args_text, "bad") == 0 ? -EINVAL : 0;
}

#define rte_read8(addr) ((uint8_t)model_read(addr, 1))
#define rte_read16(addr) (rte_cpu_to_le_16((uint16_t)model_read(addr, 2)))
#define rte_read32(addr) (rte_cpu_to_le_32((uint32_t)model_read(addr, 4)))
#define rte_write8(value, addr) model_write(value, addr, 1)
#define rte_write16(value, addr) model_write(rte_le_to_cpu_16(value), addr, 2)
#define rte_write32(value, addr) model_write(rte_le_to_cpu_32(value), addr, 4)
#define rte_pci_read_config(dev, buf, len, off) ((void)(dev), model_read_config(buf, len, off))
#define rte_eal_process_type() (m.proc)
#define rte_eal_iova_mode() (m.iova)
#define rte_pci_map_device model_map_device
#define rte_pci_unmap_device model_unmap_device
#define rte_pci_get_sysfs_path() (sysfs)
#define rte_cryptodev_pmd_get_named_dev model_get_named_dev
#define mmap model_mmap
#define vcrypto_cryptodev_create model_create
#define vcrypto_cryptodev_destroy model_destroy
#define vcrypto_args_parse model_args_parse

#include "virtio_pci.c"

#undef mmap

/* Lines logged between log_begin() and log_end(). */
static char *log_text;
static size_t log_len;
static FILE *log_file;

static void
log_begin(void)
{
	log_file = open_memstream(&log_text, &log_len);
	assert_non_null(log_file);
	rte_openlog_stream(log_file);
}

static unsigned int
log_end(const char *says)
{
	unsigned int lines = 0;
	const char *p;

	rte_openlog_stream(NULL);
	fclose(log_file);
	for (p = log_text; (p = strchr(p, '\n')) != NULL; p++)
		lines++;
	if (says != NULL && strstr(log_text, says) == NULL)
		fail_msg("the log does not say \"%s\": %s", says, log_text);
	free(log_text);
	return lines;
}

static void
put_cap(uint8_t pos, uint8_t next, uint8_t len, uint8_t type, uint32_t off, uint32_t length)
{
	m.cfg[pos] = 0x09;
	m.cfg[pos + 1] = next;
	m.cfg[pos + 2] = len;
	m.cfg[pos + 3] = type;
	m.cfg[pos + 4] = BAR;
	put32(m.cfg, pos + 8, off);
	put32(m.cfg, pos + 12, length);
}

static int
setup(void **state)
{
	unsigned int i;

	(void)state;
	memset(&m, 0, sizeof(m));
	m.proc = RTE_PROC_PRIMARY;
	m.iova = RTE_IOVA_PA;
	m.common_len = 64;
	m.notify_len = 0x1000;
	put16(m.cfg, 0x06, 0x0010);
	m.cfg[0x34] = 0x40;
	put_cap(0x40, 0x50, 16, 1, COMMON, m.common_len);
	put_cap(0x50, 0x60, 16, 3, ISR, 1);
	put_cap(0x60, 0x70, 16, 4, DEVICE, CONFIG_LEN);
	put_cap(0x70, 0x00, 20, 2, NOTIFY, m.notify_len);
	put32(m.cfg, 0x80, 4);
	m.config_vector = 1;
	for (i = 0; i < NB_QUEUES; i++) {
		m.q[i].max = m.q[i].size = i == NB_QUEUES - 1 ? 64 : 1024;
		m.q[i].notify_off = i;
		m.q[i].vector = 1;
		m.q[i].config_data = 0x5a00 + i;
		m.q[i].reset_polls = 1;
	}
	for (i = 0; i < CONFIG_LEN; i++)
		m.config[i] = 0x80 + i;
	return 0;
}

static int
read_cfg(void *arg, void *buf, uint32_t len, uint32_t off)
{
	(void)arg;
	return model_read_config(buf, len, off) == (int)len ? 0 : -EIO;
}

/* The transport of the model as its configuration space describes it. */
static struct vcrypto_transport *
transport(struct vcrypto_pci *p)
{
	const struct vcrypto_pci_bar bars[VCRYPTO_PCI_NB_BARS] = { [BAR] = { bar, BAR_SIZE } };

	memset(p, 0, sizeof(*p));
	assert_int_equal(vcrypto_pci_init(p, NAME, read_cfg, NULL, bars), 0);
	assert_int_equal(m.nb_trace, 0); /* no register was touched */
	assert_int_equal(p->base.kind, VCRYPTO_TRANSPORT_PCI);
	assert_string_equal(p->base.dev_name, NAME);
	return &p->base;
}

static int
group_setup(void **state)
{
	char path[PATH_MAX];

	bar = mmap(NULL, BAR_SIZE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (bar == MAP_FAILED || mkdtemp(sysfs) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/" NAME, sysfs);
	if (mkdir(path, 0700) != 0)
		return -1;
	return unit_eal_setup(state);
}

static int
group_teardown(void **state)
{
	char path[PATH_MAX];

	munmap(bar, BAR_SIZE);
	snprintf(path, sizeof(path), "%s/" NAME, sysfs);
	rmdir(path);
	rmdir(sysfs);
	return unit_eal_teardown(state);
}

#endif /* PCI_MODEL_H */
