/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Control queue commands against the device of ctrl_fixture.h, which answers, lies
 * or stays silent as it is told. The bytes that it must see stand here literally,
 * from the offsets of [virtio 5.9.7.2, 5.9.9.2].
 */

#include "unit_eal.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>

#include <rte_crypto.h>
#include <rte_cycles.h>
#include <rte_log.h>
#include <rte_malloc.h>
#include <rte_memzone.h>

#include "virtio_caps.h"
#include "virtio_codec.h"
#include "virtio_ctrl.h"

#include "ctrl_fixture.h"

#define LINE 64

/* ---- the driver's side ---- */

static struct device dev;
static struct vcrypto_ctrl ctrl __rte_aligned(64);

#define QUICK_MS 30 /* for devices that never answer */
#define PATIENT_MS 60000 /* for those that do: never reached */

static void
start(uint64_t features, unsigned int timeout_ms)
{
	memset(&dev, 0, sizeof(dev));
	dev.transport.kind = VCRYPTO_TRANSPORT_INPROC;
	vcrypto_transport_register(VCRYPTO_TRANSPORT_INPROC, &fake_ops);
	assert_int_equal(vcrypto_ctrl_create(&ctrl, "0000:00:04.0_unit", "vcrypto0", SOCKET_ID_ANY,
		&dev.transport, RING_SIZE, timeout_ms), 0);
	assert_int_equal(vcrypto_ctrl_enable(&ctrl, QUEUE, F_VERSION_1 | features), 0);
}

static void
stop(void)
{
	vcrypto_ctrl_destroy(&ctrl);
}

static const uint64_t formats[] = { 0, F_INDIRECT, F_EVENT_IDX, F_INDIRECT | F_EVENT_IDX,
	F_INDIRECT | F_EVENT_IDX | F_ORDER_PLATFORM };

/* Keys that can be found again in memory. */
static uint8_t cipher_key[64], auth_key[64];

static void
make_keys(void)
{
	unsigned int i;

	for (i = 0; i < 64; i++) {
		cipher_key[i] = 0x80 + i;
		auth_key[i] = 0xff - i;
	}
}

static bool
holds(const struct rte_memzone *mz, const uint8_t *what, size_t len)
{
	return memmem(mz->addr, mz->len, what, len) != NULL;
}

/* Whether a piece of either key is anywhere in the memory of the control queue. */
static bool
holds_keys(void)
{
	return holds(ctrl.buf_mz, cipher_key + 4, 4) || holds(ctrl.buf_mz, auth_key + 4, 4) ||
		holds(ctrl.ring_mz, cipher_key + 4, 4) || holds(ctrl.ring_mz, auth_key + 4, 4);
}

enum kind {
	CIPHER, /* AES-CBC encrypt, 16-byte key */
	PLAIN, /* SHA256 verified, then AES-CBC decrypt, 32-byte key */
	AUTH, /* AES-CBC encrypt, 16-byte key, then HMAC-SHA1 with a 20-byte key, cut to 12 */
	TWO_KEY_3DES, /* 3DES-CBC decrypt, 16-byte key */
	HASH, /* SHA3-256 alone, cut to 20 */
	MAC, /* HMAC-SHA512 alone, 40-byte key */
	GCM, /* AES-GCM decrypt, 32-byte key, tag of 12, AAD of 20 */
	GMAC, /* AES-GMAC, 16-byte key, cut to 8 */
	NB_KINDS,
};

/* Services by the numbers of [virtio 5.9.7]. */
static const uint8_t service_of[NB_KINDS] = { [HASH] = 1, [MAC] = 2, [GCM] = 3, [GMAC] = 3 };

