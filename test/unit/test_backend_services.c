/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * HASH and MAC requests in each format, stateless requests of ciphers and chains, and which of the
 * formats a request has: golden bytes against published vectors.
 */

#include <openssl/evp.h>

#include "backend_services.h"
#include "backend_vectors.h"

#define MSG_MAX 4096
#define REQ_MAX (100 + 2048 + MSG_MAX)

static const uint64_t feature_sets[] = {0, REVISION_1, ALL_STATELESS};

/* The engine may be without the library for some algorithms. */
static bool
has_auth(const struct backend *b, uint32_t mode, uint32_t algo)
{
	struct vhc_engine_caps caps;

	b->engine->ops->caps(b->engine, &caps);
	return ((mode == MODE_AUTH ? caps.mac_algo : caps.hash_algo) >> algo & 1) != 0;
}

static bool
has_cipher(const struct backend *b, uint32_t algo)
{
	struct vhc_engine_caps caps;

	b->engine->ops->caps(b->engine, &caps);
	return (caps.cipher_algo >> algo & 1) != 0;
}

static void
run_auth(struct backend *b, const struct auth_vector *v, bool exact)
{
	uint8_t key[64], msg[256], digest[64], in[REQ_MAX], create_in[200];
	const bool mac = v->mode == MODE_AUTH;
	const uint32_t key_len = (uint32_t)unhex(v->key, key);
	const uint32_t len = (uint32_t)unhex(v->msg, msg);
	const uint32_t digest_len = (uint32_t)unhex(v->digest, digest);
	uint64_t id;
	size_t n;

	n = mac ? mac_create_bytes(v->algo, digest_len, key, key_len, exact, create_in)
		: hash_create_bytes(v->algo, digest_len, exact, create_in);
	assert_int_equal(create_from(b, create_in, n, &id), ST_OK);
	n = hash_bytes(mac ? OP_MAC : OP_HASH, id, msg, len, digest_len, exact, in);
	expect(b, in, n, digest, digest_len);

	/* Of the other service; of one that the device has not. */
	assert_int_equal(destroy_as(b, mac ? 0x0103 : 0x0203, id, end_fixed(24, exact)), ST_ERR);
	n = hash_bytes(mac ? OP_HASH : OP_MAC, id, msg, len, digest_len, exact, in);
	expect_status(b, "other service", in, n, digest_len, ST_INVSESS);
	n = hash_bytes(mac ? OP_MAC + 1 : OP_HASH + 1, id, msg, len, digest_len, exact, in);
	expect_status(b, "no such opcode", in, n, digest_len, ST_NOTSUPP);
	/* The digest's length is the session's. */
	n = hash_bytes(mac ? OP_MAC : OP_HASH, id, msg, len, digest_len - 1, exact, in);
	expect_status(b, "shorter digest", in, n, digest_len, ST_ERR);

	assert_int_equal(destroy_as(b, mac ? 0x0203 : 0x0103, id, end_fixed(24, exact)), ST_OK);
	n = hash_bytes(mac ? OP_MAC : OP_HASH, id, msg, len, digest_len, exact, in);
	expect_status(b, "destroyed", in, n, digest_len, ST_INVSESS);
}

static void
auth_sessions(void **state)
{
	unsigned int i, k;

	(void)state;
	for (k = 0; k < UNIT_DIM(feature_sets); k++) {
		struct backend b = services_create(feature_sets[k]);

		for (i = 0; i < UNIT_DIM(auth_vectors); i++) {
			if (has_auth(&b, auth_vectors[i].mode, auth_vectors[i].algo))
				run_auth(&b, &auth_vectors[i], feature_sets[k] != 0);
		}
		assert_int_equal(vhc_device_nb_sessions(b.device), 0);
		backend_destroy(&b);
	}
}

