/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include <errno.h>
#include <string.h>

#include <rte_errno.h>

#include "suites.h"

const char *const layout_name[LAYOUT_NB] = {
	[LAYOUT_IN_PLACE] = "in-place",
	[LAYOUT_OOP] = "oop",
	[LAYOUT_UNALIGNED] = "unaligned",
	[LAYOUT_SGL] = "sgl",
	[LAYOUT_SGL_UNALIGNED] = "sgl-unaligned",
	[LAYOUT_SGL_EMPTY] = "sgl-empty-segment",
	[LAYOUT_OOP_SGL_SGL] = "oop-sgl-sgl",
	[LAYOUT_OOP_SGL_LB] = "oop-sgl-lb",
	[LAYOUT_OOP_LB_SGL] = "oop-lb-sgl",
};

static const struct {
	uint64_t flag;
	const char *name;
} flag_names[] = {
	{RTE_CRYPTODEV_FF_SYM_OPERATION_CHAINING, "SYM_OPERATION_CHAINING"},
	{RTE_CRYPTODEV_FF_IN_PLACE_SGL, "IN_PLACE_SGL"},
	{RTE_CRYPTODEV_FF_OOP_SGL_IN_SGL_OUT, "OOP_SGL_IN_SGL_OUT"},
	{RTE_CRYPTODEV_FF_OOP_SGL_IN_LB_OUT, "OOP_SGL_IN_LB_OUT"},
	{RTE_CRYPTODEV_FF_OOP_LB_IN_SGL_OUT, "OOP_LB_IN_SGL_OUT"},
	{RTE_CRYPTODEV_FF_OOP_LB_IN_LB_OUT, "OOP_LB_IN_LB_OUT"},
	{RTE_CRYPTODEV_FF_SYM_SESSIONLESS, "SYM_SESSIONLESS"},
};

enum test_result
need_features(uint64_t feature_flags)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(flag_names); i++)
		if ((feature_flags & flag_names[i].flag) && !env_has(flag_names[i].flag))
			return test_skip("the device does not show %s", flag_names[i].name);
	return TEST_PASS;
}

enum test_result
need_chaining(void)
{
	return need_features(RTE_CRYPTODEV_FF_SYM_OPERATION_CHAINING);
}

enum test_result
need_strict(void)
{
	if (!env.strict)
		return test_skip("only promised by crypto_virtio");
	return TEST_PASS;
}

enum test_result
need_devs(unsigned int nb)
{
	if (env.nb_devs < nb)
		return test_skip("needs %u devices of the driver", nb);
	return TEST_PASS;
}

enum test_result
need_cipher(const struct ref_cipher *c, uint16_t key_len, uint16_t iv_len)
{
	const struct rte_cryptodev_symmetric_capability *cap = env_cipher_cap(c->algo);

	if (cap == NULL)
		return test_skip("the device does not show %s", c->name);
	if (!ref_cipher_available(c))
		return test_skip("no reference for %s", c->name);
	if (key_len != 0 && !env_in_range(&cap->cipher.key_size, key_len))
		return test_skip("the device does not show %s with a key of %u bytes", c->name,
				key_len);
	if (iv_len != 0 && !env_in_range(&cap->cipher.iv_size, iv_len))
		return test_skip("the device does not show %s with an IV of %u bytes", c->name,
				iv_len);
	return TEST_PASS;
}

enum test_result
need_auth(const struct ref_auth *a, uint16_t key_len, uint16_t digest_len)
{
	const struct rte_cryptodev_symmetric_capability *cap = env_auth_cap(a->algo);

	if (cap == NULL)
		return test_skip("the device does not show %s", a->name);
	if (!ref_auth_available(a))
		return test_skip("no reference for %s", a->name);
	if (key_len != 0 && !env_in_range(&cap->auth.key_size, key_len))
		return test_skip("the device does not show %s with a key of %u bytes", a->name,
				key_len);
	if (digest_len != 0 && !env_in_range(&cap->auth.digest_size, digest_len))
		return test_skip("the device does not show %s with a digest of %u bytes", a->name,
				digest_len);
	return TEST_PASS;
}

enum test_result
need_aead(const struct ref_aead *a)
{
	if (env_aead_cap(a->algo) == NULL)
		return test_skip("the device does not show %s", a->name);
	if (!ref_aead_available(a))
		return test_skip("no reference for %s", a->name);
	return TEST_PASS;
}

