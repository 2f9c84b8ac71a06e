/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The cryptodev engine over the software drivers of the installed DPDK, against the libcrypto
 * engine: each algorithm, key size and digest length that both take, in both directions, orders
 * and layouts, with random data, lengths and offsets. What the cryptodev engine does must be the
 * same; it may leave operations to others.
 */

#include "engine_fixture.h"

/* How a driver is run. */
struct manner {
	const char *name;
	unsigned int flags; /* VHC_CD_FORCE_* */
	bool full;          /* takes but some operations at a time, or none */
	bool main_only;     /* the two drivers that have most */
};

static uint16_t (*real_enqueue)(void *qp, struct rte_crypto_op **ops, uint16_t nb);
static uint64_t full_rng;
static bool full_dma;

static bool
dma_address(const void *p, rte_iova_t iova)
{
	return rte_mem_virt2iova(p) == iova;
}

/* Whether all that a device would read or write has an address for it. */
static bool
for_dma(const struct rte_crypto_op *op)
{
	const struct rte_crypto_sym_op *sym = op->sym;
	/* container_of() would cast the const away. */
	const struct vhc_cd_op *c = (const void *)((const uint8_t *)op -
			offsetof(struct vhc_cd_op, op));
	const struct vhc_cd_session *s = c->owner->session;

	if (!dma_address(op, op->phys_addr) || sym->m_dst != NULL ||
			!dma_address(sym->m_src->buf_addr, sym->m_src->buf_iova))
		return false;
	if (s->shape == VHC_CD_AEAD)
		return dma_address(sym->aead.digest.data, sym->aead.digest.phys_addr) &&
				dma_address(sym->aead.aad.data, sym->aead.aad.phys_addr);
	return sym->auth.data.length == 0 ||
			dma_address(sym->auth.digest.data, sym->auth.digest.phys_addr);
}

static uint16_t
enqueue_some(void *qp, struct rte_crypto_op **ops, uint16_t nb)
{
	uint16_t n = (uint16_t)engine_below(&full_rng, nb + 1u), i;

	for (i = 0; i < n && full_dma; i++)
		assert_true(for_dma(ops[i]));
	return n != 0 ? real_enqueue(qp, ops, n) : 0;
}

static void
run_alone(const struct manner *m, unsigned int driver, struct vhc_engine *ref)
{
	struct vhc_engine_caps caps, lc;
	struct vhc_engine *e;
	struct each t;
	uint32_t extra;

	ref->ops->caps(ref, &lc);
	e = vhc_engine_cryptodev_create_flags((uint8_t)engine_device_id[driver], NB_QUEUES,
			MAX_SESSIONS, m->flags);
	assert_non_null(e);
	if (m->full) {
		full_rng = engine_seed;
		full_dma = (m->flags & VHC_CD_FORCE_BOUNCE) != 0;
		real_enqueue = rte_crypto_fp_ops[engine_device_id[driver]].enqueue_burst;
		rte_crypto_fp_ops[engine_device_id[driver]].enqueue_burst = enqueue_some;
	}
	e->ops->caps(e, &caps);
	extra = ((struct vhc_cd_engine *)e)->extra_left;
	engine_each(&t, e, ref, false);
	/* All that sessions took is there again. */
	assert_int_equal(((struct vhc_cd_engine *)e)->extra_left, extra);
	assert_int_equal(((struct vhc_cd_engine *)e)->sessions_left, MAX_SESSIONS);
	assert_true(rte_mempool_full(((struct vhc_cd_engine *)e)->pool));
	print_message("# %s%s: %u sessions, %u operations, %u refused\n", engine_drivers[driver],
			m->name, t.nb, t.jobs.nb_done, t.jobs.nb_refused);
	/* No more than the random shapes meant for others, which are about half of AEAD's. */
	assert_true(t.jobs.nb_done * 2 > t.jobs.nb_refused);
	/* Every algorithm that is in the masks of both was tested. */
	assert_int_equal(t.ciphers, caps.cipher_algo & lc.cipher_algo);
	assert_int_equal(t.macs, caps.mac_algo & (lc.chain_mac_algo | lc.mac_algo));
	assert_int_equal(t.hashes, caps.hash_algo & (lc.chain_hash_algo | lc.hash_algo));
	assert_int_equal(t.aeads, caps.aead_algo & lc.aead_algo);
	e->ops->destroy(e);
}

