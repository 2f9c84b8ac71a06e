/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Symmetric codec: sessions of all kinds as far as they are alike, and the CIPHER service:
 * ciphers and chains of a cipher with a hash or MAC.
 * [virtio 5.9.9.2.1 Session operation, 5.9.9.6 Symmetric algorithms Operation]
 *
 * May include: wire, slot, caps (for the algorithm rows), log. Sees no ring and no
 * transport. Session functions run on control threads, encoders on the data path of any
 * queue pair.
 */

#include <errno.h>
#include <string.h>

#include <rte_branch_prediction.h>
#include <rte_mbuf.h>

#include "virtio_caps.h"
#include "virtio_codec.h"
#include "virtio_codec_table.h"
#include "virtio_log.h"

/* ---- sessions ---- */

static bool
in_range(uint32_t len, const struct vcrypto_range *r)
{
	if (len < r->min || len > r->max)
		return false;
	return r->step == 0 ? len == r->min : (len - r->min) % r->step == 0;
}

bool
vcrypto_codec_check_len(const char *alg, const char *what, uint32_t len,
		const struct vcrypto_range *r)
{
	if (in_range(len, r))
		return true;
	VCRYPTO_LOG(ERR, "%s: %s of %u bytes, must be %u to %u in steps of %u", alg, what, len,
		r->min, r->max, r->step);
	return false;
}

int
vcrypto_codec_sym_split(const struct rte_crypto_sym_xform *xform, struct vcrypto_sym_chain *chain)
{
	const struct rte_crypto_sym_xform *x;

	memset(chain, 0, sizeof(*chain));
	for (x = xform; x != NULL; x = x->next) {
		if (x->type == RTE_CRYPTO_SYM_XFORM_CIPHER && chain->cipher == NULL &&
				chain->null_cipher == NULL && chain->aead == NULL) {
			if (x->cipher.algo == RTE_CRYPTO_CIPHER_NULL)
				chain->null_cipher = &x->cipher;
			else
				chain->cipher = &x->cipher;
		} else if (x->type == RTE_CRYPTO_SYM_XFORM_AUTH && chain->auth == NULL &&
				chain->null_auth == NULL && chain->aead == NULL) {
			if (x->auth.algo == RTE_CRYPTO_AUTH_NULL)
				chain->null_auth = &x->auth;
			else
				chain->auth = &x->auth;
		} else if (x->type == RTE_CRYPTO_SYM_XFORM_AEAD && x == xform) {
			chain->aead = &x->aead;
		} else {
			chain->odd = x;
			return -ENOTSUP;
		}
	}
	return xform != NULL ? 0 : -ENOTSUP;
}

static int
check_cipher(const struct rte_crypto_cipher_xform *cx, const struct vcrypto_alg_cipher *cipher)
{
	if (!vcrypto_codec_check_len(cipher->name, "key", cx->key.length, &cipher->key) ||
			!vcrypto_codec_check_len(cipher->name, "IV", cx->iv.length, &cipher->iv))
		return -EINVAL;
	if (cx->key.data == NULL) {
		VCRYPTO_LOG(ERR, "%s: no key given", cipher->name);
		return -EINVAL;
	}
	if (cx->op != RTE_CRYPTO_CIPHER_OP_ENCRYPT && cx->op != RTE_CRYPTO_CIPHER_OP_DECRYPT) {
		VCRYPTO_LOG(ERR, "%s: operation %d, must be encrypt or decrypt", cipher->name,
			(int)cx->op);
		return -EINVAL;
	}
	return 0;
}

int
vcrypto_codec_check_auth(const struct rte_crypto_auth_xform *ax,
		const struct vcrypto_alg_auth *auth)
{
	if (ax->op != RTE_CRYPTO_AUTH_OP_GENERATE && ax->op != RTE_CRYPTO_AUTH_OP_VERIFY) {
		VCRYPTO_LOG(ERR, "%s: operation %d, must be generate or verify", auth->name,
			(int)ax->op);
		return -EINVAL;
	}
	if (auth->key.max != 0) {
		if (!vcrypto_codec_check_len(auth->name, "key", ax->key.length, &auth->key))
			return -EINVAL;
		if (ax->key.data == NULL) {
			VCRYPTO_LOG(ERR, "%s: no key given", auth->name);
			return -EINVAL;
		}
	}
	if (ax->digest_length == 0 || ax->digest_length > auth->digest) {
		VCRYPTO_LOG(ERR, "%s: digest of %u bytes, must be 1 to %u", auth->name,
			ax->digest_length, auth->digest);
		return -EINVAL;
	}
	/* Only GMAC has an IV; applications leave the field of the others unset. */
	return 0;
}

