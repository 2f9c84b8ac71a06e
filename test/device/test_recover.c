/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * A device that goes away in the middle of its work and comes back, as a back end behind
 * a socket does: every op comes back once, and what comes back as a success is right.
 */

#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#include "device_fixture.h"
#include "virtio_cryptodev.h"
#include "virtio_dev.h"
#include "virtio_transport.h"

#define SUCCESS RTE_CRYPTO_OP_STATUS_SUCCESS
#define ERROR RTE_CRYPTO_OP_STATUS_ERROR
#define LEN DUT_DATA_LEN
#define NB 24

/* The in-process transport, made one that can go away. */
static const struct vcrypto_transport_ops *inner;
static struct vcrypto_transport_ops outer;
static bool away;
static uint64_t hidden_features;

/* What ops have: the session, none and it is cached, none and the device needs none. */
static enum form { WITH_SESSION, CACHED, STATELESS } form;
static const struct rte_crypto_cipher_xform cbc = {
	.op = RTE_CRYPTO_CIPHER_OP_ENCRYPT,
	.algo = RTE_CRYPTO_CIPHER_AES_CBC,
	.key = { dut_key, DUT_KEY_LEN },
	.iv = { DUT_IV_OFFSET, DUT_IV_LEN },
};
static struct rte_crypto_sym_xform xform;

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

static uint64_t
outer_get_features(struct vcrypto_transport *t)
{
	return inner->get_features(t) & ~hidden_features;
}

static int
setup(void **state)
{
	int ret = dut_eal_setup(state);

	inner = vcrypto_transports[VCRYPTO_TRANSPORT_INPROC];
	outer = *inner;
	outer.recovers = true;
	outer.get_status = outer_get_status;
	outer.set_status = outer_set_status;
	outer.get_features = outer_get_features;
	vcrypto_transport_register(VCRYPTO_TRANSPORT_INPROC, &outer);
	return ret;
}

/* As a process that is killed: its memory of everything is gone. */
static void
go_away(struct dut *t)
{
	__atomic_store_n(&away, true, __ATOMIC_RELEASE);
	inner->set_status(inproc_transport(t->d), 0);
	while (inner->get_status(inproc_transport(t->d)) != 0)
		;
}

static struct vcrypto_dev *
dev_of(const struct dut *t)
{
	struct vcrypto_dev *const dev = vcrypto_cryptodev_dev(t->name);

	assert_non_null(dev);
	return dev;
}

static void
lose(struct dut *t)
{
	go_away(t);
	vcrypto_dev_lost(dev_of(t));
}

static int
come_back(struct dut *t)
{
	__atomic_store_n(&away, false, __ATOMIC_RELEASE);
	return vcrypto_dev_recover(dev_of(t));
}

static struct rte_crypto_op *
new_op(void *session)
{
	struct rte_crypto_op *const op = dut_op(session, LEN);

	if (form != WITH_SESSION) {
		op->sess_type = RTE_CRYPTO_OP_SESSIONLESS;
		op->sym->xform = &xform;
	}
	return op;
}

/* Out of place: a new destination with another pattern. */
static struct rte_crypto_op *
oop_op(void *session)
{
	struct rte_crypto_op *const op = new_op(session);

	op->sym->m_dst = rte_pktmbuf_alloc(dut_mbufs);
	assert_non_null(op->sym->m_dst);
	memset(rte_pktmbuf_append(op->sym->m_dst, LEN), 0x77, LEN);
	return op;
}

static void
free_op(struct rte_crypto_op *op)
{
	rte_pktmbuf_free(op->sym->m_dst);
	op->sym->m_dst = NULL;
	dut_free_op(op);
}

static bool
is_right(struct rte_crypto_op *op)
{
	uint8_t want[LEN];
	struct rte_mbuf *const m = op->sym->m_dst != NULL ? op->sym->m_dst : op->sym->m_src;

	dut_reference(true, want, LEN);
	return memcmp(rte_pktmbuf_mtod(m, void *), want, LEN) == 0;
}

static void
open_one(struct dut *t, enum inproc_run run, void **session)
{
	const struct inproc_cfg cfg = { .run = run, .stateless = form == STATELESS };

	xform.type = RTE_CRYPTO_SYM_XFORM_CIPHER;
	xform.cipher = cbc;
	away = false;
	hidden_features = 0;
	dut_open(t, &cfg, "timeout_ms=2000");
	dut_start(t, 1, 64);
	*session = dut_cipher_session(t, true);
	assert_non_null(*session);
}

