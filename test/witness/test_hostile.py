# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The virtio-crypto stack authors
#
# Guests that break the rules of rings and requests. A bad request is answered and the queue goes on;
# a ring that makes no sense stops, alone.

import contextlib
import multiprocessing
import os
import struct
import zlib

import reference
import vhost_user as vu
import wire
from cases import Skip, case, check, equal
from framing import Framing
from guest import Guest
from hostility import Friend, hostile, serves
from test_rings import Work, burst, collect, right
from vhost_user import GuestMemory, wait_for
from virtqueue import DESC, DESC_AVAIL, DESC_INDIRECT, DESC_NEXT, DESC_USED, DESC_WRITE, RingError
from wire import ERR, INVSESS, OK

RINGS = ('split', 'packed')
NOWHERE = 0x7777000000  # guest-physical, and not the guest's


class Attacker(Guest):
    def __init__(self, env, ring, socket='main', **kw):
        kw.setdefault('revision_1', True)
        kw.setdefault('seed', zlib.crc32(ring.encode()))
        super().__init__(env.path(socket), packed=ring == 'packed', **kw)
        self.friendly = None

    def hand(self, queue, entries):
        """
        Descriptors (address, length, flags, next) as they are. next: place in `entries`; or, from
        0x10000 on, that number less 0x10000 as it is.
        """
        ring = queue.ring
        token = object()
        if ring.packed:
            ring.add_raw([(a, n, f) for a, n, f, _ in entries], token)
        else:
            heads = [ring.free.pop() for _ in entries]
            for i, (addr, length, flags, following) in zip(heads, entries):
                following = heads[following] if following < 0x10000 else following - 0x10000
                ring.write_desc(i, addr, length, flags, following)
            ring.offer(heads[0], token, heads)
        queue.submit()
        return token

    def answered(self, queue, token, what):
        used = wait_for(queue.ring.get, 'an answer to ' + what)
        check(used.token is token, 'another request was answered than ' + what)
        return used

    def buffer(self, data):
        gpa = self.mem.alloc(max(1, len(data)))
        self.mem.write(gpa, data)
        return gpa

    def request(self, n=32):
        """(header and IV and source, room for destination and status, what has to be there)"""
        if self.friendly is None:
            key = bytes(range(16))
            self.friendly = key, self.create(wire.create_cipher(3, key, True, self.revision_1))
        key, session = self.friendly
        iv, src = self.rng.randbytes(16), self.rng.randbytes(n)
        request = self.session_mode.cipher(session, 3, True, iv, src)
        return b''.join(v for _, v in request.readable), n + 1, reference.cipher(3, key, iv, src, True) + b'\0'

    def pair(self, n=32):
        """A request in two buffers: (readable address, its length, writable address, its length, result)"""
        readable, room, want = self.request(n)
        return self.buffer(readable), len(readable), self.buffer(bytes([wire.UNTOUCHED]) * room), room, want

    def still_works(self, queue, what):
        r, rn, w, wn, want = self.pair()
        token = self.hand(queue, [(r, rn, DESC_NEXT, 1), (w, wn, DESC_WRITE, 0)])
        self.answered(queue, token, 'a good request after ' + what)
        equal(self.mem.read(w, wn), want, 'result after ' + what)


@contextlib.contextmanager
def attacker(env, ring, **kw):
    with Attacker(env, ring, **kw) as a:
        yield a


# Chains that break a rule; each is answered.

def table(entries):
    return b''.join(DESC.pack(*e) for e in entries)


