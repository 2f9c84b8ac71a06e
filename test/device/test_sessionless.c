/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Operations without a session, and devices without sessions: what goes to the device, what is
 * kept for the next operation and for how long, and that nothing of a key is left.
 */

#include <errno.h>
#include <stdlib.h>

#include "sessionless.h"

#define SUCCESS RTE_CRYPTO_OP_STATUS_SUCCESS
#define INVALID_SESSION RTE_CRYPTO_OP_STATUS_INVALID_SESSION
#define ERROR RTE_CRYPTO_OP_STATUS_ERROR
/* Sessions that a queue pair keeps: on the device, or where it needs none. */
#define KEPT 32
#define KEPT_STATELESS 64

/* Offsets in requests [virtio 5.9.9.3]. */
#define REQ_OPCODE 0
#define REQ_SESSION 8
#define REQ_FLAG 16
#define REQ_MAC_RESULT 36

/* One op of kind n there and back. */
static void
one(struct dut *t, unsigned int n)
{
	struct rte_crypto_op *op;
	struct kind k;

	op = bare_op(&kind(&k, n)->x);
	assert_int_equal(dut_run(t, 0, op), SUCCESS);
	assert_true(right(op, k.key));
	dut_free_op(op);
}

static uint32_t
last_u32(const struct dut *t, unsigned int off)
{
	uint8_t req[64] = { 0 };

	inproc_last_request(t->d, req, sizeof(req));
	return dut_get32(req + off);
}

/* ---- log ---- */

static char *log_text;
static size_t log_len;
static FILE *log_file;

static void
log_begin(void)
{
	log_file = open_memstream(&log_text, &log_len);
	assert_non_null(log_file);
	rte_openlog_stream(log_file);
}

/* @return lines of the driver since log_begin(). */
static unsigned int
log_end(const char *says)
{
	unsigned int n = 0;
	const char *p;

	rte_openlog_stream(NULL);
	fclose(log_file);
	for (p = log_text; (p = strstr(p, "CRYPTO_VIRTIO:")) != NULL; p++)
		n++;
	if (says != NULL && strstr(log_text, says) == NULL)
		fail_msg("no \"%s\" in: %s", says, log_text);
	free(log_text);
	return n;
}

/* ---- which requests ---- */

static void
stateless_where_offered(void **state)
{
	const struct inproc_cfg cfg = { .stateless = true };
	struct rte_crypto_op *ops[6], *got[6];
	struct kind k;
	uint64_t ctrl;
	struct dut t;
	unsigned int i;
	void *s;

	(void)state;
	dut_open(&t, &cfg, NULL);
	dut_start(&t, 1, 64);
	ctrl = t.s->ctrl_requests;
	one(&t, 1);
	assert_int_equal(t.s->ctrl_requests, ctrl);
	assert_int_equal(t.s->sessions, 0);
	assert_int_equal(last_u32(&t, REQ_FLAG), 0);
	assert_int_equal(last_u32(&t, REQ_SESSION), 0);

	/* Sessions are sessions, and both may stand in a burst. */
	s = dut_cipher_session(&t, true);
	assert_int_equal(t.s->sessions, 1);
	kind(&k, 2);
	for (i = 0; i < RTE_DIM(ops); i++)
		ops[i] = i % 2 == 0 ? bare_op(&k.x) : dut_op(s, LEN);
	dut_enqueue(&t, 0, ops, RTE_DIM(ops));
	dut_dequeue(&t, 0, got, RTE_DIM(got));
	assert_int_equal(last_u32(&t, REQ_FLAG), 1);
	for (i = 0; i < RTE_DIM(ops); i++) {
		assert_ptr_equal(got[i], ops[i]);
		assert_int_equal(got[i]->status, SUCCESS);
		assert_true(right(got[i], i % 2 == 0 ? k.key : dut_key));
		dut_free_op(got[i]);
	}
	assert_int_equal(t.s->sessions, 1);
	dut_free_session(&t, s);
	dut_close(&t);
}

