/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Sessions: cryptodev ops, and the registry that a reset replays.
 *
 * May include: dev, features, caps, codec, ctrl, secret, log. Control threads only;
 * the registry is read and written under the device's lock.
 *
 * Invariants
 *  - a record holds the only lasting copy of the keys, or has them in memory of their own that
 *    stateless requests point to, and is wiped with it when freed;
 *  - a session and its record point to each other, until either goes: a session
 *    whose record is gone has no shape, so its ops are refused;
 *  - the session lives on the device if and only if the record says so for the
 *    present bring-up; one of NULL algorithms only never does.
 */

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/queue.h>

#include <rte_eal.h>
#include <rte_malloc.h>
#include <rte_memory.h>

#include "virtio_asym.h"
#include "virtio_caps.h"
#include "virtio_codec.h"
#include "virtio_codec_stateless.h"
#include "virtio_ctrl.h"
#include "virtio_dev.h"
#include "virtio_features.h"
#include "virtio_log.h"
#include "virtio_secret.h"
#include "virtio_session.h"
#include "virtio_wire.h"

struct vcrypto_session_rec {
	LIST_ENTRY(vcrypto_session_rec) next;
	struct vcrypto_session *sess; /* in the application's session object */
	uint64_t id; /* on the device; none of a session of NULL algorithms */
	uint32_t epoch; /* the bring-up in which it was made */
	bool made; /* ... and not destroyed since */
	uint8_t shape; /* what the template's shape is while the session lives */
	struct vcrypto_session_steps *steps; /* freed with the record */
	struct vcrypto_stateless *stateless; /* NULL: it is on the device; freed with the record */
	/* Last: allocated only as far as the keys go; not here those of stateless requests. */
	struct vcrypto_sym_create create;
};

/* An xform chain, taken apart. */
struct request {
	struct vcrypto_sym_chain xform;
	struct vcrypto_sym_algs alg;
	bool sessionless; /* of ops without a session */
};

static size_t
rec_len(const struct vcrypto_sym_create *create)
{
	return offsetof(struct vcrypto_session_rec, create.keys) + create->cipher_key_len +
		create->auth_key_len;
}

/* NULL algorithms only: the driver does these itself. */
static bool
is_null(const struct vcrypto_session_rec *rec)
{
	return rec->shape == VCRYPTO_SHAPE_NULL;
}

/* The count that a session is in. */
static uint64_t *
count_of(struct vcrypto_dev *dev, const struct vcrypto_session_rec *rec)
{
	const struct vcrypto_sym_create *const create = &rec->create;
	uint64_t *const counts = dev->counts.sessions;

	if (is_null(rec))
		return &counts[VCRYPTO_SESSION_NULL];
	switch (create->service) {
	case VIRTIO_CRYPTO_SERVICE_HASH:
		return &counts[VCRYPTO_SESSION_HASH];
	case VIRTIO_CRYPTO_SERVICE_MAC:
		return &counts[VCRYPTO_SESSION_MAC];
	case VIRTIO_CRYPTO_SERVICE_AEAD:
		return &counts[VCRYPTO_SESSION_AEAD];
	default:
		return rte_le_to_cpu_32(create->req.sym.op_type) ==
				VIRTIO_CRYPTO_SYM_OP_ALGORITHM_CHAINING ?
			&counts[VCRYPTO_SESSION_CHAIN] : &counts[VCRYPTO_SESSION_CIPHER];
	}
}

static bool
is_on_device(const struct vcrypto_dev *dev, const struct vcrypto_session_rec *rec)
{
	return rec->made && rec->epoch == dev->epoch && dev->hw_state != VCRYPTO_HW_DOWN;
}

/*
 * Whether the application's session object still belongs to this record. Not so where
 * the application freed or reused its memory without giving the session back: then it
 * must not be written, and it may not even be mapped any more.
 */
static bool
is_bound(const struct vcrypto_session_rec *rec)
{
	const struct rte_memseg *const ms = rte_mem_virt2memseg(rec->sess, NULL);

	if (ms != NULL && ms->addr == NULL)
		return false;
	return rec->sess->rec == rec;
}

/* Commands need the transport's and the ring's state, which is the primary process's. */
static bool
is_primary(const struct vcrypto_dev *dev, const char *what)
{
	if (rte_eal_process_type() == RTE_PROC_PRIMARY)
		return true;
	VCRYPTO_DEV_LOG(ERR, dev->name,
		"session: a secondary process cannot %s one; let the primary do it", what);
	return false;
}

