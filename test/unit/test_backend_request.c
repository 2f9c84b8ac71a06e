/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The back end's request parser: any framing, any overlap, lengths that do not
 * fit, engines that take segments. Run under the sanitizers too.
 */

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "backend_services.h"
#include "request_ctx.h"

/* What a chain must give, from its definition. */
static void
reference(const struct params *p, const struct ranges *r, const uint8_t *src, uint8_t *dst,
		uint32_t len, uint8_t *digest)
{
	uint8_t full[EVP_MAX_MD_SIZE];

	memcpy(dst, src, len);
	if (r->cipher_len != 0)
		aes_cbc(p->dir == ENCRYPT, src + r->cipher_off, dst + r->cipher_off, r->cipher_len);
	HMAC(EVP_sha1(), mac_key, sizeof(mac_key),
			(p->order == CHAIN_HASH_FIRST ? src : dst) + r->hash_off, r->hash_len, full,
			NULL);
	memcpy(digest, full, p->digest_len);
}

#define DATA 80
#define READABLE (DATA_FIXED + 16 + DATA)
#define WRITABLE (DATA + 12 + 1)

/* One chain request as two strings, and what comes back. */
struct request {
	uint8_t in[READABLE];
	uint8_t expected[WRITABLE];
};

static void
make_request(struct backend *b, struct request *q, uint64_t *id)
{
	const struct ranges r = {16, 48, 8, 64};

	assert_int_equal(create(b, &chain, id), ST_OK);
	data_bytes(&chain, *id, 16, iv16, DATA, DATA, &r, q->in);
	fill(q->in + DATA_FIXED + 16, DATA);
	reference(&chain, &r, q->in + DATA_FIXED + 16, q->expected, DATA, q->expected + DATA);
	q->expected[WRITABLE - 1] = ST_OK;
}

/* Cut a string into pieces, each in a block of its own so that the sanitizer sees its ends. */
static uint16_t
cut(struct vhc_desc *desc, const uint8_t *data, size_t len, bool writable, const size_t *piece,
		size_t nb_pieces)
{
	size_t off = 0, n, i;
	uint16_t nb = 0;

	for (i = 0; off < len; i = (i + 1) % nb_pieces) {
		n = piece[i] < len - off ? piece[i] : len - off;
		desc[nb].addr = malloc(n != 0 ? n : 1);
		desc[nb].len = (uint32_t)n;
		desc[nb].writable = writable;
		memset(desc[nb].addr, ST_UNTOUCHED, n);
		if (!writable)
			memcpy(desc[nb].addr, data + off, n);
		nb++;
		off += n;
	}
	return nb;
}

static void
join(const struct vhc_desc *desc, uint16_t nb, uint8_t *out)
{
	uint16_t i;

	for (i = 0; i < nb; out += desc[i].len, i++)
		memcpy(out, desc[i].addr, desc[i].len);
}

static void
free_pieces(struct vhc_desc *desc, uint16_t nb)
{
	while (nb != 0)
		free(desc[--nb].addr);
}

static void
run_framed(struct backend *b, const struct request *q, const size_t *in, size_t nb_in,
		const size_t *out, size_t nb_out)
{
	struct vhc_desc desc[2 * (READABLE + WRITABLE) + 4];
	uint8_t got[WRITABLE];
	uint16_t first, nb;

	first = cut(desc, q->in, READABLE, false, in, nb_in);
	nb = first + cut(desc + first, NULL, WRITABLE, true, out, nb_out);
	assert_int_equal(serve(b, desc, nb), WRITABLE);
	join(desc + first, nb - first, got);
	assert_memory_equal(got, q->expected, WRITABLE);
	free_pieces(desc, nb);
}

