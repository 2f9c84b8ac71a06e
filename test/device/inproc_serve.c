/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * What happens to the requests of the in-process device: the back end answers
 * them, and the faults that are switched on spoil the answer.
 */

#include <errno.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "inproc_int.h"

/* Offsets in control requests and replies [virtio 5.9.7.2, 5.9.9.2.1] */
#define CTRL_OPCODE 0
#define CTRL_RESERVED 12
#define CTRL_HEADER 16
#define CTRL_REPLY 16
#define CTRL_REPLY_STATUS 8
#define OPCODE_CIPHER_CREATE 0x0002
#define OPCODE_AKCIPHER_CREATE 0x0404
#define STATUS_ERR 1

static uint32_t
get_le32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* ---- engines that do less than libcrypto's; one does what QEMU's built-in device does ---- */

struct filter {
	struct vhc_engine base;
	struct vhc_engine *inner;
};

#define CIPHER_BIT(name) (UINT64_C(1) << VIRTIO_CRYPTO_CIPHER_##name)
#define FILTER_CIPHERS \
	(CIPHER_BIT(AES_ECB) | CIPHER_BIT(AES_CBC) | CIPHER_BIT(AES_CTR) | CIPHER_BIT(AES_XTS) | \
			CIPHER_BIT(3DES_ECB) | CIPHER_BIT(3DES_CBC) | CIPHER_BIT(3DES_CTR))

static struct vhc_engine *
inner_of(const struct vhc_engine *e)
{
	return ((const struct filter *)e)->inner;
}

static void
filter_caps(const struct vhc_engine *e, struct vhc_engine_caps *caps)
{
	inner_of(e)->ops->caps(inner_of(e), caps);
	/* Advertises less than it does, and services that it does not do at all. */
	caps->cipher_algo = CIPHER_BIT(AES_CBC);
	caps->hash_algo = caps->chain_hash_algo = UINT32_C(1) << VIRTIO_CRYPTO_HASH_SHA1;
	caps->mac_algo = caps->chain_mac_algo = 0;
	caps->aead_algo = 0;
}

static int
filter_check(const struct vhc_engine *e, const struct vhc_sym_params *p)
{
	if (p->kind != VHC_SYM_CIPHER && p->kind != VHC_SYM_CHAIN)
		return -ENOTSUP;
	if (p->kind == VHC_SYM_CHAIN || p->cipher_algo > 63 ||
			!(FILTER_CIPHERS >> p->cipher_algo & 1))
		return -EINVAL;
	return inner_of(e)->ops->check(inner_of(e), p);
}

static int
filter_session_create(struct vhc_engine *e, const struct vhc_sym_params *p, void **session)
{
	int ret = e->ops->check(e, p);

	return ret < 0 ? ret : inner_of(e)->ops->session_create(inner_of(e), p, session);
}

static void
filter_session_destroy(struct vhc_engine *e, void *session)
{
	inner_of(e)->ops->session_destroy(inner_of(e), session);
}

static const char *
filter_session_engine(const struct vhc_engine *e, const void *session)
{
	return inner_of(e)->ops->session_engine(inner_of(e), session);
}

static uint16_t
filter_enqueue(struct vhc_engine *e, uint16_t queue, struct vhc_engine_op **ops, uint16_t nb)
{
	return inner_of(e)->ops->enqueue(inner_of(e), queue, ops, nb);
}

static uint16_t
filter_dequeue(struct vhc_engine *e, uint16_t queue, struct vhc_engine_op **ops, uint16_t nb)
{
	return inner_of(e)->ops->dequeue(inner_of(e), queue, ops, nb);
}

static void
filter_destroy(struct vhc_engine *e)
{
	free(e);
}

static void
no_f9_caps(const struct vhc_engine *e, struct vhc_engine_caps *caps)
{
	inner_of(e)->ops->caps(inner_of(e), caps);
	caps->mac_algo &= ~(UINT64_C(1) << VIRTIO_CRYPTO_MAC_KASUMI_F9);
	caps->chain_mac_algo &= ~(UINT64_C(1) << VIRTIO_CRYPTO_MAC_KASUMI_F9);
}

