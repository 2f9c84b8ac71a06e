/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Asymmetric sessions: cryptodev ops, the sessions on the device behind them, ops.
 *
 * May include: dev, features, caps, codec, ctrl, queue, session, secret, log. Sessions are made
 * and freed by control threads, and those on the device by enqueuers, too: under the device's lock.
 * What an enqueuer looks at lies behind the record's own lock, which is held for a look only. The
 * device's lock is never asked for with that one.
 *
 * Invariants
 *  - a record holds the only lasting copy of its keys, and is wiped with them;
 *  - a session on the device that a request in flight uses is not replaced by another;
 *  - a record is not freed while a request of it is in flight.
 */

#include <errno.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_malloc.h>
#include <rte_spinlock.h>

#include "virtio_asym.h"
#include "virtio_asym_pool.h"
#include "virtio_caps.h"
#include "virtio_codec_asym.h"
#include "virtio_compat.h"
#include "virtio_ctrl.h"
#include "virtio_dev.h"
#include "virtio_features.h"
#include "virtio_log.h"
#include "virtio_secret.h"

/* What is known of a session on the device. */
enum made_state {
	MADE_NONE, /* nothing */
	MADE_READY, /* it is there, in the bring-up of this epoch */
	MADE_REFUSED, /* the device would not have it */
};

struct vcrypto_asym_made {
	uint8_t state; /* enum made_state */
	struct vcrypto_asym_use use;
	uint16_t key_len; /* of an op's key; 0: the record's */
	uint32_t epoch;
	uint32_t refs; /* requests in flight; atomic */
	uint32_t last; /* number of its last use */
	uint64_t id;
	uint8_t key[VCRYPTO_EC_KEY_MAX];
};

struct vcrypto_asym_rec {
	LIST_ENTRY(vcrypto_asym_rec) next;
	struct vcrypto_asym_session *sess; /* in the application's session object */
	struct vcrypto_dev *dev;
	struct vcrypto_asym_key key;
	uint32_t refs; /* requests in flight; atomic */
	rte_spinlock_t lock; /* of what follows; changes need the device's lock, too */
	uint32_t clock;
	bool said; /* a refusal was logged: no more of that, ops may be many */
	struct vcrypto_asym_made made[VCRYPTO_ASYM_MADE_MAX];
	/* Constant: keys in DER, in memory that stateless requests point to. */
	uint8_t *keys;
	rte_iova_t keys_iova;
	uint32_t pub_len, priv_len; /* 0: there is none, or it comes with the op */
};

const struct vcrypto_session vcrypto_asym_stand_in = {
	.tmpl = { .shape = VCRYPTO_SHAPE_ASYM },
};

unsigned int
vcrypto_asym_session_size(struct rte_cryptodev *cdev)
{
	(void)cdev;
	return sizeof(struct vcrypto_asym_session);
}

static struct vcrypto_asym_session *
priv_of(struct rte_cryptodev_asym_session *sess)
{
	return (struct vcrypto_asym_session *)(void *)sess->sess_private_data;
}

static bool
is_primary(const struct vcrypto_dev *dev, const char *what)
{
	if (rte_eal_process_type() == RTE_PROC_PRIMARY)
		return true;
	VCRYPTO_DEV_LOG(ERR, dev->name,
		"session: a secondary process cannot %s one; let the primary do it", what);
	return false;
}

static bool
has_stateless(const struct vcrypto_dev *dev)
{
	return dev->features & VCRYPTO_STATELESS_FEATURE(VIRTIO_CRYPTO_SERVICE_AKCIPHER);
}

static uint32_t
algo_of(const struct vcrypto_dev *dev, const struct vcrypto_asym_key *key)
{
	return key->algo == VIRTIO_CRYPTO_AKCIPHER_ECDSA ? dev->args.ecdsa_id : key->algo;
}

static bool
is_on_device(const struct vcrypto_dev *dev, const struct vcrypto_asym_made *m)
{
	return m->state == MADE_READY && m->epoch == dev->epoch &&
		dev->hw_state != VCRYPTO_HW_DOWN;
}

/* Where the session object still belongs to this record; see is_bound() of virtio_session.c. */
static bool
is_bound(const struct vcrypto_asym_rec *rec)
{
	const struct rte_memseg *const ms = rte_mem_virt2memseg(rec->sess, NULL);

	if (ms != NULL && ms->addr == NULL)
		return false;
	return rec->sess->rec == rec;
}

