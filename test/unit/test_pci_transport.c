/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The PCI transport over a register model: virtio_pci.c is compiled in here with
 * its register accesses, configuration space reads, and the functions of EAL and
 * cryptodev that probe calls led to the model; sysfs is a folder of its own, with
 * files for BARs. The model knows each register's offset and
 * width from [virtio 4.1.4.3], not from the driver's structure, and fails a test
 * at the access that breaks a rule of a device: wrong width, an unknown address,
 * a write to what is read-only, a 0 to queue_enable, a queue register before
 * queue_select.
 */

#include "unit_eal.h"

#include <dirent.h>
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
static char sysfs[] = "/tmp/test_pci_transport.XXXXXX";

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
model_create(const char *name, struct rte_device *device, struct vcrypto_transport *transport,
		const struct vcrypto_dev_args *args)
{
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
	assert_int_equal(vcrypto_pci_init(p, "0000:00:10.0", read_cfg, NULL, bars), 0);
	assert_int_equal(m.nb_trace, 0); /* no register was touched */
	assert_int_equal(p->base.kind, VCRYPTO_TRANSPORT_PCI);
	assert_string_equal(p->base.dev_name, "0000:00:10.0");
	return &p->base;
}

static const struct vcrypto_queue_addr addr64 = {
	.desc = UINT64_C(0x1122334455667000),
	.driver = UINT64_C(0x99aabbccddeef002),
	.device = UINT64_C(0x0102030405060004),
	.size = 64,
};

static void
test_init_refuses(void **state)
{
	struct vcrypto_pci_bar bars[VCRYPTO_PCI_NB_BARS] = { [BAR] = { NULL, BAR_SIZE } };
	struct vcrypto_pci p;

	(void)state;
	/* A BAR with a size but without a mapping is an I/O BAR. */
	memset(&p, 0, sizeof(p));
	log_begin();
	assert_int_equal(vcrypto_pci_init(&p, "x", read_cfg, NULL, bars), -ENODEV);
	assert_int_equal(log_end("x: not a usable modern virtio device: no usable common"), 1);

	m.cfg[0x73] = 0;
	bars[BAR].addr = bar;
	log_begin();
	assert_int_equal(vcrypto_pci_init(&p, "x", read_cfg, NULL, bars), -ENODEV);
	assert_int_equal(log_end("no notification capability"), 1);
	assert_int_equal(m.nb_trace, 0);
}

static void
test_status(void **state)
{
	struct vcrypto_pci p;
	struct vcrypto_transport *t = transport(&p);

	(void)state;
	vcrypto_pci_ops.set_status(t, 0x0b);
	assert_int_equal(m.status, 0x0b);
	m.status = 0x4f;
	assert_int_equal(vcrypto_pci_ops.get_status(t), 0x4f);
	m.gone = true;
	assert_int_equal(vcrypto_pci_ops.get_status(t), 0xff);
}

static void
test_features(void **state)
{
	static const struct {
		uint32_t common_len;
		uint64_t hidden;
	} cases[] = {
		{ 56, VIRTIO_FEATURE(VIRTIO_F_NOTIF_CONFIG_DATA) |
				VIRTIO_FEATURE(VIRTIO_F_RING_RESET) },
		{ 57, VIRTIO_FEATURE(VIRTIO_F_NOTIF_CONFIG_DATA) |
				VIRTIO_FEATURE(VIRTIO_F_RING_RESET) },
		{ 58, VIRTIO_FEATURE(VIRTIO_F_RING_RESET) },
		{ 59, VIRTIO_FEATURE(VIRTIO_F_RING_RESET) },
		{ 60, 0 },
		{ 0x1000, 0 },
	};
	struct vcrypto_transport *t;
	struct vcrypto_pci p;
	unsigned int i;

	(void)state;
	for (i = 0; i < UNIT_DIM(cases); i++) {
		m.common_len = cases[i].common_len;
		m.nb_trace = 0;
		put32(m.cfg, 0x4c, m.common_len);
		t = transport(&p);
		m.features = UINT64_MAX;
		assert_int_equal(vcrypto_pci_ops.get_features(t), ~cases[i].hidden);
		m.features = UINT64_C(0x0000000130000011);
		assert_int_equal(vcrypto_pci_ops.get_features(t), m.features);
		/* Words of the other selector must not shine through. */
		m.features = UINT64_C(0x00000001ffffffff);
		assert_int_equal(vcrypto_pci_ops.get_features(t), m.features);
		vcrypto_pci_ops.set_features(t, UINT64_C(0x89abcdef01234567));
		assert_int_equal(m.guest_features, UINT64_C(0x89abcdef01234567));
		vcrypto_pci_ops.set_features(t, 0);
		assert_int_equal(m.guest_features, 0);
	}
}