/* [virtio 2.7.4.1: MUST NOT make assumptions about the arrangement of descriptors] */
static void
framing(void **state)
{
	struct backend b = backend_create(NULL);
	size_t one = 1, all = 4096, i, k;
	struct request q;
	uint64_t id, seed = 1;

	(void)state;
	make_request(&b, &q, &id);
	run_framed(&b, &q, &all, 1, &all, 1);
	run_framed(&b, &q, &one, 1, &one, 1);
	/* Every border of the readable part against some of the writable part, and the reverse. */
	for (i = 1; i < READABLE; i++) {
		const size_t in[2] = {i, all}, out[2] = {1 + i % WRITABLE, all};

		run_framed(&b, &q, in, 2, out, 2);
		run_framed(&b, &q, in, 2, &all, 1);
	}
	for (i = 1; i < WRITABLE; i++) {
		const size_t out[2] = {i, all};

		run_framed(&b, &q, &all, 1, out, 2);
	}
	/* Random pieces, some of them empty. */
	for (i = 0; i < 500; i++) {
		size_t in[8], out[8];

		for (k = 0; k < 8; k++) {
			in[k] = unit_rand(&seed) % 40;
			out[k] = unit_rand(&seed) % 20;
		}
		in[7]++;
		out[7]++;
		run_framed(&b, &q, in, 8, out, 8);
	}
	backend_destroy(&b);
}

/* What drivers send goes the straight way, whatever else has been negotiated. */
static void
usual_requests(void **state)
{
	static const uint64_t feature_sets[] = {0, REVISION_1, REVISION_1 | ALL_STATELESS};
	const size_t in[2] = {DATA_FIXED + 16, DATA}, out[3] = {DATA, 12, 1};
	struct vhc_desc desc[5];
	struct vhc_request *req = malloc(sizeof(*req));
	struct request q;
	uint64_t id;
	size_t i;

	(void)state;
	assert_non_null(req);
	for (i = 0; i < UNIT_DIM(feature_sets); i++) {
		struct backend b = services_create(feature_sets[i]);

		make_request(&b, &q, &id);
		put32(q.in, 16, feature_sets[i] != 0 ? SESSION_MODE : 0);
		assert_int_equal(cut(desc, q.in, READABLE, false, in, 2), 2);
		assert_int_equal(cut(desc + 2, NULL, WRITABLE, true, out, 3), 3);
		assert_true(vhc_request_begin_straight(req, b.ctx, desc, 5));
		vhc_request_drop(req);
		free_pieces(desc, 5);
		run_framed(&b, &q, in, 2, out, 3);
		backend_destroy(&b);
	}
	free(req);
}

/* What stands after the fields that matter is ignored; the status is still the last byte. */
static void
extra_descriptors(void **state)
{
	uint8_t more_in[9] = {1}, out[WRITABLE - 1], gap[5], status[3];
	struct backend b = backend_create(NULL);
	struct request q;
	uint64_t id;

	(void)state;
	make_request(&b, &q, &id);
	{
		struct vhc_desc desc[] = {
			{q.in, READABLE, false},
			{more_in, sizeof(more_in), false},
			{NULL, 0, false},
			{out, sizeof(out), true},
			{gap, sizeof(gap), true},
			{status, sizeof(status), true},
			{NULL, 0, true},
		};

		memset(out, ST_UNTOUCHED, sizeof(out));
		memset(gap, ST_UNTOUCHED, sizeof(gap));
		memset(status, ST_UNTOUCHED, sizeof(status));
		/* The gap was not written, so only what stands before it may be counted. */
		assert_int_equal(serve(&b, desc, UNIT_DIM(desc)), WRITABLE - 1);
	}
	assert_memory_equal(out, q.expected, sizeof(out));
	assert_int_equal(gap[0], ST_UNTOUCHED);
	assert_int_equal(gap[4], ST_UNTOUCHED);
	assert_int_equal(status[0], ST_UNTOUCHED);
	assert_int_equal(status[1], ST_UNTOUCHED);
	assert_int_equal(status[2], ST_OK);
	backend_destroy(&b);
}

