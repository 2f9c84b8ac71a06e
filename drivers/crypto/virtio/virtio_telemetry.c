/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Telemetry: what a device is, what it was told, what its queues are doing.
 *
 * May include: dev, queue, ring, slot, caps, transport, log. Answers are made
 * by threads of the telemetry library, at any time.
 *
 * Invariants
 *  - the book's lock is held for the length of an answer, and by control threads to
 *    enter a device or a queue pair and to take it out, so nothing looked at is freed
 *    meanwhile. It is taken inside no other lock, and no burst ever takes it;
 *  - nothing but the book is written. The rest is read field by field (relaxed), while
 *    others write it: each number is one that was true, the set need not be;
 *  - of requests there are lengths, flags, addresses, and the header's numbers; no byte
 *    of IVs, keys, digests or data is read.
 */

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include <rte_common.h>
#include <rte_telemetry.h>

#include "virtio_caps.h"
#include "virtio_compat.h"
#include "virtio_dev.h"
#include "virtio_log.h"
#include "virtio_queue.h"
#include "virtio_ring.h"
#include "virtio_slot.h"
#include "virtio_telemetry.h"
#include "virtio_transport.h"

/* An answer has 16 KiB at most: so many requests, with so many descriptors each. */
#define DUMP_REQUESTS 16
#define DUMP_DESCS 12

#define LOAD(field) __atomic_load_n(&(field), __ATOMIC_RELAXED)

struct entry {
	LIST_ENTRY(entry) next;
	const struct vcrypto_dev *dev;
	uint16_t nb_qps;
	const struct vcrypto_qp *qps[]; /* NULL: not set up */
};

static pthread_mutex_t book_lock = PTHREAD_MUTEX_INITIALIZER;
static LIST_HEAD(, entry) book = LIST_HEAD_INITIALIZER(book);

/* ---- the book ---- */

static struct entry *
find(const struct vcrypto_dev *dev)
{
	struct entry *e;

	LIST_FOREACH(e, &book, next) {
		if (e->dev == dev)
			return e;
	}
	return NULL;
}

void
vcrypto_telemetry_add(struct vcrypto_dev *dev)
{
	struct entry *const e = calloc(1, sizeof(*e) + sizeof(e->qps[0]) * dev->max_queue_pairs);

	if (e == NULL) {
		VCRYPTO_DEV_LOG(WARNING, dev->name, "no memory for its telemetry");
		return;
	}
	e->dev = dev;
	e->nb_qps = dev->max_queue_pairs;
	pthread_mutex_lock(&book_lock);
	LIST_INSERT_HEAD(&book, e, next);
	pthread_mutex_unlock(&book_lock);
}

void
vcrypto_telemetry_remove(const struct vcrypto_dev *dev)
{
	struct entry *e;

	pthread_mutex_lock(&book_lock);
	e = find(dev);
	if (e != NULL)
		LIST_REMOVE(e, next);
	pthread_mutex_unlock(&book_lock);
	free(e);
}

void
vcrypto_telemetry_set_queue(const struct vcrypto_dev *dev, uint16_t id,
		const struct vcrypto_qp *qp)
{
	struct entry *e;

	pthread_mutex_lock(&book_lock);
	e = find(dev);
	if (e != NULL && id < e->nb_qps)
		e->qps[id] = qp;
	pthread_mutex_unlock(&book_lock);
}

/* ---- parts of answers ---- */

static void
put(struct rte_tel_data *d, const char *name, uint64_t value)
{
	vcrypto_tel_add_dict_uint(d, name, value);
}

static void
put_hex(struct rte_tel_data *d, const char *name, uint64_t value)
{
	char hex[24];

	snprintf(hex, sizeof(hex), "0x%" PRIx64, value);
	rte_tel_data_add_dict_string(d, name, hex);
}

static void
put_bool(struct rte_tel_data *d, const char *name, bool value)
{
	rte_tel_data_add_dict_string(d, name, value ? "yes" : "no");
}

/* A dictionary or list that becomes part of another; NULL, without memory, is left out. */
static struct rte_tel_data *
part_of(struct rte_tel_data *d, const char *name, bool dict)
{
	struct rte_tel_data *const part = rte_tel_data_alloc();

	if (part == NULL)
		return NULL;
	if (dict)
		rte_tel_data_start_dict(part);
	else
		rte_tel_data_start_array(part, RTE_TEL_STRING_VAL);
	if (rte_tel_data_add_dict_container(d, name, part, 0) == 0)
		return part;
	rte_tel_data_free(part);
	return NULL;
}