/* Virtual addresses for a device that knows no IOMMU would be somebody else's memory. */
static void
test_check_features(void **state)
{
	const uint64_t v1 = VIRTIO_FEATURE(VIRTIO_F_VERSION_1);
	const uint64_t platform = v1 | VIRTIO_FEATURE(VIRTIO_F_ACCESS_PLATFORM);
	struct vcrypto_pci p;
	struct vcrypto_transport *t = transport(&p);

	(void)state;
	m.iova = RTE_IOVA_PA;
	assert_int_equal(vcrypto_pci_ops.check_features(t, v1), 0);
	assert_int_equal(vcrypto_pci_ops.check_features(t, platform), 0);
	m.iova = RTE_IOVA_VA;
	assert_int_equal(vcrypto_pci_ops.check_features(t, platform), 0);
	log_begin();
	assert_int_equal(vcrypto_pci_ops.check_features(t, v1), -ENOTSUP);
	assert_int_equal(log_end("--iova-mode=pa"), 1);
	assert_int_equal(m.nb_trace, 0);
}

static void
test_config(void **state)
{
	struct vcrypto_transport *t;
	struct vcrypto_pci p;
	uint32_t off;

	(void)state;
	put32(m.cfg, 0x6c, 59);
	t = transport(&p);
	assert_int_equal(vcrypto_pci_ops.config_len(t), 56); /* whole words */
	for (off = 0; off < 56; off += 4)
		assert_int_equal(vcrypto_pci_ops.read_config32(t, off), get32(m.config, off));
	assert_int_equal(m.nb_trace, 14);
	m.generation = 0xfe;
	assert_int_equal(vcrypto_pci_ops.config_generation(t), 0xfe);
	assert_int_equal(vcrypto_pci_ops.nb_queues(t), NB_QUEUES);
	assert_int_equal(vcrypto_pci_ops.queue_size_max(t, 0), 1024);
	assert_int_equal(vcrypto_pci_ops.queue_size_max(t, 2), 64);
	assert_int_equal(vcrypto_pci_ops.queue_size_max(t, NB_QUEUES), 0);
}

/* Position of the last write to a register, or -1. */
static int
last_write(uint16_t off)
{
	int i;

	for (i = (int)m.nb_trace - 1; i >= 0; i--)
		if (m.trace[i].write && m.trace[i].off == off)
			return i;
	return -1;
}

static void
test_queue_enable(void **state)
{
	static const uint16_t before[] = { 16, 22, 24, 26, 32, 36, 40, 44, 48, 52 };
	struct vcrypto_pci p;
	struct vcrypto_transport *t = transport(&p);
	struct vcrypto_doorbell db;
	unsigned int i;
	int enable;

	(void)state;
	assert_int_equal(vcrypto_pci_ops.queue_enable(t, 1, &addr64, 0, &db), 0);
	assert_int_equal(m.qselect, 1);
	assert_int_equal(m.q[1].size, 64);
	assert_int_equal(m.q[1].vector, 0xffff);
	assert_int_equal(m.config_vector, 0xffff);
	assert_int_equal(m.q[1].addr[0], 0x55667000);
	assert_int_equal(m.q[1].addr[1], 0x11223344);
	assert_int_equal(m.q[1].addr[2], 0xddeef002);
	assert_int_equal(m.q[1].addr[3], 0x99aabbcc);
	assert_int_equal(m.q[1].addr[4], 0x05060004);
	assert_int_equal(m.q[1].addr[5], 0x01020304);
	assert_int_equal(m.q[1].enable, 1);
	/* [virtio 4.1.4.3.2] queue_enable is the last of all. */
	enable = last_write(28);
	assert_int_equal(enable, m.nb_trace - 1);
	for (i = 0; i < UNIT_DIM(before); i++)
		assert_in_range(last_write(before[i]), 0, enable - 1);

	/* The largest size needs no write; other queues are left alone. */
	m.nb_trace = 0;
	assert_int_equal(vcrypto_pci_ops.queue_enable(t, 2, &addr64, 0, &db), 0);
	assert_int_equal(last_write(24), -1);
	assert_int_equal(m.q[2].size, 64);
	assert_int_equal(m.q[0].enable, 0);
	assert_int_equal(m.q[0].addr[0], 0);
}

