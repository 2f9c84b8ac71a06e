/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"

/* In an op, and short names for its parts. */
struct work {
	const struct sess_plan *s;
	const struct op_plan *p;
	struct model *m;
	uint8_t *out; /* what is written: destination, or the source's bytes afterwards */
	uint8_t right[REF_MAX_DIGEST]; /* digest */
	uint8_t given[REF_MAX_DIGEST]; /* ... as the op brings it, to be verified */
};

static int
run_cipher(const struct work *w, bool encrypt, const uint8_t *in, uint8_t *out)
{
	const struct sess_params *const p = &w->s->p;
	const struct range *const c = &w->p->cipher;

	return ref_cipher_run(p->cipher, encrypt, w->s->key, p->key_len, w->m->iv, p->iv_len,
			in + c->off, out + c->off, c->len);
}

static int
run_auth(struct work *w, const uint8_t *in)
{
	const struct sess_params *const p = &w->s->p;
	const struct range *const a = &w->p->auth;

	return ref_auth_run_iv(p->auth, w->s->auth_key, p->auth_key_len, w->m->iv, p->iv_len,
			in + a->off, a->len, w->right);
}

static void
spoil(struct work *w, struct rnd *r)
{
	const uint32_t len = w->s->p.digest_len;

	memcpy(w->given, w->right, sizeof(w->given));
	/* The first and the last byte are where a comparison goes wrong. */
	if (w->p->wrong)
		w->given[rnd_one_in(r, 3) ? 0 : rnd_one_in(r, 2) ? len - 1 :
				rnd_range(r, 0, len - 1)] ^= (uint8_t)(1u << rnd_range(r, 0, 7));
}

static int
run_aead(struct work *w, struct rnd *r)
{
	const struct sess_params *const p = &w->s->p;
	const struct range *const c = &w->p->cipher;
	struct model *const m = w->m;
	uint8_t *const from = m->src + c->off, *const to = w->out + c->off;
	int ret;

	/* To decrypt, the packet holds what the encryption of the result would yield. */
	if (p->decrypt)
		memcpy(to, from, c->len);
	ret = ref_aead_run(p->aead, w->s->key, p->key_len, m->iv, p->iv_len, m->aad, p->aad_len,
			p->decrypt ? to : from, p->decrypt ? from : to, c->len, w->right,
			p->digest_len);
	spoil(w, r);
	return ret;
}

/* Hash over what the cipher leaves. */
static int
run_cipher_auth(struct work *w, struct rnd *r)
{
	const uint32_t len = w->p->src.len;
	const struct range *const c = &w->p->cipher;
	struct model *const m = w->m;
	uint8_t *view;
	int ret;

	view = malloc(len + 1);
	if (view == NULL)
		return -ENOMEM;
	memcpy(view, m->src, len);
	ret = 0;
	if (!w->s->p.decrypt)
		ret = run_cipher(w, true, m->src, view);
	if (ret == 0)
		ret = run_auth(w, view);
	spoil(w, r);
	if (w->s->p.decrypt) {
		/* What was drawn is the result; the packet holds it encrypted, with the digest. */
		if (w->p->place == PLACE_CIPHERED)
			memcpy(view + w->p->digest, w->given, w->s->p.digest_len);
		memcpy(m->src, view, len);
		if (ret == 0)
			ret = run_cipher(w, true, view, m->src);
	}
	memcpy(w->out + c->off, view + c->off, c->len);
	free(view);
	return ret;
}

/* Hash over what the cipher finds. */
static int
run_auth_cipher(struct work *w, struct rnd *r)
{
	const uint32_t len = w->p->src.len;
	struct model *const m = w->m;
	uint8_t *view;
	int ret;

	ret = run_auth(w, m->src);
	spoil(w, r);
	view = malloc(len + 1);
	if (view == NULL)
		return -ENOMEM;
	memcpy(view, m->src, len);
	if (w->p->place == PLACE_CIPHERED)
		memcpy(view + w->p->digest, w->right, w->s->p.digest_len);
	if (ret == 0)
		ret = run_cipher(w, !w->s->p.decrypt, view, w->out);
	free(view);
	return ret;
}

static int
run(struct work *w, struct rnd *r)
{
	int ret;

	switch (w->s->p.order) {
	case SESS_CIPHER:
		return run_cipher(w, !w->s->p.decrypt, w->m->src, w->out);
	case SESS_AUTH:
		ret = run_auth(w, w->m->src);
		spoil(w, r);
		return ret;
	case SESS_CIPHER_AUTH:
		return run_cipher_auth(w, r);
	case SESS_AUTH_CIPHER:
		return run_auth_cipher(w, r);
	default:
		return run_aead(w, r);
	}
}

/* Bytes of [off, off + len) of @p from that @p not leaves out. */
static void
copy_outside(uint8_t *to, const uint8_t *from, uint32_t off, uint32_t len, const struct range *not)
{
	uint32_t i;

	for (i = 0; i < len; i++)
		if (off + i < not->off || off + i >= range_end(not))
			to[off + i] = from[i];
}

