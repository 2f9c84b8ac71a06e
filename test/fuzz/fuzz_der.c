/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * What a device answers to an asymmetric operation, and the driver's DER reader below it. Input:
 * what the operation waits for, status, used length, lengths, then the bytes that the device wrote.
 *
 * Beside the sanitizers' rules: nothing is written behind the application's buffers, and a
 * signature that was taken is the one that its numbers are encoded to.
 */

#include "fuzz.h"
#include "virtio_codec_asym.h"
#include "virtio_crypto_wire.h"
#include "virtio_der.h"
#include "virtio_ring.h"

#define MAX_PART 66 /* of P-521 */

static uint8_t *
room(size_t len)
{
	uint8_t *const p = malloc(len != 0 ? len : 1);

	FUZZ_CHECK(p != NULL);
	return p;
}

/* Whatever is read: it lies within, and the reader moves on. */
static void
read_all(const uint8_t *p, size_t len, unsigned int depth)
{
	static const uint8_t tags[] = {VCRYPTO_DER_SEQUENCE, VCRYPTO_DER_INTEGER,
		VCRYPTO_DER_BIT_STRING, VCRYPTO_DER_OCTET_STRING, VCRYPTO_DER_OID,
		VCRYPTO_DER_CONTEXT(0), VCRYPTO_DER_CONTEXT(1)};
	struct vcrypto_der_in in = {p, len}, contents, number, before;
	unsigned int i;

	while (in.len != 0) {
		before = in;
		if (vcrypto_der_take_number(&in, &number)) {
			FUZZ_CHECK(number.len == 0 || number.p[0] != 0);
			in = before;
		}
		FUZZ_CHECK(in.p == before.p && in.len == before.len);
		for (i = 0; i < sizeof(tags); i++)
			if (vcrypto_der_take(&in, tags[i], &contents))
				break;
		if (i == sizeof(tags)) {
			FUZZ_CHECK(in.p == before.p && in.len == before.len);
			return;
		}
		FUZZ_CHECK(in.p + in.len == p + len && in.len < before.len);
		FUZZ_CHECK(contents.p >= p && contents.p + contents.len <= p + len);
		if (depth < 4)
			read_all(contents.p, contents.len, depth + 1);
	}
}

/* The same numbers, encoded anew. */
static void
check_signature(const struct rte_crypto_ecdsa_op_param *e, const uint8_t *p, size_t len)
{
	uint8_t again[2 * (MAX_PART + 8) + 8];
	struct vcrypto_der_out o;

	vcrypto_der_out_init(&o, again, sizeof(again));
	vcrypto_der_put_number(&o, e->s.data, e->s.length);
	vcrypto_der_put_number(&o, e->r.data, e->r.length);
	vcrypto_der_wrap(&o, VCRYPTO_DER_SEQUENCE, 0);
	FUZZ_CHECK(vcrypto_der_out_end(&o) == len && memcmp(again, p, len) == 0);
}

static void
answer_ecdsa(const struct vcrypto_asym_request *rq, uint8_t status, uint32_t used,
		const uint8_t *buf)
{
	struct rte_crypto_asym_op op;
	int ret;

	memset(&op, 0, sizeof(op));
	op.ecdsa.op_type = RTE_CRYPTO_ASYM_OP_SIGN;
	op.ecdsa.r.data = room(rq->part_len);
	op.ecdsa.s.data = room(rq->part_len);
	ret = vcrypto_codec_asym_done(rq, status, used, buf, &op);
	FUZZ_CHECK(ret >= 0 && ret != RTE_CRYPTO_OP_STATUS_NOT_PROCESSED);
	FUZZ_CHECK(ret != RTE_CRYPTO_OP_STATUS_SUCCESS || status == VIRTIO_CRYPTO_OK);
	if (ret == RTE_CRYPTO_OP_STATUS_SUCCESS) {
		FUZZ_CHECK(op.ecdsa.r.length == rq->part_len &&
				op.ecdsa.s.length == rq->part_len);
		if (used != VCRYPTO_RING_LEN_UNKNOWN)
			check_signature(&op.ecdsa, buf + VCRYPTO_ASYM_BUF_SECOND, used - 1);
	}
	free(op.ecdsa.r.data);
	free(op.ecdsa.s.data);
}

