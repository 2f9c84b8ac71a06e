# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The virtio-crypto stack authors
#
# The AKCIPHER service: published vectors and keys made by OpenSSL, in session and in stateless mode;
# keys and requests that are none.

import functools
import hashlib
import subprocess
import zlib

import asym
import libcrypto
import wire
from asym import DECRYPT, ECDSA, ENCRYPT, PKCS1, RAW, RSA, SIGN, VERIFY, number, octets
from cases import case, check, equal
from framing import Framing
from guest import Guest
from test_services import some_framing
from vhost_user import wait_for
from wire import AKCIPHER, ERR, INVSESS, KEY_REJECTED, NOTSUPP, OK

MODES = ('padded', 'exact', 'stateless')
HASHES = ('md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512')


def open_guest(env, mode, what, packed=False):
    return Guest(env.path(), packed=packed, revision_1=mode != 'padded', stateless=mode == 'stateless',
                 seed=zlib.crc32(what.encode()))


class Key:
    """A key with its parameters, as a session or with each request."""

    def __init__(self, g, mode, algo, private, der, para):
        self.g = g
        self.mode = mode
        self.what = algo, private, der, para
        self.algo = algo
        if mode != 'stateless':
            self.id = g.create(wire.create_akcipher(algo, private, der, para, g.revision_1), some_framing(g))

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is None and self.mode != 'stateless':
            equal(self.g.destroy(AKCIPHER, self.id), OK, 'status of destroy')

    def request(self, op, src, dst_len=0, data=b''):
        if self.mode == 'stateless':
            return self.g.stateless_mode.akcipher(*self.what, op, src, dst_len, data)
        return self.g.session_mode.akcipher(self.id, self.algo, op, src, dst_len, data)

    def run(self, op, src, dst_len=0, data=b''):
        """(status, result), which is as long as the used length says."""
        r = self.g.run(self.request(op, src, dst_len, data), framing=some_framing(self.g))
        if r['status'] != OK or op == VERIFY:
            check(r['used'] <= 1, 'a used length of %d without a result' % r['used'])
            return r['status'], b''
        check(r['used'] <= dst_len + 1, 'a used length of %d' % r['used'])
        return OK, r['dst'][:r['used'] - 1]

    def good(self, op, src, dst_len=0, data=b''):
        status, result = self.run(op, src, dst_len, data)
        equal(status, OK, 'status')
        return result

    def verifies(self, sig, digest):
        status, _ = self.run(VERIFY, sig, 0, digest)
        check(status in (OK, KEY_REJECTED), 'status %d of a verification' % status)
        return status == OK


def digest(name, message):
    return hashlib.new(name, message).digest()


# --- Vectors ---

def rsa_key_of(f, private):
    if private:
        return asym.rsa_private(*(number(f, x) for x in ('n', 'e', 'd', 'p', 'q')))
    return asym.rsa_public(number(f, 'n'), number(f, 'e'))


def by_key(name, key):
    """Vectors in runs of one key."""
    run, last = [], None
    for v in asym.vectors(name):
        if run and key(v.fields) != last:
            yield last, run
            run = []
        last = key(v.fields)
        run.append(v)
    if run:
        yield last, run


def judge(v, name, right):
    if v.verdict != '?':
        check(right == (v.verdict == '+'), '%s %s: taken for %s' % (name, v.ident, 'right' if right else 'wrong'))


@case('vectors {0} {1}', *[(n, m) for n in ('asym_wp_rsa_verify', 'asym_nist_rsa') for m in MODES])
def rsa_verify(env, name, mode):
    nb = 0
    with open_guest(env, mode, name) as g:
        for (_, _, h), run in by_key(name, lambda f: (f['n'], f['e'], f['hash'])):
            f = run[0].fields
            with Key(g, mode, RSA, False, rsa_key_of(f, False), (PKCS1, asym.HASHES[h])) as key:
                for v in run:
                    judge(v, name, key.verifies(octets(v.fields, 'sig'), digest(h, octets(v.fields, 'msg'))))
                    nb += 1
    check(nb > 100, 'only %d vectors' % nb)


