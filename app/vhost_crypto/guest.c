/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <rte_vhost.h>

#include "guest.h"

#define LOG_PAGE 4096
#define HUGETLBFS 0x958458f6

/* A mapping as the signal handler sees it. */
struct range {
	uintptr_t base;
	uintptr_t end; /* atomic; 0: none */
	size_t page;   /* what can be replaced at once */
};

#define RANGE_LOG VHC_GUEST_MEM_REGIONS
#define RANGE_INFLIGHT (VHC_GUEST_MEM_REGIONS + 1)
#define RANGES (VHC_GUEST_MEM_REGIONS + 2)

static struct range ranges[VHC_GUEST_MAX][RANGES];
static struct vhc_guest *guests[VHC_GUEST_MAX]; /* atomic */
static int wake = -1;

static __thread struct vhc_guest *current;

static void
set_range(struct range *r, const void *base, size_t len, size_t page)
{
	/* Release: who finds the new end finds the rest, and nobody the rest with the old end. */
	__atomic_store_n(&r->end, 0, __ATOMIC_RELEASE);
	__atomic_thread_fence(__ATOMIC_RELEASE);
	r->base = (uintptr_t)base;
	r->page = page;
	if (base != NULL)
		__atomic_store_n(&r->end, (uintptr_t)base + len, __ATOMIC_RELEASE);
}

static bool
replace_page(uintptr_t addr, size_t page)
{
	return mmap((void *)(addr & ~((uintptr_t)page - 1)), page, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1,
			0) != MAP_FAILED;
}

/* Whether the address is a guest's, and can be accessed now. Called in a signal handler. */
static bool
repair(uintptr_t addr)
{
	const size_t pages[] = {LOG_PAGE, (size_t)2 << 20, (size_t)1 << 30};
	const uint64_t one = 1;
	struct vhc_guest *g;
	struct range *r;
	unsigned int i, k;
	bool done = false;
	ssize_t n;

	for (i = 0; i < VHC_GUEST_MAX; i++) {
		g = __atomic_load_n(&guests[i], __ATOMIC_ACQUIRE);
		for (k = 0; g != NULL && k < RANGES; k++) {
			r = &ranges[i][k];
			if (addr < __atomic_load_n(&r->end, __ATOMIC_ACQUIRE) && addr >= r->base) {
				done = replace_page(addr, r->page);
				goto found;
			}
		}
	}
	g = current;
	/* A mapping that is not known yet: the smallest page that its kind allows. */
	for (k = 0; g != NULL && !done && k < sizeof(pages) / sizeof(pages[0]); k++)
		done = replace_page(addr, pages[k]);
found:
	if (!done)
		return false;
	__atomic_store_n(&g->broken, 1, __ATOMIC_RELEASE);
	n = write(wake, &one, sizeof(one));
	(void)n; /* A counter that is full wakes as well. */
	return true;
}

static void
on_sigbus(int sig, siginfo_t *info, void *context)
{
	const int error = errno;

	(void)context;
	/* si_code > 0: raised by an access, and not sent by somebody. */
	if (info->si_code <= 0 || !repair((uintptr_t)info->si_addr)) {
		signal(sig, SIG_DFL);
		if (info->si_code <= 0)
			raise(sig);
	}
	errno = error;
}

int
vhc_guest_protect(int wakefd)
{
	struct sigaction sa;

	wake = wakefd;
	memset(&sa, 0, sizeof(sa));
	sa.sa_sigaction = on_sigbus;
	sa.sa_flags = SA_SIGINFO;
	sigemptyset(&sa.sa_mask);
	return sigaction(SIGBUS, &sa, NULL) == 0 ? 0 : -errno;
}

void
vhc_guest_init(struct vhc_guest *g, unsigned int id)
{
	memset(g, 0, sizeof(*g));
	g->id = id;
	__atomic_store_n(&guests[id], g, __ATOMIC_RELEASE);
}

void
vhc_guest_fini(struct vhc_guest *g)
{
	vhc_guest_unmap(g);
	__atomic_store_n(&guests[g->id], NULL, __ATOMIC_RELEASE);
}

