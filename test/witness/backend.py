# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The virtio-crypto stack authors
#
# The back end under test as a process: started, watched, ended. Also the environment that cases get.

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

import vhost_user as vu
from cases import Skip

HERE = os.path.dirname(os.path.abspath(__file__))
SELF = 'self'  # stands for the witness' own device

# Sockets of the back end that all cases share.
SOCKETS = {
    'main': 'queues=3,in_order=1',
    'other': 'queues=1',
    'small': 'queues=1,sessions=16',
}


def cpus():
    return sorted(os.sched_getaffinity(0))


class Process:
    """One program, with its log."""

    def __init__(self, command, log, env=None):
        self.log = log
        self.command = command
        with open(log, 'ab') as f:
            f.write(('$ %s\n' % ' '.join(command)).encode())
            f.flush()
            self.p = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=f, stderr=subprocess.STDOUT,
                                      env=env)
        self.pid = self.p.pid

    def alive(self):
        return self.p.poll() is None

    def ended(self):
        """How it ended, in words."""
        rc = self.p.poll()
        if rc is None:
            return 'is running'
        return 'was killed by %s' % signal.Signals(-rc).name if rc < 0 else 'ended with status %d' % rc

    def stop(self, timeout=None):
        """SIGTERM, then SIGKILL; the exit status."""
        if self.alive():
            self.p.terminate()
            try:
                self.p.wait(timeout or vu.TIMEOUT)
            except subprocess.TimeoutExpired:
                self.p.kill()
                self.p.wait()
        return self.p.returncode

    def kill(self):
        if self.alive():
            self.p.kill()
        self.p.wait()

    def fds(self):
        return len(os.listdir('/proc/%d/fd' % self.pid))

    def rss(self):
        """KiB of memory that is nobody else's: what guests share is not the program's."""
        with open('/proc/%d/status' % self.pid) as f:
            for line in f:
                if line.startswith('RssAnon:'):
                    return int(line.split()[1])
        return 0

    def log_size(self):
        return os.path.getsize(self.log)

    def log_tail(self, start=0, lines=6):
        with open(self.log, errors='replace') as f:
            f.seek(start)
            return [line.rstrip() for line in f.readlines()][-lines:]


def accepts(path):
    """Whether somebody listens; the connection is closed at once."""
    s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        s.connect(path)
        return True
    except OSError:
        return False
    finally:
        s.close()


class Backend:
    """A back end with some sockets: dpdk-vhost-crypto, or the witness' own device on each."""

    def __init__(self, program, folder, sockets, options=(), eal=(), lcores=2):
        self.program = program
        self.paths = {name: os.path.join(folder, name + '.sock') for name in sockets}
        self.log = os.path.join(folder, 'backend.log')
        self.processes = []
        if program == SELF:
            for name, keys in sockets.items():
                queues = dict(k.split('=') for k in keys.split(',')).get('queues', '1')
                self.processes.append(Process(
                    [sys.executable, os.path.join(HERE, 'device.py'), '--socket', self.paths[name],
                     '--queues', queues, '--published'], self.log))
        else:
            have = cpus()
            cores = ','.join('%d@%d' % (i, have[i % len(have)]) for i in range(lcores))
            command = [program, '--no-huge', '-m', '256', '--no-pci', '--no-shconf', '--no-telemetry',
                       '--file-prefix', os.path.basename(folder), '--lcores', cores, *eal, '--']
            for name, keys in sockets.items():
                command += ['--socket', self.paths[name] + (',' + keys if keys else '')]
            self.processes.append(Process(command + list(options), self.log))
        try:
            for path in self.paths.values():
                vu.wait_for(lambda: accepts(path) or not self.alive(), 'the back end\'s socket')
            if not self.alive():
                raise OSError('the back end %s: %s' % (self.ended(), ' | '.join(self.processes[0].log_tail())))
        except BaseException:
            self.stop()
            raise

    def alive(self):
        return all(p.alive() for p in self.processes)

    def ended(self):
        return '; '.join(p.ended() for p in self.processes if not p.alive())

    @property
    def process(self):
        return self.processes[0]

    def stop(self):
        return [p.stop() for p in self.processes]


class Environment:
    """What a case may ask for."""

    def __init__(self, program, options, pmd=None, app=None, keep=False, asan=False):
        self.program = program
        self.options = options
        self.pmd = pmd
        self.app = app
        self.keep = keep
        self.asan = asan
        self.root = tempfile.mkdtemp(prefix='witness-')
        self.shared = None
        self.count = 0
        self.mark = 0

    def folder(self):
        self.count += 1
        path = os.path.join(self.root, 'w%d-%d' % (os.getpid(), self.count))
        os.mkdir(path)
        return path

    def close(self):
        if self.shared:
            self.shared.stop()
            self.shared = None
        if self.keep:
            print('# logs are in ' + self.root)
        else:
            shutil.rmtree(self.root, ignore_errors=True)

    @property
    def is_self(self):
        return self.program == SELF

    def need_backend(self):
        if not self.program:
            raise Skip('no --backend is given')

    def backend(self):
        """The shared one; started again if the last case has ended it."""
        self.need_backend()
        if self.shared is None:
            self.shared = Backend(self.program, self.folder(), SOCKETS, self.options)
        return self.shared

    def own_backend(self, sockets, options=None, eal=(), lcores=2):
        """One of the case's own, to be stopped by it."""
        self.need_backend()
        return Backend(self.program, self.folder(), sockets, self.options if options is None else options, eal,
                       lcores)

    def path(self, name='main'):
        return self.backend().paths[name]

    def before(self, case):
        self.mark = self.shared.process.log_size() if self.shared else 0

    def after(self, failed):
        """What a case has left behind: text, or None. After a failure the next gets a new back end."""
        if self.shared is None or self.shared.alive() and not failed:
            return None
        shared, self.shared = self.shared, None
        died = None if shared.alive() else 'the back end %s (%s)' % (shared.ended(), ' | '.join(
            shared.process.log_tail(self.mark, 30 if self.asan else 3)))
        for p in shared.processes:
            p.kill()
        return died
