/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * NULL algorithms: what the driver does itself and what is left for the device, results in every
 * layout, and that ops which make no trip come back as others do: once, in order, counted.
 */

#include <errno.h>

#include <openssl/evp.h>

#include "device_fixture.h"

#define SUCCESS RTE_CRYPTO_OP_STATUS_SUCCESS
#define ERROR RTE_CRYPTO_OP_STATUS_ERROR
#define AUTH_FAILED RTE_CRYPTO_OP_STATUS_AUTH_FAILED
#define INVALID_ARGS RTE_CRYPTO_OP_STATUS_INVALID_ARGS
#define LEN 160
#define RING 64
#define TAG_LEN 16
/* [virtio 5.9.7.2] opcode at 0; op_type of the CIPHER service at 64. */
#define CREATE_CIPHER 0x0002
#define CREATE_MAC 0x0202
#define CREATE_AEAD 0x0302
#define CREATE_OP_TYPE 64

/* ---- sessions ---- */

enum kind {
	CIPHER, /* NULL cipher */
	AUTH, /* NULL auth */
	BOTH, /* NULL cipher, then NULL auth */
	HMAC_BEHIND, /* NULL cipher, then HMAC-SHA1 */
	HMAC_FIRST,
	GMAC_BEHIND,
	AES_FIRST, /* AES-CBC, then NULL auth */
	AES_BEHIND,
};

static void *
session(struct dut *t, enum kind kind, bool decrypt)
{
	struct rte_crypto_sym_xform c = {
		.type = RTE_CRYPTO_SYM_XFORM_CIPHER,
		.cipher = {
			.op = decrypt ? RTE_CRYPTO_CIPHER_OP_DECRYPT :
					RTE_CRYPTO_CIPHER_OP_ENCRYPT,
			.algo = RTE_CRYPTO_CIPHER_NULL,
			/* Means nothing. */
			.key = {dut_key, 7},
			.iv = {DUT_IV_OFFSET, 3},
		},
	};
	struct rte_crypto_sym_xform a = {
		.type = RTE_CRYPTO_SYM_XFORM_AUTH,
		.auth = {
			.op = decrypt ? RTE_CRYPTO_AUTH_OP_VERIFY : RTE_CRYPTO_AUTH_OP_GENERATE,
			.algo = RTE_CRYPTO_AUTH_NULL,
			.key = {dut_auth_key, 9},
			.digest_length = 11,
		},
	};
	struct rte_crypto_sym_xform *first = &c;

	switch (kind) {
	case HMAC_BEHIND:
	case HMAC_FIRST:
		a.auth.algo = RTE_CRYPTO_AUTH_SHA1_HMAC;
		a.auth.key.length = sizeof(dut_auth_key);
		a.auth.digest_length = DUT_DIGEST_LEN;
		break;
	case GMAC_BEHIND:
		a.auth.algo = RTE_CRYPTO_AUTH_AES_GMAC;
		a.auth.key.data = dut_key;
		a.auth.key.length = DUT_KEY_LEN;
		a.auth.iv.offset = DUT_IV_OFFSET;
		a.auth.iv.length = 12;
		a.auth.digest_length = TAG_LEN;
		break;
	case AES_FIRST:
	case AES_BEHIND:
		c.cipher.algo = RTE_CRYPTO_CIPHER_AES_CBC;
		c.cipher.key.length = DUT_KEY_LEN;
		c.cipher.iv.length = DUT_IV_LEN;
		break;
	default:
		break;
	}
	if (kind == AUTH || kind == HMAC_FIRST || kind == AES_BEHIND) {
		first = &a;
		a.next = kind == AUTH ? NULL : &c;
	} else if (kind != CIPHER) {
		c.next = &a;
	}
	return rte_cryptodev_sym_session_create(t->id, first, t->sessions);
}

static void
open_one(struct dut *t, enum inproc_run run)
{
	const struct inproc_cfg cfg = { .run = run };

	dut_open(t, &cfg, "timeout_ms=2000");
	dut_start(t, 1, RING);
}

