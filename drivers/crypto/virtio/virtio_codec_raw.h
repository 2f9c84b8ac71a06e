/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Requests of the raw data-path API as the encoders see them: vectors of addresses become an op
 * and mbufs, of which just what says where the bytes are is filled in. No second encoder.
 */

#ifndef VIRTIO_CODEC_RAW_H
#define VIRTIO_CODEC_RAW_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_crypto_sym.h>
#include <rte_mbuf.h>

#include "virtio_codec.h"

/** Segments of source and destination together: more than any table holds. */
#define VCRYPTO_RAW_SEGS VCRYPTO_SLOT_EXT_DESC

/** One request, in the API's terms. */
struct vcrypto_raw_req {
	const struct rte_crypto_sgl *src;
	const struct rte_crypto_sgl *dst; /* NULL: in place */
	const struct rte_crypto_va_iova_ptr *iv; /* these: NULL, or with a NULL in it: none */
	const struct rte_crypto_va_iova_ptr *digest;
	const struct rte_crypto_va_iova_ptr *extra; /* AAD, or the IV of a MAC */
	union rte_crypto_sym_ofs ofs;
};

/** The same for an encoder. Memory of the caller, zeroed once; points into itself. */
struct vcrypto_raw_view {
	struct rte_crypto_sym_op so;
	const uint8_t *iv;
	uint16_t nb_segs; /* in use */
	struct rte_mbuf segs[VCRYPTO_RAW_SEGS];
};

/**
 * Translate a request. Data path.
 * @return false if there is no op of these ranges and pointers: head and tail overlap, an IV,
 *         digest or AAD that the session needs is missing, too many vectors, 512 MiB or more. The
 *         rest is checked by the session's encoder.
 */
bool vcrypto_codec_raw_view(struct vcrypto_raw_view *v, const struct vcrypto_sym_template *t,
		const struct vcrypto_raw_req *r);

/**
 * Make the packets as long as a digest that begins in their last segment: the vectors may stop
 * where the last range does. Its bytes are the application's, which gave a pointer to all of them.
 */
void vcrypto_codec_raw_reach_digest(struct vcrypto_raw_view *v,
		const struct vcrypto_sym_template *t);

#endif /* VIRTIO_CODEC_RAW_H */
