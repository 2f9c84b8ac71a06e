/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Enqueue and dequeue bursts. One body serves all ring formats and services:
 * the ring's functions are called once a burst, the session's encoder once an op.
 *
 * May include: queue, ring, slot, codec, session, dev (fault handling only).
 * One enqueuer and one dequeuer per queue pair may run at the same time. No
 * lock, no allocation, no system call (but the doorbell), no log line per op.
 */

#include <rte_branch_prediction.h>
#include <rte_cycles.h>
#include <rte_prefetch.h>

#include <cryptodev_pmd.h>

#include "virtio_codec.h"
#include "virtio_cryptodev.h"
#include "virtio_dev.h"
#include "virtio_queue.h"
#include "virtio_session.h"

/* Ops that are encoded before the ring is told. */
#define CHUNK 64
/* Empty polls, with something in flight, between two looks at the clock. */
#define IDLE_POLLS 1024
/* Time without an answer between two looks at the device's status: a VM exit each. */
#define IDLE_CHECKS_PER_S 100

/* ---- enqueue ---- */

static __rte_always_inline const struct vcrypto_session *
session_of(const struct vcrypto_qp *qp, const struct rte_crypto_op *op)
{
	struct rte_cryptodev_sym_session *s;
	const struct vcrypto_session *vs;

	if (unlikely(op->type != RTE_CRYPTO_OP_TYPE_SYMMETRIC ||
			op->sess_type != RTE_CRYPTO_OP_WITH_SESSION))
		return NULL;
	s = op->sym->session;
	if (unlikely(s == NULL || s->driver_id != qp->driver_id))
		return NULL;
	vs = CRYPTODEV_GET_SYM_SESS_PRIV(s);
	/* A session is known to one device; freed and refused ones have no shape. */
	if (unlikely(vs->dev != qp->dev || vs->tmpl.shape == VCRYPTO_SHAPE_NONE))
		return NULL;
	return vs;
}

/* Take a bad op and send it back through dequeue; false if there is no room for it. */
static __rte_noinline bool
refuse(struct vcrypto_qp *qp, struct rte_crypto_op *op, int status)
{
	const uint32_t tail = qp->returned_tail;

	if (tail - qp->returned_head_cache >= qp->nb_slots) {
		qp->returned_head_cache = __atomic_load_n(&qp->returned_head, __ATOMIC_ACQUIRE);
		if (tail - qp->returned_head_cache >= qp->nb_slots)
			return false;
	}
	op->status = status;
	qp->returned[tail & qp->returned_mask] = op;
	/* Release: op and entry; pairs with the acquire in take_returned(). */
	__atomic_store_n(&qp->returned_tail, tail + 1, __ATOMIC_RELEASE);
	__atomic_store_n(&qp->enqueue_errs, qp->enqueue_errs + 1, __ATOMIC_RELAXED);
	return true;
}

static __rte_always_inline uint32_t
free_slots(struct vcrypto_qp *qp, uint32_t wanted)
{
	uint32_t n = qp->free_tail_cache - qp->free_head;

	if (n < wanted) {
		/* Acquire: the dequeuer is done with these slots; pairs with its release. */
		qp->free_tail_cache = __atomic_load_n(&qp->free_tail, __ATOMIC_ACQUIRE);
		n = qp->free_tail_cache - qp->free_head;
	}
	return n;
}

/* Encode up to CHUNK ops and add them to the ring. @return ops taken. */
static __rte_always_inline uint16_t
enqueue_chunk(struct vcrypto_qp *qp, const struct vcrypto_ring_ops *ring_ops,
		struct rte_crypto_op **ops, uint16_t nb)
{
	struct vcrypto_ring_req req[CHUNK];
	const uint16_t mask = qp->nb_slots - 1;
	const uint32_t slots = free_slots(qp, nb);
	uint32_t room = ring_ops->room(&qp->ring);
	uint16_t i, n = 0;

