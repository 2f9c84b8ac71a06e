/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Ops whose digest lies inside the ciphered bytes, which the driver makes of two requests: right
 * results whatever the layout, and each op back exactly once whatever happens between its
 * requests. AES-128-CTR, so that ranges may begin and end anywhere, with HMAC-SHA1.
 */

#include <pthread.h>
#include <sched.h>

#include <openssl/evp.h>

#include "device_fixture.h"
#include "virtio_cryptodev.h"
#include "virtio_dev.h"
#include "virtio_transport.h"

#define SUCCESS RTE_CRYPTO_OP_STATUS_SUCCESS
#define ERROR RTE_CRYPTO_OP_STATUS_ERROR
#define AUTH_FAILED RTE_CRYPTO_OP_STATUS_AUTH_FAILED
#define INVALID_ARGS RTE_CRYPTO_OP_STATUS_INVALID_ARGS
#define LEN 160
#define NB 24

/* Where everything lies in a packet of LEN bytes. */
struct layout {
	uint32_t auth, auth_len, digest, cipher, cipher_len;
};

static const struct layout layouts[] = {
	{0, 100, 100, 0, 120},
	{0, 100, 100, 0, LEN}, /* something behind the digest */
	{0, 100, 100, 16, 104}, /* the cipher begins behind the auth range's beginning */
	{8, 92, 100, 40, 73}, /* and ends in the digest */
	{0, 100, 110, 112, 40}, /* the digest begins before the cipher */
	{20, 50, 70, 0, LEN},
	{64, 96, 0, 0, 64}, /* the digest in front */
	{0, 0, 30, 20, 60}, /* of nothing */
};
#define PLAIN (&layouts[0])

/* Segments; the rest is the last one's. */
static const uint16_t whole[] = {LEN};
static const uint16_t halves[] = {80, 80};
static const uint16_t cut_digest[] = {50, 55, 9, 46};
static const uint16_t many[] = {10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10};

static const struct {
	const uint16_t *len;
	unsigned int nb;
} cuts[] = {
	{whole, RTE_DIM(whole)},
	{halves, RTE_DIM(halves)},
	{cut_digest, RTE_DIM(cut_digest)},
	{many, RTE_DIM(many)},
};

enum { IN_PLACE, OUT_OF_PLACE, DIGEST_IN_SOURCE, NB_PLACES };

static void *
session(struct dut *t, bool generate)
{
	struct rte_crypto_sym_xform auth = {
		.type = RTE_CRYPTO_SYM_XFORM_AUTH,
		.auth = {
			.op = generate ? RTE_CRYPTO_AUTH_OP_GENERATE : RTE_CRYPTO_AUTH_OP_VERIFY,
			.algo = RTE_CRYPTO_AUTH_SHA1_HMAC,
			.key = {dut_auth_key, sizeof(dut_auth_key)},
			.digest_length = DUT_DIGEST_LEN,
		},
	};
	struct rte_crypto_sym_xform cipher = {
		.type = RTE_CRYPTO_SYM_XFORM_CIPHER,
		.cipher = {
			.op = generate ? RTE_CRYPTO_CIPHER_OP_ENCRYPT :
					 RTE_CRYPTO_CIPHER_OP_DECRYPT,
			.algo = RTE_CRYPTO_CIPHER_AES_CTR,
			.key = {dut_key, DUT_KEY_LEN},
			.iv = {DUT_IV_OFFSET, DUT_IV_LEN},
		},
	};

	if (generate)
		auth.next = &cipher;
	else
		cipher.next = &auth;
	return rte_cryptodev_sym_session_create(t->id, generate ? &auth : &cipher, t->sessions);
}

static struct rte_mbuf *
chain(unsigned int cut, const uint8_t *data)
{
	return dut_packet(cuts[cut].len, cuts[cut].nb, data);
}

static void
bytes_of(struct rte_mbuf *m, uint8_t *out)
{
	const uint8_t *const p = rte_pktmbuf_read(m, 0, LEN, out);

	assert_non_null(p);
	if (p != out)
		memcpy(out, p, LEN);
}

