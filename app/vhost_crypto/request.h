/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * A data request: descriptor chain -> checked request -> engine operation ->
 * result, digest and status. Parsed by lengths, not by descriptor borders.
 *
 * The fixed part and the IV are copied once, and the copy is what is checked
 * and used. Each chain with a writable byte is answered there: the status is the
 * last writable byte, which is where the specification's layout (destination,
 * digest, status) puts it and where drivers that add to the chain expect it.
 *
 * Each data queue has a context of its own, and one data thread at a time uses
 * it and its requests.
 */

#ifndef VHC_REQUEST_H
#define VHC_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "chain.h"
#include "device.h"
#include "engine.h"

#define VHC_REQUEST_SEGS 16 /* of source and of destination; more are bounced */

struct vhc_request_ctx;

/** One request in flight; memory of the front, which needs not to be zeroed but for op.priv. */
struct vhc_request {
	struct vhc_engine_op op; /* first: what the engine gives back is the request */
	struct vhc_request_ctx *ctx;
	struct vhc_session *session; /* NULL: no operation */
	const struct vhc_desc *desc; /* the chain; the front's, unchanged until finish */
	uint16_t nb_desc;
	uint8_t service;     /* VIRTIO_CRYPTO_SERVICE_* of the opcode; for statistics */
	uint8_t result;      /* once it is answered: the status */
	uint8_t *status;     /* in the chain, or NULL */
	uint32_t src_len;    /* bytes of the source field; for statistics, 0 if it did not parse */
	uint32_t data_len;   /* bytes of result in the destination field, tag included */
	uint32_t dst_len;    /* bytes of the destination field */
	uint32_t digest_len; /* bytes of digest or tag that are written back */
	uint32_t digest_off; /* where that goes in the writable part: within or behind the data */
	uint8_t *digest_at;  /* the same, if it lies in one piece there; or NULL */
	uint32_t ok_len;     /* used_len if it succeeds, */
	uint32_t err_len;    /* and if it does not */
	uint32_t used_len;   /* for the used ring, once the request is done */
	uint32_t bounce_len;
	bool bounce_data; /* whether source and destination are in it */
	uint8_t *bounce; /* where source, destination or AAD are not usable as they lie; or NULL */
	uint8_t iv[VHC_IV_MAX_LEN];
	uint8_t digest[VHC_DIGEST_MAX_LEN];
	struct vhc_seg src[VHC_REQUEST_SEGS];
	struct vhc_seg dst[VHC_REQUEST_SEGS];
};

/**
 * What the requests of one data queue share: the device, and the sessions that stateless
 * requests made last, a few, wiped when they go.
 * @return a context; NULL with errno ENOMEM.
 */
struct vhc_request_ctx *vhc_request_ctx_create(struct vhc_device *dev);
/** Wipe what stateless requests left behind, but for what is in flight: the driver is gone. */
void vhc_request_ctx_forget(struct vhc_request_ctx *ctx);
/**
 * There was nothing to do, or the queue changes its thread: a session that is kept held for
 * requests to come is let go, so that it can be freed. The queue's thread.
 */
void vhc_request_ctx_idle(struct vhc_request_ctx *ctx);
/** Nothing may be in flight. NULL is allowed. */
void vhc_request_ctx_destroy(struct vhc_request_ctx *ctx);

/**
 * Parse and check a chain.
 * @return true: &req->op is to be given to the engine, then vhc_request_finish();
 *         false: the request is answered, used_len and result are set, nothing is held.
 */
bool vhc_request_begin(struct vhc_request *req, struct vhc_request_ctx *ctx,
		const struct vhc_desc *desc, uint16_t nb);

/** The engine is done: write result, digest and status, set used_len, let go. */
void vhc_request_finish(struct vhc_request *req);

/** The engine is done but the driver has reset the device: let go, write nothing. */
void vhc_request_drop(struct vhc_request *req);

/** Answer a chain with a status and nothing else; @return the used length. */
uint32_t vhc_request_refuse(const struct vhc_desc *desc, uint16_t nb, uint8_t status);

#endif /* VHC_REQUEST_H */
