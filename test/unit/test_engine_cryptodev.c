/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The cryptodev engine over the software drivers of the installed DPDK, against the libcrypto
 * engine: each algorithm, key size and digest length that both take, in both directions, orders
 * and layouts, with random data, lengths and offsets. What the cryptodev engine does alone must
 * be the same, and with libcrypto behind it in a list it must be the same without exception.
 *
 * Seeds are printed; VCRYPTO_TEST_SEED repeats a run.
 */

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "unit_eal.h"

#include <rte_bus_vdev.h>
#include <rte_cryptodev.h>
#include <rte_log.h>

#include "engine_cryptodev.h"

#define NB_QUEUES 2
#define MAX_SESSIONS 64
#define BURST 24 /* operations of a session that are compared at a time */
#define ROOM (1 << 17)
#define GUARD 0xa5

static const char *const drivers[] = {"crypto_aesni_mb", "crypto_aesni_gcm", "crypto_openssl",
		"crypto_snow3g", "crypto_zuc", "crypto_kasumi", "crypto_chacha20_poly1305"};

#define NB_DRIVERS RTE_DIM(drivers)

static char device_name[NB_DRIVERS][32];
static int device_id[NB_DRIVERS]; /* -1: this DPDK has it not */

/* Of each side, the one tested and the one that it is compared with. */
struct side {
	struct vhc_engine_op op;
	struct vhc_seg src, dst;
	uint8_t *mem; /* source and, out of place, destination behind it */
	uint8_t iv[VHC_IV_MAX_LEN];
	uint8_t digest[VHC_DIGEST_MAX_LEN + 16];
};

struct job {
	struct side side[2];
	uint8_t *aad;
	bool out_of_place;
};

struct jobs {
	struct job job[BURST];
	uint64_t rng;
	unsigned int nb_refused; /* came back with NOTSUPP */
	unsigned int nb_done;
};

static uint64_t seed;

static uint32_t
rnd(uint64_t *rng)
{
	*rng = *rng * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*rng >> 33);
}

static uint32_t
below(uint64_t *rng, uint32_t end)
{
	return end != 0 ? rnd(rng) % end : 0;
}

static void
fill(uint64_t *rng, uint8_t *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		p[i] = (uint8_t)rnd(rng);
}

static void
jobs_init(struct jobs *j, const struct vhc_engine *tested, const struct vhc_engine *ref)
{
	const struct vhc_engine *e[2] = {tested, ref};
	unsigned int i, k;
	size_t len;

	memset(j, 0, sizeof(*j));
	j->rng = seed;
	for (i = 0; i < BURST; i++) {
		j->job[i].aad = malloc(VHC_KEY_MAX_LEN);
		for (k = 0; k < 2; k++) {
			len = RTE_ALIGN_CEIL(e[k]->ops->op_priv_len + 1, 64);
			j->job[i].side[k].op.priv = aligned_alloc(64, len);
			memset(j->job[i].side[k].op.priv, 0, len);
			j->job[i].side[k].mem = malloc(2 * ROOM);
		}
	}
}

static void
jobs_fini(struct jobs *j)
{
	unsigned int i, k;

	for (i = 0; i < BURST; i++) {
		free(j->job[i].aad);
		for (k = 0; k < 2; k++) {
			free(j->job[i].side[k].op.priv);
			free(j->job[i].side[k].mem);
		}
	}
}

/* Give each operation of one side to an engine's queue, and wait for all. */
static void
run(struct jobs *j, unsigned int side, struct vhc_engine *e, uint16_t queue)
{
	struct vhc_engine_op *ops[BURST], *back[BURST];
	unsigned int i, sent = 0, done = 0;
	uint16_t n;

	for (i = 0; i < BURST; i++) {
		ops[i] = &j->job[i].side[side].op;
		ops[i]->status = 0xee;
	}
	while (done < BURST) {
		sent += e->ops->enqueue(e, queue, ops + sent, BURST - sent);
		n = e->ops->dequeue(e, queue, back, BURST);
		for (i = 0; i < n; i++)
			assert_int_not_equal(back[i]->status, 0xee);
		done += n;
	}
	assert_int_equal(sent, BURST);
	assert_int_equal(e->ops->dequeue(e, queue, back, BURST), 0);
}

/* Data that most algorithms take, and some that none or few do. */
static uint32_t
random_len(uint64_t *rng, uint32_t block)
{
	switch (below(rng, 24)) {
	case 0:
		return 0;
	case 1:
		return 1 + below(rng, 2 * block);
	case 2:
		return block * (1 + below(rng, ROOM / block - 1));
	case 3:
		return block * (1 + below(rng, 8000 / block));
	case 4:
		return 1 + below(rng, 4000);
	default:
		return block * (1 + below(rng, 1000 / block));
	}
}

static void
random_ranges(uint64_t *rng, struct vhc_engine_op *op, const struct vhc_sym_params *p,
		uint32_t block)
{
	uint32_t extra;

	op->cipher_off = 0;
	op->cipher_len = random_len(rng, block);
	op->hash_off = 0;
	op->len = op->cipher_len;
	op->hash_len = op->len;
	if (p->kind != VHC_SYM_CHAIN)
		return;
	switch (below(rng, 3)) {
	case 0: /* as IPsec has it: a header that is hashed only */
		op->cipher_off = below(rng, 32);
		op->len += op->cipher_off;
		op->hash_len = op->len;
		break;
	case 1: /* ranges have nothing to do with each other */
		op->cipher_off = below(rng, 100);
		extra = below(rng, 100);
		op->len = RTE_MIN(op->cipher_off + op->cipher_len + extra, (uint32_t)ROOM);
		op->cipher_len = RTE_MIN(op->cipher_len, op->len - op->cipher_off);
		op->hash_off = below(rng, op->len);
		op->hash_len = below(rng, op->len - op->hash_off + 1);
		break;
	default: /* one range */
		break;
	}
}

