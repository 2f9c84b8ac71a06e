/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Symmetric codec, AEAD service: GCM, CCM, ChaCha20-Poly1305; and GMAC, which is GCM of
 * no data with the message as AAD, since a MAC request has no field for an IV.
 * [virtio 5.9.9.2.1.4, 5.9.9.7 AEAD Service Operation]
 *
 * The tag is the end of what the device writes (encryption) or reads as source (decryption);
 * wherever the application has it, its descriptor stands there. The AAD follows the source.
 *
 * May include: wire, slot, caps (for the algorithm rows), log. Sees no ring and no
 * transport. Session functions run on control threads, encoders on the data path of any
 * queue pair.
 */

#include <errno.h>
#include <string.h>

#include "virtio_caps.h"
#include "virtio_codec.h"
#include "virtio_codec_table.h"
#include "virtio_log.h"

/* Where GCM's whole first counter block, J0, stands for an IV: its length on the wire. */
#define J0_LEN 16

/* What the places of CCM's nonce and AAD in cryptodev's buffers leave free before them. */
#define CCM_NONCE_SKIP 1
#define CCM_AAD_SKIP 18

/* ---- sessions ---- */

static void
fill_create(struct vcrypto_sym_create *c, uint8_t id, const uint8_t *key, uint16_t key_len,
		bool decrypt, uint16_t tag_len, uint16_t aad_len)
{
	c->service = VIRTIO_CRYPTO_SERVICE_AEAD;
	c->req_len = sizeof(c->req.aead);
	c->req.header.opcode = rte_cpu_to_le_32(VIRTIO_CRYPTO_AEAD_CREATE_SESSION);
	c->req.header.algo = rte_cpu_to_le_32(id);
	c->req.aead.algo = rte_cpu_to_le_32(id);
	c->req.aead.key_len = rte_cpu_to_le_32(key_len);
	c->req.aead.tag_len = rte_cpu_to_le_32(tag_len);
	c->req.aead.aad_len = rte_cpu_to_le_32(aad_len);
	c->req.aead.op = rte_cpu_to_le_32(decrypt ? VIRTIO_CRYPTO_OP_DECRYPT :
						    VIRTIO_CRYPTO_OP_ENCRYPT);
	c->cipher_key_len = key_len;
	memcpy(c->keys, key, key_len);
}

static void
fill_template(struct vcrypto_sym_template *t, uint8_t id, bool decrypt, uint16_t tag_len,
		uint16_t iv_len, bool revision_1)
{
	t->req.header.opcode = rte_cpu_to_le_32(decrypt ? VIRTIO_CRYPTO_AEAD_DECRYPT :
							  VIRTIO_CRYPTO_AEAD_ENCRYPT);
	t->req.header.algo = rte_cpu_to_le_32(id);
	t->req.aead.iv_len = rte_cpu_to_le_32(iv_len);
	t->req.aead.tag_len = rte_cpu_to_le_32(tag_len);
	/* [virtio 5.9.9.3] padded like the symmetric ones unless REVISION_1 is negotiated */
	t->req_len = revision_1 ? sizeof(t->req.aead) : sizeof(t->req);
	t->iv_len = iv_len;
	t->iv_op_len = iv_len;
	t->head_len = t->req_len + iv_len;
	t->decrypt = decrypt;
	t->digest_len = tag_len;
	t->digest_wire_len = tag_len;
	t->digest_action = VCRYPTO_DIGEST_NONE;
	t->min_len = 1;
	t->empty = true;
	t->max_len = UINT32_MAX - tag_len;
}

int
vcrypto_codec_aead_session(const struct rte_crypto_aead_xform *xform,
		const struct vcrypto_alg_aead *alg, bool revision_1,
		struct vcrypto_sym_create *create, struct vcrypto_sym_template *tmpl)
{
	const bool decrypt = xform->op == RTE_CRYPTO_AEAD_OP_DECRYPT;
	const bool ccm = alg->id == VIRTIO_CRYPTO_AEAD_CCM;
	uint16_t iv_len = xform->iv.length, room;

