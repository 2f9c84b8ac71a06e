/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The program around the tests, in the manner of dpdk-test: EAL arguments
 * first, then names of tests as arguments, in DPDK_TEST, or on standard input.
 */

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <rte_debug.h>
#include <rte_eal.h>
#include <rte_errno.h>

#include "reference.h"
#include "test.h"

#define PROMPT "RTE>>"

/* As meson and dpdk-test have it. */
#define EXIT_SKIPPED 77

static unsigned int results[3]; /* by enum test_result */

static const struct test_command *const commands[] = {&test_command_sym, &test_command_asym};

static void
usage(FILE *f)
{
	fprintf(f,
"usage: dpdk-virtio-crypto-test [EAL arguments] -- [options] [test …]\n"
"\n"
"A test is the name of a command below, of a suite, or a shell pattern over names of cases\n"
"(\"cipher/aes-cbc-*\"). Without one, names come from DPDK_TEST, or from standard input.\n"
"\n"
"  --list          print the names of all cases (of those that fit the tests given)\n"
"  --plain         \"PASS name\", \"FAIL name: why\", \"SKIP name: why\", and totals\n"
"  --verbose       remarks of passed cases\n"
"  --driver NAME   driver of the cryptodev under test (crypto_virtio)\n"
"  --dev NAME      cryptodev under test (the driver's first)\n"
"  --seed N        start of all random numbers (from the clock)\n"
"  --ops N         operations of a random case (500)\n"
"  --timeout-ms N  an operation that takes longer is lost (30000)\n"
"  --max-size N    largest data of an operation that is tried, bytes (65536)\n"
"  --vectors DIR   run the vectors of this folder too, suite vectors_bulk (test/vectors)\n"
"  --whole-blocks  the device takes whole blocks only, of stream ciphers too (QEMU's built-in)\n"
"  --refuses LIST  what of RSA the device refuses: raw, md5 ... sha512, none (no digest), zeros\n"
"                  (numbers that begin with them), with commas; such cases are skipped when it\n"
"                  does, and fail when it does not\n"
"  --skip PATTERN  cases that are not run; may be given up to 16 times\n");
}

static void
help(void)
{
	unsigned int i, k;

	printf("list                 names of all cases\n"
	       "list PATTERN         … that fit\n"
	       "all                  run everything\n"
	       "PATTERN              run a suite, or the cases that fit\n"
	       "help, quit\n");
	for (i = 0; i < RTE_DIM(commands); i++) {
		printf("%-31s %s; its suites:\n", commands[i]->name, commands[i]->what);
		for (k = 0; k < commands[i]->nb_suites; k++)
			printf("  %-14s %s\n", commands[i]->suites[k].name,
					commands[i]->suites[k].what);
	}
}

static void
count(enum test_result r)
{
	results[r]++;
	if (!test_opts.plain)
		printf("Test %s\n", r == TEST_PASS ? "OK" : r == TEST_FAIL ? "Failed" : "Skipped");
}

static unsigned int
list(const char *pattern)
{
	unsigned int i, n = 0;

	for (i = 0; i < RTE_DIM(commands); i++)
		n += test_list(commands[i]->suites, commands[i]->nb_suites, pattern, true);
	return n;
}

/* The command whose name a word begins with; the rest, if any, is a pattern behind a colon. */
static const struct test_command *
named(const char *word, const char **pattern)
{
	unsigned int i;
	size_t n;

	for (i = 0; i < RTE_DIM(commands); i++) {
		n = strlen(commands[i]->name);
		if (strncmp(word, commands[i]->name, n) != 0 || (word[n] != ':' && word[n] != '\0'))
			continue;
		if (word[n] == ':')
			*pattern = word + n + 1;
		return commands[i];
	}
	return NULL;
}

/* One line of input; "test" or "test:pattern" or "test pattern" or "pattern". */
static bool
command(char *line)
{
	char *word = strtok(line, " \t\n");
	const char *pattern = strtok(NULL, " \t\n");
	const struct test_command *c;
	unsigned int i, n = 0;

	if (word == NULL || word[0] == '#')
		return true;
	if (strcmp(word, "quit") == 0 || strcmp(word, "exit") == 0)
		return false;
	if (strcmp(word, "help") == 0 || strcmp(word, "?") == 0) {
		help();
		return true;
	}
	if (strcmp(word, "list") == 0) {
		list(pattern);
		return true;
	}
	if (strcmp(word, "all") == 0) {
		for (i = 0; i < RTE_DIM(commands); i++)
			count(test_command_run(commands[i], NULL));
		return true;
	}
	c = named(word, &pattern);
	if (c != NULL) {
		count(test_command_run(c, pattern));
		return true;
	}
	for (i = 0; i < RTE_DIM(commands); i++) {
		if (test_list(commands[i]->suites, commands[i]->nb_suites, word, false) == 0)
			continue;
		count(test_command_run(commands[i], word));
		n++;
	}
	if (n == 0)
		count(test_command_run(commands[0], word)); /* which says so */
	return true;
}

static bool
number(const char *name, const char *text, uint64_t max, uint64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoull(text, &end, 0);
	if (errno == 0 && end != text && *end == '\0' && *out <= max && text[0] != '-')
		return true;
	fprintf(stderr, "--%s: \"%s\" is no number from 0 to %" PRIu64 "\n", name, text, max);
	return false;
}

