/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Configuration space: bytes at the specification's offsets in, checked
 * values in CPU order out.
 */

#include "unit_eal.h"

#include <errno.h>
#include <stdlib.h>

#include <rte_log.h>

#include "virtio_caps.h"

/* Offsets of [virtio 5.9.5], each field with a value of its own. */
static void
fill_raw(uint8_t *raw)
{
	put32(raw, 0, 0x1);
	put32(raw, 4, 0x0102);
	put32(raw, 8, 0x21);
	put32(raw, 12, 0x31323334);
	put32(raw, 16, 0x41424344);
	put32(raw, 20, 0x51525354);
	put32(raw, 24, 0x61626364);
	put32(raw, 28, 0x71727374);
	put32(raw, 32, 0x81828384);
	put32(raw, 36, 0x91929394);
	put32(raw, 40, 0xa1a2a3a4);
	put32(raw, 44, 0xb1b2b3b4);
	put64(raw, 48, UINT64_C(0xc1c2c3c4c5c6c7c8));
}

static void
test_parse(void **state)
{
	struct virtio_crypto_config raw;
	struct vcrypto_config cfg;

	(void)state;
	assert_int_equal(sizeof(raw), 56);
	fill_raw((uint8_t *)&raw);
	assert_int_equal(vcrypto_caps_parse_config("test", &raw, &cfg), 0);
	assert_int_equal(cfg.status, 0x1);
	assert_int_equal(cfg.max_dataqueues, 0x0102);
	assert_int_equal(cfg.services, 0x21);
	assert_true(cfg.cipher_algo == UINT64_C(0x4142434431323334));
	assert_int_equal(cfg.hash_algo, 0x51525354);
	assert_true(cfg.mac_algo == UINT64_C(0x7172737461626364));
	assert_int_equal(cfg.aead_algo, 0x81828384);
	assert_int_equal(cfg.max_cipher_key_len, 0x91929394);
	assert_int_equal(cfg.max_auth_key_len, 0xa1a2a3a4);
	assert_int_equal(cfg.akcipher_algo, 0xb1b2b3b4);
	assert_true(cfg.max_size == UINT64_C(0xc1c2c3c4c5c6c7c8));

	/* No limit stated; status bits that mean nothing. c.20 */
	put64(&raw, 48, 0);
	put32(&raw, 0, 0xffffffff);
	assert_int_equal(vcrypto_caps_parse_config("test", &raw, &cfg), 0);
	assert_true(cfg.max_size == UINT64_MAX);
	assert_int_equal(cfg.status, 0xffffffff);
}

static void
test_parse_nonsense(void **state)
{
	static const struct {
		uint32_t nb;
		int want;
	} cases[] = { { 0, -EINVAL }, { 1, 0 }, { 65535, 0 }, { 65536, -EINVAL },
		{ UINT32_MAX, -EINVAL } };
	struct virtio_crypto_config raw;
	struct vcrypto_config cfg;
	size_t i;

	(void)state;
	fill_raw((uint8_t *)&raw);
	for (i = 0; i < UNIT_DIM(cases); i++) {
		char *log = NULL, value[16];
		size_t log_len;
		FILE *f = open_memstream(&log, &log_len);

		assert_non_null(f);
		put32(&raw, 4, cases[i].nb);
		rte_openlog_stream(f);
		assert_int_equal(vcrypto_caps_parse_config("dev7", &raw, &cfg), cases[i].want);
		rte_openlog_stream(NULL);
		fclose(f);
		/* One line that names device, field and value; silence if all is well. */
		snprintf(value, sizeof(value), " %u,", cases[i].nb);
		if (cases[i].want == 0) {
			assert_int_equal(log_len, 0);
		} else {
			assert_non_null(strstr(log, "dev7"));
			assert_non_null(strstr(log, "max_dataqueues"));
			assert_non_null(strstr(log, value));
			assert_ptr_equal(strchr(log, '\n'), log + log_len - 1);
		}
		free(log);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_parse),
		cmocka_unit_test(test_parse_nonsense),
	};

	return cmocka_run_group_tests(tests, unit_eal_setup, unit_eal_teardown);
}
