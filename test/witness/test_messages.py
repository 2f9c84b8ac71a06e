# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The virtio-crypto stack authors
#
# Front ends that break the rules of the socket: whatever they send, the other sockets are served,
# and so is the next connection on the same one.

import contextlib
import os
import random
import socket
import struct
import time

import vhost_user as vu
import wire
from cases import case, check, equal
from guest import Guest
from hostility import Friend, hostile, serves
from test_rings import Work
from vhost_user import FLAG_NEED_REPLY, FLAG_REPLY, FLAG_VERSION, HEADER, Frontend, GuestMemory

# What a back end may do with a message it does not like: refuse it, or hang up.
REFUSED = (vu.Closed, OSError, ValueError)


@contextlib.contextmanager
def front(env, socket_name='main'):
    """A bare connection."""
    f = Frontend(env.path(socket_name))
    try:
        yield f
    finally:
        f.close()


def drain(f):
    """What the back end still says, until it has worked through everything or hung up."""
    with contextlib.suppress(*REFUSED):
        f.send(vu.GET_FEATURES)
        while True:
            m = f.receive()
            for fd in m.fds:
                os.close(fd)
            if m.request == vu.GET_FEATURES and len(m.payload) == 8:
                return True
    return False


STEPS = ('GET_FEATURES', 'protocol features', 'SET_OWNER', 'SET_FEATURES', 'GET_CONFIG', 'SET_MEM_TABLE',
         'SET_VRING_NUM', 'SET_VRING_BASE', 'SET_VRING_ADDR', 'SET_VRING_CALL', 'SET_VRING_KICK',
         'SET_VRING_ENABLE', 'DRIVER_OK', 'a session')


class Stopped(Exception):
    pass


class Partial(Guest):
    """Goes as far as a step."""

    def __init__(self, path, step):
        self.left = step
        super().__init__(path, seed=3)

    def __setattr__(self, name, value):
        super().__setattr__(name, value)
        if name == 'front':
            tell, ask, left = value.tell, value.ask, self

            def counted(f):
                def run(*args, **kw):
                    if left.left == 0:
                        raise Stopped
                    left.left -= 1
                    return f(*args, **kw)
                return run
            value.tell, value.ask = counted(tell), counted(ask)


@hostile('hanging up after each message of a start', rounds=2)
def hang_up_anywhere(env):
    for step in range(80):
        try:
            Partial(env.path(), step).close()
            break
        except Stopped:
            pass
    else:
        raise AssertionError('a start has more than 80 messages')


@hostile('hanging up within a message')
def half_messages(env):
    for n in range(1, 12):
        with front(env) as f:
            f.sock.sendall(HEADER.pack(vu.GET_FEATURES, FLAG_VERSION, 0)[:n])
    whole = HEADER.pack(vu.SET_FEATURES, FLAG_VERSION, 8) + bytes(8)
    for n in (12, 13, 19):
        with front(env) as f:
            f.sock.sendall(whole[:n])
    for size in (1, 100, 272, 1000, 4096, 0x7fffffff, 0xffffffff):
        with front(env) as f, contextlib.suppress(*REFUSED):
            f.send(vu.SET_MEM_TABLE, bytes(100), size=size)


@case('half a message holds up nobody, {0}', *[(what, n) for n, what in enumerate((
    'part of a header', 'a header without its payload', 'part of a payload'))])
def stalled(env, what, n):
    """The rest does not come, and the connection stays: others are served all the same."""
    other = Friend(env, 'other')
    try:
        with front(env) as f:
            f.sock.sendall((HEADER.pack(vu.SET_FEATURES, FLAG_VERSION, 8) + bytes(8))[:(5, 12, 16)[n]])
            other.work()
            # New connections and their messages, on other sockets.
            serves(env, 'small')
            other.guest.front.sync()
        serves(env)
    finally:
        other.close()


@hostile('messages that come in pieces')
def pieces(env):
    """A byte at a time is legal for a stream; it is understood or hung up on, and stops nobody."""
    with front(env) as f:
        f.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        with contextlib.suppress(*REFUSED):
            for byte in HEADER.pack(vu.GET_FEATURES, FLAG_VERSION, 0):
                f.sock.sendall(bytes([byte]))
            equal(f.receive().request, vu.GET_FEATURES, 'reply')


