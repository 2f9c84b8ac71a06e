/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Signatures of any asymmetric cryptodev, from one lcore, the main one.
 *
 *   bench_sign [EAL arguments] -- DEVICE rate|latency [SECONDS]
 *
 * rate     signatures per second, SIGNS of them in flight.
 * latency  of a symmetric stream, AES-128-CBC and HMAC-SHA1 over 1 KiB, in microseconds: without
 *          signatures, and while SIGNS of them are in flight, on the queue pair of the stream
 *          and on another. The stream is a burst of STREAM_BURST operations and then a nap, so
 *          that this lcore leaves its processor to whoever works: three threads that are busy
 *          on two processors would tell of the scheduler. The time of an operation is that from
 *          the enqueue of its burst to the dequeue that brought it; naps are in none.
 *
 * Prints CSV. What the device does not show is left out, and told on standard error. The first
 * signatures of each key are verified by libcrypto. Only the public cryptodev API.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sys/prctl.h>

#include <rte_common.h>
#include <rte_cryptodev.h>
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#include "asym_ref.h"

#define SIGNS 32
#define NB_DESC 256
#define STREAM_BURST 4
#define STREAM_BYTES 1024
#define SHA1_LEN 20
#define IV_LEN 16
#define IV_OFF (sizeof(struct rte_crypto_op) + sizeof(struct rte_crypto_sym_op))
#define DIGEST_LEN 32
#define RSA_BITS 2048
#define NAP_NS 20000
#define STREAM_NAP_NS 100000
#define MAX_SAMPLES (4u << 20)
#define DEFAULT_SECONDS 1.0
#define STALL_SECONDS 20

enum algorithm {
	SIGN_NONE,
	SIGN_RSA,
	SIGN_ECDSA,
	SIGN_NB,
};

static const char *const names[SIGN_NB] = {"none", "rsa-2048", "ecdsa-p256"};

/* A signature: its operation, and where the operation's numbers are. */
struct job {
	struct rte_crypto_op *op;
	uint8_t digest[DIGEST_LEN];
	uint8_t out[RSA_BITS / 8];
	uint8_t more[ASYM_EC_MAX_LEN];
};

static uint8_t dev;
static struct rte_mempool *sym_ops, *asym_ops, *mbufs, *sym_sessions, *asym_sessions;
static struct job jobs[SIGNS];
static struct rte_crypto_op *waiting[SIGNS];
static unsigned int nb_waiting;
static void *session;
static uint64_t signs_done;
static uint32_t samples[MAX_SAMPLES];
static unsigned int nb_samples;

static void __rte_noreturn
die(const char *what, int err)
{
	fprintf(stderr, "bench_sign: %s: %s\n", what, rte_strerror(err < 0 ? -err : err));
	exit(1);
}

static void
nap(long ns)
{
	const struct timespec t = {.tv_nsec = ns};

	nanosleep(&t, NULL);
}

/* ---- signatures ---- */

static void
point_to(rte_crypto_uint *u, const struct asym_num *n)
{
	u->data = (uint8_t *)(uintptr_t)n->data;
	u->length = n->len;
}

static bool
is_shown(enum algorithm a)
{
	const struct rte_cryptodev_asym_capability_idx idx = {
		.type = a == SIGN_RSA ? RTE_CRYPTO_ASYM_XFORM_RSA : RTE_CRYPTO_ASYM_XFORM_ECDSA,
	};
	const struct rte_cryptodev_asymmetric_xform_capability *const cap =
			rte_cryptodev_asym_capability_get(dev, &idx);

	return cap != NULL && (cap->op_types & 1u << RTE_CRYPTO_ASYM_OP_SIGN) != 0;
}

static void
make_session(enum algorithm a)
{
	struct rte_crypto_asym_xform x;
	const struct asym_rsa_key *k;
	int ret;

	memset(&x, 0, sizeof(x));
	if (a == SIGN_RSA) {
		k = asym_rsa_key(RSA_BITS);
		if (k == NULL)
			die("libcrypto makes no key", ENOMEM);
		x.xform_type = RTE_CRYPTO_ASYM_XFORM_RSA;
		x.rsa.key_type = RTE_RSA_KEY_TYPE_QT;
		point_to(&x.rsa.n, &k->n);
		point_to(&x.rsa.e, &k->e);
		point_to(&x.rsa.qt.p, &k->p);
		point_to(&x.rsa.qt.q, &k->q);
		point_to(&x.rsa.qt.dP, &k->dp);
		point_to(&x.rsa.qt.dQ, &k->dq);
		point_to(&x.rsa.qt.qInv, &k->qi);
	} else {
		x.xform_type = RTE_CRYPTO_ASYM_XFORM_ECDSA;
		x.ec.curve_id = RTE_CRYPTO_EC_GROUP_SECP256R1;
	}
	ret = rte_cryptodev_asym_session_create(dev, &x, asym_sessions, &session);
	if (ret != 0)
		die("no asymmetric session", ret);
}

