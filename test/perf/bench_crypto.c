/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Operations per second of any cryptodev, from one lcore, the main one: so that the same
 * loop tells of a software driver called directly and of a driver whose work is done in
 * another process.
 *
 *   bench_crypto [EAL arguments] -- DEVICE [SECONDS [SIZE[,SIZE…] [ALGORITHM[,ALGORITHM…]]]]
 *
 * Prints CSV. "cycles" are those of this lcore in enqueue and dequeue calls that moved
 * something, for an operation; waiting is not among them. "check" is a sum over the first results,
 * by which two runs can be compared. Only the public cryptodev API.
 */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_cryptodev.h>
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_hash_crc.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#define NB_OPS 512
#define NB_DESC 1024
#define BURST 32
#define SIZE_MAX_BYTES 16384
#define TAIL 32 /* room for a digest or tag behind the data */
#define IV_LEN 16
#define AAD_LEN 16
#define IV_OFF (sizeof(struct rte_crypto_op) + sizeof(struct rte_crypto_sym_op))
#define AAD_OFF (IV_OFF + IV_LEN)
#define PRIV_LEN (IV_LEN + 2 * AAD_LEN)
#define DEFAULT_SECONDS 0.5
#define STALL_SECONDS 5

struct algorithm {
	const char *name;
	enum { CIPHER, CHAIN, AEAD } kind;
	uint16_t key_len;
	uint16_t iv_len;
	uint16_t digest_len;
	enum rte_crypto_cipher_algorithm cipher;
};

static const struct algorithm algorithms[] = {
	{ "aes-128-cbc+sha1-hmac", CHAIN, 16, 16, 20, RTE_CRYPTO_CIPHER_AES_CBC },
	{ "aes-256-gcm", AEAD, 32, 12, 16, 0 },
	{ "aes-128-ctr", CIPHER, 16, 16, 0, RTE_CRYPTO_CIPHER_AES_CTR },
};

static struct rte_mempool *op_pool, *mbuf_pool, *session_pool;
static uint8_t key[64];

static void __rte_noreturn
die(const char *what, int err)
{
	fprintf(stderr, "bench_crypto: %s: %s\n", what, rte_strerror(err < 0 ? -err : err));
	exit(1);
}

static void *
make_session(uint8_t dev, const struct algorithm *a)
{
	struct rte_crypto_sym_xform cipher = {
		.type = RTE_CRYPTO_SYM_XFORM_CIPHER,
		.cipher = {
			.op = RTE_CRYPTO_CIPHER_OP_ENCRYPT,
			.algo = a->cipher,
			.key = { .data = key, .length = a->key_len },
			.iv = { .offset = IV_OFF, .length = a->iv_len },
		},
	};
	struct rte_crypto_sym_xform auth = {
		.type = RTE_CRYPTO_SYM_XFORM_AUTH,
		.auth = {
			.op = RTE_CRYPTO_AUTH_OP_GENERATE,
			.algo = RTE_CRYPTO_AUTH_SHA1_HMAC,
			.key = { .data = key, .length = 20 },
			.digest_length = a->digest_len,
		},
	};
	struct rte_crypto_sym_xform aead = {
		.type = RTE_CRYPTO_SYM_XFORM_AEAD,
		.aead = {
			.op = RTE_CRYPTO_AEAD_OP_ENCRYPT,
			.algo = RTE_CRYPTO_AEAD_AES_GCM,
			.key = { .data = key, .length = a->key_len },
			.iv = { .offset = IV_OFF, .length = a->iv_len },
			.digest_length = a->digest_len,
			.aad_length = AAD_LEN,
		},
	};

	if (a->kind == CHAIN)
		cipher.next = &auth;
	return rte_cryptodev_sym_session_create(dev, a->kind == AEAD ? &aead : &cipher,
		session_pool);
}