enum test_result
need_chained_auth(const struct ref_auth *a)
{
	NEED(need_chaining());
	NEED(need_auth(a, 0, 0));
	if (ref_auth_iv(a))
		return test_skip("%s has an IV, and a chain no field for it", a->name);
	return TEST_PASS;
}

uint32_t
cipher_unit(const struct ref_cipher *c)
{
	const struct rte_cryptodev_symmetric_capability *cap = env_cipher_cap(c->algo);

	/*
	 * Stream ciphers, and XTS by stealing ciphertext, take any length, whatever block size a
	 * capability shows for them; but there are devices that do not.
	 */
	if (cap != NULL && (test_opts.whole_blocks ||
			(c->algo == RTE_CRYPTO_CIPHER_AES_XTS && !env.strict)))
		return RTE_MAX((uint32_t)c->block, (uint32_t)cap->cipher.block_size);
	return c->block;
}

uint32_t
cipher_max_len(const struct ref_cipher *c)
{
	const uint32_t unit = cipher_unit(c);

	return RTE_MIN(test_opts.max_size, ref_cipher_max(c)) / unit * unit;
}

uint32_t
cipher_rand_len(const struct ref_cipher *c, uint32_t max)
{
	const uint32_t unit = cipher_unit(c);
	const uint32_t lo = RTE_MAX((uint32_t)c->min_len, unit);

	max = RTE_MIN(max, ref_cipher_max(c));
	return test_rand_range(lo, RTE_MAX(lo, max)) / unit * unit;
}

static uint16_t
pick(const uint16_t *sizes, const struct rte_crypto_param_range *r)
{
	unsigned int i;

	for (i = 0; i < REF_MAX_SIZES && sizes[i] != 0; i++)
		if (env_in_range(r, sizes[i]))
			return sizes[i];
	return sizes[0] == 0 ? 0 : r->min;
}

uint16_t
pick_cipher_key(const struct ref_cipher *c)
{
	return pick(c->key_sizes, &env_cipher_cap(c->algo)->cipher.key_size);
}

uint16_t
pick_iv(const struct ref_cipher *c)
{
	const struct rte_crypto_param_range *r = &env_cipher_cap(c->algo)->cipher.iv_size;
	unsigned int i;

	for (i = 0; i < RTE_DIM(c->iv_sizes) && c->iv_sizes[i] != 0; i++)
		if (env_in_range(r, c->iv_sizes[i]))
			return c->iv_sizes[i];
	return 0;
}

uint16_t
pick_auth_key(const struct ref_auth *a)
{
	return pick(a->key_sizes, &env_auth_cap(a->algo)->auth.key_size);
}

uint16_t
pick_digest(const struct ref_auth *a)
{
	const struct rte_crypto_param_range *r = &env_auth_cap(a->algo)->auth.digest_size;

	return RTE_MIN((uint16_t)a->digest, r->max);
}

uint16_t
pick_auth_iv(const struct ref_auth *a)
{
	/* 12 bytes first; 0 says that there are 16 of another kind. */
	return ref_auth_iv(a) ? env_auth_cap(a->algo)->auth.iv_size.max : 0;
}

static uint16_t
pick8(const uint8_t *sizes, unsigned int nb, const struct rte_crypto_param_range *r)
{
	unsigned int i;

	for (i = 0; i < nb && sizes[i] != 0; i++)
		if (env_in_range(r, sizes[i]))
			return sizes[i];
	return r->max;
}

void
pick_aead(const struct ref_aead *a, struct sess_params *p)
{
	const struct rte_cryptodev_symmetric_capability *cap = env_aead_cap(a->algo);
	unsigned int i;

	memset(p, 0, sizeof(*p));
	p->order = SESS_AEAD;
	p->aead = a;
	p->key_len = cap->aead.key_size.max;
	for (i = 0; i < RTE_DIM(a->key_sizes) && a->key_sizes[i] != 0; i++) {
		if (env_in_range(&cap->aead.key_size, a->key_sizes[i])) {
			p->key_len = a->key_sizes[i];
			break;
		}
	}
	p->iv_len = pick8(a->iv_sizes, RTE_DIM(a->iv_sizes), &cap->aead.iv_size);
	p->digest_len = pick8(a->tag_sizes, RTE_DIM(a->tag_sizes), &cap->aead.digest_size);
}