static void
fill_cipher_para(struct virtio_crypto_cipher_session_para *p, uint32_t id, uint32_t key_len,
		uint32_t op)
{
	p->algo = rte_cpu_to_le_32(id);
	p->key_len = rte_cpu_to_le_32(key_len);
	p->op = rte_cpu_to_le_32(op);
}

static uint32_t
auth_key_len(const struct vcrypto_alg_auth *auth, const struct rte_crypto_auth_xform *ax)
{
	/* A hash has no key, whatever the xform says. */
	return auth != NULL && auth->key.max != 0 ? ax->key.length : 0;
}

static void
fill_create(struct vcrypto_sym_create *c, const struct rte_crypto_cipher_xform *cx,
		const struct rte_crypto_auth_xform *ax, const struct vcrypto_alg_cipher *cipher,
		const struct vcrypto_alg_auth *auth, bool auth_first)
{
	const uint32_t op = cx->op == RTE_CRYPTO_CIPHER_OP_ENCRYPT ? VIRTIO_CRYPTO_OP_ENCRYPT :
								   VIRTIO_CRYPTO_OP_DECRYPT;
	struct virtio_crypto_chain_session_para *const chain = &c->req.sym.chain;

	c->service = VIRTIO_CRYPTO_SERVICE_CIPHER;
	c->req_len = sizeof(c->req.sym);
	c->req.header.opcode = rte_cpu_to_le_32(VIRTIO_CRYPTO_CIPHER_CREATE_SESSION);
	c->req.header.algo = rte_cpu_to_le_32(cipher->id);

	memcpy(c->keys, cx->key.data, cx->key.length);
	c->cipher_key_len = vcrypto_alg_wire_key_len(cipher, cx->key.length);
	if (cipher->key_expand_3des) {
		/* One or two keys go out as three: K1 K1 K1, K1 K2 K1. */
		if (cx->key.length == 8)
			memcpy(c->keys + 8, c->keys, 8);
		if (cx->key.length <= 16)
			memcpy(c->keys + 16, c->keys, 8);
	}
	if (auth == NULL) {
		c->req.sym.op_type = rte_cpu_to_le_32(VIRTIO_CRYPTO_SYM_OP_CIPHER);
		fill_cipher_para(&c->req.sym.cipher, cipher->id, c->cipher_key_len, op);
		return;
	}

	c->req.sym.op_type = rte_cpu_to_le_32(VIRTIO_CRYPTO_SYM_OP_ALGORITHM_CHAINING);
	chain->alg_chain_order = rte_cpu_to_le_32(auth_first ?
		VIRTIO_CRYPTO_SYM_ALG_CHAIN_ORDER_HASH_THEN_CIPHER :
		VIRTIO_CRYPTO_SYM_ALG_CHAIN_ORDER_CIPHER_THEN_HASH);
	fill_cipher_para(&chain->cipher, cipher->id, c->cipher_key_len, op);
	if (auth->key.max == 0) {
		chain->hash_mode = rte_cpu_to_le_32(VIRTIO_CRYPTO_SYM_HASH_MODE_PLAIN);
		chain->hash.algo = rte_cpu_to_le_32(auth->id);
		chain->hash.hash_result_len = rte_cpu_to_le_32(ax->digest_length);
	} else {
		/* A MAC is a MAC whatever its key: the row decides, never the key's length. */
		chain->hash_mode = rte_cpu_to_le_32(VIRTIO_CRYPTO_SYM_HASH_MODE_AUTH);
		chain->mac.algo = rte_cpu_to_le_32(auth->id);
		chain->mac.hash_result_len = rte_cpu_to_le_32(ax->digest_length);
		chain->mac.auth_key_len = rte_cpu_to_le_32(ax->key.length);
		memcpy(c->keys + c->cipher_key_len, ax->key.data, ax->key.length);
		c->auth_key_len = ax->key.length;
	}
}

