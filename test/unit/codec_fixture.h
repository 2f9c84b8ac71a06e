/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * What tests of the symmetric codec share: algorithm rows written from the
 * specification, sessions, ops and mbufs, a slot between guard bytes, and
 * descriptor tables compared as raw bytes.
 *
 * Every address for the device differs from the one that the CPU uses, so
 * that a mix-up shows.
 */

#ifndef CODEC_FIXTURE_H
#define CODEC_FIXTURE_H

#include <stdlib.h>

#include "unit_eal.h"

#include <rte_crypto.h>
#include <rte_mbuf.h>

#include "virtio_caps.h"
#include "virtio_codec.h"

#define FX_IOVA_SHIFT UINT64_C(0x0000110000000000)
#define FX_SLOT_IOVA UINT64_C(0x0000220000000100)
#define FX_EXT_IOVA UINT64_C(0x0000330000000400)
#define FX_SESSION_ID UINT64_C(0x1122334455667788)
#define FX_GUARD 0x6b

/* Rows by the numbers of 5.9.5.3 to 5.9.5.5, independent of the driver's own table. */
static const struct vcrypto_alg_cipher fx_aes_ecb = {
		.name = "AES-ECB", .id = 2, .algo = RTE_CRYPTO_CIPHER_AES_ECB,
		.key = {16, 32, 8}, .iv = {0, 0, 0}, .iv_wire = 0, .block = 16, .min_len = 16};
static const struct vcrypto_alg_cipher fx_aes_cbc = {
		.name = "AES-CBC", .id = 3, .algo = RTE_CRYPTO_CIPHER_AES_CBC,
		.key = {16, 32, 8}, .iv = {16, 16, 0}, .iv_wire = 16, .block = 16, .min_len = 16};
static const struct vcrypto_alg_cipher fx_aes_ctr = {
		.name = "AES-CTR", .id = 4, .algo = RTE_CRYPTO_CIPHER_AES_CTR,
		.key = {16, 32, 8}, .iv = {12, 16, 4}, .iv_wire = 16, .block = 1, .min_len = 1};
static const struct vcrypto_alg_cipher fx_des_cbc = {
		.name = "DES-CBC", .id = 6, .algo = RTE_CRYPTO_CIPHER_DES_CBC,
		.key = {8, 8, 0}, .iv = {8, 8, 0}, .iv_wire = 8, .block = 8, .min_len = 8};
static const struct vcrypto_alg_cipher fx_3des_cbc = {
		.name = "3DES-CBC", .id = 8, .algo = RTE_CRYPTO_CIPHER_3DES_CBC,
		.key = {16, 24, 8}, .iv = {8, 8, 0}, .iv_wire = 8, .block = 8, .min_len = 8,
		.key_expand_3des = true};
static const struct vcrypto_alg_cipher fx_arc4 = {
		.name = "ARC4", .id = 1, .algo = RTE_CRYPTO_CIPHER_ARC4,
		.key = {1, 256, 1}, .iv = {0, 0, 0}, .iv_wire = 0, .block = 1, .min_len = 1};
static const struct vcrypto_alg_cipher fx_aes_xts = {
		.name = "AES-XTS", .id = 13, .algo = RTE_CRYPTO_CIPHER_AES_XTS,
		.key = {32, 64, 32}, .iv = {16, 16, 0}, .iv_wire = 16, .block = 1, .min_len = 16};
static const struct vcrypto_alg_cipher fx_kasumi_f8 = {
		.name = "KASUMI-F8", .id = 10, .algo = RTE_CRYPTO_CIPHER_KASUMI_F8,
		.key = {16, 16, 0}, .iv = {8, 8, 0}, .iv_wire = 8, .block = 1, .min_len = 1,
		.bits = true};
static const struct vcrypto_alg_cipher fx_snow3g_uea2 = {
		.name = "SNOW3G-UEA2", .id = 11, .algo = RTE_CRYPTO_CIPHER_SNOW3G_UEA2,
		.key = {16, 16, 0}, .iv = {16, 16, 0}, .iv_wire = 16, .block = 1, .min_len = 1,
		.bits = true};
