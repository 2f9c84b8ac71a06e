/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Buffers for asymmetric ops. May include: codec (for what is in flight), secret. Set-up and reset
 * on control threads.
 */

#include <errno.h>

#include <rte_common.h>
#include <rte_errno.h>
#include <rte_malloc.h>

#include "virtio_asym_pool.h"
#include "virtio_secret.h"

#define PAGE 4096
static_assert(PAGE % VCRYPTO_ASYM_BUF_LEN == 0, "buffers do not straddle pages");

static int
bind(struct vcrypto_asym_pool *pool)
{
	uint8_t *const mem = pool->mz->addr;
	uint16_t i;

	for (i = 0; i < pool->size; i++) {
		struct vcrypto_asym_buf *const buf = &pool->buf[i];

		buf->index = i;
		buf->mem = mem + (size_t)i * VCRYPTO_ASYM_BUF_LEN;
		buf->iova = rte_mem_virt2iova(buf->mem);
		if (buf->iova == RTE_BAD_IOVA)
			return -EFAULT;
		buf->busy = true; /* for the first wiping */
	}
	return 0;
}

struct vcrypto_asym_pool *
vcrypto_asym_pool_create(const char *zone, uint16_t size, int socket_id)
{
	struct vcrypto_asym_pool *pool;

	pool = rte_zmalloc_socket("vcrypto_asym", sizeof(*pool), RTE_CACHE_LINE_SIZE, socket_id);
	if (pool == NULL) {
		rte_errno = ENOMEM;
		return NULL;
	}
	pool->size = RTE_MIN(size, VCRYPTO_ASYM_POOL_MAX);
	pool->mz = rte_memzone_reserve_aligned(zone, (size_t)pool->size * VCRYPTO_ASYM_BUF_LEN,
		socket_id, 0, PAGE);
	if (pool->mz == NULL || bind(pool) < 0) {
		if (pool->mz != NULL)
			rte_errno = EFAULT;
		vcrypto_asym_pool_destroy(pool);
		return NULL;
	}
	vcrypto_asym_pool_reset(pool);
	return pool;
}

void
vcrypto_asym_pool_destroy(struct vcrypto_asym_pool *pool)
{
	if (pool == NULL)
		return;
	if (pool->mz != NULL)
		vcrypto_asym_pool_reset(pool);
	rte_memzone_free(pool->mz);
	rte_free(pool);
}

void
vcrypto_asym_pool_reset(struct vcrypto_asym_pool *pool)
{
	uint16_t i;

	if (pool == NULL)
		return;
	for (i = 0; i < pool->size; i++) {
		struct vcrypto_asym_buf *const buf = &pool->buf[i];

		if (buf->busy)
			vcrypto_secret_wipe(buf->mem, VCRYPTO_ASYM_BUF_LEN);
		buf->busy = false;
		buf->made = NULL;
		buf->rec = NULL;
		pool->fifo[i] = i;
	}
	pool->head = 0;
	__atomic_store_n(&pool->tail, pool->size, __ATOMIC_RELEASE);
}

void
vcrypto_asym_pool_put(struct vcrypto_asym_pool *pool, struct vcrypto_asym_buf *buf)
{
	vcrypto_secret_wipe(buf->mem, VCRYPTO_ASYM_BUF_LEN);
	buf->busy = false;
	pool->fifo[pool->tail & (pool->size - 1)] = buf->index;
	/* Release: the wiping, and the entry; pairs with vcrypto_asym_pool_peek(). */
	__atomic_store_n(&pool->tail, pool->tail + 1, __ATOMIC_RELEASE);
}
