/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Known-answer tests: every cipher and key size that the device's capabilities show, both
 * directions, in place, out of place and in segments, against published vectors. A capability
 * without a vector is a failure.
 */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rte_errno.h>

#include "app.h"
#include "vectors.h"

#define MAX_VECTOR 128
#define AES_BLOCK 16

/*
 * Beside the vectors of app/test. Two-key 3DES has no published ECB, CBC or CTR vectors in reach,
 * but OFB's key stream is the cipher itself: O1 = E(IV) = plain ^ cipher, O2 = E(O1), and so on, so
 * an OFB vector is one for ECB (IV O1 O2 O3 -> O1 O2 O3 O4), one for CBC (zeroes under the IV give
 * the key stream), and its first block one for CTR [NIST SP 800-38A 6.2, 6.4, 6.5].
 */
#define TOFBMMT2_3 "NIST CAVP TOFBMMT2 encrypt 3"
#define TOFBMMT2_3_KEY "7c85a4805ee5a75115e052a80e4f2fda"
#define TOFBMMT2_3_IV "e76486c2d6309193"
#define TOFBMMT2_3_O1 "bc35863b2c9facc2"
#define TOFBMMT2_3_O2 "3abbfec491adceae"
#define TOFBMMT2_3_O3 "f075bc249907cbee"
#define TOFBMMT2_3_O4 "8a4bd41a2cf9dfd0"
#define ZERO8 "0000000000000000"

/* One key three times is DES. */
#define SP800_20 "NIST SP 800-20 Table A.1"
#define SP800_20_KEY "0101010101010101"

/* "Network Security People Have A Strange Sense Of Humor" */
#define RFC2410_2 "4e6574776f726b2053656375726974792050656f706c65204861766520412053" \
	"7472616e67652053656e7365204f662048756d6f72"

static const struct vector_cipher more_vectors[] = {
	{ "aes-xts", "NIST CAVP XTSGenAES128 encrypt 1",
		"a1b90cba3f06ac353b2c343876081762090923026e91771815f29dab01932f2f",
		"4faef7117cda59c66e4b92013e768ad5", "ebabce95b14d3c8d6fb350390790311c",
		"778ae8b43cb98d5a825081d5be471c63" },
	{ "aes-xts", "NIST CAVP XTSGenAES256 encrypt 1",
		"1ea661c58d943a0e4801e42f4b0947149e7f9f8e3e68d0c7505210bd311a0e7c"
		"d6e13ffdf2418d8d1911c004cda58da3d619b7e2b9141e58318eea392cf41b08",
		"adf8d92627464ad2f0428e84a9f87564",
		"2eedea52cd8215e1acc647e810bbc3642e87287f8d2e57e36c0a24fbc12a202e",
		"cbaad0e2f6cea3f50b37f934d46a9b130b9d54f07e34f36af793e86f73c6d7db" },
	{ "3des-ecb", SP800_20 " rounds 0 to 3", SP800_20_KEY, "",
		"8000000000000000400000000000000020000000000000001000000000000000",
		"95f8a5e5dd31d900dd7f121ca50156192e8653104f3834ea4bd388ff6cd81d4f" },
	{ "3des-cbc", "FIPS 81 Table C1", "0123456789abcdef", "1234567890abcdef",
		"4e6f77206973207468652074696d6520666f7220616c6c20",
		"e5c7cdde872bf27c43e934008c389c0f683788499a7c05f6" },
	{ "3des-ctr", SP800_20 " round 0", SP800_20_KEY, "8000000000000000", ZERO8,
		"95f8a5e5dd31d900" },
	{ "3des-ecb", TOFBMMT2_3, TOFBMMT2_3_KEY, "",
		TOFBMMT2_3_IV TOFBMMT2_3_O1 TOFBMMT2_3_O2 TOFBMMT2_3_O3,
		TOFBMMT2_3_O1 TOFBMMT2_3_O2 TOFBMMT2_3_O3 TOFBMMT2_3_O4 },
	{ "3des-cbc", TOFBMMT2_3, TOFBMMT2_3_KEY, TOFBMMT2_3_IV, ZERO8 ZERO8 ZERO8 ZERO8,
		TOFBMMT2_3_O1 TOFBMMT2_3_O2 TOFBMMT2_3_O3 TOFBMMT2_3_O4 },
	{ "3des-ctr", TOFBMMT2_3, TOFBMMT2_3_KEY, TOFBMMT2_3_IV, ZERO8, TOFBMMT2_3_O1 },
	{ "3des-cbc", "NIST CAVP TCBCMMT3 encrypt 3",
		"d98aadc76d4a3716158c32866efbb9ce834af2297379a49d", "3c5220327c502b44",
		"6174079dda53ca723ebf00a66837f8d5ce648c08acaa5ee45ffe62210ef79d3e",
		"f5bd4d600bed77bec78409e3530ebda1d815506ed53103015b87e371ae000958" },
	{ "3des-ctr", "NIST TDES modes examples (CTR)",
		"0123456789abcdef23456789abcdef01456789abcdef0123", "f69f2445df4f9b17",
		"6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51",
		"078bb74e59ce7ed619aa11d25004fb65a03cedf1ba0b09baa3bc81b8f69c1da9" },
	{ "null", "RFC 2410 test case 2", "", "", RFC2410_2, RFC2410_2 },
};

