/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The published vectors of a folder of files, a case for each file. Every vector goes both ways,
 * in place and out of place, in segments that are drawn anew each time. A vector that must not
 * verify, and each tampered form of one that must, gives AUTH_FAILED and nothing else; of what the
 * device does not show, sessions must be refused.
 *
 * Invariant: each vector that is read is run, refused or skipped with a reason, and the numbers are
 * printed, for who runs the program to compare with those that must be.
 */

#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_errno.h>

#include "suites.h"
#include "vector_file.h"

#define MAX_FILES 64
#define MAX_DATA 32768
#define MAX_BULK_IV 512
#define MAX_TALLIES 16
#define MAX_WHYS 16
/* The jobs of one session: two honest ones, and each thing that can be tampered with, twice. */
#define MAX_BATCH 10

static char *files[MAX_FILES];
static unsigned int nb_files;

/* A vector as bytes, with what cryptodev has to be told of it. */
static struct {
	struct sess_params sp;
	const char *alg;
	bool good; /* must verify */
	uint8_t key[REF_MAX_KEY], iv[MAX_BULK_IV], aad[MAX_DATA], msg[MAX_DATA], ct[MAX_DATA],
			tag[REF_MAX_DIGEST];
	uint32_t key_len, iv_len, aad_len, msg_len, ct_len, tag_len;
} v;

enum outcome {
	RUN,
	REFUSED, /* a vector that must not verify, and the device takes no such session */
	SKIPPED,
	FAILED,
};

/* Of one algorithm in one file. */
struct tally {
	char alg[32];
	unsigned int read, run, refused, skipped;
	unsigned int bad; /* of those run: must not verify */
	unsigned int tampered;
	struct {
		unsigned int count;
		char text[120];
	} why[MAX_WHYS];
};
static struct tally tallies[MAX_TALLIES];
static unsigned int nb_tallies;
static char reason[sizeof(tallies[0].why[0].text)];

static enum outcome skip(const char *fmt, ...) __rte_format_printf(1, 2);

static enum outcome
skip(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(reason, sizeof(reason), fmt, ap);
	va_end(ap);
	return SKIPPED;
}

/* ---- Vectors ---- */

static bool
bytes(const struct vector_file *f, const char *name, uint8_t *buf, uint32_t max, uint32_t *len)
{
	const int n = vector_file_bytes(f, name, buf, max);

	*len = n < 0 ? 0 : (uint32_t)n;
	return n >= 0;
}

static bool
load(const struct vector_file *f)
{
	memset(&v.sp, 0, sizeof(v.sp));
	v.alg = vector_file_text(f, "alg");
	if (v.alg == NULL || f->verdict == '?')
		return false;
	v.good = f->verdict == '+';
	v.sp.cipher = ref_cipher_by_name(v.alg);
	v.sp.auth = ref_auth_by_name(v.alg);
	v.sp.aead = ref_aead_by_name(v.alg);
	v.sp.order = v.sp.aead != NULL ? SESS_AEAD : v.sp.auth != NULL ? SESS_AUTH : SESS_CIPHER;
	return bytes(f, "key", v.key, sizeof(v.key), &v.key_len) &&
			bytes(f, "iv", v.iv, sizeof(v.iv), &v.iv_len) &&
			bytes(f, "aad", v.aad, sizeof(v.aad), &v.aad_len) &&
			bytes(f, "msg", v.msg, sizeof(v.msg), &v.msg_len) &&
			bytes(f, "ct", v.ct, sizeof(v.ct), &v.ct_len) &&
			bytes(f, "tag", v.tag, sizeof(v.tag), &v.tag_len);
}

static struct tally *
tally_of(const char *alg)
{
	unsigned int i;

	for (i = 0; i < nb_tallies; i++)
		if (strcmp(tallies[i].alg, alg) == 0)
			return &tallies[i];
	if (nb_tallies == MAX_TALLIES)
		return NULL;
	memset(&tallies[i], 0, sizeof(tallies[i]));
	snprintf(tallies[i].alg, sizeof(tallies[i].alg), "%s", alg);
	nb_tallies++;
	return &tallies[i];
}

