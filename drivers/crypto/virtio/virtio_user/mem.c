/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Memory regions from EAL's lists of memory segments.
 *
 * May include: EAL's memory interface and the log. Any thread that has EAL's memory
 * lock; nothing is allocated, as the lock may be held for writing.
 *
 * A segment is one page. With --single-file-segments and with --no-huge a list of
 * segments is one file; otherwise each page is a file of its own.
 */

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <rte_common.h>
#include <rte_memory.h>

#include "mem.h"
#include "virtio_log.h"

struct walk {
	const char *dev_name;
	struct vcrypto_mem_table *table;
	uintptr_t gone, gone_end;
	uint32_t nb; /* regions found, more than fit included */
};

static bool
file_of(const struct rte_memseg *ms, int *fd, uint64_t *offset)
{
	size_t off;

	*fd = rte_memseg_get_fd_thread_unsafe(ms);
	if (*fd < 0 || rte_memseg_get_fd_offset_thread_unsafe(ms, &off) < 0)
		return false;
	*offset = off;
	return true;
}

static void
add_region(struct walk *w, uint64_t addr, uint64_t len, int fd, uint64_t offset)
{
	struct vcrypto_mem_region *const last = w->nb == 0 || w->nb > VCRYPTO_MEM_MAX_REGIONS ?
		NULL : &w->table->regions[w->nb - 1];

	if (last != NULL && last->fd == fd && last->addr + last->len == addr &&
			last->offset + last->len == offset) {
		last->len += len;
		return;
	}
	if (w->nb < VCRYPTO_MEM_MAX_REGIONS)
		w->table->regions[w->nb] = (struct vcrypto_mem_region){
			.addr = addr, .len = len, .offset = offset, .fd = fd,
		};
	w->nb++;
}

/* Segments side by side, in memory and in EAL's array. */
static void
add_segments(struct walk *w, const struct rte_memseg *ms, size_t nb, uint64_t page)
{
	uint64_t off, last_off;
	int fd, last_fd;
	size_t i;

	if (nb == 0)
		return;
	if (!file_of(&ms[0], &fd, &off) || !file_of(&ms[nb - 1], &last_fd, &last_off)) {
		VCRYPTO_DEV_LOG(DEBUG, w->dev_name, "memory at %p has no file behind it and is not"
			" shared with the back end", ms->addr);
		return;
	}
	/* One file for the list: there may be a segment for every 4 KiB, so no look at each. */
	if (fd == last_fd && last_off - off == (nb - 1) * page) {
		add_region(w, ms->addr_64, nb * page, fd, off);
		return;
	}
	for (i = 0; i < nb; i++) {
		if (file_of(&ms[i], &fd, &off))
			add_region(w, ms[i].addr_64, page, fd, off);
	}
}

static int
add_run(const struct rte_memseg_list *msl, const struct rte_memseg *ms, size_t len, void *arg)
{
	const uint64_t page = msl->page_sz, start = ms->addr_64, end = start + len;
	struct walk *const w = arg;
	uint64_t cut, cut_end;

	if (msl->external) {
		VCRYPTO_DEV_LOG(DEBUG, w->dev_name, "external memory at %p is not shared with the"
			" back end", ms->addr);
		return 0;
	}
	cut = RTE_MIN(RTE_MAX((uint64_t)w->gone, start), end);
	cut_end = RTE_MIN(RTE_MAX((uint64_t)w->gone_end, cut), end);
	add_segments(w, ms, (cut - start) / page, page);
	add_segments(w, ms + (cut_end - start) / page, (end - cut_end) / page, page);
	return 0;
}

int
vcrypto_mem_collect(const char *dev_name, const void *gone, size_t gone_len, bool quiet,
		struct vcrypto_mem_table *table)
{
	const uint32_t level = quiet ? RTE_LOG_DEBUG : RTE_LOG_ERR;
	struct walk w = {
		.dev_name = dev_name,
		.table = table,
		.gone = (uintptr_t)gone,
		.gone_end = (uintptr_t)gone + gone_len,
	};

	rte_memseg_contig_walk_thread_unsafe(add_run, &w);
	if (w.nb == 0) {
		rte_log(level, vcrypto_logtype, "CRYPTO_VIRTIO: %s: none of DPDK's memory is a"
			" file that a back end could map: use huge pages, or --no-huge with a"
			" kernel that has memfd\n", dev_name);
		return -ENODATA;
	}
	if (w.nb > VCRYPTO_MEM_MAX_REGIONS) {
		rte_log(level, vcrypto_logtype, "CRYPTO_VIRTIO: %s: DPDK's memory is in %" PRIu32
			" pieces, a back end takes %u: run with --single-file-segments, or with"
			" fewer and larger huge pages\n", dev_name, w.nb, VCRYPTO_MEM_MAX_REGIONS);
		return -E2BIG;
	}
	table->nb = w.nb;
	return 0;
}

bool
vcrypto_mem_equal(const struct vcrypto_mem_table *a, const struct vcrypto_mem_table *b)
{
	uint32_t i;

	if (a->nb != b->nb)
		return false;
	for (i = 0; i < a->nb; i++) {
		const struct vcrypto_mem_region *const x = &a->regions[i], *const y =
			&b->regions[i];

		if (x->addr != y->addr || x->len != y->len || x->offset != y->offset ||
				x->fd != y->fd)
			return false;
	}
	return true;
}
