/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Rings between librte_vhost and the threads that use them: checked, made, handed over, and
 * taken back with their positions. Only the front calls this, with its lock, in a thread that may
 * call librte_vhost.
 */

#ifndef VHC_FRONT_QUEUE_H
#define VHC_FRONT_QUEUE_H

#include "front.h"

/** Start a queue if it is ready and all it needs is there; else nothing happens. */
void vhc_front_queue_start(struct vhc_front_queue *q);

/**
 * Stop all queues of a front: their threads answer what they have taken. librte_vhost has the
 * positions afterwards.
 */
void vhc_front_queues_stop(struct vhc_front *f);

#endif /* VHC_FRONT_QUEUE_H */
