/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Control queue commands: spelled, sent, waited for, wiped.
 *
 * May include: wire, ring, transport, codec (for the create request), secret,
 * log. Control threads only, under the device's lock.
 *
 * Invariants
 *  - at most one command is with the device, so slot 0 is the only slot;
 *  - outside a command the buffer holds no key, but for a command whose deadline
 *    passed: the device may still read that one, and it is wiped after the reset;
 *  - the reply is preset to a value that is no answer.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_common.h>
#include <rte_cycles.h>
#include <rte_errno.h>
#include <rte_malloc.h>
#include <rte_memzone.h>
#include <rte_pause.h>

#include "virtio_codec.h"
#include "virtio_codec_asym.h"
#include "virtio_crypto_wire.h"
#include "virtio_ctrl.h"
#include "virtio_log.h"
#include "virtio_secret.h"

/* A device answers within microseconds: spin so long, then leave the core to others. */
#define SPIN_US 50
#define SLEEP_US 20

/* The longest command: request, two keys, reply [virtio 2.7.5.2]. */
#define MIN_SIZE 4u

/* Keys of any session: those of RSA are the longest. */
#define KEYS_MAX VCRYPTO_ASYM_KEY_MAX
static_assert(KEYS_MAX >= VCRYPTO_CREATE_KEY_MAX, "room for symmetric keys");

#define REPLY_POISON 0xa5
#define CTRL_SLOT 0

/* Shared with the device. What it writes has a cache line of its own. */
struct ctrl_buf {
	union {
		uint8_t create[VIRTIO_CRYPTO_CTRL_REQ_LEN];
		struct virtio_crypto_destroy_session_req destroy;
	} req __rte_aligned(64);
	uint8_t keys[KEYS_MAX] __rte_aligned(64);
	struct vcrypto_desc table[MIN_SIZE] __rte_aligned(64);
	union {
		struct virtio_crypto_create_session_resp create;
		uint8_t destroy;
	} reply __rte_aligned(64);
} __rte_aligned(64);

#define BUF_IOVA(c, field) ((c)->buf_mz->iova + offsetof(struct ctrl_buf, field))

/* A command's descriptors, one for each field, in the specification's order. */
struct command {
	struct ctrl_buf *buf;
	uint16_t nb_desc;
	uint32_t keys_len; /* to be wiped */
};

static struct ctrl_buf *
buf_of(const struct vcrypto_ctrl *c)
{
	return c->buf_mz->addr;
}

static const struct rte_memzone *
reserve(const char *zone, const char *what, size_t len, int socket_id, unsigned int align)
{
	char name[RTE_MEMZONE_NAMESIZE];

	snprintf(name, sizeof(name), "%s_%s", zone, what);
	return rte_memzone_reserve_aligned(name, len, socket_id, RTE_MEMZONE_IOVA_CONTIG, align);
}

int
vcrypto_ctrl_create(struct vcrypto_ctrl *c, const char *name, const char *zone, int socket_id,
		struct vcrypto_transport *t, uint16_t size, unsigned int timeout_ms)
{
	size_t ring_len = 0;
	unsigned int kind;

	memset(c, 0, sizeof(*c));
	if (size < MIN_SIZE || !rte_is_power_of_2(size)) {
		VCRYPTO_DEV_LOG(ERR, name,
			"control queue of %u entries: must be a power of two, %u or more", size,
			MIN_SIZE);
		return -EINVAL;
	}
	snprintf(c->dev_name, sizeof(c->dev_name), "%s", name);
	c->transport = t;
	c->timeout_ms = timeout_ms;
	c->size = size;

