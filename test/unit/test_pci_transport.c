/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The PCI transport's functions over the register model: what is read and
 * written, in which order, and what is refused.
 */

#include "pci_model.h"

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
	};

	return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