/* Each of these differs from the first, and needs a session of its own. */
static void
found_by_what_it_says(void **state)
{
	static uint8_t keys[2][32] = { { 1 }, { 1 } };
	struct rte_crypto_sym_xform a[2], b[2];
	struct rte_crypto_op *op;
	uint64_t made;
	struct dut t;
	unsigned int i;

	(void)state;
	dut_open(&t, NULL, NULL);
	dut_start(&t, 1, 64);
	keys[1][31] = 1; /* the last byte alone is another */
	for (i = 0; i < 13; i++) {
		memset(a, 0, sizeof(a));
		a[0].type = RTE_CRYPTO_SYM_XFORM_CIPHER;
		a[0].next = &a[1];
		a[0].cipher.op = i == 1 ? RTE_CRYPTO_CIPHER_OP_DECRYPT :
			RTE_CRYPTO_CIPHER_OP_ENCRYPT;
		a[0].cipher.algo = i == 2 ? RTE_CRYPTO_CIPHER_AES_CTR : RTE_CRYPTO_CIPHER_AES_CBC;
		a[0].cipher.key.data = keys[i == 3];
		a[0].cipher.key.length = i == 4 ? 16 : 32;
		a[0].cipher.iv.offset = DUT_IV_OFFSET + (i == 5 ? 8 : 0);
		a[0].cipher.iv.length = 16;
		a[1].type = RTE_CRYPTO_SYM_XFORM_AUTH;
		a[1].auth.op = i == 6 ? RTE_CRYPTO_AUTH_OP_VERIFY : RTE_CRYPTO_AUTH_OP_GENERATE;
		a[1].auth.algo = i == 7 ? RTE_CRYPTO_AUTH_SHA256_HMAC :
			i == 12 ? RTE_CRYPTO_AUTH_SHA512_HMAC : RTE_CRYPTO_AUTH_SHA1_HMAC;
		a[1].auth.key.data = keys[i == 8];
		a[1].auth.key.length = i == 9 ? 31 : 32;
		a[1].auth.digest_length = i == 10 ? 12 : 20;
		/* A part of what was there; then that with another rest. */
		if (i == 11)
			a[0].next = NULL;
		op = dut_chain_op(NULL, LEN);
		op->sess_type = RTE_CRYPTO_OP_SESSIONLESS;
		op->sym->xform = a;
		made = t.s->sessions;
		/* The digest of 6 is wrong; that is what the op says, and no other thing. */
		assert_int_equal(dut_run(&t, 0, op),
			i == 6 ? RTE_CRYPTO_OP_STATUS_AUTH_FAILED : SUCCESS);
		if (t.s->sessions != made + 1)
			fail_msg("case %u: %u more sessions", i,
				(unsigned int)(t.s->sessions - made));
		/* The same in other memory. */
		memcpy(b, a, sizeof(b));
		if (b[0].next != NULL)
			b[0].next = &b[1];
		op->sym->xform = b;
		dut_run(&t, 0, op);
		assert_int_equal(t.s->sessions, made + 1);
		dut_free_op(op);
	}
	dut_close(&t);
}

/* A device that can do only some services so. */
static void
some_services_only(void **state)
{
	static const uint8_t key[20] = { 9 };
	const struct inproc_cfg cfg = { .features = F_VERSION_1 | F_INDIRECT | F(0) | F(1) };
	struct rte_crypto_sym_xform mac = {
		.type = RTE_CRYPTO_SYM_XFORM_AUTH,
		.auth = { .op = RTE_CRYPTO_AUTH_OP_GENERATE, .algo = RTE_CRYPTO_AUTH_SHA1_HMAC,
			.key = { key, sizeof(key) }, .digest_length = 20 },
	};
	struct rte_crypto_op *op;
	struct dut t;

	(void)state;
	dut_open(&t, &cfg, "mode=auto");
	dut_start(&t, 1, 64);
	one(&t, 1);
	assert_int_equal(last_u32(&t, REQ_FLAG), 0);
	assert_int_equal(t.s->sessions, 0);
	op = dut_chain_op(NULL, LEN);
	op->sess_type = RTE_CRYPTO_OP_SESSIONLESS;
	op->sym->xform = &mac;
	assert_int_equal(dut_run(&t, 0, op), SUCCESS);
	assert_int_equal(last_u32(&t, REQ_OPCODE), 0x0200);
	assert_int_equal(last_u32(&t, REQ_FLAG), 1);
	assert_int_equal(t.s->sessions, 1);
	dut_free_op(op);
	dut_close(&t);
}

