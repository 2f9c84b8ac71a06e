/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The data path: lcores that poll data queues, feed the engine in bursts and give answers back.
 *
 * Threads: each worker is one lcore, which has its queues, requests and engine queue to itself.
 * Queues are handed over through a list behind the worker's lock, which the worker takes
 * only when it is told that something has changed.
 */

#ifndef VHC_WORKER_H
#define VHC_WORKER_H

#include <stdbool.h>

#include "engine.h"
#include "front.h"

/**
 * Make the workers; none runs yet.
 * @param qsbr        of as many threads as there are workers; each reports to it.
 * @param idle_sleep  whether workers with nothing to do sleep.
 * @return 0; -ENOMEM, -errno of eventfd or epoll.
 */
int vhc_workers_create(unsigned int nb, struct vhc_engine *engine, struct rte_rcu_qsbr *qsbr,
		bool idle_sleep);
/** None may run. */
void vhc_workers_destroy(void);

/** An lcore's life as worker number *(unsigned int *)arg; returns 0 after vhc_workers_quit(). */
int vhc_worker_main(void *arg);
/** Number of a worker, for people. Any thread. */
unsigned int vhc_worker_id(const struct vhc_worker *w);
/** End all workers; their queues must be idle. Any thread. */
void vhc_workers_quit(void);

/**
 * Give a queue, whose ring is ready, to the worker with the fewest queues. Whoever has the
 * front's lock.
 */
void vhc_worker_start_queue(struct vhc_front_queue *q);
/**
 * Take back all running data queues of a front: their workers finish and answer what they have
 * taken. Waits for that. Whoever has the front's lock, but no worker.
 */
void vhc_worker_stop_queues(struct vhc_front *f);

#endif /* VHC_WORKER_H */