static void
set_data(struct side *s, const struct vhc_sym_params *p, bool out_of_place, const uint8_t *data,
		uint64_t dst_seed)
{
	struct vhc_engine_op *op = &s->op;

	memset(s->mem, GUARD, 2 * ROOM);
	s->src.base = s->mem + 64;
	s->src.len = op->len;
	s->dst = s->src;
	memcpy(s->src.base, data, op->len);
	if (out_of_place) {
		s->dst.base = s->mem + ROOM + 128;
		memcpy(s->dst.base, data, op->len);
		fill(&dst_seed, s->dst.base + op->cipher_off, op->cipher_len);
	}
	op->src = &s->src;
	op->dst = &s->dst;
	op->nb_src = 1;
	op->nb_dst = p->kind != VHC_SYM_HASH && p->kind != VHC_SYM_MAC;
	op->iv = s->iv;
	memset(s->digest, GUARD, sizeof(s->digest));
	op->digest = p->kind != VHC_SYM_CIPHER ? s->digest : NULL;
}

static void
random_aead(uint64_t *rng, struct vhc_engine_op *op, const struct vhc_sym_params *p)
{
	op->aad_len = below(rng, 4) != 0 ? p->aad_len : below(rng, 64);
	op->iv_len = 12;
	if (below(rng, 4) == 0)
		op->iv_len = (uint8_t)(p->aead_algo == VIRTIO_CRYPTO_AEAD_CCM ?
				7 + below(rng, 7) : 1 + below(rng, 16));
}

static void
random_job(struct jobs *j, struct job *job, const struct vhc_sym_params *p, uint8_t iv_len,
		uint32_t block, uint8_t *data)
{
	struct vhc_engine_op *op = &job->side[0].op, *other = &job->side[1].op;
	uint64_t dst_seed;

	random_ranges(&j->rng, op, p, block);
	op->len = RTE_MIN(op->len, (uint32_t)ROOM - 256);
	op->cipher_len = RTE_MIN(op->cipher_len, op->len - op->cipher_off);
	op->hash_off = RTE_MIN(op->hash_off, op->len);
	op->hash_len = RTE_MIN(op->hash_len, op->len - op->hash_off);
	op->iv_len = iv_len;
	op->aad_len = 0;
	op->aad = NULL;
	if (p->kind == VHC_SYM_AEAD) {
		random_aead(&j->rng, op, p);
		fill(&j->rng, job->aad, op->aad_len);
		op->aad = op->aad_len != 0 ? job->aad : NULL;
	}
	job->out_of_place = below(&j->rng, 2) == 0;
	fill(&j->rng, job->side[0].iv, VHC_IV_MAX_LEN);
	/* Counters that end within the data. */
	if (below(&j->rng, 8) == 0)
		memset(job->side[0].iv + below(&j->rng, 12), 0xff, 4);
	if (below(&j->rng, 8) == 0)
		memset(job->side[0].iv, 0xff, VHC_IV_MAX_LEN);
	memcpy(job->side[1].iv, job->side[0].iv, VHC_IV_MAX_LEN);
	other->len = op->len;
	other->cipher_off = op->cipher_off;
	other->cipher_len = op->cipher_len;
	other->hash_off = op->hash_off;
	other->hash_len = op->hash_len;
	other->iv_len = op->iv_len;
	other->aad = op->aad;
	other->aad_len = op->aad_len;
	fill(&j->rng, data, op->len);
	dst_seed = j->rng;
	set_data(&job->side[0], p, job->out_of_place, data, dst_seed);
	set_data(&job->side[1], p, job->out_of_place, data, dst_seed);
}

static void
compare_job(struct jobs *j, const struct job *job, const struct vhc_sym_params *p, bool list)
{
	const struct vhc_engine_op *op = &job->side[0].op, *ref = &job->side[1].op;

	if (op->status == VIRTIO_CRYPTO_NOTSUPP && !list) {
		j->nb_refused++;
		return;
	}
	j->nb_done++;
	if (op->status != ref->status)
		fail_msg("status %u instead of %u: %u bytes, cipher %u+%u, hash %u+%u", op->status,
				ref->status, op->len, op->cipher_off, op->cipher_len, op->hash_off,
				op->hash_len);
	if (op->status != VIRTIO_CRYPTO_OK)
		return;
	if (p->kind != VHC_SYM_HASH && p->kind != VHC_SYM_MAC &&
			memcmp(job->side[0].mem, job->side[1].mem, 2 * ROOM) != 0)
		fail_msg("other data: %u bytes, cipher %u+%u, hash %u+%u, %s place", op->len,
				op->cipher_off, op->cipher_len, op->hash_off, op->hash_len,
				job->out_of_place ? "out of" : "in");
	if (memcmp(job->side[0].digest, job->side[1].digest, sizeof(job->side[0].digest)) != 0)
		fail_msg("other digest: %u bytes, cipher %u+%u, hash %u+%u, %s place", op->len,
				op->cipher_off, op->cipher_len, op->hash_off, op->hash_len,
				job->out_of_place ? "out of" : "in");
}

static uint32_t
block_of(const struct vhc_sym_params *p)
{
	int row;

	if (p->kind != VHC_SYM_CIPHER && p->kind != VHC_SYM_CHAIN)
		return 1;
	row = vhc_algos_find_cipher(p->cipher_algo);
	return row >= 0 ? vhc_algos_cipher[row].block : 1;
}

