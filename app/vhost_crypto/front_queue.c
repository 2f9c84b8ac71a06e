/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <rte_byteorder.h>
#include <rte_vhost.h>

#include "call.h"
#include "control.h"
#include "front_queue.h"
#include "inflight.h"
#include "worker.h"

#define HAS(f, bit) (((f)->features >> (bit) & 1) != 0)
#define F_VHOST_LOG_ALL 26
#define F_INDIRECT_DESC 28
#define F_EVENT_IDX 29
#define F_RING_PACKED 34
#define F_IN_ORDER 35

#define PACKED_START 0x8000 /* index 0, wrap counter 1 */

static bool
is_control(const struct vhc_front_queue *q)
{
	return q->index == q->front->nb_queues;
}

static void
log_write(void *ctx, const void *addr, size_t len)
{
	vhc_guest_log(ctx, addr, len);
}

/* Whether a ring's three areas lie in the guest's memory, as a whole. [virtio 2.7, 2.8] */
static bool
areas_ok(const struct vhc_front *f, const struct vhc_vring_cfg *c)
{
	const size_t n = c->size;
	/* The other side's event index follows the ring; it is part of it only if negotiated. */
	const size_t event = c->event_idx ? 2 : 0;
	const size_t driver = c->packed ? 4 : 4 + 2 * n + event;
	const size_t device = c->packed ? 4 : 4 + 8 * n + event;

	return c->desc != NULL && c->driver != NULL && c->device != NULL && n != 0 &&
			vhc_guest_has(&f->guest, c->desc, 16 * n) &&
			vhc_guest_has(&f->guest, c->driver, driver) &&
			vhc_guest_has(&f->guest, c->device, device);
}

/* A copy that this process closes when it likes. */
static int
copy_fd(int fd)
{
	return fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 0);
}

static void
close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/*
 * The queue's part of the in-flight area, if the front end has given one. For split rings; a packed
 * ring is continued where the front end says.
 */
static int
take_inflight(struct vhc_front_queue *q, struct vhc_vring_cfg *c)
{
	struct vhc_front *f = q->front;
	struct rte_vhost_ring_inflight area;
	uint16_t used_idx, nb_taken = 0;

	if (c->packed || (f->protocol_features >> VHOST_USER_PROTOCOL_F_INFLIGHT_SHMFD & 1) == 0 ||
			!f->inflight_ok)
		return 0;
	memset(&area, 0, sizeof(area));
	if (rte_vhost_get_vhost_ring_inflight(f->vid, q->index, &area) != 0 ||
			area.inflight_split == NULL || c->size > f->inflight_size)
		return 0;
	memcpy(&used_idx, (const uint8_t *)c->device + 2, sizeof(used_idx));
	used_idx = rte_le_to_cpu_16(used_idx);
	q->inflight = vhc_inflight_create(area.inflight_split, c->size, c->in_order, used_idx,
			&nb_taken);
	if (q->inflight == NULL)
		return -errno;
	c->last_used = used_idx;
	c->last_avail = (uint16_t)(used_idx + nb_taken);
	return 0;
}

