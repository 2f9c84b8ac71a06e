/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * What tests of the driver against the in-process device share: an EAL without
 * huge pages, pools, a device with its switches, AES-CBC sessions and operations,
 * and waiting for conditions with a limit.
 */

#ifndef DEVICE_FIXTURE_H
#define DEVICE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <rte_common.h>
#include <rte_crypto.h>
#include <rte_cryptodev.h>
#include <rte_errno.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#include "inproc.h"

#define F(bit) (UINT64_C(1) << (bit))
#define F_INDIRECT F(28)
#define F_EVENT_IDX F(29)
#define F_VERSION_1 F(32)
#define F_ACCESS_PLATFORM F(33)
#define F_PACKED F(34)
#define F_IN_ORDER F(35)
#define F_ORDER_PLATFORM F(36)
#define F_NOTIFICATION_DATA F(38)
#define F_NOTIF_CONFIG_DATA F(39)
#define F_RING_RESET F(40)

#define DUT_KEY_LEN 16
#define DUT_IV_LEN 16
#define DUT_DATA_LEN 64
#define DUT_DIGEST_LEN 20
#define DUT_DIRECT_DESCS 8 /* entries that a direct ring has for each request, which takes 5 or 6 */
#define DUT_WAIT_MS 20000 /* for what must come; a failing test takes so long */
/* Op, IV, digest given or expected. */
#define DUT_IV_OFFSET (sizeof(struct rte_crypto_op) + sizeof(struct rte_crypto_sym_op))
#define DUT_DIGEST_OFFSET (DUT_IV_OFFSET + DUT_IV_LEN)
#define DUT_PRIV_LEN (DUT_IV_LEN + 64)

/** A device under test. */
struct dut {
	char name[32];
	uint8_t id;
	struct inproc *d;
	struct inproc_faults *f;
	const struct inproc_stats *s;
	struct rte_mempool *sessions;
	bool direct; /* by VCRYPTO_TEST_RING */
};

extern struct rte_mempool *dut_ops;
extern struct rte_mempool *dut_mbufs;
extern const uint8_t dut_key[DUT_KEY_LEN];
extern const uint8_t dut_auth_key[DUT_DIGEST_LEN];

/** Group set-up and teardown. */
int dut_eal_setup(void **state);
int dut_eal_setup_telemetry(void **state);
int dut_eal_teardown(void **state);

/** Probe a device; @return 0 or what the driver's probe returned. */
int dut_try_open(struct dut *t, const struct inproc_cfg *cfg, const char *devargs);
/** The same where it must succeed; cfg may be NULL. */
void dut_open(struct dut *t, const struct inproc_cfg *cfg, const char *devargs);
/** Configure queue pairs for so many requests each, set them up, start. */
void dut_start(struct dut *t, uint16_t nb_qps, uint16_t nb_reqs);
void dut_configure(struct dut *t, uint16_t nb_qps, uint16_t nb_reqs);
/** Entries of a ring that takes so many requests, or more if they are short. */
uint16_t dut_entries(const struct dut *t, uint16_t nb_reqs);
/** Remove the device; fails if the driver broke a rule, or left a session on the device. */
void dut_close(struct dut *t);

/** AES-128-CBC session, or NULL with rte_errno. */
void *dut_cipher_session(struct dut *t, bool encrypt);
/** AES-128-CBC with HMAC-SHA1, cipher first if encrypting. */
void *dut_chain_session(struct dut *t, bool generate);
void dut_free_session(struct dut *t, void *session);

/** An op over a new mbuf of @p len bytes with a pattern; IV set; session may be NULL. */
struct rte_crypto_op *dut_op(void *session, uint32_t len);
/** The same for a chain over all bytes; the digest is dut_digest(). */
struct rte_crypto_op *dut_chain_op(void *session, uint32_t len);
uint8_t *dut_digest(struct rte_crypto_op *op);
uint8_t *dut_data(struct rte_crypto_op *op);
void dut_free_op(struct rte_crypto_op *op);
/** Fill with the pattern of dut_op(). */
void dut_pattern(uint8_t *p, uint32_t len);

/** What the data must be after a successful op on the pattern. */
void dut_reference(bool encrypt, uint8_t *out, uint32_t len);
void dut_reference_hmac(const uint8_t *data, uint32_t len, uint8_t *digest);
/** Whether an op of a cipher session for encryption gave the right bytes. */
bool dut_encrypted(struct rte_crypto_op *op, uint32_t len);

/** Enqueue all; fails if the queue does not take them. */
void dut_enqueue(struct dut *t, uint16_t qp, struct rte_crypto_op **ops, uint16_t nb);
/** Dequeue exactly @p nb; fails if they do not come. */
void dut_dequeue(struct dut *t, uint16_t qp, struct rte_crypto_op **ops, uint16_t nb);
/** One op there and back; @return its status. */
enum rte_crypto_op_status dut_run(struct dut *t, uint16_t qp, struct rte_crypto_op *op);
/** Whether one more encryption of a session works, with the right result. */
bool dut_works(struct dut *t, uint16_t qp, void *session);

/**
 * Whether bursts of ops are made of raw requests (test/raw): then what is in flight when a device
 * goes away is not sent again.
 */
bool dut_is_raw(void);

/** Milliseconds of a monotonic clock. */
uint64_t dut_now_ms(void);

static inline uint32_t
dut_get32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/** A packet with these bytes, in @p nb segments of @p len[] bytes each. */
struct rte_mbuf *dut_packet(const uint16_t *len, unsigned int nb, const uint8_t *data);
/** Where byte @p off of a packet is. */
uint8_t *dut_byte(struct rte_mbuf *m, uint32_t off);

#endif /* DEVICE_FIXTURE_H */