static const struct vcrypto_alg_cipher fx_zuc_eea3 = {
		.name = "ZUC-EEA3", .id = 14, .algo = RTE_CRYPTO_CIPHER_ZUC_EEA3,
		.key = {16, 16, 0}, .iv = {16, 16, 0}, .iv_wire = 16, .block = 1, .min_len = 1,
		.bits = true};

static const struct vcrypto_alg_auth fx_sha1 = {
		.name = "SHA1", .id = 2, .algo = RTE_CRYPTO_AUTH_SHA1,
		.key = {0, 0, 0}, .digest = 20, .block = 64};
static const struct vcrypto_alg_auth fx_sha256 = {
		.name = "SHA256", .id = 4, .algo = RTE_CRYPTO_AUTH_SHA256,
		.key = {0, 0, 0}, .digest = 32, .block = 64};
static const struct vcrypto_alg_auth fx_hmac_sha1 = {
		.name = "SHA1-HMAC", .id = 2, .algo = RTE_CRYPTO_AUTH_SHA1_HMAC,
		.key = {1, 1024, 1}, .digest = 20, .block = 64};
static const struct vcrypto_alg_auth fx_hmac_sha512 = {
		.name = "SHA512-HMAC", .id = 6, .algo = RTE_CRYPTO_AUTH_SHA512_HMAC,
		.key = {1, 1024, 1}, .digest = 64, .block = 128};
static const struct vcrypto_alg_auth fx_kasumi_f9 = {
		.name = "KASUMI-F9", .id = 27, .algo = RTE_CRYPTO_AUTH_KASUMI_F9,
		.key = {16, 16, 0}, .digest = 4, .block = 8, .bits = true};

/** Descriptor as the device reads it. */
struct fx_desc {
	uint64_t addr;
	uint32_t len;
	bool write;
};

struct fx_shared {
	uint8_t guard0[64];
	struct vcrypto_slot slot;
	uint8_t guard1[64];
	struct vcrypto_slot_ext ext;
	uint8_t guard2[64];
};

struct fx {
	struct rte_mempool *pool;
	struct fx_shared *sh;
	struct vcrypto_slot_priv sp;
	struct vcrypto_sym_create create;
	struct vcrypto_sym_template tmpl;
	struct vcrypto_desc_fmt fmt;

	struct rte_crypto_op *op; /* ends with the IV, to the byte */
	size_t iv_offset;
	uint8_t *iv;

	struct fx_desc want[128];
	unsigned int nb_want;
	uint8_t want_req[72];
};

/** What the test knows about a session, to say what must be on the wire. */
struct fx_sess {
	const struct vcrypto_alg_cipher *cipher;
	enum rte_crypto_cipher_operation dir;
	uint16_t key_len;
	uint16_t iv_len;
	/* auth NULL: plain cipher */
	const struct vcrypto_alg_auth *auth;
	enum rte_crypto_auth_operation auth_op;
	bool auth_first;
	uint16_t auth_key_len;
	uint16_t digest_len; /* 0: full */
};

static const uint8_t *
fx_key(void)
{
	static uint8_t key[2048];
	size_t i;

	for (i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)(i * 13 + (i >> 8) + 1);
	return key;
}

static const uint8_t *
fx_auth_key(void)
{
	static uint8_t key[2048];
	size_t i;

	for (i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)(i * 29 + (i >> 8) + 0x80);
	return key;
}

static inline void
fx_create(struct fx *fx)
{
	memset(fx, 0, sizeof(*fx));
	fx->pool = rte_pktmbuf_pool_create("codec", 511, 0, 0, 2048 + RTE_PKTMBUF_HEADROOM, 0);
	assert_non_null(fx->pool);
	fx->sh = aligned_alloc(64, sizeof(*fx->sh));
	assert_non_null(fx->sh);
	/* NEXT and the next entry's number; flags 1 and 2; the last writable. */
	fx->fmt.read = 0x00010001;
	fx->fmt.write = 0x00010003;
	fx->fmt.step = 0x00010000;
	fx->fmt.last = 0x00000002;
}

