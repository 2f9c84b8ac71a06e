/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * What an operation's status and data are worth: whatever the device answers,
 * and whatever the application left in fields that do not matter. The names start with
 * the item of the defect list that they guard against.
 */

#include <cryptodev_pmd.h>

#include "device_fixture.h"

#define SUCCESS RTE_CRYPTO_OP_STATUS_SUCCESS
#define INVALID_ARGS RTE_CRYPTO_OP_STATUS_INVALID_ARGS
#define INVALID_SESSION RTE_CRYPTO_OP_STATUS_INVALID_SESSION
#define AUTH_FAILED RTE_CRYPTO_OP_STATUS_AUTH_FAILED
#define ERROR RTE_CRYPTO_OP_STATUS_ERROR

#define LEN DUT_DATA_LEN
#define POISON 0xa5 /* what the driver presets */

/* Where the offsets of a plain cipher request are [virtio 5.9.9.6] */
#define REQ_SRC_LEN 28
#define REQ_DST_LEN 32

static void
c01_unknown_status(void **state)
{
	enum rte_crypto_op_status got;
	struct rte_crypto_op *op;
	struct dut t;
	unsigned int v;
	void *s;

	(void)state;
	dut_open(&t, NULL, NULL);
	dut_start(&t, 1, 64);
	s = dut_cipher_session(&t, true);
	op = dut_op(s, LEN);
	t.f->force_status = true;
	t.f->nb_faulty = UINT_MAX;
	/* 0 comes first and last: a success before must not show through. */
	for (v = 0; v <= 256; v++) {
		t.f->data_status = (uint8_t)v;
		got = dut_run(&t, 0, op);
		switch (v & 0xff) {
		case 0:
			assert_int_equal(got, SUCCESS);
			break;
		case 2: /* BADMSG */
			assert_int_equal(got, AUTH_FAILED);
			break;
		case 3: /* NOTSUPP */
			assert_int_equal(got, INVALID_ARGS);
			break;
		case 4: /* INVSESS */
			assert_int_equal(got, INVALID_SESSION);
			break;
		case 6: /* KEY_REJECTED */
			assert_true(got == AUTH_FAILED || got == ERROR);
			break;
		default:
			assert_int_equal(got, ERROR);
			break;
		}
	}
	t.f->nb_faulty = 0;
	assert_true(dut_works(&t, 0, s));
	dut_free_op(op);
	dut_free_session(&t, s);
	dut_close(&t);
}

static void
c01_status_not_written(void **state)
{
	struct rte_crypto_op *op;
	void *s, *chain;
	struct dut t;

	(void)state;
	dut_open(&t, NULL, NULL);
	dut_start(&t, 1, 8);
	s = dut_cipher_session(&t, true);
	chain = dut_chain_session(&t, true);
	op = dut_op(s, LEN);
	t.f->keep_status = true;
	for (unsigned int i = 0; i < 50; i++) {
		/* After a success on the same slot the old status must be gone. */
		assert_true(dut_works(&t, 0, s));
		t.f->nb_faulty = 1;
		assert_int_equal(dut_run(&t, 0, op), ERROR);
	}
	dut_free_op(op);
	op = dut_chain_op(chain, LEN);
	t.f->nb_faulty = 1;
	assert_int_equal(dut_run(&t, 0, op), ERROR);
	dut_free_op(op);
	dut_free_session(&t, s);
	dut_free_session(&t, chain);
	dut_close(&t);
}

/* A chain op for decryption whose data are the encryption of the pattern, with its digest. */
static struct rte_crypto_op *
verify_op(void *session)
{
	struct rte_crypto_op *op = dut_chain_op(session, LEN);

	dut_reference(true, dut_data(op), LEN);
	dut_reference_hmac(dut_data(op), LEN, dut_digest(op));
	return op;
}

