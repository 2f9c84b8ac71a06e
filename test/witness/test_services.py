# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The virtio-crypto stack authors
#
# Each service and each algorithm, in session mode with both header formats and in stateless mode,
# on split and packed rings, in framings picked at random; results are the reference's.

import zlib

import reference
import wire
from cases import Skip, case, check, equal
from framing import SPLITS, Framing
from guest import Guest, StatusError
from wire import AEAD, BADMSG, CIPHER, ERR, HASH, INVSESS, MAC, MODE_AUTH, MODE_PLAIN, OK

MODES = ('padded', 'exact', 'stateless')
# Those that need a library which a build may be without; CMAC over triple DES, which no driver has a
# name for.
OPTIONAL = {CIPHER: {10, 11, 14}, MAC: {27}, HASH: set(), AEAD: set()}


def guests(env, mode, what, socket='main'):
    """A guest with a split ring, then one with a packed ring."""
    for packed in (False, True):
        with Guest(env.path(socket), packed=packed, event_idx=packed, revision_1=mode != 'padded',
                   stateless=mode == 'stateless', seed=zlib.crc32(what.encode()) + packed) as g:
            yield g


def advertised(g, service, number, name):
    if number in wire.algorithms(g.config, service):
        return
    if number in OPTIONAL[service]:
        raise Skip('%s is not advertised' % name)
    raise AssertionError('%s is not advertised' % name)


def some_framing(g):
    table = g.rng.choice((None, 'indirect', 'indirect') + (() if g.packed else ('shuffled', 'mixed')))
    return Framing(g.rng.choice(SPLITS), table)


class Session:
    """Requests of one set of parameters, in session or in stateless mode."""

    def __init__(self, g, stateless, service, create):
        self.g = g
        self.service = service
        self.stateless = stateless
        self.id = None if stateless else g.create(create, some_framing(g))

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if self.id is not None and kind is None:
            equal(self.g.destroy(self.service, self.id, some_framing(self.g)), OK, 'status of destroy')

    def good(self, request, what):
        framing = some_framing(self.g)
        return self.g.good(request, self.g.data(self.g.rng.randrange(self.g.nb_data)), framing,
                           '%s [%s]' % (what, framing))

    def status(self, request):
        return self.g.run(request, framing=some_framing(self.g))['status']


