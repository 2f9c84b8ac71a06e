/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Published vectors of RSA and ECDSA, a case for each asym_*.txt of the folder of vectors: what
 * must verify does, what must not does not, signatures and decrypted texts are those of the vector.
 */

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/ecdsa.h>

#include "asym.h"
#include "vector_file.h"

#define MAX_FILES 16
#define MAX_MSG 4096

static char *files[MAX_FILES];
static unsigned int nb_files;

/* The session of the vectors at hand. */
static struct {
	struct asym_rsa_key rsa;
	struct asym_ec_key ec;
	void *session;
	uint8_t digest[ASYM_DIGEST_MAX_LEN];
	uint32_t digest_len;
	uint8_t msg[MAX_MSG], sig[ASYM_RSA_MAX_LEN];
	uint32_t msg_len, sig_len;
	const char *hash;
} v;

struct counts {
	unsigned int run;
	unsigned int no_form; /* the vector cannot be said in cryptodev's form */
	unsigned int refused; /* no session, of a vector that must not verify */
};

static bool
number(const struct vector_file *f, const char *name, struct asym_num *n)
{
	const int len = vector_file_bytes(f, name, n->data, sizeof(n->data));

	n->len = len > 0 ? (uint32_t)len : 0;
	return len > 0;
}

static void
end_session(void)
{
	if (v.session != NULL)
		asym_session_free(v.session);
	v.session = NULL;
	asym_rsa_free(&v.rsa);
}

/* A session for the vector's key. @return TEST_SKIP: the device refuses it. */
static enum test_result
begin_rsa(const struct vector_file *f, bool private)
{
	struct rte_crypto_asym_xform x;

	memset(&v.rsa, 0, sizeof(v.rsa));
	TEST_CHECK(number(f, "n", &v.rsa.n) && number(f, "e", &v.rsa.e) && (!private ||
			(number(f, "d", &v.rsa.d) && number(f, "p", &v.rsa.p) &&
			number(f, "q", &v.rsa.q))), "line %u: a key without numbers", f->line);
	if (!asym_rsa_import(&v.rsa, private))
		return TEST_SKIP;
	ASYM_NEED(need_modulus(v.rsa.len));
	asym_rsa_xform(&v.rsa, private, &x);
	if (!private)
		x.rsa.key_type = RTE_RSA_KEY_TYPE_EXP;
	return asym_session_create(&x, &v.session) == 0 ? TEST_PASS : TEST_SKIP;
}

static enum test_result
begin_ecdsa(const struct vector_file *f)
{
	const char *const curve = vector_file_text(f, "curve");
	uint8_t point[2 * ASYM_EC_MAX_LEN + 1];
	struct rte_crypto_asym_xform x;
	unsigned int c;
	int len;

	for (c = 0; c < ASYM_NB_CURVES && strcmp(curve, asym_curve_name(c)) != 0; c++)
		;
	TEST_CHECK(c < ASYM_NB_CURVES, "line %u: curve %s", f->line, curve);
	v.ec.curve = (enum asym_curve)c;
	v.ec.len = asym_curve_len(v.ec.curve);
	len = vector_file_bytes(f, "q", point, sizeof(point));
	TEST_CHECK(len == (int)(2 * v.ec.len + 1) && point[0] == 4, "line %u: point", f->line);
	memcpy(v.ec.x, point + 1, v.ec.len);
	memcpy(v.ec.y, point + 1 + v.ec.len, v.ec.len);
	asym_ec_xform(v.ec.curve, &x);
	return asym_session(&x, &v.session);
}

/* r and s of a signature in DER, with zeros before them; false: it is none. */
static bool
split_der(uint8_t *r, uint8_t *s)
{
	const uint8_t *p = v.sig;
	ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &p, (long)v.sig_len);
	uint8_t *again = NULL;
	bool ok;

	/* Only the one form that DER has; and numbers that are not negative. */
	ok = sig != NULL && p == v.sig + v.sig_len &&
			i2d_ECDSA_SIG(sig, &again) == (int)v.sig_len &&
			memcmp(again, v.sig, v.sig_len) == 0 &&
			!BN_is_negative(ECDSA_SIG_get0_r(sig)) &&
			!BN_is_negative(ECDSA_SIG_get0_s(sig)) &&
			BN_bn2binpad(ECDSA_SIG_get0_r(sig), r, (int)v.ec.len) >= 0 &&
			BN_bn2binpad(ECDSA_SIG_get0_s(sig), s, (int)v.ec.len) >= 0;
	OPENSSL_free(again);
	ECDSA_SIG_free(sig);
	return ok;
}

