/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Requests of the usual form, in one pass over their few descriptors. What drivers send nearly
 * always is of that form; the rest is request.c's, all that is wrong included.
 */

#include <string.h>

#include <rte_branch_prediction.h>
#include <rte_byteorder.h>
#include <rte_common.h>

#include "request_ctx.h"
#include "request_fields.h"
#include "virtio_crypto_wire.h"

#define MAX_DESCS 10

/* A place in a chain. */
struct place {
	const struct vhc_desc *desc;
	const struct vhc_desc *end;
	uint32_t off; /* in desc[0] */
};

/* The next len bytes as one piece of the wanted kind; NULL: they are not. */
static __rte_always_inline uint8_t *
next_piece(struct place *p, uint32_t len, bool writable)
{
	uint8_t *base;

	if (p->off == p->desc->len) {
		if (unlikely(++p->desc == p->end))
			return NULL;
		p->off = 0;
	}
	if (unlikely(p->desc->writable != writable || p->desc->len - p->off < len))
		return NULL;
	base = (uint8_t *)p->desc->addr + p->off;
	p->off += len;
	return base;
}

static __rte_always_inline void
copy_small(uint8_t *dst, const uint8_t *src, uint32_t len)
{
	/* Lengths that a compiler knows are a load and a store. */
	switch (len) {
	case 16:
		memcpy(dst, src, 16);
		break;
	case 12:
		memcpy(dst, src, 12);
		break;
	case 8:
		memcpy(dst, src, 8);
		break;
	default:
		memcpy(dst, src, len);
		break;
	}
}

/* Copy as much of the first descriptor as a fixed part may need. @return bytes. */
static __rte_always_inline uint32_t
copy_fixed(union vhc_fixed *fixed, const struct vhc_desc *d)
{
	if (likely(d->len >= sizeof(fixed->sym))) {
		memcpy(fixed->bytes, d->addr, sizeof(fixed->sym));
		return sizeof(fixed->sym);
	}
	if (d->len >= sizeof(fixed->aead)) {
		memcpy(fixed->bytes, d->addr, sizeof(fixed->aead));
		return sizeof(fixed->aead);
	}
	if (d->len >= sizeof(fixed->hash)) {
		memcpy(fixed->bytes, d->addr, sizeof(fixed->hash));
		return sizeof(fixed->hash);
	}
	return 0;
}

/* The session, if the request is one for it and says so in the usual form. */
static __rte_always_inline struct vhc_session *
find_session(const struct vhc_device *dev, const union vhc_fixed *fixed, uint32_t fixed_len)
{
	const uint32_t opcode = rte_le_to_cpu_32(fixed->header.opcode);
	const bool revision_1 = vhc_device_revision_1(dev);
	const uint32_t service = opcode >> 8;
	struct vhc_session *s;

	if (unlikely(opcode > VIRTIO_CRYPTO_AEAD_DECRYPT || (opcode & 0xfe) != 0))
		return NULL;
	if (unlikely(vhc_fields_fixed_len((uint8_t)service, revision_1, false) > fixed_len))
		return NULL;
	/*
	 * Where stateless requests are possible the flag decides, too. That this one has the layout
	 * of those although it has a session is ruled out in the end: the pieces fit exactly.
	 */
	if (revision_1 && unlikely(rte_le_to_cpu_32(fixed->header.flag) !=
					  VIRTIO_CRYPTO_FLAG_SESSION_MODE))
		return NULL;
	s = vhc_device_find_session(dev, rte_le_to_cpu_64(fixed->header.session_id));
	if (unlikely(s == NULL || s->service != service))
		return NULL;
	/* Of HASH and MAC the only operation is 0. */
	if (s->kind == VHC_SYM_HASH || s->kind == VHC_SYM_MAC)
		return (opcode & 1) == 0 ? s : NULL;
	return s->encrypt == ((opcode & 1) == 0) ? s : NULL;
}

/* Whether the lengths are as short as the session allows. */
static __rte_always_inline bool
is_usual(const struct vhc_session *s, const struct vhc_fields *f)
{
	switch ((enum vhc_sym_kind)s->kind) {
	case VHC_SYM_CIPHER:
		return f->op_type == VIRTIO_CRYPTO_SYM_OP_CIPHER && f->iv == s->iv_len &&
				f->dst == f->src && f->src != 0;
	case VHC_SYM_CHAIN:
		return f->op_type == VIRTIO_CRYPTO_SYM_OP_ALGORITHM_CHAINING &&
				f->iv == s->iv_len && f->dst == f->src && f->src != 0 &&
				f->digest == s->digest_len && f->digest != 0 && f->aad == 0 &&
				(uint64_t)f->cipher_off + f->cipher_len <= f->src &&
				(uint64_t)f->hash_off + f->hash_len <= f->src;
	case VHC_SYM_HASH:
	case VHC_SYM_MAC:
		return f->digest == s->digest_len && f->digest != 0 && f->src != 0;
	case VHC_SYM_AEAD:
		if (f->digest != s->digest_len || f->iv > VHC_IV_MAX_LEN || f->iv == 0)
			return false;
		return s->encrypt ? f->src != 0 && f->dst == (uint64_t)f->src + f->digest :
				    f->src > f->digest && f->dst == f->src - f->digest;
	}
	return false;
}

/*
 * Point the operation at what the readable part holds.
 * @param p  behind the fixed part; moves to the first writable descriptor.
 */
static __rte_always_inline bool
map_readable(struct vhc_request *req, const struct vhc_session *s, const struct vhc_fields *f,
		struct place *p)
{
	struct vhc_engine_op *op = &req->op;
	const uint8_t *piece;

