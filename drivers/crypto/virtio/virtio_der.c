/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * DER: writer and reader. Includes nothing but its own header and the C library; no global state.
 *
 * Invariant: no byte outside of what the caller gave is read or written.
 */

#include <string.h>

#include "virtio_der.h"

void
vcrypto_der_out_init(struct vcrypto_der_out *o, void *buf, size_t size)
{
	o->buf = buf;
	o->size = size;
	o->at = size;
	o->full = false;
}

void
vcrypto_der_put(struct vcrypto_der_out *o, const void *data, size_t len)
{
	if (o->full || len > o->at) {
		o->full = true;
		return;
	}
	o->at -= len;
	if (len > 0)
		memcpy(o->buf + o->at, data, len);
}

static void
put_byte(struct vcrypto_der_out *o, uint8_t byte)
{
	vcrypto_der_put(o, &byte, 1);
}

void
vcrypto_der_wrap(struct vcrypto_der_out *o, uint8_t tag, size_t mark)
{
	const size_t len = vcrypto_der_mark(o) - mark;

	if (len > VCRYPTO_DER_MAX_LEN) {
		o->full = true;
		return;
	}
	put_byte(o, len & 0xff);
	if (len > 0xff) {
		put_byte(o, len >> 8);
		put_byte(o, 0x82);
	} else if (len > 0x7f) {
		put_byte(o, 0x81);
	}
	put_byte(o, tag);
}

void
vcrypto_der_wrap_bits(struct vcrypto_der_out *o, size_t mark)
{
	put_byte(o, 0); /* unused bits of the last byte */
	vcrypto_der_wrap(o, VCRYPTO_DER_BIT_STRING, mark);
}

void
vcrypto_der_put_number(struct vcrypto_der_out *o, const uint8_t *data, size_t len)
{
	const size_t mark = vcrypto_der_mark(o);
	struct vcrypto_der_in number = { data, len };

	vcrypto_der_strip(&number);
	vcrypto_der_put(o, number.p, number.len);
	/* Two's complement: else it would be negative; and 0 has one byte. */
	if (number.len == 0 || number.p[0] & 0x80)
		put_byte(o, 0);
	vcrypto_der_wrap(o, VCRYPTO_DER_INTEGER, mark);
}

size_t
vcrypto_der_out_end(struct vcrypto_der_out *o)
{
	const size_t len = vcrypto_der_mark(o);

	if (o->full)
		return 0;
	memmove(o->buf, o->buf + o->at, len);
	return len;
}

bool
vcrypto_der_take(struct vcrypto_der_in *in, uint8_t tag, struct vcrypto_der_in *contents)
{
	const uint8_t *const p = in->p;
	size_t head = 2, len;

	if (in->len < 2 || p[0] != tag)
		return false;
	len = p[1];
	if (len == 0x81) {
		if (in->len < 3 || p[2] < 0x80)
			return false;
		head = 3;
		len = p[2];
	} else if (len == 0x82) {
		if (in->len < 4 || p[2] == 0)
			return false;
		head = 4;
		len = (size_t)p[2] << 8 | p[3];
	} else if (len >= 0x80) {
		return false; /* indefinite, or longer than anything here may be */
	}
	if (len > in->len - head)
		return false;
	contents->p = p + head;
	contents->len = len;
	in->p = p + head + len;
	in->len -= head + len;
	return true;
}

bool
vcrypto_der_take_number(struct vcrypto_der_in *in, struct vcrypto_der_in *number)
{
	struct vcrypto_der_in left = *in, n;

	if (!vcrypto_der_take(&left, VCRYPTO_DER_INTEGER, &n) || n.len == 0 || n.p[0] & 0x80)
		return false;
	if (n.p[0] == 0) {
		if (n.len > 1 && !(n.p[1] & 0x80))
			return false;
		n.p++;
		n.len--;
	}
	*in = left;
	*number = n;
	return true;
}
