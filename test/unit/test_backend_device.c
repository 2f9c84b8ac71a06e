/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The back end's device: configuration space, limits, sessions that do not exist,
 * control requests that make no sense.
 */

#include <errno.h>

#include "backend_fixture.h"

static uint8_t
try_session(struct backend *b, uint64_t id)
{
	uint8_t fixed[DATA_FIXED + 16], status = ST_UNTOUCHED;
	struct vhc_desc desc[] = {{fixed, sizeof(fixed), false}, {&status, 1, true}};

	data_bytes(&cbc, id, 16, iv16, 0, 0, NULL, fixed);
	assert_int_equal(serve(b, desc, 2), 1);
	return status;
}

static void
sessions(void **state)
{
	const struct vhc_device_cfg cfg = {.max_sessions = 3};
	struct backend b = backend_create(&cfg);
	uint64_t id[4], again;
	unsigned int i;

	(void)state;
	for (i = 0; i < 3; i++)
		assert_int_equal(create(&b, &cbc, &id[i]), ST_OK);
	assert_int_not_equal(id[0], id[1]);
	/* [virtio 5.9.9.2.1.7: NOSPC needs REVISION_1] */
	assert_int_equal(create(&b, &cbc, &id[3]), ST_ERR);
	assert_int_equal(id[3], 0);
	vhc_device_set_features(b.device, 1);
	assert_int_equal(create(&b, &cbc, &id[3]), ST_NOSPC);
	vhc_device_set_features(b.device, 0);

	for (i = 0; i < 3; i++)
		assert_int_equal(try_session(&b, id[i]), ST_OK);
	assert_int_equal(try_session(&b, 0), ST_INVSESS);
	assert_int_equal(try_session(&b, UINT64_MAX), ST_INVSESS);
	assert_int_equal(try_session(&b, (uint32_t)id[1]), ST_INVSESS);
	assert_int_equal(try_session(&b, id[2] + 1), ST_INVSESS);

	assert_int_equal(destroy_as(&b, 0x0103, id[1], 72), ST_ERR);
	assert_int_equal(destroy_as(&b, 0x0405, id[1], 72), ST_ERR);
	assert_int_equal(destroy_as(&b, 0x0003, id[1], 71), ST_ERR);
	assert_int_equal(try_session(&b, id[1]), ST_OK);
	assert_int_equal(destroy(&b, id[1]), ST_OK);
	assert_int_equal(destroy(&b, id[1]), ST_ERR);
	assert_int_equal(try_session(&b, id[1]), ST_INVSESS);
	/* The slot is used again, the number is not. */
	assert_int_equal(create(&b, &cbc, &again), ST_OK);
	assert_int_not_equal(again, id[1]);
	assert_int_equal(try_session(&b, id[1]), ST_INVSESS);
	assert_int_equal(try_session(&b, again), ST_OK);
	assert_int_equal(vhc_device_nb_sessions(b.device), 3);

	vhc_device_set_features(b.device, 1);
	assert_int_equal(destroy_as(&b, 0x0003, again, 23), ST_ERR);
	assert_int_equal(destroy_as(&b, 0x0003, again, 24), ST_OK);
	vhc_device_reset(b.device);
	assert_int_equal(vhc_device_nb_sessions(b.device), 0);
	for (i = 0; i < 3; i++)
		assert_int_equal(try_session(&b, id[i]), ST_INVSESS);
	backend_destroy(&b);
}

/* With REVISION_1 and without stateless mode a request says that it has a session. */
static void
session_flag(void **state)
{
	uint8_t fixed[DATA_FIXED + 16], status;
	struct vhc_desc desc[] = {{fixed, sizeof(fixed), false}, {&status, 1, true}};
	struct backend b = backend_create(NULL);
	uint64_t id;

	(void)state;
	vhc_device_set_features(b.device, 1);
	assert_int_equal(create(&b, &cbc, &id), ST_OK);
	data_bytes(&cbc, id, 16, iv16, 0, 0, NULL, fixed);
	serve(&b, desc, 2);
	assert_int_equal(status, ST_ERR);
	put32(fixed, 16, 1);
	serve(&b, desc, 2);
	assert_int_equal(status, ST_OK);
	backend_destroy(&b);
}

