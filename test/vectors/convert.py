#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The virtio-crypto stack authors
#
# Makes the files of symmetric vectors from what NIST and Project Wycheproof publish:
#   convert.py --cryptography FOLDER --boringssl FOLDER [--out FOLDER]
# FOLDERs: where the Debian packages are unpacked that README.md names. Run by hand; no test runs it.

import argparse
import os

from vectorfile import (Sources, Vectors, cut, hexed, nist_head, records, wycheproof_head)

AES_KEYS = (128, 192, 256)


# ---- Project Wycheproof ----

def wycheproof(src, out, name, sources, add, dropped=()):
    """add(vectors, group, test, verdict): @return number of vectors added."""
    v = Vectors(out, name, wycheproof_head(sources, dropped))
    for source in sources:
        data = src.wycheproof(source)
        for group in data['testGroups']:
            for t in group['tests']:
                # Acceptable is what a library may refuse, though it is right: IVs shorter than 12.
                verdict = '-' if t['result'] == 'invalid' else '+'
                add(v, source, group, t, verdict)
    v.write()


def wycheproof_aead(alg):
    def add(v, source, group, t, verdict):
        v.add(verdict, t['tcId'], t['comment'], alg=alg, key=t['key'], iv=t['iv'], aad=t['aad'],
              msg=t['msg'], ct=t['ct'], tag=t['tag'])
    return add


def wycheproof_mac(alg_of):
    def add(v, source, group, t, verdict):
        fields = {'alg': alg_of(source), 'from_': source, 'key': t['key']}
        if 'iv' in t:
            fields['iv'] = t['iv']
        v.add(verdict, t['tcId'], t['comment'], msg=t['msg'], tag=t['tag'], **fields)
    return add


def add_cbc(v, source, group, t, verdict):
    if verdict == '-':
        return
    # PKCS #5 padding is the application's business here: it is put on.
    fill = 16 - len(t['msg']) // 2 % 16
    v.add(verdict, t['tcId'], t['comment'], alg='aes-cbc', key=t['key'], iv=t['iv'],
          msg=t['msg'] + '%02x' % fill * fill, ct=t['ct'])


def all_wycheproof(src, out):
    wycheproof(src, out, 'wp_aes_gcm', ['aes_gcm_test.json'], wycheproof_aead('aes-gcm'))
    wycheproof(src, out, 'wp_aes_ccm', ['aes_ccm_test.json'], wycheproof_aead('aes-ccm'))
    wycheproof(src, out, 'wp_chacha20_poly1305', ['chacha20_poly1305_test.json'],
               wycheproof_aead('chacha20-poly1305'))
    wycheproof(src, out, 'wp_aes_gmac', ['gmac_test.json'], wycheproof_mac(lambda s: 'aes-gmac'))
    wycheproof(src, out, 'wp_aes_cmac', ['aes_cmac_test.json'], wycheproof_mac(lambda s: 'aes-cmac'))
    wycheproof(src, out, 'wp_hmac',
               ['hmac_%s_test.json' % n for n in ('sha1', 'sha224', 'sha256', 'sha384', 'sha512')],
               wycheproof_mac(lambda s: s.split('_')[1] + '-hmac'))
    wycheproof(src, out, 'wp_aes_cbc', ['aes_cbc_pkcs5_test.json'], add_cbc,
               ['Left out: the 111 of bad padding, since cryptodev leaves padding to the application.'])


# ---- NIST: AEAD ----