static void
finish(struct dut *t, void *session)
{
	dut_free_session(t, session);
	dut_close(t);
}

static void
out_of_place_is_sent_again(void **state)
{
	struct rte_crypto_op *ops[NB], *got[NB];
	struct dut t;
	void *s;
	int i;

	(void)state;
	open_one(&t, INPROC_RUN_MANUAL, &s);
	for (i = 0; i < NB; i++)
		ops[i] = oop_op(s);
	dut_enqueue(&t, 0, ops, NB);
	lose(&t);
	assert_int_equal(rte_cryptodev_dequeue_burst(t.id, 0, got, NB), 0);
	assert_int_equal(come_back(&t), 0);
	assert_int_equal(rte_cryptodev_dequeue_burst(t.id, 0, got, NB), 0);
	assert_int_equal(inproc_poll(t.d, NB), NB);
	dut_dequeue(&t, 0, got, NB);
	for (i = 0; i < NB; i++) {
		assert_ptr_equal(got[i], ops[i]);
		assert_int_equal(got[i]->status, SUCCESS);
		assert_true(is_right(got[i]));
		free_op(got[i]);
	}
	finish(&t, s);
}

static void
in_place_comes_back_as_an_error(void **state)
{
	struct rte_crypto_op *ops[NB], *got[NB];
	struct dut t;
	void *s;
	int i;

	(void)state;
	open_one(&t, INPROC_RUN_MANUAL, &s);
	for (i = 0; i < NB; i++)
		ops[i] = new_op(s);
	dut_enqueue(&t, 0, ops, NB);
	lose(&t);
	assert_int_equal(come_back(&t), 0);
	dut_dequeue(&t, 0, got, NB);
	for (i = 0; i < NB; i++) {
		assert_ptr_equal(got[i], ops[i]);
		assert_int_equal(got[i]->status, ERROR);
		dut_free_op(got[i]);
	}
	assert_int_equal(inproc_poll(t.d, NB), 0);
	assert_int_equal(rte_cryptodev_dequeue_burst(t.id, 0, got, NB), 0);
	finish(&t, s);
}

/* Answered, but not dequeued yet when the device goes: the answer stands. */
static void
answers_are_kept(void **state)
{
	struct rte_crypto_op *ops[NB], *got[NB];
	struct dut t;
	uint64_t requests;
	void *s;
	int i;

	(void)state;
	open_one(&t, INPROC_RUN_MANUAL, &s);
	for (i = 0; i < NB; i++)
		ops[i] = i % 2 == 0 ? new_op(s) : oop_op(s);
	dut_enqueue(&t, 0, ops, NB);
	assert_int_equal(inproc_poll(t.d, NB / 2), NB / 2);
	requests = t.s->requests;
	lose(&t);
	assert_int_equal(come_back(&t), 0);
	inproc_poll(t.d, NB);
	assert_int_equal(t.s->requests - requests, NB / 4);
	dut_dequeue(&t, 0, got, NB);
	for (i = 0; i < NB; i++) {
		if (got[i]->status == SUCCESS)
			assert_true(is_right(got[i]));
		else
			assert_int_equal(got[i]->status, ERROR);
	}
	for (i = 0; i < NB; i++) {
		/* Of those without an answer only the ones out of place were done. */
		assert_int_equal(ops[i]->status, i < NB / 2 || i % 2 == 1 ? SUCCESS : ERROR);
		free_op(ops[i]);
	}
	finish(&t, s);
}

/* A NULL cipher: alone, or with HMAC-SHA1 behind it. */
static void *
null_session(struct dut *t, bool hmac)
{
	struct rte_crypto_sym_xform auth = {
		.type = RTE_CRYPTO_SYM_XFORM_AUTH,
		.auth = {
			.op = RTE_CRYPTO_AUTH_OP_GENERATE,
			.algo = RTE_CRYPTO_AUTH_SHA1_HMAC,
			.key = { dut_auth_key, sizeof(dut_auth_key) },
			.digest_length = DUT_DIGEST_LEN,
		},
	};
	struct rte_crypto_sym_xform cipher = {
		.type = RTE_CRYPTO_SYM_XFORM_CIPHER,
		.next = hmac ? &auth : NULL,
		.cipher.algo = RTE_CRYPTO_CIPHER_NULL,
	};

	return rte_cryptodev_sym_session_create(t->id, &cipher, t->sessions);
}

/*
 * NULL algorithms: what is done waits for its dequeue, and a session needs no device. A hash or
 * MAC behind a NULL cipher is sent again like one alone, in place, too, since the device writes
 * no data.
 */
