/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * What the halves of the requests share: the context of a data queue, how requests hold
 * their session, and the straight path. For request*.c only.
 */

#ifndef VHC_REQUEST_CTX_H
#define VHC_REQUEST_CTX_H

#include <string.h>

#include <rte_branch_prediction.h>

#include "device.h"
#include "request.h"
#include "request_fields.h"
#include "stateless.h"

/* Holds that are taken at once: requests come in runs of one session. */
#define VHC_REQUEST_HOLDS 64

struct vhc_request_ctx {
	struct vhc_device *dev;
	struct vhc_stateless *stateless;
	/* The session of the last request, and how often it is held for requests to come. */
	struct vhc_session *held;
	uint32_t nb_holds;
};

/** Give back the holds that no request has. */
static inline void
vhc_request_ctx_unhold(struct vhc_request_ctx *ctx)
{
	if (ctx->nb_holds != 0)
		vhc_device_release_session(ctx->held, ctx->nb_holds);
	ctx->held = NULL;
	ctx->nb_holds = 0;
}

/** Hold a session that was found for one request. */
static inline void
vhc_request_hold(struct vhc_request_ctx *ctx, struct vhc_session *s)
{
	if (likely(s == ctx->held && ctx->nb_holds != 0)) {
		ctx->nb_holds--;
		return;
	}
	if (s != ctx->held) {
		/* It may stay alone: more are taken with the second of a run. */
		vhc_request_ctx_unhold(ctx);
		vhc_device_hold_session(s, 1);
		ctx->held = s;
		return;
	}
	vhc_device_hold_session(s, VHC_REQUEST_HOLDS);
	ctx->nb_holds = VHC_REQUEST_HOLDS - 1;
}

/** A request lets go of its session. */
static inline void
vhc_request_release(struct vhc_request_ctx *ctx, struct vhc_session *s)
{
	if (likely(s == ctx->held))
		ctx->nb_holds++;
	else
		vhc_device_release_session(s, 1);
}

/** Whether two pieces of memory have bytes in common. */
static inline bool
vhc_request_overlap(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	return (uintptr_t)a < (uintptr_t)b ? (uintptr_t)b - (uintptr_t)a < a_len :
			(uintptr_t)a - (uintptr_t)b < b_len;
}

/** What a chain does not cipher goes to the destination as it is: each is one piece. */
static inline void
vhc_request_copy_plain(const struct vhc_engine_op *op, const uint8_t *src, uint8_t *dst)
{
	const uint32_t end = op->cipher_off + op->cipher_len;

	memcpy(dst, src, op->cipher_off);
	memcpy(dst + end, src + end, op->len - end);
}

/**
 * A request of the usual form: with a session, each field in one piece, the lengths as short as
 * they may be, source and destination the same or apart, something to do. Decides by itself
 * whether it is one; accepts nothing that the general way would refuse, and has the same result.
 * @return true: &req->op is ready and the session held; false: the general way, nothing was done.
 */
bool vhc_request_begin_straight(struct vhc_request *req, struct vhc_request_ctx *ctx,
		const struct vhc_desc *desc, uint16_t nb);

/**
 * Check a request of the AKCIPHER service and fill in its operation.
 * @param fixed      the fixed part, whose opcode is one of the service's; @p fixed_len bytes.
 * @param stateless  it has the stateless format.
 * @param cur        behind the fixed part.
 * @return a status; OK: the operation is ready; whatever it is, req->session and req->bounce, if
 *         set, are the request's.
 */
uint8_t vhc_request_parse_asym(struct vhc_request *req, const struct vhc_chain *c,
		const union vhc_fixed *fixed, uint32_t fixed_len, bool stateless,
		struct vhc_cursor cur);

/** Such an operation has succeeded: write its result, set ok_len. */
void vhc_request_finish_asym(struct vhc_request *req);

#endif /* VHC_REQUEST_CTX_H */
