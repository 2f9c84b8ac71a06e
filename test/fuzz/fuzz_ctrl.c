/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The control queue against a device that answers a command with what it
 * likes: used entries, index, reply bytes, the descriptor table. Input: features,
 * then for each command: which, key lengths, and what the device does.
 */

#include <errno.h>

#include "fuzz.h"
#include "virtio_codec.h"
#include "virtio_ctrl.h"

#define SIZE 4
#define MAX_COMMANDS 24

/* What the device does when the doorbell rings. */
#define DO_NOTHING 0x01
#define DO_HONEST_USED 0x02 /* the right id, one step of the index */
#define DO_HONEST_REPLY 0x04 /* status OK at the right place */
#define DO_SCRIBBLE 0x08

static struct vcrypto_transport transport = {
	.kind = VCRYPTO_TRANSPORT_INPROC,
	.dev_name = "fuzz",
};
static struct vcrypto_queue_addr queue;
static bool scribbled; /* the device does not know any more what the driver wrote */
static struct fuzz_input *input;
static struct vcrypto_ctrl ctrl;

static int
queue_enable(struct vcrypto_transport *t, uint16_t index, const struct vcrypto_queue_addr *addr,
		uint64_t features, struct vcrypto_doorbell *db)
{
	(void)t;
	(void)index;
	(void)features;
	memset(db, 0, sizeof(*db));
	queue = *addr;
	scribbled = false;
	return 0;
}

static uint8_t *
mem_of(uint64_t addr)
{
	return (uint8_t *)(uintptr_t)addr;
}

/* The descriptors of the last command: in a table of its own, or in the ring. */
static const struct virtq_desc *
chain_of(uint16_t head, uint16_t *nb)
{
	const struct virtq_desc *const ring = (const void *)mem_of(queue.desc);
	const struct virtq_desc *const d = &ring[head % SIZE];

	*nb = SIZE;
	if (rte_le_to_cpu_16(d->flags) & VIRTQ_DESC_F_INDIRECT) {
		*nb = (uint16_t)(rte_le_to_cpu_32(d->len) / sizeof(*d));
		return (const void *)mem_of(rte_le_to_cpu_64(d->addr));
	}
	return ring;
}

static void
notify(struct vcrypto_transport *t, const struct vcrypto_doorbell *db, uint16_t ring_state)
{
	struct virtq_avail *const avail = (void *)mem_of(queue.driver);
	struct virtq_used *const used = (void *)mem_of(queue.device);
	const uint16_t avail_idx = rte_le_to_cpu_16(avail->idx);
	const uint16_t head = rte_le_to_cpu_16(avail->ring[(uint16_t)(avail_idx - 1) % SIZE]);
	const uint16_t used_idx = rte_le_to_cpu_16(used->idx);
	struct virtq_used_elem *const elem = &used->ring[used_idx % SIZE];
	const uint8_t what = fuzz_u8(input);
	const struct virtq_desc *chain = NULL;
	uint16_t nb = 0, i, step = 1;

	(void)t;
	(void)db;
	(void)ring_state;
	if (what & DO_NOTHING)
		return;
	if (!scribbled)
		chain = chain_of(head, &nb);
	for (i = 0; i < nb; i++) {
		uint8_t *const p = mem_of(rte_le_to_cpu_64(chain[i].addr));
		const uint32_t len = rte_le_to_cpu_32(chain[i].len);

		if (!(rte_le_to_cpu_16(chain[i].flags) & VIRTQ_DESC_F_WRITE))
			continue;
		FUZZ_CHECK(len == 1 || len == sizeof(struct virtio_crypto_create_session_resp));
		fuzz_take(input, p, len);
		if (what & DO_HONEST_REPLY)
			memset(p + (len == 1 ? 0 : 8), 0, len == 1 ? 1 : 4);
	}
	elem->id = rte_cpu_to_le_32(head);
	elem->len = rte_cpu_to_le_32(1);
	if (!(what & DO_HONEST_USED)) {
		elem->id = rte_cpu_to_le_32(fuzz_u32(input));
		elem->len = rte_cpu_to_le_32(fuzz_u32(input));
		step = fuzz_u8(input);
	}
	if (what & DO_SCRIBBLE) {
		memset(mem_of(queue.desc), fuzz_u8(input), SIZE * sizeof(struct virtq_desc));
		scribbled = true;
	}
	used->flags = fuzz_u8(input) & 1;
	__atomic_store_n(&used->idx, rte_cpu_to_le_16((uint16_t)(used_idx + step)),
			__ATOMIC_RELEASE);
}

