/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The driver's telemetry, asked through its socket: what the answers say in each state of a
 * device, what they say to nonsense, that no secret is in them, and that asking disturbs nothing
 * while devices come and go and operations run.
 */

#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <rte_eal.h>

#include "device_fixture.h"

#define ANSWER_LEN (64 * 1024)
#define NB_FLYING 5
#define LEN 96
#define TRAFFIC 8

static int
dial(void)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	const int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	char hello[1024];

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/dpdk_telemetry.v2",
			rte_eal_get_runtime_dir());
	if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof(addr)) != 0 ||
			read(fd, hello, sizeof(hello)) <= 0)
		return -1;
	return fd;
}

/* One question. @return the answer's length; answers end with a 0. */
static ssize_t
ask_on(int fd, const char *question, char *answer)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	ssize_t n;

	if (write(fd, question, strlen(question)) < 0 || poll(&p, 1, DUT_WAIT_MS) != 1)
		return -1;
	n = read(fd, answer, ANSWER_LEN - 1);
	answer[n < 0 ? 0 : n] = '\0';
	return n;
}

/* The same, in words of a format, on a connection of its own. */
static const char *__rte_format_printf(1, 2)
ask(const char *format, ...)
{
	static char answer[ANSWER_LEN];
	char question[256];
	va_list ap;
	int fd;

	va_start(ap, format);
	vsnprintf(question, sizeof(question), format, ap);
	va_end(ap);
	fd = dial();
	assert_true(fd >= 0);
	assert_true(ask_on(fd, question, answer) > 0);
	close(fd);
	return answer;
}

static void
says(const char *answer, const char *what)
{
	if (strstr(answer, what) == NULL)
		fail_msg("no %s in: %s", what, answer);
}

static void
says_not(const char *answer, const char *what)
{
	if (strstr(answer, what) != NULL)
		fail_msg("%s in: %s", what, answer);
}

static void
says_number(const char *answer, const char *name, uint64_t value)
{
	const char *at;
	char what[64];

	snprintf(what, sizeof(what), "\"%s\":%" PRIu64, name, value);
	at = strstr(answer, what);
	if (at == NULL || strchr(",}", at[strlen(what)]) == NULL)
		fail_msg("no %s in: %s", what, answer);
}

static bool
is_packed(const struct dut *t)
{
	return (t->s->features & F_PACKED) != 0;
}

