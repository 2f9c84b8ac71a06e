/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Asymmetric codec: keys in DER, requests of the AKCIPHER service, and what becomes of the
 * device's answer. [virtio 5.9.9.2.1.5, 5.9.9.8 AKCIPHER Service Operation]
 *
 * What an op points to has no address that the device knows, so it is copied: a request and its
 * result lie in a buffer of VCRYPTO_ASYM_BUF_LEN bytes.
 */

#ifndef VIRTIO_CODEC_ASYM_H
#define VIRTIO_CODEC_ASYM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_crypto.h>
#include <rte_memory.h>

#include "virtio_bignum.h"
#include "virtio_crypto_wire.h"
#include "virtio_crypto_wire_asym.h"
#include "virtio_slot.h"

/** RSAPublicKey: two numbers. */
#define VCRYPTO_RSA_PUBLIC_MAX (2 * (VCRYPTO_RSA_MAX_LEN + 5) + 4)
/** RSAPrivateKey: a version, n, d, an exponent, five numbers of about half the length. */
#define VCRYPTO_RSA_PRIVATE_MAX (7 * (VCRYPTO_RSA_MAX_LEN + 5) + VCRYPTO_RSA_MAX_E_LEN + 16)
/** ECPrivateKey or point. */
#define VCRYPTO_EC_KEY_MAX 144
/** Any key. */
#define VCRYPTO_ASYM_KEY_MAX VCRYPTO_RSA_PRIVATE_MAX

/* A buffer: the source, behind it a key of ECDSA; then the signed data, or the result. */
#define VCRYPTO_ASYM_BUF_LEN 4096
#define VCRYPTO_ASYM_BUF_KEY 1024
#define VCRYPTO_ASYM_BUF_SECOND 2048

/** What all keys of a session have in common. */
struct vcrypto_asym_key {
	uint8_t algo; /* VIRTIO_CRYPTO_AKCIPHER_RSA or _ECDSA, whatever the device's number */
	uint8_t curve; /* ECDSA: VIRTIO_CRYPTO_CURVE_* */
	uint16_t len; /* bytes of the modulus, or of a coordinate */
	/* RSA: of the xform, where that has them. */
	bool padding_known;
	uint8_t padding; /* VIRTIO_CRYPTO_RSA_*_PADDING */
	enum rte_crypto_auth_algorithm hash;
};

/** What a session on the device is for, beside its key. */
struct vcrypto_asym_use {
	uint8_t private;
	uint8_t padding; /* RSA: VIRTIO_CRYPTO_RSA_*_PADDING */
	uint8_t hash; /* RSA: VIRTIO_CRYPTO_RSA_* */
};

/** Create request of an asymmetric session. The key is the caller's. */
struct vcrypto_asym_create {
	struct virtio_crypto_akcipher_create_session_req req;
	const uint8_t *key;
	uint32_t key_len;
};

/**
 * Keys of an RSA xform in DER. Checks them as far as they must be for that.
 *
 * @param pub   VCRYPTO_RSA_PUBLIC_MAX bytes; @param pub_len  gets the length.
 * @param priv  VCRYPTO_RSA_PRIVATE_MAX bytes, secret; @param priv_len  0 if there is none.
 * @return 0; -EINVAL numbers that are missing or belong to no key; -ENOTSUP padding, or a modulus
 *         beyond VCRYPTO_RSA_MAX_LEN; -ENOMEM. One log line.
 */
int vcrypto_codec_rsa_keys(const char *dev_name, const struct rte_crypto_rsa_xform *xform,
		struct vcrypto_asym_key *key, uint8_t *pub, size_t *pub_len, uint8_t *priv,
		size_t *priv_len);

/** A number as ECPrivateKey [RFC 5915]. @return bytes, up to VCRYPTO_EC_KEY_MAX; 0 no such key. */
size_t vcrypto_codec_ec_private(uint8_t curve, const rte_crypto_uint *number, uint8_t *out);