/* Encrypt with the reference engine, so that there is something to decrypt. */
static void
make_tags(struct jobs *j, const struct vhc_sym_params *p, struct vhc_engine *ref, uint16_t queue)
{
	struct vhc_sym_params enc = *p;
	struct side *s, *o;
	void *session;
	unsigned int i;

	enc.encrypt = true;
	assert_int_equal(ref->ops->session_create(ref, &enc, &session), 0);
	for (i = 0; i < BURST; i++)
		j->job[i].side[1].op.session = session;
	run(j, 1, ref, queue);
	ref->ops->session_destroy(ref, session);
	for (i = 0; i < BURST; i++) {
		s = &j->job[i].side[1];
		o = &j->job[i].side[0];
		memcpy(s->src.base, s->dst.base, s->op.len);
		if (below(&j->rng, 4) == 0)
			s->digest[below(&j->rng, p->digest_len)] ^= 1 << below(&j->rng, 8);
		memcpy(o->mem, s->mem, 2 * ROOM);
		memcpy(o->digest, s->digest, sizeof(s->digest));
	}
}

/* One session's worth: sessions are made by the caller. */
static void
compare_burst(struct jobs *j, const struct vhc_sym_params *p, struct vhc_engine *e, void *session,
		struct vhc_engine *ref, void *ref_session, uint16_t queue, bool list)
{
	int iv_len = e->ops->check(e, p);
	uint8_t *data = malloc(ROOM);
	unsigned int i;

	for (i = 0; i < BURST; i++)
		random_job(j, &j->job[i], p, (uint8_t)iv_len, block_of(p), data);
	free(data);
	if (p->kind == VHC_SYM_AEAD && !p->encrypt)
		make_tags(j, p, ref, queue);
	for (i = 0; i < BURST; i++) {
		j->job[i].side[0].op.session = session;
		j->job[i].side[1].op.session = ref_session;
	}
	run(j, 0, e, queue);
	run(j, 1, ref, queue);
	for (i = 0; i < BURST; i++)
		compare_job(j, &j->job[i], p, list);
}

/* @return whether both engines take such sessions, and do the same. */
static bool
compare(struct jobs *j, const struct vhc_sym_params *p, struct vhc_engine *e,
		struct vhc_engine *ref, bool list)
{
	void *session, *ref_session;
	int ret = e->ops->check(e, p);

	/* That one engine is stricter is no fault: nothing of it reaches a guest. */
	if (ret < 0 || ref->ops->check(ref, p) < 0)
		return false;
	assert_int_equal(ref->ops->check(ref, p), ret);
	assert_int_equal(e->ops->session_create(e, p, &session), 0);
	assert_int_equal(ref->ops->session_create(ref, p, &ref_session), 0);
	compare_burst(j, p, e, session, ref, ref_session, 0, list);
	e->ops->session_destroy(e, session);
	ref->ops->session_destroy(ref, ref_session);
	return true;
}

/* --- All sessions that there can be --- */

static const uint16_t key_lens[] = {8, 16, 24, 32, 48, 64, 65, 128, 129, 200};
static const uint8_t digest_lens[] = {1, 4, 8, 10, 12, 13, 16, 20, 28, 32, 48, 64};

struct each {
	struct jobs jobs;
	struct vhc_engine *e, *ref;
	bool list;
	uint8_t key[VHC_KEY_MAX_LEN], auth_key[VHC_KEY_MAX_LEN];
	unsigned int nb; /* sessions that both took */
	uint64_t ciphers, macs, hashes, aeads; /* which algorithms */
};

static bool
each_one(struct each *t, struct vhc_sym_params *p)
{
	bool both;

	/* Keys are made of a few bytes: a weak DES key, say, is as good as any. */
	fill(&t->jobs.rng, t->key, sizeof(t->key));
	fill(&t->jobs.rng, t->auth_key, sizeof(t->auth_key));
	p->key = t->key;
	p->auth_key = t->auth_key;
	both = compare(&t->jobs, p, t->e, t->ref, t->list);
	t->nb += both;
	return both;
}

static void
each_cipher(struct each *t)
{
	struct vhc_sym_params p = {.kind = VHC_SYM_CIPHER};
	unsigned int k;

	for (p.cipher_algo = 0; p.cipher_algo < 20; p.cipher_algo++) {
		for (k = 0; k < RTE_DIM(key_lens); k++) {
			p.key_len = key_lens[k];
			p.encrypt = true;
			if (each_one(t, &p))
				t->ciphers |= UINT64_C(1) << p.cipher_algo;
			p.encrypt = false;
			each_one(t, &p);
		}
	}
}