unsigned int
vcrypto_session_size(struct rte_cryptodev *cdev)
{
	(void)cdev;
	return sizeof(struct vcrypto_session);
}

/* ---- what the application asks for ---- */

static int
no_number(const char *name, const char *kind, int algo)
{
	VCRYPTO_DEV_LOG(ERR, name, "session: %s algorithm %d has no number in virtio-crypto", kind,
		algo);
	return -ENOTSUP;
}

static int
take_apart(const char *name, const struct rte_crypto_sym_xform *xform, struct request *rq)
{
	const struct vcrypto_sym_chain *const x = &rq->xform;

	memset(rq, 0, sizeof(*rq));
	if (vcrypto_codec_sym_split(xform, &rq->xform) < 0) {
		VCRYPTO_DEV_LOG(ERR, name,
			"session: an xform of type %d cannot stand here; must be a cipher, a hash"
			" or MAC, both in either order, or an AEAD",
			x->odd != NULL ? (int)x->odd->type : -1);
		return -ENOTSUP;
	}
	if (x->cipher != NULL) {
		rq->alg.cipher = vcrypto_caps_find_cipher(x->cipher->algo);
		if (rq->alg.cipher == NULL)
			return no_number(name, "cipher", x->cipher->algo);
	}
	if (x->auth != NULL) {
		rq->alg.auth = vcrypto_caps_find_auth(x->auth->algo);
		if (rq->alg.auth == NULL)
			return no_number(name, "auth", x->auth->algo);
	}
	if (x->aead != NULL) {
		rq->alg.aead = vcrypto_caps_find_aead(x->aead->algo);
		if (rq->alg.aead == NULL)
			return no_number(name, "AEAD", x->aead->algo);
	}
	return 0;
}

static const struct rte_cryptodev_symmetric_capability *
find_cap(const struct vcrypto_dev *dev, enum rte_crypto_sym_xform_type type, int algo)
{
	const struct rte_cryptodev_capabilities *c;

	for (c = dev->caps; c != NULL && c->op != RTE_CRYPTO_OP_TYPE_UNDEFINED; c++) {
		if (c->op != RTE_CRYPTO_OP_TYPE_SYMMETRIC || c->sym.xform_type != type)
			continue;
		if (algo == (type == RTE_CRYPTO_SYM_XFORM_CIPHER ? (int)c->sym.cipher.algo :
				type == RTE_CRYPTO_SYM_XFORM_AUTH ? (int)c->sym.auth.algo :
				(int)c->sym.aead.algo))
			return &c->sym;
	}
	return NULL;
}

static int
check_len(const char *name, const char *alg, const char *what, uint16_t len,
		const struct rte_crypto_param_range *r)
{
	if (len >= r->min && len <= r->max &&
			(r->increment == 0 || (len - r->min) % r->increment == 0))
		return 0;
	if (r->min == r->max)
		VCRYPTO_DEV_LOG(ERR, name, "session: %s: %s of %u bytes, must be %u", alg, what,
			len, r->min);
	else
		VCRYPTO_DEV_LOG(ERR, name,
			"session: %s: %s of %u bytes, must be %u to %u in steps of %u", alg, what,
			len, r->min, r->max, r->increment);
	return -EINVAL;
}

static int
not_capable(const char *name, const char *alg)
{
	VCRYPTO_DEV_LOG(ERR, name, "session: %s is not among the device's capabilities", alg);
	return -ENOTSUP;
}

static int
check_cipher(const struct vcrypto_dev *dev, const struct rte_crypto_cipher_xform *x,
		const char *alg)
{
	const struct rte_cryptodev_symmetric_capability *cap;
	int ret;

	cap = find_cap(dev, RTE_CRYPTO_SYM_XFORM_CIPHER, x->algo);
	if (cap == NULL)
		return not_capable(dev->name, alg);
	ret = check_len(dev->name, alg, "key", x->key.length, &cap->cipher.key_size);
	if (ret == 0)
		ret = check_len(dev->name, alg, "IV", x->iv.length, &cap->cipher.iv_size);
	return ret;
}

