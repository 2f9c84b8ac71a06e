/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Symmetric codec, sessions: xform chain -> create request, byte by byte
 * [virtio 5.9.9.2.1], and what has no request or does not fit is refused.
 */

#include "codec_fixture.h"

/* 72 bytes of the plain cipher create request. */
static void
want_plain(uint8_t w[72], uint32_t algo, uint32_t key_len, uint32_t op)
{
	memset(w, 0, 72);
	put32(w, 0, 0x0002); /* CIPHER_CREATE_SESSION */
	put32(w, 4, algo);
	put32(w, 16, algo);
	put32(w, 20, key_len);
	put32(w, 24, op);
	put32(w, 64, 1); /* SYM_OP_CIPHER */
}

static void
check_bytes(const struct fx *fx, const uint8_t w[72], const uint8_t *keys, size_t keys_len)
{
	const uint8_t *is = (const uint8_t *)&fx->create.req;
	size_t i;

	for (i = 0; i < 72; i++)
		if (is[i] != w[i])
			fail_msg("create request byte %zu is 0x%02x, wanted 0x%02x", i,
					is[i], w[i]);
	assert_int_equal(fx->create.cipher_key_len + fx->create.auth_key_len, keys_len);
	assert_memory_equal(fx->create.keys, keys, keys_len);
}

static void
test_cipher_create(void **state)
{
	static const struct {
		const struct vcrypto_alg_cipher *row;
		uint16_t key_len, iv_len;
	} c[] = {
			{&fx_aes_ecb, 16, 0}, {&fx_aes_ecb, 24, 0}, {&fx_aes_ecb, 32, 0},
			{&fx_aes_cbc, 16, 16}, {&fx_aes_cbc, 24, 16}, {&fx_aes_cbc, 32, 16},
			{&fx_aes_ctr, 16, 16}, {&fx_aes_ctr, 32, 12}, {&fx_des_cbc, 8, 8},
			{&fx_3des_cbc, 24, 8}, {&fx_arc4, 1, 0}, {&fx_arc4, 2, 0},
			{&fx_arc4, 256, 0}, {&fx_aes_xts, 32, 16}, {&fx_aes_xts, 64, 16},
			{&fx_kasumi_f8, 16, 8}, {&fx_snow3g_uea2, 16, 16}, {&fx_zuc_eea3, 16, 16},
	};
	struct fx *fx = *state;
	unsigned int i, dir;
	uint8_t w[72];

	for (i = 0; i < UNIT_DIM(c); i++)
		for (dir = 0; dir < 2; dir++) {
			struct fx_sess s = {.cipher = c[i].row, .key_len = c[i].key_len,
					.iv_len = c[i].iv_len,
					.dir = dir ? RTE_CRYPTO_CIPHER_OP_DECRYPT
						   : RTE_CRYPTO_CIPHER_OP_ENCRYPT};

			if (fx_try_session(fx, &s) != 0)
				fail_msg("%s, key %u, IV %u is refused", c[i].row->name,
						c[i].key_len, c[i].iv_len);
			want_plain(w, c[i].row->id, c[i].key_len, dir ? 2 : 1);
			check_bytes(fx, w, fx_key(), c[i].key_len);
			assert_int_equal(fx->create.cipher_key_len, c[i].key_len);
			assert_int_equal(fx->create.auth_key_len, 0);
			assert_int_equal(fx->tmpl.shape, VCRYPTO_SHAPE_CIPHER);
			/* c.5c: a key of 1 or 2 bytes is not taken for a hash mode. */
			assert_int_equal(fx->tmpl.digest_action, VCRYPTO_DIGEST_NONE);
		}
}

/* Two-key 3DES goes out as K1 K2 K1: the standard knows one key length. */
static void
test_3des_two_keys(void **state)
{
	const struct fx_sess plain = {.cipher = &fx_3des_cbc, .key_len = 16, .iv_len = 8,
			.dir = RTE_CRYPTO_CIPHER_OP_ENCRYPT};
	const struct fx_sess chain = {.cipher = &fx_3des_cbc, .key_len = 16, .iv_len = 8,
			.dir = RTE_CRYPTO_CIPHER_OP_ENCRYPT, .auth = &fx_hmac_sha1,
			.auth_op = RTE_CRYPTO_AUTH_OP_GENERATE, .auth_key_len = 20};
	struct fx *fx = *state;
	uint8_t w[72], keys[24 + 20];

	memcpy(keys, fx_key(), 16);
	memcpy(keys + 16, fx_key(), 8);
	memcpy(keys + 24, fx_auth_key(), 20);

	assert_int_equal(fx_try_session(fx, &plain), 0);
	want_plain(w, 8, 24, 1);
	check_bytes(fx, w, keys, 24);
	assert_int_equal(fx->create.cipher_key_len, 24);

	assert_int_equal(fx_try_session(fx, &chain), 0);
	assert_int_equal(get32(&fx->create.req, 16 + 12), 24);
	assert_int_equal(fx->create.cipher_key_len, 24);
	assert_int_equal(fx->create.auth_key_len, 20);
	assert_memory_equal(fx->create.keys, keys, sizeof(keys));
}

