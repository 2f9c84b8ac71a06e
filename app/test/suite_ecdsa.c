/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * ECDSA over the curves of NIST: signatures against libcrypto in both directions, with digests
 * shorter and longer than the curve's order, and signatures that are none.
 *
 * A case's n is the curve, its ranges the digest, its layout what is spoiled.
 */

#include <string.h>

#include "asym.h"

enum spoiled {
	SPOIL_NOTHING,
	SPOIL_DIGEST,
	SPOIL_R,
	SPOIL_S,
	SPOIL_SWAPPED,
	SPOIL_R_ZERO,
	SPOIL_S_ZERO,
	SPOIL_R_ORDER,
	SPOIL_S_ORDER,
	SPOIL_OTHER_KEY,
	NB_SPOILED,
};
static const char *const spoiled[NB_SPOILED] = {"good", "digest", "r", "s", "swapped", "r-zero",
	"s-zero", "r-order", "s-order", "other-key"};

static enum test_result
open_curve(const struct test_case *tc, enum rte_crypto_asym_op_type op,
		const struct asym_ec_key **key, void **session)
{
	struct rte_crypto_asym_xform x;

	ASYM_NEED(need_asym(RTE_CRYPTO_ASYM_XFORM_ECDSA, op));
	*key = asym_ec_key((enum asym_curve)tc->n);
	TEST_CHECK(*key != NULL, "libcrypto makes no key");
	asym_ec_xform((enum asym_curve)tc->n, &x);
	return asym_session(&x, session);
}

static uint32_t
fill_digest(const struct test_case *tc, uint8_t *out)
{
	uint8_t msg[32];

	test_rand_fill(msg, sizeof(msg));
	return asym_digest(asym_hashes[tc->ranges], msg, sizeof(msg), out);
}

static enum test_result
sign(const struct test_case *tc, const struct asym_ec_key *key, struct asym_job *j)
{
	const struct rte_crypto_ecdsa_op_param *const e = &j->op->asym->ecdsa;
	uint8_t digest[ASYM_DIGEST_MAX_LEN];
	const uint32_t len = fill_digest(tc, digest);
	uint8_t r[ASYM_EC_MAX_LEN] = {0}, s[ASYM_EC_MAX_LEN] = {0};
	enum rte_crypto_op_status status;

	asym_job_ecdsa(j, RTE_CRYPTO_ASYM_OP_SIGN, key, digest, len, NULL, NULL);
	ASYM_NEED(asym_run_one(j, &status));
	TEST_CHECK(status == RTE_CRYPTO_OP_STATUS_SUCCESS, "status %d", (int)status);
	TEST_CHECK(e->r.length != 0 && e->r.length <= key->len && e->s.length != 0 &&
			e->s.length <= key->len, "r of %zu bytes, s of %zu", e->r.length,
			e->s.length);
	memcpy(r + key->len - e->r.length, j->out.data, e->r.length);
	memcpy(s + key->len - e->s.length, j->more.data, e->s.length);
	TEST_CHECK(asym_ec_verify(key, digest, len, r, s), "libcrypto refuses the signature");
	return TEST_PASS;
}

static enum test_result
run_sign(const struct test_case *tc)
{
	const struct asym_ec_key *key;
	enum test_result result = TEST_PASS;
	void *session = NULL;
	struct asym_job *j;
	unsigned int i;

	ASYM_NEED(open_curve(tc, RTE_CRYPTO_ASYM_OP_SIGN, &key, &session));
	/* Numbers differ in length now and then. */
	for (i = 0; result == TEST_PASS && i < 8; i++) {
		j = asym_job(session);
		result = j == NULL ? test_fail("no memory") : sign(tc, key, j);
		asym_job_free(j);
	}
	asym_session_free(session);
	return result;
}

static enum test_result
verify(const struct test_case *tc, const struct asym_ec_key *key, struct asym_job *j)
{
	uint8_t digest[ASYM_DIGEST_MAX_LEN], r[ASYM_EC_MAX_LEN], s[ASYM_EC_MAX_LEN],
			t[ASYM_EC_MAX_LEN];
	const uint32_t len = fill_digest(tc, digest);
	struct asym_ec_key other = *key;
	enum rte_crypto_op_status status;

	TEST_CHECK(asym_ec_sign(key, digest, len, r, s), "libcrypto does not sign");
	switch ((enum spoiled)tc->layout) {
	case SPOIL_DIGEST:
		digest[test_rand_range(0, RTE_MIN(len, key->len) - 2)] ^= 1;
		break;
	case SPOIL_R:
		r[test_rand_range(2, key->len - 1)] ^= 4;
		break;
	case SPOIL_S:
		s[test_rand_range(2, key->len - 1)] ^= 4;
		break;
	case SPOIL_SWAPPED:
		memcpy(t, r, sizeof(t));
		memcpy(r, s, sizeof(r));
		memcpy(s, t, sizeof(s));
		break;
	case SPOIL_R_ZERO:
		memset(r, 0, sizeof(r));
		break;
	case SPOIL_S_ZERO:
		memset(s, 0, sizeof(s));
		break;
	case SPOIL_R_ORDER:
		asym_curve_order(key->curve, r);
		break;
	case SPOIL_S_ORDER:
		asym_curve_order(key->curve, s);
		break;
	case SPOIL_OTHER_KEY:
		/* Not on the curve, but for one of 2^n. */
		other.y[key->len - 1] ^= 2;
		key = &other;
		break;
	default:
		break;
	}
	asym_job_ecdsa(j, RTE_CRYPTO_ASYM_OP_VERIFY, key, digest, len, r, s);
	ASYM_NEED(asym_run_one(j, &status));
	TEST_CHECK((status == RTE_CRYPTO_OP_STATUS_SUCCESS) == (tc->layout == SPOIL_NOTHING),
			"status %d", (int)status);
	return TEST_PASS;
}

static enum test_result
run_verify(const struct test_case *tc)
{
	const struct asym_ec_key *key;
	enum test_result result;
	void *session = NULL;
	struct asym_job *j;

	ASYM_NEED(open_curve(tc, RTE_CRYPTO_ASYM_OP_VERIFY, &key, &session));
	j = asym_job(session);
	result = j == NULL ? test_fail("no memory") : verify(tc, key, j);
	asym_job_free(j);
	asym_session_free(session);
	return result;
}

void
suite_ecdsa(void)
{
	struct test_case tc = {.n = 0};
	unsigned int h;

	for (tc.n = 0; tc.n < ASYM_NB_CURVES; tc.n++) {
		const char *const name = asym_curve_name((enum asym_curve)tc.n);

		for (h = 0; h < ASYM_NB_HASHES; h++) {
			tc.ranges = (uint8_t)h;
			tc.layout = SPOIL_NOTHING;
			tc.run = run_sign;
			test_add(&tc, "%s/sign/%s", name, asym_hashes[h]);
			tc.run = run_verify;
			test_add(&tc, "%s/verify/%s", name, asym_hashes[h]);
		}
		tc.ranges = 3;
		for (tc.layout = SPOIL_DIGEST; tc.layout < NB_SPOILED; tc.layout++)
			test_add(&tc, "%s/verify/spoiled-%s", name, spoiled[tc.layout]);
	}
}