/* The operation's own fields, which a driver may have written. */
static void
set_op(struct job *j, enum algorithm a)
{
	struct rte_crypto_asym_op *const op = j->op->asym;
	const struct asym_ec_key *k;

	memset(op, 0, sizeof(*op));
	rte_crypto_op_attach_asym_session(j->op, session);
	j->op->status = RTE_CRYPTO_OP_STATUS_NOT_PROCESSED;
	if (a == SIGN_RSA) {
		op->rsa.op_type = RTE_CRYPTO_ASYM_OP_SIGN;
		op->rsa.padding.type = RTE_CRYPTO_RSA_PADDING_PKCS1_5;
		op->rsa.padding.hash = RTE_CRYPTO_AUTH_SHA256;
		op->rsa.message.data = j->digest;
		op->rsa.message.length = DIGEST_LEN;
		op->rsa.sign.data = j->out;
		return;
	}
	k = asym_ec_key(ASYM_P256);
	if (k == NULL)
		die("libcrypto makes no key", ENOMEM);
	op->ecdsa.op_type = RTE_CRYPTO_ASYM_OP_SIGN;
	op->ecdsa.message.data = j->digest;
	op->ecdsa.message.length = DIGEST_LEN;
	op->ecdsa.pkey.data = (uint8_t *)(uintptr_t)k->d;
	op->ecdsa.pkey.length = k->len;
	op->ecdsa.r.data = j->out;
	op->ecdsa.s.data = j->more;
}

static bool
is_right(const struct job *j, enum algorithm a)
{
	const struct asym_rsa_key *const k = asym_rsa_key(RSA_BITS);
	const struct rte_crypto_asym_op *const op = j->op->asym;

	if (a == SIGN_ECDSA)
		return op->ecdsa.r.length == asym_curve_len(ASYM_P256) &&
				op->ecdsa.s.length == asym_curve_len(ASYM_P256) &&
				asym_ec_verify(asym_ec_key(ASYM_P256), j->digest, DIGEST_LEN,
						j->out, j->more);
	/* There are drivers that leave out which digest it is. */
	return asym_rsa_verify(k, "sha256", j->digest, DIGEST_LEN, j->out, k->len) ||
			asym_rsa_verify(k, NULL, j->digest, DIGEST_LEN, j->out, k->len);
}

/* Send what waits. */
static void
sign_send(uint16_t queue)
{
	const uint16_t n = rte_cryptodev_enqueue_burst(dev, queue, waiting, nb_waiting);

	nb_waiting -= n;
	memmove(waiting, waiting + n, nb_waiting * sizeof(waiting[0]));
}

/* One that came back: it waits for its next turn. */
static void
sign_back(struct rte_crypto_op *op, enum algorithm a)
{
	unsigned int i;

	if (op->status != RTE_CRYPTO_OP_STATUS_SUCCESS)
		die("a signature fails", EIO);
	signs_done++;
	for (i = 0; jobs[i].op != op; i++)
		;
	set_op(&jobs[i], a);
	waiting[nb_waiting++] = op;
}

/* Wait until all are back. */
static void
sign_drain(uint16_t queue, enum algorithm a)
{
	const uint64_t end = rte_get_timer_cycles() + STALL_SECONDS * rte_get_timer_hz();
	struct rte_crypto_op *got[SIGNS];
	uint16_t n, i;

	while (nb_waiting < SIGNS) {
		n = rte_cryptodev_dequeue_burst(dev, queue, got, SIGNS);
		for (i = 0; i < n; i++)
			sign_back(got[i], a);
		if (n == 0 && rte_get_timer_cycles() > end)
			die("signatures do not come back", ETIMEDOUT);
		if (n == 0)
			nap(NAP_NS);
	}
}

