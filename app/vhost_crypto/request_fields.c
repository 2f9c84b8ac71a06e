/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include <errno.h>
#include <string.h>

#include "request_fields.h"

/* Encryption or decryption, which the opcode says once more. */
static uint8_t
direction(const union vhc_fixed *fixed, rte_le32_t direction_le, struct vhc_sym_params *p)
{
	const uint32_t op = rte_le_to_cpu_32(direction_le);
	const bool opcode_encrypts = (rte_le_to_cpu_32(fixed->header.opcode) & 1) == 0;

	p->encrypt = op == VIRTIO_CRYPTO_OP_ENCRYPT;
	if (!p->encrypt && op != VIRTIO_CRYPTO_OP_DECRYPT)
		return VIRTIO_CRYPTO_ERR;
	return p->encrypt == opcode_encrypts ? VIRTIO_CRYPTO_OK : VIRTIO_CRYPTO_ERR;
}

static uint8_t
sym_cipher(const union vhc_fixed *fixed, struct vhc_fields *f, struct vhc_sym_params *p)
{
	const struct virtio_crypto_cipher_stateless_para *c = &fixed->sym_stateless.cipher;

	p->kind = VHC_SYM_CIPHER;
	p->cipher_algo = rte_le_to_cpu_32(c->algo);
	p->key_len = rte_le_to_cpu_32(c->key_len);
	f->iv = rte_le_to_cpu_32(c->iv_len);
	f->src = rte_le_to_cpu_32(c->src_data_len);
	f->dst = rte_le_to_cpu_32(c->dst_data_len);
	f->cipher_len = f->src;
	return direction(fixed, c->op, p);
}

static uint8_t
sym_chain(const union vhc_fixed *fixed, struct vhc_fields *f, struct vhc_sym_params *p)
{
	const struct virtio_crypto_chain_stateless_para *c = &fixed->sym_stateless.chain;
	const uint32_t order = rte_le_to_cpu_32(c->alg_chain_order);
	const uint32_t hash_mode = rte_le_to_cpu_32(c->hash_mode);

	p->kind = VHC_SYM_CHAIN;
	p->hash_first = order == VIRTIO_CRYPTO_SYM_ALG_CHAIN_ORDER_HASH_THEN_CIPHER;
	p->mac = hash_mode == VIRTIO_CRYPTO_SYM_HASH_MODE_AUTH;
	p->cipher_algo = rte_le_to_cpu_32(c->cipher_algo);
	p->key_len = rte_le_to_cpu_32(c->key_len);
	p->auth_algo = rte_le_to_cpu_32(c->auth_algo);
	if (p->mac)
		p->auth_key_len = rte_le_to_cpu_32(c->auth_key_len);
	p->digest_len = rte_le_to_cpu_32(c->hash_result_len);
	f->iv = rte_le_to_cpu_32(c->iv_len);
	f->src = rte_le_to_cpu_32(c->src_data_len);
	f->dst = rte_le_to_cpu_32(c->dst_data_len);
	f->cipher_off = rte_le_to_cpu_32(c->cipher_start_src_offset);
	f->cipher_len = rte_le_to_cpu_32(c->len_to_cipher);
	f->hash_off = rte_le_to_cpu_32(c->hash_start_src_offset);
	f->hash_len = rte_le_to_cpu_32(c->len_to_hash);
	f->aad = rte_le_to_cpu_32(c->aad_len);
	f->digest = p->digest_len;

	if (!p->hash_first && order != VIRTIO_CRYPTO_SYM_ALG_CHAIN_ORDER_CIPHER_THEN_HASH)
		return VIRTIO_CRYPTO_ERR;
	/* NESTED has no parameters anywhere in the specification. */
	if (!p->mac && hash_mode != VIRTIO_CRYPTO_SYM_HASH_MODE_PLAIN)
		return VIRTIO_CRYPTO_NOTSUPP;
	/* Additional data has no meaning in a chain of cipher and hash. */
	if (c->session_aad_len != 0)
		return VIRTIO_CRYPTO_NOTSUPP;
	return direction(fixed, c->op, p);
}

