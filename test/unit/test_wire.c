/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * The wire headers against the specification: every offset, size and number
 * stands here as a literal taken from the text of virtio 1.4, never from the
 * headers themselves. Needs no EAL.
 */

#include "unit_eal.h"

#include "virtio_crypto_wire.h"
#include "virtio_slot.h"
#include "virtio_wire.h"

struct field {
	const char *name;
	size_t off, size; /* what the compiler made */
	size_t spec_off, spec_size;
};

struct number {
	const char *name;
	uint64_t is, spec;
};

#define F(type, member, soff, ssize) \
	{#type "." #member, offsetof(struct type, member), sizeof(((struct type *)0)->member), \
		soff, ssize}
#define S(type, ssize) {"sizeof " #type, 0, sizeof(struct type), 0, ssize}
#define N(name, v) {#name, name, v}

static void
check_fields(const struct field *f, size_t nb)
{
	size_t i;

	for (i = 0; i < nb; i++) {
		if (f[i].off != f[i].spec_off || f[i].size != f[i].spec_size)
			fail_msg("%s: at %zu, %zu bytes; specification: at %zu, %zu bytes",
					f[i].name, f[i].off, f[i].size, f[i].spec_off,
					f[i].spec_size);
	}
}

static void
check_numbers(const struct number *n, size_t nb)
{
	size_t i;

	for (i = 0; i < nb; i++) {
		if (n[i].is != n[i].spec)
			fail_msg("%s is 0x%llx; specification: 0x%llx", n[i].name,
					(unsigned long long)n[i].is, (unsigned long long)n[i].spec);
	}
}

/* [virtio 2.7.5, 2.7.6, 2.7.8] */
static void
test_split_ring(void **state)
{
	static const struct field f[] = {
			S(virtq_desc, 16),
			F(virtq_desc, addr, 0, 8),
			F(virtq_desc, len, 8, 4),
			F(virtq_desc, flags, 12, 2),
			F(virtq_desc, next, 14, 2),
			S(virtq_used_elem, 8),
			F(virtq_used_elem, id, 0, 4),
			F(virtq_used_elem, len, 4, 4),
			S(virtq_avail, 4),
			F(virtq_avail, flags, 0, 2),
			F(virtq_avail, idx, 2, 2),
			{"virtq_avail.ring", offsetof(struct virtq_avail, ring),
					sizeof(((struct virtq_avail *)0)->ring[0]), 4, 2},
			S(virtq_used, 4),
			F(virtq_used, flags, 0, 2),
			F(virtq_used, idx, 2, 2),
			{"virtq_used.ring", offsetof(struct virtq_used, ring),
					sizeof(((struct virtq_used *)0)->ring[0]), 4, 8},
	};
	static const struct number n[] = {
			N(VIRTQ_DESC_F_NEXT, 1),
			N(VIRTQ_DESC_F_WRITE, 2),
			N(VIRTQ_DESC_F_INDIRECT, 4),
			N(VIRTQ_USED_F_NO_NOTIFY, 1),
			N(VIRTQ_AVAIL_F_NO_INTERRUPT, 1),
			N(VIRTQ_MAX_SIZE, 32768),
	};

	(void)state;
	check_fields(f, UNIT_DIM(f));
	check_numbers(n, UNIT_DIM(n));
}