/* Both orders, PLAIN and AUTH, both directions, both digest actions. */
static void
test_chain_create(void **state)
{
	static const struct {
		const struct vcrypto_alg_auth *row;
		uint16_t key_len;
	} a[] = {{&fx_sha1, 0}, {&fx_sha256, 0}, {&fx_hmac_sha1, 20}, {&fx_hmac_sha1, 1},
			{&fx_hmac_sha512, 128}, {&fx_kasumi_f9, 16}};
	struct fx *fx = *state;
	uint8_t w[72], keys[256];
	unsigned int i, v;

	for (i = 0; i < UNIT_DIM(a); i++)
		for (v = 0; v < 8; v++) {
			const bool auth_first = v & 1, dec = v & 2, verify = v & 4;
			struct fx_sess s = {.cipher = &fx_aes_cbc, .key_len = 24, .iv_len = 16,
					.dir = dec ? RTE_CRYPTO_CIPHER_OP_DECRYPT
						   : RTE_CRYPTO_CIPHER_OP_ENCRYPT,
					.auth = a[i].row, .auth_key_len = a[i].key_len,
					.auth_first = auth_first,
					.auth_op = verify ? RTE_CRYPTO_AUTH_OP_VERIFY
							  : RTE_CRYPTO_AUTH_OP_GENERATE};

			if (fx_try_session(fx, &s) != 0)
				fail_msg("chain with %s is refused", a[i].row->name);
			memset(w, 0, sizeof(w));
			put32(w, 0, 0x0002);
			put32(w, 4, 3);
			put32(w, 16 + 0, auth_first ? 1 : 2); /* alg_chain_order */
			put32(w, 16 + 4, a[i].key_len ? 2 : 1); /* AUTH or PLAIN */
			put32(w, 16 + 8, 3);
			put32(w, 16 + 12, 24);
			put32(w, 16 + 16, dec ? 2 : 1);
			put32(w, 16 + 24, a[i].row->id);
			put32(w, 16 + 28, a[i].row->digest);
			put32(w, 16 + 32, a[i].key_len);
			put32(w, 64, 2); /* SYM_OP_ALGORITHM_CHAINING */
			memcpy(keys, fx_key(), 24);
			memcpy(keys + 24, fx_auth_key(), a[i].key_len);
			check_bytes(fx, w, keys, 24u + a[i].key_len);
			assert_int_equal(fx->create.cipher_key_len, 24);
			assert_int_equal(fx->create.auth_key_len, a[i].key_len);
			assert_int_equal(fx->tmpl.shape, VCRYPTO_SHAPE_CHAIN);
			assert_int_equal(fx->tmpl.digest_action, verify ? VCRYPTO_DIGEST_COMPARE
									: VCRYPTO_DIGEST_COPY);
			assert_int_equal(fx->tmpl.digest_len, a[i].row->digest);
		}
}

/* A key that a hash does not have must not go out, nor turn the hash into a MAC. */
static void
test_hash_with_key(void **state)
{
	struct fx *fx = *state;
	struct fx_sess s = {.cipher = &fx_aes_cbc, .key_len = 16, .iv_len = 16,
			.dir = RTE_CRYPTO_CIPHER_OP_ENCRYPT, .auth = &fx_sha1,
			.auth_op = RTE_CRYPTO_AUTH_OP_GENERATE, .auth_key_len = 20};
	int ret = fx_try_session(fx, &s);

	if (ret == 0) {
		assert_int_equal(get32(&fx->create.req, 16 + 4), 1);
		assert_int_equal(fx->create.auth_key_len, 0);
		assert_int_equal(get32(&fx->create.req, 16 + 32), 0);
	} else {
		assert_int_equal(ret, -EINVAL);
	}
}

