# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The virtio-crypto stack authors
#
# Reads the files in which NIST and Project Wycheproof publish vectors, and writes ours: see README.md
# for the form. Used by the converters alone.

import glob
import json
import os
import re


ORDER = ('op', 'alg', 'from_', 'curve', 'hash', 'form')


def order(field):
    return ORDER.index(field) if field in ORDER else len(ORDER)


class Vectors:
    """One file of ours in the making. A field stays as it was said last until it is said again."""

    def __init__(self, folder, name, head):
        self.path = os.path.join(folder, name + '.txt')
        self.lines = ['# ' + line if line else '#' for line in head]
        self.fields = {}
        self.count = 0
        self.seen = set()

    def add(self, verdict, ident, note='', **fields):
        """verdict: + must verify, - must not, ? either. Says nothing twice; @return whether added."""
        what = (verdict in '+?',) + tuple(sorted((k, v) for k, v in fields.items() if k != 'from_'))
        if what in self.seen:
            return False
        self.seen.add(what)
        for key, value in sorted(fields.items(), key=lambda f: order(f[0])):
            key = key.rstrip('_')
            if self.fields.get(key) != value:
                self.lines.append(('%s %s' % (key, value)).rstrip())
                self.fields[key] = value
        note = re.sub(r'\s+', ' ', note.encode('ascii', 'replace').decode()).strip()
        self.lines.append(('%s %s %s' % (verdict, ident, note)).rstrip())
        self.count += 1
        return True

    def write(self):
        self.lines.append('end %d' % self.count)
        with open(self.path, 'w') as f:
            f.write('\n'.join(self.lines) + '\n')
        print('%-28s %5d vectors %8d bytes' % (os.path.basename(self.path), self.count,
                                               os.path.getsize(self.path)))


class Sources:
    """Unpacked Debian packages: the folders that hold the vectors in them."""

    def __init__(self, cryptography, boringssl):
        self.cryptography = find(cryptography, 'cryptography_vectors')
        self.boringssl = find(boringssl, 'src/third_party/wycheproof_testvectors')
        self.boringssl = os.path.dirname(os.path.dirname(self.boringssl))

    def nist(self, name):
        return os.path.join(self.cryptography, name)

    def boring(self, name):
        return os.path.join(self.boringssl, name)

    def wycheproof(self, name):
        with open(os.path.join(self.boringssl, 'third_party/wycheproof_testvectors', name)) as f:
            return json.load(f)


def find(folder, tail):
    for pattern in ('', '*/', '**/'):
        for found in sorted(glob.glob(os.path.join(folder, pattern, tail), recursive=True)):
            return found
    raise SystemExit('%s holds no %s: unpack the package there' % (folder, tail))


def wycheproof_head(names, dropped=()):
    return ['Vectors of Project Wycheproof, ' + ', '.join(names), 'at commit '
            'eb35c25e05d17dc05fdf42f40ff4cbb3a959c096 of github.com/google/wycheproof, as Debian\'s',
            'source package android-platform-external-boringssl 13.0.0+r24-2 has them.',
            'Copyright Google; Apache License 2.0, see LICENSE-Apache-2.0.txt. Changed: put into the form',
            'that README.md describes, by the scripts beside it.'] + list(dropped)


def nist_head(what, names, chosen=()):
    return [what + ':', ', '.join(names),
            'as Debian\'s package python3-cryptography-vectors 38.0.4-1 has them. Published by NIST, or in',
            'the documents named, for free use. Put into the form of README.md by the scripts beside it.'
            ] + list(chosen)


def records(path, first=None):
    """
    The records of a .rsp file: dictionaries of what is said in them, in lower case, with what the
    sections around them say. A record ends at an empty line; first: it also starts at this name.
    """
    section = {}
    record = {}
    with open(path) as f:
        for line in list(f) + ['']:
            line = line.strip()
            if line.startswith('#'):
                continue
            if record and (not line or line.startswith('[') or (
                    first and re.match(first + r'\s*=', line, re.I))):
                yield dict(section, **record)
                record = {}
            if line.startswith('['):
                if '=' not in line:
                    section = {k: val for k, val in section.items() if val}
                for part in line.strip('[]').split(','):
                    key, eq, value = part.partition('=')
                    section[key.strip().lower()] = value.strip().lower() if eq else ''
                if '=' not in line:
                    section['direction'] = line.strip('[]').lower()
            elif '=' in line:
                key, _, value = line.partition('=')
                record[key.strip().lower()] = value.strip()
            elif line:
                record[line.lower()] = ''


def hexed(text):
    """Hexadecimal, or a text in quotation marks, as lower-case hexadecimal."""
    text = text.strip()
    if text.startswith('"'):
        return text.strip('"').encode().hex()
    bytes.fromhex(text)
    return text.lower()


def cut(text, count):
    """The first count bytes: files say 00 where there is nothing."""
    if count * 2 > len(text):
        raise ValueError('%d bytes wanted of %s' % (count, text))
    return text[:count * 2].lower()
