/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Symmetric codec, NULL algorithms. No device is asked for them: a session of nothing else is done
 * here, and of others the rest is what it would be without them.
 *
 * A NULL cipher copies its range where source and destination differ. In front of or behind a hash
 * or MAC it copies as a chain does, from the first byte of either range to the last. NULL auth
 * has no range and no digest, whatever the op says.
 *
 * A digest among the bytes of a NULL cipher is one of a chain whose digest is ciphered: it goes on
 * in the next segment as the packet's other bytes do, and if it lies in the source, the
 * destination has it, too.
 *
 * May include: wire, slot, codec. Data path of any queue pair; no state.
 */

#include "virtio_codec.h"
#include "virtio_codec_table.h"
#include "virtio_secret.h"

/* A NULL cipher's op, in bytes from the start of the packets. */
struct plan {
	const struct rte_mbuf *src;
	const struct rte_mbuf *dst; /* the source's, if in place */
	uint32_t cipher, cipher_end;
	uint32_t start, len; /* what a chain's fields would hold */
};

/* Where a digest among the bytes of the cipher is. */
struct place {
	const struct rte_mbuf *holder; /* NULL: it is not among them */
	uint32_t digest;
};

static bool
plan_of(const struct rte_crypto_sym_op *so, uint32_t auth, uint32_t auth_len, struct plan *p)
{
	const uint32_t len = so->cipher.data.length;
	uint64_t end;

	if (so->m_src == NULL)
		return false;
	p->src = so->m_src;
	p->dst = so->m_dst != NULL ? so->m_dst : so->m_src;
	p->cipher = so->cipher.data.offset;
	/* An empty range lies wherever the other one is. */
	if (len == 0)
		p->cipher = auth;
	else if (auth_len == 0)
		auth = p->cipher;
	end = RTE_MAX((uint64_t)p->cipher + len, (uint64_t)auth + auth_len);
	p->start = RTE_MIN(p->cipher, auth);
	if (end > p->src->pkt_len || end > p->dst->pkt_len)
		return false;
	p->len = (uint32_t)end - p->start;
	p->cipher_end = p->cipher + len;
	return true;
}

/* What a NULL cipher does. Two packets may well share memory. */
static void
copy(const struct plan *p)
{
	struct vcrypto_walk from = { .m = p->src, .off = p->start, .len = p->len };
	struct vcrypto_walk to = { .m = p->dst, .off = p->start, .len = p->len };
	uint32_t n, m;

	if (p->src == p->dst)
		return;
	while ((n = vcrypto_walk_piece(&from)) != 0 && (m = vcrypto_walk_piece(&to)) != 0) {
		n = RTE_MIN(n, m);
		memmove(rte_pktmbuf_mtod_offset(to.m, uint8_t *, to.off),
			rte_pktmbuf_mtod_offset(from.m, const uint8_t *, from.off), n);
		vcrypto_walk_on(&from, n);
		vcrypto_walk_on(&to, n);
	}
}

int
vcrypto_codec_null_encode(const struct vcrypto_sym_template *t,
		const struct rte_crypto_sym_op *so, const uint8_t *iv, struct vcrypto_slot_priv *sp,
		const struct vcrypto_desc_fmt *fmt, uint16_t max_desc)
{
	struct plan p;

	(void)iv;
	(void)sp;
	(void)fmt;
	(void)max_desc;
	if (so->m_src == NULL)
		return VCRYPTO_BAD_OP;
	if (t->null_cipher) {
		if (!plan_of(so, 0, 0, &p))
			return VCRYPTO_BAD_OP;
		copy(&p);
	}
	return VCRYPTO_ENCODE_DONE;
}

/* Whether a digest that begins at an offset of a packet ends in the same segment. */
static bool
in_one_segment(const struct rte_mbuf *m, uint32_t off, uint32_t len)
{
	for (; off >= m->data_len; m = m->next)
		off -= m->data_len;
	return m->next == NULL || len <= m->data_len - off;
}

/*
 * @return false if the digest begins among the bytes of the cipher and does not end within the
 * packet. One that begins elsewhere is just memory.
 */
