/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The back end's device: control and data requests of a guest that sends what
 * it likes, in descriptors cut where it likes. A session of each kind exists from the
 * start. Input: features, then chains: how, perhaps which session, number of descriptors, a 16-bit
 * word for each (length, and writable in bit 15), then what the readable ones hold.
 */

#include "device.h"
#include "engine.h"
#include "fuzz_chain.h"
#include "request.h"

#define MAX_CHAINS 16
#define SESSION_ID_AT 8 /* in a data request's header, and of the id in a destroy: 16 */

/* How a chain is used. */
#define HOW_CTRL 0x01
#define HOW_ID 0x02 /* a byte that chooses a session follows: its id is put in */
#define HOW_HOLD 0x08 /* the operation is finished after the next chain */
#define HOW_DROP 0x10 /* dropped instead, as after a reset */
#define HOW_RESET 0x20 /* the device is reset behind this chain */

/* The sessions. */
enum {
	CIPHER,
	CHAIN,
	HASH,
	MAC,
	SEAL,
	OPEN,
	NB_SESSIONS,
};

#define KEYS_LEN 36
#define ALL_FEATURES 0x1f

/* A request that is with the engine. */
struct pending {
	struct vhc_request req;
	struct chain chain;
	bool drop;
	bool used;
};

static struct vhc_engine *engine;

/* A control request with one readable and one writable descriptor. */
static uint64_t
create_session(struct vhc_device *d, const void *req, size_t len)
{
	struct virtio_crypto_create_session_resp resp;
	uint8_t copy[256];
	const struct vhc_desc desc[] = {
		{ .addr = copy, .len = (uint32_t)len },
		{ .addr = &resp, .len = sizeof(resp), .writable = true },
	};

	FUZZ_CHECK(len <= sizeof(copy));
	memcpy(copy, req, len);
	FUZZ_CHECK(vhc_device_ctrl(d, desc, 2) == sizeof(resp));
	FUZZ_CHECK(rte_le_to_cpu_32(resp.status) == VIRTIO_CRYPTO_OK);
	return rte_le_to_cpu_64(resp.session_id);
}

/* Bytes of a create request. */
struct create_req {
	union {
		struct virtio_crypto_sym_create_session_req sym;
		struct virtio_crypto_hash_create_session_req hash;
		struct virtio_crypto_mac_create_session_req mac;
		struct virtio_crypto_aead_create_session_req aead;
		uint8_t bytes[72 + KEYS_LEN];
	};
};

