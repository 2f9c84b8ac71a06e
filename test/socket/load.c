/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * An application under load, for tests that take its device away: many sessions, each with
 * a key and with data whose result is known from libcrypto, in place and out of place, while
 * another thread frees sessions and makes new ones.
 *
 *   socket_load [EAL arguments] -- DEVICE [SESSIONS [DEPTH [ROUNDS]]]
 *
 * Prints a line of counters each 100 ms and runs until its standard input ends; then it takes
 * nothing on any more, waits for what is in flight, and prints "end" and the counters. Exit 0 if
 * every operation came back once and every success was right. Only the public cryptodev API.
 *
 * With ROUNDS it makes all sessions, which must be as many as the device has, runs two operations
 * of each, frees them, and does so again: it prints "full" and "empty" with its counters, and waits
 * for a line on standard input after each.
 *
 *   socket_load [EAL arguments] -- DEVICE leave
 *
 * Starts the device, leaves it so, and cleans EAL up; then it prints "empty" and waits for a line.
 */

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <rte_common.h>
#include <rte_cryptodev.h>
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>
#include <rte_random.h>

#define LEN 256
#define KEY_LEN 16
#define HMAC_KEY_LEN 20
#define DIGEST_LEN 20
#define IV_LEN 16
#define IV_OFF (sizeof(struct rte_crypto_op) + sizeof(struct rte_crypto_sym_op))
#define BURST 32
#define MAX_SESSIONS 20000
#define MAX_DEPTH 1024
#define END_WAIT_S 60

enum state {
	IDLE, /* no session; the churn thread's */
	READY, /* the data thread's */
	RETIRED, /* given to the churn thread, with nothing in flight */
};

struct session {
	void *s;
	uint32_t state; /* enum state; atomic */
	uint32_t inflight;
	bool chain;
	uint8_t key[KEY_LEN];
	uint8_t hmac_key[HMAC_KEY_LEN];
	uint8_t result[LEN];
	uint8_t digest[DIGEST_LEN];
};

/* Behind each operation's IV; its address is a multiple of 8. */
struct tag {
	struct session *session; /* NULL: not in flight */
	struct rte_mbuf *spare; /* the destination of an operation out of place */
	uint8_t digest[DIGEST_LEN];
};

#define TAG_OFF (IV_OFF + IV_LEN)

static struct {
	uint8_t dev;
	struct session *sessions;
	unsigned int nb_sessions;
	struct rte_mempool *ops, *mbufs, *pool;
	uint8_t pattern[LEN];
	uint8_t iv[IV_LEN];
	bool stop; /* atomic */
	uint64_t made, refused; /* sessions */
} g;

static struct {
	uint64_t taken, done, errors, wrong, twice;
} n;

static void __rte_noreturn
die(const char *what, int err)
{
	fprintf(stderr, "socket_load: %s: %s\n", what, rte_strerror(err < 0 ? -err : err));
	exit(2);
}

/* What the device must give, from libcrypto. */
static void
expect(struct session *s)
{
	EVP_CIPHER_CTX *const ctx = EVP_CIPHER_CTX_new();
	unsigned int digest_len = DIGEST_LEN;
	int len;

	if (ctx == NULL || EVP_EncryptInit_ex(ctx, EVP_aes_128_cbc(), NULL, s->key, g.iv) != 1 ||
			EVP_EncryptUpdate(ctx, s->result, &len, g.pattern, LEN) != 1 ||
			len != LEN ||
			HMAC(EVP_sha1(), s->hmac_key, HMAC_KEY_LEN, s->result, LEN, s->digest,
				&digest_len) == NULL)
		die("libcrypto", EIO);
	EVP_CIPHER_CTX_free(ctx);
}

static bool
make(struct session *s)
{
	struct rte_crypto_sym_xform cipher = {
		.type = RTE_CRYPTO_SYM_XFORM_CIPHER,
		.cipher = {
			.op = RTE_CRYPTO_CIPHER_OP_ENCRYPT,
			.algo = RTE_CRYPTO_CIPHER_AES_CBC,
			.key = { .data = s->key, .length = KEY_LEN },
			.iv = { .offset = IV_OFF, .length = IV_LEN },
		},
	};
	struct rte_crypto_sym_xform auth = {
		.type = RTE_CRYPTO_SYM_XFORM_AUTH,
		.auth = {
			.op = RTE_CRYPTO_AUTH_OP_GENERATE,
			.algo = RTE_CRYPTO_AUTH_SHA1_HMAC,
			.key = { .data = s->hmac_key, .length = HMAC_KEY_LEN },
			.digest_length = DIGEST_LEN,
		},
	};
	unsigned int i;

	for (i = 0; i < KEY_LEN; i++)
		s->key[i] = (uint8_t)rte_rand();
	for (i = 0; i < HMAC_KEY_LEN; i++)
		s->hmac_key[i] = (uint8_t)rte_rand();
	s->chain = rte_rand() & 1;
	if (s->chain)
		cipher.next = &auth;
	expect(s);
	s->s = rte_cryptodev_sym_session_create(g.dev, &cipher, g.pool);
	return s->s != NULL;
}

