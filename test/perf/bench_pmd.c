/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * What the driver itself costs: cycles for an op in enqueue and in dequeue, against
 * an in-process device that does no crypto.
 *
 *   hot           the device runs on the same core between enqueue and dequeue, so all
 *                 lines are in the nearest cache: instructions, and little else
 *   hot direct    the same without INDIRECT_DESC, and without the barriers for real devices
 *   hot in order  the same with IN_ORDER, and a used entry for each batch
 *   remote        the device polls on another core, so each shared line travels
 *
 * "raw" is the same work by the raw data-path API, over the split ring; its vectors are made
 * beforehand, as ops are.
 *
 * Prints CSV, the split ring, the packed ring and the raw API side by side. Each figure is
 * the mean of the middle eight tenths of many bursts, less the cost of reading the clock
 * (which ticks in steps too coarse for a median). The three take turns, and of each the best
 * turn counts, since the processor's own speed comes and goes.
 * "ratio" is the split ring's sum against that of DPDK's crypto_null, which has no device
 * at all, in the same loop on the same machine; "packed/split" and "raw/op" compare the sums of
 * "min", the least of all groups of bursts; "slot lines" are the cache lines that an op shares
 * with the device beside the rings.
 *
 * Only the public cryptodev API, apart from making the device and the slot's layout.
 */

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_bus_vdev.h>
#include <rte_cryptodev.h>
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#include "inproc.h"
#include "virtio_slot.h"
#include "virtio_wire.h"

#define NB_OPS 1024
#define NB_DESC 1024
#define BURST_MAX 128
#define GROUP 32
#define DATA_LEN 64
#define DIGEST_OFF 64
#define SAMPLES 5000 /* in each turn */
#define IV_OFF (sizeof(struct rte_crypto_op) + sizeof(struct rte_crypto_sym_op))

#define TURNS 4 /* of each way */
#define RAW_CTX_LEN 1024

static const uint16_t bursts[] = {1, 8, 32, 128};

enum shape {
	SHAPE_CIPHER, /* AES-CBC */
	SHAPE_CHAIN, /* and HMAC-SHA1 */
	SHAPE_AEAD, /* AES-GCM as ESP uses it: 8 bytes of AAD */
	SHAPE_NB,
};

static const char *const shape_name[SHAPE_NB] = { "cipher", "chain", "aead" };

/* The same as raw requests; user data are the ops. */
struct raw {
	struct rte_crypto_raw_dp_ctx *ctx; /* NULL: ops go by bursts */
	struct rte_crypto_vec data[NB_OPS];
	struct rte_crypto_sgl sgl[NB_OPS];
	struct rte_crypto_va_iova_ptr iv[NB_OPS], digest[NB_OPS], aad[NB_OPS];
	union rte_crypto_sym_ofs ofs;
	uint64_t mem[RAW_CTX_LEN / sizeof(uint64_t)];
};

struct bench {
	uint8_t dev_id;
	void *session;
	struct inproc *device; /* hot: to be polled in between */
	struct rte_crypto_op *ops[NB_OPS];
	struct raw raw;
};

/* What is measured in a device's life. */
enum way {
	WAY_SPLIT,
	WAY_PACKED,
	WAY_RAW,
	WAY_NB,
};

struct mode {
	const char *name;
	bool remote;
	uint64_t features; /* 0: all */
	enum inproc_in_order in_order;
};

static const struct mode modes[] = {
	{ .name = "hot" },
	{ .name = "hot direct", .features = VIRTIO_FEATURE(VIRTIO_F_VERSION_1) |
		VIRTIO_FEATURE(VIRTIO_F_EVENT_IDX) },
	{ .name = "hot in order", .in_order = INPROC_IN_ORDER_BATCH },
	{ .name = "remote", .remote = true },
};

struct result {
	double enqueue;
	double dequeue;
	double enqueue_min;
	double dequeue_min;
};

