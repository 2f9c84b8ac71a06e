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

#include "call.h"
#include "control.h"
#include "inflight.h"
#include "worker.h"

#define BURST 16
#define TURN 64 /* requests of one guest before the others have theirs */
#define INLINE_DESCS 16
#define EVENTS 32
#define REAP_MS 2  /* while sessions are dying */
#define BLIND_MS 1 /* where a control queue has no usable kick */
#define WAKE UINT64_MAX

static int epfd = -1;
static int wakefd = -1;
static struct vhc_caller *caller;
static pthread_t thread;
static uint32_t quitting; /* atomic */
static unsigned int nb_blind; /* atomic */

int
vhc_control_init(void)
{
	struct epoll_event ev = {.events = EPOLLIN, .data = {.u64 = WAKE}};

	epfd = epoll_create1(EPOLL_CLOEXEC);
	if (epfd < 0)
		return -errno;
	wakefd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (wakefd < 0 || epoll_ctl(epfd, EPOLL_CTL_ADD, wakefd, &ev) != 0)
		return -errno;
	caller = vhc_caller_create();
	if (caller == NULL)
		return -errno;
	return wakefd;
}

void
vhc_control_fini(void)
{
	vhc_caller_destroy(caller);
	caller = NULL;
	if (wakefd >= 0)
		close(wakefd);
	if (epfd >= 0)
		close(epfd);
	wakefd = -1;
	epfd = -1;
}

void
vhc_control_wake(void)
{
	eventfd_write(wakefd, 1);
}

void
vhc_control_quit(void)
{
	const uint64_t one = 1;
	ssize_t n;

	__atomic_store_n(&quitting, 1, __ATOMIC_RELEASE);
	n = write(wakefd, &one, sizeof(one));
	(void)n; /* Full is awake. */
}

void
vhc_control_start_queue(struct vhc_front_queue *q)
{
	/* Edge-triggered and never read: the counter is the guest's, and reading could block. */
	struct epoll_event ev = {.events = EPOLLIN | EPOLLET, .data = {.u64 = q->front->id}};

	__atomic_store_n(&q->state, VHC_QUEUE_RUNNING, __ATOMIC_RELAXED);
	q->unkickable = q->kickfd < 0 || epoll_ctl(epfd, EPOLL_CTL_ADD, q->kickfd, &ev) != 0;
	if (q->unkickable)
		__atomic_fetch_add(&nb_blind, 1, __ATOMIC_RELAXED);
	/* What was made available before is not kicked for again. */
	__atomic_store_n(&q->front->ctrl_pending, 1, __ATOMIC_RELAXED);
	vhc_control_wake();
}

void
vhc_control_stop_queue(struct vhc_front_queue *q)
{
	if (q->unkickable)
		__atomic_fetch_sub(&nb_blind, 1, __ATOMIC_RELAXED);
	else
		epoll_ctl(epfd, EPOLL_CTL_DEL, q->kickfd, NULL);
	__atomic_store_n(&q->state, VHC_QUEUE_IDLE, __ATOMIC_RELAXED);
}

static void
answer(struct vhc_front_queue *q, struct vhc_vring_elem *e)
{
	uint32_t len;

	if (q->inflight != NULL)
		vhc_inflight_take(q->inflight, e);
	if (e->bad) {
		len = vhc_request_refuse(e->desc, e->nb_desc, VIRTIO_CRYPTO_ERR);
		vhc_count(&q->stats.bad, 1);
	} else {
		len = vhc_device_ctrl(q->front->dev, e->desc, e->nb_desc);
		vhc_count(&q->stats.ops, 1);
	}
	if (q->log)
		vhc_front_log_chain(&q->front->guest, e->desc, e->nb_desc);
	if (q->inflight != NULL)
		vhc_inflight_give_back(q->inflight, e);
	vhc_vring_put(q->ring, e, len);
}

