/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The driver below DPDK's event crypto adapter, on the software event device: operations as
 * events in both modes, with metadata in sessions and in operations, and a device that fails.
 * Both services run in this thread.
 */

#include <stdlib.h>

#include <rte_bus_vdev.h>
#include <rte_event_crypto_adapter.h>
#include <rte_eventdev.h>
#include <rte_service.h>

#include "sessionless.h"

#define SUCCESS RTE_CRYPTO_OP_STATUS_SUCCESS

#define EVENT_DEV "event_sw0"
#define ADAPTER 0
#define Q_DONE 0 /* to the application */
#define Q_CRYPTO 1 /* to the adapter, in forward mode */
#define PORT_APP 0
#define BURST 16
#define NB 200 /* more than a ring of NB_REQS takes, and more than the adapter collects */
#define NB_REQS 64

/* In the private data of an op. */
#define META_OFFSET (DUT_DIGEST_OFFSET + 32)
#define NUMBER_OFFSET (META_OFFSET + sizeof(union rte_event_crypto_metadata))

struct events {
	struct dut t;
	int id;
	bool forward;
	uint16_t nb_qps;
	uint32_t services[2];
	struct rte_mempool *sessions;
	union rte_event_crypto_metadata want[NB]; /* of each op */
	unsigned int seen[NB];
};

static uint32_t *
number(struct rte_crypto_op *op)
{
	return rte_crypto_op_ctod_offset(op, uint32_t *, NUMBER_OFFSET);
}

/* What the event of an op with this flow must be; and where the adapter sends the op. */
static void
metadata(const struct events *e, uint16_t qp, uint32_t flow, union rte_event_crypto_metadata *m)
{
	memset(m, 0, sizeof(*m));
	m->response_info.queue_id = Q_DONE;
	m->response_info.sched_type = RTE_SCHED_TYPE_ATOMIC;
	m->response_info.flow_id = flow;
	m->response_info.sub_event_type = flow & 0x3f;
	m->request_info.cdev_id = e->t.id;
	m->request_info.queue_pair_id = qp % e->nb_qps;
}

/* ---- the event device and the adapter ---- */

static void
allow(uint32_t service)
{
	/* Run by rte_service_run_iter_on_app_lcore() alone. */
	assert_int_equal(rte_service_set_runstate_mapped_check(service, 0), 0);
	assert_int_equal(rte_service_runstate_set(service, 1), 0);
}