struct vector {
	const char *alg;
	const char *source;
	enum rte_crypto_cipher_algorithm algo;
	uint8_t key[64], iv[APP_MAX_IV], plain[MAX_VECTOR], cipher[MAX_VECTOR];
	unsigned int key_len, iv_len, len;
};

enum layout {
	LAYOUT_IN_PLACE,
	LAYOUT_OUT_OF_PLACE,
	LAYOUT_SEGMENTS,
	LAYOUT_SEGMENTS_OUT_OF_PLACE,
	NB_LAYOUTS,
};

static const struct {
	const char *name;
	uint64_t ff; /* the device must say that it can */
	unsigned int src_segs;
	unsigned int dst_segs; /* 0: in place */
} layouts[NB_LAYOUTS] = {
	[LAYOUT_IN_PLACE] = { "in place", 0, 1, 0 },
	[LAYOUT_OUT_OF_PLACE] = { "out of place", RTE_CRYPTODEV_FF_OOP_LB_IN_LB_OUT, 1, 1 },
	[LAYOUT_SEGMENTS] = { "in 3 segments", RTE_CRYPTODEV_FF_IN_PLACE_SGL, 3, 0 },
	[LAYOUT_SEGMENTS_OUT_OF_PLACE] = { "from 3 segments to 2",
		RTE_CRYPTODEV_FF_OOP_SGL_IN_SGL_OUT, 3, 2 },
};

static bool
vector_read(const struct vector_cipher *hex, struct vector *v)
{
	memset(v, 0, sizeof(*v));
	v->alg = hex->alg;
	v->source = hex->source;
	if (rte_cryptodev_get_cipher_algo_enum(&v->algo, hex->alg) != 0)
		return false;
	v->key_len = vectors_bytes(hex->key, v->key, sizeof(v->key));
	v->iv_len = vectors_bytes(hex->iv, v->iv, sizeof(v->iv));
	v->len = vectors_bytes(hex->plain, v->plain, sizeof(v->plain));
	return vectors_bytes(hex->cipher, v->cipher, sizeof(v->cipher)) == v->len;
}

/* Runs one vector in one direction and layout; NULL, or what went wrong. */
static const char *
run_layout(uint8_t dev_id, void *session, const struct vector *v, bool encrypt,
		enum layout layout)
{
	const uint8_t *in = encrypt ? v->plain : v->cipher;
	const uint8_t *want = encrypt ? v->cipher : v->plain;
	uint8_t blank[MAX_VECTOR];
	struct rte_crypto_op *op = app_op_alloc(session);
	const char *why = NULL;

	if (op == NULL)
		return "no op";
	memset(blank, 0xa5, sizeof(blank));
	memcpy(app_priv(op)->iv, v->iv, v->iv_len);
	op->sym->m_src = app_mbuf(in, v->len, layouts[layout].src_segs);
	if (layouts[layout].dst_segs > 0)
		op->sym->m_dst = app_mbuf(blank, v->len, layouts[layout].dst_segs);
	op->sym->cipher.data.offset = 0;
	op->sym->cipher.data.length = v->len;
	if (op->sym->m_src == NULL || (layouts[layout].dst_segs > 0 && op->sym->m_dst == NULL))
		why = "no mbufs";
	else if (!app_run(dev_id, &op, 1))
		return "the op does not come back"; /* and is not ours to free */
	else if (op->status != RTE_CRYPTO_OP_STATUS_SUCCESS)
		why = "the status is not success";
	else if (!app_mbuf_equal(op->sym->m_dst != NULL ? op->sym->m_dst : op->sym->m_src, 0, want,
			v->len))
		why = "the result is wrong";
	else if (op->sym->m_dst != NULL && !app_mbuf_equal(op->sym->m_src, 0, in, v->len))
		why = "the source was written";
	app_op_free(op);
	return why;
}

