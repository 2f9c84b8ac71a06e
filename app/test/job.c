/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_malloc.h>
#include <rte_pause.h>

#include "job.h"

#define GUARD_BYTE 0xc3
#define OUTSIDE_LEN (JOB_GUARD + REF_MAX_DIGEST + JOB_GUARD)
#define MAX_SESSIONS ENV_NB_SESSIONS

static struct job jobs_all[ENV_NB_OPS];
static unsigned int nb_jobs; /* jobs at and behind this one were never in use in this case */
static unsigned int free_hint; /* jobs before this one are in use */
static struct sess *sessions_all[MAX_SESSIONS];
static unsigned int nb_sessions;

/* ---- Sessions ---- */

struct rte_crypto_sym_xform *
job_xforms(const struct sess *s, struct rte_crypto_sym_xform x[2])
{
	return sess_xforms(&s->p, s->key, s->auth_key, JOB_IV_OFFSET, x);
}

int
job_session_create_raw(struct sess *s, struct env_dev *dev)
{
	struct rte_crypto_sym_xform x[2];

	rte_errno = 0;
	s->dev = dev;
	s->handle = rte_cryptodev_sym_session_create(dev->id, job_xforms(s, x), env.sessions);
	if (s->handle != NULL) {
		__atomic_add_fetch(&dev->nb_sessions, 1, __ATOMIC_RELAXED);
		return 0;
	}
	return rte_errno > 0 ? -rte_errno : -EFAULT;
}

int
job_session_free_raw(struct sess *s)
{
	int ret = 0;

	if (s->handle != NULL)
		ret = rte_cryptodev_sym_session_free(s->dev->id, s->handle);
	s->handle = NULL;
	return ret;
}

int
job_session_bare(struct sess *s)
{
	s->bare = true;
	return job_session_free_raw(s);
}

int
job_session(struct env_dev *dev, const struct sess_params *p, struct sess **out)
{
	struct sess *s;
	int ret;

	*out = NULL;
	if (nb_sessions == MAX_SESSIONS)
		return -ENOMEM;
	s = calloc(1, sizeof(*s));
	if (s == NULL)
		return -ENOMEM;
	s->p = *p;
	test_rand_fill(s->key, sizeof(s->key));
	test_rand_fill(s->auth_key, sizeof(s->auth_key));
	ret = job_session_create_raw(s, dev);
	if (ret != 0) {
		free(s);
		return ret;
	}
	sessions_all[nb_sessions++] = s;
	*out = s;
	return 0;
}

int
job_session_free(struct sess *s)
{
	int ret = job_session_free_raw(s);
	unsigned int i;

	for (i = 0; i < nb_sessions; i++) {
		if (sessions_all[i] == s) {
			sessions_all[i] = sessions_all[--nb_sessions];
			free(s);
			break;
		}
	}
	return ret;
}

/* ---- Data in mbufs ---- */

/*
 * Cut len bytes into nb pieces, none empty. Half of the cuts lie on borders of the
 * cipher's blocks, which start at byte phase. Drivers that promise less than the one under
 * test get whole blocks only: DPDK's openssl driver, for one, cannot put a block together
 * that lies in three segments.
 */
static unsigned int
cut(uint32_t len, unsigned int nb, uint32_t phase, uint32_t max_piece, uint32_t *piece)
{
	const bool blocks = !env.strict || (test_rand() & 1) != 0;
	uint32_t left = len, want, lo, hi, over;
	unsigned int i;

	nb = RTE_MAX(1u, RTE_MIN(nb, env.strict ? len : len / 32));
	for (i = 0; i + 1 < nb; i++) {
		/* What the others need at least, and can take at most. */
		const uint32_t rest = nb - i - 1;

		lo = left > rest * max_piece ? left - rest * max_piece : 1;
		hi = RTE_MIN(max_piece, left - rest);
		want = test_rand_range(lo, RTE_MAX(lo, RTE_MIN(hi, 2 * left / (rest + 1))));
		over = (len - left + want + 16 - phase % 16) % 16;
		if (blocks && want >= lo + over)
			want -= over;
		else if (blocks && !env.strict)
			break;
		piece[i] = want;
		left -= want;
	}
	piece[i] = left;
	return i + 1;
}

