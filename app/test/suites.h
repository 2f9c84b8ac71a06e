/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The suites of cryptodev_virtio_autotest, one file each, and what they share:
 * requirements, which turn into skips with a reason, and layouts.
 */

#ifndef SUITES_H
#define SUITES_H

#include "env.h"
#include "job.h"
#include "test.h"

void suite_info(void);
void suite_vectors(void);
void suite_bulk(void);
void suite_cipher(void);
void suite_chain(void);
void suite_chain_layout(void);
void suite_auth(void);
void suite_aead(void);
void suite_digest(void);
void suite_null(void);
void suite_session(void);
void suite_negative(void);
void suite_burst(void);
void suite_thread(void);
void suite_life(void);
void suite_random(void);

/** What a case needs; each returns TEST_PASS, or TEST_SKIP with the reason. */
enum test_result need_cipher(const struct ref_cipher *c, uint16_t key_len, uint16_t iv_len);
enum test_result need_auth(const struct ref_auth *a, uint16_t key_len, uint16_t digest_len);
enum test_result need_aead(const struct ref_aead *a);
/** A hash or MAC that can stand in a chain. */
enum test_result need_chained_auth(const struct ref_auth *a);
enum test_result need_features(uint64_t feature_flags);
enum test_result need_chaining(void);
/** Only promised by the driver under test, not by the API. */
enum test_result need_strict(void);
enum test_result need_devs(unsigned int nb);

#define NEED(call) do { \
	const enum test_result need_result_ = (call); \
	if (need_result_ != TEST_PASS) \
		return need_result_; \
} while (0)

/** Lengths of data must be a multiple of this for the device. */
uint32_t cipher_unit(const struct ref_cipher *c);
/** The longest data of one op that is tried. */
uint32_t cipher_max_len(const struct ref_cipher *c);
/** A random length that the algorithm takes, at most @p max. */
uint32_t cipher_rand_len(const struct ref_cipher *c, uint32_t max);

/**
 * Key, IV and digest sizes of a case: the first that the table, the case and the device
 * agree on.
 */
uint16_t pick_cipher_key(const struct ref_cipher *c);
uint16_t pick_iv(const struct ref_cipher *c);
uint16_t pick_auth_key(const struct ref_auth *a);
/** The largest digest that the device shows. */
uint16_t pick_digest(const struct ref_auth *a);
/** IV of a hash or MAC alone, of those that have one. */
uint16_t pick_auth_iv(const struct ref_auth *a);
/** A session of an AEAD with the first sizes that the device shows; key, tag and IV set. */
void pick_aead(const struct ref_aead *a, struct sess_params *p);
/** A random length of data that the session's algorithm takes, at most @p max. */
uint32_t aead_rand_len(const struct sess_params *p, uint32_t max);

/**
 * A session of the case; a refusal fails it, since capabilities are a promise. Where only
 * trial tells (order of a chain, auth without cipher), -ENOTSUP skips it.
 */
enum test_result make_session(const struct sess_params *p, struct sess **out);

/**
 * The cipher that most devices have, for cases about something else.
 * @return TEST_SKIP if the device has none that the reference has.
 */
enum test_result any_cipher(struct sess_params *p);
/** The same for a chain of any order that the device takes. */
enum test_result any_chain(struct sess_params *p, enum sess_order order, bool decrypt);
/** All sessions of @p max that the device's algorithms allow, of all kinds, mixed. */
enum test_result mixed_sessions(struct sess **out, unsigned int max, unsigned int *nb);

/** Random job of a session: ranges, digest place, layout within what the device can do. */
void random_params(const struct sess *s, uint32_t max_len, bool simple, struct job_params *p);

/** @p nb random ops of one session, in bursts; with a small ring each slot serves it often. */
enum test_result run_repeated(const struct sess *s, unsigned int nb);

/** Layouts of data in mbufs. */
enum layout {
	LAYOUT_IN_PLACE,
	LAYOUT_OOP,
	LAYOUT_UNALIGNED,
	LAYOUT_SGL,
	LAYOUT_SGL_UNALIGNED,
	LAYOUT_SGL_EMPTY,
	LAYOUT_OOP_SGL_SGL,
	LAYOUT_OOP_SGL_LB,
	LAYOUT_OOP_LB_SGL,
	LAYOUT_NB,
};
extern const char *const layout_name[LAYOUT_NB];
/** TEST_SKIP if the device does not show the feature flag. */
enum test_result need_layout(enum layout l);
/** Enter a layout into a job's parameters; @p segs where it has several. */
void layout_apply(enum layout l, unsigned int segs, struct job_params *p);

#endif /* SUITES_H */