/* Give each session that was retired another key; while the device is away, try again. */
static void *
churn(void *arg)
{
	unsigned int i, idle;

	(void)arg;
	while (!__atomic_load_n(&g.stop, __ATOMIC_ACQUIRE)) {
		for (i = 0, idle = 0; i < g.nb_sessions; i++) {
			struct session *const s = &g.sessions[i];
			const uint32_t state = __atomic_load_n(&s->state, __ATOMIC_ACQUIRE);

			if (state == READY)
				continue;
			if (state == RETIRED) {
				rte_cryptodev_sym_session_free(g.dev, s->s);
				__atomic_store_n(&s->state, IDLE, __ATOMIC_RELAXED);
			}
			if (!make(s)) {
				g.refused++;
				idle++;
				usleep(1000);
				continue;
			}
			__atomic_store_n(&g.made, g.made + 1, __ATOMIC_RELAXED);
			__atomic_store_n(&s->state, READY, __ATOMIC_RELEASE);
		}
		usleep(idle != 0 ? 10000 : 100);
	}
	return NULL;
}

static struct tag *
tag_of(struct rte_crypto_op *op)
{
	return rte_crypto_op_ctod_offset(op, struct tag *, TAG_OFF);
}

static struct session *
pick(void)
{
	static unsigned int next;
	unsigned int i;

	for (i = 0; i < g.nb_sessions; i++) {
		struct session *const s = &g.sessions[next++ % g.nb_sessions];

		if (__atomic_load_n(&s->state, __ATOMIC_ACQUIRE) == READY)
			return s;
	}
	return NULL;
}

static void
prepare(struct rte_crypto_op *op, struct session *s)
{
	struct tag *const tag = tag_of(op);

	memcpy(rte_pktmbuf_mtod(op->sym->m_src, void *), g.pattern, LEN);
	memset(rte_pktmbuf_mtod(tag->spare, void *), 0x55, LEN);
	memset(tag->digest, 0, DIGEST_LEN);
	tag->session = s;
	op->sym->m_dst = rte_rand() % 4 != 0 ? tag->spare : NULL;
	op->status = RTE_CRYPTO_OP_STATUS_NOT_PROCESSED;
	op->sess_type = RTE_CRYPTO_OP_WITH_SESSION;
	op->sym->session = s->s;
	op->sym->cipher.data.offset = 0;
	op->sym->cipher.data.length = LEN;
	op->sym->auth.data.offset = 0;
	op->sym->auth.data.length = LEN;
	op->sym->auth.digest.data = tag->digest;
	op->sym->auth.digest.phys_addr = rte_crypto_op_ctophys_offset(op,
		TAG_OFF + offsetof(struct tag, digest));
}

static void
finish(struct rte_crypto_op *op)
{
	struct tag *const tag = tag_of(op);
	struct session *const s = tag->session;
	struct rte_mbuf *const m = op->sym->m_dst != NULL ? op->sym->m_dst : op->sym->m_src;

	if (s == NULL) {
		n.twice++;
		return;
	}
	n.done++;
	if (op->status != RTE_CRYPTO_OP_STATUS_SUCCESS)
		n.errors++;
	else if (memcmp(rte_pktmbuf_mtod(m, void *), s->result, LEN) != 0 ||
			(s->chain && memcmp(tag->digest, s->digest, DIGEST_LEN) != 0))
		n.wrong++;
	tag->session = NULL;
	s->inflight--;
	/* Now and then a session has done its work. */
	if (s->inflight == 0 && rte_rand() % 64 == 0)
		__atomic_store_n(&s->state, RETIRED, __ATOMIC_RELEASE);
}

static void
report(const char *what, unsigned int inflight)
{
	printf("%s taken=%" PRIu64 " done=%" PRIu64 " errors=%" PRIu64 " wrong=%" PRIu64 " twice=%"
		PRIu64 " inflight=%u sessions=%" PRIu64 "\n", what, n.taken, n.done, n.errors,
		n.wrong, n.twice, inflight, __atomic_load_n(&g.made, __ATOMIC_RELAXED));
	fflush(stdout);
}

