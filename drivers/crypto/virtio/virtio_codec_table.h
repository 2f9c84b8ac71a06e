/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * What the encoders of all services share: descriptor tables, ranges of packets,
 * IVs, digest scratch. For the codec's own files only; data path.
 */

#ifndef VIRTIO_CODEC_TABLE_H
#define VIRTIO_CODEC_TABLE_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <rte_branch_prediction.h>
#include <rte_mbuf.h>

#include "virtio_caps.h"
#include "virtio_codec.h"
#include "virtio_slot.h"

/* Status of an op that cannot be sent. */
#define VCRYPTO_BAD_OP RTE_CRYPTO_OP_STATUS_INVALID_ARGS

/* ---- sessions ---- */

/** Whether a length lies in a range; if not, one log line names the algorithm and @p what. */
bool vcrypto_codec_check_len(const char *alg, const char *what, uint32_t len,
		const struct vcrypto_range *r);

/** Checks of a hash or MAC xform that do not depend on where it stands. @return 0, -EINVAL. */
int vcrypto_codec_check_auth(const struct rte_crypto_auth_xform *xform,
		const struct vcrypto_alg_auth *alg);

/** Sessions of a hash or MAC alone, GMAC excepted; see vcrypto_codec_sym_session(). */
int vcrypto_codec_auth_session(const struct rte_crypto_auth_xform *xform,
		const struct vcrypto_alg_auth *alg, bool revision_1,
		struct vcrypto_sym_create *create, struct vcrypto_sym_template *tmpl);

/** AEAD sessions. */
int vcrypto_codec_aead_session(const struct rte_crypto_aead_xform *xform,
		const struct vcrypto_alg_aead *alg, bool revision_1,
		struct vcrypto_sym_create *create, struct vcrypto_sym_template *tmpl);

/** GMAC, which is GCM of no data with the message as AAD. */
int vcrypto_codec_gmac_session(const struct rte_crypto_auth_xform *xform,
		const struct vcrypto_alg_auth *alg, bool revision_1,
		struct vcrypto_sym_create *create, struct vcrypto_sym_template *tmpl);

/* ---- encoders of other files, as vcrypto_sym_encode_t ---- */

int vcrypto_codec_cipher_encode(const struct vcrypto_sym_template *t,
		const struct rte_crypto_sym_op *so, const uint8_t *iv, struct vcrypto_slot_priv *sp,
		const struct vcrypto_desc_fmt *fmt, uint16_t max_desc);
int vcrypto_codec_chain_encode(const struct vcrypto_sym_template *t,
		const struct rte_crypto_sym_op *so, const uint8_t *iv, struct vcrypto_slot_priv *sp,
		const struct vcrypto_desc_fmt *fmt, uint16_t max_desc);
int vcrypto_codec_auth_encode(const struct vcrypto_sym_template *t,
		const struct rte_crypto_sym_op *so, const uint8_t *iv, struct vcrypto_slot_priv *sp,
		const struct vcrypto_desc_fmt *fmt, uint16_t max_desc);
int vcrypto_codec_aead_encode(const struct vcrypto_sym_template *t,
		const struct rte_crypto_sym_op *so, const uint8_t *iv, struct vcrypto_slot_priv *sp,
		const struct vcrypto_desc_fmt *fmt, uint16_t max_desc);
int vcrypto_codec_gmac_encode(const struct vcrypto_sym_template *t,
		const struct rte_crypto_sym_op *so, const uint8_t *iv, struct vcrypto_slot_priv *sp,
		const struct vcrypto_desc_fmt *fmt, uint16_t max_desc);
int vcrypto_codec_null_encode(const struct vcrypto_sym_template *t,
		const struct rte_crypto_sym_op *so, const uint8_t *iv, struct vcrypto_slot_priv *sp,
		const struct vcrypto_desc_fmt *fmt, uint16_t max_desc);
