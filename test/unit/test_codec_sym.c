/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Symmetric codec, data requests: op -> 72 bytes, IV and descriptor table, byte
 * by byte [virtio 5.9.9.6]; and ops that cannot be sent.
 */

#include "codec_fixture.h"

/* The simplest op there is, every byte as a literal. */
static void
test_golden_cbc(void **state)
{
	static const uint8_t golden[72] = {
			0x00, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, /* ENCRYPT, AES_CBC */
			0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, /* session_id */
			0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, /* flag SESSION */
			0x10, 0x00, 0x00, 0x00, 0x40, 0x00, 0x00, 0x00, /* iv_len, src_data_len */
			0x40, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, /* dst_data_len, padding */
			0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
			0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
			0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
			0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, /* SYM_OP_CIPHER */
	};
	struct fx *fx = *state;

	cipher_op(fx, &s_cbc, 0, 64, 64, 0);
	assert_int_equal(fx_encode(fx, MAX_DESC), VCRYPTO_ENCODE_NEW);
	assert_memory_equal(&fx->sh->slot, golden, sizeof(golden));
	fx_check_cipher(fx, &s_cbc, fx->iv, 16, 0, 64);
	assert_int_equal(fx->sp.nb_desc, 5);
	done(fx);
}

static void
test_golden_chain(void **state)
{
	static const uint8_t golden[72] = {
			0x01, 0x00, 0x00, 0x00, 0x03, 0x00, 0x00, 0x00, /* DECRYPT, AES_CBC */
			0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11, /* session_id */
			0x01, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, /* flag SESSION */
			0x10, 0x00, 0x00, 0x00, 0x50, 0x00, 0x00, 0x00, /* iv_len, src 80 */
			0x50, 0x00, 0x00, 0x00, 0x10, 0x00, 0x00, 0x00, /* dst, cipher 16 */
			0x40, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, /* + 64, hash 0 */
			0x50, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, /* + 80, aad_len */
			0x14, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, /* hash_result 20 */
			0x02, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, /* ALGORITHM_CHAINING */
	};
	const struct fx_ranges r = R(24, 64, 8, 80);
	struct fx *fx = *state;

	chain_op(fx, &s_chain_dec, r, 100, 0);
	assert_int_equal(fx_encode(fx, MAX_DESC), VCRYPTO_ENCODE_NEW);
	assert_memory_equal(&fx->sh->slot, golden, sizeof(golden));
	fx_check_chain(fx, &s_chain_dec, fx->iv, 16, &r, 20);
	assert_int_equal(fx->sp.nb_desc, 6);
	done(fx);
}

/* c.3: a cipher request has no offset field, so the address carries it. */
static void
test_offsets_and_places(void **state)
{
	static const uint32_t offs[] = {0, 1, 15, 16, 17, 255, 1000};
	const struct fx_sess *sess[] = {&s_cbc, &s_cbc_dec, &s_ctr};
	struct fx *fx = *state;
	unsigned int i, j, place;

	for (i = 0; i < UNIT_DIM(offs); i++)
		for (j = 0; j < UNIT_DIM(sess); j++)
			for (place = 0; place < 3; place++) {
				cipher_op(fx, sess[j], offs[i], 160, 1300, place == 1 ? 1290 : 0);
				if (place == 2) /* in place, said aloud */
					fx->op->sym->m_dst = fx->op->sym->m_src;
				assert_int_equal(fx_encode(fx, MAX_DESC), 0);
				fx_check_cipher(fx, sess[j], fx->iv, 16, offs[i], 160);
				done(fx);
			}
}

/* c.4: what stands in the auth fields of an op of a cipher session is nobody's business. */
static void
test_stale_auth_fields(void **state)
{
	struct fx *fx = *state;

	cipher_op(fx, &s_cbc, 16, 32, 64, 0);
	fx->op->sym->auth.data.offset = 0;
	fx->op->sym->auth.data.length = 1000000;
	fx->op->sym->auth.digest.data = NULL;
	assert_int_equal(fx_encode(fx, MAX_DESC), 0);
	fx_check_cipher(fx, &s_cbc, fx->iv, 16, 16, 32);
	/* And the digest state of the slot's last request is gone. */
	fx->sp.digest_action = VCRYPTO_DIGEST_COMPARE;
	done(fx);
}

