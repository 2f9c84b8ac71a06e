/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Symmetric codec, what comes back: the status map, and digests - where the
 * device writes them, and what the driver makes of them.
 */

#include "codec_fixture.h"

/* Digest scratch: all sizes up to 63 behind the status byte, 64 in the extension. */
static void
test_digest_place(void **state)
{
	struct vcrypto_alg_auth row = fx_hmac_sha1;
	struct fx_sess s = s_chain;
	struct fx *fx = *state;
	unsigned int len;

	s.auth = &row;
	for (len = 4; len <= 64; len += len == 60 ? 3 : len == 63 ? 1 : 4) {
		row.digest = (uint8_t)len;
		chain_op(fx, &s, R(0, 64, 0, 64), 64, 0);
		assert_int_equal(fx_encode(fx, MAX_DESC), 0);
		fx_check_chain(fx, &s, fx->iv, 16, &R(0, 64, 0, 64), len);
		assert_int_equal(fx->sp.in_ext, 0);
		done(fx);
	}
}

static void
test_digest_null(void **state)
{
	struct fx *fx = *state;

	chain_op(fx, &s_chain, R(0, 64, 0, 64), 64, 0);
	fx->op->sym->auth.digest.data = NULL;
	fx_refused(fx, MAX_DESC);
	done(fx);
	chain_op(fx, &s_chain_dec, R(0, 64, 0, 64), 64, 0);
	fx->op->sym->auth.digest.data = NULL;
	fx_refused(fx, MAX_DESC);
	done(fx);
}

/*
 * One chain request cannot cipher its own digest: a digest inside the ciphered range of
 * what is written is refused; right before and right behind it is fine.
 */
static void
test_digest_ciphered(void **state)
{
	static const uint16_t two[] = {48, 112};
	const struct fx_sess *sess[] = {&s_chain, &s_chain_dec};
	const uint32_t c_off = 32, c_len = 64;
	struct fx *fx = *state;
	unsigned int i, layout;
	uint32_t at;

	for (i = 0; i < UNIT_DIM(sess); i++)
		for (layout = 0; layout < 3; layout++) /* in place, out of place, segments */
			for (at = 0; at + 20 <= 160; at++) {
				const bool inside = at + 20 > c_off && at < c_off + c_len;
				struct rte_mbuf *m;

				/* Contiguous in its segment. */
				if (layout == 2 && at < 48 && at + 20 > 48)
					continue;
				chain_op(fx, sess[i], R(c_off, c_len, 0, c_off + c_len), 160,
						layout == 1 ? 160 : 0);
				if (layout == 2) {
					rte_pktmbuf_free(fx->op->sym->m_src);
					fx->op->sym->m_src = fx_mbuf(fx, two, 2);
				}
				m = layout == 1 ? fx->op->sym->m_dst : fx->op->sym->m_src;
				fx->op->sym->auth.digest.data = fx_byte(m, at);
				if (inside) {
					if (fx_encode(fx, MAX_DESC) !=
							RTE_CRYPTO_OP_STATUS_INVALID_ARGS)
						fail_msg("layout %u: digest at %u is accepted",
								layout, at);
				} else if (at >= c_off + c_len) {
					if (fx_encode(fx, MAX_DESC) != 0)
						fail_msg("layout %u: digest at %u is refused",
								layout, at);
					fx_check_chain(fx, sess[i], fx->iv, 16,
							&R(c_off, c_len, 0, c_off + c_len), 20);
				}
				done(fx);
			}
}

/* c.1: the map is total; what is unknown is an error. */
static void
test_status_map(void **state)
{
	unsigned int i, want;

	(void)state;
	for (i = 0; i < 256; i++) {
		switch (i) {
		case 0: /* OK */
			want = RTE_CRYPTO_OP_STATUS_SUCCESS;
			break;
		case 2: /* BADMSG */
		case 6: /* KEY_REJECTED */
			want = RTE_CRYPTO_OP_STATUS_AUTH_FAILED;
			break;
		case 3: /* NOTSUPP */
			want = RTE_CRYPTO_OP_STATUS_INVALID_ARGS;
			break;
		case 4: /* INVSESS */
			want = RTE_CRYPTO_OP_STATUS_INVALID_SESSION;
			break;
		default:
			want = RTE_CRYPTO_OP_STATUS_ERROR;
			break;
		}
		if (vcrypto_codec_status[i] != want)
			fail_msg("status %u gives %u, wanted %u", i, vcrypto_codec_status[i], want);
	}
}

