/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * A vhost-user back end as a virtio device: registers become messages.
 *
 * May include: the transport table, vhost_user, mem, EAL. Transport functions run
 * under the device's lock in control threads and in the link's thread; get_status()
 * and notify() in any thread: they touch an atomic and an eventfd. Memory events come
 * in the thread that allocates, with EAL's memory lock held; so nothing here
 * allocates from EAL's heap under the lock.
 *
 * Who finds the link broken only marks it lost and wakes the link's thread, which
 * alone closes and opens sockets.
 */

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rte_byteorder.h>
#include <rte_common.h>
#include <rte_eal_memconfig.h>
#include <rte_errno.h>
#include <rte_malloc.h>
#include <rte_memory.h>
#include <rte_string_fns.h>

#include "user_dev.h"
#include "virtio_crypto_wire.h"
#include "virtio_log.h"
#include "virtio_wire.h"

/* Base of a packed ring that begins: index 0 and wrap bit 1, for available and used. */
#define PACKED_BASE 0x80008000u

/* Features that this transport has no message for, or that would change what addresses mean. */
#define FEATURES_HIDDEN ( \
	VIRTIO_FEATURE(VHOST_F_LOG_ALL) | \
	VIRTIO_FEATURE(VHOST_USER_F_PROTOCOL_FEATURES) | \
	VIRTIO_FEATURE(VIRTIO_F_ACCESS_PLATFORM) | \
	VIRTIO_FEATURE(VIRTIO_F_NOTIFICATION_DATA) | \
	VIRTIO_FEATURE(VIRTIO_F_NOTIF_CONFIG_DATA) | \
	VIRTIO_FEATURE(VIRTIO_F_RING_RESET))

#define LOG(level, u, ...) VCRYPTO_DEV_LOG(level, (u)->name, __VA_ARGS__)

static_assert(sizeof(struct virtio_crypto_config) == VCRYPTO_USER_CONFIG_LEN, "5.9.4");

static inline struct vcrypto_user *
user_of(struct vcrypto_transport *t)
{
	return container_of(t, struct vcrypto_user, base);
}

static void
status_store(struct vcrypto_user *u, uint8_t status)
{
	/* Release: what the status says has happened before. Pairs with user_get_status(). */
	__atomic_store_n(&u->status, status, __ATOMIC_RELEASE);
}

/* ---- loss; under the lock ---- */

static void
wake(struct vcrypto_user *u)
{
	eventfd_write(u->wake_fd, 1);
}

static void
forget_device(struct vcrypto_user *u)
{
	uint32_t i;

	for (i = 0; i < RTE_DIM(u->queues); i++)
		u->queues[i].started = false;
	u->connected = false;
	u->mem_known = false;
}

static void
lose(struct vcrypto_user *u)
{
	if (!u->connected)
		return;
	forget_device(u);
	status_store(u, VCRYPTO_STATUS_GONE);
	wake(u);
}

/* The result of a message; after a failure there is no link any more. */
static int
said(struct vcrypto_user *u, int ret)
{
	if (ret < 0 && ret != -EREMOTEIO)
		lose(u);
	return ret;
}

/* ---- status and features ---- */

static uint8_t
user_get_status(struct vcrypto_transport *t)
{
	return __atomic_load_n(&user_of(t)->status, __ATOMIC_ACQUIRE);
}

static bool
uses_status(const struct vcrypto_user *u)
{
	return (u->vu.protocol >> VHOST_USER_PROTOCOL_F_STATUS & 1) != 0;
}

static int
read_config(struct vcrypto_user *u)
{
	uint8_t config[VCRYPTO_USER_CONFIG_LEN];
	int ret;

	ret = vcrypto_vhost_user_get_config(&u->vu, config, sizeof(config));
	if (ret == 0 && memcmp(config, u->config, sizeof(config)) != 0) {
		memcpy(u->config, config, sizeof(config));
		u->config_generation++;
	}
	return ret;
}

