/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * A guest's memory as this process has it mapped: guest-physical ranges and where they
 * lie here. Constant while a data thread uses it; a front that changes it stops them
 * first and makes another.
 */

#ifndef VHC_GUEST_MEM_H
#define VHC_GUEST_MEM_H

#include <stddef.h>
#include <stdint.h>

#define VHC_GUEST_MEM_REGIONS 32

struct vhc_guest_region {
	uint64_t gpa;
	uint64_t size; /* bytes; gpa + size does not overflow */
	uint8_t *hva;
};

struct vhc_guest_mem {
	uint32_t nb_regions;
	struct vhc_guest_region region[VHC_GUEST_MEM_REGIONS];
};

/**
 * Where guest-physical [gpa, gpa + *len) lies.
 * @param len  in: bytes wanted; out: bytes that are contiguous here, at least 1.
 * @param hint in/out: index of the region that is tried first; any value.
 * @return address; NULL if @p gpa is not the guest's memory.
 */
static inline uint8_t *
vhc_guest_mem_at(const struct vhc_guest_mem *m, uint64_t gpa, uint64_t *len, uint32_t *hint)
{
	const struct vhc_guest_region *r;
	uint32_t i, n;

	for (n = 0, i = *hint; n < m->nb_regions; n++, i++) {
		if (i >= m->nb_regions)
			i = 0;
		r = &m->region[i];
		if (gpa - r->gpa >= r->size || gpa < r->gpa)
			continue;
		*hint = i;
		if (*len > r->size - (gpa - r->gpa))
			*len = r->size - (gpa - r->gpa);
		return r->hva + (gpa - r->gpa);
	}
	return NULL;
}

#endif /* VHC_GUEST_MEM_H */
