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
#define VHC_MAX_SIZE (UINT64_C(1) << 30)

/** What a request needs to know of a session; constant while it can be found, but for the count. */
struct vhc_session {
	uint64_t id;          /* the number that drivers use */
	void *engine_session; /* the engine's */
	uint32_t inflight;    /* atomic: requests that hold this session */
	uint8_t service;      /* VIRTIO_CRYPTO_SERVICE_* that created it */
	uint8_t kind;         /* enum vhc_sym_kind */
	bool encrypt;
	uint8_t iv_len;     /* bytes that each request carries; AEAD: requests say */
	uint8_t digest_len; /* bytes of digest or tag */
	struct vhc_session *next; /* the control thread's, once the session is dying */
	uint64_t token;           /* of the quiescent state to wait for */
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

/** The live session of that number, held for one request; or NULL. */
struct vhc_session *vhc_device_get_session(struct vhc_device *d, uint64_t id);
/** Let go of a session. */
void vhc_device_put_session(struct vhc_session *s);
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
uint64_t vhc_device_max_size(const struct vhc_device *d);
/** Whether REVISION_1 is negotiated. */
bool vhc_device_revision_1(const struct vhc_device *d);
/** Whether requests of a service may be stateless: offered and negotiated. */
bool vhc_device_stateless(const struct vhc_device *d, uint8_t service);
/** Whether a service is offered. */
bool vhc_device_has_service(const struct vhc_device *d, uint8_t service);
/** Longest keys, in bytes; at most VHC_KEY_MAX_LEN. */
uint32_t vhc_device_max_cipher_key_len(const struct vhc_device *d);
uint32_t vhc_device_max_auth_key_len(const struct vhc_device *d);
/** Whether the engine takes several segments. */
bool vhc_device_sgl(const struct vhc_device *d);

#endif /* VHC_DEVICE_H */
