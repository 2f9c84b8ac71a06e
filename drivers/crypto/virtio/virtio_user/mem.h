/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * DPDK's memory as a back end in another process can map it: regions of files.
 */

#ifndef VIRTIO_USER_MEM_H
#define VIRTIO_USER_MEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Regions that every back end takes in one table. */
#define VCRYPTO_MEM_MAX_REGIONS 8

/** Contiguous addresses of this process, and what is mapped there. */
struct vcrypto_mem_region {
	uint64_t addr; /* virtual, which is also the IO address */
	uint64_t len; /* bytes */
	uint64_t offset; /* of the first byte in the file */
	int fd; /* EAL's; never closed here */
};

struct vcrypto_mem_table {
	uint32_t nb;
	struct vcrypto_mem_region regions[VCRYPTO_MEM_MAX_REGIONS];
};

/**
 * The fewest regions that cover all DPDK memory with a file behind it, in EAL's order. Memory
 * without one (registered by the application, say) is left out with a debug line.
 *
 * The caller has EAL's memory lock, for reading or writing.
 *
 * @param gone      memory that is about to be freed and is left out; NULL: none.
 * @param gone_len  bytes.
 * @param quiet     failures are logged at level DEBUG.
 * @return 0; -E2BIG more than VCRYPTO_MEM_MAX_REGIONS; -ENODATA no memory that could be mapped.
 *         One log line says what to do. @p table is then undefined.
 */
int vcrypto_mem_collect(const char *dev_name, const void *gone, size_t gone_len, bool quiet,
		struct vcrypto_mem_table *table);

/** Whether both tables say the same. */
bool vcrypto_mem_equal(const struct vcrypto_mem_table *a, const struct vcrypto_mem_table *b);

#endif /* VIRTIO_USER_MEM_H */
