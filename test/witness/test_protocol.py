# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The virtio-crypto stack authors
#
# What the back end says of itself, and the parts of vhost-user beyond requests: configuration space,
# status, replies, reconnection, the dirty log, the area of requests in flight.

import mmap
import os
import struct

import reference
import vhost_user as vu
import wire
from cases import Skip, case, check, equal
from framing import Framing
from guest import Guest
from test_rings import Work, burst, collect, right
from vhost_user import Frontend, GuestMemory, wait_for
from virtqueue import F_EVENT_IDX, F_INDIRECT_DESC, F_RING_PACKED, F_VERSION_1
from wire import AEAD, CIPHER, HASH, MAC, OK

F_LOG_ALL = 26
RINGS = ('split', 'packed')


@case('features')
def features(env):
    with Guest(env.path()) as g:
        for bit in (F_VERSION_1, F_INDIRECT_DESC, F_EVENT_IDX, F_RING_PACKED, wire.F_REVISION_1,
                    *(wire.F_STATELESS[s] for s in (CIPHER, HASH, MAC, AEAD))):
            check(g.offered >> bit & 1, 'feature bit %d is not offered' % bit)
        # Bits of device types lie below 24, and only 0 to 5 mean something for this one.
        equal(g.offered & 0xffffc0, 0, 'device feature bits that the standard does not have')
        for bit in (24, 27):
            check(not g.offered >> bit & 1, 'bit %d is for legacy devices' % bit)
        for bit in (vu.P_MQ, vu.P_REPLY_ACK, vu.P_CONFIG, vu.P_STATUS):
            check(g.offered_protocol >> bit & 1, 'protocol feature %d is not offered' % bit)
        if not env.is_self:
            for bit in (vu.P_LOG_SHMFD, vu.P_INFLIGHT_SHMFD):
                check(g.offered_protocol >> bit & 1, 'protocol feature %d is not offered' % bit)


@case('configuration space')
def config(env):
    with Guest(env.path()) as g:
        c = g.config
        equal(c.status, 1, 'status')  # HW_READY and nothing else
        equal(c.max_dataqueues, 3, 'max_dataqueues')
        equal(c.crypto_services & 0xf, 0xf, 'symmetric services')
        equal(c.crypto_services & ~0x1f, 0, 'services that the standard does not have')
        check(c.max_cipher_key_len >= 64, 'max_cipher_key_len %d is too short for XTS' % c.max_cipher_key_len)
        check(c.max_auth_key_len >= 128, 'max_auth_key_len is %d' % c.max_auth_key_len)
        for service, known in ((CIPHER, range(1, 15)), (HASH, range(1, 13)), (AEAD, range(1, 4)),
                               (MAC, (1, 2, 3, 4, 5, 6, 25, 26, 27, 28, 41, 42, 49, 50, 53, 54))):
            strange = wire.algorithms(c, service) - set(known)
            check(not strange, '%s algorithms that the standard does not have: %s' % (
                wire.SERVICE_NAME[service], sorted(strange)))
        # MACs whose requests would need an IV, for which they have no room.
        check(not wire.algorithms(c, MAC) & {28, 41, 54}, 'MACs that the MAC service cannot carry')
        if not c.crypto_services >> wire.AKCIPHER & 1:
            equal(c.akcipher_algo, 0, 'akcipher_algo without the service')


@case('parts of the configuration space')
def config_parts(env):
    with Guest(env.path()) as g:
        whole = g.front.get_config(wire.CONFIG_SIZE)
        for offset, size in ((0, 1), (0, 4), (4, 4), (8, 48), (48, 8), (55, 1), (3, 7)):
            equal(g.front.get_config(size, offset), whole[offset:offset + size], '%d bytes at %d' % (size, offset))
        # QEMU's generic device asks for a little more than there is.
        equal(g.front.get_config(60)[:56], whole, '60 bytes')


@case('the configuration space is read-only')
def config_write(env):
    with Guest(env.path()) as g:
        if env.is_self:
            raise Skip('the witness\' device hangs up')
        before = g.front.get_config(wire.CONFIG_SIZE)
        payload = struct.pack('<III', 0, 4, 0) + b'\xff\xff\xff\xff'
        refused = False
        try:
            g.front.tell(vu.SET_CONFIG, payload)
        except OSError:
            refused = True
        check(refused, 'SET_CONFIG succeeds')
        equal(g.front.get_config(wire.CONFIG_SIZE), before, 'configuration space')
        Work(g).cipher()


@case('status')
def status(env):
    with Guest(env.path()) as g:
        for value in (15, 11, 15):
            g.front.set_status(value)
            equal(g.front.ask(vu.GET_STATUS).u64(), value, 'status')