static void
test_queue_enable_refuses(void **state)
{
	struct vcrypto_queue_addr addr = addr64;
	struct vcrypto_pci p;
	struct vcrypto_transport *t = transport(&p);
	struct vcrypto_doorbell db;

	(void)state;
	assert_int_equal(vcrypto_pci_ops.queue_enable(t, NB_QUEUES, &addr, 0, &db), -ENOENT);

	/* Larger than the device's maximum, and none at all. */
	addr.size = 65;
	log_begin();
	assert_int_equal(vcrypto_pci_ops.queue_enable(t, 2, &addr, 0, &db), -EINVAL);
	assert_int_equal(log_end("queue 2: 65 entries"), 1);
	addr.size = 0;
	log_begin();
	assert_int_equal(vcrypto_pci_ops.queue_enable(t, 2, &addr, 0, &db), -EINVAL);
	assert_int_equal(log_end("queue 2: 0 entries"), 1);
	/* A device that cannot have a smaller ring. */
	addr.size = 32;
	m.fixed_size = true;
	log_begin();
	assert_int_equal(vcrypto_pci_ops.queue_enable(t, 2, &addr, 0, &db), -EINVAL);
	assert_int_equal(log_end("queue 2: the device insists on 64 entries, not 32"), 1);
	assert_int_equal(m.q[2].enable, 0);
	m.fixed_size = false;

	/* Enabled already: nothing may be changed. */
	m.q[1].enable = 1;
	m.nb_trace = 0;
	log_begin();
	assert_int_equal(vcrypto_pci_ops.queue_enable(t, 1, &addr, 0, &db), -EIO);
	assert_int_equal(log_end("queue 1 reads as enabled"), 1);
	assert_int_equal(m.q[1].addr[0], 0);
	assert_int_equal(last_write(28), -1);

	/* Not there any more. */
	m.gone = true;
	log_begin();
	assert_int_equal(vcrypto_pci_ops.queue_enable(t, 0, &addr, 0, &db), -EIO);
	assert_int_equal(log_end(NULL), 1);
	assert_int_equal(last_write(28), -1);
}

/* [virtio 4.1.5.2] Address, width and value of a notification, by the two features. */
static void
test_doorbell(void **state)
{
	const uint64_t data = VIRTIO_FEATURE(VIRTIO_F_NOTIFICATION_DATA);
	const uint64_t config_data = VIRTIO_FEATURE(VIRTIO_F_NOTIF_CONFIG_DATA);
	const struct {
		uint64_t features;
		uint8_t width;
		uint32_t value;
	} cases[] = {
		{ 0, 2, 1 },
		{ config_data, 2, 0x5a01 },
		{ data, 4, 0xbeef0001 },
		{ data | config_data, 4, 0xbeef5a01 },
	};
	struct vcrypto_pci p;
	struct vcrypto_transport *t = transport(&p);
	struct vcrypto_doorbell db;
	unsigned int i;

	(void)state;
	m.q[1].notify_off = 3;
	for (i = 0; i < UNIT_DIM(cases); i++) {
		m.q[1].enable = 0;
		assert_int_equal(vcrypto_pci_ops.queue_enable(t, 1, &addr64, cases[i].features,
				&db), 0);
		m.nb_trace = 0;
		vcrypto_pci_ops.notify(t, &db, 0xbeef);
		assert_int_equal(m.nb_trace, 1);
		assert_true(m.trace[0].write);
		assert_int_equal(m.trace[0].off, NOTIFY + 3 * 4);
		assert_int_equal(m.trace[0].width, cases[i].width);
		assert_int_equal(m.trace[0].value, cases[i].value);
	}
	/* Without the feature the register is not there to be read. */
	m.q[1].enable = 0;
	m.common_len = 56;
	assert_int_equal(vcrypto_pci_ops.queue_enable(t, 1, &addr64, data, &db), 0);
}

