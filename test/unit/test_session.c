/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Sessions over the control queue's device of ctrl_fixture.h: what is checked
 * before the device is asked, what its answers become, where keys are and
 * where not, and what a reset does to the registry.
 */

#include "unit_eal.h"

#include <errno.h>
#include <pthread.h>
#include <sys/mman.h>

#include <cryptodev_pmd.h>
#include <rte_log.h>
#include <rte_malloc.h>

#include "virtio_dev.h"
#include "virtio_log.h"
#include "virtio_session.h"

#include "ctrl_fixture.h"

#define KEY_MAX 64
#define MAX_SESSIONS 8
#define FIRST_ID UINT64_C(0x8877665544332200)

static struct device dev;
static struct vcrypto_dev *vd;
static struct rte_cryptodev_data data;
static struct rte_cryptodev cdev;

/* Session objects, as the library hands them out. */
static struct {
	_Alignas(64) uint8_t
		mem[sizeof(struct rte_cryptodev_sym_session) + sizeof(struct vcrypto_session)];
} objs[MAX_SESSIONS];

static struct rte_cryptodev_sym_session *
obj(unsigned int i)
{
	return (struct rte_cryptodev_sym_session *)objs[i].mem;
}

static struct vcrypto_session *
priv(unsigned int i)
{
	return CRYPTODEV_GET_SYM_SESS_PRIV(obj(i));
}

/* Some of everything; no SHA1, no ARC4, and AES-CBC without 32-byte keys. */
static int
caps_trial(void *ctx, const struct vcrypto_sym_create *create)
{
	const uint8_t *const r = (const uint8_t *)&create->req;

	(void)ctx;
	if (get32(r, 0) != 0x0002)
		return 0;
	if (get32(r, 64) == 2)
		return get32(r, 20) == 1 && get32(r, 40) == 2 ? -ENOTSUP : 0;
	if (get32(r, 16) == 1)
		return -ENOTSUP;
	return get32(r, 16) == 3 && get32(r, 20) == 32 ? -ENOTSUP : 0;
}

static int
start(void **state)
{
	(void)state;
	memset(&dev, 0, sizeof(dev));
	memset(objs, 0, sizeof(objs));
	dev.transport.kind = VCRYPTO_TRANSPORT_INPROC;
	dev.session_id = FIRST_ID;
	dev.id_step = 1;
	vcrypto_transport_register(VCRYPTO_TRANSPORT_INPROC, &fake_ops);

	vd = rte_zmalloc("dev", sizeof(*vd), 64);
	assert_non_null(vd);
	snprintf(vd->name, sizeof(vd->name), "unit0");
	vd->transport = &dev.transport;
	vd->hw_state = VCRYPTO_HW_PARKED;
	vd->epoch = 1;
	vd->socket_id = SOCKET_ID_ANY;
	vd->config = (struct vcrypto_config){ .max_dataqueues = 1, .services = 1,
		.cipher_algo = UINT64_MAX, .hash_algo = UINT32_MAX, .mac_algo = UINT64_MAX,
		.max_cipher_key_len = 64, .max_auth_key_len = 100, .max_size = 123456 };
	LIST_INIT(&vd->sessions);
	pthread_mutex_init(&vd->lock, NULL);
	assert_int_equal(vcrypto_caps_build(vd->name, &vd->config, VCRYPTO_CAPS_ADVERTISED,
		caps_trial, NULL, &vd->caps, &vd->feature_flags), 0);
	assert_int_equal(vcrypto_ctrl_create(&vd->ctrl, vd->name, "vcrypto0", SOCKET_ID_ANY,
		&dev.transport, RING_SIZE, 30), 0);
	assert_int_equal(vcrypto_ctrl_enable(&vd->ctrl, QUEUE, F_VERSION_1 | F_INDIRECT), 0);
	data.dev_private = vd;
	cdev.data = &data;
	return 0;
}

static int
stop(void **state)
{
	(void)state;
	vcrypto_session_drop_all(vd);
	vcrypto_ctrl_destroy(&vd->ctrl);
	pthread_mutex_destroy(&vd->lock);
	rte_free(vd->caps);
	rte_free(vd);
	return 0;
}

/* As a reset and a new bring-up do. */
static void
reset(bool up)
{
	vd->hw_state = VCRYPTO_HW_DOWN;
	vd->epoch++;
	vcrypto_ctrl_wipe(&vd->ctrl);
	vd->broken = 0;
	if (!up)
		return;
	assert_int_equal(vcrypto_ctrl_enable(&vd->ctrl, QUEUE, F_VERSION_1 | F_INDIRECT), 0);
	vd->hw_state = VCRYPTO_HW_UP;
}

