/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * A slot: the memory that one request shares with the device, and the private
 * state that belongs to it. A leaf between codecs, which fill slots, and
 * queues, which own them.
 */

#ifndef VIRTIO_SLOT_H
#define VIRTIO_SLOT_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_crypto.h>
#include <rte_memory.h>

#include "virtio_crypto_wire.h"
#include "virtio_crypto_wire_asym.h"
#include "virtio_ring.h"

#define VCRYPTO_IV_MAX_LEN 16
#define VCRYPTO_SLOT_AAD_MAX_LEN 32
#define VCRYPTO_DIGEST_MAX_LEN 64
#define VCRYPTO_SLOT_INLINE_DESC 6
#define VCRYPTO_SLOT_INLINE_DIGEST 63
#define VCRYPTO_SLOT_EXT_DESC 60

/* Preset of the status byte and of the digest scratch: no status has this value. */
#define VCRYPTO_STATUS_POISON 0xa5

/** Fixed part of a data request of any service; each is part of what is padded to this length. */
union vcrypto_slot_req {
	struct virtio_crypto_op_header header;
	struct virtio_crypto_sym_data_req sym;
	struct virtio_crypto_hash_data_req hash; /* HASH and MAC */
	struct virtio_crypto_aead_data_req aead;
	struct virtio_crypto_akcipher_data_req akcipher;
	struct virtio_crypto_akcipher_stateless_req akcipher_stateless;
};
static_assert(sizeof(union vcrypto_slot_req) == VIRTIO_CRYPTO_DATA_REQ_LEN, "5.9.9.3");

/**
 * Request memory of a slot: four cache lines. The device reads the first three
 * and writes the fourth; the driver never writes the fourth while the device
 * reads the first three of the same request, so no line is written from both
 * ends at once.
 */
struct vcrypto_slot {
	union vcrypto_slot_req req; /* 72 bytes, the session's template, patched */
	/*
	 * Copied from the op: its line stays the driver's. With REVISION_1 the fixed part of AEAD
	 * is shorter, and the IV lies right behind it, still in the first line; then the AAD, if
	 * it fits before the table.
	 */
	uint8_t iv[VCRYPTO_IV_MAX_LEN];
	uint8_t pad[8];
	struct vcrypto_desc table[VCRYPTO_SLOT_INLINE_DESC];
	/* Written by the device. */
	uint8_t status __rte_aligned(64);
	uint8_t digest[VCRYPTO_SLOT_INLINE_DIGEST];
} __rte_aligned(64);
static_assert(sizeof(struct vcrypto_slot) == 4 * 64, "a plain or chained op shares four lines");
static_assert(offsetof(struct vcrypto_slot, iv) == 72, "IV follows the header");
static_assert(sizeof(struct virtio_crypto_aead_data_req) + VCRYPTO_IV_MAX_LEN +
	VCRYPTO_SLOT_AAD_MAX_LEN == offsetof(struct vcrypto_slot, table), "AAD of REVISION_1");
static_assert(offsetof(struct vcrypto_slot, table) == 96, "table is 16-byte aligned");
static_assert(offsetof(struct vcrypto_slot, status) == 192, "device-written line is apart");

/**
 * Extension for requests that do not fit a slot: a longer table for
 * scatter-gather lists, and room for a digest of 64 bytes.
 */
struct vcrypto_slot_ext {
	struct vcrypto_desc table[VCRYPTO_SLOT_EXT_DESC];
	uint8_t digest[VCRYPTO_DIGEST_MAX_LEN];
} __rte_aligned(64);
static_assert(sizeof(struct vcrypto_slot_ext) == 1024, "divides a page");

/** What to do with the digest scratch once the device has answered OK. */
enum vcrypto_digest_action {
	VCRYPTO_DIGEST_NONE,
	VCRYPTO_DIGEST_COPY, /* generate: copy to the application */
	VCRYPTO_DIGEST_COMPARE, /* verify: compare with what the application expects */
	/* The same among the bytes of a NULL cipher: in segments, or in both packets. */
	VCRYPTO_DIGEST_SPREAD_COPY,
	VCRYPTO_DIGEST_SPREAD_COMPARE,
};

/** What a slot carries while it is not free; a free one is an op's. */
enum vcrypto_slot_kind {
	VCRYPTO_SLOT_OP, /* op */
	VCRYPTO_SLOT_RAW, /* a request of the raw API: user_data */
	VCRYPTO_SLOT_KEPT, /* the same, kept until it is done: kept */
};

/** Head of what the raw API keeps of a request. */
struct vcrypto_slot_kept {
	void *user_data;
	int status; /* of the op; -1: not known yet */
};

/* Step of a slot that is under way with an asymmetric op. */
#define VCRYPTO_STEP_ASYM 3

struct vcrypto_asym_buf;

/** Private state of a slot; the device cannot see it. The first line is all that most ops need. */
struct vcrypto_slot_priv {
	/* Valid while the ring's books have the slot. */
	union {
		struct rte_crypto_op *op;
		void *user_data;
		struct vcrypto_slot_kept *kept;
	};
	struct vcrypto_slot *slot; /* constant: shared memory and its address for the device */
	rte_iova_t iova;
	uint8_t *digest; /* the application's digest */
	uint8_t *scratch; /* where the device writes the digest */
	/*
	 * What the slot still holds from its last request: header, constant descriptors and
	 * scratch of the template with this serial, in the inline table. 0: nothing.
	 */
	uint32_t serial;
	uint32_t len_span; /* with that template: data of min_len to min_len + len_span bytes */
	struct vcrypto_desc *data; /* with that template: source field; the destination follows */
	uint8_t kind; /* enum vcrypto_slot_kind */
	uint8_t nb_desc; /* set by the codec: length and place of the table */
	uint8_t in_ext; /* the table is ext->table */
	uint8_t digest_len; /* bytes to copy or compare */
	uint8_t digest_action; /* enum vcrypto_digest_action */
	/* Of an op of two requests: the one under way, 1 or 2; VCRYPTO_STEP_ASYM; else 0. */
	uint8_t step;
	uint16_t seq; /* number of the op in the order of enqueueing, modulo 2^16 */

	struct vcrypto_slot_ext *ext; /* constant */
	rte_iova_t ext_iova;
	const void *session; /* of an op of two requests: the driver's part of its session */
	struct vcrypto_asym_buf *asym; /* of an asymmetric op: what it has in flight */
} __rte_aligned(64);
static_assert(offsetof(struct vcrypto_slot_priv, ext) == 64, "one private line an op");
static_assert(VCRYPTO_SLOT_EXT_DESC <= UINT8_MAX, "nb_desc");

#endif /* VIRTIO_SLOT_H */
