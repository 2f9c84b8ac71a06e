/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * What the bursts of ops and the raw data path have in common: free slots, room, tables, second
 * requests, the guard. For virtio_rxtx.c and virtio_raw.c only.
 *
 * Threads as in virtio_queue.h: "producer" is who may enqueue, "consumer" who may dequeue. On a
 * queue that has seen steps, producer functions are called with the lock.
 */

#ifndef VIRTIO_RXTX_H
#define VIRTIO_RXTX_H

#include <string.h>

#include <rte_branch_prediction.h>

#include "virtio_codec.h"
#include "virtio_dev.h"
#include "virtio_queue.h"
#include "virtio_session.h"

/** Requests that are encoded before the ring is told, and that are collected at once. */
#define VCRYPTO_CHUNK VCRYPTO_QUEUE_CHUNK

/* ---- producer ---- */

/** Up to @p nb free slots, copied from the FIFO; taken only by vcrypto_rxtx_add(). */
static __rte_always_inline uint16_t
vcrypto_rxtx_peek_free(struct vcrypto_qp *qp, uint16_t *slots, uint16_t nb)
{
	uint32_t n = qp->free_tail_cache - qp->free_head;
	uint32_t pos, first;

	if (n < nb) {
		/* Acquire: the dequeuer is done with these slots; pairs with put_free(). */
		qp->free_tail_cache = __atomic_load_n(&qp->free_tail, __ATOMIC_ACQUIRE);
		n = qp->free_tail_cache - qp->free_head;
	}
	n = RTE_MIN(n, nb);
	pos = qp->free_head & (qp->nb_slots - 1);
	first = RTE_MIN(n, qp->nb_slots - pos);
	memcpy(slots, &qp->free_slots[pos], first * sizeof(*slots));
	memcpy(slots + first, &qp->free_slots[0], (n - first) * sizeof(*slots));
	return n;
}

/**
 * How many requests of a chunk the ring has room for.
 * @param spare  descriptors that they may take beyond VCRYPTO_SLOT_INLINE_DESC each; the chunk is
 *               short enough for the rest.
 */
static __rte_always_inline uint16_t
vcrypto_rxtx_fit(uint32_t room, uint16_t nb, uint32_t *spare)
{
	nb = RTE_MIN(nb, room / VCRYPTO_SLOT_INLINE_DESC);
	*spare = room - (uint32_t)nb * VCRYPTO_SLOT_INLINE_DESC;
	return nb;
}

/**
 * Room for the table of request @p i, which may be a long one: it displaces requests behind it, so
 * it fits in the end. @return false if it must wait.
 */
static __rte_always_inline bool
vcrypto_rxtx_fit_table(const struct vcrypto_slot_priv *sp, uint32_t i, uint16_t *nb,
		uint32_t *spare)
{
	uint32_t extra;

	if (sp->nb_desc <= VCRYPTO_SLOT_INLINE_DESC)
		return true;
	extra = sp->nb_desc - VCRYPTO_SLOT_INLINE_DESC;
	for (; extra > *spare && *nb > i + 1; --*nb)
		*spare += VCRYPTO_SLOT_INLINE_DESC;
	if (extra > *spare)
		return false;
	*spare -= extra;
	return true;
}

/** Put encoded slots into the ring, unpublished. They are the first of the free FIFO, and fit. */
static __rte_always_inline void
vcrypto_rxtx_add(struct vcrypto_qp *qp, const struct vcrypto_ring_ops *ring_ops,
		const uint16_t *slots, uint16_t nb)
{
	ring_ops->add(&qp->ring, slots, nb);
	__atomic_store_n(&qp->free_head, qp->free_head + nb, __ATOMIC_RELEASE);
}

/** Show the device what was added. */
static __rte_always_inline void
vcrypto_rxtx_tell(struct vcrypto_qp *qp, const struct vcrypto_ring_ops *ring_ops)
{
	ring_ops->publish(&qp->ring);
	if (ring_ops->kick_needed(&qp->ring) && likely(
			__atomic_load_n(&qp->state, __ATOMIC_RELAXED) == VCRYPTO_QUEUE_LIVE)) {
		vcrypto_transport_ops(qp->transport)->notify(qp->transport, &qp->db,
			ring_ops->notify_state(&qp->ring));
		__atomic_store_n(&qp->kicks, qp->kicks + 1, __ATOMIC_RELAXED);
	}
}

/** Whether too much waits in the returned FIFO for more to be taken: back-pressure. */
static __rte_always_inline bool
vcrypto_rxtx_clogged(struct vcrypto_qp *qp)
{
	if (likely(qp->returned_tail - qp->returned_head_cache < qp->nb_slots))
		return false;
	qp->returned_head_cache = __atomic_load_n(&qp->returned_head, __ATOMIC_ACQUIRE);
	return qp->returned_tail - qp->returned_head_cache >= qp->nb_slots;
}

