/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Requests of HASH, MAC and AEAD, and stateless ones of all services, put together byte by byte
 * at the specification's offsets. "Exact" is the format with REVISION_1, else it is padded.
 */

#ifndef BACKEND_SERVICES_H
#define BACKEND_SERVICES_H

#include "backend_fixture.h"

#define ST_BADMSG 2
#define OP_HASH 0x0100
#define OP_MAC 0x0200
#define OP_AEAD_ENCRYPT 0x0300
#define OP_AEAD_DECRYPT 0x0301
#define SESSION_MODE 1
#define REVISION_1 0x01
#define ALL_STATELESS 0x1f

/** One that offers stateless mode, with these features negotiated. */
static inline struct backend
services_create(uint64_t features)
{
	static const struct vhc_device_cfg cfg = {.stateless = true};
	struct backend b = backend_create(&cfg);

	assert_int_equal(vhc_device_features(b.device), ALL_STATELESS);
	vhc_device_set_features(b.device, features);
	return b;
}

/* Fixed parts end at their length, or at 72 bytes; what lies between is 0. */
static inline size_t
end_fixed(size_t len, bool exact)
{
	return exact ? len : 72;
}

static inline size_t
append(uint8_t *buf, size_t at, const void *data, size_t len)
{
	if (len != 0)
		memcpy(buf + at, data, len);
	return at + len;
}

/* ---- sessions [virtio 5.9.9.2.1.1, .2, .5] ---- */

static inline size_t
hash_create_bytes(uint32_t algo, uint32_t digest_len, bool exact, uint8_t *buf)
{
	memset(buf, 0, 72);
	put32(buf, 0, 0x0102);
	put32(buf, 4, algo);
	put32(buf, 16, algo);
	put32(buf, 20, digest_len);
	return end_fixed(24, exact);
}

static inline size_t
mac_create_bytes(uint32_t algo, uint32_t digest_len, const uint8_t *key, uint32_t key_len,
		bool exact, uint8_t *buf)
{
	memset(buf, 0, 72);
	put32(buf, 0, 0x0202);
	put32(buf, 4, algo);
	put32(buf, 16, algo);
	put32(buf, 20, digest_len);
	put32(buf, 24, key_len);
	return append(buf, end_fixed(32, exact), key, key_len);
}

/** An AEAD operation with everything that belongs to it. */
struct aead {
	uint32_t algo;
	uint8_t key[32];
	uint32_t key_len;
	uint8_t iv[16];
	uint32_t iv_len;
	const uint8_t *aad;
	uint32_t aad_len;
	const uint8_t *plain;
	const uint8_t *secret;
	uint32_t len; /* of both */
	uint8_t tag[16];
	uint32_t tag_len;
};

static inline size_t
aead_create_bytes(const struct aead *a, uint32_t dir, bool exact, uint8_t *buf)
{
	memset(buf, 0, 72);
	put32(buf, 0, 0x0302);
	put32(buf, 4, a->algo);
	put32(buf, 16, a->algo);
	put32(buf, 20, a->key_len);
	put32(buf, 24, a->tag_len);
	put32(buf, 28, a->aad_len);
	put32(buf, 32, dir);
	return append(buf, end_fixed(40, exact), a->key, a->key_len);
}

/** Have it created. @return the status; *id gets the number. */
static inline uint32_t
create_from(struct backend *b, uint8_t *in, size_t len, uint64_t *id)
{
	uint8_t out[16];

	memset(out, ST_UNTOUCHED, sizeof(out));
	assert_int_equal(ctrl(b, in, len, out, sizeof(out)), 16);
	*id = get64(out, 0);
	return get32(out, 8);
}

/* ---- requests with a session [virtio 5.9.9.4, .5, .7] ---- */

static inline void
op_header_bytes(uint32_t opcode, uint32_t algo, uint64_t id, uint32_t flag, uint8_t *buf)
{
	memset(buf, 0, 100);
	put32(buf, 0, opcode);
	put32(buf, 4, algo);
	put64(buf, 8, id);
	put32(buf, 16, flag);
}