/* ---- sessions on the device ---- */

/* The key that a session on the device is made of. */
static const uint8_t *
key_of(const struct vcrypto_asym_rec *rec, const struct vcrypto_asym_made *m, uint32_t *len)
{
	if (m->key_len != 0) {
		*len = m->key_len;
		return m->key;
	}
	*len = m->use.private ? rec->priv_len : rec->pub_len;
	return m->use.private ? rec->keys : rec->keys + rec->priv_len;
}

static bool
is_same(const struct vcrypto_asym_made *m, const struct vcrypto_asym_use *use, const uint8_t *key,
		uint16_t key_len)
{
	return m->state != MADE_NONE && m->use.private == use->private &&
		m->use.padding == use->padding && m->use.hash == use->hash &&
		m->key_len == key_len &&
		(key_len == 0 || vcrypto_secret_equal(m->key, key, key_len));
}

static struct vcrypto_asym_made *
find(struct vcrypto_asym_rec *rec, const struct vcrypto_asym_use *use, const uint8_t *key,
		uint16_t key_len)
{
	unsigned int i;

	for (i = 0; i < VCRYPTO_ASYM_MADE_MAX; i++)
		if (is_same(&rec->made[i], use, key, key_len))
			return &rec->made[i];
	return NULL;
}

/* Find a session and hold it. @return 0; -ENOENT there is none; else an op status. */
static int
hold(struct vcrypto_asym_rec *rec, const struct vcrypto_asym_use *use, const uint8_t *key,
		uint16_t key_len, struct vcrypto_asym_made **out)
{
	struct vcrypto_asym_made *m;
	int ret = -ENOENT;

	rte_spinlock_lock(&rec->lock);
	m = find(rec, use, key, key_len);
	if (m != NULL) {
		m->last = ++rec->clock;
		ret = m->state == MADE_READY ? 0 : RTE_CRYPTO_OP_STATUS_INVALID_SESSION;
		if (ret == 0)
			__atomic_add_fetch(&m->refs, 1, __ATOMIC_RELAXED);
	}
	rte_spinlock_unlock(&rec->lock);
	*out = m;
	return ret;
}

/* A place for one more, taken from nobody who needs it; NULL: there is none. Under the lock. */
static struct vcrypto_asym_made *
place(struct vcrypto_asym_rec *rec, bool on_device)
{
	struct vcrypto_asym_made *best = NULL;
	unsigned int i;

	for (i = 0; i < VCRYPTO_ASYM_MADE_MAX; i++) {
		struct vcrypto_asym_made *const m = &rec->made[i];

		if (on_device && m->state != MADE_READY)
			continue;
		if (m->state == MADE_NONE)
			return m;
		/* Acquire: the device is done with it; pairs with let_go(). */
		if (__atomic_load_n(&m->refs, __ATOMIC_ACQUIRE) == 0 &&
				(best == NULL || (int32_t)(m->last - best->last) < 0))
			best = m;
	}
	return best;
}

/* Destroy it on the device if it is there and the device is well. Under the device's lock. */
static int
unmake(struct vcrypto_dev *dev, const struct vcrypto_asym_made *m)
{
	if (!is_on_device(dev, m) || __atomic_load_n(&dev->broken, __ATOMIC_RELAXED) != 0 ||
			dev->ctrl.broken)
		return 0;
	return vcrypto_ctrl_destroy_session(&dev->ctrl, VIRTIO_CRYPTO_SERVICE_AKCIPHER, m->id);
}

/* Free a place, unless a request is in flight after all. Under the device's lock. */
static bool
evict(struct vcrypto_dev *dev, struct vcrypto_asym_rec *rec, struct vcrypto_asym_made *m)
{
	struct vcrypto_asym_made was;

	rte_spinlock_lock(&rec->lock);
	if (__atomic_load_n(&m->refs, __ATOMIC_ACQUIRE) != 0) {
		rte_spinlock_unlock(&rec->lock);
		return false;
	}
	was = *m;
	vcrypto_secret_wipe(m, sizeof(*m));
	rte_spinlock_unlock(&rec->lock);
	unmake(dev, &was);
	vcrypto_secret_wipe(&was, sizeof(was));
	return true;
}

