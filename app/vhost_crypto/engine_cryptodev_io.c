/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The data path of the cryptodev engine. An operation's room (vhc_engine_op.priv) holds
 * a crypto op and two mbufs that are set up once; enqueue fills in pointers and lengths.
 *
 * The mbufs point at the data where it lies, as software drivers ask for no more: their
 * IOVA is the address. For devices that do DMA the data, IV, AAD and digest go through
 * slots of memory that the engine owns, with true IOVAs.
 *
 * What a device might do wrong is not given to it: drivers check no lengths on their fast
 * paths. Such operations come back with NOTSUPP and untouched, so that another engine can
 * do them: no data, parts of blocks, several segments, more than one mbuf holds, an AEAD
 * shape that the device has not.
 *
 * A queue's functions run on one thread at a time; nothing is shared between queues.
 */

#include <assert.h>
#include <string.h>

#include <rte_branch_prediction.h>
#include <rte_byteorder.h>
#include <rte_prefetch.h>

#include "engine_cryptodev.h"
#include "virtio_crypto_wire.h"

#define AES_BLOCK 16

static_assert(offsetof(struct vhc_cd_op, sym) == offsetof(struct rte_crypto_op, sym),
		"the symmetric part follows the op");

static void
init_mbuf(struct rte_mbuf *m)
{
	m->nb_segs = 1;
	m->next = NULL;
	m->data_off = 0;
	m->buf_len = UINT16_MAX;
	rte_mbuf_refcnt_set(m, 1);
}

void
vhc_engine_cryptodev_op_init(struct vhc_cd_op *c, struct vhc_cd_slot *slot, rte_iova_t iova)
{
	c->op.type = RTE_CRYPTO_OP_TYPE_SYMMETRIC;
	c->op.sess_type = RTE_CRYPTO_OP_WITH_SESSION;
	c->op.phys_addr = iova;
	init_mbuf(&c->src);
	init_mbuf(&c->dst);
	if (slot != NULL) {
		c->src.buf_addr = slot->data;
		c->src.buf_iova = iova + offsetof(struct vhc_cd_slot, data);
	}
	c->ready = 1;
}

static inline void
point_mbuf(struct rte_mbuf *m, const struct vhc_seg *seg, uint32_t len)
{
	m->buf_addr = seg->base;
	m->buf_iova = (rte_iova_t)(uintptr_t)seg->base;
	m->data_len = (uint16_t)len;
	m->pkt_len = len;
}

/* Whether a counter's low 32 bits end within @p len bytes. */
static inline bool
counter_ends(const uint8_t *iv, uint32_t len)
{
	uint32_t low;

	memcpy(&low, iv + AES_BLOCK - sizeof(low), sizeof(low));
	return (uint64_t)rte_be_to_cpu_32(low) + (len + AES_BLOCK - 1) / AES_BLOCK > UINT32_MAX;
}

/* Whether the device is to see this operation. */
static inline bool
fits(const struct vhc_cd_session *s, const struct vhc_engine_op *op)
{
	bool has_cipher = s->shape != VHC_CD_AUTH && s->shape != VHC_CD_AEAD;
	bool has_auth = s->shape != VHC_CD_CIPHER && s->shape != VHC_CD_AEAD;

	if (unlikely(op->len - 1 >= s->max_len || op->nb_src != 1))
		return false;
	if (s->shape != VHC_CD_AUTH && unlikely(op->nb_dst != 1))
		return false;
	if (has_cipher && unlikely(op->cipher_len == 0 || (op->cipher_len & s->block_mask) != 0))
		return false;
	if (has_auth && unlikely(op->hash_len == 0))
		return false;
	return !s->counter_32 || likely(!counter_ends(op->iv, op->cipher_len));
}

static inline void
fill_cipher(struct vhc_cd_op *c, const struct vhc_cd_session *s, const struct vhc_engine_op *op)
{
	c->sym.cipher.data.offset = op->cipher_off << s->cipher_shift;
	c->sym.cipher.data.length = op->cipher_len << s->cipher_shift;
	memcpy(c->iv, op->iv, VHC_IV_MAX_LEN);
}

static inline void
fill_auth(struct vhc_cd_op *c, const struct vhc_cd_session *s, const struct vhc_engine_op *op)
{
	c->sym.auth.data.offset = op->hash_off << s->auth_shift;
	c->sym.auth.data.length = op->hash_len << s->auth_shift;
	c->sym.auth.digest.data = op->digest;
	if ((c->finish & VHC_CD_COPY_DIGEST) != 0)
		c->sym.auth.digest.data = c->scratch;
}

