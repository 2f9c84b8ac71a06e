/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The raw data-path API itself: what is shown when, who gets which user data and status, what is
 * refused, and that each request comes back once whatever happens meanwhile. That results are right
 * for all shapes and layouts, other programs show, which run over this API too: see test/raw.
 */

#include <errno.h>
#include <pthread.h>
#include <sched.h>

#include <rte_malloc.h>

#include "device_fixture.h"
#include "virtio_cryptodev.h"
#include "virtio_dev.h"
#include "virtio_transport.h"

#define SUCCESS RTE_CRYPTO_OP_STATUS_SUCCESS
#define AUTH_FAILED RTE_CRYPTO_OP_STATUS_AUTH_FAILED
#define ERROR RTE_CRYPTO_OP_STATUS_ERROR
#define LEN DUT_DATA_LEN
#define NB 8
#define POISON ((void *)0x5a5a)

/* A context, with memory as the application has it. */
struct raw {
	uint8_t mem[512] __rte_aligned(8);
	struct rte_crypto_raw_dp_ctx *ctx;
};

static int
try_attach(struct dut *t, uint16_t qp, struct raw *r, void *session, bool update)
{
	const union rte_cryptodev_session_ctx s = { .crypto_sess = session };

	assert_in_range(rte_cryptodev_get_raw_dp_ctx_size(t->id), 1, sizeof(r->mem));
	r->ctx = (struct rte_crypto_raw_dp_ctx *)r->mem;
	return rte_cryptodev_configure_raw_dp_ctx(t->id, qp, r->ctx, RTE_CRYPTO_OP_WITH_SESSION, s,
		update);
}

static void
attach(struct dut *t, struct raw *r, void *session)
{
	assert_int_equal(try_attach(t, 0, r, session, false), 0);
}

/* A request over an op's packet; the op is its user data. */
struct req {
	struct rte_crypto_vec vec[4];
	struct rte_crypto_sgl src;
	struct rte_crypto_va_iova_ptr iv, digest;
	union rte_crypto_sym_ofs ofs;
};

static void
req_of(struct rte_crypto_op *op, bool chain, struct req *q)
{
	struct rte_mbuf *const m = op->sym->m_src;

	memset(q, 0, sizeof(*q));
	q->vec[0].base = rte_pktmbuf_mtod(m, void *);
	q->vec[0].iova = rte_pktmbuf_iova(m);
	q->vec[0].len = m->data_len;
	q->src.vec = q->vec;
	q->src.num = 1;
	q->iv.va = rte_crypto_op_ctod_offset(op, void *, DUT_IV_OFFSET);
	q->iv.iova = rte_crypto_op_ctophys_offset(op, DUT_IV_OFFSET);
	if (chain) {
		q->digest.va = dut_digest(op);
		q->digest.iova = rte_crypto_op_ctophys_offset(op, DUT_DIGEST_OFFSET);
	}
}

static int
enqueue_req(struct raw *r, struct req *q, void *user_data)
{
	return rte_cryptodev_raw_enqueue(r->ctx, q->src.vec, (uint16_t)q->src.num, q->ofs, &q->iv,
		&q->digest, NULL, user_data);
}

static int
enqueue_op(struct raw *r, struct rte_crypto_op *op, bool chain)
{
	struct req q;

	req_of(op, chain, &q);
	return enqueue_req(r, &q, op);
}

static void
done(struct raw *r, uint32_t n)
{
	assert_int_equal(rte_cryptodev_raw_enqueue_done(r->ctx, n), 0);
}

/* The next request that is done; its user data is the op. */
static struct rte_crypto_op *
next(struct raw *r)
{
	const uint64_t end = dut_now_ms() + DUT_WAIT_MS;
	enum rte_crypto_op_status status;
	struct rte_crypto_op *op;
	int ret;

	for (;;) {
		op = rte_cryptodev_raw_dequeue(r->ctx, &ret, &status);
		if (op != NULL)
			break;
		assert_int_equal(ret, 0);
		if (dut_now_ms() > end)
			fail_msg("no request comes back");
		sched_yield();
	}
	assert_int_equal(ret, 1);
	op->status = status;
	assert_int_equal(rte_cryptodev_raw_dequeue_done(r->ctx, 1), 0);
	return op;
}

static bool
is_empty(struct raw *r)
{
	enum rte_crypto_op_status status;
	int ret;

	return rte_cryptodev_raw_dequeue(r->ctx, &ret, &status) == NULL && ret == 0;
}

/* What the callbacks saw. */
static struct {
	unsigned int nb;
	void *user_data[64];
	uint32_t index[64];
	uint8_t ok[64];
	unsigned int asked;
	void *asked_for;
	uint32_t answer;
} seen;

static void
post_dequeue(void *user_data, uint32_t index, uint8_t is_op_success)
{
	assert_true(seen.nb < RTE_DIM(seen.index));
	seen.user_data[seen.nb] = user_data;
	seen.index[seen.nb] = index;
	seen.ok[seen.nb++] = is_op_success;
}

static uint32_t
get_count(void *user_data)
{
	seen.asked++;
	seen.asked_for = user_data;
	return seen.answer;
}

static void
stats_are(struct dut *t, uint64_t enqueued, uint64_t enqueue_errs, uint64_t dequeued,
		uint64_t dequeue_errs)
{
	struct rte_cryptodev_stats st;

	assert_int_equal(rte_cryptodev_stats_get(t->id, &st), 0);
	assert_int_equal(st.enqueued_count, enqueued);
	assert_int_equal(st.enqueue_err_count, enqueue_errs);
	assert_int_equal(st.dequeued_count, dequeued);
	assert_int_equal(st.dequeue_err_count, dequeue_errs);
}

static void
restart(struct dut *t)
{
	memset(t->f, 0, sizeof(*t->f));
	rte_cryptodev_stop(t->id);
	assert_int_equal(rte_cryptodev_start(t->id), 0);
}

/* ---- enqueue ---- */

