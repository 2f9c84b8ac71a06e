/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * A control queue's device for tests: it walks the rings by the byte offsets of
 * [virtio 2.7], keeps what it saw, and answers, lies or stays silent as it is told.
 */

#ifndef CTRL_FIXTURE_H
#define CTRL_FIXTURE_H

#include "unit_eal.h"

#include <stdbool.h>
#include <stdlib.h>

#include <rte_log.h>

#include "virtio_transport.h"

#define DESC_NEXT 1
#define DESC_WRITE 2
#define DESC_INDIRECT 4
#define F_REVISION_1 (UINT64_C(1) << 0)
#define F_INDIRECT (UINT64_C(1) << 28)
#define F_EVENT_IDX (UINT64_C(1) << 29)
#define F_VERSION_1 (UINT64_C(1) << 32)
#define F_ORDER_PLATFORM (UINT64_C(1) << 36)

#define QUEUE 3 /* index of the control queue */
#define RING_SIZE 8
#define MAX_PARTS 8

enum lie {
	HONEST,
	SILENT, /* takes the request and never answers */
	DEAF, /* does not even look */
	EMPTY_REPLY, /* uses the buffer, writes nothing */
	BAD_ID, /* used id outside the ring */
	STALE_ID, /* used id of nothing that is out */
	JUMP, /* used index ahead of everything */
};

struct device {
	struct vcrypto_transport transport;
	struct vcrypto_queue_addr addr;
	uint64_t features;
	uint16_t avail, used;
	enum lie lie;
	bool polled; /* a thread serves it, notifications do nothing */
	bool stop;
	int enable_err;

	/* What it answers; judge(), if set, decides on each create. */
	uint32_t create_status;
	uint64_t session_id; /* of the next session ... */
	uint64_t id_step; /* ... which then grows by this */
	uint8_t destroy_status;
	uint32_t (*judge)(const uint8_t *req);

	/* What it saw last. */
	uint8_t req[2048];
	size_t req_len, reply_room;
	struct {
		uint64_t addr;
		uint32_t len;
		bool write;
	} part[MAX_PARTS];
	unsigned int nb_parts, nb_requests, nb_notified, nb_enabled;
	unsigned int nb_created, nb_destroyed; /* with success */
	uint64_t last_destroyed;
	uint16_t notified_state;
};

static struct device *
device_of(struct vcrypto_transport *t)
{
	return container_of(t, struct device, transport);
}

static uint8_t *
at(uint64_t addr)
{
	return (uint8_t *)(uintptr_t)addr;
}

static void
add_part(struct device *d, const uint8_t *desc)
{
	const uint64_t addr = get64(desc, 0);
	const uint32_t len = get32(desc, 8);
	const bool write = get16(desc, 12) & DESC_WRITE;

	assert_true(d->nb_parts < MAX_PARTS);
	assert_true(len > 0);
	d->part[d->nb_parts].addr = addr;
	d->part[d->nb_parts].len = len;
	d->part[d->nb_parts++].write = write;
	if (write) {
		d->reply_room += len;
	} else {
		/* [virtio 2.7.4.2] readable parts MUST come first */
		assert_int_equal(d->reply_room, 0);
		assert_true(d->req_len + len <= sizeof(d->req));
		memcpy(d->req + d->req_len, at(addr), len);
		d->req_len += len;
	}
}

static void
walk(struct device *d, uint16_t head)
{
	const uint8_t *table = at(d->addr.desc), *desc = table + 16 * head;
	unsigned int limit = d->addr.size;

	d->req_len = 0;
	d->reply_room = 0;
	d->nb_parts = 0;
	assert_true(head < d->addr.size);
	if (get16(desc, 12) & DESC_INDIRECT) {
		assert_true(d->features & F_INDIRECT);
		assert_int_equal(get16(desc, 12), DESC_INDIRECT);
		assert_int_equal(get32(desc, 8) % 16, 0);
		limit = get32(desc, 8) / 16;
		table = at(get64(desc, 0));
		desc = table;
	} else {
		assert_false(d->features & F_INDIRECT);
	}
	for (;;) {
		const uint16_t next = get16(desc, 14);

		add_part(d, desc);
		if (!(get16(desc, 12) & DESC_NEXT))
			break;
		assert_true(next < limit);
		desc = table + 16 * next;
	}
}

