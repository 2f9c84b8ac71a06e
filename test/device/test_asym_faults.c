/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Asymmetric sessions and ops where something goes wrong, or out: sessions on the device are made
 * when they are needed, few, and replayed; devices that lie; devices that go; more ops than
 * buffers; keys that must not stay.
 */

#include <openssl/rsa.h>

#include "asym_fixture.h"
#include "virtio_asym.h"
#include "virtio_asym_pool.h"
#include "virtio_cryptodev.h"
#include "virtio_dev.h"
#include "virtio_transport.h"

#define SUCCESS RTE_CRYPTO_OP_STATUS_SUCCESS
#define ERROR RTE_CRYPTO_OP_STATUS_ERROR
#define INVALID_ARGS RTE_CRYPTO_OP_STATUS_INVALID_ARGS
#define INVALID_SESSION RTE_CRYPTO_OP_STATUS_INVALID_SESSION

#define QT RTE_RSA_KEY_TYPE_QT
#define NONE RTE_CRYPTO_RSA_PADDING_NONE
#define PKCS1 RTE_CRYPTO_RSA_PADDING_PKCS1_5
#define SHA256 RTE_CRYPTO_AUTH_SHA256
#define P256 RTE_CRYPTO_EC_GROUP_SECP256R1
#define ENC RTE_CRYPTO_ASYM_OP_ENCRYPT
#define DEC RTE_CRYPTO_ASYM_OP_DECRYPT
#define SIGN RTE_CRYPTO_ASYM_OP_SIGN

#define BITS 1024
#define LEN (BITS / 8)

static const uint8_t digest[32] = "a digest of thirty-two bytes...";
static const struct vcrypto_transport_ops *inner;
static struct vcrypto_transport_ops outer;
static bool away;

/* ---- a device that can go away ---- */

static uint8_t
outer_get_status(struct vcrypto_transport *t)
{
	return __atomic_load_n(&away, __ATOMIC_ACQUIRE) ? VCRYPTO_STATUS_GONE :
		inner->get_status(t);
}

static void
outer_set_status(struct vcrypto_transport *t, uint8_t status)
{
	if (!__atomic_load_n(&away, __ATOMIC_ACQUIRE))
		inner->set_status(t, status);
}

static int
setup(void **state)
{
	const int ret = asym_setup(state);

	inner = vcrypto_transports[VCRYPTO_TRANSPORT_INPROC];
	outer = *inner;
	outer.recovers = true;
	outer.get_status = outer_get_status;
	outer.set_status = outer_set_status;
	return ret;
}

static struct vcrypto_dev *
dev_of(const struct dut *t)
{
	struct vcrypto_dev *const dev = vcrypto_cryptodev_dev(t->name);

	assert_non_null(dev);
	return dev;
}

static void
open_started(struct dut *t, const struct inproc_cfg *cfg, const char *devargs)
{
	dut_open(t, cfg, devargs);
	dut_start(t, 1, 64);
}

static void *
rsa_session(struct dut *t)
{
	void *const s = asym_rsa_session(t, asym_rsa_key(BITS), QT, true);

	assert_non_null(s);
	return s;
}

static int
sign(struct dut *t, void *session)
{
	struct asym_op o;
	int ret;

	asym_rsa_op(&o, session, SIGN, PKCS1, SHA256, digest, sizeof(digest));
	ret = asym_run(t, &o);
	if (ret == SUCCESS)
		assert_true(asym_ref_rsa_verify(asym_rsa_key(BITS), "SHA256", digest,
				sizeof(digest), o.out, LEN));
	else
		assert_int_equal(o.out[0], ASYM_UNTOUCHED);
	asym_op_free(&o);
	return ret;
}

static int
encrypt(struct dut *t, void *session, enum rte_crypto_rsa_padding_type padding)
{
	struct asym_op o;
	int ret;

	asym_rsa_op(&o, session, ENC, padding, 0, digest, sizeof(digest));
	ret = asym_run(t, &o);
	asym_op_free(&o);
	return ret;
}

/* ---- sessions on the device ---- */

static void
test_lazy(void **state)
{
	struct dut t;
	void *s, *ec;
	int i;

	(void)state;
	open_started(&t, NULL, NULL);
	s = rsa_session(&t);
	ec = asym_ec_session(&t, P256);
	assert_int_equal(t.s->sessions, 0);
	for (i = 1; i <= 3; i++) {
		assert_int_equal(sign(&t, s), SUCCESS);
		assert_int_equal(t.s->sessions, 1);
	}
	/* The public key, for each padding. */
	assert_int_equal(encrypt(&t, s, PKCS1), SUCCESS);
	assert_int_equal(encrypt(&t, s, PKCS1), SUCCESS);
	assert_int_equal(t.s->sessions, 2);
	assert_int_equal(encrypt(&t, s, NONE), SUCCESS);
	assert_int_equal(t.s->sessions, 3);
	asym_free_session(&t, s);
	assert_int_equal(t.s->sessions, 0);
	asym_free_session(&t, ec);
	dut_close(&t);
}

