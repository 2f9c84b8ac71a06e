/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Stateless requests of all services, byte by byte from the offsets of [virtio 5.9.9.3 to 5.9.9.7]:
 * what the device reads, as one string, and where it writes.
 */

#include "codec_fixture.h"

#include "virtio_codec_stateless.h"

#define FX_KEYS_IOVA UINT64_C(0x0000440000000800)
#define STRING_MAX 8192

static const struct vcrypto_alg_aead fx_gcm = {
	.name = "AES-GCM", .id = 1, .algo = RTE_CRYPTO_AEAD_AES_GCM, .key = { 16, 32, 8 },
	.iv = { 0, 12, 12 }, .tag = { 4, 16, 1 } };
static const struct vcrypto_alg_aead fx_ccm = {
	.name = "AES-CCM", .id = 2, .algo = RTE_CRYPTO_AEAD_AES_CCM, .key = { 16, 32, 8 },
	.iv = { 7, 13, 1 }, .tag = { 4, 16, 2 } };
static const struct vcrypto_alg_auth fx_gmac = {
	.name = "AES-GMAC", .id = 41, .algo = RTE_CRYPTO_AUTH_AES_GMAC, .key = { 16, 32, 8 },
	.iv = { 0, 12, 12 }, .digest = 16, .gmac = true };

/* What the device reads. */
struct string {
	uint8_t b[STRING_MAX];
	size_t len;
};

struct rig {
	struct fx fx;
	struct vcrypto_stateless *sl;
	struct string want;
};

static uint8_t tag[16], aad[18 + 256], iv_room[16];

static int
rig_setup(void **state)
{
	struct rig *const r = calloc(1, sizeof(*r));
	unsigned int i;

	if (r == NULL)
		return -1;
	fx_create(&r->fx);
	for (i = 0; i < sizeof(aad); i++)
		aad[i] = (uint8_t)(i * 5 + 3);
	for (i = 0; i < sizeof(iv_room); i++)
		iv_room[i] = (uint8_t)(0xe0 + i);
	*state = r;
	return 0;
}

static int
rig_teardown(void **state)
{
	struct rig *const r = *state;

	free(r->sl);
	fx_destroy(&r->fx);
	free(r);
	return 0;
}

#define TR(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)

/* Turn the session that the fixture has into a stateless one. */
static void
turn(struct rig *r)
{
	struct fx *const fx = &r->fx;

	free(r->sl);
	r->sl = malloc(vcrypto_codec_stateless_size(&fx->create));
	assert_non_null(r->sl);
	vcrypto_codec_stateless_init(r->sl, FX_KEYS_IOVA, &fx->create, &fx->tmpl);
	assert_int_equal(fx->tmpl.shape, VCRYPTO_SHAPE_STATELESS);
	fx->tmpl.max_size = UINT64_MAX;
}

static void
begin(struct rig *r, const struct rte_crypto_sym_xform *x, const struct vcrypto_sym_algs *algs,
		uint16_t iv_len)
{
	struct fx *const fx = &r->fx;

	memset(&fx->create, 0x99, sizeof(fx->create));
	memset(&fx->tmpl, 0x99, sizeof(fx->tmpl));
	assert_int_equal(vcrypto_codec_sym_session(x, algs, true, &fx->create, &fx->tmpl), 0);
	turn(r);
	fx_new_op(fx, FX_IV_OFFSET, iv_len);
}

/* The fixture's kind of session, stateless, and a fresh op for it. */
static void
begin_sym(struct rig *r, const struct fx_sess *s)
{
	const struct vcrypto_sym_algs algs = { .cipher = s->cipher, .auth = s->auth };
	struct rte_crypto_sym_xform a[2];

	begin(r, fx_xforms(s, FX_IV_OFFSET, a), &algs, s->iv_len);
}

/* ---- what the device sees ---- */