int vcrypto_codec_null_auth_encode(const struct vcrypto_sym_template *t,
		const struct rte_crypto_sym_op *so, const uint8_t *iv, struct vcrypto_slot_priv *sp,
		const struct vcrypto_desc_fmt *fmt, uint16_t max_desc);
int vcrypto_codec_null_gmac_encode(const struct vcrypto_sym_template *t,
		const struct rte_crypto_sym_op *so, const uint8_t *iv, struct vcrypto_slot_priv *sp,
		const struct vcrypto_desc_fmt *fmt, uint16_t max_desc);

/* ---- tables ---- */

/** Something in one piece. len 0: not there. */
struct vcrypto_piece {
	rte_iova_t iova;
	uint32_t len;
};

/** Part of a source that comes from elsewhere. len 0: none. */
struct vcrypto_splice {
	const struct rte_mbuf *m; /* from there, at the same offset; or, if NULL, */
	rte_iova_t iova; /* from here, in one piece */
	uint32_t start; /* of what is left out of the source; in it */
	uint32_t len;
};

/** The fields of a request in the specification's order; fixed part, IV and status are known. */
struct vcrypto_fields {
	const struct rte_mbuf *src;
	const struct rte_mbuf *dst;
	uint32_t start; /* of source and destination, bytes from the start of the packets */
	uint32_t src_len; /* 0: none */
	struct vcrypto_splice splice;
	uint32_t dst_len; /* 0: none, or as long as the source */
	struct vcrypto_piece read[2]; /* behind the source: tag, AAD */
	struct vcrypto_piece write; /* behind the destination: digest or tag */
};

/**
 * Any table: scatter-gather lists, empty data, long tables in the extension. Sets nb_desc and
 * in_ext and presets the status; the slot is not patchable until the caller says so.
 * @return VCRYPTO_ENCODE_NEW, or VCRYPTO_BAD_OP: a packet is too short, or the table too long.
 */
int vcrypto_codec_fields(const struct vcrypto_sym_template *t, const struct vcrypto_fields *f,
		struct vcrypto_slot_priv *sp, const struct vcrypto_desc_fmt *fmt,
		uint16_t max_desc);

/* Appends entries to a descriptor table. */
struct vcrypto_writer {
	struct vcrypto_desc *d;
	uint32_t tail_step; /* i * fmt->step for the next entry */
	uint16_t nb;
	const struct vcrypto_desc_fmt *fmt;
};

static __rte_always_inline void
vcrypto_put(struct vcrypto_writer *w, rte_iova_t addr, uint32_t len, uint32_t flags)
{
	vcrypto_desc_set(&w->d[w->nb++], addr, len, flags + w->tail_step);
	w->tail_step += w->fmt->step;
}

static __rte_always_inline void
vcrypto_put_read(struct vcrypto_writer *w, rte_iova_t addr, uint32_t len)
{
	vcrypto_put(w, addr, len, w->fmt->read);
}

static __rte_always_inline void
vcrypto_put_write(struct vcrypto_writer *w, rte_iova_t addr, uint32_t len)
{
	vcrypto_put(w, addr, len, w->fmt->write);
}

/* Poison: a device that writes nothing must not pass for one that did its work. */
static __rte_always_inline void
vcrypto_preset_status(struct vcrypto_slot *slot)
{
	slot->status = VCRYPTO_STATUS_POISON;
}

/* The status byte ends each table. */
static __rte_always_inline void
vcrypto_put_status(struct vcrypto_writer *w, struct vcrypto_slot_priv *sp)
{
	vcrypto_desc_set(&w->d[w->nb++], sp->iova + offsetof(struct vcrypto_slot, status), 1,
		w->fmt->last);
	vcrypto_preset_status(sp->slot);
	sp->nb_desc = w->nb;
}

/* ---- digests ---- */

