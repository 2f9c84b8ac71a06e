/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Lets programs that were written to bursts of ops use the raw data-path API without knowing:
 * preloaded, it takes the place of the burst functions of each device that has SYM_RAW_DP, and
 * makes raw requests of the ops. For any program and any driver; only the public cryptodev API.
 *
 * What ops are about is taken from the xforms at session creation. Runs of ops of one session with
 * the same offsets go out as a burst, single ones by the call for one request, and one
 * enqueue_done() shows all of an enqueue burst to the device. Each op comes back by the call for
 * one request, which alone tells why an op failed. What the raw API cannot say (ops without a
 * session or beyond their packets, heads and tails of 64 KiB) takes the driver's own bursts, on the
 * same queue pair; so does what it refuses, which must then come back as a bad op; and, with
 * VCRYPTO_RAW_MARKED in the environment, what the program has not marked. With
 * VCRYPTO_RAW_STATS in the environment a line at the end tells how many went which way.
 */

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_crypto.h>
#include <rte_cryptodev.h>
#include <rte_mbuf.h>

#define MAX_DEVS 8
#define MAX_QPS 16
#define MAX_SESSIONS 65536 /* a power of two */
#define MAX_RUN 16
#define MAX_VECS 1024
#define CTX_LEN 512
/* Mark of an op that is refused as a request, in reserved[0]. */
#define REFUSED 0xd5
/* With VCRYPTO_RAW_MARKED in the environment: of those that are to be requests, in reserved[1]. */
#define MARKED 0x7a

/* What an op of a session is about. */
struct shape {
	void *session; /* NULL: a free place; FREED: one that was in use */
	uint32_t number; /* of the session: another one may be made in its memory */
	bool cipher, auth, aead;
	uint8_t cipher_bits, auth_bits;
	uint16_t iv_offset, iv_len;
	uint16_t auth_iv_offset, auth_iv_len;
	uint16_t digest_len;
};
#define FREED ((void *)1)

struct queue {
	uint8_t dev_id;
	uint16_t id;
	void *qp; /* the driver's */
	uint8_t ctx[CTX_LEN] __rte_aligned(8);
	bool has_ctx; /* for dequeue */
	bool has_ops; /* some took the driver's own bursts */
	bool is_set; /* for enqueue: since the last start */
	uint32_t session; /* the context's, by number */
	/* The run that is being collected. */
	struct rte_crypto_vec vecs[MAX_VECS];
	struct rte_crypto_sgl src[MAX_RUN], dst[MAX_RUN];
	struct rte_crypto_va_iova_ptr iv[MAX_RUN], digest[MAX_RUN], extra[MAX_RUN];
	int32_t status[MAX_RUN];
	void *user_data[MAX_RUN];
	union rte_crypto_sym_ofs ofs;
	bool oop;
	uint32_t nb_vecs;
	uint32_t nb;
};

static struct shape shapes[MAX_SESSIONS];
static pthread_mutex_t shapes_lock = PTHREAD_MUTEX_INITIALIZER;
static struct queue queues[MAX_DEVS][MAX_QPS];
static void *queue_ptrs[MAX_DEVS][MAX_QPS];
static struct rte_crypto_fp_ops drivers[MAX_DEVS]; /* their own bursts */
static bool only_marked;
static uint64_t nb_single, nb_burst, nb_refused, nb_ops;

static void __rte_noreturn
die(const char *what)
{
	fprintf(stderr, "raw API: %s\n", what);
	abort();
}

static struct rte_crypto_raw_dp_ctx *
ctx_of(struct queue *q)
{
	return (struct rte_crypto_raw_dp_ctx *)q->ctx;
}

/* ---- sessions ---- */

static uint32_t
place_of(const void *session)
{
	return (uint32_t)(((uintptr_t)session >> 6) * UINT32_C(2654435761)) & (MAX_SESSIONS - 1);
}

/* Any thread, also while sessions are made. */
static const struct shape *
find(const void *session)
{
	uint32_t at = place_of(session), i;
	void *there;

	if (session == NULL)
		return NULL;
	for (i = 0; i < MAX_SESSIONS; i++, at = (at + 1) & (MAX_SESSIONS - 1)) {
		there = __atomic_load_n(&shapes[at].session, __ATOMIC_ACQUIRE);
		if (there == session)
			return &shapes[at];
		if (there == NULL)
			return NULL;
	}
	return NULL;
}

