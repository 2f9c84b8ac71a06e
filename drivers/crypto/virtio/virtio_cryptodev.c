/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The cryptodev face: ops table, devargs, and what the probes of all buses share.
 *
 * May include: everything above the rings. Control threads only; each function
 * that touches the device takes its lock. A secondary process gets the burst
 * functions, information and statistics; the rest belongs to the primary.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_kvargs.h>
#include <rte_malloc.h>
#include <rte_string_fns.h>

#include "virtio_cache.h"
#include "virtio_asym.h"
#include "virtio_compat.h"
#include "virtio_crypto_wire_asym.h"
#include "virtio_cryptodev.h"
#include "virtio_log.h"
#include "virtio_raw.h"
#include "virtio_session.h"
#include "virtio_telemetry.h"

#define LOG(level, dev, ...) VCRYPTO_DEV_LOG(level, (dev)->name, __VA_ARGS__)

RTE_LOG_REGISTER(vcrypto_logtype, pmd.crypto.virtio, NOTICE);
__thread bool vcrypto_log_off;

const struct vcrypto_transport_ops *vcrypto_transports[VCRYPTO_TRANSPORT_NB];

static inline struct vcrypto_dev *
dev_of(const struct rte_cryptodev *cdev)
{
	return cdev->data->dev_private;
}

static int
primary_only(const struct vcrypto_dev *dev, const char *what)
{
	if (rte_eal_process_type() == RTE_PROC_PRIMARY)
		return 0;
	LOG(ERR, dev, "%s: only in the primary process", what);
	return -EPERM;
}

/* ---- queue pairs ---- */

static int
op_queue_pair_release(struct rte_cryptodev *cdev, uint16_t id)
{
	struct vcrypto_dev *const dev = dev_of(cdev);
	struct vcrypto_qp *const qp = cdev->data->queue_pairs[id];
	int ret;

	ret = primary_only(dev, "queue pair release");
	if (ret < 0)
		return ret;
	if (qp == NULL)
		return 0;
	if (!vcrypto_dev_let_go(dev)) {
		LOG(ERR, dev, "queue pair %u: the device cannot be reset and may still write its"
			" memory, which is kept", id);
		return -EBUSY;
	}
	cdev->data->queue_pairs[id] = NULL;
	vcrypto_telemetry_set_queue(dev, id, NULL);
	vcrypto_cache_destroy(qp->cache);
	vcrypto_queue_destroy(qp);
	return 0;
}

/* Ring entries for a wish of nb_descriptors: at least as many, as far as the device goes. */
static uint16_t
queue_size(const struct vcrypto_dev *dev, uint32_t wish)
{
	uint32_t size = rte_align32pow2(RTE_MIN(wish, (uint32_t)VIRTQ_MAX_SIZE));

	size = RTE_MAX(size, (uint32_t)VCRYPTO_QUEUE_MIN_SIZE);
	return RTE_MIN(size, (uint32_t)dev->queue_size_max);
}

static int
op_queue_pair_setup(struct rte_cryptodev *cdev, uint16_t id,
		const struct rte_cryptodev_qp_conf *conf, int socket_id)
{
	struct vcrypto_dev *const dev = dev_of(cdev);
	struct vcrypto_qp *qp;
	int ret;

	ret = primary_only(dev, "queue pair setup");
	if (ret < 0)
		return ret;
	if (conf->nb_descriptors == 0) {
		LOG(ERR, dev, "queue pair %u: 0 descriptors asked for, at least 1 needed", id);
		return -EINVAL;
	}
	ret = op_queue_pair_release(cdev, id);
	if (ret < 0)
		return ret;
	qp = vcrypto_queue_create(dev, dev->name, dev->zone, id,
		queue_size(dev, conf->nb_descriptors), dev->features, socket_id);
	if (qp == NULL)
		return -ENOMEM;
	qp->cache = vcrypto_cache_create(dev, qp->nb_slots, socket_id);
	if (qp->cache == NULL) {
		LOG(ERR, dev, "queue pair %u: no memory for its sessions", id);
		vcrypto_queue_destroy(qp);
		return -ENOMEM;
	}
	if (dev->feature_flags & RTE_CRYPTODEV_FF_ASYMMETRIC_CRYPTO) {
		ret = vcrypto_queue_add_asym(qp, dev->name, dev->zone, socket_id);
		if (ret < 0) {
			vcrypto_cache_destroy(qp->cache);
			vcrypto_queue_destroy(qp);
			return ret;
		}
	}
	qp->transport = dev->transport;
	qp->driver_id = dev->driver_id;
	cdev->data->queue_pairs[id] = qp;
	vcrypto_telemetry_set_queue(dev, id, qp);
	return 0;
}