static int
no_f9_check(const struct vhc_engine *e, const struct vhc_sym_params *p)
{
	if (p->mac && p->auth_algo == VIRTIO_CRYPTO_MAC_KASUMI_F9)
		return -ENOTSUP;
	return inner_of(e)->ops->check(inner_of(e), p);
}

static const struct vhc_engine_ops no_f9_ops = {
		.name = "no_f9",
		.caps = no_f9_caps,
		.check = no_f9_check,
		.session_create = filter_session_create,
		.session_destroy = filter_session_destroy,
		.session_engine = filter_session_engine,
		.enqueue = filter_enqueue,
		.dequeue = filter_dequeue,
		.destroy = filter_destroy,
};

static const struct vhc_engine_ops filter_ops = {
		.name = "cipher_only",
		.caps = filter_caps,
		.check = filter_check,
		.session_create = filter_session_create,
		.session_destroy = filter_session_destroy,
		.session_engine = filter_session_engine,
		.enqueue = filter_enqueue,
		.dequeue = filter_dequeue,
		.destroy = filter_destroy,
};

static struct vhc_engine *
filter_create(struct vhc_engine *inner, const struct vhc_engine_ops *ops)
{
	struct filter *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return NULL;
	f->base.ops = ops;
	f->inner = inner;
	return &f->base;
}

/* What operations carry for the engine; it needs more than the symmetric engine alone. */
static int
create_privs(struct inproc *d)
{
	const size_t len = RTE_ALIGN_CEIL(d->engine->ops->op_priv_len, RTE_CACHE_LINE_SIZE);
	unsigned int i;

	if (len == 0)
		return 0;
	d->op_priv = aligned_alloc(RTE_CACHE_LINE_SIZE, len * INPROC_BATCH);
	if (d->op_priv == NULL)
		return -ENOMEM;
	memset(d->op_priv, 0, len * INPROC_BATCH);
	for (i = 0; i < INPROC_BATCH; i++)
		d->chain[i].req.op.priv = d->op_priv + i * len;
	return 0;
}

/* The back end's engines: symmetric, and asymmetric unless a filter stands before them. */
static struct vhc_engine *
create_engines(const struct inproc *d)
{
	const uint16_t nb_queues = d->cfg.nb_data_queues;
	struct vhc_engine *engines[2], *list = NULL;

	engines[0] = vhc_engine_libcrypto_create(nb_queues);
	if (engines[0] == NULL || d->cfg.engine == INPROC_ENGINE_CIPHER_ONLY ||
			d->cfg.engine == INPROC_ENGINE_NO_F9)
		return engines[0];
	engines[1] = vhc_engine_asym_create(nb_queues, 1);
	if (engines[1] != NULL)
		list = vhc_engine_list_create(engines, 2);
	if (list == NULL) {
		if (engines[1] != NULL)
			engines[1]->ops->destroy(engines[1]);
		engines[0]->ops->destroy(engines[0]);
	}
	return list;
}

int
inproc_serve_create(struct inproc *d)
{
	const struct vhc_device_cfg cfg = {
			.nb_data_queues = d->cfg.nb_data_queues,
			.max_sessions = d->cfg.max_sessions,
			.max_cipher_key_len = d->cfg.max_cipher_key_len,
			.max_auth_key_len = d->cfg.max_auth_key_len,
			.max_size = d->cfg.max_size,
			.stateless = true, /* as far as it is negotiated */
	};

	d->inner = create_engines(d);
	if (d->inner == NULL)
		return -errno;
	d->engine = d->inner;
	if (d->cfg.engine == INPROC_ENGINE_CIPHER_ONLY)
		d->engine = filter_create(d->inner, &filter_ops);
	else if (d->cfg.engine == INPROC_ENGINE_NO_F9)
		d->engine = filter_create(d->inner, &no_f9_ops);
	if (d->engine == NULL)
		return -ENOMEM;
	d->device = vhc_device_create(&cfg, d->engine);
	if (d->device == NULL)
		return -errno;
	if (create_privs(d) < 0)
		return -ENOMEM;
	d->request_ctx = vhc_request_ctx_create(d->device);
	return d->request_ctx != NULL ? 0 : -errno;
}