def bad_chains(a, packed):
    """(what, entries, has a status that must be an error)"""
    r, rn, w, wn, _ = a.pair()
    good_tail = [(w, wn, DESC_WRITE, 0)]
    yield 'an address that is not the guest\'s', [(NOWHERE, rn, DESC_NEXT, 1)] + good_tail, True
    yield 'an address at the end of the address space', [(2**64 - 8, rn, DESC_NEXT, 1)] + good_tail, True
    yield 'a readable descriptor of 4 GiB', [(r, 0xffffffff, DESC_NEXT, 1)] + good_tail, True
    yield 'a writable one of 4 GiB', [(r, rn, DESC_NEXT, 1), (w, 0xffffffff, DESC_WRITE, 0)], False
    last = a.mem.regions[-1]
    yield 'a descriptor over the end of memory', [
        (last.gpa + last.size - 8, rn, DESC_NEXT, 1)] + good_tail, True
    yield 'writable memory over the end', [
        (r, rn, DESC_NEXT, 1), (last.gpa + last.size - 8, wn, DESC_WRITE, 0)], False
    yield 'writable memory that is not the guest\'s', [(r, rn, DESC_NEXT, 1), (NOWHERE, wn, DESC_WRITE, 0)], False
    yield 'readable after writable', [(w, wn, DESC_WRITE | DESC_NEXT, 1), (r, rn, 0, 0)], True
    yield 'only writable', good_tail, True
    yield 'only readable', [(r, rn, 0, 0)], False
    yield 'nothing readable', [(r, 0, DESC_NEXT, 1)] + good_tail, True
    yield 'nothing writable', [(r, rn, DESC_NEXT, 1), (w, 0, DESC_WRITE, 0)], False
    yield 'room for the status only', [(r, rn, DESC_NEXT, 1), (w, 1, DESC_WRITE, 0)], True
    for n in (1, 4, 16, 23, 24, 25, 71):
        yield 'a header of %d bytes' % n, [(r, n, DESC_NEXT, 1)] + good_tail, True
    yield 'a source that ends early', [(r, rn - 1, DESC_NEXT, 1)] + good_tail, True
    yield 'a destination that ends early', [(r, rn, DESC_NEXT, 1), (w, wn - 2, DESC_WRITE, 0)], True
    # Indirect tables.
    ok = table([(r, rn, DESC_NEXT if not packed else 0, 1 if not packed else 0), (w, wn, DESC_WRITE, 0)])
    t = a.mem.alloc(64, 16)
    a.mem.write(t, ok)
    for n in (0, 1, 8, 15, 17, 31, 33, 0xfffffff0, 0xffffffff):
        yield 'an indirect table of %d bytes' % n, [(t, n, DESC_INDIRECT, 0)], False
    yield 'an indirect table that is not the guest\'s', [(NOWHERE, 32, DESC_INDIRECT, 0)], False
    yield 'an indirect table over the end of memory', [(last.gpa + last.size - 16, 32, DESC_INDIRECT, 0)], False
    inner = a.mem.alloc(16, 16)
    a.mem.write(inner, table([(t, 32, DESC_INDIRECT, 0)]))
    yield 'a table in a table', [(inner, 16, DESC_INDIRECT, 0)], False
    # The table is in the ring twice: a chain must not go on behind it.
    yield 'INDIRECT and NEXT', [(t, 32, DESC_INDIRECT | DESC_NEXT, 1)] + good_tail, False
    if packed:
        return
    yield 'a link out of the table', [(r, rn, DESC_NEXT, 0x10000 + 0xffff)], False
    yield 'a link just out of the table', [(r, rn, DESC_NEXT, 0x10000 + a.size)], False
    yield 'a descriptor that is linked to itself', [(r, rn, DESC_NEXT, 0)], False
    yield 'a loop of two', [(r, rn, DESC_NEXT, 1), (r, rn, DESC_NEXT, 0)], False
    yield 'a loop of writable ones', [(r, rn, DESC_NEXT, 1), (w, wn, DESC_NEXT | DESC_WRITE, 1)], True
    loop = a.mem.alloc(32, 16)
    a.mem.write(loop, table([(r, rn, DESC_NEXT, 1), (w, wn, DESC_NEXT | DESC_WRITE, 1)]))
    yield 'a loop in a table', [(loop, 32, DESC_INDIRECT, 0)], True
    beyond = a.mem.alloc(32, 16)
    a.mem.write(beyond, table([(r, rn, DESC_NEXT, 2), (w, wn, DESC_WRITE, 0)]))
    yield 'a link out of an indirect table', [(beyond, 32, DESC_INDIRECT, 0)], False


@hostile('bad chains on a {0} ring, {1} queue', *[(r, q) for r in RINGS for q in ('data', 'control')])
def chains(env, ring, which):
    with attacker(env, ring) as a:
        a.request()
        queue = a.data() if which == 'data' else a.ctrl
        cases = list(bad_chains(a, ring == 'packed'))
        for what, entries, has_status in cases:
            outs = [(addr, n) for addr, n, flags, _ in entries if flags & DESC_WRITE and addr != NOWHERE and n < 4096]
            token = a.hand(queue, entries)
            used = a.answered(queue, token, what)
            if has_status and outs and which == 'data':
                gpa, n = outs[-1]
                status = a.mem.read(gpa + n - 1, 1)[0]
                check(status in (ERR, wire.NOTSUPP, INVSESS), '%s: status %d' % (what, status))
            check(used.length <= sum(n for _, n in outs) or not outs or 'GiB' in what,
                  '%s: used length %d' % (what, used.length))
            if which == 'data':
                a.still_works(queue, what)
        if which == 'control':
            session = a.create(wire.create_hash(4, 32, True))
            equal(a.destroy(wire.HASH, session), OK, 'destroy')