/* An HMAC without a key is refused; above all it is not sent as a plain hash. */
static void
test_empty_mac_key(void **state)
{
	struct vcrypto_alg_auth lax = fx_hmac_sha1;
	struct fx *fx = *state;
	struct fx_sess s = {.cipher = &fx_aes_cbc, .key_len = 16, .iv_len = 16,
			.dir = RTE_CRYPTO_CIPHER_OP_ENCRYPT, .auth = &fx_hmac_sha1,
			.auth_op = RTE_CRYPTO_AUTH_OP_GENERATE, .auth_key_len = 0};

	assert_int_equal(fx_try_session(fx, &s), -EINVAL);
	/* Even if a table row would allow it. */
	lax.key.min = 0;
	s.auth = &lax;
	if (fx_try_session(fx, &s) == 0)
		assert_int_equal(get32(&fx->create.req, 16 + 4), 2);
}

/* Truncated digest: one length for session and request, at least what was asked for. */
static void
test_truncated_digest(void **state)
{
	struct fx *fx = *state;
	struct fx_sess s = {.cipher = &fx_aes_cbc, .key_len = 16, .iv_len = 16,
			.dir = RTE_CRYPTO_CIPHER_OP_ENCRYPT, .auth = &fx_hmac_sha1,
			.auth_op = RTE_CRYPTO_AUTH_OP_GENERATE, .auth_key_len = 20,
			.digest_len = 12};
	uint32_t wire;

	for (s.digest_len = 1; s.digest_len <= 20; s.digest_len++) {
		assert_int_equal(fx_try_session(fx, &s), 0);
		wire = get32(&fx->create.req, 16 + 28);
		assert_true(wire == s.digest_len || wire == 20);
		assert_int_equal(fx->tmpl.digest_wire_len, wire);
		assert_int_equal(fx->tmpl.digest_len, s.digest_len);
	}
}

static void
refuse(struct fx *fx, const struct fx_sess *s, int want, const char *what)
{
	int ret = fx_try_session(fx, s);

	if (ret != want)
		fail_msg("%s: %d, wanted %d", what, ret, want);
}

static void
test_wrong_lengths(void **state)
{
	static const uint16_t aes_bad[] = {0, 1, 8, 15, 17, 20, 23, 25, 31, 33, 40, 64, 1024,
			65535};
	static const uint16_t iv_bad[] = {0, 1, 8, 12, 15, 17, 32, 255, 256, 272, 65535};
	static const uint16_t ctr_iv_bad[] = {0, 8, 11, 13, 14, 15, 17, 32};
	struct fx *fx = *state;
	struct fx_sess s, good = {.cipher = &fx_aes_cbc, .key_len = 16, .iv_len = 16,
			.dir = RTE_CRYPTO_CIPHER_OP_ENCRYPT};
	unsigned int i, chain;

	for (chain = 0; chain < 2; chain++) {
		if (chain) {
			good.auth = &fx_hmac_sha1;
			good.auth_key_len = 20;
			good.auth_op = RTE_CRYPTO_AUTH_OP_GENERATE;
		}
		refuse(fx, &good, 0, "the good session");
		for (i = 0; i < UNIT_DIM(aes_bad); i++) {
			s = good;
			s.key_len = aes_bad[i];
			refuse(fx, &s, -EINVAL, "AES key length");
		}
		for (i = 0; i < UNIT_DIM(iv_bad); i++) {
			s = good;
			s.iv_len = iv_bad[i];
			refuse(fx, &s, -EINVAL, "CBC IV length");
		}
		for (i = 0; i < UNIT_DIM(ctr_iv_bad); i++) {
			s = good;
			s.cipher = &fx_aes_ctr;
			s.iv_len = ctr_iv_bad[i];
			refuse(fx, &s, -EINVAL, "CTR IV length");
		}
		s = good;
		s.cipher = &fx_aes_xts;
		refuse(fx, &s, -EINVAL, "XTS key of 16 bytes");
		s.key_len = 48;
		refuse(fx, &s, -EINVAL, "XTS key of 48 bytes");
		s = good;
		s.cipher = &fx_des_cbc;
		s.key_len = 8;
		refuse(fx, &s, -EINVAL, "DES IV of 16 bytes");
		s.iv_len = 8;
		s.key_len = 7;
		refuse(fx, &s, -EINVAL, "DES key of 7 bytes");
		s.cipher = &fx_3des_cbc;
		s.key_len = 8;
		refuse(fx, &s, -EINVAL, "3DES key of 8 bytes");
	}
	s = good;
	s.digest_len = 21;
	refuse(fx, &s, -EINVAL, "SHA1-HMAC digest of 21 bytes");
	s.digest_len = 255;
	refuse(fx, &s, -EINVAL, "digest of 255 bytes");
	s.digest_len = 256 + 20;
	refuse(fx, &s, -EINVAL, "digest of 276 bytes, 20 modulo 256");
	s = good;
	s.auth_key_len = 1025;
	refuse(fx, &s, -EINVAL, "MAC key beyond the algorithm's range");
	/* Each alone is in range; together they do not fit a command. */
	s.auth_key_len = 1024;
	refuse(fx, &s, -EINVAL, "16 + 1024 bytes of keys");
	s.auth_key_len = 1009;
	refuse(fx, &s, -EINVAL, "16 + 1009 bytes of keys");
	s = good;
	s.auth = &fx_kasumi_f9;
	s.auth_key_len = 15;
	refuse(fx, &s, -EINVAL, "KASUMI-F9 key of 15 bytes");
}

