/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * First contact: features offered and refused one by one, configurations that are
 * nonsense, readiness, resets that take their time. The in-process device counts every
 * rule that the driver breaks, and dut_close() wants none.
 */

#include <errno.h>
#include <string.h>

#include <rte_memzone.h>

#include "device_fixture.h"

#define SUCCESS RTE_CRYPTO_OP_STATUS_SUCCESS
#define LEN DUT_DATA_LEN

static const uint64_t all_features[] = {F(0), F_INDIRECT, F_EVENT_IDX, F_ACCESS_PLATFORM,
	F_PACKED, F_IN_ORDER, F_ORDER_PLATFORM, F_NOTIFICATION_DATA, F_NOTIF_CONFIG_DATA,
	F_RING_RESET};

/* Everything that a data path does, once. */
static void
exercise(struct dut *t)
{
	struct rte_crypto_op *ops[40], *back[40];
	unsigned int round, i;
	void *s, *chain;

	dut_start(t, 1, 64);
	s = dut_cipher_session(t, true);
	chain = dut_chain_session(t, true);
	assert_non_null(s);
	assert_non_null(chain);
	for (round = 0; round < 20; round++) {
		/* Bursts of all sizes that fit 64 entries without indirect descriptors. */
		const unsigned int nb = 1 + round % 10;

		for (i = 0; i < nb; i++)
			ops[i] = i & 1 ? dut_chain_op(chain, LEN) : dut_op(s, LEN);
		dut_enqueue(t, 0, ops, (uint16_t)nb);
		dut_dequeue(t, 0, back, (uint16_t)nb);
		for (i = 0; i < nb; i++) {
			assert_int_equal(back[i]->status, SUCCESS);
			assert_true(dut_encrypted(back[i], LEN));
			dut_free_op(back[i]);
		}
	}
	dut_free_session(t, s);
	dut_free_session(t, chain);
}

static void
c13_features_one_by_one(void **state)
{
	struct inproc_cfg cfg = {0};
	unsigned int i, with;
	struct dut t;

	(void)state;
	for (i = 0; i < RTE_DIM(all_features); i++) {
		for (with = 0; with < 2; with++) {
			/* Only this one, then all but this one. */
			cfg.features = F_VERSION_1;
			for (unsigned int k = 0; k < RTE_DIM(all_features); k++) {
				if ((k == i) == !!with)
					cfg.features |= all_features[k];
			}
			dut_open(&t, &cfg, NULL);
			exercise(&t);
			if (cfg.features & F_INDIRECT)
				assert_int_equal(t.s->direct, 0);
			else
				assert_int_equal(t.s->indirect, 0);
			assert_true(t.s->requests > 0);
			dut_close(&t);
		}
	}
}

/* What the driver does not obey it must not accept, however much is offered. */
static void
c13_unknown_features(void **state)
{
	const struct inproc_cfg cfg = {.features = UINT64_MAX};
	struct dut t;

	(void)state;
	dut_open(&t, &cfg, NULL);
	exercise(&t);
	assert_true((t.s->features & (F(6) | F(41))) == 0);
	assert_true((t.s->features & F_VERSION_1) != 0);
	dut_close(&t);
	/* Who wants sessions only gets no device that may read their requests as stateless. */
	dut_open(&t, &cfg, "mode=session");
	exercise(&t);
	assert_true((t.s->features & (F(1) | F(2) | F(3) | F(4))) == 0);
	dut_close(&t);
}

static void
c13_features_refused(void **state)
{
	struct dut t;
	unsigned int i;

	(void)state;
	for (i = 0; i < RTE_DIM(all_features); i++) {
		const struct inproc_cfg cfg = {.features = F_VERSION_1 | all_features[i],
			.faults = {.refuse_features_ok = true,
				.refuse_features_mask = all_features[i]}};

		assert_int_equal(dut_try_open(&t, &cfg, NULL), -ENODEV);
	}
	{
		const struct inproc_cfg cfg = {.features = F_ACCESS_PLATFORM | F_INDIRECT};

		assert_int_equal(dut_try_open(&t, &cfg, NULL), -ENOTSUP);
	}
	/* Nothing is left that stands in the way of a good device. */
	dut_open(&t, NULL, NULL);
	exercise(&t);
	dut_close(&t);
}