/* The device hears of the other half, and of nothing else. */
static void
on_the_device(void **state)
{
	static const struct {
		enum kind kind;
		uint32_t opcode;
	} cases[] = {
		{CIPHER, 0}, {AUTH, 0}, {BOTH, 0},
		{HMAC_BEHIND, CREATE_MAC}, {HMAC_FIRST, CREATE_MAC}, {GMAC_BEHIND, CREATE_AEAD},
		{AES_FIRST, CREATE_CIPHER}, {AES_BEHIND, CREATE_CIPHER},
	};
	uint8_t req[256];
	struct dut t;
	unsigned int i;
	uint64_t asked;
	void *s;

	(void)state;
	open_one(&t, INPROC_RUN_NOTIFY);
	for (i = 0; i < RTE_DIM(cases); i++) {
		const bool device = cases[i].opcode != 0;

		asked = t.s->ctrl_requests;
		s = session(&t, cases[i].kind, i & 1);
		assert_non_null(s);
		assert_int_equal(t.s->ctrl_requests - asked, device);
		assert_int_equal(t.s->sessions, device);
		if (device) {
			assert_true(inproc_last_ctrl(t.d, req, sizeof(req)) >= 72);
			assert_int_equal(dut_get32(req), cases[i].opcode);
			if (cases[i].opcode == CREATE_CIPHER)
				assert_int_equal(dut_get32(req + CREATE_OP_TYPE), 1);
		}
		dut_free_session(&t, s);
		assert_int_equal(t.s->ctrl_requests - asked, 2 * device);
		assert_int_equal(t.s->sessions, 0);
	}
	dut_close(&t);
}

/* ---- packets ---- */

/* Segments; the rest is the last one's. */
static const uint16_t whole[] = {LEN};
static const uint16_t cut_digest[] = {50, 55, 9, 46};
static const uint16_t many[] = {10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10};

static const struct {
	const uint16_t *len;
	unsigned int nb;
} cuts[] = {
	{whole, RTE_DIM(whole)},
	{cut_digest, RTE_DIM(cut_digest)},
	{many, RTE_DIM(many)},
};

static struct rte_mbuf *
packet(unsigned int cut, const uint8_t *data)
{
	return dut_packet(cuts[cut].len, cuts[cut].nb, data);
}

static void
check_bytes(struct rte_mbuf *m, const uint8_t *want)
{
	uint8_t got[LEN];
	const uint8_t *const p = rte_pktmbuf_read(m, 0, LEN, got);

	assert_non_null(p);
	assert_memory_equal(p, want, LEN);
}

static struct rte_crypto_op *
packet_op(void *s, unsigned int cut, const uint8_t *src, const uint8_t *dst)
{
	struct rte_crypto_op *const op = dut_op(s, 0);

	rte_pktmbuf_free(op->sym->m_src);
	op->sym->m_src = packet(cut, src);
	if (dst != NULL)
		op->sym->m_dst = packet((cut + 1) % RTE_DIM(cuts), dst);
	return op;
}

/* ---- without a trip ---- */

static void
copies(void **state)
{
	static const struct { uint32_t off, len; } ranges[] = {
		{0, LEN}, {0, 0}, {LEN, 0}, {3, 100}, {49, 2}, {LEN - 1, 1}, {50, 55}, {0, 1},
	};
	uint8_t src[LEN], junk[LEN], want[LEN];
	struct rte_crypto_op *op;
	unsigned int i, cut, kind;
	struct dut t;
	void *s;

	(void)state;
	open_one(&t, INPROC_RUN_MANUAL);
	dut_pattern(src, LEN);
	memset(junk, 0x77, LEN);
	for (kind = CIPHER; kind <= BOTH; kind++) {
		s = session(&t, kind, kind == BOTH);
		assert_non_null(s);
		for (i = 0; i < RTE_DIM(ranges); i++)
			for (cut = 0; cut < RTE_DIM(cuts); cut++) {
				memcpy(want, junk, LEN);
				if (kind != AUTH)
					memcpy(want + ranges[i].off, src + ranges[i].off,
						ranges[i].len);
				op = packet_op(s, cut, src, junk);
				op->sym->cipher.data.offset = ranges[i].off;
				op->sym->cipher.data.length = ranges[i].len;
				assert_int_equal(dut_run(&t, 0, op), SUCCESS);
				check_bytes(op->sym->m_src, src);
				check_bytes(op->sym->m_dst, want);
				rte_pktmbuf_free(op->sym->m_dst);
				op->sym->m_dst = NULL;
				assert_int_equal(dut_run(&t, 0, op), SUCCESS);
				check_bytes(op->sym->m_src, src);
				op->sym->m_dst = op->sym->m_src;
				assert_int_equal(dut_run(&t, 0, op), SUCCESS);
				check_bytes(op->sym->m_src, src);
				dut_free_op(op);
			}
		dut_free_session(&t, s);
	}
	assert_int_equal(t.s->requests, 0);
	dut_close(&t);
}

