/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Rings of either format: what does not depend on the format, and the choice of it.
 *
 * IN_ORDER: each chain has a sequence number from the time it is taken, and an answer waits in
 * a private table until those before it are there. Each buffer still gets a used entry of its own,
 * since a batch would lose the lengths. [virtio 2.7.9, 2.8.8]
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "vring_int.h"

#define WRAP 0x8000 /* the wrap counter in a packed position */
#define CHAIN_MAX UINT16_MAX /* pieces */

static bool
aligned(const void *p, size_t to)
{
	return p != NULL && (uintptr_t)p % to == 0;
}

static bool
init_split(struct vhc_vring *v, const struct vhc_vring_cfg *cfg)
{
	if (!rte_is_power_of_2(cfg->size) || !aligned(cfg->desc, 16) || !aligned(cfg->driver, 2) ||
			!aligned(cfg->device, 4))
		return false; /* [virtio 2.7] */
	v->ops = &vhc_vring_split_ops;
	v->split.avail_idx = cfg->last_avail;
	v->split.last_avail = cfg->last_avail;
	v->split.last_used = cfg->last_used;
	v->split.published = cfg->last_used;
	v->lost = (uint16_t)(cfg->last_avail - cfg->last_used);
	return v->lost <= cfg->size;
}

static bool
init_packed(struct vhc_vring *v, const struct vhc_vring_cfg *cfg)
{
	const uint32_t avail = cfg->last_avail & (WRAP - 1), used = cfg->last_used & (WRAP - 1);

	if (!aligned(cfg->desc, 16) || !aligned(cfg->driver, 4) || !aligned(cfg->device, 4))
		return false; /* [virtio 2.8.10.1] */
	if (avail >= cfg->size || used >= cfg->size)
		return false;
	v->ops = &vhc_vring_packed_ops;
	v->packed.avail_pos = avail;
	v->packed.avail_wrap = (cfg->last_avail & WRAP) != 0;
	v->packed.used_pos = used;
	v->packed.used_wrap = (cfg->last_used & WRAP) != 0;
	v->packed.published = v->packed.used_pos;
	v->packed.published_wrap = v->packed.used_wrap;
	if (v->packed.avail_wrap == v->packed.used_wrap ? avail < used : avail > used)
		return false;
	v->lost = avail - used + (v->packed.avail_wrap != v->packed.used_wrap ? cfg->size : 0);
	v->packed.inflight = v->lost;
	return true;
}

struct vhc_vring *
vhc_vring_create(const struct vhc_vring_cfg *cfg)
{
	struct vhc_vring *v;
	uint32_t nb;

	if (cfg->size == 0 || cfg->size > VHC_VRING_MAX_SIZE) {
		errno = EINVAL;
		return NULL;
	}
	v = calloc(1, sizeof(*v));
	if (v == NULL)
		return NULL;
	v->desc = cfg->desc;
	v->driver = cfg->driver;
	v->device = cfg->device;
	v->size = cfg->size;
	v->max_table = RTE_MAX(cfg->size, VHC_VRING_TABLE_MIN);
	v->event_idx = cfg->event_idx;
	v->indirect = cfg->indirect;
	if (!(cfg->packed ? init_packed(v, cfg) : init_split(v, cfg))) {
		free(v);
		errno = EINVAL;
		return NULL;
	}
	if (cfg->in_order) {
		nb = rte_align32pow2(cfg->size);
		v->held_mask = (uint16_t)(nb - 1);
		v->held = calloc(nb, sizeof(*v->held));
		if (v->held == NULL) {
			free(v);
			errno = ENOMEM;
			return NULL;
		}
	}
	return v;
}

void
vhc_vring_destroy(struct vhc_vring *v)
{
	if (v == NULL)
		return;
	free(v->held);
	free(v);
}

int
vhc_vring_pop(struct vhc_vring *v, const struct vhc_guest_mem *mem, struct vhc_vring_elem *elems,
		uint16_t nb, uint16_t max_desc)
{
	int n;

	if (unlikely(v->fault != NULL))
		return -EIO;
	n = v->ops->pop(v, mem, elems, nb, max_desc);
	return unlikely(n == 0 && v->fault != NULL) ? -EIO : n;
}

int
vhc_vring_retake(struct vhc_vring *v, const struct vhc_guest_mem *mem, uint16_t head,
		const struct vhc_vring_saved *saved, uint16_t nb, struct vhc_vring_elem *e,
		uint16_t max_desc)
{
	return v->ops->retake(v, mem, head, saved, nb, e, max_desc);
}

void
vhc_vring_prefetch(struct vhc_vring *v, const struct vhc_guest_mem *mem, uint16_t nb)
{
	if (likely(v->fault == NULL))
		v->ops->prefetch(v, mem, nb);
}

bool
vhc_vring_pending(const struct vhc_vring *v)
{
	return v->fault == NULL && v->ops->pending(v);
}

