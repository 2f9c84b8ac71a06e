/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Symmetric codec, HASH and MAC services: a hash or MAC without a cipher.
 * [virtio 5.9.9.2.1.1, 5.9.9.2.1.2, 5.9.9.4 HASH Service Operation,
 * 5.9.9.5 MAC Service Operation]
 *
 * May include: wire, slot, caps (for the algorithm rows). Sees no ring and no transport.
 * Session functions run on control threads, encoders on the data path of any queue pair.
 */

#include <errno.h>
#include <string.h>

#include "virtio_caps.h"
#include "virtio_codec.h"
#include "virtio_codec_table.h"

/* ---- sessions ---- */

static void
fill_hash(const struct rte_crypto_auth_xform *xform, const struct vcrypto_alg_auth *alg,
		struct vcrypto_sym_create *c, struct vcrypto_sym_template *t)
{
	c->service = VIRTIO_CRYPTO_SERVICE_HASH;
	c->req_len = sizeof(c->req.hash);
	c->req.header.opcode = rte_cpu_to_le_32(VIRTIO_CRYPTO_HASH_CREATE_SESSION);
	c->req.hash.algo = rte_cpu_to_le_32(alg->id);
	c->req.hash.hash_result_len = rte_cpu_to_le_32(xform->digest_length);
	t->req.header.opcode = rte_cpu_to_le_32(VIRTIO_CRYPTO_HASH);
}

static void
fill_mac(const struct rte_crypto_auth_xform *xform, const struct vcrypto_alg_auth *alg,
		struct vcrypto_sym_create *c, struct vcrypto_sym_template *t)
{
	c->service = VIRTIO_CRYPTO_SERVICE_MAC;
	c->req_len = sizeof(c->req.mac);
	c->req.header.opcode = rte_cpu_to_le_32(VIRTIO_CRYPTO_MAC_CREATE_SESSION);
	c->req.mac.para.algo = rte_cpu_to_le_32(alg->id);
	c->req.mac.para.hash_result_len = rte_cpu_to_le_32(xform->digest_length);
	c->req.mac.para.auth_key_len = rte_cpu_to_le_32(xform->key.length);
	c->auth_key_len = xform->key.length;
	memcpy(c->keys, xform->key.data, xform->key.length);
	t->req.header.opcode = rte_cpu_to_le_32(VIRTIO_CRYPTO_MAC);
}

int
vcrypto_codec_auth_session(const struct rte_crypto_auth_xform *xform,
		const struct vcrypto_alg_auth *alg, bool revision_1,
		struct vcrypto_sym_create *create, struct vcrypto_sym_template *tmpl)
{
	int ret;

	ret = vcrypto_codec_check_auth(xform, alg);
	if (ret < 0)
		return ret;
	if (alg->key.max == 0)
		fill_hash(xform, alg, create, tmpl);
	else if (xform->key.length > sizeof(create->keys))
		return -EINVAL;
	else
		fill_mac(xform, alg, create, tmpl);
	create->req.header.algo = rte_cpu_to_le_32(alg->id);

	tmpl->req.header.algo = rte_cpu_to_le_32(alg->id);
	tmpl->req.hash.hash_result_len = rte_cpu_to_le_32(xform->digest_length);
	tmpl->shape = VCRYPTO_SHAPE_AUTH;
	/* [virtio 5.9.9.3] padded like the symmetric ones unless REVISION_1 is negotiated */
	tmpl->req_len = revision_1 ? sizeof(tmpl->req.hash) : sizeof(tmpl->req);
	tmpl->head_len = tmpl->req_len;
	tmpl->auth_bits = alg->bits ? 3 : 0;
	tmpl->min_len = 1;
	tmpl->empty = true;
	tmpl->digest_len = xform->digest_length;
	tmpl->digest_wire_len = xform->digest_length;
	tmpl->digest_action = xform->op == RTE_CRYPTO_AUTH_OP_VERIFY ? VCRYPTO_DIGEST_COMPARE :
								     VCRYPTO_DIGEST_COPY;
	return 0;
}

/* ---- operations ---- */

static __rte_always_inline void
patch_req(struct vcrypto_slot *slot, uint32_t len)
{
	slot->req.hash.src_data_len = rte_cpu_to_le_32(len);
}

static __rte_noinline int
encode_whole(const struct vcrypto_sym_template *t, const struct rte_crypto_sym_op *so,
		uint32_t off, uint32_t len, struct vcrypto_slot_priv *sp,
		const struct vcrypto_desc_fmt *fmt, uint16_t max_desc)
{
	const struct rte_mbuf *const src = so->m_src;
	/* Variable-length bytes beside the data [virtio 5.9.5.2], the status too. */
	const uint32_t overhead = t->digest_wire_len + 1;
	struct vcrypto_fields f = {
		.src = src,
		.dst = src,
		.start = off,
		.src_len = len,
	};
	uint64_t max_len;
	int ret;

	sp->serial = 0;
	if (overhead > t->max_size)
		return VCRYPTO_BAD_OP;
	max_len = RTE_MIN(t->max_size - overhead, (uint64_t)UINT32_MAX);
	/* [virtio 5.9.5.2] MUST keep the variable-length bytes within max_size */
	if (len > max_len || vcrypto_nothing_beyond(src, off, len))
		return VCRYPTO_BAD_OP;

	f.write.iova = vcrypto_digest_scratch(t, sp);
	f.write.len = t->digest_wire_len;
	ret = vcrypto_codec_fields(t, &f, sp, fmt, max_desc);
	if (ret != VCRYPTO_ENCODE_NEW)
		return ret;
	vcrypto_preset_digest(t, so, sp);
	sp->slot->req = t->req;
	patch_req(sp->slot, len);
	sp->digest_len = t->digest_len;
	sp->digest_action = t->digest_action;
	/* Header, data, digest, status: the next op may find only its data elsewhere. */
	if (sp->nb_desc == 4 && t->auth_bits == 0) {
		sp->data = &sp->slot->table[1];
		sp->len_span = max_len - 1;
		sp->serial = t->serial;
	}
	return VCRYPTO_ENCODE_NEW;
}

int
vcrypto_codec_auth_encode(const struct vcrypto_sym_template *t, const struct rte_crypto_sym_op *so,
		const uint8_t *iv, struct vcrypto_slot_priv *sp, const struct vcrypto_desc_fmt *fmt,
		uint16_t max_desc)
{
	const struct rte_mbuf *const src = so->m_src;
	uint32_t off = so->auth.data.offset;
	uint32_t len = so->auth.data.length;
	int ret = VCRYPTO_ENCODE_PATCHED;

	RTE_SET_USED(iv);
	if (unlikely(src == NULL || so->auth.digest.data == NULL ||
			!vcrypto_to_bytes(&off, &len, t->auth_bits)))
		return VCRYPTO_BAD_OP;
	if (likely(sp->serial == t->serial && len - 1 <= sp->len_span &&
			(uint64_t)off + len <= src->data_len)) {
		vcrypto_desc_retarget(sp->data, rte_pktmbuf_iova_offset(src, off), len);
		vcrypto_preset_status(sp->slot);
		vcrypto_preset_digest(t, so, sp);
		patch_req(sp->slot, len);
	} else {
		ret = encode_whole(t, so, off, len, sp, fmt, max_desc);
		if (unlikely(ret != VCRYPTO_ENCODE_NEW))
			return ret;
	}
	sp->digest = so->auth.digest.data;
	return ret;
}
