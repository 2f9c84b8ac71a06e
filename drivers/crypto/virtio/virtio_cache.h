/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Sessions for operations that bring an xform chain instead of one. Each queue pair keeps a few,
 * found by what the chain says: algorithms, lengths, places, keys.
 *
 * Threads: the queue pair's enqueuer, without a lock; control threads while it is quiet.
 *
 * Invariants
 *  - a session that a request in flight was made of is neither changed nor freed;
 *  - keys are compared in constant time, and wiped with their entry.
 */

#ifndef VIRTIO_CACHE_H
#define VIRTIO_CACHE_H

#include <stdint.h>

#include <rte_crypto.h>

#include "virtio_queue.h"
#include "virtio_session.h"

/** Most sessions that a queue pair keeps: if they are on the device, and if it needs none. */
#define VCRYPTO_CACHE_ON_DEVICE 32
#define VCRYPTO_CACHE_ENTRIES 64

/** @return an empty cache for a queue pair of @p nb_slots, or NULL: no memory. */
struct vcrypto_cache *vcrypto_cache_create(struct vcrypto_dev *dev, uint16_t nb_slots,
		int socket_id);

/** Close all sessions, wipe and free them, and the cache. Nothing is in flight. NULL: no effect. */
void vcrypto_cache_destroy(struct vcrypto_cache *c);

/** Close all sessions, wipe and free them. Nothing is in flight. NULL: no effect. */
void vcrypto_cache_clear(struct vcrypto_cache *c);

/** All slots of the queue pair are free: it was enabled. NULL: no effect. */
void vcrypto_cache_idle(struct vcrypto_cache *c);

/** The session of a chain, or NULL: there is none. */
const struct vcrypto_session *vcrypto_cache_find(struct vcrypto_cache *c,
		const struct rte_crypto_sym_xform *xform);

/**
 * The session for an op that is about to be put into a slot. It is made if it is not there, which
 * may take a control command, so up to timeout_ms; another one, that was not used for the longest
 * time, may have to go. Only while the queue is LIVE: otherwise what is there is all there is.
 *
 * @param slot   a free one; the session stays until it is free again.
 * @param taken  free slots that the caller has taken, but not yet from the FIFO: it is not among
 *               them.
 * @param out    gets the session.
 * @return 0; -EAGAIN all sessions are in use, or the device is away: try again later;
 *         else an enum rte_crypto_op_status: INVALID_SESSION what the op asks for cannot be done,
 *         ERROR it cannot be done now.
 */
int vcrypto_cache_get(struct vcrypto_qp *qp, const struct rte_crypto_sym_xform *xform,
		uint16_t slot, uint32_t taken, const struct vcrypto_session **out);

#endif /* VIRTIO_CACHE_H */