static void
auth_stateless(void **state)
{
	uint8_t key[64], msg[256], digest[64], in[REQ_MAX];
	struct backend b = services_create(ALL_STATELESS);
	uint32_t key_len, len, digest_len;
	const struct auth_vector *v;
	unsigned int i;
	size_t n;

	(void)state;
	for (i = 0; i < UNIT_DIM(auth_vectors); i++) {
		v = &auth_vectors[i];
		if (!has_auth(&b, v->mode, v->algo))
			continue;
		key_len = (uint32_t)unhex(v->key, key);
		len = (uint32_t)unhex(v->msg, msg);
		digest_len = (uint32_t)unhex(v->digest, digest);
		if (v->mode == MODE_AUTH)
			n = mac_stateless_bytes(
					v->algo, key, key_len, msg, len, digest_len, in);
		else
			n = hash_stateless_bytes(v->algo, msg, len, digest_len, in);
		expect(&b, in, n, digest, digest_len);
		expect_status(&b, "one byte short", in, n - 1, digest_len, ST_ERR);
	}
	backend_destroy(&b);
}

/* An XOF gives what is asked, up to the limit; other hashes are cut short. */
static void
digest_lengths(void **state)
{
	uint8_t create_in[72], in[200], want[64];
	struct backend b = services_create(REVISION_1);
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	uint32_t n;
	uint64_t id;
	size_t len;

	(void)state;
	for (n = 0; n <= 66; n++) {
		len = hash_create_bytes(12, n, true, create_in);
		assert_int_equal(create_from(&b, create_in, len, &id),
				n >= 1 && n <= 64 ? ST_OK : ST_ERR);
		if (n < 1 || n > 64)
			continue;
		EVP_DigestInit_ex(md, EVP_shake256(), NULL);
		EVP_DigestUpdate(md, "abc", 3);
		EVP_DigestFinalXOF(md, want, n);
		expect(&b, in, hash_bytes(OP_HASH, id, (const uint8_t *)"abc", 3, n, true, in),
				want, n);
	}
	for (n = 0; n <= 33; n++) {
		len = hash_create_bytes(4, n, true, create_in);
		assert_int_equal(create_from(&b, create_in, len, &id),
				n >= 1 && n <= 32 ? ST_OK : ST_ERR);
		if (n < 1 || n > 32)
			continue;
		EVP_Digest("abc", 3, want, NULL, EVP_sha256(), NULL);
		expect(&b, in, hash_bytes(OP_HASH, id, (const uint8_t *)"abc", 3, n, true, in),
				want, n);
	}
	EVP_MD_CTX_free(md);
	backend_destroy(&b);
}

/* HMAC with keys around the block's size, up to the limit, against libcrypto's. */
static void
hmac_keys(void **state)
{
	static const uint32_t lens[] = {0, 1, 63, 64, 65, 127, 128, 129, 511, 512};
	uint8_t key[513], create_in[72 + 513], in[200 + 72], want[64], msg[150];
	struct backend b = services_create(0);
	unsigned int i, k, n;
	uint64_t id;

	(void)state;
	fill(key, sizeof(key));
	fill(msg, sizeof(msg));
	for (k = 1; k <= 6; k++) {
		static const char *const names[] = {
			"", "MD5", "SHA1", "SHA224", "SHA256", "SHA384", "SHA512"};
		const EVP_MD *md = EVP_get_digestbyname(names[k]);

		for (i = 0; i < UNIT_DIM(lens); i++) {
			assert_non_null(EVP_Q_mac(NULL, "HMAC", NULL, names[k], NULL, key, lens[i],
					msg, sizeof(msg), want, sizeof(want), NULL));
			n = (unsigned int)EVP_MD_get_size(md);
			assert_int_equal(create_from(&b, create_in, mac_create_bytes(k, n, key,
							 lens[i], false, create_in), &id), ST_OK);
			expect(&b, in, hash_bytes(OP_MAC, id, msg, sizeof(msg), n, false, in), want,
					n);
		}
	}
	assert_int_equal(create_from(&b, create_in, mac_create_bytes(2, 20, key, 513, false,
					 create_in), &id), ST_ERR);
	backend_destroy(&b);
}

