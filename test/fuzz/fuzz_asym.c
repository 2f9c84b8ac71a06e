/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The back end's asymmetric crypto: keys in DER that are none, and operations with those that are
 * taken; and requests of the AKCIPHER service, with descriptors cut anywhere. Input: which of both.
 * Keys: algorithm, kind, padding, hash, curve, length, the key; then operations: which, lengths of
 * source, signed data and room, and their bytes. Requests: features, then chains: how, perhaps
 * which session, number of descriptors, and what fuzz_chain.h says.
 */

#include <errno.h>
#include <sched.h>

#include <openssl/provider.h>

#include "device.h"
#include "engine.h"
#include "fuzz_chain.h"
#include "lc_asym.h"
#include "request.h"
#include "virtio_crypto_wire_asym.h"

#define MAX_OPS 4
#define MAX_CHAINS 12
#define SESSION_ID_AT 8 /* in a data request's header, and of the id in a destroy: 16 */
#define PRIV_LEN 64

/* How a chain is used. */
#define HOW_CTRL 0x01
#define HOW_ID 0x02 /* a byte that chooses a session follows: its id is put in */
#define HOW_HOLD 0x08 /* the operation is finished after the next chain */
#define HOW_DROP 0x10 /* dropped instead, as after a reset */
#define HOW_RESET 0x20 /* the device is reset behind this chain */

/* What an input is. */
enum {
	KEYS,
	REQUESTS,
	NB_KINDS,
};

/* The sessions. */
enum {
	RSA_PRIVATE,
	RSA_RAW,
	RSA_PUBLIC,
	EC_PRIVATE,
	EC_PUBLIC,
	NB_SESSIONS,
};

#define ALL_FEATURES 0x3f