/* Each driver alone: what it does is right, and it does most of what it takes. */
static void
test_alone(void **state)
{
	struct vhc_engine *ref = vhc_engine_libcrypto_create(NB_QUEUES);
	const struct manner *m = *state;
	unsigned int i;

	assert_non_null(ref);
	for (i = 0; i < NB_DRIVERS; i++) {
		if (engine_device_id[i] >= 0 && (!m->main_only || i == 0 || i == 2))
			run_alone(m, i, ref);
	}
	ref->ops->destroy(ref);
}

/* What a driver says of an operation, and what becomes of it. */
static uint8_t told;

static uint16_t
tell(void *qp, struct rte_crypto_op **ops, uint16_t nb)
{
	uint16_t n = real_enqueue(qp, ops, nb), i;

	for (i = 0; i < n; i++)
		ops[i]->status = told;
	return n;
}

static void
test_status(void **state)
{
	static const struct {
		uint8_t of_driver, of_engine;
	} cases[] = {
		{RTE_CRYPTO_OP_STATUS_SUCCESS, VIRTIO_CRYPTO_OK},
		{RTE_CRYPTO_OP_STATUS_AUTH_FAILED, VIRTIO_CRYPTO_BADMSG},
		{RTE_CRYPTO_OP_STATUS_NOT_PROCESSED, VIRTIO_CRYPTO_ERR},
		{RTE_CRYPTO_OP_STATUS_INVALID_SESSION, VIRTIO_CRYPTO_ERR},
		{RTE_CRYPTO_OP_STATUS_INVALID_ARGS, VIRTIO_CRYPTO_ERR},
		{RTE_CRYPTO_OP_STATUS_ERROR, VIRTIO_CRYPTO_ERR},
	};
	uint8_t key[32] = {1}, data[64] = {2}, iv[VHC_IV_MAX_LEN] = {3}, digest[VHC_DIGEST_MAX_LEN];
	struct vhc_sym_params p = {.kind = VHC_SYM_CHAIN, .key = key, .auth_key = key,
			.cipher_algo = VIRTIO_CRYPTO_CIPHER_AES_CBC, .key_len = 16, .mac = true,
			.auth_algo = VIRTIO_CRYPTO_MAC_HMAC_SHA1, .auth_key_len = 20,
			.digest_len = 12};
	struct vhc_seg seg = {data, sizeof(data)};
	struct vhc_engine_op op = {.src = &seg, .dst = &seg, .nb_src = 1, .nb_dst = 1,
			.len = sizeof(data), .cipher_len = sizeof(data), .hash_len = sizeof(data),
			.iv = iv, .iv_len = 16, .digest = digest};
	struct vhc_engine_op *ops = &op;
	struct vhc_engine *e;
	unsigned int i, k;
	uint8_t id;

	(void)state;
	if (engine_device("crypto_openssl") < 0)
		skip();
	id = (uint8_t)engine_device("crypto_openssl");
	e = vhc_engine_cryptodev_create(id, 1, 1);
	assert_non_null(e);
	op.priv = aligned_alloc(64, RTE_ALIGN_CEIL(e->ops->op_priv_len, 64));
	memset(op.priv, 0, e->ops->op_priv_len);
	assert_int_equal(e->ops->session_create(e, &p, &op.session), 0);
	/* This driver works within enqueue, so that what is told afterwards is the last word. */
	real_enqueue = rte_crypto_fp_ops[id].enqueue_burst;
	rte_crypto_fp_ops[id].enqueue_burst = tell;
	for (i = 0; i < RTE_DIM(cases); i++) {
		told = cases[i].of_driver;
		assert_int_equal(e->ops->enqueue(e, 0, &ops, 1), 1);
		for (k = 0; e->ops->dequeue(e, 0, &ops, 1) == 0; k++)
			assert_true(k < 1000);
		assert_int_equal(op.status, cases[i].of_engine);
	}
	e->ops->session_destroy(e, op.session);
	e->ops->destroy(e);
	free(op.priv);
}

