/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Descriptor tables of any length, and the map of the device's answers.
 *
 * May include: wire, slot, codec. Data path of any queue pair; no state.
 */

#include <assert.h>

#include "virtio_codec.h"
#include "virtio_codec_stateless.h"
#include "virtio_codec_table.h"
#include "virtio_secret.h"

/* Segments that hold [off, off + len) of a packet; 0 if the packet is too short. */
static uint32_t
count_segs(const struct rte_mbuf *m, uint32_t off, uint32_t len)
{
	struct vcrypto_walk w = { .m = m, .off = off, .len = len };
	uint32_t nb = 0, n;

	for (; (n = vcrypto_walk_piece(&w)) != 0; vcrypto_walk_on(&w, n))
		nb++;
	return w.len == 0 ? nb : 0;
}

static void
put_segs(struct vcrypto_writer *wr, const struct rte_mbuf *m, uint32_t off, uint32_t len,
		uint32_t flags)
{
	struct vcrypto_walk w = { .m = m, .off = off, .len = len };
	uint32_t n;

	for (; (n = vcrypto_walk_piece(&w)) != 0; vcrypto_walk_on(&w, n))
		vcrypto_put(wr, rte_pktmbuf_iova_offset(w.m, w.off), n, flags);
}

/* Pieces of the source; 0 if the packet is too short. */
static uint32_t
count_source(const struct vcrypto_fields *f)
{
	const struct vcrypto_splice *const s = &f->splice;
	const uint32_t head = s->start - f->start;
	const uint32_t rest = f->src_len - head - s->len;
	uint32_t nb, part;

	if (likely(s->len == 0))
		return count_segs(f->src, f->start, f->src_len);
	nb = s->m == NULL ? 1 : count_segs(s->m, s->start, s->len);
	if (nb == 0)
		return 0;
	if (head != 0) {
		part = count_segs(f->src, f->start, head);
		if (part == 0)
			return 0;
		nb += part;
	}
	if (rest != 0) {
		part = count_segs(f->src, s->start + s->len, rest);
		if (part == 0)
			return 0;
		nb += part;
	}
	return nb;
}

static void
put_source(struct vcrypto_writer *w, const struct vcrypto_fields *f, uint32_t flags)
{
	const struct vcrypto_splice *const s = &f->splice;

	if (likely(s->len == 0)) {
		put_segs(w, f->src, f->start, f->src_len, flags);
		return;
	}
	put_segs(w, f->src, f->start, s->start - f->start, flags);
	if (s->m == NULL)
		vcrypto_put(w, s->iova, s->len, flags);
	else
		put_segs(w, s->m, s->start, s->len, flags);
	put_segs(w, f->src, s->start + s->len,
		f->start + f->src_len - (s->start + s->len), flags);
}

int
vcrypto_codec_fields(const struct vcrypto_sym_template *t, const struct vcrypto_fields *f,
		struct vcrypto_slot_priv *sp, const struct vcrypto_desc_fmt *fmt,
		uint16_t max_desc)
{
	struct vcrypto_writer w = { .fmt = fmt };
	const bool iv_apart = t->iv_len != 0 && t->head_len == t->req_len;
	const struct vcrypto_stateless *const sl = t->stateless;
	uint32_t nb_src = 0, nb_dst = 0, nb;
	unsigned int i;

	if (f->src_len != 0) {
		nb_src = count_source(f);
		if (nb_src == 0)
			return VCRYPTO_BAD_OP;
	}
	if (f->dst_len != 0) {
		nb_dst = f->src == f->dst ? nb_src : count_segs(f->dst, f->start, f->dst_len);
		if (nb_dst == 0)
			return VCRYPTO_BAD_OP;
	}
	nb = (likely(sl == NULL) ? 1u + iv_apart : vcrypto_codec_stateless_nb_head(t)) + nb_src +
		(f->read[0].len != 0) + (f->read[1].len != 0) + nb_dst + (f->write.len != 0) + 1;
	if (nb > max_desc || nb > VCRYPTO_SLOT_EXT_DESC)
		return VCRYPTO_BAD_OP;
	/* A stateless header takes the place of the short table. */
	sp->in_ext = sl != NULL || nb > VCRYPTO_SLOT_INLINE_DESC;
	w.d = sp->in_ext ? sp->ext->table : sp->slot->table;

	if (unlikely(sl != NULL)) {
		vcrypto_codec_stateless_put_head(&w, t, sp);
	} else {
		vcrypto_put_read(&w, sp->iova, t->head_len);
		if (iv_apart)
			vcrypto_put_read(&w, sp->iova + offsetof(struct vcrypto_slot, iv),
				t->iv_len);
	}
	put_source(&w, f, fmt->read);
	for (i = 0; i < RTE_DIM(f->read); i++)
		if (f->read[i].len != 0)
			vcrypto_put_read(&w, f->read[i].iova, f->read[i].len);
	put_segs(&w, f->dst, f->start, f->dst_len, fmt->write);
	if (f->write.len != 0)
		vcrypto_put_write(&w, f->write.iova, f->write.len);
	vcrypto_put_status(&w, sp);
	return VCRYPTO_ENCODE_NEW;
}