@hostile('many messages in one piece')
def pipelined(env):
    """A burst without waiting for replies."""
    with front(env) as f:
        n = 200
        f.sock.sendall(HEADER.pack(vu.GET_FEATURES, FLAG_VERSION, 0) * n)
        for _ in range(n):
            equal(f.receive().request, vu.GET_FEATURES, 'reply')


@hostile('replies that nobody reads')
def unread(env):
    """The back end's end of the socket fills up."""
    with front(env) as f:
        f.sock.settimeout(0.3)
        with contextlib.suppress(OSError):
            for _ in range(20000):
                f.sock.sendall(HEADER.pack(vu.GET_FEATURES, FLAG_VERSION, 0))
        start = time.monotonic()
        friend = Friend(env, 'small')
        friend.close()
        check(time.monotonic() - start < 5, 'another guest\'s start took %.1f s' % (time.monotonic() - start))


@hostile('messages of the wrong size', rounds=2)
def wrong_sizes(env):
    for request in list(range(0, 45)) + [100, 255, 256, 0x7fffffff, 0xffffffff]:
        for size in (0, 1, 7, 8, 12, 40, 264, 400):
            with front(env) as f:
                with contextlib.suppress(*REFUSED):
                    f.send(request, bytes([0x41]) * size)
                drain(f)


@hostile('messages with wrong flags')
def wrong_flags(env):
    for flags in (0, 2, 3, FLAG_VERSION | FLAG_REPLY, FLAG_VERSION | FLAG_NEED_REPLY, 0xfffffff1, 0xffffffff):
        for request in (vu.GET_FEATURES, vu.SET_OWNER, vu.SET_FEATURES):
            with front(env) as f:
                with contextlib.suppress(*REFUSED):
                    f.send(request, bytes(8) if request == vu.SET_FEATURES else b'', flags=flags)
                drain(f)


@hostile('files where none belong')
def stray_files(env):
    """They are closed."""
    for request in range(1, 42):
        with front(env) as f:
            fds = [os.memfd_create('stray') for _ in range(8)]
            with contextlib.suppress(*REFUSED):
                f.send(request, bytes(40), fds)
            drain(f)
            for fd in fds:
                os.close(fd)


@hostile('more files than a message may carry')
def many_files(env):
    for n in (9, 16, 64, 200):
        with front(env) as f:
            fds = [os.memfd_create('many') for _ in range(n)]
            with contextlib.suppress(*REFUSED):
                f.send(vu.SET_MEM_TABLE, bytes(8 + 32 * 8), fds)
            drain(f)
            for fd in fds:
                os.close(fd)


def odd_files():
    """(what, a function that opens one)"""
    def pipe(end):
        fds = os.pipe()
        os.close(fds[1 - end])
        return fds[end]

    def pair():
        a, b = socket.socketpair()
        b.close()
        return a.detach()

    def sealed():
        import fcntl
        fd = os.memfd_create('sealed', os.MFD_ALLOW_SEALING)
        os.ftruncate(fd, 1 << 22)
        fcntl.fcntl(fd, fcntl.F_ADD_SEALS, fcntl.F_SEAL_WRITE)
        return fd

    def small():
        fd = os.memfd_create('small')
        os.ftruncate(fd, 100)
        return fd

    def directory():
        return os.open('/', os.O_RDONLY)

    def read_only():
        return os.open('/proc/self/exe', os.O_RDONLY)

    return (('a pipe to read', lambda: pipe(0)), ('a pipe to write', lambda: pipe(1)), ('a dead socket', pair),
            ('a sealed file', sealed), ('a short file', small), ('a folder', directory),
            ('a read-only file', read_only), ('/dev/null', lambda: os.open('/dev/null', os.O_RDWR)),
            ('/dev/zero', lambda: os.open('/dev/zero', os.O_RDWR)), ('an event', vu.eventfd))


def negotiated(f):
    f.ask(vu.GET_FEATURES)
    f.ask(vu.GET_PROTOCOL_FEATURES)
    bits = 1 << vu.P_MQ | 1 << vu.P_REPLY_ACK | 1 << vu.P_CONFIG | 1 << vu.P_INFLIGHT_SHMFD | 1 << vu.P_LOG_SHMFD
    f.tell(vu.SET_PROTOCOL_FEATURES, struct.pack('<Q', bits))
    f.tell(vu.SET_OWNER)
    f.tell(vu.SET_FEATURES, struct.pack('<Q', 1 << 32 | 1 << 30))