static void
refused(void **state)
{
	static const struct { uint32_t off, len; } bad[] = {
		{0, LEN + 1}, {1, LEN}, {LEN + 1, 0}, {LEN, 1}, {UINT32_MAX, 1}, {1, UINT32_MAX},
		{UINT32_MAX, UINT32_MAX},
	};
	uint8_t src[LEN], junk[LEN];
	struct rte_crypto_op *op;
	struct rte_mbuf *m;
	unsigned int i;
	struct dut t;
	void *s;

	(void)state;
	open_one(&t, INPROC_RUN_NOTIFY);
	dut_pattern(src, LEN);
	memset(junk, 0x77, LEN);

	s = session(&t, BOTH, false);
	op = packet_op(s, 1, src, junk);
	for (i = 0; i < RTE_DIM(bad); i++) {
		op->sym->cipher.data.offset = bad[i].off;
		op->sym->cipher.data.length = bad[i].len;
		if (bad[i].len != 0)
			assert_int_equal(dut_run(&t, 0, op), INVALID_ARGS);
	}
	/* The destination alone is too short. */
	op->sym->cipher.data.offset = 0;
	op->sym->cipher.data.length = LEN;
	assert_int_equal(rte_pktmbuf_trim(op->sym->m_dst, 1), 0);
	assert_int_equal(dut_run(&t, 0, op), INVALID_ARGS);
	assert_memory_equal(rte_pktmbuf_mtod(op->sym->m_dst, void *), junk, 10);
	op->sym->cipher.data.length = LEN - 1;
	assert_int_equal(dut_run(&t, 0, op), SUCCESS);
	m = op->sym->m_src;
	op->sym->m_src = NULL;
	assert_int_equal(dut_run(&t, 0, op), INVALID_ARGS);
	op->sym->m_src = m;
	dut_free_op(op);
	dut_free_session(&t, s);

	s = session(&t, AUTH, false);
	op = dut_op(s, 0);
	m = op->sym->m_src;
	op->sym->m_src = NULL;
	assert_int_equal(dut_run(&t, 0, op), INVALID_ARGS);
	op->sym->m_src = m;
	dut_free_op(op);
	dut_free_session(&t, s);

	s = session(&t, HMAC_BEHIND, false);
	op = packet_op(s, 0, src, junk);
	op->sym->auth.data.offset = 0;
	op->sym->auth.data.length = LEN;
	op->sym->auth.digest.data = dut_digest(op);
	for (i = 0; i < RTE_DIM(bad); i++) {
		op->sym->cipher.data.offset = bad[i].off;
		op->sym->cipher.data.length = bad[i].len;
		if (bad[i].len != 0)
			assert_int_equal(dut_run(&t, 0, op), INVALID_ARGS);
	}
	op->sym->cipher.data.length = 0;
	for (i = 0; i < RTE_DIM(bad); i++) {
		op->sym->auth.data.offset = bad[i].off;
		op->sym->auth.data.length = bad[i].len;
		assert_int_equal(dut_run(&t, 0, op), INVALID_ARGS);
	}
	op->sym->cipher.data.offset = 0;
	op->sym->cipher.data.length = LEN;
	op->sym->auth.data.offset = 0;
	op->sym->auth.data.length = LEN;
	op->sym->auth.digest.data = NULL;
	assert_int_equal(dut_run(&t, 0, op), INVALID_ARGS);
	/* Among the bytes of the cipher, and beyond the packet. */
	op->sym->auth.digest.data = dut_byte(op->sym->m_dst, LEN - DUT_DIGEST_LEN + 1);
	assert_int_equal(dut_run(&t, 0, op), INVALID_ARGS);
	check_bytes(op->sym->m_dst, junk);
	assert_int_equal(t.s->requests, 0);
	dut_free_op(op);
	dut_free_session(&t, s);
	dut_close(&t);
}

/* ---- with a hash or MAC ---- */