	/* Which format it will be is known only after negotiation. */
	for (kind = 0; kind < VCRYPTO_RING_NB; kind++)
		ring_len = RTE_MAX(ring_len, vcrypto_ring_mem_size(kind, size));
	c->ring_mz = reserve(zone, "cq_ring", ring_len, socket_id, 4096);
	c->buf_mz = reserve(zone, "cq_buf", sizeof(struct ctrl_buf), socket_id, 64);
	c->ring_priv = rte_zmalloc_socket("vcrypto_ctrl", vcrypto_ring_priv_size(size),
		RTE_CACHE_LINE_SIZE, socket_id);
	if (c->ring_mz == NULL || c->buf_mz == NULL || c->ring_priv == NULL) {
		VCRYPTO_DEV_LOG(ERR, name, "no memory for the control queue (%s)",
			rte_strerror(rte_errno));
		vcrypto_ctrl_destroy(c);
		return -ENOMEM;
	}
	vcrypto_secret_wipe(c->buf_mz->addr, sizeof(struct ctrl_buf));
	return 0;
}

void
vcrypto_ctrl_destroy(struct vcrypto_ctrl *c)
{
	vcrypto_ctrl_wipe(c);
	rte_memzone_free(c->ring_mz);
	rte_memzone_free(c->buf_mz);
	rte_free(c->ring_priv);
	c->ring_mz = NULL;
	c->buf_mz = NULL;
	c->ring_priv = NULL;
}

void
vcrypto_ctrl_wipe(struct vcrypto_ctrl *c)
{
	c->enabled = false;
	if (c->buf_mz != NULL)
		vcrypto_secret_wipe(c->buf_mz->addr, sizeof(struct ctrl_buf));
}

int
vcrypto_ctrl_enable(struct vcrypto_ctrl *c, uint16_t index, uint64_t features)
{
	struct vcrypto_queue_addr addr;
	int ret;

	vcrypto_ctrl_wipe(c);
	ret = vcrypto_ring_init(&c->ring, vcrypto_ring_kind_pick(features), index, c->size,
		c->ring_mz->addr, c->ring_mz->iova, c->ring_priv, features);
	if (ret < 0)
		return ret;
	vcrypto_ring_addr(&c->ring, &addr);
	ret = vcrypto_transport_ops(c->transport)->queue_enable(c->transport, index, &addr,
		features, &c->db);
	if (ret < 0)
		return ret;
	c->features = features;
	c->enabled = true;
	c->broken = false;
	return 0;
}

static void
put_read(const struct vcrypto_ctrl *c, struct command *cmd, rte_iova_t iova, uint32_t len)
{
	const struct vcrypto_desc_fmt *const fmt = &vcrypto_ring_ops_of(&c->ring)->fmt;
	const uint16_t i = cmd->nb_desc++;

	vcrypto_desc_set(&cmd->buf->table[i], iova, len, fmt->read + i * fmt->step);
}

static void
put_reply(const struct vcrypto_ctrl *c, struct command *cmd, uint32_t len)
{
	const uint16_t i = cmd->nb_desc++;

	memset(&cmd->buf->reply, REPLY_POISON, sizeof(cmd->buf->reply));
	vcrypto_desc_set(&cmd->buf->table[i], BUF_IOVA(c, reply), len,
		vcrypto_ring_ops_of(&c->ring)->fmt.last);
}

/* The queue is of no more use: one line, and every later command is refused. */
static int
give_up(struct vcrypto_ctrl *c, int err, const char *why)
{
	c->broken = true;
	VCRYPTO_DEV_LOG(ERR, c->dev_name,
		"control queue: %s; no sessions can be made or destroyed until the device is reset"
		" (stop and start it)", why);
	return err;
}