static int
check_auth(const struct vcrypto_dev *dev, const struct rte_crypto_auth_xform *x, const char *alg)
{
	const struct rte_cryptodev_symmetric_capability *cap;
	int ret;

	cap = find_cap(dev, RTE_CRYPTO_SYM_XFORM_AUTH, x->algo);
	if (cap == NULL)
		return not_capable(dev->name, alg);
	ret = check_len(dev->name, alg, "key", x->key.length, &cap->auth.key_size);
	if (ret == 0)
		ret = check_len(dev->name, alg, "digest", x->digest_length,
			&cap->auth.digest_size);
	return ret;
}

static int
check_aead(const struct vcrypto_dev *dev, const struct rte_crypto_aead_xform *x, const char *alg)
{
	const struct rte_cryptodev_symmetric_capability *cap;
	int ret;

	cap = find_cap(dev, RTE_CRYPTO_SYM_XFORM_AEAD, x->algo);
	if (cap == NULL)
		return not_capable(dev->name, alg);
	ret = check_len(dev->name, alg, "key", x->key.length, &cap->aead.key_size);
	if (ret == 0)
		ret = check_len(dev->name, alg, "IV", x->iv.length, &cap->aead.iv_size);
	if (ret == 0)
		ret = check_len(dev->name, alg, "tag", x->digest_length, &cap->aead.digest_size);
	return ret;
}

/*
 * A capability cannot say that a hash or MAC works in chains only. That is so where the device
 * does not offer the service; where it claims to, it is asked.
 */
static int
check_alone(const struct vcrypto_dev *dev, const struct vcrypto_alg_auth *auth, bool null_cipher)
{
	const unsigned int service = auth->gmac ? VIRTIO_CRYPTO_SERVICE_AEAD :
		auth->key.max == 0 ? VIRTIO_CRYPTO_SERVICE_HASH : VIRTIO_CRYPTO_SERVICE_MAC;

	if (dev->config.services & 1u << service || dev->args.caps_mode == VCRYPTO_CAPS_PROBE)
		return 0;
	VCRYPTO_DEV_LOG(ERR, dev->name,
		"session: %s in it; %s works only in a chain with %s on this device",
		null_cipher ? "no cipher but NULL" : "no cipher", auth->name,
		null_cipher ? "another" : "one");
	return -ENOTSUP;
}

static int
check_caps(const struct vcrypto_dev *dev, const struct request *rq)
{
	const struct vcrypto_sym_chain *const x = &rq->xform;
	int ret = 0;

	if (x->aead != NULL)
		return check_aead(dev, x->aead, rq->alg.aead->name);
	/* Both are capabilities or none: not of a device without any algorithm of its own. */
	if ((x->null_cipher != NULL || x->null_auth != NULL) &&
			find_cap(dev, RTE_CRYPTO_SYM_XFORM_AUTH, RTE_CRYPTO_AUTH_NULL) == NULL)
		return not_capable(dev->name, "NULL");
	if (x->cipher != NULL)
		ret = check_cipher(dev, x->cipher, rq->alg.cipher->name);
	if (ret == 0 && x->auth != NULL)
		ret = check_auth(dev, x->auth, rq->alg.auth->name);
	if (ret == 0 && x->cipher == NULL && x->auth != NULL)
		ret = check_alone(dev, rq->alg.auth, x->null_cipher != NULL);
	return ret;
}

/* ---- with each request ---- */

/* Whether a request's parameters and keys go to the device with each op. */
static bool
is_stateless(const struct vcrypto_dev *dev, const struct request *rq, uint8_t service)
{
	return dev->args.mode == VCRYPTO_MODE_STATELESS || (rq->sessionless &&
		(dev->features & VCRYPTO_STATELESS_FEATURE(service)) != 0);
}

/* What the keys leave of the device's limit [virtio 5.9.5.2]. */
static uint64_t
max_size(const struct vcrypto_dev *dev, const struct vcrypto_stateless *sl)
{
	const uint64_t keys = sl != NULL ? sl->keys_len : 0;

	return dev->config.max_size > keys ? dev->config.max_size - keys : 0;
}

static void
free_stateless(const struct vcrypto_dev *dev, struct vcrypto_stateless *sl)
{
	if (sl == NULL)
		return;
	vcrypto_secret_wipe(sl, sizeof(*sl) + sl->keys_len);
	/* [virtio 3.3.1] no memory that the device may still read is given to others */
	if (!dev->stuck)
		rte_free(sl);
}

