/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The cache of sessions for ops without one.
 *
 * May include: session, queue, codec, dev, features, log, secret. Runs on the enqueuer of a queue
 * pair, which finds what is there without lock or allocation. To make or close a session takes the
 * device's lock, as for any control thread.
 *
 * An entry is busy while a slot says that its request was made of it. Only the enqueuer writes
 * that: with the next op without session in the slot, or, when all entries are busy, for each slot
 * that the FIFO says is free. So ops with a session have nothing to do with it; they may at worst
 * make an entry look busy that is not, until their slot is seen free.
 */

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_malloc.h>

#include "virtio_cache.h"
#include "virtio_codec.h"
#include "virtio_dev.h"
#include "virtio_features.h"
#include "virtio_log.h"
#include "virtio_secret.h"

/* Parts of a chain that can be a session. */
#define PARTS 2

struct entry {
	struct vcrypto_session sess;
	struct rte_crypto_sym_xform xform[PARTS]; /* the chain; keys below */
	size_t len; /* bytes of the entry */
	uint64_t used; /* the cache's clock at the last use */
	uint16_t refs; /* slots that have it */
	uint8_t nb_parts;
	uint8_t keys[];
};

struct vcrypto_cache {
	struct vcrypto_dev *dev;
	uint64_t clock; /* uses */
	unsigned int last; /* entry of the last use */
	uint16_t nb_slots;
	uint8_t nb_entries;
	bool said; /* a refusal was logged since the queue was enabled */
	struct entry *entry[VCRYPTO_CACHE_ENTRIES];
	uint8_t owner[]; /* by slot: 1 + the entry it has; 0: none */
};
static_assert(VCRYPTO_CACHE_ENTRIES < UINT8_MAX, "entries have numbers of one byte");

/* ---- what a chain says ---- */

/* The one key of a part. */
static void
key_of(const struct rte_crypto_sym_xform *x, const uint8_t **key, uint16_t *len)
{
	switch (x->type) {
	case RTE_CRYPTO_SYM_XFORM_CIPHER:
		*key = x->cipher.key.data;
		*len = x->cipher.key.length;
		break;
	case RTE_CRYPTO_SYM_XFORM_AUTH:
		*key = x->auth.key.data;
		*len = x->auth.key.length;
		break;
	case RTE_CRYPTO_SYM_XFORM_AEAD:
		*key = x->aead.key.data;
		*len = x->aead.key.length;
		break;
	default:
		*key = NULL;
		break;
	}
	if (*key == NULL)
		*len = 0;
}

static bool
same_cipher(const struct rte_crypto_cipher_xform *a, const struct rte_crypto_cipher_xform *b)
{
	return a->op == b->op && a->algo == b->algo && a->key.length == b->key.length &&
		a->iv.offset == b->iv.offset && a->iv.length == b->iv.length &&
		a->dataunit_len == b->dataunit_len;
}

static bool
same_auth(const struct rte_crypto_auth_xform *a, const struct rte_crypto_auth_xform *b)
{
	return a->op == b->op && a->algo == b->algo && a->key.length == b->key.length &&
		a->iv.offset == b->iv.offset && a->iv.length == b->iv.length &&
		a->digest_length == b->digest_length;
}

static bool
same_aead(const struct rte_crypto_aead_xform *a, const struct rte_crypto_aead_xform *b)
{
	return a->op == b->op && a->algo == b->algo && a->key.length == b->key.length &&
		a->iv.offset == b->iv.offset && a->iv.length == b->iv.length &&
		a->digest_length == b->digest_length && a->aad_length == b->aad_length;
}