@hostile('an indirect descriptor that was not negotiated on a {0} ring', *RINGS)
def indirect_unnegotiated(env, ring):
    with attacker(env, ring, indirect=False) as a:
        r, rn, w, wn, _ = a.pair()
        t = a.mem.alloc(32, 16)
        a.mem.write(t, table([(r, rn, DESC_NEXT, 1), (w, wn, DESC_WRITE, 0)]))
        token = a.hand(a.data(), [(t, 32, DESC_INDIRECT, 0)])
        a.answered(a.data(), token, 'an indirect descriptor')
        a.still_works(a.data(), 'an indirect descriptor')


@hostile('empty descriptors in a chain on a {0} ring', *RINGS)
def empty_descriptors(env, ring):
    """They say nothing, wherever they point; the request is served or refused, not misread."""
    with attacker(env, ring) as a:
        for where in (0, NOWHERE):
            r, rn, w, wn, want = a.pair()
            token = a.hand(a.data(), [(where, 0, DESC_NEXT, 1), (r, 80, DESC_NEXT, 2), (where, 0, DESC_NEXT, 3),
                                      (r + 80, rn - 80, DESC_NEXT, 4), (where, 0, DESC_NEXT | DESC_WRITE, 5),
                                      (w, wn, DESC_WRITE | DESC_NEXT, 6), (where, 0, DESC_WRITE, 0)])
            a.answered(a.data(), token, 'a chain with empty descriptors')
            got = a.mem.read(w, wn)
            if got[-1] == OK:
                equal(got, want, 'result')
            else:
                equal(got[-1], ERR, 'status')


# Rings that make no sense: that queue stops; the other queues do not; a reset mends it.

def stops(a, queue, what):
    """The queue gives nothing more, and the others do."""
    other = a.data(1)
    a.still_works(other, what)
    a.still_works(other, what)
    with contextlib.suppress(RingError):
        check(queue.ring.get() is None, 'a ring that is broken goes on')


def broken_rings(ring):
    def jump(a, q):
        q.ring.avail_idx = (q.ring.avail_idx + q.ring.size + 1) & 0xffff

    def far(a, q):
        q.ring.avail_idx = (q.ring.avail_idx + 0x8000) & 0xffff

    def back(a, q):
        q.ring.avail_idx = (q.ring.avail_idx - 1) & 0xffff

    def head(a, q):
        q.ring.offer(q.ring.size, None)

    def head_far(a, q):
        q.ring.offer(0xffff, None)

    def endless(a, q):
        # Every descriptor of the ring says that the chain goes on.
        r = q.ring
        gpa = a.buffer(bytes(16))
        r.add_raw([(gpa, 16, DESC_NEXT)] * r.room)

    def unfinished(a, q):
        # The chain goes on in a descriptor that is not available.
        r = q.ring
        gpa = a.buffer(bytes(16))
        r.add_raw([(gpa, 16, DESC_NEXT)])

    if ring == 'split':
        return (('an index that jumps', jump), ('an index far away', far), ('an index that goes back', back),
                ('a head beyond the table', head), ('a head far away', head_far))
    return ('a chain without end', endless), ('a chain that is not all there', unfinished)


@hostile('{1} on a {0} ring', *[(ring, what, n) for ring in RINGS for n, (what, _) in enumerate(broken_rings(ring))])
def broken(env, ring, what, n):
    with attacker(env, ring, event_idx=True) as a:
        queue = a.data(0)
        a.still_works(queue, 'nothing')
        broken_rings(ring)[n][1](a, queue)
        queue.ring.publish()
        vu.event_signal(queue.kick)
        stops(a, queue, what)
    # The same on the control queue.
    with attacker(env, ring) as a:
        a.request()
        broken_rings(ring)[n][1](a, a.ctrl)
        a.ctrl.ring.publish()
        vu.event_signal(a.ctrl.kick)
        stops(a, a.ctrl, what)


@hostile('the same head twice at once')
def same_head(env):
    with attacker(env, 'split') as a:
        ring = a.data().ring
        r, rn, w, wn, _ = a.pair()
        for lap in range(3):
            heads = [ring.free.pop() for _ in range(2)]
            ring.write_desc(heads[0], r, rn, DESC_NEXT, heads[1])
            ring.write_desc(heads[1], w, wn, DESC_WRITE, 0)
            start = ring.mem.load16(ring.used + 2)
            for _ in range(8):
                ring.offer(heads[0], None, heads)
            a.data().submit()
            wait_for(lambda: (ring.mem.load16(ring.used + 2) - start) & 0xffff == 8, 'eight answers')
            ring.last_used = ring.mem.load16(ring.used + 2)
            ring.chains.clear()
            ring.free = heads + ring.free
        a.still_works(a.data(), 'the same head twice')


