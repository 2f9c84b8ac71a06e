/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * HASH and MAC services: sessions and data requests, byte by byte from the offsets of
 * [virtio 5.9.9.2.1.1, 5.9.9.2.1.2, 5.9.9.4, 5.9.9.5], with REVISION_1's exact fixed parts and the
 * padded ones of before.
 */

#include "codec_fixture.h"

#include <errno.h>

static const struct vcrypto_alg_auth fx_sha3_512 = {
	.name = "SHA3-512", .id = 10, .algo = RTE_CRYPTO_AUTH_SHA3_512, .digest = 64 };

struct auth {
	const struct vcrypto_alg_auth *alg;
	uint16_t key_len, digest_len;
	bool verify, rev1;
};

static const struct auth s_sha1 = { &fx_sha1, 0, 20, false, true };
static const struct auth s_sha256 = { &fx_sha256, 0, 12, true, true };
static const struct auth s_sha256_old = { &fx_sha256, 0, 32, true, false };
static const struct auth s_sha3 = { &fx_sha3_512, 0, 64, false, true };
static const struct auth s_hmac = { &fx_hmac_sha1, 20, 12, false, true };
static const struct auth s_hmac_old = { &fx_hmac_sha1, 64, 20, true, false };
static const struct auth s_hmac512 = { &fx_hmac_sha512, 1024, 64, true, true };
static const struct auth s_f9 = { &fx_kasumi_f9, 16, 4, false, true };
static const struct auth *const all[] = { &s_sha1, &s_sha256, &s_sha256_old, &s_sha3, &s_hmac,
	&s_hmac_old, &s_hmac512, &s_f9 };

static int
try_session(struct fx *fx, const struct auth *s)
{
	const struct vcrypto_sym_algs algs = { .auth = s->alg };
	const struct rte_crypto_sym_xform x = { .type = RTE_CRYPTO_SYM_XFORM_AUTH, .auth = {
		.op = s->verify ? VERIFY : GEN, .algo = s->alg->algo,
		.key = { fx_auth_key(), s->key_len }, .digest_length = s->digest_len } };

	memset(&fx->create, 0x99, sizeof(fx->create));
	memset(&fx->tmpl, 0x99, sizeof(fx->tmpl));
	return vcrypto_codec_sym_session(&x, &algs, s->rev1, &fx->create, &fx->tmpl);
}

static void
session(struct fx *fx, const struct auth *s)
{
	assert_int_equal(try_session(fx, s), 0);
	fx->tmpl.req.header.session_id = rte_cpu_to_le_64(FX_SESSION_ID);
	fx->tmpl.max_size = UINT64_MAX;
	fx_new_op(fx, FX_IV_OFFSET, 0);
}

static bool
is_mac(const struct auth *s)
{
	return s->alg->key.max != 0;
}

static void
aim(struct fx *fx, const struct auth *s, uint32_t off, uint32_t len)
{
	const uint32_t unit = s->alg->bits ? 8 : 1;

	fx->op->sym->auth.data.offset = off * unit;
	fx->op->sym->auth.data.length = len * unit;
	fx->op->sym->auth.digest.data = outside;
	fx->op->sym->auth.digest.phys_addr = 0x666;
}

static void
check_op(struct fx *fx, const struct auth *s, uint32_t wire, uint32_t off, uint32_t len)
{
	const bool far = wire > 63;
	const unsigned int fixed = s->rev1 ? 32 : 72;
	uint32_t i;

	fx_want_reset(fx);
	put32(fx->want_req, 0, is_mac(s) ? 0x0200 : 0x0100);
	put32(fx->want_req, 4, s->alg->id);
	put64(fx->want_req, 8, FX_SESSION_ID);
	put32(fx->want_req, 16, 1); /* FLAG_SESSION_MODE */
	put32(fx->want_req, 24, len);
	put32(fx->want_req, 28, wire);
	fx_want(fx, FX_SLOT_IOVA, fixed, false);
	fx_want_range(fx, fx->op->sym->m_src, off, len, false);
	fx_want(fx, far ? FX_EXT_IOVA + 960 : FX_SLOT_IOVA + 193, wire, true);
	fx_want(fx, FX_SLOT_IOVA + 192, 1, true);
	fx_check_table(fx);
	assert_ptr_equal(fx->sp.scratch, far ? fx->sh->ext.digest : fx->sh->slot.digest);
	assert_ptr_equal(fx->sp.digest, outside);
	assert_int_equal(fx->sp.scratch[0], s->verify ? (uint8_t)~outside[0] : 0xa5);
	for (i = 1; i < wire; i++)
		assert_int_equal(fx->sp.scratch[i], 0xa5);
	assert_int_equal(fx->sp.digest_len, s->digest_len);
	assert_int_equal(fx->sp.digest_action,
		s->verify ? VCRYPTO_DIGEST_COMPARE : VCRYPTO_DIGEST_COPY);
}

