/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * A vhost-user back end in a thread, which keeps a trace of what it is told and
 * misbehaves at the message that a test names. It knows the messages by number and
 * offset, and has no rings behind them.
 */

#ifndef USER_BACKEND_H
#define USER_BACKEND_H

#include "unit_eal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>

enum {
	GET_FEATURES = 1, SET_FEATURES = 2, SET_OWNER = 3, SET_MEM_TABLE = 5, SET_VRING_NUM = 8,
	SET_VRING_ADDR = 9, SET_VRING_BASE = 10, GET_VRING_BASE = 11, SET_VRING_KICK = 12,
	SET_VRING_CALL = 13, GET_PROTOCOL_FEATURES = 15, SET_PROTOCOL_FEATURES = 16,
	GET_QUEUE_NUM = 17, SET_VRING_ENABLE = 18, GET_CONFIG = 24, SET_STATUS = 39,
	GET_STATUS = 40,
};

#define F_PROTOCOL (UINT64_C(1) << 30)
#define F_VERSION_1 (UINT64_C(1) << 32)
#define F_ALL (UINT64_C(0x1ff74000000)) /* 26, 28 to 40 */
#define PROTOCOL_ALL UINT64_C(0x1ffff)
#define PROTOCOL_NO_STATUS UINT64_C(0xffff)
#define NB_DATA 2 /* data queues; the control queue is number 2 */

struct message {
	uint32_t request, flags, size;
	uint8_t payload[272];
	unsigned int nb_fds;
};

static struct {
	char dir[32], path[64];
	pthread_t thread;
	bool running;
	int stop; /* eventfd */
	bool dials; /* the driver listens */

	/* the device */
	uint64_t features, protocol, queue_num;
	uint8_t config[56];
	_Atomic uint32_t refuse, hang_up; /* request at which to do so; 0: none */
	_Atomic uint32_t silent; /* the same, once */
	_Atomic uint8_t status_mask; /* bits that the status never shows */

	/* under the lock */
	pthread_mutex_t lock;
	struct message trace[2048];
	unsigned int nb;
	unsigned int connections;
	uint8_t status;
	int conn;
	int kick[8];
} be = { .conn = -1, .lock = PTHREAD_MUTEX_INITIALIZER };

static uint64_t
now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* Wait for a condition that another thread brings about. */
#define WAIT_UNTIL(cond) \
	do { \
		const uint64_t end_ = now_ms() + 30000; \
		while (!(cond)) { \
			if (now_ms() > end_) \
				fail_msg("never: %s", #cond); \
			poll(NULL, 0, 1); \
		} \
	} while (0)

static unsigned int
be_connections(void)
{
	unsigned int n;

	pthread_mutex_lock(&be.lock);
	n = be.connections;
	pthread_mutex_unlock(&be.lock);
	return n;
}

/* Read exactly len bytes; the first descriptors go to fds. */
static bool
be_read(int fd, void *buf, size_t len, int *fds, unsigned int *nb_fds)
{
	union {
		struct cmsghdr align;
		uint8_t bytes[CMSG_SPACE(sizeof(int) * 16)];
	} control;
	struct cmsghdr *c;
	struct msghdr msg;
	struct iovec iov;
	size_t done = 0;
	unsigned int i;
	ssize_t n;

	while (done < len) {
		iov = (struct iovec){ (uint8_t *)buf + done, len - done };
		msg = (struct msghdr){ .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
			.msg_controllen = sizeof(control) };
		n = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC);
		if (n <= 0)
			return false;
		for (c = CMSG_FIRSTHDR(&msg); c != NULL; c = CMSG_NXTHDR(&msg, c)) {
			for (i = 0; i < (c->cmsg_len - CMSG_LEN(0)) / sizeof(int); i++)
				memcpy(&fds[(*nb_fds)++], CMSG_DATA(c) + i * sizeof(int),
					sizeof(int));
		}
		done += (size_t)n;
	}
	return true;
}

static void
be_send(int fd, uint32_t request, const void *payload, uint32_t size)
{
	uint8_t msg[300];

	put32(msg, 0, request);
	put32(msg, 4, 5);
	put32(msg, 8, size);
	memcpy(msg + 12, payload, size);
	if (send(fd, msg, 12 + size, MSG_NOSIGNAL) < 0)
		return;
}

static void
be_send_u64(int fd, uint32_t request, uint64_t value)
{
	be_send(fd, request, &value, sizeof(value));
}

static void
be_answer(int fd, const struct message *m)
{
	uint8_t reply[272];

	switch (m->request) {
	case GET_FEATURES:
		be_send_u64(fd, m->request, be.features);
		return;
	case GET_PROTOCOL_FEATURES:
		be_send_u64(fd, m->request, be.protocol);
		return;
	case GET_QUEUE_NUM:
		be_send_u64(fd, m->request, be.queue_num);
		return;
	case GET_STATUS:
		be_send_u64(fd, m->request, be.status & (uint8_t)~be.status_mask);
		return;
	case GET_VRING_BASE:
		be_send(fd, m->request, m->payload, 8);
		return;
	case GET_CONFIG:
		memcpy(reply, m->payload, 12);
		memcpy(reply + 12, be.config, 56);
		be_send(fd, m->request, reply, 68);
		return;
	case SET_STATUS:
		be.status = m->payload[0];
		break;
	}
	if (m->flags & 8)
		be_send_u64(fd, m->request, m->request == be.refuse);
}