static struct rte_mbuf *
one_segment(const uint8_t *data, uint32_t len, uint32_t misalign)
{
	const uint32_t need = 2 * JOB_GUARD + misalign + len;
	struct rte_mempool *mp = need <= ENV_SMALL_ROOM ? env.mbufs_small : env.mbufs_big;
	struct rte_mbuf *m;
	uint8_t *buf;

	if (need > ENV_BIG_ROOM)
		return NULL;
	m = rte_pktmbuf_alloc(mp);
	if (m == NULL)
		return NULL;
	buf = m->buf_addr;
	m->data_off = (uint16_t)(JOB_GUARD + misalign);
	m->data_len = (uint16_t)len;
	m->pkt_len = len;
	memset(buf, GUARD_BYTE, JOB_GUARD + misalign);
	memcpy(buf + m->data_off, data, len);
	memset(buf + m->data_off + len, GUARD_BYTE, JOB_GUARD);
	return m;
}

/*
 * An mbuf chain that holds data[len]; of these the last tail bytes are a digest, which
 * stays in one piece: behind the data, or in a segment of its own.
 */
static struct rte_mbuf *
make_chain(const uint8_t *data, uint32_t len, uint32_t tail, const struct job_params *p,
		unsigned int segs)
{
	uint32_t piece[JOB_SEGS_LIMIT + 2];
	struct rte_mbuf *head = NULL, *last = NULL, *m;
	const uint32_t max_piece = ENV_BIG_ROOM - 2 * JOB_GUARD - 64 - REF_MAX_DIGEST;
	unsigned int nb, i, empty;

	nb = cut(len - tail, segs, p->cipher.off, max_piece, piece);
	if (tail > 0 && p->place == JOB_DIGEST_BEHIND)
		piece[nb - 1] += tail;
	else if (tail > 0)
		piece[nb++] = tail;
	empty = p->empty_seg && segs > 1 ? test_rand_range(1, nb) : UINT32_MAX;
	if (empty != UINT32_MAX) {
		memmove(&piece[empty], &piece[empty - 1], (nb - empty + 1) * sizeof(piece[0]));
		piece[empty - 1] = 0;
		nb++;
	}
	for (i = 0; i < nb; i++) {
		m = one_segment(data, piece[i], p->misalign == 0 ? 0 :
				(p->misalign + 7 * i) % 64);
		if (m == NULL) {
			rte_pktmbuf_free(head);
			return NULL;
		}
		data += piece[i];
		if (head == NULL) {
			head = m;
		} else {
			last->next = m;
			head->pkt_len += m->data_len;
			head->nb_segs++;
		}
		last = m;
	}
	return head;
}

/* The address of byte off of a chain. */
static uint8_t *
chain_at(struct rte_mbuf *m, uint32_t off, rte_iova_t *iova)
{
	while (m != NULL && off >= m->data_len) {
		off -= m->data_len;
		m = m->next;
	}
	if (m == NULL)
		return NULL;
	*iova = rte_pktmbuf_iova_offset(m, off);
	return rte_pktmbuf_mtod_offset(m, uint8_t *, off);
}

static void
chain_write(struct rte_mbuf *m, const uint8_t *data)
{
	for (; m != NULL; m = m->next) {
		memcpy(rte_pktmbuf_mtod(m, void *), data, m->data_len);
		data += m->data_len;
	}
}

/* ---- Jobs ---- */

struct job *
job_of(struct rte_crypto_op *op)
{
	struct job *j;

	if (op == NULL)
		return NULL;
	memcpy(&j, (uint8_t *)op + JOB_IV_OFFSET + REF_MAX_IV, sizeof(j));
	return j >= jobs_all && j < jobs_all + RTE_DIM(jobs_all) && j->op == op ? j : NULL;
}

