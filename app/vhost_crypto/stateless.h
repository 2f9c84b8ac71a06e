/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Sessions for requests that bring their parameters along: a few of those that were made last,
 * since a driver uses the same key more than once. Keys are compared in constant time.
 *
 * A room of the requests; one thread at a time uses a set.
 */

#ifndef VHC_STATELESS_H
#define VHC_STATELESS_H

#include <stdint.h>

#include "device.h"

#define VHC_STATELESS_KEPT 8

struct vhc_stateless;

/** @return a set; NULL with errno ENOMEM. */
struct vhc_stateless *vhc_stateless_create(struct vhc_device *dev);
/** Wipe the sessions that nobody holds. */
void vhc_stateless_forget(struct vhc_stateless *st);
/** Wipe and free; none of its sessions may be held. NULL is allowed. */
void vhc_stateless_destroy(struct vhc_stateless *st);

/**
 * A session with those parameters and keys, held for one request; its id is 0.
 * @return 0; what vhc_device_init_session() says.
 */
int vhc_stateless_get(struct vhc_stateless *st, uint8_t service, const struct vhc_sym_params *p,
		struct vhc_session **session);
/** The same for asymmetric crypto; what vhc_device_init_asym_session() says. */
int vhc_stateless_get_asym(struct vhc_stateless *st, const struct vhc_asym_params *p,
		struct vhc_session **session);
/** Let go of it. */
void vhc_stateless_put(struct vhc_stateless *st, struct vhc_session *session);

#endif /* VHC_STATELESS_H */
