/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * One device and several threads: two run requests, each on an engine queue of its own, while a
 * third creates and destroys the sessions that they use. And sessions that are destroyed while they
 * are in use: when they may be freed, and how many there can be.
 */

#include <pthread.h>
#include <time.h>

#include <rte_pause.h>
#include <rte_rcu_qsbr.h>

#include "backend_services.h"

#define NB_WORKERS 2
#define NB_SHARED 8   /* sessions at a time */
#define NB_KEYS 16    /* a session's key is one of these; its number tells which */
#define NB_ROUNDS 3000 /* sessions that are replaced */
#define LEN 256

struct shared {
	struct backend b;
	struct rte_rcu_qsbr *qsbr;
	uint64_t id[NB_SHARED];  /* atomic */
	uint32_t key[NB_SHARED]; /* atomic: which key, as long as id stays */
	uint32_t stop;           /* atomic */
	uint8_t plain[LEN];
	uint8_t secret[NB_KEYS][LEN + 20]; /* AES-CBC and HMAC-SHA1 of it */
	uint8_t sealed[NB_KEYS][LEN + 16]; /* AES-GCM */
};

struct worker {
	struct shared *s;
	uint16_t queue;
	uint64_t nb_ok;
	uint64_t nb_invalid;
	const char *failure;
};

/* Even keys are of chains, odd ones of AEAD. */
static size_t
create_bytes_of(unsigned int key, uint8_t *in)
{
	uint8_t bytes[16] = {(uint8_t)key, 1};
	struct params p = chain;
	struct aead a = {.algo = 1, .key_len = 16, .tag_len = 16};

	if (key % 2 != 0) {
		memcpy(a.key, bytes, 16);
		return aead_create_bytes(&a, ENCRYPT, false, in);
	}
	p.key = bytes;
	p.digest_len = 20;
	return create_bytes(&p, in);
}

static size_t
data_bytes_of(struct shared *s, unsigned int key, uint64_t id, uint8_t *in)
{
	const struct ranges r = {.cipher_len = LEN, .hash_len = LEN};
	struct aead a = {.algo = 1, .iv_len = 12, .plain = s->plain, .len = LEN, .tag_len = 16};
	struct params p = chain;
	size_t n;

	if (key % 2 != 0) {
		memcpy(a.iv, iv16, 12);
		return aead_bytes(&a, ENCRYPT, id, LEN + 16, false, in);
	}
	p.digest_len = 20;
	n = data_bytes(&p, id, 16, iv16, LEN, LEN, &r, in);
	return append(in, n, s->plain, LEN);
}

/* What it gives. */
static uint8_t *
expected(struct shared *s, unsigned int key)
{
	return key % 2 != 0 ? s->sealed[key] : s->secret[key];
}

/* One request. @return its status. */
static uint8_t
run_one(struct shared *s, struct vhc_request_ctx *ctx, uint16_t queue, unsigned int key,
		uint64_t id, uint8_t *out, size_t *out_len)
{
	uint8_t in[72 + 16 + LEN];
	struct vhc_engine_op *op, *done;
	struct vhc_request req;
	struct vhc_desc desc[2];

	*out_len = LEN + (key % 2 != 0 ? 16 : 20);
	desc[0] = (struct vhc_desc){in, (uint32_t)data_bytes_of(s, key, id, in), false};
	desc[1] = (struct vhc_desc){out, (uint32_t)*out_len + 1, true};
	out[*out_len] = ST_UNTOUCHED;
	if (vhc_request_begin(&req, ctx, desc, 2)) {
		op = &req.op;
		if (s->b.engine->ops->enqueue(s->b.engine, queue, &op, 1) != 1 ||
				s->b.engine->ops->dequeue(s->b.engine, queue, &done, 1) != 1)
			return ST_UNTOUCHED;
		vhc_request_finish(&req);
	}
	return out[*out_len];
}

