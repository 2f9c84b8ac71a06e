/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The PCI capability walk: layouts of real devices, and every kind of damage
 * that a configuration space can have. Configuration space is built byte by
 * byte at the offsets of [virtio 4.1.4] and of the PCI header.
 */

#include "unit_eal.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "virtio_pci_cap.h"

#define BAR_SIZE 0x4000

/* A device's configuration space, and what reading it costs. */
struct space {
	uint8_t cfg[256];
	uint64_t bar_len[VCRYPTO_PCI_NB_BARS];
	unsigned int reads;
	unsigned int fail_at; /* this read fails; 0: none does */
};

static int
space_read(void *arg, void *buf, uint32_t len, uint32_t off)
{
	struct space *s = arg;

	assert_true(off + len <= sizeof(s->cfg));
	if (++s->reads == s->fail_at)
		return -EIO;
	memcpy(buf, s->cfg + off, len);
	return 0;
}

static int
walk(struct space *s, struct vcrypto_pci_caps *caps)
{
	int ret;

	s->reads = 0;
	memset(caps, 0xa5, sizeof(*caps));
	ret = vcrypto_pci_cap_walk(space_read, s, s->bar_len, caps);
	/* Status, pointer, and at most three reads for each of the 48 positions. */
	assert_true(s->reads <= 2 + 48 * 3);
	assert_non_null(memchr(caps->error, 0, sizeof(caps->error)));
	if (ret != 0)
		assert_string_not_equal(caps->error, "");
	return ret;
}

static void
header(struct space *s, uint8_t first, unsigned int bar, uint64_t len)
{
	memset(s, 0, sizeof(*s));
	put16(s->cfg, 0x00, 0x1af4);
	put16(s->cfg, 0x02, 0x1054);
	put16(s->cfg, 0x06, 0x0010);
	s->cfg[0x34] = first;
	s->bar_len[bar] = len;
}

static void
cap(struct space *s, uint8_t pos, uint8_t next, uint8_t len, uint8_t type, uint8_t bar,
		uint32_t off, uint32_t length)
{
	s->cfg[pos] = 0x09;
	s->cfg[pos + 1] = next;
	s->cfg[pos + 2] = len;
	s->cfg[pos + 3] = type;
	s->cfg[pos + 4] = bar;
	put32(s->cfg, pos + 8, off);
	put32(s->cfg, pos + 12, length);
}

/*
 * The list of a virtio-crypto-pci device of QEMU 7.2: MSI-X 0x98, window 0x84, notify 0x70,
 * device 0x60, ISR 0x50, common 0x40. Newer QEMU has the same in another BAR.
 */
static void
good(struct space *s, unsigned int bar)
{
	header(s, 0x98, bar, BAR_SIZE);
	s->bar_len[1] = 0x1000;
	s->cfg[0x98] = 0x11; /* MSI-X */
	s->cfg[0x99] = 0x84;
	cap(s, 0x84, 0x70, 20, 5, 0, 0, 0);
	cap(s, 0x70, 0x60, 20, 2, bar, 0x3000, 0x1000);
	put32(s->cfg, 0x80, 4);
	cap(s, 0x60, 0x50, 16, 4, bar, 0x2000, 0x1000);
	cap(s, 0x50, 0x40, 16, 3, bar, 0x1000, 0x1000);
	cap(s, 0x40, 0x00, 16, 1, bar, 0x0000, 0x1000);
}

#define COMMON_POS 0x40
#define ISR_POS 0x50
#define DEVICE_POS 0x60
#define NOTIFY_POS 0x70
#define SPARE_POS 0xb0

static void
assert_region(const struct vcrypto_pci_caps *caps, enum vcrypto_pci_struct which, uint8_t bar,
		uint32_t offset, uint32_t length)
{
	assert_int_equal(caps->region[which].bar, bar);
	assert_int_equal(caps->region[which].offset, offset);
	assert_int_equal(caps->region[which].length, length);
}

