# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The virtio-crypto stack authors
#
# A virtqueue from the device's side, split (virtio 2.7) and packed (2.8), for the witness device.
# What the driver wrote is taken at its word as long as it makes sense; what does not is a RingFault.

import mmap
import os
import struct
from collections import namedtuple

from vhost_user import full_barrier
from virtqueue import DESC, DESC_AVAIL, DESC_INDIRECT, DESC_NEXT, DESC_USED, DESC_WRITE


class RingFault(Exception):
    """The driver broke a rule."""


Element = namedtuple('Element', 'id count chain')  # count: descriptors of the ring


class Mapping:
    def __init__(self, gpa, size, uva, offset, fd):
        self.gpa = gpa
        self.uva = uva
        self.size = size
        try:
            self.map = mmap.mmap(fd, offset + size)
        finally:
            os.close(fd)
        self.view = memoryview(self.map)[offset:offset + size]
        self.words = self.view.cast('H') if size % 2 == 0 else None

    def close(self):
        if self.words:
            self.words.release()
        self.view.release()
        self.map.close()


class DeviceMemory:
    """What a front end has shared."""

    def __init__(self, payload, fds):
        count, _ = struct.unpack_from('<II', payload)
        if count != len(fds):
            raise RingFault('%d regions with %d files' % (count, len(fds)))
        self.mappings = []
        for n, fd in enumerate(fds):
            gpa, size, uva, offset = struct.unpack_from('<QQQQ', payload, 8 + 32 * n)
            self.mappings.append(Mapping(gpa, size, uva, offset, fd))

    def close(self):
        for m in self.mappings:
            m.close()

    def find(self, gpa):
        for m in self.mappings:
            if m.gpa <= gpa < m.gpa + m.size:
                return m, gpa - m.gpa
        raise RingFault('%#x is not in the memory table' % gpa)

    def physical(self, uva):
        for m in self.mappings:
            if m.uva <= uva < m.uva + m.size:
                return m.gpa + uva - m.uva
        raise RingFault('a ring at %#x, which is not in the memory table' % uva)

    def read(self, gpa, size):
        out = []
        while size:
            m, off = self.find(gpa)
            n = min(size, m.size - off)
            out.append(bytes(m.view[off:off + n]))
            gpa += n
            size -= n
        return b''.join(out)

    def write(self, gpa, data):
        while data:
            m, off = self.find(gpa)
            n = min(len(data), m.size - off)
            m.view[off:off + n] = data[:n]
            data = data[n:]
            gpa += n

    def load16(self, gpa):
        m, off = self.find(gpa)
        return m.words[off // 2]

    def store16(self, gpa, value):
        m, off = self.find(gpa)
        m.words[off // 2] = value & 0xffff


def indirect_entries(mem, gpa, size, packed):
    if size == 0 or size % 16:
        raise RingFault('an indirect table of %d bytes' % size)
    table = [DESC.unpack_from(mem.read(gpa, size), n) for n in range(0, size, 16)]
    if packed:
        return [(addr, length, bool(flags & DESC_WRITE)) for addr, length, _, flags in table]
    out, i = [], 0
    while True:
        addr, length, flags, following = table[i]
        if flags & DESC_INDIRECT:
            raise RingFault('an indirect table in an indirect table')
        out.append((addr, length, bool(flags & DESC_WRITE)))
        if len(out) > len(table):
            raise RingFault('a loop in an indirect table')
        if not flags & DESC_NEXT:
            return out
        i = following
        if i >= len(table):
            raise RingFault('a link out of an indirect table')


class SplitDevice:
    def __init__(self, mem, size, desc, used, avail, base, event_idx):
        self.mem, self.size, self.event_idx = mem, size, event_idx
        self.desc, self.used, self.avail = desc, used, avail
        self.last_avail = base & 0xffff
        self.next_used = base & 0xffff
        self.signalled = base & 0xffff

    def position(self):
        return self.last_avail

    def pop(self):
        idx = self.mem.load16(self.avail + 2)
        if idx == self.last_avail:
            return None
        if ((idx - self.last_avail) & 0xffff) > self.size:
            raise RingFault('avail index %d after %d' % (idx, self.last_avail))
        head = self.mem.load16(self.avail + 4 + 2 * (self.last_avail % self.size))
        chain, i, count = [], head, 0
        while True:
            if i >= self.size or count >= self.size:
                raise RingFault('a chain that leaves the table or does not end')
            addr, length, flags, following = DESC.unpack(self.mem.read(self.desc + 16 * i, 16))
            count += 1
            if flags & DESC_INDIRECT:
                if flags & DESC_NEXT:
                    raise RingFault('NEXT and INDIRECT')
                chain += indirect_entries(self.mem, addr, length, False)
                break
            chain.append((addr, length, bool(flags & DESC_WRITE)))
            if not flags & DESC_NEXT:
                break
            i = following
        self.last_avail = (self.last_avail + 1) & 0xffff
        return Element(head, count, chain)

    def push(self, element, length):
        self.mem.write(self.used + 4 + 8 * (self.next_used % self.size), struct.pack('<II', element.id, length))
        self.next_used = (self.next_used + 1) & 0xffff

    def publish(self):
        """Returns whether the driver wants a call."""
        old, self.signalled = self.signalled, self.next_used
        if old == self.next_used:
            return False
        self.mem.store16(self.used + 2, self.next_used)
        full_barrier()  # the index before the look at the driver's wish
        if self.event_idx:
            event = self.mem.load16(self.avail + 4 + 2 * self.size)
            return ((self.next_used - event - 1) & 0xffff) < ((self.next_used - old) & 0xffff)
        return not self.mem.load16(self.avail) & 1

    def want_kicks(self, wanted):
        if self.event_idx:
            if wanted:
                self.mem.store16(self.used + 4 + 8 * self.size, self.last_avail)
        else:
            self.mem.store16(self.used, 0 if wanted else 1)
        full_barrier()  # the wish before the next look at the avail index


class PackedDevice:
    def __init__(self, mem, size, desc, device, driver, base, event_idx):
        self.mem, self.size, self.event_idx = mem, size, event_idx
        self.desc, self.device, self.driver = desc, device, driver
        if base >> 16 == 0:  # carries the avail half only
            base |= base << 16
        self.next, self.wrap = base & 0x7fff, base >> 15 & 1
        self.used_next, self.used_wrap = base >> 16 & 0x7fff, base >> 31 & 1
        self.hidden = None  # first used descriptor of a burst: its flags are written last
        self.since = (self.used_next, self.used_wrap)

    def position(self):
        return self.next | self.wrap << 15 | self.used_next << 16 | self.used_wrap << 31

    def pop(self):
        at, wrap, chain, count = self.next, self.wrap, [], 0
        while True:
            flags = self.mem.load16(self.desc + 16 * at + 14)
            if bool(flags & DESC_AVAIL) != bool(wrap) or bool(flags & DESC_USED) == bool(wrap):
                if count:
                    raise RingFault('a chain whose end is not available')
                return None
            addr, length, ident, _ = DESC.unpack(self.mem.read(self.desc + 16 * at, 16))
            count += 1
            if count > self.size:
                raise RingFault('a chain that does not end')
            at += 1
            if at == self.size:
                at, wrap = 0, wrap ^ 1
            if flags & DESC_INDIRECT:
                if flags & DESC_NEXT or count > 1:
                    raise RingFault('NEXT and INDIRECT')
                chain = indirect_entries(self.mem, addr, length, True)
                break
            chain.append((addr, length, bool(flags & DESC_WRITE)))
            if not flags & DESC_NEXT:
                break
        self.next, self.wrap = at, wrap
        return Element(ident, count, chain)

    def push(self, element, length):
        flags = (DESC_AVAIL | DESC_USED) if self.used_wrap else 0
        if length:
            flags |= DESC_WRITE
        at = self.desc + 16 * self.used_next
        self.mem.write(at + 8, struct.pack('<IH', length, element.id))
        if self.hidden is None:
            self.hidden = (at, flags)
        else:
            self.mem.store16(at + 14, flags)
        self.used_next += element.count
        if self.used_next >= self.size:
            self.used_next -= self.size
            self.used_wrap ^= 1

    def publish(self):
        if self.hidden is None:
            return False
        at, flags = self.hidden
        self.mem.store16(at + 14, flags)
        self.hidden = None
        old, self.since = self.since, (self.used_next, self.used_wrap)
        full_barrier()  # the used descriptors before the look at the driver's wish
        mode = self.mem.load16(self.driver + 2) & 3
        if mode != 2:
            return mode == 0
        off = self.mem.load16(self.driver)
        event, new, before = off & 0x7fff, self.used_next, old[0]
        if off >> 15 != self.used_wrap:
            event -= self.size
        if old[1] != self.used_wrap:
            before -= self.size
        return ((new - event - 1) & 0xffff) < ((new - before) & 0xffff)

    def want_kicks(self, wanted):
        if wanted and self.event_idx:
            self.mem.store16(self.device, self.next | self.wrap << 15)
            self.mem.store16(self.device + 2, 2)
        else:
            self.mem.store16(self.device + 2, 0 if wanted else 1)
        full_barrier()  # the wish before the next look at the ring
