/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The raw data-path API, on the same slots, rings and encoders as bursts of ops: a request's
 * vectors become the view of an op (virtio_codec_raw.h), which the session's encoder reads.
 *
 * May include: queue, ring, slot, codec, session, dev, rxtx. Threads as for bursts: one enqueuer
 * and one dequeuer of a queue pair, whatever their contexts. No lock (but that of steps), no
 * allocation, no system call (but the doorbell), no log line per request.
 *
 * A request is added to the ring at once, and shown to the device by enqueue_done. Its slot
 * carries its user data; its vectors are forgotten once it is encoded, but for the few that are
 * needed when it is answered. A slot is free again when dequeue has given its request back, so
 * dequeue_done has nothing to do. Ops and raw requests may meet on a queue pair: what one dequeue
 * finds of the other's, it leaves in a stash.
 */

#include <assert.h>
#include <errno.h>

#include <rte_common.h>
#include <rte_malloc.h>

#include "virtio_codec_raw.h"
#include "virtio_log.h"
#include "virtio_raw.h"
#include "virtio_rxtx.h"

/* Requests of two steps, or with a digest that is not in one piece, at a time; others wait. */
#define KEPT_MAX 32

struct kept {
	struct vcrypto_slot_kept head;
	uint8_t iv[VCRYPTO_IV_MAX_LEN];
	struct vcrypto_raw_view view;
};

/* A queue pair's; one block. */
struct vcrypto_raw {
	struct vcrypto_raw_view view; /* the enqueuer's, for one request after the other */
	struct kept kept[KEPT_MAX];
};

static_assert(KEPT_MAX == 32, "a bit of vcrypto_qp.kept for each");

/* The driver's part of a context. */
struct raw_ctx {
	struct rte_cryptodev_sym_session *session;
	uint32_t cached; /* enqueued since the last enqueue_done */
};

/* ---- requests that are kept ---- */

static struct kept *
kept_get(struct vcrypto_qp *qp)
{
	/* Acquire: the dequeuer is done with it; pairs with kept_put(). */
	const uint32_t used = __atomic_load_n(&qp->kept, __ATOMIC_ACQUIRE);
	unsigned int i;

	if (used == UINT32_MAX)
		return NULL;
	i = rte_bsf32(~used);
	__atomic_fetch_or(&qp->kept, UINT32_C(1) << i, __ATOMIC_RELAXED);
	return &qp->raw->kept[i];
}

static void
kept_put(struct vcrypto_qp *qp, const struct vcrypto_slot_kept *k)
{
	const unsigned int i = (const struct kept *)k - qp->raw->kept;

	__atomic_fetch_and(&qp->kept, ~(UINT32_C(1) << i), __ATOMIC_RELEASE);
}

/* Keep a request in its slot. NULL: no place is left. */
static struct kept *
keep(struct vcrypto_qp *qp, const struct vcrypto_session *vs, const struct vcrypto_raw_req *r,
		struct vcrypto_slot_priv *sp, void *user_data)
{
	struct kept *const k = kept_get(qp);

	if (k == NULL)
		return NULL;
	vcrypto_codec_raw_view(&k->view, &vs->tmpl, r);
	vcrypto_codec_raw_reach_digest(&k->view, &vs->tmpl);
	if (vs->tmpl.iv_op_len != 0)
		memcpy(k->iv, k->view.iv, vs->tmpl.iv_op_len);
	k->head.user_data = user_data;
	k->head.status = -1;
	sp->kept = &k->head;
	sp->kind = VCRYPTO_SLOT_KEPT;
	return k;
}

/* Forget what a slot that does not go into the ring was given. */
static void
drop(struct vcrypto_qp *qp, struct vcrypto_slot_priv *sp)
{
	if (sp->kind == VCRYPTO_SLOT_KEPT)
		kept_put(qp, sp->kept);
	sp->kind = VCRYPTO_SLOT_OP;
	sp->step = 0;
}

/* Whether the digest goes to, or comes from, more places than one. */
static __rte_always_inline bool
is_spread(const struct vcrypto_slot_priv *sp)
{
	return sp->digest_action > VCRYPTO_DIGEST_COMPARE;
}

/*
 * An encoder's answer that is not just PATCHED. On VCRYPTO_ENCODE_NEW the ring knows the table.
 * @return VCRYPTO_ENCODE_NEW, VCRYPTO_ENCODE_DONE; -EAGAIN too many requests are kept; else the
 *         status of one that cannot be sent.
 */
