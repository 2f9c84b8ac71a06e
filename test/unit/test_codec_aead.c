/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * AEAD service and GMAC: sessions and data requests, byte by byte from the offsets of
 * [virtio 5.9.9.2.1.4, 5.9.9.7], with REVISION_1's exact fixed part and the padded one of before.
 */

#include "codec_fixture.h"

#include <errno.h>

#define AEAD_ENC RTE_CRYPTO_AEAD_OP_ENCRYPT
#define AEAD_DEC RTE_CRYPTO_AEAD_OP_DECRYPT
#define AAD_MAX 65535

static const struct vcrypto_alg_aead fx_gcm = {
	.name = "AES-GCM", .id = 1, .algo = RTE_CRYPTO_AEAD_AES_GCM, .key = { 16, 32, 8 },
	.iv = { 0, 12, 12 }, .tag = { 4, 16, 1 } };
static const struct vcrypto_alg_aead fx_ccm = {
	.name = "AES-CCM", .id = 2, .algo = RTE_CRYPTO_AEAD_AES_CCM, .key = { 16, 32, 8 },
	.iv = { 7, 13, 1 }, .tag = { 4, 16, 2 } };
static const struct vcrypto_alg_aead fx_chacha = {
	.name = "CHACHA20-POLY1305", .id = 3, .algo = RTE_CRYPTO_AEAD_CHACHA20_POLY1305,
	.key = { 32, 32, 0 }, .iv = { 12, 12, 0 }, .tag = { 16, 16, 0 } };
static const struct vcrypto_alg_auth fx_gmac = {
	.name = "AES-GMAC", .id = 41, .algo = RTE_CRYPTO_AUTH_AES_GMAC, .key = { 16, 32, 8 },
	.iv = { 0, 12, 12 }, .digest = 16, .gmac = true };

struct aead {
	const struct vcrypto_alg_aead *alg;
	enum rte_crypto_aead_operation dir;
	uint16_t key_len, iv_len, tag_len, aad_len;
	bool rev1;
};

/* Where tag and AAD are; each op has them elsewhere. */
static uint8_t tags[64], aads[18 + AAD_MAX + 64];
static uint8_t *tag_at = tags, *aad_at = aads;

/* Bytes of IV on the wire, and of what lies before nonce and AAD in cryptodev's buffers. */
static uint16_t
wire_iv(const struct aead *s)
{
	return s->iv_len == 0 ? 16 : s->iv_len;
}

static unsigned int
nonce_skip(const struct aead *s)
{
	return s->alg == &fx_ccm ? 1 : 0;
}

static unsigned int
aad_skip(const struct aead *s)
{
	return s->alg == &fx_ccm ? 18 : 0;
}

static int
try_session(struct fx *fx, const struct aead *s)
{
	const struct vcrypto_sym_algs algs = { .aead = s->alg };
	const struct rte_crypto_sym_xform x = { .type = RTE_CRYPTO_SYM_XFORM_AEAD, .aead = {
		.op = s->dir, .algo = s->alg->algo, .key = { fx_key(), s->key_len },
		.iv = { FX_IV_OFFSET, s->iv_len }, .digest_length = s->tag_len,
		.aad_length = s->aad_len } };

	memset(&fx->create, 0x99, sizeof(fx->create));
	memset(&fx->tmpl, 0x99, sizeof(fx->tmpl));
	return vcrypto_codec_sym_session(&x, &algs, s->rev1, &fx->create, &fx->tmpl);
}

static void
session(struct fx *fx, const struct aead *s)
{
	assert_int_equal(try_session(fx, s), 0);
	fx->tmpl.req.header.session_id = rte_cpu_to_le_64(FX_SESSION_ID);
	fx->tmpl.max_size = UINT64_MAX;
	/* Ends with the nonce: nothing behind it may be read. */
	fx_new_op(fx, FX_IV_OFFSET, wire_iv(s) + nonce_skip(s));
}

static void
aim(struct fx *fx, uint32_t off, uint32_t len)
{
	struct rte_crypto_sym_op *const so = fx->op->sym;

	tag_at = tags + (tag_at - tags + 5) % 48;
	aad_at = aads + (aad_at - aads + 7) % 64;
	so->aead.data.offset = off;
	so->aead.data.length = len;
	so->aead.digest.data = tag_at;
	so->aead.digest.phys_addr = (uintptr_t)tag_at + FX_IOVA_SHIFT;
	so->aead.aad.data = aad_at;
	so->aead.aad.phys_addr = (uintptr_t)aad_at + FX_IOVA_SHIFT;
}