/* Each hash and MAC with a cipher that varies, each cipher with some hash or MAC. */
static void
each_chain(struct each *t)
{
	struct vhc_sym_params p = {.kind = VHC_SYM_CHAIN};
	unsigned int i, k, d;

	for (i = 0; i < 120; i++) {
		p.mac = i < 60;
		p.auth_algo = i % 60;
		for (d = 0; d < RTE_DIM(digest_lens); d++) {
			p.digest_len = digest_lens[d];
			p.hash_first = below(&t->jobs.rng, 2);
			p.encrypt = below(&t->jobs.rng, 2);
			p.cipher_algo = below(&t->jobs.rng, 2) ? VIRTIO_CRYPTO_CIPHER_AES_CBC
							       : VIRTIO_CRYPTO_CIPHER_AES_CTR;
			p.key_len = 16 + 8 * below(&t->jobs.rng, 3);
			p.auth_key_len = key_lens[below(&t->jobs.rng, RTE_DIM(key_lens))];
			if (below(&t->jobs.rng, 2) != 0)
				p.auth_key_len = 16;
			if (!p.mac)
				p.auth_key_len = 0;
			if (each_one(t, &p)) {
				if (p.mac)
					t->macs |= UINT64_C(1) << p.auth_algo;
				else
					t->hashes |= UINT64_C(1) << p.auth_algo;
			}
		}
	}
	p.mac = true;
	p.auth_key_len = 20;
	p.digest_len = 12;
	for (p.cipher_algo = 0; p.cipher_algo < 20; p.cipher_algo++) {
		for (k = 0; k < RTE_DIM(key_lens); k++) {
			for (i = 0; i < 4; i++) {
				p.key_len = key_lens[k];
				p.auth_algo = below(&t->jobs.rng, 2) ? VIRTIO_CRYPTO_MAC_HMAC_SHA1
						: VIRTIO_CRYPTO_MAC_HMAC_SHA_256;
				p.hash_first = (i & 1) != 0;
				p.encrypt = (i & 2) != 0;
				each_one(t, &p);
			}
		}
	}
}

static void
each_auth(struct each *t, enum vhc_sym_kind kind)
{
	struct vhc_sym_params p = {.kind = kind, .mac = kind == VHC_SYM_MAC};
	unsigned int k, d;

	for (p.auth_algo = 0; p.auth_algo < 60; p.auth_algo++) {
		for (d = 0; d < RTE_DIM(digest_lens); d++) {
			p.digest_len = digest_lens[d];
			for (k = 0; k < (kind == VHC_SYM_MAC ? RTE_DIM(key_lens) : 1); k++) {
				p.auth_key_len = p.mac ? key_lens[k] : 0;
				if (!each_one(t, &p))
					continue;
				if (p.mac)
					t->macs |= UINT64_C(1) << p.auth_algo;
				else
					t->hashes |= UINT64_C(1) << p.auth_algo;
			}
		}
	}
}

static void
each_aead(struct each *t)
{
	static const uint8_t aad_lens[] = {0, 8, 13, 46, 64};
	struct vhc_sym_params p = {.kind = VHC_SYM_AEAD};
	unsigned int k, d, i;

	for (p.aead_algo = 0; p.aead_algo < 6; p.aead_algo++) {
		for (k = 0; k < RTE_DIM(key_lens); k++) {
			for (d = 0; d < RTE_DIM(digest_lens); d++) {
				for (i = 0; i < 2; i++) {
					p.key_len = key_lens[k];
					p.digest_len = digest_lens[d];
					p.aad_len = aad_lens[below(&t->jobs.rng,
							RTE_DIM(aad_lens))];
					p.encrypt = i != 0;
					if (each_one(t, &p))
						t->aeads |= UINT64_C(1) << p.aead_algo;
				}
			}
		}
	}
}

static void
each_init(struct each *t, struct vhc_engine *e, struct vhc_engine *ref, bool list)
{
	memset(t, 0, sizeof(*t));
	t->e = e;
	t->ref = ref;
	t->list = list;
	jobs_init(&t->jobs, e, ref);
}

static void
each_run(struct each *t)
{
	each_cipher(t);
	each_chain(t);
	each_auth(t, VHC_SYM_HASH);
	each_auth(t, VHC_SYM_MAC);
	each_aead(t);
	jobs_fini(&t->jobs);
}

static int
device(const char *name)
{
	unsigned int i;

	for (i = 0; i < NB_DRIVERS; i++) {
		if (strcmp(drivers[i], name) == 0)
			return device_id[i];
	}
	return -1;
}

/* --- Tests --- */

/* How a driver is run. */
struct manner {
	const char *name;
	unsigned int flags; /* VHC_CD_FORCE_* */
	bool full;          /* takes but some operations at a time, or none */
	bool main_only;     /* the two drivers that have most */
};

static uint16_t (*real_enqueue)(void *qp, struct rte_crypto_op **ops, uint16_t nb);
static uint64_t full_rng;
static bool full_dma;

static bool
dma_address(const void *p, rte_iova_t iova)
{
	return rte_mem_virt2iova(p) == iova;
}

/* Whether all that a device would read or write has an address for it. */
static bool
for_dma(const struct rte_crypto_op *op)
{
	const struct rte_crypto_sym_op *sym = op->sym;
	const struct vhc_cd_op *c = container_of(op, struct vhc_cd_op, op);
	const struct vhc_cd_session *s = c->owner->session;

	if (!dma_address(op, op->phys_addr) || sym->m_dst != NULL ||
			!dma_address(sym->m_src->buf_addr, sym->m_src->buf_iova))
		return false;
	if (s->shape == VHC_CD_AEAD)
		return dma_address(sym->aead.digest.data, sym->aead.digest.phys_addr) &&
				dma_address(sym->aead.aad.data, sym->aead.aad.phys_addr);
	return sym->auth.data.length == 0 ||
			dma_address(sym->auth.digest.data, sym->auth.digest.phys_addr);
}

static uint16_t
enqueue_some(void *qp, struct rte_crypto_op **ops, uint16_t nb)
{
	uint16_t n = (uint16_t)below(&full_rng, nb + 1u), i;

	for (i = 0; i < n && full_dma; i++)
		assert_true(for_dma(ops[i]));
	return n != 0 ? real_enqueue(qp, ops, n) : 0;
}