static void
null_algorithms(void **state)
{
	uint8_t want[DUT_DIGEST_LEN], data[LEN];
	struct rte_crypto_op *ops[NB], *got[NB], *null[2], *op;
	void *s, *hmac, *sn[2];
	struct dut t;
	int i;

	(void)state;
	open_one(&t, INPROC_RUN_MANUAL, &s);
	hmac = null_session(&t, true);
	sn[0] = null_session(&t, false);
	for (i = 0; i < NB; i++) {
		ops[i] = dut_chain_op(hmac, LEN);
		if (i % 2 != 0) {
			ops[i]->sym->m_dst = rte_pktmbuf_alloc(dut_mbufs);
			memset(rte_pktmbuf_append(ops[i]->sym->m_dst, LEN), 0x77, LEN);
			/* Among the bytes of the cipher. */
			ops[i]->sym->auth.data.length = LEN - DUT_DIGEST_LEN;
			ops[i]->sym->auth.digest.data = rte_pktmbuf_mtod_offset(
				i % 4 == 1 ? ops[i]->sym->m_dst : ops[i]->sym->m_src, uint8_t *,
				LEN - DUT_DIGEST_LEN);
		}
	}
	null[0] = dut_op(sn[0], LEN);
	dut_enqueue(&t, 0, ops, NB);
	dut_enqueue(&t, 0, null, 1);
	lose(&t);

	sn[1] = null_session(&t, false);
	assert_non_null(sn[1]);
	null[1] = dut_op(sn[1], LEN);
	assert_int_equal(rte_cryptodev_enqueue_burst(t.id, 0, &null[1], 1), 0);
	dut_dequeue(&t, 0, &op, 1);
	assert_ptr_equal(op, null[0]);
	assert_int_equal(op->status, SUCCESS);

	assert_int_equal(come_back(&t), 0);
	assert_int_equal(inproc_poll(t.d, NB), NB);
	dut_dequeue(&t, 0, got, NB);
	dut_pattern(data, LEN);
	for (i = 0; i < NB; i++) {
		assert_ptr_equal(got[i], ops[i]);
		assert_int_equal(got[i]->status, SUCCESS);
		dut_reference_hmac(data, i % 2 != 0 ? LEN - DUT_DIGEST_LEN : LEN, want);
		assert_memory_equal(got[i]->sym->auth.digest.data, want, DUT_DIGEST_LEN);
		if (i % 2 != 0) {
			const uint8_t *const dst = rte_pktmbuf_mtod(got[i]->sym->m_dst, uint8_t *);

			assert_memory_equal(dst, data, LEN - DUT_DIGEST_LEN);
			assert_memory_equal(dst + LEN - DUT_DIGEST_LEN, want, DUT_DIGEST_LEN);
		}
		free_op(got[i]);
	}
	for (i = 0; i < 2; i++) {
		assert_int_equal(dut_run(&t, 0, null[i]), SUCCESS);
		dut_free_op(null[i]);
		dut_free_session(&t, sn[i]);
	}
	dut_free_session(&t, hmac);
	finish(&t, s);
}

static void
gap_is_back_pressure(void **state)
{
	struct rte_crypto_op *op, *got[1];
	void *s, *more;
	struct dut t;

	(void)state;
	open_one(&t, INPROC_RUN_NOTIFY, &s);
	lose(&t);
	op = oop_op(s);
	assert_int_equal(rte_cryptodev_enqueue_burst(t.id, 0, &op, 1), 0);
	assert_int_equal(rte_cryptodev_dequeue_burst(t.id, 0, got, 1), 0);
	assert_null(dut_cipher_session(&t, true));
	assert_int_equal(come_back(&t), 0);
	assert_int_equal(rte_cryptodev_enqueue_burst(t.id, 0, &op, 1), 1);
	dut_dequeue(&t, 0, got, 1);
	assert_int_equal(op->status, SUCCESS);
	assert_true(is_right(op));
	free_op(op);

	/* A session that is freed while the device is away is not made again. */
	more = dut_cipher_session(&t, true);
	assert_non_null(more);
	assert_int_equal(t.s->sessions, 2);
	lose(&t);
	dut_free_session(&t, more);
	assert_int_equal(come_back(&t), 0);
	assert_int_equal(t.s->sessions, 1);
	assert_true(dut_works(&t, 0, s));
	finish(&t, s);
}

