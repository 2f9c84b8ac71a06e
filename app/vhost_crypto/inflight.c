/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "inflight.h"

#define AREA_ALIGN 64
#define VERSION 1
#define MAX_COMPARED 64 /* pieces of a chain that are compared with each other */

/* [vhost-user, Inflight I/O tracking: split virtqueue] */
struct area_desc {
	uint8_t inflight;
	uint8_t padding[5];
	uint16_t next;
	uint64_t counter;
};

struct area {
	uint64_t features;
	uint16_t version;
	uint16_t desc_num;
	uint16_t last_batch_head;
	uint16_t used_idx;
	struct area_desc desc[];
};

/* Sizes of the area for packed rings, whose contents are not kept. */
#define PACKED_HEADER 33
#define PACKED_DESC 32

static_assert(sizeof(struct area_desc) == 16, "vhost-user: split in-flight descriptor");
static_assert(offsetof(struct area, desc) == 16, "vhost-user: split in-flight header");

/* A chain that is to be taken again. */
struct again {
	uint64_t counter;
	uint16_t head;
};

struct vhc_inflight {
	struct area *area;
	uint64_t counter;
	uint16_t size;
	bool in_order;
	uint16_t nb_batch; /* in batch[]: answers that become visible with the next publication */
	uint16_t first;    /* of fifo[], which holds nb_fifo */
	uint16_t nb_fifo;
	uint16_t *batch;
	uint16_t *fifo;    /* in order: heads as they were taken */
	uint8_t *done;     /* in order, by head: answered, but not those before it */
	struct again *again; /* the first nb_again, by counter */
	uint16_t nb_again;
	uint16_t next_again;
	uint16_t nb_retaken; /* came out of again[], and vhc_inflight_take() is still to come */
};

size_t
vhc_inflight_area_len(uint16_t queue_size, bool packed)
{
	const size_t len = packed ? PACKED_HEADER + (size_t)PACKED_DESC * queue_size
				  : sizeof(struct area) + sizeof(struct area_desc) * queue_size;

	return RTE_ALIGN_CEIL(len, AREA_ALIGN);
}

static int
by_counter(const void *a, const void *b)
{
	const struct again *x = a, *y = b;

	return x->counter < y->counter ? -1 : x->counter > y->counter;
}

/* The batch that was in the used ring already, and not yet crossed out here. */
static int
cross_out(struct area *area, uint16_t size, uint16_t used_idx)
{
	uint16_t nb = used_idx - __atomic_load_n(&area->used_idx, __ATOMIC_RELAXED);
	uint16_t i = __atomic_load_n(&area->last_batch_head, __ATOMIC_RELAXED);

	if (nb > size)
		return -EINVAL;
	for (; nb != 0; nb--) {
		if (i >= size)
			return -EINVAL;
		area->desc[i].inflight = 0;
		i = __atomic_load_n(&area->desc[i].next, __ATOMIC_RELAXED);
	}
	__atomic_store_n(&area->used_idx, used_idx, __ATOMIC_RELEASE);
	return 0;
}

static int
recover(struct vhc_inflight *in, uint16_t used_idx, uint16_t *nb_taken)
{
	struct area *area = in->area;
	uint16_t i, nb = 0;
	int ret;

	*nb_taken = 0;
	if (__atomic_load_n(&area->version, __ATOMIC_RELAXED) == 0) {
		area->desc_num = in->size;
		area->used_idx = used_idx;
		__atomic_store_n(&area->version, VERSION, __ATOMIC_RELEASE);
		return 0;
	}
	ret = cross_out(area, in->size, used_idx);
	if (ret != 0)
		return ret;
	for (i = 0; i < in->size; i++) {
		if (__atomic_load_n(&area->desc[i].inflight, __ATOMIC_RELAXED) != 1)
			continue;
		in->again[nb].head = i;
		in->again[nb].counter = __atomic_load_n(&area->desc[i].counter, __ATOMIC_RELAXED);
		nb++;
	}
	qsort(in->again, nb, sizeof(in->again[0]), by_counter);
	if (nb != 0)
		in->counter = in->again[nb - 1].counter + 1;
	in->nb_again = nb;
	*nb_taken = nb;
	return 0;
}