static void
aead_op(struct fx *fx, const struct aead *s, uint32_t off, uint32_t len, uint16_t src, uint16_t dst)
{
	session(fx, s);
	fx->op->sym->m_src = fx_mbuf1(fx, src);
	fx->op->sym->m_dst = dst ? fx_mbuf1(fx, dst) : NULL;
	aim(fx, off, len);
}

/* Where the slot has a copy of an AAD of this length; 0: it has none. */
static unsigned int
aad_copy(const struct aead *s)
{
	if (s->aad_len == 0 || s->aad_len > (s->rev1 ? 32 : 8))
		return 0;
	return s->rev1 ? 48 + 16 : 72 + 16;
}

/* Request bytes, then the table from its parts. */
static void
check_op(struct fx *fx, const struct aead *s, uint32_t off, uint32_t len)
{
	const unsigned int fixed = s->rev1 ? 48 : 72, iv_len = wire_iv(s);
	const bool dec = s->dir == AEAD_DEC;
	const struct rte_mbuf *const src = fx->op->sym->m_src;
	const struct rte_mbuf *const dst = fx->op->sym->m_dst ? fx->op->sym->m_dst : src;
	const uint8_t *const is = (const uint8_t *)&fx->sh->slot;
	uint8_t want[72], kept[72];
	unsigned int i;

	memset(want, 0, sizeof(want));
	put32(want, 0, dec ? 0x0301 : 0x0300);
	put32(want, 4, s->alg->id);
	put64(want, 8, FX_SESSION_ID);
	put32(want, 16, 1); /* FLAG_SESSION_MODE */
	put32(want, 24, iv_len);
	put32(want, 28, s->aad_len);
	put32(want, 32, dec ? len + s->tag_len : len);
	put32(want, 36, dec ? len : len + s->tag_len);
	put32(want, 40, s->tag_len);
	for (i = 0; i < fixed; i++)
		if (is[i] != want[i])
			fail_msg("request byte %u is 0x%02x, wanted 0x%02x", i, is[i], want[i]);
	assert_memory_equal(is + fixed, fx->iv + nonce_skip(s), iv_len);

	fx_want_reset(fx);
	fx_want(fx, FX_SLOT_IOVA, fixed + iv_len, false);
	fx_want_range(fx, src, off, len, false);
	if (dec)
		fx_want(fx, (uintptr_t)tag_at + FX_IOVA_SHIFT, s->tag_len, false);
	if (aad_copy(s) != 0) {
		fx_want(fx, FX_SLOT_IOVA + aad_copy(s), s->aad_len, false);
		assert_memory_equal(is + aad_copy(s), aad_at + aad_skip(s), s->aad_len);
	} else if (s->aad_len != 0) {
		fx_want(fx, (uintptr_t)aad_at + aad_skip(s) + FX_IOVA_SHIFT, s->aad_len, false);
	}
	fx_want_range(fx, dst, off, len, true);
	if (!dec)
		fx_want(fx, (uintptr_t)tag_at + FX_IOVA_SHIFT, s->tag_len, true);
	fx_want(fx, FX_SLOT_IOVA + 192, 1, true);
	/* The table's check wants 72 bytes, of which IV and AAD may be the end. */
	memcpy(fx->want_req, is, sizeof(kept));
	fx_check_table(fx);
	assert_int_equal(fx->sp.digest_action, VCRYPTO_DIGEST_NONE);
}

static void
fill_aad(uint8_t seed)
{
	size_t i;

	for (i = 0; i < sizeof(aads); i++)
		aads[i] = (uint8_t)(i * 7 + (i >> 8) + seed);
}

/* ---- sessions ---- */