/* ---- what is asked for ---- */

static uint8_t cipher_key[KEY_MAX], auth_key[KEY_MAX];
static struct rte_crypto_sym_xform cx, ax;

/* AES-CBC encrypt, 16-byte key, then HMAC-SHA256 generate, 20-byte key, full digest. */
static struct rte_crypto_sym_xform *
chain(void)
{
	unsigned int i;

	for (i = 0; i < KEY_MAX; i++) {
		cipher_key[i] = 0x80 + i;
		auth_key[i] = 0xff - i;
	}
	cx = (struct rte_crypto_sym_xform){ .type = RTE_CRYPTO_SYM_XFORM_CIPHER, .next = &ax,
		.cipher = { .op = RTE_CRYPTO_CIPHER_OP_ENCRYPT,
			.algo = RTE_CRYPTO_CIPHER_AES_CBC,
			.key = { .data = cipher_key, .length = 16 },
			.iv = { .offset = 128, .length = 16 } } };
	ax = (struct rte_crypto_sym_xform){ .type = RTE_CRYPTO_SYM_XFORM_AUTH,
		.auth = { .op = RTE_CRYPTO_AUTH_OP_GENERATE,
			.algo = RTE_CRYPTO_AUTH_SHA256_HMAC,
			.key = { .data = auth_key, .length = 20 },
			.digest_length = 32 } };
	return &cx;
}

static struct rte_crypto_sym_xform *
cipher(void)
{
	chain();
	cx.next = NULL;
	return &cx;
}

static int
make(unsigned int i, struct rte_crypto_sym_xform *x)
{
	return vcrypto_session_configure(&cdev, x, obj(i));
}

/* ---- where keys are ---- */

struct search {
	const uint8_t *what;
	size_t len;
	unsigned int found;
};

static void
search(struct search *s, const uint8_t *mem, size_t len)
{
	const uint8_t *p = mem;

	while ((p = memmem(p, len - (p - mem), s->what, s->len)) != NULL) {
		s->found++;
		p++;
	}
}

static int
search_seg(const struct rte_memseg_list *msl, const struct rte_memseg *ms, void *arg)
{
	(void)msl;
	search(arg, ms->addr, ms->len);
	return 0;
}

/* Copies of a piece of both keys in all of DPDK's memory. */
static void
check_copies(unsigned int wanted)
{
	struct search c = { .what = cipher_key + 4, .len = 8 };
	struct search a = { .what = auth_key + 4, .len = 8 };

	rte_memseg_walk(search_seg, &c);
	rte_memseg_walk(search_seg, &a);
	assert_int_equal(c.found, wanted);
	assert_int_equal(a.found, wanted);
}

static unsigned int
nb_allocs(void)
{
	struct rte_malloc_socket_stats st;

	rte_malloc_get_socket_stats(0, &st);
	return st.alloc_count;
}

/* ---- tests ---- */

static void
test_life(void **state)
{
	const unsigned int before = nb_allocs();
	unsigned int i;

	(void)state;
	for (i = 0; i < 3; i++)
		assert_int_equal(make(i, i == 1 ? cipher() : chain()), 0);
	assert_int_equal(vd->nb_sessions, 3);
	for (i = 0; i < 3; i++) {
		const uint8_t *const req = (const uint8_t *)&priv(i)->tmpl.req;

		assert_true(get64(req, 8) == FIRST_ID + i); /* session id of the data request */
		assert_true(priv(i)->tmpl.max_size == 123456);
		assert_ptr_equal(priv(i)->dev, vd);
		assert_int_equal(priv(i)->tmpl.shape, i == 1 ? VCRYPTO_SHAPE_CIPHER :
							      VCRYPTO_SHAPE_CHAIN);
	}
	/* Any order. */
	for (i = 0; i < 3; i++) {
		const unsigned int k = (i + 1) % 3;

		vcrypto_session_clear(&cdev, obj(k));
		assert_true(dev.last_destroyed == FIRST_ID + k);
		assert_int_equal(priv(k)->tmpl.shape, VCRYPTO_SHAPE_NONE);
		vcrypto_session_clear(&cdev, obj(k)); /* once more does nothing */
	}
	assert_int_equal(dev.nb_destroyed, 3);
	assert_int_equal(vd->nb_sessions, 0);
	assert_int_equal(nb_allocs(), before);
}

