/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Queue pairs: memory, set-up, taking back what was in flight.
 *
 * May include: ring, slot, transport, log; of the device only its name. Control
 * threads only, while no burst function runs on the queue pair.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_malloc.h>
#include <rte_memzone.h>

#include "virtio_asym_pool.h"
#include "virtio_log.h"
#include "virtio_queue.h"

#define PAGE 4096

/* Twice the slots: a ring full of ops in flight, and as many that were refused at once. */
#define RETURNED_FACTOR 2

/*
 * Slots and extensions never straddle a page, so their zones need not be contiguous for the
 * device: each object gets the address of its own page.
 */
static_assert(PAGE % sizeof(struct vcrypto_slot) == 0, "slots do not straddle pages");
static_assert(PAGE % sizeof(struct vcrypto_slot_ext) == 0, "extensions do not straddle pages");

static const struct rte_memzone *
reserve(const char *dev_name, const char *zone, uint16_t id, const char *what, size_t len,
		int socket_id, unsigned int flags)
{
	char name[RTE_MEMZONE_NAMESIZE];
	const struct rte_memzone *mz;

	snprintf(name, sizeof(name), "%s_q%u_%s", zone, id, what);
	mz = rte_memzone_reserve_aligned(name, len, socket_id, flags, PAGE);
	if (mz == NULL)
		VCRYPTO_DEV_LOG(ERR, dev_name, "queue pair %u: no memory zone of %zu bytes: %s", id,
			len, rte_strerror(rte_errno));
	return mz;
}

/*
 * The device's address of an object in a memory zone, by the memory's own books: the general
 * look-up reads the kernel's page map, once for each of thousands of slots.
 */
static rte_iova_t
iova_of(const void *p)
{
	const struct rte_memseg *const ms = rte_mem_virt2memseg(p, NULL);

	if (ms == NULL || ms->iova == RTE_BAD_IOVA)
		return rte_mem_virt2iova(p);
	return ms->iova + RTE_PTR_DIFF(p, ms->addr);
}

static int
bind_slots(struct vcrypto_qp *qp)
{
	struct vcrypto_slot *const slots = qp->slot_mz->addr;
	struct vcrypto_slot_ext *const exts = qp->ext_mz->addr;
	uint16_t i;

	for (i = 0; i < qp->nb_slots; i++) {
		struct vcrypto_slot_priv *const sp = &qp->priv[i];

		sp->slot = &slots[i];
		sp->iova = iova_of(sp->slot);
		sp->ext = &exts[i];
		sp->ext_iova = iova_of(sp->ext);
		if (sp->iova == RTE_BAD_IOVA || sp->ext_iova == RTE_BAD_IOVA)
			return -EFAULT;
	}
	return 0;
}