/* A session that is destroyed, or a device that is reset, under a request in flight. */
static void
destroy_in_flight(void **state)
{
	uint8_t fixed[DATA_FIXED + 16], data[16] = {0}, want[16], status = ST_UNTOUCHED;
	struct vhc_desc desc[] = {
		{fixed, sizeof(fixed), false},
		{data, 16, false},
		{data, 16, true},
		{&status, 1, true},
	};
	struct backend b = backend_create(NULL);
	struct vhc_engine_op *op, *done[2];
	struct vhc_request req;
	uint64_t id, other;

	(void)state;
	aes_cbc(1, data, want, 16);
	assert_int_equal(create(&b, &cbc, &id), ST_OK);
	data_bytes(&cbc, id, 16, iv16, 16, 16, NULL, fixed);
	assert_true(vhc_request_begin(&req, b.ctx, desc, 4));
	assert_int_equal(destroy(&b, id), ST_OK);
	assert_int_equal(vhc_device_nb_sessions(b.device), 0);
	assert_int_equal(vhc_device_reap(b.device), 1);
	assert_int_equal(create(&b, &cbc, &other), ST_OK);
	assert_int_equal(try_session(&b, id), ST_INVSESS);
	op = &req.op;
	assert_int_equal(b.engine->ops->enqueue(b.engine, 0, &op, 1), 1);
	assert_int_equal(b.engine->ops->dequeue(b.engine, 0, done, 2), 1);
	vhc_request_finish(&req);
	assert_int_equal(status, ST_OK);
	assert_memory_equal(data, want, 16);
	vhc_request_ctx_idle(b.ctx);
	assert_int_equal(vhc_device_reap(b.device), 0);

	status = ST_UNTOUCHED;
	data_bytes(&cbc, other, 16, iv16, 16, 16, NULL, fixed);
	assert_true(vhc_request_begin(&req, b.ctx, desc, 4));
	vhc_device_reset(b.device);
	vhc_request_drop(&req);
	assert_int_equal(status, ST_UNTOUCHED);
	backend_destroy(&b);
}

/* Bits of the algorithms that the engine has in some builds. */
#ifdef VHC_HAVE_IPSEC_MB
#define WIRELESS_CIPHERS (1 << 10 | 1 << 11 | 1 << 14)
#define WIRELESS_MACS (1 << 27)
#else
#define WIRELESS_CIPHERS 0
#define WIRELESS_MACS 0
#endif

struct create_mutation {
	const char *what;
	size_t off;
	uint32_t value;
	uint32_t status;
};

static const struct create_mutation create_mutations[] = {
	{"IPSEC create", 0, 0x0502, ST_NOTSUPP},
	{"AKCIPHER create", 0, 0x0404, ST_NOTSUPP},
	{"data opcode", 0, 0x0000, ST_NOTSUPP},
	{"no such chain order", 16, 3, ST_ERR},
	{"no chain order", 16, 0, ST_ERR},
	{"nested hash", 20, 3, ST_NOTSUPP},
	{"no hash mode", 20, 0, ST_NOTSUPP},
	{"cipher 0", 24, 0, ST_NOTSUPP},
	{"no such cipher", 24, 63, ST_NOTSUPP},
	{"cipher beyond the masks", 24, 64, ST_NOTSUPP},
	{"cipher number that overflows", 24, UINT32_MAX, ST_NOTSUPP},
	{"cipher key of 15 bytes", 28, 15, ST_ERR},
	{"no cipher key", 28, 0, ST_ERR},
	{"cipher key above the limit", 28, 65, ST_ERR},
	{"cipher key that overflows", 28, UINT32_MAX, ST_ERR},
	{"no direction", 32, 0, ST_ERR},
	{"no such direction", 32, 3, ST_ERR},
	{"no MAC", 40, 0, ST_NOTSUPP},
	{"UIA2, which the engine has not", 40, 28, ST_NOTSUPP},
	{"no such MAC", 40, 30, ST_NOTSUPP},
	{"MAC number that overflows", 40, UINT32_MAX, ST_NOTSUPP},
	{"digest of 0 bytes", 44, 0, ST_ERR},
	{"digest longer than the hash", 44, 21, ST_ERR},
	{"digest that overflows", 44, UINT32_MAX, ST_ERR},
	{"auth key longer than the chain", 48, 21, ST_ERR},
	{"auth key above the limit", 48, 513, ST_ERR},
	{"auth key that overflows", 48, UINT32_MAX, ST_ERR},
	{"additional data", 56, 8, ST_NOTSUPP},
	{"no op_type", 64, 0, ST_NOTSUPP},
	{"no such op_type", 64, 3, ST_NOTSUPP},
};