/* Plain packet with its digest, and the same ciphered. */
static void
reference(const struct layout *l, uint8_t *plain, uint8_t *sealed)
{
	struct rte_crypto_op *const op = dut_op(NULL, 16);
	EVP_CIPHER_CTX *const ctx = EVP_CIPHER_CTX_new();
	int n;

	dut_pattern(plain, LEN);
	dut_reference_hmac(plain + l->auth, l->auth_len, plain + l->digest);
	memcpy(sealed, plain, LEN);
	assert_int_equal(EVP_EncryptInit_ex(ctx, EVP_aes_128_ctr(), NULL, dut_key,
		rte_crypto_op_ctod_offset(op, uint8_t *, DUT_IV_OFFSET)), 1);
	assert_int_equal(EVP_EncryptUpdate(ctx, sealed + l->cipher, &n, plain + l->cipher,
		(int)l->cipher_len), 1);
	EVP_CIPHER_CTX_free(ctx);
	dut_free_op(op);
}

static struct rte_crypto_op *
make_op(void *s, const struct layout *l, const uint8_t *data, unsigned int cut, int place)
{
	struct rte_crypto_op *const op = dut_op(s, 0);
	struct rte_crypto_sym_op *const so = op->sym;
	uint8_t junk[LEN];

	rte_pktmbuf_free(so->m_src);
	so->m_src = chain(cut, data);
	if (place != IN_PLACE) {
		/* Beyond the ciphered bytes the destination is the application's. */
		memcpy(junk, data, LEN);
		memset(junk + l->cipher, 0x77, l->cipher_len);
		so->m_dst = chain((cut + 1) % RTE_DIM(cuts), junk);
	}
	so->cipher.data.offset = l->cipher;
	so->cipher.data.length = l->cipher_len;
	so->auth.data.offset = l->auth;
	so->auth.data.length = l->auth_len;
	so->auth.digest.data = dut_byte(place == OUT_OF_PLACE ? so->m_dst : so->m_src, l->digest);
	so->auth.digest.phys_addr = 0;
	return op;
}

static struct rte_crypto_op *
make_plain(void *s, bool generate, int place)
{
	uint8_t plain[LEN], sealed[LEN];

	reference(PLAIN, plain, sealed);
	return make_op(s, PLAIN, generate ? plain : sealed, 0, place);
}

static void
free_op(struct rte_crypto_op *op)
{
	rte_pktmbuf_free(op->sym->m_dst);
	op->sym->m_dst = NULL;
	dut_free_op(op);
}

static bool
is_right(struct rte_crypto_op *op, bool generate)
{
	uint8_t plain[LEN], sealed[LEN], got[LEN];

	reference(PLAIN, plain, sealed);
	bytes_of(op->sym->m_dst != NULL ? op->sym->m_dst : op->sym->m_src, got);
	return memcmp(got, generate ? sealed : plain, LEN) == 0;
}

static void
open_one(struct dut *t, const struct inproc_cfg *cfg, uint16_t size)
{
	dut_open(t, cfg, "timeout_ms=2000");
	dut_start(t, 1, size);
}

/* ---- results ---- */

