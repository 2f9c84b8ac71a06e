/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * cryptodev_virtio_asym_autotest: the functional suites over any asymmetric cryptodev of the
 * driver under test. Only public rte_cryptodev API.
 */

#include "asym.h"
#include "test.h"

static const struct test_suite suites[] = {
	{"rsa", "RSA: keys, paddings, digests, each operation", suite_rsa},
	{"ecdsa", "ECDSA: curves, digests, spoiled signatures", suite_ecdsa},
	{"asym_vectors", "published vectors of a folder's files (--vectors)", suite_asym_vectors},
	{"asym_session", "keys of many, and sessions that come and go", suite_asym_session},
	{"asym_negative", "what a device must refuse", suite_asym_negative},
};

const struct test_command test_command_asym = {
	.name = "cryptodev_virtio_asym_autotest",
	.what = "functional suites of an asymmetric cryptodev",
	.suites = suites,
	.nb_suites = RTE_DIM(suites),
	.init = asym_env_init,
	.fini = asym_env_fini,
	.hooks = {asym_env_before, asym_env_after},
};
