/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Memory regions: of EAL's real memory, started in each of the ways that share memory
 * differently, and of lists of segments that this file makes up.
 *
 * EAL starts once in a process, so each way has a process of its own. There the regions
 * are mapped a second time, as a back end does it, and what was written in one mapping is
 * looked for in the other.
 */

#include "unit_eal.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include <rte_eal_memconfig.h>
#include <rte_log.h>
#include <rte_malloc.h>
#include <rte_memory.h>

#include "virtio_log.h"

/* The driver itself is linked in as well. */
#define vcrypto_mem_collect test_mem_collect
#define vcrypto_mem_equal test_mem_equal

static int model_walk(rte_memseg_contig_walk_t func, void *arg);
static int model_fd(const struct rte_memseg *ms);
static int model_fd_offset(const struct rte_memseg *ms, size_t *offset);

#define rte_memseg_contig_walk_thread_unsafe model_walk
#define rte_memseg_get_fd_thread_unsafe model_fd
#define rte_memseg_get_fd_offset_thread_unsafe model_fd_offset

#include "virtio_user/mem.c"

#undef rte_memseg_contig_walk_thread_unsafe
#undef rte_memseg_get_fd_thread_unsafe
#undef rte_memseg_get_fd_offset_thread_unsafe

/* Made-up memory; none: EAL's. */
static struct {
	unsigned int nb_runs;
	struct {
		uint64_t addr, page;
		unsigned int nb;
		bool external;
		int fd; /* -1: no file */
		bool fd_each; /* each page is a file: fd, fd + 1, ... */
		uint64_t offset;
	} runs[24];
} model;

static struct rte_memseg segs[64];
static int seg_fd[64];
static uint64_t seg_off[64];

static int
model_walk(rte_memseg_contig_walk_t func, void *arg)
{
	unsigned int r, i, n = 0;

	if (model.nb_runs == 0)
		return rte_memseg_contig_walk_thread_unsafe(func, arg);
	for (r = 0; r < model.nb_runs; r++) {
		struct rte_memseg_list msl = { .page_sz = model.runs[r].page,
			.external = model.runs[r].external };
		const unsigned int first = n;

		for (i = 0; i < model.runs[r].nb; i++, n++) {
			segs[n].addr_64 = model.runs[r].addr + i * model.runs[r].page;
			segs[n].len = model.runs[r].page;
			seg_fd[n] = model.runs[r].fd + (model.runs[r].fd_each ? (int)i : 0);
			seg_off[n] = model.runs[r].offset +
				(model.runs[r].fd_each ? 0 : i * model.runs[r].page);
		}
		if (func(&msl, &segs[first], model.runs[r].nb * model.runs[r].page, arg) != 0)
			return -1;
	}
	return 0;
}

static int
model_fd(const struct rte_memseg *ms)
{
	return model.nb_runs == 0 ? rte_memseg_get_fd_thread_unsafe(ms) : seg_fd[ms - segs];
}

static int
model_fd_offset(const struct rte_memseg *ms, size_t *offset)
{
	if (model.nb_runs == 0)
		return rte_memseg_get_fd_offset_thread_unsafe(ms, offset);
	*offset = seg_off[ms - segs];
	return 0;
}

static char *log_text;
static size_t log_len;
static bool quiet;

/* Collect with a look at what is logged: one line with this in it, or none. */
static int
collect(const void *gone, size_t len, struct vcrypto_mem_table *table, const char *says)
{
	FILE *const f = open_memstream(&log_text, &log_len);
	const char *nl;
	int ret;

	assert_non_null(f);
	rte_openlog_stream(f);
	ret = vcrypto_mem_collect("unit0", gone, len, quiet, table);
	rte_openlog_stream(NULL);
	fclose(f);
	nl = strchr(log_text, '\n');
	if (says == NULL ? log_len != 0 : nl == NULL || nl[1] != '\0' ||
			strstr(log_text, says) == NULL || strstr(log_text, "unit0") == NULL)
		fail_msg("logged: %s", log_text);
	free(log_text);
	return ret;
}

