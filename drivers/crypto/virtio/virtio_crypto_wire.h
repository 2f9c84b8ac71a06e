/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Wire format of the virtio crypto device: constants and structures as they
 * stand in the OASIS virtio specification 1.4, section 5.9.
 *
 * A leaf: driver and back end both include it, so it knows no DPDK driver
 * header. All multi-byte fields are little-endian; the specification has no
 * implicit padding, so every structure here is packed and its size asserted.
 * "Readable" and "writable" are said from the device's side.
 */

#ifndef VIRTIO_CRYPTO_WIRE_H
#define VIRTIO_CRYPTO_WIRE_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_byteorder.h>

#define VIRTIO_CRYPTO_WIRE __attribute__((packed))

/* Identity [virtio 5.9.1 Device ID, 4.1.2 PCI Device Discovery] */
#define VIRTIO_ID_CRYPTO 20
#define VIRTIO_PCI_VENDOR_ID 0x1af4
#define VIRTIO_PCI_DEVICE_ID_CRYPTO 0x1054

/* Feature bit numbers, device type [virtio 5.9.3 Feature bits] */
#define VIRTIO_CRYPTO_F_REVISION_1 0
#define VIRTIO_CRYPTO_F_CIPHER_STATELESS_MODE 1
#define VIRTIO_CRYPTO_F_HASH_STATELESS_MODE 2
#define VIRTIO_CRYPTO_F_MAC_STATELESS_MODE 3
#define VIRTIO_CRYPTO_F_AEAD_STATELESS_MODE 4
#define VIRTIO_CRYPTO_F_AKCIPHER_STATELESS_MODE 5

/* Device configuration space [virtio 5.9.5 Device configuration layout] */
struct virtio_crypto_config {
	rte_le32_t status;
	rte_le32_t max_dataqueues; /* also the index of the control queue */
	rte_le32_t crypto_services;
	rte_le32_t cipher_algo_l;
	rte_le32_t cipher_algo_h;
	rte_le32_t hash_algo;
	rte_le32_t mac_algo_l;
	rte_le32_t mac_algo_h;
	rte_le32_t aead_algo;
	rte_le32_t max_cipher_key_len;
	rte_le32_t max_auth_key_len;
	rte_le32_t akcipher_algo;
	rte_le64_t max_size;
} VIRTIO_CRYPTO_WIRE;
static_assert(sizeof(struct virtio_crypto_config) == 56, "5.9.5");
static_assert(offsetof(struct virtio_crypto_config, max_size) == 48, "5.9.5");

#define VIRTIO_CRYPTO_S_HW_READY (1u << 0)

/* Services and opcodes [virtio 5.9.7, 5.9.9]: opcode = service << 8 | operation */
#define VIRTIO_CRYPTO_SERVICE_CIPHER 0
#define VIRTIO_CRYPTO_SERVICE_HASH 1
#define VIRTIO_CRYPTO_SERVICE_MAC 2
#define VIRTIO_CRYPTO_SERVICE_AEAD 3
#define VIRTIO_CRYPTO_SERVICE_AKCIPHER 4
#define VIRTIO_CRYPTO_SERVICE_IPSEC 5

#define VIRTIO_CRYPTO_OPCODE(service, op) (((service) << 8) | (op))
#define VIRTIO_CRYPTO_CIPHER_ENCRYPT VIRTIO_CRYPTO_OPCODE(VIRTIO_CRYPTO_SERVICE_CIPHER, 0x00)
#define VIRTIO_CRYPTO_CIPHER_DECRYPT VIRTIO_CRYPTO_OPCODE(VIRTIO_CRYPTO_SERVICE_CIPHER, 0x01)
#define VIRTIO_CRYPTO_CIPHER_CREATE_SESSION VIRTIO_CRYPTO_OPCODE(VIRTIO_CRYPTO_SERVICE_CIPHER, 0x02)
#define VIRTIO_CRYPTO_CIPHER_DESTROY_SESSION \
	VIRTIO_CRYPTO_OPCODE(VIRTIO_CRYPTO_SERVICE_CIPHER, 0x03)