static void
events_open(struct events *e, const struct inproc_cfg *cfg, bool forward)
{
	/* The library's adapter has a buffer for requests to a device's first queue pair only. */
	const uint16_t nb_qps = forward ? 1 : 2;
	struct rte_event_port_conf port = {
		.dequeue_depth = 32,
		.enqueue_depth = 32,
		.new_event_threshold = 1024,
		/* The adapter's events replace the requests that it got. */
		.event_port_cfg = RTE_EVENT_PORT_CFG_DISABLE_IMPL_REL,
	};
	struct rte_event_queue_conf single = {
		.schedule_type = RTE_SCHED_TYPE_ATOMIC,
		.event_queue_cfg = RTE_EVENT_QUEUE_CFG_SINGLE_LINK,
	};
	struct rte_event_dev_config conf;
	struct rte_event_dev_info info;
	uint8_t q, crypto_port;
	uint32_t caps;
	uint16_t i;

	memset(e, 0, sizeof(*e));
	e->forward = forward;
	e->nb_qps = nb_qps;
	dut_open(&e->t, cfg, NULL);
	dut_configure(&e->t, nb_qps, NB_REQS);
	e->sessions = rte_cryptodev_sym_session_pool_create("events", 15,
		rte_cryptodev_sym_get_private_session_size(e->t.id), 0,
		sizeof(union rte_event_crypto_metadata), SOCKET_ID_ANY);
	assert_non_null(e->sessions);
	e->t.sessions = e->sessions;

	assert_int_equal(rte_vdev_init(EVENT_DEV, NULL), 0);
	e->id = rte_event_dev_get_dev_id(EVENT_DEV);
	assert_true(e->id >= 0);
	assert_int_equal(rte_event_dev_info_get(e->id, &info), 0);
	conf = (struct rte_event_dev_config) {
		.nb_event_queues = 2,
		.nb_event_ports = 1,
		.nb_event_queue_flows = 1024,
		.nb_event_port_dequeue_depth = 64,
		.nb_event_port_enqueue_depth = 64,
		.nb_events_limit = info.max_num_events,
		.dequeue_timeout_ns = info.min_dequeue_timeout_ns,
	};
	assert_int_equal(rte_event_dev_configure(e->id, &conf), 0);
	assert_int_equal(rte_event_queue_setup(e->id, Q_DONE, NULL), 0);
	assert_int_equal(rte_event_queue_setup(e->id, Q_CRYPTO, &single), 0);
	assert_int_equal(rte_event_port_setup(e->id, PORT_APP, NULL), 0);
	q = Q_DONE;
	assert_int_equal(rte_event_port_link(e->id, PORT_APP, &q, NULL, 1), 1);

	assert_int_equal(rte_event_crypto_adapter_caps_get(e->id, e->t.id, &caps), 0);
	/* The library's adapter, not one of the device. */
	assert_true(caps & RTE_EVENT_CRYPTO_ADAPTER_CAP_SESSION_PRIVATE_DATA);
	assert_int_equal(caps & RTE_EVENT_CRYPTO_ADAPTER_CAP_INTERNAL_PORT_OP_FWD, 0);
	assert_int_equal(rte_event_crypto_adapter_create(ADAPTER, e->id, &port,
		e->forward ? RTE_EVENT_CRYPTO_ADAPTER_OP_FORWARD :
			RTE_EVENT_CRYPTO_ADAPTER_OP_NEW), 0);
	for (i = 0; i < nb_qps; i++)
		assert_int_equal(rte_event_crypto_adapter_queue_pair_add(ADAPTER, e->t.id, i,
			NULL), 0);
	assert_int_equal(rte_event_crypto_adapter_event_port_get(ADAPTER, &crypto_port), 0);
	q = Q_CRYPTO;
	assert_int_equal(rte_event_port_link(e->id, crypto_port, &q, NULL, 1), 1);

	assert_int_equal(rte_event_dev_service_id_get(e->id, &e->services[0]), 0);
	assert_int_equal(rte_event_crypto_adapter_service_id_get(ADAPTER, &e->services[1]), 0);
	allow(e->services[0]);
	allow(e->services[1]);
	assert_int_equal(rte_event_dev_start(e->id), 0);
	assert_int_equal(rte_cryptodev_start(e->t.id), 0);
	assert_int_equal(rte_event_crypto_adapter_start(ADAPTER), 0);
}

static void
events_close(struct events *e)
{
	uint16_t i;

	assert_int_equal(rte_event_crypto_adapter_stop(ADAPTER), 0);
	for (i = 0; i < e->nb_qps; i++)
		assert_int_equal(rte_event_crypto_adapter_queue_pair_del(ADAPTER, e->t.id, i), 0);
	assert_int_equal(rte_event_crypto_adapter_free(ADAPTER), 0);
	rte_service_runstate_set(e->services[0], 0);
	rte_event_dev_stop(e->id);
	assert_int_equal(rte_event_dev_close(e->id), 0);
	assert_int_equal(rte_vdev_uninit(EVENT_DEV), 0);
	assert_int_equal(rte_mempool_in_use_count(e->sessions), 0);
	dut_close(&e->t);
	rte_mempool_free(e->sessions);
}

static void
run_services(const struct events *e)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(e->services); i++)
		rte_service_run_iter_on_app_lcore(e->services[i], 1);
}

/* ---- there and back ---- */

static unsigned int
send(struct events *e, struct rte_crypto_op **ops, unsigned int nb)
{
	struct rte_event ev[BURST];
	unsigned int i;

	nb = RTE_MIN(nb, (unsigned int)BURST);
	if (!e->forward)
		return rte_cryptodev_enqueue_burst(e->t.id,
			e->want[*number(ops[0])].request_info.queue_pair_id, ops, 1);
	memset(ev, 0, sizeof(ev));
	for (i = 0; i < nb; i++) {
		ev[i].queue_id = Q_CRYPTO;
		ev[i].op = RTE_EVENT_OP_NEW;
		ev[i].event_type = RTE_EVENT_TYPE_CPU;
		ev[i].sched_type = RTE_SCHED_TYPE_ATOMIC;
		ev[i].flow_id = 7;
		ev[i].event_ptr = ops[i];
	}
	return rte_event_enqueue_burst(e->id, PORT_APP, ev, nb);
}

