/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * What tests of the back end share: a device over libcrypto, and requests put
 * together byte by byte at the specification's offsets. Needs no EAL.
 */

#ifndef BACKEND_FIXTURE_H
#define BACKEND_FIXTURE_H

#include <stdbool.h>
#include <stdlib.h>

#include <openssl/evp.h>

#include "unit_eal.h"

#include "device.h"
#include "engine.h"
#include "request.h"

#define ENCRYPT 1
#define DECRYPT 2
#define CHAIN_HASH_FIRST 1
#define CHAIN_CIPHER_FIRST 2
#define MODE_PLAIN 1
#define MODE_AUTH 2
#define ST_OK 0
#define ST_ERR 1
#define ST_NOTSUPP 3
#define ST_INVSESS 4
#define ST_NOSPC 5
#define ST_UNTOUCHED 0xee /* what writable memory holds before a request */

#define DATA_FIXED 72
#define CTRL_FIXED 72

struct backend {
	struct vhc_engine *engine;
	struct vhc_device *device;
	struct vhc_request_ctx *ctx;
};

static inline struct backend
backend_create(const struct vhc_device_cfg *cfg)
{
	static const struct vhc_device_cfg defaults;
	struct backend b;

	b.engine = vhc_engine_libcrypto_create(1);
	assert_non_null(b.engine);
	b.device = vhc_device_create(cfg != NULL ? cfg : &defaults, b.engine);
	assert_non_null(b.device);
	b.ctx = vhc_request_ctx_create(b.device);
	assert_non_null(b.ctx);
	return b;
}

static inline void
backend_destroy(struct backend *b)
{
	vhc_request_ctx_destroy(b->ctx);
	vhc_device_destroy(b->device);
	b->engine->ops->destroy(b->engine);
}

/** A session as the tests think of it. */
struct params {
	uint32_t cipher;
	uint32_t dir;
	const uint8_t *key;
	uint32_t key_len;
	uint32_t order; /* 0: no chain */
	uint32_t mode;
	uint32_t auth;
	const uint8_t *auth_key;
	uint32_t auth_key_len;
	uint32_t digest_len;
};

/** Bytes of a create request; @return their number. [virtio 5.9.9.2.1.3, .4] */
static inline size_t
create_bytes(const struct params *p, uint8_t *buf)
{
	memset(buf, 0, CTRL_FIXED);
	put32(buf, 0, 0x0002);
	put32(buf, 4, p->cipher);
	if (p->order == 0) {
		put32(buf, 16, p->cipher);
		put32(buf, 20, p->key_len);
		put32(buf, 24, p->dir);
		put32(buf, 64, 1);
	} else {
		put32(buf, 16, p->order);
		put32(buf, 20, p->mode);
		put32(buf, 24, p->cipher);
		put32(buf, 28, p->key_len);
		put32(buf, 32, p->dir);
		put32(buf, 40, p->auth);
		put32(buf, 44, p->digest_len);
		if (p->mode == MODE_AUTH)
			put32(buf, 48, p->auth_key_len);
		put32(buf, 64, 2);
	}
	if (p->key_len != 0)
		memcpy(buf + CTRL_FIXED, p->key, p->key_len);
	if (p->auth_key_len != 0)
		memcpy(buf + CTRL_FIXED + p->key_len, p->auth_key, p->auth_key_len);
	return CTRL_FIXED + p->key_len + p->auth_key_len;
}

/** One control request with one readable and one writable descriptor. @return used length. */
static inline uint32_t
ctrl(struct backend *b, uint8_t *in, size_t in_len, uint8_t *out, size_t out_len)
{
	struct vhc_desc desc[2] = {
		{in, (uint32_t)in_len, false},
		{out, (uint32_t)out_len, true},
	};

	return vhc_device_ctrl(b->device, desc, 2);
}

/** @return the status; *id gets the session's number. */
static inline uint32_t
create(struct backend *b, const struct params *p, uint64_t *id)
{
	uint8_t in[CTRL_FIXED + 2048], out[16];

	memset(out, ST_UNTOUCHED, sizeof(out));
	assert_int_equal(ctrl(b, in, create_bytes(p, in), out, sizeof(out)), 16);
	*id = get64(out, 0);
	return get32(out, 8);
}