static __rte_noinline int
encode_on(struct vcrypto_qp *qp, const struct vcrypto_ring_ops *ring_ops,
		const struct vcrypto_session *vs, const struct vcrypto_raw_req *r, uint16_t slot,
		void *user_data, int ret)
{
	struct vcrypto_slot_priv *const sp = &qp->priv[slot];
	struct kept *k;

	if (ret == VCRYPTO_ENCODE_STEPS) {
		k = keep(qp, vs, r, sp, user_data);
		if (k == NULL)
			return -EAGAIN;
		ret = vcrypto_rxtx_encode_first(qp, ring_ops, vs, &k->view.so, k->iv, sp);
	} else if ((ret == VCRYPTO_ENCODE_NEW || ret == VCRYPTO_ENCODE_PATCHED) && is_spread(sp)) {
		if (keep(qp, vs, r, sp, user_data) == NULL)
			return -EAGAIN;
	}
	if (ret == VCRYPTO_ENCODE_NEW)
		vcrypto_rxtx_new_table(qp, ring_ops, slot);
	return ret == VCRYPTO_ENCODE_PATCHED ? VCRYPTO_ENCODE_NEW : ret;
}

/* ---- enqueue ---- */

static __rte_always_inline const struct vcrypto_session *
live_session(const struct vcrypto_qp *qp, const struct raw_ctx *ctx)
{
	const struct vcrypto_session *const vs = CRYPTODEV_GET_SYM_SESS_PRIV(ctx->session);

	/* As with ops: freed sessions and those that were refused have no shape. */
	return vs->dev == qp->dev && vs->tmpl.shape != VCRYPTO_SHAPE_NONE ? vs : NULL;
}

/* -errno for the status of an encoder. */
static int
error_of(int status)
{
	return status == RTE_CRYPTO_OP_STATUS_INVALID_SESSION ? -ENOENT : -EINVAL;
}

static __rte_always_inline void
request_of(const struct rte_crypto_sym_vec *vec, uint32_t i, union rte_crypto_sym_ofs ofs,
		struct vcrypto_raw_req *r)
{
	r->src = &vec->src_sgl[i];
	r->dst = vec->dest_sgl != NULL ? &vec->dest_sgl[i] : NULL;
	r->iv = vec->iv != NULL ? &vec->iv[i] : NULL;
	r->digest = vec->digest != NULL ? &vec->digest[i] : NULL;
	r->extra = vec->aad != NULL ? &vec->aad[i] : NULL;
	r->ofs = ofs;
}

/*
 * Up to a chunk of requests.
 * @return those that were taken; @p err -errno of the next one if it is bad.
 */
static __rte_always_inline uint16_t
enqueue_chunk(struct vcrypto_qp *qp, const struct vcrypto_ring_ops *ring_ops,
		const struct vcrypto_session *vs, const struct rte_crypto_sym_vec *vec, uint32_t at,
		uint16_t nb, union rte_crypto_sym_ofs ofs, void **user_data, int *err)
{
	const vcrypto_sym_encode_t encode = vcrypto_codec_sym_encode[vs->tmpl.shape];
	struct vcrypto_raw_view *const v = &qp->raw->view;
	uint16_t slots[VCRYPTO_CHUNK];
	struct vcrypto_raw_req r;
	uint16_t i, n = 0;
	uint32_t spare;

	nb = vcrypto_rxtx_peek_free(qp, slots, nb);
	nb = vcrypto_rxtx_fit(ring_ops->room(&qp->ring), nb, &spare);
	for (i = 0; i < nb; i++) {
		struct vcrypto_slot_priv *const sp = &qp->priv[slots[n]];
		void *const data = user_data[at + i];
		int ret;

		request_of(vec, at + i, ofs, &r);
		if (unlikely(!vcrypto_codec_raw_view(v, &vs->tmpl, &r))) {
			*err = -EINVAL;
			break;
		}
		ret = encode(&vs->tmpl, &v->so, v->iv, sp, &ring_ops->fmt, qp->max_desc);
		sp->user_data = data;
		sp->kind = VCRYPTO_SLOT_RAW;
		if (unlikely(ret != VCRYPTO_ENCODE_PATCHED || is_spread(sp))) {
			ret = encode_on(qp, ring_ops, vs, &r, slots[n], data, ret);
			if (unlikely(ret != VCRYPTO_ENCODE_NEW ||
					!vcrypto_rxtx_fit_table(sp, i, &nb, &spare))) {
				drop(qp, sp);
				if (ret == VCRYPTO_ENCODE_DONE && !vcrypto_rxtx_clogged(qp)) {
					vcrypto_queue_put_returned_raw(qp, data,
						RTE_CRYPTO_OP_STATUS_SUCCESS);
					continue;
				}
				if (ret > 0)
					*err = error_of(ret);
				break;
			}
		}
		sp->seq = (uint16_t)(qp->free_head + n);
		n++;
	}
	if (likely(n != 0))
		vcrypto_rxtx_add(qp, ring_ops, slots, n);
	return i;
}