#define VIRTIO_CRYPTO_HASH VIRTIO_CRYPTO_OPCODE(VIRTIO_CRYPTO_SERVICE_HASH, 0x00)
#define VIRTIO_CRYPTO_HASH_CREATE_SESSION VIRTIO_CRYPTO_OPCODE(VIRTIO_CRYPTO_SERVICE_HASH, 0x02)
#define VIRTIO_CRYPTO_HASH_DESTROY_SESSION VIRTIO_CRYPTO_OPCODE(VIRTIO_CRYPTO_SERVICE_HASH, 0x03)
#define VIRTIO_CRYPTO_MAC VIRTIO_CRYPTO_OPCODE(VIRTIO_CRYPTO_SERVICE_MAC, 0x00)
#define VIRTIO_CRYPTO_MAC_CREATE_SESSION VIRTIO_CRYPTO_OPCODE(VIRTIO_CRYPTO_SERVICE_MAC, 0x02)
#define VIRTIO_CRYPTO_MAC_DESTROY_SESSION VIRTIO_CRYPTO_OPCODE(VIRTIO_CRYPTO_SERVICE_MAC, 0x03)
#define VIRTIO_CRYPTO_AEAD_ENCRYPT VIRTIO_CRYPTO_OPCODE(VIRTIO_CRYPTO_SERVICE_AEAD, 0x00)
#define VIRTIO_CRYPTO_AEAD_DECRYPT VIRTIO_CRYPTO_OPCODE(VIRTIO_CRYPTO_SERVICE_AEAD, 0x01)
#define VIRTIO_CRYPTO_AEAD_CREATE_SESSION VIRTIO_CRYPTO_OPCODE(VIRTIO_CRYPTO_SERVICE_AEAD, 0x02)
#define VIRTIO_CRYPTO_AEAD_DESTROY_SESSION VIRTIO_CRYPTO_OPCODE(VIRTIO_CRYPTO_SERVICE_AEAD, 0x03)
#define VIRTIO_CRYPTO_AKCIPHER_CREATE_SESSION \
	VIRTIO_CRYPTO_OPCODE(VIRTIO_CRYPTO_SERVICE_AKCIPHER, 0x04)
#define VIRTIO_CRYPTO_AKCIPHER_DESTROY_SESSION \
	VIRTIO_CRYPTO_OPCODE(VIRTIO_CRYPTO_SERVICE_AKCIPHER, 0x05)

/* Status of a request [virtio 5.9.7, 5.9.9.1] */
#define VIRTIO_CRYPTO_OK 0
#define VIRTIO_CRYPTO_ERR 1
#define VIRTIO_CRYPTO_BADMSG 2
#define VIRTIO_CRYPTO_NOTSUPP 3
#define VIRTIO_CRYPTO_INVSESS 4
#define VIRTIO_CRYPTO_NOSPC 5
#define VIRTIO_CRYPTO_KEY_REJECTED 6

/* Cipher algorithms [virtio 5.9.5.3] */
#define VIRTIO_CRYPTO_NO_CIPHER 0
#define VIRTIO_CRYPTO_CIPHER_ARC4 1
#define VIRTIO_CRYPTO_CIPHER_AES_ECB 2
#define VIRTIO_CRYPTO_CIPHER_AES_CBC 3
#define VIRTIO_CRYPTO_CIPHER_AES_CTR 4
#define VIRTIO_CRYPTO_CIPHER_DES_ECB 5
#define VIRTIO_CRYPTO_CIPHER_DES_CBC 6
#define VIRTIO_CRYPTO_CIPHER_3DES_ECB 7
#define VIRTIO_CRYPTO_CIPHER_3DES_CBC 8
#define VIRTIO_CRYPTO_CIPHER_3DES_CTR 9
#define VIRTIO_CRYPTO_CIPHER_KASUMI_F8 10
#define VIRTIO_CRYPTO_CIPHER_SNOW3G_UEA2 11
#define VIRTIO_CRYPTO_CIPHER_AES_F8 12
#define VIRTIO_CRYPTO_CIPHER_AES_XTS 13
#define VIRTIO_CRYPTO_CIPHER_ZUC_EEA3 14