static void
assert_good(const struct vcrypto_pci_caps *caps, unsigned int bar)
{
	assert_region(caps, VCRYPTO_PCI_COMMON, bar, 0x0000, 0x1000);
	assert_region(caps, VCRYPTO_PCI_ISR, bar, 0x1000, 0x1000);
	assert_region(caps, VCRYPTO_PCI_DEVICE, bar, 0x2000, 0x1000);
	assert_region(caps, VCRYPTO_PCI_NOTIFY, bar, 0x3000, 0x1000);
	assert_int_equal(caps->notify_multiplier, 4);
	assert_string_equal(caps->error, "");
}

/* The walk fails with ENODEV and says so about the structure and the reason. */
static void
assert_refused(struct space *s, const char *what, const char *why)
{
	struct vcrypto_pci_caps caps;

	assert_int_equal(walk(s, &caps), -ENODEV);
	if (strstr(caps.error, what) == NULL || strstr(caps.error, why) == NULL)
		fail_msg("\"%s\" does not say \"%s\" and \"%s\"", caps.error, what, why);
}

static void
test_layouts(void **state)
{
	static const unsigned int bars[] = { 4, 2, 0, 5 };
	struct vcrypto_pci_caps caps;
	struct space s;
	unsigned int i;

	(void)state;
	for (i = 0; i < UNIT_DIM(bars); i++) {
		good(&s, bars[i]);
		assert_int_equal(walk(&s, &caps), 0);
		assert_good(&caps, bars[i]);
	}
}

/* Each structure in a BAR of its own, as small as it may be, at the BAR's very end. */
static void
test_smallest(void **state)
{
	struct vcrypto_pci_caps caps;
	struct space s;

	(void)state;
	header(&s, 0x40, 0, 56);
	s.bar_len[1] = 0x100000002; /* a BAR beyond 4 GiB: 64-bit sizes */
	s.bar_len[3] = 0x1038;
	s.bar_len[5] = 0x21;
	cap(&s, 0x40, 0x54, 16, 1, 0, 0, 56);
	cap(&s, 0x54, 0x6c, 20, 2, 1, 0xfffffffe, 4);
	put32(s.cfg, 0x64, 0x80000000);
	cap(&s, 0x6c, 0x80, 16, 4, 3, 0x1000, 56);
	cap(&s, 0x80, 0, 16, 3, 5, 0x20, 1);
	assert_int_equal(walk(&s, &caps), 0);
	assert_region(&caps, VCRYPTO_PCI_COMMON, 0, 0, 56);
	assert_region(&caps, VCRYPTO_PCI_NOTIFY, 1, 0xfffffffe, 4);
	assert_region(&caps, VCRYPTO_PCI_DEVICE, 3, 0x1000, 56);
	assert_region(&caps, VCRYPTO_PCI_ISR, 5, 0x20, 1);
	assert_int_equal(caps.notify_multiplier, 0x80000000);

	s.bar_len[1] = 0x100000001;
	assert_refused(&s, "no usable notification capability: the one at 0x54", "beyond its BAR");
}

/* cap_len and length may be larger than today's structures. [virtio 4.1.4.1] */
static void
test_larger_accepted(void **state)
{
	struct vcrypto_pci_caps caps;
	struct space s;

	(void)state;
	good(&s, 4);
	s.cfg[COMMON_POS + 2] = 255;
	s.cfg[NOTIFY_POS + 2] = 24;
	put32(s.cfg, COMMON_POS + 12, BAR_SIZE);
	assert_int_equal(walk(&s, &caps), 0);
	assert_region(&caps, VCRYPTO_PCI_COMMON, 4, 0, BAR_SIZE);
}

static void
test_no_list(void **state)
{
	struct vcrypto_pci_caps caps;
	struct space s;

	(void)state;
	good(&s, 4);
	put16(s.cfg, 0x06, 0xffef);
	assert_refused(&s, "capability list", "no");
	assert_int_equal(s.reads, 1);

	/* A pointer into the header, or to nothing: an empty list. */
	good(&s, 4);
	s.cfg[0x34] = 0;
	assert_refused(&s, "no common configuration capability", "");
	s.cfg[0x34] = 0x10;
	cap(&s, 0x10, 0x98, 16, 1, 4, 0, 0x1000);
	assert_refused(&s, "no common configuration capability", "");

	/* An absent device reads as ones. */
	memset(s.cfg, 0xff, sizeof(s.cfg));
	assert_int_equal(walk(&s, &caps), -ENODEV);
}

