/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * A device's life cycle: negotiation, bring-up, shutdown, faults.
 * [virtio 3.1 Device Initialization, 5.9.6 Device Initialization]
 *
 * May include: caps, ctrl, session, cache, queue, transport, log. Control threads
 * under the device's lock; vcrypto_dev_fault() and vcrypto_dev_alive() also
 * from dequeuers, on their slow path.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_malloc.h>
#include <rte_memzone.h>

#include "virtio_cache.h"
#include "virtio_dev.h"
#include "virtio_features.h"
#include "virtio_log.h"
#include "virtio_session.h"

#define CTRL_QUEUE_SIZE 64
#define CTRL_QUEUE_MIN_SIZE 4
/* Rereads of a configuration that keeps changing under the reader. */
#define CONFIG_TRIES 100
#define POLL_US 50
/* Time for bursts that are under way to end. */
#define QUIET_POLL_US 20

#define LOG(level, dev, ...) VCRYPTO_DEV_LOG(level, (dev)->name, __VA_ARGS__)

static inline const struct vcrypto_transport_ops *
ops_of(const struct vcrypto_dev *dev)
{
	return vcrypto_transport_ops(dev->transport);
}

/* ---- registers ---- */

static uint8_t
status_add(struct vcrypto_dev *dev, uint8_t bits)
{
	/* [virtio 2.1.1] MUST NOT clear a bit: it is added to what is there. */
	ops_of(dev)->set_status(dev->transport, ops_of(dev)->get_status(dev->transport) | bits);
	return ops_of(dev)->get_status(dev->transport);
}

/* Whether the transport has lost a device that may come back. */
static bool
is_away(const struct vcrypto_dev *dev)
{
	return ops_of(dev)->recovers &&
		ops_of(dev)->get_status(dev->transport) == VCRYPTO_STATUS_GONE;
}

static int
hw_reset(struct vcrypto_dev *dev)
{
	const uint64_t end = rte_get_timer_cycles() +
		rte_get_timer_hz() / 1000 * dev->args.timeout_ms;
	unsigned int tries;

	if (is_away(dev)) {
		/* There is nothing to reset, and nobody who would write our memory. */
		dev->stuck = false;
		return -ENOLINK;
	}
	ops_of(dev)->set_status(dev->transport, 0);
	/* [virtio 4.1.4.3.2] SHOULD wait until the status reads 0 */
	for (tries = 0; ops_of(dev)->get_status(dev->transport) != 0; tries++) {
		if (rte_get_timer_cycles() > end) {
			/* A device that is gone reads as all ones and writes nothing any more. */
			dev->stuck = ops_of(dev)->get_status(dev->transport) !=
				VCRYPTO_STATUS_GONE;
			LOG(ERR, dev, "reset: status is 0x%02x after %u ms",
				ops_of(dev)->get_status(dev->transport), dev->args.timeout_ms);
			return -ETIMEDOUT;
		}
		if (tries > 0)
			rte_delay_us_sleep(POLL_US);
	}
	dev->stuck = false;
	return 0;
}

static bool
hw_ready(struct vcrypto_dev *dev)
{
	/* [virtio 5.9.5.2] MUST read the bit; others are undefined and say nothing */
	return ops_of(dev)->read_config32(dev->transport,
		offsetof(struct virtio_crypto_config, status)) & VIRTIO_CRYPTO_S_HW_READY;
}

/* What may be accepted of what is offered. */
static uint64_t
supported(const struct vcrypto_dev *dev, uint64_t offered)
{
	uint64_t features = VCRYPTO_SUPPORTED_FEATURES;

	/* [virtio 5.9.3.1] they need REVISION_1; [2.2.1] MUST NOT accept them without it */
	if (dev->args.mode != VCRYPTO_MODE_SESSION &&
			offered & VIRTIO_FEATURE(VIRTIO_CRYPTO_F_REVISION_1))
		features |= VCRYPTO_STATELESS_FEATURES;
	return features;
}

