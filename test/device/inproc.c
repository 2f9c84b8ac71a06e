/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The in-process device's registers: status, features, configuration, queues
 * and doorbells, as the driver's transport table shows them, and a watch over
 * the order in which the driver touches them. [virtio 3.1.1, 2.1, 2.2, 2.6, 4.1.4.3]
 */

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_byteorder.h>
#include <rte_common.h>

#include "inproc_int.h"

/* Device status [virtio 2.1] */
#define S_ACKNOWLEDGE 0x01
#define S_DRIVER 0x02
#define S_DRIVER_OK 0x04
#define S_FEATURES_OK 0x08
#define S_NEEDS_RESET 0x40
#define S_FAILED 0x80

#define BIT(n) (UINT64_C(1) << (n))
#define F_INDIRECT_DESC BIT(28)
#define F_EVENT_IDX BIT(29)
#define F_VERSION_1 BIT(32)
#define F_ACCESS_PLATFORM BIT(33)
#define F_RING_PACKED BIT(34)
#define F_IN_ORDER BIT(35)
#define F_ORDER_PLATFORM BIT(36)
#define F_NOTIFICATION_DATA BIT(38)
#define F_NOTIF_CONFIG_DATA BIT(39)
#define F_RING_RESET BIT(40)
/* REVISION_1, and stateless mode of CIPHER, HASH, MAC, AEAD, AKCIPHER. */
#define F_STATELESS (BIT(0) | BIT(1) | BIT(2) | BIT(3) | BIT(4) | BIT(5))
#define F_ALL \
	(F_INDIRECT_DESC | F_EVENT_IDX | F_VERSION_1 | F_ACCESS_PLATFORM | F_ORDER_PLATFORM | \
			F_NOTIFICATION_DATA | F_NOTIF_CONFIG_DATA | F_RING_RESET)

#define CONFIG_LEN 56
#define CONFIG_STATUS 0
#define CONFIG_SERVICES 8
#define HW_READY 1
#define SERVICES_CIPHER_HASH_MAC 0x7

#define DEFAULT_QUEUE_SIZE 1024
#define MAX_HESITATION 512 /* turns of a loop */
#define IDLE_POLLS 64 /* of the device's thread, before it lets others run */

