# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The virtio-crypto stack authors
#
# How a request's fields become descriptors: a device must not care [virtio 2.7.4].

from vhost_user import GuestMemory
from wire import UNTOUCHED


GUARD = bytes([0x5a]) * 48  # behind all writable memory


class Placed:
    """A request that lies in the guest's memory."""

    def __init__(self, mem, chain, writable, request, kept):
        self.mem = mem
        self.chain = chain  # (guest-physical address, length, writable)
        self.writable = writable  # where the writable fields lie, one after another: (gpa, length)
        self.request = request
        self.kept = kept  # (gpa, bytes) that the device must leave as they are
        self.used = None

    def result(self):
        """
        {field: bytes} of the writable part; the status is an integer. The device has written nothing
        else.
        """
        for gpa, value in self.kept:
            now = self.mem.read(gpa, len(value))
            if now != value:
                at = next(i for i, (a, b) in enumerate(zip(now, value)) if a != b)
                raise AssertionError('the device wrote into %s, %d bytes behind its start' % (
                    'memory behind the request\'s' if value is GUARD else 'what is not writable', at))
        raw = b''.join(self.mem.read(gpa, n) for gpa, n in self.writable)
        out = {}
        for name, n in self.request.writable:
            out[name], raw = raw[:n], raw[n:]
        if 'status' in out:
            out['status'] = out['status'][0]
        out['used'] = self.used
        return out


def _put(mem, data, alloc):
    gpa = alloc(max(1, len(data)))
    mem.write(gpa, data)
    return gpa


def _room(mem, n, alloc, kept):
    """Writable memory, with what shows that more was written."""
    gpa = alloc(n + len(GUARD))
    mem.write(gpa, bytes([UNTOUCHED]) * n + GUARD)
    kept.append((gpa + n, GUARD))
    return gpa


def _cut(rng, size, pieces):
    """Sizes of up to `pieces` random parts."""
    borders = sorted({0, size, *(rng.randrange(size + 1) for _ in range(pieces - 1))})
    return [b - a for a, b in zip(borders, borders[1:])]


class Framing:
    """
    split   what becomes of the fields: see FRAMINGS
    table   None: direct descriptors; 'indirect'; 'shuffled': an indirect table whose entries are
            linked in another order than they lie; 'mixed': some direct, the rest indirect
    """

    def __init__(self, split='fields', table=None):
        self.split = split
        self.table = table

    def __str__(self):
        return self.split + ('' if self.table is None else '/' + self.table)

    def place(self, mem, request, rng, limit):
        """Write the request into memory; no more than `limit` descriptors."""
        split = self.split
        src = dict(request.readable).get('src')
        reads = [value for _, value in request.readable]
        writes = [n for _, n in request.writable]
        alloc = mem.alloc_across if split == 'across' else mem.alloc
        if split == 'merged':
            reads, writes = [b''.join(reads)], [sum(writes)]
        elif split == 'header-merged':
            reads = [b''.join(reads)]
        elif split == 'bytes':
            pieces = sum(len(r) for r in reads) + sum(writes)
            step = pieces // (limit - len(reads) - len(writes) - 4) + 1
            reads = [r[i:i + step] for r in reads for i in range(0, len(r), step)]
            writes = [min(step, n - i) for n in writes for i in range(0, n, step)]
        elif split == 'random':
            raw = b''.join(reads)
            parts = _cut(rng, len(raw), min(12, limit // 2))
            reads = []
            for n in parts:
                reads.append(raw[:n])
                raw = raw[n:]
            writes = _cut(rng, sum(writes), min(6, limit // 2))
        chain, kept = [], []
        for value in reads:
            chain.append((_put(mem, value, alloc), len(value), False))
            kept.append((chain[-1][0], value))
        writable = []
        for n in writes:
            writable.append((_room(mem, n, alloc, kept), n))
        if split == 'in-place' and src is not None:
            self.share(request, chain, writable)
            kept = [(gpa, value) for gpa, value in kept if gpa != writable[0][0]]
        out = [(gpa, n, True) for gpa, n in writable]
        if split == 'linux':
            kept = []
            chain, out, writable = self.linux(mem, request, kept)
        elif split == 'trailing':
            # What a driver may add and a device has to ignore: behind the last readable field, and
            # between the last result and the status, which stays the last byte. An outcome of a control
            # request comes first.
            chain.append((_put(mem, bytes([rng.randrange(256) for _ in range(40)]), alloc), 40, False))
            extra = (_put(mem, bytes(24), alloc), 24, True)
            status = request.writable[-1][0] == 'status'
            out = out[:-1] + [extra] + out[-1:] if status else out + [extra]
        return Placed(mem, chain + out, writable, request, kept)

    @staticmethod
    def share(request, chain, writable):
        """The destination is the source's memory."""
        names = [name for name, _ in request.readable]
        if request.writable[0][0] == 'dst':
            gpa, n, _ = chain[names.index('src')]
            if request.writable[0][1] <= n:
                writable[0] = (gpa, request.writable[0][1])

    @staticmethod
    def linux(mem, request, kept):
        """
        As Linux' driver does it with scattered data: each piece of a list is followed by the rest of
        the list again, so that descriptors come several times, and what matters comes first. Only for
        the last list: what would follow would have been moved.
        """
        chain, out, writable = [], [], []
        for name, value in request.readable:
            pieces = [value]
            if name == 'src' and request.readable[-1][0] == 'src' and len(value) > 2:
                third = len(value) // 3
                pieces = [value[:third], value[third:2 * third], value[2 * third:]]
            placed = [(mem.alloc(max(1, len(p))), len(p), False) for p in pieces]
            for (gpa, _, _), p in zip(placed, pieces):
                mem.write(gpa, p)
                kept.append((gpa, p))
            for n in range(len(placed)):
                chain += placed[n:]
        for name, n in request.writable:
            sizes = [n]
            if name == 'dst' and request.writable[1][0] == 'status' and n > 2:
                sizes = [n // 3, n // 3, n - 2 * (n // 3)]
            placed = [(_room(mem, s, mem.alloc, kept), s, True) for s in sizes]
            writable += [(gpa, s) for gpa, s, _ in placed]
            for i in range(len(placed)):
                out += placed[i:]
        return chain, out, writable

    def add(self, queue, placed, rng, token):
        """Into the ring."""
        mem, chain = queue.mem, placed.chain
        if self.table is None:
            return queue.add(chain, token)
        direct = 0
        if self.table == 'mixed' and not queue.packed:
            direct = min(2, len(chain) - 1)
        table = mem.alloc(16 * len(chain), 16, GuestMemory.LOW)
        order = None
        if self.table == 'shuffled':
            order = list(range(1, len(chain) - direct))
            rng.shuffle(order)
            order = [0] + order
        return queue.add(chain, token, table, direct, order)


SPLITS = ('fields', 'merged', 'header-merged', 'bytes', 'random', 'linux', 'trailing', 'across', 'in-place')


# All that are tried: every split direct and indirect, and what only tables of split rings can do.
FRAMINGS = [Framing(split, table) for split in SPLITS for table in (None, 'indirect')]
FRAMINGS += [Framing('random', 'shuffled'), Framing('random', 'mixed'), Framing('fields', 'mixed')]