static struct rte_crypto_op *
make_op(const struct algorithm *a, void *session, uint32_t size, unsigned int number)
{
	struct rte_crypto_op *const op = rte_crypto_op_alloc(op_pool,
		RTE_CRYPTO_OP_TYPE_SYMMETRIC);
	struct rte_mbuf *const m = rte_pktmbuf_alloc(mbuf_pool);
	uint8_t *data, *aad;
	uint32_t i;

	if (op == NULL || m == NULL)
		die("no memory for operations", ENOMEM);
	data = (uint8_t *)rte_pktmbuf_append(m, size + TAIL);
	for (i = 0; i < size; i++)
		data[i] = (uint8_t)(i * 7 + number);
	/* No counter that overflows 32 bits: engines differ in what follows. */
	memset(rte_crypto_op_ctod_offset(op, uint8_t *, IV_OFF), (int)number & 0x7f, IV_LEN);
	op->sym->m_src = m;
	rte_crypto_op_attach_sym_session(op, session);
	if (a->kind == AEAD) {
		aad = rte_crypto_op_ctod_offset(op, uint8_t *, AAD_OFF);
		memset(aad, (int)number, AAD_LEN);
		op->sym->aead.data.length = size;
		op->sym->aead.aad.data = aad;
		op->sym->aead.aad.phys_addr = rte_crypto_op_ctophys_offset(op, AAD_OFF);
		op->sym->aead.digest.data = data + size;
		op->sym->aead.digest.phys_addr = rte_pktmbuf_iova_offset(m, size);
		return op;
	}
	op->sym->cipher.data.length = size;
	if (a->kind == CHAIN) {
		op->sym->auth.data.length = size;
		op->sym->auth.digest.data = data + size;
		op->sym->auth.digest.phys_addr = rte_pktmbuf_iova_offset(m, size);
	}
	return op;
}

static void
free_op(struct rte_crypto_op *op)
{
	rte_pktmbuf_free(op->sym->m_src);
	rte_crypto_op_free(op);
}

/* Each of the operations once; a sum over what they give. */
static uint32_t
check(uint8_t dev, const struct algorithm *a, struct rte_crypto_op **ops, uint32_t size)
{
	struct rte_crypto_op *got[NB_OPS];
	const uint64_t end = rte_get_timer_cycles() + STALL_SECONDS * rte_get_timer_hz();
	unsigned int sent = 0, done = 0, i;
	uint32_t sum = 0;

	while (done < NB_OPS) {
		sent += rte_cryptodev_enqueue_burst(dev, 0, ops + sent,
			RTE_MIN(NB_OPS - sent, (unsigned int)BURST));
		done += rte_cryptodev_dequeue_burst(dev, 0, got + done,
			RTE_MIN(NB_OPS - done, (unsigned int)BURST));
		if (rte_get_timer_cycles() > end)
			die("operations do not come back", ETIMEDOUT);
	}
	for (i = 0; i < NB_OPS; i++) {
		if (ops[i]->status != RTE_CRYPTO_OP_STATUS_SUCCESS)
			die("an operation fails", EIO);
		sum = rte_hash_crc(rte_pktmbuf_mtod(ops[i]->sym->m_src, void *),
			size + a->digest_len, sum);
	}
	return sum;
}

static void
measure(uint8_t dev, const struct algorithm *a, uint32_t size, double seconds)
{
	struct rte_crypto_op *ops[NB_OPS], *got[BURST];
	const double hz = (double)rte_get_tsc_hz();
	const uint64_t stall = STALL_SECONDS * rte_get_tsc_hz();
	uint64_t start, now, t, last, limit, done = 0, busy = 0, failed = 0;
	unsigned int nb_idle = NB_OPS, head = 0, tail = 0, i;
	void *const session = make_session(dev, a);
	uint32_t sum;
	uint16_t n;

	if (session == NULL) {
		fprintf(stderr, "bench_crypto: %s is not to be had of this device\n", a->name);
		return;
	}
	for (i = 0; i < NB_OPS; i++)
		ops[i] = make_op(a, session, size, i);
	sum = check(dev, a, ops, size);

	/* A tenth of the time to warm up. The operations are a ring, in the order of return. */
	limit = (uint64_t)(seconds * hz);
	last = start = rte_rdtsc_precise() + limit / 10;
	for (now = rte_rdtsc(); (int64_t)(now - start) < (int64_t)limit;) {
		if ((int64_t)(now - start) < 0)
			done = busy = 0;
		n = RTE_MIN(nb_idle, NB_OPS - head);
		n = RTE_MIN(n, BURST);
		t = rte_rdtsc();
		n = rte_cryptodev_enqueue_burst(dev, 0, &ops[head], n);
		now = rte_rdtsc();
		busy += n != 0 ? now - t : 0;
		nb_idle -= n;
		head = (head + n) % NB_OPS;
		n = rte_cryptodev_dequeue_burst(dev, 0, got, BURST);
		t = rte_rdtsc();
		if (n == 0) {
			if ((int64_t)(t - last) > (int64_t)stall)
				die("operations do not come back", ETIMEDOUT);
			now = t;
			continue;
		}
		busy += t - now;
		now = last = t;
		for (i = 0; i < n; i++) {
			failed += got[i]->status != RTE_CRYPTO_OP_STATUS_SUCCESS;
			ops[tail] = got[i];
			tail = (tail + 1) % NB_OPS;
		}
		nb_idle += n;
		done += n;
	}
	if (failed != 0)
		die("operations fail", EIO);
	printf("%s,%u,%.4f,%.3f,%.1f,%08x\n", a->name, size, done / ((now - start) / hz) / 1e6,
		done * 8.0 * size / ((now - start) / hz) / 1e9, (double)busy / done, sum);
	fflush(stdout);

	while (nb_idle < NB_OPS)
		nb_idle += rte_cryptodev_dequeue_burst(dev, 0, got, BURST);
	for (i = 0; i < NB_OPS; i++)
		free_op(ops[i]);
	rte_cryptodev_sym_session_free(dev, session);
}

