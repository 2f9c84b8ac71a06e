/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "draw.h"

/*
 * Ops come in eras. In wide ones many sessions are alive, and one more replaces the oldest every
 * SESS_OPS ops; in narrow ones a few stay, on one queue pair, so that its slots see the same
 * session again and are only patched.
 */
#define ERA_OPS 512
#define ERA_SESSIONS 128
#define SESS_WINDOW 48
#define SESS_OPS 8
/* Once in so many sessions, if the device has them. */
#define NULL_ONE_IN 12
/* Once in so many ops something is wrong. */
#define BAD_ONE_IN 40
/* Ops are drawn again, so often, until another device can do them, too. */
#define AIM_TRIES 6

/* ---- Random numbers ---- */

void
rnd_init(struct rnd *r, uint64_t seed, enum rnd_stream stream, uint64_t number)
{
	r->state = seed;
	r->state = rnd_next(r) ^ ((uint64_t)stream << 56);
	r->state = rnd_next(r) ^ number;
	rnd_next(r);
}

/* SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators". */
uint64_t
rnd_next(struct rnd *r)
{
	uint64_t z = r->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

uint32_t
rnd_range(struct rnd *r, uint32_t lo, uint32_t hi)
{
	return lo + (uint32_t)((rnd_next(r) >> 32) * ((uint64_t)hi - lo + 1) >> 32);
}

bool
rnd_one_in(struct rnd *r, uint32_t n)
{
	return rnd_range(r, 1, n) == 1;
}

void
rnd_fill(struct rnd *r, void *buf, uint32_t len)
{
	uint8_t *p = buf;
	uint64_t v;

	for (; len >= sizeof(v); len -= sizeof(v), p += sizeof(v)) {
		v = rnd_next(r);
		memcpy(p, &v, sizeof(v));
	}
	v = rnd_next(r);
	memcpy(p, &v, len);
}

/* ---- Sessions ---- */

/* Sessions of the era of an op; SESS_WINDOW: it is a wide one. */
static uint32_t
era_width(const struct draw_env *e, uint64_t number)
{
	static const uint32_t widths[] = {1, 3, SESS_WINDOW, SESS_WINDOW};
	struct rnd r;

	rnd_init(&r, e->seed, RND_ERA, number / ERA_OPS);
	return widths[rnd_range(&r, 0, RTE_DIM(widths) - 1)];
}

uint64_t
draw_first_session(const struct draw_env *e, uint64_t number)
{
	const uint64_t first = number / ERA_OPS * ERA_SESSIONS;

	RTE_BUILD_BUG_ON(ERA_OPS / SESS_OPS + SESS_WINDOW > ERA_SESSIONS);
	return era_width(e, number) == SESS_WINDOW ? first + number % ERA_OPS / SESS_OPS : first;
}

uint64_t
draw_session_of(const struct draw_env *e, uint64_t number)
{
	struct rnd r;

	/* Some ops in a row are of one session, as in real bursts. */
	rnd_init(&r, e->seed, RND_TURN, number);
	if (rnd_one_in(&r, 2))
		rnd_init(&r, e->seed, RND_TURN, number / 4);
	return draw_first_session(e, number) + rnd_range(&r, 0, era_width(e, number) - 1);
}

static bool
in_range(const struct rte_crypto_param_range *r, uint32_t len)
{
	if (len < r->min || len > r->max)
		return false;
	return r->increment == 0 ? len == r->min || len == r->max :
			(len - r->min) % r->increment == 0;
}

static uint16_t
pick(struct rnd *r, const struct rte_crypto_param_range *range, uint32_t max)
{
	const uint32_t top = RTE_MIN((uint32_t)range->max, max);

	if (range->increment == 0 || top <= range->min)
		return range->min;
	return (uint16_t)(range->min + range->increment *
			rnd_range(r, 0, (top - range->min) / range->increment));
}

/* One of a list of sizes that the device shows; 0 if there is none. */
static uint16_t
pick_size(struct rnd *r, const struct rte_crypto_param_range *range, const uint16_t *sizes)
{
	uint16_t ok[REF_MAX_SIZES];
	unsigned int i, nb = 0;

	for (i = 0; i < REF_MAX_SIZES && sizes[i] != 0; i++)
		if (in_range(range, sizes[i]))
			ok[nb++] = sizes[i];
	return nb == 0 ? 0 : ok[rnd_range(r, 0, nb - 1)];
}

/* Often the whole, else any part. */
static uint16_t
pick_digest(struct rnd *r, const struct rte_crypto_param_range *range, uint32_t full)
{
	return rnd_one_in(r, 2) && in_range(range, full) ? (uint16_t)full : pick(r, range, full);
}

static bool
pick_cipher(struct rnd *r, uint8_t dev, struct sess_params *p)
{
	const struct rte_cryptodev_symmetric_capability *cap;
	struct rte_cryptodev_sym_capability_idx idx = {.type = RTE_CRYPTO_SYM_XFORM_CIPHER};
	unsigned int nb;
	const struct ref_cipher *const all = ref_ciphers(&nb);

	p->cipher = &all[rnd_range(r, 0, nb - 1)];
	idx.algo.cipher = p->cipher->algo;
	cap = rte_cryptodev_sym_capability_get(dev, &idx);
	if (cap == NULL || !ref_cipher_available(p->cipher))
		return false;
	if (p->cipher->algo == RTE_CRYPTO_CIPHER_ARC4)
		p->key_len = pick(r, &cap->cipher.key_size, REF_MAX_KEY);
	else
		p->key_len = pick_size(r, &cap->cipher.key_size, p->cipher->key_sizes);
	p->iv_len = pick(r, &cap->cipher.iv_size, REF_MAX_IV);
	return p->key_len != 0;
}

static bool
pick_auth(struct rnd *r, uint8_t dev, bool alone, struct sess_params *p)
{
	const struct rte_cryptodev_symmetric_capability *cap;
	struct rte_cryptodev_sym_capability_idx idx = {.type = RTE_CRYPTO_SYM_XFORM_AUTH};
	unsigned int nb;
	const struct ref_auth *const all = ref_auths(&nb);

	p->auth = &all[rnd_range(r, 0, nb - 1)];
	idx.algo.auth = p->auth->algo;
	cap = rte_cryptodev_sym_capability_get(dev, &idx);
	if (cap == NULL || !ref_auth_available(p->auth) || (!alone && ref_auth_iv(p->auth)))
		return false;
	if (p->auth->kind != REF_AUTH_HMAC)
		p->auth_key_len = pick_size(r, &cap->auth.key_size, p->auth->key_sizes);
	else if (rnd_one_in(r, 2))
		p->auth_key_len = pick_size(r, &cap->auth.key_size, p->auth->key_sizes);
	else
		p->auth_key_len = pick(r, &cap->auth.key_size,
				rnd_one_in(r, 4) ? SESS_MAX_KEY : 140);
	if (p->auth_key_len == 0 && p->auth->key_sizes[0] != 0)
		return false;
	if (alone && ref_auth_iv(p->auth))
		p->iv_len = pick(r, &cap->auth.iv_size, REF_MAX_IV);
	p->digest_len = pick_digest(r, &cap->auth.digest_size, p->auth->digest);
	return true;
}

static uint16_t
pick_aad(struct rnd *r, const struct rte_crypto_param_range *range)
{
	/* Those of ESP and TLS, borders of a block, and of where the driver copies them. */
	static const uint16_t usual[] = {0, 8, 12, 13, 16, 5, 15, 17, 9, 31, 32, 33, 64};
	uint32_t len;

	switch (rnd_range(r, 0, 9)) {
	case 0:
		len = rnd_range(r, 0, 2048);
		break;
	case 1:
		len = rnd_one_in(r, 16) ? rnd_range(r, 60000, 65535) : rnd_range(r, 0, 300);
		break;
	case 2:
	case 3:
		len = rnd_range(r, 0, 64);
		break;
	default:
		len = usual[rnd_range(r, 0, RTE_DIM(usual) - 1)];
		break;
	}
	return in_range(range, len) ? (uint16_t)len : range->min;
}

static bool
pick_aead(struct rnd *r, uint8_t dev, struct sess_params *p)
{
	const struct rte_cryptodev_symmetric_capability *cap;
	struct rte_cryptodev_sym_capability_idx idx = {.type = RTE_CRYPTO_SYM_XFORM_AEAD};
	unsigned int nb;
	const struct ref_aead *const all = ref_aeads(&nb);

	p->aead = &all[rnd_range(r, 0, nb - 1)];
	idx.algo.aead = p->aead->algo;
	cap = rte_cryptodev_sym_capability_get(dev, &idx);
	if (cap == NULL || !ref_aead_available(p->aead))
		return false;
	p->key_len = pick(r, &cap->aead.key_size, REF_MAX_KEY);
	p->iv_len = pick(r, &cap->aead.iv_size, REF_MAX_IV);
	p->digest_len = pick_digest(r, &cap->aead.digest_size, REF_MAX_TAG);
	p->aad_len = pick_aad(r, &cap->aead.aad_size);
	return true;
}

static bool
try_session(const struct draw_env *e, struct rnd *r, struct sess_params *p)
{
	static const enum sess_order orders[] = {
		SESS_CIPHER, SESS_CIPHER, SESS_AUTH, SESS_AUTH, SESS_AEAD, SESS_AEAD, SESS_AEAD,
		SESS_CIPHER_AUTH, SESS_CIPHER_AUTH, SESS_AUTH_CIPHER, SESS_AUTH_CIPHER,
	};

	memset(p, 0, sizeof(*p));
	p->order = orders[rnd_range(r, 0, RTE_DIM(orders) - 1)];
	p->decrypt = rnd_one_in(r, 2);
	if (p->order == SESS_AEAD)
		return pick_aead(r, e->dev, p);
	if (p->order != SESS_AUTH && !pick_cipher(r, e->dev, p))
		return false;
	return p->order == SESS_CIPHER || pick_auth(r, e->dev, p->order == SESS_AUTH, p);
}

/* In the place of a part or of both. Keys and IVs of theirs mean nothing, whatever they are. */
static void
put_null(struct rnd *r, struct sess_params *p)
{
	const bool chain = p->order == SESS_CIPHER_AUTH || p->order == SESS_AUTH_CIPHER;
	const uint32_t which = rnd_range(r, 0, 4);

	if (p->cipher != NULL && (!chain || which < 3)) {
		p->cipher = &ref_cipher_null;
		if (rnd_one_in(r, 2))
			p->key_len = p->iv_len = 0;
	}
	if (p->auth != NULL && (!chain || which > 1)) {
		p->auth = &ref_auth_null;
		p->digest_len = 0;
		if (rnd_one_in(r, 2))
			p->auth_key_len = 0;
		if (!chain)
			p->iv_len = 0;
	}
}

bool
is_null_session(const struct sess_plan *s)
{
	return s->p.aead == NULL && (s->p.cipher == NULL || s->p.cipher == &ref_cipher_null) &&
		(s->p.auth == NULL || s->p.auth == &ref_auth_null);
}

void
draw_session(const struct draw_env *e, uint64_t number, struct sess_plan *s)
{
	unsigned int tries = 0;
	struct rnd r;
	bool aim;

	rnd_init(&r, e->seed, RND_SESS, number);
	memset(s, 0, sizeof(*s));
	s->number = number;
	s->iv_offset = (uint16_t)rnd_range(&r, 0, 8);
	aim = !rnd_one_in(&r, 3);
	while (!try_session(e, &r, &s->p) || (aim && tries < 64 && !e->peer_sess(s)))
		tries++;
	rnd_fill(&r, s->key, sizeof(s->key));
	rnd_fill(&r, s->auth_key, sizeof(s->auth_key));
	/* Of numbers of their own, so that the other sessions are as they would be without. */
	rnd_init(&r, e->seed, RND_NULL, number);
	if (e->null && rnd_one_in(&r, NULL_ONE_IN))
		put_null(&r, &s->p);
}

/* ---- Operations: ranges ---- */

struct range
op_span(const struct sess_plan *s, const struct op_plan *p)
{
	struct range a = p->auth, c = p->cipher, span;

	if (s->p.order == SESS_AUTH)
		return a;
	if (s->p.order == SESS_CIPHER || s->p.order == SESS_AEAD || a.len == 0)
		return c;
	if (c.len == 0)
		return a;
	span.off = RTE_MIN(a.off, c.off);
	span.len = RTE_MAX(range_end(&a), range_end(&c)) - span.off;
	return span;
}

static uint32_t
any_len(struct rnd *r)
{
	static const uint32_t border[] = {
		8, 16, 24, 32, 48, 64, 72, 104, 128, 136, 144, 192, 256, 512, 1024, 1500, 2048,
	};
	static const uint32_t big_border[] = {4096, 8192, 16384, 32768, DATA_MAX};

	switch (rnd_range(r, 0, 31)) {
	case 0:
		return 0;
	case 1:
		return rnd_one_in(r, 3) ? rnd_range(r, 0, DATA_MAX) : rnd_range(r, 0, 8192);
	case 2:
		return rnd_one_in(r, 3) ? big_border[rnd_range(r, 0, RTE_DIM(big_border) - 1)] +
				rnd_range(r, 0, 2) - 1 : rnd_range(r, 0, 4096);
	case 3:
	case 4:
	case 5:
	case 6:
		return rnd_range(r, 0, 2048);
	case 7:
	case 8:
	case 9:
	case 10:
	case 11:
	case 12:
	case 13:
	case 14:
	case 15:
		return border[rnd_range(r, 0, RTE_DIM(border) - 1)] + rnd_range(r, 0, 2) - 1;
	default:
		return rnd_range(r, 1, 80);
	}
}

static uint32_t
any_off(struct rnd *r)
{
	return rnd_one_in(r, 4) ? 0 : rnd_one_in(r, 8) ? rnd_range(r, 0, 2100) :
			rnd_range(r, 0, 70);
}

static uint32_t
fit(uint32_t len, uint32_t unit, uint32_t min, uint32_t max)
{
	max = RTE_MIN(max, (uint32_t)DATA_MAX);
	len = RTE_MAX(RTE_MIN(len, max), min);
	return len / unit * unit == len ? len : len + unit <= max ? (len / unit + 1) * unit :
			len / unit * unit;
}

static uint32_t
cipher_len(struct rnd *r, const struct sess_params *p)
{
	const struct ref_cipher *const c = p->cipher;
	uint32_t len = any_len(r);

	if (p->order == SESS_AEAD)
		return RTE_MIN(RTE_MIN(len, (uint32_t)DATA_MAX), ref_aead_max(p->aead, p->iv_len));
	/* Slow ones in the reference. */
	if (c->kind != REF_CIPHER_EVP && c->kind != REF_CIPHER_NULL)
		len = RTE_MIN(len, 4096u);
	if (len == 0 && c->min_len <= c->block)
		return 0;
	return fit(len, c->block, c->min_len, ref_cipher_max(c));
}

static uint32_t
auth_len(const struct ref_auth *a, uint32_t len)
{
	if (a->kind == REF_AUTH_XCBC || a->kind == REF_AUTH_CBC_MAC)
		len = RTE_MIN(len, 4096u);
	return fit(len, a->block, ref_auth_min(a), ref_auth_max(a));
}

static void
draw_ranges(struct rnd *r, const struct sess_plan *s, struct op_plan *p)
{
	struct range *const c = &p->cipher, *const a = &p->auth;
	const enum sess_order order = s->p.order;

	if (order != SESS_AUTH) {
		c->off = any_off(r);
		c->len = cipher_len(r, &s->p);
	}
	if (order == SESS_CIPHER || order == SESS_AEAD)
		return;
	a->off = any_off(r);
	switch (order == SESS_AUTH ? 9 : rnd_range(r, 0, 9)) {
	case 0:
	case 1: /* equal */
		*a = *c;
		break;
	case 2:
	case 3: /* a header, too */
		a->off = c->off - rnd_range(r, 0, RTE_MIN(c->off, 64u));
		a->len = range_end(c) - a->off;
		break;
	case 4: /* inside */
		a->off = c->off + rnd_range(r, 0, c->len);
		a->len = rnd_range(r, 0, range_end(c) - a->off);
		break;
	case 5: /* the cipher inside */
		a->off = c->off - rnd_range(r, 0, RTE_MIN(c->off, 64u));
		a->len = range_end(c) - a->off + rnd_range(r, 0, 64);
		break;
	case 6: /* behind, or nearly */
		a->off = range_end(c) + rnd_range(r, 0, 20) - RTE_MIN(range_end(c), 2u);
		a->len = rnd_range(r, 0, 200);
		break;
	case 7: /* before */
		a->off = 0;
		a->len = c->off;
		break;
	default:
		a->len = any_len(r);
		break;
	}
	a->len = auth_len(s->p.auth, a->len);
}

/* ---- Operations: layout ---- */

bool
layout_holds(const struct layout *l, uint32_t off, uint32_t len)
{
	unsigned int i;

	for (i = 0; i < l->nb; i++) {
		if (off < l->seg[i])
			return off + len <= l->seg[i];
		off -= l->seg[i];
	}
	return len == 0;
}

void
layout_linear(struct layout *l)
{
	/* What no buffer holds goes into a second one. */
	const uint32_t max = 60000;

	l->nb = l->len > max ? 2 : 1;
	l->seg[0] = RTE_MIN(l->len, max);
	l->seg[1] = l->len - l->seg[0];
	l->headroom[0] = l->headroom[1] = 128;
	l->tight[0] = l->tight[1] = false;
}

static int
by_value(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/*
 * Cut a packet at up to @p cuts places, not inside @p whole, half of them near the borders of
 * ranges and blocks.
 */
static void
cut(struct rnd *r, const struct op_plan *p, struct layout *l, unsigned int cuts,
		const struct range *whole)
{
	const uint32_t near[] = {
		p->cipher.off, range_end(&p->cipher), p->auth.off, range_end(&p->auth), p->digest,
		p->cipher.off + 16 * rnd_range(r, 0, 8), p->cipher.off + 64, p->auth.off + 64,
	};
	uint32_t at[MAX_SEGS + 2], pos;
	const bool tiny = rnd_one_in(r, 4);
	unsigned int i, nb = 0;

	for (i = 0; i < cuts; i++) {
		if (tiny)
			pos = p->cipher.off + i + rnd_range(r, 0, 2);
		else if (rnd_one_in(r, 2))
			pos = near[rnd_range(r, 0, RTE_DIM(near) - 1)] + rnd_range(r, 0, 2) - 1;
		else
			pos = rnd_range(r, 0, l->len);
		/* Also catches what is below 0. */
		if (pos > l->len || (pos > whole->off && pos < range_end(whole)))
			continue;
		at[nb++] = pos;
	}
	/* No segment holds more. */
	if (l->len > 60000) {
		pos = 30000;
		if (pos > whole->off && pos < range_end(whole))
			pos = whole->off;
		at[nb++] = pos;
	}
	qsort(at, nb, sizeof(at[0]), by_value);
	at[nb] = l->len;
	/* Segments without data only now and then; the first one has some if there are any. */
	l->nb = 0;
	for (i = 0, pos = 0; i <= nb; i++) {
		if (at[i] == pos && i < nb && (i == 0 || !rnd_one_in(r, 8)))
			continue;
		l->seg[l->nb++] = at[i] - pos;
		pos = at[i];
	}
	for (i = 0; i < l->nb; i++) {
		l->headroom[i] = (uint16_t)(rnd_one_in(r, 4) ? 0 : rnd_one_in(r, 2) ? 128 :
				rnd_range(r, 1, 200));
		l->tight[i] = rnd_one_in(r, 4);
	}
}

static void
draw_layout(struct rnd *r, const struct op_plan *p, struct layout *l, unsigned int max_cuts,
		uint32_t digest_len)
{
	struct range whole = {0, 0};
	unsigned int cuts = 0;

	/*
	 * A digest is in one piece, since it is pointed to; one that begins in the ciphered bytes
	 * now and then is not.
	 */
	if (digest_len != 0 && (p->place != PLACE_CIPHERED || p->digest < p->cipher.off ||
			!rnd_one_in(r, 4))) {
		whole.off = p->digest;
		whole.len = digest_len;
	}
	if (rnd_one_in(r, 2))
		cuts = rnd_one_in(r, 6) ? max_cuts : rnd_range(r, 1, RTE_MIN(max_cuts, 6u));
	cut(r, p, l, cuts, &whole);
}

/* ---- Operations: digest ---- */

static bool
overlap(const struct range *x, uint32_t off, uint32_t len)
{
	return x->len != 0 && off < range_end(x) && off + len > x->off;
}

/* Somewhere inside the ciphered bytes, or over one of their ends, and apart from what is hashed. */
static bool
find_ciphered(struct rnd *r, const struct sess_plan *s, struct op_plan *p)
{
	const struct range *const c = &p->cipher, *const a = &p->auth;
	const uint32_t len = s->p.digest_len;
	unsigned int i;

	if (c->len == 0)
		return false;
	/* As protocols have it: behind what is hashed. */
	p->digest = range_end(a);
	for (i = 0; i < 8; i++) {
		if (overlap(c, p->digest, len) && !overlap(a, p->digest, len))
			return true;
		p->digest = c->off + rnd_range(r, 0, c->len);
		p->digest -= RTE_MIN(p->digest, rnd_one_in(r, 3) ? rnd_range(r, 0, len) : 0);
	}
	return false;
}

/* Outside of all ranges: behind, before, or between. */
static bool
find_apart(struct rnd *r, const struct sess_plan *s, struct op_plan *p, bool span_too)
{
	const struct range span = op_span(s, p);
	const uint32_t len = s->p.digest_len;
	const uint32_t end = RTE_MAX(range_end(&p->cipher), range_end(&p->auth));
	uint32_t off;

	if (rnd_one_in(r, 2)) {
		off = rnd_range(r, 0, end);
		if (!overlap(&p->cipher, off, len) && !overlap(&p->auth, off, len) &&
				!(span_too && overlap(&span, off, len))) {
			p->digest = off;
			return true;
		}
	}
	p->digest = end + (rnd_one_in(r, 2) ? 0 : rnd_range(r, 0, 40));
	return true;
}

/* Whether the driver does two requests for a digest inside the ciphered bytes. */
static bool
has_steps(const struct sess_plan *s)
{
	return s->p.decrypt ? s->p.order == SESS_CIPHER_AUTH : s->p.order == SESS_AUTH_CIPHER;
}

static void
draw_digest(const struct draw_env *e, struct rnd *r, const struct sess_plan *s, struct op_plan *p)
{
	const bool chain = s->p.order == SESS_CIPHER_AUTH || s->p.order == SESS_AUTH_CIPHER;

	if (s->p.digest_len == 0)
		return;
	p->wrong = s->p.decrypt && rnd_one_in(r, 4);
	p->place = PLACE_OUTSIDE;
	if (chain && e->steps && has_steps(s) && rnd_one_in(r, 3)) {
		/* A short hashed part leaves room. */
		if (p->auth.len > 1 && rnd_one_in(r, 2))
			p->auth.len = auth_len(s->p.auth, p->auth.len / 2);
		if (find_ciphered(r, s, p)) {
			p->place = PLACE_CIPHERED;
			/* A generated one belongs into what is written. */
			p->holder_dst = p->oop && (!s->p.decrypt || rnd_one_in(r, 2));
			return;
		}
	}
	if (rnd_one_in(r, 3))
		return;
	if (!p->oop || (s->p.decrypt && !rnd_one_in(r, 4)))
		p->place = PLACE_SRC;
	else
		p->place = PLACE_DST;
	/*
	 * Out of place a device may copy what lies between the ranges to the destination before
	 * the digest there is compared.
	 */
	if (!find_apart(r, s, p, p->oop))
		p->place = PLACE_OUTSIDE;
}

/* ---- Operations ---- */

static bool
bad_fits(const struct sess_plan *s, enum bad bad)
{
	const struct sess_params *const p = &s->p;
	const bool has_cipher = p->order != SESS_AUTH && p->order != SESS_AEAD;

	switch (bad) {
	case BAD_NO_DIGEST:
		return p->digest_len != 0;
	case BAD_NO_AAD:
		return p->order == SESS_AEAD && p->aad_len > 0;
	case BAD_LENGTH:
		return has_cipher && p->cipher->min_len > 1;
	case BAD_BITS:
		return (has_cipher && ref_cipher_bits(p->cipher)) ||
			(p->auth != NULL && ref_auth_bits(p->auth));
	case BAD_SHORT_DST:
		return p->order != SESS_AUTH;
	case BAD_RANGE: /* NULL auth has none */
		return p->order != SESS_AUTH || p->digest_len != 0;
	case BAD_SEGMENTS:
		return !is_null_session(s);
	case BAD_TOO_LONG:
		return p->order == SESS_AEAD && ref_aead_max(p->aead, p->iv_len) < DATA_MAX;
	case BAD_CIPHERED_DIGEST:
		return has_cipher && p->cipher != &ref_cipher_null && p->digest_len != 0 &&
			!has_steps(s);
	default:
		return true;
	}
}

static void
draw_bad(struct rnd *r, const struct sess_plan *s, struct op_plan *p)
{
	unsigned int i;

	do {
		p->bad = (enum bad)rnd_range(r, 1, BAD_NB - 1);
	} while (!bad_fits(s, p->bad));
	/* A size that every algorithm takes, and the fault inside. */
	p->cipher.len = s->p.order == SESS_AUTH ? 0 : p->bad == BAD_TOO_LONG ? DATA_MAX : 128;
	p->auth.len = s->p.order == SESS_CIPHER || s->p.order == SESS_AEAD ? 0 : 128;
	p->auth.off = s->p.order == SESS_AUTH ? p->auth.off : p->cipher.off;
	p->place = s->p.digest_len == 0 ? PLACE_NONE : PLACE_OUTSIDE;
	p->wrong = p->sessionless = false;
	p->src.len = range_end(&p->cipher) + range_end(&p->auth) + 16;
	p->oop = p->bad == BAD_SHORT_DST;
	p->dst.len = range_end(&p->cipher) - 1;
	layout_linear(&p->dst);
	layout_linear(&p->src);
	switch (p->bad) {
	case BAD_LENGTH:
		/* Too short where any length above a block is good. */
		p->cipher.len = s->p.cipher->block > 1 ?
			128 - rnd_range(r, 1, s->p.cipher->block - 1u) : s->p.cipher->min_len - 1u;
		break;
	case BAD_RANGE:
		p->src.len = op_span(s, p).off + 127;
		layout_linear(&p->src);
		break;
	case BAD_SEGMENTS:
		p->src.seg[0] = op_span(s, p).off + 2;
		for (i = 1; i < 64; i++) {
			p->src.seg[i] = i < 63 ? 2 : p->src.len - p->src.seg[0] - 2 * 62;
			p->src.headroom[i] = 0;
			p->src.tight[i] = false;
		}
		p->src.nb = i;
		break;
	case BAD_CIPHERED_DIGEST:
		p->place = PLACE_CIPHERED;
		p->digest = p->cipher.off + rnd_range(r, 0, 60);
		break;
	default:
		break;
	}
}

static void
try_op(const struct draw_env *e, struct rnd *r, const struct sess_plan *s, struct op_plan *p)
{
	const uint32_t digest_len = s->p.digest_len;
	unsigned int cuts, src_cuts;
	uint32_t end;

	p->bad = BAD_NONE;
	p->place = PLACE_NONE;
	p->cipher = p->auth = (struct range){0, 0};
	p->wrong = p->holder_dst = false;
	p->oop = rnd_one_in(r, 2);
	p->counter_ends = rnd_one_in(r, 8);
	/* Drawn in any case, so that devices that differ in that get the same ops otherwise. */
	p->sessionless = rnd_one_in(r, 8) && e->sessionless;
	draw_ranges(r, s, p);
	draw_digest(e, r, s, p);
	if (rnd_one_in(r, BAD_ONE_IN)) {
		draw_bad(r, s, p);
		return;
	}
	end = RTE_MAX(range_end(&p->cipher), range_end(&p->auth));
	p->src.len = end;
	if (p->place == PLACE_SRC || p->place == PLACE_CIPHERED)
		p->src.len = RTE_MAX(p->src.len, p->digest + digest_len);
	p->dst.len = end;
	if (p->place == PLACE_DST || p->place == PLACE_CIPHERED)
		p->dst.len = RTE_MAX(p->dst.len, p->digest + digest_len);
	if (rnd_one_in(r, 2))
		p->src.len += rnd_range(r, 0, 48);
	if (rnd_one_in(r, 2))
		p->dst.len += rnd_range(r, 0, 48);
	cuts = e->max_segs - 3;
	src_cuts = p->oop ? rnd_range(r, 1, cuts - 1) : cuts / 2;
	draw_layout(r, p, &p->src, src_cuts,
			p->place == PLACE_SRC || p->place == PLACE_CIPHERED ? digest_len : 0);
	if (p->oop)
		draw_layout(r, p, &p->dst, cuts - src_cuts,
				p->place == PLACE_DST || p->place == PLACE_CIPHERED ?
				digest_len : 0);
	else
		p->dst = p->src;
}

void
draw_op(const struct draw_env *e, uint64_t number, const struct sess_plan *s, struct op_plan *p)
{
	static const uint32_t bursts[] = {1, 4, 32, 128};
	unsigned int tries = 0;
	uint32_t burst;
	struct rnd r;
	bool aim;

	rnd_init(&r, e->seed, RND_BURST, number / ERA_OPS);
	burst = bursts[rnd_range(&r, 0, RTE_DIM(bursts) - 1)];
	if (era_width(e, number) == SESS_WINDOW)
		rnd_init(&r, e->seed, RND_QP, number / burst);
	p->qp = rnd_range(&r, 0, e->nb_qps - 1);
	rnd_init(&r, e->seed, RND_OP, number);
	p->number = number;
	p->session = s->number;
	p->burst_ends = number % burst == burst - 1 || rnd_one_in(&r, burst);
	aim = !rnd_one_in(&r, 3);
	do {
		try_op(e, &r, s, p);
	} while (aim && p->bad == BAD_NONE && tries++ < AIM_TRIES && e->peer_sess(s) &&
			!e->peer_op(s, p));
	rnd_init(&r, e->seed, RND_RAW, number);
	p->raw = e->raw && rnd_one_in(&r, 3);
}

/* ---- Text ---- */

static int
text_layout(char *out, size_t len, const char *name, const struct layout *l)
{
	unsigned int i;
	int n = snprintf(out, len, "; %s %u bytes", name, l->len);

	for (i = 0; l->nb > 1 && i < RTE_MIN(l->nb, 12u); i++)
		n += snprintf(out + n, len - (size_t)n, "%c%u", i == 0 ? ' ' : '+', l->seg[i]);
	if (l->nb > 12)
		n += snprintf(out + n, len - (size_t)n, "+.. in %u segments", l->nb);
	return n;
}

const char *
op_text(const struct sess_plan *s, const struct op_plan *p)
{
	static const char *const bad[BAD_NB] = {
		"", "no session", "session of another driver", "not symmetric", "no source",
		"no digest", "no AAD", "no whole blocks", "no whole bytes", "beyond the source",
		"short destination", "too long for the nonce", "too many segments", "digest inside the ciphered bytes",
	};
	static const char *const place[] = {"none", "outside", "in the source",
		"in the destination", "ciphered"};
	static char text[900];
	const size_t len = sizeof(text);
	int n;

	n = snprintf(text, len, "op %" PRIu64 ": session %" PRIu64 ": %s", p->number, s->number,
			sess_text(&s->p));
	if (s->p.order != SESS_AUTH)
		n += snprintf(text + n, len - (size_t)n, "; data %u+%u", p->cipher.off,
				p->cipher.len);
	if (s->p.auth != NULL)
		n += snprintf(text + n, len - (size_t)n, "; auth %u+%u", p->auth.off, p->auth.len);
	if (p->place != PLACE_NONE)
		n += snprintf(text + n, len - (size_t)n, "; digest %s", place[p->place]);
	if (p->place > PLACE_OUTSIDE)
		n += snprintf(text + n, len - (size_t)n, " at %u%s", p->digest,
				p->holder_dst ? " of the destination" : "");
	if (p->wrong)
		n += snprintf(text + n, len - (size_t)n, ", wrong");
	n += text_layout(text + n, len - (size_t)n, p->oop ? "source" : "in place", &p->src);
	if (p->oop)
		n += text_layout(text + n, len - (size_t)n, "destination", &p->dst);
	if (p->sessionless)
		n += snprintf(text + n, len - (size_t)n, "; without a session");
	if (p->raw)
		n += snprintf(text + n, len - (size_t)n, "; by the raw API, if that can say it");
	if (p->bad != BAD_NONE)
		snprintf(text + n, len - (size_t)n, "; %s", bad[p->bad]);
	return text;
}
