/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Requests of the raw data-path API as ops for the encoders.
 *
 * May include: codec, slot. Data path of any queue pair; no state.
 */

#include <rte_branch_prediction.h>

#include "virtio_codec_raw.h"
#include "virtio_codec_stateless.h"

static __rte_always_inline void
put_seg(struct rte_mbuf *m, uint8_t *va, rte_iova_t iova, uint16_t len)
{
	m->buf_addr = va;
	rte_mbuf_iova_set(m, iova);
	m->data_len = len;
}

/* Vectors of any number and length; NULL: too many. */
static __rte_noinline struct rte_mbuf *
view_list(struct vcrypto_raw_view *v, const struct rte_crypto_sgl *sgl, uint32_t *total)
{
	struct rte_mbuf *const first = &v->segs[v->nb_segs];
	struct rte_mbuf *last = NULL;
	uint64_t sum = 0;
	uint32_t i, off, n;

	for (i = 0; i < sgl->num; i++) {
		const struct rte_crypto_vec *const vec = &sgl->vec[i];

		/* A segment's length has 16 bits. */
		for (off = 0; off < vec->len; off += n) {
			if (v->nb_segs == VCRYPTO_RAW_SEGS)
				return NULL;
			n = RTE_MIN(vec->len - off, (uint32_t)UINT16_MAX);
			if (last != NULL)
				last->next = &v->segs[v->nb_segs];
			last = &v->segs[v->nb_segs++];
			put_seg(last, (uint8_t *)vec->base + off, vec->iova + off, n);
		}
		sum += vec->len;
	}
	/* Offsets and lengths in bits must fit, too. */
	if (sum > UINT32_MAX >> 3)
		return NULL;
	if (last == NULL) {
		/* No bytes at all. */
		if (v->nb_segs == VCRYPTO_RAW_SEGS)
			return NULL;
		last = &v->segs[v->nb_segs++];
		put_seg(last, NULL, 0, 0);
	}
	last->next = NULL;
	first->pkt_len = sum;
	*total = sum;
	return first;
}

static __rte_always_inline struct rte_mbuf *
view_sgl(struct vcrypto_raw_view *v, const struct rte_crypto_sgl *sgl, uint32_t *total)
{
	const struct rte_crypto_vec *const vec = sgl->vec;
	struct rte_mbuf *m;

	if (unlikely(sgl->num != 1 || vec->len > UINT16_MAX || v->nb_segs == VCRYPTO_RAW_SEGS))
		return view_list(v, sgl, total);
	m = &v->segs[v->nb_segs++];
	put_seg(m, vec->base, vec->iova, vec->len);
	m->pkt_len = vec->len;
	m->next = NULL;
	*total = vec->len;
	return m;
}

/* What head and tail leave of the bytes; false if they overlap. */
static __rte_always_inline bool
range(uint32_t total, uint32_t head, uint32_t tail, uint8_t bits, uint32_t *off, uint32_t *len)
{
	*off = head << bits;
	*len = (total - head - tail) << bits;
	return likely(head + tail <= total);
}

static __rte_always_inline bool
is_given(const struct rte_crypto_va_iova_ptr *p)
{
	return p != NULL && p->va != NULL;
}

bool
vcrypto_codec_raw_view(struct vcrypto_raw_view *v, const struct vcrypto_sym_template *t,
		const struct vcrypto_raw_req *r)
{
	/* Stateless requests are of a shape, too. */
	const uint8_t shape = t->stateless != NULL ? t->stateless->shape : t->shape;
	const struct rte_crypto_va_iova_ptr *const iv =
		shape == VCRYPTO_SHAPE_GMAC || shape == VCRYPTO_SHAPE_NULL_GMAC ? r->extra : r->iv;
	const union rte_crypto_sym_ofs ofs = r->ofs;
	struct rte_crypto_sym_op *const so = &v->so;
	uint32_t total, dst_total;

	v->nb_segs = 0;
	so->m_src = view_sgl(v, r->src, &total);
	so->m_dst = NULL;
	if (r->dst != NULL) {
		so->m_dst = view_sgl(v, r->dst, &dst_total);
		if (unlikely(so->m_dst == NULL))
			return false;
	}
	if (unlikely(so->m_src == NULL || (t->iv_op_len != 0 && !is_given(iv))))
		return false;
	v->iv = t->iv_op_len != 0 ? (const uint8_t *)iv->va + t->iv_skip : NULL;

	if (shape == VCRYPTO_SHAPE_AEAD) {
		if (unlikely(!is_given(r->digest) || (t->aad_len != 0 && !is_given(r->extra))))
			return false;
		so->aead.digest.data = r->digest->va;
		so->aead.digest.phys_addr = r->digest->iova;
		if (t->aad_len != 0) {
			so->aead.aad.data = r->extra->va;
			so->aead.aad.phys_addr = r->extra->iova;
		}
		return range(total, ofs.ofs.cipher.head, ofs.ofs.cipher.tail, 0,
			&so->aead.data.offset, &so->aead.data.length);
	}
	if (t->digest_action != VCRYPTO_DIGEST_NONE) {
		if (unlikely(!is_given(r->digest) ||
				!range(total, ofs.ofs.auth.head, ofs.ofs.auth.tail, t->auth_bits,
					&so->auth.data.offset, &so->auth.data.length)))
			return false;
		so->auth.digest.data = r->digest->va;
		so->auth.digest.phys_addr = r->digest->iova;
		if (shape == VCRYPTO_SHAPE_AUTH || shape == VCRYPTO_SHAPE_GMAC)
			return true;
		if (unlikely(shape != VCRYPTO_SHAPE_CHAIN))
			vcrypto_codec_raw_reach_digest(v, t);
	}
	return range(total, ofs.ofs.cipher.head, ofs.ofs.cipher.tail, t->cipher_bits,
		&so->cipher.data.offset, &so->cipher.data.length);
}

static void
reach_digest(struct rte_mbuf *m, const uint8_t *digest, uint8_t digest_len)
{
	struct rte_mbuf *const first = m;
	const uint8_t *from;
	size_t end;

	while (m->next != NULL)
		m = m->next;
	from = m->buf_addr;
	if (digest < from || digest >= from + m->data_len)
		return;
	end = digest + digest_len - from;
	if (end <= m->data_len || end > UINT16_MAX)
		return;
	first->pkt_len += end - m->data_len;
	m->data_len = end;
}

void
vcrypto_codec_raw_reach_digest(struct vcrypto_raw_view *v, const struct vcrypto_sym_template *t)
{
	reach_digest(v->so.m_src, v->so.auth.digest.data, t->digest_len);
	if (v->so.m_dst != NULL)
		reach_digest(v->so.m_dst, v->so.auth.digest.data, t->digest_len);
}