/* @return NULL, or what is wrong. */
static const char *
start(struct vhc_front_queue *q)
{
	struct vhc_front *f = q->front;
	struct rte_vhost_vring from;
	struct vhc_vring_cfg c = {
		.packed = HAS(f, F_RING_PACKED),
		.event_idx = HAS(f, F_EVENT_IDX),
		.indirect = HAS(f, F_INDIRECT_DESC),
		.in_order = HAS(f, F_IN_ORDER),
	};
	uint16_t begin;

	memset(&from, 0, sizeof(from));
	if (rte_vhost_get_vhost_vring(f->vid, q->index, &from) != 0 ||
			rte_vhost_get_vring_base(f->vid, q->index, &c.last_avail,
					&c.last_used) != 0)
		return "librte_vhost does not know the ring";
	c.desc = from.desc;
	c.driver = from.avail;
	c.device = from.used;
	c.size = from.size;
	if (!areas_ok(f, &c))
		return "the ring is not in the guest's memory";

	begin = c.packed ? PACKED_START : 0;
	/*
	 * A control queue that starts from the beginning, but was left elsewhere, is a new
	 * driver's; the device was reset, and sessions do not outlive that. [virtio 2.4]
	 */
	if (is_control(q) && c.last_avail == begin && f->ctrl_left && f->ctrl_position != begin) {
		vhc_device_reset(f->dev);
		vhc_device_set_features(f->dev, f->features);
	}
	if (take_inflight(q, &c) != 0)
		return "the in-flight area makes no sense";
	q->ring = vhc_vring_create(&c);
	if (q->ring == NULL) {
		vhc_inflight_destroy(q->inflight);
		q->inflight = NULL;
		return errno == ENOMEM ? "out of memory"
				       : "the ring's size, alignment or position is wrong";
	}
	q->log = HAS(f, F_VHOST_LOG_ALL) && f->guest.log != NULL;
	if (q->log)
		vhc_vring_set_log(q->ring, log_write, &f->guest);
	q->callfd = copy_fd(from.callfd);
	if (q->callfd >= 0 && !vhc_call_can(q->callfd)) {
		VHC_LOG_LIMITED(&f->log, WARNING,
				"%s: queue %u: what it was given to call with is no eventfd; "
				"it is not called", f->cfg->path, q->index);
		close_fd(&q->callfd);
	}
	q->kickfd = copy_fd(from.kickfd);
	q->nb_taken = 0;
	q->nb_slow = 0;
	q->touched = false;
	q->stopping = false;
	q->faulty = false;
	return NULL;
}

void
vhc_front_queue_start(struct vhc_front_queue *q)
{
	struct vhc_front *f = q->front;
	const char *fault;

	if (!q->ready || q->ring != NULL || !f->mem_ok)
		return;
	/* The used index is read there, and the memory may be gone. */
	vhc_guest_enter(&f->guest);
	fault = start(q);
	vhc_guest_enter(NULL);
	if (fault != NULL) {
		VHC_LOG_LIMITED(&f->log, ERR, "%s: queue %u cannot start: %s", f->cfg->path,
				q->index, fault);
		return;
	}
	if (is_control(q))
		vhc_control_start_queue(q);
	else
		vhc_worker_start_queue(q);
}

void
vhc_front_call(struct vhc_front_queue *q, struct vhc_caller *caller)
{
	vhc_count(&q->stats.calls, 1);
	if (vhc_call(caller, q->callfd))
		return;
	VHC_LOG_LIMITED(&q->front->log, WARNING,
			"%s: queue %u: the eventfd it was given makes callers wait; it is not called",
			q->front->cfg->path, q->index);
	close_fd(&q->callfd);
}

static void
forget_ring(struct vhc_front_queue *q)
{
	uint16_t last_avail, last_used;

	vhc_vring_position(q->ring, &last_avail, &last_used);
	rte_vhost_set_vring_base(q->front->vid, q->index, last_avail, last_used);
	if (is_control(q)) {
		q->front->ctrl_position = last_avail;
		q->front->ctrl_left = true;
	}
	vhc_vring_destroy(q->ring);
	q->ring = NULL;
	vhc_inflight_destroy(q->inflight);
	q->inflight = NULL;
	close_fd(&q->callfd);
	close_fd(&q->kickfd);
}

void
vhc_front_queues_stop(struct vhc_front *f)
{
	uint16_t i;

	vhc_worker_stop_queues(f);
	if (f->queue[f->nb_queues].ring != NULL)
		vhc_control_stop_queue(&f->queue[f->nb_queues]);
	for (i = 0; i <= f->nb_queues; i++) {
		if (f->queue[i].ring != NULL)
			forget_ring(&f->queue[i]);
	}
}
