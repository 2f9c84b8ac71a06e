/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

#include <rte_cycles.h>
#include <rte_debug.h>
#include <rte_eal.h>
#include <rte_errno.h>

#include "app.h"

#define MBUF_ROOM (RTE_PKTMBUF_HEADROOM + APP_MAX_DATA)
#define NB_SESSIONS 64

char **app_eal_argv;
int app_eal_argc;

static struct rte_mempool *session_pool, *op_pool, *mbuf_pool;
static unsigned int nb_failed;

static const struct {
	const char *name;
	void (*run)(void);
} tests[] = {
	{ "caps", test_caps },
	{ "cycles", test_cycles },
	{ "hotplug", test_hotplug },
	{ "kat", test_kat },
	{ "reset-load", test_reset_load },
	{ "secondary", test_secondary },
	{ "two-devices", test_two_devices },
};

void
app_pass(const char *name)
{
	printf("PASS %s\n", name);
	fflush(stdout);
}

void
app_fail(const char *name, const char *fmt, ...)
{
	va_list ap;

	nb_failed++;
	printf("FAIL %s: ", name);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	fflush(stdout);
}

void
app_skip(const char *name, const char *why)
{
	printf("SKIP %s: %s\n", name, why);
	fflush(stdout);
}

unsigned int
app_devices(uint8_t ids[APP_MAX_DEVS])
{
	return rte_cryptodev_devices_get(APP_DRIVER, ids, APP_MAX_DEVS);
}

int
app_start(uint8_t dev_id, uint16_t nb_desc)
{
	struct rte_cryptodev_config config = {
		.socket_id = rte_cryptodev_socket_id(dev_id),
		.nb_queue_pairs = 1,
		.ff_disable = RTE_CRYPTODEV_FF_SECURITY | RTE_CRYPTODEV_FF_ASYMMETRIC_CRYPTO,
	};
	struct rte_cryptodev_qp_conf qp_conf = {
		.nb_descriptors = nb_desc,
		.mp_session = app_session_pool(),
	};
	int ret;

	ret = rte_cryptodev_configure(dev_id, &config);
	if (ret == 0)
		ret = rte_cryptodev_queue_pair_setup(dev_id, 0, &qp_conf, config.socket_id);
	if (ret == 0)
		ret = rte_cryptodev_start(dev_id);
	return ret;
}

int
app_first_device(const char *test, uint16_t nb_desc)
{
	uint8_t ids[APP_MAX_DEVS];
	int ret;

	if (app_devices(ids) == 0) {
		app_fail(test, "no device of the driver %s", APP_DRIVER);
		return -1;
	}
	ret = app_start(ids[0], nb_desc);
	if (ret != 0) {
		app_fail(test, "the device does not start: %s", rte_strerror(-ret));
		return -1;
	}
	return ids[0];
}

static struct rte_mempool *
pool_or_exit(struct rte_mempool *mp, const char *what)
{
	if (mp == NULL)
		rte_exit(EXIT_FAILURE, "no memory for %s: %s\n", what, rte_strerror(rte_errno));
	return mp;
}

struct rte_mempool *
app_session_pool(void)
{
	uint8_t ids[APP_MAX_DEVS];
	unsigned int i, nb, size, max = 0;

	if (session_pool != NULL)
		return session_pool;
	nb = app_devices(ids);
	for (i = 0; i < nb; i++) {
		size = rte_cryptodev_sym_get_private_session_size(ids[i]);
		max = RTE_MAX(max, size);
	}
	session_pool = pool_or_exit(rte_cryptodev_sym_session_pool_create("app_sessions",
			NB_SESSIONS, max, 0, 0, SOCKET_ID_ANY), "sessions");
	return session_pool;
}

struct rte_mempool *
app_op_pool(void)
{
	if (op_pool == NULL)
		op_pool = pool_or_exit(rte_crypto_op_pool_create("app_ops",
				RTE_CRYPTO_OP_TYPE_SYMMETRIC, APP_NB_OPS, 0,
				sizeof(struct app_op_priv), SOCKET_ID_ANY), "ops");
	return op_pool;
}

struct rte_mempool *
app_mbuf_pool(void)
{
	if (mbuf_pool == NULL)
		mbuf_pool = pool_or_exit(rte_pktmbuf_pool_create("app_mbufs", 2 * APP_NB_OPS, 0, 0,
				MBUF_ROOM, SOCKET_ID_ANY), "mbufs");
	return mbuf_pool;
}

void *
app_cipher_session(uint8_t dev_id, enum rte_crypto_cipher_algorithm algo, bool encrypt,
		const uint8_t *key, uint16_t key_len, uint16_t iv_len)
{
	struct rte_crypto_sym_xform xform = {
		.type = RTE_CRYPTO_SYM_XFORM_CIPHER,
		.cipher = {
			.op = encrypt ? RTE_CRYPTO_CIPHER_OP_ENCRYPT : RTE_CRYPTO_CIPHER_OP_DECRYPT,
			.algo = algo,
			.key = { .data = key, .length = key_len },
			.iv = {
				.offset = APP_PRIV_OFFSET + offsetof(struct app_op_priv, iv),
				.length = iv_len,
			},
		},
	};

	return rte_cryptodev_sym_session_create(dev_id, &xform, app_session_pool());
}