/*
 * @return requests taken; @p err why the next one was not: -EAGAIN no room, or the device is away;
 *         -EIO out of service until the device is stopped and started; -EINVAL, -ENOENT the
 *         request, its session.
 */
static __rte_always_inline uint32_t
enqueue(struct vcrypto_qp *qp, struct raw_ctx *ctx, const struct rte_crypto_sym_vec *vec,
		union rte_crypto_sym_ofs ofs, void **user_data, int *err)
{
	const struct vcrypto_ring_ops *const ring_ops = vcrypto_ring_ops_of(&qp->ring);
	const uint32_t state = __atomic_load_n(&qp->state, __ATOMIC_ACQUIRE);
	const struct vcrypto_session *vs;
	uint32_t taken = 0;
	uint16_t want, n;

	*err = 0;
	if (unlikely(state != VCRYPTO_QUEUE_LIVE)) {
		*err = state == VCRYPTO_QUEUE_PAUSED ? -EAGAIN : -EIO;
		return 0;
	}
	vs = live_session(qp, ctx);
	if (unlikely(vs == NULL)) {
		*err = -ENOENT;
		return 0;
	}
	*err = -EAGAIN;
	if (unlikely(vcrypto_rxtx_clogged(qp)))
		return 0;
	if (unlikely(qp->seen != VCRYPTO_QUEUE_RAW)) {
		/* Before a request is published; dequeuers read it behind the answer. */
		__atomic_store_n(&qp->seen, qp->seen | VCRYPTO_QUEUE_RAW, __ATOMIC_RELAXED);
		if (qp->seen & VCRYPTO_QUEUE_STEPS && !vcrypto_rxtx_lock_producer(qp, ring_ops))
			return 0;
	}
	*err = 0;
	do {
		want = RTE_MIN(vec->num - taken, (uint32_t)VCRYPTO_CHUNK);
		n = enqueue_chunk(qp, ring_ops, vs, vec, taken, want, ofs, user_data, err);
		taken += n;
	} while (unlikely(n == VCRYPTO_CHUNK && taken < vec->num));
	if (unlikely(qp->seen & VCRYPTO_QUEUE_STEPS))
		rte_spinlock_unlock(&qp->producer);

	ctx->cached += taken;
	__atomic_store_n(&qp->enqueued, qp->enqueued + taken, __ATOMIC_RELAXED);
	if (likely(taken == vec->num))
		return taken;
	if (*err == 0)
		*err = -EAGAIN;
	else
		__atomic_store_n(&qp->enqueue_errs, qp->enqueue_errs + 1, __ATOMIC_RELAXED);
	return taken;
}

/* Say of those that were not taken why. */
static __rte_noinline void
fill_status(const struct rte_crypto_sym_vec *vec, uint32_t taken, int err)
{
	uint32_t i;

	if (vec->status == NULL)
		return;
	vec->status[taken] = -err;
	for (i = taken + 1; i < vec->num; i++)
		vec->status[i] = EAGAIN;
}

static __rte_always_inline uint32_t
enqueue_burst(void *queue_pair, uint8_t *drv_ctx, struct rte_crypto_sym_vec *vec,
		union rte_crypto_sym_ofs ofs, void *user_data[], int *enqueue_status)
{
	uint32_t n;
	int err;

	n = enqueue(queue_pair, (struct raw_ctx *)drv_ctx, vec, ofs, user_data, &err);
	*enqueue_status = 0;
	if (unlikely(n != vec->num)) {
		fill_status(vec, n, err);
		/* A queue that is full is no error. */
		if (n == 0 && err != -EAGAIN)
			*enqueue_status = err;
	}
	return n;
}

