/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The PCI driver: probe and remove in the primary process and in secondary ones,
 * with what they map, create and leave behind.
 */

#include "pci_model.h"


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
	const unsigned int heap = heap_count(), fds = unit_nb_open();
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
		assert_int_equal(unit_nb_open(), fds);
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
	assert_int_equal(unit_nb_open(), fds);
}

static void
uio_fails(struct vcrypto_pci *p, int ret, const char *says)
{
	const unsigned int heap = heap_count(), fds = unit_nb_open();
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
	assert_int_equal(unit_nb_open(), fds);
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
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
