#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The virtio-crypto stack authors
#
# Makes the files of RSA and ECDSA vectors from what NIST and Project Wycheproof publish:
#   convert_asym.py --cryptography FOLDER --boringssl FOLDER [--out FOLDER]
# FOLDERs: where the Debian packages are unpacked that README.md names. Run by hand; no test runs it.

import argparse
import os

from vectorfile import Sources, Vectors, nist_head, records, wycheproof_head

VERDICT = {'valid': '+', 'invalid': '-', 'acceptable': '?'}
CURVES = {'secp224r1': 'P-224', 'secp256r1': 'P-256', 'secp384r1': 'P-384', 'secp521r1': 'P-521'}


def number(text):
    """A number without zeros before it."""
    text = text.lower().lstrip('0')
    return '0' * (len(text) % 2) + text


def digest(name):
    return name.lower().replace('-', '')


# ---- DER, of keys that are known to be right ----

def der(data):
    """The parts of a SEQUENCE, or of what else data holds: (tag, content) each."""
    while data:
        tag, size, start = data[0], data[1], 2
        if size & 0x80:
            start += size & 0x7f
            size = int.from_bytes(data[2:start], 'big')
        yield tag, data[start:start + size]
        data = data[start + size:]


def private_key(pkcs8):
    """n, e, d, p, q, dp, dq, qi of a PKCS #8 RSA key."""
    (_, whole), = der(bytes.fromhex(pkcs8))
    key = [content for tag, content in der(whole) if tag == 0x04][0]
    (_, parts), = der(key)
    numbers = [content.hex() for _, content in der(parts)]
    return dict(zip(('n', 'e', 'd', 'p', 'q', 'dp', 'dq', 'qi'), map(number, numbers[1:9])))


# ---- Project Wycheproof ----

def chosen(tests, step_bad, step_good=1):
    """Of those that must not verify each step_bad-th, of those that must each step_good-th."""
    steps = {'invalid': step_bad, 'valid': step_good, 'acceptable': 1}
    count = dict.fromkeys(steps, 0)
    for t in tests:
        if count[t['result']] % steps[t['result']] == 0:
            yield t
        count[t['result']] += 1


def rsa_verify(src, out):
    names = ['rsa_signature_%d_%s_test.json' % (size, sha) for size, shas in (
        (2048, ('sha224', 'sha256', 'sha384', 'sha512')), (3072, ('sha256', 'sha384', 'sha512')),
        (4096, ('sha384', 'sha512'))) for sha in shas] + ['rsa_signature_test.json']
    v = Vectors(out, 'asym_wp_rsa_verify', wycheproof_head(
        names, ['Of those that must not verify every tenth.']))
    for name in names:
        for group in src.wycheproof(name)['testGroups']:
            for t in chosen(group['tests'], 10):
                v.add(VERDICT[t['result']], t['tcId'], t['comment'], op='verify', alg='rsa-pkcs1',
                      hash=digest(group['sha']), from_=name, n=number(group['n']),
                      e=number(group['e']), msg=t['msg'], sig=t['sig'])
    v.write()


def rsa_sign(src, out):
    name = 'rsa_sig_gen_misc_test.json'
    v = Vectors(out, 'asym_wp_rsa_sign', wycheproof_head(
        [name], ['Of each key two. What the source calls acceptable has a small key or a weak hash.']))
    for group in src.wycheproof(name)['testGroups']:
        for t in group['tests'][:2]:
            v.add(VERDICT[t['result']], t['tcId'], t['comment'], op='sign', alg='rsa-pkcs1',
                  hash=digest(group['sha']), from_=name, msg=t['msg'], sig=t['sig'],
                  **private_key(group['privateKeyPkcs8']))
    v.write()


def rsa_decrypt(src, out):
    names = ['rsa_pkcs1_%d_test.json' % size for size in (2048, 3072, 4096)]
    v = Vectors(out, 'asym_wp_rsa_decrypt', wycheproof_head(
        names, ['Of keys that have one vector every eighth.']))
    for name in names:
        alone = 0
        for group in src.wycheproof(name)['testGroups']:
            if len(group['tests']) == 1:
                alone += 1
                if alone % 8 != 1:
                    continue
            for t in group['tests']:
                v.add(VERDICT[t['result']], t['tcId'], t['comment'], op='decrypt', alg='rsa-pkcs1',
                      from_=name, msg=t['msg'], ct=t['ct'], **private_key(group['privateKeyPkcs8']))
    v.write()


