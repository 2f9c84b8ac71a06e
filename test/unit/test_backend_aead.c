/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * AEAD requests in each format: golden bytes against published vectors, tags that are wrong,
 * lengths that do not fit, source and destination in one memory, and GCM from a given J0.
 */

#include <openssl/evp.h>

#include "backend_services.h"

#define GCM 1
#define CCM 2
#define CHACHA 3
#define REQ_MAX (72 + 32 + 16 + 1024 + 65536)

struct vector {
	const char *source;
	uint32_t algo;
	const char *key;
	const char *iv;
	const char *aad;
	const char *plain;
	const char *secret;
	const char *tag;
};

#define GCM_KEY "feffe9928665731c6d6a8f9467308308"
#define GCM_KEY_192 GCM_KEY "feffe9928665731c"
#define GCM_IV "cafebabefacedbaddecaf888"
#define GCM_AAD "feedfacedeadbeeffeedfacedeadbeefabaddad2"
#define GCM_PLAIN_60 \
	"d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72" \
	"1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"
#define ZEROS "00000000000000000000000000000000"
#define CCM_KEY "404142434445464748494a4b4c4d4e4f"

/* "McGrew, Viega" is "The Galois/Counter Mode of Operation", appendix B. */
static const struct vector vectors[] = {
	{"McGrew, Viega, case 1", GCM, ZEROS, "000000000000000000000000", "", "", "",
		"58e2fccefa7e3061367f1d57a4e7455a"},
	{"McGrew, Viega, case 2", GCM, ZEROS, "000000000000000000000000", "", ZEROS,
		"0388dace60b6a392f328c2b971b2fe78", "ab6e47d42cec13bdf53a67b21257bddf"},
	{"McGrew, Viega, case 3", GCM, GCM_KEY, GCM_IV, "", GCM_PLAIN_60 "1aafd255",
		"42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
		"21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091473f5985",
		"4d5c2af327cd64a62cf35abd2ba6fab4"},
	{"McGrew, Viega, case 4", GCM, GCM_KEY, GCM_IV, GCM_AAD, GCM_PLAIN_60,
		"42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
		"21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091",
		"5bc94fbc3221a5db94fae95ae7121a47"},
	{"McGrew, Viega, case 4, 12 bytes of the tag", GCM, GCM_KEY, GCM_IV, GCM_AAD, GCM_PLAIN_60,
		"42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
		"21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091",
		"5bc94fbc3221a5db94fae95a"},
	/* The appendix lists J0 as Y0. */
	{"McGrew, Viega, case 5, from J0", GCM, GCM_KEY, "c43a83c4c4badec4354ca984db252f7d",
		GCM_AAD, GCM_PLAIN_60,
		"61353b4c2806934a777ff51fa22a4755699b2a714fcdc6f83766e5f97b6c7423"
		"73806900e49f24b22b097544d4896b424989b5e1ebac0f07c23f4598",
		"3612d2e79e3b0785561be14aaca2fccb"},
	{"McGrew, Viega, case 6, from J0", GCM, GCM_KEY, "3bab75780a31c059f83d2a44752f9864",
		GCM_AAD, GCM_PLAIN_60,
		"8ce24998625615b603a033aca13fb894be9112a5c3a211a8ba262a3cca7e2ca7"
		"01e4a9a4fba43c90ccdcb281d48c7c6fd62875d2aca417034c34aee5",
		"619cc5aefffe0bfa462af43c1699d050"},
	{"McGrew, Viega, case 10", GCM, GCM_KEY_192, GCM_IV, GCM_AAD, GCM_PLAIN_60,
		"3980ca0b3c00e841eb06fac4872a2757859e1ceaa6efd984628593b40ca1e19c"
		"7d773d00c144c525ac619d18c84a3f4718e2448b2fe324d9ccda2710",
		"2519498e80f1478f37ba55bd6d27618c"},
	{"McGrew, Viega, case 16", GCM, GCM_KEY GCM_KEY, GCM_IV, GCM_AAD, GCM_PLAIN_60,
		"522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
		"8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
		"76fc6ece0f4e1768cddf8853bb2d551b"},
	{"SP 800-38C example 1", CCM, CCM_KEY, "10111213141516", "0001020304050607", "20212223",
		"7162015b", "4dac255d"},
	{"SP 800-38C example 2", CCM, CCM_KEY, "1011121314151617",
		"000102030405060708090a0b0c0d0e0f", "202122232425262728292a2b2c2d2e2f",
		"d2a1f0e051ea5f62081a7792073d593d", "1fc64fbfaccd"},
	{"SP 800-38C example 3", CCM, CCM_KEY, "101112131415161718191a1b",
		"000102030405060708090a0b0c0d0e0f10111213",
		"202122232425262728292a2b2c2d2e2f3031323334353637",
		"e3b201a9f5b71a7a9b1ceaeccd97e70b6176aad9a4428aa5", "484392fbc1b09951"},
	{"RFC 3610 vector 1", CCM, "c0c1c2c3c4c5c6c7c8c9cacbcccdcecf",
		"00000003020100a0a1a2a3a4a5", "0001020304050607",
		"08090a0b0c0d0e0f101112131415161718191a1b1c1d1e",
		"588c979a61c663d2f066d0c2c0f989806d5f6b61dac384", "17e8d12cfdf926e0"},
	{"RFC 8439 2.8.2", CHACHA,
		"808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
		"070000004041424344454647", "50515253c0c1c2c3c4c5c6c7",
		"4c616469657320616e642047656e746c656d656e206f662074686520636c6173"
		"73206f66202739393a204966204920636f756c64206f6666657220796f75206f"
		"6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73"
		"637265656e20776f756c642062652069742e",
		"d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d6"
		"3dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b36"
		"92ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
		"3ff4def08e4b7a9de576d26586cec64b6116",
		"1ae10b594f09e26a7e902ecbd0600691"},
};

