/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * An application that encrypts and signs at once, for tests that take its device away, or keep it
 * busy: symmetric operations whose result is known from libcrypto; signatures, which libcrypto
 * verifies or knows; good signatures to verify, and spoiled ones, which must not.
 *
 *   socket_asym [EAL arguments] -- DEVICE QUEUES SYM ASYM KEYS BITS
 *
 * With one queue pair all goes through it; with two, what is asymmetric goes through the second.
 * SYM and ASYM are how many operations of each are kept in flight. KEYS are used in turns: RSA of
 * so many BITS and P-256 alternate, and RSA's sessions are now and then freed and made again. A
 * single key is of RSA; with 8192 bits its primes are published ones, since making such takes long.
 *
 * Prints a line of counters each 100 ms and runs until its standard input ends; then it takes
 * nothing on any more, waits for what is in flight, and prints "end" and the counters. Exit 0 if
 * every operation came back once and every success was right. Only the public cryptodev API; main
 * lcore only.
 */

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>

#include <rte_common.h>
#include <rte_cryptodev.h>
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>
#include <rte_random.h>

#include "asym_ref.h"

#define LEN 256
#define KEY_LEN 16
#define IV_LEN 16
#define IV_OFF (sizeof(struct rte_crypto_op) + sizeof(struct rte_crypto_sym_op))
#define TAG_OFF (IV_OFF + IV_LEN)
#define DIGEST_LEN 32
#define BURST 32
#define MAX_SYM 512
#define MAX_ASYM 256
#define MAX_KEYS 1024
#define END_WAIT_S 60

enum kind {
	SIGN,
	VERIFY,
	VERIFY_SPOILED,
	NB_KINDS,
};

struct key {
	struct asym_rsa_key *rsa; /* one of the two is NULL */
	struct asym_ec_key *ec;
	void *session;
	unsigned int inflight;
	uint8_t digest[DIGEST_LEN];
	uint8_t sig[ASYM_RSA_MAX_LEN]; /* of that digest; r and then s */
};

struct job {
	struct rte_crypto_op *op;
	struct key *key; /* NULL: not in flight */
	enum kind kind;
	uint8_t a[ASYM_RSA_MAX_LEN], b[ASYM_EC_MAX_LEN]; /* signature; or r, and s */
};

/* Behind a symmetric operation's IV. */
struct tag {
	struct rte_mbuf *spare; /* the destination */
	bool flying;
};

static struct {
	uint8_t dev;
	uint16_t qps;
	struct key *keys;
	unsigned int nb_keys;
	struct rte_mempool *sym_ops, *asym_ops, *mbufs, *sym_pool, *asym_pool;
	void *sym_session, *ec_session;
	uint8_t pattern[LEN], result[LEN], iv[IV_LEN], sym_key[KEY_LEN];
} g;

static struct {
	uint64_t taken, done, errors, wrong, twice;
	uint64_t sym, signs; /* successes */
	uint64_t refused; /* spoiled signatures that did not verify */
	uint64_t made; /* sessions of RSA */
} n;

static void __rte_noreturn
die(const char *what, int err)
{
	fprintf(stderr, "socket_asym: %s: %s\n", what, rte_strerror(err < 0 ? -err : err));
	exit(2);
}

/* ---- keys ---- */

static void
set_num(struct asym_num *out, const BIGNUM *bn)
{
	out->len = (uint32_t)BN_bn2bin(bn, out->data);
}

/* The prime of a group of RFC 7919; NULL: libcrypto failed. */
static BIGNUM *
group_prime(const char *group)
{
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME,
			(char *)(uintptr_t)group, 0),
		OSSL_PARAM_construct_end(),
	};
	EVP_PKEY_CTX *const c = EVP_PKEY_CTX_new_from_name(NULL, "DH", NULL);
	EVP_PKEY *pkey = NULL;
	BIGNUM *p = NULL;

	if (c == NULL || EVP_PKEY_fromdata_init(c) != 1 ||
			EVP_PKEY_fromdata(c, &pkey, EVP_PKEY_KEY_PARAMETERS, params) != 1 ||
			EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_FFC_P, &p) != 1)
		p = NULL;
	EVP_PKEY_free(pkey);
	EVP_PKEY_CTX_free(c);
	return p;
}

