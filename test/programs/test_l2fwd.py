# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The virtio-crypto stack authors
#
# l2fwd-crypto: what lies behind the IP header of each packet is encrypted, authenticated or both, and
# the way back. Each run has two devices, one with split rings and one with packed: what port 0
# receives goes through the first device and out of port 1, and the other way round. What is right is
# made here, with Python's cryptography.

import struct

from cryptography.hazmat.primitives import cmac, hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, aead, algorithms, modes

from cases import case, check, equal
from program import Forwarder

PACKETS = 150
TAMPERED = 10
HEADERS = 14 + 20


def pattern(n, seed):
    return bytes((seed + i * 7 + (i >> 8)) & 0xff for i in range(n))


KEY = pattern(64, 1)
AUTH_KEY = pattern(64, 101)
IV = pattern(16, 51)
AAD = pattern(16, 151)


def packet(n, length):
    """An IPv4 packet with the number n, and so many bytes behind its header."""
    ip = struct.pack('>BBHHHBBH4s4s', 0x45, 0, 20 + length, n, 0, 64, 17, 0, b'\x0a\0\0\1', b'\x0a\0\0\2')
    return bytes.fromhex('020000000002 020000000001 0800') + ip + pattern(length, n)


def number_of(frame):
    return struct.unpack_from('>H', frame, 18)[0]


def packets(first):
    """Lengths from 1 to what fits into a frame."""
    lengths = [1, 2, 15, 16, 17, 31, 32, 33, 63, 64, 65, 1400, 1440]
    return [packet(first + i, lengths[i] if i < len(lengths) else 1 + i * 613 % 1440) for i in range(PACKETS)]


class Block:
    """A cipher; block is what l2fwd-crypto pads to."""

    def __init__(self, name, algorithm, mode, key_len, iv_len, block=1):
        self.name, self.algorithm, self.mode = name, algorithm, mode
        self.key, self.iv, self.block = KEY[:key_len], IV[:iv_len], block

    def options(self, encrypt):
        options = ['--cipher_algo', self.name, '--cipher_op', 'ENCRYPT' if encrypt else 'DECRYPT']
        return (options + (['--cipher_key', self.key.hex(':')] if self.key else []) +
                (['--cipher_iv', self.iv.hex(':')] if self.iv else []))

    def encrypt(self, data):
        if self.algorithm is None:
            return data
        e = Cipher(self.algorithm(self.key), self.mode(self.iv) if self.iv else self.mode()).encryptor()
        return e.update(data) + e.finalize()


class Mac:
    def __init__(self, name, key_len, length, make):
        self.name, self.key, self.length, self.make = name, AUTH_KEY[:key_len], length, make

    def options(self, generate):
        options = ['--auth_algo', self.name, '--auth_op', 'GENERATE' if generate else 'VERIFY',
                   '--digest_size', str(self.length)]
        return options + (['--auth_key', self.key.hex(':')] if self.key else [])

    def digest(self, data):
        m = self.make(self.key)
        m.update(data)
        return m.finalize()[:self.length]


class Aead:
    def __init__(self, name, make, key_len, iv_len, tag_len, aad=AAD):
        self.name, self.key, self.iv, self.aad = name, KEY[:key_len], IV[:iv_len], aad
        self.length, self.make = tag_len, make

    def options(self, encrypt):
        options = ['--aead_algo', self.name, '--aead_op', 'ENCRYPT' if encrypt else 'DECRYPT', '--aead_key',
                   self.key.hex(':'), '--aead_iv', self.iv.hex(':'), '--digest_size', str(self.length)]
        return options + ['--aad', self.aad.hex(':')]

    def seal(self, data):
        return self.make(self.key).encrypt(self.iv, data, self.aad)


def hmac_of(hash_class):
    return lambda key: hmac.HMAC(key, hash_class())


CIPHERS = {
    'AES-128-CBC': Block('aes-cbc', algorithms.AES, modes.CBC, 16, 16, 16),
    'AES-256-CBC': Block('aes-cbc', algorithms.AES, modes.CBC, 32, 16, 16),
    'AES-192-CTR': Block('aes-ctr', algorithms.AES, modes.CTR, 24, 16),
    'AES-128-ECB': Block('aes-ecb', algorithms.AES, modes.ECB, 16, 0, 16),
    'NULL': Block('null', None, None, 0, 0),
    '3DES-CBC': Block('3des-cbc', algorithms.TripleDES, modes.CBC, 24, 8, 8),
}
MACS = {
    'HMAC-MD5': Mac('md5-hmac', 16, 16, hmac_of(hashes.MD5)),
    'HMAC-SHA1': Mac('sha1-hmac', 20, 20, hmac_of(hashes.SHA1)),
    'HMAC-SHA1-96': Mac('sha1-hmac', 20, 12, hmac_of(hashes.SHA1)),
    'HMAC-SHA256-128': Mac('sha2-256-hmac', 32, 16, hmac_of(hashes.SHA256)),
    'HMAC-SHA512': Mac('sha2-512-hmac', 64, 64, hmac_of(hashes.SHA512)),
    'AES-CMAC': Mac('aes-cmac', 16, 16, lambda key: cmac.CMAC(algorithms.AES(key))),
    'SHA384': Mac('sha2-384', 0, 48, lambda key: hashes.Hash(hashes.SHA384())),
}
AEADS = {
    'AES-128-GCM': Aead('aes-gcm', aead.AESGCM, 16, 12, 16),
    'AES-256-GCM': Aead('aes-gcm', aead.AESGCM, 32, 12, 16, AAD[:8]),
    'AES-128-CCM': Aead('aes-ccm', lambda key: aead.AESCCM(key, 8), 16, 11, 8),
    'ChaCha20-Poly1305': Aead('chacha20-poly1305', aead.ChaCha20Poly1305, 32, 12, 16),
}


