/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Buffers of a queue pair for asymmetric ops, whose data has no address that the device knows.
 * As many may be in flight at once; then enqueue takes no more.
 *
 * Threads: the enqueuer takes buffers, the dequeuer gives them back, through a FIFO as slots go.
 * Keys, plaintexts and signatures pass there: a buffer that is free has been wiped.
 */

#ifndef VIRTIO_ASYM_POOL_H
#define VIRTIO_ASYM_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_memory.h>
#include <rte_memzone.h>

#include "virtio_codec_asym.h"

struct vcrypto_asym_made;
struct vcrypto_asym_rec;

/** Most buffers of a queue pair: a device works on fewer at a time. */
#define VCRYPTO_ASYM_POOL_MAX 128

/** A buffer and what is in flight with it; the device sees only what mem points to. */
struct vcrypto_asym_buf {
	uint8_t *mem; /* constant: VCRYPTO_ASYM_BUF_LEN bytes in one page; their address */
	rte_iova_t iova;
	uint16_t index; /* constant */
	bool busy;
	struct vcrypto_asym_rec *rec; /* the application's session */
	struct vcrypto_asym_made *made; /* the device's that the request uses; NULL: stateless */
	struct vcrypto_asym_request rq;
};

struct vcrypto_asym_pool {
	const struct rte_memzone *mz;
	uint16_t size; /* a power of two */
	uint32_t head __rte_cache_aligned; /* the enqueuer's: taken, free-running */
	uint32_t tail __rte_cache_aligned; /* the dequeuer's: given back, free-running */
	uint16_t fifo[VCRYPTO_ASYM_POOL_MAX] __rte_cache_aligned;
	struct vcrypto_asym_buf buf[VCRYPTO_ASYM_POOL_MAX];
};

/**
 * @param zone  name of its memory zone.
 * @param size  of the queue pair: there are no more buffers than slots.
 * @return a pool whose buffers are all free; NULL with rte_errno, no log line.
 */
struct vcrypto_asym_pool *vcrypto_asym_pool_create(const char *zone, uint16_t size, int socket_id);

/** The device has let go of it. NULL is allowed. */
void vcrypto_asym_pool_destroy(struct vcrypto_asym_pool *pool);

/** All buffers are free and wiped; after a reset, with both sides quiet. NULL is allowed. */
void vcrypto_asym_pool_reset(struct vcrypto_asym_pool *pool);

/** The next free buffer, NULL if there is none; it is taken by vcrypto_asym_pool_take(). */
static inline struct vcrypto_asym_buf *
vcrypto_asym_pool_peek(struct vcrypto_asym_pool *pool)
{
	/* Acquire: the dequeuer is done with it; pairs with vcrypto_asym_pool_put(). */
	if (__atomic_load_n(&pool->tail, __ATOMIC_ACQUIRE) == pool->head)
		return NULL;
	return &pool->buf[pool->fifo[pool->head & (pool->size - 1)]];
}

static inline void
vcrypto_asym_pool_take(struct vcrypto_asym_pool *pool, struct vcrypto_asym_buf *buf)
{
	buf->busy = true;
	pool->head++;
}

/** Wipe a buffer and give it back. The dequeuer. */
void vcrypto_asym_pool_put(struct vcrypto_asym_pool *pool, struct vcrypto_asym_buf *buf);

#endif /* VIRTIO_ASYM_POOL_H */