static void
cipher_stateless(void **state)
{
	struct backend b = services_create(ALL_STATELESS);
	uint8_t key[64], iv[16], plain[MSG_MAX], secret[MSG_MAX], in[REQ_MAX];
	const struct cipher_vector *v;
	struct params p;
	uint32_t len, iv_len;
	unsigned int i;
	size_t n;

	(void)state;
	for (i = 0; i < UNIT_DIM(cipher_vectors); i++) {
		v = &cipher_vectors[i];
		if (!has_cipher(&b, v->cipher))
			continue;
		p = (struct params){.cipher = v->cipher, .dir = ENCRYPT, .key = key};
		p.key_len = (uint32_t)unhex(v->key, key);
		iv_len = (uint32_t)unhex(v->iv, iv);
		len = (uint32_t)unhex(v->plain, plain);
		assert_int_equal(unhex(v->secret, secret), len);
		n = sym_stateless_bytes(&p, iv, iv_len, plain, len, len, NULL, in);
		expect(&b, in, n, secret, len);
		expect_status(&b, "one byte short", in, n - 1, len, ST_ERR);
		p.dir = DECRYPT;
		n = sym_stateless_bytes(&p, iv, iv_len, secret, len, len, NULL, in);
		expect(&b, in, n, plain, len);
		/* The opcode says the same as the parameters. */
		put32(in, 0, 0x0000);
		expect_status(&b, "other direction", in, n, len, ST_ERR);
	}
	backend_destroy(&b);
}

/* Chains of AES-CBC and each hash and MAC; the vector is what the hash sees. */
static void
chain_stateless(void **state)
{
	struct backend b = services_create(ALL_STATELESS);
	uint8_t auth_key[64], src[32 + 256], want[32 + 256 + 64], in[REQ_MAX];
	const struct auth_vector *v;
	struct ranges r = {.cipher_len = 32, .hash_off = 32};
	struct params p;
	unsigned int i;
	uint32_t len;
	size_t n;

	(void)state;
	for (i = 0; i < UNIT_DIM(auth_vectors); i++) {
		v = &auth_vectors[i];
		if (!has_auth(&b, v->mode, v->algo))
			continue;
		p = cbc;
		p.order = i & 1 ? CHAIN_HASH_FIRST : CHAIN_CIPHER_FIRST;
		p.mode = v->mode;
		p.auth = v->algo;
		p.auth_key = auth_key;
		p.auth_key_len = (uint32_t)unhex(v->key, auth_key);
		fill(src, 32);
		r.hash_len = (uint32_t)unhex(v->msg, src + 32);
		len = 32 + r.hash_len;
		memcpy(want, src, len);
		aes_cbc(1, src, want, 32);
		p.digest_len = (uint32_t)unhex(v->digest, want + len);
		n = sym_stateless_bytes(&p, iv16, 16, src, len, len, &r, in);
		expect(&b, in, n, want, len + p.digest_len);
	}
	backend_destroy(&b);
}

struct mutation {
	const char *what;
	size_t off;
	uint32_t value;
	uint8_t status;
};