static void
sessions_only(void **state)
{
	const struct inproc_cfg cfg = { .stateless = true };
	struct dut t;

	(void)state;
	dut_open(&t, &cfg, "mode=session");
	assert_true((t.s->features & (F(0) | F(1) | F(2) | F(3) | F(4))) == F(0));
	dut_start(&t, 1, 64);
	one(&t, 1);
	assert_int_equal(last_u32(&t, REQ_FLAG), 1);
	assert_int_equal(t.s->sessions, 1);
	dut_close(&t);
}

static void
no_sessions_at_all(void **state)
{
	const struct inproc_cfg cfg = { .stateless = true };
	struct rte_crypto_sym_xform short_mac = {
		.type = RTE_CRYPTO_SYM_XFORM_AUTH,
		.auth = { .op = RTE_CRYPTO_AUTH_OP_GENERATE, .algo = RTE_CRYPTO_AUTH_SHA1_HMAC,
			.key = { dut_auth_key, DUT_DIGEST_LEN }, .digest_length = 12 },
	};
	uint8_t digest[DUT_DIGEST_LEN];
	struct rte_crypto_op *op;
	void *s, *chain, *mac;
	uint64_t ctrl;
	struct dut t;

	(void)state;
	dut_open(&t, &cfg, "mode=stateless");
	ctrl = t.s->ctrl_requests;
	/* Not even a device that is up is needed. */
	s = dut_cipher_session(&t, true);
	chain = dut_chain_session(&t, true);
	assert_non_null(s);
	assert_non_null(chain);
	dut_start(&t, 1, 64);
	assert_true(dut_works(&t, 0, s));
	assert_int_equal(last_u32(&t, REQ_FLAG), 0);
	op = dut_chain_op(chain, LEN);
	assert_int_equal(dut_run(&t, 0, op), SUCCESS);
	assert_int_equal(last_u32(&t, REQ_FLAG), 0);
	dut_free_op(op);
	one(&t, 1);
	/* Nobody can refuse a short digest beforehand, so the whole one is asked for. */
	mac = rte_cryptodev_sym_session_create(t.id, &short_mac, t.sessions);
	assert_non_null(mac);
	op = dut_chain_op(mac, LEN);
	memset(dut_digest(op), 0x77, DUT_DIGEST_LEN);
	dut_reference_hmac(dut_data(op), LEN, digest);
	assert_int_equal(dut_run(&t, 0, op), SUCCESS);
	assert_int_equal(last_u32(&t, REQ_MAC_RESULT), DUT_DIGEST_LEN);
	assert_memory_equal(dut_digest(op), digest, 12);
	assert_int_equal(dut_digest(op)[12], 0x77);
	dut_free_op(op);
	dut_free_session(&t, mac);
	rte_cryptodev_stop(t.id);
	assert_int_equal(rte_cryptodev_start(t.id), 0);
	assert_true(dut_works(&t, 0, s));
	one(&t, 1);
	dut_free_session(&t, chain);
	dut_free_session(&t, s);
	assert_int_equal(t.s->ctrl_requests, ctrl);
	/* What is not there is refused by the capabilities. */
	{
		struct kind k;

		kind(&k, 0);
		k.x.cipher.key.length = 15;
		assert_null(rte_cryptodev_sym_session_create(t.id, &k.x, t.sessions));
		k.x.cipher.algo = RTE_CRYPTO_CIPHER_AES_DOCSISBPI;
		assert_null(rte_cryptodev_sym_session_create(t.id, &k.x, t.sessions));
	}
	dut_close(&t);
}

static void
mode_needs_features(void **state)
{
	static const char *const missing[] = { "REVISION_1", "CIPHER", "HASH", "MAC", "AEAD" };
	struct inproc_cfg cfg = { .run = INPROC_RUN_NOTIFY };
	struct dut t;
	unsigned int i;

	(void)state;
	for (i = 0; i < RTE_DIM(missing); i++) {
		cfg.features = (F_VERSION_1 | F_INDIRECT | F(0) | F(1) | F(2) | F(3) | F(4)) &
			~F(i);
		log_begin();
		assert_int_equal(dut_try_open(&t, &cfg, "mode=stateless"), -ENOTSUP);
		assert_int_equal(log_end(missing[i]), 1);
		/* Any other mode makes do with it; never the bits without REVISION_1. */
		dut_open(&t, &cfg, "mode=auto");
		if (i == 0)
			assert_true((t.s->features & 0x3f) == 0);
		dut_start(&t, 1, 64);
		one(&t, 1);
		dut_close(&t);
	}
	log_begin();
	assert_int_equal(dut_try_open(&t, NULL, "mode=often"), -EINVAL);
	assert_int_equal(log_end("auto, session or stateless"), 1);
}

