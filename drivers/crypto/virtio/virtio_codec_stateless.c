/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Symmetric codec, stateless requests of all services.
 * [virtio 5.9.9.4 to 5.9.9.7, the structures with "stateless" in their names]
 *
 * May include: wire, slot, codec. Sees no ring and no transport. vcrypto_codec_stateless_init()
 * runs on whoever makes a session, the rest on the data path of any queue pair.
 *
 * In the slot a stateless request has the place of the short table, so its table is always the
 * extension's:
 *
 *   0        session's header, which the device does not see
 *   48 or 72 IV (AEAD: and AAD)
 *   88 or 96 stateless header
 *   192      status, digest
 *
 * Keys are never copied into a slot.
 */

#include <string.h>

#include "virtio_codec.h"
#include "virtio_codec_stateless.h"
#include "virtio_codec_table.h"

/* The CIPHER service's header fits behind the IV; AEAD's AAD may fill all before the table. */
#define SYM_REQ_SLOT (offsetof(struct vcrypto_slot, iv) + VCRYPTO_IV_MAX_LEN)
#define OTHER_REQ_SLOT offsetof(struct vcrypto_slot, table)

static_assert(SYM_REQ_SLOT + sizeof(struct virtio_crypto_sym_stateless_req) <=
	offsetof(struct vcrypto_slot, status), "the longest header fits");
static_assert(sizeof(struct vcrypto_stateless) + VCRYPTO_CREATE_KEY_MAX <= 2048,
	"aligned to its size it lies in one page");

/* ---- sessions ---- */

size_t
vcrypto_codec_stateless_size(const struct vcrypto_sym_create *create)
{
	return sizeof(struct vcrypto_stateless) + create->cipher_key_len + create->auth_key_len;
}

static void
fill_cipher(struct virtio_crypto_cipher_stateless_para *p, const struct vcrypto_sym_create *create,
		const struct vcrypto_sym_template *tmpl)
{
	const struct virtio_crypto_cipher_session_para *const c = &create->req.sym.cipher;

	p->algo = c->algo;
	p->key_len = c->key_len;
	p->op = c->op;
	p->iv_len = tmpl->req.sym.cipher.iv_len;
}

static void
fill_chain(struct virtio_crypto_chain_stateless_para *p, const struct vcrypto_sym_create *create,
		const struct vcrypto_sym_template *tmpl)
{
	const struct virtio_crypto_chain_session_para *const c = &create->req.sym.chain;

	p->alg_chain_order = c->alg_chain_order;
	p->cipher_algo = c->cipher.algo;
	p->key_len = c->cipher.key_len;
	p->op = c->cipher.op;
	p->hash_mode = c->hash_mode;
	if (c->hash_mode == rte_cpu_to_le_32(VIRTIO_CRYPTO_SYM_HASH_MODE_PLAIN)) {
		p->auth_algo = c->hash.algo;
	} else {
		p->auth_algo = c->mac.algo;
		p->auth_key_len = c->mac.auth_key_len;
	}
	p->iv_len = tmpl->req.sym.chain.iv_len;
	p->hash_result_len = tmpl->req.sym.chain.hash_result_len;
}

static void
fill_req(struct vcrypto_stateless *sl, const struct vcrypto_sym_create *create,
		const struct vcrypto_sym_template *tmpl)
{
	union vcrypto_stateless_req *const r = &sl->req;

	switch (create->service) {
	case VIRTIO_CRYPTO_SERVICE_CIPHER:
		sl->req_len = sizeof(r->sym);
		if (tmpl->shape == VCRYPTO_SHAPE_CIPHER)
			fill_cipher(&r->sym.cipher, create, tmpl);
		else
			fill_chain(&r->sym.chain, create, tmpl);
		r->sym.op_type = create->req.sym.op_type;
		break;
	case VIRTIO_CRYPTO_SERVICE_HASH:
		sl->req_len = sizeof(r->hash);
		r->hash.algo = create->req.hash.algo;
		r->hash.hash_result_len = tmpl->req.hash.hash_result_len;
		break;
	case VIRTIO_CRYPTO_SERVICE_MAC:
		sl->req_len = sizeof(r->mac);
		r->mac.algo = create->req.mac.para.algo;
		r->mac.auth_key_len = create->req.mac.para.auth_key_len;
		r->mac.hash_result_len = tmpl->req.hash.hash_result_len;
		break;
	default:
		sl->req_len = sizeof(r->aead);
		r->aead.algo = create->req.aead.algo;
		r->aead.key_len = create->req.aead.key_len;
		r->aead.op = create->req.aead.op;
		r->aead.iv_len = tmpl->req.aead.iv_len;
		r->aead.tag_len = tmpl->req.aead.tag_len;
		break;
	}
}

