/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/crypto.h>

#include <rte_byteorder.h>
#include <rte_common.h>
#include <rte_random.h>
#include <rte_rcu_qsbr.h>

#include "device.h"
#include "request_fields.h"
#include "virtio_crypto_wire.h"
#include "virtio_crypto_wire_asym.h"

#define NONE UINT32_MAX
/* How long a request for a session waits for data threads to pass a quiescent state. */
#define NAP_US 50
#define MAX_NAPS 4000
#define FEATURE(bit) (UINT64_C(1) << (bit))

struct vhc_device {
	struct vhc_device_head head; /* first */
	struct vhc_engine *engine;
	struct vhc_engine_caps caps;
	struct vhc_device_cfg cfg;
	uint32_t nb_sessions; /* atomic: alive */
	uint32_t nb_dying;
	struct vhc_session *dying; /* by their next, the one that was destroyed first first */
	struct vhc_session **dying_last;
	uint32_t first_free;       /* in slot[], NONE if full */
	struct vhc_device_slot slot[]; /* cfg.max_sessions */
};

static uint32_t
min_u32(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

static uint32_t
services_of(const struct vhc_engine_caps *caps)
{
	uint32_t services = 0;

	if (caps->cipher_algo != 0)
		services |= 1u << VIRTIO_CRYPTO_SERVICE_CIPHER;
	if (caps->hash_algo != 0)
		services |= 1u << VIRTIO_CRYPTO_SERVICE_HASH;
	if (caps->mac_algo != 0)
		services |= 1u << VIRTIO_CRYPTO_SERVICE_MAC;
	if (caps->aead_algo != 0)
		services |= 1u << VIRTIO_CRYPTO_SERVICE_AEAD;
	if (caps->akcipher_algo != 0)
		services |= 1u << VIRTIO_CRYPTO_SERVICE_AKCIPHER;
	return services;
}

struct vhc_device *
vhc_device_create(const struct vhc_device_cfg *cfg, struct vhc_engine *engine)
{
	struct vhc_device_cfg c = *cfg;
	struct vhc_engine_caps caps;
	struct vhc_device *d;
	uint32_t i;

	engine->ops->caps(engine, &caps);
	if (c.nb_data_queues == 0)
		c.nb_data_queues = 1;
	if (c.max_sessions == 0)
		c.max_sessions = 256;
	if (c.max_cipher_key_len == 0)
		c.max_cipher_key_len = 64;
	if (c.max_auth_key_len == 0)
		c.max_auth_key_len = 512;
	if (c.max_size == 0)
		c.max_size = 1 << 20;
	if (c.max_sessions > VHC_MAX_SESSIONS || c.max_size > VHC_MAX_SIZE) {
		errno = EINVAL;
		return NULL;
	}
	c.max_cipher_key_len = min_u32(
			min_u32(c.max_cipher_key_len, caps.max_cipher_key_len), VHC_KEY_MAX_LEN);
	c.max_auth_key_len = min_u32(
			min_u32(c.max_auth_key_len, caps.max_auth_key_len), VHC_KEY_MAX_LEN);

	d = calloc(1, sizeof(*d) + (size_t)c.max_sessions * sizeof(d->slot[0]));
	if (d == NULL) {
		errno = ENOMEM;
		return NULL;
	}
	d->engine = engine;
	d->caps = caps;
	d->head.slot = d->slot;
	d->head.nb_slots = c.max_sessions;
	d->head.max_size = c.max_size;
	d->head.services = services_of(&caps);
	d->head.sgl = caps.sgl;
	d->cfg = c;
	d->dying_last = &d->dying;
	d->first_free = NONE;
	for (i = c.max_sessions; i-- != 0;) {
		/*
		 * No number is 0, or fits 32 bits; and none of an earlier process, which a driver
		 * may still have, is likely to name a session of this one.
		 */
		d->slot[i].generation = (uint32_t)rte_rand_max(UINT32_MAX - 1) + 1;
		d->slot[i].next_free = d->first_free;
		d->first_free = i;
	}
	return d;
}

static void
free_session(struct vhc_device *d, struct vhc_session *s)
{
	vhc_device_fini_session(d, s);
	free(s);
}

/* From here on the number finds nothing. */
static void
kill_session(struct vhc_device *d, uint32_t index)
{
	struct vhc_device_slot *slot = &d->slot[index];
	struct vhc_session *s = slot->session;

	/*
	 * Orders nothing before it: who loads the slot from now on sees NULL, who has loaded it
	 * before is waited for with the token.
	 */
	__atomic_store_n(&slot->session, NULL, __ATOMIC_RELEASE);
	if (++slot->generation == 0)
		slot->generation = 1; /* 0 stays unused */
	slot->next_free = d->first_free;
	d->first_free = index;
	__atomic_fetch_sub(&d->nb_sessions, 1, __ATOMIC_RELAXED);

	if (d->cfg.qsbr != NULL)
		s->token = rte_rcu_qsbr_start(d->cfg.qsbr);
	s->next = NULL;
	*d->dying_last = s;
	d->dying_last = &s->next;
	d->nb_dying++;
}

/* Whether data threads may still take hold of a session that is dying, or of those after it. */
static bool
is_near(const struct vhc_device *d, const struct vhc_session *s)
{
	return d->cfg.qsbr != NULL && rte_rcu_qsbr_check(d->cfg.qsbr, s->token, false) != 1;
}

uint32_t
vhc_device_reap(struct vhc_device *d)
{
	struct vhc_session **link = &d->dying, *s;

	/* Before data threads have passed the quiescent state their counts say nothing. */
	while ((s = *link) != NULL && !is_near(d, s)) {
		/*
		 * Pairs with the release of vhc_device_release_session(): what was done with the
		 * session comes before it is freed.
		 */
		if (__atomic_load_n(&s->inflight, __ATOMIC_ACQUIRE) != 0) {
			link = &s->next;
			continue;
		}
		*link = s->next;
		if (s->next == NULL)
			d->dying_last = link;
		d->nb_dying--;
		free_session(d, s);
	}
	return d->nb_dying;
}

void
vhc_device_reset(struct vhc_device *d)
{
	uint32_t i;

	for (i = 0; i < d->cfg.max_sessions; i++) {
		if (d->slot[i].session != NULL)
			kill_session(d, i);
	}
	__atomic_store_n(&d->head.features, 0, __ATOMIC_RELAXED);
	vhc_device_reap(d);
}

void
vhc_device_destroy(struct vhc_device *d)
{
	struct vhc_session *s;

	if (d == NULL)
		return;
	vhc_device_reset(d);
	/* Nobody is near any more, whatever the quiescent states say. */
	while ((s = d->dying) != NULL) {
		d->dying = s->next;
		free_session(d, s);
	}
	free(d);
}

void
vhc_device_config(const struct vhc_device *d, struct virtio_crypto_config *config)
{
	const struct vhc_engine_caps *caps = &d->caps;
	const uint64_t mac_algo = caps->mac_algo | caps->chain_mac_algo;

	/*
	 * The masks of hashes and MACs are also those of chains: what can be done only in chains is
	 * in the mask, while the service bit stays clear.
	 * [virtio 5.9.5.1: MUST set crypto_services and algorithm masks to what is offered]
	 */
	memset(config, 0, sizeof(*config));
	config->status = rte_cpu_to_le_32(VIRTIO_CRYPTO_S_HW_READY);
	config->max_dataqueues = rte_cpu_to_le_32(d->cfg.nb_data_queues);
	config->crypto_services = rte_cpu_to_le_32(d->head.services);
	config->cipher_algo_l = rte_cpu_to_le_32((uint32_t)caps->cipher_algo);
	config->cipher_algo_h = rte_cpu_to_le_32((uint32_t)(caps->cipher_algo >> 32));
	config->hash_algo = rte_cpu_to_le_32(caps->hash_algo | caps->chain_hash_algo);
	config->mac_algo_l = rte_cpu_to_le_32((uint32_t)mac_algo);
	config->mac_algo_h = rte_cpu_to_le_32((uint32_t)(mac_algo >> 32));
	config->aead_algo = rte_cpu_to_le_32(caps->aead_algo);
	config->max_cipher_key_len = rte_cpu_to_le_32(d->cfg.max_cipher_key_len);
	config->max_auth_key_len = rte_cpu_to_le_32(d->cfg.max_auth_key_len);
	config->akcipher_algo = rte_cpu_to_le_32(caps->akcipher_algo);
	config->max_size = rte_cpu_to_le_64(d->cfg.max_size);
}

/* Stateless mode of a service: bits 1 to 5 stand in the order of the services. [virtio 5.9.3] */
static uint64_t
stateless_bit(uint8_t service)
{
	return FEATURE(VIRTIO_CRYPTO_F_CIPHER_STATELESS_MODE + service);
}

uint64_t
vhc_device_features(const struct vhc_device *d)
{
	uint64_t features = FEATURE(VIRTIO_CRYPTO_F_REVISION_1);
	uint8_t service;

	for (service = 0; d->cfg.stateless && service <= VIRTIO_CRYPTO_SERVICE_AKCIPHER;
			service++) {
		if (vhc_device_has_service(d, service))
			features |= stateless_bit(service);
	}
	return features;
}

void
vhc_device_set_features(struct vhc_device *d, uint64_t features)
{
	features &= vhc_device_features(d);
	/* [virtio 5.9.3.1: each requires REVISION_1] */
	if ((features & FEATURE(VIRTIO_CRYPTO_F_REVISION_1)) == 0)
		features = 0;
	__atomic_store_n(&d->head.features, features, __ATOMIC_RELAXED);
}

uint32_t
vhc_device_max_cipher_key_len(const struct vhc_device *d)
{
	return d->cfg.max_cipher_key_len;
}

uint32_t
vhc_device_max_auth_key_len(const struct vhc_device *d)
{
	return d->cfg.max_auth_key_len;
}

uint32_t
vhc_device_nb_sessions(const struct vhc_device *d)
{
	return __atomic_load_n(&d->nb_sessions, __ATOMIC_RELAXED);
}

struct vhc_engine *
vhc_device_engine(const struct vhc_device *d)
{
	return d->engine;
}

/*
 * Whether one more session may be made. Sessions that are alive and dying together are limited,
 * so that none can be piled up. A driver that makes and frees them without a pause waits here for
 * data threads that have lost their processor; it cannot hold them up itself, and what its own
 * requests hold is not waited for.
 */
static bool
has_room(struct vhc_device *d)
{
	const struct timespec nap = {.tv_nsec = NAP_US * 1000};
	const uint32_t most = min_u32(d->cfg.max_sessions, VHC_DEVICE_DYING);
	unsigned int naps;

	if (d->first_free == NONE)
		return false;
	if (d->nb_dying < most || vhc_device_reap(d) < most)
		return true;
	for (naps = 0; naps < MAX_NAPS && vhc_device_reap(d) >= most; naps++) {
		/* The last one is the last to be let go. */
		if (!is_near(d, RTE_PTR_SUB(d->dying_last, offsetof(struct vhc_session, next))))
			break;
		nanosleep(&nap, NULL);
	}
	return d->nb_dying < d->cfg.max_sessions;
}

/* Publish a session in a free slot. */
static void
add_session(struct vhc_device *d, struct vhc_session *s)
{
	const uint32_t index = d->first_free;
	struct vhc_device_slot *slot = &d->slot[index];

	d->first_free = slot->next_free;
	s->id = (uint64_t)slot->generation << 32 | index;
	__atomic_fetch_add(&d->nb_sessions, 1, __ATOMIC_RELAXED);
	/* Pairs with the acquire of vhc_device_get_session(). */
	__atomic_store_n(&slot->session, s, __ATOMIC_RELEASE);
}

static uint32_t
status_of(const struct vhc_device *d, int err)
{
	switch (err) {
	case 0:
		return VIRTIO_CRYPTO_OK;
	case -ENOTSUP:
		return VIRTIO_CRYPTO_NOTSUPP;
	case -ENOSPC:
		/* [virtio 5.9.9.2.1.7: NOSPC only if REVISION_1 is negotiated] */
		return vhc_device_revision_1(d) ? VIRTIO_CRYPTO_NOSPC : VIRTIO_CRYPTO_ERR;
	default:
		return VIRTIO_CRYPTO_ERR;
	}
}

static int
check_params(const struct vhc_device *d, const struct vhc_sym_params *p)
{
	if (p->key_len > d->cfg.max_cipher_key_len || p->auth_key_len > d->cfg.max_auth_key_len)
		return -EINVAL;
	return d->engine->ops->check(d->engine, p);
}

int
vhc_device_init_session(struct vhc_device *d, uint8_t service, const struct vhc_sym_params *p,
		struct vhc_session *s)
{
	const int iv_len = check_params(d, p);

	if (iv_len < 0)
		return iv_len;
	memset(s, 0, sizeof(*s));
	s->service = service;
	s->kind = (uint8_t)p->kind;
	s->encrypt = p->encrypt;
	s->iv_len = (uint8_t)iv_len;
	s->digest_len = p->kind == VHC_SYM_CIPHER ? 0 : (uint8_t)p->digest_len;
	return d->engine->ops->session_create(d->engine, p, &s->engine_session);
}

int
vhc_device_init_asym_session(struct vhc_device *d, const struct vhc_asym_params *p,
		struct vhc_session *s)
{
	if (d->engine->ops->asym_create == NULL)
		return -ENOTSUP;
	memset(s, 0, sizeof(*s));
	s->service = VIRTIO_CRYPTO_SERVICE_AKCIPHER;
	return d->engine->ops->asym_create(d->engine, p, &s->engine_session);
}

void
vhc_device_fini_session(struct vhc_device *d, struct vhc_session *s)
{
	d->engine->ops->session_destroy(d->engine, s->engine_session);
	s->engine_session = NULL;
}

/* Encryption or decryption. @return a status. */
static uint32_t
parse_direction(rte_le32_t direction, struct vhc_sym_params *p)
{
	const uint32_t op = rte_le_to_cpu_32(direction);

	p->encrypt = op == VIRTIO_CRYPTO_OP_ENCRYPT;
	return p->encrypt || op == VIRTIO_CRYPTO_OP_DECRYPT ? VIRTIO_CRYPTO_OK : VIRTIO_CRYPTO_ERR;
}

/* Parameters of a chain session beside the cipher. @return a status. */
static uint32_t
parse_chain(const struct virtio_crypto_chain_session_para *para, struct vhc_sym_params *p)
{
	const uint32_t order = rte_le_to_cpu_32(para->alg_chain_order);

	p->kind = VHC_SYM_CHAIN;
	if (order != VIRTIO_CRYPTO_SYM_ALG_CHAIN_ORDER_HASH_THEN_CIPHER &&
			order != VIRTIO_CRYPTO_SYM_ALG_CHAIN_ORDER_CIPHER_THEN_HASH)
		return VIRTIO_CRYPTO_ERR;
	p->hash_first = order == VIRTIO_CRYPTO_SYM_ALG_CHAIN_ORDER_HASH_THEN_CIPHER;

	switch (rte_le_to_cpu_32(para->hash_mode)) {
	case VIRTIO_CRYPTO_SYM_HASH_MODE_PLAIN:
		p->auth_algo = rte_le_to_cpu_32(para->hash.algo);
		p->digest_len = rte_le_to_cpu_32(para->hash.hash_result_len);
		break;
	case VIRTIO_CRYPTO_SYM_HASH_MODE_AUTH:
		p->mac = true;
		p->auth_algo = rte_le_to_cpu_32(para->mac.algo);
		p->digest_len = rte_le_to_cpu_32(para->mac.hash_result_len);
		p->auth_key_len = rte_le_to_cpu_32(para->mac.auth_key_len);
		break;
	default: /* NESTED has no parameters anywhere in the specification. */
		return VIRTIO_CRYPTO_NOTSUPP;
	}
	/* Additional data has no meaning in a chain of cipher and hash. */
	return para->aad_len == 0 ? VIRTIO_CRYPTO_OK : VIRTIO_CRYPTO_NOTSUPP;
}

static uint32_t
parse_sym(const struct virtio_crypto_sym_create_session_req *req, struct vhc_sym_params *p)
{
	const struct virtio_crypto_cipher_session_para *cipher = &req->cipher;
	uint32_t status;

	switch (rte_le_to_cpu_32(req->op_type)) {
	case VIRTIO_CRYPTO_SYM_OP_CIPHER:
		p->kind = VHC_SYM_CIPHER;
		break;
	case VIRTIO_CRYPTO_SYM_OP_ALGORITHM_CHAINING:
		cipher = &req->chain.cipher;
		status = parse_chain(&req->chain, p);
		if (status != VIRTIO_CRYPTO_OK)
			return status;
		break;
	default:
		return VIRTIO_CRYPTO_NOTSUPP;
	}
	p->cipher_algo = rte_le_to_cpu_32(cipher->algo);
	p->key_len = rte_le_to_cpu_32(cipher->key_len);
	return parse_direction(cipher->op, p);
}

/* The fixed part of each create request, as it lies in the chain. */
union create_req {
	struct virtio_crypto_sym_create_session_req sym;
	struct virtio_crypto_hash_create_session_req hash;
	struct virtio_crypto_mac_create_session_req mac;
	struct virtio_crypto_aead_create_session_req aead;
	uint8_t bytes[VIRTIO_CRYPTO_CTRL_REQ_LEN];
};

/* [virtio 5.9.9.2.1.7: MUST choose the structure by the opcode] @return a status. */
static uint32_t
parse_create(const union create_req *req, uint8_t service, struct vhc_sym_params *p)
{
	switch (service) {
	case VIRTIO_CRYPTO_SERVICE_CIPHER:
		return parse_sym(&req->sym, p);
	case VIRTIO_CRYPTO_SERVICE_HASH:
		p->kind = VHC_SYM_HASH;
		p->auth_algo = rte_le_to_cpu_32(req->hash.algo);
		p->digest_len = rte_le_to_cpu_32(req->hash.hash_result_len);
		return VIRTIO_CRYPTO_OK;
	case VIRTIO_CRYPTO_SERVICE_MAC:
		p->kind = VHC_SYM_MAC;
		p->mac = true;
		p->auth_algo = rte_le_to_cpu_32(req->mac.para.algo);
		p->digest_len = rte_le_to_cpu_32(req->mac.para.hash_result_len);
		p->auth_key_len = rte_le_to_cpu_32(req->mac.para.auth_key_len);
		return VIRTIO_CRYPTO_OK;
	case VIRTIO_CRYPTO_SERVICE_AEAD:
		p->kind = VHC_SYM_AEAD;
		p->aead_algo = rte_le_to_cpu_32(req->aead.algo);
		p->key_len = rte_le_to_cpu_32(req->aead.key_len);
		p->digest_len = rte_le_to_cpu_32(req->aead.tag_len);
		p->aad_len = rte_le_to_cpu_32(req->aead.aad_len);
		return parse_direction(req->aead.op, p);
	default:
		return VIRTIO_CRYPTO_NOTSUPP;
	}
}

/* Bytes of the fixed part: padded to one length unless REVISION_1 is negotiated. */
static size_t
create_len(const struct vhc_device *d, uint8_t service)
{
	if (vhc_device_revision_1(d)) {
		switch (service) {
		case VIRTIO_CRYPTO_SERVICE_HASH:
			return sizeof(struct virtio_crypto_hash_create_session_req);
		case VIRTIO_CRYPTO_SERVICE_MAC:
			return sizeof(struct virtio_crypto_mac_create_session_req);
		case VIRTIO_CRYPTO_SERVICE_AEAD:
			return sizeof(struct virtio_crypto_aead_create_session_req);
		}
	}
	return VIRTIO_CRYPTO_CTRL_REQ_LEN;
}

/* @return a status; *id is valid if it is OK. */
static uint32_t
create_session(struct vhc_device *d, const struct vhc_chain *c, uint8_t service, uint64_t *id)
{
	const size_t len = create_len(d, service);
	uint8_t keys[2 * VHC_KEY_MAX_LEN];
	struct vhc_sym_params p = {0};
	struct vhc_session *s;
	union create_req req;
	struct vhc_cursor cur;
	uint32_t status;
	int ret;

	if (!vhc_device_has_service(d, service))
		return VIRTIO_CRYPTO_NOTSUPP;
	vhc_cursor_init(&cur, c->in, c->nb_in);
	if (vhc_cursor_read(&cur, &req, len) != len)
		return VIRTIO_CRYPTO_ERR;
	status = parse_create(&req, service, &p);
	if (status != VIRTIO_CRYPTO_OK)
		return status;
	ret = check_params(d, &p);
	if (ret < 0)
		return status_of(d, ret);
	if (!has_room(d))
		return status_of(d, -ENOSPC);
	s = malloc(sizeof(*s));
	if (s == NULL)
		return status_of(d, -ENOMEM);

	/* Both lengths were checked against limits that are at most VHC_KEY_MAX_LEN. */
	p.key = keys;
	p.auth_key = keys + p.key_len;
	ret = -EINVAL;
	if (vhc_cursor_read(&cur, keys, p.key_len + p.auth_key_len) == p.key_len + p.auth_key_len)
		ret = vhc_device_init_session(d, service, &p, s);
	OPENSSL_cleanse(keys, sizeof(keys));
	if (ret != 0) {
		free(s);
		return status_of(d, ret);
	}
	add_session(d, s);
	*id = s->id;
	return VIRTIO_CRYPTO_OK;
}

/* [virtio 5.9.9.2.1.5] @return a status; *id is valid if it is OK. */
static uint32_t
create_asym_session(struct vhc_device *d, const struct vhc_chain *c, uint64_t *id)
{
	struct virtio_crypto_akcipher_create_session_req req;
	uint8_t key[VHC_ASYM_KEY_MAX_LEN];
	struct vhc_asym_params p;
	struct vhc_session *s;
	struct vhc_cursor cur;
	int ret;

	if (!vhc_device_has_service(d, VIRTIO_CRYPTO_SERVICE_AKCIPHER))
		return VIRTIO_CRYPTO_NOTSUPP;
	vhc_cursor_init(&cur, c->in, c->nb_in);
	if (vhc_cursor_read(&cur, &req, sizeof(req)) != sizeof(req))
		return VIRTIO_CRYPTO_ERR;
	ret = vhc_fields_of_asym(req.algo, req.key_type, req.key_len, &req.rsa, &p);
	p.owner = d;
	if (ret == 0)
		ret = d->engine->ops->asym_check(d->engine, &p);
	if (ret == 0 && p.key_len > sizeof(key))
		ret = -EINVAL;
	if (ret == 0 && !has_room(d))
		ret = -ENOSPC;
	if (ret != 0)
		return status_of(d, ret);
	s = malloc(sizeof(*s));
	if (s == NULL)
		return status_of(d, -ENOMEM);
	p.key = key;
	ret = -EINVAL;
	if (vhc_cursor_read(&cur, key, p.key_len) == p.key_len)
		ret = vhc_device_init_asym_session(d, &p, s);
	OPENSSL_cleanse(key, sizeof(key));
	if (ret != 0) {
		free(s);
		return status_of(d, ret);
	}
	add_session(d, s);
	*id = s->id;
	return VIRTIO_CRYPTO_OK;
}

static uint32_t
destroy_session(struct vhc_device *d, const struct vhc_chain *c, uint8_t service)
{
	struct virtio_crypto_destroy_session_req req;
	/* Padded unless REVISION_1 is negotiated. [virtio 5.9.9.2.1.8] */
	size_t len = vhc_device_revision_1(d) ? VIRTIO_CRYPTO_DESTROY_REQ_LEN_REVISION_1
					      : sizeof(req);
	const struct vhc_session *s;
	struct vhc_cursor cur;
	uint64_t id;

	vhc_cursor_init(&cur, c->in, c->nb_in);
	if (vhc_cursor_read(&cur, &req, len) != len)
		return VIRTIO_CRYPTO_ERR;
	id = rte_le_to_cpu_64(req.session_id);
	s = (uint32_t)id < d->cfg.max_sessions ? d->slot[(uint32_t)id].session : NULL;
	/* [virtio 5.9.9.2.1.9: status is OK or ERR] */
	if (s == NULL || s->id != id || s->service != service)
		return VIRTIO_CRYPTO_ERR;
	kill_session(d, (uint32_t)id);
	return VIRTIO_CRYPTO_OK;
}

static uint32_t
write_outcome(const struct vhc_chain *c, const void *outcome, size_t len)
{
	struct vhc_cursor cur;

	vhc_cursor_init(&cur, c->out, c->nb_out);
	return (uint32_t)vhc_cursor_write(&cur, outcome, len);
}

uint32_t
vhc_device_ctrl(struct vhc_device *d, const struct vhc_desc *desc, uint16_t nb)
{
	struct virtio_crypto_create_session_resp resp = {0};
	struct virtio_crypto_ctrl_header header;
	uint32_t opcode, status;
	struct vhc_cursor cur;
	struct vhc_chain c;
	bool ordered;
	uint64_t id = 0;
	uint8_t byte;

	ordered = vhc_chain_split(&c, desc, nb) == 0;
	vhc_cursor_init(&cur, c.in, c.nb_in);
	if (c.out_len == 0)
		return 0; /* Nowhere to answer, so nothing is done either. */
	if (!ordered || vhc_cursor_read(&cur, &header, sizeof(header)) != sizeof(header)) {
		status = VIRTIO_CRYPTO_ERR;
		goto answer;
	}

	opcode = rte_le_to_cpu_32(header.opcode);
	switch (opcode) {
	case VIRTIO_CRYPTO_CIPHER_CREATE_SESSION:
	case VIRTIO_CRYPTO_HASH_CREATE_SESSION:
	case VIRTIO_CRYPTO_MAC_CREATE_SESSION:
	case VIRTIO_CRYPTO_AEAD_CREATE_SESSION:
		/* A session whose number cannot be told would be lost. */
		status = c.out_len >= sizeof(resp)
				? create_session(d, &c, (uint8_t)(opcode >> 8), &id)
				: VIRTIO_CRYPTO_ERR;
		break;
	case VIRTIO_CRYPTO_AKCIPHER_CREATE_SESSION:
		status = c.out_len >= sizeof(resp) ? create_asym_session(d, &c, &id)
						   : VIRTIO_CRYPTO_ERR;
		break;
	case VIRTIO_CRYPTO_CIPHER_DESTROY_SESSION:
	case VIRTIO_CRYPTO_HASH_DESTROY_SESSION:
	case VIRTIO_CRYPTO_MAC_DESTROY_SESSION:
	case VIRTIO_CRYPTO_AEAD_DESTROY_SESSION:
	case VIRTIO_CRYPTO_AKCIPHER_DESTROY_SESSION:
		byte = (uint8_t)destroy_session(d, &c, (uint8_t)(opcode >> 8));
		return write_outcome(&c, &byte, sizeof(byte));
	default: /* Services that are not offered. */
		status = VIRTIO_CRYPTO_NOTSUPP;
		break;
	}
answer:
	if (c.out_len < sizeof(resp)) {
		byte = (uint8_t)status;
		return write_outcome(&c, &byte, sizeof(byte));
	}
	resp.session_id = rte_cpu_to_le_64(id);
	resp.status = rte_cpu_to_le_32(status);
	return write_outcome(&c, &resp, sizeof(resp));
}
