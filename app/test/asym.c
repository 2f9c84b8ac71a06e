/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_errno.h>

#include "asym.h"

#define GUARD 0x5a
#define UNWRITTEN 0xa5

struct asym_env asym_env;

const char *const asym_hashes[ASYM_NB_HASHES] = {"md5", "sha1", "sha224", "sha256", "sha384",
	"sha512"};

int
asym_hash_id(const char *name)
{
	static const int ids[ASYM_NB_HASHES] = {RTE_CRYPTO_AUTH_MD5, RTE_CRYPTO_AUTH_SHA1,
		RTE_CRYPTO_AUTH_SHA224, RTE_CRYPTO_AUTH_SHA256, RTE_CRYPTO_AUTH_SHA384,
		RTE_CRYPTO_AUTH_SHA512};
	unsigned int i;

	for (i = 0; name != NULL && i < ASYM_NB_HASHES; i++)
		if (strcmp(name, asym_hashes[i]) == 0)
			return ids[i];
	return 0;
}

/* ---- device ---- */

static bool
find_device(void)
{
	const int driver_id = rte_cryptodev_driver_id_get(test_opts.driver);
	uint8_t id;

	for (id = 0; id < RTE_CRYPTO_MAX_DEVS; id++) {
		if (!rte_cryptodev_is_valid_dev(id) || (test_opts.dev != NULL &&
				strcmp(rte_cryptodev_name_get(id), test_opts.dev) != 0))
			continue;
		rte_cryptodev_info_get(id, &asym_env.info);
		if (asym_env.info.driver_id == driver_id && (asym_env.info.feature_flags &
				RTE_CRYPTODEV_FF_ASYMMETRIC_CRYPTO)) {
			asym_env.id = id;
			return true;
		}
	}
	return false;
}

static int
start(void)
{
	struct rte_cryptodev_config conf = {
		.socket_id = rte_cryptodev_socket_id(asym_env.id),
		.nb_queue_pairs = 1,
	};
	const struct rte_cryptodev_qp_conf qp = {.nb_descriptors = ASYM_NB_DESC};
	int ret;

	ret = rte_cryptodev_configure(asym_env.id, &conf);
	if (ret == 0)
		ret = rte_cryptodev_queue_pair_setup(asym_env.id, 0, &qp, conf.socket_id);
	return ret == 0 ? rte_cryptodev_start(asym_env.id) : ret;
}

enum test_result
asym_env_init(char *why, size_t why_len)
{
	int ret;

	memset(&asym_env, 0, sizeof(asym_env));
	if (!find_device()) {
		snprintf(why, why_len, "no asymmetric cryptodev of driver %s%s%s",
				test_opts.driver, test_opts.dev != NULL ? " named " : "",
				test_opts.dev != NULL ? test_opts.dev : "");
		return TEST_SKIP;
	}
	asym_env.strict = strncmp(test_opts.driver, "crypto_virtio",
			strlen("crypto_virtio")) == 0;
	asym_env.ops = rte_crypto_op_pool_create("vt_asym_ops", RTE_CRYPTO_OP_TYPE_ASYMMETRIC,
			ASYM_NB_OPS, 0, 0, SOCKET_ID_ANY);
	asym_env.sessions = rte_cryptodev_asym_session_pool_create("vt_asym_sessions",
			ASYM_NB_SESSIONS, 0, 0, SOCKET_ID_ANY);
	ret = start();
	if (asym_env.ops == NULL || asym_env.sessions == NULL || ret != 0) {
		snprintf(why, why_len, "%s does not start, or there is no memory: %s",
				rte_cryptodev_name_get(asym_env.id),
				rte_strerror(ret != 0 ? -ret : rte_errno));
		asym_env_fini();
		return TEST_FAIL;
	}
	return TEST_PASS;
}