static void
expect(const struct vcrypto_mem_table *t, unsigned int i, uint64_t addr, uint64_t len, int fd,
		uint64_t offset)
{
	assert_true(i < t->nb);
	assert_true(t->regions[i].addr == addr);
	assert_true(t->regions[i].len == len);
	assert_int_equal(t->regions[i].fd, fd);
	assert_true(t->regions[i].offset == offset);
}

#define PAGE_4K 0x1000
#define PAGE_2M 0x200000
#define BASE UINT64_C(0x100000000)

static void
test_one_file(void **state)
{
	struct vcrypto_mem_table t;

	(void)state;
	memset(&model, 0, sizeof(model));
	model.nb_runs = 1;
	model.runs[0].addr = BASE;
	model.runs[0].page = PAGE_4K;
	model.runs[0].nb = 20;
	model.runs[0].fd = 40;
	model.runs[0].offset = 0x5000;
	assert_int_equal(collect(NULL, 0, &t, NULL), 0);
	assert_int_equal(t.nb, 1);
	expect(&t, 0, BASE, 20 * PAGE_4K, 40, 0x5000);

	/* Memory about to go: at the beginning, in the middle, at the end, all, beside it. */
	assert_int_equal(collect((void *)BASE, 2 * PAGE_4K, &t, NULL), 0);
	assert_int_equal(t.nb, 1);
	expect(&t, 0, BASE + 2 * PAGE_4K, 18 * PAGE_4K, 40, 0x7000);
	assert_int_equal(collect((void *)(BASE + 5 * PAGE_4K), PAGE_4K, &t, NULL), 0);
	assert_int_equal(t.nb, 2);
	expect(&t, 0, BASE, 5 * PAGE_4K, 40, 0x5000);
	expect(&t, 1, BASE + 6 * PAGE_4K, 14 * PAGE_4K, 40, 0xb000);
	assert_int_equal(collect((void *)(BASE + 19 * PAGE_4K), PAGE_4K, &t, NULL), 0);
	assert_int_equal(t.nb, 1);
	expect(&t, 0, BASE, 19 * PAGE_4K, 40, 0x5000);
	assert_int_equal(collect((void *)BASE, 20 * PAGE_4K, &t, "none of DPDK's memory"),
		-ENODATA);
	assert_int_equal(collect((void *)(BASE + 20 * PAGE_4K), PAGE_4K, &t, NULL), 0);
	assert_int_equal(t.nb, 1);
	expect(&t, 0, BASE, 20 * PAGE_4K, 40, 0x5000);
	assert_int_equal(collect((void *)(BASE - PAGE_4K), PAGE_4K, &t, NULL), 0);
	expect(&t, 0, BASE, 20 * PAGE_4K, 40, 0x5000);
}

static void
test_file_for_each_page(void **state)
{
	struct vcrypto_mem_table t;
	unsigned int i;

	(void)state;
	memset(&model, 0, sizeof(model));
	model.nb_runs = 1;
	model.runs[0].addr = BASE;
	model.runs[0].page = PAGE_2M;
	model.runs[0].nb = VCRYPTO_MEM_MAX_REGIONS;
	model.runs[0].fd = 40;
	model.runs[0].fd_each = true;
	assert_int_equal(collect(NULL, 0, &t, NULL), 0);
	assert_int_equal(t.nb, VCRYPTO_MEM_MAX_REGIONS);
	for (i = 0; i < t.nb; i++)
		expect(&t, i, BASE + i * UINT64_C(0x200000), PAGE_2M, 40 + (int)i, 0);
	assert_int_equal(collect((void *)(BASE + PAGE_2M), PAGE_2M, &t, NULL), 0);
	assert_int_equal(t.nb, VCRYPTO_MEM_MAX_REGIONS - 1);
	expect(&t, 1, BASE + 2 * PAGE_2M, PAGE_2M, 42, 0);

	model.runs[0].nb++;
	assert_int_equal(collect(NULL, 0, &t, "in 9 pieces, a back end takes 8: run with"
		" --single-file-segments"), -E2BIG);
	model.runs[0].nb = 60;
	assert_int_equal(collect(NULL, 0, &t, "in 60 pieces"), -E2BIG);
	quiet = true;
	assert_int_equal(collect(NULL, 0, &t, NULL), -E2BIG);
	assert_int_equal(collect((void *)BASE, 60 * PAGE_2M, &t, NULL), -ENODATA);
	quiet = false;
}

