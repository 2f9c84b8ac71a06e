/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include <rte_byteorder.h>

#include "request.h"
#include "virtio_crypto_wire.h"

/* The fixed part of a request in CPU order, whatever its op_type. */
struct lengths {
	uint32_t iv;
	uint32_t src;
	uint32_t dst;
	uint32_t aad;
	uint32_t digest;
	uint32_t cipher_off;
	uint32_t cipher_len;
	uint32_t hash_off;
	uint32_t hash_len;
};

struct vhc_request_ctx {
	struct vhc_device *dev;
};

struct vhc_request_ctx *
vhc_request_ctx_create(struct vhc_device *dev)
{
	struct vhc_request_ctx *ctx = calloc(1, sizeof(*ctx));

	if (ctx == NULL) {
		errno = ENOMEM;
		return NULL;
	}
	ctx->dev = dev;
	return ctx;
}

void
vhc_request_ctx_destroy(struct vhc_request_ctx *ctx)
{
	free(ctx);
}

uint32_t
vhc_request_refuse(const struct vhc_desc *desc, uint16_t nb, uint8_t status)
{
	struct vhc_chain c;

	vhc_chain_split(&c, desc, nb);
	if (c.last == NULL)
		return 0;
	*c.last = status;
	/* The status is all that was written, at the end. [virtio 2.7.8.2] */
	return c.out_len == 1 ? 1 : 0;
}

static void
get_lengths(const struct virtio_crypto_sym_data_req *req, bool chain, struct lengths *l)
{
	memset(l, 0, sizeof(*l));
	if (!chain) {
		l->iv = rte_le_to_cpu_32(req->cipher.iv_len);
		l->src = rte_le_to_cpu_32(req->cipher.src_data_len);
		l->dst = rte_le_to_cpu_32(req->cipher.dst_data_len);
		l->cipher_len = l->src;
		return;
	}
	l->iv = rte_le_to_cpu_32(req->chain.iv_len);
	l->src = rte_le_to_cpu_32(req->chain.src_data_len);
	l->dst = rte_le_to_cpu_32(req->chain.dst_data_len);
	l->cipher_off = rte_le_to_cpu_32(req->chain.cipher_start_src_offset);
	l->cipher_len = rte_le_to_cpu_32(req->chain.len_to_cipher);
	l->hash_off = rte_le_to_cpu_32(req->chain.hash_start_src_offset);
	l->hash_len = rte_le_to_cpu_32(req->chain.len_to_hash);
	l->aad = rte_le_to_cpu_32(req->chain.aad_len);
	l->digest = rte_le_to_cpu_32(req->chain.hash_result_len);
}

/*
 * Whether the lengths agree with each other, the session and the chain.
 * Sums are of 64 bits over 32-bit terms.
 */
static bool
lengths_fit(const struct lengths *l, const struct vhc_session *s, const struct vhc_chain *c,
		uint64_t max_size)
{
	uint64_t readable = sizeof(struct virtio_crypto_sym_data_req) + (uint64_t)l->iv + l->src +
			l->aad;
	uint64_t writable = (uint64_t)l->dst + l->digest + sizeof(uint8_t);

	return l->iv == s->iv_len && l->digest == s->digest_len && l->aad == 0 &&
			l->dst >= l->src && readable <= c->in_len && writable <= c->out_len &&
			(uint64_t)l->iv + l->src + l->dst + l->digest <= max_size &&
			(uint64_t)l->cipher_off + l->cipher_len <= l->src &&
			(uint64_t)l->hash_off + l->hash_len <= l->src;
}

static bool
overlap(const struct vhc_seg *a, const struct vhc_seg *b)
{
	uintptr_t x = (uintptr_t)a->base, y = (uintptr_t)b->base;

	return x < y ? y - x < a->len : x - y < b->len;
}

/* Whether an engine may work from source to destination as they lie. */
static bool
usable_in_place(const struct vhc_request *req, bool sgl)
{
	const struct vhc_engine_op *op = &req->op;
	uint16_t i, k;
	bool same;

	if (op->nb_src == 0 || op->nb_dst == 0 || (!sgl && (op->nb_src != 1 || op->nb_dst != 1)))
		return false;
	same = op->nb_src == op->nb_dst;
	for (i = 0; same && i < op->nb_src; i++)
		same = req->src[i].base == req->dst[i].base && req->src[i].len == req->dst[i].len;
	for (i = 0; i < op->nb_src; i++) {
		for (k = 0; k < op->nb_dst; k++) {
			if (overlap(&req->src[i], &req->dst[k]) && (!same || i != k))
				return false;
		}
	}
	return true;
}