/* The device sees nothing before enqueue_done, and then all of it with one doorbell. */
static void
shown_when_done(void **state)
{
	struct rte_crypto_op *ops[NB];
	struct rte_cryptodev_info info;
	uint64_t rung;
	struct raw r;
	struct dut t;
	unsigned int i;
	void *s;

	(void)state;
	dut_open(&t, NULL, NULL);
	rte_cryptodev_info_get(t.id, &info);
	assert_true(info.feature_flags & RTE_CRYPTODEV_FF_SYM_RAW_DP);
	dut_start(&t, 1, 64);
	s = dut_cipher_session(&t, true);
	attach(&t, &r, s);
	assert_true(is_empty(&r));
	for (i = 0; i < NB; i++) {
		ops[i] = dut_op(NULL, LEN);
		assert_int_equal(enqueue_op(&r, ops[i], false), 0);
	}
	rung = t.s->notifications;
	assert_int_equal(t.s->requests, 0);
	assert_true(is_empty(&r));
	/* Another number than what was enqueued is an error without effect. */
	assert_int_equal(rte_cryptodev_raw_enqueue_done(r.ctx, NB - 1), -EINVAL);
	assert_int_equal(rte_cryptodev_raw_enqueue_done(r.ctx, NB + 1), -EINVAL);
	assert_int_equal(t.s->requests, 0);
	done(&r, NB);
	assert_int_equal(t.s->requests, NB);
	assert_int_equal(t.s->notifications, rung + 1);
	assert_int_equal(rte_cryptodev_raw_enqueue_done(r.ctx, NB), -EINVAL);
	done(&r, 0);
	for (i = 0; i < NB; i++) {
		assert_ptr_equal(next(&r), ops[i]);
		assert_int_equal(ops[i]->status, SUCCESS);
		assert_true(dut_encrypted(ops[i], LEN));
		dut_free_op(ops[i]);
	}
	assert_true(is_empty(&r));
	stats_are(&t, NB, 0, NB, 0);
	dut_free_session(&t, s);
	dut_close(&t);
}

/* A burst of requests; what dequeue says of it with and without an array, and with a count. */
static void
bursts(void **state)
{
	struct rte_crypto_sgl src[NB];
	struct rte_crypto_va_iova_ptr iv[NB], digest[NB];
	int32_t status[NB];
	struct rte_crypto_sym_vec vec = {
		.num = NB, .src_sgl = src, .iv = iv, .digest = digest, .status = status,
	};
	struct rte_crypto_op *ops[NB];
	void *user_data[NB + 1];
	struct req q[NB];
	unsigned int i, pass, bad;
	uint32_t good;
	struct raw r;
	struct dut t;
	void *s;
	int ret;

	(void)state;
	dut_open(&t, NULL, NULL);
	dut_start(&t, 1, 64);
	s = dut_chain_session(&t, false);
	attach(&t, &r, s);
	for (pass = 0; pass < 3; pass++) {
		/* Number 2 verifies, the others' digests are wrong. */
		for (i = 0; i < NB; i++) {
			ops[i] = dut_chain_op(NULL, LEN);
			memset(dut_digest(ops[i]), 0, DUT_DIGEST_LEN);
			if (i == 2)
				dut_reference_hmac(dut_data(ops[i]), LEN, dut_digest(ops[i]));
			req_of(ops[i], true, &q[i]);
			src[i] = q[i].src;
			iv[i] = q[i].iv;
			digest[i] = q[i].digest;
			user_data[i] = ops[i];
		}
		ret = 77;
		assert_int_equal(rte_cryptodev_raw_enqueue_burst(r.ctx, &vec,
			(union rte_crypto_sym_ofs){0}, user_data, &ret), NB);
		assert_int_equal(ret, 0);
		assert_int_equal(t.s->requests, pass * NB);
		done(&r, NB);

		memset(&seen, 0, sizeof(seen));
		for (i = 0; i <= NB; i++)
			user_data[i] = POISON;
		good = 77;
		if (pass == 0) {
			assert_int_equal(rte_cryptodev_raw_dequeue_burst(r.ctx, NULL, NB + 1,
				post_dequeue, user_data, 1, &good, &ret), NB);
			assert_int_equal(seen.asked, 0);
		} else if (pass == 1) {
			assert_int_equal(rte_cryptodev_raw_dequeue_burst(r.ctx, NULL, NB,
				post_dequeue, user_data, 0, &good, &ret), NB);
		} else {
			/* None now; then three; then whatever there is. */
			seen.answer = 0;
			assert_int_equal(rte_cryptodev_raw_dequeue_burst(r.ctx, get_count, 0,
				post_dequeue, user_data, 1, &good, &ret), 0);
			assert_int_equal(seen.nb, 0);
			assert_int_equal(seen.asked, 1);
			assert_ptr_equal(seen.asked_for, ops[0]);
			assert_ptr_equal(user_data[0], POISON);
			seen.answer = 3;
			assert_int_equal(rte_cryptodev_raw_dequeue_burst(r.ctx, get_count, 0,
				post_dequeue, user_data, 1, &good, &ret), 3);
			assert_int_equal(good, 1);
			assert_ptr_equal(user_data[3], POISON);
			seen.answer = 50;
			assert_int_equal(rte_cryptodev_raw_dequeue_burst(r.ctx, get_count, 0,
				post_dequeue, user_data + 3, 1, &good, &ret), NB - 3);
			assert_int_equal(good, 0);
			assert_ptr_equal(seen.asked_for, ops[3]);
			assert_int_equal(rte_cryptodev_raw_dequeue_burst(r.ctx, get_count, 0,
				post_dequeue, user_data, 1, &good, &ret), 0);
			assert_int_equal(seen.asked, 3);
			good = 1;
		}
		assert_int_equal(ret, 1);
		assert_int_equal(good, 1);
		assert_int_equal(seen.nb, NB);
		for (i = 0, bad = 0; i < NB; i++) {
			const bool array = pass != 1;

			assert_ptr_equal(seen.user_data[i], ops[array ? i : 0]);
			assert_ptr_equal(user_data[i], array || i == 0 ? (void *)ops[i] : POISON);
			assert_int_equal(seen.index[i], pass == 2 && i >= 3 ? i - 3 : i);
			assert_int_equal(seen.ok[i], i == 2);
			bad += !seen.ok[i];
		}
		assert_int_equal(bad, NB - 1);
		assert_ptr_equal(user_data[NB], POISON);
		assert_int_equal(rte_cryptodev_raw_dequeue_done(r.ctx, NB), 0);
		for (i = 0; i < NB; i++)
			dut_free_op(ops[i]);
	}
	stats_are(&t, 3 * NB, 0, 3 * NB, 3 * (NB - 1));
	dut_free_session(&t, s);
	dut_close(&t);
}