static void
test_states(void **state)
{
	const struct inproc_cfg cfg = {.nb_data_queues = 2};
	struct dut t;
	void *s;

	(void)state;
	says(ask("/crypto_virtio/list"), ":[]");
	dut_open(&t, &cfg, "timeout_ms=700");
	says(ask("/crypto_virtio/list"), t.name);
	says(ask("/crypto_virtio/info,%s", t.name), "\"state\":\"down\"");
	says(ask("/crypto_virtio/info,%u", t.id), t.name);
	says(ask("/crypto_virtio/queue,%u,0", t.id), ":null");

	s = dut_cipher_session(&t, true);
	assert_non_null(s);
	says(ask("/crypto_virtio/info,%u", t.id), "\"state\":\"parked\"");
	dut_configure(&t, 2, 64);
	says(ask("/crypto_virtio/queue,%u,1", t.id), "\"state\":\"stopped\"");
	says(ask("/crypto_virtio/queue_dump,%u,1", t.id), "\"requests\":{}");
	assert_int_equal(rte_cryptodev_start(t.id), 0);
	assert_true(dut_works(&t, 1, s));

	says(ask("/crypto_virtio/info,%u", t.id), "\"state\":\"up\"");
	says(ask("/crypto_virtio/info,%u", t.id), "\"transport\":\"inproc\"");
	says(ask("/crypto_virtio/info,%u", t.id), "\"present\":\"yes\"");
	says(ask("/crypto_virtio/info,%u", t.id), "\"DRIVER_OK\"");
	says(ask("/crypto_virtio/info,%u", t.id), "\"VERSION_1\"");
	says(ask("/crypto_virtio/info,%u", t.id),
			"\"queue_pairs\":{\"0\":\"live\",\"1\":\"live\"}");
	says_number(ask("/crypto_virtio/info,%u", t.id), "timeout_ms", 700);
	says_number(ask("/crypto_virtio/info,%u", t.id), "sessions", 1);
	says_number(ask("/crypto_virtio/info,%u", t.id), "faults", 0);
	says(ask("/crypto_virtio/queue,%u,1", t.id),
			is_packed(&t) ? "\"format\":\"packed" : "\"format\":\"split");
	says_number(ask("/crypto_virtio/queue,%u,1", t.id), "size", dut_entries(&t, 64));
	says_number(ask("/crypto_virtio/queue,%u,1", t.id), "free_slots", dut_entries(&t, 64));
	says_number(ask("/crypto_virtio/queue,%u,1", t.id), "enqueued", 1);
	says_number(ask("/crypto_virtio/queue,%u,1", t.id), "kicks", t.s->notifications);
	says_number(ask("/crypto_virtio/queue,%u,0", t.id), "enqueued", 0);

	dut_free_session(&t, s);
	says_number(ask("/crypto_virtio/info,%u", t.id), "sessions", 0);
	rte_cryptodev_stop(t.id);
	says(ask("/crypto_virtio/info,%u", t.id), "\"state\":\"down\"");
	says(ask("/crypto_virtio/queue,%u,1", t.id), "\"state\":\"stopped\"");
	/* The library releases the second queue pair. */
	dut_configure(&t, 1, 64);
	says(ask("/crypto_virtio/queue,%u,0", t.id), "\"state\":\"stopped\"");
	says(ask("/crypto_virtio/queue,%u,1", t.id), ":null");
	dut_close(&t);
	says(ask("/crypto_virtio/list"), ":[]");
	says(ask("/crypto_virtio/info,%u", t.id), ":null");
}

/* What the configuration says is what was put there, with names where there are any. */
static void
test_config(void **state)
{
	struct dut t;

	(void)state;
	dut_open(&t, NULL, NULL);
	says(ask("/crypto_virtio/config,%u", t.id), "\"hw_ready\":\"yes\"");
	says_number(ask("/crypto_virtio/config,%u", t.id), "max_dataqueues", 1);
	says_number(ask("/crypto_virtio/config,%u", t.id), "max_cipher_key_len", 64);
	says_number(ask("/crypto_virtio/config,%u", t.id), "max_auth_key_len", 512);
	says_number(ask("/crypto_virtio/config,%u", t.id), "max_size", 1 << 20);
	says(ask("/crypto_virtio/config,%u", t.id), "\"services\":\"0x1f\"");
	says(ask("/crypto_virtio/config,%u", t.id),
			"\"services_names\":[\"cipher\",\"hash\",\"mac\",\"aead\",\"akcipher\"]");
	says(ask("/crypto_virtio/config,%u", t.id), "\"AES-CBC\"");
	/* A number for which the driver has no name. */
	says(ask("/crypto_virtio/config,%u", t.id), "\"bit 5\"");
	dut_close(&t);
}

static void
test_sessions(void **state)
{
	struct dut t;
	void *s[3];

	(void)state;
	dut_open(&t, NULL, NULL);
	s[0] = dut_cipher_session(&t, true);
	s[1] = dut_chain_session(&t, true);
	s[2] = dut_chain_session(&t, true);
	assert_true(s[0] != NULL && s[1] != NULL && s[2] != NULL);
	says(ask("/crypto_virtio/info,%u", t.id),
			"{\"cipher\":1,\"chain\":2,\"hash\":0,\"mac\":0,\"aead\":0,\"null\":0,\"asym\":0}");
	says_number(ask("/crypto_virtio/info,%u", t.id), "sessions_made", 3);
	t.f->ctrl_status = 1;
	assert_null(dut_cipher_session(&t, true));
	t.f->ctrl_status = 0;
	says_number(ask("/crypto_virtio/info,%u", t.id), "sessions_refused", 1);
	dut_free_session(&t, s[1]);
	says(ask("/crypto_virtio/info,%u", t.id),
			"{\"cipher\":1,\"chain\":1,\"hash\":0,\"mac\":0,\"aead\":0,\"null\":0,\"asym\":0}");
	dut_free_session(&t, s[0]);
	dut_free_session(&t, s[2]);
	dut_close(&t);
}

