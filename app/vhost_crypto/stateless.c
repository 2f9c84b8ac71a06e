/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "stateless.h"

struct entry {
	struct vhc_session session; /* first */
	struct vhc_sym_params params; /* of an asymmetric session: the key's length, only */
	struct vhc_asym_params asym;
	bool kept; /* in the set; else it goes with the request that made it */
	uint8_t keys[]; /* of cipher and authentication, one after the other */
};

struct vhc_stateless {
	struct vhc_device *dev;
	struct entry *last; /* that was found or made, if it is kept */
	unsigned int victim;
	struct entry *entry[VHC_STATELESS_KEPT];
};

struct vhc_stateless *
vhc_stateless_create(struct vhc_device *dev)
{
	struct vhc_stateless *st = calloc(1, sizeof(*st));

	if (st == NULL) {
		errno = ENOMEM;
		return NULL;
	}
	st->dev = dev;
	return st;
}

static size_t
entry_len(const struct entry *e)
{
	return sizeof(*e) + e->params.key_len + e->params.auth_key_len;
}

static void
entry_destroy(struct vhc_stateless *st, struct entry *e)
{
	if (e == NULL)
		return;
	if (e == st->last)
		st->last = NULL;
	vhc_device_fini_session(st->dev, &e->session);
	OPENSSL_clear_free(e, entry_len(e));
}

void
vhc_stateless_forget(struct vhc_stateless *st)
{
	unsigned int i;

	for (i = 0; i < VHC_STATELESS_KEPT; i++) {
		if (st->entry[i] != NULL && st->entry[i]->session.inflight == 0) {
			entry_destroy(st, st->entry[i]);
			st->entry[i] = NULL;
		}
	}
}

void
vhc_stateless_destroy(struct vhc_stateless *st)
{
	unsigned int i;

	if (st == NULL)
		return;
	for (i = 0; i < VHC_STATELESS_KEPT; i++)
		entry_destroy(st, st->entry[i]);
	free(st);
}

static bool
matches(const struct entry *e, uint8_t service, const struct vhc_sym_params *p)
{
	const struct vhc_sym_params *q = &e->params;

	return e->session.service == service && q->kind == p->kind &&
			q->cipher_algo == p->cipher_algo && q->aead_algo == p->aead_algo &&
			q->encrypt == p->encrypt && q->hash_first == p->hash_first &&
			q->mac == p->mac && q->auth_algo == p->auth_algo &&
			q->digest_len == p->digest_len && q->aad_len == p->aad_len &&
			q->key_len == p->key_len &&
			q->auth_key_len == p->auth_key_len &&
			CRYPTO_memcmp(e->keys, p->key, p->key_len) == 0 &&
			CRYPTO_memcmp(e->keys + p->key_len, p->auth_key, p->auth_key_len) == 0;
}

/* A place that is empty, or can be: the next in turn. @return NULL: all are in use. */
static struct entry **
place(struct vhc_stateless *st)
{
	struct entry **e;
	unsigned int i;

	for (i = 0; i < VHC_STATELESS_KEPT; i++) {
		e = &st->entry[st->victim++ % VHC_STATELESS_KEPT];
		if (*e == NULL || (*e)->session.inflight == 0) {
			entry_destroy(st, *e);
			*e = NULL;
			return e;
		}
	}
	return NULL;
}

static bool
matches_asym(const struct entry *e, const struct vhc_asym_params *p)
{
	const struct vhc_asym_params *q = &e->asym;

	return e->session.service == VIRTIO_CRYPTO_SERVICE_AKCIPHER && q->algo == p->algo &&
			q->private == p->private && q->padding == p->padding &&
			q->hash == p->hash && q->curve == p->curve && q->key_len == p->key_len &&
			CRYPTO_memcmp(e->keys, p->key, p->key_len) == 0;
}

/* Make a session for an entry whose parameters and keys are there. */
static int
entry_init(struct vhc_stateless *st, uint8_t service, struct entry *e)
{
	if (service == VIRTIO_CRYPTO_SERVICE_AKCIPHER)
		return vhc_device_init_asym_session(st->dev, &e->asym, &e->session);
	return vhc_device_init_session(st->dev, service, &e->params, &e->session);
}

/* One of @p p and @p asym is there. */
static int
entry_create(struct vhc_stateless *st, uint8_t service, const struct vhc_sym_params *p,
		const struct vhc_asym_params *asym, struct entry **entry)
{
	const size_t keys_len = asym != NULL ? asym->key_len : p->key_len + p->auth_key_len;
	struct entry **where = NULL;
	struct entry *e;
	int ret;

	e = OPENSSL_zalloc(sizeof(*e) + keys_len);
	if (e == NULL)
		return -ENOMEM;
	if (asym != NULL) {
		e->asym = *asym;
		e->asym.key = e->keys;
		e->params.key_len = asym->key_len;
		memcpy(e->keys, asym->key, asym->key_len);
	} else {
		e->params = *p;
		e->params.key = e->keys;
		e->params.auth_key = e->keys + p->key_len;
		memcpy(e->keys, p->key, p->key_len);
		memcpy(e->keys + p->key_len, p->auth_key, p->auth_key_len);
	}
	ret = entry_init(st, service, e);
	if (ret == -ENOSPC) {
		/* The engine's sessions are few: another makes room. */
		where = place(st);
		if (where != NULL)
			ret = entry_init(st, service, e);
	}
	if (ret != 0) {
		OPENSSL_clear_free(e, sizeof(*e) + keys_len);
		return ret;
	}
	if (where == NULL)
		where = place(st);
	e->kept = where != NULL;
	if (e->kept)
		*where = st->last = e;
	*entry = e;
	return 0;
}

int
vhc_stateless_get(struct vhc_stateless *st, uint8_t service, const struct vhc_sym_params *p,
		struct vhc_session **session)
{
	struct entry *e = st->last;
	unsigned int i;
	int ret;

	if (e == NULL || !matches(e, service, p)) {
		for (i = 0, e = NULL; e == NULL && i < VHC_STATELESS_KEPT; i++) {
			if (st->entry[i] != NULL && matches(st->entry[i], service, p))
				e = st->last = st->entry[i];
		}
	}
	if (e == NULL) {
		ret = entry_create(st, service, p, NULL, &e);
		if (ret != 0)
			return ret;
	}
	e->session.inflight++;
	*session = &e->session;
	return 0;
}

int
vhc_stateless_get_asym(struct vhc_stateless *st, const struct vhc_asym_params *p,
		struct vhc_session **session)
{
	struct entry *e = NULL;
	unsigned int i;
	int ret;

	for (i = 0; e == NULL && i < VHC_STATELESS_KEPT; i++) {
		if (st->entry[i] != NULL && matches_asym(st->entry[i], p))
			e = st->entry[i];
	}
	if (e == NULL) {
		ret = entry_create(st, VIRTIO_CRYPTO_SERVICE_AKCIPHER, NULL, p, &e);
		if (ret != 0)
			return ret;
	}
	e->session.inflight++;
	*session = &e->session;
	return 0;
}

void
vhc_stateless_put(struct vhc_stateless *st, struct vhc_session *session)
{
	struct entry *e = (struct entry *)session;

	if (--session->inflight == 0 && !e->kept)
		entry_destroy(st, e);
}