/* A command holds 1024 bytes of keys, to the byte; what counts is what goes out. */
static void
test_keys_fill_command(void **state)
{
	struct fx *fx = *state;
	struct fx_sess s = {.cipher = &fx_aes_cbc, .key_len = 16, .iv_len = 16,
			.dir = RTE_CRYPTO_CIPHER_OP_ENCRYPT, .auth = &fx_hmac_sha1,
			.auth_op = RTE_CRYPTO_AUTH_OP_GENERATE, .auth_key_len = 1008};

	refuse(fx, &s, 0, "16 + 1008 bytes of keys");
	assert_memory_equal(fx->create.keys + 16, fx_auth_key(), 1008);
	s.cipher = &fx_3des_cbc;
	s.iv_len = 8;
	s.auth_key_len = 1000;
	refuse(fx, &s, 0, "16, expanded to 24, + 1000 bytes of keys");
	assert_memory_equal(fx->create.keys + 24, fx_auth_key(), 1000);
	s.auth_key_len = 1001;
	refuse(fx, &s, -EINVAL, "16, expanded to 24, + 1001 bytes of keys");
}

static void
test_zero_digest(void **state)
{
	const struct fx_sess s = {.cipher = &fx_aes_cbc, .key_len = 16, .iv_len = 16,
			.dir = RTE_CRYPTO_CIPHER_OP_ENCRYPT, .auth = &fx_hmac_sha1,
			.auth_op = RTE_CRYPTO_AUTH_OP_GENERATE, .auth_key_len = 20};
	struct fx *fx = *state;
	struct rte_crypto_sym_xform a[2];

	fx_xforms(&s, FX_IV_OFFSET, a);
	a[1].auth.digest_length = 0;
	assert_int_equal(fx_sym_session(a, &fx_aes_cbc, &fx_hmac_sha1, &fx->create,
			&fx->tmpl), -EINVAL);
}

/* Chains that the standard has no request for. */
static void
test_unsupported_chains(void **state)
{
	const struct fx_sess chain = {.cipher = &fx_aes_cbc, .key_len = 16, .iv_len = 16,
			.dir = RTE_CRYPTO_CIPHER_OP_ENCRYPT, .auth = &fx_hmac_sha1,
			.auth_op = RTE_CRYPTO_AUTH_OP_GENERATE, .auth_key_len = 20};
	struct rte_crypto_sym_xform a[3], b[3], aead;
	struct fx *fx = *state;
	unsigned int order;

	for (order = 0; order < 2; order++) {
		struct fx_sess s = chain;

		s.auth_first = order;
		memset(b, 0, sizeof(b));
		fx_xforms(&s, FX_IV_OFFSET, a);

		/* Three: cipher and auth in either order, and then each kind again. */
		memcpy(b, a, 2 * sizeof(b[0]));
		b[0].next = &b[1];
		b[1].next = &b[2];
		b[2] = a[0];
		b[2].next = NULL;
		assert_int_equal(fx_sym_session(b, &fx_aes_cbc, &fx_hmac_sha1,
				&fx->create, &fx->tmpl), -ENOTSUP);
		b[2] = a[1];
		b[2].next = NULL;
		assert_int_equal(fx_sym_session(b, &fx_aes_cbc, &fx_hmac_sha1,
				&fx->create, &fx->tmpl), -ENOTSUP);
	}

	fx_xforms(&chain, FX_IV_OFFSET, a);
	/* Two ciphers. */
	b[0] = a[0];
	b[1] = a[0];
	b[0].next = &b[1];
	b[1].next = NULL;
	assert_int_equal(fx_sym_session(b, &fx_aes_cbc, NULL, &fx->create, &fx->tmpl),
			-ENOTSUP);
	/* Two MACs. */
	b[0] = a[1];
	b[1] = a[1];
	b[0].next = &b[1];
	b[1].next = NULL;
	assert_int_equal(fx_sym_session(b, NULL, &fx_hmac_sha1, &fx->create, &fx->tmpl),
			-ENOTSUP);
	/* Nothing. */
	assert_int_equal(fx_sym_session(NULL, NULL, NULL, &fx->create, &fx->tmpl), -ENOTSUP);
	/* AEAD without a row, and in a chain. */
	memset(&aead, 0, sizeof(aead));
	aead.type = RTE_CRYPTO_SYM_XFORM_AEAD;
	aead.aead.algo = RTE_CRYPTO_AEAD_AES_GCM;
	aead.aead.key.data = fx_key();
	aead.aead.key.length = 16;
	aead.aead.digest_length = 16;
	aead.aead.iv.length = 12;
	assert_int_equal(fx_sym_session(&aead, NULL, NULL, &fx->create, &fx->tmpl),
			-ENOTSUP);
	b[0] = a[0];
	b[0].next = &aead;
	assert_int_equal(fx_sym_session(b, &fx_aes_cbc, NULL, &fx->create, &fx->tmpl),
			-ENOTSUP);
	/* A type that nobody knows. */
	b[0] = a[0];
	b[0].type = (enum rte_crypto_sym_xform_type)77;
	b[0].next = NULL;
	assert_int_equal(fx_sym_session(b, &fx_aes_cbc, NULL, &fx->create, &fx->tmpl),
			-ENOTSUP);
	/* Algorithms without a row. */
	b[0] = a[0];
	b[0].next = NULL;
	assert_int_equal(fx_sym_session(b, NULL, NULL, &fx->create, &fx->tmpl),
			-ENOTSUP);
	assert_int_equal(fx_sym_session(a, &fx_aes_cbc, NULL, &fx->create, &fx->tmpl),
			-ENOTSUP);
	assert_int_equal(fx_sym_session(a, NULL, &fx_hmac_sha1, &fx->create, &fx->tmpl),
			-ENOTSUP);
}

