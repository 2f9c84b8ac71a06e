/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * One virtio crypto device and its life cycle:
 *
 *   NEW -> PROBED -> CONFIGURED -> STARTED -> CONFIGURED
 *                                  STARTED -> BROKEN -> (stop, start) -> STARTED
 *
 * Beside that the hardware is DOWN (reset), PARKED (DRIVER_OK, control queue only:
 * trial sessions and sessions created while stopped) or UP (data queues too).
 * Each transition is one function. The structure is in shared memory; secondary
 * processes use its data path and nothing else.
 */

#ifndef VIRTIO_DEV_H
#define VIRTIO_DEV_H

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include <cryptodev_pmd.h>

#include "virtio_caps.h"
#include "virtio_ctrl.h"
#include "virtio_queue.h"
#include "virtio_transport.h"

enum vcrypto_hw_state {
	VCRYPTO_HW_DOWN,
	VCRYPTO_HW_PARKED,
	VCRYPTO_HW_UP,
};

/** How the device gets algorithms and keys. */
enum vcrypto_mode {
	/* With sessions; those of session-less ops with each request, if the device can do that. */
	VCRYPTO_MODE_AUTO,
	VCRYPTO_MODE_SESSION, /* always with sessions */
	VCRYPTO_MODE_STATELESS, /* always with each request */
};

/** What devargs choose. */
struct vcrypto_dev_args {
	enum vcrypto_caps_mode caps_mode;
	enum vcrypto_mode mode;
	uint8_t ecdsa_id; /* the device's number: VIRTIO_CRYPTO_AKCIPHER_ECDSA, _ECDSA_LINUX */
	unsigned int timeout_ms; /* control commands, resets, draining */
};

#define VCRYPTO_DEFAULT_TIMEOUT_MS 5000
#define VCRYPTO_MAX_TIMEOUT_MS 600000

LIST_HEAD(vcrypto_session_list, vcrypto_session_rec);
LIST_HEAD(vcrypto_asym_list, vcrypto_asym_rec);

/** What sessions ask for, to count them by. */
enum vcrypto_session_kind {
	VCRYPTO_SESSION_CIPHER,
	VCRYPTO_SESSION_CHAIN,
	VCRYPTO_SESSION_HASH,
	VCRYPTO_SESSION_MAC,
	VCRYPTO_SESSION_AEAD,
	VCRYPTO_SESSION_NULL, /* of which the device does not know */
	VCRYPTO_SESSION_ASYM,
	VCRYPTO_SESSION_KINDS,
};

/** What has happened to a device; written under the lock, read by anybody. */
struct vcrypto_dev_counts {
	uint64_t resets; /* ends of a bring-up, faults and losses among them */
	uint64_t faults; /* of a queue or of the device */
	uint64_t losses; /* back ends that went away while UP */
	uint64_t recoveries; /* and came back */
	uint64_t resent; /* ops that were sent again then */
	uint64_t sessions_made; /* on the device, replays among them */
	uint64_t sessions_refused;
	uint64_t sessions[VCRYPTO_SESSION_KINDS]; /* that exist now */
};

/** Add to one of them, under the lock. */
static inline void
vcrypto_dev_count(uint64_t *counter, int64_t n)
{
	__atomic_store_n(counter, *counter + n, __ATOMIC_RELAXED);
}

struct vcrypto_dev {
	char name[RTE_CRYPTODEV_NAME_MAX_LEN];
	char zone[20]; /* prefix of memory zone names */
	struct vcrypto_transport *transport;
	struct vcrypto_dev_args args;
	uint64_t features; /* negotiated */
	struct vcrypto_config config;
	struct rte_cryptodev_capabilities *caps;
	uint64_t feature_flags; /* RTE_CRYPTODEV_FF_* */
	uint32_t asym_curves; /* that ECDSA works on, by VIRTIO_CRYPTO_CURVE_* */
	uint16_t max_queue_pairs;
	uint16_t queue_size_max; /* the smallest maximum of the data queues */
	uint8_t dev_id;
	uint8_t driver_id;
	int socket_id;

	pthread_mutex_t lock; /* vcrypto_dev_lock(): everything below, and the transport */
	enum vcrypto_hw_state hw_state;
	uint32_t broken; /* atomic: a fault was found since the last bring-up */
	bool lost; /* the device went away while UP; its queues are PAUSED until it is back */
	bool stuck; /* the last reset did not end: the device may still write our memory */
	uint32_t epoch; /* bring-ups; a session lives on the device if its epoch is this one */
	struct vcrypto_ctrl ctrl;
	const struct rte_memzone *parked_mz; /* an empty ring for queues that nobody uses */
	struct vcrypto_queue_addr parked;
	struct vcrypto_session_list sessions;
	struct vcrypto_asym_list asym_sessions;
	struct vcrypto_asym_list asym_freed; /* with requests in flight */
	uint32_t nb_sessions;
	struct vcrypto_dev_counts counts;
	struct vcrypto_qp **qps; /* UP: the data queues that are in use; the caller's array */
	uint16_t nb_qps;
};

