/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The DER writer and reader: bytes as X.690 has them, lengths at their borders, memory that is too
 * short by one, and hostile input in buffers that end where it ends.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "virtio_der.h"

#define NB(a) (sizeof(a) / sizeof((a)[0]))

/* ---- writer ---- */

/* INTEGER [X.690, 8.3]: of the fewest bytes, two's complement. */
static void
test_numbers(void **state)
{
	static const struct {
		uint8_t in[4];
		size_t len;
		uint8_t out[8];
		size_t out_len;
	} numbers[] = {
		{{0}, 0, {2, 1, 0}, 3},
		{{0}, 1, {2, 1, 0}, 3},
		{{0, 0, 0}, 3, {2, 1, 0}, 3},
		{{1}, 1, {2, 1, 1}, 3},
		{{0, 1}, 2, {2, 1, 1}, 3},
		{{0x7f}, 1, {2, 1, 0x7f}, 3},
		{{0x80}, 1, {2, 2, 0, 0x80}, 4},
		{{0, 0x80}, 2, {2, 2, 0, 0x80}, 4},
		{{0xff, 0xff}, 2, {2, 3, 0, 0xff, 0xff}, 5},
		{{0x01, 0, 0x01}, 3, {2, 3, 1, 0, 1}, 5},
	};
	struct vcrypto_der_in in, n;
	struct vcrypto_der_out o;
	uint8_t buf[8];
	size_t i;

	(void)state;
	for (i = 0; i < NB(numbers); i++) {
		vcrypto_der_out_init(&o, buf, sizeof(buf));
		vcrypto_der_put_number(&o, numbers[i].in, numbers[i].len);
		assert_int_equal(vcrypto_der_out_end(&o), numbers[i].out_len);
		assert_memory_equal(buf, numbers[i].out, numbers[i].out_len);
		/* And back. */
		in = (struct vcrypto_der_in){buf, numbers[i].out_len};
		assert_true(vcrypto_der_take_number(&in, &n));
		assert_int_equal(in.len, 0);
		while (n.len > 0 && n.p[0] == 0)
			fail_msg("a zero in front");
		vcrypto_der_out_init(&o, buf, sizeof(buf));
		assert_true(n.len <= numbers[i].len);
		assert_memory_equal(n.p, numbers[i].in + numbers[i].len - n.len, n.len);
	}
}

/* A length has one, two or three bytes [X.690, 10.1]. */
static void
test_lengths(void **state)
{
	static const size_t lens[] = {0, 1, 127, 128, 129, 255, 256, 257, 4096, 65535};
	static uint8_t data[65536 + 8], buf[65536 + 8];
	struct vcrypto_der_in in, got;
	struct vcrypto_der_out o;
	size_t i, head, k;

	(void)state;
	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7 + 1);
	for (i = 0; i < NB(lens); i++) {
		head = lens[i] < 128 ? 2 : lens[i] < 256 ? 3 : 4;
		vcrypto_der_out_init(&o, buf, lens[i] + head);
		vcrypto_der_put(&o, data, lens[i]);
		vcrypto_der_wrap(&o, VCRYPTO_DER_OCTET_STRING, 0);
		assert_int_equal(vcrypto_der_out_end(&o), lens[i] + head);
		assert_int_equal(buf[0], 4);
		if (head == 2)
			assert_int_equal(buf[1], lens[i]);
		else
			assert_int_equal(buf[1], 0x80 + head - 2);
		assert_memory_equal(buf + head, data, lens[i]);
		in = (struct vcrypto_der_in){buf, lens[i] + head};
		assert_true(vcrypto_der_take(&in, 4, &got));
		assert_int_equal(got.len, lens[i]);
		assert_ptr_equal(got.p, buf + head);
		assert_int_equal(in.len, 0);
		/* Of memory that is too short nothing is written beyond it. */
		for (k = 1; k <= head && k <= lens[i] + head; k++) {
			memset(buf, 0x55, sizeof(buf));
			vcrypto_der_out_init(&o, buf + 1, lens[i] + head - k);
			vcrypto_der_put(&o, data, lens[i]);
			vcrypto_der_wrap(&o, VCRYPTO_DER_OCTET_STRING, 0);
			assert_int_equal(vcrypto_der_out_end(&o), 0);
			assert_int_equal(buf[0], 0x55);
			assert_int_equal(buf[1 + lens[i] + head - k], 0x55);
		}
	}
	/* What has no length here. */
	vcrypto_der_out_init(&o, buf, sizeof(buf));
	vcrypto_der_put(&o, data, 65536);
	vcrypto_der_wrap(&o, VCRYPTO_DER_SEQUENCE, 0);
	assert_int_equal(vcrypto_der_out_end(&o), 0);
}

