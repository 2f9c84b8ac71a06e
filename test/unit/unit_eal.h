/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * What unit tests share: an EAL without huge pages, devices or files that a
 * second run could trip over, and little-endian access to raw memory at byte
 * offsets, which is how the tests read and write wire formats.
 */

#ifndef UNIT_EAL_H
#define UNIT_EAL_H

#include <dirent.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <rte_common.h>
#include <rte_eal.h>

/** Number of elements of an array of test cases and the like. */
#define UNIT_DIM(a) (sizeof(a) / sizeof((a)[0]))

/**
 * Group setup: start EAL on the first CPU that this process may use.
 * @return 0, or -1: cmocka then fails the group.
 */
static inline int
unit_eal_setup(void **state)
{
	char prefix[32], core[16];
	char name[] = "unit", no_huge[] = "--no-huge", m[] = "-m", mem[] = "128",
	     no_pci[] = "--no-pci", no_shconf[] = "--no-shconf", no_tele[] = "--no-telemetry",
	     fp[] = "--file-prefix", l[] = "-l";
	char *argv[] = {name, no_huge, m, mem, no_pci, no_shconf, no_tele, fp, prefix, l, core};
	cpu_set_t set;
	int cpu;

	(void)state;
	CPU_ZERO(&set);
	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		return -1;
	for (cpu = 0; cpu < CPU_SETSIZE && !CPU_ISSET(cpu, &set); cpu++)
		;
	snprintf(prefix, sizeof(prefix), "vcunit%d", (int)getpid());
	snprintf(core, sizeof(core), "%d", cpu);
	return rte_eal_init((int)UNIT_DIM(argv), argv) < 0 ? -1 : 0;
}

/** Group teardown. */
static inline int
unit_eal_teardown(void **state)
{
	(void)state;
	return rte_eal_cleanup();
}

static inline unsigned int
unit_nb_entries(const char *folder)
{
	DIR *const dir = opendir(folder);
	unsigned int n = 0;

	assert_non_null(dir);
	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n;
}

/** Open files of this process, and its threads; to be compared with an earlier look. */
static inline unsigned int
unit_nb_open(void)
{
	return unit_nb_entries("/proc/self/fd");
}

static inline unsigned int
unit_nb_threads(void)
{
	return unit_nb_entries("/proc/self/task");
}

static inline uint16_t
get16(const void *p, size_t off)
{
	const volatile uint8_t *b = p;

	return (uint16_t)(b[off] | b[off + 1] << 8);
}

static inline uint32_t
get32(const void *p, size_t off)
{
	return get16(p, off) | (uint32_t)get16(p, off + 2) << 16;
}

static inline uint64_t
get64(const void *p, size_t off)
{
	return get32(p, off) | (uint64_t)get32(p, off + 4) << 32;
}

static inline void
put16(void *p, size_t off, uint16_t v)
{
	volatile uint8_t *b = p;

	b[off] = (uint8_t)v;
	b[off + 1] = (uint8_t)(v >> 8);
}

static inline void
put32(void *p, size_t off, uint32_t v)
{
	put16(p, off, (uint16_t)v);
	put16(p, off + 2, (uint16_t)(v >> 16));
}

static inline void
put64(void *p, size_t off, uint64_t v)
{
	put32(p, off, (uint32_t)v);
	put32(p, off + 4, (uint32_t)(v >> 32));
}

/** A small generator, so that a failing sequence can be run again from its seed. */
static inline uint32_t
unit_rand(uint64_t *s)
{
	*s ^= *s << 13;
	*s ^= *s >> 7;
	*s ^= *s << 17;
	return (uint32_t)(*s >> 32);
}

#endif /* UNIT_EAL_H */