static struct rte_mempool *op_pool, *mbuf_pool, *session_pool;
static double clock_cost;
static struct bench bench; /* of one device at a time */

static void __rte_noreturn
die(const char *what, int ret)
{
	fprintf(stderr, "bench_pmd: %s: %s\n", what, strerror(ret < 0 ? -ret : ret));
	exit(1);
}

static int
compare_u32(const void *a, const void *b)
{
	const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

static double
trimmed_mean(uint32_t *v, unsigned int n)
{
	const unsigned int from = n / 10, to = n - from;
	uint64_t sum = 0;
	unsigned int i;

	qsort(v, n, sizeof(*v), compare_u32);
	for (i = from; i < to; i++)
		sum += v[i];
	return (double)sum / (to - from);
}

static void
calibrate(void)
{
	static uint32_t v[SAMPLES];
	unsigned int i;
	uint64_t t;

	for (i = 0; i < SAMPLES; i++) {
		t = rte_rdtsc();
		v[i] = (uint32_t)(rte_rdtsc() - t);
	}
	clock_cost = trimmed_mean(v, SAMPLES);
}

static double
per_op(double cycles, uint16_t nb)
{
	return cycles > clock_cost ? (cycles - clock_cost) / nb : 0;
}

static double
ratio(double of, double to)
{
	return to > 0 ? of / to : 0;
}

/* ---- the raw API ---- */

static void
post_dequeue(void *user_data, uint32_t index, uint8_t is_op_success)
{
	struct rte_crypto_op *const op = user_data;

	RTE_SET_USED(index);
	op->status = is_op_success ? RTE_CRYPTO_OP_STATUS_SUCCESS : RTE_CRYPTO_OP_STATUS_ERROR;
}

static __rte_always_inline uint16_t
raw_enqueue(struct bench *b, unsigned int at, uint16_t nb)
{
	struct raw *const r = &b->raw;
	struct rte_crypto_sym_vec vec = {
		.num = nb,
		.src_sgl = &r->sgl[at],
		.iv = &r->iv[at],
		.digest = &r->digest[at],
		.aad = &r->aad[at],
	};
	int status;
	uint32_t n;

	n = rte_cryptodev_raw_enqueue_burst(r->ctx, &vec, r->ofs, (void **)&b->ops[at], &status);
	rte_cryptodev_raw_enqueue_done(r->ctx, n);
	return n;
}

static __rte_always_inline uint16_t
raw_dequeue(const struct bench *b, struct rte_crypto_op **out, uint16_t nb)
{
	uint32_t n, nb_good;
	int status;

	n = rte_cryptodev_raw_dequeue_burst(b->raw.ctx, NULL, nb, post_dequeue, (void **)out, 1,
		&nb_good, &status);
	rte_cryptodev_raw_dequeue_done(b->raw.ctx, n);
	return n;
}

/* For the ops and the session that there are. */
static void
make_raw(struct bench *b, enum shape shape)
{
	const union rte_cryptodev_session_ctx session = { .crypto_sess = b->session };
	struct raw *const r = &b->raw;
	unsigned int i;
	int ret;

	for (i = 0; i < NB_OPS; i++) {
		struct rte_crypto_op *const op = b->ops[i];
		struct rte_mbuf *const m = op->sym->m_src;

		/* Digests lie behind the data, and in the vector, too. */
		r->data[i].base = rte_pktmbuf_mtod(m, void *);
		r->data[i].iova = rte_pktmbuf_iova(m);
		r->data[i].len = DATA_LEN;
		r->data[i].tot_len = DATA_LEN;
		r->sgl[i].vec = &r->data[i];
		r->sgl[i].num = 1;
		r->iv[i].va = rte_crypto_op_ctod_offset(op, uint8_t *, IV_OFF);
		r->iv[i].iova = rte_crypto_op_ctophys_offset(op, IV_OFF);
		r->digest[i].va = rte_pktmbuf_mtod_offset(m, uint8_t *, DIGEST_OFF);
		r->digest[i].iova = rte_pktmbuf_iova_offset(m, DIGEST_OFF);
		if (shape == SHAPE_AEAD) {
			r->aad[i].va = op->sym->aead.aad.data;
			r->aad[i].iova = op->sym->aead.aad.phys_addr;
		}
	}
	ret = rte_cryptodev_get_raw_dp_ctx_size(b->dev_id);
	if (ret < 0 || ret > RAW_CTX_LEN)
		die("raw context's size", ret < 0 ? ret : ENOMEM);
	r->ctx = (struct rte_crypto_raw_dp_ctx *)r->mem;
	ret = rte_cryptodev_configure_raw_dp_ctx(b->dev_id, 0, r->ctx, RTE_CRYPTO_OP_WITH_SESSION,
		session, 0);
	if (ret < 0)
		die("raw context", ret);
}

/* ---- what is timed ---- */

static __rte_always_inline uint16_t
enqueue(struct bench *b, unsigned int at, uint16_t nb, const bool raw)
{
	return raw ? raw_enqueue(b, at, nb) :
		rte_cryptodev_enqueue_burst(b->dev_id, 0, &b->ops[at], nb);
}

static __rte_always_inline uint16_t
dequeue(const struct bench *b, struct rte_crypto_op **out, uint16_t nb, const bool raw)
{
	return raw ? raw_dequeue(b, out, nb) :
		rte_cryptodev_dequeue_burst(b->dev_id, 0, out, nb);
}

static void
check(struct rte_crypto_op **ops, uint16_t nb)
{
	uint16_t i;

	for (i = 0; i < nb; i++) {
		if (ops[i]->status != RTE_CRYPTO_OP_STATUS_SUCCESS) {
			fprintf(stderr, "bench_pmd: an op ends with status %u\n", ops[i]->status);
			exit(1);
		}
	}
}

static uint16_t
drain(const struct bench *b, uint16_t want, bool raw)
{
	struct rte_crypto_op *out[BURST_MAX];
	const uint64_t end = rte_get_timer_cycles() + 5 * rte_get_timer_hz();
	uint16_t got = 0, n;

	while (got < want && rte_get_timer_cycles() < end) {
		n = dequeue(b, out, want - got, raw);
		check(out, n);
		got += n;
	}
	return got;
}

/*
 * Enqueue a group of bursts, let the device work, dequeue as many. A group has ops enough
 * that the clock's steps do not show, and few enough to stay in the nearest cache.
 * Dequeue is timed once the device has done all, since an empty or partial burst would
 * be counted as the driver's cost.
 */
static __rte_always_inline struct result
run_by(struct bench *b, uint16_t burst, bool remote, const bool raw)
{
	static uint32_t enq[SAMPLES], deq[SAMPLES];
	const struct inproc_stats *const stats = b->device ? inproc_stats(b->device) : NULL;
	const uint16_t group = burst > GROUP ? burst : GROUP;
	const unsigned int samples = SAMPLES / (group / GROUP);
	struct rte_crypto_op *out[BURST_MAX];
	unsigned int s, at = 0, kept = 0;
	uint64_t t0, t1, t2, t3, before;
	uint16_t n, m, i;
	struct result r;

	for (s = 0; s < samples; s++) {
		if (at + group > NB_OPS)
			at = 0;
		for (i = 0; i < group; i++)
			b->ops[at + i]->status = RTE_CRYPTO_OP_STATUS_NOT_PROCESSED;
		before = stats ? __atomic_load_n(&stats->requests, __ATOMIC_ACQUIRE) : 0;

		t0 = rte_rdtsc();
		for (n = 0, i = 0; i < group; i += burst)
			n += enqueue(b, at + i, burst, raw);
		t1 = rte_rdtsc();
		if (n != group)
			die("an idle queue does not take a whole burst", EIO);
		if (remote) {
			while (__atomic_load_n(&stats->requests, __ATOMIC_ACQUIRE) - before < n)
				rte_pause();
			/* The count moves before the used index does: let that settle. */
			rte_delay_us_block(1);
		} else if (b->device != NULL) {
			inproc_poll(b->device, group);
		}

		t2 = rte_rdtsc();
		for (m = 0, i = 0; i < group; i += burst)
			m += dequeue(b, out, burst, raw);
		t3 = rte_rdtsc();
		if (m != group && drain(b, group - m, raw) != group - m)
			die("ops are lost", EIO);
		check(&b->ops[at], group);
		at += group;
		/* The first tenth warms up. */
		if (m == group && s >= samples / 10) {
			enq[kept] = (uint32_t)(t1 - t0);
			deq[kept] = (uint32_t)(t3 - t2);
			kept++;
		}
	}
	if (kept == 0)
		die("no whole burst came back", EIO);
	/* Sorted on return, so the least comes first. */
	r.enqueue = per_op(trimmed_mean(enq, kept), group);
	r.dequeue = per_op(trimmed_mean(deq, kept), group);
	r.enqueue_min = per_op(enq[0], group);
	r.dequeue_min = per_op(deq[0], group);
	return r;
}

static struct result
run(struct bench *b, uint16_t burst, bool remote)
{
	return b->raw.ctx != NULL ? run_by(b, burst, remote, true) :
		run_by(b, burst, remote, false);
}

/*
 * Cache lines of a slot that an op of one segment shares with the device, by the layout: header,
 * IV, descriptors (one a field), status and digest. The rings come on top: 16 bytes of desc[] that
 * seldom change, 2 of avail, 8 of used.
 */
static unsigned int
shared_lines(enum shape shape)
{
	const unsigned int nb_desc = shape == SHAPE_CIPHER ? 5 : 6;
	const struct {
		size_t off, len;
	} part[] = {
		{ offsetof(struct vcrypto_slot, req), sizeof(((struct vcrypto_slot *)0)->req) },
		{ offsetof(struct vcrypto_slot, iv), 16 },
		{ offsetof(struct vcrypto_slot, table), nb_desc * sizeof(struct vcrypto_desc) },
		{ offsetof(struct vcrypto_slot, status), 1 },
		{ offsetof(struct vcrypto_slot, digest), shape == SHAPE_CHAIN ? 20 : 0 },
	};
	uint64_t lines = 0;
	unsigned int i;
	size_t off;

	for (i = 0; i < RTE_DIM(part); i++)
		for (off = part[i].off; off < part[i].off + part[i].len; off++)
			lines |= UINT64_C(1) << off / 64;
	return (unsigned int)__builtin_popcountll(lines);
}

static void
make_session(struct bench *b, enum shape shape, bool null)
{
	static uint8_t key[64];
	const bool chain = shape != SHAPE_CIPHER;
	struct rte_crypto_sym_xform aead = {
		.type = RTE_CRYPTO_SYM_XFORM_AEAD,
		.aead = {
			.op = RTE_CRYPTO_AEAD_OP_ENCRYPT,
			.algo = RTE_CRYPTO_AEAD_AES_GCM,
			.key = { .data = key, .length = 32 },
			.iv = { .offset = IV_OFF, .length = 12 },
			.digest_length = 16,
			.aad_length = 8,
		},
	};
	struct rte_crypto_sym_xform auth = {
		.type = RTE_CRYPTO_SYM_XFORM_AUTH,
		.auth = {
			.op = RTE_CRYPTO_AUTH_OP_GENERATE,
			.algo = null ? RTE_CRYPTO_AUTH_NULL : RTE_CRYPTO_AUTH_SHA1_HMAC,
			.key = { .data = key, .length = null ? 0 : 20 },
			.digest_length = null ? 0 : 20,
		},
	};
	struct rte_crypto_sym_xform cipher = {
		.type = RTE_CRYPTO_SYM_XFORM_CIPHER,
		.next = chain ? &auth : NULL,
		.cipher = {
			.op = RTE_CRYPTO_CIPHER_OP_ENCRYPT,
			.algo = null ? RTE_CRYPTO_CIPHER_NULL : RTE_CRYPTO_CIPHER_AES_CBC,
			.key = { .data = key, .length = null ? 0 : 16 },
			.iv = { .offset = IV_OFF, .length = null ? 0 : 16 },
		},
	};

	b->session = rte_cryptodev_sym_session_create(b->dev_id,
			shape == SHAPE_AEAD && !null ? &aead : &cipher, session_pool);
	if (b->session == NULL)
		die("session", rte_errno);
}

static void
make_ops(struct bench *b, enum shape shape)
{
	unsigned int i;

	if (rte_crypto_op_bulk_alloc(op_pool, RTE_CRYPTO_OP_TYPE_SYMMETRIC, b->ops, NB_OPS) == 0)
		die("ops", ENOMEM);
	for (i = 0; i < NB_OPS; i++) {
		struct rte_mbuf *const m = rte_pktmbuf_alloc(mbuf_pool);
		struct rte_crypto_sym_op *const sym = b->ops[i]->sym;

		if (m == NULL || rte_pktmbuf_append(m, DATA_LEN + 64) == NULL)
			die("mbufs", ENOMEM);
		rte_crypto_op_attach_sym_session(b->ops[i], b->session);
		sym->m_src = m;
		if (shape == SHAPE_AEAD) {
			sym->aead.data.length = DATA_LEN;
			sym->aead.digest.data = rte_pktmbuf_mtod_offset(m, uint8_t *, DIGEST_OFF);
			sym->aead.digest.phys_addr = rte_pktmbuf_iova_offset(m, DIGEST_OFF);
			/* In the op, as IPsec has it. */
			sym->aead.aad.data = rte_crypto_op_ctod_offset(b->ops[i], uint8_t *,
					IV_OFF + 16);
			sym->aead.aad.phys_addr = rte_crypto_op_ctophys_offset(b->ops[i],
					IV_OFF + 16);
			continue;
		}
		sym->cipher.data.length = DATA_LEN;
		sym->auth.data.length = DATA_LEN;
		sym->auth.digest.data = rte_pktmbuf_mtod_offset(m, uint8_t *, DIGEST_OFF);
		sym->auth.digest.phys_addr = rte_pktmbuf_iova_offset(m, DIGEST_OFF);
	}
}

static void
free_ops(struct bench *b)
{
	unsigned int i;

	for (i = 0; i < NB_OPS; i++) {
		rte_pktmbuf_free(b->ops[i]->sym->m_src);
		rte_crypto_op_free(b->ops[i]);
	}
	rte_cryptodev_sym_session_free(b->dev_id, b->session);
}

static void
start(uint8_t dev_id)
{
	struct rte_cryptodev_config config = {
		.socket_id = SOCKET_ID_ANY,
		.nb_queue_pairs = 1,
		.ff_disable = RTE_CRYPTODEV_FF_ASYMMETRIC_CRYPTO,
	};
	const struct rte_cryptodev_qp_conf qp = {
		.nb_descriptors = NB_DESC,
		.mp_session = session_pool,
	};
	int ret;

	ret = rte_cryptodev_configure(dev_id, &config);
	if (ret == 0)
		ret = rte_cryptodev_queue_pair_setup(dev_id, 0, &qp, SOCKET_ID_ANY);
	if (ret == 0)
		ret = rte_cryptodev_start(dev_id);
	if (ret < 0)
		die("start", ret);
}

/* The same loop over crypto_null: the yardstick. 0 where this DPDK has no such driver. */
static void
run_null(struct result out[SHAPE_NB][RTE_DIM(bursts)])
{
	struct bench *const b = &bench;
	unsigned int shape, i;
	int ret;

	memset(b, 0, sizeof(*b));
	ret = rte_vdev_init("crypto_null_bench", "");
	if (ret < 0) {
		fprintf(stderr, "bench_pmd: no crypto_null, so no ratio\n");
		return;
	}
	ret = rte_cryptodev_get_dev_id("crypto_null_bench");
	if (ret < 0)
		die("crypto_null", ret);
	b->dev_id = (uint8_t)ret;
	start(b->dev_id);
	for (shape = 0; shape < SHAPE_NB; shape++) {
		make_session(b, shape, true);
		make_ops(b, shape == SHAPE_AEAD ? SHAPE_CHAIN : shape);
		for (i = 0; i < RTE_DIM(bursts); i++)
			out[shape][i] = run(b, bursts[i], false);
		free_ops(b);
	}
	rte_cryptodev_stop(b->dev_id);
	rte_vdev_uninit("crypto_null_bench");
}

static void
pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (pthread_setaffinity_np(pthread_self(), sizeof(set), &set) != 0)
		die("pin", errno);
}