static void
malformed_create(void **state)
{
	uint8_t in[CTRL_FIXED + 36], good[CTRL_FIXED + 36], out[16], *cut_in;
	struct backend b = backend_create(NULL);
	size_t i, n;

	(void)state;
	assert_int_equal(create_bytes(&chain, good), sizeof(good));
	for (i = 0; i < UNIT_DIM(create_mutations); i++) {
		memcpy(in, good, sizeof(in));
		put32(in, create_mutations[i].off, create_mutations[i].value);
		memset(out, ST_UNTOUCHED, sizeof(out));
		assert_int_equal(ctrl(&b, in, sizeof(in), out, sizeof(out)), 16);
		if (get32(out, 8) != create_mutations[i].status)
			fail_msg("%s: status %u", create_mutations[i].what, get32(out, 8));
	}
	for (n = 0; n < sizeof(good); n++) {
		cut_in = malloc(n != 0 ? n : 1);
		memcpy(cut_in, good, n);
		assert_int_equal(ctrl(&b, cut_in, n, out, sizeof(out)), 16);
		assert_int_equal(get32(out, 8), ST_ERR);
		free(cut_in);
	}
	/* A number that nobody can be told is not given out. */
	for (n = 1; n < sizeof(out); n++) {
		memset(out, ST_UNTOUCHED, sizeof(out));
		assert_int_equal(ctrl(&b, good, sizeof(good), out, n), 1);
		assert_int_equal(out[0], ST_ERR);
	}
	assert_int_equal(ctrl(&b, good, sizeof(good), out, 0), 0);
	assert_int_equal(vhc_device_nb_sessions(b.device), 0);
	/* Longer than needed is well. */
	assert_int_equal(ctrl(&b, good, sizeof(good), out, sizeof(out)), 16);
	assert_int_equal(get32(out, 8), ST_OK);
	backend_destroy(&b);
}

static void
config(void **state)
{
	const struct vhc_device_cfg cfg = {.nb_data_queues = 5, .max_cipher_key_len = 32,
		.max_auth_key_len = 48, .max_size = 4096};
	struct backend b = backend_create(&cfg);
	struct virtio_crypto_config config;
	struct vhc_engine_caps caps;
	struct params p = cbc;
	uint8_t key[64];
	uint64_t id;

	(void)state;
	b.engine->ops->caps(b.engine, &caps);
	vhc_device_config(b.device, &config);
	assert_int_equal(get32(&config, 0), 1);
	assert_int_equal(get32(&config, 4), 5);
	assert_int_equal(get32(&config, 8), 0xf);
	/* AES, DES and triple DES at least, ARC4 where libcrypto has it. */
	assert_int_equal(get32(&config, 12) | 1 << 1, 0x3fe | 1 << 12 | 1 << 13 | WIRELESS_CIPHERS);
	assert_int_equal(get32(&config, 16), 0);
	assert_int_equal(get32(&config, 20), 0x1ffe);
	assert_int_equal(get32(&config, 24), 0x7e | 1 << 25 | 1 << 26 | WIRELESS_MACS);
	assert_int_equal(get32(&config, 28), 1 << (49 - 32) | 1 << (53 - 32));
	assert_int_equal(get32(&config, 32), 0xe);
	assert_int_equal(get32(&config, 36), 32);
	assert_int_equal(get32(&config, 40), 48);
	assert_int_equal(get32(&config, 44), 0);
	assert_int_equal(get64(&config, 48), 4096);
	assert_int_equal(vhc_device_features(b.device), 1);

	/* Limits are obeyed: an XTS key of 64 bytes is above 32. */
	fill(key, sizeof(key));
	p.cipher = 13;
	p.key = key;
	p.key_len = 64;
	assert_int_equal(create(&b, &p, &id), ST_ERR);
	p.key_len = 32;
	assert_int_equal(create(&b, &p, &id), ST_OK);
	backend_destroy(&b);
}

static void
limits(void **state)
{
	struct vhc_engine *e = vhc_engine_libcrypto_create(1);
	const struct vhc_device_cfg many = {.max_sessions = VHC_MAX_SESSIONS + 1};
	const struct vhc_device_cfg large = {.max_size = VHC_MAX_SIZE + 1};

	(void)state;
	assert_null(vhc_device_create(&many, e));
	assert_int_equal(errno, EINVAL);
	assert_null(vhc_device_create(&large, e));
	assert_null(vhc_engine_libcrypto_create(0));
	assert_int_equal(errno, EINVAL);
	e->ops->destroy(e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sessions),
		cmocka_unit_test(session_flag),
		cmocka_unit_test(destroy_in_flight),
		cmocka_unit_test(malformed_create),
		cmocka_unit_test(config),
		cmocka_unit_test(limits),
	};

	return cmocka_run_group_tests_name("backend_device", tests, NULL, NULL);
}