struct vcrypto_qp *
vcrypto_queue_create(struct vcrypto_dev *dev, const char *dev_name, const char *zone, uint16_t id,
		uint16_t size, uint64_t features, int socket_id)
{
	const enum vcrypto_ring_kind kind = vcrypto_ring_kind_pick(features);
	struct vcrypto_qp *qp;

	qp = rte_zmalloc_socket("vcrypto_qp", sizeof(*qp), RTE_CACHE_LINE_SIZE, socket_id);
	if (qp == NULL)
		goto nomem;
	qp->dev = dev;
	qp->id = id;
	qp->ring.size = size;
	qp->nb_slots = size;
	qp->max_desc = RTE_MIN(size, VCRYPTO_SLOT_EXT_DESC);
	qp->returned_mask = (uint32_t)size * RETURNED_FACTOR - 1;
	qp->state = VCRYPTO_QUEUE_STOPPED;

	qp->priv = rte_zmalloc_socket("vcrypto_slots", sizeof(*qp->priv) * size,
		RTE_CACHE_LINE_SIZE, socket_id);
	/* Four FIFOs. */
	qp->free_slots = rte_zmalloc_socket("vcrypto_free", sizeof(*qp->free_slots) * size * 4,
		RTE_CACHE_LINE_SIZE, socket_id);
	/* One FIFO, in two arrays. */
	qp->returned = rte_zmalloc_socket("vcrypto_ret",
		(sizeof(*qp->returned) + sizeof(*qp->returned_raw)) * size * RETURNED_FACTOR,
		RTE_CACHE_LINE_SIZE, socket_id);
	qp->resend = rte_zmalloc_socket("vcrypto_again", sizeof(*qp->resend) * size,
		RTE_CACHE_LINE_SIZE, socket_id);
	rte_spinlock_init(&qp->producer);
	qp->ring_priv = rte_zmalloc_socket("vcrypto_ring", vcrypto_ring_priv_size(size),
		RTE_CACHE_LINE_SIZE, socket_id);
	if (qp->priv == NULL || qp->free_slots == NULL || qp->returned == NULL ||
			qp->resend == NULL || qp->ring_priv == NULL)
		goto nomem;
	qp->again = qp->free_slots + size;
	qp->ops_stash.slots = qp->again + size;
	qp->raw_stash.slots = qp->ops_stash.slots + size;
	qp->returned_raw = (uint8_t *)(qp->returned + size * RETURNED_FACTOR);

	qp->ring_mz = reserve(dev_name, zone, id, "ring", vcrypto_ring_mem_size(kind, size),
		socket_id, RTE_MEMZONE_IOVA_CONTIG);
	qp->slot_mz = reserve(dev_name, zone, id, "slot", sizeof(struct vcrypto_slot) * size,
		socket_id, 0);
	qp->ext_mz = reserve(dev_name, zone, id, "ext", sizeof(struct vcrypto_slot_ext) * size,
		socket_id, 0);
	if (qp->ring_mz == NULL || qp->slot_mz == NULL || qp->ext_mz == NULL)
		goto fail;
	if (bind_slots(qp) < 0) {
		VCRYPTO_DEV_LOG(ERR, dev_name, "queue pair %u: memory without an IO address", id);
		rte_errno = EFAULT;
		goto fail;
	}
	return qp;

nomem:
	VCRYPTO_DEV_LOG(ERR, dev_name, "queue pair %u: out of memory", id);
	rte_errno = ENOMEM;
fail:
	if (qp != NULL)
		vcrypto_queue_destroy(qp);
	return NULL;
}

int
vcrypto_queue_add_asym(struct vcrypto_qp *qp, const char *dev_name, const char *zone, int socket_id)
{
	char name[RTE_MEMZONE_NAMESIZE];
	unsigned int i;

	snprintf(name, sizeof(name), "%s_q%u_asym", zone, qp->id);
	qp->asym = vcrypto_asym_pool_create(name, qp->nb_slots, socket_id);
	if (qp->asym == NULL) {
		VCRYPTO_DEV_LOG(ERR, dev_name, "queue pair %u: no buffers for asymmetric"
			" operations: %s", qp->id, rte_strerror(rte_errno));
		return -rte_errno;
	}
	for (i = 0; i < VCRYPTO_QUEUE_CHUNK; i++)
		qp->used_lens[i] = VCRYPTO_RING_LEN_UNKNOWN;
	return 0;
}

void
vcrypto_queue_destroy(struct vcrypto_qp *qp)
{
	const uint32_t left = qp->returned_tail - qp->returned_head;

	if (left != 0)
		VCRYPTO_LOG(WARNING, "queue pair %u: freed with %u operations never dequeued",
			qp->id, left);
	vcrypto_asym_pool_destroy(qp->asym);
	rte_memzone_free(qp->ring_mz);
	rte_memzone_free(qp->slot_mz);
	rte_memzone_free(qp->ext_mz);
	rte_free(qp->raw);
	rte_free(qp->ring_priv);
	rte_free(qp->resend);
	rte_free(qp->returned);
	rte_free(qp->free_slots);
	rte_free(qp->priv);
	rte_free(qp);
}

int
vcrypto_queue_enable(struct vcrypto_qp *qp, uint64_t features)
{
	const enum vcrypto_ring_kind kind = vcrypto_ring_kind_pick(features);
	struct vcrypto_queue_addr addr;
	uint16_t i;
	int ret;

	ret = vcrypto_ring_init(&qp->ring, kind, qp->id, qp->nb_slots, qp->ring_mz->addr,
		qp->ring_mz->iova, qp->ring_priv, features);
	if (ret < 0)
		return ret;
	for (i = 0; i < qp->nb_slots; i++) {
		qp->free_slots[i] = i;
		/* Session numbers change over a reset: templates in the slots are stale. */
		qp->priv[i].serial = 0;
		qp->priv[i].step = 0;
		qp->priv[i].kind = VCRYPTO_SLOT_OP;
	}
	vcrypto_asym_pool_reset(qp->asym);
	qp->free_head = 0;
	qp->free_tail = qp->nb_slots;
	qp->free_tail_cache = qp->nb_slots;
	qp->idle_polls = 0;
	qp->again_head = 0;
	qp->again_tail = 0;
	qp->kept = 0;

	vcrypto_ring_addr(&qp->ring, &addr);
	ret = vcrypto_transport_ops(qp->transport)->queue_enable(qp->transport, qp->id, &addr,
		features, &qp->db);
	if (ret < 0)
		return ret;
	if (qp->state != VCRYPTO_QUEUE_PAUSED)
		__atomic_store_n(&qp->state, VCRYPTO_QUEUE_LIVE, __ATOMIC_RELEASE);
	return 0;
}