static void
make_request(enum kind kind, struct vcrypto_sym_create *create)
{
	struct rte_crypto_sym_xform c = { .type = RTE_CRYPTO_SYM_XFORM_CIPHER };
	struct rte_crypto_sym_xform a = { .type = RTE_CRYPTO_SYM_XFORM_AUTH };
	struct rte_crypto_sym_xform *first = &c;
	struct vcrypto_sym_algs algs = { 0 };
	struct vcrypto_sym_template tmpl;

	make_keys();
	if (kind == GCM) {
		struct rte_crypto_sym_xform x = { .type = RTE_CRYPTO_SYM_XFORM_AEAD, .aead = {
			.op = RTE_CRYPTO_AEAD_OP_DECRYPT, .algo = RTE_CRYPTO_AEAD_AES_GCM,
			.key = { cipher_key, 32 }, .iv = { 128, 12 }, .digest_length = 12,
			.aad_length = 20 } };

		algs.aead = vcrypto_caps_find_aead(RTE_CRYPTO_AEAD_AES_GCM);
		assert_int_equal(vcrypto_codec_sym_session(&x, &algs, false, create, &tmpl), 0);
		return;
	}
	if (kind == HASH || kind == MAC || kind == GMAC) {
		a.auth.op = RTE_CRYPTO_AUTH_OP_VERIFY;
		a.auth.algo = kind == HASH ? RTE_CRYPTO_AUTH_SHA3_256 :
			kind == MAC ? RTE_CRYPTO_AUTH_SHA512_HMAC : RTE_CRYPTO_AUTH_AES_GMAC;
		a.auth.key.data = kind == HASH ? NULL : auth_key;
		a.auth.key.length = kind == HASH ? 0 : kind == MAC ? 40 : 16;
		a.auth.iv.length = kind == GMAC ? 12 : 0;
		a.auth.digest_length = kind == HASH ? 20 : kind == MAC ? 64 : 8;
		algs.auth = vcrypto_caps_find_auth(a.auth.algo);
		assert_int_equal(vcrypto_codec_sym_session(&a, &algs, false, create, &tmpl), 0);
		return;
	}
	c.cipher.algo = kind == TWO_KEY_3DES ? RTE_CRYPTO_CIPHER_3DES_CBC :
					       RTE_CRYPTO_CIPHER_AES_CBC;
	c.cipher.op = kind == CIPHER || kind == AUTH ? RTE_CRYPTO_CIPHER_OP_ENCRYPT :
						       RTE_CRYPTO_CIPHER_OP_DECRYPT;
	c.cipher.key.data = cipher_key;
	c.cipher.key.length = kind == PLAIN ? 32 : 16;
	c.cipher.iv.offset = 128;
	c.cipher.iv.length = kind == TWO_KEY_3DES ? 8 : 16;
	if (kind == PLAIN) {
		a.auth.algo = RTE_CRYPTO_AUTH_SHA256;
		a.auth.op = RTE_CRYPTO_AUTH_OP_VERIFY;
		a.auth.digest_length = 32;
		a.next = &c;
		first = &a;
	} else if (kind == AUTH) {
		a.auth.algo = RTE_CRYPTO_AUTH_SHA1_HMAC;
		a.auth.op = RTE_CRYPTO_AUTH_OP_GENERATE;
		a.auth.key.data = auth_key;
		a.auth.key.length = 20;
		a.auth.digest_length = 12;
		c.next = &a;
	}
	algs.cipher = vcrypto_caps_find_cipher(c.cipher.algo);
	if (kind == PLAIN || kind == AUTH)
		algs.auth = vcrypto_caps_find_auth(a.auth.algo);
	assert_int_equal(vcrypto_codec_sym_session(first, &algs, false, create, &tmpl), 0);
}

/* ---- golden bytes ---- */