/* The memory at one of the addresses that the fixture gives. */
static const uint8_t *
at(const struct rig *r, uint64_t iova, uint32_t len)
{
	const uint64_t keys = (uint64_t)sizeof(*r->sl) + r->sl->keys_len;

	if (iova >= FX_KEYS_IOVA && iova - FX_KEYS_IOVA + len <= keys)
		return (const uint8_t *)r->sl + (iova - FX_KEYS_IOVA);
	if (iova >= FX_EXT_IOVA && iova - FX_EXT_IOVA + len <= sizeof(r->fx.sh->ext))
		return (const uint8_t *)&r->fx.sh->ext + (iova - FX_EXT_IOVA);
	if (iova >= FX_SLOT_IOVA && iova - FX_SLOT_IOVA + len <= 256)
		return (const uint8_t *)&r->fx.sh->slot + (iova - FX_SLOT_IOVA);
	return (const uint8_t *)(uintptr_t)(iova - FX_IOVA_SHIFT);
}

/* Walk the table: readable bytes to a string, writable pieces compared with fx->want. */
static void
check(struct rig *r)
{
	struct fx *const fx = &r->fx;
	const uint8_t *t = (const uint8_t *)&fx->sh->ext;
	struct string is = { .len = 0 };
	bool writing = false;
	unsigned int i, w = 0;

	fx_check_bounds(fx);
	assert_int_equal(fx->sp.in_ext, 1);
	assert_int_equal(fx->sp.serial, 0); /* nothing to patch */
	for (i = 0; i < fx->sp.nb_desc; i++, t += 16) {
		const uint64_t addr = get64(t, 0);
		const uint32_t len = get32(t, 8);
		const bool last = i + 1 == fx->sp.nb_desc, write = get16(t, 12) & 2;

		assert_int_equal(get16(t, 12), (write ? 2 : 0) | (last ? 0 : 1));
		assert_int_equal(get16(t, 14), last ? 0 : i + 1);
		assert_int_not_equal(len, 0);
		if (!write) {
			assert_false(writing);
			assert_true(is.len + len <= sizeof(is.b));
			memcpy(is.b + is.len, at(r, addr, len), len);
			is.len += len;
			continue;
		}
		writing = true;
		if (w == fx->nb_want || addr != fx->want[w].addr || len != fx->want[w].len)
			fail_msg("writable piece %u: 0x%llx, %u bytes", w,
					(unsigned long long)addr, len);
		w++;
	}
	assert_int_equal(w, fx->nb_want);
	assert_int_equal(((const uint8_t *)&fx->sh->slot)[192], 0xa5); /* status preset */
	if (is.len != r->want.len)
		fail_msg("%zu readable bytes, wanted %zu", is.len, r->want.len);
	for (i = 0; i < is.len; i++)
		if (is.b[i] != r->want.b[i])
			fail_msg("byte %u is 0x%02x, wanted 0x%02x", i, is.b[i], r->want.b[i]);
}

static void
contains_no(const void *mem, size_t len, const uint8_t *what)
{
	const uint8_t *const p = mem;
	size_t i;

	for (i = 0; i + 8 <= len; i++)
		if (memcmp(p + i, what, 8) == 0)
			fail_msg("eight bytes of a key at %zu", i);
}

/* ---- what it must see ---- */

static void
want_begin(struct rig *r, uint32_t opcode, uint32_t algo, size_t fixed)
{
	memset(&r->want, 0, sizeof(r->want));
	r->want.len = fixed;
	put32(r->want.b, 0, opcode);
	put32(r->want.b, 4, algo); /* +8: no session, +16: flag 0 */
	fx_want_reset(&r->fx);
}

static void
want_bytes(struct rig *r, const uint8_t *p, size_t len)
{
	memcpy(r->want.b + r->want.len, p, len);
	r->want.len += len;
}

/* Data of the packet, as source and as destination. */
static void
want_data(struct rig *r, uint32_t off, uint32_t len, bool result)
{
	struct rte_crypto_sym_op *const so = r->fx.op->sym;
	uint32_t i;

	for (i = 0; i < len; i++)
		want_bytes(r, fx_byte(so->m_src, off + i), 1);
	if (result)
		fx_want_range(&r->fx, so->m_dst != NULL ? so->m_dst : so->m_src, off, len, true);
}

static void
want_scratch(struct rig *r, uint32_t wire)
{
	fx_want(&r->fx, wire > 63 ? FX_EXT_IOVA + 960 : FX_SLOT_IOVA + 193, wire, true);
}

