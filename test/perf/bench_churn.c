/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * What sessions cost on any cryptodev: how fast they are made and freed, alone and beside
 * operations, few and many; and what operations cost whose sessions change from one to the next.
 *
 *   bench_churn [EAL arguments] -- DEVICE [SECONDS [MANY]]
 *
 * MANY is the number of sessions that are alive in the end. Prints CSV: "cycles" are those of
 * this lcore, of one call that makes or frees a session, or for an operation, in enqueue and in
 * dequeue (medians of calls that moved a whole burst). "ratio" compares operations per second with
 * those of one session, and sessions per second with those of the first line of their kind.
 * All rates are taken in many short turns, of which the best counts: other programs disturb,
 * and never help. Only the public cryptodev API.
 */

#include <inttypes.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_cryptodev.h>
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#define NB_OPS 512
#define NB_DESC 1024
#define BURST 32
#define SIZE 64
#define KEY_LEN 16
#define IV_LEN 16
#define IV_OFF (sizeof(struct rte_crypto_op) + sizeof(struct rte_crypto_sym_op))
#define CHURN 1024 /* sessions that are made and freed in a turn */
#define DEFAULT_SECONDS 0.5
#define DEFAULT_MANY 20000
#define TURNS_PER_S 500
#define STALL_SECONDS 5

static struct {
	uint8_t dev;
	double seconds;
	unsigned int many;
	struct rte_mempool *ops, *mbufs, *pool;
	void **sessions; /* many, and CHURN more */
	uint32_t stop; /* atomic */
} g;

static void __rte_noreturn
die(const char *what, int err)
{
	fprintf(stderr, "bench_churn: %s: %s\n", what, rte_strerror(err < 0 ? -err : err));
	exit(1);
}

static void
make(unsigned int i)
{
	uint8_t key[KEY_LEN] = { 0x2b, 0x7e, 0x15 };
	struct rte_crypto_sym_xform xform = {
		.type = RTE_CRYPTO_SYM_XFORM_CIPHER,
		.cipher = {
			.op = RTE_CRYPTO_CIPHER_OP_ENCRYPT,
			.algo = RTE_CRYPTO_CIPHER_AES_CBC,
			.key = { .data = key, .length = KEY_LEN },
			.iv = { .offset = IV_OFF, .length = IV_LEN },
		},
	};

	memcpy(key + 8, &i, sizeof(i));
	g.sessions[i] = rte_cryptodev_sym_session_create(g.dev, &xform, g.pool);
	if (g.sessions[i] == NULL)
		die("no session", rte_errno);
}

static void
drop(unsigned int i)
{
	const int ret = rte_cryptodev_sym_session_free(g.dev, g.sessions[i]);

	if (ret < 0)
		die("a session cannot be freed", ret);
	g.sessions[i] = NULL;
}

static struct rte_crypto_op *
make_op(void)
{
	struct rte_crypto_op *const op = rte_crypto_op_alloc(g.ops,
		RTE_CRYPTO_OP_TYPE_SYMMETRIC);
	struct rte_mbuf *const m = rte_pktmbuf_alloc(g.mbufs);

	if (op == NULL || m == NULL)
		die("no memory for operations", ENOMEM);
	memset(rte_pktmbuf_append(m, SIZE), 0x5a, SIZE);
	memset(rte_crypto_op_ctod_offset(op, uint8_t *, IV_OFF), 0x17, IV_LEN);
	op->sess_type = RTE_CRYPTO_OP_WITH_SESSION;
	op->sym->m_src = m;
	op->sym->cipher.data.length = SIZE;
	return op;
}

#define MAX_SAMPLE 4096

/* How often a call took so many cycles for an operation. */
struct samples {
	uint32_t count[MAX_SAMPLE];
	uint64_t nb;
};

struct rate {
	double per_second;
	double cycles;
	struct samples enqueue, dequeue;
};

static void
best(struct rate *of, double per_second, double cycles)
{
	of->per_second = RTE_MAX(of->per_second, per_second);
	of->cycles = of->cycles == 0 ? cycles : RTE_MIN(of->cycles, cycles);
}

/* Of calls that moved a whole burst: others tell of waiting. */
static void
sample(struct samples *s, uint64_t cycles, uint16_t nb)
{
	if (nb != BURST)
		return;
	s->count[RTE_MIN(cycles / BURST, (uint64_t)MAX_SAMPLE - 1)]++;
	s->nb++;
}

static double
median(const struct samples *s)
{
	uint64_t below = 0;
	unsigned int i;

	for (i = 0; i < MAX_SAMPLE; i++) {
		below += s->count[i];
		if (2 * below >= s->nb)
			break;
	}
	return i;
}

/* Operations in flight and at rest, a ring in the order of return. */
struct operations {
	struct rte_crypto_op *op[NB_OPS];
	unsigned int nb_idle, head, tail;
	unsigned int put; /* of those from head, have their session already */
	unsigned int next; /* session */
	uint64_t last; /* when something came back */
};

