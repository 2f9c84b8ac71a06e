/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <rte_branch_prediction.h>
#include <rte_malloc.h>
#include <rte_pause.h>
#include <rte_prefetch.h>
#include <rte_rcu_qsbr.h>

#include "call.h"
#include "inflight.h"
#include "worker.h"

#define BURST 32 /* engines that work on many at once want them at once */
#define REQUESTS 1024 /* of a worker: taken and not given back */
#define INLINE_DESCS 16
#define MAX_SLOW 64 /* of a queue: asymmetric requests that wait, and then it waits, too */
#define TURN 32 /* of a front: requests before the next has its turn */
#define MAX_PENDING (4 * BURST)
#define IDLE_TURNS 4096 /* without work, before a worker sleeps */
#define BLIND_SLEEP_MS 1 /* where nobody says that there is work */

struct request {
	struct vhc_request req; /* first: what the engine gives back is the request */
	struct vhc_front_queue *q;
	struct vhc_vring_elem elem;
	struct vhc_desc desc[INLINE_DESCS];
} __rte_cache_aligned;

/* A front's queues with one worker. */
struct share {
	struct vhc_front *front;
	unsigned int nb;
	unsigned int next; /* whose turn it is */
	struct vhc_front_queue *queue[VHC_ARGS_MAX_QUEUES];
};

struct vhc_worker {
	struct vhc_engine *engine;
	struct rte_rcu_qsbr *qsbr;
	uint16_t id;
	bool idle_sleep;
	bool must_poll; /* a device is made to wait, or a queue has no usable kick */
	unsigned int nb_shares;
	unsigned int nb_stopping;
	unsigned int nb_blind; /* queues without a usable kick */
	uint32_t nb_engine;    /* operations that are with the engine */
	uint32_t nb_pending;
	uint32_t nb_slow; /* asymmetric requests of all queues */
	uint32_t nb_free;
	uint32_t nb_touched;
	struct share *share[VHC_ARGS_MAX_SOCKETS]; /* the first nb_shares have queues */
	struct vhc_engine_op *pending[MAX_PENDING];
	struct vhc_front_queue *touched[VHC_ARGS_MAX_SOCKETS * VHC_ARGS_MAX_QUEUES];
	struct request *free[REQUESTS];
	struct request *requests;
	uint8_t *priv;
	int epfd;
	struct vhc_caller *caller;

	/* Shared. */
	uint32_t changed __rte_cache_aligned; /* atomic: look behind the lock */
	int wakefd;
	pthread_mutex_t lock;
	pthread_cond_t let_go; /* a queue has become idle */
	bool quit;
	struct vhc_front_queue *incoming;
	unsigned int nb_queues; /* atomic: with this worker, or on the way to it */
};

static struct vhc_worker **workers;
static unsigned int nb_workers;

/* --- Answers -------------------------------------------------------------------------------- */

static __rte_noinline void
keep_books(struct vhc_front_queue *q, struct request *r)
{
	if (q->log)
		vhc_front_log_chain(&q->front->guest, r->elem.desc, r->elem.nb_desc);
	if (q->inflight != NULL)
		vhc_inflight_give_back(q->inflight, &r->elem);
}

/* The request is answered in the guest's memory: into the ring with it. */
static inline void
give_back(struct vhc_worker *w, struct request *r)
{
	struct vhc_front_queue *q = r->q;

	if (unlikely(q->log || q->inflight != NULL))
		keep_books(q, r);
	vhc_vring_put(q->ring, &r->elem, r->req.used_len);
	if (unlikely(r->elem.desc != r->desc))
		free(r->elem.desc);
	vhc_count_answer(&q->stats, r->req.result, r->req.src_len);
	if (unlikely(vhc_qos_is_on(&q->front->qos)))
		vhc_qos_answered(&q->front->qos, 1);
	q->nb_taken--;
	if (unlikely(r->req.service == VIRTIO_CRYPTO_SERVICE_AKCIPHER)) {
		q->nb_slow--;
		w->nb_slow--;
	}
	w->free[w->nb_free++] = r;
	if (!q->touched) {
		q->touched = true;
		w->touched[w->nb_touched++] = q;
	}
}