static void
test_doorbell_bounds(void **state)
{
	static const struct {
		uint32_t base, len, multiplier;
		uint16_t off;
		int ret16, ret32;
	} cases[] = {
		{ NOTIFY, 0x1000, 4, 0, 0, 0 },
		{ NOTIFY, 0x1000, 4, 0x3ff, 0, 0 },
		{ NOTIFY, 0x1000, 4, 0x400, -EIO, -EIO },
		{ NOTIFY, 0x1000, 4, 0xffff, -EIO, -EIO },
		{ NOTIFY, 0x1000, 2, 0x7fe, 0, 0 },
		{ NOTIFY, 0x1000, 2, 0x7ff, 0, -EIO },
		{ NOTIFY, 0x1000, 2, 0x800, -EIO, -EIO },
		/* One address for all queues */
		{ NOTIFY, 2, 0, 0xffff, 0, -EIO },
		{ NOTIFY, 3, 0, 1, 0, -EIO },
		{ NOTIFY, 4, 0, 1, 0, 0 },
		/* Products beyond 32 bits, of which the low word would fit */
		{ NOTIFY, 0x1000, 0x80000000, 2, -EIO, -EIO },
		{ NOTIFY, 0x1000, 0xffffffff, 0xffff, -EIO, -EIO },
		{ NOTIFY, 0x1000, 0x40000000, 4, -EIO, -EIO },
		/* Unaligned by the multiplier, and by the structure's place */
		{ NOTIFY, 0x1000, 1, 1, -EIO, -EIO },
		{ NOTIFY, 0x1000, 1, 2, 0, -EIO },
		{ NOTIFY + 2, 0x0ffe, 4, 1, 0, -EIO },
		{ NOTIFY + 2, 0x0ffe, 2, 1, 0, 0 },
	};
	struct vcrypto_transport *t;
	struct vcrypto_doorbell db;
	struct vcrypto_pci p;
	unsigned int i, wide;

	(void)state;
	for (i = 0; i < UNIT_DIM(cases); i++) {
		put32(m.cfg, 0x78, cases[i].base);
		put32(m.cfg, 0x7c, cases[i].len);
		put32(m.cfg, 0x80, cases[i].multiplier);
		for (wide = 0; wide < 2; wide++) {
			const int want = wide ? cases[i].ret32 : cases[i].ret16;

			m.nb_trace = 0;
			m.q[0].enable = 0;
			m.q[0].notify_off = cases[i].off;
			t = transport(&p);
			log_begin();
			assert_int_equal(vcrypto_pci_ops.queue_enable(t, 0, &addr64, wide ?
					VIRTIO_FEATURE(VIRTIO_F_NOTIFICATION_DATA) : 0, &db),
					want);
			assert_int_equal(log_end(want != 0 ? "doorbell" : NULL), want != 0);
			assert_int_equal(m.q[0].enable, want == 0);
			if (want == 0)
				vcrypto_pci_ops.notify(t, &db, 0x1234);
		}
	}
}

static void
test_queue_reset(void **state)
{
	struct vcrypto_pci p;
	struct vcrypto_transport *t = transport(&p);
	struct vcrypto_doorbell db;

	(void)state;
	assert_int_equal(vcrypto_pci_ops.queue_enable(t, 1, &addr64, 0, &db), 0);
	/* A device that takes its time */
	m.q[1].reset_polls = 5;
	m.nb_trace = 0;
	assert_int_equal(vcrypto_pci_ops.queue_reset(t, 1, 60000), 0);
	assert_int_equal(m.q[1].enable, 0);
	assert_int_equal(last_write(22), 0);
	assert_int_equal(last_write(58), 1);
	assert_int_equal(last_write(28), -1);
	/* The queue can be used again, with its largest size. */
	assert_int_equal(vcrypto_pci_ops.queue_enable(t, 1, &addr64, 0, &db), 0);

	/* Done at the first look: no time is needed. */
	m.q[1].reset_polls = 1;
	assert_int_equal(vcrypto_pci_ops.queue_reset(t, 1, 0), 0);

	/* Never */
	m.nb_trace = 0;
	m.q[1].reset_polls = 0;
	assert_int_equal(vcrypto_pci_ops.queue_reset(t, 1, 2), -ETIMEDOUT);
	/* A queue that still shows queue_enable was not reset. */
	m.nb_trace = 0;
	m.q[1].reset_polls = 1;
	m.reset_leaves_enabled = true;
	assert_int_equal(vcrypto_pci_ops.queue_reset(t, 1, 2), -ETIMEDOUT);
	m.nb_trace = 0;
	m.gone = true;
	assert_int_equal(vcrypto_pci_ops.queue_reset(t, 1, 2), -ETIMEDOUT);
}

