/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * What an operation starts from and what must be there afterwards, as strings of bytes: by the
 * reference, and by the meaning that cryptodev gives to ranges and places. Knows no device and no
 * mbuf.
 */

#ifndef MODEL_H
#define MODEL_H

#include "draw.h"

struct model {
	uint8_t *src; /* before, p->src.len bytes */
	uint8_t *dst; /* NULL in place */
	uint8_t *src_after;
	uint8_t *dst_after;
	uint8_t *aad; /* s->p.aad_len bytes */
	uint8_t iv[REF_MAX_IV];
	uint8_t digest[REF_MAX_DIGEST]; /* PLACE_OUTSIDE: before and after */
	uint8_t digest_after[REF_MAX_DIGEST];
	enum rte_crypto_op_status status;
	struct range any; /* of what is written: bytes that nobody promises */
};

/**
 * Draw data for an op and compute what becomes of it.
 * @return 0; -ENOMEM; what the reference says. model_fini() in any case.
 */
int model_init(struct model *m, uint64_t seed, const struct sess_plan *s, const struct op_plan *p);
void model_fini(struct model *m);

#endif /* MODEL_H */