/* A bad request is not taken, and what was before it is. */
static void
refused(void **state)
{
	struct rte_crypto_sgl src[NB];
	struct rte_crypto_va_iova_ptr iv[NB], digest[NB];
	int32_t status[NB];
	struct rte_crypto_sym_vec vec = {
		.num = NB, .src_sgl = src, .iv = iv, .digest = digest, .status = status,
	};
	struct rte_crypto_vec many[64];
	struct rte_crypto_op *ops[NB], *op;
	void *user_data[NB];
	struct req q[NB], bad;
	struct raw r, c;
	struct dut t;
	unsigned int i;
	void *s, *chain;
	int ret;

	(void)state;
	dut_open(&t, NULL, NULL);
	dut_start(&t, 1, 64);
	s = dut_cipher_session(&t, true);
	chain = dut_chain_session(&t, true);
	attach(&t, &r, s);
	attach(&t, &c, chain);
	op = dut_chain_op(NULL, LEN);

	req_of(op, true, &bad);
	bad.ofs.ofs.cipher.head = LEN / 2;
	bad.ofs.ofs.cipher.tail = LEN / 2 + 16;
	assert_int_equal(enqueue_req(&r, &bad, op), -EINVAL);
	req_of(op, true, &bad);
	bad.ofs.ofs.auth.head = 1;
	bad.ofs.ofs.auth.tail = LEN;
	assert_int_equal(enqueue_req(&c, &bad, op), -EINVAL);
	req_of(op, true, &bad);
	bad.ofs.ofs.cipher.tail = 1; /* no whole blocks */
	assert_int_equal(enqueue_req(&r, &bad, op), -EINVAL);
	req_of(op, true, &bad);
	bad.iv.va = NULL;
	assert_int_equal(enqueue_req(&r, &bad, op), -EINVAL);
	assert_int_equal(rte_cryptodev_raw_enqueue(r.ctx, bad.vec, 1, bad.ofs, NULL, &bad.digest,
		NULL, op), -EINVAL);
	req_of(op, false, &bad);
	assert_int_equal(enqueue_req(&c, &bad, op), -EINVAL); /* no digest */
	assert_int_equal(rte_cryptodev_raw_enqueue(c.ctx, bad.vec, 1, bad.ofs, &bad.iv, NULL, NULL,
		op), -EINVAL);
	req_of(op, false, &bad);
	for (i = 0; i < RTE_DIM(many); i++) {
		many[i] = bad.vec[0];
		many[i].len = 16;
	}
	bad.src.vec = many;
	bad.src.num = RTE_DIM(many);
	assert_int_equal(enqueue_req(&r, &bad, op), -EINVAL);
	bad.src.num = 0;
	bad.ofs.ofs.cipher.head = 1;
	assert_int_equal(enqueue_req(&r, &bad, op), -EINVAL);
	assert_int_equal(t.s->requests, 0);

	for (i = 0; i < NB; i++) {
		ops[i] = dut_op(NULL, LEN);
		req_of(ops[i], false, &q[i]);
		src[i] = q[i].src;
		iv[i] = q[i].iv;
		digest[i] = q[i].digest;
		user_data[i] = ops[i];
	}
	memset(status, 0x55, sizeof(status));
	iv[3].va = NULL;
	assert_int_equal(rte_cryptodev_raw_enqueue_burst(r.ctx, &vec, (union rte_crypto_sym_ofs){0},
		user_data, &ret), 3);
	assert_int_equal(ret, 0);
	assert_int_equal(status[3], EINVAL);
	assert_int_equal(status[4], EAGAIN);
	/* If it is the first one, that is an error of the call; nobody needs to have statuses. */
	vec.num = NB - 3;
	vec.src_sgl += 3;
	vec.iv += 3;
	vec.status = NULL;
	assert_int_equal(rte_cryptodev_raw_enqueue_burst(r.ctx, &vec, (union rte_crypto_sym_ofs){0},
		user_data + 3, &ret), 0);
	assert_int_equal(ret, -EINVAL);
	done(&r, 3);
	for (i = 0; i < 3; i++) {
		assert_ptr_equal(next(&r), ops[i]);
		assert_true(dut_encrypted(ops[i], LEN));
	}
	assert_true(is_empty(&r));
	/* The ring has lost no place. */
	for (i = 0; i < 200; i++) {
		dut_pattern(dut_data(op), LEN);
		assert_int_equal(enqueue_op(&r, op, false), 0);
		done(&r, 1);
		assert_ptr_equal(next(&r), op);
		assert_true(dut_encrypted(op, LEN));
	}
	stats_are(&t, 203, 11, 203, 0);
	for (i = 0; i < NB; i++)
		dut_free_op(ops[i]);
	dut_free_op(op);
	dut_free_session(&t, s);
	dut_free_session(&t, chain);
	dut_close(&t);
}