/* Hash algorithms [virtio 5.9.5.4] */
#define VIRTIO_CRYPTO_NO_HASH 0
#define VIRTIO_CRYPTO_HASH_MD5 1
#define VIRTIO_CRYPTO_HASH_SHA1 2
#define VIRTIO_CRYPTO_HASH_SHA_224 3
#define VIRTIO_CRYPTO_HASH_SHA_256 4
#define VIRTIO_CRYPTO_HASH_SHA_384 5
#define VIRTIO_CRYPTO_HASH_SHA_512 6
#define VIRTIO_CRYPTO_HASH_SHA3_224 7
#define VIRTIO_CRYPTO_HASH_SHA3_256 8
#define VIRTIO_CRYPTO_HASH_SHA3_384 9
#define VIRTIO_CRYPTO_HASH_SHA3_512 10
#define VIRTIO_CRYPTO_HASH_SHA3_SHAKE128 11
#define VIRTIO_CRYPTO_HASH_SHA3_SHAKE256 12

/* MAC algorithms [virtio 5.9.5.5] */
#define VIRTIO_CRYPTO_NO_MAC 0
#define VIRTIO_CRYPTO_MAC_HMAC_MD5 1
#define VIRTIO_CRYPTO_MAC_HMAC_SHA1 2
#define VIRTIO_CRYPTO_MAC_HMAC_SHA_224 3
#define VIRTIO_CRYPTO_MAC_HMAC_SHA_256 4
#define VIRTIO_CRYPTO_MAC_HMAC_SHA_384 5
#define VIRTIO_CRYPTO_MAC_HMAC_SHA_512 6
#define VIRTIO_CRYPTO_MAC_CMAC_3DES 25
#define VIRTIO_CRYPTO_MAC_CMAC_AES 26
#define VIRTIO_CRYPTO_MAC_KASUMI_F9 27
#define VIRTIO_CRYPTO_MAC_SNOW3G_UIA2 28
#define VIRTIO_CRYPTO_MAC_GMAC_AES 41
#define VIRTIO_CRYPTO_MAC_GMAC_TWOFISH 42
#define VIRTIO_CRYPTO_MAC_CBCMAC_AES 49
#define VIRTIO_CRYPTO_MAC_CBCMAC_KASUMI_F9 50
#define VIRTIO_CRYPTO_MAC_XCBC_AES 53
#define VIRTIO_CRYPTO_MAC_ZUC_EIA3 54

/* AEAD algorithms [virtio 5.9.5.6] */
#define VIRTIO_CRYPTO_NO_AEAD 0
#define VIRTIO_CRYPTO_AEAD_GCM 1
#define VIRTIO_CRYPTO_AEAD_CCM 2
#define VIRTIO_CRYPTO_AEAD_CHACHA20_POLY1305 3

/* Parameters of symmetric sessions [virtio 5.9.9.2.1.3] */
#define VIRTIO_CRYPTO_OP_ENCRYPT 1
#define VIRTIO_CRYPTO_OP_DECRYPT 2
#define VIRTIO_CRYPTO_SYM_OP_NONE 0
#define VIRTIO_CRYPTO_SYM_OP_CIPHER 1
#define VIRTIO_CRYPTO_SYM_OP_ALGORITHM_CHAINING 2
#define VIRTIO_CRYPTO_SYM_ALG_CHAIN_ORDER_HASH_THEN_CIPHER 1
#define VIRTIO_CRYPTO_SYM_ALG_CHAIN_ORDER_CIPHER_THEN_HASH 2
#define VIRTIO_CRYPTO_SYM_HASH_MODE_PLAIN 1
#define VIRTIO_CRYPTO_SYM_HASH_MODE_AUTH 2
#define VIRTIO_CRYPTO_SYM_HASH_MODE_NESTED 3
#define VIRTIO_CRYPTO_FLAG_SESSION_MODE 1