static void *
work(void *arg)
{
	struct worker *w = arg;
	struct shared *s = w->s;
	struct vhc_request_ctx *ctx = vhc_request_ctx_create(s->b.device);
	uint8_t out[LEN + 20 + 1];
	unsigned int slot = w->queue, key;
	uint64_t id;
	size_t len;

	rte_rcu_qsbr_thread_online(s->qsbr, w->queue);
	while (__atomic_load_n(&s->stop, __ATOMIC_RELAXED) == 0 && w->failure == NULL) {
		slot = (slot + 1) % NB_SHARED;
		id = __atomic_load_n(&s->id[slot], __ATOMIC_ACQUIRE);
		key = __atomic_load_n(&s->key[slot], __ATOMIC_ACQUIRE);
		if (__atomic_load_n(&s->id[slot], __ATOMIC_RELAXED) != id)
			continue;
		switch (run_one(s, ctx, w->queue, key, id, out, &len)) {
		case ST_OK:
			w->nb_ok++;
			if (memcmp(out, expected(s, key), len) != 0)
				w->failure = "a wrong result";
			break;
		case ST_INVSESS:
			w->nb_invalid++;
			break;
		default:
			w->failure = "a wrong status";
			break;
		}
		rte_rcu_qsbr_quiescent(s->qsbr, w->queue);
	}
	rte_rcu_qsbr_thread_offline(s->qsbr, w->queue);
	vhc_request_ctx_destroy(ctx);
	return NULL;
}

/* Another session in that place. */
static void
replace(struct shared *s, unsigned int slot, unsigned int key)
{
	uint8_t in[CTRL_FIXED + 64];
	uint64_t old = s->id[slot], id;
	uint32_t status;

	/* An id that finds nothing, while the key changes. */
	__atomic_store_n(&s->id[slot], 0, __ATOMIC_RELEASE);
	if (old != 0)
		assert_int_equal(destroy_as(&s->b, s->key[slot] % 2 != 0 ? 0x0303 : 0x0003, old,
						 72), ST_OK);
	do {
		status = create_from(&s->b, in, create_bytes_of(key, in), &id);
		/* All may be held: the workers are to come round. */
		if (status == ST_ERR)
			sched_yield();
	} while (status == ST_ERR);
	assert_int_equal(status, ST_OK);
	__atomic_store_n(&s->key[slot], key, __ATOMIC_RELEASE);
	__atomic_store_n(&s->id[slot], id, __ATOMIC_RELEASE);
}

static struct rte_rcu_qsbr *
qsbr_create(uint32_t nb)
{
	const size_t size = RTE_ALIGN_CEIL(rte_rcu_qsbr_get_memsize(nb), RTE_CACHE_LINE_SIZE);
	struct rte_rcu_qsbr *qsbr = aligned_alloc(RTE_CACHE_LINE_SIZE, size);
	uint32_t i;

	assert_non_null(qsbr);
	assert_int_equal(rte_rcu_qsbr_init(qsbr, nb), 0);
	for (i = 0; i < nb; i++)
		assert_int_equal(rte_rcu_qsbr_thread_register(qsbr, i), 0);
	return qsbr;
}

/* What each key gives, from one thread. */
static void
make_references(struct shared *s)
{
	uint8_t in[CTRL_FIXED + 64], out[LEN + 20 + 1];
	unsigned int key;
	uint64_t id;
	size_t len;

	for (key = 0; key < NB_KEYS; key++) {
		assert_int_equal(create_from(&s->b, in, create_bytes_of(key, in), &id), ST_OK);
		assert_int_equal(run_one(s, s->b.ctx, 0, key, id, out, &len), ST_OK);
		memcpy(expected(s, key), out, len);
	}
	vhc_request_ctx_idle(s->b.ctx);
	vhc_device_reset(s->b.device);
}

