# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The virtio-crypto stack authors
#
# The poll-mode driver on the witness' device: the functional suite of app/test over a socket whose
# other end shares nothing with the driver. Operations are answered in a random order.

import collections
import contextlib
import os
import re
import subprocess
import sys

import backend
import vhost_user as vu
from backend import Process
from cases import Skip, case, check, equal

LINE = re.compile(r'^(PASS|FAIL|SKIP) (\S+)(?:: (.*))?$')

# What the device cannot compute, and the suite therefore may leave out.
UNKNOWN = re.compile(r'snow3g|kasumi|zuc|needs 2 devices|the device shows|with a tag of 8 bytes|'
                     r'does not show (SYM_|OOP_|IN_PLACE_)')

# All of the suite but what another ring format does not touch.
PART = ['aead/*', 'burst/*', 'chain_layout/*', 'digest/*', 'life/*', 'negative/*', 'random/*', 'session/*',
        'thread/*', 'vectors/*']

ASYM = ['cryptodev_virtio_asym_autotest']
ASYM_PART = ['ecdsa/*', 'rsa/1000/*', 'rsa/2048/*', 'asym_session/*', 'asym_negative/*']

# (name, options of the device, devargs of the driver, cases, how many of them pass at least)
RUNS = [
    ('split', ['--shuffle'], '', ['cryptodev_virtio_autotest'], 3000),
    ('packed', ['--shuffle'], ',packed_vq=1', PART, 1000),
    ('split without INDIRECT_DESC and EVENT_IDX', ['--no-indirect', '--no-event-idx'], '', ['random/*'], 16),
    ('packed without INDIRECT_DESC and EVENT_IDX', ['--no-indirect', '--no-event-idx'], ',packed_vq=1',
     ['random/*'], 16),
    ('split with rings of 32', ['--shuffle'], ',queue_size=32', ['random/*'], 16),
    ('packed with rings of 32', ['--shuffle'], ',packed_vq=1,queue_size=32', ['random/*'], 16),
    ('split, stateless', ['--shuffle', '--stateless'], ',mode=stateless', PART, 1000),
    ('packed, stateless, without INDIRECT_DESC', ['--no-indirect', '--stateless'],
     ',packed_vq=1,mode=stateless', ['random/*'], 16),
    ('the driver listens', ['--client'], ',server=1', ['random/*'], 16),
    # Padded requests and exact ones, with sessions and without; all of them are looked at, byte by byte.
    ('asymmetric', ['--shuffle'], '', ASYM, 200),
    ('asymmetric, packed', ['--shuffle'], ',packed_vq=1', ASYM_PART, 80),
    ('asymmetric, stateless', ['--shuffle', '--stateless'], ',mode=stateless', ASYM_PART, 80),
    ('asymmetric, padded', ['--shuffle', '--no-revision-1'], '', ASYM_PART, 80),
]

# Operations with a result, and those whose answer is the status alone; all of them of a right answer.
SIGNATURES = ['ecdsa/*/sign/*', 'rsa/2048/qt/sign/*']
RESULTS = SIGNATURES + ['rsa/2048/qt/encrypt/*', 'rsa/2048/qt/decrypt/*']
VERIFICATIONS = ['ecdsa/*/verify/[ms][dh]*', 'rsa/2048/qt/verify/pkcs1/*']
PACKED = 'packed_vq=1'

# (lie of the device, devarg of the driver, cases, all of which fail, how many there are at least)
LIES = [
    ('used-beyond', 'packed_vq=0', RESULTS, 40),
    ('used-beyond', PACKED, RESULTS, 40),
    ('used-far-beyond', 'packed_vq=0', RESULTS, 40),
    ('used-far-beyond', PACKED, RESULTS, 40),
    ('used-nothing', 'packed_vq=0', RESULTS, 40),
    ('used-nothing', PACKED, RESULTS, 40),
    ('used-status-only', 'packed_vq=0', SIGNATURES, 35),
    ('nothing-written', 'packed_vq=0', RESULTS, 40),
    ('no-status', 'packed_vq=0', RESULTS + VERIFICATIONS, 75),
    ('strange-status', 'packed_vq=0', RESULTS + VERIFICATIONS, 75),
    ('rejected', 'packed_vq=0', VERIFICATIONS, 35),
    ('rejected', 'packed_vq=0,mode=stateless', VERIFICATIONS, 35),
    ('garbage', 'packed_vq=0', ['ecdsa/*/sign/*'], 30),
]
# The suite's words for an operation that came back and did not succeed.
REFUSED = re.compile(r'(^|: )status \d+$')


