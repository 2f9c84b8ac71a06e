/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Wire format of the AKCIPHER service: asymmetric crypto. As virtio_crypto_wire.h, which has what
 * all services share.
 */

#ifndef VIRTIO_CRYPTO_WIRE_ASYM_H
#define VIRTIO_CRYPTO_WIRE_ASYM_H

#include "virtio_crypto_wire.h"

/* Opcodes [virtio 5.9.9] */
#define VIRTIO_CRYPTO_AKCIPHER_ENCRYPT VIRTIO_CRYPTO_OPCODE(VIRTIO_CRYPTO_SERVICE_AKCIPHER, 0x00)
#define VIRTIO_CRYPTO_AKCIPHER_DECRYPT VIRTIO_CRYPTO_OPCODE(VIRTIO_CRYPTO_SERVICE_AKCIPHER, 0x01)
#define VIRTIO_CRYPTO_AKCIPHER_SIGN VIRTIO_CRYPTO_OPCODE(VIRTIO_CRYPTO_SERVICE_AKCIPHER, 0x02)
#define VIRTIO_CRYPTO_AKCIPHER_VERIFY VIRTIO_CRYPTO_OPCODE(VIRTIO_CRYPTO_SERVICE_AKCIPHER, 0x03)

/*
 * Asymmetric algorithms [virtio 5.9.5.7]. Linux and QEMU have DSA as number 2 and ECDSA as 3;
 * a device shows one of the two meanings.
 */
#define VIRTIO_CRYPTO_NO_AKCIPHER 0
#define VIRTIO_CRYPTO_AKCIPHER_RSA 1
#define VIRTIO_CRYPTO_AKCIPHER_ECDSA 2
#define VIRTIO_CRYPTO_AKCIPHER_ECDSA_LINUX 3

/* Parameters of asymmetric sessions [virtio 5.9.9.2.1.5, 5.9.9.2.1.6] */
#define VIRTIO_CRYPTO_AKCIPHER_KEY_TYPE_PUBLIC 1
#define VIRTIO_CRYPTO_AKCIPHER_KEY_TYPE_PRIVATE 2
#define VIRTIO_CRYPTO_RSA_RAW_PADDING 0
#define VIRTIO_CRYPTO_RSA_PKCS1_PADDING 1
#define VIRTIO_CRYPTO_RSA_NO_HASH 0
#define VIRTIO_CRYPTO_RSA_MD2 1
#define VIRTIO_CRYPTO_RSA_MD3 2
#define VIRTIO_CRYPTO_RSA_MD4 3
#define VIRTIO_CRYPTO_RSA_MD5 4
#define VIRTIO_CRYPTO_RSA_SHA1 5
#define VIRTIO_CRYPTO_RSA_SHA256 6
#define VIRTIO_CRYPTO_RSA_SHA384 7
#define VIRTIO_CRYPTO_RSA_SHA512 8
#define VIRTIO_CRYPTO_RSA_SHA224 9
#define VIRTIO_CRYPTO_CURVE_UNKNOWN 0
#define VIRTIO_CRYPTO_CURVE_NIST_P192 1
#define VIRTIO_CRYPTO_CURVE_NIST_P224 2
#define VIRTIO_CRYPTO_CURVE_NIST_P256 3
#define VIRTIO_CRYPTO_CURVE_NIST_P384 4
#define VIRTIO_CRYPTO_CURVE_NIST_P521 5

/* Create request [virtio 5.9.9.2.1.5] */

struct virtio_crypto_rsa_session_para {
	rte_le32_t padding_algo;
	rte_le32_t hash_algo; /* of PKCS1 signatures */
} VIRTIO_CRYPTO_WIRE;

struct virtio_crypto_ecdsa_session_para {
	rte_le32_t curve_id;
	uint8_t pad[4];
} VIRTIO_CRYPTO_WIRE;

/* Then the key, in DER; the point's octets alone for a public key of ECDSA. */
struct virtio_crypto_akcipher_create_session_req {
	struct virtio_crypto_ctrl_header header;
	rte_le32_t algo;
	rte_le32_t key_type;
	rte_le32_t key_len;
	union {
		struct virtio_crypto_rsa_session_para rsa;
		struct virtio_crypto_ecdsa_session_para ecdsa;
		uint8_t algo_flf[44];
	} VIRTIO_CRYPTO_WIRE;
} VIRTIO_CRYPTO_WIRE;
static_assert(sizeof(struct virtio_crypto_akcipher_create_session_req) == 72, "5.9.9.2.1.5");

/*
 * Then readable source; writable destination, status byte. To verify: readable signature of
 * src_data_len bytes, signed data of dst_data_len bytes; writable status byte. How long a result
 * is, only the used length says, with the status byte in it.
 */
struct virtio_crypto_akcipher_data_req {
	struct virtio_crypto_op_header header;
	rte_le32_t src_data_len;
	rte_le32_t dst_data_len;
} VIRTIO_CRYPTO_WIRE;
static_assert(sizeof(struct virtio_crypto_akcipher_data_req) == 32, "5.9.9.8");

/* Then readable key; the rest as in session mode. */
struct virtio_crypto_akcipher_stateless_req {
	struct virtio_crypto_op_header header;
	rte_le32_t algo;
	rte_le32_t key_type;
	rte_le32_t key_len;
	union {
		struct virtio_crypto_rsa_session_para rsa;
		struct virtio_crypto_ecdsa_session_para ecdsa;
	} VIRTIO_CRYPTO_WIRE;
	rte_le32_t src_data_len;
	rte_le32_t dst_data_len;
} VIRTIO_CRYPTO_WIRE;
static_assert(sizeof(struct virtio_crypto_akcipher_stateless_req) == 52, "5.9.9.8.2");

#endif /* VIRTIO_CRYPTO_WIRE_ASYM_H */