@hostile('strange files for memory')
def odd_memory(env):
    for what, make in odd_files():
        with front(env) as f:
            negotiated(f)
            fd = make()
            with contextlib.suppress(*REFUSED):
                f.send(vu.SET_MEM_TABLE, struct.pack('<IIQQQQ', 1, 0, 0x10000, 1 << 20, 0x7f0000000000, 0), [fd])
            drain(f)
            os.close(fd)


@hostile('strange files for kicks and calls, {0}', ('kick', vu.SET_VRING_KICK), ('call', vu.SET_VRING_CALL),
         ('error', vu.SET_VRING_ERR))
def odd_events(env, _, message):
    """On a queue that otherwise runs."""
    for what, make in odd_files():
        with contextlib.suppress(*REFUSED):
            with Guest(env.path()) as g:
                fd = make()
                try:
                    for i in (0, 3):
                        g.front.send(message, struct.pack('<Q', i), [fd])
                        drain(g.front)
                    work = Work(g) if message != vu.SET_VRING_KICK else None
                    if work:
                        for q in g.queues:
                            q.ring.want_calls(True)
                        request, _ = work.any()
                        g.run(request)
                finally:
                    os.close(fd)


@hostile('kicks that are gone')
def no_kick(env):
    """VRING_NOFD: the device would have to poll; others are served."""
    with Guest(env.path()) as g:
        for i in g.index:
            with contextlib.suppress(*REFUSED):
                g.front.send(vu.SET_VRING_KICK, struct.pack('<Q', i | vu.VRING_NOFD))
        drain(g.front)


def bad_tables():
    page = 4096
    size = 1 << 20

    def regions(*r):
        return struct.pack('<II', len(r), 0) + b''.join(struct.pack('<QQQQ', *x) for x in r)
    good = (0x10000, size, 0x7f0000000000, 0)
    yield 'no region', regions(), 0
    yield 'more regions than files', regions(good, (1 << 32, size, 1 << 40, 0)), 1
    yield 'fewer regions than files', regions(good), 2
    yield 'a count that lies', struct.pack('<II', 8, 0) + regions(good)[8:], 1
    yield 'a count that is huge', struct.pack('<II', 0xffffffff, 0) + regions(good)[8:], 1
    yield 'size 0', regions((0x10000, 0, 0x7f0000000000, 0)), 1
    yield 'size beyond the file', regions((0x10000, size * 2, 0x7f0000000000, 0)), 1
    yield 'size of everything', regions((0, 2**64 - 1, 0, 0)), 1
    yield 'an offset beyond the file', regions((0x10000, size, 0x7f0000000000, size)), 1
    yield 'an offset that wraps', regions((0x10000, size, 0x7f0000000000, 2**64 - page)), 1
    yield 'an odd offset', regions((0x10000, size - page, 0x7f0000000000, 123)), 1
    yield 'guest addresses that wrap', regions((2**64 - page, size, 0x7f0000000000, 0)), 1
    yield 'front-end addresses that wrap', regions((0x10000, size, 2**64 - page, 0)), 1
    yield 'the same region twice', regions(good, good), 2
    yield 'regions that overlap', regions(good, (0x10800, size, 0x7f0000000800, 0)), 2


@hostile('memory tables that make no sense, {0}', *[(what, n) for n, (what, _, _) in enumerate(bad_tables())],
         rounds=2)
def bad_memory(env, what, n):
    """First of all, and in the place of one that was good."""
    _, payload, files = list(bad_tables())[n]
    fds = [os.memfd_create('table') for _ in range(files)]
    for fd in fds:
        os.ftruncate(fd, 1 << 20)
    try:
        with front(env) as f:
            negotiated(f)
            with contextlib.suppress(*REFUSED):
                f.send(vu.SET_MEM_TABLE, payload, fds)
            drain(f)
        with Guest(env.path()) as g:
            work = Work(g)
            with contextlib.suppress(*REFUSED):
                g.front.send(vu.SET_MEM_TABLE, payload, fds)
            request, _ = work.any()
            g.data().ring.add([(g.mem.regions[1].gpa, 64, False)])
            g.data().submit()
            drain(g.front)
    finally:
        for fd in fds:
            os.close(fd)


