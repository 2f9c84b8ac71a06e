/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * A session with what the reference needs to know of it, and a job: one crypto
 * op with its mbufs, guards around all data, and what the reference expects to
 * be there when the op has come back.
 *
 * Threads: jobs and sessions are made, checked and released by the main lcore;
 * any lcore may enqueue and dequeue the ops. job_session_create_raw() and
 * job_session_free_raw() may be called by any thread.
 */

#ifndef JOB_H
#define JOB_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_crypto.h>
#include <rte_cryptodev.h>
#include <rte_mbuf.h>

#include "env.h"
#include "sess.h"

struct sess {
	struct sess_params p;
	uint8_t key[REF_MAX_KEY];
	uint8_t auth_key[REF_MAX_KEY];
	struct env_dev *dev;
	void *handle;
	bool bare; /* ops have the xforms with them, and no session */
};

/* In the private area of an op: the IV, then a pointer back to the job. */
#define JOB_IV_OFFSET (sizeof(struct rte_crypto_op) + sizeof(struct rte_crypto_sym_op))
#define JOB_OP_PRIVATE (REF_MAX_IV + sizeof(struct job *))

/* Segments of an mbuf chain, without the one that a digest may have for itself. */
#define JOB_MAX_SEGS 8
/* … that a job can be told to have, to see whether the device refuses it. */
#define JOB_SEGS_LIMIT 200
/* Untouchable bytes before and behind each segment's data. */
#define JOB_GUARD 64

struct job_range {
	uint32_t off;
	uint32_t len;
};

enum job_place {
	JOB_DIGEST_OUTSIDE, /* in memory that belongs to no mbuf */
	JOB_DIGEST_BEHIND, /* right behind the data, in the segment that holds its end */
	JOB_DIGEST_SEGMENT, /* in a segment of its own behind the data */
	JOB_DIGEST_PLACES,
};

struct job_params {
	struct job_range cipher; /* bytes from the start of the mbuf's data; AEAD: its data */
	struct job_range auth;
	const uint8_t *aad; /* NULL: random */
	uint32_t len; /* bytes of data, without digest; covers both ranges */
	bool oop;
	uint8_t src_segs; /* 1 … JOB_SEGS_LIMIT; fewer if there is too little data */
	uint8_t dst_segs;
	uint8_t misalign; /* segments start this many bytes (then more) off a cache line */
	bool empty_seg; /* one of several segments has no data */
	enum job_place place;
	int corrupt; /* this byte of the digest is wrong; -1: none */
};

struct job {
	struct rte_crypto_op *op;
	struct rte_crypto_sym_xform x[2]; /* of ops without a session */
	struct rte_mbuf *m_src;
	struct rte_mbuf *m_dst;
	const struct sess *s;
	struct job_params p;
	uint8_t iv[REF_MAX_IV];
	uint8_t *before; /* source as it was */
	uint8_t *after; /* destination as it must be; in place: the source's buffer */
	uint32_t src_len; /* bytes of the two, a digest in the mbuf included */
	uint32_t dst_len;
	uint32_t dst_cut; /* bytes that the destination's only segment was shortened by */
	struct job_range any; /* in the destination: bytes that nobody promises */
	uint8_t digest[REF_MAX_DIGEST]; /* as it must be afterwards */
	uint8_t *digest_at;
	rte_iova_t digest_iova;
	uint8_t *aad; /* as it was, and must stay */
	uint8_t *aad_at; /* what the op points to: with what an algorithm wants before it */
	uint8_t *outside; /* memory for a digest outside of mbufs, with guards */
	enum rte_crypto_op_status status; /* as it must be afterwards */
	bool status_any; /* … but any failure will do */
	uint8_t either; /* … or this one, with data untouched; 0: no other */
	uint32_t returned; /* how often the op came back */
	bool in_use;
};

/** Random keys, session on @p dev. @return 0, or -rte_errno. */
int job_session(struct env_dev *dev, const struct sess_params *p, struct sess **out);
/**
 * The same with keys in s->key and s->auth_key, for tests of known answers; s stays the
 * caller's.
 */
int job_session_create_raw(struct sess *s, struct env_dev *dev);
int job_session_free_raw(struct sess *s);
/** Free it on the device; ops go without from now on. @return 0, or what the library says. */
int job_session_bare(struct sess *s);
/** Free now, not with job_release_all(). @return what the library says. */
int job_session_free(struct sess *s);
/** Fill in the xforms of a session; @return the first. */
struct rte_crypto_sym_xform *job_xforms(const struct sess *s, struct rte_crypto_sym_xform x[2]);

/**
 * A job with random data and IV.
 * @return the job, NULL after test_fail() (no memory, or the reference failed).
 */
struct job *job_create(const struct sess *s, const struct job_params *p);
/** The same with data and IV given: @p data has p->len bytes; AEAD: as it is unencrypted. */
struct job *job_create_with(const struct sess *s, const struct job_params *p, const uint8_t *data,
		const uint8_t *iv);
/** Make the op as it was before it was enqueued, source and digest included. */
void job_rearm(struct job *j);
/** The op is going to be refused with this status, and nothing but the status may change. */
void job_expect_untouched(struct job *j, enum rte_crypto_op_status status);
void job_release(struct job *j);
/**
 * A job whose source, IV, AAD or digest has been changed since: make the op find that. Where the
 * data is only read, in a MAC's job, what is expected afterwards is to be changed with it.
 */
void job_expect_forgery(struct job *j);
/** All jobs and sessions of the case. Device stopped, or nothing in flight. */
void job_release_all(void);

/** The job of an op, NULL if the op is none of ours. */
struct job *job_of(struct rte_crypto_op *op);

/**
 * Compare everything with what must be there.
 * @return true; false after test_fail().
 */
bool job_check(const struct job *j);

/** Enqueue one, wait, check. @return TEST_PASS or TEST_FAIL. */
enum test_result job_run_one(struct env_dev *dev, uint16_t qp, struct job *j);
/**
 * Enqueue all, in bursts of @p burst, while dequeuing, until all came back once; check them.
 * @return TEST_PASS, or TEST_FAIL; after a loss the devices are stopped.
 */
enum test_result job_run(struct env_dev *dev, uint16_t qp, struct job **jobs, unsigned int nb,
		unsigned int burst);
/** After the ops came back: each once, and with the right contents. */
enum test_result job_check_all(struct job **jobs, unsigned int nb);

/** Nothing came back: make room for whoever works, since processors may be fewer than threads. */
void job_idle(unsigned int *polls);

/** What the job is, in one line, for messages. Static buffer. */
const char *job_text(const struct job *j);

#endif /* JOB_H */