void
asym_env_fini(void)
{
	rte_cryptodev_stop(asym_env.id);
	rte_mempool_free(asym_env.ops);
	rte_mempool_free(asym_env.sessions);
	asym_ref_fini();
}

enum test_result
asym_env_before(const struct test_case *tc)
{
	RTE_SET_USED(tc);
	return TEST_PASS;
}

enum test_result
asym_env_after(const struct test_case *tc, enum test_result result)
{
	struct rte_crypto_op *op;
	unsigned int lost;

	RTE_SET_USED(tc);
	if (result == TEST_FAIL) {
		/* Whatever is left of the case is thrown away with the pools' contents. */
		while (rte_cryptodev_dequeue_burst(asym_env.id, 0, &op, 1) == 1)
			rte_crypto_op_free(op);
		return result;
	}
	if (rte_cryptodev_dequeue_burst(asym_env.id, 0, &op, 1) == 1)
		return test_fail("an op came back that nobody waited for");
	lost = rte_mempool_in_use_count(asym_env.ops);
	if (lost != 0 && result == TEST_PASS)
		return test_fail("%u ops are lost", lost);
	lost = rte_mempool_in_use_count(asym_env.sessions);
	if (lost != 0 && result == TEST_PASS)
		return test_fail("%u sessions are lost", lost);
	return result;
}

const struct rte_cryptodev_asymmetric_xform_capability *
asym_cap(enum rte_crypto_asym_xform_type type)
{
	const struct rte_cryptodev_capabilities *c = asym_env.info.capabilities;

	for (; c != NULL && c->op != RTE_CRYPTO_OP_TYPE_UNDEFINED; c++)
		if (c->op == RTE_CRYPTO_OP_TYPE_ASYMMETRIC &&
				c->asym.xform_capa.xform_type == type)
			return &c->asym.xform_capa;
	return NULL;
}

enum test_result
need_asym(enum rte_crypto_asym_xform_type type, enum rte_crypto_asym_op_type op)
{
	const struct rte_cryptodev_asymmetric_xform_capability *const cap = asym_cap(type);
	const char *const name = type == RTE_CRYPTO_ASYM_XFORM_RSA ? "RSA" : "ECDSA";

	if (cap == NULL)
		return test_skip("the device does not show %s", name);
	if (!(cap->op_types & 1u << op))
		return test_skip("the device does not show operation %d of %s", (int)op, name);
	return TEST_PASS;
}

enum test_result
need_modulus(uint32_t len)
{
	const struct rte_crypto_param_range *r = &asym_cap(RTE_CRYPTO_ASYM_XFORM_RSA)->modlen;

	if (r->max != 0 && (len < r->min || len > r->max))
		return test_skip("the device does not show a modulus of %u bytes", len);
	return TEST_PASS;
}

enum test_result
need_key_form(bool qt)
{
	const uint64_t flag = qt ? RTE_CRYPTODEV_FF_RSA_PRIV_OP_KEY_QT :
			RTE_CRYPTODEV_FF_RSA_PRIV_OP_KEY_EXP;

	if (!(asym_env.info.feature_flags & flag))
		return test_skip("the device does not show RSA_PRIV_OP_KEY_%s", qt ? "QT" : "EXP");
	return TEST_PASS;
}

bool
asym_may_refuse(const char *what)
{
	const size_t len = strlen(what);
	const char *p = test_opts.refuses;

	for (; p != NULL && *p != '\0'; p += strcspn(p, ",") + (strchr(p, ',') != NULL))
		if (strcspn(p, ",") == len && strncmp(p, what, len) == 0)
			return true;
	return false;
}

/* ---- sessions ---- */

static void
point_to(rte_crypto_uint *u, const struct asym_num *n)
{
	u->data = (uint8_t *)(uintptr_t)n->data;
	u->length = n->len;
}