/* AES-CBC, HMAC-SHA1, SHA-256 and AES-GCM, with keys of zeros. @return the length. */
static size_t
create_req_fill(struct create_req *r, unsigned int which, bool exact)
{
	struct virtio_crypto_cipher_session_para *const cipher =
		which == CHAIN ? &r->sym.chain.cipher : &r->sym.cipher;

	memset(r, 0, sizeof(*r));
	switch (which) {
	case HASH:
		r->hash.header.opcode = rte_cpu_to_le_32(VIRTIO_CRYPTO_HASH_CREATE_SESSION);
		r->hash.algo = rte_cpu_to_le_32(VIRTIO_CRYPTO_HASH_SHA_256);
		r->hash.hash_result_len = rte_cpu_to_le_32(32);
		return exact ? sizeof(r->hash) : 72;
	case MAC:
		r->mac.header.opcode = rte_cpu_to_le_32(VIRTIO_CRYPTO_MAC_CREATE_SESSION);
		r->mac.para.algo = rte_cpu_to_le_32(VIRTIO_CRYPTO_MAC_HMAC_SHA1);
		r->mac.para.hash_result_len = rte_cpu_to_le_32(20);
		r->mac.para.auth_key_len = rte_cpu_to_le_32(20);
		return (exact ? sizeof(r->mac) : 72) + 20;
	case SEAL:
	case OPEN:
		r->aead.header.opcode = rte_cpu_to_le_32(VIRTIO_CRYPTO_AEAD_CREATE_SESSION);
		r->aead.algo = rte_cpu_to_le_32(VIRTIO_CRYPTO_AEAD_GCM);
		r->aead.key_len = rte_cpu_to_le_32(16);
		r->aead.tag_len = rte_cpu_to_le_32(16);
		r->aead.op = rte_cpu_to_le_32(which == SEAL ? VIRTIO_CRYPTO_OP_ENCRYPT :
				VIRTIO_CRYPTO_OP_DECRYPT);
		return (exact ? sizeof(r->aead) : 72) + 16;
	}
	r->sym.header.opcode = rte_cpu_to_le_32(VIRTIO_CRYPTO_CIPHER_CREATE_SESSION);
	r->sym.header.algo = rte_cpu_to_le_32(VIRTIO_CRYPTO_CIPHER_AES_CBC);
	r->sym.op_type = rte_cpu_to_le_32(which == CHAIN ?
			VIRTIO_CRYPTO_SYM_OP_ALGORITHM_CHAINING : VIRTIO_CRYPTO_SYM_OP_CIPHER);
	cipher->algo = rte_cpu_to_le_32(VIRTIO_CRYPTO_CIPHER_AES_CBC);
	cipher->key_len = rte_cpu_to_le_32(16);
	cipher->op = rte_cpu_to_le_32(VIRTIO_CRYPTO_OP_ENCRYPT);
	if (which == CIPHER)
		return sizeof(r->sym) + 16;
	r->sym.chain.alg_chain_order =
		rte_cpu_to_le_32(VIRTIO_CRYPTO_SYM_ALG_CHAIN_ORDER_CIPHER_THEN_HASH);
	r->sym.chain.hash_mode = rte_cpu_to_le_32(VIRTIO_CRYPTO_SYM_HASH_MODE_AUTH);
	r->sym.chain.mac.algo = rte_cpu_to_le_32(VIRTIO_CRYPTO_MAC_HMAC_SHA1);
	r->sym.chain.mac.hash_result_len = rte_cpu_to_le_32(20);
	r->sym.chain.mac.auth_key_len = rte_cpu_to_le_32(20);
	return sizeof(r->sym) + 16 + 20;
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

	if (!vhc_request_begin(&p->req, ctx, p->chain.desc, p->chain.nb)) {
		check_answer(&p->chain, p->req.used_len);
		chain_free(&p->chain);
		return;
	}
	op = &p->req.op;
	FUZZ_CHECK(engine->ops->enqueue(engine, 0, &op, 1) == 1);
	FUZZ_CHECK(engine->ops->dequeue(engine, 0, &done, 1) == 1);
	FUZZ_CHECK(done == op);
	p->used = true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct vhc_device_cfg cfg = { .max_sessions = 8, .max_size = 4096,
		.stateless = true };
	struct fuzz_input in = {data, size};
	struct pending *const pending = calloc(2, sizeof(*pending));
	struct vhc_device *const d = vhc_device_create(&cfg, engine);
	struct vhc_request_ctx *const ctx = vhc_request_ctx_create(d);
	uint64_t id[NB_SESSIONS];
	struct create_req req;
	unsigned int n;

	FUZZ_CHECK(d != NULL && ctx != NULL && pending != NULL);
	FUZZ_CHECK(vhc_device_features(d) == ALL_FEATURES);
	vhc_device_set_features(d, fuzz_u8(&in));
	for (n = 0; n < NB_SESSIONS; n++)
		id[n] = create_session(d, &req,
				create_req_fill(&req, n, vhc_device_revision_1(d)));

	for (n = 0; n < MAX_CHAINS && in.len != 0; n++) {
		struct pending *const p = &pending[n % 2];
		const uint8_t how = fuzz_u8(&in);
		const bool has_id = (how & HOW_ID) != 0;
		const uint8_t which = has_id ? fuzz_u8(&in) % NB_SESSIONS : 0;
		const uint16_t nb = fuzz_u8(&in) % (MAX_DESC + 1);

		pending_finish(p);
		chain_make(&p->chain, &in, nb, has_id, id[which],
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
	return 0;
}

/* A chain of descriptors with these lengths; which: NB_SESSIONS, or whose id it gets. */
static uint8_t *
put_head(uint8_t *p, uint8_t how, uint8_t which, uint8_t nb, const uint16_t *words)
{
	uint8_t i;

	*p++ = which < NB_SESSIONS ? how | HOW_ID : how;
	if (which < NB_SESSIONS)
		*p++ = which;
	*p++ = nb;
	for (i = 0; i < nb; i++) {
		*p++ = (uint8_t)words[i];
		*p++ = (uint8_t)(words[i] >> 8);
	}
	return p;
}

static uint8_t *
put_cipher(uint8_t *p, uint8_t how)
{
	static const uint16_t words[] = {72, 16, 64, 64 | WRITABLE, 1 | WRITABLE};
	struct virtio_crypto_sym_data_req req = {
		.header.opcode = rte_cpu_to_le_32(VIRTIO_CRYPTO_CIPHER_ENCRYPT),
		.header.algo = rte_cpu_to_le_32(VIRTIO_CRYPTO_CIPHER_AES_CBC),
		.cipher.iv_len = rte_cpu_to_le_32(16),
		.cipher.src_data_len = rte_cpu_to_le_32(64),
		.cipher.dst_data_len = rte_cpu_to_le_32(64),
		.op_type = rte_cpu_to_le_32(VIRTIO_CRYPTO_SYM_OP_CIPHER),
	};

	p = put_head(p, how, CIPHER, 5, words);
	p = put(p, &req, sizeof(req));
	return put_bytes(p, 16 + 64);
}

static uint8_t *
put_chain(uint8_t *p, uint8_t how)
{
	static const uint16_t words[] = {72, 16, 40, 24, 30 | WRITABLE, 34 | WRITABLE,
		20 | WRITABLE, 1 | WRITABLE};
	struct virtio_crypto_sym_data_req req = {
		.header.opcode = rte_cpu_to_le_32(VIRTIO_CRYPTO_CIPHER_ENCRYPT),
		.header.algo = rte_cpu_to_le_32(VIRTIO_CRYPTO_CIPHER_AES_CBC),
		.chain.iv_len = rte_cpu_to_le_32(16),
		.chain.src_data_len = rte_cpu_to_le_32(64),
		.chain.dst_data_len = rte_cpu_to_le_32(64),
		.chain.cipher_start_src_offset = rte_cpu_to_le_32(16),
		.chain.len_to_cipher = rte_cpu_to_le_32(32),
		.chain.len_to_hash = rte_cpu_to_le_32(64),
		.chain.hash_result_len = rte_cpu_to_le_32(20),
		.op_type = rte_cpu_to_le_32(VIRTIO_CRYPTO_SYM_OP_ALGORITHM_CHAINING),
	};

	p = put_head(p, how, CHAIN, 8, words);
	p = put(p, &req, sizeof(req));
	return put_bytes(p, 16 + 64);
}

/* HASH or MAC. */
static uint8_t *
put_digest(uint8_t *p, uint8_t which, bool exact)
{
	const uint16_t words[] = {exact ? 32 : 72, 30, 34, (which == HASH ? 32 : 20) | WRITABLE,
		1 | WRITABLE};
	struct virtio_crypto_hash_data_req req = {
		.header.opcode = rte_cpu_to_le_32(
				which == HASH ? VIRTIO_CRYPTO_HASH : VIRTIO_CRYPTO_MAC),
		.header.flag = rte_cpu_to_le_32(VIRTIO_CRYPTO_FLAG_SESSION_MODE),
		.src_data_len = rte_cpu_to_le_32(64),
		.hash_result_len = rte_cpu_to_le_32(which == HASH ? 32 : 20),
	};

	p = put_head(p, 0, which, 5, words);
	p = put(p, &req, sizeof(req));
	return put_bytes(p, (exact ? 0 : 72 - sizeof(req)) + 64);
}

static uint8_t *
put_aead(uint8_t *p, uint8_t which, bool exact)
{
	/* The tag lies across two descriptors, and so does the additional data. */
	const uint16_t words[] = {exact ? 48 : 72, 12, 60, 20, 10, 70 | WRITABLE, 10 | WRITABLE,
		1 | WRITABLE};
	struct virtio_crypto_aead_data_req req = {
		.header.opcode = rte_cpu_to_le_32(which == SEAL ? VIRTIO_CRYPTO_AEAD_ENCRYPT :
				VIRTIO_CRYPTO_AEAD_DECRYPT),
		.header.flag = rte_cpu_to_le_32(VIRTIO_CRYPTO_FLAG_SESSION_MODE),
		.iv_len = rte_cpu_to_le_32(12),
		.aad_len = rte_cpu_to_le_32(20),
		.src_data_len = rte_cpu_to_le_32(64),
		.dst_data_len = rte_cpu_to_le_32(80),
		.tag_len = rte_cpu_to_le_32(16),
	};

	p = put_head(p, 0, which, 8, words);
	p = put(p, &req, sizeof(req));
	return put_bytes(p, (exact ? 0 : 72 - sizeof(req)) + 12 + 90);
}

/* One of each service. */
static uint8_t *
put_stateless(uint8_t *p)
{
	static const uint16_t hash_words[] = {40, 64, 33 | WRITABLE};
	static const uint16_t mac_words[] = {40, 20, 64, 21 | WRITABLE};
	static const uint16_t cipher_words[] = {100, 16 + 16, 64, 65 | WRITABLE};
	static const uint16_t aead_words[] = {56, 16 + 12, 64, 20, 81 | WRITABLE};
	struct virtio_crypto_hash_stateless_req hash = {
		.header.opcode = rte_cpu_to_le_32(VIRTIO_CRYPTO_HASH),
		.algo = rte_cpu_to_le_32(VIRTIO_CRYPTO_HASH_SHA_256),
		.src_data_len = rte_cpu_to_le_32(64),
		.hash_result_len = rte_cpu_to_le_32(32),
	};
	struct virtio_crypto_mac_stateless_req mac = {
		.header.opcode = rte_cpu_to_le_32(VIRTIO_CRYPTO_MAC),
		.algo = rte_cpu_to_le_32(VIRTIO_CRYPTO_MAC_HMAC_SHA1),
		.auth_key_len = rte_cpu_to_le_32(20),
		.src_data_len = rte_cpu_to_le_32(64),
		.hash_result_len = rte_cpu_to_le_32(20),
	};
	struct virtio_crypto_sym_stateless_req cipher = {
		.header.opcode = rte_cpu_to_le_32(VIRTIO_CRYPTO_CIPHER_DECRYPT),
		.cipher.algo = rte_cpu_to_le_32(VIRTIO_CRYPTO_CIPHER_AES_CBC),
		.cipher.key_len = rte_cpu_to_le_32(16),
		.cipher.op = rte_cpu_to_le_32(VIRTIO_CRYPTO_OP_DECRYPT),
		.cipher.iv_len = rte_cpu_to_le_32(16),
		.cipher.src_data_len = rte_cpu_to_le_32(64),
		.cipher.dst_data_len = rte_cpu_to_le_32(64),
		.op_type = rte_cpu_to_le_32(VIRTIO_CRYPTO_SYM_OP_CIPHER),
	};
	struct virtio_crypto_aead_stateless_req aead = {
		.header.opcode = rte_cpu_to_le_32(VIRTIO_CRYPTO_AEAD_ENCRYPT),
		.algo = rte_cpu_to_le_32(VIRTIO_CRYPTO_AEAD_GCM),
		.key_len = rte_cpu_to_le_32(16),
		.op = rte_cpu_to_le_32(VIRTIO_CRYPTO_OP_ENCRYPT),
		.iv_len = rte_cpu_to_le_32(12),
		.tag_len = rte_cpu_to_le_32(16),
		.aad_len = rte_cpu_to_le_32(20),
		.src_data_len = rte_cpu_to_le_32(64),
		.dst_data_len = rte_cpu_to_le_32(80),
	};

	p = put(put_head(p, HOW_HOLD, NB_SESSIONS, 3, hash_words), &hash, sizeof(hash));
	p = put_bytes(p, 64);
	p = put(put_head(p, HOW_HOLD, NB_SESSIONS, 4, mac_words), &mac, sizeof(mac));
	p = put_bytes(p, 20 + 64);
	p = put(put_head(p, 0, NB_SESSIONS, 4, cipher_words), &cipher, sizeof(cipher));
	p = put_bytes(p, 16 + 16 + 64);
	p = put(put_head(p, 0, NB_SESSIONS, 5, aead_words), &aead, sizeof(aead));
	return put_bytes(p, 16 + 12 + 64 + 20);
}

static uint8_t *
put_create(uint8_t *p, unsigned int which, bool exact)
{
	struct create_req req;
	const size_t len = create_req_fill(&req, which, exact);
	const uint16_t words[] = {(uint16_t)len, 16 | WRITABLE};

	p = put_head(p, HOW_CTRL, NB_SESSIONS, 2, words);
	return put(p, &req, len);
}

static uint8_t *
put_destroy(uint8_t *p, uint8_t which)
{
	static const uint16_t words[] = {72, 1 | WRITABLE};
	static const uint16_t opcodes[NB_SESSIONS] = {
		[CIPHER] = VIRTIO_CRYPTO_CIPHER_DESTROY_SESSION,
		[CHAIN] = VIRTIO_CRYPTO_CIPHER_DESTROY_SESSION,
		[HASH] = VIRTIO_CRYPTO_HASH_DESTROY_SESSION,
		[MAC] = VIRTIO_CRYPTO_MAC_DESTROY_SESSION,
		[SEAL] = VIRTIO_CRYPTO_AEAD_DESTROY_SESSION,
		[OPEN] = VIRTIO_CRYPTO_AEAD_DESTROY_SESSION,
	};
	struct virtio_crypto_destroy_session_req req = {
		.header.opcode = rte_cpu_to_le_32(opcodes[which]),
	};

	p = put_head(p, HOW_CTRL, which, 2, words);
	return put(p, &req, sizeof(req));
}

static void
write_seeds(const char *folder)
{
	uint8_t seed[4096];
	uint8_t *p = seed;
	uint8_t exact;

	*p++ = 0;
	p = put_cipher(p, 0);
	p = put_chain(p, 0);
	fuzz_seed(folder, "data", seed, (size_t)(p - seed));
	p = seed + 1;
	p = put_create(p, CIPHER, false);
	p = put_create(p, CHAIN, false);
	p = put_cipher(p, HOW_HOLD);
	p = put_destroy(p, CIPHER);
	p = put_cipher(p, 0);
	fuzz_seed(folder, "sessions", seed, (size_t)(p - seed));
	p = seed + 1;
	p = put_chain(p, HOW_HOLD);
	p = put_cipher(p, HOW_HOLD | HOW_RESET);
	p = put_chain(p, HOW_DROP);
	fuzz_seed(folder, "reset", seed, (size_t)(p - seed));
	for (exact = 0; exact < 2; exact++) {
		seed[0] = exact;
		p = put_digest(seed + 1, HASH, exact);
		p = put_digest(p, MAC, exact);
		p = put_aead(p, SEAL, exact);
		p = put_aead(p, OPEN, exact);
		fuzz_seed(folder, exact ? "exact" : "padded", seed, (size_t)(p - seed));
		p = put_destroy(seed + 1, HASH);
		p = put_create(p, HASH, exact);
		p = put_destroy(p, OPEN);
		p = put_create(p, MAC, exact);
		p = put_create(p, SEAL, exact);
		p = put_aead(p, OPEN, exact);
		fuzz_seed(folder, exact ? "ctrl-exact" : "ctrl-padded", seed, (size_t)(p - seed));
	}
	seed[0] = ALL_FEATURES;
	p = put_stateless(seed + 1);
	p = put_stateless(p);
	fuzz_seed(folder, "stateless", seed, (size_t)(p - seed));
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *const folder = fuzz_seeds_wanted(*argc, *argv);

	if (folder != NULL) {
		write_seeds(folder);
		exit(0);
	}
	engine = vhc_engine_libcrypto_create(1);
	FUZZ_CHECK(engine != NULL);
	return 0;
}