/* What was given back becomes visible, and each guest is called at most once. */
static void
publish(struct vhc_worker *w)
{
	struct vhc_front_queue *q;
	uint32_t i;

	for (i = 0; i < w->nb_touched; i++) {
		q = w->touched[i];
		q->touched = false;
		if (!vhc_vring_publish(q->ring))
			continue;
		if (unlikely(q->inflight != NULL))
			vhc_inflight_published(q->inflight, q->ring);
		if (vhc_vring_call_wanted(q->ring) && q->callfd >= 0)
			vhc_front_call(q, w->caller);
	}
	w->nb_touched = 0;
}

/* --- Requests ------------------------------------------------------------------------------- */

static void
submit(struct vhc_worker *w)
{
	uint16_t n = w->engine->ops->enqueue(w->engine, w->id, w->pending, (uint16_t)w->nb_pending);

	w->nb_engine += n;
	w->nb_pending -= n;
	/* What the engine had no room for is offered again, and comes first. */
	if (unlikely(w->nb_pending != 0))
		memmove(&w->pending[0], &w->pending[n], w->nb_pending * sizeof(w->pending[0]));
}

static unsigned int
drain(struct vhc_worker *w)
{
	struct vhc_engine_op *ops[BURST];
	unsigned int done = 0;
	uint16_t n, i;

	while (w->nb_engine != 0) {
		n = w->engine->ops->dequeue(w->engine, w->id, ops, BURST);
		/* What is written next is in the guest's cache: all lines are asked for at once. */
		for (i = 0; i < n; i++)
			rte_prefetch0_write(((struct vhc_request *)ops[i])->status);
		for (i = 0; i < n; i++) {
			vhc_request_finish((struct vhc_request *)ops[i]);
			give_back(w, (struct request *)ops[i]);
		}
		w->nb_engine -= n;
		done += n;
		if (n < BURST)
			break;
	}
	return done;
}

static void
ring_fault(struct vhc_front_queue *q)
{
	q->faulty = true;
	vhc_count(&q->stats.faults, 1);
	VHC_LOG_LIMITED(&q->front->log, ERR,
			"%s: queue %u: %s; it is not served until the driver makes it anew",
			q->front->cfg->path, q->index, vhc_vring_fault(q->ring));
}

/*
 * Where sessions change within a burst, fetch them before they are looked for: the slots of their
 * numbers, then they themselves, then what the engine has of them. Numbers are read from headers
 * that are not checked yet, and decide nothing.
 */
static void
fetch_sessions(const struct vhc_front_queue *q, const struct vhc_vring_elem *elem, int nb)
{
	const struct vhc_device *dev = q->front->dev;
	const struct vhc_session *session[BURST];
	uint64_t id[BURST], last = 0;
	unsigned int n = 0, i;
	rte_le64_t now;
	int e;

	for (e = 0; e < nb; e++) {
		const struct vhc_desc *d = &elem[e].desc[0];

		if (unlikely(elem[e].bad || elem[e].nb_desc == 0 || d->writable ||
				    d->len < sizeof(struct virtio_crypto_op_header)))
			continue;
		memcpy(&now, (const uint8_t *)d->addr +
				offsetof(struct virtio_crypto_op_header, session_id), sizeof(now));
		if (likely(now == last))
			continue;
		last = now;
		id[n] = rte_le_to_cpu_64(now);
		vhc_device_prefetch_slot(dev, id[n++]);
	}
	if (likely(n < 2))
		return;
	for (i = 0; i < n; i++)
		session[i] = vhc_device_prefetch_session(dev, id[i]);
	for (i = 0; i < n; i++) {
		if (session[i] != NULL)
			rte_prefetch0(session[i]->engine_session);
	}
}

