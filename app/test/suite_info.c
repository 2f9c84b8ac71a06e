/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * What the device says of itself: the information block is consistent, and each
 * capability is true, at each size that it shows and not beyond.
 */

#include <errno.h>
#include <string.h>

#include <rte_errno.h>

#include "suites.h"

static enum test_result
block_case(const struct test_case *tc)
{
	const struct rte_cryptodev_info *i = &env.dev[0].info;

	RTE_SET_USED(tc);
	TEST_CHECK(i->driver_name != NULL, "no driver name");
	TEST_CHECK(i->device != NULL, "no rte_device");
	TEST_CHECK(i->capabilities != NULL, "no capabilities");
	TEST_CHECK(i->max_nb_queue_pairs >= 1, "no queue pair");
	TEST_CHECK(rte_cryptodev_driver_id_get(test_opts.driver) == i->driver_id,
			"driver_id %u is not the driver's", i->driver_id);
	TEST_CHECK(strcmp(rte_cryptodev_driver_name_get(i->driver_id), test_opts.driver) == 0,
			"the driver id has another name");
	TEST_CHECK(rte_cryptodev_get_dev_id(rte_cryptodev_name_get(env.dev[0].id)) == env.dev[0].id,
			"name and id do not agree");
	TEST_CHECK(rte_cryptodev_queue_pair_count(env.dev[0].id) == env.dev[0].nb_qps,
			"%u queue pairs, not the %u that were configured",
			rte_cryptodev_queue_pair_count(env.dev[0].id), env.dev[0].nb_qps);
	test_note("%u queue pairs, %u sessions, feature flags %#llx", i->max_nb_queue_pairs,
			i->sym.max_nb_sessions, (unsigned long long)i->feature_flags);
	return TEST_PASS;
}

static bool
range_ok(const struct rte_crypto_param_range *r)
{
	return r->min <= r->max && (r->min == r->max || r->increment > 0) &&
			(r->increment == 0 || (r->max - r->min) % r->increment == 0);
}

static enum test_result
ranges_case(const struct test_case *tc)
{
	const struct rte_cryptodev_capabilities *c, *d;
	unsigned int nb = 0;

	RTE_SET_USED(tc);
	for (c = env.dev[0].info.capabilities; c->op != RTE_CRYPTO_OP_TYPE_UNDEFINED; c++, nb++) {
		if (c->op != RTE_CRYPTO_OP_TYPE_SYMMETRIC)
			continue;
		switch (c->sym.xform_type) {
		case RTE_CRYPTO_SYM_XFORM_CIPHER:
			TEST_CHECK(c->sym.cipher.block_size > 0 &&
					range_ok(&c->sym.cipher.key_size) &&
					range_ok(&c->sym.cipher.iv_size),
					"ranges of cipher %d make no sense", c->sym.cipher.algo);
			break;
		case RTE_CRYPTO_SYM_XFORM_AUTH:
			TEST_CHECK(range_ok(&c->sym.auth.key_size) &&
					range_ok(&c->sym.auth.digest_size) &&
					(c->sym.auth.digest_size.max > 0 ||
					c->sym.auth.algo == RTE_CRYPTO_AUTH_NULL),
					"ranges of auth %d make no sense", c->sym.auth.algo);
			break;
		case RTE_CRYPTO_SYM_XFORM_AEAD:
			TEST_CHECK(range_ok(&c->sym.aead.key_size) &&
					range_ok(&c->sym.aead.digest_size) &&
					range_ok(&c->sym.aead.aad_size) &&
					range_ok(&c->sym.aead.iv_size) &&
					c->sym.aead.key_size.min > 0 &&
					c->sym.aead.digest_size.min > 0,
					"ranges of AEAD %d make no sense", c->sym.aead.algo);
			break;
		default:
			return test_fail("xform type %d", c->sym.xform_type);
		}
		for (d = env.dev[0].info.capabilities; d < c; d++) {
			if (d->op != c->op || d->sym.xform_type != c->sym.xform_type)
				continue;
			TEST_CHECK(c->sym.xform_type != RTE_CRYPTO_SYM_XFORM_CIPHER ||
					d->sym.cipher.algo != c->sym.cipher.algo,
					"cipher %d is shown twice", c->sym.cipher.algo);
			TEST_CHECK(c->sym.xform_type != RTE_CRYPTO_SYM_XFORM_AUTH ||
					d->sym.auth.algo != c->sym.auth.algo,
					"auth %d is shown twice", c->sym.auth.algo);
			TEST_CHECK(c->sym.xform_type != RTE_CRYPTO_SYM_XFORM_AEAD ||
					d->sym.aead.algo != c->sym.aead.algo,
					"AEAD %d is shown twice", c->sym.aead.algo);
		}
	}
	TEST_CHECK(nb > 0, "an empty list");
	test_note("%u capabilities", nb);
	return TEST_PASS;
}