/* ---- life cycle ---- */

static int
op_configure(struct rte_cryptodev *cdev, struct rte_cryptodev_config *config)
{
	struct vcrypto_dev *const dev = dev_of(cdev);

	RTE_SET_USED(config);
	return primary_only(dev, "configure");
}

static int
op_start(struct rte_cryptodev *cdev)
{
	struct vcrypto_dev *const dev = dev_of(cdev);
	const uint16_t nb = cdev->data->nb_queue_pairs;
	uint16_t i;
	int ret;

	ret = primary_only(dev, "start");
	if (ret < 0)
		return ret;
	for (i = 0; i < nb; i++) {
		if (cdev->data->queue_pairs[i] == NULL) {
			LOG(ERR, dev, "queue pair %u of %u was not set up", i, nb);
			return -EINVAL;
		}
	}

	vcrypto_dev_lock(dev);
	vcrypto_dev_down(dev);
	ret = vcrypto_dev_up(dev, (struct vcrypto_qp **)cdev->data->queue_pairs, nb);
	if (ret == 0) {
		ret = vcrypto_session_replay(dev);
		if (ret > 0) {
			LOG(WARNING, dev, "%d sessions are refused since the restart", ret);
			ret = 0;
		} else if (ret < 0) {
			vcrypto_dev_down(dev);
			for (i = 0; i < nb; i++)
				vcrypto_queue_reclaim(cdev->data->queue_pairs[i]);
		}
	}
	vcrypto_dev_unlock(dev);
	return ret;
}

/* Wait until the device has answered everything, or as long as the deadline allows. */
static void
drain(struct vcrypto_dev *dev, struct vcrypto_qp **qps, uint16_t nb)
{
	const uint64_t end = rte_get_timer_cycles() +
		rte_get_timer_hz() / 1000 * dev->args.timeout_ms;
	unsigned int left, polls;
	uint16_t i;

	for (polls = 0;; polls++) {
		for (i = 0, left = 0; i < nb; i++)
			left += vcrypto_rxtx_drain(qps[i]);
		if (left == 0 || dev->broken || rte_get_timer_cycles() > end)
			return;
		/* The device needs the processor, too; and it may have died. */
		if (polls > 1000) {
			if (dev->lost || !vcrypto_dev_alive(dev))
				return;
			rte_delay_us_sleep(50);
		}
	}
}

static void
op_stop(struct rte_cryptodev *cdev)
{
	struct vcrypto_dev *const dev = dev_of(cdev);
	struct vcrypto_qp **const qps = (struct vcrypto_qp **)cdev->data->queue_pairs;
	const uint16_t nb = cdev->data->nb_queue_pairs;
	unsigned int lost = 0;
	uint16_t i;

	if (primary_only(dev, "stop") < 0)
		return;
	vcrypto_dev_lock(dev);
	drain(dev, qps, nb);
	vcrypto_dev_down(dev);
	__atomic_store_n(&dev->lost, false, __ATOMIC_RELAXED);
	for (i = 0; i < nb; i++)
		lost += vcrypto_queue_reclaim(qps[i]);
	__atomic_store_n(&dev->broken, 0, __ATOMIC_RELEASE);
	vcrypto_dev_unlock(dev);
	if (lost != 0)
		LOG(WARNING, dev,
			"stop: %u operations without an answer, dequeued as errors after start",
			lost);
}

static int
op_close(struct rte_cryptodev *cdev)
{
	struct vcrypto_dev *const dev = dev_of(cdev);
	struct vcrypto_qp *qp;
	uint16_t i;
	int ret;

	ret = primary_only(dev, "close");
	if (ret < 0)
		return ret;
	/* Also of those queue pairs that cannot be released. */
	for (i = 0; i < cdev->data->nb_queue_pairs; i++) {
		qp = cdev->data->queue_pairs[i];
		if (qp != NULL)
			vcrypto_cache_clear(qp->cache);
	}
	vcrypto_dev_lock(dev);
	vcrypto_dev_down(dev);
	vcrypto_session_drop_all(dev);
	vcrypto_dev_unlock(dev);
	for (i = 0; i < cdev->data->nb_queue_pairs; i++)
		op_queue_pair_release(cdev, i);
	return 0;
}

/* ---- information ---- */