/* Take up to nb requests of a queue. @return how many. */
static uint32_t
take(struct vhc_worker *w, struct vhc_front_queue *q, uint32_t nb)
{
	struct vhc_vring_elem elem[BURST];
	struct request *taken[BURST], *r;
	uint64_t bytes = 0;
	bool begun;
	int got, i;

	nb = RTE_MIN(RTE_MIN(nb, (uint32_t)BURST), w->nb_free);
	if (unlikely(nb == 0))
		return 0;
	for (i = 0; i < (int)nb; i++) {
		taken[i] = w->free[w->nb_free - 1 - i];
		elem[i].desc = taken[i]->desc;
	}
	if (unlikely(q->inflight != NULL && vhc_inflight_pending(q->inflight)))
		got = vhc_inflight_retake(q->inflight, q->ring, &q->front->guest.mem, elem,
				(uint16_t)nb, INLINE_DESCS);
	else
		got = vhc_vring_pop(q->ring, &q->front->guest.mem, elem, (uint16_t)nb,
				INLINE_DESCS);
	if (got <= 0) {
		if (unlikely(got < 0))
			ring_fault(q);
		if (q->nb_taken == 0)
			vhc_request_ctx_idle(q->ctx);
		return 0;
	}
	q->nb_taken += (uint32_t)got;
	/* All at once: a request that is answered here goes back meanwhile. */
	w->nb_free -= (uint32_t)got;
	fetch_sessions(q, elem, got);
	for (i = 0; i < got; i++) {
		r = taken[i];
		r->elem = elem[i];
		r->q = q;
		if (unlikely(q->inflight != NULL))
			vhc_inflight_take(q->inflight, &r->elem);
		if (unlikely(r->elem.bad)) {
			r->req.used_len = vhc_request_refuse(r->elem.desc, r->elem.nb_desc,
					VIRTIO_CRYPTO_ERR);
			r->req.result = VIRTIO_CRYPTO_ERR;
			r->req.src_len = 0;
			r->req.service = 0;
			vhc_count(&q->stats.bad, 1);
			give_back(w, r);
			continue;
		}
		begun = vhc_request_begin(&r->req, q->ctx, r->elem.desc, r->elem.nb_desc);
		bytes += r->req.src_len;
		if (unlikely(r->req.service == VIRTIO_CRYPTO_SERVICE_AKCIPHER)) {
			q->nb_slow++;
			w->nb_slow++;
		}
		if (likely(begun))
			w->pending[w->nb_pending++] = &r->req.op;
		else
			give_back(w, r);
	}
	if (unlikely(vhc_qos_is_on(&q->front->qos)))
		vhc_qos_taken(&q->front->qos, (uint32_t)got, bytes);
	return (uint32_t)got;
}

/*
 * How many requests a queue may have taken now. Asymmetric ones keep their places for long: few of
 * a queue wait at once, and not so many of all that there are no places for others.
 */
static inline uint32_t
allowed(const struct vhc_worker *w, const struct vhc_front_queue *q, uint32_t budget)
{
	if (likely(q->nb_slow == 0 && w->nb_slow < REQUESTS / 2))
		return budget;
	if (w->nb_slow < REQUESTS / 2)
		return q->nb_slow < MAX_SLOW ? RTE_MIN(budget, MAX_SLOW - q->nb_slow) : 0;
	return q->nb_slow == 0 ? 1 : 0;
}

/* One turn of a front: a burst, from its queues one after the other. */
static uint32_t
serve(struct vhc_worker *w, struct share *s)
{
	struct vhc_front_queue *q;
	uint32_t budget = TURN, taken = 0;
	unsigned int i;

	if (unlikely(vhc_guest_is_broken(&s->front->guest)))
		return 0;
	if (unlikely(vhc_qos_is_on(&s->front->qos))) {
		budget = vhc_qos_allowed(&s->front->qos, TURN);
		/* It may be time again at any moment, without a kick. */
		w->must_poll |= budget == 0;
	}
	for (i = 0; i < s->nb && taken < budget; i++) {
		q = s->queue[s->next];
		if (++s->next >= s->nb)
			s->next = 0;
		if (likely(!q->stopping && !q->faulty))
			taken += take(w, q, allowed(w, q, budget - taken));
	}
	return taken;
}

/* What comes next is fetched while the engine works. */
static void
look_ahead(struct vhc_worker *w)
{
	struct vhc_front_queue *q;
	unsigned int s;

	for (s = 0; s < w->nb_shares; s++) {
		q = w->share[s]->queue[w->share[s]->next];
		if (likely(!q->stopping && !q->faulty))
			vhc_vring_prefetch(q->ring, &q->front->guest.mem, BURST);
	}
}

/* --- Queues come and go --------------------------------------------------------------------- */