static size_t
golden_create(enum kind kind, bool exact, uint8_t *b)
{
	size_t len;

	make_keys();
	memset(b, 0, 256);
	put32(b, 0, service_of[kind] << 8 | 0x02);
	switch (kind) {
	case HASH:
		put32(b, 4, 8); /* SHA3_256 */
		put32(b, 16, 8);
		put32(b, 20, 20); /* hash_result_len */
		return exact ? 24 : 72;
	case MAC:
		put32(b, 4, 6); /* HMAC_SHA_512 */
		put32(b, 16, 6);
		put32(b, 20, 64); /* hash_result_len */
		put32(b, 24, 40); /* auth_key_len */
		len = exact ? 32 : 72;
		memcpy(b + len, auth_key, 40);
		return len + 40;
	case GCM:
	case GMAC:
		put32(b, 4, 1); /* GCM */
		put32(b, 16, 1);
		put32(b, 20, kind == GCM ? 32 : 16); /* key_len */
		put32(b, 24, kind == GCM ? 12 : 16); /* tag_len */
		put32(b, 28, kind == GCM ? 20 : 0); /* aad_len */
		put32(b, 32, kind == GCM ? 2 : 1); /* decrypt, encrypt */
		len = exact ? 40 : 72;
		if (kind == GCM)
			memcpy(b + len, cipher_key, 32);
		else
			memcpy(b + len, auth_key, 16);
		return len + (kind == GCM ? 32 : 16);
	default:
		break;
	}
	put32(b, 0, 0x0002); /* opcode: CIPHER_CREATE_SESSION */
	put32(b, 4, kind == TWO_KEY_3DES ? 8 : 3); /* algo */
	/* 8 flag, 12 reserved */
	switch (kind) {
	case CIPHER:
		put32(b, 16, 3); /* AES_CBC */
		put32(b, 20, 16); /* key_len */
		put32(b, 24, 1); /* encrypt */
		put32(b, 64, 1); /* op_type: cipher */
		memcpy(b + 72, cipher_key, 16);
		return 72 + 16;
	case TWO_KEY_3DES:
		put32(b, 16, 8); /* 3DES_CBC */
		put32(b, 20, 24);
		put32(b, 24, 2); /* decrypt */
		put32(b, 64, 1);
		memcpy(b + 72, cipher_key, 16); /* K1 K2 */
		memcpy(b + 88, cipher_key, 8); /* K1 */
		return 72 + 24;
	case PLAIN:
		put32(b, 16, 1); /* hash, then cipher */
		put32(b, 20, 1); /* plain */
		put32(b, 24, 3);
		put32(b, 28, 32);
		put32(b, 32, 2);
		put32(b, 40, 4); /* SHA_256 */
		put32(b, 44, 32); /* hash_result_len */
		put32(b, 64, 2); /* op_type: chain */
		memcpy(b + 72, cipher_key, 32);
		return 72 + 32;
	case AUTH:
	default:
		put32(b, 16, 2); /* cipher, then hash */
		put32(b, 20, 2); /* auth */
		put32(b, 24, 3);
		put32(b, 28, 16);
		put32(b, 32, 1);
		put32(b, 40, 2); /* HMAC_SHA1 */
		put32(b, 44, 12);
		put32(b, 48, 20); /* auth_key_len */
		/* 52 padding, 56 aad_len, 60 padding */
		put32(b, 64, 2);
		memcpy(b + 72, cipher_key, 16);
		memcpy(b + 88, auth_key, 20);
		return 72 + 16 + 20;
	}
}

/* What the device writes has cache lines that nothing else of the command lies in. */
static void
check_reply_apart(void)
{
	const unsigned int last = dev.nb_parts - 1;
	const uint64_t line = dev.part[last].addr / LINE;
	unsigned int i;

	assert_int_equal(dev.part[last].addr % LINE, 0);
	for (i = 0; i < last; i++)
		assert_false(dev.part[i].addr / LINE <= line &&
			line <= (dev.part[i].addr + dev.part[i].len - 1) / LINE);
}

/* One field, one descriptor, in the specification's order. */
static void
check_parts(const uint32_t *lens, unsigned int nb)
{
	unsigned int i;

	assert_int_equal(dev.nb_parts, nb);
	for (i = 0; i < nb; i++) {
		assert_int_equal(dev.part[i].len, lens[i]);
		assert_int_equal(dev.part[i].write, i == nb - 1);
	}
	check_reply_apart();
}

