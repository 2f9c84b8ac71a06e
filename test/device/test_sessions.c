/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Sessions and the control queue: what the device refuses, a control queue that
 * is silent, keys that must not stay anywhere, xforms that say something else than meant.
 */

#include <errno.h>
#include <pthread.h>

#include <rte_memory.h>

#include "device_fixture.h"

#define SUCCESS RTE_CRYPTO_OP_STATUS_SUCCESS
#define LEN DUT_DATA_LEN

/* Offsets in a create request [virtio 5.9.9.2.1.4] */
#define CREATE_HASH_MODE 20
#define CREATE_AUTH_KEY_LEN 48
#define CREATE_OP_TYPE 64
#define HASH_MODE_AUTH 2

static void
c08_refused_sessions(void **state)
{
	static const struct {
		uint32_t status;
		int err;
	} cases[] = {
		{1, EINVAL}, {3, ENOTSUP}, {5, ENOSPC}, {2, EINVAL}, {4, EINVAL}, {6, EINVAL},
		{7, EINVAL}, {0x100, EINVAL}, {0x80000000, EINVAL}, {UINT32_MAX, EINVAL},
	};
	struct dut t;
	size_t i;
	void *s;

	(void)state;
	dut_open(&t, NULL, NULL);
	dut_start(&t, 1, 64);
	for (i = 0; i < RTE_DIM(cases); i++) {
		t.f->ctrl_status = cases[i].status;
		rte_errno = 0;
		assert_null(dut_cipher_session(&t, true));
		assert_int_equal(rte_errno, cases[i].err);
		assert_null(dut_chain_session(&t, true));
		assert_int_equal(rte_errno, cases[i].err);
		t.f->ctrl_status = 0;
		assert_int_equal(t.s->sessions, 0);
		s = dut_cipher_session(&t, true);
		assert_non_null(s);
		assert_true(dut_works(&t, 0, s));
		dut_free_session(&t, s);
	}
	dut_close(&t);
}

static void
c08_no_session_left(void **state)
{
	const struct inproc_cfg cfg = {.max_sessions = 4};
	void *s[4];
	struct dut t;
	int i, k;

	(void)state;
	dut_open(&t, &cfg, NULL);
	dut_start(&t, 1, 64);
	for (k = 0; k < 3; k++) {
		for (i = 0; i < 4; i++) {
			s[i] = dut_cipher_session(&t, true);
			assert_non_null(s[i]);
		}
		assert_null(dut_cipher_session(&t, true));
		for (i = 0; i < 4; i++) {
			assert_true(dut_works(&t, 0, s[i]));
			dut_free_session(&t, s[i]);
		}
		assert_int_equal(t.s->sessions, 0);
	}
	dut_close(&t);
}

/* ---- keys ---- */

struct search {
	const uint8_t *key;
	size_t len;
	unsigned int found;
};

static int
search_memseg(const struct rte_memseg_list *msl, const struct rte_memseg *ms, void *arg)
{
	const uint8_t *p = ms->addr, *end = p + ms->len;
	struct search *s = arg;

	(void)msl;
	while ((p = memmem(p, (size_t)(end - p), s->key, s->len)) != NULL) {
		s->found++;
		p++;
	}
	return 0;
}

/* How often a key stands in DPDK's memory: heap, memzones, pools, what was freed. */
static unsigned int
count_key(const uint8_t *key, size_t len)
{
	struct search s = {key, len, 0};

	rte_memseg_walk(search_memseg, &s);
	return s.found;
}

static uint8_t secret_key[32], secret_auth[48];