static uint8_t aad_buf[65536], plain_buf[4096], secret_buf[4096];

static void
load(const struct vector *v, struct aead *a)
{
	memset(a, 0, sizeof(*a));
	a->algo = v->algo;
	a->key_len = (uint32_t)unhex(v->key, a->key);
	a->iv_len = (uint32_t)unhex(v->iv, a->iv);
	a->aad = aad_buf;
	a->aad_len = (uint32_t)unhex(v->aad, aad_buf);
	a->plain = plain_buf;
	a->len = (uint32_t)unhex(v->plain, plain_buf);
	a->secret = secret_buf;
	assert_int_equal(unhex(v->secret, secret_buf), a->len);
	a->tag_len = (uint32_t)unhex(v->tag, a->tag);
}

static uint64_t
new_session(struct backend *b, const struct aead *a, uint32_t dir, bool exact)
{
	uint8_t in[72 + 32];
	uint64_t id;

	assert_int_equal(create_from(b, in, aead_create_bytes(a, dir, exact, in), &id), ST_OK);
	return id;
}

/* Ciphertext and tag. */
static size_t
sealed(const struct aead *a, uint8_t *out)
{
	return append(out, append(out, 0, a->secret, a->len), a->tag, a->tag_len);
}

static void
run_sessions(struct backend *b, const struct aead *a, bool exact)
{
	uint8_t *in = malloc(REQ_MAX), *want = malloc(a->len + 16);
	uint64_t enc, dec;
	size_t n;

	enc = new_session(b, a, ENCRYPT, exact);
	dec = new_session(b, a, DECRYPT, exact);
	n = aead_bytes(a, ENCRYPT, enc, a->len + a->tag_len, exact, in);
	expect(b, in, n, want, sealed(a, want));
	expect_status(b, "one byte short", in, n - 1, a->len + a->tag_len, ST_ERR);
	expect_status(b, "no room", in, n, a->len + a->tag_len - 1, ST_ERR);
	n = aead_bytes(a, DECRYPT, dec, a->len, exact, in);
	expect(b, in, n, a->plain, a->len);
	expect_status(b, "one byte short", in, n - 1, a->len, ST_ERR);

	/* The session of the other direction; a session of another service. */
	n = aead_bytes(a, DECRYPT, enc, a->len, exact, in);
	expect_status(b, "other direction", in, n, a->len, ST_ERR);
	put32(in, 0, OP_HASH);
	put32(in, 24, 4);
	put32(in, 28, 4);
	expect_status(b, "HASH", in, n, 4, ST_INVSESS);
	put32(in, 0, 0x0302);
	expect_status(b, "no such opcode", in, n, 4, ST_NOTSUPP);

	assert_int_equal(destroy_as(b, 0x0303, enc, end_fixed(24, exact)), ST_OK);
	assert_int_equal(destroy_as(b, 0x0003, dec, end_fixed(24, exact)), ST_ERR);
	assert_int_equal(destroy_as(b, 0x0303, dec, end_fixed(24, exact)), ST_OK);
	n = aead_bytes(a, ENCRYPT, enc, a->len + a->tag_len, exact, in);
	expect_status(b, "destroyed", in, n, a->len + a->tag_len, ST_INVSESS);
	free(in);
	free(want);
}