	if (xform->op != RTE_CRYPTO_AEAD_OP_ENCRYPT && !decrypt) {
		VCRYPTO_LOG(ERR, "%s: operation %d, must be encrypt or decrypt", alg->name,
			(int)xform->op);
		return -EINVAL;
	}
	if (!vcrypto_codec_check_len(alg->name, "key", xform->key.length, &alg->key) ||
			!vcrypto_codec_check_len(alg->name, "IV", iv_len, &alg->iv) ||
			!vcrypto_codec_check_len(alg->name, "tag", xform->digest_length,
				&alg->tag))
		return -EINVAL;
	if (xform->key.data == NULL) {
		VCRYPTO_LOG(ERR, "%s: no key given", alg->name);
		return -EINVAL;
	}
	if (iv_len == 0)
		iv_len = J0_LEN;
	fill_create(create, alg->id, xform->key.data, xform->key.length, decrypt,
		xform->digest_length, xform->aad_length);
	fill_template(tmpl, alg->id, decrypt, xform->digest_length, iv_len, revision_1);
	tmpl->shape = VCRYPTO_SHAPE_AEAD;
	tmpl->iv_offset = xform->iv.offset;
	tmpl->aad_len = xform->aad_length;
	tmpl->req.aead.aad_len = rte_cpu_to_le_32(xform->aad_length);
	if (ccm) {
		tmpl->iv_skip = CCM_NONCE_SKIP;
		tmpl->iv_offset += CCM_NONCE_SKIP;
		tmpl->aad_skip = CCM_AAD_SKIP;
		/* What the nonce leaves of a block, less the flags, counts the data. */
		if (iv_len > 11)
			tmpl->max_len = (UINT32_C(1) << 8 * (15 - iv_len)) - 1;
	}
	/* A short AAD is copied, since it then costs the device no line of its own. */
	room = offsetof(struct vcrypto_slot, table) - tmpl->req_len - VCRYPTO_IV_MAX_LEN;
	if (xform->aad_length != 0 && xform->aad_length <= room)
		tmpl->aad_slot = tmpl->req_len + VCRYPTO_IV_MAX_LEN;
	return 0;
}

int
vcrypto_codec_gmac_session(const struct rte_crypto_auth_xform *xform,
		const struct vcrypto_alg_auth *alg, bool revision_1,
		struct vcrypto_sym_create *create, struct vcrypto_sym_template *tmpl)
{
	uint16_t iv_len = xform->iv.length;
	int ret;

	ret = vcrypto_codec_check_auth(xform, alg);
	if (ret < 0)
		return ret;
	if (!vcrypto_codec_check_len(alg->name, "IV", iv_len, &alg->iv))
		return -EINVAL;
	if (iv_len == 0)
		iv_len = J0_LEN;
	/* Always the whole tag, also to verify: the driver cuts and compares it. */
	fill_create(create, VIRTIO_CRYPTO_AEAD_GCM, xform->key.data, xform->key.length, false,
		alg->digest, 0);
	fill_template(tmpl, VIRTIO_CRYPTO_AEAD_GCM, false, alg->digest, iv_len, revision_1);
	tmpl->req.aead.dst_data_len = rte_cpu_to_le_32(alg->digest);
	tmpl->shape = VCRYPTO_SHAPE_GMAC;
	tmpl->iv_offset = xform->iv.offset;
	tmpl->digest_len = xform->digest_length;
	tmpl->digest_action = xform->op == RTE_CRYPTO_AUTH_OP_VERIFY ? VCRYPTO_DIGEST_COMPARE :
								     VCRYPTO_DIGEST_COPY;
	return 0;
}

/* ---- operations ---- */

/* IV and, if it fits, AAD: into the slot, as with ciphers. */
static __rte_always_inline void
copy_iv(const struct vcrypto_sym_template *t, const uint8_t *iv, struct vcrypto_slot *slot)
{
	uint8_t *const to = (uint8_t *)slot + t->req_len;

	if (likely(t->iv_op_len == 12))
		memcpy(to, iv, 12);
	else
		memcpy(to, iv, t->iv_op_len);
}

static __rte_always_inline void
copy_aad(const struct vcrypto_sym_template *t, const struct rte_crypto_sym_op *so,
		struct vcrypto_slot *slot)
{
	const uint8_t *const aad = so->aead.aad.data + t->aad_skip;
	uint8_t *const to = (uint8_t *)slot + t->aad_slot;

	/* Those of ESP have no loop. */
	if (likely(t->aad_len == 8))
		memcpy(to, aad, 8);
	else if (t->aad_len == 12)
		memcpy(to, aad, 12);
	else if (t->aad_len == 16)
		memcpy(to, aad, 16);
	else
		memcpy(to, aad, t->aad_len);
}