/* Control requests [virtio 5.9.7.2, 5.9.9.2] */
struct virtio_crypto_ctrl_header {
	rte_le32_t opcode;
	rte_le32_t algo;
	rte_le32_t flag;
	rte_le32_t reserved; /* MUST be 0 */
} VIRTIO_CRYPTO_WIRE;
static_assert(sizeof(struct virtio_crypto_ctrl_header) == 16, "5.9.7.2");

struct virtio_crypto_cipher_session_para {
	rte_le32_t algo;
	rte_le32_t key_len;
	rte_le32_t op;
	rte_le32_t padding;
} VIRTIO_CRYPTO_WIRE;
static_assert(sizeof(struct virtio_crypto_cipher_session_para) == 16, "5.9.9.2.1.3");

struct virtio_crypto_hash_session_para {
	rte_le32_t algo;
	rte_le32_t hash_result_len;
	uint8_t pad[8];
} VIRTIO_CRYPTO_WIRE;

struct virtio_crypto_mac_session_para {
	rte_le32_t algo;
	rte_le32_t hash_result_len;
	rte_le32_t auth_key_len;
	rte_le32_t padding;
} VIRTIO_CRYPTO_WIRE;

struct virtio_crypto_chain_session_para {
	rte_le32_t alg_chain_order;
	rte_le32_t hash_mode;
	struct virtio_crypto_cipher_session_para cipher;
	union {
		struct virtio_crypto_hash_session_para hash; /* HASH_MODE_PLAIN */
		struct virtio_crypto_mac_session_para mac; /* HASH_MODE_AUTH */
	} VIRTIO_CRYPTO_WIRE;
	rte_le32_t aad_len;
	rte_le32_t padding;
} VIRTIO_CRYPTO_WIRE;
static_assert(sizeof(struct virtio_crypto_chain_session_para) == 48, "5.9.9.2.1.4");
static_assert(offsetof(struct virtio_crypto_chain_session_para, cipher) == 8, "5.9.9.2.1.4");
static_assert(offsetof(struct virtio_crypto_chain_session_para, mac) == 24, "5.9.9.2.1.4");
static_assert(offsetof(struct virtio_crypto_chain_session_para, aad_len) == 40, "5.9.9.2.1.4");

/* Symmetric create: readable header + this, then cipher key, then auth key. */
struct virtio_crypto_sym_create_session_req {
	struct virtio_crypto_ctrl_header header;
	union {
		struct virtio_crypto_cipher_session_para cipher;
		struct virtio_crypto_chain_session_para chain;
		uint8_t op_flf[48];
	} VIRTIO_CRYPTO_WIRE;
	rte_le32_t op_type;
	rte_le32_t padding;
} VIRTIO_CRYPTO_WIRE;
static_assert(sizeof(struct virtio_crypto_sym_create_session_req) == 72, "5.9.9.2.1.3");
static_assert(offsetof(struct virtio_crypto_sym_create_session_req, op_type) == 64, "5.9.9.2.1.3");

struct virtio_crypto_create_session_resp {
	rte_le64_t session_id;
	rte_le32_t status;
	rte_le32_t padding;
} VIRTIO_CRYPTO_WIRE;
static_assert(sizeof(struct virtio_crypto_create_session_resp) == 16, "5.9.9.2.1");

/* Destroy, padded to 72 bytes unless REVISION_1 is negotiated (then 24). */
struct virtio_crypto_destroy_session_req {
	struct virtio_crypto_ctrl_header header;
	rte_le64_t session_id;
	uint8_t pad[48];
} VIRTIO_CRYPTO_WIRE;
static_assert(sizeof(struct virtio_crypto_destroy_session_req) == 72, "5.9.9.2.1.8");
#define VIRTIO_CRYPTO_DESTROY_REQ_LEN_REVISION_1 24

/* Data requests [virtio 5.9.9.3] */
struct virtio_crypto_op_header {
	rte_le32_t opcode;
	rte_le32_t algo;
	rte_le64_t session_id;
	rte_le32_t flag;
	rte_le32_t padding;
} VIRTIO_CRYPTO_WIRE;
static_assert(sizeof(struct virtio_crypto_op_header) == 24, "5.9.9.3");