void
vhc_guest_unmap_memory(struct vhc_guest *g)
{
	unsigned int i;

	for (i = 0; i < VHC_GUEST_MEM_REGIONS; i++)
		set_range(&ranges[g->id][i], NULL, 0, 0);
	g->mem.nb_regions = 0;
}

void
vhc_guest_set_log(struct vhc_guest *g, uint8_t *log, uint64_t len)
{
	g->log = log;
	g->log_len = len;
	set_range(&ranges[g->id][RANGE_LOG], log, len, LOG_PAGE);
}

void
vhc_guest_watch_inflight(struct vhc_guest *g, const void *base, size_t len)
{
	set_range(&ranges[g->id][RANGE_INFLIGHT], base, len, LOG_PAGE);
}

void
vhc_guest_unmap(struct vhc_guest *g)
{
	vhc_guest_unmap_memory(g);
	vhc_guest_set_log(g, NULL, 0);
	vhc_guest_watch_inflight(g, NULL, 0);
	__atomic_store_n(&g->broken, 0, __ATOMIC_RELAXED);
}

size_t
vhc_guest_page(int fd)
{
	struct statfs fs;

	if (fstatfs(fd, &fs) == 0 && (unsigned int)fs.f_type == HUGETLBFS && fs.f_bsize > 0)
		return (size_t)fs.f_bsize;
	return LOG_PAGE;
}

int
vhc_guest_map(struct vhc_guest *g, int vid)
{
	const struct rte_vhost_mem_region *from;
	struct rte_vhost_memory *table = NULL;
	struct vhc_guest_region *to;
	int ret = 0;
	uint32_t i;

	vhc_guest_unmap_memory(g);
	if (rte_vhost_get_mem_table(vid, &table) != 0 || table == NULL)
		return -ENOMEM;
	if (table->nregions > VHC_GUEST_MEM_REGIONS)
		ret = -E2BIG;
	for (i = 0; ret == 0 && i < table->nregions; i++) {
		from = &table->regions[i];
		to = &g->mem.region[i];
		to->gpa = from->guest_phys_addr;
		to->size = from->size;
		to->hva = (uint8_t *)(uintptr_t)from->host_user_addr;
		if (to->gpa + to->size < to->gpa)
			ret = -EINVAL;
		set_range(&ranges[g->id][i], from->mmap_addr, from->mmap_size,
				vhc_guest_page(from->fd));
	}
	if (ret == 0)
		g->mem.nb_regions = table->nregions;
	free(table);
	return ret;
}

void
vhc_guest_enter(struct vhc_guest *g)
{
	current = g;
}

bool
vhc_guest_has(const struct vhc_guest *g, const void *addr, size_t len)
{
	const struct vhc_guest_region *r;
	uint32_t i;

	for (i = 0; i < g->mem.nb_regions; i++) {
		r = &g->mem.region[i];
		if ((uintptr_t)addr >= (uintptr_t)r->hva &&
				(uintptr_t)addr - (uintptr_t)r->hva <= r->size &&
				len <= r->size - ((uintptr_t)addr - (uintptr_t)r->hva))
			return true;
	}
	return false;
}

void
vhc_guest_log(const struct vhc_guest *g, const void *addr, size_t len)
{
	const struct vhc_guest_region *r;
	uint64_t off, page, last;
	uint32_t i;

	if (g->log == NULL || len == 0)
		return;
	for (i = 0; i < g->mem.nb_regions; i++) {
		r = &g->mem.region[i];
		off = (uintptr_t)addr - (uintptr_t)r->hva;
		if ((uintptr_t)addr < (uintptr_t)r->hva || off >= r->size)
			continue;
		last = (r->gpa + off + len - 1) / LOG_PAGE;
		for (page = (r->gpa + off) / LOG_PAGE; page <= last; page++) {
			if (page / 8 >= g->log_len)
				return;
			/*
			 * Release: the data is there before the bit says so; pairs with the
			 * exchange by which the front end collects the bits.
			 */
			__atomic_fetch_or(&g->log[page / 8], (uint8_t)(1u << (page % 8)),
					__ATOMIC_RELEASE);
		}
		return;
	}
}