/* Make the signatures ready, each done once and looked at. */
static void
sign_begin(enum algorithm a)
{
	const uint64_t end = rte_get_timer_cycles() + STALL_SECONDS * rte_get_timer_hz();
	struct rte_crypto_op *got[SIGNS];
	unsigned int i, nb = 0;

	make_session(a);
	for (i = 0; i < SIGNS; i++) {
		jobs[i].op = rte_crypto_op_alloc(asym_ops, RTE_CRYPTO_OP_TYPE_ASYMMETRIC);
		if (jobs[i].op == NULL)
			die("no memory for operations", ENOMEM);
		memset(jobs[i].digest, (int)i + 1, sizeof(jobs[i].digest));
		set_op(&jobs[i], a);
		waiting[nb_waiting++] = jobs[i].op;
	}
	while (nb < SIGNS) {
		if (nb_waiting != 0)
			sign_send(0);
		nb += rte_cryptodev_dequeue_burst(dev, 0, got + nb, (uint16_t)(SIGNS - nb));
		if (rte_get_timer_cycles() > end)
			die("signatures do not come back", ETIMEDOUT);
		nap(NAP_NS);
	}
	for (i = 0; i < SIGNS; i++)
		if (jobs[i].op->status != RTE_CRYPTO_OP_STATUS_SUCCESS || !is_right(&jobs[i], a))
			die("a signature is none", EBADMSG);
	for (i = 0; i < SIGNS; i++)
		sign_back(jobs[i].op, a);
}

static void
sign_end(void)
{
	unsigned int i;

	for (i = 0; i < SIGNS; i++)
		rte_crypto_op_free(jobs[i].op);
	nb_waiting = 0;
	rte_cryptodev_asym_session_free(dev, session);
}

static void
measure_rate(enum algorithm a, double seconds)
{
	const double hz = (double)rte_get_timer_hz();
	uint64_t start, now, last;
	struct rte_crypto_op *got[SIGNS];
	uint16_t n, i;

	sign_begin(a);
	signs_done = 0;
	/* A tenth of the time to warm up. */
	last = rte_get_timer_cycles();
	start = last + (uint64_t)(seconds * hz / 10);
	for (now = last; (int64_t)(now - start) < (int64_t)(seconds * hz);
			now = rte_get_timer_cycles()) {
		if ((int64_t)(now - start) < 0)
			signs_done = 0;
		if (nb_waiting != 0)
			sign_send(0);
		n = rte_cryptodev_dequeue_burst(dev, 0, got, SIGNS);
		for (i = 0; i < n; i++)
			sign_back(got[i], a);
		if (n != 0)
			last = now;
		else if (now - last > STALL_SECONDS * hz)
			die("signatures do not come back", ETIMEDOUT);
		else
			nap(NAP_NS);
	}
	printf("%s,%.1f\n", names[a], signs_done / ((now - start) / hz));
	fflush(stdout);
	sign_drain(0, a);
	sign_end();
}

/* ---- the stream ---- */

static void *
stream_session(void)
{
	static uint8_t key[SHA1_LEN] = {1, 2, 3};
	struct rte_crypto_sym_xform auth = {
		.type = RTE_CRYPTO_SYM_XFORM_AUTH,
		.auth = {
			.op = RTE_CRYPTO_AUTH_OP_GENERATE,
			.algo = RTE_CRYPTO_AUTH_SHA1_HMAC,
			.key = {.data = key, .length = SHA1_LEN},
			.digest_length = SHA1_LEN,
		},
	};
	struct rte_crypto_sym_xform cipher = {
		.type = RTE_CRYPTO_SYM_XFORM_CIPHER,
		.next = &auth,
		.cipher = {
			.op = RTE_CRYPTO_CIPHER_OP_ENCRYPT,
			.algo = RTE_CRYPTO_CIPHER_AES_CBC,
			.key = {.data = key, .length = 16},
			.iv = {.offset = IV_OFF, .length = IV_LEN},
		},
	};

	return rte_cryptodev_sym_session_create(dev, &cipher, sym_sessions);
}

