/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The device is stopped, which resets it, with ops in flight, and started again, many times under
 * one session: more often than QEMU's device has sessions to leak. And whole life cycles, after
 * which heap, memzones and file descriptors are what they were.
 */

#include <stdlib.h>

#include <rte_errno.h>
#include <rte_malloc.h>
#include <rte_memzone.h>

#include "load.h"

#define NB_ROUNDS 300
#define NB_CYCLES 300
#define NB_DESC 128

static void
check_stats(const char *name, const struct load *l)
{
	struct rte_cryptodev_stats stats;

	rte_cryptodev_stats_get(l->dev_id, &stats);
	if (stats.enqueued_count != l->sent || stats.dequeued_count != l->back)
		app_fail(name, "stats say %" PRIu64 " enqueued and %" PRIu64 " dequeued, %" PRIu64
			" and %" PRIu64 " were", stats.enqueued_count, stats.dequeued_count,
			l->sent, l->back);
	else if (stats.enqueue_err_count + stats.dequeue_err_count > 0)
		app_fail(name, "stats count %" PRIu64 " errors where there were none",
			stats.enqueue_err_count + stats.dequeue_err_count);
	else
		app_pass(name);
}

/* One round: bursts of random sizes, and a stop while the last of them is out. */
static int
round_of_load(struct load *l, unsigned int *stopped_busy)
{
	unsigned int nb = 1 + (unsigned int)rand() % 16, i;

	for (i = 0; i < nb; i++) {
		load_enqueue(l, 1 + (unsigned int)rand() % LOAD_BURST);
		load_dequeue(l, 1 + (unsigned int)rand() % LOAD_BURST);
	}
	load_enqueue(l, LOAD_BURST);
	*stopped_busy += load_out(l) > 0;
	rte_cryptodev_stop(l->dev_id);
	return rte_cryptodev_start(l->dev_id);
}

void
test_reset_load(void)
{
	static const char name[] = "reset-load";
	unsigned int i, stopped_busy = 0;
	struct load l;
	int ret = 0, dev_id;

	dev_id = app_first_device(name, NB_DESC);
	if (dev_id < 0 || !load_init(&l, name, (uint8_t)dev_id, 1))
		return;
	rte_cryptodev_stats_reset(l.dev_id);
	srand(1);
	for (i = 0; i < NB_ROUNDS && l.wrong == NULL && ret == 0; i++)
		ret = round_of_load(&l, &stopped_busy);
	if (ret != 0)
		app_fail(name, "start %u after a stop: %s", i, rte_strerror(-ret));
	else if (l.wrong != NULL)
		app_fail(name, "round %u: %s", i, l.wrong);
	else if (!load_drain(&l))
		app_fail(name, "%u ops do not come back", load_out(&l));
	else if (l.errors > 0)
		app_fail(name, "%" PRIu64 " ops came back as errors, which a device that answers "
			"has time to finish", l.errors);
	else if (stopped_busy < NB_ROUNDS / 2)
		app_fail(name, "only %u of %u stops had ops in flight", stopped_busy, NB_ROUNDS);
	else if (!load_run(&l, 2 * LOAD_NB_OPS) || !load_drain(&l))
		app_fail(name, "after the last start: %s",
			l.wrong != NULL ? l.wrong : "ops do not come back");
	else
		app_pass(name);
	printf("reset-load: %u rounds, %u stopped busy, %" PRIu64 " ops\n", i, stopped_busy,
		l.back);
	if (load_out(&l) > 0)
		return;
	check_stats("reset-load stats", &l);
	load_fini(&l);
	rte_cryptodev_stop(l.dev_id);
}

struct owned {
	unsigned int memzones, fds;
	uint64_t heap;
};

static void
count_memzone(const struct rte_memzone *mz, void *arg)
{
	RTE_SET_USED(mz);
	++*(unsigned int *)arg;
}

static struct owned
count_owned(void)
{
	struct rte_malloc_socket_stats stats;
	struct owned o = { 0 };

	rte_memzone_walk(count_memzone, &o.memzones);
	if (rte_malloc_get_socket_stats(0, &stats) == 0)
		o.heap = stats.heap_allocsz_bytes;
	o.fds = app_nb_fds();
	return o;
}

void
test_cycles(void)
{
	static const char name[] = "cycles";
	struct owned before = { 0 }, after;
	uint8_t ids[APP_MAX_DEVS];
	unsigned int i;
	struct load l;
	int ret;

	if (app_devices(ids) == 0) {
		app_fail(name, "no device");
		return;
	}
	for (i = 0; i <= NB_CYCLES; i++) {
		ret = app_start(ids[0], 64 << i % 3);
		if (ret != 0) {
			app_fail(name, "start %u: %s", i, rte_strerror(-ret));
			return;
		}
		if (!load_init(&l, name, ids[0], (uint8_t)i))
			return;
		rte_cryptodev_stats_reset(ids[0]);
		if (!load_run(&l, LOAD_BURST) || !load_drain(&l) || l.errors > 0) {
			app_fail(name, "cycle %u: %s", i, l.wrong != NULL ? l.wrong :
				"ops come back late or as errors");
			return;
		}
		load_fini(&l);
		if (i == NB_CYCLES)
			check_stats("cycles stats", &l);
		rte_cryptodev_stop(ids[0]);
		if (rte_cryptodev_close(ids[0]) != 0) {
			app_fail(name, "close %u fails", i);
			return;
		}
		if (i == 0) /* pools are made by now */
			before = count_owned();
	}
	after = count_owned();
	if (after.memzones != before.memzones)
		app_fail(name, "%u memzones, %u before", after.memzones, before.memzones);
	else if (after.heap != before.heap)
		app_fail(name, "%" PRIu64 " bytes of heap, %" PRIu64 " before", after.heap,
			before.heap);
	else if (after.fds != before.fds)
		app_fail(name, "%u file descriptors, %u before", after.fds, before.fds);
	else if (l.wrong != NULL)
		app_fail(name, "%s", l.wrong);
	else
		app_pass(name);
}
