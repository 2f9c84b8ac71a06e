/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * A descriptor chain as a front hands it over: pieces of memory that the front
 * has translated and checked, and a cursor that reads and writes them by
 * length, wherever the borders lie. [virtio 2.7.4 Message Framing]
 *
 * Nothing here is trusted to add up: a cursor never leaves the chain.
 */

#ifndef VHC_CHAIN_H
#define VHC_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "engine.h"

/** One descriptor, in memory of this process. addr may be NULL if len is 0. */
struct vhc_desc {
	void *addr;
	uint32_t len;
	bool writable; /* by the device */
};

/** The two halves of a chain. */
struct vhc_chain {
	const struct vhc_desc *in;  /* device-readable */
	const struct vhc_desc *out; /* device-writable */
	uint16_t nb_in;
	uint16_t nb_out;
	uint64_t in_len;
	uint64_t out_len;
	uint8_t *last; /* last writable byte, or NULL; set even if the order is wrong */
};

/**
 * Split a chain. Sums cannot overflow: 65535 descriptors of 4 GiB.
 * @return 0; -1 if a readable descriptor follows a writable one [virtio 2.7.4.2].
 */
static inline int
vhc_chain_split(struct vhc_chain *c, const struct vhc_desc *desc, uint16_t nb)
{
	uint16_t i;
	int ret = 0;

	memset(c, 0, sizeof(*c));
	c->in = desc;
	for (i = 0; i < nb; i++) {
		if (desc[i].writable) {
			if (c->out == NULL)
				c->out = &desc[i];
			c->nb_out++;
			c->out_len += desc[i].len;
			if (desc[i].len != 0)
				c->last = (uint8_t *)desc[i].addr + desc[i].len - 1;
		} else if (c->out != NULL) {
			ret = -1;
		} else {
			c->nb_in++;
			c->in_len += desc[i].len;
		}
	}
	return ret;
}

/** A place in one half of a chain. */
struct vhc_cursor {
	const struct vhc_desc *desc;
	uint16_t nb;
	uint32_t off; /* in desc[0] */
};

static inline void
vhc_cursor_init(struct vhc_cursor *c, const struct vhc_desc *desc, uint16_t nb)
{
	c->desc = desc;
	c->nb = nb;
	c->off = 0;
}

/** The longest piece at the cursor, at most @p max bytes; moves behind it. 0: the end. */
static inline size_t
vhc_cursor_piece(struct vhc_cursor *c, size_t max, uint8_t **base)
{
	size_t n;

	while (c->nb != 0 && c->off == c->desc->len) {
		c->desc++;
		c->nb--;
		c->off = 0;
	}
	if (c->nb == 0)
		return 0;
	n = c->desc->len - c->off;
	if (n > max)
		n = max;
	*base = (uint8_t *)c->desc->addr + c->off;
	c->off += (uint32_t)n;
	return n;
}

/** Copy from the chain; @return bytes copied, less than @p len at the chain's end. */
static inline size_t
vhc_cursor_read(struct vhc_cursor *c, void *buf, size_t len)
{
	uint8_t *base;
	size_t n, done;

	for (done = 0; done < len; done += n) {
		n = vhc_cursor_piece(c, len - done, &base);
		if (n == 0)
			break;
		memcpy((uint8_t *)buf + done, base, n);
	}
	return done;
}

/** Copy into the chain; @return bytes copied. */
static inline size_t
vhc_cursor_write(struct vhc_cursor *c, const void *buf, size_t len)
{
	uint8_t *base;
	size_t n, done;

	for (done = 0; done < len; done += n) {
		n = vhc_cursor_piece(c, len - done, &base);
		if (n == 0)
			break;
		memcpy(base, (const uint8_t *)buf + done, n);
	}
	return done;
}

/** Move on; @return bytes passed. */
static inline size_t
vhc_cursor_skip(struct vhc_cursor *c, size_t len)
{
	uint8_t *base;
	size_t n, done;

	for (done = 0; done < len; done += n) {
		n = vhc_cursor_piece(c, len - done, &base);
		if (n == 0)
			break;
	}
	return done;
}

/** The next @p len bytes as segments. @return their number; 0 if more than @p max or too short. */
static inline uint16_t
vhc_cursor_segs(struct vhc_cursor *c, size_t len, struct vhc_seg *seg, uint16_t max)
{
	uint16_t nb;
	size_t n;

	for (nb = 0; len != 0; nb++, len -= n) {
		if (nb == max)
			return 0;
		n = vhc_cursor_piece(c, len, &seg[nb].base);
		if (n == 0)
			return 0;
		seg[nb].len = n;
	}
	return nb;
}

#endif /* VHC_CHAIN_H */