static void
c02_verify(void **state)
{
	uint8_t plain[LEN], expected[DUT_DIGEST_LEN];
	struct rte_crypto_op *op;
	struct dut t;
	unsigned int bit;
	void *s;

	(void)state;
	dut_open(&t, NULL, NULL);
	dut_start(&t, 1, 64);
	s = dut_chain_session(&t, false);
	dut_pattern(plain, LEN);

	op = verify_op(s);
	memcpy(expected, dut_digest(op), sizeof(expected));
	assert_int_equal(dut_run(&t, 0, op), SUCCESS);
	assert_memory_equal(dut_data(op), plain, LEN);
	/* The application's digest is the application's. */
	assert_memory_equal(dut_digest(op), expected, sizeof(expected));
	dut_free_op(op);

	for (bit = 0; bit < 8 * DUT_DIGEST_LEN; bit++) {
		op = verify_op(s);
		dut_digest(op)[bit / 8] ^= (uint8_t)(1 << bit % 8);
		memcpy(expected, dut_digest(op), sizeof(expected));
		assert_int_equal(dut_run(&t, 0, op), AUTH_FAILED);
		assert_memory_equal(dut_digest(op), expected, sizeof(expected));
		dut_free_op(op);
	}
	dut_free_session(&t, s);
	dut_close(&t);
}

/* A device that says OK and writes no digest, on a slot where the right one stood before. */
static void
c02_verify_without_digest(void **state)
{
	struct rte_crypto_op *op;
	struct dut t;
	unsigned int i;
	void *s;

	(void)state;
	dut_open(&t, NULL, NULL);
	dut_start(&t, 1, 8);
	s = dut_chain_session(&t, false);
	t.f->keep_digest = true;
	for (i = 0; i < 40; i++) {
		t.f->nb_faulty = i & 1;
		op = verify_op(s);
		assert_int_equal(dut_run(&t, 0, op), i & 1 ? AUTH_FAILED : SUCCESS);
		dut_free_op(op);
	}
	/* Who made the packet may know what the driver puts there beforehand. */
	op = verify_op(s);
	memset(dut_digest(op), POISON, DUT_DIGEST_LEN);
	t.f->nb_faulty = 1;
	assert_int_equal(dut_run(&t, 0, op), AUTH_FAILED);
	dut_free_op(op);
	/* And with nothing but a status. */
	t.f->keep_digest = false;
	t.f->force_status = true;
	t.f->nb_faulty = 1;
	op = verify_op(s);
	assert_int_equal(dut_run(&t, 0, op), AUTH_FAILED);
	dut_free_op(op);
	dut_free_session(&t, s);
	dut_close(&t);
}

static void
c02_generate(void **state)
{
	uint8_t want[LEN], digest[DUT_DIGEST_LEN];
	struct rte_crypto_op *op;
	unsigned int i;
	struct dut t;
	void *s;

	(void)state;
	dut_open(&t, NULL, NULL);
	dut_start(&t, 1, 64);
	s = dut_chain_session(&t, true);
	op = dut_chain_op(s, LEN);
	/* Room behind the digest stays as it is. */
	memset(dut_digest(op), 0x77, DUT_DIGEST_LEN + 4);
	assert_int_equal(dut_run(&t, 0, op), SUCCESS);
	dut_reference(true, want, LEN);
	dut_reference_hmac(want, LEN, digest);
	assert_memory_equal(dut_data(op), want, LEN);
	assert_memory_equal(dut_digest(op), digest, DUT_DIGEST_LEN);
	assert_int_equal(dut_digest(op)[DUT_DIGEST_LEN], 0x77);
	dut_free_op(op);

	/* A device that writes none hands out nobody else's: round the ring and once more. */
	t.f->keep_digest = true;
	for (i = 0; i < 2 * 64; i++) {
		t.f->nb_faulty = i >= 64;
		op = dut_chain_op(s, LEN);
		dut_run(&t, 0, op);
		assert_int_equal(memcmp(dut_digest(op), digest, DUT_DIGEST_LEN) == 0, i < 64);
		dut_free_op(op);
	}
	t.f->keep_digest = false;

	/* A digest of an operation that failed is nobody's. */
	op = dut_chain_op(s, LEN);
	memset(dut_digest(op), 0x77, DUT_DIGEST_LEN);
	t.f->nb_faulty = 1;
	t.f->force_status = true;
	t.f->data_status = 1;
	assert_int_equal(dut_run(&t, 0, op), ERROR);
	assert_int_equal(dut_digest(op)[0], 0x77);
	dut_free_op(op);
	dut_free_session(&t, s);
	dut_close(&t);
}