/* Where keys come with ops, the device has those of the last few. */
static void
test_many_keys(void **state)
{
	enum { NB = VCRYPTO_ASYM_MADE_MAX + 8 };
	const struct asym_key *const k = asym_ec_key(P256);
	struct asym_number number = {.len = 4};
	uint64_t before;
	struct asym_op o;
	struct dut t;
	void *s;
	int i, round;

	(void)state;
	open_started(&t, NULL, NULL);
	s = asym_ec_session(&t, P256);
	for (round = 0; round < 2; round++) {
		for (i = 0; i < NB; i++) {
			asym_ec_sign_op(&o, s, k, digest, sizeof(digest));
			number.data[0] = 1;
			number.data[3] = (uint8_t)i;
			o.op->asym->ecdsa.pkey.data = number.data;
			o.op->asym->ecdsa.pkey.length = number.len;
			assert_int_equal(asym_run(&t, &o), SUCCESS);
			asym_op_free(&o);
			assert_true(t.s->sessions <= VCRYPTO_ASYM_MADE_MAX);
		}
	}
	assert_int_equal(t.s->sessions, VCRYPTO_ASYM_MADE_MAX);
	/* The last ones are still there. */
	before = t.s->ctrl_requests;
	for (i = NB - VCRYPTO_ASYM_MADE_MAX; i < NB; i++) {
		asym_ec_sign_op(&o, s, k, digest, sizeof(digest));
		number.data[3] = (uint8_t)i;
		o.op->asym->ecdsa.pkey.data = number.data;
		o.op->asym->ecdsa.pkey.length = number.len;
		assert_int_equal(asym_run(&t, &o), SUCCESS);
		asym_op_free(&o);
	}
	assert_int_equal(t.s->ctrl_requests, before);
	asym_free_session(&t, s);
	assert_int_equal(t.s->sessions, 0);
	dut_close(&t);
}

/* So many keys in flight that no session can go: back-pressure, or keys with the requests. */
static void
many_in_flight(bool stateless)
{
	enum { NB = VCRYPTO_ASYM_MADE_MAX + 4 };
	const struct inproc_cfg cfg = {.run = INPROC_RUN_MANUAL, .stateless = stateless};
	const struct asym_key *const k = asym_ec_key(P256);
	struct rte_crypto_op *ops[NB], *back[NB];
	static struct asym_op o[NB];
	uint8_t number[NB][2];
	uint16_t taken, got = 0;
	struct dut t;
	void *s;
	int i;

	open_started(&t, &cfg, NULL);
	s = asym_ec_session(&t, P256);
	for (i = 0; i < NB; i++) {
		asym_ec_sign_op(&o[i], s, k, digest, sizeof(digest));
		number[i][0] = 7;
		number[i][1] = (uint8_t)i;
		o[i].op->asym->ecdsa.pkey.data = number[i];
		o[i].op->asym->ecdsa.pkey.length = 2;
		ops[i] = o[i].op;
	}
	taken = rte_cryptodev_enqueue_burst(t.id, 0, ops, NB);
	assert_int_equal(taken, stateless ? NB : VCRYPTO_ASYM_MADE_MAX);
	assert_int_equal(t.s->sessions, VCRYPTO_ASYM_MADE_MAX);
	assert_int_equal(rte_cryptodev_enqueue_burst(t.id, 0, ops + taken, NB - taken), 0);
	while (got < taken) {
		inproc_poll(t.d, NB);
		got += rte_cryptodev_dequeue_burst(t.id, 0, back + got, NB - got);
	}
	assert_int_equal(rte_cryptodev_enqueue_burst(t.id, 0, ops + taken, NB - taken),
		NB - taken);
	while (got < NB) {
		inproc_poll(t.d, NB);
		got += rte_cryptodev_dequeue_burst(t.id, 0, back + got, NB - got);
	}
	for (i = 0; i < NB; i++) {
		assert_int_equal(o[i].op->status, SUCCESS);
		asym_op_free(&o[i]);
	}
	assert_int_equal(t.s->sessions, VCRYPTO_ASYM_MADE_MAX);
	asym_free_session(&t, s);
	dut_close(&t);
}

static void
test_many_in_flight(void **state)
{
	(void)state;
	many_in_flight(false);
	many_in_flight(true);
}

/*
 * A device of few sessions: those that nobody uses make room, of one session of the application.
 * With REVISION_1 it says that it is full; without, only that it will not.
 */
