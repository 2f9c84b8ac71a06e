/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * What tests of engines share: the software drivers of the installed DPDK, and random
 * operations that two engines are given and whose results are compared.
 *
 * Seeds are printed; VCRYPTO_TEST_SEED repeats a run.
 */

#ifndef ENGINE_FIXTURE_H
#define ENGINE_FIXTURE_H

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "unit_eal.h"

#include <rte_bus_vdev.h>
#include <rte_cryptodev.h>

#include "engine_cryptodev.h"

#define NB_QUEUES 2
#define MAX_SESSIONS 64
#define BURST 24 /* operations of a session that are compared at a time */
#define ROOM (1 << 17)
#define NB_DRIVERS 7

extern const char *const engine_drivers[NB_DRIVERS];
extern int engine_device_id[NB_DRIVERS]; /* -1: this DPDK has it not */
extern uint64_t engine_seed;

/* Of each side, the one tested and the one that it is compared with. */
struct side {
	struct vhc_engine_op op;
	struct vhc_seg src, dst;
	uint8_t *mem; /* source and, out of place, destination behind it */
	uint8_t iv[VHC_IV_MAX_LEN];
	uint8_t digest[VHC_DIGEST_MAX_LEN + 16];
};

struct job {
	struct side side[2];
	uint8_t *aad;
	bool out_of_place;
};

struct jobs {
	struct job job[BURST];
	uint64_t rng;
	unsigned int nb_refused; /* came back with NOTSUPP */
	unsigned int nb_done;
};

struct each {
	struct jobs jobs;
	struct vhc_engine *e, *ref;
	bool list;
	uint8_t key[VHC_KEY_MAX_LEN], auth_key[VHC_KEY_MAX_LEN];
	unsigned int nb; /* sessions that both took */
	uint64_t ciphers, macs, hashes, aeads; /* which algorithms */
};

/** Group setup and teardown: EAL, and a device of each driver. */
int engine_setup(void **state);
int engine_teardown(void **state);
/** @return the device of a driver; -1: there is none. */
int engine_device(const char *driver);
/** @return all drivers and libcrypto in a list: nothing that libcrypto does comes out otherwise. */
struct vhc_engine *engine_make_list(void);

/** @return a random number from 0 to @p end - 1. */
uint32_t engine_below(uint64_t *rng, uint32_t end);
void engine_jobs_init(
		struct jobs *j, const struct vhc_engine *tested, const struct vhc_engine *ref);
void engine_jobs_fini(struct jobs *j);
/** A random operation for sessions like @p p, the same on both sides. @param data  ROOM bytes. */
void engine_random_job(struct jobs *j, struct job *job, const struct vhc_sym_params *p,
		uint8_t iv_len, uint8_t *data);
/** Whether the two results are the same. */
bool engine_same(const struct job *job, const struct vhc_sym_params *p);

/**
 * Make sessions, give both engines random operations, compare what comes out.
 * @param list  the engine may not say that it cannot.
 * @return whether both engines take such sessions.
 */
bool engine_compare(struct jobs *j, const struct vhc_sym_params *p, struct vhc_engine *e,
		struct vhc_engine *ref, bool list);
/** engine_compare() with all sessions that there can be. */
void engine_each(struct each *t, struct vhc_engine *e, struct vhc_engine *ref, bool list);

#endif /* ENGINE_FIXTURE_H */