/* Until FEATURES_OK stands. The features are chosen once, at probe. */
static int
negotiate(struct vcrypto_dev *dev, bool first)
{
	uint64_t offered;
	int ret;

	ret = hw_reset(dev);
	if (ret == -ENOLINK)
		LOG(ERR, dev, "the back end is away: try again when it is back");
	if (ret < 0)
		return ret;
	status_add(dev, VIRTIO_CONFIG_S_ACKNOWLEDGE);
	status_add(dev, VIRTIO_CONFIG_S_DRIVER);

	offered = ops_of(dev)->get_features(dev->transport);
	if (first) {
		if (!(offered & VIRTIO_FEATURE(VIRTIO_F_VERSION_1))) {
			LOG(ERR, dev, "the device offers no VIRTIO_F_VERSION_1 (features 0x%" PRIx64
				"): only modern devices are supported", offered);
			return -ENOTSUP;
		}
		dev->features = offered & supported(dev, offered);
		if (ops_of(dev)->check_features != NULL) {
			ret = ops_of(dev)->check_features(dev->transport, dev->features);
			if (ret < 0)
				return ret;
		}
	} else if ((offered & dev->features) != dev->features) {
		LOG(ERR, dev, "the device no longer offers features 0x%" PRIx64
			"; probe it again", dev->features & ~offered);
		return -EIO;
	}
	ops_of(dev)->set_features(dev->transport, dev->features);
	/* [virtio 3.1.1] MUST re-read: the device may refuse the subset */
	if (!(status_add(dev, VIRTIO_CONFIG_S_FEATURES_OK) & VIRTIO_CONFIG_S_FEATURES_OK)) {
		LOG(ERR, dev, "the device refuses features 0x%" PRIx64, dev->features);
		return -ENODEV;
	}
	return 0;
}

/* [virtio 2.5.1] multi-word reads are valid only within one generation */
static int
read_config(struct vcrypto_dev *dev)
{
	struct virtio_crypto_config raw;
	uint32_t before, off, word;
	int tries;

	if (ops_of(dev)->config_len(dev->transport) < sizeof(raw)) {
		LOG(ERR, dev, "configuration space of %u bytes, a crypto device has %zu",
			ops_of(dev)->config_len(dev->transport), sizeof(raw));
		return -EINVAL;
	}
	for (tries = 0; tries < CONFIG_TRIES; tries++) {
		before = ops_of(dev)->config_generation(dev->transport);
		for (off = 0; off < sizeof(raw); off += sizeof(word)) {
			word = rte_cpu_to_le_32(ops_of(dev)->read_config32(dev->transport, off));
			memcpy((uint8_t *)&raw + off, &word, sizeof(word));
		}
		if (ops_of(dev)->config_generation(dev->transport) == before)
			return vcrypto_caps_parse_config(dev->name, &raw, &dev->config);
	}
	LOG(ERR, dev, "the configuration changes while it is read, %d times in a row", tries);
	return -EINVAL;
}

static int
check_ready(struct vcrypto_dev *dev)
{
	if (hw_ready(dev))
		return 0;
	LOG(ERR, dev, "the device is not ready (HW_READY clear): try again later");
	return -EAGAIN;
}

/* ---- what exists ---- */

static uint16_t
power_of_2_below(uint16_t n)
{
	return n == 0 ? 0 : rte_align32prevpow2(n);
}

static int
count_queues(struct vcrypto_dev *dev)
{
	const uint32_t nb = dev->config.max_dataqueues;
	uint32_t i;

	if (ops_of(dev)->nb_queues(dev->transport) < nb + 1) {
		LOG(ERR, dev, "%u data queues in the configuration, but %u queues in all", nb,
			ops_of(dev)->nb_queues(dev->transport));
		return -ENODEV;
	}
	dev->queue_size_max = VIRTQ_MAX_SIZE;
	for (i = 0; i < nb; i++) {
		const uint16_t size = power_of_2_below(
			ops_of(dev)->queue_size_max(dev->transport, i));

		if (size < VCRYPTO_QUEUE_MIN_SIZE) {
			LOG(ERR, dev, "data queue %u holds %u entries, a request needs %u", i, size,
				VCRYPTO_QUEUE_MIN_SIZE);
			return -ENODEV;
		}
		dev->queue_size_max = RTE_MIN(dev->queue_size_max, size);
	}
	dev->max_queue_pairs = RTE_MIN(nb, (uint32_t)RTE_MAX_QUEUES_PER_PORT);
	return 0;
}

