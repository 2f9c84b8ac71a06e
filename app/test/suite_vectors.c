/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Published vectors through the device, and through the reference that judges
 * everything else. A hash or MAC is reached alone, and through a chain whose cipher works on
 * other bytes.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_errno.h>

#include "suites.h"
#include "vectors.h"

#define MAX_LEN 512

static const uint8_t zeros[MAX_LEN];

/* A session with a given key, freed at the end of the case. */
static enum test_result
session_with(const struct sess_params *p, const uint8_t *key, const uint8_t *auth_key,
		struct sess **out)
{
	struct sess *s;

	NEED(make_session(p, &s));
	/*
	 * Made with a random key first, so that it is known to the case; made again with this
	 * one.
	 */
	job_session_free_raw(s);
	if (key != NULL)
		memcpy(s->key, key, p->key_len);
	if (auth_key != NULL)
		memcpy(s->auth_key, auth_key, p->auth_key_len);
	*out = s;
	if (job_session_create_raw(s, &env.dev[0]) != 0)
		return test_fail("session refused with %s", rte_strerror(rte_errno));
	return TEST_PASS;
}

static enum test_result
check_reference_cipher(const struct vector_cipher *v)
{
	uint8_t key[REF_MAX_KEY], iv[REF_MAX_IV] = {0}, plain[MAX_LEN], cipher[MAX_LEN],
			out[MAX_LEN];
	const struct ref_cipher *c = ref_cipher_by_name(v->alg);
	const unsigned int key_len = vectors_bytes(v->key, key, sizeof(key));
	const unsigned int iv_len = vectors_bytes(v->iv, iv, sizeof(iv));
	const unsigned int len = vectors_bytes(v->plain, plain, sizeof(plain));

	TEST_CHECK(vectors_bytes(v->cipher, cipher, sizeof(cipher)) == len, "broken vector");
	if (!ref_cipher_available(c))
		return test_skip("no reference for %s", c->name);
	TEST_CHECK(ref_cipher_run(c, true, key, key_len, iv, iv_len, plain, out, len) == 0 &&
			memcmp(out, cipher, len) == 0, "the reference encrypts wrongly");
	TEST_CHECK(ref_cipher_run(c, false, key, key_len, iv, iv_len, cipher, out, len) == 0 &&
			memcmp(out, plain, len) == 0, "the reference decrypts wrongly");
	return TEST_PASS;
}

static enum test_result
reference_cipher_case(const struct test_case *tc)
{
	unsigned int nb;

	return check_reference_cipher(&vectors_cipher(&nb)[tc->n]);
}

static enum test_result
reference_auth_case(const struct test_case *tc)
{
	uint8_t key[REF_MAX_KEY], msg[MAX_LEN], want[REF_MAX_DIGEST], out[REF_MAX_DIGEST];
	unsigned int nb, len;
	const struct vector_auth *v = &vectors_auth(&nb)[tc->n];
	const struct ref_auth *a = ref_auth_by_name(v->alg);

	len = vectors_bytes(v->msg, msg, sizeof(msg));
	TEST_CHECK(vectors_bytes(v->digest, want, sizeof(want)) == a->digest, "broken vector");
	if (!ref_auth_available(a))
		return test_skip("no reference for %s", a->name);
	TEST_CHECK(ref_auth_run(a, key, vectors_bytes(v->key, key, sizeof(key)), msg, len,
					out) == 0 &&
			memcmp(out, want, a->digest) == 0, "the reference is wrong");
	return TEST_PASS;
}

static enum test_result
device_cipher_case(const struct test_case *tc)
{
	uint8_t key[REF_MAX_KEY], iv[REF_MAX_IV] = {0}, in[MAX_LEN], want[MAX_LEN];
	unsigned int nb;
	const struct vector_cipher *v = &vectors_cipher(&nb)[tc->n];
	struct sess_params sp = {
		.cipher = ref_cipher_by_name(v->alg),
		.order = SESS_CIPHER,
		.decrypt = tc->decrypt,
	};
	struct job_params p = {.src_segs = 1, .dst_segs = 1, .corrupt = -1};
	struct sess *s;
	struct job *j;

	sp.key_len = (uint16_t)vectors_bytes(v->key, key, sizeof(key));
	sp.iv_len = (uint16_t)vectors_bytes(v->iv, iv, sizeof(iv));
	p.len = vectors_bytes(tc->decrypt ? v->cipher : v->plain, in, sizeof(in));
	vectors_bytes(tc->decrypt ? v->plain : v->cipher, want, sizeof(want));
	p.cipher.len = p.len;
	NEED(need_cipher(sp.cipher, sp.key_len, sp.iv_len));
	if (p.len % cipher_unit(sp.cipher) != 0)
		return test_skip("%s takes whole blocks only", sp.cipher->name);
	NEED(session_with(&sp, key, NULL, &s));
	j = job_create_with(s, &p, in, iv);
	if (j == NULL)
		return TEST_FAIL;
	TEST_CHECK(memcmp(j->after, want, p.len) == 0, "reference and vector differ");
	return job_run_one(&env.dev[0], 0, j);
}