/** Tell the ring of the table that an encoder has made. */
void vcrypto_rxtx_new_table(struct vcrypto_qp *qp, const struct vcrypto_ring_ops *ring_ops,
		uint16_t slot);

/**
 * An op whose digest is ciphered, too: the first of its two requests. The first such op of a queue
 * takes the producer's lock, which its enqueue gives back.
 * @return as an encoder, but never VCRYPTO_ENCODE_STEPS; the slot's step is set.
 */
int vcrypto_rxtx_encode_first(struct vcrypto_qp *qp, const struct vcrypto_ring_ops *ring_ops,
		const struct vcrypto_session *vs, const struct rte_crypto_sym_op *so,
		const uint8_t *iv, struct vcrypto_slot_priv *sp);

/**
 * Become the producer of a queue that has steps. Second requests go first, or a stream of new ops
 * might leave no room for them. @return false, without the lock, if some must still wait.
 */
bool vcrypto_rxtx_lock_producer(struct vcrypto_qp *qp, const struct vcrypto_ring_ops *ring_ops);

/* ---- consumer ---- */

/** Give slots back; the entries are for peek_free(), which acquires the tail. */
static __rte_always_inline void
vcrypto_rxtx_put_free(struct vcrypto_qp *qp, const uint16_t *slots, uint16_t nb)
{
	const uint32_t pos = qp->free_tail & (qp->nb_slots - 1);
	const uint32_t first = RTE_MIN(nb, qp->nb_slots - pos);

	memcpy(&qp->free_slots[pos], slots, first * sizeof(*slots));
	memcpy(&qp->free_slots[0], slots + first, (nb - first) * sizeof(*slots));
	__atomic_store_n(&qp->free_tail, qp->free_tail + nb, __ATOMIC_RELEASE);
}

/** Op status of a request that is not one of two; @p so as vcrypto_codec_sym_digest() has it. */
static __rte_always_inline uint8_t
vcrypto_rxtx_status(const struct vcrypto_slot_priv *sp, const struct rte_crypto_sym_op *so)
{
	/* At its own address, never at used length - 1 [virtio 5.9.9.3]. */
	const uint8_t status = vcrypto_codec_status[sp->slot->status];

	if (sp->digest_action != VCRYPTO_DIGEST_NONE &&
			likely(status == RTE_CRYPTO_OP_STATUS_SUCCESS))
		return vcrypto_codec_sym_digest(sp, so);
	return status;
}

/** What a queue has seen, as the dequeuer reads it: behind the answer to a request. */
static __rte_always_inline uint8_t
vcrypto_rxtx_seen(const struct vcrypto_qp *qp)
{
	return __atomic_load_n(&qp->seen, __ATOMIC_RELAXED);
}

/**
 * What became of a step that the device answered; @p so and @p iv as at enqueue.
 * @return the op's status if it is done, -1 if its second request is encoded.
 */
int vcrypto_rxtx_end_step(const struct vcrypto_qp *qp, const struct vcrypto_ring_ops *ring_ops,
		const struct rte_crypto_sym_op *so, const uint8_t *iv,
		struct vcrypto_slot_priv *sp);

/** Put slots behind those that wait for their second request, and send what there is room for. */
void vcrypto_rxtx_queue_again(struct vcrypto_qp *qp, const struct vcrypto_ring_ops *ring_ops,
		const uint16_t *slots, uint16_t nb);

/** DEAD: a slot that the ring's books or the second requests still have, or -1. */
int vcrypto_rxtx_take_lost(struct vcrypto_qp *qp);

/* Empty polls between two looks at the clock. */
#define VCRYPTO_IDLE_POLLS 1024

/** Ask the device's status, if something has been in flight for a while. */
void vcrypto_rxtx_check_silence(struct vcrypto_qp *qp);

/** After a poll that gave nothing. */
static __rte_always_inline void
vcrypto_rxtx_idle(struct vcrypto_qp *qp)
{
	if (unlikely((++qp->idle_polls % VCRYPTO_IDLE_POLLS) == 0))
		vcrypto_rxtx_check_silence(qp);
}

/** A ring that is broken: a fault of the device. The queue is no longer LIVE on return. */
void vcrypto_rxtx_broken(struct vcrypto_qp *qp);

/* ---- devices that go away and come back ---- */

/**
 * Tell the recovering thread that a burst is under way. Full barrier: either the burst sees that
 * the queue is PAUSED, or the other thread sees the burst; pairs with vcrypto_rxtx_quiet().
 */
static __rte_always_inline void
vcrypto_rxtx_guard_enter(uint32_t *guard)
{
	__atomic_store_n(guard, 1, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static __rte_always_inline void
vcrypto_rxtx_guard_leave(uint32_t *guard)
{
	/* Release: all that the burst wrote; pairs with the acquire in vcrypto_rxtx_quiet(). */
	__atomic_store_n(guard, 0, __ATOMIC_RELEASE);
}

#endif /* VIRTIO_RXTX_H */
