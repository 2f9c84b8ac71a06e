/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_cryptodev.h>
#include <rte_cycles.h>
#include <rte_errno.h>

#include "peers.h"
#include "run.h"

#define MAX_QPS 4
/* Ops that are under way or waiting to be taken. */
#define MAX_JOBS 256
/* Sessions alive: the window of draw.c, and those that ops in flight hold on to. */
#define MAX_SESSIONS 192
#define MAX_BURST 64
#define PEER_DESC 64

/* Entries of the queues: few, so that they fill up, and many. */
static const uint16_t nb_desc[MAX_QPS] = {64, 512, 64, 1024};

struct live_session {
	struct sess_plan s;
	struct rte_crypto_sym_xform x[2]; /* for ops without a session */
	bool used;
	unsigned int refs; /* ops */
	void *dut; /* NULL: refused */
	void *peer[MAX_PEERS]; /* NULL: the peer has no such thing */
};

struct job {
	struct op_plan p;
	struct live_session *sess;
	struct model m;
	struct trial t;
	unsigned int returned;
	bool in_use;
};

struct queue {
	struct job *waiting[MAX_JOBS]; /* to be enqueued, oldest first */
	unsigned int head, nb;
	unsigned int in_flight;
};

static struct {
	struct draw_env draw;
	struct run_opts opts;
	uint8_t dev;
	uint8_t driver_id;
	unsigned int nb_qps;
	struct peer peers[MAX_PEERS];
	unsigned int nb_peers;
	struct rte_mempool *sessions;
	struct live_session live[MAX_SESSIONS];
	struct job jobs[MAX_JOBS];
	struct job *free_jobs[MAX_JOBS];
	unsigned int nb_free;
	struct queue queues[MAX_QPS];
	struct run_totals totals;
	uint64_t enqueued; /* of our own counting */
} run;

/* ---- Devices ---- */

static int
start_device(uint8_t dev, unsigned int nb_qps, const uint16_t *desc)
{
	struct rte_cryptodev_config cfg = {.socket_id = SOCKET_ID_ANY, .nb_queue_pairs = nb_qps};
	struct rte_cryptodev_qp_conf qp = {.mp_session = run.sessions};
	unsigned int i;
	int ret;

	ret = rte_cryptodev_configure(dev, &cfg);
	for (i = 0; ret == 0 && i < nb_qps; i++) {
		qp.nb_descriptors = desc == NULL ? PEER_DESC : desc[i];
		ret = rte_cryptodev_queue_pair_setup(dev, i, &qp, SOCKET_ID_ANY);
	}
	return ret == 0 ? rte_cryptodev_start(dev) : ret;
}

static int
find_device(void)
{
	struct rte_cryptodev_info info;
	uint8_t id;
	int ret;

	if (run.opts.dev != NULL) {
		ret = rte_cryptodev_get_dev_id(run.opts.dev);
		if (ret < 0)
			fprintf(stderr, "no cryptodev %s\n", run.opts.dev);
		return ret;
	}
	for (id = 0; id < RTE_CRYPTO_MAX_DEVS; id++) {
		if (!rte_cryptodev_is_valid_dev(id))
			continue;
		rte_cryptodev_info_get(id, &info);
		if (strncmp(info.driver_name, "crypto_virtio", 13) == 0)
			return id;
	}
	fprintf(stderr, "no cryptodev of the driver crypto_virtio: name one with --vdev\n");
	return -ENODEV;
}

static bool
any_peer_sess(const struct sess_plan *s)
{
	unsigned int i;

	for (i = 0; i < run.nb_peers; i++)
		if (peer_has(&run.peers[i], s))
			return true;
	return false;
}

static bool
any_peer_op(const struct sess_plan *s, const struct op_plan *p)
{
	unsigned int i;

	for (i = 0; i < run.nb_peers; i++)
		if (peer_has(&run.peers[i], s) && peer_cannot(&run.peers[i], s, p, false) == NULL)
			return true;
	return false;
}

static int
make_session_pool(void)
{
	uint32_t size = rte_cryptodev_sym_get_private_session_size(run.dev);
	unsigned int i;

	for (i = 0; i < run.nb_peers; i++)
		size = RTE_MAX(size, rte_cryptodev_sym_get_private_session_size(run.peers[i].dev));
	run.sessions = rte_cryptodev_sym_session_pool_create("differ_sessions",
		MAX_SESSIONS * (1 + run.nb_peers), size, 0, 0, SOCKET_ID_ANY);
	return run.sessions == NULL ? -ENOMEM : 0;
}

