/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Which engines the program works with: those that were named, or the best that are there, and
 * libcrypto behind them. Main thread, after EAL.
 */

#ifndef VHC_ENGINES_H
#define VHC_ENGINES_H

#include "args.h"
#include "engine.h"

/**
 * @param nb_workers  engine queues.
 * @return the engines behind one; free it with its destroy(). NULL after a log line that names
 *         the engine and the remedy.
 */
struct vhc_engine *vhc_engines_create(const struct vhc_args *a, unsigned int nb_workers);

/** Names of the engines, in order; NULL after the last. For telemetry; any thread. */
const char *vhc_engines_name(unsigned int i);

#endif /* VHC_ENGINES_H */