static void
add_queue(struct vhc_worker *w, struct vhc_front_queue *q)
{
	struct epoll_event ev = {.events = EPOLLIN | EPOLLET, .data = {.ptr = q}};
	struct share *s = NULL;
	unsigned int i;

	for (i = 0; i < w->nb_shares; i++) {
		if (w->share[i]->front == q->front)
			s = w->share[i];
	}
	if (s == NULL) {
		s = w->share[w->nb_shares++];
		s->front = q->front;
		s->nb = 0;
		s->next = 0;
	}
	s->queue[s->nb++] = q;
	q->stopping = false;
	if (!w->idle_sleep)
		return;
	/*
	 * Edge-triggered, so that the counter is never read: it is the guest's, and reading could
	 * block.
	 */
	q->unkickable = q->kickfd < 0 || epoll_ctl(w->epfd, EPOLL_CTL_ADD, q->kickfd, &ev) != 0;
	w->nb_blind += q->unkickable;
}

static void
remove_queue(struct vhc_worker *w, unsigned int at, unsigned int i)
{
	struct share *s = w->share[at];
	struct vhc_front_queue *q = s->queue[i];

	if (w->idle_sleep && !q->unkickable)
		epoll_ctl(w->epfd, EPOLL_CTL_DEL, q->kickfd, NULL);
	else if (w->idle_sleep)
		w->nb_blind--;
	vhc_request_ctx_idle(q->ctx);
	memmove(&s->queue[i], &s->queue[i + 1], (s->nb - i - 1) * sizeof(s->queue[0]));
	s->nb--;
	s->next = 0;
	if (s->nb == 0) {
		w->share[at] = w->share[--w->nb_shares];
		w->share[w->nb_shares] = s;
	}
	w->nb_stopping--;
	pthread_mutex_lock(&w->lock);
	w->nb_queues--;
	__atomic_store_n(&q->state, VHC_QUEUE_IDLE, __ATOMIC_RELEASE);
	pthread_cond_broadcast(&w->let_go);
	pthread_mutex_unlock(&w->lock);
}

/* Queues that have nothing in flight any more are let go. After publish(). */
static void
let_go(struct vhc_worker *w)
{
	struct vhc_front_queue *q;
	unsigned int s, i;

	for (s = w->nb_shares; s-- != 0;) {
		for (i = w->share[s]->nb; i-- != 0;) {
			q = w->share[s]->queue[i];
			if (q->stopping && q->nb_taken == 0)
				remove_queue(w, s, i);
		}
	}
}

/* @return false: the worker is to end. */
static bool
look_behind_lock(struct vhc_worker *w)
{
	struct vhc_front_queue *q;
	unsigned int s, i;
	bool quit;

	pthread_mutex_lock(&w->lock);
	__atomic_store_n(&w->changed, 0, __ATOMIC_RELAXED);
	while ((q = w->incoming) != NULL) {
		w->incoming = q->next;
		add_queue(w, q);
	}
	quit = w->quit;
	pthread_mutex_unlock(&w->lock);

	for (s = 0; s < w->nb_shares; s++) {
		for (i = 0; i < w->share[s]->nb; i++) {
			q = w->share[s]->queue[i];
			if (q->stopping || __atomic_load_n(&q->state, __ATOMIC_ACQUIRE) !=
					VHC_QUEUE_STOPPING)
				continue;
			q->stopping = true;
			w->nb_stopping++;
		}
	}
	return !quit;
}

static void
tell(struct vhc_worker *w)
{
	__atomic_store_n(&w->changed, 1, __ATOMIC_RELEASE);
	eventfd_write(w->wakefd, 1);
}

void
vhc_worker_start_queue(struct vhc_front_queue *q)
{
	struct vhc_worker *w = workers[0];
	unsigned int i;

	for (i = 1; i < nb_workers; i++) {
		if (__atomic_load_n(&workers[i]->nb_queues, __ATOMIC_RELAXED) <
				__atomic_load_n(&w->nb_queues, __ATOMIC_RELAXED))
			w = workers[i];
	}
	pthread_mutex_lock(&w->lock);
	__atomic_store_n(&q->state, VHC_QUEUE_RUNNING, __ATOMIC_RELEASE);
	q->worker = w;
	w->nb_queues++;
	q->next = w->incoming;
	w->incoming = q;
	tell(w);
	pthread_mutex_unlock(&w->lock);
}