/* The queues stop where they are, then the device forgets what was agreed. */
static int
reset(struct vcrypto_user *u)
{
	uint32_t i, base;
	int ret;

	for (i = 0; i < RTE_DIM(u->queues); i++) {
		if (!u->queues[i].started)
			continue;
		ret = vcrypto_vhost_user_set_vring(&u->vu, VHOST_USER_SET_VRING_ENABLE, i, 0);
		if (ret < 0 && ret != -EREMOTEIO)
			return ret;
	}
	for (i = 0; i < RTE_DIM(u->queues); i++) {
		if (!u->queues[i].started)
			continue;
		ret = vcrypto_vhost_user_get_vring_base(&u->vu, i, &base);
		if (ret < 0)
			return ret;
		u->queues[i].started = false;
	}
	u->refused = false;
	ret = 0;
	if (uses_status(u))
		ret = vcrypto_vhost_user_set_u64(&u->vu, VHOST_USER_SET_STATUS, 0);
	if (ret == 0 || ret == -EREMOTEIO)
		ret = read_config(u);
	return ret;
}

static int
put_status(struct vcrypto_user *u, uint8_t status)
{
	uint64_t value = status;
	int ret;

	if (uses_status(u)) {
		ret = vcrypto_vhost_user_set_u64(&u->vu, VHOST_USER_SET_STATUS, status);
		if (ret < 0 && ret != -EREMOTEIO)
			return ret;
		/* The answer also says that all before it was done. */
		ret = vcrypto_vhost_user_get_u64(&u->vu, VHOST_USER_GET_STATUS, &value);
		if (ret < 0)
			return ret;
	}
	if (u->refused)
		value &= ~(uint64_t)VIRTIO_CONFIG_S_FEATURES_OK;
	status_store(u, (uint8_t)value);
	return 0;
}

static void
user_set_status(struct vcrypto_transport *t, uint8_t status)
{
	struct vcrypto_user *const u = user_of(t);

	pthread_mutex_lock(&u->lock);
	if (u->connected && said(u, status == 0 ? reset(u) : put_status(u, status)) < 0)
		LOG(DEBUG, u, "the back end went away at status 0x%02x", status);
	/* A back end that is gone has let go of everything: that is a reset. */
	if (status == 0)
		status_store(u, 0);
	else if (!u->connected)
		status_store(u, VCRYPTO_STATUS_GONE);
	pthread_mutex_unlock(&u->lock);
}

static uint64_t
visible_features(const struct vcrypto_user *u)
{
	uint64_t features = u->info.features & ~FEATURES_HIDDEN;

	if (!u->args.packed_vq)
		features &= ~VIRTIO_FEATURE(VIRTIO_F_RING_PACKED);
	return features;
}

static uint64_t
user_get_features(struct vcrypto_transport *t)
{
	struct vcrypto_user *const u = user_of(t);
	uint64_t features = 0;

	pthread_mutex_lock(&u->lock);
	if (u->connected)
		features = visible_features(u);
	else
		LOG(ERR, u, "the back end at %s is away", u->args.path);
	pthread_mutex_unlock(&u->lock);
	return features;
}

static void
user_set_features(struct vcrypto_transport *t, uint64_t features)
{
	struct vcrypto_user *const u = user_of(t);

	pthread_mutex_lock(&u->lock);
	u->accepted = features;
	if (u->connected)
		u->refused = said(u, vcrypto_vhost_user_set_u64(&u->vu, VHOST_USER_SET_FEATURES,
			features | VIRTIO_FEATURE(VHOST_USER_F_PROTOCOL_FEATURES))) < 0;
	pthread_mutex_unlock(&u->lock);
}

static int
user_check_features(struct vcrypto_transport *t, uint64_t features __rte_unused)
{
	struct vcrypto_user *const u = user_of(t);

	if (u->args.packed_vq && !(u->info.features & VIRTIO_FEATURE(VIRTIO_F_RING_PACKED)))
		LOG(NOTICE, u, "the back end has no packed rings: split ones are used");
	return 0;
}

/* ---- configuration space ---- */