static void
check_layout(struct dut *t, void *gen, void *ver, const struct layout *l, unsigned int cut,
		int place)
{
	uint8_t plain[LEN], sealed[LEN], in[LEN], got[LEN];
	struct rte_crypto_op *op;
	uint32_t at;

	reference(l, plain, sealed);

	/* Generate: what was at the digest's place does not matter. */
	memcpy(in, plain, LEN);
	memset(in + l->digest, 0x3c, DUT_DIGEST_LEN);
	op = make_op(gen, l, in, cut, place);
	assert_int_equal(dut_run(t, 0, op), SUCCESS);
	bytes_of(place == IN_PLACE ? op->sym->m_src : op->sym->m_dst, got);
	if (place == DIGEST_IN_SOURCE) {
		/* What is not ciphered of the digest is where the application wants the digest. */
		assert_memory_equal(got + l->cipher, sealed + l->cipher, l->cipher_len);
		bytes_of(op->sym->m_src, got);
		assert_memory_equal(got, plain, LEN);
	} else {
		assert_memory_equal(got, sealed, LEN);
	}
	if (place == OUT_OF_PLACE) {
		bytes_of(op->sym->m_src, got);
		assert_memory_equal(got, in, LEN);
	}
	free_op(op);

	/* Verify. */
	op = make_op(ver, l, sealed, cut, place);
	assert_int_equal(dut_run(t, 0, op), SUCCESS);
	bytes_of(place == IN_PLACE ? op->sym->m_src : op->sym->m_dst, got);
	assert_memory_equal(got, plain, LEN);
	if (place != IN_PLACE) {
		bytes_of(op->sym->m_src, got);
		assert_memory_equal(got, sealed, LEN);
	}
	free_op(op);

	/* Each byte of the digest counts, and the data. */
	for (at = 0; at < DUT_DIGEST_LEN; at += 19) {
		memcpy(in, sealed, LEN);
		in[l->digest + at] ^= 1;
		op = make_op(ver, l, in, cut, place);
		assert_int_equal(dut_run(t, 0, op), AUTH_FAILED);
		free_op(op);
	}
	if (l->auth_len != 0) {
		memcpy(in, sealed, LEN);
		in[l->auth + l->auth_len - 1] ^= 0x80;
		op = make_op(ver, l, in, cut, place);
		assert_int_equal(dut_run(t, 0, op), AUTH_FAILED);
		free_op(op);
	}
}

static void
check_layouts(uint64_t features)
{
	const struct inproc_cfg cfg = { .run = INPROC_RUN_NOTIFY, .features = features };
	struct rte_cryptodev_info info;
	unsigned int i, cut;
	void *gen, *ver;
	struct dut t;
	int place;

	open_one(&t, &cfg, 64);
	rte_cryptodev_info_get(t.id, &info);
	assert_true(info.feature_flags & RTE_CRYPTODEV_FF_DIGEST_ENCRYPTED);
	gen = session(&t, true);
	ver = session(&t, false);
	assert_non_null(gen);
	assert_non_null(ver);
	for (i = 0; i < RTE_DIM(layouts); i++)
		for (cut = 0; cut < RTE_DIM(cuts); cut++)
			for (place = IN_PLACE; place < NB_PLACES; place++)
				check_layout(&t, gen, ver, &layouts[i], cut, place);
	dut_free_session(&t, gen);
	dut_free_session(&t, ver);
	dut_close(&t);
}

static void
layouts_indirect(void **state)
{
	(void)state;
	check_layouts(0);
}

static void
layouts_direct(void **state)
{
	(void)state;
	check_layouts(F_VERSION_1 | F_EVENT_IDX);
}

/* What has no way to be sent is refused before anything is written. */
static void
refused(void **state)
{
	const struct inproc_cfg cfg = { .run = INPROC_RUN_NOTIFY };
	uint8_t plain[LEN], sealed[LEN], got[LEN];
	struct rte_crypto_op *op;
	struct dut t;
	void *s;

	(void)state;
	open_one(&t, &cfg, 64);
	s = session(&t, true);
	reference(PLAIN, plain, sealed);

	/* The digest goes beyond the packet. */
	op = make_op(s, PLAIN, plain, 0, IN_PLACE);
	op->sym->auth.digest.data = dut_byte(op->sym->m_src, LEN - DUT_DIGEST_LEN + 1);
	op->sym->cipher.data.length = LEN;
	/* The raw API knows no packets: there a digest's pointer is good for the whole digest. */
	if (!dut_is_raw())
		assert_int_equal(dut_run(&t, 0, op), INVALID_ARGS);
	/* The second request alone is bad. */
	op->sym->auth.digest.data = dut_byte(op->sym->m_src, PLAIN->digest);
	op->sym->auth.data.length = LEN + 1;
	assert_int_equal(dut_run(&t, 0, op), INVALID_ARGS);
	op->sym->auth.data.length = PLAIN->auth_len;
	op->sym->cipher.data.length = LEN + 1;
	assert_int_equal(dut_run(&t, 0, op), INVALID_ARGS);
	bytes_of(op->sym->m_src, got);
	assert_memory_equal(got, plain, LEN);
	/* The op is good apart from that; the slots are, too. */
	op->sym->cipher.data.length = PLAIN->cipher_len;
	assert_int_equal(dut_run(&t, 0, op), SUCCESS);
	assert_true(is_right(op, true));
	free_op(op);
	dut_free_session(&t, s);
	dut_close(&t);
}