struct virtio_crypto_cipher_data_para {
	rte_le32_t iv_len;
	rte_le32_t src_data_len;
	rte_le32_t dst_data_len;
	rte_le32_t padding;
} VIRTIO_CRYPTO_WIRE;
static_assert(sizeof(struct virtio_crypto_cipher_data_para) == 16, "5.9.9.6");

struct virtio_crypto_chain_data_para {
	rte_le32_t iv_len;
	rte_le32_t src_data_len;
	rte_le32_t dst_data_len;
	rte_le32_t cipher_start_src_offset;
	rte_le32_t len_to_cipher;
	rte_le32_t hash_start_src_offset;
	rte_le32_t len_to_hash;
	rte_le32_t aad_len;
	rte_le32_t hash_result_len;
	rte_le32_t reserved;
} VIRTIO_CRYPTO_WIRE;
static_assert(sizeof(struct virtio_crypto_chain_data_para) == 40, "5.9.9.6");

/*
 * Symmetric data request, fixed part. Then readable iv, source, AAD; writable
 * destination, digest, status byte. The same with and without REVISION_1.
 */
struct virtio_crypto_sym_data_req {
	struct virtio_crypto_op_header header;
	union {
		struct virtio_crypto_cipher_data_para cipher;
		struct virtio_crypto_chain_data_para chain;
		uint8_t op_type_flf[40];
	} VIRTIO_CRYPTO_WIRE;
	rte_le32_t op_type;
	rte_le32_t padding;
} VIRTIO_CRYPTO_WIRE;
static_assert(sizeof(struct virtio_crypto_sym_data_req) == 72, "5.9.9.6");
static_assert(offsetof(struct virtio_crypto_sym_data_req, op_type) == 64, "5.9.9.6");

/*
 * The other symmetric services. Their fixed parts are exact with REVISION_1 and padded to the
 * length of the symmetric ones without it: VIRTIO_CRYPTO_CTRL_REQ_LEN and
 * VIRTIO_CRYPTO_DATA_REQ_LEN bytes, header included. [virtio 5.9.7.2, 5.9.9.3]
 */
#define VIRTIO_CRYPTO_CTRL_REQ_LEN 72
#define VIRTIO_CRYPTO_DATA_REQ_LEN 72

/* Then nothing. */
struct virtio_crypto_hash_create_session_req {
	struct virtio_crypto_ctrl_header header;
	rte_le32_t algo;
	rte_le32_t hash_result_len;
} VIRTIO_CRYPTO_WIRE;
static_assert(sizeof(struct virtio_crypto_hash_create_session_req) == 24, "5.9.9.2.1.1");

/* Then the auth key. */
struct virtio_crypto_mac_create_session_req {
	struct virtio_crypto_ctrl_header header;
	struct virtio_crypto_mac_session_para para;
} VIRTIO_CRYPTO_WIRE;
static_assert(sizeof(struct virtio_crypto_mac_create_session_req) == 32, "5.9.9.2.1.2");

/* Then the key. */
struct virtio_crypto_aead_create_session_req {
	struct virtio_crypto_ctrl_header header;
	rte_le32_t algo;
	rte_le32_t key_len;
	rte_le32_t tag_len;
	rte_le32_t aad_len;
	rte_le32_t op;
	rte_le32_t padding;
} VIRTIO_CRYPTO_WIRE;
static_assert(sizeof(struct virtio_crypto_aead_create_session_req) == 40, "5.9.9.2.1.4");

/* HASH and MAC. Then readable source; writable digest, status byte. */
struct virtio_crypto_hash_data_req {
	struct virtio_crypto_op_header header;
	rte_le32_t src_data_len;
	rte_le32_t hash_result_len;
} VIRTIO_CRYPTO_WIRE;
static_assert(sizeof(struct virtio_crypto_hash_data_req) == 32, "5.9.9.4, 5.9.9.5");

