#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The virtio-crypto stack authors
#
# A virtio crypto device behind a vhost-user socket: device.py --socket PATH [options]
#
# One thread; it sleeps until a message, a kick or a connection comes. Each connection is a device of
# its own. Ends on SIGTERM, or with its standard input if --stdin is given.

import argparse
import os
import random
import selectors
import signal
import socket
import struct
import sys
import time

import device_lies
import vhost_user as vu
import wire
from device_crypto import CryptoDevice
from device_ring import DeviceMemory, PackedDevice, RingFault, SplitDevice
from virtqueue import F_EVENT_IDX, F_INDIRECT_DESC, F_RING_PACKED, F_VERSION_1

BURST = 64


class Vring:
    def __init__(self):
        self.size = self.base = 0
        self.addresses = None  # (desc, used, avail) as the front end has them
        self.kick = self.call = None
        self.enabled = False
        self.ring = None
        self.broken = False

    def close(self):
        for fd in (self.kick, self.call):
            if fd is not None:
                os.close(fd)
        self.kick = self.call = None


class Connection:
    def __init__(self, server, sock):
        self.server = server
        self.sock = sock
        self.device = CryptoDevice(queues=server.args.queues, published=server.args.published,
                                   revision_1=not server.args.no_revision_1)
        self.device.only_stateless = server.args.stateless
        self.vrings = [Vring() for _ in range(server.args.queues + 1)]
        self.mem = None
        self.protocol = 0
        self.features = 0
        self.status = 0
        self.rng = random.Random(1)

    def close(self):
        for v in self.vrings:
            self.unwatch(v)
            v.close()
        if self.mem:
            self.mem.close()
        self.sock.close()

    def complain(self):
        for complaint in self.device.complaints[:10]:
            print('device: queue: %s' % complaint, file=sys.stderr, flush=True)
        del self.device.complaints[:]

    # Messages.

    def message(self):
        m = vu.receive_message(self.sock)
        fds = list(m.fds)
        handler = self.HANDLERS.get(m.request)
        if handler is None or m.flags & 3 != vu.FLAG_VERSION:
            for fd in fds:
                os.close(fd)
            raise RingFault('message %d with flags %#x is not known' % (m.request, m.flags))
        reply = handler(self, m)
        if reply is not None:
            vu.send_message(self.sock, m.request, reply, flags=vu.FLAG_VERSION | vu.FLAG_REPLY)
        elif m.flags & vu.FLAG_NEED_REPLY and self.protocol >> vu.P_REPLY_ACK & 1:
            vu.send_message(self.sock, m.request, struct.pack('<Q', 0), flags=vu.FLAG_VERSION | vu.FLAG_REPLY)
        # Only what just came may have made queues ready.
        self.serve_all()

    def get_features(self, m):
        offered = self.device.offered() | self.server.features | 1 << vu.F_PROTOCOL_FEATURES
        return struct.pack('<Q', offered)

    def set_features(self, m):
        self.features = m.u64()
        self.device.features = self.features & self.device.offered()

    def get_protocol(self, m):
        bits = (vu.P_MQ, vu.P_REPLY_ACK, vu.P_CONFIG, vu.P_STATUS)
        return struct.pack('<Q', sum(1 << b for b in bits))

    def set_protocol(self, m):
        self.protocol = m.u64()

    def set_owner(self, m):
        pass

    def reset_owner(self, m):
        self.stop_all()
        self.device.reset()

    def queue_num(self, m):
        return struct.pack('<Q', len(self.vrings))

    def set_mem(self, m):
        self.stop_rings()
        if self.mem:
            self.mem.close()
        self.mem = DeviceMemory(m.payload, m.fds)

    def vring(self, index):
        if index >= len(self.vrings):
            raise RingFault('queue %d of %d' % (index, len(self.vrings)))
        return self.vrings[index]

    def state(self, m):
        index, value = struct.unpack('<II', m.payload[:8])
        return self.vring(index), value

    def set_num(self, m):
        v, v.size = self.state(m)

    def set_base(self, m):
        v, v.base = self.state(m)

    def get_base(self, m):
        v, _ = self.state(m)
        self.stop_ring(v)
        self.unwatch(v)
        v.close()
        v.enabled = False
        return m.payload[:4] + struct.pack('<I', v.base)

    def set_addr(self, m):
        index, _, desc, used, avail, _ = struct.unpack('<IIQQQQ', m.payload[:40])
        v = self.vring(index)
        self.stop_ring(v)
        v.addresses = (desc, used, avail)

    def vring_fd(self, m, name):
        value = m.u64()
        v = self.vring(value & 0xff)
        fd = None if value & vu.VRING_NOFD else m.fds[0]
        if name == 'kick':
            self.unwatch(v)
        if getattr(v, name, None) is not None:
            os.close(getattr(v, name))
        if name == 'kick' and fd is not None:
            os.set_blocking(fd, False)
        setattr(v, name, fd)
        if name == 'kick' and fd is not None:
            self.server.selector.register(fd, selectors.EVENT_READ, ('kick', self, v))
            # Without protocol features a queue runs from its kick on.
            if not self.features >> vu.F_PROTOCOL_FEATURES & 1:
                v.enabled = True

    def set_kick(self, m):
        self.vring_fd(m, 'kick')

    def set_call(self, m):
        self.vring_fd(m, 'call')

    def set_err(self, m):
        for fd in m.fds:
            os.close(fd)

    def set_enable(self, m):
        v, value = self.state(m)
        v.enabled = bool(value)

    def get_config(self, m):
        offset, size, _ = struct.unpack_from('<III', m.payload)
        data = self.device.config()[offset:offset + size].ljust(size, b'\0')
        return struct.pack('<III', offset, size, 0) + data

    def set_config(self, m):
        raise RingFault('the configuration space is read-only')

    def set_status(self, m):
        self.status = m.u64()
        if self.status == 0:
            self.stop_all()
            self.device.reset()

    def get_status(self, m):
        return struct.pack('<Q', self.status)

    HANDLERS = {
        vu.GET_FEATURES: get_features, vu.SET_FEATURES: set_features, vu.SET_OWNER: set_owner,
        vu.RESET_OWNER: reset_owner, vu.SET_MEM_TABLE: set_mem, vu.SET_VRING_NUM: set_num,
        vu.SET_VRING_ADDR: set_addr, vu.SET_VRING_BASE: set_base, vu.GET_VRING_BASE: get_base,
        vu.SET_VRING_KICK: set_kick, vu.SET_VRING_CALL: set_call, vu.SET_VRING_ERR: set_err,
        vu.GET_PROTOCOL_FEATURES: get_protocol, vu.SET_PROTOCOL_FEATURES: set_protocol,
        vu.GET_QUEUE_NUM: queue_num, vu.SET_VRING_ENABLE: set_enable, vu.GET_CONFIG: get_config,
        vu.SET_CONFIG: set_config, vu.SET_STATUS: set_status, vu.GET_STATUS: get_status,
    }

    # Queues.

    def unwatch(self, v):
        if v.kick is not None:
            self.server.selector.unregister(v.kick)

    def stop_ring(self, v):
        if v.ring:
            v.base = v.ring.position()
            v.ring = None
        v.broken = False

    def stop_rings(self):
        for v in self.vrings:
            self.stop_ring(v)

    def stop_all(self):
        self.stop_rings()
        for v in self.vrings:
            v.base = 0
            v.enabled = False

    def running(self):
        return not self.protocol >> vu.P_STATUS & 1 or self.status & vu.STATUS_DRIVER_OK

    def start_ring(self, v):
        desc, used, avail = (self.mem.physical(a) for a in v.addresses)
        kind = PackedDevice if self.features >> F_RING_PACKED & 1 else SplitDevice
        base = v.base
        if kind is PackedDevice and base == 0:
            base = 0x80008000  # wrap counters start at 1
        v.ring = kind(self.mem, v.size, desc, used, avail, base, bool(self.features >> F_EVENT_IDX & 1))

    def serve_all(self):
        """Returns whether anything was there."""
        if not self.running() or self.mem is None:
            return False
        busy = False
        for index, v in enumerate(self.vrings):
            if v.enabled and v.kick is not None and v.addresses and v.size and not v.broken:
                busy = self.serve(index, v) or busy
        return busy

    def serve(self, index, v):
        try:
            if v.ring is None:
                self.start_ring(v)
                v.ring.want_kicks(True)
            busy = False
            while True:
                batch = []
                while len(batch) < BURST:
                    element = v.ring.pop()
                    if element is None:
                        break
                    batch.append(element)
                if not batch:
                    if not busy:
                        return False
                    v.ring.want_kicks(True)
                    # A chain that came before the wish could be seen has had no kick.
                    element = v.ring.pop()
                    if element is None:
                        return True
                    batch = [element]
                busy = True
                v.ring.want_kicks(False)
                self.answer(index, v, batch)
        except RingFault as e:
            print('device: queue %d: %s' % (index, e), file=sys.stderr, flush=True)
            v.broken = True
            return False

    def answer(self, index, v, batch):
        control = index == len(self.vrings) - 1
        done = [(element, self.one(element, control)) for element in batch]
        if self.server.args.shuffle and not control:
            self.rng.shuffle(done)
        for element, length in done:
            v.ring.push(element, length)
        if v.ring.publish() and v.call is not None:
            vu.event_signal(v.call)

    def one(self, element, control):
        readable = b''.join(self.mem.read(a, n) for a, n, w in element.chain if not w)
        writable = [(a, n) for a, n, w in element.chain if w and n]
        room = sum(n for _, n in writable)
        if control:
            out = self.device.control(readable, room)
            self.complain()
            self.scatter(writable, out)
            return len(out)
        if room == 0:
            return 0
        out, status = self.device.request(readable, room - 1)
        self.complain()
        asym = readable[1:2] == bytes([wire.AKCIPHER])
        used = len(out) + 1 if asym else room
        if asym and self.server.lie:
            out, status, used = self.server.lie(readable[0], out, status, used, room)
        self.scatter(writable, out)
        if status is not None:
            gpa, n = writable[-1]
            self.mem.write(gpa + n - 1, bytes([status]))
        return used if status in (None, 0) else 1 if room == 1 else 0

    def scatter(self, writable, data):
        for gpa, n in writable:
            self.mem.write(gpa, data[:n])
            data = data[n:]


