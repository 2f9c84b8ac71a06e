/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Limits of a device: operations and bits per second, and requests that are outstanding. What
 * was served is paid for afterwards: a device that owes is not served until its meters
 * accept, so a request is never refused or thrown away.
 *
 * Threads: any worker; the meters are behind a lock, which only devices with a limit take.
 */

#ifndef VHC_QOS_H
#define VHC_QOS_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_meter.h>
#include <rte_spinlock.h>

struct vhc_qos_meter {
	struct rte_meter_srtcm_profile profile;
	struct rte_meter_srtcm meter;
	uint64_t debt; /* tokens that are still to be paid */
	uint64_t burst; /* tokens that are paid at once, at most; 0: there is no limit */
};

struct vhc_qos {
	rte_spinlock_t lock;
	bool limited;     /* a rate is limited; constant */
	struct vhc_qos_meter ops;
	struct vhc_qos_meter bytes;
	uint64_t held; /* times that the device was made to wait; behind the lock */
	bool waiting;
	uint32_t max_outstanding; /* 0: no limit; constant */
	uint32_t outstanding;     /* atomic */
};

/**
 * @param ops_per_s, bits_per_s, max_outstanding  0: no limit.
 * @return 0; -EINVAL a rate that rte_meter does not take.
 */
int vhc_qos_init(struct vhc_qos *q, uint64_t ops_per_s, uint64_t bits_per_s,
		uint32_t max_outstanding);

/** Requests that may be taken now, at most @p want. */
uint32_t vhc_qos_allowed(struct vhc_qos *q, uint32_t want);
/** Requests were taken, with so many bytes of source. */
void vhc_qos_taken(struct vhc_qos *q, uint32_t ops, uint64_t bytes);
/** Requests were answered. */
void vhc_qos_answered(struct vhc_qos *q, uint32_t ops);

/** Times that the device was made to wait; requests outstanding. Any thread. */
uint64_t vhc_qos_held(struct vhc_qos *q);
uint32_t vhc_qos_outstanding(const struct vhc_qos *q);

/** Whether there is anything to ask and tell; else the functions above need not be called. */
static inline bool
vhc_qos_is_on(const struct vhc_qos *q)
{
	return q->limited || q->max_outstanding != 0;
}

#endif /* VHC_QOS_H */
