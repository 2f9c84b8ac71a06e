/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Inside the in-process device: what its files share. inproc.c is the device's
 * registers, inproc_ring.c its side of the rings, with the split one, inproc_packed.c
 * the packed one, inproc_serve.c what happens to requests.
 *
 * Everything is under the device's lock, which the device's thread, the driver's
 * control path and its doorbells take in turn.
 */

#ifndef INPROC_INT_H
#define INPROC_INT_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <rte_byteorder.h>

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
	bool packed;
	bool in_order; /* IN_ORDER was accepted */
	uint16_t size;
	uint8_t *desc;
	uint8_t *avail; /* driver area */
	uint8_t *used;  /* device area */
	uint16_t avail_idx; /* next entry to take; packed: next descriptor */
	uint16_t used_idx;  /* next entry to fill; packed: next descriptor */
	/* What the driver has given and not got back, by descriptor of the ring; packed: by id. */
	uint16_t *links; /* next descriptor of an outstanding chain; packed: first of it */
	uint16_t *lens;  /* descriptors of the ring in the chain of this head, 0: not outstanding */
	uint8_t *busy;
	/* IN_ORDER */
	uint16_t next_desc; /* split: where the next chain begins */
	uint16_t batch_at;  /* used entry of the batch that is being made */
	uint16_t batch_nb;  /* requests in it, 0: none */
	uint16_t batch_max; /* requests after which it ends; changes from batch to batch */
	/* Packed. */
	bool avail_wrap; /* wrap counters */
	bool used_wrap;
	bool batch_wrap;
	uint16_t *counts;      /* by id: descriptors that its last chain took of the ring */
	bool unshown;          /* a used descriptor is yet to be written: */
	uint16_t unshown_at;   /* here */
	uint64_t unshown_half; /* with this length, id and flags */
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
	uint8_t *op_priv; /* of their operations, for the engines */
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

/* Device accesses: little-endian, one each. */

static inline uint16_t
inproc_ld16(const uint8_t *p)
{
	return rte_le_to_cpu_16(*(const volatile uint16_t *)p);
}

static inline uint32_t
inproc_ld32(const uint8_t *p)
{
	return rte_le_to_cpu_32(*(const volatile uint32_t *)p);
}

static inline uint64_t
inproc_ld64(const uint8_t *p)
{
	return rte_le_to_cpu_64(*(const volatile uint64_t *)p);
}

static inline void
inproc_st16(uint8_t *p, uint16_t v)
{
	__atomic_store_n((uint16_t *)p, rte_cpu_to_le_16(v), __ATOMIC_RELAXED);
}

static inline void
inproc_st16_release(uint8_t *p, uint16_t v)
{
	__atomic_store_n((uint16_t *)p, rte_cpu_to_le_16(v), __ATOMIC_RELEASE);
}

static inline void
inproc_st32(uint8_t *p, uint32_t v)
{
	*(volatile uint32_t *)p = rte_cpu_to_le_32(v);
}

static inline void
inproc_st64_release(uint8_t *p, uint64_t v)
{
	__atomic_store_n((uint64_t *)p, rte_cpu_to_le_64(v), __ATOMIC_RELEASE);
}

/* Descriptors [virtio 2.7.5, 2.8.13]: the same but for the end. */
#define INPROC_DESC_SIZE 16
#define INPROC_DESC_ADDR 0
#define INPROC_DESC_LEN 8
#define INPROC_F_NEXT 1
#define INPROC_F_WRITE 2
#define INPROC_F_INDIRECT 4
#define INPROC_BIT_INDIRECT_DESC 28
#define INPROC_BIT_EVENT_IDX 29

/* A rule break, unless the device itself has spoilt what it reads. */
#define INPROC_BROKEN(q, ...) \
	do { \
		if (!(q)->scribbled) \
			inproc_rule((q)->d, __VA_ARGS__); \
	} while (0)

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
/** What NOTIFICATION_DATA has the driver say now. */
uint16_t inproc_ring_notify_state(const struct inproc_queue *q);
/** Add one descriptor to a chain. @return false: it cannot be followed. */
bool inproc_ring_add_desc(struct inproc_queue *q, struct inproc_chain *c, uint64_t addr,
		uint32_t len, uint16_t flags);
/** Whether used entries of a queue are to be joined into batches now. */
bool inproc_ring_batches(const struct inproc_queue *q);
/** The length of the batch that is about to begin. */
uint16_t inproc_ring_batch_max(struct inproc_queue *q);
/** Answer up to @p max requests with status OK, looking at nothing but their last descriptor. */
unsigned int inproc_ring_instant(struct inproc_queue *q, unsigned int max);

/* inproc_packed.c: the same as inproc_ring_*(), of a packed ring; called from there. */

int inproc_packed_enable(struct inproc_queue *q, const struct vcrypto_queue_addr *addr);
unsigned int inproc_packed_take(struct inproc_queue *q, struct inproc_chain *chain,
		unsigned int max);
void inproc_packed_push(struct inproc_queue *q, uint32_t id, uint32_t len);
void inproc_packed_release(struct inproc_queue *q, uint16_t id);
void inproc_packed_publish(struct inproc_queue *q, uint16_t ahead);
bool inproc_packed_arm(struct inproc_queue *q, bool wanted);
uint32_t inproc_packed_stale_id(const struct inproc_queue *q);
void inproc_packed_scribble(struct inproc_queue *q, const struct inproc_chain *c);
uint16_t inproc_packed_notify_state(const struct inproc_queue *q);
unsigned int inproc_packed_instant(struct inproc_queue *q, unsigned int max);

/* inproc_serve.c */

/** Make the engine and the back end's device. @return 0; -errno. */
int inproc_serve_create(struct inproc *d);
void inproc_serve_destroy(struct inproc *d);
/** Serve up to @p max requests of a queue. @return how many. */
unsigned int inproc_serve(struct inproc_queue *q, unsigned int max);

#endif /* INPROC_INT_H */
