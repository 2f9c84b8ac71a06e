/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_telemetry.h>

#include "engines.h"
#include "front.h"
#include "stats.h"
#include "worker.h"

static const char *const status_names[VHC_FRONT_STATUS] = {
	"ok", "err", "badmsg", "notsupp", "invsess", "nospc", "key_rejected", "other",
};

static int
add_count(struct rte_tel_data *d, const char *name, uint64_t value)
{
#ifdef VHC_TELEMETRY_UINT
	return rte_tel_data_add_dict_uint(d, name, value);
#else
	return rte_tel_data_add_dict_u64(d, name, value);
#endif
}

static int
add_bool(struct rte_tel_data *d, const char *name, bool value)
{
	return rte_tel_data_add_dict_string(d, name, value ? "yes" : "no");
}

/* The front that a parameter names, up to a comma; *rest is what follows that, or NULL. */
static struct vhc_front *
find(const char *params, const char **rest)
{
	struct vhc_front *f;
	char *end = NULL;
	unsigned long id;
	size_t len;
	unsigned int i;

	*rest = NULL;
	if (params == NULL || params[0] == '\0')
		return NULL;
	len = strcspn(params, ",");
	if (params[len] == ',')
		*rest = params + len + 1;
	for (i = 0; i < vhc_front_count(); i++) {
		f = vhc_front_get(i);
		if (strncmp(f->cfg->path, params, len) == 0 && f->cfg->path[len] == '\0')
			return f;
	}
	id = strtoul(params, &end, 10);
	if (params[0] < '0' || params[0] > '9' || end != params + len || id >= vhc_front_count())
		return NULL;
	return vhc_front_get((unsigned int)id);
}

static uint64_t
load(const uint64_t *counter)
{
	return __atomic_load_n(counter, __ATOMIC_RELAXED);
}

static void
add_queue(struct vhc_queue_stats *sum, const struct vhc_queue_stats *s)
{
	unsigned int i;

	sum->ops += load(&s->ops);
	sum->bytes += load(&s->bytes);
	sum->bad += load(&s->bad);
	sum->calls += load(&s->calls);
	sum->faults += load(&s->faults);
	for (i = 0; i < VHC_FRONT_STATUS; i++)
		sum->status[i] += load(&s->status[i]);
}

static void
put_stats(struct rte_tel_data *d, const struct vhc_queue_stats *s)
{
	struct rte_tel_data *status = rte_tel_data_alloc();
	unsigned int i;

	add_count(d, "ops", s->ops);
	add_count(d, "bytes", s->bytes);
	add_count(d, "bad_chains", s->bad);
	add_count(d, "ring_faults", s->faults);
	add_count(d, "calls", s->calls);
	if (status == NULL)
		return;
	rte_tel_data_start_dict(status);
	for (i = 0; i < VHC_FRONT_STATUS; i++)
		add_count(status, status_names[i], s->status[i]);
	if (rte_tel_data_add_dict_container(d, "status", status, 0) != 0)
		rte_tel_data_free(status);
}

static int
on_list(const char *cmd, const char *params, struct rte_tel_data *d)
{
	unsigned int i;

	(void)cmd;
	(void)params;
	rte_tel_data_start_array(d, RTE_TEL_STRING_VAL);
	for (i = 0; i < vhc_front_count(); i++)
		rte_tel_data_add_array_string(d, vhc_front_get(i)->cfg->path);
	return 0;
}

static void
put_engines(struct rte_tel_data *d)
{
	struct rte_tel_data *names = rte_tel_data_alloc();
	const char *name;
	unsigned int i;

	if (names == NULL)
		return;
	rte_tel_data_start_array(names, RTE_TEL_STRING_VAL);
	for (i = 0; (name = vhc_engines_name(i)) != NULL; i++)
		rte_tel_data_add_array_string(names, name);
	if (rte_tel_data_add_dict_container(d, "engines", names, 0) != 0)
		rte_tel_data_free(names);
}

static int
on_device(const char *cmd, const char *params, struct rte_tel_data *d)
{
	struct vhc_queue_stats sum;
	struct vhc_front *f;
	const char *rest;
	char hex[24];
	uint16_t i;

	(void)cmd;
	f = find(params, &rest);
	if (f == NULL || rest != NULL)
		return -EINVAL;
	rte_tel_data_start_dict(d);
	vhc_front_lock(f);
	rte_tel_data_add_dict_string(d, "path", f->cfg->path);
	rte_tel_data_add_dict_string(d, "mode", f->cfg->server ? "server" : "client");
	add_bool(d, "connected", f->vid >= 0);
	add_bool(d, "memory", f->mem_ok);
	snprintf(hex, sizeof(hex), "0x%" PRIx64, f->features);
	rte_tel_data_add_dict_string(d, "features", hex);
	snprintf(hex, sizeof(hex), "0x%" PRIx64, f->protocol_features);
	rte_tel_data_add_dict_string(d, "protocol_features", hex);
	add_count(d, "data_queues", f->nb_queues);
	add_count(d, "sessions", vhc_device_nb_sessions(f->dev));
	add_count(d, "sessions_max", f->cfg->max_sessions);
	add_count(d, "sessions_dying", f->nb_dying);
	add_count(d, "connections", f->nb_connections);
	add_count(d, "refused_messages", f->nb_refused_messages);
	add_count(d, "control_requests", load(&f->queue[f->nb_queues].stats.ops));
	vhc_front_unlock(f);
	add_count(d, "rate_limited", vhc_qos_held(&f->qos));
	if (f->cfg->max_outstanding != 0)
		add_count(d, "outstanding", vhc_qos_outstanding(&f->qos));
	memset(&sum, 0, sizeof(sum));
	for (i = 0; i < f->nb_queues; i++)
		add_queue(&sum, &f->queue[i].stats);
	put_stats(d, &sum);
	put_engines(d);
	return 0;
}

static int
on_queue(const char *cmd, const char *params, struct rte_tel_data *d)
{
	struct vhc_queue_stats sum;
	struct vhc_front_queue *q;
	struct vhc_front *f;
	unsigned long index;
	const char *rest;
	char *end = NULL;

	(void)cmd;
	f = find(params, &rest);
	if (f == NULL || rest == NULL || rest[0] < '0' || rest[0] > '9')
		return -EINVAL;
	index = strtoul(rest, &end, 10);
	if (*end != '\0' || index > f->nb_queues)
		return -EINVAL;
	q = &f->queue[index];
	rte_tel_data_start_dict(d);
	vhc_front_lock(f);
	add_bool(d, "control", index == f->nb_queues);
	add_bool(d, "ready", q->ready);
	add_bool(d, "running", __atomic_load_n(&q->state, __ATOMIC_RELAXED) != VHC_QUEUE_IDLE);
	if (q->worker != NULL)
		add_count(d, "worker", vhc_worker_id(q->worker));
	vhc_front_unlock(f);
	memset(&sum, 0, sizeof(sum));
	add_queue(&sum, &q->stats);
	put_stats(d, &sum);
	return 0;
}

int
vhc_stats_register(void)
{
	int ret = rte_telemetry_register_cmd("/vhost_crypto/list", on_list,
			"Lists the sockets. Takes no parameters");

	if (ret == 0)
		ret = rte_telemetry_register_cmd("/vhost_crypto/device", on_device,
				"Shows a device. Parameters: socket's number or path");
	if (ret == 0)
		ret = rte_telemetry_register_cmd("/vhost_crypto/queue", on_queue,
				"Shows a queue. Parameters: socket's number or path, queue's number");
	return ret;
}
