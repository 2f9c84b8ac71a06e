/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The control thread: sleeps until a guest kicks its control queue, answers it, frees sessions
 * that nobody holds any more, ends the connections of broken guests, and stops everything
 * when the program is told to end.
 */

#ifndef VHC_CONTROL_H
#define VHC_CONTROL_H

#include <sched.h>

#include "front.h"

/** Make what the thread waits for. @return an eventfd that wakes it; -errno. Main thread. */
int vhc_control_init(void);
/**
 * Start the thread on these processors, after the fronts were made. Main thread.
 * @return 0; -errno.
 */
int vhc_control_start(const cpu_set_t *cpus);
/** Wait until the thread has stopped all fronts and the workers. Main thread. */
void vhc_control_join(void);
void vhc_control_fini(void);

/** There may be something to do. Any thread. */
void vhc_control_wake(void);
/** End the program: async-signal-safe. */
void vhc_control_quit(void);

/** The control queue's ring is ready, and the control thread has it; behind the front's lock. */
void vhc_control_start_queue(struct vhc_front_queue *q);
/** Take it back; behind the front's lock. */
void vhc_control_stop_queue(struct vhc_front_queue *q);

#endif /* VHC_CONTROL_H */
