/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The back end against published vectors: each cipher in both directions, in place
 * and out of place, each hash and MAC as a part of a chain.
 */

#include <openssl/evp.h>

#include "backend_fixture.h"
#include "backend_vectors.h"

/* One direction of one vector; the same session twice, as state must not stay behind. */
static void
run_vector(struct backend *b, const struct cipher_vector *v, uint32_t dir, bool in_place)
{
	uint8_t key[64], iv[16], from[128], to[128], fixed[DATA_FIXED + 16], data[128], status;
	struct params p = {.cipher = v->cipher, .dir = dir, .key = key};
	uint32_t len, iv_len;
	unsigned int round;
	uint64_t id;
	size_t head;

	p.key_len = (uint32_t)unhex(v->key, key);
	iv_len = (uint32_t)unhex(v->iv, iv);
	len = (uint32_t)unhex(dir == ENCRYPT ? v->plain : v->secret, from);
	unhex(dir == ENCRYPT ? v->secret : v->plain, to);
	assert_int_equal(create(b, &p, &id), ST_OK);
	head = data_bytes(&p, id, iv_len, iv, len, len, NULL, fixed);
	for (round = 0; round < 2; round++) {
		struct vhc_desc desc[4] = {
			{fixed, (uint32_t)head, false},
			{in_place ? data : from, len, false},
			{data, len, true},
			{&status, 1, true},
		};

		memset(data, ST_UNTOUCHED, sizeof(data));
		if (in_place)
			memcpy(data, from, len);
		status = ST_UNTOUCHED;
		assert_int_equal(serve(b, desc, 4), len + 1);
		assert_int_equal(status, ST_OK);
		assert_memory_equal(data, to, len);
	}
	assert_int_equal(destroy(b, id), ST_OK);
}

static void
ciphers(void **state)
{
	struct backend b = backend_create(NULL);
	const struct cipher_vector *v;
	struct vhc_engine_caps caps;
	size_t i;

	(void)state;
	b.engine->ops->caps(b.engine, &caps);
	for (i = 0; i < UNIT_DIM(cipher_vectors); i++) {
		v = &cipher_vectors[i];
		if (v->optional && !(caps.cipher_algo >> v->cipher & 1))
			continue;
		run_vector(&b, v, ENCRYPT, false);
		run_vector(&b, v, ENCRYPT, true);
		run_vector(&b, v, DECRYPT, false);
		run_vector(&b, v, DECRYPT, true);
	}
	backend_destroy(&b);
}

/* No published vectors: the counter mode is ECB of a 64-bit counter, which wraps around. */
static void
des3_ctr(void **state)
{
	static const uint8_t ivs[2][8] = {
		{1, 2, 3, 4, 5, 6, 7, 8}, {255, 255, 255, 255, 255, 255, 255, 254}};
	uint8_t key[24], src[605], dst[605], block[8], stream[8], fixed[DATA_FIXED + 8], status;
	struct params p = {.cipher = 9, .dir = ENCRYPT, .key = key, .key_len = 24};
	struct backend b = backend_create(NULL);
	unsigned int dir, v, i, k;
	EVP_CIPHER_CTX *ecb;
	uint64_t id;
	size_t head;
	int n;

	(void)state;
	for (i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)(i * 7 + 1);
	for (i = 0; i < sizeof(src); i++)
		src[i] = (uint8_t)(i * 13);
	ecb = EVP_CIPHER_CTX_new();
	assert_int_equal(EVP_EncryptInit_ex(ecb, EVP_des_ede3_ecb(), NULL, key, NULL), 1);
	EVP_CIPHER_CTX_set_padding(ecb, 0);
	for (dir = ENCRYPT; dir <= DECRYPT; dir++) {
		p.dir = dir;
		assert_int_equal(create(&b, &p, &id), ST_OK);
		for (v = 0; v < 2; v++) {
			struct vhc_desc desc[4] = {
				{fixed, 0, false},
				{src, sizeof(src), false},
				{dst, sizeof(dst), true},
				{&status, 1, true},
			};

			head = data_bytes(&p, id, 8, ivs[v], sizeof(src), sizeof(dst), NULL, fixed);
			desc[0].len = (uint32_t)head;
			serve(&b, desc, 4);
			assert_int_equal(status, ST_OK);
			memcpy(block, ivs[v], 8);
			for (i = 0; i < sizeof(src); i++) {
				if (i % 8 == 0) {
					EVP_EncryptUpdate(ecb, stream, &n, block, 8);
					for (k = 8; k-- != 0 && ++block[k] == 0;)
						;
				}
				assert_int_equal(dst[i], src[i] ^ stream[i % 8]);
			}
		}
	}
	EVP_CIPHER_CTX_free(ecb);
	backend_destroy(&b);
}

