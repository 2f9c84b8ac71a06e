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

#include "virtio_asym.h"
#include "virtio_cache.h"
#include "virtio_cryptodev.h"
#include "virtio_raw.h"
#include "virtio_rxtx.h"

#define CHUNK VCRYPTO_CHUNK
/* Where sessions change within a burst, the one of so many ops ahead is fetched. */
#define SESSIONS_AHEAD 4
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
	if (op->type == RTE_CRYPTO_OP_TYPE_ASYMMETRIC) {
		*vs = &vcrypto_asym_stand_in;
		return 0;
	}
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

void
vcrypto_rxtx_new_table(struct vcrypto_qp *qp, const struct vcrypto_ring_ops *ring_ops,
		uint16_t slot)
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

/* From now on the dequeuer takes the longer way, and the ring has a lock, which the burst has. */
static void
begin_steps(struct vcrypto_qp *qp)
{
	if (qp->seen & VCRYPTO_QUEUE_STEPS)
		return;
	rte_spinlock_lock(&qp->producer);
	/* Before the request is published; take_used() reads it behind the answer. */
	__atomic_store_n(&qp->seen, qp->seen | VCRYPTO_QUEUE_STEPS, __ATOMIC_RELAXED);
}

int
vcrypto_rxtx_encode_first(struct vcrypto_qp *qp, const struct vcrypto_ring_ops *ring_ops,
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
	begin_steps(qp);
	return VCRYPTO_ENCODE_NEW;
}

/* An asymmetric op. @return as vcrypto_asym_encode(). */
static __rte_noinline int
encode_asym(struct vcrypto_qp *qp, const struct vcrypto_ring_ops *ring_ops,
		const struct rte_crypto_op *op, struct vcrypto_slot_priv *sp)
{
	const int ret = vcrypto_asym_encode(qp, op, sp, &ring_ops->fmt);

	if (ret == VCRYPTO_ENCODE_NEW) {
		__atomic_store_n(&qp->lens, qp->used_lens, __ATOMIC_RELAXED);
		begin_steps(qp);
	}
	return ret;
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

/* What the encoder leaves to others: ops of two requests, and asymmetric ones. @return as it. */
static __rte_noinline int
encode_other(struct vcrypto_qp *qp, const struct vcrypto_ring_ops *ring_ops,
		const struct vcrypto_session *vs, const struct rte_crypto_op *op,
		struct vcrypto_slot_priv *sp, int ret)
{
	if (ret == VCRYPTO_ENCODE_STEPS)
		return vcrypto_rxtx_encode_first(qp, ring_ops, vs, op->sym,
			vcrypto_codec_iv(&vs->tmpl, op), sp);
	if (ret == VCRYPTO_ENCODE_ASYM)
		return encode_asym(qp, ring_ops, op, sp);
	return ret;
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
	/* Pointers that move, rather than indices: fewer instructions. */
	struct rte_crypto_op **next = ops, **end;
	const uint16_t *slot = slots;
	uint16_t seq = (uint16_t)qp->free_head;
	uint32_t spare;

	nb = vcrypto_rxtx_peek_free(qp, slots, nb);
	nb = vcrypto_rxtx_fit(ring_ops->room(&qp->ring), nb, &spare);
	for (end = ops + nb; next != end; next++) {
		struct rte_crypto_op *const op = *next;
		struct vcrypto_slot_priv *const sp = &priv[*slot];
		int ret;

		/* Bursts come in runs of one session: what was checked once is good for the run. */
		if (unlikely(!is_sym_with_session(op) || op->sym->session != last)) {
			if (end - next > SESSIONS_AHEAD)
				prefetch_session(next[SESSIONS_AHEAD]);
			last = qp;
			vs = session_of(qp, op);
			if (likely(vs != NULL)) {
				last = op->sym->session;
			} else {
				const struct vcrypto_session *found = NULL;

				ret = no_session(qp, op, sp - priv, slot - slots, &found);
				/* The op may find its session when others have come back. */
				if (ret == -EAGAIN || (ret > 0 && !give_back(qp, op, ret)))
					break;
				if (ret > 0)
					continue;
				vs = found;
			}
			encode = vcrypto_codec_sym_encode[vs->tmpl.shape];
		}
		ret = encode(&vs->tmpl, op->sym, vcrypto_codec_iv(&vs->tmpl, op), sp,
			&ring_ops->fmt, max_desc);
		if (unlikely(ret != VCRYPTO_ENCODE_PATCHED)) {
			ret = encode_other(qp, ring_ops, vs, op, sp, ret);
			if (unlikely(ret != VCRYPTO_ENCODE_NEW)) {
				if (ret == -EAGAIN || !give_back(qp, op, ret))
					break;
				continue;
			}
			vcrypto_rxtx_new_table(qp, ring_ops, *slot);
			nb = end - ops;
			if (!vcrypto_rxtx_fit_table(sp, next - ops, &nb, &spare)) {
				sp->step = 0;
				break;
			}
			end = ops + nb;
		}
		sp->op = op;
		sp->seq = seq++;
		slot++;
	}
	if (likely(slot != slots))
		vcrypto_rxtx_add(qp, ring_ops, slots, slot - slots);
	return next - ops;
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
		vcrypto_rxtx_new_table(qp, ring_ops, slot);
		ring_ops->add(&qp->ring, &slot, 1);
		any = true;
	}
	if (any)
		vcrypto_rxtx_tell(qp, ring_ops);
}

