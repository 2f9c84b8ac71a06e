/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The engine over a cryptodev: the device's life, what it can do, sessions. Operations
 * are the other half's (engine_cryptodev_io.c).
 *
 * A virtio session is one cryptodev session where the driver does what is asked for. Drivers
 * tie generation of a digest to encryption, and its check to decryption; a virtio device always
 * generates. So a chain that a driver refuses becomes two cryptodev sessions that an operation
 * passes through one after the other. An AEAD session is several: a cryptodev's is for one
 * length of IV and of AAD, virtio's for any; those that come later are made when the first such
 * operation comes.
 *
 * Sessions of the pool: two for each virtio session, which is what a split chain needs, and a
 * few for AEAD sessions with more shapes.
 *
 * Devices with hardware get their data through memory of the engine (vhc_cd_slot), since the
 * guest's is not mapped for them.
 *
 * Any thread creates and destroys sessions; the lock serialises that, as drivers do not promise
 * to.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_log.h>
#include <rte_malloc.h>
#include <rte_memzone.h>

#include "engine_cryptodev.h"
#include "virtio_crypto_wire.h"
#include "virtio_secret.h"

#define EXTRA_SESSIONS(max) RTE_MAX(64u, (max) / 8)
#define SESSIONS_EACH 2

RTE_LOG_REGISTER(vhc_engine_logtype, app.vhost_crypto.engine, NOTICE);