static void
run_auth_vector(struct backend *b, const struct auth_vector *v, uint32_t order)
{
	uint8_t key[64], msg[160], digest[64], fixed[DATA_FIXED + 16], out[160 + 64 + 1];
	uint8_t cipher_key[16] = {1}, iv[16] = {2};
	struct params p = {.cipher = 3, .dir = ENCRYPT, .key = cipher_key, .key_len = 16,
		.order = order, .mode = v->mode, .auth = v->algo, .auth_key = key};
	struct ranges r = {0};
	unsigned int round;
	uint32_t len;
	uint64_t id;
	size_t head;

	p.auth_key_len = (uint32_t)unhex(v->key, key);
	p.digest_len = (uint32_t)unhex(v->digest, digest);
	len = (uint32_t)unhex(v->msg, msg);
	r.hash_len = len;
	assert_int_equal(create(b, &p, &id), ST_OK);
	head = data_bytes(&p, id, 16, iv, len, len, &r, fixed);
	for (round = 0; round < 2; round++) {
		struct vhc_desc desc[3] = {
			{fixed, (uint32_t)head, false},
			{msg, len, false},
			{out, len + p.digest_len + 1, true},
		};

		memset(out, ST_UNTOUCHED, sizeof(out));
		assert_int_equal(serve(b, desc, 3), len + p.digest_len + 1);
		assert_int_equal(out[len + p.digest_len], ST_OK);
		assert_memory_equal(out, msg, len);
		assert_memory_equal(out + len, digest, p.digest_len);
	}
	assert_int_equal(destroy(b, id), ST_OK);
}

static void
auths(void **state)
{
	struct backend b = backend_create(NULL);
	struct vhc_engine_caps caps;
	size_t i;

	(void)state;
	b.engine->ops->caps(b.engine, &caps);
	for (i = 0; i < UNIT_DIM(auth_vectors); i++) {
		if (WIRELESS_OPTIONAL && auth_vectors[i].mode == MODE_AUTH &&
				auth_vectors[i].algo == KASUMI_F9 &&
				!(caps.mac_algo >> KASUMI_F9 & 1))
			continue;
		run_auth_vector(&b, &auth_vectors[i], CHAIN_HASH_FIRST);
		run_auth_vector(&b, &auth_vectors[i], CHAIN_CIPHER_FIRST);
	}
	backend_destroy(&b);
}

/* CBC-MAC is the last block of CBC with a zero IV: taken from the cipher, for each key size. */
static void
cbc_mac(void **state)
{
	static const char *const keys[] = {KEY_128, KEY_192, KEY_256};
	const EVP_CIPHER *const modes[] = {EVP_aes_128_cbc(), EVP_aes_192_cbc(), EVP_aes_256_cbc()};
	uint8_t key[32], msg[4096], out[4096], fixed[DATA_FIXED + 16], reply[4096 + 17];
	uint8_t cipher_key[16] = {1}, iv[16] = {0};
	struct params p = {.cipher = 3, .dir = ENCRYPT, .key = cipher_key, .key_len = 16,
		.order = CHAIN_HASH_FIRST, .mode = MODE_AUTH, .auth = 49, .auth_key = key,
		.digest_len = 16};
	struct ranges r = {.hash_len = sizeof(msg)};
	struct backend b = backend_create(NULL);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint64_t id;
	size_t i;
	int n;

	(void)state;
	for (i = 0; i < sizeof(msg); i++)
		msg[i] = (uint8_t)(i * 31 + i / 256);
	for (i = 0; i < UNIT_DIM(keys); i++) {
		struct vhc_desc desc[3] = {
			{fixed, sizeof(fixed), false},
			{msg, sizeof(msg), false},
			{reply, sizeof(reply), true},
		};

		p.auth_key_len = (uint32_t)unhex(keys[i], key);
		assert_int_equal(EVP_EncryptInit_ex(ctx, modes[i], NULL, key, iv), 1);
		assert_int_equal(EVP_EncryptUpdate(ctx, out, &n, msg, sizeof(msg)), 1);
		assert_int_equal(create(&b, &p, &id), ST_OK);
		data_bytes(&p, id, 16, iv, sizeof(msg), sizeof(msg), &r, fixed);
		serve(&b, desc, 3);
		assert_int_equal(reply[sizeof(reply) - 1], ST_OK);
		assert_memory_equal(reply + sizeof(msg), out + sizeof(msg) - 16, 16);
	}
	EVP_CIPHER_CTX_free(ctx);
	backend_destroy(&b);
}

