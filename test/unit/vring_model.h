/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * A virtqueue seen from the driver's side, for tests of the back end's rings, with a guest's
 * memory around it. It reads and writes raw memory at the offsets of virtio 1.4, sections 2.7 and
 * 2.8, and shares no structure with either end.
 *
 * split: desc: 16q bytes {addr 8, len 4, flags 2, next 2}; avail: 6 + 2q bytes {flags, idx,
 * ring[q], used_event}; used: 6 + 8q bytes {flags, idx, ring[q] {id 4, len 4}, avail_event}.
 * packed: desc: 16q bytes {addr 8, len 4, id 2, flags 2}; events: {off:15 wrap:1, flags:2}.
 *
 * The guest's memory is three blocks of their own, so that a sanitizer sees their ends: two that
 * follow each other for the guest but not here, and one above 4 GiB.
 */

#ifndef VRING_MODEL_H
#define VRING_MODEL_H

#include <errno.h>
#include <stdlib.h>

#include "unit_eal.h"

#include "vring.h"

#define F_NEXT 1
#define F_WRITE 2
#define F_INDIRECT 4
#define F_AVAIL 0x80
#define F_USED 0x8000

#define LOW_GPA UINT64_C(0x10000)
#define HIGH_GPA UINT64_C(0x100000000)
#define HIGH_SIZE 0x10000

/* What a piece of a request is, as the driver means it. */
struct piece {
	uint64_t gpa;
	uint32_t len;
	bool writable;
};

struct guest {
	struct vhc_guest_mem mem;
	uint64_t border; /* where the second block begins */
	uint64_t end;    /* of the second block */
};

/** Memory for tables of @p tables bytes at LOW_GPA, with the border in their middle. */
static inline void
guest_create(struct guest *g, size_t tables)
{
	const size_t first = tables / 2 + 0x408;
	unsigned int i;

	memset(g, 0, sizeof(*g));
	g->border = LOW_GPA + first;
	g->end = g->border + tables + 0x4000;
	g->mem.nb_regions = 3;
	g->mem.region[0] = (struct vhc_guest_region){ .gpa = HIGH_GPA, .size = HIGH_SIZE };
	g->mem.region[1] = (struct vhc_guest_region){
		.gpa = g->border, .size = g->end - g->border,
	};
	g->mem.region[2] = (struct vhc_guest_region){ .gpa = LOW_GPA, .size = first };
	for (i = 0; i < g->mem.nb_regions; i++) {
		g->mem.region[i].hva = malloc(g->mem.region[i].size);
		assert_non_null(g->mem.region[i].hva);
		memset(g->mem.region[i].hva, 0xee, g->mem.region[i].size);
	}
}

static inline void
guest_destroy(struct guest *g)
{
	unsigned int i;

	for (i = 0; i < g->mem.nb_regions; i++)
		free(g->mem.region[i].hva);
}

/* Where a byte of the guest lies; the tests' own translation. */
static inline uint8_t *
guest_at(const struct guest *g, uint64_t gpa)
{
	unsigned int i;

	for (i = 0; i < g->mem.nb_regions; i++)
		if (gpa >= g->mem.region[i].gpa &&
				gpa <= g->mem.region[i].gpa + g->mem.region[i].size - 1)
			return g->mem.region[i].hva + (gpa - g->mem.region[i].gpa);
	return NULL;
}

/* Whether a piece that the ring gave lies in one block. */
static inline bool
guest_owns(const struct guest *g, const void *addr, uint64_t len)
{
	const uint8_t *const p = addr;
	unsigned int i;

	for (i = 0; i < g->mem.nb_regions; i++)
		if (p >= g->mem.region[i].hva && len <= g->mem.region[i].size &&
				p <= g->mem.region[i].hva + (g->mem.region[i].size - len))
			return true;
	return false;
}

static inline void
guest_put(const struct guest *g, uint64_t gpa, const void *data, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		uint8_t *const p = guest_at(g, gpa + i);

		assert_non_null(p);
		*p = ((const uint8_t *)data)[i];
	}
}