static void
count_reason(struct tally *t)
{
	unsigned int i;

	for (i = 0; i < MAX_WHYS - 1; i++)
		if (t->why[i].count == 0 || strcmp(t->why[i].text, reason) == 0)
			break;
	snprintf(t->why[i].text, sizeof(t->why[i].text), "%s",
			i < MAX_WHYS - 1 || t->why[i].count == 0 ? reason : "other reasons");
	t->why[i].count++;
}

/* ---- What the device shows ---- */

static bool
shows(const struct rte_crypto_param_range *r, uint32_t size, const char *what)
{
	if (size <= UINT16_MAX && env_in_range(r, size))
		return true;
	skip("the device does not show %s with %s of %u bytes", v.alg, what, size);
	return false;
}

/*
 * An IV that GCM hashes first, where the device takes the block that comes out of that instead:
 * cryptodev then has an IV of length 0.
 */
static void
hash_iv(const struct rte_crypto_param_range *r)
{
	uint8_t j0[REF_J0_LEN];

	/* With a key that is none of AES there is nothing to hash with: shown() finds that out. */
	if (env_in_range(r, (uint16_t)v.iv_len) || !env_in_range(r, 0) ||
			ref_gcm_j0(v.key, v.key_len, v.iv, v.iv_len, j0) != 0)
		return;
	memcpy(v.iv, j0, sizeof(j0));
	v.iv_len = 0;
}

/* @return RUN, or SKIPPED with the reason, of which *sizes says that it is but a size. */
static enum outcome
shown(bool *sizes)
{
	const struct rte_cryptodev_symmetric_capability *cap;
	const bool no_iv = v.iv_len == 0;

	*sizes = false;
	if (v.sp.aead != NULL) {
		cap = env_aead_cap(v.sp.aead->algo);
		if (cap == NULL || !ref_aead_available(v.sp.aead))
			return skip("%s %s", cap == NULL ? "the device does not show" :
					"no reference for", v.alg);
		if (v.sp.aead->j0 && no_iv)
			return skip("an IV of no bytes is no IV of GCM");
		if (v.sp.aead->j0)
			hash_iv(&cap->aead.iv_size);
		*sizes = true;
		return shows(&cap->aead.key_size, v.key_len, "a key") &&
				shows(&cap->aead.iv_size, v.iv_len, "an IV") &&
				shows(&cap->aead.digest_size, v.tag_len, "a tag") &&
				shows(&cap->aead.aad_size, v.aad_len, "AAD") ? RUN : SKIPPED;
	}
	if (v.sp.auth != NULL) {
		cap = env_auth_cap(v.sp.auth->algo);
		if (cap == NULL || !ref_auth_available(v.sp.auth))
			return skip("%s %s", cap == NULL ? "the device does not show" :
					"no reference for", v.alg);
		if (ref_auth_iv(v.sp.auth) && no_iv)
			return skip("an IV of no bytes is no IV of GCM");
		if (ref_auth_iv(v.sp.auth))
			hash_iv(&cap->auth.iv_size);
		*sizes = true;
		if (!ref_auth_iv(v.sp.auth))
			v.iv_len = 0;
		else if (!shows(&cap->auth.iv_size, v.iv_len, "an IV"))
			return SKIPPED;
		return shows(&cap->auth.key_size, v.key_len, "a key") &&
				shows(&cap->auth.digest_size, v.tag_len, "a digest") ?
				RUN : SKIPPED;
	}
	if (v.sp.cipher == NULL)
		return skip("cryptodev or the reference has no %s", v.alg);
	cap = env_cipher_cap(v.sp.cipher->algo);
	if (cap == NULL || !ref_cipher_available(v.sp.cipher))
		return skip("%s %s", cap == NULL ? "the device does not show" :
				"no reference for", v.alg);
	*sizes = true;
	return shows(&cap->cipher.key_size, v.key_len, "a key") &&
			shows(&cap->cipher.iv_size, v.iv_len, "an IV") ? RUN : SKIPPED;
}

/* ---- Jobs ---- */