/* Wait for the one command that is out. */
static int
wait_used(struct vcrypto_ctrl *c)
{
	const struct vcrypto_ring_ops *const ops = vcrypto_ring_ops_of(&c->ring);
	const struct vcrypto_transport_ops *const transport = vcrypto_transport_ops(c->transport);
	const uint64_t start = rte_get_tsc_cycles();
	const uint64_t spin = rte_get_tsc_hz() / US_PER_S * SPIN_US;
	const uint64_t limit = rte_get_tsc_hz() / MS_PER_S * c->timeout_ms;
	uint64_t waited;
	bool expired = false;
	uint16_t slot;
	char why[64];
	int n;

	for (;;) {
		n = ops->get(&c->ring, &slot, NULL, 1);
		if (n < 0)
			return give_up(c, -EIO, vcrypto_ring_fault_name(c->ring.broken));
		if (n > 0)
			return 0;
		if (expired)
			break;
		waited = rte_get_tsc_cycles() - start;
		/* Asked once more after the deadline: this thread may have slept long. */
		expired = waited >= limit;
		if (waited < spin) {
			rte_pause();
			continue;
		}
		if (transport->recovers &&
				transport->get_status(c->transport) == VCRYPTO_STATUS_GONE)
			return give_up(c, -EIO, "the back end went away");
		if (!expired)
			rte_delay_us_sleep(SLEEP_US);
	}
	snprintf(why, sizeof(why), "no answer within %u ms", c->timeout_ms);
	return give_up(c, -ETIMEDOUT, why);
}

/*
 * Send a command and wait for its end. Keys are wiped, unless the deadline passes:
 * then the device may still be reading them.
 */
static int
run(struct vcrypto_ctrl *c, struct command *cmd)
{
	const struct vcrypto_ring_ops *const ops = vcrypto_ring_ops_of(&c->ring);
	const struct vcrypto_ring_req req = {
		.slot = CTRL_SLOT,
		.nb_desc = cmd->nb_desc,
		.table = cmd->buf->table,
		.table_iova = BUF_IOVA(c, table),
	};
	int ret;

	if (vcrypto_ring_add(&c->ring, &req, 1) != 1) {
		ret = give_up(c, -EIO, "no room for a command in an idle ring");
	} else {
		ops->publish(&c->ring);
		if (ops->kick_needed(&c->ring))
			vcrypto_transport_ops(c->transport)->notify(c->transport, &c->db,
				ops->notify_state(&c->ring));
		ret = wait_used(c);
	}
	if (ret == -ETIMEDOUT)
		return ret;
	vcrypto_secret_wipe(cmd->buf->keys, cmd->keys_len);
	return ret;
}

/* Whether commands can be sent at all. */
static int
check_usable(const struct vcrypto_ctrl *c)
{
	return c->enabled && !c->broken ? 0 : -EIO;
}

static bool
has_revision_1(const struct vcrypto_ctrl *c)
{
	return c->features & VIRTIO_FEATURE(VIRTIO_CRYPTO_F_REVISION_1);
}

/* [virtio 5.9.9.2.1.7] the device's answer to a create; unknown values are refusals */
static int
status_to_errno(uint32_t status)
{
	switch (status) {
	case VIRTIO_CRYPTO_OK:
		return 0;
	case VIRTIO_CRYPTO_NOTSUPP:
		return -ENOTSUP;
	case VIRTIO_CRYPTO_NOSPC:
		return -ENOSPC;
	default:
		return -EINVAL;
	}
}

/* Start a command that creates a session. */
static int
begin_create(const struct vcrypto_ctrl *c, struct command *cmd, const void *req, size_t req_len)
{
	int ret;

	ret = check_usable(c);
	if (ret < 0)
		return ret;
	cmd->buf = buf_of(c);
	memcpy(cmd->buf->req.create, req, sizeof(cmd->buf->req.create));
	/* [virtio 5.9.7.2] the fixed part is padded to 56 bytes unless REVISION_1 is negotiated */
	put_read(c, cmd, BUF_IOVA(c, req), has_revision_1(c) ? req_len :
		sizeof(cmd->buf->req.create));
	return 0;
}

static void
put_key(const struct vcrypto_ctrl *c, struct command *cmd, const uint8_t *key, uint32_t len)
{
	if (len == 0)
		return;
	memcpy(cmd->buf->keys + cmd->keys_len, key, len);
	put_read(c, cmd, BUF_IOVA(c, keys) + cmd->keys_len, len);
	cmd->keys_len += len;
}