uint32_t
aead_rand_len(const struct sess_params *p, uint32_t max)
{
	max = RTE_MIN(max, ref_aead_max(p->aead, p->iv_len));
	return test_rand_range(1, RTE_MAX(max, 1u));
}

enum test_result
make_session(const struct sess_params *p, struct sess **out)
{
	int ret = job_session(&env.dev[0], p, out);

	if (ret == 0)
		return TEST_PASS;
	if (ret == -ENOTSUP && p->order == SESS_AUTH)
		return test_skip("the device takes no auth without cipher");
	if (ret == -ENOTSUP && (p->order == SESS_CIPHER_AUTH || p->order == SESS_AUTH_CIPHER))
		return test_skip("the device takes no chain of this order: %s",
				p->order == SESS_CIPHER_AUTH ?
				p->decrypt ? "decrypt, verify" : "encrypt, generate" :
				p->decrypt ? "verify, decrypt" : "generate, encrypt");
	return test_fail("session refused with %s: %s", rte_strerror(-ret), sess_text(p));
}

static const char *const cipher_wish[] = {
	"aes-cbc", "aes-ctr", "aes-ecb", "3des-cbc", "aes-xts", "3des-ctr", "3des-ecb", "arc4",
	"snow3g-uea2", "zuc-eea3", "kasumi-f8",
};
static const char *const auth_wish[] = {
	"sha1-hmac", "sha256-hmac", "sha512-hmac", "md5-hmac", "aes-cmac", "sha1", "sha256",
	"kasumi-f9",
};

enum test_result
any_cipher(struct sess_params *p)
{
	const struct ref_cipher *c;
	unsigned int i;

	memset(p, 0, sizeof(*p));
	for (i = 0; i < RTE_DIM(cipher_wish); i++) {
		c = ref_cipher_by_name(cipher_wish[i]);
		if (env_cipher_cap(c->algo) == NULL || !ref_cipher_available(c))
			continue;
		p->cipher = c;
		p->order = SESS_CIPHER;
		p->key_len = pick_cipher_key(c);
		p->iv_len = pick_iv(c);
		return TEST_PASS;
	}
	return test_skip("the device shows no cipher that the reference has");
}

enum test_result
any_chain(struct sess_params *p, enum sess_order order, bool decrypt)
{
	const struct ref_auth *a;
	unsigned int i;

	NEED(need_chaining());
	NEED(any_cipher(p));
	for (i = 0; i < RTE_DIM(auth_wish); i++) {
		a = ref_auth_by_name(auth_wish[i]);
		if (env_auth_cap(a->algo) == NULL || !ref_auth_available(a))
			continue;
		p->auth = a;
		p->order = order;
		p->decrypt = decrypt;
		p->auth_key_len = pick_auth_key(a);
		p->digest_len = pick_digest(a);
		return TEST_PASS;
	}
	return test_skip("the device shows no hash or MAC that the reference has");
}

/* One session without a cipher; @return 0, -ENOTSUP: another try, or as job_session(). */
static int
other_session(struct sess **out, bool aead)
{
	const struct ref_aead *e;
	const struct ref_auth *a;
	struct sess_params p;
	unsigned int nb;

	if (aead) {
		e = ref_aeads(&nb);
		e += test_rand_range(0, nb - 1);
		if (env_aead_cap(e->algo) == NULL || !ref_aead_available(e))
			return -ENOTSUP;
		pick_aead(e, &p);
		p.aad_len = (uint16_t)test_rand_range(0, test_rand() & 1 ? 48 : 12);
	} else {
		a = ref_auths(&nb);
		a += test_rand_range(0, nb - 1);
		if (env_auth_cap(a->algo) == NULL || !ref_auth_available(a))
			return -ENOTSUP;
		memset(&p, 0, sizeof(p));
		p.order = SESS_AUTH;
		p.auth = a;
		p.auth_key_len = pick_auth_key(a);
		p.digest_len = pick_digest(a);
		p.iv_len = pick_auth_iv(a);
	}
	p.decrypt = (test_rand() & 1) != 0;
	return job_session(&env.dev[0], &p, out);
}