static inline void
fx_destroy(struct fx *fx)
{
	free(fx->op);
	free(fx->sh);
	rte_mempool_free(fx->pool);
}

/** A new op for the session's template: all fields garbage but type and status. */
static inline void
fx_new_op(struct fx *fx, size_t iv_offset, uint16_t iv_len)
{
	uint16_t i;

	free(fx->op);
	fx->op = malloc(iv_offset + iv_len);
	assert_non_null(fx->op);
	memset(fx->op, 0x77, iv_offset + iv_len);
	fx->iv_offset = iv_offset;
	fx->iv = (uint8_t *)fx->op + iv_offset;
	for (i = 0; i < iv_len; i++)
		fx->iv[i] = (uint8_t)(0xc0 + i);
	fx->op->type = RTE_CRYPTO_OP_TYPE_SYMMETRIC;
	fx->op->status = RTE_CRYPTO_OP_STATUS_NOT_PROCESSED;
	fx->op->sess_type = RTE_CRYPTO_OP_WITH_SESSION;
	fx->op->phys_addr = (uintptr_t)fx->op + FX_IOVA_SHIFT;
	fx->op->mempool = NULL;
	fx->op->sym->m_src = NULL;
	fx->op->sym->m_dst = NULL;
	fx->op->sym->session = NULL;
}

/** xforms of a session; a[0] is the first of the chain. */
static inline const struct rte_crypto_sym_xform *
fx_xforms(const struct fx_sess *s, size_t iv_offset, struct rte_crypto_sym_xform a[2])
{
	struct rte_crypto_sym_xform *c, *h;

	memset(a, 0, 2 * sizeof(*a));
	c = &a[s->auth != NULL && s->auth_first ? 1 : 0];
	c->type = RTE_CRYPTO_SYM_XFORM_CIPHER;
	c->cipher.op = s->dir;
	c->cipher.algo = s->cipher->algo;
	c->cipher.key.data = fx_key();
	c->cipher.key.length = s->key_len;
	c->cipher.iv.offset = (uint16_t)iv_offset;
	c->cipher.iv.length = s->iv_len;
	if (s->auth != NULL) {
		h = &a[s->auth_first ? 0 : 1];
		h->type = RTE_CRYPTO_SYM_XFORM_AUTH;
		h->auth.op = s->auth_op;
		h->auth.algo = s->auth->algo;
		h->auth.key.data = s->auth_key_len ? fx_auth_key() : NULL;
		h->auth.key.length = s->auth_key_len;
		h->auth.digest_length = s->digest_len ? s->digest_len : s->auth->digest;
		a[0].next = &a[1];
	}
	return a;
}

/** An odd place for the IV, so that alignment is not taken for granted. */
#define FX_IV_OFFSET (sizeof(struct rte_crypto_op) + sizeof(struct rte_crypto_sym_op) + 3)

/** Session of ciphers and MACs by their rows, without REVISION_1. */
static inline int
fx_sym_session(const struct rte_crypto_sym_xform *x, const struct vcrypto_alg_cipher *cipher,
		const struct vcrypto_alg_auth *auth, struct vcrypto_sym_create *create,
		struct vcrypto_sym_template *tmpl)
{
	const struct vcrypto_sym_algs algs = {.cipher = cipher, .auth = auth};

	return vcrypto_codec_sym_session(x, &algs, false, create, tmpl);
}

static inline int
fx_try_session(struct fx *fx, const struct fx_sess *s)
{
	struct rte_crypto_sym_xform a[2];

	/* Left-overs must not show. */
	memset(&fx->create, 0x99, sizeof(fx->create));
	memset(&fx->tmpl, 0x99, sizeof(fx->tmpl));
	return fx_sym_session(fx_xforms(s, FX_IV_OFFSET, a), s->cipher, s->auth, &fx->create,
			&fx->tmpl);
}