bool
vcrypto_rxtx_lock_producer(struct vcrypto_qp *qp, const struct vcrypto_ring_ops *ring_ops)
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
	if (unlikely(vcrypto_rxtx_clogged(qp)))
		return 0;
	if (unlikely(qp->seen & VCRYPTO_QUEUE_STEPS) && !vcrypto_rxtx_lock_producer(qp, ring_ops))
		return 0;
	do {
		want = RTE_MIN(nb_ops - taken, CHUNK);
		n = enqueue_chunk(qp, ring_ops, ops + taken, want);
		taken += n;
	} while (unlikely(n == CHUNK && taken < nb_ops));

	if (likely(taken != 0)) {
		__atomic_store_n(&qp->enqueued, qp->enqueued + taken, __ATOMIC_RELAXED);
		vcrypto_rxtx_tell(qp, ring_ops);
	}
	/* Set before, or by an op of this burst. */
	if (unlikely(qp->seen & VCRYPTO_QUEUE_STEPS))
		rte_spinlock_unlock(&qp->producer);
	return taken;
}

/* ---- dequeue ---- */

/* Ops that come back without a trip; behind a request of the raw API they wait for its dequeue. */
static __rte_noinline uint16_t
take_returned(struct vcrypto_qp *qp, struct rte_crypto_op **ops, uint16_t nb)
{
	const uint32_t head = qp->returned_head;
	const uint32_t left = __atomic_load_n(&qp->returned_tail, __ATOMIC_ACQUIRE) - head;
	const uint16_t n = RTE_MIN(left, nb);
	uint16_t i;

	for (i = 0; i < n && qp->returned_raw[(head + i) & qp->returned_mask] == 0; i++)
		ops[i] = qp->returned[(head + i) & qp->returned_mask];
	/* Release: the entries have been read; pairs with the acquire in give_back(). */
	__atomic_store_n(&qp->returned_head, head + i, __ATOMIC_RELEASE);
	return i;
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

int
vcrypto_rxtx_take_lost(struct vcrypto_qp *qp)
{
	int slot;

	slot = vcrypto_ring_ops_of(&qp->ring)->reclaim(&qp->ring);
	if (slot < 0)
		slot = take_waiting(qp);
	if (slot >= 0) {
		/* Whoever asks for it finds an error; the device writes no more. */
		qp->priv[slot].slot->status = VIRTIO_CRYPTO_ERR;
	}
	return slot;
}

void
vcrypto_rxtx_check_silence(struct vcrypto_qp *qp)
{
	const uint64_t now = rte_get_tsc_cycles();

	if (vcrypto_queue_inflight(qp) == 0)
		return;
	if (qp->idle_since == 0) {
		qp->idle_since = now;
	} else if (now - qp->idle_since > rte_get_tsc_hz() / IDLE_CHECKS_PER_S) {
		qp->idle_since = now;
		if (!vcrypto_dev_alive(qp->dev))
			vcrypto_dev_fault(qp->dev, qp, "the device asks for a reset, or is gone");
	}
}

void
vcrypto_rxtx_broken(struct vcrypto_qp *qp)
{
	vcrypto_dev_fault(qp->dev, qp, vcrypto_ring_fault_name(qp->ring.broken));
}

int
vcrypto_rxtx_end_step(const struct vcrypto_qp *qp, const struct vcrypto_ring_ops *ring_ops,
		const struct rte_crypto_sym_op *so, const uint8_t *iv, struct vcrypto_slot_priv *sp)
{
	const struct vcrypto_session *const vs = sp->session;
	const struct vcrypto_session_steps *const st = vs->steps;
	const unsigned int step = sp->step;
	uint8_t status = vcrypto_codec_status[sp->slot->status];
	int ret;

	sp->step = 0;
	if (status != RTE_CRYPTO_OP_STATUS_SUCCESS)
		return status;
	/* The session was freed under way. */
	if (unlikely(st == NULL))
		return RTE_CRYPTO_OP_STATUS_INVALID_SESSION;
	status = vcrypto_codec_step_done(&st->auth.tmpl, &st->cipher.tmpl, step, so, sp);
	if (step == 2 || status != RTE_CRYPTO_OP_STATUS_SUCCESS)
		return status;
	ret = vcrypto_codec_step_encode(&st->auth.tmpl, &st->cipher.tmpl, 2, so, iv, sp,
		&ring_ops->fmt, qp->max_desc);
	if (ret != VCRYPTO_ENCODE_NEW)
		return ret;
	sp->step = 2;
	return -1;
}

void
vcrypto_rxtx_queue_again(struct vcrypto_qp *qp, const struct vcrypto_ring_ops *ring_ops,
		const uint16_t *slots, uint16_t nb)
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

/* An op of two requests; as vcrypto_rxtx_end_step(). */
static int
end_op_step(const struct vcrypto_qp *qp, const struct vcrypto_ring_ops *ring_ops,
		struct vcrypto_slot_priv *sp)
{
	const struct vcrypto_session *const vs = sp->session;

	return vcrypto_rxtx_end_step(qp, ring_ops, sp->op->sym,
		vcrypto_codec_iv(&vs->tmpl, sp->op), sp);
}

/*
 * The rest of take_used() for a queue that has seen more than ops of one request. Without new
 * slots up to @p max that were stashed.
 */
static __rte_noinline uint16_t
take_seen(struct vcrypto_qp *qp, const struct vcrypto_ring_ops *ring_ops,
		struct rte_crypto_op **ops, uint16_t *slots, uint16_t nb, uint16_t max)
{
	uint16_t again[CHUNK], i, n = 0, nb_again = 0;
	uint32_t errs = 0;
	int slot;

	if (nb == 0)
		for (; nb < max && (slot = vcrypto_stash_pop(qp, &qp->ops_stash)) >= 0; nb++)
			slots[nb] = slot;
	for (i = 0; i < nb; i++) {
		struct vcrypto_slot_priv *const sp = &qp->priv[slots[i]];
		int status;

		if (sp->kind != VCRYPTO_SLOT_OP) {
			vcrypto_stash_push(qp, &qp->raw_stash, slots[i]);
			continue;
		}
		if (sp->step == VCRYPTO_STEP_ASYM)
			status = vcrypto_asym_done(qp, sp, qp->used_lens[i]);
		else if (sp->step != 0)
			status = end_op_step(qp, ring_ops, sp);
		else
			status = vcrypto_rxtx_status(sp, sp->op->sym);
		if (status < 0) {
			again[nb_again++] = slots[i];
			continue;
		}
		errs += status != RTE_CRYPTO_OP_STATUS_SUCCESS;
		sp->op->status = status;
		ops[n] = sp->op;
		slots[n++] = slots[i];
	}
	vcrypto_rxtx_put_free(qp, slots, n);
	if (qp->lens != NULL)
		for (i = 0; i < nb; i++)
			qp->used_lens[i] = VCRYPTO_RING_LEN_UNKNOWN;
	if (nb_again != 0 || vcrypto_queue_again_any(qp))
		vcrypto_rxtx_queue_again(qp, ring_ops, again, nb_again);
	__atomic_store_n(&qp->dequeue_errs, qp->dequeue_errs + errs, __ATOMIC_RELAXED);
	return n;
}

/* The queue was reset: what the ring's books still have comes back as errors. */
static __rte_noinline uint16_t
take_dead(struct vcrypto_qp *qp, struct rte_crypto_op **ops, uint16_t nb)
{
	const struct vcrypto_ring_ops *const ring_ops = vcrypto_ring_ops_of(&qp->ring);
	uint16_t slots[CHUNK], n = 0, want, i;
	int slot;

	if (vcrypto_queue_inflight(qp) == 0)
		return 0;
	do {
		want = RTE_MIN(nb - n, CHUNK);
		for (i = 0; i < want && (slot = vcrypto_rxtx_take_lost(qp)) >= 0; i++)
			slots[i] = slot;
		n += take_seen(qp, ring_ops, ops + n, slots, i, want);
	} while (i != 0 && n < nb);
	return n;
}

static __rte_always_inline uint16_t
take_used(struct vcrypto_qp *qp, const struct vcrypto_ring_ops *ring_ops,
		struct rte_crypto_op **ops, uint16_t nb, int *fault)
{
	uint16_t slots[CHUNK];
	uint32_t errs = 0;
	int i, n;

	nb = RTE_MIN(nb, CHUNK);
	n = ring_ops->get(&qp->ring, slots, qp->lens, nb);
	if (unlikely(n <= 0)) {
		*fault = n;
		return unlikely(vcrypto_rxtx_seen(qp) != 0) && n == 0 ?
			take_seen(qp, ring_ops, ops, slots, 0, nb) : 0;
	}
	if (unlikely(vcrypto_rxtx_seen(qp) != 0))
		return take_seen(qp, ring_ops, ops, slots, n, nb);
	for (i = 0; i < n; i++) {
		const struct vcrypto_slot_priv *const sp = &qp->priv[slots[i]];
		struct rte_crypto_op *const op = sp->op;
		const uint8_t status = vcrypto_rxtx_status(sp, op->sym);

		errs += status != RTE_CRYPTO_OP_STATUS_SUCCESS;
		op->status = status;
		ops[i] = op;
	}
	vcrypto_rxtx_put_free(qp, slots, n);
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
			vcrypto_rxtx_broken(qp);
		else if (unlikely(n == 0))
			vcrypto_rxtx_idle(qp);
		else
			qp->idle_since = 0;
	}
	if (unlikely(__atomic_load_n(&qp->state, __ATOMIC_ACQUIRE) == VCRYPTO_QUEUE_DEAD))
		n += take_dead(qp, ops + n, nb_ops - n);
	if (n != 0)
		__atomic_store_n(&qp->dequeued, qp->dequeued + n, __ATOMIC_RELAXED);
	return n;
}