static void
c03_cipher_offset(void **state)
{
	static const uint32_t offsets[] = {0, 1, 15, 16, 17, 64, 1000};
	uint8_t buf[1100], want[LEN], req[256];
	struct rte_crypto_op *op;
	struct dut t;
	size_t i;
	void *s;
	int oop;

	(void)state;
	dut_open(&t, NULL, NULL);
	dut_start(&t, 1, 64);
	s = dut_cipher_session(&t, true);
	dut_reference(true, want, LEN);
	for (i = 0; i < RTE_DIM(offsets); i++) {
		for (oop = 0; oop < 2; oop++) {
			const uint32_t off = offsets[i];
			struct rte_mbuf *src, *dst;

			op = dut_op(s, sizeof(buf));
			src = dst = op->sym->m_src;
			if (oop) {
				dst = op->sym->m_dst = rte_pktmbuf_alloc(dut_mbufs);
				assert_non_null(rte_pktmbuf_append(dst, sizeof(buf)));
			}
			memset(buf, 0x33, sizeof(buf));
			dut_pattern(buf + off, LEN);
			memcpy(rte_pktmbuf_mtod(src, void *), buf, sizeof(buf));
			memset(rte_pktmbuf_mtod(dst, uint8_t *), 0x33, off);
			if (oop)
				memset(rte_pktmbuf_mtod(dst, void *), 0x33, sizeof(buf));
			op->sym->cipher.data.offset = off;
			op->sym->cipher.data.length = LEN;
			assert_int_equal(dut_run(&t, 0, op), SUCCESS);
			memcpy(buf + off, want, LEN);
			assert_memory_equal(rte_pktmbuf_mtod(dst, void *), buf, sizeof(buf));
			/* What lies before the offset is not sent at all. */
			assert_true(inproc_last_request(t.d, req, sizeof(req)) == 72 + 16 + LEN);
			dut_free_op(op);
		}
	}
	dut_free_session(&t, s);
	dut_close(&t);
}

static void
c04_stale_fields(void **state)
{
	struct rte_crypto_op *op;
	uint8_t req[256];
	struct dut t;
	unsigned int i;
	void *s;

	(void)state;
	dut_open(&t, NULL, NULL);
	dut_start(&t, 1, 16);
	s = dut_cipher_session(&t, true);
	for (i = 0; i < 40; i++) {
		op = dut_op(s, LEN);
		op->sym->auth.data.offset = i & 1 ? 0 : 2000000;
		op->sym->auth.data.length = 1000000;
		op->sym->auth.digest.data = i & 2 ? (uint8_t *)(uintptr_t)1 : NULL;
		op->sym->auth.digest.phys_addr = 1;
		assert_int_equal(dut_run(&t, 0, op), SUCCESS);
		assert_true(dut_encrypted(op, LEN));
		assert_int_equal(inproc_last_request(t.d, req, sizeof(req)), 72 + 16 + LEN);
		assert_int_equal(dut_get32(req + REQ_SRC_LEN), LEN);
		assert_int_equal(dut_get32(req + REQ_DST_LEN), LEN);
		/* The device may write the data and a status, and not a byte more. */
		assert_int_equal(t.s->last_writable, LEN + 1);
		dut_free_op(op);
	}
	dut_free_session(&t, s);
	dut_close(&t);
}

