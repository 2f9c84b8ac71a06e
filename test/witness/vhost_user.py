# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The virtio-crypto stack authors
#
# The vhost-user protocol as both sides speak it, a front end's connection, and the memory that a
# front end shares. Knows neither rings nor crypto.
#
# A message is a header of three le32 (request, flags, size of what follows) and a payload; file
# descriptors travel with its first byte.

import ctypes
import mmap
import os
import select
import socket
import struct
import threading
import time

GET_FEATURES = 1
SET_FEATURES = 2
SET_OWNER = 3
RESET_OWNER = 4
SET_MEM_TABLE = 5
SET_LOG_BASE = 6
SET_LOG_FD = 7
SET_VRING_NUM = 8
SET_VRING_ADDR = 9
SET_VRING_BASE = 10
GET_VRING_BASE = 11
SET_VRING_KICK = 12
SET_VRING_CALL = 13
SET_VRING_ERR = 14
GET_PROTOCOL_FEATURES = 15
SET_PROTOCOL_FEATURES = 16
GET_QUEUE_NUM = 17
SET_VRING_ENABLE = 18
SET_BACKEND_REQ_FD = 21
GET_CONFIG = 24
SET_CONFIG = 25
CREATE_CRYPTO_SESSION = 26
CLOSE_CRYPTO_SESSION = 27
GET_INFLIGHT_FD = 31
SET_INFLIGHT_FD = 32
SET_STATUS = 39
GET_STATUS = 40

F_PROTOCOL_FEATURES = 30  # feature bit

P_MQ = 0
P_LOG_SHMFD = 1
P_REPLY_ACK = 3
P_CRYPTO_SESSION = 7
P_CONFIG = 9
P_INFLIGHT_SHMFD = 12
P_STATUS = 16

HEADER = struct.Struct('<III')
FLAG_VERSION = 1
FLAG_REPLY = 4
FLAG_NEED_REPLY = 8

VRING_NOFD = 0x100

STATUS_ACKNOWLEDGE = 1
STATUS_DRIVER = 2
STATUS_DRIVER_OK = 4
STATUS_FEATURES_OK = 8

# A build with sanitizers on a busy machine is slow; no case waits that long unless it fails.
TIMEOUT = float(os.environ.get('WITNESS_TIMEOUT', '20'))

_fence = threading.Lock()


def full_barrier():
    """Orders earlier stores before later loads: a lock is taken with a locked instruction."""
    with _fence:
        pass


def wait_for(condition, what, timeout=None):
    """The condition's value once it is true; an error names what did not come."""
    end = time.monotonic() + (timeout or TIMEOUT)
    pause = 0.0
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise TimeoutError('%s did not happen within %.0f s' % (what, timeout or TIMEOUT))
        time.sleep(pause)
        pause = min(pause + 0.00002, 0.002)


class Closed(ConnectionError):
    """The other side has hung up."""


class Message:
    def __init__(self, request, flags, payload, fds):
        self.request = request
        self.flags = flags
        self.payload = payload
        self.fds = fds

    def u64(self):
        if len(self.payload) != 8:
            raise ValueError('reply to %d has %d bytes, not 8' % (self.request, len(self.payload)))
        return struct.unpack('<Q', self.payload)[0]


def send_message(sock, request, payload=b'', fds=(), flags=FLAG_VERSION, size=None):
    data = HEADER.pack(request, flags, len(payload) if size is None else size) + payload
    try:
        if fds:
            sent = socket.send_fds(sock, [data], list(fds))
            if sent < len(data):
                sock.sendall(data[sent:])
        else:
            sock.sendall(data)
    except (BrokenPipeError, ConnectionResetError) as e:
        raise Closed('hung up while message %d was sent' % request) from e