/** Name of a bit; NULL: it has none here. */
typedef const char *(*bit_name_t)(unsigned int bit);

/* A mask as a number, and as a list of what its bits stand for. */
static void
put_mask(struct rte_tel_data *d, const char *name, uint64_t mask, bit_name_t name_of)
{
	struct rte_tel_data *names;
	char list[32], number[16];
	const char *known;
	unsigned int bit;

	put_hex(d, name, mask);
	snprintf(list, sizeof(list), "%s_names", name);
	names = part_of(d, list, false);
	for (bit = 0; names != NULL && bit < 64; bit++) {
		if (!(mask & UINT64_C(1) << bit))
			continue;
		known = name_of(bit);
		if (known == NULL) {
			snprintf(number, sizeof(number), "bit %u", bit);
			known = number;
		}
		rte_tel_data_add_array_string(names, known);
	}
}

/* ---- names ---- */

const char *
vcrypto_telemetry_feature_name(unsigned int bit)
{
	static const char *const names[64] = {
		[VIRTIO_CRYPTO_F_REVISION_1] = "REVISION_1",
		[VIRTIO_CRYPTO_F_CIPHER_STATELESS_MODE] = "CIPHER_STATELESS_MODE",
		[VIRTIO_CRYPTO_F_HASH_STATELESS_MODE] = "HASH_STATELESS_MODE",
		[VIRTIO_CRYPTO_F_MAC_STATELESS_MODE] = "MAC_STATELESS_MODE",
		[VIRTIO_CRYPTO_F_AEAD_STATELESS_MODE] = "AEAD_STATELESS_MODE",
		[VIRTIO_CRYPTO_F_AKCIPHER_STATELESS_MODE] = "AKCIPHER_STATELESS_MODE",
		[VIRTIO_F_INDIRECT_DESC] = "INDIRECT_DESC",
		[VIRTIO_F_EVENT_IDX] = "EVENT_IDX",
		[VIRTIO_F_VERSION_1] = "VERSION_1",
		[VIRTIO_F_ACCESS_PLATFORM] = "ACCESS_PLATFORM",
		[VIRTIO_F_RING_PACKED] = "RING_PACKED",
		[VIRTIO_F_IN_ORDER] = "IN_ORDER",
		[VIRTIO_F_ORDER_PLATFORM] = "ORDER_PLATFORM",
		[VIRTIO_F_NOTIFICATION_DATA] = "NOTIFICATION_DATA",
		[VIRTIO_F_NOTIF_CONFIG_DATA] = "NOTIF_CONFIG_DATA",
		[VIRTIO_F_RING_RESET] = "RING_RESET",
	};

	return bit < RTE_DIM(names) ? names[bit] : NULL;
}

static const char *
service_name(unsigned int bit)
{
	static const char *const names[] = {
		[VIRTIO_CRYPTO_SERVICE_CIPHER] = "cipher",
		[VIRTIO_CRYPTO_SERVICE_HASH] = "hash",
		[VIRTIO_CRYPTO_SERVICE_MAC] = "mac",
		[VIRTIO_CRYPTO_SERVICE_AEAD] = "aead",
		[VIRTIO_CRYPTO_SERVICE_AKCIPHER] = "akcipher",
	};

	return bit < RTE_DIM(names) ? names[bit] : NULL;
}

static const char *
cipher_name(unsigned int bit)
{
	const struct vcrypto_alg_cipher *rows;
	unsigned int i, nb;

	rows = vcrypto_caps_ciphers(&nb);
	for (i = 0; i < nb; i++) {
		if (rows[i].id == bit)
			return rows[i].name;
	}
	return NULL;
}

/* Hashes and MACs are rows of one table, and have numbers of their own each. */
static const char *
auth_name(unsigned int bit, bool mac)
{
	const struct vcrypto_alg_auth *rows;
	unsigned int i, nb;

	rows = vcrypto_caps_auths(&nb);
	for (i = 0; i < nb; i++) {
		if (rows[i].id == bit && (rows[i].key.max != 0) == mac && !rows[i].gmac)
			return rows[i].name;
	}
	return NULL;
}

static const char *
hash_name(unsigned int bit)
{
	return auth_name(bit, false);
}

