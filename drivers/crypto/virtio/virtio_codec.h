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

struct vcrypto_alg_aead;
struct vcrypto_alg_auth;
struct vcrypto_alg_cipher;
struct vcrypto_stateless;

/**
 * Which straight-line encoder serves a session; chosen at session creation.
 * An index, not a pointer: sessions are shared between processes.
 */
enum vcrypto_shape {
	VCRYPTO_SHAPE_NONE, /* not a live session: every op is refused */
	VCRYPTO_SHAPE_CIPHER,
	VCRYPTO_SHAPE_CHAIN,
	VCRYPTO_SHAPE_AUTH, /* a hash or MAC alone */
	VCRYPTO_SHAPE_AEAD,
	VCRYPTO_SHAPE_GMAC, /* a MAC for the application, AEAD on the wire */
	VCRYPTO_SHAPE_STATELESS, /* any of these, with parameters and keys in each request */
	VCRYPTO_SHAPE_NULL, /* NULL algorithms only: the driver does it, no device knows of it */
	VCRYPTO_SHAPE_NULL_AUTH, /* AUTH behind a NULL cipher, which copies if out of place */
	VCRYPTO_SHAPE_NULL_GMAC, /* GMAC so */
	VCRYPTO_SHAPE_ASYM, /* of no session: stands for those of asymmetric ops */
	VCRYPTO_SHAPE_NB,
};

/** The largest key material of a session: cipher key and auth key together. */
#define VCRYPTO_CREATE_KEY_MAX 1024

/**
 * All that an op needs from its session, in the order in which it is used.
 * Read-only for the data path.
 */
struct vcrypto_sym_template {
	union vcrypto_slot_req req; /* lengths zero, session id filled in */
	uint8_t shape; /* enum vcrypto_shape */
	uint8_t iv_len; /* bytes on the wire */
	uint8_t iv_op_len; /* bytes in the op; smaller for AES-CTR with a 12-byte nonce */
	uint8_t digest_len; /* bytes that the application sees */
	uint8_t digest_wire_len; /* bytes of digest or tag on the wire */
	uint8_t digest_action; /* enum vcrypto_digest_action */
	uint8_t block_mask; /* cipher length & block_mask must be 0 */
	uint8_t cipher_bits; /* log2 of the unit of cipher offset and length: 0 bytes, 3 bits */
	uint8_t auth_bits; /* the same for the auth range */
	uint8_t min_len; /* cipher length is at least this, or 0 if empty; never 0 itself */
	bool steps; /* chain: an op whose digest is ciphered becomes two requests */
	bool empty; /* there is a result for no data: not so for AES-XTS */
	uint8_t req_len; /* bytes of req that are sent */
	uint8_t head_len; /* ... with the first descriptor; AEAD: the IV follows there */
	bool decrypt; /* AEAD */
	uint8_t aad_skip; /* AEAD: where the AAD begins in the op's buffer */
	uint8_t aad_slot; /* AEAD: where the slot has a copy of the AAD; 0: nowhere */
	uint16_t aad_len; /* AEAD */
	uint16_t iv_offset; /* from the start of struct rte_crypto_op; behind iv_skip */
	uint8_t iv_skip; /* AEAD: where the IV begins in the place that the application gives it */
	bool null_cipher; /* NULL: there is a cipher in it, not only an auth */
	uint32_t serial; /* unique to the session, never 0 */
	uint32_t max_len; /* AEAD: most data that the algorithm takes */
	/* Of all variable-length bytes of a request but the keys, the device's limit. */
	uint64_t max_size;
	const struct vcrypto_stateless *stateless; /* NULL: requests of a session */
};

