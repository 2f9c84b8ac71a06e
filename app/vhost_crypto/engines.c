/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_common.h>
#include <rte_cryptodev.h>
#include <rte_dev.h>
#include <rte_errno.h>

#include "device.h"
#include "engines.h"
#include "log.h"

#define BEST_DRIVER "crypto_aesni_mb"
#define BEST_NAME BEST_DRIVER "0"
#define LIBCRYPTO "libcrypto"

static char names[VHC_ARGS_MAX_ENGINES + 1][RTE_CRYPTODEV_NAME_MAX_LEN];
static unsigned int nb_names;

const char *
vhc_engines_name(unsigned int i)
{
	return i < nb_names ? names[i] : NULL;
}

static void
add_name(const char *name)
{
	snprintf(names[nb_names], sizeof(names[0]), "%s", name);
	nb_names++;
}

/* Sessions that all devices together may have. */
static uint32_t
count_sessions(const struct vhc_args *a)
{
	uint64_t nb = 0;
	unsigned int i;

	/* Those that are dying while others are made count until they are freed. */
	for (i = 0; i < a->nb_sockets; i++)
		nb += a->socket[i].max_sessions + VHC_DEVICE_DYING;
	return (uint32_t)RTE_MIN(nb, (uint64_t)UINT32_MAX / 2);
}

/* @return the cryptodev of that name, made if need be; -errno. */
static int
find_cryptodev(const char *name, unsigned int nb_queues)
{
	char args[64];
	int id = rte_cryptodev_get_dev_id(name);

	if (id >= 0)
		return id;
	/* Software drivers have eight queue pairs unless they are told otherwise. */
	args[0] = '\0';
	if (nb_queues > 8)
		snprintf(args, sizeof(args), "max_nb_queue_pairs=%u", nb_queues);
	if (rte_eal_hotplug_add("vdev", name, args) != 0)
		return -ENODEV;
	id = rte_cryptodev_get_dev_id(name);
	return id >= 0 ? id : -ENODEV;
}

static struct vhc_engine *
open_cryptodev(const char *name, unsigned int nb_queues, uint32_t nb_sessions)
{
	struct vhc_engine *e;
	int id = find_cryptodev(name, nb_queues);

	if (id < 0) {
		VHC_LOG(ERR,
				"--engine %s: there is no such cryptodev, and no driver makes one: name a vdev such as " BEST_NAME
				", or a device that EAL was given with -a",
				name);
		return NULL;
	}
	e = vhc_engine_cryptodev_create((uint8_t)id, (uint16_t)nb_queues, nb_sessions);
	if (e == NULL)
		VHC_LOG(ERR,
				"--engine %s: the cryptodev cannot be used with %u queue pairs and %u sessions: %s",
				name, nb_queues, nb_sessions, strerror(errno));
	else
		add_name(name);
	return e;
}

/*
 * What serves when nothing is named: software cryptodevs that EAL was told to make, else the
 * best driver. Hardware is taken only by name, and virtio never, since a guest's devices are no
 * engines of the host.
 */
static unsigned int
choose(const char **chosen)
{
	struct rte_cryptodev_info info;
	unsigned int nb = 0;
	int id;

	for (id = 0; id < RTE_CRYPTO_MAX_DEVS && nb < VHC_ARGS_MAX_ENGINES; id++) {
		if (!rte_cryptodev_is_valid_dev((uint8_t)id))
			continue;
		rte_cryptodev_info_get((uint8_t)id, &info);
		if ((info.feature_flags & RTE_CRYPTODEV_FF_HW_ACCELERATED) != 0 ||
				(info.feature_flags & RTE_CRYPTODEV_FF_SYMMETRIC_CRYPTO) == 0 ||
				strncmp(info.driver_name, "crypto_virtio", 13) == 0)
			continue;
		chosen[nb++] = rte_cryptodev_name_get((uint8_t)id);
	}
	if (nb == 0 && rte_cryptodev_driver_id_get(BEST_DRIVER) >= 0)
		chosen[nb++] = BEST_NAME;
	return nb;
}

struct vhc_engine *
vhc_engines_create(const struct vhc_args *a, unsigned int nb_workers)
{
	struct vhc_engine *engine[VHC_ARGS_MAX_ENGINES + 2], *all = NULL;
	const char *name[VHC_ARGS_MAX_ENGINES];
	const bool named = a->nb_engines != 0;
	unsigned int nb_wanted, nb = 0, i;

	nb_names = 0;
	nb_wanted = a->nb_engines;
	for (i = 0; i < nb_wanted; i++)
		name[i] = a->engine[i];
	if (!named && !a->libcrypto_only)
		nb_wanted = choose(name);
	for (i = 0; i < nb_wanted; i++) {
		engine[nb] = open_cryptodev(name[i], nb_workers, count_sessions(a));
		if (engine[nb] != NULL)
			nb++;
		else if (named)
			goto out;
	}
	engine[nb] = vhc_engine_libcrypto_create((uint16_t)nb_workers);
	if (engine[nb] == NULL) {
		VHC_LOG(ERR, LIBCRYPTO " cannot be used: %s", strerror(errno));
		goto out;
	}
	add_name(LIBCRYPTO);
	nb++;
	if (a->asym_threads != 0) {
		engine[nb] = vhc_engine_asym_create((uint16_t)nb_workers, a->asym_threads);
		if (engine[nb] == NULL) {
			VHC_LOG(ERR, "%u threads for asymmetric crypto cannot be had: %s",
					a->asym_threads, strerror(errno));
			goto out;
		}
		nb++;
	}
	all = vhc_engine_list_create(engine, nb);
	if (all == NULL)
		VHC_LOG(ERR, "the engines cannot be joined: %s", strerror(errno));
out:
	for (i = 0; all == NULL && i < nb; i++)
		engine[i]->ops->destroy(engine[i]);
	return all;
}
