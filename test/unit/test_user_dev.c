/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The device on a socket: devargs, probe and remove, what each transport function
 * says to the back end and in which order, memory that comes and goes, and the
 * link's loss and return. virtio_user.c and user_dev.c are compiled in here; the
 * cryptodev above them and EAL's memory beneath are models.
 */

#include "user_backend.h"

#include <bus_vdev_driver.h>
#include <cryptodev_pmd.h>
#include <rte_alarm.h>
#include <rte_dev.h>
#include <rte_eal_memconfig.h>
#include <rte_errno.h>
#include <rte_log.h>
#include <rte_malloc.h>

#include "virtio_cryptodev.h"
#include "virtio_log.h"
#include "virtio_user/mem.h"

/* The driver itself is linked in as well. */
#define vcrypto_user_ops test_user_ops
#define vcrypto_user_create test_user_create
#define vcrypto_user_destroy test_user_destroy
#define vcrypto_user_link test_user_link
#define vcrypto_user_link_wait test_user_link_wait
#define vcrypto_user_link_watch test_user_link_watch
#define vcrypto_user_link_drop test_user_link_drop
#define vcrypto_user_link_end test_user_link_end

static struct {
	enum rte_proc_type_t proc;
	int create_ret, destroy_ret;
	unsigned int creates, destroys;
	struct vcrypto_transport *transport;
	struct vcrypto_dev_args args;
	struct vcrypto_dev dev;

	/* atomic: the link's thread calls */
	unsigned int lost, recovers;
	uint8_t status_at_loss;
	int recover_ret;

	/* memory */
	struct vcrypto_mem_table table;
	int collect_ret;
	const void *gone;
	size_t gone_len;
	unsigned int loud;
	rte_mem_event_callback_t event;
	void *event_arg;
	int register_errno;

	/* alarms and the bus */
	rte_eal_alarm_callback alarm;
	void *alarm_arg;
	const struct rte_device *on_bus; /* the only device, NULL: none */
} m;

static const struct vcrypto_transport_ops *ops(void);

static int
model_create(const char *name, struct rte_device *device, uint8_t driver_id,
		struct vcrypto_transport *transport, const struct vcrypto_dev_args *args)
{
	assert_int_equal(driver_id, vcrypto_user_driver_id);
	(void)name;
	(void)device;
	m.creates++;
	m.transport = transport;
	m.args = *args;
	return m.create_ret;
}

static int
model_destroy(const char *name)
{
	(void)name;
	m.destroys++;
	return m.destroy_ret;
}

static struct vcrypto_dev *
model_dev(const char *name)
{
	(void)name;
	return &m.dev;
}

static void
model_lost(struct vcrypto_dev *dev)
{
	assert_ptr_equal(dev, &m.dev);
	m.status_at_loss = ops()->get_status(m.transport);
	__atomic_add_fetch(&m.lost, 1, __ATOMIC_RELEASE);
}

/* As the device does: through the transport. */
static int
model_recover(struct vcrypto_dev *dev)
{
	assert_ptr_equal(dev, &m.dev);
	ops()->set_status(m.transport, 0);
	ops()->set_status(m.transport, 3);
	__atomic_add_fetch(&m.recovers, 1, __ATOMIC_RELEASE);
	return __atomic_load_n(&m.recover_ret, __ATOMIC_ACQUIRE);
}

static int
model_collect(const char *name, const void *gone, size_t gone_len, bool quiet,
		struct vcrypto_mem_table *table)
{
	m.loud += !quiet;
	(void)name;
	m.gone = gone;
	m.gone_len = gone_len;
	*table = m.table;
	return m.collect_ret;
}

static int
model_register(const char *name, rte_mem_event_callback_t event, void *arg)
{
	assert_non_null(name);
	if (m.register_errno != 0) {
		rte_errno = m.register_errno;
		return -1;
	}
	m.event = event;
	m.event_arg = arg;
	return 0;
}

static int
model_unregister(const char *name, void *arg)
{
	(void)name;
	if (m.event_arg == arg)
		m.event = NULL;
	return 0;
}

static int
model_alarm_set(uint64_t us, rte_eal_alarm_callback cb, void *arg)
{
	assert_int_equal(us, 1000000);
	m.alarm = cb;
	m.alarm_arg = arg;
	return 0;
}

static int
model_iterator_init(struct rte_dev_iterator *it, const char *text)
{
	assert_string_equal(text, "bus=vdev");
	it->device = NULL;
	return 0;
}

static struct rte_device *
model_iterator_next(struct rte_dev_iterator *it)
{
	if (it->device != NULL || m.on_bus == NULL)
		return NULL;
	it->device = (struct rte_device *)(uintptr_t)m.on_bus;
	return it->device;
}

static enum rte_proc_type_t
model_proc(void)
{
	return m.proc;
}