enum test_result
mixed_sessions(struct sess **out, unsigned int max, unsigned int *nb)
{
	const struct ref_cipher *c;
	const struct ref_auth *a;
	unsigned int nb_c, nb_a, nb_ciphers, i, tries;
	struct sess_params p;
	int ret;

	*nb = 0;
	c = ref_ciphers(&nb_c);
	a = ref_auths(&nb_a);
	for (i = 0; i < nb_c && *nb < (max + 1) / 2; i++) {
		if (env_cipher_cap(c[i].algo) == NULL || !ref_cipher_available(&c[i]))
			continue;
		memset(&p, 0, sizeof(p));
		p.cipher = &c[i];
		p.key_len = pick_cipher_key(&c[i]);
		p.iv_len = pick_iv(&c[i]);
		p.decrypt = (test_rand() & 1) != 0;
		NEED(make_session(&p, &out[*nb]));
		(*nb)++;
	}
	if (*nb == 0)
		return test_skip("the device shows no cipher that the reference has");
	nb_ciphers = *nb;
	for (tries = 0; tries < 4 * max && *nb < max &&
			env_has(RTE_CRYPTODEV_FF_SYM_OPERATION_CHAINING); tries++) {
		const struct ref_auth *chosen = &a[test_rand_range(0, nb_a - 1)];

		/* Every fourth is no chain, where the device has such things. */
		if (tries % 4 == 3) {
			ret = other_session(&out[*nb], (tries & 4) != 0);
			*nb += ret == 0;
			if (ret != 0 && ret != -ENOTSUP)
				return test_fail("session refused with %s", rte_strerror(-ret));
			continue;
		}
		if (env_auth_cap(chosen->algo) == NULL || !ref_auth_available(chosen) ||
				ref_auth_iv(chosen))
			continue;
		p = out[test_rand_range(0, nb_ciphers - 1)]->p;
		p.auth = chosen;
		p.order = test_rand() & 1 ? SESS_CIPHER_AUTH : SESS_AUTH_CIPHER;
		p.decrypt = (test_rand() & 1) != 0;
		p.auth_key_len = pick_auth_key(chosen);
		p.digest_len = pick_digest(chosen);
		ret = job_session(&env.dev[0], &p, &out[*nb]);
		if (ret == -ENOTSUP)
			continue;
		if (ret != 0)
			return test_fail("session refused with %s: %s", rte_strerror(-ret),
					sess_text(&p));
		(*nb)++;
	}
	return TEST_PASS;
}

static uint64_t
layout_features(enum layout l)
{
	switch (l) {
	case LAYOUT_OOP:
		return RTE_CRYPTODEV_FF_OOP_LB_IN_LB_OUT;
	case LAYOUT_SGL:
	case LAYOUT_SGL_UNALIGNED:
	case LAYOUT_SGL_EMPTY:
		return RTE_CRYPTODEV_FF_IN_PLACE_SGL;
	case LAYOUT_OOP_SGL_SGL:
		return RTE_CRYPTODEV_FF_OOP_SGL_IN_SGL_OUT;
	case LAYOUT_OOP_SGL_LB:
		return RTE_CRYPTODEV_FF_OOP_SGL_IN_LB_OUT;
	case LAYOUT_OOP_LB_SGL:
		return RTE_CRYPTODEV_FF_OOP_LB_IN_SGL_OUT;
	default:
		return 0;
	}
}

enum test_result
need_layout(enum layout l)
{
	if (l == LAYOUT_SGL_EMPTY)
		NEED(need_strict());
	return need_features(layout_features(l));
}

void
layout_apply(enum layout l, unsigned int segs, struct job_params *p)
{
	p->oop = l == LAYOUT_OOP || l == LAYOUT_OOP_SGL_SGL || l == LAYOUT_OOP_SGL_LB ||
			l == LAYOUT_OOP_LB_SGL;
	p->src_segs = 1;
	p->dst_segs = 1;
	p->misalign = 0;
	p->empty_seg = l == LAYOUT_SGL_EMPTY;
	if (l == LAYOUT_SGL || l == LAYOUT_SGL_UNALIGNED || l == LAYOUT_SGL_EMPTY ||
			l == LAYOUT_OOP_SGL_SGL || l == LAYOUT_OOP_SGL_LB)
		p->src_segs = (uint8_t)segs;
	if (l == LAYOUT_OOP_SGL_SGL || l == LAYOUT_OOP_LB_SGL)
		p->dst_segs = (uint8_t)(l == LAYOUT_OOP_SGL_SGL ? 10 - segs : segs);
	if (l == LAYOUT_UNALIGNED || l == LAYOUT_SGL_UNALIGNED)
		p->misalign = (uint8_t)test_rand_range(1, 63);
}