static void
begin(struct operations *o)
{
	unsigned int i;

	memset(o, 0, sizeof(*o));
	for (i = 0; i < NB_OPS; i++)
		o->op[i] = make_op();
	o->nb_idle = NB_OPS;
	o->last = rte_rdtsc();
}

static uint16_t
dequeue(struct operations *o)
{
	struct rte_crypto_op *got[BURST];
	const uint16_t n = rte_cryptodev_dequeue_burst(g.dev, 0, got, BURST);
	const uint64_t now = rte_rdtsc();
	uint16_t i;

	if (n != 0)
		o->last = now;
	else if ((int64_t)(now - o->last) > (int64_t)(STALL_SECONDS * rte_get_tsc_hz()))
		die("operations do not come back", ETIMEDOUT);
	for (i = 0; i < n; i++) {
		if (got[i]->status != RTE_CRYPTO_OP_STATUS_SUCCESS)
			die("an operation fails", EIO);
		o->op[o->tail] = got[i];
		o->tail = (o->tail + 1) % NB_OPS;
	}
	o->nb_idle += n;
	return n;
}

static void
finish(struct operations *o)
{
	unsigned int i;

	while (o->nb_idle < NB_OPS)
		dequeue(o);
	for (i = 0; i < NB_OPS; i++) {
		rte_pktmbuf_free(o->op[i]->sym->m_src);
		rte_crypto_op_free(o->op[i]);
	}
}

/* One turn, with the first nb sessions one after the other. */
static void
operate(struct operations *o, unsigned int nb, uint64_t limit, struct rate *rate)
{
	const uint64_t start = rte_rdtsc();
	uint64_t done = 0, t, now;
	uint16_t n;

	do {
		n = RTE_MIN(o->nb_idle, NB_OPS - o->head);
		n = RTE_MIN(n, BURST);
		for (; o->put < n; o->put++) {
			o->op[o->head + o->put]->sym->session = g.sessions[o->next];
			o->next = o->next + 1 < nb ? o->next + 1 : 0;
		}
		t = rte_rdtsc();
		n = rte_cryptodev_enqueue_burst(g.dev, 0, &o->op[o->head], RTE_MIN(o->put, n));
		now = rte_rdtsc();
		sample(&rate->enqueue, now - t, n);
		o->nb_idle -= n;
		o->put -= n;
		o->head = (o->head + n) % NB_OPS;
		t = rte_rdtsc();
		n = dequeue(o);
		now = rte_rdtsc();
		sample(&rate->dequeue, now - t, n);
		done += n;
	} while (now - start < limit);
	best(rate, done / ((now - start) / (double)rte_get_tsc_hz()), 0);
}

/* Numbers of sessions take turns, so that what disturbs does so to all of them. */
static void
operate_all(const unsigned int *nb, unsigned int nb_nb, struct rate *rates)
{
	const uint64_t limit = rte_get_tsc_hz() / TURNS_PER_S;
	const uint64_t end = rte_rdtsc() + (uint64_t)(nb_nb * g.seconds * rte_get_tsc_hz());
	static struct rate none;
	struct operations o;
	unsigned int i;

	memset(rates, 0, sizeof(*rates) * nb_nb);
	begin(&o);
	do {
		for (i = 0; i < nb_nb; i++) {
			o.next = 0;
			/* As long again, for what the other numbers left in the caches. */
			operate(&o, nb[i], limit, &none);
			operate(&o, nb[i], limit, &rates[i]);
		}
	} while (rte_rdtsc() < end);
	finish(&o);
	for (i = 0; i < nb_nb; i++)
		rates[i].cycles = median(&rates[i].enqueue) + median(&rates[i].dequeue);
}

/* Make and free sessions behind those that are alive, for a time. */
static void
churn(unsigned int alive, struct rate *made, struct rate *freed)
{
	const double hz = (double)rte_get_tsc_hz();
	const uint64_t limit = (uint64_t)(2 * g.seconds * hz), first = rte_rdtsc();
	uint64_t start, middle, end;
	unsigned int i, nb;

	memset(made, 0, sizeof(*made));
	memset(freed, 0, sizeof(*freed));
	/* Devices that are slow get short turns. */
	nb = 16;
	do {
		start = rte_rdtsc();
		for (i = 0; i < nb; i++)
			make(alive + i);
		middle = rte_rdtsc();
		for (i = nb; i-- > 0;)
			drop(alive + i);
		end = rte_rdtsc();
		best(made, nb * hz / (middle - start), (double)(middle - start) / nb);
		best(freed, nb * hz / (end - middle), (double)(end - middle) / nb);
		if (end - start < hz / TURNS_PER_S)
			nb = RTE_MIN(nb * 2, (unsigned int)CHURN);
	} while (end - first < limit);
}

static void
tell(const char *what, const char *how, unsigned int sessions, const struct rate *rate,
		const struct rate *first)
{
	printf("%s,%s,%u,%.0f,%.0f,%.2f\n", what, how, sessions, rate->per_second, rate->cycles,
		rate->per_second / first->per_second);
	fflush(stdout);
}

