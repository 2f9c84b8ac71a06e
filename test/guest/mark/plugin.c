/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * QEMU plugin (TCG): counts a guest's user-space instructions between the marker instructions
 * of mark.h, and prints one line for each vCPU, window and class at QEMU's exit.
 *
 * Exact: a translation block's instructions are added when it is entered, and the marker takes
 * off the part of its block that has not run yet. Kernel code is not counted. Everything is kept
 * per vCPU and touched by that vCPU's thread only, except at exit.
 *
 * The declarations below are the part of QEMU's plugin API, version 1, that is used here; the
 * header with all of it is not part of Debian's packages.
 */

#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mark.h"

#define EXPORT __attribute__((visibility("default")))

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef void (*plugin_vcpu_cb)(unsigned int vcpu, void *data);

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id,
		void (*cb)(qemu_plugin_id_t, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb, plugin_vcpu_cb cb, int flags,
		void *data);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, plugin_vcpu_cb cb,
		int flags, void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t idx);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t id, void (*cb)(qemu_plugin_id_t, void *),
		void *data);
void qemu_plugin_outs(const char *s);
int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv);

extern int qemu_plugin_version;
EXPORT int qemu_plugin_version = 1;

#define NB_VCPUS 16
#define NB_CLASSES 3
#define NB_HIST 4096 /* a power of two */
#define MARKER_LEN 7

/* How often a window took insns instructions for ops operations. */
struct hist {
	uint32_t ops;
	uint32_t insns;
	uint64_t times;
};

struct counter {
	uint64_t calls, ops, insns, min, max;
	struct hist hist[NB_HIST];
};

struct vcpu {
	uint64_t insns;
	uint64_t begin;
	int open; /* window, or -1 */
	struct counter *last; /* window that ended last: its operations are still being counted */
	uint64_t last_insns, last_ops;
	struct counter *counters[MARK_NB_WINDOWS][NB_CLASSES];
} __attribute__((aligned(128)));

static struct vcpu vcpus[NB_VCPUS];
static const char *const class_names[NB_CLASSES] = { "full", "part", "none" };

static void
settle(struct vcpu *v)
{
	struct counter *c = v->last;
	uint32_t i, tries;

	if (c == NULL)
		return;
	v->last = NULL;
	c->ops += v->last_ops;
	i = (uint32_t)(v->last_insns * 31 + v->last_ops) % NB_HIST;
	for (tries = 0; tries < 64; tries++, i = (i + 1) % NB_HIST) {
		struct hist *h = &c->hist[i];

		if (h->times == 0) {
			h->ops = (uint32_t)v->last_ops;
			h->insns = (uint32_t)v->last_insns;
		}
		if (h->ops == v->last_ops && h->insns == v->last_insns) {
			h->times++;
			return;
		}
	}
}

static void
on_block(unsigned int vcpu, void *data)
{
	vcpus[vcpu % NB_VCPUS].insns += (uintptr_t)data;
}

static void
on_end(struct vcpu *v, unsigned int window, unsigned int class, uint64_t now)
{
	struct counter *c;

	if (v->open != (int)window)
		return;
	v->open = -1;
	c = v->counters[window][class];
	if (c == NULL) {
		c = calloc(1, sizeof(*c));
		if (c == NULL)
			return;
		c->min = UINT64_MAX;
		v->counters[window][class] = c;
	}
	v->last_insns = now - 1 - v->begin;
	v->last_ops = 0;
	v->last = c;
	c->calls++;
	c->insns += v->last_insns;
	if (v->last_insns < c->min)
		c->min = v->last_insns;
	if (v->last_insns > c->max)
		c->max = v->last_insns;
}

/* data: code << 16 | instructions of the block behind this one */
static void
on_marker(unsigned int vcpu, void *data)
{
	struct vcpu *v = &vcpus[vcpu % NB_VCPUS];
	uint32_t code = (uint32_t)((uintptr_t)data >> 16);
	uint64_t now = v->insns - ((uintptr_t)data & 0xffff); /* this marker included */

	if (code < MARK_NB_WINDOWS) {
		settle(v);
		v->open = (int)code;
		v->begin = now;
	} else if (code < MARK_NB_WINDOWS * (1 + NB_CLASSES)) {
		on_end(v, code % MARK_NB_WINDOWS, code / MARK_NB_WINDOWS - 1, now);
	} else {
		v->last_ops++;
	}
}

static void
on_translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	size_t nb = qemu_plugin_tb_n_insns(tb);
	size_t i;

	(void)id;
	if (qemu_plugin_tb_vaddr(tb) >> 47) /* the kernel's half of the address space */
		return;
	qemu_plugin_register_vcpu_tb_exec_cb(tb, on_block, 0, (void *)(uintptr_t)nb);
	for (i = 0; i < nb; i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		unsigned char bytes[MARKER_LEN];
		uint32_t disp;

		if (qemu_plugin_insn_size(insn) != MARKER_LEN)
			continue;
		memcpy(bytes, qemu_plugin_insn_data(insn), MARKER_LEN);
		memcpy(&disp, bytes + 3, sizeof(disp));
		if (bytes[0] != 0x0f || bytes[1] != 0x1f || bytes[2] != 0x80 ||
				(disp & 0xffffff00) != MARK_MAGIC)
			continue;
		qemu_plugin_register_vcpu_insn_exec_cb(insn, on_marker, 0,
			(void *)(((uintptr_t)(disp & 0xff) << 16) | (nb - 1 - i)));
	}
}

static void
report(unsigned int vcpu, unsigned int window, unsigned int class, const struct counter *c)
{
	const struct hist *mode = &c->hist[0];
	char line[256];
	unsigned int i;

	/* The mode of the largest bursts. */
	for (i = 1; i < NB_HIST; i++) {
		const struct hist *h = &c->hist[i];

		if (h->times > 0 && (h->ops > mode->ops ||
				(h->ops == mode->ops && h->times > mode->times)))
			mode = h;
	}
	snprintf(line, sizeof(line),
		"mark vcpu %u window %u %s calls %" PRIu64 " ops %" PRIu64 " insns %" PRIu64
		" mode %u/%u times %" PRIu64 " min %" PRIu64 " max %" PRIu64 "\n",
		vcpu, window, class_names[class], c->calls, c->ops, c->insns,
		mode->insns, mode->ops, mode->times, c->min, c->max);
	qemu_plugin_outs(line);
}

static void
on_exit_report(qemu_plugin_id_t id, void *data)
{
	unsigned int v, w, k;

	(void)id;
	(void)data;
	for (v = 0; v < NB_VCPUS; v++) {
		settle(&vcpus[v]);
		for (w = 0; w < MARK_NB_WINDOWS; w++)
			for (k = 0; k < NB_CLASSES; k++)
				if (vcpus[v].counters[w][k] != NULL)
					report(v, w, k, vcpus[v].counters[w][k]);
	}
}

EXPORT int
qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv)
{
	unsigned int i;

	(void)info;
	(void)argc;
	(void)argv;
	for (i = 0; i < NB_VCPUS; i++)
		vcpus[i].open = -1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, on_translate);
	qemu_plugin_register_atexit_cb(id, on_exit_report, NULL);
	return 0;
}