static const struct aead s_gcm = { &fx_gcm, AEAD_ENC, 32, 12, 16, 0, true };
static const struct aead s_gcm_esp = { &fx_gcm, AEAD_ENC, 16, 12, 16, 8, true };
static const struct aead s_gcm_dec = { &fx_gcm, AEAD_DEC, 16, 12, 12, 12, true };
static const struct aead s_gcm_j0 = { &fx_gcm, AEAD_ENC, 24, 0, 16, 16, true };
static const struct aead s_gcm_old = { &fx_gcm, AEAD_DEC, 32, 12, 16, 8, false };
static const struct aead s_gcm_old20 = { &fx_gcm, AEAD_ENC, 32, 12, 8, 20, false };
static const struct aead s_gcm_far = { &fx_gcm, AEAD_ENC, 16, 12, 16, 33, true };
static const struct aead s_gcm_max = { &fx_gcm, AEAD_DEC, 16, 12, 4, AAD_MAX, true };
static const struct aead s_ccm = { &fx_ccm, AEAD_ENC, 16, 13, 8, 8, true };
static const struct aead s_ccm7 = { &fx_ccm, AEAD_DEC, 32, 7, 16, 300, true };
static const struct aead s_ccm_old = { &fx_ccm, AEAD_DEC, 24, 11, 4, 0, false };
static const struct aead s_chacha = { &fx_chacha, AEAD_ENC, 32, 12, 16, 12, true };
static const struct aead s_chacha_dec = { &fx_chacha, AEAD_DEC, 32, 12, 16, 32, true };
static const struct aead *const all[] = { &s_gcm, &s_gcm_esp, &s_gcm_dec, &s_gcm_j0, &s_gcm_old,
	&s_gcm_old20, &s_gcm_far, &s_gcm_max, &s_ccm, &s_ccm7, &s_ccm_old, &s_chacha,
	&s_chacha_dec };

static void
test_create(void **state)
{
	struct fx *const fx = *state;
	uint8_t want[72];
	unsigned int i;

	for (i = 0; i < UNIT_DIM(all); i++) {
		const struct aead *const s = all[i];

		session(fx, s);
		memset(want, 0, sizeof(want));
		put32(want, 0, 0x0302);
		put32(want, 4, s->alg->id);
		put32(want, 16, s->alg->id);
		put32(want, 20, s->key_len);
		put32(want, 24, s->tag_len);
		put32(want, 28, s->aad_len);
		put32(want, 32, s->dir == AEAD_DEC ? 2 : 1);
		assert_memory_equal(&fx->create.req, want, 72);
		assert_int_equal(fx->create.req_len, 40);
		assert_int_equal(fx->create.service, 3);
		assert_int_equal(fx->create.cipher_key_len, s->key_len);
		assert_int_equal(fx->create.auth_key_len, 0);
		assert_memory_equal(fx->create.keys, fx_key(), s->key_len);
		assert_int_equal(fx->create.keys[s->key_len], 0);
	}
}

static void
test_bad_lengths(void **state)
{
	struct fx *const fx = *state;
	struct aead s;
	unsigned int i;

	for (i = 0; i < 70; i++) {
		s = s_gcm;
		s.key_len = i;
		assert_int_equal(try_session(fx, &s), i == 16 || i == 24 || i == 32 ? 0 : -EINVAL);
		s = s_gcm;
		s.iv_len = i;
		assert_int_equal(try_session(fx, &s), i == 0 || i == 12 ? 0 : -EINVAL);
		s = s_gcm;
		s.tag_len = i;
		assert_int_equal(try_session(fx, &s), i >= 4 && i <= 16 ? 0 : -EINVAL);
		s = s_ccm;
		s.iv_len = i;
		assert_int_equal(try_session(fx, &s), i >= 7 && i <= 13 ? 0 : -EINVAL);
		s = s_ccm;
		s.tag_len = i;
		assert_int_equal(try_session(fx, &s),
			i >= 4 && i <= 16 && i % 2 == 0 ? 0 : -EINVAL);
		s = s_chacha;
		s.key_len = i;
		assert_int_equal(try_session(fx, &s), i == 32 ? 0 : -EINVAL);
		s = s_chacha;
		s.iv_len = i;
		assert_int_equal(try_session(fx, &s), i == 12 ? 0 : -EINVAL);
		s = s_chacha;
		s.tag_len = i;
		assert_int_equal(try_session(fx, &s), i == 16 ? 0 : -EINVAL);
	}
	s = s_gcm;
	s.dir = 7;
	assert_int_equal(try_session(fx, &s), -EINVAL);
}