static void
want_status(struct rig *r)
{
	fx_want(&r->fx, FX_SLOT_IOVA + 192, 1, true);
}

static void
fill(struct rte_mbuf *m)
{
	uint32_t i;

	for (i = 0; i < m->pkt_len; i++)
		*fx_byte(m, i) = (uint8_t)(i * 3 + 7);
}

/* [virtio 5.9.9.6] 24 header, op_type_flf[72] at 24, op_type at 96; 100 bytes. */
static void
want_cipher(struct rig *r, const struct fx_sess *s, const uint8_t *key, uint32_t key_len,
		const uint8_t *iv, uint32_t iv_len, uint32_t off, uint32_t len)
{
	const bool dec = s->dir == DEC;

	want_begin(r, dec ? 0x0001 : 0x0000, s->cipher->id, 100);
	put32(r->want.b, 24, s->cipher->id);
	put32(r->want.b, 28, key_len);
	put32(r->want.b, 32, dec ? 2 : 1);
	put32(r->want.b, 36, iv_len);
	put32(r->want.b, 40, len);
	put32(r->want.b, 44, len);
	put32(r->want.b, 96, 1); /* SYM_OP_CIPHER */
	want_bytes(r, key, key_len);
	want_bytes(r, iv, iv_len);
	want_data(r, off, len, true);
	want_status(r);
}

static void
want_chain(struct rig *r, const struct fx_sess *s, const uint8_t *iv, uint32_t iv_len,
		const struct fx_ranges *g, uint32_t wire)
{
	const uint32_t start = fx_chain_start(g), len = fx_chain_len(g);
	const bool dec = s->dir == DEC, mac = s->auth->key.max != 0;

	want_begin(r, dec ? 0x0001 : 0x0000, s->cipher->id, 100);
	put32(r->want.b, 24, s->auth_first ? 1 : 2); /* alg_chain_order */
	put32(r->want.b, 28, 0); /* aad_len */
	put32(r->want.b, 32, s->cipher->id);
	put32(r->want.b, 36, s->key_len);
	put32(r->want.b, 40, dec ? 2 : 1);
	put32(r->want.b, 44, s->auth->id);
	put32(r->want.b, 48, mac ? s->auth_key_len : 0);
	put32(r->want.b, 52, mac ? 2 : 1); /* hash_mode AUTH, PLAIN */
	put32(r->want.b, 56, iv_len);
	put32(r->want.b, 60, len);
	put32(r->want.b, 64, len);
	put32(r->want.b, 68, g->cipher_off - start);
	put32(r->want.b, 72, g->cipher_len);
	put32(r->want.b, 76, g->auth_off - start);
	put32(r->want.b, 80, g->auth_len);
	put32(r->want.b, 84, 0); /* aad_len once more */
	put32(r->want.b, 88, wire);
	put32(r->want.b, 96, 2); /* SYM_OP_ALGORITHM_CHAINING */
	want_bytes(r, fx_key(), s->key_len);
	if (mac)
		want_bytes(r, fx_auth_key(), s->auth_key_len);
	want_bytes(r, iv, iv_len);
	want_data(r, start, len, true);
	want_scratch(r, wire);
	want_status(r);
}

/* ---- CIPHER ---- */

static void
test_cipher(void **state)
{
	static const uint16_t segs[] = { 30, 1, 50, 47 };
	static const struct fx_sess *const all[] = { &s_cbc, &s_cbc_dec, &s_ecb, &s_ctr };
	struct rig *const r = *state;
	struct fx *const fx = &r->fx;
	unsigned int i, layout;

	for (i = 0; i < UNIT_DIM(all); i++) {
		/* In place; out of place; segments; segments out of place. */
		for (layout = 0; layout < 4; layout++) {
			const struct fx_sess *const s = all[i];
			const struct fx_ranges g = { .cipher_off = 16, .cipher_len = 96 };

			begin_sym(r, s);
			fx->op->sym->m_src = layout & 2 ? fx_mbuf(fx, segs, 4) : fx_mbuf1(fx, 128);
			fx->op->sym->m_dst = layout & 1 ? fx_mbuf1(fx, 128) : NULL;
			fill(fx->op->sym->m_src);
			fx_set_ranges(fx, s, &g, NULL);
			assert_int_equal(fx_encode(fx, MAX_DESC), VCRYPTO_ENCODE_NEW);
			want_cipher(r, s, fx_key(), s->key_len, fx->iv, s->iv_len, 16, 96);
			check(r);
			assert_int_equal(fx->sp.digest_action, VCRYPTO_DIGEST_NONE);
			contains_no(fx->sh, sizeof(*fx->sh), fx_key());
			/* The next op in the slot has nothing to patch. */
			assert_int_equal(fx_encode_again(fx, MAX_DESC), VCRYPTO_ENCODE_NEW);
			check(r);
			done(fx);
		}
	}
}

