/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

#include <rte_cycles.h>

#include "log.h"

#define LINES 8
#define PERIOD_SECONDS 8

RTE_LOG_REGISTER(vhc_logtype, app.vhost_crypto, INFO)

bool
vhc_log_allowed(struct vhc_log_limit *limit)
{
	/* Never 0, so that the first call opens a period. */
	uint64_t window = rte_get_timer_cycles() / (rte_get_timer_hz() * PERIOD_SECONDS) + 1;
	uint32_t line;

	/* Two threads that open a period at once allow some lines more; no matter. */
	if (__atomic_exchange_n(&limit->window, window, __ATOMIC_RELAXED) != window)
		__atomic_store_n(&limit->lines, 0, __ATOMIC_RELAXED);
	line = __atomic_fetch_add(&limit->lines, 1, __ATOMIC_RELAXED);
	if (line == LINES)
		VHC_LOG(WARNING, "more of that follows; it is not shown for %u seconds",
				PERIOD_SECONDS);
	return line < LINES;
}
