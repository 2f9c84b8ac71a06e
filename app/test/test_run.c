/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include <fnmatch.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>

#include "test.h"

struct test_opts test_opts;
struct test_hooks test_hooks;
struct test_totals test_totals;

static struct test_case *cases;
static unsigned int nb_cases;
static unsigned int max_cases;
static const char *adding_suite;

static char why[512];
static uint64_t rand_state;

/* Reasons and how often each was given, in the order of their first appearance. */
#define MAX_REASONS 256
static struct reason {
	enum test_result result;
	unsigned int count;
	char text[200];
} reasons[MAX_REASONS];
static unsigned int nb_reasons;

void
test_add(const struct test_case *tc, const char *fmt, ...)
{
	struct test_case *c;
	va_list ap;
	int n;

	if (nb_cases == max_cases) {
		max_cases = max_cases == 0 ? 256 : 2 * max_cases;
		cases = realloc(cases, max_cases * sizeof(*cases));
		if (cases == NULL) {
			fprintf(stderr, "out of memory\n");
			exit(EXIT_FAILURE);
		}
	}
	c = &cases[nb_cases++];
	*c = *tc;
	c->suite = adding_suite;
	n = snprintf(c->name, sizeof(c->name), "%s/", adding_suite);
	va_start(ap, fmt);
	vsnprintf(c->name + n, sizeof(c->name) - (size_t)n, fmt, ap);
	va_end(ap);
}

enum test_result
test_fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	return TEST_FAIL;
}

enum test_result
test_skip(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	return TEST_SKIP;
}

void
test_note(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
}