static bool
locate(const struct plan *p, const uint8_t *digest, uint8_t len, struct place *at)
{
	at->holder = p->dst;
	if (!vcrypto_codec_find(at->holder, digest, &at->digest)) {
		at->holder = p->src;
		if (!vcrypto_codec_find(at->holder, digest, &at->digest)) {
			at->holder = NULL;
			return true;
		}
	}
	if (at->digest >= p->cipher_end || (uint64_t)at->digest + len <= p->cipher) {
		at->holder = NULL;
		return true;
	}
	return (uint64_t)at->digest + len <= at->holder->pkt_len;
}

static __rte_always_inline int
encode_auth(const struct vcrypto_sym_template *t, const struct rte_crypto_sym_op *so,
		const uint8_t *iv, struct vcrypto_slot_priv *sp, const struct vcrypto_desc_fmt *fmt,
		uint16_t max_desc, const vcrypto_sym_encode_t encode)
{
	uint32_t off = so->auth.data.offset;
	uint32_t len = so->auth.data.length;
	struct place at;
	struct plan p;
	int ret;

	if (so->auth.digest.data == NULL || !vcrypto_to_bytes(&off, &len, t->auth_bits) ||
			!plan_of(so, off, len, &p) ||
			!locate(&p, so->auth.digest.data, t->digest_len, &at))
		return VCRYPTO_BAD_OP;
	ret = encode(t, so, iv, sp, fmt, max_desc);
	if (ret > 0)
		return ret;
	if (p.src != p.dst) {
		/* The source that is hashed stays as it is; the digest to compare may come new. */
		copy(&p);
		vcrypto_preset_digest(t, so, sp);
	}
	if (at.holder != NULL &&
			(at.holder != p.dst || !in_one_segment(p.dst, at.digest, t->digest_len))) {
		sp->digest_action = t->digest_action == VCRYPTO_DIGEST_COMPARE ?
			VCRYPTO_DIGEST_SPREAD_COMPARE : VCRYPTO_DIGEST_SPREAD_COPY;
		/* The next op on this slot has the usual action again. */
		sp->serial = 0;
	}
	return ret;
}

int
vcrypto_codec_null_auth_encode(const struct vcrypto_sym_template *t,
		const struct rte_crypto_sym_op *so, const uint8_t *iv, struct vcrypto_slot_priv *sp,
		const struct vcrypto_desc_fmt *fmt, uint16_t max_desc)
{
	return encode_auth(t, so, iv, sp, fmt, max_desc, vcrypto_codec_auth_encode);
}

int
vcrypto_codec_null_gmac_encode(const struct vcrypto_sym_template *t,
		const struct rte_crypto_sym_op *so, const uint8_t *iv, struct vcrypto_slot_priv *sp,
		const struct vcrypto_desc_fmt *fmt, uint16_t max_desc)
{
	return encode_auth(t, so, iv, sp, fmt, max_desc, vcrypto_codec_gmac_encode);
}

uint8_t
vcrypto_codec_null_digest(const struct vcrypto_slot_priv *sp, const struct rte_crypto_sym_op *so)
{
	uint8_t want[VCRYPTO_DIGEST_MAX_LEN];
	uint32_t from, to;
	struct place at;
	struct plan p;

	if (!plan_of(so, 0, 0, &p) || !locate(&p, sp->digest, sp->digest_len, &at) ||
			at.holder == NULL)
		return VCRYPTO_BAD_OP;
	if (sp->digest_action == VCRYPTO_DIGEST_SPREAD_COMPARE) {
		vcrypto_codec_read(at.holder, at.digest, sp->digest_len, want);
		return vcrypto_secret_equal(want, sp->scratch, sp->digest_len) ?
			RTE_CRYPTO_OP_STATUS_SUCCESS : RTE_CRYPTO_OP_STATUS_AUTH_FAILED;
	}
	vcrypto_codec_write(at.holder, at.digest, sp->digest_len, sp->scratch);
	if (at.holder != p.dst) {
		from = RTE_MAX(at.digest, p.cipher);
		to = RTE_MIN(at.digest + sp->digest_len, p.cipher_end);
		vcrypto_codec_write(p.dst, from, to - from, sp->scratch + (from - at.digest));
	}
	return RTE_CRYPTO_OP_STATUS_SUCCESS;
}