/* Where all requests are to be stateless, all services must be able to. */
static int
check_mode(struct vcrypto_dev *dev)
{
	static const char *const names[] = {
		[VIRTIO_CRYPTO_SERVICE_CIPHER] = "CIPHER",
		[VIRTIO_CRYPTO_SERVICE_HASH] = "HASH",
		[VIRTIO_CRYPTO_SERVICE_MAC] = "MAC",
		[VIRTIO_CRYPTO_SERVICE_AEAD] = "AEAD",
		[VIRTIO_CRYPTO_SERVICE_AKCIPHER] = "AKCIPHER",
	};
	unsigned int i;

	if (dev->args.mode != VCRYPTO_MODE_STATELESS)
		return 0;
	for (i = 0; i < RTE_DIM(names); i++) {
		if (!(dev->config.services & 1u << i) ||
				dev->features & VCRYPTO_STATELESS_FEATURE(i))
			continue;
		LOG(ERR, dev, "mode=stateless: the device has %s, but does not offer"
			" VIRTIO_CRYPTO_F_%s_STATELESS_MODE with VIRTIO_CRYPTO_F_REVISION_1"
			" (features 0x%" PRIx64 "); take mode=auto", names[i], names[i],
			dev->features);
		return -ENOTSUP;
	}
	return 0;
}

static int
create_ctrl(struct vcrypto_dev *dev)
{
	const uint16_t size = power_of_2_below(
		ops_of(dev)->queue_size_max(dev->transport, dev->config.max_dataqueues));

	if (size < CTRL_QUEUE_MIN_SIZE) {
		LOG(ERR, dev, "control queue of %u entries, a command needs %u", size,
			CTRL_QUEUE_MIN_SIZE);
		return -ENODEV;
	}
	return vcrypto_ctrl_create(&dev->ctrl, dev->name, dev->zone, dev->socket_id, dev->transport,
		RTE_MIN(size, CTRL_QUEUE_SIZE), dev->args.timeout_ms);
}

/*
 * [virtio 5.9.6.1] MUST configure all virtqueues. Queues without a user share one ring that
 * stays empty for ever: the device finds nothing there and writes nothing.
 */
static int
create_parked_ring(struct vcrypto_dev *dev)
{
	const enum vcrypto_ring_kind kind = vcrypto_ring_kind_pick(dev->features);
	char name[RTE_MEMZONE_NAMESIZE];
	struct vcrypto_ring ring;
	void *priv;

	snprintf(name, sizeof(name), "%s_parked", dev->zone);
	dev->parked_mz = rte_memzone_reserve_aligned(name,
		vcrypto_ring_mem_size(kind, VCRYPTO_QUEUE_MIN_SIZE), dev->socket_id,
		RTE_MEMZONE_IOVA_CONTIG, 4096);
	priv = rte_malloc("vcrypto_park", vcrypto_ring_priv_size(VCRYPTO_QUEUE_MIN_SIZE), 0);
	if (dev->parked_mz == NULL || priv == NULL) {
		LOG(ERR, dev, "no memory for an empty ring");
		rte_free(priv);
		return -ENOMEM;
	}
	vcrypto_ring_init(&ring, kind, 0, VCRYPTO_QUEUE_MIN_SIZE, dev->parked_mz->addr,
		dev->parked_mz->iova, priv, dev->features);
	vcrypto_ring_addr(&ring, &dev->parked);
	rte_free(priv);
	return 0;
}

/* The device may have said there when it wants kicks: its area is zeroed for each bring-up. */
static void
clean_parked_ring(struct vcrypto_dev *dev)
{
	const uint64_t off = dev->parked.device - dev->parked.desc;

	memset(RTE_PTR_ADD(dev->parked_mz->addr, off), 0, dev->parked_mz->len - off);
}

static int
park_queue(struct vcrypto_dev *dev, uint16_t index)
{
	struct vcrypto_doorbell db;

	return ops_of(dev)->queue_enable(dev->transport, index, &dev->parked, dev->features, &db);
}

/* ---- transitions ---- */