static void
start_device(uint8_t dev)
{
	struct rte_cryptodev_config config = { .nb_queue_pairs = 1 };
	struct rte_cryptodev_qp_conf qp = { .nb_descriptors = NB_DESC };
	int ret;

	op_pool = rte_crypto_op_pool_create("bench_ops", RTE_CRYPTO_OP_TYPE_SYMMETRIC, NB_OPS * 2,
		0, PRIV_LEN, SOCKET_ID_ANY);
	mbuf_pool = rte_pktmbuf_pool_create("bench_mbufs", NB_OPS * 2, 0, 0,
		RTE_PKTMBUF_HEADROOM + SIZE_MAX_BYTES + TAIL, SOCKET_ID_ANY);
	session_pool = rte_cryptodev_sym_session_pool_create("bench_sessions", 16,
		rte_cryptodev_sym_get_private_session_size(dev), 0, 0, SOCKET_ID_ANY);
	if (op_pool == NULL || mbuf_pool == NULL || session_pool == NULL)
		die("no memory for pools", rte_errno);
	qp.mp_session = session_pool;
	ret = rte_cryptodev_configure(dev, &config);
	if (ret == 0)
		ret = rte_cryptodev_queue_pair_setup(dev, 0, &qp, SOCKET_ID_ANY);
	if (ret == 0)
		ret = rte_cryptodev_start(dev);
	if (ret < 0)
		die("the device does not start", ret);
}

static bool
is_listed(const char *list, const char *name)
{
	const size_t len = strlen(name);
	const char *p;

	for (p = list; (p = strstr(p, name)) != NULL; p += len)
		if ((p == list || p[-1] == ',') && (p[len] == '\0' || p[len] == ','))
			return true;
	return list[0] == '\0';
}

int
main(int argc, char **argv)
{
	const char *sizes = "64,256,1024,4096", *names = "", *p;
	double seconds = DEFAULT_SECONDS;
	unsigned int i;
	char *end;
	int dev, ret;

	ret = rte_eal_init(argc, argv);
	if (ret < 0)
		die("EAL", rte_errno);
	argc -= ret;
	argv += ret;
	if (argc < 2) {
		fprintf(stderr, "usage: bench_crypto [EAL arguments] -- DEVICE"
			" [SECONDS [SIZES [ALGORITHMS]]]\n");
		return 1;
	}
	dev = rte_cryptodev_get_dev_id(argv[1]);
	if (dev < 0)
		die(argv[1], ENODEV);
	if (argc > 2)
		seconds = strtod(argv[2], NULL);
	if (argc > 3)
		sizes = argv[3];
	if (argc > 4)
		names = argv[4];
	if (!(seconds > 0 && seconds <= 60))
		die("seconds", ERANGE);
	for (i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)(i * 11 + 3);
	start_device(dev);
	printf("algorithm,size,mops,gbits,cycles,check\n");
	for (i = 0; i < RTE_DIM(algorithms); i++) {
		if (!is_listed(names, algorithms[i].name))
			continue;
		for (p = sizes; *p != '\0'; p = *end == ',' ? end + 1 : end) {
			const unsigned long size = strtoul(p, &end, 10);

			if (end == p || size == 0 || size > SIZE_MAX_BYTES || size % 16 != 0)
				die("sizes", ERANGE);
			measure(dev, &algorithms[i], size, seconds);
		}
	}
	rte_cryptodev_stop(dev);
	rte_cryptodev_close(dev);
	rte_eal_cleanup();
	return 0;
}
