/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The vdev driver: a cryptodev over a vhost-user socket, and the thread of each
 * device that watches the link and mends it.
 *
 * May include: the transport in virtio_user/, and of the rooms above
 * virtio_cryptodev.h. Probe and remove run in a control thread of the primary
 * process, one at a time; the link's thread runs beside everything, and so does
 * resume(), in the thread of EAL's alarms.
 *
 * The link's thread holds no lock when it tells the device of a loss or a return:
 * the device takes its own and comes back through the transport.
 */

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/queue.h>

#include <bus_vdev_driver.h>
#include <cryptodev_pmd.h>
#include <rte_alarm.h>
#include <rte_common.h>
#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_malloc.h>
#include <rte_string_fns.h>

#include "virtio_compat.h"
#include "virtio_cryptodev.h"
#include "virtio_log.h"
#include "virtio_user/user_dev.h"
#include "virtio_wire.h"

#define ARG_PATH "path"
#define ARG_QUEUES "queues"
#define ARG_QUEUE_SIZE "queue_size"
#define ARG_SERVER "server"
#define ARG_PACKED_VQ "packed_vq"

#define DEFAULT_QUEUE_SIZE 1024
#define MIN_QUEUE_SIZE 8

/* Between tries: a back end that restarts is found quickly, one that stays away costs little. */
#define RETRY_MIN_MS 50
#define RETRY_MAX_MS 500
/* One that answers, and then does not serve, is spared. */
#define REFUSED_MAX_MS 8000
/* After a removal that was refused; by then rte_eal_cleanup() has gone on. */
#define RESUME_US 1000000

#define LOG(level, u, ...) VCRYPTO_DEV_LOG(level, (u)->name, __VA_ARGS__)

/* A device on the bus. */
struct user_vdev {
	LIST_ENTRY(user_vdev) next;
	struct vcrypto_user *u;
	struct vcrypto_dev *dev;
	vcrypto_thread_t thread;
	bool watched; /* there is a thread */
	bool resume; /* there was one, and resume() is to make it anew */
};

/*
 * Devices of this process, and whether they have threads. Inside the lock of the bus, which
 * whoever removes a device may hold; so who has this one asks the bus nothing.
 */
static pthread_mutex_t user_vdevs_lock = PTHREAD_MUTEX_INITIALIZER;
static LIST_HEAD(, user_vdev) user_vdevs = LIST_HEAD_INITIALIZER(user_vdevs);

/* ---- devargs ---- */

struct all_args {
	struct vcrypto_dev_args dev;
	struct vcrypto_user_args user;
	unsigned int queues; /* 0: all */
};

static int
parse_path(const char *value, void *out)
{
	char *const path = out;

	return value[0] != '\0' && strlcpy(path, value, VCRYPTO_USER_PATH_LEN) <
		VCRYPTO_USER_PATH_LEN ? 0 : -EINVAL;
}

static int
parse_queues(const char *value, void *out)
{
	unsigned int *const queues = out;
	unsigned long n;

	if (vcrypto_args_number(value, 1, VCRYPTO_VHOST_USER_MAX_QUEUES - 1, &n) < 0)
		return -EINVAL;
	*queues = n;
	return 0;
}

static int
parse_queue_size(const char *value, void *out)
{
	uint16_t *const size = out;
	unsigned long n;

	if (vcrypto_args_number(value, MIN_QUEUE_SIZE, VIRTQ_MAX_SIZE, &n) < 0 ||
			!rte_is_power_of_2(n))
		return -EINVAL;
	*size = n;
	return 0;
}

static int
parse_bool(const char *value, void *out)
{
	bool *const b = out;
	unsigned long n;

	if (vcrypto_args_number(value, 0, 1, &n) < 0)
		return -EINVAL;
	*b = n != 0;
	return 0;
}

static int
parse_args(const char *name, const char *text, struct all_args *args)
{
	const struct vcrypto_arg own[] = {
		{ ARG_PATH, "the path of a UNIX socket, of at most 107 bytes,", parse_path,
			args->user.path },
		{ ARG_QUEUES, "a number of data queues from 1 to 255", parse_queues,
			&args->queues },
		{ ARG_QUEUE_SIZE, "a power of two from 8 to 32768", parse_queue_size,
			&args->user.queue_size },
		{ ARG_SERVER, "0 or 1", parse_bool, &args->user.server },
		{ ARG_PACKED_VQ, "0 or 1", parse_bool, &args->user.packed_vq },
	};
	int ret;

	memset(args, 0, sizeof(*args));
	args->user.queue_size = DEFAULT_QUEUE_SIZE;
	ret = vcrypto_args_parse_more(name, text, &args->dev, own, RTE_DIM(own));
	if (ret == 0 && args->user.path[0] == '\0') {
		VCRYPTO_DEV_LOG(ERR, name, "device argument " ARG_PATH " is missing: give the"
			" back end's socket as " ARG_PATH "=PATH");
		ret = -EINVAL;
	}
	return ret;
}

/* ---- the link ---- */