@hostile('a device area that is overwritten on a {0} ring', *RINGS)
def scribble(env, ring):
    """What the device has written is not what it reads."""
    with attacker(env, ring) as a:
        a.request()
        q = a.data().ring
        if ring == 'split':
            a.mem.store16(q.used + 2, 0x1234)
            a.mem.write(q.used + 4, bytes([0xff]) * 8 * q.size)
        else:
            a.mem.write(q.device, b'\xff\xff\x03\x00')
            a.mem.write(q.desc + 16 * 8, bytes([0xff]) * 64)
        vu.event_signal(a.data().kick)
        a.still_works(a.data(1), 'scribbling')


@hostile('results that go into the ring itself on a {0} ring', *RINGS)
def self_modifying(env, ring):
    """Destinations in descriptor tables, indices and indirect tables."""
    with attacker(env, ring) as a:
        q = a.data().ring
        areas = [(addr, 17) for addr in q.addresses()]
        t = a.mem.alloc(64, 16)
        for addr, n in areas + [(t, 33), (t + 16, 17)]:
            readable, _, _ = a.request(16)
            r = a.buffer(readable)
            a.mem.write(t, table([(r, len(readable), 0 if q.packed else DESC_NEXT, 0 if q.packed else 1),
                                  (addr, n, DESC_WRITE, 0)]))
            with contextlib.suppress(RingError):
                a.hand(a.data(), [(t, 32, DESC_INDIRECT, 0)])
        vu.event_signal(a.data().kick)
        for _ in range(3):
            a.still_works(a.data(1), 'results in the ring')


@hostile('overlapping source and destination')
def overlap(env):
    with attacker(env, 'split') as a:
        for shift in (1, 5, 16, -1, -16):
            readable, room, _ = a.request(256)
            area = a.mem.alloc(2048)
            r = area + 512
            a.mem.write(r, readable)
            src = r + len(readable) - 256
            w = src + shift
            token = a.hand(a.data(), [(r, len(readable), DESC_NEXT, 1), (w, room, DESC_WRITE, 0)])
            a.answered(a.data(), token, 'an overlapping request')
        a.still_works(a.data(), 'overlap')


# Lengths in requests.

U32 = (0xffffffff, 0xfffffffe, 0xfffffff0, 0x80000000, 0x7fffffff, 0x100000, 65536, 4097)


def session_headers(a):
    """(name, header of a request that would be right, the offsets of its 32-bit lengths)"""
    key, rev = bytes(range(16)), True
    m = a.session_mode
    c = a.create(wire.create_cipher(3, key, True, rev))
    x = a.create(wire.create_chain(3, key, True, False, wire.MODE_AUTH, 2, key, 20, 0, rev))
    h = a.create(wire.create_hash(4, 32, rev))
    k = a.create(wire.create_mac(4, key, 32, rev))
    e = a.create(wire.create_aead(1, key, True, 16, 0, rev))
    d = a.create(wire.create_aead(1, key, False, 16, 0, rev))
    text = bytes(64)
    return (('cipher', m.cipher(c, 3, True, key, text), range(24, 36, 4)),
            ('chain', m.chain(x, 3, True, key, text, (0, 64), (0, 64), 20), range(24, 60, 4)),
            ('hash', m.hash(h, 4, text, 32), range(24, 32, 4)),
            ('MAC', m.mac(k, 4, text, 32), range(24, 32, 4)),
            ('AEAD encrypt', m.aead(e, 1, True, key[:12], text, text, 80, 16), range(24, 44, 4)),
            ('AEAD decrypt', m.aead(d, 1, False, key[:12], text, text, 48, 16), range(24, 44, 4)))


def stateless_headers(a):
    key = bytes(range(16))
    m = a.stateless_mode
    text = bytes(64)
    return (('cipher', m.cipher(3, key, True, key, text), range(28, 48, 4)),
            ('chain', m.chain(3, key, True, False, wire.MODE_AUTH, 2, key, key, text, (0, 64), (0, 64), 20),
             range(28, 92, 4)),
            ('hash', m.hash(4, text, 32), range(28, 36, 4)),
            ('MAC', m.mac(4, key, text, 32), range(28, 40, 4)),
            ('AEAD encrypt', m.aead(1, key, True, key[:12], text, text, 80, 16), range(28, 56, 4)),
            ('AEAD decrypt', m.aead(1, key, False, key[:12], text, text, 48, 16), range(28, 56, 4)))


