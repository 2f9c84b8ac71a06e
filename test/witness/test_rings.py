# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The virtio-crypto stack authors
#
# Rings and framings: every way to cut a request into descriptors, rings that wrap, bursts over
# several queues, and who is woken when.

import struct
import zlib

import reference
import vhost_user as vu
import wire
from cases import Skip, case, check, equal
from framing import FRAMINGS, Framing
from guest import Guest, NotOffered
from vhost_user import event_clear, event_wait, wait_for
from virtqueue import F_IN_ORDER
from wire import MODE_AUTH, OK

RINGS = ('split', 'packed')


def open_guest(env, ring, what, **kw):
    return Guest(env.path(), packed=ring == 'packed', seed=zlib.crc32((ring + what).encode()), **kw)


class Work:
    """One request of each service with what it has to give."""

    def __init__(self, g):
        self.g = g
        rng = g.rng
        self.key, self.iv = rng.randbytes(16), rng.randbytes(16)
        self.auth_key = rng.randbytes(20)
        rev = g.revision_1
        if not g.stateless:
            self.cipher_id = g.create(wire.create_cipher(3, self.key, True, rev))
            self.chain_id = g.create(wire.create_chain(4, self.key, True, False, MODE_AUTH, 2, self.auth_key, 20,
                                                       0, rev))
            self.hash_id = g.create(wire.create_hash(4, 32, rev))
            self.mac_id = g.create(wire.create_mac(4, self.auth_key, 32, rev))
            self.aead_id = g.create(wire.create_aead(1, self.key, False, 16, 20, rev))

    def cipher(self, n=64):
        src = self.g.rng.randbytes(n // 16 * 16)
        want = {'dst': reference.cipher(3, self.key, self.iv, src, True)}
        if self.g.stateless:
            return self.g.stateless_mode.cipher(3, self.key, True, self.iv, src), want
        return self.g.session_mode.cipher(self.cipher_id, 3, True, self.iv, src), want

    def chain(self, n=99):
        src = self.g.rng.randbytes(n + 10)
        ranges = (10, n), (0, n + 10)
        dst, digest = reference.chain(4, self.key, self.iv, True, False, True, 2, self.auth_key, src, *ranges, 20)
        want = {'dst': dst, 'digest': digest}
        if self.g.stateless:
            return self.g.stateless_mode.chain(4, self.key, True, False, MODE_AUTH, 2, self.auth_key, self.iv, src,
                                               *ranges, 20), want
        return self.g.session_mode.chain(self.chain_id, 4, True, self.iv, src, *ranges, 20), want

    def hash(self, n=77):
        src = self.g.rng.randbytes(n)
        want = {'digest': reference.hash_(4, src, 32)}
        if self.g.stateless:
            return self.g.stateless_mode.hash(4, src, 32), want
        return self.g.session_mode.hash(self.hash_id, 4, src, 32), want

    def mac(self, n=77):
        src = self.g.rng.randbytes(n)
        want = {'digest': reference.mac(4, self.auth_key, src, 32)}
        if self.g.stateless:
            return self.g.stateless_mode.mac(4, self.auth_key, src, 32), want
        return self.g.session_mode.mac(self.mac_id, 4, src, 32), want

    def aead(self, n=55):
        text, aad = self.g.rng.randbytes(n), self.g.rng.randbytes(20)
        src = reference.aead_encrypt(1, self.key, self.iv[:12], aad, text, 16)
        if self.g.stateless:
            return self.g.stateless_mode.aead(1, self.key, False, self.iv[:12], aad, src, n, 16), {'dst': text}
        return self.g.session_mode.aead(self.aead_id, 1, False, self.iv[:12], aad, src, n, 16), {'dst': text}

    def all(self):
        return (('cipher', self.cipher), ('chain', self.chain), ('hash', self.hash), ('MAC', self.mac),
                ('AEAD', self.aead))

    def any(self):
        return self.g.rng.choice(self.all())[1]()


def right(result, want, what):
    equal(result['status'], OK, 'status of ' + what)
    for name, value in want.items():
        equal(result.get(name, b''), value, '%s of %s' % (name, what))


@case('framing {0} on a {1} ring, {2}', *[(str(f), ring, mode, n) for n, f in enumerate(FRAMINGS) for ring in RINGS
                                          for mode in ('padded', 'exact', 'stateless')
                                          if not (ring == 'packed' and f.table in ('shuffled', 'mixed'))])
def each_framing(env, framing, ring, mode, number):
    framing = FRAMINGS[number]
    with open_guest(env, ring, str(framing) + mode, revision_1=mode != 'padded', stateless=mode == 'stateless') as g:
        if mode != 'stateless':
            for request, reply in ((wire.create_hash(4, 32, g.revision_1), wire.HASH),
                                   (wire.create_mac(4, bytes(20), 32, g.revision_1), wire.MAC)):
                session = g.create(request, framing)
                equal(g.destroy(reply, session, framing), OK, 'destroy')
        work = Work(g)
        for name, make in work.all():
            for n in (48, 160, 1600):
                request, want = make(n)
                result = g.run(request, framing=framing, what=name)
                right(result, want, '%s of %d bytes' % (name, n))
                writable = sum(size for _, size in request.writable)
                if framing.split not in ('linux', 'trailing'):
                    equal(result['used'], writable, 'used length of ' + name)
                else:
                    check(result['used'] >= writable - 1, 'used length %d of %s' % (result['used'], name))


@case('EVENT_IDX {0} on a {1} ring', *[(on, ring) for on in ('off', 'on') for ring in RINGS])
def kicks_as_wanted(env, on, ring):
    """Only kicks that the device asks for; none of them is missed."""
    with open_guest(env, ring, on, event_idx=on == 'on', revision_1=True) as g:
        work = Work(g)
        for n in range(200):
            request, want = work.any()
            queue = g.data(n % g.nb_data)
            right(g.run(request, queue, what='request %d' % n), want, 'request %d' % n)


@case('without INDIRECT_DESC on a {0} ring', *RINGS)
def no_indirect(env, ring):
    with open_guest(env, ring, 'direct', indirect=False) as g:
        work = Work(g)
        for split in ('fields', 'bytes', 'across', 'linux'):
            for name, make in work.all():
                request, want = make()
                right(g.run(request, framing=Framing(split)), want, name)


@case('ring of {1} on a {0} ring', *[('split', n) for n in (8, 16, 1024, 4096)],
      *[('packed', n) for n in (7, 8, 100, 1000)])
def ring_sizes(env, ring, size):
    """Small rings wrap often; a packed ring's size is no power of two."""
    with open_guest(env, ring, str(size), size=size) as g:
        work = Work(g)
        for n in range(6 * min(size, 30)):
            request, want = work.any()
            framing = Framing('fields', g.rng.choice((None, 'indirect')))
            right(g.run(request, g.data(n % 2), framing), want, 'request %d' % n)


@case('an index that wraps on a {0} ring', *RINGS)
def wrap(env, ring):
    """Rings that go on from just before the index' end, as after a migration."""
    class Late(Guest):
        def set_up(self, i, queue):
            r = queue.ring
            if ring == 'split':
                r.avail_idx = r.published = r.last_used = 0xfff0
                self.mem.store16(r.avail + 2, 0xfff0)
                self.mem.store16(r.used + 2, 0xfff0)
            else:
                r.next = r.used_next = r.size - 3
                r.wrap = r.used_wrap = 0
                r.published = (r.next, 0)
                # Descriptors of the lap before look used; those of this one are not available.
                for n in range(r.size):
                    self.mem.store16(r.flags_at(n), 0 if n < r.next else 0x8080)
            super().set_up(i, queue)

    with Late(env.path(), packed=ring == 'packed', event_idx=True, seed=5) as g:
        work = Work(g)
        for n in range(100):
            request, want = work.any()
            right(g.run(request), want, 'request %d' % n)


def burst(g, queue, made, framing_of=None):
    """All requests at once; results in the order of requests, and the order of completion."""
    mark = g.mem.mark()
    placed = []
    for n, (request, _) in enumerate(made):
        framing = framing_of(n) if framing_of else Framing('fields', 'indirect')
        p = framing.place(g.mem, request, g.rng, queue.ring.size)
        framing.add(queue.ring, p, g.rng, n)
        placed.append(p)
    queue.submit()
    return mark, placed


def collect(queue, placed):
    order = []
    while len(order) < len(placed):
        used = wait_for(queue.ring.get, 'answer %d of %d' % (len(order), len(placed)))
        placed[used.token].used = used.length
        order.append(used.token)
    return order


@case('bursts over all queues of a {0} ring, {1}', *[(ring, mode) for ring in RINGS for mode in ('exact', 'stateless')])
def bursts(env, ring, mode):
    """Full rings on all queues at once, answers in any order, each to its own request."""
    with open_guest(env, ring, 'burst' + mode, size=128, event_idx=True, revision_1=True,
                    stateless=mode == 'stateless') as g:
        work = Work(g)
        for lap in range(6):
            jobs = []
            mark = g.mem.mark()
            for q in range(g.nb_data):
                made = [work.any() for _ in range(g.size)]
                jobs.append((g.data(q), made, burst(g, g.data(q), made)[1]))
            for queue, made, placed in jobs:
                collect(queue, placed)
                for n, (p, (_, want)) in enumerate(zip(placed, made)):
                    right(p.result(), want, 'request %d of lap %d' % (n, lap))
            g.mem.release(mark)


@case('bad requests among good ones on a {0} ring', *RINGS)
def bad_among_good(env, ring):
    """Each gets its own answer."""
    with open_guest(env, ring, 'bad', size=128, revision_1=True) as g:
        work = Work(g)
        made = []
        for n in range(120):
            if n % 3 == 0:
                made.append((g.session_mode.cipher(0xdead0000 + n, 3, True, bytes(16), bytes(32)), None))
            elif n % 3 == 1:
                made.append((g.session_mode.cipher(work.cipher_id, 3, True, bytes(9), bytes(31)), None))
            else:
                made.append(work.any())
        _, placed = burst(g, g.data(), made)
        collect(g.data(), placed)
        for n, (p, (_, want)) in enumerate(zip(placed, made)):
            if want is None:
                equal(p.result()['status'], wire.INVSESS if n % 3 == 0 else wire.ERR, 'status of request %d' % n)
            else:
                right(p.result(), want, 'request %d' % n)


@case('control requests in a burst on a {0} ring', *RINGS)
def control_burst(env, ring):
    """More than one at a time; sessions are made, used and destroyed."""
    with open_guest(env, ring, 'control', event_idx=True) as g:
        made = [(wire.create_hash(2 + n % 5, (20, 28, 32, 48, 64)[n % 5]), None) for n in range(40)]
        mark, placed = burst(g, g.ctrl, made)
        collect(g.ctrl, placed)
        sessions = []
        for p in placed:
            session, status = wire.parse_create(p.result()['outcome'])
            equal(status, OK, 'create')
            sessions.append(session)
        equal(len(set(sessions)), 40, 'numbers of sessions are unique')
        for n, session in enumerate(sessions):
            size = (20, 28, 32, 48, 64)[n % 5]
            result = g.good(g.session_mode.hash(session, 2 + n % 5, b'abc', size))
            equal(result['digest'], reference.hash_(2 + n % 5, b'abc', size), 'digest of session %d' % n)
        g.mem.release(mark)
        _, placed = burst(g, g.ctrl, [(wire.destroy(wire.HASH, s), None) for s in sessions])
        collect(g.ctrl, placed)
        for p in placed:
            equal(p.result()['outcome'], b'\0', 'destroy')


@case('in order on a {0} ring', *RINGS)
def in_order(env, ring):
    try:
        g = open_guest(env, ring, 'in order', in_order=True, size=64)
    except NotOffered:
        with open_guest(env, ring, 'none') as g:
            check(not g.offered >> F_IN_ORDER & 1, 'IN_ORDER')
        raise Skip('IN_ORDER is not offered')
    with g:
        equal(g.data().ring.packed, ring == 'packed', 'ring')
        work = Work(g)
        # With IN_ORDER descriptors are used in ring order.
        if ring == 'split':
            for q in g.queues:
                q.ring.free = list(range(q.ring.size))[::-1]
        for _ in range(4):
            made = [work.any() for _ in range(64)]
            if ring == 'split':
                g.data().ring.free = list(range(64))[::-1]
            mark, placed = burst(g, g.data(), made)
            equal(collect(g.data(), placed), list(range(64)), 'order of answers')
            for p, (_, want) in zip(placed, made):
                right(p.result(), want, 'request')
            g.mem.release(mark)


# Who is woken when.

def quiet(fd):
    """Nothing comes for a moment in which what is not wanted would have come."""
    return not event_wait(fd, 0.05)


@case('calls on a {0} ring', *RINGS)
def calls(env, ring):
    with open_guest(env, ring, 'calls') as g:
        work = Work(g)
        for queue in (g.data(0), g.data(1)):
            for wanted in (True, False, True):
                queue.ring.want_calls(wanted)
                event_clear(queue.call)
                request, want = work.hash()
                right(g.run(request, queue), want, 'hash')
                if wanted:
                    check(event_wait(queue.call), 'a call was wanted and does not come')
                    event_clear(queue.call)
                check(quiet(queue.call), 'a call that nobody wanted')


@case('calls with EVENT_IDX on a {0} ring', *RINGS)
def calls_event_idx(env, ring):
    """A call once the entry that was named is used, and not before."""
    with open_guest(env, ring, 'calls event', event_idx=True) as g:
        work = Work(g)
        queue = g.data()
        event_clear(queue.call)
        for lap in range(3):
            queue.ring.want_call_after(5)
            mark = g.mem.mark()
            made = [work.hash() for _ in range(5)]
            _, placed = burst(g, queue, made[:4])
            collected = 0
            while collected < 4:
                wait_for(queue.ring.get, 'an answer')
                collected += 1
            check(quiet(queue.call), 'a call before the entry that was named')
            # The fifth crosses it.
            request, want = made[4]
            right(g.run(request, queue), want, 'hash')
            check(event_wait(queue.call), 'the call for the entry that was named does not come')
            event_clear(queue.call)
            for p, (_, want) in zip(placed, made):
                right(p.result(), want, 'hash')
            g.mem.release(mark)


@case('calls of the control queue on a {0} ring', *RINGS)
def calls_control(env, ring):
    with open_guest(env, ring, 'calls control', event_idx=True) as g:
        g.ctrl.ring.want_calls(True)
        event_clear(g.ctrl.call)
        g.create(wire.create_hash(4, 32))
        check(event_wait(g.ctrl.call), 'a call was wanted and does not come')


# Sizes.

@case('requests up to max_size on a {0} ring', *RINGS)
def max_size(env, ring):
    """IV, source, destination and status count; one more is an error."""
    with open_guest(env, ring, 'max size') as g:
        key, iv = g.rng.randbytes(16), g.rng.randbytes(16)
        session = g.create(wire.create_cipher(4, key, True))
        limit = g.config.max_size
        check(limit >= 65536, 'max_size is %d' % limit)
        n = (min(limit, 1 << 20) - 16 - 1) // 2
        src = g.rng.randbytes(n)
        for framing in (Framing('fields'), Framing('random', 'indirect'), Framing('in-place')):
            result = g.good(g.session_mode.cipher(session, 4, True, iv, src), framing=framing)
            equal(result['dst'], reference.cipher(4, key, iv, src, True), 'the largest request')
        if limit < 1 << 21:
            src = bytes(limit - 16)
            result = g.run(g.session_mode.cipher(session, 4, True, iv, src, len(src)), framing=Framing('in-place'))
            equal(result['status'], wire.ERR, 'status of a request beyond max_size')
        src = g.rng.randbytes(100)
        result = g.good(g.session_mode.cipher(session, 4, True, iv, src))
        equal(result['dst'], reference.cipher(4, key, iv, src, True), 'the next request')


# Stop and go on.

@case('a queue that is stopped and started again on a {0} ring', *RINGS)
def stop_and_start(env, ring):
    """GET_VRING_BASE stops it and says where; from there it goes on."""
    with open_guest(env, ring, 'stop', revision_1=True) as g:
        work = Work(g)
        queue = g.data(0)
        for lap in range(3):
            for n in range(7):
                request, want = work.any()
                right(g.run(request, queue), want, 'request %d of lap %d' % (n, lap))
            index, base = struct.unpack('<II', g.front.ask(vu.GET_VRING_BASE, struct.pack('<II', 0, 0)).payload)
            equal(index, 0, 'queue')
            equal(base & 0xffff, queue.ring.base() & 0xffff, 'where the queue stands')
            # What comes meanwhile waits.
            request, want = work.any()
            placed = Framing('fields', 'indirect').place(g.mem, request, g.rng, queue.ring.size)
            Framing('fields', 'indirect').add(queue.ring, placed, g.rng, 'late')
            queue.submit()
            other, other_want = work.any()
            right(g.run(other, g.data(1)), other_want, 'another queue')
            check(queue.ring.get() is None, 'a queue that is stopped answers')
            restart(g, queue, base)
            used = wait_for(queue.ring.get, 'an answer to what waited')
            equal(used.token, 'late', 'answer')
            right(placed.result(), want, 'what waited')


def restart(g, queue, base):
    front, ring = g.front, queue.ring
    front.vring(vu.SET_VRING_NUM, 0, ring.size)
    front.vring(vu.SET_VRING_BASE, 0, base)
    desc, used, avail = (g.mem.uva(a) for a in ring.addresses())
    front.tell(vu.SET_VRING_ADDR, struct.pack('<IIQQQQ', 0, 0, desc, used, avail, 0))
    front.tell(vu.SET_VRING_CALL, struct.pack('<Q', 0), [queue.call])
    front.tell(vu.SET_VRING_KICK, struct.pack('<Q', 0), [queue.kick])
    front.vring(vu.SET_VRING_ENABLE, 0, 1)
    vu.event_signal(queue.kick)


@case('a queue that is disabled and enabled on a {0} ring', *RINGS)
def disable(env, ring):
    with open_guest(env, ring, 'disable', revision_1=True) as g:
        work = Work(g)
        for lap in range(3):
            g.front.vring(vu.SET_VRING_ENABLE, 0, 0)
            g.front.sync()
            request, want = work.any()
            placed = Framing('fields', 'indirect').place(g.mem, request, g.rng, 64)
            Framing('fields', 'indirect').add(g.data(0).ring, placed, g.rng, lap)
            g.data(0).submit()
            other, other_want = work.any()
            right(g.run(other, g.data(1)), other_want, 'another queue')
            check(g.data(0).ring.get() is None, 'a queue that is disabled answers')
            g.front.vring(vu.SET_VRING_ENABLE, 0, 1)
            vu.event_signal(g.data(0).kick)
            used = wait_for(g.data(0).ring.get, 'an answer once it is enabled')
            equal(used.token, lap, 'answer')
            right(placed.result(), want, 'what waited')
