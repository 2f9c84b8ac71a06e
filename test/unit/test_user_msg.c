/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * vhost-user messages: the bytes that the driver sends, literally, from the offsets in
 * the protocol's description ("Message Specification" of QEMU's vhost-user text, as a
 * little-endian machine writes them), and what it does about answers that are late,
 * wrong, too short, too long, or come with descriptors.
 *
 * The back end is a script that a thread plays on the other end of a socket pair.
 */

#include "unit_eal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <rte_log.h>

#include "virtio_log.h"
#include "virtio_user/vhost_user.h"

#define QUICK_MS 40 /* where an answer never comes */
#define PATIENT_MS 60000 /* where it does: never reached */

#define REPLY_ACK (UINT64_C(1) << 3)

/* What the back end does about one message. */
struct step {
	const char *expect; /* hexadecimal; spaces do not count */
	unsigned int expect_fds;
	const char *reply; /* NULL: none */
	unsigned int reply_fds; /* beside the first byte */
	unsigned int late_fds; /* beside the second half */
	bool hang_up; /* after the reply */
};

static struct {
	int fd;
	const struct step *steps;
	unsigned int nb, done;
	char why[256]; /* the first thing that was not as expected */
	pthread_t thread;
} script;

static struct vcrypto_vhost_user vu;

static size_t
from_hex(const char *text, uint8_t *out)
{
	size_t n = 0;
	unsigned int byte;

	while (*text != '\0') {
		if (*text == ' ') {
			text++;
			continue;
		}
		if (sscanf(text, "%2x", &byte) != 1)
			abort();
		out[n++] = (uint8_t)byte;
		text += 2;
	}
	return n;
}

static void
complain(const char *what, const uint8_t *got, ssize_t len)
{
	size_t used;
	ssize_t i;

	if (script.why[0] != '\0')
		return;
	used = (size_t)snprintf(script.why, sizeof(script.why), "step %u: %s:", script.done, what);
	for (i = 0; i < len && used < sizeof(script.why) - 4; i++)
		used += (size_t)snprintf(script.why + used, sizeof(script.why) - used, " %02x",
			got[i]);
}

static void
send_bytes(const uint8_t *bytes, size_t len, unsigned int nb_fds)
{
	union {
		struct cmsghdr align;
		uint8_t bytes[CMSG_SPACE(sizeof(int) * 300)];
	} control;
	struct iovec iov = { .iov_base = (void *)(uintptr_t)bytes, .iov_len = len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *c;
	unsigned int i;
	int zero = 0;

	if (nb_fds != 0) {
		memset(&control, 0, sizeof(control));
		msg.msg_control = &control;
		msg.msg_controllen = CMSG_SPACE(sizeof(int) * nb_fds);
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * nb_fds);
		for (i = 0; i < nb_fds; i++)
			memcpy(CMSG_DATA(c) + i * sizeof(int), &zero, sizeof(int));
	}
	/* The driver may have hung up already. */
	if (len != 0 && sendmsg(script.fd, &msg, MSG_NOSIGNAL) < 0 && errno != EPIPE)
		complain("sendmsg", NULL, 0);
}

static void
play(const struct step *s)
{
	union {
		struct cmsghdr align;
		uint8_t bytes[CMSG_SPACE(sizeof(int) * 16)];
	} control;
	uint8_t want[512], got[512], reply[512];
	size_t len = from_hex(s->expect, want), done = 0, half;
	struct iovec iov;
	struct msghdr msg;
	struct cmsghdr *c;
	unsigned int fds = 0, i;
	ssize_t n;
	int fd;

	while (done < len) {
		iov = (struct iovec){ got + done, len - done };
		msg = (struct msghdr){ .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
			.msg_controllen = sizeof(control) };
		n = recvmsg(script.fd, &msg, 0);
		if (n <= 0) {
			complain("the driver hung up", got, (ssize_t)done);
			return;
		}
		for (c = CMSG_FIRSTHDR(&msg); c != NULL; c = CMSG_NXTHDR(&msg, c)) {
			for (i = 0; i < (c->cmsg_len - CMSG_LEN(0)) / sizeof(int); i++, fds++) {
				memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
				close(fd);
			}
			if (done != 0)
				complain("descriptors not beside the first byte", got, n);
		}
		done += (size_t)n;
	}
	if (memcmp(got, want, len) != 0)
		complain("sent", got, (ssize_t)len);
	if (fds != s->expect_fds)
		complain("number of descriptors", NULL, 0);
	if (s->reply != NULL) {
		len = from_hex(s->reply, reply);
		half = s->late_fds != 0 ? len / 2 : len;
		send_bytes(reply, half, s->reply_fds);
		send_bytes(reply + half, len - half, s->late_fds);
	}
}