static struct rte_crypto_op *
stream_op(void *sess)
{
	struct rte_crypto_op *const op = rte_crypto_op_alloc(sym_ops,
			RTE_CRYPTO_OP_TYPE_SYMMETRIC);
	struct rte_mbuf *const m = rte_pktmbuf_alloc(mbufs);
	uint8_t *data;

	if (op == NULL || m == NULL)
		die("no memory for operations", ENOMEM);
	data = (uint8_t *)rte_pktmbuf_append(m, STREAM_BYTES + SHA1_LEN);
	memset(data, 0, STREAM_BYTES);
	memset(rte_crypto_op_ctod_offset(op, uint8_t *, IV_OFF), 7, IV_LEN);
	rte_crypto_op_attach_sym_session(op, sess);
	op->sym->m_src = m;
	op->sym->cipher.data.length = STREAM_BYTES;
	op->sym->auth.data.length = STREAM_BYTES;
	op->sym->auth.digest.data = data + STREAM_BYTES;
	op->sym->auth.digest.phys_addr = rte_pktmbuf_iova_offset(m, STREAM_BYTES);
	return op;
}

/* A burst of the stream, there and back; the signatures of its queue come along. */
static void
stream_burst(struct rte_crypto_op **ops, enum algorithm a)
{
	const uint64_t start = rte_get_timer_cycles();
	const uint64_t end = start + STALL_SECONDS * rte_get_timer_hz();
	struct rte_crypto_op *got[STREAM_BURST];
	unsigned int sent = 0, done = 0;
	uint64_t now;
	uint16_t n, i;

	while (done < STREAM_BURST) {
		if (sent < STREAM_BURST)
			sent += rte_cryptodev_enqueue_burst(dev, 0, ops + sent,
					(uint16_t)(STREAM_BURST - sent));
		n = rte_cryptodev_dequeue_burst(dev, 0, got, STREAM_BURST);
		now = rte_get_timer_cycles();
		for (i = 0; i < n; i++) {
			if (got[i]->type == RTE_CRYPTO_OP_TYPE_ASYMMETRIC) {
				sign_back(got[i], a);
				continue;
			}
			if (got[i]->status != RTE_CRYPTO_OP_STATUS_SUCCESS)
				die("an operation of the stream fails", EIO);
			done++;
			if (nb_samples < MAX_SAMPLES)
				samples[nb_samples++] = (uint32_t)RTE_MIN(now - start,
						(uint64_t)UINT32_MAX);
		}
		if (now > end)
			die("operations of the stream do not come back", ETIMEDOUT);
	}
}