static void
answer_rsa(const struct vcrypto_asym_request *rq, uint8_t status, uint32_t used,
		const uint8_t *buf, struct fuzz_input *in)
{
	struct rte_crypto_asym_op op;
	rte_crypto_param *const all[] = {&op.rsa.message, &op.rsa.cipher, &op.rsa.sign};
	unsigned int i;
	int ret;

	memset(&op, 0, sizeof(op));
	op.rsa.op_type = rq->type;
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		all[i]->data = room(rq->dst_len);
	/* Only the signed message is read. */
	if (rq->after == VCRYPTO_ASYM_COMPARE) {
		fuzz_take(in, op.rsa.message.data, rq->dst_len);
		op.rsa.message.length = rq->dst_len;
	}
	ret = vcrypto_codec_asym_done(rq, status, used, buf, &op);
	FUZZ_CHECK(ret == VCRYPTO_ASYM_ASK_AGAIN || ret >= 0);
	FUZZ_CHECK(ret != VCRYPTO_ASYM_ASK_AGAIN || used == VCRYPTO_RING_LEN_UNKNOWN);
	FUZZ_CHECK(ret != RTE_CRYPTO_OP_STATUS_SUCCESS || status == VIRTIO_CRYPTO_OK);
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		FUZZ_CHECK(all[i]->length <= rq->dst_len);
		free(all[i]->data);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t types[] = {RTE_CRYPTO_ASYM_OP_ENCRYPT, RTE_CRYPTO_ASYM_OP_DECRYPT,
		RTE_CRYPTO_ASYM_OP_SIGN, RTE_CRYPTO_ASYM_OP_VERIFY};
	struct fuzz_input in = {data, size};
	struct vcrypto_asym_request rq;
	uint8_t *buf, status;
	uint32_t used;

	read_all(data, size, 0);
	memset(&rq, 0, sizeof(rq));
	rq.after = fuzz_u8(&in) % (VCRYPTO_ASYM_SIGNATURE + 1);
	rq.type = types[fuzz_u8(&in) % sizeof(types)];
	status = fuzz_u8(&in);
	used = fuzz_u32(&in);
	rq.part_len = 1 + fuzz_u8(&in) % MAX_PART;
	rq.dst_len = fuzz_u16(&in);
	rq.dst_len = rq.after == VCRYPTO_ASYM_SIGNATURE ? 2 * (rq.part_len + 6) :
							  64 + rq.dst_len % 1985;
	/* A buffer that ends with the room for the result. */
	buf = room(VCRYPTO_ASYM_BUF_SECOND + rq.dst_len);
	memset(buf, VCRYPTO_STATUS_POISON, VCRYPTO_ASYM_BUF_SECOND + rq.dst_len);
	if (in.len != 0)
		memcpy(buf + VCRYPTO_ASYM_BUF_SECOND, in.data,
				in.len < rq.dst_len ? in.len : rq.dst_len);
	if (rq.after == VCRYPTO_ASYM_SIGNATURE)
		answer_ecdsa(&rq, status, used, buf);
	else
		answer_rsa(&rq, status, used, buf, &in);
	free(buf);
	return 0;
}

static void
put_seed(const char *folder, const char *name, uint8_t after, uint8_t type, uint32_t used,
		uint16_t dst_len, const uint8_t *bytes, uint8_t len)
{
	uint8_t seed[256] = {after, type, VIRTIO_CRYPTO_OK, (uint8_t)used, (uint8_t)(used >> 8),
		(uint8_t)(used >> 16), (uint8_t)(used >> 24), 31, (uint8_t)dst_len,
		(uint8_t)(dst_len >> 8)};

	memcpy(seed + 10, bytes, len);
	fuzz_seed(folder, name, seed, 10 + (size_t)len);
}

static void
write_seeds(const char *folder)
{
	static const uint8_t sig[] = {0x30, 0x0a, 0x02, 0x03, 0x00, 0x81, 0x17, 0x02, 0x03, 0x12,
		0x34, 0x56};
	uint8_t em[64];

	memset(em, 0x5a, sizeof(em));
	em[0] = em[40] = 0;
	em[1] = 2;
	put_seed(folder, "signature", VCRYPTO_ASYM_SIGNATURE, 2, sizeof(sig) + 1, 0, sig,
			sizeof(sig));
	put_seed(folder, "signature-in-order", VCRYPTO_ASYM_SIGNATURE, 2,
			VCRYPTO_RING_LEN_UNKNOWN, 0, sig, sizeof(sig));
	put_seed(folder, "number", VCRYPTO_ASYM_NUMBER, 0, sizeof(em) + 1, 0, em, sizeof(em));
	put_seed(folder, "message", VCRYPTO_ASYM_MESSAGE, 1, 21, 0, em, sizeof(em));
	put_seed(folder, "unpad", VCRYPTO_ASYM_UNPAD, 1, sizeof(em) + 1, 0, em, sizeof(em));
	put_seed(folder, "compare", VCRYPTO_ASYM_COMPARE, 3, sizeof(em) + 1, 0, em, sizeof(em));
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
	return 0;
}