/* The primes of MODP group 16 of RFC 3526 and of ffdhe4096 of RFC 7919. */
static struct asym_rsa_key *
published_key(void)
{
	struct asym_rsa_key *const k = calloc(1, sizeof(*k));
	BIGNUM *const p = BN_get_rfc3526_prime_4096(NULL), *const t = BN_new(), *const e = BN_new();
	BIGNUM *const q = group_prime("ffdhe4096"), *const d = BN_new();
	BN_CTX *const c = BN_CTX_new();
	bool ok;

	ok = k != NULL && p != NULL && q != NULL && t != NULL && e != NULL && d != NULL &&
		c != NULL && BN_mul(t, p, q, c) && BN_set_word(e, 65537);
	if (ok) {
		set_num(&k->n, t);
		set_num(&k->e, e);
		set_num(&k->p, p);
		set_num(&k->q, q);
		ok = BN_sub_word(p, 1) && BN_sub_word(q, 1) && BN_mul(t, p, q, c) &&
			BN_mod_inverse(d, e, t, c) != NULL;
	}
	if (ok) {
		set_num(&k->d, d);
		ok = asym_rsa_import(k, true);
	}
	if (!ok)
		die("libcrypto: a key of known primes", EIO);
	BN_free(p);
	BN_free(q);
	BN_free(t);
	BN_free(d);
	BN_free(e);
	BN_CTX_free(c);
	return k;
}

static void
make_key(struct key *k, unsigned int i, uint32_t bits)
{
	unsigned int j;
	bool ok;

	for (j = 0; j < DIGEST_LEN; j++)
		k->digest[j] = (uint8_t)rte_rand();
	if (i % 2 == 0) {
		k->rsa = bits == 8192 ? published_key() : asym_rsa_make(bits);
		ok = k->rsa != NULL &&
			asym_rsa_sign(k->rsa, "sha256", k->digest, DIGEST_LEN, k->sig);
	} else {
		k->ec = asym_ec_make(ASYM_P256);
		ok = k->ec != NULL && asym_ec_sign(k->ec, k->digest, DIGEST_LEN, k->sig,
			k->sig + k->ec->len);
	}
	if (!ok)
		die("libcrypto: a key", EIO);
}

static void
free_key(struct key *k)
{
	EVP_PKEY_free(k->rsa != NULL ? k->rsa->pkey : k->ec->pkey);
	free(k->rsa);
	free(k->ec);
}

static void
point_to(rte_crypto_uint *u, struct asym_num *num)
{
	u->data = num->data;
	u->length = num->len;
}

static bool
open_rsa(struct key *k)
{
	struct rte_crypto_asym_xform x;

	memset(&x, 0, sizeof(x));
	x.xform_type = RTE_CRYPTO_ASYM_XFORM_RSA;
	point_to(&x.rsa.n, &k->rsa->n);
	point_to(&x.rsa.e, &k->rsa->e);
	x.rsa.key_type = RTE_RSA_KEY_TYPE_QT;
	point_to(&x.rsa.qt.p, &k->rsa->p);
	point_to(&x.rsa.qt.q, &k->rsa->q);
	point_to(&x.rsa.qt.dP, &k->rsa->dp);
	point_to(&x.rsa.qt.dQ, &k->rsa->dq);
	point_to(&x.rsa.qt.qInv, &k->rsa->qi);
	if (rte_cryptodev_asym_session_create(g.dev, &x, g.asym_pool, &k->session) != 0)
		return false;
	n.made++;
	return true;
}

/* ---- operations ---- */

static struct tag *
tag_of(struct rte_crypto_op *op)
{
	return rte_crypto_op_ctod_offset(op, struct tag *, TAG_OFF);
}

static struct job **
job_of(struct rte_crypto_op *op)
{
	return rte_crypto_op_ctod_offset(op, struct job **,
		sizeof(struct rte_crypto_op) + sizeof(struct rte_crypto_asym_op));
}