static int
parse(int argc, char **argv, bool *only_list)
{
	enum { LIST = 1, PLAIN, VERBOSE, DRIVER, DEV, SEED, OPS, TIMEOUT, MAX_SIZE, WHOLE, SKIP,
		VECTORS, REFUSES, HELP };
	static const struct option options[] = {
		{"list", no_argument, NULL, LIST},
		{"plain", no_argument, NULL, PLAIN},
		{"verbose", no_argument, NULL, VERBOSE},
		{"driver", required_argument, NULL, DRIVER},
		{"dev", required_argument, NULL, DEV},
		{"seed", required_argument, NULL, SEED},
		{"ops", required_argument, NULL, OPS},
		{"timeout-ms", required_argument, NULL, TIMEOUT},
		{"max-size", required_argument, NULL, MAX_SIZE},
		{"whole-blocks", no_argument, NULL, WHOLE},
		{"skip", required_argument, NULL, SKIP},
		{"vectors", required_argument, NULL, VECTORS},
		{"refuses", required_argument, NULL, REFUSES},
		{"help", no_argument, NULL, HELP},
		{NULL, 0, NULL, 0},
	};
	uint64_t n;
	int c;

	test_opts.driver = "crypto_virtio";
	test_opts.ops = 500;
	test_opts.timeout_ms = 30000;
	test_opts.max_size = 65536;
	test_opts.seed = (uint64_t)time(NULL) << 20 ^ (uint64_t)getpid();
	optind = 1;
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case LIST:
			*only_list = true;
			break;
		case PLAIN:
			test_opts.plain = true;
			break;
		case VERBOSE:
			test_opts.verbose = true;
			break;
		case DRIVER:
			test_opts.driver = optarg;
			break;
		case DEV:
			test_opts.dev = optarg;
			break;
		case SEED:
			if (!number("seed", optarg, UINT64_MAX, &test_opts.seed))
				return -EINVAL;
			break;
		case OPS:
			if (!number("ops", optarg, UINT32_MAX, &n))
				return -EINVAL;
			test_opts.ops = (unsigned int)n;
			break;
		case TIMEOUT:
			if (!number("timeout-ms", optarg, UINT32_MAX, &n))
				return -EINVAL;
			test_opts.timeout_ms = (unsigned int)n;
			break;
		case MAX_SIZE:
			if (!number("max-size", optarg, 256 * 1024, &n))
				return -EINVAL;
			test_opts.max_size = RTE_MAX((uint32_t)n, 4096u);
			break;
		case WHOLE:
			test_opts.whole_blocks = true;
			break;
		case SKIP:
			if (test_opts.nb_skip == RTE_DIM(test_opts.skip)) {
				fprintf(stderr, "--skip: %u times at most\n", test_opts.nb_skip);
				return -EINVAL;
			}
			test_opts.skip[test_opts.nb_skip++] = optarg;
			break;
		case VECTORS:
			test_opts.vectors = optarg;
			break;
		case REFUSES:
			test_opts.refuses = optarg;
			break;
		case HELP:
			usage(stdout);
			return 1;
		default:
			usage(stderr);
			return -EINVAL;
		}
	}
	return 0;
}

static void
prompt(void)
{
	char line[256];

	for (;;) {
		if (!test_opts.plain)
			printf(PROMPT);
		fflush(stdout);
		if (fgets(line, sizeof(line), stdin) == NULL || !command(line))
			break;
	}
	if (!test_opts.plain)
		printf("\n");
}

int
main(int argc, char **argv)
{
	const char *from_env = getenv("DPDK_TEST");
	bool only_list = false;
	char line[256];
	int ret, i;

	/* What was found until a crash must not be lost. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	ret = rte_eal_init(argc, argv);
	if (ret < 0)
		rte_exit(EXIT_FAILURE, "EAL does not start: %s\n", rte_strerror(rte_errno));
	argc -= ret;
	argv += ret;
	ret = parse(argc, argv, &only_list);
	if (ret != 0) {
		rte_eal_cleanup();
		return ret < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
	}
	if (ref_init() != 0)
		rte_exit(EXIT_FAILURE, "libcrypto has no default provider\n");

	if (only_list) {
		for (i = optind; i < argc || i == optind; i++)
			list(i < argc ? argv[i] : NULL);
		ref_fini();
		rte_eal_cleanup();
		return EXIT_SUCCESS;
	}
	printf("Seed %" PRIu64 "\n", test_opts.seed);
	if (optind < argc || (from_env != NULL && from_env[0] != '\0')) {
		if (from_env != NULL) {
			snprintf(line, sizeof(line), "%s", from_env);
			command(line);
		}
		for (i = optind; i < argc; i++) {
			snprintf(line, sizeof(line), "%s", argv[i]);
			if (!command(line))
				break;
		}
	} else {
		prompt();
	}
	if (test_opts.plain)
		printf("%u passed, %u failed, %u skipped\n", test_totals.passed, test_totals.failed,
				test_totals.skipped);
	ref_fini();
	rte_eal_cleanup();
	if (results[TEST_FAIL] > 0)
		return EXIT_FAILURE;
	return results[TEST_PASS] == 0 && results[TEST_SKIP] > 0 ? EXIT_SKIPPED : EXIT_SUCCESS;
}