/* An event is of an op that was sent, comes once, and says what the metadata says. */
static void
check_event(struct events *e, struct rte_crypto_op *const *ops, unsigned int nb,
		const struct rte_event *ev)
{
	struct rte_crypto_op *const op = ev->event_ptr;
	const struct rte_event *want;
	uint32_t n;

	assert_non_null(op);
	n = *number(op);
	assert_true(n < nb);
	assert_ptr_equal(ops[n], op);
	assert_int_equal(e->seen[n]++, 0);
	want = &e->want[n].response_info;
	assert_int_equal(ev->event_type, RTE_EVENT_TYPE_CRYPTODEV);
	assert_int_equal(ev->queue_id, Q_DONE);
	assert_int_equal(ev->flow_id, want->flow_id);
	assert_int_equal(ev->sub_event_type, want->sub_event_type);
	assert_int_equal(ev->sched_type, want->sched_type);
}

/* All ops there, and back as events. */
static void
run(struct events *e, struct rte_crypto_op **ops, unsigned int nb)
{
	const uint64_t end = dut_now_ms() + DUT_WAIT_MS;
	struct rte_event_crypto_adapter_stats stats;
	struct rte_event ev[BURST];
	unsigned int sent = 0, got = 0;
	uint16_t n, i;

	memset(e->seen, 0, sizeof(e->seen));
	assert_int_equal(rte_event_crypto_adapter_stats_reset(ADAPTER), 0);
	while (got < nb) {
		if (sent < nb)
			sent += send(e, ops + sent, nb - sent);
		run_services(e);
		n = rte_event_dequeue_burst(e->id, PORT_APP, ev, RTE_DIM(ev), 0);
		for (i = 0; i < n; i++)
			check_event(e, ops, nb, &ev[i]);
		got += n;
		if (n == 0 && dut_now_ms() > end)
			fail_msg("%u of %u events came, %u were sent", got, nb, sent);
	}
	assert_int_equal(rte_event_crypto_adapter_stats_get(ADAPTER, &stats), 0);
	assert_int_equal(stats.crypto_enq_count, e->forward ? nb : 0);
	assert_int_equal(stats.crypto_enq_fail, 0);
	assert_int_equal(stats.crypto_deq_count, nb);
	assert_int_equal(stats.event_enq_count, nb);
}

static void
mark(struct events *e, struct rte_crypto_op *op, uint32_t n,
		const union rte_event_crypto_metadata *want)
{
	e->want[n] = *want;
	*number(op) = n;
	op->status = RTE_CRYPTO_OP_STATUS_NOT_PROCESSED;
}

static void *
with_metadata(struct events *e, void *session, uint16_t qp, uint32_t flow,
		union rte_event_crypto_metadata *m)
{
	union rte_event_crypto_metadata copy;

	assert_non_null(session);
	metadata(e, qp, flow, m);
	copy = *m;
	assert_int_equal(rte_cryptodev_session_event_mdata_set(e->t.id, session,
		RTE_CRYPTO_OP_TYPE_SYMMETRIC, RTE_CRYPTO_OP_WITH_SESSION, &copy, sizeof(copy)), 0);
	return session;
}

/* ---- cases ---- */

/* Three sessions, two queue pairs where that is possible: each event is that of its session. */
static void
sessions(void **state)
{
	const struct inproc_cfg cfg = { .nb_data_queues = 2 };
	struct rte_crypto_op *ops[NB];
	uint8_t want[DUT_DIGEST_LEN], plain[LEN];
	union rte_event_crypto_metadata m[3];
	struct events e;
	unsigned int i;
	void *s[3];

	events_open(&e, &cfg, *state != NULL);
	s[0] = with_metadata(&e, dut_cipher_session(&e.t, true), 0, 0x101, &m[0]);
	s[1] = with_metadata(&e, dut_cipher_session(&e.t, true), 1, 0x202, &m[1]);
	s[2] = with_metadata(&e, dut_chain_session(&e.t, false), 1, 0x303, &m[2]);
	for (i = 0; i < NB; i++) {
		if (i % 3 == 2) {
			ops[i] = dut_chain_op(s[2], LEN);
			dut_reference_hmac(dut_data(ops[i]), LEN, want);
			memcpy(dut_digest(ops[i]), want, sizeof(want));
			dut_digest(ops[i])[i % DUT_DIGEST_LEN] ^= i % 2;
		} else {
			ops[i] = dut_op(s[i % 3], LEN);
		}
		mark(&e, ops[i], i, &m[i % 3]);
	}
	run(&e, ops, NB);
	dut_reference(false, plain, LEN);
	for (i = 0; i < NB; i++) {
		if (i % 3 == 2 && i % 2 == 1) {
			assert_int_equal(ops[i]->status, RTE_CRYPTO_OP_STATUS_AUTH_FAILED);
		} else {
			assert_int_equal(ops[i]->status, SUCCESS);
			if (i % 3 == 2)
				assert_memory_equal(dut_data(ops[i]), plain, LEN);
			else
				assert_true(dut_encrypted(ops[i], LEN));
		}
		dut_free_op(ops[i]);
	}
	for (i = 0; i < RTE_DIM(s); i++)
		dut_free_session(&e.t, s[i]);
	events_close(&e);
}