struct layout {
	uint32_t auth, auth_len, digest, cipher, cipher_len;
};

static const struct layout layouts[] = {
	{0, 100, 100, 0, 120},
	{0, 100, 100, 0, LEN}, /* something behind the digest */
	{0, 100, 100, 16, 104}, /* the cipher begins behind the auth range's beginning */
	{8, 92, 100, 40, 73}, /* and ends in the digest */
	{0, 100, 110, 112, 40}, /* the digest begins before the cipher; bytes that are in neither */
	{64, 96, 0, 0, 64}, /* the digest in front */
	{0, 0, 30, 20, 60}, /* of nothing */
};

enum { IN_PLACE, OUT_OF_PLACE, DIGEST_IN_SOURCE, DIGEST_OUTSIDE, NB_PLACES };

static struct rte_crypto_op *
mac_op(void *s, const struct layout *l, const uint8_t *src, const uint8_t *dst, unsigned int cut,
		int place)
{
	struct rte_crypto_op *const op = packet_op(s, cut, src, place == IN_PLACE ? NULL : dst);
	struct rte_crypto_sym_op *const so = op->sym;

	so->cipher.data.offset = l->cipher;
	so->cipher.data.length = l->cipher_len;
	so->auth.data.offset = l->auth;
	so->auth.data.length = l->auth_len;
	so->auth.digest.data = place == DIGEST_OUTSIDE ? dut_digest(op) :
		dut_byte(place == OUT_OF_PLACE ? so->m_dst : so->m_src, l->digest);
	so->auth.digest.phys_addr = 0;
	return op;
}

static void
check_mac(struct dut *t, void *gen, void *ver, const struct layout *l, unsigned int cut, int place)
{
	const uint32_t start = l->auth_len == 0 ? l->cipher : RTE_MIN(l->auth, l->cipher);
	const uint32_t end = RTE_MAX(l->auth + l->auth_len, l->cipher + l->cipher_len);
	uint8_t src[LEN], dst[LEN], want[LEN], digest[DUT_DIGEST_LEN];
	struct rte_crypto_op *op;
	uint32_t i;

	dut_pattern(src, LEN);
	dut_reference_hmac(src + l->auth, l->auth_len, digest);

	/* Generate. */
	memset(dst, 0x77, LEN);
	memcpy(want, dst, LEN);
	memcpy(want + start, src + start, end - start);
	for (i = 0; i < DUT_DIGEST_LEN; i++)
		if (place == OUT_OF_PLACE || (place == DIGEST_IN_SOURCE &&
				l->digest + i >= l->cipher &&
				l->digest + i < l->cipher + l->cipher_len))
			want[l->digest + i] = digest[i];
	op = mac_op(gen, l, src, dst, cut, place);
	assert_int_equal(dut_run(t, 0, op), SUCCESS);
	if (place != IN_PLACE)
		check_bytes(op->sym->m_dst, want);
	memcpy(want, src, LEN);
	if (place == IN_PLACE || place == DIGEST_IN_SOURCE)
		memcpy(want + l->digest, digest, DUT_DIGEST_LEN);
	check_bytes(op->sym->m_src, want);
	if (place == DIGEST_OUTSIDE)
		assert_memory_equal(dut_digest(op), digest, DUT_DIGEST_LEN);
	dut_free_op(op);

	/* Verify; the destination has of the digest what is not copied. */
	if (place != DIGEST_OUTSIDE)
		memcpy(src + l->digest, digest, DUT_DIGEST_LEN);
	memcpy(dst, src, LEN);
	memset(dst + start, 0x77, end - start);
	op = mac_op(ver, l, src, dst, cut, place);
	memcpy(dut_digest(op), digest, DUT_DIGEST_LEN);
	assert_int_equal(dut_run(t, 0, op), SUCCESS);
	check_bytes(op->sym->m_src, src);
	if (place != IN_PLACE)
		check_bytes(op->sym->m_dst, src);
	dut_free_op(op);

	/* Each byte of the digest counts. */
	for (i = 0; i < DUT_DIGEST_LEN; i++) {
		uint8_t bad[LEN];

		memcpy(bad, src, LEN);
		memcpy(dst, src, LEN);
		if (place != DIGEST_OUTSIDE)
			bad[l->digest + i] ^= 1;
		if (l->digest + i < start || l->digest + i >= end)
			dst[l->digest + i] ^= 1;
		op = mac_op(ver, l, bad, dst, cut, place);
		memcpy(dut_digest(op), digest, DUT_DIGEST_LEN);
		if (place == DIGEST_OUTSIDE)
			dut_digest(op)[i] ^= 1;
		assert_int_equal(dut_run(t, 0, op), AUTH_FAILED);
		dut_free_op(op);
	}
}