static bool
input_ended(void)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
	char buf[64];

	return poll(&p, 1, 0) > 0 && read(STDIN_FILENO, buf, sizeof(buf)) <= 0;
}

static struct rte_crypto_op *
make_op(void)
{
	struct rte_crypto_op *const op = rte_crypto_op_alloc(g.ops,
		RTE_CRYPTO_OP_TYPE_SYMMETRIC);
	struct rte_mbuf *const src = rte_pktmbuf_alloc(g.mbufs);
	struct rte_mbuf *const dst = rte_pktmbuf_alloc(g.mbufs);

	if (op == NULL || src == NULL || dst == NULL)
		die("no memory for operations", ENOMEM);
	rte_pktmbuf_append(src, LEN);
	rte_pktmbuf_append(dst, LEN);
	memcpy(rte_crypto_op_ctod_offset(op, uint8_t *, IV_OFF), g.iv, IV_LEN);
	tag_of(op)->session = NULL;
	tag_of(op)->spare = dst;
	op->sym->m_src = src;
	return op;
}

/* @return operations that did not come back. */
static unsigned int
run(unsigned int depth)
{
	struct rte_crypto_op *idle[MAX_DEPTH + BURST], *burst[BURST];
	const uint64_t hz = rte_get_timer_hz();
	uint64_t now, next = 0, end = 0;
	unsigned int nb_idle = depth, nb = 0, i;
	struct session *s;
	uint16_t got;

	for (i = 0; i < depth; i++)
		idle[i] = make_op();
	for (;;) {
		now = rte_get_timer_cycles();
		if (now >= next) {
			report("load", depth - nb_idle - nb);
			next = now + hz / 10;
			if (end == 0 && input_ended()) {
				__atomic_store_n(&g.stop, true, __ATOMIC_RELEASE);
				end = now + END_WAIT_S * hz;
			}
		}
		if (end != 0 && (depth == nb_idle + nb || now > end))
			break;
		/* A burst that was not taken as a whole is offered again. */
		while (end == 0 && nb < BURST && nb_idle != 0 && (s = pick()) != NULL) {
			burst[nb] = idle[--nb_idle];
			prepare(burst[nb++], s);
			s->inflight++;
		}
		got = end == 0 ? rte_cryptodev_enqueue_burst(g.dev, 0, burst, nb) : 0;
		n.taken += got;
		nb -= got;
		memmove(burst, burst + got, nb * sizeof(burst[0]));
		if (nb_idle + nb == depth)
			continue;
		got = rte_cryptodev_dequeue_burst(g.dev, 0, &idle[nb_idle], BURST);
		for (i = 0; i < got; i++)
			finish(idle[nb_idle + i]);
		nb_idle += got;
	}
	report("end", depth - nb_idle - nb);
	return depth - nb_idle - nb;
}

/* Go on when the other side has seen what it wants to see. */
static void
tell_and_wait(const char *what)
{
	char c;

	report(what, 0);
	do {
		if (read(STDIN_FILENO, &c, 1) != 1)
			die("standard input", EPIPE);
	} while (c != '\n');
}

/* An operation of each session, in strides that are no neighbours. */
static void
one_of_each(struct rte_crypto_op **ops, unsigned int depth, unsigned int stride)
{
	unsigned int nb_idle = depth, next = 0, flying = 0, i;
	struct rte_crypto_op *got[BURST];
	struct session *s;
	uint64_t end = rte_get_timer_cycles() + END_WAIT_S * rte_get_timer_hz();
	uint16_t nb;

	while (next < g.nb_sessions || flying != 0) {
		if (next < g.nb_sessions && nb_idle != 0) {
			s = &g.sessions[(uint64_t)next * stride % g.nb_sessions];
			prepare(ops[nb_idle - 1], s);
			s->inflight++;
			if (rte_cryptodev_enqueue_burst(g.dev, 0, &ops[nb_idle - 1], 1) == 1) {
				nb_idle--;
				next++;
				flying++;
				n.taken++;
			} else {
				tag_of(ops[nb_idle - 1])->session = NULL;
				s->inflight--;
			}
		}
		nb = rte_cryptodev_dequeue_burst(g.dev, 0, got, BURST);
		for (i = 0; i < nb; i++) {
			finish(got[i]);
			ops[nb_idle++] = got[i];
		}
		flying -= nb;
		if (rte_get_timer_cycles() > end)
			die("operations do not come back", ETIMEDOUT);
	}
}

