/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The engine for asymmetric crypto: threads of its own, since a signature may take a thousand
 * times as long as a symmetric operation.
 *
 * Operations wait in lanes, one for each owner of sessions that has any; the threads take one
 * from each lane in turn, so that who brings many delays itself. All of that is behind one lock,
 * which nobody holds while there is work to do. What is done goes to its queue through a list
 * that the threads push to and the queue's thread takes as a whole, without a lock.
 */

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include <openssl/crypto.h>
#include <openssl/provider.h>

#include <rte_common.h>

#include "engine.h"
#include "lc_asym.h"
#include "virtio_compat.h"
#include "virtio_crypto_wire.h"

struct lane {
	const void *owner;
	uint32_t nb_sessions;
	struct lane *next; /* of all lanes */
	/* Operations that wait, and lanes that have some, in order. */
	struct vhc_engine_op *first, *last;
	struct lane *next_busy;
};

struct asym_session {
	struct vhc_lc_asym_key *key;
	struct lane *lane;
};

/* In an operation's priv. */
struct asym_op {
	uint16_t queue;
};

struct asym_queue {
	struct vhc_engine_op *done;  /* atomic; newest first */
	int wakefd;                  /* atomic; of the queue's thread while it sleeps, else -1 */
	struct vhc_engine_op *ready; /* the queue's own, oldest first */
} __rte_cache_aligned;

struct asym_engine {
	struct vhc_engine base;
	OSSL_LIB_CTX *ctx;
	OSSL_PROVIDER *provider;
	struct asym_queue *queue;
	unsigned int nb_threads;
	vcrypto_thread_t thread[VHC_ASYM_MAX_THREADS];

	pthread_mutex_t lock; /* of all below */
	pthread_cond_t work;
	struct lane *lanes;
	struct lane *busy_first, *busy_last;
	bool quit;
};

/* --- Threads -------------------------------------------------------------------------------- */

/* Behind the lock. */
static void
lane_is_busy(struct asym_engine *a, struct lane *lane)
{
	lane->next_busy = NULL;
	if (a->busy_first == NULL)
		a->busy_first = lane;
	else
		a->busy_last->next_busy = lane;
	a->busy_last = lane;
}

/* The next operation, of the lane whose turn it is. Behind the lock. */
static struct vhc_engine_op *
next_op(struct asym_engine *a)
{
	struct lane *const lane = a->busy_first;
	struct vhc_engine_op *const op = lane->first;

	a->busy_first = lane->next_busy;
	lane->first = op->next;
	if (lane->first != NULL)
		lane_is_busy(a, lane);
	return op;
}

static void
push_done(struct asym_queue *q, struct vhc_engine_op *op)
{
	struct vhc_engine_op *head = __atomic_load_n(&q->done, __ATOMIC_RELAXED);
	int fd;

	do {
		op->next = head;
		/* Release: the result; pairs with the acquire in asym_dequeue(). */
	} while (!__atomic_compare_exchange_n(&q->done, &head, op, true, __ATOMIC_RELEASE,
			__ATOMIC_RELAXED));
	/*
	 * Full barrier: the operation is in the list before it is asked whether somebody sleeps.
	 * Pairs with the one in asym_wake_by(): one of the two sees the other.
	 */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (__atomic_load_n(&q->wakefd, __ATOMIC_RELAXED) < 0)
		return;
	fd = __atomic_exchange_n(&q->wakefd, -1, __ATOMIC_RELAXED);
	if (fd >= 0)
		eventfd_write(fd, 1);
}

static vcrypto_thread_ret_t
asym_main(void *arg)
{
	struct asym_engine *const a = arg;
	const struct asym_session *s;
	struct vhc_engine_op *op;
	uint16_t queue;

	pthread_mutex_lock(&a->lock);
	for (;;) {
		while (a->busy_first == NULL && !a->quit)
			pthread_cond_wait(&a->work, &a->lock);
		if (a->quit)
			break;
		op = next_op(a);
		pthread_mutex_unlock(&a->lock);
		s = op->session;
		queue = ((const struct asym_op *)op->priv)->queue;
		vhc_lc_asym_run(s->key, op);
		push_done(&a->queue[queue], op);
		pthread_mutex_lock(&a->lock);
	}
	pthread_mutex_unlock(&a->lock);
	/* What libcrypto keeps for the thread. */
	OPENSSL_thread_stop_ex(a->ctx);
	return VCRYPTO_THREAD_RET;
}

