# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The virtio-crypto stack authors
#
# A guest as a back end sees it: a connection, memory, queues, a driver that has found its device.

import random
import struct

import vhost_user as vu
import wire
from framing import Framing
from vhost_user import Frontend, GuestMemory
from virtqueue import (F_EVENT_IDX, F_IN_ORDER, F_INDIRECT_DESC, F_RING_PACKED, F_VERSION_1, make_queue)

PROTOCOL = (vu.P_MQ, vu.P_REPLY_ACK, vu.P_CONFIG, vu.P_STATUS)


class NotOffered(Exception):
    """The back end lacks a feature that the case needs."""


class StatusError(Exception):
    """A request came back with a status that was not expected."""

    def __init__(self, what, status):
        name = wire.STATUS_NAME[status] if status < len(wire.STATUS_NAME) else 'unknown'
        super().__init__('%s: status %d (%s)' % (what, status, name))
        self.status = status


class Queue:
    """A ring with the event descriptors that belong to it."""

    def __init__(self, ring):
        self.ring = ring
        self.kick = vu.eventfd()
        self.call = vu.eventfd()

    def close(self):
        vu.os.close(self.kick)
        vu.os.close(self.call)

    def submit(self):
        """Publish, and kick if the device wants it. Returns whether it did."""
        wanted = self.ring.publish()
        if wanted:
            vu.event_signal(self.kick)
        return wanted