static int
end_create(struct vcrypto_ctrl *c, struct command *cmd, uint64_t *id)
{
	const struct ctrl_buf *const buf = cmd->buf;
	int ret;

	put_reply(c, cmd, sizeof(buf->reply.create));
	ret = run(c, cmd);
	if (ret < 0)
		return ret;
	ret = status_to_errno(rte_le_to_cpu_32(buf->reply.create.status));
	if (ret == 0)
		*id = rte_le_to_cpu_64(buf->reply.create.session_id);
	return ret;
}

/* [virtio 5.9.9.2.1.6] MUST: header, fixed part, keys, outcome, in this order. */

int
vcrypto_ctrl_sym_create(struct vcrypto_ctrl *c, const struct vcrypto_sym_create *create,
		uint64_t *id)
{
	struct command cmd = { .buf = NULL };
	int ret;

	if (create->cipher_key_len > VCRYPTO_CREATE_KEY_MAX ||
			create->auth_key_len > VCRYPTO_CREATE_KEY_MAX - create->cipher_key_len)
		return -E2BIG;
	ret = begin_create(c, &cmd, &create->req, create->req_len);
	if (ret < 0)
		return ret;
	put_key(c, &cmd, create->keys, create->cipher_key_len);
	put_key(c, &cmd, create->keys + create->cipher_key_len, create->auth_key_len);
	return end_create(c, &cmd, id);
}

int
vcrypto_ctrl_asym_create(struct vcrypto_ctrl *c, const struct vcrypto_asym_create *create,
		uint64_t *id)
{
	struct command cmd = { .buf = NULL };
	int ret;

	static_assert(sizeof(create->req) == VIRTIO_CRYPTO_CTRL_REQ_LEN, "5.9.7.2");
	if (create->key_len > VCRYPTO_ASYM_KEY_MAX)
		return -E2BIG;
	ret = begin_create(c, &cmd, &create->req, sizeof(create->req));
	if (ret < 0)
		return ret;
	put_key(c, &cmd, create->key, create->key_len);
	return end_create(c, &cmd, id);
}

int
vcrypto_ctrl_destroy_session(struct vcrypto_ctrl *c, uint8_t service, uint64_t id)
{
	struct command cmd = { .buf = NULL };
	struct ctrl_buf *buf;
	uint32_t len;
	int ret;

	ret = check_usable(c);
	if (ret < 0)
		return ret;
	buf = buf_of(c);
	cmd.buf = buf;
	memset(&buf->req.destroy, 0, sizeof(buf->req.destroy));
	/* [virtio 5.9.9.2.1.8] MUST: the opcode of the service, the id that the device gave */
	buf->req.destroy.header.opcode = rte_cpu_to_le_32(
		service == VIRTIO_CRYPTO_SERVICE_AKCIPHER ? VIRTIO_CRYPTO_AKCIPHER_DESTROY_SESSION :
		VIRTIO_CRYPTO_OPCODE((uint32_t)service, VIRTIO_CRYPTO_CIPHER_DESTROY_SESSION));
	buf->req.destroy.session_id = rte_cpu_to_le_64(id);
	/* [virtio 5.9.7.2] the fixed part is padded to 56 bytes unless REVISION_1 is negotiated */
	len = has_revision_1(c) ? VIRTIO_CRYPTO_DESTROY_REQ_LEN_REVISION_1 :
		sizeof(buf->req.destroy);
	put_read(c, &cmd, BUF_IOVA(c, req), len);
	put_reply(c, &cmd, sizeof(buf->reply.destroy));

	ret = run(c, &cmd);
	if (ret < 0)
		return ret;
	return buf->reply.destroy == VIRTIO_CRYPTO_OK ? 0 : -EINVAL;
}