/* --- Sessions ------------------------------------------------------------------------------- */

static void
asym_caps(const struct vhc_engine *base, struct vhc_engine_caps *caps)
{
	(void)base;
	memset(caps, 0, sizeof(*caps));
	caps->sgl = true; /* says nothing about asymmetric operations */
	caps->akcipher_algo = vhc_lc_asym_algos();
}

static int
asym_no_check(const struct vhc_engine *base, const struct vhc_sym_params *p)
{
	(void)base;
	(void)p;
	return -ENOTSUP;
}

static int
asym_no_session(struct vhc_engine *base, const struct vhc_sym_params *p, void **session)
{
	(void)base;
	(void)p;
	(void)session;
	return -ENOTSUP;
}

static int
asym_check(const struct vhc_engine *base, const struct vhc_asym_params *p)
{
	(void)base;
	return vhc_lc_asym_check(p);
}

/* The owner's lane, held once more. */
static struct lane *
get_lane(struct asym_engine *a, const void *owner)
{
	struct lane *lane;

	pthread_mutex_lock(&a->lock);
	for (lane = a->lanes; lane != NULL && lane->owner != owner; lane = lane->next)
		;
	if (lane == NULL) {
		lane = calloc(1, sizeof(*lane));
		if (lane != NULL) {
			lane->owner = owner;
			lane->next = a->lanes;
			a->lanes = lane;
		}
	}
	if (lane != NULL)
		lane->nb_sessions++;
	pthread_mutex_unlock(&a->lock);
	return lane;
}

static void
put_lane(struct asym_engine *a, struct lane *lane)
{
	struct lane **link;

	pthread_mutex_lock(&a->lock);
	if (--lane->nb_sessions == 0) {
		for (link = &a->lanes; *link != lane; link = &(*link)->next)
			;
		*link = lane->next;
		/* No session, no operation: it is not busy. */
		free(lane);
	}
	pthread_mutex_unlock(&a->lock);
}

static int
asym_create(struct vhc_engine *base, const struct vhc_asym_params *p, void **session)
{
	struct asym_engine *const a = (struct asym_engine *)base;
	struct asym_session *s = calloc(1, sizeof(*s));
	int ret;

	if (s == NULL)
		return -ENOMEM;
	ret = vhc_lc_asym_key_create(a->ctx, p, &s->key);
	if (ret == 0) {
		s->lane = get_lane(a, p->owner);
		if (s->lane != NULL) {
			*session = s;
			return 0;
		}
		vhc_lc_asym_key_destroy(s->key);
		ret = -ENOMEM;
	}
	free(s);
	return ret;
}

static void
asym_session_destroy(struct vhc_engine *base, void *session)
{
	struct asym_session *const s = session;

	if (s == NULL)
		return;
	vhc_lc_asym_key_destroy(s->key);
	put_lane((struct asym_engine *)base, s->lane);
	free(s);
}

static const char *
asym_session_engine(const struct vhc_engine *base, const void *session)
{
	(void)session;
	return base->ops->name;
}

/* --- Operations ----------------------------------------------------------------------------- */

static uint16_t
asym_enqueue(struct vhc_engine *base, uint16_t queue, struct vhc_engine_op **ops, uint16_t nb)
{
	struct asym_engine *const a = (struct asym_engine *)base;
	struct vhc_engine_op *op;
	struct lane *lane;
	uint16_t i;

	pthread_mutex_lock(&a->lock);
	for (i = 0; i < nb; i++) {
		op = ops[i];
		lane = ((const struct asym_session *)op->session)->lane;
		((struct asym_op *)op->priv)->queue = queue;
		op->next = NULL;
		if (lane->first == NULL) {
			lane->first = op;
			lane_is_busy(a, lane);
		} else {
			lane->last->next = op;
		}
		lane->last = op;
		pthread_cond_signal(&a->work);
	}
	pthread_mutex_unlock(&a->lock);
	return nb;
}

