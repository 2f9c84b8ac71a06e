# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The virtio-crypto stack authors
#
# The back end as a program: its sockets' options, client mode, how it ends, and several guests at
# once. Each case has a back end of its own.

import multiprocessing
import os
import socket
import subprocess

import vhost_user as vu
import wire
from cases import Skip, case, check, equal
from guest import Guest, NotOffered
from test_rings import Work, burst, collect, right
from vhost_user import wait_for


def need_program(env):
    env.need_backend()
    if env.is_self:
        raise Skip('it is the witness\' device')


class Own:
    """A back end of this case."""

    def __init__(self, env, sockets, options=None, **kw):
        need_program(env)
        self.backend = env.own_backend(sockets, options, **kw)
        self.paths = self.backend.paths

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.backend.stop()


def works(g, rounds=20):
    work = Work(g)
    for n in range(rounds):
        request, want = work.any()
        right(g.run(request, g.data(n % g.nb_data)), want, 'request %d' % n)


@case('packed=0 and stateless=0')
def not_offered(env):
    with Own(env, {'plain': 'packed=0,stateless=0'}) as own:
        for wish in ({'packed': True}, {'stateless': True}):
            try:
                Guest(own.paths['plain'], **wish).close()
            except NotOffered:
                continue
            raise AssertionError('%s is offered' % wish)
        with Guest(own.paths['plain'], revision_1=True) as g:
            works(g)
            st = g.stateless_mode
            status = g.run(st.cipher(3, bytes(16), True, bytes(16), bytes(16)))['status']
            check(status in (wire.ERR, wire.NOTSUPP), 'a stateless request: status %d' % status)


@case('queues={0}', 1, 2, 8, 64)
def many_queues(env, n):
    with Own(env, {'q': 'queues=%d' % n}) as own, Guest(own.paths['q'], size=16) as g:
        equal(g.config.max_dataqueues, n, 'max_dataqueues')
        work = Work(g)
        for q in range(n):
            request, want = work.any()
            right(g.run(request, g.data(q)), want, 'request on queue %d' % q)


@case('max_outstanding={0}', 1, 3)
def max_outstanding(env, n):
    """It slows a guest down and loses nothing."""
    with Own(env, {'few': 'queues=2,max_outstanding=%d' % n}) as own, \
            Guest(own.paths['few'], size=128, event_idx=True) as g:
        work = Work(g)
        for lap in range(3):
            jobs = []
            mark = g.mem.mark()
            for q in range(2):
                made = [work.any() for _ in range(100)]
                jobs.append((g.data(q), made, burst(g, g.data(q), made)[1]))
            for queue, made, placed in jobs:
                collect(queue, placed)
                for p, (_, want) in zip(placed, made):
                    right(p.result(), want, 'request')
            g.mem.release(mark)


@case('a rate of {0}', ('operations', 'rate_ops=500'), ('bits', 'rate_bps=1M'))
def rate(env, _, option):
    """What comes too fast waits, and another socket's guest does not wait for it."""
    with Own(env, {'slow': option, 'fast': ''}) as own:
        with Guest(own.paths['slow'], size=1024) as slow, Guest(own.paths['fast']) as fast:
            work = Work(slow)
            # A second's worth may go at once; this is more.
            made = [work.cipher(160) for _ in range(1010)]
            start = vu.time.monotonic()
            placed = burst(slow, slow.data(), made)[1] if len(made) <= slow.size else []
            works(fast, 50)
            quick = vu.time.monotonic() - start
            collect(slow.data(), placed)
            took = vu.time.monotonic() - start
            for p, (_, want) in zip(placed, made):
                right(p.result(), want, 'request')
            check(took > 0.5, '1010 requests took %.2f s' % took)
            check(quick < took, 'another guest waits: %.2f of %.2f s' % (quick, took))


@case('client mode')
def client(env):
    """The back end connects, and again after the front end has gone."""
    need_program(env)
    folder = env.folder()
    path = os.path.join(folder, 'front.sock')
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(path)
    listener.listen(4)
    listener.settimeout(vu.TIMEOUT)
    original = vu.Frontend.__init__

    def accept(self, _):
        self.sock = listener.accept()[0]
        self.sock.settimeout(vu.TIMEOUT)
        self.protocol = 0
    have = vu.os.sched_getaffinity(0)
    log = os.path.join(folder, 'backend.log')
    with open(log, 'wb') as f:
        p = subprocess.Popen([env.program, '--no-huge', '-m', '256', '--no-pci', '--no-shconf', '--no-telemetry',
                              '--file-prefix', os.path.basename(folder), '--lcores',
                              '0@%d,1@%d' % (min(have), max(have)), '--', '--socket', path + ',server=0',
                              *env.options], stdin=subprocess.DEVNULL, stdout=f, stderr=subprocess.STDOUT)
    try:
        vu.Frontend.__init__ = accept
        for _ in range(3):
            with Guest(path) as g:
                works(g, 5)
    finally:
        vu.Frontend.__init__ = original
        p.terminate()
        try:
            p.wait(vu.TIMEOUT)
        except subprocess.TimeoutExpired:
            p.kill()
            p.wait()
        listener.close()
    equal(p.returncode, 0, 'exit status')
    check(os.path.exists(path), 'the front end\'s socket is removed by the back end')


