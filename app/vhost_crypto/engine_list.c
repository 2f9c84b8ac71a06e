/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Several engines behind one. A session belongs to the first engine that takes it.
 *
 * An engine may take a session and yet not each of its operations: such an operation comes back
 * with NOTSUPP and untouched, and goes to the next engine in the list that takes the session,
 * where a session is made when the first such operation comes. So a session keeps its
 * parameters, keys included, until it is destroyed.
 *
 * At the end of vhc_engine_op.priv the list keeps what it must know of an operation in flight;
 * what is before is for the engine that has the operation.
 *
 * Enqueue gives runs of operations of one engine to that engine, in place and uncopied; where an
 * engine takes fewer, the list has taken those before. A queue's functions run on one thread at
 * a time; sessions are made under a lock only where an operation asks for it.
 */

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <rte_branch_prediction.h>
#include <rte_common.h>
#include <rte_prefetch.h>

#include "engine.h"
#include "virtio_crypto_wire.h"
#include "virtio_secret.h"

#define MAX_ENGINES 12
#define MAX_QUEUES (UINT16_MAX + 1)
#define PRIV_ALIGN 64

/* At the end of an operation's priv. */
struct list_op {
	struct list_session *session;
	const struct vhc_engine_ops *kind; /* whose data the rest of priv is; NULL: nobody's */
	uint32_t engine;                   /* which has the operation */
};

enum {
	STATE_UNKNOWN,
	STATE_READY,   /* the session is valid, and stays */
	STATE_REFUSED, /* the engine does not take it */
};

struct list_session {
	void *first;     /* the session of the first engine that took it */
	bool asym;       /* then it stays with that engine, and has no keys and params here */
	uint32_t engine; /* the index of that engine */
	size_t keys_len;
	uint8_t *keys; /* what params points to */
	struct vhc_sym_params params;
	/* By engine: the sessions for operations that the first could not do. */
	struct {
		void *session;
		uint8_t state; /* stored with release, read with acquire */
	} at[];
};

struct list_queue {
	struct vhc_engine_op *waiting; /* for room in their next engine; linked by next */
	struct vhc_engine_op *waiting_last;
	uint32_t inflight[MAX_ENGINES];
} __rte_cache_aligned;

struct list_engine {
	struct vhc_engine base;
	struct vhc_engine_ops ops; /* this list's: op_priv_len depends on the engines */
	size_t op_off;             /* of struct list_op in priv */
	unsigned int nb;
	pthread_mutex_t lock; /* of making sessions at[] */
	/* MAX_QUEUES; zero is a valid queue, so that those unused cost no memory. */
	struct list_queue *queue;
	void *queue_memory;
	struct vhc_engine *engine[MAX_ENGINES];
};

static void
list_caps(const struct vhc_engine *base, struct vhc_engine_caps *caps)
{
	const struct list_engine *l = (const struct list_engine *)base;
	struct vhc_engine_caps c;
	unsigned int i;

	memset(caps, 0, sizeof(*caps));
	caps->sgl = true;
	for (i = 0; i < l->nb; i++) {
		l->engine[i]->ops->caps(l->engine[i], &c);
		caps->cipher_algo |= c.cipher_algo;
		caps->chain_hash_algo |= c.chain_hash_algo;
		caps->chain_mac_algo |= c.chain_mac_algo;
		caps->hash_algo |= c.hash_algo;
		caps->mac_algo |= c.mac_algo;
		caps->aead_algo |= c.aead_algo;
		caps->akcipher_algo |= c.akcipher_algo;
		caps->max_cipher_key_len = RTE_MAX(caps->max_cipher_key_len, c.max_cipher_key_len);
		caps->max_auth_key_len = RTE_MAX(caps->max_auth_key_len, c.max_auth_key_len);
		caps->sgl = caps->sgl && c.sgl;
	}
}

/*
 * Of two reasons the one that says more: that there was no room, by an engine that would have
 * taken it; then a length that does not fit; then that nobody knows the algorithm.
 */
static int
more_telling(int a, int b)
{
	static const int order[] = {-ENOSPC, -ENOMEM, -EINVAL};
	unsigned int i;

	for (i = 0; i < RTE_DIM(order); i++) {
		if (a == order[i] || b == order[i])
			return order[i];
	}
	return a;
}

static int
list_check(const struct vhc_engine *base, const struct vhc_sym_params *p)
{
	const struct list_engine *l = (const struct list_engine *)base;
	int ret, err = -ENOTSUP;
	unsigned int i;

	for (i = 0; i < l->nb; i++) {
		ret = l->engine[i]->ops->check(l->engine[i], p);
		if (ret >= 0)
			return ret;
		err = more_telling(err, ret);
	}
	return err;
}

