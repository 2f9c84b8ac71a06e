/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * A guest as librte_vhost has mapped it: its memory, its dirty log, and what happens when
 * it takes its memory away.
 *
 * Threads: the thread that handles the socket's messages maps and unmaps while workers and
 * control thread are kept off; between that they read. vhc_guest_log() is called by several.
 *
 * A guest can shorten the file behind its memory at any moment, and an access then raises
 * SIGBUS. The handler puts zeroed memory of this process in the place, marks the guest
 * as broken and lets the access go on; the guest's connection is then ended. SIGBUS anywhere else
 * keeps its usual effect.
 */

#ifndef VHC_GUEST_H
#define VHC_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "guest_mem.h"

#define VHC_GUEST_MAX 64 /* guests at once */

struct vhc_guest {
	struct vhc_guest_mem mem;
	uint8_t *log;     /* a bit for each page of 4 KiB; NULL: not wanted */
	uint64_t log_len; /* bytes */
	uint32_t broken;  /* atomic: memory went away */
	unsigned int id;
};

/** Bytes of the pages of which a file's mappings are made. */
size_t vhc_guest_page(int fd);

/**
 * Install the handler of SIGBUS, once.
 * @param wakefd  an eventfd to be written when a guest breaks.
 * @return 0; -errno of sigaction().
 */
int vhc_guest_protect(int wakefd);

/** @param id  below VHC_GUEST_MAX, one for each guest. */
void vhc_guest_init(struct vhc_guest *g, unsigned int id);
/** The guest's memory is about to be freed. */
void vhc_guest_fini(struct vhc_guest *g);

/**
 * Read the memory table of a connection, which must have one. Forgets what was mapped before.
 * @return 0; -ENOMEM; -E2BIG more regions than VHC_GUEST_MEM_REGIONS; -EINVAL a region whose
 *         addresses wrap around.
 */
int vhc_guest_map(struct vhc_guest *g, int vid);
/** Forget the memory table. */
void vhc_guest_unmap_memory(struct vhc_guest *g);
/** Forget all that is mapped; a new guest is not broken. */
void vhc_guest_unmap(struct vhc_guest *g);

/** The dirty log; NULL: none. */
void vhc_guest_set_log(struct vhc_guest *g, uint8_t *log, uint64_t len);
/** The in-flight area, which the guest can take away too. NULL: none. */
void vhc_guest_watch_inflight(struct vhc_guest *g, const void *base, size_t len);

/**
 * The calling thread works for this guest, with memory that is not known here yet: a SIGBUS of
 * its is the guest's. NULL: no longer.
 */
void vhc_guest_enter(struct vhc_guest *g);

/** Whether [addr, addr + len), in this process, lies in one region of the guest's memory. */
bool vhc_guest_has(const struct vhc_guest *g, const void *addr, size_t len);

/** [addr, addr + len) of the guest's memory was written: mark its pages in the log. */
void vhc_guest_log(const struct vhc_guest *g, const void *addr, size_t len);

static inline bool
vhc_guest_is_broken(const struct vhc_guest *g)
{
	return __atomic_load_n(&g->broken, __ATOMIC_RELAXED) != 0;
}

#endif /* VHC_GUEST_H */