static void
fill_template(struct vcrypto_sym_template *t, const struct rte_crypto_cipher_xform *cx,
		const struct rte_crypto_auth_xform *ax, const struct vcrypto_alg_cipher *cipher,
		const struct vcrypto_alg_auth *auth)
{
	t->req.header.opcode = rte_cpu_to_le_32(cx->op == RTE_CRYPTO_CIPHER_OP_ENCRYPT ?
		VIRTIO_CRYPTO_CIPHER_ENCRYPT : VIRTIO_CRYPTO_CIPHER_DECRYPT);
	t->req.header.algo = rte_cpu_to_le_32(cipher->id);
	t->req_len = sizeof(t->req.sym);
	t->head_len = t->req_len;
	t->iv_len = cipher->iv_wire;
	t->iv_op_len = cx->iv.length;
	t->iv_offset = cx->iv.offset;
	t->block_mask = cipher->block - 1;
	t->min_len = RTE_MAX(cipher->min_len, 1);
	/* Whole blocks may be none; a mode that needs a block and then takes any length may not. */
	t->empty = cipher->min_len <= cipher->block;
	t->cipher_bits = cipher->bits ? 3 : 0;

	if (auth == NULL) {
		t->shape = VCRYPTO_SHAPE_CIPHER;
		t->req.sym.op_type = rte_cpu_to_le_32(VIRTIO_CRYPTO_SYM_OP_CIPHER);
		t->req.sym.cipher.iv_len = rte_cpu_to_le_32(t->iv_len);
		return;
	}
	t->shape = VCRYPTO_SHAPE_CHAIN;
	t->req.sym.op_type = rte_cpu_to_le_32(VIRTIO_CRYPTO_SYM_OP_ALGORITHM_CHAINING);
	t->req.sym.chain.iv_len = rte_cpu_to_le_32(t->iv_len);
	t->req.sym.chain.hash_result_len = rte_cpu_to_le_32(ax->digest_length);
	t->auth_bits = auth->bits ? 3 : 0;
	t->digest_len = ax->digest_length;
	t->digest_wire_len = ax->digest_length;
	t->digest_action = ax->op == RTE_CRYPTO_AUTH_OP_VERIFY ? VCRYPTO_DIGEST_COMPARE :
								  VCRYPTO_DIGEST_COPY;
}

static int
cipher_session(const struct vcrypto_sym_chain *x, const struct vcrypto_sym_algs *algs,
		bool auth_first, struct vcrypto_sym_create *create,
		struct vcrypto_sym_template *tmpl)
{
	int ret;

	ret = check_cipher(x->cipher, algs->cipher);
	if (ret == 0 && x->auth != NULL)
		ret = vcrypto_codec_check_auth(x->auth, algs->auth);
	if (ret < 0)
		return ret;
	if (x->auth != NULL && algs->auth->gmac) {
		VCRYPTO_LOG(ERR, "%s: cannot stand in a chain, which has no field for its IV",
			algs->auth->name);
		return -ENOTSUP;
	}
	if (vcrypto_alg_wire_key_len(algs->cipher, x->cipher->key.length) +
			auth_key_len(algs->auth, x->auth) > sizeof(create->keys)) {
		VCRYPTO_LOG(ERR, "keys of %u and %u bytes: at most %zu together",
			x->cipher->key.length, auth_key_len(algs->auth, x->auth),
			sizeof(create->keys));
		return -EINVAL;
	}
	fill_create(create, x->cipher, x->auth, algs->cipher, algs->auth, auth_first);
	fill_template(tmpl, x->cipher, x->auth, algs->cipher, algs->auth);
	return 0;
}

/* Sessions are made in the primary process only, so one counter serves all devices. */
static uint32_t last_serial;

int
vcrypto_codec_sym_session(const struct rte_crypto_sym_xform *xform,
		const struct vcrypto_sym_algs *algs, bool revision_1,
		struct vcrypto_sym_create *create, struct vcrypto_sym_template *tmpl)
{
	struct vcrypto_sym_chain x;
	int ret;