@case('driver, a device that lies: {0}, {1}', *LIES)
def lies(env, lie, devarg, what, least):
    with running(env, ['--lie', lie]) as (folder, path, device):
        counts, failed, _ = run_app(env, folder, path, ',' + devarg, what)
        check(device.alive(), 'the device %s: %s' % (device.ended(), device.log_tail()))
    equal(counts['PASS'], 0, 'cases that pass')
    check(counts['FAIL'] >= least, '%d cases, not %d' % (counts['FAIL'], least))
    other = [text for text in failed if not REFUSED.search(text)]
    check(not other, '%d cases fail in another way: %s' % (len(other), '; '.join(other[:5])))


@contextlib.contextmanager
def running(env, options):
    """(folder, path, device) of a device that runs."""
    if not env.app or not env.pmd:
        raise Skip('no --pmd and --app are given')
    folder = env.folder()
    path = os.path.join(folder, 'device.sock')
    device = Process([sys.executable, os.path.join(backend.HERE, 'device.py'), '--socket', path, '--queues', '3',
                      *options], os.path.join(folder, 'device.log'))
    try:
        if '--client' not in options:
            vu.wait_for(lambda: backend.accepts(path) or not device.alive(), 'the device\'s socket')
        check(device.alive(), 'the device %s: %s' % (device.ended(), device.log_tail()))
        yield folder, path, device
    finally:
        device.stop()


@case('driver, {0}', *RUNS)
def driver(env, name, options, devargs, what, least):
    with running(env, options) as (folder, path, device):
        counts, failed, reasons = run_app(env, folder, path, devargs, what)
        check(device.alive(), 'the device %s: %s' % (device.ended(), device.log_tail()))
        check(not failed, '%d cases fail: %s' % (counts['FAIL'], '; '.join(failed[:5])))
        strange = [r for r in reasons if not UNKNOWN.search(r)]
        check(not strange, 'cases are skipped: %s' % '; '.join(strange[:5]))
        check(counts['PASS'] >= least, '%d cases pass, not %d' % (counts['PASS'], least))
        # What the device says of a driver is a complaint.
        with open(device.log, errors='replace') as f:
            equal([line.rstrip() for line in f if line.startswith('device: queue')][:5], [],
                  'complaints of the device')


def run_app(env, folder, path, devargs, what):
    have = backend.cpus()
    cores = ','.join('%d@%d' % (i, have[i % len(have)]) for i in range(3))
    plugin = os.path.basename(env.pmd)
    # EAL takes a plugin by its bare name from anywhere, by path not below a folder all may write.
    places = [os.path.dirname(os.path.abspath(env.pmd)), os.environ.get('LD_LIBRARY_PATH', '')]
    command = [env.app, '--no-huge', '-m', '512', '--no-pci', '--no-shconf', '--no-telemetry',
               '--file-prefix', os.path.basename(folder), '--lcores', cores, '-d', plugin,
               '--vdev', 'crypto_virtio_user0,path=%s%s' % (path, devargs), '--', '--plain', '--seed', '1', *what]
    log = os.path.join(folder, 'app.log')
    app = Process(command, log, dict(os.environ, LD_LIBRARY_PATH=':'.join(p for p in places if p)))
    try:
        # A machine may be slow; a suite that says nothing more hangs.
        said = -1
        while app.alive():
            check(app.log_size() != said, 'the suite hangs behind: %s' % ' | '.join(app.log_tail(lines=2)))
            said = app.log_size()
            with contextlib.suppress(subprocess.TimeoutExpired):
                app.p.wait(3 * vu.TIMEOUT)
    finally:
        app.kill()
    counts, failed, reasons = collections.Counter(), [], set()
    with open(log, errors='replace') as f:
        for line in f:
            m = LINE.match(line.rstrip())
            if m:
                counts[m.group(1)] += 1
                if m.group(1) == 'FAIL':
                    failed.append('%s: %s' % (m.group(2), m.group(3)))
                elif m.group(1) == 'SKIP':
                    reasons.add(m.group(3) or '')
    if app.p.returncode and not failed:
        failed.append('the suite %s: %s' % (app.ended(), ' | '.join(app.log_tail())))
    return counts, failed, reasons