static void
test_iv(void **state)
{
	static const struct {
		const struct vcrypto_alg_cipher *row;
		uint16_t key_len, iv_len, wire;
	} c[] = {
			{&fx_aes_cbc, 16, 16, 16}, {&fx_aes_ctr, 16, 16, 16},
			{&fx_des_cbc, 8, 8, 8}, {&fx_3des_cbc, 24, 8, 8},
			{&fx_aes_xts, 64, 16, 16}, {&fx_aes_ecb, 32, 0, 0}, {&fx_arc4, 5, 0, 0},
			{&fx_kasumi_f8, 16, 8, 8}, {&fx_snow3g_uea2, 16, 16, 16},
			{&fx_zuc_eea3, 16, 16, 16},
	};
	struct fx *fx = *state;
	unsigned int i;

	for (i = 0; i < UNIT_DIM(c); i++) {
		const struct fx_sess s = {.cipher = c[i].row, .key_len = c[i].key_len,
				.iv_len = c[i].iv_len, .dir = ENC};

		cipher_op(fx, &s, 16, 64, 128, 0);
		assert_int_equal(fx_encode(fx, MAX_DESC), 0);
		fx_check_cipher(fx, &s, fx->iv, c[i].wire, 16, 64);
		assert_int_equal(fx->sp.nb_desc, c[i].wire ? 5 : 4);
		done(fx);
	}
}

/* A nonce of 12 bytes: the wire wants the whole block, counter 1, big-endian (RFC 3686). */
static void
test_ctr_nonce(void **state)
{
	static const uint8_t block[16] = {0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7,
			0xc8, 0xc9, 0xca, 0xcb, 0x00, 0x00, 0x00, 0x01};
	struct fx *fx = *state;
	struct fx_sess s = s_chain_ctr;

	cipher_op(fx, &s_ctr12, 0, 33, 64, 0);
	assert_int_equal(fx_encode(fx, MAX_DESC), 0);
	fx_check_cipher(fx, &s_ctr12, block, 16, 0, 33);
	done(fx);

	s.auth_op = GEN;
	chain_op(fx, &s, R(0, 33, 0, 33), 64, 0);
	assert_int_equal(fx_encode(fx, MAX_DESC), 0);
	fx_check_chain(fx, &s, block, 16, &R(0, 33, 0, 33), 32);
	done(fx);
}

static void
test_zero_length(void **state)
{
	struct fx *fx = *state;
	struct fx_ranges r;

	cipher_op(fx, &s_cbc, 0, 0, 64, 0);
	assert_int_equal(fx_encode(fx, MAX_DESC), 0);
	fx_check_cipher(fx, &s_cbc, fx->iv, 16, 0, 0);
	assert_int_equal(fx->sp.nb_desc, 3); /* header, IV, status */
	done(fx);
	/* At the very end, and of an empty mbuf. */
	cipher_op(fx, &s_cbc, 64, 0, 64, 0);
	assert_int_equal(fx_encode(fx, MAX_DESC), 0);
	fx_check_cipher(fx, &s_cbc, fx->iv, 16, 64, 0);
	done(fx);
	cipher_op(fx, &s_ecb, 0, 0, 0, 0);
	assert_int_equal(fx_encode(fx, MAX_DESC), 0);
	fx_check_cipher(fx, &s_ecb, NULL, 0, 0, 0);
	assert_int_equal(fx->sp.nb_desc, 2);
	done(fx);

	r = R(16, 0, 16, 0);
	chain_op(fx, &s_chain, r, 64, 0);
	assert_int_equal(fx_encode(fx, MAX_DESC), 0);
	fx_check_chain(fx, &s_chain, fx->iv, 16, &r, 20);
	assert_int_equal(fx->sp.nb_desc, 4); /* header, IV, digest, status */
	done(fx);
	/* Only one of the two is empty. */
	r = R(16, 0, 16, 40);
	chain_op(fx, &s_chain, r, 64, 0);
	assert_int_equal(fx_encode(fx, MAX_DESC), 0);
	fx_check_chain(fx, &s_chain, fx->iv, 16, &r, 20);
	done(fx);
	r = R(16, 32, 16, 0);
	chain_op(fx, &s_chain, r, 64, 0);
	assert_int_equal(fx_encode(fx, MAX_DESC), 0);
	fx_check_chain(fx, &s_chain, fx->iv, 16, &r, 20);
	done(fx);
}