static void
remember(void *session, const struct rte_crypto_sym_xform *x)
{
	static uint32_t nb_sessions;
	uint32_t at = place_of(session);
	struct shape s = {0};

	for (; x != NULL; x = x->next) {
		switch (x->type) {
		case RTE_CRYPTO_SYM_XFORM_CIPHER:
			s.cipher = true;
			s.iv_offset = x->cipher.iv.offset;
			s.iv_len = x->cipher.iv.length;
			s.cipher_bits = x->cipher.algo == RTE_CRYPTO_CIPHER_SNOW3G_UEA2 ||
				x->cipher.algo == RTE_CRYPTO_CIPHER_KASUMI_F8 ||
				x->cipher.algo == RTE_CRYPTO_CIPHER_ZUC_EEA3 ? 3 : 0;
			break;
		case RTE_CRYPTO_SYM_XFORM_AUTH:
			s.auth = true;
			s.auth_iv_offset = x->auth.iv.offset;
			s.auth_iv_len = x->auth.iv.length;
			s.digest_len = x->auth.digest_length;
			/* GMAC's J0 needs none to be told. */
			if (x->auth.algo == RTE_CRYPTO_AUTH_AES_GMAC && s.auth_iv_len == 0)
				s.auth_iv_len = 16;
			s.auth_bits = x->auth.algo == RTE_CRYPTO_AUTH_SNOW3G_UIA2 ||
				x->auth.algo == RTE_CRYPTO_AUTH_KASUMI_F9 ||
				x->auth.algo == RTE_CRYPTO_AUTH_ZUC_EIA3 ? 3 : 0;
			break;
		default:
			s.aead = true;
			s.iv_offset = x->aead.iv.offset;
			s.iv_len = x->aead.iv.length != 0 ? x->aead.iv.length : 16;
			break;
		}
	}
	pthread_mutex_lock(&shapes_lock);
	while (shapes[at].session != NULL && shapes[at].session != FREED)
		at = (at + 1) & (MAX_SESSIONS - 1);
	s.session = shapes[at].session;
	s.number = ++nb_sessions;
	shapes[at] = s;
	__atomic_store_n(&shapes[at].session, session, __ATOMIC_RELEASE);
	pthread_mutex_unlock(&shapes_lock);
}

void *
rte_cryptodev_sym_session_create(uint8_t dev_id, struct rte_crypto_sym_xform *xforms,
		struct rte_mempool *mp)
{
	static void *(*real)(uint8_t, struct rte_crypto_sym_xform *, struct rte_mempool *);
	void *session;

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "rte_cryptodev_sym_session_create");
	session = real(dev_id, xforms, mp);
	if (session != NULL)
		remember(session, xforms);
	return session;
}

int
rte_cryptodev_sym_session_free(uint8_t dev_id, void *session)
{
	static int (*real)(uint8_t, void *);
	struct shape *s;
	int ret;

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "rte_cryptodev_sym_session_free");
	pthread_mutex_lock(&shapes_lock);
	ret = real(dev_id, session);
	s = (struct shape *)(uintptr_t)find(session);
	if (ret == 0 && s != NULL)
		__atomic_store_n(&s->session, FREED, __ATOMIC_RELEASE);
	pthread_mutex_unlock(&shapes_lock);
	return ret;
}

/* ---- an op as a request ---- */

struct ranges {
	uint32_t start, end; /* of the vectors, in the packet */
	uint32_t cipher, cipher_end, auth, auth_end;
};

static bool
to_range(uint32_t off, uint32_t len, uint8_t bits, uint32_t *start, uint32_t *end)
{
	if (bits != 0 && ((off | len) & 7) != 0)
		return false;
	*start = off >> bits;
	*end = (off >> bits) + (len >> bits);
	return *end >= *start;
}

static bool
find_ranges(const struct shape *s, const struct rte_crypto_sym_op *so, struct ranges *r)
{
	bool ok = true;

	if (s->aead) {
		ok = to_range(so->aead.data.offset, so->aead.data.length, 0, &r->cipher,
			&r->cipher_end);
	} else {
		if (s->cipher)
			ok = to_range(so->cipher.data.offset, so->cipher.data.length,
				s->cipher_bits, &r->cipher, &r->cipher_end);
		if (ok && s->auth)
			ok = to_range(so->auth.data.offset, so->auth.data.length, s->auth_bits,
				&r->auth, &r->auth_end);
	}
	if (!ok)
		return false;
	/* An empty range lies wherever the other is: not at its end, if that is far away. */
	if (!s->auth || s->aead) {
		r->auth = r->cipher;
		r->auth_end = r->cipher_end;
	} else if (!s->cipher) {
		r->cipher = r->auth;
		r->cipher_end = r->auth_end;
	} else if (r->auth == r->auth_end) {
		r->auth = r->auth_end = RTE_MIN(r->cipher + UINT16_MAX / 2, r->cipher_end);
	} else if (r->cipher == r->cipher_end) {
		r->cipher = r->cipher_end = RTE_MIN(r->auth + UINT16_MAX / 2, r->auth_end);
	}
	r->start = RTE_MIN(r->cipher, r->auth);
	r->end = RTE_MAX(r->cipher_end, r->auth_end);
	/* From the start of the packet, as far as 16 bits go, so that there are heads. */
	if (r->start <= UINT16_MAX - 4096)
		r->start = 0;
	return true;
}

