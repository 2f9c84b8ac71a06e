/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <rte_common.h>
#include <rte_eal.h>
#include <rte_vhost.h>

#include "args.h"
#include "front_msg.h"
#include "front_socket.h"
#include "log.h"

#define PATIENCE_US 200000 /* for the rest of a message that has begun, and for a full socket */

int
vhc_front_socket_clear(const char *path)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	struct stat st;
	int fd, ret;

	if (lstat(path, &st) != 0) {
		if (errno == ENOENT)
			return 0;
		ret = -errno;
		VHC_LOG(ERR, "%s: %s", path, strerror(-ret));
		return ret;
	}
	if (!S_ISSOCK(st.st_mode)) {
		VHC_LOG(ERR, "%s: lies there and is not a socket: name another path", path);
		return -EEXIST;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	/* The length was checked with the arguments. */
	memcpy(addr.sun_path, path, strnlen(path, sizeof(addr.sun_path) - 1));
	ret = connect(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0 ? 0 : -errno;
	close(fd);
	if (ret != -ECONNREFUSED) {
		VHC_LOG(ERR, "%s: another program listens there: stop it, or name another path",
				path);
		return -EADDRINUSE;
	}
	if (unlink(path) != 0 && errno != ENOENT) {
		ret = -errno;
		VHC_LOG(ERR, "%s: a socket that nobody serves cannot be removed: %s", path,
				strerror(-ret));
		return ret;
	}
	return 0;
}

/*
 * Connect librte_vhost to a socket of our own, as a client, and take that back. A connection that
 * it makes itself is what it tells its thread of.
 */
static int
connect_once(const char *path)
{
	static const struct rte_vhost_device_ops ops = {0};
	int ret = -EIO;

	if (rte_vhost_driver_register(path,
			RTE_VHOST_USER_CLIENT | RTE_VHOST_USER_NO_RECONNECT) != 0)
		return ret;
	if (rte_vhost_driver_callback_register(path, &ops) == 0 &&
			rte_vhost_driver_start(path) == 0)
		ret = 0;
	rte_vhost_driver_unregister(path);
	return ret;
}

void
vhc_front_socket_wake(void)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd, ret = -EIO, len;

	len = snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/wake.%d",
			rte_eal_get_runtime_dir(), (int)getpid());
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && len > 0 && (size_t)len < sizeof(addr.sun_path) &&
			bind(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0) {
		if (listen(fd, 1) == 0)
			ret = connect_once(addr.sun_path);
		unlink(addr.sun_path);
	}
	if (fd >= 0)
		close(fd);
	if (ret != 0)
		VHC_LOG(DEBUG, "the first connection may have to wait for a second");
}

/* Whether fd is a connection that belongs to the path. */
static bool
belongs(int fd, const char *path, bool server)
{
	struct sockaddr_un addr;
	socklen_t len = sizeof(int);
	int value = 0;

	if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &value, &len) != 0 || value != AF_UNIX)
		return false;
	len = sizeof(int);
	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &value, &len) != 0 || value != 0)
		return false;
	memset(&addr, 0, sizeof(addr));
	len = sizeof(addr) - 1;
	if ((server ? getsockname(fd, (struct sockaddr *)&addr, &len)
		    : getpeername(fd, (struct sockaddr *)&addr, &len)) != 0)
		return false;
	return strncmp(addr.sun_path, path, sizeof(addr.sun_path)) == 0;
}

/*
 * A connection that was dealt with before has its time limit already; that tells it from
 * the new one.
 */
static bool
is_limited(int fd)
{
	struct timeval tv = {0};
	socklen_t len = sizeof(tv);

	return getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, &len) == 0 &&
			(tv.tv_sec != 0 || tv.tv_usec != 0);
}

int
vhc_front_socket_take(const char *path, bool server)
{
	const struct timeval tv = {.tv_usec = PATIENCE_US};
	struct dirent *entry;
	int fd, copy = -1;
	DIR *dir;

	dir = opendir("/proc/self/fd");
	if (dir == NULL)
		return -1;
	while (copy < 0 && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] < '0' || entry->d_name[0] > '9')
			continue;
		fd = atoi(entry->d_name);
		if (!belongs(fd, path, server) || is_limited(fd))
			continue;
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
		copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	}
	closedir(dir);
	return copy;
}

bool
vhc_front_socket_is_full(int fd)
{
	socklen_t len = sizeof(int);
	int room = 0, unread = 0;

	/* Both count memory, of which even a short reply takes a part. */
	return ioctl(fd, SIOCOUTQ, &unread) == 0 &&
			getsockopt(fd, SOL_SOCKET, SO_SNDBUF, &room, &len) == 0 &&
			unread > room - room / 8;
}

/* --- File descriptors on arrival ------------------------------------------------------------ */

static __thread bool reads_messages;

void
vhc_front_socket_reader(void)
{
	reads_messages = true;
}

/* Whether the message whose header was just read may bring file descriptors along. */
static bool
may_have_fds(int fd, const struct msghdr *msg, ssize_t len)
{
	union vhc_msg_payload payload;
	const size_t want = sizeof(payload.inflight);
	uint32_t header[3]; /* request, flags, size */

	if (msg->msg_iovlen != 1 || len != sizeof(header))
		return false;
	memcpy(header, msg->msg_iov[0].iov_base, sizeof(header));
	if (header[0] != VHC_MSG_SET_INFLIGHT_FD)
		return vhc_msg_has_fds(header[0]);
	/* Too many queues are refused early; the payload comes in one piece with the header. */
	return header[2] >= want &&
			recv(fd, &payload, want, MSG_PEEK | MSG_DONTWAIT) == (ssize_t)want &&
			payload.inflight.nb_queues != 0 &&
			payload.inflight.nb_queues <= VHC_ARGS_MAX_QUEUES + 1;
}

static void
close_arrived(struct msghdr *msg)
{
	struct cmsghdr *c;
	size_t i, nb;
	int fd;

	for (c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		nb = (c->cmsg_len - CMSG_LEN(0)) / sizeof(fd);
		for (i = 0; i < nb; i++) {
			memcpy(&fd, CMSG_DATA(c) + i * sizeof(fd), sizeof(fd));
			close(fd);
		}
	}
	msg->msg_controllen = 0;
}

typedef ssize_t (*recvmsg_t)(int fd, struct msghdr *msg, int flags);

static recvmsg_t libc_recvmsg;

RTE_INIT(find_recvmsg)
{
	*(void **)&libc_recvmsg = dlsym(RTLD_NEXT, "recvmsg");
}

/*
 * In the place of the C library's, for librte_vhost's sake, and by way of it: EAL's threads are
 * cancelled there.
 */
ssize_t
recvmsg(int fd, struct msghdr *msg, int flags)
{
	ssize_t len = libc_recvmsg(fd, msg, flags);

	if (reads_messages && len > 0 && msg->msg_controllen != 0 && !may_have_fds(fd, msg, len))
		close_arrived(msg);
	return len;
}
