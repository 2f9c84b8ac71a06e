/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 *
 * ipsec-secgw insists on ports that check checksums of what they receive, which pcap ports do not.
 * With this file included before its own, by the compiler's -include, it asks for none.
 */

#ifndef PCAP_PORTS_H
#define PCAP_PORTS_H

#include <rte_ethdev.h>

#undef RTE_ETH_RX_OFFLOAD_CHECKSUM
#define RTE_ETH_RX_OFFLOAD_CHECKSUM 0

#endif /* PCAP_PORTS_H */
