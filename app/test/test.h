/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The test framework: cases, suites, results. Knows no device. The main lcore
 * alone calls these functions; worker lcores hand their findings to it.
 *
 * A case's name is "suite/part/part…"; it is unique, has no blanks and does not
 * depend on the device, so that counts can be compared between devices. What a
 * device cannot do is skipped, with the reason.
 */

#ifndef TEST_H
#define TEST_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_common.h>

struct ref_aead;
struct ref_auth;
struct ref_cipher;

enum test_result {
	TEST_PASS,
	TEST_FAIL,
	TEST_SKIP,
};

/** What the user asked for. */
struct test_opts {
	const char *driver; /* cryptodev driver name */
	const char *dev; /* cryptodev name, or NULL: the first of that driver */
	uint64_t seed;
	unsigned int ops; /* operations of a random case */
	unsigned int timeout_ms; /* an op that takes longer is lost */
	uint32_t max_size; /* largest data of an op that is tried, bytes */
	const char *vectors; /* folder with files of vectors, NULL: none are run */
	const char *skip[16]; /* patterns of cases that are not run */
	unsigned int nb_skip;
	const char *refuses; /* paddings and digests of RSA that the device refuses, with commas */
	bool whole_blocks; /* the device takes whole blocks only, of stream ciphers too */
	bool plain;
	bool verbose; /* notes of passed cases */
};
extern struct test_opts test_opts;

struct test_case;
typedef enum test_result (*test_fn_t)(const struct test_case *tc);

/** A case and its parameters; what they mean is the suite's business. */
struct test_case {
	const char *suite;
	char name[96];
	test_fn_t run;
	const struct ref_cipher *cipher;
	const struct ref_auth *auth;
	const struct ref_aead *aead;
	uint16_t key_len;
	uint16_t iv_len;
	uint8_t order; /* enum sess_order */
	bool decrypt;
	uint8_t layout;
	uint8_t ranges;
	uint8_t place;
	uint16_t nb_desc; /* of the queue pairs, 0: the default */
	uint32_t n;
};

struct test_suite {
	const char *name;
	const char *what; /* one line for the menu */
	void (*enumerate)(void); /* adds the suite's cases */
};

/**
 * Add a case to the suite that is being enumerated.
 * @param tc   parameters; suite and name are filled in.
 * @param fmt  the name without the suite.
 */
void test_add(const struct test_case *tc, const char *fmt, ...) __rte_format_printf(2, 3);

/** Results with a reason; to be returned by a case at once. */
enum test_result test_fail(const char *fmt, ...) __rte_format_printf(1, 2);
enum test_result test_skip(const char *fmt, ...) __rte_format_printf(1, 2);
/** A remark that is printed with a passed case if the user wants details. */
void test_note(const char *fmt, ...) __rte_format_printf(1, 2);

#define TEST_CHECK(cond, ...) do { \
	if (!(cond)) \
		return test_fail(__VA_ARGS__); \
} while (0)

/** Deterministic random numbers: from the seed and the running case's name. */
uint64_t test_rand(void);
/** A number in lo … hi, both included. */
uint32_t test_rand_range(uint32_t lo, uint32_t hi);
void test_rand_fill(void *buf, uint32_t len);

/** Totals of a run. */
struct test_totals {
	unsigned int passed;
	unsigned int failed;
	unsigned int skipped;
};
/** Of the whole program. */
extern struct test_totals test_totals;

/**
 * Run the cases whose name fits.
 * @param pattern  suite, or shell pattern over whole names; NULL: all.
 * @param totals   results are added.
 * @return number of cases that fit.
 */
unsigned int test_run(const struct test_suite *suites, unsigned int nb_suites,
		const char *pattern, struct test_totals *totals);
/** How many cases fit; with @p print their names are printed. */
unsigned int test_list(const struct test_suite *suites, unsigned int nb_suites,
		const char *pattern, bool print);
/** Print reasons of skipped and failed cases, counted. */
void test_summary(const struct test_totals *totals);
void test_summary_reset(void);

/** Called around each case; env_after() may turn a pass into a failure. */
struct test_hooks {
	/** @return TEST_PASS to go on, or the case's result. */
	enum test_result (*before)(const struct test_case *tc);
	enum test_result (*after)(const struct test_case *tc, enum test_result result);
};
extern struct test_hooks test_hooks;

/** A test that the prompt knows: suites over one kind of device. */
struct test_command {
	const char *name;
	const char *what;
	const struct test_suite *suites;
	unsigned int nb_suites;
	/** @return TEST_PASS; TEST_SKIP no such device; TEST_FAIL; the reason in @p why. */
	enum test_result (*init)(char *why, size_t why_len);
	void (*fini)(void);
	struct test_hooks hooks;
};
extern const struct test_command test_command_sym;
extern const struct test_command test_command_asym;

/** Run the cases that fit, with a summary; results are added to test_totals. */
enum test_result test_command_run(const struct test_command *c, const char *pattern);

#endif /* TEST_H */