@case('number of queues')
def queues(env):
    with Guest(env.path()) as g:
        equal(g.front.ask(vu.GET_QUEUE_NUM).u64() >= 4, True, 'GET_QUEUE_NUM covers data and control queues')


@case('fewer data queues than there are')
def fewer_queues(env):
    """The control queue's index does not change with it."""
    with Guest(env.path(), queues=1) as g:
        work = Work(g)
        for name, make in work.all():
            request, want = make()
            right(g.run(request), want, name)


@case('without the status protocol feature')
def no_status(env):
    """Queues then run once they are enabled."""
    class Plain(Guest):
        def negotiate(self, want):
            front = self.front
            self.offered = front.ask(vu.GET_FEATURES).u64()
            front.ask(vu.GET_PROTOCOL_FEATURES)
            front.tell(vu.SET_PROTOCOL_FEATURES, struct.pack('<Q', 1 << vu.P_CONFIG | 1 << vu.P_MQ))
            front.tell(vu.SET_OWNER)
            self.features = sum(1 << b for b in want) | 1 << vu.F_PROTOCOL_FEATURES
            front.tell(vu.SET_FEATURES, struct.pack('<Q', self.features))
    with Plain(env.path(), event_idx=True) as g:
        work = Work(g)
        for name, make in work.all():
            request, want = make()
            right(g.run(request), want, name)


@case('connections one after another on a {0} ring', *RINGS)
def reconnect(env, ring):
    """Each starts with no sessions and finds the device as new."""
    ids = []
    for n in range(12):
        with Guest(env.path(), packed=ring == 'packed', revision_1=n % 2 == 1, size=(64, 256)[n % 3 == 0]) as g:
            if ids:
                # A number of an earlier guest finds nothing, or nothing of that kind.
                result = g.run(g.session_mode.mac(ids[-1], 4, b'abc', 32))
                equal(result['status'], wire.INVSESS, 'a session of an earlier connection')
            work = Work(g)
            request, want = work.any()
            right(g.run(request), want, 'request')
            ids.append(work.mac_id)


@case('a device reset forgets sessions on a {0} ring', *RINGS)
def reset(env, ring):
    with Guest(env.path(), packed=ring == 'packed') as g:
        for lap in range(3):
            work = Work(g)
            request, want = work.cipher()
            right(g.run(request), want, 'cipher')
            g.reset()
            equal(g.run(request)['status'], wire.INVSESS, 'a session from before the reset')
    # Resets do not use up the room for sessions.
    with Guest(env.path('small'), packed=ring == 'packed') as g:
        for _ in range(4):
            for n in range(16 if not env.is_self else 3):
                g.create(wire.create_hash(4, 32))
            g.reset()


@case('guests on several sockets at once')
def several(env):
    """The same session numbers on two devices are two sessions."""
    with Guest(env.path('main'), seed=1) as a, Guest(env.path('other'), seed=2) as b:
        works = [(a, Work(a)), (b, Work(b))]
        for n in range(60):
            g, work = works[n % 2]
            request, want = work.any()
            right(g.run(request), want, 'request')


# Migration.

