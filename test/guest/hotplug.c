/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The device is taken away and probed again through EAL's hotplug API, many times. A started
 * device cannot be taken away.
 */

#include <stdio.h>

#include <rte_bus.h>
#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_malloc.h>

#include "load.h"

#define NB_ROUNDS 16
#define ROUNDS_BEFORE 2 /* EAL and the bus have what they keep by then */
/*
 * rte_cryptodev 22.11 never frees the two RCU variables of a configured queue pair of a device
 * that is released: 256 bytes each, and 128 that the heap adds.
 */
#define LIBRARY_LOSES (2 * (256 + 128))
#define HEAP_SLACK 256 /* padding that depends on where things come to lie */

static bool
use_device(const char *name, uint8_t dev_id, bool try_remove)
{
	struct rte_cryptodev_info info;
	struct load l;
	bool ok;

	if (app_start(dev_id, 64) != 0) {
		app_fail(name, "the device does not start");
		return false;
	}
	if (!load_init(&l, name, dev_id, 3))
		return false;
	ok = load_run(&l, LOAD_NB_OPS) && load_drain(&l) && l.errors == 0;
	if (ok && try_remove) {
		rte_cryptodev_info_get(dev_id, &info);
		if (rte_dev_remove(info.device) == 0) {
			app_fail("hotplug started device", "it can be removed");
			return false;
		}
		ok = load_run(&l, LOAD_NB_OPS) && load_drain(&l) && l.errors == 0;
		if (ok)
			app_pass("hotplug started device");
	}
	if (!ok) {
		app_fail(name, "%s", l.wrong != NULL ? l.wrong : "ops come back late or as errors");
		return false;
	}
	load_fini(&l);
	rte_cryptodev_stop(dev_id);
	return true;
}

static uint64_t
heap_bytes(void)
{
	struct rte_malloc_socket_stats stats;

	return rte_malloc_get_socket_stats(0, &stats) == 0 ? stats.heap_allocsz_bytes : 0;
}

void
test_hotplug(void)
{
	static const char name[] = "hotplug";
	struct rte_cryptodev_info info;
	uint8_t ids[APP_MAX_DEVS];
	unsigned int i, fds = 0;
	uint64_t heap = 0;
	char devargs[128];
	int ret;

	if (app_devices(ids) != 1) {
		app_fail(name, "there is not one device");
		return;
	}
	snprintf(devargs, sizeof(devargs), "%s,caps=probe", rte_cryptodev_name_get(ids[0]));
	for (i = 0; i < NB_ROUNDS; i++) {
		if (!use_device(name, ids[0], i == 0))
			return;
		rte_cryptodev_info_get(ids[0], &info);
		ret = rte_dev_remove(info.device);
		if (ret != 0) {
			app_fail(name, "removal %u: %s", i, rte_strerror(-ret));
			return;
		}
		if (app_devices(ids) != 0) {
			app_fail(name, "a removed device is still there");
			return;
		}
		if (i == ROUNDS_BEFORE) {
			fds = app_nb_fds();
			heap = heap_bytes();
		}
		if (i + 1 == NB_ROUNDS && app_nb_fds() != fds) {
			app_fail(name, "%u file descriptors, %u before", app_nb_fds(), fds);
			return;
		}
		if (i + 1 == NB_ROUNDS &&
				heap_bytes() > heap + HEAP_SLACK +
				(i - ROUNDS_BEFORE) * LIBRARY_LOSES) {
			app_fail(name, "%" PRIu64 " bytes of heap, %" PRIu64 " before",
				heap_bytes(), heap);
			return;
		}
		ret = rte_dev_probe(devargs);
		if (ret != 0 || app_devices(ids) != 1) {
			app_fail(name, "probe %u: %s", i, rte_strerror(-ret));
			return;
		}
	}
	app_pass(name);
}