/* A table that only the second request has no room for: refused before the first one is sent. */
static void
second_too_long(void **state)
{
	const struct inproc_cfg cfg = { .run = INPROC_RUN_NOTIFY };
	uint8_t plain[LEN], sealed[LEN], got[LEN];
	struct rte_crypto_op *op;
	struct dut t;
	void *s;

	(void)state;
	dut_open(&t, &cfg, NULL);
	/* 8 entries */
	dut_start(&t, 1, t.direct ? 8 / DUT_DIRECT_DESCS : 8);
	s = session(&t, true);
	reference(PLAIN, plain, sealed);
	op = make_op(s, PLAIN, plain, 2, IN_PLACE);
	assert_int_equal(dut_run(&t, 0, op), INVALID_ARGS);
	assert_int_equal(t.s->requests, 0);
	bytes_of(op->sym->m_src, got);
	assert_memory_equal(got, plain, LEN);
	free_op(op);
	op = make_op(s, PLAIN, plain, 0, IN_PLACE);
	assert_int_equal(dut_run(&t, 0, op), SUCCESS);
	assert_int_equal(t.s->requests, 2);
	assert_true(is_right(op, true));
	free_op(op);
	dut_free_session(&t, s);
	dut_close(&t);
}

/* Halves that the device refuses leave the chain as it is. */
static void
without_halves(void **state)
{
	const struct inproc_cfg cfg = { .run = INPROC_RUN_NOTIFY };
	struct rte_crypto_op *op;
	unsigned int alive;
	struct dut t;
	void *s;

	(void)state;
	/* Of stateless requests nothing is refused beforehand. */
	dut_open(&t, &cfg, "mode=session");
	dut_start(&t, 1, 64);
	for (alive = 1; alive <= 3; alive++) {
		t.f->ctrl_fail_after = alive;
		s = session(&t, true);
		assert_non_null(s);
		assert_int_equal(t.s->sessions, alive == 3 ? 3 : 1);
		op = make_plain(s, true, IN_PLACE);
		assert_int_equal(dut_run(&t, 0, op), alive == 3 ? SUCCESS : INVALID_ARGS);
		/* The digest elsewhere: one request. */
		op->sym->auth.digest.data = dut_digest(op);
		assert_int_equal(dut_run(&t, 0, op), SUCCESS);
		free_op(op);
		dut_free_session(&t, s);
		assert_int_equal(t.s->sessions, 0);
	}
	dut_close(&t);
}

/* ---- between the two requests ---- */

/* Ops whose first request is answered, and whose second one the device has. */
static void
half_way(struct dut *t, void *s, bool generate, struct rte_crypto_op **ops, int place)
{
	struct rte_crypto_op *got[NB];
	unsigned int i;

	for (i = 0; i < NB; i++)
		ops[i] = make_plain(s, generate, place);
	dut_enqueue(t, 0, ops, NB);
	assert_int_equal(inproc_poll(t->d, NB), NB);
	assert_int_equal(rte_cryptodev_dequeue_burst(t->id, 0, got, NB), 0);
}