#define vcrypto_cryptodev_create model_create
#define vcrypto_cryptodev_destroy model_destroy
#define vcrypto_cryptodev_dev model_dev
#define vcrypto_dev_lost model_lost
#define vcrypto_dev_recover model_recover
#define vcrypto_mem_collect model_collect
#define rte_mem_event_callback_register model_register
#define rte_mem_event_callback_unregister model_unregister
#define rte_eal_process_type model_proc
#define rte_eal_alarm_set model_alarm_set
#define rte_dev_iterator_init model_iterator_init
#define rte_dev_iterator_next model_iterator_next

#include "virtio_user/user_dev.c"
#undef LOG
#include "virtio_user.c"

static const struct vcrypto_transport_ops *
ops(void)
{
	return &vcrypto_user_ops;
}

/* ---- log lines ---- */

static char *log_text;
static size_t log_len;
static FILE *log_file;

static void
log_begin(void)
{
	log_file = open_memstream(&log_text, &log_len);
	assert_non_null(log_file);
	rte_openlog_stream(log_file);
}

/* So many lines, one of them with this in it. */
static void
log_end(unsigned int lines, const char *says)
{
	unsigned int n = 0;
	const char *p;

	rte_openlog_stream(NULL);
	fclose(log_file);
	for (p = log_text; (p = strchr(p, '\n')) != NULL; p++)
		n++;
	if (n != lines || (says != NULL && strstr(log_text, says) == NULL))
		fail_msg("not %u lines with \"%s\": %s", lines, says != NULL ? says : "",
			log_text);
	free(log_text);
}

/* ---- devargs ---- */

#define NAME "crypto_virtio_user0"

static void
test_args(void **state)
{
	struct all_args args;

	(void)state;
	log_begin();
	assert_int_equal(parse_args(NAME, "path=/a/b", &args), 0);
	assert_string_equal(args.user.path, "/a/b");
	assert_int_equal(args.user.queue_size, 1024);
	assert_false(args.user.server);
	assert_false(args.user.packed_vq);
	assert_int_equal(args.queues, 0);
	assert_int_equal(args.dev.timeout_ms, VCRYPTO_DEFAULT_TIMEOUT_MS);
	assert_int_equal(args.dev.caps_mode, VCRYPTO_CAPS_ADVERTISED);

	assert_int_equal(parse_args(NAME, "caps=probe,queues=7,path=s,queue_size=8,server=1,"
		"packed_vq=1,timeout_ms=12", &args), 0);
	assert_string_equal(args.user.path, "s");
	assert_int_equal(args.user.queue_size, 8);
	assert_true(args.user.server);
	assert_true(args.user.packed_vq);
	assert_int_equal(args.queues, 7);
	assert_int_equal(args.dev.timeout_ms, 12);
	assert_int_equal(args.dev.caps_mode, VCRYPTO_CAPS_PROBE);

	assert_int_equal(parse_args(NAME, "path=s,queue_size=32768,queues=255,server=0,"
		"packed_vq=0", &args), 0);
	assert_int_equal(args.user.queue_size, 32768);
	assert_int_equal(args.queues, 255);
	log_end(0, NULL);
}

static void
test_args_refused(void **state)
{
	static const struct {
		const char *text, *says;
	} cases[] = {
		{ NULL, "path is missing" },
		{ "", "path is missing" },
		{ "queues=1", "path is missing" },
		{ "path=", "path=: the path of a UNIX socket" },
		{ "path", "path=: the path of a UNIX socket" },
		{ "path=s,path=t", "path is given more than once" },
		{ "path=s,caps=probe,caps=probe", "caps is given more than once" },
		{ "path=s,queues=0", "queues=0: a number of data queues from 1 to 255" },
		{ "path=s,queues=256", "queues=256: a number" },
		{ "path=s,queues=-1", "queues=-1: a number" },
		{ "path=s,queues=", "queues=: a number" },
		{ "path=s,queues=2x", "queues=2x: a number" },
		{ "path=s,queues= 2", "queues= 2: a number" },
		{ "path=s,queues=99999999999999999999999", ": a number" },
		{ "path=s,queue_size=0", "queue_size=0: a power of two from 8 to 32768" },
		{ "path=s,queue_size=4", "queue_size=4: a power" },
		{ "path=s,queue_size=12", "queue_size=12: a power" },
		{ "path=s,queue_size=65536", "queue_size=65536: a power" },
		{ "path=s,queue_size=65544", "queue_size=65544: a power" },
		{ "path=s,server=2", "server=2: 0 or 1" },
		{ "path=s,server=yes", "server=yes: 0 or 1" },
		{ "path=s,packed_vq=2", "packed_vq=2: 0 or 1" },
		{ "path=s,packed_vq", "packed_vq=: 0 or 1" },
		{ "path=s,caps=all", "caps=all: advertised or probe" },
		{ "path=s,mode=none", "mode=none: auto, session or stateless" },
		{ "path=s,timeout_ms=0", "timeout_ms=0: a number from 1 to 600000" },
		{ "path=s,timeout_ms=600001", "timeout_ms=600001: a number" },
		{ "path=s,mac=1", "unknown device argument mac; known are caps, timeout_ms, mode,"
			" ecdsa_id, path, queues, queue_size, server, packed_vq" },
		{ "path=s,PATH=s", "unknown device argument PATH" },
	};
	char longest[200] = "path=";
	struct all_args args;
	unsigned int i;

	(void)state;
	for (i = 0; i < UNIT_DIM(cases); i++) {
		log_begin();
		if (parse_args(NAME, cases[i].text, &args) != -EINVAL)
			fail_msg("taken: %s", cases[i].text);
		log_end(1, cases[i].says);
	}
	memset(longest + 5, 'x', 107);
	assert_int_equal(parse_args(NAME, longest, &args), 0);
	assert_int_equal(strlen(args.user.path), 107);
	longest[112] = 'x';
	log_begin();
	assert_int_equal(parse_args(NAME, longest, &args), -EINVAL);
	log_end(1, "of at most 107 bytes");
}

