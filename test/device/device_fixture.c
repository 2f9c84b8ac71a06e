/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include <sched.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <rte_eal.h>

#include "device_fixture.h"

#define NB_OPS 4095
#define NB_MBUFS 4095
#define MBUF_ROOM (2048 + RTE_PKTMBUF_HEADROOM)
#define NB_SESSIONS 511
#define SESSION_PRIV 512 /* more than a driver of this tree asks for */

struct rte_mempool *dut_ops;
struct rte_mempool *dut_mbufs;
const uint8_t dut_key[DUT_KEY_LEN] = {0x2b, 0x7e, 0x15, 0x16, 0x28, 0xae, 0xd2, 0xa6, 9, 1};
const uint8_t dut_auth_key[DUT_DIGEST_LEN] = {0x0b, 0x0b, 0x0b, 2, 3, 4};

static const uint8_t iv[DUT_IV_LEN] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
static struct rte_mempool *session_pool;
static unsigned int nb_opened;

static int
eal_setup(bool telemetry)
{
	char prefix[32], core[16];
	char prog[] = "device", no_huge[] = "--no-huge", m[] = "-m", mem[] = "128",
	     no_pci[] = "--no-pci", no_shconf[] = "--no-shconf", no_tele[] = "--no-telemetry",
	     fp[] = "--file-prefix", l[] = "-l", va[] = "--iova-mode=va";
	char *argv[] = {prog, no_huge, m, mem, no_pci, no_shconf, va, fp, prefix, l, core, no_tele};
	cpu_set_t set;
	int cpu;

	CPU_ZERO(&set);
	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		return -1;
	for (cpu = 0; cpu < CPU_SETSIZE && !CPU_ISSET(cpu, &set); cpu++)
		;
	snprintf(prefix, sizeof(prefix), "vcdev%d", (int)getpid());
	snprintf(core, sizeof(core), "%d", cpu);
	if (rte_eal_init((int)RTE_DIM(argv) - telemetry, argv) < 0)
		return -1;
	/* Threads that a test makes shall run beside this one. */
	sched_setaffinity(0, sizeof(set), &set);

	dut_ops = rte_crypto_op_pool_create("dut_ops", RTE_CRYPTO_OP_TYPE_SYMMETRIC, NB_OPS, 0,
			DUT_PRIV_LEN, SOCKET_ID_ANY);
	dut_mbufs = rte_pktmbuf_pool_create("dut_mbufs", NB_MBUFS, 0, 0, MBUF_ROOM, SOCKET_ID_ANY);
	session_pool = rte_cryptodev_sym_session_pool_create("dut_sessions", NB_SESSIONS,
			SESSION_PRIV, 0, 0, SOCKET_ID_ANY);
	return dut_ops != NULL && dut_mbufs != NULL && session_pool != NULL ? 0 : -1;
}

int
dut_eal_setup(void **state)
{
	(void)state;
	return eal_setup(false);
}

int
dut_eal_setup_telemetry(void **state)
{
	(void)state;
	return eal_setup(true);
}

int
dut_eal_teardown(void **state)
{
	(void)state;
	rte_mempool_free(session_pool);
	rte_mempool_free(dut_mbufs);
	rte_mempool_free(dut_ops);
	return rte_eal_cleanup();
}

/* The device that the environment asks for, so that a test program runs over each format. */
static void
apply_ring(struct inproc_cfg *cfg)
{
	const char *ring = getenv("VCRYPTO_TEST_RING");

	if (ring == NULL)
		return;
	cfg->packed = cfg->packed || strstr(ring, "packed") != NULL;
	/* A test that chooses features counts descriptors by them. */
	cfg->direct = cfg->direct || (cfg->features == 0 && strstr(ring, "direct") != NULL);
	if (strstr(ring, "batch") != NULL)
		cfg->in_order = INPROC_IN_ORDER_BATCH;
	else if (strstr(ring, "order") != NULL)
		cfg->in_order = INPROC_IN_ORDER_SINGLE;
	cfg->stateless = cfg->stateless || strstr(ring, "stateless") != NULL;
}