/** HASH and MAC. */
static inline size_t
hash_bytes(uint32_t opcode, uint64_t id, const uint8_t *src, uint32_t len, uint32_t digest_len,
		bool exact, uint8_t *buf)
{
	op_header_bytes(opcode, 0, id, exact ? SESSION_MODE : 0, buf);
	put32(buf, 24, len);
	put32(buf, 28, digest_len);
	return append(buf, end_fixed(32, exact), src, len);
}

/** Source and, for decryption, tag; then additional data. */
static inline size_t
aead_bytes(const struct aead *a, uint32_t dir, uint64_t id, uint32_t dst_len, bool exact,
		uint8_t *buf)
{
	const bool encrypt = dir == ENCRYPT;
	size_t at = end_fixed(48, exact);

	op_header_bytes(encrypt ? OP_AEAD_ENCRYPT : OP_AEAD_DECRYPT, a->algo, id,
			exact ? SESSION_MODE : 0, buf);
	put32(buf, 24, a->iv_len);
	put32(buf, 28, a->aad_len);
	put32(buf, 32, encrypt ? a->len : a->len + a->tag_len);
	put32(buf, 36, dst_len);
	put32(buf, 40, a->tag_len);
	at = append(buf, at, a->iv, a->iv_len);
	at = append(buf, at, encrypt ? a->plain : a->secret, a->len);
	if (!encrypt)
		at = append(buf, at, a->tag, a->tag_len);
	return append(buf, at, a->aad, a->aad_len);
}

/* ---- stateless requests ---- */

static inline size_t
hash_stateless_bytes(uint32_t algo, const uint8_t *src, uint32_t len, uint32_t digest_len,
		uint8_t *buf)
{
	op_header_bytes(OP_HASH, algo, 0, 0, buf);
	put32(buf, 24, algo);
	put32(buf, 28, len);
	put32(buf, 32, digest_len);
	return append(buf, 40, src, len);
}

static inline size_t
mac_stateless_bytes(uint32_t algo, const uint8_t *key, uint32_t key_len, const uint8_t *src,
		uint32_t len, uint32_t digest_len, uint8_t *buf)
{
	op_header_bytes(OP_MAC, algo, 0, 0, buf);
	put32(buf, 24, algo);
	put32(buf, 28, key_len);
	put32(buf, 32, len);
	put32(buf, 36, digest_len);
	return append(buf, append(buf, 40, key, key_len), src, len);
}

static inline size_t
aead_stateless_bytes(const struct aead *a, uint32_t dir, uint32_t dst_len, uint8_t *buf)
{
	const bool encrypt = dir == ENCRYPT;
	size_t at;

	op_header_bytes(encrypt ? OP_AEAD_ENCRYPT : OP_AEAD_DECRYPT, a->algo, 0, 0, buf);
	put32(buf, 24, a->algo);
	put32(buf, 28, a->key_len);
	put32(buf, 32, dir);
	put32(buf, 36, a->iv_len);
	put32(buf, 40, a->tag_len);
	put32(buf, 44, a->aad_len);
	put32(buf, 48, encrypt ? a->len : a->len + a->tag_len);
	put32(buf, 52, dst_len);
	at = append(buf, 56, a->key, a->key_len);
	at = append(buf, at, a->iv, a->iv_len);
	at = append(buf, at, encrypt ? a->plain : a->secret, a->len);
	if (!encrypt)
		at = append(buf, at, a->tag, a->tag_len);
	return append(buf, at, a->aad, a->aad_len);
}

