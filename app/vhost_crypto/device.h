/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * One virtio crypto device: what its configuration space says, the control
 * queue's requests and the session table. A front brings descriptor chains
 * and carries the answers back.
 *
 * Includes no vhost and no driver header.
 *
 * Threads: a device has one control thread, which creates, resets and destroys it,
 * answers its control queue and reaps; and any number of data threads, which find sessions
 * and run requests meanwhile. A session that is destroyed can no longer be found, but is
 * freed only by a later vhc_device_reap(), when each data thread has passed a quiescent state
 * (rte_rcu_qsbr) and none of its operations is with an engine. A front with one thread for
 * everything gives no qsbr variable.
 *
 * Distrust: a session number is an index and a generation; both are checked, so
 * that a number that was never given out, or that is out of date, finds nothing.
 */

#ifndef VHC_DEVICE_H
#define VHC_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_prefetch.h>

#include "chain.h"
#include "engine.h"
#include "virtio_crypto_wire.h"

struct rte_rcu_qsbr;

/** Limits of a device; 0 stands for the value in brackets. */
struct vhc_device_cfg {
	uint16_t nb_data_queues;     /* [1] */
	uint32_t max_sessions;       /* [256] */
	uint32_t max_cipher_key_len; /* bytes [64], no more than the engine's */
	uint32_t max_auth_key_len;   /* bytes [512] */
	uint64_t max_size;           /* bytes of variable-length fields of a data request [1 MiB] */
	bool stateless;              /* offer stateless mode of each service */
	struct rte_rcu_qsbr *qsbr;   /* of the data threads; NULL if there is one thread for all */
};

#define VHC_MAX_SESSIONS (1u << 20)
/** Sessions of a device that die beside those that live, as long as data threads let them go. */
#define VHC_DEVICE_DYING 256
#define VHC_MAX_SIZE (UINT64_C(1) << 30)

/** What a request needs to know of a session; constant while it can be found, but for the count. */
struct vhc_session {
	uint64_t id;          /* the number that drivers use */
	void *engine_session; /* the engine's */
	uint32_t inflight;    /* atomic: requests that hold this session */
	uint8_t service;      /* VIRTIO_CRYPTO_SERVICE_* that created it */
	uint8_t kind;         /* enum vhc_sym_kind; of service AKCIPHER: nothing */
	bool encrypt;
	uint8_t iv_len;     /* bytes that each request carries; AEAD: requests say */
	uint8_t digest_len; /* bytes of digest or tag */
	struct vhc_session *next; /* the control thread's, once the session is dying */
	uint64_t token;           /* of the quiescent state to wait for */
};

/** A number of sessions: the control thread's, but for the pointer. */
struct vhc_device_slot {
	struct vhc_session *session; /* atomic; NULL: free */
	uint32_t generation;         /* of the number that names this slot now */
	uint32_t next_free;
};

/** What requests look at each time; the head of a device, read only for them. */
struct vhc_device_head {
	struct vhc_device_slot *slot; /* nb_slots */
	uint64_t features;            /* atomic: negotiated, device type */
	uint64_t max_size;
	uint32_t nb_slots;
	uint32_t services; /* offered, as bits */
	bool sgl;
};

struct vhc_device;

/**
 * Make a device over an engine, which stays the caller's and must outlive it.
 * @return a device; NULL with errno ENOMEM, or EINVAL for a limit beyond VHC_MAX_*.
 */
struct vhc_device *vhc_device_create(const struct vhc_device_cfg *cfg, struct vhc_engine *engine);
/** Free the device and its sessions; nothing may be in flight, no data thread may be near. */
void vhc_device_destroy(struct vhc_device *d);

/**
 * Device reset: all sessions die, features are forgotten. Requests in flight may finish
 * later, with vhc_request_drop().
 */
void vhc_device_reset(struct vhc_device *d);

/** Configuration space, from what the engine does and from the limits. [virtio 5.9.5] */
void vhc_device_config(const struct vhc_device *d, struct virtio_crypto_config *config);

/** Device-type feature bits that the device offers. [virtio 5.9.3] */
uint64_t vhc_device_features(const struct vhc_device *d);
/** The negotiated features; a bit that was not offered has no effect. */
void vhc_device_set_features(struct vhc_device *d, uint64_t features);

/**
 * Answer one control request. [virtio 5.9.7.2]
 * @return used length: bytes written, from the start of the writable part.
 */
uint32_t vhc_device_ctrl(struct vhc_device *d, const struct vhc_desc *desc, uint16_t nb);

/**
 * Free sessions that were destroyed and that nobody holds any more. Control thread, now and
 * then; cheap where there are none.
 * @return sessions that are still dying.
 */
uint32_t vhc_device_reap(struct vhc_device *d);

/** Sessions alive; any thread. */
uint32_t vhc_device_nb_sessions(const struct vhc_device *d);

/* For requests. */