/* [virtio 2.1, 6, 4.1.2, 5.9.1] */
static void
test_status_features_identity(void **state)
{
	static const struct number n[] = {
			N(VIRTIO_CONFIG_S_ACKNOWLEDGE, 1),
			N(VIRTIO_CONFIG_S_DRIVER, 2),
			N(VIRTIO_CONFIG_S_DRIVER_OK, 4),
			N(VIRTIO_CONFIG_S_FEATURES_OK, 8),
			N(VIRTIO_CONFIG_S_NEEDS_RESET, 64),
			N(VIRTIO_CONFIG_S_FAILED, 128),
			N(VIRTIO_F_INDIRECT_DESC, 28),
			N(VIRTIO_F_EVENT_IDX, 29),
			N(VIRTIO_F_VERSION_1, 32),
			N(VIRTIO_F_ACCESS_PLATFORM, 33),
			N(VIRTIO_F_RING_PACKED, 34),
			N(VIRTIO_F_IN_ORDER, 35),
			N(VIRTIO_F_ORDER_PLATFORM, 36),
			N(VIRTIO_F_NOTIFICATION_DATA, 38),
			N(VIRTIO_F_NOTIF_CONFIG_DATA, 39),
			N(VIRTIO_F_RING_RESET, 40),
			N(VIRTIO_FEATURE(0), 1),
			N(VIRTIO_FEATURE(40), UINT64_C(0x10000000000)),
			N(VIRTIO_ID_CRYPTO, 20),
			N(VIRTIO_PCI_VENDOR_ID, 0x1af4),
			N(VIRTIO_PCI_DEVICE_ID_CRYPTO, 0x1054),
			N(VIRTIO_CRYPTO_F_REVISION_1, 0),
			N(VIRTIO_CRYPTO_F_CIPHER_STATELESS_MODE, 1),
			N(VIRTIO_CRYPTO_F_HASH_STATELESS_MODE, 2),
			N(VIRTIO_CRYPTO_F_MAC_STATELESS_MODE, 3),
			N(VIRTIO_CRYPTO_F_AEAD_STATELESS_MODE, 4),
			N(VIRTIO_CRYPTO_F_AKCIPHER_STATELESS_MODE, 5),
	};

	(void)state;
	check_numbers(n, UNIT_DIM(n));
}

/* [virtio 5.9.5 Device configuration layout] */
static void
test_config(void **state)
{
	static const struct field f[] = {
			S(virtio_crypto_config, 56),
			F(virtio_crypto_config, status, 0, 4),
			F(virtio_crypto_config, max_dataqueues, 4, 4),
			F(virtio_crypto_config, crypto_services, 8, 4),
			F(virtio_crypto_config, cipher_algo_l, 12, 4),
			F(virtio_crypto_config, cipher_algo_h, 16, 4),
			F(virtio_crypto_config, hash_algo, 20, 4),
			F(virtio_crypto_config, mac_algo_l, 24, 4),
			F(virtio_crypto_config, mac_algo_h, 28, 4),
			F(virtio_crypto_config, aead_algo, 32, 4),
			F(virtio_crypto_config, max_cipher_key_len, 36, 4),
			F(virtio_crypto_config, max_auth_key_len, 40, 4),
			F(virtio_crypto_config, akcipher_algo, 44, 4),
			F(virtio_crypto_config, max_size, 48, 8),
	};
	static const struct number n[] = {
			N(VIRTIO_CRYPTO_S_HW_READY, 1),
			N(VIRTIO_CRYPTO_SERVICE_CIPHER, 0),
			N(VIRTIO_CRYPTO_SERVICE_HASH, 1),
			N(VIRTIO_CRYPTO_SERVICE_MAC, 2),
			N(VIRTIO_CRYPTO_SERVICE_AEAD, 3),
			N(VIRTIO_CRYPTO_SERVICE_AKCIPHER, 4),
			N(VIRTIO_CRYPTO_SERVICE_IPSEC, 5),
	};

	(void)state;
	check_fields(f, UNIT_DIM(f));
	check_numbers(n, UNIT_DIM(n));
}