static void
sessions(void **state)
{
	static const uint64_t feature_sets[] = {0, REVISION_1, ALL_STATELESS};
	unsigned int i, k;
	struct aead a;

	(void)state;
	for (k = 0; k < UNIT_DIM(feature_sets); k++) {
		struct backend b = services_create(feature_sets[k]);

		for (i = 0; i < UNIT_DIM(vectors); i++) {
			load(&vectors[i], &a);
			run_sessions(&b, &a, feature_sets[k] != 0);
		}
		backend_destroy(&b);
	}
}

static void
stateless(void **state)
{
	struct backend b = services_create(ALL_STATELESS);
	uint8_t *in = malloc(REQ_MAX), want[4096 + 16];
	unsigned int i;
	struct aead a;
	size_t n;

	(void)state;
	for (i = 0; i < UNIT_DIM(vectors); i++) {
		load(&vectors[i], &a);
		n = aead_stateless_bytes(&a, ENCRYPT, a.len + a.tag_len, in);
		expect(&b, in, n, want, sealed(&a, want));
		expect_status(&b, "one byte short", in, n - 1, a.len + a.tag_len, ST_ERR);
		put32(in, 0, OP_AEAD_DECRYPT);
		expect_status(&b, "other direction", in, n, a.len + a.tag_len, ST_ERR);
		n = aead_stateless_bytes(&a, DECRYPT, a.len, in);
		expect(&b, in, n, a.plain, a.len);
	}
	free(in);
	backend_destroy(&b);
}

/* SP 800-38C example 4: 64 KiB of additional data, whose length is coded in another way. */
static void
long_aad(void **state)
{
	static const struct vector v = {"SP 800-38C example 4", CCM, CCM_KEY,
		"101112131415161718191a1b1c", "",
		"202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f",
		"69915dad1e84c6376a68c2967e4dab615ae0fd1faec44cc484828529463ccf72",
		"b4ac6bec93e8598e7f0dadbcea5b"};
	struct backend b = services_create(ALL_STATELESS);
	uint8_t *in = malloc(REQ_MAX), want[64];
	struct aead a;
	unsigned int i;

	(void)state;
	load(&v, &a);
	for (i = 0; i < sizeof(aad_buf); i++)
		aad_buf[i] = (uint8_t)i;
	a.aad_len = sizeof(aad_buf);
	run_sessions(&b, &a, true);
	expect(&b, in, aead_stateless_bytes(&a, ENCRYPT, a.len + a.tag_len, in), want,
			sealed(&a, want));
	free(in);
	backend_destroy(&b);
}