static __rte_always_inline int
enqueue_one(void *queue_pair, uint8_t *drv_ctx, struct rte_crypto_vec *data_vec,
		uint16_t n_data_vecs, union rte_crypto_sym_ofs ofs,
		struct rte_crypto_va_iova_ptr *iv, struct rte_crypto_va_iova_ptr *digest,
		struct rte_crypto_va_iova_ptr *aad_or_auth_iv, void *user_data)
{
	struct rte_crypto_sgl sgl = { .vec = data_vec, .num = n_data_vecs };
	const struct rte_crypto_sym_vec vec = {
		.num = 1,
		.src_sgl = &sgl,
		.iv = iv,
		.digest = digest,
		.aad = aad_or_auth_iv,
	};
	int err;

	return likely(enqueue(queue_pair, (struct raw_ctx *)drv_ctx, &vec, ofs, &user_data,
		&err) == 1) ? 0 : err;
}

static __rte_always_inline int
enqueue_done(void *queue_pair, uint8_t *drv_ctx, uint32_t n)
{
	struct raw_ctx *const ctx = (struct raw_ctx *)drv_ctx;
	struct vcrypto_qp *const qp = queue_pair;

	if (unlikely(n != ctx->cached))
		return -EINVAL;
	ctx->cached = 0;
	/* What was in a ring that is no more comes back as errors. */
	if (likely(__atomic_load_n(&qp->state, __ATOMIC_ACQUIRE) == VCRYPTO_QUEUE_LIVE))
		vcrypto_raw_flush(qp);
	return 0;
}

void
vcrypto_raw_flush(struct vcrypto_qp *qp)
{
	const bool steps = qp->seen & VCRYPTO_QUEUE_STEPS;

	if (unlikely(steps))
		rte_spinlock_lock(&qp->producer);
	vcrypto_rxtx_tell(qp, vcrypto_ring_ops_of(&qp->ring));
	if (unlikely(steps))
		rte_spinlock_unlock(&qp->producer);
}

/* ---- dequeue ---- */

/* What is done of a queue pair, for one call of dequeue. */
struct done {
	void *user_data[VCRYPTO_CHUNK];
	uint8_t status[VCRYPTO_CHUNK];
};

/* Requests that come back without a trip; behind an op they wait for its dequeue. */
static __rte_noinline uint16_t
take_returned_raw(struct vcrypto_qp *qp, struct done *d, uint16_t max)
{
	const uint32_t head = qp->returned_head;
	const uint32_t left = __atomic_load_n(&qp->returned_tail, __ATOMIC_ACQUIRE) - head;
	const uint16_t n = RTE_MIN(left, max);
	uint16_t i;

	for (i = 0; i < n; i++) {
		const uint32_t at = (head + i) & qp->returned_mask;

		if (qp->returned_raw[at] == 0)
			break;
		d->user_data[i] = qp->returned[at];
		d->status[i] = qp->returned_raw[at] - 1;
	}
	/* Release: the entries have been read; pairs with the acquire in clogged(). */
	__atomic_store_n(&qp->returned_head, head + i, __ATOMIC_RELEASE);
	return i;
}

/* The op's status of a request that is kept, or -1; good for a second look. */
static __rte_noinline int
kept_status(const struct vcrypto_qp *qp, const struct vcrypto_ring_ops *ring_ops,
		struct vcrypto_slot_priv *sp)
{
	struct kept *const k = (struct kept *)sp->kept;

	if (sp->step != 0)
		k->head.status = vcrypto_rxtx_end_step(qp, ring_ops, &k->view.so, k->iv, sp);
	else if (k->head.status < 0)
		k->head.status = vcrypto_rxtx_status(sp, &k->view.so);
	return k->head.status;
}