/* Cipher range before, after, inside, around, overlapping and apart from the hash range. */
static void
test_chain_ranges(void **state)
{
	const struct fx_ranges r[] = {
			R(0, 64, 0, 64), R(0, 64, 0, 84), R(16, 64, 0, 80), R(16, 48, 0, 100),
			R(0, 96, 16, 64), R(0, 32, 32, 64), R(64, 32, 0, 64), R(64, 64, 8, 100),
			R(8, 64, 40, 100), R(0, 16, 200, 30), R(200, 16, 3, 5), R(77, 32, 77, 32),
			R(77, 32, 76, 1), R(77, 32, 109, 1),
	};
	const struct fx_sess *sess[] = {&s_chain, &s_chain_dec, &s_chain512, &s_chain_ctr};
	struct fx *fx = *state;
	unsigned int i, j, oop;
	uint8_t block[16];

	for (i = 0; i < UNIT_DIM(r); i++)
		for (j = 0; j < UNIT_DIM(sess); j++)
			for (oop = 0; oop < 2; oop++) {
				chain_op(fx, sess[j], r[i], 256, oop ? 250 : 0);
				assert_int_equal(fx_encode(fx, MAX_DESC), 0);
				memset(block, 0, sizeof(block));
				memcpy(block, fx->iv, sess[j]->iv_len);
				if (sess[j]->iv_len == 12)
					block[15] = 1;
				fx_check_chain(fx, sess[j], block, 16, &r[i],
						sess[j]->auth->digest);
				done(fx);
			}
}

/* An empty range says nothing, wherever it claims to be. */
static void
test_chain_empty_ranges(void **state)
{
	struct fx *fx = *state;
	struct fx_ranges r;

	r = R(64, 32, 0, 0);
	chain_op(fx, &s_chain, r, 128, 0);
	assert_int_equal(fx_encode(fx, MAX_DESC), 0);
	fx_place_empty(&r);
	assert_int_equal(fx_chain_len(&r), 32);
	fx_check_chain(fx, &s_chain, fx->iv, 16, &r, 20);
	done(fx);
	r = R(0, 0, 50, 33);
	chain_op(fx, &s_chain, r, 128, 128);
	assert_int_equal(fx_encode(fx, MAX_DESC), 0);
	fx_place_empty(&r);
	fx_check_chain(fx, &s_chain, fx->iv, 16, &r, 20);
	done(fx);
}

/* DPDK counts the wireless algorithms in bits, the wire in bytes: multiples of 8 only. */
static void
test_bits(void **state)
{
	const struct fx_sess sess[] = {
			{.cipher = &fx_kasumi_f8, .key_len = 16, .iv_len = 8, .dir = ENC},
			{.cipher = &fx_snow3g_uea2, .key_len = 16, .iv_len = 16, .dir = DEC},
			{.cipher = &fx_zuc_eea3, .key_len = 16, .iv_len = 16, .dir = ENC},
	};
	struct fx *fx = *state;
	unsigned int i, bit;

	for (i = 0; i < UNIT_DIM(sess); i++) {
		cipher_op(fx, &sess[i], 5, 91, 128, 0);
		assert_int_equal(fx->op->sym->cipher.data.length, 728);
		assert_int_equal(fx_encode(fx, MAX_DESC), 0);
		fx_check_cipher(fx, &sess[i], fx->iv, sess[i].iv_len, 5, 91);
		for (bit = 1; bit < 8; bit++) {
			fx->op->sym->cipher.data.length = 720 + bit;
			fx_refused(fx, MAX_DESC);
			fx->op->sym->cipher.data.length = bit;
			fx_refused(fx, MAX_DESC);
			fx->op->sym->cipher.data.length = 728;
			fx->op->sym->cipher.data.offset = 40 + bit;
			fx_refused(fx, MAX_DESC);
			fx->op->sym->cipher.data.offset = 40;
		}
		/* The whole mbuf, and a byte more. */
		fx->op->sym->cipher.data.length = (128 - 5) * 8;
		assert_int_equal(fx_encode(fx, MAX_DESC), 0);
		fx->op->sym->cipher.data.length = (128 - 5) * 8 + 8;
		fx_refused(fx, MAX_DESC);
		done(fx);
	}
}