static uint32_t
user_config_len(struct vcrypto_transport *t __rte_unused)
{
	return VCRYPTO_USER_CONFIG_LEN;
}

static uint32_t
user_config_generation(struct vcrypto_transport *t)
{
	struct vcrypto_user *const u = user_of(t);
	uint32_t generation;

	pthread_mutex_lock(&u->lock);
	generation = u->config_generation;
	pthread_mutex_unlock(&u->lock);
	return generation;
}

static uint32_t
user_read_config32(struct vcrypto_transport *t, uint32_t off)
{
	struct vcrypto_user *const u = user_of(t);
	rte_le32_t word;

	pthread_mutex_lock(&u->lock);
	memcpy(&word, u->config + off, sizeof(word));
	pthread_mutex_unlock(&u->lock);
	return rte_le_to_cpu_32(word);
}

/* ---- memory ---- */

/* Under the lock, and EAL's memory lock. */
static int
announce(struct vcrypto_user *u, const struct vcrypto_mem_table *table)
{
	int ret;

	ret = said(u, vcrypto_vhost_user_set_mem_table(&u->vu, table));
	if (ret == 0) {
		u->mem = *table;
		u->mem_known = true;
	}
	return ret;
}

/* One word about memory that cannot be shared, however often it is asked for. */
static int
collect(struct vcrypto_user *u, const void *gone, size_t gone_len, struct vcrypto_mem_table *table)
{
	const int ret = vcrypto_mem_collect(u->name, gone, gone_len, u->mem_told, table);

	u->mem_told = ret < 0;
	return ret;
}

static void
mem_event(enum rte_mem_event event, const void *addr, size_t len, void *arg)
{
	struct vcrypto_user *const u = arg;
	const bool gone = event == RTE_MEM_EVENT_FREE;
	struct vcrypto_mem_table table;
	int ret = 0;

	pthread_mutex_lock(&u->lock);
	if (u->connected && u->mem_known) {
		ret = collect(u, gone ? addr : NULL, gone ? len : 0, &table);
		if (ret == 0 && !vcrypto_mem_equal(&table, &u->mem))
			ret = announce(u, &table);
		/*
		 * The back end would keep pages under addresses that may soon stand for
		 * others. Memory that was added only cannot be used there.
		 */
		if (ret < 0 && gone)
			lose(u);
	}
	pthread_mutex_unlock(&u->lock);
}

/* Before the first queue starts. EAL's lock comes first: it is held around mem_event(), too. */
static int
announce_first(struct vcrypto_user *u)
{
	struct vcrypto_mem_table table;
	int ret = 0;

	rte_mcfg_mem_read_lock();
	pthread_mutex_lock(&u->lock);
	if (u->connected && !u->mem_known) {
		ret = collect(u, NULL, 0, &table);
		if (ret == 0)
			ret = announce(u, &table);
	}
	pthread_mutex_unlock(&u->lock);
	rte_mcfg_mem_read_unlock();
	return ret;
}

static int
watch_memory(struct vcrypto_user *u)
{
	char name[RTE_MEM_EVENT_CALLBACK_NAME_LEN];

	snprintf(name, sizeof(name), "vcrypto_%.40s", u->name);
	/* Where EAL never adds memory it has no events. */
	if (rte_mem_event_callback_register(name, mem_event, u) < 0 && rte_errno != ENOTSUP) {
		LOG(ERR, u, "memory events: %s", rte_strerror(rte_errno));
		return -rte_errno;
	}
	return 0;
}

static void
unwatch_memory(struct vcrypto_user *u)
{
	char name[RTE_MEM_EVENT_CALLBACK_NAME_LEN];

	snprintf(name, sizeof(name), "vcrypto_%.40s", u->name);
	rte_mem_event_callback_unregister(name, u);
}

/* ---- queues ---- */

static uint32_t
user_nb_queues(struct vcrypto_transport *t)
{
	return user_of(t)->info.nb_queues;
}

