/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The glue to librte_vhost: a vhost-user socket, the device behind it, its rings.
 *
 * Threads. librte_vhost's own thread carries the messages of all sockets. The control thread
 * serves control queues, data queues belong to workers. All that changes a device takes its lock;
 * a ring is used without it, by the one thread that the ring was given to. A message that
 * changes memory, rings or features first pauses the device: workers finish what they have taken
 * and let go, and the rings go to them again, made anew from what librte_vhost then says. In
 * between librte_vhost keeps the rings' positions.
 *
 * Neither workers nor control thread call librte_vhost, whose locks are held while it handles a
 * message.
 *
 * Distrust: the socket's other end is a guest or a container. Every message is checked here
 * before librte_vhost sees it, and those that the device has no use for are refused.
 */

#ifndef VHC_FRONT_H
#define VHC_FRONT_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <rte_common.h>

#include "args.h"
#include "device.h"
#include "guest.h"
#include "log.h"
#include "qos.h"
#include "request.h"
#include "vring.h"

#define VHC_FRONT_STATUS 8 /* statuses that are counted one by one; the last: all others */

/** Counters of a queue; one thread writes, others read: atomic, relaxed. */
struct vhc_queue_stats {
	uint64_t ops;    /* answered */
	uint64_t bytes;  /* of source */
	uint64_t bad;    /* chains that break a rule of the ring */
	uint64_t calls;  /* interrupts */
	uint64_t faults; /* times that the ring itself made no sense */
	uint64_t status[VHC_FRONT_STATUS];
};

enum vhc_queue_state {
	VHC_QUEUE_IDLE,     /* the lock's */
	VHC_QUEUE_RUNNING,  /* its thread's */
	VHC_QUEUE_STOPPING, /* its thread's, which is to let go */
};

struct vhc_caller;
struct vhc_front;
struct vhc_inflight;
struct vhc_worker;

/** A queue. What is not marked otherwise belongs to the thread that has the queue. */
struct vhc_front_queue {
	struct vhc_vring *ring;
	struct vhc_front *front;
	struct vhc_request_ctx *ctx; /* data queues */
	struct vhc_inflight *inflight; /* NULL: not negotiated */
	uint32_t nb_taken; /* and not given back */
	uint32_t nb_slow;  /* of them: asymmetric ones */
	uint16_t index;
	bool log;      /* a dirty log is kept */
	bool touched;  /* something was given back and not published */
	bool stopping;
	bool faulty;   /* the ring makes no sense */
	int callfd;    /* copies of librte_vhost's, or -1 */
	int kickfd;
	bool unkickable; /* kickfd cannot be waited for */
	struct vhc_queue_stats stats;

	uint32_t state;            /* atomic: enum vhc_queue_state */
	bool ready;                /* librte_vhost says so; behind the lock */
	struct vhc_worker *worker; /* that has the queue; behind the lock */
	struct vhc_front_queue *next; /* on the way to a worker; behind the worker's lock */
} __rte_cache_aligned;

/** A socket and its device. */
struct vhc_front {
	const struct vhc_args_socket *cfg;
	unsigned int id;
	struct vhc_device *dev; /* one control thread at a time: who has the lock */
	struct vhc_qos qos;
	struct vhc_guest guest;
	struct vhc_log_limit log;

	pthread_mutex_t lock;
	uint32_t ctrl_pending; /* atomic: the control thread came and the lock was taken */
	/* Behind the lock from here on. */
	int vid;    /* -1: nobody is connected */
	int connfd; /* copy of the connection's socket, or -1 */
	bool mem_ok;
	bool paused;
	bool in_message; /* librte_vhost is at work on a message that needs the pause */
	bool stopping;   /* the program ends */
	uint64_t features;
	uint64_t protocol_features;
	uint16_t ctrl_position; /* where the control queue was left */
	bool ctrl_left;
	bool inflight_ok;       /* there is an in-flight area */
	uint16_t inflight_size; /* of its queues */
	uint64_t nb_connections;
	uint64_t nb_refused_messages;
	uint32_t nb_dying; /* sessions */
	uint16_t nb_queues; /* data queues, and the control queue behind them; constant */
	struct vhc_front_queue *queue;
};

/**
 * Make the device of a socket; nobody can connect yet. Main thread.
 * @param cfg     outlives the front.
 * @return 0; -errno after a log line.
 */
int vhc_front_create(const struct vhc_args_socket *cfg, struct vhc_engine *engine,
		struct rte_rcu_qsbr *qsbr);

/**
 * Open the socket. Main thread, after workers and control thread were started.
 * @return 0; -errno after a log line: -EADDRINUSE somebody listens there already, -EEXIST a file
 *         that is no socket lies there, -EIO what librte_vhost did not like.
 */
int vhc_front_open(struct vhc_front *f);

/**
 * Let workers finish and take nothing more, for good. Needs workers and control queue to be
 * alive. Control thread.
 */
void vhc_front_stop(struct vhc_front *f);

/** Close sockets and free everything. Main thread; workers and control thread are gone. */
void vhc_front_destroy_all(void);

/** The fronts, in the order in which they were made. */
unsigned int vhc_front_count(void);
struct vhc_front *vhc_front_get(unsigned int id);

void vhc_front_lock(struct vhc_front *f);
/** @return false if somebody has the lock; that one wakes the control thread when it lets go. */
bool vhc_front_trylock(struct vhc_front *f);
void vhc_front_unlock(struct vhc_front *f);

/** End the connection: librte_vhost then closes it. Any thread that has the lock. */
void vhc_front_disconnect(struct vhc_front *f);

/** Interrupt the guest for a queue, which has a callfd. The thread that has the queue. */
void vhc_front_call(struct vhc_front_queue *q, struct vhc_caller *caller);

/** One more in a counter, which only the calling thread writes. */
static inline void
vhc_count(uint64_t *counter, uint64_t n)
{
	__atomic_store_n(counter, __atomic_load_n(counter, __ATOMIC_RELAXED) + n,
			__ATOMIC_RELAXED);
}

/** Count an answered request. */
static inline void
vhc_count_answer(struct vhc_queue_stats *s, uint8_t result, uint32_t bytes)
{
	vhc_count(&s->ops, 1);
	vhc_count(&s->bytes, bytes);
	vhc_count(&s->status[RTE_MIN(result, VHC_FRONT_STATUS - 1)], 1);
}

/** Everything that was written into a chain's writable pieces is marked in the dirty log. */
static inline void
vhc_front_log_chain(const struct vhc_guest *g, const struct vhc_desc *desc, uint16_t nb)
{
	uint16_t i;

	for (i = 0; i < nb; i++) {
		if (desc[i].writable)
			vhc_guest_log(g, desc[i].addr, desc[i].len);
	}
}

#endif /* VHC_FRONT_H */