static void
keep_better(struct result *best, const struct result *r)
{
	const double old = best->enqueue + best->dequeue;

	if (old == 0 || r->enqueue + r->dequeue < old) {
		best->enqueue = r->enqueue;
		best->dequeue = r->dequeue;
	}
	if (best->enqueue_min == 0 || r->enqueue_min < best->enqueue_min)
		best->enqueue_min = r->enqueue_min;
	if (best->dequeue_min == 0 || r->dequeue_min < best->dequeue_min)
		best->dequeue_min = r->dequeue_min;
}

/* One device's life. @param other  processor for a polling device, or -1: it runs in between. */
static void
run_device(const struct mode *mode, enum way way, int here, int other,
		struct result out[SHAPE_NB][RTE_DIM(bursts)])
{
	const struct inproc_cfg cfg = {
		.run = other < 0 ? INPROC_RUN_MANUAL : INPROC_RUN_THREAD,
		.engine = INPROC_ENGINE_INSTANT,
		.features = mode->features,
		.packed = way == WAY_PACKED,
		.in_order = mode->in_order,
	};
	struct bench *const b = &bench;
	struct result r;
	unsigned int shape, i;
	int ret;

	memset(b, 0, sizeof(*b));
	/* A thread starts on its maker's processor. */
	pin(other < 0 ? here : other);
	ret = inproc_cryptodev_create("bench_pmd", &cfg, NULL, &b->device);
	if (ret < 0)
		die("in-process device", ret);
	pin(here);
	b->dev_id = (uint8_t)ret;
	/* A doorbell costs what the hypervisor makes of it, not what the driver does. */
	inproc_faults(b->device)->never_kick = true;
	start(b->dev_id);
	for (shape = 0; shape < SHAPE_NB; shape++) {
		make_session(b, shape, false);
		make_ops(b, shape);
		if (way == WAY_RAW)
			make_raw(b, shape);
		for (i = 0; i < RTE_DIM(bursts); i++) {
			r = run(b, bursts[i], other >= 0);
			keep_better(&out[shape][i], &r);
		}
		free_ops(b);
	}
	rte_cryptodev_stop(b->dev_id);
	rte_cryptodev_close(b->dev_id);
	inproc_cryptodev_destroy("bench_pmd", b->device);
}