/* An ECPrivateKey with all its parts: the last is written first. */
static void
test_nesting(void **state)
{
	static const uint8_t want[] = {
		0x30, 0x1a, 0x02, 0x01, 0x01, 0x04, 0x02, 0xaa, 0xbb, 0xa0, 0x0a, 0x06, 0x08, 0x2a,
		0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0xa1, 0x05, 0x03, 0x03, 0x00, 0x04, 0x05,
	};
	static const uint8_t oid[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
	static const uint8_t one[] = {1}, key[] = {0xaa, 0xbb}, point[] = {4, 5};
	struct vcrypto_der_in in, seq, n, part;
	struct vcrypto_der_out o;
	uint8_t buf[64];
	size_t mark;

	(void)state;
	vcrypto_der_out_init(&o, buf, sizeof(buf));
	vcrypto_der_put(&o, point, sizeof(point));
	vcrypto_der_wrap_bits(&o, 0);
	vcrypto_der_wrap(&o, VCRYPTO_DER_CONTEXT(1), 0);
	mark = vcrypto_der_mark(&o);
	vcrypto_der_put(&o, oid, sizeof(oid));
	vcrypto_der_wrap(&o, VCRYPTO_DER_OID, mark);
	vcrypto_der_wrap(&o, VCRYPTO_DER_CONTEXT(0), mark);
	mark = vcrypto_der_mark(&o);
	vcrypto_der_put(&o, key, sizeof(key));
	vcrypto_der_wrap(&o, VCRYPTO_DER_OCTET_STRING, mark);
	vcrypto_der_put_number(&o, one, sizeof(one));
	vcrypto_der_wrap(&o, VCRYPTO_DER_SEQUENCE, 0);
	assert_int_equal(vcrypto_der_out_end(&o), sizeof(want));
	assert_memory_equal(buf, want, sizeof(want));

	in = (struct vcrypto_der_in){buf, sizeof(want)};
	assert_true(vcrypto_der_take(&in, VCRYPTO_DER_SEQUENCE, &seq));
	assert_true(vcrypto_der_take_number(&seq, &n));
	assert_int_equal(n.len, 1);
	/* The wrong tag moves nothing. */
	assert_false(vcrypto_der_take(&seq, VCRYPTO_DER_SEQUENCE, &part));
	assert_false(vcrypto_der_take_number(&seq, &part));
	assert_true(vcrypto_der_take(&seq, VCRYPTO_DER_OCTET_STRING, &part));
	assert_memory_equal(part.p, key, sizeof(key));
	assert_true(vcrypto_der_take(&seq, VCRYPTO_DER_CONTEXT(0), &part));
	assert_true(vcrypto_der_take(&seq, VCRYPTO_DER_CONTEXT(1), &part));
	assert_int_equal(seq.len, 0);
	assert_false(vcrypto_der_take(&seq, VCRYPTO_DER_CONTEXT(1), &part));
}

/* ---- reader ---- */

static void
test_refused(void **state)
{
	static const struct {
		uint8_t in[8];
		size_t len;
		const char *what;
	} bad[] = {
		{{0}, 0, "nothing"},
		{{2}, 1, "a tag alone"},
		{{2, 0}, 2, "no byte"},
		{{2, 1}, 2, "a byte that is not there"},
		{{2, 2, 1}, 3, "two, of which one is there"},
		{{3, 1, 1}, 3, "another tag"},
		{{2, 1, 0x80}, 3, "negative"},
		{{2, 2, 0xff, 1}, 4, "negative"},
		{{2, 2, 0, 1}, 4, "a needless zero"},
		{{2, 2, 0, 0}, 4, "a needless zero"},
		{{2, 0x80, 1, 0, 0}, 5, "of indefinite length"},
		{{2, 0x81, 1, 1}, 4, "a length of needless bytes"},
		{{2, 0x81}, 2, "a length that is not there"},
		{{2, 0x82, 0, 1, 1}, 5, "a length of needless bytes"},
		{{2, 0x82, 1}, 3, "a length of which one byte is there"},
		{{2, 0x83, 0, 0, 1, 1}, 6, "a length of three bytes"},
		{{2, 0x84, 0xff, 0xff, 0xff, 0xff}, 6, "4 GiB"},
		{{2, 0xff, 1, 1}, 4, "a reserved length"},
		{{2, 0x81, 0xff, 1}, 4, "255, of which one is there"},
	};
	struct vcrypto_der_in in, got;
	uint8_t *copy;
	size_t i;

	(void)state;
	for (i = 0; i < NB(bad); i++) {
		/* In memory of that length, so that a sanitizer sees what goes beyond. */
		copy = malloc(bad[i].len + 1);
		assert_non_null(copy);
		memcpy(copy + 1, bad[i].in, bad[i].len);
		in = (struct vcrypto_der_in){copy + 1, bad[i].len};
		if (vcrypto_der_take_number(&in, &got))
			fail_msg("taken: %s", bad[i].what);
		assert_ptr_equal(in.p, copy + 1);
		assert_int_equal(in.len, bad[i].len);
		free(copy);
	}
}

/* Whatever the bytes, what is taken lies within them, and they get fewer. */
static void
test_noise(void **state)
{
	struct vcrypto_der_in in, got;
	uint32_t x = 1;
	uint8_t *buf;
	size_t len, i;
	int round;

	(void)state;
	for (round = 0; round < 200000; round++) {
		x = x * 1664525 + 1013904223;
		len = x >> 28;
		buf = malloc(len + 1);
		assert_non_null(buf);
		for (i = 0; i < len; i++) {
			x = x * 1664525 + 1013904223;
			/* Often what looks like an element. */
			buf[i] = x >> 30 == 0 ? 2 : x >> 30 == 1 ? (uint8_t)(x >> 24 & 3) :
				(uint8_t)(x >> 20);
		}
		in = (struct vcrypto_der_in){buf, len};
		for (;;) {
			const struct vcrypto_der_in was = in;

			if (!vcrypto_der_take_number(&in, &got) &&
					!vcrypto_der_take(&in, (uint8_t)(x >> 16 & 0x3f), &got)) {
				assert_ptr_equal(in.p, was.p);
				break;
			}
			assert_true(in.len < was.len && in.p + in.len == buf + len);
			assert_true(got.p >= was.p && got.p + got.len <= in.p);
		}
		free(buf);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_lengths),
		cmocka_unit_test(test_nesting),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