/* Found by a poll or by a command rather than by the transport's own thread. */
static void
noticed_by_others(void **state)
{
	struct rte_crypto_op *op, *got[1];
	struct dut t;
	uint64_t end;
	void *s;

	(void)state;
	open_one(&t, INPROC_RUN_MANUAL, &s);
	op = oop_op(s);
	dut_enqueue(&t, 0, &op, 1);
	go_away(&t);
	end = dut_now_ms() + DUT_WAIT_MS;
	while (!dev_of(&t)->lost && dut_now_ms() < end)
		assert_int_equal(rte_cryptodev_dequeue_burst(t.id, 0, got, 1), 0);
	assert_true(dev_of(&t)->lost);
	assert_null(dut_cipher_session(&t, true));
	assert_int_equal(come_back(&t), 0);
	assert_int_equal(inproc_poll(t.d, 1), 1);
	dut_dequeue(&t, 0, got, 1);
	assert_int_equal(op->status, SUCCESS);
	free_op(op);
	finish(&t, s);
}

static void
another_device_comes_back(void **state)
{
	struct rte_crypto_op *op, *got[1];
	struct dut t;
	void *s;

	(void)state;
	open_one(&t, INPROC_RUN_MANUAL, &s);
	op = oop_op(s);
	dut_enqueue(&t, 0, &op, 1);
	lose(&t);
	hidden_features = F_EVENT_IDX;
	assert_int_equal(come_back(&t), -EIO);
	assert_int_equal(rte_cryptodev_dequeue_burst(t.id, 0, got, 1), 0);
	hidden_features = 0;
	assert_int_equal(come_back(&t), 0);
	assert_int_equal(come_back(&t), 0);
	assert_int_equal(inproc_poll(t.d, 1), 1);
	dut_dequeue(&t, 0, got, 1);
	assert_int_equal(op->status, SUCCESS);
	assert_true(is_right(op));
	free_op(op);
	finish(&t, s);
}

static void
stop_while_away(void **state)
{
	struct rte_crypto_op *op, *got[1];
	uint64_t start;
	struct dut t;
	void *s;
	int i;

	(void)state;
	open_one(&t, INPROC_RUN_MANUAL, &s);
	for (i = 0; i < 2; i++) {
		op = oop_op(s);
		dut_enqueue(&t, 0, &op, 1);
		lose(&t);
		if (i == 1) {
			hidden_features = F_EVENT_IDX;
			assert_int_equal(come_back(&t), -EIO);
			away = true;
			hidden_features = 0;
		}
		start = dut_now_ms();
		rte_cryptodev_stop(t.id);
		assert_true(rte_cryptodev_start(t.id) < 0);
		assert_true(dut_now_ms() - start < 1500); /* and not the deadline of 2 seconds */
		assert_int_equal(come_back(&t), 0);
		assert_int_equal(rte_cryptodev_start(t.id), 0);
		dut_dequeue(&t, 0, got, 1);
		assert_int_equal(op->status, ERROR);
		free_op(op);
	}
	finish(&t, s);
}

/* ---- under load ---- */

#define LOAD_OPS 48
#define LOAD_GAPS 150

struct load {
	struct dut *t;
	void *session;
	bool stop; /* atomic */
	uint64_t done; /* atomic */
	uint64_t errors;
	uint64_t wrong;
	uint64_t in_flight;
};

static void *
load_main(void *arg)
{
	struct load *const l = arg;
	struct rte_crypto_op *ops[LOAD_OPS], *got[LOAD_OPS];
	unsigned int nb_idle = LOAD_OPS, i, n;

	for (i = 0; i < LOAD_OPS; i++)
		ops[i] = oop_op(l->session);
	while (!__atomic_load_n(&l->stop, __ATOMIC_ACQUIRE) || nb_idle != LOAD_OPS) {
		if (!__atomic_load_n(&l->stop, __ATOMIC_ACQUIRE)) {
			n = rte_cryptodev_enqueue_burst(l->t->id, 0, ops, nb_idle);
			nb_idle -= n;
			memmove(ops, ops + n, nb_idle * sizeof(ops[0]));
		}
		n = rte_cryptodev_dequeue_burst(l->t->id, 0, got, LOAD_OPS - nb_idle);
		for (i = 0; i < n; i++) {
			if (got[i]->status == SUCCESS)
				l->wrong += !is_right(got[i]);
			else
				l->errors++;
			memset(rte_pktmbuf_mtod(got[i]->sym->m_dst, void *), 0x77, LEN);
			ops[nb_idle++] = got[i];
		}
		__atomic_fetch_add(&l->done, n, __ATOMIC_RELEASE);
		if (n == 0)
			sched_yield();
	}
	for (i = 0; i < LOAD_OPS; i++)
		free_op(ops[i]);
	return NULL;
}