/* The features that the device took at probe are gone at start. */
static void
c13_features_refused_at_start(void **state)
{
	struct dut t;

	(void)state;
	dut_open(&t, NULL, NULL);
	dut_configure(&t, 1, 64);
	t.f->refuse_features_ok = true;
	assert_true(rte_cryptodev_start(t.id) < 0);
	t.f->refuse_features_ok = false;
	exercise(&t);
	dut_close(&t);
}

static void
c12_notification_data(void **state)
{
	static const uint64_t features[] = {0, F_NOTIFICATION_DATA, F_NOTIF_CONFIG_DATA,
		F_NOTIFICATION_DATA | F_NOTIF_CONFIG_DATA, F_PACKED,
		F_PACKED | F_NOTIFICATION_DATA,
		F_PACKED | F_NOTIFICATION_DATA | F_NOTIF_CONFIG_DATA};
	struct inproc_cfg cfg = {.nb_data_queues = 3};
	struct rte_crypto_op *op;
	uint32_t low, high;
	unsigned int f, n;
	struct dut t;
	uint16_t qp;
	void *s;

	(void)state;
	for (f = 0; f < RTE_DIM(features); f++) {
		cfg.features = F_VERSION_1 | F_INDIRECT | features[f];
		dut_open(&t, &cfg, NULL);
		dut_start(&t, 3, 16);
		s = dut_cipher_session(&t, true);
		op = dut_op(s, LEN);
		for (qp = 0; qp < 3; qp++) {
			for (n = 1; n < 40; n++) {
				assert_int_equal(dut_run(&t, qp, op), SUCCESS);
				low = features[f] & F_NOTIF_CONFIG_DATA ?
						inproc_notif_data(t.d, qp) : qp;
				/* Index; or next descriptor, and wrap counter in bit 15. */
				high = features[f] & F_PACKED ?
						n % 16 | (n / 16 % 2 ? 0 : 0x8000) : n;
				assert_int_equal(t.s->last_notify_value,
						features[f] & F_NOTIFICATION_DATA ?
								high << 16 | low : low);
			}
		}
		dut_free_op(op);
		dut_free_session(&t, s);
		dut_close(&t);
	}
}

static void
c12_no_useless_kicks(void **state)
{
	static const uint64_t features[] = {0, F_EVENT_IDX};
	struct inproc_cfg cfg = {.run = INPROC_RUN_MANUAL};
	struct rte_crypto_op *ops[8], *back[8];
	unsigned int f, i, round;
	struct dut t;
	void *s;

	(void)state;
	for (f = 0; f < RTE_DIM(features); f++) {
		cfg.features = F_VERSION_1 | F_INDIRECT | features[f];
		dut_open(&t, &cfg, NULL);
		dut_start(&t, 1, 64);
		s = dut_cipher_session(&t, true);
		for (i = 0; i < 8; i++)
			ops[i] = dut_op(s, LEN);
		/* A device that wants doorbells: one a burst at most, and one at least. */
		dut_enqueue(&t, 0, ops, 8);
		assert_int_equal(t.s->notifications, 1);
		inproc_poll(t.d, UINT_MAX);
		dut_dequeue(&t, 0, back, 8);
		if (features[f] & F_EVENT_IDX) {
			/* Armed once: only the first of two bursts crosses the index. */
			dut_enqueue(&t, 0, ops, 4);
			dut_enqueue(&t, 0, ops + 4, 4);
			assert_int_equal(t.s->notifications, 2);
			inproc_poll(t.d, UINT_MAX);
			dut_dequeue(&t, 0, back, 8);
		}
		/* A device that polls wants none. */
		t.f->never_kick = true;
		inproc_poll(t.d, UINT_MAX);
		const uint64_t before = t.s->notifications;

		for (round = 0; round < 50; round++) {
			dut_enqueue(&t, 0, ops, 8);
			inproc_poll(t.d, UINT_MAX);
			dut_dequeue(&t, 0, back, 8);
		}
		assert_int_equal(t.s->notifications, before);
		for (i = 0; i < 8; i++)
			dut_free_op(ops[i]);
		dut_free_session(&t, s);
		dut_close(&t);
	}
}

