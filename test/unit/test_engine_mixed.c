/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The software drivers of the installed DPDK with libcrypto behind them in a list: what comes out
 * must be what libcrypto does, without exception; also with mixed sessions on two threads.
 */

#include "engine_fixture.h"

static void
test_list(void **state)
{
	struct vhc_engine *ref = vhc_engine_libcrypto_create(NB_QUEUES), *list = engine_make_list();
	struct each t;

	(void)state;
	engine_each(&t, list, ref, true);
	print_message("# %u sessions, %u operations\n", t.nb, t.jobs.nb_done);
	assert_int_equal(t.jobs.nb_refused, 0);
	list->ops->destroy(list);
	ref->ops->destroy(ref);
}

/* --- Two queues, two threads, sessions that both use --- */

#define SHARED_SESSIONS 12
#define ROUNDS 40

struct shared {
	struct vhc_engine *list, *ref;
	struct vhc_sym_params p[SHARED_SESSIONS];
	void *session[SHARED_SESSIONS], *ref_session[SHARED_SESSIONS];
	unsigned int nb;
};

struct worker {
	pthread_t thread;
	struct shared *s;
	uint16_t queue;
	unsigned int nb_done;
	unsigned int nb_wrong;
};

/* As compare_burst(), with a session of its own for each operation; and without asserts. */
static void
mixed_burst(struct jobs *j, struct worker *w, uint8_t *data)
{
	struct vhc_engine *e[2] = {w->s->list, w->s->ref};
	struct vhc_engine_op *ops[BURST], *back[BURST];
	const struct vhc_sym_params *of[BURST];
	unsigned int i, k, side, sent, done;

	for (i = 0; i < BURST; i++) {
		k = engine_below(&j->rng, w->s->nb);
		of[i] = &w->s->p[k];
		engine_random_job(j, &j->job[i], of[i],
				(uint8_t)w->s->list->ops->check(w->s->list, of[i]), data);
		j->job[i].side[0].op.session = w->s->session[k];
		j->job[i].side[1].op.session = w->s->ref_session[k];
	}
	for (side = 0; side < 2; side++) {
		for (i = 0; i < BURST; i++)
			ops[i] = &j->job[i].side[side].op;
		for (sent = done = 0; done < BURST;) {
			sent += e[side]->ops->enqueue(e[side], w->queue, ops + sent,
					RTE_MIN(BURST - sent, 1 + engine_below(&j->rng, BURST)));
			done += e[side]->ops->dequeue(e[side], w->queue, back, BURST);
		}
	}
	for (i = 0; i < BURST; i++) {
		w->nb_done++;
		w->nb_wrong += !engine_same(&j->job[i], of[i]);
	}
}

static void *
work(void *arg)
{
	struct worker *w = arg;
	uint8_t *data = malloc(ROOM);
	struct jobs *j = malloc(sizeof(*j));
	unsigned int i;

	engine_jobs_init(j, w->s->list, w->s->ref);
	j->rng += w->queue;
	for (i = 0; i < ROUNDS; i++)
		mixed_burst(j, w, data);
	engine_jobs_fini(j);
	free(j);
	free(data);
	return NULL;
}