static void
run_vector(uint8_t dev_id, uint64_t ff, const struct vector *v, bool encrypt)
{
	char name[128];
	const char *why = NULL;
	void *session;
	int l;

	snprintf(name, sizeof(name), "kat %s-%u %s (%s)", v->alg, v->key_len * 8,
		encrypt ? "encrypt" : "decrypt", v->source);
	session = app_cipher_session(dev_id, v->algo, encrypt, v->key, (uint16_t)v->key_len,
			(uint16_t)v->iv_len);
	if (session == NULL) {
		app_fail(name, "no session: %s", rte_strerror(rte_errno));
		return;
	}
	for (l = 0; l < NB_LAYOUTS && why == NULL; l++) {
		if ((ff & layouts[l].ff) != layouts[l].ff)
			continue;
		why = run_layout(dev_id, session, v, encrypt, l);
		if (why != NULL)
			app_fail(name, "%s: %s", layouts[l].name, why);
	}
	if (rte_cryptodev_sym_session_free(dev_id, session) != 0)
		app_fail(name, "the session cannot be freed");
	else if (why == NULL)
		app_pass(name);
}

/* Runs all vectors of one table for a capability's key size; the number of them. */
static unsigned int
run_key_size(uint8_t dev_id, uint64_t ff, const struct rte_cryptodev_symmetric_capability *cap,
		unsigned int key_len, const struct vector_cipher *table, unsigned int nb)
{
	unsigned int i, run = 0;

	for (i = 0; i < nb; i++) {
		struct vector v;

		if (!vector_read(&table[i], &v) || v.algo != cap->cipher.algo ||
				v.key_len != key_len)
			continue;
		if (rte_cryptodev_sym_capability_check_cipher(cap, (uint16_t)key_len,
				(uint16_t)v.iv_len) != 0)
			continue;
		/* QEMU's device does no ciphertext stealing. */
		if (v.algo == RTE_CRYPTO_CIPHER_AES_XTS && v.len % AES_BLOCK != 0)
			continue;
		run_vector(dev_id, ff, &v, true);
		run_vector(dev_id, ff, &v, false);
		run++;
	}
	return run;
}

static void
run_capability(uint8_t dev_id, uint64_t ff, const struct rte_cryptodev_symmetric_capability *cap)
{
	const struct rte_crypto_param_range *keys = &cap->cipher.key_size;
	const struct vector_cipher *table;
	unsigned int key_len, nb, run;
	char name[128];

	table = vectors_cipher(&nb);
	for (key_len = keys->min; key_len <= keys->max; key_len += keys->increment) {
		run = run_key_size(dev_id, ff, cap, key_len, table, nb);
		run += run_key_size(dev_id, ff, cap, key_len, more_vectors, RTE_DIM(more_vectors));
		if (run == 0) {
			snprintf(name, sizeof(name), "kat %s-%u",
				rte_crypto_cipher_algorithm_strings[cap->cipher.algo], key_len * 8);
			app_fail(name, "a capability without a known answer");
		}
		if (keys->increment == 0)
			break;
	}
}

void
test_kat(void)
{
	const struct rte_cryptodev_capabilities *cap;
	struct rte_cryptodev_info info;
	int dev_id = app_first_device("kat", 256);

	if (dev_id < 0)
		return;
	rte_cryptodev_info_get((uint8_t)dev_id, &info);
	for (cap = info.capabilities; cap->op != RTE_CRYPTO_OP_TYPE_UNDEFINED; cap++)
		if (cap->op == RTE_CRYPTO_OP_TYPE_SYMMETRIC &&
				cap->sym.xform_type == RTE_CRYPTO_SYM_XFORM_CIPHER)
			run_capability((uint8_t)dev_id, info.feature_flags, &cap->sym);
	rte_cryptodev_stop((uint8_t)dev_id);
}