@hostile('queues that make no sense', rounds=2)
def bad_queues(env):
    word = struct.Struct('<II')
    mem = GuestMemory()
    try:
        base = mem.uva(mem.regions[0].gpa)
        end = base + mem.regions[0].size
        addresses = [(0, 0, 0), (base + 1, base + 4096, base + 8192), (base, base + 4097, base + 8192),
                     (base, base + 4096, base + 8193), (end - 16, end - 16, end - 16), (end, end, end),
                     (2**64 - 16, 2**64 - 16, 2**64 - 16), (base, base, base), (0x1234, 0x1234, 0x1234)]
        messages = [(vu.SET_VRING_NUM, word.pack(i, n)) for i in (0, 3, 4, 200, 255, 256, 0xffffffff)
                    for n in (0, 1, 3, 255, 32768, 65536, 0xffffffff)]
        messages += [(vu.SET_VRING_BASE, word.pack(i, n)) for i in (0, 3, 255, 0xffffffff)
                     for n in (0, 0x8000, 0xffff, 0x10000, 0xffffffff)]
        messages += [(vu.SET_VRING_ENABLE, word.pack(i, n)) for i in (0, 3, 200, 256, 0xffffffff) for n in (0, 1, 7)]
        messages += [(vu.SET_VRING_ADDR, struct.pack('<IIQQQQ', i, flags, *a, 0)) for a in addresses
                     for i in (0, 255, 0xffffffff) for flags in (0, 0xffffffff)]
        messages += [(vu.GET_VRING_BASE, word.pack(i, 0)) for i in (0, 3, 200, 256, 0xffffffff)]
        for request, payload in messages:
            with front(env) as f:
                with contextlib.suppress(*REFUSED):
                    negotiated(f)
                    f.tell(vu.SET_MEM_TABLE, mem.table(), mem.fds())
                    f.send(request, payload)
                drain(f)
    finally:
        mem.close()


@hostile('a running queue that is set up anew as nonsense', rounds=2)
def bad_running_queue(env):
    with Guest(env.path()) as g:
        region = g.mem.regions[0]
        nonsense = [(vu.SET_VRING_NUM, struct.pack('<II', 0, 32768)),
                    (vu.SET_VRING_NUM, struct.pack('<II', 0, 7)),
                    (vu.SET_VRING_BASE, struct.pack('<II', 0, 0xffff)),
                    (vu.SET_VRING_ADDR, struct.pack('<IIQQQQ', 0, 0, region.uva + region.size - 16,
                                                    region.uva + region.size - 4, region.uva + region.size - 2, 0)),
                    (vu.SET_VRING_ADDR, struct.pack('<IIQQQQ', 0, 0, 0, 0, 0, 0))]
    for request, payload in nonsense:
        with Guest(env.path()) as g:
            work = Work(g)
            with contextlib.suppress(*REFUSED):
                g.front.send(request, payload)
            request, _ = work.any()
            g.data().ring.add([(g.mem.regions[1].gpa, 64, False)])
            g.data().submit()
            if drain(g.front):
                with contextlib.suppress(*REFUSED):
                    g.front.vring(vu.SET_VRING_ENABLE, 0, 0)
                    g.front.vring(vu.SET_VRING_ENABLE, 0, 1)


@hostile('messages in the wrong order')
def wrong_order(env):
    """Each message of a start, first of all."""
    kick = vu.eventfd()
    try:
        for request, payload, fds in (
                (vu.SET_VRING_KICK, struct.pack('<Q', 0), [kick]), (vu.SET_VRING_CALL, struct.pack('<Q', 0), [kick]),
                (vu.SET_VRING_ENABLE, struct.pack('<II', 0, 1), []),
                (vu.GET_VRING_BASE, struct.pack('<II', 0, 0), []),
                (vu.SET_VRING_NUM, struct.pack('<II', 0, 256), []),
                (vu.SET_VRING_ADDR, struct.pack('<IIQQQQ', 0, 0, 1 << 20, 1 << 21, 1 << 22, 0), []),
                (vu.SET_STATUS, struct.pack('<Q', 15), []), (vu.GET_STATUS, b'', []),
                (vu.RESET_OWNER, b'', []), (vu.SET_OWNER, b'', []),
                (vu.GET_CONFIG, struct.pack('<III', 0, 56, 0) + bytes(56), [])):
            with front(env) as f:
                with contextlib.suppress(*REFUSED):
                    f.send(request, payload, fds)
                drain(f)
                # Twice does not make it better.
                with contextlib.suppress(*REFUSED):
                    f.send(request, payload, fds)
                drain(f)
    finally:
        os.close(kick)