/** Session and a fresh op for it. */
static inline void
fx_session(struct fx *fx, const struct fx_sess *s)
{
	assert_int_equal(fx_try_session(fx, s), 0);
	fx->tmpl.req.header.session_id = rte_cpu_to_le_64(FX_SESSION_ID);
	fx->tmpl.max_size = UINT64_MAX;
	fx_new_op(fx, FX_IV_OFFSET, s->iv_len);
}

/** A chain of mbufs with segments of these lengths. */
static inline struct rte_mbuf *
fx_mbuf(struct fx *fx, const uint16_t *lens, unsigned int nb)
{
	struct rte_mbuf *head = NULL, *last = NULL, *m;
	unsigned int i;

	for (i = 0; i < nb; i++) {
		m = rte_pktmbuf_alloc(fx->pool);
		assert_non_null(m);
		/* Each segment's data begins elsewhere in its buffer. */
		m->data_off = (uint16_t)(5 + 37 * i % 101);
		assert_true(m->data_off + lens[i] <= m->buf_len);
		m->buf_iova = (uintptr_t)m->buf_addr + FX_IOVA_SHIFT;
		m->data_len = lens[i];
		if (head == NULL) {
			head = m;
			m->pkt_len = 0;
			m->nb_segs = 0;
		} else {
			last->next = m;
		}
		last = m;
		head->pkt_len += lens[i];
		head->nb_segs++;
	}
	return head;
}

static inline struct rte_mbuf *
fx_mbuf1(struct fx *fx, uint16_t len)
{
	return fx_mbuf(fx, &len, 1);
}

/** Address for the CPU of a byte of a chain. */
static inline uint8_t *
fx_byte(struct rte_mbuf *m, uint32_t off)
{
	while (m->next != NULL && off >= m->data_len) {
		off -= m->data_len;
		m = m->next;
	}
	return (uint8_t *)m->buf_addr + m->data_off + off;
}

/* What the device must be told. */
static inline void
fx_want_reset(struct fx *fx)
{
	fx->nb_want = 0;
	memset(fx->want_req, 0, sizeof(fx->want_req));
}

static inline void
fx_want(struct fx *fx, uint64_t addr, uint32_t len, bool write)
{
	assert_true(fx->nb_want < UNIT_DIM(fx->want));
	fx->want[fx->nb_want].addr = addr;
	fx->want[fx->nb_want].len = len;
	fx->want[fx->nb_want].write = write;
	fx->nb_want++;
}

/** len bytes from off of a chain, segment by segment; empty pieces are left out. */
static inline void
fx_want_range(struct fx *fx, const struct rte_mbuf *m, uint32_t off, uint32_t len, bool write)
{
	for (; m != NULL && len > 0; m = m->next) {
		uint32_t n;

		if (off >= m->data_len) {
			off -= m->data_len;
			continue;
		}
		n = RTE_MIN(len, m->data_len - off);
		fx_want(fx, m->buf_iova + m->data_off + off, n, write);
		len -= n;
		off = 0;
	}
	assert_int_equal(len, 0);
}

/** Bytes of a cipher data request [virtio 5.9.9.6]: 24 header, flf at 24, op_type at 64. */
static inline void
fx_want_cipher_req(struct fx *fx, const struct fx_sess *s, uint32_t iv_len, uint32_t len)
{
	put32(fx->want_req, 0, s->dir == RTE_CRYPTO_CIPHER_OP_ENCRYPT ? 0x0000 : 0x0001);
	put32(fx->want_req, 4, s->cipher->id);
	put64(fx->want_req, 8, FX_SESSION_ID);
	put32(fx->want_req, 16, 1); /* FLAG_SESSION_MODE */
	put32(fx->want_req, 24, iv_len);
	put32(fx->want_req, 28, len);
	put32(fx->want_req, 32, len);
	put32(fx->want_req, 64, 1); /* SYM_OP_CIPHER */
}