/** A descriptor of either format; a and b are flags and next, or id and flags. */
static inline void
desc_bytes(uint8_t *d, uint64_t addr, uint32_t len, uint16_t a, uint16_t b)
{
	put64(d, 0, addr);
	put32(d, 8, len);
	put16(d, 12, a);
	put16(d, 14, b);
}

static inline void
guest_put_desc(const struct guest *g, uint64_t gpa, uint64_t addr, uint32_t len, uint16_t a,
		uint16_t b)
{
	uint8_t d[16];

	desc_bytes(d, addr, len, a, b);
	guest_put(g, gpa, d, sizeof(d));
}

enum how { DIRECT, INDIRECT, MIXED, NB_HOW };

/* What the driver remembers of a buffer. */
struct sent {
	bool out;
	uint16_t nb_ring;
	uint16_t nb;
	struct piece *piece;
	uint32_t used_len; /* what the device says */
	uint64_t serial;
};

struct drv {
	struct guest guest;
	struct vhc_vring_cfg cfg;
	struct vhc_vring *v;
	uint8_t *desc, *driver, *device;
	uint32_t size;
	uint16_t max_chain;
	uint32_t stride; /* bytes of a table */
	uint64_t seed;

	struct sent *sent; /* by head, or by buffer id */
	uint64_t serial;   /* of the next buffer */
	uint64_t used_serial; /* IN_ORDER: of the next that comes back */

	/* Split. */
	uint16_t avail_idx; /* with what is added and not published */
	uint16_t used_idx;
	uint16_t kicked;
	uint16_t *next; /* links of what is out, and of the free list */
	uint16_t free_head;
	/* Packed. */
	uint32_t pos, used_pos;
	bool wrap, used_wrap;
	uint32_t added; /* descriptors since the last kick decision */
	uint16_t *ids;  /* free ones */
	uint32_t nb_ids;
	uint8_t *head;  /* first descriptor of a batch, and what its flags are to be */
	uint16_t head_flags;

	uint32_t nb_free; /* descriptors */
};

static inline size_t
driver_area_len(const struct drv *d)
{
	return d->cfg.packed ? 4 : 6 + (size_t)2 * d->size;
}

static inline size_t
device_area_len(const struct drv *d)
{
	return d->cfg.packed ? 4 : 6 + (size_t)8 * d->size;
}

static inline uint8_t *
area(size_t align, size_t len)
{
	void *p = NULL;

	/* Exactly as long as the specification says. */
	if (align < sizeof(void *))
		align = sizeof(void *);
	assert_int_equal(posix_memalign(&p, align, len), 0);
	memset(p, 0, len);
	return p;
}

/** A new ring, and its device's end. cfg: what is not an address or a position. */
static inline void
drv_create(struct drv *d, const struct vhc_vring_cfg *cfg, uint16_t max_chain, uint64_t seed)
{
	uint32_t i;

	memset(d, 0, sizeof(*d));
	d->cfg = *cfg;
	d->size = cfg->size;
	d->max_chain = max_chain;
	d->stride = (max_chain + 2u) * 16 + 8;
	d->seed = seed;
	guest_create(&d->guest, (size_t)d->stride * d->size);
	d->desc = area(16, (size_t)16 * d->size);
	d->driver = area(4, driver_area_len(d));
	d->device = area(4, device_area_len(d));
	d->sent = calloc(d->size, sizeof(*d->sent));
	d->next = calloc(d->size, sizeof(*d->next));
	d->ids = calloc(d->size, sizeof(*d->ids));
	assert_true(d->sent && d->next && d->ids);
	for (i = 0; i < d->size; i++) {
		d->sent[i].piece = calloc(max_chain, sizeof(struct piece));
		assert_non_null(d->sent[i].piece);
		d->next[i] = (uint16_t)(i + 1 == d->size ? 0 : i + 1);
		d->ids[i] = (uint16_t)i;
	}
	d->nb_ids = d->size;
	d->nb_free = d->size;
	d->wrap = true;
	d->used_wrap = true;
	d->cfg.desc = d->desc;
	d->cfg.driver = d->driver;
	d->cfg.device = d->device;
	d->cfg.last_avail = cfg->packed ? 0x8000 : 0;
	d->cfg.last_used = d->cfg.last_avail;
	d->v = vhc_vring_create(&d->cfg);
	assert_non_null(d->v);
}