/* What is made of keys and nonces on the way is made here, too. */
static void
test_cipher_expanded(void **state)
{
	const struct fx_sess s_3des = { .cipher = &fx_3des_cbc, .key_len = 16, .iv_len = 8,
		.dir = ENC };
	const struct fx_ranges g = { .cipher_off = 0, .cipher_len = 64 };
	uint8_t key[24], iv[16] = { [15] = 1 };
	struct rig *const r = *state;
	struct fx *const fx = &r->fx;

	begin_sym(r, &s_3des);
	fx->op->sym->m_src = fx_mbuf1(fx, 64);
	fx_set_ranges(fx, &s_3des, &g, NULL);
	assert_int_equal(fx_encode(fx, MAX_DESC), VCRYPTO_ENCODE_NEW);
	memcpy(key, fx_key(), 16);
	memcpy(key + 16, fx_key(), 8);
	want_cipher(r, &s_3des, key, 24, fx->iv, 8, 0, 64);
	check(r);
	done(fx);

	begin_sym(r, &s_ctr12);
	fx->op->sym->m_src = fx_mbuf1(fx, 64);
	fx_set_ranges(fx, &s_ctr12, &g, NULL);
	assert_int_equal(fx_encode(fx, MAX_DESC), VCRYPTO_ENCODE_NEW);
	memcpy(iv, fx->iv, 12);
	want_cipher(r, &s_ctr12, fx_key(), 16, iv, 16, 0, 64);
	check(r);
	done(fx);
}

/* ---- chains ---- */

static void
test_chain(void **state)
{
	static const struct fx_sess s_plain_hash = { .cipher = &fx_aes_cbc, .key_len = 24,
		.iv_len = 16, .dir = ENC, .auth = &fx_sha256, .auth_op = GEN };
	static const struct fx_sess *const all[] = { &s_chain, &s_chain_dec, &s_chain512,
		&s_plain_hash };
	static const uint16_t segs[] = { 40, 100, 60 };
	const struct fx_ranges g = R(32, 128, 8, 160);
	struct rig *const r = *state;
	struct fx *const fx = &r->fx;
	unsigned int i, layout;

	for (i = 0; i < UNIT_DIM(all); i++) {
		for (layout = 0; layout < 4; layout++) {
			const struct fx_sess *const s = all[i];

			begin_sym(r, s);
			fx->op->sym->m_src = layout & 2 ? fx_mbuf(fx, segs, 3) : fx_mbuf1(fx, 200);
			fx->op->sym->m_dst = layout & 1 ? fx_mbuf1(fx, 200) : NULL;
			fill(fx->op->sym->m_src);
			fx_set_ranges(fx, s, &g, outside);
			assert_int_equal(fx_encode(fx, MAX_DESC), VCRYPTO_ENCODE_NEW);
			want_chain(r, s, fx->iv, s->iv_len, &g, s->auth->digest);
			check(r);
			assert_int_equal(fx->sp.digest_action, s->auth_op == VERIFY ?
				VCRYPTO_DIGEST_COMPARE : VCRYPTO_DIGEST_COPY);
			assert_int_equal(fx->sp.digest_len, s->auth->digest);
			contains_no(fx->sh, sizeof(*fx->sh), fx_key());
			contains_no(fx->sh, sizeof(*fx->sh), fx_auth_key());
			done(fx);
		}
	}
}