static void
test_threads(void **state)
{
	static const struct vhc_sym_params wanted[] = {
		{.kind = VHC_SYM_CIPHER, .cipher_algo = VIRTIO_CRYPTO_CIPHER_AES_CBC,
				.encrypt = true, .key_len = 16},
		{.kind = VHC_SYM_CIPHER, .cipher_algo = VIRTIO_CRYPTO_CIPHER_AES_CTR,
				.key_len = 32},
		{.kind = VHC_SYM_CIPHER, .cipher_algo = VIRTIO_CRYPTO_CIPHER_AES_XTS,
				.key_len = 32},
		{.kind = VHC_SYM_CIPHER, .cipher_algo = VIRTIO_CRYPTO_CIPHER_3DES_CTR,
				.key_len = 24},
		{.kind = VHC_SYM_CHAIN, .cipher_algo = VIRTIO_CRYPTO_CIPHER_AES_CBC, .key_len = 16,
				.encrypt = true, .mac = true,
				.auth_algo = VIRTIO_CRYPTO_MAC_HMAC_SHA1, .auth_key_len = 20,
				.digest_len = 12},
		{.kind = VHC_SYM_CHAIN, .cipher_algo = VIRTIO_CRYPTO_CIPHER_AES_CBC, .key_len = 16,
				.hash_first = true, .mac = true,
				.auth_algo = VIRTIO_CRYPTO_MAC_HMAC_SHA1, .auth_key_len = 20,
				.digest_len = 12},
		{.kind = VHC_SYM_CHAIN, .cipher_algo = VIRTIO_CRYPTO_CIPHER_AES_CBC, .key_len = 24,
				.auth_algo = VIRTIO_CRYPTO_HASH_SHA3_256, .digest_len = 32},
		{.kind = VHC_SYM_HASH, .auth_algo = VIRTIO_CRYPTO_HASH_SHA_256, .digest_len = 32},
		{.kind = VHC_SYM_MAC, .mac = true, .auth_algo = VIRTIO_CRYPTO_MAC_HMAC_SHA_512,
				.auth_key_len = 64, .digest_len = 64},
		{.kind = VHC_SYM_AEAD, .aead_algo = VIRTIO_CRYPTO_AEAD_GCM, .key_len = 32,
				.encrypt = true, .digest_len = 16, .aad_len = 12},
		{.kind = VHC_SYM_AEAD, .aead_algo = VIRTIO_CRYPTO_AEAD_CCM, .key_len = 16,
				.encrypt = true, .digest_len = 8, .aad_len = 20},
		{.kind = VHC_SYM_AEAD, .aead_algo = VIRTIO_CRYPTO_AEAD_CHACHA20_POLY1305,
				.key_len = 32, .encrypt = true, .digest_len = 16, .aad_len = 12},
	};
	struct worker w[NB_QUEUES];
	uint8_t key[128];
	struct shared s;
	unsigned int i;

	(void)state;
	memset(&s, 0, sizeof(s));
	s.list = engine_make_list();
	s.ref = vhc_engine_libcrypto_create(NB_QUEUES);
	for (i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)(i * 11 + 3);
	for (i = 0; i < RTE_DIM(wanted); i++) {
		s.p[s.nb] = wanted[i];
		s.p[s.nb].key = s.p[s.nb].auth_key = key;
		if (s.ref->ops->check(s.ref, &s.p[s.nb]) < 0)
			continue;
		assert_int_equal(s.list->ops->session_create(s.list, &s.p[s.nb],
						 &s.session[s.nb]), 0);
		assert_int_equal(s.ref->ops->session_create(s.ref, &s.p[s.nb],
						 &s.ref_session[s.nb]), 0);
		s.nb++;
	}
	for (i = 0; i < NB_QUEUES; i++) {
		memset(&w[i], 0, sizeof(w[i]));
		w[i].s = &s;
		w[i].queue = (uint16_t)i;
		assert_int_equal(pthread_create(&w[i].thread, NULL, work, &w[i]), 0);
	}
	for (i = 0; i < NB_QUEUES; i++)
		pthread_join(w[i].thread, NULL);
	for (i = 0; i < NB_QUEUES; i++) {
		assert_int_equal(w[i].nb_done, ROUNDS * BURST);
		assert_int_equal(w[i].nb_wrong, 0);
	}
	for (i = 0; i < s.nb; i++) {
		s.list->ops->session_destroy(s.list, s.session[i]);
		s.ref->ops->session_destroy(s.ref, s.ref_session[i]);
	}
	s.list->ops->destroy(s.list);
	s.ref->ops->destroy(s.ref);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, engine_setup, engine_teardown);
}