/* RSA of 512 bits, made by OpenSSL. */
static const uint8_t rsa_private[] = {
	0x30, 0x82, 0x01, 0x3b, 0x02, 0x01, 0x00, 0x02, 0x41, 0x00, 0xe6, 0x77,
	0x74, 0xf3, 0x93, 0xfd, 0xa6, 0xdd, 0x06, 0x96, 0xe4, 0x53, 0x14, 0xd1,
	0x90, 0xa2, 0x9a, 0x1f, 0x1a, 0x5a, 0x2e, 0x2a, 0x1f, 0x8f, 0x68, 0x03,
	0x32, 0xda, 0x94, 0x5b, 0x72, 0x34, 0x80, 0x9c, 0x82, 0x30, 0xfa, 0x12,
	0x99, 0x04, 0xa3, 0xd0, 0x9e, 0x84, 0xb6, 0x6b, 0x39, 0x96, 0xc7, 0x3c,
	0x91, 0x4d, 0x6f, 0x41, 0xb6, 0xc1, 0x1e, 0xb1, 0x51, 0xfb, 0xa9, 0x1c,
	0x07, 0x11, 0x02, 0x03, 0x01, 0x00, 0x01, 0x02, 0x41, 0x00, 0x95, 0x13,
	0x40, 0x3b, 0x2e, 0xc7, 0x2c, 0x60, 0x5c, 0x1a, 0xce, 0xa6, 0x4f, 0x19,
	0x1f, 0x8d, 0x8e, 0x54, 0x00, 0x1f, 0xc5, 0x2c, 0xca, 0x2d, 0x61, 0x02,
	0x70, 0xaa, 0xa2, 0xbc, 0x64, 0x2a, 0x07, 0xa6, 0x4e, 0x30, 0x41, 0x00,
	0xa3, 0x1d, 0xab, 0x95, 0xac, 0x02, 0xef, 0xe9, 0x0f, 0x07, 0x87, 0xc6,
	0x20, 0x74, 0x78, 0xd8, 0xd9, 0x05, 0x62, 0x05, 0xe6, 0xbc, 0xbd, 0xcd,
	0x43, 0x61, 0x02, 0x21, 0x00, 0xf5, 0x5d, 0x86, 0x80, 0x3a, 0xfb, 0x41,
	0x56, 0x7a, 0xe6, 0xd4, 0xef, 0xd6, 0xb4, 0xe6, 0x37, 0xe2, 0x7d, 0x70,
	0x42, 0xc5, 0x8a, 0x08, 0x43, 0x35, 0x54, 0x6b, 0x72, 0x87, 0xb9, 0x2f,
	0x17, 0x02, 0x21, 0x00, 0xf0, 0x74, 0x9f, 0x16, 0x40, 0xb4, 0x47, 0xb3,
	0x18, 0x6b, 0x43, 0x6b, 0x0f, 0xa9, 0x31, 0x04, 0x9b, 0x85, 0x71, 0xc0,
	0xee, 0xb8, 0xc8, 0x0f, 0x1d, 0xb6, 0x51, 0xd1, 0x85, 0x6d, 0x14, 0x17,
	0x02, 0x20, 0x42, 0x2b, 0x88, 0xbc, 0x48, 0x2b, 0xbe, 0x41, 0x1e, 0x3f,
	0xe6, 0x29, 0x10, 0x14, 0x15, 0x09, 0xf9, 0x30, 0xae, 0xf7, 0xb2, 0xe2,
	0x38, 0xbc, 0x37, 0x43, 0x9e, 0xfe, 0x72, 0x0f, 0xc4, 0xdd, 0x02, 0x21,
	0x00, 0xa7, 0xe7, 0x97, 0x8b, 0x0f, 0x65, 0x93, 0xc7, 0x90, 0x9e, 0x9d,
	0xf6, 0x2d, 0x7a, 0x64, 0x7b, 0x26, 0x2a, 0x19, 0x93, 0xb2, 0x5e, 0x9f,
	0x7c, 0x46, 0xb0, 0x20, 0x13, 0xe1, 0x4a, 0x98, 0xc3, 0x02, 0x20, 0x0f,
	0x74, 0x1e, 0x0a, 0x0b, 0xe7, 0xee, 0x6d, 0x3c, 0xb6, 0x9c, 0x22, 0x58,
	0x26, 0xd2, 0xb1, 0x16, 0x88, 0x11, 0x47, 0x88, 0xa4, 0xdb, 0x15, 0x99,
	0x4b, 0xb8, 0xb2, 0x6e, 0xde, 0xd1, 0xad,
};

/* Its public part. */
static const uint8_t rsa_public[] = {
	0x30, 0x48, 0x02, 0x41, 0x00, 0xe6, 0x77, 0x74, 0xf3, 0x93, 0xfd, 0xa6,
	0xdd, 0x06, 0x96, 0xe4, 0x53, 0x14, 0xd1, 0x90, 0xa2, 0x9a, 0x1f, 0x1a,
	0x5a, 0x2e, 0x2a, 0x1f, 0x8f, 0x68, 0x03, 0x32, 0xda, 0x94, 0x5b, 0x72,
	0x34, 0x80, 0x9c, 0x82, 0x30, 0xfa, 0x12, 0x99, 0x04, 0xa3, 0xd0, 0x9e,
	0x84, 0xb6, 0x6b, 0x39, 0x96, 0xc7, 0x3c, 0x91, 0x4d, 0x6f, 0x41, 0xb6,
	0xc1, 0x1e, 0xb1, 0x51, 0xfb, 0xa9, 0x1c, 0x07, 0x11, 0x02, 0x03, 0x01,
	0x00, 0x01,
};