/* c.8: a session that the device refuses is refused, with a negative errno, and leaves nothing. */
static void
test_refused(void **state)
{
	static const struct {
		uint32_t status;
		int want;
	} cases[] = { { 1, -EINVAL }, { 3, -ENOTSUP }, { 5, -ENOSPC }, { 6, -EINVAL },
		{ 77, -EINVAL } };
	const unsigned int before = nb_allocs();
	size_t i;

	(void)state;
	for (i = 0; i < UNIT_DIM(cases); i++) {
		dev.create_status = cases[i].status;
		log_begin();
		assert_int_equal(make(0, chain()), cases[i].want);
		assert_int_equal(log_end("AES-CBC with HMAC-SHA256"), 1);
		assert_int_equal(priv(0)->tmpl.shape, VCRYPTO_SHAPE_NONE);
		assert_int_equal(vd->nb_sessions, 0);
		assert_int_equal(nb_allocs(), before);
		vcrypto_session_clear(&cdev, obj(0));
	}
	check_copies(0);
	assert_int_equal(dev.nb_requests, UNIT_DIM(cases));
}

/* c.10: one copy of the keys while the session lives, none afterwards. */
static void
test_keys(void **state)
{
	(void)state;
	check_copies(0);
	assert_int_equal(make(0, chain()), 0);
	check_copies(1);
	reset(true);
	assert_int_equal(vcrypto_session_replay(vd), 0);
	check_copies(1);
	vcrypto_session_clear(&cdev, obj(0));
	check_copies(0);

	assert_int_equal(make(0, chain()), 0);
	check_copies(1);
	vcrypto_session_drop_all(vd);
	check_copies(0);

	/* After a deadline the buffer keeps them until the reset, and no longer. */
	dev.lie = DEAF;
	assert_int_equal(make(0, chain()), -ETIMEDOUT);
	check_copies(1);
	reset(false);
	check_copies(0);
}

/* ... nor on the stack of the thread that made it. */
static void *
make_thread(void *arg)
{
	*(int *)arg = make(0, &cx);
	return NULL;
}