/* Until there is one, or timeout_ms are over. */
static int
link_first(struct vcrypto_user *u)
{
	const uint64_t end = vcrypto_vhost_user_now_ms() + u->timeout_ms;
	bool told = false, late;
	int ret;

	for (;;) {
		late = vcrypto_vhost_user_now_ms() >= end;
		ret = vcrypto_user_link(u, false);
		if (ret != -EAGAIN && ret != -ECONNRESET)
			return ret;
		if (late)
			break;
		if (!told)
			LOG(NOTICE, u, "waiting for a back end on %s", u->args.path);
		told = true;
		vcrypto_user_link_wait(u, RETRY_MIN_MS, true);
	}
	LOG(ERR, u, "no back end on %s after %u ms: start it, or give %s more time",
		u->args.path, u->timeout_ms, VCRYPTO_ARG_TIMEOUT_MS);
	return -ETIMEDOUT;
}

/* One try: 0 the device serves again, -EAGAIN nobody is there, -ECONNRESET nobody any more. */
static int
mend_once(struct user_vdev *v, bool quiet)
{
	struct vcrypto_user *const u = v->u;
	int ret;

	ret = vcrypto_user_link(u, quiet);
	if (ret < 0)
		return ret;
	ret = vcrypto_dev_recover(v->dev);
	if (ret == 0)
		return 0;
	vcrypto_user_link_drop(u);
	if (!quiet)
		LOG(ERR, u, "the back end on %s is there, but does not serve this device: %s;"
			" trying again", u->args.path, rte_strerror(-ret));
	return -EIO;
}

/* From loss to return. */
static void
mend(struct user_vdev *v)
{
	struct vcrypto_user *const u = v->u;
	unsigned int wait_ms = RETRY_MIN_MS, refused_ms = RETRY_MAX_MS;
	bool quiet = false, go_on;
	int ret;

	vcrypto_user_link_drop(u);
	LOG(ERR, u, "the back end on %s is gone; waiting for it", u->args.path);
	vcrypto_dev_lost(v->dev);

	do {
		ret = mend_once(v, quiet);
		if (ret == 0) {
			LOG(NOTICE, u, "the back end on %s is back", u->args.path);
			return;
		}
		if (ret == -EAGAIN || ret == -ECONNRESET) {
			go_on = vcrypto_user_link_wait(u, wait_ms, true);
			wait_ms = RTE_MIN(wait_ms * 2, (unsigned int)RETRY_MAX_MS);
		} else {
			/* The first failure is told. */
			quiet = true;
			go_on = vcrypto_user_link_wait(u, refused_ms, false);
			refused_ms = RTE_MIN(refused_ms * 2, (unsigned int)REFUSED_MAX_MS);
		}
	} while (go_on);
}

static vcrypto_thread_ret_t
link_main(void *arg)
{
	struct user_vdev *const v = arg;

	while (vcrypto_user_link_watch(v->u) == VCRYPTO_USER_LINK_LOST)
		mend(v);
	return VCRYPTO_THREAD_RET;
}

static int
link_start(struct user_vdev *v)
{
	int ret;

	vcrypto_user_link_end(v->u, false);
	ret = vcrypto_thread_create(&v->thread, "vcrypto-link", link_main, v);
	if (ret < 0)
		LOG(ERR, v->u, "no thread to watch the link: %s", strerror(-ret));
	v->watched = ret >= 0;
	return ret;
}

static void
link_stop(struct user_vdev *v)
{
	bool watched;

	pthread_mutex_lock(&user_vdevs_lock);
	watched = v->watched;
	v->watched = v->resume = false;
	pthread_mutex_unlock(&user_vdevs_lock);
	if (!watched)
		return;
	vcrypto_user_link_end(v->u, true);
	vcrypto_thread_join(v->thread);
}

static struct user_vdev *
find(const char *name)
{
	struct user_vdev *v;

	LIST_FOREACH(v, &user_vdevs, next) {
		if (strcmp(v->u->name, name) == 0)
			return v;
	}
	return NULL;
}

static bool
is_on_bus(const char *name)
{
	const struct rte_device *dev;
	struct rte_dev_iterator it;
	bool found = false;

	/* To the end, which frees what the iterator has. */
	RTE_DEV_FOREACH(dev, "bus=vdev", &it)
		found |= strcmp(dev->name, name) == 0;
	return found;
}

/* One device whose thread is to be made anew, if it is still there. @return false: none is. */
static bool
resume_one(void)
{
	char name[VCRYPTO_USER_NAME_LEN];
	struct user_vdev *v;
	bool there;

	pthread_mutex_lock(&user_vdevs_lock);
	LIST_FOREACH(v, &user_vdevs, next) {
		if (v->resume)
			break;
	}
	if (v != NULL)
		strlcpy(name, v->u->name, sizeof(name));
	pthread_mutex_unlock(&user_vdevs_lock);
	if (v == NULL)
		return false;
	there = is_on_bus(name);
	pthread_mutex_lock(&user_vdevs_lock);
	v = find(name);
	if (v != NULL && v->resume) {
		v->resume = false;
		if (there)
			link_start(v);
	}
	pthread_mutex_unlock(&user_vdevs_lock);
	return true;
}