struct fx_ranges {
	uint32_t cipher_off, cipher_len, auth_off, auth_len; /* bytes */
};

/** An empty range has no place of its own: it lies where the other one begins. */
static inline void
fx_place_empty(struct fx_ranges *r)
{
	if (r->cipher_len == 0)
		r->cipher_off = r->auth_off;
	else if (r->auth_len == 0)
		r->auth_off = r->cipher_off;
}

static inline uint32_t
fx_chain_start(const struct fx_ranges *r)
{
	return RTE_MIN(r->cipher_off, r->auth_off);
}

static inline uint32_t
fx_chain_len(const struct fx_ranges *r)
{
	return RTE_MAX(r->cipher_off + r->cipher_len, r->auth_off + r->auth_len) -
			fx_chain_start(r);
}

static inline void
fx_want_chain_req(struct fx *fx, const struct fx_sess *s, uint32_t iv_len,
		const struct fx_ranges *r, uint32_t hash_result_len)
{
	const uint32_t start = fx_chain_start(r), len = fx_chain_len(r);

	fx_want_cipher_req(fx, s, iv_len, len);
	put32(fx->want_req, 36, r->cipher_off - start); /* cipher_start_src_offset */
	put32(fx->want_req, 40, r->cipher_len);
	put32(fx->want_req, 44, r->auth_off - start); /* hash_start_src_offset */
	put32(fx->want_req, 48, r->auth_len);
	put32(fx->want_req, 52, 0); /* aad_len */
	put32(fx->want_req, 56, hash_result_len);
	put32(fx->want_req, 64, 2); /* SYM_OP_ALGORITHM_CHAINING */
}

/** A slot as it is before its first request: shared memory is anything, private state zero. */
static inline void
fx_slot_reset(struct fx *fx)
{
	memset(fx->sh, FX_GUARD, sizeof(*fx->sh));
	memset(&fx->sp, 0, sizeof(fx->sp));
	fx->sp.slot = &fx->sh->slot;
	fx->sp.iova = FX_SLOT_IOVA;
	fx->sp.ext = &fx->sh->ext;
	fx->sp.ext_iova = FX_EXT_IOVA;
}

/** What a device leaves in the lines that are its own. */
static inline void
fx_device_wrote(struct fx *fx)
{
	fx->sh->slot.status = 0;
	memset(fx->sh->slot.digest, 0x3c, sizeof(fx->sh->slot.digest));
	memset(fx->sh->ext.digest, 0x3c, sizeof(fx->sh->ext.digest));
}

/** The session's encoder, on the op and the slot as they are. */
static inline int
fx_call(struct fx *fx, uint16_t max_desc)
{
	const struct vcrypto_sym_template *const t = &fx->tmpl;

	assert_true(t->shape > VCRYPTO_SHAPE_NONE && t->shape < VCRYPTO_SHAPE_NB);
	assert_non_null(vcrypto_codec_sym_encode[t->shape]);
	return vcrypto_codec_sym_encode[t->shape](t, fx->op->sym, vcrypto_codec_iv(t, fx->op),
		&fx->sp, &fx->fmt, max_desc);
}

/** Encode into the slot as it is: 0 accepted, else the op status. */
static inline int
fx_encode_again(struct fx *fx, uint16_t max_desc)
{
	const uint16_t nb_desc = fx->sp.nb_desc;
	const uint8_t in_ext = fx->sp.in_ext;
	int ret;

	fx->sp.op = fx->op;
	ret = fx_call(fx, max_desc);
	if (ret == VCRYPTO_ENCODE_PATCHED) {
		/* The ring keeps what it knows of the table. */
		assert_int_equal(fx->sp.nb_desc, nb_desc);
		assert_int_equal(fx->sp.in_ext, in_ext);
		return 0;
	}
	return ret;
}

/** Encode into a new slot. */
static inline int
fx_encode(struct fx *fx, uint16_t max_desc)
{
	fx_slot_reset(fx);
	fx->sp.op = fx->op;
	return fx_call(fx, max_desc);
}