static int
make_aad(struct job *j)
{
	const struct sess_params *p = &j->s->p;

	if (p->order != SESS_AEAD || p->aad_len == 0)
		return 0;
	j->aad = malloc(p->aad_len);
	/* Room that CCM wants before, and room for whole blocks behind. */
	j->aad_at = rte_malloc(NULL, p->aead->aad_skip + p->aad_len + 16u, 0);
	if (j->aad == NULL || j->aad_at == NULL)
		return -ENOMEM;
	if (j->p.aad != NULL)
		memcpy(j->aad, j->p.aad, p->aad_len);
	else
		test_rand_fill(j->aad, p->aad_len);
	memset(j->aad_at, GUARD_BYTE, p->aead->aad_skip + p->aad_len + 16u);
	memcpy(j->aad_at + p->aead->aad_skip, j->aad, p->aad_len);
	return 0;
}

/* What the reference says. */
static int
expect(struct job *j)
{
	const struct sess *s = j->s;
	const struct sess_params *p = &s->p;
	const struct job_range *c = &j->p.cipher, *a = &j->p.auth;
	const uint8_t *hashed = j->before;
	uint8_t *sealed;
	int ret = 0;

	if (p->order == SESS_AEAD) {
		/* Data is given as it is unencrypted; a decryption starts from the other form. */
		sealed = p->decrypt ? j->before : j->after;
		return ref_aead_run(p->aead, s->key, p->key_len, j->iv, p->iv_len, j->aad,
				p->aad_len, sealed + c->off, sealed + c->off, c->len, j->digest,
				p->digest_len);
	}
	if (p->order != SESS_AUTH)
		ret = ref_cipher_run(p->cipher, !p->decrypt, s->key, p->key_len, j->iv, p->iv_len,
				j->before + c->off, j->after + c->off, c->len);
	if (ret != 0 || p->order == SESS_CIPHER)
		return ret;
	if (p->order == SESS_CIPHER_AUTH)
		hashed = j->after;
	return ref_auth_run_iv(p->auth, s->auth_key, p->auth_key_len, j->iv, p->iv_len,
			hashed + a->off, a->len, j->digest);
}

static void
arm(struct job *j)
{
	struct rte_crypto_op *op = j->op;
	struct rte_crypto_sym_op *sym = op->sym;
	const struct sess_params *p = &j->s->p;
	const uint32_t cipher_scale = p->cipher != NULL && ref_cipher_bits(p->cipher) ? 8 : 1;
	const uint32_t auth_scale = p->auth != NULL && ref_auth_bits(p->auth) ? 8 : 1;
	const unsigned int iv_skip = p->order == SESS_AEAD ? p->aead->iv_skip : 0;
	struct job *self = j;

	/* Fields that the session does not need hold nonsense, as in an op that is used again. */
	memset(sym, env.strict ? 0x5a : 0, sizeof(*sym));
	op->status = RTE_CRYPTO_OP_STATUS_NOT_PROCESSED;
	sym->m_src = j->m_src;
	sym->m_dst = j->m_dst;
	if (p->order == SESS_AEAD) {
		sym->aead.data.offset = j->p.cipher.off;
		sym->aead.data.length = j->p.cipher.len;
		sym->aead.digest.data = j->digest_at;
		sym->aead.digest.phys_addr = j->digest_iova;
		if (p->aad_len > 0) {
			sym->aead.aad.data = j->aad_at;
			sym->aead.aad.phys_addr = rte_malloc_virt2iova(j->aad_at);
		}
	} else if (p->order != SESS_AUTH) {
		sym->cipher.data.offset = j->p.cipher.off * cipher_scale;
		sym->cipher.data.length = j->p.cipher.len * cipher_scale;
	}
	if (p->order != SESS_CIPHER && p->order != SESS_AEAD) {
		sym->auth.data.offset = j->p.auth.off * auth_scale;
		sym->auth.data.length = j->p.auth.len * auth_scale;
		sym->auth.digest.data = j->digest_at;
		sym->auth.digest.phys_addr = j->digest_iova;
	}
	if (j->s->bare) {
		op->sess_type = RTE_CRYPTO_OP_SESSIONLESS;
		sym->xform = job_xforms(j->s, j->x);
	} else {
		rte_crypto_op_attach_sym_session(op, j->s->handle);
	}
	memcpy((uint8_t *)op + JOB_IV_OFFSET + iv_skip, j->iv, REF_MAX_IV - iv_skip);
	memcpy((uint8_t *)op + JOB_IV_OFFSET + REF_MAX_IV, &self, sizeof(self));
	j->returned = 0;
}