void
vhc_worker_stop_queues(struct vhc_front *f)
{
	struct vhc_front_queue *q;
	unsigned int i;

	/* All are told before any is waited for. */
	for (i = 0; i < f->nb_queues; i++) {
		q = &f->queue[i];
		if (__atomic_load_n(&q->state, __ATOMIC_ACQUIRE) != VHC_QUEUE_RUNNING)
			continue;
		pthread_mutex_lock(&q->worker->lock);
		__atomic_store_n(&q->state, VHC_QUEUE_STOPPING, __ATOMIC_RELEASE);
		tell(q->worker);
		pthread_mutex_unlock(&q->worker->lock);
	}
	for (i = 0; i < f->nb_queues; i++) {
		q = &f->queue[i];
		if (q->worker == NULL)
			continue;
		pthread_mutex_lock(&q->worker->lock);
		while (__atomic_load_n(&q->state, __ATOMIC_ACQUIRE) != VHC_QUEUE_IDLE)
			pthread_cond_wait(&q->worker->let_go, &q->worker->lock);
		pthread_mutex_unlock(&q->worker->lock);
		q->worker = NULL;
	}
}

/* --- A worker's life ------------------------------------------------------------------------ */

/* @return whether chains are available that nobody will kick for. */
static bool
want_kicks(struct vhc_worker *w, bool want)
{
	struct vhc_front_queue *q;
	bool pending = false;
	unsigned int s, i;

	for (s = 0; s < w->nb_shares; s++) {
		for (i = 0; i < w->share[s]->nb; i++) {
			q = w->share[s]->queue[i];
			/* What may not be taken now waits for answers, not for kicks. */
			if (!q->faulty && vhc_vring_want_kicks(q->ring, want) &&
					allowed(w, q, 1) != 0)
				pending = true;
		}
	}
	return pending;
}

static void
sleep_until_told(struct vhc_worker *w)
{
	struct epoll_event ev[BURST];
	const int timeout = w->nb_shares != 0 && (w->nb_blind != 0 || w->must_poll) ?
			BLIND_SLEEP_MS : -1;
	const bool answers = w->nb_engine != 0;
	struct vhc_engine *const e = w->engine;
	eventfd_t value;
	int i, n;

	if (!want_kicks(w, true) && (!answers || e->ops->wake_by(e, w->id, w->wakefd))) {
		rte_rcu_qsbr_thread_offline(w->qsbr, w->id);
		n = epoll_wait(w->epfd, ev, RTE_DIM(ev), timeout);
		rte_rcu_qsbr_thread_online(w->qsbr, w->id);
		for (i = 0; i < n; i++) {
			if (ev[i].data.ptr == NULL)
				eventfd_read(w->wakefd, &value);
		}
	}
	if (answers)
		e->ops->wake_by(e, w->id, -1);
	want_kicks(w, false);
}

/* Turns without work before a worker sleeps. Those who sign may need its processor. */
static inline unsigned int
patience(const struct vhc_worker *w)
{
	return w->nb_engine != 0 ? 1 : IDLE_TURNS;
}

/* Whether all that is under way is asymmetric crypto, which says when it is done. */
static inline bool
waits_for_signatures(const struct vhc_worker *w)
{
	return w->nb_engine == w->nb_slow && w->engine->ops->wake_by != NULL;
}

int
vhc_worker_main(void *arg)
{
	struct vhc_worker *w = workers[*(unsigned int *)arg];
	unsigned int s, idle = 0;
	uint32_t work;

	rte_rcu_qsbr_thread_online(w->qsbr, w->id);
	for (;;) {
		/* Acquire pairs with the release in tell(). */
		if (unlikely(__atomic_load_n(&w->changed, __ATOMIC_ACQUIRE) != 0) &&
				!look_behind_lock(w))
			break;
		work = 0;
		w->must_poll = false;
		for (s = 0; s < w->nb_shares; s++) {
			/* No room means that the engine is full: guests wait in their rings. */
			if (w->nb_pending > MAX_PENDING - TURN)
				break;
			work += serve(w, w->share[s]);
		}
		if (w->nb_pending != 0)
			submit(w);
		if (w->nb_engine != 0)
			look_ahead(w);
		work += drain(w);
		if (w->nb_touched != 0)
			publish(w);
		if (unlikely(w->nb_stopping != 0))
			let_go(w);
		rte_rcu_qsbr_quiescent(w->qsbr, w->id);

		if (work != 0 || w->nb_pending != 0 || w->nb_stopping != 0 ||
				(w->nb_engine != 0 && !waits_for_signatures(w))) {
			idle = 0;
		} else if (w->nb_shares == 0 || (w->idle_sleep && ++idle >= patience(w))) {
			sleep_until_told(w);
			idle = 0;
		}
	}
	rte_rcu_qsbr_thread_offline(w->qsbr, w->id);
	return 0;
}