@hostile('lengths that lie in {0} requests', 'session', 'stateless', rounds=2)
def lying_lengths(env, mode):
    """Each length of each header is set to what does not fit, alone and with the next."""
    with attacker(env, 'split', stateless=mode == 'stateless', size=1024) as a:
        for name, request, offsets in (stateless_headers(a) if mode == 'stateless' else session_headers(a)):
            jobs = []
            mark = a.mem.mark()
            for at in offsets:
                for value in U32:
                    for both in (False, True):
                        head = bytearray(request.readable[0][1])
                        head[at:at + 4] = struct.pack('<I', value)
                        if both and at + 4 in offsets:
                            head[at + 4:at + 8] = struct.pack('<I', -value & 0xffffffff)
                        jobs.append((wire.Request([('header', bytes(head))] + request.readable[1:],
                                                  request.writable), None))
            for n in range(0, len(jobs), 200):
                _, placed = burst(a, a.data(), jobs[n:n + 200])
                collect(a.data(), placed)
                for p in placed:
                    status = p.result()['status']
                    check(status <= INVSESS, '%s: status %d of a header that lies: %s' % (
                        name, status, p.request.readable[0][1].hex()))
                a.mem.release(mark)
        a.still_works(a.data(), 'lengths that lie')


@hostile('lengths that lie in control requests')
def lying_control(env):
    """Huge keys are not allocated for."""
    with attacker(env, 'split') as a:
        key = bytes(range(16))
        requests = (
            (wire.create_cipher(3, key, True, True), (20,)),
            (wire.create_chain(3, key, True, False, wire.MODE_AUTH, 2, key, 20, 0, True), (28, 44, 48)),
            (wire.create_hash(4, 32, True), (20,)), (wire.create_mac(4, key, 32, True), (20, 24)),
            (wire.create_aead(1, key, True, 16, 0, True), (20, 24)))
        for request, offsets in requests:
            for at in offsets:
                for value in U32:
                    head = bytearray(request.readable[0][1])
                    head[at:at + 4] = struct.pack('<I', value)
                    session, status = a.try_create(wire.Request([('header', bytes(head))] + request.readable[1:],
                                                                request.writable))
                    check(status in (ERR, wire.NOTSUPP), 'length %#x at %d: status %d' % (value, at, status))
        # A header that is cut off, a key that is, an outcome that does not fit.
        whole = wire.create_cipher(3, key, True, True)
        raw = b''.join(v for _, v in whole.readable)
        for n in (0, 1, 15, 16, 17, 71, 72, 87):
            outcome = a.control(wire.Request([('header', raw[:n])] if n else [], whole.writable))
            check(wire.parse_create(outcome)[1] != OK, 'a create request of %d bytes' % n)


@case('replies that do not fit make no session')
def short_outcome(env):
    """What nobody learns of would be lost: more such requests than there is room for sessions."""
    with attacker(env, 'split', socket='small') as a:
        whole = wire.create_hash(4, 32, True)
        for n in range(40):
            a.run(wire.Request(whole.readable, [('outcome', n % 16)] if n % 16 else []), a.ctrl)
        sessions = [a.create(whole) for _ in range(16)]
        equal(len(set(sessions)), 16, 'sessions')


@hostile('far offsets in chains at the end of memory, {0}', *[(c.name, c.number) for c in reference.CIPHERS], rounds=1)
def far_offsets(env, name, number):
    """Engines count offsets in bits or in bytes: what they read and write stays within the request."""
    algo = reference.CIPHER[number]
    with attacker(env, 'split') as a:
        if number not in wire.algorithms(a.config, wire.CIPHER):
            raise Skip('%s is not advertised' % name)
        key = a.rng.randbytes(algo.keys[0])
        iv = bytes(algo.iv_len)
        if number in reference.STREAM:
            key, iv = reference.STREAM[number][:2]
        auth_key = bytes(range(20))
        last = a.mem.regions[-1]
        for hash_first in (False, True):
            for encrypt in (True, False):
                session = a.create(wire.create_chain(number, key, encrypt, hash_first, wire.MODE_AUTH, 2, auth_key,
                                                     20, 0, True))
                for far in (64, 2000, 400000):
                    src = a.rng.randbytes(far + 16 * 3)
                    ranges = (far, 48), (0, len(src))
                    request = a.session_mode.chain(session, number, encrypt, iv, src, *ranges, 20)
                    head = request.readable[0][1] + iv
                    h = a.buffer(head)
                    # Source and destination end where memory does; the status lies elsewhere.
                    dst = last.gpa + last.size - len(src)
                    for r in ((dst - len(src), dst), (dst, dst - len(src))):
                        a.mem.write(r[0], src)
                        d = a.mem.alloc(21)
                        token = a.hand(a.data(), [(h, len(head), DESC_NEXT, 1), (r[0], len(src), DESC_NEXT, 2),
                                                  (r[1], len(src), DESC_NEXT | DESC_WRITE, 3), (d, 21, DESC_WRITE, 0)])
                        a.answered(a.data(), token, 'a chain with a far offset')
                        check(env.backend().process.alive(), 'the back end died')
                        equal(a.mem.read(r[0], len(src)), src, 'the source, after a chain')
                        out = reference.chain(number, key, iv, encrypt, hash_first, True, 2, auth_key, src, *ranges, 20)
                        status = a.mem.read(d + 20, 1)[0]
                        if far > 2000 and algo.limit and status in (ERR, wire.NOTSUPP):
                            continue  # these do not count that far
                        equal(status, OK, 'status')
                        equal(a.mem.read(r[1] + far, 48), out[0][far:], 'ciphered bytes')
                        equal(a.mem.read(d, 20), out[1], 'MAC')