static void
check_macs(bool direct)
{
	const struct inproc_cfg cfg = { .run = INPROC_RUN_NOTIFY, .direct = direct };
	unsigned int i, cut, first;
	void *gen, *ver;
	struct dut t;
	int place;

	dut_open(&t, &cfg, NULL);
	dut_start(&t, 1, RING);
	for (first = 0; first < 2; first++) {
		gen = session(&t, first ? HMAC_FIRST : HMAC_BEHIND, false);
		ver = session(&t, first ? HMAC_FIRST : HMAC_BEHIND, true);
		assert_non_null(gen);
		assert_non_null(ver);
		for (i = 0; i < RTE_DIM(layouts); i++)
			for (cut = 0; cut < RTE_DIM(cuts); cut++)
				for (place = IN_PLACE; place < NB_PLACES; place++)
					check_mac(&t, gen, ver, &layouts[i], cut, place);
		dut_free_session(&t, gen);
		dut_free_session(&t, ver);
	}
	dut_close(&t);
}

static void
macs_indirect(void **state)
{
	(void)state;
	check_macs(false);
}

static void
macs_direct(void **state)
{
	(void)state;
	check_macs(true);
}

/* The packet's own digest does not pass where the device writes none. */
static void
digest_is_not_written(void **state)
{
	uint8_t src[LEN], dst[LEN];
	struct rte_crypto_op *op;
	struct dut t;
	int place;
	void *s;

	(void)state;
	open_one(&t, INPROC_RUN_NOTIFY);
	s = session(&t, HMAC_BEHIND, true);
	dut_pattern(src, LEN);
	/*
	 * As if the one who made it knew what the scratch is preset to, and what the destination
	 * had before: the first byte is its complement.
	 */
	src[100] = 0xff;
	memset(src + 101, 0xa5, DUT_DIGEST_LEN - 1);
	memset(dst, 0, LEN);
	t.f->keep_digest = true;
	t.f->nb_faulty = UINT32_MAX;
	for (place = IN_PLACE; place < NB_PLACES; place++) {
		op = mac_op(s, &layouts[0], src, dst, 1, place);
		memcpy(dut_digest(op), src + 100, DUT_DIGEST_LEN);
		assert_int_equal(dut_run(&t, 0, op), AUTH_FAILED);
		dut_free_op(op);
	}
	dut_free_session(&t, s);
	dut_close(&t);
}

static void
reference_gmac(const uint8_t *iv, const uint8_t *data, int len, uint8_t *tag)
{
	EVP_CIPHER_CTX *const ctx = EVP_CIPHER_CTX_new();
	int n;

	assert_int_equal(EVP_EncryptInit_ex(ctx, EVP_aes_128_gcm(), NULL, dut_key, iv), 1);
	assert_int_equal(EVP_EncryptUpdate(ctx, NULL, &n, data, len), 1);
	assert_int_equal(EVP_EncryptFinal_ex(ctx, tag, &n), 1);
	assert_int_equal(EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_GCM_GET_TAG, TAG_LEN, tag), 1);
	EVP_CIPHER_CTX_free(ctx);
}

static void
gmac(void **state)
{
	uint8_t src[LEN], dst[LEN], tag[TAG_LEN];
	struct rte_crypto_op *op;
	void *gen, *ver;
	struct dut t;

	(void)state;
	open_one(&t, INPROC_RUN_NOTIFY);
	gen = session(&t, GMAC_BEHIND, false);
	ver = session(&t, GMAC_BEHIND, true);
	dut_pattern(src, LEN);
	memset(dst, 0x77, LEN);

	op = mac_op(gen, &layouts[1], src, dst, 1, OUT_OF_PLACE);
	reference_gmac(rte_crypto_op_ctod_offset(op, uint8_t *, DUT_IV_OFFSET), src, 100, tag);
	assert_int_equal(dut_run(&t, 0, op), SUCCESS);
	memcpy(dst, src, LEN);
	memcpy(dst + 100, tag, TAG_LEN);
	check_bytes(op->sym->m_dst, dst);
	dut_free_op(op);

	op = mac_op(ver, &layouts[1], dst, src, 2, OUT_OF_PLACE);
	assert_int_equal(dut_run(&t, 0, op), SUCCESS);
	dut_free_op(op);
	dst[100 + TAG_LEN - 1] ^= 1;
	op = mac_op(ver, &layouts[1], dst, src, 2, IN_PLACE);
	assert_int_equal(dut_run(&t, 0, op), AUTH_FAILED);
	dut_free_op(op);
	dut_free_session(&t, gen);
	dut_free_session(&t, ver);
	dut_close(&t);
}