/* A session, one request, and the session's end. @return the request's status. */
static uint8_t
chain_once(struct backend *b, struct params *p, uint32_t iv_len, const uint8_t *src, uint32_t len,
		const struct ranges *r, uint8_t *out)
{
	uint8_t fixed[DATA_FIXED + 16], iv[16] = {3, 1, 4, 1, 5};
	uint32_t used;
	uint64_t id;
	size_t head;
	struct vhc_desc desc[3] = {
		{fixed, 0, false},
		{(uint8_t *)(uintptr_t)src, len, false},
		{out, len + p->digest_len + 1, true},
	};

	assert_int_equal(create(b, p, &id), ST_OK);
	head = data_bytes(p, id, iv_len, iv, len, len, r, fixed);
	desc[0].len = (uint32_t)head;
	out[len + p->digest_len] = ST_UNTOUCHED;
	used = serve(b, desc, 3);
	if (out[len + p->digest_len] == ST_OK)
		assert_int_equal(used, len + p->digest_len + 1);
	assert_int_equal(destroy(b, id), ST_OK);
	return out[len + p->digest_len];
}

/* The ranges of cipher and MAC begin and end anywhere; a piece's result is the piece's alone. */
static void
wireless_chain_ranges(void **state)
{
	static const struct {
		uint32_t cipher;
		uint32_t iv_len;
		uint32_t key_len;
	} ciphers_of[] = {{4, 16, 16}, {10, 8, 16}, {11, 16, 16}, {12, 16, 64}, {14, 16, 16}};
	static const struct {
		uint32_t off;
		uint32_t len;
	} pieces[] = {{0, 1}, {1, 7}, {3, 8}, {5, 64}, {7, 65}, {13, 187}};
	uint8_t src[200], out[200 + 5], whole[200 + 5], mac[200 + 5], key[64], auth_key[16];
	struct params p = {.key = key, .auth = KASUMI_F9, .mode = MODE_AUTH,
		.auth_key = auth_key, .auth_key_len = 16, .digest_len = 4};
	struct backend b = backend_create(NULL);
	struct vhc_engine_caps caps;
	struct ranges r, only;
	unsigned int c, i, k;
	bool hash_first;

	(void)state;
	b.engine->ops->caps(b.engine, &caps);
	if (WIRELESS_OPTIONAL && !(caps.mac_algo >> KASUMI_F9 & 1)) {
		backend_destroy(&b);
		skip();
	}
	for (i = 0; i < sizeof(src); i++)
		src[i] = (uint8_t)(i * 29 + 5);
	for (i = 0; i < sizeof(key); i++)
		key[i] = (uint8_t)(i * 3 + 1);
	memset(auth_key, 0x42, sizeof(auth_key));
	for (c = 0; c < UNIT_DIM(ciphers_of) * 2; c++) {
		hash_first = c % 2 == 0;
		p.cipher = ciphers_of[c / 2].cipher;
		p.key_len = ciphers_of[c / 2].key_len;
		p.dir = hash_first ? DECRYPT : ENCRYPT;
		p.order = hash_first ? CHAIN_HASH_FIRST : CHAIN_CIPHER_FIRST;
		for (i = 0; i < UNIT_DIM(pieces) * UNIT_DIM(pieces); i++) {
			r = (struct ranges){.cipher_off = pieces[i / UNIT_DIM(pieces)].off,
				.cipher_len = pieces[i / UNIT_DIM(pieces)].len,
				.hash_off = pieces[i % UNIT_DIM(pieces)].off,
				.hash_len = pieces[i % UNIT_DIM(pieces)].len};
			assert_int_equal(chain_once(&b, &p, ciphers_of[c / 2].iv_len, src,
						 sizeof(src), &r, out), ST_OK);
			/* The ciphered piece, as the whole of another request's data. */
			only = (struct ranges){.cipher_len = r.cipher_len, .hash_len = 1};
			assert_int_equal(chain_once(&b, &p, ciphers_of[c / 2].iv_len,
						 src + r.cipher_off, r.cipher_len, &only, whole),
					ST_OK);
			assert_memory_equal(out + r.cipher_off, whole, r.cipher_len);
			for (k = 0; k < sizeof(src); k++) {
				if (k < r.cipher_off || k >= r.cipher_off + r.cipher_len)
					assert_int_equal(out[k], src[k]);
			}
			/* The MAC of what it was to see. */
			only = (struct ranges){.hash_len = r.hash_len};
			p.order = CHAIN_HASH_FIRST;
			assert_int_equal(chain_once(&b, &p, ciphers_of[c / 2].iv_len,
						 (hash_first ? src : out) + r.hash_off, r.hash_len,
						 &only, mac),
					ST_OK);
			p.order = hash_first ? CHAIN_HASH_FIRST : CHAIN_CIPHER_FIRST;
			assert_memory_equal(out + sizeof(src), mac + r.hash_len, 4);
		}
	}
	backend_destroy(&b);
}