static void
run_alone(const struct manner *m, unsigned int driver, struct vhc_engine *ref)
{
	struct vhc_engine_caps caps, lc;
	struct vhc_engine *e;
	struct each t;
	uint32_t extra;

	ref->ops->caps(ref, &lc);
	e = vhc_engine_cryptodev_create_flags((uint8_t)device_id[driver], NB_QUEUES, MAX_SESSIONS,
			m->flags);
	assert_non_null(e);
	if (m->full) {
		full_rng = seed;
		full_dma = (m->flags & VHC_CD_FORCE_BOUNCE) != 0;
		real_enqueue = rte_crypto_fp_ops[device_id[driver]].enqueue_burst;
		rte_crypto_fp_ops[device_id[driver]].enqueue_burst = enqueue_some;
	}
	e->ops->caps(e, &caps);
	extra = ((struct vhc_cd_engine *)e)->extra_left;
	each_init(&t, e, ref, false);
	each_run(&t);
	/* All that sessions took is there again. */
	assert_int_equal(((struct vhc_cd_engine *)e)->extra_left, extra);
	assert_int_equal(((struct vhc_cd_engine *)e)->sessions_left, MAX_SESSIONS);
	assert_true(rte_mempool_full(((struct vhc_cd_engine *)e)->pool));
	print_message("# %s%s: %u sessions, %u operations, %u refused\n", drivers[driver], m->name,
			t.nb, t.jobs.nb_done, t.jobs.nb_refused);
	/* No more than the random shapes that are meant for others. */
	assert_true(t.jobs.nb_done > t.jobs.nb_refused);
	/* Every algorithm that is in the masks of both was tested. */
	assert_int_equal(t.ciphers, caps.cipher_algo & lc.cipher_algo);
	assert_int_equal(t.macs, caps.mac_algo & (lc.chain_mac_algo | lc.mac_algo));
	assert_int_equal(t.hashes, caps.hash_algo & (lc.chain_hash_algo | lc.hash_algo));
	assert_int_equal(t.aeads, caps.aead_algo & lc.aead_algo);
	e->ops->destroy(e);
}

/* Each driver alone: what it does is right, and it does most of what it takes. */
static void
test_alone(void **state)
{
	struct vhc_engine *ref = vhc_engine_libcrypto_create(NB_QUEUES);
	const struct manner *m = *state;
	unsigned int i;

	assert_non_null(ref);
	for (i = 0; i < NB_DRIVERS; i++) {
		if (device_id[i] >= 0 && (!m->main_only || i == 0 || i == 2))
			run_alone(m, i, ref);
	}
	ref->ops->destroy(ref);
}

/* What a driver says of an operation, and what becomes of it. */
static uint8_t told;

static uint16_t
tell(void *qp, struct rte_crypto_op **ops, uint16_t nb)
{
	uint16_t n = real_enqueue(qp, ops, nb), i;

	for (i = 0; i < n; i++)
		ops[i]->status = told;
	return n;
}

static void
test_status(void **state)
{
	static const struct {
		uint8_t of_driver, of_engine;
	} cases[] = {
		{RTE_CRYPTO_OP_STATUS_SUCCESS, VIRTIO_CRYPTO_OK},
		{RTE_CRYPTO_OP_STATUS_AUTH_FAILED, VIRTIO_CRYPTO_BADMSG},
		{RTE_CRYPTO_OP_STATUS_NOT_PROCESSED, VIRTIO_CRYPTO_ERR},
		{RTE_CRYPTO_OP_STATUS_INVALID_SESSION, VIRTIO_CRYPTO_ERR},
		{RTE_CRYPTO_OP_STATUS_INVALID_ARGS, VIRTIO_CRYPTO_ERR},
		{RTE_CRYPTO_OP_STATUS_ERROR, VIRTIO_CRYPTO_ERR},
	};
	uint8_t key[32] = {1}, data[64] = {2}, iv[VHC_IV_MAX_LEN] = {3}, digest[VHC_DIGEST_MAX_LEN];
	struct vhc_sym_params p = {.kind = VHC_SYM_CHAIN, .key = key, .auth_key = key,
			.cipher_algo = VIRTIO_CRYPTO_CIPHER_AES_CBC, .key_len = 16, .mac = true,
			.auth_algo = VIRTIO_CRYPTO_MAC_HMAC_SHA1, .auth_key_len = 20,
			.digest_len = 12};
	struct vhc_seg seg = {data, sizeof(data)};
	struct vhc_engine_op op = {.src = &seg, .dst = &seg, .nb_src = 1, .nb_dst = 1,
			.len = sizeof(data), .cipher_len = sizeof(data), .hash_len = sizeof(data),
			.iv = iv, .iv_len = 16, .digest = digest};
	struct vhc_engine_op *ops = &op;
	struct vhc_engine *e;
	unsigned int i, k;
	uint8_t id;

	(void)state;
	if (device("crypto_openssl") < 0)
		skip();
	id = (uint8_t)device("crypto_openssl");
	e = vhc_engine_cryptodev_create(id, 1, 1);
	assert_non_null(e);
	op.priv = aligned_alloc(64, RTE_ALIGN_CEIL(e->ops->op_priv_len, 64));
	memset(op.priv, 0, e->ops->op_priv_len);
	assert_int_equal(e->ops->session_create(e, &p, &op.session), 0);
	/* This driver works within enqueue, so that what is told afterwards is the last word. */
	real_enqueue = rte_crypto_fp_ops[id].enqueue_burst;
	rte_crypto_fp_ops[id].enqueue_burst = tell;
	for (i = 0; i < RTE_DIM(cases); i++) {
		told = cases[i].of_driver;
		assert_int_equal(e->ops->enqueue(e, 0, &ops, 1), 1);
		for (k = 0; e->ops->dequeue(e, 0, &ops, 1) == 0; k++)
			assert_true(k < 1000);
		assert_int_equal(op.status, cases[i].of_engine);
	}
	e->ops->session_destroy(e, op.session);
	e->ops->destroy(e);
	free(op.priv);
}