/* The memory that requests point to. The device is not asked. */
static int
make_stateless(const struct vcrypto_dev *dev, const struct request *rq,
		struct vcrypto_sym_create *create, struct vcrypto_sym_template *tmpl,
		struct vcrypto_stateless **out)
{
	const struct vcrypto_alg_auth *const auth = rq->alg.auth;
	struct vcrypto_stateless *sl;
	rte_iova_t iova;
	size_t len;

	if (!(dev->features & VCRYPTO_STATELESS_FEATURE(create->service))) {
		VCRYPTO_DEV_LOG(ERR, dev->name, "session: the device has no stateless requests of"
			" service %u, and mode=stateless allows no others", create->service);
		return -ENOTSUP;
	}
	/* Nobody has refused a short digest yet, so nobody is asked for one. */
	if (auth != NULL && tmpl->digest_wire_len < auth->digest)
		vcrypto_codec_sym_widen(create, tmpl, auth->digest);
	len = vcrypto_codec_stateless_size(create);
	/* Aligned to its size it lies in one page, so one address leads to all of it. */
	sl = rte_malloc_socket("vcrypto_keys", len, rte_align32pow2(len), dev->socket_id);
	if (sl == NULL)
		return -ENOMEM;
	iova = rte_malloc_virt2iova(sl);
	if (iova == RTE_BAD_IOVA) {
		VCRYPTO_DEV_LOG(ERR, dev->name, "session: memory without an IO address");
		rte_free(sl);
		return -ENOMEM;
	}
	vcrypto_codec_stateless_init(sl, iova, create, tmpl);
	*out = sl;
	return 0;
}

/* ---- on the device ---- */

/*
 * Whether a device's refusal may be due to a digest that is cut short, which the
 * standard neither allows nor forbids. If so, ask for the whole one from now on; the driver
 * cuts it.
 */
static bool
widen_digest(const struct request *rq, struct vcrypto_sym_create *create,
		struct vcrypto_sym_template *tmpl)
{
	const struct vcrypto_alg_auth *const auth = rq->alg.auth;

	if (auth == NULL || tmpl->digest_wire_len >= auth->digest)
		return false;
	vcrypto_codec_sym_widen(create, tmpl, auth->digest);
	return true;
}

static void
log_refusal(const struct vcrypto_dev *dev, const struct request *rq, int err)
{
	const struct vcrypto_sym_algs *const alg = &rq->alg;

	VCRYPTO_DEV_LOG(ERR, dev->name, "session: %s%s%s: %s",
		alg->aead != NULL ? alg->aead->name : alg->cipher != NULL ? alg->cipher->name : "",
		alg->cipher != NULL && alg->auth != NULL ? " with " : "",
		alg->auth != NULL ? alg->auth->name : "",
		err == -ENOSPC ? "no session left on the device, free some first" :
		err == -ENOTSUP ? "not supported by the device" : "refused by the device");
}

/* Whether a refusal may be due to the number of sessions. */
static bool
is_full(const struct vcrypto_dev *dev, int err)
{
	/* [virtio 5.9.9.1] without REVISION_1 there is no status that says so */
	return err == -ENOSPC || (err == -EINVAL &&
		!(dev->features & VIRTIO_FEATURE(VIRTIO_CRYPTO_F_REVISION_1)));
}

/* Make the session on the device. Under the lock. */
static int
make(struct vcrypto_dev *dev, const struct request *rq, struct vcrypto_sym_create *create,
		struct vcrypto_sym_template *tmpl, uint64_t *id)
{
	int ret;

	ret = vcrypto_dev_ctrl_ready(dev);
	if (ret < 0)
		return ret;
	ret = vcrypto_ctrl_sym_create(&dev->ctrl, create, id);
	if ((ret == -EINVAL || ret == -ENOTSUP) && widen_digest(rq, create, tmpl))
		ret = vcrypto_ctrl_sym_create(&dev->ctrl, create, id);
	if (ret < 0 && ret != -EIO && ret != -ETIMEDOUT)
		vcrypto_dev_count(&dev->counts.sessions_refused, 1);
	/* Who asked for ops without a session may have others that can go. */
	if (rq->sessionless && is_full(dev, ret))
		return -ENOSPC;
	if (ret < 0 && ret != -EIO && ret != -ETIMEDOUT)
		log_refusal(dev, rq, ret);
	return ret;
}

