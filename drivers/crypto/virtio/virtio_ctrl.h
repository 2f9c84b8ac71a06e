/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The control queue: one command at a time, a deadline, nothing secret left
 * behind. [virtio 5.9.7.2 Control Virtqueue]
 */

#ifndef VIRTIO_CTRL_H
#define VIRTIO_CTRL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_memzone.h>

#include "virtio_ring.h"
#include "virtio_transport.h"

struct vcrypto_asym_create;
struct vcrypto_sym_create;

/**
 * A device's control queue. The owner serialises all calls (the device's lock).
 */
struct vcrypto_ctrl {
	struct vcrypto_ring ring;
	struct vcrypto_doorbell db;
	struct vcrypto_transport *transport;
	const struct rte_memzone *ring_mz;
	const struct rte_memzone *buf_mz; /* request, reply, descriptor table */
	void *ring_priv;
	unsigned int timeout_ms;
	uint64_t features;
	uint16_t size; /* entries */
	bool enabled; /* the device has the ring: from enable to wipe */
	bool broken; /* a deadline passed or the ring broke: only a reset mends it */
	char dev_name[64];
};

/**
 * Allocate the control queue's memory.
 * @param size  entries, a power of two, at least 4.
 * @param name  of the device, for log lines.
 * @param zone  prefix of memory zone names, unique to the device, at most 19 characters.
 * @return 0; -ENOMEM; -EINVAL no such size. One log line.
 */
int vcrypto_ctrl_create(struct vcrypto_ctrl *c, const char *name, const char *zone, int socket_id,
		struct vcrypto_transport *t, uint16_t size, unsigned int timeout_ms);

/** Free it. The device must be reset by then. */
void vcrypto_ctrl_destroy(struct vcrypto_ctrl *c);

/**
 * Empty the ring and give it to the device, between FEATURES_OK and DRIVER_OK.
 * @return 0; the transport's error.
 */
int vcrypto_ctrl_enable(struct vcrypto_ctrl *c, uint16_t index, uint64_t features);

/**
 * Create a session of any symmetric service. [virtio 5.9.9.2.1] The request buffer is wiped
 * before return, whatever the outcome - unless the deadline passes: then the device may still
 * read it, and it is wiped by vcrypto_ctrl_wipe() after the reset.
 * @param id  gets the session's number in CPU order.
 * @return 0; -ENOTSUP, -ENOSPC, -EINVAL (ERR and anything unknown): the device refuses;
 *         -E2BIG the keys do not fit a command;
 *         -ETIMEDOUT no answer by the deadline; -EIO the queue is broken.
 */
int vcrypto_ctrl_sym_create(struct vcrypto_ctrl *c, const struct vcrypto_sym_create *create,
		uint64_t *id);

/** The same for a session of the AKCIPHER service. */
int vcrypto_ctrl_asym_create(struct vcrypto_ctrl *c, const struct vcrypto_asym_create *create,
		uint64_t *id);

/**
 * Destroy a session. [virtio 5.9.9.2.1.8]
 * @param service  VIRTIO_CRYPTO_SERVICE_* that created it: CIPHER, HASH, MAC, AEAD or AKCIPHER.
 * @return 0; -EINVAL the device refuses; -ETIMEDOUT, -EIO as above.
 */
int vcrypto_ctrl_destroy_session(struct vcrypto_ctrl *c, uint8_t service, uint64_t id);

/**
 * Wipe the command buffers and let go of the ring; after a reset. Commands are refused
 * with -EIO until the next enable.
 */
void vcrypto_ctrl_wipe(struct vcrypto_ctrl *c);

#endif /* VIRTIO_CTRL_H */
