/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Sessions: made on the device through the control queue, registered with the
 * driver so that a reset can destroy and replay them. The key lives in the
 * registry's record, or in memory of its own that stateless requests point to,
 * and nowhere else, and is wiped with it.
 */

#ifndef VIRTIO_SESSION_H
#define VIRTIO_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_cryptodev.h>
#include <cryptodev_pmd.h>

#include "virtio_codec.h"

struct vcrypto_dev;
struct vcrypto_session_rec;
struct vcrypto_session_steps;

/** The driver's part of struct rte_cryptodev_sym_session; no secret in it. */
struct vcrypto_session {
	struct vcrypto_sym_template tmpl;
	struct vcrypto_dev *dev; /* the one device that knows this session */
	struct vcrypto_session_rec *rec;
	struct vcrypto_session_steps *steps; /* NULL: none, as tmpl.steps says */
};

/**
 * The halves of a chain as sessions of their own, for ops whose digest is ciphered, too. Belong to
 * the chain's record. Chains that cipher their digest in no op have none: those that verify before
 * they decipher, or generate behind the cipher.
 */
struct vcrypto_session_steps {
	struct vcrypto_session auth;
	struct vcrypto_session cipher;
};

/** Bytes that the library reserves in each session object for the driver. */
unsigned int vcrypto_session_size(struct rte_cryptodev *cdev);

/**
 * cryptodev op sym_session_configure. Any control thread; takes the device's lock.
 * Brings the device up without data queues if it is stopped, but does not touch it where all
 * requests are stateless, or of NULL algorithms only: such a session can be made while it is away.
 * @return 0; -ENOTSUP not in the capabilities, or refused by the device as such, or a
 *         secondary process;
 *         -EINVAL a length does not fit, or refused by the device; -ENOSPC the device
 *         has no session left; -ENOMEM; -EAGAIN the device is not ready (HW_READY);
 *         -EIO, -ETIMEDOUT the device is broken.
 */
int vcrypto_session_configure(struct rte_cryptodev *cdev, struct rte_crypto_sym_xform *xform,
		struct rte_cryptodev_sym_session *sess);

/**
 * The same for a session that is the driver's own.
 * @param sessionless  for ops without a session: they have their parameters and keys with them
 *                     where the device can do that, unless devargs say otherwise.
 * @param s    in memory that all processes share; not written by others until it is closed.
 * @return as above; -ENOSPC for @p sessionless without a log line, and where a refusal may mean
 *         that.
 */
int vcrypto_session_open(struct vcrypto_dev *dev, const struct rte_crypto_sym_xform *xform,
		bool sessionless, struct vcrypto_session *s);

/**
 * cryptodev op sym_session_clear: destroy on the device if it is there, wipe, forget. Any control
 * thread of the primary process; takes the device's lock.
 */
void vcrypto_session_clear(struct rte_cryptodev *cdev, struct rte_cryptodev_sym_session *sess);

/** The same for one that was opened; no effect if that failed. Primary process. */
void vcrypto_session_close(struct vcrypto_session *s);

/**
 * For the life cycle, under the device's lock.
 * destroy_all: destroy on the device what lives there; best effort, stops at the first deadline.
 * replay: create on the device every registered session that does not live there; a session
 *         that is refused now loses its shape, so its ops come back with INVALID_SESSION.
 *         @return number of sessions refused, which the caller logs, or -EIO / -ETIMEDOUT
 *         if the device is broken.
 * drop_all: wipe and free all records (close); the application's handles go dead.
 */
void vcrypto_session_destroy_all(struct vcrypto_dev *dev);
int vcrypto_session_replay(struct vcrypto_dev *dev);
void vcrypto_session_drop_all(struct vcrypto_dev *dev);

#endif /* VIRTIO_SESSION_H */