def receive_message(sock, max_fds=16):
    """One message; Closed at the end of the stream."""
    head = b''
    fds = []
    while len(head) < HEADER.size:
        try:
            part, more, _, _ = socket.recv_fds(sock, HEADER.size - len(head), max_fds)
        except ConnectionResetError as e:
            raise Closed('hung up') from e
        fds += more
        if not part:
            for fd in fds:
                os.close(fd)
            raise Closed('hung up')
        head += part
    request, flags, size = HEADER.unpack(head)
    payload = b''
    while len(payload) < size:
        part = sock.recv(size - len(payload))
        if not part:
            raise Closed('hung up within message %d' % request)
        payload += part
    return Message(request, flags, payload, fds)


class Region:
    """A piece of guest memory: a file of its own, mapped here, at addresses of its own."""

    def __init__(self, gpa, size, uva, file_offset=0, name='witness'):
        self.gpa = gpa
        self.size = size
        self.uva = uva
        self.offset = file_offset
        self.fd = os.memfd_create(name)
        os.ftruncate(self.fd, file_offset + size)
        self.map = mmap.mmap(self.fd, file_offset + size)
        self.view = memoryview(self.map)[file_offset:file_offset + size]
        self.words = self.view.cast('H')

    def close(self):
        self.words.release()
        self.view.release()
        self.map.close()
        os.close(self.fd)

    def pack(self):
        return struct.pack('<QQQQ', self.gpa, self.size, self.uva, self.offset)


