/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The program's own arguments, those after EAL's "--". Knows text and numbers; neither vhost nor
 * crypto. Called by the main thread, before EAL.
 */

#ifndef VHC_ARGS_H
#define VHC_ARGS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define VHC_ARGS_MAX_SOCKETS 64
#define VHC_ARGS_MAX_ENGINES 10 /* two more, of libcrypto, are what a list of engines takes */
#define VHC_ARGS_MAX_QUEUES 64

/** One device: --socket PATH[,key=value...] */
struct vhc_args_socket {
	char *path;
	uint16_t nb_queues;       /* data queues */
	uint32_t max_sessions;
	uint32_t max_outstanding; /* requests taken and not answered; 0: no limit */
	uint64_t rate_ops;        /* per second; 0: no limit */
	uint64_t rate_bps;        /* bits of source data per second; 0: no limit */
	bool server;
	bool stateless;
	bool packed;
	bool indirect;
	bool in_order;
	bool in_order_given; /* else it is as it suits the services */
};

struct vhc_args {
	struct vhc_args_socket socket[VHC_ARGS_MAX_SOCKETS];
	unsigned int nb_sockets;
	const char *engine[VHC_ARGS_MAX_ENGINES]; /* names, in order; the caller's argv */
	unsigned int nb_engines;                  /* 0: to be chosen */
	bool libcrypto_only;                      /* "--engine libcrypto" and no other */
	unsigned int asym_threads;
	bool idle_sleep;
	bool help;
};

/**
 * @param argv  argv[0] is the program's name.
 * @return 0; -EINVAL after one line on stderr that says what is wrong; -ENOMEM likewise.
 */
int vhc_args_parse(struct vhc_args *a, int argc, char **argv);

/** Free what parsing allocated. */
void vhc_args_free(struct vhc_args *a);

/** The --help text. */
void vhc_args_usage(FILE *f, const char *prog);

#endif /* VHC_ARGS_H */