/* ---- configuration ---- */

static void
c20_ready_is_a_bit(void **state)
{
	const struct inproc_cfg cfg = {.faults = {.extra_status = 0xfffffffe}};
	struct dut t;

	(void)state;
	dut_open(&t, &cfg, NULL);
	exercise(&t);
	dut_close(&t);
}

static void
c20_not_ready(void **state)
{
	const struct inproc_cfg cfg = {.faults = {.not_ready = true, .extra_status = 0x10}};
	struct dut t;
	void *s;

	(void)state;
	assert_int_equal(dut_try_open(&t, &cfg, NULL), -EAGAIN);

	dut_open(&t, NULL, NULL);
	s = dut_cipher_session(&t, true);
	assert_non_null(s);
	dut_configure(&t, 1, 64);
	/* Not ready after the reset that a start needs. */
	t.f->not_ready = true;
	assert_true(rte_cryptodev_start(t.id) < 0);
	/* [virtio 5.9.5.2: MUST NOT submit any request] - the device reports it if so. */
	assert_null(dut_cipher_session(&t, true));
	assert_int_equal(rte_errno, EAGAIN);
	t.f->not_ready = false;
	assert_int_equal(rte_cryptodev_start(t.id), 0);
	assert_true(dut_works(&t, 0, s));
	dut_free_session(&t, s);
	dut_close(&t);
}

static void
c20_generation(void **state)
{
	const struct inproc_cfg cfg = {.faults = {.generation_flips = 5}};
	const struct inproc_cfg never = {.faults = {.generation_flips = UINT32_MAX}};
	struct dut t;

	(void)state;
	dut_open(&t, &cfg, NULL);
	assert_int_equal(t.f->generation_flips, 0);
	exercise(&t);
	dut_close(&t);
	/* A configuration that never holds still is given up. */
	assert_true(dut_try_open(&t, &never, NULL) < 0);
}

static void
put_le32(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
	p[2] = (uint8_t)(v >> 16);
	p[3] = (uint8_t)(v >> 24);
}

/* A configuration like that of a good device, by offset [virtio 5.9.5]. */
static void
good_config(struct inproc_cfg *cfg)
{
	memset(cfg, 0, sizeof(*cfg));
	cfg->raw_config = true;
	put_le32(cfg->config + 0, 1);
	put_le32(cfg->config + 4, 1);
	put_le32(cfg->config + 8, 1);
	put_le32(cfg->config + 12, 1 << 3);
	put_le32(cfg->config + 24, 1 << 2);
	put_le32(cfg->config + 36, 64);
	put_le32(cfg->config + 40, 64);
	put_le32(cfg->config + 48, 1 << 20);
}

static void
c20_nonsense(void **state)
{
	struct inproc_cfg cfg;
	struct dut t;

	(void)state;
	good_config(&cfg);
	dut_open(&t, &cfg, NULL);
	exercise(&t);
	dut_close(&t);

	good_config(&cfg);
	put_le32(cfg.config + 4, 0);
	assert_int_equal(dut_try_open(&t, &cfg, NULL), -EINVAL);
	good_config(&cfg);
	put_le32(cfg.config + 4, 65536);
	assert_int_equal(dut_try_open(&t, &cfg, NULL), -EINVAL);
	good_config(&cfg);
	put_le32(cfg.config + 4, UINT32_MAX);
	assert_int_equal(dut_try_open(&t, &cfg, NULL), -EINVAL);
	/* More queues than there are. */
	good_config(&cfg);
	put_le32(cfg.config + 4, 2);
	assert_int_equal(dut_try_open(&t, &cfg, NULL), -ENODEV);
	/* Algorithms that do not exist, or that the device does not have: trials sort them out. */
	good_config(&cfg);
	put_le32(cfg.config + 12, UINT32_MAX);
	put_le32(cfg.config + 16, UINT32_MAX);
	put_le32(cfg.config + 20, UINT32_MAX);
	put_le32(cfg.config + 24, UINT32_MAX);
	put_le32(cfg.config + 28, UINT32_MAX);
	put_le32(cfg.config + 8, UINT32_MAX);
	dut_open(&t, &cfg, NULL);
	exercise(&t);
	dut_close(&t);
	/* No limit on sizes stated. */
	good_config(&cfg);
	put_le32(cfg.config + 48, 0);
	dut_open(&t, &cfg, NULL);
	exercise(&t);
	dut_close(&t);
}