# Sessions.

@hostile('session exhaustion {0}', 'padded', 'exact')
def exhaustion(env, mode):
    """16 fit; one more is NOSPC where the driver knows that, else ERR; room that is freed is room."""
    with attacker(env, 'split', socket='small', revision_1=mode == 'exact') as a:
        request = wire.create_mac(4, bytes(32), 32, a.revision_1)
        sessions = [a.create(request) for _ in range(16)]
        for _ in range(100):
            equal(a.try_create(request)[1], wire.NOSPC if mode == 'exact' else ERR, 'status without room')
        for lap in range(3):
            for n in (3, 9):
                equal(a.destroy(wire.MAC, sessions[n]), OK, 'destroy')
            for n in (3, 9):
                # What is being freed is free a moment later.
                def again():
                    session, status = a.try_create(request)
                    return [session] if status == OK else None
                sessions[n] = wait_for(again, 'room for a session')[0]
        equal(len(set(sessions)), 16, 'sessions')
        result = a.good(a.session_mode.mac(sessions[3], 4, b'abc', 32))
        equal(result['digest'], reference.mac(4, bytes(32), b'abc', 32), 'MAC')
    # They go with their guest.
    with attacker(env, 'split', socket='small', revision_1=mode == 'exact') as a:
        for _ in range(16):
            a.create(wire.create_mac(4, bytes(32), 32, a.revision_1))


@hostile('destroy while in flight on a {0} ring', *RINGS)
def destroy_in_flight(env, ring):
    """Each request is right or says that there is no such session."""
    with attacker(env, ring, size=256, event_idx=True) as a:
        for lap in range(12):
            key, iv = a.rng.randbytes(16), a.rng.randbytes(16)
            session = a.create(wire.create_cipher(3, key, True, True))
            src = a.rng.randbytes(2048)
            want = reference.cipher(3, key, iv, src, True)
            mark, placed = burst(a, a.data(), [(a.session_mode.cipher(session, 3, True, iv, src), None)] * 120)
            equal(a.destroy(wire.CIPHER, session), OK, 'destroy')
            late = a.run(a.session_mode.cipher(session, 3, True, iv, src), a.data(1))['status']
            equal(late, INVSESS, 'request after destroy')
            collect(a.data(), placed)
            for p in placed:
                result = p.result()
                check(result['status'] in (OK, INVSESS), 'status %d' % result['status'])
                if result['status'] == OK:
                    equal(result['dst'], want, 'result of a session that is destroyed')
            a.mem.release(mark)


@hostile('sessions made and destroyed under load', rounds=2)
def churn(env):
    with attacker(env, 'packed', size=256, event_idx=True) as a:
        work = Work(a)
        for lap in range(10):
            made = [work.any() for _ in range(100)]
            mark, placed = burst(a, a.data(), made)
            sessions = [a.create(wire.create_mac(4, bytes([n]) * 20, 32, True)) for n in range(20)]
            for s in sessions:
                equal(a.destroy(wire.MAC, s), OK, 'destroy')
            collect(a.data(), placed)
            for p, (_, want) in zip(placed, made):
                right(p.result(), want, 'request')
            a.mem.release(mark)


# Floods.

@hostile('a flood of bad requests', rounds=2)
def flood_of_errors(env):
    """The log does not grow with them."""
    with attacker(env, 'split', size=256) as a:
        process = env.backend().process
        r, rn, w, wn, _ = a.pair()
        before = process.log_size()
        for lap in range(16):
            made = [(a.session_mode.cipher(0xbad, 3, True, bytes(16), bytes(16)), None)] * 120
            mark, placed = burst(a, a.data(), made)
            collect(a.data(), placed)
            for _ in range(60):
                a.hand(a.data(), [(NOWHERE, rn, DESC_NEXT, 1), (w, wn, DESC_WRITE, 0)])
            for _ in range(60):
                wait_for(a.data().ring.get, 'an answer')
            for _ in range(5):
                a.try_create(wire.create_cipher(63, bytes(16), True, True))
            a.mem.release(mark)
        said = process.log_size() - before
        check(said < 4096, '%d bytes of log for 3000 bad requests' % said)


