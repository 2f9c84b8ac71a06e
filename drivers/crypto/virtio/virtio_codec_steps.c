/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Symmetric codec, chains whose digest lies inside the ciphered bytes: two requests in a row,
 * a hash or MAC alone and a cipher alone, since a chain's digest field is apart from its data.
 *
 * To generate: the MAC; its digest goes to its place in the data; the cipher. To verify: the
 * cipher; the MAC of the result, which is compared with what the cipher left in the digest's
 * place. Out of place the bytes that come from the first request are spliced into the source of
 * the second one, so that the application's source stays as it was.
 *
 * May include: wire, slot, codec. Data path of any queue pair; no state.
 */

#include "virtio_codec.h"
#include "virtio_codec_stateless.h"
#include "virtio_codec_table.h"
#include "virtio_secret.h"

/* An op's ranges, in bytes from the start of the packets. */
struct ranges {
	const struct rte_mbuf *src;
	const struct rte_mbuf *dst; /* the source's, if in place */
	const struct rte_mbuf *holder; /* the packet that the application's digest lies in */
	uint32_t digest;
	uint32_t digest_len;
	uint32_t cipher, cipher_end;
};

static bool
is_verify(const struct vcrypto_sym_template *auth)
{
	return auth->digest_action == VCRYPTO_DIGEST_COMPARE;
}

/* Where everything is; false if the digest lies in neither packet, or not all of it. */
static bool
locate(const struct vcrypto_sym_template *auth, const struct vcrypto_sym_template *cipher,
		const struct rte_crypto_sym_op *so, struct ranges *r)
{
	const uint8_t *const digest = so->auth.digest.data;
	uint32_t len = so->cipher.data.length;

	r->cipher = so->cipher.data.offset;
	if (so->m_src == NULL || digest == NULL ||
			!vcrypto_to_bytes(&r->cipher, &len, cipher->cipher_bits) ||
			(uint64_t)r->cipher + len > UINT32_MAX)
		return false;
	r->src = so->m_src;
	r->dst = so->m_dst != NULL ? so->m_dst : so->m_src;
	r->cipher_end = r->cipher + len;
	r->digest_len = auth->digest_len;
	r->holder = so->m_dst != NULL ? so->m_dst : so->m_src;
	if (!vcrypto_codec_find(r->holder, digest, &r->digest)) {
		r->holder = so->m_src;
		if (!vcrypto_codec_find(r->holder, digest, &r->digest))
			return false;
	}
	/* It goes on in the next segment, as the packet's other bytes do. */
	return (uint64_t)r->digest + r->digest_len <= r->holder->pkt_len &&
		r->cipher_end <= r->dst->pkt_len;
}

/* The part of [off, end) that is ciphered, as a splice. */
static void
splice_ciphered(const struct ranges *r, uint32_t off, uint32_t end, struct vcrypto_splice *s)
{
	const uint32_t from = RTE_MAX(off, r->cipher);
	const uint32_t to = RTE_MIN(end, r->cipher_end);

	s->start = from;
	s->len = to > from ? to - from : 0;
}

/* The digest that a packet brought, as it stands once the cipher is done. */
static void
expected(const struct ranges *r, uint8_t *out)
{
	struct vcrypto_splice s;

	vcrypto_codec_read(r->holder, r->digest, r->digest_len, out);
	if (r->holder == r->dst)
		return;
	splice_ciphered(r, r->digest, r->digest + r->digest_len, &s);
	if (s.len != 0)
		vcrypto_codec_read(r->dst, s.start, s.len, out + (s.start - r->digest));
}

/* The cipher's source has the digest from where the first request left it. */
static int
encode_cipher(const struct vcrypto_sym_template *auth, const struct vcrypto_sym_template *cipher,
		const struct ranges *r, const struct rte_crypto_sym_op *so, const uint8_t *iv,
		struct vcrypto_slot_priv *sp, const struct vcrypto_desc_fmt *fmt, uint16_t max_desc)
{
	struct vcrypto_fields f = {
		.src = r->src,
		.dst = r->dst,
		.start = r->cipher,
		.src_len = r->cipher_end - r->cipher,
		.dst_len = r->cipher_end - r->cipher,
	};
	int ret;