/** Nothing but what the contract names was touched. */
static inline void
fx_check_bounds(const struct fx *fx)
{
	size_t i;

	for (i = 0; i < 64; i++) {
		assert_int_equal(fx->sh->guard0[i], FX_GUARD);
		assert_int_equal(fx->sh->guard1[i], FX_GUARD);
		assert_int_equal(fx->sh->guard2[i], FX_GUARD);
	}
	assert_ptr_equal(fx->sp.op, fx->op);
	assert_ptr_equal(fx->sp.slot, &fx->sh->slot);
	assert_ptr_equal(fx->sp.ext, &fx->sh->ext);
	assert_true(fx->sp.iova == FX_SLOT_IOVA && fx->sp.ext_iova == FX_EXT_IOVA);
	assert_int_equal(fx->op->status, RTE_CRYPTO_OP_STATUS_NOT_PROCESSED);
}

static inline void
fx_refused_at(struct fx *fx, uint16_t max_desc, int line)
{
	int ret = fx_encode(fx, max_desc);

	if (ret != RTE_CRYPTO_OP_STATUS_INVALID_ARGS)
		fail_msg("line %d: op gives %d, not INVALID_ARGS", line, ret);
	fx_check_bounds(fx);
}
#define fx_refused(fx, max_desc) fx_refused_at(fx, max_desc, __LINE__)

/** The table and the request's 72 bytes, byte by byte. */
static inline void
fx_check_table(const struct fx *fx)
{
	const uint8_t *t, *req = (const uint8_t *)&fx->sh->slot;
	unsigned int i;

	fx_check_bounds(fx);
	for (i = 0; i < 72; i++)
		if (req[i] != fx->want_req[i])
			fail_msg("request byte %u is 0x%02x, wanted 0x%02x", i, req[i],
					fx->want_req[i]);
	assert_int_equal(fx->sp.nb_desc, fx->nb_want);
	/* The slot has room for six entries; what is longer goes to the extension. */
	if (fx->nb_want <= 6)
		assert_int_equal(fx->sp.in_ext, 0);
	else
		assert_int_equal(fx->sp.in_ext, 1);
	t = fx->sp.in_ext ? (const uint8_t *)&fx->sh->ext : req + 96;
	for (i = 0; i < fx->nb_want; i++, t += 16) {
		const bool last = i + 1 == fx->nb_want;
		const uint16_t flags = (uint16_t)((fx->want[i].write ? 2 : 0) | (last ? 0 : 1));

		if (get64(t, 0) != fx->want[i].addr || get32(t, 8) != fx->want[i].len ||
				get16(t, 12) != flags ||
				get16(t, 14) != (last ? 0 : i + 1))
			fail_msg("entry %u of %u: addr 0x%llx len %u flags %u next %u; wanted "
				"0x%llx %u %u %u", i, fx->nb_want,
				(unsigned long long)get64(t, 0), get32(t, 8), get16(t, 12),
				get16(t, 14), (unsigned long long)fx->want[i].addr,
				fx->want[i].len, flags, last ? 0 : i + 1);
	}
	assert_int_equal(req[192], 0xa5); /* status preset */
}

/** Whole check of a plain cipher op that was accepted. */
static inline void
fx_check_cipher(struct fx *fx, const struct fx_sess *s, const uint8_t *iv, uint32_t iv_len,
		uint32_t off, uint32_t len)
{
	const struct rte_mbuf *src = fx->op->sym->m_src;
	const struct rte_mbuf *dst = fx->op->sym->m_dst ? fx->op->sym->m_dst : src;

	fx_want_reset(fx);
	fx_want_cipher_req(fx, s, iv_len, len);
	fx_want(fx, FX_SLOT_IOVA, 72, false);
	if (iv_len > 0)
		fx_want(fx, FX_SLOT_IOVA + 72, iv_len, false);
	fx_want_range(fx, src, off, len, false);
	fx_want_range(fx, dst, off, len, true);
	fx_want(fx, FX_SLOT_IOVA + 192, 1, true);
	fx_check_table(fx);
	if (iv_len > 0)
		assert_memory_equal((const uint8_t *)&fx->sh->slot + 72, iv, iv_len);
	assert_int_equal(fx->sp.digest_action, VCRYPTO_DIGEST_NONE);
}