@hostile('a flood of kicks')
def flood_of_kicks(env):
    """On every queue, with nothing in them."""
    with attacker(env, 'split', size=256) as a:
        friend = Friend(env, 'small')
        try:
            for _ in range(40):
                for q in a.queues:
                    for _ in range(100):
                        vu.event_signal(q.kick)
                friend.work(1)
        finally:
            friend.close()
        a.still_works(a.data(), 'kicks')


@hostile('a call nobody takes, {0}', 'from the start', 'all at once')
def full_call(env, when):
    """An event counter that is full, of a file that blocks, stops nobody."""
    def fill(q):
        vu.event_clear(q.call)
        os.write(q.call, struct.pack('=Q', 2**64 - 2))
        os.set_blocking(q.call, True)

    class Full(Attacker):
        def set_up(self, i, queue):
            if when == 'from the start':
                fill(queue)
            super().set_up(i, queue)

    with Full(env, 'split') as a:
        a.request()
        if when == 'all at once':
            for q in a.queues:
                fill(q)
        friend = Friend(env, 'small')
        try:
            for q in a.queues:
                q.ring.want_calls(True)
            for _ in range(10):
                a.still_works(a.data(), 'a call that is full')
            for _ in range(3):
                a.create(wire.create_hash(4, 32, True))
            friend.work()
        finally:
            friend.close()


# Memory that changes.

