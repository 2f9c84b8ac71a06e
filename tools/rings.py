# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The virtio-crypto stack authors
"""The combinations of virtqueue format that tests run over, and how each of them is asked for."""
import collections
import re

# The driver says once for each device what was negotiated, at this level.
LOG_LEVEL = '--log-level=pmd.crypto.virtio:info'
NEGOTIATED = re.compile(r'CRYPTO_VIRTIO: (\S+): .*, features 0x([0-9a-f]+)$')

F_INDIRECT_DESC = 1 << 28
F_RING_PACKED = 1 << 34
F_IN_ORDER = 1 << 35
RING_FEATURES = F_INDIRECT_DESC | F_RING_PACKED | F_IN_ORDER


class Ring(collections.namedtuple('Ring', 'packed indirect in_order')):
    """in_order: '0', '1', or 'batch' for used entries that stand for several requests, too."""

    @property
    def name(self):
        """Also what VCRYPTO_TEST_RING is to be for test/device."""
        return '-'.join(['packed' if self.packed else 'split'] +
                        ([] if self.indirect else ['direct']) +
                        {'0': [], '1': ['order'], 'batch': ['batch']}[self.in_order])

    @property
    def inproc(self):
        """Arguments of the device of test/device."""
        return 'packed=%d,indirect=%d,in_order=%s' % (self.packed, self.indirect, self.in_order)

    @property
    def backend(self):
        """Keys of a socket of dpdk-vhost-crypto, which does not batch."""
        assert self.in_order != 'batch'
        return 'packed=%d,indirect=%d,in_order=%s' % (self.packed, self.indirect, self.in_order)

    @property
    def driver(self):
        """Arguments of the driver on such a socket."""
        return 'packed_vq=%d' % self.packed

    def qemu(self, known):
        """Properties of virtio-crypto-pci, as far as it knows them; None where it cannot do this."""
        assert self.in_order != 'batch'
        if self.packed and 'packed' not in known or \
                self.in_order == '1' and 'in_order' not in known:
            return None
        props = ['packed=' + ('on' if self.packed else 'off'),
                 'indirect_desc=' + ('on' if self.indirect else 'off'),
                 'in_order=' + ('on' if self.in_order == '1' else 'off')]
        return ','.join(p for p in props if p.split('=')[0] in known)

    @property
    def features(self):
        return (F_INDIRECT_DESC if self.indirect else 0) | \
            (F_RING_PACKED if self.packed else 0) | (F_IN_ORDER if self.in_order != '0' else 0)

    def wrong(self, lines):
        """What is wrong with a log: no device of the driver, or one with other rings."""
        found = [m for m in map(NEGOTIATED.search, lines) if m]
        if not found:
            return ['%s: no device says what it negotiated' % self.name]
        return ['%s: %s negotiated features 0x%s' % (self.name, m.group(1), m.group(2))
                for m in found if int(m.group(2), 16) & RING_FEATURES != self.features]


ALL = [Ring(packed, indirect, in_order) for packed in (False, True) for indirect in (True, False)
       for in_order in ('0', '1', 'batch')]
# Each code path of the driver once: an unbatched order is the same code as a batched one.
EACH = [r for r in ALL if r.in_order != '1']
# What a device can do that does not batch.
UNBATCHED = [r for r in ALL if r.in_order != 'batch']
# Both formats, both kinds of chains, in order and not: for where time is short.
FEW = [r for r in UNBATCHED if r.in_order == ('1' if r.indirect else '0')]
FEW_BATCHED = [r for r in EACH if (r.in_order == '0') == (r.packed != r.indirect)]
BY_NAME = {r.name: r for r in ALL}