static bool
has_null(void)
{
	struct rte_cryptodev_sym_capability_idx idx = {
		.type = RTE_CRYPTO_SYM_XFORM_CIPHER,
		.algo.cipher = RTE_CRYPTO_CIPHER_NULL,
	};
	bool has = rte_cryptodev_sym_capability_get(run.dev, &idx) != NULL;

	idx.type = RTE_CRYPTO_SYM_XFORM_AUTH;
	idx.algo.auth = RTE_CRYPTO_AUTH_NULL;
	return has && rte_cryptodev_sym_capability_get(run.dev, &idx) != NULL;
}

int
run_init(const struct run_opts *opts)
{
	struct rte_cryptodev_info info;
	unsigned int i;
	int ret;

	run.opts = *opts;
	ret = find_device();
	if (ret < 0)
		return ret;
	run.dev = (uint8_t)ret;
	rte_cryptodev_info_get(run.dev, &info);
	run.nb_qps = RTE_MIN(RTE_MIN(opts->nb_qps, info.max_nb_queue_pairs), (unsigned int)MAX_QPS);
	run.nb_peers = peers_find(run.dev, run.peers);
	run.draw.dev = run.dev;
	run.draw.steps = info.feature_flags & RTE_CRYPTODEV_FF_DIGEST_ENCRYPTED;
	run.draw.sessionless = info.feature_flags & RTE_CRYPTODEV_FF_SYM_SESSIONLESS;
	run.draw.null = has_null();
	run.draw.raw = getenv("VCRYPTO_RAW_MARKED") != NULL;
	run.draw.nb_qps = run.nb_qps;
	run.draw.max_segs = MAX_SEGS_OP;
	run.draw.peer_sess = any_peer_sess;
	run.draw.peer_op = any_peer_op;
	for (i = 0; i < MAX_JOBS; i++)
		run.free_jobs[run.nb_free++] = &run.jobs[i];
	ret = trial_pools_init(MAX_JOBS);
	if (ret == 0)
		ret = make_session_pool();
	if (ret == 0)
		ret = start_device(run.dev, run.nb_qps, nb_desc);
	for (i = 0; ret == 0 && i < run.nb_peers; i++)
		ret = start_device(run.peers[i].dev, 1, NULL);
	if (ret != 0)
		fprintf(stderr, "the devices cannot be started: %s\n", rte_strerror(-ret));
	return ret;
}

void
run_fini(void)
{
	unsigned int i;

	rte_cryptodev_stop(run.dev);
	rte_cryptodev_close(run.dev);
	for (i = 0; i < run.nb_peers; i++) {
		rte_cryptodev_stop(run.peers[i].dev);
		rte_cryptodev_close(run.peers[i].dev);
	}
	rte_mempool_free(run.sessions);
	trial_pools_fini();
}

/* ---- Findings ---- */

static bool __rte_format_printf(4, 5)
found(struct run_finding *f, const struct sess_plan *s, const struct op_plan *p, const char *fmt,
		...)
{
	va_list ap;

	/* The first one counts: later ones may follow from it. */
	if (f->found)
		return false;
	f->found = true;
	f->number = p->number;
	f->s = *s;
	f->p = *p;
	va_start(ap, fmt);
	vsnprintf(f->why, sizeof(f->why), fmt, ap);
	va_end(ap);
	return false;
}

/* ---- Sessions ---- */

static struct rte_crypto_sym_xform *
xforms_of(const struct sess_plan *s, struct rte_crypto_sym_xform x[2])
{
	return sess_xforms(&s->p, s->key, s->auth_key, (uint16_t)(TRIAL_IV_BASE + s->iv_offset), x);
}

static void *
create(uint8_t dev, const struct sess_plan *s)
{
	struct rte_crypto_sym_xform x[2];

	rte_errno = 0;
	return rte_cryptodev_sym_session_create(dev, xforms_of(s, x), run.sessions);
}

