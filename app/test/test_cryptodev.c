/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * cryptodev_virtio_autotest: the functional suites over any cryptodev of the
 * driver under test. Only public rte_cryptodev API.
 */

#include <stdio.h>

#include "env.h"
#include "suites.h"
#include "test.h"

static const struct test_suite suites[] = {
	{"info", "what the device says of itself", suite_info},
	{"vectors", "published vectors, through reference and device", suite_vectors},
	{"vectors_bulk", "the published vectors of a folder's files (--vectors)", suite_bulk},
	{"cipher", "every cipher, key size, direction and layout", suite_cipher},
	{"auth", "every hash and MAC without a cipher", suite_auth},
	{"aead", "every AEAD: sizes, layouts, forgeries", suite_aead},
	{"chain", "every cipher with every hash and MAC, in four orders", suite_chain},
	{"chain_layout", "chains in all layouts, ranges and places of the digest",
		suite_chain_layout},
	{"digest", "truncated and wrong digests", suite_digest},
	{"session", "sessions of others, of nobody, of many", suite_session},
	{"negative", "what a device must refuse", suite_negative},
	{"burst", "bursts: back-pressure, mixtures, counters", suite_burst},
	{"thread", "two threads at a queue pair, several queue pairs", suite_thread},
	{"life", "configure, start, stop, and again", suite_life},
	{"random", "random operations against the reference", suite_random},
};

static void
list(const char *pattern)
{
	test_list(suites, RTE_DIM(suites), pattern);
}

static enum test_result
run(const char *pattern)
{
	struct test_totals totals = {0};
	char why[256] = "";
	enum test_result result;

	test_summary_reset();
	result = env_init(why, sizeof(why));
	if (result != TEST_PASS) {
		test_totals.failed += result == TEST_FAIL;
		test_totals.skipped += result == TEST_SKIP;
		if (test_opts.plain)
			printf("%s cryptodev_virtio_autotest: %s\n",
					result == TEST_SKIP ? "SKIP" : "FAIL", why);
		else
			printf("%s\n", why);
		return result;
	}
	test_hooks.before = env_before;
	test_hooks.after = env_after;
	if (test_run(suites, RTE_DIM(suites), pattern, &totals) == 0) {
		printf("%s%s: no case or suite fits it, see \"list\"\n",
				test_opts.plain ? "FAIL " : "", pattern == NULL ? "all" : pattern);
		test_totals.failed++;
		result = TEST_FAIL;
	}
	env_fini();
	test_summary(&totals);
	test_totals.passed += totals.passed;
	test_totals.failed += totals.failed;
	test_totals.skipped += totals.skipped;
	if (totals.failed > 0)
		return TEST_FAIL;
	if (result == TEST_PASS && totals.passed == 0)
		return TEST_SKIP;
	return result;
}

static void
menu(void)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(suites); i++)
		printf("  %-14s %s\n", suites[i].name, suites[i].what);
}

const struct test_command test_commands[] = {
	{"cryptodev_virtio_autotest", "functional suites of a symmetric cryptodev", run, list,
			menu},
};
const unsigned int nb_test_commands = RTE_DIM(test_commands);
