/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Devices, sessions that come and go, bursts, and the loop that runs operations and compares.
 * Main lcore only.
 */

#ifndef RUN_H
#define RUN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "draw.h"

struct run_opts {
	const char *dev; /* the cryptodev under test, or NULL: the first of our drivers */
	unsigned int nb_qps; /* at most */
	unsigned int timeout_ms; /* without any op back: they are lost */
};

struct run_totals {
	uint64_t ops;
	uint64_t bytes;
	uint64_t sessions;
	uint64_t compared; /* with another device, too */
	uint64_t bad;
	uint64_t wrong;
	uint64_t steps; /* ops with ciphered digests */
	uint64_t sessionless;
	uint64_t raw; /* marked for the raw API */
	uint64_t null; /* with a NULL cipher or NULL auth */
	uint64_t waits; /* enqueue bursts that were not taken as a whole */
};

/** What was found first. */
struct run_finding {
	bool found;
	bool lost; /* ops did not come back: the device is of no use any more */
	uint64_t number;
	struct sess_plan s;
	struct op_plan p;
	char why[300];
};

/** @return 0; -errno, with the reason on stderr. */
int run_init(const struct run_opts *opts);
void run_fini(void);

/** Do ops @p from … of a seed. @return true; false with a finding. */
bool run_ops(uint64_t seed, uint64_t from, uint64_t nb, struct run_finding *f);
/** Do one op, given as a plan. @return true; false with a finding. */
bool run_plan(uint64_t seed, const struct op_plan *p, struct run_finding *f);

const struct run_totals *run_totals(void);
void run_report(FILE *f);

#endif /* RUN_H */
