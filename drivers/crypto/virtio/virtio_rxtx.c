/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Enqueue and dequeue bursts. One body serves all ring formats and services:
 * the ring's functions are called once a burst, the session's encoder once an op.
 *
 * May include: queue, ring, slot, codec, session, cache, dev (fault handling only).
 * One enqueuer and one dequeuer per queue pair may run at the same time. No
 * lock, no allocation, no system call (but the doorbell), no log line per op;
 * except where an op without a session needs one that is not in the cache.
 */

#include <errno.h>
#include <string.h>

#include <rte_branch_prediction.h>
#include <rte_cycles.h>
#include <rte_prefetch.h>

#include <cryptodev_pmd.h>

#include "virtio_cache.h"
#include "virtio_codec.h"
#include "virtio_cryptodev.h"
#include "virtio_dev.h"
#include "virtio_queue.h"
#include "virtio_session.h"

/* Ops that are encoded before the ring is told. */
#define CHUNK 64
/* Where sessions change within a burst, the one of so many ops ahead is fetched. */
#define SESSIONS_AHEAD 4
/* Empty polls, with something in flight, between two looks at the clock. */
#define IDLE_POLLS 1024
/* Time without an answer between two looks at the device's status: a VM exit each. */
#define IDLE_CHECKS_PER_S 100

/* ---- enqueue ---- */

static __rte_always_inline bool
is_sym_with_session(const struct rte_crypto_op *op)
{
	return op->type == RTE_CRYPTO_OP_TYPE_SYMMETRIC &&
		op->sess_type == RTE_CRYPTO_OP_WITH_SESSION;
}

static __rte_always_inline bool
is_sessionless(const struct rte_crypto_op *op)
{
	return op->type == RTE_CRYPTO_OP_TYPE_SYMMETRIC &&
		op->sess_type == RTE_CRYPTO_OP_SESSIONLESS;
}