/* Alone: the other range is empty and lies where drivers have nothing to copy for it. */
static inline void
fill_cipher_only(struct vhc_cd_op *c, const struct vhc_cd_session *s,
		const struct vhc_engine_op *op)
{
	fill_cipher(c, s, op);
	c->sym.auth.data.offset = c->sym.cipher.data.offset;
	c->sym.auth.data.length = 0;
}

static inline void
fill_auth_only(struct vhc_cd_op *c, const struct vhc_cd_session *s,
		const struct vhc_engine_op *op, struct rte_mbuf *m)
{
	c->sym.m_src = m;
	c->sym.m_dst = NULL;
	c->sym.cipher.data.offset = 0;
	c->sym.cipher.data.length = 0;
	fill_auth(c, s, op);
}

static bool
fill_aead(struct vhc_cd_engine *e, struct vhc_cd_session *s, struct vhc_cd_op *c,
		struct vhc_engine_op *op)
{
	bool ccm = vhc_algos_aead[s->aead->row].algo == RTE_CRYPTO_AEAD_AES_CCM;
	bool copy = ccm || e->bounce;

	if (unlikely(copy && op->aad_len > VHC_CD_AAD_COPY_MAX))
		return false;
	c->sym.session = vhc_engine_cryptodev_aead_session(e, s, op->iv_len, op->aad_len);
	if (unlikely(c->sym.session == NULL))
		return false;
	c->sym.aead.data.offset = 0;
	c->sym.aead.data.length = op->len;
	c->sym.aead.digest.data = op->digest;
	c->sym.aead.aad.data = RTE_PTR_ADD(op->aad, 0);
	if (copy) {
		c->sym.aead.aad.data = c->aad;
		if (op->aad_len != 0)
			memcpy(c->aad + (ccm ? VHC_CD_CCM_AAD_OFF : 0), op->aad, op->aad_len);
	}
	if (ccm)
		memcpy(c->iv + 1, op->iv, VHC_IV_MAX_LEN - 1);
	else
		memcpy(c->iv, op->iv, VHC_IV_MAX_LEN);
	return true;
}

/* What only DMA needs: data in the slot, and addresses of what lies beside it. */
static void
fill_slot(struct vhc_cd_op *c, const struct vhc_cd_session *s, const struct vhc_engine_op *op)
{
	struct vhc_cd_slot *slot = container_of(c, struct vhc_cd_slot, c);
	rte_iova_t scratch = c->op.phys_addr + offsetof(struct vhc_cd_op, scratch);

	memcpy(slot->data, op->src->base, op->len);
	c->src.data_len = (uint16_t)op->len;
	c->src.pkt_len = op->len;
	c->sym.m_src = &c->src;
	c->sym.m_dst = NULL;
	if (s->shape == VHC_CD_AEAD) {
		c->sym.aead.digest.data = c->scratch;
		c->sym.aead.digest.phys_addr = scratch;
		c->sym.aead.aad.phys_addr = c->op.phys_addr + offsetof(struct vhc_cd_op, aad);
		memcpy(c->scratch, op->digest, s->digest_len);
	} else if (s->shape != VHC_CD_CIPHER) {
		c->sym.auth.digest.phys_addr = scratch;
	}
}

/* Source and destination are where they lie, or one place. */
static inline void
fill_data(struct vhc_cd_op *c, const struct vhc_cd_session *s, const struct vhc_engine_op *op)
{
	point_mbuf(&c->src, op->src, op->len);
	c->sym.m_src = &c->src;
	c->sym.m_dst = NULL;
	if (s->shape == VHC_CD_AUTH || op->dst->base == op->src->base)
		return;
	if (unlikely(s->in_place)) {
		/* With the range to cipher the destination is the whole source. */
		memcpy(op->dst->base + op->cipher_off, op->src->base + op->cipher_off,
				s->shape == VHC_CD_AEAD ? op->len : op->cipher_len);
		point_mbuf(&c->src, op->dst, op->len);
		return;
	}
	point_mbuf(&c->dst, op->dst, op->len);
	c->sym.m_dst = &c->dst;
}