static void
test_lists(void **state)
{
	struct vcrypto_mem_table t;

	(void)state;
	memset(&model, 0, sizeof(model));
	model.nb_runs = 5;
	/* Two that are one region, ... */
	model.runs[0].addr = BASE;
	model.runs[0].page = PAGE_4K;
	model.runs[0].nb = 4;
	model.runs[0].fd = 40;
	model.runs[1] = model.runs[0];
	model.runs[1].addr = BASE + 4 * PAGE_4K;
	model.runs[1].offset = 4 * PAGE_4K;
	/* ... one that goes on in memory and not in the file, or not in the same file, ... */
	model.runs[2] = model.runs[1];
	model.runs[2].addr = BASE + 8 * PAGE_4K;
	model.runs[2].offset = 9 * PAGE_4K;
	model.runs[3] = model.runs[2];
	model.runs[3].addr = BASE + 12 * PAGE_4K;
	model.runs[3].offset = 13 * PAGE_4K;
	model.runs[3].fd = 41;
	/* ... and one in the file and not in memory. */
	model.runs[4] = model.runs[3];
	model.runs[4].addr = BASE + 17 * PAGE_4K;
	model.runs[4].offset = 17 * PAGE_4K;
	assert_int_equal(collect(NULL, 0, &t, NULL), 0);
	assert_int_equal(t.nb, 4);
	expect(&t, 0, BASE, 8 * PAGE_4K, 40, 0);
	expect(&t, 1, BASE + 8 * PAGE_4K, 4 * PAGE_4K, 40, 9 * PAGE_4K);
	expect(&t, 2, BASE + 12 * PAGE_4K, 4 * PAGE_4K, 41, 13 * PAGE_4K);
	expect(&t, 3, BASE + 17 * PAGE_4K, 4 * PAGE_4K, 41, 17 * PAGE_4K);

	/* The application's own memory, and memory without a file, are left out with a word. */
	model.runs[1].external = true;
	model.runs[3].fd = -1;
	rte_log_set_level(vcrypto_logtype, RTE_LOG_DEBUG);
	model.nb_runs = 2;
	assert_int_equal(collect(NULL, 0, &t, "external memory"), 0);
	assert_int_equal(t.nb, 1);
	expect(&t, 0, BASE, 4 * PAGE_4K, 40, 0);
	rte_log_set_level(vcrypto_logtype, RTE_LOG_NOTICE);
	model.nb_runs = 5;
	model.runs[4].fd = -1;
	assert_int_equal(collect(NULL, 0, &t, NULL), 0);
	assert_int_equal(t.nb, 2);
	model.runs[0].external = true;
	model.runs[2].fd = -1;
	assert_int_equal(collect(NULL, 0, &t, "none of DPDK's memory"), -ENODATA);
}

static void
test_equal(void **state)
{
	const struct vcrypto_mem_table t = { .nb = 2, .regions = {
		{ .addr = 1, .len = 2, .offset = 3, .fd = 4 },
		{ .addr = 5, .len = 6, .offset = 7, .fd = 8 },
	} };
	struct vcrypto_mem_table u = t;

	(void)state;
	u.regions[2].addr = 9; /* beyond the end */
	assert_true(vcrypto_mem_equal(&t, &u));
	u.nb = 1;
	assert_false(vcrypto_mem_equal(&t, &u));
	u = t;
	u.regions[1].addr++;
	assert_false(vcrypto_mem_equal(&t, &u));
	u = t;
	u.regions[1].len++;
	assert_false(vcrypto_mem_equal(&t, &u));
	u = t;
	u.regions[1].offset++;
	assert_false(vcrypto_mem_equal(&t, &u));
	u = t;
	u.regions[0].fd++;
	assert_false(vcrypto_mem_equal(&t, &u));
}