/* Then readable iv, source, AAD; writable destination, status byte. */
struct virtio_crypto_aead_data_req {
	struct virtio_crypto_op_header header;
	rte_le32_t iv_len;
	rte_le32_t aad_len;
	rte_le32_t src_data_len;
	rte_le32_t dst_data_len;
	rte_le32_t tag_len; /* 0 from drivers of before the standard had the field */
	rte_le32_t reserved;
} VIRTIO_CRYPTO_WIRE;
static_assert(sizeof(struct virtio_crypto_aead_data_req) == 48, "5.9.9.7");

/* Stateless requests: parameters of a session with each request. [virtio 5.9.9.3] */

/* Then readable source; writable digest, status byte. */
struct virtio_crypto_hash_stateless_req {
	struct virtio_crypto_op_header header;
	rte_le32_t algo;
	rte_le32_t src_data_len;
	rte_le32_t hash_result_len;
	rte_le32_t reserved;
} VIRTIO_CRYPTO_WIRE;
static_assert(sizeof(struct virtio_crypto_hash_stateless_req) == 40, "5.9.9.4");

/* Then readable key, source; writable digest, status byte. */
struct virtio_crypto_mac_stateless_req {
	struct virtio_crypto_op_header header;
	rte_le32_t algo;
	rte_le32_t auth_key_len;
	rte_le32_t src_data_len;
	rte_le32_t hash_result_len;
} VIRTIO_CRYPTO_WIRE;
static_assert(sizeof(struct virtio_crypto_mac_stateless_req) == 40, "5.9.9.5");

struct virtio_crypto_cipher_stateless_para {
	rte_le32_t algo;
	rte_le32_t key_len;
	rte_le32_t op;
	rte_le32_t iv_len;
	rte_le32_t src_data_len;
	rte_le32_t dst_data_len;
} VIRTIO_CRYPTO_WIRE;

struct virtio_crypto_chain_stateless_para {
	rte_le32_t alg_chain_order;
	rte_le32_t session_aad_len; /* the field stands here twice */
	rte_le32_t cipher_algo;
	rte_le32_t key_len;
	rte_le32_t op;
	rte_le32_t auth_algo; /* of hash or MAC, as hash_mode says */
	rte_le32_t auth_key_len;
	rte_le32_t hash_mode;
	rte_le32_t iv_len;
	rte_le32_t src_data_len;
	rte_le32_t dst_data_len;
	rte_le32_t cipher_start_src_offset;
	rte_le32_t len_to_cipher;
	rte_le32_t hash_start_src_offset;
	rte_le32_t len_to_hash;
	rte_le32_t aad_len;
	rte_le32_t hash_result_len;
	rte_le32_t reserved;
} VIRTIO_CRYPTO_WIRE;
static_assert(sizeof(struct virtio_crypto_chain_stateless_para) == 72, "5.9.9.6");

/*
 * Then readable cipher key, (chain: auth key,) iv, (chain: AAD,) source; writable destination,
 * (chain: digest,) status byte. Unlike in session mode the AAD comes before the source.
 */
struct virtio_crypto_sym_stateless_req {
	struct virtio_crypto_op_header header;
	union {
		struct virtio_crypto_cipher_stateless_para cipher;
		struct virtio_crypto_chain_stateless_para chain;
		uint8_t op_type_flf[72];
	} VIRTIO_CRYPTO_WIRE;
	rte_le32_t op_type;
} VIRTIO_CRYPTO_WIRE;
static_assert(sizeof(struct virtio_crypto_sym_stateless_req) == 100, "5.9.9.6");
static_assert(offsetof(struct virtio_crypto_sym_stateless_req, op_type) == 96, "5.9.9.6");

/* Then readable key, iv, source, AAD; writable destination, status byte. */
struct virtio_crypto_aead_stateless_req {
	struct virtio_crypto_op_header header;
	rte_le32_t algo;
	rte_le32_t key_len;
	rte_le32_t op;
	rte_le32_t iv_len;
	rte_le32_t tag_len;
	rte_le32_t aad_len;
	rte_le32_t src_data_len;
	rte_le32_t dst_data_len;
} VIRTIO_CRYPTO_WIRE;
static_assert(sizeof(struct virtio_crypto_aead_stateless_req) == 56, "5.9.9.7");

#endif /* VIRTIO_CRYPTO_WIRE_H */
