/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * What the two halves of the cryptodev engine share: engine_cryptodev.c makes engine
 * and sessions, engine_cryptodev_io.c runs operations. Nobody else includes this, but
 * for tests.
 */

#ifndef VHC_ENGINE_CRYPTODEV_H
#define VHC_ENGINE_CRYPTODEV_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_common.h>
#include <rte_crypto.h>
#include <rte_cryptodev.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#include "engine.h"
#include "engine_algos.h"

/* One mbuf holds all data, and drivers count parts of it in 16 bits. */
#define VHC_CD_DATA_MAX (UINT16_MAX - 255)
/* For devices that need DMA addresses. */
#define VHC_CD_BOUNCE_LEN 8192
#define VHC_CD_BOUNCE_SLOTS 512
#define VHC_CD_NB_DESC 2048
#define VHC_CD_BURST 64

/* CCM: room that rte_crypto asks for before the AAD, and after the last of it. */
#define VHC_CD_CCM_AAD_OFF 18
#define VHC_CD_AAD_ROOM 256
#define VHC_CD_AAD_COPY_MAX (VHC_CD_AAD_ROOM - VHC_CD_CCM_AAD_OFF - 16)

/** Flags of vhc_engine_cryptodev_create_flags(): the device is one that does DMA, ... */
#define VHC_CD_FORCE_BOUNCE 1u
/** ... or works in place only, whatever it says. */
#define VHC_CD_FORCE_IN_PLACE 2u

/* What is done when the cryptodev has finished an operation. */
#define VHC_CD_COPY_DIGEST 1u /* the digest is in scratch */
#define VHC_CD_COPY_DATA 2u   /* the result is in the bounce slot */
#define VHC_CD_SECOND 4u      /* the session's second step follows */

/** What an operation keeps in vhc_engine_op.priv, or in a bounce slot. */
struct vhc_cd_op {
	struct rte_crypto_op op; /* the symmetric part has to follow it */
	struct rte_crypto_sym_op sym;
	uint8_t iv[VHC_IV_MAX_LEN]; /* found by its offset from op */
	struct vhc_engine_op *owner;
	struct vhc_cd_op *next; /* of those that wait for their second step */
	uint32_t finish; /* VHC_CD_* */
	uint8_t ready;   /* constant fields are set */
	struct rte_mbuf src;
	struct rte_mbuf dst;
	uint8_t scratch[VHC_DIGEST_MAX_LEN];
	uint8_t aad[VHC_CD_AAD_ROOM];
} __rte_cache_aligned;

#define VHC_CD_IV_OFFSET offsetof(struct vhc_cd_op, iv)

/** Where data is copied for a device that does DMA; made of one piece of DMA memory. */
struct vhc_cd_slot {
	struct vhc_cd_op c; /* first */
	uint8_t data[VHC_CD_BOUNCE_LEN];
};

enum vhc_cd_shape {
	VHC_CD_CIPHER,
	VHC_CD_AUTH,
	VHC_CD_CHAIN, /* one cryptodev session does both */
	VHC_CD_SPLIT, /* one after the other, where the driver has no such chain */
	VHC_CD_AEAD,
};

#define VHC_CD_AEAD_SESSIONS 4

/* A cryptodev's AEAD session is for one length of IV and of AAD; a virtio session is for all. */
struct vhc_cd_aead {
	int row;
	bool encrypt;
	uint8_t digest_len;
	uint16_t nb; /* of sessions; stored with release, read by data threads with acquire */
	uint16_t nb_extra; /* of those, what was taken from vhc_cd_engine.extra */
	struct {
		uint32_t aad_len;
		uint8_t iv_len;
		void *sym; /* NULL: the driver refused this shape */
	} session[VHC_CD_AEAD_SESSIONS];
	uint32_t key_len;
	uint8_t key[]; /* for sessions that are made later */
};

struct vhc_cd_session {
	/* What data threads read. */
	void *sym[2]; /* one session; SPLIT: in their order; AEAD: none */
	struct vhc_cd_aead *aead;
	uint32_t max_len; /* bytes of data */
	uint8_t shape;
	uint8_t kind; /* enum vhc_sym_kind */
	uint8_t iv_len;
	uint8_t block_mask;   /* data is a multiple of this and 1 */
	uint8_t cipher_shift; /* offsets and lengths of the cryptodev, as a shift of bytes */
	uint8_t auth_shift;
	uint8_t digest_len;
	uint8_t finish;  /* VHC_CD_* at the start of each operation */
	bool hash_first;
	bool in_place;   /* the driver wants source and destination in one place */
	bool counter_32; /* the driver may count blocks in 32 bits */
} __rte_cache_aligned;

struct vhc_cd_queue {
	uint32_t inflight;          /* in the device */
	struct vhc_engine_op *done; /* not the device's to do: back with the next dequeue */
	struct vhc_engine_op **done_last;
	struct vhc_cd_op *second; /* second steps that the device had no room for */
	struct vhc_cd_op **second_last;
	/* Bounce slots, for a device that does DMA. */
	struct vhc_cd_slot *slots;
	struct vhc_cd_slot **free;
	uint32_t nb_free;
	const void *slot_memory; /* a memzone */
} __rte_cache_aligned;

struct vhc_cd_engine {
	struct vhc_engine base;
	uint8_t dev_id;
	bool bounce;
	bool oop; /* the device works from one place to another */
	uint16_t nb_queues;
	char name[RTE_CRYPTODEV_NAME_MAX_LEN];
	struct vhc_engine_caps caps;
	/* Of the device, by row of the tables; NULL: it has not that. */
	const struct rte_cryptodev_symmetric_capability *cipher[VHC_ALGO_CIPHERS];
	const struct rte_cryptodev_symmetric_capability *auth[VHC_ALGO_AUTHS];
	const struct rte_cryptodev_symmetric_capability *aead[VHC_ALGO_AEADS];

	pthread_mutex_t lock; /* what follows, and making and freeing cryptodev sessions */
	struct rte_mempool *pool;
	uint32_t sessions_left;
	uint32_t extra_left;
	/* Chains that the driver has refused: by cipher, then [hash_first][encrypt]; bit: auth. */
	uint32_t refused[VHC_ALGO_CIPHERS][2][2];

	struct vhc_cd_queue queue[];
};

/** As vhc_engine_cryptodev_create(), with VHC_CD_FORCE_* flags. */
struct vhc_engine *vhc_engine_cryptodev_create_flags(
		uint8_t dev_id, uint16_t nb_queues, uint32_t max_sessions, unsigned int flags);

/** See struct vhc_engine_ops. */
uint16_t vhc_engine_cryptodev_enqueue(struct vhc_engine *base, uint16_t queue,
		struct vhc_engine_op **ops, uint16_t nb);
uint16_t vhc_engine_cryptodev_dequeue(struct vhc_engine *base, uint16_t queue,
		struct vhc_engine_op **ops, uint16_t nb);

/**
 * The cryptodev session for AEAD operations with these lengths, made if there is none yet.
 * @return NULL: the device does not do such operations, or there are too many such lengths.
 */
void *vhc_engine_cryptodev_aead_session(struct vhc_cd_engine *e, struct vhc_cd_session *s,
		uint8_t iv_len, uint32_t aad_len);

/** Set what never changes in an operation's room. @param slot  NULL: not in a bounce slot. */
void vhc_engine_cryptodev_op_init(struct vhc_cd_op *c, struct vhc_cd_slot *slot, rte_iova_t iova);

#endif /* VHC_ENGINE_CRYPTODEV_H */