static void
test_bad_xforms(void **state)
{
	const struct vcrypto_sym_algs gcm = { .aead = &fx_gcm }, none = { 0 };
	struct rte_crypto_sym_xform x = { .type = RTE_CRYPTO_SYM_XFORM_AEAD, .aead = {
		.op = AEAD_ENC, .algo = RTE_CRYPTO_AEAD_AES_GCM, .key = { NULL, 16 },
		.iv = { FX_IV_OFFSET, 12 }, .digest_length = 16 } };
	struct rte_crypto_sym_xform two = x;
	struct fx *const fx = *state;

	assert_int_equal(vcrypto_codec_sym_session(&x, &gcm, true, &fx->create, &fx->tmpl),
		-EINVAL);
	x.aead.key.data = fx_key();
	assert_int_equal(vcrypto_codec_sym_session(&x, &gcm, true, &fx->create, &fx->tmpl), 0);
	assert_int_equal(vcrypto_codec_sym_session(&x, &none, true, &fx->create, &fx->tmpl),
		-ENOTSUP);
	two.next = &x;
	two.aead.key.data = fx_key();
	assert_int_equal(vcrypto_codec_sym_session(&two, &gcm, true, &fx->create, &fx->tmpl),
		-ENOTSUP);
	two.type = RTE_CRYPTO_SYM_XFORM_AUTH;
	assert_int_equal(vcrypto_codec_sym_session(&two, &gcm, true, &fx->create, &fx->tmpl),
		-ENOTSUP);
}

/* ---- operations ---- */

/* ESP with REVISION_1, each byte of what lies before the table as a literal. */
static void
test_golden_gcm(void **state)
{
	static const uint8_t golden[72] = {
		0x00, 0x03, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, /* AEAD_ENCRYPT, GCM */
		0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, /* session_id */
		0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, /* flag SESSION */
		0x0c, 0x00, 0x00, 0x00, 0x08, 0x00, 0x00, 0x00, /* iv_len, aad_len */
		0x40, 0x00, 0x00, 0x00, 0x50, 0x00, 0x00, 0x00, /* src_data_len, dst_data_len */
		0x10, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, /* tag_len, reserved */
		0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7, /* IV */
		0xc8, 0xc9, 0xca, 0xcb, FX_GUARD, FX_GUARD, FX_GUARD, FX_GUARD,
		0xe0, 0xe1, 0xe2, 0xe3, 0xe4, 0xe5, 0xe6, 0xe7, /* AAD */
	};
	struct fx *const fx = *state;
	unsigned int i;

	aead_op(fx, &s_gcm_esp, 0, 64, 64, 0);
	for (i = 0; i < 8; i++)
		aad_at[i] = 0xe0 + i;
	assert_int_equal(fx_encode(fx, MAX_DESC), VCRYPTO_ENCODE_NEW);
	for (i = 0; i < 72; i++)
		if (i < 60 || i >= 64)
			assert_int_equal(((const uint8_t *)&fx->sh->slot)[i], golden[i]);
	check_op(fx, &s_gcm_esp, 0, 64);
	assert_int_equal(fx->sp.nb_desc, 6); /* all in the slot */
	done(fx);
}

/* Each session, several lengths and offsets, in place and out of place, new and used again. */
static void
test_ops(void **state)
{
	static const uint32_t lens[] = { 1, 16, 63, 64, 1000, 0, 17, 0, 5 };
	struct fx *const fx = *state;
	unsigned int i, j, oop;

	for (i = 0; i < UNIT_DIM(all); i++)
		for (oop = 0; oop < 2; oop++) {
			fill_aad(i + oop);
			aead_op(fx, all[i], 3, 40, 1100, oop ? 1050 : 0);
			assert_int_equal(fx_encode(fx, MAX_DESC), VCRYPTO_ENCODE_NEW);
			check_op(fx, all[i], 3, 40);
			for (j = 0; j < UNIT_DIM(lens); j++) {
				fx_device_wrote(fx);
				fill_aad(i + j + 100);
				memset(fx->iv, 0x11 * (int)j, wire_iv(all[i]) + nonce_skip(all[i]));
				aim(fx, j * 5, lens[j]);
				assert_int_equal(fx_encode_again(fx, MAX_DESC), 0);
				check_op(fx, all[i], j * 5, lens[j]);
			}
			done(fx);
		}
}