static const struct vcrypto_transport_ops ops = {
	.name = "fuzz",
	.queue_enable = queue_enable,
	.notify = notify,
};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct vcrypto_sym_create create;
	struct fuzz_input in = {data, size};
	uint64_t features = VIRTIO_FEATURE(VIRTIO_F_VERSION_1);
	uint8_t how = fuzz_u8(&in);
	bool dead = false;
	unsigned int n;
	uint64_t id;
	int ret;

	input = &in;
	if (how & 1)
		features |= VIRTIO_FEATURE(VIRTIO_F_INDIRECT_DESC);
	if (how & 2)
		features |= VIRTIO_FEATURE(VIRTIO_CRYPTO_F_REVISION_1);
	FUZZ_CHECK(vcrypto_ctrl_enable(&ctrl, 1, features) == 0);

	for (n = 0; n < MAX_COMMANDS && in.len != 0; n++) {
		how = fuzz_u8(&in);
		if (how & 1) {
			ret = vcrypto_ctrl_destroy_session(&ctrl, how >> 1 & 3, fuzz_u32(&in));
		} else {
			create.req_len = how & 2 ? sizeof(create.req) : sizeof(create.req.hash);
			create.cipher_key_len = fuzz_u16(&in) % (VCRYPTO_CREATE_KEY_MAX + 1);
			create.auth_key_len = fuzz_u16(&in) %
				(VCRYPTO_CREATE_KEY_MAX + 1 - create.cipher_key_len);
			ret = vcrypto_ctrl_sym_create(&ctrl, &create, &id);
			FUZZ_CHECK(ret == 0 || ret == -ENOTSUP || ret == -ENOSPC ||
					ret == -EINVAL || ret == -EIO || ret == -ETIMEDOUT);
		}
		/* A queue that broke stays so until it is enabled again. */
		FUZZ_CHECK(!dead || ret == -EIO);
		dead = dead || ret == -EIO || ret == -ETIMEDOUT;
		FUZZ_CHECK(ctrl.broken == dead);
	}
	vcrypto_ctrl_wipe(&ctrl);
	return 0;
}

static void
write_seeds(const char *folder)
{
	/* Create with a key of 16 and one of 20 bytes, destroy; an honest device. */
	static const uint8_t commands[] = {
		0, 16, 0, 20, 0, DO_HONEST_USED | DO_HONEST_REPLY,
		7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		1, 7, 0, 0, 0, DO_HONEST_USED | DO_HONEST_REPLY, 0, 0,
	};
	uint8_t seed[1 + 3 * sizeof(commands)];
	char name[16];
	uint8_t how;
	unsigned int i;

	for (how = 0; how < 4; how++) {
		seed[0] = how;
		for (i = 0; i < 3; i++)
			memcpy(seed + 1 + i * sizeof(commands), commands, sizeof(commands));
		snprintf(name, sizeof(name), "honest%u", how);
		fuzz_seed(folder, name, seed, sizeof(seed));
	}
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	const char *const folder = fuzz_seeds_wanted(*argc, *argv);

	if (folder != NULL) {
		write_seeds(folder);
		exit(0);
	}
	fuzz_eal_init();
	/* Addresses of the device are those of the process. */
	FUZZ_CHECK(rte_eal_iova_mode() == RTE_IOVA_VA);
	vcrypto_transport_register(VCRYPTO_TRANSPORT_INPROC, &ops);
	/* A silent device costs a millisecond. */
	FUZZ_CHECK(vcrypto_ctrl_create(&ctrl, "fuzz", "vcrypto0", SOCKET_ID_ANY, &transport, SIZE,
		1) == 0);
	return 0;
}