static int
enable_queues(struct vcrypto_dev *dev, struct vcrypto_qp **qps, uint16_t nb)
{
	uint32_t i;
	int ret;

	clean_parked_ring(dev);
	for (i = 0; i < dev->config.max_dataqueues; i++) {
		ret = i < nb ? vcrypto_queue_enable(qps[i], dev->features) : park_queue(dev, i);
		if (ret == 0 && i < nb)
			vcrypto_cache_idle(qps[i]->cache);
		if (ret < 0) {
			LOG(ERR, dev, "data queue %u: %s", i, rte_strerror(-ret));
			return ret;
		}
	}
	ret = vcrypto_ctrl_enable(&dev->ctrl, dev->config.max_dataqueues, dev->features);
	if (ret < 0)
		LOG(ERR, dev, "control queue: %s", rte_strerror(-ret));
	return ret;
}

/* After a reset nothing lives on the device and no memory of ours is in its hands. */
static void
now_down(struct vcrypto_dev *dev)
{
	dev->hw_state = VCRYPTO_HW_DOWN;
	dev->epoch++;
	vcrypto_dev_count(&dev->counts.resets, 1);
	dev->qps = NULL;
	dev->nb_qps = 0;
	vcrypto_ctrl_wipe(&dev->ctrl);
}

/* The configuration once more: what the application was told must still be true. */
static int
reread_config(struct vcrypto_dev *dev)
{
	const struct vcrypto_config was = dev->config;
	int ret;

	ret = read_config(dev);
	if (ret == 0 && dev->config.max_dataqueues != was.max_dataqueues) {
		LOG(ERR, dev, "the device had %u data queues and now has %u; probe it again",
			was.max_dataqueues, dev->config.max_dataqueues);
		ret = -EIO;
	} else if (ret == 0 && ((was.services & ~dev->config.services) != 0 ||
			(was.cipher_algo & ~dev->config.cipher_algo) != 0 ||
			(was.hash_algo & ~dev->config.hash_algo) != 0 ||
			(was.mac_algo & ~dev->config.mac_algo) != 0 ||
			(was.aead_algo & ~dev->config.aead_algo) != 0 ||
			(was.akcipher_algo & ~dev->config.akcipher_algo) != 0 ||
			was.max_cipher_key_len > dev->config.max_cipher_key_len ||
			was.max_auth_key_len > dev->config.max_auth_key_len)) {
		LOG(ERR, dev, "the device no longer has algorithms that it had; probe it again");
		ret = -EIO;
	}
	if (ret < 0)
		dev->config = was;
	return ret;
}

int
vcrypto_dev_up(struct vcrypto_dev *dev, struct vcrypto_qp **qps, uint16_t nb)
{
	uint8_t status;
	uint16_t i;
	int ret;

	ret = negotiate(dev, false);
	if (ret == 0)
		ret = reread_config(dev);
	if (ret == 0)
		ret = enable_queues(dev, qps, nb);
	if (ret < 0)
		goto fail;

	status = status_add(dev, VIRTIO_CONFIG_S_DRIVER_OK);
	if (status & VIRTIO_CONFIG_S_NEEDS_RESET || !(status & VIRTIO_CONFIG_S_DRIVER_OK)) {
		LOG(ERR, dev, "the device does not start: status 0x%02x", status);
		ret = -EIO;
		goto fail;
	}
	/* [virtio 5.9.5.2] MUST read it again after a reset, and send nothing while clear */
	ret = check_ready(dev);
	if (ret < 0)
		goto fail;
	__atomic_store_n(&dev->broken, 0, __ATOMIC_RELEASE);
	dev->hw_state = nb > 0 ? VCRYPTO_HW_UP : VCRYPTO_HW_PARKED;
	dev->qps = qps;
	dev->nb_qps = nb;
	return 0;

fail:
	status_add(dev, VIRTIO_CONFIG_S_FAILED);
	hw_reset(dev);
	now_down(dev);
	for (i = 0; i < nb; i++) {
		/* What was in flight when the device went away waits for the next try. */
		if (qps[i]->state != VCRYPTO_QUEUE_PAUSED)
			vcrypto_queue_reclaim(qps[i]);
	}
	return ret;
}

void
vcrypto_dev_down(struct vcrypto_dev *dev)
{
	if (dev->hw_state == VCRYPTO_HW_DOWN)
		return;
	/* Devices keep sessions over a reset and have few: take them along. */
	if (!dev->broken && hw_ready(dev))
		vcrypto_session_destroy_all(dev);
	hw_reset(dev);
	now_down(dev);
}