/* The crypto op of an operation, ready to go; NULL: it does not fit. */
static inline struct vhc_cd_op *
prepare(struct vhc_cd_engine *e, struct vhc_cd_queue *q, struct vhc_engine_op *op)
{
	struct vhc_cd_session *s = op->session;
	struct vhc_cd_op *c;

	if (unlikely(!fits(s, op)))
		return NULL;
	if (unlikely(e->bounce)) {
		c = &q->free[q->nb_free - 1]->c;
	} else {
		c = op->priv;
		if (unlikely(c->ready == 0))
			vhc_engine_cryptodev_op_init(c, NULL, (rte_iova_t)(uintptr_t)c);
	}
	c->owner = op;
	c->finish = s->finish;
	c->op.status = RTE_CRYPTO_OP_STATUS_NOT_PROCESSED;
	c->sym.session = s->sym[0];
	/* Drivers begin here, when the burst is complete. */
	rte_prefetch0((const uint8_t *)s->sym[0] + RTE_CACHE_LINE_SIZE);
	if (likely(!e->bounce))
		fill_data(c, s, op);
	switch (s->shape) {
	case VHC_CD_CIPHER:
		fill_cipher_only(c, s, op);
		break;
	case VHC_CD_AUTH:
		fill_auth_only(c, s, op, &c->src);
		break;
	case VHC_CD_CHAIN:
		fill_cipher(c, s, op);
		fill_auth(c, s, op);
		break;
	case VHC_CD_SPLIT:
		if (s->hash_first)
			fill_auth_only(c, s, op, &c->src);
		else
			fill_cipher_only(c, s, op);
		break;
	default:
		if (!fill_aead(e, s, c, op))
			return NULL;
		break;
	}
	if (unlikely(e->bounce)) {
		fill_slot(c, s, op);
		q->nb_free--;
	}
	return c;
}

static inline struct vhc_cd_op *
from_crypto_op(struct rte_crypto_op *op)
{
	return container_of(op, struct vhc_cd_op, op);
}

static inline void
put_slot(struct vhc_cd_engine *e, struct vhc_cd_queue *q, struct vhc_cd_op *c)
{
	if (unlikely(e->bounce))
		q->free[q->nb_free++] = container_of(c, struct vhc_cd_slot, c);
}

uint16_t
vhc_engine_cryptodev_enqueue(struct vhc_engine *base, uint16_t queue, struct vhc_engine_op **ops,
		uint16_t nb)
{
	struct vhc_cd_engine *e = (struct vhc_cd_engine *)base;
	struct rte_crypto_op *burst[VHC_CD_BURST];
	struct vhc_engine_op *refused;
	uint16_t taken = 0, n, sent;
	struct vhc_cd_queue *q;
	struct vhc_cd_op *c;

	if (unlikely(queue >= e->nb_queues))
		return 0;
	q = &e->queue[queue];
	/* Second steps were taken before: nothing may pass them by and keep them out. */
	if (unlikely(q->second != NULL))
		return 0;
	while (taken < nb) {
		refused = NULL;
		for (n = 0; n < VHC_CD_BURST && taken + n < nb; n++) {
			if (unlikely(e->bounce && q->nb_free == 0))
				break;
			c = prepare(e, q, ops[taken + n]);
			if (unlikely(c == NULL)) {
				refused = ops[taken + n];
				break;
			}
			burst[n] = &c->op;
		}
		sent = n != 0 ? rte_cryptodev_enqueue_burst(e->dev_id, queue, burst, n) : 0;
		q->inflight += sent;
		taken += sent;
		if (unlikely(sent < n)) {
			while (n > sent)
				put_slot(e, q, from_crypto_op(burst[--n]));
			break;
		}
		/* Only now, as what comes before it is taken. */
		if (unlikely(refused != NULL)) {
			refused->status = VIRTIO_CRYPTO_NOTSUPP;
			refused->next = NULL;
			*q->done_last = refused;
			q->done_last = &refused->next;
			taken++;
		} else if (unlikely(n == 0)) {
			break;
		}
	}
	return taken;
}

static inline uint8_t
to_status(uint8_t status)
{
	if (likely(status == RTE_CRYPTO_OP_STATUS_SUCCESS))
		return VIRTIO_CRYPTO_OK;
	return status == RTE_CRYPTO_OP_STATUS_AUTH_FAILED ? VIRTIO_CRYPTO_BADMSG
							   : VIRTIO_CRYPTO_ERR;
}