/* [virtio 5.9.7, 5.9.9] */
static void
test_opcodes(void **state)
{
	static const struct number n[] = {
			N(VIRTIO_CRYPTO_CIPHER_ENCRYPT, 0x0000),
			N(VIRTIO_CRYPTO_CIPHER_DECRYPT, 0x0001),
			N(VIRTIO_CRYPTO_CIPHER_CREATE_SESSION, 0x0002),
			N(VIRTIO_CRYPTO_CIPHER_DESTROY_SESSION, 0x0003),
			N(VIRTIO_CRYPTO_HASH, 0x0100),
			N(VIRTIO_CRYPTO_HASH_CREATE_SESSION, 0x0102),
			N(VIRTIO_CRYPTO_HASH_DESTROY_SESSION, 0x0103),
			N(VIRTIO_CRYPTO_MAC, 0x0200),
			N(VIRTIO_CRYPTO_MAC_CREATE_SESSION, 0x0202),
			N(VIRTIO_CRYPTO_MAC_DESTROY_SESSION, 0x0203),
			N(VIRTIO_CRYPTO_AEAD_ENCRYPT, 0x0300),
			N(VIRTIO_CRYPTO_AEAD_DECRYPT, 0x0301),
			N(VIRTIO_CRYPTO_AEAD_CREATE_SESSION, 0x0302),
			N(VIRTIO_CRYPTO_AEAD_DESTROY_SESSION, 0x0303),
			N(VIRTIO_CRYPTO_AKCIPHER_CREATE_SESSION, 0x0404),
			N(VIRTIO_CRYPTO_AKCIPHER_DESTROY_SESSION, 0x0405),
			N(VIRTIO_CRYPTO_OPCODE(5, 1), 0x0501),
			N(VIRTIO_CRYPTO_OP_ENCRYPT, 1),
			N(VIRTIO_CRYPTO_OP_DECRYPT, 2),
			N(VIRTIO_CRYPTO_SYM_OP_NONE, 0),
			N(VIRTIO_CRYPTO_SYM_OP_CIPHER, 1),
			N(VIRTIO_CRYPTO_SYM_OP_ALGORITHM_CHAINING, 2),
			N(VIRTIO_CRYPTO_SYM_ALG_CHAIN_ORDER_HASH_THEN_CIPHER, 1),
			N(VIRTIO_CRYPTO_SYM_ALG_CHAIN_ORDER_CIPHER_THEN_HASH, 2),
			N(VIRTIO_CRYPTO_SYM_HASH_MODE_PLAIN, 1),
			N(VIRTIO_CRYPTO_SYM_HASH_MODE_AUTH, 2),
			N(VIRTIO_CRYPTO_SYM_HASH_MODE_NESTED, 3),
			N(VIRTIO_CRYPTO_FLAG_SESSION_MODE, 1),
			N(VIRTIO_CRYPTO_OK, 0),
			N(VIRTIO_CRYPTO_ERR, 1),
			N(VIRTIO_CRYPTO_BADMSG, 2),
			N(VIRTIO_CRYPTO_NOTSUPP, 3),
			N(VIRTIO_CRYPTO_INVSESS, 4),
			N(VIRTIO_CRYPTO_NOSPC, 5),
			N(VIRTIO_CRYPTO_KEY_REJECTED, 6),
	};

	(void)state;
	check_numbers(n, UNIT_DIM(n));
}