def lengths(g, unit, minimum, limit, more=()):
    sizes = [minimum, unit, 2 * unit, 64, 4 * unit, 1008, 4096, 65536, *more]
    sizes += [unit * g.rng.randrange(1, 3000 // unit) for _ in range(3)]
    return sorted({s for s in sizes if s >= minimum and s % unit == 0 and (limit is None or s <= limit)})


def key_and_iv(g, algo, key_len):
    if algo.number in reference.STREAM:
        return reference.STREAM[algo.number][:2]
    return g.rng.randbytes(key_len), g.rng.randbytes(algo.iv_len)


@case('cipher {0} {1}', *[(c.name, mode, c.number) for c in reference.CIPHERS for mode in MODES])
def ciphers(env, name, mode, number):
    algo = reference.CIPHER[number]
    for g in guests(env, mode, name + mode):
        advertised(g, CIPHER, number, name)
        for key_len in algo.keys:
            key, iv = key_and_iv(g, algo, key_len)
            for encrypt in (True, False):
                create = wire.create_cipher(number, key, encrypt, g.revision_1)
                with Session(g, mode == 'stateless', CIPHER, create) as s:
                    for n in lengths(g, algo.unit, algo.minimum, algo.limit):
                        src = g.rng.randbytes(n)
                        if s.stateless:
                            request = g.stateless_mode.cipher(number, key, encrypt, iv, src)
                        else:
                            request = g.session_mode.cipher(s.id, number, encrypt, iv, src)
                        what = '%s, key of %d, %d bytes' % ('encrypt' if encrypt else 'decrypt', key_len, n)
                        result = s.good(request, what)
                        equal(result.get('dst', b''), reference.cipher(number, key, iv, src, encrypt), what)


@case('hash {0} {1}', *[(h.name, mode, h.number) for h in reference.HASHES for mode in MODES])
def hashes(env, name, mode, number):
    algo = reference.HASH[number]
    sizes = (16, 32, 64) if number in (11, 12) else (algo.size,)
    for g in guests(env, mode, name + mode):
        advertised(g, HASH, number, name)
        for size in sizes:
            with Session(g, mode == 'stateless', HASH, wire.create_hash(number, size, g.revision_1)) as s:
                for n in lengths(g, 1, 0, None, (55, 56, 63, 71, 72, 111, 112, 127, 128, 135, 136, 143, 144, 167, 168)):
                    src = g.rng.randbytes(n)
                    if s.stateless:
                        request = g.stateless_mode.hash(number, src, size)
                    else:
                        request = g.session_mode.hash(s.id, number, src, size)
                    equal(s.good(request, '%d bytes' % n)['digest'], reference.hash_(number, src, size),
                          'digest of %d bytes' % n)


@case('MAC {0} {1}', *[(m.name, mode, m.number) for m in reference.MACS for mode in MODES])
def macs(env, name, mode, number):
    algo = reference.MAC[number]
    for g in guests(env, mode, name + mode):
        advertised(g, MAC, number, name)
        if algo.vectors:
            work = [(key, [data]) for key, data, _ in algo.vectors]
        else:
            sizes = lengths(g, 1, 0, None, (15, 16, 17, 31, 32, 55, 56, 63, 111, 112))
            work = [(g.rng.randbytes(k), [g.rng.randbytes(n) for n in sizes]) for k in algo.keys]
        for key, texts in work:
            with Session(g, mode == 'stateless', MAC, wire.create_mac(number, key, algo.size, g.revision_1)) as s:
                for src in texts:
                    if s.stateless:
                        request = g.stateless_mode.mac(number, key, src, algo.size)
                    else:
                        request = g.session_mode.mac(s.id, number, src, algo.size)
                    what = 'key of %d, %d bytes' % (len(key), len(src))
                    equal(s.good(request, what)['digest'], reference.mac(number, key, src, algo.size), what)


@case('MAC truncated {0}', *[(m, n) for m, n in (('HMAC_SHA1', 12), ('HMAC_SHA_256', 16), ('CMAC_AES', 12),
                                                    ('XCBC_AES', 12))])
def truncated_macs(env, name, size):
    """A shorter result is the start of the whole one, or is refused when the session is made."""
    number = next(m.number for m in reference.MACS if m.name == name)
    for g in guests(env, 'exact', name):
        key = g.rng.randbytes(16)
        session, status = g.try_create(wire.create_mac(number, key, size, True))
        if status != OK:
            equal(status, ERR, 'status of a session with a short result')
            raise Skip('a result of %d bytes is refused' % size)
        src = g.rng.randbytes(100)
        result = g.good(g.session_mode.mac(session, number, src, size))
        equal(result['digest'], reference.mac(number, key, src, size), 'start of the MAC')


AAD_LENS = (0, 1, 8, 12, 16, 20, 64, 241)


def aead_requests(g, s, number, key, encrypt, iv, aad, src, dst_len, tag_len):
    if s.stateless:
        return g.stateless_mode.aead(number, key, encrypt, iv, aad, src, dst_len, tag_len)
    return g.session_mode.aead(s.id, number, encrypt, iv, aad, src, dst_len, tag_len)


@case('AEAD {0} {1}', *[(a.name, mode, a.number) for a in reference.AEADS for mode in MODES])
def aeads(env, name, mode, number):
    algo = reference.AEAD[number]
    for g in guests(env, mode, name + mode):
        advertised(g, AEAD, number, name)
        for key_len in algo.keys:
            for tag_len in algo.tags:
                key = g.rng.randbytes(key_len)
                # AAD of another length than announced at creation may come; here it does not.
                aad_len = g.rng.choice(AAD_LENS)
                create = [wire.create_aead(number, key, e, tag_len, aad_len, g.revision_1) for e in (True, False)]
                with Session(g, mode == 'stateless', AEAD, create[0]) as enc, \
                        Session(g, mode == 'stateless', AEAD, create[1]) as dec:
                    for n in (0, 1, 16, 31, g.rng.randrange(1, 5000)):
                        iv = g.rng.randbytes(g.rng.choice(algo.ivs))
                        one_aead(g, enc, dec, number, key, iv, g.rng.randbytes(aad_len), g.rng.randbytes(n), tag_len)


def one_aead(g, enc, dec, number, key, iv, aad, text, tag_len):
    what = 'key of %d, IV of %d, AAD of %d, tag of %d, %d bytes' % (len(key), len(iv), len(aad), tag_len, len(text))
    right = reference.aead_encrypt(number, key, iv, aad, text, tag_len)
    result = enc.good(aead_requests(g, enc, number, key, True, iv, aad, text, len(text) + tag_len, tag_len),
                      'encrypt, ' + what)
    equal(result['dst'], right, 'encrypt, ' + what)
    # The tag is the tail of the source; the destination may have room for it or not.
    room = len(text) + g.rng.choice((0, tag_len))
    result = dec.good(aead_requests(g, dec, number, key, False, iv, aad, right, room, tag_len), 'decrypt, ' + what)
    equal(result.get('dst', b'')[:len(text)], text, 'decrypt, ' + what)
    bad = bytearray(right)
    bad[g.rng.randrange(len(bad))] ^= 1 << g.rng.randrange(8)
    result = g.run(aead_requests(g, dec, number, key, False, iv, aad, bytes(bad), room, tag_len),
                   framing=some_framing(g))
    equal(result['status'], BADMSG, 'status of forged data, ' + what)


@case('AEAD GCM with a counter block {0}', *MODES)
def gcm_counter_block(env, mode):
    """An IV of 16 bytes is the counter block itself; refused or right."""
    for g in guests(env, mode, mode):
        key, aad, text = g.rng.randbytes(16), g.rng.randbytes(20), g.rng.randbytes(100)
        iv = g.rng.randbytes(12) + b'\0\0\1\2'
        create = wire.create_aead(1, key, True, 16, 20, g.revision_1)
        with Session(g, mode == 'stateless', AEAD, create) as s:
            result = g.run(aead_requests(g, s, 1, key, True, iv, aad, text, 116, 16))
            if result['status'] != OK:
                equal(result['status'], ERR, 'status of an IV of 16 bytes')
                continue
            equal(result['dst'], reference.aead_encrypt(1, key, iv, aad, text, 16), 'GCM from a counter block')


@case('AEAD with AAD of another length than announced')
def aead_other_aad(env):
    for g in guests(env, 'exact', 'other aad'):
        for number, key_len, iv_len in ((1, 16, 12), (2, 16, 13), (3, 32, 12)):
            key, iv = g.rng.randbytes(key_len), g.rng.randbytes(iv_len)
            with Session(g, False, AEAD, wire.create_aead(number, key, True, 16, 8, True)) as s:
                for aad_len in (0, 8, 20, 100):
                    aad, text = g.rng.randbytes(aad_len), g.rng.randbytes(50)
                    result = s.good(g.session_mode.aead(s.id, number, True, iv, aad, text, 66, 16),
                                    'AAD of %d' % aad_len)
                    equal(result['dst'], reference.aead_encrypt(number, key, iv, aad, text, 16),
                          'AAD of %d' % aad_len)


@case('AEAD without the tag length in the request')
def aead_old_header(env):
    """Drivers of the older header leave tag_len zero: the session's counts."""
    for g in guests(env, 'padded', 'old header'):
        key, iv, text = g.rng.randbytes(16), g.rng.randbytes(12), g.rng.randbytes(48)
        with Session(g, False, AEAD, wire.create_aead(1, key, True, 12, 0)) as s:
            result = s.good(g.session_mode.aead(s.id, 1, True, iv, b'', text, 60, 0), 'tag_len 0')
            equal(result['dst'], reference.aead_encrypt(1, key, iv, b'', text, 12), 'tag_len 0')


def chain_pairs():
    """Each cipher with some hash and MAC, each hash and MAC with some cipher."""
    auths = [(True, m) for m in reference.MACS if not m.vectors] + [(False, h) for h in reference.HASHES]
    for n, c in enumerate(reference.CIPHERS):
        yield c, *auths[n % len(auths)]
        yield c, *auths[(n + 11) % len(auths)]
    for c in (reference.CIPHER[3], reference.CIPHER[4]):
        for is_mac, a in auths:
            yield c, is_mac, a


CHAINS = sorted({(c.name, a.name, c.number, is_mac, a.number) for c, is_mac, a in chain_pairs()})


@case('chain {0}+{1} {2}', *[(c, a, mode, cn, is_mac, an) for c, a, cn, is_mac, an in CHAINS for mode in MODES])
def chains(env, cipher_name, auth_name, mode, cipher_number, is_mac, auth_number):
    for g in guests(env, mode, cipher_name + auth_name + mode):
        advertised(g, CIPHER, cipher_number, cipher_name)
        advertised(g, MAC if is_mac else HASH, auth_number, auth_name)
        for hash_first in (False, True):
            for encrypt in (True, False):
                one_chain(g, mode, cipher_number, is_mac, auth_number, hash_first, encrypt)


def one_chain(g, mode, cipher_number, is_mac, auth_number, hash_first, encrypt):
    algo = reference.CIPHER[cipher_number]
    auth = (reference.MAC if is_mac else reference.HASH)[auth_number]
    key, iv = key_and_iv(g, algo, g.rng.choice(algo.keys))
    auth_key = g.rng.randbytes(g.rng.choice(auth.keys)) if is_mac else b''
    hash_mode = MODE_AUTH if is_mac else MODE_PLAIN
    create = wire.create_chain(cipher_number, key, encrypt, hash_first, hash_mode, auth_number, auth_key, auth.size,
                               0, g.revision_1)
    with Session(g, mode == 'stateless', CIPHER, create) as s:
        for layout in ('same', 'inside', 'any'):
            src, cipher_range, hash_range = chain_layout(g, algo, layout)
            if s.stateless:
                request = g.stateless_mode.chain(cipher_number, key, encrypt, hash_first, hash_mode, auth_number,
                                                 auth_key, iv, src, cipher_range, hash_range, auth.size)
            else:
                request = g.session_mode.chain(s.id, cipher_number, encrypt, iv, src, cipher_range, hash_range,
                                               auth.size)
            what = '%s, %s, %d bytes, cipher %s, hash %s' % (
                'encrypt' if encrypt else 'decrypt', 'hash first' if hash_first else 'cipher first', len(src),
                cipher_range, hash_range)
            result = s.good(request, what)
            dst, digest = reference.chain(cipher_number, key, iv, encrypt, hash_first, is_mac, auth_number, auth_key,
                                          src, cipher_range, hash_range, auth.size)
            start, n = cipher_range
            equal(result['dst'][start:start + n], dst[start:start + n], 'ciphered bytes, ' + what)
            equal(result['digest'], digest, 'digest, ' + what)


def chain_layout(g, algo, layout):
    """(source, cipher range, hash range)"""
    limit = algo.limit or 2000
    n = max(algo.unit, g.rng.randrange(max(algo.minimum, 1), limit) // algo.unit * algo.unit, algo.minimum)
    if layout == 'same':
        return g.rng.randbytes(n), (0, n), (0, n)
    if layout == 'inside':  # as IPsec does it: a header that is hashed and not ciphered
        return g.rng.randbytes(24 + n), (24, n), (0, 24 + n)
    before, behind = g.rng.randrange(40), g.rng.randrange(40)
    size = before + n + behind
    start = g.rng.randrange(size)
    return g.rng.randbytes(size), (before, n), (start, g.rng.randrange(size - start) + 1)


# What is not to work.

def expect_create(g, request, wanted, what):
    session, status = g.try_create(request)
    if status == OK:
        raise AssertionError('%s: a session is made' % what)
    if status not in wanted:
        raise StatusError(what, status)


@case('masks agree with what sessions can be made {0}', 'padded', 'exact')
def masks(env, mode):
    """An algorithm is refused with NOTSUPP where its bit is not set."""
    for g in guests(env, mode, 'masks'):
        rev = g.revision_1
        for n in range(64):
            if n not in wire.algorithms(g.config, CIPHER):
                expect_create(g, wire.create_cipher(n, bytes(range(16)), True, rev), (wire.NOTSUPP,), 'cipher %d' % n)
            if n not in wire.algorithms(g.config, HASH):
                expect_create(g, wire.create_hash(n, 16, rev), (wire.NOTSUPP,), 'hash %d' % n)
            if n not in wire.algorithms(g.config, MAC):
                expect_create(g, wire.create_mac(n, bytes(range(16)), 4, rev), (wire.NOTSUPP,), 'MAC %d' % n)
            if n not in wire.algorithms(g.config, AEAD):
                expect_create(g, wire.create_aead(n, bytes(range(16)), True, 16, 0, rev), (wire.NOTSUPP,),
                              'AEAD %d' % n)


@case('sessions that must be refused {0}', 'padded', 'exact')
def refused_sessions(env, mode):
    for g in guests(env, mode, 'refused'):
        rev, key = g.revision_1, bytes(range(16))
        refuse = lambda request, what, wanted=(ERR,): expect_create(g, request, wanted, what)  # noqa: E731
        for n in (0, 1, 15, 17, 64):
            refuse(wire.create_cipher(3, bytes(n), True, rev), 'AES-CBC with a key of %d' % n)
        refuse(wire.create_cipher(13, bytes(16), True, rev), 'XTS with a key of 16')
        refuse(wire.create_cipher(8, bytes(7), True, rev), '3DES with a key of 7')
        refuse(wire.create_hash(4, 33, rev), 'SHA-256 of 33 bytes')
        refuse(wire.create_hash(4, 0, rev), 'SHA-256 of 0 bytes')
        refuse(wire.create_mac(4, key, 33, rev), 'HMAC-SHA-256 of 33 bytes')
        refuse(wire.create_mac(26, bytes(15), 16, rev), 'CMAC with a key of 15')
        refuse(wire.create_mac(4, bytes(g.config.max_auth_key_len + 1), 32, rev), 'an auth key beyond the limit')
        refuse(wire.create_cipher(1, bytes(g.config.max_cipher_key_len + 1), True, rev), 'a key beyond the limit')
        refuse(wire.create_aead(1, key, True, 17, 0, rev), 'GCM with a tag of 17')
        refuse(wire.create_aead(2, key, True, 5, 0, rev), 'CCM with a tag of 5')
        refuse(wire.create_aead(3, key, True, 16, 0, rev), 'ChaCha20 with a key of 16')
        refuse(wire.create_chain(3, key, True, False, wire.MODE_NESTED, 4, key, 32, 0, rev), 'a nested hash',
               (wire.NOTSUPP,))
        for op in (0, 3, 0xffffffff):
            request = wire.create_cipher(3, key, True, rev)
            head = bytearray(request.readable[0][1])
            head[24:28] = op.to_bytes(4, 'little')
            refuse(wire.Request([('header', bytes(head)), ('key', key)], request.writable), 'direction %d' % op)
        for op_type in (0, 3, 0xffffffff):
            request = wire.create_cipher(3, key, True, rev)
            head = bytearray(request.readable[0][1])
            head[64:68] = op_type.to_bytes(4, 'little')
            refuse(wire.Request([('header', bytes(head)), ('key', key)], request.writable), 'op_type %d' % op_type,
                   (ERR, wire.NOTSUPP))
        # The device is still whole.
        with Session(g, False, HASH, wire.create_hash(4, 32, rev)) as s:
            s.good(g.session_mode.hash(s.id, 4, b'abc', 32), 'after refusals')


@case('sessions and services do not mix {0}', 'padded', 'exact')
def foreign_sessions(env, mode):
    """A session of one service in a request of another; numbers that were never given out."""
    for g in guests(env, mode, 'foreign'):
        rev, key, iv = g.revision_1, bytes(range(16)), bytes(16)
        ids = {
            'cipher': g.create(wire.create_cipher(3, key, True, rev)),
            'chain': g.create(wire.create_chain(3, key, True, False, MODE_AUTH, 2, key, 20, 0, rev)),
            'hash': g.create(wire.create_hash(4, 32, rev)),
            'mac': g.create(wire.create_mac(4, key, 32, rev)),
            'aead': g.create(wire.create_aead(1, key, True, 16, 0, rev)),
        }
        equal(len(set(ids.values())), len(ids), 'sessions have numbers of their own')
        mode_ = g.session_mode
        text = bytes(32)
        requests = {
            'cipher': lambda i: mode_.cipher(i, 3, True, iv, text),
            'chain': lambda i: mode_.chain(i, 3, True, iv, text, (0, 32), (0, 32), 20),
            'hash': lambda i: mode_.hash(i, 4, text, 32),
            'mac': lambda i: mode_.mac(i, 4, text, 32),
            'aead': lambda i: mode_.aead(i, 1, True, iv[:12], b'', text, 48, 16),
        }
        for kind, make in requests.items():
            for other, number in ids.items():
                status = g.run(make(number))['status']
                if kind == other:
                    equal(status, OK, kind)
                else:
                    check(status in (ERR, INVSESS), '%s request with a %s session: status %d' % (kind, other, status))
            for number in (0, 0xffffffff, 0xffffffffffffffff, ids[kind] ^ 1 << 33, ids[kind] ^ 1 << 63):
                if number not in ids.values():
                    equal(g.run(make(number))['status'], INVSESS, '%s with session %#x' % (kind, number))
        services = {'cipher': CIPHER, 'chain': CIPHER, 'hash': HASH, 'mac': MAC, 'aead': AEAD}
        for kind, number in ids.items():
            wrong = (services[kind] + 1) % 4
            equal(g.destroy(wrong, number), ERR, 'destroy of a %s session by another service' % kind)
            equal(g.run(requests[kind](number))['status'], OK, 'the session lives')
            equal(g.destroy(services[kind], number), OK, 'destroy')
            equal(g.destroy(services[kind], number), ERR, 'second destroy')
            equal(g.run(requests[kind](number))['status'], INVSESS, 'request after destroy')


@case('a request\'s direction is the session\'s')
def direction(env):
    for g in guests(env, 'exact', 'direction'):
        key, iv, text = bytes(range(16)), bytes(16), bytes(32)
        session = g.create(wire.create_cipher(3, key, True, True))
        equal(g.run(g.session_mode.cipher(session, 3, False, iv, text))['status'], ERR,
              'decrypt with an encrypt session')
        session = g.create(wire.create_aead(1, key, False, 16, 0, True))
        equal(g.run(g.session_mode.aead(session, 1, True, iv[:12], b'', text, 48, 16))['status'], ERR,
              'AEAD encrypt with a decrypt session')


@case('lengths that do not fit {0}', 'padded', 'exact', 'stateless')
def bad_lengths(env, mode):
    """IVs, blocks, destinations, digests of the wrong size are errors; the next request works."""
    for g in guests(env, mode, 'lengths'):
        key, iv, text = bytes(range(16)), bytes(range(16)), bytes(range(64))
        if mode == 'stateless':
            st = g.stateless_mode
            cipher = lambda *a: st.cipher(3, key, True, *a)  # noqa: E731
            chain = lambda *a: st.chain(3, key, True, False, MODE_AUTH, 2, key, *a)  # noqa: E731
            aead = lambda *a: st.aead(1, key, True, *a)  # noqa: E731
            hash_ = lambda *a: st.hash(4, *a)  # noqa: E731
        else:
            rev, se = g.revision_1, g.session_mode
            c = g.create(wire.create_cipher(3, key, True, rev))
            x = g.create(wire.create_chain(3, key, True, False, MODE_AUTH, 2, key, 20, 0, rev))
            a = g.create(wire.create_aead(1, key, True, 16, 0, rev))
            h = g.create(wire.create_hash(4, 32, rev))
            cipher = lambda *v: se.cipher(c, 3, True, *v)  # noqa: E731
            chain = lambda *v: se.chain(x, 3, True, *v)  # noqa: E731
            aead = lambda *v: se.aead(a, 1, True, *v)  # noqa: E731
            hash_ = lambda *v: se.hash(h, 4, *v)  # noqa: E731
        all_of = (0, 64)
        bad = [
            ('no IV', cipher(b'', text)), ('a short IV', cipher(iv[:15], text)), ('a long IV', cipher(iv + iv, text)),
            ('no whole block', cipher(iv, text[:63])), ('a small destination', cipher(iv, text, 48)),
            ('chain without IV', chain(b'', text, all_of, all_of, 20)),
            ('cipher range beyond', chain(iv, text, (16, 64), all_of, 20)),
            ('hash range beyond', chain(iv, text, all_of, (1, 64), 20)),
            ('sum of cipher range overflows', chain(iv, text, (0xfffffff0, 0x20), all_of, 20)),
            ('sum of hash range overflows', chain(iv, text, all_of, (0xfffffff0, 0x20), 20)),
            ('chain with half a block', chain(iv, text, (0, 40), all_of, 20)),
            ('GCM without IV', aead(b'', b'', text, 80, 16)),
            ('GCM without room for the tag', aead(iv[:12], b'', text, 79, 16)),
            ('SHA-256 of 64 bytes', hash_(text, 64)),
        ]
        for what, request in bad:
            status = g.run(request)['status']
            check(status == ERR, '%s: status %d' % (what, status))
        equal(g.good(cipher(iv, text))['dst'], reference.cipher(3, key, iv, text, True), 'after errors')
        equal(g.good(hash_(text, 32))['digest'], reference.hash_(4, text, 32), 'after errors')


@case('stateless requests without the feature are refused')
def stateless_not_negotiated(env):
    for g in guests(env, 'exact', 'no stateless'):
        st = g.stateless_mode
        for what, request in (('cipher', st.cipher(3, bytes(16), True, bytes(16), bytes(16))),
                              ('hash', st.hash(4, b'abc', 32)), ('MAC', st.mac(4, bytes(16), b'abc', 32)),
                              ('AEAD', st.aead(1, bytes(16), True, bytes(12), b'', bytes(16), 32, 16))):
            status = g.run(request)['status']
            check(status in (ERR, wire.NOTSUPP, INVSESS), '%s: status %d' % (what, status))


@case('sessions and stateless requests side by side')
def mixed_modes(env):
    """With the bits negotiated, `flag` decides for each request."""
    for g in guests(env, 'stateless', 'mixed'):
        key, iv = g.rng.randbytes(16), g.rng.randbytes(16)
        session = g.create(wire.create_cipher(3, key, True, True))
        digests = g.create(wire.create_hash(4, 32, True))
        for _ in range(8):
            text, other = g.rng.randbytes(64), g.rng.randbytes(16)
            equal(g.good(g.session_mode.cipher(session, 3, True, iv, text))['dst'],
                  reference.cipher(3, key, iv, text, True), 'session')
            equal(g.good(g.stateless_mode.cipher(3, other, True, iv, text))['dst'],
                  reference.cipher(3, other, iv, text, True), 'stateless')
            equal(g.good(g.session_mode.hash(digests, 4, text, 32))['digest'], reference.hash_(4, text, 32), 'hash')
            equal(g.good(g.stateless_mode.hash(8, text, 32))['digest'], reference.hash_(8, text, 32), 'hash')


@case('opcodes that no service has')
def unknown_opcodes(env):
    for g in guests(env, 'exact', 'opcodes'):
        for opcode in (2, 3, 0x101, 0x201, 0x302, 0x3ff, 0x501, 0x600, 0xff00, 0xffffffff):
            request = wire.data(opcode, 0, 1, 1, bytes(48), [('src', bytes(64))], [('dst', 64)])
            status = g.run(request)['status']
            check(status in (ERR, wire.NOTSUPP), 'data opcode %#x: status %d' % (opcode, status))
        for opcode in (0, 1, 4, 0x104, 0x202 + 0x300, 0x602, 0xffffffff):
            request = wire.control(opcode, 0, bytes(56), [], True, 16)
            outcome = g.control(request)
            check(wire.parse_create(outcome)[1] in (ERR, wire.NOTSUPP) or outcome[0] in (ERR, wire.NOTSUPP),
                  'control opcode %#x: %s' % (opcode, outcome.hex()))
