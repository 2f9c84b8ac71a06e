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
 * Threads: an engine has queues; at any time one thread calls enqueue and
 * dequeue of a queue, and a session's operations may be with several queues at once.
 * Sessions are created, checked and destroyed by any thread, also while queues run;
 * a session is destroyed only when none of its operations is with the engine.
 */

#ifndef VHC_ENGINE_H
#define VHC_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "virtio_crypto_wire.h"

#define VHC_IV_MAX_LEN 16
#define VHC_DIGEST_MAX_LEN 64 /* of a digest, of a tag, of what an XOF gives */
#define VHC_KEY_MAX_LEN 1024 /* of a cipher key, and of an auth key */

/** What a session does with an operation. */
enum vhc_sym_kind {
	VHC_SYM_CIPHER,
	VHC_SYM_CHAIN, /* a cipher, with a hash or MAC before or after it */
	VHC_SYM_HASH,
	VHC_SYM_MAC,
	VHC_SYM_AEAD,
};

/** What a symmetric session is; numbers are those of the wire, already in CPU order. */
struct vhc_sym_params {
	enum vhc_sym_kind kind;
	uint32_t cipher_algo; /* CIPHER, CHAIN: VIRTIO_CRYPTO_CIPHER_* */
	uint32_t aead_algo;   /* AEAD: VIRTIO_CRYPTO_AEAD_* */
	bool encrypt;         /* CIPHER, CHAIN, AEAD */
	bool hash_first;      /* CHAIN */
	bool mac;             /* CHAIN, MAC: auth_algo is a VIRTIO_CRYPTO_MAC_*, else a _HASH_* */
	uint32_t auth_algo;   /* CHAIN, HASH, MAC */
	uint32_t digest_len;  /* bytes of digest or tag, at most VHC_DIGEST_MAX_LEN */
	uint32_t aad_len;     /* AEAD: bytes that the session announces; operations may differ */
	const uint8_t *key;   /* CIPHER, CHAIN, AEAD; keys stay the caller's */
	uint32_t key_len;
	const uint8_t *auth_key; /* CHAIN, MAC */
	uint32_t auth_key_len;
};

/** The longest key of the AKCIPHER service, in DER: RSA of 8192 bits. */
#define VHC_ASYM_KEY_MAX_LEN 5120
/** Most bytes of source, of signed data and of result of its operations. */
#define VHC_ASYM_DATA_MAX_LEN 1024

/** What is done; numbers are those of the opcodes. */
enum vhc_asym_op {
	VHC_ASYM_ENCRYPT,
	VHC_ASYM_DECRYPT,
	VHC_ASYM_SIGN,
	VHC_ASYM_VERIFY,
};

/** What an asymmetric session is; numbers are those of the wire, in CPU order. */
struct vhc_asym_params {
	uint32_t algo; /* VIRTIO_CRYPTO_AKCIPHER_* */
	bool private;
	uint32_t padding; /* RSA: VIRTIO_CRYPTO_RSA_*_PADDING */
	uint32_t hash;    /* RSA: VIRTIO_CRYPTO_RSA_* */
	uint32_t curve;   /* ECDSA: VIRTIO_CRYPTO_CURVE_* */
	const uint8_t *key; /* in DER; stays the caller's */
	uint32_t key_len;
	const void *owner; /* whose session it is: operations of all owners have their turn */
};

/** What an engine can do: masks in the form of the device's configuration space. */
struct vhc_engine_caps {
	uint64_t cipher_algo;
	uint32_t chain_hash_algo; /* in chains */
	uint64_t chain_mac_algo;
	uint32_t hash_algo; /* alone */
	uint64_t mac_algo;
	uint32_t aead_algo;
	uint32_t akcipher_algo;
	uint32_t max_cipher_key_len; /* bytes, of ciphers and AEAD */
	uint32_t max_auth_key_len;
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
 * memory or do not overlap; without vhc_engine_caps.sgl each is one segment. HASH and MAC
 * have no destination. All ranges were checked: they lie within @c len bytes of source and
 * destination.
 *
 * An asymmetric operation has a source of one piece; one to verify has the signature there, and
 * the signed data as aad. Its destination is one piece, which gets result_len bytes.
 */
struct vhc_engine_op {
	void *session; /* the engine's */
	const struct vhc_seg *src;
	const struct vhc_seg *dst;
	uint16_t nb_src;
	uint16_t nb_dst;
	uint32_t len; /* bytes of data; an AEAD tag is not among them */
	uint32_t cipher_off;
	uint32_t cipher_len;
	uint32_t hash_off; /* HASH and MAC: 0 and len */
	uint32_t hash_len;
	uint8_t *iv; /* room for VHC_IV_MAX_LEN bytes; GCM: 12 bytes, or 16 that are J0 */
	/*
	 * Gets vhc_sym_params.digest_len bytes; AEAD decryption: holds the tag that is expected.
	 * NULL for plain ciphers.
	 */
	uint8_t *digest;
	const uint8_t *aad; /* AEAD; one piece; NULL if aad_len is 0 */
	uint32_t aad_len;
	uint8_t iv_len; /* what check() said; AEAD: as the request says, at most VHC_IV_MAX_LEN */
	uint8_t asym_op;     /* asymmetric: enum vhc_asym_op */
	uint32_t result_len; /* asymmetric: bytes that an operation with status OK has written */
	uint8_t status; /* result: VIRTIO_CRYPTO_OK or another; BADMSG: the tag is wrong */
	struct vhc_engine_op *next; /* the engine's between enqueue and dequeue */
	/*
	 * vhc_engine_ops.op_priv_len bytes, 64-byte aligned, that stay with the operation's memory
	 * from one use to the next; zeroed before the first. For what an engine prepares once.
	 */
	void *priv;
};

struct vhc_engine;

struct vhc_engine_ops {
	const char *name;
	/** Bytes of vhc_engine_op.priv that this kind of engine needs. */
	size_t op_priv_len;