/* ---- EAL's memory ---- */

enum { CHILD_OK, CHILD_FAILED, CHILD_NO_EAL };

#define HUGE_PAGES 20u /* what the largest of the ways takes, and some */

#define CHECK(cond) \
	do { \
		if (!(cond)) { \
			fprintf(stderr, "line %d: %s\n", __LINE__, #cond); \
			return CHILD_FAILED; \
		} \
	} while (0)

static struct vcrypto_mem_table table;
static uint8_t *maps[VCRYPTO_MEM_MAX_REGIONS]; /* of region i, to read */

/* Where the back end finds an address; NULL: nowhere. */
static uint8_t *
back_end(const void *addr)
{
	const uint64_t a = (uintptr_t)addr;
	uint32_t i;

	for (i = 0; i < table.nb; i++) {
		if (a >= table.regions[i].addr && a - table.regions[i].addr < table.regions[i].len)
			return maps[i] + (a - table.regions[i].addr);
	}
	return NULL;
}

static int
map_all(void)
{
	uint32_t i;

	rte_mcfg_mem_read_lock();
	i = (uint32_t)vcrypto_mem_collect("unit0", NULL, 0, false, &table);
	rte_mcfg_mem_read_unlock();
	CHECK(i == 0);
	CHECK(table.nb >= 1);
	for (i = 0; i < table.nb; i++) {
		maps[i] = mmap(NULL, table.regions[i].len, PROT_READ | PROT_WRITE, MAP_SHARED,
			table.regions[i].fd, (off_t)table.regions[i].offset);
		CHECK(maps[i] != MAP_FAILED);
	}
	return CHILD_OK;
}

/* A number on every page of EAL's, and back through the second mapping. */
static int
mark(const struct rte_memseg_list *msl, const struct rte_memseg *ms, void *arg)
{
	unsigned int *const nb = arg;
	const uint8_t *const seen = back_end(ms->addr);

	(void)msl;
	(*nb)++;
	return seen != NULL && memcmp(seen, ms->addr, 64) == 0 ? 0 : -1;
}

static int
check_memory(bool one_region)
{
	uint8_t *small, *large, *seen;
	unsigned int nb = 0;
	int ret;

	small = rte_malloc(NULL, 64, 0);
	large = rte_malloc(NULL, 3 << 20, 0);
	CHECK(small != NULL && large != NULL);
	ret = map_all();
	if (ret != CHILD_OK)
		return ret;
	CHECK(!one_region || table.nb == 1);
	memset(small, 0xa5, 64);
	memset(large, 0x5a, 3 << 20);
	seen = back_end(small);
	CHECK(seen != NULL && seen != small && seen[0] == 0xa5 && seen[63] == 0xa5);
	seen = back_end(large);
	CHECK(seen != NULL && seen[0] == 0x5a);
	seen = back_end(large + (3 << 20) - 1);
	CHECK(seen != NULL && *seen == 0x5a);
	*seen = 0x77;
	CHECK(large[(3 << 20) - 1] == 0x77);
	CHECK(rte_memseg_walk(mark, &nb) == 0 && nb > 0);
	return CHILD_OK;
}

/* Memory that the application has registered is left out, and the rest stays as it is. */
static int
check_external(void)
{
	const size_t page = 4096;
	struct vcrypto_mem_table after;
	uint8_t *mem;
	int ret;

	mem = mmap(NULL, 16 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(mem != MAP_FAILED);
	CHECK(rte_extmem_register(mem, 16 * page, NULL, 16, page) == 0);
	rte_mcfg_mem_read_lock();
	ret = vcrypto_mem_collect("unit0", NULL, 0, false, &after);
	rte_mcfg_mem_read_unlock();
	CHECK(ret == 0 && vcrypto_mem_equal(&after, &table));
	CHECK(back_end(mem) == NULL);
	return CHILD_OK;
}

struct way {
	const char *args[4];
	bool one_region;
};

static int
child(const struct way *way)
{
	char prefix[32];
	const char *argv[16] = { "unit", "--no-pci", "--no-shconf", "--no-telemetry",
		"--file-prefix", prefix, "--log-level=3" };
	int argc = 7, ret;
	unsigned int i;

	snprintf(prefix, sizeof(prefix), "vcmem%d", (int)getpid());
	for (i = 0; i < UNIT_DIM(way->args) && way->args[i] != NULL; i++)
		argv[argc++] = way->args[i];
	/* EAL asks for a vector that it may change, and changes its order only. */
	if (rte_eal_init(argc, (char **)(uintptr_t)argv) < 0)
		return CHILD_NO_EAL;
	model.nb_runs = 0;
	ret = check_memory(way->one_region);
	if (ret == CHILD_OK)
		ret = check_external();
	rte_eal_cleanup();
	return ret;
}

/* Free huge pages of 2 MiB, with a file system that EAL could take. */
static unsigned int
free_huge_pages(void)
{
	FILE *f = fopen("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages", "r");
	char line[512];
	unsigned int nb = 0;
	bool mounted = false;

	if (f == NULL)
		return 0;
	if (fscanf(f, "%u", &nb) != 1)
		nb = 0;
	fclose(f);
	f = fopen("/proc/mounts", "r");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f) != NULL)
		mounted |= strstr(line, " hugetlbfs ") != NULL;
	fclose(f);
	return mounted ? nb : 0;
}