static void
check_create(const struct fx *fx, const struct auth *s, uint32_t wire)
{
	uint8_t want[72];

	memset(want, 0, sizeof(want));
	put32(want, 0, is_mac(s) ? 0x0202 : 0x0102);
	put32(want, 4, s->alg->id);
	put32(want, 16, s->alg->id);
	put32(want, 20, wire);
	put32(want, 24, s->key_len); /* MAC: auth_key_len; HASH: padding */
	assert_memory_equal(&fx->create.req, want, 72);
	assert_int_equal(fx->create.service, is_mac(s) ? 2 : 1);
	assert_int_equal(fx->create.req_len, is_mac(s) ? 32 : 24);
	assert_int_equal(fx->create.cipher_key_len, 0);
	assert_int_equal(fx->create.auth_key_len, s->key_len);
	assert_memory_equal(fx->create.keys, fx_auth_key(), s->key_len);
}

static void
test_create(void **state)
{
	struct fx *const fx = *state;
	unsigned int i;

	for (i = 0; i < UNIT_DIM(all); i++) {
		session(fx, all[i]);
		check_create(fx, all[i], all[i]->digest_len);
	}
}

static void
test_bad_sessions(void **state)
{
	struct vcrypto_alg_auth lax = fx_hmac_sha1;
	struct fx *const fx = *state;
	struct auth s = s_hmac;

	s.key_len = 0;
	assert_int_equal(try_session(fx, &s), -EINVAL);
	s.key_len = 1025;
	assert_int_equal(try_session(fx, &s), -EINVAL);
	/* Nor more than a command holds, whatever a row says. */
	lax.key.max = 2000;
	s.alg = &lax;
	assert_int_equal(try_session(fx, &s), -EINVAL);
	s = s_hmac;
	s.digest_len = 21;
	assert_int_equal(try_session(fx, &s), -EINVAL);
	s.digest_len = 0;
	assert_int_equal(try_session(fx, &s), -EINVAL);
	s.digest_len = 256 + 20;
	assert_int_equal(try_session(fx, &s), -EINVAL);
	s = s_f9;
	s.key_len = 15;
	assert_int_equal(try_session(fx, &s), -EINVAL);
	/* A hash has no key, whatever the xform says. */
	s = s_sha1;
	s.key_len = 16;
	assert_int_equal(try_session(fx, &s), 0);
	s.key_len = 0;
	check_create(fx, &s, 20);
}

/* ---- operations ---- */

static void
test_golden_hash(void **state)
{
	static const uint8_t golden[32] = {
		0x00, 0x01, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00, /* HASH, SHA1 */
		0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, /* session_id */
		0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, /* flag SESSION */
		0x64, 0x00, 0x00, 0x00, 0x14, 0x00, 0x00, 0x00, /* src_data_len, result_len */
	};
	struct fx *const fx = *state;

	session(fx, &s_sha1);
	fx->op->sym->m_src = fx_mbuf1(fx, 100);
	aim(fx, &s_sha1, 0, 100);
	assert_int_equal(fx_encode(fx, MAX_DESC), VCRYPTO_ENCODE_NEW);
	assert_memory_equal(&fx->sh->slot, golden, sizeof(golden));
	check_op(fx, &s_sha1, 20, 0, 100);
	assert_int_equal(fx->sp.nb_desc, 4);
	done(fx);
}

static void
test_ops(void **state)
{
	static const uint16_t lens[] = { 40, 0, 1, 300, 59 };
	static const uint32_t ranges[][2] = { { 0, 400 }, { 7, 20 }, { 39, 2 }, { 0, 0 }, { 10, 1 },
		{ 400, 0 }, { 41, 300 }, { 20, 20 }, { 300, 100 }, { 0, 40 } };
	struct fx *const fx = *state;
	unsigned int i, j, segs;

	for (i = 0; i < UNIT_DIM(all); i++)
		for (segs = 0; segs < 2; segs++) {
			session(fx, all[i]);
			fx->op->sym->m_src = segs ? fx_mbuf(fx, lens, 5) : fx_mbuf1(fx, 400);
			/* A hash writes no packet: a destination is none of its business. */
			fx->op->sym->m_dst = NULL;
			fx_slot_reset(fx);
			for (j = 0; j < UNIT_DIM(ranges); j++) {
				outside[0] = (uint8_t)j;
				fx_device_wrote(fx);
				aim(fx, all[i], ranges[j][0], ranges[j][1]);
				assert_int_equal(fx_encode_again(fx, MAX_DESC), 0);
				check_op(fx, all[i], all[i]->digest_len, ranges[j][0],
					ranges[j][1]);
				aim(fx, all[i], ranges[j][0], ranges[j][1]);
				assert_int_equal(fx_encode(fx, MAX_DESC), 0);
				check_op(fx, all[i], all[i]->digest_len, ranges[j][0],
					ranges[j][1]);
			}
			done(fx);
		}
}