	/** What the engine can do; does not change in its life. */
	void (*caps)(const struct vhc_engine *e, struct vhc_engine_caps *caps);

	/**
	 * Whether a session like @p p could be made: kind, algorithm, key sizes, digest length.
	 * The keys themselves are not looked at.
	 * @return bytes of IV that each operation carries, 0 to VHC_IV_MAX_LEN; AEAD: 0, since
	 *         each operation says for itself;
	 *         -ENOTSUP no such algorithm or combination; -EINVAL a length does not fit.
	 */
	int (*check)(const struct vhc_engine *e, const struct vhc_sym_params *p);

	/**
	 * Make a session.
	 * @return 0; what check() says; -EINVAL also where the key is refused; -ENOMEM; -ENOSPC.
	 */
	int (*session_create)(struct vhc_engine *e, const struct vhc_sym_params *p, void **session);
	/**
	 * The same for asymmetric sessions; NULL: the engine has none. asym_check() does not look
	 * at the key.
	 * @return 0, and the same errors.
	 */
	int (*asym_check)(const struct vhc_engine *e, const struct vhc_asym_params *p);
	int (*asym_create)(struct vhc_engine *e, const struct vhc_asym_params *p, void **session);
	/** Wipe and free a session of either kind. */
	void (*session_destroy)(struct vhc_engine *e, void *session);
	/** Name of what really serves a session, for telemetry; static or the engine's. */
	const char *(*session_engine)(const struct vhc_engine *e, const void *session);

	/**
	 * @return how many of @p nb were taken; the rest is to be offered again. An operation
	 *         that cannot be done (IV or AAD of a length that the algorithm does not take) is
	 *         taken and comes out with a status.
	 */
	uint16_t (*enqueue)(struct vhc_engine *e, uint16_t queue, struct vhc_engine_op **ops,
			uint16_t nb);
	/** @return how many finished operations, at most @p nb, are in @p ops. */
	uint16_t (*dequeue)(struct vhc_engine *e, uint16_t queue, struct vhc_engine_op **ops,
			uint16_t nb);

	/**
	 * The queue's thread goes to sleep: the next operation that is done by itself, not in
	 * dequeue(), is to write to @p fd, an eventfd that does not block; -1: it is awake again.
	 * NULL: such operations are found by dequeue() only.
	 * @return whether none is done yet, so that it may sleep.
	 */
	bool (*wake_by)(struct vhc_engine *e, uint16_t queue, int fd);

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

/**
 * The engine for asymmetric crypto, over libcrypto. Its threads work beside the queues' threads:
 * operations come out in any order, and their owners take turns.
 * @param nb_queues   1 to 65535.
 * @param nb_threads  1 to VHC_ASYM_MAX_THREADS.
 * @return an engine; free it with its destroy(). NULL with errno ENOMEM, EINVAL for a number
 *         that is out of range, EAGAIN if there are no more threads.
 */
struct vhc_engine *vhc_engine_asym_create(uint16_t nb_queues, unsigned int nb_threads);
#define VHC_ASYM_MAX_THREADS 64

/**
 * An engine over a cryptodev, which becomes this engine's: it is configured, started, and
 * stopped and closed by destroy().
 * @param dev_id     of a cryptodev that is not started.
 * @param nb_queues  queue pairs, one for each engine queue.
 * @param max_sessions  sessions that may live at once.
 * @return an engine; NULL with errno ENOTSUP (no symmetric crypto, fewer queue pairs), ENOMEM, or
 *         what the driver said; one log line says which.
 */
struct vhc_engine *vhc_engine_cryptodev_create(
		uint8_t dev_id, uint16_t nb_queues, uint32_t max_sessions);

/**
 * Several engines behind one: each session goes to the first that takes it, so what the result
 * can do is the union. Owns the engines and destroys them.
 * @return an engine; NULL with errno ENOMEM or EINVAL (none given); then the engines stay the
 *         caller's.
 */
struct vhc_engine *vhc_engine_list_create(struct vhc_engine *const *engines, unsigned int nb);

#endif /* VHC_ENGINE_H */