/* ---- probe and remove ---- */

static struct rte_vdev_device vdev;
static struct rte_devargs devargs;
static char vdev_name[] = NAME;

static int
dev_setup(void **state)
{
	memset(&m, 0, sizeof(m));
	m.proc = RTE_PROC_PRIMARY;
	m.dev.max_queue_pairs = NB_DATA;
	m.table = (struct vcrypto_mem_table){ .nb = 1, .regions = {
		{ .addr = 0x1000000, .len = 0x200000, .offset = 0x4000, .fd = 0 } } };
	return be_setup(state);
}

static int
probe(const char *more)
{
	static char text[200];

	snprintf(text, sizeof(text), "path=%s%s", be.path, more);
	memset(&devargs, 0, sizeof(devargs));
	devargs.args = text;
	memset(&vdev, 0, sizeof(vdev));
	vdev.device.name = vdev_name;
	vdev.device.devargs = &devargs;
	return user_driver.probe(&vdev);
}

static void
probe_ok(const char *more)
{
	if (!be.running && !be.dials)
		be_start();
	assert_int_equal(probe(more), 0);
	assert_non_null(m.transport);
	assert_int_equal(m.transport->kind, VCRYPTO_TRANSPORT_USER);
}

static void
remove_ok(void)
{
	assert_int_equal(user_driver.remove(&vdev), 0);
}

/* The requests since the last call, by number. */
static void
expect_requests(const uint32_t *want, unsigned int nb)
{
	unsigned int i;

	pthread_mutex_lock(&be.lock);
	for (i = 0; i < nb && i < be.nb; i++) {
		if (be.trace[i].request != want[i]) {
			pthread_mutex_unlock(&be.lock);
			fail_msg("message %u is %u, not %u", i, be.trace[i].request, want[i]);
		}
	}
	i = be.nb;
	be.nb = 0;
	pthread_mutex_unlock(&be.lock);
	assert_int_equal(i, nb);
}

#define EXPECT(...) \
	do { \
		const uint32_t want_[] = { __VA_ARGS__ }; \
		expect_requests(want_, UNIT_DIM(want_)); \
	} while (0)

#define HANDSHAKE GET_FEATURES, GET_PROTOCOL_FEATURES, SET_PROTOCOL_FEATURES, SET_OWNER, \
	GET_QUEUE_NUM, GET_CONFIG

static void
test_probe_remove(void **state)
{
	const unsigned int fds = unit_nb_open();

	(void)state;
	probe_ok(",queues=1,timeout_ms=4000");
	assert_int_equal(m.creates, 1);
	assert_int_equal(m.args.timeout_ms, 4000);
	assert_int_equal(m.dev.max_queue_pairs, 1);
	assert_string_equal(m.transport->dev_name, NAME);
	EXPECT(HANDSHAKE);
	/* The device is started: all stays, and the link is watched, in the end. */
	m.destroy_ret = -EBUSY;
	m.on_bus = &vdev.device;
	assert_int_equal(user_driver.remove(&vdev), -EBUSY);
	assert_non_null(m.alarm);
	m.alarm(m.alarm_arg);
	be_kill();
	WAIT_UNTIL(__atomic_load_n(&m.lost, __ATOMIC_ACQUIRE) == 1);
	m.destroy_ret = 0;
	remove_ok();
	assert_int_equal(m.destroys, 2);
	assert_null(m.event);
	assert_int_equal(unit_nb_open(), fds);
	assert_int_equal(user_driver.remove(&vdev), -ENODEV);

	/* More queues asked for than there are. */
	m.dev.max_queue_pairs = NB_DATA;
	probe_ok(",queues=9");
	assert_int_equal(m.dev.max_queue_pairs, NB_DATA);
	/* A cryptodev that is gone already. */
	m.destroy_ret = -ENODEV;
	remove_ok();
	be_kill();
	assert_int_equal(unit_nb_open(), fds);
}