/* As make(), for a half of a chain, without which the session is still of use: no log line. */
static int
make_half(struct vcrypto_dev *dev, const struct request *rq, struct vcrypto_sym_create *create,
		struct vcrypto_sym_template *tmpl, uint64_t *id)
{
	int ret;

	ret = vcrypto_ctrl_sym_create(&dev->ctrl, create, id);
	if ((ret == -EINVAL || ret == -ENOTSUP) && widen_digest(rq, create, tmpl))
		ret = vcrypto_ctrl_sym_create(&dev->ctrl, create, id);
	return ret;
}

/* Enter a session that lives on the device, or needs none. Under the lock. */
static void
enter(struct vcrypto_dev *dev, struct vcrypto_session *s, struct vcrypto_session_rec *rec,
		const struct vcrypto_sym_create *create, const struct vcrypto_sym_template *tmpl,
		uint64_t id)
{
	memcpy(&rec->create, create,
		rec_len(create) - offsetof(struct vcrypto_session_rec, create));
	rec->sess = s;
	rec->id = id;
	rec->epoch = dev->epoch;
	rec->shape = tmpl->shape;
	rec->made = rec->stateless == NULL && !is_null(rec);

	s->tmpl = *tmpl;
	s->tmpl.req.header.session_id = rte_cpu_to_le_64(id);
	s->tmpl.max_size = max_size(dev, rec->stateless);
	s->dev = dev;
	s->rec = rec;
	LIST_INSERT_HEAD(&dev->sessions, rec, next);
	dev->nb_sessions++;
	vcrypto_dev_count(count_of(dev, rec), 1);
	if (!is_null(rec))
		vcrypto_dev_count(&dev->counts.sessions_made, 1);
}

/*
 * A session in any form, and its record. @p half: of a chain, which is of use without it. Under
 * the lock.
 */
static int
add(struct vcrypto_dev *dev, struct vcrypto_session *s, const struct request *rq,
		const struct rte_crypto_sym_xform *xform, bool half)
{
	struct vcrypto_stateless *sl = NULL;
	struct vcrypto_sym_template tmpl;
	struct vcrypto_sym_create create;
	struct vcrypto_session_rec *rec;
	uint64_t id = 0;
	int ret;

	ret = vcrypto_codec_sym_session(xform, &rq->alg,
		dev->features & VIRTIO_FEATURE(VIRTIO_CRYPTO_F_REVISION_1), &create, &tmpl);
	if (ret < 0)
		goto out;
	if (tmpl.shape != VCRYPTO_SHAPE_NULL && is_stateless(dev, rq, create.service)) {
		ret = make_stateless(dev, rq, &create, &tmpl, &sl);
		if (ret < 0)
			goto out;
		create.cipher_key_len = 0;
		create.auth_key_len = 0;
	}
	/* Before the device has a session, so that there is nothing to undo there. */
	rec = rte_zmalloc_socket("vcrypto_session", rec_len(&create), 0, dev->socket_id);
	if (rec == NULL) {
		VCRYPTO_DEV_LOG(ERR, dev->name, "session: no memory");
		free_stateless(dev, sl);
		ret = -ENOMEM;
		goto out;
	}
	rec->stateless = sl;
	if (sl == NULL && tmpl.shape != VCRYPTO_SHAPE_NULL)
		ret = half ? make_half(dev, rq, &create, &tmpl, &id) :
			make(dev, rq, &create, &tmpl, &id);
	if (ret == 0)
		enter(dev, s, rec, &create, &tmpl, id);
	else
		rte_free(rec);
out:
	vcrypto_secret_wipe(&create, sizeof(create));
	return ret;
}

/* Destroy it on the device if it is there and the device is well. Under the lock. */
static int
unmake(struct vcrypto_dev *dev, struct vcrypto_session_rec *rec)
{
	int ret;

	if (!is_on_device(dev, rec) || __atomic_load_n(&dev->broken, __ATOMIC_RELAXED) != 0 ||
			dev->ctrl.broken)
		return 0;
	rec->made = false;
	ret = vcrypto_ctrl_destroy_session(&dev->ctrl, rec->create.service, rec->id);
	if (ret == -EINVAL)
		VCRYPTO_DEV_LOG(WARNING, dev->name,
			"the device refuses to destroy session %" PRIu64, rec->id);
	return ret;
}