/* All drivers and libcrypto in a list: nothing that libcrypto does comes out otherwise. */
static struct vhc_engine *
make_list(void)
{
	struct vhc_engine *e[NB_DRIVERS + 1], *list;
	unsigned int i, nb = 0;

	for (i = 0; i < NB_DRIVERS; i++) {
		if (device_id[i] >= 0)
			e[nb++] = vhc_engine_cryptodev_create(
					(uint8_t)device_id[i], NB_QUEUES, MAX_SESSIONS);
	}
	e[nb++] = vhc_engine_libcrypto_create(NB_QUEUES);
	for (i = 0; i < nb; i++)
		assert_non_null(e[i]);
	list = vhc_engine_list_create(e, nb);
	assert_non_null(list);
	return list;
}

static void
test_list(void **state)
{
	struct vhc_engine *ref = vhc_engine_libcrypto_create(NB_QUEUES), *list = make_list();
	struct each t;

	(void)state;
	each_init(&t, list, ref, true);
	each_run(&t);
	print_message("# %u sessions, %u operations\n", t.nb, t.jobs.nb_done);
	assert_int_equal(t.jobs.nb_refused, 0);
	list->ops->destroy(list);
	ref->ops->destroy(ref);
}

/* The main job's chain runs in the device in both directions, split where it must be. */
static void
test_main_chain(void **state)
{
	struct vhc_sym_params p = {.kind = VHC_SYM_CHAIN,
			.cipher_algo = VIRTIO_CRYPTO_CIPHER_AES_CBC,
			.mac = true,
			.auth_algo = VIRTIO_CRYPTO_MAC_HMAC_SHA1,
			.key_len = 16,
			.auth_key_len = 20};
	struct vhc_engine *e, *ref = vhc_engine_libcrypto_create(1);
	uint8_t key[32];
	struct each t;
	unsigned int i;

	(void)state;
	if (device("crypto_aesni_mb") < 0)
		skip();
	e = vhc_engine_cryptodev_create((uint8_t)device("crypto_aesni_mb"), 1, MAX_SESSIONS);
	assert_non_null(e);
	memset(key, 7, sizeof(key));
	p.key = p.auth_key = key;
	each_init(&t, e, ref, false);
	for (i = 0; i < 4 * 8; i++) {
		p.encrypt = (i & 1) != 0;
		p.hash_first = (i & 2) != 0;
		p.digest_len = (i & 4) != 0 ? 20 : 12;
		assert_true(compare(&t.jobs, &p, e, ref, false));
	}
	assert_true(t.jobs.nb_refused * 3 < t.jobs.nb_done);
	jobs_fini(&t.jobs);
	e->ops->destroy(e);
	ref->ops->destroy(ref);
}

/* --- Two queues, two threads, sessions that both use --- */

#define SHARED_SESSIONS 12
#define ROUNDS 40

struct shared {
	struct vhc_engine *list, *ref;
	struct vhc_sym_params p[SHARED_SESSIONS];
	void *session[SHARED_SESSIONS], *ref_session[SHARED_SESSIONS];
	unsigned int nb;
};

struct worker {
	pthread_t thread;
	struct shared *s;
	uint16_t queue;
	unsigned int nb_done;
	unsigned int nb_wrong;
};

/* As compare_burst(), with a session of its own for each operation; and without asserts. */
static void
mixed_burst(struct jobs *j, struct worker *w, uint8_t *data)
{
	struct vhc_engine *e[2] = {w->s->list, w->s->ref};
	struct vhc_engine_op *ops[BURST], *back[BURST];
	unsigned int i, k, side, sent, done;
	struct job *job;

	for (i = 0; i < BURST; i++) {
		k = below(&j->rng, w->s->nb);
		random_job(j, &j->job[i], &w->s->p[k],
				(uint8_t)w->s->list->ops->check(w->s->list, &w->s->p[k]),
				block_of(&w->s->p[k]), data);
		j->job[i].side[0].op.session = w->s->session[k];
		j->job[i].side[1].op.session = w->s->ref_session[k];
	}
	for (side = 0; side < 2; side++) {
		for (i = 0; i < BURST; i++)
			ops[i] = &j->job[i].side[side].op;
		for (sent = done = 0; done < BURST;) {
			sent += e[side]->ops->enqueue(e[side], w->queue, ops + sent,
					(uint16_t)RTE_MIN(BURST - sent, 1 + below(&j->rng, BURST)));
			done += e[side]->ops->dequeue(e[side], w->queue, back, BURST);
		}
	}
	for (i = 0; i < BURST; i++) {
		job = &j->job[i];
		w->nb_done++;
		if (job->side[0].op.status != job->side[1].op.status)
			w->nb_wrong++;
		else if (job->side[0].op.status == VIRTIO_CRYPTO_OK &&
				(memcmp(job->side[0].mem, job->side[1].mem, 2 * ROOM) != 0 ||
						memcmp(job->side[0].digest, job->side[1].digest,
							sizeof(job->side[0].digest)) != 0))
			w->nb_wrong++;
	}
}

static void *
work(void *arg)
{
	struct worker *w = arg;
	uint8_t *data = malloc(ROOM);
	struct jobs *j = malloc(sizeof(*j));
	unsigned int i;

	jobs_init(j, w->s->list, w->s->ref);
	j->rng += w->queue;
	for (i = 0; i < ROUNDS; i++)
		mixed_burst(j, w, data);
	jobs_fini(j);
	free(j);
	free(data);
	return NULL;
}