static void
prepare_sym(struct rte_crypto_op *op)
{
	struct tag *const tag = tag_of(op);

	memcpy(rte_pktmbuf_mtod(op->sym->m_src, void *), g.pattern, LEN);
	memset(rte_pktmbuf_mtod(tag->spare, void *), 0x55, LEN);
	tag->flying = true;
	op->status = RTE_CRYPTO_OP_STATUS_NOT_PROCESSED;
	op->sess_type = RTE_CRYPTO_OP_WITH_SESSION;
	op->sym->session = g.sym_session;
	op->sym->m_dst = tag->spare;
	op->sym->cipher.data.offset = 0;
	op->sym->cipher.data.length = LEN;
}

static void
prepare_rsa(struct job *j, struct rte_crypto_asym_op *op)
{
	struct rte_crypto_rsa_op_param *const p = &op->rsa;

	p->op_type = j->kind == SIGN ? RTE_CRYPTO_ASYM_OP_SIGN : RTE_CRYPTO_ASYM_OP_VERIFY;
	p->padding.type = RTE_CRYPTO_RSA_PADDING_PKCS1_5;
	p->padding.hash = RTE_CRYPTO_AUTH_SHA256;
	p->message.data = j->key->digest;
	p->message.length = DIGEST_LEN;
	p->sign.data = j->a;
	p->sign.length = j->kind == SIGN ? 0 : j->key->rsa->len;
	if (j->kind == SIGN)
		memset(j->a, 0x55, sizeof(j->a));
	else
		memcpy(j->a, j->key->sig, j->key->rsa->len);
	if (j->kind == VERIFY_SPOILED)
		j->a[1 + rte_rand() % (j->key->rsa->len - 1)] ^= 4;
}

static void
prepare_ec(struct job *j, struct rte_crypto_asym_op *op)
{
	struct asym_ec_key *const k = j->key->ec;
	struct rte_crypto_ecdsa_op_param *const p = &op->ecdsa;

	p->op_type = j->kind == SIGN ? RTE_CRYPTO_ASYM_OP_SIGN : RTE_CRYPTO_ASYM_OP_VERIFY;
	p->message.data = j->key->digest;
	p->message.length = DIGEST_LEN;
	p->pkey.data = k->d;
	p->pkey.length = k->len;
	p->q.x.data = k->x;
	p->q.y.data = k->y;
	p->q.x.length = p->q.y.length = k->len;
	p->r.data = j->a;
	p->s.data = j->b;
	p->r.length = p->s.length = j->kind == SIGN ? 0 : k->len;
	memcpy(j->a, j->key->sig, k->len);
	memcpy(j->b, j->key->sig + k->len, k->len);
	if (j->kind == VERIFY_SPOILED)
		j->b[rte_rand() % k->len] ^= 4;
	else if (j->kind == SIGN)
		memset(j->a, 0x55, k->len);
}

/* @return false: no key has a session. */
static bool
prepare_asym(struct job *j)
{
	static unsigned int next;
	struct rte_crypto_asym_op *const op = j->op->asym;
	struct key *k;
	unsigned int i;

	for (i = 0; i < g.nb_keys; i++) {
		k = &g.keys[next++ % g.nb_keys];
		if (k->rsa != NULL && k->session == NULL && !open_rsa(k))
			continue;
		break;
	}
	if (i == g.nb_keys)
		return false;
	j->key = k;
	k->inflight++;
	/* Most are signatures, which are what a device is for. */
	j->kind = rte_rand() % 4 != 0 ? SIGN : rte_rand() % 2 != 0 ? VERIFY : VERIFY_SPOILED;
	memset(op, 0, sizeof(*op));
	if (k->rsa != NULL)
		prepare_rsa(j, op);
	else
		prepare_ec(j, op);
	j->op->status = RTE_CRYPTO_OP_STATUS_NOT_PROCESSED;
	rte_crypto_op_attach_asym_session(j->op, k->rsa != NULL ? k->session : g.ec_session);
	return true;
}

static bool
sign_is_right(const struct job *j)
{
	uint8_t r[ASYM_EC_MAX_LEN] = {0}, s[ASYM_EC_MAX_LEN] = {0};
	const struct rte_crypto_ecdsa_op_param *const p = &j->op->asym->ecdsa;
	const struct asym_ec_key *const k = j->key->ec;

	if (k == NULL)
		return j->op->asym->rsa.sign.length == j->key->rsa->len &&
			memcmp(j->a, j->key->sig, j->key->rsa->len) == 0;
	if (p->r.length == 0 || p->r.length > k->len || p->s.length == 0 || p->s.length > k->len)
		return false;
	memcpy(r + k->len - p->r.length, j->a, p->r.length);
	memcpy(s + k->len - p->s.length, j->b, p->s.length);
	return asym_ec_verify(k, j->key->digest, DIGEST_LEN, r, s);
}

