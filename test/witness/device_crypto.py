# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The virtio-crypto stack authors
#
# What the witness device does with requests: bytes in, bytes out. Parsed by the lengths in the
# request, from the offsets of the standard's section 5.9. Slow and simple.

import struct
from collections import namedtuple

import device_asym
import reference
import wire
from reference import BadTag, CryptoError
from wire import (AEAD, AKCIPHER, BADMSG, CIPHER, ERR, HASH, INVSESS, MAC, MODE_AUTH, MODE_PLAIN, NOSPC, NOTSUPP, OK,
                  OP_DECRYPT, OP_ENCRYPT, SYM_CHAIN, SYM_CIPHER)

# Algorithms without a computation of their own: only for drivers that use the published vectors.
PUBLISHED_CIPHERS = set(reference.STREAM)
PUBLISHED_MACS = {27}


class Reject(Exception):
    """The request is answered with a status."""

    def __init__(self, status):
        super().__init__(status)
        self.status = status


class Reader:
    def __init__(self, data):
        self.data = data
        self.at = 0

    def take(self, n):
        if n > len(self.data) - self.at:
            raise Reject(ERR)
        self.at += n
        return self.data[self.at - n:self.at]

    def rest(self):
        """All that is left, which stays."""
        return self.data[self.at:]


# A session, or what a stateless request says of one. kind: CIPHER, HASH, MAC, AEAD or 'CHAIN'; those of
# AKCIPHER are keys of device_asym.
Params = namedtuple('Params', 'kind algo key encrypt hash_first is_mac auth auth_key size', defaults=(
    0, b'', False, False, False, 0, b'', 0))

CHAIN = 'CHAIN'


def service_of(params):
    return CIPHER if params.kind == CHAIN else params.kind