/* Ops of one session that are patched into slots, by and beside ops with a digest spread. */
static void
same_slots(void **state)
{
	struct rte_crypto_op *spread, *plain;
	uint8_t src[LEN], digest[DUT_DIGEST_LEN];
	struct dut t;
	void *s;
	int i;

	(void)state;
	dut_open(&t, &(const struct inproc_cfg){ .run = INPROC_RUN_NOTIFY }, NULL);
	dut_start(&t, 1, 8);
	s = session(&t, HMAC_BEHIND, false);
	dut_pattern(src, LEN);
	dut_reference_hmac(src, 100, digest);
	for (i = 0; i < 100; i++) {
		spread = mac_op(s, &layouts[0], src, NULL, 1, IN_PLACE);
		plain = mac_op(s, &layouts[0], src, src, 0, i % 2 ? IN_PLACE : DIGEST_OUTSIDE);
		if (i % 3 == 0) {
			assert_int_equal(dut_run(&t, 0, spread), SUCCESS);
			assert_memory_equal(dut_byte(spread->sym->m_src, 105), digest + 5, 9);
			assert_memory_equal(dut_byte(spread->sym->m_src, 114), digest + 14, 6);
		}
		assert_int_equal(dut_run(&t, 0, plain), SUCCESS);
		assert_memory_equal(plain->sym->auth.digest.data, digest, DUT_DIGEST_LEN);
		dut_free_op(spread);
		dut_free_op(plain);
	}
	dut_free_session(&t, s);
	dut_close(&t);
}

/* ---- a cipher with NULL auth ---- */

static void
cipher_alone(void **state)
{
	struct rte_crypto_op *op;
	enum kind kind;
	struct dut t;
	void *s;

	(void)state;
	open_one(&t, INPROC_RUN_NOTIFY);
	for (kind = AES_FIRST; kind <= AES_BEHIND; kind++) {
		s = session(&t, kind, false);
		op = dut_op(s, 64); /* with garbage where auth range and digest are */
		memset(dut_digest(op), 0x3c, DUT_DIGEST_LEN);
		assert_int_equal(dut_run(&t, 0, op), SUCCESS);
		assert_true(dut_encrypted(op, 64));
		op->sym->auth.digest.data = NULL;
		dut_pattern(dut_data(op), 64);
		assert_int_equal(dut_run(&t, 0, op), SUCCESS);
		assert_true(dut_encrypted(op, 64));
		assert_int_equal(dut_digest(op)[0], 0x3c);
		dut_free_op(op);
		dut_free_session(&t, s);
	}
	dut_close(&t);
}

/* ---- as ops that make a trip ---- */

static void
check_stats(struct dut *t, uint64_t enqueued, uint64_t errs, uint64_t dequeued)
{
	struct rte_cryptodev_stats st;

	assert_int_equal(rte_cryptodev_stats_get(t->id, &st), 0);
	assert_int_equal(st.enqueued_count, enqueued);
	assert_int_equal(st.enqueue_err_count, errs);
	assert_int_equal(st.dequeued_count, dequeued);
	assert_int_equal(st.dequeue_err_count, 0);
}