/* Slots that the device has used, or that were stashed: their requests are done but for a few. */
static __rte_always_inline uint16_t
finish(struct vcrypto_qp *qp, const struct vcrypto_ring_ops *ring_ops, uint16_t *slots,
		uint16_t nb, struct done *d)
{
	uint16_t again[VCRYPTO_CHUNK], i, n = 0, nb_again = 0;
	uint32_t errs = 0;

	for (i = 0; i < nb; i++) {
		struct vcrypto_slot_priv *const sp = &qp->priv[slots[i]];
		int status;

		if (likely(sp->kind == VCRYPTO_SLOT_RAW)) {
			status = vcrypto_rxtx_status(sp, NULL);
			d->user_data[n] = sp->user_data;
		} else if (sp->kind == VCRYPTO_SLOT_OP) {
			vcrypto_stash_push(qp, &qp->ops_stash, slots[i]);
			continue;
		} else {
			status = kept_status(qp, ring_ops, sp);
			if (status < 0) {
				again[nb_again++] = slots[i];
				continue;
			}
			d->user_data[n] = sp->kept->user_data;
			kept_put(qp, sp->kept);
		}
		errs += status != RTE_CRYPTO_OP_STATUS_SUCCESS;
		d->status[n] = status;
		sp->kind = VCRYPTO_SLOT_OP;
		slots[n++] = slots[i];
	}
	vcrypto_rxtx_put_free(qp, slots, n);
	if (unlikely(nb_again != 0 || vcrypto_queue_again_any(qp)))
		vcrypto_rxtx_queue_again(qp, ring_ops, again, nb_again);
	if (unlikely(errs != 0))
		__atomic_store_n(&qp->dequeue_errs, qp->dequeue_errs + errs, __ATOMIC_RELAXED);
	return n;
}

static uint16_t
pop_stash(struct vcrypto_qp *qp, uint16_t *slots, uint16_t max)
{
	uint16_t n;
	int slot;

	for (n = 0; n < max && (slot = vcrypto_stash_pop(qp, &qp->raw_stash)) >= 0; n++)
		slots[n] = slot;
	return n;
}

/*
 * Slots out of the ring; of a ring that is dead, those that the device did not use.
 * @return 0 also if the ring broke just now.
 */
static __rte_always_inline uint16_t
pop_ring(struct vcrypto_qp *qp, const struct vcrypto_ring_ops *ring_ops, uint16_t *slots,
		uint16_t max)
{
	uint32_t state = __atomic_load_n(&qp->state, __ATOMIC_ACQUIRE);
	int n = 0, slot;

	/* Nothing of this API has been shown yet; ops' dequeue would not look into their stash. */
	if (unlikely(!(vcrypto_rxtx_seen(qp) & VCRYPTO_QUEUE_RAW)))
		return 0;
	if (likely(state == VCRYPTO_QUEUE_LIVE)) {
		n = ring_ops->get(&qp->ring, slots, NULL, max);
		if (likely(n >= 0))
			return n;
		vcrypto_rxtx_broken(qp);
		n = 0;
		state = __atomic_load_n(&qp->state, __ATOMIC_ACQUIRE);
	}
	if (state == VCRYPTO_QUEUE_DEAD)
		for (; n < max && (slot = vcrypto_rxtx_take_lost(qp)) >= 0; n++)
			slots[n] = slot;
	return n;
}

/* Up to @p max requests that are done, at most a chunk. */
static __rte_always_inline uint16_t
take(struct vcrypto_qp *qp, struct done *d, uint32_t max)
{
	const struct vcrypto_ring_ops *const ring_ops = vcrypto_ring_ops_of(&qp->ring);
	uint16_t slots[VCRYPTO_CHUNK], nb, n;

	max = RTE_MIN(max, (uint32_t)VCRYPTO_CHUNK);
	if (unlikely(__atomic_load_n(&qp->returned_tail, __ATOMIC_RELAXED) != qp->returned_head)) {
		n = take_returned_raw(qp, d, max);
		if (n != 0)
			return n;
	}
	/* First steps and ops give nothing, but what is behind them may. */
	do {
		if (unlikely(vcrypto_stash_any(&qp->raw_stash)))
			nb = pop_stash(qp, slots, max);
		else
			nb = pop_ring(qp, ring_ops, slots, max);
		n = finish(qp, ring_ops, slots, nb, d);
	} while (unlikely(nb != 0 && n == 0));
	return n;
}

/*
 * Look at the first request that is done, which stays.
 * @return false if there is none.
 */