@case('vectors asym_wp_rsa_sign {0}', *MODES)
def rsa_sign(env, mode):
    name = 'asym_wp_rsa_sign'
    with open_guest(env, mode, name, packed=True) as g:
        for (_, h), run in by_key(name, lambda f: (f['n'], f['hash'])):
            f = run[0].fields
            with Key(g, mode, RSA, True, rsa_key_of(f, True), (PKCS1, asym.HASHES[h])) as key:
                for v in run:
                    want = octets(v.fields, 'sig')
                    got = key.good(SIGN, digest(h, octets(v.fields, 'msg')), len(want))
                    judge(v, name, got == want)


@case('vectors asym_wp_rsa_decrypt {0}', *MODES)
def rsa_decrypt(env, mode):
    name = 'asym_wp_rsa_decrypt'
    with open_guest(env, mode, name) as g:
        for _, run in by_key(name, lambda f: f['n']):
            f = run[0].fields
            with Key(g, mode, RSA, True, rsa_key_of(f, True), (PKCS1, 0)) as key:
                for v in run:
                    status, got = key.run(DECRYPT, octets(v.fields, 'ct'), 1024)
                    judge(v, name, status == OK and got == octets(v.fields, 'msg'))


@case('vectors {0} {1}', *[(n, m) for n in ('asym_nist_ecdsa', 'asym_wp_ecdsa_der', 'asym_wp_ecdsa_p1363')
                           for m in MODES])
def ecdsa_verify(env, name, mode):
    nb = 0
    with open_guest(env, mode, name, packed=mode == 'exact') as g:
        for (curve, q), run in by_key(name, lambda f: (f['curve'], f['q'])):
            with Key(g, mode, ECDSA, False, bytes.fromhex(q), (asym.CURVES[curve][0],)) as key:
                for v in run:
                    sig = octets(v.fields, 'sig')
                    if v.fields['form'] == 'p1363':
                        if len(sig) != 2 * asym.CURVES[curve][1]:
                            continue  # has no halves
                        sig = asym.signature_of_halves(sig)
                    h = v.fields['hash']
                    judge(v, name, key.verifies(sig, digest(h, octets(v.fields, 'msg'))))
                    nb += 1
    check(nb > 60, 'only %d vectors' % nb)


# --- Keys of OpenSSL ---

def openssl(*args, stdin=None):
    return subprocess.run(('openssl',) + args, input=stdin, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          check=True).stdout


@functools.lru_cache(maxsize=None)  # large ones take seconds
def rsa_pair(bits):
    pem = openssl('genrsa', '-traditional', str(bits))
    return (openssl('rsa', '-traditional', '-outform', 'DER', stdin=pem),
            openssl('rsa', '-RSAPublicKey_out', '-outform', 'DER', stdin=pem),
            libcrypto.PublicKey(openssl('rsa', '-pubout', '-outform', 'DER', stdin=pem)))


def ec_pair(curve):
    pem = openssl('ecparam', '-genkey', '-noout', '-name', {'P-192': 'prime192v1', 'P-256': 'prime256v1'}.get(
        curve, 'secp%sr1' % curve[2:]))
    spki = openssl('ec', '-pubout', '-outform', 'DER', stdin=pem)
    return (openssl('ec', '-outform', 'DER', stdin=pem), spki[-1 - 2 * asym.CURVES[curve][1]:],
            libcrypto.PublicKey(spki))