/* Each bit of tag, ciphertext, additional data and IV counts, and nothing is given away. */
static void
not_authentic(void **state)
{
	struct backend b = services_create(REVISION_1);
	uint8_t *in = malloc(REQ_MAX), out[4096 + 1];
	struct aead a;
	uint64_t id;
	size_t n, k;
	unsigned int i;

	(void)state;
	for (i = 0; i < UNIT_DIM(vectors); i++) {
		load(&vectors[i], &a);
		id = new_session(&b, &a, DECRYPT, true);
		n = aead_bytes(&a, DECRYPT, id, a.len, true, in);
		for (k = 48; k < n; k++) {
			in[k] ^= (uint8_t)(1 << k % 8);
			assert_int_equal(exchange(&b, in, n, out, a.len + 1, 1 << 20, 1 << 20),
					a.len == 0 ? 1 : 0);
			assert_int_equal(out[a.len], ST_BADMSG);
			/* It may be all zeros, as what is wiped. */
			if (a.len >= 4 && a.plain[1] != 0)
				assert_memory_not_equal(out, a.plain, a.len);
			in[k] ^= (uint8_t)(1 << k % 8);
		}
		expect(&b, in, n, a.plain, a.len);
	}
	free(in);
	backend_destroy(&b);
}

/* The destination of a decryption may have room for the tag, or more; nothing is written there. */
static void
destination_lengths(void **state)
{
	struct backend b = services_create(0);
	uint8_t in[512], out[512];
	uint64_t enc, dec;
	struct aead a;
	size_t n, k;
	uint32_t dst;

	(void)state;
	load(&vectors[3], &a);
	enc = new_session(&b, &a, ENCRYPT, false);
	dec = new_session(&b, &a, DECRYPT, false);
	for (dst = 0; dst < a.len + 2 * a.tag_len; dst++) {
		n = aead_bytes(&a, DECRYPT, dec, dst, false, in);
		if (dst < a.len) {
			expect_status(&b, "destination too short", in, n, dst, ST_ERR);
			continue;
		}
		/* The status is not behind what was written without a gap. */
		assert_int_equal(exchange(&b, in, n, out, dst + 1, 1 << 20, 1 << 20),
				dst == a.len ? a.len + 1 : a.len);
		assert_int_equal(out[dst], ST_OK);
		assert_memory_equal(out, a.plain, a.len);
		for (k = a.len; k < dst; k++)
			assert_int_equal(out[k], ST_UNTOUCHED);
	}
	for (dst = 0; dst < a.len + 2 * a.tag_len; dst++) {
		n = aead_bytes(&a, ENCRYPT, enc, dst, false, in);
		if (dst < a.len + a.tag_len) {
			expect_status(&b, "destination too short", in, n, dst, ST_ERR);
			continue;
		}
		exchange(&b, in, n, out, dst + 1, 5, 1 << 20);
		assert_int_equal(out[dst], ST_OK);
		assert_memory_equal(out, a.secret, a.len);
		assert_memory_equal(out + a.len, a.tag, a.tag_len);
	}
	backend_destroy(&b);
}

/* Drivers of before the standard had tag_len say nothing there; others must say it. */
static void
tag_length_of_the_session(void **state)
{
	struct backend b = services_create(0);
	uint8_t in[512], want[512];
	struct aead a;
	uint64_t id;
	size_t n;

	(void)state;
	load(&vectors[3], &a);
	id = new_session(&b, &a, ENCRYPT, false);
	n = aead_bytes(&a, ENCRYPT, id, a.len + a.tag_len, false, in);
	put32(in, 40, 0);
	expect(&b, in, n, want, sealed(&a, want));
	put32(in, 40, 12);
	expect_status(&b, "other tag", in, n, a.len + a.tag_len, ST_ERR);
	id = new_session(&b, &a, DECRYPT, false);
	n = aead_bytes(&a, DECRYPT, id, a.len, false, in);
	put32(in, 40, 0);
	expect(&b, in, n, a.plain, a.len);
	vhc_device_set_features(b.device, REVISION_1);
	n = aead_bytes(&a, DECRYPT, id, a.len, true, in);
	put32(in, 40, 0);
	expect_status(&b, "no tag", in, n, a.len, ST_ERR);
	backend_destroy(&b);
}