/**
 * First contact: reset, negotiate, read the configuration, build capabilities by trial.
 * On return the device is DOWN.
 * @param dev  zeroed, in shared memory; name, transport, args, dev_id, socket_id and driver_id set.
 * @return 0; -ENOTSUP no VERSION_1, no stateless mode although it is asked for, or the transport
 *         objects; -ENODEV FEATURES_OK refused, or
 *         queues missing; -EAGAIN not HW_READY; -EINVAL nonsense in the configuration;
 *         -ETIMEDOUT reset or control queue; -ENOMEM. One log line says which, and what to do.
 *         On failure the device is reset and all memory is freed.
 */
int vcrypto_dev_init(struct vcrypto_dev *dev);

/** Opposite of init: sessions wiped, device reset, memory freed. */
void vcrypto_dev_fini(struct vcrypto_dev *dev);

/**
 * Reset, same features, rings, DRIVER_OK. Under the lock; the hardware is DOWN before.
 * @param qps  the first nb data queues (UP), or NULL and 0 (PARKED).
 * @return as vcrypto_dev_init; -EIO the device offers other features than at first.
 */
int vcrypto_dev_up(struct vcrypto_dev *dev, struct vcrypto_qp **qps, uint16_t nb);

/** Destroy sessions on the device, reset it. Under the lock; any state before. */
void vcrypto_dev_down(struct vcrypto_dev *dev);

/**
 * Whether the device has let go of all memory, so that it may be freed. Tries the reset once
 * more if the last one did not end. The device is stopped; takes the lock.
 */
bool vcrypto_dev_let_go(struct vcrypto_dev *dev);

/**
 * A fault was found on the data path, or the device asks for a reset: reset the queue alone
 * (RING_RESET) or the device, so that nothing in flight can be written any more, mark queue(s)
 * DEAD and log once. Called by a dequeuer; the caller's queue is DEAD on return.
 */
void vcrypto_dev_fault(struct vcrypto_dev *dev, struct vcrypto_qp *qp, const char *why);

/**
 * Slow-path look at a device that has stopped answering.
 * @return true if the device is alive as far as its registers tell.
 */
bool vcrypto_dev_alive(struct vcrypto_dev *dev);

/**
 * The transport has lost its device (a back end that went away): queues pause, so that enqueue
 * returns 0 and dequeue what had come back before; commands are refused at once. Nothing in flight
 * is given up yet. Any thread that does not hold the lock; no effect while DOWN or lost already.
 */
void vcrypto_dev_lost(struct vcrypto_dev *dev);

/**
 * The transport has its device again, reset: negotiate the same features, check that the
 * configuration still serves what was announced, replay sessions, send again what was in flight or
 * hand it back as errors, and let the queues go on. Same threads as vcrypto_dev_lost().
 * @return 0, also if nothing was lost; what vcrypto_dev_up() returns: the device stays lost, and
 *         the next contact may try again.
 */
int vcrypto_dev_recover(struct vcrypto_dev *dev);

/* For control threads, of the burst functions' room, virtio_rxtx.c. */

/**
 * Move what the device has answered to the FIFO of returned ops. Both burst functions are quiet.
 * @return ops that are still with the device; 0 also if the ring is broken.
 */
unsigned int vcrypto_rxtx_drain(struct vcrypto_qp *qp);

/** Whether no guarded burst is under way that may not have seen that the queue is PAUSED. */
bool vcrypto_rxtx_quiet(const struct vcrypto_qp *qp);

/**
 * Send the ops that are held again, or return them as errors where that would not be safe.
 * PAUSED and quiet; sessions are on the device.
 * @return number of errors.
 */
unsigned int vcrypto_rxtx_resend(struct vcrypto_qp *qp);

/**
 * The device's lock, shared between processes. One that died with it held leaves the device
 * as broken: it may have been in the middle of a transition.
 */
static inline void
vcrypto_dev_lock(struct vcrypto_dev *dev)
{
	if (pthread_mutex_lock(&dev->lock) == EOWNERDEAD) {
		pthread_mutex_consistent(&dev->lock);
		__atomic_store_n(&dev->broken, 1, __ATOMIC_RELEASE);
	}
}

static inline void
vcrypto_dev_unlock(struct vcrypto_dev *dev)
{
	pthread_mutex_unlock(&dev->lock);
}

/** Whether the transport has lost a device that may come back. Any thread, without the lock. */
bool vcrypto_dev_is_away(const struct vcrypto_dev *dev);

/** Whether commands may be sent now; brings a stopped device to PARKED. Under the lock. */
int vcrypto_dev_ctrl_ready(struct vcrypto_dev *dev);

#endif /* VIRTIO_DEV_H */
