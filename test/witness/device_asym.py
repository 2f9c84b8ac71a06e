# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The virtio-crypto stack authors
#
# The AKCIPHER service of the witness device, with Python's numbers and nothing else. Parsed from the
# offsets of the standard's section 5.9. [virtio 5.9.9.2.1.5, 5.9.9.8]
#
# What a driver must not send is told apart from what an application may have asked for: the first is
# Strange, and complained of; the second is answered with a status.

import secrets
import struct
from collections import namedtuple

import asym
import wire
from asym import DECRYPT, ECDSA, ENCRYPT, PKCS1, RAW, RSA, SIGN, VERIFY
from wire import AKCIPHER, ERR, KEY_REJECTED, NOTSUPP, OK

RSA_MIN, RSA_MAX = 64, 1024  # bytes of a modulus

# p, b, order, x and y of the generator; a is p - 3. [SEC 2]
CURVES = {
    'P-192': (
        0xfffffffffffffffffffffffffffffffeffffffffffffffff,
        0x64210519e59c80e70fa7e9ab72243049feb8deecc146b9b1,
        0xffffffffffffffffffffffff99def836146bc9b1b4d22831,
        0x188da80eb03090f67cbf20eb43a18800f4ff0afd82ff1012,
        0x7192b95ffc8da78631011ed6b24cdd573f977a11e794811,
    ),
    'P-224': (
        0xffffffffffffffffffffffffffffffff000000000000000000000001,
        0xb4050a850c04b3abf54132565044b0b7d7bfd8ba270b39432355ffb4,
        0xffffffffffffffffffffffffffff16a2e0b8f03e13dd29455c5c2a3d,
        0xb70e0cbd6bb4bf7f321390b94a03c1d356c21122343280d6115c1d21,
        0xbd376388b5f723fb4c22dfe6cd4375a05a07476444d5819985007e34,
    ),
    'P-256': (
        0xffffffff00000001000000000000000000000000ffffffffffffffffffffffff,
        0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b,
        0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551,
        0x6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296,
        0x4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5,
    ),
    'P-384': (
        0xfffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffeffffffff0000000000000000ffffffff,
        0xb3312fa7e23ee7e4988e056be3f82d19181d9c6efe8141120314088f5013875ac656398d8a2ed19d2a85c8edd3ec2aef,
        0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973,
        0xaa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7,
        0x3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f,
    ),
    'P-521': (
        int('1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff'
            'fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff', 16),
        int('51953eb9618e1c9a1f929a21a0b68540eea2da725b99b315f3b8b489918ef109e'
            '156193951ec7e937b1652c0bd3bb1bf073573df883d2c34f1ef451fd46b503f00', 16),
        int('1fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff'
            'a51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409', 16),
        int('c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3db'
            'aa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66', 16),
        int('11839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662'
            'c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650', 16),
    ),
}

OIDS = {'md5': '2a864886f70d0205', 'sha1': '2b0e03021a', 'sha224': '608648016503040204',
        'sha256': '608648016503040201', 'sha384': '608648016503040202', 'sha512': '608648016503040203'}
SIZES = {'md5': 16, 'sha1': 20, 'sha224': 28, 'sha256': 32, 'sha384': 48, 'sha512': 64}
HASH_NAME = {number: name for name, number in asym.HASHES.items()}
CURVE_NAME = {c[0]: name for name, c in asym.CURVES.items()}


class Strange(Exception):
    """What no driver may send."""


class Refused(Exception):
    """What a driver may send, and this device does not do."""

    def __init__(self, status):
        super().__init__(status)
        self.status = status


def need(truth, what):
    if not truth:
        raise Strange(what)


# --- DER, of which there is one form only ---

def element(data, tag):
    """(contents, rest)"""
    need(len(data) >= 2 and data[0] == tag, 'DER: no element of tag %#x' % tag)
    n, at = data[1], 2
    if n > 127:
        size = n & 127
        need(0 < size <= 4 and len(data) >= 2 + size, 'DER: a length of %d bytes' % size)
        n, at = int.from_bytes(data[2:2 + size], 'big'), 2 + size
        need(n > 127 and n >> 8 * (size - 1), 'DER: a length of %d in %d bytes' % (n, size))
    need(n <= len(data) - at, 'DER: an element beyond the end')
    return data[at:at + n], data[at + n:]