/* [virtio 5.9.5.3 to 5.9.5.6] */
static void
test_algorithms(void **state)
{
	static const struct number n[] = {
			N(VIRTIO_CRYPTO_NO_CIPHER, 0),
			N(VIRTIO_CRYPTO_CIPHER_ARC4, 1),
			N(VIRTIO_CRYPTO_CIPHER_AES_ECB, 2),
			N(VIRTIO_CRYPTO_CIPHER_AES_CBC, 3),
			N(VIRTIO_CRYPTO_CIPHER_AES_CTR, 4),
			N(VIRTIO_CRYPTO_CIPHER_DES_ECB, 5),
			N(VIRTIO_CRYPTO_CIPHER_DES_CBC, 6),
			N(VIRTIO_CRYPTO_CIPHER_3DES_ECB, 7),
			N(VIRTIO_CRYPTO_CIPHER_3DES_CBC, 8),
			N(VIRTIO_CRYPTO_CIPHER_3DES_CTR, 9),
			N(VIRTIO_CRYPTO_CIPHER_KASUMI_F8, 10),
			N(VIRTIO_CRYPTO_CIPHER_SNOW3G_UEA2, 11),
			N(VIRTIO_CRYPTO_CIPHER_AES_F8, 12),
			N(VIRTIO_CRYPTO_CIPHER_AES_XTS, 13),
			N(VIRTIO_CRYPTO_CIPHER_ZUC_EEA3, 14),
			N(VIRTIO_CRYPTO_NO_HASH, 0),
			N(VIRTIO_CRYPTO_HASH_MD5, 1),
			N(VIRTIO_CRYPTO_HASH_SHA1, 2),
			N(VIRTIO_CRYPTO_HASH_SHA_224, 3),
			N(VIRTIO_CRYPTO_HASH_SHA_256, 4),
			N(VIRTIO_CRYPTO_HASH_SHA_384, 5),
			N(VIRTIO_CRYPTO_HASH_SHA_512, 6),
			N(VIRTIO_CRYPTO_HASH_SHA3_224, 7),
			N(VIRTIO_CRYPTO_HASH_SHA3_256, 8),
			N(VIRTIO_CRYPTO_HASH_SHA3_384, 9),
			N(VIRTIO_CRYPTO_HASH_SHA3_512, 10),
			N(VIRTIO_CRYPTO_HASH_SHA3_SHAKE128, 11),
			N(VIRTIO_CRYPTO_HASH_SHA3_SHAKE256, 12),
			N(VIRTIO_CRYPTO_NO_MAC, 0),
			N(VIRTIO_CRYPTO_MAC_HMAC_MD5, 1),
			N(VIRTIO_CRYPTO_MAC_HMAC_SHA1, 2),
			N(VIRTIO_CRYPTO_MAC_HMAC_SHA_224, 3),
			N(VIRTIO_CRYPTO_MAC_HMAC_SHA_256, 4),
			N(VIRTIO_CRYPTO_MAC_HMAC_SHA_384, 5),
			N(VIRTIO_CRYPTO_MAC_HMAC_SHA_512, 6),
			N(VIRTIO_CRYPTO_MAC_CMAC_3DES, 25),
			N(VIRTIO_CRYPTO_MAC_CMAC_AES, 26),
			N(VIRTIO_CRYPTO_MAC_KASUMI_F9, 27),
			N(VIRTIO_CRYPTO_MAC_SNOW3G_UIA2, 28),
			N(VIRTIO_CRYPTO_MAC_GMAC_AES, 41),
			N(VIRTIO_CRYPTO_MAC_GMAC_TWOFISH, 42),
			N(VIRTIO_CRYPTO_MAC_CBCMAC_AES, 49),
			N(VIRTIO_CRYPTO_MAC_CBCMAC_KASUMI_F9, 50),
			N(VIRTIO_CRYPTO_MAC_XCBC_AES, 53),
			N(VIRTIO_CRYPTO_MAC_ZUC_EIA3, 54),
			N(VIRTIO_CRYPTO_NO_AEAD, 0),
			N(VIRTIO_CRYPTO_AEAD_GCM, 1),
			N(VIRTIO_CRYPTO_AEAD_CCM, 2),
			N(VIRTIO_CRYPTO_AEAD_CHACHA20_POLY1305, 3),
	};

	(void)state;
	check_numbers(n, UNIT_DIM(n));
}