static void
test_keys_on_stack(void **state)
{
	static const uint32_t statuses[] = { 0, 1, 3 };
	const size_t len = 1 << 20;
	struct search c = { .what = cipher_key + 4, .len = 8 };
	struct search a = { .what = auth_key + 4, .len = 8 };
	pthread_attr_t attr;
	pthread_t thread;
	size_t i;
	int ret;

	(void)state;
	for (i = 0; i < UNIT_DIM(statuses); i++) {
		void *const mem = mmap(NULL, len, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		assert_ptr_not_equal(mem, MAP_FAILED);
		chain();
		dev.create_status = statuses[i];
		pthread_attr_init(&attr);
		assert_int_equal(pthread_attr_setstack(&attr, mem, len), 0);
		assert_int_equal(pthread_create(&thread, &attr, make_thread, &ret), 0);
		assert_int_equal(pthread_join(thread, NULL), 0);
		pthread_attr_destroy(&attr);
		assert_int_equal(ret == 0, statuses[i] == 0);
		search(&c, mem, len);
		search(&a, mem, len);
		assert_int_equal(c.found, 0);
		assert_int_equal(a.found, 0);
		munmap(mem, len);
		vcrypto_session_clear(&cdev, obj(0));
	}
}

/* ---- services beside CIPHER ---- */

/* As a device that has them all; @p features as negotiated. */
static void
grant(uint64_t features)
{
	vd->config.services = 0xf;
	vd->config.aead_algo = UINT32_MAX;
	vd->features = F_VERSION_1 | features;
	rte_free(vd->caps);
	assert_int_equal(vcrypto_caps_build(vd->name, &vd->config, VCRYPTO_CAPS_ADVERTISED,
		caps_trial, NULL, &vd->caps, &vd->feature_flags), 0);
	assert_int_equal(vcrypto_ctrl_enable(&vd->ctrl, QUEUE, F_INDIRECT | vd->features), 0);
}

static struct rte_crypto_sym_xform *
alone(enum rte_crypto_auth_algorithm algo, uint16_t key_len, uint16_t digest_len)
{
	chain();
	ax.auth.algo = algo;
	ax.auth.key.length = key_len;
	ax.auth.digest_length = digest_len;
	ax.auth.iv.offset = 128;
	ax.auth.iv.length = algo == RTE_CRYPTO_AUTH_AES_GMAC ? 12 : 0;
	return &ax;
}

static struct rte_crypto_sym_xform *
gcm(void)
{
	chain();
	cx = (struct rte_crypto_sym_xform){ .type = RTE_CRYPTO_SYM_XFORM_AEAD,
		.aead = { .op = RTE_CRYPTO_AEAD_OP_DECRYPT, .algo = RTE_CRYPTO_AEAD_AES_GCM,
			.key = { cipher_key, 16 }, .iv = { 128, 12 }, .digest_length = 16,
			.aad_length = 8 } };
	return &cx;
}

static void
test_services(void **state)
{
	static const struct {
		uint8_t service, shape;
		uint8_t exact_len; /* of a data request with REVISION_1 */
	} want[] = {
		{ 1, VCRYPTO_SHAPE_AUTH, 32 }, { 2, VCRYPTO_SHAPE_AUTH, 32 },
		{ 3, VCRYPTO_SHAPE_AEAD, 48 }, { 3, VCRYPTO_SHAPE_GMAC, 48 },
	};
	struct rte_crypto_sym_xform *x;
	unsigned int i, rev1;

	(void)state;
	for (rev1 = 0; rev1 < 2; rev1++) {
		grant(rev1 ? F_REVISION_1 : 0);
		for (i = 0; i < UNIT_DIM(want); i++) {
			x = i == 0 ? alone(RTE_CRYPTO_AUTH_SHA256, 0, 32) :
				i == 1 ? alone(RTE_CRYPTO_AUTH_SHA256_HMAC, 20, 32) :
				i == 2 ? gcm() : alone(RTE_CRYPTO_AUTH_AES_GMAC, 16, 16);
			dev.session_id = 1000 * i + 5;
			assert_int_equal(make(i, x), 0);
			assert_int_equal(get32(dev.req, 0), want[i].service << 8 | 0x02);
			assert_int_equal(priv(i)->tmpl.shape, want[i].shape);
			assert_int_equal(priv(i)->tmpl.req_len, rev1 ? want[i].exact_len : 72);
			assert_true(get64(&priv(i)->tmpl.req, 8) == 1000 * i + 5);
			assert_true(priv(i)->tmpl.max_size == 123456);
		}
		/* A reset, and the same requests again. */
		vcrypto_session_destroy_all(vd);
		vd->epoch++;
		dev.session_id = 77;
		assert_int_equal(vcrypto_session_replay(vd), 0);
		for (i = 0; i < UNIT_DIM(want); i++) {
			assert_int_equal(priv(i)->tmpl.shape, want[i].shape);
			vcrypto_session_clear(&cdev, obj(i));
			/* [virtio 5.9.9.2.1.8] MUST: opcode of the service */
			assert_int_equal(get32(dev.req, 0), want[i].service << 8 | 0x03);
			assert_true(dev.last_destroyed == get64(&priv(i)->tmpl.req, 8));
		}
		assert_int_equal(vd->nb_sessions, 0);
	}
	check_copies(0);
}

/* Whole digests only, of those alone, too; never of AEAD, where the tag's length is said. */
static uint32_t
only_whole_results(const uint8_t *req)
{
	return get32(req, 0) == 0x0302 ? 3 : get32(req, 20) == 32 ? 0 : 1;
}

static void
test_services_digest_retry(void **state)
{
	unsigned int i;

	(void)state;
	grant(F_REVISION_1);
	dev.judge = only_whole_results;
	for (i = 0; i < 2; i++) {
		dev.nb_requests = 0;
		assert_int_equal(make(0, i == 0 ? alone(RTE_CRYPTO_AUTH_SHA256, 0, 12) :
			alone(RTE_CRYPTO_AUTH_SHA256_HMAC, 20, 12)), 0);
		assert_int_equal(dev.nb_requests, 2);
		assert_int_equal(priv(0)->tmpl.digest_len, 12);
		assert_int_equal(priv(0)->tmpl.digest_wire_len, 32);
		assert_int_equal(get32(&priv(0)->tmpl.req, 28), 32); /* hash_result_len */
		vcrypto_session_clear(&cdev, obj(0));
	}
	dev.nb_requests = 0;
	log_begin();
	gcm()->aead.digest_length = 12;
	assert_int_equal(make(0, &cx), -ENOTSUP);
	assert_int_equal(log_end("AES-GCM: not supported by the device"), 1);
	assert_int_equal(dev.nb_requests, 1);
	log_begin();
	assert_int_equal(make(0, alone(RTE_CRYPTO_AUTH_AES_GMAC, 16, 12)), -ENOTSUP);
	assert_int_equal(log_end("AES-GMAC: not supported by the device"), 1);
}

static void
test_services_lengths(void **state)
{
	(void)state;
	grant(0);
	gcm()->aead.key.length = 20;
	assert_int_equal(make(0, &cx), -EINVAL);
	gcm()->aead.iv.length = 16;
	assert_int_equal(make(0, &cx), -EINVAL);
	gcm()->aead.digest_length = 3;
	assert_int_equal(make(0, &cx), -EINVAL);
	gcm()->aead.digest_length = 17;
	assert_int_equal(make(0, &cx), -EINVAL);
	gcm()->aead.algo = RTE_CRYPTO_AEAD_CHACHA20_POLY1305;
	assert_int_equal(make(0, &cx), -EINVAL);
	assert_int_equal(make(0, alone(RTE_CRYPTO_AUTH_SHA256, 1, 32)), -EINVAL);
	assert_int_equal(make(0, alone(RTE_CRYPTO_AUTH_SHA256_HMAC, 0, 32)), -EINVAL);
	assert_int_equal(make(0, alone(RTE_CRYPTO_AUTH_SHA256_HMAC, 20, 33)), -EINVAL);
	alone(RTE_CRYPTO_AUTH_AES_GMAC, 16, 16)->auth.iv.length = 16;
	assert_int_equal(make(0, &ax), -EINVAL);
	/* A chain is not made of it. */
	cipher();
	alone(RTE_CRYPTO_AUTH_AES_GMAC, 16, 16);
	cx.next = &ax;
	assert_int_equal(make(0, &cx), -ENOTSUP);
	assert_int_equal(dev.nb_requests, 0);
	assert_int_equal(vd->nb_sessions, 0);
}

/* Refused before the device hears of it, with one line that says why. */
static void
check_rejected(struct rte_crypto_sym_xform *x, int want, const char *says)
{
	log_begin();
	assert_int_equal(make(0, x), want);
	assert_int_equal(log_end(says), 1);
	assert_int_equal(dev.nb_requests, 0);
	assert_int_equal(vd->nb_sessions, 0);
	assert_int_equal(priv(0)->tmpl.shape, VCRYPTO_SHAPE_NONE);
}

/* ---- NULL algorithms ---- */

static struct rte_crypto_sym_xform *
null_cipher(struct rte_crypto_sym_xform *next)
{
	cx = (struct rte_crypto_sym_xform){ .type = RTE_CRYPTO_SYM_XFORM_CIPHER, .next = next,
		.cipher = { .algo = RTE_CRYPTO_CIPHER_NULL } };
	return &cx;
}

/* Sessions that the device never hears of, at whatever state it is. */
static void
test_null(void **state)
{
	const unsigned int before = nb_allocs();
	unsigned int i;

	(void)state;
	for (i = 0; i < 3; i++) {
		chain();
		ax.auth.algo = RTE_CRYPTO_AUTH_NULL;
		if (i == 1)
			dev.lie = DEAF;
		if (i == 2)
			reset(false);
		assert_int_equal(make(i, i == 0 ? &ax : null_cipher(i == 1 ? NULL : &ax)), 0);
		assert_int_equal(priv(i)->tmpl.shape, VCRYPTO_SHAPE_NULL);
		assert_int_equal(priv(i)->tmpl.null_cipher, i != 0);
		assert_ptr_equal(priv(i)->dev, vd);
	}
	dev.lie = HONEST;
	assert_int_equal(vd->nb_sessions, 3);
	assert_int_equal(vd->counts.sessions[VCRYPTO_SESSION_NULL], 3);
	check_copies(0);
	for (i = 0; i < 2; i++) {
		reset(true);
		assert_int_equal(vcrypto_session_replay(vd), 0);
		assert_int_equal(priv(0)->tmpl.shape, VCRYPTO_SHAPE_NULL);
		vcrypto_session_destroy_all(vd);
	}
	vcrypto_session_clear(&cdev, obj(1));
	assert_int_equal(priv(1)->tmpl.shape, VCRYPTO_SHAPE_NONE);
	vcrypto_session_clear(&cdev, obj(1));
	assert_int_equal(vd->nb_sessions, 2);
	vcrypto_session_drop_all(vd);
	assert_int_equal(priv(0)->tmpl.shape, VCRYPTO_SHAPE_NONE);
	assert_int_equal(priv(2)->tmpl.shape, VCRYPTO_SHAPE_NONE);
	assert_int_equal(vd->counts.sessions[VCRYPTO_SESSION_NULL], 0);
	assert_int_equal(dev.nb_requests, 0);
	assert_int_equal(nb_allocs(), before);
}

/* Only where there are capabilities, and with a MAC only where that works alone. */
static void
test_null_refused(void **state)
{
	struct rte_cryptodev_capabilities *const caps = vd->caps;
	struct rte_cryptodev_capabilities none = { .op = RTE_CRYPTO_OP_TYPE_UNDEFINED };
	struct rte_crypto_sym_xform cx2 = { .type = RTE_CRYPTO_SYM_XFORM_CIPHER };
	struct rte_crypto_sym_xform ax2 = { .type = RTE_CRYPTO_SYM_XFORM_AUTH };

	(void)state;
	chain();
	check_rejected(null_cipher(&ax), -ENOTSUP,
		"no cipher but NULL in it; HMAC-SHA256 works only in a chain with another");
	chain();
	null_cipher(&ax);
	ax.auth.algo = RTE_CRYPTO_AUTH_SHA1;
	check_rejected(&cx, -ENOTSUP, "SHA1 is not among");
	/* A second cipher is one too many, NULL or not; so is a second auth. */
	cx2.cipher.algo = RTE_CRYPTO_CIPHER_AES_CBC;
	null_cipher(&cx2);
	check_rejected(&cx, -ENOTSUP, "xform of type");
	ax2.auth.algo = RTE_CRYPTO_AUTH_NULL;
	chain();
	ax.next = &ax2;
	check_rejected(&cx, -ENOTSUP, "xform of type");

	vd->caps = &none;
	check_rejected(null_cipher(NULL), -ENOTSUP, "NULL is not among");
	chain();
	ax.auth.algo = RTE_CRYPTO_AUTH_NULL;
	check_rejected(&ax, -ENOTSUP, "NULL is not among");
	vd->caps = caps;
}

static void
test_not_supported(void **state)
{
	struct rte_crypto_sym_xform third = { .type = RTE_CRYPTO_SYM_XFORM_AUTH };
	struct rte_crypto_sym_xform aead = { .type = RTE_CRYPTO_SYM_XFORM_AEAD };

	(void)state;
	aead.aead.algo = 4711;
	check_rejected(&aead, -ENOTSUP, "AEAD algorithm 4711");
	aead.aead.algo = RTE_CRYPTO_AEAD_AES_GCM;
	check_rejected(&aead, -ENOTSUP, "AES-GCM is not among");
	chain();
	check_rejected(&ax, -ENOTSUP, "no cipher");
	/* c.19: nothing after the second xform is overlooked */
	chain();
	ax.next = &third;
	check_rejected(&cx, -ENOTSUP, "xform of type");
	chain();
	ax.next = &aead;
	check_rejected(&cx, -ENOTSUP, "xform of type");
	cipher();
	cx.cipher.algo = RTE_CRYPTO_CIPHER_AES_DOCSISBPI;
	check_rejected(&cx, -ENOTSUP, "cipher algorithm");
	cipher();
	cx.cipher.algo = 4711;
	check_rejected(&cx, -ENOTSUP, "4711");
	chain();
	ax.auth.algo = RTE_CRYPTO_AUTH_ZUC_EIA3;
	check_rejected(&cx, -ENOTSUP, "auth algorithm");
	chain();
	ax.auth.algo = RTE_CRYPTO_AUTH_AES_GMAC;
	check_rejected(&cx, -ENOTSUP, "AES-GMAC is not among");
	/* In the table, but dropped from the capabilities. */
	cipher();
	cx.cipher.algo = RTE_CRYPTO_CIPHER_ARC4;
	check_rejected(&cx, -ENOTSUP, "ARC4");
	chain();
	ax.auth.algo = RTE_CRYPTO_AUTH_SHA1;
	check_rejected(&cx, -ENOTSUP, "SHA1");
}

static void
test_bad_lengths(void **state)
{
	static const uint16_t bad_keys[] = { 0, 1, 15, 17, 20, 23, 25, 32, 64, 65535 };
	static const uint16_t bad_ivs[] = { 0, 8, 12, 15, 17, 65535 };
	char says[64];
	size_t i;

	(void)state;
	/* 32 is AES, but not this device's. */
	for (i = 0; i < UNIT_DIM(bad_keys); i++) {
		cipher();
		cx.cipher.key.length = bad_keys[i];
		snprintf(says, sizeof(says), "AES-CBC: key of %u bytes, must be 16 to 24",
			bad_keys[i]);
		check_rejected(&cx, -EINVAL, says);
	}
	for (i = 0; i < UNIT_DIM(bad_ivs); i++) {
		cipher();
		cx.cipher.iv.length = bad_ivs[i];
		snprintf(says, sizeof(says), "AES-CBC: IV of %u bytes, must be 16", bad_ivs[i]);
		check_rejected(&cx, -EINVAL, says);
	}
	/* c.19: a MAC without a key does not become a hash */
	chain();
	ax.auth.key.length = 0;
	check_rejected(&cx, -EINVAL, "HMAC-SHA256: key of 0 bytes, must be 1 to 100");
	chain();
	ax.auth.key.length = 101;
	check_rejected(&cx, -EINVAL, "HMAC-SHA256: key of 101 bytes, must be 1 to 100");
	chain();
	ax.auth.digest_length = 0;
	check_rejected(&cx, -EINVAL, "HMAC-SHA256: digest of 0 bytes, must be 1 to 32");
	chain();
	ax.auth.digest_length = 33;
	check_rejected(&cx, -EINVAL, "digest of 33 bytes");
	/* ... nor a hash with a key a MAC. */
	chain();
	ax.auth.algo = RTE_CRYPTO_AUTH_SHA256;
	check_rejected(&cx, -EINVAL, "SHA256: key of 20 bytes, must be 0");
	cipher();
	cx.cipher.key.data = NULL;
	check_rejected(&cx, -EINVAL, "key");
	/* The largest that fits does. */
	chain();
	ax.auth.key.length = 64;
	cx.cipher.key.length = 24;
	assert_int_equal(make(0, &cx), 0);
}

/* A device that computes whole digests only is asked for those; the driver cuts them. */
static uint32_t
only_whole_digests(const uint8_t *req)
{
	return get32(req, 44) == 32 ? 0 : 1;
}

static void
check_digest_retry(struct rte_crypto_sym_xform *x)
{
	const unsigned int before = dev.nb_requests;

	assert_int_equal(make(0, x), 0);
	assert_int_equal(dev.nb_requests, before + 2);
	assert_int_equal(get32(dev.req, 44), 32);
	assert_int_equal(priv(0)->tmpl.digest_len, 12);
	assert_int_equal(priv(0)->tmpl.digest_wire_len, 32);
	assert_int_equal(get32(&priv(0)->tmpl.req, 24 + 32), 32); /* hash_result_len */
	/* The replay knows. */
	reset(true);
	assert_int_equal(vcrypto_session_replay(vd), 0);
	assert_int_equal(dev.nb_requests, before + 3);
	vcrypto_session_clear(&cdev, obj(0));
}

static void
test_digest_retry(void **state)
{
	(void)state;
	dev.judge = only_whole_digests;
	chain();
	ax.auth.digest_length = 12;
	check_digest_retry(&cx);
	chain();
	ax.auth.algo = RTE_CRYPTO_AUTH_SHA256;
	ax.auth.key.length = 0;
	ax.auth.digest_length = 12;
	check_digest_retry(&cx);

	/* Where the device takes the short one, it is asked for nothing else. */
	dev.judge = NULL;
	dev.nb_requests = 0;
	chain();
	ax.auth.digest_length = 12;
	assert_int_equal(make(0, &cx), 0);
	assert_int_equal(dev.nb_requests, 1);
	assert_int_equal(priv(0)->tmpl.digest_wire_len, 12);
	vcrypto_session_clear(&cdev, obj(0));

	/* No use where it is full of sessions, or refuses both; one line all the same. */
	dev.create_status = 5;
	dev.nb_requests = 0;
	assert_int_equal(make(0, &cx), -ENOSPC);
	assert_int_equal(dev.nb_requests, 1);
	dev.create_status = 3;
	log_begin();
	assert_int_equal(make(0, &cx), -ENOTSUP);
	assert_int_equal(log_end("not supported"), 1);
	assert_int_equal(dev.nb_requests, 3);
}

static uint32_t
no_chains(const uint8_t *req)
{
	return get32(req, 64) == 2 ? 3 : 0;
}

/* c.15: sessions outlive a reset. */
static void
test_replay(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < 4; i++)
		assert_int_equal(make(i, i & 1 ? chain() : cipher()), 0);
	vcrypto_session_destroy_all(vd);
	assert_int_equal(dev.nb_destroyed, 4);
	vcrypto_session_destroy_all(vd); /* nothing there any more */
	assert_int_equal(dev.nb_destroyed, 4);

	/* Other numbers, and another limit. */
	reset(true);
	dev.session_id = 500;
	vd->config.max_size = 777;
	assert_int_equal(vcrypto_session_replay(vd), 0);
	assert_int_equal(dev.nb_created, 8);
	for (i = 0; i < 4; i++) {
		assert_in_range(get64(&priv(i)->tmpl.req, 8), 500, 503);
		assert_true(priv(i)->tmpl.max_size == 777);
		assert_int_not_equal(priv(i)->tmpl.shape, VCRYPTO_SHAPE_NONE);
	}
	/* Those that live there are left alone. */
	assert_int_equal(vcrypto_session_replay(vd), 0);
	assert_int_equal(dev.nb_created, 8);

	/* What is refused now is dead, and comes back when it is accepted again. */
	reset(true);
	dev.judge = no_chains;
	assert_int_equal(vcrypto_session_replay(vd), 2);
	for (i = 0; i < 4; i++)
		assert_int_equal(priv(i)->tmpl.shape, i & 1 ? VCRYPTO_SHAPE_NONE :
							     VCRYPTO_SHAPE_CIPHER);
	/* Not there, so nothing to destroy there. */
	vcrypto_session_clear(&cdev, obj(1));
	assert_int_equal(dev.nb_destroyed, 4);
	reset(true);
	dev.judge = NULL;
	assert_int_equal(vcrypto_session_replay(vd), 0);
	assert_int_equal(priv(3)->tmpl.shape, VCRYPTO_SHAPE_CHAIN);
	vcrypto_session_clear(&cdev, obj(3));
	assert_int_equal(dev.nb_destroyed, 5);
	assert_int_equal(vd->nb_sessions, 2);
}

