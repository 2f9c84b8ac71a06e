/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Random sessions and operations. All that is drawn follows from a seed and a number, and not
 * from what was drawn before: any operation can be done again without those before it. Knows
 * capabilities, but no device and no mbuf. Main lcore only.
 */

#ifndef DRAW_H
#define DRAW_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_cryptodev.h>

#include "sess.h"

/* ---- Random numbers ---- */

struct rnd {
	uint64_t state;
};

/** What a stream of numbers is for. */
enum rnd_stream {
	RND_SESS,
	RND_OP,
	RND_DATA,
	RND_ERA,
	RND_TURN, /* which session's turn it is */
	RND_BURST,
	RND_QP,
	RND_LOOP,
	RND_NULL, /* NULL algorithms instead of what was drawn */
	RND_RAW,
};

void rnd_init(struct rnd *r, uint64_t seed, enum rnd_stream stream, uint64_t number);
uint64_t rnd_next(struct rnd *r);
/** A number in lo … hi, both included. */
uint32_t rnd_range(struct rnd *r, uint32_t lo, uint32_t hi);
/** True once in @p n times. */
bool rnd_one_in(struct rnd *r, uint32_t n);
void rnd_fill(struct rnd *r, void *buf, uint32_t len);

/* ---- Sessions ---- */

#define SESS_MAX_KEY 512

struct sess_plan {
	uint64_t number;
	struct sess_params p;
	uint16_t iv_offset; /* in the op's private area */
	uint8_t key[SESS_MAX_KEY];
	uint8_t auth_key[SESS_MAX_KEY];
};

/** Longest data of an operation, bytes: as much as a big packet with a list of segments holds. */
#define DATA_MAX 65536

/* ---- Operations ---- */

struct range {
	uint32_t off;
	uint32_t len;
};

static inline uint32_t
range_end(const struct range *r)
{
	return r->off + r->len;
}

#define MAX_SEGS 72
/* Segments of source and destination together, so that it fits a request; in place counts twice. */
#define MAX_SEGS_OP 48

/** How a packet lies in memory. */
struct layout {
	uint32_t len; /* bytes of the packet */
	unsigned int nb;
	uint32_t seg[MAX_SEGS]; /* bytes of each */
	uint16_t headroom[MAX_SEGS];
	bool tight[MAX_SEGS]; /* ends with its buffer */
};

enum place {
	PLACE_NONE, /* there is no digest */
	PLACE_OUTSIDE, /* in memory that belongs to no packet */
	PLACE_SRC, /* in the source, apart from all ranges */
	PLACE_DST,
	PLACE_CIPHERED, /* in the ciphered range, at least in part; of @holder_dst */
};

/** What is wrong with an operation. */
enum bad {
	BAD_NONE,
	BAD_NO_SESSION,
	BAD_FOREIGN_SESSION, /* of another driver */
	BAD_TYPE, /* not symmetric */
	BAD_NO_SRC,
	BAD_NO_DIGEST,
	BAD_NO_AAD,
	BAD_LENGTH, /* no whole blocks */
	BAD_BITS, /* no whole bytes */
	BAD_RANGE, /* beyond the source */
	BAD_SHORT_DST,
	BAD_TOO_LONG, /* for CCM with a long nonce */
	BAD_SEGMENTS, /* too many for a request */
	BAD_CIPHERED_DIGEST, /* in a chain of the usual order */
	BAD_NB,
};

struct op_plan {
	uint64_t number;
	uint64_t session;
	unsigned int qp;
	bool burst_ends; /* behind this one */
	enum bad bad;
	struct range cipher; /* bytes from the start of the packet; AEAD: its data */
	struct range auth;
	bool oop;
	struct layout src;
	struct layout dst; /* of an op in place: the source's */
	enum place place;
	bool holder_dst; /* PLACE_CIPHERED, out of place: the op points there */
	uint32_t digest; /* offset in the packet */
	bool wrong; /* the digest to verify */
	bool sessionless; /* the op brings its xforms; not to peers */
	bool raw; /* marked for test/raw, which makes a request of the raw API of it */
	bool counter_ends; /* the IV is all ones, so that counters overflow */
};

/** What there is to choose from. */
struct draw_env {
	uint64_t seed;
	uint8_t dev; /* under test */
	bool steps; /* ciphered digests */
	bool sessionless; /* ops without a session */
	bool null; /* NULL algorithms */
	bool raw; /* marks for test/raw */
	unsigned int nb_qps;
	unsigned int max_segs; /* of source and destination together */
	/** Whether any other device can do it, too. */
	bool (*peer_sess)(const struct sess_plan *s);
	bool (*peer_op)(const struct sess_plan *s, const struct op_plan *p);
};

/** Number of the oldest session that op @p number, or a later one, may be of. */
uint64_t draw_first_session(const struct draw_env *e, uint64_t number);
void draw_session(const struct draw_env *e, uint64_t number, struct sess_plan *s);
/** The session of an op. */
uint64_t draw_session_of(const struct draw_env *e, uint64_t number);
/** @param s  the session that draw_session_of() names. */
void draw_op(const struct draw_env *e, uint64_t number, const struct sess_plan *s,
		struct op_plan *p);

/** Whether a session does nothing but NULL algorithms. */
bool is_null_session(const struct sess_plan *s);

/** First byte of either range, and the one behind the last. */
struct range op_span(const struct sess_plan *s, const struct op_plan *p);
/** Whether a packet's bytes [off, off + len) lie in one segment. */
bool layout_holds(const struct layout *l, uint32_t off, uint32_t len);
/** One segment with usual room around. */
void layout_linear(struct layout *l);

/** What an op is, in one line. Static buffer. */
const char *op_text(const struct sess_plan *s, const struct op_plan *p);

#endif /* DRAW_H */