/* @return requests that were answered. */
static unsigned int
burst(struct vhc_front_queue *q)
{
	struct vhc_desc desc[BURST][INLINE_DESCS];
	struct vhc_vring_elem elem[BURST];
	int i, n;

	for (i = 0; i < BURST; i++)
		elem[i].desc = desc[i];
	if (q->inflight != NULL && vhc_inflight_pending(q->inflight))
		n = vhc_inflight_retake(q->inflight, q->ring, &q->front->guest.mem, elem, BURST,
				INLINE_DESCS);
	else
		n = vhc_vring_pop(q->ring, &q->front->guest.mem, elem, BURST, INLINE_DESCS);
	if (n < 0) {
		q->faulty = true;
		vhc_count(&q->stats.faults, 1);
		VHC_LOG_LIMITED(&q->front->log, ERR,
				"%s: control queue: %s; it is not served until the driver makes it anew",
				q->front->cfg->path, vhc_vring_fault(q->ring));
		return 0;
	}
	for (i = 0; i < n; i++) {
		answer(q, &elem[i]);
		if (elem[i].desc != desc[i])
			free(elem[i].desc);
	}
	if (n != 0 && vhc_vring_publish(q->ring)) {
		if (q->inflight != NULL)
			vhc_inflight_published(q->inflight, q->ring);
		if (vhc_vring_call_wanted(q->ring) && q->callfd >= 0)
			vhc_front_call(q, caller);
	}
	return (unsigned int)n;
}

/* @return whether there is more to do at once. */
static bool
serve(struct vhc_front *f)
{
	struct vhc_front_queue *q = &f->queue[f->nb_queues];
	unsigned int done = 0, n;

	if (q->state != VHC_QUEUE_RUNNING)
		return false;
	do {
		if (q->faulty || vhc_guest_is_broken(&f->guest))
			return false;
		n = burst(q);
		done += n;
		if (done >= TURN)
			return true;
	} while (n != 0 || vhc_vring_want_kicks(q->ring, true));
	return false;
}

/* @return false: somebody else is at it, and wakes this thread afterwards. */
static bool
look_after(struct vhc_front *f, bool *again)
{
	if (!vhc_front_trylock(f))
		return false;
	if (serve(f)) {
		__atomic_store_n(&f->ctrl_pending, 1, __ATOMIC_RELAXED);
		*again = true;
	}
	/* Sessions that died now are counted by reaping them. */
	f->nb_dying = vhc_device_reap(f->dev);
	if (vhc_guest_is_broken(&f->guest) && f->connfd >= 0) {
		VHC_LOG_LIMITED(&f->log, ERR,
				"%s: the guest's memory went away; it is disconnected",
				f->cfg->path);
		vhc_front_disconnect(f);
	}
	vhc_front_unlock(f);
	return true;
}

static void *
control_main(void *arg)
{
	struct epoll_event ev[EVENTS];
	int timeout = 0, i, n;
	struct vhc_front *f;
	eventfd_t value;
	unsigned int id;
	bool again, dying, all;

	(void)arg;
	while (__atomic_load_n(&quitting, __ATOMIC_ACQUIRE) == 0) {
		n = epoll_wait(epfd, ev, EVENTS, timeout);
		all = n == 0; /* time is over: whoever has no kick, whoever waits for sessions */
		for (i = 0; i < n; i++) {
			if (ev[i].data.u64 == WAKE) {
				eventfd_read(wakefd, &value);
				all = true;
			} else if (ev[i].data.u64 < vhc_front_count()) {
				f = vhc_front_get((unsigned int)ev[i].data.u64);
				__atomic_store_n(&f->ctrl_pending, 1, __ATOMIC_RELAXED);
			}
		}
		again = false;
		dying = false;
		for (id = 0; id < vhc_front_count(); id++) {
			f = vhc_front_get(id);
			if (__atomic_exchange_n(&f->ctrl_pending, 0, __ATOMIC_ACQ_REL) != 0 ||
					all || f->nb_dying != 0)
				look_after(f, &again);
			dying |= f->nb_dying != 0;
		}
		timeout = again ? 0 : dying ? REAP_MS :
				__atomic_load_n(&nb_blind, __ATOMIC_RELAXED) != 0 ? BLIND_MS : -1;
	}
	for (id = 0; id < vhc_front_count(); id++)
		vhc_front_stop(vhc_front_get(id));
	vhc_workers_quit();
	return NULL;
}

int
vhc_control_start(const cpu_set_t *cpus)
{
	int ret = pthread_create(&thread, NULL, control_main, NULL);

	if (ret != 0)
		return -ret;
	/* Both are niceties. */
	pthread_setname_np(thread, "vhc-control");
	pthread_setaffinity_np(thread, sizeof(*cpus), cpus);
	return 0;
}

void
vhc_control_join(void)
{
	pthread_join(thread, NULL);
}