	if (vcrypto_codec_sym_split(xform, &x) < 0 ||
			(x.cipher == NULL) != (algs->cipher == NULL) ||
			(x.auth == NULL) != (algs->auth == NULL) ||
			(x.aead == NULL) != (algs->aead == NULL)) {
		VCRYPTO_LOG(ERR,
			"xform chain: must be a cipher, a hash or MAC, one of both, or an AEAD");
		return -ENOTSUP;
	}
	memset(create, 0, sizeof(*create));
	memset(tmpl, 0, sizeof(*tmpl));
	do {
		tmpl->serial = __atomic_add_fetch(&last_serial, 1, __ATOMIC_RELAXED);
	} while (tmpl->serial == 0);
	tmpl->max_size = UINT64_MAX;
	/*
	 * [virtio 5.9.9.3] ignored without REVISION_1, wanted with it. Without it the session id
	 * alone says what the request is.
	 */
	tmpl->req.header.flag = rte_cpu_to_le_32(VIRTIO_CRYPTO_FLAG_SESSION_MODE);
	if (vcrypto_sym_chain_is_null(&x)) {
		tmpl->shape = VCRYPTO_SHAPE_NULL;
		tmpl->null_cipher = x.null_cipher != NULL;
		return 0;
	}
	if (x.aead != NULL)
		return vcrypto_codec_aead_session(x.aead, algs->aead, revision_1, create, tmpl);
	if (x.cipher != NULL)
		return cipher_session(&x, algs, xform->type == RTE_CRYPTO_SYM_XFORM_AUTH, create,
			tmpl);
	if (algs->auth->gmac)
		ret = vcrypto_codec_gmac_session(x.auth, algs->auth, revision_1, create, tmpl);
	else
		ret = vcrypto_codec_auth_session(x.auth, algs->auth, revision_1, create, tmpl);
	if (ret == 0 && x.null_cipher != NULL)
		tmpl->shape = algs->auth->gmac ? VCRYPTO_SHAPE_NULL_GMAC : VCRYPTO_SHAPE_NULL_AUTH;
	return ret;
}

void
vcrypto_codec_sym_widen(struct vcrypto_sym_create *create, struct vcrypto_sym_template *tmpl,
		uint8_t len)
{
	struct virtio_crypto_chain_session_para *const chain = &create->req.sym.chain;
	const rte_le32_t wire = rte_cpu_to_le_32(len);

	switch (create->service) {
	case VIRTIO_CRYPTO_SERVICE_HASH:
		create->req.hash.hash_result_len = wire;
		tmpl->req.hash.hash_result_len = wire;
		break;
	case VIRTIO_CRYPTO_SERVICE_MAC:
		create->req.mac.para.hash_result_len = wire;
		tmpl->req.hash.hash_result_len = wire;
		break;
	default:
		if (chain->hash_mode == rte_cpu_to_le_32(VIRTIO_CRYPTO_SYM_HASH_MODE_PLAIN))
			chain->hash.hash_result_len = wire;
		else
			chain->mac.hash_result_len = wire;
		tmpl->req.sym.chain.hash_result_len = wire;
		break;
	}
	tmpl->digest_wire_len = len;
}

/* ---- operations ---- */

/* What an op asks for, in bytes from the start of the packet. */
struct span {
	uint32_t start; /* of source and destination field */
	uint32_t len; /* of both */
	uint32_t cipher_end; /* for the digest check */
	uint32_t cipher_start;
};

/*
 * The IV goes into the slot: it is at most 16 bytes, and a copy costs less than a line of
 * the op shared with the device. It also needs no physical address of the op.
 */
static __rte_always_inline void
copy_iv(const struct vcrypto_sym_template *t, const uint8_t *iv, struct vcrypto_slot *slot)
{

	if (likely(t->iv_op_len == 16)) {
		memcpy(slot->iv, iv, 16);
	} else if (t->iv_op_len == 8) {
		memcpy(slot->iv, iv, 8);
	} else if (t->iv_op_len == 12) {
		/* AES-CTR with a 12-byte nonce: the block counter starts at 1 [RFC 3686]. */
		static const uint8_t one[4] = { 0, 0, 0, 1 };

		memcpy(slot->iv, iv, 12);
		memcpy(slot->iv + 12, one, sizeof(one));
	}
}

/*
 * Whether the digest lies inside the ciphered bytes of the destination. One request cannot
 * say that: the device would cipher what is there before the digest exists.
 */
static bool
digest_in_cipher(const struct rte_mbuf *m, const struct span *s, const uint8_t *digest,
		uint16_t digest_len)
{
	struct vcrypto_walk w = {
		.m = m,
		.off = s->cipher_start,
		.len = s->cipher_end - s->cipher_start,
	};
	uint32_t n;

	for (; (n = vcrypto_walk_piece(&w)) != 0; vcrypto_walk_on(&w, n)) {
		const uint8_t *const from = rte_pktmbuf_mtod_offset(w.m, const uint8_t *, w.off);

		if (digest < from + n && digest + digest_len > from)
			return true;
	}
	return false;
}