/* Where a digest ends that lies in a packet of several segments; else 0. */
static uint32_t
digest_end(const struct shape *s, const struct rte_crypto_sym_op *so, const struct rte_mbuf *m)
{
	const uint8_t *const digest = so->auth.digest.data;
	uint32_t at = 0;

	if (s->aead || !s->auth || m == NULL || m->nb_segs == 1)
		return 0;
	for (; m != NULL; m = m->next) {
		const uint8_t *const from = rte_pktmbuf_mtod(m, const uint8_t *);

		if (digest >= from && digest < from + m->data_len)
			return at + (uint32_t)(digest - from) + s->digest_len;
		at += m->data_len;
	}
	return 0;
}

static bool
put_vecs(struct queue *q, const struct rte_mbuf *m, uint32_t start, uint32_t end,
		struct rte_crypto_sgl *sgl)
{
	uint32_t left = end - start, n;

	sgl->vec = &q->vecs[q->nb_vecs];
	sgl->num = 0;
	for (; m != NULL; m = m->next) {
		if (start > m->data_len || (start == m->data_len && m->next != NULL)) {
			start -= m->data_len;
			continue;
		}
		if (q->nb_vecs == MAX_VECS)
			return false;
		n = RTE_MIN(left, m->data_len - start);
		q->vecs[q->nb_vecs++] = (struct rte_crypto_vec) {
			.base = rte_pktmbuf_mtod_offset(m, void *, start),
			.iova = rte_pktmbuf_iova_offset(m, start),
			.len = n,
			.tot_len = n,
		};
		sgl->num++;
		start = 0;
		left -= n;
		if (left == 0)
			break;
	}
	return left == 0 && sgl->num != 0;
}

static void
put_ptr(struct rte_crypto_va_iova_ptr *p, void *va, rte_iova_t iova)
{
	p->va = va;
	p->iova = iova;
}

static void
put_iv(struct rte_crypto_va_iova_ptr *p, struct rte_crypto_op *op, uint16_t offset, uint16_t len)
{
	if (len != 0)
		put_ptr(p, rte_crypto_op_ctod_offset(op, void *, offset),
			rte_crypto_op_ctophys_offset(op, offset));
	else
		put_ptr(p, NULL, 0);
}

/* Make the op number i of the run. @return false: no request says this. */
static bool
make_request(struct queue *q, const struct shape *s, struct rte_crypto_op *op, uint32_t i,
		union rte_crypto_sym_ofs *ofs, bool *oop)
{
	struct rte_crypto_sym_op *const so = op->sym;
	struct ranges r = {0};
	uint32_t more;

	*oop = so->m_dst != NULL && so->m_dst != so->m_src;
	if (so->m_src == NULL || !find_ranges(s, so, &r))
		return false;
	/* Some bytes behind the ranges, if there are, so that there are tails. */
	if (r.end > so->m_src->pkt_len || (*oop && r.end > so->m_dst->pkt_len))
		return false;
	/* A digest that segments cut is in the vectors; in one piece its pointer says it all. */
	more = RTE_MAX(digest_end(s, so, so->m_src), digest_end(s, so, so->m_dst));
	more = more > r.end ? more - r.end : 5;
	more = RTE_MIN(so->m_src->pkt_len - r.end, more);
	if (*oop)
		more = RTE_MIN(more, so->m_dst->pkt_len - r.end);
	r.end += more;
	if (r.end - r.cipher_end > UINT16_MAX || r.end - r.auth_end > UINT16_MAX ||
			r.cipher - r.start > UINT16_MAX || r.auth - r.start > UINT16_MAX)
		return false;
	ofs->ofs.cipher.head = r.cipher - r.start;
	ofs->ofs.cipher.tail = r.end - r.cipher_end;
	ofs->ofs.auth.head = r.auth - r.start;
	ofs->ofs.auth.tail = r.end - r.auth_end;
	if (!put_vecs(q, so->m_src, r.start, r.end, &q->src[i]) ||
			(*oop && !put_vecs(q, so->m_dst, r.start, r.end, &q->dst[i])))
		return false;