/** Create request of a symmetric session: fixed part, then keys. Secret. */
struct vcrypto_sym_create {
	/** Zero behind the service's own fields, as [virtio 5.9.7.2] pads it. */
	union {
		struct virtio_crypto_ctrl_header header;
		struct virtio_crypto_sym_create_session_req sym;
		struct virtio_crypto_hash_create_session_req hash;
		struct virtio_crypto_mac_create_session_req mac;
		struct virtio_crypto_aead_create_session_req aead;
		uint8_t padded[VIRTIO_CRYPTO_CTRL_REQ_LEN];
	} req;
	uint8_t service; /* VIRTIO_CRYPTO_SERVICE_*, as the header's opcode says */
	uint8_t req_len; /* bytes of req without padding */
	uint32_t cipher_key_len; /* bytes of keys[], as on the wire; AEAD keys too */
	uint32_t auth_key_len; /* bytes that follow */
	uint8_t keys[VCRYPTO_CREATE_KEY_MAX];
};

/** The parts of an xform chain, NULL where there is none. */
struct vcrypto_sym_chain {
	const struct rte_crypto_cipher_xform *cipher;
	const struct rte_crypto_auth_xform *auth;
	const struct rte_crypto_aead_xform *aead;
	const struct rte_crypto_cipher_xform *null_cipher; /* then cipher is NULL */
	const struct rte_crypto_auth_xform *null_auth; /* then auth is NULL */
	const struct rte_crypto_sym_xform *odd; /* on failure: what cannot stand there, if any */
};

/** Whether a chain is of NULL algorithms only. */
static inline bool
vcrypto_sym_chain_is_null(const struct vcrypto_sym_chain *chain)
{
	return chain->cipher == NULL && chain->auth == NULL && chain->aead == NULL;
}

/** Rows of the algorithm table for those parts, NULL where there is none. (vcrypto_caps_find_*.) */
struct vcrypto_sym_algs {
	const struct vcrypto_alg_cipher *cipher;
	const struct vcrypto_alg_auth *auth;
	const struct vcrypto_alg_aead *aead;
};

/**
 * Take an xform chain apart: a cipher, a hash or MAC, both in either order, or an AEAD. A NULL
 * algorithm stands where its kind may stand, and what is left without it is what the device does;
 * whatever its xform says of keys, IVs and digests means nothing.
 * @return 0; -ENOTSUP anything else, which is no request of the standard; no log line.
 */
int vcrypto_codec_sym_split(const struct rte_crypto_sym_xform *xform,
		struct vcrypto_sym_chain *chain);

/**
 * Translate an xform chain. Checks everything that does not need the device.
 *
 * @param revision_1  whether REVISION_1 is negotiated: fixed parts are not padded.
 * @param algs    rows of what is not NULL.
 * @param create  filled in; the caller wipes it. Of no use with VCRYPTO_SHAPE_NULL, a session that
 *                no device is to make.
 * @param tmpl    filled in but for the session id and max_size.
 * @return 0; -ENOTSUP the chain has no request in the standard;
 *         -EINVAL a length (key, IV, digest, AAD) does not fit the algorithm.
 *         One log line says which.
 */
int vcrypto_codec_sym_session(const struct rte_crypto_sym_xform *xform,
		const struct vcrypto_sym_algs *algs, bool revision_1,
		struct vcrypto_sym_create *create, struct vcrypto_sym_template *tmpl);

/**
 * Ask for @p len bytes of digest from now on, of which the driver shows as many as before.
 * Not for AEAD, where the device needs to know the tag's length.
 */
void vcrypto_codec_sym_widen(struct vcrypto_sym_create *create, struct vcrypto_sym_template *tmpl,
		uint8_t len);

#define VCRYPTO_ENCODE_NEW 0
#define VCRYPTO_ENCODE_PATCHED (-1)
#define VCRYPTO_ENCODE_STEPS (-2)
#define VCRYPTO_ENCODE_DONE (-3)
#define VCRYPTO_ENCODE_ASYM (-4)