static uint16_t
user_queue_size_max(struct vcrypto_transport *t, uint16_t index)
{
	struct vcrypto_user *const u = user_of(t);

	return index < u->info.nb_queues ? u->args.queue_size : 0;
}

/* Under the lock. */
static int
start_queue(struct vcrypto_user *u, uint16_t index, const struct vcrypto_queue_addr *addr,
		uint64_t features)
{
	struct vcrypto_vhost_user *const vu = &u->vu;
	const bool packed = (features & VIRTIO_FEATURE(VIRTIO_F_RING_PACKED)) != 0;
	int ret;

	ret = vcrypto_vhost_user_set_vring(vu, VHOST_USER_SET_VRING_NUM, index, addr->size);
	if (ret == 0)
		ret = vcrypto_vhost_user_set_vring(vu, VHOST_USER_SET_VRING_BASE, index,
			packed ? PACKED_BASE : 0);
	if (ret == 0)
		ret = vcrypto_vhost_user_set_vring_addr(vu, index, addr->desc, addr->driver,
			addr->device);
	if (ret == 0)
		ret = vcrypto_vhost_user_set_vring_fd(vu, VHOST_USER_SET_VRING_KICK, index,
			u->queues[index].kick_fd);
	/* The descriptor starts the queue: from here on a reset has to stop it. */
	u->queues[index].started = true;
	if (ret == 0)
		ret = vcrypto_vhost_user_set_vring_fd(vu, VHOST_USER_SET_VRING_CALL, index,
			u->call_fd);
	if (ret == 0)
		ret = vcrypto_vhost_user_set_vring(vu, VHOST_USER_SET_VRING_ENABLE, index, 1);
	return said(u, ret);
}

static int
user_queue_enable(struct vcrypto_transport *t, uint16_t index,
		const struct vcrypto_queue_addr *addr, uint64_t features,
		struct vcrypto_doorbell *db)
{
	struct vcrypto_user *const u = user_of(t);
	struct vcrypto_user_queue *const q = index < RTE_DIM(u->queues) ? &u->queues[index] : NULL;
	int ret;

	if (q == NULL || index >= u->info.nb_queues)
		return -ENOENT;
	if (addr->size == 0 || addr->size > u->args.queue_size) {
		LOG(ERR, u, "queue %u: %u entries asked for, 1 to %u possible", index, addr->size,
			u->args.queue_size);
		return -EINVAL;
	}
	ret = announce_first(u);
	if (ret < 0)
		return -EIO;

	pthread_mutex_lock(&u->lock);
	if (q->kick_fd < 0)
		q->kick_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (q->kick_fd < 0) {
		LOG(ERR, u, "queue %u: no eventfd: %s", index, strerror(errno));
		ret = -EIO;
	} else if (!u->connected || !u->mem_known || q->started) {
		ret = -EIO;
	} else if (start_queue(u, index, addr, features) < 0) {
		ret = -EIO;
	}
	pthread_mutex_unlock(&u->lock);

	db->addr = q;
	db->value = index;
	db->with_data = false;
	return ret;
}

static void
user_notify(struct vcrypto_transport *t __rte_unused, const struct vcrypto_doorbell *db,
		uint16_t ring_state __rte_unused)
{
	const struct vcrypto_user_queue *const q = db->addr;

	/* The system call orders the ring before the count. A full counter is a kick, too. */
	eventfd_write(q->kick_fd, 1);
}

static const char *
user_where(const struct vcrypto_transport *t)
{
	return container_of(t, const struct vcrypto_user, base)->args.path;
}

const struct vcrypto_transport_ops vcrypto_user_ops = {
	.name = "vhost-user",
	.recovers = true,
	.where = user_where,
	.get_status = user_get_status,
	.set_status = user_set_status,
	.get_features = user_get_features,
	.set_features = user_set_features,
	.check_features = user_check_features,
	.config_len = user_config_len,
	.config_generation = user_config_generation,
	.read_config32 = user_read_config32,
	.nb_queues = user_nb_queues,
	.queue_size_max = user_queue_size_max,
	.queue_enable = user_queue_enable,
	.notify = user_notify,
};

