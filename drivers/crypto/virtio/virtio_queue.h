/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * A queue pair: a ring, the slots that travel through it, and counters.
 *
 * Threads: one enqueuer and one dequeuer at the same time. The producer's and
 * the consumer's fields lie on different cache lines; free slots and returned
 * ops pass between the two through single-producer/single-consumer FIFOs.
 *
 * Invariants
 *  - a slot is in exactly one place: in the free FIFO, in the enqueuer's hands,
 *    with the device (priv[].op set and the ring's books say so), in the FIFO
 *    of second requests (priv[].op set), in a stash, or in the dequeuer's hands;
 *  - every op that enqueue took leaves through dequeue, once. So does every request
 *    of the raw API, through that API's dequeue.
 */

#ifndef VIRTIO_QUEUE_H
#define VIRTIO_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_crypto.h>
#include <rte_memzone.h>
#include <rte_spinlock.h>

#include "virtio_ring.h"
#include "virtio_slot.h"
#include "virtio_transport.h"

/* Longest chain that a plain or chained op needs; a ring must hold it [virtio 2.7.5.2]. */
#define VCRYPTO_QUEUE_MIN_SIZE 8

/** Most ops that are taken from the ring at a time. */
#define VCRYPTO_QUEUE_CHUNK 64

struct vcrypto_asym_pool;
struct vcrypto_cache;
struct vcrypto_dev;

/** Counters as rte_cryptodev_stats names them. */
struct vcrypto_queue_stats {
	uint64_t enqueued; /* ops that enqueue took, refused ones included */
	uint64_t enqueue_errs; /* those of them that were refused without a trip to the device */
	uint64_t dequeued; /* ops that dequeue gave back */
	uint64_t dequeue_errs; /* those of them that came back from the device without success */
};

/*
 * What a queue has seen beside ops of one request. Set for good by the enqueuer with the first of
 * the kind; bursts of a queue that has seen neither look at the two together, once.
 */
#define VCRYPTO_QUEUE_STEPS 1u /* two requests for an op, or an asymmetric one: the dequeuer, too,
				* puts requests into the ring, and whoever does has the lock */
#define VCRYPTO_QUEUE_RAW 2u /* requests of the raw API */

/** Slots that the device has used, but whose owner's dequeue has not asked yet. Dequeuer's. */
struct vcrypto_stash {
	uint32_t head, tail; /* free-running */
	uint16_t *slots; /* nb_slots entries */
};

struct vcrypto_raw;

struct vcrypto_qp {
	/* Constant while started. */
	struct vcrypto_ring ring;
	struct vcrypto_dev *dev;
	struct vcrypto_transport *transport;
	struct vcrypto_doorbell db;
	struct vcrypto_slot_priv *priv; /* by slot */
	uint16_t *free_slots; /* FIFO, nb_slots entries */
	/* FIFO of ops that come back without a trip, or of the raw API's user data; */
	void **returned;
	uint8_t *returned_raw; /* ... then with its status and one more, else 0 */
	uint16_t nb_slots; /* a power of two */
	uint16_t max_desc; /* longest descriptor table */
	uint32_t returned_mask;
	uint16_t id;
	uint8_t driver_id;
	uint8_t seen; /* VCRYPTO_QUEUE_STEPS, VCRYPTO_QUEUE_RAW */
	/*
	 * Where the dequeuer has used lengths written to: used_lens, from the first asymmetric op
	 * on. What the dequeuer got before it saw that has VCRYPTO_RING_LEN_UNKNOWN there.
	 */
	uint32_t *lens;
	struct vcrypto_asym_pool *asym; /* NULL: the device has nothing asymmetric */
	const struct rte_memzone *ring_mz;
	const struct rte_memzone *slot_mz;
	const struct rte_memzone *ext_mz;
	void *ring_priv;
	struct vcrypto_raw *raw; /* virtio_raw.c's, from the first context on; one block */
	struct vcrypto_queue_stats base; /* counters at the last stats reset */
	struct vcrypto_cache *cache; /* of the enqueuer; NULL: none */
	/* Ops of a device that went away, in the order of enqueueing, until it is back. */
	struct rte_crypto_op **resend; /* nb_slots entries */
	uint16_t nb_resend;

	/* Set once by whoever finds the fault; read by both sides. enum vcrypto_queue_state */
	uint32_t state __rte_cache_aligned;

	/* Enqueuer's. */
	uint32_t free_head __rte_cache_aligned; /* slots taken, free-running */
	uint32_t free_tail_cache;
	uint32_t returned_tail; /* ops put, free-running; the dequeuer reads it */
	uint32_t returned_head_cache;
	uint64_t enqueued;
	uint64_t enqueue_errs;
	uint64_t kicks; /* doorbells rung; written by whoever is the ring's producer */
	uint32_t enqueuing; /* a guarded enqueue is under way */

	/* Dequeuer's. */
	uint32_t free_tail __rte_cache_aligned; /* slots given back, free-running */
	uint32_t returned_head; /* ops taken, free-running; the enqueuer reads it */
	uint32_t idle_polls; /* empty polls, free-running: now and then one looks at the clock */
	uint32_t dequeuing; /* a guarded dequeue is under way */
	uint64_t idle_since; /* TSC of the last look, 0 after ops came back */
	uint64_t dequeued;
	uint64_t dequeue_errs;
	struct vcrypto_stash ops_stash; /* taken from the ring by the raw API's dequeue */
	struct vcrypto_stash raw_stash; /* ... by the other, or because nobody wanted them yet */

	uint32_t used_lens[VCRYPTO_QUEUE_CHUNK]; /* VCRYPTO_RING_LEN_UNKNOWN between two uses */

	/* Both sides', once there are steps: the ring's producer functions, and what follows. */
	rte_spinlock_t producer __rte_cache_aligned;
	uint32_t again_head, again_tail; /* free-running */
	uint16_t *again; /* FIFO of slots whose second request waits for room, nb_slots entries */
	uint32_t kept; /* raw API: places in use for requests that are kept */
} __rte_cache_aligned;

enum vcrypto_queue_state {
	VCRYPTO_QUEUE_STOPPED, /* no ring with the device */
	VCRYPTO_QUEUE_LIVE,
	VCRYPTO_QUEUE_FAULT, /* a fault was found; the device may still touch memory */
	VCRYPTO_QUEUE_DEAD, /* reset: what was in flight comes back as errors */
	VCRYPTO_QUEUE_PAUSED, /* the device went away; bursts leave the ring alone */
};

/** Whether a fault took the queue out of service, which a stop ends; any thread. */
static inline bool
vcrypto_queue_is_faulty(const struct vcrypto_qp *qp)
{
	const uint32_t state = __atomic_load_n(&qp->state, __ATOMIC_RELAXED);

	return state == VCRYPTO_QUEUE_FAULT || state == VCRYPTO_QUEUE_DEAD;
}

/**
 * Allocate a queue pair and everything it will ever need.
 * @param dev_name  for log lines.
 * @param zone      prefix of memory zone names, unique to the device, at most 19 characters.
 * @param size  slots and ring entries: a power of two, at least VCRYPTO_QUEUE_MIN_SIZE.
 * @param features  negotiated features: ring format.
 * @return the queue pair in state STOPPED; NULL with rte_errno ENOMEM.
 */
struct vcrypto_qp *vcrypto_queue_create(struct vcrypto_dev *dev, const char *dev_name,
		const char *zone, uint16_t id, uint16_t size, uint64_t features, int socket_id);

/**
 * Give it buffers for asymmetric ops. Names as above.
 * @return 0; -ENOMEM, -EFAULT: no memory, or without an IO address; one log line.
 */
int vcrypto_queue_add_asym(struct vcrypto_qp *qp, const char *dev_name, const char *zone,
		int socket_id);

/**
 * Free a queue pair that is not with the device.
 * Ops that were never dequeued are the application's again; one log line counts them.
 */
void vcrypto_queue_destroy(struct vcrypto_qp *qp);

/**
 * Empty the ring and give it to the device. Returned ops of an earlier run stay to be dequeued.
 * The queue is LIVE then; one that is PAUSED stays so.
 * @return 0, or the transport's error.
 */
int vcrypto_queue_enable(struct vcrypto_qp *qp, uint64_t features);

/** Whether second requests wait; a hint without the lock. */
static inline bool
vcrypto_queue_again_any(const struct vcrypto_qp *qp)
{
	return __atomic_load_n(&qp->again_head, __ATOMIC_RELAXED) !=
		__atomic_load_n(&qp->again_tail, __ATOMIC_RELAXED);
}

/**
 * Take a slot out of the FIFO of second requests. With the lock, or with both sides quiet.
 * @return its number, -1 if there is none.
 */
static inline int
vcrypto_queue_again_pop(struct vcrypto_qp *qp)
{
	const uint32_t head = qp->again_head;

	if (head == qp->again_tail)
		return -1;
	__atomic_store_n(&qp->again_head, head + 1, __ATOMIC_RELAXED);
	return qp->again[head & (qp->nb_slots - 1)];
}

static inline bool
vcrypto_stash_any(const struct vcrypto_stash *s)
{
	return s->head != s->tail;
}

static inline void
vcrypto_stash_push(const struct vcrypto_qp *qp, struct vcrypto_stash *s, uint16_t slot)
{
	s->slots[s->tail++ & (qp->nb_slots - 1)] = slot;
}

/** @return a slot's number; -1: none is left. */
static inline int
vcrypto_stash_pop(const struct vcrypto_qp *qp, struct vcrypto_stash *s)
{
	return vcrypto_stash_any(s) ? s->slots[s->head++ & (qp->nb_slots - 1)] : -1;
}

/**
 * Take what is in flight out of the ring, to be sent again; requests of the raw API, of which
 * nobody knows the whole any more, move to the returned FIFO as errors. PAUSED, with both sides
 * quiet, after vcrypto_rxtx_drain().
 * @return number of those.
 */
unsigned int vcrypto_queue_hold(struct vcrypto_qp *qp);

/**
 * After a reset of device or queue, with both sides quiet: all that was in flight moves
 * to the returned FIFO with RTE_CRYPTO_OP_STATUS_ERROR; all slots are free.
 * @return number of ops that came back so.
 */
unsigned int vcrypto_queue_reclaim(struct vcrypto_qp *qp);

/** Send an op back through dequeue without a trip; there is room. The FIFO's one producer. */
static inline void
vcrypto_queue_put_returned(struct vcrypto_qp *qp, struct rte_crypto_op *op, int status)
{
	const uint32_t tail = qp->returned_tail;

	op->status = status;
	qp->returned[tail & qp->returned_mask] = op;
	qp->returned_raw[tail & qp->returned_mask] = 0;
	/* Release: op and entry; pairs with the acquire in take_returned(). */
	__atomic_store_n(&qp->returned_tail, tail + 1, __ATOMIC_RELEASE);
}

/** The same for a request of the raw API. */
static inline void
vcrypto_queue_put_returned_raw(struct vcrypto_qp *qp, void *user_data, int status)
{
	const uint32_t tail = qp->returned_tail;

	qp->returned[tail & qp->returned_mask] = user_data;
	qp->returned_raw[tail & qp->returned_mask] = status + 1;
	/* Release: the entry; pairs with the acquire in take_returned_raw(). */
	__atomic_store_n(&qp->returned_tail, tail + 1, __ATOMIC_RELEASE);
}

/** User data of a slot that carries a request of the raw API. */
static inline void *
vcrypto_queue_user_data(const struct vcrypto_slot_priv *sp)
{
	return sp->kind == VCRYPTO_SLOT_KEPT ? sp->kept->user_data : sp->user_data;
}

/** Counters since the last reset of them; any thread, exact once both sides are quiet. */
void vcrypto_queue_stats_get(const struct vcrypto_qp *qp, struct vcrypto_queue_stats *stats);
void vcrypto_queue_stats_reset(struct vcrypto_qp *qp);

/** Ops between enqueue and dequeue, as either side sees it. */
unsigned int vcrypto_queue_inflight(const struct vcrypto_qp *qp);

/** A queue pair as it was in some moment, or nearly so. */
struct vcrypto_queue_view {
	struct vcrypto_queue_stats stats;
	uint64_t kicks;
	uint32_t free_slots;
	uint32_t in_flight; /* slots that are not free */
	uint32_t returned; /* ops that wait for a dequeue */
	uint32_t held; /* ops of a device that went away */
	uint32_t second; /* second requests that wait for room */
	enum vcrypto_queue_state state;
};

/** Any thread, while the queue pair exists; both sides may be at work. */
void vcrypto_queue_look(const struct vcrypto_qp *qp, struct vcrypto_queue_view *view);

/** A slot in flight. */
struct vcrypto_queue_flight {
	uint16_t slot;
	uint16_t age; /* ops enqueued since, modulo 2^16 */
};

/**
 * Slots in flight, oldest first. Any thread, as above: what comes back meanwhile may be among them.
 * @return how many were written; -ENOMEM.
 */
int vcrypto_queue_oldest(const struct vcrypto_qp *qp, struct vcrypto_queue_flight *out,
		unsigned int nb);

#endif /* VIRTIO_QUEUE_H */