struct mutation {
	const char *what;
	size_t off;
	uint32_t value;
	uint8_t status;
};

static const struct mutation mutations[] = {
	{"no IV", 24, 0, ST_ERR},
	{"IV of 11 bytes", 24, 11, ST_ERR},
	{"IV of 13 bytes", 24, 13, ST_ERR},
	{"IV of 17 bytes", 24, 17, ST_ERR},
	{"IV that overflows", 24, UINT32_MAX, ST_ERR},
	{"more AAD than there is", 28, 21, ST_ERR},
	{"AAD that overflows", 28, UINT32_MAX, ST_ERR},
	{"AAD and source that overflow to 0", 28, UINT32_MAX - 60 - 12 - 48 + 1, ST_ERR},
	{"more source than there is", 32, 61, ST_ERR},
	{"source that overflows", 32, UINT32_MAX, ST_ERR},
	{"source and tag that overflow", 32, UINT32_MAX - 15, ST_ERR},
	{"destination without tag", 36, 60, ST_ERR},
	{"no destination", 36, 0, ST_ERR},
	{"more destination than there is", 36, 77, ST_ERR},
	{"destination that overflows", 36, UINT32_MAX, ST_ERR},
	{"other tag", 40, 15, ST_ERR},
	{"tag that overflows", 40, UINT32_MAX, ST_ERR},
};

static void
malformed(void **state)
{
	struct backend b = services_create(REVISION_1);
	uint8_t good[512], in[512], out[512], *cut;
	struct aead a;
	unsigned int i;
	uint64_t id;
	size_t n;

	(void)state;
	load(&vectors[3], &a);
	id = new_session(&b, &a, ENCRYPT, true);
	n = aead_bytes(&a, ENCRYPT, id, a.len + a.tag_len, true, good);
	for (i = 0; i < UNIT_DIM(mutations); i++) {
		memcpy(in, good, n);
		put32(in, mutations[i].off, mutations[i].value);
		exchange(&b, in, n, out, a.len + a.tag_len + 1, 1 << 20, 1 << 20);
		if (out[a.len + a.tag_len] != mutations[i].status)
			fail_msg("%s: status %u", mutations[i].what, out[a.len + a.tag_len]);
	}
	for (i = 1; i < n; i++) {
		cut = malloc(i);
		memcpy(cut, good, i);
		expect_status(&b, "cut short", cut, i, 76, ST_ERR);
		free(cut);
	}
	/* Less source than tag. */
	id = new_session(&b, &a, DECRYPT, true);
	n = aead_bytes(&a, DECRYPT, id, a.len, true, in);
	put32(in, 32, 15);
	expect_status(&b, "no tag in the source", in, n, a.len, ST_ERR);
	put32(in, 32, 0);
	expect_status(&b, "no source", in, n, a.len, ST_ERR);
	n = aead_bytes(&a, DECRYPT, id, a.len, true, in);
	expect(&b, in, n, a.plain, a.len);
	backend_destroy(&b);
}

static const struct mutation create_mutations[] = {
	{"AEAD 0", 16, 0, ST_NOTSUPP},
	{"no such AEAD", 16, 4, ST_NOTSUPP},
	{"AEAD number that overflows", 16, UINT32_MAX, ST_NOTSUPP},
	{"key of 15 bytes", 20, 15, ST_ERR},
	{"no key", 20, 0, ST_ERR},
	{"key longer than the chain", 20, 24, ST_ERR},
	{"key above the limit", 20, 65, ST_ERR},
	{"key that overflows", 20, UINT32_MAX, ST_ERR},
	{"no tag", 24, 0, ST_ERR},
	{"tag of 3 bytes", 24, 3, ST_ERR},
	{"tag of 17 bytes", 24, 17, ST_ERR},
	{"tag that overflows", 24, UINT32_MAX, ST_ERR},
	{"no direction", 32, 0, ST_ERR},
	{"no such direction", 32, 3, ST_ERR},
};