/* An answer's place is its sequence number's; all that are complete from the head on go out. */
static void
put_in_order(struct vhc_vring *v, const struct vhc_vring_elem *e, uint32_t len)
{
	struct vhc_vring_held *h = &v->held[e->seq & v->held_mask];

	h->id = e->id;
	h->nb_ring = e->nb_ring;
	h->len = len;
	h->done = true;
	for (;;) {
		h = &v->held[v->held_head & v->held_mask];
		if (!h->done)
			return;
		h->done = false;
		v->held_head++;
		v->ops->put(v, h->id, h->nb_ring, h->len);
	}
}

void
vhc_vring_put(struct vhc_vring *v, const struct vhc_vring_elem *e, uint32_t len)
{
	if (unlikely(v->held != NULL))
		put_in_order(v, e, len);
	else
		v->ops->put(v, e->id, e->nb_ring, len);
}

bool
vhc_vring_publish(struct vhc_vring *v)
{
	return v->ops->publish(v);
}

bool
vhc_vring_call_wanted(struct vhc_vring *v)
{
	bool wanted;

	if (v->unsignalled == 0)
		return false;
	/*
	 * Full barrier: what was published is visible before the driver's wish is read. Pairs with
	 * the driver's, between stating its wish and looking for used entries again:
	 * one of the two sees the other. [virtio 2.7.7.2, 2.8.22]
	 */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	wanted = v->ops->call_wanted(v);
	v->unsignalled = 0;
	return wanted;
}

bool
vhc_vring_want_kicks(struct vhc_vring *v, bool want)
{
	v->ops->want_kicks(v, want);
	if (!want)
		return false;
	/*
	 * Full barrier: the wish is visible before the ring is looked at again. Pairs with the
	 * driver's, between making chains available and reading the wish. [virtio 2.7.10, 2.8.21]
	 */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return vhc_vring_pending(v);
}

void
vhc_vring_position(const struct vhc_vring *v, uint16_t *last_avail, uint16_t *last_used)
{
	v->ops->position(v, last_avail, last_used);
}

const char *
vhc_vring_fault(const struct vhc_vring *v)
{
	return v->fault;
}

void
vhc_vring_set_log(struct vhc_vring *v, vhc_vring_log_t log, void *ctx)
{
	v->log = log;
	v->log_ctx = ctx;
}

/* --- Chains --- */

static bool
chain_grow(struct vhc_vring_chain *c)
{
	uint32_t cap = RTE_MAX(c->cap * 2, 64u);
	struct vhc_desc *desc;

	cap = RTE_MIN(cap, (uint32_t)CHAIN_MAX);
	if (c->cap >= cap)
		return false;
	desc = realloc(c->own ? c->desc : NULL, cap * sizeof(*desc));
	if (desc == NULL)
		return false;
	if (!c->own && c->nb != 0)
		memcpy(desc, c->desc, c->nb * sizeof(*desc));
	c->desc = desc;
	c->cap = cap;
	c->own = true;
	return true;
}

void
vhc_vring_chain_add_slow(struct vhc_vring_chain *c, const struct vhc_guest_mem *mem, uint64_t gpa,
		uint32_t len, bool writable)
{
	const uint32_t nb = c->nb;
	uint64_t left, n;
	uint8_t *p;

	/* An empty descriptor says nothing, wherever it points. */
	if (len == 0)
		return;
	/* Readable ones come first [virtio 2.7.4.2, 2.8.17]; what is writable is still found. */
	if ((c->writable && !writable) || len > UINT64_MAX - gpa) {
		c->bad = true;
		return;
	}
	/* One piece for each region: what is contiguous for the guest need not be here. */
	for (left = len; left != 0; left -= n, gpa += n) {
		n = left;
		p = vhc_guest_mem_at(mem, gpa, &n, &c->hint);
		if (p == NULL || (c->nb >= c->cap && !chain_grow(c))) {
			c->nb = nb;
			c->bad = true;
			return;
		}
		c->desc[c->nb].addr = p;
		c->desc[c->nb].len = (uint32_t)n;
		c->desc[c->nb].writable = writable;
		c->nb++;
	}
	c->writable = writable;
}

void
vhc_vring_chain_drop(struct vhc_vring_chain *c)
{
	if (c->own)
		free(c->desc);
}

bool
vhc_vring_table_entry(struct vhc_vring *v, const struct vhc_guest_mem *mem, uint64_t gpa,
		uint32_t i, struct vhc_vring_raw *d)
{
	uint8_t copy[sizeof(struct virtq_desc)];
	uint64_t done, n;
	const uint8_t *p;

	/* The table's end does not overflow, see vhc_vring_table_ok(). */
	gpa += (uint64_t)i * sizeof(copy);
	for (done = 0; done < sizeof(copy); done += n) {
		n = sizeof(copy) - done;
		p = vhc_guest_mem_at(mem, gpa + done, &n, &v->table_hint);
		if (p == NULL)
			return false;
		memcpy(copy + done, p, n);
	}
	*d = vhc_vring_read_desc(copy);
	return true;
}