static inline void
drv_destroy(struct drv *d)
{
	uint32_t i;

	vhc_vring_destroy(d->v);
	for (i = 0; i < d->size; i++)
		free(d->sent[i].piece);
	free(d->sent);
	free(d->next);
	free(d->ids);
	free(d->desc);
	free(d->driver);
	free(d->device);
	guest_destroy(&d->guest);
}

static inline uint64_t
drv_table(const struct drv *d, uint16_t id)
{
	return LOW_GPA + (uint64_t)id * d->stride;
}

/* Write an indirect table. @return its entries. */
static inline uint32_t
drv_fill_table(struct drv *d, uint16_t id, const struct piece *p, uint16_t nb)
{
	const uint64_t t = drv_table(d, id);
	const uint32_t entries = nb + (d->cfg.packed ? 0 : unit_rand(&d->seed) % 3);
	uint32_t at[64], i, j, swap;

	assert_true(nb <= UNIT_DIM(at) - 2);
	for (i = 0; i < entries; i++) {
		at[i] = i;
		guest_put_desc(&d->guest, t + 16u * i, ~UINT64_C(0), ~0u, 0xffff, 0xffff);
	}
	/* Entries anywhere but for the first, unless they have to be in order. */
	for (i = 1; i < entries && !d->cfg.packed && !d->cfg.in_order; i++) {
		j = i + unit_rand(&d->seed) % (entries - i);
		swap = at[i];
		at[i] = at[j];
		at[j] = swap;
	}
	for (i = 0; i < nb; i++) {
		const uint16_t w = p[i].writable ? F_WRITE : 0;

		if (d->cfg.packed)
			guest_put_desc(&d->guest, t + 16u * i, p[i].gpa, p[i].len, 0xabcd, w);
		else
			guest_put_desc(&d->guest, t + 16u * at[i], p[i].gpa, p[i].len,
					w | (i + 1 < nb ? F_NEXT : 0),
					i + 1 < nb ? (uint16_t)at[i + 1] : 0xfff0);
	}
	return entries;
}

static inline void
drv_remember(struct drv *d, uint16_t id, const struct piece *p, uint16_t nb, uint16_t nb_ring)
{
	struct sent *const s = &d->sent[id];

	assert_false(s->out);
	s->out = true;
	s->nb_ring = nb_ring;
	s->nb = nb;
	s->serial = d->serial++;
	memcpy(s->piece, p, nb * sizeof(*p));
	d->nb_free -= nb_ring;
}

/* [virtio 2.7.13] */
static inline void
split_add(struct drv *d, const struct piece *p, uint16_t nb, uint16_t nb_direct)
{
	const uint16_t head = d->free_head;
	const uint16_t nb_ring = (uint16_t)(nb_direct + (nb_direct < nb));
	uint16_t i, at = head;

	for (i = 0; i < nb_ring; i++) {
		const bool last = i + 1 == nb_ring;
		uint8_t *const desc = d->desc + 16u * at;

		if (i < nb_direct)
			desc_bytes(desc, p[i].gpa, p[i].len,
					(uint16_t)((p[i].writable ? F_WRITE : 0) |
							(last ? 0 : F_NEXT)),
					last ? 0xfffe : d->next[at]);
		else /* WRITE is to be ignored there [virtio 2.7.5.3.2] */
			desc_bytes(desc, drv_table(d, head),
					16 * drv_fill_table(d, head, p + nb_direct,
							(uint16_t)(nb - nb_direct)),
					F_INDIRECT | (nb & 1 ? F_WRITE : 0), 0xfffd);
		if (last)
			d->free_head = d->next[at];
		at = d->next[at];
	}
	put16(d->driver, 4 + 2u * (d->avail_idx % d->size), head);
	d->avail_idx++;
	drv_remember(d, head, p, nb, nb_ring);
}

