/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Telemetry: /vhost_crypto/list, /vhost_crypto/device,<id or path> and
 * /vhost_crypto/queue,<id or path>,<queue>. Numbers only; keys and payload are not near.
 *
 * Threads: telemetry's own; counters are read while others write them, and the rest with the
 * front's lock.
 */

#ifndef VHC_STATS_H
#define VHC_STATS_H

/** Register the commands. @return 0; -errno. Main thread. */
int vhc_stats_register(void);

#endif /* VHC_STATS_H */