@case('SIGTERM under load')
def sigterm(env):
    """What was taken is answered, the socket removed, the status 0."""
    with Own(env, {'end': 'queues=2'}) as own:
        with Guest(own.paths['end'], size=256) as g:
            work = Work(g)
            placed = {}
            for q in range(2):
                made = [work.cipher(1600) for _ in range(200)]
                placed[q] = made, burst(g, g.data(q), made)[1]
            own.backend.process.p.terminate()
            wait_for(lambda: not own.backend.alive(), 'the end of the back end')
            equal(own.backend.process.p.returncode, 0, 'exit status')
            check(not os.path.exists(own.paths['end']), 'the socket is still there')
            for q, (made, requests) in placed.items():
                while True:
                    used = g.data(q).ring.get()
                    if used is None:
                        break
                    right(requests[used.token].result(), made[used.token][1], 'what was answered')
                # What was not answered was not begun.
                for token, _, _ in g.data(q).ring.chains.values():
                    status = requests[token].result()['status']
                    equal(status, wire.UNTOUCHED, 'status of a request that is not answered')


@case('a socket that a killed back end left behind')
def stale_socket(env):
    with Own(env, {'stale': ''}) as own:
        path = own.paths['stale']
        own.backend.process.kill()
        check(os.path.exists(path), 'a killed program cannot remove its socket')
        folder = os.path.dirname(path)
        log = os.path.join(folder, 'second.log')
        with open(log, 'wb') as f:
            p = subprocess.Popen(own.backend.process.command, stdin=subprocess.DEVNULL, stdout=f,
                                 stderr=subprocess.STDOUT)
        try:
            def try_guest():
                if p.poll() is not None:
                    raise AssertionError('the second back end ends with status %d' % p.returncode)
                try:
                    return Guest(path)
                except OSError:
                    return None
            with wait_for(try_guest, 'the second back end') as g:
                works(g, 5)
        finally:
            p.terminate()
            p.wait()


@case('a socket that another back end serves')
def busy_socket(env):
    """The second one says so and ends; the first one goes on."""
    with Own(env, {'busy': ''}) as own, Guest(own.paths['busy']) as g:
        command = list(own.backend.process.command)
        at = command.index('--file-prefix') + 1
        command[at] += '-second'
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
        check(done.returncode != 0, 'two back ends on a socket')
        check(b'listens there' in done.stderr + done.stdout, 'the reason is not told')
        works(g, 5)


def child(path, seed, packed, laps, queue):
    """One of several guests, in a process of its own."""
    try:
        with Guest(path, seed=seed, packed=packed, event_idx=True, size=128) as g:
            work = Work(g)
            for _ in range(laps):
                mark = g.mem.mark()
                made = [work.any() for _ in range(100)]
                placed = burst(g, g.data(), made)[1]
                collect(g.data(), placed)
                for p, (_, want) in zip(placed, made):
                    right(p.result(), want, 'request')
                g.mem.release(mark)
                g.destroy(wire.HASH, g.create(wire.create_hash(4, 32)))
        queue.put(None)
    except Exception as e:
        queue.put('%s: %s' % (type(e).__name__, e))


@case('four guests at once')
def four_guests(env):
    names = ('a', 'b', 'c', 'd')
    with Own(env, {name: '' for name in names}) as own:
        context = multiprocessing.get_context('fork')
        said = context.Queue()
        guests = [context.Process(target=child, args=(own.paths[name], n, n % 2 == 1, 8, said))
                  for n, name in enumerate(names)]
        for p in guests:
            p.start()
        try:
            for _ in guests:
                trouble = said.get(timeout=3 * vu.TIMEOUT)
                check(trouble is None, trouble)
        finally:
            for p in guests:
                p.join(vu.TIMEOUT)
                if p.is_alive():
                    p.kill()
                    p.join()
        check(own.backend.alive(), 'the back end %s' % own.backend.ended())


@case('with one lcore for everything')
def one_lcore(env):
    with Own(env, {'one': 'queues=2'}, lcores=1) as own, Guest(own.paths['one'], event_idx=True) as g:
        works(g)


@case('arguments that make no sense')
def bad_arguments(env):
    """Each ends at once, with a line that names it."""
    need_program(env)
    folder = env.folder()
    path = os.path.join(folder, 'never')
    for words in (['--socket', ''], ['--socket', path + ',queues=0'], ['--socket', path + ',queues=65'],
                  ['--socket', path + ',quux=1'], ['--socket', path + ',rate_ops=-1'], ['--quux'], ['stray'], []):
        done = subprocess.run([env.program, '--no-huge', '-m', '64', '--no-pci', '--no-shconf', '--no-telemetry',
                               '--file-prefix', os.path.basename(folder), '--', *words],
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
        check(done.returncode not in (0, -6, -11), '%s: exit status %d' % (words, done.returncode))
        check(b'dpdk-vhost-crypto: ' in done.stderr, '%s: no line says what is wrong' % words)