/* Destination larger than the source: digest and status stand behind all of it. */
static void
larger_destination(void **state)
{
	const struct ranges r = {0, 64, 0, 64};
	uint8_t fixed[DATA_FIXED + 16], src[64], out[100 + 12 + 1], want[64 + 12];
	struct backend b = backend_create(NULL);
	uint64_t id;

	(void)state;
	assert_int_equal(create(&b, &chain, &id), ST_OK);
	fill(src, sizeof(src));
	reference(&chain, &r, src, want, 64, want + 64);
	data_bytes(&chain, id, 16, iv16, 64, 100, &r, fixed);
	{
		struct vhc_desc desc[] = {
			{fixed, sizeof(fixed), false},
			{src, sizeof(src), false},
			{out, sizeof(out), true},
		};

		memset(out, ST_UNTOUCHED, sizeof(out));
		assert_int_equal(serve(&b, desc, 3), 64);
	}
	assert_memory_equal(out, want, 64);
	assert_int_equal(out[64], ST_UNTOUCHED);
	assert_int_equal(out[99], ST_UNTOUCHED);
	assert_memory_equal(out + 100, want + 64, 12);
	assert_int_equal(out[112], ST_OK);
	backend_destroy(&b);
}

/* Source and destination in one block of memory, at all distances. */
static void
overlap(void **state)
{
	uint8_t fixed[DATA_FIXED + 16], mem[300], src[64], want[76], out[13];
	const struct ranges r = {16, 32, 0, 64};
	struct backend b = backend_create(NULL);
	unsigned int at, split;
	uint64_t id;

	(void)state;
	assert_int_equal(create(&b, &chain, &id), ST_OK);
	data_bytes(&chain, id, 16, iv16, 64, 64, &r, fixed);
	fill(src, sizeof(src));
	reference(&chain, &r, src, want, 64, want + 64);
	for (at = 0; at <= 200; at++) {
		for (split = 0; split <= 40; split += 40) {
			/* Source at 100; destination at 'at', in one piece or two. */
			struct vhc_desc desc[] = {
				{fixed, sizeof(fixed), false},
				{mem + 100, 64, false},
				{mem + at, split, true},
				{mem + at + split, 64 - split, true},
				{out, sizeof(out), true},
			};

			memset(mem, ST_UNTOUCHED, sizeof(mem));
			memcpy(mem + 100, src, sizeof(src));
			assert_int_equal(serve(&b, desc, 5), 64 + 13);
			assert_int_equal(out[12], ST_OK);
			assert_memory_equal(mem + at, want, 64);
			assert_memory_equal(out, want + 64, 12);
		}
	}
	backend_destroy(&b);
}

/* Both orders, both directions, ranges that cut each other in every way. */
static void
chains(void **state)
{
	uint8_t fixed[DATA_FIXED + 16], src[200], want[220], out[221];
	struct backend b = backend_create(NULL);
	struct params p = chain;
	uint64_t id, seed = 7;
	struct ranges r;
	unsigned int i;
	uint32_t len;

	(void)state;
	fill(src, sizeof(src));
	for (i = 0; i < 1000; i++) {
		p.order = i & 1 ? CHAIN_HASH_FIRST : CHAIN_CIPHER_FIRST;
		p.dir = i & 2 ? ENCRYPT : DECRYPT;
		p.digest_len = 1 + unit_rand(&seed) % 20;
		len = unit_rand(&seed) % (sizeof(src) + 1);
		r.cipher_off = unit_rand(&seed) % (len + 1);
		r.cipher_len = unit_rand(&seed) % (len - r.cipher_off + 1) / 16 * 16;
		r.hash_off = unit_rand(&seed) % (len + 1);
		r.hash_len = unit_rand(&seed) % (len - r.hash_off + 1);
		assert_int_equal(create(&b, &p, &id), ST_OK);
		data_bytes(&p, id, 16, iv16, len, len, &r, fixed);
		reference(&p, &r, src, want, len, want + len);
		{
			struct vhc_desc desc[] = {
				{fixed, sizeof(fixed), false},
				{src, len, false},
				{out, len + p.digest_len + 1, true},
			};

			assert_int_equal(serve(&b, desc, 3), len + p.digest_len + 1);
		}
		assert_int_equal(out[len + p.digest_len], ST_OK);
		assert_memory_equal(out, want, len + p.digest_len);
		assert_int_equal(destroy(&b, id), ST_OK);
	}
	assert_int_equal(vhc_device_nb_sessions(b.device), 0);
	backend_destroy(&b);
}