/* RFC 6979, A.2.5, with curve and point. */
static const uint8_t ec_private[] = {
	0x30, 0x77, 0x02, 0x01, 0x01, 0x04, 0x20, 0xc9, 0xaf, 0xa9, 0xd8, 0x45,
	0xba, 0x75, 0x16, 0x6b, 0x5c, 0x21, 0x57, 0x67, 0xb1, 0xd6, 0x93, 0x4e,
	0x50, 0xc3, 0xdb, 0x36, 0xe8, 0x9b, 0x12, 0x7b, 0x8a, 0x62, 0x2b, 0x12,
	0x0f, 0x67, 0x21, 0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d,
	0x03, 0x01, 0x07, 0xa1, 0x44, 0x03, 0x42, 0x00, 0x04, 0x60, 0xfe, 0xd4,
	0xba, 0x25, 0x5a, 0x9d, 0x31, 0xc9, 0x61, 0xeb, 0x74, 0xc6, 0x35, 0x6d,
	0x68, 0xc0, 0x49, 0xb8, 0x92, 0x3b, 0x61, 0xfa, 0x6c, 0xe6, 0x69, 0x62,
	0x2e, 0x60, 0xf2, 0x9f, 0xb6, 0x79, 0x03, 0xfe, 0x10, 0x08, 0xb8, 0xbc,
	0x99, 0xa4, 0x1a, 0xe9, 0xe9, 0x56, 0x28, 0xbc, 0x64, 0xf2, 0xf1, 0xb2,
	0x0c, 0x2d, 0x7e, 0x9f, 0x51, 0x77, 0xa3, 0xc2, 0x94, 0xd4, 0x46, 0x22,
	0x99,
};

/* Its point. */
static const uint8_t ec_public[] = {
	0x04, 0x60, 0xfe, 0xd4, 0xba, 0x25, 0x5a, 0x9d, 0x31, 0xc9, 0x61, 0xeb,
	0x74, 0xc6, 0x35, 0x6d, 0x68, 0xc0, 0x49, 0xb8, 0x92, 0x3b, 0x61, 0xfa,
	0x6c, 0xe6, 0x69, 0x62, 0x2e, 0x60, 0xf2, 0x9f, 0xb6, 0x79, 0x03, 0xfe,
	0x10, 0x08, 0xb8, 0xbc, 0x99, 0xa4, 0x1a, 0xe9, 0xe9, 0x56, 0x28, 0xbc,
	0x64, 0xf2, 0xf1, 0xb2, 0x0c, 0x2d, 0x7e, 0x9f, 0x51, 0x77, 0xa3, 0xc2,
	0x94, 0xd4, 0x46, 0x22, 0x99,
};

static const struct {
	uint32_t algo;
	bool private;
	uint32_t para[2]; /* padding and hash, or the curve */
	const uint8_t *key;
	uint16_t key_len;
} sessions[NB_SESSIONS] = {
	[RSA_PRIVATE] = {VIRTIO_CRYPTO_AKCIPHER_RSA, true, {VIRTIO_CRYPTO_RSA_PKCS1_PADDING,
		VIRTIO_CRYPTO_RSA_SHA256}, rsa_private, sizeof(rsa_private)},
	[RSA_RAW] = {VIRTIO_CRYPTO_AKCIPHER_RSA, true, {VIRTIO_CRYPTO_RSA_RAW_PADDING, 0},
		rsa_private, sizeof(rsa_private)},
	[RSA_PUBLIC] = {VIRTIO_CRYPTO_AKCIPHER_RSA, false, {VIRTIO_CRYPTO_RSA_PKCS1_PADDING,
		VIRTIO_CRYPTO_RSA_NO_HASH}, rsa_public, sizeof(rsa_public)},
	[EC_PRIVATE] = {VIRTIO_CRYPTO_AKCIPHER_ECDSA, true, {VIRTIO_CRYPTO_CURVE_NIST_P256, 0},
		ec_private, sizeof(ec_private)},
	[EC_PUBLIC] = {VIRTIO_CRYPTO_AKCIPHER_ECDSA, false, {VIRTIO_CRYPTO_CURVE_NIST_P256, 0},
		ec_public, sizeof(ec_public)},
};

/* A request that is with the engine. */
struct pending {
	struct vhc_request req;
	uint8_t priv[PRIV_LEN] __rte_aligned(64);
	struct chain chain;
	bool drop;
	bool used;
};

static struct vhc_engine *engine;
static OSSL_LIB_CTX *lib;