/* Ask the device for a session. Under its lock. */
static int
ask(struct vcrypto_dev *dev, struct vcrypto_asym_rec *rec, const struct vcrypto_asym_made *m,
		uint64_t *id)
{
	struct vcrypto_asym_create create;
	const uint8_t *key;
	uint32_t len;
	int ret;

	key = key_of(rec, m, &len);
	vcrypto_codec_asym_create(&create, &rec->key, &m->use, algo_of(dev, &rec->key), key, len);
	ret = vcrypto_ctrl_asym_create(&dev->ctrl, &create, id);
	if (ret == 0)
		vcrypto_dev_count(&dev->counts.sessions_made, 1);
	return ret;
}

/* One line for the first refusal of a record. */
static void
log_refusal(const struct vcrypto_dev *dev, struct vcrypto_asym_rec *rec,
		const struct vcrypto_asym_use *use, int err)
{
	const struct vcrypto_alg_curve *const curve = vcrypto_caps_curve(rec->key.curve);
	const struct vcrypto_alg_rsa_hash *const hash = vcrypto_caps_rsa_hash(use->hash);
	const char *const why = err == -ENOSPC ? "no session left on the device, free some first" :
		err == -ENOTSUP ? "not supported by the device" : "refused by the device";
	const char *const which = use->private ? "private" : "public";

	if (rec->said)
		return;
	rec->said = true;
	if (curve != NULL)
		VCRYPTO_DEV_LOG(ERR, dev->name, "session: ECDSA %s, %s key: %s", curve->name, which,
			why);
	else
		VCRYPTO_DEV_LOG(ERR, dev->name, "session: RSA of %u bytes, %s key, %s, %s: %s",
			rec->key.len, which,
			use->padding == VIRTIO_CRYPTO_RSA_RAW_PADDING ? "no padding" : "PKCS#1",
			hash != NULL ? hash->name : "", why);
}

/*
 * Make a session on the device and enter it, held. Under the device's lock, commands may be sent.
 * @return 0; -EAGAIN no place now; -errno of the command.
 */
static int
make(struct vcrypto_dev *dev, struct vcrypto_asym_rec *rec, const struct vcrypto_asym_use *use,
		const uint8_t *key, uint16_t key_len, struct vcrypto_asym_made **out)
{
	const bool revision_1 = dev->features & VIRTIO_FEATURE(VIRTIO_CRYPTO_F_REVISION_1);
	struct vcrypto_asym_made *m, *other, new;
	unsigned int tries;
	int ret;

	do {
		m = place(rec, false);
		if (m == NULL)
			return -EAGAIN;
	} while (m->state != MADE_NONE && !evict(dev, rec, m));

	memset(&new, 0, sizeof(new));
	new.use = *use;
	new.key_len = key_len;
	if (key_len != 0)
		memcpy(new.key, key, key_len);
	for (tries = 0;; tries++) {
		ret = ask(dev, rec, &new, &new.id);
		/* [virtio 5.9.9.2.1.7] without REVISION_1, no space looks as any other error */
		if (ret != -ENOSPC && (ret != -EINVAL || revision_1 || tries > 0))
			break;
		/* The device has no more: older ones of this record go. */
		other = place(rec, true);
		if (other == NULL || !evict(dev, rec, other))
			break;
	}
	if (ret == 0) {
		new.state = MADE_READY;
		new.epoch = dev->epoch;
		new.refs = 1;
	} else if (ret == -ENOTSUP || ret == -EINVAL || ret == -E2BIG) {
		/* Remembered, since there may be many ops of that kind. */
		new.state = MADE_REFUSED;
	}
	if (ret < 0 && ret != -EIO && ret != -ETIMEDOUT) {
		vcrypto_dev_count(&dev->counts.sessions_refused, 1);
		log_refusal(dev, rec, use, ret);
	}
	rte_spinlock_lock(&rec->lock);
	new.last = ++rec->clock;
	*m = new;
	rte_spinlock_unlock(&rec->lock);
	vcrypto_secret_wipe(&new, sizeof(new));
	*out = m;
	return ret;
}

/* @return 0 with a session that is held; an op status; -EAGAIN; -ENOSPC: without one, perhaps. */
static int
make_for_op(struct vcrypto_qp *qp, struct vcrypto_asym_rec *rec,
		const struct vcrypto_asym_use *use, const uint8_t *key, uint16_t key_len,
		struct vcrypto_asym_made **out)
{
	struct vcrypto_dev *const dev = qp->dev;
	int ret;