/* [virtio 5.9.7.2, 5.9.9.2] */
static void
test_control_requests(void **state)
{
	static const struct field f[] = {
			S(virtio_crypto_ctrl_header, 16),
			F(virtio_crypto_ctrl_header, opcode, 0, 4),
			F(virtio_crypto_ctrl_header, algo, 4, 4),
			F(virtio_crypto_ctrl_header, flag, 8, 4),
			F(virtio_crypto_ctrl_header, reserved, 12, 4),

			S(virtio_crypto_cipher_session_para, 16),
			F(virtio_crypto_cipher_session_para, algo, 0, 4),
			F(virtio_crypto_cipher_session_para, key_len, 4, 4),
			F(virtio_crypto_cipher_session_para, op, 8, 4),
			F(virtio_crypto_cipher_session_para, padding, 12, 4),

			S(virtio_crypto_hash_session_para, 16),
			F(virtio_crypto_hash_session_para, algo, 0, 4),
			F(virtio_crypto_hash_session_para, hash_result_len, 4, 4),

			S(virtio_crypto_mac_session_para, 16),
			F(virtio_crypto_mac_session_para, algo, 0, 4),
			F(virtio_crypto_mac_session_para, hash_result_len, 4, 4),
			F(virtio_crypto_mac_session_para, auth_key_len, 8, 4),
			F(virtio_crypto_mac_session_para, padding, 12, 4),

			S(virtio_crypto_chain_session_para, 48),
			F(virtio_crypto_chain_session_para, alg_chain_order, 0, 4),
			F(virtio_crypto_chain_session_para, hash_mode, 4, 4),
			F(virtio_crypto_chain_session_para, cipher.algo, 8, 4),
			F(virtio_crypto_chain_session_para, cipher.key_len, 12, 4),
			F(virtio_crypto_chain_session_para, cipher.op, 16, 4),
			F(virtio_crypto_chain_session_para, cipher.padding, 20, 4),
			F(virtio_crypto_chain_session_para, hash.algo, 24, 4),
			F(virtio_crypto_chain_session_para, hash.hash_result_len, 28, 4),
			F(virtio_crypto_chain_session_para, mac.algo, 24, 4),
			F(virtio_crypto_chain_session_para, mac.hash_result_len, 28, 4),
			F(virtio_crypto_chain_session_para, mac.auth_key_len, 32, 4),
			F(virtio_crypto_chain_session_para, mac.padding, 36, 4),
			F(virtio_crypto_chain_session_para, aad_len, 40, 4),
			F(virtio_crypto_chain_session_para, padding, 44, 4),

			/* flf offsets plus the 16 bytes of the header */
			S(virtio_crypto_sym_create_session_req, 72),
			F(virtio_crypto_sym_create_session_req, header, 0, 16),
			F(virtio_crypto_sym_create_session_req, op_flf, 16, 48),
			F(virtio_crypto_sym_create_session_req, cipher.algo, 16, 4),
			F(virtio_crypto_sym_create_session_req, cipher.key_len, 20, 4),
			F(virtio_crypto_sym_create_session_req, cipher.op, 24, 4),
			F(virtio_crypto_sym_create_session_req, chain.alg_chain_order, 16, 4),
			F(virtio_crypto_sym_create_session_req, chain.hash_mode, 20, 4),
			F(virtio_crypto_sym_create_session_req, chain.cipher.algo, 24, 4),
			F(virtio_crypto_sym_create_session_req, chain.mac.auth_key_len, 48, 4),
			F(virtio_crypto_sym_create_session_req, chain.aad_len, 56, 4),
			F(virtio_crypto_sym_create_session_req, op_type, 64, 4),
			F(virtio_crypto_sym_create_session_req, padding, 68, 4),

			S(virtio_crypto_create_session_resp, 16),
			F(virtio_crypto_create_session_resp, session_id, 0, 8),
			F(virtio_crypto_create_session_resp, status, 8, 4),
			F(virtio_crypto_create_session_resp, padding, 12, 4),

			/* padded to 72 bytes without REVISION_1, exactly 24 with it */
			S(virtio_crypto_destroy_session_req, 72),
			F(virtio_crypto_destroy_session_req, header, 0, 16),
			F(virtio_crypto_destroy_session_req, session_id, 16, 8),
			F(virtio_crypto_destroy_session_req, pad, 24, 48),
	};
	static const struct number n[] = {
			N(VIRTIO_CRYPTO_DESTROY_REQ_LEN_REVISION_1, 24),
	};

	(void)state;
	check_fields(f, UNIT_DIM(f));
	check_numbers(n, UNIT_DIM(n));
}