/* [virtio 2.8.21] The flags of a batch's first descriptor are kept for drv_publish(). */
static inline void
packed_add(struct drv *d, const struct piece *p, uint16_t nb, uint16_t nb_direct)
{
	const uint16_t nb_ring = nb_direct != 0 ? nb_direct : 1;
	const uint16_t id = d->ids[--d->nb_ids];
	uint16_t i, flags;

	for (i = 0; i < nb_ring; i++) {
		uint8_t *const desc = d->desc + 16u * d->pos;
		const uint16_t before = get16(desc, 14);

		flags = d->wrap ? F_AVAIL : F_USED;
		flags |= i + 1 == nb_ring ? 0 : F_NEXT;
		flags |= nb_direct == 0 ? F_INDIRECT | (nb & 1 ? F_WRITE : 0) :
			p[i].writable ? F_WRITE : 0;
		if (nb_direct == 0)
			desc_bytes(desc, drv_table(d, id), 16 * drv_fill_table(d, id, p, nb), id,
					before);
		else
			desc_bytes(desc, p[i].gpa, p[i].len, i + 1 == nb_ring ? id : 0xfffb,
					before);
		if (d->head == NULL) {
			d->head = desc;
			d->head_flags = flags;
		} else {
			put16(desc, 14, flags);
		}
		if (++d->pos == d->size) {
			d->pos = 0;
			d->wrap = !d->wrap;
		}
	}
	d->added += nb_ring;
	drv_remember(d, id, p, nb, nb_ring);
}

/** Add a buffer. @return whether there was room. */
static inline bool
drv_add(struct drv *d, const struct piece *p, uint16_t nb, enum how how)
{
	uint16_t nb_direct = nb;

	if (how == INDIRECT || (how == MIXED && d->cfg.packed))
		nb_direct = 0;
	else if (how == MIXED)
		nb_direct = nb / 2;
	if ((uint32_t)nb_direct + (nb_direct < nb) > d->nb_free)
		return false;
	if (d->cfg.packed)
		packed_add(d, p, nb, nb_direct);
	else
		split_add(d, p, nb, nb_direct);
	return true;
}

static inline void
drv_publish(struct drv *d)
{
	if (d->cfg.packed && d->head != NULL)
		__atomic_store_n((uint16_t *)(void *)(d->head + 14), d->head_flags,
				__ATOMIC_RELEASE);
	else if (!d->cfg.packed)
		__atomic_store_n((uint16_t *)(void *)(d->driver + 2), d->avail_idx,
				__ATOMIC_RELEASE);
	d->head = NULL;
}

/** Whether the device asked for a kick for what was added since the last call. */
static inline bool
drv_kick_wanted(struct drv *d)
{
	const uint16_t event = get16(d->device, d->cfg.packed ? 0 : device_area_len(d) - 2);
	const uint16_t flags = get16(d->device, d->cfg.packed ? 2 : 0);
	uint32_t nb = d->added, at = d->pos;
	uint16_t idx = d->kicked;
	bool wanted = false, wrap = d->wrap;

	d->added = 0;
	d->kicked = d->avail_idx;
	if (!d->cfg.packed && !d->cfg.event_idx)
		return flags == 0 && idx != d->avail_idx;
	if (!d->cfg.packed) {
		for (; idx != d->avail_idx; idx++)
			wanted |= idx == event;
		return wanted;
	}
	if (flags != 2)
		return flags == 0 && nb != 0;
	assert_true(d->cfg.event_idx);
	while (nb-- != 0) {
		wrap ^= at == 0;
		at = at == 0 ? d->size - 1 : at - 1;
		wanted |= at == (event & 0x7fff) && wrap == (event >> 15 != 0);
	}
	return wanted;
}

/* A buffer came back: it was out, in order if that was promised, with the right length. */
static inline void
drv_returned(struct drv *d, uint32_t id, uint32_t len)
{
	struct sent *s;

	assert_in_range(id, 0, d->size - 1);
	s = &d->sent[id];
	assert_true(s->out);
	assert_int_equal(len, s->used_len);
	if (d->cfg.in_order)
		assert_int_equal(s->serial, d->used_serial);
	d->used_serial++;
	s->out = false;
	d->nb_free += s->nb_ring;
}

