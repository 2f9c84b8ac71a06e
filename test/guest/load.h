/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * A load that keeps books: AES-CBC-128 ops, each with an IV and data of its own, each expected
 * back exactly once with the right result. One thread.
 */

#ifndef LOAD_H
#define LOAD_H

#include <stdbool.h>
#include <stdint.h>

#include "app.h"

#define LOAD_DATA 64
#define LOAD_NB_OPS 256
#define LOAD_BURST 32

struct load {
	uint8_t dev_id;
	/*
	 * Call the driver without the library's inline functions: those of 22.11 follow a NULL
	 * pointer in a secondary process, which has no list of callbacks.
	 */
	bool direct;
	uint8_t key[16];
	void *session;
	struct rte_crypto_op *ops[LOAD_NB_OPS];
	struct rte_crypto_op *idle[LOAD_NB_OPS];
	unsigned int nb_idle;
	uint64_t seq;
	uint64_t sent, back, succeeded, errors;
	const char *wrong; /* the first thing that was not as it must be */
};

/** Session and ops; @p salt makes the key. @return false after app_fail(@p test). */
bool load_init(struct load *l, const char *test, uint8_t dev_id, uint8_t salt);

/** Free session and ops. All ops must be idle. */
void load_fini(struct load *l);

/** Enqueue up to @p nb fresh ops. @return number that the driver took. */
unsigned int load_enqueue(struct load *l, unsigned int nb);

/** Dequeue once, and check what comes. @return number of ops that came. */
unsigned int load_dequeue(struct load *l, unsigned int nb);

/** Ops with the driver. */
static inline unsigned int
load_out(const struct load *l)
{
	return LOAD_NB_OPS - l->nb_idle;
}

/** Dequeue until nothing is out. @return false if the deadline passes before. */
bool load_drain(struct load *l);

/** Keep the queue busy until @p nb more ops are back. @return false at a deadline or a wrong op. */
bool load_run(struct load *l, uint64_t nb);

#endif /* LOAD_H */