static const struct rte_cryptodev_symmetric_capability *
find_cipher(struct dut *t, enum rte_crypto_cipher_algorithm algo)
{
	const struct rte_cryptodev_sym_capability_idx idx = {
		.type = RTE_CRYPTO_SYM_XFORM_CIPHER, .algo.cipher = algo};

	return rte_cryptodev_sym_capability_get(t->id, &idx);
}

static void
c20_key_limits(void **state)
{
	const struct rte_cryptodev_sym_capability_idx hmac = {
		.type = RTE_CRYPTO_SYM_XFORM_AUTH, .algo.auth = RTE_CRYPTO_AUTH_SHA1_HMAC};
	const struct inproc_cfg cfg = {.max_cipher_key_len = 24, .max_auth_key_len = 20};
	const struct rte_cryptodev_symmetric_capability *c;
	struct dut t;

	(void)state;
	dut_open(&t, &cfg, NULL);
	c = find_cipher(&t, RTE_CRYPTO_CIPHER_AES_CBC);
	assert_non_null(c);
	assert_int_equal(c->cipher.key_size.max, 24);
	/* Both keys of XTS are 32 bytes at least. */
	assert_null(find_cipher(&t, RTE_CRYPTO_CIPHER_AES_XTS));
	c = rte_cryptodev_sym_capability_get(t.id, &hmac);
	assert_non_null(c);
	assert_int_equal(c->auth.key_size.max, 20);
	dut_close(&t);
}

static void
c20_max_size(void **state)
{
	const struct inproc_cfg cfg = {.max_size = 16 + 2 * LEN + 1};
	struct rte_crypto_op *op;
	struct dut t;
	void *s;

	(void)state;
	dut_open(&t, &cfg, NULL);
	dut_start(&t, 1, 16);
	s = dut_cipher_session(&t, true);
	assert_true(dut_works(&t, 0, s));
	op = dut_op(s, LEN + 16);
	assert_int_equal(dut_run(&t, 0, op), RTE_CRYPTO_OP_STATUS_INVALID_ARGS);
	/* [virtio 5.9.5.2: MUST] - the device never saw it. */
	assert_int_equal(t.s->requests, 1);
	assert_true(dut_works(&t, 0, s));
	dut_free_op(op);
	dut_free_session(&t, s);
	dut_close(&t);
}

/* What QEMU's built-in device advertises, and what it does beside that. */
static void
c20_advertised_and_probed(void **state)
{
	const struct rte_cryptodev_sym_capability_idx sha1 = {
		.type = RTE_CRYPTO_SYM_XFORM_AUTH, .algo.auth = RTE_CRYPTO_AUTH_SHA1};
	const struct inproc_cfg cfg = {.engine = INPROC_ENGINE_CIPHER_ONLY};
	struct dut t;

	(void)state;
	dut_open(&t, &cfg, NULL);
	assert_non_null(find_cipher(&t, RTE_CRYPTO_CIPHER_AES_CBC));
	assert_null(find_cipher(&t, RTE_CRYPTO_CIPHER_AES_CTR));
	/* Advertised, and then refused. */
	assert_null(rte_cryptodev_sym_capability_get(t.id, &sha1));
	assert_null(dut_chain_session(&t, true));
	dut_close(&t);

	dut_open(&t, &cfg, "caps=probe");
	assert_non_null(find_cipher(&t, RTE_CRYPTO_CIPHER_AES_CBC));
	assert_non_null(find_cipher(&t, RTE_CRYPTO_CIPHER_AES_ECB));
	assert_non_null(find_cipher(&t, RTE_CRYPTO_CIPHER_AES_CTR));
	assert_non_null(find_cipher(&t, RTE_CRYPTO_CIPHER_AES_XTS));
	assert_non_null(find_cipher(&t, RTE_CRYPTO_CIPHER_3DES_CBC));
	assert_null(find_cipher(&t, RTE_CRYPTO_CIPHER_KASUMI_F8));
	assert_null(rte_cryptodev_sym_capability_get(t.id, &sha1));
	/* Trials leave nothing behind. */
	assert_int_equal(t.s->sessions, 0);
	dut_close(&t);
}

