/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Differences between DPDK versions, 22.11 to the newest. Nothing else in this
 * tree tests RTE_VERSION. A leaf.
 */

#ifndef VIRTIO_COMPAT_H
#define VIRTIO_COMPAT_H

#include <stdint.h>

#include <rte_crypto.h>
#include <rte_lcore.h>
#include <rte_telemetry.h>
#include <rte_version.h>

#if RTE_VERSION >= RTE_VERSION_NUM(23, 3, 0, 0)
#define VCRYPTO_COMPAT_SHAKE /* RTE_CRYPTO_AUTH_SHAKE_128 and _256 */
#define VCRYPTO_COMPAT_ERROR_QUERY /* rte_cryptodev_queue_pair_event_error_query() */
#endif
#if RTE_VERSION >= RTE_VERSION_NUM(23, 11, 0, 0)
#define VCRYPTO_COMPAT_INTERNAL_RNG /* in struct rte_cryptodev_asymmetric_xform_capability */
#endif
#if RTE_VERSION >= RTE_VERSION_NUM(25, 3, 0, 0)
#define VCRYPTO_COMPAT_USER_DRIVER /* devices on sockets are a driver's of their own name */
#endif

/*
 * How RSA pads: of the xform or of the op, whichever it comes with in this version; give NULL for
 * the one that is not at hand. @return NULL: it comes with the other.
 */
static inline const struct rte_crypto_rsa_padding *
vcrypto_compat_rsa_padding(const struct rte_crypto_rsa_xform *xform,
		const struct rte_crypto_rsa_op_param *op)
{
#if RTE_VERSION >= RTE_VERSION_NUM(24, 11, 0, 0)
	(void)op;
	return xform != NULL ? &xform->padding : NULL;
#else
	(void)xform;
	return op != NULL ? &op->padding : NULL;
#endif
}

/* The same for the keys of ECDSA. */
static inline const struct rte_crypto_param_t *
vcrypto_compat_ec_private(const struct rte_crypto_ec_xform *xform,
		const struct rte_crypto_ecdsa_op_param *op)
{
#if RTE_VERSION >= RTE_VERSION_NUM(23, 11, 0, 0)
	(void)op;
	return xform != NULL ? &xform->pkey : NULL;
#else
	(void)xform;
	return op != NULL ? &op->pkey : NULL;
#endif
}

static inline const struct rte_crypto_ec_point *
vcrypto_compat_ec_public(const struct rte_crypto_ec_xform *xform,
		const struct rte_crypto_ecdsa_op_param *op)
{
#if RTE_VERSION >= RTE_VERSION_NUM(23, 11, 0, 0)
	(void)op;
	return xform != NULL ? &xform->q : NULL;
#else
	(void)xform;
	return op != NULL ? &op->q : NULL;
#endif
}

/* An unsigned number in an answer of telemetry. */
static inline int
vcrypto_tel_add_dict_uint(struct rte_tel_data *d, const char *name, uint64_t value)
{
#if RTE_VERSION >= RTE_VERSION_NUM(23, 3, 0, 0)
	return rte_tel_data_add_dict_uint(d, name, value);
#else
	return rte_tel_data_add_dict_u64(d, name, value);
#endif
}

/* Threads beside the lcores, with a function of this type. */
#if RTE_VERSION >= RTE_VERSION_NUM(23, 11, 0, 0)

#include <rte_thread.h>

typedef rte_thread_t vcrypto_thread_t;
typedef uint32_t vcrypto_thread_ret_t;
#define VCRYPTO_THREAD_RET 0

static inline int
vcrypto_thread_create(vcrypto_thread_t *thread, const char *name,
		vcrypto_thread_ret_t (*fn)(void *), void *arg)
{
	return rte_thread_create_control(thread, name, fn, arg);
}

static inline void
vcrypto_thread_join(vcrypto_thread_t thread)
{
	rte_thread_join(thread, NULL);
}

#else

#include <pthread.h>

typedef pthread_t vcrypto_thread_t;
typedef void *vcrypto_thread_ret_t;
#define VCRYPTO_THREAD_RET NULL

static inline int
vcrypto_thread_create(vcrypto_thread_t *thread, const char *name,
		vcrypto_thread_ret_t (*fn)(void *), void *arg)
{
	return rte_ctrl_thread_create(thread, name, NULL, fn, arg);
}

static inline void
vcrypto_thread_join(vcrypto_thread_t thread)
{
	pthread_join(thread, NULL);
}

#endif

#endif /* VIRTIO_COMPAT_H */