static void
test_probe_failures(void **state)
{
	const unsigned int fds = unit_nb_open();
	unsigned int i;

	(void)state;
	log_begin();
	m.proc = RTE_PROC_SECONDARY;
	assert_int_equal(probe(""), -ENOTSUP);
	log_end(1, "the primary process only");
	m.proc = RTE_PROC_PRIMARY;

	log_begin();
	assert_int_equal(probe(",timeout_ms=60"), -ETIMEDOUT);
	log_end(2, "waiting for a back end on");
	log_begin();
	assert_int_equal(probe(",timeout_ms=60"), -ETIMEDOUT);
	log_end(2, "after 60 ms: start it");

	/* Nobody may be there, but nobody can come here either. */
	be.path[strlen(be.dir)] = '\0';
	log_begin();
	i = (unsigned int)probe(",server=1");
	log_end(1, "cannot listen at");
	assert_int_equal((int)i, -EADDRINUSE);
	be.path[strlen(be.dir)] = '/';

	m.register_errno = ENOMEM;
	log_begin();
	assert_int_equal(probe(""), -ENOMEM);
	log_end(1, "memory events");
	m.register_errno = 0;

	be_start();
	m.create_ret = -EAGAIN;
	assert_int_equal(probe(""), -EAGAIN);
	assert_int_equal(m.creates, 1);
	assert_null(m.event);
	m.create_ret = 0;
	be.protocol = PROTOCOL_ALL & ~(UINT64_C(1) << 9);
	log_begin();
	assert_int_equal(probe(""), -ENOTSUP);
	log_end(1, "CONFIG");
	be.protocol = PROTOCOL_ALL;
	be.silent = GET_CONFIG;
	log_begin();
	assert_int_equal(probe(",timeout_ms=60"), -ETIMEDOUT);
	log_end(1, "GET_CONFIG: no answer");
	assert_int_equal(m.creates, 1);

	/* EAL never adds memory: no events, and no error. */
	m.register_errno = ENOTSUP;
	probe_ok("");
	remove_ok();
	be_kill();
	assert_int_equal(unit_nb_open(), fds);
}

/* The back end comes while the driver waits; or hangs up in the middle, and comes back. */
static void *
start_later(void *arg)
{
	poll(NULL, 0, 30);
	be_start();
	return arg;
}

static void
test_back_end_later(void **state)
{
	pthread_t thread;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, start_later, NULL), 0);
	log_begin();
	assert_int_equal(probe(",timeout_ms=30000"), 0);
	log_end(1, "waiting for a back end on");
	pthread_join(thread, NULL);
	remove_ok();
	be_kill();

	/* One that hangs up in the handshake may be about to end: it is called again. */
	be.hang_up = SET_OWNER;
	be_start();
	log_begin();
	assert_int_equal(probe(",timeout_ms=200"), -ETIMEDOUT);
	log_end(2, "waiting for a back end on");
	assert_true(be_connections() > 1);
}

/* ---- what transport functions say ---- */

static void
test_status(void **state)
{
	(void)state;
	probe_ok("");
	EXPECT(HANDSHAKE);
	assert_int_equal(ops()->get_status(m.transport), 0);
	ops()->set_status(m.transport, 0);
	EXPECT(SET_STATUS, GET_CONFIG);
	assert_int_equal(ops()->get_status(m.transport), 0);
	ops()->set_status(m.transport, 1);
	assert_int_equal(be.trace[0].payload[0], 1);
	EXPECT(SET_STATUS, GET_STATUS);
	assert_int_equal(ops()->get_status(m.transport), 1);
	EXPECT();
	/* What the device says counts. */
	be.status_mask = 8;
	ops()->set_status(m.transport, 0xb);
	assert_int_equal(ops()->get_status(m.transport), 3);
	be.status_mask = 0;
	ops()->set_status(m.transport, 0xb);
	assert_int_equal(ops()->get_status(m.transport), 0xb);
	remove_ok();
}

static void
test_status_unknown(void **state)
{
	(void)state;
	be.protocol = PROTOCOL_NO_STATUS;
	probe_ok("");
	EXPECT(HANDSHAKE);
	ops()->set_status(m.transport, 0);
	ops()->set_status(m.transport, 3);
	assert_int_equal(ops()->get_status(m.transport), 3);
	EXPECT(GET_CONFIG);
	/* Features that are refused show in the status, until the next reset. */
	be.refuse = SET_FEATURES;
	log_begin();
	ops()->set_features(m.transport, F_VERSION_1);
	log_end(1, "SET_FEATURES: the back end refuses");
	ops()->set_status(m.transport, 0xb);
	assert_int_equal(ops()->get_status(m.transport), 3);
	be.refuse = 0;
	ops()->set_status(m.transport, 0);
	ops()->set_features(m.transport, F_VERSION_1);
	ops()->set_status(m.transport, 0xb);
	assert_int_equal(ops()->get_status(m.transport), 0xb);
	remove_ok();
}

