/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include <errno.h>
#include <string.h>

#include <rte_common.h>
#include <rte_cycles.h>

#include "qos.h"

/* Parts of a second that a device may work ahead. */
#define BURST_PER_SECOND 100

static int
init_meter(struct vhc_qos_meter *m, uint64_t per_second)
{
	struct rte_meter_srtcm_params params;

	if (per_second == 0)
		return 0;
	m->burst = RTE_MAX(per_second / BURST_PER_SECOND, (uint64_t)1);
	params.cir = per_second;
	params.cbs = m->burst;
	params.ebs = 0;
	if (rte_meter_srtcm_profile_config(&m->profile, &params) != 0 ||
			rte_meter_srtcm_config(&m->meter, &m->profile) != 0)
		return -EINVAL;
	return 0;
}

int
vhc_qos_init(struct vhc_qos *q, uint64_t ops_per_s, uint64_t bits_per_s, uint32_t max_outstanding)
{
	int ret;

	memset(q, 0, sizeof(*q));
	rte_spinlock_init(&q->lock);
	q->max_outstanding = max_outstanding;
	q->limited = ops_per_s != 0 || bits_per_s != 0;
	ret = init_meter(&q->ops, ops_per_s);
	if (ret == 0)
		ret = init_meter(&q->bytes, bits_per_s / 8);
	return ret;
}

/* Whether all is paid. */
static bool
pay(struct vhc_qos_meter *m, uint64_t now)
{
	uint64_t part;

	while (m->debt != 0) {
		part = RTE_MIN(m->debt, m->burst);
		if (rte_meter_srtcm_color_blind_check(&m->meter, &m->profile, now,
				(uint32_t)part) != RTE_COLOR_GREEN)
			return false;
		m->debt -= part;
	}
	return true;
}

uint32_t
vhc_qos_allowed(struct vhc_qos *q, uint32_t want)
{
	uint32_t out;
	uint64_t now;
	bool paid;

	if (q->max_outstanding != 0) {
		out = __atomic_load_n(&q->outstanding, __ATOMIC_RELAXED);
		want = out >= q->max_outstanding ? 0 : RTE_MIN(want, q->max_outstanding - out);
	}
	if (!q->limited || want == 0)
		return want;
	now = rte_rdtsc();
	rte_spinlock_lock(&q->lock);
	paid = pay(&q->ops, now);
	paid = pay(&q->bytes, now) && paid;
	if (!paid && !q->waiting)
		q->held++;
	q->waiting = !paid;
	rte_spinlock_unlock(&q->lock);
	return paid ? want : 0;
}

void
vhc_qos_taken(struct vhc_qos *q, uint32_t ops, uint64_t bytes)
{
	if (q->max_outstanding != 0)
		__atomic_fetch_add(&q->outstanding, ops, __ATOMIC_RELAXED);
	if (!q->limited)
		return;
	rte_spinlock_lock(&q->lock);
	if (q->ops.burst != 0)
		q->ops.debt += ops;
	if (q->bytes.burst != 0)
		q->bytes.debt += bytes;
	rte_spinlock_unlock(&q->lock);
}

void
vhc_qos_answered(struct vhc_qos *q, uint32_t ops)
{
	if (q->max_outstanding != 0)
		__atomic_fetch_sub(&q->outstanding, ops, __ATOMIC_RELAXED);
}

uint64_t
vhc_qos_held(struct vhc_qos *q)
{
	uint64_t held;

	rte_spinlock_lock(&q->lock);
	held = q->held;
	rte_spinlock_unlock(&q->lock);
	return held;
}

uint32_t
vhc_qos_outstanding(const struct vhc_qos *q)
{
	return __atomic_load_n(&q->outstanding, __ATOMIC_RELAXED);
}