/* Which sessions a context takes, and what becomes of one whose session goes. */
static void
sessions(void **state)
{
	const struct inproc_cfg cfg = { .nb_data_queues = 2 };
	const union rte_cryptodev_session_ctx none = { .crypto_sess = NULL };
	struct rte_crypto_op *op, *chain_op;
	uint8_t want[DUT_DIGEST_LEN];
	struct dut t, other;
	struct raw r, r2;
	void *s, *chain, *foreign;

	(void)state;
	dut_open(&t, &cfg, NULL);
	dut_open(&other, NULL, NULL);
	dut_start(&t, 2, 64);
	dut_start(&other, 1, 64);
	s = dut_cipher_session(&t, true);
	chain = dut_chain_session(&t, true);
	foreign = dut_cipher_session(&other, true);
	assert_int_equal(try_attach(&t, 0, &r, NULL, false), -EINVAL);
	assert_int_equal(try_attach(&t, 0, &r, foreign, false), -EINVAL);
	assert_int_equal(rte_cryptodev_configure_raw_dp_ctx(t.id, 0, r.ctx,
		RTE_CRYPTO_OP_SESSIONLESS, none, 0), -ENOTSUP);
	assert_int_equal(rte_cryptodev_configure_raw_dp_ctx(t.id, 0, r.ctx,
		RTE_CRYPTO_OP_SECURITY_SESSION, none, 0), -ENOTSUP);
	assert_int_equal(try_attach(&t, 2, &r, s, false), -EINVAL);
	attach(&t, &r, s);
	attach(&t, &r2, chain);
	assert_int_equal(try_attach(&t, 1, &r, s, true), -EINVAL);

	/* Another session under way: what is enqueued stays so, and is of the session of before. */
	op = dut_op(NULL, LEN);
	chain_op = dut_chain_op(NULL, LEN);
	assert_int_equal(enqueue_op(&r, op, false), 0);
	assert_int_equal(try_attach(&t, 0, &r, foreign, true), -EINVAL);
	assert_int_equal(try_attach(&t, 0, &r, chain, true), 0);
	assert_int_equal(enqueue_op(&r, chain_op, true), 0);
	assert_int_equal(t.s->requests, 0);
	done(&r, 2);
	/* Any context of the queue pair gives them back. */
	assert_ptr_equal(next(&r2), op);
	assert_true(dut_encrypted(op, LEN));
	assert_ptr_equal(next(&r2), chain_op);
	assert_true(dut_encrypted(chain_op, LEN));
	dut_reference_hmac(dut_data(chain_op), LEN, want);
	assert_memory_equal(dut_digest(chain_op), want, DUT_DIGEST_LEN);

	dut_free_session(&t, chain);
	assert_int_equal(enqueue_op(&r, chain_op, true), -ENOENT);
	done(&r, 0);
	assert_int_equal(try_attach(&t, 0, &r, s, true), 0);
	dut_pattern(dut_data(op), LEN);
	assert_int_equal(enqueue_op(&r, op, false), 0);
	done(&r, 1);
	assert_ptr_equal(next(&r), op);
	assert_true(dut_encrypted(op, LEN));
	dut_free_op(op);
	dut_free_op(chain_op);
	dut_free_session(&t, s);
	dut_free_session(&other, foreign);
	rte_cryptodev_stop(t.id);
	rte_cryptodev_stop(other.id);
	assert_int_equal(inproc_cryptodev_destroy(other.name, other.d), 0);
	dut_close(&t);
}

/* Vectors of more than an mbuf's segment can have, and in several pieces. */
static void
vectors(void **state)
{
	static uint8_t want[2048];
	struct rte_crypto_vec vec[4];
	struct rte_crypto_op *op;
	const uint32_t big = 3 * 65536 + 16;
	enum rte_crypto_op_status status = ERROR;
	uint8_t *data;
	struct req q;
	struct raw r;
	struct dut t;
	uint32_t i;
	void *s;
	int ret;

	(void)state;
	dut_open(&t, NULL, NULL);
	dut_start(&t, 1, 64);
	s = dut_cipher_session(&t, true);
	attach(&t, &r, s);
	op = dut_op(NULL, 192);
	req_of(op, false, &q);
	/* 7, 0, 100 and the rest; the first and the last 16 bytes are not ciphered. */
	dut_pattern(dut_data(op) + 16, 160);
	for (i = 0; i < 4; i++)
		vec[i] = q.vec[0];
	vec[0].len = 7;
	vec[1].len = 0;
	vec[2].base = dut_data(op) + 7;
	vec[2].iova += 7;
	vec[2].len = 100;
	vec[3].base = dut_data(op) + 107;
	vec[3].iova += 107;
	vec[3].len = 85;
	q.src.vec = vec;
	q.src.num = 4;
	q.ofs.ofs.cipher.head = 16;
	q.ofs.ofs.cipher.tail = 16;
	assert_int_equal(enqueue_req(&r, &q, op), 0);
	done(&r, 1);
	assert_ptr_equal(next(&r), op);
	assert_int_equal(op->status, SUCCESS);
	dut_reference(true, want, 160);
	assert_memory_equal(dut_data(op) + 16, want, 160);

	/* Encryption in CBC mode has a beginning that is known and a rest that is deciphered. */
	data = rte_zmalloc("big", big, 4096);
	assert_non_null(data);
	dut_pattern(data, 2048);
	q.vec[0].base = data;
	q.vec[0].iova = rte_malloc_virt2iova(data);
	q.vec[0].len = big;
	q.src.vec = q.vec;
	q.src.num = 1;
	q.ofs.raw = 0;
	assert_int_equal(enqueue_req(&r, &q, NULL), 0);
	done(&r, 1);
	/* No user data is fine, but only the status tells then. */
	for (i = 0, ret = 0; ret == 0 && i < 1000000; i++)
		assert_null(rte_cryptodev_raw_dequeue(r.ctx, &ret, &status));
	assert_int_equal(ret, 1);
	assert_int_equal(status, SUCCESS);
	dut_reference(true, want, 2048);
	assert_memory_equal(data, want, 2048);
	dut_free_session(&t, s);
	s = dut_cipher_session(&t, false);
	assert_int_equal(try_attach(&t, 0, &r, s, true), 0);
	assert_int_equal(enqueue_req(&r, &q, op), 0);
	done(&r, 1);
	assert_ptr_equal(next(&r), op);
	dut_pattern(want, 2048);
	assert_memory_equal(data, want, 2048);
	for (i = 2048; i < big; i++)
		assert_int_equal(data[i], 0);
	rte_free(data);
	dut_free_op(op);
	dut_free_session(&t, s);
	dut_close(&t);
}

