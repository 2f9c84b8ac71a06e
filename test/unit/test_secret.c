/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Handling of secrets: wiping that happens, and a comparison that looks at
 * every byte whatever the first ones say.
 */

#include "unit_eal.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "virtio_secret.h"

static void
test_wipe_exact(void **state)
{
	uint8_t buf[96];
	size_t len, i;

	(void)state;
	for (len = 0; len <= 64; len++) {
		memset(buf, 0x5a, sizeof(buf));
		vcrypto_secret_wipe(buf + 16, len);
		for (i = 0; i < sizeof(buf); i++)
			assert_int_equal(buf[i], i >= 16 && i < 16 + len ? 0 : 0x5a);
	}
}

/* Where a dead store would be removed: a local array that nobody reads afterwards. */
static __attribute__((noinline)) void
use_and_wipe(uint8_t **where)
{
	uint8_t key[256];

	*where = key;
	memset(key, 0xc3, sizeof(key));
	__asm__ __volatile__("" : : "r"(key) : "memory");
	vcrypto_secret_wipe(key, sizeof(key));
}

/* A look at the stack frame of a function that has returned. */
__attribute__((no_sanitize_address, noinline)) static unsigned int
count_left(const uint8_t *where)
{
	const volatile uint8_t *p = where;
	unsigned int i, left = 0;

	for (i = 0; i < 256; i++)
		left += p[i] == 0xc3;
	return left;
}

static void
test_wipe_not_removed(void **state)
{
	uint8_t *where;

	(void)state;
	use_and_wipe(&where);
	/* The compiler must not know that the address comes from a dead frame. */
	__asm__ __volatile__("" : "+r"(where) : : "memory");
	assert_true(count_left(where) < 64);
}

static unsigned int
heap_blocks(void)
{
	struct rte_malloc_socket_stats st;

	assert_int_equal(rte_malloc_get_socket_stats(0, &st), 0);
	return st.alloc_count;
}

/* The wipe itself is seen by test_wipe_*: the heap clears what it takes back, too. */
static void
test_free_frees(void **state)
{
	const unsigned int before = heap_blocks();
	void *p;

	(void)state;
	vcrypto_secret_free(NULL, 0);
	vcrypto_secret_free(NULL, 100);
	p = rte_malloc("secret", 512, 64);
	assert_non_null(p);
	assert_int_equal(heap_blocks(), before + 1);
	vcrypto_secret_free(p, 512);
	assert_int_equal(heap_blocks(), before);
}

static void
test_equal_finds_every_bit(void **state)
{
	uint8_t a[64], b[64];
	size_t len, i;
	unsigned int bit;

	(void)state;
	for (i = 0; i < sizeof(a); i++)
		a[i] = b[i] = (uint8_t)(i * 7 + 3);
	for (len = 1; len <= sizeof(a); len++) {
		assert_true(vcrypto_secret_equal(a, b, len));
		for (i = 0; i < len; i++)
			for (bit = 0; bit < 8; bit++) {
				b[i] ^= (uint8_t)(1u << bit);
				assert_false(vcrypto_secret_equal(a, b, len));
				assert_false(vcrypto_secret_equal(b, a, len));
				b[i] ^= (uint8_t)(1u << bit);
			}
	}
	/* What lies behind the length is not compared. */
	b[32] ^= 0xff;
	assert_true(vcrypto_secret_equal(a, b, 32));
	assert_false(vcrypto_secret_equal(a, b, 33));
	assert_true(vcrypto_secret_equal(a, b, 0));
}

/* Two differences that cancel out under a sum or an exclusive or must not. */
static void
test_equal_no_cancelling(void **state)
{
	uint8_t a[16] = {0}, b[16] = {0};

	(void)state;
	b[0] = 0x80;
	b[15] = 0x80;
	assert_false(vcrypto_secret_equal(a, b, 16));
	b[0] = 1;
	b[15] = 0xff;
	assert_false(vcrypto_secret_equal(a, b, 16));
}

/*
 * Constant time, seen by its traces: every byte of both buffers is read even if
 * the first one differs, because reading the second page faults it in.
 */
static void
test_equal_reads_to_the_end(void **state)
{
	const long page = sysconf(_SC_PAGESIZE);
	unsigned char in_core[2];
	uint8_t *a, *b;
	int fd;

	(void)state;
	fd = memfd_create("secret", 0);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, 2 * page), 0);
	a = mmap(NULL, (size_t)(2 * page), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
			0);
	b = mmap(NULL, (size_t)(2 * page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(a, MAP_FAILED);
	assert_ptr_not_equal(b, MAP_FAILED);
	a[0] = 1;
	b[0] = 2; /* differs at once; b's second page has never been touched */
	assert_int_equal(mincore(b, (size_t)(2 * page), in_core), 0);
	assert_int_equal(in_core[1] & 1, 0);
	assert_false(vcrypto_secret_equal(a, b, (size_t)(2 * page)));
	assert_int_equal(mincore(b, (size_t)(2 * page), in_core), 0);
	assert_int_equal(in_core[1] & 1, 1);
	munmap(a, (size_t)(2 * page));
	munmap(b, (size_t)(2 * page));
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_wipe_exact),
			cmocka_unit_test(test_wipe_not_removed),
			cmocka_unit_test(test_free_frees),
			cmocka_unit_test(test_equal_finds_every_bit),
			cmocka_unit_test(test_equal_no_cancelling),
			cmocka_unit_test(test_equal_reads_to_the_end),
	};

	return cmocka_run_group_tests(tests, unit_eal_setup, unit_eal_teardown);
}