static void
test_threads(void **state)
{
	static const struct vhc_sym_params wanted[] = {
		{.kind = VHC_SYM_CIPHER, .cipher_algo = VIRTIO_CRYPTO_CIPHER_AES_CBC,
				.encrypt = true, .key_len = 16},
		{.kind = VHC_SYM_CIPHER, .cipher_algo = VIRTIO_CRYPTO_CIPHER_AES_CTR, .key_len = 32},
		{.kind = VHC_SYM_CIPHER, .cipher_algo = VIRTIO_CRYPTO_CIPHER_AES_XTS, .key_len = 32},
		{.kind = VHC_SYM_CIPHER, .cipher_algo = VIRTIO_CRYPTO_CIPHER_3DES_CTR,
				.key_len = 24},
		{.kind = VHC_SYM_CHAIN, .cipher_algo = VIRTIO_CRYPTO_CIPHER_AES_CBC, .key_len = 16,
				.encrypt = true, .mac = true,
				.auth_algo = VIRTIO_CRYPTO_MAC_HMAC_SHA1, .auth_key_len = 20,
				.digest_len = 12},
		{.kind = VHC_SYM_CHAIN, .cipher_algo = VIRTIO_CRYPTO_CIPHER_AES_CBC, .key_len = 16,
				.hash_first = true, .mac = true,
				.auth_algo = VIRTIO_CRYPTO_MAC_HMAC_SHA1, .auth_key_len = 20,
				.digest_len = 12},
		{.kind = VHC_SYM_CHAIN, .cipher_algo = VIRTIO_CRYPTO_CIPHER_AES_CBC, .key_len = 24,
				.auth_algo = VIRTIO_CRYPTO_HASH_SHA3_256, .digest_len = 32},
		{.kind = VHC_SYM_HASH, .auth_algo = VIRTIO_CRYPTO_HASH_SHA_256, .digest_len = 32},
		{.kind = VHC_SYM_MAC, .mac = true, .auth_algo = VIRTIO_CRYPTO_MAC_HMAC_SHA_512,
				.auth_key_len = 64, .digest_len = 64},
		{.kind = VHC_SYM_AEAD, .aead_algo = VIRTIO_CRYPTO_AEAD_GCM, .key_len = 32,
				.encrypt = true, .digest_len = 16, .aad_len = 12},
		{.kind = VHC_SYM_AEAD, .aead_algo = VIRTIO_CRYPTO_AEAD_CCM, .key_len = 16,
				.encrypt = true, .digest_len = 8, .aad_len = 20},
		{.kind = VHC_SYM_AEAD, .aead_algo = VIRTIO_CRYPTO_AEAD_CHACHA20_POLY1305,
				.key_len = 32, .encrypt = true, .digest_len = 16, .aad_len = 12},
	};
	struct worker w[NB_QUEUES];
	uint8_t key[128];
	struct shared s;
	unsigned int i;

	(void)state;
	memset(&s, 0, sizeof(s));
	s.list = make_list();
	s.ref = vhc_engine_libcrypto_create(NB_QUEUES);
	for (i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)(i * 11 + 3);
	for (i = 0; i < RTE_DIM(wanted); i++) {
		s.p[s.nb] = wanted[i];
		s.p[s.nb].key = s.p[s.nb].auth_key = key;
		if (s.ref->ops->check(s.ref, &s.p[s.nb]) < 0)
			continue;
		assert_int_equal(s.list->ops->session_create(s.list, &s.p[s.nb],
						 &s.session[s.nb]), 0);
		assert_int_equal(s.ref->ops->session_create(s.ref, &s.p[s.nb],
						 &s.ref_session[s.nb]), 0);
		s.nb++;
	}
	for (i = 0; i < NB_QUEUES; i++) {
		memset(&w[i], 0, sizeof(w[i]));
		w[i].s = &s;
		w[i].queue = (uint16_t)i;
		assert_int_equal(pthread_create(&w[i].thread, NULL, work, &w[i]), 0);
	}
	for (i = 0; i < NB_QUEUES; i++)
		pthread_join(w[i].thread, NULL);
	for (i = 0; i < NB_QUEUES; i++) {
		assert_int_equal(w[i].nb_done, ROUNDS * BURST);
		assert_int_equal(w[i].nb_wrong, 0);
	}
	for (i = 0; i < s.nb; i++) {
		s.list->ops->session_destroy(s.list, s.session[i]);
		s.ref->ops->session_destroy(s.ref, s.ref_session[i]);
	}
	s.list->ops->destroy(s.list);
	s.ref->ops->destroy(s.ref);
}

/* As many sessions as were asked for, whatever they are, and no more; all come back. */
static void
test_sessions(void **state)
{
	struct vhc_sym_params p = {.kind = VHC_SYM_CHAIN,
			.cipher_algo = VIRTIO_CRYPTO_CIPHER_AES_CBC,
			.hash_first = true,
			.mac = true,
			.auth_algo = VIRTIO_CRYPTO_MAC_HMAC_SHA1,
			.key_len = 16,
			.auth_key_len = 20,
			.digest_len = 20};
	void *session[MAX_SESSIONS], *more;
	struct vhc_engine *e;
	uint8_t key[32];
	unsigned int i, round;

	(void)state;
	if (device("crypto_openssl") < 0)
		skip();
	memset(key, 1, sizeof(key));
	p.key = p.auth_key = key;
	for (round = 0; round < 2; round++) {
		e = vhc_engine_cryptodev_create(
				(uint8_t)device(round == 0 && device("crypto_aesni_mb") >= 0 ?
						"crypto_aesni_mb" : "crypto_openssl"),
				1, MAX_SESSIONS);
		assert_non_null(e);
		for (i = 0; i < MAX_SESSIONS; i++)
			assert_int_equal(e->ops->session_create(e, &p, &session[i]), 0);
		assert_int_equal(e->ops->session_create(e, &p, &more), -ENOSPC);
		assert_string_equal(e->ops->session_engine(e, session[0]),
				((struct vhc_cd_engine *)e)->name);
		for (i = 0; i < MAX_SESSIONS; i++)
			e->ops->session_destroy(e, session[i]);
		assert_true(rte_mempool_full(((struct vhc_cd_engine *)e)->pool));
		for (i = 0; i < MAX_SESSIONS; i++)
			assert_int_equal(e->ops->session_create(e, &p, &session[i]), 0);
		for (i = 0; i < MAX_SESSIONS; i++)
			e->ops->session_destroy(e, session[i]);
		e->ops->destroy(e);
	}
}