/* @return whether the vector has a form; @p good: what came of it. */
static enum test_result
verify_ecdsa(const struct vector_file *f, bool *good)
{
	const bool der = strcmp(vector_file_text(f, "form"), "der") == 0;
	uint8_t r[ASYM_RSA_MAX_LEN], s[ASYM_RSA_MAX_LEN];
	uint32_t half = v.sig_len / 2;
	enum rte_crypto_op_status status = RTE_CRYPTO_OP_STATUS_NOT_PROCESSED;
	enum test_result result;
	struct asym_job *j;

	if (der) {
		half = v.ec.len;
		if (!split_der(r, s))
			return TEST_SKIP;
	} else {
		if (v.sig_len == 0 || v.sig_len % 2 != 0)
			return TEST_SKIP;
		memcpy(r, v.sig, half);
		memcpy(s, v.sig + half, half);
	}
	j = asym_job(v.session);
	TEST_CHECK(j != NULL, "no memory");
	asym_job_ecdsa(j, RTE_CRYPTO_ASYM_OP_VERIFY, &v.ec, v.digest, v.digest_len, r, s);
	memcpy(j->out.data, r, half);
	memcpy(j->more.data, s, half);
	j->op->asym->ecdsa.r.length = j->op->asym->ecdsa.s.length = half;
	result = asym_run_one(j, &status);
	asym_job_free(j);
	*good = status == RTE_CRYPTO_OP_STATUS_SUCCESS;
	return result;
}

static enum test_result
run_rsa(enum rte_crypto_asym_op_type type, bool *good)
{
	const bool decrypt = type == RTE_CRYPTO_ASYM_OP_DECRYPT;
	enum rte_crypto_op_status status = RTE_CRYPTO_OP_STATUS_NOT_PROCESSED;
	const struct rte_crypto_rsa_op_param *rsa;
	enum test_result result;
	struct asym_job *j;

	j = asym_job(v.session);
	TEST_CHECK(j != NULL, "no memory");
	rsa = &j->op->asym->rsa;
	if (decrypt)
		asym_job_rsa(j, type, RTE_CRYPTO_RSA_PADDING_PKCS1_5, NULL, v.sig, v.sig_len, NULL,
				0);
	else
		asym_job_rsa(j, type, RTE_CRYPTO_RSA_PADDING_PKCS1_5, v.hash, v.digest,
				v.digest_len, v.sig, v.sig_len);
	result = asym_run_one(j, &status);
	*good = status == RTE_CRYPTO_OP_STATUS_SUCCESS;
	if (decrypt)
		*good = *good && rsa->message.length == v.msg_len &&
				memcmp(j->out.data, v.msg, v.msg_len) == 0;
	else if (type == RTE_CRYPTO_ASYM_OP_SIGN)
		*good = *good && rsa->sign.length == v.sig_len &&
				memcmp(j->out.data, v.sig, v.sig_len) == 0;
	asym_job_free(j);
	return result;
}

static enum test_result
load(const struct vector_file *f, bool decrypt)
{
	int msg, sig;

	v.hash = decrypt ? NULL : vector_file_text(f, "hash");
	msg = vector_file_bytes(f, "msg", v.msg, sizeof(v.msg));
	sig = vector_file_bytes(f, decrypt ? "ct" : "sig", v.sig, sizeof(v.sig));
	TEST_CHECK(msg >= 0 && (sig >= 0 || f->verdict != '+'), "line %u: a vector without bytes",
			f->line);
	v.msg_len = (uint32_t)msg;
	v.sig_len = sig < 0 ? 0 : (uint32_t)sig;
	v.digest_len = v.hash != NULL ?
			asym_digest(v.hash, v.msg, v.msg_len, v.digest) : 0;
	return TEST_PASS;
}