static const struct mutation chain_mutations[] = {
	{"decryption", 0, 0x0001, ST_ERR},
	{"no such opcode", 0, 0x0002, ST_NOTSUPP},
	{"another flag", 16, 2, ST_ERR},
	{"flag of a session, which there is not", 16, 1, ST_INVSESS},
	{"no order", 24, 0, ST_ERR},
	{"no such order", 24, 3, ST_ERR},
	{"additional data of the session", 28, 1, ST_NOTSUPP},
	{"no cipher", 32, 0, ST_NOTSUPP},
	{"no such cipher", 32, 63, ST_NOTSUPP},
	{"cipher number that overflows", 32, UINT32_MAX, ST_NOTSUPP},
	{"no key", 36, 0, ST_ERR},
	{"key that does not fit", 36, 17, ST_ERR},
	{"key above the limit", 36, 65, ST_ERR},
	{"key above all limits", 36, 1025, ST_ERR},
	{"key that overflows", 36, UINT32_MAX, ST_ERR},
	{"no direction", 40, 0, ST_ERR},
	{"no such direction", 40, 3, ST_ERR},
	{"other direction", 40, 2, ST_ERR},
	{"no such MAC", 44, 63, ST_NOTSUPP},
	{"auth key above all limits", 48, 1025, ST_ERR},
	{"auth key that overflows", 48, UINT32_MAX, ST_ERR},
	{"auth key and cipher key that overflow", 48, UINT32_MAX - 15, ST_ERR},
	{"no mode", 52, 0, ST_NOTSUPP},
	{"nested", 52, 3, ST_NOTSUPP},
	{"no IV", 56, 0, ST_ERR},
	{"IV too long", 56, 17, ST_ERR},
	{"IV that overflows", 56, UINT32_MAX, ST_ERR},
	{"source beyond the chain", 60, 65, ST_ERR},
	{"source that overflows", 60, UINT32_MAX, ST_ERR},
	{"destination shorter than the source", 64, 63, ST_ERR},
	{"destination that overflows", 64, UINT32_MAX, ST_ERR},
	{"cipher range that overflows", 68, UINT32_MAX, ST_ERR},
	{"cipher range beyond the source", 72, 65, ST_ERR},
	{"hash range that overflows", 76, UINT32_MAX - 10, ST_ERR},
	{"hash range beyond the source", 80, 65, ST_ERR},
	{"additional data", 84, 1, ST_ERR},
	{"additional data that overflows", 84, UINT32_MAX, ST_ERR},
	{"no digest", 88, 0, ST_ERR},
	{"digest too long", 88, 21, ST_ERR},
	{"digest that overflows", 88, UINT32_MAX, ST_ERR},
	{"no op_type", 96, 0, ST_ERR},
	{"no such op_type", 96, 3, ST_ERR},
};

static void
malformed_stateless(void **state)
{
	const struct ranges r = {.cipher_len = 64, .hash_len = 64};
	struct backend b = services_create(ALL_STATELESS);
	uint8_t src[64], good[512], in[512], *cut;
	struct params p = chain;
	unsigned int i;
	size_t n;

	(void)state;
	fill(src, sizeof(src));
	p.digest_len = 20;
	n = sym_stateless_bytes(&p, iv16, 16, src, 64, 64, &r, good);
	for (i = 0; i < UNIT_DIM(chain_mutations); i++) {
		memcpy(in, good, n);
		put32(in, chain_mutations[i].off, chain_mutations[i].value);
		expect_status(&b, chain_mutations[i].what, in, n, 84, chain_mutations[i].status);
	}
	for (i = 1; i < n; i++) {
		cut = malloc(i);
		memcpy(cut, good, i);
		expect_status(&b, "cut short", cut, i, 84, ST_ERR);
		free(cut);
	}
	for (i = 0; i < 84; i++)
		expect_status(&b, "no room", good, n, i, ST_ERR);
	backend_destroy(&b);
}

static const struct mutation mac_mutations[] = {
	{"no MAC", 24, 0, ST_NOTSUPP},
	{"no such MAC", 24, UINT32_MAX, ST_NOTSUPP},
	{"key longer than the chain", 28, 21 + 64, ST_ERR},
	{"key above the limit", 28, 513, ST_ERR},
	{"key that overflows", 28, UINT32_MAX, ST_ERR},
	{"source beyond the chain", 32, 65, ST_ERR},
	{"source that overflows", 32, UINT32_MAX, ST_ERR},
	{"no digest", 36, 0, ST_ERR},
	{"digest too long", 36, 21, ST_ERR},
	{"digest that overflows", 36, UINT32_MAX, ST_ERR},
};