void
vcrypto_codec_stateless_init(struct vcrypto_stateless *sl, rte_iova_t iova,
		const struct vcrypto_sym_create *create, struct vcrypto_sym_template *tmpl)
{
	const bool sym = create->service == VIRTIO_CRYPTO_SERVICE_CIPHER;

	memset(sl, 0, sizeof(*sl));
	/*
	 * [virtio 5.9.9.3] MUST be 0 in a stateless request: the flag. Nothing is said of the
	 * session id.
	 */
	sl->req.header.opcode = tmpl->req.header.opcode;
	sl->req.header.algo = tmpl->req.header.algo;
	fill_req(sl, create, tmpl);
	sl->shape = tmpl->shape;
	sl->service = create->service;
	sl->req_slot = sym ? SYM_REQ_SLOT : OTHER_REQ_SLOT;
	sl->iv_slot = sym ? offsetof(struct vcrypto_slot, iv) : tmpl->req_len;
	sl->keys_len = create->cipher_key_len + create->auth_key_len;
	sl->keys_iova = iova + offsetof(struct vcrypto_stateless, keys);
	memcpy(sl->keys, create->keys, sl->keys_len);
	tmpl->stateless = sl;
	tmpl->shape = VCRYPTO_SHAPE_STATELESS;
}

bool
vcrypto_codec_reads_only(const struct vcrypto_sym_template *t)
{
	const uint8_t shape = t->stateless != NULL ? t->stateless->shape : t->shape;

	return shape == VCRYPTO_SHAPE_AUTH || shape == VCRYPTO_SHAPE_GMAC ||
		shape == VCRYPTO_SHAPE_NULL_AUTH || shape == VCRYPTO_SHAPE_NULL_GMAC;
}

/* ---- operations ---- */

uint32_t
vcrypto_codec_stateless_nb_head(const struct vcrypto_sym_template *t)
{
	return 1 + (t->stateless->keys_len != 0) + (t->iv_len != 0);
}

void
vcrypto_codec_stateless_put_head(struct vcrypto_writer *w, const struct vcrypto_sym_template *t,
		const struct vcrypto_slot_priv *sp)
{
	const struct vcrypto_stateless *const sl = t->stateless;

	vcrypto_put_read(w, sp->iova + sl->req_slot, sl->req_len);
	if (sl->keys_len != 0)
		vcrypto_put_read(w, sl->keys_iova, sl->keys_len);
	if (t->iv_len != 0)
		vcrypto_put_read(w, sp->iova + sl->iv_slot, t->iv_len);
}

static void
finish_sym(const struct vcrypto_stateless *sl, const struct virtio_crypto_sym_data_req *from,
		struct virtio_crypto_sym_stateless_req *to)
{
	if (sl->shape == VCRYPTO_SHAPE_CIPHER) {
		to->cipher.src_data_len = from->cipher.src_data_len;
		to->cipher.dst_data_len = from->cipher.dst_data_len;
		return;
	}
	to->chain.src_data_len = from->chain.src_data_len;
	to->chain.dst_data_len = from->chain.dst_data_len;
	to->chain.cipher_start_src_offset = from->chain.cipher_start_src_offset;
	to->chain.len_to_cipher = from->chain.len_to_cipher;
	to->chain.hash_start_src_offset = from->chain.hash_start_src_offset;
	to->chain.len_to_hash = from->chain.len_to_hash;
}

void
vcrypto_codec_stateless_finish(const struct vcrypto_sym_template *t, struct vcrypto_slot_priv *sp)
{
	const struct vcrypto_stateless *const sl = t->stateless;
	const union vcrypto_slot_req *const from = &sp->slot->req;
	union vcrypto_stateless_req req;

	if (sl == NULL)
		return;
	/* Nothing of it is where a session's encoder would look for what it may patch. */
	sp->serial = 0;
	req = sl->req;
	switch (sl->service) {
	case VIRTIO_CRYPTO_SERVICE_CIPHER:
		finish_sym(sl, &from->sym, &req.sym);
		break;
	case VIRTIO_CRYPTO_SERVICE_HASH:
		req.hash.src_data_len = from->hash.src_data_len;
		break;
	case VIRTIO_CRYPTO_SERVICE_MAC:
		req.mac.src_data_len = from->hash.src_data_len;
		break;
	default:
		req.aead.aad_len = from->aead.aad_len;
		req.aead.src_data_len = from->aead.src_data_len;
		req.aead.dst_data_len = from->aead.dst_data_len;
		break;
	}
	memcpy((uint8_t *)sp->slot + sl->req_slot, &req, sl->req_len);
}

int
vcrypto_codec_stateless_encode(const struct vcrypto_sym_template *t,
		const struct rte_crypto_sym_op *so, const uint8_t *iv, struct vcrypto_slot_priv *sp,
		const struct vcrypto_desc_fmt *fmt, uint16_t max_desc)
{
	int ret;

	/* Nothing to patch. */
	sp->serial = 0;
	ret = vcrypto_codec_sym_encode[t->stateless->shape](t, so, iv, sp, fmt, max_desc);
	if (ret == VCRYPTO_ENCODE_NEW)
		vcrypto_codec_stateless_finish(t, sp);
	return ret;
}