@hostile('features that were not offered')
def unknown_features(env):
    for value in (0, 1, 2**64 - 1, 1 << 63, 1 << 1, 1 << 32 | 1 << 1, 1 << 32 | 1 << 41):
        with front(env) as f:
            f.ask(vu.GET_FEATURES)
            with contextlib.suppress(*REFUSED):
                f.send(vu.SET_FEATURES, struct.pack('<Q', value))
            drain(f)
        with front(env) as f:
            f.ask(vu.GET_FEATURES)
            with contextlib.suppress(*REFUSED):
                f.send(vu.SET_PROTOCOL_FEATURES, struct.pack('<Q', value))
            drain(f)


@hostile('features that change while queues run')
def changed_features(env):
    for change in (1 << 34, 1 << 29, 1 << 28, 1 << 0, 1 << 35, 2**64 - 1):
        with Guest(env.path()) as g:
            work = Work(g)
            with contextlib.suppress(*REFUSED):
                g.front.send(vu.SET_FEATURES, struct.pack('<Q', g.features ^ change))
            request, _ = work.any()
            g.data().ring.add([(g.mem.regions[1].gpa, 64, False)])
            g.data().submit()
            drain(g.front)


@hostile('configuration space beyond its end')
def config_beyond(env):
    for offset, size in ((0, 0), (56, 4), (250, 16), (0, 256), (0, 257), (0xffffffff, 4), (4, 0xffffffff),
                         (0x80000000, 0x80000000)):
        with front(env) as f:
            with contextlib.suppress(*REFUSED):
                f.send(vu.GET_CONFIG, struct.pack('<III', offset, size, 0) + bytes(min(size, 256)))
                m = f.receive()
                check(len(m.payload) <= 12 + 256, 'GET_CONFIG gives %d bytes' % len(m.payload))
            drain(f)


@hostile('session messages of the protocol')
def session_messages(env):
    """Sessions of this device are made on the control queue."""
    for request in (vu.CREATE_CRYPTO_SESSION, vu.CLOSE_CRYPTO_SESSION):
        for size in (8, 632, 1072):
            with front(env) as f:
                with contextlib.suppress(*REFUSED):
                    f.send(request, bytes([0x42]) * size)
                drain(f)


@hostile('areas of requests in flight that make no sense')
def bad_inflight(env):
    for queues, size in ((0, 0), (1, 0), (0, 64), (4, 64), (65535, 65535), (4, 65535), (200, 64), (4, 3)):
        with front(env) as f:
            with contextlib.suppress(*REFUSED):
                negotiated(f)
                f.send(vu.GET_INFLIGHT_FD, struct.pack('<QQHHI', 0, 0, queues, size, 0))
            drain(f)
    for length, offset, queues, size in ((0, 0, 4, 64), (4096, 0, 4, 32768), (1 << 20, 1 << 20, 4, 64),
                                         (2**64 - 1, 0, 4, 64), (4096, 2**64 - 4096, 4, 64), (1 << 16, 1, 4, 64),
                                         (1 << 16, 0, 65535, 65535)):
        fd = os.memfd_create('inflight')
        os.ftruncate(fd, 1 << 16)
        with front(env) as f:
            with contextlib.suppress(*REFUSED):
                negotiated(f)
                f.send(vu.SET_INFLIGHT_FD, struct.pack('<QQHHI', length, offset, queues, size, 0), [fd])
            drain(f)
        os.close(fd)


@hostile('logs that make no sense')
def bad_log(env):
    for length, offset, real in ((0, 0, 4096), (1 << 40, 0, 4096), (4096, 1 << 40, 4096), (2**64 - 1, 1, 4096),
                                 (4096, 0, 0), (16, 0, 4096)):
        fd = os.memfd_create('log')
        os.ftruncate(fd, real)
        for what in ('first', 'running'):
            with contextlib.ExitStack() as stack:
                if what == 'first':
                    f = stack.enter_context(front(env))
                    negotiated(f)
                else:
                    g = stack.enter_context(LogGuest(env.path()))
                    f = g.front
                with contextlib.suppress(*REFUSED):
                    f.send(vu.SET_LOG_BASE, struct.pack('<QQ', length, offset), [fd])
                if what == 'running':
                    with contextlib.suppress(*REFUSED):
                        g.data().ring.add([(g.mem.regions[1].gpa, 64, False), (g.mem.regions[1].gpa + 64, 64, True)])
                        g.data().submit()
                drain(f)
        os.close(fd)