static void
op_infos_get(struct rte_cryptodev *cdev, struct rte_cryptodev_info *info)
{
	const struct vcrypto_dev *const dev = dev_of(cdev);

	info->driver_id = cdev->driver_id;
	info->feature_flags = cdev->feature_flags;
	info->capabilities = dev->caps;
	info->max_nb_queue_pairs = dev->max_queue_pairs;
	info->min_mbuf_headroom_req = 0;
	info->min_mbuf_tailroom_req = 0;
	info->sym.max_nb_sessions = 0; /* the device states no limit */
}

static void
op_stats_get(struct rte_cryptodev *cdev, struct rte_cryptodev_stats *stats)
{
	struct vcrypto_queue_stats s;
	uint16_t i;

	for (i = 0; i < cdev->data->nb_queue_pairs; i++) {
		if (cdev->data->queue_pairs[i] == NULL)
			continue;
		vcrypto_queue_stats_get(cdev->data->queue_pairs[i], &s);
		stats->enqueued_count += s.enqueued;
		stats->enqueue_err_count += s.enqueue_errs;
		stats->dequeued_count += s.dequeued;
		stats->dequeue_err_count += s.dequeue_errs;
	}
}

static void
op_stats_reset(struct rte_cryptodev *cdev)
{
	uint16_t i;

	for (i = 0; i < cdev->data->nb_queue_pairs; i++)
		if (cdev->data->queue_pairs[i] != NULL)
			vcrypto_queue_stats_reset(cdev->data->queue_pairs[i]);
}

#ifdef VCRYPTO_COMPAT_ERROR_QUERY
/*
 * The answer stays the same until a stop: so a callback of RTE_CRYPTODEV_EVENT_ERROR learns which
 * queue pairs are meant, and so does who asks later.
 */
static int
op_event_error_query(struct rte_cryptodev *cdev, uint16_t id)
{
	const struct vcrypto_qp *const qp = cdev->data->queue_pairs[id];

	return qp != NULL && vcrypto_queue_is_faulty(qp);
}
#endif

static struct rte_cryptodev_ops cryptodev_ops = {
	.dev_configure = op_configure,
	.dev_start = op_start,
	.dev_stop = op_stop,
	.dev_close = op_close,
	.dev_infos_get = op_infos_get,
	.stats_get = op_stats_get,
	.stats_reset = op_stats_reset,
	.queue_pair_setup = op_queue_pair_setup,
	.queue_pair_release = op_queue_pair_release,
	.sym_session_get_size = vcrypto_session_size,
	.sym_session_configure = vcrypto_session_configure,
	.sym_session_clear = vcrypto_session_clear,
	.sym_get_raw_dp_ctx_size = vcrypto_raw_ctx_size,
	.sym_configure_raw_dp_ctx = vcrypto_raw_configure,
	.asym_session_get_size = vcrypto_asym_session_size,
	.asym_session_configure = vcrypto_asym_session_configure,
	.asym_session_clear = vcrypto_asym_session_clear,
#ifdef VCRYPTO_COMPAT_ERROR_QUERY
	.queue_pair_event_error_query = op_event_error_query,
#endif
};

/* ---- devargs ---- */

static int
parse_caps(const char *value, void *out)
{
	enum vcrypto_caps_mode *const mode = out;

	if (strcmp(value, "advertised") == 0)
		*mode = VCRYPTO_CAPS_ADVERTISED;
	else if (strcmp(value, "probe") == 0)
		*mode = VCRYPTO_CAPS_PROBE;
	else
		return -EINVAL;
	return 0;
}

static int
parse_mode(const char *value, void *out)
{
	static const char *const names[] = {
		[VCRYPTO_MODE_AUTO] = "auto",
		[VCRYPTO_MODE_SESSION] = "session",
		[VCRYPTO_MODE_STATELESS] = "stateless",
	};
	enum vcrypto_mode *const mode = out;
	unsigned int i;

	for (i = 0; i < RTE_DIM(names); i++) {
		if (strcmp(value, names[i]) == 0) {
			*mode = i;
			return 0;
		}
	}
	return -EINVAL;
}

int
vcrypto_args_number(const char *value, unsigned long min, unsigned long max, unsigned long *out)
{
	unsigned long n;
	char *end;

	if (value[0] < '0' || value[0] > '9')
		return -EINVAL;
	errno = 0;
	n = strtoul(value, &end, 10);
	if (errno != 0 || *end != '\0' || n < min || n > max)
		return -EINVAL;
	*out = n;
	return 0;
}