static void
test_nonsense(void **state)
{
	static const char *const words[] = {
		"/crypto_virtio/list,0", "/crypto_virtio/info", "/crypto_virtio/info,",
		"/crypto_virtio/info,nobody", "/crypto_virtio/info,99", "/crypto_virtio/info,-1",
		"/crypto_virtio/info,0x0", "/crypto_virtio/info,0,0", "/crypto_virtio/info,0,",
		"/crypto_virtio/info,00000000000000000000", "/crypto_virtio/info,4294967296",
		"/crypto_virtio/config", "/crypto_virtio/config,0,0", "/crypto_virtio/config,256",
		"/crypto_virtio/queue", "/crypto_virtio/queue,0", "/crypto_virtio/queue,0,",
		"/crypto_virtio/queue,0,1", "/crypto_virtio/queue,0,-1",
		"/crypto_virtio/queue,0,65536", "/crypto_virtio/queue,0,0x0",
		"/crypto_virtio/queue,0,0,0", "/crypto_virtio/queue,0,99999999999999999999",
		"/crypto_virtio/queue,,0", "/crypto_virtio/queue_dump,0",
		"/crypto_virtio/queue_dump,0,1", "/crypto_virtio/queue_dump,0,zero",
	};
	unsigned int i;
	struct dut t;

	(void)state;
	dut_open(&t, NULL, NULL);
	dut_start(&t, 1, 64);
	/* The numbers above are of this device. */
	assert_int_equal(t.id, 0);
	for (i = 0; i < RTE_DIM(words); i++)
		says(ask("%s", words[i]), ":null}");
	says(ask("/crypto_virtio/queue,0,0"), "\"state\":\"live\"");
	dut_close(&t);
}

static void
test_fault(void **state)
{
	const struct inproc_cfg cfg = {.run = INPROC_RUN_MANUAL};
	struct rte_crypto_op *op, *back;
	struct dut t;
	void *s;

	(void)state;
	dut_open(&t, &cfg, NULL);
	dut_start(&t, 1, 64);
	s = dut_cipher_session(&t, true);
	op = dut_op(s, LEN);
	t.f->bad_id = true;
	t.f->nb_faulty = 1;
	dut_enqueue(&t, 0, &op, 1);
	inproc_poll(t.d, 1);
	dut_dequeue(&t, 0, &back, 1);
	says_number(ask("/crypto_virtio/info,%u", t.id), "faults", 1);
	says(ask("/crypto_virtio/queue,%u,0", t.id), "\"state\":\"dead\"");
	says_not(ask("/crypto_virtio/queue,%u,0", t.id), "\"fault\":\"no fault\"");
	says_number(ask("/crypto_virtio/queue,%u,0", t.id), "dequeue_errors", 1);
	dut_free_op(op);
	dut_free_session(&t, s);
	dut_close(&t);
}

/* ---- what is in flight, and what must not be told ---- */

/* Bytes that are nowhere else: neither in addresses nor in numbers. */
static void
secret(uint8_t *p, size_t len, uint8_t salt)
{
	size_t i;

	for (i = 0; i < len; i++)
		p[i] = (uint8_t)((i * 37 + salt * 91) ^ 0xe7) | 0x81;
}

/* No four bytes of a secret in a row are in the answer, as number of either base or order. */
static void
tells_not(const char *answer, const uint8_t *bytes, size_t len)
{
	const size_t answer_len = strlen(answer);
	char number[16];
	uint32_t le, be;
	size_t i;

	for (i = 0; i + 4 <= len; i++) {
		le = dut_get32(bytes + i);
		be = __builtin_bswap32(le);
		snprintf(number, sizeof(number), "%08x", le);
		says_not(answer, number);
		snprintf(number, sizeof(number), "%08x", be);
		says_not(answer, number);
		snprintf(number, sizeof(number), "%u", le);
		says_not(answer, number);
		snprintf(number, sizeof(number), "%u", be);
		says_not(answer, number);
		if (memmem(answer, answer_len, bytes + i, 4) != NULL)
			fail_msg("four bytes as they are in: %s", answer);
	}
}