/* A short digest of the application is a whole one of the device, where that was so decided. */
static void
test_chain_widened(void **state)
{
	const struct vcrypto_sym_algs algs = { .cipher = &fx_aes_cbc, .auth = &fx_hmac_sha1 };
	const struct fx_ranges g = R(0, 64, 0, 64);
	struct fx_sess s = s_chain;
	struct rig *const r = *state;
	struct fx *const fx = &r->fx;
	struct rte_crypto_sym_xform a[2];

	s.digest_len = 12;
	assert_int_equal(vcrypto_codec_sym_session(fx_xforms(&s, FX_IV_OFFSET, a), &algs, true,
		&fx->create, &fx->tmpl), 0);
	vcrypto_codec_sym_widen(&fx->create, &fx->tmpl, 20);
	turn(r);
	fx_new_op(fx, FX_IV_OFFSET, 16);
	fx->op->sym->m_src = fx_mbuf1(fx, 64);
	fx_set_ranges(fx, &s, &g, outside);
	assert_int_equal(fx_encode(fx, MAX_DESC), VCRYPTO_ENCODE_NEW);
	want_chain(r, &s, fx->iv, 16, &g, 20);
	check(r);
	assert_int_equal(fx->sp.digest_len, 12);
	done(fx);
}

/* ---- HASH and MAC: 24 header, 16 of parameters ---- */

static void
test_auth(void **state)
{
	static const struct vcrypto_alg_auth *const rows[] = { &fx_sha1, &fx_hmac_sha1,
		&fx_hmac_sha512 };
	static const uint16_t segs[] = { 10, 90 };
	struct rig *const r = *state;
	struct fx *const fx = &r->fx;
	unsigned int i, layout;

	for (i = 0; i < UNIT_DIM(rows); i++) {
		/* In one segment, in two, empty. */
		for (layout = 0; layout < 3; layout++) {
			const struct vcrypto_sym_algs algs = { .auth = rows[i] };
			const bool mac = rows[i]->key.max != 0;
			const uint16_t key_len = mac ? 20 + i : 0;
			const uint32_t len = layout == 2 ? 0 : 77;
			const struct rte_crypto_sym_xform x = {
				.type = RTE_CRYPTO_SYM_XFORM_AUTH,
				.auth = { .op = VERIFY, .algo = rows[i]->algo,
					.key = { mac ? fx_auth_key() : NULL, key_len },
					.digest_length = rows[i]->digest } };

			begin(r, &x, &algs, 0);
			fx->op->sym->m_src = layout == 1 ? fx_mbuf(fx, segs, 2) : fx_mbuf1(fx, 100);
			fill(fx->op->sym->m_src);
			fx->op->sym->auth.data.offset = 5;
			fx->op->sym->auth.data.length = len;
			fx->op->sym->auth.digest.data = outside;
			assert_int_equal(fx_encode(fx, MAX_DESC), VCRYPTO_ENCODE_NEW);

			want_begin(r, mac ? 0x0200 : 0x0100, rows[i]->id, 40);
			put32(r->want.b, 24, rows[i]->id);
			if (mac) {
				put32(r->want.b, 28, key_len);
				put32(r->want.b, 32, len);
				put32(r->want.b, 36, rows[i]->digest);
				want_bytes(r, fx_auth_key(), key_len);
			} else {
				put32(r->want.b, 28, len);
				put32(r->want.b, 32, rows[i]->digest);
			}
			want_data(r, 5, len, false);
			want_scratch(r, rows[i]->digest);
			want_status(r);
			check(r);
			assert_int_equal(fx->sp.digest_action, VCRYPTO_DIGEST_COMPARE);
			assert_true(vcrypto_codec_reads_only(&fx->tmpl));
			done(fx);
		}
	}
}

/* ---- AEAD: 24 header, 32 of parameters ---- */