/* A full ring takes a part, and goes on as soon as there is room. */
static void
back_pressure(void **state)
{
	const struct inproc_cfg cfg = { .run = INPROC_RUN_MANUAL };
	struct rte_crypto_sgl src[64];
	struct rte_crypto_va_iova_ptr iv[64];
	int32_t status[64];
	struct rte_crypto_sym_vec vec = {
		.num = 64, .src_sgl = src, .iv = iv, .status = status,
	};
	struct rte_crypto_op *ops[64];
	void *user_data[64];
	uint32_t n, more, part, i;
	struct req q[64];
	struct raw r;
	struct dut t;
	void *s;
	int ret;

	(void)state;
	dut_open(&t, &cfg, NULL);
	dut_start(&t, 1, 32);
	s = dut_cipher_session(&t, true);
	attach(&t, &r, s);
	for (i = 0; i < 64; i++) {
		ops[i] = dut_op(NULL, LEN);
		req_of(ops[i], false, &q[i]);
		src[i] = q[i].src;
		iv[i] = q[i].iv;
		user_data[i] = ops[i];
	}
	n = rte_cryptodev_raw_enqueue_burst(r.ctx, &vec, (union rte_crypto_sym_ofs){0}, user_data,
		&ret);
	assert_in_range(n, 1, 63);
	assert_int_equal(ret, 0);
	assert_int_equal(status[n], EAGAIN);
	/* It may have counted with longer requests at first. */
	for (part = n; part != 0; n += part) {
		vec.num -= part;
		vec.src_sgl += part;
		vec.iv += part;
		part = rte_cryptodev_raw_enqueue_burst(r.ctx, &vec, (union rte_crypto_sym_ofs){0},
			user_data + n, &ret);
		assert_int_equal(ret, 0);
	}
	assert_int_equal(enqueue_req(&r, &q[n], ops[n]), -EAGAIN);
	done(&r, n);
	inproc_poll(t.d, UINT_MAX);
	for (i = 0; i < n; i++)
		assert_ptr_equal(next(&r), ops[i]);
	for (more = n; more < 64; more += n) {
		n = rte_cryptodev_raw_enqueue_burst(r.ctx, &vec, (union rte_crypto_sym_ofs){0},
			user_data + more, &ret);
		assert_in_range(n, 1, 63);
		vec.num -= n;
		vec.src_sgl += n;
		vec.iv += n;
		done(&r, n);
		inproc_poll(t.d, UINT_MAX);
		for (i = 0; i < n; i++)
			assert_ptr_equal(next(&r), ops[more + i]);
	}
	for (i = 0; i < 64; i++) {
		assert_true(dut_encrypted(ops[i], LEN));
		dut_free_op(ops[i]);
	}
	dut_free_session(&t, s);
	dut_close(&t);
}

/* ---- ops and raw requests on one queue pair ---- */

static void
beside_ops(void **state)
{
	struct rte_crypto_op *raws[NB], *ops[NB], *back[2 * NB];
	struct raw r;
	struct dut t;
	unsigned int i, order;
	void *s;

	(void)state;
	dut_open(&t, NULL, NULL);
	dut_start(&t, 1, 256);
	s = dut_cipher_session(&t, true);
	attach(&t, &r, s);
	/* No raw request was ever there, but somebody looks for one. */
	ops[0] = dut_op(s, LEN);
	dut_enqueue(&t, 0, ops, 1);
	assert_true(is_empty(&r));
	dut_dequeue(&t, 0, back, 1);
	assert_true(dut_encrypted(ops[0], LEN));
	dut_free_op(ops[0]);
	for (order = 0; order < 3; order++) {
		for (i = 0; i < NB; i++) {
			raws[i] = dut_op(NULL, LEN);
			ops[i] = dut_op(s, LEN);
			assert_int_equal(enqueue_op(&r, raws[i], false), 0);
			if (i % 3 == 0)
				done(&r, i == 0 ? 1 : 3);
			dut_enqueue(&t, 0, &ops[i], 1);
		}
		done(&r, (NB - 1) % 3);
		/* Each dequeue has its own, whichever looks first and however often. */
		if (order == 0)
			dut_dequeue(&t, 0, back, NB);
		for (i = 0; i < NB; i++) {
			if (order == 2)
				dut_dequeue(&t, 0, &back[i], 1);
			assert_ptr_equal(next(&r), raws[i]);
			assert_int_equal(raws[i]->status, SUCCESS);
			assert_true(dut_encrypted(raws[i], LEN));
			dut_free_op(raws[i]);
		}
		assert_true(is_empty(&r));
		if (order == 1)
			dut_dequeue(&t, 0, back, NB);
		assert_int_equal(rte_cryptodev_dequeue_burst(t.id, 0, back + NB, NB), 0);
		for (i = 0; i < NB; i++) {
			assert_ptr_equal(back[i], ops[i]);
			assert_int_equal(ops[i]->status, SUCCESS);
			assert_true(dut_encrypted(ops[i], LEN));
			dut_free_op(ops[i]);
		}
	}
	stats_are(&t, 6 * NB + 1, 0, 6 * NB + 1, 0);
	dut_free_session(&t, s);
	dut_close(&t);
}

/* ---- stops and faults ---- */