/* One message; false: the connection ends. */
static bool
be_serve(int fd)
{
	unsigned int nb_fds = 0, i;
	struct message m;
	int fds[32];

	memset(&m, 0, sizeof(m));
	if (!be_read(fd, &m, 12, fds, &nb_fds) || m.size > sizeof(m.payload) ||
			!be_read(fd, m.payload, m.size, fds, &nb_fds))
		return false;
	m.nb_fds = nb_fds;
	pthread_mutex_lock(&be.lock);
	if (be.nb < UNIT_DIM(be.trace))
		be.trace[be.nb++] = m;
	for (i = 0; i < nb_fds; i++) {
		if (m.request == SET_VRING_KICK && m.payload[0] < UNIT_DIM(be.kick)) {
			if (be.kick[m.payload[0]] >= 0)
				close(be.kick[m.payload[0]]);
			be.kick[m.payload[0]] = fds[i];
		} else {
			close(fds[i]);
		}
	}
	if (m.request == be.silent)
		be.silent = 0;
	else if (m.request != be.hang_up)
		be_answer(fd, &m);
	pthread_mutex_unlock(&be.lock);
	return m.request != be.hang_up;
}

static void
be_close(void)
{
	pthread_mutex_lock(&be.lock);
	if (be.conn >= 0)
		close(be.conn);
	be.conn = -1;
	pthread_mutex_unlock(&be.lock);
}

static int
be_socket(struct sockaddr_un *addr)
{
	memset(addr, 0, sizeof(*addr));
	addr->sun_family = AF_UNIX;
	snprintf(addr->sun_path, sizeof(addr->sun_path), "%s", be.path);
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static int
be_dial(void)
{
	struct sockaddr_un addr;
	const int fd = be_socket(&addr);

	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0)
		return fd;
	close(fd);
	poll(NULL, 0, 1);
	return -1;
}

static void *
be_main(void *arg)
{
	const int listener = *(int *)arg;
	int fd;

	for (;;) {
		struct pollfd p[2] = {
			{ .fd = be.stop, .events = POLLIN },
			{ .fd = be.conn >= 0 ? be.conn : listener, .events = POLLIN },
		};

		poll(p, 2, be.dials && be.conn < 0 ? 0 : -1);
		if (p[0].revents != 0)
			break;
		if (be.conn >= 0) {
			if (!be_serve(be.conn))
				be_close();
			continue;
		}
		fd = be.dials ? be_dial() : accept4(listener, NULL, NULL, SOCK_CLOEXEC);
		pthread_mutex_lock(&be.lock);
		be.conn = fd;
		be.connections += fd >= 0;
		be.status = 0;
		pthread_mutex_unlock(&be.lock);
	}
	/* The listener first: who sees the connection end finds nobody to call. */
	if (listener >= 0) {
		unlink(be.path);
		close(listener);
	}
	be_close();
	return NULL;
}

/* The back end begins its life. */
static void
be_start(void)
{
	static int listener;
	struct sockaddr_un addr;

	assert_false(be.running);
	listener = -1;
	if (!be.dials) {
		listener = be_socket(&addr);
		assert_true(listener >= 0);
		unlink(be.path);
		assert_int_equal(bind(listener, (struct sockaddr *)&addr, sizeof(addr)), 0);
		assert_int_equal(listen(listener, 4), 0);
	}
	be.stop = eventfd(0, EFD_CLOEXEC);
	be.running = true;
	assert_int_equal(pthread_create(&be.thread, NULL, be_main, &listener), 0);
}

/* ... and ends it, as a process that dies: all that it had is closed. */
static void
be_kill(void)
{
	unsigned int i;

	if (!be.running)
		return;
	eventfd_write(be.stop, 1);
	pthread_join(be.thread, NULL);
	close(be.stop);
	be.running = false;
	for (i = 0; i < UNIT_DIM(be.kick); i++) {
		if (be.kick[i] >= 0)
			close(be.kick[i]);
		be.kick[i] = -1;
	}
}

/* Test setup: a well-behaved device, at rest. */
static int
be_setup(void **state)
{
	unsigned int i;

	(void)state;
	snprintf(be.dir, sizeof(be.dir), "/tmp/test_user.XXXXXX");
	if (mkdtemp(be.dir) == NULL)
		return -1;
	snprintf(be.path, sizeof(be.path), "%s/s", be.dir);
	be.features = F_ALL;
	be.protocol = PROTOCOL_ALL;
	be.queue_num = NB_DATA + 1;
	memset(be.config, 0, sizeof(be.config));
	put32(be.config, 0, 1); /* HW_READY */
	put32(be.config, 4, NB_DATA);
	be.refuse = be.hang_up = be.silent = 0;
	be.status_mask = 0;
	be.dials = false;
	be.nb = be.connections = 0;
	for (i = 0; i < UNIT_DIM(be.kick); i++)
		be.kick[i] = -1;
	return 0;
}

static int
be_teardown(void **state)
{
	(void)state;
	be_kill();
	unlink(be.path);
	return rmdir(be.dir);
}

#endif /* USER_BACKEND_H */
