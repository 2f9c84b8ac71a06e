/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include <rte_common.h>
#include <rte_kvargs.h>

#include "args.h"
#include "device.h"
#include "engine.h"

#define DEFAULT_QUEUES 1
#define DEFAULT_SESSIONS 1024
#define DEFAULT_ASYM_THREADS 1
#define MAX_OUTSTANDING 32768
#define MAX_RATE_OPS UINT64_C(1000000000)
#define MAX_RATE_BPS UINT64_C(1000000000000)
#define MIN_RATE_BPS UINT64_C(8000)

/* Says in one line what is wrong. @return -EINVAL */
static int __rte_format_printf(1, 2)
wrong(const char *fmt, ...)
{
	va_list ap;

	fputs("dpdk-vhost-crypto: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputs("; --help lists the options\n", stderr);
	return -EINVAL;
}

/* A number in [min, max], with a decimal suffix k, M, G where that is allowed. */
static int
get_number(const char *key, const char *text, uint64_t min, uint64_t max, bool suffix, uint64_t *n)
{
	uint64_t factor = 1;
	char *end = NULL;

	/* strtoull() would take a sign and leading space. */
	errno = 0;
	*n = text != NULL && isdigit((unsigned char)text[0]) ? strtoull(text, &end, 10) : 0;
	if (end != NULL && suffix) {
		factor = *end == 'k' ? 1000 : *end == 'M' ? 1000000 : *end == 'G' ? 1000000000 : 1;
		if (factor != 1)
			end++;
	}
	if (end == NULL || *end != '\0' || errno != 0 || *n > max / factor || *n * factor < min)
		return wrong("%s=%s: give a number from %" PRIu64 " to %" PRIu64 "%s", key,
				text == NULL ? "" : text, min, max,
				suffix ? ", such as 5000, 20k, 3M or 1G" : "");
	*n *= factor;
	return 0;
}

static int
get_flag(const char *key, const char *text, bool *flag)
{
	uint64_t n = 0;
	const int ret = get_number(key, text, 0, 1, false, &n);

	*flag = n != 0;
	return ret;
}

static int
get_socket_key(struct vhc_args_socket *s, const char *key, const char *text)
{
	uint64_t n = 0;
	int ret;

	if (strcmp(key, "queues") == 0) {
		ret = get_number(key, text, 1, VHC_ARGS_MAX_QUEUES, false, &n);
		s->nb_queues = (uint16_t)n;
	} else if (strcmp(key, "server") == 0) {
		ret = get_flag(key, text, &s->server);
	} else if (strcmp(key, "sessions") == 0) {
		ret = get_number(key, text, 1, VHC_MAX_SESSIONS, false, &n);
		s->max_sessions = (uint32_t)n;
	} else if (strcmp(key, "rate_ops") == 0) {
		ret = get_number(key, text, 1, MAX_RATE_OPS, true, &s->rate_ops);
	} else if (strcmp(key, "rate_bps") == 0) {
		ret = get_number(key, text, MIN_RATE_BPS, MAX_RATE_BPS, true, &s->rate_bps);
	} else if (strcmp(key, "max_outstanding") == 0) {
		ret = get_number(key, text, 1, MAX_OUTSTANDING, false, &n);
		s->max_outstanding = (uint32_t)n;
	} else if (strcmp(key, "stateless") == 0) {
		ret = get_flag(key, text, &s->stateless);
	} else if (strcmp(key, "packed") == 0) {
		ret = get_flag(key, text, &s->packed);
	} else if (strcmp(key, "indirect") == 0) {
		ret = get_flag(key, text, &s->indirect);
	} else if (strcmp(key, "in_order") == 0) {
		s->in_order_given = true;
		ret = get_flag(key, text, &s->in_order);
	} else {
		ret = wrong("--socket %s: there is no key \"%s\"", s->path, key);
	}
	return ret;
}

static int
get_socket(struct vhc_args *a, const char *text)
{
	struct vhc_args_socket *s;
	struct rte_kvargs *kv;
	unsigned int i, k;
	const size_t max_len = sizeof(((struct sockaddr_un *)0)->sun_path) - 1;
	size_t len;
	int ret = 0;

	if (a->nb_sockets == RTE_DIM(a->socket))
		return wrong("more than %u --socket", VHC_ARGS_MAX_SOCKETS);
	s = &a->socket[a->nb_sockets];
	memset(s, 0, sizeof(*s));
	s->nb_queues = DEFAULT_QUEUES;
	s->max_sessions = DEFAULT_SESSIONS;
	s->server = true;
	s->stateless = true;
	s->packed = true;
	s->indirect = true;

	len = strcspn(text, ",");
	if (len == 0)
		return wrong("--socket %s: there is no path", text);
	if (len > max_len)
		return wrong("--socket %.*s: a path of %zu bytes, and a socket's has at most %zu",
				(int)len, text, len, max_len);
	s->path = strndup(text, len);
	if (s->path == NULL) {
		fputs("dpdk-vhost-crypto: out of memory\n", stderr);
		return -ENOMEM;
	}
	a->nb_sockets++;
	for (i = 0; i + 1 < a->nb_sockets; i++) {
		if (strcmp(a->socket[i].path, s->path) == 0)
			return wrong("--socket %s: given twice", s->path);
	}
	if (text[len] == '\0')
		return 0;

	kv = rte_kvargs_parse(text + len + 1, NULL);
	if (kv == NULL)
		return wrong("--socket %s: \"%s\" is not a list of key=value", s->path,
				text + len + 1);
	for (i = 0; ret == 0 && i < kv->count; i++) {
		for (k = 0; k < i; k++) {
			if (strcmp(kv->pairs[k].key, kv->pairs[i].key) == 0)
				ret = wrong("--socket %s: %s is given twice", s->path,
						kv->pairs[i].key);
		}
		if (ret == 0)
			ret = get_socket_key(s, kv->pairs[i].key, kv->pairs[i].value);
	}
	rte_kvargs_free(kv);
	return ret;
}

static int
get_engine(struct vhc_args *a, const char *name)
{
	unsigned int i;

	if (name[0] == '\0')
		return wrong("--engine: there is no name");
	if (a->libcrypto_only)
		return wrong("--engine %s: libcrypto takes all that comes after it", name);
	if (strcmp(name, "libcrypto") == 0) {
		a->libcrypto_only = true;
		return 0;
	}
	if (a->nb_engines == RTE_DIM(a->engine))
		return wrong("more than %u --engine", VHC_ARGS_MAX_ENGINES);
	for (i = 0; i < a->nb_engines; i++) {
		if (strcmp(a->engine[i], name) == 0)
			return wrong("--engine %s: given twice", name);
	}
	a->engine[a->nb_engines++] = name;
	return 0;
}

int
vhc_args_parse(struct vhc_args *a, int argc, char **argv)
{
	static const struct option options[] = {
		{"socket", required_argument, NULL, 's'},
		{"engine", required_argument, NULL, 'e'},
		{"asym-threads", required_argument, NULL, 'a'},
		{"idle-sleep", no_argument, NULL, 'i'},
		{"help", no_argument, NULL, 'h'},
		{NULL, 0, NULL, 0},
	};
	int opt, ret = 0, at;
	unsigned int i;
	uint64_t n;

	memset(a, 0, sizeof(*a));
	a->asym_threads = DEFAULT_ASYM_THREADS;
	optind = 0; /* start anew, whoever used getopt before */
	opterr = 0;
	for (;;) {
		at = optind == 0 ? 1 : optind;
		opt = getopt_long(argc, argv, "+:h", options, NULL);
		if (ret != 0 || opt == -1)
			break;
		switch (opt) {
		case 's':
			ret = get_socket(a, optarg);
			break;
		case 'e':
			ret = get_engine(a, optarg);
			break;
		case 'a':
			ret = get_number("--asym-threads", optarg, 0, VHC_ASYM_MAX_THREADS, false,
					&n);
			a->asym_threads = (unsigned int)n;
			break;
		case 'i':
			a->idle_sleep = true;
			break;
		case 'h':
			a->help = true;
			break;
		case ':':
			ret = wrong("%s: the value is missing", argv[at]);
			break;
		default:
			ret = wrong("%s: no such option", argv[at]);
			break;
		}
	}
	if (ret == 0 && optind < argc)
		ret = wrong("%s: not an option", argv[optind]);
	if (ret == 0 && !a->help && a->nb_sockets == 0)
		ret = wrong("no --socket is given, so there is nothing to serve");
	/* In order, what is quick would have to wait for signatures. */
	for (i = 0; i < a->nb_sockets; i++) {
		if (!a->socket[i].in_order_given)
			a->socket[i].in_order = a->asym_threads == 0;
	}
	/* The flag means "only" where nothing came before it. */
	a->libcrypto_only = a->libcrypto_only && a->nb_engines == 0;
	optind = 0;
	return ret;
}

void
vhc_args_free(struct vhc_args *a)
{
	while (a->nb_sockets != 0)
		free(a->socket[--a->nb_sockets].path);
}

void
vhc_args_usage(FILE *f, const char *prog)
{
	fprintf(f,
		"usage: %s [EAL options] -- --socket PATH[,KEY=VALUE...] [--socket ...]\n"
		"       [--engine NAME ...] [--asym-threads N] [--idle-sleep]\n"
		"\n"
		"A virtio-crypto device on each vhost-user socket. Every lcore but the main one serves\n"
		"data queues; a single lcore does everything.\n"
		"\n"
		"  --socket PATH[,...]    a device; several are served at once. Keys:\n"
		"      queues=N             data queues, 1 to %u (%u)\n"
		"      server=0|1           1: listen on PATH, 0: connect to it, again and again (1)\n"
		"      sessions=N           sessions alive at once, 1 to %u (%u)\n"
		"      rate_ops=N           requests per second (no limit); k, M, G may follow\n"
		"      rate_bps=N           bits of source data per second (no limit); likewise\n"
		"      max_outstanding=N    requests taken and not yet answered, 1 to %u (no limit)\n"
		"      stateless=0|1        offer requests that carry their key (1)\n"
		"      packed=0|1           offer packed rings (1)\n"
		"      indirect=0|1         offer indirect descriptors (1)\n"
		"      in_order=0|1         offer to answer in order (1 without asymmetric\n"
		"                           crypto, else 0, as it holds up what comes behind it)\n"
		"  --engine NAME          a cryptodev, such as crypto_aesni_mb0 or 0000:3d:01.0_qat_sym;\n"
		"                         one that does not exist yet is made as a vdev. Several are tried\n"
		"                         in this order for each session; libcrypto, always the last, does\n"
		"                         what none of them can. \"libcrypto\" alone: no cryptodev. Without\n"
		"                         this option: the cryptodevs that EAL made, or crypto_aesni_mb0\n"
		"  --asym-threads N       threads for asymmetric crypto, beside the lcores, 0 to %u (%u);\n"
		"                         0: none is offered\n"
		"  --idle-sleep           lcores with nothing to do sleep until a guest kicks, or a\n"
		"                         signature is done\n"
		"  -h, --help             this text; %s --help shows EAL's options too\n"
		"\n"
		"SIGTERM and SIGINT end it: requests that were taken are answered, sockets removed.\n",
		prog, VHC_ARGS_MAX_QUEUES, DEFAULT_QUEUES, VHC_MAX_SESSIONS, DEFAULT_SESSIONS,
		MAX_OUTSTANDING, VHC_ASYM_MAX_THREADS, DEFAULT_ASYM_THREADS, prog);
}
