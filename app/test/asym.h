/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * What the suites of cryptodev_virtio_asym_autotest share: the device, sessions, operations.
 * Main lcore only. Includes only public DPDK headers.
 */

#ifndef ASYM_H
#define ASYM_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_crypto.h>
#include <rte_cryptodev.h>
#include <rte_mempool.h>

#include "asym_ref.h"
#include "test.h"

#define ASYM_NB_OPS 512
#define ASYM_NB_SESSIONS 256
#define ASYM_NB_DESC 64

void suite_rsa(void);
void suite_ecdsa(void);
void suite_asym_vectors(void);
void suite_asym_session(void);
void suite_asym_negative(void);

struct asym_env {
	uint8_t id;
	struct rte_cryptodev_info info;
	bool strict; /* the driver under test, which promises more than the API does */
	struct rte_mempool *ops;
	struct rte_mempool *sessions;
};
extern struct asym_env asym_env;

/** As env_init() and its hooks, for the first asymmetric device of test_opts.driver. */
enum test_result asym_env_init(char *why, size_t why_len);
void asym_env_fini(void);
enum test_result asym_env_before(const struct test_case *tc);
enum test_result asym_env_after(const struct test_case *tc, enum test_result result);

/** The device's capability, or NULL. */
const struct rte_cryptodev_asymmetric_xform_capability *asym_cap(
		enum rte_crypto_asym_xform_type type);
enum test_result need_asym(enum rte_crypto_asym_xform_type type, enum rte_crypto_asym_op_type op);
/** A modulus of so many bytes. */
enum test_result need_modulus(uint32_t len);
/** Keys of that form. */
enum test_result need_key_form(bool qt);

/** Whether the user says that the device refuses a padding, a digest or "zeros": --refuses. */
bool asym_may_refuse(const char *what);

/** As the library's function, but a refused session is back in its pool. */
int asym_session_create(struct rte_crypto_asym_xform *x, void **session);
/** A session, or the reason why there is none: a refusal fails the case. */
enum test_result asym_session(struct rte_crypto_asym_xform *x, void **session);
/** An xform that points to the key's numbers; without private ones, an exponent of no length. */
void asym_rsa_xform(const struct asym_rsa_key *k, bool qt, struct rte_crypto_asym_xform *x);
void asym_ec_xform(enum asym_curve c, struct rte_crypto_asym_xform *x);
void asym_session_free(void *session);

/** A buffer for each of an operation's fields, with bytes around that nobody may write. */
struct asym_buf {
	uint8_t before[16];
	uint8_t data[ASYM_RSA_MAX_LEN];
	uint8_t behind[16];
};

struct asym_job {
	struct rte_crypto_op *op;
	struct asym_buf in, out, more;
};

/** @return NULL: no memory. */
struct asym_job *asym_job(void *session);
void asym_job_free(struct asym_job *j);
/** Fill in an RSA operation; @p hash is a name such as "sha256", or NULL. */
void asym_job_rsa(struct asym_job *j, enum rte_crypto_asym_op_type type,
		enum rte_crypto_rsa_padding_type padding, const char *hash, const void *in,
		uint32_t len, const void *sig, uint32_t sig_len);
/** Fill in an ECDSA operation; to verify, @p r and @p s have the coordinates' length. */
void asym_job_ecdsa(struct asym_job *j, enum rte_crypto_asym_op_type type,
		const struct asym_ec_key *k, const void *in, uint32_t len, const uint8_t *r,
		const uint8_t *s);
/** Send jobs and wait until all are back. TEST_FAIL if one gets lost, or writes beside. */
enum test_result asym_run(struct asym_job **jobs, unsigned int nb);
/** One job; @p status gets its status. */
enum test_result asym_run_one(struct asym_job *j, enum rte_crypto_op_status *status);

/** RTE_CRYPTO_AUTH_* of a name; 0 for NULL. */
int asym_hash_id(const char *name);
#define ASYM_NB_HASHES 6
extern const char *const asym_hashes[ASYM_NB_HASHES];

#define ASYM_NEED(call) do { \
	const enum test_result need_result_ = (call); \
	if (need_result_ != TEST_PASS) \
		return need_result_; \
} while (0)

#endif /* ASYM_H */
