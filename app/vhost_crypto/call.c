/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "call.h"

#define WAIT_NS 1000000 /* the longest that a guest can make a thread wait, once */

#ifndef sigev_notify_thread_id /* not every C library names it */
#define sigev_notify_thread_id _sigev_un._tid
#endif

struct vhc_caller {
	bool has_timer; /* which signals the thread that calls */
	timer_t timer;
};

/* Its delivery ends a write(), which is all that it is for. */
static void
on_timer(int sig)
{
	(void)sig;
}

struct vhc_caller *
vhc_caller_create(void)
{
	const struct sigaction sa = {.sa_handler = on_timer};

	if (sigaction(SIGRTMIN, &sa, NULL) != 0)
		return NULL;
	return calloc(1, sizeof(struct vhc_caller));
}

void
vhc_caller_destroy(struct vhc_caller *c)
{
	if (c != NULL && c->has_timer)
		timer_delete(c->timer);
	free(c);
}

/* In the thread that calls, since the timer is for that thread. */
static bool
make_timer(struct vhc_caller *c)
{
	struct sigevent ev;
	sigset_t set;

	memset(&ev, 0, sizeof(ev));
	ev.sigev_notify = SIGEV_THREAD_ID;
	ev.sigev_signo = SIGRTMIN;
	ev.sigev_notify_thread_id = (pid_t)syscall(SYS_gettid);
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	c->has_timer = pthread_sigmask(SIG_UNBLOCK, &set, NULL) == 0 &&
			timer_create(CLOCK_MONOTONIC, &ev, &c->timer) == 0;
	return c->has_timer;
}

bool
vhc_call_can(int fd)
{
	char path[64], target[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, target, sizeof(target) - 1);
	if (n < 0)
		return true; /* no /proc here; a file that is none fails when it is written */
	target[n] = '\0';
	return strcmp(target, "anon_inode:[eventfd]") == 0;
}

static bool
add_one(int fd)
{
	const uint64_t one = 1;

	return write(fd, &one, sizeof(one)) == sizeof(one) || errno == EAGAIN;
}

bool
vhc_call(struct vhc_caller *c, int fd)
{
	/* Again and again, since the first may come before write() has begun to wait. */
	const struct itimerspec soon = {{0, WAIT_NS}, {0, WAIT_NS}}, never = {{0, 0}, {0, 0}};
	struct pollfd p = {.fd = fd, .events = POLLOUT};
	bool ok;

	if (poll(&p, 1, 0) != 1 || (p.revents & POLLOUT) == 0)
		return (p.revents & POLLNVAL) == 0; /* the counter is full */
	/* No timer to spare: better an honest guest called than a bad one kept off. */
	if (!c->has_timer && !make_timer(c))
		return add_one(fd);
	timer_settime(c->timer, 0, &soon, NULL);
	ok = add_one(fd);
	timer_settime(c->timer, 0, &never, NULL);
	return ok;
}
