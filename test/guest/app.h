/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * What the tests that run inside a guest share: finding and starting devices, sessions, ops,
 * bursts with a deadline, and how a result is told. A plain DPDK application: it knows the
 * cryptodev API and nothing of virtio. One thread.
 *
 * A test prints its verdict with app_pass() or app_fail(), once for each thing it asserts.
 */

#ifndef APP_H
#define APP_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_common.h>
#include <rte_crypto.h>
#include <rte_cryptodev.h>
#include <rte_mbuf.h>

#define APP_DRIVER "crypto_virtio"
#define APP_MAX_DEVS 8
#define APP_NB_OPS 1024 /* ops and mbufs that can be out at a time */
#define APP_MAX_DATA 1024 /* bytes in one op */
#define APP_MAX_IV 16
#define APP_DEADLINE_S 30

/** Behind each op: its IV, and who it is. */
struct app_op_priv {
	uint8_t iv[APP_MAX_IV];
	uint64_t seq;
	uint32_t index;
	bool out; /* with the driver */
};

#define APP_PRIV_OFFSET (sizeof(struct rte_crypto_op) + sizeof(struct rte_crypto_sym_op))

static inline struct app_op_priv *
app_priv(struct rte_crypto_op *op)
{
	return RTE_PTR_ADD(op, APP_PRIV_OFFSET);
}

/** Results, one line each on stdout. app_fail() makes the program's exit status 1. */
void app_pass(const char *name);
void app_fail(const char *name, const char *fmt, ...) __rte_format_printf(2, 3);
void app_skip(const char *name, const char *why);

/** @return number of devices of the driver under test, their ids in @p ids. */
unsigned int app_devices(uint8_t ids[APP_MAX_DEVS]);

/** The first device, started with @p nb_desc descriptors; -1 after app_fail(@p test). */
int app_first_device(const char *test, uint16_t nb_desc);

/** Configure one queue pair and start. @return 0 or the library's error. */
int app_start(uint8_t dev_id, uint16_t nb_desc);

/** Pools that all tests share, made at first use; the session pool fits every device. */
struct rte_mempool *app_session_pool(void);
struct rte_mempool *app_op_pool(void);
struct rte_mempool *app_mbuf_pool(void);

/** A cipher session, or NULL with rte_errno. */
void *app_cipher_session(uint8_t dev_id, enum rte_crypto_cipher_algorithm algo, bool encrypt,
		const uint8_t *key, uint16_t key_len, uint16_t iv_len);

/** An op without data, or NULL. app_op_free() frees its mbufs too. */
struct rte_crypto_op *app_op_alloc(void *session);
void app_op_free(struct rte_crypto_op *op);

/** A chain of @p nb_segs mbufs that holds @p len bytes, or NULL. */
struct rte_mbuf *app_mbuf(const uint8_t *data, unsigned int len, unsigned int nb_segs);

/** Whether the first bytes of a chain are those. */
bool app_mbuf_equal(const struct rte_mbuf *m, unsigned int offset, const uint8_t *data,
		unsigned int len);

/**
 * Enqueue @p nb ops and dequeue until all are back.
 * @return true if each came back once before the deadline.
 */
bool app_run(uint8_t dev_id, struct rte_crypto_op **ops, unsigned int nb);

/** TSC at which a wait that starts now is given up. */
uint64_t app_deadline(void);

/** Open file descriptors of this process. */
unsigned int app_nb_fds(void);

/** AES-CBC-128 encryption by libcrypto. */
void app_expect_aes_cbc(const uint8_t key[16], const uint8_t iv[16], const uint8_t *in,
		uint8_t *out, unsigned int len);

/** The tests; each is one row of the table in app.c. */
void test_caps(void);
void test_cycles(void);
void test_hotplug(void);
void test_kat(void);
void test_reset_load(void);
void test_secondary(void);
void test_two_devices(void);

/** The secondary process's part of test_secondary(); the program's exit status. */
int secondary_main(void);

/** The program's own path and EAL arguments, for test_secondary(). */
extern char **app_eal_argv;
extern int app_eal_argc;

#endif /* APP_H */