	ret = vcrypto_codec_cipher_encode(cipher, so, iv, sp, fmt, max_desc);
	if (ret > 0 || is_verify(auth) || r->src == r->dst)
		return ret;
	sp->serial = 0;
	splice_ciphered(r, r->digest, r->digest + r->digest_len, &f.splice);
	f.splice.iova = vcrypto_digest_scratch(auth, sp) + f.splice.start - r->digest;
	return vcrypto_codec_fields(cipher, &f, sp, fmt, max_desc);
}

/* To verify out of place, what was deciphered is in the destination, the rest in the source. */
static int
encode_auth(const struct vcrypto_sym_template *auth, const struct ranges *r,
		const struct rte_crypto_sym_op *so, struct vcrypto_slot_priv *sp,
		const struct vcrypto_desc_fmt *fmt, uint16_t max_desc)
{
	struct vcrypto_fields f = {
		.src = r->src,
		.dst = r->src,
		.start = so->auth.data.offset,
		.src_len = so->auth.data.length,
	};
	uint8_t want[VCRYPTO_DIGEST_MAX_LEN];
	int ret;

	ret = vcrypto_codec_auth_encode(auth, so, NULL, sp, fmt, max_desc);
	if (ret > 0 || !is_verify(auth))
		return ret;
	if (r->src != r->dst && vcrypto_to_bytes(&f.start, &f.src_len, auth->auth_bits)) {
		sp->serial = 0;
		splice_ciphered(r, f.start, f.start + f.src_len, &f.splice);
		f.splice.m = r->dst;
		f.write.iova = vcrypto_digest_scratch(auth, sp);
		f.write.len = auth->digest_wire_len;
		ret = vcrypto_codec_fields(auth, &f, sp, fmt, max_desc);
		if (ret > 0)
			return ret;
	}
	/* As with any digest that is compared: a device that writes none must not pass. */
	expected(r, want);
	sp->scratch[0] = (uint8_t)~want[0];
	return ret;
}

static bool
is_auth_step(const struct vcrypto_sym_template *auth, unsigned int step)
{
	return (step == 1) != is_verify(auth);
}

int
vcrypto_codec_step_encode(const struct vcrypto_sym_template *auth,
		const struct vcrypto_sym_template *cipher, unsigned int step,
		const struct rte_crypto_sym_op *so, const uint8_t *iv, struct vcrypto_slot_priv *sp,
		const struct vcrypto_desc_fmt *fmt, uint16_t max_desc)
{
	struct ranges r;
	int ret;

	if (!locate(auth, cipher, so, &r))
		return VCRYPTO_BAD_OP;
	if (is_auth_step(auth, step))
		ret = encode_auth(auth, &r, so, sp, fmt, max_desc);
	else
		ret = encode_cipher(auth, cipher, &r, so, iv, sp, fmt, max_desc);
	if (ret > 0)
		return ret;
	vcrypto_codec_stateless_finish(is_auth_step(auth, step) ? auth : cipher, sp);
	return VCRYPTO_ENCODE_NEW;
}

uint8_t
vcrypto_codec_step_done(const struct vcrypto_sym_template *auth,
		const struct vcrypto_sym_template *cipher, unsigned int step,
		const struct rte_crypto_sym_op *so, const struct vcrypto_slot_priv *sp)
{
	uint8_t want[VCRYPTO_DIGEST_MAX_LEN];
	struct ranges r;

	if (!is_auth_step(auth, step))
		return RTE_CRYPTO_OP_STATUS_SUCCESS;
	if (!locate(auth, cipher, so, &r))
		return VCRYPTO_BAD_OP;
	if (!is_verify(auth)) {
		vcrypto_codec_write(r.holder, r.digest, r.digest_len, sp->scratch);
		return RTE_CRYPTO_OP_STATUS_SUCCESS;
	}
	expected(&r, want);
	return vcrypto_secret_equal(want, sp->scratch, r.digest_len) ?
		RTE_CRYPTO_OP_STATUS_SUCCESS : RTE_CRYPTO_OP_STATUS_AUTH_FAILED;
}