/* c.5c: a key of 1 or 2 bytes must not read as a hash mode. */
static void
c05c_short_keys(void **state)
{
	static const uint8_t keys[] = {1, 2, 5, 16};
	struct rte_crypto_sym_xform x = {
		.type = RTE_CRYPTO_SYM_XFORM_CIPHER,
		.cipher = {
			.op = RTE_CRYPTO_CIPHER_OP_ENCRYPT,
			.algo = RTE_CRYPTO_CIPHER_ARC4,
			.key = {dut_key, 0},
		},
	};
	struct rte_crypto_op *op;
	unsigned int tried = 0;
	struct dut t;
	size_t i;
	void *s;

	(void)state;
	dut_open(&t, NULL, NULL);
	dut_start(&t, 1, 64);
	for (i = 0; i < RTE_DIM(keys); i++) {
		x.cipher.key.length = keys[i];
		s = rte_cryptodev_sym_session_create(t.id, &x, t.sessions);
		if (s == NULL)
			continue;
		tried++;
		op = dut_op(s, LEN);
		assert_int_equal(dut_run(&t, 0, op), SUCCESS);
		assert_int_equal(t.s->last_writable, LEN + 1);
		assert_int_equal(t.s->last_readable, 72 + LEN);
		dut_free_op(op);
		dut_free_session(&t, s);
	}
	dut_close(&t);
	/* ARC4 comes from libcrypto's legacy provider, which may be missing. */
	if (tried == 0)
		skip();
}

/* Spoil an op in one of several ways; each is the application's mistake. */
#define NB_WRONGS 8

static void
make_wrong(struct rte_crypto_op *op, unsigned int how)
{
	switch (how % NB_WRONGS) {
	case 0: /* no multiple of the block */
		op->sym->cipher.data.length = 15;
		break;
	case 1: /* beyond the packet */
		op->sym->cipher.data.length = LEN + 16;
		break;
	case 2:
		op->sym->cipher.data.offset = LEN;
		break;
	case 3: /* sum that overflows 32 bits */
		op->sym->cipher.data.offset = UINT32_MAX - 15;
		op->sym->cipher.data.length = 16;
		break;
	case 4:
		op->sym->cipher.data.length = UINT32_MAX - 15;
		break;
	case 5: /* destination too short */
		op->sym->m_dst = rte_pktmbuf_alloc(dut_mbufs);
		rte_pktmbuf_append(op->sym->m_dst, LEN - 16);
		break;
	case 6: /* beyond the device's max_size, in a packet that claims so */
		op->sym->cipher.data.length = 0x40000000;
		break;
	case 7:
		op->sym->cipher.data.offset = 1;
		break;
	}
}

static void
c05_rejects_cost_nothing(void **state)
{
	const unsigned int ring = 16;
	struct rte_crypto_op *op, *back;
	struct rte_cryptodev_stats st;
	unsigned int i;
	struct dut t;
	void *s;

	(void)state;
	dut_open(&t, NULL, NULL);
	dut_start(&t, 1, ring);
	s = dut_cipher_session(&t, true);
	for (i = 0; i < NB_WRONGS * (ring + 1); i++) {
		op = dut_op(s, LEN);
		make_wrong(op, i);
		dut_enqueue(&t, 0, &op, 1);
		dut_dequeue(&t, 0, &back, 1);
		assert_ptr_equal(back, op);
		assert_int_equal(op->status, INVALID_ARGS);
		dut_free_op(op);
	}
	assert_int_equal(t.s->requests, 0);
	for (i = 0; i < 3 * ring; i++)
		assert_true(dut_works(&t, 0, s));
	assert_int_equal(rte_cryptodev_stats_get(t.id, &st), 0);
	assert_int_equal(st.enqueued_count, NB_WRONGS * (ring + 1) + 3 * ring);
	assert_int_equal(st.dequeued_count, NB_WRONGS * (ring + 1) + 3 * ring);
	/* A raw request that is refused counts, too, before the same op is. */
	if (!dut_is_raw())
		assert_int_equal(st.enqueue_err_count, NB_WRONGS * (ring + 1));
	dut_free_session(&t, s);
	dut_close(&t);
}