static void
no_space(bool revision_1)
{
	const struct inproc_cfg cfg = {
		.max_sessions = 2,
		.features = F_VERSION_1 | F_INDIRECT | (revision_1 ? F(0) : 0),
	};
	struct rte_crypto_op *op;
	struct asym_op o;
	void *s, *other, *asym;
	struct dut t;

	open_started(&t, &cfg, NULL);
	s = rsa_session(&t);
	assert_int_equal(sign(&t, s), SUCCESS);
	assert_int_equal(encrypt(&t, s, PKCS1), SUCCESS);
	assert_int_equal(encrypt(&t, s, NONE), SUCCESS);
	assert_int_equal(sign(&t, s), SUCCESS);
	assert_int_equal(t.s->sessions, 2);
	asym_free_session(&t, s);
	assert_int_equal(t.s->sessions, 0);
	/* Taken by others. */
	s = dut_cipher_session(&t, true);
	other = dut_cipher_session(&t, false);
	assert_true(s != NULL && other != NULL);
	asym = rsa_session(&t);
	asym_rsa_op(&o, asym, SIGN, PKCS1, SHA256, digest, sizeof(digest));
	op = o.op;
	if (revision_1) {
		/* As with any lack of room: later. */
		assert_int_equal(rte_cryptodev_enqueue_burst(t.id, 0, &op, 1), 0);
		dut_free_session(&t, other);
		assert_int_equal(asym_run(&t, &o), SUCCESS);
	} else {
		assert_int_equal(asym_run(&t, &o), INVALID_SESSION);
		dut_free_session(&t, other);
	}
	asym_op_free(&o);
	asym_free_session(&t, asym);
	dut_free_session(&t, s);
	dut_close(&t);
}

static void
test_no_space(void **state)
{
	(void)state;
	no_space(false);
	no_space(true);
}

/* Sessions go with the device and come back with it; it does not keep the old ones. */
static void
test_restart(void **state)
{
	struct dut t;
	void *s;
	int i;

	(void)state;
	open_started(&t, NULL, NULL);
	t.f->keep_sessions = true;
	s = rsa_session(&t);
	assert_int_equal(sign(&t, s), SUCCESS);
	assert_int_equal(encrypt(&t, s, PKCS1), SUCCESS);
	for (i = 0; i < 3; i++) {
		uint64_t before;

		rte_cryptodev_stop(t.id);
		assert_int_equal(t.s->sessions, 0);
		assert_int_equal(rte_cryptodev_start(t.id), 0);
		assert_int_equal(t.s->sessions, 2);
		before = t.s->ctrl_requests;
		assert_int_equal(sign(&t, s), SUCCESS);
		assert_int_equal(encrypt(&t, s, PKCS1), SUCCESS);
		assert_int_equal(t.s->ctrl_requests, before);
	}
	/* Made while stopped, freed while stopped. */
	rte_cryptodev_stop(t.id);
	asym_free_session(&t, s);
	s = rsa_session(&t);
	assert_int_equal(rte_cryptodev_start(t.id), 0);
	assert_int_equal(sign(&t, s), SUCCESS);
	rte_cryptodev_stop(t.id);
	asym_free_session(&t, s);
	assert_int_equal(rte_cryptodev_start(t.id), 0);
	assert_int_equal(t.s->sessions, 0);
	dut_close(&t);
}

/* What the device refuses costs one command; it is asked again after a restart. */
static void
test_refused(void **state)
{
	static const uint32_t statuses[] = {1, 3, 6, 99};
	uint64_t before;
	struct dut t;
	unsigned int i;
	void *s;

	(void)state;
	open_started(&t, NULL, NULL);
	for (i = 0; i < RTE_DIM(statuses); i++) {
		s = rsa_session(&t);
		t.f->ctrl_status = statuses[i];
		assert_int_equal(sign(&t, s), INVALID_SESSION);
		before = t.s->ctrl_requests;
		assert_int_equal(sign(&t, s), INVALID_SESSION);
		assert_int_equal(t.s->ctrl_requests, before);
		t.f->ctrl_status = 0;
		assert_int_equal(encrypt(&t, s, PKCS1), SUCCESS);
		assert_int_equal(sign(&t, s), INVALID_SESSION);
		rte_cryptodev_stop(t.id);
		assert_int_equal(rte_cryptodev_start(t.id), 0);
		assert_int_equal(sign(&t, s), SUCCESS);
		/* Or it refuses when it is back. */
		rte_cryptodev_stop(t.id);
		t.f->ctrl_status = statuses[i];
		assert_int_equal(rte_cryptodev_start(t.id), 0);
		t.f->ctrl_status = 0;
		assert_int_equal(sign(&t, s), INVALID_SESSION);
		asym_free_session(&t, s);
		assert_int_equal(t.s->sessions, 0);
	}
	dut_close(&t);
}

/* A control queue without an answer: the op comes back when the deadline has passed. */
static void
test_silent_control(void **state)
{
	struct dut t;
	void *s;

	(void)state;
	open_started(&t, NULL, "timeout_ms=50");
	s = rsa_session(&t);
	assert_int_equal(encrypt(&t, s, PKCS1), SUCCESS);
	t.f->ctrl_silent = true;
	assert_int_equal(sign(&t, s), ERROR);
	assert_int_equal(sign(&t, s), ERROR);
	/* What has a session works on. */
	assert_int_equal(encrypt(&t, s, PKCS1), SUCCESS);
	t.f->ctrl_silent = false;
	rte_cryptodev_stop(t.id);
	assert_int_equal(rte_cryptodev_start(t.id), 0);
	assert_int_equal(sign(&t, s), SUCCESS);
	asym_free_session(&t, s);
	dut_close(&t);
}