/* Copy src bytes [from, to) to the destination, where that is other memory. */
static void
copy_range(struct vhc_cursor src, struct vhc_cursor dst, size_t from, size_t to)
{
	uint8_t *base;
	size_t n;

	vhc_cursor_skip(&src, from);
	vhc_cursor_skip(&dst, from);
	for (; from < to; from += n) {
		n = vhc_cursor_piece(&src, to - from, &base);
		if (n == 0)
			return;
		vhc_cursor_write(&dst, base, n);
	}
}

/* Give the operation its source and destination. @return false: no memory. */
static bool
map_data(struct vhc_request *req, const struct vhc_chain *c, struct vhc_cursor src,
		const struct lengths *l)
{
	struct vhc_engine_op *op = &req->op;
	struct vhc_cursor s = src, dst, t;

	req->bounce = NULL;
	req->bounce_len = 0;
	op->src = req->src;
	op->dst = req->dst;
	if (l->src == 0) {
		/* Nothing to do but perhaps to hash nothing: any valid address will do. */
		req->src[0].base = req->dst[0].base = req->digest;
		req->src[0].len = req->dst[0].len = 0;
		op->nb_src = op->nb_dst = 1;
		return true;
	}
	vhc_cursor_init(&dst, c->out, c->nb_out);
	t = dst;
	op->nb_src = vhc_cursor_segs(&s, l->src, req->src, VHC_REQUEST_SEGS);
	op->nb_dst = vhc_cursor_segs(&t, l->src, req->dst, VHC_REQUEST_SEGS);
	if (usable_in_place(req, vhc_device_sgl(req->ctx->dev))) {
		if (req->src[0].base != req->dst[0].base) {
			copy_range(src, dst, 0, l->cipher_off);
			copy_range(src, dst, l->cipher_off + l->cipher_len, l->src);
		}
		return true;
	}
	req->bounce = OPENSSL_malloc(l->src);
	if (req->bounce == NULL)
		return false;
	req->bounce_len = l->src;
	vhc_cursor_read(&src, req->bounce, l->src);
	req->src[0].base = req->dst[0].base = req->bounce;
	req->src[0].len = req->dst[0].len = l->src;
	op->nb_src = op->nb_dst = 1;
	return true;
}

/* @return a status; OK: the request fits the session and the chain. */
static uint8_t
check_sym(struct vhc_device *dev, const struct vhc_session *s,
		const struct virtio_crypto_sym_data_req *fixed, const struct vhc_chain *c,
		struct lengths *l)
{
	const uint32_t op_type = s->kind == VHC_SYM_CHAIN ? VIRTIO_CRYPTO_SYM_OP_ALGORITHM_CHAINING
							  : VIRTIO_CRYPTO_SYM_OP_CIPHER;
	const uint32_t opcode = rte_le_to_cpu_32(fixed->header.opcode);

	if (s->service != VIRTIO_CRYPTO_SERVICE_CIPHER)
		return VIRTIO_CRYPTO_INVSESS;
	if (rte_le_to_cpu_32(fixed->op_type) != op_type ||
			(opcode == VIRTIO_CRYPTO_CIPHER_ENCRYPT) != s->encrypt)
		return VIRTIO_CRYPTO_ERR;
	get_lengths(fixed, s->kind == VHC_SYM_CHAIN, l);
	return lengths_fit(l, s, c, vhc_device_max_size(dev)) ? VIRTIO_CRYPTO_OK
							      : VIRTIO_CRYPTO_ERR;
}

static uint8_t
set_up_sym(struct vhc_request *req, struct vhc_session *s, const struct vhc_chain *c,
		struct vhc_cursor cur, const struct lengths *l)
{
	vhc_cursor_read(&cur, req->iv, l->iv);
	req->src_len = l->src;
	req->dst_len = l->dst;
	req->digest_len = l->digest;
	req->op.session = s->engine_session;
	req->data_len = l->src;
	req->op.len = l->src;
	req->op.cipher_off = l->cipher_off;
	req->op.cipher_len = l->cipher_len;
	req->op.hash_off = l->hash_off;
	req->op.hash_len = l->hash_len;
	req->op.iv = req->iv;
	req->op.iv_len = s->iv_len;
	req->op.aad = NULL;
	req->op.aad_len = 0;
	req->op.digest = s->kind == VHC_SYM_CHAIN ? req->digest : NULL;
	if (!map_data(req, c, cur, l))
		return VIRTIO_CRYPTO_ERR;
	req->session = s;
	return VIRTIO_CRYPTO_OK;
}