static void
test_missing(void **state)
{
	static const struct {
		uint8_t pos;
		const char *what;
	} cases[] = {
		{ COMMON_POS, "no common configuration capability" },
		{ NOTIFY_POS, "no notification capability" },
		{ DEVICE_POS, "no device configuration capability" },
	};
	static const uint8_t other_types[] = { 0, 5, 6, 8, 9, 255 };
	struct vcrypto_pci_caps caps;
	struct space s;
	unsigned int i, j;

	(void)state;
	for (i = 0; i < UNIT_DIM(cases); i++) {
		for (j = 0; j < UNIT_DIM(other_types); j++) {
			good(&s, 4);
			s.cfg[cases[i].pos + 3] = other_types[j];
			assert_refused(&s, cases[i].what, "");
		}
		good(&s, 4);
		s.cfg[cases[i].pos] = 0x05; /* another id than vendor's */
		assert_refused(&s, cases[i].what, "");
	}
	/* The ISR structure is nobody's need. */
	good(&s, 4);
	s.cfg[ISR_POS + 3] = 0;
	assert_int_equal(walk(&s, &caps), 0);
	assert_int_equal(caps.region[VCRYPTO_PCI_ISR].length, 0);
}

/* One damaged field of one capability, and what is said about it. */
static void
test_damaged(void **state)
{
	static const struct {
		uint8_t pos, field, width;
		uint32_t value;
		const char *what, *why;
	} cases[] = {
		{ COMMON_POS, 2, 1, 15, "common", "too short" },
		{ COMMON_POS, 2, 1, 0, "common", "too short" },
		{ NOTIFY_POS, 2, 1, 19, "notification", "too short" },
		{ NOTIFY_POS, 2, 1, 16, "notification", "too short" },
		{ DEVICE_POS, 2, 1, 8, "device", "too short" },
		{ COMMON_POS, 4, 1, 6, "common", "reserved BAR" },
		{ COMMON_POS, 4, 1, 7, "common", "reserved BAR" },
		{ NOTIFY_POS, 4, 1, 6, "notification", "reserved BAR" },
		{ DEVICE_POS, 4, 1, 255, "device", "reserved BAR" },
		{ COMMON_POS, 4, 1, 0, "common", "not memory" },
		{ NOTIFY_POS, 4, 1, 3, "notification", "not memory" },
		{ DEVICE_POS, 4, 1, 5, "device", "not memory" },
		{ DEVICE_POS, 4, 1, 1, "device", "beyond its BAR" },
		{ COMMON_POS, 12, 4, 55, "common", "too few" },
		{ COMMON_POS, 12, 4, 0, "common", "too few" },
		{ NOTIFY_POS, 12, 4, 1, "notification", "too few" },
		{ DEVICE_POS, 12, 4, 55, "device", "too few" },
		{ COMMON_POS, 12, 4, BAR_SIZE + 1, "common", "beyond its BAR" },
		{ COMMON_POS, 12, 4, 0xffffffff, "common", "beyond its BAR" },
		{ NOTIFY_POS, 12, 4, 0x1001, "notification", "beyond its BAR" },
		{ COMMON_POS, 8, 4, BAR_SIZE, "common", "beyond its BAR" },
		/* 32-bit sums that wrap to an address inside the BAR */
		{ COMMON_POS, 8, 4, 0xfffff000, "common", "beyond its BAR" },
		{ DEVICE_POS, 8, 4, 0xfffff004, "device", "beyond its BAR" },
		{ NOTIFY_POS, 12, 4, 0xfffff000, "notification", "beyond its BAR" },
		{ COMMON_POS, 8, 4, 2, "common", "unaligned" },
		{ DEVICE_POS, 8, 4, 0x1001, "device", "unaligned" },
		{ NOTIFY_POS, 8, 4, 0x1001, "notification", "unaligned" },
	};
	struct vcrypto_pci_caps caps;
	char where[40];
	struct space s;
	unsigned int i;

	(void)state;
	for (i = 0; i < UNIT_DIM(cases); i++) {
		good(&s, 4);
		if (cases[i].width == 1)
			s.cfg[cases[i].pos + cases[i].field] = cases[i].value;
		else
			put32(s.cfg, cases[i].pos + cases[i].field, cases[i].value);
		assert_refused(&s, cases[i].what, cases[i].why);
		snprintf(where, sizeof(where), "at 0x%02x", cases[i].pos);
		assert_refused(&s, "no usable", where);

		/* A second, sound instance anywhere in the list mends it. */
		s.cfg[COMMON_POS + 1] = SPARE_POS;
		cap(&s, SPARE_POS, 0, 20, s.cfg[cases[i].pos + 3], 4, 0x800, 0x100);
		put32(s.cfg, SPARE_POS + 16, 8);
		assert_int_equal(walk(&s, &caps), 0);
	}
	/* Of several bad ones the first is the one to look at. */
	good(&s, 4);
	s.cfg[COMMON_POS + 1] = SPARE_POS;
	s.cfg[COMMON_POS + 4] = 6;
	cap(&s, SPARE_POS, 0, 16, 1, 4, 1, 0x100);
	assert_refused(&s, "at 0x40", "reserved BAR");
	/* Damage to the ISR's is no matter. */
	good(&s, 4);
	s.cfg[ISR_POS + 4] = 7;
	assert_int_equal(walk(&s, &caps), 0);
	assert_int_equal(caps.region[VCRYPTO_PCI_ISR].length, 0);
}