/* [virtio 5.9.9.3, 5.9.9.6] */
static void
test_data_requests(void **state)
{
	static const struct field f[] = {
			S(virtio_crypto_op_header, 24),
			F(virtio_crypto_op_header, opcode, 0, 4),
			F(virtio_crypto_op_header, algo, 4, 4),
			F(virtio_crypto_op_header, session_id, 8, 8),
			F(virtio_crypto_op_header, flag, 16, 4),
			F(virtio_crypto_op_header, padding, 20, 4),

			S(virtio_crypto_cipher_data_para, 16),
			F(virtio_crypto_cipher_data_para, iv_len, 0, 4),
			F(virtio_crypto_cipher_data_para, src_data_len, 4, 4),
			F(virtio_crypto_cipher_data_para, dst_data_len, 8, 4),
			F(virtio_crypto_cipher_data_para, padding, 12, 4),

			S(virtio_crypto_chain_data_para, 40),
			F(virtio_crypto_chain_data_para, iv_len, 0, 4),
			F(virtio_crypto_chain_data_para, src_data_len, 4, 4),
			F(virtio_crypto_chain_data_para, dst_data_len, 8, 4),
			F(virtio_crypto_chain_data_para, cipher_start_src_offset, 12, 4),
			F(virtio_crypto_chain_data_para, len_to_cipher, 16, 4),
			F(virtio_crypto_chain_data_para, hash_start_src_offset, 20, 4),
			F(virtio_crypto_chain_data_para, len_to_hash, 24, 4),
			F(virtio_crypto_chain_data_para, aad_len, 28, 4),
			F(virtio_crypto_chain_data_para, hash_result_len, 32, 4),
			F(virtio_crypto_chain_data_para, reserved, 36, 4),

			S(virtio_crypto_sym_data_req, 72),
			F(virtio_crypto_sym_data_req, header, 0, 24),
			F(virtio_crypto_sym_data_req, op_type_flf, 24, 40),
			F(virtio_crypto_sym_data_req, cipher.iv_len, 24, 4),
			F(virtio_crypto_sym_data_req, cipher.src_data_len, 28, 4),
			F(virtio_crypto_sym_data_req, cipher.dst_data_len, 32, 4),
			F(virtio_crypto_sym_data_req, chain.iv_len, 24, 4),
			F(virtio_crypto_sym_data_req, chain.hash_result_len, 56, 4),
			F(virtio_crypto_sym_data_req, op_type, 64, 4),
			F(virtio_crypto_sym_data_req, padding, 68, 4),
	};

	(void)state;
	check_fields(f, UNIT_DIM(f));
}

/* Byte order: what a field of the structure puts on the wire. */
static void
test_byte_order(void **state)
{
	struct virtio_crypto_op_header h;
	struct vcrypto_desc d;
	const uint8_t *b = (const uint8_t *)&d;

	(void)state;
	memset(&h, 0, sizeof(h));
	h.opcode = rte_cpu_to_le_32(0x01020304);
	h.session_id = rte_cpu_to_le_64(UINT64_C(0x1112131415161718));
	assert_int_equal(get32(&h, 0), 0x01020304);
	assert_true(get64(&h, 8) == UINT64_C(0x1112131415161718));

	vcrypto_desc_set(&d, UINT64_C(0x1122334455667788), 0x99aabbcc, 0xddee0003);
	assert_true(get64(b, 0) == UINT64_C(0x1122334455667788));
	assert_int_equal(get32(b, 8), 0x99aabbcc);
	assert_int_equal(get16(b, 12), 0x0003); /* flags */
	assert_int_equal(get16(b, 14), 0xddee); /* next */
}

/*
 * The layout that the speed depends on: a slot is four cache lines, and what
 * the device writes is on a line of its own.
 */
static void
test_slot_layout(void **state)
{
	static const struct field f[] = {
			S(vcrypto_desc, 16),
			S(vcrypto_slot, 256),
			F(vcrypto_slot, req, 0, 72),
			F(vcrypto_slot, iv, 72, 16),
			F(vcrypto_slot, table, 96, 96),
			F(vcrypto_slot, status, 192, 1),
			S(vcrypto_slot_ext, 1024),
			F(vcrypto_slot_ext, table, 0, 960),
			F(vcrypto_slot_ext, digest, 960, 64),
			S(vcrypto_slot_priv, 128),
			/* All that most ops need lies on the first line. */
			F(vcrypto_slot_priv, ext, 64, 8),
	};

	(void)state;
	check_fields(f, UNIT_DIM(f));
	assert_true(offsetof(struct vcrypto_slot, digest) >= 192);
	assert_int_equal(__alignof__(struct vcrypto_slot), 64);
	assert_int_equal(__alignof__(struct vcrypto_slot_ext), 64);
	assert_int_equal(__alignof__(struct vcrypto_desc), 16);
	/* No status of the standard, and no bit pattern that a cleared buffer shows. */
	assert_true(VCRYPTO_STATUS_POISON > 7 && VCRYPTO_STATUS_POISON != 0xff);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
			cmocka_unit_test(test_split_ring),
			cmocka_unit_test(test_status_features_identity),
			cmocka_unit_test(test_config),
			cmocka_unit_test(test_opcodes),
			cmocka_unit_test(test_algorithms),
			cmocka_unit_test(test_control_requests),
			cmocka_unit_test(test_data_requests),
			cmocka_unit_test(test_byte_order),
			cmocka_unit_test(test_slot_layout),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
