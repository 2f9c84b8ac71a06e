/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * A secondary process attaches to a device under load, reads what there is to read, and leaves:
 * in good order, and without a word. Then, while the primary rests, a secondary moves a burst
 * itself. The primary must not notice any of it.
 *
 * The primary starts the secondaries as its children: this program, with the same EAL arguments.
 */

#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <signal.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_memzone.h>

#include "load.h"

#define ZONE "app_secondary"
#define MAX_ARGS 32

enum role {
	ROLE_LOOK, /* attach, read, leave in good order */
	ROLE_VANISH, /* the same, and exit at once */
	ROLE_BURST, /* move the primary's ops through the queue */
};

/* What the processes share. The load's ops and session are in shared memory too. */
struct shared {
	enum role role;
	uint8_t dev_id;
	unsigned int nb_caps;
	struct load load;
};

static unsigned int
nb_caps(uint8_t dev_id)
{
	const struct rte_cryptodev_capabilities *cap;
	struct rte_cryptodev_info info;
	unsigned int nb = 0;

	rte_cryptodev_info_get(dev_id, &info);
	if (info.driver_name == NULL || strcmp(info.driver_name, APP_DRIVER) != 0 ||
			info.max_nb_queue_pairs == 0)
		return 0;
	for (cap = info.capabilities; cap != NULL && cap->op != RTE_CRYPTO_OP_TYPE_UNDEFINED; cap++)
		nb++;
	return nb;
}

static int
complain(const char *what)
{
	fprintf(stderr, "secondary: %s\n", what);
	return 1;
}

int
secondary_main(void)
{
	const struct rte_memzone *mz = rte_memzone_lookup(ZONE);
	struct rte_cryptodev_stats first, second;
	struct shared *s;
	uint64_t deadline;

	if (mz == NULL)
		return complain("no shared zone");
	s = mz->addr;
	if (!rte_cryptodev_is_valid_dev(s->dev_id))
		return complain("the device is not here");
	if (nb_caps(s->dev_id) != s->nb_caps)
		return complain("the device's capabilities are not the primary's");
	if (s->role == ROLE_BURST) {
		s->load.direct = true;
		if (!load_run(&s->load, 2 * LOAD_NB_OPS) || !load_drain(&s->load)) {
			const char *wrong = s->load.wrong;

			s->load.wrong = NULL; /* a pointer of this process */
			return complain(wrong != NULL ? wrong : "ops do not come back");
		}
		s->load.direct = false;
		rte_eal_cleanup();
		return 0;
	}
	/* The counters move, since the primary's load does. */
	rte_cryptodev_stats_get(s->dev_id, &first);
	deadline = app_deadline();
	do {
		rte_cryptodev_stats_get(s->dev_id, &second);
		if (rte_get_tsc_cycles() > deadline)
			return complain("the counters stand still");
	} while (second.dequeued_count <= first.dequeued_count);
	if (s->role == ROLE_VANISH)
		_exit(0);
	rte_eal_cleanup();
	return 0;
}

static pid_t
start_secondary(void)
{
	char *argv[MAX_ARGS];
	int i, n = 0;
	pid_t pid;

	if (app_eal_argc > MAX_ARGS - 5)
		return -1;
	for (i = 0; i < app_eal_argc; i++)
		argv[n++] = app_eal_argv[i];
	argv[n++] = (char *)(uintptr_t)"--proc-type=secondary";
	argv[n++] = (char *)(uintptr_t)"--";
	argv[n++] = (char *)(uintptr_t)"secondary-part";
	argv[n] = NULL;
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execv("/proc/self/exe", argv);
		_exit(127);
	}
	return pid;
}

/* Runs a secondary; with busy, under load. NULL, or how it ended. */
static const char *
run_secondary(struct shared *s, enum role role, bool busy)
{
	static char how[64];
	uint64_t deadline = app_deadline();
	int status = 0;
	pid_t pid, r = 0;

	s->role = role;
	pid = start_secondary();
	if (pid < 0)
		return "does not start";
	while (r == 0) {
		r = waitpid(pid, &status, WNOHANG);
		if (busy) {
			load_enqueue(&s->load, LOAD_BURST);
			load_dequeue(&s->load, LOAD_BURST);
		}
		if (rte_get_tsc_cycles() > deadline) {
			kill(pid, SIGKILL);
			waitpid(pid, &status, 0);
			return "does not end";
		}
	}
	if (WIFSIGNALED(status))
		snprintf(how, sizeof(how), "is killed by signal %d", WTERMSIG(status));
	else
		snprintf(how, sizeof(how), "ends with status %d", WEXITSTATUS(status));
	return status == 0 ? NULL : how;
}

static bool
check_role(struct shared *s, const char *name, enum role role, bool busy)
{
	struct load *l = &s->load;
	const char *how;

	if (!load_drain(l) && l->wrong == NULL)
		l->wrong = "ops do not come back";
	how = run_secondary(s, role, busy);
	if (how != NULL)
		app_fail(name, "the secondary %s", how);
	else if (l->wrong != NULL || !load_run(l, 4 * LOAD_NB_OPS) || !load_drain(l))
		app_fail(name, "the primary is harmed: %s",
			l->wrong != NULL ? l->wrong : "ops do not come back");
	else if (l->errors > 0)
		app_fail(name, "%" PRIu64 " of the primary's ops came back as errors", l->errors);
	else {
		app_pass(name);
		return true;
	}
	return false;
}

void
test_secondary(void)
{
	static const char name[] = "secondary";
	struct rte_cryptodev_stats stats;
	const struct rte_memzone *mz;
	struct shared *s;
	int dev_id = app_first_device(name, 256);

	if (dev_id < 0)
		return;
	mz = rte_memzone_reserve(ZONE, sizeof(*s), SOCKET_ID_ANY, 0);
	if (mz == NULL) {
		app_fail(name, "no memzone");
		return;
	}
	s = mz->addr;
	memset(s, 0, sizeof(*s));
	s->dev_id = (uint8_t)dev_id;
	s->nb_caps = nb_caps(s->dev_id);
	if (!load_init(&s->load, name, s->dev_id, 9))
		return;
	rte_cryptodev_stats_reset(s->dev_id);
	if (!check_role(s, "secondary looks", ROLE_LOOK, true) ||
			!check_role(s, "secondary vanishes", ROLE_VANISH, true) ||
			!check_role(s, "secondary looks again", ROLE_LOOK, true) ||
			!check_role(s, "secondary bursts", ROLE_BURST, false))
		return; /* the device is not fit for more */
	rte_cryptodev_stats_get(s->dev_id, &stats);
	if (stats.enqueued_count != s->load.sent || stats.dequeued_count != s->load.back)
		app_fail("secondary stats", "%" PRIu64 " enqueued and %" PRIu64
			" dequeued, %" PRIu64 " and %" PRIu64 " were", stats.enqueued_count,
			stats.dequeued_count, s->load.sent, s->load.back);
	else
		app_pass("secondary stats");
	if (load_out(&s->load) == 0)
		load_fini(&s->load);
	rte_cryptodev_stop(s->dev_id);
	rte_memzone_free(mz);
}