/* Sessions that the driver must not make. */
static void
test_bad_xforms(void **state)
{
	const struct asym_key *const k = asym_rsa_key(BITS);
	struct rte_crypto_asym_xform x, next;
	static struct asym_key odd;
	struct dut t;

	(void)state;
	dut_open(&t, NULL, NULL);
#define REFUSED(err) do { \
	assert_null(asym_session(&t, &x)); \
	assert_int_equal(rte_errno, err); \
} while (0)
	memset(&x, 0, sizeof(x));
	x.xform_type = RTE_CRYPTO_ASYM_XFORM_MODEX;
	REFUSED(ENOTSUP);
	x.xform_type = RTE_CRYPTO_ASYM_XFORM_RSA;
	REFUSED(EINVAL);
	x.xform_type = 12345;
	REFUSED(ENOTSUP);
	x.xform_type = RTE_CRYPTO_ASYM_XFORM_ECDSA;
	REFUSED(ENOTSUP); /* curve 0 */
	x.ec.curve_id = P256;
	memset(&next, 0, sizeof(next));
	x.next = &next;
	REFUSED(ENOTSUP);
	odd = *k;
	odd.n.data[odd.n.len - 1] ^= 2;
	assert_null(asym_rsa_session(&t, &odd, QT, true));
	assert_int_equal(rte_errno, EINVAL);
	assert_null(asym_rsa_session(&t, &odd, RTE_RSA_KEY_TYPE_EXP, true));
	assert_int_equal(rte_errno, EINVAL);
	/* A modulus beyond the device's, or below. */
	odd = *k;
	memset(odd.n.data, 0xff, ASYM_MAX_LEN);
	odd.n.len = 63;
	assert_null(asym_rsa_session(&t, &odd, QT, false));
	assert_int_equal(rte_errno, ENOTSUP);
	dut_close(&t);
}

/* ---- ops ---- */

/* Ops that cannot be: each comes back, costs nothing, and harms none beside it. */
static void
test_bad_ops(void **state)
{
	struct rte_cryptodev_asym_session *foreign;
	struct rte_crypto_op *ops[3];
	struct asym_op o[3];
	struct dut t;
	void *s, *ec, *public;
	int i;

	(void)state;
	open_started(&t, NULL, NULL);
	s = rsa_session(&t);
	ec = asym_ec_session(&t, P256);
	public = asym_rsa_session(&t, asym_rsa_key(BITS), QT, false);
#define COMES_BACK(ret, ...) do { \
	asym_rsa_op(&o[0], s, SIGN, PKCS1, SHA256, digest, sizeof(digest)); \
	__VA_ARGS__; \
	assert_int_equal(asym_run(&t, &o[0]), ret); \
	assert_int_equal(o[0].out[0], ASYM_UNTOUCHED); \
	asym_op_free(&o[0]); \
} while (0)
	COMES_BACK(INVALID_SESSION, o[0].op->asym->session = NULL);
	COMES_BACK(INVALID_SESSION, o[0].op->sess_type = RTE_CRYPTO_OP_SESSIONLESS);
	COMES_BACK(INVALID_ARGS, o[0].op->asym->rsa.message.data = NULL);
	COMES_BACK(INVALID_ARGS, o[0].op->asym->rsa.message.length = 0);
	COMES_BACK(INVALID_ARGS, o[0].op->asym->rsa.message.length = SIZE_MAX);
	COMES_BACK(INVALID_ARGS, o[0].op->asym->rsa.sign.data = NULL);
	COMES_BACK(INVALID_ARGS, o[0].op->asym->rsa.sign.length = 5);
	COMES_BACK(INVALID_ARGS, o[0].op->asym->rsa.op_type = 9);
	COMES_BACK(INVALID_ARGS, o[0].op->asym->rsa.padding.type =
		RTE_CRYPTO_RSA_PADDING_PSS);
	COMES_BACK(INVALID_ARGS, o[0].op->asym->session = public);
	/* Of a driver that is another. */
	foreign = calloc(1, 256);
	foreign->driver_id = 200;
	COMES_BACK(INVALID_SESSION, o[0].op->asym->session = foreign);
	foreign->driver_id = vcrypto_driver_id;
	COMES_BACK(INVALID_SESSION, o[0].op->asym->session = foreign);
	free(foreign);
	/* RSA's op of a session of ECDSA: its fields mean something else, so it may fail only. */
	asym_rsa_op(&o[0], ec, ENC, PKCS1, 0, digest, sizeof(digest));
	assert_int_not_equal(asym_run(&t, &o[0]), SUCCESS);
	asym_op_free(&o[0]);

	/* In the middle of good ones, of which it holds up none. */
	for (i = 0; i < 3; i++) {
		asym_rsa_op(&o[i], s, SIGN, PKCS1, SHA256, digest, sizeof(digest));
		ops[i] = o[i].op;
	}
	o[1].op->asym->rsa.message.length = 31;
	dut_enqueue(&t, 0, ops, 3);
	dut_dequeue(&t, 0, ops, 3);
	assert_int_equal(o[0].op->status, SUCCESS);
	assert_int_equal(o[1].op->status, INVALID_ARGS);
	assert_int_equal(o[2].op->status, SUCCESS);
	for (i = 0; i < 3; i++)
		asym_op_free(&o[i]);
	/* Nothing of all that is left. */
	for (i = 0; i < 200; i++) {
		asym_rsa_op(&o[0], s, SIGN, PKCS1, SHA256, digest, 5);
		assert_int_equal(asym_run(&t, &o[0]), INVALID_ARGS);
		asym_op_free(&o[0]);
	}
	assert_int_equal(sign(&t, s), SUCCESS);
	asym_free_session(&t, s);
	asym_free_session(&t, ec);
	asym_free_session(&t, public);
	/* And a session that was freed. */
	asym_rsa_op(&o[0], s, SIGN, PKCS1, SHA256, digest, sizeof(digest));
	assert_int_equal(asym_run(&t, &o[0]), INVALID_SESSION);
	asym_op_free(&o[0]);
	dut_close(&t);
}