@case('RSA of {0} bits {1}', *[(b, m) for b in (512, 1000, 2048, 4096, 8192) for m in MODES])
def rsa_sizes(env, bits, mode):
    private, public, witness = rsa_pair(bits)
    size = (bits + 7) // 8
    with open_guest(env, mode, 'rsa%d' % bits, packed=bits == 2048) as g:
        for h in HASHES if size >= 128 else HASHES[:2]:
            d = digest(h, b'message')
            para = (PKCS1, asym.HASHES[h])
            with Key(g, mode, RSA, True, private, para) as s, Key(g, mode, RSA, False, public, para) as v:
                sig = s.good(SIGN, d, size)
                check(witness.verify(sig, d, h), 'libcrypto refuses the signature with ' + h)
                check(v.verifies(sig, d), 'the signature is refused with ' + h)
                check(s.verifies(sig, d), 'a private key has no public one in it')
                check(not v.verifies(sig, d[::-1]), 'a signature of something else')
                check(not v.verifies(sig[:-1], d), 'a signature cut short')
                equal(v.run(SIGN, d, size)[0], ERR, 'a public key signs')
                equal(s.run(SIGN, d[:-1], size)[0], ERR, 'a digest of another length')
                equal(s.run(SIGN, d, size - 1)[0], ERR, 'no room for the signature')
        with Key(g, mode, RSA, True, private, (PKCS1, 0)) as s, Key(g, mode, RSA, False, public, (PKCS1, 0)) as v:
            text = b'plain'
            c = v.good(ENCRYPT, text, size)
            equal(s.good(DECRYPT, c, size), text, 'decrypted')
            equal(s.good(DECRYPT, witness.encrypt(text), size), text, 'decrypted, what libcrypto encrypted')
            equal(s.run(DECRYPT, bytes(size), size)[0], ERR, 'no padding at all')
            equal(v.run(ENCRYPT, bytes(size - 10), size)[0], ERR, 'no room for padding')
        with Key(g, mode, RSA, True, private, (RAW, 0)) as s, Key(g, mode, RSA, False, public, (RAW, 0)) as v:
            text = bytes(size - 9) + b'\1raw text'[:9]
            c = v.good(ENCRYPT, text, size)
            equal(len(c), size, 'length of a raw result')
            equal(s.good(DECRYPT, c, size), text, 'decrypted')
            equal(s.run(SIGN, digest('sha1', b''), size)[0], NOTSUPP, 'a raw signature')
            equal(v.run(ENCRYPT, b'\xff' * size, size)[0], ERR, 'more than the modulus')


@case('ECDSA {0} {1}', *[(c, m) for c in asym.CURVES for m in MODES])
def ecdsa_sizes(env, curve, mode):
    private, public, witness = ec_pair(curve)
    para, room = (asym.CURVES[curve][0],), asym.CURVES[curve][2]
    with open_guest(env, mode, curve, packed=curve == 'P-256') as g:
        with Key(g, mode, ECDSA, True, private, para) as s, Key(g, mode, ECDSA, False, public, para) as v:
            for h in HASHES:
                d = digest(h, b'message')
                sig = s.good(SIGN, d, room)
                check(witness.verify(sig, d, None), 'libcrypto refuses the signature with ' + h)
                check(v.verifies(sig, d) and s.verifies(sig, d), 'the signature is refused with ' + h)
                check(not v.verifies(sig, digest(h, b'massage')), 'a signature of something else')
                check(not v.verifies(sig + b'\0', d), 'a byte more')
            check(s.good(SIGN, d, room) != s.good(SIGN, d, room), 'two signatures with one random number')
            for op in (ENCRYPT, DECRYPT):
                equal(s.run(op, d, room)[0], NOTSUPP, 'opcode %d' % op)
            equal(v.run(SIGN, d, room)[0], ERR, 'a public key signs')


# --- What is refused ---