/* In flight at a stop, enqueued and never done, answered and not dequeued: all come back. */
static void
stopped(void **state)
{
	const struct inproc_cfg cfg = { .run = INPROC_RUN_MANUAL };
	struct rte_crypto_op *ops[NB];
	unsigned int i, errors = 0;
	struct raw r;
	struct dut t;
	void *s;

	(void)state;
	dut_open(&t, &cfg, "timeout_ms=100");
	dut_start(&t, 1, 256);
	s = dut_cipher_session(&t, true);
	attach(&t, &r, s);
	for (i = 0; i < NB; i++)
		ops[i] = dut_op(NULL, LEN);
	for (i = 0; i < NB; i++) {
		assert_int_equal(enqueue_op(&r, ops[i], false), 0);
		if (i == 2)
			done(&r, 3);
		if (i == 5)
			done(&r, 3);
		if (i == 2)
			assert_int_equal(inproc_poll(t.d, UINT_MAX), 3);
	}
	/* The last two were never shown; nobody serves the other three. */
	restart(&t);
	assert_int_equal(rte_cryptodev_queue_pair_count(t.id), 1);
	for (i = 0; i < NB; i++) {
		struct rte_crypto_op *const op = next(&r);

		assert_ptr_equal(op, ops[i]);
		if (i < 3) {
			assert_int_equal(op->status, SUCCESS);
			assert_true(dut_encrypted(op, LEN));
		} else {
			assert_int_equal(op->status, ERROR);
			errors++;
		}
	}
	assert_int_equal(errors, NB - 3);
	assert_true(is_empty(&r));
	stats_are(&t, NB, 0, NB, NB - 3);
	attach(&t, &r, s);
	for (i = 0; i < NB; i++) {
		dut_pattern(dut_data(ops[i]), LEN);
		assert_int_equal(enqueue_op(&r, ops[i], false), 0);
	}
	done(&r, NB);
	inproc_poll(t.d, UINT_MAX);
	for (i = 0; i < NB; i++) {
		assert_ptr_equal(next(&r), ops[i]);
		assert_true(dut_encrypted(ops[i], LEN));
		dut_free_op(ops[i]);
	}
	dut_free_session(&t, s);
	dut_close(&t);
}

/* A stop shows the device what enqueue_done forgot, and has its answer after the start. */
static void
stopped_before_done(void **state)
{
	struct rte_crypto_op *op;
	struct raw r;
	struct dut t;
	void *s;

	(void)state;
	dut_open(&t, NULL, NULL);
	dut_start(&t, 1, 256);
	s = dut_cipher_session(&t, true);
	attach(&t, &r, s);
	op = dut_op(NULL, LEN);
	assert_int_equal(enqueue_op(&r, op, false), 0);
	assert_int_equal(t.s->requests, 0);
	restart(&t);
	assert_int_equal(t.s->requests, 1);
	assert_ptr_equal(next(&r), op);
	assert_int_equal(op->status, SUCCESS);
	assert_true(dut_encrypted(op, LEN));
	dut_free_op(op);
	dut_free_session(&t, s);
	dut_close(&t);
}

/* A broken ring: the queue is out of service, and gives back all that it has, of both kinds. */
static void
broken(void **state)
{
	const struct inproc_cfg cfg = { .run = INPROC_RUN_MANUAL };
	struct rte_crypto_op *ops[NB], *plain[NB], *back[NB];
	unsigned int i, ok = 0, first;
	struct raw r;
	struct dut t;
	void *s;

	(void)state;
	for (first = 0; first < 2; first++) {
		dut_open(&t, &cfg, "timeout_ms=100");
		dut_start(&t, 1, 256);
		s = dut_cipher_session(&t, true);
		attach(&t, &r, s);
		for (i = 0; i < NB; i++) {
			ops[i] = dut_op(NULL, LEN);
			plain[i] = dut_op(s, LEN);
			assert_int_equal(enqueue_op(&r, ops[i], false), 0);
			if (i < NB - 1)
				dut_enqueue(&t, 0, &plain[i], 1);
		}
		/* The last raw request is not shown to the device. */
		t.f->bad_id = true;
		t.f->jump_used_idx = 999;
		t.f->nb_faulty = UINT_MAX;
		inproc_poll(t.d, 1);
		if (first == 0)
			dut_dequeue(&t, 0, back, NB - 1);
		for (i = 0; i < NB; i++) {
			struct rte_crypto_op *const op = next(&r);

			ok += op->status == SUCCESS;
			assert_true(op->status == ERROR || dut_encrypted(op, LEN));
		}
		assert_true(is_empty(&r));
		if (first == 1)
			dut_dequeue(&t, 0, back, NB - 1);
		assert_int_equal(rte_cryptodev_dequeue_burst(t.id, 0, back, NB), 0);
		assert_int_equal(enqueue_op(&r, ops[0], false), -EIO);
		done(&r, NB);
		restart(&t);
		inproc_poll(t.d, UINT_MAX);
		attach(&t, &r, s);
		dut_pattern(dut_data(ops[0]), LEN);
		assert_int_equal(enqueue_op(&r, ops[0], false), 0);
		done(&r, 1);
		inproc_poll(t.d, UINT_MAX);
		assert_ptr_equal(next(&r), ops[0]);
		assert_true(dut_encrypted(ops[0], LEN));
		for (i = 0; i < NB; i++) {
			dut_free_op(ops[i]);
			dut_free_op(plain[i]);
		}
		dut_free_session(&t, s);
		dut_close(&t);
	}
	assert_true(ok < 2 * NB);
}

/* ---- a device that goes away and comes back ---- */

static const struct vcrypto_transport_ops *inner;
static struct vcrypto_transport_ops outer;
static bool away;

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
outer_setup(void **state)
{
	(void)state;
	inner = vcrypto_transports[VCRYPTO_TRANSPORT_INPROC];
	outer = *inner;
	outer.recovers = true;
	outer.get_status = outer_get_status;
	outer.set_status = outer_set_status;
	vcrypto_transport_register(VCRYPTO_TRANSPORT_INPROC, &outer);
	return 0;
}

static int
outer_teardown(void **state)
{
	(void)state;
	vcrypto_transport_register(VCRYPTO_TRANSPORT_INPROC, inner);
	return 0;
}

