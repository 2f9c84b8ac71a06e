/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * vhost-user messages over a UNIX socket.
 *
 * May include: sockets, mem, the log. One thread at a time for each connection;
 * nothing is allocated from EAL's heap, as memory events are announced from here.
 *
 * A message is a header of three words (request, flags, bytes that follow), a payload
 * in the byte order of the machine, and descriptors beside its first byte. The peer
 * is not trusted: an answer is read only as far as its header was found to be the
 * expected one, and descriptors that come with it are closed at once.
 */

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <rte_common.h>

#include "mem.h"
#include "vhost_user.h"
#include "virtio_log.h"

#define VERSION 0x1u
#define FLAG_REPLY 0x4u
#define FLAG_NEED_REPLY 0x8u

#define HEADER 12
#define PAYLOAD_MAX 272
#define CONFIG_HEADER 12
/* The kernel passes at most 253 descriptors with a message. */
#define STRAY_FDS_MAX 253

struct header {
	uint32_t request;
	uint32_t flags;
	uint32_t size;
};
static_assert(sizeof(struct header) == HEADER, "vhost-user header");

struct vring_state {
	uint32_t index;
	uint32_t num;
};

struct vring_addr {
	uint32_t index;
	uint32_t flags;
	uint64_t desc;
	uint64_t used;
	uint64_t avail;
	uint64_t log;
};
static_assert(sizeof(struct vring_addr) == 40, "vhost-user vring address description");

struct mem_region {
	uint64_t guest_addr;
	uint64_t size;
	uint64_t user_addr;
	uint64_t mmap_offset;
};

struct mem_table {
	uint32_t nb;
	uint32_t padding;
	struct mem_region regions[VCRYPTO_MEM_MAX_REGIONS];
};
static_assert(sizeof(struct mem_table) == 8 + 32 * VCRYPTO_MEM_MAX_REGIONS,
	"vhost-user multiple memory regions description");

struct config {
	uint32_t offset;
	uint32_t size;
	uint32_t flags;
	uint8_t data[VCRYPTO_VHOST_USER_MAX_CONFIG];
};
static_assert(sizeof(struct config) <= PAYLOAD_MAX && sizeof(struct mem_table) <= PAYLOAD_MAX,
	"payloads");

#define LOG_IF(loud, vu, fmt, ...) \
	rte_log((loud) ? RTE_LOG_ERR : RTE_LOG_DEBUG, vcrypto_logtype, \
		"CRYPTO_VIRTIO: %s: " fmt "\n", (vu)->dev_name, ##__VA_ARGS__)
#define LOG(vu, ...) LOG_IF(!(vu)->quiet, vu, __VA_ARGS__)

static const char *
name_of(uint32_t request)
{
	static const char * const names[] = {
		[VHOST_USER_GET_FEATURES] = "GET_FEATURES",
		[VHOST_USER_SET_FEATURES] = "SET_FEATURES",
		[VHOST_USER_SET_OWNER] = "SET_OWNER",
		[VHOST_USER_SET_MEM_TABLE] = "SET_MEM_TABLE",
		[VHOST_USER_SET_VRING_NUM] = "SET_VRING_NUM",
		[VHOST_USER_SET_VRING_ADDR] = "SET_VRING_ADDR",
		[VHOST_USER_SET_VRING_BASE] = "SET_VRING_BASE",
		[VHOST_USER_GET_VRING_BASE] = "GET_VRING_BASE",
		[VHOST_USER_SET_VRING_KICK] = "SET_VRING_KICK",
		[VHOST_USER_SET_VRING_CALL] = "SET_VRING_CALL",
		[VHOST_USER_GET_PROTOCOL_FEATURES] = "GET_PROTOCOL_FEATURES",
		[VHOST_USER_SET_PROTOCOL_FEATURES] = "SET_PROTOCOL_FEATURES",
		[VHOST_USER_GET_QUEUE_NUM] = "GET_QUEUE_NUM",
		[VHOST_USER_SET_VRING_ENABLE] = "SET_VRING_ENABLE",
		[VHOST_USER_GET_CONFIG] = "GET_CONFIG",
		[VHOST_USER_SET_STATUS] = "SET_STATUS",
		[VHOST_USER_GET_STATUS] = "GET_STATUS",
	};

	return request < RTE_DIM(names) && names[request] != NULL ? names[request] : "a request";
}

uint64_t
vcrypto_vhost_user_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static bool
uses(const struct vcrypto_vhost_user *vu, unsigned int protocol_feature)
{
	return (vu->protocol >> protocol_feature & 1) != 0;
}

/* ---- sockets ---- */

static int
new_socket(const char *path, struct sockaddr_un *addr)
{
	int fd;

	memset(addr, 0, sizeof(*addr));
	addr->sun_family = AF_UNIX;
	if (strlen(path) >= sizeof(addr->sun_path))
		return -ENAMETOOLONG;
	strcpy(addr->sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	return fd < 0 ? -errno : fd;
}

int
vcrypto_vhost_user_dial(const char *path)
{
	struct sockaddr_un addr;
	int fd, err;

	fd = new_socket(path, &addr);
	if (fd < 0)
		return fd;
	/* On a UNIX socket this succeeds or fails at once; a full backlog is EAGAIN. */
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
		err = errno;
		close(fd);
		return -err;
	}
	return fd;
}

int
vcrypto_vhost_user_listen(const char *path)
{
	struct sockaddr_un addr;
	struct stat st;
	int fd, other, err;

	/* What a process that died has left there is in the way. */
	if (lstat(path, &st) == 0) {
		if (!S_ISSOCK(st.st_mode))
			return -EADDRINUSE;
		other = vcrypto_vhost_user_dial(path);
		if (other >= 0)
			close(other);
		if (other != -ECONNREFUSED)
			return -EADDRINUSE;
		if (unlink(path) < 0 && errno != ENOENT)
			return -errno;
	}
	fd = new_socket(path, &addr);
	if (fd < 0)
		return fd;
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 || listen(fd, 1) < 0) {
		err = errno;
		close(fd);
		return -err;
	}
	return fd;
}