static void
finish_asym(struct job *j)
{
	struct key *const k = j->key;
	const bool success = j->op->status == RTE_CRYPTO_OP_STATUS_SUCCESS;

	if (k == NULL) {
		n.twice++;
		return;
	}
	n.done++;
	if (j->kind == VERIFY_SPOILED) {
		n.wrong += success;
		n.refused += !success;
	} else if (!success) {
		n.errors++;
	} else if (j->kind == SIGN) {
		n.signs++;
		n.wrong += !sign_is_right(j);
	}
	j->key = NULL;
	if (--k->inflight == 0 && k->session != NULL && rte_rand() % 8 == 0) {
		rte_cryptodev_asym_session_free(g.dev, k->session);
		k->session = NULL;
	}
}

static void
finish_sym(struct rte_crypto_op *op)
{
	struct tag *const tag = tag_of(op);

	if (!tag->flying) {
		n.twice++;
		return;
	}
	tag->flying = false;
	n.done++;
	if (op->status != RTE_CRYPTO_OP_STATUS_SUCCESS)
		n.errors++;
	else if (memcmp(rte_pktmbuf_mtod(tag->spare, void *), g.result, LEN) != 0)
		n.wrong++;
	else
		n.sym++;
}

/* ---- life ---- */

static void
report(const char *what, unsigned int inflight)
{
	printf("%s taken=%" PRIu64 " done=%" PRIu64 " errors=%" PRIu64 " wrong=%" PRIu64 " twice=%"
		PRIu64 " inflight=%u sym=%" PRIu64 " signs=%" PRIu64 " refused=%" PRIu64 " made=%"
		PRIu64 "\n", what, n.taken, n.done, n.errors, n.wrong, n.twice, inflight, n.sym,
		n.signs, n.refused, n.made);
	fflush(stdout);
}

static bool
input_ended(void)
{
	struct pollfd p = { .fd = STDIN_FILENO, .events = POLLIN };
	char buf[64];

	return poll(&p, 1, 0) > 0 && read(STDIN_FILENO, buf, sizeof(buf)) <= 0;
}

struct idle {
	struct rte_crypto_op *sym[MAX_SYM];
	struct rte_crypto_op *asym[MAX_ASYM];
	unsigned int nb_sym, nb_asym;
};

static void
make_ops(struct idle *idle, unsigned int nb_sym, unsigned int nb_asym)
{
	struct rte_crypto_op *op;
	struct job *j;

	for (; idle->nb_sym < nb_sym; idle->nb_sym++) {
		op = rte_crypto_op_alloc(g.sym_ops, RTE_CRYPTO_OP_TYPE_SYMMETRIC);
		if (op == NULL)
			die("no memory for operations", ENOMEM);
		memcpy(rte_crypto_op_ctod_offset(op, uint8_t *, IV_OFF), g.iv, IV_LEN);
		op->sym->m_src = rte_pktmbuf_alloc(g.mbufs);
		tag_of(op)->spare = rte_pktmbuf_alloc(g.mbufs);
		tag_of(op)->flying = false;
		if (op->sym->m_src == NULL || tag_of(op)->spare == NULL)
			die("no memory for data", ENOMEM);
		rte_pktmbuf_append(op->sym->m_src, LEN);
		rte_pktmbuf_append(tag_of(op)->spare, LEN);
		idle->sym[idle->nb_sym] = op;
	}
	for (; idle->nb_asym < nb_asym; idle->nb_asym++) {
		op = rte_crypto_op_alloc(g.asym_ops, RTE_CRYPTO_OP_TYPE_ASYMMETRIC);
		j = calloc(1, sizeof(*j));
		if (op == NULL || j == NULL)
			die("no memory for operations", ENOMEM);
		j->op = op;
		*job_of(op) = j;
		idle->asym[idle->nb_asym] = op;
	}
}

