/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * dpdk-vhost-crypto: arguments, lcores, life and end of the program.
 *
 * The main lcore waits for the end, unless it is the only one: then it is the worker too. What
 * stops the program in order is the control thread, since that can wait for workers.
 */

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_rcu_qsbr.h>

#include "args.h"
#include "control.h"
#include "engines.h"
#include "front.h"
#include "front_socket.h"
#include "log.h"
#include "stats.h"
#include "worker.h"

static const char *prog = "dpdk-vhost-crypto";

static void
usage_hook(const char *name)
{
	vhc_args_usage(stdout, name);
	printf("\n");
}

static void
on_signal(int sig)
{
	/* A second one ends the program at once. */
	signal(sig, SIG_DFL);
	vhc_control_quit();
}

/* The first of the program's own arguments in argv: what stands before it is EAL's. */
static int
own_args(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--") == 0)
			return i;
	}
	return argc;
}

/* Whether only EAL can answer: it prints something and ends the program. */
static bool
asks_eal(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0 ||
				strcmp(argv[i], "-v") == 0 || strcmp(argv[i], "--version") == 0)
			return true;
	}
	return false;
}

/* Processors on which no lcore runs, of those that the program was given; all if there is none. */
static void
spare_cpus(cpu_set_t *cpus)
{
	rte_cpuset_t lcore_cpus;
	unsigned int lcore;
	cpu_set_t spare = *cpus;

	RTE_LCORE_FOREACH(lcore) {
		lcore_cpus = rte_lcore_cpuset(lcore);
		CPU_AND(&lcore_cpus, &lcore_cpus, &spare);
		CPU_XOR(&spare, &spare, &lcore_cpus);
	}
	if (CPU_COUNT(&spare) != 0)
		*cpus = spare;
}

/* Each queue of each guest has four file descriptors here: as many as the system allows. */
static void
raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static unsigned int worker_id[RTE_MAX_LCORE];

static int
launch_workers(void)
{
	unsigned int lcore, nb = 0;

	RTE_LCORE_FOREACH_WORKER(lcore) {
		worker_id[nb] = nb;
		if (rte_eal_remote_launch(vhc_worker_main, &worker_id[nb], lcore) != 0)
			return -EBUSY;
		nb++;
	}
	return 0;
}

/* Between the start of the control thread and its end. */
static int
serve(bool main_works)
{
	unsigned int i;
	int ret = 0;

	if (!main_works)
		ret = launch_workers();
	for (i = 0; ret == 0 && i < vhc_front_count(); i++)
		ret = vhc_front_open(vhc_front_get(i));
	vhc_front_socket_wake();
	/* What has begun is ended like everything else. */
	if (ret != 0)
		vhc_control_quit();
	if (main_works)
		vhc_worker_main(&worker_id[0]);
	vhc_control_join();
	rte_eal_mp_wait_lcore();
	return ret;
}

static int
run(const struct vhc_args *a, cpu_set_t *cpus)
{
	const bool main_works = rte_lcore_count() == 1;
	const unsigned int nb_workers = main_works ? 1 : rte_lcore_count() - 1;
	const struct sigaction sa = {.sa_handler = on_signal};
	struct rte_rcu_qsbr *qsbr = NULL;
	struct vhc_engine *engine = NULL;
	unsigned int i;
	size_t len;
	int ret;

	ret = vhc_control_init();
	if (ret < 0) {
		VHC_LOG(ERR, "no eventfd or epoll: %s", strerror(-ret));
		goto out;
	}
	ret = vhc_guest_protect(ret);
	if (ret != 0)
		goto out;

	ret = -ENOMEM;
	len = RTE_ALIGN_CEIL(rte_rcu_qsbr_get_memsize(nb_workers), RTE_CACHE_LINE_SIZE);
	qsbr = aligned_alloc(RTE_CACHE_LINE_SIZE, len);
	if (qsbr == NULL || rte_rcu_qsbr_init(qsbr, nb_workers) != 0)
		goto out;
	ret = -ENODEV;
	engine = vhc_engines_create(a, nb_workers);
	if (engine == NULL)
		goto out;
	ret = vhc_workers_create(nb_workers, engine, qsbr, a->idle_sleep);
	if (ret != 0) {
		VHC_LOG(ERR, "no memory for %u workers: give EAL more with -m", nb_workers);
		goto out;
	}
	for (i = 0; ret == 0 && i < a->nb_sockets; i++)
		ret = vhc_front_create(&a->socket[i], engine, qsbr);
	if (ret != 0)
		goto out;
	ret = vhc_stats_register();
	if (ret != 0)
		VHC_LOG(WARNING, "telemetry does not know this program: %s", strerror(-ret));

	spare_cpus(cpus);
	ret = vhc_control_start(cpus);
	if (ret != 0)
		goto out;
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
	ret = serve(main_works);
out:
	/* In this order: nobody connects, no engine's thread wakes a worker, then the workers. */
	vhc_front_destroy_all();
	if (engine != NULL)
		engine->ops->destroy(engine);
	vhc_workers_destroy();
	free(qsbr);
	vhc_control_fini();
	return ret;
}

int
main(int argc, char **argv)
{
	const int own = own_args(argc, argv);
	struct vhc_args args;
	cpu_set_t cpus;
	int ret;

	if (own == argc && !asks_eal(argc, argv)) {
		fprintf(stderr,
				"%s: no --socket is given; the program's own options come after \"--\", and \"-- --help\" lists them\n",
				prog);
		return EXIT_FAILURE;
	}
	/* Errors are told before EAL takes memory. argv[own] stands where the name would. */
	memset(&args, 0, sizeof(args));
	if (own < argc) {
		ret = vhc_args_parse(&args, argc - own, argv + own);
		if (ret != 0 || args.help) {
			if (ret == 0)
				vhc_args_usage(stdout, prog);
			vhc_args_free(&args);
			return ret == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
		}
	}
	/* A peer can make librte_vhost talk without end; --log-level brings it back. */
	rte_log_set_level_pattern("lib.vhost.*", RTE_LOG_CRIT);
	if (sched_getaffinity(0, sizeof(cpus), &cpus) != 0)
		CPU_ZERO(&cpus);
	raise_limit();
	rte_set_application_usage_hook(usage_hook);
	ret = rte_eal_init(own, argv);
	if (ret < 0) {
		fprintf(stderr,
				"%s: EAL does not start: %s; where there are no huge pages, --no-huge -m 512 does without\n",
				prog, rte_strerror(rte_errno));
		vhc_args_free(&args);
		return EXIT_FAILURE;
	}
	ret = run(&args, &cpus);
	rte_eal_cleanup();
	vhc_args_free(&args);
	return ret == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
