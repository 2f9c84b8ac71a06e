/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The engine for asymmetric crypto: its threads, whose turn it is, to which queue results go, and
 * what comes of keys. What operations compute is judged with published vectors elsewhere.
 */

#include "unit_eal.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "engine.h"
#include "virtio_crypto_wire.h"
#include "virtio_crypto_wire_asym.h"

#define NB_QUEUES 3
#define RSA_LEN 256
#define DIGEST_LEN 32

/* A key made once. */
static uint8_t rsa_der[VHC_ASYM_KEY_MAX_LEN];
static int rsa_der_len;

struct job {
	struct vhc_engine_op op;
	struct vhc_seg src, dst;
	uint64_t priv[8] __rte_aligned(64);
	uint8_t digest[DIGEST_LEN];
	uint8_t result[RSA_LEN];
	unsigned int owner;
};

static int
make_key(void **state)
{
	EVP_PKEY *pkey = EVP_RSA_gen(RSA_LEN * 8);
	uint8_t *p = rsa_der;

	rsa_der_len = i2d_PrivateKey(pkey, NULL);
	if (pkey == NULL || rsa_der_len <= 0 || rsa_der_len > (int)sizeof(rsa_der) ||
			i2d_PrivateKey(pkey, &p) != rsa_der_len)
		return -1;
	EVP_PKEY_free(pkey);
	return unit_eal_setup(state);
}

static void *
session_of(struct vhc_engine *e, const void *owner)
{
	const struct vhc_asym_params p = {
			.algo = VIRTIO_CRYPTO_AKCIPHER_RSA,
			.private = true,
			.padding = VIRTIO_CRYPTO_RSA_PKCS1_PADDING,
			.hash = VIRTIO_CRYPTO_RSA_SHA256,
			.key = rsa_der,
			.key_len = (uint32_t)rsa_der_len,
			.owner = owner,
	};
	void *session = NULL;

	assert_int_equal(e->ops->asym_check(e, &p), 0);
	assert_int_equal(e->ops->asym_create(e, &p, &session), 0);
	return session;
}

static void
prepare(struct job *j, void *session, unsigned int owner)
{
	memset(j, 0, sizeof(*j));
	memset(j->digest, 0x11, sizeof(j->digest));
	j->owner = owner;
	j->src = (struct vhc_seg){j->digest, sizeof(j->digest)};
	j->dst = (struct vhc_seg){j->result, sizeof(j->result)};
	j->op.session = session;
	j->op.asym_op = VHC_ASYM_SIGN;
	j->op.src = &j->src;
	j->op.dst = &j->dst;
	j->op.nb_src = j->op.nb_dst = 1;
	j->op.status = 0xa5;
	j->op.priv = j->priv;
}

static struct job *
next_done(struct vhc_engine *e, uint16_t queue)
{
	struct vhc_engine_op *op;

	while (e->ops->dequeue(e, queue, &op, 1) == 0)
		sched_yield();
	return (struct job *)op;
}

/* One owner brings many operations, another one then brings one: it has its turn at once. */
static void
test_turns(void **state)
{
	struct vhc_engine *e = vhc_engine_asym_create(NB_QUEUES, 1);
	enum { MANY = 40 };
	struct vhc_engine_op *ops[MANY + 1];
	int owners[2];
	void *session[2];
	struct job *jobs, *j;
	unsigned int i, at = MANY;

	(void)state;
	assert_non_null(e);
	jobs = aligned_alloc(64, (MANY + 1) * sizeof(*jobs));
	assert_non_null(jobs);
	for (i = 0; i < 2; i++)
		session[i] = session_of(e, &owners[i]);
	for (i = 0; i <= MANY; i++) {
		prepare(&jobs[i], session[i == MANY], i == MANY);
		ops[i] = &jobs[i].op;
	}
	/* In one call, so that nothing is done in between but what a thread has begun. */
	assert_int_equal(e->ops->enqueue(e, 0, ops, MANY + 1), MANY + 1);
	for (i = 0; i <= MANY; i++) {
		j = next_done(e, 0);
		assert_int_equal(j->op.status, VIRTIO_CRYPTO_OK);
		assert_int_equal(j->op.result_len, RSA_LEN);
		if (j->owner == 1)
			at = i;
	}
	assert_in_range(at, 0, 2);
	for (i = 0; i < 2; i++)
		e->ops->session_destroy(e, session[i]);
	free(jobs);
	e->ops->destroy(e);
}

