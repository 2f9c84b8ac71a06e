/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The fixed part of a data request: which structure it has, and what it says, in CPU order.
 * Nothing is checked here but what the structure itself needs.
 *
 * A room of the requests; knows the wire format, no session's state.
 */

#ifndef VHC_REQUEST_FIELDS_H
#define VHC_REQUEST_FIELDS_H

#include <stdbool.h>
#include <stdint.h>

#include "engine.h"
#include "virtio_crypto_wire.h"
#include "virtio_crypto_wire_asym.h"

/** The fixed part of each data request, as it lies in the chain. */
union vhc_fixed {
	struct virtio_crypto_op_header header;
	struct virtio_crypto_sym_data_req sym;
	struct virtio_crypto_hash_data_req hash; /* MAC, too */
	struct virtio_crypto_aead_data_req aead;
	struct virtio_crypto_sym_stateless_req sym_stateless;
	struct virtio_crypto_hash_stateless_req hash_stateless;
	struct virtio_crypto_mac_stateless_req mac_stateless;
	struct virtio_crypto_aead_stateless_req aead_stateless;
	struct virtio_crypto_akcipher_data_req akcipher;
	struct virtio_crypto_akcipher_stateless_req akcipher_stateless;
	uint8_t bytes[sizeof(struct virtio_crypto_sym_stateless_req)];
};

/** What a request says; what its service does not have is 0. */
struct vhc_fields {
	uint32_t op_type; /* CIPHER service */
	uint32_t iv;      /* this and the next: bytes */
	uint32_t src;
	uint32_t dst;
	uint32_t aad;
	uint32_t digest; /* of digest or tag */
	uint32_t cipher_off;
	uint32_t cipher_len;
	uint32_t hash_off;
	uint32_t hash_len;
	uint32_t keys; /* stateless: bytes of keys before the IV, at most 2 * VHC_KEY_MAX_LEN */
};

/**
 * Bytes of the fixed part. [virtio 5.9.9.3]
 * @param service  CIPHER to AKCIPHER.
 */
static inline uint32_t
vhc_fields_fixed_len(uint8_t service, bool revision_1, bool stateless)
{
	static const uint8_t exact[2][5] = {
			{
					sizeof(struct virtio_crypto_sym_data_req),
					sizeof(struct virtio_crypto_hash_data_req),
					sizeof(struct virtio_crypto_hash_data_req),
					sizeof(struct virtio_crypto_aead_data_req),
					sizeof(struct virtio_crypto_akcipher_data_req),
			},
			{
					sizeof(struct virtio_crypto_sym_stateless_req),
					sizeof(struct virtio_crypto_hash_stateless_req),
					sizeof(struct virtio_crypto_mac_stateless_req),
					sizeof(struct virtio_crypto_aead_stateless_req),
					sizeof(struct virtio_crypto_akcipher_stateless_req),
			},
	};

	return revision_1 ? exact[stateless][service] : VIRTIO_CRYPTO_DATA_REQ_LEN;
}

/** Of a request with a session. */
static inline void
vhc_fields_of_session(const union vhc_fixed *fixed, uint8_t service, struct vhc_fields *f)
{
	const struct virtio_crypto_chain_data_para *para = &fixed->sym.chain;

	f->op_type = 0;
	f->iv = f->dst = f->aad = f->digest = 0;
	f->cipher_off = f->cipher_len = f->hash_off = f->hash_len = 0;
	f->keys = 0;
	switch (service) {
	case VIRTIO_CRYPTO_SERVICE_CIPHER:
		f->op_type = rte_le_to_cpu_32(fixed->sym.op_type);
		/* These three stand at the same place in both structures. */
		f->iv = rte_le_to_cpu_32(para->iv_len);
		f->src = rte_le_to_cpu_32(para->src_data_len);
		f->dst = rte_le_to_cpu_32(para->dst_data_len);
		if (f->op_type != VIRTIO_CRYPTO_SYM_OP_ALGORITHM_CHAINING) {
			f->cipher_len = f->src;
			break;
		}
		f->cipher_off = rte_le_to_cpu_32(para->cipher_start_src_offset);
		f->cipher_len = rte_le_to_cpu_32(para->len_to_cipher);
		f->hash_off = rte_le_to_cpu_32(para->hash_start_src_offset);
		f->hash_len = rte_le_to_cpu_32(para->len_to_hash);
		f->aad = rte_le_to_cpu_32(para->aad_len);
		f->digest = rte_le_to_cpu_32(para->hash_result_len);
		break;
	case VIRTIO_CRYPTO_SERVICE_AEAD:
		f->iv = rte_le_to_cpu_32(fixed->aead.iv_len);
		f->aad = rte_le_to_cpu_32(fixed->aead.aad_len);
		f->src = rte_le_to_cpu_32(fixed->aead.src_data_len);
		f->dst = rte_le_to_cpu_32(fixed->aead.dst_data_len);
		f->digest = rte_le_to_cpu_32(fixed->aead.tag_len);
		break;
	default: /* HASH, MAC */
		f->src = rte_le_to_cpu_32(fixed->hash.src_data_len);
		f->digest = rte_le_to_cpu_32(fixed->hash.hash_result_len);
		f->hash_len = f->src;
		break;
	}
}

/**
 * Of a request in stateless format.
 * @param f  filled in whatever is returned.
 * @param p  gets the session's parameters, with the lengths of the keys and without the keys.
 * @return a status: OK, or why there is no such session: ERR, NOTSUPP.
 */
uint8_t vhc_fields_of_stateless(const union vhc_fixed *fixed, uint8_t service,
		struct vhc_fields *f, struct vhc_sym_params *p);

/**
 * Parameters of asymmetric crypto, as the wire has them in a create request and in a stateless one.
 * @param p  gets all but key and owner.
 * @return 0; -ENOTSUP a key of no known type.
 */
int vhc_fields_of_asym(rte_le32_t algo, rte_le32_t key_type, rte_le32_t key_len,
		const struct virtio_crypto_rsa_session_para *para, struct vhc_asym_params *p);

#endif /* VHC_REQUEST_FIELDS_H */
