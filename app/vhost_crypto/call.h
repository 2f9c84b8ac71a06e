/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Interrupts: an eventfd of the guest's is signalled, without waiting for the guest.
 *
 * The counter and the mode of the file are the guest's, which may fill the one and change the other
 * at any moment: a full counter is left alone, since a signal is pending there; and should a guest
 * fill it in the instant before it is written, then a timer ends the wait, and nobody calls that
 * file again. (A signal as the completion of an asynchronous read of nothing would never wait. But
 * a process with such a context ends only after the kernel's grace periods, with its sockets open
 * till then: the guests of a back end that was killed would learn of it that much later.)
 *
 * Threads: each has a caller of its own. Uses the signal SIGRTMIN.
 */

#ifndef VHC_CALL_H
#define VHC_CALL_H

#include <stdbool.h>

struct vhc_caller;

/** @return NULL with errno: ENOMEM, or what sigaction() said. */
struct vhc_caller *vhc_caller_create(void);
/** NULL is allowed. When its thread calls no more; any thread. */
void vhc_caller_destroy(struct vhc_caller *c);

/** Whether a file is an eventfd, as far as the system tells. Any thread. */
bool vhc_call_can(int fd);

/** Signal an eventfd. @return false: it makes callers wait, or is none; it is not to be called. */
bool vhc_call(struct vhc_caller *c, int fd);

#endif /* VHC_CALL_H */