/* The main job's chain runs in the device in both directions, split where it must be. */
static void
test_main_chain(void **state)
{
	struct vhc_sym_params p = {.kind = VHC_SYM_CHAIN,
			.cipher_algo = VIRTIO_CRYPTO_CIPHER_AES_CBC,
			.mac = true,
			.auth_algo = VIRTIO_CRYPTO_MAC_HMAC_SHA1,
			.key_len = 16,
			.auth_key_len = 20};
	struct vhc_engine *e, *ref = vhc_engine_libcrypto_create(1);
	uint8_t key[32];
	struct jobs j;
	unsigned int i;

	(void)state;
	if (engine_device("crypto_aesni_mb") < 0)
		skip();
	e = vhc_engine_cryptodev_create((uint8_t)engine_device("crypto_aesni_mb"), 1, MAX_SESSIONS);
	assert_non_null(e);
	memset(key, 7, sizeof(key));
	p.key = p.auth_key = key;
	engine_jobs_init(&j, e, ref);
	for (i = 0; i < 4 * 8; i++) {
		p.encrypt = (i & 1) != 0;
		p.hash_first = (i & 2) != 0;
		p.digest_len = (i & 4) != 0 ? 20 : 12;
		assert_true(engine_compare(&j, &p, e, ref, false));
	}
	assert_true(j.nb_refused * 3 < j.nb_done);
	engine_jobs_fini(&j);
	e->ops->destroy(e);
	ref->ops->destroy(ref);
}

/* As many sessions as were asked for, whatever they are, and no more; all come back. */
static void
test_sessions(void **state)
{
	struct vhc_sym_params p = {.kind = VHC_SYM_CHAIN,
			.cipher_algo = VIRTIO_CRYPTO_CIPHER_AES_CBC,
			.hash_first = true,
			.mac = true,
			.auth_algo = VIRTIO_CRYPTO_MAC_HMAC_SHA1,
			.key_len = 16,
			.auth_key_len = 20,
			.digest_len = 20};
	void *session[MAX_SESSIONS], *more;
	struct vhc_engine *e;
	uint8_t key[32];
	unsigned int i, round;
	int id;

	(void)state;
	memset(key, 1, sizeof(key));
	p.key = p.auth_key = key;
	for (round = 0; round < 2; round++) {
		id = engine_device(round == 0 ? "crypto_aesni_mb" : "crypto_openssl");
		if (id < 0)
			continue;
		e = vhc_engine_cryptodev_create((uint8_t)id, 1, MAX_SESSIONS);
		assert_non_null(e);
		for (i = 0; i < MAX_SESSIONS; i++)
			assert_int_equal(e->ops->session_create(e, &p, &session[i]), 0);
		assert_int_equal(e->ops->session_create(e, &p, &more), -ENOSPC);
		assert_string_equal(e->ops->session_engine(e, session[0]),
				((struct vhc_cd_engine *)e)->name);
		for (i = 0; i < MAX_SESSIONS; i++)
			e->ops->session_destroy(e, session[i]);
		assert_true(rte_mempool_full(((struct vhc_cd_engine *)e)->pool));
		for (i = 0; i < MAX_SESSIONS; i++)
			assert_int_equal(e->ops->session_create(e, &p, &session[i]), 0);
		for (i = 0; i < MAX_SESSIONS; i++)
			e->ops->session_destroy(e, session[i]);
		e->ops->destroy(e);
	}
}

static void
test_caps(void **state)
{
	struct vhc_engine_caps c;
	struct vhc_engine *e;

	(void)state;
	if (engine_device("crypto_openssl") < 0)
		skip();
	e = vhc_engine_cryptodev_create((uint8_t)engine_device("crypto_openssl"), 1, 1);
	assert_non_null(e);
	e->ops->caps(e, &c);
	assert_true((c.cipher_algo >> VIRTIO_CRYPTO_CIPHER_AES_CBC & 1) != 0);
	assert_true((c.cipher_algo >> VIRTIO_CRYPTO_CIPHER_AES_XTS & 1) == 0);
	assert_true((c.hash_algo >> VIRTIO_CRYPTO_HASH_SHA_512 & 1) != 0);
	assert_true((c.hash_algo >> VIRTIO_CRYPTO_HASH_SHA3_256 & 1) == 0);
	assert_true((c.mac_algo >> VIRTIO_CRYPTO_MAC_HMAC_SHA1 & 1) != 0);
	assert_true((c.mac_algo >> VIRTIO_CRYPTO_MAC_GMAC_AES & 1) == 0);
	assert_true((c.aead_algo >> VIRTIO_CRYPTO_AEAD_GCM & 1) != 0);
	assert_int_equal(c.chain_hash_algo, c.hash_algo);
	assert_int_equal(c.chain_mac_algo, c.mac_algo);
	assert_int_equal(c.max_cipher_key_len, 32);
	assert_int_equal(c.max_auth_key_len, 128);
	assert_false(c.sgl);
	e->ops->destroy(e);

	if (engine_device("crypto_aesni_gcm") < 0)
		return;
	/* No cipher, so no chain either. */
	e = vhc_engine_cryptodev_create((uint8_t)engine_device("crypto_aesni_gcm"), 1, 1);
	assert_non_null(e);
	e->ops->caps(e, &c);
	assert_int_equal(c.cipher_algo | c.chain_mac_algo | c.chain_hash_algo, 0);
	assert_int_equal(c.aead_algo, 1u << VIRTIO_CRYPTO_AEAD_GCM);
	assert_int_equal(c.max_cipher_key_len, 32);
	e->ops->destroy(e);
}