	/* Commands are the primary's; and who has the lock may be the caller. */
	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return RTE_CRYPTO_OP_STATUS_INVALID_SESSION;
	if (__atomic_load_n(&qp->state, __ATOMIC_ACQUIRE) != VCRYPTO_QUEUE_LIVE ||
			vcrypto_dev_is_away(dev))
		return -EAGAIN;
	vcrypto_dev_lock(dev);
	/* Another queue pair may have made it meanwhile. */
	ret = hold(rec, use, key, key_len, out);
	if (ret == -ENOENT) {
		ret = dev->hw_state == VCRYPTO_HW_UP ? vcrypto_dev_ctrl_ready(dev) : -EIO;
		if (ret == 0)
			ret = make(dev, rec, use, key, key_len, out);
		if (ret == -EAGAIN || ret == -ENOSPC)
			ret = -ENOSPC;
		else if (ret == -EIO || ret == -ETIMEDOUT)
			ret = vcrypto_dev_is_away(dev) ? -EAGAIN : RTE_CRYPTO_OP_STATUS_ERROR;
		else if (ret < 0)
			ret = RTE_CRYPTO_OP_STATUS_INVALID_SESSION;
	}
	vcrypto_dev_unlock(dev);
	return ret;
}

/* ---- the application's sessions ---- */

static void
free_rec(struct vcrypto_asym_rec *rec)
{
	const size_t len = (size_t)rec->priv_len + rec->pub_len;

	LIST_REMOVE(rec, next);
	if (rec->keys != NULL) {
		vcrypto_secret_wipe(rec->keys, len);
		/* [virtio 3.3.1] no memory that the device may still read is given to others */
		if (!rec->dev->stuck)
			rte_free(rec->keys);
	}
	vcrypto_secret_free(rec, sizeof(*rec));
}

/* Records whose sessions were freed with requests in flight that have come back since. */
static void
sweep(struct vcrypto_dev *dev)
{
	struct vcrypto_asym_rec *rec, *next;

	for (rec = LIST_FIRST(&dev->asym_freed); rec != NULL; rec = next) {
		next = LIST_NEXT(rec, next);
		if (__atomic_load_n(&rec->refs, __ATOMIC_ACQUIRE) == 0)
			free_rec(rec);
	}
}

/* The application lets go of a session; what is in flight may still be. Under the device's lock. */
static void
forget(struct vcrypto_dev *dev, struct vcrypto_asym_rec *rec)
{
	unsigned int i;

	if (is_bound(rec))
		rec->sess->rec = NULL;
	dev->nb_sessions--;
	vcrypto_dev_count(&dev->counts.sessions[VCRYPTO_SESSION_ASYM], -1);
	for (i = 0; i < VCRYPTO_ASYM_MADE_MAX; i++)
		vcrypto_secret_wipe(rec->made[i].key, sizeof(rec->made[i].key));
	if (rec->keys != NULL)
		vcrypto_secret_wipe(rec->keys, (size_t)rec->priv_len + rec->pub_len);
	LIST_REMOVE(rec, next);
	LIST_INSERT_HEAD(&dev->asym_freed, rec, next);
	sweep(dev);
}

static const struct rte_cryptodev_asymmetric_xform_capability *
find_cap(const struct vcrypto_dev *dev, enum rte_crypto_asym_xform_type type)
{
	const struct rte_cryptodev_capabilities *c;

	for (c = dev->caps; c != NULL && c->op != RTE_CRYPTO_OP_TYPE_UNDEFINED; c++)
		if (c->op == RTE_CRYPTO_OP_TYPE_ASYMMETRIC &&
				c->asym.xform_capa.xform_type == type)
			return &c->asym.xform_capa;
	return NULL;
}

static int
check_modulus(const struct vcrypto_dev *dev, uint16_t len)
{
	const struct rte_crypto_param_range *const r =
		&find_cap(dev, RTE_CRYPTO_ASYM_XFORM_RSA)->modlen;

	if (len >= r->min && len <= r->max)
		return 0;
	VCRYPTO_DEV_LOG(ERR, dev->name, "session: RSA: modulus of %u bytes, must be %u to %u", len,
		r->min, r->max);
	return -ENOTSUP;
}