unsigned int
vhc_worker_id(const struct vhc_worker *w)
{
	return w->id;
}

void
vhc_workers_quit(void)
{
	unsigned int i;

	for (i = 0; i < nb_workers; i++) {
		pthread_mutex_lock(&workers[i]->lock);
		workers[i]->quit = true;
		tell(workers[i]);
		pthread_mutex_unlock(&workers[i]->lock);
	}
}

static void
destroy_worker(struct vhc_worker *w)
{
	unsigned int i;

	rte_rcu_qsbr_thread_unregister(w->qsbr, w->id);
	if (w->epfd >= 0)
		close(w->epfd);
	if (w->wakefd >= 0)
		close(w->wakefd);
	vhc_caller_destroy(w->caller);
	for (i = 0; i < RTE_DIM(w->share); i++)
		free(w->share[i]);
	rte_free(w->requests);
	rte_free(w->priv);
	pthread_mutex_destroy(&w->lock);
	pthread_cond_destroy(&w->let_go);
	free(w);
}

static struct vhc_worker *
create_worker(uint16_t id, struct vhc_engine *engine, struct rte_rcu_qsbr *qsbr, bool idle_sleep)
{
	struct epoll_event ev = {.events = EPOLLIN};
	const size_t priv_len = RTE_ALIGN_CEIL(engine->ops->op_priv_len, RTE_CACHE_LINE_SIZE);
	struct vhc_worker *w;
	unsigned int i;

	w = aligned_alloc(RTE_CACHE_LINE_SIZE, RTE_ALIGN_CEIL(sizeof(*w), RTE_CACHE_LINE_SIZE));
	if (w == NULL) {
		errno = ENOMEM;
		return NULL;
	}
	memset(w, 0, sizeof(*w));
	w->id = id;
	w->engine = engine;
	w->qsbr = qsbr;
	w->idle_sleep = idle_sleep;
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->let_go, NULL);
	w->epfd = epoll_create1(EPOLL_CLOEXEC);
	w->wakefd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	w->caller = vhc_caller_create();
	if (w->epfd < 0 || w->wakefd < 0 || w->caller == NULL ||
			epoll_ctl(w->epfd, EPOLL_CTL_ADD, w->wakefd, &ev) != 0)
		goto fail;
	/* DPDK's memory, since devices may work on it. */
	w->requests = rte_zmalloc("vhc_requests", REQUESTS * sizeof(w->requests[0]),
			RTE_CACHE_LINE_SIZE);
	w->priv = rte_zmalloc("vhc_op_priv", RTE_MAX(REQUESTS * priv_len, (size_t)1),
			RTE_CACHE_LINE_SIZE);
	if (w->requests == NULL || w->priv == NULL) {
		errno = ENOMEM;
		goto fail;
	}
	for (i = 0; i < REQUESTS; i++) {
		w->requests[i].req.op.priv = priv_len == 0 ? NULL : w->priv + i * priv_len;
		w->free[w->nb_free++] = &w->requests[i];
	}
	for (i = 0; i < RTE_DIM(w->share); i++) {
		w->share[i] = calloc(1, sizeof(*w->share[i]));
		if (w->share[i] == NULL) {
			errno = ENOMEM;
			goto fail;
		}
	}
	if (rte_rcu_qsbr_thread_register(qsbr, id) != 0) {
		errno = EINVAL;
		goto fail;
	}
	return w;
fail:
	i = (unsigned int)errno;
	destroy_worker(w);
	errno = (int)i;
	return NULL;
}

int
vhc_workers_create(unsigned int nb, struct vhc_engine *engine, struct rte_rcu_qsbr *qsbr,
		bool idle_sleep)
{
	int error;

	workers = calloc(nb, sizeof(workers[0]));
	if (workers == NULL)
		return -ENOMEM;
	for (nb_workers = 0; nb_workers < nb; nb_workers++) {
		workers[nb_workers] = create_worker((uint16_t)nb_workers, engine, qsbr, idle_sleep);
		if (workers[nb_workers] == NULL) {
			error = -errno;
			vhc_workers_destroy();
			return error;
		}
	}
	return 0;
}

void
vhc_workers_destroy(void)
{
	while (nb_workers != 0)
		destroy_worker(workers[--nb_workers]);
	free(workers);
	workers = NULL;
}