static int
parse_timeout(const char *value, void *out)
{
	unsigned int *const ms = out;
	unsigned long n;

	if (vcrypto_args_number(value, 1, VCRYPTO_MAX_TIMEOUT_MS, &n) < 0)
		return -EINVAL;
	*ms = n;
	return 0;
}

/* The standard's number, or that of Linux, whose 2 is DSA. */
static int
parse_ecdsa_id(const char *value, void *out)
{
	uint8_t *const id = out;
	unsigned long n;

	if (vcrypto_args_number(value, VIRTIO_CRYPTO_AKCIPHER_ECDSA,
			VIRTIO_CRYPTO_AKCIPHER_ECDSA_LINUX, &n) < 0)
		return -EINVAL;
	*id = n;
	return 0;
}

/* The one argument that a name in a list is for; NULL: none. */
static const struct vcrypto_arg *
arg_of(const struct vcrypto_arg *args, unsigned int nb, const char *key)
{
	unsigned int i;

	for (i = 0; i < nb; i++) {
		if (strcmp(args[i].key, key) == 0)
			return &args[i];
	}
	return NULL;
}

static int
parse_pair(const char *dev_name, const struct rte_kvargs *kv, const struct rte_kvargs_pair *pair,
		const struct vcrypto_arg *arg)
{
	if (rte_kvargs_count(kv, pair->key) > 1) {
		VCRYPTO_DEV_LOG(ERR, dev_name, "device argument %s is given more than once",
			pair->key);
		return -EINVAL;
	}
	if (pair->value == NULL || arg->parse(pair->value, arg->out) < 0) {
		VCRYPTO_DEV_LOG(ERR, dev_name, "device argument %s=%s: %s is needed", pair->key,
			pair->value != NULL ? pair->value : "", arg->what);
		return -EINVAL;
	}
	return 0;
}

static void
log_unknown(const char *dev_name, const char *key, const struct vcrypto_arg *args, unsigned int nb)
{
	char known[256] = "";
	unsigned int i;
	size_t len = 0;

	for (i = 0; i < nb && len < sizeof(known); i++)
		len += snprintf(known + len, sizeof(known) - len, "%s%s", i > 0 ? ", " : "",
			args[i].key);
	VCRYPTO_DEV_LOG(ERR, dev_name, "unknown device argument %s; known are %s", key, known);
}

int
vcrypto_args_parse_more(const char *dev_name, const char *args, struct vcrypto_dev_args *out,
		const struct vcrypto_arg *more, unsigned int nb_more)
{
	struct vcrypto_arg known[VCRYPTO_ARGS_MAX] = {
		{ VCRYPTO_ARG_CAPS, "advertised or probe", parse_caps, &out->caps_mode },
		{ VCRYPTO_ARG_TIMEOUT_MS, "a number from 1 to " RTE_STR(VCRYPTO_MAX_TIMEOUT_MS),
			parse_timeout, &out->timeout_ms },
		{ VCRYPTO_ARG_MODE, "auto, session or stateless", parse_mode, &out->mode },
		{ VCRYPTO_ARG_ECDSA_ID, "2 or 3", parse_ecdsa_id, &out->ecdsa_id },
	};
	const struct vcrypto_arg *arg;
	unsigned int i, nb = 4;
	struct rte_kvargs *kv;
	int ret = 0;

	for (i = 0; i < nb_more && nb < RTE_DIM(known); i++)
		known[nb++] = more[i];
	out->caps_mode = VCRYPTO_CAPS_ADVERTISED;
	out->timeout_ms = VCRYPTO_DEFAULT_TIMEOUT_MS;
	out->mode = VCRYPTO_MODE_AUTO;
	out->ecdsa_id = VIRTIO_CRYPTO_AKCIPHER_ECDSA;
	if (args == NULL || args[0] == '\0')
		return 0;
	kv = rte_kvargs_parse(args, NULL);
	if (kv == NULL) {
		VCRYPTO_DEV_LOG(ERR, dev_name, "device arguments \"%s\" are not of the form"
			" key=value,key=value", args);
		return -EINVAL;
	}
	for (i = 0; i < kv->count && ret == 0; i++) {
		arg = arg_of(known, nb, kv->pairs[i].key);
		if (arg != NULL) {
			ret = parse_pair(dev_name, kv, &kv->pairs[i], arg);
		} else {
			log_unknown(dev_name, kv->pairs[i].key, known, nb);
			ret = -EINVAL;
		}
	}
	rte_kvargs_free(kv);
	return ret;
}