static void
replaced_under_load(void **state)
{
	struct vhc_device_cfg cfg = {.max_sessions = NB_KEYS};
	struct shared *s = calloc(1, sizeof(*s));
	struct worker w[NB_WORKERS];
	pthread_t thread[NB_WORKERS];
	unsigned int i;

	(void)state;
	s->qsbr = cfg.qsbr = qsbr_create(NB_WORKERS);
	s->b.engine = vhc_engine_libcrypto_create(NB_WORKERS);
	s->b.device = vhc_device_create(&cfg, s->b.engine);
	s->b.ctx = vhc_request_ctx_create(s->b.device);
	assert_non_null(s->b.ctx);
	fill(s->plain, LEN);
	make_references(s);
	for (i = 0; i < NB_SHARED; i++)
		replace(s, i, i);
	for (i = 0; i < NB_WORKERS; i++) {
		w[i] = (struct worker){.s = s, .queue = (uint16_t)i};
		assert_int_equal(pthread_create(&thread[i], NULL, work, &w[i]), 0);
	}
	for (i = 0; i < NB_ROUNDS; i++) {
		replace(s, i % NB_SHARED, (i * 5) % NB_KEYS);
		assert_true(vhc_device_reap(s->b.device) <= 2 * NB_KEYS);
		if (i % 16 == 0)
			sched_yield();
	}
	__atomic_store_n(&s->stop, 1, __ATOMIC_RELAXED);
	for (i = 0; i < NB_WORKERS; i++) {
		assert_int_equal(pthread_join(thread[i], NULL), 0);
		assert_null(w[i].failure);
		assert_true(w[i].nb_ok != 0);
		print_message("worker %u: %ju well, %ju without a session\n", i,
				(uintmax_t)w[i].nb_ok, (uintmax_t)w[i].nb_invalid);
	}
	/* Nobody is online any more. */
	assert_int_equal(vhc_device_reap(s->b.device), 0);
	assert_int_equal(vhc_device_nb_sessions(s->b.device), NB_SHARED);
	backend_destroy(&s->b);
	free(s->qsbr);
	free(s);
}

/* A thread that may have seen the session; then one that holds it. */
static void
freed_when_nobody_can_hold_it(void **state)
{
	struct vhc_device_cfg cfg = {.qsbr = qsbr_create(1)};
	struct backend b = backend_create(&cfg);
	uint8_t fixed[DATA_FIXED + 16], data[16] = {0}, status;
	struct vhc_desc desc[] = {
		{fixed, sizeof(fixed), false},
		{data, 16, false},
		{data, 16, true},
		{&status, 1, true},
	};
	struct vhc_request req;
	uint64_t id;

	(void)state;
	rte_rcu_qsbr_thread_online(cfg.qsbr, 0);
	assert_int_equal(create(&b, &cbc, &id), ST_OK);
	assert_int_equal(destroy(&b, id), ST_OK);
	assert_int_equal(vhc_device_reap(b.device), 1);
	rte_rcu_qsbr_quiescent(cfg.qsbr, 0);
	assert_int_equal(vhc_device_reap(b.device), 0);

	assert_int_equal(create(&b, &cbc, &id), ST_OK);
	data_bytes(&cbc, id, 16, iv16, 16, 16, NULL, fixed);
	assert_true(vhc_request_begin(&req, b.ctx, desc, 4));
	assert_int_equal(destroy(&b, id), ST_OK);
	assert_int_equal(vhc_device_nb_sessions(b.device), 0);
	assert_int_equal(vhc_device_reap(b.device), 1);
	rte_rcu_qsbr_quiescent(cfg.qsbr, 0);
	assert_int_equal(vhc_device_reap(b.device), 1);
	vhc_request_drop(&req);
	/* The queue keeps it held for more, until it has nothing to do. */
	assert_int_equal(vhc_device_reap(b.device), 1);
	vhc_request_ctx_idle(b.ctx);
	assert_int_equal(vhc_device_reap(b.device), 0);
	rte_rcu_qsbr_thread_offline(cfg.qsbr, 0);
	backend_destroy(&b);
	free(cfg.qsbr);
}

#define FEW 4