int
vcrypto_vhost_user_accept(int listen_fd)
{
	const int fd = accept4(listen_fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

void
vcrypto_vhost_user_close(struct vcrypto_vhost_user *vu)
{
	if (vu->fd >= 0)
		close(vu->fd);
	vu->fd = -1;
	vu->over = true;
}

/* ---- bytes ---- */

/* Nothing more can be said on this connection; its end wakes whoever polls it. */
static int
give_up(struct vcrypto_vhost_user *vu, int ret)
{
	vu->over = true;
	shutdown(vu->fd, SHUT_RDWR);
	return ret;
}

static uint64_t
deadline_of(const struct vcrypto_vhost_user *vu)
{
	const uint64_t end = vcrypto_vhost_user_now_ms() + vu->timeout_ms;

	return vu->not_after != 0 ? RTE_MIN(end, vu->not_after) : end;
}

/* 0: the socket is ready, or tells its error at the next call. */
static int
wait_for(struct vcrypto_vhost_user *vu, short events, uint64_t deadline)
{
	struct pollfd p = { .fd = vu->fd, .events = events };
	uint64_t now;
	int n;

	for (;;) {
		/* The clock is read before the socket: who was put aside looks once more. */
		now = vcrypto_vhost_user_now_ms();
		n = poll(&p, 1, now < deadline ? (int)(deadline - now) : 0);
		if (n > 0)
			return 0;
		if (n < 0 && errno != EINTR)
			return -errno;
		if (n == 0 && now >= deadline)
			return -ETIMEDOUT;
	}
}

static int
send_all(struct vcrypto_vhost_user *vu, struct iovec *iov, unsigned int nb_iov, const int *fds,
		unsigned int nb_fds, uint64_t deadline)
{
	union {
		struct cmsghdr align;
		uint8_t bytes[CMSG_SPACE(sizeof(int) * VCRYPTO_MEM_MAX_REGIONS)];
	} control;
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = nb_iov };
	struct cmsghdr *cmsg;
	ssize_t n;
	int ret;

	if (nb_fds != 0) {
		memset(&control, 0, sizeof(control));
		msg.msg_control = &control;
		msg.msg_controllen = CMSG_SPACE(sizeof(int) * nb_fds);
		cmsg = CMSG_FIRSTHDR(&msg);
		cmsg->cmsg_level = SOL_SOCKET;
		cmsg->cmsg_type = SCM_RIGHTS;
		cmsg->cmsg_len = CMSG_LEN(sizeof(int) * nb_fds);
		memcpy(CMSG_DATA(cmsg), fds, sizeof(int) * nb_fds);
	}
	while (msg.msg_iovlen != 0) {
		n = sendmsg(vu->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno == EAGAIN) {
			ret = wait_for(vu, POLLOUT, deadline);
			if (ret < 0)
				return ret;
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EPIPE ? -ECONNRESET : -errno;
		/* The descriptors went with the first byte. */
		msg.msg_control = NULL;
		msg.msg_controllen = 0;
		while (msg.msg_iovlen != 0 && (size_t)n >= msg.msg_iov->iov_len) {
			n -= msg.msg_iov->iov_len;
			msg.msg_iov++;
			msg.msg_iovlen--;
		}
		if (msg.msg_iovlen != 0) {
			msg.msg_iov->iov_base = RTE_PTR_ADD(msg.msg_iov->iov_base, n);
			msg.msg_iov->iov_len -= n;
		}
	}
	return 0;
}

/* What recvmsg() gives; descriptors that came along are closed and counted. */
static ssize_t
receive(int fd, void *buf, size_t len, unsigned int *stray_fds)
{
	union {
		struct cmsghdr align;
		uint8_t bytes[CMSG_SPACE(sizeof(int) * STRAY_FDS_MAX)];
	} control;
	struct iovec iov = { .iov_base = buf, .iov_len = len };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg;
	size_t i, nb;
	ssize_t n;
	int stray;

	do {
		n = recvmsg(fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	for (cmsg = CMSG_FIRSTHDR(&msg); cmsg != NULL; cmsg = CMSG_NXTHDR(&msg, cmsg)) {
		if (cmsg->cmsg_level != SOL_SOCKET || cmsg->cmsg_type != SCM_RIGHTS)
			continue;
		nb = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (i = 0; i < nb; i++) {
			memcpy(&stray, CMSG_DATA(cmsg) + i * sizeof(int), sizeof(int));
			close(stray);
		}
		*stray_fds += nb;
	}
	return n;
}

static int
receive_all(struct vcrypto_vhost_user *vu, void *buf, size_t len, uint64_t deadline,
		unsigned int *stray_fds)
{
	size_t done = 0;
	ssize_t n;
	int ret;

	while (done < len) {
		n = receive(vu->fd, RTE_PTR_ADD(buf, done), len - done, stray_fds);
		if (n == 0)
			return -ECONNRESET;
		if (n == -EAGAIN) {
			ret = wait_for(vu, POLLIN, deadline);
			if (ret < 0)
				return ret;
		} else if (n < 0) {
			return n;
		} else {
			done += n;
		}
	}
	return 0;
}

int
vcrypto_vhost_user_check_idle(struct vcrypto_vhost_user *vu)
{
	unsigned int stray_fds = 0;
	struct header h;
	ssize_t n;

	if (vu->over)
		return -ENOTCONN;
	n = receive(vu->fd, &h, sizeof(h), &stray_fds);
	if (n == -EAGAIN)
		return 0;
	if (n <= 0)
		return give_up(vu, -ECONNRESET);
	LOG(vu, "the back end sends what nobody asked for (%zd bytes, %u descriptors)", n,
		stray_fds);
	return give_up(vu, -EPROTO);
}

/* ---- messages ---- */

static void
log_hang_up(const struct vcrypto_vhost_user *vu, uint32_t request)
{
	LOG_IF(!vu->quiet && !vu->hang_up_quiet, vu, "%s: the back end hung up",
		name_of(request));
}

static int
socket_failed(struct vcrypto_vhost_user *vu, uint32_t request, int ret)
{
	switch (ret) {
	case -ETIMEDOUT:
		LOG(vu, "%s: no answer from the back end in time (timeout_ms=%u)",
			name_of(request), vu->timeout_ms);
		break;
	case -ECONNRESET:
		log_hang_up(vu, request);
		break;
	default:
		LOG(vu, "%s: the socket does not work: %s", name_of(request), strerror(-ret));
		ret = -EIO;
	}
	return give_up(vu, ret);
}

static int
send_request(struct vcrypto_vhost_user *vu, uint32_t request, bool need_reply, const void *payload,
		uint32_t size, const int *fds, unsigned int nb_fds, uint64_t deadline)
{
	struct header h = {
		.request = request,
		.flags = VERSION | (need_reply ? FLAG_NEED_REPLY : 0),
		.size = size,
	};
	uint8_t copy[PAYLOAD_MAX];
	struct iovec iov[2] = { { &h, sizeof(h) }, { copy, size } };
	int ret;

	/* An answer before the question would be taken for one to this. */
	ret = vcrypto_vhost_user_check_idle(vu);
	if (ret == -ECONNRESET)
		log_hang_up(vu, request);
	if (ret < 0)
		return ret;
	if (size != 0)
		memcpy(copy, payload, size);
	ret = send_all(vu, iov, size != 0 ? 2 : 1, fds, nb_fds, deadline);
	return ret < 0 ? socket_failed(vu, request, ret) : 0;
}

/* An answer of exactly size bytes. */
static int
read_reply(struct vcrypto_vhost_user *vu, uint32_t request, void *payload, uint32_t size,
		uint64_t deadline)
{
	unsigned int stray_fds = 0;
	struct header h;
	int ret;

	ret = receive_all(vu, &h, sizeof(h), deadline, &stray_fds);
	if (ret < 0)
		return socket_failed(vu, request, ret);
	if (h.request != request || (h.flags & ~FLAG_NEED_REPLY) != (VERSION | FLAG_REPLY)) {
		LOG(vu, "%s: the answer is to request %" PRIu32 " with flags 0x%" PRIx32
			"; the back end does not keep to the protocol", name_of(request),
			h.request, h.flags);
		return give_up(vu, -EPROTO);
	}
	if (h.size != size) {
		LOG(vu, "%s: the answer has %" PRIu32 " bytes, not %" PRIu32
			"; the back end refuses, or does not keep to the protocol",
			name_of(request), h.size, size);
		return give_up(vu, -EPROTO);
	}
	ret = receive_all(vu, payload, size, deadline, &stray_fds);
	if (ret < 0)
		return socket_failed(vu, request, ret);
	if (stray_fds != 0) {
		LOG(vu, "%s: %u file descriptors came with the answer; the back end does not keep"
			" to the protocol", name_of(request), stray_fds);
		return give_up(vu, -EPROTO);
	}
	return 0;
}

/* A request that has an answer of its own. */
static int
ask(struct vcrypto_vhost_user *vu, uint32_t request, const void *payload, uint32_t size,
		void *reply, uint32_t reply_size)
{
	const uint64_t deadline = deadline_of(vu);
	int ret;

	ret = send_request(vu, request, false, payload, size, NULL, 0, deadline);
	return ret < 0 ? ret : read_reply(vu, request, reply, reply_size, deadline);
}

/* A request that is acknowledged where the back end can do that. */
static int
tell(struct vcrypto_vhost_user *vu, uint32_t request, const void *payload, uint32_t size,
		const int *fds, unsigned int nb_fds)
{
	const bool need_reply = uses(vu, VHOST_USER_PROTOCOL_F_REPLY_ACK);
	const uint64_t deadline = deadline_of(vu);
	uint64_t refused = 0;
	int ret;

	ret = send_request(vu, request, need_reply, payload, size, fds, nb_fds, deadline);
	if (ret == 0 && need_reply)
		ret = read_reply(vu, request, &refused, sizeof(refused), deadline);
	if (ret == 0 && refused != 0) {
		LOG(vu, "%s: the back end refuses it (code %" PRIu64 ")", name_of(request),
			refused);
		ret = -EREMOTEIO;
	}
	return ret;
}

int
vcrypto_vhost_user_get_u64(struct vcrypto_vhost_user *vu, enum vcrypto_vhost_user_request request,
		uint64_t *value)
{
	return ask(vu, request, NULL, 0, value, sizeof(*value));
}

int
vcrypto_vhost_user_set_u64(struct vcrypto_vhost_user *vu, enum vcrypto_vhost_user_request request,
		uint64_t value)
{
	return tell(vu, request, &value, sizeof(value), NULL, 0);
}

int
vcrypto_vhost_user_set_vring(struct vcrypto_vhost_user *vu,
		enum vcrypto_vhost_user_request request, uint32_t index, uint32_t num)
{
	const struct vring_state state = { .index = index, .num = num };

	return tell(vu, request, &state, sizeof(state), NULL, 0);
}

int
vcrypto_vhost_user_get_vring_base(struct vcrypto_vhost_user *vu, uint32_t index, uint32_t *num)
{
	const struct vring_state state = { .index = index };
	struct vring_state reply;
	int ret;

	ret = ask(vu, VHOST_USER_GET_VRING_BASE, &state, sizeof(state), &reply, sizeof(reply));
	if (ret < 0)
		return ret;
	if (reply.index != index) {
		LOG(vu, "GET_VRING_BASE: the answer is for queue %" PRIu32 ", not %" PRIu32
			"; the back end does not keep to the protocol", reply.index, index);
		return give_up(vu, -EPROTO);
	}
	*num = reply.num;
	return 0;
}

int
vcrypto_vhost_user_set_vring_addr(struct vcrypto_vhost_user *vu, uint32_t index, uint64_t desc,
		uint64_t driver, uint64_t device)
{
	const struct vring_addr addr = {
		.index = index, .desc = desc, .used = device, .avail = driver,
	};

	return tell(vu, VHOST_USER_SET_VRING_ADDR, &addr, sizeof(addr), NULL, 0);
}

int
vcrypto_vhost_user_set_vring_fd(struct vcrypto_vhost_user *vu,
		enum vcrypto_vhost_user_request request, uint32_t index, int fd)
{
	const uint64_t payload = index;

	return tell(vu, request, &payload, sizeof(payload), &fd, 1);
}

int
vcrypto_vhost_user_set_mem_table(struct vcrypto_vhost_user *vu,
		const struct vcrypto_mem_table *table)
{
	struct mem_table msg = { .nb = table->nb };
	int fds[VCRYPTO_MEM_MAX_REGIONS];
	uint32_t i;

	for (i = 0; i < table->nb; i++) {
		const struct vcrypto_mem_region *const r = &table->regions[i];

		/* Addresses in the rings are virtual ones, so both addresses are the same. */
		msg.regions[i] = (struct mem_region){
			.guest_addr = r->addr, .size = r->len, .user_addr = r->addr,
			.mmap_offset = r->offset,
		};
		fds[i] = r->fd;
	}
	return tell(vu, VHOST_USER_SET_MEM_TABLE, &msg,
		offsetof(struct mem_table, regions) + table->nb * sizeof(msg.regions[0]), fds,
		table->nb);
}

int
vcrypto_vhost_user_get_config(struct vcrypto_vhost_user *vu, void *buf, uint32_t len)
{
	struct config msg = { .offset = 0, .size = len }, reply;
	int ret;

	ret = ask(vu, VHOST_USER_GET_CONFIG, &msg, CONFIG_HEADER + len, &reply,
		CONFIG_HEADER + len);
	if (ret < 0)
		return ret;
	if (reply.offset != 0 || reply.size != len) {
		LOG(vu, "GET_CONFIG: bytes %" PRIu32 " to %" PRIu32 " in the answer, not 0 to %"
			PRIu32 "; the back end has no configuration of a crypto device",
			reply.offset, reply.offset + reply.size, len);
		return give_up(vu, -EPROTO);
	}
	memcpy(buf, reply.data, len);
	return 0;
}

/* ---- handshake ---- */

#define PROTOCOL_WANTED ( \
	UINT64_C(1) << VHOST_USER_PROTOCOL_F_MQ | \
	UINT64_C(1) << VHOST_USER_PROTOCOL_F_REPLY_ACK | \
	UINT64_C(1) << VHOST_USER_PROTOCOL_F_CONFIG | \
	UINT64_C(1) << VHOST_USER_PROTOCOL_F_STATUS)

static int
agree_protocol(struct vcrypto_vhost_user *vu, uint64_t features)
{
	uint64_t offered;
	int ret;

	if (!(features >> VHOST_USER_F_PROTOCOL_FEATURES & 1)) {
		LOG(vu, "the back end has no protocol features (features 0x%" PRIx64
			"), so it cannot tell its configuration: another back end is needed",
			features);
		return give_up(vu, -ENOTSUP);
	}
	ret = vcrypto_vhost_user_get_u64(vu, VHOST_USER_GET_PROTOCOL_FEATURES, &offered);
	if (ret < 0)
		return ret;
	if (!(offered >> VHOST_USER_PROTOCOL_F_CONFIG & 1)) {
		LOG(vu, "the back end lacks the protocol feature CONFIG (0x%" PRIx64
			"), so it cannot tell its configuration: another back end is needed",
			offered);
		return give_up(vu, -ENOTSUP);
	}
	ret = vcrypto_vhost_user_set_u64(vu, VHOST_USER_SET_PROTOCOL_FEATURES,
		offered & PROTOCOL_WANTED);
	if (ret == 0)
		vu->protocol = offered & PROTOCOL_WANTED;
	return ret;
}

int
vcrypto_vhost_user_handshake(struct vcrypto_vhost_user *vu, struct vcrypto_vhost_user_info *info)
{
	uint64_t nb;
	int ret;

	vu->over = false;
	vu->protocol = 0;
	info->nb_queues = VCRYPTO_VHOST_USER_MAX_QUEUES;
	ret = vcrypto_vhost_user_get_u64(vu, VHOST_USER_GET_FEATURES, &info->features);
	if (ret == 0)
		ret = agree_protocol(vu, info->features);
	if (ret == 0)
		ret = tell(vu, VHOST_USER_SET_OWNER, NULL, 0, NULL, 0);
	if (ret == 0 && uses(vu, VHOST_USER_PROTOCOL_F_MQ)) {
		ret = vcrypto_vhost_user_get_u64(vu, VHOST_USER_GET_QUEUE_NUM, &nb);
		if (ret == 0)
			info->nb_queues = RTE_MIN(nb, (uint64_t)VCRYPTO_VHOST_USER_MAX_QUEUES);
	}
	return ret;
}