RTE_INIT(vcrypto_user_register)
{
	vcrypto_transport_register(VCRYPTO_TRANSPORT_USER, &vcrypto_user_ops);
}

/* ---- the link ---- */

/* A socket to a back end that has not said anything yet. */
static int
reach(struct vcrypto_user *u, bool quiet)
{
	const int fd = u->args.server ? vcrypto_vhost_user_accept(u->listen_fd) :
		vcrypto_vhost_user_dial(u->args.path);

	if (fd >= 0)
		return fd;
	if (fd == -ENOENT || fd == -ECONNREFUSED || fd == -ECONNABORTED || fd == -EINTR)
		return -EAGAIN;
	if (fd != -EAGAIN)
		rte_log(quiet ? RTE_LOG_DEBUG : RTE_LOG_ERR, vcrypto_logtype,
			"CRYPTO_VIRTIO: %s: %s: %s\n", u->name, u->args.path, strerror(-fd));
	return fd;
}

int
vcrypto_user_link(struct vcrypto_user *u, bool quiet)
{
	/* Apart from the device until all is well: nobody waits at the lock meanwhile. */
	struct vcrypto_vhost_user vu = {
		.dev_name = u->name, .timeout_ms = u->timeout_ms, .quiet = quiet,
		.hang_up_quiet = true,
		.not_after = vcrypto_vhost_user_now_ms() + u->timeout_ms,
	};
	struct vcrypto_vhost_user_info info;
	uint8_t config[VCRYPTO_USER_CONFIG_LEN];
	uint64_t missing;
	int ret;

	vu.fd = reach(u, quiet);
	if (vu.fd < 0)
		return vu.fd;
	ret = vcrypto_vhost_user_handshake(&vu, &info);
	if (ret == 0)
		ret = vcrypto_vhost_user_get_config(&vu, config, sizeof(config));
	missing = u->accepted & ~info.features;
	if (ret == 0 && missing != 0) {
		rte_log(quiet ? RTE_LOG_DEBUG : RTE_LOG_ERR, vcrypto_logtype,
			"CRYPTO_VIRTIO: %s: the back end at %s no longer offers features 0x%"
			PRIx64 ", which are in use\n", u->name, u->args.path, missing);
		ret = -EIO;
	}
	if (ret < 0) {
		vcrypto_vhost_user_close(&vu);
		return ret;
	}
	vu.quiet = vu.hang_up_quiet = false;
	vu.not_after = 0;

	pthread_mutex_lock(&u->lock);
	u->vu = vu;
	u->info = info;
	if (memcmp(config, u->config, sizeof(config)) != 0)
		u->config_generation++;
	memcpy(u->config, config, sizeof(config));
	u->refused = false;
	u->connected = true;
	status_store(u, 0);
	pthread_mutex_unlock(&u->lock);
	return 0;
}

/* Whether the link is to end. Who asks for that has set the flag before it woke us. */
static bool
take_wakes(struct vcrypto_user *u)
{
	eventfd_t n;

	eventfd_read(u->wake_fd, &n);
	return __atomic_load_n(&u->link_end, __ATOMIC_ACQUIRE);
}

bool
vcrypto_user_link_wait(struct vcrypto_user *u, unsigned int ms, bool for_caller)
{
	struct pollfd p[2] = {
		{ .fd = u->wake_fd, .events = POLLIN },
		{ .fd = for_caller ? u->listen_fd : -1, .events = POLLIN },
	};

	/* A loss that was noticed meanwhile is no reason to hurry: there is no link now. */
	if (take_wakes(u))
		return false;
	poll(p, RTE_DIM(p), (int)ms);
	return !take_wakes(u);
}