static void
in_child(const struct way *way, bool huge)
{
	int status;
	pid_t pid;

	if (huge && free_huge_pages() < HUGE_PAGES) {
		print_message("# skip: fewer than %u huge pages of 2 MiB are free\n", HUGE_PAGES);
		skip();
	}
	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0)
		_exit(child(way));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), CHILD_OK);
}

static void
test_no_huge(void **state)
{
	const struct way way = { { "--no-huge", "-m", "32" }, true };

	(void)state;
	in_child(&way, false);
}

/* Few pages, since each is a region. */
static void
test_huge(void **state)
{
	const struct way way = { { "-m", "8" }, false };

	(void)state;
	in_child(&way, true);
}

static void
test_huge_in_memory(void **state)
{
	const struct way way = { { "--in-memory", "-m", "8" }, false };

	(void)state;
	in_child(&way, true);
}

static void
test_huge_single_file(void **state)
{
	const struct way way = { { "--single-file-segments", "-m", "32" }, true };

	(void)state;
	in_child(&way, true);
}

static void
test_huge_in_memory_single_file(void **state)
{
	const struct way way = { { "--in-memory", "--single-file-segments", "-m", "32" }, true };

	(void)state;
	in_child(&way, true);
}

static void
test_huge_legacy(void **state)
{
	const struct way way = { { "--legacy-mem", "-m", "8" }, false };

	(void)state;
	in_child(&way, true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_file),
		cmocka_unit_test(test_file_for_each_page),
		cmocka_unit_test(test_lists),
		cmocka_unit_test(test_equal),
		cmocka_unit_test(test_no_huge),
		cmocka_unit_test(test_huge),
		cmocka_unit_test(test_huge_in_memory),
		cmocka_unit_test(test_huge_single_file),
		cmocka_unit_test(test_huge_in_memory_single_file),
		cmocka_unit_test(test_huge_legacy),
	};

	rte_log_set_level(vcrypto_logtype, RTE_LOG_NOTICE);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