static __rte_always_inline void
patch_req(const struct vcrypto_sym_template *t, struct vcrypto_slot *slot, uint32_t len)
{
	slot->req.aead.src_data_len = rte_cpu_to_le_32(t->decrypt ? len + t->digest_len : len);
	slot->req.aead.dst_data_len = rte_cpu_to_le_32(t->decrypt ? len : len + t->digest_len);
}

static __rte_noinline int
encode_whole(const struct vcrypto_sym_template *t, const struct rte_crypto_sym_op *so,
		const uint8_t *iv, struct vcrypto_slot_priv *sp, const struct vcrypto_desc_fmt *fmt,
		uint16_t max_desc)
{
	const struct rte_mbuf *const src = so->m_src;
	const struct rte_mbuf *const dst = so->m_dst != NULL ? so->m_dst : src;
	/* Variable-length bytes beside the data [virtio 5.9.5.2], the status too. */
	const uint32_t overhead = t->iv_len + t->aad_len + t->digest_len + 1;
	const struct vcrypto_piece tag = { so->aead.digest.phys_addr, t->digest_len };
	const uint32_t len = so->aead.data.length;
	struct vcrypto_fields f = {
		.src = src,
		.dst = dst,
		.start = so->aead.data.offset,
		.src_len = len,
		.dst_len = len,
	};
	uint64_t end = (uint64_t)f.start + len, max_len;
	bool linear;
	int ret;

	sp->serial = 0;
	if (src == NULL || so->aead.digest.data == NULL ||
			(t->aad_len != 0 && so->aead.aad.data == NULL) || overhead > t->max_size)
		return VCRYPTO_BAD_OP;
	/* [virtio 5.9.5.2] MUST keep the variable-length bytes within max_size */
	max_len = RTE_MIN((t->max_size - overhead) / 2, (uint64_t)t->max_len);
	if (len > max_len || vcrypto_nothing_beyond(src, f.start, len) ||
			vcrypto_nothing_beyond(dst, f.start, len))
		return VCRYPTO_BAD_OP;

	if (t->decrypt)
		f.read[0] = tag;
	else
		f.write = tag;
	f.read[1].len = t->aad_len;
	f.read[1].iova = t->aad_slot != 0 ? sp->iova + t->aad_slot :
		so->aead.aad.phys_addr + t->aad_skip;
	ret = vcrypto_codec_fields(t, &f, sp, fmt, max_desc);
	if (ret != VCRYPTO_ENCODE_NEW)
		return ret;
	sp->slot->req = t->req;
	patch_req(t, sp->slot, len);
	copy_iv(t, iv, sp->slot);
	if (t->aad_slot != 0)
		copy_aad(t, so, sp->slot);
	sp->digest_action = VCRYPTO_DIGEST_NONE;
	linear = len != 0 && end <= src->data_len && end <= dst->data_len;
	if (linear && max_len != 0) {
		sp->data = &sp->slot->table[1];
		sp->len_span = max_len - 1;
		sp->serial = t->serial;
	}
	return VCRYPTO_ENCODE_NEW;
}

/*
 * For a slot that holds a request of this session already: data, tag and AAD move.
 * @return false if the op's shape is another one.
 */
static __rte_always_inline bool
patch_table(const struct vcrypto_sym_template *t, const struct rte_crypto_sym_op *so,
		uint32_t len, const struct vcrypto_slot_priv *sp)
{
	const struct rte_mbuf *const src = so->m_src;
	const struct rte_mbuf *const dst = so->m_dst;
	const uint32_t start = so->aead.data.offset;
	const uint64_t end = (uint64_t)start + len;
	struct vcrypto_desc *d = sp->data;
	rte_iova_t iova;

	if (unlikely(src == NULL || so->aead.digest.data == NULL || end > src->data_len))
		return false;
	iova = rte_pktmbuf_iova_offset(src, start);
	vcrypto_desc_retarget(d++, iova, len);
	if (t->decrypt)
		vcrypto_desc_retarget(d++, so->aead.digest.phys_addr, t->digest_len);
	if (t->aad_len != 0) {
		if (unlikely(so->aead.aad.data == NULL))
			return false;
		if (likely(t->aad_slot != 0))
			copy_aad(t, so, sp->slot);
		else
			vcrypto_desc_retarget(d, so->aead.aad.phys_addr + t->aad_skip, t->aad_len);
		d++;
	}
	if (dst != NULL) {
		if (unlikely(end > dst->data_len))
			return false;
		iova = rte_pktmbuf_iova_offset(dst, start);
	}
	vcrypto_desc_retarget(d++, iova, len);
	if (!t->decrypt)
		vcrypto_desc_retarget(d, so->aead.digest.phys_addr, t->digest_len);
	vcrypto_preset_status(sp->slot);
	return true;
}