/* Take back what has come, of both kinds. */
static void
collect(struct idle *idle)
{
	struct rte_crypto_op *got[BURST];
	uint16_t qp, nb, i;

	for (qp = 0; qp < g.qps; qp++) {
		nb = rte_cryptodev_dequeue_burst(g.dev, qp, got, BURST);
		for (i = 0; i < nb; i++) {
			if (got[i]->type == RTE_CRYPTO_OP_TYPE_SYMMETRIC) {
				finish_sym(got[i]);
				idle->sym[idle->nb_sym++] = got[i];
			} else {
				finish_asym(*job_of(got[i]));
				idle->asym[idle->nb_asym++] = got[i];
			}
		}
	}
}

static void
send_sym(struct idle *idle)
{
	struct rte_crypto_op *burst[BURST];
	uint16_t nb = 0, sent;

	while (nb < BURST && idle->nb_sym > 0) {
		burst[nb] = idle->sym[--idle->nb_sym];
		prepare_sym(burst[nb++]);
	}
	sent = rte_cryptodev_enqueue_burst(g.dev, 0, burst, nb);
	n.taken += sent;
	while (nb > sent) {
		tag_of(burst[--nb])->flying = false;
		idle->sym[idle->nb_sym++] = burst[nb];
	}
}

/* One at a time: its key may have to be told to the device first. */
static void
send_asym(struct idle *idle)
{
	struct job *j;

	if (idle->nb_asym == 0)
		return;
	j = *job_of(idle->asym[idle->nb_asym - 1]);
	if (!prepare_asym(j))
		return;
	if (rte_cryptodev_enqueue_burst(g.dev, g.qps - 1, &j->op, 1) == 1) {
		n.taken++;
		idle->nb_asym--;
		return;
	}
	j->key->inflight--;
	j->key = NULL;
}

/* @return operations that did not come back. */
static unsigned int
run(unsigned int nb_sym, unsigned int nb_asym)
{
	static struct idle idle;
	const uint64_t hz = rte_get_timer_hz();
	uint64_t now, next = 0, end = 0;
	unsigned int left;

	make_ops(&idle, nb_sym, nb_asym);
	for (;;) {
		left = nb_sym + nb_asym - idle.nb_sym - idle.nb_asym;
		now = rte_get_timer_cycles();
		if (now >= next) {
			report("load", left);
			next = now + hz / 10;
			if (end == 0 && input_ended())
				end = now + END_WAIT_S * hz;
		}
		if (end != 0 && (left == 0 || now > end))
			break;
		if (end == 0) {
			send_sym(&idle);
			send_asym(&idle);
		}
		collect(&idle);
	}
	report("end", left);
	return left;
}

static void
open_sym(void)
{
	struct rte_crypto_sym_xform cipher = {
		.type = RTE_CRYPTO_SYM_XFORM_CIPHER,
		.cipher = {
			.op = RTE_CRYPTO_CIPHER_OP_ENCRYPT,
			.algo = RTE_CRYPTO_CIPHER_AES_CBC,
			.key = { .data = g.sym_key, .length = KEY_LEN },
			.iv = { .offset = IV_OFF, .length = IV_LEN },
		},
	};
	EVP_CIPHER_CTX *const ctx = EVP_CIPHER_CTX_new();
	unsigned int i;
	int len;

	for (i = 0; i < LEN; i++)
		g.pattern[i] = (uint8_t)(i * 13 + 5);
	for (i = 0; i < KEY_LEN; i++)
		g.sym_key[i] = (uint8_t)rte_rand();
	if (ctx == NULL || EVP_EncryptInit_ex(ctx, EVP_aes_128_cbc(), NULL, g.sym_key, g.iv) != 1 ||
			EVP_EncryptUpdate(ctx, g.result, &len, g.pattern, LEN) != 1 || len != LEN)
		die("libcrypto", EIO);
	EVP_CIPHER_CTX_free(ctx);
	g.sym_session = rte_cryptodev_sym_session_create(g.dev, &cipher, g.sym_pool);
	if (g.sym_session == NULL)
		die("a symmetric session", rte_errno);
}

static void
open_ec(void)
{
	struct rte_crypto_asym_xform x;
	int ret;

	memset(&x, 0, sizeof(x));
	x.xform_type = RTE_CRYPTO_ASYM_XFORM_ECDSA;
	x.ec.curve_id = asym_curve_group(ASYM_P256);
	ret = rte_cryptodev_asym_session_create(g.dev, &x, g.asym_pool, &g.ec_session);
	if (ret != 0)
		die("a session of P-256", ret);
}