/* Take a record from the registry, wipe and free it; its halves are gone. Under the lock. */
static void
forget_one(struct vcrypto_dev *dev, struct vcrypto_session_rec *rec)
{
	if (is_bound(rec)) {
		rec->sess->tmpl.shape = VCRYPTO_SHAPE_NONE;
		rec->sess->tmpl.stateless = NULL;
		rec->sess->rec = NULL;
		rec->sess->steps = NULL;
	}
	LIST_REMOVE(rec, next);
	dev->nb_sessions--;
	vcrypto_dev_count(count_of(dev, rec), -1);
	free_stateless(dev, rec->stateless);
	vcrypto_secret_free(rec, rec_len(&rec->create));
}

/* The halves of a chain, without or with the device. Under the lock. */
static void
forget_steps(struct vcrypto_dev *dev, struct vcrypto_session_rec *rec)
{
	struct vcrypto_session_steps *const steps = rec->steps;

	if (steps == NULL)
		return;
	if (is_bound(rec)) {
		rec->sess->tmpl.steps = false;
		rec->sess->steps = NULL;
	}
	rec->steps = NULL;
	if (steps->auth.rec != NULL)
		forget_one(dev, steps->auth.rec);
	if (steps->cipher.rec != NULL)
		forget_one(dev, steps->cipher.rec);
	rte_free(steps);
}

static void
drop_steps(struct vcrypto_dev *dev, struct vcrypto_session_rec *rec)
{
	if (rec->steps == NULL)
		return;
	if (rec->steps->auth.rec != NULL)
		unmake(dev, rec->steps->auth.rec);
	if (rec->steps->cipher.rec != NULL)
		unmake(dev, rec->steps->cipher.rec);
	forget_steps(dev, rec);
}

static void
forget(struct vcrypto_dev *dev, struct vcrypto_session_rec *rec)
{
	forget_steps(dev, rec);
	forget_one(dev, rec);
}

/* Whether ops of a chain may cipher their digest, on a device that can do its halves alone. */
static bool
wants_steps(const struct vcrypto_dev *dev, const struct request *rq,
		const struct rte_crypto_sym_xform *xform)
{
	const struct vcrypto_sym_chain *const x = &rq->xform;

	if (x->cipher == NULL || x->auth == NULL ||
			!(dev->feature_flags & RTE_CRYPTODEV_FF_DIGEST_ENCRYPTED))
		return false;
	return xform->type == RTE_CRYPTO_SYM_XFORM_AUTH ?
		x->auth->op == RTE_CRYPTO_AUTH_OP_GENERATE &&
			x->cipher->op == RTE_CRYPTO_CIPHER_OP_ENCRYPT :
		x->auth->op == RTE_CRYPTO_AUTH_OP_VERIFY &&
			x->cipher->op == RTE_CRYPTO_CIPHER_OP_DECRYPT;
}

/* The halves of a chain that is made and entered. Under the lock. */
static void
add_steps(struct vcrypto_dev *dev, struct vcrypto_session *s, const struct request *rq)
{
	struct rte_crypto_sym_xform xform = { .next = NULL };
	struct vcrypto_session_steps *steps;
	struct request half;
	int ret;

	steps = rte_zmalloc_socket("vcrypto_steps", sizeof(*steps), 0, dev->socket_id);
	if (steps == NULL)
		return;
	s->rec->steps = steps;

	memset(&half, 0, sizeof(half));
	half.sessionless = rq->sessionless;
	half.alg.auth = rq->alg.auth;
	xform.type = RTE_CRYPTO_SYM_XFORM_AUTH;
	xform.auth = *rq->xform.auth;
	ret = add(dev, &steps->auth, &half, &xform, true);
	if (ret == 0) {
		half.alg.auth = NULL;
		half.alg.cipher = rq->alg.cipher;
		xform.type = RTE_CRYPTO_SYM_XFORM_CIPHER;
		xform.cipher = *rq->xform.cipher;
		ret = add(dev, &steps->cipher, &half, &xform, true);
	}
	if (ret < 0) {
		VCRYPTO_DEV_LOG(INFO, dev->name,
			"session: %s with %s: not both alone on this device, so no digest inside"
			" the ciphered data", rq->alg.cipher->name, rq->alg.auth->name);
		drop_steps(dev, s->rec);
		return;
	}
	s->steps = steps;
	s->tmpl.steps = true;
}