/* ---- what is kept ---- */

static void
bounded(void **state)
{
	uint64_t ctrl;
	struct dut t;
	unsigned int i;

	(void)state;
	dut_open(&t, NULL, NULL);
	dut_start(&t, 1, 64);
	for (i = 0; i < KEPT; i++)
		one(&t, i);
	assert_int_equal(t.s->sessions, KEPT);
	/* All of them are there. */
	ctrl = t.s->ctrl_requests;
	for (i = KEPT; i-- > 0;)
		one(&t, i);
	assert_int_equal(t.s->ctrl_requests, ctrl);
	/* KEPT - 1 was not used for the longest time, so it goes: destroyed, one made. */
	one(&t, KEPT);
	assert_int_equal(t.s->ctrl_requests, ctrl + 2);
	assert_int_equal(t.s->sessions, KEPT);
	for (i = 0; i < KEPT - 1; i++)
		one(&t, i);
	assert_int_equal(t.s->ctrl_requests, ctrl + 2);
	one(&t, KEPT - 1);
	assert_int_equal(t.s->ctrl_requests, ctrl + 4);
	for (i = 0; i < 5 * KEPT; i++)
		one(&t, i * 7 % (2 * KEPT));
	assert_true(t.s->sessions <= KEPT);

	/* However often it was used, what is used no longer goes. */
	for (i = 0; i < 300; i++)
		one(&t, 1000 + i % 3);
	for (i = 0; i < KEPT; i++)
		one(&t, 2000 + i);
	ctrl = t.s->ctrl_requests;
	one(&t, 1000);
	assert_int_equal(t.s->ctrl_requests, ctrl + 2);
	dut_close(&t);
}

/* Sessions in use stay, whatever comes; who finds no place is taken later. */
static void
busy(void **state)
{
	const struct inproc_cfg cfg = { .run = INPROC_RUN_MANUAL, .stateless = *state != NULL };
	const unsigned int kept = cfg.stateless ? KEPT_STATELESS : KEPT;
	const unsigned int on_device = cfg.stateless ? 1 : kept + 1;
	struct rte_crypto_op *ops[KEPT_STATELESS + 4], *got[KEPT_STATELESS + 4];
	struct kind *const k = calloc(kept + 1, sizeof(*k));
	struct dut t;
	unsigned int i;
	void *s;

	assert_non_null(k);
	dut_open(&t, &cfg, NULL);
	dut_start(&t, 1, 512);
	s = dut_cipher_session(&t, true);
	for (i = 0; i <= kept; i++)
		ops[i] = bare_op(&kind(&k[i], i)->x);
	/* All in flight but the last, in one burst. */
	assert_int_equal(rte_cryptodev_enqueue_burst(t.id, 0, ops, kept + 1), kept);
	assert_int_equal(rte_cryptodev_enqueue_burst(t.id, 0, &ops[kept], 1), 0);
	/* Not so what is there, and what has a session. */
	ops[kept + 1] = bare_op(&k[3].x);
	ops[kept + 2] = dut_op(s, LEN);
	dut_enqueue(&t, 0, &ops[kept + 1], 2);
	assert_int_equal(rte_cryptodev_enqueue_burst(t.id, 0, &ops[kept], 1), 0);
	assert_int_equal(t.s->sessions, on_device);

	/* Answered is not dequeued; dequeued is free. */
	assert_int_equal(inproc_poll(t.d, 4), 4);
	assert_int_equal(rte_cryptodev_enqueue_burst(t.id, 0, &ops[kept], 1), 0);
	dut_dequeue(&t, 0, got, 4);
	/* 3 is still in flight once, so that 0, 1 or 2 goes. */
	dut_enqueue(&t, 0, &ops[kept], 1);
	assert_int_equal(t.s->sessions, on_device);
	inproc_poll(t.d, kept + 4);
	dut_dequeue(&t, 0, got + 4, kept - 1);
	for (i = 0; i < kept + 3; i++) {
		const uint8_t *key = i <= kept ? k[i].key : i == kept + 1 ? k[3].key : dut_key;

		assert_int_equal(ops[i]->status, SUCCESS);
		if (!right(ops[i], key))
			fail_msg("operation %u has a wrong result", i);
		dut_free_op(ops[i]);
	}
	dut_free_session(&t, s);
	dut_close(&t);
	free(k);
}