bool
vcrypto_dev_let_go(struct vcrypto_dev *dev)
{
	bool ok;

	vcrypto_dev_lock(dev);
	ok = !dev->stuck || hw_reset(dev) == 0 || !dev->stuck;
	vcrypto_dev_unlock(dev);
	return ok;
}

bool
vcrypto_dev_is_away(const struct vcrypto_dev *dev)
{
	return __atomic_load_n(&dev->lost, __ATOMIC_RELAXED) || is_away(dev);
}

int
vcrypto_dev_ctrl_ready(struct vcrypto_dev *dev)
{
	int ret;

	if (vcrypto_dev_is_away(dev)) {
		LOG(ERR, dev, "the back end is away: try again when it is back");
		return -EIO;
	}
	if (__atomic_load_n(&dev->broken, __ATOMIC_ACQUIRE)) {
		LOG(ERR, dev, "the device is broken: stop it and start it again");
		return -EIO;
	}
	/* Without data queues nobody minds a reset, which mends the control queue. */
	if (dev->hw_state == VCRYPTO_HW_PARKED && dev->ctrl.broken)
		vcrypto_dev_down(dev);
	if (dev->hw_state == VCRYPTO_HW_DOWN) {
		ret = vcrypto_dev_up(dev, NULL, 0);
		if (ret < 0)
			return ret;
	}
	return check_ready(dev);
}

/* ---- faults ---- */

bool
vcrypto_dev_alive(struct vcrypto_dev *dev)
{
	const uint8_t status = ops_of(dev)->get_status(dev->transport);

	return status != VCRYPTO_STATUS_GONE && (status & VIRTIO_CONFIG_S_DRIVER_OK) &&
		!(status & VIRTIO_CONFIG_S_NEEDS_RESET);
}

static void
queue_set_state(struct vcrypto_qp *qp, enum vcrypto_queue_state state)
{
	/* Release: the reset is over before a dequeuer hands buffers back. */
	__atomic_store_n(&qp->state, state, __ATOMIC_RELEASE);
}

static void
reset_all(struct vcrypto_dev *dev)
{
	struct vcrypto_qp **const qps = dev->qps;
	const uint16_t nb = dev->nb_qps;
	uint16_t i;

	__atomic_store_n(&dev->broken, 1, __ATOMIC_RELEASE);
	for (i = 0; i < nb; i++)
		queue_set_state(qps[i], VCRYPTO_QUEUE_FAULT);
	hw_reset(dev);
	now_down(dev);
	for (i = 0; i < nb; i++)
		queue_set_state(qps[i], VCRYPTO_QUEUE_DEAD);
}

/* ---- away and back ---- */

static void
lose(struct vcrypto_dev *dev)
{
	struct vcrypto_qp **const qps = dev->qps;
	const uint16_t nb = dev->nb_qps;
	const bool was_up = dev->hw_state == VCRYPTO_HW_UP;
	uint16_t i;

	if (dev->hw_state == VCRYPTO_HW_DOWN)
		return;
	for (i = 0; i < nb; i++)
		if (qps[i]->state == VCRYPTO_QUEUE_LIVE)
			queue_set_state(qps[i], VCRYPTO_QUEUE_PAUSED);
	now_down(dev);
	__atomic_store_n(&dev->lost, was_up, __ATOMIC_RELAXED);
	vcrypto_dev_count(&dev->counts.losses, was_up);
	dev->qps = qps;
	dev->nb_qps = nb;
}

void
vcrypto_dev_lost(struct vcrypto_dev *dev)
{
	vcrypto_dev_lock(dev);
	lose(dev);
	vcrypto_dev_unlock(dev);
}

/*
 * Wait until no burst is in the rings. Not under the lock: a dequeuer that has found a fault may
 * be waiting for it. Only bursts are waited for, so there is no deadline: a thread that was
 * descheduled in one will run again.
 */
