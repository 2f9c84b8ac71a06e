/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The front end's half of the vhost-user protocol: a socket, messages with their
 * answers, and the handshake. Knows nothing of crypto.
 *
 * A connection is used by one thread at a time. An answer is awaited for timeout_ms at
 * most, and not beyond not_after.
 *
 * What functions return, where they do not say otherwise:
 *   0
 *   -EREMOTEIO   the back end refuses the request; the connection goes on
 *   -ETIMEDOUT   no answer in time
 *   -ECONNRESET  the back end has hung up
 *   -EPROTO      an answer that is none
 *   -EIO         the socket does not work
 *   -ENOTCONN    there was a failure before
 * After all but the first two the connection is over: it was shut down, and later calls
 * return -ENOTCONN. One log line says what happened, at level DEBUG where that is quiet.
 */

#ifndef VIRTIO_USER_VHOST_USER_H
#define VIRTIO_USER_VHOST_USER_H

#include <stdbool.h>
#include <stdint.h>

#include "mem.h"

/** Requests that carry nothing but a number, or an index and a number. */
enum vcrypto_vhost_user_request {
	VHOST_USER_GET_FEATURES = 1,
	VHOST_USER_SET_FEATURES = 2,
	VHOST_USER_SET_OWNER = 3,
	VHOST_USER_SET_MEM_TABLE = 5,
	VHOST_USER_SET_VRING_NUM = 8,
	VHOST_USER_SET_VRING_ADDR = 9,
	VHOST_USER_SET_VRING_BASE = 10,
	VHOST_USER_GET_VRING_BASE = 11,
	VHOST_USER_SET_VRING_KICK = 12,
	VHOST_USER_SET_VRING_CALL = 13,
	VHOST_USER_GET_PROTOCOL_FEATURES = 15,
	VHOST_USER_SET_PROTOCOL_FEATURES = 16,
	VHOST_USER_GET_QUEUE_NUM = 17,
	VHOST_USER_SET_VRING_ENABLE = 18,
	VHOST_USER_GET_CONFIG = 24,
	VHOST_USER_SET_STATUS = 39,
	VHOST_USER_GET_STATUS = 40,
};

/* Feature bits that belong to the protocol, not to the device. */
#define VHOST_F_LOG_ALL 26
#define VHOST_USER_F_PROTOCOL_FEATURES 30

/* Protocol features. */
#define VHOST_USER_PROTOCOL_F_MQ 0
#define VHOST_USER_PROTOCOL_F_REPLY_ACK 3
#define VHOST_USER_PROTOCOL_F_CONFIG 9
#define VHOST_USER_PROTOCOL_F_STATUS 16

/** Queues that messages can name. */
#define VCRYPTO_VHOST_USER_MAX_QUEUES 256
/** Bytes of configuration space that GET_CONFIG can carry. */
#define VCRYPTO_VHOST_USER_MAX_CONFIG 256

struct vcrypto_vhost_user {
	const char *dev_name; /* for log lines */
	int fd; /* -1: none */
	unsigned int timeout_ms; /* for each answer */
	bool quiet;
	bool hang_up_quiet; /* that the back end hangs up is no news */
	bool over; /* shut down after a failure */
	uint64_t protocol; /* protocol features in use */
	uint64_t not_after; /* ms of the monotonic clock; 0: no such limit */
};

/** What the handshake finds. */
struct vcrypto_vhost_user_info {
	uint64_t features; /* offered, those of the protocol included */
	uint32_t nb_queues; /* VCRYPTO_VHOST_USER_MAX_QUEUES where the back end does not say */
};

/** The monotonic clock in ms. */
uint64_t vcrypto_vhost_user_now_ms(void);

/* ---- sockets; non-blocking, closed on exec ---- */

/**
 * Connect to the back end that listens at @p path.
 * @return a descriptor; -ENOENT, -ECONNREFUSED, -EAGAIN: not there yet, or busy; another -errno.
 */
int vcrypto_vhost_user_dial(const char *path);

/**
 * Listen at @p path for a back end. A socket file that nobody listens on any more is replaced.
 * @return a descriptor; -EADDRINUSE another process listens there, or the path is not a socket;
 *         another -errno.
 */
int vcrypto_vhost_user_listen(const char *path);

/** @return a descriptor; -EAGAIN nobody has called; another -errno. */
int vcrypto_vhost_user_accept(int listen_fd);

/** Close and forget; safe without a connection. */
void vcrypto_vhost_user_close(struct vcrypto_vhost_user *vu);

/* ---- messages ---- */

/**
 * Features, protocol features, ownership, number of queues; @p vu has a new fd and is filled in.
 * @return as above; -ENOTSUP the back end has no protocol features, or no CONFIG among them.
 */
int vcrypto_vhost_user_handshake(struct vcrypto_vhost_user *vu,
		struct vcrypto_vhost_user_info *info);

int vcrypto_vhost_user_get_u64(struct vcrypto_vhost_user *vu,
		enum vcrypto_vhost_user_request request, uint64_t *value);
int vcrypto_vhost_user_set_u64(struct vcrypto_vhost_user *vu,
		enum vcrypto_vhost_user_request request, uint64_t value);

/** SET_VRING_NUM, _BASE, _ENABLE. */
int vcrypto_vhost_user_set_vring(struct vcrypto_vhost_user *vu,
		enum vcrypto_vhost_user_request request, uint32_t index, uint32_t num);
/** Stops the queue; @p num says where. */
int vcrypto_vhost_user_get_vring_base(struct vcrypto_vhost_user *vu, uint32_t index,
		uint32_t *num);
/** The parts of a queue at virtual addresses; all inside the memory table. */
int vcrypto_vhost_user_set_vring_addr(struct vcrypto_vhost_user *vu, uint32_t index, uint64_t desc,
		uint64_t driver, uint64_t device);
/** SET_VRING_KICK, _CALL. @param fd  stays the caller's. */
int vcrypto_vhost_user_set_vring_fd(struct vcrypto_vhost_user *vu,
		enum vcrypto_vhost_user_request request, uint32_t index, int fd);

int vcrypto_vhost_user_set_mem_table(struct vcrypto_vhost_user *vu,
		const struct vcrypto_mem_table *table);

/**
 * Bytes 0 to @p len of the configuration space.
 * @param len  at most VCRYPTO_VHOST_USER_MAX_CONFIG; an answer of another length is -EPROTO.
 */
int vcrypto_vhost_user_get_config(struct vcrypto_vhost_user *vu, void *buf, uint32_t len);

/**
 * Look at a connection on which nothing is awaited.
 * @return 0 it is silent; -ECONNRESET; -EPROTO a message came unasked.
 */
int vcrypto_vhost_user_check_idle(struct vcrypto_vhost_user *vu);

#endif /* VIRTIO_USER_VHOST_USER_H */
