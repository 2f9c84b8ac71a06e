/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * An operation of one device in memory: op, packets with guards around all data, digest, AAD; and
 * the comparison with the model. Main lcore only.
 */

#ifndef TRIAL_H
#define TRIAL_H

#include <stdbool.h>
#include <stddef.h>

#include <rte_crypto.h>
#include <rte_mbuf.h>

#include "model.h"

/* Where sessions have their IV offset counted from. */
#define TRIAL_IV_BASE (sizeof(struct rte_crypto_op) + sizeof(struct rte_crypto_sym_op))

struct trial {
	struct rte_crypto_op *op;
	struct rte_mbuf *m_src;
	struct rte_mbuf *m_dst;
	uint8_t *outside; /* the digest's memory, with guards */
	uint8_t *digest;
	uint8_t *aad; /* with what the algorithm wants before, and guards behind */
	uint8_t private_before[32]; /* the op's private area, which holds the IV */
};

/** Pools. @return 0 or -ENOMEM. */
int trial_pools_init(unsigned int nb);
void trial_pools_fini(void);

/**
 * Make op and packets as the model says they are before.
 * @param owner    what trial_owner() finds.
 * @param session  of the device, or NULL.
 * @param xform    for an op without a session, or NULL.
 * @return 0 or -ENOMEM; trial_fini() in any case.
 */
int trial_init(struct trial *t, const struct sess_plan *s, const struct op_plan *p,
		const struct model *m, void *session, struct rte_crypto_sym_xform *xform,
		void *owner);
void trial_fini(struct trial *t);
void *trial_owner(struct rte_crypto_op *op);

/**
 * Compare everything with what must be there.
 * @param strict  the driver promises to leave alone what the API lets drivers write: the bytes
 *                before nonce and AAD of CCM.
 * @return true; false, with what differs in @p why.
 */
bool trial_check(const struct trial *t, const struct sess_plan *s, const struct op_plan *p,
		const struct model *m, bool strict, char *why, size_t why_len);

#endif /* TRIAL_H */