class Guest:
    """
    features   what to negotiate besides VERSION_1, all of which must be offered
    queues     data queues that are set up; None: all that the device has
    """

    def __init__(self, path, packed=False, event_idx=False, indirect=True, revision_1=False, stateless=False,
                 in_order=False, queues=None, size=256, seed=1, start=True):
        self.rng = random.Random(seed)
        self.revision_1 = revision_1 or stateless
        self.stateless = stateless
        self.packed = packed
        self.size = size
        self.queues = []
        self.mem = None
        self.event_idx = event_idx
        want = {F_VERSION_1}
        want |= {F_RING_PACKED} if packed else set()
        want |= {F_EVENT_IDX} if event_idx else set()
        want |= {F_INDIRECT_DESC} if indirect else set()
        want |= {F_IN_ORDER} if in_order else set()
        want |= {wire.F_REVISION_1} if self.revision_1 else set()
        want |= set(wire.F_STATELESS) if stateless else set()
        self.front = Frontend(path)
        try:
            self.negotiate(want)
            self.read_config()
            self.nb_data = self.config.max_dataqueues if queues is None else queues
            if start:
                self.start()
        except BaseException:
            self.close()
            raise
        self.session_mode = wire.SessionMode(self.revision_1)
        self.stateless_mode = wire.Stateless()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.front.close()
        for q in self.queues:
            q.close()
        self.queues = []
        if self.mem:
            self.mem.close()
            self.mem = None

    def negotiate(self, want):
        front = self.front
        self.offered = front.ask(vu.GET_FEATURES).u64()
        missing = [bit for bit in want if not self.offered >> bit & 1]
        if missing:
            raise NotOffered('feature bits %s are not offered' % sorted(missing))
        if not self.offered >> vu.F_PROTOCOL_FEATURES & 1:
            raise NotOffered('the back end has no protocol features')
        self.offered_protocol = front.ask(vu.GET_PROTOCOL_FEATURES).u64()
        protocol = sum(1 << bit for bit in PROTOCOL) & self.offered_protocol
        front.tell(vu.SET_PROTOCOL_FEATURES, struct.pack('<Q', protocol))
        front.protocol = protocol
        front.tell(vu.SET_OWNER)
        front.set_status(vu.STATUS_ACKNOWLEDGE)
        front.set_status(vu.STATUS_ACKNOWLEDGE | vu.STATUS_DRIVER)
        self.features = sum(1 << bit for bit in want) | 1 << vu.F_PROTOCOL_FEATURES
        front.tell(vu.SET_FEATURES, struct.pack('<Q', self.features))
        front.set_status(vu.STATUS_ACKNOWLEDGE | vu.STATUS_DRIVER | vu.STATUS_FEATURES_OK)

    def read_config(self):
        self.config = wire.parse_config(self.front.get_config(wire.CONFIG_SIZE))
        return self.config

    def share_memory(self):
        self.front.tell(vu.SET_MEM_TABLE, self.mem.table(), self.mem.fds())

    def start(self):
        """Memory, queues, DRIVER_OK. The control queue is behind all data queues of the device."""
        if self.mem is None:
            self.mem = GuestMemory()
        self.share_memory()
        control = self.config.max_dataqueues
        self.index = list(range(self.nb_data)) + [control]
        for i in self.index:
            queue = Queue(make_queue(self.mem, self.size, self.packed, self.event_idx))
            self.queues.append(queue)
            self.set_up(i, queue)
        for i in self.index:
            self.front.vring(vu.SET_VRING_ENABLE, i, 1)
        self.front.set_status(vu.STATUS_ACKNOWLEDGE | vu.STATUS_DRIVER | vu.STATUS_FEATURES_OK
                              | vu.STATUS_DRIVER_OK)

    def set_up(self, i, queue):
        front, ring = self.front, queue.ring
        front.vring(vu.SET_VRING_NUM, i, ring.size)
        front.vring(vu.SET_VRING_BASE, i, ring.base())
        desc, used, avail = (self.mem.uva(a) for a in ring.addresses())
        front.tell(vu.SET_VRING_ADDR, struct.pack('<IIQQQQ', i, 0, desc, used, avail, 0))
        front.tell(vu.SET_VRING_CALL, struct.pack('<Q', i), [queue.call])
        front.tell(vu.SET_VRING_KICK, struct.pack('<Q', i), [queue.kick])

    def reset(self, polite=True):
        """A device reset, and the driver's start anew with the same memory."""
        for i in self.index if polite else ():
            self.front.ask(vu.GET_VRING_BASE, struct.pack('<II', i, 0))
        self.front.set_status(0)
        for q in self.queues:
            q.close()
        self.queues = []
        self.front.set_status(vu.STATUS_ACKNOWLEDGE | vu.STATUS_DRIVER)
        self.front.tell(vu.SET_FEATURES, struct.pack('<Q', self.features))
        self.front.set_status(vu.STATUS_ACKNOWLEDGE | vu.STATUS_DRIVER | vu.STATUS_FEATURES_OK)
        self.start()

    @property
    def ctrl(self):
        return self.queues[-1]

    def data(self, i=0):
        return self.queues[i]

    # One request at a time.

    def run_chain(self, queue, add, what='request'):
        """add(ring, token) puts something into the ring; the used entry of it."""
        token = object()
        add(queue.ring, token)
        queue.submit()
        used = vu.wait_for(queue.ring.get, 'an answer to the ' + what)
        if used.token is not token:
            raise AssertionError('another request was answered than the one that was made')
        return used

    def run(self, request, queue=None, framing=None, what='request'):
        """Send a request, wait, return its writable fields; memory is given back."""
        queue = queue or self.data()
        framing = framing or Framing()
        mark = self.mem.mark()
        placed = framing.place(self.mem, request, self.rng, queue.ring.size)
        used = self.run_chain(queue, lambda ring, token: framing.add(ring, placed, self.rng, token), what)
        placed.used = used.length
        result = placed.result()
        self.mem.release(mark)
        return result

    def control(self, request, framing=None):
        return self.run(request, self.ctrl, framing, 'control request')['outcome']

    def try_create(self, request, framing=None):
        """(session, status)"""
        return wire.parse_create(self.control(request, framing))

    def create(self, request, framing=None):
        session, status = self.try_create(request, framing)
        if status != wire.OK:
            raise StatusError('create session', status)
        return session

    def destroy(self, service, session, framing=None):
        return self.control(wire.destroy(service, session, self.revision_1), framing)[0]

    def good(self, request, queue=None, framing=None, what='request'):
        """As run(), for a request that has to succeed."""
        result = self.run(request, queue, framing, what)
        if result['status'] != wire.OK:
            raise StatusError('%s, %s' % (what, framing or 'fields'), result['status'])
        return result