void
asym_rsa_xform(const struct asym_rsa_key *k, bool qt, struct rte_crypto_asym_xform *x)
{
	memset(x, 0, sizeof(*x));
	x->xform_type = RTE_CRYPTO_ASYM_XFORM_RSA;
	point_to(&x->rsa.n, &k->n);
	point_to(&x->rsa.e, &k->e);
	x->rsa.key_type = qt ? RTE_RSA_KEY_TYPE_QT : RTE_RSA_KEY_TYPE_EXP;
	if (!qt) {
		point_to(&x->rsa.d, &k->d);
		return;
	}
	point_to(&x->rsa.qt.p, &k->p);
	point_to(&x->rsa.qt.q, &k->q);
	point_to(&x->rsa.qt.dP, &k->dp);
	point_to(&x->rsa.qt.dQ, &k->dq);
	point_to(&x->rsa.qt.qInv, &k->qi);
}

void
asym_ec_xform(enum asym_curve c, struct rte_crypto_asym_xform *x)
{
	memset(x, 0, sizeof(*x));
	x->xform_type = RTE_CRYPTO_ASYM_XFORM_ECDSA;
	x->ec.curve_id = asym_curve_group(c);
}

int
asym_session_create(struct rte_crypto_asym_xform *x, void **session)
{
	const unsigned int before = rte_mempool_in_use_count(asym_env.sessions);
	const int ret = rte_cryptodev_asym_session_create(asym_env.id, x, asym_env.sessions,
			session);

	/* The library leaves with the caller what the driver would not have. */
	if (ret != 0 && rte_mempool_in_use_count(asym_env.sessions) > before)
		rte_mempool_put(asym_env.sessions, *session);
	return ret;
}

enum test_result
asym_session(struct rte_crypto_asym_xform *x, void **session)
{
	const int ret = asym_session_create(x, session);

	if (ret == 0)
		return TEST_PASS;
	return test_fail("no session: %s", rte_strerror(-ret));
}

void
asym_session_free(void *session)
{
	rte_cryptodev_asym_session_free(asym_env.id, session);
}

/* ---- jobs ---- */

static void
buf_init(struct asym_buf *b)
{
	memset(b->before, GUARD, sizeof(b->before));
	memset(b->data, UNWRITTEN, sizeof(b->data));
	memset(b->behind, GUARD, sizeof(b->behind));
}

static bool
guards_hold(const struct asym_buf *b)
{
	unsigned int i;

	for (i = 0; i < sizeof(b->before); i++)
		if (b->before[i] != GUARD || b->behind[i] != GUARD)
			return false;
	return true;
}

struct asym_job *
asym_job(void *session)
{
	struct asym_job *j = calloc(1, sizeof(*j));

	if (j == NULL)
		return NULL;
	j->op = rte_crypto_op_alloc(asym_env.ops, RTE_CRYPTO_OP_TYPE_ASYMMETRIC);
	if (j->op == NULL) {
		free(j);
		return NULL;
	}
	memset(j->op->asym, 0, sizeof(*j->op->asym));
	buf_init(&j->in);
	buf_init(&j->out);
	buf_init(&j->more);
	if (session != NULL)
		rte_crypto_op_attach_asym_session(j->op, session);
	else
		j->op->sess_type = RTE_CRYPTO_OP_WITH_SESSION;
	return j;
}

void
asym_job_free(struct asym_job *j)
{
	if (j == NULL)
		return;
	rte_crypto_op_free(j->op);
	free(j);
}

static void
set_param(rte_crypto_param *p, struct asym_buf *b, const void *in, uint32_t len)
{
	p->data = b->data;
	p->length = len;
	if (in != NULL && len <= sizeof(b->data))
		memcpy(b->data, in, len);
}