/*
 * How often the bytes are in memory that this process may write; the same each time where a
 * sanitizer has filled the address space with memory of its own.
 */
static unsigned int
copies_of(const uint8_t *bytes, size_t len)
{
#ifdef __SANITIZE_ADDRESS__
	(void)bytes;
	(void)len;
	return UINT_MAX;
#else
	FILE *const maps = fopen("/proc/self/maps", "r");
	unsigned long from, to;
	const uint8_t *p;
	unsigned int n = 0;
	char line[512], may[5];

	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps) != NULL) {
		if (sscanf(line, "%lx-%lx %4s", &from, &to, may) != 3 || may[0] != 'r' ||
				may[1] != 'w')
			continue;
		for (p = (const uint8_t *)from;
				(p = memmem(p, to - (uintptr_t)p, bytes, len)) != NULL; p++)
			n++;
	}
	fclose(maps);
	return n;
#endif
}

struct secrets {
	uint8_t key[16];
	uint8_t auth_key[20];
	uint8_t iv[16];
	uint8_t data[LEN];
};

static void *
secret_session(struct dut *t, const struct secrets *x)
{
	struct rte_crypto_sym_xform auth = {
		.type = RTE_CRYPTO_SYM_XFORM_AUTH,
		.auth = {
			.op = RTE_CRYPTO_AUTH_OP_GENERATE,
			.algo = RTE_CRYPTO_AUTH_SHA1_HMAC,
			.key = {x->auth_key, sizeof(x->auth_key)},
			.digest_length = DUT_DIGEST_LEN,
		},
	};
	struct rte_crypto_sym_xform cipher = {
		.next = &auth,
		.type = RTE_CRYPTO_SYM_XFORM_CIPHER,
		.cipher = {
			.op = RTE_CRYPTO_CIPHER_OP_ENCRYPT,
			.algo = RTE_CRYPTO_CIPHER_AES_CBC,
			.key = {x->key, sizeof(x->key)},
			.iv = {DUT_IV_OFFSET, DUT_IV_LEN},
		},
	};

	return rte_cryptodev_sym_session_create(t->id, &cipher, t->sessions);
}

static unsigned int
occurrences(const char *in, const char *what)
{
	unsigned int n = 0;

	for (; (in = strstr(in, what)) != NULL; in++)
		n++;
	return n;
}

