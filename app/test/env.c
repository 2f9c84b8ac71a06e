/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>

#include "env.h"
#include "job.h"

struct env env;

/* Objects in use when no case runs: none. */
static struct {
	const char *what;
	struct rte_mempool **mp;
} pools[] = {
	{"crypto ops", &env.ops},
	{"small mbufs", &env.mbufs_small},
	{"big mbufs", &env.mbufs_big},
	{"sessions", &env.sessions},
};

int
env_configure(struct env_dev *d, uint16_t nb_qps, uint32_t nb_desc)
{
	struct rte_cryptodev_config conf = {
		.socket_id = rte_cryptodev_socket_id(d->id),
		.nb_queue_pairs = nb_qps,
		.ff_disable = RTE_CRYPTODEV_FF_SECURITY | RTE_CRYPTODEV_FF_ASYMMETRIC_CRYPTO,
	};
	struct rte_cryptodev_qp_conf qp = {
		.nb_descriptors = nb_desc,
		.mp_session = env.sessions,
	};
	uint16_t i;
	int ret;

	d->dirty = true;
	ret = rte_cryptodev_configure(d->id, &conf);
	for (i = 0; ret == 0 && i < nb_qps; i++)
		ret = rte_cryptodev_queue_pair_setup(d->id, i, &qp, conf.socket_id);
	if (ret == 0) {
		d->nb_qps = nb_qps;
		d->nb_desc = nb_desc;
	}
	return ret;
}

int
env_start(struct env_dev *d)
{
	int ret = rte_cryptodev_start(d->id);

	d->started = ret == 0;
	return ret;
}

void
env_stop(struct env_dev *d)
{
	if (d->started)
		rte_cryptodev_stop(d->id);
	d->started = false;
}

void
env_stop_all(void)
{
	unsigned int i;

	for (i = 0; i < env.nb_devs; i++) {
		env_stop(&env.dev[i]);
		env.dev[i].dirty = true;
	}
}

static int
env_default_state(struct env_dev *d, uint16_t nb_desc)
{
	const uint16_t nb = (uint16_t)RTE_MIN(d->info.max_nb_queue_pairs,
			(unsigned int)ENV_MAX_QPS);
	int ret;

	if (nb_desc == 0)
		nb_desc = ENV_NB_DESC;
	if (d->started && !d->dirty && d->nb_desc == nb_desc)
		return 0;
	env_stop(d);
	ret = env_configure(d, nb, nb_desc);
	if (ret != 0)
		return ret;
	ret = env_start(d);
	if (ret == 0)
		d->dirty = false;
	return ret;
}

/* By driver id, as dpdk-test does: devices of several buses may carry one id. */
static void
find_devices(void)
{
	const int driver_id = rte_cryptodev_driver_id_get(test_opts.driver);
	struct rte_cryptodev_info info;
	uint8_t id;

	for (id = 0; id < RTE_CRYPTO_MAX_DEVS && env.nb_devs < ENV_MAX_DEVS; id++) {
		struct env_dev *d = &env.dev[env.nb_devs];

		if (!rte_cryptodev_is_valid_dev(id))
			continue;
		if (env.nb_devs == 0 && test_opts.dev != NULL &&
				strcmp(rte_cryptodev_name_get(id), test_opts.dev) != 0)
			continue;
		rte_cryptodev_info_get(id, &info);
		if (info.driver_id != driver_id ||
				!(info.feature_flags & RTE_CRYPTODEV_FF_SYMMETRIC_CRYPTO))
			continue;
		d->id = id;
		d->info = info;
		env.nb_devs++;
	}
}

static struct rte_mempool *
session_pool(void)
{
	unsigned int size = 0, i;

	for (i = 0; i < env.nb_devs; i++)
		size = RTE_MAX(size, rte_cryptodev_sym_get_private_session_size(env.dev[i].id));
	return rte_cryptodev_sym_session_pool_create("vt_sessions", ENV_NB_SESSIONS, size, 0, 0,
			SOCKET_ID_ANY);
}

