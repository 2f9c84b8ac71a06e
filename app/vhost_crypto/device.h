/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * One virtio crypto device: what its configuration space says, the control
 * queue's requests and the session table. A front brings descriptor chains
 * and carries the answers back.
 *
 * Includes no vhost and no driver header. One thread at a time serves a device;
 * operations that are with an engine meanwhile are counted by session, and a session
 * that is destroyed with operations in flight is freed by the last of them.
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

/** Limits of a device; 0 stands for the value in brackets. */
struct vhc_device_cfg {
	uint16_t nb_data_queues;     /* [1] */
	uint32_t max_sessions;       /* [256] */
	uint32_t max_cipher_key_len; /* bytes [64], no more than the engine's */
	uint32_t max_auth_key_len;   /* bytes [512] */
	uint64_t max_size;           /* bytes of variable-length fields of a data request [1 MiB] */
};

#define VHC_MAX_SESSIONS (1u << 20)
#define VHC_MAX_SIZE (UINT64_C(1) << 30)

/** What a request needs to know of a session. */
struct vhc_session {
	void *engine_session; /* NULL: the slot is free */
	uint32_t generation;  /* of the number that names this slot now */
	uint32_t inflight;    /* operations that refer to engine_session */
	uint32_t next_free;
	bool dying;      /* destroyed; freed with its last operation */
	uint8_t service; /* VIRTIO_CRYPTO_SERVICE_* that created it */
	uint8_t op_type; /* VIRTIO_CRYPTO_SYM_OP_* */
	bool encrypt;
	uint8_t iv_len;     /* bytes that each request carries */
	uint8_t digest_len; /* bytes that each request gets, chains only */
};

struct vhc_device;

/**
 * Make a device over an engine, which stays the caller's and must outlive it.
 * @return a device; NULL with errno ENOMEM, or EINVAL for a limit beyond VHC_MAX_*.
 */
struct vhc_device *vhc_device_create(const struct vhc_device_cfg *cfg, struct vhc_engine *engine);
/** Free the device and its sessions; nothing may be in flight. NULL is allowed. */
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

/** Sessions alive. */
uint32_t vhc_device_nb_sessions(const struct vhc_device *d);

/* For requests. */

/** The live session of that number, or NULL. */
struct vhc_session *vhc_device_find_session(struct vhc_device *d, uint64_t id);
/** Forget one operation of a session; frees it if it is dying and that was the last. */
void vhc_device_put_session(struct vhc_device *d, struct vhc_session *s);
struct vhc_engine *vhc_device_engine(const struct vhc_device *d);
uint64_t vhc_device_max_size(const struct vhc_device *d);
/** Whether REVISION_1 is negotiated. */
bool vhc_device_revision_1(const struct vhc_device *d);
/** Whether the engine takes several segments. */
bool vhc_device_sgl(const struct vhc_device *d);

#endif /* VHC_DEVICE_H */
