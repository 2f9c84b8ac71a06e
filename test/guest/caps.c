/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 */

/*
 * Prints what each device of the driver shows, for whoever started this program to judge:
 * one line "CAP name key-bits..." for each algorithm, and one "DEVICE name" before them.
 */

#include <inttypes.h>
#include <stdio.h>

#include "app.h"

static void
print_sizes(const struct rte_crypto_param_range *keys)
{
	unsigned int len;

	for (len = keys->min; len <= keys->max; len += keys->increment) {
		printf(" %u", len * 8);
		if (keys->increment == 0)
			break;
	}
	printf("\n");
}

void
test_caps(void)
{
	const struct rte_cryptodev_capabilities *cap;
	struct rte_cryptodev_info info;
	uint8_t ids[APP_MAX_DEVS];
	unsigned int i, nb = app_devices(ids);

	printf("DEVICES %u\n", nb);
	for (i = 0; i < nb; i++) {
		rte_cryptodev_info_get(ids[i], &info);
		printf("DEVICE %s queue pairs %u sessions %u flags 0x%" PRIx64 "\n",
			rte_cryptodev_name_get(ids[i]), info.max_nb_queue_pairs,
			info.sym.max_nb_sessions, info.feature_flags);
		for (cap = info.capabilities; cap->op != RTE_CRYPTO_OP_TYPE_UNDEFINED; cap++) {
			if (cap->op != RTE_CRYPTO_OP_TYPE_SYMMETRIC)
				continue;
			if (cap->sym.xform_type == RTE_CRYPTO_SYM_XFORM_CIPHER) {
				printf("CAP %s",
					rte_crypto_cipher_algorithm_strings[cap->sym.cipher.algo]);
				print_sizes(&cap->sym.cipher.key_size);
			} else if (cap->sym.xform_type == RTE_CRYPTO_SYM_XFORM_AUTH) {
				printf("CAP %s",
					rte_crypto_auth_algorithm_strings[cap->sym.auth.algo]);
				print_sizes(&cap->sym.auth.key_size);
			}
		}
	}
	fflush(stdout);
}