static void
go(struct dut *t)
{
	__atomic_store_n(&away, true, __ATOMIC_RELEASE);
	inner->set_status(inproc_transport(t->d), 0);
	while (inner->get_status(inproc_transport(t->d)) != 0)
		;
	vcrypto_dev_lost(vcrypto_cryptodev_dev(t->name));
}

static void
come(struct dut *t)
{
	__atomic_store_n(&away, false, __ATOMIC_RELEASE);
	assert_int_equal(vcrypto_dev_recover(vcrypto_cryptodev_dev(t->name)), 0);
}

/* What was answered stands; the rest, shown or not, comes back as errors, and nothing twice. */
static void
lost(void **state)
{
	const struct inproc_cfg cfg = { .run = INPROC_RUN_MANUAL };
	const uint64_t end = dut_now_ms() + DUT_WAIT_MS;
	struct rte_crypto_op *ops[NB], *plain[NB], *back[NB];
	enum rte_crypto_op_status status;
	unsigned int i, nb_raw, nb_op;
	struct raw r;
	int ret;
	struct dut t;
	void *s;

	(void)state;
	away = false;
	dut_open(&t, &cfg, "timeout_ms=2000");
	dut_start(&t, 1, 256);
	s = dut_cipher_session(&t, true);
	attach(&t, &r, s);
	for (i = 0; i < NB; i++) {
		ops[i] = dut_op(NULL, LEN);
		plain[i] = dut_op(s, LEN);
		/* Of ops those out of place are sent again. */
		if (i % 2 != 0) {
			plain[i]->sym->m_dst = rte_pktmbuf_alloc(dut_mbufs);
			assert_non_null(plain[i]->sym->m_dst);
			rte_pktmbuf_append(plain[i]->sym->m_dst, LEN);
		}
		if (i < NB / 2) {
			assert_int_equal(enqueue_op(&r, ops[i], false), 0);
			done(&r, 1);
			assert_int_equal(inproc_poll(t.d, 1), 1);
		}
	}
	for (i = 0; i < NB; i++) {
		if (i >= NB / 2)
			assert_int_equal(enqueue_op(&r, ops[i], false), 0);
		if (i == NB / 2)
			done(&r, 1);
		if (i <= NB / 2)
			dut_enqueue(&t, 0, &plain[i], 1);
	}
	go(&t);
	assert_int_equal(enqueue_op(&r, ops[0], false), -EAGAIN);
	done(&r, NB / 2 - 1);
	come(&t);
	assert_int_equal(inproc_poll(t.d, UINT_MAX), NB / 4);
	/* Where both kinds wait in one queue, each dequeue gets on as the other does. */
	for (nb_raw = 0, nb_op = 0; nb_raw < NB || nb_op < NB / 2 + 1;) {
		struct rte_crypto_op *op;

		assert_true(dut_now_ms() < end);
		op = rte_cryptodev_raw_dequeue(r.ctx, &ret, &status);
		if (op != NULL) {
			assert_ptr_equal(op, ops[nb_raw]);
			assert_int_equal(status, nb_raw < NB / 2 ? SUCCESS : ERROR);
			if (nb_raw++ < NB / 2)
				assert_true(dut_encrypted(op, LEN));
		}
		nb_op += rte_cryptodev_dequeue_burst(t.id, 0, back + nb_op, NB - nb_op);
	}
	assert_true(is_empty(&r));
	assert_int_equal(rte_cryptodev_dequeue_burst(t.id, 0, back, NB), 0);
	for (i = 0; i <= NB / 2; i++)
		assert_int_equal(plain[i]->status, i % 2 == 0 ? ERROR : SUCCESS);
	/* It goes on. */
	for (i = 0; i < NB; i++) {
		dut_pattern(dut_data(ops[i]), LEN);
		assert_int_equal(enqueue_op(&r, ops[i], false), 0);
	}
	done(&r, NB);
	inproc_poll(t.d, UINT_MAX);
	for (i = 0; i < NB; i++) {
		assert_ptr_equal(next(&r), ops[i]);
		assert_true(dut_encrypted(ops[i], LEN));
	}
	dut_free_session(&t, s);
	for (i = 0; i < NB; i++) {
		dut_free_op(ops[i]);
		dut_free_op(plain[i]);
	}
	dut_close(&t);
}

/* ---- two threads ---- */

#define LOAD 20000

struct load {
	struct dut *t;
	struct raw *r;
	struct rte_crypto_op *ops[32];
	uint32_t sent[32]; /* atomic: 1 while the op is in flight */
};

static void *
load_enqueuer(void *arg)
{
	struct load *const l = arg;
	const uint64_t end = dut_now_ms() + DUT_WAIT_MS;
	unsigned int i, cached = 0, at;

	for (i = 0; i < LOAD; i++) {
		at = i % RTE_DIM(l->ops);
		while (__atomic_load_n(&l->sent[at], __ATOMIC_ACQUIRE) != 0 && dut_now_ms() < end) {
			if (cached != 0)
				rte_cryptodev_raw_enqueue_done(l->r->ctx, cached);
			cached = 0;
			sched_yield();
		}
		dut_pattern(dut_data(l->ops[at]), LEN);
		__atomic_store_n(&l->sent[at], 1, __ATOMIC_RELEASE);
		while (enqueue_op(l->r, l->ops[at], false) == -EAGAIN && dut_now_ms() < end) {
			if (cached != 0)
				rte_cryptodev_raw_enqueue_done(l->r->ctx, cached);
			cached = 0;
			sched_yield();
		}
		if (++cached == 7) {
			rte_cryptodev_raw_enqueue_done(l->r->ctx, cached);
			cached = 0;
		}
	}
	rte_cryptodev_raw_enqueue_done(l->r->ctx, cached);
	return NULL;
}

