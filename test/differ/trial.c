/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_common.h>
#include <rte_malloc.h>
#include <rte_memory.h>

#include "trial.h"

#define GUARD 64u
#define GUARD_BYTE 0xc3
/* What test/raw knows by VCRYPTO_RAW_MARKED: in the op's reserved bytes. */
#define RAW_MARK_AT 1
#define RAW_MARK 0x7a
#define OUTSIDE_LEN (GUARD + REF_MAX_DIGEST + GUARD)

/* In an op's private area: room for the IV wherever it begins, then the owner. */
#define PRIVATE_IV 32
#define PRIVATE_LEN (PRIVATE_IV + sizeof(void *))

/* Data rooms of packets, headroom included. */
static const uint16_t rooms[] = {512, 2560, 17408, 65408};

static struct {
	struct rte_mempool *ops;
	struct rte_mempool *mbufs[RTE_DIM(rooms)];
} pools;

int
trial_pools_init(unsigned int nb)
{
	/* Packets of a segment or two mostly, few of them big. */
	const unsigned int nb_mbufs[] = {nb * 16, nb * 4, nb, nb};
	char name[RTE_MEMPOOL_NAMESIZE];
	unsigned int i;

	pools.ops = rte_crypto_op_pool_create("differ_ops", RTE_CRYPTO_OP_TYPE_SYMMETRIC, nb * 4,
			0, PRIVATE_LEN, SOCKET_ID_ANY);
	if (pools.ops == NULL)
		return -ENOMEM;
	for (i = 0; i < RTE_DIM(rooms); i++) {
		snprintf(name, sizeof(name), "differ_mbufs%u", i);
		pools.mbufs[i] = rte_pktmbuf_pool_create(name, nb_mbufs[i], 0, 0, rooms[i],
				SOCKET_ID_ANY);
		if (pools.mbufs[i] == NULL)
			return -ENOMEM;
	}
	return 0;
}

void
trial_pools_fini(void)
{
	unsigned int i;

	rte_mempool_free(pools.ops);
	for (i = 0; i < RTE_DIM(rooms); i++)
		rte_mempool_free(pools.mbufs[i]);
	memset(&pools, 0, sizeof(pools));
}

/* ---- Packets ---- */

static struct rte_mbuf *
segment(const uint8_t *data, uint32_t len, uint16_t headroom, bool tight)
{
	const uint32_t tail = tight ? 0 : GUARD;
	struct rte_mbuf *m = NULL;
	uint8_t *p;
	unsigned int i;

	for (i = 0; i < RTE_DIM(rooms) && m == NULL; i++)
		if (headroom + len + tail <= rooms[i])
			m = rte_pktmbuf_alloc(pools.mbufs[i]);
	if (m == NULL)
		return NULL;
	m->data_off = tight ? (uint16_t)(m->buf_len - len) : headroom;
	m->data_len = (uint16_t)len;
	m->pkt_len = len;
	p = rte_pktmbuf_mtod(m, uint8_t *);
	memset(p - RTE_MIN(m->data_off, GUARD), GUARD_BYTE, RTE_MIN(m->data_off, GUARD));
	memcpy(p, data, len);
	memset(p + len, GUARD_BYTE, tail);
	return m;
}

