/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include "shrink.h"

uint64_t
shrink_range(uint64_t seed, uint64_t from, struct run_finding *f)
{
	const uint64_t last = f->number;
	struct run_finding again;
	uint64_t nb, start;

	for (nb = 1;; nb *= 4) {
		start = last - from < nb ? from : last - nb + 1;
		if (!run_ops(seed, start, last - start + 1, &again)) {
			*f = again;
			return start;
		}
		if (start == from)
			return UINT64_MAX;
	}
}

/* ---- Simpler ops; each says whether it changed something ---- */

static bool
linear_src(const struct sess_plan *s, struct op_plan *p)
{
	(void)s;
	if (p->src.nb == 1 && p->src.headroom[0] == 128 && !p->src.tight[0])
		return false;
	layout_linear(&p->src);
	if (!p->oop)
		p->dst = p->src;
	return true;
}

static bool
linear_dst(const struct sess_plan *s, struct op_plan *p)
{
	(void)s;
	if (!p->oop || (p->dst.nb == 1 && p->dst.headroom[0] == 128 && !p->dst.tight[0]))
		return false;
	layout_linear(&p->dst);
	return true;
}

static bool
digest_outside(const struct sess_plan *s, struct op_plan *p)
{
	(void)s;
	if (p->place != PLACE_SRC && p->place != PLACE_DST)
		return false;
	p->place = PLACE_OUTSIDE;
	return true;
}

static bool
in_place(const struct sess_plan *s, struct op_plan *p)
{
	(void)s;
	if (!p->oop || p->place > PLACE_OUTSIDE)
		return false;
	p->oop = false;
	if (p->src.len < p->dst.len) {
		p->src.len = p->dst.len;
		layout_linear(&p->src);
	}
	p->dst = p->src;
	return true;
}

static bool
clear(bool *flag)
{
	const bool was = *flag;

	*flag = false;
	return was;
}

static bool
right_digest(const struct sess_plan *s, struct op_plan *p)
{
	(void)s;
	return clear(&p->wrong);
}

static bool
usual_iv(const struct sess_plan *s, struct op_plan *p)
{
	(void)s;
	return clear(&p->counter_ends);
}

static bool
with_session(const struct sess_plan *s, struct op_plan *p)
{
	(void)s;
	return clear(&p->sessionless);
}

static bool
not_raw(const struct sess_plan *s, struct op_plan *p)
{
	(void)s;
	return clear(&p->raw);
}

static bool
no_offsets(const struct sess_plan *s, struct op_plan *p)
{
	const uint32_t off = op_span(s, p).off;

	if (off == 0 || p->place > PLACE_OUTSIDE || off > p->cipher.off + p->auth.off)
		return false;
	p->cipher.off -= RTE_MIN(off, p->cipher.off);
	p->auth.off -= RTE_MIN(off, p->auth.off);
	return true;
}

static bool
half(uint32_t *len, uint32_t unit, uint32_t min)
{
	const uint32_t n = *len / 2 / unit * unit;

	if (n < min || n == *len || n == 0)
		return false;
	*len = n;
	return true;
}

static bool
half_cipher(const struct sess_plan *s, struct op_plan *p)
{
	const struct ref_cipher *const c = s->p.cipher;

	return half(&p->cipher.len, c == NULL ? 1 : c->block, c == NULL ? 0 : c->min_len);
}

static bool
half_auth(const struct sess_plan *s, struct op_plan *p)
{
	return s->p.auth != NULL && half(&p->auth.len, s->p.auth->block, ref_auth_min(s->p.auth));
}

void
shrink_plan(uint64_t seed, struct run_finding *f)
{
	static bool (*const simpler[])(const struct sess_plan *s, struct op_plan *p) = {
		digest_outside, linear_src, linear_dst, in_place, right_digest, usual_iv,
		with_session, not_raw, no_offsets, half_cipher, half_auth,
	};
	struct run_finding try;
	unsigned int i, rounds;
	struct op_plan p;
	bool any = true;

	for (rounds = 0; any && rounds < 20; rounds++) {
		any = false;
		for (i = 0; i < RTE_DIM(simpler); i++) {
			p = f->p;
			/* Shorter ranges would have a ciphered digest elsewhere. */
			if (p.bad != BAD_NONE || (p.place == PLACE_CIPHERED && i > 7) ||
					!simpler[i](&f->s, &p))
				continue;
			if (run_plan(seed, &p, &try))
				continue;
			if (try.lost)
				return;
			*f = try;
			any = true;
		}
	}
}