/* Keys of a session in one piece of memory, the private one first. */
static int
keep_keys(const struct vcrypto_dev *dev, struct vcrypto_asym_rec *rec, const uint8_t *priv,
		size_t priv_len, const uint8_t *pub, size_t pub_len)
{
	const uint32_t len = priv_len + pub_len;

	if (len == 0)
		return 0;
	/* Aligned to its size it lies in one page, so one address leads to all of it. */
	rec->keys = rte_malloc_socket("vcrypto_keys", len, rte_align32pow2(len), dev->socket_id);
	if (rec->keys == NULL)
		return -ENOMEM;
	rec->keys_iova = rte_malloc_virt2iova(rec->keys);
	memcpy(rec->keys, priv, priv_len);
	memcpy(rec->keys + priv_len, pub, pub_len);
	rec->priv_len = priv_len;
	rec->pub_len = pub_len;
	return 0;
}

struct scratch {
	uint8_t priv[VCRYPTO_RSA_PRIVATE_MAX];
	uint8_t pub[VCRYPTO_RSA_PUBLIC_MAX];
};

static int
take_rsa(const struct vcrypto_dev *dev, const struct rte_crypto_rsa_xform *xform,
		struct vcrypto_asym_rec *rec)
{
	struct scratch *const s = rte_malloc("vcrypto_rsa", sizeof(*s), 0);
	size_t priv_len = 0, pub_len = 0;
	int ret;

	if (s == NULL)
		return -ENOMEM;
	ret = vcrypto_codec_rsa_keys(dev->name, xform, &rec->key, s->pub, &pub_len, s->priv,
		&priv_len);
	if (ret == 0)
		ret = check_modulus(dev, rec->key.len);
	if (ret == 0)
		ret = keep_keys(dev, rec, s->priv, priv_len, s->pub, pub_len);
	vcrypto_secret_free(s, sizeof(*s));
	return ret;
}

static int
take_ecdsa(const struct vcrypto_dev *dev, const struct rte_crypto_ec_xform *xform,
		struct vcrypto_asym_rec *rec)
{
	const struct vcrypto_alg_curve *const curve = vcrypto_caps_find_curve(xform->curve_id);
	const rte_crypto_uint *const number = vcrypto_compat_ec_private(xform, NULL);
	const struct rte_crypto_ec_point *const point = vcrypto_compat_ec_public(xform, NULL);
	uint8_t priv[VCRYPTO_EC_KEY_MAX], pub[VCRYPTO_EC_KEY_MAX];
	size_t priv_len = 0, pub_len = 0;
	int ret;

	if (curve == NULL || !(dev->asym_curves >> curve->id & 1)) {
		VCRYPTO_DEV_LOG(ERR, dev->name, "session: ECDSA: curve %d%s%s is not among what the"
			" device can do", (int)xform->curve_id, curve != NULL ? ", " : "",
			curve != NULL ? curve->name : "");
		return -ENOTSUP;
	}
	rec->key.algo = VIRTIO_CRYPTO_AKCIPHER_ECDSA;
	rec->key.curve = curve->id;
	rec->key.len = curve->len;
	if (number != NULL && number->length != 0)
		priv_len = vcrypto_codec_ec_private(curve->id, number, priv);
	if (point != NULL && point->x.length != 0)
		pub_len = vcrypto_codec_ec_public(curve->id, point, pub);
	if (number != NULL && priv_len == 0 && pub_len == 0) {
		VCRYPTO_DEV_LOG(ERR, dev->name, "session: ECDSA %s: neither a private nor a public"
			" key of that curve", curve->name);
		return -EINVAL;
	}
	ret = keep_keys(dev, rec, priv, priv_len, pub, pub_len);
	vcrypto_secret_wipe(priv, sizeof(priv));
	return ret;
}

static int
take_xform(const struct vcrypto_dev *dev, const struct rte_crypto_asym_xform *xform,
		struct vcrypto_asym_rec *rec)
{
	if (xform == NULL || xform->next != NULL || find_cap(dev, xform->xform_type) == NULL) {
		VCRYPTO_DEV_LOG(ERR, dev->name, "session: asymmetric xform of type %d%s: not among"
			" the device's capabilities", xform != NULL ? (int)xform->xform_type : -1,
			xform != NULL && xform->next != NULL ? " and another" : "");
		return -ENOTSUP;
	}
	return xform->xform_type == RTE_CRYPTO_ASYM_XFORM_RSA ?
		take_rsa(dev, &xform->rsa, rec) : take_ecdsa(dev, &xform->ec, rec);
}