static void
in_order(void **state)
{
	const struct inproc_cfg cfg = { .run = INPROC_RUN_MANUAL };
	struct rte_crypto_op *ops[NB], *got[NB];
	struct dut t;
	unsigned int i;
	void *s;

	(void)state;
	open_one(&t, &cfg, 64);
	s = session(&t, true);
	half_way(&t, s, true, ops, IN_PLACE);
	assert_int_equal(inproc_poll(t.d, NB), NB);
	dut_dequeue(&t, 0, got, NB);
	for (i = 0; i < NB; i++) {
		assert_ptr_equal(got[i], ops[i]);
		assert_int_equal(got[i]->status, SUCCESS);
		assert_true(is_right(got[i], true));
		free_op(got[i]);
	}
	assert_int_equal(inproc_poll(t.d, NB), 0);
	dut_free_session(&t, s);
	dut_close(&t);
}

/* A failure of the first request is the op's; the second one is not sent. */
static void
first_fails(void **state)
{
	const struct inproc_cfg cfg = { .run = INPROC_RUN_NOTIFY };
	struct rte_crypto_op *op;
	uint64_t requests;
	struct dut t;
	int gen;
	void *s;

	(void)state;
	open_one(&t, &cfg, 64);
	for (gen = 0; gen < 2; gen++) {
		s = session(&t, gen);
		op = make_plain(s, gen, IN_PLACE);
		t.f->force_status = true;
		t.f->data_status = 1; /* ERR */
		t.f->nb_faulty = 1;
		requests = t.s->requests;
		assert_int_equal(dut_run(&t, 0, op), ERROR);
		assert_int_equal(t.s->requests - requests, 1);
		t.f->force_status = false;
		free_op(op);

		/* A device that answers OK and writes no digest: never a success to verify. */
		if (!gen) {
			op = make_plain(s, gen, IN_PLACE);
			t.f->keep_digest = true;
			t.f->nb_faulty = 2;
			assert_int_equal(dut_run(&t, 0, op), AUTH_FAILED);
			t.f->keep_digest = false;
			t.f->nb_faulty = 0;
			free_op(op);
		}
		op = make_plain(s, gen, IN_PLACE);
		assert_int_equal(dut_run(&t, 0, op), SUCCESS);
		assert_true(is_right(op, gen));
		free_op(op);
		dut_free_session(&t, s);
	}
	dut_close(&t);
}

/* Stopped between the requests: answered while the stop waits, or errors; once, either way. */
static void
stopped(void **state)
{
	const struct inproc_cfg cfg = { .run = INPROC_RUN_MANUAL };
	struct rte_crypto_op *ops[NB], *got[NB];
	struct dut t;
	unsigned int i;
	void *s;

	(void)state;
	dut_open(&t, &cfg, "timeout_ms=50");
	dut_start(&t, 1, 64);
	s = session(&t, true);
	half_way(&t, s, true, ops, IN_PLACE);
	rte_cryptodev_stop(t.id);
	assert_int_equal(rte_cryptodev_start(t.id), 0);
	dut_dequeue(&t, 0, got, NB);
	for (i = 0; i < NB; i++) {
		assert_int_equal(got[i]->status, ERROR);
		free_op(got[i]);
	}
	inproc_poll(t.d, NB);
	assert_int_equal(rte_cryptodev_dequeue_burst(t.id, 0, got, NB), 0);

	/* Nobody dequeues: the stop itself sends the second requests. */
	for (i = 0; i < NB; i++)
		ops[i] = make_plain(s, true, IN_PLACE);
	dut_enqueue(&t, 0, ops, NB);
	assert_int_equal(inproc_poll(t.d, NB), NB);
	rte_cryptodev_stop(t.id);
	assert_int_equal(rte_cryptodev_start(t.id), 0);
	dut_dequeue(&t, 0, got, NB);
	for (i = 0; i < NB; i++) {
		assert_int_equal(got[i]->status, ERROR);
		free_op(got[i]);
	}
	/* The sessions of both halves were made again. */
	ops[0] = make_plain(s, true, IN_PLACE);
	dut_enqueue(&t, 0, ops, 1);
	assert_int_equal(inproc_poll(t.d, 1), 1);
	assert_int_equal(rte_cryptodev_dequeue_burst(t.id, 0, got, 1), 0);
	assert_int_equal(inproc_poll(t.d, 1), 1);
	dut_dequeue(&t, 0, got, 1);
	assert_int_equal(got[0]->status, SUCCESS);
	assert_true(is_right(got[0], true));
	free_op(got[0]);
	dut_free_session(&t, s);
	dut_close(&t);
}

