# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The virtio-crypto stack authors
#
# What holds after every hostile case: the back end lives, a guest on another socket has been served
# all along, a new one on the same socket is served, and neither files nor memory nor log have grown.

import os

import reference
import vhost_user as vu
import wire
from cases import case, check, equal
from guest import Guest

# Memory of a process settles after a few rounds; what leaks goes on growing.
ROUNDS = 4
RSS_KIB = 4096
LOG_BYTES = 48 << 10  # for a round; librte_vhost says a few lines for each message of a connection


class Friend:
    """A guest that does no harm, and gets what it asks for."""

    def __init__(self, env, socket, **kw):
        self.guest = Guest(env.path(socket), queues=None, seed=77, **kw)
        g = self.guest
        try:
            self.key = g.rng.randbytes(16)
            self.session = g.create(wire.create_cipher(3, self.key, True, g.revision_1))
            self.work()
        except BaseException:
            g.close()
            raise

    def work(self, rounds=3):
        g = self.guest
        for n in range(rounds):
            iv, src = g.rng.randbytes(16), g.rng.randbytes(160)
            queue = g.data(n % g.nb_data)
            result = g.good(g.session_mode.cipher(self.session, 3, True, iv, src), queue,
                            what='another guest\'s request')
            equal(result['dst'], reference.cipher(3, self.key, iv, src, True), 'another guest\'s result')
        session = g.create(wire.create_hash(4, 32, g.revision_1))
        equal(g.destroy(wire.HASH, session), wire.OK, 'another guest\'s destroy')

    def close(self):
        self.guest.close()


def serves(env, socket='main', **kw):
    """A new guest is served."""
    friend = Friend(env, socket, **kw)
    friend.close()


class Watch:
    """Files, memory, log of the back end; compared when nothing of a case is left."""

    def __init__(self, env):
        self.env = env
        self.process = env.backend().process
        self.files = self.process.fds()
        self.rss = self.process.rss()
        self.log = self.process.log_size()

    def settled(self):
        """No more files than at the start: connections are closed a moment after they are hung up."""
        check(self.process.alive(), 'the back end %s' % self.process.ended())
        vu.wait_for(lambda: not self.process.alive() or self.process.fds() <= self.files,
                    'the end of connections (%d files at first, %d now: %s)' % (
                        self.files, self.process.fds(), self.names()))

    def names(self):
        folder = '/proc/%d/fd' % self.process.pid
        kinds = {}
        for fd in os.listdir(folder):
            try:
                name = os.readlink(os.path.join(folder, fd)).split(':')[0]
            except OSError:
                continue
            kinds[name] = kinds.get(name, 0) + 1
        return kinds

    def compare(self, rounds):
        self.settled()
        grown = self.process.rss() - self.rss
        # A sanitizer keeps what was freed.
        check(self.env.asan or grown < RSS_KIB, 'memory grew by %d KiB in %d rounds' % (grown, rounds))
        said = self.process.log_size() - self.log
        check(said < LOG_BYTES * rounds, 'the log grew by %d bytes in %d rounds' % (said, rounds))


def hostile(name, *params, rounds=ROUNDS):
    """
    A case attack(env, ...), which leaves nothing open. It is run some times, so that what it leaks
    adds up; the first time is not counted, as memory is taken once and kept for the next.
    """
    def register(attack):
        def run(env, *p):
            env.backend()
            friend = Friend(env, 'other')
            try:
                attack(env, *p)
                friend.work()
                serves(env)
                watch = Watch(env)
                for _ in range(rounds):
                    attack(env, *p)
                    friend.work()
                    serves(env)
                watch.compare(rounds)
            finally:
                friend.close()
        run.__module__ = attack.__module__
        case(name, *params)(run)
        return attack
    return register
