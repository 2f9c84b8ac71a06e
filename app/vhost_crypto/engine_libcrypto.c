/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The engine over libcrypto. Operations complete inside enqueue and wait in a
 * list, by queue, for dequeue.
 *
 * Works in a library context of its own, so that what the process does with
 * libcrypto's default context changes nothing here.
 *
 * Threads: libcrypto's contexts are for one thread each, so a session has one for each queue, made
 * by the queue's thread with its first operation from the keys that the session keeps. Nothing
 * that threads share is written by an operation.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include <rte_branch_prediction.h>
#include <rte_common.h>

#include "engine.h"
#include "lc_aead.h"
#include "lc_auth.h"
#include "lc_cipher.h"
#include "lc_lib.h"

struct lc_queue {
	struct vhc_engine_op *first;
	struct vhc_engine_op **last;
} __rte_cache_aligned;

struct lc_engine {
	struct vhc_engine base;
	struct vhc_lc_lib *lib;
	uint16_t nb_queues;
	struct lc_queue *queue;
};

/* What one thread needs to run operations of a session. */
struct lc_ctx {
	struct vhc_lc_cipher *cipher;
	struct vhc_lc_auth *auth;
	struct vhc_lc_aead *aead;
};

struct lc_session {
	struct vhc_sym_params params; /* with the keys below */
	struct lc_ctx *spare; /* atomic: made with the session, for the queue that comes first */
	uint8_t *keys;
	struct lc_ctx *ctx[]; /* by queue, the queue's thread's; NULL until it is needed */
};

static void
lc_caps(const struct vhc_engine *base, struct vhc_engine_caps *caps)
{
	const struct lc_engine *e = (const struct lc_engine *)base;

	*caps = *vhc_lc_lib_caps(e->lib);
}

static int
check_cipher(const struct lc_engine *e, const struct vhc_sym_params *p)
{
	const struct vhc_lc_cipher_algo *a = vhc_lc_lib_cipher_algo(e->lib, p->cipher_algo);

	if (a == NULL)
		return -ENOTSUP;
	return vhc_lc_lib_cipher_key_fits(a, p->key_len) ? a->iv_len : -EINVAL;
}

static int
check_auth(const struct lc_engine *e, const struct vhc_sym_params *p)
{
	const struct vhc_lc_auth_algo *a = vhc_lc_lib_auth_algo(e->lib, p->mac, p->auth_algo);

	if (a == NULL)
		return -ENOTSUP;
	return vhc_lc_lib_auth_key_fits(a, p->auth_key_len) && p->digest_len >= 1 &&
					p->digest_len <= a->len
			? 0
			: -EINVAL;
}

static int
check_aead(const struct lc_engine *e, const struct vhc_sym_params *p)
{
	const struct vhc_lc_aead_algo *a = vhc_lc_lib_aead_algo(e->lib, p->aead_algo);

	if (a == NULL)
		return -ENOTSUP;
	return vhc_lc_lib_aead_key_fits(a, p->key_len) && p->digest_len >= a->min_tag &&
					p->digest_len <= a->max_tag &&
					p->digest_len % a->tag_step == 0
			? 0
			: -EINVAL;
}

static int
lc_check(const struct vhc_engine *base, const struct vhc_sym_params *p)
{
	const struct lc_engine *e = (const struct lc_engine *)base;
	int iv_len, ret;

	switch (p->kind) {
	case VHC_SYM_CIPHER:
		return check_cipher(e, p);
	case VHC_SYM_CHAIN:
		iv_len = check_cipher(e, p);
		ret = iv_len < 0 ? iv_len : check_auth(e, p);
		return ret < 0 ? ret : iv_len;
	case VHC_SYM_HASH:
	case VHC_SYM_MAC:
		return p->mac == (p->kind == VHC_SYM_MAC) ? check_auth(e, p) : -EINVAL;
	case VHC_SYM_AEAD:
		return check_aead(e, p);
	}
	return -ENOTSUP;
}

static void
ctx_destroy(struct lc_ctx *c)
{
	if (c == NULL)
		return;
	vhc_lc_cipher_destroy(c->cipher);
	vhc_lc_auth_destroy(c->auth);
	vhc_lc_aead_destroy(c->aead);
	free(c);
}