/* The device breaks a rule between the requests: the queue is reset, the ops are errors. */
static void
queue_dies(void **state)
{
	const struct inproc_cfg cfg = { .run = INPROC_RUN_MANUAL };
	struct rte_crypto_op *ops[NB], *got[NB];
	struct dut t;
	unsigned int i;
	void *s;

	(void)state;
	open_one(&t, &cfg, 64);
	s = session(&t, false);
	half_way(&t, s, false, ops, OUT_OF_PLACE);
	t.f->bad_id = true;
	t.f->nb_faulty = 1;
	inproc_poll(t.d, 1);
	dut_dequeue(&t, 0, got, NB);
	for (i = 0; i < NB; i++) {
		assert_int_equal(got[i]->status, ERROR);
		free_op(got[i]);
	}
	assert_int_equal(rte_cryptodev_dequeue_burst(t.id, 0, got, NB), 0);
	dut_free_session(&t, s);
	dut_close(&t);
}

/*
 * A direct ring that held all first requests, and has room for one of the second ones, which are
 * longer: the others wait in the driver when the device is stopped, or dies.
 */
static void
some_wait(void **state)
{
	const struct inproc_cfg cfg = {
		.run = INPROC_RUN_MANUAL,
		.features = F_VERSION_1 | F_EVENT_IDX,
	};
	struct rte_crypto_op *ops[4], *got[4];
	uint8_t plain[LEN], sealed[LEN];
	unsigned int i, way;
	struct dut t;
	void *s;

	(void)state;
	reference(PLAIN, plain, sealed);
	for (way = 0; way < 3; way++) {
		/* With keys in the requests there would be no room for three. */
		dut_open(&t, &cfg, "timeout_ms=50,mode=session");
		dut_start(&t, 1, 16);
		s = session(&t, true);
		for (i = 0; i < 4; i++)
			ops[i] = make_op(s, PLAIN, plain, 2, IN_PLACE);
		for (i = 0; i < 3; i++)
			dut_enqueue(&t, 0, &ops[i], 1);
		assert_int_equal(inproc_poll(t.d, 4), 3);
		assert_int_equal(rte_cryptodev_dequeue_burst(t.id, 0, got, 4), 0);
		/* Nothing new overtakes them. */
		assert_int_equal(rte_cryptodev_enqueue_burst(t.id, 0, &ops[3], 1), 0);
		if (way == 0) {
			for (i = 0; i < 3; i++) {
				assert_int_equal(inproc_poll(t.d, 4), 1);
				dut_dequeue(&t, 0, &got[i], 1);
				assert_ptr_equal(got[i], ops[i]);
				assert_true(is_right(got[i], true));
			}
		} else if (way == 1) {
			rte_cryptodev_stop(t.id);
			assert_int_equal(rte_cryptodev_start(t.id), 0);
			dut_dequeue(&t, 0, got, 3);
		} else {
			t.f->bad_id = true;
			t.f->nb_faulty = 1;
			assert_int_equal(inproc_poll(t.d, 1), 1);
			dut_dequeue(&t, 0, got, 3);
		}
		assert_int_equal(rte_cryptodev_dequeue_burst(t.id, 0, got, 4), 0);
		for (i = 0; i < 4; i++) {
			if (i < 3)
				assert_int_equal(ops[i]->status, way == 0 ? SUCCESS : ERROR);
			free_op(ops[i]);
		}
		dut_free_session(&t, s);
		dut_close(&t);
	}
}