void
random_params(const struct sess *s, uint32_t max_len, bool simple, struct job_params *p)
{
	const struct sess_params *sp = &s->p;
	const uint32_t aunit = sp->auth != NULL ? sp->auth->block : 1;
	enum layout l;
	bool zero;

	memset(p, 0, sizeof(*p));
	p->corrupt = -1;
	if (sp->order == SESS_AEAD) {
		p->cipher.off = test_rand_range(0, 3) ? test_rand_range(0, 64) : 0;
		zero = env.strict && test_rand_range(0, 15) == 0;
		p->cipher.len = zero ? 0 : aead_rand_len(sp, max_len);
		p->len = p->cipher.off + p->cipher.len;
		p->place = test_rand() & 1 ? JOB_DIGEST_OUTSIDE : JOB_DIGEST_BEHIND;
	} else if (sp->order != SESS_AUTH) {
		p->cipher.off = test_rand_range(0, 3) ? test_rand_range(0, 64) : 0;
		zero = env.strict && sp->cipher->algo != RTE_CRYPTO_CIPHER_AES_XTS &&
				test_rand_range(0, 15) == 0;
		p->cipher.len = !zero ? cipher_rand_len(sp->cipher, max_len) : 0;
		p->len = p->cipher.off + p->cipher.len;
	}
	if (sp->order != SESS_CIPHER && sp->order != SESS_AEAD) {
		switch (sp->order == SESS_AUTH ? 2 : test_rand_range(0, 2)) {
		case 0: /* equal, as far as the unit of the MAC allows */
			p->auth = p->cipher;
			break;
		case 1: /* from a header before the cipher's range to its end */
			p->auth.off = test_rand_range(0, p->cipher.off);
			p->auth.len = p->cipher.off + p->cipher.len - p->auth.off;
			break;
		default: /* anywhere */
			p->auth.off = test_rand_range(0, 64);
			p->auth.len = test_rand_range(1, max_len);
			break;
		}
		p->auth.len = RTE_MIN(p->auth.len, ref_auth_max(sp->auth));
		p->auth.len = RTE_MAX(p->auth.len, ref_auth_min(sp->auth));
		p->auth.len = (p->auth.len + aunit - 1) / aunit * aunit;
		p->len = RTE_MAX(p->len, p->auth.off + p->auth.len);
		p->place = (enum job_place)test_rand_range(0, JOB_DIGEST_PLACES - 1);
		if (p->place == JOB_DIGEST_SEGMENT)
			p->place = JOB_DIGEST_BEHIND;
	}
	p->len += test_rand_range(0, 1) ? test_rand_range(0, 48) : 0;
	/* Lists of segments are where other drivers have limits of their own. */
	do {
		l = simple || !env.strict ?
				(enum layout)test_rand_range(LAYOUT_IN_PLACE, LAYOUT_OOP) :
				(enum layout)test_rand_range(0, LAYOUT_NB - 1);
	} while (!env_has(layout_features(l)) || (l == LAYOUT_SGL_EMPTY && !env.strict));
	layout_apply(l, test_rand_range(2, JOB_MAX_SEGS), p);
	if (p->src_segs > 1 && !p->oop && sp->order != SESS_CIPHER && (test_rand() & 1))
		p->place = JOB_DIGEST_SEGMENT;
	if (sp->order != SESS_CIPHER && sp->decrypt && test_rand_range(0, 3) == 0)
		p->corrupt = (int)test_rand_range(0, sp->digest_len - 1u);
}

enum test_result
run_repeated(const struct sess *s, unsigned int nb)
{
	struct job *jobs[2 * ENV_SMALL_DESC];
	struct job_params p;
	unsigned int i, n;

	for (; nb > 0; nb -= n) {
		n = RTE_MIN(nb, (unsigned int)RTE_DIM(jobs));
		for (i = 0; i < n; i++) {
			/* Now and then a list of segments between ops of the usual shape. */
			random_params(s, 300, test_rand_range(0, 7) != 0, &p);
			jobs[i] = job_create(s, &p);
			if (jobs[i] == NULL)
				return TEST_FAIL;
		}
		NEED(job_run(s->dev, 0, jobs, n, ENV_SMALL_DESC / 2));
		for (i = 0; i < n; i++)
			job_release(jobs[i]);
	}
	return TEST_PASS;
}
