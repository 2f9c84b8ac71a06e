#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The virtio-crypto stack authors
"""The documentation against the code. Prints TAP.

  check-docs.py --build DIR        meson build folder
  check-docs.py SHOW_CAPS DRIVER   the two files of it that tell the truth

What the driver can show comes from the program test/docs/show_caps.c, which is linked with the driver;
its device arguments come from the strings that dpdk-pmdinfo.py reads. In the files below doc/guides
each row is compared, so that one which is missing or too many is found. The other documents are
searched for numbers that stand in the code, for links that lead nowhere and for commands that ./dev
does not have.
"""
import argparse
import glob
import json
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
INI = 'doc/guides/cryptodevs/features/virtio.ini'
RST = 'doc/guides/cryptodevs/virtio.rst'

# Rows that the features table of DPDK's guide has (default.ini), by what the driver shows. Algorithms
# whose key sizes have rows of their own: the number of bits, by the key's bytes.
FLAG_ROWS = {
    'SYMMETRIC_CRYPTO': 'Symmetric crypto',
    'ASYMMETRIC_CRYPTO': 'Asymmetric crypto',
    'SYM_OPERATION_CHAINING': 'Sym operation chaining',
    'HW_ACCELERATED': 'HW Accelerated',
    'IN_PLACE_SGL': 'In Place SGL',
    'OOP_SGL_IN_SGL_OUT': 'OOP SGL In SGL Out',
    'OOP_SGL_IN_LB_OUT': 'OOP SGL In LB  Out',
    'OOP_LB_IN_SGL_OUT': 'OOP LB  In SGL Out',
    'OOP_LB_IN_LB_OUT': 'OOP LB  In LB  Out',
    'DIGEST_ENCRYPTED': 'Digest encrypted',
    'SYM_SESSIONLESS': 'Symmetric sessionless',
    'NON_BYTE_ALIGNED_DATA': 'Non-Byte aligned data',
    'RSA_PRIV_OP_KEY_EXP': 'RSA PRIV OP KEY EXP',
    'RSA_PRIV_OP_KEY_QT': 'RSA PRIV OP KEY QT',
    'SYM_RAW_DP': 'Sym raw data path API',
}
AES = {16: 128, 24: 192, 32: 256}
SIZED = {
    'AES_CBC': AES, 'AES_ECB': AES, 'AES_CTR': AES, 'AES_CMAC': AES,
    'AES_XTS': {32: 128, 64: 256}, 'AES_GCM': AES, 'AES_CCM': AES,
}
OWN_SPELLING = {'CHACHA20_POLY1305': 'CHACHA20-POLY1305'}
SECTION = {'cipher': 'Cipher', 'auth': 'Auth', 'aead': 'AEAD'}
NO_ROW = {'AES_F8', 'ARC4', 'AES_CBC_MAC'}

# Numbers in prose: file, pattern around the number, the limit that it states.
NUMBERS = [
    (RST, r'at most (\d+)\s+descriptors', 'descriptors'),
    (RST, r'\(default (\d+)\)', 'timeout_ms'),
    (RST, r'from 1 to (\d+)\s+\(default', 'max_timeout_ms'),
    ('README.md', r'at most (\d+)\s+descriptors', 'descriptors'),
    ('README.md', r'power of two from (\d+)', 'min_queue'),
    ('README.md', r'power of two from \d+ to\s+(\d+)', 'max_queue'),
    ('README.md', r'(\d+) ciphers', 'ciphers'),
    ('README.md', r'(\d+) hashes', 'hashes'),
    ('README.md', r'(\d+) MACs', 'MACs'),
    ('README.md', r'(\d+) AEADs', 'AEADs'),
    ('README.md', r'from 1 to (\d+)\s*\|', 'max_timeout_ms'),
    ('README.md', r'from 1 to \d+\s*\|\s*(\d+)\s*\|', 'timeout_ms'),
]