/* --- Keys ----------------------------------------------------------------------------------- */

/* Input of its own memory, so that the sanitizer sees its end. */
static uint8_t *
take(struct fuzz_input *in, uint32_t len)
{
	uint8_t *const p = malloc(len != 0 ? len : 1);

	FUZZ_CHECK(p != NULL);
	fuzz_take(in, p, len);
	return p;
}

static void
run_op(const struct vhc_lc_asym_key *key, struct fuzz_input *in)
{
	struct vhc_seg src, dst;
	struct vhc_engine_op op;
	uint16_t room;

	memset(&op, 0, sizeof(op));
	op.asym_op = fuzz_u8(in) % (VHC_ASYM_VERIFY + 1);
	src.len = fuzz_u16(in) % (VHC_ASYM_DATA_MAX_LEN + 1);
	op.aad_len = fuzz_u16(in) % (VHC_ASYM_DATA_MAX_LEN + 1);
	room = fuzz_u16(in) % (VHC_ASYM_DATA_MAX_LEN + 1);
	src.base = take(in, (uint32_t)src.len);
	op.aad = take(in, op.aad_len);
	dst.len = room;
	dst.base = malloc(room != 0 ? room : 1);
	FUZZ_CHECK(dst.base != NULL);
	op.src = &src;
	op.dst = &dst;
	op.nb_src = op.nb_dst = 1;
	op.len = (uint32_t)src.len;
	op.status = NOT_A_STATUS;
	vhc_lc_asym_run(key, &op);
	FUZZ_CHECK(op.status <= VIRTIO_CRYPTO_KEY_REJECTED);
	FUZZ_CHECK(op.result_len <= room);
	FUZZ_CHECK(op.result_len == 0 || op.status == VIRTIO_CRYPTO_OK);
	free(src.base);
	free((void *)(uintptr_t)op.aad);
	free(dst.base);
}

static void
try_key(struct fuzz_input *in)
{
	struct vhc_lc_asym_key *key = NULL;
	struct vhc_asym_params p;
	unsigned int n;
	uint8_t *der;
	int ret;

	memset(&p, 0, sizeof(p));
	p.algo = fuzz_u8(in);
	p.private = fuzz_u8(in) % 2 != 0;
	p.padding = fuzz_u8(in);
	p.hash = fuzz_u8(in);
	p.curve = fuzz_u8(in);
	p.key_len = fuzz_u16(in) % (VHC_ASYM_KEY_MAX_LEN + 2);
	der = take(in, p.key_len);
	p.key = der;
	ret = vhc_lc_asym_key_create(lib, &p, &key);
	free(der);
	FUZZ_CHECK(ret == 0 || ret == -EINVAL || ret == -ENOTSUP);
	FUZZ_CHECK((ret == 0) == (key != NULL));
	for (n = 0; ret == 0 && n < MAX_OPS && in->len != 0; n++)
		run_op(key, in);
	vhc_lc_asym_key_destroy(key);
}

/* --- Requests ------------------------------------------------------------------------------- */

static struct virtio_crypto_akcipher_create_session_req
create_req(unsigned int which)
{
	return (struct virtio_crypto_akcipher_create_session_req){
		.header.opcode = rte_cpu_to_le_32(VIRTIO_CRYPTO_AKCIPHER_CREATE_SESSION),
		.header.algo = rte_cpu_to_le_32(sessions[which].algo),
		.algo = rte_cpu_to_le_32(sessions[which].algo),
		.key_type = rte_cpu_to_le_32(sessions[which].private ?
				VIRTIO_CRYPTO_AKCIPHER_KEY_TYPE_PRIVATE :
				VIRTIO_CRYPTO_AKCIPHER_KEY_TYPE_PUBLIC),
		.key_len = rte_cpu_to_le_32(sessions[which].key_len),
		.rsa.padding_algo = rte_cpu_to_le_32(sessions[which].para[0]),
		.rsa.hash_algo = rte_cpu_to_le_32(sessions[which].para[1]),
	};
}