/* Good and bad ops of one session, among those of others that the device answers in order. */
static void
order_and_counts(void **state)
{
	struct rte_crypto_op *ops[RING], *got[RING];
	unsigned int i, null, sent, bad = 0, nb_null = 0;
	void *sn, *sa, *sh;
	struct dut t;

	(void)state;
	open_one(&t, INPROC_RUN_MANUAL);
	sn = session(&t, BOTH, false);
	sa = dut_cipher_session(&t, true);
	sh = session(&t, HMAC_BEHIND, false);
	for (i = 0; i < RING; i++) {
		ops[i] = i % 6 == 5 ? dut_chain_op(sh, 64) : dut_op(i % 3 == 2 ? sa : sn, 64);
		nb_null += i % 3 != 2;
		if (i % 6 == 1) {
			ops[i]->sym->cipher.data.length = 65;
			bad++;
		}
	}
	dut_enqueue(&t, 0, ops, RING);
	check_stats(&t, RING, bad, 0);
	/* Those of NULL algorithms are there, in their order; the others wait for the device. */
	assert_int_equal(rte_cryptodev_dequeue_burst(t.id, 0, got, RING), nb_null);
	for (i = 0, null = 0; i < RING; i++) {
		if (i % 3 == 2)
			continue;
		assert_ptr_equal(got[null++], ops[i]);
		assert_int_equal(ops[i]->status, i % 6 == 1 ? INVALID_ARGS : SUCCESS);
	}
	check_stats(&t, RING, bad, nb_null);
	assert_int_equal(inproc_poll(t.d, RING), RING - nb_null);
	dut_dequeue(&t, 0, got, RING - nb_null);
	for (i = 2, sent = 0; i < RING; i += 3) {
		assert_ptr_equal(got[sent++], ops[i]);
		assert_int_equal(ops[i]->status, SUCCESS);
		if (i % 6 == 2)
			assert_true(dut_encrypted(ops[i], 64));
	}
	check_stats(&t, RING, bad, RING);
	for (i = 0; i < RING; i++)
		dut_free_op(ops[i]);
	dut_free_session(&t, sn);
	dut_free_session(&t, sa);
	dut_free_session(&t, sh);
	dut_close(&t);
}

/* A ring's worth of ops waits for a dequeue, and not one more; requests go on beside them. */
static void
back_pressure(void **state)
{
	enum { MOST = 2 * RING * DUT_DIRECT_DESCS };
	struct rte_crypto_op *ops[MOST], *got[MOST], *aes;
	uint16_t n, got_now;
	struct dut t;
	void *sn, *sa;
	int i, lap, ring;

	(void)state;
	open_one(&t, INPROC_RUN_MANUAL);
	ring = dut_entries(&t, RING);
	sn = session(&t, CIPHER, true);
	sa = dut_cipher_session(&t, true);
	for (i = 0; i < 2 * ring; i++)
		ops[i] = dut_op(sn, 64);
	aes = dut_op(sa, 64);
	dut_enqueue(&t, 0, &aes, 1);
	for (lap = 1; lap <= 5; lap++) {
		/* A burst ends where slots do, though these ops take none. */
		for (n = 0; (got_now = rte_cryptodev_enqueue_burst(t.id, 0, ops + n,
				2 * ring - n)) != 0; n += got_now)
			;
		assert_int_equal(n, ring);
		check_stats(&t, 1 + lap * ring, 0, (lap - 1) * ring);
		assert_int_equal(rte_cryptodev_dequeue_burst(t.id, 0, got, 2 * ring), ring);
		for (i = 0; i < ring; i++) {
			assert_ptr_equal(got[i], ops[i]);
			assert_int_equal(got[i]->status, SUCCESS);
		}
	}
	assert_int_equal(inproc_poll(t.d, ring), 1);
	dut_dequeue(&t, 0, got, 1);
	assert_true(dut_encrypted(aes, 64));
	dut_free_op(aes);
	for (i = 0; i < 2 * ring; i++)
		dut_free_op(ops[i]);
	dut_free_session(&t, sn);
	dut_free_session(&t, sa);
	dut_close(&t);
}

