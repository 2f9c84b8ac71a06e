/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Interrupts: an eventfd of the guest's is signalled, without ever waiting for the guest.
 *
 * A write() could wait: the counter and the mode of the file are the guest's, which may fill the
 * one and change the other at any moment. The kernel's own signal does not wait, so it is had as
 * the completion of an asynchronous read of nothing.
 *
 * Threads: each has a caller of its own.
 */

#ifndef VHC_CALL_H
#define VHC_CALL_H

#include <stdbool.h>

struct vhc_caller;

/** @return NULL with errno ENOMEM, or what opening /dev/null said. */
struct vhc_caller *vhc_caller_create(void);
/** NULL is allowed. */
void vhc_caller_destroy(struct vhc_caller *c);

/** Signal an eventfd. @return false: it is none, and will never be. */
bool vhc_call(struct vhc_caller *c, int fd);

#endif /* VHC_CALL_H */