/* In the destination; or, where the session means to cipher its digest, in the source. */
static __rte_always_inline bool
digest_is_ciphered(const struct vcrypto_sym_template *t, const struct rte_crypto_sym_op *so,
		const struct span *s)
{
	const uint8_t *const digest = so->auth.digest.data;

	if (digest_in_cipher(so->m_dst != NULL ? so->m_dst : so->m_src, s, digest, t->digest_len))
		return true;
	return unlikely(t->steps) && so->m_dst != NULL &&
		digest_in_cipher(so->m_src, s, digest, t->digest_len);
}

/* Everything of the table but source and destination lists. */
static __rte_always_inline void
put_head(struct vcrypto_writer *w, const struct vcrypto_sym_template *t,
		const struct vcrypto_slot_priv *sp)
{
	vcrypto_put_read(w, sp->iova, sizeof(sp->slot->req));
	if (likely(t->iv_len != 0))
		vcrypto_put_read(w, sp->iova + offsetof(struct vcrypto_slot, iv), t->iv_len);
}

static __rte_always_inline void
put_tail(struct vcrypto_writer *w, const struct vcrypto_sym_template *t,
		const struct rte_crypto_sym_op *so, struct vcrypto_slot_priv *sp, const bool chain)
{
	if (chain) {
		vcrypto_put_write(w, vcrypto_digest_scratch(t, sp), t->digest_wire_len);
		vcrypto_preset_digest(t, so, sp);
	}
	vcrypto_put_status(w, sp);
}

/* Variable-length bytes of a request beside its data [virtio 5.9.5.2], the status too. */
static __rte_always_inline uint32_t
overhead(const struct vcrypto_sym_template *t)
{
	return t->iv_len + t->digest_wire_len + 1;
}

/* Scatter-gather and empty data. */
static __rte_noinline int
encode_lists(const struct vcrypto_sym_template *t, const struct rte_crypto_sym_op *so,
		const struct span *s, struct vcrypto_slot_priv *sp,
		const struct vcrypto_desc_fmt *fmt, uint16_t max_desc, const bool chain)
{
	struct vcrypto_fields f = {
		.src = so->m_src,
		.dst = so->m_dst != NULL ? so->m_dst : so->m_src,
		.start = s->start,
		.src_len = s->len,
		.dst_len = s->len,
	};
	int ret;

	if (chain) {
		f.write.iova = vcrypto_digest_scratch(t, sp);
		f.write.len = t->digest_wire_len;
	}
	ret = vcrypto_codec_fields(t, &f, sp, fmt, max_desc);
	if (ret == VCRYPTO_ENCODE_NEW && chain)
		vcrypto_preset_digest(t, so, sp);
	return ret;
}

/* The whole table, and what the next op of the session on this slot may rely on. */
static int
encode_table(const struct vcrypto_sym_template *t, const struct rte_crypto_sym_op *so,
		const struct span *s, struct vcrypto_slot_priv *sp,
		const struct vcrypto_desc_fmt *fmt, uint16_t max_desc, const bool chain)
{
	const struct rte_mbuf *const src = so->m_src;
	const struct rte_mbuf *const dst = so->m_dst != NULL ? so->m_dst : src;
	const uint64_t end = (uint64_t)s->start + s->len;
	struct vcrypto_writer w = { .fmt = fmt, .d = sp->slot->table };
	uint64_t max_len;

	sp->serial = 0;
	/* [virtio 5.9.5.2] MUST keep the variable-length bytes within max_size */
	if (overhead(t) > t->max_size)
		return VCRYPTO_BAD_OP;
	max_len = (t->max_size - overhead(t)) / 2;
	if (s->len > max_len)
		return VCRYPTO_BAD_OP;

	if (s->len == 0 || end > src->data_len || end > dst->data_len || t->stateless != NULL) {
		if (vcrypto_nothing_beyond(src, s->start, s->len) ||
				vcrypto_nothing_beyond(dst, s->start, s->len))
			return VCRYPTO_BAD_OP;
		return encode_lists(t, so, s, sp, fmt, max_desc, chain);
	}

	/* One segment each: one descriptor a field, which always fits the slot's own table. */
	if (2 + (t->iv_len != 0) + 2 + chain > max_desc)
		return VCRYPTO_BAD_OP;
	sp->in_ext = 0;
	put_head(&w, t, sp);
	vcrypto_put_read(&w, rte_pktmbuf_iova_offset(src, s->start), s->len);
	vcrypto_put_write(&w, rte_pktmbuf_iova_offset(dst, s->start), s->len);
	put_tail(&w, t, so, sp, chain);
	if (t->cipher_bits == 0 && t->auth_bits == 0 && max_len >= t->min_len) {
		sp->data = &sp->slot->table[1 + (t->iv_len != 0)];
		sp->len_span = RTE_MIN(max_len, (uint64_t)UINT32_MAX) - t->min_len;
		sp->serial = t->serial;
	}
	return VCRYPTO_ENCODE_NEW;
}