/* What the device may not take in one request. */
static void
test_max_size(void **state)
{
	const struct inproc_cfg cfg = {.max_size = 2 * LEN};
	const struct inproc_cfg enough = {.max_size = 2 * LEN + 1};
	struct dut t;
	void *s;

	(void)state;
	open_started(&t, &enough, NULL);
	s = rsa_session(&t);
	assert_int_equal(sign(&t, s), SUCCESS);
	assert_int_equal(encrypt(&t, s, NONE), SUCCESS);
	asym_free_session(&t, s);
	dut_close(&t);
	open_started(&t, &cfg, NULL);
	assert_null(asym_rsa_session(&t, asym_rsa_key(BITS), QT, true));
	assert_int_equal(rte_errno, ENOTSUP);
	dut_close(&t);
}

/* ---- devices that lie ---- */

static void
test_status(void **state)
{
	struct asym_op o;
	uint8_t sig[LEN];
	unsigned int status;
	struct dut t;
	void *s;

	(void)state;
	open_started(&t, NULL, NULL);
	s = rsa_session(&t);
	asym_ref_rsa_sign(asym_rsa_key(BITS), "SHA256", digest, sizeof(digest), sig);
	assert_int_equal(sign(&t, s), SUCCESS);
	for (status = 1; status < 256; status++) {
		t.f->force_status = true;
		t.f->data_status = (uint8_t)status;
		t.f->nb_faulty = 1;
		assert_int_not_equal(sign(&t, s), SUCCESS);
		t.f->nb_faulty = 1;
		/* An op that has been a success before. */
		asym_rsa_verify_op(&o, s, PKCS1, SHA256, digest, sizeof(digest), sig, LEN);
		o.op->status = SUCCESS;
		assert_int_not_equal(asym_run(&t, &o), SUCCESS);
		if (status == 6 || status == 2)
			assert_int_equal(o.op->status, ERROR);
		asym_op_free(&o);
	}
	/* A result that is none. */
	t.f->data_status = 0;
	t.f->nb_faulty = 1;
	assert_int_equal(sign(&t, s), ERROR);
	t.f->force_status = false;
	/* Nothing at all: not even a status. */
	t.f->keep_status = true;
	t.f->nb_faulty = 1;
	assert_int_equal(sign(&t, s), ERROR);
	t.f->nb_faulty = 1;
	asym_rsa_verify_op(&o, s, PKCS1, SHA256, digest, sizeof(digest), sig, LEN);
	assert_int_equal(asym_run(&t, &o), ERROR);
	t.f->keep_status = false;
	assert_int_equal(asym_run(&t, &o), SUCCESS);
	asym_op_free(&o);
	asym_free_session(&t, s);
	dut_close(&t);
}