/** Take what the device has used. @return how many. */
static inline uint32_t
drv_reap(struct drv *d)
{
	uint32_t n = 0;

	if (!d->cfg.packed) {
		const uint16_t idx = __atomic_load_n((uint16_t *)(void *)(d->device + 2),
				__ATOMIC_ACQUIRE);

		assert_true((uint16_t)(idx - d->used_idx) <= d->size);
		for (; d->used_idx != idx; d->used_idx++, n++) {
			const uint32_t at = 4 + 8u * (d->used_idx % d->size);
			const uint32_t id = get32(d->device, at);
			uint16_t last, i;

			drv_returned(d, id, get32(d->device, at + 4));
			/* In order they stay a ring; else they go to the front of the free list. */
			if (d->cfg.in_order)
				continue;
			for (last = (uint16_t)id, i = 1; i < d->sent[id].nb_ring; i++)
				last = d->next[last];
			d->next[last] = d->free_head;
			d->free_head = (uint16_t)id;
		}
		return n;
	}
	for (;; n++) {
		const uint8_t *const desc = d->desc + 16u * d->used_pos;
		const uint16_t flags = __atomic_load_n((const uint16_t *)(const void *)(desc + 14),
				__ATOMIC_ACQUIRE);
		const uint16_t used = d->used_wrap ? F_AVAIL | F_USED : 0;
		uint16_t id;

		if ((flags & (F_AVAIL | F_USED)) != used)
			return n;
		id = get16(desc, 12);
		/* A length counts only where WRITE says that there is one [virtio 2.8.4]. */
		drv_returned(d, id, flags & F_WRITE ? get32(desc, 8) : 0);
		assert_int_equal((flags & F_WRITE) != 0, d->sent[id].used_len != 0);
		d->ids[d->nb_ids++] = id;
		d->used_pos += d->sent[id].nb_ring;
		if (d->used_pos >= d->size) {
			d->used_pos -= d->size;
			d->used_wrap = !d->used_wrap;
		}
	}
}

/** What a chain must have become: pieces that end only where a descriptor or a block ends. */
static inline void
drv_check(const struct drv *d, const struct vhc_vring_elem *e)
{
	const struct sent *const s = &d->sent[e->id];
	uint32_t i, k = 0, off;

	assert_in_range(e->id, 0, d->size - 1);
	assert_true(s->out);
	assert_false(e->bad);
	assert_int_equal(e->nb_ring, s->nb_ring);
	for (i = 0; i < s->nb; i++)
		for (off = 0; off < s->piece[i].len; k++) {
			const uint64_t gpa = s->piece[i].gpa + off;

			assert_true(k < e->nb_desc);
			assert_ptr_equal(e->desc[k].addr, guest_at(&d->guest, gpa));
			assert_int_equal(e->desc[k].writable, s->piece[i].writable);
			off += e->desc[k].len;
			assert_true(off <= s->piece[i].len);
			assert_true(e->desc[k].len != 0 &&
					guest_owns(&d->guest, e->desc[k].addr, e->desc[k].len));
			if (off < s->piece[i].len)
				assert_int_equal(s->piece[i].gpa + off, d->guest.border);
		}
	assert_int_equal(k, e->nb_desc);
}

/** Random pieces: somewhere, around the border, or empty; readable ones first. */
static inline void
drv_pieces(struct drv *d, struct piece *p, uint16_t nb)
{
	const uint32_t readable = unit_rand(&d->seed) % (nb + 1u);
	uint16_t i;

	for (i = 0; i < nb; i++) {
		const uint32_t r = unit_rand(&d->seed);

		p[i].len = r % 8 == 0 ? 0 : 1 + (r >> 3) % 300;
		p[i].gpa = r % 7 == 0 ? d->guest.border - (r >> 3) % 301 :
			r % 2 ? HIGH_GPA + (r >> 8) % (HIGH_SIZE - 300) :
			LOW_GPA + (r >> 8) % 0x400;
		if (p[i].len == 0) /* wherever it points */
			p[i].gpa = ~UINT64_C(0) - r;
		p[i].writable = i >= readable;
	}
}

#endif /* VRING_MODEL_H */