enum test_result
env_init(char *why, size_t why_len)
{
	unsigned int i;
	int ret;

	memset(&env, 0, sizeof(env));
	find_devices();
	if (env.nb_devs == 0) {
		snprintf(why, why_len, "no symmetric cryptodev of driver %s%s%s", test_opts.driver,
				test_opts.dev != NULL ? " named " : "",
				test_opts.dev != NULL ? test_opts.dev : "");
		return TEST_SKIP;
	}
	env.strict = strncmp(test_opts.driver, "crypto_virtio", strlen("crypto_virtio")) == 0;
	env.ops = rte_crypto_op_pool_create("vt_ops", RTE_CRYPTO_OP_TYPE_SYMMETRIC, ENV_NB_OPS, 0,
			JOB_OP_PRIVATE, SOCKET_ID_ANY);
	env.mbufs_small = rte_pktmbuf_pool_create("vt_small", 2 * ENV_NB_OPS, 0, 0, ENV_SMALL_ROOM,
			SOCKET_ID_ANY);
	env.mbufs_big = rte_pktmbuf_pool_create("vt_big", 64, 0, 0, ENV_BIG_ROOM, SOCKET_ID_ANY);
	env.sessions = session_pool();
	for (i = 0; i < RTE_DIM(pools); i++) {
		if (*pools[i].mp == NULL) {
			snprintf(why, why_len, "no memory for %s: %s", pools[i].what,
					rte_strerror(rte_errno));
			env_fini();
			return TEST_FAIL;
		}
	}
	for (i = 0; i < env.nb_devs; i++) {
		ret = env_default_state(&env.dev[i], 0);
		if (ret != 0) {
			snprintf(why, why_len, "%s does not start: %s",
					rte_cryptodev_name_get(env.dev[i].id), rte_strerror(-ret));
			env_fini();
			return TEST_FAIL;
		}
	}
	return TEST_PASS;
}

void
env_fini(void)
{
	unsigned int i;

	for (i = 0; i < env.nb_devs; i++)
		env_stop(&env.dev[i]);
	for (i = 0; i < RTE_DIM(pools); i++) {
		rte_mempool_free(*pools[i].mp);
		*pools[i].mp = NULL;
	}
}

enum test_result
env_before(const struct test_case *tc)
{
	unsigned int i;
	int ret;

	for (i = 0; i < env.nb_devs; i++) {
		ret = env_default_state(&env.dev[i], tc->nb_desc);
		if (ret != 0)
			return test_fail("%s does not start before the case: %s",
					rte_cryptodev_name_get(env.dev[i].id), rte_strerror(-ret));
	}
	return TEST_PASS;
}

enum test_result
env_after(const struct test_case *tc, enum test_result result)
{
	struct rte_crypto_op *op;
	unsigned int i, lost;
	uint16_t qp;

	RTE_SET_USED(tc);
	for (i = 0; i < env.nb_devs; i++) {
		for (qp = 0; env.dev[i].started && qp < env.dev[i].nb_qps; qp++) {
			if (rte_cryptodev_dequeue_burst(env.dev[i].id, qp, &op, 1) == 0)
				continue;
			env.dev[i].dirty = true;
			if (result == TEST_PASS)
				result = test_fail("an op came back that nobody waited for"
						" (queue pair %u)", qp);
		}
	}
	if (result == TEST_FAIL)
		env_stop_all();
	job_release_all();
	for (i = 0; i < RTE_DIM(pools); i++) {
		lost = (*pools[i].mp)->size - rte_mempool_avail_count(*pools[i].mp);
		if (lost != 0 && result == TEST_PASS)
			result = test_fail("%u %s are lost", lost, pools[i].what);
	}
	return result;
}

bool
env_in_range(const struct rte_crypto_param_range *r, uint32_t size)
{
	return size >= r->min && size <= r->max &&
			(r->increment == 0 ? size == r->min || size == r->max :
			(size - r->min) % r->increment == 0);
}

static const struct rte_cryptodev_symmetric_capability *
find_cap(enum rte_crypto_sym_xform_type type, unsigned int algo)
{
	const struct rte_cryptodev_capabilities *c = env.dev[0].info.capabilities;

	/* By hand and not with the library's look-up, which another suite checks against this. */
	for (; c->op != RTE_CRYPTO_OP_TYPE_UNDEFINED; c++) {
		if (c->op != RTE_CRYPTO_OP_TYPE_SYMMETRIC || c->sym.xform_type != type)
			continue;
		if (type == RTE_CRYPTO_SYM_XFORM_CIPHER && c->sym.cipher.algo == algo)
			return &c->sym;
		if (type == RTE_CRYPTO_SYM_XFORM_AUTH && c->sym.auth.algo == algo)
			return &c->sym;
		if (type == RTE_CRYPTO_SYM_XFORM_AEAD && c->sym.aead.algo == algo)
			return &c->sym;
	}
	return NULL;
}

const struct rte_cryptodev_symmetric_capability *
env_cipher_cap(enum rte_crypto_cipher_algorithm algo)
{
	return find_cap(RTE_CRYPTO_SYM_XFORM_CIPHER, algo);
}

const struct rte_cryptodev_symmetric_capability *
env_auth_cap(enum rte_crypto_auth_algorithm algo)
{
	return find_cap(RTE_CRYPTO_SYM_XFORM_AUTH, algo);
}

const struct rte_cryptodev_symmetric_capability *
env_aead_cap(enum rte_crypto_aead_algorithm algo)
{
	return find_cap(RTE_CRYPTO_SYM_XFORM_AEAD, algo);
}

bool
env_has(uint64_t feature_flags)
{
	return (env.dev[0].info.feature_flags & feature_flags) == feature_flags;
}

uint64_t
env_deadline(void)
{
	return rte_get_timer_cycles() + rte_get_timer_hz() / 1000 * test_opts.timeout_ms;
}