static int
make_mbufs(struct job *j)
{
	const struct sess_params *sp = &j->s->p;
	const bool in_mbuf = sp->order != SESS_CIPHER && j->p.place != JOB_DIGEST_OUTSIDE;
	const uint32_t src_tail = in_mbuf && (!j->p.oop || sp->decrypt) ? sp->digest_len : 0;
	const uint32_t dst_tail = in_mbuf && j->p.oop && !sp->decrypt ? sp->digest_len : 0;
	struct rte_mbuf *m;
	rte_iova_t iova = 0;

	j->src_len = j->p.len + src_tail;
	j->dst_len = j->p.len + dst_tail;
	j->m_src = make_chain(j->before, j->src_len, src_tail, &j->p, j->p.src_segs);
	if (j->m_src == NULL)
		return -ENOMEM;
	if (j->p.oop) {
		j->m_dst = make_chain(j->after, j->dst_len, dst_tail, &j->p, j->p.dst_segs);
		if (j->m_dst == NULL)
			return -ENOMEM;
	}
	if (sp->order == SESS_CIPHER)
		return 0;
	if (in_mbuf) {
		m = src_tail > 0 ? j->m_src : j->m_dst;
		j->digest_at = chain_at(m, j->p.len, &iova);
	} else {
		j->outside = rte_malloc(NULL, OUTSIDE_LEN, 0);
		if (j->outside == NULL)
			return -ENOMEM;
		memset(j->outside, GUARD_BYTE, OUTSIDE_LEN);
		j->digest_at = j->outside + JOB_GUARD;
		iova = rte_malloc_virt2iova(j->outside) + JOB_GUARD;
	}
	j->digest_iova = iova;
	return 0;
}

/* Contents as they are before the op runs: source, destination, digest. */
static void
fill(struct job *j)
{
	const struct sess_params *sp = &j->s->p;
	const struct job_range *c = &j->p.cipher;
	uint8_t sent[REF_MAX_DIGEST];
	uint8_t *dst;

	memcpy(sent, j->digest, sizeof(sent));
	if (sp->order != SESS_CIPHER && !sp->decrypt)
		memset(sent, 0x77, sizeof(sent));
	if (j->digest_at != NULL)
		memcpy(j->digest_at, sent, sp->digest_len);
	if (!j->p.oop)
		return;
	/*
	 * Out of place the destination starts as noise. Only where a chain hashes more than it
	 * ciphers does it hold the source's bytes, as an application provides them that wants the
	 * hash over header and ciphertext; a device may, or may not, copy them by itself.
	 */
	dst = malloc(j->dst_len + 1);
	if (dst == NULL)
		return;
	memcpy(dst, j->after, j->dst_len);
	if (sp->order != SESS_AUTH)
		memset(dst + c->off, 0x99, c->len);
	if (j->dst_len > j->p.len)
		memcpy(dst + j->p.len, sent, sp->digest_len);
	chain_write(j->m_dst, dst);
	free(dst);
}