static void
resume(void *arg)
{
	RTE_SET_USED(arg);
	while (resume_one())
		;
}

/*
 * After a removal that was refused. It may be that of rte_eal_cleanup(), which forgets the device
 * all the same and then takes away the memory that the thread works on; so the thread is made anew
 * only if the device is still on its bus a little later. EAL's alarms end before its memory.
 */
static void
link_stay(struct user_vdev *v)
{
	pthread_mutex_lock(&user_vdevs_lock);
	v->resume = true;
	pthread_mutex_unlock(&user_vdevs_lock);
	if (rte_eal_alarm_set(RESUME_US, resume, NULL) < 0)
		LOG(ERR, v->u, "no alarm: the link is not watched any more");
}

/* ---- probe and remove ---- */

static int
attach(struct user_vdev *v, struct rte_vdev_device *vdev, const char *name,
		const struct all_args *args)
{
	int ret;

	ret = link_first(v->u);
	if (ret == 0)
		ret = vcrypto_cryptodev_create(name, &vdev->device, vcrypto_user_driver_id,
				&v->u->base, &args->dev);
	if (ret < 0)
		return ret;
	v->dev = vcrypto_cryptodev_dev(name);
	if (args->queues != 0)
		v->dev->max_queue_pairs = RTE_MIN(v->dev->max_queue_pairs, args->queues);
	ret = link_start(v);
	if (ret < 0)
		vcrypto_cryptodev_destroy(name);
	return ret;
}

static int
user_probe(struct rte_vdev_device *vdev)
{
	const char *const name = rte_vdev_device_name(vdev);
	struct user_vdev *v;
	struct all_args args;
	int ret;

	if (rte_eal_process_type() != RTE_PROC_PRIMARY) {
		VCRYPTO_DEV_LOG(ERR, name, "a device on a socket serves the primary process only");
		return -ENOTSUP;
	}
	ret = parse_args(name, rte_vdev_device_args(vdev), &args);
	if (ret < 0)
		return ret;
	v = rte_zmalloc("vcrypto_vdev", sizeof(*v), 0);
	if (v == NULL) {
		VCRYPTO_DEV_LOG(ERR, name, "no memory for the device");
		return -ENOMEM;
	}
	ret = vcrypto_user_create(name, &args.user, args.dev.timeout_ms, &v->u);
	if (ret < 0) {
		rte_free(v);
		return ret;
	}
	ret = attach(v, vdev, name, &args);
	if (ret < 0) {
		vcrypto_user_destroy(v->u);
		rte_free(v);
		return ret;
	}
	pthread_mutex_lock(&user_vdevs_lock);
	LIST_INSERT_HEAD(&user_vdevs, v, next);
	pthread_mutex_unlock(&user_vdevs_lock);
	return 0;
}

static int
user_remove(struct rte_vdev_device *vdev)
{
	const char *const name = rte_vdev_device_name(vdev);
	struct user_vdev *v;
	int ret;

	pthread_mutex_lock(&user_vdevs_lock);
	v = name != NULL ? find(name) : NULL;
	pthread_mutex_unlock(&user_vdevs_lock);
	if (v == NULL)
		return rte_eal_process_type() == RTE_PROC_PRIMARY ? -ENODEV : 0;
	ret = vcrypto_cryptodev_check_remove(name);
	/* The thread works on the device that is about to go. */
	link_stop(v);
	if (ret != -EBUSY)
		ret = vcrypto_cryptodev_destroy(name);
	if (ret < 0 && ret != -ENODEV) {
		link_stay(v);
		return ret;
	}
	pthread_mutex_lock(&user_vdevs_lock);
	LIST_REMOVE(v, next);
	pthread_mutex_unlock(&user_vdevs_lock);
	vcrypto_user_destroy(v->u);
	rte_free(v);
	return 0;
}

static struct rte_vdev_driver user_driver = {
	.probe = user_probe,
	.remove = user_remove,
	.drv_flags = RTE_VDEV_DRV_NEED_IOVA_AS_VA,
};

RTE_PMD_REGISTER_VDEV(crypto_virtio_user, user_driver);
#ifdef VCRYPTO_COMPAT_USER_DRIVER
uint8_t vcrypto_user_driver_id;
static struct cryptodev_driver crypto_driver;
RTE_PMD_REGISTER_CRYPTO_DRIVER(crypto_driver, user_driver.driver, vcrypto_user_driver_id);
#endif
RTE_PMD_REGISTER_PARAM_STRING(crypto_virtio_user,
		ARG_PATH "=<path> "
		ARG_QUEUES "=<int> "
		ARG_QUEUE_SIZE "=<int> "
		ARG_SERVER "=0|1 "
		ARG_PACKED_VQ "=0|1 "
		VCRYPTO_ARG_CAPS "=advertised|probe "
		VCRYPTO_ARG_TIMEOUT_MS "=<int> "
		VCRYPTO_ARG_MODE "=" VCRYPTO_ARG_MODE_VALUES " "
		VCRYPTO_ARG_ECDSA_ID "=2|3");