def bad_keys():
    private, public, _ = rsa_pair(1024)
    n = int.from_bytes(b'\xff' * 64, 'big')
    rsa = (PKCS1, asym.HASHES['sha256'])
    yield 'cut short', RSA, True, private[:-1], rsa, ERR
    yield 'a byte more', RSA, True, private + b'\0', rsa, ERR
    yield 'public for private', RSA, True, public, rsa, ERR
    yield 'private for public', RSA, False, private, rsa, ERR
    yield 'of 511 bits', RSA, False, asym.rsa_public(n >> 1, 3), rsa, ERR
    yield 'of 8193 bits', RSA, False, asym.rsa_public((1 << 8192) + 1, 3), rsa, ERR
    yield 'an even modulus', RSA, False, asym.rsa_public(n - 1, 3), rsa, ERR
    yield 'an even exponent', RSA, False, asym.rsa_public(n, 4), rsa, ERR
    yield 'an exponent of 1', RSA, False, asym.rsa_public(n, 1), rsa, ERR
    yield 'without d', RSA, True, asym.rsa_private(n, 3, 0, 5, 7, 1, 1, 1), rsa, ERR
    yield 'primes of another modulus', RSA, True, asym.rsa_private(n, 3, 7, 5, 7, 1, 1, 1), rsa, ERR
    yield 'of a length that is none', RSA, False, b'\x30\x84\xff\xff\xff\xff', rsa, ERR
    yield 'of indefinite length', RSA, False, b'\x30\x80' + public[4:] + b'\0\0', rsa, ERR
    yield 'no bytes', RSA, False, b'', rsa, ERR
    yield 'longer than any', RSA, False, bytes(6000), rsa, ERR
    yield 'OAEP', RSA, False, public, (2, 0), NOTSUPP
    yield 'MD2', RSA, False, public, (PKCS1, 1), NOTSUPP
    yield 'hash 10', RSA, False, public, (PKCS1, 10), NOTSUPP
    private, public, _ = ec_pair('P-256')
    p256 = (3,)
    order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551
    yield 'not on the curve', ECDSA, False, public[:-1] + bytes([public[-1] ^ 1]), p256, ERR
    yield 'of no point', ECDSA, False, b'\0', p256, ERR
    yield 'of another curve', ECDSA, False, public, (4,), ERR
    yield 'that names another curve', ECDSA, True, asym.ec_private('P-384', 5), p256, ERR
    yield 'of zero', ECDSA, True, asym.ec_private('P-256', 0), p256, ERR
    yield 'of the order', ECDSA, True, asym.ec_private('P-256', order), p256, ERR
    yield 'cut short', ECDSA, True, private[:-1], p256, ERR
    yield 'of curve 0', ECDSA, False, public, (0,), NOTSUPP
    yield 'of curve 6', ECDSA, False, public, (6,), NOTSUPP
    yield 'of DSA', 3, False, public, p256, NOTSUPP
    yield 'of algorithm 0', 0, False, public, p256, NOTSUPP


@case('keys that are none {0}', *MODES)
def refused_keys(env, mode):
    with open_guest(env, mode, 'bad keys') as g:
        for what, algo, private, der, para, want in bad_keys():
            if mode == 'stateless':
                r = g.run(g.stateless_mode.akcipher(algo, private, der, para, VERIFY, b'\1' * 64, 0, b'\2' * 32))
                status = r['status']
            else:
                session, status = g.try_create(wire.create_akcipher(algo, private, der, para, g.revision_1))
            equal(status, want, 'a key ' + what)


@case('keys in other right forms')
def other_forms(env):
    with open_guest(env, 'exact', 'forms') as g:
        for curve in asym.CURVES:
            private, public, _ = ec_pair(curve)
            size = asym.CURVES[curve][1]
            d = int.from_bytes(private.split(b'\x02\x01\x01\x04' + bytes([size]), 1)[1][:size], 'big')
            para = (asym.CURVES[curve][0],)
            compressed = bytes([2 + (public[-1] & 1)]) + public[1:1 + size]
            for der in (asym.ec_private(curve, d), asym.ec_private(curve, d, oid=False),
                        asym.ec_private(curve, d, point=public)):
                with Key(g, 'exact', ECDSA, True, der, para) as s, \
                        Key(g, 'exact', ECDSA, False, compressed, para) as v:
                    check(v.verifies(s.good(SIGN, b'\5' * 20, 139), b'\5' * 20), curve)


