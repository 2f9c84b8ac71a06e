/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * A differential fuzzer: random operations on the driver under test, on other drivers in the same
 * process, and by the reference; all must agree. Seeds that are kept always run; one more is
 * drawn each time.
 */

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <rte_eal.h>

#include "run.h"
#include "shrink.h"

#define MAX_SEEDS 256

struct job_range {
	uint64_t seed;
	uint64_t from;
	uint64_t nb;
};

static struct {
	struct run_opts run;
	bool seeded;
	bool no_shrink;
	struct job_range range;
	const char *seeds; /* file */
	const char *repeat; /* how to run the program so again, without the seed's options */
} opts = {
	.run = {.nb_qps = 2, .timeout_ms = 30000},
	.range = {.nb = 100000},
};

static void
usage(FILE *f)
{
	fprintf(f,
"usage: dpdk-virtio-crypto-differ [EAL arguments] -- [options]\n"
"\n"
"The cryptodevs come from --vdev: one of the driver under test, and crypto_openssl to compare\n"
"with. Both are compared with libcrypto, too.\n"
"\n"
"  --seed S        the new seed (drawn)\n"
"  --from N        its first operation (0)\n"
"  --ops N         how many of it (100000)\n"
"  --seeds FILE    run these first: lines of \"seed [from ops]\", # begins a remark;\n"
"                  ops are 1000 if not said\n"
"  --dev NAME      cryptodev under test (the first of crypto_virtio)\n"
"  --qps N         queue pairs, if it has so many (2; at most 4)\n"
"  --timeout-ms N  nothing came back for so long: operations are lost (30000)\n"
"  --no-shrink     do not look for a smaller form of what differs\n"
"  --repeat TEXT   how to say in messages what to run again\n");
}

static bool
number(const char *text, uint64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoull(text, &end, 0);
	return errno == 0 && end != text && (*end == '\0' || *end == '\n');
}