struct vhc_inflight *
vhc_inflight_create(void *area, uint16_t queue_size, bool in_order, uint16_t used_idx,
		uint16_t *nb_taken)
{
	struct vhc_inflight *in = calloc(1, sizeof(*in));
	int ret = -ENOMEM;

	if (in == NULL) {
		errno = ENOMEM;
		return NULL;
	}
	in->area = area;
	in->size = queue_size;
	in->in_order = in_order;
	in->batch = calloc(queue_size, sizeof(in->batch[0]));
	in->fifo = calloc(queue_size, sizeof(in->fifo[0]));
	in->done = calloc(queue_size, sizeof(in->done[0]));
	in->again = calloc(queue_size, sizeof(in->again[0]));
	if (in->batch != NULL && in->fifo != NULL && in->done != NULL && in->again != NULL)
		ret = recover(in, used_idx, nb_taken);
	if (ret != 0) {
		vhc_inflight_destroy(in);
		errno = -ret;
		return NULL;
	}
	return in;
}

void
vhc_inflight_destroy(struct vhc_inflight *in)
{
	if (in == NULL)
		return;
	free(in->batch);
	free(in->fifo);
	free(in->done);
	free(in->again);
	free(in);
}

bool
vhc_inflight_pending(const struct vhc_inflight *in)
{
	return in->next_again < in->nb_again;
}

/* Whether a device-writable piece lies over a readable one. Very long chains count as such. */
static bool
overwrites_itself(const struct vhc_vring_elem *e)
{
	const struct vhc_desc *r, *w;
	uint16_t i, k;

	if (e->nb_desc > MAX_COMPARED)
		return true;
	for (i = 0; i < e->nb_desc; i++) {
		r = &e->desc[i];
		for (k = 0; k < e->nb_desc && !r->writable; k++) {
			w = &e->desc[k];
			if (w->writable && (uintptr_t)w->addr < (uintptr_t)r->addr + r->len &&
					(uintptr_t)r->addr < (uintptr_t)w->addr + w->len)
				return true;
		}
	}
	return false;
}

uint16_t
vhc_inflight_retake(struct vhc_inflight *in, struct vhc_vring *ring,
		const struct vhc_guest_mem *mem, struct vhc_vring_elem *elems, uint16_t nb,
		uint16_t max_desc)
{
	uint16_t head, n = 0;

	while (n < nb && in->next_again < in->nb_again) {
		head = in->again[in->next_again++].head;
		if (vhc_vring_retake(ring, mem, head, NULL, 0, &elems[n], max_desc) != 0)
			continue; /* No such chain, whatever the area said. */
		if (overwrites_itself(&elems[n]))
			elems[n].bad = true;
		n++;
	}
	in->nb_retaken = (uint16_t)(in->nb_retaken + n);
	return n;
}

void
vhc_inflight_take(struct vhc_inflight *in, const struct vhc_vring_elem *e)
{
	struct area_desc *d = &in->area->desc[e->id];

	/* Taken again, it keeps its place: this process may die before it has all of them. */
	if (in->nb_retaken != 0)
		in->nb_retaken--;
	else
		d->counter = in->counter++;
	/* Release: the counter counts once the mark is there. */
	__atomic_store_n(&d->inflight, 1, __ATOMIC_RELEASE);
	if (in->in_order && in->nb_fifo < in->size) {
		in->fifo[(in->first + in->nb_fifo) % in->size] = e->id;
		in->nb_fifo++;
		in->done[e->id] = 0;
	}
}

static void
add_to_batch(struct vhc_inflight *in, uint16_t head)
{
	if (in->nb_batch == in->size)
		return; /* A driver that makes a head available twice has itself to blame. */
	in->area->desc[head].next = in->area->last_batch_head;
	/* Release: the list is whole before its head says so. */
	__atomic_store_n(&in->area->last_batch_head, head, __ATOMIC_RELEASE);
	in->batch[in->nb_batch++] = head;
}

void
vhc_inflight_give_back(struct vhc_inflight *in, const struct vhc_vring_elem *e)
{
	if (!in->in_order) {
		add_to_batch(in, e->id);
		return;
	}
	/* The ring shows an answer once those before it are there. */
	in->done[e->id] = 1;
	while (in->nb_fifo != 0 && in->done[in->fifo[in->first]] != 0) {
		in->done[in->fifo[in->first]] = 0;
		add_to_batch(in, in->fifo[in->first]);
		in->first = (uint16_t)((in->first + 1) % in->size);
		in->nb_fifo--;
	}
}

void
vhc_inflight_published(struct vhc_inflight *in, const struct vhc_vring *ring)
{
	uint16_t i, last_avail, last_used;

	/* Release: the used index, written before, is there before a mark is taken away. */
	for (i = 0; i < in->nb_batch; i++)
		__atomic_store_n(&in->area->desc[in->batch[i]].inflight, 0, __ATOMIC_RELEASE);
	in->nb_batch = 0;
	vhc_vring_position(ring, &last_avail, &last_used);
	__atomic_store_n(&in->area->used_idx, last_used, __ATOMIC_RELEASE);
}