static void
test_golden_create(void **state)
{
	static const struct {
		unsigned int nb;
		uint32_t lens[4];
		uint32_t exact; /* the first, with REVISION_1 */
	} parts[NB_KINDS] = {
		[CIPHER] = { 3, { 72, 16, 16 }, 72 },
		[PLAIN] = { 3, { 72, 32, 16 }, 72 },
		[AUTH] = { 4, { 72, 16, 20, 16 }, 72 },
		[TWO_KEY_3DES] = { 3, { 72, 24, 16 }, 72 },
		[HASH] = { 2, { 72, 16 }, 24 },
		[MAC] = { 3, { 72, 40, 16 }, 32 },
		[GCM] = { 3, { 72, 32, 16 }, 40 },
		[GMAC] = { 3, { 72, 16, 16 }, 40 },
	};
	struct vcrypto_sym_create create;
	uint8_t golden[256];
	uint32_t lens[4];
	uint64_t id;
	unsigned int f, kind;

	(void)state;
	for (f = 0; f < 2 * UNIT_DIM(formats); f++) {
		const bool rev1 = f & 1;

		start(formats[f / 2] | (rev1 ? F_REVISION_1 : 0), PATIENT_MS);
		for (kind = 0; kind < NB_KINDS; kind++) {
			make_request(kind, &create);
			dev.session_id = UINT64_C(0x8877665544332211) + kind;
			id = 99;
			assert_int_equal(vcrypto_ctrl_sym_create(&ctrl, &create, &id), 0);
			assert_true(id == UINT64_C(0x8877665544332211) + kind);
			assert_int_equal(dev.req_len, golden_create(kind, rev1, golden));
			assert_memory_equal(dev.req, golden, dev.req_len);
			memcpy(lens, parts[kind].lens, sizeof(lens));
			lens[0] = rev1 ? parts[kind].exact : 72;
			check_parts(lens, parts[kind].nb);
			assert_false(holds_keys());
		}
		stop();
	}
}

static void
test_golden_destroy(void **state)
{
	static const uint32_t padded[] = { 72, 1 }, exact[] = { 24, 1 };
	struct vcrypto_sym_create create;
	uint8_t golden[72];
	uint64_t id;
	unsigned int f, kind;

	(void)state;
	memset(golden, 0, sizeof(golden));
	put64(golden, 16, UINT64_C(0x8877665544332211));
	for (f = 0; f < 2 * UNIT_DIM(formats); f++) {
		const bool rev1 = f & 1;

		start(formats[f / 2] | (rev1 ? F_REVISION_1 : 0), PATIENT_MS);
		for (kind = 0; kind < NB_KINDS; kind++) {
			/* Nothing of the command before may shine through. */
			make_request(kind, &create);
			assert_int_equal(create.service, service_of[kind]);
			assert_int_equal(vcrypto_ctrl_sym_create(&ctrl, &create, &id), 0);
			assert_int_equal(vcrypto_ctrl_destroy_session(&ctrl, create.service,
				UINT64_C(0x8877665544332211)), 0);
			put32(golden, 0, service_of[kind] << 8 | 0x03);
			assert_int_equal(dev.req_len, rev1 ? 24 : 72);
			assert_memory_equal(dev.req, golden, dev.req_len);
			check_parts(rev1 ? exact : padded, 2);
		}
		stop();
	}
}

/* ---- answers ---- */

