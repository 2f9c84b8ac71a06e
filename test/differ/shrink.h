/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Smaller forms of what went wrong: fewer operations, then a simpler one. Main lcore only.
 */

#ifndef SHRINK_H
#define SHRINK_H

#include "run.h"

/**
 * The fewest ops that end with @p f's and still go wrong.
 * @param from  the first that was run.
 * @param f     gets what the shorter run finds.
 * @return the first op of these; UINT64_MAX: it did not happen again.
 */
uint64_t shrink_range(uint64_t seed, uint64_t from, struct run_finding *f);
/** For an op that goes wrong alone: the simplest plan that still does. @param f gets it. */
void shrink_plan(uint64_t seed, struct run_finding *f);

#endif /* SHRINK_H */
