/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * A queue's part of the in-flight area: memory shared with the front end, in which is written which
 * chains were taken and not yet given back, so that another process can go on where
 * this one died. [vhost-user, Inflight I/O tracking]
 *
 * Threads: one at a time, the one that has the queue.
 *
 * Distrust: the area is the guest's. What is read from it is checked, and only read when a queue
 * starts; from then on this process writes from what it remembers by itself.
 */

#ifndef VHC_INFLIGHT_H
#define VHC_INFLIGHT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vring.h"

struct vhc_inflight;

/** Bytes of a queue's part of the area. */
size_t vhc_inflight_area_len(uint16_t queue_size, bool packed);

/**
 * Take over a queue's part.
 * @param area      vhc_inflight_area_len() bytes.
 * @param used_idx  the split ring's used index.
 * @param nb_taken  gets how many chains an earlier process took and did not give back.
 * @return NULL with errno ENOMEM, or EINVAL: the area makes no sense.
 */
struct vhc_inflight *vhc_inflight_create(void *area, uint16_t queue_size, bool in_order,
		uint16_t used_idx, uint16_t *nb_taken);
void vhc_inflight_destroy(struct vhc_inflight *in);

/** Whether chains are still to be taken again. */
bool vhc_inflight_pending(const struct vhc_inflight *in);
/**
 * Take chains again; before the ring's first pop, until none is pending. One whose result would
 * overwrite its input comes out as bad: it may have been worked on already.
 * @param elems  as for vhc_vring_pop().
 * @return chains taken.
 */
uint16_t vhc_inflight_retake(struct vhc_inflight *in, struct vhc_vring *ring,
		const struct vhc_guest_mem *mem, struct vhc_vring_elem *elems, uint16_t nb,
		uint16_t max_desc);

/** A chain was taken, or taken again: for each one, in order, before the next are taken. */
void vhc_inflight_take(struct vhc_inflight *in, const struct vhc_vring_elem *e);
/** Its answer is about to be put into the ring. */
void vhc_inflight_give_back(struct vhc_inflight *in, const struct vhc_vring_elem *e);
/** Answers have become visible. */
void vhc_inflight_published(struct vhc_inflight *in, const struct vhc_vring *ring);

#endif /* VHC_INFLIGHT_H */
