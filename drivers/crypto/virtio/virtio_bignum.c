/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Arithmetic of natural numbers for RSA keys.
 *
 * May include: secret. Control threads; no global state.
 *
 * Invariants
 *  - a number has no zero limb at its top, and 0 has no limbs;
 *  - no number is longer than the longest intermediate product of a key within the limits, and
 *    what would be is refused at the entry, so that nothing here overflows.
 */

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <rte_common.h>
#include <rte_malloc.h>

#include "virtio_bignum.h"
#include "virtio_secret.h"

#define LIMB_BITS 32

/* (d * e - 1) * gcd(n - 1, d * e - 1), and some. */
#define MAX_LIMBS ((2 * VCRYPTO_RSA_MAX_LEN + VCRYPTO_RSA_MAX_E_LEN) / 4 + 4)

struct bn {
	uint32_t nb;
	uint32_t v[MAX_LIMBS]; /* the lowest first */
};

/* Numbers of one computation, and of the functions that it calls. */
struct work {
	struct bn n, e, d, p, q, dp, dq, qinv;
	struct bn a, b, c, m, r;
	struct bn t[4]; /* of gcd(), inverse(), root() */
	struct bn u, w; /* of divide() */
};

static void
trim(struct bn *x)
{
	while (x->nb > 0 && x->v[x->nb - 1] == 0)
		x->nb--;
}

static void
set(struct bn *x, uint32_t value)
{
	x->nb = value != 0;
	x->v[0] = value;
}

static void
copy(struct bn *x, const struct bn *a)
{
	if (x == a)
		return;
	x->nb = a->nb;
	memcpy(x->v, a->v, a->nb * sizeof(a->v[0]));
}

static int
compare(const struct bn *a, const struct bn *b)
{
	uint32_t i;

	if (a->nb != b->nb)
		return a->nb < b->nb ? -1 : 1;
	for (i = a->nb; i-- > 0;)
		if (a->v[i] != b->v[i])
			return a->v[i] < b->v[i] ? -1 : 1;
	return 0;
}

static bool
is_one(const struct bn *a)
{
	return a->nb == 1 && a->v[0] == 1;
}

static bool
is_odd(const struct bn *a)
{
	return a->nb > 0 && a->v[0] & 1;
}

/* At most VCRYPTO_RSA_MAX_LEN bytes. */
static void
from_bytes(struct bn *x, const struct vcrypto_number *number)
{
	size_t i;

	x->nb = (number->len + 3) / 4;
	memset(x->v, 0, x->nb * sizeof(x->v[0]));
	for (i = 0; i < number->len; i++)
		x->v[i / 4] |= (uint32_t)number->p[number->len - 1 - i] << i % 4 * 8;
	trim(x);
}

static void
to_bytes(const struct bn *x, uint8_t room[VCRYPTO_RSA_MAX_LEN], struct vcrypto_number *number)
{
	uint8_t *p = room;
	uint32_t i;

	for (i = RTE_MIN(x->nb * 4, (uint32_t)VCRYPTO_RSA_MAX_LEN); i-- > 0;) {
		*p = x->v[i / 4] >> i % 4 * 8;
		/* No zero in front. */
		p += p != room || *p != 0;
	}
	number->p = room;
	number->len = p - room;
}

/* x = a + b. x may be either. */
static void
add(struct bn *x, const struct bn *a, const struct bn *b)
{
	const uint32_t nb = RTE_MAX(a->nb, b->nb);
	uint64_t carry = 0;
	uint32_t i;

	for (i = 0; i < nb; i++) {
		carry += (uint64_t)(i < a->nb ? a->v[i] : 0) + (i < b->nb ? b->v[i] : 0);
		x->v[i] = (uint32_t)carry;
		carry >>= LIMB_BITS;
	}
	x->nb = nb;
	if (carry != 0)
		x->v[x->nb++] = (uint32_t)carry;
}

/* x = a - b, which is not negative. x may be either. */
static void
subtract(struct bn *x, const struct bn *a, const struct bn *b)
{
	int64_t borrow = 0;
	uint32_t i;

	for (i = 0; i < a->nb; i++) {
		borrow += (int64_t)a->v[i] - (i < b->nb ? b->v[i] : 0);
		x->v[i] = (uint32_t)borrow;
		borrow >>= LIMB_BITS;
	}
	x->nb = a->nb;
	trim(x);
}

