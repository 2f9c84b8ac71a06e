/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * AEAD of the reference: libcrypto, and GCM by hand over libcrypto's AES where the first counter
 * block is given instead of an IV. Between ref_init() and ref_fini() all functions may be
 * called by several threads at once.
 */

#ifndef REFERENCE_AEAD_H
#define REFERENCE_AEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_crypto.h>

#define REF_AEAD_SIZES 8
#define REF_MAX_TAG 16
#define REF_J0_LEN 16

struct ref_aead {
	const char *name;
	enum rte_crypto_aead_algorithm algo;
	uint16_t key_sizes[4]; /* bytes, 0 ends the list */
	uint8_t iv_sizes[REF_AEAD_SIZES]; /* bytes, 0 ends the list */
	uint8_t tag_sizes[REF_AEAD_SIZES]; /* bytes, 0 ends the list */
	bool j0; /* an IV of length 0 stands for REF_J0_LEN bytes of first counter block */
	uint8_t iv_skip; /* where cryptodev wants nonce and AAD in their buffers */
	uint8_t aad_skip;
};

const struct ref_aead *ref_aeads(unsigned int *nb);
/** A row by its name or number, NULL if there is none. */
const struct ref_aead *ref_aead_by_name(const char *name);
const struct ref_aead *ref_aead_by_algo(enum rte_crypto_aead_algorithm algo);

/** Longest data with an IV of that length, bytes; UINT32_MAX: no limit. */
uint32_t ref_aead_max(const struct ref_aead *a, size_t iv_len);

/** Whether the reference can do it. */
bool ref_aead_available(const struct ref_aead *a);

/**
 * Encrypt @p len bytes; in == out is allowed.
 * @return 0; -ENOTSUP not available; -EINVAL a length does not fit.
 */
int ref_aead_run(const struct ref_aead *a, const uint8_t *key, size_t key_len, const uint8_t *iv,
		size_t iv_len, const uint8_t *aad, size_t aad_len, const uint8_t *in, uint8_t *out,
		size_t len, uint8_t *tag, size_t tag_len);

/**
 * The first counter block of GCM, REF_J0_LEN bytes, from an IV of any length above 0.
 * @return 0; -ENOTSUP not available; -EINVAL a length does not fit.
 */
int ref_gcm_j0(const uint8_t *key, size_t key_len, const uint8_t *iv, size_t iv_len, uint8_t *j0);

/** The room's own start and end, for ref_init() and ref_fini(). */
struct ossl_lib_ctx_st;
void ref_aead_init(struct ossl_lib_ctx_st *libctx);

#endif /* REFERENCE_AEAD_H */