struct user {
	struct vhc_engine *e;
	pthread_t thread;
	uint16_t queue;
	unsigned int nb_wrong;
};

/* Makes sessions of its own, and of the owner that all share, while others do the same. */
static void *
use_queue(void *arg)
{
	enum { ROUNDS = 6, BURST = 8 };
	struct user *const u = arg;
	struct vhc_engine_op *ops[BURST];
	struct job *jobs = aligned_alloc(64, BURST * sizeof(*jobs)), *j;
	unsigned int r, i;
	void *session;

	for (r = 0; r < ROUNDS; r++) {
		session = session_of(u->e, r % 2 == 0 ? (void *)u : (void *)u->e);
		for (i = 0; i < BURST; i++) {
			prepare(&jobs[i], session, u->queue);
			ops[i] = &jobs[i].op;
		}
		u->nb_wrong += u->e->ops->enqueue(u->e, u->queue, ops, BURST) != BURST;
		for (i = 0; i < BURST; i++) {
			j = next_done(u->e, u->queue);
			u->nb_wrong += j->owner != u->queue || j->op.status != VIRTIO_CRYPTO_OK;
		}
		for (i = 1; i < BURST; i++)
			u->nb_wrong += memcmp(jobs[i].result, jobs[0].result, RSA_LEN) != 0;
		u->e->ops->session_destroy(u->e, session);
	}
	free(jobs);
	return NULL;
}

static void
test_queues(void **state)
{
	struct vhc_engine *e = vhc_engine_asym_create(NB_QUEUES, 4);
	struct user u[NB_QUEUES];
	uint16_t i;

	(void)state;
	assert_non_null(e);
	for (i = 0; i < NB_QUEUES; i++) {
		u[i] = (struct user){.e = e, .queue = i};
		assert_int_equal(pthread_create(&u[i].thread, NULL, use_queue, &u[i]), 0);
	}
	for (i = 0; i < NB_QUEUES; i++) {
		pthread_join(u[i].thread, NULL);
		assert_int_equal(u[i].nb_wrong, 0);
	}
	e->ops->destroy(e);
}

/*
 * A thread that sleeps until an operation is done: it is always woken, however close the end of the
 * operation is to its falling asleep.
 */
static void
test_wake(void **state)
{
	struct vhc_engine *each[2] = {
			vhc_engine_libcrypto_create(1), vhc_engine_asym_create(1, 1)};
	struct vhc_engine *e = vhc_engine_list_create(each, 2);
	const int fd = eventfd(0, EFD_NONBLOCK);
	struct pollfd p = {.fd = fd, .events = POLLIN};
	struct vhc_engine_op *op;
	unsigned int i, asleep = 0;
	uint64_t nb;
	uint8_t *priv;
	void *session;
	struct job *j;

	(void)state;
	assert_non_null(e);
	assert_true(fd >= 0);
	session = session_of(e, &asleep);
	j = aligned_alloc(64, sizeof(*j));
	priv = aligned_alloc(64, RTE_ALIGN_CEIL(e->ops->op_priv_len, 64));
	assert_non_null(j);
	assert_non_null(priv);
	for (i = 0; i < 20000; i++) {
		prepare(j, session, 0);
		j->op.priv = priv;
		/* Some are refused at once. */
		if (i % 32 != 0)
			j->src.len = 5;
		op = &j->op;
		assert_int_equal(e->ops->enqueue(e, 0, &op, 1), 1);
		if (e->ops->wake_by(e, 0, fd)) {
			assert_int_equal(poll(&p, 1, 60000), 1);
			asleep++;
		}
		e->ops->wake_by(e, 0, -1);
		assert_ptr_equal(next_done(e, 0), j);
		/* It may have been written behind the back of who did not sleep. */
		(void)!read(fd, &nb, sizeof(nb));
	}
	assert_true(asleep > 100);
	/* With nothing to wait for nothing is said. */
	assert_true(e->ops->wake_by(e, 0, -1));
	e->ops->session_destroy(e, session);
	e->ops->destroy(e);
	close(fd);
	free(priv);
	free(j);
}