static void
add_word(struct bn *x, uint32_t word)
{
	uint64_t carry = word;
	uint32_t i;

	for (i = 0; carry != 0; i++) {
		if (i == x->nb)
			x->v[x->nb++] = 0;
		carry += x->v[i];
		x->v[i] = (uint32_t)carry;
		carry >>= LIMB_BITS;
	}
}

/* Of a number that is not 0. */
static void
subtract_one(struct bn *x)
{
	uint32_t i = 0;

	while (x->v[i]-- == 0)
		i++;
	trim(x);
}

/* x = a * b. x is neither. */
static void
multiply(struct bn *x, const struct bn *a, const struct bn *b)
{
	uint64_t carry;
	uint32_t i, j;

	x->nb = a->nb + b->nb;
	memset(x->v, 0, x->nb * sizeof(x->v[0]));
	for (i = 0; i < a->nb; i++) {
		carry = 0;
		for (j = 0; j < b->nb; j++) {
			carry += (uint64_t)a->v[i] * b->v[j] + x->v[i + j];
			x->v[i + j] = (uint32_t)carry;
			carry >>= LIMB_BITS;
		}
		x->v[i + j] = (uint32_t)carry;
	}
	trim(x);
}

static void
shift_left(struct bn *x, const struct bn *a, unsigned int bits)
{
	uint32_t i;

	x->v[a->nb] = 0;
	for (i = a->nb; i-- > 0;) {
		const uint64_t limb = (uint64_t)a->v[i] << bits;

		x->v[i + 1] |= (uint32_t)(limb >> LIMB_BITS);
		x->v[i] = (uint32_t)limb;
	}
	x->nb = a->nb + 1;
	trim(x);
}

static void
shift_right(struct bn *x, unsigned int bits)
{
	uint32_t i;

	for (i = 0; i < x->nb; i++) {
		const uint64_t above = i + 1 < x->nb ? x->v[i + 1] : 0;

		x->v[i] = (uint32_t)((above << LIMB_BITS | x->v[i]) >> bits);
	}
	trim(x);
}

/* One digit of a quotient: @p u has nb + 1 limbs from here, @p v has nb and its first bit set. */
static uint32_t
divide_digit(uint32_t *u, const uint32_t *v, uint32_t nb)
{
	const uint64_t top = (uint64_t)u[nb] << LIMB_BITS | u[nb - 1];
	uint64_t digit = top / v[nb - 1], rest = top % v[nb - 1], carry = 0;
	int64_t borrow = 0;
	uint32_t i;

	/* At most two too large, then at most one. */
	while (digit >> LIMB_BITS != 0 || (nb > 1 &&
			digit * v[nb - 2] > (rest << LIMB_BITS | u[nb - 2]))) {
		digit--;
		rest += v[nb - 1];
		if (rest >> LIMB_BITS != 0)
			break;
	}
	for (i = 0; i < nb; i++) {
		carry += digit * v[i];
		borrow += (int64_t)u[i] - (uint32_t)carry;
		u[i] = (uint32_t)borrow;
		borrow >>= LIMB_BITS;
		carry >>= LIMB_BITS;
	}
	borrow += (int64_t)u[nb] - (int64_t)carry;
	u[nb] = (uint32_t)borrow;
	if (borrow >= 0)
		return (uint32_t)digit;
	for (i = 0, carry = 0; i < nb; i++) {
		carry += (uint64_t)u[i] + v[i];
		u[i] = (uint32_t)carry;
		carry >>= LIMB_BITS;
	}
	u[nb] += (uint32_t)carry;
	return (uint32_t)digit - 1;
}

/*
 * quot = a / b, rem = a % b, with b not 0 [Knuth, TAOCP 2, 4.3.1 D]. Either result may be a or
 * b; quot may be NULL.
 */