/* ---- devices that go away and come back ---- */

uint16_t
vcrypto_enqueue_burst_guarded(void *queue_pair, struct rte_crypto_op **ops, uint16_t nb_ops)
{
	struct vcrypto_qp *const qp = queue_pair;
	uint16_t n;

	vcrypto_rxtx_guard_enter(&qp->enqueuing);
	n = vcrypto_enqueue_burst(qp, ops, nb_ops);
	vcrypto_rxtx_guard_leave(&qp->enqueuing);
	return n;
}

uint16_t
vcrypto_dequeue_burst_guarded(void *queue_pair, struct rte_crypto_op **ops, uint16_t nb_ops)
{
	struct vcrypto_qp *const qp = queue_pair;
	uint16_t n;

	vcrypto_rxtx_guard_enter(&qp->dequeuing);
	n = vcrypto_dequeue_burst(qp, ops, nb_ops);
	vcrypto_rxtx_guard_leave(&qp->dequeuing);
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
	if (qp->seen & VCRYPTO_QUEUE_RAW)
		vcrypto_raw_flush(qp);
	do {
		n = take_used(qp, vcrypto_ring_ops_of(&qp->ring), ops, CHUNK, &fault);
		if (fault < 0)
			return 0;
		/*
		 * There is room: enqueue takes nothing while the FIFO is half full. A paused
		 * queue's dequeuer may be at its other end.
		 */
		for (i = 0; i < n; i++)
			vcrypto_queue_put_returned(qp, ops[i], ops[i]->status);
		if (qp->seen & VCRYPTO_QUEUE_RAW)
			n += vcrypto_raw_drain(qp);
	} while (n != 0);
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

	/* Results go to the application when they are complete. */
	if (op->type == RTE_CRYPTO_OP_TYPE_ASYMMETRIC)
		return true;
	if (vs != NULL && vcrypto_codec_reads_only(&vs->tmpl))
		return true;
	return op->sym->m_dst != NULL && op->sym->m_dst != op->sym->m_src;
}

unsigned int
vcrypto_rxtx_resend(struct vcrypto_qp *qp)
{
	const struct vcrypto_ring_ops *const ring_ops = vcrypto_ring_ops_of(&qp->ring);
	uint16_t i, n, failed = 0;

	if (qp->seen & VCRYPTO_QUEUE_STEPS)
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
	if (qp->seen & VCRYPTO_QUEUE_STEPS)
		rte_spinlock_unlock(&qp->producer);
	return failed;
}