static void
test_features(void **state)
{
	/* 28 indirect, 29 event index, 32, 35 in order, 36; 34 packed if wanted. */
	const uint64_t seen = UINT64_C(0x1930000000) | UINT64_C(1) << 37;

	(void)state;
	probe_ok("");
	be.nb = 0;
	assert_true(ops()->get_features(m.transport) == seen);
	EXPECT();
	ops()->set_features(m.transport, F_VERSION_1);
	assert_true(get64(be.trace[0].payload, 0) == (F_VERSION_1 | F_PROTOCOL));
	EXPECT(SET_FEATURES);
	remove_ok();

	probe_ok(",packed_vq=1");
	assert_true(ops()->get_features(m.transport) == (seen | UINT64_C(1) << 34));
	log_begin();
	assert_int_equal(ops()->check_features(m.transport, UINT64_C(1) << 34), 0);
	log_end(0, NULL);
	remove_ok();
	be_kill();
	be.features = F_ALL & ~(UINT64_C(1) << 34);
	probe_ok(",packed_vq=1");
	log_begin();
	assert_int_equal(ops()->check_features(m.transport, 0), 0);
	log_end(1, "no packed rings");
	remove_ok();
}

static void
test_config_space(void **state)
{
	uint32_t generation;

	(void)state;
	put32(be.config, 52, 0x11223344);
	probe_ok("");
	assert_int_equal(ops()->config_len(m.transport), 56);
	assert_int_equal(ops()->read_config32(m.transport, 0), 1);
	assert_int_equal(ops()->read_config32(m.transport, 4), NB_DATA);
	assert_int_equal(ops()->read_config32(m.transport, 52), 0x11223344);
	generation = ops()->config_generation(m.transport);
	ops()->set_status(m.transport, 0);
	assert_int_equal(ops()->config_generation(m.transport), generation);
	put32(be.config, 0, 0);
	ops()->set_status(m.transport, 0);
	assert_int_equal(ops()->read_config32(m.transport, 0), 0);
	assert_int_not_equal(ops()->config_generation(m.transport), generation);
	remove_ok();
}

static const struct vcrypto_queue_addr ring = {
	.desc = 0x1001000, .driver = 0x1002000, .device = 0x1003000, .size = 256,
};

#define QUEUE SET_VRING_NUM, SET_VRING_BASE, SET_VRING_ADDR, SET_VRING_KICK, SET_VRING_CALL, \
	SET_VRING_ENABLE

static void
test_queues(void **state)
{
	struct vcrypto_queue_addr large = ring;
	struct vcrypto_doorbell db[NB_DATA + 1];
	eventfd_t count;
	unsigned int i;

	(void)state;
	probe_ok(",queue_size=256");
	assert_int_equal(ops()->nb_queues(m.transport), NB_DATA + 1);
	assert_int_equal(ops()->queue_size_max(m.transport, NB_DATA), 256);
	assert_int_equal(ops()->queue_size_max(m.transport, NB_DATA + 1), 0);
	be.nb = 0;
	assert_int_equal(ops()->queue_enable(m.transport, NB_DATA + 1, &ring, 0, db), -ENOENT);
	assert_int_equal(ops()->queue_enable(m.transport, UINT16_MAX, &ring, 0, db), -ENOENT);
	log_begin();
	large.size = 512;
	assert_int_equal(ops()->queue_enable(m.transport, 0, &large, 0, db), -EINVAL);
	log_end(1, "queue 0: 512 entries asked for, 1 to 256 possible");
	EXPECT();

	/* The memory table goes before the first queue. */
	assert_int_equal(ops()->queue_enable(m.transport, 0, &ring, 0, &db[0]), 0);
	assert_null(m.gone);
	assert_int_equal(be.trace[0].nb_fds, 1);
	assert_true(get64(be.trace[0].payload, 8) == 0x1000000);
	assert_true(get64(be.trace[0].payload, 16) == 0x200000);
	assert_true(get64(be.trace[0].payload, 24) == 0x1000000);
	assert_true(get64(be.trace[0].payload, 32) == 0x4000);
	EXPECT(SET_MEM_TABLE, QUEUE);
	assert_int_equal(ops()->queue_enable(m.transport, 2, &ring, UINT64_C(1) << 34, &db[2]), 0);
	assert_int_equal(get32(be.trace[0].payload, 0), 2);
	assert_int_equal(get32(be.trace[0].payload, 4), 256);
	assert_int_equal(get32(be.trace[1].payload, 4), 0x80008000);
	assert_true(get64(be.trace[2].payload, 8) == ring.desc);
	assert_true(get64(be.trace[2].payload, 16) == ring.device);
	assert_true(get64(be.trace[2].payload, 24) == ring.driver);
	assert_int_equal(be.trace[3].nb_fds, 1);
	assert_int_equal(be.trace[4].nb_fds, 1);
	assert_int_equal(get32(be.trace[5].payload, 4), 1);
	for (i = 0; i < 6; i++)
		assert_int_equal(be.trace[i].payload[0], 2);
	EXPECT(QUEUE);
	/* Once more, without a reset. */
	assert_int_equal(ops()->queue_enable(m.transport, 2, &ring, 0, &db[2]), -EIO);
	EXPECT();

	/* Doorbells are apart, count, and do not block. */
	ops()->notify(m.transport, &db[2], 0);
	ops()->notify(m.transport, &db[2], 0);
	assert_int_equal(eventfd_read(be.kick[2], &count), 0);
	assert_int_equal(count, 2);
	assert_int_equal(eventfd_read(be.kick[0], &count), -1);
	assert_int_equal(eventfd_write(be.kick[0], UINT64_MAX - 1), 0);
	ops()->notify(m.transport, &db[0], 0);

	/* A reset stops what runs, and then the status. */
	ops()->set_status(m.transport, 0);
	assert_int_equal(get32(be.trace[0].payload, 0), 0);
	assert_int_equal(get32(be.trace[1].payload, 0), 2);
	assert_int_equal(get32(be.trace[1].payload, 4), 0);
	EXPECT(SET_VRING_ENABLE, SET_VRING_ENABLE, GET_VRING_BASE, GET_VRING_BASE, SET_STATUS,
		GET_CONFIG);
	ops()->set_status(m.transport, 0);
	EXPECT(SET_STATUS, GET_CONFIG);
	assert_int_equal(ops()->queue_enable(m.transport, 1, &ring, 0, &db[1]), 0);
	EXPECT(QUEUE);
	remove_ok();
}

