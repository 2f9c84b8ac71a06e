#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
#
# The include graph. Rooms know only what lies below them; this file says which room may include
# what, directly, and what a room may never reach, through any chain of our own headers.

import glob
import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PMD = 'drivers/crypto/virtio'
BACKEND = 'app/vhost_crypto'

# Leaves: included by anybody, include none of ours.
LEAVES = {'virtio_compat.h', 'virtio_log.h', 'virtio_secret.h', 'virtio_crypto_wire.h',
          'virtio_wire.h'}

# Room (file name without suffix, a pattern) -> rooms whose headers it may include besides its own
# and the leaves. Rooms stand in the order of the arrows, lowest first.
ROOMS = [
    ('virtio_crypto_wire_asym', []),
    ('virtio_transport', []),
    ('virtio_features', []),
    ('virtio_ring(_int|_split|_packed)?', ['virtio_ring', 'virtio_ring_int', 'virtio_transport']),
    ('virtio_(der|bignum)', []),
    ('virtio_slot', ['virtio_crypto_wire_asym', 'virtio_ring']),
    ('virtio_caps', ['virtio_codec']),
    ('virtio_caps_asym', ['virtio_caps', 'virtio_codec_asym']),
    ('virtio_codec(_sym|_auth|_aead|_null|_table|_steps|_raw|_stateless|_asym)?', [
        'virtio_bignum', 'virtio_codec', 'virtio_codec_asym', 'virtio_codec_stateless',
        'virtio_codec_table', 'virtio_crypto_wire_asym', 'virtio_der', 'virtio_slot', 'virtio_caps']),
    ('virtio_asym_pool', ['virtio_codec_asym']),
    ('virtio_queue', ['virtio_asym_pool', 'virtio_ring', 'virtio_slot', 'virtio_codec',
                      'virtio_transport']),
    ('virtio_ctrl', ['virtio_ring', 'virtio_codec', 'virtio_codec_asym', 'virtio_transport']),
    ('virtio_session', ['virtio_asym', 'virtio_codec', 'virtio_codec_stateless', 'virtio_caps',
                        'virtio_ctrl', 'virtio_dev', 'virtio_features']),
    ('virtio_asym', ['virtio_asym_pool', 'virtio_caps', 'virtio_codec', 'virtio_codec_asym',
                     'virtio_ctrl', 'virtio_dev', 'virtio_features', 'virtio_queue',
                     'virtio_session']),
    ('virtio_cache', ['virtio_codec', 'virtio_dev', 'virtio_features', 'virtio_queue',
                      'virtio_session']),
    ('virtio_dev', ['virtio_cache', 'virtio_features', 'virtio_caps', 'virtio_codec', 'virtio_ctrl',
                    'virtio_queue', 'virtio_ring', 'virtio_session', 'virtio_transport']),
    ('virtio_rxtx|virtio_raw', ['virtio_asym', 'virtio_cache', 'virtio_codec', 'virtio_codec_raw', 'virtio_cryptodev',
                                'virtio_dev', 'virtio_queue', 'virtio_raw', 'virtio_rxtx',
                                'virtio_session']),
    ('virtio_telemetry', ['virtio_caps', 'virtio_dev', 'virtio_queue',
                          'virtio_ring', 'virtio_slot', 'virtio_transport']),
    ('virtio_cryptodev', ['virtio_asym', 'virtio_cache', 'virtio_caps', 'virtio_codec',
                          'virtio_crypto_wire_asym', 'virtio_dev', 'virtio_queue',
                          'virtio_raw', 'virtio_session', 'virtio_telemetry', 'virtio_transport']),
    ('virtio_pci_cap', []),
    ('virtio_pci', ['virtio_pci_cap', 'virtio_cryptodev', 'virtio_transport']),
    ('mem', []),
    ('vhost_user', ['mem']),
    ('user_dev', ['mem', 'vhost_user', 'virtio_transport']),
    ('virtio_user', ['user_dev', 'virtio_cryptodev']),
]

# Room -> headers that are out of its reach, by any chain.
UNREACHABLE = [
    (r'virtio_(compat|features|log|secret|wire|crypto_wire(_asym)?)', r'cryptodev|bus_|rte_pci|_driver\.h|_pmd\.h'),
    (r'virtio_(transport|ring.*)', r'crypto|pci|_driver\.h|_pmd\.h|vdev'),
    (r'virtio_(slot|codec.*|caps|ctrl|queue)', r'pci|_driver\.h|_pmd\.h|vdev|virtio_(user|dev)\.h'),
    (r'virtio_(codec.*)', r'virtio_(ctrl|queue|session|dev|cryptodev)\.h'),
    (r'virtio_(dev|session|rxtx|raw|cryptodev|telemetry)', r'pci'),
]

# Registers and sockets are for transports.
TRANSPORT_ONLY = re.compile(r'^(bus_pci_driver|rte_bus_pci|rte_pci|bus_vdev_driver|rte_bus_vdev|'
                            r'rte_io|sys/socket|sys/un|linux/.*)\.h$|^sys/eventfd\.h$')
