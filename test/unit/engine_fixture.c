/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include <time.h>

#include <rte_log.h>

#include "engine_fixture.h"

#define GUARD 0xa5
#define MAX_TURNS 10000000 /* without an operation coming back */

const char *const engine_drivers[NB_DRIVERS] = {"crypto_aesni_mb", "crypto_aesni_gcm",
		"crypto_openssl", "crypto_snow3g", "crypto_zuc", "crypto_kasumi",
		"crypto_chacha20_poly1305"};
int engine_device_id[NB_DRIVERS];
uint64_t engine_seed;

static char device_name[NB_DRIVERS][32];

static uint32_t
rnd(uint64_t *rng)
{
	*rng = *rng * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(*rng >> 33);
}

uint32_t
engine_below(uint64_t *rng, uint32_t end)
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

void
engine_jobs_init(struct jobs *j, const struct vhc_engine *tested, const struct vhc_engine *ref)
{
	const struct vhc_engine *e[2] = {tested, ref};
	unsigned int i, k;
	size_t len;

	memset(j, 0, sizeof(*j));
	j->rng = engine_seed;
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

void
engine_jobs_fini(struct jobs *j)
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
	unsigned int i, sent = 0, done = 0, turns = 0;
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
		turns = n != 0 ? 0 : turns + 1;
		assert_true(turns < MAX_TURNS);
	}
	assert_int_equal(sent, BURST);
	assert_int_equal(e->ops->dequeue(e, queue, back, BURST), 0);
}

