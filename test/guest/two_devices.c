/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Two devices of one driver: each works under its own key, and a session of one is not a session
 * of the other. Both number their sessions from 0, so a mix-up would yield a wrong key's result.
 */

#include <string.h>

#include "load.h"

static void
check_foreign_session(const char *name, const struct load *of, uint8_t other)
{
	uint8_t data[LOAD_DATA] = { 0 };
	struct rte_crypto_op *op = app_op_alloc(of->session);

	if (op == NULL || (op->sym->m_src = app_mbuf(data, LOAD_DATA, 1)) == NULL) {
		app_fail(name, "no op");
		return;
	}
	op->sym->cipher.data.length = LOAD_DATA;
	if (!app_run(other, &op, 1)) {
		app_fail(name, "the op does not come back");
		return;
	}
	if (op->status != RTE_CRYPTO_OP_STATUS_INVALID_SESSION)
		app_fail(name, "the op's status is %u, not INVALID_SESSION", op->status);
	else if (!app_mbuf_equal(op->sym->m_src, 0, data, LOAD_DATA))
		app_fail(name, "the data was written");
	else
		app_pass(name);
	app_op_free(op);
}

void
test_two_devices(void)
{
	static const char name[] = "two-devices";
	uint8_t ids[APP_MAX_DEVS];
	struct load l[2];
	unsigned int i;

	if (app_devices(ids) != 2) {
		app_fail(name, "there are not two devices");
		return;
	}
	for (i = 0; i < 2; i++) {
		if (app_start(ids[i], 256) != 0) {
			app_fail(name, "device %u does not start", i);
			return;
		}
		if (!load_init(&l[i], name, ids[i], (uint8_t)(1 + i)))
			return;
	}
	for (i = 0; i < 64 && l[0].wrong == NULL && l[1].wrong == NULL; i++) {
		load_enqueue(&l[0], LOAD_BURST);
		load_enqueue(&l[1], LOAD_BURST);
		load_dequeue(&l[1], LOAD_BURST);
		load_dequeue(&l[0], LOAD_BURST);
	}
	for (i = 0; i < 2; i++)
		if (!load_drain(&l[i]) || l[i].wrong != NULL || l[i].errors > 0)
			app_fail(name, "device %u: %s", i, l[i].wrong != NULL ? l[i].wrong :
				"ops come back late or as errors");
	if (l[0].wrong == NULL && l[1].wrong == NULL)
		app_pass(name);

	check_foreign_session("two-devices a session of the first on the second", &l[0], ids[1]);
	check_foreign_session("two-devices a session of the second on the first", &l[1], ids[0]);

	/* One stops and starts; the other must not notice. */
	rte_cryptodev_stop(ids[0]);
	if (!load_run(&l[1], LOAD_NB_OPS))
		app_fail("two-devices one stopped", "the other one does not work");
	else if (rte_cryptodev_start(ids[0]) != 0 || !load_run(&l[0], LOAD_NB_OPS))
		app_fail("two-devices one stopped", "it does not work after a start");
	else if (!load_drain(&l[0]) || !load_drain(&l[1]))
		app_fail("two-devices one stopped", "ops do not come back");
	else
		app_pass("two-devices one stopped");
	for (i = 0; i < 2; i++) {
		load_fini(&l[i]);
		rte_cryptodev_stop(ids[i]);
	}
}
