/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The raw data-path API: cryptodev ops for control threads, and what the life cycle needs.
 */

#ifndef VIRTIO_RAW_H
#define VIRTIO_RAW_H

#include <stdint.h>

#include <cryptodev_pmd.h>

struct vcrypto_qp;

/** cryptodev op sym_get_raw_dp_ctx_size. @return bytes of a context that are the driver's. */
int vcrypto_raw_ctx_size(struct rte_cryptodev *cdev);

/**
 * cryptodev op sym_configure_raw_dp_ctx: make a context of a queue pair and a session, or give it
 * another session. The queue pair must be set up; a new set-up makes its contexts invalid. Control
 * threads; takes the device's lock.
 * @return 0; -ENOTSUP no session, or a security session: requests need one of the device's;
 *         -EINVAL no such queue pair, or a session of another device; -ENOMEM.
 */
int vcrypto_raw_configure(struct rte_cryptodev *cdev, uint16_t qp_id,
		struct rte_crypto_raw_dp_ctx *ctx, enum rte_crypto_op_sess_type sess_type,
		union rte_cryptodev_session_ctx session, uint8_t is_update);

/** Show the device what was enqueued and never followed by enqueue_done. Both sides are quiet. */
void vcrypto_raw_flush(struct vcrypto_qp *qp);

/**
 * Move stashed requests of the raw API to the FIFO of returned ops. Both sides are quiet.
 * @return number of slots that were looked at.
 */
unsigned int vcrypto_raw_drain(struct vcrypto_qp *qp);

#endif /* VIRTIO_RAW_H */