static uint64_t
create_session(struct vhc_device *d, unsigned int which)
{
	struct virtio_crypto_akcipher_create_session_req req = create_req(which);
	struct virtio_crypto_create_session_resp resp;
	const struct vhc_desc desc[] = {
		{.addr = &req, .len = sizeof(req)},
		{.addr = (void *)(uintptr_t)sessions[which].key, .len = sessions[which].key_len},
		{.addr = &resp, .len = sizeof(resp), .writable = true},
	};

	FUZZ_CHECK(vhc_device_ctrl(d, desc, 3) == sizeof(resp));
	FUZZ_CHECK(rte_le_to_cpu_32(resp.status) == VIRTIO_CRYPTO_OK);
	return rte_le_to_cpu_64(resp.session_id);
}

static void
pending_finish(struct pending *p)
{
	if (!p->used)
		return;
	if (p->drop) {
		vhc_request_drop(&p->req);
	} else {
		vhc_request_finish(&p->req);
		check_answer(&p->chain, p->req.used_len);
	}
	chain_free(&p->chain);
	p->used = false;
}

static void
data_request(struct vhc_request_ctx *ctx, struct pending *p)
{
	struct vhc_engine_op *op, *done = NULL;

	p->req.op.priv = p->priv;
	if (!vhc_request_begin(&p->req, ctx, p->chain.desc, p->chain.nb)) {
		check_answer(&p->chain, p->req.used_len);
		chain_free(&p->chain);
		return;
	}
	op = &p->req.op;
	FUZZ_CHECK(engine->ops->enqueue(engine, 0, &op, 1) == 1);
	while (engine->ops->dequeue(engine, 0, &done, 1) == 0)
		sched_yield();
	FUZZ_CHECK(done == op);
	p->used = true;
}

static void
run_requests(struct fuzz_input *in)
{
	static const struct vhc_device_cfg cfg = {.max_sessions = 8, .max_size = 4096,
		.stateless = true};
	struct pending *const pending = aligned_alloc(64, 2 * sizeof(*pending));
	struct vhc_device *const d = vhc_device_create(&cfg, engine);
	struct vhc_request_ctx *const ctx = vhc_request_ctx_create(d);
	uint64_t id[NB_SESSIONS];
	unsigned int n;

	FUZZ_CHECK(d != NULL && ctx != NULL && pending != NULL);
	memset(pending, 0, 2 * sizeof(*pending));
	vhc_device_set_features(d, fuzz_u8(in) & vhc_device_features(d));
	for (n = 0; n < NB_SESSIONS; n++)
		id[n] = create_session(d, n);

	for (n = 0; n < MAX_CHAINS && in->len != 0; n++) {
		struct pending *const p = &pending[n % 2];
		const uint8_t how = fuzz_u8(in);
		const bool has_id = (how & HOW_ID) != 0;
		const uint8_t which = has_id ? fuzz_u8(in) % NB_SESSIONS : 0;
		const uint16_t nb = fuzz_u8(in) % (MAX_DESC + 1);

		pending_finish(p);
		chain_make(&p->chain, in, nb, has_id, id[which],
				how & HOW_CTRL ? 16 : SESSION_ID_AT);
		p->drop = (how & HOW_DROP) != 0;
		if (how & HOW_CTRL) {
			FUZZ_CHECK(vhc_device_ctrl(d, p->chain.desc, nb) <= p->chain.writable);
			chain_free(&p->chain);
		} else {
			data_request(ctx, p);
			if (!(how & HOW_HOLD))
				pending_finish(p);
		}
		if (how & HOW_RESET) {
			pending[0].drop = true;
			pending[1].drop = true;
			vhc_device_reset(d);
			FUZZ_CHECK(vhc_device_nb_sessions(d) == 0);
		}
		FUZZ_CHECK(vhc_device_nb_sessions(d) <= cfg.max_sessions);
		/* Held by the two that are pending, and in advance. */
		FUZZ_CHECK(vhc_device_reap(d) <= 3);
	}
	pending_finish(&pending[0]);
	pending_finish(&pending[1]);
	vhc_request_ctx_idle(ctx);
	FUZZ_CHECK(vhc_device_reap(d) == 0);
	vhc_request_ctx_destroy(ctx);
	vhc_device_destroy(d);
	free(pending);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = {data, size};

	if (fuzz_u8(&in) % NB_KINDS == KEYS)
		try_key(&in);
	else
		run_requests(&in);
	return 0;
}