static void
test_dump(void **state)
{
	const struct inproc_cfg cfg = {.run = INPROC_RUN_MANUAL};
	struct rte_crypto_op *ops[NB_FLYING], *back[NB_FLYING];
	unsigned int copies[3];
	struct secrets x;
	const char *dump;
	struct dut t;
	void *s;
	int i;

	(void)state;
	secret(x.key, sizeof(x.key), 1);
	secret(x.auth_key, sizeof(x.auth_key), 2);
	secret(x.iv, sizeof(x.iv), 3);
	secret(x.data, sizeof(x.data), 4);
	dut_open(&t, &cfg, NULL);
	dut_start(&t, 1, 64);
	s = secret_session(&t, &x);
	assert_non_null(s);
	for (i = 0; i < NB_FLYING; i++) {
		ops[i] = dut_chain_op(s, LEN);
		memcpy(dut_data(ops[i]), x.data, LEN);
		memcpy(rte_crypto_op_ctod_offset(ops[i], uint8_t *, DUT_IV_OFFSET), x.iv,
				DUT_IV_LEN);
	}
	dut_enqueue(&t, 0, ops, NB_FLYING);

	copies[0] = copies_of(x.key, sizeof(x.key));
	copies[1] = copies_of(x.auth_key, sizeof(x.auth_key));
	copies[2] = copies_of(x.data, sizeof(x.data));
	assert_true(copies[0] > 1); /* so the search finds what there is */
	assert_true(copies[2] > NB_FLYING);
	dump = ask("/crypto_virtio/queue_dump,%u,0", t.id);
	says_number(dump, "in_flight", NB_FLYING);
	says_number(dump, "shown", NB_FLYING);
	assert_int_equal(occurrences(dump, "\"opcode\":\"0x0\""), NB_FLYING);
	assert_int_equal(occurrences(dump, "\"status\":\"0xa5\""), NB_FLYING);
	assert_int_equal(occurrences(dump, "\"descriptors\":6"), NB_FLYING);
	/* Header and IV, source, destination, digest, status. */
	assert_int_equal(occurrences(dump, "\"read 72 at"), NB_FLYING);
	assert_int_equal(occurrences(dump, "\"read 16 at"), NB_FLYING);
	assert_int_equal(occurrences(dump, "\"read 96 at"), NB_FLYING);
	assert_int_equal(occurrences(dump, "\"write 96 at"), NB_FLYING);
	assert_int_equal(occurrences(dump, "\"write 20 at"), NB_FLYING);
	assert_int_equal(occurrences(dump, "\"write 1 at"), NB_FLYING);
	/* The oldest comes first. */
	says_number(dump, "age", NB_FLYING);
	assert_true(strstr(dump, "\"age\":5") < strstr(dump, "\"age\":4"));
	assert_true(strstr(dump, "\"age\":2") < strstr(dump, "\"age\":1"));

	for (i = 0; i < 4; i++) {
		const char *const answer = ask("/crypto_virtio/%s,%u%s", i == 0 ? "info" : i == 1 ?
				"config" : i == 2 ? "queue" : "queue_dump", t.id, i > 1 ? ",0" : "");

		says_not(answer, ":null}");
		tells_not(answer, x.key, sizeof(x.key));
		tells_not(answer, x.auth_key, sizeof(x.auth_key));
		tells_not(answer, x.iv, sizeof(x.iv));
		tells_not(answer, x.data, sizeof(x.data));
	}
	assert_true(copies_of(x.key, sizeof(x.key)) <= copies[0]);
	assert_true(copies_of(x.auth_key, sizeof(x.auth_key)) <= copies[1]);
	assert_true(copies_of(x.data, sizeof(x.data)) <= copies[2]);

	while (inproc_poll(t.d, 1) != 0)
		;
	dut_dequeue(&t, 0, back, NB_FLYING);
	says_number(ask("/crypto_virtio/queue_dump,%u,0", t.id), "in_flight", 0);
	says(ask("/crypto_virtio/queue_dump,%u,0", t.id), "\"requests\":{}");
	for (i = 0; i < NB_FLYING; i++)
		dut_free_op(ops[i]);
	dut_free_session(&t, s);
	dut_close(&t);
}

/* A full queue of long tables: the answer is cut where it says so, and is whole. */
static void
test_bounds(void **state)
{
	const struct inproc_cfg cfg = {.run = INPROC_RUN_MANUAL};
	struct rte_crypto_op *ops[64], *back[64];
	struct rte_mbuf *m;
	const char *dump;
	struct dut t;
	int i, j, nb;
	void *s;

	(void)state;
	dut_open(&t, &cfg, NULL);
	dut_start(&t, 1, 1024);
	s = dut_cipher_session(&t, true);
	for (i = 0; i < 64; i++) {
		ops[i] = dut_op(s, 16);
		for (j = 0; j < 20; j++) {
			m = rte_pktmbuf_alloc(dut_mbufs);
			assert_non_null(m);
			assert_non_null(rte_pktmbuf_append(m, 16));
			assert_int_equal(rte_pktmbuf_chain(ops[i]->sym->m_src, m), 0);
		}
		ops[i]->sym->cipher.data.length = 21 * 16;
	}
	nb = rte_cryptodev_enqueue_burst(t.id, 0, ops, 64);
	assert_true(nb > 16);
	dump = ask("/crypto_virtio/queue_dump,%u,0", t.id);
	says_number(dump, "shown", 16);
	says_number(dump, "in_flight", nb);
	assert_int_equal(occurrences(dump, "\"descriptors\":45"), 16);
	assert_int_equal(occurrences(dump, " at 0x"), 16 * 12);
	assert_string_equal(dump + strlen(dump) - 5, "]}}}}");
	while (inproc_poll(t.d, 64) != 0)
		;
	dut_dequeue(&t, 0, back, nb);
	for (i = 0; i < 64; i++)
		dut_free_op(ops[i]);
	dut_free_session(&t, s);
	dut_close(&t);
}