/* Used lengths that cannot be, or that are not true. */
static void
test_used_length(void **state)
{
	static const uint32_t wrong[] = {0, 1, LEN + 2, 0x10000, 0x7fffffff, UINT32_MAX - 1};
	uint8_t cipher[LEN];
	struct asym_op o;
	struct dut t;
	unsigned int i;
	void *s;

	(void)state;
	open_started(&t, NULL, NULL);
	s = rsa_session(&t);
	asym_ref_rsa_encrypt(asym_rsa_key(BITS), RSA_PKCS1_PADDING, digest, sizeof(digest),
		cipher);
	assert_int_equal(sign(&t, s), SUCCESS);
	t.f->lie_len = true;
	for (i = 0; i < RTE_DIM(wrong); i++) {
		t.f->used_len = wrong[i];
		t.f->nb_faulty = 2;
		assert_int_equal(sign(&t, s), ERROR);
		asym_rsa_op(&o, s, DEC, PKCS1, 0, cipher, LEN);
		if (wrong[i] == 1) {
			/* A message of no bytes. */
			assert_int_equal(asym_run(&t, &o), SUCCESS);
			assert_int_equal(o.op->asym->rsa.message.length, 0);
		} else {
			assert_int_equal(asym_run(&t, &o), ERROR);
		}
		assert_int_equal(o.out[0], ASYM_UNTOUCHED);
		t.f->nb_faulty = 0;
		assert_int_equal(asym_run(&t, &o), SUCCESS);
		assert_int_equal(o.op->asym->rsa.message.length, sizeof(digest));
		asym_op_free(&o);
	}
	/* Less than there is, more than there is: never more than was asked for. */
	t.f->used_len = 9;
	t.f->nb_faulty = 1;
	asym_rsa_op(&o, s, DEC, PKCS1, 0, cipher, LEN);
	assert_int_equal(asym_run(&t, &o), SUCCESS);
	assert_int_equal(o.op->asym->rsa.message.length, 8);
	assert_int_equal(o.out[8], ASYM_UNTOUCHED);
	o.op->asym->rsa.message.length = 0;
	t.f->used_len = LEN + 1;
	t.f->nb_faulty = 1;
	assert_int_equal(asym_run(&t, &o), SUCCESS);
	assert_int_equal(o.op->asym->rsa.message.length, LEN);
	assert_int_equal(o.out[LEN], ASYM_UNTOUCHED);
	asym_op_free(&o);
	asym_free_session(&t, s);
	dut_close(&t);
}

/* ---- buffers ---- */

/* More ops than buffers: as many as there are, in any order with symmetric ones. */
static void
test_pool(void **state)
{
	enum { NB = 2 * VCRYPTO_ASYM_POOL_MAX };
	const struct inproc_cfg cfg = {.run = INPROC_RUN_MANUAL};
	static struct rte_crypto_op *ops[NB], *back[NB];
	static struct asym_op o[NB];
	uint16_t n, got = 0, sent = 0;
	struct rte_crypto_op *sym;
	struct dut t;
	void *s, *cs;
	int i;

	(void)state;
	dut_open(&t, &cfg, NULL);
	dut_start(&t, 1, NB);
	t.f->reverse = true;
	s = rsa_session(&t);
	cs = dut_cipher_session(&t, true);
	for (i = 0; i < NB; i++) {
		asym_rsa_op(&o[i], s, ENC, PKCS1, 0, digest, sizeof(digest));
		ops[i] = o[i].op;
	}
	sent = rte_cryptodev_enqueue_burst(t.id, 0, ops, NB);
	assert_int_equal(sent, VCRYPTO_ASYM_POOL_MAX);
	assert_int_equal(rte_cryptodev_enqueue_burst(t.id, 0, ops + sent, NB - sent), 0);
	/* Symmetric ops need none. */
	sym = dut_op(cs, DUT_DATA_LEN);
	dut_enqueue(&t, 0, &sym, 1);
	while (got < NB + 1) {
		inproc_poll(t.d, 40);
		n = rte_cryptodev_dequeue_burst(t.id, 0, back, NB);
		for (i = 0; i < n; i++)
			assert_int_equal(back[i]->status, SUCCESS);
		got += n;
		if (sent < NB)
			sent += rte_cryptodev_enqueue_burst(t.id, 0, ops + sent, NB - sent);
	}
	assert_true(dut_encrypted(sym, DUT_DATA_LEN));
	dut_free_op(sym);
	for (i = 0; i < NB; i++)
		asym_op_free(&o[i]);
	asym_free_session(&t, s);
	dut_free_session(&t, cs);
	dut_close(&t);
}

/* In flight when the device stops: each op comes back once, and no buffer stays behind. */
static void
test_in_flight(void **state)
{
	enum { NB = 60 };
	const struct inproc_cfg cfg = {.run = INPROC_RUN_MANUAL};
	struct rte_crypto_op *ops[NB];
	static struct asym_op o[NB];
	struct dut t;
	void *s;
	int i, round;

	(void)state;
	open_started(&t, &cfg, "timeout_ms=50");
	for (round = 0; round < 6; round++) {
		s = rsa_session(&t);
		for (i = 0; i < NB; i++) {
			asym_rsa_op(&o[i], s, SIGN, PKCS1, SHA256, digest, sizeof(digest));
			ops[i] = o[i].op;
		}
		dut_enqueue(&t, 0, ops, NB);
		switch (round % 3) {
		case 0: /* stopped */
			rte_cryptodev_stop(t.id);
			assert_int_equal(rte_cryptodev_start(t.id), 0);
			break;
		case 1: /* broken */
			t.f->bad_id = true;
			t.f->nb_faulty = 1;
			inproc_poll(t.d, 1);
			break;
		default: /* freed */
			asym_free_session(&t, s);
			s = NULL;
			inproc_poll(t.d, NB);
			break;
		}
		dut_dequeue(&t, 0, ops, NB);
		for (i = 0; i < NB; i++) {
			if (s != NULL)
				assert_int_equal(o[i].op->status, ERROR);
			asym_op_free(&o[i]);
		}
		t.f->bad_id = false;
		rte_cryptodev_stop(t.id);
		assert_int_equal(rte_cryptodev_start(t.id), 0);
		if (s != NULL)
			asym_free_session(&t, s);
	}
	dut_close(&t);
}