static void *
secret_session(struct dut *t)
{
	struct rte_crypto_sym_xform auth = {
		.type = RTE_CRYPTO_SYM_XFORM_AUTH,
		.auth = {
			.op = RTE_CRYPTO_AUTH_OP_GENERATE,
			.algo = RTE_CRYPTO_AUTH_SHA256_HMAC,
			.key = {secret_auth, sizeof(secret_auth)},
			.digest_length = 32,
		},
	};
	struct rte_crypto_sym_xform cipher = {
		.type = RTE_CRYPTO_SYM_XFORM_CIPHER,
		.next = &auth,
		.cipher = {
			.op = RTE_CRYPTO_CIPHER_OP_ENCRYPT,
			.algo = RTE_CRYPTO_CIPHER_AES_CBC,
			.key = {secret_key, sizeof(secret_key)},
			.iv = {DUT_IV_OFFSET, DUT_IV_LEN},
		},
	};

	return rte_cryptodev_sym_session_create(t->id, &cipher, t->sessions);
}

static void
assert_keys(unsigned int nb)
{
	/* A part of a key is a secret, too. */
	assert_int_equal(count_key(secret_key + 16, 16), nb);
	assert_int_equal(count_key(secret_auth, 16), nb);
}

static void
c10_keys_are_wiped(void **state)
{
	struct rte_crypto_op *op;
	struct dut t;
	size_t i;
	void *s;

	(void)state;
	for (i = 0; i < sizeof(secret_key); i++)
		secret_key[i] = (uint8_t)(0xc3 ^ i * 29);
	for (i = 0; i < sizeof(secret_auth); i++)
		secret_auth[i] = (uint8_t)(0x3d ^ i * 37);
	dut_open(&t, NULL, "timeout_ms=100");
	dut_start(&t, 1, 64);
	assert_keys(0);
	s = secret_session(&t);
	assert_non_null(s);
	/* One copy, which a restart needs. (A search that cannot find would see 0 here.) */
	assert_keys(1);
	op = dut_chain_op(s, LEN);
	assert_int_equal(dut_run(&t, 0, op), SUCCESS);
	assert_keys(1);
	rte_cryptodev_stop(t.id);
	assert_keys(1);
	assert_int_equal(rte_cryptodev_start(t.id), 0);
	assert_int_equal(dut_run(&t, 0, op), SUCCESS);
	assert_keys(1);
	dut_free_op(op);
	dut_free_session(&t, s);
	assert_keys(0);

	/* Refused by the device. */
	t.f->ctrl_status = 1;
	assert_null(secret_session(&t));
	t.f->ctrl_status = 0;
	assert_keys(0);

	/* Given back after the stop. */
	s = secret_session(&t);
	rte_cryptodev_stop(t.id);
	dut_free_session(&t, s);
	assert_keys(0);

	/* Never answered: until the reset the device may read it, after it nobody needs it. */
	assert_int_equal(rte_cryptodev_start(t.id), 0);
	t.f->ctrl_silent = true;
	assert_null(secret_session(&t));
	t.f->ctrl_silent = false;
	rte_cryptodev_stop(t.id);
	assert_keys(0);

	/* Alive at close. */
	assert_int_equal(rte_cryptodev_start(t.id), 0);
	s = secret_session(&t);
	assert_keys(1);
	rte_cryptodev_stop(t.id);
	assert_int_equal(rte_cryptodev_close(t.id), 0);
	assert_keys(0);
	dut_free_session(&t, s);
	dut_close(&t);
	assert_keys(0);
}

/* ---- a control queue that does not answer ---- */

static void
c14_silent_control_queue(void **state)
{
	void *before, *s;
	uint64_t start;
	struct dut t;

	(void)state;
	dut_open(&t, NULL, "timeout_ms=100");
	dut_start(&t, 1, 64);
	before = dut_cipher_session(&t, true);
	t.f->ctrl_silent = true;
	start = dut_now_ms();
	assert_null(dut_cipher_session(&t, true));
	assert_int_equal(rte_errno, ETIMEDOUT);
	assert_true(dut_now_ms() - start >= 100);
	assert_true(dut_now_ms() - start < 5000);
	/* From now on refused at once, as the device may still hold the first command. */
	start = dut_now_ms();
	assert_null(dut_cipher_session(&t, true));
	assert_true(dut_now_ms() - start < 90);
	/* The data path does not care. */
	assert_true(dut_works(&t, 0, before));

	/* Mended by a restart. */
	t.f->ctrl_silent = false;
	rte_cryptodev_stop(t.id);
	assert_int_equal(rte_cryptodev_start(t.id), 0);
	assert_true(dut_works(&t, 0, before));
	s = dut_cipher_session(&t, true);
	assert_non_null(s);
	assert_true(dut_works(&t, 0, s));
	dut_free_session(&t, s);

	/* Silent when a session is destroyed: the application gets its object back anyhow. */
	t.f->ctrl_silent = true;
	start = dut_now_ms();
	dut_free_session(&t, before);
	rte_cryptodev_stop(t.id);
	assert_true(dut_now_ms() - start < 5000);
	t.f->ctrl_silent = false;
	dut_close(&t);
}