static bool
peek(struct vcrypto_qp *qp, void **user_data)
{
	const struct vcrypto_ring_ops *const ring_ops = vcrypto_ring_ops_of(&qp->ring);
	const uint32_t at = qp->returned_head & qp->returned_mask;
	struct vcrypto_slot_priv *sp;
	uint16_t slot;

	if (__atomic_load_n(&qp->returned_tail, __ATOMIC_ACQUIRE) != qp->returned_head &&
			qp->returned_raw[at] != 0) {
		*user_data = qp->returned[at];
		return true;
	}
	for (;;) {
		if (!vcrypto_stash_any(&qp->raw_stash)) {
			if (pop_ring(qp, ring_ops, &slot, 1) == 0)
				return false;
			vcrypto_stash_push(qp, qp->priv[slot].kind == VCRYPTO_SLOT_OP ?
				&qp->ops_stash : &qp->raw_stash, slot);
			continue;
		}
		slot = qp->raw_stash.slots[qp->raw_stash.head & (qp->nb_slots - 1)];
		sp = &qp->priv[slot];
		*user_data = vcrypto_queue_user_data(sp);
		if (sp->kind == VCRYPTO_SLOT_RAW || kept_status(qp, ring_ops, sp) >= 0)
			return true;
		/* The second request of this one has just begun. */
		vcrypto_stash_pop(qp, &qp->raw_stash);
		vcrypto_rxtx_queue_again(qp, ring_ops, &slot, 1);
	}
}

static __rte_always_inline void
count(struct vcrypto_qp *qp, uint32_t n)
{
	if (unlikely(n == 0)) {
		if (likely(__atomic_load_n(&qp->state, __ATOMIC_RELAXED) == VCRYPTO_QUEUE_LIVE))
			vcrypto_rxtx_idle(qp);
		return;
	}
	qp->idle_since = 0;
	__atomic_store_n(&qp->dequeued, qp->dequeued + n, __ATOMIC_RELAXED);
}

static __rte_always_inline uint32_t
dequeue_burst(void *queue_pair, rte_cryptodev_raw_get_dequeue_count_t get_dequeue_count,
		uint32_t max, rte_cryptodev_raw_post_dequeue_t post_dequeue, void **out_user_data,
		uint8_t is_user_data_array, uint32_t *n_success, int *dequeue_status)
{
	struct vcrypto_qp *const qp = queue_pair;
	uint32_t n = 0, good = 0;
	void *first = NULL;
	struct done d;
	uint16_t nb, i;

	*dequeue_status = 1;
	*n_success = 0;
	if (get_dequeue_count != NULL)
		max = peek(qp, &first) ? get_dequeue_count(first) : 0;
	while (n < max) {
		nb = take(qp, &d, max - n);
		for (i = 0; i < nb; i++, n++) {
			const bool ok = d.status[i] == RTE_CRYPTO_OP_STATUS_SUCCESS;

			if (n == 0)
				first = d.user_data[i];
			if (is_user_data_array || n == 0)
				out_user_data[n] = d.user_data[i];
			good += ok;
			if (likely(post_dequeue != NULL))
				post_dequeue(is_user_data_array ? d.user_data[i] : first, n, ok);
		}
		if (nb == 0)
			break;
	}
	*n_success = good;
	count(qp, n);
	return n;
}

static __rte_always_inline void *
dequeue_one(void *queue_pair, int *dequeue_status, enum rte_crypto_op_status *op_status)
{
	struct vcrypto_qp *const qp = queue_pair;
	struct done d;
	uint16_t n;

	n = take(qp, &d, 1);
	count(qp, n);
	*dequeue_status = n;
	if (n == 0)
		return NULL;
	*op_status = d.status[0];
	return d.user_data[0];
}

static int
dequeue_done(void *queue_pair, uint8_t *drv_ctx, uint32_t n)
{
	/* Dequeue has freed all that it gave. */
	RTE_SET_USED(queue_pair);
	RTE_SET_USED(drv_ctx);
	RTE_SET_USED(n);
	return 0;
}

unsigned int
vcrypto_raw_drain(struct vcrypto_qp *qp)
{
	const struct vcrypto_ring_ops *const ring_ops = vcrypto_ring_ops_of(&qp->ring);
	uint16_t slots[VCRYPTO_CHUNK], nb, n, i;
	unsigned int all = 0;
	struct done d;

	while ((nb = pop_stash(qp, slots, VCRYPTO_CHUNK)) != 0) {
		n = finish(qp, ring_ops, slots, nb, &d);
		for (i = 0; i < n; i++)
			vcrypto_queue_put_returned_raw(qp, d.user_data[i], d.status[i]);
		all += nb;
	}
	return all;
}

/* ---- the functions of a context ---- */

static uint32_t
raw_enqueue_burst(void *qp, uint8_t *drv_ctx, struct rte_crypto_sym_vec *vec,
		union rte_crypto_sym_ofs ofs, void *user_data[], int *enqueue_status)
{
	return enqueue_burst(qp, drv_ctx, vec, ofs, user_data, enqueue_status);
}