int
vcrypto_session_open(struct vcrypto_dev *dev, const struct rte_crypto_sym_xform *xform,
		bool sessionless, struct vcrypto_session *s)
{
	struct request rq;
	int ret;

	if (!is_primary(dev, "make"))
		return -ENOTSUP;
	memset(s, 0, sizeof(*s));
	s->dev = dev;
	ret = take_apart(dev->name, xform, &rq);
	rq.sessionless = sessionless;
	if (ret == 0)
		ret = check_caps(dev, &rq);
	if (ret < 0)
		return ret;

	vcrypto_dev_lock(dev);
	ret = add(dev, s, &rq, xform, false);
	if (ret == 0 && wants_steps(dev, &rq, xform))
		add_steps(dev, s, &rq);
	vcrypto_dev_unlock(dev);
	return ret;
}

int
vcrypto_session_configure(struct rte_cryptodev *cdev, struct rte_crypto_sym_xform *xform,
		struct rte_cryptodev_sym_session *sess)
{
	return vcrypto_session_open(cdev->data->dev_private, xform, false,
		CRYPTODEV_GET_SYM_SESS_PRIV(sess));
}

/* ---- the end of sessions ---- */

void
vcrypto_session_close(struct vcrypto_session *s)
{
	struct vcrypto_dev *dev;

	s->tmpl.shape = VCRYPTO_SHAPE_NONE;
	/* Gone with an earlier close, or never made: then the device may be gone too. */
	if (s->rec == NULL)
		return;
	/* The session's own device, which need not be the one it is given back through. */
	dev = s->dev;
	vcrypto_dev_lock(dev);
	if (s->rec != NULL) {
		drop_steps(dev, s->rec);
		unmake(dev, s->rec);
		forget(dev, s->rec);
	}
	vcrypto_dev_unlock(dev);
}

void
vcrypto_session_clear(struct rte_cryptodev *cdev, struct rte_cryptodev_sym_session *sess)
{
	if (is_primary(cdev->data->dev_private, "free"))
		vcrypto_session_close(CRYPTODEV_GET_SYM_SESS_PRIV(sess));
}

/* ---- for the life cycle, under the device's lock ---- */

void
vcrypto_session_destroy_all(struct vcrypto_dev *dev)
{
	struct vcrypto_session_rec *rec;

	LIST_FOREACH(rec, &dev->sessions, next) {
		const int ret = unmake(dev, rec);

		if (ret == -EIO || ret == -ETIMEDOUT)
			return;
	}
	vcrypto_asym_destroy_all(dev);
}

int
vcrypto_session_replay(struct vcrypto_dev *dev)
{
	struct vcrypto_session_rec *rec;
	int refused = 0, ret;

	LIST_FOREACH(rec, &dev->sessions, next) {
		struct vcrypto_sym_template *const tmpl = &rec->sess->tmpl;

		if (is_null(rec) || is_on_device(dev, rec) || !is_bound(rec))
			continue;
		if (rec->stateless != NULL) {
			/* Nothing of it is on the device; but the configuration was read again. */
			tmpl->max_size = max_size(dev, rec->stateless);
			continue;
		}
		rec->made = false;
		tmpl->shape = VCRYPTO_SHAPE_NONE;
		ret = vcrypto_ctrl_sym_create(&dev->ctrl, &rec->create, &rec->id);
		if (ret == -EIO || ret == -ETIMEDOUT)
			return ret;
		if (ret < 0) {
			refused++;
			continue;
		}
		vcrypto_dev_count(&dev->counts.sessions_made, 1);
		rec->made = true;
		rec->epoch = dev->epoch;
		tmpl->req.header.session_id = rte_cpu_to_le_64(rec->id);
		/* The configuration was read again. */
		tmpl->max_size = dev->config.max_size;
		tmpl->shape = rec->shape;
	}
	ret = vcrypto_asym_replay(dev);
	return ret < 0 ? ret : refused + ret;
}

void
vcrypto_session_drop_all(struct vcrypto_dev *dev)
{
	struct vcrypto_session_rec *rec;

	while ((rec = LIST_FIRST(&dev->sessions)) != NULL)
		forget(dev, rec);
	vcrypto_asym_drop_all(dev);
}