static void *
play_all(void *arg)
{
	uint8_t more[16];
	ssize_t n;

	for (; script.done < script.nb; script.done++) {
		play(&script.steps[script.done]);
		if (script.steps[script.done].hang_up) {
			script.done++;
			shutdown(script.fd, SHUT_RDWR);
			return arg;
		}
	}
	n = recv(script.fd, more, sizeof(more), 0);
	if (n > 0)
		complain("more than the script has", more, n);
	return arg;
}

static void
begin(const struct step *steps, unsigned int nb, uint64_t protocol, unsigned int timeout_ms)
{
	int pair[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(fcntl(pair[0], F_SETFL, O_NONBLOCK), 0);
	memset(&script, 0, sizeof(script));
	script.fd = pair[1];
	script.steps = steps;
	script.nb = nb;
	vu = (struct vcrypto_vhost_user){ .dev_name = "unit0", .fd = pair[0],
		.timeout_ms = timeout_ms, .protocol = protocol };
	assert_int_equal(pthread_create(&script.thread, NULL, play_all, NULL), 0);
}

/* The script has been played to its end, and nothing more was sent. */
static void
end(void)
{
	vcrypto_vhost_user_close(&vu);
	assert_int_equal(vu.fd, -1);
	pthread_join(script.thread, NULL);
	close(script.fd);
	if (script.why[0] != '\0')
		fail_msg("%s", script.why);
	assert_int_equal(script.done, script.nb);
}

/* Lines that are logged. */
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

/* One line, with this in it; NULL: none. */
static void
log_end(const char *says)
{
	const char *nl;

	rte_openlog_stream(NULL);
	fclose(log_file);
	if (says == NULL) {
		if (log_len != 0)
			fail_msg("logged: %s", log_text);
	} else {
		nl = strchr(log_text, '\n');
		if (nl == NULL || nl[1] != '\0' || strstr(log_text, says) == NULL ||
				strstr(log_text, "unit0") == NULL)
			fail_msg("not one line with \"%s\": %s", says, log_text);
	}
	free(log_text);
}

/* ---- golden bytes ---- */

#define ACK(request) request " 05000000 08000000 0000000000000000"

/* Features 0x170000000; all protocol features, of which four are taken; five queues. */
#define HANDSHAKE \
	{ "01000000 01000000 00000000", 0, "01000000 05000000 08000000 0000007001000000", 0, 0, \
		false }, \
	{ "0f000000 01000000 00000000", 0, "0f000000 05000000 08000000 ffffffffffffffff", 0, 0, \
		false }, \
	{ "10000000 01000000 08000000 0902010000000000", 0, NULL, 0, 0, false }, \
	{ "03000000 09000000 00000000", 0, ACK("03000000"), 0, 0, false }, \
	{ "11000000 01000000 00000000", 0, "11000000 05000000 08000000 0500000000000000", 0, 0, \
		false }

static void
test_handshake(void **state)
{
	const struct step steps[] = { HANDSHAKE };
	struct vcrypto_vhost_user_info info;

	(void)state;
	begin(steps, UNIT_DIM(steps), 77, PATIENT_MS);
	assert_int_equal(vcrypto_vhost_user_handshake(&vu, &info), 0);
	assert_true(info.features == UINT64_C(0x170000000));
	assert_int_equal(info.nb_queues, 5);
	assert_int_equal(vu.protocol, 0x10209);
	end();
}

/* A back end that knows CONFIG and nothing else. */
static void
test_handshake_least(void **state)
{
	const struct step steps[] = {
		{ "01000000 01000000 00000000", 0, "01000000 05000000 08000000 0000004001000000",
			0, 0, false },
		{ "0f000000 01000000 00000000", 0, "0f000000 05000000 08000000 0002000000000000",
			0, 0, false },
		{ "10000000 01000000 08000000 0002000000000000", 0, NULL, 0, 0, false },
		{ "03000000 01000000 00000000", 0, NULL, 0, 0, false },
	};
	struct vcrypto_vhost_user_info info;

	(void)state;
	begin(steps, UNIT_DIM(steps), 0, PATIENT_MS);
	assert_int_equal(vcrypto_vhost_user_handshake(&vu, &info), 0);
	assert_int_equal(info.nb_queues, 256);
	end();
}

static void
test_handshake_useless(void **state)
{
	const struct step no_protocol[] = {
		{ "01000000 01000000 00000000", 0, "01000000 05000000 08000000 0000003001000000",
			0, 0, false },
	};
	const struct step no_config[] = {
		{ "01000000 01000000 00000000", 0, "01000000 05000000 08000000 0000004001000000",
			0, 0, false },
		{ "0f000000 01000000 00000000", 0, "0f000000 05000000 08000000 fffdffffffffffff",
			0, 0, false },
	};
	struct vcrypto_vhost_user_info info;

	(void)state;
	begin(no_protocol, UNIT_DIM(no_protocol), 0, PATIENT_MS);
	log_begin();
	assert_int_equal(vcrypto_vhost_user_handshake(&vu, &info), -ENOTSUP);
	log_end("no protocol features");
	end();
	begin(no_config, UNIT_DIM(no_config), 0, PATIENT_MS);
	log_begin();
	assert_int_equal(vcrypto_vhost_user_handshake(&vu, &info), -ENOTSUP);
	log_end("lacks the protocol feature CONFIG");
	assert_int_equal(vcrypto_vhost_user_set_u64(&vu, VHOST_USER_SET_STATUS, 0), -ENOTCONN);
	end();
}

/* The back end goes, or says nothing, at each step. */
static void
test_handshake_broken_off(void **state)
{
	const struct step whole[] = { HANDSHAKE };
	static const char *const names[] = { "GET_FEATURES", "GET_PROTOCOL_FEATURES", NULL,
		"SET_OWNER", "GET_QUEUE_NUM" };
	struct step steps[UNIT_DIM(whole)];
	struct vcrypto_vhost_user_info info;
	unsigned int i, fds = unit_nb_open();

	(void)state;
	for (i = 0; i < UNIT_DIM(whole); i++) {
		memcpy(steps, whole, sizeof(steps));
		steps[i].reply = NULL;
		steps[i].hang_up = true;
		begin(steps, i + 1, 0, PATIENT_MS);
		log_begin();
		assert_int_equal(vcrypto_vhost_user_handshake(&vu, &info), -ECONNRESET);
		log_end("hung up");
		end();
		if (names[i] == NULL)
			continue;
		steps[i].hang_up = false;
		begin(steps, i + 1, 0, QUICK_MS);
		log_begin();
		assert_int_equal(vcrypto_vhost_user_handshake(&vu, &info), -ETIMEDOUT);
		log_end(names[i]);
		end();
	}
	assert_int_equal(unit_nb_open(), fds);
}

struct case_ {
	struct step step;
	int (*run)(void);
};

static int
run_set_features(void)
{
	return vcrypto_vhost_user_set_u64(&vu, VHOST_USER_SET_FEATURES,
		UINT64_C(0x0102030405060708));
}

static int
run_set_status(void)
{
	return vcrypto_vhost_user_set_u64(&vu, VHOST_USER_SET_STATUS, 0x0f);
}

static int
run_vring_num(void)
{
	return vcrypto_vhost_user_set_vring(&vu, VHOST_USER_SET_VRING_NUM, 2, 1024);
}

static int
run_vring_base(void)
{
	return vcrypto_vhost_user_set_vring(&vu, VHOST_USER_SET_VRING_BASE, 1, 0x80008000);
}

static int
run_vring_enable(void)
{
	return vcrypto_vhost_user_set_vring(&vu, VHOST_USER_SET_VRING_ENABLE, 64, 1);
}

static int
run_vring_addr(void)
{
	return vcrypto_vhost_user_set_vring_addr(&vu, 3, 0x1111222233334440, 0x5555666677778880,
		0x99990000aaaabbb0);
}

static int
run_vring_kick(void)
{
	return vcrypto_vhost_user_set_vring_fd(&vu, VHOST_USER_SET_VRING_KICK, 4, 0);
}

static int
run_vring_call(void)
{
	return vcrypto_vhost_user_set_vring_fd(&vu, VHOST_USER_SET_VRING_CALL, 255, 0);
}

static int
run_mem_table(void)
{
	const struct vcrypto_mem_table table = { .nb = 2, .regions = {
		{ .addr = 0x100000000, .len = 0x200000, .offset = 0x3000, .fd = 0 },
		{ .addr = 0x7f0000000000, .len = 0x1000, .offset = 0, .fd = 0 },
	} };

	return vcrypto_vhost_user_set_mem_table(&vu, &table);
}

#define HEAD(request, size) request " 09000000 " size " "

static const struct case_ tells[] = {
	{ { HEAD("02000000", "08000000") "0807060504030201", 0, ACK("02000000"), 0, 0, false },
		run_set_features },
	{ { HEAD("27000000", "08000000") "0f00000000000000", 0, ACK("27000000"), 0, 0, false },
		run_set_status },
	{ { HEAD("08000000", "08000000") "02000000 00040000", 0, ACK("08000000"), 0, 0, false },
		run_vring_num },
	{ { HEAD("0a000000", "08000000") "01000000 00800080", 0, ACK("0a000000"), 0, 0, false },
		run_vring_base },
	{ { HEAD("12000000", "08000000") "40000000 01000000", 0, ACK("12000000"), 0, 0, false },
		run_vring_enable },
	/* index, flags; descriptors, used (device area), available (driver area), log */
	{ { HEAD("09000000", "28000000") "03000000 00000000 4044333322221111"
		"b0bbaaaa00009999 8088777766665555 0000000000000000", 0, ACK("09000000"), 0, 0,
		false }, run_vring_addr },
	{ { HEAD("0c000000", "08000000") "0400000000000000", 1, ACK("0c000000"), 0, 0, false },
		run_vring_kick },
	{ { HEAD("0d000000", "08000000") "ff00000000000000", 1, ACK("0d000000"), 0, 0, false },
		run_vring_call },
	/* regions, padding; each guest address, size, user address, offset in the file */
	{ { HEAD("05000000", "48000000") "02000000 00000000"
		"0000000001000000 0000200000000000 0000000001000000 0030000000000000"
		"00000000007f0000 0010000000000000 00000000007f0000 0000000000000000", 2,
		ACK("05000000"), 0, 0, false }, run_mem_table },
};

static void
test_tell(void **state)
{
	struct step step;
	unsigned int i;

	(void)state;
	for (i = 0; i < UNIT_DIM(tells); i++) {
		int (*const run)(void) = tells[i].run;
		char text[512], *flags;

		step = tells[i].step;
		begin(&step, 1, REPLY_ACK, PATIENT_MS);
		assert_int_equal(run(), 0);
		end();

		/* Refused: the connection goes on. */
		snprintf(text, sizeof(text), "%s", step.reply);
		text[strlen(text) - 16 + 1] = '1';
		step.reply = text;
		begin(&step, 1, REPLY_ACK, PATIENT_MS);
		log_begin();
		assert_int_equal(run(), -EREMOTEIO);
		log_end("refuses it (code 1)");
		assert_int_equal(vcrypto_vhost_user_check_idle(&vu), 0);
		end();

		/* No acknowledgement agreed: none is asked for, none awaited. */
		snprintf(text, sizeof(text), "%s", step.expect);
		flags = strstr(text, " 09");
		flags[2] = '1';
		step.expect = text;
		step.reply = NULL;
		begin(&step, 1, 0, PATIENT_MS);
		assert_int_equal(run(), 0);
		end();
	}
}

static void
test_ask(void **state)
{
	const struct step status = { "28000000 01000000 00000000", 0,
		"28000000 05000000 08000000 4f00000000000000", 0, 0, false };
	const struct step base = { "0b000000 01000000 08000000 07000000 00000000", 0,
		"0b000000 05000000 08000000 07000000 34120000", 0, 0, false };
	const struct step other = { "0b000000 01000000 08000000 07000000 00000000", 0,
		"0b000000 05000000 08000000 06000000 34120000", 0, 0, false };
	uint64_t value;
	uint32_t num;

	(void)state;
	begin(&status, 1, REPLY_ACK, PATIENT_MS);
	assert_int_equal(vcrypto_vhost_user_get_u64(&vu, VHOST_USER_GET_STATUS, &value), 0);
	assert_int_equal(value, 0x4f);
	end();
	begin(&base, 1, REPLY_ACK, PATIENT_MS);
	assert_int_equal(vcrypto_vhost_user_get_vring_base(&vu, 7, &num), 0);
	assert_int_equal(num, 0x1234);
	end();
	begin(&other, 1, REPLY_ACK, PATIENT_MS);
	log_begin();
	assert_int_equal(vcrypto_vhost_user_get_vring_base(&vu, 7, &num), -EPROTO);
	log_end("for queue 6, not 7");
	end();
}

#define CONFIG_ASK "18000000 01000000 18000000 00000000 0c000000 00000000 " \
	"000000000000000000000000"

static void
test_config(void **state)
{
	static const struct {
		const char *reply;
		int ret;
		const char *says;
	} cases[] = {
		{ "18000000 05000000 18000000 00000000 0c000000 00000000 0102030405060708090a0b0c",
			0, NULL },
		/* The back end's way to say no: no payload, or one without configuration. */
		{ "18000000 05000000 00000000", -EPROTO, "0 bytes, not 24" },
		{ "18000000 05000000 0c000000 00000000 00000000 00000000", -EPROTO,
			"12 bytes, not 24" },
		{ "18000000 05000000 18000000 00000000 00000000 00000000 000000000000000000000000",
			-EPROTO, "bytes 0 to 0" },
		{ "18000000 05000000 18000000 04000000 0c000000 00000000 000000000000000000000000",
			-EPROTO, "bytes 4 to 16" },
		{ "18000000 05000000 19000000 00000000 0d000000 00000000 0102030405060708090a0b0c"
			"0d", -EPROTO, "25 bytes, not 24" },
	};
	struct step step = { CONFIG_ASK, 0, NULL, 0, 0, false };
	uint8_t config[12];
	unsigned int i;

	(void)state;
	for (i = 0; i < UNIT_DIM(cases); i++) {
		step.reply = cases[i].reply;
		begin(&step, 1, REPLY_ACK, PATIENT_MS);
		log_begin();
		assert_int_equal(vcrypto_vhost_user_get_config(&vu, config, 12), cases[i].ret);
		log_end(cases[i].says);
		if (cases[i].ret == 0)
			assert_memory_equal(config, "\1\2\3\4\5\6\7\10\11\12\13\14", 12);
		else
			assert_int_equal(vcrypto_vhost_user_check_idle(&vu), -ENOTCONN);
		end();
	}
}

/* ---- peers that do not keep to it ---- */

static void
test_wrong_answers(void **state)
{
	static const struct {
		const char *what;
		struct step step;
		int ret;
		const char *says;
	} cases[] = {
#define ASK "28000000 01000000 00000000"
		{ "silence", { ASK, 0, NULL, 0, 0, false }, -ETIMEDOUT, "no answer" },
		{ "half a header", { ASK, 0, "28000000 0500", 0, 0, false }, -ETIMEDOUT,
			"no answer" },
		{ "no payload", { ASK, 0, "28000000 05000000 08000000", 0, 0, false },
			-ETIMEDOUT, "no answer" },
		{ "half a payload", { ASK, 0, "28000000 05000000 08000000 0f000000", 0, 0, false },
			-ETIMEDOUT, "no answer" },
		{ "hang-up", { ASK, 0, NULL, 0, 0, true }, -ECONNRESET, "hung up" },
		{ "hang-up in the header", { ASK, 0, "28000000 0500", 0, 0, true }, -ECONNRESET,
			"hung up" },
		{ "hang-up in the payload", { ASK, 0, "28000000 05000000 08000000 0f", 0, 0, true },
			-ECONNRESET, "hung up" },
		{ "another request", { ASK, 0, "27000000 05000000 08000000 0f00000000000000", 0,
			0, false }, -EPROTO, "request 39" },
		{ "an unknown request", { ASK, 0, "ffffffff 05000000 08000000 0f00000000000000", 0,
			0, false }, -EPROTO, "request 4294967295" },
		{ "not an answer", { ASK, 0, "28000000 01000000 08000000 0f00000000000000", 0, 0,
			false }, -EPROTO, "flags 0x1" },
		{ "another version", { ASK, 0, "28000000 06000000 08000000 0f00000000000000", 0,
			0, false }, -EPROTO, "flags 0x6" },
		{ "unknown flags", { ASK, 0, "28000000 15000000 08000000 0f00000000000000", 0, 0,
			false }, -EPROTO, "flags 0x15" },
		{ "too short", { ASK, 0, "28000000 05000000 04000000 0f000000", 0, 0, false },
			-EPROTO, "4 bytes, not 8" },
		{ "empty", { ASK, 0, "28000000 05000000 00000000", 0, 0, false }, -EPROTO,
			"0 bytes, not 8" },
		{ "too long", { ASK, 0, "28000000 05000000 0c000000 0f00000000000000 00000000", 0,
			0, false }, -EPROTO, "12 bytes, not 8" },
		{ "huge", { ASK, 0, "28000000 05000000 ffffffff 0f00000000000000", 0, 0, false },
			-EPROTO, "4294967295 bytes" },
		{ "a descriptor", { ASK, 0, "28000000 05000000 08000000 0f00000000000000", 1, 0,
			false }, -EPROTO, "1 file descriptors" },
		{ "descriptors", { ASK, 0, "28000000 05000000 08000000 0f00000000000000", 253, 0,
			false }, -EPROTO, "253 file descriptors" },
		{ "late descriptors", { ASK, 0, "28000000 05000000 08000000 0f00000000000000", 0,
			2, false }, -EPROTO, "2 file descriptors" },
		{ "both", { ASK, 0, "28000000 05000000 08000000 0f00000000000000", 3, 2, false },
			-EPROTO, "5 file descriptors" },
		{ "need-reply left set", { ASK, 0,
			"28000000 0d000000 08000000 0f00000000000000", 0, 0, false }, 0, NULL },
	};
	const unsigned int fds = unit_nb_open();
	uint64_t value, start;
	unsigned int i;

	(void)state;
	for (i = 0; i < UNIT_DIM(cases); i++) {
		const bool late = cases[i].ret == -ETIMEDOUT;

		begin(&cases[i].step, 1, REPLY_ACK, late ? QUICK_MS : PATIENT_MS);
		log_begin();
		start = vcrypto_vhost_user_now_ms();
		if (vcrypto_vhost_user_get_u64(&vu, VHOST_USER_GET_STATUS, &value) != cases[i].ret)
			fail_msg("%s: not %d", cases[i].what, cases[i].ret);
		if (late)
			assert_true(vcrypto_vhost_user_now_ms() - start >= QUICK_MS);
		log_end(cases[i].says);
		if (cases[i].ret != 0) {
			/* Out of step for good, and no second word about it. */
			log_begin();
			assert_int_equal(vcrypto_vhost_user_set_u64(&vu, VHOST_USER_SET_STATUS, 0),
				-ENOTCONN);
			assert_int_equal(vcrypto_vhost_user_check_idle(&vu), -ENOTCONN);
			log_end(NULL);
		}
		end();
		if (unit_nb_open() != fds)
			fail_msg("%s: descriptors stay open", cases[i].what);
	}
}

/* Bytes behind an answer are not taken for the next one. */
static void
test_second_answer(void **state)
{
	const struct step steps[] = {
		{ ASK, 0, "28000000 05000000 08000000 0f00000000000000"
			"28000000 05000000 08000000 4f00000000000000", 0, 0, false },
	};
	uint64_t value;

	(void)state;
	begin(steps, 1, REPLY_ACK, PATIENT_MS);
	assert_int_equal(vcrypto_vhost_user_get_u64(&vu, VHOST_USER_GET_STATUS, &value), 0);
	assert_int_equal(value, 0x0f);
	log_begin();
	assert_int_equal(vcrypto_vhost_user_get_u64(&vu, VHOST_USER_GET_STATUS, &value), -EPROTO);
	log_end("nobody asked for");
	end();
}

static void
wait_readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	assert_int_equal(poll(&p, 1, PATIENT_MS), 1);
}

