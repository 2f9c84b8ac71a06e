/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Asymmetric sessions and ops.
 *
 * An application's session becomes several on the device: one for each key, padding and hash that
 * its ops ask for [virtio 5.9.9.2.1.5]. Where ops say what it takes, the device's session is made
 * with the first op of its kind; some are kept, and replayed after a reset. Or requests have their
 * keys with them, if the device can do that (mode=stateless, or no session is to be had).
 */

#ifndef VIRTIO_ASYM_H
#define VIRTIO_ASYM_H

#include <stdint.h>

#include <rte_cryptodev.h>
#include <cryptodev_pmd.h>

#include "virtio_codec.h"
#include "virtio_queue.h"
#include "virtio_session.h"

struct vcrypto_asym_rec;
struct vcrypto_dev;

/** The driver's part of struct rte_cryptodev_asym_session; no secret in it. */
struct vcrypto_asym_session {
	struct vcrypto_dev *dev; /* the one device that knows this session */
	struct vcrypto_asym_rec *rec; /* NULL: not a live session */
};

/** Sessions on the device that one of the application may have at a time. */
#define VCRYPTO_ASYM_MADE_MAX 16

/** Bytes that the library reserves in each session object for the driver. */
unsigned int vcrypto_asym_session_size(struct rte_cryptodev *cdev);

/**
 * cryptodev op asym_session_configure. Any control thread; takes the device's lock.
 * @return 0; -ENOTSUP not in the capabilities, or a secondary process; -EINVAL the key is none;
 *         -ENOMEM; where the xform says how RSA pads: what the device answers, as
 *         vcrypto_session_configure(). One log line.
 */
int vcrypto_asym_session_configure(struct rte_cryptodev *cdev, struct rte_crypto_asym_xform *xform,
		struct rte_cryptodev_asym_session *sess);

/**
 * cryptodev op asym_session_clear: destroy on the device what is there, wipe, forget. Any control
 * thread of the primary process; takes the device's lock.
 */
void vcrypto_asym_session_clear(struct rte_cryptodev *cdev,
		struct rte_cryptodev_asym_session *sess);

/** As those of vcrypto_session_*(), under the device's lock. Nothing is in flight at a replay. */
void vcrypto_asym_destroy_all(struct vcrypto_dev *dev);
int vcrypto_asym_replay(struct vcrypto_dev *dev);
void vcrypto_asym_drop_all(struct vcrypto_dev *dev);

/* ---- data path ---- */

/** What stands for the session of an asymmetric op; its encoder returns VCRYPTO_ENCODE_ASYM. */
extern const struct vcrypto_session vcrypto_asym_stand_in;

/**
 * Put an op into a slot. Where its session is not yet on the device, that takes a control command,
 * so up to timeout_ms; only while the queue is LIVE. The enqueuer.
 * @return VCRYPTO_ENCODE_NEW; -EAGAIN all buffers or sessions are in use, or the device is away;
 *         else an enum rte_crypto_op_status: the op is refused, and nothing is left of it.
 */
int vcrypto_asym_encode(struct vcrypto_qp *qp, const struct rte_crypto_op *op,
		struct vcrypto_slot_priv *sp, const struct vcrypto_desc_fmt *fmt);

/**
 * The device has answered a slot with VCRYPTO_STEP_ASYM. The dequeuer.
 * @param used_len  as the ring says.
 * @return the op's status, and the slot is done; VCRYPTO_ASYM_ASK_AGAIN: it must be sent again.
 */
int vcrypto_asym_done(struct vcrypto_qp *qp, struct vcrypto_slot_priv *sp, uint32_t used_len);

/** The device will not answer such a slot any more: it was reset. The dequeuer. */
void vcrypto_asym_abandon(struct vcrypto_qp *qp, struct vcrypto_slot_priv *sp);

#endif /* VIRTIO_ASYM_H */