static void
divide(struct work *w, struct bn *quot, struct bn *rem, const struct bn *a, const struct bn *b)
{
	struct bn *const u = &w->u, *const v = &w->w;
	unsigned int bits;
	uint32_t i, nb;

	if (compare(a, b) < 0) {
		copy(rem, a);
		if (quot != NULL)
			quot->nb = 0;
		return;
	}
	bits = __builtin_clz(b->v[b->nb - 1]);
	shift_left(v, b, bits);
	nb = a->nb - b->nb;
	shift_left(u, a, bits);
	for (i = u->nb; i <= a->nb; i++)
		u->v[i] = 0;
	/* Neither a nor b is needed any more. */
	if (quot != NULL)
		quot->nb = nb + 1;
	for (i = nb + 1; i-- > 0;) {
		const uint32_t digit = divide_digit(u->v + i, v->v, v->nb);

		if (quot != NULL)
			quot->v[i] = digit;
	}
	if (quot != NULL)
		trim(quot);
	u->nb = v->nb;
	trim(u);
	shift_right(u, bits);
	copy(rem, u);
}

/* x = gcd(a, b). */
static void
gcd(struct work *w, struct bn *x, const struct bn *a, const struct bn *b)
{
	struct bn *r0 = &w->t[0], *r1 = &w->t[1], *swap;

	copy(r0, a);
	copy(r1, b);
	while (r1->nb != 0) {
		divide(w, NULL, r0, r0, r1);
		swap = r0;
		r0 = r1;
		r1 = swap;
	}
	copy(x, r0);
}

/* x = 1 / a mod m. @return false if there is none. x is neither. */
static bool
inverse(struct work *w, struct bn *x, const struct bn *a, const struct bn *m)
{
	struct bn *r0 = &w->t[0], *r1 = &w->t[1], *s0 = &w->t[2], *s1 = &w->t[3], *swap;
	struct bn *const quot = &w->m;
	bool positive = false;

	/* r0 = ±s0 * a mod m, with the sign that is said here; r1 and s1 have the other one. */
	copy(r0, m);
	divide(w, NULL, r1, a, m);
	set(s0, 0);
	set(s1, 1);
	while (r1->nb != 0) {
		divide(w, quot, r0, r0, r1);
		multiply(x, quot, s1);
		add(s0, s0, x);
		swap = r0;
		r0 = r1;
		r1 = swap;
		swap = s0;
		s0 = s1;
		s1 = swap;
		positive = !positive;
	}
	if (!is_one(r0))
		return false;
	if (!positive)
		subtract(x, m, s0);
	else
		copy(x, s0);
	return true;
}

/* x = the square root of a, rounded down [Newton]. */
static void
root(struct work *w, struct bn *x, const struct bn *a)
{
	struct bn *const y = &w->t[0], *const rest = &w->t[1];

	if (a->nb == 0) {
		x->nb = 0;
		return;
	}
	/* A power of two that is above it. */
	x->nb = (a->nb + 1) / 2 + 1;
	memset(x->v, 0, x->nb * sizeof(x->v[0]));
	x->v[x->nb - 1] = 1;
	for (;;) {
		divide(w, y, rest, a, x);
		add(y, y, x);
		shift_right(y, 1);
		if (compare(y, x) >= 0)
			return;
		copy(x, y);
	}
}

/* ---- keys ---- */

/*
 * p and q of n, e and d [NIST SP 800-56B, C.2]. (d * e - 1) * gcd(n - 1, d * e - 1) is k times
 * phi(n) = n - (p + q - 1), for a k that is small beside n / (p + q).
 */
static bool
find_primes(struct work *w)
{
	struct bn *const a = &w->a, *const b = &w->b, *const c = &w->c;

	multiply(a, &w->d, &w->e);
	if (a->nb == 0)
		return false;
	subtract_one(a);
	copy(c, &w->n);
	subtract_one(c);
	gcd(w, b, c, a);
	multiply(c, a, b);
	/* c = m * n + r = (m + 1) * n - (m + 1) * (p + q - 1) */
	divide(w, &w->m, &w->r, c, &w->n);
	add_word(&w->m, 1);
	subtract(a, &w->n, &w->r);
	divide(w, b, c, a, &w->m);
	if (c->nb != 0 || b->nb > w->n.nb)
		return false;
	add_word(b, 1);
	/* b = p + q; (p - q)^2 = b^2 - 4 * n */
	multiply(a, b, b);
	shift_left(c, &w->n, 2);
	if (compare(a, c) < 0)
		return false;
	subtract(a, a, c);
	root(w, c, a);
	multiply(&w->r, c, c);
	if (compare(&w->r, a) != 0 || compare(c, b) >= 0)
		return false;
	add(&w->p, b, c);
	shift_right(&w->p, 1);
	subtract(&w->q, b, c);
	shift_right(&w->q, 1);
	return true;
}

