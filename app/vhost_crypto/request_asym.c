/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Requests of the AKCIPHER service. They are short and slow: what they read is copied before the
 * engine sees it, and what they give is copied when it is done, so that an engine's threads never
 * touch a guest's memory.
 */

#include <errno.h>
#include <string.h>

#include <openssl/crypto.h>

#include "request.h"
#include "request_ctx.h"
#include "request_fields.h"
#include "virtio_crypto_wire.h"
#include "virtio_crypto_wire_asym.h"

/* What a request says, in CPU order. */
struct asym_fields {
	enum vhc_asym_op op;
	uint32_t key; /* bytes; stateless */
	uint32_t src;
	uint32_t dst; /* bytes of result, or of signed data */
	bool verify;
};

/* The key that a stateless request brings. @param cur  at the key; moves on. @return a status. */
static uint8_t
bring_session(struct vhc_request *req, struct vhc_cursor *cur,
		const struct virtio_crypto_akcipher_stateless_req *r)
{
	uint8_t key[VHC_ASYM_KEY_MAX_LEN];
	struct vhc_asym_params p;
	int ret;

	ret = vhc_fields_of_asym(r->algo, r->key_type, r->key_len, &r->rsa, &p);
	if (ret == 0 && p.key_len > sizeof(key))
		ret = -EINVAL;
	if (ret == 0) {
		vhc_cursor_read(cur, key, p.key_len);
		p.key = key;
		p.owner = req->ctx->dev;
		ret = vhc_stateless_get_asym(req->ctx->stateless, &p, &req->session);
		OPENSSL_cleanse(key, p.key_len);
	}
	return ret == 0 ? VIRTIO_CRYPTO_OK : ret == -ENOTSUP ? VIRTIO_CRYPTO_NOTSUPP :
			VIRTIO_CRYPTO_ERR;
}

/* Whether the lengths agree with each other and the chain; sums of 64 bits. */
static bool
fits_chain(const struct asym_fields *f, uint32_t fixed_len, const struct vhc_chain *c,
		uint64_t max_size)
{
	const uint64_t in = (uint64_t)f->key + f->src + (f->verify ? f->dst : 0);
	const uint64_t out = f->verify ? 0 : f->dst;

	return fixed_len + in <= c->in_len && out + sizeof(uint8_t) <= c->out_len &&
			in + out <= max_size && f->src <= VHC_ASYM_DATA_MAX_LEN &&
			(!f->verify || f->dst <= VHC_ASYM_DATA_MAX_LEN);
}

/* The source, the signed data, and room for a result, in memory of our own. @return a status. */
static uint8_t
set_up(struct vhc_request *req, struct vhc_cursor cur, const struct asym_fields *f)
{
	const uint32_t more = f->verify ? f->dst : RTE_MIN(f->dst, VHC_ASYM_DATA_MAX_LEN);
	struct vhc_engine_op *op = &req->op;

	req->bounce_len = f->src + more + 1;
	req->bounce = OPENSSL_malloc(req->bounce_len);
	if (req->bounce == NULL)
		return VIRTIO_CRYPTO_ERR;
	vhc_cursor_read(&cur, req->bounce, f->src);
	op->session = req->session->engine_session;
	op->asym_op = (uint8_t)f->op;
	op->src = req->src;
	op->dst = req->dst;
	op->nb_src = op->nb_dst = 1;
	req->src[0].base = req->bounce;
	req->src[0].len = op->len = f->src;
	req->dst[0].base = req->bounce + f->src;
	req->dst[0].len = f->verify ? 0 : more;
	op->aad = req->bounce + f->src;
	op->aad_len = f->verify ? (uint32_t)vhc_cursor_read(&cur, req->bounce + f->src, more) : 0;
	op->digest = NULL;
	op->result_len = 0;
	req->src_len = f->src;
	req->dst_len = f->verify ? 0 : f->dst;
	req->digest_len = 0;
	return VIRTIO_CRYPTO_OK;
}

uint8_t
vhc_request_parse_asym(struct vhc_request *req, const struct vhc_chain *c,
		const union vhc_fixed *fixed, uint32_t fixed_len, bool stateless,
		struct vhc_cursor cur)
{
	const struct virtio_crypto_akcipher_stateless_req *sl = &fixed->akcipher_stateless;
	struct asym_fields f = {
			.op = rte_le_to_cpu_32(fixed->header.opcode) & 0xff,
			.key = stateless ? rte_le_to_cpu_32(sl->key_len) : 0,
			.src = rte_le_to_cpu_32(stateless ? sl->src_data_len
							  : fixed->akcipher.src_data_len),
			.dst = rte_le_to_cpu_32(stateless ? sl->dst_data_len
							  : fixed->akcipher.dst_data_len),
	};
	struct vhc_session *s;
	uint8_t status;

	f.verify = f.op == VHC_ASYM_VERIFY;
	if (!fits_chain(&f, fixed_len, c, vhc_device_max_size(req->ctx->dev)))
		return VIRTIO_CRYPTO_ERR;
	if (stateless) {
		status = bring_session(req, &cur, sl);
		if (status != VIRTIO_CRYPTO_OK)
			return status;
	} else {
		s = vhc_device_find_session(req->ctx->dev,
				rte_le_to_cpu_64(fixed->header.session_id));
		if (s == NULL || s->service != VIRTIO_CRYPTO_SERVICE_AKCIPHER)
			return VIRTIO_CRYPTO_INVSESS;
		vhc_request_hold(req->ctx, s);
		req->session = s;
	}
	return set_up(req, cur, &f);
}

void
vhc_request_finish_asym(struct vhc_request *req)
{
	struct vhc_cursor out;
	struct vhc_chain c;

	vhc_chain_split(&c, req->desc, req->nb_desc);
	vhc_cursor_init(&out, c.out, c.nb_out);
	vhc_cursor_write(&out, req->dst[0].base, req->op.result_len);
	/*
	 * [virtio 5.9.9.8: the driver learns the result's length from the used length, which counts
	 * the status byte although that has its place at the end]
	 */
	req->ok_len = req->op.result_len + 1;
}