static void
under_load(void **state)
{
	struct load l = { .stop = false };
	uint64_t done, end;
	pthread_t thread;
	struct dut t;
	void *s;
	int i;

	(void)state;
	open_one(&t, INPROC_RUN_THREAD, &s);
	l.t = &t;
	l.session = s;
	assert_int_equal(pthread_create(&thread, NULL, load_main, &l), 0);
	for (i = 0; i < LOAD_GAPS; i++) {
		done = __atomic_load_n(&l.done, __ATOMIC_ACQUIRE);
		end = dut_now_ms() + DUT_WAIT_MS;
		while (__atomic_load_n(&l.done, __ATOMIC_ACQUIRE) - done < 2 * LOAD_OPS) {
			if (dut_now_ms() > end)
				fail_msg("no progress after gap %d", i);
			sched_yield();
		}
		lose(&t);
		assert_int_equal(come_back(&t), 0);
	}
	__atomic_store_n(&l.stop, true, __ATOMIC_RELEASE);
	pthread_join(thread, NULL);
	assert_int_equal(l.wrong, 0);
	/* Nothing was in place, so nothing had to come back as an error. */
	assert_int_equal(l.errors, 0);
	finish(&t, s);
}

/* ---- ops without a session ---- */

/* A session of the cache that the device refuses when it comes back, and then no longer. */
static void
cached_is_refused(void **state)
{
	struct rte_crypto_op *op, *got[1];
	struct dut t;
	void *s;

	(void)state;
	open_one(&t, INPROC_RUN_MANUAL, &s);
	op = oop_op(s);
	dut_enqueue(&t, 0, &op, 1);
	lose(&t);
	t.f->ctrl_status = 1;
	assert_int_equal(come_back(&t), 0);
	t.f->ctrl_status = 0;
	/* What was in flight was not sent again. */
	assert_int_equal(inproc_poll(t.d, 1), 0);
	dut_dequeue(&t, 0, got, 1);
	assert_int_equal(op->status, ERROR);
	op->status = RTE_CRYPTO_OP_STATUS_NOT_PROCESSED;
	dut_enqueue(&t, 0, &op, 1);
	assert_int_equal(inproc_poll(t.d, 1), 1);
	dut_dequeue(&t, 0, got, 1);
	assert_int_equal(op->status, SUCCESS);
	assert_true(is_right(op));
	free_op(op);
	finish(&t, s);
}

/* A device that is away when a session is to be made: later, and no word for each try. */
static void
away_unnoticed(void **state)
{
	struct rte_crypto_op *op, *got[1];
	struct dut t;
	int i;
	void *s;

	(void)state;
	open_one(&t, INPROC_RUN_NOTIFY, &s);
	op = oop_op(s);
	go_away(&t);
	for (i = 0; i < 10; i++)
		assert_int_equal(rte_cryptodev_enqueue_burst(t.id, 0, &op, 1), 0);
	vcrypto_dev_lost(dev_of(&t));
	assert_int_equal(rte_cryptodev_enqueue_burst(t.id, 0, &op, 1), 0);
	assert_int_equal(come_back(&t), 0);
	dut_enqueue(&t, 0, &op, 1);
	dut_dequeue(&t, 0, got, 1);
	assert_int_equal(op->status, SUCCESS);
	assert_true(is_right(op));
	free_op(op);
	finish(&t, s);
}

static int
choose(void **state)
{
	form = *state != NULL ? *(const enum form *)*state : WITH_SESSION;
	return 0;
}

static enum form cached = CACHED, stateless = STATELESS;

#define FORM(f, form) { #f ", " #form, f, choose, NULL, &form }
#define ALL_FORMS(f) cmocka_unit_test_setup(f, choose), FORM(f, cached), FORM(f, stateless)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		ALL_FORMS(out_of_place_is_sent_again),
		ALL_FORMS(in_place_comes_back_as_an_error),
		ALL_FORMS(answers_are_kept),
		cmocka_unit_test_setup(null_algorithms, choose),
		cmocka_unit_test_setup(gap_is_back_pressure, choose),
		ALL_FORMS(noticed_by_others),
		ALL_FORMS(another_device_comes_back),
		ALL_FORMS(stop_while_away),
		ALL_FORMS(under_load),
		FORM(cached_is_refused, cached),
		FORM(away_unnoticed, cached),
		FORM(away_unnoticed, stateless),
	};

	return cmocka_run_group_tests(tests, setup, dut_eal_teardown);
}
