/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Inside the in-process device: what its files share. inproc.c is the device's
 * registers, inproc_ring.c its side of the split ring, inproc_serve.c what happens
 * to requests.
 *
 * Everything is under the device's lock, which the device's thread, the driver's
 * control path and its doorbells take in turn.
 */

#ifndef INPROC_INT_H
#define INPROC_INT_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "chain.h"
#include "device.h"
#include "engine.h"
#include "inproc.h"
#include "request.h"

#define INPROC_BATCH 32       /* requests that are taken before any is answered */
#define INPROC_LAST_MAX 65536 /* bytes kept of the last request */

/** A virtqueue as the device sees it. */
struct inproc_queue {
	struct inproc *d;
	uint16_t index;
	uint16_t notif_data; /* what NOTIF_CONFIG_DATA has the driver write */
	bool is_ctrl;
	bool enabled;
	bool was_reset; /* by RING_RESET: may be enabled again at once */
	bool scribbled; /* the device has overwritten descriptors: what it reads is its own fault */
	uint16_t size;
	uint8_t *desc;
	uint8_t *avail;
	uint8_t *used;
	uint16_t avail_idx; /* next entry to take */
	uint16_t used_idx;  /* next entry to fill */
	/* What the driver has given and not got back, by descriptor of the ring. */
	uint16_t *links; /* next descriptor of an outstanding chain */
	uint16_t *lens;  /* descriptors of the ring in the chain of this head, 0: not outstanding */
	uint8_t *busy;
};

/** A chain that was taken from a ring. */
struct inproc_chain {
	struct vhc_request req;
	struct vhc_desc *desc; /* room for the queue's size */
	uint16_t nb;
	uint16_t head;
	uint32_t used_len;
	bool broken; /* cannot be followed: nothing to read, nowhere to answer */
	bool drop;
};

struct inproc {
	struct vcrypto_transport transport; /* first */
	struct inproc_cfg cfg;
	struct inproc_faults faults;
	struct inproc_stats stats;
	pthread_mutex_t lock;
	uint32_t waiting; /* threads that want the lock; the device's thread steps back for them */
	pthread_t thread;
	pthread_cond_t doorbell;
	uint32_t rung; /* doorbells since the thread looked */
	uint32_t hesitation;
	bool has_thread;
	uint32_t stop; /* asks the thread to end */

	uint64_t offered;
	uint64_t features; /* accepted by the driver */
	uint8_t status;
	bool resetting;           /* status 0 was written and the reset is not yet complete */
	unsigned int reset_reads; /* status reads since then */
	uint32_t generation;
	bool config_read; /* since the generation was read */

	struct vhc_engine *engine; /* what the device sees: libcrypto or a filter before it */
	struct vhc_engine *inner;
	struct vhc_device *device;
	struct vhc_request_ctx *request_ctx; /* one thread at a time serves all queues */
	uint16_t nb_queues; /* control queue included */
	struct inproc_queue *queue;
	struct inproc_chain *chain; /* INPROC_BATCH */
	uint8_t *last_request;
	size_t last_request_len;
	uint8_t *last_ctrl;
	size_t last_ctrl_len;
};

/** The driver did what it MUST NOT do. */
void inproc_rule(struct inproc *d, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static inline bool
inproc_has(const struct inproc *d, unsigned int feature_bit)
{
	return d->features >> feature_bit & 1;
}

/* inproc_ring.c */

/** Memory of this process at a device address, or NULL if it is not the driver's to give. */
void *inproc_ring_va(uint64_t addr, uint32_t len);
/** Take the ring over. @return 0; -EINVAL the addresses are not usable. */
int inproc_ring_enable(struct inproc_queue *q, const struct vcrypto_queue_addr *addr);
void inproc_ring_disable(struct inproc_queue *q);
/** Take up to @p max chains. */
unsigned int inproc_ring_take(struct inproc_queue *q, struct inproc_chain *chain, unsigned int max);
/** Write a used entry, not yet visible. */
void inproc_ring_push(struct inproc_queue *q, uint32_t id, uint32_t len);
/** The descriptors of this head are the driver's again. */
void inproc_ring_release(struct inproc_queue *q, uint16_t head);
/** Make used entries visible, and @p ahead more that do not exist. */
void inproc_ring_publish(struct inproc_queue *q, uint16_t ahead);
/** Tell the driver whether doorbells are wanted. @return true if more came meanwhile. */
bool inproc_ring_arm(struct inproc_queue *q, bool wanted);
/** An id below the queue's size that names nothing outstanding. */
uint32_t inproc_ring_stale_id(const struct inproc_queue *q);
/** Overwrite the descriptors that @p c was read from. */
void inproc_ring_scribble(struct inproc_queue *q, const struct inproc_chain *c);
/** avail.idx as the driver has it now. */
uint16_t inproc_ring_avail_idx(const struct inproc_queue *q);
/** Answer up to @p max requests with status OK, looking at nothing but their last descriptor. */
unsigned int inproc_ring_instant(struct inproc_queue *q, unsigned int max);

/* inproc_serve.c */

/** Make the engine and the back end's device. @return 0; -errno. */
int inproc_serve_create(struct inproc *d);
void inproc_serve_destroy(struct inproc *d);
/** Serve up to @p max requests of a queue. @return how many. */
unsigned int inproc_serve(struct inproc_queue *q, unsigned int max);

#endif /* INPROC_INT_H */