static bool
same_part(const struct rte_crypto_sym_xform *a, const struct rte_crypto_sym_xform *b)
{
	const uint8_t *key_a, *key_b;
	uint16_t len_a, len_b;

	if (a->type != b->type)
		return false;
	if (a->type == RTE_CRYPTO_SYM_XFORM_CIPHER ? !same_cipher(&a->cipher, &b->cipher) :
			a->type == RTE_CRYPTO_SYM_XFORM_AUTH ? !same_auth(&a->auth, &b->auth) :
			!same_aead(&a->aead, &b->aead))
		return false;
	key_of(a, &key_a, &len_a);
	key_of(b, &key_b, &len_b);
	return len_a == len_b && vcrypto_secret_equal(key_a, key_b, len_a);
}

static bool
matches(const struct entry *e, const struct rte_crypto_sym_xform *x)
{
	unsigned int i;

	for (i = 0; i < e->nb_parts; i++, x = x->next) {
		if (x == NULL || !same_part(&e->xform[i], x))
			return false;
	}
	return x == NULL;
}

/* ---- entries ---- */

/* An entry with a copy of the chain, if there are sessions of such. NULL: no memory. */
static struct entry *
entry_create(const struct vcrypto_dev *dev, const struct rte_crypto_sym_xform *xform)
{
	const struct rte_crypto_sym_xform *x;
	uint16_t lens[PARTS] = { 0 };
	const uint8_t *keys[PARTS];
	struct entry *e;
	uint8_t *to;
	size_t len = sizeof(*e);
	unsigned int i, nb;

	for (x = xform, nb = 0; x != NULL && nb < PARTS; x = x->next, nb++) {
		key_of(x, &keys[nb], &lens[nb]);
		len += lens[nb];
	}
	e = rte_zmalloc_socket("vcrypto_cached", len, RTE_CACHE_LINE_SIZE, dev->socket_id);
	if (e == NULL)
		return NULL;
	e->len = len;
	e->nb_parts = nb;
	to = e->keys;
	for (x = xform, i = 0; i < nb; x = x->next, i++) {
		struct rte_crypto_sym_xform *const copy = &e->xform[i];

		*copy = *x;
		copy->next = i + 1 < nb ? copy + 1 : NULL;
		if (keys[i] == NULL)
			continue;
		memcpy(to, keys[i], lens[i]);
		if (copy->type == RTE_CRYPTO_SYM_XFORM_CIPHER)
			copy->cipher.key.data = to;
		else if (copy->type == RTE_CRYPTO_SYM_XFORM_AUTH)
			copy->auth.key.data = to;
		else
			copy->aead.key.data = to;
		to += lens[i];
	}
	return e;
}

static void
entry_destroy(struct entry *e)
{
	vcrypto_session_close(&e->sess);
	vcrypto_secret_free(e, e->len);
}

static void
evict(struct vcrypto_cache *c, unsigned int i)
{
	entry_destroy(c->entry[i]);
	c->entry[i] = NULL;
}

struct vcrypto_cache *
vcrypto_cache_create(struct vcrypto_dev *dev, uint16_t nb_slots, int socket_id)
{
	struct vcrypto_cache *c;

	c = rte_zmalloc_socket("vcrypto_cache", sizeof(*c) + nb_slots * sizeof(c->owner[0]),
		RTE_CACHE_LINE_SIZE, socket_id);
	if (c == NULL)
		return NULL;
	c->dev = dev;
	c->nb_slots = nb_slots;
	/* Devices have few sessions, and others want some, too. */
	c->nb_entries = dev->features & VCRYPTO_STATELESS_FEATURES ? VCRYPTO_CACHE_ENTRIES :
		VCRYPTO_CACHE_ON_DEVICE;
	return c;
}

void
vcrypto_cache_clear(struct vcrypto_cache *c)
{
	unsigned int i;

	if (c == NULL)
		return;
	vcrypto_cache_idle(c);
	for (i = 0; i < VCRYPTO_CACHE_ENTRIES; i++)
		if (c->entry[i] != NULL)
			evict(c, i);
}

void
vcrypto_cache_destroy(struct vcrypto_cache *c)
{
	vcrypto_cache_clear(c);
	rte_free(c);
}

/* ---- who has what ---- */

