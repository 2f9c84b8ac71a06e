/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/* The back end's arguments: what each gives, and the one line that each mistake gets. */

#include "unit_eal.h"

#include <errno.h>
#include <stdlib.h>

#include "args.h"

#define MAX_WORDS 140

static char said[4096]; /* what the last parse() wrote to stderr */

/* Splits a line at spaces, and parses it. */
static int
parse(struct vhc_args *a, const char *line)
{
	static char text[8192];
	char *argv[MAX_WORDS], *save = NULL, *word;
	int argc = 0, old, ret;
	FILE *f = tmpfile();
	size_t n;

	assert_non_null(f);
	snprintf(text, sizeof(text), "prog %s", line);
	for (word = strtok_r(text, " ", &save); word != NULL; word = strtok_r(NULL, " ", &save)) {
		assert_in_range(argc, 0, MAX_WORDS - 2);
		argv[argc++] = word;
	}
	argv[argc] = NULL;
	fflush(stderr);
	old = dup(STDERR_FILENO);
	dup2(fileno(f), STDERR_FILENO);
	ret = vhc_args_parse(a, argc, argv);
	fflush(stderr);
	dup2(old, STDERR_FILENO);
	close(old);
	rewind(f);
	n = fread(said, 1, sizeof(said) - 1, f);
	said[n] = '\0';
	fclose(f);
	return ret;
}

static void
defaults(void **state)
{
	struct vhc_args a;
	const struct vhc_args_socket *const s = &a.socket[0];

	(void)state;
	assert_int_equal(parse(&a, "--socket /run/a"), 0);
	assert_string_equal(said, "");
	assert_int_equal(a.nb_sockets, 1);
	assert_string_equal(s->path, "/run/a");
	assert_int_equal(s->nb_queues, 1);
	assert_int_equal(s->max_sessions, 1024);
	assert_int_equal(s->max_outstanding, 0);
	assert_int_equal(s->rate_ops, 0);
	assert_int_equal(s->rate_bps, 0);
	assert_true(s->server && s->stateless && s->packed && s->indirect);
	/* Signatures would hold up what comes behind them. */
	assert_false(s->in_order);
	assert_int_equal(a.asym_threads, 1);
	assert_int_equal(a.nb_engines, 0);
	assert_false(a.libcrypto_only || a.idle_sleep || a.help);
	vhc_args_free(&a);
	assert_int_equal(a.nb_sockets, 0);
}

static void
every_key(void **state)
{
	struct vhc_args a;
	const struct vhc_args_socket *s = &a.socket[0];

	(void)state;
	assert_int_equal(parse(&a,
			"--socket a,queues=64,server=0,sessions=20000,rate_ops=20k,rate_bps=1G,"
			"max_outstanding=77,stateless=0,packed=0,indirect=0,in_order=1 "
			"--engine crypto_openssl0 --engine=crypto_aesni_mb7 --asym-threads 4 "
			"--socket b --idle-sleep"), 0);
	assert_int_equal(a.nb_sockets, 2);
	assert_int_equal(s->nb_queues, 64);
	assert_int_equal(s->max_sessions, 20000);
	assert_int_equal(s->rate_ops, 20000);
	assert_int_equal(s->rate_bps, 1000000000);
	assert_int_equal(s->max_outstanding, 77);
	assert_false(s->server || s->stateless || s->packed || s->indirect);
	assert_true(s->in_order);
	assert_string_equal(a.socket[1].path, "b");
	assert_int_equal(a.nb_engines, 2);
	assert_string_equal(a.engine[0], "crypto_openssl0");
	assert_string_equal(a.engine[1], "crypto_aesni_mb7");
	assert_int_equal(a.asym_threads, 4);
	assert_true(a.idle_sleep);
	vhc_args_free(&a);

	assert_int_equal(parse(&a, "--socket a --asym-threads 0"), 0);
	assert_true(a.socket[0].in_order);
	vhc_args_free(&a);
	assert_int_equal(parse(&a, "--socket a,in_order=0 --asym-threads 0"), 0);
	assert_false(a.socket[0].in_order);
	vhc_args_free(&a);
	assert_int_equal(parse(&a, "--socket a --engine libcrypto"), 0);
	assert_true(a.libcrypto_only);
	vhc_args_free(&a);
	assert_int_equal(parse(&a, "--socket a --engine crypto_null --engine libcrypto"), 0);
	assert_false(a.libcrypto_only);
	assert_int_equal(a.nb_engines, 1);
	vhc_args_free(&a);
	assert_int_equal(parse(&a, "-h"), 0);
	assert_true(a.help);
	vhc_args_free(&a);
}

