/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/* Limits of a device: what is taken is paid for, and one who owes waits. */

#include "unit_eal.h"

#include <errno.h>

#include <rte_cycles.h>

#include "qos.h"

static void
without_limits_all_goes(void **state)
{
	struct vhc_qos q;

	(void)state;
	assert_int_equal(vhc_qos_init(&q, 0, 0, 0), 0);
	assert_false(vhc_qos_is_on(&q));
	assert_int_equal(vhc_qos_allowed(&q, 32), 32);
	vhc_qos_taken(&q, 32, UINT64_C(1) << 40);
	assert_int_equal(vhc_qos_allowed(&q, 32), 32);
	assert_int_equal(vhc_qos_held(&q), 0);
}

static void
outstanding_requests_are_bounded(void **state)
{
	struct vhc_qos q;

	(void)state;
	assert_int_equal(vhc_qos_init(&q, 0, 0, 10), 0);
	assert_true(vhc_qos_is_on(&q));
	assert_int_equal(vhc_qos_allowed(&q, 32), 10);
	assert_int_equal(vhc_qos_allowed(&q, 4), 4);
	vhc_qos_taken(&q, 7, 1);
	assert_int_equal(vhc_qos_allowed(&q, 32), 3);
	vhc_qos_taken(&q, 3, 1);
	assert_int_equal(vhc_qos_allowed(&q, 32), 0);
	assert_int_equal(vhc_qos_outstanding(&q), 10);
	vhc_qos_answered(&q, 1);
	assert_int_equal(vhc_qos_allowed(&q, 32), 1);
	vhc_qos_answered(&q, 9);
	assert_int_equal(vhc_qos_outstanding(&q), 0);
}

/*
 * Takes bursts as fast as they are allowed, until so many units are paid for.
 * @return seconds, by the clock that the limits are measured with.
 */
static double
drain(struct vhc_qos *q, uint64_t units, uint32_t ops, uint64_t bytes, uint64_t unit)
{
	const uint64_t start = rte_rdtsc();
	uint64_t done = 0;

	while (done < units) {
		if (vhc_qos_allowed(q, ops) == 0)
			continue;
		vhc_qos_taken(q, ops, bytes);
		done += unit;
	}
	while (vhc_qos_allowed(q, 1) == 0)
		;
	return (double)(rte_rdtsc() - start) / (double)rte_get_tsc_hz();
}

/* No more than the rate, but for the burst at the start; a slow machine only makes it less. */
static void
a_rate_of_operations_is_kept(void **state)
{
	struct vhc_qos q;

	(void)state;
	assert_int_equal(vhc_qos_init(&q, 10000, 0, 0), 0);
	/* 0.3 s, of which a hundredth of a second goes at once. */
	assert_true(drain(&q, 3000, 30, 1 << 20, 30) > 0.27);
	assert_true(vhc_qos_held(&q) > 0);
}

static void
a_rate_of_bits_is_kept(void **state)
{
	struct vhc_qos q;

	(void)state;
	assert_int_equal(vhc_qos_init(&q, 0, 8000000, 0), 0);
	assert_true(drain(&q, 300000, 30, 1000, 1000) > 0.27);
}

/* One request that is worth a second's rate and more is served, and paid for afterwards. */
static void
a_large_request_is_not_refused(void **state)
{
	struct vhc_qos q;

	(void)state;
	assert_int_equal(vhc_qos_init(&q, 0, 8000000, 0), 0);
	assert_int_equal(vhc_qos_allowed(&q, 1), 1);
	assert_true(drain(&q, 1, 1, 200000, 1) > 0.17);
	assert_int_equal(vhc_qos_allowed(&q, 1), 1);
	assert_int_equal(vhc_qos_held(&q), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_limits_all_goes),
		cmocka_unit_test(outstanding_requests_are_bounded),
		cmocka_unit_test(a_rate_of_operations_is_kept),
		cmocka_unit_test(a_rate_of_bits_is_kept),
		cmocka_unit_test(a_large_request_is_not_refused),
	};

	return cmocka_run_group_tests(tests, unit_eal_setup, unit_eal_teardown);
}