class CryptoDevice:
    def __init__(self, queues=1, max_sessions=4096, max_size=1 << 20, published=False, first_session=7,
                 revision_1=True):
        self.queues = queues
        self.max_sessions = max_sessions
        self.max_size = max_size
        self.published = published
        self.max_key, self.max_auth_key = 64, 512
        self.revision_1 = revision_1
        self.next_session = first_session
        self.features = 0
        self.sessions = {}
        self.only_stateless = False  # who names a session breaks an agreement
        self.complaints = []  # what a driver should not do, though the request can be answered

    def reset(self):
        self.sessions = {}
        self.features = 0

    def has(self, bit):
        return bool(self.features >> bit & 1)

    def knows(self, kind, number):
        table = {CIPHER: reference.CIPHER, HASH: reference.HASH, MAC: reference.MAC, AEAD: reference.AEAD}[kind]
        hidden = {CIPHER: PUBLISHED_CIPHERS, MAC: PUBLISHED_MACS}.get(kind, ())
        return number in table and (self.published or number not in hidden)

    def offered(self):
        if not self.revision_1:
            return 0
        return 1 << wire.F_REVISION_1 | sum(1 << wire.F_STATELESS[s] for s in (CIPHER, HASH, MAC, AEAD, AKCIPHER))

    def config(self):
        def mask(kind):
            return sum(1 << n for n in range(64) if self.knows(kind, n))
        cipher, mac = mask(CIPHER), mask(MAC)
        asym = 1 << device_asym.RSA | 1 << device_asym.ECDSA
        return wire.CONFIG.pack(1, self.queues, 0x1f, cipher & 0xffffffff, cipher >> 32, mask(HASH),
                                mac & 0xffffffff, mac >> 32, mask(AEAD), self.max_key, self.max_auth_key, asym,
                                self.max_size)

    # Control queue.

    def control(self, readable, room):
        """The outcome, which fits `room`."""
        reader = Reader(readable)
        try:
            header = struct.unpack('<IIII', reader.take(16))
        except Reject:
            return b''
        opcode = header[0]
        service = opcode >> 8
        if service <= AKCIPHER and opcode == wire.destroy_opcode(service):
            return self.destroy(service, header, reader, room)[:room]
        session, status = 0, NOTSUPP
        if service <= AKCIPHER and opcode == wire.create_opcode(service):
            try:
                session, status = self.create(service, header, reader, room), OK
            except Reject as e:
                status = e.status
        if room < 16:  # nobody would learn of the session
            self.sessions.pop(session, None)
            return b''
        return struct.pack('<QII', session, status, 0)

    def flf(self, reader, exact, padded):
        return reader.take(exact if self.has(wire.F_REVISION_1) else padded)

    def asym(self, function, *args):
        """What a function of device_asym returns; complaints are made, and refusals those of this file."""
        try:
            return function(*args)
        except device_asym.Strange as e:
            self.complaints.append(str(e))
            raise Reject(ERR) from e
        except device_asym.Refused as e:
            raise Reject(e.status) from e

    def destroy(self, service, header, reader, room):
        try:
            if service == AKCIPHER:
                self.asym(device_asym.check_destroy, header, reader.rest(), room, self.has(wire.F_REVISION_1))
            number, = struct.unpack_from('<Q', self.flf(reader, 8, wire.CTRL_FLF))
        except Reject:
            return bytes([ERR])
        params = self.sessions.get(number)
        if params is None or service_of(params) != service:
            return bytes([ERR])
        del self.sessions[number]
        return bytes([OK])

    def create(self, service, header, reader, room):
        if len(self.sessions) >= self.max_sessions:
            raise Reject(NOSPC if self.has(wire.F_REVISION_1) else ERR)
        if service == AKCIPHER:
            params = self.asym(device_asym.create, header, reader.rest(), room)
        else:
            params = (self.create_sym, self.create_hash, self.create_mac, self.create_aead)[service](reader)
            self.check(params)
        number = self.next_session
        self.next_session += 3
        self.sessions[number] = params
        return number

    def create_sym(self, reader):
        flf = reader.take(wire.CTRL_FLF)
        op_type, = struct.unpack_from('<I', flf, 48)
        if op_type == SYM_CIPHER:
            algo, key_len, op = struct.unpack_from('<III', flf)
            return Params(CIPHER, algo, self.key(reader, key_len), self.direction(op))
        if op_type != SYM_CHAIN:
            raise Reject(NOTSUPP)
        order, mode, algo, key_len, op = struct.unpack_from('<5I', flf)
        auth, size, auth_key_len = struct.unpack_from('<III', flf, 24)
        return self.chain_params(reader, order, mode, algo, key_len, op, auth, size, auth_key_len)

    def chain_params(self, reader, order, mode, algo, key_len, op, auth, size, auth_key_len):
        if mode not in (MODE_PLAIN, MODE_AUTH):
            raise Reject(NOTSUPP)
        if order not in (1, 2):
            raise Reject(ERR)
        key = self.key(reader, key_len)
        auth_key = b''
        if mode == MODE_AUTH:
            auth_key = self.auth_key(reader, auth_key_len)
        return Params(CHAIN, algo, key, self.direction(op), order == 1, mode == MODE_AUTH, auth, auth_key, size)

    def create_hash(self, reader):
        algo, size = struct.unpack_from('<II', self.flf(reader, 8, wire.CTRL_FLF))
        return Params(HASH, auth=algo, size=size)

    def create_mac(self, reader):
        algo, size, key_len = struct.unpack_from('<III', self.flf(reader, 16, wire.CTRL_FLF))
        return Params(MAC, auth=algo, size=size, auth_key=self.auth_key(reader, key_len))

    def create_aead(self, reader):
        algo, key_len, tag, _, op = struct.unpack_from('<5I', self.flf(reader, 24, wire.CTRL_FLF))
        return Params(AEAD, algo, self.key(reader, key_len), self.direction(op), size=tag)

    def key(self, reader, n):
        if n > self.max_key:
            raise Reject(ERR)
        return reader.take(n)

    def auth_key(self, reader, n):
        if n > self.max_auth_key:
            raise Reject(ERR)
        return reader.take(n)

    @staticmethod
    def direction(op):
        if op not in (OP_ENCRYPT, OP_DECRYPT):
            raise Reject(ERR)
        return op == OP_ENCRYPT

    def check(self, p):
        if p.kind in (CIPHER, CHAIN):
            if not self.knows(CIPHER, p.algo):
                raise Reject(NOTSUPP)
            keys = reference.CIPHER[p.algo].keys
            # Triple DES may have two keys; ARC4 has keys of any length; f8's are two of a length.
            if len(p.key) not in keys and not (p.algo in (7, 8, 9) and len(p.key) in (16, 24)) and not (
                    p.algo == 1 and 5 <= len(p.key) <= 64) and not (p.algo == 12 and len(p.key) in (32, 48, 64)):
                raise Reject(ERR)
        if p.kind == AEAD:
            if not self.knows(AEAD, p.algo):
                raise Reject(NOTSUPP)
            algo = reference.AEAD[p.algo]
            if len(p.key) not in algo.keys or p.size not in algo.tags:
                raise Reject(ERR)
        is_mac = p.kind == MAC or p.is_mac
        if is_mac:
            if not self.knows(MAC, p.auth):
                raise Reject(NOTSUPP)
            if p.auth > 6 and len(p.auth_key) not in reference.MAC[p.auth].keys or not p.auth_key:
                raise Reject(ERR)
            self.check_size(p.size, reference.MAC[p.auth].size)
        elif p.kind in (HASH, CHAIN):
            if not self.knows(HASH, p.auth):
                raise Reject(NOTSUPP)
            self.check_size(p.size, 64 if p.auth in (11, 12) else reference.HASH[p.auth].size)

    @staticmethod
    def check_size(size, most):
        if not 0 < size <= most:
            raise Reject(ERR)

    # Data queues.

    def request(self, readable, room):
        """(what goes to the first writable bytes, status); room: writable bytes before the status."""
        reader = Reader(readable)
        try:
            header = struct.unpack('<IIQII', reader.take(24))
            opcode, algo, number, flag, padding = header
            service = opcode >> 8
            if opcode in range(AKCIPHER << 8, (AKCIPHER << 8) + 4):
                return self.akcipher(header, reader.rest(), room)
            if service > AEAD or opcode not in (0, 1, 0x100, 0x200, 0x300, 0x301):
                raise Reject(NOTSUPP)
            stateless = self.has(wire.F_REVISION_1) and not flag & 1
            if stateless and not self.has(wire.F_STATELESS[service]):
                raise Reject(ERR)
            if not stateless:
                params = self.sessions.get(number)
                if params is None or service_of(params) != service:
                    raise Reject(INVSESS)
            else:
                params = None
            serve = (self.sym, self.digest, self.digest, self.aead)[service]
            out = serve(reader, params, service, opcode & 1 == 0)
            if len(out) > room:
                raise Reject(ERR)
            self.look_at(reader, stateless, algo, number, flag, padding)
            return out, OK
        except Reject as e:
            return b'', e.status
        except BadTag:
            return b'', BADMSG
        except CryptoError:
            return b'', ERR

    def look_at(self, reader, stateless, algo, number, flag, padding):
        """At a request that is as good as another, whatever the answer is."""
        if reader.at != len(reader.data):
            self.complaints.append('%d bytes behind the last field' % (len(reader.data) - reader.at))
        if padding or self.has(wire.F_REVISION_1) and flag != (0 if stateless else wire.FLAG_SESSION):
            self.complaints.append('flag %#x, padding %#x' % (flag, padding))
        if stateless:
            # The header names the algorithm that comes first in the parameters of all but chains.
            at = 32 if len(reader.data) >= 100 and reader.data[96] == SYM_CHAIN and reader.data[1] == CIPHER else 24
            if number or algo != struct.unpack_from('<I', reader.data, at)[0]:
                self.complaints.append('a stateless request of session %d, algorithm %d' % (number, algo))
        elif self.only_stateless:
            self.complaints.append('a request of session %d' % number)
        if self.only_stateless and self.sessions:
            self.complaints.append('%d sessions on a device that needs none' % len(self.sessions))

    def akcipher(self, header, body, room):
        def find(number):
            key = self.sessions.get(number)
            if key is None or service_of(key) != AKCIPHER:
                raise Reject(INVSESS)
            return key
        mode = device_asym.Mode(self.has(wire.F_REVISION_1), self.has(wire.F_STATELESS[AKCIPHER]) and not header[3] & 1)
        if self.only_stateless and (self.sessions or not mode.stateless):
            self.complaints.append('session %d, of %d, of a device that needs none' % (header[2], len(self.sessions)))
        return self.asym(device_asym.run, header, body, room, mode, find, self.max_size)

    def limit(self, *lengths):
        if sum(lengths) + 1 > self.max_size:
            raise Reject(ERR)

    def sym(self, reader, params, service, encrypt):
        stateless = params is None
        flf = reader.take(76 if stateless else wire.DATA_FLF)
        op_type, = struct.unpack_from('<I', flf, 72 if stateless else 40)
        if op_type == SYM_CIPHER:
            if stateless:
                algo, key_len, op, iv_len, src_len, dst_len = struct.unpack_from('<6I', flf)
                params = Params(CIPHER, algo, self.key(reader, key_len), self.direction(op))
                self.check(params)
            else:
                iv_len, src_len, dst_len = struct.unpack_from('<III', flf)
            self.limit(iv_len, src_len, dst_len)
            if params.kind != CIPHER:
                raise Reject(ERR)
            iv, src = reader.take(iv_len), reader.take(src_len)
            if params.encrypt != encrypt or dst_len < src_len:
                raise Reject(ERR)
            return self.cipher(params, iv, src)
        if op_type != SYM_CHAIN:
            raise Reject(NOTSUPP)
        if stateless:
            order, _, algo, key_len, op, auth, auth_key_len, mode = struct.unpack_from('<8I', flf)
            fields = struct.unpack_from('<9I', flf, 32)
            params = self.chain_params(reader, order, mode, algo, key_len, op, auth, fields[8], auth_key_len)
            self.check(params)
        else:
            fields = struct.unpack_from('<9I', flf)
        iv_len, src_len, dst_len, c_off, c_len, h_off, h_len, aad_len, size = fields
        self.limit(iv_len, src_len, dst_len, aad_len, size)
        if params.kind != CHAIN or size != params.size:
            raise Reject(ERR)
        iv = reader.take(iv_len)
        if stateless:
            reader.take(aad_len)
        src = reader.take(src_len)
        if params.encrypt != encrypt or aad_len or dst_len < src_len:
            raise Reject(ERR)
        if c_off + c_len > src_len or h_off + h_len > src_len:
            raise Reject(ERR)
        self.cipher(params, iv, src[c_off:c_off + c_len])  # refuses what does not fit
        dst, digest = reference.chain(params.algo, params.key, iv, encrypt, params.hash_first, params.is_mac,
                                      params.auth, params.auth_key, src, (c_off, c_len), (h_off, h_len), size)
        return dst + bytes(dst_len - len(dst)) + digest

    @staticmethod
    def cipher(params, iv, src):
        algo = reference.CIPHER[params.algo]
        if len(iv) != algo.iv_len or len(src) % algo.unit:
            raise Reject(ERR)
        return reference.cipher(params.algo, params.key, iv, src, params.encrypt)

    def digest(self, reader, params, service, _):
        if params is None:
            a, b, c, d = struct.unpack('<IIII', reader.take(16))
            if service == HASH:
                src_len, size = b, c
                params = Params(HASH, auth=a, size=size)
            else:
                src_len, size = c, d
                params = Params(MAC, auth=a, size=size, auth_key=self.auth_key(reader, b))
            self.check(params)
        else:
            src_len, size = struct.unpack_from('<II', self.flf(reader, 8, wire.DATA_FLF))
        self.limit(src_len, size)
        src = reader.take(src_len)
        if size != params.size:
            raise Reject(ERR)
        if service == HASH:
            return reference.hash_(params.auth, src, size)
        return reference.mac(params.auth, params.auth_key, src, size)

    def aead(self, reader, params, service, encrypt):
        if params is None:
            algo, key_len, op, iv_len, tag, aad_len, src_len, dst_len = struct.unpack('<8I', reader.take(32))
            params = Params(AEAD, algo, self.key(reader, key_len), self.direction(op), size=tag)
            self.check(params)
        else:
            iv_len, aad_len, src_len, dst_len, tag, _ = struct.unpack_from('<6I', self.flf(reader, 24, wire.DATA_FLF))
            tag = tag or params.size
        self.limit(iv_len, aad_len, src_len, dst_len)
        iv, src, aad = reader.take(iv_len), reader.take(src_len), reader.take(aad_len)
        ivs = reference.AEAD[params.algo].ivs + ((16,) if params.algo == 1 else ())
        if tag != params.size or iv_len not in ivs or params.encrypt != encrypt:
            raise Reject(ERR)
        if encrypt:
            if dst_len < src_len + tag:
                raise Reject(ERR)
            return reference.aead_encrypt(params.algo, params.key, iv, aad, src, tag)
        if src_len < tag or dst_len < src_len - tag:
            raise Reject(ERR)
        return reference.aead_decrypt(params.algo, params.key, iv, aad, src[:-tag], src[-tag:])