static void
malformed_mac(void **state)
{
	struct backend b = services_create(ALL_STATELESS);
	uint8_t src[64], good[512], in[512], create_in[92];
	unsigned int i;
	uint64_t id;
	size_t n;

	(void)state;
	fill(src, sizeof(src));
	n = mac_stateless_bytes(2, mac_key, 20, src, 64, 20, good);
	for (i = 0; i < UNIT_DIM(mac_mutations); i++) {
		memcpy(in, good, n);
		put32(in, mac_mutations[i].off, mac_mutations[i].value);
		expect_status(&b, mac_mutations[i].what, in, n, 20, mac_mutations[i].status);
	}
	/* The same lengths in a request with a session, in both formats. */
	for (i = 0; i < 2; i++) {
		vhc_device_set_features(b.device, i);
		assert_int_equal(create_from(&b, create_in, mac_create_bytes(2, 20, mac_key, 20,
						 i != 0, create_in), &id), ST_OK);
		n = hash_bytes(OP_MAC, id, src, 64, 20, i != 0, good);
		memcpy(in, good, n);
		put32(in, 24, 65);
		expect_status(&b, "source beyond the chain", in, n, 20, ST_ERR);
		put32(in, 24, UINT32_MAX);
		expect_status(&b, "source that overflows", in, n, 20, ST_ERR);
		memcpy(in, good, n);
		put32(in, 28, 0);
		expect_status(&b, "no digest", in, n, 20, ST_ERR);
		put32(in, 28, UINT32_MAX);
		expect_status(&b, "digest that overflows", in, n, 20, ST_ERR);
		expect_status(&b, "one byte short", good, n - 1, 20, ST_ERR);
		expect_status(&b, "no room", good, n, 19, ST_ERR);
	}
	backend_destroy(&b);
}

/* What the flag means depends on what is negotiated, for each service by itself. */
static void
modes(void **state)
{
	uint8_t create_in[72], in[200], digest[32];
	struct backend b = services_create(REVISION_1);
	uint64_t id;
	size_t n;

	(void)state;
	EVP_Digest("abc", 3, digest, NULL, EVP_sha256(), NULL);
	assert_int_equal(create_from(&b, create_in, hash_create_bytes(4, 32, true, create_in), &id),
			ST_OK);
	n = hash_bytes(OP_HASH, id, (const uint8_t *)"abc", 3, 32, true, in);
	expect(&b, in, n, digest, 32);
	put32(in, 16, 0);
	expect_status(&b, "no flag", in, n, 32, ST_ERR);
	n = hash_stateless_bytes(4, (const uint8_t *)"abc", 3, 32, in);
	expect_status(&b, "not negotiated", in, n, 32, ST_ERR);

	/* Stateless mode of another service. */
	vhc_device_set_features(b.device, REVISION_1 | 1 << 3);
	expect_status(&b, "not negotiated for HASH", in, n, 32, ST_ERR);
	vhc_device_set_features(b.device, REVISION_1 | 1 << 2);
	expect(&b, in, n, digest, 32);
	n = hash_bytes(OP_HASH, id, (const uint8_t *)"abc", 3, 32, true, in);
	expect(&b, in, n, digest, 32);
	put32(in, 16, 3);
	expect_status(&b, "no such flag", in, n, 32, ST_ERR);

	/* A session, and the structure of a stateless request: its parameters are ignored. */
	n = hash_stateless_bytes(4, (const uint8_t *)"abc", 3, 32, in);
	put32(in, 24, 77);
	put64(in, 8, id);
	put32(in, 16, SESSION_MODE);
	expect(&b, in, n, digest, 32);

	/* Without REVISION_1 the bits for stateless mode mean nothing, and nor does the flag. */
	vhc_device_set_features(b.device, 1 << 2);
	assert_false(vhc_device_stateless(b.device, 1));
	n = hash_bytes(OP_HASH, id, (const uint8_t *)"abc", 3, 32, false, in);
	expect(&b, in, n, digest, 32);
	put32(in, 16, 7);
	expect(&b, in, n, digest, 32);
	backend_destroy(&b);

	b = backend_create(NULL);
	assert_int_equal(vhc_device_features(b.device), REVISION_1);
	backend_destroy(&b);
}

