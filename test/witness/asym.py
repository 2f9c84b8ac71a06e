# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The virtio-crypto stack authors
#
# Keys and signatures of the AKCIPHER service in the forms that the standard names, written and read
# here; and the published vectors of test/vectors. [virtio 5.9.9.2.1.5, RFC 8017 A.1, RFC 5915, SEC 1]

import collections
import os

RSA, ECDSA = 1, 2
RAW, PKCS1 = 0, 1
ENCRYPT, DECRYPT, SIGN, VERIFY = range(4)
HASHES = {None: 0, 'md5': 4, 'sha1': 5, 'sha256': 6, 'sha384': 7, 'sha512': 8, 'sha224': 9}

# name: number, bytes of a coordinate, bytes of a signature at most, OID
CURVES = {
    'P-192': (1, 24, 56, '2a8648ce3d030101'),
    'P-224': (2, 28, 64, '2b81040021'),
    'P-256': (3, 32, 72, '2a8648ce3d030107'),
    'P-384': (4, 48, 104, '2b81040022'),
    'P-521': (5, 66, 139, '2b81040023'),
}

VECTORS = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'vectors')


def tlv(tag, contents):
    n = len(contents)
    length = n.to_bytes((n.bit_length() + 7) // 8 or 1, 'big')
    if n > 127:
        length = bytes([128 | len(length)]) + length
    return bytes([tag]) + length + contents


def integer(n):
    return tlv(0x02, n.to_bytes(n.bit_length() // 8 + 1, 'big'))


def sequence(*parts):
    return tlv(0x30, b''.join(parts))


def rsa_public(n, e):
    return sequence(integer(n), integer(e))


def rsa_private(n, e, d, p, q, dp=None, dq=None, qi=None):
    dp = d % (p - 1) if dp is None else dp
    dq = d % (q - 1) if dq is None else dq
    qi = pow(q, -1, p) if qi is None else qi
    return sequence(*map(integer, (0, n, e, d, p, q, dp, dq, qi)))


def ec_private(curve, number, oid=True, point=None):
    _, size, _, name = CURVES[curve]
    parts = [integer(1), tlv(0x04, number.to_bytes(size, 'big'))]
    if oid:
        parts.append(tlv(0xa0, tlv(0x06, bytes.fromhex(name))))
    if point:
        parts.append(tlv(0xa1, tlv(0x03, b'\0' + point)))
    return sequence(*parts)


def signature(r, s):
    return sequence(integer(r), integer(s))


def signature_of_halves(sig):
    """r and s one after the other, as they are in IEEE P1363, in DER."""
    half = len(sig) // 2
    return signature(int.from_bytes(sig[:half], 'big'), int.from_bytes(sig[half:], 'big'))


Vector = collections.namedtuple('Vector', 'verdict ident fields')


def vectors(name):
    """The vectors of a file, with their fields as text."""
    fields, found, count = {}, [], None
    with open(os.path.join(VECTORS, name + '.txt')) as f:
        for line in f:
            word, _, rest = line.rstrip('\n').partition(' ')
            if word == '#':
                continue
            if word in '+-?':
                found.append(Vector(word, rest.split(' ')[0], dict(fields)))
            elif word == 'end':
                count = int(rest)
            else:
                fields[word] = rest
    if count != len(found):
        raise AssertionError('%s: %d vectors, and its end says %s' % (name, len(found), count))
    return found


def number(fields, name):
    return int(fields[name], 16)


def octets(fields, name):
    return bytes.fromhex(fields[name])
