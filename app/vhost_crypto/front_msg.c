/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "front_msg.h"
#include "guest.h"
#include "inflight.h"
#include "vring.h"

enum ring_index {
	NO_RING,
	RING_IN_U64,  /* in its low byte */
	RING_IN_WORD, /* the first one of the payload */
};

struct rule {
	const char *name; /* NULL: the message is refused */
	uint32_t len;     /* of the payload, at least */
	uint8_t ring;     /* enum ring_index */
	bool pauses;
};

static const struct rule rules[] = {
	[VHC_MSG_GET_FEATURES] = {"GET_FEATURES", 0, NO_RING, false},
	[VHC_MSG_SET_FEATURES] = {"SET_FEATURES", 8, NO_RING, true},
	[VHC_MSG_SET_OWNER] = {"SET_OWNER", 0, NO_RING, false},
	[VHC_MSG_RESET_OWNER] = {"RESET_OWNER", 0, NO_RING, true},
	[VHC_MSG_SET_MEM_TABLE] = {"SET_MEM_TABLE", 8, NO_RING, true},
	[VHC_MSG_SET_LOG_BASE] = {"SET_LOG_BASE", 16, NO_RING, true},
	[VHC_MSG_SET_LOG_FD] = {"SET_LOG_FD", 0, NO_RING, false},
	[VHC_MSG_SET_VRING_NUM] = {"SET_VRING_NUM", 8, RING_IN_WORD, true},
	[VHC_MSG_SET_VRING_ADDR] = {"SET_VRING_ADDR", 40, RING_IN_WORD, true},
	[VHC_MSG_SET_VRING_BASE] = {"SET_VRING_BASE", 8, RING_IN_WORD, true},
	[VHC_MSG_GET_VRING_BASE] = {"GET_VRING_BASE", 8, RING_IN_WORD, true},
	[VHC_MSG_SET_VRING_KICK] = {"SET_VRING_KICK", 8, RING_IN_U64, true},
	[VHC_MSG_SET_VRING_CALL] = {"SET_VRING_CALL", 8, RING_IN_U64, true},
	[VHC_MSG_SET_VRING_ERR] = {"SET_VRING_ERR", 8, RING_IN_U64, false},
	[VHC_MSG_GET_PROTOCOL_FEATURES] = {"GET_PROTOCOL_FEATURES", 0, NO_RING, false},
	[VHC_MSG_SET_PROTOCOL_FEATURES] = {"SET_PROTOCOL_FEATURES", 8, NO_RING, true},
	[VHC_MSG_GET_QUEUE_NUM] = {"GET_QUEUE_NUM", 0, NO_RING, false},
	[VHC_MSG_SET_VRING_ENABLE] = {"SET_VRING_ENABLE", 8, RING_IN_WORD, true},
	[VHC_MSG_SET_BACKEND_REQ_FD] = {"SET_BACKEND_REQ_FD", 0, NO_RING, false},
	[VHC_MSG_GET_CONFIG] = {"GET_CONFIG", 12, NO_RING, false},
	[VHC_MSG_SET_CONFIG] = {"SET_CONFIG", 12, NO_RING, false},
	[VHC_MSG_GET_INFLIGHT_FD] = {"GET_INFLIGHT_FD", 24, NO_RING, true},
	[VHC_MSG_SET_INFLIGHT_FD] = {"SET_INFLIGHT_FD", 24, NO_RING, true},
	[VHC_MSG_SET_STATUS] = {"SET_STATUS", 8, NO_RING, false},
	[VHC_MSG_GET_STATUS] = {"GET_STATUS", 0, NO_RING, false},
};

static const struct rule *
rule_of(const struct vhc_msg *m)
{
	if (m->request >= RTE_DIM(rules) || rules[m->request].name == NULL)
		return NULL;
	return &rules[m->request];
}

const char *
vhc_msg_name(const struct vhc_msg *m)
{
	const struct rule *r = rule_of(m);

	return r == NULL ? "message" : r->name;
}

bool
vhc_msg_pauses(const struct vhc_msg *m)
{
	const struct rule *r = rule_of(m);

	return r != NULL && r->pauses;
}

void
vhc_msg_close_fds(struct vhc_msg *m)
{
	int i;

	for (i = 0; i < m->nb_fds && i < VHC_MSG_REGIONS; i++) {
		if (m->fds[i] >= 0)
			close(m->fds[i]);
		m->fds[i] = -1;
	}
	m->nb_fds = 0;
}

bool
vhc_msg_has_fds(uint32_t request)
{
	switch (request) {
	case VHC_MSG_SET_MEM_TABLE:
	case VHC_MSG_SET_LOG_BASE:
	case VHC_MSG_SET_LOG_FD:
	case VHC_MSG_SET_VRING_KICK:
	case VHC_MSG_SET_VRING_CALL:
	case VHC_MSG_SET_VRING_ERR:
	case VHC_MSG_SET_BACKEND_REQ_FD:
	case VHC_MSG_SET_INFLIGHT_FD:
		return true;
	default:
		return false;
	}
}