/* A session's request in the stateless format, of each other service. */
static void
session_in_stateless_format(void **state)
{
	const struct ranges r = {.cipher_len = 64, .hash_len = 64};
	struct backend b = services_create(REVISION_1);
	uint8_t src[64], in[512], want[64], digest[64], create_in[92];
	struct params p = cbc;
	uint64_t id;
	size_t n;

	(void)state;
	fill(src, sizeof(src));
	aes_cbc(1, src, want, 64);
	assert_int_equal(create(&b, &cbc, &id), ST_OK);
	vhc_device_set_features(b.device, ALL_STATELESS);
	n = sym_stateless_bytes(&p, iv16, 16, src, 64, 64, NULL, in);
	put64(in, 8, id);
	put32(in, 16, SESSION_MODE);
	expect(&b, in, n, want, 64);
	p.key_len = 0;
	n = sym_stateless_bytes(&p, iv16, 16, src, 64, 64, NULL, in);
	put64(in, 8, id);
	put32(in, 16, SESSION_MODE);
	expect(&b, in, n, want, 64);

	p = chain;
	p.digest_len = 20;
	assert_int_equal(create(&b, &p, &id), ST_OK);
	EVP_Q_mac(NULL, "HMAC", NULL, "SHA1", NULL, mac_key, 20, want, 64, digest, 64, NULL);
	n = sym_stateless_bytes(&p, iv16, 16, src, 64, 64, &r, in);
	put64(in, 8, id);
	put32(in, 16, SESSION_MODE);
	{
		uint8_t both[84];

		memcpy(both, want, 64);
		memcpy(both + 64, digest, 20);
		expect(&b, in, n, both, 84);
	}

	assert_int_equal(create_from(&b, create_in, mac_create_bytes(2, 20, mac_key, 20, true,
					 create_in), &id), ST_OK);
	n = mac_stateless_bytes(0, NULL, 0, want, 64, 20, in);
	put64(in, 8, id);
	put32(in, 16, SESSION_MODE);
	expect(&b, in, n, digest, 20);
	backend_destroy(&b);
}

#define HELD 24

/* More keys at once than are kept: none is mixed up with another, all go in the end. */
static void
many_keys(void **state)
{
	struct backend b = services_create(ALL_STATELESS);
	struct vhc_request *req = calloc(HELD, sizeof(*req));
	uint8_t in[HELD][100], out[HELD][21], key[16] = {0}, want[64];
	struct vhc_desc desc[HELD][2];
	struct vhc_engine_op *op;
	unsigned int i, round, order;

	(void)state;
	for (round = 0; round < 4; round++) {
		for (i = 0; i < HELD; i++) {
			key[0] = (uint8_t)(i % (HELD >> round));
			desc[i][0] = (struct vhc_desc){in[i], (uint32_t)mac_stateless_bytes(2, key,
					16, (const uint8_t *)"abc", 3, 20, in[i]), false};
			desc[i][1] = (struct vhc_desc){out[i], 21, true};
			assert_true(vhc_request_begin(&req[i], b.ctx, desc[i], 2));
		}
		for (i = 0; i < HELD; i++) {
			order = (i * 7 + round) % HELD;
			op = &req[order].op;
			assert_int_equal(b.engine->ops->enqueue(b.engine, 0, &op, 1), 1);
			assert_int_equal(b.engine->ops->dequeue(b.engine, 0, &op, 1), 1);
			if (i % 8 == 0)
				vhc_request_ctx_forget(b.ctx);
			if (round == 2) {
				vhc_request_drop(&req[order]);
				continue;
			}
			vhc_request_finish(&req[order]);
			key[0] = (uint8_t)(order % (HELD >> round));
			EVP_Q_mac(NULL, "HMAC", NULL, "SHA1", NULL, key, 16,
					(const uint8_t *)"abc", 3, want, 64, NULL);
			assert_int_equal(out[order][20], ST_OK);
			assert_memory_equal(out[order], want, 20);
		}
	}
	assert_int_equal(vhc_device_nb_sessions(b.device), 0);
	free(req);
	backend_destroy(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(auth_sessions),
		cmocka_unit_test(auth_stateless),
		cmocka_unit_test(digest_lengths),
		cmocka_unit_test(hmac_keys),
		cmocka_unit_test(cipher_stateless),
		cmocka_unit_test(chain_stateless),
		cmocka_unit_test(malformed_stateless),
		cmocka_unit_test(malformed_mac),
		cmocka_unit_test(modes),
		cmocka_unit_test(session_in_stateless_format),
		cmocka_unit_test(many_keys),
	};

	return cmocka_run_group_tests_name("backend_services", tests, NULL, NULL);
}
