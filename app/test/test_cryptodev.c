/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * cryptodev_virtio_autotest: the functional suites over any cryptodev of the
 * driver under test. Only public rte_cryptodev API.
 */

#include "env.h"
#include "suites.h"
#include "test.h"

static const struct test_suite suites[] = {
	{"info", "what the device says of itself", suite_info},
	{"vectors", "published vectors, through reference and device", suite_vectors},
	{"vectors_bulk", "the published vectors of a folder's files (--vectors)", suite_bulk},
	{"cipher", "every cipher, key size, direction and layout", suite_cipher},
	{"auth", "every hash and MAC without a cipher", suite_auth},
	{"aead", "every AEAD: sizes, layouts, forgeries", suite_aead},
	{"chain", "every cipher with every hash and MAC, in four orders", suite_chain},
	{"chain_layout", "chains in all layouts, ranges and places of the digest",
		suite_chain_layout},
	{"null", "NULL algorithms, alone and with each other one", suite_null},
	{"digest", "truncated and wrong digests", suite_digest},
	{"session", "sessions of others, of nobody, of many", suite_session},
	{"negative", "what a device must refuse", suite_negative},
	{"burst", "bursts: back-pressure, mixtures, counters", suite_burst},
	{"thread", "two threads at a queue pair, several queue pairs", suite_thread},
	{"life", "configure, start, stop, and again", suite_life},
	{"random", "random operations against the reference", suite_random},
};

const struct test_command test_command_sym = {
	.name = "cryptodev_virtio_autotest",
	.what = "functional suites of a symmetric cryptodev",
	.suites = suites,
	.nb_suites = RTE_DIM(suites),
	.init = env_init,
	.fini = env_fini,
	.hooks = {env_before, env_after},
};
