/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Codecs: xform -> session template and create request; op -> slot; the
 * device's answer -> op status. A codec sees no ring and no transport.
 */

#ifndef VIRTIO_CODEC_H
#define VIRTIO_CODEC_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_crypto.h>

#include "virtio_crypto_wire.h"
#include "virtio_slot.h"

struct vcrypto_alg_auth;
struct vcrypto_alg_cipher;

/**
 * Which straight-line encoder serves a session; chosen at session creation.
 * An index, not a pointer: sessions are shared between processes.
 */
enum vcrypto_shape {
	VCRYPTO_SHAPE_NONE, /* not a live session: every op is refused */
	VCRYPTO_SHAPE_CIPHER,
	VCRYPTO_SHAPE_CHAIN,
	VCRYPTO_SHAPE_NB,
};

/** The largest key material of a session: cipher key and auth key together. */
#define VCRYPTO_CREATE_KEY_MAX 1024

/**
 * All that an op needs from its session, in the order in which it is used.
 * Read-only for the data path.
 */
struct vcrypto_sym_template {
	struct virtio_crypto_sym_data_req req; /* lengths zero, session id filled in */
	uint8_t shape; /* enum vcrypto_shape */
	uint8_t iv_len; /* bytes on the wire */
	uint8_t iv_op_len; /* bytes in the op; smaller for AES-CTR with a 12-byte nonce */
	uint8_t digest_len; /* bytes that the application sees */
	uint8_t digest_wire_len; /* bytes that the device writes */
	uint8_t digest_action; /* enum vcrypto_digest_action */
	uint8_t block_mask; /* cipher length & block_mask must be 0 */
	uint8_t cipher_bits; /* log2 of the unit of cipher offset and length: 0 bytes, 3 bits */
	uint8_t auth_bits; /* the same for the auth range */
	uint8_t min_len; /* cipher length is at least this, or 0 if empty; never 0 itself */
	bool empty; /* there is a result for no data: not so for AES-XTS */
	uint16_t iv_offset; /* from the start of struct rte_crypto_op */
	uint32_t serial; /* unique to the session, never 0 */
	uint64_t max_size; /* of all variable-length bytes of a request, the device's limit */
};

/** Create request of a symmetric session: fixed part, then keys. Secret. */
struct vcrypto_sym_create {
	struct virtio_crypto_sym_create_session_req req;
	uint32_t cipher_key_len; /* bytes of keys[], as on the wire */
	uint32_t auth_key_len; /* bytes that follow */
	uint8_t keys[VCRYPTO_CREATE_KEY_MAX];
};

/** The halves of an xform chain; auth is NULL for a plain cipher. */
struct vcrypto_sym_chain {
	const struct rte_crypto_cipher_xform *cipher;
	const struct rte_crypto_auth_xform *auth;
	const struct rte_crypto_sym_xform *odd; /* on failure: what cannot stand there, if any */
};

/**
 * Take an xform chain apart: a cipher, alone or with one hash or MAC in either order.
 * @return 0; -ENOTSUP anything else, which is no request of the standard; no log line.
 */
int vcrypto_codec_sym_split(const struct rte_crypto_sym_xform *xform,
		struct vcrypto_sym_chain *chain);

/**
 * Translate an xform chain. Checks everything that does not need the device.
 *
 * @param cipher, auth  rows of the algorithm table for the chain's xforms; auth NULL
 *                      for a plain cipher session. (vcrypto_caps_find_*.)
 * @param create  filled in; the caller wipes it.
 * @param tmpl    filled in but for the session id and max_size.
 * @return 0; -ENOTSUP the chain has no request in the standard;
 *         -EINVAL a length (key, IV, digest) does not fit the algorithm.
 *         One log line says which.
 */
int vcrypto_codec_sym_session(const struct rte_crypto_sym_xform *xform,
		const struct vcrypto_alg_cipher *cipher, const struct vcrypto_alg_auth *auth,
		struct vcrypto_sym_create *create, struct vcrypto_sym_template *tmpl);

#define VCRYPTO_ENCODE_NEW 0
#define VCRYPTO_ENCODE_PATCHED (-1)

/**
 * Encode an op into a slot: request, IV and descriptor table. [virtio 5.9.9.6]
 *
 * Sets nb_desc, in_ext and the digest fields of @p sp and presets status and digest
 * scratch; on failure nothing must be undone. A slot that still holds a request of the same
 * session is only patched: @p sp starts zeroed and is then the encoder's.
 *
 * @param fmt       the ring's descriptor tails
 * @param max_desc  most descriptors that the table may have
 * @return VCRYPTO_ENCODE_NEW the table is new; VCRYPTO_ENCODE_PATCHED it has the length and
 *         place of the slot's last request; else an enum rte_crypto_op_status for an op
 *         that cannot be sent (INVALID_ARGS).
 */
typedef int (*vcrypto_sym_encode_t)(const struct vcrypto_sym_template *tmpl,
		const struct rte_crypto_op *op, struct vcrypto_slot_priv *sp,
		const struct vcrypto_desc_fmt *fmt, uint16_t max_desc);

/** Encoders by enum vcrypto_shape; NULL at VCRYPTO_SHAPE_NONE. */
extern const vcrypto_sym_encode_t vcrypto_codec_sym_encode[VCRYPTO_SHAPE_NB];

/**
 * Total map from the device's status byte to an op status: what is unknown is ERROR.
 * [virtio 5.9.9.1]
 */
extern const uint8_t vcrypto_codec_status[256];

/**
 * What is left to do for an op that the device answered with OK and that has a
 * digest: copy it out or compare it.
 * @return the op's status, SUCCESS or AUTH_FAILED.
 */
uint8_t vcrypto_codec_sym_digest(const struct vcrypto_slot_priv *sp);

#endif /* VIRTIO_CODEC_H */