static const char *
mac_name(unsigned int bit)
{
	return auth_name(bit, true);
}

static const char *
aead_name(unsigned int bit)
{
	const struct vcrypto_alg_aead *rows;
	unsigned int i, nb;

	rows = vcrypto_caps_aeads(&nb);
	for (i = 0; i < nb; i++) {
		if (rows[i].id == bit)
			return rows[i].name;
	}
	return NULL;
}

static const char *
akcipher_name(unsigned int bit)
{
	static const char *const names[] = { [1] = "RSA", [2] = "ECDSA" };

	return bit < RTE_DIM(names) ? names[bit] : NULL;
}

static const char *
status_name(unsigned int bit)
{
	switch (1u << bit) {
	case VIRTIO_CONFIG_S_ACKNOWLEDGE:
		return "ACKNOWLEDGE";
	case VIRTIO_CONFIG_S_DRIVER:
		return "DRIVER";
	case VIRTIO_CONFIG_S_DRIVER_OK:
		return "DRIVER_OK";
	case VIRTIO_CONFIG_S_FEATURES_OK:
		return "FEATURES_OK";
	case VIRTIO_CONFIG_S_NEEDS_RESET:
		return "NEEDS_RESET";
	case VIRTIO_CONFIG_S_FAILED:
		return "FAILED";
	default:
		return NULL;
	}
}

static const char *
hw_state_name(const struct vcrypto_dev *dev)
{
	switch (LOAD(dev->hw_state)) {
	case VCRYPTO_HW_DOWN:
		return "down";
	case VCRYPTO_HW_PARKED:
		return "parked";
	case VCRYPTO_HW_UP:
		return "up";
	}
	return "unknown";
}

static const char *
queue_state_name(enum vcrypto_queue_state state)
{
	switch (state) {
	case VCRYPTO_QUEUE_STOPPED:
		return "stopped";
	case VCRYPTO_QUEUE_LIVE:
		return "live";
	case VCRYPTO_QUEUE_FAULT:
		return "fault";
	case VCRYPTO_QUEUE_DEAD:
		return "dead";
	case VCRYPTO_QUEUE_PAUSED:
		return "paused";
	}
	return "unknown";
}

/* ---- parameters ---- */

/* A whole decimal number that is all of @p len characters. */
static int
number_of(const char *s, size_t len, unsigned long max, unsigned long *out)
{
	unsigned long n = 0;
	size_t i;

	if (len == 0 || len > 9)
		return -EINVAL;
	for (i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return -EINVAL;
		n = n * 10 + (s[i] - '0');
	}
	if (n > max)
		return -EINVAL;
	*out = n;
	return 0;
}

/*
 * The device that the first parameter names, by its number among cryptodevs or by its name; *rest
 * is what follows the comma, or NULL. With the book's lock.
 */
static const struct entry *
device_of(const char *params, const char **rest)
{
	const struct entry *e;
	unsigned long id;
	size_t len;
	bool is_id;

	*rest = NULL;
	if (params == NULL)
		return NULL;
	len = strcspn(params, ",");
	if (params[len] == ',')
		*rest = params + len + 1;
	is_id = number_of(params, len, UINT8_MAX, &id) == 0;
	LIST_FOREACH(e, &book, next) {
		const char *const name = e->dev->name;

		if (is_id ? e->dev->dev_id == id :
				strlen(name) == len && strncmp(name, params, len) == 0)
			return e;
	}
	return NULL;
}

/** Answer about a device. @return 0; -errno, which the library shows as null. */
typedef int (*answer_t)(const struct entry *e, const char *rest, struct rte_tel_data *d);

static int
about_device(const char *params, struct rte_tel_data *d, answer_t answer)
{
	const struct entry *e;
	const char *rest;
	int ret = -EINVAL;

	pthread_mutex_lock(&book_lock);
	e = device_of(params, &rest);
	if (e != NULL)
		ret = answer(e, rest, d);
	pthread_mutex_unlock(&book_lock);
	return ret;
}

/* The queue pair that the second parameter names, NULL if there is none. */
static const struct vcrypto_qp *
queue_of(const struct entry *e, const char *rest)
{
	unsigned long id;

	if (rest == NULL || number_of(rest, strlen(rest), UINT16_MAX, &id) < 0 || id >= e->nb_qps)
		return NULL;
	return e->qps[id];
}