/* ---- packets ---- */

bool
vcrypto_codec_find(const struct rte_mbuf *m, const uint8_t *p, uint32_t *off)
{
	uint32_t at = 0;

	for (; m != NULL; m = m->next) {
		const uint8_t *const from = rte_pktmbuf_mtod(m, const uint8_t *);

		if (p >= from && p < from + m->data_len) {
			*off = at + (uint32_t)(p - from);
			return true;
		}
		at += m->data_len;
	}
	return false;
}

void
vcrypto_codec_read(const struct rte_mbuf *m, uint32_t off, uint32_t len, uint8_t *out)
{
	/* A copy is in @p out already; in one piece, it is a pointer to the packet's own. */
	const void *const p = rte_pktmbuf_read(m, off, len, out);

	if (p != NULL && p != out)
		memcpy(out, p, len);
}

void
vcrypto_codec_write(const struct rte_mbuf *m, uint32_t off, uint32_t len, const uint8_t *bytes)
{
	struct vcrypto_walk w = { .m = m, .off = off, .len = len };
	uint32_t n;

	for (; (n = vcrypto_walk_piece(&w)) != 0; vcrypto_walk_on(&w, n)) {
		memcpy(rte_pktmbuf_mtod_offset(w.m, uint8_t *, w.off), bytes, n);
		bytes += n;
	}
}

/* ---- by shape ---- */

static int
not_symmetric(const struct vcrypto_sym_template *t, const struct rte_crypto_sym_op *so,
		const uint8_t *iv, struct vcrypto_slot_priv *sp, const struct vcrypto_desc_fmt *fmt,
		uint16_t max_desc)
{
	RTE_SET_USED(t);
	RTE_SET_USED(so);
	RTE_SET_USED(iv);
	RTE_SET_USED(sp);
	RTE_SET_USED(fmt);
	RTE_SET_USED(max_desc);
	return VCRYPTO_ENCODE_ASYM;
}

const vcrypto_sym_encode_t vcrypto_codec_sym_encode[VCRYPTO_SHAPE_NB] = {
	[VCRYPTO_SHAPE_CIPHER] = vcrypto_codec_cipher_encode,
	[VCRYPTO_SHAPE_CHAIN] = vcrypto_codec_chain_encode,
	[VCRYPTO_SHAPE_AUTH] = vcrypto_codec_auth_encode,
	[VCRYPTO_SHAPE_AEAD] = vcrypto_codec_aead_encode,
	[VCRYPTO_SHAPE_GMAC] = vcrypto_codec_gmac_encode,
	[VCRYPTO_SHAPE_STATELESS] = vcrypto_codec_stateless_encode,
	[VCRYPTO_SHAPE_NULL] = vcrypto_codec_null_encode,
	[VCRYPTO_SHAPE_NULL_AUTH] = vcrypto_codec_null_auth_encode,
	[VCRYPTO_SHAPE_NULL_GMAC] = vcrypto_codec_null_gmac_encode,
	[VCRYPTO_SHAPE_ASYM] = not_symmetric,
};

/* ---- completion ---- */

const uint8_t vcrypto_codec_status[256] = {
	[VIRTIO_CRYPTO_OK] = RTE_CRYPTO_OP_STATUS_SUCCESS,
	[VIRTIO_CRYPTO_ERR] = RTE_CRYPTO_OP_STATUS_ERROR,
	[VIRTIO_CRYPTO_BADMSG] = RTE_CRYPTO_OP_STATUS_AUTH_FAILED,
	[VIRTIO_CRYPTO_NOTSUPP] = RTE_CRYPTO_OP_STATUS_INVALID_ARGS,
	[VIRTIO_CRYPTO_INVSESS] = RTE_CRYPTO_OP_STATUS_INVALID_SESSION,
	[VIRTIO_CRYPTO_NOSPC] = RTE_CRYPTO_OP_STATUS_ERROR,
	[VIRTIO_CRYPTO_KEY_REJECTED] = RTE_CRYPTO_OP_STATUS_AUTH_FAILED,
	/* Not left to the default, which would read as SUCCESS. */
	[VIRTIO_CRYPTO_KEY_REJECTED + 1 ... 255] = RTE_CRYPTO_OP_STATUS_ERROR,
};
static_assert(RTE_CRYPTO_OP_STATUS_SUCCESS == 0, "the reason for the explicit rest");

uint8_t
vcrypto_codec_sym_digest(const struct vcrypto_slot_priv *sp, const struct rte_crypto_sym_op *so)
{
	if (sp->digest_action == VCRYPTO_DIGEST_COPY) {
		memcpy(sp->digest, sp->scratch, sp->digest_len);
		return RTE_CRYPTO_OP_STATUS_SUCCESS;
	}
	if (unlikely(sp->digest_action != VCRYPTO_DIGEST_COMPARE))
		return vcrypto_codec_null_digest(sp, so);
	return vcrypto_secret_equal(sp->digest, sp->scratch, sp->digest_len) ?
		RTE_CRYPTO_OP_STATUS_SUCCESS : RTE_CRYPTO_OP_STATUS_AUTH_FAILED;
}
