/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * NULL algorithms: a session with one is, to the byte, the session of its other half, and a request
 * that half's request; of NULL algorithms alone there is neither.
 */

#include "codec_fixture.h"

#include <errno.h>

/* xforms in the order given; cipher or auth NULL: the NULL algorithm. */
static int
session(struct fx *fx, const struct vcrypto_alg_cipher *c, const struct vcrypto_alg_auth *a,
		bool auth_first, bool verify, bool rev1)
{
	const struct vcrypto_sym_algs algs = { .cipher = c, .auth = a };
	struct rte_crypto_sym_xform cx = { .type = RTE_CRYPTO_SYM_XFORM_CIPHER,
		.cipher = { .op = verify ? DEC : ENC,
			.algo = c != NULL ? c->algo : RTE_CRYPTO_CIPHER_NULL,
			.key = { fx_key(), c != NULL ? c->key.min : 77 },
			.iv = { FX_IV_OFFSET, c != NULL ? c->iv.min : 99 } } };
	struct rte_crypto_sym_xform ax = { .type = RTE_CRYPTO_SYM_XFORM_AUTH,
		.auth = { .op = verify ? VERIFY : GEN,
			.algo = a != NULL ? a->algo : RTE_CRYPTO_AUTH_NULL,
			.key = { fx_auth_key(), a != NULL ? a->key.min : 77 },
			.digest_length = a != NULL ? a->digest : 999 } };

	if (auth_first)
		ax.next = &cx;
	else
		cx.next = &ax;
	memset(&fx->create, 0x99, sizeof(fx->create));
	memset(&fx->tmpl, 0x99, sizeof(fx->tmpl));
	return vcrypto_codec_sym_session(auth_first ? &ax : &cx, &algs, rev1, &fx->create,
		&fx->tmpl);
}

/* The other half alone. */
static int
alone(struct fx *fx, const struct vcrypto_alg_cipher *c, const struct vcrypto_alg_auth *a,
		bool verify, bool rev1)
{
	const struct vcrypto_sym_algs algs = { .cipher = c, .auth = a };
	struct rte_crypto_sym_xform x = { .type = RTE_CRYPTO_SYM_XFORM_CIPHER };

	if (c != NULL) {
		x.cipher.op = verify ? DEC : ENC;
		x.cipher.algo = c->algo;
		x.cipher.key.data = fx_key();
		x.cipher.key.length = c->key.min;
		x.cipher.iv.offset = FX_IV_OFFSET;
		x.cipher.iv.length = c->iv.min;
	} else {
		x.type = RTE_CRYPTO_SYM_XFORM_AUTH;
		x.auth.op = verify ? VERIFY : GEN;
		x.auth.algo = a->algo;
		x.auth.key.data = fx_auth_key();
		x.auth.key.length = a->key.min;
		x.auth.digest_length = a->digest;
	}
	return vcrypto_codec_sym_session(&x, &algs, rev1, &fx->create, &fx->tmpl);
}

static const struct vcrypto_alg_cipher *const ciphers[] = { &fx_aes_cbc, &fx_aes_ecb,
	&fx_zuc_eea3, &fx_3des_cbc };
static const struct vcrypto_alg_auth *const auths[] = { &fx_sha1, &fx_hmac_sha1,
	&fx_hmac_sha512, &fx_kasumi_f9 };

/* All but the shape and the number that is each session's own. */
static void
check_same(const struct vcrypto_sym_create *create, struct vcrypto_sym_template tmpl,
		const struct fx *fx, uint8_t shape)
{
	assert_memory_equal(create, &fx->create, sizeof(*create));
	assert_true(tmpl.serial != fx->tmpl.serial);
	assert_int_equal(tmpl.shape, shape);
	tmpl.shape = fx->tmpl.shape;
	tmpl.serial = fx->tmpl.serial;
	assert_memory_equal(&tmpl, &fx->tmpl, sizeof(tmpl));
}

static void
test_sessions(void **state)
{
	struct vcrypto_sym_create create;
	struct vcrypto_sym_template tmpl;
	struct fx *const fx = *state;
	unsigned int i, k;

	for (i = 0; i < 4 * UNIT_DIM(ciphers); i++) {
		k = i / 4;
		assert_int_equal(session(fx, ciphers[k], NULL, i & 1, i & 2, i & 1), 0);
		create = fx->create;
		tmpl = fx->tmpl;
		assert_int_equal(alone(fx, ciphers[k], NULL, i & 2, i & 1), 0);
		check_same(&create, tmpl, fx, VCRYPTO_SHAPE_CIPHER);
	}
	for (i = 0; i < 8 * UNIT_DIM(auths); i++) {
		k = i / 8;
		assert_int_equal(session(fx, NULL, auths[k], i & 1, i & 2, i & 4), 0);
		create = fx->create;
		tmpl = fx->tmpl;
		assert_int_equal(alone(fx, NULL, auths[k], i & 2, i & 4), 0);
		check_same(&create, tmpl, fx, VCRYPTO_SHAPE_NULL_AUTH);
	}
	assert_int_equal(session(fx, NULL, NULL, false, false, true), 0);
	assert_int_equal(fx->tmpl.shape, VCRYPTO_SHAPE_NULL);
	assert_true(fx->tmpl.null_cipher);
	assert_true(fx->tmpl.serial != 0);
}