/* The library's look-up finds what the list shows. */
static enum test_result
lookup_case(const struct test_case *tc)
{
	struct rte_cryptodev_sym_capability_idx idx = {0};
	const struct ref_cipher *c;
	const struct ref_auth *a;
	const struct ref_aead *e;
	unsigned int nb, i;

	RTE_SET_USED(tc);
	c = ref_ciphers(&nb);
	for (i = 0; i < nb; i++) {
		idx.type = RTE_CRYPTO_SYM_XFORM_CIPHER;
		idx.algo.cipher = c[i].algo;
		TEST_CHECK(rte_cryptodev_sym_capability_get(env.dev[0].id, &idx) ==
				env_cipher_cap(c[i].algo), "%s", c[i].name);
	}
	a = ref_auths(&nb);
	for (i = 0; i < nb; i++) {
		idx.type = RTE_CRYPTO_SYM_XFORM_AUTH;
		idx.algo.auth = a[i].algo;
		TEST_CHECK(rte_cryptodev_sym_capability_get(env.dev[0].id, &idx) ==
				env_auth_cap(a[i].algo), "%s", a[i].name);
	}
	e = ref_aeads(&nb);
	for (i = 0; i < nb; i++) {
		idx.type = RTE_CRYPTO_SYM_XFORM_AEAD;
		idx.algo.aead = e[i].algo;
		TEST_CHECK(rte_cryptodev_sym_capability_get(env.dev[0].id, &idx) ==
				env_aead_cap(e[i].algo), "%s", e[i].name);
	}
	return TEST_PASS;
}

/* Chaining without a cipher and a hash to chain, or the other way round. */
static enum test_result
flags_case(const struct test_case *tc)
{
	const struct rte_cryptodev_capabilities *c;
	/* The library of 22.11 has forgotten one. */
	const uint64_t known = (RTE_BIT64(28) - 1) & ~RTE_CRYPTODEV_FF_SYM_RAW_DP;
	unsigned int nb_cipher = 0, nb_auth = 0, i;

	RTE_SET_USED(tc);
	for (c = env.dev[0].info.capabilities; c->op != RTE_CRYPTO_OP_TYPE_UNDEFINED; c++) {
		if (c->op != RTE_CRYPTO_OP_TYPE_SYMMETRIC)
			continue;
		nb_cipher += c->sym.xform_type == RTE_CRYPTO_SYM_XFORM_CIPHER;
		nb_auth += c->sym.xform_type == RTE_CRYPTO_SYM_XFORM_AUTH;
	}
	TEST_CHECK(!env_has(RTE_CRYPTODEV_FF_SYM_OPERATION_CHAINING) ||
			(nb_cipher > 0 && nb_auth > 0), "chaining, with %u ciphers and %u auths",
			nb_cipher, nb_auth);
	for (i = 0; i < 64; i++)
		if ((env.dev[0].info.feature_flags & RTE_BIT64(i) & known) != 0)
			TEST_CHECK(rte_cryptodev_get_feature_name(RTE_BIT64(i)) != NULL,
					"feature flag %u has no name", i);
	return TEST_PASS;
}

/* Whether a session can be had; freed at once. */
static int
trial(const struct sess_params *p)
{
	struct sess *s;
	int ret = job_session(&env.dev[0], p, &s);

	return ret != 0 ? ret : job_session_free(s);
}

/* Whether the algorithm is defined for this size at all. */
static bool
key_defined(const struct ref_cipher *c, uint32_t len)
{
	unsigned int i;

	for (i = 0; i < REF_MAX_SIZES && c->key_sizes[i] != 0; i++)
		if (c->key_sizes[i] == len)
			return true;
	return c->algo == RTE_CRYPTO_CIPHER_ARC4 && len > 0;
}

static bool
iv_defined(const struct ref_cipher *c, uint32_t len)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(c->iv_sizes) && c->iv_sizes[i] != 0; i++)
		if (c->iv_sizes[i] == len)
			return true;
	return c->iv_sizes[0] == 0 && len == 0;
}