/* Silent from the start: a probe that fails in time and leaves nothing. */
static void
c14_silent_at_probe(void **state)
{
	const struct inproc_cfg cfg = {.faults = {.ctrl_silent = true}};
	uint64_t start = dut_now_ms();
	struct dut t;

	(void)state;
	assert_int_equal(dut_try_open(&t, &cfg, "timeout_ms=100"), -ETIMEDOUT);
	assert_true(dut_now_ms() - start < 5000);
}

/* Silent at start, when sessions are to be replayed. */
static void
c14_silent_at_start(void **state)
{
	struct dut t;
	void *s;

	(void)state;
	dut_open(&t, NULL, "timeout_ms=100");
	dut_configure(&t, 1, 64);
	s = dut_cipher_session(&t, true);
	assert_non_null(s);
	t.f->ctrl_silent = true;
	assert_true(rte_cryptodev_start(t.id) < 0);
	t.f->ctrl_silent = false;
	assert_int_equal(rte_cryptodev_start(t.id), 0);
	assert_true(dut_works(&t, 0, s));
	dut_free_session(&t, s);
	dut_close(&t);
}

/* Before start and after stop the driver must not ring before DRIVER_OK; the device watches. */
static void
c14_session_without_start(void **state)
{
	struct dut t;
	void *s, *s2;

	(void)state;
	dut_open(&t, NULL, NULL);
	s = dut_cipher_session(&t, true);
	assert_non_null(s);
	dut_start(&t, 1, 64);
	assert_true(dut_works(&t, 0, s));
	rte_cryptodev_stop(t.id);
	s2 = dut_cipher_session(&t, true);
	assert_non_null(s2);
	dut_free_session(&t, s);
	assert_int_equal(rte_cryptodev_start(t.id), 0);
	assert_true(dut_works(&t, 0, s2));
	assert_int_equal(t.s->sessions, 1);
	dut_free_session(&t, s2);
	dut_close(&t);
}

/* A session that the device refuses after a restart loses its life, and nothing else does. */
static void
c15_refused_at_replay(void **state)
{
	struct rte_crypto_op *op;
	struct dut t;
	void *s[3];
	int i, lost = 0;

	(void)state;
	dut_open(&t, NULL, NULL);
	dut_start(&t, 1, 64);
	for (i = 0; i < 3; i++)
		s[i] = dut_cipher_session(&t, true);
	rte_cryptodev_stop(t.id);
	t.f->ctrl_fail_after = 2;
	assert_int_equal(rte_cryptodev_start(t.id), 0);
	t.f->ctrl_fail_after = 0;
	for (i = 0; i < 3; i++) {
		op = dut_op(s[i], LEN);
		if (dut_run(&t, 0, op) == SUCCESS) {
			assert_true(dut_encrypted(op, LEN));
		} else {
			assert_int_equal(op->status, RTE_CRYPTO_OP_STATUS_INVALID_SESSION);
			lost++;
		}
		dut_free_op(op);
	}
	assert_int_equal(lost, 1);
	for (i = 0; i < 3; i++)
		dut_free_session(&t, s[i]);
	assert_int_equal(t.s->sessions, 0);
	dut_close(&t);
}

