/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The cryptodev face of a device: ops, and what the probe functions of all
 * buses share.
 */

#ifndef VIRTIO_CRYPTODEV_H
#define VIRTIO_CRYPTODEV_H

#include <stdint.h>

#include <cryptodev_pmd.h>

#include "virtio_compat.h"
#include "virtio_dev.h"
#include "virtio_transport.h"

/* Devarg names, common to all buses. */
#define VCRYPTO_ARG_CAPS "caps"
#define VCRYPTO_ARG_TIMEOUT_MS "timeout_ms"
#define VCRYPTO_ARG_MODE "mode"
#define VCRYPTO_ARG_ECDSA_ID "ecdsa_id"

/** The values of "mode", for RTE_PMD_REGISTER_PARAM_STRING. */
#define VCRYPTO_ARG_MODE_VALUES "auto|session|stateless"

/** The id under which tests and applications look up devices on PCI: "crypto_virtio". */
extern uint8_t vcrypto_driver_id;
/** The same for devices on sockets, "crypto_virtio_user"; as above where tests do not know that. */
#ifdef VCRYPTO_COMPAT_USER_DRIVER
extern uint8_t vcrypto_user_driver_id;
#else
#define vcrypto_user_driver_id vcrypto_driver_id
#endif

/**
 * Parse the devargs that all buses share.
 * @param args  "key=value,…" or NULL.
 * @return 0; -EINVAL after one log line that names the argument and what it may be.
 */
int vcrypto_args_parse(const char *dev_name, const char *args, struct vcrypto_dev_args *out);

/** A devarg of one bus. */
struct vcrypto_arg {
	const char *key;
	const char *what; /* what a value must be, for the error */
	/** @return 0; -EINVAL not such a value. */
	int (*parse)(const char *value, void *out);
	void *out;
};

/** Devargs of a bus and common ones together. */
#define VCRYPTO_ARGS_MAX 16

/** The same with the bus's own devargs; each may be given once. Those not given stay untouched. */
int vcrypto_args_parse_more(const char *dev_name, const char *args, struct vcrypto_dev_args *out,
		const struct vcrypto_arg *more, unsigned int nb_more);

/** A whole decimal number from min to max. @return 0; -EINVAL. */
int vcrypto_args_number(const char *value, unsigned long min, unsigned long max,
		unsigned long *out);

/**
 * Make a cryptodev of a transport (primary process), or attach to the one the
 * primary made (secondary process; the transport is not used then).
 *
 * @param name       cryptodev name.
 * @param driver_id  one of those above.
 * @param transport  in shared memory; stays the caller's and must outlive the cryptodev.
 * @return 0; what vcrypto_dev_init() returns; -EEXIST, -ENOMEM; -ENODEV in a secondary process
 *         that counts its devices otherwise. Nothing is left on failure.
 */
int vcrypto_cryptodev_create(const char *name, struct rte_device *device, uint8_t driver_id,
		struct vcrypto_transport *transport, const struct vcrypto_dev_args *args);

/**
 * Whether the device may be removed, with a log line if not. Control thread.
 *
 * @return 0; -ENODEV no such device; -EBUSY it is started.
 */
int vcrypto_cryptodev_check_remove(const char *name);

/**
 * Take the cryptodev away again: close if the application did not.
 * @return 0; -ENODEV no such device; -EBUSY it is started.
 */
int vcrypto_cryptodev_destroy(const char *name);

/** The device behind a cryptodev of this driver that is on the bus; NULL: none of that name. */
struct vcrypto_dev *vcrypto_cryptodev_dev(const char *name);

/* Burst functions, virtio_rxtx.c. */
uint16_t vcrypto_enqueue_burst(void *qp, struct rte_crypto_op **ops, uint16_t nb_ops);
uint16_t vcrypto_dequeue_burst(void *qp, struct rte_crypto_op **ops, uint16_t nb_ops);

/** The same for devices that may go away and come back: a queue can be paused under them. */
uint16_t vcrypto_enqueue_burst_guarded(void *qp, struct rte_crypto_op **ops, uint16_t nb_ops);
uint16_t vcrypto_dequeue_burst_guarded(void *qp, struct rte_crypto_op **ops, uint16_t nb_ops);


#endif /* VIRTIO_CRYPTODEV_H */