/* In a list, behind an engine that knows nothing of it. */
static void
test_list(void **state)
{
	struct vhc_engine *each[2] = {
			vhc_engine_libcrypto_create(1), vhc_engine_asym_create(1, 1)};
	struct vhc_engine *e = vhc_engine_list_create(each, 2);
	struct vhc_engine_caps caps;
	struct vhc_engine_op *op;
	uint8_t *priv;
	void *session;
	struct job *j;

	(void)state;
	assert_non_null(e);
	e->ops->caps(e, &caps);
	assert_int_equal(caps.akcipher_algo, 1u << VIRTIO_CRYPTO_AKCIPHER_RSA |
			1u << VIRTIO_CRYPTO_AKCIPHER_ECDSA);
	session = session_of(e, &caps);
	assert_string_equal(e->ops->session_engine(e, session), "libcrypto");
	j = aligned_alloc(64, sizeof(*j));
	priv = aligned_alloc(64, RTE_ALIGN_CEIL(e->ops->op_priv_len, 64));
	assert_non_null(j);
	assert_non_null(priv);
	memset(priv, 0, e->ops->op_priv_len);
	prepare(j, session, 0);
	j->op.priv = priv;
	op = &j->op;
	assert_int_equal(e->ops->enqueue(e, 0, &op, 1), 1);
	assert_ptr_equal(next_done(e, 0), j);
	assert_int_equal(j->op.status, VIRTIO_CRYPTO_OK);
	assert_ptr_equal(j->op.session, session);

	/* What nobody can do comes back so, and goes nowhere else. */
	j->op.asym_op = VHC_ASYM_SIGN;
	j->src.len = 5;
	assert_int_equal(e->ops->enqueue(e, 0, &op, 1), 1);
	assert_ptr_equal(next_done(e, 0), j);
	assert_int_equal(j->op.status, VIRTIO_CRYPTO_ERR);
	assert_int_equal(j->op.result_len, 0);
	e->ops->session_destroy(e, session);
	e->ops->destroy(e);
	free(priv);
	free(j);
}

/* Any change to a key is refused, or the key is still one: nothing else happens. */
static void
test_broken_keys(void **state)
{
	struct vhc_engine *e = vhc_engine_asym_create(1, 1);
	struct vhc_asym_params p = {
			.algo = VIRTIO_CRYPTO_AKCIPHER_RSA,
			.private = true,
			.padding = VIRTIO_CRYPTO_RSA_PKCS1_PADDING,
	};
	unsigned int refused = 0;
	uint8_t *key;
	void *session;
	int i, ret;

	(void)state;
	assert_non_null(e);
	/* Exactly as long as it is: a sanitizer sees a byte too many. */
	key = malloc((size_t)rsa_der_len);
	assert_non_null(key);
	p.key = key;
	for (i = 0; i < rsa_der_len; i += 3) {
		memcpy(key, rsa_der, (size_t)rsa_der_len);
		key[i] ^= (uint8_t)(1 << i % 8);
		p.key_len = (uint32_t)rsa_der_len;
		ret = e->ops->asym_create(e, &p, &session);
		refused += ret != 0;
		if (ret == 0)
			e->ops->session_destroy(e, session);
		else
			assert_int_equal(ret, -EINVAL);
	}
	/* All of n, p, q, and of the structure. */
	assert_true(refused > (unsigned int)rsa_der_len / 3 / 3);
	free(key);
	for (i = 1; i < rsa_der_len; i += 7) {
		key = malloc((size_t)i);
		assert_non_null(key);
		memcpy(key, rsa_der, (size_t)i);
		p.key = key;
		p.key_len = (uint32_t)i;
		assert_int_equal(e->ops->asym_create(e, &p, &session), -EINVAL);
		free(key);
	}
	e->ops->destroy(e);
}

static void
test_arguments(void **state)
{
	(void)state;
	errno = 0;
	assert_null(vhc_engine_asym_create(0, 1));
	assert_int_equal(errno, EINVAL);
	errno = 0;
	assert_null(vhc_engine_asym_create(1, 0));
	assert_int_equal(errno, EINVAL);
	errno = 0;
	assert_null(vhc_engine_asym_create(1, VHC_ASYM_MAX_THREADS + 1));
	assert_int_equal(errno, EINVAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_turns),
		cmocka_unit_test(test_queues),
		cmocka_unit_test(test_wake),
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_broken_keys),
		cmocka_unit_test(test_arguments),
	};

	return cmocka_run_group_tests(tests, make_key, NULL);
}
