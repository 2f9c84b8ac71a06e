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
	const volatile uint8_t *x = a;
	const volatile uint8_t *y = b;
	uint8_t diff = 0;
	size_t i;

	for (i = 0; i < len; i++)
		diff |= x[i] ^ y[i];
	return diff == 0;
}

#endif /* VIRTIO_SECRET_H */
