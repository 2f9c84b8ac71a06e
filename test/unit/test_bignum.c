/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * What the driver computes of RSA keys, against OpenSSL's numbers: keys of many lengths, of primes
 * that differ in length, exponents of both kinds; and numbers that are no key.
 */

#include <openssl/bn.h>

#include "unit_eal.h"

#include <errno.h>
#include <stdlib.h>

#include "virtio_bignum.h"

/* A key as bytes. */
struct key {
	uint8_t mem[8][VCRYPTO_RSA_MAX_LEN];
	struct vcrypto_rsa_numbers k;
};

static struct vcrypto_rsa_room room;
static BN_CTX *ctx;

static struct vcrypto_number
bytes(uint8_t *mem, const BIGNUM *bn)
{
	assert_true(BN_num_bytes(bn) <= VCRYPTO_RSA_MAX_LEN);
	return (struct vcrypto_number){mem, (size_t)BN_bn2bin(bn, mem)};
}

static BIGNUM *
number(const struct vcrypto_number *n)
{
	BIGNUM *bn = BN_bin2bn(n->p, (int)n->len, NULL);

	assert_non_null(bn);
	assert_true(n->len == 0 || n->p[0] != 0);
	return bn;
}

static void
same(const struct vcrypto_number *got, const struct vcrypto_number *want)
{
	assert_int_equal(got->len, want->len);
	assert_memory_equal(got->p, want->p, want->len);
}

/* A key of primes of these lengths; @p carmichael: d below lcm(p - 1, q - 1), not their product. */
static void
make(struct key *key, int p_bits, int q_bits, const BIGNUM *e, bool carmichael)
{
	BIGNUM *p = BN_new(), *q = BN_new(), *n = BN_new(), *d = BN_new(), *p1 = BN_new(),
	       *q1 = BN_new(), *m = BN_new(), *g = BN_new();

	do {
		assert_int_equal(BN_generate_prime_ex(p, p_bits, 0, NULL, NULL, NULL), 1);
		assert_int_equal(BN_generate_prime_ex(q, q_bits, 0, NULL, NULL, NULL), 1);
		BN_sub(p1, p, BN_value_one());
		BN_sub(q1, q, BN_value_one());
		BN_mul(m, p1, q1, ctx);
		BN_gcd(g, m, e, ctx);
	} while (BN_cmp(p, q) == 0 || !BN_is_one(g));
	if (carmichael) {
		BN_gcd(g, p1, q1, ctx);
		BN_div(m, NULL, m, g, ctx);
	}
	assert_non_null(BN_mod_inverse(d, e, m, ctx));
	BN_mul(n, p, q, ctx);
	memset(&key->k, 0, sizeof(key->k));
	key->k.n = bytes(key->mem[0], n);
	key->k.e = bytes(key->mem[1], e);
	key->k.d = bytes(key->mem[2], d);
	key->k.p = bytes(key->mem[3], p);
	key->k.q = bytes(key->mem[4], q);
	BN_mod(m, d, p1, ctx);
	key->k.dp = bytes(key->mem[5], m);
	BN_mod(m, d, q1, ctx);
	key->k.dq = bytes(key->mem[6], m);
	assert_non_null(BN_mod_inverse(m, q, p, ctx));
	key->k.qinv = bytes(key->mem[7], m);
	BN_free(p);
	BN_free(q);
	BN_free(n);
	BN_free(d);
	BN_free(p1);
	BN_free(q1);
	BN_free(m);
	BN_free(g);
}

/* Of n, e, d: the primes, in either order, and what belongs to them. */
static void
check_exponent(const struct key *key)
{
	struct vcrypto_rsa_numbers k = {.n = key->k.n, .e = key->k.e, .d = key->k.d};
	BIGNUM *p, *q, *qinv, *m = BN_new();

	assert_int_equal(vcrypto_bignum_complete_rsa(&k, &room), 0);
	if (k.p.len == key->k.p.len && memcmp(k.p.p, key->k.p.p, k.p.len) == 0) {
		same(&k.q, &key->k.q);
		same(&k.dp, &key->k.dp);
		same(&k.dq, &key->k.dq);
		same(&k.qinv, &key->k.qinv);
	} else {
		same(&k.p, &key->k.q);
		same(&k.q, &key->k.p);
		same(&k.dp, &key->k.dq);
		same(&k.dq, &key->k.dp);
		p = number(&k.p);
		q = number(&k.q);
		qinv = number(&k.qinv);
		BN_mod_mul(m, q, qinv, p, ctx);
		assert_true(BN_is_one(m) && BN_cmp(qinv, p) < 0);
		BN_free(p);
		BN_free(q);
		BN_free(qinv);
	}
	BN_free(m);
}