/* @return operations that failed. */
static unsigned int
fill_and_empty(unsigned int depth, unsigned int rounds)
{
	struct rte_crypto_op *ops[MAX_DEPTH];
	struct session more;
	unsigned int i;

	for (i = 0; i < depth; i++)
		ops[i] = make_op();
	while (rounds-- > 0) {
		for (i = 0; i < g.nb_sessions; i++, g.made++)
			if (!make(&g.sessions[i]))
				die("a session", rte_errno);
		if (make(&more) || rte_errno != ENOSPC)
			die("one session too many", more.s != NULL ? EEXIST : rte_errno);
		one_of_each(ops, depth, 1);
		/* No divisor of the numbers that tests ask for: each has its turn. */
		one_of_each(ops, depth, 7919);
		tell_and_wait("full");
		for (i = 0; i < g.nb_sessions; i++)
			rte_cryptodev_sym_session_free(g.dev, g.sessions[i].s);
		tell_and_wait("empty");
	}
	return n.errors;
}

static void
start(unsigned int depth)
{
	struct rte_cryptodev_config config = { .nb_queue_pairs = 1 };
	struct rte_cryptodev_qp_conf qp = { .nb_descriptors = depth };
	int ret;

	g.ops = rte_crypto_op_pool_create("load_ops", RTE_CRYPTO_OP_TYPE_SYMMETRIC, depth, 0,
		IV_LEN + sizeof(struct tag), SOCKET_ID_ANY);
	g.mbufs = rte_pktmbuf_pool_create("load_mbufs", depth * 2, 0, 0,
		RTE_PKTMBUF_HEADROOM + LEN, SOCKET_ID_ANY);
	g.pool = rte_cryptodev_sym_session_pool_create("load_sessions", g.nb_sessions + 1,
		rte_cryptodev_sym_get_private_session_size(g.dev), 0, 0, SOCKET_ID_ANY);
	if (g.ops == NULL || g.mbufs == NULL || g.pool == NULL)
		die("no memory for pools", rte_errno);
	ret = rte_cryptodev_configure(g.dev, &config);
	if (ret == 0)
		ret = rte_cryptodev_queue_pair_setup(g.dev, 0, &qp, SOCKET_ID_ANY);
	if (ret == 0)
		ret = rte_cryptodev_start(g.dev);
	if (ret < 0)
		die("the device does not start", ret);
}

int
main(int argc, char **argv)
{
	unsigned int depth = 256, rounds = 0, left, i;
	pthread_t thread;
	int dev, ret;

	ret = rte_eal_init(argc, argv);
	if (ret < 0)
		die("EAL", rte_errno);
	argc -= ret;
	argv += ret;
	dev = argc > 1 ? rte_cryptodev_get_dev_id(argv[1]) : -1;
	if (dev < 0)
		die(argc > 1 ? argv[1] : "no device is named", ENODEV);
	g.dev = dev;
	if (argc > 2 && strcmp(argv[2], "leave") == 0) {
		start(64);
		rte_eal_cleanup();
		tell_and_wait("empty");
		return 0;
	}
	g.nb_sessions = argc > 2 ? strtoul(argv[2], NULL, 10) : 16;
	if (argc > 3)
		depth = strtoul(argv[3], NULL, 10);
	if (argc > 4)
		rounds = strtoul(argv[4], NULL, 10);
	if (g.nb_sessions < 1 || g.nb_sessions > MAX_SESSIONS || depth < 1 || depth > MAX_DEPTH ||
			(depth & (depth - 1)) != 0)
		die("numbers of sessions and operations", ERANGE);
	g.sessions = calloc(g.nb_sessions, sizeof(*g.sessions));
	if (g.sessions == NULL)
		die("no memory for sessions", ENOMEM);
	for (i = 0; i < LEN; i++)
		g.pattern[i] = (uint8_t)(i * 13 + 5);
	for (i = 0; i < IV_LEN; i++)
		g.iv[i] = (uint8_t)(i * 29 + 1);
	start(depth);
	if (rounds != 0) {
		left = fill_and_empty(depth, rounds);
	} else {
		if (pthread_create(&thread, NULL, churn, NULL) != 0)
			die("no thread", EAGAIN);
		left = run(depth);
		pthread_join(thread, NULL);
	}
	for (i = 0; i < g.nb_sessions; i++)
		if (g.sessions[i].state != IDLE)
			rte_cryptodev_sym_session_free(g.dev, g.sessions[i].s);
	rte_cryptodev_stop(g.dev);
	rte_cryptodev_close(g.dev);
	rte_eal_cleanup();
	free(g.sessions);
	return left != 0 || n.wrong != 0 || n.twice != 0 || n.taken != n.done;
}