/* Change one field of a good request; only the status may be written. */
struct mutation {
	const char *what;
	size_t off;
	uint32_t value;
	uint8_t status;
};

static const struct mutation mutations[] = {
	{"no such opcode", 0, 0x0007, ST_NOTSUPP},
	{"HASH", 0, 0x0100, ST_INVSESS},
	{"MAC", 0, 0x0200, ST_INVSESS},
	{"no such HASH opcode", 0, 0x0101, ST_NOTSUPP},
	{"AEAD encrypt, whose lengths stand elsewhere", 0, 0x0300, ST_ERR},
	{"IPSEC", 0, 0x0500, ST_NOTSUPP},
	{"AKCIPHER encrypt", 0, 0x0400, ST_NOTSUPP},
	{"control opcode", 0, 0x0002, ST_NOTSUPP},
	{"all ones", 0, UINT32_MAX, ST_NOTSUPP},
	{"other direction", 0, 0x0001, ST_ERR},
	{"session index beyond the table", 8, 100000, ST_INVSESS},
	{"session index of a free slot", 8, 5, ST_INVSESS},
	{"session of another generation", 12, 77, ST_INVSESS},
	{"session 0", 12, 0, ST_INVSESS},
	{"no IV", 24, 0, ST_ERR},
	{"short IV", 24, 15, ST_ERR},
	{"long IV", 24, 17, ST_ERR},
	{"IV that overflows", 24, UINT32_MAX, ST_ERR},
	{"source longer than the chain", 28, DATA + 1, ST_ERR},
	{"source that overflows", 28, UINT32_MAX, ST_ERR},
	{"source that overflows with the rest to 0", 28, UINT32_MAX - 16 - DATA_FIXED + 1, ST_ERR},
	{"destination shorter than the source", 32, DATA - 1, ST_ERR},
	{"destination longer than the chain", 32, DATA + 1, ST_ERR},
	{"destination that overflows", 32, UINT32_MAX, ST_ERR},
	{"destination that overflows with digest and status to 0", 32, UINT32_MAX - 12, ST_ERR},
	{"cipher offset beyond the source", 36, DATA + 1, ST_ERR},
	{"cipher range beyond the source", 36, DATA - 47, ST_ERR},
	{"cipher offset that overflows", 36, UINT32_MAX - 47, ST_ERR},
	{"cipher length beyond the source", 40, DATA, ST_ERR},
	{"cipher length no multiple of the block", 40, 47, ST_ERR},
	{"cipher length that overflows", 40, UINT32_MAX - 15, ST_ERR},
	{"hash offset beyond the source", 44, DATA + 1, ST_ERR},
	{"hash offset that overflows", 44, UINT32_MAX - 63, ST_ERR},
	{"hash length beyond the source", 48, DATA - 7, ST_ERR},
	{"hash length that overflows", 48, UINT32_MAX - 7, ST_ERR},
	{"additional data", 52, 1, ST_ERR},
	{"additional data that overflows", 52, UINT32_MAX, ST_ERR},
	{"digest length 0", 56, 0, ST_ERR},
	{"other digest length", 56, 13, ST_ERR},
	{"digest length that overflows", 56, UINT32_MAX, ST_ERR},
	{"no op_type", 64, 0, ST_ERR},
	{"plain cipher on a chain session", 64, 1, ST_ERR},
	{"no such op_type", 64, 3, ST_ERR},
};