static void
pick_layout(bool oop, struct job_params *p)
{
	static const enum layout in[] = {LAYOUT_IN_PLACE, LAYOUT_UNALIGNED, LAYOUT_SGL,
		LAYOUT_SGL_UNALIGNED, LAYOUT_SGL_EMPTY};
	static const enum layout out[] = {LAYOUT_OOP, LAYOUT_OOP_SGL_SGL, LAYOUT_OOP_SGL_LB,
		LAYOUT_OOP_LB_SGL};
	enum layout l = oop ? LAYOUT_OOP : LAYOUT_IN_PLACE;

	/* Lists of segments are where other drivers have limits of their own. */
	if (env.strict) {
		do {
			l = oop ? out[test_rand_range(0, RTE_DIM(out) - 1)] :
					in[test_rand_range(0, RTE_DIM(in) - 1)];
		} while (need_layout(l) != TEST_PASS);
	}
	layout_apply(l, test_rand_range(2, JOB_MAX_SEGS), p);
	p->place = test_rand() & 1 ? JOB_DIGEST_OUTSIDE : JOB_DIGEST_BEHIND;
	if (env.strict && p->src_segs > 1 && !p->oop && (test_rand() & 1))
		p->place = JOB_DIGEST_SEGMENT;
}

static struct job *
make_job(const struct sess *s, bool oop)
{
	static uint8_t data[64 + MAX_DATA + 64];
	struct job_params p = {.corrupt = -1};
	struct job_range *range = s->p.order == SESS_AUTH ? &p.auth : &p.cipher;
	const bool sealed = !v.good && s->p.order == SESS_AEAD;
	uint8_t iv[REF_MAX_IV] = {0};

	range->off = test_rand() & 1 ? 0 : test_rand_range(1, 64);
	range->len = sealed ? v.ct_len : v.msg_len;
	p.len = range->off + range->len + (test_rand() & 1 ? 0 : test_rand_range(1, 64));
	pick_layout(oop, &p);
	p.aad = v.aad;
	test_rand_fill(data, range->off);
	memcpy(data + range->off, sealed ? v.ct : v.msg, range->len);
	test_rand_fill(data + range->off + range->len, p.len - range->off - range->len);
	if (s->p.order == SESS_CIPHER && s->p.decrypt)
		memcpy(data + range->off, v.ct, range->len);
	memcpy(iv, v.iv, RTE_MIN(v.iv_len == 0 ? REF_J0_LEN : v.iv_len, sizeof(iv)));
	return job_create_with(s, &p, data, iv);
}

/* Whether what the reference expects is what was published. */
static bool
agrees(const struct job *j)
{
	const struct sess_params *sp = &j->s->p;
	const uint32_t off = j->p.cipher.off;

	switch (sp->order) {
	case SESS_CIPHER:
		return memcmp(j->after + off, sp->decrypt ? v.msg : v.ct, v.msg_len) == 0;
	case SESS_AEAD:
		return memcmp((sp->decrypt ? j->before : j->after) + off, v.ct, v.ct_len) == 0 &&
				memcmp((sp->decrypt ? j->after : j->before) + off, v.msg,
						v.msg_len) == 0 &&
				memcmp(j->digest, v.tag, v.tag_len) == 0;
	default:
		return memcmp(j->digest, v.tag, v.tag_len) == 0;
	}
}

/* Things that a tag is over, itself included. */
enum target {
	TAG,
	DATA,
	IV,
	AAD,
	TARGETS,
};

/* Flip one bit of it; @return false if it has none. */
static bool
tamper(struct job *j, enum target what)
{
	const struct sess_params *sp = &j->s->p;
	const bool mac = sp->order == SESS_AUTH;
	const struct job_range *r = mac ? &j->p.auth : &j->p.cipher;
	uint32_t len = 0, bit;
	uint8_t *at = NULL;

	switch (what) {
	case TAG:
		at = j->digest;
		len = sp->digest_len;
		break;
	case DATA:
		at = j->before + r->off;
		len = r->len;
		break;
	case IV:
		at = j->iv;
		len = sp->iv_len;
		if (len == 0 && (mac ? ref_auth_iv(sp->auth) : sp->aead->j0))
			len = REF_J0_LEN;
		break;
	default:
		at = j->aad;
		len = mac ? 0 : sp->aad_len;
		break;
	}
	if (len == 0)
		return false;
	bit = test_rand_range(0, 8 * len - 1);
	at[bit / 8] ^= (uint8_t)(1u << bit % 8);
	/* Nobody writes what a MAC is over: it stays as it is sent. */
	if (what == DATA && mac)
		j->after[r->off + bit / 8] ^= (uint8_t)(1u << bit % 8);
	job_expect_forgery(j);
	return true;
}