/* One of each kind, NULL or not; nothing beside an AEAD. */
static void
test_split(void **state)
{
	struct rte_crypto_sym_xform x[3] = {
		{ .type = RTE_CRYPTO_SYM_XFORM_CIPHER, .cipher.algo = RTE_CRYPTO_CIPHER_NULL },
		{ .type = RTE_CRYPTO_SYM_XFORM_AUTH, .auth.algo = RTE_CRYPTO_AUTH_NULL },
	};
	struct vcrypto_sym_chain c;

	(void)state;
	assert_int_equal(vcrypto_codec_sym_split(&x[0], &c), 0);
	assert_ptr_equal(c.null_cipher, &x[0].cipher);
	assert_null(c.null_auth);
	assert_true(vcrypto_sym_chain_is_null(&c));
	x[0].next = &x[1];
	assert_int_equal(vcrypto_codec_sym_split(x, &c), 0);
	assert_ptr_equal(c.null_auth, &x[1].auth);
	x[1].next = &x[2];
	x[2] = x[0];
	x[2].next = NULL;
	assert_int_equal(vcrypto_codec_sym_split(x, &c), -ENOTSUP);
	assert_ptr_equal(c.odd, &x[2]);
	x[2].cipher.algo = RTE_CRYPTO_CIPHER_AES_CBC;
	assert_int_equal(vcrypto_codec_sym_split(x, &c), -ENOTSUP);
	x[2].type = RTE_CRYPTO_SYM_XFORM_AUTH;
	x[2].auth.algo = RTE_CRYPTO_AUTH_SHA1;
	assert_int_equal(vcrypto_codec_sym_split(x, &c), -ENOTSUP);
	x[2].type = RTE_CRYPTO_SYM_XFORM_AEAD;
	assert_int_equal(vcrypto_codec_sym_split(x, &c), -ENOTSUP);
	x[0].type = RTE_CRYPTO_SYM_XFORM_AEAD;
	assert_int_equal(vcrypto_codec_sym_split(x, &c), -ENOTSUP);
	assert_ptr_equal(c.odd, &x[1]);
}

static void
op(struct fx *fx, struct fx_ranges r, unsigned int unit, uint16_t src, uint16_t dst)
{
	struct rte_crypto_sym_op *so;
	unsigned int i;

	fx->tmpl.req.header.session_id = rte_cpu_to_le_64(FX_SESSION_ID);
	fx->tmpl.max_size = UINT64_MAX;
	fx_new_op(fx, FX_IV_OFFSET, 0);
	so = fx->op->sym;
	so->m_src = fx_mbuf1(fx, src);
	for (i = 0; i < src; i++)
		*fx_byte(so->m_src, i) = (uint8_t)(i + 1);
	if (dst != 0) {
		so->m_dst = fx_mbuf1(fx, dst);
		memset(fx_byte(so->m_dst, 0), 0x77, dst);
	}
	so->cipher.data.offset = r.cipher_off;
	so->cipher.data.length = r.cipher_len;
	so->auth.data.offset = r.auth_off * unit;
	so->auth.data.length = r.auth_len * unit;
	so->auth.digest.data = outside;
}

/* Done: the slot is as it was, to the last byte. */
static void
test_done(void **state)
{
	struct fx *const fx = *state;
	struct vcrypto_slot_priv before;

	assert_int_equal(session(fx, NULL, NULL, true, false, true), 0);
	op(fx, R(3, 90, 0, 0), 1, 100, 100);
	fx->op->sym->auth.digest.data = NULL;
	fx->op->sym->auth.data.offset = UINT32_MAX;
	fx_slot_reset(fx);
	fx->sp.op = fx->op;
	fx->sp.serial = 5;
	before = fx->sp;
	assert_int_equal(fx_call(fx, MAX_DESC), VCRYPTO_ENCODE_DONE);
	assert_memory_equal(&fx->sp, &before, sizeof(before));
	fx_check_bounds(fx);
	assert_int_equal(fx->sh->slot.status, FX_GUARD);
	assert_int_equal(*fx_byte(fx->op->sym->m_dst, 2), 0x77);
	assert_memory_equal(fx_byte(fx->op->sym->m_dst, 3), fx_byte(fx->op->sym->m_src, 3), 90);
	assert_int_equal(*fx_byte(fx->op->sym->m_dst, 93), 0x77);
	fx->op->sym->cipher.data.length = 98;
	assert_int_equal(fx_call(fx, MAX_DESC), RTE_CRYPTO_OP_STATUS_INVALID_ARGS);
	fx->op->sym->cipher.data.length = 97;
	assert_int_equal(fx_call(fx, MAX_DESC), VCRYPTO_ENCODE_DONE);
	done(fx);
}