/* c.8: what the device refuses is an error, a negative one; unknown answers are refusals. */
static void
test_create_status(void **state)
{
	static const struct {
		uint32_t status;
		int want;
	} cases[] = { { 0, 0 }, { 1, -EINVAL }, { 2, -EINVAL }, { 3, -ENOTSUP }, { 4, -EINVAL },
		{ 5, -ENOSPC }, { 6, -EINVAL }, { 7, -EINVAL }, { 8, -EINVAL }, { 256, -EINVAL },
		{ 0x10000, -EINVAL }, { 0x10003, -EINVAL }, { 0x80000000, -EINVAL },
		{ UINT32_MAX, -EINVAL } };
	struct vcrypto_sym_create create;
	uint64_t id;
	size_t i;

	(void)state;
	start(F_INDIRECT, PATIENT_MS);
	make_request(AUTH, &create);
	for (i = 0; i < UNIT_DIM(cases); i++) {
		dev.create_status = cases[i].status;
		dev.session_id = 0; /* a legal number */
		id = 99;
		assert_int_equal(vcrypto_ctrl_sym_create(&ctrl, &create, &id), cases[i].want);
		assert_int_equal(id, cases[i].want == 0 ? 0 : 99);
		assert_false(ctrl.broken);
		/* c.10: refused or not */
		assert_false(holds_keys());
	}
	stop();
}

static void
test_destroy_status(void **state)
{
	unsigned int status;

	(void)state;
	start(F_INDIRECT, PATIENT_MS);
	for (status = 0; status < 256; status++) {
		dev.destroy_status = status;
		assert_int_equal(vcrypto_ctrl_destroy_session(&ctrl, 0, 1),
			status == 0 ? 0 : -EINVAL);
	}
	assert_false(ctrl.broken);
	stop();
}

/* A device that answers nothing is not believed, whatever it answered before. */
static void
test_empty_reply(void **state)
{
	struct vcrypto_sym_create create;
	uint64_t id = 99;

	(void)state;
	start(0, PATIENT_MS);
	make_request(CIPHER, &create);
	assert_int_equal(vcrypto_ctrl_sym_create(&ctrl, &create, &id), 0);
	id = 99;
	dev.lie = EMPTY_REPLY;
	assert_int_equal(vcrypto_ctrl_sym_create(&ctrl, &create, &id), -EINVAL);
	assert_int_equal(id, 99);
	assert_int_equal(vcrypto_ctrl_destroy_session(&ctrl, 0, 0), -EINVAL);
	stop();
}

/* Many commands of all lengths, round and round a small ring. */
static void
test_wrap(void **state)
{
	struct vcrypto_sym_create create;
	unsigned int f, i;
	uint64_t id;

	(void)state;
	for (f = 0; f < UNIT_DIM(formats); f++) {
		start(formats[f], PATIENT_MS);
		for (i = 0; i < 20 * RING_SIZE; i++) {
			make_request(i % NB_KINDS, &create);
			dev.session_id = i;
			assert_int_equal(vcrypto_ctrl_sym_create(&ctrl, &create, &id), 0);
			assert_int_equal(id, i);
			/* For NOTIFICATION_DATA the ring's state is its next entry. */
			assert_int_equal(dev.notified_state, i / 3 * 4 + i % 3 + 1);
			if (i % 3 == 2)
				assert_int_equal(vcrypto_ctrl_destroy_session(&ctrl, 0, id), 0);
		}
		assert_int_equal(dev.nb_requests, 20 * RING_SIZE + 20 * RING_SIZE / 3);
		assert_int_equal(dev.nb_notified, dev.nb_requests);
		stop();
	}
}