/* ---- devices ---- */

static int
on_list(const char *cmd, const char *params, struct rte_tel_data *d)
{
	const struct entry *e;

	RTE_SET_USED(cmd);
	if (params != NULL && params[0] != '\0')
		return -EINVAL;
	rte_tel_data_start_array(d, RTE_TEL_STRING_VAL);
	pthread_mutex_lock(&book_lock);
	LIST_FOREACH(e, &book, next)
		rte_tel_data_add_array_string(d, e->dev->name);
	pthread_mutex_unlock(&book_lock);
	return 0;
}

static void
put_sessions(struct rte_tel_data *d, const struct vcrypto_dev_counts *counts)
{
	static const char *const names[VCRYPTO_SESSION_KINDS] = {
		[VCRYPTO_SESSION_CIPHER] = "cipher",
		[VCRYPTO_SESSION_CHAIN] = "chain",
		[VCRYPTO_SESSION_HASH] = "hash",
		[VCRYPTO_SESSION_MAC] = "mac",
		[VCRYPTO_SESSION_AEAD] = "aead",
		[VCRYPTO_SESSION_NULL] = "null",
		[VCRYPTO_SESSION_ASYM] = "asym",
	};
	struct rte_tel_data *const kinds = part_of(d, "sessions_by_kind", true);
	unsigned int i;

	for (i = 0; kinds != NULL && i < RTE_DIM(names); i++)
		put(kinds, names[i], LOAD(counts->sessions[i]));
	put(d, "sessions_made", LOAD(counts->sessions_made));
	put(d, "sessions_refused", LOAD(counts->sessions_refused));
}

static void
put_queues(struct rte_tel_data *d, const struct entry *e)
{
	struct rte_tel_data *const states = part_of(d, "queue_pairs", true);
	char id[8];
	uint16_t i;

	for (i = 0; states != NULL && i < e->nb_qps; i++) {
		if (e->qps[i] == NULL)
			continue;
		snprintf(id, sizeof(id), "%u", i);
		rte_tel_data_add_dict_string(states, id,
			queue_state_name(LOAD(e->qps[i]->state)));
	}
}

static int
answer_info(const struct entry *e, const char *rest, struct rte_tel_data *d)
{
	const struct vcrypto_dev *const dev = e->dev;
	const struct vcrypto_transport_ops *const ops = vcrypto_transport_ops(dev->transport);
	const uint8_t status = ops->get_status(dev->transport);

	if (rest != NULL)
		return -EINVAL;
	rte_tel_data_start_dict(d);
	rte_tel_data_add_dict_string(d, "name", dev->name);
	put(d, "dev_id", dev->dev_id);
	rte_tel_data_add_dict_string(d, "transport", ops->name);
	rte_tel_data_add_dict_string(d, "address",
		ops->where != NULL ? ops->where(dev->transport) : dev->name);
	rte_tel_data_add_dict_string(d, "state", hw_state_name(dev));
	put_bool(d, "present", status != VCRYPTO_STATUS_GONE);
	put_mask(d, "status", status == VCRYPTO_STATUS_GONE ? 0 : status, status_name);
	put_bool(d, "broken", LOAD(dev->broken));
	put_bool(d, "lost", LOAD(dev->lost));
	put_bool(d, "control_broken", LOAD(dev->ctrl.broken));
	put_mask(d, "features", LOAD(dev->features), vcrypto_telemetry_feature_name);
	rte_tel_data_add_dict_string(d, "caps",
		dev->args.caps_mode == VCRYPTO_CAPS_PROBE ? "probe" : "advertised");
	put(d, "timeout_ms", dev->args.timeout_ms);
	put(d, "max_queue_pairs", LOAD(dev->max_queue_pairs));
	put(d, "max_queue_size", dev->queue_size_max);
	put_queues(d, e);
	put(d, "sessions", LOAD(dev->nb_sessions));
	put_sessions(d, &dev->counts);
	put(d, "resets", LOAD(dev->counts.resets));
	put(d, "faults", LOAD(dev->counts.faults));
	put(d, "losses", LOAD(dev->counts.losses));
	put(d, "recoveries", LOAD(dev->counts.recoveries));
	put(d, "resent", LOAD(dev->counts.resent));
	return 0;
}