/* A back end that goes away and comes back: ops in flight are sent again. */
static void
test_recover(void **state)
{
	enum { NB = 40 };
	const struct inproc_cfg cfg = {.run = INPROC_RUN_MANUAL};
	const struct asym_key *const k = asym_ec_key(P256);
	struct rte_crypto_op *ops[NB], *op;
	static struct asym_op o[NB];
	struct asym_op late;
	struct dut t;
	void *s, *ec;
	int i;

	(void)state;
	away = false;
	vcrypto_transport_register(VCRYPTO_TRANSPORT_INPROC, &outer);
	open_started(&t, &cfg, "timeout_ms=2000");
	s = rsa_session(&t);
	ec = asym_ec_session(&t, P256);
	for (i = 0; i < NB; i++) {
		if (i % 2 != 0)
			asym_ec_sign_op(&o[i], ec, k, digest, sizeof(digest));
		else
			asym_rsa_op(&o[i], s, SIGN, PKCS1, SHA256, digest, sizeof(digest));
		ops[i] = o[i].op;
	}
	dut_enqueue(&t, 0, ops, NB);
	__atomic_store_n(&away, true, __ATOMIC_RELEASE);
	inner->set_status(inproc_transport(t.d), 0);
	vcrypto_dev_lost(dev_of(&t));
	assert_int_equal(t.s->sessions, 0);
	/* Nothing is made or taken meanwhile. */
	asym_rsa_op(&late, s, ENC, NONE, 0, digest, sizeof(digest));
	op = late.op;
	assert_int_equal(rte_cryptodev_enqueue_burst(t.id, 0, &op, 1), 0);
	__atomic_store_n(&away, false, __ATOMIC_RELEASE);
	assert_int_equal(vcrypto_dev_recover(dev_of(&t)), 0);
	assert_int_equal(t.s->sessions, 2);
	assert_int_equal(inproc_poll(t.d, NB), NB);
	dut_dequeue(&t, 0, ops, NB);
	for (i = 0; i < NB; i++) {
		assert_int_equal(o[i].op->status, SUCCESS);
		if (i % 2 != 0)
			assert_true(asym_ref_ec_verify(k, digest, sizeof(digest), o[i].out,
				k->len, o[i].out2, k->len));
		else
			assert_true(asym_ref_rsa_verify(asym_rsa_key(BITS), "SHA256", digest,
				sizeof(digest), o[i].out, LEN));
		asym_op_free(&o[i]);
	}
	dut_enqueue(&t, 0, &op, 1);
	inproc_poll(t.d, 1);
	dut_dequeue(&t, 0, &op, 1);
	assert_int_equal(op->status, SUCCESS);
	asym_op_free(&late);
	asym_free_session(&t, s);
	asym_free_session(&t, ec);
	dut_close(&t);
	vcrypto_transport_register(VCRYPTO_TRANSPORT_INPROC, inner);
}

/* ---- keys ---- */

struct search {
	const uint8_t *key;
	unsigned int found;
};

static int
search_memory(const struct rte_memseg_list *msl, const struct rte_memseg *ms, size_t len, void *arg)
{
	const uint8_t *p = ms->addr, *const end = p + len;
	struct search *const s = arg;

	(void)msl;
	while ((p = memmem(p, (size_t)(end - p), s->key, 16)) != NULL) {
		s->found++;
		p++;
	}
	return 0;
}

/* How often a part of a number stands in DPDK's memory. */
static unsigned int
copies(const struct asym_number *n)
{
	struct search s = {n->data + n->len / 2 - 8, 0};

	/* Not page by page: a key may lie in two. */
	rte_memseg_contig_walk(search_memory, &s);
	return s.found;
}

static unsigned int
secrets(void)
{
	const struct asym_key *const k = asym_rsa_key(BITS);

	return copies(&k->d) + copies(&k->p) + copies(&k->q) + copies(&k->dp) + copies(&k->dq) +
		copies(&k->qinv) + copies(&asym_ec_key(P256)->d);
}