/* Each key size, shown or not, from 0 to a little beyond the largest. */
static enum test_result
cipher_sizes_case(const struct test_case *tc)
{
	const struct rte_cryptodev_symmetric_capability *cap = env_cipher_cap(tc->cipher->algo);
	struct sess_params p = {.cipher = tc->cipher, .order = SESS_CIPHER};
	unsigned int accepted = 0, refused = 0;
	uint32_t len;
	int ret;

	if (cap == NULL)
		return test_skip("the device does not show %s", tc->cipher->name);
	p.iv_len = cap->cipher.iv_size.min;
	for (len = 0; len <= cap->cipher.key_size.max + 33u && len <= REF_MAX_KEY; len++) {
		p.key_len = (uint16_t)len;
		p.decrypt = (len & 8) != 0;
		if (!env_in_range(&cap->cipher.key_size, len) && !env.strict)
			continue;
		ret = trial(&p);
		if (env_in_range(&cap->cipher.key_size, len)) {
			TEST_CHECK(!env.strict || key_defined(tc->cipher, len),
					"a key of %u bytes is shown, and not defined", len);
			TEST_CHECK(ret == 0, "a key of %u bytes is shown and refused with %s", len,
					rte_strerror(-ret));
			accepted++;
		} else {
			TEST_CHECK(ret == -EINVAL || ret == -ENOTSUP,
					"a key of %u bytes is not shown, and gives %s", len,
					ret == 0 ? "a session" : rte_strerror(-ret));
			refused++;
		}
	}
	p.key_len = cap->cipher.key_size.min;
	for (len = 0; len <= 20; len++) {
		p.iv_len = (uint16_t)len;
		if (!env_in_range(&cap->cipher.iv_size, len) && !env.strict)
			continue;
		ret = trial(&p);
		if (env_in_range(&cap->cipher.iv_size, len)) {
			TEST_CHECK(!env.strict || iv_defined(tc->cipher, len),
					"an IV of %u bytes is shown, and not defined", len);
			TEST_CHECK(ret == 0, "an IV of %u bytes is shown and refused with %s", len,
					rte_strerror(-ret));
			accepted++;
		} else {
			TEST_CHECK(ret == -EINVAL || ret == -ENOTSUP,
					"an IV of %u bytes is not shown, and gives %s", len,
					ret == 0 ? "a session" : rte_strerror(-ret));
			refused++;
		}
	}
	test_note("%u sizes accepted, %u refused", accepted, refused);
	return TEST_PASS;
}

/* One size of an AEAD. */
static enum test_result
aead_size(const char *what, const struct sess_params *p, const struct rte_crypto_param_range *r,
		uint32_t len, unsigned int *accepted, unsigned int *refused)
{
	int ret;

	if (!env_in_range(r, len) && !env.strict)
		return TEST_PASS;
	ret = trial(p);
	if (env_in_range(r, len)) {
		TEST_CHECK(ret == 0, "%s of %u bytes is shown and refused with %s", what, len,
				rte_strerror(-ret));
		(*accepted)++;
	} else {
		TEST_CHECK(ret == -EINVAL || ret == -ENOTSUP,
				"%s of %u bytes is not shown, and gives %s", what, len,
				ret == 0 ? "a session" : rte_strerror(-ret));
		(*refused)++;
	}
	return TEST_PASS;
}

static enum test_result
aead_sizes_case(const struct test_case *tc)
{
	const struct rte_cryptodev_symmetric_capability *cap = env_aead_cap(tc->aead->algo);
	static const uint16_t aads[] = {0, 1, 12, 13, 32, 33, 64, 1000, 65279, 65280, 65535};
	unsigned int accepted = 0, refused = 0, i;
	struct sess_params first, p;
	uint32_t len;

	NEED(need_aead(tc->aead));
	pick_aead(tc->aead, &first);
	for (len = 0; len <= 66; len++) {
		p = first;
		p.decrypt = (len & 1) != 0;
		p.key_len = (uint16_t)len;
		NEED(aead_size("a key", &p, &cap->aead.key_size, len, &accepted, &refused));
		p = first;
		p.decrypt = (len & 1) != 0;
		p.iv_len = (uint16_t)len;
		NEED(aead_size("an IV", &p, &cap->aead.iv_size, len, &accepted, &refused));
		p = first;
		p.decrypt = (len & 2) != 0;
		p.digest_len = (uint16_t)len;
		NEED(aead_size("a tag", &p, &cap->aead.digest_size, len, &accepted, &refused));
	}
	for (i = 0; i < RTE_DIM(aads); i++) {
		p = first;
		p.aad_len = aads[i];
		NEED(aead_size("AAD", &p, &cap->aead.aad_size, aads[i], &accepted, &refused));
	}
	test_note("%u sizes accepted, %u refused", accepted, refused);
	return TEST_PASS;
}

