# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The virtio-crypto stack authors
#
# A DPDK program as a process, watched through its telemetry socket, with packets that come from and
# go to files. Also the environment that cases get.

import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

from cases import Skip

WAIT_S = 60
PCAP_MAGIC = 0xa1b2c3d4
LINKTYPE_ETHERNET = 1


def write_pcap(path, frames):
    with open(path, 'wb') as f:
        f.write(struct.pack('<IHHiIII', PCAP_MAGIC, 2, 4, 0, 0, 65535, LINKTYPE_ETHERNET))
        for frame in frames:
            f.write(struct.pack('<IIII', 0, 0, len(frame), len(frame)) + frame)


def read_pcap(path):
    """Frames of a file in this machine's byte order, with micro- or nanoseconds."""
    with open(path, 'rb') as f:
        data = f.read()
    frames, at = [], 24
    while at < len(data):
        caught, length = struct.unpack_from('=II', data, at + 8)
        if caught != length:
            raise AssertionError('%s: a frame of %d bytes is cut to %d' % (path, length, caught))
        frames.append(data[at + 16:at + 16 + caught])
        at += 16 + caught
    return frames


class Telemetry:
    """Questions to the socket that EAL makes."""

    def __init__(self, path):
        self.s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            self.s.settimeout(WAIT_S)
            self.s.connect(path)
            self.s.recv(1024)  # who answers
        except BaseException:
            self.s.close()
            raise

    def ask(self, question):
        self.s.send(question.encode())
        answer = json.loads(self.s.recv(65536))
        return answer.get(question.split(',')[0]) or {}

    def close(self):
        self.s.close()


class Program:
    """One program with our driver on lcores that share a processor."""

    def __init__(self, env, path, devices, arguments, memory=256, lcores=1, vdevs=()):
        self.env = env
        self.name = os.path.basename(path)
        self.number = env.count()
        self.telemetry = None
        prefix = 'p%d' % self.number
        cmd = ['stdbuf', '-oL', path, '--no-huge', '-m', str(memory), '--no-pci', '--no-shconf',
               '--file-prefix', prefix, '--lcores',
               ','.join('%d@%d' % (i, env.cpus[0]) for i in range(lcores)), '-d', env.plugin]
        for vdev in vdevs:
            cmd += ['--vdev', vdev]
        for i, device in enumerate(devices):
            cmd += ['--vdev', 'crypto_virtio_user%d,%s' % (i, device)]
        self.log_path = env.file('%d.%s.log' % (self.number, self.name))
        # Everything of EAL's goes with the folder.
        self.socket = os.path.join(env.folder, 'dpdk', prefix, 'dpdk_telemetry.v2')
        with open(self.log_path, 'w') as log:
            self.p = subprocess.Popen(
                cmd + ['--'] + arguments, stdin=subprocess.DEVNULL, stdout=log,
                stderr=subprocess.STDOUT, env=dict(os.environ, RUNTIME_DIRECTORY=env.folder))
        env.running.append(self)

    def ended(self, what='its start', seconds=WAIT_S):
        """What it has said, once it has ended well."""
        try:
            status = self.p.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError('%s still runs %d s after %s' % (self.name, seconds, what))
        if status != 0:
            raise AssertionError('%s ends with status %d' % (self.name, status))
        return self.log()

    def wait_for(self, what, condition):
        """Until condition() is true; fails if the program ends."""
        end = time.monotonic() + WAIT_S
        while True:
            value = condition()
            if value:
                return value
            if self.p.poll() is not None:
                raise AssertionError('%s ends with status %d' % (self.name, self.p.returncode))
            if time.monotonic() > end:
                raise AssertionError('%s: %s: not within %d s' % (
                    self.name, what() if callable(what) else what, WAIT_S))
            time.sleep(0.01)

    def ask(self, question):
        if self.telemetry is None:
            self.telemetry = self.wait_for('telemetry', self.connected)
        try:
            return self.telemetry.ask(question)
        except (OSError, ValueError):
            # Nobody answers: the program has ended, or is about to.
            self.wait_for('an answer', lambda: False)

    def connected(self):
        try:
            return Telemetry(self.socket)
        except OSError:
            return None

    def hang_up(self):
        if self.telemetry is not None:
            self.telemetry.close()
            self.telemetry = None

    def log(self):
        with open(self.log_path, errors='replace') as f:
            return f.read()


class Forwarder(Program):
    """A program with ports: port i receives ports[i], a list of frames, once."""

    def __init__(self, env, name, devices, ports, arguments, memory=256):
        stem = env.file(name + '%d.%s.pcap')
        vdevs = []
        self.tx = []
        for i, frames in enumerate(ports):
            write_pcap(stem % (i, 'rx'), frames)
            self.tx.append(stem % (i, 'tx'))
            vdevs.append('net_pcap%d,rx_pcap=%s,tx_pcap=%s' % (i, stem % (i, 'rx'), self.tx[i]))
        super().__init__(env, os.path.join(env.programs, name), devices, arguments, memory, vdevs=vdevs)

    def sent(self):
        """What each port has sent."""
        return [self.ask('/ethdev/stats,%d' % i).get('opackets', 0) for i in range(len(self.tx))]

    def wait_sent(self, wanted):
        self.wait_for(lambda: 'sends %s packets, wanted are %s' % (self.sent(), wanted),
                      lambda: all(s >= w for s, w in zip(self.sent(), wanted)))

    def counts(self, device):
        """Operations of a crypto device: taken, given back, and those of them that failed."""
        stats = self.ask('/cryptodev/stats,%d' % device)
        return (stats.get('enqueued_count'), stats.get('dequeued_count'), stats.get('dequeue_err_count'))

    def stop(self):
        """What each port has sent; the program ends by SIGINT, as by a user's hand."""
        self.hang_up()
        self.p.send_signal(signal.SIGINT)
        self.ended('SIGINT')
        return [read_pcap(path) for path in self.tx]


class Environment:
    def __init__(self, programs, sockets, plugin):
        self.programs = programs
        self.sockets = sockets
        self.plugin = plugin
        self.cpus = sorted(os.sched_getaffinity(0))
        self.folder = tempfile.mkdtemp(prefix='vcp')
        self.running = []
        self.n = 0

    def count(self):
        self.n += 1
        return self.n

    def file(self, name):
        return os.path.join(self.folder, name)

    def devices(self, first_packed=False):
        """Arguments of two devices, one with split rings, one with packed."""
        return ['path=%s,packed_vq=%d' % (path, first_packed ^ bool(i))
                for i, path in enumerate(self.sockets)]

    def before(self, case):
        if not os.path.isdir(self.programs):
            raise Skip("DPDK's examples are not built where another DPDK than Debian's is used")

    def after(self, failed):
        for p in self.running:
            p.hang_up()
            if p.p.poll() is None:
                p.p.kill()
                p.p.wait()
            if failed:
                for line in p.log().split('\n')[-20:]:
                    print('%s: %s' % (p.name, line.rstrip()))
        self.running = []
        sys.stdout.flush()
        for name in os.listdir(self.folder):
            path = self.file(name)
            if os.path.isdir(path):
                shutil.rmtree(path)
            else:
                os.unlink(path)
        return None

    def close(self):
        shutil.rmtree(self.folder)