/* Each range of a chain has its own unit. */
static void
test_bits_in_chains(void **state)
{
	const struct fx_sess bits_bytes = {.cipher = &fx_snow3g_uea2, .key_len = 16, .iv_len = 16,
			.dir = ENC, .auth = &fx_hmac_sha1, .auth_op = GEN, .auth_key_len = 20};
	const struct fx_sess bytes_bits = {.cipher = &fx_aes_cbc, .key_len = 16, .iv_len = 16,
			.dir = ENC, .auth = &fx_kasumi_f9, .auth_op = GEN, .auth_key_len = 16};
	const struct fx_sess bits_bits = {.cipher = &fx_kasumi_f8, .key_len = 16, .iv_len = 8,
			.dir = ENC, .auth = &fx_kasumi_f9, .auth_op = GEN, .auth_key_len = 16};
	const struct fx_sess *sess[] = {&bits_bytes, &bytes_bits, &bits_bits};
	const struct fx_ranges r = R(24, 64, 8, 100);
	struct fx *fx = *state;
	unsigned int i;

	for (i = 0; i < UNIT_DIM(sess); i++) {
		chain_op(fx, sess[i], r, 128, 0);
		assert_int_equal(fx_encode(fx, MAX_DESC), 0);
		fx_check_chain(fx, sess[i], fx->iv, sess[i]->iv_len, &r, sess[i]->auth->digest);
		if (sess[i]->auth->bits) {
			fx->op->sym->auth.data.length += 4;
			fx_refused(fx, MAX_DESC);
			fx->op->sym->auth.data.length -= 4;
			fx->op->sym->auth.data.offset += 1;
			fx_refused(fx, MAX_DESC);
			fx->op->sym->auth.data.offset -= 1;
		}
		if (sess[i]->cipher->bits) {
			fx->op->sym->cipher.data.length += 7;
			fx_refused(fx, MAX_DESC);
		}
		done(fx);
	}
}

static void
test_block_size(void **state)
{
	const struct fx_sess des = {.cipher = &fx_des_cbc, .key_len = 8, .iv_len = 8, .dir = ENC};
	const struct fx_sess xts = {.cipher = &fx_aes_xts, .key_len = 32, .iv_len = 16,
			.dir = ENC};
	struct fx *fx = *state;
	uint32_t len;

	for (len = 0; len <= 64; len++) {
		cipher_op(fx, &s_cbc, 3, len, 128, 0);
		assert_int_equal(fx_encode(fx, MAX_DESC),
				len % 16 ? RTE_CRYPTO_OP_STATUS_INVALID_ARGS : 0);
		done(fx);
		cipher_op(fx, &s_ecb, 3, len, 128, 0);
		assert_int_equal(fx_encode(fx, MAX_DESC),
				len % 16 ? RTE_CRYPTO_OP_STATUS_INVALID_ARGS : 0);
		done(fx);
		cipher_op(fx, &des, 3, len, 128, 0);
		assert_int_equal(fx_encode(fx, MAX_DESC),
				len % 8 ? RTE_CRYPTO_OP_STATUS_INVALID_ARGS : 0);
		done(fx);
		cipher_op(fx, &s_ctr, 3, len, 128, 0);
		assert_int_equal(fx_encode(fx, MAX_DESC), 0);
		done(fx);
		/* XTS steals ciphertext: any length, but not less than a block, so not 0. */
		cipher_op(fx, &xts, 3, len, 128, 0);
		assert_int_equal(fx_encode(fx, MAX_DESC),
				len < 16 ? RTE_CRYPTO_OP_STATUS_INVALID_ARGS : 0);
		done(fx);
		/* In a chain the cipher range is what counts. */
		chain_op(fx, &s_chain, R(16, len, 0, 77), 128, 0);
		assert_int_equal(fx_encode(fx, MAX_DESC),
				len % 16 ? RTE_CRYPTO_OP_STATUS_INVALID_ARGS : 0);
		done(fx);
	}
}