/* The request is the other half's, of the source, whatever is copied beside it. */
static void
test_auth_request(void **state)
{
	struct fx *const fx = *state;
	const struct rte_mbuf *m;
	unsigned int i, bits;

	for (i = 0; i < 2 * UNIT_DIM(auths); i++) {
		const struct vcrypto_alg_auth *const a = auths[i / 2];
		const unsigned int unit = a->bits ? 8 : 1;
		const bool far = a->digest > 63;

		assert_int_equal(session(fx, NULL, a, true, false, true), 0);
		op(fx, R(20, 50, 10, 30), unit, 100, i & 1 ? 80 : 0);
		m = fx->op->sym->m_src;
		assert_int_equal(fx_encode(fx, MAX_DESC), VCRYPTO_ENCODE_NEW);
		fx_want_reset(fx);
		put32(fx->want_req, 0, a->key.max != 0 ? 0x0200 : 0x0100);
		put32(fx->want_req, 4, a->id);
		put64(fx->want_req, 8, FX_SESSION_ID);
		put32(fx->want_req, 16, 1); /* FLAG_SESSION_MODE */
		put32(fx->want_req, 24, 30);
		put32(fx->want_req, 28, a->digest);
		fx_want(fx, FX_SLOT_IOVA, 32, false);
		fx_want_range(fx, m, 10, 30, false);
		fx_want(fx, far ? FX_EXT_IOVA + 960 : FX_SLOT_IOVA + 193, a->digest, true);
		fx_want(fx, FX_SLOT_IOVA + 192, 1, true);
		fx_check_table(fx);
		assert_int_equal(fx->sp.digest_action, VCRYPTO_DIGEST_COPY);
		assert_ptr_equal(fx->sp.digest, outside);
		if (i & 1) {
			/* As a chain: from the first byte of either range to the last. */
			assert_int_equal(*fx_byte(fx->op->sym->m_dst, 9), 0x77);
			assert_memory_equal(fx_byte(fx->op->sym->m_dst, 10),
				(const uint8_t *)m->buf_addr + m->data_off + 10, 60);
			assert_int_equal(*fx_byte(fx->op->sym->m_dst, 70), 0x77);
		}
		for (bits = 1; unit == 8 && bits < 8; bits++) {
			fx->op->sym->auth.data.length += bits;
			fx_refused(fx, MAX_DESC);
			fx->op->sym->auth.data.length -= bits;
		}
		/* A request that cannot be sent copies nothing. */
		if (i & 1) {
			fx->op->sym->cipher.data.offset = 8;
			fx_refused(fx, 3);
			assert_int_equal(*fx_byte(fx->op->sym->m_dst, 9), 0x77);
		}
		done(fx);
	}
}

/* A digest in two packets or several segments is the next op's no more. */
static void
test_action_is_the_ops(void **state)
{
	struct fx *const fx = *state;
	const uint16_t lens[] = { 50, 12, 38 };
	struct rte_mbuf *whole, *cut;
	int verify;

	for (verify = 0; verify < 2; verify++) {
		const uint8_t usual = verify ? VCRYPTO_DIGEST_COMPARE : VCRYPTO_DIGEST_COPY;
		const uint8_t spread = verify ? VCRYPTO_DIGEST_SPREAD_COMPARE :
			VCRYPTO_DIGEST_SPREAD_COPY;

		assert_int_equal(session(fx, NULL, &fx_hmac_sha1, false, verify, true), 0);
		op(fx, R(0, 100, 0, 40), 1, 100, 0);
		whole = fx->op->sym->m_src;
		cut = fx_mbuf(fx, lens, UNIT_DIM(lens));
		assert_int_equal(fx_encode(fx, MAX_DESC), VCRYPTO_ENCODE_NEW);
		assert_int_equal(fx->sp.digest_action, usual);
		assert_int_equal(fx_call(fx, MAX_DESC), VCRYPTO_ENCODE_PATCHED);

		fx->op->sym->m_src = cut;
		fx->op->sym->auth.digest.data = fx_byte(cut, 45);
		assert_true(fx_call(fx, MAX_DESC) <= 0);
		assert_int_equal(fx->sp.digest_action, spread);
		fx->op->sym->m_src = whole;
		fx->op->sym->auth.digest.data = fx_byte(whole, 45);
		assert_int_equal(fx_call(fx, MAX_DESC), VCRYPTO_ENCODE_NEW);
		assert_int_equal(fx->sp.digest_action, usual);

		/* In the source, with a destination. */
		fx->op->sym->m_dst = cut;
		assert_true(fx_call(fx, MAX_DESC) <= 0);
		assert_int_equal(fx->sp.digest_action, spread);
		fx->op->sym->auth.digest.data = outside;
		assert_int_equal(fx_call(fx, MAX_DESC), VCRYPTO_ENCODE_NEW);
		assert_int_equal(fx->sp.digest_action, usual);
		/* An op that was changed under way is no success. */
		fx->sp.digest_action = spread;
		assert_int_equal(vcrypto_codec_sym_digest(&fx->sp, fx->op->sym),
			RTE_CRYPTO_OP_STATUS_INVALID_ARGS);
		done(fx);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_split),
		T(test_sessions),
		T(test_done),
		T(test_auth_request),
		T(test_action_is_the_ops),
	};

	return cmocka_run_group_tests(tests, unit_eal_setup, unit_eal_teardown);
}
