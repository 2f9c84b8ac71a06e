/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * A virtqueue from the device's side, split or packed. [virtio 2.7, 2.8]
 * Chains come out translated and checked; answers go in one by one and become visible
 * in bursts. With IN_ORDER an answer waits in the ring until those before it are there.
 *
 * Knows guest memory and descriptors, neither crypto nor vhost. One thread at a time
 * uses a ring.
 *
 * Distrust: everything in the guest's memory is read once into a copy, and the
 * copy is checked and used. A chain that breaks a rule (a loop, a nested indirect table, a table of
 * odd length, memory that is not the guest's, readable after writable) comes out marked
 * as bad, to be answered like any other; the ring goes on. Only where the ring's own state makes
 * no sense is it broken: more is available than the ring holds, a head or a buffer id is beyond
 * its size. It then gives nothing more until it is made again.
 */

#ifndef VHC_VRING_H
#define VHC_VRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "chain.h"
#include "guest_mem.h"

#define VHC_VRING_MAX_SIZE 32768

/** Where a ring lies in this process, and how its driver uses it. */
struct vhc_vring_cfg {
	void *desc;    /* descriptor area */
	void *driver;  /* driver area: avail ring or event suppression */
	void *device;  /* device area: used ring or event suppression */
	uint16_t size; /* entries; a power of two for the split format */
	bool packed;
	bool event_idx;
	bool indirect; /* INDIRECT_DESC negotiated; else such a descriptor is a broken rule */
	bool in_order; /* packed or split: the driver relies on used entries in order */
	/*
	 * Where to go on: split: index; packed: index and wrap counter in bit 15. 0 and 0 (split)
	 * or 0x8000 and 0x8000 (packed) for a new ring. What lies between them was taken and not
	 * given back: vhc_vring_retake().
	 */
	uint16_t last_avail;
	uint16_t last_used;
};

/** A chain that was taken; to be given back, unchanged, with vhc_vring_put(). */
struct vhc_vring_elem {
	uint16_t id;      /* split: head; packed: buffer id; below the ring's size */
	uint16_t pos;     /* packed: where in the ring its first descriptor was */
	uint16_t nb_ring; /* descriptors of the ring that the chain occupies */
	uint16_t seq;     /* the ring's own */
	uint16_t nb_desc; /* pieces of memory in desc; none is empty */
	bool bad;         /* a rule is broken: desc holds what is sound, for a status byte */
	struct vhc_desc *desc; /* the caller's array, or a malloc()ed one, then the caller's */
};

struct vhc_vring;

/**
 * @return a ring; NULL with errno EINVAL (size, alignment, positions that are further apart than
 *         the ring is long) or ENOMEM. The memory of the ring itself must lie in the guest's
 *         memory as a whole: that is the caller's to check.
 */
struct vhc_vring *vhc_vring_create(const struct vhc_vring_cfg *cfg);
/** Forget the ring; its memory stays as it is. NULL is allowed. */
void vhc_vring_destroy(struct vhc_vring *v);

/**
 * Take available chains.
 * @param elems   room for @p nb; in each, desc points to an array of @p max_desc on entry. A longer
 *                chain gets a malloc()ed array.
 * @return chains taken, 0 to @p nb, fewer than there are where chains are very long; -EIO the
 *         ring is broken; vhc_vring_fault() says why. Chains taken before that can still be
 *         given back.
 */
int vhc_vring_pop(struct vhc_vring *v, const struct vhc_guest_mem *mem,
		struct vhc_vring_elem *elems, uint16_t nb, uint16_t max_desc);

/** A descriptor of a packed ring as an in-flight area remembers it; CPU byte order. */
struct vhc_vring_saved {
	uint64_t addr;
	uint32_t len;
	uint16_t id;
	uint16_t flags;
};

/**
 * Take a chain again that an earlier life of the ring took and did not give back. Before the first
 * pop, and with IN_ORDER in the order in which they were taken.
 * @param head   split: the chain's head; packed: ignored.
 * @param saved  packed: the chain's @p nb descriptors; split: ignored.
 * @param e      as for vhc_vring_pop(); pos is not set.
 * @return 0; -EINVAL no such chain, or more than the ring's position says.
 */
int vhc_vring_retake(struct vhc_vring *v, const struct vhc_guest_mem *mem, uint16_t head,
		const struct vhc_vring_saved *saved, uint16_t nb, struct vhc_vring_elem *e,
		uint16_t max_desc);

/**
 * Bring what the next pop of @p nb chains reads near: for the time between two bursts, while
 * other work hides that it lies in the driver's cache. Takes nothing.
 */
void vhc_vring_prefetch(struct vhc_vring *v, const struct vhc_guest_mem *mem, uint16_t nb);

/** Whether a pop would find something. */
bool vhc_vring_pending(const struct vhc_vring *v);

/**
 * Give a chain back; the driver sees it after vhc_vring_publish().
 * @param len  bytes written, as the used ring states them.
 */
void vhc_vring_put(struct vhc_vring *v, const struct vhc_vring_elem *e, uint32_t len);

/** Make all that was put visible. @return whether anything became so. [virtio 2.7.8, 2.8.22] */
bool vhc_vring_publish(struct vhc_vring *v);

/**
 * Whether the driver wants to be interrupted for what was published since the last
 * call. Contains the full barrier between publishing and the look at the driver's wish.
 */
bool vhc_vring_call_wanted(struct vhc_vring *v);

/**
 * Say whether kicks are wanted. Returns true if, after asking for kicks, chains are available that
 * nobody will kick for. [virtio 2.7.10, 2.8.10]
 */
bool vhc_vring_want_kicks(struct vhc_vring *v, bool want);

/** Where the ring stands, in the form of vhc_vring_cfg: what was taken, and what was published. */
void vhc_vring_position(const struct vhc_vring *v, uint16_t *last_avail, uint16_t *last_used);

/** Why the ring is broken; NULL if it is not. */
const char *vhc_vring_fault(const struct vhc_vring *v);

/**
 * The ring has written [addr, addr + len), in this process, of the guest's memory, and a dirty log
 * must hear of it. Split: always in the device area; packed: in the descriptor area too. Called by
 * publish and want_kicks, after the write, while set.
 */
typedef void (*vhc_vring_log_t)(void *ctx, const void *addr, size_t len);
/** NULL: off. */
void vhc_vring_set_log(struct vhc_vring *v, vhc_vring_log_t log, void *ctx);

#endif /* VHC_VRING_H */