static void
reply(struct device *d)
{
	uint8_t *const out = at(d->part[d->nb_parts - 1].addr);

	/* [virtio 5.9.9.2.1] create: id, status, padding; destroy: a byte */
	if ((get32(d->req, 0) & 0xff) == 0x02) {
		const uint32_t status = d->judge != NULL ? d->judge(d->req) : d->create_status;

		assert_int_equal(d->reply_room, 16);
		put64(out, 0, d->session_id);
		put32(out, 8, status);
		put32(out, 12, 0);
		if (status == 0) {
			d->nb_created++;
			d->session_id += d->id_step;
		}
	} else {
		assert_int_equal(get32(d->req, 0) & 0xff, 0x03);
		assert_int_equal(d->reply_room, 1);
		out[0] = d->destroy_status;
		d->last_destroyed = get64(d->req, 16);
		if (d->destroy_status == 0)
			d->nb_destroyed++;
	}
}

static void
serve(struct device *d)
{
	uint8_t *const avail = at(d->addr.driver), *const used = at(d->addr.device);
	uint16_t head;
	uint32_t id;

	while (d->lie != DEAF &&
			__atomic_load_n((uint16_t *)(avail + 2), __ATOMIC_ACQUIRE) != d->avail) {
		head = get16(avail, 4 + 2 * (d->avail++ % d->addr.size));
		walk(d, head);
		d->nb_requests++;
		if (d->lie == SILENT)
			continue;
		if (d->lie != EMPTY_REPLY)
			reply(d);
		id = d->lie == BAD_ID ? 60000 : d->lie == STALE_ID ? (head + 1u) % d->addr.size :
								    head;
		put32(used, 4 + 8 * (d->used % d->addr.size), id);
		put32(used, 8 + 8 * (d->used % d->addr.size), d->reply_room);
		d->used += d->lie == JUMP ? 1000 : 1;
		__atomic_store_n((uint16_t *)(used + 2), d->used, __ATOMIC_RELEASE);
		if (d->features & F_EVENT_IDX)
			put16(used, 4 + 8 * (size_t)d->addr.size, d->avail);
	}
}

static int
fake_enable(struct vcrypto_transport *t, uint16_t index, const struct vcrypto_queue_addr *addr,
		uint64_t features, struct vcrypto_doorbell *db)
{
	struct device *const d = device_of(t);

	d->nb_enabled++;
	if (d->enable_err != 0)
		return d->enable_err;
	assert_int_equal(index, QUEUE);
	assert_int_equal(addr->desc % 16, 0);
	assert_int_equal(addr->driver % 2, 0);
	assert_int_equal(addr->device % 4, 0);
	/* An empty ring, whatever went through it before. */
	assert_int_equal(get16(at(addr->driver), 2), 0);
	assert_int_equal(get16(at(addr->device), 2), 0);
	d->addr = *addr;
	d->features = features;
	d->avail = 0;
	d->used = 0;
	db->addr = d;
	db->value = index;
	return 0;
}

static void
fake_notify(struct vcrypto_transport *t, const struct vcrypto_doorbell *db, uint16_t state)
{
	struct device *const d = device_of(t);

	assert_ptr_equal(db->addr, d);
	assert_int_equal(db->value, QUEUE);
	d->nb_notified++;
	d->notified_state = state;
	if (!d->polled)
		serve(d);
}

static uint32_t
fake_read_config32(struct vcrypto_transport *t, uint32_t off)
{
	(void)t;
	assert_int_equal(off, 0);
	return 1; /* status: HW_READY */
}

static const struct vcrypto_transport_ops fake_ops = {
	.name = "fake",
	.read_config32 = fake_read_config32,
	.queue_enable = fake_enable,
	.notify = fake_notify,
};

/* ---- log lines ---- */

static FILE *log_file;
static char *log_text;
static size_t log_len;

static void
log_begin(void)
{
	log_text = NULL;
	log_file = open_memstream(&log_text, &log_len);
	assert_non_null(log_file);
	rte_openlog_stream(log_file);
}

/* How many lines were logged; the text is freed. */
static unsigned int
log_end(const char *must_have)
{
	unsigned int lines = 0;
	size_t i;

	rte_openlog_stream(NULL);
	fclose(log_file);
	for (i = 0; i < log_len; i++)
		lines += log_text[i] == '\n';
	if (must_have != NULL)
		assert_non_null(strstr(log_text, must_have));
	free(log_text);
	return lines;
}

#endif /* CTRL_FIXTURE_H */