/* The driver's arguments, and the mode that the environment asks for where they have none. */
static const char *
apply_mode(const char *devargs, char *buf, size_t len)
{
	const char *ring = getenv("VCRYPTO_TEST_RING");

	if (ring == NULL || strstr(ring, "stateless") == NULL ||
			(devargs != NULL && strstr(devargs, "mode=") != NULL))
		return devargs;
	snprintf(buf, len, "%s%smode=stateless", devargs != NULL ? devargs : "",
			devargs != NULL ? "," : "");
	return buf;
}

/* What was wished for is what was negotiated. */
static void
check_ring(const struct dut *t, const struct inproc_cfg *cfg)
{
	const uint64_t all = F_PACKED | F_IN_ORDER | F_INDIRECT;
	uint64_t want = 0;

	if (getenv("VCRYPTO_TEST_RING") == NULL || cfg->features != 0)
		return;
	want |= cfg->packed ? F_PACKED : 0;
	want |= cfg->in_order != INPROC_IN_ORDER_OFF ? F_IN_ORDER : 0;
	want |= cfg->direct ? 0 : F_INDIRECT;
	assert_int_equal(t->s->features & all, want);
}

int
dut_try_open(struct dut *t, const struct inproc_cfg *cfg, const char *devargs)
{
	struct inproc_cfg with_ring = {0};
	char args[256];
	int ret;

	memset(t, 0, sizeof(*t));
	snprintf(t->name, sizeof(t->name), "dut%u", nb_opened++);
	if (cfg != NULL)
		with_ring = *cfg;
	apply_ring(&with_ring);
	ret = inproc_cryptodev_create(t->name, &with_ring, apply_mode(devargs, args, sizeof(args)),
			&t->d);
	if (ret < 0)
		return ret;
	t->id = (uint8_t)ret;
	t->f = inproc_faults(t->d);
	t->s = inproc_stats(t->d);
	t->sessions = session_pool;
	t->direct = with_ring.direct && (cfg == NULL || !cfg->direct);
	assert_true(rte_cryptodev_sym_get_private_session_size(t->id) <= SESSION_PRIV);
	check_ring(t, &with_ring);
	return 0;
}

void
dut_open(struct dut *t, const struct inproc_cfg *cfg, const char *devargs)
{
	assert_int_equal(dut_try_open(t, cfg, devargs), 0);
}

uint16_t
dut_entries(const struct dut *t, uint16_t nb_reqs)
{
	return t->direct ? nb_reqs * DUT_DIRECT_DESCS : nb_reqs;
}

void
dut_configure(struct dut *t, uint16_t nb_qps, uint16_t nb_reqs)
{
	struct rte_cryptodev_config config = {.socket_id = 0, .nb_queue_pairs = nb_qps};
	struct rte_cryptodev_qp_conf qp = {.nb_descriptors = dut_entries(t, nb_reqs)};
	uint16_t i;

	assert_int_equal(rte_cryptodev_configure(t->id, &config), 0);
	for (i = 0; i < nb_qps; i++)
		assert_int_equal(rte_cryptodev_queue_pair_setup(t->id, i, &qp, 0), 0);
}

void
dut_start(struct dut *t, uint16_t nb_qps, uint16_t nb_reqs)
{
	dut_configure(t, nb_qps, nb_reqs);
	assert_int_equal(rte_cryptodev_start(t->id), 0);
}

void
dut_close(struct dut *t)
{
	rte_cryptodev_stop(t->id);
	assert_int_equal(t->s->rule_breaks, 0);
	assert_int_equal(inproc_cryptodev_destroy(t->name, t->d), 0);
	assert_int_equal(rte_mempool_in_use_count(session_pool), 0);
	assert_int_equal(rte_mempool_in_use_count(dut_ops), 0);
	assert_int_equal(rte_mempool_in_use_count(dut_mbufs), 0);
}