/* Metadata in each op; keys change, too. */
static void
sessionless(void **state)
{
	const struct inproc_cfg cfg = { .nb_data_queues = 2 };
	union rte_event_crypto_metadata *m;
	struct rte_crypto_op *ops[NB];
	struct kind kinds[5];
	struct events e;
	unsigned int i;

	events_open(&e, &cfg, *state != NULL);
	for (i = 0; i < RTE_DIM(kinds); i++)
		kind(&kinds[i], i);
	for (i = 0; i < NB; i++) {
		ops[i] = bare_op(&kinds[i % RTE_DIM(kinds)].x);
		ops[i]->private_data_offset = META_OFFSET;
		m = rte_crypto_op_ctod_offset(ops[i], union rte_event_crypto_metadata *,
			META_OFFSET);
		metadata(&e, i % 2, 0x1000 + i, m);
		mark(&e, ops[i], i, m);
	}
	run(&e, ops, NB);
	for (i = 0; i < NB; i++) {
		assert_int_equal(ops[i]->status, SUCCESS);
		assert_true(right(ops[i], kinds[i % RTE_DIM(kinds)].key));
		dut_free_op(ops[i]);
	}
	events_close(&e);
}

/* A device that breaks a rule in the middle: what it had comes back as an event, too. */
static void
fault(void **state)
{
	const struct inproc_cfg cfg = { .run = INPROC_RUN_MANUAL, .nb_data_queues = 2 };
	struct rte_crypto_op *ops[NB_REQS / 2];
	const unsigned int nb = RTE_DIM(ops);
	union rte_event_crypto_metadata m;
	struct rte_cryptodev_stats stats;
	unsigned int i, got = 0;
	struct rte_event ev;
	struct events e;
	uint64_t end;
	void *s;

	(void)state;
	events_open(&e, &cfg, true);
	s = with_metadata(&e, dut_cipher_session(&e.t, true), 0, 0x77, &m);
	for (i = 0; i < nb; i++) {
		ops[i] = dut_op(s, LEN);
		mark(&e, ops[i], i, &m);
	}
	for (i = 0, end = dut_now_ms() + DUT_WAIT_MS; i < nb;) {
		i += send(&e, ops + i, nb - i);
		run_services(&e);
		assert_true(dut_now_ms() < end);
	}
	do {
		run_services(&e);
		assert_int_equal(rte_cryptodev_stats_get(e.t.id, &stats), 0);
		assert_true(dut_now_ms() < end);
	} while (stats.enqueued_count < nb);
	assert_int_equal(inproc_poll(e.t.d, nb / 2), nb / 2);
	e.t.f->bad_id = true;
	e.t.f->nb_faulty = 1;
	inproc_poll(e.t.d, 1);
	while (got < nb) {
		run_services(&e);
		if (rte_event_dequeue_burst(e.id, PORT_APP, &ev, 1, 0) != 0) {
			check_event(&e, ops, nb, &ev);
			got++;
		}
		assert_true(dut_now_ms() < end);
	}
	for (i = 0; i < nb; i++) {
		assert_int_equal(ops[i]->status, i < nb / 2 ? SUCCESS : RTE_CRYPTO_OP_STATUS_ERROR);
		if (i < nb / 2)
			assert_true(dut_encrypted(ops[i], LEN));
		dut_free_op(ops[i]);
	}
	dut_free_session(&e.t, s);
	events_close(&e);
}

static int forward;

int
main(void)
{
	const struct CMUnitTest tests[] = {
		{ "forward_sessions", sessions, NULL, NULL, &forward },
		{ "forward_sessionless", sessionless, NULL, NULL, &forward },
		{ "new_sessions", sessions, NULL, NULL, NULL },
		{ "new_sessionless", sessionless, NULL, NULL, NULL },
		cmocka_unit_test(fault),
	};

	return cmocka_run_group_tests_name("device_events", tests, dut_eal_setup, dut_eal_teardown);
}