static inline const struct vhc_device_head *
vhc_device_head(const struct vhc_device *d)
{
	return (const struct vhc_device_head *)d;
}

/** The live session of that number, or NULL; there until the thread's next quiescent state. */
static inline struct vhc_session *
vhc_device_find_session(const struct vhc_device *d, uint64_t id)
{
	const struct vhc_device_head *h = vhc_device_head(d);
	struct vhc_session *s;

	if ((uint32_t)id >= h->nb_slots)
		return NULL;
	/* Acquire: what is in the session comes with it; pairs with its publication. */
	s = __atomic_load_n(&h->slot[(uint32_t)id].session, __ATOMIC_ACQUIRE);
	return s != NULL && s->id == id ? s : NULL;
}

/** Ask the cache for what vhc_device_find_session() will read of a number, whatever it is. */
static inline void
vhc_device_prefetch_slot(const struct vhc_device *d, uint64_t id)
{
	const struct vhc_device_head *h = vhc_device_head(d);

	if ((uint32_t)id < h->nb_slots)
		rte_prefetch0(&h->slot[(uint32_t)id]);
}

/** The same for the session behind it; @return the session that is there now, or NULL. */
static inline const struct vhc_session *
vhc_device_prefetch_session(const struct vhc_device *d, uint64_t id)
{
	const struct vhc_device_head *h = vhc_device_head(d);
	const struct vhc_session *s = NULL;

	if ((uint32_t)id < h->nb_slots)
		s = __atomic_load_n(&h->slot[(uint32_t)id].session, __ATOMIC_ACQUIRE);
	rte_prefetch0(s);
	return s;
}

/** Hold a session that was found, for @p nb requests. */
static inline void
vhc_device_hold_session(struct vhc_session *s, uint32_t nb)
{
	/* Seen by vhc_device_reap() after this thread's next quiescent state, if not before. */
	__atomic_fetch_add(&s->inflight, nb, __ATOMIC_RELAXED);
}

/** Let go of a session, @p nb times. */
static inline void
vhc_device_release_session(struct vhc_session *s, uint32_t nb)
{
	/* Pairs with the acquire of vhc_device_reap(). */
	__atomic_fetch_sub(&s->inflight, nb, __ATOMIC_RELEASE);
}

/**
 * Make a session that no number names, for stateless requests; counted by nobody. Any thread.
 * @param service  VIRTIO_CRYPTO_SERVICE_*.
 * @param s        filled in; vhc_device_fini_session() takes the engine's part away again.
 * @return 0; what the engine says; -EINVAL also where a key is above the device's limit.
 */
int vhc_device_init_session(struct vhc_device *d, uint8_t service, const struct vhc_sym_params *p,
		struct vhc_session *s);
void vhc_device_fini_session(struct vhc_device *d, struct vhc_session *s);
struct vhc_engine *vhc_device_engine(const struct vhc_device *d);
/** Whether REVISION_1 is negotiated. */
static inline bool
vhc_device_revision_1(const struct vhc_device *d)
{
	return (__atomic_load_n(&vhc_device_head(d)->features, __ATOMIC_RELAXED) &
			UINT64_C(1) << VIRTIO_CRYPTO_F_REVISION_1) != 0;
}

/** The same for an asymmetric session, of service AKCIPHER; without the limits of keys. */
int vhc_device_init_asym_session(struct vhc_device *d, const struct vhc_asym_params *p,
		struct vhc_session *s);
/** Whether requests of a service may be stateless: offered and negotiated. [virtio 5.9.3] */
static inline bool
vhc_device_stateless(const struct vhc_device *d, uint8_t service)
{
	/* Bits 1 to 5 stand in the order of the services. */
	return service <= VIRTIO_CRYPTO_SERVICE_AKCIPHER &&
			(__atomic_load_n(&vhc_device_head(d)->features, __ATOMIC_RELAXED) &
					UINT64_C(1) << (VIRTIO_CRYPTO_F_CIPHER_STATELESS_MODE +
							service)) != 0;
}

/** Whether a service is offered. */
static inline bool
vhc_device_has_service(const struct vhc_device *d, uint8_t service)
{
	return service <= VIRTIO_CRYPTO_SERVICE_AKCIPHER &&
			(vhc_device_head(d)->services >> service & 1) != 0;
}

/** Most bytes of variable-length fields of a request. */
static inline uint64_t
vhc_device_max_size(const struct vhc_device *d)
{
	return vhc_device_head(d)->max_size;
}

/** Longest keys, in bytes; at most VHC_KEY_MAX_LEN. */
uint32_t vhc_device_max_cipher_key_len(const struct vhc_device *d);
uint32_t vhc_device_max_auth_key_len(const struct vhc_device *d);
/** Whether the engine takes several segments. */
static inline bool
vhc_device_sgl(const struct vhc_device *d)
{
	return vhc_device_head(d)->sgl;
}

#endif /* VHC_DEVICE_H */