/* The bytes as they are before the op, but for digests. */
static void
before(struct work *w)
{
	const struct op_plan *const p = w->p;
	const struct range span = op_span(w->s, p);
	struct model *const m = w->m;

	if (!p->oop)
		return;
	/*
	 * Between the ranges of a chain the destination has the source's bytes, as an application
	 * provides them that wants header and ciphertext together: a device may copy them.
	 */
	if (w->s->p.order == SESS_CIPHER_AUTH || w->s->p.order == SESS_AUTH_CIPHER) {
		copy_outside(m->dst, m->src + span.off, span.off, span.len, &p->cipher);
		copy_outside(m->dst_after, m->src + span.off, span.off, span.len, &p->cipher);
	}
}

/* The digest as it is before and after the op. */
static void
put_digest(struct work *w)
{
	const bool decrypt = w->s->p.decrypt;
	const struct op_plan *const p = w->p;
	const uint32_t len = w->s->p.digest_len, at = p->digest;
	struct model *const m = w->m;

	switch (p->place) {
	case PLACE_OUTSIDE:
		if (decrypt)
			memcpy(m->digest, w->given, len);
		memcpy(m->digest_after, m->digest, sizeof(m->digest));
		memcpy(m->digest_after, decrypt ? w->given : w->right, len);
		break;
	case PLACE_SRC:
		if (decrypt)
			memcpy(m->src + at, w->given, len);
		memcpy(m->src_after + at, decrypt ? w->given : w->right, len);
		break;
	case PLACE_DST:
		if (decrypt)
			memcpy(m->dst + at, w->given, len);
		memcpy(m->dst_after + at, decrypt ? w->given : w->right, len);
		break;
	case PLACE_CIPHERED:
		/* In part, perhaps: what lies outside the range is there as it is. */
		if (decrypt && p->oop && p->holder_dst)
			copy_outside(m->dst, w->given, at, len, &p->cipher);
		if (!p->oop || p->holder_dst)
			copy_outside(w->out, decrypt ? w->given : w->right, at, len, &p->cipher);
		break;
	default:
		break;
	}
}

static uint8_t *
drawn(struct rnd *r, uint32_t len)
{
	/* Room for a digest pointer at the very end. */
	uint8_t *const p = malloc(len + REF_MAX_DIGEST);

	if (p != NULL)
		rnd_fill(r, p, len);
	return p;
}

static uint8_t *
same(const uint8_t *from, uint32_t len)
{
	uint8_t *const p = malloc(len + REF_MAX_DIGEST);

	if (p != NULL)
		memcpy(p, from, len);
	return p;
}

/* What is refused changes nothing. */
static void
refused(struct model *m, const struct op_plan *p)
{
	m->status = p->bad == BAD_NO_SESSION || p->bad == BAD_FOREIGN_SESSION ?
		RTE_CRYPTO_OP_STATUS_INVALID_SESSION : RTE_CRYPTO_OP_STATUS_INVALID_ARGS;
	memcpy(m->digest_after, m->digest, sizeof(m->digest));
}

int
model_init(struct model *m, uint64_t seed, const struct sess_plan *s, const struct op_plan *p)
{
	struct work w = {.s = s, .p = p, .m = m};
	struct rnd r;
	int ret;

	memset(m, 0, sizeof(*m));
	rnd_init(&r, seed, RND_DATA, p->number);
	m->status = RTE_CRYPTO_OP_STATUS_SUCCESS;
	rnd_fill(&r, m->iv, sizeof(m->iv));
	/* Of GCM's first counter block the last 32 bits count; others count as a whole. */
	if (p->counter_ends)
		memset(m->iv + (s->p.aead != NULL && s->p.iv_len == 0 ? 12 : 0), 0xff,
				s->p.aead != NULL && s->p.iv_len == 0 ? 4 : sizeof(m->iv));
	rnd_fill(&r, m->digest, sizeof(m->digest));
	m->aad = drawn(&r, s->p.aad_len);
	m->src = drawn(&r, p->src.len);
	if (m->aad == NULL || m->src == NULL)
		return -ENOMEM;
	m->src_after = same(m->src, p->src.len);
	if (p->oop) {
		m->dst = drawn(&r, p->dst.len);
		if (m->dst == NULL)
			return -ENOMEM;
		m->dst_after = same(m->dst, p->dst.len);
	}
	if (m->src_after == NULL || (p->oop && m->dst_after == NULL))
		return -ENOMEM;
	if (p->bad != BAD_NONE) {
		refused(m, p);
		return 0;
	}
	w.out = p->oop ? m->dst_after : m->src_after;
	ret = run(&w, &r);
	if (ret != 0)
		return ret;
	/* The source may have been made from its result. It stays as it is, in place too. */
	if (p->oop)
		memcpy(m->src_after, m->src, p->src.len);
	else
		copy_outside(m->src_after, m->src, 0, p->src.len, &p->cipher);
	before(&w);
	put_digest(&w);
	if (p->wrong) {
		m->status = RTE_CRYPTO_OP_STATUS_AUTH_FAILED;
		m->any = p->cipher;
	}
	return 0;
}

void
model_fini(struct model *m)
{
	free(m->src);
	free(m->dst);
	free(m->src_after);
	free(m->dst_after);
	free(m->aad);
	memset(m, 0, sizeof(*m));
}
