/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The transport of kind VCRYPTO_TRANSPORT_USER: a device whose back end is at the
 * other end of a UNIX socket, and may go away and come back.
 *
 * Transport functions and the link's thread meet at the lock in here. It is held for
 * the length of a message and its answer, and never while EAL's memory lock or the
 * device's lock is taken: the order is device, EAL's memory, this one.
 */

#ifndef VIRTIO_USER_USER_DEV_H
#define VIRTIO_USER_USER_DEV_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/un.h>

#include "mem.h"
#include "vhost_user.h"
#include "virtio_transport.h"

#define VCRYPTO_USER_NAME_LEN 64
#define VCRYPTO_USER_PATH_LEN sizeof(((struct sockaddr_un *)0)->sun_path)
/** Bytes of configuration space of a crypto device. */
#define VCRYPTO_USER_CONFIG_LEN 56

/** What devargs choose for this transport. */
struct vcrypto_user_args {
	char path[VCRYPTO_USER_PATH_LEN];
	uint16_t queue_size; /* ring entries, a power of two */
	bool server; /* listen at the path; otherwise connect to it */
	bool packed_vq; /* take packed rings where the back end has them */
};

struct vcrypto_user_queue {
	int kick_fd; /* -1 until first used; lives as long as the device */
	bool started; /* the back end has its addresses */
};

struct vcrypto_user {
	struct vcrypto_transport base;
	char name[VCRYPTO_USER_NAME_LEN];
	struct vcrypto_user_args args;
	unsigned int timeout_ms;
	int listen_fd; /* server mode */
	dev_t listen_dev; /* the socket file that is ours */
	ino_t listen_ino;
	int wake_fd; /* counts up when the link is lost, and when its thread is to end */
	int call_fd; /* for the back end's calls, which nobody awaits */
	uint8_t status; /* atomic: what get_status() reads */
	bool link_end; /* atomic */

	pthread_mutex_t lock; /* everything below, and what is said on the socket */
	struct vcrypto_vhost_user vu; /* opened and closed by the link's thread only */
	bool connected;
	struct vcrypto_vhost_user_info info;
	uint8_t config[VCRYPTO_USER_CONFIG_LEN];
	uint32_t config_generation;
	uint64_t accepted; /* features that the driver has chosen */
	bool refused; /* the back end did not take them */
	bool mem_known; /* the back end has the table */
	bool mem_told; /* that the table cannot be made was logged */
	struct vcrypto_mem_table mem; /* as announced last */
	struct vcrypto_user_queue queues[VCRYPTO_VHOST_USER_MAX_QUEUES];
};

/**
 * A device without a link; in server mode the socket listens.
 * @return 0; -ENOMEM; -EADDRINUSE and other -errno, after one log line.
 */
int vcrypto_user_create(const char *name, const struct vcrypto_user_args *args,
		unsigned int timeout_ms, struct vcrypto_user **out);

/** Opposite of create; the link's thread has ended, nobody calls the transport any more. */
void vcrypto_user_destroy(struct vcrypto_user *u);

/* ---- the link; one thread at a time ---- */

/**
 * One try to get a link where there is none: connect or accept, handshake, configuration. Bounded
 * by the device's timeout_ms.
 * @param quiet  failures are logged at level DEBUG.
 * @return 0; -EAGAIN nobody there yet; -ECONNRESET the back end hung up; -EIO it lacks features
 *         that are in use; what vcrypto_vhost_user_handshake() returns.
 */
int vcrypto_user_link(struct vcrypto_user *u, bool quiet);

/**
 * Sleep for a time, or until a back end calls (server mode) if that is waited for.
 * @return false: the link is to end.
 */
bool vcrypto_user_link_wait(struct vcrypto_user *u, unsigned int ms, bool for_caller);

enum vcrypto_user_link_state {
	VCRYPTO_USER_LINK_LOST,
	VCRYPTO_USER_LINK_END, /* as asked for by vcrypto_user_link_end() */
};

/** Sleep as long as there is a link, and look after it. */
enum vcrypto_user_link_state vcrypto_user_link_watch(struct vcrypto_user *u);

/** End a link, or what is left of a lost one. */
void vcrypto_user_link_drop(struct vcrypto_user *u);

/** Make wait and watch return, now and later; or let them sleep again. Any thread. */
void vcrypto_user_link_end(struct vcrypto_user *u, bool end);

#endif /* VIRTIO_USER_USER_DEV_H */