/** A cipher or, with p->order, a chain. */
static inline size_t
sym_stateless_bytes(const struct params *p, const uint8_t *iv, uint32_t iv_len, const uint8_t *src,
		uint32_t len, uint32_t dst_len, const struct ranges *r, uint8_t *buf)
{
	size_t at;

	op_header_bytes(p->dir == ENCRYPT ? 0x0000 : 0x0001, p->cipher, 0, 0, buf);
	if (p->order == 0) {
		put32(buf, 24, p->cipher);
		put32(buf, 28, p->key_len);
		put32(buf, 32, p->dir);
		put32(buf, 36, iv_len);
		put32(buf, 40, len);
		put32(buf, 44, dst_len);
		put32(buf, 96, 1);
	} else {
		put32(buf, 24, p->order);
		put32(buf, 32, p->cipher);
		put32(buf, 36, p->key_len);
		put32(buf, 40, p->dir);
		put32(buf, 44, p->auth);
		put32(buf, 48, p->auth_key_len);
		put32(buf, 52, p->mode);
		put32(buf, 56, iv_len);
		put32(buf, 60, len);
		put32(buf, 64, dst_len);
		put32(buf, 68, r->cipher_off);
		put32(buf, 72, r->cipher_len);
		put32(buf, 76, r->hash_off);
		put32(buf, 80, r->hash_len);
		put32(buf, 88, p->digest_len);
		put32(buf, 96, 2);
	}
	at = append(buf, 100, p->key, p->key_len);
	at = append(buf, at, p->auth_key, p->auth_key_len);
	at = append(buf, at, iv, iv_len);
	return append(buf, at, src, len);
}

/* ---- exchanges ---- */

/*
 * Serve one request, its readable part cut into pieces of in_piece bytes and the writable one of
 * out_piece; each is a block of its own, so that the sanitizer sees its ends. @return used length.
 */
static inline uint32_t
exchange(struct backend *b, const uint8_t *in, size_t in_len, uint8_t *out, size_t out_len,
		size_t in_piece, size_t out_piece)
{
	const size_t nb_in = (in_len + in_piece - 1) / in_piece;
	const size_t nb_out = (out_len + out_piece - 1) / out_piece;
	struct vhc_desc *desc = malloc((nb_in + nb_out + 1) * sizeof(*desc));
	uint32_t used;
	size_t i, n;

	for (i = 0; i < nb_in + nb_out; i++) {
		const bool writable = i >= nb_in;
		const size_t piece = writable ? out_piece : in_piece;
		const size_t off = (writable ? i - nb_in : i) * piece;

		n = (writable ? out_len : in_len) - off;
		desc[i].len = (uint32_t)(n < piece ? n : piece);
		desc[i].addr = malloc(desc[i].len);
		desc[i].writable = writable;
		memset(desc[i].addr, ST_UNTOUCHED, desc[i].len);
		if (!writable)
			memcpy(desc[i].addr, in + off, desc[i].len);
	}
	used = serve(b, desc, (uint16_t)(nb_in + nb_out));
	for (i = 0; i < nb_in + nb_out; i++) {
		if (i >= nb_in) {
			memcpy(out, desc[i].addr, desc[i].len);
			out += desc[i].len;
		}
		free(desc[i].addr);
	}
	free(desc);
	return used;
}

/** The same in several framings: all must give these bytes and status OK. */
static inline void
expect(struct backend *b, const uint8_t *in, size_t in_len, const uint8_t *result, size_t len)
{
	static const struct {
		size_t in;
		size_t out;
	} framings[] = {{1 << 20, 1 << 20}, {1, 1}, {7, 1 << 20}, {1 << 20, 3}, {29, 17}};
	uint8_t *out = malloc(len + 1);
	unsigned int i;

	for (i = 0; i < UNIT_DIM(framings); i++) {
		/* A chain has at most 65535 descriptors. */
		if ((in_len + len) / framings[i].in + len / framings[i].out > 10000)
			continue;
		assert_int_equal(exchange(b, in, in_len, out, len + 1, framings[i].in,
						 framings[i].out),
				len + 1);
		assert_int_equal(out[len], ST_OK);
		assert_memory_equal(out, result, len);
	}
	free(out);
}

/** Only the status is written, with this value. */
static inline void
expect_status(struct backend *b, const char *what, const uint8_t *in, size_t in_len, size_t len,
		uint8_t status)
{
	uint8_t *out = malloc(len + 1);

	assert_int_equal(exchange(b, in, in_len, out, len + 1, 1 << 20, 1 << 20),
			len == 0 ? 1 : 0);
	if (out[len] != status)
		fail_msg("%s: status %u, not %u", what, out[len], status);
	free(out);
}

#endif /* BACKEND_SERVICES_H */