	for (i = 0; i < nb; i++) {
		struct rte_crypto_op *const op = ops[i];
		const struct vcrypto_session *const vs = session_of(qp, op);
		struct vcrypto_slot_priv *sp;
		uint16_t slot;
		int bad;

		if (unlikely(vs == NULL)) {
			if (!refuse(qp, op, op->type == RTE_CRYPTO_OP_TYPE_SYMMETRIC ?
					RTE_CRYPTO_OP_STATUS_INVALID_SESSION :
					RTE_CRYPTO_OP_STATUS_INVALID_ARGS))
				break;
			continue;
		}
		if (unlikely(n == slots))
			break;
		slot = qp->free_slots[(qp->free_head + n) & mask];
		sp = &qp->priv[slot];
		bad = vcrypto_codec_sym_encode[vs->tmpl.shape](&vs->tmpl, op, sp, &ring_ops->fmt,
			qp->max_desc);
		if (unlikely(bad != 0)) {
			if (!refuse(qp, op, bad))
				break;
			continue;
		}
		if (unlikely(sp->nb_desc > room))
			break;
		room -= sp->nb_desc;
		sp->op = op;
		req[n].slot = slot;
		req[n].nb_desc = sp->nb_desc;
		if (likely(!sp->in_ext)) {
			req[n].table = sp->slot->table;
			req[n].table_iova = sp->iova + offsetof(struct vcrypto_slot, table);
		} else {
			req[n].table = sp->ext->table;
			req[n].table_iova = sp->ext_iova + offsetof(struct vcrypto_slot_ext, table);
		}
		n++;
	}
	if (likely(n != 0)) {
		/* Room was asked for, so all of them fit. */
		ring_ops->add(&qp->ring, req, n);
		__atomic_store_n(&qp->free_head, qp->free_head + n, __ATOMIC_RELEASE);
	}
	return i;
}

uint16_t
vcrypto_enqueue_burst(void *queue_pair, struct rte_crypto_op **ops, uint16_t nb_ops)
{
	struct vcrypto_qp *const qp = queue_pair;
	const struct vcrypto_ring_ops *const ring_ops = vcrypto_ring_ops_of(&qp->ring);
	uint16_t taken = 0, n, want;

	if (unlikely(__atomic_load_n(&qp->state, __ATOMIC_ACQUIRE) != VCRYPTO_QUEUE_LIVE))
		return 0;
	/* Ops of an earlier run or refused ones pile up undequeued: back-pressure. */
	if (unlikely(qp->returned_tail - qp->returned_head_cache >= qp->nb_slots)) {
		qp->returned_head_cache = __atomic_load_n(&qp->returned_head, __ATOMIC_ACQUIRE);
		if (qp->returned_tail - qp->returned_head_cache >= qp->nb_slots)
			return 0;
	}
	do {
		want = RTE_MIN(nb_ops - taken, CHUNK);
		n = enqueue_chunk(qp, ring_ops, ops + taken, want);
		taken += n;
	} while (n == want && taken < nb_ops);

	if (unlikely(taken == 0))
		return 0;
	__atomic_store_n(&qp->enqueued, qp->enqueued + taken, __ATOMIC_RELAXED);
	ring_ops->publish(&qp->ring);
	if (ring_ops->kick_needed(&qp->ring) &&
			likely(__atomic_load_n(&qp->state, __ATOMIC_RELAXED) == VCRYPTO_QUEUE_LIVE))
		vcrypto_transport_ops(qp->transport)->notify(qp->transport, &qp->db,
			ring_ops->notify_state(&qp->ring));
	return taken;
}

/* ---- dequeue ---- */

/* Ops that come back without a trip. */
static __rte_noinline uint16_t
take_returned(struct vcrypto_qp *qp, struct rte_crypto_op **ops, uint16_t nb)
{
	const uint32_t head = qp->returned_head;
	const uint32_t left = __atomic_load_n(&qp->returned_tail, __ATOMIC_ACQUIRE) - head;
	const uint16_t n = RTE_MIN(left, nb);
	uint16_t i;

	for (i = 0; i < n; i++)
		ops[i] = qp->returned[(head + i) & qp->returned_mask];
	/* Release: the entries have been read; pairs with the acquire in refuse(). */
	__atomic_store_n(&qp->returned_head, head + n, __ATOMIC_RELEASE);
	return n;
}

static __rte_always_inline void
free_slot(struct vcrypto_qp *qp, uint32_t tail, uint16_t slot)
{
	qp->free_slots[tail & (qp->nb_slots - 1)] = slot;
}

/* The queue was reset: what the ring's books still have comes back as errors. */
static __rte_noinline uint16_t
take_dead(struct vcrypto_qp *qp, struct rte_crypto_op **ops, uint16_t nb)
{
	const struct vcrypto_ring_ops *const ring_ops = vcrypto_ring_ops_of(&qp->ring);
	uint32_t tail = qp->free_tail;
	uint16_t n;
	int slot;

	if (vcrypto_queue_inflight(qp) == 0)
		return 0;
	for (n = 0; n < nb; n++) {
		slot = ring_ops->reclaim(&qp->ring);
		if (slot < 0)
			break;
		ops[n] = qp->priv[slot].op;
		ops[n]->status = RTE_CRYPTO_OP_STATUS_ERROR;
		free_slot(qp, tail++, slot);
	}
	__atomic_store_n(&qp->free_tail, tail, __ATOMIC_RELEASE);
	__atomic_store_n(&qp->dequeue_errs, qp->dequeue_errs + n, __ATOMIC_RELAXED);
	return n;
}