static void
busy_stateless(void **state)
{
	busy(state);
}

/* Ops with a session in the slots of others: no entry stays in use for ever. */
static void
busy_among_sessions(void **state)
{
	struct dut t;
	unsigned int i, n;
	void *s;

	(void)state;
	dut_open(&t, NULL, NULL);
	dut_start(&t, 1, 8);
	s = dut_cipher_session(&t, true);
	for (i = 0; i < 4 * KEPT; i++) {
		one(&t, i);
		for (n = 0; n < i % 11; n++)
			assert_true(dut_works(&t, 0, s));
	}
	assert_int_equal(t.s->sessions, KEPT + 1);
	dut_free_session(&t, s);
	dut_close(&t);
}

/* A device that has few sessions, and an application that has most of them. */
static void
few_sessions(void **state)
{
	/* With REVISION_1 a device can say that it has no session left. */
	const struct inproc_cfg cfg = { .max_sessions = 4,
		.features = *state != NULL ? F_VERSION_1 | F_INDIRECT | F(0) : 0 };
	struct rte_crypto_op *op;
	struct kind k;
	struct dut t;
	unsigned int i;
	void *s[4];

	dut_open(&t, &cfg, NULL);
	dut_start(&t, 1, 64);
	for (i = 0; i < 20; i++)
		one(&t, i);
	assert_int_equal(t.s->sessions, 4);
	/* What the cache has it does not give to others. */
	assert_null(dut_cipher_session(&t, true));
	rte_cryptodev_stop(t.id);
	dut_start(&t, 1, 64); /* with a new queue pair */
	for (i = 0; i < 3; i++)
		assert_non_null(s[i] = dut_cipher_session(&t, true));
	for (i = 0; i < 20; i++)
		one(&t, i);
	assert_int_equal(t.s->sessions, 4);
	rte_cryptodev_stop(t.id);
	dut_start(&t, 1, 64);
	assert_non_null(s[3] = dut_cipher_session(&t, true));
	log_begin();
	for (i = 0; i < 5; i++) {
		op = bare_op(&kind(&k, i)->x);
		assert_int_equal(dut_run(&t, 0, op), ERROR);
		dut_free_op(op);
	}
	assert_int_equal(log_end("no session left on the device"), 1);
	dut_free_session(&t, s[3]);
	one(&t, 1);
	for (i = 0; i < 3; i++)
		dut_free_session(&t, s[i]);
	dut_close(&t);
}

static void
few_sessions_revision_1(void **state)
{
	few_sessions(state);
}

/* ---- what is refused ---- */

static void
refused(struct dut *t, struct rte_crypto_sym_xform *x, const char *what)
{
	struct rte_crypto_op *const op = bare_op(x);

	if (dut_run(t, 0, op) != INVALID_SESSION)
		fail_msg("%s: status %d", what, op->status);
	dut_free_op(op);
}

static void
bad_chains(void **state)
{
	const struct inproc_cfg cfg = { .stateless = *state != NULL };
	struct rte_crypto_sym_xform x[3];
	struct kind k;
	struct dut t;
	unsigned int round;

	dut_open(&t, &cfg, NULL);
	dut_start(&t, 1, 64);
	one(&t, 1);
	log_begin();
	for (round = 0; round < 3; round++) {
		refused(&t, NULL, "no chain");
		memset(x, 0, sizeof(x));
		refused(&t, x, "no type");
		x[0].type = (enum rte_crypto_sym_xform_type)77;
		refused(&t, x, "a type that is none");
		kind(&k, 0);
		k.x.cipher.key.length = 15;
		refused(&t, &k.x, "key of 15 bytes");
		k.x.cipher.key.length = UINT16_MAX;
		k.x.cipher.key.data = NULL;
		refused(&t, &k.x, "key of 65535 bytes");
		kind(&k, 0);
		k.x.cipher.key.data = NULL;
		refused(&t, &k.x, "no key");
		kind(&k, 0);
		k.x.cipher.iv.length = 3;
		refused(&t, &k.x, "IV of 3 bytes");
		kind(&k, 0);
		k.x.cipher.algo = RTE_CRYPTO_CIPHER_AES_DOCSISBPI;
		refused(&t, &k.x, "an algorithm without a number");
		kind(&k, 0);
		x[0] = x[1] = k.x;
		x[0].next = &x[1];
		refused(&t, x, "two ciphers");
		x[1].next = &x[0];
		refused(&t, x, "a chain without end");
		memset(&x[1], 0, sizeof(x[1]));
		x[1].type = RTE_CRYPTO_SYM_XFORM_AUTH;
		x[1].auth.op = RTE_CRYPTO_AUTH_OP_GENERATE;
		x[1].auth.algo = RTE_CRYPTO_AUTH_SHA1;
		x[1].auth.digest_length = 20;
		x[1].next = &x[2];
		x[2] = x[1];
		x[2].next = NULL;
		refused(&t, x, "three parts");
		/* They hold up nobody. */
		one(&t, 1 + round);
	}
	/* Refused operations may come by the million: the first is explained, no other. */
	assert_int_equal(log_end(NULL), 1);
	dut_close(&t);
}