def natural(data):
    """(number, rest)"""
    contents, rest = element(data, 0x02)
    need(contents, 'DER: a number without bytes')
    need(not contents[0] & 0x80, 'DER: a negative number')
    need(len(contents) == 1 or contents[0] or contents[1] & 0x80, 'DER: a number with a zero too many')
    return int.from_bytes(contents, 'big'), rest


def naturals(data, nb):
    """All the numbers of a sequence that is all of the data."""
    body, rest = element(data, 0x30)
    need(not rest, 'DER: %d bytes behind the sequence' % len(rest))
    numbers = []
    for _ in range(nb):
        n, body = natural(body)
        numbers.append(n)
    need(not body, 'DER: %d bytes behind the last number' % len(body))
    return numbers


# --- RSA ---

class RsaKey:
    kind = AKCIPHER
    algo = RSA

    def __init__(self, private, der, padding, digest):
        need(padding in (RAW, PKCS1), 'padding %d' % padding)
        need(digest in HASH_NAME, 'hash %d' % digest)
        need(padding == PKCS1 or digest == 0, 'hash %d without padding' % digest)
        self.private = private
        self.raw = padding == RAW
        self.hash = HASH_NAME[digest]
        self.p = None
        if private:
            version, self.n, self.e, d, self.p, self.q, self.dp, self.dq, self.qi = naturals(der, 9)
            need(version == 0, 'a private key of version %d' % version)
            need(self.p * self.q == self.n, 'the primes are not those of the modulus')
            need(d * self.e % (self.p - 1) == 1 and d * self.e % (self.q - 1) == 1, 'd does not go with e')
            need(self.dp == d % (self.p - 1) and self.dq == d % (self.q - 1), 'dP or dQ does not go with d')
            need(self.qi == pow(self.q, -1, self.p), 'qInv does not go with the primes')
        else:
            self.n, self.e = naturals(der, 2)
        self.size = (self.n.bit_length() + 7) // 8
        if not self.n & 1 or not RSA_MIN <= self.size <= RSA_MAX or not self.e & 1 or self.e < 3:
            raise Refused(ERR)

    def public_op(self, m):
        return pow(m, self.e, self.n)

    def private_op(self, c):
        a, b = pow(c, self.dp, self.p), pow(c, self.dq, self.q)
        return b + (a - b) * self.qi % self.p * self.q

    def octets(self, number):
        return number.to_bytes(self.size, 'big')

    def number(self, text):
        n = int.from_bytes(text, 'big')
        if len(text) != self.size or n >= self.n:
            raise Refused(ERR)
        return n

    def pad(self, kind, text):
        """EME and EMSA of PKCS #1 v1.5."""
        room = self.size - 3 - len(text)
        if room < 8:
            raise Refused(ERR)
        filling = b'\xff' * room if kind == 1 else bytes(1 + secrets.randbelow(255) for _ in range(room))
        return int.from_bytes(bytes([0, kind]) + filling + b'\0' + text, 'big')

    def signed(self, data):
        """The number that a signature of the data is made of."""
        need(not self.raw, 'a signature without padding [5.9.9.2.1.5]')
        if self.hash is not None:
            if len(data) != SIZES[self.hash]:
                raise Refused(ERR)
            oid = asym.tlv(0x06, bytes.fromhex(OIDS[self.hash]))
            data = asym.sequence(asym.sequence(oid, asym.tlv(0x05, b'')), asym.tlv(0x04, data))
        return self.pad(1, data)

    def run(self, op, src, data):
        need(self.private or op in (ENCRYPT, VERIFY), 'operation %d with a public key' % op)
        if op == SIGN:
            return self.octets(self.private_op(self.signed(src)))
        if op == VERIFY:
            want = self.signed(data)
            n = int.from_bytes(src, 'big')
            if len(src) != self.size or n >= self.n or self.public_op(n) != want:
                raise Refused(KEY_REJECTED)
            return b''
        # [virtio 5.9.9.2.1.5: the driver fills up with zeros in front]
        need(not self.raw or len(src) == self.size, 'a source of %d bytes without padding' % len(src))
        if op == ENCRYPT:
            return self.octets(self.public_op(self.number(src) if self.raw else self.pad(2, src)))
        em = self.octets(self.private_op(self.number(src)))
        if self.raw:
            return em
        end = em.find(b'\0', 2)
        if em[:2] != b'\0\2' or end < 10:
            raise Refused(ERR)
        return em[end + 1:]

    def least(self, op):
        """Bytes of result that there must be room for."""
        return 0 if op in (DECRYPT, VERIFY) else self.size