/* The second op of a session on a slot moves data, tag and AAD, and tells the ring nothing. */
static void
test_patched(void **state)
{
	struct fx *const fx = *state;
	unsigned int i;

	for (i = 0; i < UNIT_DIM(all); i++) {
		aead_op(fx, all[i], 0, 64, 256, 0);
		assert_int_equal(fx_encode(fx, MAX_DESC), VCRYPTO_ENCODE_NEW);
		aim(fx, 8, 200);
		assert_int_equal(fx_call(fx, MAX_DESC), VCRYPTO_ENCODE_PATCHED);
		check_op(fx, all[i], 8, 200);
		/* Another session takes the slot over. */
		fx->tmpl.serial++;
		assert_int_equal(fx_call(fx, MAX_DESC), VCRYPTO_ENCODE_NEW);
		check_op(fx, all[i], 8, 200);
		done(fx);
	}
}

static void
test_segments(void **state)
{
	static const uint16_t lens[] = { 10, 0, 30, 1, 200, 7 };
	static const uint16_t other[] = { 100, 100, 48 };
	struct fx *const fx = *state;
	unsigned int i, way;
	uint32_t off, len;

	for (i = 0; i < UNIT_DIM(all); i++)
		for (way = 0; way < 4; way++)
			for (off = 0; off < 60; off += 13)
				for (len = 0; off + len <= 248; len += 31) {
					session(fx, all[i]);
					fx->op->sym->m_src = way & 1 ? fx_mbuf(fx, lens, 6) :
								       fx_mbuf1(fx, 248);
					fx->op->sym->m_dst = way & 2 ? fx_mbuf(fx, other, 3) : NULL;
					aim(fx, off, len);
					assert_int_equal(fx_encode(fx, MAX_DESC), 0);
					check_op(fx, all[i], off, len);
					/* Once more, the same layout. */
					assert_int_equal(fx_encode_again(fx, MAX_DESC), 0);
					check_op(fx, all[i], off, len);
					done(fx);
				}
}

/* What a slot holds of a list of segments is of no use for the next op, which has none. */
static void
test_segments_then_linear(void **state)
{
	static const uint16_t lens[] = { 40, 60 };
	struct fx *const fx = *state;
	unsigned int i, way;

	for (i = 0; i < UNIT_DIM(all); i++)
		for (way = 0; way < 3; way++) {
			session(fx, all[i]);
			fx->op->sym->m_src = way == 0 ? fx_mbuf1(fx, 100) : fx_mbuf(fx, lens, 2);
			fx->op->sym->m_dst = way == 1 ? fx_mbuf1(fx, 100) : fx_mbuf(fx, lens, 2);
			aim(fx, 10, 70);
			assert_int_equal(fx_encode(fx, MAX_DESC), 0);
			check_op(fx, all[i], 10, 70);
			done(fx);
			fx->op->sym->m_src = fx_mbuf1(fx, 100);
			fx->op->sym->m_dst = fx_mbuf1(fx, 100);
			aim(fx, 20, 70);
			assert_int_equal(fx_encode_again(fx, MAX_DESC), 0);
			check_op(fx, all[i], 20, 70);
			done(fx);
		}
}

static void
test_refused(void **state)
{
	static const uint16_t short_lens[] = { 16, 16 };
	struct fx *const fx = *state;
	unsigned int again;

	for (again = 0; again < 2; again++) {
		/* A slot that holds this session must not let more pass. */
#define REFUSED() do { \
		if (again) \
			assert_int_equal(fx_call(fx, MAX_DESC), \
				RTE_CRYPTO_OP_STATUS_INVALID_ARGS); \
		else \
			fx_refused(fx, MAX_DESC); \
		aim(fx, 0, 64); \
		assert_int_equal(fx_encode(fx, MAX_DESC), 0); \
	} while (0)
		aead_op(fx, &s_gcm_esp, 0, 64, 64, 64);
		assert_int_equal(fx_encode(fx, MAX_DESC), 0);
		aim(fx, 1, 64);
		REFUSED();
		aim(fx, 65, 0);
		REFUSED();
		aim(fx, UINT32_MAX, 2);
		REFUSED();
		aim(fx, 2, UINT32_MAX);
		REFUSED();
		aim(fx, 0, UINT32_MAX - 3);
		REFUSED();
		fx->op->sym->aead.digest.data = NULL;
		REFUSED();
		fx->op->sym->aead.aad.data = NULL;
		REFUSED();
		done(fx);
		/* Only one of the two is too short. */
		aead_op(fx, &s_gcm_dec, 0, 64, 65, 64);
		assert_int_equal(fx_encode(fx, MAX_DESC), 0);
		aim(fx, 1, 64);
		REFUSED();
		/* Nor may nothing lie behind the end. */
		aim(fx, 65, 0);
		REFUSED();
		done(fx);
	}
