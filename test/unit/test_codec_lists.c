/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Symmetric codec, descriptor tables: segment lists, tables that move to the
 * extension, and slots that are used again, for the same session or another.
 */

#include "codec_fixture.h"

/* A slot that carried a chain before carries a cipher op now: no digest work is left. */
static void
test_slot_reuse_forgets(void **state)
{
	struct fx *fx = *state;
	uint16_t lens[12];
	unsigned int i;

	for (i = 0; i < UNIT_DIM(lens); i++)
		lens[i] = 16;
	chain_op(fx, &s_chain_dec, R(0, 64, 0, 64), 64, 0);
	rte_pktmbuf_free(fx->op->sym->m_src);
	fx->op->sym->m_src = fx_mbuf(fx, lens, UNIT_DIM(lens));
	assert_int_equal(fx_encode(fx, MAX_DESC), 0);
	assert_int_equal(fx->sp.in_ext, 1);
	assert_int_equal(fx->sp.digest_action, VCRYPTO_DIGEST_COMPARE);
	done(fx);
	fx_device_wrote(fx);

	cipher_op(fx, &s_ecb, 0, 48, 64, 0);
	assert_int_equal(fx_encode_again(fx, MAX_DESC), 0);
	fx_check_cipher(fx, &s_ecb, NULL, 0, 0, 48);
	done(fx);
}

/* The same at a slot that has carried this session before. */
static void
test_max_size_reused_slot(void **state)
{
	const struct fx_sess *sess[] = {&s_cbc, &s_chain};
	struct fx *fx = *state;
	unsigned int i;
	uint32_t len;

	for (i = 0; i < 2; i++) {
		chain_op(fx, sess[i], R(0, 16, 0, 16), 1000, 0);
		fx->tmpl.max_size = 16 + 2 * 160 + (i ? 20 : 0) + 1;
		fx_slot_reset(fx);
		for (len = 0; len <= 400; len += 16) {
			fx_device_wrote(fx);
			fx_set_ranges(fx, sess[i], &R(0, len, 0, len), outside);
			assert_int_equal(fx_encode_again(fx, MAX_DESC),
					len > 160 ? RTE_CRYPTO_OP_STATUS_INVALID_ARGS : 0);
			if (len > 160)
				continue;
			if (i == 0)
				fx_check_cipher(fx, sess[i], fx->iv, 16, 0, len);
			else
				fx_check_chain(fx, sess[i], fx->iv, 16, &R(0, len, 0, len), 20);
		}
		done(fx);
	}
}

static void
sgl_op(struct fx *fx, const struct fx_sess *s, const struct fx_ranges *r, const uint16_t *src,
		unsigned int nb_src, const uint16_t *dst, unsigned int nb_dst)
{
	fx_session(fx, s);
	fx->op->sym->m_src = fx_mbuf(fx, src, nb_src);
	fx->op->sym->m_dst = nb_dst ? fx_mbuf(fx, dst, nb_dst) : NULL;
	fx_set_ranges(fx, s, r, outside);
}