class Server:
    def __init__(self, args):
        self.args = args
        self.selector = selectors.DefaultSelector()
        self.features = 1 << F_VERSION_1
        self.features |= 0 if args.no_indirect else 1 << F_INDIRECT_DESC
        self.features |= 0 if args.no_event_idx else 1 << F_EVENT_IDX
        self.features |= 0 if args.no_packed else 1 << F_RING_PACKED
        self.lie = device_lies.LIES[args.lie]() if args.lie else None
        self.connections = set()
        self.listener = None

    def listen(self):
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(self.args.socket)
        self.listener.listen(16)
        self.selector.register(self.listener, selectors.EVENT_READ, ('accept', None, None))

    def connect(self):
        """Client mode: until a front end listens."""
        while True:
            sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                sock.connect(self.args.socket)
                break
            except OSError:
                sock.close()
                time.sleep(0.02)
        self.take(sock)

    def take(self, sock):
        sock.settimeout(vu.TIMEOUT)
        connection = Connection(self, sock)
        self.connections.add(connection)
        self.selector.register(sock, selectors.EVENT_READ, ('message', connection, None))

    def drop(self, connection):
        self.selector.unregister(connection.sock)
        self.connections.discard(connection)
        connection.close()
        if self.args.client:
            self.connect()

    def run(self):
        if self.args.client:
            self.connect()
        else:
            self.listen()
        if self.args.stdin:
            self.selector.register(sys.stdin, selectors.EVENT_READ, ('end', None, None))
        print('device: ready', flush=True)
        while True:
            for key, _ in self.selector.select():
                kind, connection, vring = key.data
                if kind == 'end':
                    return
                if kind == 'accept':
                    self.take(self.listener.accept()[0])
                elif kind == 'kick':
                    if vring.kick is not None and vu.event_clear(vring.kick):
                        connection.serve_all()
                elif connection in self.connections:
                    self.one_message(connection)

    def one_message(self, connection):
        try:
            connection.message()
        except vu.Closed:
            self.drop(connection)
        except (RingFault, ValueError, IndexError, struct.error, OSError) as e:
            print('device: %s: hanging up' % e, file=sys.stderr, flush=True)
            self.drop(connection)

    def close(self):
        if self.listener:
            os.unlink(self.args.socket)