/* Each message of a bring-up, refused or cut off: the caller hears of it, and of nothing else. */
static void
test_queue_failures(void **state)
{
	static const uint32_t requests[] = { SET_MEM_TABLE, QUEUE };
	const unsigned int fds = unit_nb_open();
	struct vcrypto_doorbell db;
	unsigned int i;

	(void)state;
	for (i = 0; i < UNIT_DIM(requests); i++) {
		be.refuse = requests[i];
		probe_ok("");
		log_begin();
		assert_int_equal(ops()->queue_enable(m.transport, 0, &ring, 0, &db), -EIO);
		log_end(1, "the back end refuses it");
		assert_int_equal(ops()->get_status(m.transport), 0);
		be.refuse = 0;
		ops()->set_status(m.transport, 0);
		assert_int_equal(ops()->queue_enable(m.transport, 0, &ring, 0, &db), 0);
		remove_ok();
		assert_int_equal(m.lost, 0);
		be_kill();
		assert_int_equal(unit_nb_open(), fds);
	}
	for (i = 0; i < UNIT_DIM(requests); i++) {
		probe_ok("");
		be.hang_up = requests[i];
		assert_int_equal(ops()->queue_enable(m.transport, 0, &ring, 0, &db), -EIO);
		be.hang_up = 0;
		WAIT_UNTIL(__atomic_load_n(&m.recovers, __ATOMIC_ACQUIRE) == i + 1);
		assert_int_equal(m.lost, i + 1);
		assert_int_equal(m.status_at_loss, 0xff);
		remove_ok();
		be_kill();
		assert_int_equal(unit_nb_open(), fds);
	}
}

/* ---- memory that comes and goes ---- */

static void
test_memory_events(void **state)
{
	const struct vcrypto_mem_region more = { .addr = 0x2000000, .len = 0x200000, .fd = 0 };
	struct vcrypto_doorbell db;

	(void)state;
	probe_ok("");
	be.nb = 0;
	/* Before the first table nobody knows of anything. */
	m.event(RTE_MEM_EVENT_ALLOC, (void *)0x2000000, 0x200000, m.event_arg);
	EXPECT();
	assert_int_equal(ops()->queue_enable(m.transport, 0, &ring, 0, &db), 0);
	be.nb = 0;
	/* Memory that is not shared changes nothing. */
	m.event(RTE_MEM_EVENT_ALLOC, (void *)0x3000000, 0x200000, m.event_arg);
	EXPECT();

	m.table.regions[m.table.nb++] = more;
	m.event(RTE_MEM_EVENT_ALLOC, (void *)0x2000000, 0x200000, m.event_arg);
	assert_null(m.gone);
	assert_int_equal(be.trace[0].nb_fds, 2);
	assert_int_equal(get32(be.trace[0].payload, 0), 2);
	EXPECT(SET_MEM_TABLE);
	m.table.nb--;
	m.event(RTE_MEM_EVENT_FREE, (void *)0x2000000, 0x200000, m.event_arg);
	assert_ptr_equal(m.gone, (void *)0x2000000);
	assert_int_equal(m.gone_len, 0x200000);
	assert_int_equal(be.trace[0].nb_fds, 1);
	EXPECT(SET_MEM_TABLE);

	/* Through a reset the table is kept up to date, but not told twice. */
	ops()->set_status(m.transport, 0);
	be.nb = 0;
	m.table.nb++;
	m.event(RTE_MEM_EVENT_ALLOC, (void *)0x2000000, 0x200000, m.event_arg);
	EXPECT(SET_MEM_TABLE);
	assert_int_equal(ops()->queue_enable(m.transport, 0, &ring, 0, &db), 0);
	EXPECT(QUEUE);

	/* Too many pieces: what is new cannot be used, the rest goes on. */
	m.collect_ret = -E2BIG;
	m.event(RTE_MEM_EVENT_ALLOC, (void *)0x4000000, 0x200000, m.event_arg);
	EXPECT();
	assert_int_equal(m.lost, 0);
	/* ... and that is said once. */
	m.loud = 0;
	m.event(RTE_MEM_EVENT_ALLOC, (void *)0x5000000, 0x200000, m.event_arg);
	assert_int_equal(m.loud, 0);
	/* What is gone must not stay with the back end. */
	m.event(RTE_MEM_EVENT_FREE, (void *)0x4000000, 0x200000, m.event_arg);
	assert_int_equal(ops()->get_status(m.transport), 0xff);
	m.collect_ret = 0;
	WAIT_UNTIL(__atomic_load_n(&m.recovers, __ATOMIC_ACQUIRE) == 1);
	remove_ok();
}