static int
ctx_create(const struct lc_engine *e, const struct lc_session *s, struct lc_ctx **ctx)
{
	const struct vhc_sym_params *p = &s->params;
	struct lc_ctx *c = calloc(1, sizeof(*c));
	int ret = 0;

	if (c == NULL)
		return -ENOMEM;
	if (p->kind == VHC_SYM_CIPHER || p->kind == VHC_SYM_CHAIN)
		ret = vhc_lc_cipher_create(e->lib, vhc_lc_lib_cipher_algo(e->lib, p->cipher_algo),
				p->key, p->key_len, p->encrypt, &c->cipher);
	if (ret == 0 && (p->kind == VHC_SYM_CHAIN || p->kind == VHC_SYM_HASH ||
					p->kind == VHC_SYM_MAC))
		ret = vhc_lc_auth_create(e->lib,
				vhc_lc_lib_auth_algo(e->lib, p->mac, p->auth_algo), p->auth_key,
				p->auth_key_len, p->digest_len, &c->auth);
	if (ret == 0 && p->kind == VHC_SYM_AEAD)
		ret = vhc_lc_aead_create(e->lib, vhc_lc_lib_aead_algo(e->lib, p->aead_algo),
				p->key, p->key_len, p->digest_len, p->encrypt, &c->aead);
	if (ret != 0) {
		ctx_destroy(c);
		return ret;
	}
	*ctx = c;
	return 0;
}

static void
lc_session_destroy(struct vhc_engine *base, void *session)
{
	struct lc_engine *e = (struct lc_engine *)base;
	struct lc_session *s = session;
	uint16_t i;

	if (s == NULL)
		return;
	for (i = 0; i < e->nb_queues; i++)
		ctx_destroy(s->ctx[i]);
	ctx_destroy(s->spare);
	OPENSSL_clear_free(s->keys, (size_t)s->params.key_len + s->params.auth_key_len);
	free(s);
}

static int
lc_session_create(struct vhc_engine *base, const struct vhc_sym_params *p, void **session)
{
	struct lc_engine *e = (struct lc_engine *)base;
	struct lc_session *s;
	int ret;

	ret = lc_check(base, p);
	if (ret < 0)
		return ret;
	s = calloc(1, sizeof(*s) + e->nb_queues * sizeof(s->ctx[0]));
	if (s == NULL)
		return -ENOMEM;
	s->params = *p;
	/* What the kind does not use has no length either. */
	if (p->kind == VHC_SYM_HASH || p->kind == VHC_SYM_MAC)
		s->params.key_len = 0;
	if (!p->mac || p->kind == VHC_SYM_CIPHER || p->kind == VHC_SYM_AEAD)
		s->params.auth_key_len = 0;
	s->keys = OPENSSL_malloc((size_t)s->params.key_len + s->params.auth_key_len + 1);
	if (s->keys == NULL) {
		free(s);
		return -ENOMEM;
	}
	if (s->params.key_len != 0)
		memcpy(s->keys, p->key, s->params.key_len);
	if (s->params.auth_key_len != 0)
		memcpy(s->keys + s->params.key_len, p->auth_key, s->params.auth_key_len);
	s->params.key = s->keys;
	s->params.auth_key = s->keys + s->params.key_len;
	/* Tells whether the key is taken, too. */
	ret = ctx_create(e, s, &s->spare);
	if (ret != 0) {
		lc_session_destroy(base, s);
		return ret;
	}
	*session = s;
	return 0;
}

static const char *
lc_session_engine(const struct vhc_engine *base, const void *session)
{
	(void)session;
	return base->ops->name;
}

/* A queue's first operation of a session. */
static struct lc_ctx *
first_ctx(struct lc_engine *e, struct lc_session *s, uint16_t queue)
{
	struct lc_ctx *c;

	/* Acquire: whoever made it is done with it. */
	c = __atomic_exchange_n(&s->spare, NULL, __ATOMIC_ACQUIRE);
	if (c == NULL && ctx_create(e, s, &c) != 0)
		return NULL;
	s->ctx[queue] = c;
	return c;
}