/* Devices keep sessions over a reset, so the driver takes them along. */
static void
c15_no_session_is_leaked(void **state)
{
	const struct inproc_cfg cfg = {.max_sessions = 8, .faults = {.keep_sessions = true}};
	struct dut t;
	void *s[8];
	int i, k;

	(void)state;
	dut_open(&t, &cfg, NULL);
	assert_int_equal(t.s->sessions, 0);
	for (k = 0; k < 20; k++) {
		dut_start(&t, 1, 64);
		for (i = 0; i < 8; i++) {
			s[i] = dut_cipher_session(&t, i & 1);
			assert_non_null(s[i]);
		}
		rte_cryptodev_stop(t.id);
		assert_int_equal(t.s->sessions, 0);
		assert_int_equal(rte_cryptodev_start(t.id), 0);
		assert_int_equal(t.s->sessions, 8);
		assert_true(dut_works(&t, 0, s[7]));
		if (k & 1)
			rte_cryptodev_stop(t.id);
		for (i = 0; i < 8; i++)
			dut_free_session(&t, s[i]);
		assert_int_equal(t.s->sessions, 0);
		rte_cryptodev_stop(t.id);
	}
	dut_close(&t);
}

struct worker {
	struct dut *t;
	unsigned int failed;
};

static void *
make_and_free(void *arg)
{
	struct worker *w = arg;
	unsigned int i;
	void *s;

	for (i = 0; i < 300; i++) {
		s = i & 1 ? dut_cipher_session(w->t, true) : dut_chain_session(w->t, true);
		if (s == NULL || rte_cryptodev_sym_session_free(w->t->id, s) != 0)
			w->failed++;
	}
	return NULL;
}

static void
c14_two_threads_make_sessions(void **state)
{
	struct worker w[2];
	pthread_t thread[2];
	struct dut t;
	int i;

	(void)state;
	dut_open(&t, NULL, NULL);
	dut_start(&t, 1, 64);
	for (i = 0; i < 2; i++) {
		w[i] = (struct worker){&t, 0};
		assert_int_equal(pthread_create(&thread[i], NULL, make_and_free, &w[i]), 0);
	}
	for (i = 0; i < 2; i++) {
		pthread_join(thread[i], NULL);
		assert_int_equal(w[i].failed, 0);
	}
	assert_int_equal(t.s->sessions, 0);
	dut_close(&t);
}

/* ---- xforms ---- */

static struct rte_crypto_sym_xform
cbc_xform(uint16_t key_len)
{
	static const uint8_t key[64] = {1, 2, 3};

	return (struct rte_crypto_sym_xform){
		.type = RTE_CRYPTO_SYM_XFORM_CIPHER,
		.cipher = {
			.op = RTE_CRYPTO_CIPHER_OP_ENCRYPT,
			.algo = RTE_CRYPTO_CIPHER_AES_CBC,
			.key = {key, key_len},
			.iv = {DUT_IV_OFFSET, DUT_IV_LEN},
		},
	};
}

static struct rte_crypto_sym_xform
hmac_xform(const uint8_t *key, uint16_t key_len, uint16_t digest_len)
{
	return (struct rte_crypto_sym_xform){
		.type = RTE_CRYPTO_SYM_XFORM_AUTH,
		.auth = {
			.op = RTE_CRYPTO_AUTH_OP_GENERATE,
			.algo = RTE_CRYPTO_AUTH_SHA1_HMAC,
			.key = {key, key_len},
			.digest_length = digest_len,
		},
	};
}

static void
c19_empty_hmac_key(void **state)
{
	struct rte_crypto_sym_xform cipher = cbc_xform(16), auth = hmac_xform(dut_key, 0, 20);
	uint8_t req[256];
	struct dut t;
	void *s;

	(void)state;
	dut_open(&t, NULL, NULL);
	cipher.next = &auth;
	s = rte_cryptodev_sym_session_create(t.id, &cipher, t.sessions);
	/* Refused, or asked for as what it is: a MAC. */
	if (s != NULL) {
		inproc_last_ctrl(t.d, req, sizeof(req));
		assert_int_equal(dut_get32(req + CREATE_OP_TYPE), 2);
		assert_int_equal(dut_get32(req + CREATE_HASH_MODE), HASH_MODE_AUTH);
		assert_int_equal(dut_get32(req + CREATE_AUTH_KEY_LEN), 0);
		dut_free_session(&t, s);
	} else {
		assert_true(rte_errno == EINVAL || rte_errno == ENOTSUP);
	}
	dut_close(&t);
}