def run(env, options, streams, tampered=0):
    """Frames that come of each of the two streams; so many in each are expected to fail."""
    p = Forwarder(env, 'l2fwd-crypto', env.devices(), streams,
                  ['-p', '3', '-q', '2', '-s', '-T', '0', '--no-mac-updating', '--cdev_type', 'ANY'] + options)
    lengths = [len(s) for s in streams]
    p.wait_sent(lengths[::-1])
    counts = [p.counts(i) for i in range(2)]
    came = p.stop()[::-1]
    equal(counts, [(n, n, tampered) for n in lengths], 'operations of each device: taken, done, failed')
    equal([len(f) for f in came], lengths, 'packets')
    return came


def compare(came, wanted):
    """Packets that are not wanted are not looked at."""
    for got in came:
        n = number_of(got)
        if n in wanted:
            equal(got, wanted.pop(n), 'packet %d' % n)
    check(not wanted, 'packets do not come: %s' % sorted(wanted))


def tamper(frame, n):
    """A copy with the number n, and one bit behind the header wrong; the header is not protected."""
    at = HEADERS + (n * 37) % (len(frame) - HEADERS)
    return frame[:18] + struct.pack('>H', n) + frame[20:at] + bytes([frame[at] ^ (1 << n % 8)]) + frame[at + 1:]


def there_and_back(env, there, back, seal, returned=lambda plain, sealed: plain, protected=True):
    """
    seal(data) is what is right. What comes back is plain, or what returned() says.
    """
    plain = [packets(1), packets(1001)]
    sealed = [[f[:HEADERS] + seal(f[HEADERS:]) for f in stream] for stream in plain]
    for came, wanted in zip(run(env, there, plain), sealed):
        compare(came, {number_of(f): f for f in wanted})

    spoilt = [[tamper(f, 5000 + number_of(f)) for f in stream[:TAMPERED]] if protected else []
              for stream in sealed]
    came = run(env, back, [a + b for a, b in zip(spoilt, sealed)], TAMPERED if protected else 0)
    for frames, old, new in zip(came, plain, sealed):
        compare(frames, {number_of(p): returned(p, s) for p, s in zip(old, new)})


def padded(data, block):
    return data + bytes(-len(data) % block)


@case('{}', *CIPHERS)
def cipher_only(env, name):
    c = CIPHERS[name]
    there_and_back(env, ['--chain', 'CIPHER_ONLY'] + c.options(True), ['--chain', 'CIPHER_ONLY'] + c.options(False),
                   lambda data: c.encrypt(padded(data, c.block)), protected=False)


@case('{}', *MACS)
def hash_only(env, name):
    m = MACS[name]
    there_and_back(env, ['--chain', 'HASH_ONLY'] + m.options(True), ['--chain', 'HASH_ONLY'] + m.options(False),
                   lambda data: data + m.digest(data))


@case('{} then {}', ('AES-128-CBC', 'HMAC-SHA1-96'), ('AES-192-CTR', 'HMAC-SHA256-128'), ('3DES-CBC', 'HMAC-MD5'),
      ('NULL', 'HMAC-SHA1'))
def cipher_hash(env, cipher, mac):
    c, m = CIPHERS[cipher], MACS[mac]

    def seal(data):
        data = c.encrypt(padded(data, c.block))
        return data + m.digest(data)
    there_and_back(env, ['--chain', 'CIPHER_HASH'] + c.options(True) + m.options(True),
                   ['--chain', 'HASH_CIPHER'] + c.options(False) + m.options(False), seal)


@case('{1} then {0}', ('AES-256-CBC', 'HMAC-SHA512'), ('AES-192-CTR', 'HMAC-SHA1'))
def hash_cipher(env, cipher, mac):
    c, m = CIPHERS[cipher], MACS[mac]

    def seal(data):
        data = padded(data, c.block)
        return c.encrypt(data) + m.digest(data)
    there_and_back(env, ['--chain', 'HASH_CIPHER'] + c.options(True) + m.options(True),
                   ['--chain', 'CIPHER_HASH'] + c.options(False) + m.options(False), seal)


@case('{}', *AEADS)
def aead_both(env, name):
    # The program leaves the tag where it is.
    a = AEADS[name]
    there_and_back(env, ['--chain', 'AEAD'] + a.options(True), ['--chain', 'AEAD'] + a.options(False), a.seal,
                   lambda plain, sealed: plain + sealed[-a.length:])