static void
bad_chains_stateless(void **state)
{
	bad_chains(state);
}

/* ---- keys ---- */

struct search {
	const uint8_t *key;
	unsigned int found;
};

static int
search_memseg(const struct rte_memseg_list *msl, const struct rte_memseg *ms, void *arg)
{
	const uint8_t *p = ms->addr, *end = p + ms->len;
	struct search *const s = arg;

	(void)msl;
	while ((p = memmem(p, (size_t)(end - p), s->key, 12)) != NULL) {
		s->found++;
		p++;
	}
	return 0;
}

/* How often the end of a kind's key stands in DPDK's memory. */
static unsigned int
copies(unsigned int n)
{
	struct kind k;
	/* The first bytes tell kinds from each other. */
	struct search s = { kind(&k, n)->key, 0 };

	rte_memseg_walk(search_memseg, &s);
	return s.found;
}

static void
keys_are_wiped(void **state)
{
	const struct inproc_cfg cfg = { .stateless = *state != NULL };
	const unsigned int kept = cfg.stateless ? KEPT_STATELESS : KEPT;
	struct rte_cryptodev_qp_conf qp = { .nb_descriptors = 64 };
	struct dut t;
	unsigned int i;

	dut_open(&t, &cfg, NULL);
	dut_start(&t, 1, 64);
	assert_int_equal(copies(500), 0);
	one(&t, 500);
	/* To compare with, and to make the session again or to be pointed to: none in a slot. */
	assert_int_equal(copies(500), 2);
	rte_cryptodev_stop(t.id);
	assert_int_equal(copies(500), 2);
	assert_int_equal(rte_cryptodev_start(t.id), 0);
	one(&t, 500);
	assert_int_equal(copies(500), 2);
	/* Evicted. */
	for (i = 0; i < kept; i++)
		one(&t, i);
	assert_int_equal(copies(500), 0);
	assert_int_equal(copies(0), 2);
	/* The queue pair is set up anew. */
	rte_cryptodev_stop(t.id);
	assert_int_equal(rte_cryptodev_queue_pair_setup(t.id, 0, &qp, 0), 0);
	for (i = 0; i < kept; i++)
		assert_int_equal(copies(i), 0);
	assert_int_equal(rte_cryptodev_start(t.id), 0);
	one(&t, 500);
	/* Closed. */
	rte_cryptodev_stop(t.id);
	assert_int_equal(rte_cryptodev_close(t.id), 0);
	assert_int_equal(copies(500), 0);
	dut_close(&t);
}

static void
keys_are_wiped_stateless(void **state)
{
	keys_are_wiped(state);
}

/* The same of sessions of a device that has none. */
static void
session_keys_are_wiped(void **state)
{
	const struct inproc_cfg cfg = { .stateless = true };
	struct rte_crypto_op *op;
	struct kind k;
	struct dut t;
	void *s;

	(void)state;
	dut_open(&t, &cfg, "mode=stateless");
	dut_start(&t, 1, 64);
	kind(&k, 700);
	s = rte_cryptodev_sym_session_create(t.id, &k.x, t.sessions);
	assert_non_null(s);
	assert_int_equal(copies(700), 1);
	op = dut_op(s, LEN);
	assert_int_equal(dut_run(&t, 0, op), SUCCESS);
	assert_true(right(op, k.key));
	dut_free_op(op);
	assert_int_equal(copies(700), 1);
	dut_free_session(&t, s);
	assert_int_equal(copies(700), 0);
	/* Not given back before the close. */
	s = rte_cryptodev_sym_session_create(t.id, &k.x, t.sessions);
	rte_cryptodev_stop(t.id);
	assert_int_equal(rte_cryptodev_close(t.id), 0);
	assert_int_equal(copies(700), 0);
	dut_free_session(&t, s);
	dut_close(&t);
}