static void
test_unasked(void **state)
{
	static const struct {
		struct step step;
		int ret;
		const char *says;
	} cases[] = {
		{ { "", 0, "02000000 01000000 00000000", 0, 0, false }, -EPROTO, "nobody asked" },
		{ { "", 0, "00", 0, 0, false }, -EPROTO, "(1 bytes, 0 descriptors)" },
		{ { "", 0, "02000000 01000000 00000000", 7, 0, false }, -EPROTO, "7 descriptors" },
		{ { "", 0, NULL, 0, 0, true }, -ECONNRESET, NULL },
	};
	const unsigned int fds = unit_nb_open();
	unsigned int i;

	(void)state;
	for (i = 0; i < UNIT_DIM(cases); i++) {
		begin(&cases[i].step, 1, REPLY_ACK, PATIENT_MS);
		wait_readable(vu.fd);
		log_begin();
		assert_int_equal(vcrypto_vhost_user_check_idle(&vu), cases[i].ret);
		log_end(cases[i].says);
		assert_int_equal(vcrypto_vhost_user_check_idle(&vu), -ENOTCONN);
		end();
		assert_int_equal(unit_nb_open(), fds);
	}
}

/* A back end that reads nothing: the send is bounded as well. */
static void
test_deaf(void **state)
{
	int pair[2], ret, i;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(fcntl(pair[0], F_SETFL, O_NONBLOCK), 0);
	vu = (struct vcrypto_vhost_user){ .dev_name = "unit0", .fd = pair[0],
		.timeout_ms = QUICK_MS };
	log_begin();
	for (i = 0, ret = 0; i < 1000000 && ret == 0; i++)
		ret = run_vring_num();
	assert_int_equal(ret, -ETIMEDOUT);
	log_end("SET_VRING_NUM");
	vcrypto_vhost_user_close(&vu);
	close(pair[1]);
}