/* The in-process transport, made one that can go away. */
static const struct vcrypto_transport_ops *inner;
static struct vcrypto_transport_ops outer;
static bool away;

static uint8_t
outer_get_status(struct vcrypto_transport *t)
{
	return away ? VCRYPTO_STATUS_GONE : inner->get_status(t);
}

static void
outer_set_status(struct vcrypto_transport *t, uint8_t status)
{
	if (!away)
		inner->set_status(t, status);
}

static void
device_goes_away(void **state)
{
	const struct inproc_cfg cfg = { .run = INPROC_RUN_MANUAL };
	struct rte_crypto_op *ops[NB], *got[NB];
	struct vcrypto_dev *dev;
	unsigned int i, step;
	struct dut t;
	int gen;
	void *s;

	(void)state;
	inner = vcrypto_transports[VCRYPTO_TRANSPORT_INPROC];
	outer = *inner;
	outer.recovers = true;
	outer.get_status = outer_get_status;
	outer.set_status = outer_set_status;
	vcrypto_transport_register(VCRYPTO_TRANSPORT_INPROC, &outer);
	open_one(&t, &cfg, 64);
	dev = vcrypto_cryptodev_dev(t.name);
	for (gen = 0; gen < 2; gen++) {
		s = session(&t, gen);
		for (step = 0; step < 3; step++) {
			/* With the first request; answered, but not dequeued; with the second. */
			for (i = 0; i < NB; i++)
				ops[i] = make_plain(s, gen, i % 2 == 0 ? IN_PLACE : OUT_OF_PLACE);
			dut_enqueue(&t, 0, ops, NB);
			if (step > 0)
				assert_int_equal(inproc_poll(t.d, NB), NB);
			if (step > 1)
				assert_int_equal(
					rte_cryptodev_dequeue_burst(t.id, 0, got, NB), 0);
			away = true;
			inner->set_status(inproc_transport(t.d), 0);
			while (inner->get_status(inproc_transport(t.d)) != 0)
				;
			vcrypto_dev_lost(dev);
			away = false;
			assert_int_equal(vcrypto_dev_recover(dev), 0);
			if (dut_is_raw()) {
				dut_dequeue(&t, 0, got, NB);
				for (i = 0; i < NB; i++) {
					assert_int_equal(ops[i]->status, ERROR);
					free_op(ops[i]);
				}
				assert_int_equal(inproc_poll(t.d, NB), 0);
				continue;
			}
			/* Those out of place are done again from the first request on. */
			assert_int_equal(inproc_poll(t.d, NB), NB / 2);
			dut_dequeue(&t, 0, got, NB / 2);
			assert_int_equal(rte_cryptodev_dequeue_burst(t.id, 0, got + NB / 2, NB),
				0);
			assert_int_equal(inproc_poll(t.d, NB), NB / 2);
			dut_dequeue(&t, 0, got + NB / 2, NB / 2);
			for (i = 0; i < NB; i++) {
				assert_int_equal(ops[i]->status, i % 2 == 0 ? ERROR : SUCCESS);
				if (i % 2 != 0)
					assert_true(is_right(ops[i], gen));
				free_op(ops[i]);
			}
			assert_int_equal(rte_cryptodev_dequeue_burst(t.id, 0, got, NB), 0);
		}
		dut_free_session(&t, s);
	}
	dut_close(&t);
	vcrypto_transport_register(VCRYPTO_TRANSPORT_INPROC, inner);
}

/* ---- both ends at once ---- */

#define TOTAL 4000
#define POOL 64

struct lane {
	struct dut *t;
	struct rte_crypto_op *free[POOL];
	uint32_t head, tail;
	uint32_t stop;
};