static void
run_mode(const struct mode *mode, int here, int other,
		struct result null[SHAPE_NB][RTE_DIM(bursts)])
{
	struct result out[WAY_NB][SHAPE_NB][RTE_DIM(bursts)] = {0};
	unsigned int shape, i, turn, way;
	double sum, yard, min[WAY_NB];

	for (turn = 0; turn < TURNS; turn++)
		for (way = 0; way < WAY_NB; way++)
			run_device(mode, way, here, other, out[way]);
	for (shape = 0; shape < SHAPE_NB; shape++) {
		for (i = 0; i < RTE_DIM(bursts); i++) {
			const struct result *const s = &out[WAY_SPLIT][shape][i];
			const struct result *const p = &out[WAY_PACKED][shape][i];
			const struct result *const r = &out[WAY_RAW][shape][i];

			sum = s->enqueue + s->dequeue;
			yard = null[shape][i].enqueue + null[shape][i].dequeue;
			for (way = 0; way < WAY_NB; way++)
				min[way] = out[way][shape][i].enqueue_min +
					out[way][shape][i].dequeue_min;
			printf("%s,%s,%u,%.1f,%.1f,%.1f,%.2f,%.1f,%.1f,%.1f,%.1f,%.1f,%.1f,%.1f,"
					"%.1f,%.1f,%.2f,%.2f,%u\n",
					mode->name, shape_name[shape], bursts[i],
					s->enqueue, s->dequeue, sum, yard > 0 ? sum / yard : 0,
					p->enqueue, p->dequeue, p->enqueue + p->dequeue,
					r->enqueue, r->dequeue, r->enqueue + r->dequeue,
					min[WAY_SPLIT], min[WAY_PACKED], min[WAY_RAW],
					ratio(min[WAY_PACKED], min[WAY_SPLIT]),
					ratio(min[WAY_RAW], min[WAY_SPLIT]),
					shared_lines(shape));
			fflush(stdout);
		}
	}
}