static void
malformed(void **state)
{
	struct backend b = backend_create(NULL);
	uint8_t in[READABLE], out[WRITABLE];
	struct request q;
	uint64_t id;
	size_t i, k;

	(void)state;
	make_request(&b, &q, &id);
	for (i = 0; i < UNIT_DIM(mutations); i++) {
		struct vhc_desc desc[] = {{in, READABLE, false}, {out, WRITABLE, true}};

		memcpy(in, q.in, READABLE);
		put32(in, mutations[i].off, mutations[i].value);
		memset(out, ST_UNTOUCHED, WRITABLE);
		assert_int_equal(serve(&b, desc, 2), 0);
		if (out[WRITABLE - 1] != mutations[i].status)
			fail_msg("%s: status %u, not %u", mutations[i].what, out[WRITABLE - 1],
					mutations[i].status);
		/* A cipher that refuses its length comes after nothing was written. */
		for (k = 0; k < WRITABLE - 1 && mutations[i].off != 40; k++)
			assert_int_equal(out[k], ST_UNTOUCHED);
	}
	/* And the session still works. */
	{
		size_t all = 4096;

		run_framed(&b, &q, &all, 1, &all, 1);
	}
	backend_destroy(&b);
}

/* Chains that end too early, at each byte. */
static void
truncated(void **state)
{
	struct backend b = backend_create(NULL);
	uint8_t *in, *out, status;
	struct request q;
	uint64_t id;
	uint32_t n;

	(void)state;
	make_request(&b, &q, &id);
	for (n = 0; n < READABLE; n++) {
		in = malloc(n != 0 ? n : 1);
		out = malloc(WRITABLE);
		memcpy(in, q.in, n);
		memset(out, ST_UNTOUCHED, WRITABLE);
		{
			struct vhc_desc desc[] = {{in, n, false}, {out, WRITABLE, true}};

			assert_int_equal(serve(&b, desc + (n == 0), n == 0 ? 1 : 2), 0);
		}
		assert_int_equal(out[WRITABLE - 1], ST_ERR);
		assert_int_equal(out[0], ST_UNTOUCHED);
		free(in);
		free(out);
	}
	for (n = 1; n < WRITABLE; n++) {
		out = malloc(n);
		memset(out, ST_UNTOUCHED, n);
		{
			struct vhc_desc desc[] = {{q.in, READABLE, false}, {out, n, true}};

			assert_int_equal(serve(&b, desc, 2), n == 1 ? 1 : 0);
		}
		status = out[n - 1];
		assert_int_equal(status, ST_ERR);
		if (n > 1)
			assert_int_equal(out[0], ST_UNTOUCHED);
		free(out);
	}
	/* Nowhere to answer: nothing happens. */
	{
		struct vhc_desc desc[] = {{q.in, READABLE, false}, {NULL, 0, true}};

		assert_int_equal(serve(&b, desc, 0), 0);
		assert_int_equal(serve(&b, desc, 1), 0);
		assert_int_equal(serve(&b, desc, 2), 0);
	}
	backend_destroy(&b);
}

/* [virtio 2.7.4.2: readable before writable] */
static void
wrong_order(void **state)
{
	struct backend b = backend_create(NULL);
	uint8_t out[WRITABLE], status = ST_UNTOUCHED;
	struct request q;
	uint64_t id;

	(void)state;
	make_request(&b, &q, &id);
	{
		struct vhc_desc desc[] = {
			{out, sizeof(out), true},
			{q.in, READABLE, false},
			{&status, 1, true},
		};

		memset(out, ST_UNTOUCHED, sizeof(out));
		assert_int_equal(serve(&b, desc, 3), 0);
		assert_int_equal(status, ST_ERR);
		assert_int_equal(out[0], ST_UNTOUCHED);
		status = ST_UNTOUCHED;
		assert_int_equal(vhc_device_ctrl(b.device, desc, 3) > 0, 1);
		assert_int_equal(get32(out, 8), ST_ERR);
	}
	backend_destroy(&b);
}

static void
max_size(void **state)
{
	const struct vhc_device_cfg cfg = {.max_size = 16 + 64 + 64};
	uint8_t fixed[DATA_FIXED + 16], data[80], status;
	struct backend b = backend_create(&cfg);
	uint64_t id;
	uint32_t n;

	(void)state;
	assert_int_equal(create(&b, &cbc, &id), ST_OK);
	for (n = 64; n <= 80; n += 16) {
		struct vhc_desc desc[] = {
			{fixed, sizeof(fixed), false},
			{data, n, false},
			{data, n, true},
			{&status, 1, true},
		};

		memset(data, 0, sizeof(data));
		data_bytes(&cbc, id, 16, iv16, n, n, NULL, fixed);
		serve(&b, desc, 4);
		assert_int_equal(status, n == 64 ? ST_OK : ST_ERR);
	}
	backend_destroy(&b);
}