/* The first half of a chain is done: make the crypto op its second half. */
static void
prepare_second(struct vhc_cd_engine *e, struct vhc_cd_op *c)
{
	const struct vhc_engine_op *op = c->owner;
	const struct vhc_cd_session *s = op->session;
	struct rte_mbuf *result;

	c->finish &= ~VHC_CD_SECOND;
	c->op.status = RTE_CRYPTO_OP_STATUS_NOT_PROCESSED;
	c->sym.session = s->sym[1];
	if (!s->hash_first) {
		result = c->sym.m_dst != NULL ? c->sym.m_dst : &c->src;
		fill_auth_only(c, s, op, result);
		if (e->bounce)
			c->sym.auth.digest.phys_addr =
					c->op.phys_addr + offsetof(struct vhc_cd_op, scratch);
		return;
	}
	c->sym.m_src = &c->src;
	c->sym.m_dst = NULL;
	/* With in_place or a slot the source mbuf is the destination already. */
	if (!e->bounce && !s->in_place && op->dst->base != op->src->base)
		c->sym.m_dst = &c->dst;
	fill_cipher_only(c, s, op);
}

static void
send_second(struct vhc_cd_engine *e, uint16_t queue, struct vhc_cd_queue *q,
		struct rte_crypto_op **burst, uint16_t nb)
{
	struct vhc_cd_op *c;
	uint16_t sent;

	sent = rte_cryptodev_enqueue_burst(e->dev_id, queue, burst, nb);
	q->inflight += sent;
	for (; sent < nb; sent++) {
		c = from_crypto_op(burst[sent]);
		c->next = NULL;
		*q->second_last = c;
		q->second_last = &c->next;
	}
}

/* What send_second() could not send. */
static void
resend_second(struct vhc_cd_engine *e, uint16_t queue, struct vhc_cd_queue *q)
{
	struct rte_crypto_op *burst;

	while (q->second != NULL) {
		burst = &q->second->op;
		if (rte_cryptodev_enqueue_burst(e->dev_id, queue, &burst, 1) == 0)
			return;
		q->inflight++;
		q->second = q->second->next;
	}
	q->second_last = &q->second;
}

static void
copy_results(struct vhc_cd_op *c, const struct vhc_cd_session *s)
{
	struct vhc_engine_op *op = c->owner;
	struct vhc_cd_slot *slot;

	if (op->status != VIRTIO_CRYPTO_OK)
		return;
	if ((c->finish & VHC_CD_COPY_DIGEST) != 0)
		memcpy(op->digest, c->scratch, s->digest_len);
	if ((c->finish & VHC_CD_COPY_DATA) != 0) {
		slot = container_of(c, struct vhc_cd_slot, c);
		if (s->shape == VHC_CD_AEAD)
			memcpy(op->dst->base, slot->data, op->len);
		else
			memcpy(op->dst->base + op->cipher_off, slot->data + op->cipher_off,
					op->cipher_len);
	}
}

uint16_t
vhc_engine_cryptodev_dequeue(struct vhc_engine *base, uint16_t queue, struct vhc_engine_op **ops,
		uint16_t nb)
{
	struct vhc_cd_engine *e = (struct vhc_cd_engine *)base;
	struct rte_crypto_op *burst[VHC_CD_BURST];
	uint16_t n = 0, got, i, nb_second = 0;
	struct vhc_cd_queue *q;
	struct vhc_cd_op *c;

	if (unlikely(queue >= e->nb_queues))
		return 0;
	q = &e->queue[queue];
	if (unlikely(q->done != NULL)) {
		for (; n < nb && q->done != NULL; n++) {
			ops[n] = q->done;
			q->done = q->done->next;
		}
		if (q->done == NULL)
			q->done_last = &q->done;
	}
	if (unlikely(q->second != NULL))
		resend_second(e, queue, q);
	if (q->inflight == 0 || n == nb)
		return n;
	got = rte_cryptodev_dequeue_burst(e->dev_id, queue, burst,
			RTE_MIN((uint16_t)(nb - n), VHC_CD_BURST));
	q->inflight -= got;
	for (i = 0; i < got; i++) {
		c = from_crypto_op(burst[i]);
		c->owner->status = to_status(c->op.status);
		if (unlikely(c->finish != 0)) {
			if ((c->finish & VHC_CD_SECOND) != 0 &&
					c->owner->status == VIRTIO_CRYPTO_OK) {
				prepare_second(e, c);
				burst[nb_second++] = burst[i];
				continue;
			}
			copy_results(c, c->owner->session);
		}
		ops[n++] = c->owner;
		put_slot(e, q, c);
	}
	if (nb_second != 0)
		send_second(e, queue, q, burst, nb_second);
	return n;
}
