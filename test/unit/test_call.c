/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/* Interrupts of the back end: honest eventfds, and files that would make the caller wait. */

#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "call.h"

#define FULL (UINT64_MAX - 1)

/* A guest that fills its counter in the instant after the caller has looked. */
static int fill_after_poll = -1;

int __real_poll(struct pollfd *fds, nfds_t nfds, int timeout);
int __wrap_poll(struct pollfd *fds, nfds_t nfds, int timeout);

int
__wrap_poll(struct pollfd *fds, nfds_t nfds, int timeout)
{
	const uint64_t full = FULL;
	int n = __real_poll(fds, nfds, timeout);

	if (fill_after_poll >= 0)
		assert_int_equal(write(fill_after_poll, &full, sizeof(full)), sizeof(full));
	fill_after_poll = -1;
	return n;
}

static uint64_t
count_of(int fd)
{
	uint64_t n = 0;

	assert_int_equal(read(fd, &n, sizeof(n)), sizeof(n));
	return n;
}

static void
calls_are_counted(void **state)
{
	struct vhc_caller *c = vhc_caller_create();
	int fd = eventfd(0, 0);
	unsigned int i;

	(void)state;
	assert_non_null(c);
	assert_true(vhc_call_can(fd));
	for (i = 0; i < 1000; i++)
		assert_true(vhc_call(c, fd));
	assert_int_equal(count_of(fd), 1000);
	vhc_caller_destroy(c);
	close(fd);
}

static void
a_full_counter_is_left_alone(void **state)
{
	struct vhc_caller *c = vhc_caller_create();
	const uint64_t full = FULL;
	int fd = eventfd(0, 0);

	(void)state;
	assert_int_equal(write(fd, &full, sizeof(full)), sizeof(full));
	assert_true(vhc_call(c, fd));
	assert_int_equal(count_of(fd), full);
	assert_true(vhc_call(c, fd));
	assert_int_equal(count_of(fd), 1);
	vhc_caller_destroy(c);
	close(fd);
}

static void
a_counter_filled_meanwhile_ends_the_calls(void **state)
{
	struct vhc_caller *c = vhc_caller_create();
	int fd = eventfd(0, 0), friend = eventfd(0, 0);

	(void)state;
	fill_after_poll = fd;
	assert_false(vhc_call(c, fd));
	assert_int_equal(fill_after_poll, -1);
	assert_int_equal(count_of(fd), FULL);
	/* Others are called as before, and a file that does not block makes nobody wait. */
	assert_true(vhc_call(c, friend));
	assert_int_equal(count_of(friend), 1);
	close(fd);
	fd = eventfd(0, EFD_NONBLOCK);
	fill_after_poll = fd;
	assert_true(vhc_call(c, fd));
	assert_int_equal(count_of(fd), FULL);
	vhc_caller_destroy(c);
	close(fd);
	close(friend);
}

/* The timer is disarmed after each call: nothing else of the thread's is interrupted. */
static void
no_signal_comes_later(void **state)
{
	struct vhc_caller *c = vhc_caller_create();
	const struct timespec long_enough = {0, 20000000};
	int fd = eventfd(0, 0);

	(void)state;
	assert_true(vhc_call(c, fd));
	assert_int_equal(nanosleep(&long_enough, NULL), 0);
	vhc_caller_destroy(c);
	close(fd);
}

static void
other_files_are_told_from_eventfds(void **state)
{
	struct vhc_caller *c = vhc_caller_create();
	int fd[2];

	(void)state;
	assert_int_equal(pipe(fd), 0);
	assert_false(vhc_call_can(fd[0]));
	assert_false(vhc_call_can(fd[1]));
	close(fd[0]);
	close(fd[1]);
	assert_false(vhc_call(c, fd[1]));
	vhc_caller_destroy(c);
	vhc_caller_destroy(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(calls_are_counted),
		cmocka_unit_test(a_full_counter_is_left_alone),
		cmocka_unit_test(a_counter_filled_meanwhile_ends_the_calls),
		cmocka_unit_test(no_signal_comes_later),
		cmocka_unit_test(other_files_are_told_from_eventfds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