struct job *
job_create_with(const struct sess *s, const struct job_params *p, const uint8_t *data,
		const uint8_t *iv)
{
	const struct sess_params *sp = &s->p;
	uint32_t lo, hi;
	struct job *j;
	int ret;

	while (free_hint < RTE_DIM(jobs_all) && jobs_all[free_hint].in_use)
		free_hint++;
	if (free_hint == RTE_DIM(jobs_all)) {
		test_fail("too many jobs in a case");
		return NULL;
	}
	j = &jobs_all[free_hint++];
	nb_jobs = RTE_MAX(nb_jobs, free_hint);
	memset(j, 0, sizeof(*j));
	j->in_use = true;
	j->s = s;
	j->p = *p;
	j->status = RTE_CRYPTO_OP_STATUS_SUCCESS;
	memcpy(j->iv, iv, REF_MAX_IV);
	j->before = malloc(p->len + REF_MAX_DIGEST);
	j->after = malloc(p->len + REF_MAX_DIGEST);
	j->op = rte_crypto_op_alloc(env.ops, RTE_CRYPTO_OP_TYPE_SYMMETRIC);
	if (j->before == NULL || j->after == NULL || j->op == NULL) {
		test_fail("no memory for an op");
		return NULL;
	}
	memcpy(j->before, data, p->len);
	memcpy(j->after, data, p->len);
	if (p->oop) {
		/* Outside of what the op is about, the destination differs from the source. */
		lo = sp->order == SESS_AUTH ? p->auth.off : p->cipher.off;
		hi = lo + (sp->order == SESS_AUTH ? p->auth.len : p->cipher.len);
		if (sp->order == SESS_CIPHER_AUTH || sp->order == SESS_AUTH_CIPHER) {
			lo = RTE_MIN(lo, p->auth.off);
			hi = RTE_MAX(hi, p->auth.off + p->auth.len);
		}
		if (env.strict)
			memset(j->after, 0xd7, lo);
		memset(j->after + hi, 0xd7, p->len - hi);
	}
	ret = make_aad(j);
	if (ret == 0)
		ret = expect(j);
	if (ret != 0) {
		test_fail("the reference fails with %d: %s", ret, job_text(j));
		return NULL;
	}
	if (p->corrupt >= 0) {
		j->digest[p->corrupt] ^= (uint8_t)(1u << test_rand_range(0, 7));
		j->status = RTE_CRYPTO_OP_STATUS_AUTH_FAILED;
		j->any = p->cipher;
	}
	if (sp->order != SESS_CIPHER && p->place != JOB_DIGEST_OUTSIDE) {
		memcpy(j->before + p->len, j->digest, sp->digest_len);
		memcpy(j->after + p->len, j->digest, sp->digest_len);
	}
	ret = make_mbufs(j);
	if (ret != 0) {
		test_fail("no memory for mbufs: %s", job_text(j));
		return NULL;
	}
	job_rearm(j);
	return j;
}

struct job *
job_create(const struct sess *s, const struct job_params *p)
{
	uint8_t *data = malloc(p->len + 1);
	uint8_t iv[REF_MAX_IV];
	struct job *j;

	if (data == NULL) {
		test_fail("no memory for data");
		return NULL;
	}
	test_rand_fill(data, p->len);
	test_rand_fill(iv, sizeof(iv));
	/* Now and then a counter that overflows, all 128 bits of it, within the data. */
	if (env.strict && s->p.iv_len > 0 && test_rand_range(0, 3) == 0)
		memset(iv, 0xff, s->p.iv_len);
	/* The same for the counter of a whole first block of GCM, which is 32 bits of it. */
	if (s->p.order == SESS_AEAD && s->p.iv_len == 0 && test_rand_range(0, 3) == 0)
		memset(iv + 12, 0xff, 4);
	j = job_create_with(s, p, data, iv);
	free(data);
	return j;
}

void
job_rearm(struct job *j)
{
	chain_write(j->m_src, j->before);
	fill(j);
	arm(j);
}

void
job_expect_forgery(struct job *j)
{
	j->status = RTE_CRYPTO_OP_STATUS_AUTH_FAILED;
	j->any = j->p.cipher;
	if (j->aad != NULL)
		memcpy(j->aad_at + j->s->p.aead->aad_skip, j->aad, j->s->p.aad_len);
	if (j->p.place != JOB_DIGEST_OUTSIDE) {
		memcpy(j->before + j->p.len, j->digest, j->s->p.digest_len);
		memcpy(j->after + j->p.len, j->digest, j->s->p.digest_len);
	}
	job_rearm(j);
}