#undef REFUSED
	/* No source; a packet that says more than it has. */
	aead_op(fx, &s_gcm, 0, 0, 64, 0);
	rte_pktmbuf_free(fx->op->sym->m_src);
	fx->op->sym->m_src = NULL;
	fx_refused(fx, MAX_DESC);
	fx->op->sym->m_src = fx_mbuf(fx, short_lens, 2);
	fx->op->sym->m_src->pkt_len = 100;
	aim(fx, 0, 64);
	fx_refused(fx, MAX_DESC);
	done(fx);
	/* Without AAD its pointer says nothing. */
	aead_op(fx, &s_gcm, 0, 64, 64, 0);
	fx->op->sym->aead.aad.data = NULL;
	assert_int_equal(fx_encode(fx, MAX_DESC), 0);
	check_op(fx, &s_gcm, 0, 64);
	done(fx);
}

/* [virtio 5.9.5.2] iv, aad, source, destination, status; the tag once. */
static void
test_max_size(void **state)
{
	struct fx *const fx = *state;
	unsigned int i;
	uint32_t len;

	for (i = 0; i < UNIT_DIM(all); i++) {
		const struct aead *const s = all[i];

		aead_op(fx, s, 0, 1, 400, 0);
		fx->tmpl.max_size = wire_iv(s) + s->aad_len + s->tag_len + 1 + 2 * 160;
		fx_slot_reset(fx);
		for (len = 0; len <= 300; len += 20) {
			aim(fx, 0, len);
			assert_int_equal(fx_encode_again(fx, MAX_DESC),
				len > 160 ? RTE_CRYPTO_OP_STATUS_INVALID_ARGS : 0);
			if (len <= 160)
				check_op(fx, s, 0, len);
		}
		aim(fx, 0, 0);
		fx->tmpl.max_size = wire_iv(s) + s->aad_len + s->tag_len;
		fx_refused(fx, MAX_DESC);
		fx->tmpl.max_size++;
		assert_int_equal(fx_encode(fx, MAX_DESC), 0);
		check_op(fx, s, 0, 0);
		done(fx);
	}
}

/* CCM counts the data in what the nonce leaves of a block (RFC 3610, 2.2). */
static void
test_ccm_data_length(void **state)
{
	static const uint16_t most[] = { 2000, 2000 };
	struct fx *const fx = *state;
	struct aead s = s_ccm;
	struct rte_mbuf *m;
	unsigned int i;

	session(fx, &s);
	fx->op->sym->m_src = fx_mbuf1(fx, 2000);
	for (i = 1; i < 33; i++) {
		m = fx_mbuf1(fx, i < 32 ? 2000 : 1536);
		assert_int_equal(rte_pktmbuf_chain(fx->op->sym->m_src, m), 0);
	}
	assert_int_equal(fx->op->sym->m_src->pkt_len, 65536);
	fx->op->sym->m_dst = fx_mbuf(fx, most, 2);
	/* As a destination any packet will do that claims the length; it is refused before. */
	fx->op->sym->m_dst->pkt_len = 65536;
	aim(fx, 0, 65536);
	fx_refused(fx, MAX_DESC);
	assert_int_equal(fx->tmpl.max_len, 65535);
	s.iv_len = 12;
	assert_int_equal(try_session(fx, &s), 0);
	assert_int_equal(fx->tmpl.max_len, 16777215);
	s.iv_len = 11;
	assert_int_equal(try_session(fx, &s), 0);
	assert_int_equal(fx->tmpl.max_len, UINT32_MAX - 8);
	done(fx);
}