/* Where nothing is left for ops to say, the device says now whether it takes the key. */
static int
make_now(struct vcrypto_dev *dev, struct vcrypto_asym_rec *rec, bool private)
{
	const bool rsa = rec->key.algo == VIRTIO_CRYPTO_AKCIPHER_RSA;
	const struct vcrypto_alg_rsa_hash *const hash = vcrypto_caps_find_rsa_hash(rec->key.hash);
	struct vcrypto_asym_use use = { .private = private };
	struct vcrypto_asym_made *m;
	int ret;

	if ((private ? rec->priv_len : rec->pub_len) == 0)
		return 0;
	if (rsa) {
		if (!rec->key.padding_known)
			return 0;
		use.padding = rec->key.padding;
		if (use.padding == VIRTIO_CRYPTO_RSA_PKCS1_PADDING && hash != NULL)
			use.hash = hash->id;
	}
	ret = vcrypto_dev_ctrl_ready(dev);
	if (ret == 0)
		ret = make(dev, rec, &use, NULL, 0, &m);
	if (ret == 0)
		m->refs = 0;
	return ret;
}

int
vcrypto_asym_session_configure(struct rte_cryptodev *cdev, struct rte_crypto_asym_xform *xform,
		struct rte_cryptodev_asym_session *sess)
{
	struct vcrypto_dev *const dev = cdev->data->dev_private;
	struct vcrypto_asym_session *const s = priv_of(sess);
	struct vcrypto_asym_rec *rec;
	int ret;

	if (!is_primary(dev, "make"))
		return -ENOTSUP;
	memset(s, 0, sizeof(*s));
	rec = rte_zmalloc_socket("vcrypto_asym", sizeof(*rec), RTE_CACHE_LINE_SIZE,
		dev->socket_id);
	if (rec == NULL)
		return -ENOMEM;
	rec->dev = dev;
	rec->sess = s;
	rte_spinlock_init(&rec->lock);
	ret = take_xform(dev, xform, rec);

	vcrypto_dev_lock(dev);
	LIST_INSERT_HEAD(&dev->asym_sessions, rec, next);
	if (ret == 0 && dev->args.mode != VCRYPTO_MODE_STATELESS) {
		ret = make_now(dev, rec, true);
		if (ret == 0)
			ret = make_now(dev, rec, false);
	}
	if (ret == 0) {
		s->dev = dev;
		s->rec = rec;
		dev->nb_sessions++;
		vcrypto_dev_count(&dev->counts.sessions[VCRYPTO_SESSION_ASYM], 1);
		sweep(dev);
	} else {
		unsigned int i;

		for (i = 0; i < VCRYPTO_ASYM_MADE_MAX; i++)
			unmake(dev, &rec->made[i]);
		free_rec(rec);
	}
	vcrypto_dev_unlock(dev);
	return ret;
}

void
vcrypto_asym_session_clear(struct rte_cryptodev *cdev, struct rte_cryptodev_asym_session *sess)
{
	struct vcrypto_asym_session *const s = priv_of(sess);
	struct vcrypto_dev *dev;
	unsigned int i;

	if (!is_primary(cdev->data->dev_private, "free"))
		return;
	/* Gone with an earlier close, or never made: then the device may be gone too. */
	if (s->rec == NULL)
		return;
	dev = s->dev;
	vcrypto_dev_lock(dev);
	if (s->rec != NULL) {
		for (i = 0; i < VCRYPTO_ASYM_MADE_MAX; i++)
			unmake(dev, &s->rec->made[i]);
		forget(dev, s->rec);
	}
	vcrypto_dev_unlock(dev);
}

/* ---- for the life cycle, under the device's lock ---- */

void
vcrypto_asym_destroy_all(struct vcrypto_dev *dev)
{
	struct vcrypto_asym_rec *rec;
	unsigned int i;
	int ret;

	LIST_FOREACH(rec, &dev->asym_sessions, next) {
		for (i = 0; i < VCRYPTO_ASYM_MADE_MAX; i++) {
			ret = unmake(dev, &rec->made[i]);
			if (ret == -EIO || ret == -ETIMEDOUT)
				return;
		}
	}
}