# --- ECDSA ---

class Curve:
    """Points are (X, Y, Z), Jacobian; None is the point at infinity."""

    def __init__(self, name):
        self.name = name
        self.p, self.b, self.order, x, y = CURVES[name]
        self.generator = (x, y, 1)
        self.number, self.size, self.sig_size, self.oid = asym.CURVES[name]

    def double(self, a):
        if a is None:
            return None
        p, (x, y, z) = self.p, a
        zz, yy = z * z % p, y * y % p
        m = 3 * (x - zz) * (x + zz) % p
        s = 4 * x * yy % p
        x3 = (m * m - 2 * s) % p
        return x3, (m * (s - x3) - 8 * yy * yy) % p, 2 * y * z % p

    def add(self, a, b):
        if a is None or b is None:
            return a or b
        p, (x1, y1, z1), (x2, y2, z2) = self.p, a, b
        u, v = z1 * z1 % p, z2 * z2 % p
        x1, x2 = x1 * v % p, x2 * u % p
        y1, y2 = y1 * z2 * v % p, y2 * z1 * u % p
        h, r = (x2 - x1) % p, (y2 - y1) % p
        if h == 0:
            return self.double(a) if r == 0 else None
        hh = h * h % p
        hhh, w = hh * h % p, x1 * hh % p
        x3 = (r * r - hhh - 2 * w) % p
        return x3, (r * (w - x3) - y1 * hhh) % p, h * z1 * z2 % p

    def times(self, k, a):
        out = None
        for bit in bin(k)[2:]:
            out = self.double(out)
            if bit == '1':
                out = self.add(out, a)
        return out

    def x_of(self, a):
        return a[0] * pow(a[2], -2, self.p) % self.p

    def digest(self, data):
        """The leftmost bits of a digest, as many as the order has."""
        return int.from_bytes(data, 'big') >> max(0, 8 * len(data) - self.order.bit_length())