static void
free_session(struct list_engine *l, struct list_session *ls)
{
	unsigned int i;

	if (ls->first != NULL)
		l->engine[ls->engine]->ops->session_destroy(l->engine[ls->engine], ls->first);
	for (i = 0; i < l->nb; i++) {
		if (ls->at[i].state == STATE_READY)
			l->engine[i]->ops->session_destroy(l->engine[i], ls->at[i].session);
	}
	if (ls->keys != NULL)
		vcrypto_secret_wipe(ls->keys, ls->keys_len);
	free(ls->keys);
	free(ls);
}

static struct list_session *
new_session(const struct list_engine *l, const struct vhc_sym_params *p)
{
	bool has_key = p->kind != VHC_SYM_HASH && p->kind != VHC_SYM_MAC;
	bool has_auth_key = p->kind == VHC_SYM_MAC || (p->kind == VHC_SYM_CHAIN && p->mac);
	size_t key_len = has_key ? p->key_len : 0;
	size_t auth_key_len = has_auth_key ? p->auth_key_len : 0;
	struct list_session *ls;

	ls = calloc(1, sizeof(*ls) + l->nb * sizeof(ls->at[0]));
	if (ls == NULL)
		return NULL;
	ls->params = *p;
	ls->params.key_len = (uint32_t)key_len;
	ls->params.auth_key_len = (uint32_t)auth_key_len;
	ls->keys_len = key_len + auth_key_len;
	ls->keys = malloc(ls->keys_len + 1);
	if (ls->keys == NULL) {
		free(ls);
		return NULL;
	}
	if (key_len != 0)
		memcpy(ls->keys, p->key, key_len);
	if (auth_key_len != 0)
		memcpy(ls->keys + key_len, p->auth_key, auth_key_len);
	ls->params.key = ls->keys;
	ls->params.auth_key = ls->keys + key_len;
	return ls;
}

static int
list_session_create(struct vhc_engine *base, const struct vhc_sym_params *p, void **session)
{
	struct list_engine *l = (struct list_engine *)base;
	struct list_session *ls;
	int ret, err = -ENOTSUP;
	unsigned int i;

	/* Lengths are checked before keys are copied. */
	ret = list_check(base, p);
	if (ret < 0)
		return ret;
	ls = new_session(l, p);
	if (ls == NULL)
		return -ENOMEM;
	for (i = 0; i < l->nb; i++) {
		ret = l->engine[i]->ops->session_create(l->engine[i], p, &ls->first);
		if (ret == 0) {
			ls->engine = i;
			*session = ls;
			return 0;
		}
		err = more_telling(err, ret);
	}
	ls->first = NULL;
	free_session(l, ls);
	return err;
}

static int
list_asym_check(const struct vhc_engine *base, const struct vhc_asym_params *p)
{
	const struct list_engine *l = (const struct list_engine *)base;
	const struct vhc_engine *e;
	int ret, err = -ENOTSUP;
	unsigned int i;

	for (i = 0; i < l->nb; i++) {
		e = l->engine[i];
		ret = e->ops->asym_check != NULL ? e->ops->asym_check(e, p) : -ENOTSUP;
		if (ret == 0)
			return 0;
		err = more_telling(err, ret);
	}
	return err;
}

static int
list_asym_create(struct vhc_engine *base, const struct vhc_asym_params *p, void **session)
{
	struct list_engine *l = (struct list_engine *)base;
	struct list_session *ls = calloc(1, sizeof(*ls) + l->nb * sizeof(ls->at[0]));
	int ret, err = -ENOTSUP;
	struct vhc_engine *e;
	unsigned int i;

	if (ls == NULL)
		return -ENOMEM;
	ls->asym = true;
	for (i = 0; i < l->nb; i++) {
		e = l->engine[i];
		ret = e->ops->asym_create != NULL ? e->ops->asym_create(e, p, &ls->first)
						  : -ENOTSUP;
		if (ret == 0) {
			ls->engine = i;
			*session = ls;
			return 0;
		}
		err = more_telling(err, ret);
	}
	free(ls);
	return err;
}

static void
list_session_destroy(struct vhc_engine *base, void *session)
{
	if (session != NULL)
		free_session((struct list_engine *)base, session);
}