/* @return as vcrypto_asym_replay(), for one record. */
static int
replay(struct vcrypto_dev *dev, struct vcrypto_asym_rec *rec)
{
	int refused = 0, ret;
	unsigned int i;

	__atomic_store_n(&rec->refs, 0, __ATOMIC_RELAXED);
	rec->said = false;
	for (i = 0; i < VCRYPTO_ASYM_MADE_MAX; i++) {
		struct vcrypto_asym_made *const m = &rec->made[i];

		m->refs = 0;
		if (is_on_device(dev, m))
			continue;
		if (m->state != MADE_READY) {
			/* What was refused may be asked for again. */
			vcrypto_secret_wipe(m, sizeof(*m));
			continue;
		}
		ret = ask(dev, rec, m, &m->id);
		if (ret == -EIO || ret == -ETIMEDOUT)
			return ret;
		m->epoch = dev->epoch;
		if (ret < 0) {
			m->state = MADE_REFUSED;
			refused++;
		}
	}
	return refused;
}

int
vcrypto_asym_replay(struct vcrypto_dev *dev)
{
	struct vcrypto_asym_rec *rec;
	int refused = 0, ret;

	LIST_FOREACH(rec, &dev->asym_freed, next)
		__atomic_store_n(&rec->refs, 0, __ATOMIC_RELAXED);
	sweep(dev);
	LIST_FOREACH(rec, &dev->asym_sessions, next) {
		ret = replay(dev, rec);
		if (ret < 0)
			return ret;
		refused += ret;
	}
	return refused;
}

void
vcrypto_asym_drop_all(struct vcrypto_dev *dev)
{
	struct vcrypto_asym_rec *rec;

	while ((rec = LIST_FIRST(&dev->asym_sessions)) != NULL)
		forget(dev, rec);
	while ((rec = LIST_FIRST(&dev->asym_freed)) != NULL)
		free_rec(rec);
}

/* ---- data path ---- */

static struct vcrypto_asym_rec *
rec_of(const struct vcrypto_qp *qp, const struct rte_crypto_op *op)
{
	struct rte_cryptodev_asym_session *const s = op->asym->session;
	const struct vcrypto_asym_session *vs;

	if (op->sess_type != RTE_CRYPTO_OP_WITH_SESSION || s == NULL ||
			s->driver_id != qp->driver_id)
		return NULL;
	vs = priv_of(s);
	return vs->dev == qp->dev ? vs->rec : NULL;
}

/* The session of a request, or none. @return 0; -EAGAIN; an op status. */
static int
find_target(struct vcrypto_qp *qp, struct vcrypto_asym_rec *rec, struct vcrypto_asym_buf *buf,
		struct vcrypto_asym_target *t)
{
	const struct vcrypto_asym_request *const rq = &buf->rq;
	const uint8_t *const key = buf->mem + VCRYPTO_ASYM_BUF_KEY;
	const struct vcrypto_dev *const dev = qp->dev;
	struct vcrypto_asym_made *m = NULL;
	int ret = -ENOSPC;

	if (rq->key_len != 0) {
		t->key_iova = buf->iova + VCRYPTO_ASYM_BUF_KEY;
		t->key_len = rq->key_len;
	} else {
		t->key_iova = rec->keys_iova + (rq->use.private ? 0 : rec->priv_len);
		t->key_len = rq->use.private ? rec->priv_len : rec->pub_len;
		if (t->key_len == 0)
			return RTE_CRYPTO_OP_STATUS_INVALID_ARGS;
	}
	t->algo = algo_of(dev, &rec->key);
	t->revision_1 = dev->features & VIRTIO_FEATURE(VIRTIO_CRYPTO_F_REVISION_1);
	if (dev->args.mode != VCRYPTO_MODE_STATELESS) {
		ret = hold(rec, &rq->use, key, rq->key_len, &m);
		if (ret == -ENOENT)
			ret = make_for_op(qp, rec, &rq->use, key, rq->key_len, &m);
	}
	if (ret == -ENOSPC) {
		if (!has_stateless(dev) || t->key_iova == RTE_BAD_IOVA)
			return -EAGAIN;
		t->stateless = true;
		ret = 0;
		m = NULL;
	}
	if (ret == 0 && m != NULL)
		t->session = m->id;
	buf->made = m;
	return ret;
}

