/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Preloaded into an application that uses DPDK's shared libraries: puts marker instructions
 * around enqueue_burst and dequeue_burst of each cryptodev that the application starts.
 * Marks one device at a time: the one started last.
 */

#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <rte_cryptodev.h>

#include "mark.h"

static enqueue_pkt_burst_t next_enqueue;
static dequeue_pkt_burst_t next_dequeue;

static void
mark_ops(uint16_t nb)
{
	uint16_t i;

	for (i = 0; i < nb; i++)
		MARK_OP();
}

static uint16_t
marked_enqueue(void *qp, struct rte_crypto_op **ops, uint16_t nb_ops)
{
	uint16_t nb;

	MARK_BEGIN(MARK_WINDOW_ENQUEUE);
	nb = next_enqueue(qp, ops, nb_ops);
	if (nb == 0)
		MARK_END_NONE(MARK_WINDOW_ENQUEUE);
	else if (nb < nb_ops)
		MARK_END_PART(MARK_WINDOW_ENQUEUE);
	else
		MARK_END_FULL(MARK_WINDOW_ENQUEUE);
	mark_ops(nb);
	return nb;
}

static uint16_t
marked_dequeue(void *qp, struct rte_crypto_op **ops, uint16_t nb_ops)
{
	uint16_t nb;

	MARK_BEGIN(MARK_WINDOW_DEQUEUE);
	nb = next_dequeue(qp, ops, nb_ops);
	if (nb == 0)
		MARK_END_NONE(MARK_WINDOW_DEQUEUE);
	else if (nb < nb_ops)
		MARK_END_PART(MARK_WINDOW_DEQUEUE);
	else
		MARK_END_FULL(MARK_WINDOW_DEQUEUE);
	mark_ops(nb);
	return nb;
}

int
rte_cryptodev_start(uint8_t dev_id)
{
	int (*next)(uint8_t) = (int (*)(uint8_t))dlsym(RTLD_NEXT, "rte_cryptodev_start");
	struct rte_crypto_fp_ops *fp = dlsym(RTLD_DEFAULT, "rte_crypto_fp_ops");
	int ret;

	if (next == NULL || fp == NULL) {
		fputs("mark: DPDK's shared cryptodev library is not in this process\n", stderr);
		abort();
	}
	ret = next(dev_id);
	if (ret == 0 && fp[dev_id].enqueue_burst != marked_enqueue) {
		next_enqueue = fp[dev_id].enqueue_burst;
		next_dequeue = fp[dev_id].dequeue_burst;
		fp[dev_id].enqueue_burst = marked_enqueue;
		fp[dev_id].dequeue_burst = marked_dequeue;
	}
	return ret;
}