	put_iv(&q->iv[i], op, s->iv_offset, s->iv_len);
	put_ptr(&q->digest[i], NULL, 0);
	put_ptr(&q->extra[i], NULL, 0);
	if (s->aead) {
		put_ptr(&q->digest[i], so->aead.digest.data, so->aead.digest.phys_addr);
		put_ptr(&q->extra[i], so->aead.aad.data, so->aead.aad.phys_addr);
	} else if (s->auth) {
		put_ptr(&q->digest[i], so->auth.digest.data, so->auth.digest.phys_addr);
		put_iv(&q->extra[i], op, s->auth_iv_offset, s->auth_iv_len);
	}
	q->user_data[i] = op;
	return true;
}

/* ---- enqueue ---- */

/* Give the context the session that has this shape. @return false: the driver does not want it. */
static bool
set_session(struct queue *q, const struct shape *s)
{
	const union rte_cryptodev_session_ctx ctx = { .crypto_sess = s->session };

	if (q->is_set && q->session == s->number)
		return true;
	if (rte_cryptodev_configure_raw_dp_ctx(q->dev_id, q->id, ctx_of(q),
			RTE_CRYPTO_OP_WITH_SESSION, ctx, q->is_set) < 0)
		return false;
	q->session = s->number;
	q->is_set = true;
	__atomic_store_n(&q->has_ctx, true, __ATOMIC_RELEASE);
	return true;
}

/* Send what was collected. @return requests taken; @p err 0: the queue is full. */
static uint32_t
send_run(struct queue *q, int *err)
{
	struct rte_crypto_sym_vec vec = {
		.num = q->nb,
		.src_sgl = q->src,
		.dest_sgl = q->oop ? q->dst : NULL,
		.iv = q->iv,
		.digest = q->digest,
		.aad = q->extra,
		.status = q->status,
	};
	uint32_t n;
	int ret;

	*err = 0;
	if (q->nb == 1 && !q->oop) {
		ret = rte_cryptodev_raw_enqueue(ctx_of(q), q->src[0].vec, q->src[0].num, q->ofs,
			q->iv, q->digest, q->extra, q->user_data[0]);
		n = ret >= 0;
		if (ret < 0 && ret != -EAGAIN)
			*err = -ret;
		nb_single += n;
	} else {
		n = rte_cryptodev_raw_enqueue_burst(ctx_of(q), &vec, q->ofs, q->user_data, &ret);
		if (ret < 0 && n != 0)
			die("an error although requests were taken");
		if (n < q->nb && q->status[n] != EAGAIN)
			*err = q->status[n];
		nb_burst += n;
	}
	return n;
}

/* @return false: no room. */
static bool
enqueue_beside(struct queue *q, struct rte_crypto_op *op)
{
	if (drivers[q->dev_id].enqueue_burst(q->qp, &op, 1) == 0)
		return false;
	__atomic_store_n(&q->has_ops, true, __ATOMIC_RELEASE);
	nb_ops++;
	return true;
}

static bool
wanted(const struct rte_crypto_op *op)
{
	return !only_marked || op->reserved[1] == MARKED;
}

static uint16_t
shim_enqueue(void *queue, struct rte_crypto_op **ops, uint16_t nb_all)
{
	struct queue *const q = queue;
	uint32_t cached = 0, n;
	uint16_t taken = 0, i;
	int err;

	while (taken < nb_all) {
		struct rte_crypto_op *const first = ops[taken];
		const struct shape *s = NULL;

		if (wanted(first) && first->type == RTE_CRYPTO_OP_TYPE_SYMMETRIC &&
				first->sess_type == RTE_CRYPTO_OP_WITH_SESSION)
			s = find(first->sym->session);
		if (s == NULL || !set_session(q, s)) {
			if (!enqueue_beside(q, first))
				break;
			taken++;
			continue;
		}
		q->nb = 0;
		q->nb_vecs = 0;
		for (i = taken; i < nb_all && q->nb < MAX_RUN; i++) {
			union rte_crypto_sym_ofs ofs;
			bool oop;

			if (ops[i]->type != first->type || ops[i]->sess_type != first->sess_type ||
					ops[i]->sym->session != first->sym->session ||
					!wanted(ops[i]) ||
					!make_request(q, s, ops[i], q->nb, &ofs, &oop) ||
					(q->nb != 0 && (ofs.raw != q->ofs.raw || oop != q->oop)))
				break;
			q->ofs = ofs;
			q->oop = oop;
			q->nb++;
		}
		if (q->nb == 0) {
			if (!enqueue_beside(q, first))
				break;
			taken++;
			continue;
		}
		n = send_run(q, &err);
		taken += n;
		cached += n;
		if (n == q->nb)
			continue;
		if (err != EINVAL && err != ENOENT)
			break;
		/* The driver's own burst must have something against it, too. */
		nb_refused++;
		ops[taken]->reserved[0] = REFUSED;
		if (!enqueue_beside(q, ops[taken])) {
			ops[taken]->reserved[0] = 0;
			break;
		}
		taken++;
	}
	/* Whatever sessions they are of: the context has changed between. */
	if (cached != 0 && rte_cryptodev_raw_enqueue_done(ctx_of(q), cached) < 0)
		die("enqueue_done fails");
	return taken;
}