def nist_gcm(src, out):
    """Of the 15 of each group (sizes of key, IV, data, AAD and tag) some; groups are all kept."""
    chosen = ['Of the 15 vectors of each combination of sizes: the first of GCM Encrypt; with IVs of 96',
              'bits also the first that passes and the first that fails of GCM Decrypt.']
    names = ['gcm%s%d.rsp' % (n, k) for n in ('EncryptExtIV', 'Decrypt') for k in AES_KEYS]
    v = Vectors(out, 'nist_aes_gcm', nist_head('NIST CAVP, GCMVS', names, chosen))
    for name in names:
        taken = set()
        for number, r in enumerate(records(src.nist('ciphers/AES/GCM/' + name), 'count'), 1):
            fails = 'fail' in r
            group = tuple(r[k] for k in ('ivlen', 'ptlen', 'aadlen', 'taglen')) + (fails,)
            if group in taken or ('Decrypt' in name and r['ivlen'] != '96'):
                continue
            taken.add(group)
            fields = {'alg': 'aes-gcm', 'from_': name, 'key': r['key'], 'iv': r['iv'], 'aad': r['aad']}
            if not fails:
                fields['msg'] = r['pt']
            v.add('-' if fails else '+', number, ct=r['ct'], tag=r['tag'], **fields)
    v.write()


def nist_ccm(src, out):
    chosen = ['Of the vectors of one key every second.']
    kinds = ('DVPT', 'VADT', 'VNT', 'VPT', 'VTT')
    names = ['%s%d.rsp' % (n, k) for n in kinds for k in AES_KEYS]
    v = Vectors(out, 'nist_aes_ccm', nist_head('NIST CAVP, CCMVS', names, chosen))
    for name in names:
        common = {}
        number = 0
        for r in records(src.nist('ciphers/AES/CCM/' + name), 'count'):
            # What stands before the first record of a section holds for all of them.
            for key in ('alen', 'plen', 'nlen', 'tlen', 'key', 'nonce'):
                if key in r:
                    common[key] = r[key]
            if 'count' not in r:
                continue
            number += 1
            r = dict(common, **r)
            fails = r.get('result', 'Pass') != 'Pass'
            if number % 2 == 0:
                continue
            plen, tlen = int(r['plen']), int(r['tlen'])
            fields = {'alg': 'aes-ccm', 'from_': name, 'key': r['key'],
                      'iv': cut(r['nonce'], int(r['nlen'])), 'aad': cut(r['adata'], int(r['alen']))}
            if not fails:
                fields['msg'] = cut(r['payload'], plen)
            if len(r['ct']) != 2 * (plen + tlen):
                raise ValueError('%s %d: ciphertext and tag of other lengths' % (name, number))
            v.add('-' if fails else '+', number, ct=cut(r['ct'], plen), tag=r['ct'][2 * plen:], **fields)
    v.write()


def rfc_chacha(src, out):
    names = ['ciphers/ChaCha20Poly1305/openssl.txt', 'ciphers/ChaCha20Poly1305/boringssl.txt']
    v = Vectors(out, 'rfc_chacha20_poly1305', nist_head(
        'RFC 8439, and vectors of OpenSSL and BoringSSL made after it', names,
        ['Of each length of data and AAD in boringssl.txt one.']))
    taken = set()
    for name in names:
        for number, r in enumerate(records(src.nist(name), 'count'), 1):
            if 'key' not in r:
                continue
            msg = hexed(r.get('plaintext', r.get('in', '')))
            aad = hexed(r.get('aad', r.get('ad', '')))
            size = len(msg), len(aad)
            if size in taken:
                continue
            taken.add(size)
            v.add('+', number, alg='chacha20-poly1305', from_=os.path.basename(name),
                  key=hexed(r['key']), iv=hexed(r.get('iv', r.get('nonce', ''))), aad=aad, msg=msg,
                  ct=hexed(r.get('ciphertext', r.get('ct', ''))), tag=hexed(r['tag']))
    v.write()


# ---- NIST: ciphers ----

def key_of(r):
    if 'keys' in r:
        return r['keys'] * 3
    if 'key1' in r:
        return r['key1'] + r['key2'] + r['key3']
    return r['key']


def ciphers(src, v, alg, folder, names, every):
    """every: of files whose name holds the word, one in so many."""
    for name in names:
        step = next((n for word, n in every.items() if word in name), 1)
        for number, r in enumerate(records(src.nist(os.path.join(folder, name)), 'count'), 1):
            if 'plaintext' not in r or (number - 1) % step != 0:
                continue
            fields = {'alg': alg, 'from_': name, 'key': key_of(r).lower()}
            if alg.endswith('ecb'):
                fields['iv'] = ''
            else:
                fields['iv'] = r['iv'].lower()
            v.add('+', number, msg=r['plaintext'].lower(), ct=r['ciphertext'].lower(), **fields)