static void
wiped(const struct inproc_cfg *cfg, const char *devargs)
{
	static const uint8_t plain[32] = "a plaintext that nobody may keep";
	const struct asym_number text = {.len = sizeof(plain)};
	const bool on_device = strstr(devargs, "stateless") == NULL;
	struct asym_number found = text;
	uint8_t cipher[LEN];
	struct asym_op o;
	struct dut t;
	void *s, *ec;
	unsigned int kept;
	int end;

	memcpy(found.data, plain, sizeof(plain));
	for (end = 0; end < 2; end++) {
		open_started(&t, cfg, devargs);
		assert_int_equal(secrets(), 0);
		s = asym_rsa_session(&t, asym_rsa_key(BITS), end != 0 ? QT : RTE_RSA_KEY_TYPE_EXP,
			true);
		ec = asym_ec_session(&t, P256);
		/*
		 * The record's own; of a number that was not given it may have another that serves:
		 * the other coefficient, where the primes are in another order, or exponent.
		 */
		kept = secrets();
		assert_true(kept == 6 || kept == 5);
		assert_int_equal(sign(&t, s), SUCCESS);
		assert_int_equal(secrets(), kept);
		asym_ec_sign_op(&o, ec, asym_ec_key(P256), digest, sizeof(digest));
		assert_int_equal(asym_run(&t, &o), SUCCESS);
		asym_op_free(&o);
		assert_int_equal(secrets(), kept + on_device);
		/* What passes through the buffers stays there as long as it must. */
		asym_rsa_op(&o, s, ENC, PKCS1, 0, plain, sizeof(plain));
		assert_int_equal(asym_run(&t, &o), SUCCESS);
		memcpy(cipher, o.out, LEN);
		asym_op_free(&o);
		assert_int_equal(copies(&found), 0);
		asym_rsa_op(&o, s, DEC, PKCS1, 0, cipher, LEN);
		assert_int_equal(asym_run(&t, &o), SUCCESS);
		assert_memory_equal(o.out, plain, sizeof(plain));
		asym_op_free(&o);
		assert_int_equal(copies(&found), 0);
		rte_cryptodev_stop(t.id);
		assert_int_equal(secrets(), kept + on_device);
		assert_int_equal(rte_cryptodev_start(t.id), 0);
		assert_int_equal(secrets(), kept + on_device);
		if (end == 0) {
			asym_free_session(&t, s);
			assert_int_equal(secrets(), 0 + on_device);
			asym_free_session(&t, ec);
		} else {
			rte_cryptodev_stop(t.id);
			assert_int_equal(rte_cryptodev_close(t.id), 0);
			assert_int_equal(secrets(), 0);
			asym_free_session(&t, s);
			asym_free_session(&t, ec);
		}
		assert_int_equal(secrets(), 0);
		dut_close(&t);
		assert_int_equal(secrets(), 0);
	}
}

static void
test_wiped(void **state)
{
	const struct inproc_cfg with = {.stateless = true};

	(void)state;
	wiped(NULL, "");
	wiped(&with, "");
	wiped(&with, "mode=stateless");
	wiped(&with, "mode=session");
}

/* ---- without sessions ---- */

static void
test_stateless(void **state)
{
	const struct inproc_cfg cfg = {.stateless = true};
	uint8_t request[64];
	struct asym_op o;
	struct dut t;
	void *s, *ec;

	(void)state;
	open_started(&t, &cfg, "mode=stateless");
	s = rsa_session(&t);
	ec = asym_ec_session(&t, P256);
	assert_int_equal(sign(&t, s), SUCCESS);
	assert_int_equal(encrypt(&t, s, PKCS1), SUCCESS);
	asym_ec_sign_op(&o, ec, asym_ec_key(P256), digest, sizeof(digest));
	assert_int_equal(asym_run(&t, &o), SUCCESS);
	assert_true(inproc_last_request(t.d, request, sizeof(request)) >= sizeof(request));
	assert_int_equal(dut_get32(request), 0x0402);
	assert_int_equal(dut_get32(request + 16), 0); /* flag */
	assert_int_equal(dut_get32(request + 24), 2); /* ECDSA */
	assert_int_equal(dut_get32(request + 28), 2); /* private */
	assert_int_equal(dut_get32(request + 36), 3); /* P-256 */
	assert_int_equal(request[52], 0x30); /* the key */
	asym_op_free(&o);
	assert_int_equal(t.s->sessions, 0);
	asym_free_session(&t, s);
	asym_free_session(&t, ec);
	dut_close(&t);
	/* A device that cannot do that. */
	assert_int_equal(dut_try_open(&t, NULL, "mode=stateless"), -ENOTSUP);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lazy),
		cmocka_unit_test(test_many_keys),
		cmocka_unit_test(test_many_in_flight),
		cmocka_unit_test(test_no_space),
		cmocka_unit_test(test_restart),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_silent_control),
		cmocka_unit_test(test_bad_xforms),
		cmocka_unit_test(test_bad_ops),
		cmocka_unit_test(test_max_size),
		cmocka_unit_test(test_status),
		cmocka_unit_test(test_used_length),
		cmocka_unit_test(test_pool),
		cmocka_unit_test(test_in_flight),
		cmocka_unit_test(test_recover),
		cmocka_unit_test(test_wiped),
		cmocka_unit_test(test_stateless),
	};

	return cmocka_run_group_tests(tests, setup, asym_teardown);
}