static void
test_aead(void **state)
{
	static const struct {
		const struct vcrypto_alg_aead *alg;
		enum rte_crypto_aead_operation dir;
		uint16_t iv_len, wire_iv, skip, tag_len, aad_len, aad_skip;
	} cases[] = {
		{ &fx_gcm, RTE_CRYPTO_AEAD_OP_ENCRYPT, 12, 12, 0, 16, 0, 0 },
		{ &fx_gcm, RTE_CRYPTO_AEAD_OP_ENCRYPT, 12, 12, 0, 16, 12, 0 },
		{ &fx_gcm, RTE_CRYPTO_AEAD_OP_DECRYPT, 12, 12, 0, 8, 32, 0 },
		{ &fx_gcm, RTE_CRYPTO_AEAD_OP_DECRYPT, 0, 16, 0, 16, 200, 0 },
		{ &fx_ccm, RTE_CRYPTO_AEAD_OP_ENCRYPT, 13, 13, 1, 10, 20, 18 },
		{ &fx_ccm, RTE_CRYPTO_AEAD_OP_DECRYPT, 7, 7, 1, 16, 100, 18 },
	};
	static const uint16_t segs[] = { 20, 30, 50 };
	struct rig *const r = *state;
	struct fx *const fx = &r->fx;
	unsigned int i, layout;

	for (i = 0; i < UNIT_DIM(cases); i++) {
		/* In place, out of place, segments, empty. */
		for (layout = 0; layout < 4; layout++) {
			const bool dec = cases[i].dir == RTE_CRYPTO_AEAD_OP_DECRYPT;
			const struct vcrypto_sym_algs algs = { .aead = cases[i].alg };
			const uint32_t len = layout == 3 ? 0 : 64;
			const uint16_t tag_len = cases[i].tag_len;
			const struct rte_crypto_sym_xform x = {
				.type = RTE_CRYPTO_SYM_XFORM_AEAD,
				.aead = { .op = cases[i].dir, .algo = cases[i].alg->algo,
					.key = { fx_key(), 32 },
					.iv = { FX_IV_OFFSET, cases[i].iv_len },
					.digest_length = tag_len,
					.aad_length = cases[i].aad_len } };
			struct rte_crypto_sym_op *so;

			begin(r, &x, &algs, cases[i].wire_iv + cases[i].skip);
			so = fx->op->sym;
			so->m_src = layout == 2 ? fx_mbuf(fx, segs, 3) : fx_mbuf1(fx, 100);
			so->m_dst = layout == 1 ? fx_mbuf1(fx, 100) : NULL;
			fill(so->m_src);
			so->aead.data.offset = 9;
			so->aead.data.length = len;
			so->aead.digest.data = tag;
			so->aead.digest.phys_addr = (uintptr_t)tag + FX_IOVA_SHIFT;
			so->aead.aad.data = aad;
			so->aead.aad.phys_addr = (uintptr_t)aad + FX_IOVA_SHIFT;
			assert_int_equal(fx_encode(fx, MAX_DESC), VCRYPTO_ENCODE_NEW);

			want_begin(r, dec ? 0x0301 : 0x0300, cases[i].alg->id, 56);
			put32(r->want.b, 24, cases[i].alg->id);
			put32(r->want.b, 28, 32);
			put32(r->want.b, 32, dec ? 2 : 1);
			put32(r->want.b, 36, cases[i].wire_iv);
			put32(r->want.b, 40, tag_len);
			put32(r->want.b, 44, cases[i].aad_len);
			put32(r->want.b, 48, dec ? len + tag_len : len);
			put32(r->want.b, 52, dec ? len : len + tag_len);
			want_bytes(r, fx_key(), 32);
			want_bytes(r, fx->iv + cases[i].skip, cases[i].wire_iv);
			want_data(r, 9, len, true);
			if (dec)
				want_bytes(r, tag, tag_len);
			else
				fx_want(fx, (uintptr_t)tag + FX_IOVA_SHIFT, tag_len, true);
			want_bytes(r, aad + cases[i].aad_skip, cases[i].aad_len);
			want_status(r);
			check(r);
			contains_no(fx->sh, sizeof(*fx->sh), fx_key());
			done(fx);
		}
	}
}