/* A device as the PCI bus hands it to the driver. */
static void
bus_device(struct rte_pci_device *dev, struct rte_devargs *devargs)
{
	memset(dev, 0, sizeof(*dev));
	dev->addr.devid = 0x10;
	dev->kdrv = RTE_PCI_KDRV_UIO_GENERIC;
	dev->mem_resource[1].len = 0x1000; /* sized, but not memory */
	dev->mem_resource[BAR].phys_addr = 0xfe000000;
	dev->mem_resource[BAR].len = BAR_SIZE;
	dev->device.devargs = devargs;
}

static unsigned int
heap_count(void)
{
	struct rte_malloc_socket_stats stats;
	unsigned int i, n = 0;

	for (i = 0; i < RTE_MAX_NUMA_NODES; i++)
		if (rte_malloc_get_socket_stats(i, &stats) == 0)
			n += stats.alloc_count;
	return n;
}

static void
test_probe_remove(void **state)
{
	const unsigned int heap = heap_count();
	char text[] = "caps=probe";
	struct rte_devargs devargs = { .args = text };
	struct rte_pci_device dev;
	unsigned int i;

	(void)state;
	bus_device(&dev, &devargs);
	for (i = 0; i < 3; i++) {
		assert_int_equal(pci_driver.probe(&pci_driver, &dev), 0);
		assert_int_equal(m.creates, i + 1);
		assert_string_equal(m.name, "0000:00:10.0");
		assert_string_equal(m.args_text, "caps=probe");
		assert_true(m.args_given);
		assert_int_equal(m.args.timeout_ms, 77);
		assert_ptr_equal(m.device, &dev.device);
		assert_int_equal(m.transport->kind, VCRYPTO_TRANSPORT_PCI);
		assert_int_equal(m.nb_trace, 0); /* registers are the device core's */
		assert_int_equal(heap_count(), heap + 1);
		assert_int_equal(m.maps, i + 1);
		assert_int_equal(m.unmaps, i);

		/* Started: stays as it is. */
		m.destroy_ret = -EBUSY;
		assert_int_equal(pci_driver.remove(&dev), -EBUSY);
		assert_int_equal(heap_count(), heap + 1);
		assert_int_equal(m.unmaps, i);
		m.destroy_ret = i == 1 ? -ENODEV : 0;
		assert_int_equal(pci_driver.remove(&dev), 0);
		assert_int_equal(heap_count(), heap);
		assert_true(LIST_EMPTY(&pci_devices));
		assert_int_equal(m.unmaps, i + 1);
		/* The device is reset by its registers first. */
		assert_true(m.unmapped_last);
	}
	dev.device.devargs = NULL;
	assert_int_equal(pci_driver.probe(&pci_driver, &dev), 0);
	assert_string_equal(m.args_text, "(null)");
	m.destroy_ret = 0;
	assert_int_equal(pci_driver.remove(&dev), 0);
	assert_int_equal(heap_count(), heap);
}

static void
test_probe_failures(void **state)
{
	const unsigned int heap = heap_count();
	char text[] = "bad";
	struct rte_devargs devargs = { .args = text };
	struct rte_pci_device dev;

	(void)state;
	/* Mapping fails: nothing else is done, and nothing undone. */
	bus_device(&dev, &devargs);
	m.map_ret = -1;
	log_begin();
	assert_int_equal(pci_driver.probe(&pci_driver, &dev), -EIO);
	assert_int_equal(log_end(NAME ": the registers cannot be mapped"), 1);
	/* The kernel's own driver has it: not for us, and no word about it. */
	m.map_ret = 1;
	log_begin();
	assert_int_equal(pci_driver.probe(&pci_driver, &dev), 1);
	assert_int_equal(log_end(NULL), 0);
	assert_int_equal(m.maps, 2);
	assert_string_equal(m.args_text, "");
	m.map_ret = 0;
	m.maps = 0;

	assert_int_equal(pci_driver.probe(&pci_driver, &dev), -EINVAL);
	assert_int_equal(m.creates, 0);
	assert_int_equal(m.cfg_reads, 0);
	assert_int_equal(m.maps, 1);
	assert_int_equal(m.unmaps, 1);

	bus_device(&dev, NULL);
	dev.mem_resource[BAR].phys_addr = 0;
	log_begin();
	assert_int_equal(pci_driver.probe(&pci_driver, &dev), -ENODEV);
	assert_int_equal(log_end(NAME ": not a usable modern virtio device"), 1);
	assert_int_equal(m.creates, 0);
	assert_int_equal(m.unmaps, 2);

	bus_device(&dev, NULL);
	m.create_ret = -EAGAIN;
	assert_int_equal(pci_driver.probe(&pci_driver, &dev), -EAGAIN);
	assert_int_equal(heap_count(), heap);
	assert_int_equal(m.unmaps, 3);
	/* Nothing is left that the next probe could trip over. */
	m.create_ret = 0;
	assert_int_equal(pci_driver.probe(&pci_driver, &dev), 0);
	assert_int_equal(m.unmaps, 3);
	assert_int_equal(pci_driver.remove(&dev), 0);
	assert_int_equal(m.maps, 4);
	assert_int_equal(m.unmaps, 4);
	assert_int_equal(heap_count(), heap);
}