static void
test_no_memory(void **state)
{
	struct vcrypto_doorbell db;

	(void)state;
	probe_ok("");
	m.collect_ret = -ENODATA;
	be.nb = 0;
	assert_int_equal(ops()->queue_enable(m.transport, 0, &ring, 0, &db), -EIO);
	EXPECT();
	remove_ok();
}

/* ---- loss and return ---- */

static unsigned int
nb_recovers(void)
{
	return __atomic_load_n(&m.recovers, __ATOMIC_ACQUIRE);
}

static unsigned int
nb_lost(void)
{
	return __atomic_load_n(&m.lost, __ATOMIC_ACQUIRE);
}

static void
test_loss_and_return(void **state)
{
	const unsigned int fds = unit_nb_open();
	struct vcrypto_doorbell db;
	unsigned int i;

	(void)state;
	probe_ok(",timeout_ms=30000");
	for (i = 1; i <= 3; i++) {
		ops()->set_status(m.transport, 0);
		assert_int_equal(ops()->queue_enable(m.transport, 0, &ring, 0, &db), 0);
		ops()->set_status(m.transport, 0xf);
		be_kill();
		WAIT_UNTIL(nb_lost() == i);
		assert_int_equal(m.status_at_loss, 0xff);

		/* In the gap all is refused at once, a reset is done, and doorbells are quiet. */
		assert_int_equal(ops()->get_status(m.transport), 0xff);
		ops()->set_status(m.transport, 0);
		assert_int_equal(ops()->get_status(m.transport), 0);
		ops()->set_status(m.transport, 1);
		assert_int_equal(ops()->get_status(m.transport), 0xff);
		log_begin();
		assert_true(ops()->get_features(m.transport) == 0);
		log_end(1, "is away");
		ops()->set_features(m.transport, F_VERSION_1);
		assert_int_equal(ops()->queue_enable(m.transport, 0, &ring, 0, &db), -EIO);
		ops()->notify(m.transport, &db, 0);
		assert_int_equal(ops()->read_config32(m.transport, 4), NB_DATA);

		be.nb = 0;
		be_start();
		WAIT_UNTIL(nb_recovers() == i);
		assert_int_equal(nb_lost(), i);
		EXPECT(HANDSHAKE, SET_STATUS, GET_CONFIG, SET_STATUS, GET_STATUS);
		/* The new back end gets the memory table, too. */
		ops()->set_status(m.transport, 0);
		be.nb = 0;
		assert_int_equal(ops()->queue_enable(m.transport, 0, &ring, 0, &db), 0);
		EXPECT(SET_MEM_TABLE, QUEUE);
	}
	remove_ok();
	be_kill();
	assert_int_equal(unit_nb_open(), fds);
}

/* One line at the loss and one at the return, however many tries there are between. */
static void
test_loss_is_told_once(void **state)
{
	const unsigned int fds = unit_nb_open();

	(void)state;
	probe_ok("");
	ops()->set_features(m.transport, F_VERSION_1);
	log_begin();
	be_kill();
	WAIT_UNTIL(nb_lost() == 1);
	/* Somebody else answers first: a back end that lacks what is in use, three times. */
	be.features = F_PROTOCOL;
	be.connections = 0;
	be_start();
	WAIT_UNTIL(be_connections() >= 3);
	be_kill();
	assert_int_equal(nb_recovers(), 0);
	be.features = F_ALL;
	be_start();
	WAIT_UNTIL(nb_recovers() == 1);
	remove_ok();
	/* gone, lacks features, back */
	log_end(3, "no longer offers features 0x100000000");
	be_kill();
	assert_int_equal(unit_nb_open(), fds);
}

static void
test_recover_fails(void **state)
{
	uint64_t start;

	(void)state;
	probe_ok("");
	__atomic_store_n(&m.recover_ret, -EIO, __ATOMIC_RELEASE);
	log_begin();
	be_kill();
	WAIT_UNTIL(nb_lost() == 1);
	be_start();
	start = now_ms();
	WAIT_UNTIL(nb_recovers() == 2);
	/* A back end that does not serve is not asked all the time. */
	assert_true(now_ms() - start >= RETRY_MAX_MS);
	__atomic_store_n(&m.recover_ret, 0, __ATOMIC_RELEASE);
	WAIT_UNTIL(nb_recovers() == 3);
	assert_int_equal(nb_lost(), 1);
	remove_ok();
	log_end(3, "does not serve this device");
}