/* --- Seeds ---------------------------------------------------------------------------------- */

static uint8_t *
put_u16(uint8_t *p, uint16_t v)
{
	*p++ = (uint8_t)v;
	*p++ = (uint8_t)(v >> 8);
	return p;
}

/* A key, and each operation with it. */
static size_t
put_key(uint8_t *seed, unsigned int which)
{
	const bool rsa = sessions[which].algo == VIRTIO_CRYPTO_AKCIPHER_RSA;
	uint8_t *p = seed, op;

	*p++ = KEYS;
	*p++ = (uint8_t)sessions[which].algo;
	*p++ = sessions[which].private;
	*p++ = rsa ? (uint8_t)sessions[which].para[0] : 0;
	*p++ = rsa ? (uint8_t)sessions[which].para[1] : 0;
	*p++ = rsa ? 0 : (uint8_t)sessions[which].para[0];
	p = put_u16(p, sessions[which].key_len);
	p = put(p, sessions[which].key, sessions[which].key_len);
	for (op = 0; op < MAX_OPS; op++) {
		const uint16_t src = op == VHC_ASYM_SIGN ? 32 : rsa ? 64 : 72;

		*p++ = op;
		p = put_u16(p, src);
		p = put_u16(p, 32);
		p = put_u16(p, 72);
		p = put_bytes(p, src + 32);
	}
	return (size_t)(p - seed);
}

static uint8_t *
put_words(uint8_t *p, const uint16_t *words, uint8_t nb)
{
	uint8_t i;

	*p++ = nb;
	for (i = 0; i < nb; i++)
		p = put_u16(p, words[i]);
	return p;
}

/* An operation of a session; the source lies in two pieces. */
static uint8_t *
put_data(uint8_t *p, uint8_t how, uint8_t which, uint8_t op, bool exact)
{
	const uint16_t src = op == VHC_ASYM_SIGN ? 32 : 64;
	const struct virtio_crypto_akcipher_data_req req = {
		.header.opcode = rte_cpu_to_le_32(VIRTIO_CRYPTO_AKCIPHER_ENCRYPT | op),
		.header.flag = rte_cpu_to_le_32(VIRTIO_CRYPTO_FLAG_SESSION_MODE),
		.src_data_len = rte_cpu_to_le_32(src),
		.dst_data_len = rte_cpu_to_le_32(op == VHC_ASYM_VERIFY ? 32 : 72),
	};
	const uint16_t words[] = {exact ? 32 : 72, 10, src - 10, op == VHC_ASYM_VERIFY ? 32 :
		72 | WRITABLE, 1 | WRITABLE};

	*p++ = how | HOW_ID;
	*p++ = which;
	p = put_words(p, words, 5);
	p = put(p, &req, sizeof(req));
	return put_bytes(p, (exact ? 0 : 72 - sizeof(req)) + src +
			(op == VHC_ASYM_VERIFY ? 32 : 0));
}