/* The vector itself is a forgery: what it says stands in for what the reference says. */
static void
forge(struct job *j)
{
	if (j->s->p.order == SESS_AEAD)
		memcpy(j->before + j->p.cipher.off, v.ct, v.ct_len);
	memcpy(j->digest, v.tag, v.tag_len);
	job_expect_forgery(j);
}

/* Everything of one vector and one direction, at once. */
static enum outcome
run_session(const struct sess *s, struct tally *t)
{
	struct job *jobs[MAX_BATCH];
	unsigned int nb = 0, i, what;
	bool ok;

	for (i = 0; i < 2; i++) {
		jobs[nb] = make_job(s, i != 0 && need_layout(LAYOUT_OOP) == TEST_PASS);
		if (jobs[nb] == NULL)
			return FAILED;
		if (!v.good) {
			forge(jobs[nb]);
		} else if (!agrees(jobs[nb])) {
			test_fail("reference and vector differ");
			return FAILED;
		}
		nb++;
	}
	for (i = 0; i < 2 && v.good && s->p.decrypt && s->p.order != SESS_CIPHER; i++) {
		for (what = 0; what < TARGETS; what++) {
			jobs[nb] = make_job(s, i != 0 && need_layout(LAYOUT_OOP) == TEST_PASS);
			if (jobs[nb] == NULL)
				return FAILED;
			if (tamper(jobs[nb], (enum target)what))
				nb++;
			else
				job_release(jobs[nb]);
		}
	}
	if (v.good)
		t->tampered += nb - 2;
	ok = job_run(s->dev, 0, jobs, nb, nb) == TEST_PASS;
	for (i = 0; i < nb && ok; i++)
		job_release(jobs[i]);
	return ok ? RUN : FAILED;
}

/* A session of the vector, and with it all that @p t counts, or the proof that there is none. */
static enum outcome
run_direction(bool decrypt, bool refuse, struct tally *t)
{
	static struct sess s;
	enum outcome result;
	int ret;

	s.p = v.sp;
	s.p.decrypt = decrypt;
	memcpy(s.key, v.key, sizeof(s.key));
	memcpy(s.auth_key, v.key, sizeof(s.auth_key));
	ret = job_session_create_raw(&s, &env.dev[0]);
	if (refuse) {
		job_session_free_raw(&s);
		if (ret != 0)
			return REFUSED;
		if (!env.strict)
			return SKIPPED;
		test_fail("a session is made although %s", reason);
		return FAILED;
	}
	if (ret != 0) {
		test_fail("session refused with %s: %s", rte_strerror(-ret),
				sess_text(&s.p));
		return FAILED;
	}
	result = run_session(&s, t);
	/* After a failure jobs may still be with the device, which is stopped before they go. */
	if (result == FAILED)
		env_stop_all();
	job_session_free_raw(&s);
	return result;
}

static enum outcome
run_vector(struct tally *t)
{
	const uint32_t len = v.good || v.sp.order == SESS_AUTH ? v.msg_len : v.ct_len;
	enum outcome result;
	bool sizes, refuse;
	unsigned int d;

	result = shown(&sizes);
	if (result == SKIPPED && !sizes)
		return SKIPPED;
	refuse = result == SKIPPED;
	if (v.good && v.sp.order != SESS_AUTH && v.msg_len != v.ct_len) {
		test_fail("data and ciphertext have %u and %u bytes", v.msg_len, v.ct_len);
		return FAILED;
	}
	if (v.sp.order == SESS_AUTH)
		v.sp.auth_key_len = (uint16_t)v.key_len;
	else
		v.sp.key_len = (uint16_t)v.key_len;
	v.sp.iv_len = (uint16_t)v.iv_len;
	v.sp.digest_len = (uint16_t)v.tag_len;
	v.sp.aad_len = (uint16_t)v.aad_len;
	if (!refuse && len == 0 && !env.strict)
		return skip("no data: only promised by crypto_virtio");
	if (!refuse && v.sp.order == SESS_CIPHER && len % cipher_unit(v.sp.cipher) != 0)
		return skip("the device takes whole blocks of %s only", v.alg);
	for (d = v.good ? 0 : 1; d < 2; d++) {
		result = run_direction(d != 0, refuse, t);
		if (result == FAILED)
			return FAILED;
	}
	/* What is right and not shown is no more than missing; what is wrong must be refused. */
	return result == REFUSED && v.good ? SKIPPED : result;
}