enum vcrypto_user_link_state
vcrypto_user_link_watch(struct vcrypto_user *u)
{
	struct pollfd p[2] = {
		{ .fd = u->wake_fd, .events = POLLIN },
		{ .fd = u->vu.fd, .events = POLLIN | POLLRDHUP },
	};
	bool linked;

	for (;;) {
		if (take_wakes(u))
			return VCRYPTO_USER_LINK_END;
		/* Under the lock no answer is awaited: what can be read was not asked for. */
		pthread_mutex_lock(&u->lock);
		if (u->connected)
			said(u, vcrypto_vhost_user_check_idle(&u->vu));
		linked = u->connected;
		pthread_mutex_unlock(&u->lock);
		if (!linked)
			return VCRYPTO_USER_LINK_LOST;
		poll(p, RTE_DIM(p), -1);
	}
}

void
vcrypto_user_link_end(struct vcrypto_user *u, bool end)
{
	__atomic_store_n(&u->link_end, end, __ATOMIC_RELEASE);
	wake(u);
}

void
vcrypto_user_link_drop(struct vcrypto_user *u)
{
	pthread_mutex_lock(&u->lock);
	lose(u);
	vcrypto_vhost_user_close(&u->vu);
	pthread_mutex_unlock(&u->lock);
}

/* ---- beginning and end ---- */

static void
close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

static int
start_listening(struct vcrypto_user *u)
{
	struct stat st;

	u->listen_fd = vcrypto_vhost_user_listen(u->args.path);
	if (u->listen_fd < 0) {
		LOG(ERR, u, "cannot listen at %s: %s; give another path, or remove what is there",
			u->args.path, strerror(-u->listen_fd));
		return u->listen_fd;
	}
	if (lstat(u->args.path, &st) == 0) {
		u->listen_dev = st.st_dev;
		u->listen_ino = st.st_ino;
	}
	return 0;
}

/* Only our own socket file is removed: somebody may have put another in its place. */
static void
stop_listening(struct vcrypto_user *u)
{
	struct stat st;

	if (u->listen_fd < 0)
		return;
	if (lstat(u->args.path, &st) == 0 && st.st_dev == u->listen_dev &&
			st.st_ino == u->listen_ino)
		unlink(u->args.path);
	close(u->listen_fd);
}

void
vcrypto_user_destroy(struct vcrypto_user *u)
{
	uint32_t i;

	unwatch_memory(u);
	vcrypto_vhost_user_close(&u->vu);
	stop_listening(u);
	close_fd(u->wake_fd);
	close_fd(u->call_fd);
	for (i = 0; i < RTE_DIM(u->queues); i++)
		close_fd(u->queues[i].kick_fd);
	pthread_mutex_destroy(&u->lock);
	rte_free(u);
}

int
vcrypto_user_create(const char *name, const struct vcrypto_user_args *args,
		unsigned int timeout_ms, struct vcrypto_user **out)
{
	struct vcrypto_user *u;
	uint32_t i;
	int ret;

	u = rte_zmalloc("vcrypto_user", sizeof(*u), RTE_CACHE_LINE_SIZE);
	if (u == NULL) {
		VCRYPTO_DEV_LOG(ERR, name, "no memory for the vhost-user transport");
		return -ENOMEM;
	}
	strlcpy(u->name, name, sizeof(u->name));
	u->base.kind = VCRYPTO_TRANSPORT_USER;
	u->base.dev_name = u->name;
	u->args = *args;
	u->timeout_ms = timeout_ms;
	u->vu.fd = -1;
	u->vu.over = true;
	u->listen_fd = -1;
	for (i = 0; i < RTE_DIM(u->queues); i++)
		u->queues[i].kick_fd = -1;
	pthread_mutex_init(&u->lock, NULL);
	u->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	u->call_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	status_store(u, VCRYPTO_STATUS_GONE);
	ret = watch_memory(u);
	if (ret == 0 && (u->wake_fd < 0 || u->call_fd < 0)) {
		ret = -errno;
		LOG(ERR, u, "no eventfd: %s", strerror(errno));
	}
	if (ret == 0 && args->server) {
		ret = start_listening(u);
	}
	if (ret < 0) {
		vcrypto_user_destroy(u);
		return ret;
	}
	*out = u;
	return 0;
}