class GuestMemory:
    """
    Regions with a bump allocator in the large ones. Guest-physical and front-end addresses differ, so
    that a back end which takes one for the other is found out. All but the first are neighbours for
    the guest and lie in different files: what crosses a border is in one piece only for the guest.
    """

    RINGS, LOW, HIGH = 0, 1, 6
    BORDER = 192 << 10  # bytes of LOW's end and HIGH's start that are kept for what crosses
    SMALL = 4096

    def __init__(self, ring_size=1 << 20, data_size=4 << 20):
        gpa = 0x100000000
        self.regions = [Region(0x10000, ring_size, 0x7f1200000000)]
        for n, size in enumerate([data_size] + 4 * [self.SMALL] + [data_size]):
            self.regions.append(Region(gpa, size, 0x7f5600000000 - (n << 32), n % 2 * 0x1000))
            gpa += size
        self.next = [0] * len(self.regions)
        self.next[self.HIGH] = self.BORDER
        self.limit = [r.size for r in self.regions]
        self.limit[self.LOW] -= self.BORDER
        self.across = self.regions[self.LOW + 1].gpa - self.BORDER

    def close(self):
        for r in self.regions:
            r.close()

    def table(self, regions=None):
        regions = self.regions if regions is None else regions
        return struct.pack('<II', len(regions), 0) + b''.join(r.pack() for r in regions)

    def fds(self):
        return [r.fd for r in self.regions]

    def alloc(self, size, align=1, region=LOW):
        """Guest-physical address of new memory, which holds what it held."""
        start = (self.next[region] + align - 1) // align * align
        if start + size > self.limit[region]:
            raise MemoryError('region %d of the guest is full' % region)
        self.next[region] = start + size
        return self.regions[region].gpa + start

    def alloc_across(self, size):
        """Memory with a border between regions in its middle, as long as there are borders left."""
        high = self.regions[self.HIGH].gpa
        start = self.across
        for r in self.regions[self.LOW + 1:]:
            if r.gpa > self.across:
                start = max(self.across, r.gpa - size // 2)
                break
        if start + size > high + self.BORDER:
            raise MemoryError('no memory is left at the borders')
        self.across = start + size
        return start

    def mark(self):
        return list(self.next), self.across

    def release(self, mark):
        self.next, self.across = list(mark[0]), mark[1]

    def find(self, gpa):
        for r in self.regions:
            if r.gpa <= gpa < r.gpa + r.size:
                return r, gpa - r.gpa
        raise IndexError('%#x is not the guest\'s memory' % gpa)

    def write(self, gpa, data):
        data = bytes(data)
        while data:
            r, off = self.find(gpa)
            n = min(len(data), r.size - off)
            r.view[off:off + n] = data[:n]
            data = data[n:]
            gpa += n

    def read(self, gpa, size):
        out = b''
        while size:
            r, off = self.find(gpa)
            n = min(size, r.size - off)
            out += bytes(r.view[off:off + n])
            gpa += n
            size -= n
        return out

    def uva(self, gpa):
        r, off = self.find(gpa)
        return r.uva + off

    # 16-bit words are what the two sides order their work by: stored and loaded in one piece.

    def load16(self, gpa):
        r, off = self.find(gpa)
        return r.words[off // 2]

    def store16(self, gpa, value):
        r, off = self.find(gpa)
        r.words[off // 2] = value & 0xffff


def eventfd():
    libc = ctypes.CDLL(None, use_errno=True)
    fd = libc.eventfd(0, os.O_NONBLOCK | os.O_CLOEXEC)
    if fd < 0:
        raise OSError(ctypes.get_errno(), 'eventfd')
    return fd


def event_signal(fd):
    try:
        os.write(fd, struct.pack('=Q', 1))
    except BlockingIOError:
        pass


def event_clear(fd):
    """Whether it was signalled."""
    try:
        return struct.unpack('=Q', os.read(fd, 8))[0] > 0
    except BlockingIOError:
        return False


def event_wait(fd, timeout=None):
    """Whether it was signalled in time; not cleared."""
    return bool(select.select([fd], [], [], TIMEOUT if timeout is None else timeout)[0])


class Frontend:
    """A connection to a back end; every wait ends."""

    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(TIMEOUT)
        try:
            self.sock.connect(path)
        except OSError:
            self.sock.close()
            raise
        self.protocol = 0

    def close(self):
        self.sock.close()

    def has(self, bit):
        return bool(self.protocol >> bit & 1)

    def send(self, request, payload=b'', fds=(), flags=FLAG_VERSION, size=None):
        send_message(self.sock, request, payload, fds, flags, size)

    def receive(self):
        return receive_message(self.sock)

    def ask(self, request, payload=b'', fds=()):
        """A request that has a reply of its own kind."""
        self.send(request, payload, fds)
        reply = self.receive()
        if reply.request != request or not reply.flags & FLAG_REPLY or reply.flags & 3 != FLAG_VERSION:
            raise ValueError('asked %d, answered %d with flags %#x' % (request, reply.request, reply.flags))
        return reply

    def tell(self, request, payload=b'', fds=(), sure=True):
        """A request without one; once REPLY_ACK is negotiated its success is checked."""
        if not self.has(P_REPLY_ACK):
            self.send(request, payload, fds)
            return
        self.send(request, payload, fds, FLAG_VERSION | FLAG_NEED_REPLY)
        reply = self.receive()
        if reply.request != request:
            raise ValueError('told %d, answered %d' % (request, reply.request))
        if sure and reply.u64() != 0:
            raise OSError('the back end refuses message %d: %d' % (request, reply.u64()))

    def sync(self):
        """Returns when the back end has worked through all that was sent."""
        return self.ask(GET_FEATURES).u64()

    def get_config(self, size, offset=0):
        payload = struct.pack('<III', offset, size, 0) + bytes(size)
        reply = self.ask(GET_CONFIG, payload)
        if len(reply.payload) == 0:
            raise OSError('the back end has no configuration space of %d bytes at %d' % (size, offset))
        if struct.unpack_from('<II', reply.payload) != (offset, size) or len(reply.payload) < 12 + size:
            raise ValueError('GET_CONFIG of %d bytes at %d is answered by %d bytes'
                             % (size, offset, len(reply.payload)))
        return reply.payload[12:12 + size]

    def set_status(self, value):
        if self.has(P_STATUS):
            self.tell(SET_STATUS, struct.pack('<Q', value))

    def vring(self, request, index, value):
        self.tell(request, struct.pack('<II', index, value))
