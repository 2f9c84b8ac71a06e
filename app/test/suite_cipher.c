/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Cipher alone: every algorithm, key size, IV size, direction and layout.
 */

#include <string.h>

#include "suites.h"

/* Layouts, and shapes that go with the plain one. */
enum shape {
	SHAPE_ZERO = LAYOUT_NB,
	SHAPE_ONE_BLOCK,
	SHAPE_LARGEST,
	SHAPE_LARGEST_SGL,
	SHAPE_OFFSET,
	SHAPE_OFFSET_OOP,
	SHAPE_OFFSET_SGL,
	SHAPE_REPEATED,
	SHAPE_STOLEN,
	SHAPE_END,
};

static const char *const shape_name[] = {
	[SHAPE_ZERO] = "zero-length",
	[SHAPE_ONE_BLOCK] = "one-block",
	[SHAPE_LARGEST] = "largest",
	[SHAPE_LARGEST_SGL] = "largest-sgl",
	[SHAPE_OFFSET] = "offset",
	[SHAPE_OFFSET_OOP] = "offset-oop",
	[SHAPE_OFFSET_SGL] = "offset-sgl",
	[SHAPE_REPEATED] = "repeated",
	[SHAPE_STOLEN] = "odd-length",
};

static enum test_result
run(const struct sess *s, enum layout l, unsigned int segs, uint32_t before, uint32_t len,
		uint32_t behind)
{
	struct job_params p = {
		.cipher = {.off = before, .len = len},
		.len = before + len + behind,
		.corrupt = -1,
	};
	enum test_result r;
	struct job *j;

	layout_apply(l, segs, &p);
	j = job_create(s, &p);
	if (j == NULL)
		return TEST_FAIL;
	/* XTS is not defined for less than a block [IEEE Std 1619, 5.1]. */
	if (len == 0 && s->p.cipher->algo == RTE_CRYPTO_CIPHER_AES_XTS)
		j->either = RTE_CRYPTO_OP_STATUS_INVALID_ARGS;
	r = job_run_one(&env.dev[0], 0, j);
	if (r == TEST_PASS)
		job_release(j);
	return r;
}

/* Each number of segments, and lengths from one unit to some kilobytes. */
static enum test_result
run_layout(const struct sess *s, enum layout l)
{
	const struct ref_cipher *c = s->p.cipher;
	unsigned int segs, round;

	for (segs = 2; segs <= JOB_MAX_SEGS; segs++)
		for (round = 0; round < 3; round++)
			NEED(run(s, l, segs, 0, cipher_rand_len(c, round == 0 ? 64 :
					round == 1 ? 512 : 4096), 0));
	return TEST_PASS;
}

static enum test_result
run_offsets(const struct sess *s, enum layout l)
{
	static const uint32_t offsets[] = {1, 7, 8, 14, 16, 20, 63, 64, 100, 1500};
	const struct ref_cipher *c = s->p.cipher;
	unsigned int i;

	for (i = 0; i < RTE_DIM(offsets); i++)
		NEED(run(s, l, 2 + i % 7, offsets[i], cipher_rand_len(c, 300), i % 3 * 13));
	return TEST_PASS;
}