static inline uint8_t
destroy_as(struct backend *b, uint32_t opcode, uint64_t id, size_t len)
{
	uint8_t in[72] = {0}, out = ST_UNTOUCHED;

	put32(in, 0, opcode);
	put64(in, 16, id);
	assert_int_equal(ctrl(b, in, len, &out, 1), 1);
	return out;
}

static inline uint8_t
destroy(struct backend *b, uint64_t id)
{
	return destroy_as(b, 0x0003, id, 72);
}

/** Ranges of a chain's request. */
struct ranges {
	uint32_t cipher_off, cipher_len, hash_off, hash_len;
};

/** Fixed part and IV of a data request; @return the number of bytes. [virtio 5.9.9.6] */
static inline size_t
data_bytes(const struct params *p, uint64_t id, uint32_t iv_len, const uint8_t *iv, uint32_t src,
		uint32_t dst, const struct ranges *r, uint8_t *buf)
{
	memset(buf, 0, DATA_FIXED);
	put32(buf, 0, p->dir == ENCRYPT ? 0x0000 : 0x0001);
	put32(buf, 4, p->cipher);
	put64(buf, 8, id);
	put32(buf, 24, iv_len);
	put32(buf, 28, src);
	put32(buf, 32, dst);
	if (p->order != 0) {
		put32(buf, 36, r->cipher_off);
		put32(buf, 40, r->cipher_len);
		put32(buf, 44, r->hash_off);
		put32(buf, 48, r->hash_len);
		put32(buf, 56, p->digest_len);
	}
	put32(buf, 64, p->order != 0 ? 2 : 1);
	if (iv_len != 0)
		memcpy(buf + DATA_FIXED, iv, iv_len);
	return DATA_FIXED + iv_len;
}

/** Have the device serve one chain. @return used length. */
static inline uint32_t
serve(struct backend *b, const struct vhc_desc *desc, uint16_t nb)
{
	struct vhc_engine_op *op, *done[2];
	struct vhc_request *req;
	uint32_t used;

	/* Exact size, so that the sanitizer sees what goes beyond. */
	req = malloc(sizeof(*req));
	assert_non_null(req);
	memset(req, 0x5a, sizeof(*req));
	if (vhc_request_begin(req, b->ctx, desc, nb)) {
		op = &req->op;
		assert_int_equal(b->engine->ops->enqueue(b->engine, 0, &op, 1), 1);
		assert_int_equal(b->engine->ops->dequeue(b->engine, 0, done, 2), 1);
		assert_ptr_equal(done[0], op);
		vhc_request_finish(req);
	}
	used = req->used_len;
	free(req);
	return used;
}

static inline size_t
unhex(const char *hex, uint8_t *out)
{
	size_t n;

	for (n = 0; hex[2 * n] != '\0'; n++) {
		char digits[3] = {hex[2 * n], hex[2 * n + 1], '\0'};

		out[n] = (uint8_t)strtoul(digits, NULL, 16);
	}
	return n;
}

/* A session of each kind, AES-128-CBC and the same with HMAC-SHA1. */
static const uint8_t key16[16] = {0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6};
static const uint8_t iv16[16] = {9, 8, 7, 6, 5, 4, 3, 2, 1};
static const uint8_t mac_key[20] = {0x0b, 0x0b, 1};

static const struct params cbc = {.cipher = 3, .dir = ENCRYPT, .key = key16, .key_len = 16};
static const struct params chain = {.cipher = 3, .dir = ENCRYPT, .key = key16, .key_len = 16,
	.order = CHAIN_CIPHER_FIRST, .mode = MODE_AUTH, .auth = 2, .auth_key = mac_key,
	.auth_key_len = 20, .digest_len = 12};

static inline void
aes_cbc(int encrypt, const uint8_t *in, uint8_t *out, uint32_t len)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n;

	EVP_CipherInit_ex(ctx, EVP_aes_128_cbc(), NULL, key16, iv16, encrypt);
	EVP_CIPHER_CTX_set_padding(ctx, 0);
	assert_int_equal(EVP_CipherUpdate(ctx, out, &n, in, (int)len), 1);
	EVP_CIPHER_CTX_free(ctx);
}

static inline void
fill(uint8_t *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		p[i] = (uint8_t)(i * 7 + i / 251);
}

#endif /* BACKEND_FIXTURE_H */