/* ---- Files ---- */

static enum test_result
summary(const char *file)
{
	unsigned int i, k, run = 0, skipped = 0;

	for (i = 0; i < nb_tallies; i++) {
		const struct tally *t = &tallies[i];

		printf("COUNT %s %s: %u read, %u run, %u invalid, %u refused, %u skipped, "
				"%u tampered\n", file, t->alg, t->read, t->run, t->bad, t->refused,
				t->skipped, t->tampered);
		for (k = 0; k < MAX_WHYS && t->why[k].count > 0; k++)
			printf("COUNT %s %s: skipped %u: %s\n", file, t->alg, t->why[k].count,
					t->why[k].text);
		run += t->run + t->refused;
		skipped += t->skipped;
	}
	TEST_CHECK(run + skipped > 0, "%s has no vector", file);
	if (run == 0)
		return test_skip("all %u vectors: %s", skipped, tallies[0].why[0].text);
	test_note("%u vectors run or refused, %u skipped", run, skipped);
	return TEST_PASS;
}

static enum test_result
file_case(const struct test_case *tc)
{
	const char *name = files[tc->n];
	struct vector_file f;
	enum outcome result = RUN;
	const char *from;
	struct tally *t;
	char path[512];
	int ret;

	snprintf(path, sizeof(path), "%s/%s.txt", test_opts.vectors, name);
	ret = vector_file_open(&f, path);
	if (ret != 0)
		return test_fail("%s: %s", path, rte_strerror(-ret));
	nb_tallies = 0;
	while (result != FAILED && (ret = vector_file_next(&f)) == 1) {
		t = load(&f) ? tally_of(v.alg) : NULL;
		if (t == NULL) {
			ret = -EINVAL;
			break;
		}
		t->read++;
		result = run_vector(t);
		t->run += result == RUN;
		t->bad += result == RUN && !v.good;
		t->refused += result == REFUSED;
		t->skipped += result == SKIPPED;
		if (result == SKIPPED)
			count_reason(t);
		from = vector_file_text(&f, "from");
		if (result == FAILED)
			printf("%s.txt:%u: %s %s %c %s %s: fails as follows\n", name, f.line, v.alg,
					from != NULL ? from : "", f.verdict, f.id, f.note);
	}
	if (ret < 0)
		test_fail("%s:%u: not as README.md there says", path, f.line);
	vector_file_close(&f);
	if (result == FAILED || ret < 0)
		return TEST_FAIL;
	return summary(name);
}

static enum test_result
no_files_case(const struct test_case *tc)
{
	RTE_SET_USED(tc);
	return test_fail("%s holds no files of vectors of symmetric crypto", test_opts.vectors);
}

/* Ours all begin in lower case; those of asymmetric crypto are for others. */
static int
is_vectors(const struct dirent *d)
{
	const size_t len = strlen(d->d_name);

	return len > 4 && strcmp(d->d_name + len - 4, ".txt") == 0 && d->d_name[0] >= 'a' &&
			d->d_name[0] <= 'z' && strncmp(d->d_name, "asym_", 5) != 0;
}

void
suite_bulk(void)
{
	struct test_case tc = {.run = file_case};
	struct dirent **found;
	int n, i;

	if (test_opts.vectors == NULL)
		return;
	while (nb_files > 0)
		free(files[--nb_files]);
	n = scandir(test_opts.vectors, &found, is_vectors, alphasort);
	for (i = 0; i < n; i++) {
		if (nb_files < MAX_FILES)
			files[nb_files] = strndup(found[i]->d_name, strlen(found[i]->d_name) - 4);
		if (nb_files < MAX_FILES && files[nb_files] != NULL) {
			tc.n = nb_files++;
			test_add(&tc, "%s", files[tc.n]);
		}
		free(found[i]);
	}
	if (n >= 0)
		free(found);
	if (nb_files == 0) {
		tc.run = no_files_case;
		test_add(&tc, "files");
	}
}