/* ---- two requests ---- */

/* The digest is in the data and is ciphered with it. */
static void
digest_is_ciphered(void **state)
{
	const struct inproc_cfg cfg = { .stateless = *state != NULL };
	struct rte_crypto_sym_xform cipher, auth;
	uint8_t want[LEN + 32], iv[DUT_IV_LEN];
	struct rte_crypto_op *op;
	EVP_CIPHER_CTX *ctx;
	struct kind k;
	struct dut t;
	int n, round;

	dut_open(&t, &cfg, NULL);
	dut_start(&t, 1, 64);
	kind(&k, 5);
	cipher = k.x;
	memset(&auth, 0, sizeof(auth));
	auth.type = RTE_CRYPTO_SYM_XFORM_AUTH;
	auth.next = &cipher;
	auth.auth.op = RTE_CRYPTO_AUTH_OP_GENERATE;
	auth.auth.algo = RTE_CRYPTO_AUTH_SHA1_HMAC;
	auth.auth.key.data = dut_auth_key;
	auth.auth.key.length = sizeof(dut_auth_key);
	auth.auth.digest_length = DUT_DIGEST_LEN;
	for (round = 0; round < 3; round++) {
		op = dut_op(NULL, sizeof(want));
		op->sess_type = RTE_CRYPTO_OP_SESSIONLESS;
		op->sym->xform = &auth;
		op->sym->cipher.data.offset = 0;
		op->sym->cipher.data.length = sizeof(want);
		op->sym->auth.data.offset = 0;
		op->sym->auth.data.length = LEN;
		op->sym->auth.digest.data = dut_data(op) + LEN;
		memcpy(iv, rte_crypto_op_ctod_offset(op, void *, DUT_IV_OFFSET), sizeof(iv));
		dut_pattern(want, sizeof(want));
		dut_reference_hmac(want, LEN, want + LEN);
		ctx = EVP_CIPHER_CTX_new();
		assert_int_equal(EVP_EncryptInit_ex(ctx, EVP_aes_128_cbc(), NULL, k.key, iv), 1);
		EVP_CIPHER_CTX_set_padding(ctx, 0);
		assert_int_equal(EVP_EncryptUpdate(ctx, want, &n, want, sizeof(want)), 1);
		EVP_CIPHER_CTX_free(ctx);
		assert_int_equal(dut_run(&t, 0, op), SUCCESS);
		assert_memory_equal(dut_data(op), want, sizeof(want));
		dut_free_op(op);
	}
	assert_int_equal(last_u32(&t, REQ_FLAG), cfg.stateless ? 0 : 1);
	assert_int_equal(t.s->sessions, cfg.stateless ? 0 : 3);
	dut_close(&t);
}

static void
digest_is_ciphered_stateless(void **state)
{
	digest_is_ciphered(state);
}

static int yes;

/* The same test of a device that can do more. */
#define MORE(f) cmocka_unit_test_prestate(f, &yes)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(stateless_where_offered),
		cmocka_unit_test(found_by_what_it_says),
		cmocka_unit_test(some_services_only),
		cmocka_unit_test(sessions_only),
		cmocka_unit_test(no_sessions_at_all),
		cmocka_unit_test(mode_needs_features),
		cmocka_unit_test(bounded),
		cmocka_unit_test_prestate(busy, NULL),
		MORE(busy_stateless),
		cmocka_unit_test(busy_among_sessions),
		cmocka_unit_test_prestate(few_sessions, NULL),
		MORE(few_sessions_revision_1),
		cmocka_unit_test_prestate(bad_chains, NULL),
		MORE(bad_chains_stateless),
		cmocka_unit_test_prestate(keys_are_wiped, NULL),
		MORE(keys_are_wiped_stateless),
		cmocka_unit_test(session_keys_are_wiped),
		cmocka_unit_test_prestate(digest_is_ciphered, NULL),
		MORE(digest_is_ciphered_stateless),
	};

	return cmocka_run_group_tests(tests, dut_eal_setup, dut_eal_teardown);
}