static enum test_result
device_auth_case(const struct test_case *tc)
{
	uint8_t key[REF_MAX_KEY], iv[REF_MAX_IV] = {0}, data[MAX_LEN], want[REF_MAX_DIGEST];
	unsigned int nb;
	const struct vector_auth *v = &vectors_auth(&nb)[tc->n];
	const struct ref_auth *a = ref_auth_by_name(v->alg);
	struct sess_params sp;
	struct job_params p = {.src_segs = 1, .dst_segs = 1, .corrupt = -1};
	struct sess *s;
	struct job *j;

	NEED(need_chaining());
	NEED(any_cipher(&sp));
	sp.auth = a;
	sp.order = SESS_AUTH_CIPHER;
	sp.decrypt = tc->decrypt;
	sp.auth_key_len = (uint16_t)vectors_bytes(v->key, key, sizeof(key));
	p.auth.len = vectors_bytes(v->msg, data, sizeof(data) - 64);
	vectors_bytes(v->digest, want, sizeof(want));
	NEED(need_auth(a, sp.auth_key_len, 0));
	sp.digest_len = pick_digest(a);
	p.cipher.off = RTE_ALIGN_CEIL(p.auth.len, 16);
	p.cipher.len = 16;
	p.len = p.cipher.off + p.cipher.len;
	memcpy(data + p.auth.len, zeros, p.len - p.auth.len);
	NEED(session_with(&sp, NULL, key, &s));
	j = job_create_with(s, &p, data, iv);
	if (j == NULL)
		return TEST_FAIL;
	TEST_CHECK(memcmp(j->digest, want, sp.digest_len) == 0, "reference and vector differ");
	return job_run_one(&env.dev[0], 0, j);
}

static enum test_result
device_alone_case(const struct test_case *tc)
{
	uint8_t key[REF_MAX_KEY], iv[REF_MAX_IV] = {0}, data[MAX_LEN], want[REF_MAX_DIGEST];
	unsigned int nb;
	const struct vector_auth *v = &vectors_auth(&nb)[tc->n];
	struct sess_params sp = {
		.auth = ref_auth_by_name(v->alg),
		.order = SESS_AUTH,
		.decrypt = tc->decrypt,
	};
	struct job_params p = {.src_segs = 1, .dst_segs = 1, .corrupt = -1};
	struct sess *s;
	struct job *j;

	sp.auth_key_len = (uint16_t)vectors_bytes(v->key, key, sizeof(key));
	p.len = p.auth.len = vectors_bytes(v->msg, data, sizeof(data));
	vectors_bytes(v->digest, want, sizeof(want));
	NEED(need_auth(sp.auth, sp.auth_key_len, 0));
	if (p.len == 0)
		NEED(need_strict());
	sp.digest_len = pick_digest(sp.auth);
	NEED(session_with(&sp, NULL, key, &s));
	j = job_create_with(s, &p, data, iv);
	if (j == NULL)
		return TEST_FAIL;
	TEST_CHECK(memcmp(j->digest, want, sp.digest_len) == 0, "reference and vector differ");
	return job_run_one(&env.dev[0], 0, j);
}

/* An AEAD vector as bytes. */
struct aead_bytes {
	uint8_t key[REF_MAX_KEY], iv[REF_MAX_IV], aad[MAX_LEN], plain[MAX_LEN], cipher[MAX_LEN],
			tag[REF_MAX_TAG];
	uint16_t key_len, iv_len, aad_len, tag_len;
	uint32_t len;
};

static const struct vector_aead *
aead_vector(unsigned int n, struct aead_bytes *b)
{
	unsigned int nb;
	const struct vector_aead *v = &vectors_aead(&nb)[n];

	memset(b, 0, sizeof(*b));
	b->key_len = (uint16_t)vectors_bytes(v->key, b->key, sizeof(b->key));
	b->iv_len = (uint16_t)vectors_bytes(v->iv, b->iv, sizeof(b->iv));
	if (b->iv_len == REF_J0_LEN)
		b->iv_len = 0;
	b->aad_len = (uint16_t)vectors_bytes(v->aad, b->aad, sizeof(b->aad));
	b->len = vectors_bytes(v->plain, b->plain, sizeof(b->plain));
	vectors_bytes(v->cipher, b->cipher, sizeof(b->cipher));
	b->tag_len = (uint16_t)vectors_bytes(v->tag, b->tag, sizeof(b->tag));
	return v;
}

static enum test_result
reference_aead_case(const struct test_case *tc)
{
	struct aead_bytes b;
	const struct vector_aead *v = aead_vector(tc->n, &b);
	const struct ref_aead *a = ref_aead_by_name(v->alg);
	uint8_t out[MAX_LEN], tag[REF_MAX_DIGEST];

	if (a == NULL) {
		TEST_CHECK(ref_auth_run_iv(ref_auth_by_name(v->alg), b.key, b.key_len, b.iv,
				b.iv_len, b.aad, b.aad_len, tag) == 0 &&
				memcmp(tag, b.tag, b.tag_len) == 0, "the reference is wrong");
		return TEST_PASS;
	}
	TEST_CHECK(ref_aead_run(a, b.key, b.key_len, b.iv, b.iv_len, b.aad, b.aad_len, b.plain,
			out, b.len, tag, b.tag_len) == 0 && memcmp(out, b.cipher, b.len) == 0 &&
			memcmp(tag, b.tag, b.tag_len) == 0, "the reference encrypts wrongly");
	return TEST_PASS;
}