static void *
load_main(void *arg)
{
	static struct rate none;
	struct operations o;

	(void)arg;
	begin(&o);
	while (__atomic_load_n(&g.stop, __ATOMIC_RELAXED) == 0)
		operate(&o, 1, rte_get_tsc_hz() / TURNS_PER_S, &none);
	finish(&o);
	return NULL;
}

/* Elsewhere than this thread, as far as there is another processor. */
static void
start_load(pthread_t *thread, const cpu_set_t *cpus)
{
	cpu_set_t own, other = *cpus;
	pthread_attr_t attr;

	pthread_getaffinity_np(pthread_self(), sizeof(own), &own);
	CPU_AND(&own, &own, &other);
	CPU_XOR(&other, &other, &own);
	pthread_attr_init(&attr);
	pthread_attr_setaffinity_np(&attr, sizeof(other), CPU_COUNT(&other) > 1 ? &other : cpus);
	if (pthread_create(thread, &attr, load_main, NULL) != 0)
		die("no thread", EAGAIN);
	pthread_attr_destroy(&attr);
}

static void
start_device(void)
{
	struct rte_cryptodev_config config = { .nb_queue_pairs = 1 };
	struct rte_cryptodev_qp_conf qp = { .nb_descriptors = NB_DESC };
	int ret;

	g.ops = rte_crypto_op_pool_create("churn_ops", RTE_CRYPTO_OP_TYPE_SYMMETRIC, NB_OPS, 0,
		IV_LEN, SOCKET_ID_ANY);
	g.mbufs = rte_pktmbuf_pool_create("churn_mbufs", NB_OPS, 0, 0, RTE_PKTMBUF_HEADROOM + SIZE,
		SOCKET_ID_ANY);
	g.pool = rte_cryptodev_sym_session_pool_create("churn_sessions", g.many + CHURN,
		rte_cryptodev_sym_get_private_session_size(g.dev), 0, 0, SOCKET_ID_ANY);
	g.sessions = calloc(g.many + CHURN, sizeof(g.sessions[0]));
	if (g.ops == NULL || g.mbufs == NULL || g.pool == NULL || g.sessions == NULL)
		die("no memory for pools", rte_errno);
	qp.mp_session = g.pool;
	ret = rte_cryptodev_configure(g.dev, &config);
	if (ret == 0)
		ret = rte_cryptodev_queue_pair_setup(g.dev, 0, &qp, SOCKET_ID_ANY);
	if (ret == 0)
		ret = rte_cryptodev_start(g.dev);
	if (ret < 0)
		die("the device does not start", ret);
}

static void
measure(const cpu_set_t *cpus)
{
	const unsigned int nb[] = { 1, 64, RTE_MIN(4096u, g.many), g.many };
	static struct rate alone, rates[RTE_DIM(nb)], made[3], freed[3];
	const unsigned int one = 1;
	pthread_t thread;
	unsigned int i;

	churn(0, &made[0], &freed[0]);
	tell("create", "alone", 0, &made[0], &made[0]);
	tell("free", "alone", 0, &freed[0], &freed[0]);
	make(0);
	operate_all(&one, 1, &alone);
	tell("operations", "no other alive", 1, &alone, &alone);
	for (i = 1; i < g.many; i++)
		make(i);
	operate_all(nb, RTE_DIM(nb), rates);
	for (i = 0; i < RTE_DIM(nb); i++)
		tell("operations", "in turns", nb[i], &rates[i], &rates[0]);
	churn(g.many, &made[1], &freed[1]);
	tell("create", "alone", g.many, &made[1], &made[0]);
	tell("free", "alone", g.many, &freed[1], &freed[0]);

	start_load(&thread, cpus);
	churn(g.many, &made[2], &freed[2]);
	__atomic_store_n(&g.stop, 1, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	tell("create", "under load", g.many, &made[2], &made[0]);
	tell("free", "under load", g.many, &freed[2], &freed[0]);
	for (i = g.many; i-- > 0;)
		drop(i);
}

int
main(int argc, char **argv)
{
	cpu_set_t cpus;
	int dev, ret;

	sched_getaffinity(0, sizeof(cpus), &cpus);
	ret = rte_eal_init(argc, argv);
	if (ret < 0)
		die("EAL", rte_errno);
	argc -= ret;
	argv += ret;
	dev = argc > 1 ? rte_cryptodev_get_dev_id(argv[1]) : -1;
	if (dev < 0)
		die(argc > 1 ? argv[1] : "no device is named", ENODEV);
	g.dev = dev;
	g.seconds = argc > 2 ? strtod(argv[2], NULL) : DEFAULT_SECONDS;
	g.many = argc > 3 ? strtoul(argv[3], NULL, 10) : DEFAULT_MANY;
	if (!(g.seconds > 0 && g.seconds <= 60) || g.many < 64 || g.many > 1 << 20)
		die("seconds, or number of sessions", ERANGE);
	start_device();
	printf("what,how,sessions,per_second,cycles,ratio\n");
	measure(&cpus);
	rte_cryptodev_stop(g.dev);
	rte_cryptodev_close(g.dev);
	rte_eal_cleanup();
	free(g.sessions);
	return 0;
}