static enum test_result
run_shape(const struct sess *s, enum shape shape)
{
	const struct ref_cipher *c = s->p.cipher;
	const uint32_t unit = cipher_unit(c);
	const uint32_t one_seg = ENV_BIG_ROOM - 4 * JOB_GUARD;
	uint32_t len;

	switch (shape) {
	case SHAPE_ZERO:
		NEED(run(s, LAYOUT_IN_PLACE, 1, 0, 0, 0));
		NEED(run(s, LAYOUT_IN_PLACE, 1, 0, 0, 64));
		return run(s, LAYOUT_IN_PLACE, 1, 16, 0, 16);
	case SHAPE_ONE_BLOCK:
		len = RTE_MAX(RTE_MAX(unit, (uint32_t)c->min_len),
				(uint32_t)env_cipher_cap(c->algo)->cipher.block_size);
		NEED(run(s, LAYOUT_IN_PLACE, 1, 0, len, 0));
		return run(s, LAYOUT_IN_PLACE, 1, 0, len, 100);
	case SHAPE_LARGEST:
		return run(s, LAYOUT_IN_PLACE, 1, 0, RTE_MIN(cipher_max_len(c),
				one_seg / unit * unit), 0);
	case SHAPE_LARGEST_SGL:
		NEED(need_layout(LAYOUT_SGL));
		NEED(run(s, LAYOUT_SGL, 2, 0, cipher_max_len(c), 0));
		return run(s, LAYOUT_SGL, JOB_MAX_SEGS, 0, cipher_max_len(c), 0);
	case SHAPE_OFFSET:
		return run_offsets(s, LAYOUT_IN_PLACE);
	case SHAPE_OFFSET_OOP:
		NEED(need_layout(LAYOUT_OOP));
		return run_offsets(s, LAYOUT_OOP);
	case SHAPE_OFFSET_SGL:
		NEED(need_layout(LAYOUT_SGL));
		return run_offsets(s, LAYOUT_SGL);
	case SHAPE_REPEATED:
		return run_repeated(s, 6 * ENV_SMALL_DESC);
	case SHAPE_STOLEN:
		if (unit > 1)
			return test_skip("%s takes whole blocks only", c->name);
		for (len = c->min_len; len < c->min_len + 40u; len++)
			NEED(run(s, LAYOUT_IN_PLACE, 1, 0, len, 0));
		return TEST_PASS;
	default:
		return test_fail("no such shape");
	}
}

static enum test_result
cipher_case(const struct test_case *tc)
{
	const struct sess_params sp = {
		.cipher = tc->cipher,
		.order = SESS_CIPHER,
		.decrypt = tc->decrypt,
		.key_len = tc->key_len,
		.iv_len = tc->iv_len,
	};
	struct sess *s;

	NEED(need_cipher(tc->cipher, tc->key_len, tc->iv_len));
	if (tc->layout < LAYOUT_NB)
		NEED(need_layout((enum layout)tc->layout));
	NEED(make_session(&sp, &s));
	if (tc->layout < LAYOUT_NB)
		return run_layout(s, (enum layout)tc->layout);
	return run_shape(s, (enum shape)tc->layout);
}

static void
add(const struct ref_cipher *c, uint16_t key_len, uint16_t iv_len, bool decrypt)
{
	struct test_case tc = {
		.run = cipher_case,
		.nb_desc = ENV_SMALL_DESC,
		.cipher = c,
		.key_len = key_len,
		.iv_len = iv_len,
		.decrypt = decrypt,
	};
	const char *iv = c->iv_sizes[1] == 0 ? "" : iv_len == 12 ? "-iv12" : "-iv16";
	unsigned int i;

	for (i = 0; i < SHAPE_END; i++) {
		tc.layout = (uint8_t)i;
		if (i == SHAPE_STOLEN && c->block > 1)
			continue;
		test_add(&tc, "%s-%u%s/%s/%s", c->name, key_len * 8u, iv,
				decrypt ? "decrypt" : "encrypt",
				i < LAYOUT_NB ? layout_name[i] : shape_name[i]);
	}
}

void
suite_cipher(void)
{
	const struct ref_cipher *c;
	unsigned int nb, i, k, v;

	c = ref_ciphers(&nb);
	for (i = 0; i < nb; i++) {
		for (k = 0; k < REF_MAX_SIZES && c[i].key_sizes[k] != 0; k++) {
			v = 0;
			do {
				add(&c[i], c[i].key_sizes[k], c[i].iv_sizes[v], false);
				add(&c[i], c[i].key_sizes[k], c[i].iv_sizes[v], true);
			} while (++v < RTE_DIM(c[i].iv_sizes) && c[i].iv_sizes[v] != 0);
		}
	}
}