static void
check_load(unsigned int nb_gaps)
{
	const struct inproc_cfg cfg = { .run = INPROC_RUN_THREAD };
	const uint64_t end = dut_now_ms() + 2 * DUT_WAIT_MS;
	unsigned int i, n = 0, wrong = 0, got, gaps = 0;
	void *user_data[16];
	struct load l = {0};
	pthread_t thread;
	uint32_t good, all_good = 0;
	struct raw r;
	struct dut t;
	void *s;
	int ret;

	dut_open(&t, &cfg, "timeout_ms=2000");
	dut_start(&t, 1, 64);
	s = dut_cipher_session(&t, true);
	attach(&t, &r, s);
	l.t = &t;
	l.r = &r;
	for (i = 0; i < RTE_DIM(l.ops); i++) {
		l.ops[i] = dut_op(NULL, LEN);
		l.ops[i]->sym->m_src->hash.usr = i;
	}
	assert_int_equal(pthread_create(&thread, NULL, load_enqueuer, &l), 0);
	while (n < LOAD && dut_now_ms() < end) {
		memset(&seen, 0, sizeof(seen));
		got = rte_cryptodev_raw_dequeue_burst(r.ctx, NULL, RTE_DIM(user_data), post_dequeue,
			user_data, 1, &good, &ret);
		all_good += good;
		for (i = 0; i < got; i++) {
			struct rte_crypto_op *const op = user_data[i];

			wrong += seen.ok[i] && !dut_encrypted(op, LEN);
			__atomic_store_n(&l.sent[op->sym->m_src->hash.usr], 0, __ATOMIC_RELEASE);
		}
		n += got;
		if (got == 0)
			sched_yield();
		if (gaps < nb_gaps && n > (gaps + 1) * (LOAD / (nb_gaps + 1))) {
			go(&t);
			come(&t);
			gaps++;
		}
	}
	pthread_join(thread, NULL);
	assert_int_equal(gaps, nb_gaps);
	assert_int_equal(n, LOAD);
	assert_int_equal(wrong, 0);
	/* No more errors than what may have been in flight at a loss. */
	assert_true(all_good <= LOAD && all_good >= LOAD - gaps * RTE_DIM(l.ops));
	assert_true(is_empty(&r));
	for (i = 0; i < RTE_DIM(l.ops); i++)
		dut_free_op(l.ops[i]);
	dut_free_session(&t, s);
	dut_close(&t);
}

static void
two_threads(void **state)
{
	(void)state;
	check_load(0);
}

static void
lost_under_load(void **state)
{
	(void)state;
	away = false;
	check_load(20);
}

/* ---- callbacks of the library around bursts of ops ---- */

static unsigned int nb_called[2];

static uint16_t
on_enqueue(uint16_t dev_id, uint16_t qp_id, struct rte_crypto_op **ops, uint16_t nb, void *arg)
{
	uint16_t i;

	(void)dev_id;
	(void)qp_id;
	assert_ptr_equal(arg, nb_called);
	/* A change that the device must see: another IV. */
	for (i = 0; i < nb; i++)
		rte_crypto_op_ctod_offset(ops[i], uint8_t *, DUT_IV_OFFSET)[0] ^= 0xff;
	nb_called[0] += nb;
	return nb;
}

static uint16_t
on_dequeue(uint16_t dev_id, uint16_t qp_id, struct rte_crypto_op **ops, uint16_t nb, void *arg)
{
	(void)dev_id;
	(void)qp_id;
	(void)ops;
	assert_ptr_equal(arg, nb_called);
	nb_called[1] += nb;
	return nb;
}

static void
callbacks(void **state)
{
	const struct inproc_cfg cfg = { .nb_data_queues = 2 };
	struct rte_cryptodev_cb *enq, *deq;
	struct rte_crypto_op *ops[NB], *back[NB];
	struct dut t;
	unsigned int i;
	void *s;

	(void)state;
	dut_open(&t, &cfg, NULL);
	dut_configure(&t, 2, 64);
	enq = rte_cryptodev_add_enq_callback(t.id, 1, on_enqueue, nb_called);
	deq = rte_cryptodev_add_deq_callback(t.id, 1, on_dequeue, nb_called);
	assert_non_null(enq);
	assert_non_null(deq);
	assert_int_equal(rte_cryptodev_start(t.id), 0);
	s = dut_cipher_session(&t, true);
	for (i = 0; i < NB; i++)
		ops[i] = dut_op(s, LEN);
	dut_enqueue(&t, 1, ops, NB);
	dut_dequeue(&t, 1, back, NB);
	assert_int_equal(nb_called[0], NB);
	assert_int_equal(nb_called[1], NB);
	for (i = 0; i < NB; i++) {
		assert_int_equal(ops[i]->status, SUCCESS);
		assert_false(dut_encrypted(ops[i], LEN));
		dut_free_op(ops[i]);
	}
	/* The other queue pair has none, and this one has none any more. */
	assert_true(dut_works(&t, 0, s));
	assert_int_equal(rte_cryptodev_remove_enq_callback(t.id, 1, enq), 0);
	assert_int_equal(rte_cryptodev_remove_deq_callback(t.id, 1, deq), 0);
	assert_true(dut_works(&t, 1, s));
	assert_int_equal(nb_called[0], NB);
	assert_int_equal(nb_called[1], NB);
	dut_free_session(&t, s);
	dut_close(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shown_when_done),
		cmocka_unit_test(bursts),
		cmocka_unit_test(refused),
		cmocka_unit_test(sessions),
		cmocka_unit_test(vectors),
		cmocka_unit_test(back_pressure),
		cmocka_unit_test(beside_ops),
		cmocka_unit_test(stopped),
		cmocka_unit_test(stopped_before_done),
		cmocka_unit_test(broken),
		cmocka_unit_test_setup_teardown(lost, outer_setup, outer_teardown),
		cmocka_unit_test_setup_teardown(lost_under_load, outer_setup, outer_teardown),
		cmocka_unit_test(two_threads),
		cmocka_unit_test(callbacks),
	};

	return cmocka_run_group_tests_name("device_raw", tests, dut_eal_setup, dut_eal_teardown);
}