TRANSPORTS = re.compile(r'^(virtio_(pci|user)|user_dev|vhost_user|vhost_vdpa).*')

# The back end's rooms that the in-process device shares: no vhost, and nothing of the driver but
# the wire format and the handling of secrets.
BACKEND_VHOST_FREE = re.compile(
    r'^(device|request(_asym|_ctx|_fields|_straight)?|stateless|engine|engine_(asym|libcrypto|list)|lc_.*|aes_.*|'
    r'wireless|chain|guest_mem|vring.*)$')
BACKEND_FROM_PMD = {'virtio_compat.h', 'virtio_crypto_wire.h', 'virtio_crypto_wire_asym.h',
                    'virtio_secret.h', 'virtio_wire.h'}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
VERSION = re.compile(r'^\s*#\s*(if|elif|ifdef).*\bRTE_VER')

findings = []


def finding(path, line, text):
    findings.append('%s:%d: %s' % (path, line, text))


def includes(path):
    with open(os.path.join(ROOT, path), encoding='utf-8') as f:
        for n, line in enumerate(f, 1):
            m = INCLUDE.match(line)
            if m:
                quoted = m.group(1) == '"'
                # Our own headers go by their names, whatever folder they are in.
                yield n, quoted, os.path.basename(m.group(2)) if quoted else m.group(2)


def sources(folder):
    for pattern in ('**/*.c', '**/*.h'):
        for path in glob.glob(os.path.join(ROOT, folder, pattern), recursive=True):
            yield os.path.relpath(path, ROOT)


def stem(path):
    return os.path.splitext(os.path.basename(path))[0]


def allowed(room):
    for pattern, headers in ROOMS:
        if re.fullmatch(pattern, room):
            return {h + '.h' for h in headers} | LEAVES | {room + '.h'}
    return None


def check_pmd():
    ours = {os.path.basename(p): p for p in sources(PMD)}
    graph = {p: list(includes(p)) for p in ours.values()}

    for path, incs in graph.items():
        room = stem(path)
        base = os.path.basename(path)
        may = set() if base in LEAVES else allowed(room)
        if may is None:
            finding(path, 1, 'no room of this name: give it a place in tools/check-includes.py')
            continue
        for line, quoted, header in incs:
            if quoted and header not in may:
                what = 'a leaf includes' if base in LEAVES else 'the room %s includes' % room
                finding(path, line, '%s %s' % (what, header))
            if not quoted and header in ours:
                finding(path, line, 'our own header in angle brackets')
            if TRANSPORT_ONLY.match(header) and not TRANSPORTS.match(room):
                finding(path, line, '%s is for transports' % header)

    def reach(path, seen):
        for line, quoted, header in graph[path]:
            yield line, header, path
            if quoted and header in ours and header not in seen:
                seen.add(header)
                yield from reach(ours[header], seen)

    for path in graph:
        for pattern, forbidden in UNREACHABLE:
            if not re.fullmatch(pattern, stem(path)):
                continue
            for line, header, via in reach(path, set()):
                if header == 'virtio_crypto_wire.h' and not stem(path).startswith('virtio_ring'):
                    continue
                if re.search(forbidden, header):
                    finding(path, line if via == path else 1,
                            'reaches %s%s' % (header, '' if via == path else ' through ' + via))

    # Headers form no circle.
    state = {}

    def walk(path, trail):
        if state.get(path) == 2:
            return
        if state.get(path) == 1:
            finding(path, 1, 'headers in a circle: ' + ' -> '.join(trail + [path]))
            return
        state[path] = 1
        for _, quoted, header in graph[path]:
            if quoted and header in ours:
                walk(ours[header], trail + [path])
        state[path] = 2

    for path in graph:
        if path.endswith('.h'):
            walk(path, [])


def check_backend():
    ours = {os.path.basename(p): p for p in sources(BACKEND)}
    for path in ours.values():
        for line, quoted, header in includes(path):
            if quoted and header not in ours and header not in BACKEND_FROM_PMD:
                finding(path, line, 'the back end includes %s of the driver' % header)
            if BACKEND_VHOST_FREE.match(stem(path)):
                if re.search(r'vhost|vdpa', header) or re.match(r'front|qos', header):
                    finding(path, line, 'includes %s, but must know no vhost' % header)
                if header.endswith('_pmd.h') or header.endswith('_driver.h'):
                    finding(path, line, 'includes the driver header %s' % header)


def check_versions():
    for folder in ('drivers', 'app', 'test'):
        for path in sources(folder):
            if os.path.basename(path) == 'virtio_compat.h':
                continue
            with open(os.path.join(ROOT, path), encoding='utf-8') as f:
                for n, line in enumerate(f, 1):
                    if VERSION.match(line):
                        finding(path, n, 'tests the version of DPDK; virtio_compat.h does that')


check_pmd()
check_backend()
check_versions()
for text in sorted(set(findings)):
    print(text)
print('%d findings' % len(set(findings)))
sys.exit(1 if findings else 0)