/* Of the primes: the exponent, and what goes with it; with some of that given or none. */
static void
check_primes(const struct key *key)
{
	struct vcrypto_rsa_numbers k = {
		.n = key->k.n, .e = key->k.e, .p = key->k.p, .q = key->k.q, .dp = key->k.dp};
	BIGNUM *d, *e, *m = BN_new(), *x = BN_new();
	const struct vcrypto_number *primes[2] = {&key->k.p, &key->k.q};
	int i;

	assert_int_equal(vcrypto_bignum_complete_rsa(&k, &room), 0);
	same(&k.dp, &key->k.dp);
	same(&k.dq, &key->k.dq);
	same(&k.qinv, &key->k.qinv);
	d = number(&k.d);
	e = number(&k.e);
	for (i = 0; i < 2; i++) {
		BIGNUM *prime = number(primes[i]);

		BN_sub(m, prime, BN_value_one());
		BN_mod_mul(x, d, e, m, ctx);
		assert_true(BN_is_one(x));
		BN_free(prime);
	}
	BN_free(d);
	BN_free(e);
	BN_free(m);
	BN_free(x);
}

static void
test_keys(void **state)
{
	static const struct {
		int p, q, rounds;
	} lens[] = {
		{24, 24, 200}, {32, 32, 100}, {33, 31, 100}, {48, 65, 100}, {64, 64, 100},
		{256, 256, 20}, {260, 252, 10}, {512, 512, 5}, {520, 504, 3}, {513, 511, 5},
		{1024, 1024, 2}, {400, 1648, 1}, {2048, 2048, 1},
	};
	static struct key key;
	BIGNUM *e = BN_new();
	size_t i;
	int n;

	(void)state;
	for (i = 0; i < UNIT_DIM(lens); i++) {
		for (n = 0; n < lens[i].rounds; n++) {
			/* The method needs an exponent that is small beside the primes. */
			BN_set_word(e, lens[i].p < 48 ? 3 + 2 * (BN_ULONG)(n % 4) :
				n % 2 != 0 ? 65537 : 17);
			make(&key, lens[i].p, lens[i].q, e, n % 4 < 2);
			check_exponent(&key);
			check_primes(&key);
		}
	}
	BN_free(e);
}

/* Public exponents of up to 256 bits [FIPS 186-4, B.3.1]. */
static void
test_exponents(void **state)
{
	static struct key key;
	BIGNUM *e = BN_new();
	int bits;

	(void)state;
	for (bits = 2; bits <= 256; bits += bits < 60 ? 7 : 49) {
		assert_int_equal(BN_rand(e, bits, 0, 1), 1);
		make(&key, 512, 512, e, bits % 2 != 0);
		check_exponent(&key);
		check_primes(&key);
	}
	BN_free(e);
}

/* Nearly the largest modulus; of Mersenne primes, since nobody has time to look for others. */
static void
test_largest(void **state)
{
	static const int exponents[2] = {11213, 4423};
	static struct key key;
	BIGNUM *p[2], *n = BN_new(), *e = BN_new();
	struct vcrypto_rsa_numbers k;
	int i;

	(void)state;
	for (i = 0; i < 2; i++) {
		p[i] = BN_new();
		BN_set_bit(p[i], exponents[i]);
		BN_sub_word(p[i], 1);
	}
	BN_mul(n, p[0], p[1], ctx);
	BN_set_word(e, 65537);
	memset(&k, 0, sizeof(k));
	k.n = bytes(key.mem[0], n);
	k.e = bytes(key.mem[1], e);
	k.p = bytes(key.mem[3], p[0]);
	k.q = bytes(key.mem[4], p[1]);
	assert_int_equal(vcrypto_bignum_complete_rsa(&k, &room), 0);
	/* And back, of the exponent that came out. */
	memcpy(key.mem[2], k.d.p, k.d.len);
	key.k = k;
	key.k.d.p = key.mem[2];
	memcpy(key.mem[5], k.dp.p, k.dp.len);
	key.k.dp.p = key.mem[5];
	memcpy(key.mem[6], k.dq.p, k.dq.len);
	key.k.dq.p = key.mem[6];
	memcpy(key.mem[7], k.qinv.p, k.qinv.len);
	key.k.qinv.p = key.mem[7];
	check_exponent(&key);
	check_primes(&key);
	BN_free(p[0]);
	BN_free(p[1]);
	BN_free(n);
	BN_free(e);
}

static void
refused(struct vcrypto_rsa_numbers k)
{
	assert_int_equal(vcrypto_bignum_complete_rsa(&k, &room), -EINVAL);
}