static void
start(void)
{
	struct rte_cryptodev_config config = { .nb_queue_pairs = g.qps };
	struct rte_cryptodev_qp_conf qp = { .nb_descriptors = MAX_SYM };
	uint16_t i;
	int ret;

	g.sym_ops = rte_crypto_op_pool_create("sym_ops", RTE_CRYPTO_OP_TYPE_SYMMETRIC, MAX_SYM, 0,
		IV_LEN + sizeof(struct tag), SOCKET_ID_ANY);
	g.asym_ops = rte_crypto_op_pool_create("asym_ops", RTE_CRYPTO_OP_TYPE_ASYMMETRIC, MAX_ASYM,
		0, sizeof(struct job *), SOCKET_ID_ANY);
	g.mbufs = rte_pktmbuf_pool_create("mbufs", MAX_SYM * 2, 0, 0, RTE_PKTMBUF_HEADROOM + LEN,
		SOCKET_ID_ANY);
	g.sym_pool = rte_cryptodev_sym_session_pool_create("sym_sessions", 1,
		rte_cryptodev_sym_get_private_session_size(g.dev), 0, 0, SOCKET_ID_ANY);
	g.asym_pool = rte_cryptodev_asym_session_pool_create("asym_sessions", g.nb_keys + 1, 0, 0,
		SOCKET_ID_ANY);
	if (g.sym_ops == NULL || g.asym_ops == NULL || g.mbufs == NULL || g.sym_pool == NULL ||
			g.asym_pool == NULL)
		die("no memory for pools", rte_errno);
	ret = rte_cryptodev_configure(g.dev, &config);
	for (i = 0; ret == 0 && i < g.qps; i++)
		ret = rte_cryptodev_queue_pair_setup(g.dev, i, &qp, SOCKET_ID_ANY);
	if (ret == 0)
		ret = rte_cryptodev_start(g.dev);
	if (ret < 0)
		die("the device does not start", ret);
}

static unsigned int
number(const char *what, const char *text, unsigned int min, unsigned int max)
{
	const unsigned long v = strtoul(text, NULL, 10);

	if (v < min || v > max)
		die(what, ERANGE);
	return v;
}

int
main(int argc, char **argv)
{
	unsigned int nb_sym, nb_asym, left, i;
	uint32_t bits;
	int ret;

	ret = rte_eal_init(argc, argv);
	if (ret < 0)
		die("EAL", rte_errno);
	argc -= ret;
	argv += ret;
	if (argc != 7)
		die("arguments: DEVICE QUEUES SYM ASYM KEYS BITS", EINVAL);
	ret = rte_cryptodev_get_dev_id(argv[1]);
	if (ret < 0)
		die(argv[1], ENODEV);
	g.dev = ret;
	g.qps = number("QUEUES", argv[2], 1, 2);
	nb_sym = number("SYM", argv[3], 0, MAX_SYM);
	nb_asym = number("ASYM", argv[4], 0, MAX_ASYM);
	g.nb_keys = number("KEYS", argv[5], 1, MAX_KEYS);
	bits = number("BITS", argv[6], 512, 8192);
	g.keys = calloc(g.nb_keys, sizeof(*g.keys));
	if (g.keys == NULL)
		die("no memory for keys", ENOMEM);
	for (i = 0; i < g.nb_keys; i++)
		make_key(&g.keys[i], i, bits);
	start();
	open_sym();
	open_ec();
	left = run(nb_sym, nb_asym);
	for (i = 0; i < g.nb_keys; i++) {
		if (g.keys[i].session != NULL)
			rte_cryptodev_asym_session_free(g.dev, g.keys[i].session);
		free_key(&g.keys[i]);
	}
	rte_cryptodev_asym_session_free(g.dev, g.ec_session);
	rte_cryptodev_sym_session_free(g.dev, g.sym_session);
	rte_cryptodev_stop(g.dev);
	rte_cryptodev_close(g.dev);
	rte_eal_cleanup();
	free(g.keys);
	return left != 0 || n.wrong != 0 || n.twice != 0 || n.taken != n.done;
}
