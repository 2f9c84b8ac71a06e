# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The virtio-crypto stack authors
#
# dpdk-test-crypto-perf in the modes that the benches do not use: verify, with vectors made here by
# Python's cryptography, latency, cycle counts, and packets of mixed sizes.

import re

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, aead, algorithms, modes

from cases import case, equal
from program import Program

OPS = 640
BURST = 32
CBC = ['--cipher-algo', 'aes-cbc', '--cipher-key-sz', '32', '--cipher-iv-sz', '16']
SHA1 = ['--auth-algo', 'sha1-hmac', '--auth-key-sz', '20', '--digest-sz', '20']
GCM = ['--aead-algo', 'aes-gcm', '--aead-key-sz', '16', '--aead-iv-sz', '12', '--aead-aad-sz', '16',
       '--digest-sz', '16']
CHAIN = ['--optype', 'cipher-then-auth', '--cipher-op', 'encrypt', '--auth-op', 'generate'] + CBC + SHA1


def pattern(n, seed):
    return bytes((seed + i * 13 + (i >> 8)) & 0xff for i in range(n))


KEY, AUTH_KEY, IV, AAD = pattern(32, 5), pattern(20, 60), pattern(16, 77), pattern(16, 99)


def cbc(data):
    e = Cipher(algorithms.AES(KEY), modes.CBC(IV)).encryptor()
    return e.update(data) + e.finalize()


def sha1(data):
    h = hmac.HMAC(AUTH_KEY, hashes.SHA1())
    h.update(data)
    return h.finalize()


def vector(op, size):
    """What the program asks of a vector file: fields by name."""
    plain = pattern(size, 200)
    if op == 'aead':
        sealed = aead.AESGCM(KEY[:16]).encrypt(IV[:12], plain, AAD)
        return dict(plaintext=plain, ciphertext=sealed[:-16], digest=sealed[-16:], aead_key=KEY[:16], aead_iv=IV[:12],
                    aad=AAD)
    fields = dict(plaintext=plain, ciphertext=cbc(plain), cipher_key=KEY, cipher_iv=IV, auth_key=AUTH_KEY)
    fields['digest'] = sha1(fields['ciphertext'] if op == 'cipher-then-auth' else plain)
    if op == 'cipher-only':
        del fields['auth_key'], fields['digest']
    elif op == 'auth-only':
        del fields['cipher_key'], fields['cipher_iv'], fields['ciphertext']
    return fields


def options_of(op, forward):
    if not forward:
        op = OPS_BACK[op]
    way = 'encrypt' if forward else 'decrypt'
    if op == 'aead':
        return ['--optype', op, '--aead-op', way] + GCM
    options = ['--optype', op]
    if op != 'auth-only':
        options += ['--cipher-op', way] + CBC
    if op != 'cipher-only':
        options += ['--auth-op', 'generate' if forward else 'verify'] + SHA1
    return options


def perf(env, ring, mode, options, sizes):
    """What the program says."""
    p = Program(env, 'dpdk-test-crypto-perf', [env.devices()[ring == 'packed']],
                ['--devtype', 'crypto_virtio_user', '--ptest', mode, '--burst-sz', str(BURST), '--total-ops',
                 str(OPS), '--pool-sz', '1024', '--desc-nb', '256', '--silent', '--buffer-sz',
                 ','.join(map(str, sizes))] + options, memory=512, lcores=2)
    return p.ended()


def verify(env, ring, op, forward, size, more=(), spoil=None):
    """The number of operations with a wrong result."""
    fields = vector(op, size)
    if spoil:
        fields[spoil] = fields[spoil][:-1] + bytes([fields[spoil][-1] ^ 1])
    path = env.file('vector.data')
    with open(path, 'w') as f:
        # Digests belong to named tests.
        for name in sorted(fields, key=lambda name: name == 'digest'):
            if name == 'digest':
                f.write('[only]\n')
            f.write('%s =\n%s\n' % (name, ', '.join('0x%02x' % b for b in fields[name])))
    named = ['--test-name', 'only'] if 'digest' in fields else []
    text = perf(env, ring, 'verify', options_of(op, forward) + ['--test-file', path] + named + list(more), [size])
    rows = re.findall(r'^ +1 +%d +%d +(\d+) +(\d+) +\d+ +\d+ +(\d+)$' % (size, BURST), text, re.M)
    equal([r[:2] for r in rows], [(str(OPS), str(OPS))], 'operations: taken, done')
    return int(rows[0][2])


# What the vectors are of, and the program's word for the way back.
OPS_BACK = {'cipher-only': 'cipher-only', 'auth-only': 'auth-only', 'cipher-then-auth': 'auth-then-cipher',
            'aead': 'aead'}


@case('verify {1}, {0}', *[(ring, op) for op in OPS_BACK for ring in ('split', 'packed')])
def verifies(env, ring, op):
    wrong = {}
    for forward in (True, False):
        wrong[forward] = verify(env, ring, op, forward, 64)
        wrong[forward, 'in segments'] = verify(env, ring, op, forward, 1024, ('--segment-sz', '256'))
    equal({k: n for k, n in wrong.items() if n}, {}, 'wrong results')


@case('verify {1}, out of place, {0}', ('split', 'cipher-only'), ('packed', 'aead'))
def verifies_out_of_place(env, ring, op):
    equal(verify(env, ring, op, True, 1024, ('--out-of-place', '--segment-sz', '2048')), 0, 'wrong results')


@case('verify notices a wrong {1} of {0}', ('cipher-only', 'ciphertext'), ('auth-only', 'digest'), ('aead', 'digest'))
def notices(env, op, field):
    equal(verify(env, 'split', op, True, 64, spoil=field), OPS, 'wrong results')
    equal(verify(env, 'packed', op, False, 64, spoil=field), OPS, 'wrong results of the way back')


@case('latency, {}', 'split', 'packed')
def latency(env, ring):
    text = perf(env, ring, 'latency', CHAIN, [64, 1024])
    equal(re.findall(r'^# total operations: (\d+)$', text, re.M), [str(OPS)] * 2, 'operations')


@case('pmd-cyclecount, {}', 'split', 'packed')
def cyclecount(env, ring):
    text = perf(env, ring, 'pmd-cyclecount', CHAIN, [64, 1024])
    rows = re.findall(r'^ +1 +(\d+) +%d +(\d+) +(\d+) ' % BURST, text, re.M)
    equal(rows, [(size, str(OPS), str(OPS)) for size in ('64', '1024')], 'sizes, operations: taken, done')


@case('throughput of mixed sizes, {}', 'split', 'packed')
def imix(env, ring):
    text = perf(env, ring, 'throughput', CHAIN + ['--imix', '50,30,20'], [64, 512, 1024])
    rows = re.findall(r'^ +1 +(\d+) +%d +(\d+) +(\d+) ' % BURST, text, re.M)
    equal([r[1:] for r in rows], [(str(OPS), str(OPS))], 'operations: taken, done')