static int
by_size(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Microseconds that so many of a thousand samples do not exceed. */
static double
percentile(unsigned int of_1000)
{
	const uint64_t at = ((uint64_t)nb_samples * of_1000 + 999) / 1000;

	return samples[at == 0 ? 0 : at - 1] * 1e6 / rte_get_timer_hz();
}

static void
measure_latency(enum algorithm a, uint16_t queue, double seconds)
{
	const double hz = (double)rte_get_timer_hz();
	struct rte_crypto_op *ops[STREAM_BURST], *got[SIGNS];
	void *const sess = stream_session();
	uint64_t start, now;
	uint16_t n, i;

	if (sess == NULL)
		die("no session for the stream", rte_errno);
	if (a != SIGN_NONE)
		sign_begin(a);
	for (i = 0; i < STREAM_BURST; i++)
		ops[i] = stream_op(sess);
	nb_samples = 0;
	start = rte_get_timer_cycles() + (uint64_t)(seconds * hz / 10);
	for (now = 0; (int64_t)(now - start) < (int64_t)(seconds * hz);
			now = rte_get_timer_cycles()) {
		if (now < start) {
			nb_samples = 0;
			signs_done = 0;
		}
		if (nb_waiting != 0)
			sign_send(queue);
		stream_burst(ops, a);
		n = a != SIGN_NONE ? rte_cryptodev_dequeue_burst(dev, queue, got, SIGNS) : 0;
		for (i = 0; i < n; i++)
			sign_back(got[i], a);
		nap(STREAM_NAP_NS);
	}
	seconds = (now - start) / hz;
	qsort(samples, nb_samples, sizeof(samples[0]), by_size);
	printf("%s,%s,%.0f,%.0f,%.1f,%.1f,%.1f,%.1f\n", names[a],
			a == SIGN_NONE ? "-" : queue == 0 ? "same" : "other",
			a == SIGN_NONE ? 0 : signs_done / seconds, nb_samples / seconds,
			percentile(500), percentile(990), percentile(999), percentile(1000));
	fflush(stdout);
	if (a != SIGN_NONE) {
		sign_drain(queue, a);
		sign_end();
	}
	for (i = 0; i < STREAM_BURST; i++) {
		rte_pktmbuf_free(ops[i]->sym->m_src);
		rte_crypto_op_free(ops[i]);
	}
	rte_cryptodev_sym_session_free(dev, sess);
}

/* ---- device ---- */

static void
start_device(uint16_t nb_queues)
{
	struct rte_cryptodev_config config = {.nb_queue_pairs = nb_queues};
	struct rte_cryptodev_qp_conf qp = {.nb_descriptors = NB_DESC};
	uint16_t q;
	int ret;

	sym_ops = rte_crypto_op_pool_create("sign_sym_ops", RTE_CRYPTO_OP_TYPE_SYMMETRIC, 63, 0,
			IV_LEN, SOCKET_ID_ANY);
	asym_ops = rte_crypto_op_pool_create("sign_asym_ops", RTE_CRYPTO_OP_TYPE_ASYMMETRIC,
			2 * SIGNS - 1, 0, 0, SOCKET_ID_ANY);
	mbufs = rte_pktmbuf_pool_create("sign_mbufs", 63, 0, 0,
			RTE_PKTMBUF_HEADROOM + STREAM_BYTES + 64, SOCKET_ID_ANY);
	sym_sessions = rte_cryptodev_sym_session_pool_create("sign_sym_sessions", 15,
			rte_cryptodev_sym_get_private_session_size(dev), 0, 0, SOCKET_ID_ANY);
	asym_sessions = rte_cryptodev_asym_session_pool_create("sign_asym_sessions", 15, 0, 0,
			SOCKET_ID_ANY);
	if (sym_ops == NULL || asym_ops == NULL || mbufs == NULL || sym_sessions == NULL ||
			asym_sessions == NULL)
		die("no memory for pools", rte_errno);
	qp.mp_session = sym_sessions;
	ret = rte_cryptodev_configure(dev, &config);
	for (q = 0; ret == 0 && q < nb_queues; q++)
		ret = rte_cryptodev_queue_pair_setup(dev, q, &qp, SOCKET_ID_ANY);
	if (ret == 0)
		ret = rte_cryptodev_start(dev);
	if (ret < 0)
		die("the device does not start", ret);
}

int
main(int argc, char **argv)
{
	struct rte_cryptodev_info info;
	double seconds = DEFAULT_SECONDS;
	bool latency;
	int ret, id, a;

	ret = rte_eal_init(argc, argv);
	if (ret < 0)
		die("EAL", rte_errno);
	argc -= ret;
	argv += ret;
	latency = argc > 2 && strcmp(argv[2], "latency") == 0;
	if (argc < 3 || (!latency && strcmp(argv[2], "rate") != 0)) {
		fprintf(stderr, "usage: bench_sign [EAL arguments] -- DEVICE rate|latency"
			" [SECONDS]\n");
		return 1;
	}
	id = rte_cryptodev_get_dev_id(argv[1]);
	if (id < 0)
		die(argv[1], ENODEV);
	dev = (uint8_t)id;
	if (argc > 3)
		seconds = strtod(argv[3], NULL);
	if (!(seconds > 0 && seconds <= 60))
		die("seconds", ERANGE);
	rte_cryptodev_info_get(dev, &info);
	if (!(info.feature_flags & RTE_CRYPTODEV_FF_ASYMMETRIC_CRYPTO))
		die("the device does no asymmetric crypto", ENOTSUP);
	/* Naps of a few microseconds. */
	prctl(PR_SET_TIMERSLACK, 1000);
	start_device(latency ? 2 : 1);
	if (latency) {
		printf("signatures,queue,sign_s,ops_s,p50_us,p99_us,p999_us,max_us\n");
		measure_latency(SIGN_NONE, 0, seconds);
	} else {
		printf("algorithm,sign_s\n");
	}
	for (a = SIGN_RSA; a < SIGN_NB; a++) {
		if (!is_shown((enum algorithm)a)) {
			fprintf(stderr, "bench_sign: the device does not show %s\n", names[a]);
		} else if (latency) {
			measure_latency((enum algorithm)a, 0, seconds);
			measure_latency((enum algorithm)a, 1, seconds);
		} else {
			measure_rate((enum algorithm)a, seconds);
		}
	}
	asym_ref_fini();
	rte_cryptodev_stop(dev);
	rte_cryptodev_close(dev);
	rte_eal_cleanup();
	return 0;
}