void *
dut_cipher_session(struct dut *t, bool encrypt)
{
	struct rte_crypto_sym_xform x = {
		.type = RTE_CRYPTO_SYM_XFORM_CIPHER,
		.cipher = {
			.op = encrypt ? RTE_CRYPTO_CIPHER_OP_ENCRYPT : RTE_CRYPTO_CIPHER_OP_DECRYPT,
			.algo = RTE_CRYPTO_CIPHER_AES_CBC,
			.key = {dut_key, DUT_KEY_LEN},
			.iv = {DUT_IV_OFFSET, DUT_IV_LEN},
		},
	};

	return rte_cryptodev_sym_session_create(t->id, &x, t->sessions);
}

void *
dut_chain_session(struct dut *t, bool generate)
{
	struct rte_crypto_sym_xform auth = {
		.type = RTE_CRYPTO_SYM_XFORM_AUTH,
		.auth = {
			.op = generate ? RTE_CRYPTO_AUTH_OP_GENERATE : RTE_CRYPTO_AUTH_OP_VERIFY,
			.algo = RTE_CRYPTO_AUTH_SHA1_HMAC,
			.key = {dut_auth_key, sizeof(dut_auth_key)},
			.digest_length = DUT_DIGEST_LEN,
		},
	};
	struct rte_crypto_sym_xform cipher = {
		.type = RTE_CRYPTO_SYM_XFORM_CIPHER,
		.cipher = {
			.op = generate ? RTE_CRYPTO_CIPHER_OP_ENCRYPT :
					 RTE_CRYPTO_CIPHER_OP_DECRYPT,
			.algo = RTE_CRYPTO_CIPHER_AES_CBC,
			.key = {dut_key, DUT_KEY_LEN},
			.iv = {DUT_IV_OFFSET, DUT_IV_LEN},
		},
	};

	if (generate)
		cipher.next = &auth;
	else
		auth.next = &cipher;
	return rte_cryptodev_sym_session_create(t->id, generate ? &cipher : &auth, t->sessions);
}

void
dut_free_session(struct dut *t, void *session)
{
	assert_int_equal(rte_cryptodev_sym_session_free(t->id, session), 0);
}

void
dut_pattern(uint8_t *p, uint32_t len)
{
	uint32_t i;

	for (i = 0; i < len; i++)
		p[i] = (uint8_t)(i * 3 + i / 256 + 1);
}

uint8_t *
dut_data(struct rte_crypto_op *op)
{
	return rte_pktmbuf_mtod(op->sym->m_src, uint8_t *);
}

uint8_t *
dut_digest(struct rte_crypto_op *op)
{
	return rte_crypto_op_ctod_offset(op, uint8_t *, DUT_DIGEST_OFFSET);
}

struct rte_crypto_op *
dut_op(void *session, uint32_t len)
{
	struct rte_crypto_op *op = rte_crypto_op_alloc(dut_ops, RTE_CRYPTO_OP_TYPE_SYMMETRIC);
	struct rte_mbuf *m = rte_pktmbuf_alloc(dut_mbufs);

	assert_non_null(op);
	assert_non_null(m);
	/* What an earlier use left behind shall not matter. */
	memset(op->sym, 0x5c, sizeof(*op->sym));
	op->sym->m_src = m;
	op->sym->m_dst = NULL;
	if (len != 0)
		dut_pattern((uint8_t *)rte_pktmbuf_append(m, (uint16_t)len), len);
	memcpy(rte_crypto_op_ctod_offset(op, uint8_t *, DUT_IV_OFFSET), iv, sizeof(iv));
	op->sym->cipher.data.offset = 0;
	op->sym->cipher.data.length = len;
	if (session != NULL)
		rte_crypto_op_attach_sym_session(op, session);
	op->status = RTE_CRYPTO_OP_STATUS_SUCCESS; /* as a recycled op has it */
	return op;
}

struct rte_crypto_op *
dut_chain_op(void *session, uint32_t len)
{
	struct rte_crypto_op *op = dut_op(session, len);

	op->sym->auth.data.offset = 0;
	op->sym->auth.data.length = len;
	op->sym->auth.digest.data = dut_digest(op);
	op->sym->auth.digest.phys_addr = rte_crypto_op_ctophys_offset(op, DUT_DIGEST_OFFSET);
	return op;
}

