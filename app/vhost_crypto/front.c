/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <rte_rcu_qsbr.h>
#include <rte_vhost.h>

#include "control.h"
#include "front.h"
#include "front_msg.h"
#include "front_queue.h"
#include "front_socket.h"
#include "worker.h"

#define FEATURE(bit) (UINT64_C(1) << (bit))

/* Of the transport [virtio 6] and of vhost-user, by number. */
#define F_VHOST_LOG_ALL FEATURE(26)
#define F_INDIRECT_DESC FEATURE(28)
#define F_EVENT_IDX FEATURE(29)
#define F_PROTOCOL_FEATURES FEATURE(30)
#define F_VERSION_1 FEATURE(32)
#define F_RING_PACKED FEATURE(34)
#define F_IN_ORDER FEATURE(35)

#define PROTOCOL_FEATURES \
	(FEATURE(VHOST_USER_PROTOCOL_F_MQ) | FEATURE(VHOST_USER_PROTOCOL_F_LOG_SHMFD) | \
			FEATURE(VHOST_USER_PROTOCOL_F_REPLY_ACK) | \
			FEATURE(VHOST_USER_PROTOCOL_F_CONFIG) | \
			FEATURE(VHOST_USER_PROTOCOL_F_INFLIGHT_SHMFD) | \
			FEATURE(VHOST_USER_PROTOCOL_F_STATUS))

static struct vhc_front *fronts[VHC_ARGS_MAX_SOCKETS];
static unsigned int nb_fronts;

static_assert(VHC_ARGS_MAX_SOCKETS <= VHC_GUEST_MAX, "each socket has a guest");

unsigned int
vhc_front_count(void)
{
	return nb_fronts;
}

struct vhc_front *
vhc_front_get(unsigned int id)
{
	return fronts[id];
}

/* --- The lock ------------------------------------------------------------------------------- */

void
vhc_front_lock(struct vhc_front *f)
{
	pthread_mutex_lock(&f->lock);
}

bool
vhc_front_trylock(struct vhc_front *f)
{
	if (pthread_mutex_trylock(&f->lock) == 0)
		return true;
	/*
	 * Sequentially consistent: whoever has the lock now either sees the note after having
	 * let go, or has let go before the second attempt.
	 */
	__atomic_store_n(&f->ctrl_pending, 1, __ATOMIC_SEQ_CST);
	return pthread_mutex_trylock(&f->lock) == 0;
}

void
vhc_front_unlock(struct vhc_front *f)
{
	pthread_mutex_unlock(&f->lock);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (__atomic_load_n(&f->ctrl_pending, __ATOMIC_SEQ_CST) != 0)
		vhc_control_wake();
}

/* The front with the lock of a connection, or NULL. */
static struct vhc_front *
lock_vid(int vid)
{
	unsigned int i;

	for (i = 0; i < nb_fronts; i++) {
		vhc_front_lock(fronts[i]);
		if (fronts[i]->vid == vid)
			return fronts[i];
		vhc_front_unlock(fronts[i]);
	}
	return NULL;
}

/* --- Pause and resume ----------------------------------------------------------------------- */

/* Nobody touches rings or memory after this. */
static void
pause_front(struct vhc_front *f)
{
	if (f->paused)
		return;
	vhc_front_queues_stop(f);
	f->paused = true;
}

static void
resume_front(struct vhc_front *f)
{
	uint16_t i;

	if (!f->paused || f->stopping || f->vid < 0)
		return;
	f->paused = false;
	for (i = 0; i <= f->nb_queues; i++)
		vhc_front_queue_start(&f->queue[i]);
}

/* --- A connection --------------------------------------------------------------------------- */

/* The front is as if nobody had ever been connected. */
static void
detach(struct vhc_front *f)
{
	uint16_t i;

	pause_front(f);
	vhc_device_reset(f->dev);
	vhc_guest_enter(NULL);
	vhc_guest_unmap(&f->guest);
	for (i = 0; i <= f->nb_queues; i++)
		f->queue[i].ready = false;
	for (i = 0; i < f->nb_queues; i++)
		vhc_request_ctx_forget(f->queue[i].ctx);
	if (f->connfd >= 0)
		close(f->connfd);
	f->connfd = -1;
	f->vid = -1;
	f->mem_ok = false;
	f->inflight_ok = false;
	f->ctrl_left = false;
	f->features = 0;
	f->protocol_features = 0;
	/* Sessions are waited for there. */
	__atomic_store_n(&f->ctrl_pending, 1, __ATOMIC_RELAXED);
}