static void
free_session(struct live_session *l)
{
	unsigned int i;

	if (l->dut != NULL)
		rte_cryptodev_sym_session_free(run.dev, l->dut);
	for (i = 0; i < run.nb_peers; i++)
		if (l->peer[i] != NULL)
			rte_cryptodev_sym_session_free(run.peers[i].dev, l->peer[i]);
	memset(l, 0, sizeof(*l));
}

/* Those that neither an op in flight nor one to come is of. */
static void
free_sessions(bool all, uint64_t next)
{
	unsigned int i;

	for (i = 0; i < MAX_SESSIONS; i++)
		if (run.live[i].used && run.live[i].refs == 0 &&
				(all || run.live[i].s.number < draw_first_session(&run.draw, next)))
			free_session(&run.live[i]);
}

static struct live_session *
get_session(uint64_t number, const struct op_plan *p, struct run_finding *f)
{
	static const struct sess_plan none;
	struct live_session *l = NULL;
	unsigned int i;

	for (i = 0; i < MAX_SESSIONS; i++) {
		if (run.live[i].used && run.live[i].s.number == number)
			return &run.live[i];
		if (!run.live[i].used)
			l = &run.live[i];
	}
	if (l == NULL) {
		found(f, &none, p, "too many sessions are alive");
		return NULL;
	}
	draw_session(&run.draw, number, &l->s);
	l->used = true;
	xforms_of(&l->s, l->x);
	l->dut = create(run.dev, &l->s);
	if (l->dut == NULL) {
		found(f, &l->s, p, "the session is refused: %s", rte_strerror(rte_errno));
		return NULL;
	}
	run.totals.sessions++;
	for (i = 0; i < run.nb_peers; i++) {
		if (!peer_has(&run.peers[i], &l->s))
			continue;
		l->peer[i] = create(run.peers[i].dev, &l->s);
		if (l->peer[i] == NULL) {
			found(f, &l->s, p, "%s refuses the session: %s", run.peers[i].name,
				rte_strerror(rte_errno));
			return NULL;
		}
	}
	return l;
}

/* ---- Jobs ---- */

static void
release(struct job *j)
{
	trial_fini(&j->t);
	model_fini(&j->m);
	if (j->sess != NULL)
		j->sess->refs--;
	memset(j, 0, sizeof(*j));
	run.free_jobs[run.nb_free++] = j;
}

/* The same op on every other device that can do it. */
static bool
run_peers(const struct job *j, struct run_finding *f)
{
	const struct sess_plan *const s = &j->sess->s;
	bool compared = false, ok = true;
	char why[200];
	struct trial t;
	unsigned int i;

	for (i = 0; ok && i < run.nb_peers; i++) {
		struct peer *const peer = &run.peers[i];

		if (j->sess->peer[i] == NULL || peer_cannot(peer, s, &j->p, true) != NULL)
			continue;
		compared = true;
		if (trial_init(&t, s, &j->p, &j->m, j->sess->peer[i], NULL, NULL) != 0)
			ok = found(f, s, &j->p, "no memory for an op");
		else if (!peer_run(peer, 0, t.op))
			ok = found(f, s, &j->p, "%s loses the op, status %u", peer->name,
				t.op->status);
		else if (!trial_check(&t, s, &j->p, &j->m, false, why, sizeof(why)))
			ok = found(f, s, &j->p, "%s differs from the reference: %s", peer->name,
				why);
		trial_fini(&t);
	}
	run.totals.compared += compared;
	return ok;
}

static void *
session_for(const struct job *j)
{
	unsigned int i;

	if (j->p.bad != BAD_FOREIGN_SESSION)
		return j->sess->dut;
	for (i = 0; i < run.nb_peers; i++)
		if (j->sess->peer[i] != NULL)
			return j->sess->peer[i];
	return NULL;
}

static void
count(const struct sess_plan *s, const struct op_plan *p)
{
	run.totals.ops++;
	run.totals.bytes += p->src.len;
	run.totals.bad += p->bad != BAD_NONE;
	run.totals.sessionless += p->sessionless;
	run.totals.raw += p->raw;
	run.totals.null += s->p.cipher == &ref_cipher_null || s->p.auth == &ref_auth_null;
	run.totals.wrong += p->wrong;
	run.totals.steps += p->bad == BAD_NONE && p->place == PLACE_CIPHERED;
}