static void
test_no_keys(void **state)
{
	static const struct vcrypto_number none;
	static uint8_t one[] = {1}, two[] = {2}, many[VCRYPTO_RSA_MAX_LEN + 1];
	const struct vcrypto_number n1 = {one, 1}, n2 = {two, 1}, large = {many, sizeof(many)};
	static struct key key, other;
	struct vcrypto_rsa_numbers k;
	BIGNUM *e = BN_new(), *p = NULL;

	(void)state;
	BN_set_word(e, 65537);
	make(&key, 256, 256, e, false);
	make(&other, 256, 256, e, false);
#define EXPONENT(field, ...) do { \
	k = (struct vcrypto_rsa_numbers){.n = key.k.n, .e = key.k.e, .d = key.k.d}; \
	k.field = (struct vcrypto_number)__VA_ARGS__; \
	refused(k); \
} while (0)
#define PRIMES(p_, q_) refused((struct vcrypto_rsa_numbers){ \
	.n = key.k.n, .e = key.k.e, .p = p_, .q = q_})
	EXPONENT(d, {other.k.d.p, other.k.d.len});
	EXPONENT(n, {other.k.n.p, other.k.n.len});
	EXPONENT(d, {NULL, 0});
	EXPONENT(d, {one, 1});
	EXPONENT(d, {key.k.n.p, key.k.n.len});
	EXPONENT(e, {one, 1});
	EXPONENT(e, {two, 1});
	EXPONENT(e, {NULL, 0});
	EXPONENT(n, {NULL, 0});
	EXPONENT(n, {one, 1});
	EXPONENT(n, {two, 1});
	memset(many, 0xff, sizeof(many));
	EXPONENT(n, {many, sizeof(many)});
	EXPONENT(n, {many, sizeof(many) - 1});
	EXPONENT(d, {many, sizeof(many)});
	EXPONENT(e, {many, VCRYPTO_RSA_MAX_E_LEN + 1});
	PRIMES(other.k.p, key.k.q);
	PRIMES(none, key.k.q);
	PRIMES(key.k.p, none);
	PRIMES(n1, key.k.n);
	PRIMES(key.k.n, n1);
	PRIMES(n2, key.k.q);
	PRIMES(key.k.p, key.k.p);
	PRIMES(large, key.k.q);
	PRIMES(key.k.p, large);
	/* An exponent that has no inverse: it divides p - 1. */
	do {
		BN_free(p);
		make(&key, 256, 256, e, false);
		p = number(&key.k.p);
	} while (BN_mod_word(p, 3) != 1);
	many[0] = 3;
	refused((struct vcrypto_rsa_numbers){
		.n = key.k.n, .e = {many, 1}, .p = key.k.p, .q = key.k.q});
	BN_free(p);
	BN_free(e);
}

/* Numbers that mean nothing: whatever comes out, no memory of others is touched. */
static void
test_noise(void **state)
{
	struct vcrypto_rsa_numbers k;
	uint8_t *mem[5];
	size_t len[5];
	int round, i;

	(void)state;
	for (round = 0; round < 2000; round++) {
		for (i = 0; i < 5; i++) {
			len[i] = (size_t)(rand() % (round % 50 == 0 ? VCRYPTO_RSA_MAX_LEN : 24));
			if (i == 1)
				len[i] %= VCRYPTO_RSA_MAX_E_LEN;
			mem[i] = malloc(len[i] + 1);
			assert_non_null(mem[i]);
			for (size_t n = 0; n < len[i]; n++)
				mem[i][n] = rand() % 3 == 0 ? 0xff : (uint8_t)rand();
		}
		memset(&k, 0, sizeof(k));
		k.n = (struct vcrypto_number){mem[0], len[0]};
		k.e = (struct vcrypto_number){mem[1], len[1]};
		k.d = (struct vcrypto_number){mem[2], len[2]};
		if (round % 2 != 0) {
			k.p = (struct vcrypto_number){mem[3], len[3]};
			k.q = (struct vcrypto_number){mem[4], len[4]};
		}
		vcrypto_bignum_complete_rsa(&k, &room);
		for (i = 0; i < 5; i++)
			free(mem[i]);
	}
}

static int
setup(void **state)
{
	ctx = BN_CTX_new();
	return ctx != NULL ? unit_eal_setup(state) : -1;
}

static int
teardown(void **state)
{
	BN_CTX_free(ctx);
	return unit_eal_teardown(state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_exponents),
		cmocka_unit_test(test_largest),
		cmocka_unit_test(test_no_keys),
		cmocka_unit_test(test_noise),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