def nist_ciphers(src, out):
    kinds = ('GFSbox', 'KeySbox', 'VarKey', 'VarTxt', 'MMT')
    every = {'VarKey': 8, 'VarTxt': 8, 'varkey': 4, 'vartext': 4, 'invperm': 4, 'MMT': 1}
    aes = ['%s%s%d.rsp' % (m, k, s) for m in ('CBC', 'ECB') for k in kinds for s in AES_KEYS]
    chosen = ['Of the known-answer tests of single bits every eighth (AES) or fourth (TDES); a vector',
              'that stands there for both directions is here once.']
    v = Vectors(out, 'nist_aes_cipher', nist_head(
        'NIST CAVP, AESAVS (CBC, ECB), and RFC 3686 (CTR)',
        aes + ['aes-%d-ctr.txt' % s for s in AES_KEYS], chosen))
    ciphers(src, v, 'aes-cbc', 'ciphers/AES/CBC', aes[:15], every)
    ciphers(src, v, 'aes-ecb', 'ciphers/AES/ECB', aes[15:], every)
    ciphers(src, v, 'aes-ctr', 'ciphers/AES/CTR', ['aes-%d-ctr.txt' % s for s in AES_KEYS], {})
    v.write()

    kinds = ('invperm', 'permop', 'subtab', 'varkey', 'vartext', 'MMT1', 'MMT2', 'MMT3')
    cbc = ['TCBC%s.rsp' % k for k in kinds]
    ecb = ['TECB%s.rsp' % k for k in kinds]
    v = Vectors(out, 'nist_3des_cipher', nist_head('NIST CAVP, TDES KAT and MMT (CBC, ECB)', cbc + ecb,
                                                   chosen))
    ciphers(src, v, '3des-cbc', 'ciphers/3DES/CBC', cbc, every)
    ciphers(src, v, '3des-ecb', 'ciphers/3DES/ECB', ecb, every)
    v.write()


def nist_xts(src, out):
    names = ['XTSGenAES%d.rsp' % s for s in (128, 256)]
    chosen = ['With the tweak as a block, of 128hexstr. Every fourth; those whose data is no whole number',
              'of bytes are left out, since a request counts bytes.']
    v = Vectors(out, 'nist_aes_xts', nist_head('NIST CAVP, XTSVS', names, chosen))
    for name in names:
        for number, r in enumerate(records(src.nist('ciphers/AES/XTS/tweak-128hexstr/' + name),
                                           'count'), 1):
            if 'dataunitlen' not in r or int(r['dataunitlen']) % 8 != 0 or number % 4 != 0:
                continue
            n = int(r['dataunitlen']) // 8
            v.add('+', number, alg='aes-xts', from_=name, key=r['key'], iv=r['i'], msg=cut(r['pt'], n),
                  ct=cut(r['ct'], n))
    v.write()


# ---- NIST: hashes and MACs ----

# Of the long messages these, counted from 0: the first few, and ever longer ones to the longest.
LONG = {'SHA1': (0, 1, 2, 15, 31, 63), 'SHA3_224': (0, 1, 2, 20, 60, 99), 'SHA384': (0, 1, 2, 31, 127)}
LONG.update({'SHA224': LONG['SHA1'], 'SHA256': LONG['SHA1'], 'SHA512': LONG['SHA384'],
             'SHA3_256': LONG['SHA3_224'], 'SHA3_384': LONG['SHA3_224'], 'SHA3_512': LONG['SHA3_224']})


