/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * DER (ITU-T X.690), as much as keys and signatures need: a writer and a reader over memory of
 * the caller, who gives its bounds. No allocation. A leaf. Any thread.
 *
 * The writer works from the end of its memory to the start, since the length of what is wrapped
 * comes before it: the last element of a sequence is written first.
 */

#ifndef VIRTIO_DER_H
#define VIRTIO_DER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VCRYPTO_DER_INTEGER 0x02
#define VCRYPTO_DER_BIT_STRING 0x03
#define VCRYPTO_DER_OCTET_STRING 0x04
#define VCRYPTO_DER_OID 0x06
#define VCRYPTO_DER_SEQUENCE 0x30
/** [n] EXPLICIT, of something. */
#define VCRYPTO_DER_CONTEXT(n) (0xa0 | (n))

/** Longest contents of an element: two bytes of length. */
#define VCRYPTO_DER_MAX_LEN 0xffff

/** What is written lies in buf[at] to buf[size - 1]. */
struct vcrypto_der_out {
	uint8_t *buf;
	size_t size;
	size_t at;
	bool full; /* something did not fit; nothing is written from then on */
};

void vcrypto_der_out_init(struct vcrypto_der_out *o, void *buf, size_t size);

/** Bytes written so far: a mark for vcrypto_der_wrap(). */
static inline size_t
vcrypto_der_mark(const struct vcrypto_der_out *o)
{
	return o->size - o->at;
}

/** Bytes as they are. */
void vcrypto_der_put(struct vcrypto_der_out *o, const void *data, size_t len);

/** A number of big-endian bytes as INTEGER: no needless zeros, a zero before a first bit set. */
void vcrypto_der_put_number(struct vcrypto_der_out *o, const uint8_t *data, size_t len);

/** An element of one tag around all that was written since @p mark. */
void vcrypto_der_wrap(struct vcrypto_der_out *o, uint8_t tag, size_t mark);

/** The same for a BIT STRING, of whole bytes. */
void vcrypto_der_wrap_bits(struct vcrypto_der_out *o, size_t mark);

/**
 * Move what is written to the start of the memory.
 * @return its bytes; 0 if it did not fit: what is in the memory then is of no use.
 */
size_t vcrypto_der_out_end(struct vcrypto_der_out *o);

/** What is left to read. */
struct vcrypto_der_in {
	const uint8_t *p;
	size_t len;
};

/**
 * Take the next element if it is one of this tag, with a length of definite and shortest form
 * within bounds.
 * @param contents  of the element; @p in moves behind it. Untouched, as @p in, if it is not.
 */
bool vcrypto_der_take(struct vcrypto_der_in *in, uint8_t tag, struct vcrypto_der_in *contents);

/**
 * Take an INTEGER that is not negative and of shortest form.
 * @param number  its big-endian bytes without a zero in front; of none for 0.
 */
bool vcrypto_der_take_number(struct vcrypto_der_in *in, struct vcrypto_der_in *number);

/** Leave out the zeros in front of a big-endian number; none are left of 0. */
static inline void
vcrypto_der_strip(struct vcrypto_der_in *number)
{
	while (number->len > 0 && number->p[0] == 0) {
		number->p++;
		number->len--;
	}
}

#endif /* VIRTIO_DER_H */