static const char *
list_session_engine(const struct vhc_engine *base, const void *session)
{
	const struct list_engine *l = (const struct list_engine *)base;
	const struct list_session *ls = session;
	const struct vhc_engine *e = l->engine[ls->engine];

	return e->ops->session_engine(e, ls->first);
}

static inline struct list_op *
to_list_op(const struct list_engine *l, const struct vhc_engine_op *op)
{
	return (struct list_op *)((uint8_t *)op->priv + l->op_off);
}

/* Hand an operation to an engine: its session, and its kind of priv. */
static inline void
prepare(struct list_op *lo, struct vhc_engine_op *op, unsigned int engine,
		const struct vhc_engine_ops *kind, void *session)
{
	lo->engine = engine;
	op->session = session;
	if (unlikely(lo->kind != kind) && kind->op_priv_len != 0) {
		/* Of another kind, or never used, which is zero already. */
		if (lo->kind != NULL)
			memset(op->priv, 0, kind->op_priv_len);
		lo->kind = kind;
	}
}

static uint16_t
list_enqueue(struct vhc_engine *base, uint16_t queue, struct vhc_engine_op **ops, uint16_t nb)
{
	struct list_engine *l = (struct list_engine *)base;
	struct list_queue *q = &l->queue[queue];
	uint16_t taken = 0, n, took;
	struct list_session *ls;
	struct vhc_engine *e;
	struct list_op *lo;
	uint32_t engine;

	while (taken < nb) {
		ls = ops[taken]->session;
		engine = ls->engine;
		e = l->engine[engine];
		n = 0;
		do {
			lo = to_list_op(l, ops[taken + n]);
			lo->session = ls;
			prepare(lo, ops[taken + n], engine, e->ops, ls->first);
			rte_prefetch0(ls->first);
			if (taken + ++n == nb)
				break;
			ls = ops[taken + n]->session;
		} while (ls->engine == engine);

		took = e->ops->enqueue(e, queue, ops + taken, n);
		q->inflight[engine] += took;
		taken += took;
		if (unlikely(took < n)) {
			/* Those will be offered again, with the list's session. */
			for (n -= took; n > 0; n--) {
				lo = to_list_op(l, ops[taken + n - 1]);
				ops[taken + n - 1]->session = lo->session;
			}
			break;
		}
	}
	return taken;
}

/*
 * The session of an engine further down.
 * @return 0; -ENOTSUP this engine does not take it; -ENOMEM, -ENOSPC.
 */
static int
session_at(struct list_engine *l, struct list_session *ls, unsigned int engine, void **session)
{
	struct vhc_engine *e = l->engine[engine];
	uint8_t state;
	int ret = 0;

	/* Pairs with the release below: the session is there before its state says so. */
	state = __atomic_load_n(&ls->at[engine].state, __ATOMIC_ACQUIRE);
	if (state == STATE_UNKNOWN) {
		pthread_mutex_lock(&l->lock);
		state = ls->at[engine].state;
		if (state == STATE_UNKNOWN) {
			ret = e->ops->session_create(e, &ls->params, &ls->at[engine].session);
			if (ret == 0)
				state = STATE_READY;
			else if (ret != -ENOMEM && ret != -ENOSPC)
				state = STATE_REFUSED;
			__atomic_store_n(&ls->at[engine].state, state, __ATOMIC_RELEASE);
		}
		pthread_mutex_unlock(&l->lock);
	}
	if (state == STATE_READY) {
		*session = ls->at[engine].session;
		return 0;
	}
	return state == STATE_REFUSED ? -ENOTSUP : ret;
}

/* An operation that its engine cannot do. @return false: nobody can, it is finished. */
static bool
hand_on(struct list_engine *l, struct list_queue *q, uint16_t queue, struct vhc_engine_op *op,
		struct list_op *lo)
{
	void *session = NULL;
	struct vhc_engine *e;
	unsigned int i;
	int ret = -ENOTSUP;

	for (i = lo->session->asym ? l->nb : lo->engine + 1; i < l->nb; i++) {
		ret = session_at(l, lo->session, i, &session);
		if (ret != -ENOTSUP)
			break;
	}
	if (ret != 0) {
		if (ret != -ENOTSUP)
			op->status = VIRTIO_CRYPTO_ERR;
		return false;
	}
	e = l->engine[i];
	prepare(lo, op, i, e->ops, session);
	if (q->waiting == NULL && e->ops->enqueue(e, queue, &op, 1) == 1) {
		q->inflight[i]++;
		return true;
	}
	op->next = NULL;
	if (q->waiting == NULL)
		q->waiting = op;
	else
		q->waiting_last->next = op;
	q->waiting_last = op;
	return true;
}

