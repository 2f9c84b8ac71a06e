/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include <string.h>

#include <rte_cycles.h>
#include <rte_errno.h>

#include "load.h"

/* Data and IV of the op with a number: no two alike, so a mix-up shows. */
static void
make_input(uint64_t seq, uint8_t iv[16], uint8_t data[LOAD_DATA])
{
	unsigned int i;

	memset(iv, 0x3c, 16);
	memcpy(iv, &seq, sizeof(seq));
	for (i = 0; i < LOAD_DATA; i++)
		data[i] = (uint8_t)(seq * 7 + i);
}

bool
load_init(struct load *l, const char *test, uint8_t dev_id, uint8_t salt)
{
	uint8_t blank[LOAD_DATA] = { 0 };
	unsigned int i;

	memset(l, 0, sizeof(*l));
	l->dev_id = dev_id;
	memset(l->key, 0x40 + salt, sizeof(l->key));
	l->session = app_cipher_session(dev_id, RTE_CRYPTO_CIPHER_AES_CBC, true, l->key,
			sizeof(l->key), 16);
	if (l->session == NULL) {
		app_fail(test, "no session: %s", rte_strerror(rte_errno));
		return false;
	}
	for (i = 0; i < LOAD_NB_OPS; i++) {
		struct rte_crypto_op *op = app_op_alloc(l->session);

		if (op == NULL)
			break;
		op->sym->m_src = app_mbuf(blank, LOAD_DATA, 1);
		if (op->sym->m_src == NULL) {
			app_op_free(op);
			break;
		}
		op->sym->cipher.data.length = LOAD_DATA;
		app_priv(op)->index = i;
		l->ops[i] = op;
		l->idle[l->nb_idle++] = op;
	}
	if (i == LOAD_NB_OPS)
		return true;
	app_fail(test, "no ops");
	load_fini(l);
	return false;
}

void
load_fini(struct load *l)
{
	unsigned int i;

	for (i = 0; i < LOAD_NB_OPS; i++)
		app_op_free(l->ops[i]);
	if (rte_cryptodev_sym_session_free(l->dev_id, l->session) != 0)
		l->wrong = "the session cannot be freed";
}

unsigned int
load_enqueue(struct load *l, unsigned int nb)
{
	const struct rte_crypto_fp_ops *fp = &rte_crypto_fp_ops[l->dev_id];
	struct rte_crypto_op *burst[LOAD_BURST];
	unsigned int i, taken;

	nb = RTE_MIN(nb, RTE_MIN(l->nb_idle, (unsigned int)LOAD_BURST));
	for (i = 0; i < nb; i++) {
		struct rte_crypto_op *op = l->idle[l->nb_idle - 1 - i];
		struct app_op_priv *priv = app_priv(op);

		priv->seq = l->seq++;
		make_input(priv->seq, priv->iv, rte_pktmbuf_mtod(op->sym->m_src, uint8_t *));
		op->status = RTE_CRYPTO_OP_STATUS_NOT_PROCESSED;
		burst[i] = op;
	}
	if (l->direct)
		taken = fp->enqueue_burst(fp->qp.data[0], burst, (uint16_t)nb);
	else
		taken = rte_cryptodev_enqueue_burst(l->dev_id, 0, burst, (uint16_t)nb);
	for (i = 0; i < taken; i++)
		app_priv(burst[i])->out = true;
	/* What was taken is the upper end of the idle list, in reverse. */
	l->nb_idle -= taken;
	l->sent += taken;
	return taken;
}

static void
check_op(struct load *l, struct rte_crypto_op *op)
{
	uint8_t iv[16], data[LOAD_DATA], want[LOAD_DATA];
	struct app_op_priv *priv = app_priv(op);

	if (op->status != RTE_CRYPTO_OP_STATUS_SUCCESS) {
		l->errors++;
		if (op->status != RTE_CRYPTO_OP_STATUS_ERROR)
			l->wrong = "an op's status is neither success nor error";
		return;
	}
	l->succeeded++;
	make_input(priv->seq, iv, data);
	app_expect_aes_cbc(l->key, iv, data, want, LOAD_DATA);
	if (!app_mbuf_equal(op->sym->m_src, 0, want, LOAD_DATA))
		l->wrong = "an op came back as a success with a wrong result";
}

unsigned int
load_dequeue(struct load *l, unsigned int nb)
{
	const struct rte_crypto_fp_ops *fp = &rte_crypto_fp_ops[l->dev_id];
	struct rte_crypto_op *burst[LOAD_BURST];
	unsigned int i, got;

	nb = RTE_MIN(nb, (unsigned int)LOAD_BURST);
	if (l->direct)
		got = fp->dequeue_burst(fp->qp.data[0], burst, (uint16_t)nb);
	else
		got = rte_cryptodev_dequeue_burst(l->dev_id, 0, burst, (uint16_t)nb);
	for (i = 0; i < got; i++) {
		struct app_op_priv *priv = app_priv(burst[i]);

		if (priv->index >= LOAD_NB_OPS || l->ops[priv->index] != burst[i]) {
			l->wrong = "an op came back that is not this load's";
			continue;
		}
		if (!priv->out) {
			l->wrong = "an op came back twice";
			continue;
		}
		priv->out = false;
		l->back++;
		check_op(l, burst[i]);
		l->idle[l->nb_idle++] = burst[i];
	}
	return got;
}

bool
load_drain(struct load *l)
{
	uint64_t deadline = app_deadline();

	while (load_out(l) > 0)
		if (load_dequeue(l, LOAD_BURST) == 0 && rte_get_tsc_cycles() > deadline)
			return false;
	return true;
}

bool
load_run(struct load *l, uint64_t nb)
{
	uint64_t until = l->back + nb, deadline = app_deadline();

	while (l->back < until && l->wrong == NULL) {
		load_enqueue(l, LOAD_BURST);
		load_dequeue(l, LOAD_BURST);
		if (rte_get_tsc_cycles() > deadline)
			return false;
	}
	return l->wrong == NULL;
}