static void
test_beyond_mbuf(void **state)
{
	static const struct {
		uint32_t off, len;
	} bad[] = {
			{0, 80}, {16, 64}, {1, 64}, {64, 16}, {80, 16}, {0xfffffff0, 32},
			{0xfffffff0, 16}, {16, 0xfffffff0}, {0, 0xfffffff0},
			{0x80000000, 0x80000000}, {0x7ffffff0, 16},
			{32, 0xffffffe0},
	};
	const struct fx_sess *sess[] = {&s_cbc, &s_ecb, &s_cbc_dec};
	struct fx *fx = *state;
	unsigned int i, j;

	for (i = 0; i < UNIT_DIM(bad); i++) {
		for (j = 0; j < UNIT_DIM(sess); j++) {
			cipher_op(fx, sess[j], bad[i].off, bad[i].len, 64, 0);
			fx_refused(fx, MAX_DESC);
			done(fx);
			/* Room in one of the two is not enough. */
			if (bad[i].off < 1000 && bad[i].len < 1000) {
				cipher_op(fx, sess[j], bad[i].off, bad[i].len, 64, 500);
				fx_refused(fx, MAX_DESC);
				done(fx);
				cipher_op(fx, sess[j], bad[i].off, bad[i].len, 500, 64);
				fx_refused(fx, MAX_DESC);
				done(fx);
				cipher_op(fx, sess[j], bad[i].off, bad[i].len, 500, 500);
				assert_int_equal(fx_encode(fx, MAX_DESC), 0);
				done(fx);
			}
		}
		/* Either range of a chain. */
		chain_op(fx, &s_chain, R(bad[i].off, bad[i].len, 0, 64), 64, 0);
		fx_refused(fx, MAX_DESC);
		done(fx);
		chain_op(fx, &s_chain, R(0, 64, bad[i].off, bad[i].len), 64, 0);
		fx_refused(fx, MAX_DESC);
		done(fx);
	}
	/* Nothing, but beyond the end of one of the two. */
	cipher_op(fx, &s_cbc, 65, 0, 64, 0);
	fx_refused(fx, MAX_DESC);
	done(fx);
	cipher_op(fx, &s_cbc, 65, 0, 64, 100);
	fx_refused(fx, MAX_DESC);
	done(fx);
	cipher_op(fx, &s_cbc, 65, 0, 100, 64);
	fx_refused(fx, MAX_DESC);
	done(fx);
	/* Lengths that wrap around only once they are taken for bits. */
	{
		const struct fx_sess zuc = {.cipher = &fx_zuc_eea3, .key_len = 16, .iv_len = 16,
				.dir = ENC};

		cipher_op(fx, &zuc, 0, 64, 64, 0);
		fx->op->sym->cipher.data.length = 0xfffffff8;
		fx_refused(fx, MAX_DESC);
		fx->op->sym->cipher.data.offset = 0xfffffff8;
		fx->op->sym->cipher.data.length = 16;
		fx_refused(fx, MAX_DESC);
		done(fx);
	}
}

static void
test_no_mbuf(void **state)
{
	struct fx *fx = *state;

	cipher_op(fx, &s_cbc, 0, 64, 64, 0);
	rte_pktmbuf_free(fx->op->sym->m_src);
	fx->op->sym->m_src = NULL;
	fx_refused(fx, MAX_DESC);
	chain_op(fx, &s_chain, R(0, 64, 0, 64), 64, 0);
	rte_pktmbuf_free(fx->op->sym->m_src);
	fx->op->sym->m_src = NULL;
	fx_refused(fx, MAX_DESC);
}

/* An mbuf chain that promises more in its head than its segments hold, or less. */
static void
test_lying_mbuf(void **state)
{
	static const uint16_t lens[] = {32, 32, 32};
	struct fx *fx = *state;
	unsigned int which;

	for (which = 0; which < 2; which++) {
		fx_session(fx, &s_cbc);
		fx->op->sym->m_src = fx_mbuf(fx, lens, 3);
		fx->op->sym->m_dst = fx_mbuf(fx, lens, 3);
		(which ? fx->op->sym->m_dst : fx->op->sym->m_src)->pkt_len = 960;
		(which ? fx->op->sym->m_src : fx->op->sym->m_dst)->pkt_len = 960;
		fx_set_ranges(fx, &s_cbc, &R(0, 112, 0, 0), NULL);
		fx_refused(fx, MAX_DESC);
		fx_set_ranges(fx, &s_cbc, &R(112, 16, 0, 0), NULL);
		fx_refused(fx, MAX_DESC);
		fx_set_ranges(fx, &s_cbc, &R(80, 16, 0, 0), NULL);
		assert_int_equal(fx_encode(fx, MAX_DESC), 0);
		done(fx);
		/* What is there counts, also if the head promises nothing. */
		fx_session(fx, &s_cbc);
		fx->op->sym->m_src = fx_mbuf(fx, lens, 3);
		fx->op->sym->m_dst = fx_mbuf(fx, lens, 3);
		fx->op->sym->m_src->pkt_len = which ? 0 : 32;
		fx->op->sym->m_dst->pkt_len = which ? 32 : 0;
		fx_set_ranges(fx, &s_cbc, &R(0, 96, 0, 0), NULL);
		assert_int_equal(fx_encode(fx, MAX_DESC), 0);
		fx->op->sym->m_src->pkt_len = 96;
		fx->op->sym->m_dst->pkt_len = 96;
		fx_check_cipher(fx, &s_cbc, fx->iv, 16, 0, 96);
		done(fx);
		/* One segment that lies. */
		cipher_op(fx, &s_cbc, 0, 80, 64, which ? 200 : 0);
		fx->op->sym->m_src->pkt_len = 2000;
		fx_refused(fx, MAX_DESC);
		done(fx);
	}
}