static void
test_refused(void **state)
{
	struct vhc_sym_params p = {.kind = VHC_SYM_CIPHER, .cipher_algo = 200, .key_len = 16};
	struct vhc_engine *e;
	uint8_t key[VHC_KEY_MAX_LEN] = {0};
	void *session;

	(void)state;
	if (device("crypto_openssl") < 0)
		skip();
	/* No such device, no queues, more queue pairs than it has. */
	assert_null(vhc_engine_cryptodev_create(RTE_CRYPTO_MAX_DEVS - 1, 1, 1));
	assert_int_equal(errno, EINVAL);
	assert_null(vhc_engine_cryptodev_create((uint8_t)device("crypto_openssl"), 0, 1));
	assert_int_equal(errno, EINVAL);
	assert_null(vhc_engine_cryptodev_create((uint8_t)device("crypto_openssl"), UINT16_MAX, 1));
	assert_int_equal(errno, ENOTSUP);

	e = vhc_engine_cryptodev_create((uint8_t)device("crypto_openssl"), 1, 1);
	assert_non_null(e);
	p.key = p.auth_key = key;
	assert_int_equal(e->ops->check(e, &p), -ENOTSUP);
	assert_int_equal(e->ops->session_create(e, &p, &session), -ENOTSUP);
	p.cipher_algo = VIRTIO_CRYPTO_CIPHER_AES_CBC;
	assert_int_equal(e->ops->check(e, &p), 16);
	p.key_len = 17;
	assert_int_equal(e->ops->check(e, &p), -EINVAL);
	p.key_len = 16 + 65536;
	assert_int_equal(e->ops->check(e, &p), -EINVAL);
	p = (struct vhc_sym_params){.kind = VHC_SYM_MAC, .mac = true, .auth_key = key,
			.auth_algo = VIRTIO_CRYPTO_MAC_HMAC_SHA1, .auth_key_len = 20};
	p.digest_len = 20;
	assert_int_equal(e->ops->check(e, &p), 0);
	p.digest_len = 21;
	assert_int_equal(e->ops->check(e, &p), -EINVAL);
	p.digest_len = 0;
	assert_int_equal(e->ops->check(e, &p), -EINVAL);
	p.digest_len = 20;
	p.auth_key_len = 20 + 65536;
	assert_int_equal(e->ops->check(e, &p), -EINVAL);
	e->ops->destroy(e);
}

static int
set_up(void **state)
{
	const char *s = getenv("VCRYPTO_TEST_SEED");
	cpu_set_t set;
	unsigned int i;

	seed = s != NULL ? strtoull(s, NULL, 0)
			 : (uint64_t)time(NULL) * 1000003 + (uint64_t)getpid();
	print_message("# VCRYPTO_TEST_SEED=%llu\n", (unsigned long long)seed);
	if (sched_getaffinity(0, sizeof(set), &set) != 0 || unit_eal_setup(state) != 0)
		return -1;
	/* Threads that a test makes shall run beside this one. */
	sched_setaffinity(0, sizeof(set), &set);
	rte_log_set_global_level(RTE_LOG_CRIT);
	for (i = 0; i < NB_DRIVERS; i++) {
		snprintf(device_name[i], sizeof(device_name[i]), "%s0", drivers[i]);
		device_id[i] = -1;
		if (rte_vdev_init(device_name[i], NULL) == 0)
			device_id[i] = rte_cryptodev_get_dev_id(device_name[i]);
		if (device_id[i] < 0)
			print_message("# no %s here\n", drivers[i]);
	}
	return 0;
}

static int
tear_down(void **state)
{
	unsigned int i;

	for (i = 0; i < NB_DRIVERS; i++) {
		if (device_id[i] >= 0)
			rte_vdev_uninit(device_name[i]);
	}
	return unit_eal_teardown(state);
}

int
main(void)
{
	static struct manner plain = {.name = ""},
		bounce = {.name = ", for DMA", .flags = VHC_CD_FORCE_BOUNCE},
		in_place = {.name = ", in place", .flags = VHC_CD_FORCE_IN_PLACE, .main_only = true},
		full = {.name = ", full", .full = true, .main_only = true},
		bounce_full = {.name = ", for DMA, full", .flags = VHC_CD_FORCE_BOUNCE,
			.full = true, .main_only = true};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_sessions),
		cmocka_unit_test(test_main_chain),
		cmocka_unit_test(test_status),
		cmocka_unit_test_prestate(test_alone, &plain),
		cmocka_unit_test_prestate(test_alone, &bounce),
		cmocka_unit_test_prestate(test_alone, &in_place),
		cmocka_unit_test_prestate(test_alone, &full),
		cmocka_unit_test_prestate(test_alone, &bounce_full),
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_threads),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