static int
raw_enqueue(void *qp, uint8_t *drv_ctx, struct rte_crypto_vec *data_vec, uint16_t n_data_vecs,
		union rte_crypto_sym_ofs ofs, struct rte_crypto_va_iova_ptr *iv,
		struct rte_crypto_va_iova_ptr *digest,
		struct rte_crypto_va_iova_ptr *aad_or_auth_iv, void *user_data)
{
	return enqueue_one(qp, drv_ctx, data_vec, n_data_vecs, ofs, iv, digest, aad_or_auth_iv,
		user_data);
}

static int
raw_enqueue_done(void *qp, uint8_t *drv_ctx, uint32_t n)
{
	return enqueue_done(qp, drv_ctx, n);
}

static uint32_t
raw_dequeue_burst(void *qp, uint8_t *drv_ctx, rte_cryptodev_raw_get_dequeue_count_t get_count,
		uint32_t max, rte_cryptodev_raw_post_dequeue_t post, void **out_user_data,
		uint8_t is_user_data_array, uint32_t *n_success, int *dequeue_status)
{
	RTE_SET_USED(drv_ctx);
	return dequeue_burst(qp, get_count, max, post, out_user_data, is_user_data_array,
		n_success, dequeue_status);
}

static void *
raw_dequeue(void *qp, uint8_t *drv_ctx, int *dequeue_status, enum rte_crypto_op_status *op_status)
{
	RTE_SET_USED(drv_ctx);
	return dequeue_one(qp, dequeue_status, op_status);
}

/* The same for devices that may go away: a queue can be paused under them. */

static uint32_t
raw_enqueue_burst_guarded(void *queue_pair, uint8_t *drv_ctx, struct rte_crypto_sym_vec *vec,
		union rte_crypto_sym_ofs ofs, void *user_data[], int *enqueue_status)
{
	struct vcrypto_qp *const qp = queue_pair;
	uint32_t n;

	vcrypto_rxtx_guard_enter(&qp->enqueuing);
	n = enqueue_burst(qp, drv_ctx, vec, ofs, user_data, enqueue_status);
	vcrypto_rxtx_guard_leave(&qp->enqueuing);
	return n;
}

static int
raw_enqueue_guarded(void *queue_pair, uint8_t *drv_ctx, struct rte_crypto_vec *data_vec,
		uint16_t n_data_vecs, union rte_crypto_sym_ofs ofs,
		struct rte_crypto_va_iova_ptr *iv, struct rte_crypto_va_iova_ptr *digest,
		struct rte_crypto_va_iova_ptr *aad_or_auth_iv, void *user_data)
{
	struct vcrypto_qp *const qp = queue_pair;
	int ret;

	vcrypto_rxtx_guard_enter(&qp->enqueuing);
	ret = enqueue_one(qp, drv_ctx, data_vec, n_data_vecs, ofs, iv, digest, aad_or_auth_iv,
		user_data);
	vcrypto_rxtx_guard_leave(&qp->enqueuing);
	return ret;
}

static int
raw_enqueue_done_guarded(void *queue_pair, uint8_t *drv_ctx, uint32_t n)
{
	struct vcrypto_qp *const qp = queue_pair;
	int ret;

	vcrypto_rxtx_guard_enter(&qp->enqueuing);
	ret = enqueue_done(qp, drv_ctx, n);
	vcrypto_rxtx_guard_leave(&qp->enqueuing);
	return ret;
}

static uint32_t
raw_dequeue_burst_guarded(void *queue_pair, uint8_t *drv_ctx,
		rte_cryptodev_raw_get_dequeue_count_t get_count, uint32_t max,
		rte_cryptodev_raw_post_dequeue_t post, void **out_user_data,
		uint8_t is_user_data_array, uint32_t *n_success, int *dequeue_status)
{
	struct vcrypto_qp *const qp = queue_pair;
	uint32_t n;

	RTE_SET_USED(drv_ctx);
	vcrypto_rxtx_guard_enter(&qp->dequeuing);
	n = dequeue_burst(qp, get_count, max, post, out_user_data, is_user_data_array, n_success,
		dequeue_status);
	vcrypto_rxtx_guard_leave(&qp->dequeuing);
	return n;
}

static void *
raw_dequeue_guarded(void *queue_pair, uint8_t *drv_ctx, int *dequeue_status,
		enum rte_crypto_op_status *op_status)
{
	struct vcrypto_qp *const qp = queue_pair;
	void *user_data;