/* What a slot carries comes back as an error. */
static void
give_up(struct vcrypto_qp *qp, uint16_t slot)
{
	const struct vcrypto_slot_priv *const sp = &qp->priv[slot];

	if (sp->kind == VCRYPTO_SLOT_OP)
		vcrypto_queue_put_returned(qp, sp->op, RTE_CRYPTO_OP_STATUS_ERROR);
	else
		vcrypto_queue_put_returned_raw(qp, vcrypto_queue_user_data(sp),
			RTE_CRYPTO_OP_STATUS_ERROR);
}

/* Oldest first; 16 bits tell, but for an op that 65535 others have overtaken. */
static int
compare_age(const void *a, const void *b, void *queue_pair)
{
	const struct vcrypto_qp *const qp = queue_pair;
	const uint16_t now = qp->free_head;
	const uint16_t age_a = now - qp->priv[*(const uint16_t *)a].seq;
	const uint16_t age_b = now - qp->priv[*(const uint16_t *)b].seq;

	return (int)age_b - (int)age_a;
}

unsigned int
vcrypto_queue_hold(struct vcrypto_qp *qp)
{
	const struct vcrypto_ring_ops *const ring_ops = vcrypto_ring_ops_of(&qp->ring);
	/* Enabling the queue starts the FIFO anew, so its entries are free for use. */
	uint16_t *const slots = qp->free_slots;
	uint16_t i, n = 0, nb_raw = 0;
	int slot;

	while ((slot = ring_ops->reclaim(&qp->ring)) >= 0)
		slots[n++] = slot;
	while ((slot = vcrypto_queue_again_pop(qp)) >= 0)
		slots[n++] = slot;
	qsort_r(slots, n, sizeof(*slots), compare_age, qp);
	for (i = 0; i < n; i++) {
		if (qp->priv[slots[i]].kind == VCRYPTO_SLOT_OP) {
			qp->resend[qp->nb_resend++] = qp->priv[slots[i]].op;
		} else {
			give_up(qp, slots[i]);
			nb_raw++;
		}
	}
	vcrypto_asym_pool_reset(qp->asym);
	qp->free_tail = qp->free_head + qp->nb_slots;
	__atomic_store_n(&qp->dequeue_errs, qp->dequeue_errs + nb_raw, __ATOMIC_RELAXED);
	return nb_raw;
}

/* A slot that is not free, wherever it is, or -1. */
static int
take_any(struct vcrypto_qp *qp)
{
	int slot;

	slot = vcrypto_ring_ops_of(&qp->ring)->reclaim(&qp->ring);
	if (slot < 0)
		slot = vcrypto_queue_again_pop(qp);
	if (slot < 0)
		slot = vcrypto_stash_pop(qp, &qp->ops_stash);
	if (slot < 0)
		slot = vcrypto_stash_pop(qp, &qp->raw_stash);
	return slot;
}

unsigned int
vcrypto_queue_reclaim(struct vcrypto_qp *qp)
{
	unsigned int n;
	int slot;

	if (qp->state == VCRYPTO_QUEUE_STOPPED)
		return 0;
	for (n = 0; n < qp->nb_resend; n++)
		vcrypto_queue_put_returned(qp, qp->resend[n], RTE_CRYPTO_OP_STATUS_ERROR);
	qp->nb_resend = 0;
	for (; (slot = take_any(qp)) >= 0; n++)
		give_up(qp, slot);
	qp->dequeue_errs += n;
	vcrypto_asym_pool_reset(qp->asym);
	/* Every slot is free again; enabling the queue starts the FIFO anew. */
	qp->free_tail = qp->free_head + qp->nb_slots;
	qp->state = VCRYPTO_QUEUE_STOPPED;
	return n;
}

