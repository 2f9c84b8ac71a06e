/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Cryptodevs of other drivers, which do the same operations, and what is wrong with them: the
 * operations that they cannot do right are kept from them, for reasons that stand in one table.
 * Main lcore only.
 */

#ifndef PEERS_H
#define PEERS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "draw.h"
#include "trial.h"

#define MAX_PEERS 4

struct peer_driver;

struct peer {
	uint8_t dev;
	const char *name; /* of the driver */
	const struct peer_driver *driver;
	uint64_t nb_ops;
};

/** Devices of known drivers, all but @p dut. @return how many. */
unsigned int peers_find(uint8_t dut, struct peer *peers);

/** Whether a peer's capabilities have a session. */
bool peer_has(const struct peer *peer, const struct sess_plan *s);
/** Why a peer is not given an op of such a session, or NULL: it is. Counted if @p count. */
const char *peer_cannot(const struct peer *peer, const struct sess_plan *s,
		const struct op_plan *p, bool count);

/** Do one op, which is synchronous with these. @return false if it did not come back. */
bool peer_run(struct peer *peer, uint16_t qp, struct rte_crypto_op *op);

/** Print how many ops were kept from peers, and why. */
void peers_report(FILE *f, const struct peer *peers, unsigned int nb);

#endif /* PEERS_H */