static void
malformed_create(void **state)
{
	struct backend b = services_create(0);
	uint8_t good[72 + 32], in[72 + 32];
	unsigned int i, exact;
	struct aead a;
	uint64_t id;
	size_t n, k;

	(void)state;
	load(&vectors[3], &a);
	for (exact = 0; exact < 2; exact++) {
		vhc_device_set_features(b.device, exact);
		n = aead_create_bytes(&a, ENCRYPT, exact != 0, good);
		for (i = 0; i < UNIT_DIM(create_mutations); i++) {
			memcpy(in, good, n);
			put32(in, create_mutations[i].off, create_mutations[i].value);
			if (create_from(&b, in, n, &id) != create_mutations[i].status)
				fail_msg("%s", create_mutations[i].what);
		}
		for (k = 0; k < n; k++) {
			memcpy(in, good, n);
			assert_int_equal(create_from(&b, in, k, &id), ST_ERR);
		}
	}
	/* CCM's tags are even; ChaCha20-Poly1305 has one. */
	a.algo = CCM;
	a.tag_len = 5;
	n = aead_create_bytes(&a, ENCRYPT, true, in);
	assert_int_equal(create_from(&b, in, n, &id), ST_ERR);
	a.algo = CHACHA;
	a.key_len = 32;
	a.tag_len = 12;
	n = aead_create_bytes(&a, ENCRYPT, true, in);
	assert_int_equal(create_from(&b, in, n, &id), ST_ERR);
	assert_int_equal(vhc_device_nb_sessions(b.device), 0);
	backend_destroy(&b);
}

/* A CCM session takes nonces of several lengths in turn, and data as long as they allow. */
static void
ccm_nonces(void **state)
{
	struct backend b = services_create(REVISION_1);
	static uint8_t big[65536 + 16 + 1];
	uint8_t *in = malloc(REQ_MAX), nonce[13], tag[16], want[64];
	EVP_CIPHER_CTX *ctx;
	struct aead a = {.algo = CCM, .key_len = 16, .tag_len = 8};
	uint32_t len, round;
	uint64_t id;
	int n;

	(void)state;
	memcpy(a.key, key16, 16);
	fill(nonce, sizeof(nonce));
	fill(aad_buf, 30);
	fill(plain_buf, 40);
	a.aad = aad_buf;
	a.aad_len = 30;
	a.plain = plain_buf;
	a.len = 40;
	id = new_session(&b, &a, ENCRYPT, true);
	for (round = 0; round < 3; round++) {
		for (len = 6; len <= 14; len++) {
			a.iv_len = len;
			memcpy(a.iv, nonce, len < 13 ? len : 13);
			if (len < 7 || len > 13) {
				exchange(&b, in, aead_bytes(&a, ENCRYPT, id, 48, true, in), want,
						49, 4096, 4096);
				assert_int_equal(want[48], ST_ERR);
				continue;
			}
			ctx = EVP_CIPHER_CTX_new();
			EVP_EncryptInit_ex(ctx, EVP_aes_128_ccm(), NULL, NULL, NULL);
			EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_IVLEN, (int)len, NULL);
			EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, 8, NULL);
			EVP_EncryptInit_ex(ctx, NULL, NULL, key16, nonce);
			EVP_EncryptUpdate(ctx, NULL, &n, NULL, 40);
			EVP_EncryptUpdate(ctx, NULL, &n, aad_buf, 30);
			EVP_EncryptUpdate(ctx, want, &n, plain_buf, 40);
			EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, 8, tag);
			EVP_CIPHER_CTX_free(ctx);
			memcpy(want + 40, tag, 8);
			expect(&b, in, aead_bytes(&a, ENCRYPT, id, 48, true, in), want, 48);
		}
	}
	/* A nonce of 13 bytes leaves two for the length. */
	a.iv_len = 13;
	a.plain = big;
	for (a.len = 65535; a.len <= 65536; a.len++) {
		uint8_t *out = malloc(a.len + 9);

		exchange(&b, in, aead_bytes(&a, ENCRYPT, id, a.len + 8, true, in), out, a.len + 9,
				1 << 20, 1 << 20);
		assert_int_equal(out[a.len + 8], a.len < 65536 ? ST_OK : ST_ERR);
		free(out);
	}
	free(in);
	backend_destroy(&b);
}