void
inproc_serve_destroy(struct inproc *d)
{
	vhc_request_ctx_destroy(d->request_ctx);
	vhc_device_destroy(d->device);
	if (d->engine != NULL && d->engine != d->inner)
		d->engine->ops->destroy(d->engine);
	if (d->inner != NULL)
		d->inner->ops->destroy(d->inner);
	free(d->op_priv);
	d->op_priv = NULL;
	d->request_ctx = NULL;
	d->device = NULL;
	d->engine = d->inner = NULL;
}

/* ---- requests ---- */

static size_t
record(struct inproc *d, const struct inproc_chain *c, uint8_t *buf)
{
	struct vhc_chain split;
	struct vhc_cursor cur;

	vhc_chain_split(&split, c->desc, c->nb);
	if (buf == d->last_request) {
		d->stats.last_readable = split.in_len;
		d->stats.last_writable = split.out_len;
	}
	vhc_cursor_init(&cur, split.in, split.nb_in);
	return vhc_cursor_read(&cur, buf, INPROC_LAST_MAX);
}

/* Whether the next request is to be spoilt. */
static bool
faulty(struct inproc *d)
{
	volatile unsigned int *nb = &d->faults.nb_faulty;

	if (*nb == 0)
		return false;
	if (*nb != UINT_MAX)
		(*nb)--;
	return true;
}

static void
run_engine(struct inproc *d, uint16_t queue, struct vhc_engine_op **ops, unsigned int nb)
{
	struct vhc_engine_op *done[INPROC_BATCH];
	unsigned int in = 0, out = 0;
	uint16_t n, i;

	while (out < nb) {
		in += d->engine->ops->enqueue(d->engine, queue, ops + in, (uint16_t)(nb - in));
		n = d->engine->ops->dequeue(d->engine, queue, done, INPROC_BATCH);
		for (i = 0; i < n; i++)
			vhc_request_finish((struct vhc_request *)done[i]);
		out += n;
		/* The asymmetric engine's thread may need this processor. */
		if (n == 0)
			sched_yield();
	}
}

/* Used entry of one answered chain, as the faults want it. */
static void
push(struct inproc_queue *q, const struct inproc_chain *c, bool spoil)
{
	const struct inproc_faults *f = &q->d->faults;
	const uint32_t len = spoil && f->lie_len ? f->used_len : c->used_len;

	if (c->drop || (spoil && f->drop))
		return;
	inproc_ring_release(q, c->head);
	if (spoil && f->bad_id)
		/* The right one for who looks at 16 bits, or at an index into the ring. */
		inproc_ring_push(q, UINT32_C(0x10000) + c->head, len);
	else if (spoil && f->stale_id)
		inproc_ring_push(q, inproc_ring_stale_id(q), len);
	else
		inproc_ring_push(q, c->head, len);
	if (spoil && f->double_use)
		inproc_ring_push(q, c->head, len);
}

static unsigned int
serve_data(struct inproc_queue *q, unsigned int max)
{
	struct vhc_engine_op *ops[INPROC_BATCH];
	const struct inproc_faults *f = &q->d->faults;
	bool spoil[INPROC_BATCH], any = false;
	struct inproc *d = q->d;
	struct inproc_chain *c;
	unsigned int n, i, k, nb_ops = 0;

	n = inproc_ring_take(q, d->chain, max < INPROC_BATCH ? max : INPROC_BATCH);
	if (n == 0)
		return 0;
	if (f->not_ready)
		inproc_rule(d, "queue %u: request while HW_READY is clear", q->index);
	for (i = 0; i < n; i++) {
		c = &d->chain[i];
		__atomic_fetch_add(&d->stats.requests, 1, __ATOMIC_RELAXED);
		spoil[i] = faulty(d);
		any |= spoil[i];
		if (c->broken)
			continue;
		d->last_request_len = record(d, c, d->last_request);
		if (spoil[i] && f->scribble_desc)
			inproc_ring_scribble(q, c);
		if (spoil[i] && (f->keep_status || f->drop))
			continue;
		if (spoil[i] && f->force_status) {
			c->used_len = vhc_request_refuse(c->desc, c->nb, f->data_status);
			continue;
		}
		if (vhc_request_begin(&c->req, d->request_ctx, c->desc, c->nb)) {
			if (spoil[i] && f->keep_digest) {
				/* Somewhere else, and not copied from there. */
				c->req.op.digest = c->req.digest;
				c->req.digest_len = 0;
			}
			ops[nb_ops++] = &c->req.op;
		}
	}
	run_engine(d, q->index, ops, nb_ops);
	for (i = 0; i < n; i++) {
		k = f->reverse ? n - 1 - i : i;
		c = &d->chain[k];
		if (!c->broken && !(spoil[k] && (f->keep_status || f->force_status || f->drop)))
			c->used_len = c->req.used_len;
		push(q, c, spoil[k]);
	}
	inproc_ring_publish(q, any ? (uint16_t)f->jump_used_idx : 0);
	return n;
}