struct rte_crypto_op *
app_op_alloc(void *session)
{
	struct rte_crypto_op *op;

	op = rte_crypto_op_alloc(app_op_pool(), RTE_CRYPTO_OP_TYPE_SYMMETRIC);
	if (op == NULL)
		return NULL;
	memset(app_priv(op), 0, sizeof(struct app_op_priv));
	rte_crypto_op_attach_sym_session(op, session);
	return op;
}

void
app_op_free(struct rte_crypto_op *op)
{
	if (op == NULL)
		return;
	rte_pktmbuf_free(op->sym->m_src);
	if (op->sym->m_dst != op->sym->m_src)
		rte_pktmbuf_free(op->sym->m_dst);
	rte_crypto_op_free(op);
}

struct rte_mbuf *
app_mbuf(const uint8_t *data, unsigned int len, unsigned int nb_segs)
{
	struct rte_mbuf *head = NULL, *m;
	unsigned int i, part, done = 0;

	for (i = 0; i < nb_segs; i++) {
		/* Uneven on purpose: borders of segments are not borders of blocks. */
		part = i + 1 == nb_segs ? len - done : (len - done) / (nb_segs - i + 1);
		m = rte_pktmbuf_alloc(app_mbuf_pool());
		if (m == NULL || rte_pktmbuf_append(m, (uint16_t)part) == NULL) {
			rte_pktmbuf_free(m);
			rte_pktmbuf_free(head);
			return NULL;
		}
		memcpy(rte_pktmbuf_mtod(m, void *), data + done, part);
		done += part;
		if (head == NULL)
			head = m;
		else
			rte_pktmbuf_chain(head, m);
	}
	return head;
}

bool
app_mbuf_equal(const struct rte_mbuf *m, unsigned int offset, const uint8_t *data, unsigned int len)
{
	uint8_t copy[APP_MAX_DATA];
	const void *p;

	if (len == 0)
		return true;
	p = rte_pktmbuf_read(m, offset, len, copy);
	return p != NULL && memcmp(p, data, len) == 0;
}

uint64_t
app_deadline(void)
{
	return rte_get_tsc_cycles() + rte_get_tsc_hz() * APP_DEADLINE_S;
}

bool
app_run(uint8_t dev_id, struct rte_crypto_op **ops, unsigned int nb)
{
	struct rte_crypto_op *back[32];
	unsigned int sent = 0, got = 0, i;
	uint64_t deadline = app_deadline();
	uint16_t n;

	for (i = 0; i < nb; i++)
		app_priv(ops[i])->out = true;
	while (got < nb && rte_get_tsc_cycles() < deadline) {
		if (sent < nb)
			sent += rte_cryptodev_enqueue_burst(dev_id, 0, ops + sent,
					(uint16_t)(nb - sent));
		n = rte_cryptodev_dequeue_burst(dev_id, 0, back, RTE_DIM(back));
		for (i = 0; i < n; i++) {
			if (!app_priv(back[i])->out)
				return false;
			app_priv(back[i])->out = false;
		}
		got += n;
	}
	return got == nb;
}

unsigned int
app_nb_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned int nb = 0;

	if (dir == NULL)
		return 0;
	while (readdir(dir) != NULL)
		nb++;
	closedir(dir);
	return nb;
}

void
app_expect_aes_cbc(const uint8_t key[16], const uint8_t iv[16], const uint8_t *in, uint8_t *out,
		unsigned int len)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n = 0;

	if (ctx == NULL || EVP_EncryptInit_ex(ctx, EVP_aes_128_cbc(), NULL, key, iv) != 1 ||
			EVP_CIPHER_CTX_set_padding(ctx, 0) != 1 ||
			EVP_EncryptUpdate(ctx, out, &n, in, (int)len) != 1 || n != (int)len)
		rte_exit(EXIT_FAILURE, "libcrypto cannot do AES-CBC\n");
	EVP_CIPHER_CTX_free(ctx);
}

static int
usage(void)
{
	unsigned int i;

	fprintf(stderr, "usage: guest-test [EAL arguments] -- TEST...\ntests:");
	for (i = 0; i < RTE_DIM(tests); i++)
		fprintf(stderr, " %s", tests[i].name);
	fprintf(stderr, "\n");
	return 2;
}

int
main(int argc, char **argv)
{
	unsigned int k;
	int i, ret;

	app_eal_argv = calloc((unsigned int)argc + 1, sizeof(*app_eal_argv));
	if (app_eal_argv == NULL)
		return 2;
	while (app_eal_argc < argc && strcmp(argv[app_eal_argc], "--") != 0) {
		app_eal_argv[app_eal_argc] = argv[app_eal_argc];
		app_eal_argc++;
	}
	ret = rte_eal_init(argc, argv);
	if (ret < 0) {
		fprintf(stderr, "guest-test: EAL does not start: %s\n", rte_strerror(rte_errno));
		return 2;
	}
	if (ret + 1 >= argc)
		return usage();
	if (strcmp(argv[ret + 1], "secondary-part") == 0)
		return secondary_main();
	for (i = ret + 1; i < argc; i++) {
		for (k = 0; k < RTE_DIM(tests); k++)
			if (strcmp(argv[i], tests[k].name) == 0)
				break;
		if (k == RTE_DIM(tests))
			return usage();
		tests[k].run();
	}
	rte_eal_cleanup();
	return nb_failed > 0;
}