void
inproc_rule(struct inproc *d, const char *fmt, ...)
{
	va_list ap;

	d->stats.rule_breaks++;
	fputs("inproc: rule broken by the driver: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
}

static struct inproc *
inproc_of(struct vcrypto_transport *t)
{
	return (struct inproc *)t;
}

/* The device's thread takes the lock again and again: whoever waits is let in first. */
static void
lock(struct inproc *d)
{
	__atomic_add_fetch(&d->waiting, 1, __ATOMIC_SEQ_CST);
	pthread_mutex_lock(&d->lock);
}

static void
unlock(struct inproc *d)
{
	pthread_mutex_unlock(&d->lock);
	__atomic_sub_fetch(&d->waiting, 1, __ATOMIC_SEQ_CST);
}

/* ---- serving ---- */

static bool
running(const struct inproc *d)
{
	return !d->resetting && (d->status & (S_DRIVER_OK | S_NEEDS_RESET)) == S_DRIVER_OK;
}

static bool
wants_kicks(const struct inproc_queue *q)
{
	/* A device that polls by itself needs no doorbell; neither does one that says so. */
	return q->d->cfg.run != INPROC_RUN_THREAD && (q->is_ctrl || !q->d->faults.never_kick);
}

/*
 * Between the answers and the wish for a doorbell, for a time that goes up and down: a driver
 * that waits for answers then publishes its next request at about the moment of the wish.
 */
static void
hesitate(struct inproc *d)
{
	volatile unsigned int i;

	for (i = d->hesitation++ % MAX_HESITATION; i != 0; i--)
		;
}

/* Serve a queue and tell the driver whether to ring for what comes next. */
static unsigned int
serve(struct inproc_queue *q, unsigned int max)
{
	struct inproc *d = q->d;
	unsigned int n = 0, got;

	if (!q->enabled)
		return 0;
	do {
		got = inproc_serve(q, max - n);
		n += got;
		if (d->cfg.run == INPROC_RUN_DOORBELL && got != 0)
			hesitate(d);
	} while (inproc_ring_arm(q, wants_kicks(q)) && got != 0 && n < max);
	return n;
}

static unsigned int
serve_all(struct inproc *d)
{
	unsigned int n = 0;
	uint16_t i;

	for (i = 0; running(d) && i < d->nb_queues; i++)
		n += serve(&d->queue[i], INPROC_BATCH);
	return n;
}

static void *
polling_thread(void *arg)
{
	struct inproc *d = arg;
	unsigned int idle = 0, n;

	while (!__atomic_load_n(&d->stop, __ATOMIC_ACQUIRE)) {
		if (__atomic_load_n(&d->waiting, __ATOMIC_SEQ_CST) != 0) {
			sched_yield();
			continue;
		}
		pthread_mutex_lock(&d->lock);
		n = serve_all(d);
		pthread_mutex_unlock(&d->lock);
		if (n != 0) {
			idle = 0;
		} else if (++idle >= IDLE_POLLS) {
			idle = 0;
			sched_yield();
		}
	}
	return NULL;
}

/*
 * Looks at the queues for a doorbell and for nothing else. A driver that leaves one out
 * although the device asked for it waits for ever.
 */
static void *
doorbell_thread(void *arg)
{
	struct inproc *d = arg;

	pthread_mutex_lock(&d->lock);
	while (!__atomic_load_n(&d->stop, __ATOMIC_ACQUIRE)) {
		if (d->rung == 0) {
			pthread_cond_wait(&d->doorbell, &d->lock);
			continue;
		}
		d->rung = 0;
		while (serve_all(d) != 0)
			;
	}
	pthread_mutex_unlock(&d->lock);
	return NULL;
}

unsigned int
inproc_poll(struct inproc *d, unsigned int max)
{
	unsigned int n = 0;
	uint16_t i;

	lock(d);
	for (i = 0; running(d) && i < d->nb_queues; i++)
		n += serve(&d->queue[i], max);
	unlock(d);
	return n;
}

/* ---- status and features ---- */

static void
reset_now(struct inproc *d)
{
	uint16_t i;

	d->resetting = false;
	d->status = 0;
	d->features = 0;
	for (i = 0; i < d->nb_queues; i++) {
		inproc_ring_disable(&d->queue[i]);
		d->queue[i].was_reset = false;
	}
	if (!d->faults.keep_sessions)
		vhc_device_reset(d->device);
	d->stats.sessions = vhc_device_nb_sessions(d->device);
}

static uint8_t
get_status(struct vcrypto_transport *t)
{
	struct inproc *d = inproc_of(t);
	uint8_t status;

	lock(d);
	if (d->resetting && d->faults.reset_reads != UINT_MAX &&
			d->reset_reads++ >= d->faults.reset_reads)
		reset_now(d);
	status = d->status;
	unlock(d);
	return status;
}

static void
check_all_queues(struct inproc *d)
{
	uint16_t i;

	/* [virtio 5.9.6.1: the driver MUST configure and initialise all virtqueues] */
	for (i = 0; i < d->nb_queues; i++) {
		if (!d->queue[i].enabled)
			inproc_rule(d, "DRIVER_OK while queue %u is not enabled", i);
	}
}

static uint8_t
decide_features(struct inproc *d, uint8_t status)
{
	const uint64_t mask = d->faults.refuse_features_mask;
	bool refuse;

	refuse = (d->features & ~d->offered) != 0 || !(d->features & F_VERSION_1) ||
			(d->faults.refuse_features_ok && (mask == 0 || (d->features & mask) != 0));
	if (refuse)
		return status & (uint8_t)~S_FEATURES_OK;
	vhc_device_set_features(d->device, d->features);
	return status;
}

static void
set_status(struct vcrypto_transport *t, uint8_t status)
{
	struct inproc *d = inproc_of(t);
	uint8_t added;

	lock(d);
	if (status == 0) {
		d->stats.resets++;
		d->resetting = true;
		d->reset_reads = 0;
		if (d->faults.reset_reads == 0 || d->status == 0)
			reset_now(d);
		goto out;
	}
	added = status & (uint8_t)~d->status;
	/* A driver may give up on a device whose reset never ends, and say so. */
	if (d->resetting && (added & ~S_FAILED) != 0)
		inproc_rule(d, "status 0x%02x before the reset is complete", status);
	if ((d->status & ~status & ~S_NEEDS_RESET) != 0)
		inproc_rule(d, "status 0x%02x clears bits of 0x%02x", status, d->status);
	/* [virtio 3.1.1: the order of bits] */
	if ((added & S_DRIVER) && !(status & S_ACKNOWLEDGE))
		inproc_rule(d, "DRIVER before ACKNOWLEDGE");
	if ((added & S_FEATURES_OK) && !(d->status & S_DRIVER))
		inproc_rule(d, "FEATURES_OK before DRIVER");
	if ((added & S_DRIVER_OK) && !(d->status & S_FEATURES_OK))
		inproc_rule(d, "DRIVER_OK before FEATURES_OK");
	if (added & S_NEEDS_RESET)
		inproc_rule(d, "DEVICE_NEEDS_RESET set by the driver");
	if ((d->status & S_FAILED) && added != 0)
		inproc_rule(d, "status 0x%02x after FAILED, without a reset", status);
	if (added & S_DRIVER_OK)
		check_all_queues(d);
	if (added & S_FEATURES_OK)
		status = decide_features(d, status);
	d->status = status | (d->status & S_NEEDS_RESET);
out:
	unlock(d);
}

static uint64_t
get_features(struct vcrypto_transport *t)
{
	return inproc_of(t)->offered;
}

static void
set_features(struct vcrypto_transport *t, uint64_t features)
{
	struct inproc *d = inproc_of(t);

	lock(d);
	if (!(d->status & S_DRIVER))
		inproc_rule(d, "features accepted before DRIVER");
	/* [virtio 3.1.1: MUST NOT accept new feature bits after FEATURES_OK] */
	if (d->status & S_FEATURES_OK)
		inproc_rule(d, "features accepted after FEATURES_OK");
	if ((features & ~d->offered) != 0)
		inproc_rule(d, "features 0x%llx accepted that were not offered",
				(unsigned long long)(features & ~d->offered));
	d->features = features;
	d->stats.features = features;
	unlock(d);
}

/* ---- configuration ---- */

static uint32_t
config_len(struct vcrypto_transport *t)
{
	(void)t;
	return CONFIG_LEN;
}

static uint32_t
config_generation(struct vcrypto_transport *t)
{
	struct inproc *d = inproc_of(t);
	uint32_t generation;

	lock(d);
	if (d->config_read && d->faults.generation_flips != 0) {
		d->faults.generation_flips--;
		d->generation++;
	}
	d->config_read = false;
	generation = d->generation;
	unlock(d);
	return generation;
}

static void
fill_config(const struct inproc *d, uint8_t *raw)
{
	struct virtio_crypto_config config;

	if (d->cfg.raw_config) {
		memcpy(raw, d->cfg.config, CONFIG_LEN);
		return;
	}
	vhc_device_config(d->device, &config);
	memcpy(raw, &config, CONFIG_LEN);
	if (d->cfg.engine == INPROC_ENGINE_CIPHER_ONLY)
		raw[CONFIG_SERVICES] = SERVICES_CIPHER_HASH_MAC;
}

static uint32_t
read_config32(struct vcrypto_transport *t, uint32_t off)
{
	struct inproc *d = inproc_of(t);
	uint8_t raw[CONFIG_LEN];
	uint32_t v = 0;

	lock(d);
	if (off % 4 != 0 || off > CONFIG_LEN - 4) {
		inproc_rule(d, "configuration read at %u", off);
		goto out;
	}
	fill_config(d, raw);
	memcpy(&v, raw + off, sizeof(v));
	v = rte_le_to_cpu_32(v);
	if (off == CONFIG_STATUS) {
		if (d->faults.not_ready)
			v &= ~(uint32_t)HW_READY;
		v |= d->faults.extra_status;
	}
	/* What is read while the configuration changes means nothing. */
	if (d->faults.generation_flips != 0)
		v = ~v;
	d->config_read = true;
out:
	unlock(d);
	return v;
}

/* ---- queues ---- */

static uint32_t
nb_queues(struct vcrypto_transport *t)
{
	return inproc_of(t)->nb_queues;
}

static uint16_t
queue_size_max(struct vcrypto_transport *t, uint16_t index)
{
	struct inproc *d = inproc_of(t);

	return index < d->nb_queues ? d->cfg.queue_size : 0;
}

static int
queue_enable(struct vcrypto_transport *t, uint16_t index, const struct vcrypto_queue_addr *addr,
		uint64_t features, struct vcrypto_doorbell *db)
{
	struct inproc *d = inproc_of(t);
	struct inproc_queue *q;
	int ret;

	if (index >= d->nb_queues)
		return -ENOENT;
	lock(d);
	q = &d->queue[index];
	if (q->enabled)
		inproc_rule(d, "queue %u enabled twice", index);
	if (!(d->status & S_FEATURES_OK))
		inproc_rule(d, "queue %u enabled before FEATURES_OK", index);
	if ((d->status & S_DRIVER_OK) && !q->was_reset)
		inproc_rule(d, "queue %u enabled after DRIVER_OK", index);
	if (features != d->features)
		inproc_rule(d, "queue %u: features 0x%llx, negotiated 0x%llx", index,
				(unsigned long long)features, (unsigned long long)d->features);
	if (addr->size == 0 || addr->size > d->cfg.queue_size || !rte_is_power_of_2(addr->size)) {
		inproc_rule(d, "queue %u: size %u of at most %u", index, addr->size,
				d->cfg.queue_size);
		ret = -EINVAL;
	} else {
		ret = inproc_ring_enable(q, addr);
	}
	if (ret == 0) {
		q->was_reset = false;
		db->addr = q;
		db->value = features & F_NOTIF_CONFIG_DATA ? q->notif_data : index;
		db->with_data = (features & F_NOTIFICATION_DATA) != 0;
	}
	unlock(d);
	return ret;
}

static int
queue_reset(struct vcrypto_transport *t, uint16_t index, unsigned int timeout_ms)
{
	struct inproc *d = inproc_of(t);
	int ret = 0;

	(void)timeout_ms;
	lock(d);
	d->stats.queue_resets++;
	if (!(d->features & F_RING_RESET))
		inproc_rule(d, "queue %u reset without RING_RESET", index);
	/* [virtio 4.1.4.3.2: a queue that is not enabled MUST NOT be reset] */
	if (index >= d->nb_queues || !d->queue[index].enabled)
		inproc_rule(d, "queue %u reset while it is not enabled", index);
	else if (d->faults.reset_reads == UINT_MAX)
		ret = -ETIMEDOUT;
	else
		inproc_ring_disable(&d->queue[index]);
	if (ret == 0 && index < d->nb_queues)
		d->queue[index].was_reset = true;
	unlock(d);
	return ret;
}

static void
notify(struct vcrypto_transport *t, const struct vcrypto_doorbell *db, uint16_t ring_state)
{
	struct inproc *d = inproc_of(t);
	const bool with_data = (d->features & F_NOTIFICATION_DATA) != 0;
	struct inproc_queue *q = db->addr;
	uint16_t expected;

	lock(d);
	if (q < d->queue || q >= d->queue + d->nb_queues) {
		inproc_rule(d, "doorbell that is none");
		goto out;
	}
	if (!q->is_ctrl)
		d->stats.notifications++;
	d->stats.last_notify_value =
			db->with_data ? (uint32_t)ring_state << 16 | db->value : db->value;
	/* [virtio 3.1.1: MUST NOT send any notification before DRIVER_OK] */
	if (!(d->status & S_DRIVER_OK) || d->resetting) {
		inproc_rule(d, "queue %u notified before DRIVER_OK", q->index);
		goto out;
	}
	expected = d->features & F_NOTIF_CONFIG_DATA ? q->notif_data : q->index;
	if (!q->enabled)
		inproc_rule(d, "queue %u notified while it is not enabled", q->index);
	else if (db->value != expected || db->with_data != with_data)
		inproc_rule(d, "queue %u notified with 0x%x, not 0x%x", q->index, db->value,
				expected);
	/* [virtio 2.9: available index, or next descriptor and wrap counter of a packed ring] */
	else if (with_data && ring_state != inproc_ring_notify_state(q))
		inproc_rule(d, "queue %u notified with 0x%x, available are 0x%x", q->index,
				ring_state, inproc_ring_notify_state(q));
	d->rung++;
	pthread_cond_signal(&d->doorbell);
	if (running(d) &&
			(d->cfg.run == INPROC_RUN_NOTIFY ||
					(q->is_ctrl && d->cfg.run == INPROC_RUN_MANUAL)))
		serve(q, UINT_MAX);
out:
	unlock(d);
}

static const struct vcrypto_transport_ops inproc_ops = {
		.name = "inproc",
		.get_status = get_status,
		.set_status = set_status,
		.get_features = get_features,
		.set_features = set_features,
		.config_len = config_len,
		.config_generation = config_generation,
		.read_config32 = read_config32,
		.nb_queues = nb_queues,
		.queue_size_max = queue_size_max,
		.queue_enable = queue_enable,
		.queue_reset = queue_reset,
		.notify = notify,
};

RTE_INIT(inproc_register)
{
	vcrypto_transport_register(VCRYPTO_TRANSPORT_INPROC, &inproc_ops);
}

/* ---- life of the device ---- */

static void
free_all(struct inproc *d)
{
	uint16_t i;

	inproc_serve_destroy(d);
	for (i = 0; d->queue != NULL && i < d->nb_queues; i++) {
		free(d->queue[i].links);
		free(d->queue[i].lens);
		free(d->queue[i].counts);
		free(d->queue[i].busy);
	}
	for (i = 0; d->chain != NULL && i < INPROC_BATCH; i++)
		free(d->chain[i].desc);
	free(d->chain);
	free(d->queue);
	free(d->last_request);
	free(d->last_ctrl);
	pthread_cond_destroy(&d->doorbell);
	pthread_mutex_destroy(&d->lock);
	free(d);
}

static int
alloc_all(struct inproc *d)
{
	const size_t n = d->cfg.queue_size;
	struct inproc_queue *q;
	uint16_t i;

	d->queue = calloc(d->nb_queues, sizeof(*d->queue));
	d->chain = calloc(INPROC_BATCH, sizeof(*d->chain));
	d->last_request = malloc(INPROC_LAST_MAX);
	d->last_ctrl = malloc(INPROC_LAST_MAX);
	if (d->queue == NULL || d->chain == NULL || d->last_request == NULL || d->last_ctrl == NULL)
		return -ENOMEM;
	for (i = 0; i < d->nb_queues; i++) {
		q = &d->queue[i];
		q->d = d;
		q->index = i;
		q->is_ctrl = i == d->nb_queues - 1;
		q->notif_data = (uint16_t)(0x8001 + 3 * i);
		q->links = calloc(n, sizeof(*q->links));
		q->lens = calloc(n, sizeof(*q->lens));
		q->counts = calloc(n, sizeof(*q->counts));
		q->busy = calloc(n, 1);
		if (q->links == NULL || q->lens == NULL || q->counts == NULL || q->busy == NULL)
			return -ENOMEM;
	}
	for (i = 0; i < INPROC_BATCH; i++) {
		d->chain[i].desc = calloc(n, sizeof(*d->chain[i].desc));
		if (d->chain[i].desc == NULL)
			return -ENOMEM;
	}
	return inproc_serve_create(d);
}

struct inproc *
inproc_create(const struct inproc_cfg *cfg)
{
	static const struct inproc_cfg defaults;
	void *(*main_fn)(void *);
	struct inproc *d;
	int ret;

	d = calloc(1, sizeof(*d));
	if (d == NULL)
		return NULL;
	pthread_mutex_init(&d->lock, NULL);
	pthread_cond_init(&d->doorbell, NULL);
	d->transport.kind = VCRYPTO_TRANSPORT_INPROC;
	d->transport.dev_name = "inproc";
	d->cfg = cfg != NULL ? *cfg : defaults;
	d->faults = d->cfg.faults;
	if (d->cfg.nb_data_queues == 0)
		d->cfg.nb_data_queues = 1;
	if (d->cfg.queue_size == 0)
		d->cfg.queue_size = DEFAULT_QUEUE_SIZE;
	d->offered = d->cfg.features != 0 ? d->cfg.features : F_ALL;
	if (d->cfg.direct)
		d->offered &= ~F_INDIRECT_DESC;
	if (d->cfg.packed)
		d->offered |= F_RING_PACKED;
	if (d->cfg.in_order != INPROC_IN_ORDER_OFF)
		d->offered |= F_IN_ORDER;
	if (d->cfg.stateless)
		d->offered |= F_STATELESS;
	d->nb_queues = d->cfg.nb_data_queues + 1;
	ret = alloc_all(d);
	if (ret == 0 && (d->cfg.run == INPROC_RUN_THREAD || d->cfg.run == INPROC_RUN_DOORBELL)) {
		main_fn = d->cfg.run == INPROC_RUN_THREAD ? polling_thread : doorbell_thread;
		ret = -pthread_create(&d->thread, NULL, main_fn, d);
		d->has_thread = ret == 0;
	}
	if (ret != 0) {
		free_all(d);
		errno = -ret;
		return NULL;
	}
	return d;
}

void
inproc_destroy(struct inproc *d)
{
	if (d == NULL)
		return;
	if (d->has_thread) {
		lock(d);
		__atomic_store_n(&d->stop, 1, __ATOMIC_RELEASE);
		pthread_cond_signal(&d->doorbell);
		unlock(d);
		pthread_join(d->thread, NULL);
	}
	free_all(d);
}

struct vcrypto_transport *
inproc_transport(struct inproc *d)
{
	return &d->transport;
}

struct inproc_faults *
inproc_faults(struct inproc *d)
{
	return &d->faults;
}

const struct inproc_stats *
inproc_stats(const struct inproc *d)
{
	return &d->stats;
}

uint16_t
inproc_notif_data(const struct inproc *d, uint16_t queue)
{
	return d->queue[queue].notif_data;
}

void
inproc_needs_reset(struct inproc *d)
{
	lock(d);
	d->status |= S_NEEDS_RESET;
	unlock(d);
}

static size_t
copy_last(const uint8_t *last, size_t last_len, uint8_t *buf, size_t len)
{
	memcpy(buf, last, RTE_MIN(last_len, len));
	return last_len;
}

size_t
inproc_last_request(const struct inproc *d, uint8_t *buf, size_t len)
{
	return copy_last(d->last_request, d->last_request_len, buf, len);
}

size_t
inproc_last_ctrl(const struct inproc *d, uint8_t *buf, size_t len)
{
	return copy_last(d->last_ctrl, d->last_ctrl_len, buf, len);
}
