/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Messages of vhost-user as librte_vhost shows them to the handlers of an external back end, and
 * what is asked of each before librte_vhost may see it.
 *
 * No side effects but on the message: file descriptors of a refused message are closed.
 */

#ifndef VHC_FRONT_MSG_H
#define VHC_FRONT_MSG_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_common.h>

#define VHC_MSG_REGIONS 8 /* of memory in one message; file descriptors likewise */
#define VHC_MSG_CONFIG_MAX 256

enum vhc_msg_request {
	VHC_MSG_GET_FEATURES = 1,
	VHC_MSG_SET_FEATURES = 2,
	VHC_MSG_SET_OWNER = 3,
	VHC_MSG_RESET_OWNER = 4,
	VHC_MSG_SET_MEM_TABLE = 5,
	VHC_MSG_SET_LOG_BASE = 6,
	VHC_MSG_SET_LOG_FD = 7,
	VHC_MSG_SET_VRING_NUM = 8,
	VHC_MSG_SET_VRING_ADDR = 9,
	VHC_MSG_SET_VRING_BASE = 10,
	VHC_MSG_GET_VRING_BASE = 11,
	VHC_MSG_SET_VRING_KICK = 12,
	VHC_MSG_SET_VRING_CALL = 13,
	VHC_MSG_SET_VRING_ERR = 14,
	VHC_MSG_GET_PROTOCOL_FEATURES = 15,
	VHC_MSG_SET_PROTOCOL_FEATURES = 16,
	VHC_MSG_GET_QUEUE_NUM = 17,
	VHC_MSG_SET_VRING_ENABLE = 18,
	VHC_MSG_SET_BACKEND_REQ_FD = 21,
	VHC_MSG_GET_CONFIG = 24,
	VHC_MSG_SET_CONFIG = 25,
	VHC_MSG_GET_INFLIGHT_FD = 31,
	VHC_MSG_SET_INFLIGHT_FD = 32,
	VHC_MSG_SET_STATUS = 39,
	VHC_MSG_GET_STATUS = 40,
};

#define VHC_MSG_NEED_REPLY (1u << 3)
#define VHC_MSG_VRING_INDEX 0xff /* of the u64 of KICK, CALL, ERR */

struct vhc_msg_region {
	uint64_t gpa;
	uint64_t size;
	uint64_t user_addr;
	uint64_t mmap_offset;
} __rte_packed;

/* All of this machine's byte order, as the protocol has it. */
union vhc_msg_payload {
	uint64_t u64;
	struct {
		uint32_t index;
		uint32_t num;
	} __rte_packed state;
	struct {
		uint32_t nb;
		uint32_t padding;
		struct vhc_msg_region region[VHC_MSG_REGIONS];
	} __rte_packed memory;
	struct {
		uint64_t mmap_size;
		uint64_t mmap_offset;
	} __rte_packed log;
	struct {
		uint64_t mmap_size;
		uint64_t mmap_offset;
		uint16_t nb_queues;
		uint16_t queue_size;
		uint32_t padding; /* librte_vhost wants it to be sent */
	} __rte_packed inflight;
	struct {
		uint32_t offset;
		uint32_t size;
		uint32_t flags;
		uint8_t region[VHC_MSG_CONFIG_MAX];
	} __rte_packed config;
	/* librte_vhost's own union is longer; what follows it must be where it is. */
	uint8_t room[VHC_VHOST_PAYLOAD_LEN];
} __rte_packed;

/* What librte_vhost hands to pre_msg_handle and post_msg_handle. */
struct vhc_msg {
	uint32_t request;
	uint32_t flags;
	uint32_t size; /* of the payload */
	union vhc_msg_payload payload;
	int fds[VHC_MSG_REGIONS];
	int nb_fds;
} __rte_packed;

static_assert(offsetof(struct vhc_msg, payload) == 12, "vhost-user: header");
static_assert(sizeof(struct vhc_msg_region) == 32, "vhost-user: memory region");
static_assert(offsetof(union vhc_msg_payload, config.region) == 12, "vhost-user: config");
static_assert(sizeof(((union vhc_msg_payload *)0)->inflight) == 24, "vhost-user: in-flight");

/** What librte_vhost may be given of a message. */
struct vhc_msg_limits {
	uint16_t nb_rings;
	bool packed;       /* negotiated */
	bool mem_ok;       /* there is a memory table */
	bool inflight;     /* INFLIGHT_SHMFD negotiated */
};

/**
 * Check a message.
 * @return NULL: it is sound; else in a few words what is wrong with it.
 */
const char *vhc_msg_check(const struct vhc_msg *m, const struct vhc_msg_limits *limits);

/** Whether workers and control thread must be kept off while the message is handled. */
bool vhc_msg_pauses(const struct vhc_msg *m);

/** Whether a request brings file descriptors along. */
bool vhc_msg_has_fds(uint32_t request);

/** Name of the request; "message" for those without. */
const char *vhc_msg_name(const struct vhc_msg *m);

/** Close the file descriptors that came with a message which librte_vhost does not get. */
void vhc_msg_close_fds(struct vhc_msg *m);

#endif /* VHC_FRONT_MSG_H */