static bool
wraps(uint64_t base, uint64_t len)
{
	return base + len < base;
}

/* Whether a regular file is shorter than what is to be mapped of it. */
static bool
too_short(int fd, uint64_t offset, uint64_t len)
{
	struct stat st;

	return fstat(fd, &st) != 0 || (S_ISREG(st.st_mode) && (uint64_t)st.st_size < offset + len);
}

/* Whether the file can be shared at all; librte_vhost loses what it cannot map. */
static bool
can_be_mapped(int fd)
{
	const size_t page = vhc_guest_page(fd);
	void *p = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (p == MAP_FAILED)
		return false;
	munmap(p, page);
	return true;
}

static const char *
check_memory(const struct vhc_msg *m)
{
	const struct vhc_msg_region *r;
	uint32_t i;

	if (m->payload.memory.nb > VHC_MSG_REGIONS)
		return "more memory regions than 8";
	if (m->size < 8 + m->payload.memory.nb * sizeof(*r))
		return "shorter than its regions";
	if (m->nb_fds != (int)m->payload.memory.nb)
		return "not one file descriptor for each region";
	for (i = 0; i < m->payload.memory.nb; i++) {
		r = &m->payload.memory.region[i];
		if (r->size == 0)
			return "an empty memory region";
		if (wraps(r->gpa, r->size) || wraps(r->user_addr, r->size) ||
				wraps(r->mmap_offset, r->size))
			return "a memory region that wraps around";
		if (too_short(m->fds[i], r->mmap_offset, r->size))
			return "a memory region that is longer than its file";
		if (!can_be_mapped(m->fds[i]))
			return "a memory region that cannot be mapped for writing";
	}
	return NULL;
}

static const char *
check_inflight(const struct vhc_msg *m, const struct vhc_msg_limits *limits)
{
	const uint16_t nb = m->payload.inflight.nb_queues;
	const uint16_t size = m->payload.inflight.queue_size;

	if (!limits->inflight)
		return "INFLIGHT_SHMFD is not negotiated";
	if (nb == 0 || nb > limits->nb_rings)
		return "more queues than the device has";
	if (size == 0 || size > VHC_VRING_MAX_SIZE)
		return "queues longer than a queue can be";
	if (m->request != VHC_MSG_SET_INFLIGHT_FD)
		return NULL;
	/* librte_vhost writes into each queue's part unchecked. */
	if (m->payload.inflight.mmap_size < nb * vhc_inflight_area_len(size, limits->packed))
		return "an area shorter than its queues";
	if (wraps(m->payload.inflight.mmap_offset, m->payload.inflight.mmap_size))
		return "an area that wraps around";
	if (m->nb_fds != 1)
		return "not one file descriptor";
	if (too_short(m->fds[0], m->payload.inflight.mmap_offset, m->payload.inflight.mmap_size))
		return "an area that is longer than its file";
	if (m->payload.inflight.mmap_offset % vhc_guest_page(m->fds[0]) != 0 ||
			!can_be_mapped(m->fds[0]))
		return "an area that cannot be mapped";
	return NULL;
}

static const char *
check_log(const struct vhc_msg *m)
{
	if (m->nb_fds != 1)
		return "not one file descriptor";
	if (m->payload.log.mmap_size == 0)
		return "an empty log";
	/* librte_vhost would count the offset twice. */
	if (m->payload.log.mmap_offset != 0)
		return "a log that does not start with its file";
	if (too_short(m->fds[0], 0, m->payload.log.mmap_size))
		return "a log that is longer than its file";
	return NULL;
}

const char *
vhc_msg_check(const struct vhc_msg *m, const struct vhc_msg_limits *limits)
{
	const struct rule *r = rule_of(m);
	uint64_t ring = 0;

	if (r == NULL)
		return "of no use to this device";
	if (m->size < r->len)
		return "too short";
	if (r->ring == RING_IN_U64)
		ring = m->payload.u64 & VHC_MSG_VRING_INDEX;
	else if (r->ring == RING_IN_WORD)
		ring = m->payload.state.index;
	if (ring >= limits->nb_rings)
		return "the device has no such queue";
	switch (m->request) {
	case VHC_MSG_SET_MEM_TABLE:
		return check_memory(m);
	case VHC_MSG_SET_LOG_BASE:
		return check_log(m);
	case VHC_MSG_GET_INFLIGHT_FD:
	case VHC_MSG_SET_INFLIGHT_FD:
		return check_inflight(m, limits);
	case VHC_MSG_SET_VRING_ADDR:
		return limits->mem_ok ? NULL : "no memory table yet";
	case VHC_MSG_SET_VRING_NUM:
		if (m->payload.state.num == 0 || m->payload.state.num > VHC_VRING_MAX_SIZE)
			return "a queue size that is not possible";
		return NULL;
	default:
		return NULL;
	}
}