static enum test_result
run_vector(const struct vector_file *f, struct counts *n)
{
	const char *const op = vector_file_text(f, "op"), *const alg = vector_file_text(f, "alg");
	enum rte_crypto_asym_op_type type;
	enum test_result result;
	bool ec, good = false;

	TEST_CHECK(op != NULL && alg != NULL, "line %u: a vector without op or alg", f->line);
	ec = strcmp(alg, "ecdsa") == 0;
	type = strcmp(op, "verify") == 0 ? RTE_CRYPTO_ASYM_OP_VERIFY :
			strcmp(op, "sign") == 0 ? RTE_CRYPTO_ASYM_OP_SIGN :
			RTE_CRYPTO_ASYM_OP_DECRYPT;
	/* Each signature of ECDSA is another one: that of the vector is verified. */
	if (ec)
		type = RTE_CRYPTO_ASYM_OP_VERIFY;
	ASYM_NEED(load(f, type == RTE_CRYPTO_ASYM_OP_DECRYPT));
	result = ec ? begin_ecdsa(f) : begin_rsa(f, type != RTE_CRYPTO_ASYM_OP_VERIFY);
	if (result == TEST_SKIP) {
		TEST_CHECK(f->verdict != '+', "line %u, %s: no session", f->line, f->id);
		n->refused++;
		return TEST_PASS;
	}
	if (result == TEST_PASS)
		result = ec ? verify_ecdsa(f, &good) : run_rsa(type, &good);
	if (result == TEST_SKIP) {
		TEST_CHECK(f->verdict != '+', "line %u, %s: cannot be said", f->line, f->id);
		n->no_form++;
		return TEST_PASS;
	}
	ASYM_NEED(result);
	n->run++;
	TEST_CHECK(f->verdict == '?' || good == (f->verdict == '+'),
			"line %u, %s (%s): taken for %s", f->line, f->id, f->note,
			good ? "right" : "wrong");
	return TEST_PASS;
}

static enum test_result
run_file(const struct test_case *tc)
{
	const char *const name = strrchr(files[tc->n], '/') + 1;
	enum test_result result = TEST_PASS;
	struct counts n = {0};
	struct vector_file f;
	int ret;

	if (strstr(files[tc->n], "ecdsa") != NULL) {
		ASYM_NEED(need_asym(RTE_CRYPTO_ASYM_XFORM_ECDSA, RTE_CRYPTO_ASYM_OP_VERIFY));
	} else {
		ASYM_NEED(need_asym(RTE_CRYPTO_ASYM_XFORM_RSA, RTE_CRYPTO_ASYM_OP_VERIFY));
		if (!asym_env.strict)
			return test_skip("only promised by crypto_virtio");
	}
	ret = vector_file_open(&f, files[tc->n]);
	TEST_CHECK(ret == 0, "%s: %s", files[tc->n], strerror(-ret));
	while (result == TEST_PASS && (ret = vector_file_next(&f)) == 1) {
		result = run_vector(&f, &n);
		end_session();
	}
	if (result == TEST_PASS && ret != 0)
		result = test_fail("%s: line %u has another form", files[tc->n], f.line);
	if (result == TEST_PASS && n.run + n.no_form + n.refused != f.count)
		result = test_fail("%u vectors, and %u of them run", f.count, n.run);
	/* For who compares runs, as those of suite vectors_bulk. */
	if (result == TEST_PASS)
		printf("COUNT %.*s %s: %u read, %u run, %u not in this form, %u keys refused\n",
				(int)strlen(name) - 4, name,
				strstr(name, "ecdsa") != NULL ? "ecdsa" : "rsa", f.count, n.run,
				n.no_form, n.refused);
	vector_file_close(&f);
	return result;
}

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

void
suite_asym_vectors(void)
{
	struct test_case tc = {.run = run_file};
	struct dirent *e;
	DIR *dir;
	char path[512];

	if (test_opts.vectors == NULL)
		return;
	dir = opendir(test_opts.vectors);
	if (dir == NULL) {
		fprintf(stderr, "%s: %s\n", test_opts.vectors, strerror(errno));
		exit(EXIT_FAILURE);
	}
	while (nb_files > 0)
		free(files[--nb_files]);
	while ((e = readdir(dir)) != NULL && nb_files < MAX_FILES) {
		const size_t len = strlen(e->d_name);

		if (strncmp(e->d_name, "asym_", 5) != 0 || strcmp(e->d_name + len - 4, ".txt") != 0)
			continue;
		snprintf(path, sizeof(path), "%s/%s", test_opts.vectors, e->d_name);
		files[nb_files] = strdup(path);
		if (files[nb_files] != NULL)
			nb_files++;
	}
	closedir(dir);
	qsort(files, nb_files, sizeof(files[0]), compare);
	for (tc.n = 0; tc.n < nb_files; tc.n++) {
		const char *const name = strrchr(files[tc.n], '/') + 1;

		test_add(&tc, "%.*s", (int)strlen(name) - 4, name);
	}
}