static void
let_go(struct vcrypto_cache *c, uint16_t slot)
{
	if (c->owner[slot] != 0)
		c->entry[c->owner[slot] - 1]->refs--;
	c->owner[slot] = 0;
}

void
vcrypto_cache_idle(struct vcrypto_cache *c)
{
	uint16_t i;

	if (c == NULL)
		return;
	for (i = 0; i < c->nb_slots; i++)
		let_go(c, i);
	c->said = false;
}

/* Look which slots are free. */
static void
look_around(struct vcrypto_cache *c, const struct vcrypto_qp *qp, uint32_t taken)
{
	/* Acquire: the dequeuer is done with these slots; pairs with put_free(). */
	const uint32_t tail = __atomic_load_n(&qp->free_tail, __ATOMIC_ACQUIRE);
	uint32_t pos;

	for (pos = qp->free_head + taken; pos != tail; pos++)
		let_go(c, qp->free_slots[pos & (qp->nb_slots - 1)]);
}

static bool
is_on_device(const struct entry *e)
{
	return e->sess.tmpl.stateless == NULL && e->sess.tmpl.shape != VCRYPTO_SHAPE_NULL;
}

/* The session that is not in use for the longest time; -1: none. */
static int
oldest(const struct vcrypto_cache *c, bool on_device)
{
	int i, best = -1;

	for (i = 0; i < VCRYPTO_CACHE_ENTRIES; i++) {
		const struct entry *const e = c->entry[i];

		if (e == NULL || e->refs != 0 || (on_device && !is_on_device(e)))
			continue;
		if (best < 0 || e->used < c->entry[best]->used)
			best = i;
	}
	return best;
}

/* A place for a new entry; -1: all are in use. */
static int
place(struct vcrypto_cache *c, const struct vcrypto_qp *qp, uint32_t taken)
{
	int i;

	for (i = 0; i < c->nb_entries; i++)
		if (c->entry[i] == NULL)
			return i;
	i = oldest(c, false);
	if (i < 0) {
		look_around(c, qp, taken);
		i = oldest(c, false);
	}
	if (i >= 0)
		evict(c, i);
	return i;
}

/* ---- the session of an op ---- */

static int
find(struct vcrypto_cache *c, const struct rte_crypto_sym_xform *xform)
{
	unsigned int i;

	/* As with sessions, ops of one kind often come in runs. */
	if (c->entry[c->last] != NULL && matches(c->entry[c->last], xform))
		return c->last;
	for (i = 0; i < VCRYPTO_CACHE_ENTRIES; i++)
		if (c->entry[i] != NULL && matches(c->entry[i], xform))
			return i;
	return -1;
}

const struct vcrypto_session *
vcrypto_cache_find(struct vcrypto_cache *c, const struct rte_crypto_sym_xform *xform)
{
	int i;

	if (c == NULL || xform == NULL)
		return NULL;
	i = find(c, xform);
	return i >= 0 ? &c->entry[i]->sess : NULL;
}

/* Take one of this cache's sessions from the device. @return 0; -EAGAIN all are in use; -ENOSPC. */
static int
make_room(struct vcrypto_cache *c, const struct vcrypto_qp *qp, uint32_t taken)
{
	int i;

	look_around(c, qp, taken);
	i = oldest(c, true);
	if (i >= 0) {
		evict(c, i);
		return 0;
	}
	for (i = 0; i < VCRYPTO_CACHE_ENTRIES; i++)
		if (c->entry[i] != NULL && is_on_device(c->entry[i]))
			return -EAGAIN;
	return -ENOSPC;
}

/*
 * Make the session of an entry. Where the device has no room, an older one of this cache goes.
 * Only the first refusal is explained in the log: ops that are refused may be many.
 */