/* c.2: VERIFY compares, all of the digest and nothing behind it; GENERATE copies. */
static void
test_digest_back(void **state)
{
	uint8_t scratch[64], app[80], before[80];
	struct vcrypto_slot_priv sp;
	unsigned int len, i, bit;

	(void)state;
	for (i = 0; i < sizeof(scratch); i++)
		scratch[i] = (uint8_t)(i * 11 + 5);
	memset(&sp, 0, sizeof(sp));
	sp.scratch = scratch;
	sp.digest = app + 8;
	for (len = 1; len <= 64; len++) {
		sp.digest_len = (uint8_t)len;

		memset(app, 0x42, sizeof(app));
		sp.digest_action = VCRYPTO_DIGEST_COPY;
		assert_int_equal(vcrypto_codec_sym_digest(&sp, NULL), RTE_CRYPTO_OP_STATUS_SUCCESS);
		for (i = 0; i < sizeof(app); i++)
			assert_int_equal(app[i], i >= 8 && i < 8 + len ? scratch[i - 8] : 0x42);

		sp.digest_action = VCRYPTO_DIGEST_COMPARE;
		memcpy(before, app, sizeof(app));
		assert_int_equal(vcrypto_codec_sym_digest(&sp, NULL), RTE_CRYPTO_OP_STATUS_SUCCESS);
		for (i = 0; i < len; i++)
			for (bit = 0; bit < 8; bit++) {
				app[8 + i] ^= (uint8_t)(1u << bit);
				assert_int_equal(vcrypto_codec_sym_digest(&sp, NULL),
						RTE_CRYPTO_OP_STATUS_AUTH_FAILED);
				app[8 + i] ^= (uint8_t)(1u << bit);
			}
		/* The expected digest is the application's: it is read, not written. */
		assert_memory_equal(app, before, sizeof(app));
		app[8 + len] ^= 0xff;
		app[7] ^= 0xff;
		assert_int_equal(vcrypto_codec_sym_digest(&sp, NULL), RTE_CRYPTO_OP_STATUS_SUCCESS);
	}
}

/* The device says OK and writes no digest, while the application expects so many of byte. */
static void
silent_device(struct fx *fx, const uint8_t *fill, unsigned int nb)
{
	struct fx_sess s = s_chain_dec;
	unsigned int i, len;
	uint8_t digest[64];

	for (len = 1; len <= 20; len++)
		for (i = 0; i < nb; i++) {
			s.digest_len = (uint16_t)len;
			chain_op(fx, &s, R(0, 64, 0, 64), 64, 0);
			memset(digest, fill[i], sizeof(digest));
			fx->op->sym->auth.digest.data = digest;
			if (len & 1) {
				assert_int_equal(fx_encode(fx, MAX_DESC), 0);
			} else {
				fx_slot_reset(fx);
				assert_int_equal(fx_encode_again(fx, MAX_DESC), 0);
				fx_device_wrote(fx);
				assert_int_equal(fx_encode_again(fx, MAX_DESC), 0);
			}
			if (vcrypto_codec_sym_digest(&fx->sp, fx->op->sym) !=
					RTE_CRYPTO_OP_STATUS_AUTH_FAILED)
				fail_msg("an expected digest of %u times 0x%02x passes unwritten",
						len, fill[i]);
			done(fx);
		}
}

/* Zeros, ones, what the last request has left in this slot: none of it passes. */
static void
test_silent_device_fails_verify(void **state)
{
	static const uint8_t fill[] = {0x00, 0xff, 0x3c, FX_GUARD, 0x77, 0x5a};

	silent_device(*state, fill, UNIT_DIM(fill));
}

/* Nor does the preset itself, which anybody can know who sends a forged digest. */
static void
test_silent_device_known_preset(void **state)
{
	static const uint8_t preset = 0xa5;

	silent_device(*state, &preset, 1);
}

/* A digest cut short: the device writes its whole one, the application sees its part. */
static void
test_truncated_digest(void **state)
{
	struct fx_sess s = s_chain_dec;
	uint8_t digest[20];
	struct fx *fx = *state;
	uint32_t wire;
	unsigned int i;

	s.digest_len = 12;
	chain_op(fx, &s, R(0, 64, 0, 64), 64, 0);
	fx->op->sym->auth.digest.data = digest;
	assert_int_equal(fx_encode(fx, MAX_DESC), 0);
	wire = get32(&fx->create.req, 16 + 28);
	fx_check_chain(fx, &s, fx->iv, 16, &R(0, 64, 0, 64), wire);
	for (i = 0; i < wire; i++)
		fx->sp.scratch[i] = (uint8_t)(i + 1);
	for (i = 0; i < 20; i++)
		digest[i] = i < 12 ? (uint8_t)(i + 1) : 0;
	assert_int_equal(vcrypto_codec_sym_digest(&fx->sp, fx->op->sym),
		RTE_CRYPTO_OP_STATUS_SUCCESS);
	digest[11] ^= 1;
	assert_int_equal(vcrypto_codec_sym_digest(&fx->sp, fx->op->sym),
		RTE_CRYPTO_OP_STATUS_AUTH_FAILED);
	done(fx);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
			T(test_digest_place),
			T(test_digest_null),
			T(test_digest_ciphered),
			T(test_status_map),
			T(test_digest_back),
			T(test_silent_device_fails_verify),
			T(test_silent_device_known_preset),
			T(test_truncated_digest),
	};

	return cmocka_run_group_tests(tests, unit_eal_setup, unit_eal_teardown);
}