/* Keys that do not fit are not sent, nor is a part of them. */
static void
test_too_big(void **state)
{
	static const uint32_t lens[][2] = { { VCRYPTO_CREATE_KEY_MAX, 1 }, { 1,
		VCRYPTO_CREATE_KEY_MAX }, { UINT32_MAX, 2 }, { 16, UINT32_MAX }, { UINT32_MAX,
		UINT32_MAX } };
	struct vcrypto_sym_create create;
	uint64_t id;
	size_t i;

	(void)state;
	start(0, PATIENT_MS);
	make_request(AUTH, &create);
	for (i = 0; i < UNIT_DIM(lens); i++) {
		create.cipher_key_len = lens[i][0];
		create.auth_key_len = lens[i][1];
		assert_int_equal(vcrypto_ctrl_sym_create(&ctrl, &create, &id), -E2BIG);
	}
	assert_int_equal(dev.nb_requests, 0);
	assert_false(holds_keys());
	create.cipher_key_len = VCRYPTO_CREATE_KEY_MAX - 1;
	create.auth_key_len = 1;
	assert_int_equal(vcrypto_ctrl_sym_create(&ctrl, &create, &id), 0);
	assert_int_equal(dev.req_len, 72 + VCRYPTO_CREATE_KEY_MAX);
	assert_memory_equal(dev.req + 72, create.keys, VCRYPTO_CREATE_KEY_MAX);
	stop();
}

/* ---- broken ---- */

/* Whoever broke it: refused at once from now on, in silence, until it is enabled anew. */
static void
check_stays_broken(void)
{
	const unsigned int nb = dev.nb_requests, notified = dev.nb_notified;
	struct vcrypto_sym_create create;
	uint64_t id;

	make_request(CIPHER, &create);
	dev.lie = HONEST;
	log_begin();
	assert_true(ctrl.broken);
	assert_int_equal(vcrypto_ctrl_sym_create(&ctrl, &create, &id), -EIO);
	assert_int_equal(vcrypto_ctrl_destroy_session(&ctrl, 0, 1), -EIO);
	assert_int_equal(log_end(NULL), 0);
	assert_int_equal(dev.nb_requests, nb);
	assert_int_equal(dev.nb_notified, notified);

	/* The device is reset: the wipe alone mends nothing, */
	vcrypto_ctrl_wipe(&ctrl);
	assert_false(holds_keys());
	assert_int_equal(vcrypto_ctrl_destroy_session(&ctrl, 0, 1), -EIO);
	/* nor does an enable that fails, */
	dev.enable_err = -EIO;
	assert_int_equal(vcrypto_ctrl_enable(&ctrl, QUEUE, ctrl.features), -EIO);
	assert_int_equal(vcrypto_ctrl_destroy_session(&ctrl, 0, 1), -EIO);
	/* but one that works. */
	dev.enable_err = 0;
	assert_int_equal(vcrypto_ctrl_enable(&ctrl, QUEUE, ctrl.features), 0);
	assert_false(ctrl.broken);
	assert_int_equal(vcrypto_ctrl_sym_create(&ctrl, &create, &id), 0);
	assert_int_equal(vcrypto_ctrl_destroy_session(&ctrl, 0, id), 0);
}

/* How often this thread went to sleep. */
static long
nb_sleeps(void)
{
	struct rusage u;

	assert_int_equal(getrusage(RUSAGE_THREAD, &u), 0);
	return u.ru_nvcsw;
}

/* c.14: a device that does not answer */
static void
test_deadline(void **state)
{
	static const enum lie lies[] = { SILENT, DEAF };
	struct vcrypto_sym_create create;
	uint64_t id, began, ms;
	unsigned int f, i;
	long sleeps;

	(void)state;
	for (f = 0; f < UNIT_DIM(formats); f++) {
		for (i = 0; i < UNIT_DIM(lies); i++) {
			start(formats[f], QUICK_MS);
			make_request(AUTH, &create);
			dev.lie = lies[i];
			log_begin();
			sleeps = nb_sleeps();
			began = rte_get_tsc_cycles();
			assert_int_equal(vcrypto_ctrl_sym_create(&ctrl, &create, &id), -ETIMEDOUT);
			ms = (rte_get_tsc_cycles() - began) * 1000 / rte_get_tsc_hz();
			assert_int_equal(log_end("30 ms"), 1);
			assert_true(ms >= QUICK_MS - 1);
			/* It left the core to others. */
			assert_true(nb_sleeps() > sleeps);
			/* The device may still read the request, so it stays until the reset. */
			assert_true(holds_keys());
			check_stays_broken();
			stop();
		}
	}
}