static int
parse(int argc, char **argv)
{
	static const struct option names[] = {
		{"seed", required_argument, NULL, 's'},
		{"from", required_argument, NULL, 'f'},
		{"ops", required_argument, NULL, 'o'},
		{"seeds", required_argument, NULL, 'S'},
		{"dev", required_argument, NULL, 'd'},
		{"qps", required_argument, NULL, 'q'},
		{"timeout-ms", required_argument, NULL, 't'},
		{"no-shrink", no_argument, NULL, 'n'},
		{"repeat", required_argument, NULL, 'r'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	uint64_t v = 0;
	int c;

	optind = 1;
	while ((c = getopt_long(argc, argv, "", names, NULL)) != -1) {
		if (strchr("sfoqt", c) != NULL && (!number(optarg, &v) ||
				(strchr("oqt", c) != NULL && v == 0) ||
				(strchr("qt", c) != NULL && v > UINT32_MAX))) {
			fprintf(stderr, "%s is not a number that fits here\n", optarg);
			return -EINVAL;
		}
		switch (c) {
		case 's':
			opts.seeded = true;
			opts.range.seed = v;
			break;
		case 'f':
			opts.range.from = v;
			break;
		case 'o':
			opts.range.nb = v;
			break;
		case 'q':
			opts.run.nb_qps = (unsigned int)v;
			break;
		case 't':
			opts.run.timeout_ms = (unsigned int)v;
			break;
		case 'S':
			opts.seeds = optarg;
			break;
		case 'd':
			opts.run.dev = optarg;
			break;
		case 'n':
			opts.no_shrink = true;
			break;
		case 'r':
			opts.repeat = optarg;
			break;
		case 'h':
			usage(stdout);
			exit(0);
		default:
			usage(stderr);
			return -EINVAL;
		}
	}
	if (optind != argc) {
		usage(stderr);
		return -EINVAL;
	}
	return 0;
}

/* "seed [from ops]" and a remark. @return how many, or -errno. */
static int
read_seeds(const char *path, struct job_range *out)
{
	char line[256], *save, *word[4];
	unsigned int nb = 0, row = 0, i;
	FILE *f;

	f = fopen(path, "r");
	if (f == NULL) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -errno;
	}
	while (fgets(line, sizeof(line), f) != NULL && nb < MAX_SEEDS) {
		row++;
		line[strcspn(line, "#\n")] = '\0';
		word[0] = strtok_r(line, " \t", &save);
		for (i = 0; word[i] != NULL && i < 3; i++)
			word[i + 1] = strtok_r(NULL, " \t", &save);
		if (i == 0)
			continue;
		out[nb] = (struct job_range){.nb = 1000};
		if ((i != 1 && i != 3) || !number(word[0], &out[nb].seed) ||
				(i == 3 && (!number(word[1], &out[nb].from) ||
				!number(word[2], &out[nb].nb)))) {
			fprintf(stderr, "%s:%u: must be \"seed\" or \"seed from ops\"\n", path,
				row);
			fclose(f);
			return -EINVAL;
		}
		nb++;
	}
	fclose(f);
	return (int)nb;
}

static void
describe(const char *what, const struct run_finding *f)
{
	if (f->s.p.cipher == NULL && f->s.p.auth == NULL && f->s.p.aead == NULL)
		printf("# %s: %s\n", what, f->why);
	else
		printf("# %s: %s\n#   %s\n", what, op_text(&f->s, &f->p), f->why);
}

/* @return true if all agree. */
static bool
run_range(const char *name, const struct job_range *r)
{
	struct run_finding f, small;
	uint64_t first;

	printf("# %s: seed 0x%" PRIx64 ", ops %" PRIu64 " to %" PRIu64 "\n", name, r->seed,
		r->from, r->from + r->nb - 1);
	fflush(stdout);
	if (run_ops(r->seed, r->from, r->nb, &f)) {
		printf("PASS %s\n", name);
		return true;
	}
	describe("differs", &f);
	first = r->from;
	small = f;
	if (!f.lost && !opts.no_shrink) {
		first = shrink_range(r->seed, r->from, &small);
		if (first == UINT64_MAX) {
			printf("# it did not happen again\n");
			first = r->from;
		} else if (first == f.number) {
			shrink_plan(r->seed, &small);
			describe("simpler", &small);
		}
	}
	printf("# to see it again: %s --seed 0x%" PRIx64 " --from %" PRIu64 " --ops %" PRIu64 "\n",
		opts.repeat != NULL ? opts.repeat : "the same command with", r->seed, first,
		f.number - first + 1);
	printf("FAIL %s: seed 0x%" PRIx64 " op %" PRIu64 " (--from %" PRIu64 " --ops %" PRIu64
		"): %s\n", name, r->seed, f.number, first, f.number - first + 1, f.why);
	return false;
}

static int
run_all(void)
{
	struct job_range kept[MAX_SEEDS];
	char name[64];
	bool ok = true;
	int i, nb = 0;

	if (opts.seeds != NULL)
		nb = read_seeds(opts.seeds, kept);
	if (nb < 0)
		return 1;
	for (i = 0; ok && i < nb; i++) {
		snprintf(name, sizeof(name), "kept-%d", i + 1);
		ok = run_range(name, &kept[i]);
	}
	if (!opts.seeded && getrandom(&opts.range.seed, sizeof(opts.range.seed), 0) < 0)
		return 1;
	return ok && run_range("new", &opts.range) ? 0 : 1;
}

int
main(int argc, char **argv)
{
	int ret, used;

	used = rte_eal_init(argc, argv);
	if (used < 0) {
		fprintf(stderr, "EAL does not start\n");
		return 1;
	}
	if (parse(argc - used, argv + used) != 0)
		return 2;
	if (ref_init() != 0) {
		fprintf(stderr, "libcrypto has no default provider\n");
		return 1;
	}
	ret = run_init(&opts.run) == 0 ? run_all() : 1;
	run_report(stdout);
	/* Not with ops in flight, which a device in the process may be at work on. */
	if (ret == 0)
		run_fini();
	ref_fini();
	if (ret == 0)
		rte_eal_cleanup();
	return ret;
}
