# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The virtio-crypto stack authors
#
# Wrong answers of the witness device to asymmetric requests. A lie takes the operation, and what would
# be right: the result, the status, the used length; and the room. It gives the same again, with a
# status of None where none is written.

import asym
from asym import SIGN, VERIFY
from wire import KEY_REJECTED, OK


def used_beyond(op, out, status, used, room):
    """More bytes than there is room for."""
    return out, status, room + 1


def used_far_beyond(op, out, status, used, room):
    return out, status, 0xffffffff


def used_nothing(op, out, status, used, room):
    return out, status, 0


def used_status_only(op, out, status, used, room):
    """A result of no bytes."""
    return out, status, 1


def nothing_written(op, out, status, used, room):
    """All the room is used, as it says."""
    return b'', status, room


def no_status(op, out, status, used, room):
    return out, None, used


def strange_status(op, out, status, used, room):
    return out, 7, used


def rejected(op, out, status, used, room):
    return (b'', KEY_REJECTED, 1) if op == VERIFY else (out, status, used)


class Garbage:
    """Signatures that are none, one after the other."""

    def __init__(self):
        r, s = asym.integer(0x1234), asym.integer(0x5678)
        self.forms = [
            b'\x30', b'\x30\x00', b'\x30\x80' + r + s + b'\0\0',  # cut, empty, of indefinite length
            b'\x31' + asym.sequence(r, s)[1:], asym.sequence(r), asym.sequence(r, s, r),
            asym.sequence(r, s) + b'\0', asym.sequence(r, s)[:-1],
            asym.sequence(r, asym.tlv(0x02, b'')), asym.sequence(r, asym.tlv(0x02, b'\x80')),
            asym.sequence(r, asym.tlv(0x02, b'\0\x01')), asym.sequence(asym.tlv(0x02, b'\0'), s),
            asym.sequence(asym.integer(1 << 528), s), asym.sequence(r, asym.tlv(0x04, b'\x01')),
            b'\x30\x81' + asym.sequence(r, s)[1:], b'\x30\x84\xff\xff\xff\xff' + r + s, b'\x30\x7f' + r + s,
            b'\x30\x05\x02\x7f\x01\x02\x01', b'\0' * 16, b'\xff' * 16,
        ]
        self.at = 0

    def __call__(self, op, out, status, used, room):
        if op != SIGN or status != OK:
            return out, status, used
        form = self.forms[self.at % len(self.forms)][:room - 1]
        self.at += 1
        return form, OK, len(form) + 1


def plain(lie):
    return lambda: lie


LIES = {
    'used-beyond': plain(used_beyond),
    'used-far-beyond': plain(used_far_beyond),
    'used-nothing': plain(used_nothing),
    'used-status-only': plain(used_status_only),
    'nothing-written': plain(nothing_written),
    'no-status': plain(no_status),
    'strange-status': plain(strange_status),
    'rejected': plain(rejected),
    'garbage': Garbage,
}