	if (f->iv != 0) {
		piece = next_piece(p, f->iv, false);
		if (unlikely(piece == NULL))
			return false;
		copy_small(req->iv, piece, f->iv);
	}
	req->src[0].base = next_piece(p, op->len, false);
	if (unlikely(req->src[0].base == NULL))
		return false;
	if (s->kind == VHC_SYM_AEAD) {
		if (!s->encrypt) {
			piece = next_piece(p, f->digest, false);
			if (unlikely(piece == NULL))
				return false;
			copy_small(req->digest, piece, f->digest);
		}
		if (f->aad != 0) {
			op->aad = next_piece(p, f->aad, false);
			if (unlikely(op->aad == NULL))
				return false;
		}
	}
	/* More readable bytes than that are legal, and rare. */
	if (unlikely(p->off != p->desc->len || ++p->desc == p->end))
		return false;
	p->off = 0;
	return true;
}

/* The same with the writable part. @param out_len  gets its length. */
static __rte_always_inline bool
map_writable(struct vhc_request *req, const struct vhc_session *s, struct place *p,
		uint32_t result_len, uint32_t digest_len, uint64_t *out_len)
{
	struct vhc_engine_op *op = &req->op;
	const struct vhc_desc *d;

	for (d = p->desc, *out_len = 0; d != p->end; d++) {
		if (unlikely(!d->writable))
			return false;
		*out_len += d->len;
	}
	if (unlikely((uint64_t)result_len + digest_len + 1 > *out_len || d[-1].len == 0))
		return false;
	req->status = (uint8_t *)d[-1].addr + d[-1].len - 1;
	op->nb_dst = 0;
	if (result_len != 0) {
		req->dst[0].base = next_piece(p, result_len, true);
		req->dst[0].len = result_len;
		op->nb_dst = 1;
		if (unlikely(req->dst[0].base == NULL))
			return false;
		if (req->dst[0].base != req->src[0].base &&
				unlikely(vhc_request_overlap(req->dst[0].base, result_len,
						req->src[0].base, result_len)))
			return false;
	}
	op->digest = s->kind == VHC_SYM_CIPHER ? NULL : req->digest;
	if (digest_len != 0) {
		/* The engine writes where it belongs. */
		op->digest = next_piece(p, digest_len, true);
		if (unlikely(op->digest == NULL))
			return false;
	}
	return true;
}

bool
vhc_request_begin_straight(struct vhc_request *req, struct vhc_request_ctx *ctx,
		const struct vhc_desc *desc, uint16_t nb)
{
	struct place p = {.desc = desc, .end = desc + nb};
	struct vhc_engine_op *op = &req->op;
	uint32_t fixed_len, written, digest_len;
	struct vhc_device *dev = ctx->dev;
	union vhc_fixed fixed;
	struct vhc_session *s;
	struct vhc_fields f;
	uint64_t out_len;

	if (unlikely(nb < 2 || nb > MAX_DESCS || desc[0].writable))
		return false;
	fixed_len = copy_fixed(&fixed, &desc[0]);
	if (unlikely(fixed_len == 0))
		return false;
	s = find_session(dev, &fixed, fixed_len);
	if (unlikely(s == NULL))
		return false;
	vhc_fields_of_session(&fixed, s->service, &f);
	if (f.digest == 0 && s->kind == VHC_SYM_AEAD && !vhc_device_revision_1(dev))
		f.digest = s->digest_len; /* as in request.c */
	if (unlikely(!is_usual(s, &f)))
		return false;
	/* What is_usual() passed, and the pieces to come, bound each of these by 32 bits. */
	digest_len = s->kind == VHC_SYM_AEAD ? 0 : f.digest;
	if (unlikely((uint64_t)f.iv + f.src + f.aad + f.dst + digest_len >
			    vhc_device_max_size(dev)))
		return false;

	op->len = f.src;
	op->cipher_off = f.cipher_off;
	op->cipher_len = f.cipher_len;
	op->hash_off = f.hash_off;
	op->hash_len = f.hash_len;
	op->aad = NULL;
	op->aad_len = 0;
	if (s->kind == VHC_SYM_AEAD) {
		if (s->encrypt)
			digest_len = f.digest;
		else
			op->len -= f.digest;
		op->cipher_len = op->len;
		op->aad_len = f.aad;
	}
	p.off = vhc_fields_fixed_len(s->service, vhc_device_revision_1(dev), false);
	if (unlikely(!map_readable(req, s, &f, &p)))
		return false;
	written = s->kind == VHC_SYM_HASH || s->kind == VHC_SYM_MAC ? 0 : op->len;
	if (unlikely(!map_writable(req, s, &p, written, digest_len, &out_len)))
		return false;

	op->src = req->src;
	op->dst = req->dst;
	op->nb_src = 1;
	req->src[0].len = op->len;
	op->iv = req->iv;
	op->iv_len = (uint8_t)f.iv;
	op->session = s->engine_session;
	if (s->kind == VHC_SYM_CHAIN && req->src[0].base != req->dst[0].base)
		vhc_request_copy_plain(op, req->src[0].base, req->dst[0].base);

	vhc_request_hold(ctx, s);
	req->ctx = ctx;
	req->session = s;
	req->desc = desc;
	req->nb_desc = nb;
	req->service = s->service;
	req->src_len = f.src;
	req->data_len = written;
	req->digest_len = 0; /* left to do */
	req->bounce = NULL;
	req->err_len = out_len == 1 ? 1 : 0;
	written += digest_len;
	req->ok_len = written + (out_len == (uint64_t)written + 1 ? 1 : 0);
	return true;
}