static void
test_gmac(void **state)
{
	const struct vcrypto_sym_algs algs = { .auth = &fx_gmac };
	const struct rte_crypto_sym_xform x = { .type = RTE_CRYPTO_SYM_XFORM_AUTH,
		.auth = { .op = VERIFY, .algo = RTE_CRYPTO_AUTH_AES_GMAC, .key = { fx_key(), 16 },
			.iv = { FX_IV_OFFSET, 12 }, .digest_length = 12 } };
	struct rig *const r = *state;
	struct fx *const fx = &r->fx;
	uint32_t len;

	/* The message is the AAD, and its length is another with each op. */
	for (len = 1; len < 100; len += 49) {
		begin(r, &x, &algs, 12);
		fx->op->sym->m_src = fx_mbuf1(fx, 100);
		fill(fx->op->sym->m_src);
		fx->op->sym->auth.data.offset = 1;
		fx->op->sym->auth.data.length = len;
		fx->op->sym->auth.digest.data = outside;
		assert_int_equal(fx_encode(fx, MAX_DESC), VCRYPTO_ENCODE_NEW);
		want_begin(r, 0x0300, 1, 56);
		put32(r->want.b, 24, 1);
		put32(r->want.b, 28, 16);
		put32(r->want.b, 32, 1);
		put32(r->want.b, 36, 12);
		put32(r->want.b, 40, 16);
		put32(r->want.b, 44, len);
		put32(r->want.b, 48, 0);
		put32(r->want.b, 52, 16);
		want_bytes(r, fx_key(), 16);
		want_bytes(r, fx->iv, 12);
		want_data(r, 1, len, false);
		want_scratch(r, 16);
		want_status(r);
		check(r);
		assert_int_equal(fx->sp.digest_len, 12);
		assert_int_equal(fx->sp.digest_action, VCRYPTO_DIGEST_COMPARE);
		assert_true(vcrypto_codec_reads_only(&fx->tmpl));
		done(fx);
	}
}

/* ---- two requests ---- */

/* The MAC, then the cipher out of place, whose source has the digest from the slot. */
static void
test_steps(void **state)
{
	const struct vcrypto_sym_algs mac = { .auth = &fx_hmac_sha1 };
	const struct rte_crypto_sym_xform x = { .type = RTE_CRYPTO_SYM_XFORM_AUTH,
		.auth = { .op = GEN, .algo = RTE_CRYPTO_AUTH_SHA1_HMAC,
			.key = { fx_auth_key(), 20 }, .digest_length = 20 } };
	struct vcrypto_sym_template auth_tmpl;
	struct rig *const r = *state;
	struct fx *const fx = &r->fx;
	struct vcrypto_stateless *auth_sl, *cipher_sl;
	struct rte_crypto_sym_op *so;
	uint32_t i;

	begin(r, &x, &mac, 0);
	auth_tmpl = fx->tmpl;
	auth_sl = r->sl;
	r->sl = NULL;
	begin_sym(r, &s_cbc);
	cipher_sl = r->sl;

	so = fx->op->sym;
	so->m_src = fx_mbuf1(fx, 128);
	so->m_dst = fx_mbuf1(fx, 128);
	fill(so->m_src);
	so->cipher.data.offset = 0;
	so->cipher.data.length = 128;
	so->auth.data.offset = 0;
	so->auth.data.length = 100;
	so->auth.digest.data = fx_byte(so->m_dst, 100);
	fx_slot_reset(fx);
	fx->sp.op = fx->op;

	assert_int_equal(vcrypto_codec_step_encode(&auth_tmpl, &fx->tmpl, 1, so,
		fx->iv, &fx->sp, &fx->fmt, MAX_DESC), VCRYPTO_ENCODE_NEW);
	r->sl = auth_sl;
	want_begin(r, 0x0200, 2, 40);
	put32(r->want.b, 24, 2);
	put32(r->want.b, 28, 20);
	put32(r->want.b, 32, 100);
	put32(r->want.b, 36, 20);
	want_bytes(r, fx_auth_key(), 20);
	want_data(r, 0, 100, false);
	want_scratch(r, 20);
	want_status(r);
	check(r);

	fx_device_wrote(fx);
	assert_int_equal(vcrypto_codec_step_done(&auth_tmpl, &fx->tmpl, 1, so, &fx->sp),
		RTE_CRYPTO_OP_STATUS_SUCCESS);
	assert_int_equal(vcrypto_codec_step_encode(&auth_tmpl, &fx->tmpl, 2, so,
		fx->iv, &fx->sp, &fx->fmt, MAX_DESC), VCRYPTO_ENCODE_NEW);
	r->sl = cipher_sl;
	want_cipher(r, &s_cbc, fx_key(), 16, fx->iv, 16, 0, 128);
	/* Where the application's source has something else. */
	for (i = 0; i < 20; i++)
		r->want.b[100 + 16 + 16 + 100 + i] = 0x3c;
	check(r);
	done(fx);
	free(auth_sl);
}