/* max_size counts IV, source, destination, digest and status: exactly that much is accepted. */
static void
test_max_size(void **state)
{
	static const uint16_t lens[] = {16, 16, 16, 16, 16, 16, 16, 16};
	struct fx *fx = *state;

	cipher_op(fx, &s_cbc, 0, 64, 64, 0);
	fx->tmpl.max_size = 16 + 64 + 64 + 1;
	assert_int_equal(fx_encode(fx, MAX_DESC), 0);
	fx_check_cipher(fx, &s_cbc, fx->iv, 16, 0, 64);
	fx->tmpl.max_size--;
	fx_refused(fx, MAX_DESC);
	fx->tmpl.max_size = 0;
	fx_refused(fx, MAX_DESC);
	done(fx);

	cipher_op(fx, &s_ecb, 0, 64, 64, 0);
	fx->tmpl.max_size = 64 + 64 + 1;
	assert_int_equal(fx_encode(fx, MAX_DESC), 0);
	fx->tmpl.max_size--;
	fx_refused(fx, MAX_DESC);
	done(fx);

	/* Segments change nothing. */
	fx_session(fx, &s_ctr12);
	fx->op->sym->m_src = fx_mbuf(fx, lens, 8);
	fx_set_ranges(fx, &s_ctr12, &R(5, 101, 0, 0), NULL);
	fx->tmpl.max_size = 16 + 101 + 101 + 1;
	assert_int_equal(fx_encode(fx, MAX_DESC), 0);
	fx->tmpl.max_size--;
	fx_refused(fx, MAX_DESC);
	done(fx);

	chain_op(fx, &s_chain, R(24, 64, 8, 100), 128, 0);
	fx->tmpl.max_size = 16 + 100 + 100 + 20 + 1;
	assert_int_equal(fx_encode(fx, MAX_DESC), 0);
	fx->tmpl.max_size--;
	fx_refused(fx, MAX_DESC);
	done(fx);

	chain_op(fx, &s_chain512, R(0, 64, 0, 64), 64, 0);
	fx->tmpl.max_size = 16 + 64 + 64 + 64 + 1;
	assert_int_equal(fx_encode(fx, MAX_DESC), 0);
	fx->tmpl.max_size--;
	fx_refused(fx, MAX_DESC);
	done(fx);

}

/* The IV and the digest count even where there is no data. */
static void
test_max_size_no_data(void **state)
{
	struct fx *fx = *state;

	cipher_op(fx, &s_cbc, 0, 0, 64, 0);
	fx->tmpl.max_size = 16 + 1;
	assert_int_equal(fx_encode(fx, MAX_DESC), 0);
	fx->tmpl.max_size--;
	fx_refused(fx, MAX_DESC);
	done(fx);
	chain_op(fx, &s_chain, R(0, 0, 0, 0), 64, 0);
	fx->tmpl.max_size = 16 + 20 + 1;
	assert_int_equal(fx_encode(fx, MAX_DESC), 0);
	fx->tmpl.max_size--;
	fx_refused(fx, MAX_DESC);
	done(fx);
}

/* No encoder for what is not a session. */
static void
test_no_shape(void **state)
{
	(void)state;
	assert_null(vcrypto_codec_sym_encode[VCRYPTO_SHAPE_NONE]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
			T(test_golden_cbc),
			T(test_golden_chain),
			T(test_offsets_and_places),
			T(test_stale_auth_fields),
			T(test_iv),
			T(test_ctr_nonce),
			T(test_zero_length),
			T(test_chain_ranges),
			T(test_chain_empty_ranges),
			T(test_bits),
			T(test_bits_in_chains),
			T(test_block_size),
			T(test_beyond_mbuf),
			T(test_no_mbuf),
			T(test_lying_mbuf),
			T(test_max_size),
			T(test_max_size_no_data),
			T(test_no_shape),
	};

	return cmocka_run_group_tests(tests, unit_eal_setup, unit_eal_teardown);
}