static int
answer_config(const struct entry *e, const char *rest, struct rte_tel_data *d)
{
	const struct vcrypto_config *const c = &e->dev->config;
	const uint64_t max_size = LOAD(c->max_size);

	if (rest != NULL)
		return -EINVAL;
	rte_tel_data_start_dict(d);
	put_bool(d, "hw_ready", LOAD(c->status) & VIRTIO_CRYPTO_S_HW_READY);
	put(d, "max_dataqueues", LOAD(c->max_dataqueues));
	put_mask(d, "services", LOAD(c->services), service_name);
	put_mask(d, "cipher_algo", LOAD(c->cipher_algo), cipher_name);
	put_mask(d, "hash_algo", LOAD(c->hash_algo), hash_name);
	put_mask(d, "mac_algo", LOAD(c->mac_algo), mac_name);
	put_mask(d, "aead_algo", LOAD(c->aead_algo), aead_name);
	put_mask(d, "akcipher_algo", LOAD(c->akcipher_algo), akcipher_name);
	put(d, "max_cipher_key_len", LOAD(c->max_cipher_key_len));
	put(d, "max_auth_key_len", LOAD(c->max_auth_key_len));
	/* As it was read: 0 stands for no limit. */
	put(d, "max_size", max_size == UINT64_MAX ? 0 : max_size);
	return 0;
}

/* ---- queue pairs ---- */

static void
put_ring(struct rte_tel_data *d, const struct vcrypto_ring *r)
{
	struct vcrypto_ring_number numbers[VCRYPTO_RING_NUMBERS];
	struct rte_tel_data *const ring = part_of(d, "ring", true);
	unsigned int i, nb;

	if (ring == NULL)
		return;
	nb = vcrypto_ring_look(r, numbers);
	for (i = 0; i < nb; i++)
		put(ring, numbers[i].name, numbers[i].value);
}

static void
put_queue(struct rte_tel_data *d, const struct vcrypto_qp *qp)
{
	const unsigned int kind = LOAD(qp->ring.kind);

	put(d, "id", qp->id);
	rte_tel_data_add_dict_string(d, "state", queue_state_name(LOAD(qp->state)));
	if (kind < VCRYPTO_RING_NB)
		rte_tel_data_add_dict_string(d, "format", vcrypto_ring_ops[kind]->name);
	put(d, "size", qp->nb_slots);
	rte_tel_data_add_dict_string(d, "fault",
		vcrypto_ring_fault_name(LOAD(qp->ring.broken)));
}

static int
answer_queue(const struct entry *e, const char *rest, struct rte_tel_data *d)
{
	const struct vcrypto_qp *const qp = queue_of(e, rest);
	struct vcrypto_queue_view view;

	if (qp == NULL)
		return -EINVAL;
	vcrypto_queue_look(qp, &view);
	rte_tel_data_start_dict(d);
	put_queue(d, qp);
	put_bool(d, "event_idx", LOAD(qp->ring.event_idx));
	put(d, "free_slots", view.free_slots);
	put(d, "in_flight", view.in_flight);
	put(d, "returned", view.returned);
	put(d, "held", view.held);
	put(d, "second_requests", view.second);
	put(d, "enqueued", view.stats.enqueued);
	put(d, "enqueue_errors", view.stats.enqueue_errs);
	put(d, "dequeued", view.stats.dequeued);
	put(d, "dequeue_errors", view.stats.dequeue_errs);
	put(d, "kicks", view.kicks);
	put_ring(d, &qp->ring);
	return 0;
}

/* A descriptor's flags and the rest of its tail, as the ring's format has them. */
static void
put_desc(struct rte_tel_data *list, const struct vcrypto_desc *desc, bool packed)
{
	const uint64_t addr = rte_le_to_cpu_64(LOAD(desc->addr));
	const uint64_t len_tail = rte_le_to_cpu_64(LOAD(desc->len_tail));
	const uint32_t tail = len_tail >> 32;
	const uint16_t flags = packed ? tail >> 16 : tail;
	char text[64];

	snprintf(text, sizeof(text), "%s %" PRIu32 " at 0x%" PRIx64 " flags 0x%x",
		flags & VIRTQ_DESC_F_WRITE ? "write" : "read", (uint32_t)len_tail, addr, flags);
	rte_tel_data_add_array_string(list, text);
}

/* Fields of a packed structure that is aligned all the same: one load, with any compiler. */
static uint32_t
load_le32(const rte_le32_t *p)
{
	return rte_le_to_cpu_32(LOAD(*p));
}