/* A device of the primary, as its shared memory has it, that this secondary process finds. */
static void
primary_device(struct vcrypto_dev *dev, struct vcrypto_pci *p)
{
	memset(dev, 0, sizeof(*dev));
	dev->transport = &p->base;
	m.cdev_data.dev_private = dev;
	m.cdev.data = &m.cdev_data;
	m.found = &m.cdev;
	m.proc = RTE_PROC_SECONDARY;
	m.cfg_reads = 0;
}

/* c.16: a secondary process attaches and leaves; device and transport are the primary's. */
static void
test_secondary_vfio(void **state)
{
	const unsigned int heap = heap_count();
	struct vcrypto_dev vdev;
	struct rte_pci_device dev;
	struct vcrypto_pci p;

	(void)state;
	transport(&p);
	bus_device(&dev, NULL);
	dev.kdrv = RTE_PCI_KDRV_VFIO;
	primary_device(&vdev, &p);
	assert_int_equal(pci_driver.probe(&pci_driver, &dev), 0);
	assert_int_equal(m.creates, 1);
	assert_null(m.transport);
	assert_false(m.args_given);
	assert_ptr_equal(m.device, &dev.device);
	assert_int_equal(m.maps, 1);
	assert_int_equal(m.unmaps, 0);
	assert_int_equal(pci_driver.remove(&dev), 0);
	assert_int_equal(m.destroys, 1);
	assert_int_equal(m.unmaps, 1);

	/* Whatever EAL says, the cryptodev goes again. */
	m.map_ret = -1;
	log_begin();
	assert_int_equal(pci_driver.probe(&pci_driver, &dev), -EIO);
	assert_int_equal(log_end(NAME ": the registers cannot be mapped"), 1);
	m.map_ret = 1;
	log_begin();
	assert_int_equal(pci_driver.probe(&pci_driver, &dev), 1);
	assert_int_equal(log_end(NULL), 0);
	assert_int_equal(m.creates, 3);
	assert_int_equal(m.destroys, 3);
	assert_int_equal(m.unmaps, 1);

	assert_int_equal(m.cfg_reads, 0);
	assert_int_equal(m.nb_trace, 0);
	assert_int_equal(heap_count(), heap);
}

static const char *
resource_path(unsigned int index)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/" NAME "/resource%u", sysfs, index);
	return path;
}

static void
resource_create(unsigned int index, size_t len)
{
	const int fd = open(resource_path(index), O_CREAT | O_EXCL | O_RDWR, 0600);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, len), 0);
	close(fd);
}

static int
sysfs_clean(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < VCRYPTO_PCI_NB_BARS; i++)
		unlink(resource_path(i));
	return 0;
}

/* Mappings of files in the folder that stands for sysfs. */
static unsigned int
nb_mapped(void)
{
	FILE *f = fopen("/proc/self/maps", "r");
	char line[PATH_MAX + 128];
	unsigned int n = 0;

	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL)
		n += strstr(line, sysfs) != NULL;
	fclose(f);
	return n;
}

static unsigned int
nb_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned int n = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n;
}