/* Where the device writes the digest; 64 bytes do not fit beside the status byte. */
static __rte_always_inline rte_iova_t
vcrypto_digest_scratch(const struct vcrypto_sym_template *t, struct vcrypto_slot_priv *sp)
{
	uint8_t *scratch;
	rte_iova_t iova;

	if (likely(t->digest_wire_len <= VCRYPTO_SLOT_INLINE_DIGEST)) {
		scratch = sp->slot->digest;
		iova = sp->iova + offsetof(struct vcrypto_slot, digest);
	} else {
		scratch = sp->ext->digest;
		iova = sp->ext_iova + offsetof(struct vcrypto_slot_ext, digest);
	}
	sp->scratch = scratch;
	return iova;
}

static __rte_always_inline void
vcrypto_preset_digest(const struct vcrypto_sym_template *t, const struct rte_crypto_sym_op *so,
		const struct vcrypto_slot_priv *sp)
{
	/* All of the scratch, whatever the digest's length: a known size takes a few stores. */
	if (likely(sp->scratch == sp->slot->digest))
		memset(sp->scratch, VCRYPTO_STATUS_POISON, VCRYPTO_SLOT_INLINE_DIGEST);
	else
		memset(sp->scratch, VCRYPTO_STATUS_POISON, VCRYPTO_DIGEST_MAX_LEN);
	/* Whoever made the packet may know the poison: differ from what is expected. */
	if (t->digest_action == VCRYPTO_DIGEST_COMPARE)
		sp->scratch[0] = (uint8_t)~so->auth.digest.data[0];
}

/** vcrypto_codec_sym_digest() for the SPREAD actions. */
uint8_t vcrypto_codec_null_digest(const struct vcrypto_slot_priv *sp,
		const struct rte_crypto_sym_op *so);

/* ---- packets ---- */

/** Whether a byte lies in a packet's data; if so, *off gets its offset. */
bool vcrypto_codec_find(const struct rte_mbuf *m, const uint8_t *p, uint32_t *off);

/** Bytes of a packet, which has them; a packet that is too short gives or takes what it has. */
void vcrypto_codec_read(const struct rte_mbuf *m, uint32_t off, uint32_t len, uint8_t *out);
void vcrypto_codec_write(const struct rte_mbuf *m, uint32_t off, uint32_t len,
		const uint8_t *bytes);

/* Offset and length of a range in bytes; false if bits do not make whole bytes. */
static __rte_always_inline bool
vcrypto_to_bytes(uint32_t *off, uint32_t *len, uint8_t bits)
{
	if (unlikely(bits != 0)) {
		if ((*off | *len) & 7)
			return false;
		*off >>= 3;
		*len >>= 3;
	}
	return true;
}

/* What is left of a range of a packet. */
struct vcrypto_walk {
	const struct rte_mbuf *m;
	uint32_t off; /* from the start of that segment */
	uint32_t len;
};

/*
 * The next piece of the range: up to one segment's worth, which starts at w->off in w->m.
 * vcrypto_walk_on() passes it. @return its bytes, 0 at the end of the range or of the packet.
 */
static __rte_always_inline uint32_t
vcrypto_walk_piece(struct vcrypto_walk *w)
{
	if (w->len == 0)
		return 0;
	for (; w->m != NULL; w->m = w->m->next) {
		if (w->off < w->m->data_len)
			return RTE_MIN(w->len, w->m->data_len - w->off);
		w->off -= w->m->data_len;
	}
	return 0;
}

static __rte_always_inline void
vcrypto_walk_on(struct vcrypto_walk *w, uint32_t n)
{
	w->off += n;
	w->len -= n;
}

/*
 * No bytes, and they lie behind the end. Where there are some, the walk finds that out: how long a
 * packet is, its segments say, since some applications do not set pkt_len.
 */
static inline bool
vcrypto_nothing_beyond(const struct rte_mbuf *m, uint32_t off, uint32_t len)
{
	return len == 0 && off > m->pkt_len;
}

#endif /* VIRTIO_CODEC_TABLE_H */