int
main(void)
{
	char name[] = "bench_pmd", no_huge[] = "--no-huge", m[] = "-m", mem[] = "256",
	     no_pci[] = "--no-pci", no_shconf[] = "--no-shconf", no_tele[] = "--no-telemetry",
	     fp[] = "--file-prefix", lcores[] = "--lcores", level[] = "--log-level=error",
	     prefix[32], map[32];
	char *argv[] = {name, no_huge, m, mem, no_pci, no_shconf, no_tele, level, fp, prefix,
		lcores, map};
	struct result null[SHAPE_NB][RTE_DIM(bursts)] = {0};
	int cpu, here = -1, other = -1;
	unsigned int i;
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		die("processors", errno);
	for (cpu = 0; cpu < CPU_SETSIZE && other < 0; cpu++) {
		if (!CPU_ISSET(cpu, &set))
			continue;
		if (here < 0)
			here = cpu;
		else
			other = cpu;
	}
	snprintf(prefix, sizeof(prefix), "vcbench%d", (int)getpid());
	snprintf(map, sizeof(map), "0@%d", here);
	if (rte_eal_init(RTE_DIM(argv), argv) < 0)
		die("EAL", rte_errno);

	session_pool = rte_cryptodev_sym_session_pool_create("sessions", 16, 1024, 0, 0,
			SOCKET_ID_ANY);
	op_pool = rte_crypto_op_pool_create("ops", RTE_CRYPTO_OP_TYPE_SYMMETRIC, 2 * NB_OPS, 0,
			32, SOCKET_ID_ANY);
	mbuf_pool = rte_pktmbuf_pool_create("mbufs", 2 * NB_OPS, 0, 0,
			RTE_PKTMBUF_HEADROOM + 512, SOCKET_ID_ANY);
	if (session_pool == NULL || op_pool == NULL || mbuf_pool == NULL)
		die("pools", rte_errno);

	calibrate();
	printf("mode,shape,burst,enqueue,dequeue,sum,ratio,"
			"packed enqueue,packed dequeue,packed sum,"
			"raw enqueue,raw dequeue,raw sum,"
			"min,packed min,raw min,packed/split,raw/op,slot lines\n");
	run_null(null);
	for (i = 0; i < RTE_DIM(modes); i++) {
		if (modes[i].remote && other < 0)
			fprintf(stderr, "bench_pmd: one processor, so no device on another\n");
		else
			run_mode(&modes[i], here, modes[i].remote ? other : -1, null);
	}
	rte_eal_cleanup();
	return 0;
}
