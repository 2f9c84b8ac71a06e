/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * A cryptodev over the in-process device: for programs of this tree, which make
 * one by a function call, and for stock programs, which ask the vdev bus for
 * "crypto_virtio_inproc0,caps=probe,run=thread,…".
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bus_vdev_driver.h>
#include <rte_common.h>
#include <rte_kvargs.h>
#include <rte_memory.h>

#include "inproc.h"
#include "virtio_cryptodev.h"

#define ARG_RUN "run"
#define ARG_ENGINE "engine"
#define ARG_QUEUES "queues"
#define ARG_QUEUE_SIZE "queue_size"
#define ARG_SESSIONS "sessions"
#define ARG_PACKED "packed"
#define ARG_IN_ORDER "in_order"
#define ARG_INDIRECT "indirect"
#define ARG_STATELESS "stateless"
#define ARGS_MAX 512

static int
probe_device(const char *name, struct rte_device *device, const struct inproc_cfg *cfg,
		const char *devargs, struct inproc **out)
{
	struct vcrypto_dev_args args;
	struct inproc *d;
	int ret;

	ret = vcrypto_args_parse(name, devargs, &args);
	if (ret < 0)
		return ret;
	d = inproc_create(cfg);
	if (d == NULL)
		return -errno;
	inproc_transport(d)->dev_name = device->name;
	*out = d;
	ret = vcrypto_cryptodev_create(name, device, vcrypto_driver_id, inproc_transport(d),
			&args);
	if (ret < 0) {
		*out = NULL;
		inproc_destroy(d);
	}
	return ret;
}

/* ---- by function call ---- */

/* Devices of inproc_cryptodev_create(), by cryptodev id; not on any bus. */
static struct {
	struct rte_device device;
	char name[RTE_DEV_NAME_MAX_LEN];
} devices[RTE_CRYPTO_MAX_DEVS];

static const struct rte_driver call_driver = {
		.name = "crypto_virtio_inproc",
};

int
inproc_cryptodev_create(const char *name, const struct inproc_cfg *cfg, const char *devargs,
		struct inproc **d)
{
	struct rte_device *device = NULL;
	unsigned int i;
	int ret;

	*d = NULL;
	for (i = 0; i < RTE_DIM(devices) && device == NULL; i++) {
		if (devices[i].name[0] == '\0')
			device = &devices[i].device;
	}
	if (device == NULL)
		return -ENOSPC;
	i--;
	snprintf(devices[i].name, sizeof(devices[i].name), "%s", name);
	memset(device, 0, sizeof(*device));
	device->name = devices[i].name;
	device->driver = &call_driver;
	device->numa_node = 0;
	ret = probe_device(name, device, cfg, devargs, d);
	if (ret < 0) {
		devices[i].name[0] = '\0';
		return ret;
	}
	return rte_cryptodev_get_dev_id(name);
}

int
inproc_cryptodev_destroy(const char *name, struct inproc *d)
{
	unsigned int i;
	int ret;

	ret = vcrypto_cryptodev_destroy(name);
	if (ret < 0)
		return ret;
	for (i = 0; i < RTE_DIM(devices); i++) {
		if (strcmp(devices[i].name, name) == 0)
			devices[i].name[0] = '\0';
	}
	inproc_destroy(d);
	return 0;
}

/* ---- on the vdev bus ---- */

/* Devices of the bus by name, for remove. */
static struct {
	char name[RTE_DEV_NAME_MAX_LEN];
	struct inproc *d;
} on_bus[RTE_CRYPTO_MAX_DEVS];

static int
parse_number(const char *key, const char *value, unsigned long max, unsigned long *out)
{
	char *end;

	errno = 0;
	*out = strtoul(value, &end, 10);
	if (errno == 0 && end != value && *end == '\0' && *out >= 1 && *out <= max)
		return 0;
	fprintf(stderr, "inproc: %s=%s: a number from 1 to %lu is needed\n", key, value, max);
	return -EINVAL;
}

static int
parse_name(const char *key, const char *value, const char *const *names, unsigned int nb,
		unsigned int *out)
{
	for (*out = 0; *out < nb; (*out)++) {
		if (strcmp(value, names[*out]) == 0)
			return 0;
	}
	fprintf(stderr, "inproc: %s=%s is not known\n", key, value);
	return -EINVAL;
}