/* A bad op in a burst holds up nobody. */
static void
c05_rejects_among_others(void **state)
{
	enum { NB = 32 };
	struct rte_crypto_op *ops[NB], *back[NB];
	unsigned int round, i, k, bad;
	struct dut t;
	void *s;

	(void)state;
	dut_open(&t, NULL, NULL);
	dut_start(&t, 1, 64);
	s = dut_cipher_session(&t, true);
	for (round = 0; round < 50; round++) {
		for (i = 0, bad = 0; i < NB; i++) {
			ops[i] = dut_op(s, LEN);
			/* A mark outside of what drivers look at. */
			ops[i]->sym->m_src->dynfield1[0] = (i + round) % 3 == 0;
			if ((i + round) % 3 == 0) {
				make_wrong(ops[i], i + round);
				bad++;
			}
		}
		dut_enqueue(&t, 0, ops, NB);
		dut_dequeue(&t, 0, back, NB);
		for (i = 0; i < NB; i++) {
			const bool wrong = back[i]->sym->m_src->dynfield1[0] != 0;

			assert_int_equal(back[i]->status, wrong ? INVALID_ARGS : SUCCESS);
			if (!wrong)
				assert_true(dut_encrypted(back[i], LEN));
			for (k = 0; k < NB && ops[k] != back[i]; k++)
				;
			assert_true(k < NB);
			ops[k] = NULL;
			dut_free_op(back[i]);
		}
		assert_true(bad > 0);
	}
	dut_free_session(&t, s);
	dut_close(&t);
}

static void
c05b_sessions_that_are_none(void **state)
{
	struct rte_crypto_sym_xform x = {.type = RTE_CRYPTO_SYM_XFORM_CIPHER};
	struct rte_cryptodev_sym_session *raw;
	struct rte_crypto_op *op;
	struct dut t, other;
	void *s, *foreign, *dead;

	(void)state;
	dut_open(&t, NULL, NULL);
	dut_open(&other, NULL, NULL);
	dut_start(&t, 1, 16);
	dut_start(&other, 1, 16);
	s = dut_cipher_session(&t, true);
	foreign = dut_cipher_session(&other, true);

	op = dut_op(NULL, LEN);
	op->sess_type = RTE_CRYPTO_OP_WITH_SESSION;
	op->sym->session = NULL;
	assert_int_equal(dut_run(&t, 0, op), INVALID_SESSION);

	op->sess_type = RTE_CRYPTO_OP_SESSIONLESS;
	op->sym->xform = &x;
	assert_int_equal(dut_run(&t, 0, op), INVALID_SESSION);
	op->sym->xform = NULL;
	assert_int_equal(dut_run(&t, 0, op), INVALID_SESSION);

	op->sess_type = RTE_CRYPTO_OP_SECURITY_SESSION;
	op->sym->session = s;
	assert_int_equal(dut_run(&t, 0, op), INVALID_SESSION);

	op->sess_type = RTE_CRYPTO_OP_WITH_SESSION;
	op->sym->session = foreign;
	assert_int_equal(dut_run(&t, 0, op), INVALID_SESSION);
	assert_int_equal(t.s->requests, 0);

	/* A session of another driver. */
	raw = s;
	raw->driver_id++;
	op->sym->session = s;
	assert_int_equal(dut_run(&t, 0, op), INVALID_SESSION);
	raw->driver_id--;

	/* A session that was given back: its object is still there, in the pool. */
	dead = dut_cipher_session(&t, true);
	dut_free_session(&t, dead);
	op->sym->session = dead;
	assert_int_equal(dut_run(&t, 0, op), INVALID_SESSION);

	op->sym->session = s;
	assert_int_equal(dut_run(&t, 0, op), SUCCESS);
	assert_true(dut_encrypted(op, LEN));
	dut_free_op(op);
	dut_free_session(&t, s);
	dut_free_session(&other, foreign);
	dut_close(&t);
	dut_close(&other);
}