/* @return a status; OK: the operation is ready. */
static uint8_t
begin_sym(struct vhc_request *req, const struct vhc_chain *c)
{
	struct vhc_device *dev = req->ctx->dev;
	struct virtio_crypto_sym_data_req fixed;
	struct vhc_session *s;
	struct vhc_cursor cur;
	struct lengths l;
	uint8_t status;

	vhc_cursor_init(&cur, c->in, c->nb_in);
	if (vhc_cursor_read(&cur, &fixed, sizeof(fixed)) != sizeof(fixed))
		return VIRTIO_CRYPTO_ERR;
	/* [virtio 5.9.9.3: with REVISION_1 and no stateless mode, SESSION_MODE is to be set] */
	if (vhc_device_revision_1(dev) &&
			rte_le_to_cpu_32(fixed.header.flag) != VIRTIO_CRYPTO_FLAG_SESSION_MODE)
		return VIRTIO_CRYPTO_ERR;

	s = vhc_device_get_session(dev, rte_le_to_cpu_64(fixed.header.session_id));
	if (s == NULL)
		return VIRTIO_CRYPTO_INVSESS;
	status = check_sym(dev, s, &fixed, c, &l);
	if (status == VIRTIO_CRYPTO_OK)
		status = set_up_sym(req, s, c, cur, &l);
	if (status != VIRTIO_CRYPTO_OK)
		vhc_device_put_session(s);
	return status;
}

bool
vhc_request_begin(struct vhc_request *req, struct vhc_request_ctx *ctx,
		const struct vhc_desc *desc, uint16_t nb)
{
	struct virtio_crypto_op_header header;
	struct vhc_cursor cur;
	struct vhc_chain c;
	uint32_t opcode;
	uint8_t status;
	bool ordered;

	ordered = vhc_chain_split(&c, desc, nb) == 0;
	req->ctx = ctx;
	req->session = NULL;
	req->desc = desc;
	req->nb_desc = nb;
	req->status = c.last;
	req->used_len = 0;
	req->src_len = 0;
	req->service = 0;
	req->result = VIRTIO_CRYPTO_ERR;
	/* Without room for a status nothing is done, as nobody could learn of it. */
	if (c.last == NULL)
		return false;

	vhc_cursor_init(&cur, c.in, c.nb_in);
	if (!ordered || vhc_cursor_read(&cur, &header, sizeof(header)) != sizeof(header)) {
		status = VIRTIO_CRYPTO_ERR;
	} else {
		opcode = rte_le_to_cpu_32(header.opcode);
		req->service = (uint8_t)(opcode >> 8);
		switch (opcode) {
		case VIRTIO_CRYPTO_CIPHER_ENCRYPT:
		case VIRTIO_CRYPTO_CIPHER_DECRYPT:
			status = begin_sym(req, &c);
			break;
		default: /* Services that are not offered. */
			status = VIRTIO_CRYPTO_NOTSUPP;
			break;
		}
	}
	if (req->session != NULL)
		return true;
	*c.last = status;
	req->result = status;
	req->used_len = c.out_len == 1 ? 1 : 0;
	return false;
}

void
vhc_request_drop(struct vhc_request *req)
{
	if (req->bounce != NULL)
		OPENSSL_clear_free(req->bounce, req->bounce_len);
	vhc_device_put_session(req->session);
	req->session = NULL;
}

void
vhc_request_finish(struct vhc_request *req)
{
	struct vhc_cursor out;
	struct vhc_chain c;

	vhc_chain_split(&c, req->desc, req->nb_desc);
	if (req->op.status == VIRTIO_CRYPTO_OK) {
		vhc_cursor_init(&out, c.out, c.nb_out);
		if (req->bounce != NULL)
			vhc_cursor_write(&out, req->bounce, req->src_len);
		else
			vhc_cursor_skip(&out, req->src_len);
		vhc_cursor_skip(&out, req->dst_len - req->src_len);
		vhc_cursor_write(&out, req->digest, req->digest_len);
	}
	*req->status = req->op.status;
	req->result = req->op.status;
	/*
	 * Bytes written without a gap, from the first writable one.
	 * [virtio 2.7.8.2: MUST NOT say more than was written]
	 */
	if (req->op.status != VIRTIO_CRYPTO_OK)
		req->used_len = c.out_len == 1 ? 1 : 0;
	else if (req->dst_len != req->src_len)
		req->used_len = req->src_len;
	else if (c.out_len != (uint64_t)req->dst_len + req->digest_len + 1)
		req->used_len = req->dst_len + req->digest_len;
	else
		req->used_len = (uint32_t)c.out_len;
	vhc_request_drop(req);
}