def ecdsa(src, out):
    pairs = [(c, s) for c, shas in (('secp224r1', (224, 256, 512)), ('secp256r1', (256, 512)),
                                    ('secp384r1', (384, 512)), ('secp521r1', (512,))) for s in shas]
    for form, tail, remarks in (
            ('p1363', '_p1363', ['Signatures are r and s, each as long as the order of the curve.']),
            ('der', '', ['Signatures are in DER. Of those of one key that must not verify every fourth,',
                         'of those that must every eighth; of keys with one vector every eighth.'])):
        names = ['ecdsa_%s_sha%d%s_test.json' % (c, s, tail) for c, s in pairs]
        v = Vectors(out, 'asym_wp_ecdsa_' + form, wycheproof_head(names, remarks))
        for name in names:
            for count, group in enumerate(src.wycheproof(name)['testGroups']):
                tests = chosen(group['tests'], 4, 8) if form == 'der' else group['tests']
                if form == 'der' and len(group['tests']) == 1 and count % 8 != 0:
                    continue
                for t in tests:
                    v.add(VERDICT[t['result']], t['tcId'], t['comment'], op='verify', alg='ecdsa',
                          curve=CURVES[group['key']['curve']], hash=digest(group['sha']), form=form,
                          from_=name, q=group['key']['uncompressed'], msg=t['msg'], sig=t['sig'])
        v.write()


# ---- NIST ----

def nist_ecdsa(src, out):
    """Of each curve over a prime field and each hash some: the standard's curves are those."""
    size = {'p-192': 24, 'p-224': 28, 'p-256': 32, 'p-384': 48, 'p-521': 66}
    sources = ['SigVer.rsp', 'SigGen.txt']
    v = Vectors(out, 'asym_nist_ecdsa', nist_head('NIST CAVP, ECDSA2VS (FIPS 186-3)', sources, [
        'Curves over prime fields. Of SigVer, of each curve and hash: with P-192 all, else the first that',
        'verifies and the first two that do not; of SigGen one (a signature of another k verifies, too).']))
    for name in sources:
        taken = {}
        for count, r in enumerate((r for r in records(src.nist('asymmetric/ECDSA/FIPS_186-3/' + name))
                                   if 'r' in r and 's' in r), 1):
            curve, sha = [k for k in r if k.startswith('p-')][-1:], [k for k in r if 'sha' in k][-1:]
            if not curve or not sha or curve[0] not in size:
                continue
            curve, sha = curve[0], sha[0]
            bad = r.get('result', 'P').startswith('F')
            group = curve, sha, bad
            taken[group] = taken.get(group, 0) + 1
            if curve != 'p-192' and taken[group] > 1 + bad or name == 'SigGen.txt' and taken[group] > 1:
                continue
            width = 2 * size[curve]
            fields = {'q': '04' + r['qx'].zfill(width) + r['qy'].zfill(width)}
            if 'd' in r:
                fields['d'] = r['d'].zfill(width)
            v.add('-' if bad else '+', count, r.get('result', '').partition('-')[2].strip(' )'),
                  op='sign' if 'd' in r else 'verify', alg='ecdsa', curve=curve.upper(),
                  hash=digest(sha), form='p1363', from_=name, msg=r['msg'],
                  sig=r['r'].zfill(width) + r['s'].zfill(width), **fields)
    v.write()


def nist_rsa(src, out):
    name = 'SigVer15_186-3.rsp'
    v = Vectors(out, 'asym_nist_rsa', nist_head('NIST CAVP, SigVer15 (FIPS 186-3)', [name], [
        'Of each size of key and hash the first that verifies and the first with each fault.']))
    n = ''
    taken = set()
    # A modulus stands before the vectors that are made with it.
    for count, r in enumerate(records(src.nist('asymmetric/RSA/FIPS_186-2/' + name)), 1):
        n = r.get('n', n)
        if 's' not in r:
            continue
        group = r['mod'], r['shaalg'], r['result']
        if group in taken:
            continue
        taken.add(group)
        bad = r['result'].startswith('F')
        v.add('-' if bad else '+', count, r['result'].partition('-')[2].strip(' )') if bad else '',
              op='verify', alg='rsa-pkcs1', hash=digest(r['shaalg']), from_=name, n=number(n),
              e=number(r['e']), msg=r['msg'], sig=r['s'].zfill(int(r['mod']) // 4))
    v.write()


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--cryptography', required=True, help='unpacked python3-cryptography-vectors')
    ap.add_argument('--boringssl', required=True, help='unpacked android-platform-external-boringssl')
    ap.add_argument('--out', default=os.path.dirname(os.path.abspath(__file__)))
    args = ap.parse_args()
    src = Sources(args.cryptography, args.boringssl)
    rsa_verify(src, args.out)
    rsa_sign(src, args.out)
    rsa_decrypt(src, args.out)
    ecdsa(src, args.out)
    nist_ecdsa(src, args.out)
    nist_rsa(src, args.out)


if __name__ == '__main__':
    main()