static void
c18_op_types(void **state)
{
	static const uint8_t types[] = {RTE_CRYPTO_OP_TYPE_UNDEFINED, 77};
	struct rte_cryptodev_stats st;
	struct rte_crypto_op *op;
	struct dut t;
	size_t i;
	void *s;

	(void)state;
	dut_open(&t, NULL, NULL);
	dut_start(&t, 1, 16);
	s = dut_cipher_session(&t, true);
	op = dut_op(s, LEN);
	for (i = 0; i < RTE_DIM(types); i++) {
		op->type = types[i];
		assert_int_equal(dut_run(&t, 0, op), INVALID_ARGS);
	}
	/* Its session is none of those. */
	op->type = RTE_CRYPTO_OP_TYPE_ASYMMETRIC;
	assert_int_equal(dut_run(&t, 0, op), INVALID_SESSION);
	op->type = RTE_CRYPTO_OP_TYPE_SYMMETRIC;
	/* No source at all. */
	{
		struct rte_mbuf *m = op->sym->m_src;

		op->sym->m_src = NULL;
		assert_int_equal(dut_run(&t, 0, op), INVALID_ARGS);
		op->sym->m_src = m;
	}
	assert_int_equal(dut_run(&t, 0, op), SUCCESS);
	dut_free_op(op);
	assert_int_equal(rte_cryptodev_stats_get(t.id, &st), 0);
	assert_int_equal(st.enqueued_count, RTE_DIM(types) + 3);
	assert_int_equal(st.dequeued_count, RTE_DIM(types) + 3);
	dut_free_session(&t, s);
	dut_close(&t);
}

/* A full ring takes less than asked, and what it took comes back. */
static void
c18_full_ring(void **state)
{
	enum { NB = 200 };
	static const uint64_t features[] = {
		F_VERSION_1 | F_INDIRECT | F_EVENT_IDX, F_VERSION_1, F_VERSION_1 | F_INDIRECT};
	const struct inproc_cfg base = {.run = INPROC_RUN_MANUAL, .queue_size = 32};
	struct rte_crypto_op *ops[NB], *back[NB];
	struct rte_cryptodev_stats st;
	unsigned int f, round, i, total;
	struct inproc_cfg cfg;
	uint16_t n, got;
	struct dut t;
	void *s;

	(void)state;
	for (f = 0; f < RTE_DIM(features); f++) {
		cfg = base;
		cfg.features = features[f];
		dut_open(&t, &cfg, NULL);
		dut_start(&t, 1, 4096);
		s = dut_chain_session(&t, true);
		total = 0;
		for (i = 0; i < NB; i++)
			ops[i] = dut_chain_op(s, LEN);
		for (round = 0; round < 20; round++) {
			n = rte_cryptodev_enqueue_burst(t.id, 0, ops, NB);
			/* Six descriptors an op where each takes its own in the ring. */
			assert_int_equal(n, features[f] & F_INDIRECT ? 32 : 32 / 6);
			assert_int_equal(rte_cryptodev_enqueue_burst(t.id, 0, ops + n, NB - n), 0);
			assert_int_equal(rte_cryptodev_dequeue_burst(t.id, 0, back, NB), 0);
			inproc_poll(t.d, UINT_MAX);
			dut_dequeue(&t, 0, back, n);
			got = rte_cryptodev_dequeue_burst(t.id, 0, back + n, NB - n);
			assert_int_equal(got, 0);
			for (i = 0; i < n; i++) {
				assert_ptr_equal(back[i], ops[i]);
				assert_int_equal(back[i]->status, SUCCESS);
			}
			total += n;
		}
		assert_int_equal(rte_cryptodev_stats_get(t.id, &st), 0);
		assert_int_equal(st.enqueued_count, total);
		assert_int_equal(st.dequeued_count, total);
		assert_int_equal(st.enqueue_err_count, 0);
		assert_int_equal(st.dequeue_err_count, 0);
		assert_int_equal(t.s->requests, total);
		for (i = 0; i < NB; i++)
			dut_free_op(ops[i]);
		dut_free_session(&t, s);
		dut_close(&t);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(c01_unknown_status),
		cmocka_unit_test(c01_status_not_written),
		cmocka_unit_test(c02_verify),
		cmocka_unit_test(c02_verify_without_digest),
		cmocka_unit_test(c02_generate),
		cmocka_unit_test(c03_cipher_offset),
		cmocka_unit_test(c04_stale_fields),
		cmocka_unit_test(c05_rejects_cost_nothing),
		cmocka_unit_test(c05_rejects_among_others),
		cmocka_unit_test(c05b_sessions_that_are_none),
		cmocka_unit_test(c05c_short_keys),
		cmocka_unit_test(c18_op_types),
		cmocka_unit_test(c18_full_ring),
	};

	return cmocka_run_group_tests_name("device_results", tests, dut_eal_setup,
			dut_eal_teardown);
}