/* 2 to 20 segments, in and out, with the data beginning in any of them. */
static void
test_sgl(void **state)
{
	uint16_t lens[20], other[20];
	struct fx *fx = *state;
	unsigned int nb, i, off;

	for (i = 0; i < 20; i++) {
		lens[i] = (uint16_t)(17 + 5 * i);
		other[i] = (uint16_t)(111 - 5 * i);
	}
	for (nb = 2; nb <= 20; nb++)
		for (off = 0; off < 60; off += 7) {
			uint32_t total = 0, len;
			struct fx_ranges r;

			for (i = 0; i < nb; i++)
				total += RTE_MIN(lens[i], other[i]);
			len = (total - off) & ~15u;
			if (total < off + 16)
				continue;
			/* In place. */
			sgl_op(fx, &s_cbc, &R(off, len, 0, 0), lens, nb, NULL, 0);
			assert_int_equal(fx_encode(fx, MAX_DESC), 0);
			fx_check_cipher(fx, &s_cbc, fx->iv, 16, off, len);
			done(fx);
			/* Segments to segments of other lengths. */
			sgl_op(fx, &s_cbc, &R(off, len, 0, 0), lens, nb, other, nb);
			assert_int_equal(fx_encode(fx, MAX_DESC), 0);
			fx_check_cipher(fx, &s_cbc, fx->iv, 16, off, len);
			done(fx);
			/* Segments to one, one to segments. */
			lens[0] += (uint16_t)(2000 - lens[0]);
			sgl_op(fx, &s_cbc, &R(off, len, 0, 0), lens, 1, other, nb);
			assert_int_equal(fx_encode(fx, MAX_DESC), 0);
			fx_check_cipher(fx, &s_cbc, fx->iv, 16, off, len);
			done(fx);
			sgl_op(fx, &s_cbc, &R(off, len, 0, 0), other, nb, lens, 1);
			assert_int_equal(fx_encode(fx, MAX_DESC), 0);
			fx_check_cipher(fx, &s_cbc, fx->iv, 16, off, len);
			done(fx);
			lens[0] = 17;
			/* A chain, its cipher range inside the hash range. */
			r = R(off + 8, (total - off - 8) & ~15u, off, total - off);
			if (total < off + 24)
				continue;
			sgl_op(fx, &s_chain512, &r, lens, nb, other, nb);
			assert_int_equal(fx_encode(fx, MAX_DESC), 0);
			fx_check_chain(fx, &s_chain512, fx->iv, 16, &r, 64);
			done(fx);
		}
}

static void
test_sgl_empty_segments(void **state)
{
	static const uint16_t a[] = {0, 0, 40, 0, 24, 0, 0, 64, 0};
	static const uint16_t b[] = {64, 0, 0, 64};
	struct fx *fx = *state;
	uint32_t off;

	for (off = 0; off <= 64; off += 8) {
		sgl_op(fx, &s_cbc, &R(off, 64, 0, 0), a, UNIT_DIM(a), NULL, 0);
		assert_int_equal(fx_encode(fx, MAX_DESC), 0);
		fx_check_cipher(fx, &s_cbc, fx->iv, 16, off, 64);
		done(fx);
		sgl_op(fx, &s_cbc, &R(off, 64, 0, 0), a, UNIT_DIM(a), b, UNIT_DIM(b));
		assert_int_equal(fx_encode(fx, MAX_DESC), 0);
		fx_check_cipher(fx, &s_cbc, fx->iv, 16, off, 64);
		done(fx);
	}
	/* Nothing at all in many segments. */
	sgl_op(fx, &s_cbc, &R(128, 0, 0, 0), a, UNIT_DIM(a), NULL, 0);
	assert_int_equal(fx_encode(fx, MAX_DESC), 0);
	fx_check_cipher(fx, &s_cbc, fx->iv, 16, 128, 0);
	done(fx);
	/* Beyond the end by one. */
	sgl_op(fx, &s_cbc, &R(65, 64, 0, 0), a, UNIT_DIM(a), NULL, 0);
	fx_refused(fx, MAX_DESC);
	done(fx);
}