static void
test_destroy_deadline(void **state)
{
	(void)state;
	start(F_INDIRECT, QUICK_MS);
	dev.lie = SILENT;
	log_begin();
	assert_int_equal(vcrypto_ctrl_destroy_session(&ctrl, 0, 1), -ETIMEDOUT);
	assert_int_equal(log_end("control queue"), 1);
	check_stays_broken();
	stop();
}

/* c.11: a device whose ring entries cannot be true */
static void
test_ring_lies(void **state)
{
	static const enum lie lies[] = { BAD_ID, STALE_ID, JUMP };
	struct vcrypto_sym_create create;
	unsigned int f, i;
	uint64_t id;

	(void)state;
	for (f = 0; f < UNIT_DIM(formats); f++) {
		for (i = 0; i < UNIT_DIM(lies); i++) {
			start(formats[f], PATIENT_MS);
			make_request(AUTH, &create);
			dev.lie = lies[i];
			log_begin();
			assert_int_equal(vcrypto_ctrl_sym_create(&ctrl, &create, &id), -EIO);
			assert_int_equal(log_end("used i"), 1);
			assert_false(holds_keys());
			check_stays_broken();
			stop();
		}
	}
}

/* ---- life ---- */

static void *
device_thread(void *arg)
{
	struct device *const d = arg;

	while (!__atomic_load_n(&d->stop, __ATOMIC_ACQUIRE)) {
		serve(d);
		sched_yield();
	}
	return NULL;
}

/* A device on the driver's own core gets to run while the driver waits. */
static void
test_same_core(void **state)
{
	struct vcrypto_sym_create create;
	pthread_t thread;
	unsigned int i;
	uint64_t id;

	(void)state;
	start(F_INDIRECT, PATIENT_MS);
	dev.polled = true;
	make_request(AUTH, &create);
	/* Inherits this thread's only core. */
	assert_int_equal(pthread_create(&thread, NULL, device_thread, &dev), 0);
	for (i = 0; i < 50; i++) {
		assert_int_equal(vcrypto_ctrl_sym_create(&ctrl, &create, &id), 0);
		assert_int_equal(vcrypto_ctrl_destroy_session(&ctrl, 0, id), 0);
	}
	__atomic_store_n(&dev.stop, true, __ATOMIC_RELEASE);
	assert_int_equal(pthread_join(thread, NULL), 0);
	stop();
}

/* Between a reset and the next enable the device has no ring, so no commands. */
static void
test_enable(void **state)
{
	struct vcrypto_sym_create create;
	uint64_t id;

	(void)state;
	start(0, QUICK_MS);
	make_request(AUTH, &create);
	assert_int_equal(vcrypto_ctrl_sym_create(&ctrl, &create, &id), 0);
	vcrypto_ctrl_wipe(&ctrl);
	assert_int_equal(vcrypto_ctrl_sym_create(&ctrl, &create, &id), -EIO);
	assert_int_equal(vcrypto_ctrl_destroy_session(&ctrl, 0, id), -EIO);
	assert_int_equal(vcrypto_ctrl_enable(&ctrl, QUEUE, F_VERSION_1), 0);
	assert_int_equal(vcrypto_ctrl_destroy_session(&ctrl, 0, id), 0);

	/* An enable that fails leaves no use of the old ring, and no keys. */
	dev.lie = DEAF;
	assert_int_equal(vcrypto_ctrl_sym_create(&ctrl, &create, &id), -ETIMEDOUT);
	dev.lie = HONEST;
	assert_int_equal(vcrypto_ctrl_enable(&ctrl, QUEUE, F_VERSION_1), 0);
	assert_false(holds_keys());
	dev.enable_err = -ENOENT;
	assert_int_equal(vcrypto_ctrl_enable(&ctrl, QUEUE, F_VERSION_1), -ENOENT);
	assert_int_equal(vcrypto_ctrl_destroy_session(&ctrl, 0, id), -EIO);
	stop();
}