/* Source and destination in one memory at all distances, additional data in two pieces or one. */
static void
one_memory(void **state)
{
	struct backend b = services_create(REVISION_1);
	uint8_t fixed[128], mem[400], in[512], status;
	uint8_t want[2][76];
	uint64_t id[2];
	unsigned int at, dir, cut;
	struct aead a;

	(void)state;
	load(&vectors[3], &a);
	id[0] = new_session(&b, &a, ENCRYPT, true);
	id[1] = new_session(&b, &a, DECRYPT, true);
	sealed(&a, want[0]);
	memcpy(want[1], a.plain, 60);
	for (at = 0; at <= 300; at++) {
		for (dir = 0; dir < 2; dir++) {
			const uint32_t src_len = dir == 0 ? 60 : 76, dst_len = dir == 0 ? 76 : 60;

			cut = at % 20;
			aead_bytes(&a, dir == 0 ? ENCRYPT : DECRYPT, id[dir], dst_len, true, in);
			memcpy(fixed, in, 60);
			memset(mem, ST_UNTOUCHED, sizeof(mem));
			memcpy(mem + 150, in + 60, src_len);
			{
				struct vhc_desc desc[] = {
					{fixed, 60, false},
					{mem + 150, src_len, false},
					{aad_buf, cut, false},
					{aad_buf + cut, 20 - cut, false},
					{mem + at, dst_len, true},
					{&status, 1, true},
				};

				assert_int_equal(serve(&b, desc, 6), dst_len + 1);
			}
			assert_int_equal(status, ST_OK);
			assert_memory_equal(mem + at, want[dir], dst_len);
		}
	}
	backend_destroy(&b);
}

/* ---- GCM from J0, after SP 800-38D ---- */

static void
block_encrypt(const uint8_t *key, const uint8_t *in, uint8_t *out)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int n;

	EVP_EncryptInit_ex(ctx, EVP_aes_128_ecb(), NULL, key, NULL);
	EVP_EncryptUpdate(ctx, out, &n, in, 16);
	EVP_CIPHER_CTX_free(ctx);
}

/* 6.3: x := x * y */
static void
gf_multiply(uint8_t *x, const uint8_t *y)
{
	uint8_t z[16] = {0}, v[16], low;
	int i, k;

	memcpy(v, y, 16);
	for (i = 0; i < 128; i++) {
		for (k = 0; (x[i / 8] >> (7 - i % 8) & 1) && k < 16; k++)
			z[k] ^= v[k];
		low = v[15] & 1;
		for (k = 15; k > 0; k--)
			v[k] = (uint8_t)(v[k] >> 1 | v[k - 1] << 7);
		v[0] >>= 1;
		if (low)
			v[0] ^= 0xe1;
	}
	memcpy(x, z, 16);
}

/* 6.4, for one of the two strings, padded */
static void
ghash(uint8_t *x, const uint8_t *h, const uint8_t *data, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		x[i % 16] ^= data[i];
		if (i % 16 == 15 || i == len - 1)
			gf_multiply(x, h);
	}
}