/* The table's limit, to the entry; up to six in the slot, more in the extension. */
static void
test_max_desc(void **state)
{
	uint16_t lens[62];
	struct fx *fx = *state;
	unsigned int src, dst, i, need;

	for (i = 0; i < UNIT_DIM(lens); i++)
		lens[i] = 16;
	for (src = 1; src <= 60; src += src < 8 ? 1 : 13)
		for (dst = 1; dst <= 60; dst += dst < 8 ? 1 : 13) {
			const uint32_t len = 16 * RTE_MIN(src, dst);
			uint16_t wide[62];

			/* Make one of the two use all its segments. */
			memcpy(wide, lens, sizeof(wide));
			wide[RTE_MIN(src, dst) - 1] = (uint16_t)(16 * 61);
			need = 2 + 2 * RTE_MIN(src, dst) + 1;
			sgl_op(fx, &s_cbc, &R(0, len, 0, 0), lens, src, lens, dst);
			if (need <= MAX_DESC) {
				assert_int_equal(fx_encode(fx, (uint16_t)need), 0);
				fx_check_cipher(fx, &s_cbc, fx->iv, 16, 0, len);
				assert_int_equal(fx->sp.nb_desc, need);
				assert_int_equal(fx_encode(fx, MAX_DESC), 0);
			} else {
				fx_refused(fx, MAX_DESC);
			}
			/* Shorter tables than the slot's own: test_max_desc_below_slot. */
			if (need > 6)
				fx_refused(fx, (uint16_t)(RTE_MIN(need, MAX_DESC + 1u) - 1));
			done(fx);
			/* One more for the digest, and other numbers of segments on both sides. */
			sgl_op(fx, &s_chain, &R(0, len, 0, len), lens, RTE_MIN(src, dst), wide,
					RTE_MIN(src, dst));
			need++;
			if (need <= MAX_DESC) {
				assert_int_equal(fx_encode(fx, (uint16_t)need), 0);
				fx_check_chain(fx, &s_chain, fx->iv, 16, &R(0, len, 0, len), 20);
				assert_int_equal(fx->sp.nb_desc, need);
			}
			if (need > 6)
				fx_refused(fx, (uint16_t)(RTE_MIN(need, MAX_DESC + 1u) - 1));
			done(fx);
		}
	/* 2 + 28 + 29 + 1 = 60: the longest that there is; and one more. */
	lens[28] = 16 * 33;
	for (i = 0; i < 2; i++) {
		uint16_t in[30], out[30];
		const unsigned int nb_in = 28 + i, nb_out = 29;
		unsigned int k;

		for (k = 0; k < 30; k++)
			in[k] = out[k] = 16;
		in[nb_in - 1] = (uint16_t)(480 - 16 * (nb_in - 1));
		out[nb_out - 1] = (uint16_t)(480 - 16 * (nb_out - 1));
		sgl_op(fx, &s_cbc, &R(0, 480, 0, 0), in, nb_in, out, nb_out);
		if (i == 0) {
			assert_int_equal(fx_encode(fx, 60), 0);
			fx_check_cipher(fx, &s_cbc, fx->iv, 16, 0, 480);
			assert_int_equal(fx->sp.nb_desc, 60);
			fx_refused(fx, 59);
		} else {
			fx_refused(fx, 60);
		}
		done(fx);
	}
	/* However much a queue allows, the extension has room for 60. */
	{
		uint16_t in[31];
		unsigned int k;

		for (k = 0; k < 31; k++)
			in[k] = 16;
		sgl_op(fx, &s_cbc, &R(0, 480, 0, 0), in, 31, in, 30);
		fx_refused(fx, 61); /* 2 + 30 + 30 + 1 = 63 */
		fx_refused(fx, 63);
		fx_refused(fx, UINT16_MAX);
		done(fx);
		/* 1 + 29 + 30 + 1 = 61 */
		in[29] = 8;
		sgl_op(fx, &s_ecb, &R(0, 464, 0, 0), in, 29, in + 1, 30);
		fx->op->sym->m_dst->data_len = 8;
		fx->op->sym->m_dst->pkt_len -= 8;
		fx_refused(fx, UINT16_MAX);
		done(fx);
	}
	/* A chain with a digest in the extension, beside the longest table. */
	{
		uint16_t in[28];
		unsigned int k;

		for (k = 0; k < 28; k++)
			in[k] = 16;
		sgl_op(fx, &s_chain512, &R(0, 448, 0, 448), in, 28, NULL, 0);
		assert_int_equal(fx_encode(fx, 60), 0);
		fx_check_chain(fx, &s_chain512, fx->iv, 16, &R(0, 448, 0, 448), 64);
		assert_int_equal(fx->sp.nb_desc, 60);
		done(fx);
	}
}

/* A queue that allows less than a plain or chained op needs. */
static void
test_max_desc_below_slot(void **state)
{
	struct fx *fx = *state;

	cipher_op(fx, &s_cbc, 0, 64, 64, 0);
	assert_int_equal(fx_encode(fx, 5), 0);
	fx_refused(fx, 4);
	done(fx);
	cipher_op(fx, &s_ecb, 0, 64, 64, 64);
	assert_int_equal(fx_encode(fx, 4), 0);
	fx_refused(fx, 3);
	done(fx);
	chain_op(fx, &s_chain, R(0, 64, 0, 64), 64, 0);
	assert_int_equal(fx_encode(fx, 6), 0);
	fx_refused(fx, 5);
	done(fx);
}