/* Nothing came back although something is in flight: now and then ask the device's status. */
static __rte_noinline void
check_silence(struct vcrypto_qp *qp)
{
	const uint64_t now = rte_get_tsc_cycles();

	if (qp->idle_since == 0) {
		qp->idle_since = now;
	} else if (now - qp->idle_since > rte_get_tsc_hz() / IDLE_CHECKS_PER_S) {
		qp->idle_since = now;
		if (!vcrypto_dev_alive(qp->dev))
			vcrypto_dev_fault(qp->dev, qp, "the device asks for a reset, or is gone");
	}
}

static __rte_always_inline uint16_t
take_used(struct vcrypto_qp *qp, const struct vcrypto_ring_ops *ring_ops,
		struct rte_crypto_op **ops, uint16_t nb, int *fault)
{
	uint16_t slots[CHUNK];
	uint32_t tail = qp->free_tail;
	uint32_t errs = 0;
	int i, n;

	n = ring_ops->get(&qp->ring, slots, NULL, RTE_MIN(nb, CHUNK));
	if (unlikely(n <= 0)) {
		*fault = n;
		return 0;
	}
	/* The device has just written these lines, the enqueuer the ops: both are elsewhere. */
	for (i = 0; i < n; i++) {
		const struct vcrypto_slot_priv *const sp = &qp->priv[slots[i]];

		rte_prefetch0(&sp->slot->status);
		rte_prefetch0(sp->op);
	}
	for (i = 0; i < n; i++) {
		const struct vcrypto_slot_priv *const sp = &qp->priv[slots[i]];
		struct rte_crypto_op *const op = sp->op;
		/* At its own address, never at used length - 1 [virtio 5.9.9.3]. */
		uint8_t status = vcrypto_codec_status[sp->slot->status];

		if (sp->digest_action != VCRYPTO_DIGEST_NONE &&
				likely(status == RTE_CRYPTO_OP_STATUS_SUCCESS))
			status = vcrypto_codec_sym_digest(sp);
		errs += status != RTE_CRYPTO_OP_STATUS_SUCCESS;
		op->status = status;
		ops[i] = op;
		free_slot(qp, tail++, slots[i]);
	}
	/* Release: slots and entries; pairs with the acquire in free_slots(). */
	__atomic_store_n(&qp->free_tail, tail, __ATOMIC_RELEASE);
	if (unlikely(errs != 0))
		__atomic_store_n(&qp->dequeue_errs, qp->dequeue_errs + errs, __ATOMIC_RELAXED);
	return n;
}

uint16_t
vcrypto_dequeue_burst(void *queue_pair, struct rte_crypto_op **ops, uint16_t nb_ops)
{
	struct vcrypto_qp *const qp = queue_pair;
	const struct vcrypto_ring_ops *const ring_ops = vcrypto_ring_ops_of(&qp->ring);
	uint16_t n = 0, got;
	int fault = 0;

	if (unlikely(__atomic_load_n(&qp->returned_tail, __ATOMIC_RELAXED) != qp->returned_head))
		n = take_returned(qp, ops, nb_ops);
	if (likely(__atomic_load_n(&qp->state, __ATOMIC_ACQUIRE) == VCRYPTO_QUEUE_LIVE)) {
		while (n < nb_ops) {
			got = take_used(qp, ring_ops, ops + n, nb_ops - n, &fault);
			if (got == 0)
				break;
			n += got;
			if (got < CHUNK)
				break;
		}
		if (unlikely(fault < 0))
			vcrypto_dev_fault(qp->dev, qp, vcrypto_ring_fault_name(qp->ring.broken));
		else if (unlikely(n == 0 && (++qp->idle_polls % IDLE_POLLS) == 0) &&
				vcrypto_queue_inflight(qp) != 0)
			check_silence(qp);
		else if (n != 0)
			qp->idle_since = 0;
	}
	if (unlikely(__atomic_load_n(&qp->state, __ATOMIC_ACQUIRE) == VCRYPTO_QUEUE_DEAD))
		n += take_dead(qp, ops + n, nb_ops - n);
	if (n != 0)
		__atomic_store_n(&qp->dequeued, qp->dequeued + n, __ATOMIC_RELAXED);
	return n;
}

unsigned int
vcrypto_rxtx_drain(struct vcrypto_qp *qp)
{
	struct rte_crypto_op *ops[CHUNK];
	int fault = 0;
	uint16_t i, n;

	if (qp->state != VCRYPTO_QUEUE_LIVE)
		return 0;
	n = take_used(qp, vcrypto_ring_ops_of(&qp->ring), ops, CHUNK, &fault);
	if (fault < 0)
		return 0;
	/* There is room: enqueue takes nothing while the FIFO is half full. */
	for (i = 0; i < n; i++)
		qp->returned[(qp->returned_tail + i) & qp->returned_mask] = ops[i];
	qp->returned_tail += n;
	return qp->nb_slots - (qp->free_tail - qp->free_head);
}