/* [virtio 4.1.4.1] Of several usable instances the first in the list counts. */
static void
test_duplicate(void **state)
{
	struct vcrypto_pci_caps caps;
	struct space s;
	uint8_t type;

	(void)state;
	for (type = 1; type <= 4; type++) {
		good(&s, 4);
		s.cfg[COMMON_POS + 1] = SPARE_POS;
		cap(&s, SPARE_POS, 0, 20, type, 4, 0x800, 0x100);
		put32(s.cfg, SPARE_POS + 16, 8);
		assert_int_equal(walk(&s, &caps), 0);
		assert_good(&caps, 4);
	}
	good(&s, 4);
	s.cfg[0x34] = SPARE_POS;
	cap(&s, SPARE_POS, 0x98, 20, 2, 4, 0x800, 0x100);
	put32(s.cfg, SPARE_POS + 16, 8);
	assert_int_equal(walk(&s, &caps), 0);
	assert_region(&caps, VCRYPTO_PCI_NOTIFY, 4, 0x800, 0x100);
	assert_int_equal(caps.notify_multiplier, 8);
}

static void
test_loops(void **state)
{
	struct vcrypto_pci_caps caps;
	struct space s;

	(void)state;
	/* A loop after everything was seen costs nothing. */
	good(&s, 4);
	s.cfg[COMMON_POS + 1] = 0x98;
	assert_int_equal(walk(&s, &caps), 0);
	assert_good(&caps, 4);
	s.cfg[COMMON_POS + 1] = COMMON_POS;
	assert_int_equal(walk(&s, &caps), 0);
	assert_good(&caps, 4);
	/* Reserved low bits do not make a new position of an old one. */
	s.cfg[COMMON_POS + 1] = COMMON_POS + 3;
	assert_int_equal(walk(&s, &caps), 0);
	/* A loop before it hides the rest. */
	good(&s, 4);
	s.cfg[DEVICE_POS + 1] = NOTIFY_POS;
	assert_refused(&s, "no common configuration capability", "");
	s.cfg[NOTIFY_POS + 1] = NOTIFY_POS;
	assert_refused(&s, "no common configuration capability", "");
}