/* @return false with a finding. */
static bool
add_job(const struct op_plan *p, struct live_session *l, struct run_finding *f)
{
	struct queue *const q = &run.queues[p->qp];
	struct job *const j = run.free_jobs[--run.nb_free];
	int ret;

	j->in_use = true;
	j->p = *p;
	j->sess = l;
	l->refs++;
	count(&l->s, p);
	ret = model_init(&j->m, run.draw.seed, &l->s, p);
	if (ret == 0)
		ret = trial_init(&j->t, &l->s, p, &j->m, session_for(j),
			p->sessionless ? l->x : NULL, j);
	if (ret != 0) {
		release(j);
		return found(f, &l->s, p, "the op cannot be made: %s", rte_strerror(-ret));
	}
	if (!run_peers(j, f)) {
		release(j);
		return false;
	}
	q->waiting[(q->head + q->nb++) % MAX_JOBS] = j;
	return true;
}

/* ---- Bursts ---- */

static unsigned int
enqueue(struct queue *q, uint16_t qp, unsigned int max)
{
	struct rte_crypto_op *ops[MAX_JOBS];
	unsigned int i, n, taken;

	n = RTE_MIN(q->nb, max);
	for (i = 0; i < n; i++)
		ops[i] = q->waiting[(q->head + i) % MAX_JOBS]->t.op;
	taken = n == 0 ? 0 : rte_cryptodev_enqueue_burst(run.dev, qp, ops, (uint16_t)n);
	/* Not again for each try. */
	run.totals.waits += taken < n && taken > 0;
	run.enqueued += taken;
	q->head = (q->head + taken) % MAX_JOBS;
	q->nb -= taken;
	q->in_flight += taken;
	return taken;
}

static unsigned int
dequeue(struct queue *q, uint16_t qp, unsigned int max, struct run_finding *f)
{
	struct rte_crypto_op *ops[MAX_BURST];
	char why[200];
	unsigned int i, n;
	struct job *j;

	n = rte_cryptodev_dequeue_burst(run.dev, qp, ops, (uint16_t)RTE_MIN(max,
		(unsigned int)MAX_BURST));
	for (i = 0; i < n; i++) {
		j = trial_owner(ops[i]);
		if (j < run.jobs || j >= run.jobs + MAX_JOBS || !j->in_use || j->t.op != ops[i] ||
				j->p.qp != qp || q->in_flight == 0) {
			static const struct sess_plan none;
			static const struct op_plan no_op;

			f->lost = true;
			found(f, &none, &no_op, "queue pair %u gives back an op that was not sent,"
				" or twice", qp);
			return n;
		}
		q->in_flight--;
		if (!trial_check(&j->t, &j->sess->s, &j->p, &j->m, true, why, sizeof(why)))
			found(f, &j->sess->s, &j->p, "%s", why);
		release(j);
	}
	return n;
}

static unsigned int
in_flight(void)
{
	unsigned int i, n = 0;

	for (i = 0; i < run.nb_qps; i++)
		n += run.queues[i].in_flight + run.queues[i].nb;
	return n;
}

/* Send what waits and take back, until at most @p left are under way. */
static void
turn(struct rnd *r, unsigned int left, struct run_finding *f)
{
	const uint64_t limit = rte_get_timer_hz() / 1000 * run.opts.timeout_ms;
	uint64_t end = rte_get_timer_cycles() + limit;
	unsigned int i, n, idle = 0;

	do {
		n = 0;
		for (i = 0; i < run.nb_qps; i++)
			n += enqueue(&run.queues[i], (uint16_t)i, rnd_one_in(r, 4) ?
				rnd_range(r, 1, 8) : MAX_JOBS);
		for (i = 0; i < run.nb_qps; i++)
			n += dequeue(&run.queues[i], (uint16_t)i, rnd_range(r, 1, MAX_BURST), f);
		if (f->lost)
			return;
		if (n > 0) {
			end = rte_get_timer_cycles() + limit;
		} else if (rte_get_timer_cycles() > end) {
			for (i = 0; i < MAX_JOBS && !run.jobs[i].in_use; i++)
				;
			f->lost = true;
			found(f, &run.jobs[i].sess->s, &run.jobs[i].p,
				"%u ops did not come back within %u ms, this one among them",
				in_flight(), run.opts.timeout_ms);
			return;
		} else if (++idle % 4 == 0) {
			/* Processors may be fewer than threads. */
			sched_yield();
		}
	} while (in_flight() > left);
}

