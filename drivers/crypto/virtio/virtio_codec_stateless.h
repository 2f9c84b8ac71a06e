/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Stateless requests: no session on the device; algorithms, lengths and keys travel with each
 * request. [virtio 5.9.9.3]
 *
 * A template of a session becomes one of stateless requests. Its own encoder finds ranges, checks
 * them and leaves a session's header in the slot; from that the other header is made.
 */

#ifndef VIRTIO_CODEC_STATELESS_H
#define VIRTIO_CODEC_STATELESS_H

#include <stdint.h>

#include <rte_memory.h>

#include "virtio_codec.h"
#include "virtio_codec_table.h"
#include "virtio_slot.h"

/** Fixed part of a stateless request of any service. */
union vcrypto_stateless_req {
	struct virtio_crypto_op_header header;
	struct virtio_crypto_sym_stateless_req sym;
	struct virtio_crypto_hash_stateless_req hash;
	struct virtio_crypto_mac_stateless_req mac;
	struct virtio_crypto_aead_stateless_req aead;
};

/**
 * What is constant in a session's stateless requests. In memory that the device reads, since
 * requests point to the keys; secret: whoever allocates it wipes it. Read-only for the data path.
 */
struct vcrypto_stateless {
	union vcrypto_stateless_req req; /* lengths and offsets of the data are zero */
	rte_iova_t keys_iova;
	uint16_t keys_len; /* 0: a hash */
	uint8_t shape; /* enum vcrypto_shape, of the encoder that finds the ranges */
	uint8_t service; /* VIRTIO_CRYPTO_SERVICE_* */
	uint8_t req_len; /* bytes of req that are sent */
	uint8_t req_slot; /* where in the slot */
	uint8_t iv_slot; /* where in the slot the shape's encoder puts the IV */
	uint8_t keys[]; /* of cipher and authentication, as they follow each other on the wire */
};

/** Bytes of a struct vcrypto_stateless for these keys; at most half a page. */
size_t vcrypto_codec_stateless_size(const struct vcrypto_sym_create *create);

/**
 * Turn a template into one of stateless requests. Control threads.
 *
 * @param sl      as long as said above, with all of it in one piece for the device.
 * @param iova    its address for the device.
 * @param create  with final digest length; its keys are copied.
 * @param tmpl    made together with it for REVISION_1; gets the stateless shape.
 */
void vcrypto_codec_stateless_init(struct vcrypto_stateless *sl, rte_iova_t iova,
		const struct vcrypto_sym_create *create, struct vcrypto_sym_template *tmpl);

/* ---- for the codec's own files; data path ---- */

/** Encoder of the stateless shape, as vcrypto_sym_encode_t. Never PATCHED. */
int vcrypto_codec_stateless_encode(const struct vcrypto_sym_template *t,
		const struct rte_crypto_sym_op *so, const uint8_t *iv, struct vcrypto_slot_priv *sp,
		const struct vcrypto_desc_fmt *fmt, uint16_t max_desc);

/** Entries of a table before the source: header, keys, IV. */
uint32_t vcrypto_codec_stateless_nb_head(const struct vcrypto_sym_template *t);
void vcrypto_codec_stateless_put_head(struct vcrypto_writer *w,
		const struct vcrypto_sym_template *t, const struct vcrypto_slot_priv *sp);

/**
 * Make the header of a request that a shape's encoder has put into the slot. For a template of a
 * session, nothing.
 */
void vcrypto_codec_stateless_finish(const struct vcrypto_sym_template *t,
		struct vcrypto_slot_priv *sp);

#endif /* VIRTIO_CODEC_STATELESS_H */