static void
test_max_desc(void **state)
{
	static const uint16_t lens[] = { 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8, 8,
		8, 8, 8, 8, 8, 8, 8, 8 };
	struct fx *const fx = *state;
	unsigned int nb;

	/* header, aad, tag, status, and each segment twice */
	for (nb = 1; nb <= UNIT_DIM(lens); nb++) {
		session(fx, &s_gcm_esp);
		fx->op->sym->m_src = fx_mbuf(fx, lens, nb);
		aim(fx, 0, nb * 8);
		assert_int_equal(fx_encode(fx, 4 + 2 * nb), 0);
		check_op(fx, &s_gcm_esp, 0, nb * 8);
		fx_refused(fx, 3 + 2 * nb);
		done(fx);
	}
}

/* ---- GMAC ---- */

static void
gmac_session(struct fx *fx, bool verify, uint16_t iv_len, uint16_t digest_len, bool rev1)
{
	const struct vcrypto_sym_algs algs = { .auth = &fx_gmac };
	const struct rte_crypto_sym_xform x = { .type = RTE_CRYPTO_SYM_XFORM_AUTH, .auth = {
		.op = verify ? VERIFY : GEN, .algo = RTE_CRYPTO_AUTH_AES_GMAC,
		.key = { fx_auth_key(), 24 }, .iv = { FX_IV_OFFSET, iv_len },
		.digest_length = digest_len } };
	uint8_t want[72];

	memset(&fx->create, 0x99, sizeof(fx->create));
	memset(&fx->tmpl, 0x99, sizeof(fx->tmpl));
	assert_int_equal(vcrypto_codec_sym_session(&x, &algs, rev1, &fx->create, &fx->tmpl), 0);
	/* GCM, encryption, the whole tag */
	memset(want, 0, sizeof(want));
	put32(want, 0, 0x0302);
	put32(want, 4, 1);
	put32(want, 16, 1);
	put32(want, 20, 24);
	put32(want, 24, 16);
	put32(want, 32, 1);
	assert_memory_equal(&fx->create.req, want, 72);
	assert_memory_equal(fx->create.keys, fx_auth_key(), 24);
	assert_int_equal(fx->create.req_len, 40);
	fx->tmpl.req.header.session_id = rte_cpu_to_le_64(FX_SESSION_ID);
	fx->tmpl.max_size = UINT64_MAX;
	fx_new_op(fx, FX_IV_OFFSET, iv_len == 0 ? 16 : iv_len);
}

static void
check_gmac(struct fx *fx, uint16_t iv_len, uint16_t digest_len, bool verify, bool rev1,
		uint32_t off, uint32_t len)
{
	const unsigned int fixed = rev1 ? 48 : 72, wire = iv_len == 0 ? 16 : iv_len;
	const uint8_t *const is = (const uint8_t *)&fx->sh->slot;
	uint8_t want[72];

	memset(want, 0, sizeof(want));
	put32(want, 0, 0x0300);
	put32(want, 4, 1);
	put64(want, 8, FX_SESSION_ID);
	put32(want, 16, 1);
	put32(want, 24, wire);
	put32(want, 28, len); /* aad_len */
	put32(want, 36, 16); /* dst_data_len: the tag */
	put32(want, 40, 16);
	assert_memory_equal(is, want, fixed);
	assert_memory_equal(is + fixed, fx->iv, wire);
	fx_want_reset(fx);
	fx_want(fx, FX_SLOT_IOVA, fixed + wire, false);
	fx_want_range(fx, fx->op->sym->m_src, off, len, false);
	fx_want(fx, FX_SLOT_IOVA + 193, 16, true);
	fx_want(fx, FX_SLOT_IOVA + 192, 1, true);
	memcpy(fx->want_req, is, 72);
	fx_check_table(fx);
	assert_ptr_equal(fx->sp.digest, outside);
	assert_ptr_equal(fx->sp.scratch, fx->sh->slot.digest);
	assert_int_equal(fx->sp.digest_len, digest_len);
	assert_int_equal(fx->sp.digest_action,
		verify ? VCRYPTO_DIGEST_COMPARE : VCRYPTO_DIGEST_COPY);
	assert_int_equal(fx->sp.scratch[0], verify ? (uint8_t)~outside[0] : 0xa5);
	assert_int_equal(fx->sp.scratch[15], 0xa5);
}