/** The same for a chain; wire is the digest's length on the wire. */
static inline void
fx_check_chain(struct fx *fx, const struct fx_sess *s, const uint8_t *iv, uint32_t iv_len,
		const struct fx_ranges *r, uint32_t wire)
{
	const struct rte_mbuf *src = fx->op->sym->m_src;
	const struct rte_mbuf *dst = fx->op->sym->m_dst ? fx->op->sym->m_dst : src;
	const bool far = wire > 63; /* no room behind the slot's status byte */
	uint32_t i;

	fx_want_reset(fx);
	fx_want_chain_req(fx, s, iv_len, r, wire);
	fx_want(fx, FX_SLOT_IOVA, 72, false);
	if (iv_len > 0)
		fx_want(fx, FX_SLOT_IOVA + 72, iv_len, false);
	fx_want_range(fx, src, fx_chain_start(r), fx_chain_len(r), false);
	fx_want_range(fx, dst, fx_chain_start(r), fx_chain_len(r), true);
	fx_want(fx, far ? FX_EXT_IOVA + 960 : FX_SLOT_IOVA + 193, wire, true);
	fx_want(fx, FX_SLOT_IOVA + 192, 1, true);
	fx_check_table(fx);
	if (iv_len > 0)
		assert_memory_equal((const uint8_t *)&fx->sh->slot + 72, iv, iv_len);
	assert_ptr_equal(fx->sp.scratch, far ? fx->sh->ext.digest : fx->sh->slot.digest);
	assert_ptr_equal(fx->sp.digest, fx->op->sym->auth.digest.data);
	/* Poison; the first byte of what is to be compared differs from what is expected. */
	if (s->auth_op == RTE_CRYPTO_AUTH_OP_VERIFY)
		assert_int_equal(fx->sp.scratch[0], (uint8_t)~fx->op->sym->auth.digest.data[0]);
	else
		assert_int_equal(fx->sp.scratch[0], 0xa5);
	for (i = 1; i < wire; i++)
		assert_int_equal(fx->sp.scratch[i], 0xa5);
	assert_int_equal(fx->sp.digest_action, s->auth_op == RTE_CRYPTO_AUTH_OP_VERIFY ?
			VCRYPTO_DIGEST_COMPARE : VCRYPTO_DIGEST_COPY);
	assert_int_equal(fx->sp.digest_len, s->digest_len ? s->digest_len : s->auth->digest);
}

/** Fill in an op's ranges, bytes -> the unit that DPDK counts in. */
static inline void
fx_set_ranges(struct fx *fx, const struct fx_sess *s, const struct fx_ranges *r, uint8_t *digest)
{
	struct rte_crypto_sym_op *sym = fx->op->sym;

	sym->cipher.data.offset = r->cipher_off * (s->cipher->bits ? 8 : 1);
	sym->cipher.data.length = r->cipher_len * (s->cipher->bits ? 8 : 1);
	if (s->auth == NULL)
		return;
	sym->auth.data.offset = r->auth_off * (s->auth->bits ? 8 : 1);
	sym->auth.data.length = r->auth_len * (s->auth->bits ? 8 : 1);
	sym->auth.digest.data = digest;
	sym->auth.digest.phys_addr = (uintptr_t)digest + FX_IOVA_SHIFT;
}

#define ENC RTE_CRYPTO_CIPHER_OP_ENCRYPT
#define DEC RTE_CRYPTO_CIPHER_OP_DECRYPT
#define GEN RTE_CRYPTO_AUTH_OP_GENERATE
#define VERIFY RTE_CRYPTO_AUTH_OP_VERIFY
#define MAX_DESC 60