static struct rte_mbuf *
packet(const uint8_t *data, const struct layout *l)
{
	struct rte_mbuf *head = NULL, *last = NULL, *m;
	unsigned int i;

	for (i = 0; i < l->nb; i++) {
		m = segment(data, l->seg[i], l->headroom[i], l->tight[i]);
		if (m == NULL) {
			rte_pktmbuf_free(head);
			return NULL;
		}
		data += l->seg[i];
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

/* A digest may begin where the packet ends, if it has no bytes in it. */
static uint8_t *
packet_at(struct rte_mbuf *m, uint32_t off, rte_iova_t *iova)
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

/* ---- Operations ---- */

void *
trial_owner(struct rte_crypto_op *op)
{
	void *owner;

	memcpy(&owner, (uint8_t *)op + TRIAL_IV_BASE + PRIVATE_IV, sizeof(owner));
	return owner;
}

static int
make_digest(struct trial *t, const struct op_plan *p, const struct model *m, rte_iova_t *iova)
{
	struct rte_mbuf *holder;

	switch (p->place) {
	case PLACE_NONE:
		return 0;
	case PLACE_OUTSIDE:
		t->outside = rte_malloc(NULL, OUTSIDE_LEN, 0);
		if (t->outside == NULL)
			return -ENOMEM;
		memset(t->outside, GUARD_BYTE, OUTSIDE_LEN);
		t->digest = t->outside + GUARD;
		memcpy(t->digest, m->digest, sizeof(m->digest));
		*iova = rte_malloc_virt2iova(t->outside) + GUARD;
		return 0;
	case PLACE_SRC:
		holder = t->m_src;
		break;
	case PLACE_DST:
		holder = t->m_dst;
		break;
	default:
		holder = p->holder_dst ? t->m_dst : t->m_src;
		break;
	}
	t->digest = packet_at(holder, p->digest, iova);
	return t->digest == NULL ? -EINVAL : 0;
}

static int
make_aad(struct trial *t, const struct sess_params *p, const struct model *m)
{
	const size_t len = p->aad_len;

	if (p->order != SESS_AEAD || len == 0)
		return 0;
	t->aad = rte_malloc(NULL, p->aead->aad_skip + len + GUARD, 0);
	if (t->aad == NULL)
		return -ENOMEM;
	memset(t->aad, GUARD_BYTE, p->aead->aad_skip + len + GUARD);
	memcpy(t->aad + p->aead->aad_skip, m->aad, len);
	return 0;
}

static void
spoil(struct rte_crypto_op *op, const struct sess_plan *s, const struct op_plan *p)
{
	struct rte_crypto_sym_op *const sym = op->sym;
	const bool aead = s->p.order == SESS_AEAD;

	switch (p->bad) {
	case BAD_NO_SESSION:
		sym->session = NULL;
		break;
	case BAD_TYPE:
		op->type = RTE_CRYPTO_OP_TYPE_UNDEFINED;
		break;
	case BAD_NO_SRC:
		sym->m_src = NULL;
		break;
	case BAD_NO_DIGEST:
		if (aead)
			sym->aead.digest.data = NULL;
		else
			sym->auth.digest.data = NULL;
		break;
	case BAD_NO_AAD:
		sym->aead.aad.data = NULL;
		break;
	case BAD_BITS:
		if (s->p.auth != NULL && ref_auth_bits(s->p.auth))
			sym->auth.data.length++;
		else
			sym->cipher.data.offset++;
		break;
	default:
		break;
	}
}

static void
fill(struct trial *t, const struct sess_plan *s, const struct op_plan *p, void *session,
		struct rte_crypto_sym_xform *xform, rte_iova_t digest_iova)
{
	const struct sess_params *const sp = &s->p;
	const uint32_t cipher_scale = sp->cipher != NULL && ref_cipher_bits(sp->cipher) ? 8 : 1;
	const uint32_t auth_scale = sp->auth != NULL && ref_auth_bits(sp->auth) ? 8 : 1;
	struct rte_crypto_sym_op *const sym = t->op->sym;

	/* Fields that the session does not need hold nonsense, as in an op that is used again. */
	memset(sym, 0x5a, sizeof(*sym));
	t->op->status = RTE_CRYPTO_OP_STATUS_NOT_PROCESSED;
	t->op->reserved[RAW_MARK_AT] = p->raw ? RAW_MARK : 0;
	t->op->sess_type = xform != NULL ? RTE_CRYPTO_OP_SESSIONLESS : RTE_CRYPTO_OP_WITH_SESSION;
	if (xform != NULL)
		sym->xform = xform;
	else
		sym->session = session;
	sym->m_src = t->m_src;
	sym->m_dst = t->m_dst;
	if (sp->order == SESS_AEAD) {
		sym->aead.data.offset = p->cipher.off;
		sym->aead.data.length = p->cipher.len;
		sym->aead.digest.data = t->digest;
		sym->aead.digest.phys_addr = digest_iova;
		if (t->aad != NULL) {
			sym->aead.aad.data = t->aad;
			sym->aead.aad.phys_addr = rte_malloc_virt2iova(t->aad);
		}
	} else if (sp->order != SESS_AUTH) {
		sym->cipher.data.offset = p->cipher.off * cipher_scale;
		sym->cipher.data.length = p->cipher.len * cipher_scale;
	}
	/* Of NULL auth nothing is looked at. */
	if (sp->auth != NULL && sp->digest_len != 0) {
		sym->auth.data.offset = p->auth.off * auth_scale;
		sym->auth.data.length = p->auth.len * auth_scale;
		sym->auth.digest.data = t->digest;
		sym->auth.digest.phys_addr = digest_iova;
	}
	spoil(t->op, s, p);
}

int
trial_init(struct trial *t, const struct sess_plan *s, const struct op_plan *p,
		const struct model *m, void *session, struct rte_crypto_sym_xform *xform,
		void *owner)
{
	const unsigned int skip = s->p.aead != NULL ? s->p.aead->iv_skip : 0;
	const uint16_t iv_len = s->p.aead != NULL && s->p.iv_len == 0 ? REF_J0_LEN : s->p.iv_len;
	uint8_t *private;
	rte_iova_t iova = 0;
	int ret;

	memset(t, 0, sizeof(*t));
	t->op = rte_crypto_op_alloc(pools.ops, RTE_CRYPTO_OP_TYPE_SYMMETRIC);
	t->m_src = packet(m->src, &p->src);
	if (p->oop)
		t->m_dst = packet(m->dst, &p->dst);
	if (t->op == NULL || t->m_src == NULL || (p->oop && t->m_dst == NULL))
		return -ENOMEM;
	ret = make_digest(t, p, m, &iova);
	if (ret == 0)
		ret = make_aad(t, &s->p, m);
	if (ret != 0)
		return ret;
	fill(t, s, p, session, xform, iova);
	private = (uint8_t *)t->op + TRIAL_IV_BASE;
	memset(private, GUARD_BYTE, PRIVATE_IV);
	/* GMAC's IV of no length is a first counter block, too. */
	memcpy(private + s->iv_offset + skip, m->iv,
			iv_len == 0 ? REF_MAX_IV : RTE_MIN(iv_len, REF_MAX_IV));
	memcpy(t->private_before, private, PRIVATE_IV);
	memcpy(private + PRIVATE_IV, &owner, sizeof(owner));
	return 0;
}

void
trial_fini(struct trial *t)
{
	rte_pktmbuf_free(t->m_src);
	rte_pktmbuf_free(t->m_dst);
	if (t->op != NULL)
		rte_crypto_op_free(t->op);
	rte_free(t->outside);
	rte_free(t->aad);
	memset(t, 0, sizeof(*t));
}

/* ---- Comparison ---- */

static bool
check_packet(const char *what, const struct rte_mbuf *m, const struct layout *l,
		const uint8_t *want, const struct range *any, char *why, size_t why_len)
{
	uint32_t at = 0, i;
	unsigned int n;

	for (n = 0; n < l->nb; n++, m = m->next) {
		const uint8_t *p;

		if (m == NULL || m->data_len != l->seg[n]) {
			snprintf(why, why_len, "the %s has other segments", what);
			return false;
		}
		p = rte_pktmbuf_mtod(m, const uint8_t *);
		if (memcmp(p, want + at, m->data_len) != 0) {
			for (i = 0; i < m->data_len; i++) {
				if (p[i] == want[at + i] ||
						(at + i >= any->off && at + i < range_end(any)))
					continue;
				snprintf(why, why_len, "byte %u of the %s (%u of segment %u) is"
					" %02x, not %02x", at + i, what, i, n, p[i], want[at + i]);
				return false;
			}
		}
		for (i = 1; i <= RTE_MIN(m->data_off, GUARD); i++) {
			if (p[-(int)i] != GUARD_BYTE) {
				snprintf(why, why_len, "byte %u before segment %u of the %s was"
					" written", i, n, what);
				return false;
			}
		}
		for (i = 0; i < (l->tight[n] ? 0 : GUARD); i++) {
			if (p[m->data_len + i] != GUARD_BYTE) {
				snprintf(why, why_len, "byte %u behind segment %u of the %s was"
					" written", i + 1, n, what);
				return false;
			}
		}
		at += m->data_len;
	}
	return true;
}

static bool
check_guards(const char *what, const uint8_t *p, uint32_t len, char *why, size_t why_len)
{
	uint32_t i;

	for (i = 0; i < len; i++) {
		if (p[i] != GUARD_BYTE) {
			snprintf(why, why_len, "byte %u %s was written", i, what);
			return false;
		}
	}
	return true;
}

static bool
check_digest(const struct trial *t, const struct model *m, char *why, size_t why_len)
{
	unsigned int i;

	if (t->outside == NULL)
		return true;
	for (i = 0; i < sizeof(m->digest_after); i++) {
		if (t->digest[i] != m->digest_after[i]) {
			snprintf(why, why_len, "byte %u from the digest's start is %02x, not"
				" %02x", i, t->digest[i], m->digest_after[i]);
			return false;
		}
	}
	return check_guards("of the guard before the digest", t->outside, GUARD, why, why_len) &&
		check_guards("of the guard behind the digest", t->digest + REF_MAX_DIGEST, GUARD,
			why, why_len);
}

static bool
check_aad(const struct trial *t, const struct sess_params *p, const struct model *m, bool strict,
		char *why, size_t why_len)
{
	const uint8_t *at;

	if (t->aad == NULL)
		return true;
	at = t->aad + p->aead->aad_skip;
	if (memcmp(at, m->aad, p->aad_len) != 0) {
		snprintf(why, why_len, "the AAD was written");
		return false;
	}
	/* The API lets a driver write there, and round CCM's up to whole blocks behind it. */
	return !strict || (check_guards("of what stands before the AAD", t->aad,
			p->aead->aad_skip, why, why_len) &&
		check_guards("behind the AAD", at + p->aad_len, GUARD, why, why_len));
}

bool
trial_check(const struct trial *t, const struct sess_plan *s, const struct op_plan *p,
		const struct model *m, bool strict, char *why, size_t why_len)
{
	static const struct range none;

	if (t->op->status != m->status) {
		snprintf(why, why_len, "status %u, not %u", t->op->status, m->status);
		return false;
	}
	if (p->bad != BAD_NO_SRC && t->op->sym->m_src != t->m_src) {
		snprintf(why, why_len, "the op has another packet");
		return false;
	}
	if (!check_packet(p->oop ? "source" : "packet", t->m_src, &p->src, m->src_after,
			p->oop ? &none : &m->any, why, why_len))
		return false;
	if (p->oop && !check_packet("destination", t->m_dst, &p->dst, m->dst_after, &m->any, why,
			why_len))
		return false;
	if (strict && memcmp((const uint8_t *)t->op + TRIAL_IV_BASE, t->private_before,
			sizeof(t->private_before)) != 0) {
		snprintf(why, why_len, "the IV or what is around it was written");
		return false;
	}
	return check_digest(t, m, why, why_len) && check_aad(t, &s->p, m, strict, why, why_len);
}