/* The session that an op has, or NULL. */
static const struct vcrypto_session *
session_of(const struct vcrypto_qp *qp, const struct rte_crypto_op *op)
{
	struct rte_cryptodev_sym_session *s;
	const struct vcrypto_session *vs;

	if (unlikely(!is_sym_with_session(op)))
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

/* The session of an op without one. @return as vcrypto_cache_get(). */
static __rte_noinline int
no_session(struct vcrypto_qp *qp, const struct rte_crypto_op *op, uint16_t slot, uint32_t taken,
		const struct vcrypto_session **vs)
{
	if (op->type != RTE_CRYPTO_OP_TYPE_SYMMETRIC)
		return RTE_CRYPTO_OP_STATUS_INVALID_ARGS;
	if (!is_sessionless(op))
		return RTE_CRYPTO_OP_STATUS_INVALID_SESSION;
	return vcrypto_cache_get(qp, op->sym->xform, slot, taken, vs);
}

/*
 * Take an op that is done (VCRYPTO_ENCODE_DONE) or bad (its status), and send it back through
 * dequeue; false if there is no room for it.
 */
static __rte_noinline bool
give_back(struct vcrypto_qp *qp, struct rte_crypto_op *op, int ret)
{
	const uint32_t tail = qp->returned_tail;

	if (tail - qp->returned_head_cache >= qp->nb_slots) {
		qp->returned_head_cache = __atomic_load_n(&qp->returned_head, __ATOMIC_ACQUIRE);
		if (tail - qp->returned_head_cache >= qp->nb_slots)
			return false;
	}
	if (ret == VCRYPTO_ENCODE_DONE) {
		vcrypto_queue_put_returned(qp, op, RTE_CRYPTO_OP_STATUS_SUCCESS);
		return true;
	}
	vcrypto_queue_put_returned(qp, op, ret);
	__atomic_store_n(&qp->enqueue_errs, qp->enqueue_errs + 1, __ATOMIC_RELAXED);
	return true;
}

/* Up to @p nb free slots, copied from the FIFO; taken only by the caller's free_head. */
static __rte_always_inline uint16_t
peek_free(struct vcrypto_qp *qp, uint16_t *slots, uint16_t nb)
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

static __rte_noinline void
new_table(struct vcrypto_qp *qp, const struct vcrypto_ring_ops *ring_ops, uint16_t slot)
{
	const struct vcrypto_slot_priv *const sp = &qp->priv[slot];
	struct vcrypto_ring_req req = { .slot = slot, .nb_desc = sp->nb_desc };

	if (!sp->in_ext) {
		req.table = sp->slot->table;
		req.table_iova = sp->iova + offsetof(struct vcrypto_slot, table);
	} else {
		req.table = sp->ext->table;
		req.table_iova = sp->ext_iova + offsetof(struct vcrypto_slot_ext, table);
	}
	ring_ops->set_table(&qp->ring, &req);
}

/*
 * Descriptors that the ops of a chunk may take beyond VCRYPTO_SLOT_INLINE_DESC each; the chunk
 * is short enough for the rest.
 */
static __rte_always_inline uint16_t
fit_room(uint32_t room, uint16_t nb, uint32_t *spare)
{
	nb = RTE_MIN(nb, room / VCRYPTO_SLOT_INLINE_DESC);
	*spare = room - (uint32_t)nb * VCRYPTO_SLOT_INLINE_DESC;
	return nb;
}

/*
 * An op whose digest is ciphered, too: the first of its two requests. The first such op of a queue
 * takes the producer's lock, which the burst gives back.
 */
static __rte_noinline int
encode_first(struct vcrypto_qp *qp, const struct vcrypto_ring_ops *ring_ops,
		const struct vcrypto_session *vs, const struct rte_crypto_sym_op *so,
		const uint8_t *iv, struct vcrypto_slot_priv *sp)
{
	const struct vcrypto_session_steps *const st = vs->steps;
	int ret;

	/* Either may have been refused when the device came back. */
	if (st->auth.tmpl.shape == VCRYPTO_SHAPE_NONE ||
			st->cipher.tmpl.shape == VCRYPTO_SHAPE_NONE)
		return RTE_CRYPTO_OP_STATUS_INVALID_SESSION;
	/* What cannot be sent is refused here, before anything is written. */
	ret = vcrypto_codec_step_encode(&st->auth.tmpl, &st->cipher.tmpl, 2, so, iv, sp,
		&ring_ops->fmt, qp->max_desc);
	if (ret == VCRYPTO_ENCODE_NEW)
		ret = vcrypto_codec_step_encode(&st->auth.tmpl, &st->cipher.tmpl, 1, so, iv, sp,
			&ring_ops->fmt, qp->max_desc);
	if (ret != VCRYPTO_ENCODE_NEW)
		return ret;
	sp->step = 1;
	sp->session = vs;
	if (qp->steps == 0) {
		rte_spinlock_lock(&qp->producer);
		/* Before the request is published; take_used() reads it behind the answer. */
		__atomic_store_n(&qp->steps, 1, __ATOMIC_RELAXED);
	}
	return VCRYPTO_ENCODE_NEW;
}

/*
 * Ask for the session of an op that comes later. What is read of it is only its address, which
 * need not be one: session_of() decides.
 */
static __rte_always_inline void
prefetch_session(const struct rte_crypto_op *op)
{
	/* A number, as C knows no pointers into what is not there. */
	const uintptr_t s = (uintptr_t)op->sym->session;

	rte_prefetch0((const void *)s);
	rte_prefetch0((const void *)(s + offsetof(struct rte_cryptodev_sym_session,
		driver_priv_data)));
	rte_prefetch0((const void *)(s + 2 * RTE_CACHE_LINE_SIZE));
	rte_prefetch0((const void *)(s + 3 * RTE_CACHE_LINE_SIZE));
}

/* Encode up to CHUNK ops and add them to the ring. @return ops taken. */
static __rte_always_inline uint16_t
enqueue_chunk(struct vcrypto_qp *qp, const struct vcrypto_ring_ops *ring_ops,
		struct rte_crypto_op **ops, uint16_t nb)
{
	uint16_t slots[CHUNK];
	struct vcrypto_slot_priv *const priv = qp->priv;
	const uint16_t max_desc = qp->max_desc;
	const struct vcrypto_session *vs = NULL;
	vcrypto_sym_encode_t encode = NULL;
	const void *last = qp; /* no session */
	uint32_t spare, i, n = 0;

	nb = peek_free(qp, slots, nb);
	nb = fit_room(ring_ops->room(&qp->ring), nb, &spare);
	for (i = 0; i < nb; i++) {
		struct rte_crypto_op *const op = ops[i];
		struct vcrypto_slot_priv *const sp = &priv[slots[n]];
		int ret;

		/* Bursts come in runs of one session: what was checked once is good for the run. */
		if (unlikely(!is_sym_with_session(op) || op->sym->session != last)) {
			if (i + SESSIONS_AHEAD < nb)
				prefetch_session(ops[i + SESSIONS_AHEAD]);
			last = qp;
			vs = session_of(qp, op);
			if (likely(vs != NULL)) {
				last = op->sym->session;
			} else {
				ret = no_session(qp, op, slots[n], n, &vs);
				/* The op may find its session when others have come back. */
				if (ret == -EAGAIN || (ret > 0 && !give_back(qp, op, ret)))
					break;
				if (ret > 0)
					continue;
			}
			encode = vcrypto_codec_sym_encode[vs->tmpl.shape];
		}
		ret = encode(&vs->tmpl, op->sym, vcrypto_codec_iv(&vs->tmpl, op), sp,
			&ring_ops->fmt, max_desc);
		if (unlikely(ret != VCRYPTO_ENCODE_PATCHED)) {
			if (unlikely(ret == VCRYPTO_ENCODE_STEPS))
				ret = encode_first(qp, ring_ops, vs, op->sym,
					vcrypto_codec_iv(&vs->tmpl, op), sp);
			if (unlikely(ret != VCRYPTO_ENCODE_NEW)) {
				if (!give_back(qp, op, ret))
					break;
				continue;
			}
			new_table(qp, ring_ops, slots[n]);
			if (sp->nb_desc > VCRYPTO_SLOT_INLINE_DESC) {
				const uint32_t extra = sp->nb_desc - VCRYPTO_SLOT_INLINE_DESC;

				/* A long table displaces ops behind it, so it fits in the end. */
				for (; extra > spare && nb > i + 1; nb--)
					spare += VCRYPTO_SLOT_INLINE_DESC;
				if (extra > spare) {
					sp->step = 0;
					break;
				}
				spare -= extra;
			}
		}
		sp->op = op;
		sp->seq = (uint16_t)(qp->free_head + n);
		n++;
	}
	if (likely(n != 0)) {
		/* There is room, so all of them fit. */
		ring_ops->add(&qp->ring, slots, n);
		__atomic_store_n(&qp->free_head, qp->free_head + n, __ATOMIC_RELEASE);
	}
	return i;
}

/* Show the device what was added. */
static __rte_always_inline void
tell(struct vcrypto_qp *qp, const struct vcrypto_ring_ops *ring_ops)
{
	ring_ops->publish(&qp->ring);
	if (ring_ops->kick_needed(&qp->ring) && likely(
			__atomic_load_n(&qp->state, __ATOMIC_RELAXED) == VCRYPTO_QUEUE_LIVE)) {
		vcrypto_transport_ops(qp->transport)->notify(qp->transport, &qp->db,
			ring_ops->notify_state(&qp->ring));
		__atomic_store_n(&qp->kicks, qp->kicks + 1, __ATOMIC_RELAXED);
	}
}

/* Send the second requests for which there is room, oldest first. With the lock. */
static void
send_again(struct vcrypto_qp *qp, const struct vcrypto_ring_ops *ring_ops)
{
	bool any = false;
	uint16_t slot;

	while (vcrypto_queue_again_any(qp)) {
		slot = qp->again[qp->again_head & (qp->nb_slots - 1)];
		if (ring_ops->room(&qp->ring) < qp->priv[slot].nb_desc)
			break;
		vcrypto_queue_again_pop(qp);
		new_table(qp, ring_ops, slot);
		ring_ops->add(&qp->ring, &slot, 1);
		any = true;
	}
	if (any)
		tell(qp, ring_ops);
}

/*
 * Become the producer of a queue that has steps. Second requests go first, or a stream of new ops
 * might leave no room for them. @return false, without the lock, if some must still wait.
 */
static __rte_noinline bool
lock_producer(struct vcrypto_qp *qp, const struct vcrypto_ring_ops *ring_ops)
{
	rte_spinlock_lock(&qp->producer);
	send_again(qp, ring_ops);
	if (likely(!vcrypto_queue_again_any(qp)))
		return true;
	rte_spinlock_unlock(&qp->producer);
	return false;
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
	if (unlikely(qp->steps != 0) && !lock_producer(qp, ring_ops))
		return 0;
	do {
		want = RTE_MIN(nb_ops - taken, CHUNK);
		n = enqueue_chunk(qp, ring_ops, ops + taken, want);
		taken += n;
	} while (unlikely(n == CHUNK && taken < nb_ops));

	if (likely(taken != 0)) {
		__atomic_store_n(&qp->enqueued, qp->enqueued + taken, __ATOMIC_RELAXED);
		tell(qp, ring_ops);
	}
	/* Set before, or by an op of this burst. */
	if (unlikely(qp->steps != 0))
		rte_spinlock_unlock(&qp->producer);
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
	/* Release: the entries have been read; pairs with the acquire in give_back(). */
	__atomic_store_n(&qp->returned_head, head + n, __ATOMIC_RELEASE);
	return n;
}

/* Give slots back; the entries are for peek_free(), which acquires the tail. */
static __rte_always_inline void
put_free(struct vcrypto_qp *qp, const uint16_t *slots, uint16_t nb)
{
	const uint32_t pos = qp->free_tail & (qp->nb_slots - 1);
	const uint32_t first = RTE_MIN(nb, qp->nb_slots - pos);

	memcpy(&qp->free_slots[pos], slots, first * sizeof(*slots));
	memcpy(&qp->free_slots[0], slots + first, (nb - first) * sizeof(*slots));
	__atomic_store_n(&qp->free_tail, qp->free_tail + nb, __ATOMIC_RELEASE);
}

/* A slot whose second request is not with the device, or -1. */
static int
take_waiting(struct vcrypto_qp *qp)
{
	int slot;

	if (!vcrypto_queue_again_any(qp))
		return -1;
	rte_spinlock_lock(&qp->producer);
	slot = vcrypto_queue_again_pop(qp);
	rte_spinlock_unlock(&qp->producer);
	return slot;
}

/* The queue was reset: what the ring's books still have comes back as errors. */
static __rte_noinline uint16_t
take_dead(struct vcrypto_qp *qp, struct rte_crypto_op **ops, uint16_t nb)
{
	const struct vcrypto_ring_ops *const ring_ops = vcrypto_ring_ops_of(&qp->ring);
	uint16_t slot16, n;
	int slot;

	if (vcrypto_queue_inflight(qp) == 0)
		return 0;
	for (n = 0; n < nb; n++) {
		slot = ring_ops->reclaim(&qp->ring);
		if (slot < 0)
			slot = take_waiting(qp);
		if (slot < 0)
			break;
		ops[n] = qp->priv[slot].op;
		ops[n]->status = RTE_CRYPTO_OP_STATUS_ERROR;
		slot16 = slot;
		put_free(qp, &slot16, 1);
	}
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

/*
 * What became of a step that the device answered.
 * @return the op's status if it is done, -1 if its second request is encoded.
 */
static int
end_step(const struct vcrypto_qp *qp, const struct vcrypto_ring_ops *ring_ops,
		struct vcrypto_slot_priv *sp, uint8_t status)
{
	const struct vcrypto_session *const vs = sp->session;
	const struct vcrypto_session_steps *const st = vs->steps;
	const unsigned int step = sp->step;
	int ret;

	sp->step = 0;
	if (status != RTE_CRYPTO_OP_STATUS_SUCCESS)
		return status;
	/* The session was freed under way. */
	if (unlikely(st == NULL))
		return RTE_CRYPTO_OP_STATUS_INVALID_SESSION;
	status = vcrypto_codec_step_done(&st->auth.tmpl, &st->cipher.tmpl, step, sp->op->sym, sp);
	if (step == 2 || status != RTE_CRYPTO_OP_STATUS_SUCCESS)
		return status;
	ret = vcrypto_codec_step_encode(&st->auth.tmpl, &st->cipher.tmpl, 2, sp->op->sym,
		vcrypto_codec_iv(&vs->tmpl, sp->op), sp, &ring_ops->fmt, qp->max_desc);
	if (ret != VCRYPTO_ENCODE_NEW)
		return ret;
	sp->step = 2;
	return -1;
}

/* Put slots behind those that wait for their second request, and send what there is room for. */
static void
queue_again(struct vcrypto_qp *qp, const struct vcrypto_ring_ops *ring_ops, const uint16_t *slots,
		uint16_t nb)
{
	uint16_t i;

	rte_spinlock_lock(&qp->producer);
	for (i = 0; i < nb; i++)
		qp->again[(qp->again_tail + i) & (qp->nb_slots - 1)] = slots[i];
	__atomic_store_n(&qp->again_tail, qp->again_tail + nb, __ATOMIC_RELAXED);
	/* A queue that is PAUSED has no device; one that is drained has. */
	if (__atomic_load_n(&qp->state, __ATOMIC_ACQUIRE) == VCRYPTO_QUEUE_LIVE)
		send_again(qp, ring_ops);
	rte_spinlock_unlock(&qp->producer);
}

/* The rest of take_used() for a queue that has seen ops of two requests. */
static __rte_noinline uint16_t
take_steps(struct vcrypto_qp *qp, const struct vcrypto_ring_ops *ring_ops,
		struct rte_crypto_op **ops, uint16_t *slots, uint16_t nb)
{
	uint16_t again[CHUNK], i, n = 0, nb_again = 0;
	uint32_t errs = 0;

	for (i = 0; i < nb; i++) {
		struct vcrypto_slot_priv *const sp = &qp->priv[slots[i]];
		int status = vcrypto_codec_status[sp->slot->status];

		if (sp->step != 0)
			status = end_step(qp, ring_ops, sp, status);
		else if (sp->digest_action != VCRYPTO_DIGEST_NONE &&
				status == RTE_CRYPTO_OP_STATUS_SUCCESS)
			status = vcrypto_codec_sym_digest(sp);
		if (status < 0) {
			again[nb_again++] = slots[i];
			continue;
		}
		errs += status != RTE_CRYPTO_OP_STATUS_SUCCESS;
		sp->op->status = status;
		ops[n] = sp->op;
		slots[n++] = slots[i];
	}
	put_free(qp, slots, n);
	if (nb_again != 0 || vcrypto_queue_again_any(qp))
		queue_again(qp, ring_ops, again, nb_again);
	__atomic_store_n(&qp->dequeue_errs, qp->dequeue_errs + errs, __ATOMIC_RELAXED);
	return n;
}

static __rte_always_inline uint16_t
take_used(struct vcrypto_qp *qp, const struct vcrypto_ring_ops *ring_ops,
		struct rte_crypto_op **ops, uint16_t nb, int *fault)
{
	uint16_t slots[CHUNK];
	uint32_t errs = 0;
	int i, n;

	n = ring_ops->get(&qp->ring, slots, NULL, RTE_MIN(nb, CHUNK));
	if (unlikely(n <= 0)) {
		*fault = n;
		if (unlikely(__atomic_load_n(&qp->steps, __ATOMIC_RELAXED) != 0) && n == 0)
			take_steps(qp, ring_ops, ops, slots, 0);
		return 0;
	}
	if (unlikely(__atomic_load_n(&qp->steps, __ATOMIC_RELAXED) != 0))
		return take_steps(qp, ring_ops, ops, slots, n);
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
	}
	put_free(qp, slots, n);
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

/* ---- devices that go away and come back ---- */

/*
 * Tell the recovering thread that a burst is under way. Full barrier: either the burst sees that
 * the queue is PAUSED, or the other thread sees the burst; pairs with vcrypto_rxtx_quiet().
 */
static __rte_always_inline void
guard_enter(uint32_t *guard)
{
	__atomic_store_n(guard, 1, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

static __rte_always_inline void
guard_leave(uint32_t *guard)
{
	/* Release: all that the burst wrote; pairs with the acquire in vcrypto_rxtx_quiet(). */
	__atomic_store_n(guard, 0, __ATOMIC_RELEASE);
}

uint16_t
vcrypto_enqueue_burst_guarded(void *queue_pair, struct rte_crypto_op **ops, uint16_t nb_ops)
{
	struct vcrypto_qp *const qp = queue_pair;
	uint16_t n;

	guard_enter(&qp->enqueuing);
	n = vcrypto_enqueue_burst(qp, ops, nb_ops);
	guard_leave(&qp->enqueuing);
	return n;
}

uint16_t
vcrypto_dequeue_burst_guarded(void *queue_pair, struct rte_crypto_op **ops, uint16_t nb_ops)
{
	struct vcrypto_qp *const qp = queue_pair;
	uint16_t n;

	guard_enter(&qp->dequeuing);
	n = vcrypto_dequeue_burst(qp, ops, nb_ops);
	guard_leave(&qp->dequeuing);
	return n;
}

bool
vcrypto_rxtx_quiet(const struct vcrypto_qp *qp)
{
	/* Between the store of PAUSED and the look at the guards; pairs with guard_enter(). */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return __atomic_load_n(&qp->enqueuing, __ATOMIC_ACQUIRE) == 0 &&
		__atomic_load_n(&qp->dequeuing, __ATOMIC_ACQUIRE) == 0;
}

unsigned int
vcrypto_rxtx_drain(struct vcrypto_qp *qp)
{
	struct rte_crypto_op *ops[CHUNK];
	int fault = 0;
	uint16_t i, n;

	if (qp->state != VCRYPTO_QUEUE_LIVE && qp->state != VCRYPTO_QUEUE_PAUSED)
		return 0;
	do {
		n = take_used(qp, vcrypto_ring_ops_of(&qp->ring), ops, CHUNK, &fault);
		if (fault < 0)
			return 0;
		/* There is room: enqueue takes nothing while the FIFO is half full. */
		for (i = 0; i < n; i++)
			qp->returned[(qp->returned_tail + i) & qp->returned_mask] = ops[i];
		/* Release: a paused queue's dequeuer may be at the FIFO's other end. */
		__atomic_store_n(&qp->returned_tail, qp->returned_tail + n, __ATOMIC_RELEASE);
	} while (n == CHUNK);
	return qp->nb_slots - (qp->free_tail - qp->free_head);
}

/*
 * Whether a request may be made a second time. One that writes over its own source may have been
 * done in part, so its source may be lost; of hashes and MACs alone the device writes no data.
 */
static bool
is_repeatable(const struct vcrypto_qp *qp, const struct rte_crypto_op *op)
{
	const struct vcrypto_session *const vs = is_sessionless(op) ?
		vcrypto_cache_find(qp->cache, op->sym->xform) : session_of(qp, op);

	if (vs != NULL && vcrypto_codec_reads_only(&vs->tmpl))
		return true;
	return op->sym->m_dst != NULL && op->sym->m_dst != op->sym->m_src;
}

unsigned int
vcrypto_rxtx_resend(struct vcrypto_qp *qp)
{
	const struct vcrypto_ring_ops *const ring_ops = vcrypto_ring_ops_of(&qp->ring);
	uint16_t i, n, failed = 0;

	if (qp->steps != 0)
		rte_spinlock_lock(&qp->producer);
	for (i = 0; i < qp->nb_resend; i++) {
		struct rte_crypto_op *const op = qp->resend[i];

		n = is_repeatable(qp, op) ? enqueue_chunk(qp, ring_ops, &qp->resend[i], 1) : 0;
		/* Twice as many places as slots: see vcrypto_rxtx_drain(). */
		if (n == 0) {
			vcrypto_queue_put_returned(qp, op, RTE_CRYPTO_OP_STATUS_ERROR);
			failed++;
		}
	}
	qp->nb_resend = 0;
	__atomic_store_n(&qp->dequeue_errs, qp->dequeue_errs + failed, __ATOMIC_RELAXED);
	ring_ops->publish(&qp->ring);
	if (ring_ops->kick_needed(&qp->ring))
		vcrypto_transport_ops(qp->transport)->notify(qp->transport, &qp->db,
			ring_ops->notify_state(&qp->ring));
	if (qp->steps != 0)
		rte_spinlock_unlock(&qp->producer);
	return failed;
}
