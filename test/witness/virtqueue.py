# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The virtio-crypto stack authors
#
# A virtqueue from the driver's side: split (virtio 2.7) and packed (2.8), direct and indirect,
# with and without EVENT_IDX. Chains are lists of (guest-physical address, length, writable).
#
# A driver checks what the device gives back: a used id that is not outstanding, a length beyond what
# was writable, or an index that jumps is a RingError.

import struct

from vhost_user import GuestMemory, full_barrier

F_INDIRECT_DESC = 28
F_EVENT_IDX = 29
F_VERSION_1 = 32
F_RING_PACKED = 34
F_IN_ORDER = 35

DESC_NEXT = 1
DESC_WRITE = 2
DESC_INDIRECT = 4
DESC_AVAIL = 1 << 7
DESC_USED = 1 << 15

DESC = struct.Struct('<QIHH')  # split: addr, len, flags, next; packed: addr, len, id, flags


class RingError(Exception):
    """The device broke a rule of the ring."""


class Used:
    def __init__(self, token, length):
        self.token = token
        self.length = length


class SplitQueue:
    """desc at +0; avail and used behind it, as separate areas. [virtio 2.7]"""

    packed = False

    def __init__(self, mem, size, event_idx=False, region=GuestMemory.RINGS):
        self.mem = mem
        self.size = size
        self.event_idx = event_idx
        self.desc = mem.alloc(16 * size, 16, region)
        self.avail = mem.alloc(6 + 2 * size, 2, region)
        self.used = mem.alloc(6 + 8 * size, 4, region)
        for gpa, n in ((self.desc, 16 * size), (self.avail, 6 + 2 * size), (self.used, 6 + 8 * size)):
            mem.write(gpa, bytes(n))
        self.free = list(range(size))
        self.avail_idx = 0
        self.published = 0
        self.last_used = 0
        self.chains = {}  # head -> (token, descriptors of the ring, writable bytes)

    def addresses(self):
        return self.desc, self.used, self.avail

    def base(self):
        return self.avail_idx

    def write_desc(self, i, addr, length, flags, following=0):
        self.mem.write(self.desc + 16 * i, DESC.pack(addr, length, flags, following))

    def write_table(self, table, chain, order=None):
        """An indirect table whose entries follow one another in `order`."""
        order = order or range(len(chain))
        order = list(order)
        for n, (addr, length, writable) in enumerate(chain):
            flags = DESC_WRITE if writable else 0
            following = 0
            if n + 1 < len(chain):
                flags |= DESC_NEXT
                following = order[n + 1]
            self.mem.write(table + 16 * order[n], DESC.pack(addr, length, flags, following))

    def add(self, chain, token=None, indirect=None, direct=0, order=None):
        """
        Put a chain in the ring; publish() shows it.
        indirect  guest-physical address of a table for it, or None
        direct    how many descriptors come before the indirect one [virtio 2.7.5.3.2]
        """
        entries = [(a, n, DESC_WRITE if w else 0) for a, n, w in chain]
        if indirect is not None:
            self.write_table(indirect, chain[direct:], order)
            entries = entries[:direct] + [(indirect, 16 * len(chain[direct:]), DESC_INDIRECT)]
        if len(entries) > len(self.free):
            raise RingError('%d descriptors do not fit' % len(entries))
        heads = [self.free.pop() for _ in entries]
        for n, (addr, length, flags) in enumerate(entries):
            following = 0
            if n + 1 < len(entries):
                flags |= DESC_NEXT
                following = heads[n + 1]
            self.write_desc(heads[n], addr, length, flags, following)
        self.offer(heads[0], token, heads, sum(n for _, n, w in chain if w))
        return heads[0]

    def offer(self, head, token, taken=(), writable=1 << 40):
        """A head as it is, for chains that are written by hand."""
        self.chains[head] = (token, list(taken), writable)
        self.mem.store16(self.avail + 4 + 2 * (self.avail_idx % self.size), head)
        self.avail_idx = (self.avail_idx + 1) & 0xffff

    def publish(self):
        """Show what was added; returns whether the device wants a kick. [virtio 2.7.13]"""
        old, new = self.published, self.avail_idx
        # Stores stay in order on this architecture, which alone the witness runs on.
        self.mem.store16(self.avail + 2, new)
        self.published = new
        full_barrier()  # the index before the look at the device's wish
        if self.event_idx:
            event = self.mem.load16(self.used + 4 + 8 * self.size)
            return ((new - event - 1) & 0xffff) < ((new - old) & 0xffff)
        return not self.mem.load16(self.used) & 1

    def get(self):
        """The next chain that the device has used, or None."""
        idx = self.mem.load16(self.used + 2)
        if idx == self.last_used:
            return None
        if ((idx - self.last_used) & 0xffff) > len(self.chains):
            raise RingError('used index %d is beyond what is outstanding (%d + %d)'
                            % (idx, self.last_used, len(self.chains)))
        head, length = struct.unpack('<II', self.mem.read(self.used + 4 + 8 * (self.last_used % self.size), 8))
        if head not in self.chains:
            raise RingError('used id %d is not outstanding' % head)
        token, taken, writable = self.chains.pop(head)
        if length > writable:
            raise RingError('used length %d is beyond the %d writable bytes' % (length, writable))
        self.free = taken[::-1] + self.free  # used last: heads do not follow the avail ring's order
        self.last_used = (self.last_used + 1) & 0xffff
        return Used(token, length)

    def want_calls(self, wanted):
        """[virtio 2.7.7]; with EVENT_IDX: for the next used entry."""
        if self.event_idx:
            event = self.last_used if wanted else self.last_used - 1
            self.mem.store16(self.avail + 4 + 2 * self.size, event & 0xffff)
        else:
            self.mem.store16(self.avail, 0 if wanted else 1)
        full_barrier()  # the wish before the caller's next look at the used index

    def want_call_after(self, n):
        """EVENT_IDX: a call once n more entries are used."""
        self.mem.store16(self.avail + 4 + 2 * self.size, (self.last_used + n - 1) & 0xffff)
        full_barrier()