void
dut_free_op(struct rte_crypto_op *op)
{
	rte_pktmbuf_free(op->sym->m_src);
	if (op->sym->m_dst != NULL && op->sym->m_dst != op->sym->m_src)
		rte_pktmbuf_free(op->sym->m_dst);
	rte_crypto_op_free(op);
}

void
dut_reference(bool encrypt, uint8_t *out, uint32_t len)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t in[2048];
	int n;

	assert_true(len <= sizeof(in));
	dut_pattern(in, len);
	assert_int_equal(EVP_CipherInit_ex(ctx, EVP_aes_128_cbc(), NULL, dut_key, iv, encrypt), 1);
	EVP_CIPHER_CTX_set_padding(ctx, 0);
	assert_int_equal(EVP_CipherUpdate(ctx, out, &n, in, (int)len), 1);
	EVP_CIPHER_CTX_free(ctx);
}

void
dut_reference_hmac(const uint8_t *data, uint32_t len, uint8_t *digest)
{
	assert_non_null(HMAC(EVP_sha1(), dut_auth_key, sizeof(dut_auth_key), data, len, digest,
			NULL));
}

bool
dut_encrypted(struct rte_crypto_op *op, uint32_t len)
{
	uint8_t want[2048];

	dut_reference(true, want, len);
	return memcmp(dut_data(op), want, len) == 0;
}

bool
dut_is_raw(void)
{
	const char *const api = getenv("VCRYPTO_TEST_API");

	return api != NULL && strcmp(api, "raw") == 0;
}

uint64_t
dut_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

void
dut_enqueue(struct dut *t, uint16_t qp, struct rte_crypto_op **ops, uint16_t nb)
{
	assert_int_equal(rte_cryptodev_enqueue_burst(t->id, qp, ops, nb), nb);
}

void
dut_dequeue(struct dut *t, uint16_t qp, struct rte_crypto_op **ops, uint16_t nb)
{
	const uint64_t end = dut_now_ms() + DUT_WAIT_MS;
	uint16_t n = 0, got;

	while (n < nb) {
		got = rte_cryptodev_dequeue_burst(t->id, qp, ops + n, nb - n);
		n += got;
		if (got == 0 && dut_now_ms() > end)
			fail_msg("%u of %u operations came back", n, nb);
		if (got == 0)
			sched_yield();
	}
}

enum rte_crypto_op_status
dut_run(struct dut *t, uint16_t qp, struct rte_crypto_op *op)
{
	struct rte_crypto_op *back;

	dut_enqueue(t, qp, &op, 1);
	dut_dequeue(t, qp, &back, 1);
	assert_ptr_equal(back, op);
	return op->status;
}

bool
dut_works(struct dut *t, uint16_t qp, void *session)
{
	struct rte_crypto_op *op = dut_op(session, DUT_DATA_LEN);
	bool ok;

	ok = dut_run(t, qp, op) == RTE_CRYPTO_OP_STATUS_SUCCESS && dut_encrypted(op, DUT_DATA_LEN);
	dut_free_op(op);
	return ok;
}

struct rte_mbuf *
dut_packet(const uint16_t *len, unsigned int nb, const uint8_t *data)
{
	struct rte_mbuf *head = NULL, *m;
	unsigned int i;

	for (i = 0; i < nb; i++) {
		m = rte_pktmbuf_alloc(dut_mbufs);
		assert_non_null(m);
		memcpy(rte_pktmbuf_append(m, len[i]), data, len[i]);
		data += len[i];
		if (head == NULL)
			head = m;
		else
			assert_int_equal(rte_pktmbuf_chain(head, m), 0);
	}
	return head;
}

uint8_t *
dut_byte(struct rte_mbuf *m, uint32_t off)
{
	for (; off >= m->data_len; m = m->next)
		off -= m->data_len;
	return rte_pktmbuf_mtod_offset(m, uint8_t *, off);
}
