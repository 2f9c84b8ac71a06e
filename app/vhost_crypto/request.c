/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include <rte_branch_prediction.h>
#include <rte_byteorder.h>

#include "request.h"
#include "request_ctx.h"
#include "request_fields.h"
#include "virtio_crypto_wire.h"

struct vhc_request_ctx *
vhc_request_ctx_create(struct vhc_device *dev)
{
	struct vhc_request_ctx *ctx = calloc(1, sizeof(*ctx));

	if (ctx != NULL) {
		ctx->dev = dev;
		ctx->stateless = vhc_stateless_create(dev);
		if (ctx->stateless != NULL)
			return ctx;
		free(ctx);
	}
	errno = ENOMEM;
	return NULL;
}

void
vhc_request_ctx_forget(struct vhc_request_ctx *ctx)
{
	vhc_request_ctx_unhold(ctx);
	vhc_stateless_forget(ctx->stateless);
}

void
vhc_request_ctx_idle(struct vhc_request_ctx *ctx)
{
	vhc_request_ctx_unhold(ctx);
}

void
vhc_request_ctx_destroy(struct vhc_request_ctx *ctx)
{
	if (ctx == NULL)
		return;
	vhc_request_ctx_unhold(ctx);
	vhc_stateless_destroy(ctx->stateless);
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

/* Bytes of the writable part behind the destination: an AEAD's tag is in it. */
static uint32_t
trailer(const struct vhc_fields *f, uint8_t service)
{
	return service == VIRTIO_CRYPTO_SERVICE_AEAD ? 0 : f->digest;
}

/* Bytes of the readable part. */
static uint64_t
readable(const struct vhc_fields *f, uint32_t fixed_len)
{
	return (uint64_t)fixed_len + f->keys + f->iv + f->src + f->aad;
}

/*
 * Whether the lengths agree with each other and the chain. Sums are of 64 bits over
 * 32-bit terms.
 */
static bool
fits_chain(const struct vhc_fields *f, uint8_t service, uint32_t fixed_len,
		const struct vhc_chain *c, uint64_t max_size)
{
	const uint64_t writable = (uint64_t)f->dst + trailer(f, service);

	return readable(f, fixed_len) <= c->in_len &&
			writable + sizeof(uint8_t) <= c->out_len && f->iv <= VHC_IV_MAX_LEN &&
			(uint64_t)f->keys + f->iv + f->src + f->aad + writable <= max_size &&
			(uint64_t)f->cipher_off + f->cipher_len <= f->src &&
			(uint64_t)f->hash_off + f->hash_len <= f->src;
}

/* Whether the request is one for this session. */
static bool
fits_session(const struct vhc_fields *f, const struct vhc_session *s)
{
	switch ((enum vhc_sym_kind)s->kind) {
	case VHC_SYM_CIPHER:
		return f->op_type == VIRTIO_CRYPTO_SYM_OP_CIPHER && f->iv == s->iv_len &&
				f->dst >= f->src;
	case VHC_SYM_CHAIN:
		return f->op_type == VIRTIO_CRYPTO_SYM_OP_ALGORITHM_CHAINING &&
				f->iv == s->iv_len && f->dst >= f->src &&
				f->digest == s->digest_len && f->aad == 0;
	case VHC_SYM_HASH:
	case VHC_SYM_MAC:
		return f->digest == s->digest_len;
	case VHC_SYM_AEAD:
		if (f->digest != s->digest_len)
			return false;
		/*
		 * Encryption appends the tag. Decryption expects it at the end of the source, and a
		 * destination that has room for it, too, is as good as one that has not.
		 */
		if (s->encrypt)
			return f->dst >= (uint64_t)f->src + f->digest;
		return f->src >= f->digest && f->dst >= f->src - f->digest;
	}
	return false;
}

static bool
overlap(const struct vhc_seg *a, const struct vhc_seg *b)
{
	return vhc_request_overlap(a->base, a->len, b->base, b->len);
}

/* Whether an engine that takes segments may work from source to destination as they lie. */
static bool
usable_segments(const struct vhc_request *req)
{
	const struct vhc_engine_op *op = &req->op;
	uint16_t i, k;
	bool same;

	if (op->nb_src == 0 || op->nb_dst == 0)
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

/* What is not ciphered goes to the destination as it is; the segments are usable. */
static void
copy_plain(const struct vhc_request *req, struct vhc_cursor src, struct vhc_cursor dst)
{
	const struct vhc_engine_op *op = &req->op;
	const uint32_t end = op->cipher_off + op->cipher_len;

	if (req->src[0].base == req->dst[0].base)
		return;
	if (op->nb_src == 1 && op->nb_dst == 1) {
		vhc_request_copy_plain(op, req->src[0].base, req->dst[0].base);
		return;
	}
	copy_range(src, dst, 0, op->cipher_off);
	copy_range(src, dst, end, op->len);
}

/*
 * Point the operation at its source and destination where they lie, and move both cursors behind
 * them. @return false: they are not usable so; the cursors are moved all the same.
 */
static bool
map_in_place(struct vhc_request *req, struct vhc_cursor *src, struct vhc_cursor *dst)
{
	struct vhc_engine_op *op = &req->op;
	const struct vhc_cursor src_start = *src, dst_start = *dst;
	struct vhc_cursor s, d;
	const size_t len = op->len;
	bool usable;

	/* Nearly always each is one piece, and they are the same or apart. */
	op->nb_src = op->nb_dst = 1;
	req->src[0].len = vhc_cursor_piece(src, len, &req->src[0].base);
	req->dst[0].len = vhc_cursor_piece(dst, len, &req->dst[0].base);
	if (likely(req->src[0].len == len && req->dst[0].len == len)) {
		usable = req->src[0].base == req->dst[0].base ||
				!overlap(&req->src[0], &req->dst[0]);
	} else {
		*src = s = src_start;
		*dst = d = dst_start;
		vhc_cursor_skip(src, len);
		vhc_cursor_skip(dst, len);
		if (!vhc_device_sgl(req->ctx->dev))
			return false;
		op->nb_src = vhc_cursor_segs(&s, len, req->src, VHC_REQUEST_SEGS);
		op->nb_dst = vhc_cursor_segs(&d, len, req->dst, VHC_REQUEST_SEGS);
		usable = usable_segments(req);
	}
	if (usable && req->session->kind == VHC_SYM_CHAIN)
		copy_plain(req, src_start, dst_start);
	return usable;
}

/* The same for an operation that only reads. */
static bool
map_source(struct vhc_request *req, struct vhc_cursor *src)
{
	struct vhc_engine_op *op = &req->op;
	struct vhc_cursor s = *src;

	op->nb_src = 1;
	req->src[0].len = vhc_cursor_piece(src, op->len, &req->src[0].base);
	if (likely(req->src[0].len == op->len))
		return true;
	*src = s;
	vhc_cursor_skip(src, op->len);
	if (!vhc_device_sgl(req->ctx->dev))
		return false;
	op->nb_src = vhc_cursor_segs(&s, op->len, req->src, VHC_REQUEST_SEGS);
	return op->nb_src != 0;
}

/* Whether an operation gives data, and not only a digest. */
static bool
has_result(const struct vhc_session *s)
{
	return s->kind != VHC_SYM_HASH && s->kind != VHC_SYM_MAC;
}

/* Put together what the engine cannot use as it lies. @return false: no memory. */
static bool
bounce(struct vhc_request *req, struct vhc_cursor *data, struct vhc_cursor *aad)
{
	struct vhc_engine_op *op = &req->op;
	const uint32_t data_len = data != NULL ? op->len : 0;

	req->bounce_len = data_len + (aad != NULL ? op->aad_len : 0);
	req->bounce = OPENSSL_malloc(req->bounce_len);
	if (req->bounce == NULL)
		return false;
	req->bounce_data = data != NULL;
	if (data != NULL) {
		vhc_cursor_read(data, req->bounce, data_len);
		req->src[0].base = req->dst[0].base = req->bounce;
		req->src[0].len = req->dst[0].len = data_len;
		op->nb_src = 1;
		op->nb_dst = has_result(req->session) ? 1 : 0;
	}
	if (aad != NULL) {
		vhc_cursor_read(aad, req->bounce + data_len, op->aad_len);
		op->aad = req->bounce + data_len;
	}
	return true;
}

/*
 * Give the operation its source, destination, digest and additional data.
 * @param cur  at the source.
 * @return false: no memory.
 */
static bool
map_data(struct vhc_request *req, const struct vhc_chain *c, struct vhc_cursor cur,
		const struct vhc_fields *f)
{
	struct vhc_engine_op *op = &req->op;
	const struct vhc_cursor src_start = cur;
	struct vhc_cursor dst, data, aad;
	bool data_usable = true, aad_usable = true;
	uint8_t *base = NULL;

	op->src = req->src;
	op->dst = req->dst;
	req->bounce = NULL;
	req->bounce_len = 0;
	vhc_cursor_init(&dst, c->out, c->nb_out);
	if (unlikely(op->len == 0)) {
		/* Nothing to do but perhaps to hash nothing: any valid address will do. */
		req->src[0].base = req->dst[0].base = req->digest;
		req->src[0].len = req->dst[0].len = 0;
		op->nb_src = op->nb_dst = 1;
	} else if (has_result(req->session)) {
		data_usable = map_in_place(req, &cur, &dst);
	} else {
		op->nb_dst = 0;
		data_usable = map_source(req, &cur);
	}

	/* Where the result of what follows the data goes; the cursor is behind op->len bytes. */
	req->digest_at = NULL;
	if (req->digest_len != 0) {
		if (req->session->kind == VHC_SYM_CHAIN)
			vhc_cursor_skip(&dst, req->digest_off - op->len);
		if (vhc_cursor_piece(&dst, req->digest_len, &base) == req->digest_len)
			req->digest_at = base;
	}
	if (req->session->kind == VHC_SYM_AEAD) {
		if (!req->session->encrypt)
			vhc_cursor_read(&cur, req->digest, f->digest);
		aad = cur;
		if (f->aad != 0) {
			aad_usable = vhc_cursor_piece(&cur, f->aad, &base) == f->aad;
			op->aad = base;
		}
	}
	if (likely(data_usable && aad_usable))
		return true;
	data = src_start;
	return bounce(req, data_usable ? NULL : &data, aad_usable ? NULL : &aad);
}

/* Everything is checked: fill in the operation. @param cur  at the IV. @return a status. */
static uint8_t
set_up(struct vhc_request *req, const struct vhc_chain *c, struct vhc_cursor cur,
		const struct vhc_fields *f)
{
	const struct vhc_session *s = req->session;
	struct vhc_engine_op *op = &req->op;
	const uint32_t behind = trailer(f, s->service);

	vhc_cursor_read(&cur, req->iv, f->iv);
	op->session = s->engine_session;
	op->len = f->src;
	op->cipher_off = f->cipher_off;
	op->cipher_len = f->cipher_len;
	op->hash_off = f->hash_off;
	op->hash_len = f->hash_len;
	op->iv = req->iv;
	op->iv_len = (uint8_t)f->iv;
	op->digest = s->kind == VHC_SYM_CIPHER ? NULL : req->digest;
	op->aad = NULL;
	op->aad_len = 0;
	req->src_len = f->src;
	req->dst_len = f->dst;
	req->data_len = has_result(s) ? f->src : 0;
	req->digest_len = behind;
	req->digest_off = f->dst;
	if (s->kind == VHC_SYM_AEAD) {
		op->aad_len = f->aad;
		if (s->encrypt) {
			req->data_len += f->digest;
			req->digest_len = f->digest;
			req->digest_off = f->src;
		} else {
			op->len -= f->digest;
			req->data_len = op->len;
		}
		op->cipher_len = op->len;
	}
	/*
	 * Bytes written without a gap, from the first writable one.
	 * [virtio 2.7.8.2: MUST NOT say more than was written]
	 */
	if (req->data_len != f->dst)
		req->ok_len = req->data_len;
	else
		req->ok_len = f->dst + behind +
				(c->out_len == (uint64_t)f->dst + behind + 1 ? 1 : 0);
	return map_data(req, c, cur, f) ? VIRTIO_CRYPTO_OK : VIRTIO_CRYPTO_ERR;
}

/* Let go of the session and of the memory. */
static void
let_go(struct vhc_request *req)
{
	if (unlikely(req->bounce != NULL)) {
		OPENSSL_clear_free(req->bounce, req->bounce_len);
		req->bounce = NULL;
	}
	/* Numbers of sessions are not 0; what a stateless request brings has no number. */
	if (likely(req->session->id != 0))
		vhc_request_release(req->ctx, req->session);
	else
		vhc_stateless_put(req->ctx->stateless, req->session);
	req->session = NULL;
}

/* A session for a stateless request. @param cur  at the keys; moves on. @return a status. */
static uint8_t
bring_session(struct vhc_request *req, struct vhc_cursor *cur, uint8_t service,
		struct vhc_sym_params *p)
{
	const uint32_t len = p->key_len + p->auth_key_len;
	uint8_t keys[2 * VHC_KEY_MAX_LEN];
	int ret;

	vhc_cursor_read(cur, keys, len);
	p->key = keys;
	p->auth_key = keys + p->key_len;
	ret = vhc_stateless_get(req->ctx->stateless, service, p, &req->session);
	OPENSSL_cleanse(keys, len);
	switch (ret) {
	case 0:
		return VIRTIO_CRYPTO_OK;
	case -ENOTSUP:
		return VIRTIO_CRYPTO_NOTSUPP;
	default:
		return VIRTIO_CRYPTO_ERR;
	}
}

/* The session that a request names. @return a status. */
static uint8_t
find_session(struct vhc_request *req, const union vhc_fixed *fixed, uint8_t service)
{
	struct vhc_session *s;
	bool encrypt;

	s = vhc_device_find_session(req->ctx->dev, rte_le_to_cpu_64(fixed->header.session_id));
	if (s == NULL)
		return VIRTIO_CRYPTO_INVSESS;
	vhc_request_hold(req->ctx, s);
	req->session = s;
	if (s->service != service)
		return VIRTIO_CRYPTO_INVSESS;
	encrypt = (rte_le_to_cpu_32(fixed->header.opcode) & 1) == 0;
	if ((service == VIRTIO_CRYPTO_SERVICE_CIPHER || service == VIRTIO_CRYPTO_SERVICE_AEAD) &&
			s->encrypt != encrypt)
		return VIRTIO_CRYPTO_ERR;
	return VIRTIO_CRYPTO_OK;
}

/* Opcodes of requests that the device serves. */
static bool
known_opcode(const struct vhc_device *dev, uint32_t opcode)
{
	const uint32_t service = opcode >> 8, op = opcode & 0xff;

	if (service > VIRTIO_CRYPTO_SERVICE_AKCIPHER ||
			!vhc_device_has_service(dev, (uint8_t)service))
		return false;
	if (service == VIRTIO_CRYPTO_SERVICE_AKCIPHER)
		return op <= VHC_ASYM_VERIFY;
	/* HASH and MAC have one, the others two. */
	return op == 0 || (op == 1 && (service == VIRTIO_CRYPTO_SERVICE_CIPHER ||
					      service == VIRTIO_CRYPTO_SERVICE_AEAD));
}

/*
 * A request with a session may have the stateless format where that is negotiated: the
 * specification says so in one place, and the contrary in others. It has if nothing else fits.
 */
static void
try_stateless_layout(union vhc_fixed *fixed, uint8_t service, const struct vhc_chain *c,
		uint32_t *fixed_len, struct vhc_cursor *cur, struct vhc_fields *f)
{
	const uint32_t longer = vhc_fields_fixed_len(service, true, true);
	const uint32_t more = longer - *fixed_len;
	struct vhc_cursor behind = *cur;
	struct vhc_sym_params ignored;
	struct vhc_fields other;

	if (readable(f, *fixed_len) == c->in_len)
		return;
	if (vhc_cursor_read(&behind, fixed->bytes + *fixed_len, more) != more)
		return;
	vhc_fields_of_stateless(fixed, service, &other, &ignored);
	if (readable(&other, longer) != c->in_len)
		return;
	*fixed_len = longer;
	*cur = behind;
	*f = other;
}

/* @return a status; OK: the operation is ready, and req->session held. */
static uint8_t
parse(struct vhc_request *req, const struct vhc_chain *c)
{
	struct vhc_device *dev = req->ctx->dev;
	const bool revision_1 = vhc_device_revision_1(dev);
	bool stateless = false, both;
	struct vhc_sym_params params;
	uint32_t opcode, flag, len, rest;
	union vhc_fixed fixed;
	struct vhc_fields f;
	struct vhc_cursor cur;
	uint8_t service, status;

	vhc_cursor_init(&cur, c->in, c->nb_in);
	if (vhc_cursor_read(&cur, &fixed.header, sizeof(fixed.header)) != sizeof(fixed.header))
		return VIRTIO_CRYPTO_ERR;
	opcode = rte_le_to_cpu_32(fixed.header.opcode);
	service = (uint8_t)(opcode >> 8);
	req->service = service;
	if (!known_opcode(dev, opcode))
		return VIRTIO_CRYPTO_NOTSUPP;
	both = revision_1 && vhc_device_stateless(dev, service);
	if (revision_1) {
		/*
		 * [virtio 5.9.9.3: with REVISION_1 and no stateless mode, SESSION_MODE is to be
		 * set; with it, the flag MUST decide]
		 */
		flag = rte_le_to_cpu_32(fixed.header.flag);
		stateless = flag == 0 && both;
		if (flag != VIRTIO_CRYPTO_FLAG_SESSION_MODE && !stateless)
			return VIRTIO_CRYPTO_ERR;
	}
	len = vhc_fields_fixed_len(service, revision_1, stateless);
	rest = len - (uint32_t)sizeof(fixed.header);
	if (vhc_cursor_read(&cur, fixed.bytes + sizeof(fixed.header), rest) != rest)
		return VIRTIO_CRYPTO_ERR;

	if (unlikely(service == VIRTIO_CRYPTO_SERVICE_AKCIPHER))
		return vhc_request_parse_asym(req, c, &fixed, len, stateless, cur);
	if (unlikely(stateless)) {
		status = vhc_fields_of_stateless(&fixed, service, &f, &params);
		if (status != VIRTIO_CRYPTO_OK)
			return status;
	} else {
		vhc_fields_of_session(&fixed, service, &f);
		if (unlikely(both))
			try_stateless_layout(&fixed, service, c, &len, &cur, &f);
	}
	if (!fits_chain(&f, service, len, c, vhc_device_max_size(dev)))
		return VIRTIO_CRYPTO_ERR;

	if (unlikely(stateless)) {
		status = bring_session(req, &cur, service, &params);
	} else {
		status = find_session(req, &fixed, service);
		vhc_cursor_skip(&cur, f.keys);
	}
	if (status != VIRTIO_CRYPTO_OK)
		return status;
	/* Before the standard had the field, the session said it for all. */
	if (!revision_1 && service == VIRTIO_CRYPTO_SERVICE_AEAD && f.digest == 0)
		f.digest = req->session->digest_len;
	if (!fits_session(&f, req->session))
		return VIRTIO_CRYPTO_ERR;
	return set_up(req, c, cur, &f);
}

bool
vhc_request_begin(struct vhc_request *req, struct vhc_request_ctx *ctx,
		const struct vhc_desc *desc, uint16_t nb)
{
	struct vhc_chain c;
	uint8_t status;
	bool ordered;

	if (likely(vhc_request_begin_straight(req, ctx, desc, nb)))
		return true;
	ordered = vhc_chain_split(&c, desc, nb) == 0;
	req->ctx = ctx;
	req->session = NULL;
	req->desc = desc;
	req->nb_desc = nb;
	req->bounce = NULL;
	req->status = c.last;
	req->src_len = 0;
	req->service = 0;
	req->result = VIRTIO_CRYPTO_ERR;
	req->used_len = 0;
	/* Without room for a status nothing is done, as nobody could learn of it. */
	if (c.last == NULL)
		return false;

	req->err_len = c.out_len == 1 ? 1 : 0;
	status = ordered ? parse(req, &c) : VIRTIO_CRYPTO_ERR;
	if (likely(status == VIRTIO_CRYPTO_OK))
		return true;
	if (req->session != NULL)
		let_go(req);
	req->src_len = 0;
	*c.last = status;
	req->result = status;
	req->used_len = req->err_len;
	return false;
}

void
vhc_request_drop(struct vhc_request *req)
{
	let_go(req);
}

/* Results that do not lie where the engine has put them, nor in one piece. */
static void
write_back(struct vhc_request *req)
{
	struct vhc_cursor out;
	struct vhc_chain c;

	if (req->session->service == VIRTIO_CRYPTO_SERVICE_AKCIPHER) {
		vhc_request_finish_asym(req);
		return;
	}
	vhc_chain_split(&c, req->desc, req->nb_desc);
	if (req->bounce != NULL && req->bounce_data && has_result(req->session)) {
		vhc_cursor_init(&out, c.out, c.nb_out);
		vhc_cursor_write(&out, req->bounce, req->op.len);
	}
	if (req->digest_len != 0 && req->digest_at == NULL) {
		vhc_cursor_init(&out, c.out, c.nb_out);
		vhc_cursor_skip(&out, req->digest_off);
		vhc_cursor_write(&out, req->digest, req->digest_len);
	}
}

/* Engines may decrypt before they know that the tag is wrong: nobody is to see that. */
static void
wipe_result(struct vhc_request *req)
{
	uint16_t i;

	if (req->bounce != NULL && req->bounce_data)
		return;
	for (i = 0; i < req->op.nb_dst; i++)
		memset(req->dst[i].base, 0, req->dst[i].len);
}

void
vhc_request_finish(struct vhc_request *req)
{
	const uint8_t status = req->op.status;

	if (likely(status == VIRTIO_CRYPTO_OK)) {
		if (unlikely(req->bounce != NULL ||
				    (req->digest_len != 0 && req->digest_at == NULL)))
			write_back(req);
		if (req->digest_len != 0 && req->digest_at != NULL)
			memcpy(req->digest_at, req->digest, req->digest_len);
		req->used_len = req->ok_len;
	} else {
		if (status == VIRTIO_CRYPTO_BADMSG)
			wipe_result(req);
		req->used_len = req->err_len;
	}
	*req->status = status;
	req->result = status;
	let_go(req);
}