void
asym_job_rsa(struct asym_job *j, enum rte_crypto_asym_op_type type,
		enum rte_crypto_rsa_padding_type padding, const char *hash, const void *in,
		uint32_t len, const void *sig, uint32_t sig_len)
{
	struct rte_crypto_rsa_op_param *const rsa = &j->op->asym->rsa;

	rsa->op_type = type;
	rsa->padding.type = padding;
	rsa->padding.hash = asym_hash_id(hash);
	switch (type) {
	case RTE_CRYPTO_ASYM_OP_ENCRYPT:
		set_param(&rsa->message, &j->in, in, len);
		set_param(&rsa->cipher, &j->out, NULL, 0);
		break;
	case RTE_CRYPTO_ASYM_OP_DECRYPT:
		set_param(&rsa->cipher, &j->in, in, len);
		set_param(&rsa->message, &j->out, NULL, 0);
		break;
	case RTE_CRYPTO_ASYM_OP_SIGN:
		set_param(&rsa->message, &j->in, in, len);
		set_param(&rsa->sign, &j->out, NULL, 0);
		break;
	default:
		set_param(&rsa->message, &j->in, in, len);
		set_param(&rsa->sign, &j->more, sig, sig_len);
		/* Drivers without padding put what the signature says there. */
		set_param(&rsa->cipher, &j->out, NULL, 0);
		break;
	}
}

void
asym_job_ecdsa(struct asym_job *j, enum rte_crypto_asym_op_type type, const struct asym_ec_key *k,
		const void *in, uint32_t len, const uint8_t *r, const uint8_t *s)
{
	struct rte_crypto_ecdsa_op_param *const e = &j->op->asym->ecdsa;

	e->op_type = type;
	set_param(&e->message, &j->in, in, len);
	if (type == RTE_CRYPTO_ASYM_OP_SIGN) {
		e->pkey.data = (uint8_t *)(uintptr_t)k->d;
		e->pkey.length = k->len;
		set_param(&e->r, &j->out, NULL, 0);
		set_param(&e->s, &j->more, NULL, 0);
		return;
	}
	e->q.x.data = (uint8_t *)(uintptr_t)k->x;
	e->q.y.data = (uint8_t *)(uintptr_t)k->y;
	e->q.x.length = e->q.y.length = k->len;
	set_param(&e->r, &j->out, r, k->len);
	set_param(&e->s, &j->more, s, k->len);
}

enum test_result
asym_run(struct asym_job **jobs, unsigned int nb)
{
	const uint64_t deadline = rte_get_timer_cycles() +
			rte_get_timer_hz() / 1000 * test_opts.timeout_ms;
	struct rte_crypto_op *ops[ASYM_NB_OPS], *back[8];
	unsigned int sent = 0, got = 0, i;
	uint16_t n;

	if (nb > RTE_DIM(ops))
		return test_fail("%u jobs at once", nb);
	for (i = 0; i < nb; i++) {
		ops[i] = jobs[i]->op;
		ops[i]->status = RTE_CRYPTO_OP_STATUS_NOT_PROCESSED;
	}
	while (got < nb) {
		sent += rte_cryptodev_enqueue_burst(asym_env.id, 0, ops + sent,
				(uint16_t)(nb - sent));
		n = rte_cryptodev_dequeue_burst(asym_env.id, 0, back, RTE_DIM(back));
		for (i = 0; i < n; i++)
			if (back[i]->status == RTE_CRYPTO_OP_STATUS_NOT_PROCESSED)
				return test_fail("an op comes back without a status");
		got += n;
		if (n == 0 && rte_get_timer_cycles() > deadline)
			return test_fail("%u of %u ops do not come back", nb - got, nb);
	}
	for (i = 0; i < nb; i++)
		if (!guards_hold(&jobs[i]->in) || !guards_hold(&jobs[i]->out) ||
				!guards_hold(&jobs[i]->more))
			return test_fail("something is written beside a buffer");
	return TEST_PASS;
}

enum test_result
asym_run_one(struct asym_job *j, enum rte_crypto_op_status *status)
{
	ASYM_NEED(asym_run(&j, 1));
	*status = j->op->status;
	return TEST_PASS;
}