/*
 * The same for a slot that holds a request of this session already: only the data fields
 * move. @return false if the op's shape is another one.
 */
static __rte_always_inline bool
patch_table(const struct rte_crypto_sym_op *so, uint32_t start, uint32_t len,
		const struct vcrypto_slot_priv *sp)
{
	const struct rte_mbuf *const src = so->m_src;
	const struct rte_mbuf *const dst = so->m_dst;
	struct vcrypto_desc *const d = sp->data;
	const uint64_t end = (uint64_t)start + len;
	rte_iova_t iova;

	if (unlikely(end > src->data_len))
		return false;
	iova = rte_pktmbuf_iova_offset(src, start);
	vcrypto_desc_retarget(&d[0], iova, len);
	if (dst != NULL) {
		if (unlikely(end > dst->data_len))
			return false;
		iova = rte_pktmbuf_iova_offset(dst, start);
	}
	vcrypto_desc_retarget(&d[1], iova, len);
	vcrypto_preset_status(sp->slot);
	return true;
}

static __rte_always_inline bool
cipher_range(const struct vcrypto_sym_template *t, const struct rte_crypto_sym_op *so,
		uint32_t *off, uint32_t *len)
{
	*off = so->cipher.data.offset;
	*len = so->cipher.data.length;
	return vcrypto_to_bytes(off, len, t->cipher_bits) && (*len & t->block_mask) == 0 &&
		(*len >= t->min_len || (*len == 0 && t->empty));
}

/* A cipher request has no offset field: the source field starts at the data. */
static __rte_always_inline void
patch_cipher_req(struct vcrypto_slot *slot, uint32_t len)
{
	slot->req.sym.cipher.src_data_len = rte_cpu_to_le_32(len);
	slot->req.sym.cipher.dst_data_len = rte_cpu_to_le_32(len);
}

static __rte_noinline int
encode_cipher_whole(const struct vcrypto_sym_template *t, const struct rte_crypto_sym_op *so,
		const uint8_t *iv, struct vcrypto_slot_priv *sp, const struct vcrypto_desc_fmt *fmt,
		uint16_t max_desc)
{
	struct vcrypto_slot *const slot = sp->slot;
	struct span s;
	int ret;

	if (so->m_src == NULL || !cipher_range(t, so, &s.start, &s.len))
		return VCRYPTO_BAD_OP;
	ret = encode_table(t, so, &s, sp, fmt, max_desc, false);
	if (ret != VCRYPTO_ENCODE_NEW)
		return ret;
	slot->req = t->req;
	patch_cipher_req(slot, s.len);
	copy_iv(t, iv, slot);
	sp->digest_action = VCRYPTO_DIGEST_NONE;
	return VCRYPTO_ENCODE_NEW;
}

int
vcrypto_codec_cipher_encode(const struct vcrypto_sym_template *t,
		const struct rte_crypto_sym_op *so, const uint8_t *iv, struct vcrypto_slot_priv *sp,
		const struct vcrypto_desc_fmt *fmt, uint16_t max_desc)
{
	const uint32_t len = so->cipher.data.length;

	/* Anything unusual takes the long way, which finds the error if there is one. */
	if (unlikely(sp->serial != t->serial || so->m_src == NULL || len & t->block_mask ||
			len - t->min_len > sp->len_span ||
			!patch_table(so, so->cipher.data.offset, len, sp)))
		return encode_cipher_whole(t, so, iv, sp, fmt, max_desc);
	patch_cipher_req(sp->slot, len);
	copy_iv(t, iv, sp->slot);
	return VCRYPTO_ENCODE_PATCHED;
}