static void
send_waiting(struct list_engine *l, struct list_queue *q, uint16_t queue)
{
	struct vhc_engine_op *op, *next;
	struct vhc_engine *e;
	unsigned int i;

	while (q->waiting != NULL) {
		op = q->waiting;
		next = op->next;
		i = to_list_op(l, op)->engine;
		e = l->engine[i];
		if (e->ops->enqueue(e, queue, &op, 1) == 0)
			return;
		q->inflight[i]++;
		q->waiting = next;
	}
}

static uint16_t
list_dequeue(struct vhc_engine *base, uint16_t queue, struct vhc_engine_op **ops, uint16_t nb)
{
	struct list_engine *l = (struct list_engine *)base;
	struct list_queue *q = &l->queue[queue];
	struct vhc_engine_op *op;
	struct vhc_engine *e;
	struct list_op *lo;
	uint16_t n = 0, k, got;
	unsigned int i;

	if (unlikely(q->waiting != NULL))
		send_waiting(l, q, queue);
	/* In the order in which operations are handed on: the last may be done in the same turn. */
	for (i = 0; i < l->nb && n < nb; i++) {
		if (q->inflight[i] == 0)
			continue;
		e = l->engine[i];
		got = e->ops->dequeue(e, queue, ops + n, nb - n);
		q->inflight[i] -= got;
		for (k = n, got += n; k < got; k++) {
			op = ops[k];
			lo = to_list_op(l, op);
			op->session = lo->session;
			if (unlikely(op->status == VIRTIO_CRYPTO_NOTSUPP) &&
					hand_on(l, q, queue, op, lo))
				continue;
			ops[n++] = op;
		}
	}
	return n;
}

/* Who has an operation of the queue must be able to wake, or there is no sleep. */
static bool
list_wake_by(struct vhc_engine *base, uint16_t queue, int fd)
{
	struct list_engine *l = (struct list_engine *)base;
	struct list_queue *q = &l->queue[queue];
	bool may_sleep = q->waiting == NULL;
	struct vhc_engine *e;
	unsigned int i;

	for (i = 0; i < l->nb; i++) {
		e = l->engine[i];
		if (e->ops->wake_by != NULL)
			may_sleep = e->ops->wake_by(e, queue, fd) && may_sleep;
		else
			may_sleep = q->inflight[i] == 0 && may_sleep;
	}
	return may_sleep;
}

static void
list_destroy(struct vhc_engine *base)
{
	struct list_engine *l = (struct list_engine *)base;
	unsigned int i;

	for (i = 0; i < l->nb; i++)
		l->engine[i]->ops->destroy(l->engine[i]);
	pthread_mutex_destroy(&l->lock);
	free(l->queue_memory);
	free(l);
}

static const struct vhc_engine_ops list_ops = {
		.name = "list",
		.caps = list_caps,
		.check = list_check,
		.session_create = list_session_create,
		.asym_check = list_asym_check,
		.asym_create = list_asym_create,
		.session_destroy = list_session_destroy,
		.session_engine = list_session_engine,
		.enqueue = list_enqueue,
		.dequeue = list_dequeue,
		.wake_by = list_wake_by,
		.destroy = list_destroy,
};

struct vhc_engine *
vhc_engine_list_create(struct vhc_engine *const *engines, unsigned int nb)
{
	struct list_engine *l;
	unsigned int i;

	if (nb == 0 || nb > MAX_ENGINES) {
		errno = EINVAL;
		return NULL;
	}
	l = calloc(1, sizeof(*l));
	if (l == NULL) {
		errno = ENOMEM;
		return NULL;
	}
	l->queue_memory = calloc(MAX_QUEUES + 1, sizeof(l->queue[0]));
	if (l->queue_memory == NULL) {
		free(l);
		errno = ENOMEM;
		return NULL;
	}
	l->queue = RTE_PTR_ALIGN_CEIL(l->queue_memory, sizeof(l->queue[0]));
	l->nb = nb;
	for (i = 0; i < nb; i++) {
		l->engine[i] = engines[i];
		l->op_off = RTE_MAX(l->op_off, engines[i]->ops->op_priv_len);
	}
	l->op_off = RTE_ALIGN_CEIL(l->op_off, PRIV_ALIGN);
	l->ops = list_ops;
	l->ops.op_priv_len = l->op_off + sizeof(struct list_op);
	l->base.ops = &l->ops;
	pthread_mutex_init(&l->lock, NULL);
	return &l->base;
}