static uint8_t *
reserve(size_t len)
{
	uint8_t *addr = mmap(NULL, len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_true(addr != MAP_FAILED);
	return addr;
}

/*
 * A device of two BARs with registers (doorbells in BAR 2, the rest in BAR 4) and one without, in
 * a primary that has them at at2 and at4.
 */
static void
two_bars(struct vcrypto_pci *p, uint8_t *at2, uint8_t *at4)
{
	const struct vcrypto_pci_bar bars[VCRYPTO_PCI_NB_BARS] = {
		[1] = { bar, BAR_SIZE }, [2] = { at2, BAR_SIZE }, [4] = { at4, BAR_SIZE },
	};

	m.cfg[0x70 + 4] = 2;
	memset(p, 0, sizeof(*p));
	assert_int_equal(vcrypto_pci_init(p, NAME, read_cfg, NULL, bars), 0);
}

/* On UIO the registers appear where the primary has them, and EAL is not asked for anything. */
static void
test_secondary_uio(void **state)
{
	static const enum rte_pci_kernel_driver kdrv[] = {
		RTE_PCI_KDRV_UIO_GENERIC, RTE_PCI_KDRV_IGB_UIO,
	};
	uint8_t *const at2 = reserve(BAR_SIZE), *const at4 = reserve(BAR_SIZE);
	const unsigned int heap = heap_count(), fds = nb_fds();
	struct vcrypto_dev vdev;
	struct rte_pci_device dev;
	struct vcrypto_pci p;
	unsigned int i;
	uint8_t byte;
	int fd;

	(void)state;
	two_bars(&p, at2, at4);
	resource_create(2, BAR_SIZE);
	resource_create(4, BAR_SIZE);
	primary_device(&vdev, &p);
	munmap(at2, BAR_SIZE);
	munmap(at4, BAR_SIZE);
	for (i = 0; i < UNIT_DIM(kdrv); i++) {
		bus_device(&dev, NULL);
		dev.kdrv = kdrv[i];
		assert_int_equal(pci_driver.probe(&pci_driver, &dev), 0);
		assert_int_equal(m.creates, i + 1);
		assert_null(m.transport);
		assert_int_equal(nb_mapped(), 2);
		assert_int_equal(nb_fds(), fds);
		/* Each is its own BAR, to its end, and what is written gets there. */
		at2[NOTIFY] = 0x52 + i;
		at4[BAR_SIZE - 1] = 0x54 + i;
		fd = open(resource_path(2), O_RDONLY);
		assert_int_equal(pread(fd, &byte, 1, NOTIFY), 1);
		close(fd);
		assert_int_equal(byte, 0x52 + i);
		fd = open(resource_path(4), O_RDONLY);
		assert_int_equal(pread(fd, &byte, 1, BAR_SIZE - 1), 1);
		close(fd);
		assert_int_equal(byte, 0x54 + i);

		/* Refused: stays as it is. */
		m.destroy_ret = -EBUSY;
		assert_int_equal(pci_driver.remove(&dev), -EBUSY);
		assert_int_equal(nb_mapped(), 2);
		m.destroy_ret = 0;
		assert_int_equal(pci_driver.remove(&dev), 0);
		assert_int_equal(nb_mapped(), 0);
	}
	assert_int_equal(m.maps + m.unmaps, 0);
	assert_int_equal(m.cfg_reads, 0);
	assert_int_equal(m.nb_trace, 0);
	assert_int_equal(heap_count(), heap);
	assert_int_equal(nb_fds(), fds);
}

static void
uio_fails(struct vcrypto_pci *p, int ret, const char *says)
{
	const unsigned int heap = heap_count(), fds = nb_fds();
	struct vcrypto_dev vdev;
	struct rte_pci_device dev;
	unsigned int i;

	bus_device(&dev, NULL);
	primary_device(&vdev, p);
	log_begin();
	assert_int_equal(pci_driver.probe(&pci_driver, &dev), ret);
	assert_int_equal(log_end(says), 1);
	assert_true(m.creates > 0);
	assert_int_equal(m.destroys, m.creates);
	assert_int_equal(m.maps + m.unmaps, 0);
	assert_int_equal(nb_mapped(), 0);
	assert_int_equal(nb_fds(), fds);
	assert_int_equal(heap_count(), heap);
	for (i = 0; i < VCRYPTO_PCI_NB_BARS; i++)
		assert_null(dev.mem_resource[i].addr);
}

static void
test_secondary_uio_failures(void **state)
{
	uint8_t *const at2 = reserve(BAR_SIZE), *const at4 = reserve(BAR_SIZE);
	struct vcrypto_pci p;

	(void)state;
	two_bars(&p, at2, at4);
	munmap(at2, BAR_SIZE);
	/* No such BAR; the first one, and the second. */
	uio_fails(&p, -ENOENT, "resource2 cannot be mapped at");
	resource_create(2, BAR_SIZE);
	uio_fails(&p, -ENOENT, "resource4 cannot be mapped at");
	/* The address is in use, whether the kernel minds or not. What is there stays. */
	resource_create(4, BAR_SIZE);
	assert_int_equal(mprotect(at4, BAR_SIZE, PROT_READ | PROT_WRITE), 0);
	at4[0] = 0xa5;
	uio_fails(&p, -EEXIST, "--base-virtaddr");
	m.mmap_is_wish = true;
	uio_fails(&p, -EEXIST, "--base-virtaddr");
	assert_int_equal(at4[0], 0xa5);
	munmap(at4, BAR_SIZE);
}

static void
no_primary(struct rte_pci_device *dev)
{
	log_begin();
	assert_int_equal(pci_driver.probe(&pci_driver, dev), -ENODEV);
	assert_int_equal(log_end("the primary process does not have this device"), 1);
}

static void
test_secondary_refuses(void **state)
{
	struct vcrypto_dev vdev;
	struct rte_pci_device dev;
	struct vcrypto_pci p;

	(void)state;
	transport(&p);
	primary_device(&vdev, &p);
	bus_device(&dev, NULL);
	/* The kernel's own driver has it. */
	dev.kdrv = RTE_PCI_KDRV_NONE;
	assert_int_equal(pci_driver.probe(&pci_driver, &dev), 1);
	assert_int_equal(m.creates, 0);
	/* The cryptodev says no. */
	dev.kdrv = RTE_PCI_KDRV_UIO_GENERIC;
	m.create_ret = -ENOMEM;
	assert_int_equal(pci_driver.probe(&pci_driver, &dev), -ENOMEM);
	assert_int_equal(m.destroys, 0);
	m.create_ret = 0;
	m.creates = 0;

	/* The primary has another device there, one of another kind, or is not done with it. */
	m.found = NULL;
	no_primary(&dev);
	m.found = &m.cdev;
	p.base.kind = VCRYPTO_TRANSPORT_INPROC;
	no_primary(&dev);
	vdev.transport = NULL;
	no_primary(&dev);
	m.cdev_data.dev_private = NULL;
	no_primary(&dev);
	assert_int_equal(m.creates, 4);
	assert_int_equal(m.destroys, 4);
	assert_int_equal(m.maps + m.unmaps, 0);
}

static void
test_identity(void **state)
{
	(void)state;
	assert_string_equal(pci_driver.driver.name, "crypto_virtio");
	assert_ptr_equal(crypto_driver.driver, &pci_driver.driver);
	assert_int_equal(crypto_driver.id, vcrypto_driver_id);
	assert_int_equal(pci_driver.id_table[0].vendor_id, 0x1af4);
	assert_int_equal(pci_driver.id_table[0].device_id, 0x1054);
	assert_int_equal(pci_driver.id_table[1].vendor_id, 0);
	/* With NEED_MAPPING a secondary that leaves stops the device under uio_pci_generic. */
	assert_false(pci_driver.drv_flags & RTE_PCI_DRV_NEED_MAPPING);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_init_refuses, setup),
		cmocka_unit_test_setup(test_status, setup),
		cmocka_unit_test_setup(test_features, setup),
		cmocka_unit_test_setup(test_check_features, setup),
		cmocka_unit_test_setup(test_config, setup),
		cmocka_unit_test_setup(test_queue_enable, setup),
		cmocka_unit_test_setup(test_queue_enable_refuses, setup),
		cmocka_unit_test_setup(test_doorbell, setup),
		cmocka_unit_test_setup(test_doorbell_bounds, setup),
		cmocka_unit_test_setup(test_queue_reset, setup),
		cmocka_unit_test_setup(test_probe_remove, setup),
		cmocka_unit_test_setup(test_probe_failures, setup),
		cmocka_unit_test_setup(test_secondary_vfio, setup),
		cmocka_unit_test_setup_teardown(test_secondary_uio, setup, sysfs_clean),
		cmocka_unit_test_setup_teardown(test_secondary_uio_failures, setup, sysfs_clean),
		cmocka_unit_test_setup(test_secondary_refuses, setup),
		cmocka_unit_test_setup(test_identity, setup),
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