class LogGuest(Guest):
    def negotiate(self, want):
        super().negotiate(want | {26})
        bits = self.front.protocol | 1 << vu.P_LOG_SHMFD
        self.front.tell(vu.SET_PROTOCOL_FEATURES, struct.pack('<Q', bits))
        self.front.protocol = bits


@hostile('a log that is cut off under load')
def truncated_log(env):
    fd = os.memfd_create('log')
    size = 1 << 20
    os.ftruncate(fd, size)
    try:
        with LogGuest(env.path()) as g:
            with contextlib.suppress(*REFUSED):
                g.front.send(vu.SET_LOG_BASE, struct.pack('<QQ', size, 0), [fd])
                g.front.receive()
            work = Work(g)
            os.ftruncate(fd, 0)
            for _ in range(20):
                request, _ = work.any()
                g.data().ring.add([(g.mem.regions[1].gpa, 64, False), (g.mem.regions[1].gpa + 64, 64, True)])
            g.data().submit()
            friend = Friend(env, 'small')
            friend.close()
    finally:
        os.close(fd)


@hostile('many connections at once', rounds=2)
def many_connections(env):
    """More than a socket serves: they wait or are refused, and go."""
    with Guest(env.path()) as g:
        work = Work(g)
        crowd = []
        try:
            for _ in range(100):
                s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                s.setblocking(False)
                crowd.append(s)
                with contextlib.suppress(OSError):
                    s.connect(env.path())
            for s in crowd:
                with contextlib.suppress(OSError):
                    s.send(HEADER.pack(vu.GET_FEATURES, FLAG_VERSION, 0))
            for _ in range(5):
                request, want = work.any()
                result = g.run(request)
                equal(result['status'], wire.OK, 'status for the one that is served')
        finally:
            for s in crowd:
                s.close()


@hostile('connections that come and go', rounds=2)
def coming_and_going(env):
    for _ in range(100):
        with contextlib.suppress(OSError):
            with front(env):
                pass


@hostile('messages at random {0}', *[(n,) for n in range(4)], rounds=1)
def random_messages(env, seed):
    rng = random.Random(seed)
    mem = GuestMemory(data_size=1 << 20)
    kick = vu.eventfd()
    try:
        for _ in range(60):
            with front(env) as f, contextlib.suppress(*REFUSED):
                if rng.random() < 0.7:
                    negotiated(f)
                if rng.random() < 0.7:
                    f.send(vu.SET_MEM_TABLE, mem.table(), mem.fds())
                for _ in range(rng.randrange(12)):
                    random_message(f, rng, mem, kick)
                drain(f)
    finally:
        mem.close()
        os.close(kick)


def random_message(f, rng, mem, kick):
    number = lambda: rng.choice((0, 1, 2, 3, 4, 16, 255, 256, 0x8000, 0xffff, 0xffffffff, rng.getrandbits(32)))  # noqa
    address = lambda: rng.choice((0, mem.regions[0].uva, mem.regions[0].uva + rng.randrange(1 << 20),  # noqa: E731
                                  mem.regions[1].uva, rng.getrandbits(64)))
    request = rng.choice([r for r in range(1, 41) if r not in (vu.SET_LOG_FD,)])
    payload = rng.choice((
        lambda: b'', lambda: struct.pack('<II', number() % 5, number()), lambda: struct.pack('<Q', rng.getrandbits(64)),
        lambda: struct.pack('<Q', rng.randrange(6) | rng.choice((0, vu.VRING_NOFD))),
        lambda: struct.pack('<IIQQQQ', rng.randrange(5), 0, address(), address(), address(), 0),
        lambda: mem.table(mem.regions[:rng.randrange(8)]),
        lambda: rng.randbytes(rng.randrange(300))))()
    fds = rng.choice(([], [], [kick], mem.fds(), [mem.regions[0].fd]))
    f.send(request, payload, fds, rng.choice((FLAG_VERSION, FLAG_VERSION, FLAG_VERSION | FLAG_NEED_REPLY)))