def hashes(src, v, alg, name, wanted=None):
    for number, r in enumerate((r for r in records(src.nist('hashes/' + name)) if 'msg' in r)):
        if wanted is not None and number not in wanted:
            continue
        v.add('+', number + 1, alg=alg, from_=os.path.basename(name), msg=cut(r['msg'],
              int(r['len']) // 8), tag=r['md'].lower())


def nist_hashes(src, out):
    for name, folder, kinds in (
            ('nist_sha1_sha2', '', ('SHA1/SHA1', 'SHA2/SHA224', 'SHA2/SHA256', 'SHA2/SHA384',
                                    'SHA2/SHA512')),
            ('nist_sha3', 'SHA3/', ('SHA3_224', 'SHA3_256', 'SHA3_384', 'SHA3_512'))):
        v = Vectors(out, name, nist_head(
            'NIST CAVP, %s' % ('SHA3VS' if folder else 'SHAVS'),
            [os.path.basename(k) + n for k in kinds for n in ('ShortMsg.rsp', 'LongMsg.rsp')],
            ['The short messages all, every other one of more than 64 bytes; of the long ones some,',
             'the longest included.']))
        for kind in kinds:
            base = os.path.basename(kind)
            alg = base.lower().replace('_', '-')
            short = [n for n in range(200) if n < 64 or n % 2 == 0]
            hashes(src, v, alg, folder + kind + 'ShortMsg.rsp', short)
            hashes(src, v, alg, folder + kind + 'LongMsg.rsp', LONG[base])
        v.write()
    v = Vectors(out, 'rfc_md5', nist_head('RFC 1321, A.5', ['rfc-1321.txt']))
    hashes(src, v, 'md5', 'MD5/rfc-1321.txt')
    v.write()


def nist_macs(src, out):
    names = ['nist-800-38b-aes%d.txt' % s for s in AES_KEYS]
    cavp = ['cavp_aes%d_cmac_tests.txt' % s for s in AES_KEYS]
    v = Vectors(out, 'nist_aes_cmac', nist_head(
        'NIST SP 800-38B, and NIST CAVP, CMACVer', names,
        ['and ' + ', '.join(cavp) + ' of Debian\'s source package',
         'android-platform-external-boringssl 13.0.0+r24-2, messages of up to 4096 bytes.']))
    for name in names:
        for number, r in enumerate(records(src.nist('CMAC/' + name), 'count'), 1):
            v.add('+', number, alg='aes-cmac', from_=name, key=r['key'], msg=r['message'],
                  tag=r['output'])
    for name in cavp:
        path = src.boring('crypto/fipsmodule/cmac/' + name)
        for number, r in enumerate((r for r in records(path, 'count') if 'mac' in r), 1):
            if int(r['mlen']) > 4096:
                continue
            bad = not r['result'].startswith('P')
            note = r['result'].partition('-')[2].strip(' )') if bad else ''
            v.add('-' if bad else '+', number, note, alg='aes-cmac', from_=name, key=r['key'],
                  msg=cut(r['msg'], int(r['mlen'])), tag=cut(r['mac'], int(r['tlen'])))
    v.write()

    names = ['rfc-2202-md5.txt', 'rfc-2202-sha1.txt'] + [
        'rfc-4231-sha%d.txt' % n for n in (224, 256, 384, 512)]
    v = Vectors(out, 'rfc_hmac', nist_head('RFC 2202 and RFC 4231', names))
    for name in names:
        alg = name[9:-4] + '-hmac'
        for number, r in enumerate((r for r in records(src.nist('HMAC/' + name)) if 'md' in r), 1):
            v.add('+', number, alg=alg, from_=name, key=r['key'].lower(), msg=cut(r['msg'], int(
                r['len']) // 8), tag=r['md'].lower())
    v.write()


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--cryptography', required=True, help='unpacked python3-cryptography-vectors')
    ap.add_argument('--boringssl', required=True, help='unpacked android-platform-external-boringssl')
    ap.add_argument('--out', default=os.path.dirname(os.path.abspath(__file__)))
    args = ap.parse_args()
    src = Sources(args.cryptography, args.boringssl)
    all_wycheproof(src, args.out)
    nist_gcm(src, args.out)
    nist_ccm(src, args.out)
    rfc_chacha(src, args.out)
    nist_ciphers(src, args.out)
    nist_xts(src, args.out)
    nist_hashes(src, args.out)
    nist_macs(src, args.out)


if __name__ == '__main__':
    main()