/* SplitMix64 (Steele, Lea, Flood 2014). */
uint64_t
test_rand(void)
{
	uint64_t z;

	rand_state += UINT64_C(0x9e3779b97f4a7c15);
	z = rand_state;
	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

uint32_t
test_rand_range(uint32_t lo, uint32_t hi)
{
	return hi <= lo ? lo : lo + (uint32_t)(test_rand() % ((uint64_t)hi - lo + 1));
}

void
test_rand_fill(void *buf, uint32_t len)
{
	uint8_t *p = buf;
	uint64_t r;

	for (; len >= sizeof(r); len -= sizeof(r), p += sizeof(r)) {
		r = test_rand();
		memcpy(p, &r, sizeof(r));
	}
	r = test_rand();
	memcpy(p, &r, len);
}

static void
seed_case(const char *name)
{
	/* FNV-1a over the name: a case run alone sees the same numbers as in a whole run. */
	uint64_t h = UINT64_C(0xcbf29ce484222325);

	for (; *name != '\0'; name++)
		h = (h ^ (uint8_t)*name) * UINT64_C(0x100000001b3);
	rand_state = test_opts.seed ^ h;
}

static void
enumerate(const struct test_suite *suites, unsigned int nb_suites)
{
	unsigned int i;

	nb_cases = 0;
	for (i = 0; i < nb_suites; i++) {
		adding_suite = suites[i].name;
		suites[i].enumerate();
	}
}

static bool
fits(const struct test_case *c, const char *pattern)
{
	return pattern == NULL || strcmp(pattern, c->suite) == 0 ||
			fnmatch(pattern, c->name, 0) == 0;
}

static const char *
skipped_by(const struct test_case *c)
{
	unsigned int i;

	for (i = 0; i < test_opts.nb_skip; i++)
		if (fits(c, test_opts.skip[i]))
			return test_opts.skip[i];
	return NULL;
}

static void
add_reason(enum test_result result, const char *text)
{
	struct reason *r;
	unsigned int i;

	for (i = 0; i < nb_reasons; i++) {
		r = &reasons[i];
		if (r->result == result && strncmp(r->text, text, sizeof(r->text) - 1) == 0) {
			r->count++;
			return;
		}
	}
	if (nb_reasons == MAX_REASONS)
		return;
	r = &reasons[nb_reasons++];
	r->result = result;
	r->count = 1;
	snprintf(r->text, sizeof(r->text), "%s", text);
}

static void
print_result(const struct test_case *c, unsigned int index, enum test_result result)
{
	static const char *const plain[] = {"PASS", "FAIL", "SKIP"};
	static const char *const dpdk[] = {"succeeded", "failed", "skipped"};
	const bool reason = why[0] != '\0' && (result != TEST_PASS || test_opts.verbose);

	if (test_opts.plain)
		printf("%s %s%s%s\n", plain[result], c->name, reason ? ": " : "",
				reason ? why : "");
	else
		printf(" + TestCase [%2u] : %s %s\n%s%s%s", index, c->name, dpdk[result],
				reason ? "      " : "", reason ? why : "", reason ? "\n" : "");
}

unsigned int
test_run(const struct test_suite *suites, unsigned int nb_suites, const char *pattern,
		struct test_totals *totals)
{
	const char *suite = NULL;
	enum test_result result;
	unsigned int i, n = 0;

	enumerate(suites, nb_suites);
	for (i = 0; i < nb_cases; i++) {
		const struct test_case *c = &cases[i];
		const char *skip = skipped_by(c);

		if (!fits(c, pattern))
			continue;
		if (!test_opts.plain && (suite == NULL || strcmp(suite, c->suite) != 0))
			printf(" + ------------------------------------------------------- +\n"
			       " + Test Suite : %s\n", c->suite);
		suite = c->suite;
		why[0] = '\0';
		seed_case(c->name);
		if (skip != NULL) {
			result = test_skip("--skip %s", skip);
		} else {
			result = test_hooks.before != NULL ? test_hooks.before(c) : TEST_PASS;
			if (result == TEST_PASS)
				result = c->run(c);
			if (test_hooks.after != NULL)
				result = test_hooks.after(c, result);
		}
		print_result(c, n, result);
		n++;
		if (result == TEST_PASS) {
			totals->passed++;
			continue;
		}
		if (result == TEST_FAIL)
			totals->failed++;
		else
			totals->skipped++;
		add_reason(result, result == TEST_FAIL ? c->name : why);
	}
	return n;
}

unsigned int
test_list(const struct test_suite *suites, unsigned int nb_suites, const char *pattern, bool print)
{
	unsigned int i, n = 0;

	enumerate(suites, nb_suites);
	for (i = 0; i < nb_cases; i++) {
		if (!fits(&cases[i], pattern))
			continue;
		if (print)
			printf("%s\n", cases[i].name);
		n++;
	}
	return n;
}

void
test_summary_reset(void)
{
	nb_reasons = 0;
}

void
test_summary(const struct test_totals *totals)
{
	unsigned int i;

	if (!test_opts.plain)
		printf(" + ------------------------------------------------------- +\n"
		       " + Test Suite Summary (seed %" PRIu64 ")\n", test_opts.seed);
	for (i = 0; i < nb_reasons && !test_opts.plain; i++)
		if (reasons[i].result == TEST_SKIP)
			printf(" + skipped %5u : %s\n", reasons[i].count, reasons[i].text);
	for (i = 0; i < nb_reasons && !test_opts.plain; i++)
		if (reasons[i].result == TEST_FAIL)
			printf(" + failed        : %s\n", reasons[i].text);
	if (!test_opts.plain)
		printf(" + Tests Total :       %u\n"
		       " + Tests Skipped :     %u\n"
		       " + Tests Passed :      %u\n"
		       " + Tests Failed :      %u\n"
		       " + ------------------------------------------------------- +\n",
		       totals->passed + totals->failed + totals->skipped, totals->skipped,
		       totals->passed, totals->failed);
}

enum test_result
test_command_run(const struct test_command *c, const char *pattern)
{
	struct test_totals totals = {0};
	char text[256] = "";
	enum test_result result;

	test_summary_reset();
	result = c->init(text, sizeof(text));
	if (result != TEST_PASS) {
		test_totals.failed += result == TEST_FAIL;
		test_totals.skipped += result == TEST_SKIP;
		if (test_opts.plain)
			printf("%s %s: %s\n", result == TEST_SKIP ? "SKIP" : "FAIL", c->name, text);
		else
			printf("%s\n", text);
		return result;
	}
	test_hooks = c->hooks;
	if (test_run(c->suites, c->nb_suites, pattern, &totals) == 0) {
		printf("%s%s: no case or suite fits it, see \"list\"\n",
				test_opts.plain ? "FAIL " : "", pattern == NULL ? "all" : pattern);
		test_totals.failed++;
		result = TEST_FAIL;
	}
	c->fini();
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