/* ---- Runs ---- */

/* What the driver counts must be what was sent, and came back. */
static void
check_counts(const struct rte_cryptodev_stats *before, uint64_t enqueued, uint64_t last,
		struct run_finding *f)
{
	static const struct sess_plan none;
	struct op_plan p = {.number = last};
	struct rte_cryptodev_stats now;
	struct rte_crypto_op *op;
	unsigned int i;

	if (f->found || rte_cryptodev_stats_get(run.dev, &now) != 0)
		return;
	if (now.enqueued_count - before->enqueued_count != run.enqueued - enqueued ||
			now.dequeued_count - before->dequeued_count != run.enqueued - enqueued)
		found(f, &none, &p, "%" PRIu64 " ops were sent, the driver counts %" PRIu64
			" enqueued and %" PRIu64 " dequeued", run.enqueued - enqueued,
			now.enqueued_count - before->enqueued_count,
			now.dequeued_count - before->dequeued_count);
	for (i = 0; i < run.nb_qps; i++)
		if (rte_cryptodev_dequeue_burst(run.dev, (uint16_t)i, &op, 1) != 0)
			found(f, &none, &p, "queue pair %u gives back more than was sent", i);
}

bool
run_ops(uint64_t seed, uint64_t from, uint64_t nb, struct run_finding *f)
{
	const uint64_t enqueued = run.enqueued;
	struct rte_cryptodev_stats before;
	struct live_session *l;
	struct op_plan p;
	uint64_t number;
	unsigned int left = 0;
	struct rnd r;

	memset(f, 0, sizeof(*f));
	rte_cryptodev_stats_get(run.dev, &before);
	run.draw.seed = seed;
	rnd_init(&r, seed, RND_LOOP, from);
	for (number = from; number < from + nb && !f->found; number++) {
		/* From time to time one at a time, or more than the queues hold. */
		if (number == from || number % 512 == 0)
			left = rnd_range(&r, 0, 3) == 0 ? 0 : rnd_one_in(&r, 2) ?
				rnd_range(&r, 1, 64) : rnd_range(&r, 64, MAX_JOBS - 33);
		memset(&p, 0, sizeof(p));
		p.number = number;
		l = get_session(draw_session_of(&run.draw, number), &p, f);
		if (l == NULL)
			break;
		draw_op(&run.draw, number, &l->s, &p);
		if (!add_job(&p, l, f))
			break;
		if (p.burst_ends || run.nb_free == 0)
			turn(&r, RTE_MIN(left, MAX_JOBS - 33u), f);
		if (number % 32 == 0)
			free_sessions(false, number + 1);
	}
	if (!f->lost)
		turn(&r, 0, f);
	if (f->lost)
		return false;
	check_counts(&before, enqueued, number - 1, f);
	free_sessions(true, 0);
	return !f->found;
}

bool
run_plan(uint64_t seed, const struct op_plan *p, struct run_finding *f)
{
	struct live_session *l;
	struct rnd r;

	memset(f, 0, sizeof(*f));
	run.draw.seed = seed;
	rnd_init(&r, seed, RND_LOOP, p->number);
	l = get_session(p->session, p, f);
	if (l != NULL && add_job(p, l, f))
		turn(&r, 0, f);
	if (!f->lost)
		free_sessions(true, 0);
	return !f->found;
}

const struct run_totals *
run_totals(void)
{
	return &run.totals;
}

void
run_report(FILE *f)
{
	const struct run_totals *const t = &run.totals;

	fprintf(f, "# %" PRIu64 " ops of %" PRIu64 " sessions, %" PRIu64 " bytes; %" PRIu64
		" on another device, too; %" PRIu64 " without a session, %" PRIu64
		" marked for the raw API, %" PRIu64 " with a NULL algorithm, %" PRIu64 " bad, %" PRIu64
		" with a wrong digest, %" PRIu64 " with a ciphered one; %" PRIu64
		" bursts not taken as a whole\n", t->ops, t->sessions, t->bytes, t->compared,
		t->sessionless, t->raw, t->null, t->bad, t->wrong, t->steps, t->waits);
	peers_report(f, run.peers, run.nb_peers);
}