def main():
    ap = argparse.ArgumentParser(description='A slow virtio crypto device on a vhost-user socket.')
    ap.add_argument('--socket', required=True, help='path of the socket')
    ap.add_argument('--client', action='store_true', help='connect to the socket, again whenever it hangs up')
    ap.add_argument('--queues', type=int, default=1, help='data queues (%(default)s)')
    ap.add_argument('--shuffle', action='store_true', help='answer data requests in a random order')
    ap.add_argument('--published', action='store_true',
                    help='show algorithms of which the device knows published vectors only')
    ap.add_argument('--stateless', action='store_true', help='complain of requests that need a session')
    ap.add_argument('--no-indirect', action='store_true', help='do not offer INDIRECT_DESC')
    ap.add_argument('--no-event-idx', action='store_true', help='do not offer EVENT_IDX')
    ap.add_argument('--no-revision-1', action='store_true', help='do not offer REVISION_1 and stateless modes')
    ap.add_argument('--no-packed', action='store_true', help='do not offer RING_PACKED')
    ap.add_argument('--lie', choices=sorted(device_lies.LIES), help='how asymmetric requests are answered wrongly')
    ap.add_argument('--stdin', action='store_true', help='end when standard input does')
    server = Server(ap.parse_args())

    def end(*_):
        raise SystemExit(0)
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    try:
        server.run()
    finally:
        server.close()


if __name__ == '__main__':
    main()