/* A limit on the whole: each answer comes in time, all together do not. */
static void
test_not_after(void **state)
{
	const struct step steps[] = { { ASK, 0, NULL, 0, 0, false } };
	uint64_t value, start = vcrypto_vhost_user_now_ms();

	(void)state;
	begin(steps, 1, 0, PATIENT_MS);
	vu.not_after = start + QUICK_MS;
	log_begin();
	assert_int_equal(vcrypto_vhost_user_get_u64(&vu, VHOST_USER_GET_STATUS, &value),
		-ETIMEDOUT);
	log_end("no answer");
	assert_true(vcrypto_vhost_user_now_ms() - start < PATIENT_MS);
	end();
}

static void
test_quiet(void **state)
{
	const struct step steps[] = { { ASK, 0, NULL, 0, 0, true } };
	uint64_t value;

	(void)state;
	begin(steps, 1, 0, PATIENT_MS);
	vu.quiet = true;
	log_begin();
	assert_int_equal(vcrypto_vhost_user_get_u64(&vu, VHOST_USER_GET_STATUS, &value),
		-ECONNRESET);
	log_end(NULL);
	end();
}

/* ---- sockets ---- */

static void
test_sockets(void **state)
{
	char dir[] = "/tmp/test_user.XXXXXX", path[64], name[200];
	const unsigned int fds = unit_nb_open();
	int l, l2, a, b, file;
	struct stat st;

	(void)state;
	assert_non_null(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/s", dir);
	assert_int_equal(vcrypto_vhost_user_dial(path), -ENOENT);

	l = vcrypto_vhost_user_listen(path);
	assert_true(l >= 0);
	assert_int_equal(vcrypto_vhost_user_accept(l), -EAGAIN);
	a = vcrypto_vhost_user_dial(path);
	assert_true(a >= 0);
	b = vcrypto_vhost_user_accept(l);
	assert_true(b >= 0);
	assert_int_equal(fcntl(a, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
	assert_int_equal(fcntl(b, F_GETFL) & O_NONBLOCK, O_NONBLOCK);
	assert_int_equal(fcntl(a, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	assert_int_equal(fcntl(b, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	close(a);
	close(b);

	/* Somebody listens: the path is taken, and stays. */
	assert_int_equal(vcrypto_vhost_user_listen(path), -EADDRINUSE);
	a = vcrypto_vhost_user_dial(path);
	assert_true(a >= 0);
	close(a);
	close(l);
	/* Nobody any more: what is left there is replaced. */
	assert_int_equal(vcrypto_vhost_user_dial(path), -ECONNREFUSED);
	l2 = vcrypto_vhost_user_listen(path);
	assert_true(l2 >= 0);
	close(l2);
	unlink(path);

	/* A file is nobody's leftover. */
	file = open(path, O_CREAT | O_EXCL | O_WRONLY, 0600);
	assert_true(file >= 0);
	close(file);
	assert_int_equal(vcrypto_vhost_user_listen(path), -EADDRINUSE);
	assert_int_equal(lstat(path, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	unlink(path);

	memset(name, 'x', sizeof(name));
	name[sizeof(((struct sockaddr_un *)0)->sun_path)] = '\0';
	assert_int_equal(vcrypto_vhost_user_dial(name), -ENAMETOOLONG);
	assert_int_equal(vcrypto_vhost_user_listen(name), -ENAMETOOLONG);
	rmdir(dir);
	assert_int_equal(vcrypto_vhost_user_listen(path), -ENOENT);
	assert_int_equal(unit_nb_open(), fds);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_handshake),
		cmocka_unit_test(test_handshake_least),
		cmocka_unit_test(test_handshake_useless),
		cmocka_unit_test(test_handshake_broken_off),
		cmocka_unit_test(test_tell),
		cmocka_unit_test(test_ask),
		cmocka_unit_test(test_config),
		cmocka_unit_test(test_wrong_answers),
		cmocka_unit_test(test_second_answer),
		cmocka_unit_test(test_unasked),
		cmocka_unit_test(test_deaf),
		cmocka_unit_test(test_not_after),
		cmocka_unit_test(test_quiet),
		cmocka_unit_test(test_sockets),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