static void
chain_read(const struct rte_mbuf *m, uint8_t *data)
{
	for (; m != NULL; m = m->next) {
		memcpy(data, rte_pktmbuf_mtod(m, const void *), m->data_len);
		data += m->data_len;
	}
}

void
job_expect_untouched(struct job *j, enum rte_crypto_op_status status)
{
	chain_read(j->p.oop ? j->m_dst : j->m_src, j->after);
	if (j->digest_at != NULL)
		memcpy(j->digest, j->digest_at, sizeof(j->digest));
	j->any.len = 0;
	j->status = status;
	j->status_any = !env.strict;
}

void
job_release(struct job *j)
{
	if (!j->in_use)
		return;
	rte_pktmbuf_free(j->m_src);
	rte_pktmbuf_free(j->m_dst);
	if (j->op != NULL)
		rte_crypto_op_free(j->op);
	rte_free(j->outside);
	rte_free(j->aad_at);
	free(j->aad);
	free(j->before);
	free(j->after);
	free_hint = RTE_MIN(free_hint, (unsigned int)(j - jobs_all));
	memset(j, 0, sizeof(*j));
}

void
job_release_all(void)
{
	unsigned int i;

	for (i = 0; i < nb_jobs; i++)
		job_release(&jobs_all[i]);
	nb_jobs = 0;
	free_hint = 0;
	for (i = 0; i < nb_sessions; i++) {
		job_session_free_raw(sessions_all[i]);
		free(sessions_all[i]);
	}
	nb_sessions = 0;
}

const char *
job_text(const struct job *j)
{
	static const char *const place[] = {"outside", "behind the data", "in a segment"};
	static char text[400];
	const struct job_params *p = &j->p;
	const bool auth = j->s->p.order != SESS_CIPHER;
	int n;

	n = snprintf(text, sizeof(text), "%s; data %u+%u", sess_text(&j->s->p),
			p->cipher.off, p->cipher.len);
	if (auth)
		n += snprintf(text + n, sizeof(text) - (size_t)n, " auth %u+%u digest %s",
				p->auth.off, p->auth.len, place[p->place]);
	snprintf(text + n, sizeof(text) - (size_t)n, " of %u bytes, %s, %u segments to %u%s%s",
			p->len, p->oop ? "out of place" : "in place", p->src_segs,
			p->oop ? p->dst_segs : p->src_segs, p->misalign ? ", unaligned" : "",
			p->empty_seg ? ", one empty" : "");
	return text;
}

/* ---- Checks ---- */

static bool
check_chain(const struct job *j, const char *what, const struct rte_mbuf *m, const uint8_t *want,
		const struct job_range *any)
{
	uint32_t done = 0, i;

	for (; m != NULL; m = m->next) {
		const uint8_t *buf = m->buf_addr;
		const uint8_t *data = buf + m->data_off;
		const uint32_t len = m->data_len +
				(m->next == NULL && m == j->m_dst ? j->dst_cut : 0);

		for (i = 0; i < len; i++, done++) {
			if (data[i] == want[done])
				continue;
			if (done >= any->off && done < any->off + any->len)
				continue;
			test_fail("%s byte %u is %02x, not %02x: %s", what, done, data[i],
					want[done], job_text(j));
			return false;
		}
		for (i = 0; i < JOB_GUARD; i++) {
			if (data[-1 - (int)i] != GUARD_BYTE || data[len + i] != GUARD_BYTE) {
				test_fail("byte %u %s a segment of the %s was written: %s", i + 1,
						data[len + i] != GUARD_BYTE ? "behind" :
						"before", what, job_text(j));
				return false;
			}
		}
	}
	return true;
}