static uint8_t
run_chain(const struct lc_session *s, struct lc_ctx *c, struct vhc_engine_op *op)
{
	const uint8_t *src = op->src[0].base;
	uint8_t *dst = op->dst[0].base;
	uint8_t status = VIRTIO_CRYPTO_OK;

	if (s->params.hash_first)
		status = vhc_lc_auth_run(c->auth, src + op->hash_off, op->hash_len, op->digest);
	if (status == VIRTIO_CRYPTO_OK)
		status = vhc_lc_cipher_run(c->cipher, op->iv, src + op->cipher_off,
				dst + op->cipher_off, op->cipher_len);
	if (status == VIRTIO_CRYPTO_OK && !s->params.hash_first)
		status = vhc_lc_auth_run(c->auth, dst + op->hash_off, op->hash_len, op->digest);
	return status;
}

static uint8_t
run(struct lc_engine *e, uint16_t queue, struct vhc_engine_op *op)
{
	struct lc_session *s = op->session;
	struct lc_ctx *c = s->ctx[queue];

	if (unlikely(c == NULL)) {
		c = first_ctx(e, s, queue);
		if (c == NULL)
			return VIRTIO_CRYPTO_ERR;
	}
	switch (s->params.kind) {
	case VHC_SYM_CIPHER:
		return vhc_lc_cipher_run(c->cipher, op->iv, op->src[0].base + op->cipher_off,
				op->dst[0].base + op->cipher_off, op->cipher_len);
	case VHC_SYM_CHAIN:
		return run_chain(s, c, op);
	case VHC_SYM_HASH:
	case VHC_SYM_MAC:
		return vhc_lc_auth_run(c->auth, op->src[0].base, op->len, op->digest);
	case VHC_SYM_AEAD:
		return vhc_lc_aead_run(c->aead, op);
	}
	return VIRTIO_CRYPTO_NOTSUPP;
}

static uint16_t
lc_enqueue(struct vhc_engine *base, uint16_t queue, struct vhc_engine_op **ops, uint16_t nb)
{
	struct lc_engine *e = (struct lc_engine *)base;
	struct lc_queue *q;
	uint16_t i;

	if (queue >= e->nb_queues)
		return 0;
	q = &e->queue[queue];
	for (i = 0; i < nb; i++) {
		ops[i]->status = run(e, queue, ops[i]);
		ops[i]->next = NULL;
		*q->last = ops[i];
		q->last = &ops[i]->next;
	}
	return nb;
}

static uint16_t
lc_dequeue(struct vhc_engine *base, uint16_t queue, struct vhc_engine_op **ops, uint16_t nb)
{
	struct lc_engine *e = (struct lc_engine *)base;
	struct lc_queue *q;
	uint16_t i;

	if (queue >= e->nb_queues)
		return 0;
	q = &e->queue[queue];
	for (i = 0; i < nb && q->first != NULL; i++) {
		ops[i] = q->first;
		q->first = ops[i]->next;
	}
	if (q->first == NULL)
		q->last = &q->first;
	return i;
}

static void
lc_destroy(struct vhc_engine *base)
{
	struct lc_engine *e = (struct lc_engine *)base;

	vhc_lc_lib_destroy(e->lib);
	free(e->queue);
	free(e);
}

static const struct vhc_engine_ops lc_ops = {
		.name = "libcrypto",
		.caps = lc_caps,
		.check = lc_check,
		.session_create = lc_session_create,
		.session_destroy = lc_session_destroy,
		.session_engine = lc_session_engine,
		.enqueue = lc_enqueue,
		.dequeue = lc_dequeue,
		.destroy = lc_destroy,
};

struct vhc_engine *
vhc_engine_libcrypto_create(uint16_t nb_queues)
{
	struct lc_engine *e;
	uint16_t i;

	if (nb_queues == 0) {
		errno = EINVAL;
		return NULL;
	}
	e = calloc(1, sizeof(*e));
	if (e == NULL) {
		errno = ENOMEM;
		return NULL;
	}
	e->base.ops = &lc_ops;
	e->nb_queues = nb_queues;
	e->queue = aligned_alloc(
			RTE_CACHE_LINE_SIZE, (size_t)nb_queues * sizeof(e->queue[0]));
	e->lib = vhc_lc_lib_create();
	if (e->queue == NULL || e->lib == NULL) {
		lc_destroy(&e->base);
		errno = ENOMEM;
		return NULL;
	}
	for (i = 0; i < nb_queues; i++) {
		e->queue[i].first = NULL;
		e->queue[i].last = &e->queue[i].first;
	}
	return &e->base;
}