/* A MAC without an IV: what the xform says of one is not looked at. */
static void
test_mac_with_iv(void **state)
{
	const struct fx_sess s = {.cipher = &fx_aes_cbc, .key_len = 16, .iv_len = 16,
			.dir = RTE_CRYPTO_CIPHER_OP_ENCRYPT, .auth = &fx_hmac_sha1,
			.auth_op = RTE_CRYPTO_AUTH_OP_GENERATE, .auth_key_len = 20};
	struct rte_crypto_sym_xform a[2];
	struct fx *fx = *state;
	uint8_t plain[sizeof(fx->create)];

	fx_xforms(&s, FX_IV_OFFSET, a);
	assert_int_equal(fx_sym_session(a, &fx_aes_cbc, &fx_hmac_sha1, &fx->create, &fx->tmpl), 0);
	memcpy(plain, &fx->create, sizeof(plain));
	a[1].auth.iv.offset = 0xdead;
	a[1].auth.iv.length = 0xbeef;
	assert_int_equal(fx_sym_session(a, &fx_aes_cbc, &fx_hmac_sha1, &fx->create, &fx->tmpl), 0);
	assert_memory_equal(&fx->create, plain, sizeof(plain));
}

/* Null pointers where bytes are announced are refused, not read. */
static void
test_null_keys(void **state)
{
	const struct fx_sess s = {.cipher = &fx_aes_cbc, .key_len = 16, .iv_len = 16,
			.dir = RTE_CRYPTO_CIPHER_OP_ENCRYPT, .auth = &fx_hmac_sha1,
			.auth_op = RTE_CRYPTO_AUTH_OP_GENERATE, .auth_key_len = 20};
	struct rte_crypto_sym_xform a[2];
	struct fx *fx = *state;

	fx_xforms(&s, FX_IV_OFFSET, a);
	a[0].cipher.key.data = NULL;
	assert_int_equal(fx_sym_session(a, &fx_aes_cbc, &fx_hmac_sha1, &fx->create,
			&fx->tmpl), -EINVAL);
	fx_xforms(&s, FX_IV_OFFSET, a);
	a[1].auth.key.data = NULL;
	assert_int_equal(fx_sym_session(a, &fx_aes_cbc, &fx_hmac_sha1, &fx->create,
			&fx->tmpl), -EINVAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
			T(test_cipher_create),
			T(test_3des_two_keys),
			T(test_chain_create),
			T(test_hash_with_key),
			T(test_empty_mac_key),
			T(test_truncated_digest),
			T(test_wrong_lengths),
			T(test_keys_fill_command),
			T(test_zero_digest),
			T(test_unsupported_chains),
			T(test_mac_with_iv),
			T(test_null_keys),
	};

	return cmocka_run_group_tests(tests, unit_eal_setup, unit_eal_teardown);
}