static void
test_pointers(void **state)
{
	struct vcrypto_pci_caps caps;
	struct space s;
	unsigned int i;

	(void)state;
	/* The two low bits are masked wherever a pointer is read. */
	good(&s, 4);
	s.cfg[0x34] |= 1;
	s.cfg[NOTIFY_POS + 1] |= 2;
	s.cfg[ISR_POS + 1] |= 3;
	assert_int_equal(walk(&s, &caps), 0);
	assert_good(&caps, 4);

	/* At the end of configuration space there is no room for a capability. */
	for (i = 0xec; i <= 0xff; i++) {
		good(&s, 4);
		s.cfg[NOTIFY_POS + 3] = 9;
		s.cfg[COMMON_POS + 1] = i;
		memset(s.cfg + 0xec, 0x09, 20);
		s.cfg[i & ~3u] = 0x09;
		s.cfg[(i & ~3u) + 1] = 0;
		s.cfg[(i & ~3u) + 2] = 20;
		s.cfg[(i & ~3u) + 3] = 2;
		assert_int_equal(walk(&s, &caps), -ENODEV);
	}
	/* The last place where one with a multiplier fits, and four bytes too far. */
	good(&s, 4);
	s.cfg[NOTIFY_POS + 3] = 9;
	s.cfg[COMMON_POS + 1] = 0xec;
	cap(&s, 0xec, 0, 20, 2, 4, 0x3000, 0x1000);
	put32(s.cfg, 0xfc, 4);
	assert_int_equal(walk(&s, &caps), 0);
	assert_good(&caps, 4);
	s.cfg[COMMON_POS + 1] = 0xf0;
	cap(&s, 0xf0, 0, 20, 2, 4, 0x3000, 0x1000);
	assert_refused(&s, "notification", "beyond configuration space");
	/* One without a multiplier fits there. */
	good(&s, 4);
	s.cfg[COMMON_POS + 3] = 9;
	s.cfg[COMMON_POS + 1] = 0xf0;
	cap(&s, 0xf0, 0, 16, 1, 4, 0, 0x1000);
	assert_int_equal(walk(&s, &caps), 0);
	assert_good(&caps, 4);
}

/* Whichever read fails, that is the error. */
static void
test_unreadable(void **state)
{
	struct vcrypto_pci_caps caps;
	unsigned int i, all;
	struct space s;

	(void)state;
	good(&s, 4);
	assert_int_equal(walk(&s, &caps), 0);
	all = s.reads;
	for (i = 1; i <= all; i++) {
		s.fail_at = i;
		assert_int_equal(walk(&s, &caps), -EIO);
		assert_non_null(strstr(caps.error, "cannot be read"));
	}
}

/* Whatever comes out of noise and of damaged good lists keeps the promises of the header. */
static void
test_noise(void **state)
{
	static const uint32_t min_len[] = { 56, 2, 1, 56 }, align[] = { 4, 2, 1, 4 };
	uint64_t seed = UINT64_C(0x9e3779b97f4a7c15);
	unsigned int round, i, n, found = 0;
	struct vcrypto_pci_caps caps;
	struct space s;

	(void)state;
	for (round = 0; round < 200000; round++) {
		good(&s, unit_rand(&seed) % 6);
		if (round % 4 == 0)
			for (i = 0x40; i < 256; i++)
				s.cfg[i] = unit_rand(&seed);
		n = unit_rand(&seed) % 4;
		for (i = 0; i < n; i++)
			s.cfg[0x30 + unit_rand(&seed) % 0xd0] = unit_rand(&seed);
		if (walk(&s, &caps) != 0)
			continue;
		found++;
		for (i = 0; i < VCRYPTO_PCI_STRUCT_NB; i++) {
			const struct vcrypto_pci_region *r = &caps.region[i];

			if (i == VCRYPTO_PCI_ISR && r->length == 0)
				continue;
			assert_true(r->bar < VCRYPTO_PCI_NB_BARS);
			assert_true(r->length >= min_len[i]);
			assert_true(r->offset % align[i] == 0);
			assert_true((uint64_t)r->offset + r->length <= s.bar_len[r->bar]);
		}
	}
	assert_true(found > 10000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_layouts),
		cmocka_unit_test(test_smallest),
		cmocka_unit_test(test_larger_accepted),
		cmocka_unit_test(test_no_list),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_duplicate),
		cmocka_unit_test(test_loops),
		cmocka_unit_test(test_pointers),
		cmocka_unit_test(test_unreadable),
		cmocka_unit_test(test_noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