/*
 * The same for keys and digests: in a chain that the device takes, or alone where there is none.
 */
static enum test_result
auth_sizes_case(const struct test_case *tc)
{
	const struct rte_cryptodev_symmetric_capability *cap = env_auth_cap(tc->auth->algo);
	unsigned int accepted = 0, refused = 0;
	struct sess_params p;
	uint32_t len;
	int ret;

	if (cap == NULL)
		return test_skip("the device does not show %s", tc->auth->name);
	if (cap->auth.iv_size.max > 0 && !ref_auth_available(tc->auth))
		return test_skip("%s needs an IV", tc->auth->name);
	memset(&p, 0, sizeof(p));
	if (!ref_auth_iv(tc->auth))
		(void)any_cipher(&p);
	p.auth = tc->auth;
	p.order = SESS_CIPHER_AUTH;
	p.digest_len = cap->auth.digest_size.max;
	p.auth_key_len = cap->auth.key_size.min;
	if (p.cipher == NULL || trial(&p) == -ENOTSUP)
		p.order = SESS_AUTH_CIPHER;
	if (p.cipher == NULL || trial(&p) == -ENOTSUP)
		p.order = SESS_AUTH;
	if (p.order == SESS_AUTH)
		p.iv_len = pick_auth_iv(tc->auth);
	for (len = 0; len <= cap->auth.key_size.max + 3u && len <= REF_MAX_KEY; len++) {
		p.auth_key_len = (uint16_t)len;
		if (!env_in_range(&cap->auth.key_size, len) && !env.strict)
			continue;
		ret = trial(&p);
		if (env_in_range(&cap->auth.key_size, len)) {
			TEST_CHECK(ret == 0, "a key of %u bytes is shown and refused with %s", len,
					rte_strerror(-ret));
			accepted++;
		} else {
			TEST_CHECK(ret == -EINVAL || ret == -ENOTSUP,
					"a key of %u bytes is not shown, and gives %s", len,
					ret == 0 ? "a session" : rte_strerror(-ret));
			refused++;
		}
	}
	p.auth_key_len = cap->auth.key_size.min;
	for (len = 0; len <= cap->auth.digest_size.max + 4u; len++) {
		p.digest_len = (uint16_t)len;
		if (!env_in_range(&cap->auth.digest_size, len) && !env.strict)
			continue;
		ret = trial(&p);
		if (env_in_range(&cap->auth.digest_size, len)) {
			TEST_CHECK(ret == 0, "a digest of %u bytes is shown and refused with %s",
					len, rte_strerror(-ret));
			accepted++;
		} else {
			TEST_CHECK(ret == -EINVAL || ret == -ENOTSUP,
					"a digest of %u bytes is not shown, and gives %s", len,
					ret == 0 ? "a session" : rte_strerror(-ret));
			refused++;
		}
	}
	test_note("%u sizes accepted, %u refused", accepted, refused);
	return TEST_PASS;
}

void
suite_info(void)
{
	struct test_case tc = {0};
	const struct ref_cipher *c;
	const struct ref_auth *a;
	const struct ref_aead *e;
	unsigned int nb, i;

	tc.run = block_case;
	test_add(&tc, "block");
	tc.run = ranges_case;
	test_add(&tc, "ranges");
	tc.run = lookup_case;
	test_add(&tc, "lookup");
	tc.run = flags_case;
	test_add(&tc, "flags");
	c = ref_ciphers(&nb);
	tc.run = cipher_sizes_case;
	for (i = 0; i < nb; i++) {
		tc.cipher = &c[i];
		test_add(&tc, "sizes/%s", c[i].name);
	}
	a = ref_auths(&nb);
	tc.run = auth_sizes_case;
	for (i = 0; i < nb; i++) {
		tc.auth = &a[i];
		test_add(&tc, "sizes/%s", a[i].name);
	}
	e = ref_aeads(&nb);
	tc.run = aead_sizes_case;
	for (i = 0; i < nb; i++) {
		tc.aead = &e[i];
		test_add(&tc, "sizes/%s", e[i].name);
	}
}