static uint64_t
load_le64(const rte_le64_t *p)
{
	return rte_le_to_cpu_64(LOAD(*p));
}

/* A slot's memory is there as long as its queue pair, whoever has the slot now. */
static void
put_request(struct rte_tel_data *requests, const struct vcrypto_qp *qp,
		const struct vcrypto_queue_flight *flight, bool packed)
{
	const struct vcrypto_slot_priv *const sp = &qp->priv[flight->slot];
	const struct virtio_crypto_op_header *const header = &sp->slot->req.header;
	const bool in_ext = LOAD(sp->in_ext);
	const struct vcrypto_desc *const table = in_ext ? sp->ext->table : sp->slot->table;
	const unsigned int nb_desc = RTE_MIN((unsigned int)LOAD(sp->nb_desc),
		in_ext ? (unsigned int)VCRYPTO_SLOT_EXT_DESC : VCRYPTO_SLOT_INLINE_DESC);
	struct rte_tel_data *request, *list;
	char slot[8];
	unsigned int i;

	snprintf(slot, sizeof(slot), "%u", flight->slot);
	request = part_of(requests, slot, true);
	if (request == NULL)
		return;
	put(request, "age", flight->age);
	put_hex(request, "opcode", load_le32(&header->opcode));
	put_hex(request, "session", load_le64(&header->session_id));
	put(request, "step", LOAD(sp->step));
	put_hex(request, "status", LOAD(sp->slot->status));
	put(request, "descriptors", nb_desc);
	list = part_of(request, "table", false);
	for (i = 0; list != NULL && i < RTE_MIN(nb_desc, (unsigned int)DUMP_DESCS); i++)
		put_desc(list, &table[i], packed);
}

static int
answer_queue_dump(const struct entry *e, const char *rest, struct rte_tel_data *d)
{
	const struct vcrypto_qp *const qp = queue_of(e, rest);
	struct vcrypto_queue_flight flights[DUMP_REQUESTS];
	struct rte_tel_data *requests;
	struct vcrypto_queue_view view;
	bool packed;
	int i, nb;

	if (qp == NULL)
		return -EINVAL;
	nb = vcrypto_queue_oldest(qp, flights, RTE_DIM(flights));
	if (nb < 0)
		return nb;
	vcrypto_queue_look(qp, &view);
	packed = LOAD(qp->ring.kind) & VCRYPTO_RING_F_PACKED;
	rte_tel_data_start_dict(d);
	put_queue(d, qp);
	put(d, "in_flight", view.in_flight);
	put(d, "shown", nb);
	put_ring(d, &qp->ring);
	requests = part_of(d, "requests", true);
	for (i = 0; requests != NULL && i < nb; i++)
		put_request(requests, qp, &flights[i], packed);
	return 0;
}

/* ---- commands ---- */

static int
on_info(const char *cmd, const char *params, struct rte_tel_data *d)
{
	RTE_SET_USED(cmd);
	return about_device(params, d, answer_info);
}

static int
on_config(const char *cmd, const char *params, struct rte_tel_data *d)
{
	RTE_SET_USED(cmd);
	return about_device(params, d, answer_config);
}

static int
on_queue(const char *cmd, const char *params, struct rte_tel_data *d)
{
	RTE_SET_USED(cmd);
	return about_device(params, d, answer_queue);
}

static int
on_queue_dump(const char *cmd, const char *params, struct rte_tel_data *d)
{
	RTE_SET_USED(cmd);
	return about_device(params, d, answer_queue_dump);
}

RTE_INIT(vcrypto_telemetry_register)
{
	rte_telemetry_register_cmd("/crypto_virtio/list", on_list,
		"Lists virtio crypto devices. Takes no parameters");
	rte_telemetry_register_cmd("/crypto_virtio/info", on_info,
		"Shows a device's state, features and sessions. Parameters: id or name");
	rte_telemetry_register_cmd("/crypto_virtio/config", on_config,
		"Shows a device's configuration space. Parameters: id or name");
	rte_telemetry_register_cmd("/crypto_virtio/queue", on_queue,
		"Shows a queue pair. Parameters: id or name of the device, queue pair id");
	rte_telemetry_register_cmd("/crypto_virtio/queue_dump", on_queue_dump,
		"Shows the oldest requests in flight. Parameters: id or name of the device, queue pair id");
}