/* A create reply with a status that the device made up. */
static uint32_t
reply(const struct inproc_chain *c, uint32_t status)
{
	uint8_t buf[CTRL_REPLY] = {0};
	struct vhc_chain split;
	struct vhc_cursor cur;

	buf[CTRL_REPLY_STATUS] = (uint8_t)status;
	buf[CTRL_REPLY_STATUS + 1] = (uint8_t)(status >> 8);
	buf[CTRL_REPLY_STATUS + 2] = (uint8_t)(status >> 16);
	buf[CTRL_REPLY_STATUS + 3] = (uint8_t)(status >> 24);
	vhc_chain_split(&split, c->desc, c->nb);
	vhc_cursor_init(&cur, split.out, split.nb_out);
	return (uint32_t)vhc_cursor_write(&cur, buf, sizeof(buf));
}

static unsigned int
serve_ctrl(struct inproc_queue *q)
{
	struct inproc *d = q->d;
	const struct inproc_faults *f = &d->faults;
	struct inproc_chain *c = &d->chain[0];
	bool create;

	if (inproc_ring_take(q, c, 1) == 0)
		return 0;
	d->stats.ctrl_requests++;
	if (f->not_ready)
		inproc_rule(d, "control request while HW_READY is clear");
	if (c->drop)
		return 1;
	if (!c->broken) {
		d->last_ctrl_len = record(d, c, d->last_ctrl);
		if (d->last_ctrl_len < CTRL_HEADER)
			inproc_rule(d, "control request of %zu bytes", d->last_ctrl_len);
		else if (get_le32(d->last_ctrl + CTRL_RESERVED) != 0)
			/* [virtio 5.9.9.2.1.6: the driver MUST zero it] */
			inproc_rule(d, "reserved field of a control request is not 0");
	}
	/* Taken and never answered: the driver's buffer stays with the device. */
	if (f->ctrl_silent)
		return 1;
	create = d->last_ctrl_len >= CTRL_HEADER &&
			(get_le32(d->last_ctrl + CTRL_OPCODE) == OPCODE_CIPHER_CREATE ||
			get_le32(d->last_ctrl + CTRL_OPCODE) == OPCODE_AKCIPHER_CREATE);
	if (!c->broken) {
		if (create && f->ctrl_status != 0)
			c->used_len = reply(c, f->ctrl_status);
		else if (create && f->ctrl_fail_after != 0 &&
				vhc_device_nb_sessions(d->device) >= f->ctrl_fail_after)
			c->used_len = reply(c, STATUS_ERR);
		else
			c->used_len = vhc_device_ctrl(d->device, c->desc, c->nb);
		vhc_request_ctx_idle(d->request_ctx);
		vhc_device_reap(d->device);
	}
	d->stats.sessions = vhc_device_nb_sessions(d->device);
	inproc_ring_release(q, c->head);
	inproc_ring_push(q, c->head, c->used_len);
	inproc_ring_publish(q, 0);
	return 1;
}

unsigned int
inproc_serve(struct inproc_queue *q, unsigned int max)
{
	unsigned int n, done;

	for (done = 0; done < max; done += n) {
		if (q->is_ctrl) {
			n = serve_ctrl(q);
		} else if (q->d->cfg.engine == INPROC_ENGINE_INSTANT) {
			n = inproc_ring_instant(q, max - done);
			__atomic_fetch_add(&q->d->stats.requests, n, __ATOMIC_RELAXED);
		} else {
			n = serve_data(q, max - done);
		}
		if (n == 0)
			break;
	}
	return done;
}