static void
wait_quiet(struct vcrypto_dev *dev)
{
	bool quiet;
	uint16_t i;

	for (;;) {
		vcrypto_dev_lock(dev);
		quiet = true;
		for (i = 0; dev->lost && i < dev->nb_qps; i++)
			quiet &= vcrypto_rxtx_quiet(dev->qps[i]);
		vcrypto_dev_unlock(dev);
		if (quiet)
			return;
		rte_delay_us_sleep(QUIET_POLL_US);
	}
}

static int
recover(struct vcrypto_dev *dev)
{
	struct vcrypto_qp **const qps = dev->qps;
	const uint16_t nb = dev->nb_qps;
	unsigned int resent = 0, failed = 0;
	int ret, refused;
	uint16_t i;

	for (i = 0; i < nb; i++) {
		/* What was answered before the device went is answered. */
		vcrypto_rxtx_drain(qps[i]);
		failed += vcrypto_queue_hold(qps[i]);
	}
	ret = vcrypto_dev_up(dev, qps, nb);
	refused = ret == 0 ? vcrypto_session_replay(dev) : 0;
	if (ret == 0 && refused < 0) {
		ret = refused;
		hw_reset(dev);
		now_down(dev);
	}
	if (ret < 0) {
		dev->qps = qps;
		dev->nb_qps = nb;
		return ret;
	}
	__atomic_store_n(&dev->lost, false, __ATOMIC_RELAXED);
	resent = failed;
	for (i = 0; i < nb; i++) {
		resent += qps[i]->nb_resend;
		failed += vcrypto_rxtx_resend(qps[i]);
		queue_set_state(qps[i], VCRYPTO_QUEUE_LIVE);
	}
	vcrypto_dev_count(&dev->counts.recoveries, 1);
	vcrypto_dev_count(&dev->counts.resent, resent - failed);
	LOG(NOTICE, dev, "the back end is back: %u sessions, %d of them refused; of %u operations"
		" in flight %u sent again, %u returned as errors", dev->nb_sessions, refused,
		resent, resent - failed, failed);
	return 0;
}

int
vcrypto_dev_recover(struct vcrypto_dev *dev)
{
	int ret = 0;

	wait_quiet(dev);
	vcrypto_dev_lock(dev);
	if (dev->lost)
		ret = recover(dev);
	vcrypto_dev_unlock(dev);
	return ret;
}

/* ---- faults of a queue ---- */

void
vcrypto_dev_fault(struct vcrypto_dev *dev, struct vcrypto_qp *qp, const char *why)
{
	struct rte_cryptodev *cdev;

	vcrypto_dev_lock(dev);
	if (qp->state != VCRYPTO_QUEUE_LIVE) {
		/* Another queue's fault has reset the device already. */
		vcrypto_dev_unlock(dev);
		return;
	}
	if (is_away(dev)) {
		lose(dev);
		vcrypto_dev_unlock(dev);
		return;
	}
	queue_set_state(qp, VCRYPTO_QUEUE_FAULT);
	vcrypto_dev_count(&dev->counts.faults, 1);
	LOG(ERR, dev, "queue pair %u: %s; out of service until the device is stopped and started",
		qp->id, why);
	if (dev->features & VIRTIO_FEATURE(VIRTIO_F_RING_RESET) && vcrypto_dev_alive(dev) &&
			ops_of(dev)->queue_reset(dev->transport, qp->id, dev->args.timeout_ms) == 0)
		queue_set_state(qp, VCRYPTO_QUEUE_DEAD);
	else
		reset_all(dev);
	vcrypto_dev_unlock(dev);

	cdev = rte_cryptodev_pmd_get_dev(dev->dev_id);
	rte_cryptodev_pmd_callback_process(cdev, RTE_CRYPTODEV_EVENT_ERROR);
}

/* ---- beginning and end ---- */

static int
trial(void *ctx, const struct vcrypto_sym_create *create)
{
	struct vcrypto_dev *const dev = ctx;
	uint64_t id;
	int ret;

	ret = vcrypto_ctrl_sym_create(&dev->ctrl, create, &id);
	if (ret == 0)
		ret = vcrypto_ctrl_destroy_session(&dev->ctrl, create->service, id);
	return ret;
}