static void *
enqueuer(void *arg)
{
	struct lane *const l = arg;
	struct rte_crypto_op *op;
	uint32_t n;

	for (n = 0; n < TOTAL && !__atomic_load_n(&l->stop, __ATOMIC_RELAXED);) {
		if (__atomic_load_n(&l->tail, __ATOMIC_ACQUIRE) == l->head) {
			sched_yield();
			continue;
		}
		op = l->free[l->head % POOL];
		if (rte_cryptodev_enqueue_burst(l->t->id, 0, &op, 1) == 1) {
			l->head++;
			n++;
		} else {
			sched_yield();
		}
	}
	return NULL;
}

/* A ring without room to spare, ops of one and of two requests, one thread at each end. */
static void
both_ends(uint64_t features, uint16_t size)
{
	const struct inproc_cfg cfg = { .run = INPROC_RUN_THREAD, .features = features };
	uint8_t plain[LEN], sealed[LEN];
	struct rte_crypto_op *got[8];
	struct lane l = { .tail = POOL };
	const uint64_t end = dut_now_ms() + 4 * DUT_WAIT_MS;
	uint32_t i, n, done = 0;
	void *s, *single;
	pthread_t thread;
	struct dut t;

	reference(PLAIN, plain, sealed);
	open_one(&t, &cfg, size);
	s = session(&t, true);
	single = dut_cipher_session(&t, true);
	l.t = &t;
	for (i = 0; i < POOL; i++)
		l.free[i] = i % 4 == 3 ? dut_op(single, DUT_DATA_LEN) :
			make_op(s, PLAIN, plain, i % RTE_DIM(cuts) / 2, IN_PLACE);
	assert_int_equal(pthread_create(&thread, NULL, enqueuer, &l), 0);
	while (done < TOTAL && dut_now_ms() < end) {
		n = rte_cryptodev_dequeue_burst(t.id, 0, got, RTE_DIM(got));
		if (n == 0)
			sched_yield();
		for (i = 0; i < n; i++, done++) {
			bool right;

			if (got[i]->sym->session == single) {
				right = dut_encrypted(got[i], DUT_DATA_LEN);
				dut_pattern(dut_data(got[i]), DUT_DATA_LEN);
			} else {
				uint8_t out[LEN];
				struct rte_mbuf *m = got[i]->sym->m_src;
				uint32_t at;

				bytes_of(m, out);
				right = memcmp(out, sealed, LEN) == 0;
				for (at = 0; m != NULL; at += m->data_len, m = m->next)
					memcpy(rte_pktmbuf_mtod(m, void *), plain + at,
						m->data_len);
			}
			if (got[i]->status != SUCCESS || !right) {
				__atomic_store_n(&l.stop, 1, __ATOMIC_RELAXED);
				pthread_join(thread, NULL);
				fail_msg("op %u: status %d, %s", done, got[i]->status,
					right ? "right" : "wrong");
			}
			l.free[l.tail % POOL] = got[i];
			__atomic_store_n(&l.tail, l.tail + 1, __ATOMIC_RELEASE);
		}
	}
	__atomic_store_n(&l.stop, 1, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	assert_int_equal(done, TOTAL);
	for (; l.head != l.tail; l.head++)
		free_op(l.free[l.head % POOL]);
	dut_free_session(&t, s);
	dut_free_session(&t, single);
	dut_close(&t);
}

static void
both_ends_indirect(void **state)
{
	(void)state;
	both_ends(0, 32);
}

static void
both_ends_direct(void **state)
{
	(void)state;
	both_ends(F_VERSION_1 | F_EVENT_IDX, 16);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(layouts_indirect),
		cmocka_unit_test(layouts_direct),
		cmocka_unit_test(refused),
		cmocka_unit_test(second_too_long),
		cmocka_unit_test(without_halves),
		cmocka_unit_test(in_order),
		cmocka_unit_test(first_fails),
		cmocka_unit_test(stopped),
		cmocka_unit_test(queue_dies),
		cmocka_unit_test(some_wait),
		cmocka_unit_test(device_goes_away),
		cmocka_unit_test(both_ends_indirect),
		cmocka_unit_test(both_ends_direct),
	};

	return cmocka_run_group_tests(tests, dut_eal_setup, dut_eal_teardown);
}