static void
test_gmac(void **state)
{
	static const uint16_t lens[] = { 30, 1, 77 };
	static const uint32_t ranges[][2] = { { 0, 108 }, { 5, 20 }, { 29, 3 }, { 0, 0 }, { 3, 1 },
		{ 108, 0 }, { 2, 28 } };
	struct fx *const fx = *state;
	unsigned int i, how;

	for (how = 0; how < 16; how++) {
		const bool verify = how & 1, rev1 = how & 2, segs = how & 8;
		const uint16_t iv_len = how & 4 ? 0 : 12, digest_len = how & 1 ? 16 : 12;

		gmac_session(fx, verify, iv_len, digest_len, rev1);
		fx->op->sym->m_src = segs ? fx_mbuf(fx, lens, 3) : fx_mbuf1(fx, 108);
		fx_slot_reset(fx);
		for (i = 0; i < UNIT_DIM(ranges); i++) {
			fx_device_wrote(fx);
			memset(fx->iv, (int)(i + 1), iv_len == 0 ? 16 : iv_len);
			fx->op->sym->auth.data.offset = ranges[i][0];
			fx->op->sym->auth.data.length = ranges[i][1];
			fx->op->sym->auth.digest.data = outside;
			assert_int_equal(fx_encode_again(fx, MAX_DESC), 0);
			check_gmac(fx, iv_len, digest_len, verify, rev1, ranges[i][0],
				ranges[i][1]);
		}
		fx->op->sym->auth.data.offset = 1;
		fx->op->sym->auth.data.length = 108;
		fx_refused(fx, MAX_DESC);
		fx->op->sym->auth.data.offset = 0;
		fx->op->sym->auth.digest.data = NULL;
		fx_refused(fx, MAX_DESC);
		fx->op->sym->auth.digest.data = outside;
		fx->tmpl.max_size = (iv_len == 0 ? 16 : iv_len) + 108 + 16 + 1;
		assert_int_equal(fx_encode(fx, MAX_DESC), 0);
		fx->tmpl.max_size--;
		fx_refused(fx, MAX_DESC);
		done(fx);
	}
}

static void
test_gmac_bad(void **state)
{
	const struct vcrypto_sym_algs gmac = { .auth = &fx_gmac };
	const struct vcrypto_sym_algs chain = { .cipher = &fx_aes_cbc, .auth = &fx_gmac };
	struct rte_crypto_sym_xform c = { .type = RTE_CRYPTO_SYM_XFORM_CIPHER, .cipher = {
		.op = ENC, .algo = RTE_CRYPTO_CIPHER_AES_CBC, .key = { fx_key(), 16 },
		.iv = { FX_IV_OFFSET, 16 } } };
	struct rte_crypto_sym_xform x = { .type = RTE_CRYPTO_SYM_XFORM_AUTH, .auth = {
		.op = GEN, .algo = RTE_CRYPTO_AUTH_AES_GMAC, .key = { fx_auth_key(), 16 },
		.iv = { FX_IV_OFFSET, 12 }, .digest_length = 16 } };
	struct fx *const fx = *state;
	unsigned int i;

	for (i = 0; i < 40; i++) {
		x.auth.iv.length = i;
		assert_int_equal(vcrypto_codec_sym_session(&x, &gmac, true, &fx->create,
			&fx->tmpl), i == 0 || i == 12 ? 0 : -EINVAL);
	}
	x.auth.iv.length = 12;
	x.auth.digest_length = 17;
	assert_int_equal(vcrypto_codec_sym_session(&x, &gmac, true, &fx->create, &fx->tmpl),
		-EINVAL);
	x.auth.digest_length = 16;
	/* Its IV has no place in a chain. */
	c.next = &x;
	assert_int_equal(vcrypto_codec_sym_session(&c, &chain, true, &fx->create, &fx->tmpl),
		-ENOTSUP);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_create),
		T(test_bad_lengths),
		T(test_bad_xforms),
		T(test_golden_gcm),
		T(test_ops),
		T(test_patched),
		T(test_segments),
		T(test_segments_then_linear),
		T(test_refused),
		T(test_max_size),
		T(test_ccm_data_length),
		T(test_max_desc),
		T(test_gmac),
		T(test_gmac_bad),
	};

	return cmocka_run_group_tests(tests, unit_eal_setup, unit_eal_teardown);
}