/* Whether p and q are what n is made of. */
static bool
primes_fit(struct work *w)
{
	if (!is_odd(&w->p) || !is_odd(&w->q) || is_one(&w->p) || is_one(&w->q))
		return false;
	multiply(&w->a, &w->p, &w->q);
	return compare(&w->a, &w->n) == 0;
}

/* d = 1 / e mod lcm(p - 1, q - 1). */
static bool
find_exponent(struct work *w)
{
	copy(&w->a, &w->p);
	subtract_one(&w->a);
	copy(&w->b, &w->q);
	subtract_one(&w->b);
	gcd(w, &w->c, &w->a, &w->b);
	divide(w, &w->a, &w->r, &w->a, &w->c);
	multiply(&w->c, &w->a, &w->b);
	return inverse(w, &w->d, &w->e, &w->c);
}

static void
reduce_exponent(struct work *w, struct bn *x, const struct bn *prime)
{
	copy(&w->a, prime);
	subtract_one(&w->a);
	divide(w, NULL, x, &w->d, &w->a);
}

static int
complete(struct work *w, struct vcrypto_rsa_numbers *k, struct vcrypto_rsa_room *room)
{
	from_bytes(&w->n, &k->n);
	from_bytes(&w->e, &k->e);
	from_bytes(&w->d, &k->d);
	from_bytes(&w->p, &k->p);
	from_bytes(&w->q, &k->q);
	if (!is_odd(&w->n) || !is_odd(&w->e) || is_one(&w->e) || compare(&w->e, &w->n) >= 0 ||
			compare(&w->d, &w->n) >= 0)
		return -EINVAL;
	if (w->p.nb == 0 || w->q.nb == 0) {
		if (!find_primes(w))
			return -EINVAL;
		to_bytes(&w->p, room->p, &k->p);
		to_bytes(&w->q, room->q, &k->q);
		/* They need not be those of other primes. */
		k->dp.len = 0;
		k->dq.len = 0;
		k->qinv.len = 0;
	}
	if (!primes_fit(w))
		return -EINVAL;
	if (w->d.nb == 0) {
		if (!find_exponent(w))
			return -EINVAL;
		to_bytes(&w->d, room->d, &k->d);
	}
	if (k->dp.len == 0) {
		reduce_exponent(w, &w->dp, &w->p);
		to_bytes(&w->dp, room->dp, &k->dp);
	}
	if (k->dq.len == 0) {
		reduce_exponent(w, &w->dq, &w->q);
		to_bytes(&w->dq, room->dq, &k->dq);
	}
	if (k->qinv.len == 0) {
		if (!inverse(w, &w->qinv, &w->q, &w->p))
			return -EINVAL;
		to_bytes(&w->qinv, room->qinv, &k->qinv);
	}
	return 0;
}

int
vcrypto_bignum_complete_rsa(struct vcrypto_rsa_numbers *k, struct vcrypto_rsa_room *room)
{
	struct work *w;
	int ret;

	if (k->n.len > VCRYPTO_RSA_MAX_LEN || k->e.len > VCRYPTO_RSA_MAX_E_LEN ||
			k->d.len > VCRYPTO_RSA_MAX_LEN || k->p.len > VCRYPTO_RSA_MAX_LEN ||
			k->q.len > VCRYPTO_RSA_MAX_LEN)
		return -EINVAL;
	w = rte_malloc("vcrypto_bn", sizeof(*w), 0);
	if (w == NULL)
		return -ENOMEM;
	ret = complete(w, k, room);
	vcrypto_secret_free(w, sizeof(*w));
	return ret;
}