static bool
is_within_limit(const struct vcrypto_dev *dev, const struct vcrypto_asym_request *rq,
		const struct vcrypto_asym_target *t)
{
	/* [virtio 5.9.5.2] MUST keep all that has no fixed length within it */
	return (uint64_t)rq->src_len + rq->data_len + rq->dst_len + 1 +
		(t->stateless ? t->key_len : 0) <= dev->config.max_size;
}

static void
let_go(struct vcrypto_asym_buf *buf)
{
	/* Release: the device is done with it; pairs with place() and sweep(). */
	if (buf->made != NULL)
		__atomic_sub_fetch(&buf->made->refs, 1, __ATOMIC_RELEASE);
	if (buf->rec != NULL)
		__atomic_sub_fetch(&buf->rec->refs, 1, __ATOMIC_RELEASE);
	buf->made = NULL;
	buf->rec = NULL;
}

int
vcrypto_asym_encode(struct vcrypto_qp *qp, const struct rte_crypto_op *op,
		struct vcrypto_slot_priv *sp, const struct vcrypto_desc_fmt *fmt)
{
	struct vcrypto_asym_target target = { .session = 0 };
	struct vcrypto_asym_rec *const rec = rec_of(qp, op);
	/*
	 * A device that completes in order need not say how long each result is, and the raw API's
	 * dequeue does not listen.
	 */
	const bool lengths = !(qp->dev->features & VIRTIO_FEATURE(VIRTIO_F_IN_ORDER)) &&
		!(qp->seen & VCRYPTO_QUEUE_RAW);
	struct vcrypto_asym_buf *buf;
	int ret;

	if (rec == NULL)
		return RTE_CRYPTO_OP_STATUS_INVALID_SESSION;
	/* Set up before there was such a device? There is none. */
	if (qp->asym == NULL)
		return RTE_CRYPTO_OP_STATUS_INVALID_ARGS;
	buf = vcrypto_asym_pool_peek(qp->asym);
	if (buf == NULL)
		return -EAGAIN;
	buf->made = NULL;
	buf->rec = NULL;
	ret = vcrypto_codec_asym_fill(&rec->key, op->asym, lengths, buf->mem, &buf->rq);
	if (ret == 0)
		ret = find_target(qp, rec, buf, &target);
	if (ret == 0 && !is_within_limit(qp->dev, &buf->rq, &target))
		ret = RTE_CRYPTO_OP_STATUS_INVALID_ARGS;
	if (ret != 0) {
		let_go(buf);
		vcrypto_secret_wipe(buf->mem, VCRYPTO_ASYM_BUF_LEN);
		return ret;
	}
	buf->rec = rec;
	__atomic_add_fetch(&rec->refs, 1, __ATOMIC_RELAXED);
	vcrypto_asym_pool_take(qp->asym, buf);
	vcrypto_codec_asym_encode(&rec->key, &buf->rq, &target, buf->iova, sp, fmt);
	sp->asym = buf;
	sp->step = VCRYPTO_STEP_ASYM;
	return VCRYPTO_ENCODE_NEW;
}

void
vcrypto_asym_abandon(struct vcrypto_qp *qp, struct vcrypto_slot_priv *sp)
{
	struct vcrypto_asym_buf *const buf = sp->asym;

	sp->step = 0;
	sp->asym = NULL;
	let_go(buf);
	vcrypto_asym_pool_put(qp->asym, buf);
}

int
vcrypto_asym_done(struct vcrypto_qp *qp, struct vcrypto_slot_priv *sp, uint32_t used_len)
{
	struct vcrypto_asym_buf *const buf = sp->asym;
	/* At its own address, never at used length - 1 [virtio 5.9.9.3]. */
	const uint8_t status = sp->slot->status;
	int ret;

	ret = vcrypto_codec_asym_done(&buf->rq, status, used_len, buf->mem, sp->op->asym);
	if (ret == VCRYPTO_ASYM_ASK_AGAIN) {
		vcrypto_codec_asym_again(&buf->rq, buf->mem);
		sp->slot->status = VCRYPTO_STATUS_POISON;
		return ret;
	}
	vcrypto_asym_abandon(qp, sp);
	return ret;
}