@case('dirty log on a {0} ring', *RINGS)
def dirty_log(env, ring):
    """Every page that the device writes is marked: results, status, used ring."""
    if env.is_self:
        raise Skip('the witness\' device keeps no log')

    class Logging(Guest):
        def negotiate(self, want):
            super().negotiate(want | {F_LOG_ALL})
            bits = self.front.protocol | 1 << vu.P_LOG_SHMFD
            self.front.tell(vu.SET_PROTOCOL_FEATURES, struct.pack('<Q', bits))
            self.front.protocol = bits

    with Logging(env.path(), packed=ring == 'packed') as g:
        end = max(r.gpa + r.size for r in g.mem.regions)
        size = (end // 4096 + 7) // 8
        size = (size + 4095) // 4096 * 4096
        fd = os.memfd_create('log')
        os.ftruncate(fd, size)
        bitmap = mmap.mmap(fd, size)
        reply = g.front
        reply.send(vu.SET_LOG_BASE, struct.pack('<QQ', size, 0), [fd])
        reply.receive()
        work = Work(g)

        def marked(gpa):
            return bitmap[gpa // 4096 // 8] >> (gpa // 4096 % 8) & 1

        def expect(gpa, n, what):
            for page in range(gpa // 4096, (gpa + n - 1) // 4096 + 1):
                wait_for(lambda: marked(page * 4096), '%s: page %#x is marked' % (what, page))

        for name, make in work.all():
            for n in (100, 9000):
                for split in ('fields', 'merged', 'across', 'random'):
                    bitmap[:] = bytes(size)
                    request, want = make(n)
                    framing = Framing(split)
                    mark = g.mem.mark()
                    placed = framing.place(g.mem, request, g.rng, 256)
                    used = g.run_chain(g.data(), lambda r, t: framing.add(r, placed, g.rng, t), name)
                    placed.used = used.length
                    right(placed.result(), want, name)
                    for gpa, length in placed.writable:
                        expect(gpa, length, '%s of %d bytes, %s' % (name, n, split))
                    r = g.data().ring
                    expect(r.used if ring == 'split' else r.desc, 1, 'the used ring')
                    g.mem.release(mark)
        bitmap[:] = bytes(size)
        mark = g.mem.mark()
        placed = Framing().place(g.mem, wire.create_hash(4, 32), g.rng, 256)
        g.run_chain(g.ctrl, lambda r, t: Framing().add(r, placed, g.rng, t))
        for gpa, length in placed.writable:
            expect(gpa, length, 'outcome of a control request')
        # Pages that only the driver writes are not marked.
        check(not marked(g.mem.regions[GuestMemory.HIGH].gpa + 3 * 1048576), 'a page that nobody wrote is marked')
        bitmap.close()
        os.close(fd)


@case('requests in flight are taken over by the next back end')
def inflight(env):
    """The front end keeps the area; a new back end answers what the old one had taken."""
    if env.is_self:
        raise Skip('the witness\' device has no such area')
    backend = env.own_backend({'main': 'queues=1'})
    area = None
    try:
        g = Inflight(backend.paths['main'], None)
        area = g.area
        work = Work(g)
        for name, make in work.all():
            request, want = make()
            right(g.run(request), want, name)
        made = [work.hash(4000) for _ in range(60)]
        _, placed = burst(g, g.data(), made)
        backend.process.kill()
        done = set()
        while True:
            used = g.data().ring.get()
            if used is None:
                break
            done.add(used.token)
        g.front.close()
        backend.stop()
        os.unlink(backend.paths['main'])
        backend = env.own_backend({'main': 'queues=1'})
        g.front = Frontend(backend.paths['main'])
        g.path = backend.paths['main']
        g.resume()
        # Sessions were the old back end's; what was in flight is answered: each once, and only once.
        while len(done) < 60:
            used = wait_for(g.data().ring.get, 'an answer to what was in flight (%d of 60)' % len(done))
            check(used.token not in done, 'request %d is answered twice' % used.token)
            done.add(used.token)
        check(g.data().ring.get() is None, 'too many answers')
        for p, (_, want) in zip(placed, made):
            result = p.result()
            if result['status'] == OK:
                right(result, want, 'request')
            else:
                equal(result['status'], wire.INVSESS, 'status of a request whose session is gone')
        work = Work(g)
        request, want = work.any()
        right(g.run(request), want, 'the next request')
        g.close()
    finally:
        backend.stop()
        if area:
            os.close(area[0])


class Inflight(Guest):
    """A guest that keeps an area of requests in flight, and can go on with another back end."""

    def __init__(self, path, area):
        self.area = area
        super().__init__(path, size=64)

    def negotiate(self, want):
        super().negotiate(want)
        self.want = want
        bits = self.front.protocol | 1 << vu.P_INFLIGHT_SHMFD
        self.front.tell(vu.SET_PROTOCOL_FEATURES, struct.pack('<Q', bits))
        self.front.protocol = bits

    def share_memory(self):
        super().share_memory()
        queues = self.config.max_dataqueues + 1
        if self.area is None:
            reply = self.front.ask(vu.GET_INFLIGHT_FD, struct.pack('<QQHHI', 0, 0, queues, 64, 0)[:20 + 4])
            size, offset, n, q = struct.unpack_from('<QQHH', reply.payload)
            equal((n, q), (queues, 64), 'GET_INFLIGHT_FD')
            equal(len(reply.fds), 1, 'files with GET_INFLIGHT_FD')
            self.area = (reply.fds[0], size, offset)
        fd, size, offset = self.area
        self.front.tell(vu.SET_INFLIGHT_FD, struct.pack('<QQHHI', size, offset, queues, 64, 0), [fd])

    def resume(self):
        """All over again with a new back end; rings go on where the device says it left them."""
        self.negotiate(self.want)
        self.read_config()
        self.share_memory()
        for i, queue in zip(self.index, self.queues):
            ring = queue.ring
            base, ring.base = ring.base, lambda ring=ring: ring.mem.load16(ring.used + 2)
            self.set_up(i, queue)
            ring.base = base
        for i in self.index:
            self.front.vring(vu.SET_VRING_ENABLE, i, 1)
        self.front.set_status(15)
        for queue in self.queues:
            vu.event_signal(queue.kick)