/* Sessions that are destroyed under requests that never end are not without number. */
static void
dying_sessions_are_limited(void **state)
{
	const struct vhc_device_cfg cfg = {.max_sessions = FEW};
	struct backend b = backend_create(&cfg);
	struct vhc_request *req = calloc(2 * FEW, sizeof(*req));
	uint8_t fixed[2 * FEW][DATA_FIXED + 16], data[16] = {0}, status;
	struct vhc_desc desc[2 * FEW][4];
	unsigned int i, nb;
	uint64_t id;

	(void)state;
	vhc_device_set_features(b.device, REVISION_1);
	for (nb = 0; nb < 2 * FEW; nb++) {
		if (create(&b, &cbc, &id) != ST_OK)
			break;
		data_bytes(&cbc, id, 16, iv16, 16, 16, NULL, fixed[nb]);
		put32(fixed[nb], 16, SESSION_MODE);
		desc[nb][0] = (struct vhc_desc){fixed[nb], sizeof(fixed[nb]), false};
		desc[nb][1] = (struct vhc_desc){data, 16, false};
		desc[nb][2] = (struct vhc_desc){data, 16, true};
		desc[nb][3] = (struct vhc_desc){&status, 1, true};
		assert_true(vhc_request_begin(&req[nb], b.ctx, desc[nb], 4));
		assert_int_equal(destroy_as(&b, 0x0003, id, 24), ST_OK);
	}
	assert_true(nb >= FEW && nb < 2 * FEW);
	assert_int_equal(create(&b, &cbc, &id), ST_NOSPC);
	assert_int_equal(vhc_device_nb_sessions(b.device), 0);
	/* One that ends makes room for one. */
	vhc_request_drop(&req[0]);
	assert_int_equal(create(&b, &cbc, &id), ST_OK);
	for (i = 1; i < nb; i++)
		vhc_request_drop(&req[i]);
	vhc_request_ctx_idle(b.ctx);
	assert_int_equal(vhc_device_reap(b.device), 0);
	free(req);
	backend_destroy(&b);
}

struct slow {
	struct rte_rcu_qsbr *qsbr;
	uint32_t stop; /* atomic */
};

/* A data thread that loses its processor now and then. */
static void *
come_round_late(void *arg)
{
	const struct timespec away = {.tv_nsec = 5000000};
	struct slow *s = arg;

	while (__atomic_load_n(&s->stop, __ATOMIC_RELAXED) == 0) {
		nanosleep(&away, NULL);
		rte_rcu_qsbr_quiescent(s->qsbr, 0);
	}
	rte_rcu_qsbr_thread_offline(s->qsbr, 0);
	return NULL;
}

/* A driver that makes and frees sessions without a pause waits for a slow thread. */
static void
slow_threads_are_waited_for(void **state)
{
	struct slow s = {.qsbr = qsbr_create(1)};
	const struct vhc_device_cfg cfg = {.max_sessions = 2 * FEW, .qsbr = s.qsbr};
	struct backend b = backend_create(&cfg);
	pthread_t thread;
	unsigned int i;
	uint64_t id;

	(void)state;
	rte_rcu_qsbr_thread_online(s.qsbr, 0);
	assert_int_equal(pthread_create(&thread, NULL, come_round_late, &s), 0);
	for (i = 0; i < 50 * FEW; i++) {
		assert_int_equal(create(&b, &cbc, &id), ST_OK);
		assert_int_equal(destroy(&b, id), ST_OK);
	}
	__atomic_store_n(&s.stop, 1, __ATOMIC_RELAXED);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(vhc_device_reap(b.device), 0);
	backend_destroy(&b);
	free(s.qsbr);
}

/* But not for ever. */
static void
dead_threads_are_not(void **state)
{
	const struct vhc_device_cfg cfg = {.max_sessions = FEW, .qsbr = qsbr_create(1)};
	struct backend b = backend_create(&cfg);
	unsigned int i;
	uint64_t id;

	(void)state;
	rte_rcu_qsbr_thread_online(cfg.qsbr, 0);
	for (i = 0; i < FEW; i++) {
		assert_int_equal(create(&b, &cbc, &id), ST_OK);
		assert_int_equal(destroy(&b, id), ST_OK);
	}
	assert_int_equal(create(&b, &cbc, &id), ST_ERR);
	assert_int_equal(vhc_device_nb_sessions(b.device), 0);
	rte_rcu_qsbr_quiescent(cfg.qsbr, 0);
	assert_int_equal(create(&b, &cbc, &id), ST_OK);
	rte_rcu_qsbr_thread_offline(cfg.qsbr, 0);
	backend_destroy(&b);
	free(cfg.qsbr);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replaced_under_load),
		cmocka_unit_test(freed_when_nobody_can_hold_it),
		cmocka_unit_test(dying_sessions_are_limited),
		cmocka_unit_test(slow_threads_are_waited_for),
		cmocka_unit_test(dead_threads_are_not),
	};

	return cmocka_run_group_tests_name("backend_threads", tests, NULL, NULL);
}