static uint8_t
aead(const union vhc_fixed *fixed, struct vhc_fields *f, struct vhc_sym_params *p)
{
	const struct virtio_crypto_aead_stateless_req *a = &fixed->aead_stateless;

	p->kind = VHC_SYM_AEAD;
	p->aead_algo = rte_le_to_cpu_32(a->algo);
	p->key_len = rte_le_to_cpu_32(a->key_len);
	p->digest_len = rte_le_to_cpu_32(a->tag_len);
	p->aad_len = rte_le_to_cpu_32(a->aad_len);
	f->iv = rte_le_to_cpu_32(a->iv_len);
	f->aad = p->aad_len;
	f->src = rte_le_to_cpu_32(a->src_data_len);
	f->dst = rte_le_to_cpu_32(a->dst_data_len);
	f->digest = p->digest_len;
	return direction(fixed, a->op, p);
}

/* Fields and parameters, which are zero. @return a status. */
static uint8_t
parse(const union vhc_fixed *fixed, uint8_t service, struct vhc_fields *f,
		struct vhc_sym_params *p)
{
	switch (service) {
	case VIRTIO_CRYPTO_SERVICE_CIPHER:
		f->op_type = rte_le_to_cpu_32(fixed->sym_stateless.op_type);
		if (f->op_type == VIRTIO_CRYPTO_SYM_OP_CIPHER)
			return sym_cipher(fixed, f, p);
		if (f->op_type == VIRTIO_CRYPTO_SYM_OP_ALGORITHM_CHAINING)
			return sym_chain(fixed, f, p);
		return VIRTIO_CRYPTO_ERR;
	case VIRTIO_CRYPTO_SERVICE_HASH:
		p->kind = VHC_SYM_HASH;
		p->auth_algo = rte_le_to_cpu_32(fixed->hash_stateless.algo);
		f->src = rte_le_to_cpu_32(fixed->hash_stateless.src_data_len);
		f->digest = rte_le_to_cpu_32(fixed->hash_stateless.hash_result_len);
		f->hash_len = f->src;
		p->digest_len = f->digest;
		return VIRTIO_CRYPTO_OK;
	case VIRTIO_CRYPTO_SERVICE_MAC:
		p->kind = VHC_SYM_MAC;
		p->mac = true;
		p->auth_algo = rte_le_to_cpu_32(fixed->mac_stateless.algo);
		p->auth_key_len = rte_le_to_cpu_32(fixed->mac_stateless.auth_key_len);
		f->src = rte_le_to_cpu_32(fixed->mac_stateless.src_data_len);
		f->digest = rte_le_to_cpu_32(fixed->mac_stateless.hash_result_len);
		f->hash_len = f->src;
		p->digest_len = f->digest;
		return VIRTIO_CRYPTO_OK;
	default:
		return aead(fixed, f, p);
	}
}

uint8_t
vhc_fields_of_stateless(const union vhc_fixed *fixed, uint8_t service, struct vhc_fields *f,
		struct vhc_sym_params *p)
{
	uint8_t status;

	memset(f, 0, sizeof(*f));
	memset(p, 0, sizeof(*p));
	status = parse(fixed, service, f, p);
	if (p->key_len > VHC_KEY_MAX_LEN || p->auth_key_len > VHC_KEY_MAX_LEN)
		return VIRTIO_CRYPTO_ERR;
	f->keys = p->key_len + p->auth_key_len;
	return status;
}

int
vhc_fields_of_asym(rte_le32_t algo, rte_le32_t key_type, rte_le32_t key_len,
		const struct virtio_crypto_rsa_session_para *para, struct vhc_asym_params *p)
{
	const uint32_t type = rte_le_to_cpu_32(key_type);

	memset(p, 0, sizeof(*p));
	p->algo = rte_le_to_cpu_32(algo);
	p->private = type == VIRTIO_CRYPTO_AKCIPHER_KEY_TYPE_PRIVATE;
	p->key_len = rte_le_to_cpu_32(key_len);
	if (p->algo == VIRTIO_CRYPTO_AKCIPHER_RSA) {
		p->padding = rte_le_to_cpu_32(para->padding_algo);
		p->hash = rte_le_to_cpu_32(para->hash_algo);
	} else {
		/* The curve stands where RSA has the padding. [virtio 5.9.9.2.1.5] */
		p->curve = rte_le_to_cpu_32(para->padding_algo);
	}
	return p->private || type == VIRTIO_CRYPTO_AKCIPHER_KEY_TYPE_PUBLIC ? 0 : -ENOTSUP;
}