/** A point as octets [SEC 1, 2.3.3]. @return as above. */
size_t vcrypto_codec_ec_public(uint8_t curve, const struct rte_crypto_ec_point *point,
		uint8_t *out);

/** Fill in a create request. @param algo  the device's number. */
void vcrypto_codec_asym_create(struct vcrypto_asym_create *create,
		const struct vcrypto_asym_key *key, const struct vcrypto_asym_use *use,
		uint32_t algo, const uint8_t *der, uint32_t len);

/** What is left to do once the device has answered OK. */
enum vcrypto_asym_after {
	VCRYPTO_ASYM_NOTHING, /* a signature was verified */
	VCRYPTO_ASYM_NUMBER, /* as long as the modulus */
	VCRYPTO_ASYM_MESSAGE, /* as long as the device says */
	VCRYPTO_ASYM_UNPAD, /* a message with its padding */
	VCRYPTO_ASYM_COMPARE, /* a signature without padding: the message, if it is one */
	VCRYPTO_ASYM_SIGNATURE, /* of ECDSA */
};

/** A request as it lies in its buffer. */
struct vcrypto_asym_request {
	struct vcrypto_asym_use use;
	uint8_t type; /* RSA: enum rte_crypto_asym_op_type */
	uint8_t op; /* VIRTIO_CRYPTO_AKCIPHER_*, without the service */
	uint8_t after; /* enum vcrypto_asym_after */
	uint8_t part_len; /* ECDSA: bytes of r and of s */
	uint8_t preset; /* what the place of the result was filled with */
	uint8_t asked; /* times that it was asked again */
	uint16_t key_len; /* ECDSA with keys in ops: bytes of the key in the buffer; else 0 */
	uint16_t src_len;
	uint16_t data_len; /* signed data; then there is no result */
	uint16_t dst_len; /* room for the result */
};

/**
 * Check an op and copy what it brings into a buffer; the place of the result is preset.
 * @param lengths  whether the device will say how long results are.
 * @param buf      wiped by the caller, also on failure.
 * @return 0; else an enum rte_crypto_op_status for an op that cannot be sent.
 */
int vcrypto_codec_asym_fill(const struct vcrypto_asym_key *key,
		const struct rte_crypto_asym_op *op, bool lengths, uint8_t *buf,
		struct vcrypto_asym_request *rq);

/** Where a request goes: a session, or with its key. */
struct vcrypto_asym_target {
	uint32_t algo; /* the device's number */
	uint64_t session; /* on the device */
	bool stateless;
	bool revision_1;
	rte_iova_t key_iova; /* stateless */
	uint32_t key_len;
};

/** Put a request that lies in a buffer into a slot: header and descriptor table. */
void vcrypto_codec_asym_encode(const struct vcrypto_asym_key *key,
		const struct vcrypto_asym_request *rq, const struct vcrypto_asym_target *target,
		rte_iova_t buf_iova, struct vcrypto_slot_priv *sp,
		const struct vcrypto_desc_fmt *fmt);

/** Of vcrypto_codec_asym_done(): how long the result is, is not known. */
#define VCRYPTO_ASYM_ASK_AGAIN (-1)

/**
 * What became of an op.
 * @param status    the device's status byte.
 * @param used_len  of the ring: bytes written with the status, as far as the device says so;
 *                  or VCRYPTO_RING_LEN_UNKNOWN.
 * @return the op's status; VCRYPTO_ASYM_ASK_AGAIN.
 */
int vcrypto_codec_asym_done(const struct vcrypto_asym_request *rq, uint8_t status,
		uint32_t used_len, const uint8_t *buf, struct rte_crypto_asym_op *op);

/** Preset the result of a request that is asked again, with something else than before. */
void vcrypto_codec_asym_again(struct vcrypto_asym_request *rq, uint8_t *buf);

#endif /* VIRTIO_CODEC_ASYM_H */