/* Take the device's arguments out and leave the driver's in @p rest. */
static int
parse_args(const char *args, struct inproc_cfg *cfg, char *rest, size_t rest_len)
{
	static const char *const runs[] = {"notify", "manual", "thread", "doorbell"};
	static const char *const engines[] = {"libcrypto", "instant", "cipher_only",
			"no_f9"};
	static const char *const switches[] = {"0", "1"};
	static const char *const in_orders[] = {"0", "1", "batch"};
	struct rte_kvargs *kvlist;
	const char *key, *value;
	unsigned int i, which;
	unsigned long number;
	size_t used = 0;
	int ret = 0;

	rest[0] = '\0';
	kvlist = rte_kvargs_parse(args, NULL);
	if (kvlist == NULL) {
		fprintf(stderr, "inproc: arguments \"%s\" are not key=value pairs\n", args);
		return -EINVAL;
	}
	for (i = 0; ret == 0 && i < kvlist->count; i++) {
		key = kvlist->pairs[i].key;
		value = kvlist->pairs[i].value != NULL ? kvlist->pairs[i].value : "";
		if (strcmp(key, ARG_RUN) == 0) {
			ret = parse_name(key, value, runs, RTE_DIM(runs), &which);
			cfg->run = (enum inproc_run)which;
		} else if (strcmp(key, ARG_ENGINE) == 0) {
			ret = parse_name(key, value, engines, RTE_DIM(engines), &which);
			cfg->engine = (enum inproc_engine)which;
		} else if (strcmp(key, ARG_PACKED) == 0) {
			ret = parse_name(key, value, switches, RTE_DIM(switches), &which);
			cfg->packed = which == 1;
		} else if (strcmp(key, ARG_INDIRECT) == 0) {
			ret = parse_name(key, value, switches, RTE_DIM(switches), &which);
			cfg->direct = which == 0;
		} else if (strcmp(key, ARG_STATELESS) == 0) {
			ret = parse_name(key, value, switches, RTE_DIM(switches), &which);
			cfg->stateless = which == 1;
		} else if (strcmp(key, ARG_IN_ORDER) == 0) {
			ret = parse_name(key, value, in_orders, RTE_DIM(in_orders), &which);
			cfg->in_order = (enum inproc_in_order)which;
		} else if (strcmp(key, ARG_QUEUES) == 0) {
			ret = parse_number(key, value, RTE_MAX_QUEUES_PER_PORT, &number);
			cfg->nb_data_queues = (uint16_t)number;
		} else if (strcmp(key, ARG_QUEUE_SIZE) == 0) {
			ret = parse_number(key, value, 32768, &number);
			cfg->queue_size = (uint16_t)number;
		} else if (strcmp(key, ARG_SESSIONS) == 0) {
			ret = parse_number(key, value, 1 << 20, &number);
			cfg->max_sessions = (uint32_t)number;
		} else {
			used += (size_t)snprintf(rest + used, rest_len - used, "%s%s=%s",
					used != 0 ? "," : "", key, value);
			if (used >= rest_len)
				ret = -EINVAL;
		}
	}
	rte_kvargs_free(kvlist);
	return ret;
}

static int
vdev_probe(struct rte_vdev_device *vdev)
{
	const char *name = rte_vdev_device_name(vdev);
	const char *args = rte_vdev_device_args(vdev);
	struct inproc_cfg cfg = {0};
	char rest[ARGS_MAX];
	unsigned int i;
	int ret;

	for (i = 0; i < RTE_DIM(on_bus) && on_bus[i].d != NULL; i++)
		;
	if (i == RTE_DIM(on_bus))
		return -ENOSPC;
	ret = parse_args(args != NULL ? args : "", &cfg, rest, sizeof(rest));
	if (ret == 0)
		ret = probe_device(name, &vdev->device, &cfg, rest[0] != '\0' ? rest : NULL,
				&on_bus[i].d);
	if (ret < 0)
		return ret;
	snprintf(on_bus[i].name, sizeof(on_bus[i].name), "%s", name);
	return 0;
}

static int
vdev_remove(struct rte_vdev_device *vdev)
{
	const char *name = rte_vdev_device_name(vdev);
	unsigned int i;
	int ret;

	for (i = 0; i < RTE_DIM(on_bus); i++) {
		if (on_bus[i].d == NULL || strcmp(on_bus[i].name, name) != 0)
			continue;
		ret = vcrypto_cryptodev_destroy(name);
		if (ret < 0)
			return ret;
		inproc_destroy(on_bus[i].d);
		on_bus[i].d = NULL;
		return 0;
	}
	return -ENODEV;
}

static struct rte_vdev_driver vdev_driver = {
		.probe = vdev_probe,
		.remove = vdev_remove,
};

/* The bus matches driver names as prefixes of device names. */
RTE_PMD_REGISTER_VDEV(crypto_virtio_inproc, vdev_driver);
RTE_PMD_REGISTER_PARAM_STRING(crypto_virtio_inproc,
		VCRYPTO_ARG_CAPS "=<advertised|probe> " VCRYPTO_ARG_TIMEOUT_MS "=<ms> " ARG_RUN
				 "=<notify|manual|thread|doorbell> " ARG_ENGINE
				 "=<libcrypto|instant|cipher_only|no_f9> " ARG_QUEUES
				 "=<number> " ARG_QUEUE_SIZE "=<entries> " ARG_PACKED
				 "=<0|1> " ARG_INDIRECT "=<0|1> " ARG_IN_ORDER
				 "=<0|1|batch> " ARG_STATELESS "=<0|1> " ARG_SESSIONS
				 "=<number> " VCRYPTO_ARG_MODE "=<" VCRYPTO_ARG_MODE_VALUES ">");