class EcKey:
    kind = AKCIPHER
    algo = ECDSA

    def __init__(self, private, der, curve):
        need(curve in CURVE_NAME, 'curve %d' % curve)
        self.private = private
        self.curve = c = Curve(CURVE_NAME[curve])
        if private:
            self.d = self.private_number(der)
            self.q = c.times(self.d, c.generator)
            return
        need(len(der) == 1 + 2 * c.size and der[0] == 4, 'a point of %d bytes' % len(der))
        x, y = (int.from_bytes(der[at:at + c.size], 'big') for at in (1, 1 + c.size))
        if x >= c.p or y >= c.p or (y * y - x * x * x + 3 * x - c.b) % c.p:
            raise Refused(ERR)
        self.q = (x, y, 1)

    def private_number(self, der):
        c = self.curve
        body, rest = element(der, 0x30)
        need(not rest, 'DER: bytes behind the key')
        version, body = natural(body)
        need(version == 1, 'a private key of version %d' % version)
        octets, body = element(body, 0x04)
        # [RFC 5915, 3: as many as the order has]
        need(len(octets) == (c.order.bit_length() + 7) // 8, 'a private number of %d bytes' % len(octets))
        if body[:1] == b'\xa0':
            params, body = element(body, 0xa0)
            oid, rest = element(params, 0x06)
            need(not rest and oid.hex() == c.oid, 'the key names another curve')
        if body[:1] == b'\xa1':
            point, body = element(body, 0xa1)
            bits, rest = element(point, 0x03)
            need(not rest and len(bits) == 2 + 2 * c.size and bits[:2] == b'\0\4', 'the key\'s point')
        need(not body, 'DER: bytes behind the last element')
        d = int.from_bytes(octets, 'big')
        if not 0 < d < c.order:
            raise Refused(ERR)
        return d

    def run(self, op, src, data):
        c = self.curve
        need(op in (SIGN, VERIFY), 'operation %d of ECDSA' % op)
        if op == SIGN:
            need(self.private, 'a signature with a public key')
            r = s = 0
            while not r or not s:
                k = 1 + secrets.randbelow(c.order - 1)
                r = c.x_of(c.times(k, c.generator)) % c.order
                s = pow(k, -1, c.order) * (c.digest(src) + r * self.d) % c.order
            return asym.signature(r, s)
        r, s = naturals(src, 2)
        if not 0 < r < c.order or not 0 < s < c.order:
            raise Refused(KEY_REJECTED)
        w = pow(s, -1, c.order)
        point = c.add(c.times(c.digest(data) * w % c.order, c.generator), c.times(r * w % c.order, self.q))
        if point is None or c.x_of(point) % c.order != r:
            raise Refused(KEY_REJECTED)
        return b''

    def least(self, op):
        return self.curve.sig_size if op == SIGN else 0


# --- Requests ---

def key_of(algo, key_type, para, der):
    """para: all bytes that the algorithm's parameters have."""
    need(key_type in (wire.PUBLIC, wire.PRIVATE), 'key type %d' % key_type)
    need(der, 'a key without bytes')
    private = key_type == wire.PRIVATE
    if algo not in (RSA, ECDSA):
        raise Refused(NOTSUPP)
    first, second = struct.unpack_from('<II', para)
    used = 8 if algo == RSA else 4
    need(not any(para[used:]), 'bytes behind the parameters are not zero')
    return RsaKey(private, der, first, second) if algo == RSA else EcKey(private, der, first)


def create(header, body, room):
    """A key from a create request. body: what stands behind the header."""
    opcode, algo, flag, reserved = header
    need(len(body) >= wire.CTRL_FLF, 'a create request of %d bytes behind its header' % len(body))
    number, key_type, key_len = struct.unpack_from('<III', body)
    need(algo == number, 'algorithm %d in the header of one of %d' % (algo, number))
    need(flag == 0 and reserved == 0, 'flag %#x, reserved %#x' % (flag, reserved))
    need(len(body) == wire.CTRL_FLF + key_len, 'a key of %d bytes in %d' % (key_len, len(body) - wire.CTRL_FLF))
    need(room == 16, 'room of %d bytes for the outcome' % room)
    return key_of(number, key_type, body[12:wire.CTRL_FLF], body[wire.CTRL_FLF:])


def check_destroy(header, body, room, revision_1):
    """A destroy request's form."""
    need(header[2:] == (0, 0), 'flag %#x, reserved %#x' % header[2:])
    want = 8 if revision_1 else wire.CTRL_FLF
    need(len(body) == want, 'a destroy request of %d bytes behind its header' % len(body))
    need(not any(body[8:]), 'bytes behind the session are not zero')
    need(room == 1, 'room of %d bytes for the status' % room)


# Of a data request: what was negotiated, and which of both it is.
Mode = namedtuple('Mode', 'revision_1 stateless')


def run(header, body, room, mode, find, max_size):
    """(result, status). find: the session of a number, or a refusal. room: bytes before the status."""
    opcode, algo, session, flag, reserved = header
    op = opcode & 0xff
    # Without REVISION_1 it means nothing.
    need(flag == (0 if mode.stateless else 1) or not mode.revision_1 and flag == 0, 'flag %#x' % flag)
    need(reserved == 0, 'reserved %#x' % reserved)
    if mode.stateless:
        need(len(body) >= 28, 'a stateless request of %d bytes behind its header' % len(body))
        number, key_type, key_len = struct.unpack_from('<III', body)
        src_len, dst_len = struct.unpack_from('<II', body, 20)
        fixed, key_at = 28 + key_len, 28
        need(session == 0, 'session %d of a stateless request' % session)
    else:
        fixed = 8 if mode.revision_1 else wire.DATA_FLF
        need(len(body) >= fixed, 'a request of %d bytes behind its header' % len(body))
        src_len, dst_len = struct.unpack_from('<II', body)
        need(not any(body[8:fixed]), 'bytes behind the lengths are not zero')
    want = fixed + src_len + (dst_len if op == VERIFY else 0)
    need(len(body) == want, '%d readable bytes behind the header, and the lengths say %d' % (len(body), want))
    need(room == (0 if op == VERIFY else dst_len), 'room of %d bytes for %d' % (room, dst_len))
    need(want + room + 1 <= max_size, '%d bytes, and the device takes %d' % (want + room + 1, max_size))
    if mode.stateless:
        key = key_of(number, key_type, body[12:20], body[key_at:fixed])
    else:
        key = find(session)
    need(algo == key.algo, 'algorithm %d in the header of one of %d' % (algo, key.algo))
    need(op == VERIFY or room >= key.least(op), 'room of %d bytes for a result of up to %d' % (room, key.least(op)))
    src, data = body[fixed:fixed + src_len], body[fixed + src_len:]
    out = key.run(op, src, data)
    if len(out) > room:
        raise Refused(ERR)
    return out, OK