/* ---- reset ---- */

static void
c20_slow_reset(void **state)
{
	const struct inproc_cfg cfg = {.faults = {.reset_reads = 7}};
	struct dut t;

	(void)state;
	/* The device reports a driver that goes on before the reset is complete. */
	dut_open(&t, &cfg, NULL);
	exercise(&t);
	dut_close(&t);
}

static void
c20_reset_never_ends(void **state)
{
	const uint64_t start = dut_now_ms();
	struct dut t;

	(void)state;
	dut_open(&t, NULL, "timeout_ms=100");
	exercise(&t);
	t.f->reset_reads = UINT_MAX;
	rte_cryptodev_stop(t.id);
	assert_true(rte_cryptodev_start(t.id) < 0);
	assert_null(dut_cipher_session(&t, true));
	t.f->reset_reads = 0;
	exercise(&t);
	dut_close(&t);
	assert_true(dut_now_ms() - start < 10000);
}

static void
count_driver_zone(const struct rte_memzone *mz, void *arg)
{
	unsigned int *nb = arg;

	*nb += strncmp(mz->name, "vcrypto", 7) == 0;
}

static unsigned int
driver_zones(void)
{
	unsigned int nb = 0;

	rte_memzone_walk(count_driver_zone, &nb);
	return nb;
}

/* Memory that a device may still write is given to nobody, and the next device does not mind. */
static void
c20_close_without_reset(void **state)
{
	const struct rte_cryptodev_qp_conf qp = {.nb_descriptors = 64};
	unsigned int before, live;
	struct dut t;

	(void)state;
	before = driver_zones();
	dut_open(&t, NULL, "timeout_ms=100");
	exercise(&t);
	live = driver_zones();
	assert_true(live > before);
	t.f->reset_reads = UINT_MAX;
	rte_cryptodev_stop(t.id);
	/* Asked to free the queue pair, the driver tries again, and refuses. */
	assert_int_equal(rte_cryptodev_queue_pair_setup(t.id, 0, &qp, 0), -EBUSY);
	assert_int_equal(driver_zones(), live);
	t.f->reset_reads = 0;
	assert_int_equal(rte_cryptodev_queue_pair_setup(t.id, 0, &qp, 0), 0);
	exercise(&t);
	t.f->reset_reads = UINT_MAX;
	dut_close(&t);
	assert_int_equal(driver_zones(), live);

	dut_open(&t, NULL, NULL);
	exercise(&t);
	dut_close(&t);
	assert_int_equal(driver_zones(), live);
}

static void
bad_devargs(void **state)
{
	static const char *const args[] = {"caps=all", "caps", "timeout_ms=0", "timeout_ms=x",
		"timeout_ms=10x", "timeout_ms=-1", "nonsense=1", "caps=probe,what"};
	struct dut t;
	size_t i;

	(void)state;
	for (i = 0; i < RTE_DIM(args); i++)
		assert_int_equal(dut_try_open(&t, NULL, args[i]), -EINVAL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(c13_features_one_by_one),
		cmocka_unit_test(c13_unknown_features),
		cmocka_unit_test(c13_features_refused),
		cmocka_unit_test(c13_features_refused_at_start),
		cmocka_unit_test(c12_notification_data),
		cmocka_unit_test(c12_no_useless_kicks),
		cmocka_unit_test(c20_ready_is_a_bit),
		cmocka_unit_test(c20_not_ready),
		cmocka_unit_test(c20_generation),
		cmocka_unit_test(c20_nonsense),
		cmocka_unit_test(c20_key_limits),
		cmocka_unit_test(c20_max_size),
		cmocka_unit_test(c20_advertised_and_probed),
		cmocka_unit_test(c20_slow_reset),
		cmocka_unit_test(c20_reset_never_ends),
		cmocka_unit_test(c20_close_without_reset),
		cmocka_unit_test(bad_devargs),
	};

	return cmocka_run_group_tests_name("device_negotiation", tests, dut_eal_setup,
			dut_eal_teardown);
}