class Truth:
    """What the driver can show."""

    def __init__(self, show_caps, driver):
        self.flags = []
        self.virtio = []
        self.asym = []
        self.algos = []  # ('cipher', 'auth' or 'aead', name, ranges of: key, IV or digest, tag)
        self.limits = {}
        for line in subprocess.check_output([show_caps], text=True).splitlines():
            w = line.split()
            if w[:1] == ['flag']:
                self.flags.append(w[1])
            elif w[:1] == ['asym']:
                self.asym.append(w[1])
            elif w[:1] == ['virtio']:
                self.virtio.append(w[1])
            elif w[:1] in (['cipher'], ['auth'], ['aead']):
                ranges = [tuple(map(int, w[i:i + 3])) for i in range(3, len(w), 4)]
                self.algos.append((w[0], w[1], ranges))
            elif w[:1] == ['limit']:
                self.limits[w[1]] = int(w[2])
        with open(driver, 'rb') as f:
            info = re.search(rb'PMD_INFO_STRING= ?(\{.*?\})\s*\0', f.read(), re.S)
        for kind in ('ciphers', 'hashes', 'MACs', 'AEADs'):
            self.limits[kind] = sum(1 for k, n, r in self.algos if n != 'NULL' and kind == (
                'ciphers' if k == 'cipher' else 'AEADs' if k == 'aead' else
                'MACs' if r[0][1] else 'hashes'))
        if not info or not self.flags or not self.algos:
            sys.exit('check-docs: %s or %s says nothing' % (show_caps, driver))
        params = json.loads(info.group(1).decode()).get('params', '')
        self.args = [p.partition('=')[0] for p in params.split()]


def steps(r):
    return list(range(r[0], r[1] + 1, r[2])) if r[2] else [r[0]]


def spell(r):
    """A range of lengths as the guide writes it. 0 among others is the application's word for
    another form, which the guide tells in prose."""
    sizes = steps(r)
    if len(sizes) > 1 and sizes[0] == 0:
        sizes = sizes[1:]
    if sizes == [0]:
        return 'none'
    if len(sizes) > 3 and r[2] == 1:
        return '%d to %d' % (r[0], r[1])
    return ', '.join(map(str, sizes))


def ini_rows(truth):
    """Rows of the .ini by section."""
    want = {'Features': set(), 'Cipher': set(), 'Auth': set(), 'AEAD': set(), 'Asymmetric': set(),
            'OS': {'Linux'}}
    for flag in truth.flags:
        want['Features'].add(FLAG_ROWS.get(flag, 'a row for the flag ' + flag))
    want['Asymmetric'].update(truth.asym)
    for kind, name, ranges in truth.algos:
        section = want[SECTION[kind]]
        words = name if name.startswith('SHA3_') else name.replace('_', ' ')
        words = OWN_SPELLING.get(name, words)
        if name in SIZED:
            section.update('%s (%d)' % (words, SIZED[name][k]) for k in steps(ranges[0]))
        elif name not in NO_ROW:
            section.add(words)
    return want


def read(name):
    with open(os.path.join(ROOT, name), encoding='utf-8') as f:
        return f.read()


def compare(what, want, found):
    for row in sorted(set(want) - set(found)):
        yield '%s: missing: %s' % (what, row)
    for row in sorted(set(found) - set(want)):
        yield '%s: the driver does not show: %s' % (what, row)
    for row in sorted({r for r in found if list(found).count(r) > 1}):
        yield '%s: twice: %s' % (what, row)


def check_ini(truth):
    """features/virtio.ini"""
    want = ini_rows(truth)
    found = {}
    section = None
    for line in read(INI).splitlines():
        if not line.strip() or line.startswith(';'):
            continue
        m = re.fullmatch(r'\[(.+)\]', line)
        if m:
            section = found.setdefault(m.group(1), [])
            continue
        m = re.fullmatch(r'(\S.*?)\s*= Y', line)
        if not m or section is None:
            yield 'not a row: ' + line
            continue
        section.append(m.group(1))
    yield from compare('sections', want, list(found))
    # A word of these tables that nothing stands behind would hide a row.
    names = {name for _, name, _ in truth.algos}
    for name in sorted((NO_ROW | set(SIZED) | set(OWN_SPELLING)) - names):
        yield 'tools/check-docs.py knows %s, the driver does not' % name
    for name, rows in found.items():
        yield from compare('[%s]' % name, want.get(name, ()), rows)


def check_algorithms(truth):
    """algorithm tables of virtio.rst"""
    found = {}
    want = {(kind, name): tuple(map(spell, ranges)) for kind, name, ranges in truth.algos}
    for m in re.finditer(r'^ *``RTE_CRYPTO_(CIPHER|AUTH|AEAD)_(\w+)``  +(\S.*)$', read(RST), re.M):
        name = (m.group(1).lower(), m.group(2))
        if name in found:
            yield 'twice: %s %s' % name
        columns = tuple(re.split(r'  +', m.group(3).rstrip()))
        found[name] = columns[:len(want.get(name, columns))]
    yield from compare('algorithms', [' '.join(n) for n in want], [' '.join(n) for n in found])
    for name in sorted(set(want) & set(found)):
        if want[name] != found[name]:
            yield '%s %s: says %s; it is %s' % (name + ('; '.join(found[name]),
                                                        '; '.join(want[name])))