/* ---- an engine that takes segments ---- */

/*
 * Adds 1 to each byte, and notes how many segments it got. Its digest and tag are the sum of the
 * source and of the additional data, in one byte, and that byte again and again.
 */
static uint16_t seen_src, seen_dst;
static struct vhc_engine_op *held;

static void
adder_caps(const struct vhc_engine *e, struct vhc_engine_caps *caps)
{
	(void)e;
	memset(caps, 0, sizeof(*caps));
	caps->cipher_algo = 1 << 3;
	caps->hash_algo = 1 << 4;
	caps->aead_algo = 1 << 1;
	caps->max_cipher_key_len = 16;
	caps->sgl = true;
}

static int
adder_check(const struct vhc_engine *e, const struct vhc_sym_params *p)
{
	(void)e;
	return p->kind == VHC_SYM_CIPHER ? 16 : 0;
}

static int
adder_session_create(struct vhc_engine *e, const struct vhc_sym_params *p, void **session)
{
	(void)p;
	*session = e;
	return 0;
}

static void
adder_session_destroy(struct vhc_engine *e, void *session)
{
	(void)e;
	(void)session;
}

static uint16_t
adder_enqueue(struct vhc_engine *e, uint16_t queue, struct vhc_engine_op **ops, uint16_t nb)
{
	uint16_t s = 0, d = 0;
	size_t so = 0, doff = 0;
	uint8_t sum = 0;
	uint32_t i;

	(void)e;
	(void)queue;
	seen_src = ops[0]->nb_src;
	seen_dst = ops[0]->nb_dst;
	for (i = 0; i < ops[0]->len; i++, so++, doff++) {
		for (; so == ops[0]->src[s].len; s++)
			so = 0;
		sum += ops[0]->src[s].base[so];
		if (ops[0]->nb_dst == 0)
			continue;
		for (; doff == ops[0]->dst[d].len; d++)
			doff = 0;
		ops[0]->dst[d].base[doff] = (uint8_t)(ops[0]->src[s].base[so] + 1);
	}
	for (i = 0; i < ops[0]->aad_len; i++)
		sum += ops[0]->aad[i];
	if (ops[0]->digest != NULL)
		memset(ops[0]->digest, sum, 16);
	ops[0]->status = ST_OK;
	held = ops[0];
	return nb;
}

static uint16_t
adder_dequeue(struct vhc_engine *e, uint16_t queue, struct vhc_engine_op **ops, uint16_t nb)
{
	(void)e;
	(void)queue;
	(void)nb;
	ops[0] = held;
	return 1;
}

static const struct vhc_engine_ops adder_ops = {
	.name = "adder",
	.caps = adder_caps,
	.check = adder_check,
	.session_create = adder_session_create,
	.session_destroy = adder_session_destroy,
	.enqueue = adder_enqueue,
	.dequeue = adder_dequeue,
};