static void
refused(struct dut *t, struct rte_crypto_sym_xform *x, const char *what)
{
	rte_errno = 0;
	if (rte_cryptodev_sym_session_create(t->id, x, t->sessions) != NULL)
		fail_msg("accepted: %s", what);
	if (rte_errno != EINVAL && rte_errno != ENOTSUP)
		fail_msg("%s: errno %d", what, rte_errno);
}

static void
c19_xforms(void **state)
{
	struct rte_crypto_sym_xform a, b, c;
	uint64_t before;
	struct dut t;

	(void)state;
	dut_open(&t, NULL, NULL);
	dut_start(&t, 1, 64);
	before = t.s->ctrl_requests;

	a = cbc_xform(15);
	refused(&t, &a, "key of 15 bytes");
	a = cbc_xform(0);
	refused(&t, &a, "key of 0 bytes");
	a = cbc_xform(33);
	refused(&t, &a, "key of 33 bytes");
	a = cbc_xform(16);
	a.cipher.iv.length = 12;
	refused(&t, &a, "IV of 12 bytes");
	a.cipher.iv.length = 17;
	refused(&t, &a, "IV of 17 bytes");
	a = cbc_xform(16);
	a.cipher.algo = RTE_CRYPTO_CIPHER_AES_DOCSISBPI;
	refused(&t, &a, "algorithm without a number");
	a.cipher.algo = (enum rte_crypto_cipher_algorithm)9999;
	refused(&t, &a, "algorithm that does not exist");
	a = (struct rte_crypto_sym_xform){.type = RTE_CRYPTO_SYM_XFORM_AEAD};
	refused(&t, &a, "AEAD");
	a = (struct rte_crypto_sym_xform){.type = RTE_CRYPTO_SYM_XFORM_NOT_SPECIFIED};
	refused(&t, &a, "no type");

	a = cbc_xform(16);
	b = cbc_xform(16);
	a.next = &b;
	refused(&t, &a, "two ciphers");
	a = cbc_xform(16);
	b = hmac_xform(dut_key, 16, 20);
	c = cbc_xform(16);
	a.next = &b;
	b.next = &c;
	refused(&t, &a, "three xforms");
	c = hmac_xform(dut_key, 16, 20);
	refused(&t, &a, "a second MAC");

	a = cbc_xform(16);
	b = hmac_xform(dut_key, 16, 21);
	a.next = &b;
	refused(&t, &a, "digest longer than the hash");
	b = hmac_xform(dut_key, 16, 0);
	refused(&t, &a, "digest of 0 bytes");
	b = hmac_xform(dut_key, 16, 20);
	b.auth.algo = RTE_CRYPTO_AUTH_SHA3_256_HMAC;
	refused(&t, &a, "MAC without a number");
	b.auth.algo = RTE_CRYPTO_AUTH_AES_CMAC;
	b.auth.key.length = 15;
	refused(&t, &a, "CMAC key of 15 bytes");

	/* None of them was worth a question to the device. */
	assert_int_equal(t.s->ctrl_requests, before);
	dut_close(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(c08_refused_sessions),
		cmocka_unit_test(c08_no_session_left),
		cmocka_unit_test(c10_keys_are_wiped),
		cmocka_unit_test(c14_silent_control_queue),
		cmocka_unit_test(c14_silent_at_probe),
		cmocka_unit_test(c14_silent_at_start),
		cmocka_unit_test(c14_session_without_start),
		cmocka_unit_test(c14_two_threads_make_sessions),
		cmocka_unit_test(c15_refused_at_replay),
		cmocka_unit_test(c15_no_session_is_leaked),
		cmocka_unit_test(c19_empty_hmac_key),
		cmocka_unit_test(c19_xforms),
	};

	return cmocka_run_group_tests_name("device_sessions", tests, dut_eal_setup,
			dut_eal_teardown);
}