def check_virtio(truth):
    """virtio features"""
    for name, pattern in ((RST, r'^Virtio features,(.*?)\n\n'),
                          ('README.md', r'^\| Virtio features \|([^|]*)\|')):
        m = re.search(pattern, read(name), re.M | re.S)
        found = re.findall(r'\b[A-Z][A-Z_]+(?:_1)?\b', m.group(1)) if m else []
        yield from compare(name + ', virtio features', truth.virtio, found)


def check_telemetry(_):
    """telemetry commands of virtio.rst"""
    with open(os.path.join(ROOT, 'drivers/crypto/virtio/virtio_telemetry.c'), encoding='utf-8') as f:
        want = re.findall(r'rte_telemetry_register_cmd\("([^"]+)"', f.read())
    yield from compare(RST, want, re.findall(r'^``(/crypto_virtio/\w+)', read(RST), re.M))


def check_args(truth):
    """device arguments"""
    yield from compare(RST, truth.args, re.findall(r'^\* ``(\w+)=', read(RST), re.M))
    yield from compare('README.md', truth.args, re.findall(r'^\| `(\w+)` +\|', read('README.md'), re.M))


def check_numbers(truth):
    """numbers in prose"""
    for name, pattern, limit in NUMBERS:
        found = re.findall(pattern, read(name))
        if not found:
            yield '%s: does not state "%s"' % (name, limit)
        for n in found:
            if int(n) != truth.limits[limit]:
                yield '%s: %s is %d, not %s' % (name, limit, truth.limits[limit], n)


def documents():
    yield 'README.md'
    for path in sorted(glob.glob(os.path.join(ROOT, 'doc/**/*.md'), recursive=True)):
        yield os.path.relpath(path, ROOT)


def check_links(_):
    """links and folders"""
    for name in documents():
        text = read(name)
        for target in re.findall(r'\]\(([^)#:]+)\)', text):
            path = os.path.normpath(os.path.join(ROOT, os.path.dirname(name), target))
            if not os.path.exists(path):
                yield '%s: no %s' % (name, target)
        for target in re.findall(r'`((?:drivers|app|test|tools|doc)/[\w./-]*)`', text):
            if not os.path.exists(os.path.join(ROOT, target)):
                yield '%s: no %s' % (name, target)
    for name in documents():
        for target in re.findall(r'`(virtio_\w+\.[ch])`', read(name)):
            if not os.path.exists(os.path.join(ROOT, 'drivers/crypto/virtio', target)):
                yield '%s: no %s' % (name, target)


def check_commands(_):
    """commands of ./dev"""
    usage = subprocess.check_output([os.path.join(ROOT, 'dev'), 'help'], text=True)
    known = set(re.findall(r'^  ([a-z]+) ', usage, re.M))
    for name in list(documents()) + [RST]:
        for word in re.findall(r'\./dev ([a-z]+)', read(name)):
            if word not in known:
                yield '%s: ./dev has no %s' % (name, word)


CHECKS = [check_ini, check_algorithms, check_virtio, check_telemetry, check_args, check_numbers,
          check_links, check_commands]


def main():
    ap = argparse.ArgumentParser(description=__doc__,
                                 formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument('--build', metavar='DIR')
    ap.add_argument('files', nargs='*', metavar='SHOW_CAPS DRIVER')
    o = ap.parse_args()
    if o.build:
        o.files = [os.path.join(o.build, 'test/docs/show-caps'),
                   os.path.join(o.build, 'librte_crypto_virtio.so')]
    if len(o.files) != 2:
        ap.error('a build folder or two files')
    for f in o.files:
        if not os.path.isfile(f):
            sys.exit('check-docs: no %s: ./dev build' % f)
    truth = Truth(*o.files)
    bad = 0
    for i, check in enumerate(CHECKS, 1):
        why = list(check(truth))
        print('%sok %d - %s' % ('not ' if why else '', i, check.__doc__))
        for line in why:
            print('# ' + line)
        bad += bool(why)
    print('1..%d' % len(CHECKS))
    return 1 if bad else 0


if __name__ == '__main__':
    sys.exit(main())
