/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The virtio-crypto stack authors
 *
 * ipsec-secgw insists on ports that check checksums of what they receive, which pcap ports do not,
 * and for frames in segments on ports that say they can, which pcap ports can and do not say. With
 * this file included before its own, by the compiler's -include, it asks for neither.
 */

#ifndef PCAP_PORTS_H
#define PCAP_PORTS_H

#include <rte_ethdev.h>

#undef RTE_ETH_RX_OFFLOAD_CHECKSUM
#define RTE_ETH_RX_OFFLOAD_CHECKSUM 0
#undef RTE_ETH_RX_OFFLOAD_SCATTER
#define RTE_ETH_RX_OFFLOAD_SCATTER 0
#undef RTE_ETH_TX_OFFLOAD_MULTI_SEGS
#define RTE_ETH_TX_OFFLOAD_MULTI_SEGS 0

#endif /* PCAP_PORTS_H */