/* c.14, c.15: a broken device costs one deadline, not one for each session. */
static void
test_broken(void **state)
{
	unsigned int i, before;

	(void)state;
	/* Data queues are in use: a broken control queue cannot be mended by a reset. */
	vd->hw_state = VCRYPTO_HW_UP;
	for (i = 0; i < 4; i++)
		assert_int_equal(make(i, chain()), 0);
	before = dev.nb_requests;
	dev.lie = SILENT;
	vcrypto_session_destroy_all(vd);
	assert_int_equal(dev.nb_requests, before + 1);
	vcrypto_session_clear(&cdev, obj(0));
	assert_int_equal(dev.nb_requests, before + 1);
	assert_int_equal(make(0, chain()), -EIO);

	reset(true);
	assert_int_equal(vcrypto_session_replay(vd), -ETIMEDOUT);
	assert_int_equal(dev.nb_requests, before + 2);

	dev.lie = HONEST;
	reset(true);
	assert_int_equal(vcrypto_session_replay(vd), 0);
	assert_int_equal(dev.nb_created, 4 + 3);

	/* A fault on the data path: nothing is sent. */
	vd->broken = 1;
	before = dev.nb_requests;
	vcrypto_session_clear(&cdev, obj(1));
	vcrypto_session_destroy_all(vd);
	assert_int_equal(make(1, chain()), -EIO);
	assert_int_equal(dev.nb_requests, before);
	assert_int_equal(vd->nb_sessions, 2);
}