static int
open_session(struct vcrypto_cache *c, const struct vcrypto_qp *qp,
		const struct rte_crypto_sym_xform *xform, uint32_t taken, struct vcrypto_session *s)
{
	int ret, room = 0;

	vcrypto_log_quiet(c->said);
	ret = vcrypto_session_open(c->dev, xform, true, s);
	if (ret == -ENOSPC) {
		room = make_room(c, qp, taken);
		if (room == 0)
			ret = vcrypto_session_open(c->dev, xform, true, s);
	}
	if (ret == -ENOSPC && room != -EAGAIN)
		VCRYPTO_DEV_LOG(ERR, c->dev->name, "no session left on the device for operations"
			" without one, free some first");
	vcrypto_log_quiet(false);
	if (room == -EAGAIN)
		return room;
	c->said |= ret < 0;
	return ret;
}

/* @return as vcrypto_cache_get(). */
static int
status_of(const struct vcrypto_cache *c, int err)
{
	switch (err) {
	case -EIO:
	case -ETIMEDOUT:
		return vcrypto_dev_is_away(c->dev) ? -EAGAIN : RTE_CRYPTO_OP_STATUS_ERROR;
	case -EAGAIN:
		return -EAGAIN;
	case -ENOMEM:
	case -ENOSPC:
		return RTE_CRYPTO_OP_STATUS_ERROR;
	default:
		return RTE_CRYPTO_OP_STATUS_INVALID_SESSION;
	}
}

/* Sessions are the primary process's, in a cache, too. */
static bool
may_change(struct vcrypto_cache *c)
{
	if (rte_eal_process_type() == RTE_PROC_PRIMARY)
		return true;
	if (!c->said)
		VCRYPTO_DEV_LOG(ERR, c->dev->name, "an operation without a session, in a secondary"
			" process, with xforms that the primary has not used: make a session there");
	c->said = true;
	return false;
}

/* @return as vcrypto_cache_get(), with the entry's number in @p out. */
static int
add(struct vcrypto_cache *c, const struct vcrypto_qp *qp, const struct rte_crypto_sym_xform *xform,
		uint32_t taken, int *out)
{
	struct entry *e;
	int i, ret;

	i = place(c, qp, taken);
	if (i < 0)
		return -EAGAIN;
	e = entry_create(c->dev, xform);
	if (e == NULL)
		return RTE_CRYPTO_OP_STATUS_ERROR;
	ret = open_session(c, qp, xform, taken, &e->sess);
	if (ret < 0) {
		vcrypto_secret_free(e, e->len);
		return status_of(c, ret);
	}
	c->entry[i] = e;
	*out = i;
	return 0;
}

int
vcrypto_cache_get(struct vcrypto_qp *qp, const struct rte_crypto_sym_xform *xform, uint16_t slot,
		uint32_t taken, const struct vcrypto_session **out)
{
	struct vcrypto_cache *const c = qp->cache;
	bool live;
	int i, ret;

	if (c == NULL || xform == NULL)
		return RTE_CRYPTO_OP_STATUS_INVALID_SESSION;
	i = find(c, xform);
	/* One that the device refused when it came back is as good as none. */
	if (unlikely(i < 0 || c->entry[i]->sess.tmpl.shape == VCRYPTO_SHAPE_NONE)) {
		/* Otherwise who has the lock may be the caller. */
		live = __atomic_load_n(&qp->state, __ATOMIC_ACQUIRE) == VCRYPTO_QUEUE_LIVE;
		if (!live || vcrypto_dev_is_away(c->dev))
			return -EAGAIN;
		if (!may_change(c))
			return RTE_CRYPTO_OP_STATUS_INVALID_SESSION;
		if (i >= 0) {
			look_around(c, qp, taken);
			if (c->entry[i]->refs != 0)
				return -EAGAIN;
			evict(c, i);
		}
		ret = add(c, qp, xform, taken, &i);
		if (ret != 0)
			return ret;
	}
	let_go(c, slot);
	c->owner[slot] = i + 1;
	c->entry[i]->refs++;
	c->entry[i]->used = ++c->clock;
	c->last = i;
	*out = &c->entry[i]->sess;
	return 0;
}
