/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * What all suites share of the devices: finding them, bringing them into the
 * state in which a case expects them, pools, and the check that nothing was
 * lost. Includes only public DPDK headers.
 *
 * The main lcore alone configures; see job.h for what worker lcores may do.
 */

#ifndef ENV_H
#define ENV_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_cryptodev.h>
#include <rte_mempool.h>

#include "test.h"

#define ENV_MAX_DEVS 2
#define ENV_MAX_QPS 8
#define ENV_NB_DESC 512
/* A ring that some dozens of ops fill again and again, but that lists of segments fit. */
#define ENV_SMALL_DESC 32
#define ENV_NB_OPS 8192
#define ENV_NB_SESSIONS 512

/* Room in the small and in the big mbufs, headroom included. */
#define ENV_SMALL_ROOM 768
#define ENV_BIG_ROOM 65535

struct env_dev {
	uint8_t id;
	struct rte_cryptodev_info info;
	uint16_t nb_qps; /* as configured */
	uint32_t nb_desc;
	uint32_t nb_sessions; /* made so far; changed by any thread */
	bool started;
	bool dirty; /* not in the default state: reconfigure before the next case */
};

struct env {
	struct env_dev dev[ENV_MAX_DEVS];
	unsigned int nb_devs;
	/*
	 * The driver under test promises more than the API does: a status for each kind of bad
	 * op, sessions that outlive a stop, queue sizes rounded to what the device can do.
	 */
	bool strict;
	struct rte_mempool *ops;
	struct rte_mempool *mbufs_small;
	struct rte_mempool *mbufs_big;
	struct rte_mempool *sessions;
};
extern struct env env;

/**
 * Find the devices of test_opts.driver, make the pools, configure and start.
 * @return TEST_PASS; TEST_SKIP no such device; TEST_FAIL; the reason in @p why.
 */
enum test_result env_init(char *why, size_t why_len);
void env_fini(void);

/** Configure @p nb_qps queue pairs of @p nb_desc descriptors. @return 0 or -errno. */
int env_configure(struct env_dev *d, uint16_t nb_qps, uint32_t nb_desc);
int env_start(struct env_dev *d);
void env_stop(struct env_dev *d);
/** Stop all and mark them for reconfiguration: nothing that was in flight is written any more. */
void env_stop_all(void);

/** Hooks for the framework: default state before, nothing lost after. */
enum test_result env_before(const struct test_case *tc);
enum test_result env_after(const struct test_case *tc, enum test_result result);

/** The capability that the first device shows, or NULL. */
const struct rte_cryptodev_symmetric_capability *env_cipher_cap(
		enum rte_crypto_cipher_algorithm algo);
const struct rte_cryptodev_symmetric_capability *env_auth_cap(
		enum rte_crypto_auth_algorithm algo);
const struct rte_cryptodev_symmetric_capability *env_aead_cap(
		enum rte_crypto_aead_algorithm algo);
/** Whether a size lies in a capability's range. */
bool env_in_range(const struct rte_crypto_param_range *r, uint32_t size);
/** Whether the first device shows all these feature flags. */
bool env_has(uint64_t feature_flags);

/** A deadline of test_opts.timeout_ms from now, in TSC cycles. */
uint64_t env_deadline(void);

#endif /* ENV_H */