static void
segments(void **state)
{
	static const struct vhc_device_cfg cfg;
	struct vhc_desc desc[2 * VHC_REQUEST_SEGS + 8];
	uint8_t fixed[DATA_FIXED + 16], src[100], dst[100], status;
	struct vhc_engine engine = {&adder_ops};
	struct backend b = {&engine, NULL, NULL};
	unsigned int nb_src, i;
	uint64_t id;
	uint16_t n;

	(void)state;
	b.device = vhc_device_create(&cfg, &engine);
	b.ctx = vhc_request_ctx_create(b.device);
	assert_int_equal(create(&b, &cbc, &id), ST_OK);
	data_bytes(&cbc, id, 16, iv16, 100, 100, NULL, fixed);
	for (nb_src = 1; nb_src <= VHC_REQUEST_SEGS + 1; nb_src++) {
		fill(src, sizeof(src));
		memset(dst, 0, sizeof(dst));
		n = 0;
		desc[n++] = (struct vhc_desc){fixed, sizeof(fixed), false};
		for (i = 0; i < nb_src; i++)
			desc[n++] = (struct vhc_desc){src + i,
				i == nb_src - 1 ? 100 - i : 1, false};
		desc[n++] = (struct vhc_desc){dst, 60, true};
		desc[n++] = (struct vhc_desc){dst + 60, 40, true};
		desc[n++] = (struct vhc_desc){&status, 1, true};
		assert_int_equal(serve(&b, desc, n), 101);
		assert_int_equal(status, ST_OK);
		for (i = 0; i < 100; i++)
			assert_int_equal(dst[i], (uint8_t)(src[i] + 1));
		/* More pieces than fit are put together first. */
		assert_int_equal(seen_src, nb_src <= VHC_REQUEST_SEGS ? nb_src : 1);
		assert_int_equal(seen_dst, nb_src <= VHC_REQUEST_SEGS ? 2 : 1);
	}
	vhc_request_ctx_destroy(b.ctx);
	vhc_device_destroy(b.device);
}

/* HASH has no destination; an AEAD's tag and additional data lie where they like. */
static void
segments_of_services(void **state)
{
	static const struct vhc_device_cfg cfg;
	struct vhc_engine engine = {&adder_ops};
	struct backend b = {&engine, NULL, NULL};
	uint8_t in[512], plain[100], want[116], sum = 0, aad_sum = 0;
	struct aead a = {.algo = 1, .key_len = 16, .iv_len = 12, .plain = plain, .len = 100,
		.aad = plain, .aad_len = 50, .tag_len = 16};
	uint64_t hash, seal;
	unsigned int i, piece;

	(void)state;
	b.device = vhc_device_create(&cfg, &engine);
	b.ctx = vhc_request_ctx_create(b.device);
	fill(plain, sizeof(plain));
	for (i = 0; i < sizeof(plain); i++) {
		sum += plain[i];
		aad_sum += i < 50 ? plain[i] : 0;
		want[i] = (uint8_t)(plain[i] + 1);
	}
	memset(want + 100, (uint8_t)(sum + aad_sum), 16);
	assert_int_equal(create_from(&b, in, hash_create_bytes(4, 16, false, in), &hash), ST_OK);
	assert_int_equal(create_from(&b, in, aead_create_bytes(&a, ENCRYPT, false, in), &seal),
			ST_OK);
	for (piece = 1; piece <= 120; piece++) {
		uint8_t out[117];
		size_t n = hash_bytes(OP_HASH, hash, plain, 100, 16, false, in);
		/* The source begins in the descriptor that 72 bytes end in. */
		const unsigned int nb_src = (72 + 99) / piece - 72 / piece + 1;

		assert_int_equal(exchange(&b, in, n, out, 17, piece, piece), 17);
		assert_int_equal(out[16], ST_OK);
		for (i = 0; i < 16; i++)
			assert_int_equal(out[i], sum);
		assert_int_equal(seen_src, nb_src <= VHC_REQUEST_SEGS ? nb_src : 1);
		assert_int_equal(seen_dst, 0);

		n = aead_bytes(&a, ENCRYPT, seal, 116, false, in);
		assert_int_equal(exchange(&b, in, n, out, 117, piece, piece), 117);
		assert_int_equal(out[116], ST_OK);
		assert_memory_equal(out, want, 116);
	}
	vhc_request_ctx_destroy(b.ctx);
	vhc_device_destroy(b.device);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(framing),
		cmocka_unit_test(usual_requests),
		cmocka_unit_test(extra_descriptors),
		cmocka_unit_test(larger_destination),
		cmocka_unit_test(overlap),
		cmocka_unit_test(chains),
		cmocka_unit_test(malformed),
		cmocka_unit_test(truncated),
		cmocka_unit_test(wrong_order),
		cmocka_unit_test(max_size),
		cmocka_unit_test(segments),
		cmocka_unit_test(segments_of_services),
	};

	return cmocka_run_group_tests_name("backend_request", tests, NULL, NULL);
}