/* Given back after a stop, after a reset, and after close. */
static void
test_clear_late(void **state)
{
	unsigned int i;

	(void)state;
	for (i = 0; i < 4; i++)
		assert_int_equal(make(i, chain()), 0);
	/* Same number, but of another life: it may be somebody else's session now. */
	reset(true);
	vcrypto_session_clear(&cdev, obj(0));
	reset(false);
	vcrypto_session_clear(&cdev, obj(1));
	assert_int_equal(dev.nb_destroyed, 0);
	assert_int_equal(vd->nb_sessions, 2);
	vcrypto_session_drop_all(vd);
	assert_int_equal(vd->nb_sessions, 0);
	assert_int_equal(priv(2)->tmpl.shape, VCRYPTO_SHAPE_NONE);
	/* By then the device itself may be gone. */
	priv(2)->dev = NULL;
	vcrypto_session_clear(&cdev, obj(2));
	vcrypto_session_clear(&cdev, obj(3));
	check_copies(0);
}

/* An application that forgets to give a session back and uses its memory for other things. */
static void
test_forgotten(void **state)
{
	struct vcrypto_session copy;

	(void)state;
	assert_int_equal(make(0, chain()), 0);
	assert_int_equal(make(1, chain()), 0);
	memset(priv(0), 0x3c, sizeof(copy));
	memset(&copy, 0x3c, sizeof(copy));
	reset(true);
	assert_int_equal(vcrypto_session_replay(vd), 0);
	assert_memory_equal(priv(0), &copy, sizeof(copy));
	assert_int_equal(dev.nb_created, 3);
	vcrypto_session_drop_all(vd);
	assert_memory_equal(priv(0), &copy, sizeof(copy));
	check_copies(0);
}

static int
setup(void **state)
{
	const int ret = unit_eal_setup(state);

	rte_log_set_level(vcrypto_logtype, RTE_LOG_ERR);
	return ret;
}

#define SESSION_TEST(t) cmocka_unit_test_setup_teardown(t, start, stop)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SESSION_TEST(test_life),
		SESSION_TEST(test_refused),
		SESSION_TEST(test_keys),
		SESSION_TEST(test_keys_on_stack),
		SESSION_TEST(test_null),
		SESSION_TEST(test_null_refused),
		SESSION_TEST(test_not_supported),
		SESSION_TEST(test_bad_lengths),
		SESSION_TEST(test_digest_retry),
		SESSION_TEST(test_services),
		SESSION_TEST(test_services_digest_retry),
		SESSION_TEST(test_services_lengths),
		SESSION_TEST(test_replay),
		SESSION_TEST(test_broken),
		SESSION_TEST(test_clear_late),
		SESSION_TEST(test_forgotten),
	};

	return cmocka_run_group_tests(tests, setup, unit_eal_teardown);
}