/* KASUMI takes 20000 bits and ZUC 65504; more is refused, not left as it was. */
static void
wireless_limits(void **state)
{
	static const struct {
		uint32_t cipher;
		uint32_t iv_len;
		uint32_t max;
	} limits[] = {{10, 8, 2500}, {14, 16, 8188}};
	static uint8_t src[8189], out[8189 + 5];
	uint8_t key[16] = {9};
	struct params p = {.dir = ENCRYPT, .key = key, .key_len = 16, .auth = KASUMI_F9,
		.mode = MODE_AUTH, .order = CHAIN_HASH_FIRST, .auth_key = key, .auth_key_len = 16,
		.digest_len = 4};
	struct backend b = backend_create(NULL);
	struct vhc_engine_caps caps;
	struct ranges r;
	unsigned int i;

	(void)state;
	b.engine->ops->caps(b.engine, &caps);
	if (WIRELESS_OPTIONAL && !(caps.mac_algo >> KASUMI_F9 & 1)) {
		backend_destroy(&b);
		skip();
	}
	for (i = 0; i < UNIT_DIM(limits); i++) {
		p.cipher = limits[i].cipher;
		r = (struct ranges){.cipher_len = limits[i].max, .hash_len = 2500};
		assert_int_equal(chain_once(&b, &p, limits[i].iv_len, src, sizeof(src), &r, out),
				ST_OK);
		r.cipher_len++;
		assert_int_equal(chain_once(&b, &p, limits[i].iv_len, src, sizeof(src), &r, out),
				ST_ERR);
		r = (struct ranges){.cipher_len = 1, .hash_len = 2501};
		assert_int_equal(chain_once(&b, &p, limits[i].iv_len, src, sizeof(src), &r, out),
				ST_ERR);
	}
	/* TS 35.201 has no MAC of nothing. */
	r = (struct ranges){.cipher_len = 1};
	assert_int_equal(chain_once(&b, &p, 16, src, sizeof(src), &r, out), ST_ERR);
	backend_destroy(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ciphers),
		cmocka_unit_test(des3_ctr),
		cmocka_unit_test(auths),
		cmocka_unit_test(cbc_mac),
		cmocka_unit_test(wireless_chain_ranges),
		cmocka_unit_test(wireless_limits),
	};

	return cmocka_run_group_tests_name("backend_vectors", tests, NULL, NULL);
}