void
vhc_front_disconnect(struct vhc_front *f)
{
	/* librte_vhost reads the end of the stream and closes the connection in its own thread. */
	if (f->connfd >= 0)
		shutdown(f->connfd, SHUT_RDWR);
}

/* Whether the other end of the connection has gone, so that only the news of it is on its way. */
static bool
has_hung_up(const struct vhc_front *f)
{
	struct pollfd p = {.fd = f->connfd, .events = POLLRDHUP};

	return f->connfd >= 0 && poll(&p, 1, 0) == 1 &&
			(p.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

static enum rte_vhost_msg_result pre_msg(int vid, void *msg);
static enum rte_vhost_msg_result post_msg(int vid, void *msg);

static int
new_connection(int vid)
{
	static const struct rte_vhost_user_extern_ops ops = {
		.pre_msg_handle = pre_msg,
		.post_msg_handle = post_msg,
	};
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	struct vhc_front *f = NULL;
	unsigned int i;
	int ret = -1;

	if (rte_vhost_get_ifname(vid, path, sizeof(path)) != 0)
		return -1;
	for (i = 0; i < nb_fronts && f == NULL; i++) {
		if (strcmp(fronts[i]->cfg->path, path) == 0)
			f = fronts[i];
	}
	if (f == NULL)
		return -1;

	vhc_front_socket_reader();
	vhc_front_lock(f);
	if (f->vid >= 0 && has_hung_up(f))
		detach(f);
	if (f->vid >= 0) {
		VHC_LOG_LIMITED(&f->log, WARNING,
				"%s: refused a second connection; each socket serves one", path);
	} else if (!f->stopping && rte_vhost_extern_callback_register(vid, &ops, NULL) == 0) {
		f->vid = vid;
		f->paused = false;
		f->nb_connections++;
		f->connfd = vhc_front_socket_take(path, f->cfg->server);
		VHC_LOG_LIMITED(&f->log, INFO, "%s: connected", path);
		ret = 0;
	}
	vhc_front_unlock(f);
	return ret;
}

static void
destroy_connection(int vid)
{
	struct vhc_front *f = lock_vid(vid);

	/* Another connection may have taken the place already. */
	if (f == NULL)
		return;
	detach(f);
	VHC_LOG_LIMITED(&f->log, INFO, "%s: disconnected", f->cfg->path);
	vhc_front_unlock(f);
}

static int
vring_state_changed(int vid, uint16_t index, int enable)
{
	struct vhc_front *f = lock_vid(vid);
	struct vhc_front_queue *q;

	if (f == NULL)
		return 0;
	if (index <= f->nb_queues) {
		q = &f->queue[index];
		/* One that is no longer ready may have been resumed with the others just before. */
		if (enable == 0)
			pause_front(f);
		q->ready = enable != 0;
		if (enable == 0 && !f->in_message)
			resume_front(f);
		else if (enable != 0 && !f->paused && !f->stopping)
			vhc_front_queue_start(q);
	}
	vhc_front_unlock(f);
	return 0;
}

/* --- Messages ------------------------------------------------------------------------------- */

static enum rte_vhost_msg_result
get_config(struct vhc_front *f, struct vhc_msg *m)
{
	struct virtio_crypto_config config;
	const uint32_t offset = m->payload.config.offset;
	const uint32_t size = m->payload.config.size;

	vhc_msg_close_fds(m);
	if (size > VHC_MSG_CONFIG_MAX || offset > VHC_MSG_CONFIG_MAX - size ||
			m->size < offsetof(union vhc_msg_payload, config.region)) {
		m->size = 0; /* which says that it failed */
		return RTE_VHOST_MSG_RESULT_REPLY;
	}
	vhc_device_config(f->dev, &config);
	memset(m->payload.config.region, 0, sizeof(m->payload.config.region));
	if (offset < sizeof(config))
		memcpy(m->payload.config.region, (const uint8_t *)&config + offset,
				RTE_MIN(size, (uint32_t)sizeof(config) - offset));
	m->size = (uint32_t)offsetof(union vhc_msg_payload, config.region) + size;
	return RTE_VHOST_MSG_RESULT_REPLY;
}

static enum rte_vhost_msg_result
refuse(struct vhc_front *f, struct vhc_msg *m, const char *why)
{
	f->nb_refused_messages++;
	VHC_LOG_LIMITED(&f->log, WARNING, "%s: refused a %s (%u): %s", f->cfg->path,
			vhc_msg_name(m), m->request, why);
	vhc_msg_close_fds(m);
	return RTE_VHOST_MSG_RESULT_ERR;
}

/* What librte_vhost is about to unmap is not used any more, even if it then fails. */
static void
before_change(struct vhc_front *f, uint32_t request)
{
	if (request == VHC_MSG_SET_MEM_TABLE || request == VHC_MSG_RESET_OWNER) {
		vhc_guest_unmap_memory(&f->guest);
		f->mem_ok = false;
	}
	if (request == VHC_MSG_SET_LOG_BASE || request == VHC_MSG_RESET_OWNER)
		vhc_guest_set_log(&f->guest, NULL, 0);
	if (request == VHC_MSG_GET_INFLIGHT_FD || request == VHC_MSG_SET_INFLIGHT_FD ||
			request == VHC_MSG_RESET_OWNER) {
		vhc_guest_watch_inflight(&f->guest, NULL, 0);
		f->inflight_ok = false;
	}
}

static enum rte_vhost_msg_result
handle_before(struct vhc_front *f, struct vhc_msg *m)
{
	const struct vhc_msg_limits limits = {
		.nb_rings = f->nb_queues + 1,
		.packed = (f->features & F_RING_PACKED) != 0,
		.mem_ok = f->mem_ok,
		.inflight = (f->protocol_features &
				FEATURE(VHOST_USER_PROTOCOL_F_INFLIGHT_SHMFD)) != 0,
	};
	const char *fault;

	if (m->nb_fds < 0 || m->nb_fds > VHC_MSG_REGIONS)
		return RTE_VHOST_MSG_RESULT_ERR; /* not the structure that was expected */
	if (f->stopping)
		return refuse(f, m, "the back end ends");
	if (f->connfd >= 0 && vhc_front_socket_is_full(f->connfd)) {
		vhc_front_disconnect(f);
		return refuse(f, m, "earlier replies are not read; disconnected");
	}
	fault = vhc_msg_check(m, &limits);
	if (fault != NULL)
		return refuse(f, m, fault);

	switch (m->request) {
	case VHC_MSG_GET_CONFIG:
		return get_config(f, m);
	case VHC_MSG_SET_CONFIG:
		/*
		 * Nothing in it is the driver's to write. Without a wish for a reply an error
		 * would end the connection, which is too much. [virtio 5.9.5.2]
		 */
		if ((m->flags & VHC_MSG_NEED_REPLY) != 0)
			return refuse(f, m, "the configuration is read-only");
		vhc_msg_close_fds(m);
		return RTE_VHOST_MSG_RESULT_OK;
	case VHC_MSG_GET_QUEUE_NUM:
		vhc_msg_close_fds(m);
		m->payload.u64 = f->nb_queues + 1u;
		m->size = sizeof(m->payload.u64);
		return RTE_VHOST_MSG_RESULT_REPLY;
	case VHC_MSG_SET_PROTOCOL_FEATURES:
		/*
		 * In-flight areas are this program's own affair: librte_vhost would believe what
		 * the guest has written there.
		 */
		f->protocol_features = m->payload.u64 & PROTOCOL_FEATURES;
		m->payload.u64 &= ~FEATURE(VHOST_USER_PROTOCOL_F_INFLIGHT_SHMFD);
		break;
	default:
		break;
	}

	vhc_guest_enter(&f->guest);
	f->in_message = vhc_msg_pauses(m);
	if (f->in_message) {
		pause_front(f);
		before_change(f, m->request);
	} else {
		/* A message before this one may have failed. */
		resume_front(f);
	}
	return RTE_VHOST_MSG_RESULT_NOT_HANDLED;
}

static enum rte_vhost_msg_result
pre_msg(int vid, void *msg)
{
	struct vhc_front *f = lock_vid(vid);
	enum rte_vhost_msg_result result;

	vhc_front_socket_reader();
	if (f == NULL) {
		/* What a peer that has gone left behind, after another has taken its place. */
		vhc_msg_close_fds(msg);
		return RTE_VHOST_MSG_RESULT_ERR;
	}
	result = handle_before(f, msg);
	vhc_front_unlock(f);
	return result;
}

/* librte_vhost has done its part. @return NULL, or what stands against going on. */
static const char *
handle_after(struct vhc_front *f, const struct vhc_msg *m)
{
	struct rte_vhost_ring_inflight area;
	uint64_t base = 0, size = 0;

	switch (m->request) {
	case VHC_MSG_SET_FEATURES:
		if (rte_vhost_get_negotiated_features(f->vid, &f->features) != 0)
			return "librte_vhost does not know the features";
		vhc_device_set_features(f->dev, f->features);
		break;
	case VHC_MSG_RESET_OWNER:
		f->features = 0;
		f->protocol_features = 0;
		f->ctrl_left = false;
		vhc_device_reset(f->dev);
		break;
	case VHC_MSG_SET_MEM_TABLE:
		if (vhc_guest_map(&f->guest, f->vid) != 0)
			return "its memory cannot be used";
		f->mem_ok = true;
		break;
	case VHC_MSG_SET_LOG_BASE:
		if (rte_vhost_get_log_base(f->vid, &base, &size) != 0)
			return "librte_vhost does not know the log";
		vhc_guest_set_log(&f->guest, (uint8_t *)(uintptr_t)base, size);
		break;
	case VHC_MSG_SET_INFLIGHT_FD:
		/* The part of queue 0 is the first. */
		if (rte_vhost_get_vhost_ring_inflight(f->vid, 0, &area) != 0)
			return "librte_vhost does not know the in-flight area";
		vhc_guest_watch_inflight(&f->guest, area.inflight_split,
				m->payload.inflight.mmap_size);
		f->inflight_size = m->payload.inflight.queue_size;
		f->inflight_ok = true;
		break;
	default:
		break;
	}
	return NULL;
}

static enum rte_vhost_msg_result
post_msg(int vid, void *msg)
{
	enum rte_vhost_msg_result result = RTE_VHOST_MSG_RESULT_NOT_HANDLED;
	struct vhc_front *f = lock_vid(vid);
	const struct vhc_msg *m = msg;
	const char *fault;

	if (f == NULL)
		return RTE_VHOST_MSG_RESULT_ERR;
	fault = handle_after(f, m);
	vhc_guest_enter(NULL);
	f->in_message = false;
	if (fault == NULL) {
		resume_front(f);
	} else {
		VHC_LOG_LIMITED(&f->log, ERR, "%s: %s: %s", f->cfg->path, vhc_msg_name(m), fault);
		result = RTE_VHOST_MSG_RESULT_ERR;
	}
	vhc_front_unlock(f);
	return result;
}

/* --- Life ----------------------------------------------------------------------------------- */

static void
destroy(struct vhc_front *f)
{
	uint16_t i;

	if (f->queue != NULL) {
		for (i = 0; i < f->nb_queues; i++)
			vhc_request_ctx_destroy(f->queue[i].ctx);
	}
	vhc_device_destroy(f->dev);
	pthread_mutex_destroy(&f->lock);
	free(f->queue);
	free(f);
}

int
vhc_front_create(const struct vhc_args_socket *cfg, struct vhc_engine *engine,
		struct rte_rcu_qsbr *qsbr)
{
	const struct vhc_device_cfg dev_cfg = {
		.nb_data_queues = cfg->nb_queues,
		.max_sessions = cfg->max_sessions,
		.stateless = cfg->stateless,
		.qsbr = qsbr,
	};
	const size_t queues_len = (cfg->nb_queues + 1u) * sizeof(struct vhc_front_queue);
	struct vhc_front *f = calloc(1, sizeof(*f));
	int ret = -ENOMEM;
	uint16_t i;

	if (f == NULL)
		goto fail;
	pthread_mutex_init(&f->lock, NULL);
	f->cfg = cfg;
	f->id = nb_fronts;
	f->vid = -1;
	f->connfd = -1;
	f->nb_queues = cfg->nb_queues;
	f->queue = aligned_alloc(RTE_CACHE_LINE_SIZE, queues_len);
	f->dev = vhc_device_create(&dev_cfg, engine);
	if (f->queue == NULL || f->dev == NULL)
		goto fail;
	memset(f->queue, 0, queues_len);
	for (i = 0; i <= f->nb_queues; i++) {
		f->queue[i].front = f;
		f->queue[i].index = i;
		f->queue[i].callfd = -1;
		f->queue[i].kickfd = -1;
		if (i == f->nb_queues)
			break;
		f->queue[i].ctx = vhc_request_ctx_create(f->dev);
		if (f->queue[i].ctx == NULL)
			goto fail;
	}
	ret = vhc_qos_init(&f->qos, cfg->rate_ops, cfg->rate_bps, cfg->max_outstanding);
	if (ret != 0)
		goto fail;
	vhc_guest_init(&f->guest, f->id);
	fronts[nb_fronts++] = f;
	return 0;
fail:
	VHC_LOG(ERR, "%s: the device cannot be made: %s", cfg->path, strerror(-ret));
	if (f != NULL)
		destroy(f);
	return ret;
}

int
vhc_front_open(struct vhc_front *f)
{
	static const struct rte_vhost_device_ops ops = {
		.vring_state_changed = vring_state_changed,
		.new_connection = new_connection,
		.destroy_connection = destroy_connection,
	};
	const char *path = f->cfg->path;
	uint64_t features = F_VHOST_LOG_ALL | F_EVENT_IDX | F_PROTOCOL_FEATURES | F_VERSION_1 |
			vhc_device_features(f->dev);
	int ret;

	if (f->cfg->packed)
		features |= F_RING_PACKED;
	if (f->cfg->indirect)
		features |= F_INDIRECT_DESC;
	if (f->cfg->in_order)
		features |= F_IN_ORDER;
	if (f->cfg->server) {
		ret = vhc_front_socket_clear(path);
		if (ret != 0)
			return ret;
	}
	if (rte_vhost_driver_register(path, f->cfg->server ? 0 : RTE_VHOST_USER_CLIENT) != 0 ||
			rte_vhost_driver_set_features(path, features) != 0 ||
			rte_vhost_driver_set_protocol_features(path, PROTOCOL_FEATURES) != 0 ||
			rte_vhost_driver_callback_register(path, &ops) != 0 ||
			rte_vhost_driver_start(path) != 0) {
		VHC_LOG(ERR,
				"%s: the socket cannot be opened: check that its folder exists and can be written",
				path);
		rte_vhost_driver_unregister(path);
		return -EIO;
	}
	VHC_LOG(INFO, "%s: %s, %u data queue%s", path,
			f->cfg->server ? "listening" : "connecting", f->nb_queues,
			f->nb_queues == 1 ? "" : "s");
	return 0;
}

void
vhc_front_stop(struct vhc_front *f)
{
	vhc_front_lock(f);
	f->stopping = true;
	pause_front(f);
	vhc_front_unlock(f);
}

void
vhc_front_destroy_all(void)
{
	struct vhc_front *f;
	unsigned int i;

	for (i = 0; i < nb_fronts; i++)
		rte_vhost_driver_unregister(fronts[i]->cfg->path);
	while (nb_fronts != 0) {
		f = fronts[nb_fronts - 1];
		vhc_front_lock(f);
		f->paused = true;
		detach(f);
		pthread_mutex_unlock(&f->lock);
		vhc_guest_fini(&f->guest);
		nb_fronts--;
		destroy(f);
	}
}