static uint16_t
asym_dequeue(struct vhc_engine *base, uint16_t queue, struct vhc_engine_op **ops, uint16_t nb)
{
	struct asym_queue *const q = &((struct asym_engine *)base)->queue[queue];
	struct vhc_engine_op *op, *next;
	uint16_t n;

	if (q->ready == NULL && __atomic_load_n(&q->done, __ATOMIC_RELAXED) != NULL) {
		/* Acquire: the results; pairs with the release in push_done(). */
		op = __atomic_exchange_n(&q->done, NULL, __ATOMIC_ACQUIRE);
		for (; op != NULL; op = next) {
			next = op->next;
			op->next = q->ready;
			q->ready = op;
		}
	}
	for (n = 0; n < nb && q->ready != NULL; n++) {
		ops[n] = q->ready;
		q->ready = q->ready->next;
	}
	return n;
}

static bool
asym_wake_by(struct vhc_engine *base, uint16_t queue, int fd)
{
	struct asym_queue *const q = &((struct asym_engine *)base)->queue[queue];

	__atomic_store_n(&q->wakefd, fd, __ATOMIC_RELAXED);
	/* Full barrier: the wish is there before the list is looked at; see push_done(). */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return q->ready == NULL && __atomic_load_n(&q->done, __ATOMIC_RELAXED) == NULL;
}

/* --- Life ----------------------------------------------------------------------------------- */

static void
asym_destroy(struct vhc_engine *base)
{
	struct asym_engine *const a = (struct asym_engine *)base;
	unsigned int i;

	pthread_mutex_lock(&a->lock);
	a->quit = true;
	pthread_cond_broadcast(&a->work);
	pthread_mutex_unlock(&a->lock);
	for (i = 0; i < a->nb_threads; i++)
		vcrypto_thread_join(a->thread[i]);
	pthread_cond_destroy(&a->work);
	pthread_mutex_destroy(&a->lock);
	if (a->provider != NULL)
		OSSL_PROVIDER_unload(a->provider);
	OSSL_LIB_CTX_free(a->ctx);
	free(a->queue);
	free(a);
}

static const struct vhc_engine_ops asym_ops = {
		.name = "libcrypto",
		.op_priv_len = sizeof(struct asym_op),
		.caps = asym_caps,
		.check = asym_no_check,
		.session_create = asym_no_session,
		.asym_check = asym_check,
		.asym_create = asym_create,
		.session_destroy = asym_session_destroy,
		.session_engine = asym_session_engine,
		.enqueue = asym_enqueue,
		.dequeue = asym_dequeue,
		.wake_by = asym_wake_by,
		.destroy = asym_destroy,
};

struct vhc_engine *
vhc_engine_asym_create(uint16_t nb_queues, unsigned int nb_threads)
{
	struct asym_engine *a;
	int err = ENOMEM;
	uint16_t i;

	if (nb_queues == 0 || nb_threads == 0 || nb_threads > VHC_ASYM_MAX_THREADS) {
		errno = EINVAL;
		return NULL;
	}
	a = calloc(1, sizeof(*a));
	if (a == NULL) {
		errno = ENOMEM;
		return NULL;
	}
	a->base.ops = &asym_ops;
	pthread_mutex_init(&a->lock, NULL);
	pthread_cond_init(&a->work, NULL);
	a->queue = aligned_alloc(RTE_CACHE_LINE_SIZE, (size_t)nb_queues * sizeof(a->queue[0]));
	a->ctx = OSSL_LIB_CTX_new();
	a->provider = a->ctx != NULL ? OSSL_PROVIDER_load(a->ctx, "default") : NULL;
	if (a->queue == NULL || a->provider == NULL)
		goto fail;
	memset(a->queue, 0, (size_t)nb_queues * sizeof(a->queue[0]));
	for (i = 0; i < nb_queues; i++)
		a->queue[i].wakefd = -1;
	for (; a->nb_threads < nb_threads; a->nb_threads++) {
		if (vcrypto_thread_create(&a->thread[a->nb_threads], "vhc-asym", asym_main, a) !=
				0) {
			err = EAGAIN;
			goto fail;
		}
	}
	return &a->base;
fail:
	asym_destroy(&a->base);
	errno = err;
	return NULL;
}