/* The link's thread ends wherever it is. */
static void
test_remove_in_the_gap(void **state)
{
	const unsigned int fds = unit_nb_open();

	(void)state;
	probe_ok("");
	be_kill();
	WAIT_UNTIL(nb_lost() == 1);
	remove_ok();
	assert_int_equal(nb_recovers(), 0);
	assert_int_equal(unit_nb_open(), fds);
}

/* rte_eal_cleanup() takes memory away although the device stays: nobody may be at work on it. */
static void
test_left_started(void **state)
{
	unsigned int threads;

	(void)state;
	probe_ok("");
	threads = unit_nb_threads();
	m.destroy_ret = -EBUSY;
	m.on_bus = &vdev.device;
	/* Removed twice in a row, and then no more on the bus. */
	assert_int_equal(user_driver.remove(&vdev), -EBUSY);
	WAIT_UNTIL(unit_nb_threads() == threads - 1);
	assert_int_equal(user_driver.remove(&vdev), -EBUSY);
	m.on_bus = NULL;
	m.alarm(m.alarm_arg);
	assert_int_equal(unit_nb_threads(), threads - 1);
	/* Nor later. */
	m.on_bus = &vdev.device;
	m.alarm(m.alarm_arg);
	assert_int_equal(unit_nb_threads(), threads - 1);
	/* Removed for good, before an alarm that comes for nobody then. */
	assert_int_equal(user_driver.remove(&vdev), -EBUSY);
	m.destroy_ret = 0;
	remove_ok();
	m.alarm(m.alarm_arg);
	be_kill();
	assert_int_equal(nb_lost(), 0);
}

/* A message that nobody asked for ends the link as well. */
static void
test_unasked(void **state)
{
	(void)state;
	probe_ok("");
	log_begin();
	pthread_mutex_lock(&be.lock);
	be_send_u64(be.conn, GET_STATUS, 0);
	pthread_mutex_unlock(&be.lock);
	WAIT_UNTIL(nb_recovers() == 1);
	assert_int_equal(nb_lost(), 1);
	remove_ok();
	log_end(3, "nobody asked for");
}

/* No answer: bounded by timeout_ms, and the link is lost. */
static void
test_silence(void **state)
{
	uint64_t start;

	(void)state;
	probe_ok(",timeout_ms=50");
	be.silent = SET_STATUS;
	log_begin();
	start = now_ms();
	ops()->set_status(m.transport, 1);
	assert_true(now_ms() - start >= 50);
	assert_int_equal(ops()->get_status(m.transport), 0xff);
	WAIT_UNTIL(nb_lost() == 1);
	WAIT_UNTIL(nb_recovers() == 1);
	remove_ok();
	log_end(3, "SET_STATUS: no answer");
}

static void
test_server(void **state)
{
	const unsigned int fds = unit_nb_open();
	struct stat st;

	(void)state;
	be.dials = true;
	be_start();
	probe_ok(",server=1,timeout_ms=30000");
	EXPECT(HANDSHAKE);
	assert_int_equal(stat(be.path, &st), 0);
	be_kill();
	WAIT_UNTIL(nb_lost() == 1);
	be_start();
	WAIT_UNTIL(nb_recovers() == 1);
	/* A second back end waits its turn and does not disturb the first. */
	ops()->set_status(m.transport, 1);
	assert_int_equal(ops()->get_status(m.transport), 1);
	remove_ok();
	be_kill();
	assert_int_equal(stat(be.path, &st), -1);
	assert_int_equal(unit_nb_open(), fds);

	/* Nobody comes. */
	log_begin();
	assert_int_equal(probe(",server=1,timeout_ms=60"), -ETIMEDOUT);
	log_end(2, "no back end on");
	assert_int_equal(stat(be.path, &st), -1);

	/* The file is somebody else's by now. */
	be_start();
	probe_ok(",server=1,timeout_ms=30000");
	be_kill();
	assert_int_equal(unlink(be.path), 0);
	close(open(be.path, O_CREAT | O_EXCL | O_WRONLY, 0600));
	remove_ok();
	assert_int_equal(stat(be.path, &st), 0);
	assert_int_equal(unit_nb_open(), fds);
}

#define USER_TEST(f) cmocka_unit_test_setup_teardown(f, dev_setup, be_teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		USER_TEST(test_args),
		USER_TEST(test_args_refused),
		USER_TEST(test_probe_remove),
		USER_TEST(test_probe_failures),
		USER_TEST(test_back_end_later),
		USER_TEST(test_status),
		USER_TEST(test_status_unknown),
		USER_TEST(test_features),
		USER_TEST(test_config_space),
		USER_TEST(test_queues),
		USER_TEST(test_queue_failures),
		USER_TEST(test_memory_events),
		USER_TEST(test_no_memory),
		USER_TEST(test_loss_and_return),
		USER_TEST(test_loss_is_told_once),
		USER_TEST(test_recover_fails),
		USER_TEST(test_remove_in_the_gap),
		USER_TEST(test_left_started),
		USER_TEST(test_unasked),
		USER_TEST(test_silence),
		USER_TEST(test_server),
	};

	return cmocka_run_group_tests(tests, unit_eal_setup, unit_eal_teardown);
}