/* ---- slots, limits ---- */

/* Ops with and without a session take turns in a slot. */
static void
test_slot_is_shared(void **state)
{
	const struct fx_ranges g = { .cipher_off = 16, .cipher_len = 32 };
	struct vcrypto_sym_template stateless, session;
	struct rig *const r = *state;
	struct fx *const fx = &r->fx;
	unsigned int i;

	begin_sym(r, &s_cbc);
	stateless = fx->tmpl;
	fx_session(fx, &s_cbc);
	session = fx->tmpl;
	fx->op->sym->m_src = fx_mbuf1(fx, 64);
	fill(fx->op->sym->m_src);
	fx_set_ranges(fx, &s_cbc, &g, NULL);
	fx_slot_reset(fx);
	fx->sp.op = fx->op;
	for (i = 0; i < 3; i++) {
		fx->tmpl = session;
		assert_int_equal(fx_call(fx, MAX_DESC), VCRYPTO_ENCODE_NEW);
		fx_check_cipher(fx, &s_cbc, fx->iv, 16, 16, 32);
		assert_int_equal(fx_call(fx, MAX_DESC), VCRYPTO_ENCODE_PATCHED);
		fx_check_cipher(fx, &s_cbc, fx->iv, 16, 16, 32);
		fx->tmpl = stateless;
		assert_int_equal(fx_call(fx, MAX_DESC), VCRYPTO_ENCODE_NEW);
		want_cipher(r, &s_cbc, fx_key(), 16, fx->iv, 16, 16, 32);
		check(r);
	}
	done(fx);
}

/* What a session's encoder refuses is refused, and what has too many pieces. */
static void
test_refused(void **state)
{
	static const uint16_t segs[] = { 16, 16, 16, 16 };
	struct rig *const r = *state;
	struct fx *const fx = &r->fx;
	struct fx_ranges g = { .cipher_off = 0, .cipher_len = 63 };

	begin_sym(r, &s_cbc);
	fx_refused(fx, MAX_DESC); /* no source */
	fx->op->sym->m_src = fx_mbuf1(fx, 64);
	fx_set_ranges(fx, &s_cbc, &g, NULL);
	fx_refused(fx, MAX_DESC); /* no whole blocks */
	g.cipher_len = 80;
	fx_set_ranges(fx, &s_cbc, &g, NULL);
	fx_refused(fx, MAX_DESC); /* behind the packet's end */
	g.cipher_len = 64;
	fx_set_ranges(fx, &s_cbc, &g, NULL);
	/* Header, keys, IV, source, destination, status. */
	fx_refused(fx, 5);
	assert_int_equal(fx_encode(fx, 6), VCRYPTO_ENCODE_NEW);
	/* IV, data twice, status; the keys are not in it. */
	fx->tmpl.max_size = 16 + 64 + 64;
	fx_refused(fx, MAX_DESC);
	fx->tmpl.max_size++;
	assert_int_equal(fx_encode(fx, MAX_DESC), VCRYPTO_ENCODE_NEW);
	done(fx);

	begin_sym(r, &s_chain);
	fx->op->sym->m_src = fx_mbuf(fx, segs, 4);
	g = R(0, 64, 0, 64);
	fx_set_ranges(fx, &s_chain, &g, outside);
	fx_refused(fx, 3 + 4 + 4 + 1);
	assert_int_equal(fx_encode(fx, 3 + 4 + 4 + 2), VCRYPTO_ENCODE_NEW);
	fx->op->sym->auth.digest.data = NULL;
	fx_refused(fx, MAX_DESC);
	done(fx);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TR(test_cipher),
		TR(test_cipher_expanded),
		TR(test_chain),
		TR(test_chain_widened),
		TR(test_auth),
		TR(test_aead),
		TR(test_gmac),
		TR(test_steps),
		TR(test_slot_is_shared),
		TR(test_refused),
	};

	return cmocka_run_group_tests(tests, unit_eal_setup, unit_eal_teardown);
}
