/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Handling of secrets: wiping that the compiler may not remove, and a
 * comparison whose time does not depend on the content. A leaf.
 */

#ifndef VIRTIO_SECRET_H
#define VIRTIO_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <rte_malloc.h>

/** Overwrite @p len bytes with zero; never optimised away. */
static inline void
vcrypto_secret_wipe(void *p, size_t len)
{
	memset(p, 0, len);
	/* The memory is an input here, so the stores above must happen. */
	__asm__ __volatile__("" : : "r"(p) : "memory");
}

/** Wipe @p len bytes and give them back to the DPDK heap. NULL is allowed. */
static inline void
vcrypto_secret_free(void *p, size_t len)
{
	if (p == NULL)
		return;
	vcrypto_secret_wipe(p, len);
	rte_free(p);
}

/** Whether @p len bytes are equal, in a time that depends on @p len only. */
static inline bool
vcrypto_secret_equal(const void *a, const void *b, size_t len)
{
	const uint8_t *x = a;
	const uint8_t *y = b;
	uint64_t diff = 0;

	for (; len >= sizeof(uint64_t); len -= sizeof(uint64_t)) {
		uint64_t u, v;

		memcpy(&u, x, sizeof(u));
		memcpy(&v, y, sizeof(v));
		diff |= u ^ v;
		x += sizeof(u);
		y += sizeof(v);
	}
	for (; len > 0; len--)
		diff |= *x++ ^ *y++;
	/* The compiler must not know the sum before the end, or it could stop early. */
	__asm__ __volatile__("" : "+r"(diff));
	return diff == 0;
}

#endif /* VIRTIO_SECRET_H */