	RTE_SET_USED(drv_ctx);
	vcrypto_rxtx_guard_enter(&qp->dequeuing);
	user_data = dequeue_one(qp, dequeue_status, op_status);
	vcrypto_rxtx_guard_leave(&qp->dequeuing);
	return user_data;
}

/* ---- contexts ---- */

int
vcrypto_raw_ctx_size(struct rte_cryptodev *cdev)
{
	RTE_SET_USED(cdev);
	return sizeof(struct raw_ctx);
}

/* A queue pair's memory for the raw API, from its first context to its end. */
static int
make_raw(struct vcrypto_dev *dev, struct vcrypto_qp *qp)
{
	struct vcrypto_raw *raw;

	vcrypto_dev_lock(dev);
	if (qp->raw == NULL) {
		raw = rte_zmalloc_socket("vcrypto_raw", sizeof(*raw), RTE_CACHE_LINE_SIZE,
			dev->socket_id);
		__atomic_store_n(&qp->raw, raw, __ATOMIC_RELEASE);
	}
	vcrypto_dev_unlock(dev);
	if (qp->raw != NULL)
		return 0;
	VCRYPTO_DEV_LOG(ERR, dev->name, "queue pair %u: no %zu bytes of memory for the raw API",
		qp->id, sizeof(*raw));
	return -ENOMEM;
}

int
vcrypto_raw_configure(struct rte_cryptodev *cdev, uint16_t qp_id,
		struct rte_crypto_raw_dp_ctx *ctx, enum rte_crypto_op_sess_type sess_type,
		union rte_cryptodev_session_ctx session, uint8_t is_update)
{
	struct raw_ctx *const raw = (struct raw_ctx *)ctx->drv_ctx_data;
	struct vcrypto_dev *const dev = cdev->data->dev_private;
	struct rte_cryptodev_sym_session *const s = session.crypto_sess;
	const struct vcrypto_session *vs;
	struct vcrypto_qp *qp;

	/* The library of 22.11 lets numbers pass that are too large. */
	qp = qp_id < cdev->data->nb_queue_pairs ? cdev->data->queue_pairs[qp_id] : NULL;
	if (qp == NULL) {
		VCRYPTO_DEV_LOG(ERR, dev->name, "raw API: queue pair %u is not set up", qp_id);
		return -EINVAL;
	}
	if (sess_type != RTE_CRYPTO_OP_WITH_SESSION) {
		VCRYPTO_DEV_LOG(ERR, dev->name,
			"raw API: only with a session of rte_cryptodev_sym_session_create()");
		return -ENOTSUP;
	}
	if (s == NULL || s->driver_id != dev->driver_id) {
		VCRYPTO_DEV_LOG(ERR, dev->name, "raw API: no session of this driver");
		return -EINVAL;
	}
	vs = CRYPTODEV_GET_SYM_SESS_PRIV(s);
	if (vs->dev != dev || vs->tmpl.shape == VCRYPTO_SHAPE_NONE) {
		VCRYPTO_DEV_LOG(ERR, dev->name,
			"raw API: a session of another device, or one that the device refused");
		return -EINVAL;
	}
	if (is_update) {
		/* What is cached stays so. */
		if (ctx->qp_data != qp) {
			VCRYPTO_DEV_LOG(ERR, dev->name,
				"raw API: an update of a context of another queue pair");
			return -EINVAL;
		}
		raw->session = s;
		return 0;
	}
	if (make_raw(dev, qp) < 0)
		return -ENOMEM;
	raw->session = s;
	raw->cached = 0;
	ctx->qp_data = qp;
	ctx->dequeue_done = dequeue_done;
	if (vcrypto_transport_ops(dev->transport)->recovers) {
		ctx->enqueue = raw_enqueue_guarded;
		ctx->enqueue_burst = raw_enqueue_burst_guarded;
		ctx->enqueue_done = raw_enqueue_done_guarded;
		ctx->dequeue = raw_dequeue_guarded;
		ctx->dequeue_burst = raw_dequeue_burst_guarded;
	} else {
		ctx->enqueue = raw_enqueue;
		ctx->enqueue_burst = raw_enqueue_burst;
		ctx->enqueue_done = raw_enqueue_done;
		ctx->dequeue = raw_dequeue;
		ctx->dequeue_burst = raw_dequeue_burst;
	}
	return 0;
}