int
vcrypto_codec_aead_encode(const struct vcrypto_sym_template *t, const struct rte_crypto_sym_op *so,
		const uint8_t *iv, struct vcrypto_slot_priv *sp, const struct vcrypto_desc_fmt *fmt,
		uint16_t max_desc)
{
	const uint32_t len = so->aead.data.length;

	/* Anything unusual takes the long way, which finds the error if there is one. */
	if (unlikely(sp->serial != t->serial || len - 1 > sp->len_span ||
			!patch_table(t, so, len, sp)))
		return encode_whole(t, so, iv, sp, fmt, max_desc);
	patch_req(t, sp->slot, len);
	copy_iv(t, iv, sp->slot);
	return VCRYPTO_ENCODE_PATCHED;
}

/* ---- GMAC ---- */

static __rte_noinline int
encode_gmac_whole(const struct vcrypto_sym_template *t, const struct rte_crypto_sym_op *so,
		struct vcrypto_slot_priv *sp, const struct vcrypto_desc_fmt *fmt, uint16_t max_desc)
{
	const struct rte_mbuf *const src = so->m_src;
	const uint32_t overhead = t->iv_len + t->digest_wire_len + 1;
	const uint32_t len = so->auth.data.length;
	/* The source is empty, so the AAD's descriptors stand in its place. */
	struct vcrypto_fields f = {
		.src = src,
		.dst = src,
		.start = so->auth.data.offset,
		.src_len = len,
	};
	uint64_t max_len;
	int ret;

	sp->serial = 0;
	if (overhead > t->max_size)
		return VCRYPTO_BAD_OP;
	/* [virtio 5.9.5.2] MUST keep the variable-length bytes within max_size */
	max_len = RTE_MIN(t->max_size - overhead, (uint64_t)UINT32_MAX);
	if (len > max_len || vcrypto_nothing_beyond(src, f.start, len))
		return VCRYPTO_BAD_OP;
	f.write.iova = vcrypto_digest_scratch(t, sp);
	f.write.len = t->digest_wire_len;
	ret = vcrypto_codec_fields(t, &f, sp, fmt, max_desc);
	if (ret != VCRYPTO_ENCODE_NEW)
		return ret;
	sp->slot->req = t->req;
	sp->digest_len = t->digest_len;
	sp->digest_action = t->digest_action;
	/* Fixed part and IV, message, tag, status. */
	if (sp->nb_desc == 4) {
		sp->data = &sp->slot->table[1];
		sp->len_span = max_len - 1;
		sp->serial = t->serial;
	}
	return VCRYPTO_ENCODE_NEW;
}

int
vcrypto_codec_gmac_encode(const struct vcrypto_sym_template *t, const struct rte_crypto_sym_op *so,
		const uint8_t *iv, struct vcrypto_slot_priv *sp, const struct vcrypto_desc_fmt *fmt,
		uint16_t max_desc)
{
	const struct rte_mbuf *const src = so->m_src;
	const uint32_t off = so->auth.data.offset;
	const uint32_t len = so->auth.data.length;
	int ret = VCRYPTO_ENCODE_PATCHED;

	if (unlikely(src == NULL || so->auth.digest.data == NULL))
		return VCRYPTO_BAD_OP;
	if (likely(sp->serial == t->serial && len - 1 <= sp->len_span &&
			(uint64_t)off + len <= src->data_len)) {
		vcrypto_desc_retarget(sp->data, rte_pktmbuf_iova_offset(src, off), len);
		vcrypto_preset_status(sp->slot);
	} else {
		ret = encode_gmac_whole(t, so, sp, fmt, max_desc);
		if (unlikely(ret != VCRYPTO_ENCODE_NEW))
			return ret;
	}
	vcrypto_preset_digest(t, so, sp);
	sp->slot->req.aead.aad_len = rte_cpu_to_le_32(len);
	copy_iv(t, iv, sp->slot);
	sp->digest = so->auth.digest.data;
	return ret;
}