class PackedQueue:
    """One ring that both sides write; wrap counters tell whose a descriptor is. [virtio 2.8]"""

    packed = True

    def __init__(self, mem, size, event_idx=False, region=GuestMemory.RINGS):
        self.mem = mem
        self.size = size
        self.event_idx = event_idx
        self.desc = mem.alloc(16 * size, 16, region)
        self.driver = mem.alloc(4, 4, region)
        self.device = mem.alloc(4, 4, region)
        for gpa, n in ((self.desc, 16 * size), (self.driver, 4), (self.device, 4)):
            mem.write(gpa, bytes(n))
        self.next = 0
        self.wrap = 1
        self.used_next = 0
        self.used_wrap = 1
        self.room = size
        self.ids = list(range(size))[::-1]
        self.chains = {}  # id -> (token, descriptors of the ring, writable bytes)
        self.pending = []  # first descriptors, hidden until publish()
        self.published = (0, 1)

    def addresses(self):
        return self.desc, self.device, self.driver

    def base(self):
        """As vhost-user carries it: avail index and wrap counter, used index and wrap counter."""
        return self.next | self.wrap << 15 | self.next << 16 | self.wrap << 31

    def flags_at(self, i):
        return self.desc + 16 * i + 14

    def write_table(self, table, chain, order=None):
        for n, (addr, length, writable) in enumerate(chain):
            self.mem.write(table + 16 * n, DESC.pack(addr, length, 0, DESC_WRITE if writable else 0))

    def add(self, chain, token=None, indirect=None, direct=0, order=None):
        entries = [(a, n, DESC_WRITE if w else 0) for a, n, w in chain]
        if indirect is not None:
            if direct:
                raise RingError('a packed ring does not mix direct and indirect')  # [virtio 2.8.19]
            self.write_table(indirect, chain)
            entries = [(indirect, 16 * len(chain), DESC_INDIRECT)]
        return self.add_raw([(a, n, f | (DESC_NEXT if i + 1 < len(entries) else 0))
                             for i, (a, n, f) in enumerate(entries)], token,
                            sum(n for _, n, w in chain if w))

    def add_raw(self, entries, token=None, writable=1 << 40):
        """Descriptors (address, length, flags) as they are."""
        if len(entries) > self.room:
            raise RingError('%d descriptors do not fit' % len(entries))
        ident = self.ids.pop()
        first = None
        for n, (addr, length, flags) in enumerate(entries):
            flags |= DESC_AVAIL if self.wrap else DESC_USED
            # The id counts in the last descriptor only; the others hold something else.
            name = ident if n + 1 == len(entries) else 0xabcd
            if n == 0:
                self.mem.write(self.desc + 16 * self.next, struct.pack('<QIH', addr, length, name))
                first = (self.next, flags)
            else:
                self.mem.write(self.desc + 16 * self.next, DESC.pack(addr, length, name, flags))
            self.advance()
        self.room -= len(entries)
        self.pending.append(first)
        self.chains[ident] = (token, len(entries), writable)
        return ident

    def advance(self):
        self.next += 1
        if self.next == self.size:
            self.next = 0
            self.wrap ^= 1

    def publish(self):
        """[virtio 2.8.21]: the first descriptor's flags last, the first chain's last of all."""
        old, self.published = self.published, (self.next, self.wrap)
        for i, flags in reversed(self.pending):
            self.mem.store16(self.flags_at(i), flags)
        self.pending = []
        full_barrier()  # the descriptors before the look at the device's wish
        off = self.mem.load16(self.device)
        flags = self.mem.load16(self.device + 2) & 3
        if flags != 2:
            return flags == 0
        if not self.event_idx:
            raise RingError('the device asks for a kick at a descriptor without EVENT_IDX')
        event = off & 0x7fff
        new, before = self.next, old[0]
        if off >> 15 != self.wrap:
            event -= self.size
        if old[1] != self.wrap:
            before -= self.size
        return ((new - event - 1) & 0xffff) < ((new - before) & 0xffff)

    def get(self):
        flags = self.mem.load16(self.flags_at(self.used_next))
        avail, used = bool(flags & DESC_AVAIL), bool(flags & DESC_USED)
        if avail != used or used != bool(self.used_wrap):
            return None
        if not self.chains:
            raise RingError('a descriptor is used while nothing is outstanding')
        _, length, ident, _ = DESC.unpack(self.mem.read(self.desc + 16 * self.used_next, 16))
        if ident not in self.chains:
            raise RingError('used id %d is not outstanding' % ident)
        token, count, writable = self.chains.pop(ident)
        if not flags & DESC_WRITE:
            length = 0
        if length > writable:
            raise RingError('used length %d is beyond the %d writable bytes' % (length, writable))
        self.used_next += count
        if self.used_next >= self.size:
            self.used_next -= self.size
            self.used_wrap ^= 1
        self.room += count
        self.ids.insert(0, ident)
        return Used(token, length)

    def want_calls(self, wanted):
        if wanted and self.event_idx:
            self.mem.store16(self.driver, self.used_next | self.used_wrap << 15)
            self.mem.store16(self.driver + 2, 2)
        else:
            self.mem.store16(self.driver + 2, 0 if wanted else 1)
        full_barrier()

    def want_call_after(self, n):
        """EVENT_IDX: a call once n more descriptors of the ring are used."""
        at = self.used_next + n - 1
        wrap = self.used_wrap
        if at >= self.size:
            at -= self.size
            wrap ^= 1
        self.mem.store16(self.driver, at | wrap << 15)
        self.mem.store16(self.driver + 2, 2)
        full_barrier()


def make_queue(mem, size, packed, event_idx):
    return (PackedQueue if packed else SplitQueue)(mem, size, event_idx)