@case('sessions of other services {0}', 'padded', 'exact')
def foreign_sessions(env, mode):
    with open_guest(env, mode, 'foreign') as g:
        _, public, _ = ec_pair('P-256')
        key = g.create(wire.create_akcipher(ECDSA, False, public, (3,), g.revision_1))
        cipher = g.create(wire.create_cipher(3, bytes(16), True, g.revision_1))
        m = g.session_mode
        for what, request in (('cipher', m.cipher(key, 3, True, bytes(16), bytes(16))),
                              ('hash', m.hash(key, 2, b'abc', 20)),
                              ('verify', m.akcipher(cipher, ECDSA, VERIFY, b'\1' * 8, 0, b'\1' * 8)),
                              ('no session', m.akcipher(key + 1, ECDSA, VERIFY, b'\1' * 8, 0, b'\1' * 8))):
            equal(g.run(request)['status'], INVSESS, what)
        for service in (wire.CIPHER, wire.AEAD):
            equal(g.destroy(service, key), ERR, 'destroyed as of another service')
        equal(g.run(wire.data(0x404, ECDSA, key, m.flag, m.flf(bytes(8)), [], []))['status'], NOTSUPP, 'opcode 0x404')
        equal(g.destroy(AKCIPHER, key), OK, 'destroy')
        equal(g.destroy(wire.CIPHER, cipher), OK, 'destroy')


@case('lengths that do not fit {0}', *MODES)
def lengths(env, mode):
    _, public, _ = rsa_pair(1024)
    with open_guest(env, mode, 'lengths') as g, Key(g, mode, RSA, False, public, (PKCS1, 6)) as v:
        sig, d = bytes(128), bytes(32)
        at = 24 + (20 if mode == 'stateless' else 0)  # of src_data_len, dst_data_len
        for what, src, dst in (('a source beyond the chain', 4096, 32), ('data beyond the chain', 128, 4096),
                               ('a sum that overflows', 0xffffffff, 33), ('both', 0xffffffff, 0xffffffff)):
            r = v.request(VERIFY, sig, 0, d)
            name, fixed = r.readable[0]
            fixed = fixed[:at] + src.to_bytes(4, 'little') + dst.to_bytes(4, 'little') + fixed[at + 8:]
            r.readable[0] = name, fixed
            equal(g.run(r)['status'], ERR, what)
        for n in (0, 1, 127, 129, 1024):
            check(not v.verifies(b'\1' * n, d), 'a signature of %d bytes' % n)
        check(v.run(VERIFY, b'\1' * 1025, 0, d)[0] == ERR, 'a signature longer than any')
        equal(v.run(ENCRYPT, b'', 128)[0], OK, 'nothing, encrypted')
        equal(v.run(ENCRYPT, b'x', 0)[0], ERR, 'no room for a result')
        status, result = v.run(ENCRYPT, b'x', 4096)
        equal((status, len(result)), (OK, 128), 'much room for a result')


@case('many at once, and symmetric ones between them {0}', 'split', 'packed')
def many(env, ring):
    private, public, _ = rsa_pair(2048)
    with Guest(env.path(), packed=ring == 'packed', revision_1=True, seed=7) as g:
        s = g.create(wire.create_akcipher(RSA, True, private, (PKCS1, 6), True))
        c = g.create(wire.create_cipher(3, bytes(16), True, True))
        d = digest('sha256', b'message')
        queue, placed = g.data(), {}
        for i in range(60):
            if i % 3 == 0:
                r = g.session_mode.akcipher(s, RSA, SIGN, d, 256)
            else:
                r = g.session_mode.cipher(c, 3, True, bytes([i]) * 16, bytes(64))
            token = object()
            framing = Framing(table='indirect')
            p = framing.place(g.mem, r, g.rng, queue.ring.size)
            framing.add(queue.ring, p, g.rng, token)
            placed[token] = p, i
        queue.submit()
        order, signatures = [], set()
        while placed:
            used = wait_for(queue.ring.get, 'an answer to one of many')
            p, i = placed.pop(used.token)
            p.used = used.length
            r = p.result()
            equal(r['status'], OK, 'status of request %d' % i)
            order.append(i % 3 == 0)
            if i % 3 == 0:
                signatures.add(r['dst'])
        equal(len(signatures), 1, 'signatures of the same')
        check(True in order[1:] and order.index(True) > 0, 'signatures hold up what came with them')
