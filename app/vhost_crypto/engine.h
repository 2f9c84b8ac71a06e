/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * What can do crypto. The device and its requests see engines through this table
 * only: sessions are made and freed one at a time, operations go in and come
 * out in bursts, in any order, later or at once.
 *
 * May include the wire constants; knows no descriptor, no queue of virtio, no vhost.
 *
 * Threads: one thread per engine queue calls enqueue and dequeue; sessions are
 * created and destroyed by the thread that serves the device, and a session is
 * destroyed only when none of its operations is with the engine.
 */

#ifndef VHC_ENGINE_H
#define VHC_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "virtio_crypto_wire.h"

#define VHC_IV_MAX_LEN 16
#define VHC_DIGEST_MAX_LEN 64
#define VHC_KEY_MAX_LEN 1024 /* of a cipher key, and of an auth key */

/** What a symmetric session is; numbers are those of the wire, already in CPU order. */
struct vhc_sym_params {
	uint32_t cipher_algo; /* VIRTIO_CRYPTO_CIPHER_* */
	bool encrypt;
	bool chain; /* cipher with hash or MAC; all below is unused otherwise */
	bool hash_first;
	bool mac; /* auth_algo is a VIRTIO_CRYPTO_MAC_*, else a VIRTIO_CRYPTO_HASH_* */
	uint32_t auth_algo;
	uint32_t digest_len;       /* bytes wanted, at most VHC_DIGEST_MAX_LEN */
	const uint8_t *cipher_key; /* keys stay the caller's */
	uint32_t cipher_key_len;
	const uint8_t *auth_key;
	uint32_t auth_key_len;
};

/** What an engine can do: masks in the form of the device's configuration space. */
struct vhc_engine_caps {
	uint64_t cipher_algo;
	uint32_t hash_algo;          /* in chains */
	uint64_t mac_algo;           /* in chains */
	uint32_t max_cipher_key_len; /* bytes */
	uint32_t max_auth_key_len;
	bool chain;
	bool sgl; /* takes operations whose source and destination have several segments */
};

/** A piece of memory. */
struct vhc_seg {
	uint8_t *base;
	size_t len;
};

/**
 * One operation. Offsets count from the start of the data. The destination's
 * bytes outside the ciphered range already hold the source's. A hash before the cipher
 * reads the source, one after it the destination. Source and destination are the same
 * memory or do not overlap; without vhc_engine_caps.sgl each is one segment.
 * All ranges were checked: they lie within @c len bytes of source and destination.
 */
struct vhc_engine_op {
	void *session; /* the engine's */
	const struct vhc_seg *src;
	const struct vhc_seg *dst;
	uint16_t nb_src;
	uint16_t nb_dst;
	uint32_t len;
	uint32_t cipher_off;
	uint32_t cipher_len;
	uint32_t hash_off;
	uint32_t hash_len;
	const uint8_t *iv; /* as long as vhc_engine_ops.iv_len said */
	uint8_t *digest;   /* gets vhc_sym_params.digest_len bytes; NULL for plain ciphers */
	uint8_t status;    /* result, VIRTIO_CRYPTO_OK or another */
	struct vhc_engine_op *next; /* the engine's between enqueue and dequeue */
};

struct vhc_engine;

struct vhc_engine_ops {
	const char *name;

	/** What the engine can do; does not change in its life. */
	void (*caps)(const struct vhc_engine *e, struct vhc_engine_caps *caps);

	/**
	 * Whether a session like @p p could be made: algorithm, key sizes, digest length.
	 * The keys themselves are not looked at.
	 * @return bytes of IV that each operation carries, 0 to VHC_IV_MAX_LEN;
	 *         -ENOTSUP no such algorithm or combination; -EINVAL a length does not fit.
	 */
	int (*check)(const struct vhc_engine *e, const struct vhc_sym_params *p);

	/**
	 * Make a session.
	 * @return 0; what check() says; -EINVAL also where the key is refused; -ENOMEM.
	 */
	int (*session_create)(struct vhc_engine *e, const struct vhc_sym_params *p, void **session);
	/** Wipe and free it. */
	void (*session_destroy)(struct vhc_engine *e, void *session);

	/** @return how many of @p nb were taken; the rest is to be offered again. */
	uint16_t (*enqueue)(struct vhc_engine *e, uint16_t queue, struct vhc_engine_op **ops,
			uint16_t nb);
	/** @return how many finished operations, at most @p nb, are in @p ops. */
	uint16_t (*dequeue)(struct vhc_engine *e, uint16_t queue, struct vhc_engine_op **ops,
			uint16_t nb);

	void (*destroy)(struct vhc_engine *e);
};

/** An engine's instance; each embeds this in its own structure. */
struct vhc_engine {
	const struct vhc_engine_ops *ops;
};

/**
 * The engine over libcrypto, which completes at once. KASUMI, SNOW 3G and ZUC are there if the
 * build found the library for them.
 * @param nb_queues  1 to 65535.
 * @return an engine; free it with its destroy(). NULL with errno ENOMEM, or EINVAL for
 *         no queues.
 */
struct vhc_engine *vhc_engine_libcrypto_create(uint16_t nb_queues);

#endif /* VHC_ENGINE_H */