static const struct fx_sess s_cbc = {.cipher = &fx_aes_cbc, .key_len = 16, .iv_len = 16,
		.dir = ENC};
static const struct fx_sess s_cbc_dec = {.cipher = &fx_aes_cbc, .key_len = 32, .iv_len = 16,
		.dir = DEC};
static const struct fx_sess s_ecb = {.cipher = &fx_aes_ecb, .key_len = 16, .iv_len = 0,
		.dir = ENC};
static const struct fx_sess s_ctr = {.cipher = &fx_aes_ctr, .key_len = 16, .iv_len = 16,
		.dir = ENC};
static const struct fx_sess s_ctr12 = {.cipher = &fx_aes_ctr, .key_len = 16, .iv_len = 12,
		.dir = ENC};
static const struct fx_sess s_chain = {.cipher = &fx_aes_cbc, .key_len = 16, .iv_len = 16,
		.dir = ENC, .auth = &fx_hmac_sha1, .auth_op = GEN, .auth_key_len = 20};
static const struct fx_sess s_chain_dec = {.cipher = &fx_aes_cbc, .key_len = 16, .iv_len = 16,
		.dir = DEC, .auth = &fx_hmac_sha1, .auth_op = VERIFY, .auth_first = true,
		.auth_key_len = 20};
static const struct fx_sess s_chain512 = {.cipher = &fx_aes_cbc, .key_len = 16, .iv_len = 16,
		.dir = ENC, .auth = &fx_hmac_sha512, .auth_op = GEN, .auth_key_len = 64};
static const struct fx_sess s_chain_ctr = {.cipher = &fx_aes_ctr, .key_len = 16, .iv_len = 12,
		.dir = DEC, .auth = &fx_sha256, .auth_op = VERIFY, .auth_first = true};

/* The digest lies outside all mbufs unless a test says otherwise. */
static uint8_t outside[64];

static inline int
fx_setup(void **state)
{
	struct fx *fx = malloc(sizeof(*fx));

	if (fx == NULL)
		return -1;
	fx_create(fx);
	*state = fx;
	return 0;
}

static inline int
fx_teardown(void **state)
{
	fx_destroy(*state);
	free(*state);
	return 0;
}

/* A plain cipher op of fresh mbufs; caller frees with done(). */
static inline void
cipher_op(struct fx *fx, const struct fx_sess *s, uint32_t off, uint32_t len, uint16_t src,
		uint16_t dst)
{
	const struct fx_ranges r = {.cipher_off = off, .cipher_len = len};

	fx_session(fx, s);
	fx->op->sym->m_src = fx_mbuf1(fx, src);
	fx->op->sym->m_dst = dst ? fx_mbuf1(fx, dst) : NULL;
	fx_set_ranges(fx, s, &r, NULL);
}

static inline void
chain_op(struct fx *fx, const struct fx_sess *s, struct fx_ranges r, uint16_t src, uint16_t dst)
{
	fx_session(fx, s);
	fx->op->sym->m_src = fx_mbuf1(fx, src);
	fx->op->sym->m_dst = dst ? fx_mbuf1(fx, dst) : NULL;
	fx_set_ranges(fx, s, &r, outside);
}

static inline void
done(struct fx *fx)
{
	if (fx->op->sym->m_dst != fx->op->sym->m_src)
		rte_pktmbuf_free(fx->op->sym->m_dst);
	rte_pktmbuf_free(fx->op->sym->m_src);
	fx->op->sym->m_src = NULL;
	fx->op->sym->m_dst = NULL;
}

#define R(co, cl, ao, al) \
	((struct fx_ranges){.cipher_off = (co), .cipher_len = (cl), .auth_off = (ao), \
		.auth_len = (al)})

/** A test with a fixture of its own. */
#define T(f) cmocka_unit_test_setup_teardown(f, fx_setup, fx_teardown)

#endif /* CODEC_FIXTURE_H */