/**
 * Encode an op into a slot: request, IV and descriptor table. [virtio 5.9.9.4 to 5.9.9.7]
 *
 * Sets nb_desc, in_ext and the digest fields of @p sp and presets status and digest
 * scratch; on failure nothing must be undone. A slot that still holds a request of the same
 * session is only patched: @p sp starts zeroed and is then the encoder's.
 *
 * @param iv        where the op has its IV: vcrypto_codec_iv()
 * @param fmt       the ring's descriptor tails
 * @param max_desc  most descriptors that the table may have
 * @return VCRYPTO_ENCODE_NEW the table is new; VCRYPTO_ENCODE_PATCHED it has the length and
 *         place of the slot's last request; VCRYPTO_ENCODE_STEPS, where the template has
 *         steps, the op needs two requests; VCRYPTO_ENCODE_DONE, of VCRYPTO_SHAPE_NULL only, the
 *         op is done with success: it goes back to the application in the order of its session,
 *         and the slot is as it was; VCRYPTO_ENCODE_ASYM, of VCRYPTO_SHAPE_ASYM only, there is
 *         nothing symmetric to encode; else an enum rte_crypto_op_status for an op that cannot
 *         be sent (INVALID_ARGS).
 * Of VCRYPTO_SHAPE_NULL and _NULL_*, out of place, the destination has the source's bytes then. An
 * op that enqueue cannot take after all may be encoded again.
 */
typedef int (*vcrypto_sym_encode_t)(const struct vcrypto_sym_template *tmpl,
		const struct rte_crypto_sym_op *so, const uint8_t *iv, struct vcrypto_slot_priv *sp,
		const struct vcrypto_desc_fmt *fmt, uint16_t max_desc);

/** The place of an op's IV. */
static inline const uint8_t *
vcrypto_codec_iv(const struct vcrypto_sym_template *tmpl, const struct rte_crypto_op *op)
{
	return (const uint8_t *)op + tmpl->iv_offset;
}

/** Encoders by enum vcrypto_shape; NULL at VCRYPTO_SHAPE_NONE. */
extern const vcrypto_sym_encode_t vcrypto_codec_sym_encode[VCRYPTO_SHAPE_NB];

/**
 * Encode one of the two requests of an op whose digest lies inside the ciphered bytes: hash or MAC,
 * then cipher to generate; the other way round to verify. The slot keeps the digest scratch of
 * step 1 for step 2.
 *
 * @param auth, cipher  templates of sessions that do either half alone
 * @param step  1 or 2
 * @return VCRYPTO_ENCODE_NEW; else an enum rte_crypto_op_status for an op that cannot be
 *         sent: beside the reasons of the halves, a digest that lies in no packet of the op.
 */
int vcrypto_codec_step_encode(const struct vcrypto_sym_template *auth,
		const struct vcrypto_sym_template *cipher, unsigned int step,
		const struct rte_crypto_sym_op *so, const uint8_t *iv, struct vcrypto_slot_priv *sp,
		const struct vcrypto_desc_fmt *fmt, uint16_t max_desc);

/**
 * What is left to do for a step that the device answered with OK: put the digest in its place, or
 * compare it.
 * @return the op's status, SUCCESS or AUTH_FAILED; the op is done after step 2 only.
 */
uint8_t vcrypto_codec_step_done(const struct vcrypto_sym_template *auth,
		const struct vcrypto_sym_template *cipher, unsigned int step,
		const struct rte_crypto_sym_op *so, const struct vcrypto_slot_priv *sp);

/** Whether requests write nothing but a digest: a hash or MAC alone, however it is sent. */
bool vcrypto_codec_reads_only(const struct vcrypto_sym_template *tmpl);

/**
 * Total map from the device's status byte to an op status: what is unknown is ERROR.
 * [virtio 5.9.9.1]
 */
extern const uint8_t vcrypto_codec_status[256];

/**
 * What is left to do for an op that the device answered with OK and that has a
 * digest: copy it out or compare it. The SPREAD actions read the op and its packets, the others
 * need none.
 * @return the op's status, SUCCESS or AUTH_FAILED; INVALID_ARGS if the op was changed under way.
 */
uint8_t vcrypto_codec_sym_digest(const struct vcrypto_slot_priv *sp,
		const struct rte_crypto_sym_op *so);

#endif /* VIRTIO_CODEC_H */
