/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * What the two ring formats share: the ring's state, the table of what a format does, and
 * how a chain of pieces is put together. For vring*.c only.
 *
 * Each read of the guest's memory goes through a volatile or atomic access, so that what was
 * checked is what is used: the compiler must not read again.
 */

#ifndef VHC_VRING_INT_H
#define VHC_VRING_INT_H

#include <rte_branch_prediction.h>
#include <rte_byteorder.h>
#include <rte_common.h>
#include <rte_prefetch.h>

#include "virtio_wire.h"
#include "vring.h"

/* Chains that are looked at together: what one stage prefetches, the next one reads. */
#define VHC_VRING_STAGE 32
/* Descriptors after which a pop ends: no guest holds up the others with long chains. */
#define VHC_VRING_BUDGET 4096
/*
 * A chain must not be longer than the queue [virtio 2.7.5.3.1, 2.8.17]. Linux does not keep that
 * for indirect tables, and devices let it: those may always have this many entries.
 */
#define VHC_VRING_TABLE_MIN 1024

/** A descriptor of either format, copied, in CPU byte order. */
struct vhc_vring_raw {
	uint64_t addr;
	uint64_t tail; /* length; split: flags, next; packed: buffer id, flags */
};

/** An answer that waits for those before it. */
struct vhc_vring_held {
	uint32_t len;
	uint16_t id;
	uint16_t nb_ring;
	bool done;
};

struct vhc_vring_ops {
	int (*pop)(struct vhc_vring *v, const struct vhc_guest_mem *mem,
			struct vhc_vring_elem *elems, uint16_t nb, uint16_t max_desc);
	int (*retake)(struct vhc_vring *v, const struct vhc_guest_mem *mem, uint16_t head,
			const struct vhc_vring_saved *saved, uint16_t nb, struct vhc_vring_elem *e,
			uint16_t max_desc);
	void (*prefetch)(struct vhc_vring *v, const struct vhc_guest_mem *mem, uint16_t nb);
	bool (*pending)(const struct vhc_vring *v);
	void (*put)(struct vhc_vring *v, uint16_t id, uint16_t nb_ring, uint32_t len);
	bool (*publish)(struct vhc_vring *v);
	bool (*call_wanted)(struct vhc_vring *v);
	void (*want_kicks)(struct vhc_vring *v, bool want);
	void (*position)(const struct vhc_vring *v, uint16_t *last_avail, uint16_t *last_used);
};

struct vhc_vring {
	/* Constant. */
	const struct vhc_vring_ops *ops;
	uint8_t *desc;   /* descriptor area */
	uint8_t *driver; /* driver area */
	uint8_t *device; /* device area */
	uint32_t size;
	uint32_t max_table; /* entries of an indirect table that are walked */
	bool event_idx;
	bool indirect;
	vhc_vring_log_t log;
	void *log_ctx;

	/* IN_ORDER: answers by sequence number; NULL: each goes out at once. */
	struct vhc_vring_held *held;
	uint16_t held_mask;
	uint16_t held_head; /* the next that goes out */
	uint16_t seq;       /* of the next chain that is taken */

	const char *fault;
	uint32_t data_hint;  /* regions that were hit last */
	uint32_t table_hint;
	uint32_t unsignalled; /* published since the last call; packed: in descriptors */
	uint32_t lost;        /* taken by an earlier life; packed: in descriptors */

	union {
		struct {
			uint16_t avail_idx; /* as last read */
			uint16_t last_avail;
			uint16_t last_used; /* with what is put and not published */
			uint16_t published;
		} split;
		struct {
			uint32_t avail_pos;
			uint32_t used_pos;
			uint32_t published; /* place behind what is; the next answer is there */
			uint32_t nb_put;    /* ring descriptors that they stand for; 0: none */
			uint32_t inflight;  /* ring descriptors taken and not published */
			bool avail_wrap;
			bool used_wrap;
			bool published_wrap;
			uint64_t first_tail; /* what publish writes, in memory's byte order */
		} packed;
	};
};

extern const struct vhc_vring_ops vhc_vring_split_ops;
extern const struct vhc_vring_ops vhc_vring_packed_ops;

/* Aligned or not, and read exactly once. */
typedef uint64_t vhc_vring_u64 __attribute__((aligned(1), may_alias));

static inline uint64_t
vhc_vring_read64(const uint8_t *p)
{
	return rte_le_to_cpu_64(*(const volatile vhc_vring_u64 *)p);
}