static enum test_result
device_aead_case(const struct test_case *tc)
{
	struct aead_bytes b;
	const struct vector_aead *v = aead_vector(tc->n, &b);
	struct sess_params sp = {
		.aead = ref_aead_by_name(v->alg),
		.auth = ref_auth_by_name(v->alg),
		.decrypt = tc->decrypt,
		.iv_len = b.iv_len,
		.digest_len = b.tag_len,
	};
	struct job_params p = {.src_segs = 1, .dst_segs = 1, .corrupt = -1};
	struct sess *s;
	struct job *j;

	if (b.len == 0)
		NEED(need_strict());
	if (sp.auth != NULL) {
		sp.order = SESS_AUTH;
		sp.auth_key_len = b.key_len;
		p.len = p.auth.len = b.aad_len;
		NEED(need_auth(sp.auth, sp.auth_key_len, sp.digest_len));
		NEED(session_with(&sp, NULL, b.key, &s));
		j = job_create_with(s, &p, b.aad, b.iv);
	} else {
		const struct rte_cryptodev_symmetric_capability *cap;

		NEED(need_aead(sp.aead));
		cap = env_aead_cap(sp.aead->algo);
		if (!env_in_range(&cap->aead.iv_size, b.iv_len) ||
				!env_in_range(&cap->aead.key_size, b.key_len) ||
				!env_in_range(&cap->aead.digest_size, b.tag_len))
			return test_skip("the device does not show %s with these sizes", v->alg);
		sp.order = SESS_AEAD;
		sp.key_len = b.key_len;
		sp.aad_len = b.aad_len;
		p.aad = b.aad;
		p.len = p.cipher.len = b.len;
		NEED(session_with(&sp, b.key, NULL, &s));
		j = job_create_with(s, &p, b.plain, b.iv);
	}
	if (j == NULL)
		return TEST_FAIL;
	TEST_CHECK(memcmp(sp.decrypt ? j->before : j->after, sp.aead != NULL ? b.cipher : b.aad,
			p.len) == 0 && memcmp(j->digest, b.tag, b.tag_len) == 0,
			"reference and vector differ");
	return job_run_one(&env.dev[0], 0, j);
}

/* The source without blanks and commas, for a name. */
static const char *
name_of(const char *source)
{
	static char text[64];
	unsigned int n = 0;

	for (; *source != '\0' && n < sizeof(text) - 1; source++)
		if (*source != ',')
			text[n++] = *source == ' ' ? '-' : *source;
	text[n] = '\0';
	return text;
}

void
suite_vectors(void)
{
	const struct vector_cipher *c;
	const struct vector_auth *a;
	const struct vector_aead *e;
	struct test_case tc = {0};
	unsigned int nb, i;

	c = vectors_cipher(&nb);
	for (i = 0; i < nb; i++) {
		tc.n = i;
		tc.run = reference_cipher_case;
		test_add(&tc, "reference/%s/%s", c[i].alg, name_of(c[i].source));
		tc.run = device_cipher_case;
		tc.decrypt = false;
		test_add(&tc, "device/%s/%s/encrypt", c[i].alg, name_of(c[i].source));
		tc.decrypt = true;
		test_add(&tc, "device/%s/%s/decrypt", c[i].alg, name_of(c[i].source));
	}
	a = vectors_auth(&nb);
	for (i = 0; i < nb; i++) {
		tc.n = i;
		tc.run = reference_auth_case;
		test_add(&tc, "reference/%s/%s", a[i].alg, name_of(a[i].source));
		tc.run = device_auth_case;
		tc.decrypt = false;
		test_add(&tc, "device/%s/%s/generate", a[i].alg, name_of(a[i].source));
		tc.decrypt = true;
		test_add(&tc, "device/%s/%s/verify", a[i].alg, name_of(a[i].source));
		tc.run = device_alone_case;
		tc.decrypt = false;
		test_add(&tc, "alone/%s/%s/generate", a[i].alg, name_of(a[i].source));
		tc.decrypt = true;
		test_add(&tc, "alone/%s/%s/verify", a[i].alg, name_of(a[i].source));
	}
	e = vectors_aead(&nb);
	for (i = 0; i < nb; i++) {
		tc.n = i;
		tc.run = reference_aead_case;
		test_add(&tc, "reference/%s/%s", e[i].alg, name_of(e[i].source));
		tc.run = device_aead_case;
		tc.decrypt = false;
		test_add(&tc, "device/%s/%s/encrypt", e[i].alg, name_of(e[i].source));
		tc.decrypt = true;
		test_add(&tc, "device/%s/%s/decrypt", e[i].alg, name_of(e[i].source));
	}
}