/* ---- beside everything else ---- */

static bool end_of_questions; /* atomic */
static uint64_t nb_answers, nb_bad; /* atomic */

static void *
asker(void *arg)
{
	static const char *const words[] = {
		"/crypto_virtio/list", "/crypto_virtio/info,0", "/crypto_virtio/config,0",
		"/crypto_virtio/queue,0,0", "/crypto_virtio/queue_dump,0,0",
		"/crypto_virtio/queue,0,1", "/crypto_virtio/queue_dump,0,1",
	};
	char *const answer = malloc(ANSWER_LEN);
	const int fd = dial();
	unsigned int i;

	(void)arg;
	for (i = 0; !__atomic_load_n(&end_of_questions, __ATOMIC_ACQUIRE); i++) {
		const char *const word = words[i % RTE_DIM(words)];

		if (answer == NULL || ask_on(fd, word, answer) <= 0 || answer[0] != '{' ||
				answer[strlen(answer) - 1] != '}')
			__atomic_fetch_add(&nb_bad, 1, __ATOMIC_RELAXED);
		__atomic_fetch_add(&nb_answers, 1, __ATOMIC_RELAXED);
	}
	close(fd);
	free(answer);
	return NULL;
}

static void
traffic(struct dut *t, uint16_t qp, void *session)
{
	struct rte_crypto_op *ops[TRAFFIC], *back[TRAFFIC];
	int i;

	for (i = 0; i < TRAFFIC; i++)
		ops[i] = dut_op(session, LEN);
	dut_enqueue(t, qp, ops, TRAFFIC);
	dut_dequeue(t, qp, back, TRAFFIC);
	for (i = 0; i < TRAFFIC; i++) {
		assert_int_equal(back[i]->status, RTE_CRYPTO_OP_STATUS_SUCCESS);
		assert_true(dut_encrypted(back[i], LEN));
		dut_free_op(back[i]);
	}
}

static void
test_beside(void **state)
{
	const struct inproc_cfg cfg = {.run = INPROC_RUN_THREAD, .nb_data_queues = 2};
	pthread_t threads[2];
	unsigned int i, j;
	uint64_t before;
	struct dut t;
	void *s;

	(void)state;
	for (i = 0; i < RTE_DIM(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, asker, NULL), 0);
	for (i = 0; i < 30; i++) {
		before = __atomic_load_n(&nb_answers, __ATOMIC_RELAXED);
		dut_open(&t, &cfg, NULL);
		dut_start(&t, 1 + i % 2, 64);
		s = dut_cipher_session(&t, true);
		for (j = 0; j < 20 || __atomic_load_n(&nb_answers, __ATOMIC_RELAXED) < before + 14;
				j++)
			traffic(&t, i % 2, s);
		rte_cryptodev_stop(t.id);
		dut_configure(&t, 2, 128);
		assert_int_equal(rte_cryptodev_start(t.id), 0);
		traffic(&t, 1, s);
		dut_free_session(&t, s);
		dut_close(&t);
	}
	__atomic_store_n(&end_of_questions, true, __ATOMIC_RELEASE);
	for (i = 0; i < RTE_DIM(threads); i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(nb_bad, 0);
}

static int
teardown(void **state)
{
	char folder[256];
	int ret;

	snprintf(folder, sizeof(folder), "%s", rte_eal_get_runtime_dir());
	ret = dut_eal_teardown(state);
	rmdir(folder); /* EAL leaves it behind */
	return ret;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_config),
		cmocka_unit_test(test_sessions),
		cmocka_unit_test(test_nonsense),
		cmocka_unit_test(test_fault),
		cmocka_unit_test(test_dump),
		cmocka_unit_test(test_bounds),
		cmocka_unit_test(test_beside),
	};

	return cmocka_run_group_tests_name("telemetry", tests, dut_eal_setup_telemetry, teardown);
}