unsigned int
vcrypto_queue_inflight(const struct vcrypto_qp *qp)
{
	const uint32_t slots = qp->nb_slots -
		(__atomic_load_n(&qp->free_tail, __ATOMIC_ACQUIRE) -
		 __atomic_load_n(&qp->free_head, __ATOMIC_ACQUIRE));

	return slots + qp->nb_resend + __atomic_load_n(&qp->returned_tail, __ATOMIC_ACQUIRE) -
		__atomic_load_n(&qp->returned_head, __ATOMIC_ACQUIRE);
}

static void
stats_read(const struct vcrypto_qp *qp, struct vcrypto_queue_stats *s)
{
	s->enqueued = __atomic_load_n(&qp->enqueued, __ATOMIC_RELAXED);
	s->enqueue_errs = __atomic_load_n(&qp->enqueue_errs, __ATOMIC_RELAXED);
	s->dequeued = __atomic_load_n(&qp->dequeued, __ATOMIC_RELAXED);
	s->dequeue_errs = __atomic_load_n(&qp->dequeue_errs, __ATOMIC_RELAXED);
}

void
vcrypto_queue_stats_get(const struct vcrypto_qp *qp, struct vcrypto_queue_stats *stats)
{
	stats_read(qp, stats);
	stats->enqueued -= qp->base.enqueued;
	stats->enqueue_errs -= qp->base.enqueue_errs;
	stats->dequeued -= qp->base.dequeued;
	stats->dequeue_errs -= qp->base.dequeue_errs;
}

void
vcrypto_queue_stats_reset(struct vcrypto_qp *qp)
{
	/* The counters belong to the bursts' threads; a reset only moves the base. */
	stats_read(qp, &qp->base);
}

/* ---- for people ---- */

static uint32_t
look(const uint32_t *p)
{
	return __atomic_load_n(p, __ATOMIC_RELAXED);
}

void
vcrypto_queue_look(const struct vcrypto_qp *qp, struct vcrypto_queue_view *view)
{
	const uint32_t slots = qp->nb_slots;

	memset(view, 0, sizeof(*view));
	view->state = __atomic_load_n(&qp->state, __ATOMIC_RELAXED);
	vcrypto_queue_stats_get(qp, &view->stats);
	view->kicks = __atomic_load_n(&qp->kicks, __ATOMIC_RELAXED);
	/* The two sides are not looked at in one moment. */
	view->free_slots = RTE_MIN(look(&qp->free_tail) - look(&qp->free_head), slots);
	if (view->state == VCRYPTO_QUEUE_STOPPED)
		view->free_slots = slots;
	view->in_flight = slots - view->free_slots;
	view->returned = RTE_MIN(look(&qp->returned_tail) - look(&qp->returned_head),
		qp->returned_mask + 1);
	view->held = __atomic_load_n(&qp->nb_resend, __ATOMIC_RELAXED);
	view->second = RTE_MIN(look(&qp->again_tail) - look(&qp->again_head), slots);
}

int
vcrypto_queue_oldest(const struct vcrypto_qp *qp, struct vcrypto_queue_flight *out,
		unsigned int nb)
{
	const uint32_t head = look(&qp->free_head);
	const uint32_t nb_free = RTE_MIN(look(&qp->free_tail) - head, (uint32_t)qp->nb_slots);
	unsigned int n = 0, at;
	uint8_t *is_free;
	uint32_t i;

	if (look(&qp->state) == VCRYPTO_QUEUE_STOPPED || nb == 0)
		return 0;
	is_free = calloc(qp->nb_slots, 1);
	if (is_free == NULL)
		return -ENOMEM;
	for (i = 0; i < nb_free; i++) {
		const uint16_t slot = __atomic_load_n(
			&qp->free_slots[(head + i) & (qp->nb_slots - 1)], __ATOMIC_RELAXED);

		is_free[slot & (qp->nb_slots - 1)] = 1;
	}
	for (i = 0; i < qp->nb_slots; i++) {
		const uint16_t age = (uint16_t)(head -
			__atomic_load_n(&qp->priv[i].seq, __ATOMIC_RELAXED));

		if (is_free[i] || (n == nb && age <= out[n - 1].age))
			continue;
		for (at = n < nb ? n++ : n - 1; at > 0 && out[at - 1].age < age; at--)
			out[at] = out[at - 1];
		out[at] = (struct vcrypto_queue_flight){ .slot = i, .age = age };
	}
	free(is_free);
	return n;
}
