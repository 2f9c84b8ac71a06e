/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Published test vectors, as hexadecimal text. A leaf. They judge the reference
 * and the device alike.
 */

#ifndef VECTORS_H
#define VECTORS_H

struct vector_cipher {
	const char *alg; /* as in struct ref_cipher */
	const char *source;
	const char *key;
	const char *iv;
	const char *plain;
	const char *cipher;
};

struct vector_auth {
	const char *alg; /* as in struct ref_auth */
	const char *source;
	const char *key;
	const char *msg;
	const char *digest;
};

struct vector_aead {
	const char *alg; /* as in struct ref_aead; "aes-gmac": the AAD is the message */
	const char *source;
	const char *key;
	const char *iv; /* of 16 bytes: GCM's first counter block */
	const char *aad;
	const char *plain;
	const char *cipher;
	const char *tag;
};

const struct vector_aead *vectors_aead(unsigned int *nb);
const struct vector_cipher *vectors_cipher(unsigned int *nb);
const struct vector_auth *vectors_auth(unsigned int *nb);

/** Hexadecimal text -> bytes; @return number of bytes, at most @p max. */
unsigned int vectors_bytes(const char *hex, unsigned char *out, unsigned int max);

#endif /* VECTORS_H */