def flip(memfd, size, at, values, stop):
    """In a process of its own: a 32-bit word takes one value after another."""
    import mmap
    words = memoryview(mmap.mmap(memfd, size)).cast('I')
    while not stop.value:
        for v in values:
            words[at // 4] = v


@hostile('a request that changes while it is read, {0}', 'lengths', 'descriptor', 'table', rounds=1)
def time_of_check(env, what):
    with attacker(env, 'split', size=64) as a:
        readable, room, _ = a.request(64)
        a.mem.alloc(0, 64)
        r, w, t = a.buffer(readable), a.buffer(bytes(room)), a.mem.alloc(32, 16)
        a.mem.alloc(0, 16)
        a.mem.write(t, table([(r, len(readable), DESC_NEXT, 1), (w, room, DESC_WRITE, 0)]))
        ring = a.data().ring
        heads = [ring.free.pop(), ring.free.pop()]
        indirect = what != 'descriptor'
        if indirect:
            ring.write_desc(heads[0], t, 32, DESC_INDIRECT, 0)
        else:
            ring.write_desc(heads[0], r, len(readable), DESC_NEXT, heads[1])
            ring.write_desc(heads[1], w, room, DESC_WRITE, 0)
        gpa, values = {
            'lengths': (r + 28, (64, 0xffffff00, 0, 1 << 20)),
            'descriptor': (ring.desc + 16 * heads[1] + 8, (room, 0xffffff00, 0)),
            'table': (t + 16 + 8, (room, 0xffffff00, 0)),
        }[what]
        region, at = a.mem.find(gpa)
        stop = multiprocessing.Value('b', 0)
        helper = multiprocessing.get_context('fork').Process(
            target=flip, args=(region.fd, region.offset + region.size, region.offset + at, values, stop))
        helper.start()
        try:
            for _ in range(1500):
                ring.offer(heads[0], None, heads)
                a.data().submit()
                wait_for(ring.get, 'an answer to a request that changes')
                ring.free = [h for h in ring.free if h not in heads]
        finally:
            stop.value = 1
            helper.join()
        a.still_works(a.data(1), 'a request that changes')


@hostile('a new memory table under load on a {0} ring', *RINGS)
def new_table(env, ring):
    """SET_MEM_TABLE with the same memory while requests run: none is lost, none is wrong."""
    with attacker(env, ring, size=256) as a:
        work = Work(a)
        for lap in range(5):
            made = [work.any() for _ in range(120)]
            mark, placed = burst(a, a.data(), made)
            a.share_memory()
            more = [work.any() for _ in range(60)]
            _, also = burst(a, a.data(1), more)
            a.share_memory()
            collect(a.data(), placed)
            collect(a.data(1), also)
            for p, (_, want) in list(zip(placed, made)) + list(zip(also, more)):
                right(p.result(), want, 'request')
            a.mem.release(mark)
            session = a.create(wire.create_hash(4, 32, True))
            equal(a.destroy(wire.HASH, session), OK, 'destroy')


@hostile('memory that is taken away under load on a {0} ring', *RINGS)
def memory_gone(env, ring):
    """SET_MEM_TABLE without the data, then without the rings, then with all again."""
    with attacker(env, ring, size=256) as a:
        work = Work(a)
        made = [work.any() for _ in range(100)]
        burst(a, a.data(), made)
        regions = a.mem.regions
        for keep in (regions[:1], regions[1:], regions[:2], regions):
            with contextlib.suppress(OSError, ValueError):
                a.front.tell(vu.SET_MEM_TABLE, a.mem.table(keep), [r.fd for r in keep], sure=False)
            for q in a.queues:
                vu.event_signal(q.kick)
    serves(env)


@hostile('a memory file that shrinks under load, {0}', 'data', 'rings')
def truncated(env, what):
    """What is mapped is no longer there: SIGBUS is for the one guest only."""
    with attacker(env, 'split', size=256) as a:
        work = Work(a)
        made = [work.cipher(1600) for _ in range(200)]
        _, placed = burst(a, a.data(), made[:100])
        for n, request in enumerate(made[100:]):
            framing = Framing('fields', 'indirect')
            p = framing.place(a.mem, request[0], a.rng, 64)
            framing.add(a.data(1).ring, p, a.rng, n)
        a.data(1).ring.publish()  # the index is in memory before the file shrinks
        numbers = (GuestMemory.LOW, GuestMemory.HIGH) if what == 'data' else (GuestMemory.RINGS,)
        for n in numbers:
            os.ftruncate(a.mem.regions[n].fd, 0)
        for q in a.queues:
            vu.event_signal(q.kick)
        friend = Friend(env, 'small')
        try:
            friend.work()
        finally:
            friend.close()


@hostile('a guest that leaves under load on a {0} ring', *RINGS)
def leaves(env, ring):
    for _ in range(3):
        with attacker(env, ring, size=256) as a:
            work = Work(a)
            for q in range(a.nb_data):
                burst(a, a.data(q), [work.any() for _ in range(100)])


@hostile('a device reset under load on a {0} ring, {1}', *[(r, how) for r in RINGS for how in (
    'queues stopped first', 'status only')])
def reset(env, ring, how):
    """Status 0: sessions die; what was in flight may be answered or not; then it starts anew."""
    with attacker(env, ring, size=256) as a:
        for lap in range(3):
            work = Work(a)
            burst(a, a.data(), [work.any() for _ in range(100)])
            a.reset(how != 'status only')
            a.friendly = None
            status = a.run(a.session_mode.cipher(work.cipher_id, 3, True, bytes(16), bytes(16)))['status']
            equal(status, INVSESS, 'a session from before the reset')
            a.still_works(a.data(), 'a reset')


@case('flags of a packed ring that are written at random', 1, 2, 3)
def random_flags(env, seed):
    """Whatever is in the ring, other guests are served."""
    friend = Friend(env, 'other')
    try:
        with attacker(env, 'packed', size=64) as a:
            a.request()
            q = a.data().ring
            a.rng.seed(seed)
            for _ in range(300):
                i = a.rng.randrange(q.size)
                a.mem.write(q.desc + 16 * i, DESC.pack(
                    a.rng.choice((q.mem.regions[1].gpa + a.rng.randrange(4096), NOWHERE, a.rng.getrandbits(64))),
                    a.rng.choice((0, 16, 80, 1 << 31)), a.rng.randrange(80),
                    a.rng.choice((0, DESC_NEXT, DESC_WRITE, DESC_INDIRECT, DESC_NEXT | DESC_WRITE))
                    | a.rng.choice((DESC_AVAIL, DESC_USED, DESC_AVAIL | DESC_USED, 0))))
                vu.event_signal(a.data().kick)
            a.still_works(a.data(1), 'random flags')
        friend.work()
        serves(env)
    finally:
        friend.close()


@case('split rings that are written at random', 1, 2, 3)
def random_split(env, seed):
    friend = Friend(env, 'other')
    try:
        with attacker(env, 'split', size=64) as a:
            a.request()
            q = a.data().ring
            a.rng.seed(seed)
            for _ in range(300):
                i = a.rng.randrange(q.size)
                q.write_desc(i, a.rng.choice((q.mem.regions[1].gpa + a.rng.randrange(4096), NOWHERE,
                                              a.rng.getrandbits(64))),
                             a.rng.choice((0, 16, 32, 80, 1 << 31)),
                             a.rng.choice((0, 1, 2, 3, 4, 5, 6, 7)), a.rng.randrange(80))
                if q.avail_idx - q.mem.load16(q.used + 2) & 0xffff < 60:
                    q.offer(a.rng.randrange(q.size), None)
                q.publish()
                vu.event_signal(a.data().kick)
            a.still_works(a.data(1), 'a random ring')
        friend.work()
        serves(env)
    finally:
        friend.close()