/* Data that most algorithms take, and some that none or few do. */
static uint32_t
random_len(uint64_t *rng, uint32_t block)
{
	switch (engine_below(rng, 24)) {
	case 0:
		return 0;
	case 1:
		return 1 + engine_below(rng, 2 * block);
	case 2:
		return block * (1 + engine_below(rng, ROOM / block - 1));
	case 3:
		return block * (1 + engine_below(rng, 8000 / block));
	case 4:
		return 1 + engine_below(rng, 4000);
	default:
		return block * (1 + engine_below(rng, 1000 / block));
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
	switch (engine_below(rng, 3)) {
	case 0: /* as IPsec has it: a header that is hashed only */
		op->cipher_off = engine_below(rng, 32);
		op->len += op->cipher_off;
		op->hash_len = op->len;
		break;
	case 1: /* ranges have nothing to do with each other */
		op->cipher_off = engine_below(rng, 100);
		extra = engine_below(rng, 100);
		op->len = RTE_MIN(op->cipher_off + op->cipher_len + extra, (uint32_t)ROOM);
		op->cipher_len = RTE_MIN(op->cipher_len, op->len - op->cipher_off);
		op->hash_off = engine_below(rng, op->len);
		op->hash_len = engine_below(rng, op->len - op->hash_off + 1);
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
	op->aad_len = engine_below(rng, 4) != 0 ? p->aad_len : engine_below(rng, 64);
	op->iv_len = 12;
	if (engine_below(rng, 4) == 0)
		op->iv_len = (uint8_t)(p->aead_algo == VIRTIO_CRYPTO_AEAD_CCM ?
				7 + engine_below(rng, 7) : 1 + engine_below(rng, 16));
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

void
engine_random_job(struct jobs *j, struct job *job, const struct vhc_sym_params *p, uint8_t iv_len,
		uint8_t *data)
{
	struct vhc_engine_op *op = &job->side[0].op, *other = &job->side[1].op;
	uint64_t dst_seed;

	random_ranges(&j->rng, op, p, block_of(p));
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
	job->out_of_place = engine_below(&j->rng, 2) == 0;
	fill(&j->rng, job->side[0].iv, VHC_IV_MAX_LEN);
	/* Counters that end within the data. */
	if (engine_below(&j->rng, 8) == 0)
		memset(job->side[0].iv + engine_below(&j->rng, 12), 0xff, 4);
	if (engine_below(&j->rng, 8) == 0)
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

bool
engine_same(const struct job *job, const struct vhc_sym_params *p)
{
	const struct side *s = &job->side[0], *ref = &job->side[1];
	bool has_dst = p->kind != VHC_SYM_HASH && p->kind != VHC_SYM_MAC;

	if (s->op.status != ref->op.status)
		return false;
	if (s->op.status != VIRTIO_CRYPTO_OK)
		return true;
	return (!has_dst || memcmp(s->mem, ref->mem, 2 * ROOM) == 0) &&
			memcmp(s->digest, ref->digest, sizeof(s->digest)) == 0;
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
	if (!engine_same(job, p))
		fail_msg("status %u and %u, %u bytes, cipher %u+%u, hash %u+%u, %s place",
				op->status, ref->status, op->len, op->cipher_off, op->cipher_len,
				op->hash_off, op->hash_len, job->out_of_place ? "out of" : "in");
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
		if (engine_below(&j->rng, 4) == 0)
			s->digest[engine_below(&j->rng, p->digest_len)] ^= 0x40;
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
		engine_random_job(j, &j->job[i], p, (uint8_t)iv_len, data);
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
bool
engine_compare(struct jobs *j, const struct vhc_sym_params *p, struct vhc_engine *e,
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

static const uint16_t key_lens[] = {8, 16, 24, 32, 48, 64, 65, 128, 129, 200};
static const uint8_t digest_lens[] = {1, 4, 8, 10, 12, 13, 16, 20, 28, 32, 48, 64};

static bool
each_one(struct each *t, struct vhc_sym_params *p)
{
	bool both;

	fill(&t->jobs.rng, t->key, sizeof(t->key));
	fill(&t->jobs.rng, t->auth_key, sizeof(t->auth_key));
	p->key = t->key;
	p->auth_key = t->auth_key;
	both = engine_compare(&t->jobs, p, t->e, t->ref, t->list);
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
			p.hash_first = engine_below(&t->jobs.rng, 2);
			p.encrypt = engine_below(&t->jobs.rng, 2);
			p.cipher_algo = engine_below(&t->jobs.rng, 2) ? VIRTIO_CRYPTO_CIPHER_AES_CBC
							       : VIRTIO_CRYPTO_CIPHER_AES_CTR;
			p.key_len = 16 + 8 * engine_below(&t->jobs.rng, 3);
			p.auth_key_len = key_lens[engine_below(&t->jobs.rng, RTE_DIM(key_lens))];
			if (engine_below(&t->jobs.rng, 2) != 0)
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
				p.auth_algo = VIRTIO_CRYPTO_MAC_HMAC_SHA1;
				if (engine_below(&t->jobs.rng, 2) != 0)
					p.auth_algo = VIRTIO_CRYPTO_MAC_HMAC_SHA_256;
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
					p.aad_len = aad_lens[engine_below(&t->jobs.rng,
							RTE_DIM(aad_lens))];
					p.encrypt = i != 0;
					if (each_one(t, &p))
						t->aeads |= UINT64_C(1) << p.aead_algo;
				}
			}
		}
	}
}

void
engine_each(struct each *t, struct vhc_engine *e, struct vhc_engine *ref, bool list)
{
	unsigned int i;

	memset(t, 0, sizeof(*t));
	t->e = e;
	t->ref = ref;
	t->list = list;
	engine_jobs_init(&t->jobs, e, ref);
	each_cipher(t);
	each_chain(t);
	each_auth(t, VHC_SYM_HASH);
	each_auth(t, VHC_SYM_MAC);
	for (i = 0; i < 4; i++)
		each_aead(t);
	engine_jobs_fini(&t->jobs);
}

int
engine_device(const char *name)
{
	unsigned int i;

	for (i = 0; i < NB_DRIVERS; i++) {
		if (strcmp(engine_drivers[i], name) == 0)
			return engine_device_id[i];
	}
	return -1;
}

/* All drivers and libcrypto in a list: nothing that libcrypto does comes out otherwise. */
struct vhc_engine *
engine_make_list(void)
{
	struct vhc_engine *e[NB_DRIVERS + 1], *list;
	unsigned int i, nb = 0;

	for (i = 0; i < NB_DRIVERS; i++) {
		if (engine_device_id[i] >= 0)
			e[nb++] = vhc_engine_cryptodev_create(
					(uint8_t)engine_device_id[i], NB_QUEUES, MAX_SESSIONS);
	}
	e[nb++] = vhc_engine_libcrypto_create(NB_QUEUES);
	for (i = 0; i < nb; i++)
		assert_non_null(e[i]);
	list = vhc_engine_list_create(e, nb);
	assert_non_null(list);
	return list;
}

int
engine_setup(void **state)
{
	const char *s = getenv("VCRYPTO_TEST_SEED");
	cpu_set_t set;
	unsigned int i, nb = 0;

	engine_seed = s != NULL ? strtoull(s, NULL, 0)
			 : (uint64_t)time(NULL) * 1000003 + (uint64_t)getpid();
	print_message("# VCRYPTO_TEST_SEED=%llu\n", (unsigned long long)engine_seed);
	if (sched_getaffinity(0, sizeof(set), &set) != 0 || unit_eal_setup(state) != 0)
		return -1;
	/* Threads that a test makes shall run beside this one. */
	sched_setaffinity(0, sizeof(set), &set);
	rte_log_set_global_level(RTE_LOG_CRIT);
	for (i = 0; i < NB_DRIVERS; i++) {
		snprintf(device_name[i], sizeof(device_name[i]), "%s0", engine_drivers[i]);
		engine_device_id[i] = -1;
		if (rte_vdev_init(device_name[i], NULL) == 0)
			engine_device_id[i] = rte_cryptodev_get_dev_id(device_name[i]);
		if (engine_device_id[i] >= 0)
			nb++;
		else
			print_message("# no %s here\n", engine_drivers[i]);
	}
	return nb != 0 ? 0 : -1;
}

int
engine_teardown(void **state)
{
	unsigned int i;

	for (i = 0; i < NB_DRIVERS; i++) {
		if (engine_device_id[i] >= 0)
			rte_vdev_uninit(device_name[i]);
	}
	return unit_eal_teardown(state);
}
