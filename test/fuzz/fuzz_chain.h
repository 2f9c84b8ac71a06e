/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * What the targets of the back end's requests share: chains of descriptors that the input
 * describes, each a piece of memory of its own, and the writing of seeds for them. In the input
 * a chain has a 16-bit word for each descriptor (length, and writable in bit 15), then what the
 * readable ones hold.
 */

#ifndef FUZZ_CHAIN_H
#define FUZZ_CHAIN_H

#include "chain.h"
#include "fuzz.h"
#include "virtio_crypto_wire.h"

#define MAX_DESC 24
#define MAX_LEN 0x3ff
#define WRITABLE 0x8000
#define NOT_A_STATUS 0xee

struct chain {
	struct vhc_desc desc[MAX_DESC];
	uint16_t nb;
	uint64_t writable;
	uint8_t *last;
};

static inline void
chain_free(struct chain *c)
{
	uint16_t i;

	for (i = 0; i < c->nb; i++)
		free(c->desc[i].addr);
	c->nb = 0;
}

/* Each descriptor is a piece of memory of its own, so that the sanitizer sees each end. */
static inline void
chain_make(struct chain *c, struct fuzz_input *in, uint16_t nb, bool has_id, uint64_t id,
		unsigned int id_at)
{
	uint64_t at = 0;
	uint16_t words[MAX_DESC];
	uint16_t i;
	uint32_t k;

	memset(c, 0, sizeof(*c));
	c->nb = nb;
	for (i = 0; i < nb; i++)
		words[i] = fuzz_u16(in);
	for (i = 0; i < nb; i++) {
		const uint32_t len = words[i] & MAX_LEN;
		uint8_t *const p = malloc(len != 0 ? len : 1);

		FUZZ_CHECK(p != NULL);
		c->desc[i].addr = p;
		c->desc[i].len = len;
		c->desc[i].writable = (words[i] & WRITABLE) != 0;
		if (c->desc[i].writable) {
			memset(p, NOT_A_STATUS, len);
			c->writable += len;
			if (len != 0)
				c->last = p + len - 1;
			continue;
		}
		fuzz_take(in, p, len);
		for (k = 0; k < len; k++, at++)
			if (has_id && at >= id_at && at < id_at + 8)
				p[k] = (uint8_t)(id >> (8 * (at - id_at)));
	}
}

/* What is written of an answer fits, and its last byte, if there is one, is a status. */
static inline void
check_answer(const struct chain *c, uint32_t used_len)
{
	FUZZ_CHECK(used_len <= c->writable);
	if (c->last != NULL)
		FUZZ_CHECK(*c->last <= VIRTIO_CRYPTO_KEY_REJECTED);
}

static inline uint8_t *
put(uint8_t *p, const void *src, size_t len)
{
	memcpy(p, src, len);
	return p + len;
}

static inline uint8_t *
put_bytes(uint8_t *p, size_t len)
{
	memset(p, 0x5a, len);
	return p + len;
}

#endif /* FUZZ_CHAIN_H */
