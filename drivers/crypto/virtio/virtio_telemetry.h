/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Telemetry commands below /crypto_virtio, and the book of devices and queue pairs that
 * they may look at. Of the primary process only.
 */

#ifndef VIRTIO_TELEMETRY_H
#define VIRTIO_TELEMETRY_H

#include <stdint.h>

struct vcrypto_dev;
struct vcrypto_qp;

/**
 * Enter a device that is probed. Control thread. Without memory the device goes unseen, which one
 * log line says.
 */
void vcrypto_telemetry_add(struct vcrypto_dev *dev);

/** Take a device out before it is freed; waits for an answer about it. No effect on others. */
void vcrypto_telemetry_remove(const struct vcrypto_dev *dev);

/**
 * Enter a queue pair that is set up, or take it out (NULL) before it is freed, which waits for an
 * answer about it. Control thread.
 */
void vcrypto_telemetry_set_queue(const struct vcrypto_dev *dev, uint16_t id,
		const struct vcrypto_qp *qp);

/** Name of a feature bit of virtio or of crypto devices; NULL: a bit that the driver never sets. */
const char *vcrypto_telemetry_feature_name(unsigned int bit);

#endif /* VIRTIO_TELEMETRY_H */