/* Both ranges of a chain in bytes, and the field that holds them. */
struct chain_ranges {
	uint32_t cipher_off, cipher_len;
	uint32_t auth_off, auth_len;
	struct span s;
};

static __rte_always_inline bool
chain_ranges(const struct vcrypto_sym_template *t, const struct rte_crypto_sym_op *so,
		struct chain_ranges *r)
{
	uint64_t cipher_end, auth_end, end;

	if (unlikely(so->m_src == NULL || so->auth.digest.data == NULL ||
			!cipher_range(t, so, &r->cipher_off, &r->cipher_len)))
		return false;
	r->auth_off = so->auth.data.offset;
	r->auth_len = so->auth.data.length;
	if (unlikely(!vcrypto_to_bytes(&r->auth_off, &r->auth_len, t->auth_bits)))
		return false;
	/* An empty range lies wherever the other one is. */
	if (unlikely(r->cipher_len == 0))
		r->cipher_off = r->auth_off;
	else if (unlikely(r->auth_len == 0))
		r->auth_off = r->cipher_off;

	/* Source and destination: from the first byte of either range to the last. */
	cipher_end = (uint64_t)r->cipher_off + r->cipher_len;
	auth_end = (uint64_t)r->auth_off + r->auth_len;
	end = RTE_MAX(cipher_end, auth_end);
	if (unlikely(end > UINT32_MAX))
		return false;
	r->s.start = RTE_MIN(r->cipher_off, r->auth_off);
	r->s.len = (uint32_t)end - r->s.start;
	r->s.cipher_start = r->cipher_off;
	r->s.cipher_end = (uint32_t)cipher_end;
	return !digest_is_ciphered(t, so, &r->s);
}

/* Why a chain op has no ranges: the digest may be all that is in the way. */
static __rte_noinline int
no_ranges(const struct vcrypto_sym_template *t, const struct rte_crypto_sym_op *so)
{
	uint32_t off, len;
	struct span s;

	if (!t->steps || so->m_src == NULL || so->auth.digest.data == NULL ||
			!cipher_range(t, so, &off, &len))
		return VCRYPTO_BAD_OP;
	s.cipher_start = off;
	s.cipher_end = off + len;
	return digest_is_ciphered(t, so, &s) ? VCRYPTO_ENCODE_STEPS : VCRYPTO_BAD_OP;
}

static __rte_always_inline void
patch_chain_req(struct vcrypto_slot *slot, const struct chain_ranges *r)
{
	slot->req.sym.chain.src_data_len = rte_cpu_to_le_32(r->s.len);
	slot->req.sym.chain.dst_data_len = rte_cpu_to_le_32(r->s.len);
	slot->req.sym.chain.cipher_start_src_offset = rte_cpu_to_le_32(r->cipher_off - r->s.start);
	slot->req.sym.chain.len_to_cipher = rte_cpu_to_le_32(r->cipher_len);
	slot->req.sym.chain.hash_start_src_offset = rte_cpu_to_le_32(r->auth_off - r->s.start);
	slot->req.sym.chain.len_to_hash = rte_cpu_to_le_32(r->auth_len);
}

int
vcrypto_codec_chain_encode(const struct vcrypto_sym_template *t, const struct rte_crypto_sym_op *so,
		const uint8_t *iv, struct vcrypto_slot_priv *sp, const struct vcrypto_desc_fmt *fmt,
		uint16_t max_desc)
{
	struct vcrypto_slot *const slot = sp->slot;
	struct chain_ranges r;
	int ret = VCRYPTO_ENCODE_PATCHED;

	if (unlikely(!chain_ranges(t, so, &r)))
		return no_ranges(t, so);
	if (likely(sp->serial == t->serial && r.s.len - t->min_len <= sp->len_span &&
			patch_table(so, r.s.start, r.s.len, sp))) {
		vcrypto_preset_digest(t, so, sp);
	} else {
		ret = encode_table(t, so, &r.s, sp, fmt, max_desc, true);
		if (unlikely(ret != VCRYPTO_ENCODE_NEW))
			return ret;
		slot->req = t->req;
		sp->digest_len = t->digest_len;
		sp->digest_action = t->digest_action;
	}
	patch_chain_req(slot, &r);
	copy_iv(t, iv, slot);
	sp->digest = so->auth.digest.data;
	return ret;
}