static int
asym_trial(void *ctx, const struct vcrypto_asym_create *create)
{
	struct vcrypto_dev *const dev = ctx;
	uint64_t id;
	int ret;

	ret = vcrypto_ctrl_asym_create(&dev->ctrl, create, &id);
	if (ret == 0)
		ret = vcrypto_ctrl_destroy_session(&dev->ctrl, VIRTIO_CRYPTO_SERVICE_AKCIPHER, id);
	return ret;
}

static int
init_lock(pthread_mutex_t *lock)
{
	pthread_mutexattr_t attr;
	int ret;

	ret = pthread_mutexattr_init(&attr);
	if (ret != 0)
		return -ret;
	ret = pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	if (ret == 0)
		ret = pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	if (ret == 0)
		ret = pthread_mutex_init(lock, &attr);
	pthread_mutexattr_destroy(&attr);
	return -ret;
}

static int
probe_device(struct vcrypto_dev *dev)
{
	int ret;

	ret = negotiate(dev, true);
	if (ret == 0)
		ret = read_config(dev);
	if (ret == 0)
		ret = check_mode(dev);
	if (ret == 0)
		ret = check_ready(dev);
	if (ret == 0)
		ret = count_queues(dev);
	if (ret == 0)
		ret = create_ctrl(dev);
	if (ret == 0)
		ret = create_parked_ring(dev);
	if (ret == 0)
		ret = vcrypto_dev_up(dev, NULL, 0);
	if (ret == 0)
		ret = vcrypto_caps_build(dev->name, &dev->config, dev->args.caps_mode, trial, dev,
			&dev->caps, &dev->feature_flags);
	if (ret == 0)
		ret = vcrypto_caps_add_asym(dev->name, &dev->config, dev->args.caps_mode,
			dev->args.ecdsa_id, asym_trial, dev, dev->caps, &dev->feature_flags,
			&dev->asym_curves);
	return ret;
}

int
vcrypto_dev_init(struct vcrypto_dev *dev)
{
	/* Device numbers are used again, zone names are not: some zones are never freed. */
	static uint16_t nb_inits;
	int ret;

	LIST_INIT(&dev->sessions);
	LIST_INIT(&dev->asym_sessions);
	LIST_INIT(&dev->asym_freed);
	snprintf(dev->zone, sizeof(dev->zone), "vcrypto%u.%u", dev->dev_id, ++nb_inits);
	ret = init_lock(&dev->lock);
	if (ret < 0)
		return ret;
	ret = probe_device(dev);
	if (ret < 0) {
		vcrypto_dev_fini(dev);
		return ret;
	}
	vcrypto_dev_down(dev);

	dev->feature_flags |= RTE_CRYPTODEV_FF_HW_ACCELERATED | RTE_CRYPTODEV_FF_IN_PLACE_SGL |
		RTE_CRYPTODEV_FF_OOP_SGL_IN_SGL_OUT | RTE_CRYPTODEV_FF_OOP_SGL_IN_LB_OUT |
		RTE_CRYPTODEV_FF_OOP_LB_IN_SGL_OUT | RTE_CRYPTODEV_FF_OOP_LB_IN_LB_OUT |
		RTE_CRYPTODEV_FF_SYM_SESSIONLESS | RTE_CRYPTODEV_FF_SYM_RAW_DP;
	LOG(INFO, dev, "%u data queues of up to %u entries, features 0x%" PRIx64,
		dev->config.max_dataqueues, dev->queue_size_max, dev->features);
	return 0;
}

void
vcrypto_dev_fini(struct vcrypto_dev *dev)
{
	vcrypto_dev_down(dev);
	/* A failed first contact leaves the device in the middle of negotiation. */
	if (ops_of(dev)->get_status(dev->transport) != 0)
		hw_reset(dev);
	vcrypto_session_drop_all(dev);
	rte_free(dev->caps);
	dev->caps = NULL;
	if (!vcrypto_dev_let_go(dev)) {
		/* [virtio 3.3.1] no memory that the device may still use is given to others */
		LOG(WARNING, dev, "the device was not reset: its rings' memory is kept from reuse");
		vcrypto_ctrl_wipe(&dev->ctrl);
	} else {
		rte_memzone_free(dev->parked_mz);
		dev->parked_mz = NULL;
		vcrypto_ctrl_destroy(&dev->ctrl);
	}
	pthread_mutex_destroy(&dev->lock);
}