/* Table in the slot or in the extension, whatever the slot held before. */
static void
test_table_moves(void **state)
{
	static const uint16_t one[] = {128}, two[] = {64, 64};
	struct fx *fx = *state;
	unsigned int i;

	fx_slot_reset(fx);
	fx_session(fx, &s_cbc);
	for (i = 0; i < 40; i++) {
		const bool sgl = i % 3 == 1;

		fx->op->sym->m_src = sgl ? fx_mbuf(fx, two, 2) : fx_mbuf(fx, one, 1);
		fx_set_ranges(fx, &s_cbc, &R(0, 128, 0, 0), NULL);
		fx_device_wrote(fx);
		assert_int_equal(fx_encode_again(fx, MAX_DESC), 0);
		fx_check_cipher(fx, &s_cbc, fx->iv, 16, 0, 128);
		assert_int_equal(fx->sp.in_ext, sgl);
		done(fx);
	}
}

/*
 * Every op, whatever went through the slot before, against the oracle of this file: sessions
 * of all shapes in turn, single segments and lists, good ops and bad ones, one slot. max_desc
 * belongs to the queue and max_size to the session, so they stay while a slot lives.
 */
static void
test_random_ops(void **state)
{
	static const struct fx_sess plain8 = {.cipher = &fx_des_cbc, .key_len = 8, .iv_len = 8,
			.dir = DEC};
	static const struct fx_sess zuc = {.cipher = &fx_zuc_eea3, .key_len = 16, .iv_len = 16,
			.dir = ENC};
	static const struct fx_sess xts = {.cipher = &fx_aes_xts, .key_len = 64, .iv_len = 16,
			.dir = ENC};
	static const struct fx_sess arc4 = {.cipher = &fx_arc4, .key_len = 2, .iv_len = 0,
			.dir = ENC};
	static const struct fx_sess f8f9 = {.cipher = &fx_kasumi_f8, .key_len = 16, .iv_len = 8,
			.dir = ENC, .auth = &fx_kasumi_f9, .auth_op = VERIFY, .auth_key_len = 16};
	const struct fx_sess *sess[] = {&s_cbc, &s_cbc_dec, &s_ecb, &s_ctr, &s_ctr12, &s_chain,
			&s_chain_dec, &s_chain512, &s_chain_ctr, &plain8, &zuc, &xts, &arc4, &f8f9};
	static const uint16_t max_descs[] = {8, 16, 60, 6};
	struct vcrypto_sym_template tmpl[UNIT_DIM(sess)];
	uint16_t max_desc = MAX_DESC;
	struct fx *fx = *state;
	uint64_t seed = 20260101;
	unsigned int i, k, accepted = 0;
	unsigned int which = 0;

	for (k = 0; k < UNIT_DIM(sess); k++) {
		fx_session(fx, sess[k]);
		fx->tmpl.max_size = k & 1 ? 1000 : UINT64_MAX;
		tmpl[k] = fx->tmpl;
	}
	fx_slot_reset(fx);
	for (i = 0; i < 300000; i++) {
		uint16_t lens[2][12];
		unsigned int nb[2], need, pieces = 0;
		uint32_t total[2], len, start, room, wire;
		const struct fx_sess *s;
		struct fx_ranges r;
		uint8_t block[16];
		bool good, oop;
		int ret;

		if (unit_rand(&seed) % 64 == 0) {
			fx_slot_reset(fx);
			max_desc = max_descs[unit_rand(&seed) % UNIT_DIM(max_descs)];
		}
		if (unit_rand(&seed) % 4 == 0)
			which = unit_rand(&seed) % UNIT_DIM(sess);
		s = sess[which];
		fx->tmpl = tmpl[which];
		fx_new_op(fx, FX_IV_OFFSET, s->iv_len);
		for (k = 0; k < s->iv_len; k++)
			fx->iv[k] = (uint8_t)unit_rand(&seed);

		for (k = 0; k < 2; k++) {
			unsigned int j;

			nb[k] = unit_rand(&seed) % 3 ? 1 : 1 + unit_rand(&seed) % 12;
			for (total[k] = 0, j = 0; j < nb[k]; j++) {
				lens[k][j] = (uint16_t)(unit_rand(&seed) % (nb[k] == 1 ? 700 : 90));
				total[k] += lens[k][j];
			}
		}
		oop = unit_rand(&seed) & 1;
		fx->op->sym->m_src = fx_mbuf(fx, lens[0], nb[0]);
		fx->op->sym->m_dst = oop ? fx_mbuf(fx, lens[1], nb[1]) : NULL;
		room = oop ? RTE_MIN(total[0], total[1]) : total[0];

		/* Mostly inside; lengths mostly in blocks. */
		r.cipher_off = unit_rand(&seed) % (RTE_MAX(room, 1u) / 2 + 1);
		r.cipher_len = unit_rand(&seed) % (room - r.cipher_off + 1 + !(i % 16));
		if (unit_rand(&seed) % 8)
			r.cipher_len -= r.cipher_len % s->cipher->block;
		r.auth_off = unit_rand(&seed) & 1 ? r.cipher_off : unit_rand(&seed) % (room + 1);
		r.auth_len = unit_rand(&seed) & 1 && r.auth_off == r.cipher_off
				? r.cipher_len
				: unit_rand(&seed) % (room - r.auth_off + 1 + !(i % 16));
		if (s->auth == NULL)
			r.auth_off = r.cipher_off, r.auth_len = r.cipher_len;
		fx_set_ranges(fx, s, &r, outside);

		/* The oracle. */
		fx_place_empty(&r);
		start = fx_chain_start(&r);
		len = fx_chain_len(&r);
		wire = s->auth ? s->auth->digest : 0;
		good = start + len <= room && r.cipher_len % s->cipher->block == 0 &&
			(r.cipher_len >= s->cipher->min_len ||
			(r.cipher_len == 0 && s->cipher != &fx_aes_xts)) &&
			s->cipher->iv_wire + 2 * (uint64_t)len + wire + 1 <= fx->tmpl.max_size;
		if (good) {
			fx_want_reset(fx);
			fx_want_range(fx, fx->op->sym->m_src, start, len, false);
			fx_want_range(fx, oop ? fx->op->sym->m_dst : fx->op->sym->m_src, start, len,
					true);
			pieces = fx->nb_want;
		}
		need = 2 + (s->cipher->iv_wire > 0) + (wire > 0) + pieces;
		good = good && need <= max_desc;

		fx_device_wrote(fx);
		ret = fx_encode_again(fx, max_desc);
		if (ret != (good ? 0 : RTE_CRYPTO_OP_STATUS_INVALID_ARGS))
			fail_msg("op %u (%s%s%s, %u segments%s): %d, wanted %d; cipher %u+%u, auth "
				"%u+%u, room %u, %u of %u descriptors", i, s->cipher->name,
				s->auth ? "+" : "", s->auth ? s->auth->name : "", nb[0],
				oop ? ", out of place" : "", ret,
				good ? 0 : RTE_CRYPTO_OP_STATUS_INVALID_ARGS, r.cipher_off,
				r.cipher_len, r.auth_off, r.auth_len, room, need, max_desc);
		if (good) {
			accepted++;
			memset(block, 0, sizeof(block));
			memcpy(block, fx->iv, s->iv_len);
			if (s->iv_len == 12)
				block[15] = 1;
			if (s->auth == NULL)
				fx_check_cipher(fx, s, block, s->cipher->iv_wire, r.cipher_off,
						r.cipher_len);
			else
				fx_check_chain(fx, s, block, s->cipher->iv_wire, &r, wire);
		} else {
			fx_check_bounds(fx);
		}
		done(fx);
	}
	/* The test is of no use if everything is refused. */
	assert_true(accepted > 150000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
			T(test_slot_reuse_forgets),
			T(test_max_size_reused_slot),
			T(test_sgl),
			T(test_sgl_empty_segments),
			T(test_max_desc),
			T(test_max_desc_below_slot),
			T(test_table_moves),
			T(test_random_ops),
	};

	return cmocka_run_group_tests(tests, unit_eal_setup, unit_eal_teardown);
}