static void
test_create_destroy(void **state)
{
	static const uint16_t bad[] = { 0, 1, 2, 3, 5, 65535 };
	static const char longname[] = "a-device-with-a-name-that-no-memzone-holds-";
	struct vcrypto_ctrl a, b;
	struct rte_malloc_socket_stats before, after;
	struct vcrypto_sym_create create;
	char name_a[64], name_b[64];
	unsigned int i;
	uint64_t id;

	(void)state;
	memset(&dev, 0, sizeof(dev));
	dev.transport.kind = VCRYPTO_TRANSPORT_INPROC;
	for (i = 0; i < UNIT_DIM(bad); i++) {
		log_begin();
		assert_int_equal(vcrypto_ctrl_create(&a, "x", "vcrypto1", SOCKET_ID_ANY,
			&dev.transport, bad[i], 1), -EINVAL);
		assert_int_equal(log_end("power of two"), 1);
		vcrypto_ctrl_destroy(&a);
	}

	/* Names that differ only at their ends, each over and over. */
	snprintf(name_a, sizeof(name_a), "%s1", longname);
	snprintf(name_b, sizeof(name_b), "%s2", longname);
	make_request(CIPHER, &create);
	for (i = 0; i < 3; i++) {
		assert_int_equal(vcrypto_ctrl_create(&a, name_a, "vcrypto1", SOCKET_ID_ANY,
			&dev.transport, 4, 1), 0);
		assert_int_equal(vcrypto_ctrl_create(&b, name_b, "vcrypto2", SOCKET_ID_ANY,
			&dev.transport, 4, 1), 0);
		assert_ptr_not_equal(a.buf_mz, b.buf_mz);
		/* The device does not have the ring yet. */
		assert_int_equal(vcrypto_ctrl_sym_create(&a, &create, &id), -EIO);
		assert_int_equal(vcrypto_ctrl_destroy_session(&a, 0, 1), -EIO);
		vcrypto_ctrl_destroy(&a);
		vcrypto_ctrl_destroy(&a); /* once more does nothing */
		vcrypto_ctrl_destroy(&b);
	}

	/* The same zones twice: the second fails, leaves the first alone and leaks nothing. */
	rte_malloc_get_socket_stats(0, &before);
	assert_int_equal(vcrypto_ctrl_create(&a, "x", "vcrypto1", SOCKET_ID_ANY,
		&dev.transport, 4, 1), 0);
	log_begin();
	assert_int_equal(vcrypto_ctrl_create(&b, "x", "vcrypto1", SOCKET_ID_ANY,
		&dev.transport, 4, 1), -ENOMEM);
	assert_int_equal(log_end("x: "), 1);
	vcrypto_ctrl_destroy(&a);
	assert_int_equal(vcrypto_ctrl_create(&b, "x", "vcrypto1", SOCKET_ID_ANY,
		&dev.transport, 4, 1), 0);
	vcrypto_ctrl_destroy(&b);
	rte_malloc_get_socket_stats(0, &after);
	assert_int_equal(before.alloc_count, after.alloc_count);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden_create),
		cmocka_unit_test(test_golden_destroy),
		cmocka_unit_test(test_create_status),
		cmocka_unit_test(test_destroy_status),
		cmocka_unit_test(test_empty_reply),
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_too_big),
		cmocka_unit_test(test_deadline),
		cmocka_unit_test(test_destroy_deadline),
		cmocka_unit_test(test_ring_lies),
		cmocka_unit_test(test_same_core),
		cmocka_unit_test(test_enable),
		cmocka_unit_test(test_create_destroy),
	};

	return cmocka_run_group_tests(tests, unit_eal_setup, unit_eal_teardown);
}