/* Sessions outlive a stop without a word to the device, and ops that wait are there after it. */
static void
life(void **state)
{
	struct rte_crypto_op *op, *back;
	uint64_t asked;
	struct dut t;
	void *sn, *sa;

	(void)state;
	open_one(&t, INPROC_RUN_NOTIFY);
	asked = t.s->ctrl_requests;
	sn = session(&t, BOTH, false);
	op = dut_op(sn, 64);
	dut_enqueue(&t, 0, &op, 1);
	rte_cryptodev_stop(t.id);
	/* Made while the device is down. */
	sa = session(&t, AUTH, true);
	assert_non_null(sa);
	assert_int_equal(rte_cryptodev_start(t.id), 0);
	dut_dequeue(&t, 0, &back, 1);
	assert_ptr_equal(back, op);
	assert_int_equal(op->status, SUCCESS);
	assert_int_equal(dut_run(&t, 0, op), SUCCESS);
	rte_crypto_op_attach_sym_session(op, sa);
	assert_int_equal(dut_run(&t, 0, op), SUCCESS);
	assert_int_equal(t.s->ctrl_requests, asked);
	dut_free_session(&t, sn);
	dut_free_session(&t, sa);
	assert_int_equal(t.s->ctrl_requests, asked);
	dut_free_op(op);

	/* One that is not freed ends with the device. */
	sn = session(&t, CIPHER, false);
	rte_cryptodev_stop(t.id);
	assert_int_equal(rte_cryptodev_close(t.id), 0);
	dut_free_session(&t, sn);
	dut_close(&t);
}

/* A queue out of service takes nothing, and gives what it has. */
static void
dead_queue(void **state)
{
	struct rte_crypto_op *ops[3], *got[3];
	struct dut t;
	void *sn, *sa;
	int i;

	(void)state;
	open_one(&t, INPROC_RUN_MANUAL);
	sn = session(&t, BOTH, false);
	sa = dut_cipher_session(&t, true);
	for (i = 0; i < 3; i++)
		ops[i] = dut_op(i == 1 ? sa : sn, 64);
	dut_enqueue(&t, 0, ops, 3);
	t.f->bad_id = true;
	t.f->nb_faulty = 1;
	assert_int_equal(inproc_poll(t.d, 1), 1);
	dut_dequeue(&t, 0, got, 3);
	assert_ptr_equal(got[0], ops[0]);
	assert_ptr_equal(got[1], ops[2]);
	assert_ptr_equal(got[2], ops[1]);
	assert_int_equal(ops[0]->status, SUCCESS);
	assert_int_equal(ops[2]->status, SUCCESS);
	assert_int_equal(ops[1]->status, ERROR);
	assert_int_equal(rte_cryptodev_enqueue_burst(t.id, 0, ops, 1), 0);
	t.f->bad_id = false;
	rte_cryptodev_stop(t.id);
	assert_int_equal(rte_cryptodev_start(t.id), 0);
	assert_int_equal(dut_run(&t, 0, ops[0]), SUCCESS);
	for (i = 0; i < 3; i++)
		dut_free_op(ops[i]);
	dut_free_session(&t, sn);
	dut_free_session(&t, sa);
	dut_close(&t);
}

/* A device without HASH and MAC services: only what the driver does itself. */
static void
cipher_only(void **state)
{
	const struct inproc_cfg cfg = {
		.run = INPROC_RUN_NOTIFY,
		.engine = INPROC_ENGINE_CIPHER_ONLY,
	};
	struct rte_crypto_op *op;
	struct dut t;
	void *s;

	(void)state;
	dut_open(&t, &cfg, NULL);
	dut_start(&t, 1, RING);
	s = session(&t, HMAC_BEHIND, false);
	assert_null(s);
	assert_int_equal(rte_errno, ENOTSUP);
	s = session(&t, AES_BEHIND, false);
	op = dut_op(s, 64);
	assert_int_equal(dut_run(&t, 0, op), SUCCESS);
	assert_true(dut_encrypted(op, 64));
	dut_free_session(&t, s);
	s = session(&t, BOTH, false);
	rte_crypto_op_attach_sym_session(op, s);
	assert_int_equal(dut_run(&t, 0, op), SUCCESS);
	dut_free_session(&t, s);
	dut_free_op(op);
	dut_close(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(on_the_device),
		cmocka_unit_test(copies),
		cmocka_unit_test(refused),
		cmocka_unit_test(macs_indirect),
		cmocka_unit_test(macs_direct),
		cmocka_unit_test(digest_is_not_written),
		cmocka_unit_test(gmac),
		cmocka_unit_test(same_slots),
		cmocka_unit_test(cipher_alone),
		cmocka_unit_test(order_and_counts),
		cmocka_unit_test(back_pressure),
		cmocka_unit_test(life),
		cmocka_unit_test(dead_queue),
		cmocka_unit_test(cipher_only),
	};

	return cmocka_run_group_tests_name("device_null", tests, dut_eal_setup, dut_eal_teardown);
}