#define ENGINE_LOG(level, fmt, ...) \
	rte_log(RTE_LOG_##level, vhc_engine_logtype, "vhost_crypto: engine " fmt "\n", \
			##__VA_ARGS__)

/* --- What the device can do --- */

static const struct rte_cryptodev_symmetric_capability *
find_cap(uint8_t dev_id, enum rte_crypto_sym_xform_type type, int algo)
{
	struct rte_cryptodev_sym_capability_idx idx = {.type = type};

	if (type == RTE_CRYPTO_SYM_XFORM_CIPHER)
		idx.algo.cipher = algo;
	else if (type == RTE_CRYPTO_SYM_XFORM_AUTH)
		idx.algo.auth = algo;
	else
		idx.algo.aead = algo;
	return rte_cryptodev_sym_capability_get(dev_id, &idx);
}

static void
raise_to(uint32_t *max, uint32_t len)
{
	if (len > VHC_KEY_MAX_LEN)
		len = VHC_KEY_MAX_LEN;
	*max = RTE_MAX(*max, len);
}

/* Keys are as long as both the table and the device allow. */
static uint32_t
max_key(const struct vhc_algo_sizes *sizes, const struct rte_crypto_param_range *range)
{
	return RTE_MIN((uint32_t)sizes->max, (uint32_t)range->max);
}

static void
find_out_caps(struct vhc_cd_engine *e)
{
	const struct rte_cryptodev_symmetric_capability *cap;
	struct vhc_engine_caps *c = &e->caps;
	int i;

	for (i = 0; i < VHC_ALGO_CIPHERS; i++) {
		cap = find_cap(e->dev_id, RTE_CRYPTO_SYM_XFORM_CIPHER, vhc_algos_cipher[i].algo);
		/* The IV is the table's, or the device does not do what virtio means. */
		if (cap == NULL || rte_cryptodev_sym_capability_check_cipher(cap,
					cap->cipher.key_size.min, vhc_algos_cipher[i].iv_len) != 0)
			continue;
		e->cipher[i] = cap;
		c->cipher_algo |= UINT64_C(1) << vhc_algos_cipher[i].id;
		raise_to(&c->max_cipher_key_len,
				max_key(&vhc_algos_cipher[i].key, &cap->cipher.key_size));
	}
	for (i = 0; i < VHC_ALGO_AUTHS; i++) {
		cap = find_cap(e->dev_id, RTE_CRYPTO_SYM_XFORM_AUTH, vhc_algos_auth[i].algo);
		if (cap == NULL)
			continue;
		e->auth[i] = cap;
		if (vhc_algos_auth[i].mac)
			c->mac_algo |= UINT64_C(1) << vhc_algos_auth[i].id;
		else
			c->hash_algo |= UINT32_C(1) << vhc_algos_auth[i].id;
		raise_to(&c->max_auth_key_len, cap->auth.key_size.max);
	}
	for (i = 0; i < VHC_ALGO_AEADS; i++) {
		cap = find_cap(e->dev_id, RTE_CRYPTO_SYM_XFORM_AEAD, vhc_algos_aead[i].algo);
		if (cap == NULL)
			continue;
		e->aead[i] = cap;
		c->aead_algo |= UINT32_C(1) << vhc_algos_aead[i].id;
		raise_to(&c->max_cipher_key_len,
				max_key(&vhc_algos_aead[i].key, &cap->aead.key_size));
	}
	if (c->cipher_algo != 0) {
		c->chain_hash_algo = c->hash_algo;
		c->chain_mac_algo = c->mac_algo;
	}
}

static void
cd_caps(const struct vhc_engine *base, struct vhc_engine_caps *caps)
{
	*caps = ((const struct vhc_cd_engine *)base)->caps;
}

static int
check_cipher(const struct vhc_cd_engine *e, const struct vhc_sym_params *p, int *row)
{
	const struct vhc_algo_cipher *algo;

	*row = vhc_algos_find_cipher(p->cipher_algo);
	if (*row < 0 || e->cipher[*row] == NULL)
		return -ENOTSUP;
	algo = &vhc_algos_cipher[*row];
	if (!vhc_algos_size_fits(&algo->key, p->key_len) ||
			rte_cryptodev_sym_capability_check_cipher(e->cipher[*row],
					(uint16_t)p->key_len, algo->iv_len) != 0)
		return -EINVAL;
	return algo->iv_len;
}

/* The digest that the device is asked for: the shortest that has all of @p len, or 0. */
static uint16_t
device_digest_len(const struct rte_cryptodev_symmetric_capability *cap, uint16_t key_len,
		uint32_t len, uint8_t full)
{
	for (; len <= full; len++) {
		if (rte_cryptodev_sym_capability_check_auth(cap, key_len, (uint16_t)len, 0) == 0)
			return (uint16_t)len;
	}
	return 0;
}

static int
check_auth(const struct vhc_cd_engine *e, const struct vhc_sym_params *p, int *row,
		uint16_t *digest_len)
{
	uint32_t key_len = p->mac ? p->auth_key_len : 0;
	const struct vhc_algo_auth *algo;

	*row = vhc_algos_find_auth(p->mac, p->auth_algo);
	if (*row < 0 || e->auth[*row] == NULL)
		return -ENOTSUP;
	algo = &vhc_algos_auth[*row];
	if (key_len > VHC_KEY_MAX_LEN || p->digest_len == 0 || p->digest_len > algo->digest_len)
		return -EINVAL;
	*digest_len = device_digest_len(e->auth[*row], (uint16_t)key_len, p->digest_len,
			algo->digest_len);
	return *digest_len != 0 ? 0 : -EINVAL;
}

static int
check_aead(const struct vhc_cd_engine *e, const struct vhc_sym_params *p, int *row)
{
	const struct vhc_algo_aead *algo;

	*row = vhc_algos_find_aead(p->aead_algo);
	if (*row < 0 || e->aead[*row] == NULL)
		return -ENOTSUP;
	algo = &vhc_algos_aead[*row];
	if (!vhc_algos_size_fits(&algo->key, p->key_len) || p->aad_len > UINT16_MAX ||
			!vhc_algos_size_fits(&algo->tag, p->digest_len))
		return -EINVAL;
	return rte_cryptodev_sym_capability_check_aead(e->aead[*row], (uint16_t)p->key_len,
			       (uint16_t)p->digest_len, (uint16_t)p->aad_len,
			       algo->iv_usual) == 0 ? 0 : -EINVAL;
}

static int
cd_check(const struct vhc_engine *base, const struct vhc_sym_params *p)
{
	const struct vhc_cd_engine *e = (const struct vhc_cd_engine *)base;
	uint16_t digest_len;
	int row, ret, iv_len;

	switch (p->kind) {
	case VHC_SYM_CIPHER:
		return check_cipher(e, p, &row);
	case VHC_SYM_CHAIN:
		iv_len = check_cipher(e, p, &row);
		/* An algorithm that is not there says more than a length that does not fit. */
		if (iv_len < 0 && iv_len != -EINVAL)
			return iv_len;
		ret = check_auth(e, p, &row, &digest_len);
		return ret != 0 ? ret : iv_len;
	case VHC_SYM_HASH:
	case VHC_SYM_MAC:
		return p->mac == (p->kind == VHC_SYM_MAC) ? check_auth(e, p, &row, &digest_len)
							  : -EINVAL;
	case VHC_SYM_AEAD:
		return check_aead(e, p, &row);
	}
	return -ENOTSUP;
}

/* --- Sessions --- */

static void
set_cipher_xform(struct rte_crypto_sym_xform *x, const struct vhc_sym_params *p, int row)
{
	const struct vhc_algo_cipher *algo = &vhc_algos_cipher[row];

	memset(x, 0, sizeof(*x));
	x->type = RTE_CRYPTO_SYM_XFORM_CIPHER;
	x->cipher.op = p->encrypt || algo->one_way ? RTE_CRYPTO_CIPHER_OP_ENCRYPT
						   : RTE_CRYPTO_CIPHER_OP_DECRYPT;
	x->cipher.algo = algo->algo;
	x->cipher.key.data = p->key;
	x->cipher.key.length = (uint16_t)p->key_len;
	x->cipher.iv.offset = VHC_CD_IV_OFFSET;
	x->cipher.iv.length = algo->iv_len;
}

static void
set_auth_xform(struct rte_crypto_sym_xform *x, const struct vhc_sym_params *p, int row,
		uint16_t digest_len)
{
	memset(x, 0, sizeof(*x));
	x->type = RTE_CRYPTO_SYM_XFORM_AUTH;
	x->auth.op = RTE_CRYPTO_AUTH_OP_GENERATE;
	x->auth.algo = vhc_algos_auth[row].algo;
	if (vhc_algos_auth[row].mac) {
		x->auth.key.data = p->auth_key;
		x->auth.key.length = (uint16_t)p->auth_key_len;
	}
	x->auth.digest_length = digest_len;
}

/* With the lock held. @return a cryptodev session; NULL with rte_errno. */
static void *
make_sym(struct vhc_cd_engine *e, struct rte_crypto_sym_xform *x)
{
	return rte_cryptodev_sym_session_create(e->dev_id, x, e->pool);
}

static void
free_sym(struct vhc_cd_engine *e, void *sym)
{
	if (sym != NULL)
		rte_cryptodev_sym_session_free(e->dev_id, sym);
}

/* What a driver says is one of what an engine says. */
static int
driver_error(void)
{
	return rte_errno == ENOTSUP || rte_errno == ENOMEM ? -rte_errno : -EINVAL;
}

/* With the lock held: a chain in one session, or in two. */
static int
make_chain(struct vhc_cd_engine *e, struct vhc_cd_session *s, struct rte_crypto_sym_xform *cipher,
		int cipher_row, struct rte_crypto_sym_xform *auth, int auth_row)
{
	uint32_t *refused = &e->refused[cipher_row][s->hash_first]
			[cipher->cipher.op == RTE_CRYPTO_CIPHER_OP_ENCRYPT];
	struct rte_crypto_sym_xform *first = s->hash_first ? auth : cipher;
	struct rte_crypto_sym_xform *second = s->hash_first ? cipher : auth;

	if ((*refused & UINT32_C(1) << auth_row) == 0) {
		first->next = second;
		s->shape = VHC_CD_CHAIN;
		s->sym[0] = make_sym(e, first);
		if (s->sym[0] != NULL)
			return 0;
		/* Not asked again, as it is no matter of keys; and drivers log each refusal. */
		if (rte_errno == ENOTSUP)
			*refused |= UINT32_C(1) << auth_row;
	}
	first->next = NULL;
	s->shape = VHC_CD_SPLIT;
	s->finish |= VHC_CD_SECOND;
	s->sym[0] = make_sym(e, first);
	s->sym[1] = s->sym[0] != NULL ? make_sym(e, second) : NULL;
	if (s->sym[1] != NULL)
		return 0;
	return driver_error();
}

static void
limit_len(struct vhc_cd_session *s, uint16_t max_len)
{
	if (max_len != 0)
		s->max_len = RTE_MIN(s->max_len, (uint32_t)max_len);
}

static void
set_cipher(struct vhc_cd_session *s, int row)
{
	const struct vhc_algo_cipher *algo = &vhc_algos_cipher[row];

	s->iv_len = algo->iv_len;
	s->block_mask = algo->block - 1;
	s->cipher_shift = algo->bits ? 3 : 0;
	/* The counter block is a number of 128 bits; not all drivers carry beyond the lowest 32. */
	s->counter_32 = algo->id == VIRTIO_CRYPTO_CIPHER_AES_CTR;
	limit_len(s, algo->max_len);
}

static void
set_auth(struct vhc_cd_session *s, const struct vhc_sym_params *p, int row, uint16_t digest_len)
{
	const struct vhc_algo_auth *algo = &vhc_algos_auth[row];

	s->auth_shift = algo->bits ? 3 : 0;
	s->hash_first = p->hash_first;
	if (digest_len != p->digest_len)
		s->finish |= VHC_CD_COPY_DIGEST;
	limit_len(s, algo->max_len);
}

static void
free_aead(struct vhc_cd_engine *e, struct vhc_cd_aead *a)
{
	uint16_t i;

	if (a == NULL)
		return;
	for (i = 0; i < a->nb; i++)
		free_sym(e, a->session[i].sym);
	e->extra_left += a->nb_extra;
	vcrypto_secret_wipe(a->key, a->key_len);
	free(a);
}

/* With the lock held, and room for one more. @return 0; -ENOTSUP, -EINVAL the driver's word. */
static int
make_aead_shape(struct vhc_cd_engine *e, struct vhc_cd_aead *a, uint8_t iv_len, uint32_t aad_len)
{
	struct rte_crypto_sym_xform x = {
		.type = RTE_CRYPTO_SYM_XFORM_AEAD,
		.aead = {
			.op = a->encrypt ? RTE_CRYPTO_AEAD_OP_ENCRYPT : RTE_CRYPTO_AEAD_OP_DECRYPT,
			.algo = vhc_algos_aead[a->row].algo,
			.key = {.data = a->key, .length = (uint16_t)a->key_len},
			.iv = {.offset = VHC_CD_IV_OFFSET, .length = iv_len},
			.digest_length = a->digest_len,
			.aad_length = (uint16_t)aad_len,
		},
	};
	void *sym = NULL;
	int ret = -EINVAL;

	if (aad_len <= UINT16_MAX && vhc_algos_size_fits(&vhc_algos_aead[a->row].iv, iv_len) &&
			rte_cryptodev_sym_capability_check_aead(e->aead[a->row],
					(uint16_t)a->key_len, a->digest_len, (uint16_t)aad_len,
					iv_len) == 0) {
		sym = make_sym(e, &x);
		ret = sym != NULL ? 0 : driver_error();
	}
	a->session[a->nb].iv_len = iv_len;
	a->session[a->nb].aad_len = aad_len;
	a->session[a->nb].sym = sym;
	/* Pairs with the acquire of find_aead(): the session is whole before it is counted. */
	__atomic_store_n(&a->nb, a->nb + 1, __ATOMIC_RELEASE);
	return ret;
}

/* @return the index, or the number of those that there are. */
static uint16_t
find_aead(const struct vhc_cd_aead *a, uint8_t iv_len, uint32_t aad_len, uint16_t *nb)
{
	uint16_t i;

	*nb = __atomic_load_n(&a->nb, __ATOMIC_ACQUIRE);
	for (i = 0; i < *nb; i++) {
		if (a->session[i].iv_len == iv_len && a->session[i].aad_len == aad_len)
			break;
	}
	return i;
}

void *
vhc_engine_cryptodev_aead_session(struct vhc_cd_engine *e, struct vhc_cd_session *s,
		uint8_t iv_len, uint32_t aad_len)
{
	struct vhc_cd_aead *a = s->aead;
	void *sym = NULL;
	uint16_t i, nb;

	i = find_aead(a, iv_len, aad_len, &nb);
	if (likely(i < nb))
		return a->session[i].sym;
	if (nb == VHC_CD_AEAD_SESSIONS)
		return NULL;
	pthread_mutex_lock(&e->lock);
	/* Another thread may have been here in between. */
	i = find_aead(a, iv_len, aad_len, &nb);
	if (i == nb && nb < VHC_CD_AEAD_SESSIONS && (nb < SESSIONS_EACH || e->extra_left != 0)) {
		if (nb >= SESSIONS_EACH) {
			e->extra_left--;
			a->nb_extra++;
		}
		make_aead_shape(e, a, iv_len, aad_len);
		nb++;
	}
	if (i < nb)
		sym = a->session[i].sym;
	pthread_mutex_unlock(&e->lock);
	return sym;
}

/* With the lock held. */
static int
make_aead(struct vhc_cd_engine *e, struct vhc_cd_session *s, const struct vhc_sym_params *p,
		int row)
{
	struct vhc_cd_aead *a = calloc(1, sizeof(*a) + p->key_len);

	if (a == NULL)
		return -ENOMEM;
	a->row = row;
	a->encrypt = p->encrypt;
	a->digest_len = (uint8_t)p->digest_len;
	a->key_len = p->key_len;
	memcpy(a->key, p->key, p->key_len);
	s->aead = a;
	s->shape = VHC_CD_AEAD;
	/* What most operations will want; it shows whether the driver takes the key. */
	return make_aead_shape(e, a, vhc_algos_aead[row].iv_usual, p->aad_len);
}

static int
make_session(struct vhc_cd_engine *e, struct vhc_cd_session *s, const struct vhc_sym_params *p)
{
	struct rte_crypto_sym_xform cipher, auth;
	int ret, cipher_row = -1, auth_row = -1;
	uint16_t digest_len = 0;

	s->max_len = e->bounce ? VHC_CD_BOUNCE_LEN : VHC_CD_DATA_MAX;
	s->kind = p->kind;
	s->digest_len = (uint8_t)p->digest_len;
	s->in_place = !e->oop;
	if (e->bounce)
		s->finish = VHC_CD_COPY_DIGEST | VHC_CD_COPY_DATA;
	if (p->kind == VHC_SYM_AEAD) {
		ret = check_aead(e, p, &cipher_row);
		return ret != 0 ? ret : make_aead(e, s, p, cipher_row);
	}
	if (p->kind == VHC_SYM_CIPHER || p->kind == VHC_SYM_CHAIN) {
		ret = check_cipher(e, p, &cipher_row);
		if (ret < 0)
			return ret;
		set_cipher_xform(&cipher, p, cipher_row);
		set_cipher(s, cipher_row);
		/* Out of place ipsec_mb writes where lengths are of bits beyond the range. */
		s->in_place |= s->cipher_shift != 0;
	}
	if (p->kind != VHC_SYM_CIPHER) {
		ret = check_auth(e, p, &auth_row, &digest_len);
		if (ret != 0)
			return ret;
		set_auth_xform(&auth, p, auth_row, digest_len);
		set_auth(s, p, auth_row, digest_len);
	}
	if (p->kind == VHC_SYM_CHAIN)
		return make_chain(e, s, &cipher, cipher_row, &auth, auth_row);
	s->shape = p->kind == VHC_SYM_CIPHER ? VHC_CD_CIPHER : VHC_CD_AUTH;
	if (s->shape == VHC_CD_CIPHER)
		s->finish &= ~VHC_CD_COPY_DIGEST;
	else
		s->finish &= ~VHC_CD_COPY_DATA;
	s->sym[0] = make_sym(e, s->shape == VHC_CD_CIPHER ? &cipher : &auth);
	return s->sym[0] != NULL ? 0 : driver_error();
}

/* With the lock held. */
static void
free_session(struct vhc_cd_engine *e, struct vhc_cd_session *s)
{
	free_sym(e, s->sym[0]);
	free_sym(e, s->sym[1]);
	free_aead(e, s->aead);
	rte_free(s);
}

static int
cd_session_create(struct vhc_engine *base, const struct vhc_sym_params *p, void **session)
{
	struct vhc_cd_engine *e = (struct vhc_cd_engine *)base;
	struct vhc_cd_session *s;
	int ret;

	ret = cd_check(base, p);
	if (ret < 0)
		return ret;
	s = rte_zmalloc("vhc_session", sizeof(*s), RTE_CACHE_LINE_SIZE);
	if (s == NULL)
		return -ENOMEM;
	pthread_mutex_lock(&e->lock);
	ret = e->sessions_left != 0 ? make_session(e, s, p) : -ENOSPC;
	if (ret == 0)
		e->sessions_left--;
	else
		free_session(e, s);
	pthread_mutex_unlock(&e->lock);
	if (ret != 0)
		return ret;
	*session = s;
	return 0;
}

static void
cd_session_destroy(struct vhc_engine *base, void *session)
{
	struct vhc_cd_engine *e = (struct vhc_cd_engine *)base;

	if (session == NULL)
		return;
	pthread_mutex_lock(&e->lock);
	free_session(e, session);
	e->sessions_left++;
	pthread_mutex_unlock(&e->lock);
}

static const char *
cd_session_engine(const struct vhc_engine *base, const void *session)
{
	(void)session;
	return ((const struct vhc_cd_engine *)base)->name;
}

/* --- Life --- */

/*
 * Ask once, and quietly, which orders and directions of chains the driver does not have at all:
 * it would log each session of them. Other refusals are noted when they come.
 */
static void
find_out_chains(struct vhc_cd_engine *e)
{
	static const uint8_t key[VHC_DIGEST_MAX_LEN];
	struct vhc_sym_params p = {
		.kind = VHC_SYM_CHAIN,
		.cipher_algo = VIRTIO_CRYPTO_CIPHER_AES_CBC,
		.key = key,
		.key_len = 16,
		.mac = true,
		.auth_algo = VIRTIO_CRYPTO_MAC_HMAC_SHA1,
		.auth_key = key,
		.auth_key_len = 20,
		.digest_len = 12,
	};
	struct rte_crypto_sym_xform cipher, auth, *first;
	uint32_t level = rte_log_get_global_level();
	int row, auth_row, order, enc, i;
	bool refused[2][2] = {{false}}, some = false;
	uint16_t digest_len;
	void *sym;

	if (check_cipher(e, &p, &row) < 0 || check_auth(e, &p, &auth_row, &digest_len) != 0)
		return;
	rte_log_set_global_level(RTE_LOG_EMERG);
	for (i = 0; i < 4; i++) {
		order = i & 1;
		enc = i >> 1;
		p.encrypt = enc != 0;
		set_cipher_xform(&cipher, &p, row);
		set_auth_xform(&auth, &p, auth_row, digest_len);
		first = order != 0 ? &auth : &cipher;
		first->next = order != 0 ? &cipher : &auth;
		sym = make_sym(e, first);
		some = some || sym != NULL;
		refused[order][enc] = sym == NULL && rte_errno == ENOTSUP;
		free_sym(e, sym);
	}
	rte_log_set_global_level(level);
	/* If none is taken it may be for another reason. */
	for (i = 0; some && i < 4 * VHC_ALGO_CIPHERS; i++) {
		if (refused[i & 1][i >> 1 & 1])
			e->refused[i >> 2][i & 1][i >> 1 & 1] = UINT32_MAX;
	}
}

static void
free_slots(struct vhc_cd_queue *q)
{
	if (q->slots != NULL)
		vcrypto_secret_wipe(q->slots, VHC_CD_BOUNCE_SLOTS * sizeof(q->slots[0]));
	rte_memzone_free(q->slot_memory);
	free(q->free);
}

static void
cd_destroy(struct vhc_engine *base)
{
	struct vhc_cd_engine *e = (struct vhc_cd_engine *)base;
	uint16_t i;

	rte_cryptodev_stop(e->dev_id);
	rte_cryptodev_close(e->dev_id);
	rte_mempool_free(e->pool);
	for (i = 0; i < e->nb_queues; i++)
		free_slots(&e->queue[i]);
	pthread_mutex_destroy(&e->lock);
	rte_free(e);
}

static int
make_slots(struct vhc_cd_engine *e, uint16_t queue, int socket)
{
	struct vhc_cd_queue *q = &e->queue[queue];
	const struct rte_memzone *mz;
	char name[RTE_MEMZONE_NAMESIZE];
	struct vhc_cd_slot *slot;
	uint32_t i;

	snprintf(name, sizeof(name), "vhc_slots_%u_%u", e->dev_id, queue);
	mz = rte_memzone_reserve_aligned(name, VHC_CD_BOUNCE_SLOTS * sizeof(*slot), socket,
			RTE_MEMZONE_IOVA_CONTIG, RTE_CACHE_LINE_SIZE);
	q->slot_memory = mz;
	q->free = calloc(VHC_CD_BOUNCE_SLOTS, sizeof(q->free[0]));
	if (mz == NULL || q->free == NULL)
		return -ENOMEM;
	q->slots = mz->addr;
	memset(q->slots, 0, VHC_CD_BOUNCE_SLOTS * sizeof(*slot));
	for (i = 0; i < VHC_CD_BOUNCE_SLOTS; i++) {
		slot = &q->slots[i];
		vhc_engine_cryptodev_op_init(&slot->c, slot, mz->iova + i * sizeof(*slot));
		q->free[i] = slot;
	}
	q->nb_free = VHC_CD_BOUNCE_SLOTS;
	return 0;
}

/* @return 0, or the driver's -errno, with a log line. */
static int
start(struct vhc_cd_engine *e, uint32_t max_sessions)
{
	int socket = rte_cryptodev_socket_id(e->dev_id);
	struct rte_cryptodev_config conf = {
		.socket_id = socket,
		.nb_queue_pairs = e->nb_queues,
		.ff_disable = RTE_CRYPTODEV_FF_ASYMMETRIC_CRYPTO,
	};
	struct rte_cryptodev_qp_conf qp = {.nb_descriptors = VHC_CD_NB_DESC};
	char name[RTE_MEMPOOL_NAMESIZE];
	uint16_t i;
	int ret;

	ret = rte_cryptodev_configure(e->dev_id, &conf);
	if (ret != 0) {
		ENGINE_LOG(ERR, "%s: %u queue pairs are refused: %s", e->name, e->nb_queues,
				rte_strerror(-ret));
		return ret;
	}
	e->sessions_left = max_sessions;
	e->extra_left = EXTRA_SESSIONS(max_sessions);
	snprintf(name, sizeof(name), "vhc_sessions_%u", e->dev_id);
	/* The size of a session is known once the queue pairs are. No cache: all can be had. */
	e->pool = rte_cryptodev_sym_session_pool_create(name,
			max_sessions * SESSIONS_EACH + e->extra_left,
			rte_cryptodev_sym_get_private_session_size(e->dev_id), 0, 0, socket);
	if (e->pool == NULL) {
		ENGINE_LOG(ERR, "%s: no memory for %u sessions: ask for fewer, or give DPDK more",
				e->name, max_sessions);
		return -ENOMEM;
	}
	qp.mp_session = e->pool;
	for (i = 0; i < e->nb_queues; i++) {
		ret = rte_cryptodev_queue_pair_setup(e->dev_id, i, &qp, socket);
		if (ret == 0 && e->bounce)
			ret = make_slots(e, i, socket);
		if (ret != 0) {
			ENGINE_LOG(ERR, "%s: no queue pair %u: %s", e->name, i, rte_strerror(-ret));
			return ret;
		}
	}
	ret = rte_cryptodev_start(e->dev_id);
	if (ret != 0) {
		ENGINE_LOG(ERR, "%s does not start: %s", e->name, rte_strerror(-ret));
		return ret;
	}
	find_out_chains(e);
	return 0;
}

static const struct vhc_engine_ops cd_ops = {
		.name = "cryptodev",
		.op_priv_len = sizeof(struct vhc_cd_op),
		.caps = cd_caps,
		.check = cd_check,
		.session_create = cd_session_create,
		.session_destroy = cd_session_destroy,
		.session_engine = cd_session_engine,
		.enqueue = vhc_engine_cryptodev_enqueue,
		.dequeue = vhc_engine_cryptodev_dequeue,
		.destroy = cd_destroy,
};

struct vhc_engine *
vhc_engine_cryptodev_create_flags(
		uint8_t dev_id, uint16_t nb_queues, uint32_t max_sessions, unsigned int flags)
{
	struct rte_cryptodev_info info;
	struct vhc_cd_engine *e;
	uint16_t i;
	int ret;

	if (rte_cryptodev_is_valid_dev(dev_id) == 0 || nb_queues == 0 || max_sessions == 0 ||
			max_sessions > UINT32_MAX / (SESSIONS_EACH + 1)) {
		ENGINE_LOG(ERR, "no cryptodev %u, or one without queues or sessions", dev_id);
		errno = EINVAL;
		return NULL;
	}
	rte_cryptodev_info_get(dev_id, &info);
	if ((info.feature_flags & RTE_CRYPTODEV_FF_SYMMETRIC_CRYPTO) == 0 ||
			info.max_nb_queue_pairs < nb_queues) {
		ENGINE_LOG(ERR, "%s has %u queue pairs for symmetric crypto and needs %u",
				rte_cryptodev_name_get(dev_id),
				(info.feature_flags & RTE_CRYPTODEV_FF_SYMMETRIC_CRYPTO) != 0 ?
				info.max_nb_queue_pairs : 0, nb_queues);
		errno = ENOTSUP;
		return NULL;
	}
	e = rte_zmalloc("vhc_engine", sizeof(*e) + nb_queues * sizeof(e->queue[0]),
			RTE_CACHE_LINE_SIZE);
	if (e == NULL) {
		ENGINE_LOG(ERR, "no memory for an engine over %s", rte_cryptodev_name_get(dev_id));
		errno = ENOMEM;
		return NULL;
	}
	e->base.ops = &cd_ops;
	e->dev_id = dev_id;
	e->nb_queues = nb_queues;
	e->bounce = (info.feature_flags & RTE_CRYPTODEV_FF_HW_ACCELERATED) != 0 ||
			(flags & VHC_CD_FORCE_BOUNCE) != 0;
	e->oop = (info.feature_flags & RTE_CRYPTODEV_FF_OOP_LB_IN_LB_OUT) != 0 &&
			(flags & VHC_CD_FORCE_IN_PLACE) == 0;
	snprintf(e->name, sizeof(e->name), "%s", rte_cryptodev_name_get(dev_id));
	pthread_mutex_init(&e->lock, NULL);
	for (i = 0; i < nb_queues; i++) {
		e->queue[i].done_last = &e->queue[i].done;
		e->queue[i].second_last = &e->queue[i].second;
	}
	find_out_caps(e);
	ret = start(e, max_sessions);
	if (ret != 0) {
		cd_destroy(&e->base);
		errno = -ret;
		return NULL;
	}
	return &e->base;
}

struct vhc_engine *
vhc_engine_cryptodev_create(uint8_t dev_id, uint16_t nb_queues, uint32_t max_sessions)
{
	return vhc_engine_cryptodev_create_flags(dev_id, nb_queues, max_sessions, 0);
}