static void
test_patched(void **state)
{
	struct fx *const fx = *state;
	unsigned int i;

	for (i = 0; i < UNIT_DIM(all); i++) {
		session(fx, all[i]);
		fx->op->sym->m_src = fx_mbuf1(fx, 256);
		aim(fx, all[i], 0, 64);
		assert_int_equal(fx_encode(fx, MAX_DESC), VCRYPTO_ENCODE_NEW);
		aim(fx, all[i], 16, 200);
		/* Ranges in bits take the long way. */
		assert_int_equal(fx_call(fx, MAX_DESC), all[i]->alg->bits ? VCRYPTO_ENCODE_NEW :
			VCRYPTO_ENCODE_PATCHED);
		check_op(fx, all[i], all[i]->digest_len, 16, 200);
		done(fx);
	}
}

/* A device that wants whole digests only. */
static void
test_widened(void **state)
{
	const struct auth *const cut[] = { &s_sha256, &s_hmac };
	struct fx *const fx = *state;
	unsigned int i;

	for (i = 0; i < UNIT_DIM(cut); i++) {
		session(fx, cut[i]);
		vcrypto_codec_sym_widen(&fx->create, &fx->tmpl, cut[i]->alg->digest);
		check_create(fx, cut[i], cut[i]->alg->digest);
		fx->op->sym->m_src = fx_mbuf1(fx, 100);
		aim(fx, cut[i], 0, 100);
		assert_int_equal(fx_encode(fx, MAX_DESC), 0);
		check_op(fx, cut[i], cut[i]->alg->digest, 0, 100);
		done(fx);
	}
}

static void
test_refused(void **state)
{
	struct fx *const fx = *state;
	unsigned int i, bit;

	for (i = 0; i < UNIT_DIM(all); i++) {
		const struct auth *const s = all[i];

		session(fx, s);
		fx->op->sym->m_src = fx_mbuf1(fx, 100);
		aim(fx, s, 1, 100);
		fx_refused(fx, MAX_DESC);
		aim(fx, s, 101, 0);
		fx_refused(fx, MAX_DESC);
		aim(fx, s, 0, 100);
		fx->op->sym->auth.data.length = UINT32_MAX;
		fx_refused(fx, MAX_DESC);
		aim(fx, s, 0, 100);
		fx->op->sym->auth.data.offset = UINT32_MAX - 7;
		fx_refused(fx, MAX_DESC);
		aim(fx, s, 0, 100);
		fx->op->sym->auth.digest.data = NULL;
		fx_refused(fx, MAX_DESC);
		aim(fx, s, 0, 100);
		fx->tmpl.max_size = 100 + s->digest_len + 1;
		assert_int_equal(fx_encode(fx, MAX_DESC), 0);
		/* Also in a slot that has the session already. */
		fx->tmpl.max_size--;
		fx_refused(fx, MAX_DESC);
		fx_slot_reset(fx);
		aim(fx, s, 0, 99);
		assert_int_equal(fx_encode_again(fx, MAX_DESC), 0);
		aim(fx, s, 0, 100);
		assert_int_equal(fx_encode_again(fx, MAX_DESC), RTE_CRYPTO_OP_STATUS_INVALID_ARGS);
		fx->tmpl.max_size = s->digest_len;
		aim(fx, s, 0, 0);
		fx_refused(fx, MAX_DESC);
		fx->tmpl.max_size = UINT64_MAX;
		assert_int_equal(fx_encode(fx, 3), 0);
		fx_refused(fx, 2);
		for (bit = 1; s->alg->bits && bit < 8; bit++) {
			aim(fx, s, 0, 50);
			fx->op->sym->auth.data.length += bit;
			fx_refused(fx, MAX_DESC);
			aim(fx, s, 0, 50);
			fx->op->sym->auth.data.offset += bit;
			fx_refused(fx, MAX_DESC);
		}
		done(fx);
		aim(fx, s, 0, 0);
		fx_refused(fx, MAX_DESC);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_create),
		T(test_bad_sessions),
		T(test_golden_hash),
		T(test_ops),
		T(test_patched),
		T(test_widened),
		T(test_refused),
	};

	return cmocka_run_group_tests(tests, unit_eal_setup, unit_eal_teardown);
}