/* 7.1, from step 3 on */
static void
gcm_reference(const uint8_t *key, const uint8_t *j0, const uint8_t *aad, size_t aad_len,
		const uint8_t *src, uint8_t *dst, size_t len, uint8_t *tag)
{
	uint8_t h[16] = {0}, counter[16], stream[16], x[16] = {0}, lens[16] = {0};
	size_t i;
	int k;

	block_encrypt(key, h, h);
	memcpy(counter, j0, 16);
	for (i = 0; i < len; i++) {
		if (i % 16 == 0) {
			for (k = 15; k >= 12 && ++counter[k] == 0; k--)
				;
			block_encrypt(key, counter, stream);
		}
		dst[i] = src[i] ^ stream[i % 16];
	}
	ghash(x, h, aad, aad_len);
	ghash(x, h, dst, len);
	for (k = 0; k < 4; k++) {
		lens[7 - k] = (uint8_t)(aad_len * 8 >> 8 * k);
		lens[15 - k] = (uint8_t)(len * 8 >> 8 * k);
	}
	ghash(x, h, lens, 16);
	block_encrypt(key, j0, stream);
	for (k = 0; k < 16; k++)
		tag[k] = x[k] ^ stream[k];
}

static void
gcm_j0(void **state)
{
	static const uint32_t lens[] = {0, 1, 15, 16, 17, 64, 100, 1023, 1024, 1025, 3000};
	/* How far the counter's 32 bits are from their end. */
	static const uint32_t before_end[] = {0, 1, 2, 5, 64, 65, 1000};
	struct backend b = services_create(REVISION_1);
	struct aead a = {.algo = GCM, .key_len = 16, .iv_len = 16, .tag_len = 16};
	uint8_t *in = malloc(REQ_MAX), want[3000 + 16];
	uint32_t i, k, low;
	uint64_t enc, dec;
	int n;

	(void)state;
	memcpy(a.key, key16, 16);
	fill(plain_buf, 3000);
	fill(aad_buf, 100);
	a.plain = plain_buf;
	a.secret = secret_buf;
	a.aad = aad_buf;
	enc = new_session(&b, &a, ENCRYPT, true);
	dec = new_session(&b, &a, DECRYPT, true);
	for (i = 0; i < UNIT_DIM(lens); i++) {
		for (k = 0; k < UNIT_DIM(before_end); k++) {
			a.len = lens[i];
			a.aad_len = (i * 7 + k * 3) % 50;
			fill(a.iv, 16);
			low = UINT32_MAX - before_end[k];
			for (n = 0; n < 4; n++)
				a.iv[15 - n] = (uint8_t)(low >> 8 * n);
			gcm_reference(a.key, a.iv, a.aad, a.aad_len, a.plain, secret_buf, a.len,
					a.tag);
			/* Between two with J0, one with an IV. */
			expect(&b, in, aead_bytes(&a, ENCRYPT, enc, a.len + 16, true, in), want,
					sealed(&a, want));
			expect(&b, in, aead_bytes(&a, DECRYPT, dec, a.len, true, in), a.plain,
					a.len);
			a.iv_len = 12;
			memcpy(want, a.iv, 12);
			memset(want + 12, 0, 4);
			want[15] = 1;
			gcm_reference(a.key, want, a.aad, a.aad_len, a.plain, secret_buf, a.len,
					a.tag);
			expect(&b, in, aead_bytes(&a, ENCRYPT, enc, a.len + 16, true, in), want,
					sealed(&a, want));
			a.iv_len = 16;
		}
	}
	free(in);
	backend_destroy(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sessions),
		cmocka_unit_test(stateless),
		cmocka_unit_test(long_aad),
		cmocka_unit_test(not_authentic),
		cmocka_unit_test(destination_lengths),
		cmocka_unit_test(tag_length_of_the_session),
		cmocka_unit_test(malformed),
		cmocka_unit_test(malformed_create),
		cmocka_unit_test(ccm_nonces),
		cmocka_unit_test(one_memory),
		cmocka_unit_test(gcm_j0),
	};

	return cmocka_run_group_tests_name("backend_aead", tests, NULL, NULL);
}