static inline struct vhc_vring_raw
vhc_vring_read_desc(const uint8_t *p)
{
	struct vhc_vring_raw d;

	d.addr = vhc_vring_read64(p);
	d.tail = vhc_vring_read64(p + 8);
	return d;
}

static inline uint16_t
vhc_vring_read16(const uint8_t *p, int order)
{
	return rte_le_to_cpu_16(__atomic_load_n((const rte_le16_t *)(const void *)p, order));
}

static inline void
vhc_vring_write16(uint8_t *p, uint16_t v, int order)
{
	__atomic_store_n((rte_le16_t *)(void *)p, rte_cpu_to_le_16(v), order);
}

/** The ring gives nothing more. */
static inline void
vhc_vring_break(struct vhc_vring *v, const char *why)
{
	if (v->fault == NULL)
		v->fault = why;
}

/** A chain that grows, and what is known of it. */
struct vhc_vring_chain {
	struct vhc_desc *desc; /* the caller's array, or our own */
	uint32_t nb;
	uint32_t cap;
	uint32_t hint;
	bool own;
	bool writable; /* a device-writable descriptor has been seen */
	bool bad;
};

static inline void
vhc_vring_chain_init(struct vhc_vring_chain *c, struct vhc_desc *desc, uint16_t max_desc)
{
	c->desc = desc;
	c->nb = 0;
	c->cap = max_desc;
	c->own = false;
	c->writable = false;
	c->bad = false;
}

/* All that is not one piece that fits. */
void vhc_vring_chain_add_slow(struct vhc_vring_chain *c, const struct vhc_guest_mem *mem,
		uint64_t gpa, uint32_t len, bool writable);

/** Add a descriptor's memory; the chain is bad if that is not sound. */
static __rte_always_inline void
vhc_vring_chain_add(struct vhc_vring_chain *c, const struct vhc_guest_mem *mem, uint64_t gpa,
		uint32_t len, bool writable)
{
	uint64_t n = len;
	uint8_t *const p = vhc_guest_mem_at(mem, gpa, &n, &c->hint);

	if (unlikely(p == NULL || n != len || len == 0 || c->nb >= c->cap ||
			(c->writable && !writable))) {
		vhc_vring_chain_add_slow(c, mem, gpa, len, writable);
		return;
	}
	c->desc[c->nb].addr = p;
	c->desc[c->nb].len = len;
	c->desc[c->nb].writable = writable;
	c->nb++;
	c->writable = writable;
}

/** Give up what was built. */
void vhc_vring_chain_drop(struct vhc_vring_chain *c);

/** Hand a chain over; what is the ring's to say is set. */
static inline void
vhc_vring_chain_finish(struct vhc_vring *v, struct vhc_vring_chain *c, struct vhc_vring_elem *e)
{
	e->nb_desc = (uint16_t)c->nb;
	e->bad = c->bad;
	e->desc = c->desc;
	e->seq = v->seq++;
	/* Whoever gets the chain starts with its header. */
	if (likely(c->nb != 0)) {
		rte_prefetch0(c->desc[0].addr);
		if (c->desc[0].len > RTE_CACHE_LINE_SIZE)
			rte_prefetch0((uint8_t *)c->desc[0].addr + RTE_CACHE_LINE_SIZE);
	}
}

/**
 * Where an indirect table lies if it is sound and in one piece, and prefetch its first
 * lines; else NULL.
 */
static inline const uint8_t *
vhc_vring_table_at(struct vhc_vring *v, const struct vhc_guest_mem *mem, uint64_t gpa, uint32_t len)
{
	uint64_t n = len;
	const uint8_t *const t = vhc_guest_mem_at(mem, gpa, &n, &v->table_hint);

	if (unlikely(t == NULL || n != len || len == 0 || len % sizeof(struct virtq_desc) != 0))
		return NULL;
	rte_prefetch0(t);
	if (len > RTE_CACHE_LINE_SIZE)
		rte_prefetch0(t + RTE_CACHE_LINE_SIZE);
	return t;
}

/** Copy entry @p i of a table that is not in one piece. @return false: not the guest's memory. */
bool vhc_vring_table_entry(struct vhc_vring *v, const struct vhc_guest_mem *mem, uint64_t gpa,
		uint32_t i, struct vhc_vring_raw *d);

/** Whether a table of that place and length may be walked at all. [virtio 2.7.5.3, 2.8.7] */
static inline bool
vhc_vring_table_ok(const struct vhc_vring *v, uint64_t gpa, uint32_t len)
{
	return v->indirect && len != 0 && len % sizeof(struct virtq_desc) == 0 &&
		len <= UINT64_MAX - gpa;
}

#endif /* VHC_VRING_INT_H */