static bool
check_outside(const struct job *j)
{
	const uint32_t len = j->s->p.digest_len;
	uint32_t i;

	if (memcmp(j->digest_at, j->digest, len) != 0) {
		for (i = 0; j->digest_at[i] == j->digest[i]; i++)
			;
		test_fail("digest byte %u is %02x, not %02x: %s", i, j->digest_at[i], j->digest[i],
				job_text(j));
		return false;
	}
	for (i = 0; i < OUTSIDE_LEN; i++) {
		if (i >= JOB_GUARD && i < JOB_GUARD + len)
			continue;
		if (j->outside[i] != GUARD_BYTE) {
			test_fail("byte %d from the digest was written: %s", (int)i - JOB_GUARD,
					job_text(j));
			return false;
		}
	}
	return true;
}

bool
job_check(const struct job *j)
{
	static const struct job_range none;
	const bool bad = j->status_any && j->op->status != RTE_CRYPTO_OP_STATUS_SUCCESS &&
			j->op->status != RTE_CRYPTO_OP_STATUS_NOT_PROCESSED;

	if (j->either != 0 && j->op->status == j->either) {
		j->p.oop ? memset(j->after + j->p.cipher.off, 0x99, j->p.cipher.len) :
				memcpy(j->after, j->before, j->src_len);
	} else if (j->op->status != j->status && !bad) {
		test_fail("status %u, not %u: %s", j->op->status, j->status, job_text(j));
		return false;
	}
	if (j->p.oop) {
		if (!check_chain(j, "source", j->m_src, j->before, &none) ||
				!check_chain(j, "destination", j->m_dst, j->after, &j->any))
			return false;
	} else if (!check_chain(j, "data", j->m_src, j->after, &j->any)) {
		return false;
	}
	if (j->aad != NULL && memcmp(j->aad_at + j->s->p.aead->aad_skip, j->aad,
			j->s->p.aad_len) != 0) {
		test_fail("the AAD was written: %s", job_text(j));
		return false;
	}
	return j->outside == NULL || check_outside(j);
}

enum test_result
job_check_all(struct job **jobs, unsigned int nb)
{
	unsigned int i;

	for (i = 0; i < nb; i++) {
		if (jobs[i]->returned != 1)
			return test_fail("op %u of %u came back %u times", i, nb,
					jobs[i]->returned);
		if (!job_check(jobs[i]))
			return TEST_FAIL;
	}
	return TEST_PASS;
}

void
job_idle(unsigned int *polls)
{
	if (++*polls % 64 == 0)
		sched_yield();
	else
		rte_pause();
}

enum test_result
job_run(struct env_dev *dev, uint16_t qp, struct job **jobs, unsigned int nb, unsigned int burst)
{
	struct rte_crypto_op *ops[256];
	const unsigned int max = RTE_MIN(RTE_MAX(burst, 1u), (unsigned int)RTE_DIM(ops));
	unsigned int sent = 0, got = 0, polls = 0, i, n;
	uint64_t deadline = env_deadline();
	struct job *j;

	while (got < nb) {
		n = RTE_MIN(max, nb - sent);
		for (i = 0; i < n; i++)
			ops[i] = jobs[sent + i]->op;
		if (n > 0)
			sent += rte_cryptodev_enqueue_burst(dev->id, qp, ops, (uint16_t)n);
		n = rte_cryptodev_dequeue_burst(dev->id, qp, ops, (uint16_t)max);
		for (i = 0; i < n; i++) {
			j = job_of(ops[i]);
			if (j == NULL) {
				env_stop_all();
				return test_fail("an op came back that nobody sent");
			}
			j->returned++;
		}
		got += n;
		if (n > 0) {
			deadline = env_deadline();
		} else if (rte_get_timer_cycles() > deadline) {
			env_stop_all();
			return test_fail("%u ops taken, %u came back within %u ms: %s", sent, got,
					test_opts.timeout_ms, job_text(jobs[0]));
		} else {
			job_idle(&polls);
		}
	}
	return job_check_all(jobs, nb);
}

enum test_result
job_run_one(struct env_dev *dev, uint16_t qp, struct job *j)
{
	return job_run(dev, qp, &j, 1, 1);
}