static uint8_t *
put_stateless(uint8_t *p, uint8_t which, uint8_t op)
{
	const uint16_t src = op == VHC_ASYM_SIGN ? 32 : 64, key = sessions[which].key_len;
	const struct virtio_crypto_akcipher_stateless_req req = {
		.header.opcode = rte_cpu_to_le_32(VIRTIO_CRYPTO_AKCIPHER_ENCRYPT | op),
		.algo = rte_cpu_to_le_32(sessions[which].algo),
		.key_type = rte_cpu_to_le_32(sessions[which].private ?
				VIRTIO_CRYPTO_AKCIPHER_KEY_TYPE_PRIVATE :
				VIRTIO_CRYPTO_AKCIPHER_KEY_TYPE_PUBLIC),
		.key_len = rte_cpu_to_le_32(key),
		.rsa.padding_algo = rte_cpu_to_le_32(sessions[which].para[0]),
		.rsa.hash_algo = rte_cpu_to_le_32(sessions[which].para[1]),
		.src_data_len = rte_cpu_to_le_32(src),
		.dst_data_len = rte_cpu_to_le_32(op == VHC_ASYM_VERIFY ? 32 : 72),
	};
	const uint16_t words[] = {sizeof(req), key, src, op == VHC_ASYM_VERIFY ? 32 :
		72 | WRITABLE, 1 | WRITABLE};

	*p++ = HOW_HOLD;
	p = put_words(p, words, 5);
	p = put(p, &req, sizeof(req));
	p = put(p, sessions[which].key, key);
	return put_bytes(p, src + (op == VHC_ASYM_VERIFY ? 32 : 0));
}

static uint8_t *
put_create(uint8_t *p, unsigned int which)
{
	const struct virtio_crypto_akcipher_create_session_req req = create_req(which);
	const uint16_t words[] = {sizeof(req), sessions[which].key_len, 16 | WRITABLE};

	*p++ = HOW_CTRL;
	p = put_words(p, words, 3);
	p = put(p, &req, sizeof(req));
	return put(p, sessions[which].key, sessions[which].key_len);
}

static uint8_t *
put_destroy(uint8_t *p, uint8_t which)
{
	static const uint16_t words[] = {72, 1 | WRITABLE};
	const struct virtio_crypto_destroy_session_req req = {
		.header.opcode = rte_cpu_to_le_32(VIRTIO_CRYPTO_AKCIPHER_DESTROY_SESSION),
	};

	*p++ = HOW_CTRL | HOW_ID;
	*p++ = which;
	p = put_words(p, words, 2);
	return put(p, &req, sizeof(req));
}

static void
write_seeds(const char *folder)
{
	static const char *const names[NB_SESSIONS] = {"rsa-private", "rsa-raw", "rsa-public",
		"ec-private", "ec-public"};
	uint8_t seed[4096], *p, n, op;
	char name[64];

	for (n = 0; n < NB_SESSIONS; n++) {
		snprintf(name, sizeof(name), "key-%s", names[n]);
		fuzz_seed(folder, name, seed, put_key(seed, n));
		seed[0] = REQUESTS;
		seed[1] = n % 2;
		p = put_create(seed + 2, n);
		for (op = 0; op < MAX_OPS; op++)
			p = put_data(p, op % 2 != 0 ? HOW_HOLD : 0, n, op, n % 2 != 0);
		p = put_destroy(p, n);
		snprintf(name, sizeof(name), "session-%s", names[n]);
		fuzz_seed(folder, name, seed, (size_t)(p - seed));
		seed[1] = ALL_FEATURES;
		p = put_stateless(seed + 2, n, VHC_ASYM_SIGN);
		p = put_stateless(p, n, VHC_ASYM_VERIFY);
		p = put_data(p, HOW_HOLD | HOW_RESET, n, VHC_ASYM_SIGN, true);
		snprintf(name, sizeof(name), "stateless-%s", names[n]);
		fuzz_seed(folder, name, seed, (size_t)(p - seed));
	}
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *const folder = fuzz_seeds_wanted(*argc, *argv);

	if (folder != NULL) {
		write_seeds(folder);
		exit(0);
	}
	/* The engine's threads are where EAL wants them. */
	fuzz_eal_init();
	engine = vhc_engine_asym_create(1, 1);
	lib = OSSL_LIB_CTX_new();
	FUZZ_CHECK(engine != NULL && engine->ops->op_priv_len <= PRIV_LEN);
	FUZZ_CHECK(lib != NULL && OSSL_PROVIDER_load(lib, "default") != NULL);
	return 0;
}