/* ---- dequeue ---- */

static uint16_t
shim_dequeue(void *queue, struct rte_crypto_op **ops, uint16_t nb_all)
{
	struct queue *const q = queue;
	enum rte_crypto_op_status status;
	struct rte_crypto_op *op;
	uint16_t n = 0, i;
	int ret;

	if (__atomic_load_n(&q->has_ops, __ATOMIC_ACQUIRE))
		n = drivers[q->dev_id].dequeue_burst(q->qp, ops, nb_all);
	for (i = 0; i < n; i++) {
		if (ops[i]->reserved[0] != REFUSED)
			continue;
		if (ops[i]->status == RTE_CRYPTO_OP_STATUS_SUCCESS)
			die("a request is refused, and the same op is not");
		ops[i]->reserved[0] = 0;
	}
	if (!__atomic_load_n(&q->has_ctx, __ATOMIC_ACQUIRE))
		return n;
	while (n < nb_all) {
		op = rte_cryptodev_raw_dequeue(ctx_of(q), &ret, &status);
		if (op == NULL)
			break;
		op->status = status;
		ops[n++] = op;
		if (ret < 0 || (ret == 0 && rte_cryptodev_raw_dequeue_done(ctx_of(q), 1) < 0))
			die("dequeue fails");
	}
	return n;
}

/* ---- devices ---- */

int
rte_cryptodev_start(uint8_t dev_id)
{
	static int (*real)(uint8_t);
	struct rte_crypto_fp_ops *const fp = &rte_crypto_fp_ops[dev_id];
	struct rte_cryptodev_info info;
	uint16_t i;
	int ret;

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "rte_cryptodev_start");
	/* Started already: there is nothing to be done to it. */
	if (dev_id < MAX_DEVS && fp->enqueue_burst == shim_enqueue)
		return real(dev_id);
	ret = real(dev_id);
	if (ret < 0)
		return ret;
	only_marked = getenv("VCRYPTO_RAW_MARKED") != NULL;
	rte_cryptodev_info_get(dev_id, &info);
	if (!(info.feature_flags & RTE_CRYPTODEV_FF_SYM_RAW_DP))
		return ret;
	if (dev_id >= MAX_DEVS || rte_cryptodev_queue_pair_count(dev_id) > MAX_QPS ||
			rte_cryptodev_get_raw_dp_ctx_size(dev_id) > CTX_LEN)
		die("too many devices or queue pairs, or too large a context");
	for (i = 0; i < rte_cryptodev_queue_pair_count(dev_id); i++) {
		struct queue *const q = &queues[dev_id][i];

		/* What is in flight over a stop comes back through the context of before. */
		if (q->qp != fp->qp.data[i])
			q->has_ctx = false;
		q->is_set = false;
		q->dev_id = dev_id;
		q->id = i;
		q->qp = fp->qp.data[i];
		queue_ptrs[dev_id][i] = q;
	}
	drivers[dev_id] = *fp;
	fp->qp.data = queue_ptrs[dev_id];
	fp->enqueue_burst = shim_enqueue;
	fp->dequeue_burst = shim_dequeue;
	return ret;
}

static void __attribute__((destructor))
print_stats(void)
{
	if (getenv("VCRYPTO_RAW_STATS") != NULL && nb_single + nb_burst != 0)
		fprintf(stderr, "raw API: %lu requests one by one, %lu in bursts, %lu refused;"
			" %lu ops beside\n", (unsigned long)nb_single, (unsigned long)nb_burst,
			(unsigned long)nb_refused, (unsigned long)nb_ops);
}