static void
mistakes(void **state)
{
	static const struct {
		const char *line;
		const char *says;
	} cases[] = {
		{"", "no --socket is given"},
		{"--socket", "--socket: the value is missing"},
		{"--socket ,queues=1", "there is no path"},
		{"--socket a --socket a", "--socket a: given twice"},
		{"--socket a,quux=1", "there is no key \"quux\""},
		{"--socket a,queues=1,queues=2", "queues is given twice"},
		{"--socket a,queues=0", "queues=0: give a number from 1 to 64"},
		{"--socket a,queues=65", "queues=65: give a number from 1 to 64"},
		{"--socket a,queues=", "queues=: give a number"},
		{"--socket a,queues", "queues=: give a number"},
		{"--socket a,queues=1k", "queues=1k: give a number"},
		{"--socket a,queues=0x10", "queues=0x10: give a number"},
		{"--socket a,queues=-1", "queues=-1: give a number"},
		{"--socket a,queues=+1", "queues=+1: give a number"},
		{"--socket a,queues=99999999999999999999", "give a number from 1 to 64"},
		{"--socket a,sessions=0", "sessions=0: give a number from 1"},
		{"--socket a,rate_ops=0", "rate_ops=0: give a number from 1"},
		{"--socket a,rate_ops=2G", "rate_ops=2G: give a number from 1"},
		{"--socket a,rate_ops=18446744073709551615G", "give a number from 1"},
		{"--socket a,rate_ops=5kk", "rate_ops=5kk: give a number"},
		{"--socket a,rate_bps=7999", "rate_bps=7999: give a number from 8000"},
		{"--socket a,max_outstanding=32769", "give a number from 1 to 32768"},
		{"--socket a,server=2", "server=2: give a number from 0 to 1"},
		{"--socket a,packed=yes", "packed=yes: give a number from 0 to 1"},
		{"--socket a --engine=", "--engine: there is no name"},
		{"--socket a --engine x --engine x", "--engine x: given twice"},
		{"--socket a --engine libcrypto --engine x", "libcrypto takes all that"},
		{"--socket a --asym-threads 9999", "--asym-threads=9999: give a number from 0"},
		{"--socket a --quux", "--quux: no such option"},
		{"--socket a stray", "stray: not an option"},
	};
	struct vhc_args a;
	unsigned int i;

	(void)state;
	for (i = 0; i < UNIT_DIM(cases); i++) {
		if (parse(&a, cases[i].line) != -EINVAL || strstr(said, cases[i].says) == NULL)
			fail_msg("\"%s\" says: %s", cases[i].line, said);
		/* One line, which names the program and the remedy. */
		assert_ptr_equal(strstr(said, "dpdk-vhost-crypto: "), said);
		assert_non_null(strstr(said, "--help"));
		assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
		vhc_args_free(&a);
	}
}

static void
too_much(void **state)
{
	char line[4096];
	struct vhc_args a;
	unsigned int i;
	size_t n = 0;

	(void)state;
	for (i = 0; i <= VHC_ARGS_MAX_SOCKETS; i++)
		n += (size_t)snprintf(line + n, sizeof(line) - n, "--socket %u ", i);
	assert_int_equal(parse(&a, line), -EINVAL);
	assert_non_null(strstr(said, "more than 64 --socket"));
	vhc_args_free(&a);
	for (n = 0, i = 0; i <= VHC_ARGS_MAX_ENGINES; i++)
		n += (size_t)snprintf(line + n, sizeof(line) - n, "--engine %u ", i);
	assert_int_equal(parse(&a, line), -EINVAL);
	assert_non_null(strstr(said, "more than 10 --engine"));
	vhc_args_free(&a);
	n = (size_t)snprintf(line, sizeof(line), "--socket ");
	memset(line + n, 'x', 108);
	line[n + 108] = '\0';
	assert_int_equal(parse(&a, line), -EINVAL);
	assert_non_null(strstr(said, "a path of 108 bytes, and a socket's has at most 107"));
	vhc_args_free(&a);
	line[n + 107] = '\0';
	assert_int_equal(parse(&a, line), 0);
	vhc_args_free(&a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(every_key),
		cmocka_unit_test(mistakes),
		cmocka_unit_test(too_much),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