static void
test_refused(void **state)
{
	struct vhc_sym_params p = {.kind = VHC_SYM_CIPHER, .cipher_algo = 200, .key_len = 16};
	struct vhc_engine *e;
	uint8_t key[VHC_KEY_MAX_LEN] = {0}, id;
	void *session;

	(void)state;
	if (engine_device("crypto_openssl") < 0)
		skip();
	/* No such device, no queues, more queue pairs than it has. */
	assert_null(vhc_engine_cryptodev_create(RTE_CRYPTO_MAX_DEVS - 1, 1, 1));
	assert_int_equal(errno, EINVAL);
	id = (uint8_t)engine_device("crypto_openssl");
	assert_null(vhc_engine_cryptodev_create(id, 0, 1));
	assert_int_equal(errno, EINVAL);
	assert_null(vhc_engine_cryptodev_create(id, UINT16_MAX, 1));
	assert_int_equal(errno, ENOTSUP);

	e = vhc_engine_cryptodev_create((uint8_t)engine_device("crypto_openssl"), 1, 1);
	assert_non_null(e);
	p.key = p.auth_key = key;
	assert_int_equal(e->ops->check(e, &p), -ENOTSUP);
	assert_int_equal(e->ops->session_create(e, &p, &session), -ENOTSUP);
	p.cipher_algo = VIRTIO_CRYPTO_CIPHER_AES_CBC;
	assert_int_equal(e->ops->check(e, &p), 16);
	p.key_len = 17;
	assert_int_equal(e->ops->check(e, &p), -EINVAL);
	p.key_len = 16 + 65536;
	assert_int_equal(e->ops->check(e, &p), -EINVAL);
	p = (struct vhc_sym_params){.kind = VHC_SYM_MAC, .mac = true, .auth_key = key,
			.auth_algo = VIRTIO_CRYPTO_MAC_HMAC_SHA1, .auth_key_len = 20};
	p.digest_len = 20;
	assert_int_equal(e->ops->check(e, &p), 0);
	p.digest_len = 21;
	assert_int_equal(e->ops->check(e, &p), -EINVAL);
	p.digest_len = 0;
	assert_int_equal(e->ops->check(e, &p), -EINVAL);
	p.digest_len = 20;
	p.auth_key_len = 20 + 65536;
	assert_int_equal(e->ops->check(e, &p), -EINVAL);
	e->ops->destroy(e);
}

int
main(void)
{
	static struct manner plain = {.name = ""},
		bounce = {.name = ", for DMA", .flags = VHC_CD_FORCE_BOUNCE},
		in_place = {.name = ", in place", .flags = VHC_CD_FORCE_IN_PLACE,
			.main_only = true},
		full = {.name = ", full", .full = true, .main_only = true},
		bounce_full = {.name = ", for DMA, full", .flags = VHC_CD_FORCE_BOUNCE,
			.full = true, .main_only = true};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_caps),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_sessions),
		cmocka_unit_test(test_main_chain),
		cmocka_unit_test(test_status),
		cmocka_unit_test_prestate(test_alone, &plain),
		cmocka_unit_test_prestate(test_alone, &bounce),
		cmocka_unit_test_prestate(test_alone, &in_place),
		cmocka_unit_test_prestate(test_alone, &full),
		cmocka_unit_test_prestate(test_alone, &bounce_full),
	};

	return cmocka_run_group_tests(tests, engine_setup, engine_teardown);
}