int
vcrypto_args_parse(const char *dev_name, const char *args, struct vcrypto_dev_args *out)
{
	return vcrypto_args_parse_more(dev_name, args, out, NULL, 0);
}

/* ---- probe and remove ---- */

static void
fill_face(struct rte_cryptodev *cdev, const struct vcrypto_dev *dev, uint8_t driver_id)
{
	cdev->driver_id = driver_id;
	cdev->dev_ops = &cryptodev_ops;
	if (vcrypto_transport_ops(dev->transport)->recovers) {
		cdev->enqueue_burst = vcrypto_enqueue_burst_guarded;
		cdev->dequeue_burst = vcrypto_dequeue_burst_guarded;
	} else {
		cdev->enqueue_burst = vcrypto_enqueue_burst;
		cdev->dequeue_burst = vcrypto_dequeue_burst;
	}
	cdev->feature_flags = dev->feature_flags;
}

int
vcrypto_cryptodev_create(const char *name, struct rte_device *device, uint8_t driver_id,
		struct vcrypto_transport *transport, const struct vcrypto_dev_args *args)
{
	struct rte_cryptodev_pmd_init_params params = {
		.private_data_size = sizeof(struct vcrypto_dev),
		.socket_id = device->numa_node,
		.max_nb_queue_pairs = 0,
	};
	struct rte_cryptodev *cdev;
	struct vcrypto_dev *dev;
	int ret;

	cdev = rte_cryptodev_pmd_create(name, device, &params);
	if (cdev == NULL)
		return rte_cryptodev_pmd_get_named_dev(name) != NULL ? -EEXIST : -ENOMEM;
	dev = dev_of(cdev);

	if (rte_eal_process_type() == RTE_PROC_PRIMARY) {
		strlcpy(dev->name, name, sizeof(dev->name));
		dev->transport = transport;
		dev->args = *args;
		dev->dev_id = cdev->data->dev_id;
		dev->driver_id = driver_id;
		dev->socket_id = device->numa_node;
		/* Applications index by it: what is near no node is near this lcore. */
		if (cdev->data->socket_id == SOCKET_ID_ANY)
			cdev->data->socket_id = rte_socket_id();
		ret = vcrypto_dev_init(dev);
		if (ret < 0) {
			rte_cryptodev_pmd_destroy(cdev);
			return ret;
		}
		vcrypto_telemetry_add(dev);
	} else if (dev == NULL || strcmp(dev->name, name) != 0) {
		VCRYPTO_DEV_LOG(ERR, name, "the primary process has %s in this place: allow"
			" the same devices in both, in the same order",
			dev != NULL ? dev->name : "another device");
		cdev->dev_ops = NULL;
		rte_cryptodev_pmd_destroy(cdev);
		return -ENODEV;
	}
	/* A secondary finds all this in shared memory and leaves the device alone. */
	fill_face(cdev, dev, driver_id);
	rte_cryptodev_pmd_probing_finish(cdev);
	return 0;
}

struct vcrypto_dev *
vcrypto_cryptodev_dev(const char *name)
{
	struct rte_cryptodev *const cdev = rte_cryptodev_pmd_get_named_dev(name);

	return cdev != NULL && cdev->dev_ops == &cryptodev_ops ? dev_of(cdev) : NULL;
}

int
vcrypto_cryptodev_check_remove(const char *name)
{
	const struct rte_cryptodev *const cdev = rte_cryptodev_pmd_get_named_dev(name);

	if (cdev == NULL)
		return -ENODEV;
	if (rte_eal_process_type() == RTE_PROC_PRIMARY && cdev->data->dev_started) {
		LOG(ERR, dev_of(cdev), "is started: stop it before it is removed");
		return -EBUSY;
	}
	return 0;
}

int
vcrypto_cryptodev_destroy(const char *name)
{
	struct rte_cryptodev *const cdev = rte_cryptodev_pmd_get_named_dev(name);
	struct vcrypto_dev *dev;
	int ret;

	ret = vcrypto_cryptodev_check_remove(name);
	if (ret < 0)
		return ret;
	if (rte_eal_process_type() == RTE_PROC_PRIMARY) {
		dev = dev_of(cdev);
		op_close(cdev);
		rte_free(cdev->data->queue_pairs);
		cdev->data->queue_pairs = NULL;
		cdev->data->nb_queue_pairs = 0;
		vcrypto_telemetry_remove(dev);
		vcrypto_dev_fini(dev);
	}
	/* The library's close would call ours again on freed memory. */
	cdev->dev_ops = NULL;
	return rte_cryptodev_pmd_destroy(cdev);
}
