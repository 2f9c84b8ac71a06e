#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
#
# Runs suites and checks, counts their cases, and ends with "N passed, N failed, N skipped".
#
# A suite program reports its cases on standard output, in one of these forms:
#   TAP                     ok 1 - name | not ok 2 - name | ok 3 # SKIP name
#                           (cmocka: CMOCKA_MESSAGE_OUTPUT=TAP); a comment "# skip: why"
#                           before a skipped case is its reason
#   lines                   PASS name | FAIL name: why | SKIP name: why
#   the stock dpdk-test     + TestCase [ 1] : name succeeded
# What is not such a line is log. A program that ends with an error and reported no failed case, or
# that reports no case at all, counts as one failed case.

import argparse
import collections
import json
import os
import re
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
import rings  # noqa: E402
import stock_skips  # noqa: E402

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CHECKS = ['style', 'includes', 'docs', 'gcc', 'clang', 'sanitize']

Case = collections.namedtuple('Case', 'status name why')

TAP = re.compile(r'^(not )?ok \d+(?: -)?\s*(?:#\s*SKIP\s*)?(.*)$', re.I)
LINE = re.compile(r'^(PASS|FAIL|SKIP)\s+([^:]+?)(?:\s*:\s+(.*))?$')
STOCK_SUITE = re.compile(r'\+ (?:Sub-Test|Test) Suite : *(.*)')
STOCK_CASE = re.compile(r'\+ (?:Sub-)?TestCase \[ *\d+\] : (.*?)\s*'
                        r'(succeeded|passed|failed|skipped|unsupported)$')


def parse_tap(lines):
    why = ''
    cases = []
    for line in lines:
        if line.lower().startswith('# skip:'):
            why = line[7:].strip()
        elif line.startswith('# ') and cases and cases[-1].status == 'fail':
            # cmocka tells behind the case what went wrong; the last line of that is where.
            if not line.startswith('# not ok'):
                text = line[2:].strip()
                said = cases[-1].why
                cases[-1] = cases[-1]._replace(why=said + ': ' + text if said else text)
        m = TAP.match(line)
        if not m:
            continue
        name = m.group(2).strip()
        # cmocka 1.1.5 reports a skipped case as "not ok N # SKIP name".
        if re.match(r'^(not )?ok \d+\s*(-\s*)?#\s*SKIP', line, re.I):
            cases.append(Case('skip', name, why or 'no reason given'))
        elif m.group(1):
            cases.append(Case('fail', name, ''))
        else:
            cases.append(Case('pass', name, ''))
        why = ''
    return cases


def parse_lines(lines):
    for line in lines:
        m = LINE.match(line)
        if m:
            yield Case(m.group(1).lower(), m.group(2).strip(), (m.group(3) or '').strip())


def parse_guest(lines):
    """As above, with names of the form "suite: case"."""
    for line in lines:
        verdict, _, rest = line.partition(' ')
        if verdict in ('PASS', 'FAIL', 'SKIP') and ': ' in rest:
            parts = rest.split(': ', 2)
            yield Case(verdict.lower(), ': '.join(parts[:2]), ''.join(parts[2:]))


def parse_stock(lines):
    cases = list(stock_cases(lines))
    totals = {}
    for line in lines:
        m = re.search(r'\+ Tests (Total|Skipped|Passed|Failed) *: *(\d+)', line)
        if m:
            totals[m.group(1)] = int(m.group(2))
    if not totals:
        cases.append(Case('fail', 'dpdk-test', 'did not get to its summary'))
    elif totals.get('Total') != len(cases):
        cases.append(Case('fail', 'dpdk-test', 'counts %s cases, and lists %d' % (
            totals.get('Total'), len(cases))))
    return cases


def stock_cases(lines):
    suite = ''
    listed = 0
    for line in lines:
        m = STOCK_SUITE.search(line)
        if m:
            suite = m.group(1).strip()
            listed = 0
        m = re.search(r'\+ Tests Total *: *(\d+)', line)
        if m and suite:
            # A suite whose set-up skips does not list its cases; its total counts them.
            for _ in range(int(m.group(1)) - listed):
                yield Case('skip', suite + ': (whole suite)', 'the set-up of the suite')
            suite = ''
        m = STOCK_CASE.search(line)
        if m:
            listed += 1
            name = '%s: %s' % (suite, m.group(1)) if suite else m.group(1)
            if m.group(2) in ('succeeded', 'passed'):
                yield Case('pass', name, '')
            elif m.group(2) == 'failed':
                yield Case('fail', name, '')
            else:
                yield Case('skip', name, 'the stock test finds the device without what it needs')


class Runner:
    def __init__(self, logs, long):
        self.logs = logs
        self.long = long
        self.totals = collections.Counter()
        self.told = {}  # reasons of skipped cases: the first program that had them
        os.makedirs(logs, exist_ok=True)

    def report(self, suite, name, cases, seconds):
        count = collections.Counter(c.status for c in cases)
        self.totals.update(count)
        print('%-8s %-28s %4d passed, %d failed, %d skipped  %6.1f s' % (
            suite, name, count['pass'], count['fail'], count['skip'], seconds))
        for c in cases:
            if c.status == 'fail':
                print('         FAIL %s: %s' % (c.name, c.why))
        reasons = collections.OrderedDict()
        for c in cases:
            if c.status == 'skip':
                reasons.setdefault(c.why, []).append(c.name)
        first = self.told.setdefault(tuple((why, len(names)) for why, names in reasons.items()), name)
        if reasons and first != name:
            print('         SKIP as %s' % first)
            reasons.clear()
        for why, names in reasons.items():
            who = ', '.join(names) if len(names) <= 3 else '%d cases' % len(names)
            print('         SKIP %s: %s' % (who, why))
        sys.stdout.flush()

    def run(self, suite, name, cmd, parse, env=None, timeout=300, cwd=None):
        """Run one program; report its cases."""
        log_path = os.path.join(self.logs, '%s-%s.log' % (suite, name.replace('/', '_')))
        start = time.monotonic()
        trouble = ''
        with open(log_path, 'w+', errors='replace') as log:
            print('$ ' + ' '.join(cmd), file=log, flush=True)
            try:
                # A session of its own, so that nothing of it outlives a timeout.
                p = subprocess.Popen(cmd, stdin=subprocess.DEVNULL, stdout=log,
                                     stderr=subprocess.STDOUT, cwd=cwd,
                                     env=dict(os.environ, **(env or {})),
                                     start_new_session=True)
            except OSError as e:
                p = None
                trouble = 'does not start: %s' % e.strerror
            if p:
                try:
                    p.wait(timeout=timeout)
                except subprocess.TimeoutExpired:
                    trouble = 'ran longer than %d s' % timeout
                    os.killpg(p.pid, signal.SIGKILL)
                    p.wait()
                except BaseException:
                    os.killpg(p.pid, signal.SIGKILL)
                    raise
            log.seek(0)
            lines = [line.rstrip('\r\n') for line in log]
        cases = list(parse(lines))
        failed = any(c.status == 'fail' for c in cases)
        if not trouble and p.returncode < 0:
            trouble = 'killed by %s' % signal.Signals(-p.returncode).name
        elif not trouble and p.returncode and not failed:
            trouble = 'exit status %d' % p.returncode
        elif not trouble and not cases:
            trouble = 'reports no case'
        if trouble:
            cases.append(Case('fail', name, '%s; log: %s' % (trouble, log_path)))
        elif failed:
            cases = [c._replace(why='%s; log: %s' % (c.why or 'failed', log_path))
                     if c.status == 'fail' else c for c in cases]
        self.report(suite, name, cases, time.monotonic() - start)
        return cases

    def command(self, suite, name, cmd, env=None):
        """Run a command that passes or fails as a whole."""
        def parse(lines):
            return []
        log_path = os.path.join(self.logs, '%s-%s.log' % (suite, name))
        start = time.monotonic()
        with open(log_path, 'w') as log:
            rc = subprocess.call(cmd, stdin=subprocess.DEVNULL, stdout=log,
                                 stderr=subprocess.STDOUT, env=dict(os.environ, **(env or {})))
        case = Case('pass', name, '')
        if rc:
            case = Case('fail', name, 'log: ' + log_path)
        self.report(suite, name, [case], time.monotonic() - start)
        if rc:
            with open(log_path, errors='replace') as log:
                for line in log.readlines()[-25:]:
                    print('         | ' + line.rstrip())
        return rc == 0


def meson_tests(build, suite):
    text = subprocess.check_output(['meson', 'introspect', build, '--tests'], text=True)
    for t in json.loads(text):
        if any(s.split(':')[-1] == suite for s in t['suite']):
            yield t


def run_meson_suite(runner, build, suite, label=None, env=None, factor=1, over=()):
    """Programs of a meson suite; those of the suite "rings" too, over each of these rings."""
    none = True
    for t in meson_tests(build, suite):
        none = False
        suites = {s.split(':')[-1] for s in t['suite']}
        names = [r.name for r in over] if 'rings' in suites else ['']
        if 'stateless' in suites:
            names += [n + '-stateless' for n in (names if runner.long else names[:1])]
        for name in names:
            more = {'VCRYPTO_TEST_RING': name} if name else {}
            runner.run(label or suite, '-'.join([t['name']] + [name] * bool(name)), t['cmd'],
                       parse_tap, env=dict(t['env'], **more, **(env or {})),
                       timeout=t['timeout'] * factor, cwd=build)
    if none:
        print('%-8s has no program' % suite)


def suite_device(runner, build):
    run_meson_suite(runner, build, 'device', over=rings.ALL if runner.long else rings.EACH)


def eal_args(prefix):
    return ['--no-huge', '-m', '512', '--no-pci', '--no-shconf', '--file-prefix',
            'vc-%s-%d' % (prefix, os.getpid()), rings.LOG_LEVEL]


def on_ring(ring, parse):
    """The same parser, and a failure if a device has other rings."""
    def both(lines):
        return list(parse(lines)) + [Case('fail', 'rings', w) for w in ring.wrong(lines)]
    return both


def lcore_args(wanted):
    """As many lcores as wanted, on whatever processors this process may use."""
    cpus = sorted(os.sched_getaffinity(0))
    return ['--lcores', ','.join('%d@%d' % (i, cpus[i % len(cpus)]) for i in range(wanted))]


def plugin_env(build):
    """EAL refuses a plugin by path where a folder above is writable for all; not by bare name."""
    paths = [build, os.path.join(build, 'test/device'), os.environ.get('LD_LIBRARY_PATH', '')]
    return {'LD_LIBRARY_PATH': ':'.join(p for p in paths if p)}


def inproc_args(devargs='caps=probe'):
    return ['-d', 'librte_crypto_virtio_inproc.so',
            '--vdev', 'crypto_virtio_inproc0,' + devargs]


# Cases of the stock test program that pass, in every configuration; another number is a failure,
# since the stock program skips silently what the driver has ceased to show.
STOCK_PASSED = 409


def parse_counted(lines):
    """Output of the stock program: so many cases must pass, and each skip must have a reason."""
    cases = parse_stock(lines)
    why, wrong = stock_skips.explain([c.name for c in cases if c.status == 'skip'])
    cases = [c._replace(why=why.get(c.name, 'no reason')) if c.status == 'skip' else c
             for c in cases]
    count = sum(c.status == 'pass' for c in cases)
    if count != STOCK_PASSED:
        cases.append(Case('fail', 'count', '%d cases pass, not %d' % (count, STOCK_PASSED)))
    return cases + [Case('fail', 'skips', w) for w in wrong]


# Those of the stock test program for its event crypto adapter, and why it skips the others.
EVENTS_PASSED = 7
EVENTS_SKIPPED = 'the stock test knows modular exponentiation only, which the standard lacks'


def parse_events(lines):
    cases = [c._replace(why=EVENTS_SKIPPED) if c.status == 'skip' and 'test_asym_' in c.name else c
             for c in parse_stock(lines)]
    count = sum(c.status == 'pass' for c in cases)
    if count != EVENTS_PASSED:
        cases.append(Case('fail', 'count', '%d cases pass, not %d' % (count, EVENTS_PASSED)))
    return cases


def suite_native(runner, build):
    """The stock test program on the in-process device, without a guest."""
    modes = [('', ''), ('-stateless', ',stateless=1,mode=stateless')]
    for ring in rings.ALL:
        for name, devargs in modes if runner.long or ring in rings.FEW_BATCHED else modes[:1]:
            runner.run('native', 'stock-' + ring.name + name,
                       ['stdbuf', '-oL', 'dpdk-test'] + eal_args('native') +
                       inproc_args('caps=probe,' + ring.inproc + devargs) +
                       ['--', 'cryptodev_virtio_autotest'],
                       on_ring(ring, parse_counted), env=plugin_env(build), timeout=300)
    for ring in rings.EACH if runner.long else rings.FEW_BATCHED:
        # The adapter's services run on an lcore of their own.
        runner.run('native', 'events-' + ring.name,
                   ['stdbuf', '-oL', 'dpdk-test'] + eal_args('events') + lcore_args(2) +
                   inproc_args('caps=probe,' + ring.inproc) +
                   ['--', 'event_crypto_adapter_autotest'],
                   on_ring(ring, parse_events), env=plugin_env(build), timeout=120)


def with_backend(build, more=()):
    """What to put before a command that finds a back end's socket at {socket}."""
    return [os.path.join(ROOT, 'test/socket/with-backend'), '--backend',
            os.path.join(build, 'app/vhost_crypto/dpdk-vhost-crypto')] + list(more) + ['--']


def user_args(devargs=''):
    return ['-d', 'librte_crypto_virtio.so',
            '--vdev', 'crypto_virtio_user0,path={socket}' + devargs]


# What runs over a socket: arguments of the back end and of the driver, on rings.
Socket = collections.namedtuple('Socket', 'name ring backend devargs')


def socket_config(ring, name='', backend='', devargs=''):
    """Ready for with_backend() and user_args()."""
    return Socket(ring.name + name, ring, backend, ',' + ring.driver + devargs)


LIBCRYPTO = socket_config(rings.BY_NAME['split-order'], '-libcrypto', '--engine libcrypto')


def stateless_config(ring):
    return socket_config(ring, '-stateless', '', ',mode=stateless')


def stock_on_socket(runner, build, configs, label='socket', env=None, preload='', factor=1):
    """The stock test program, natively over a socket, with a back end."""
    for c in configs:
        runner.run(label, 'stock-' + c.name,
                   with_backend(build, ['--args=' + c.backend, '--socket-args', c.ring.backend]) +
                   ['env', 'LD_PRELOAD=' + preload, 'stdbuf', '-oL', 'dpdk-test'] +
                   eal_args('stock') + user_args(c.devargs) + ['--', 'cryptodev_virtio_autotest'],
                   on_ring(c.ring, parse_counted), env=dict(plugin_env(build), **(env or {})),
                   timeout=300 * factor)


def own_on_socket(runner, build, configs, label='socket', env=None, factor=1):
    """Our test program, likewise."""
    for c in configs:
        # A second device, for what goes wrong between two.
        runner.run(label, 'autotest-' + c.name,
                   with_backend(build, ['--socket-args', 'queues=3,' + c.ring.backend,
                                        '--args=--socket {socket}2,%s %s' % (c.ring.backend,
                                                                             c.backend)]) +
                   [os.path.join(build, 'app/test/dpdk-virtio-crypto-test')] + eal_args('auto') +
                   lcore_args(3) + user_args(c.devargs) +
                   ['--vdev', 'crypto_virtio_user1,path={socket}2' + c.devargs,
                    '--', '--plain', 'cryptodev_virtio_autotest'],
                   on_ring(c.ring, parse_lines), env=dict(plugin_env(build), **(env or {})),
                   timeout=600 * factor)


# Random operations, compared with the drivers openssl and null, and with libcrypto: where, on which
# rings, arguments of the back end and of the driver (or the in-process device), how many operations.
DIFFER_VARIANTS = {
    'split': ('socket', 'split-order', '', '', 100000),
    'packed': ('socket', 'packed-order', '', '', 20000),
    'session': ('socket', 'split-order', '', ',mode=session', 10000),
    'stateless': ('socket', 'split-order', '', ',mode=stateless', 10000),
    'stateless-packed': ('socket', 'packed-order', '', ',mode=stateless', 10000),
    'libcrypto': ('socket', 'split-order', '--engine libcrypto', '', 10000),
    'batch': ('inproc', 'split-batch', '', ',run=thread', 10000),
    'packed-batch': ('inproc', 'packed-batch', '', '', 10000),
    'direct': ('inproc', 'split-direct', '', '', 10000),
    'packed-direct': ('inproc', 'packed-direct', '', '', 10000),
}
# The same over the raw data-path API.
DIFFER_RAW = {
    'raw': ('inproc', 'split', '', ',run=thread', 10000),
    'raw-packed': ('socket', 'packed-order', '', '', 10000),
}
# Of these some operations take the raw data-path API, beside the others on the same queue pair.
DIFFER_MIXED = ['split', 'packed']
DIFFER_LONG = 25  # times as many


def differ_tests(runner, build, variants, label='differ', env=None, divide=1, factor=1, before=(),
                 parse=parse_lines, mixed=()):
    """The differential fuzzer: the seeds that are kept, and a new one for all variants."""
    seed = '0x%016x' % int.from_bytes(os.urandom(8), 'big')
    print('%-8s new seed %s' % (label, seed))
    for name in variants:
        where, ring, backend, devargs, ops = dict(DIFFER_VARIANTS, **DIFFER_RAW)[name]
        ring = rings.BY_NAME[ring]
        ops = ops * (DIFFER_LONG if runner.long else 1) // divide
        cmd = list(before) + raw_env(build, marked=True) * (name in mixed)
        cmd += [os.path.join(build, 'test/differ/dpdk-virtio-crypto-differ')]
        cmd += eal_args('differ') + lcore_args(1)
        if where == 'socket':
            cmd = with_backend(build, ['--socket-args', 'queues=3,' + ring.backend,
                                       '--args=' + backend]) + cmd
            cmd += user_args(',' + ring.driver + devargs)
        else:
            cmd += inproc_args('caps=probe,queues=3,sessions=1024,' + ring.inproc + devargs)
        cmd += ['--vdev', 'crypto_openssl0', '--vdev', 'crypto_null0', '--', '--qps', '3',
                '--seeds', os.path.join(ROOT, 'test/differ/seeds'),
                '--seed', seed, '--ops', str(ops),
                '--repeat', 'the command in the first line of this log, without --seeds, with']
        runner.run(label, name, cmd, on_ring(ring, on_raw(parse) if name in mixed else parse),
                   env=dict(plugin_env(build), **(env or {})),
                   timeout=(5400 if runner.long else 300) * factor)


def suite_differ(runner, build):
    differ_tests(runner, build, DIFFER_VARIANTS, mixed=DIFFER_MIXED)


def backend_args(build):
    return ['--backend', os.path.join(build, 'app/vhost_crypto/dpdk-vhost-crypto'),
            '--pmd', os.path.join(build, 'librte_crypto_virtio.so')]


# Tests of test/socket/run that take nothing away from anybody.
CALM = ['telemetry', 'many_sessions']
# Those of suite asym.
ASYMMETRIC = ['asymmetric', 'asymmetric_keys', 'asymmetric_flood']


def raw_preload(build):
    """What makes requests of the raw API of bursts of ops: see test/raw."""
    return os.path.join(build, 'test/raw/libvcrypto_raw_preload.so')


def raw_env(build, marked=False):
    """What to put before a command whose bursts of ops shall be such requests; or the marked ones."""
    return ['env', 'LD_PRELOAD=' + raw_preload(build), 'VCRYPTO_RAW_STATS=1'] + \
        ['VCRYPTO_RAW_MARKED=1'] * marked


def load_args(build):
    """Arguments of test/socket/run."""
    return backend_args(build) + ['--load', os.path.join(build, 'test/socket/socket_load'),
                                  '--raw', raw_preload(build),
                                  '--load-asym', os.path.join(build, 'test/socket/socket_asym')]


def suite_socket(runner, build):
    stock = rings.UNBATCHED
    own = rings.UNBATCHED if runner.long else rings.FEW
    stock_on_socket(runner, build, [socket_config(r) for r in stock] + [LIBCRYPTO] +
                    [stateless_config(r) for r in own])
    own_on_socket(runner, build, [socket_config(r) for r in own] + [LIBCRYPTO] +
                  [stateless_config(r) for r in (own if runner.long else own[:1])])
    runner.run('socket', 'run', [os.path.join(ROOT, 'test/socket/run')] + load_args(build) + CALM,
               parse_tap, timeout=600)


def suite_faults(runner, build, label='faults', env=None, more=None):
    cmd = [os.path.join(ROOT, 'test/socket/run')] + load_args(build)
    # Unless it is all of them that are wanted.
    cmd += [w for name in CALM + ASYMMETRIC for w in ('--skip', name)] if more is None else more
    if runner.long:
        cmd += ['--kills', '1000', '--app-kills', '100', '--soak', '1800']
    runner.run(label, 'socket', cmd, parse_tap, env=env, timeout=5400 if runner.long else 1800)


def suite_witness(runner, build, label='witness', env=None, more=()):
    runner.run(label, 'run', [os.path.join(ROOT, 'test/witness/run')] + backend_args(build) + [
        '--app', os.path.join(build, 'app/test/dpdk-virtio-crypto-test')] + list(more),
               parse_tap, env=env, timeout=900)


def suite_programs(runner, build):
    """DPDK's example programs, which ./dev has built from the Debian source package."""
    runner.run('programs', 'run',
               with_backend(build, ['--args=--socket {socket}2']) +
               [os.path.join(ROOT, 'test/programs/run'), '--programs',
                os.path.join(os.path.dirname(build), 'programs'), '--socket', '{socket}',
                '--socket', '{socket}2'],
               parse_tap, env=plugin_env(build), timeout=600)


RAW_USED = re.compile(r'^raw API: (\d+) requests one by one, (\d+) in bursts')


def on_raw(parse):
    """The same parser, and a failure if the program did not use the raw data-path API."""
    def both(lines):
        used = [m for m in map(RAW_USED.match, lines) if m]
        wrong = [] if any(int(m.group(1)) for m in used) else ['no request took the raw API']
        return list(parse(lines)) + [Case('fail', 'raw', w) for w in wrong]
    return both


def suite_raw(runner, build):
    """Programs that know bursts of ops, over the raw data-path API: see test/raw."""
    before = raw_env(build)
    env = plugin_env(build)
    for t in meson_tests(build, 'raw'):
        over = ['']
        if 'rings' in (s.split(':')[-1] for s in t['suite']):
            over = [r.name for r in (rings.EACH if runner.long else rings.FEW_BATCHED)]
        for ring in over:
            more = {'VCRYPTO_TEST_API': 'raw', 'VCRYPTO_TEST_RING': ring}
            runner.run('raw', '-'.join([t['name']] + [ring] * bool(ring)), before + t['cmd'],
                       on_raw(parse_tap), env=dict(t['env'], **more), timeout=t['timeout'],
                       cwd=build)
    modes = [('', ''), ('-stateless', ',stateless=1,mode=stateless')]
    for ring in rings.EACH:
        for name, devargs in modes if runner.long or ring is rings.EACH[0] else modes[:1]:
            runner.run('raw', 'stock-' + ring.name + name,
                       before + ['stdbuf', '-oL', 'dpdk-test'] + eal_args('raw') +
                       inproc_args('caps=probe,' + ring.inproc + devargs) +
                       ['--', 'cryptodev_virtio_autotest'],
                       on_ring(ring, on_raw(parse_counted)), env=env, timeout=300)
    for ring in rings.EACH if runner.long else rings.EACH[:1]:
        args = 'caps=probe,' + ring.inproc
        runner.run('raw', 'autotest-' + ring.name,
                   before + [os.path.join(build, 'app/test/dpdk-virtio-crypto-test')] +
                   eal_args('raw') + lcore_args(3) + inproc_args(args + ',queues=3,sessions=1024') +
                   ['--vdev', 'crypto_virtio_inproc1,' + args,
                    '--', '--plain', 'cryptodev_virtio_autotest'],
                   on_ring(ring, on_raw(parse_lines)), env=env, timeout=600)
    for ring in rings.FEW:
        c = socket_config(ring)
        runner.run('raw', 'socket-' + c.name,
                   with_backend(build, ['--args=' + c.backend, '--socket-args', c.ring.backend]) +
                   before + ['stdbuf', '-oL', 'dpdk-test'] + eal_args('raw') +
                   user_args(c.devargs) + ['--', 'cryptodev_virtio_autotest'],
                   on_ring(c.ring, on_raw(parse_counted)), env=env, timeout=300)
    differ_tests(runner, build, ['raw', 'raw-packed'], label='raw', before=before,
                 parse=on_raw(parse_lines))


def suite_app(runner, build):
    """Our test program on two devices in the process."""
    modes = [('', ''), ('-stateless', ',stateless=1,mode=stateless')]
    for ring in rings.ALL if runner.long else rings.EACH:
        for name, devargs in modes if runner.long or ring is rings.EACH[0] else modes[:1]:
            devargs = 'caps=probe,' + ring.inproc + devargs
            runner.run('app', 'autotest-' + ring.name + name,
                       [os.path.join(build, 'app/test/dpdk-virtio-crypto-test')] +
                       eal_args('app') + lcore_args(3) + inproc_args(devargs + ',queues=3,sessions=1024') +
                       ['--vdev', 'crypto_virtio_inproc1,' + devargs,
                        '--', '--plain', 'cryptodev_virtio_autotest'],
                       on_ring(ring, parse_lines), env=plugin_env(build), timeout=600)


VECTORS = os.path.join(ROOT, 'test/vectors')


def vector_counts(kind):
    """What files of vectors must have come to: {name of file: lines}, from test/vectors/counts."""
    counts = collections.OrderedDict()
    with open(os.path.join(VECTORS, 'counts')) as f:
        for line in f:
            who, _, rest = line.rstrip('\n').partition(' ')
            if who == kind:
                counts.setdefault(rest.split(' ', 1)[0], []).append(rest)
    return counts


def parse_vectors(kind):
    """Cases, and for each file of vectors whether as many were run, refused and skipped as must be."""
    def parse(lines):
        cases = list(parse_lines(lines))
        found = collections.defaultdict(list)
        for line in lines:
            if line.startswith('COUNT '):
                rest = line[len('COUNT '):]
                found[rest.split(' ', 1)[0]].append(rest)
        wanted = vector_counts(kind)
        for name in sorted(set(wanted) | set(found)):
            missing = [w for w in wanted.get(name, []) if w not in found[name]]
            more = [w for w in found[name] if w not in wanted.get(name, [])]
            why = '; '.join(['not so: ' + w for w in missing] + ['but: ' + w for w in more])
            cases.append(Case('fail' if why else 'pass', 'count/' + name, why))
        return cases
    return parse


def suite_vectors(runner, build):
    """Published vectors in bulk: the in-process device, both ends over a socket, DPDK's own driver."""
    app = [os.path.join(build, 'app/test/dpdk-virtio-crypto-test')] + eal_args('vectors')
    tail = ['--', '--plain', '--vectors', VECTORS]
    runner.run('vectors', 'inproc', app + inproc_args() + tail + ['vectors_bulk'],
               parse_vectors('virtio'), env=plugin_env(build), timeout=300)
    for c in (socket_config(rings.BY_NAME['split-order']),
              socket_config(rings.BY_NAME['packed-order']), LIBCRYPTO):
        runner.run('vectors', 'socket-' + c.name, with_backend(build, ['--args=' + c.backend]) + app +
                   user_args(c.devargs) + tail + ['vectors_bulk'],
                   parse_vectors('virtio'), env=plugin_env(build), timeout=300)
    # Who judges is judged: a driver that is not ours, over the same vectors.
    runner.run('vectors', 'openssl', app + ['--vdev', 'crypto_openssl0'] + tail +
               ['--driver', 'crypto_openssl', 'vectors_bulk'],
               parse_vectors('openssl'), env=plugin_env(build), timeout=300)


# What cryptodev_virtio_asym_autotest comes to: cases that pass, and reasons of skipped ones with
# their numbers. A case that is skipped where it was run before is a failure, and so is a new one that
# is not counted here.
AsymCount = collections.namedtuple('AsymCount', 'passed skips')
ASYM = AsymCount(284, {})
ASYM_VECTORS = AsymCount(291, {})
# DPDK's openssl driver shows no ECDSA, and pads otherwise.
ASYM_OPENSSL = AsymCount(100, {'the device does not show ECDSA': 110,
                              'only promised by crypto_virtio': 81})
# Fewer cases: no moduli that take long.
ASYM_QUICK = AsymCount(240, {'--skip rsa/3072/*': 22, '--skip rsa/4096/*': 22})
QUICK_ARGS = ['--skip', 'rsa/3072/*', '--skip', 'rsa/4096/*']


def parse_asym(want, kind=None):
    """Cases, and whether so many of them pass, and so many are skipped for each reason."""
    parse_cases = parse_vectors(kind) if kind else parse_lines

    def parse(lines):
        cases = list(parse_cases(lines))
        own = [c for c in cases if not c.name.startswith('count/')]
        found = AsymCount(sum(c.status == 'pass' for c in own),
                          dict(collections.Counter(c.why for c in own if c.status == 'skip')))
        why = '' if found == want else '%d passed and %s, not %d and %s' % (*found, *want)
        return cases + [Case('fail' if why else 'pass', 'count', why)]
    return parse


def asym_on_socket(runner, build, c, want, kind=None, tail=(), label='asym', env=None, factor=1):
    runner.run(label, 'socket-' + c.name,
               with_backend(build, ['--args=' + c.backend, '--socket-args', c.ring.backend]) +
               [os.path.join(build, 'app/test/dpdk-virtio-crypto-test')] + eal_args('asym') +
               user_args(c.devargs) + ['--', '--plain'] + list(tail) +
               ['cryptodev_virtio_asym_autotest'],
               on_ring(c.ring, parse_asym(want, kind)), env=dict(plugin_env(build), **(env or {})),
               timeout=300 * factor)


def suite_asym(runner, build):
    """RSA and ECDSA: the in-process device, both ends over a socket, DPDK's own driver."""
    app = [os.path.join(build, 'app/test/dpdk-virtio-crypto-test')] + eal_args('asym')
    vectors = ['--vectors', VECTORS]
    last = ['cryptodev_virtio_asym_autotest']
    for ring in rings.ALL if runner.long else [rings.BY_NAME[n] for n in ('split', 'packed-batch')]:
        runner.run('asym', 'inproc-' + ring.name,
                   app + inproc_args('caps=probe,' + ring.inproc) + ['--', '--plain'] + last,
                   on_ring(ring, parse_asym(ASYM)), env=plugin_env(build), timeout=300)
    split, packed = rings.BY_NAME['split'], rings.BY_NAME['packed-order']
    asym_on_socket(runner, build, socket_config(split), ASYM_VECTORS, 'asym', vectors)
    for c in (socket_config(packed), stateless_config(split)):
        asym_on_socket(runner, build, c, *((ASYM, None) if runner.long else
                                           (ASYM_QUICK, None, QUICK_ARGS)))
    # Who judges is judged: a driver that is not ours, by the same cases.
    runner.run('asym', 'openssl',
               app + ['--vdev', 'crypto_openssl0', '--', '--plain', '--driver', 'crypto_openssl'] +
               vectors + last, parse_asym(ASYM_OPENSSL), env=plugin_env(build), timeout=300)
    runner.run('asym', 'run', [os.path.join(ROOT, 'test/socket/run')] + load_args(build) + ASYMMETRIC,
               parse_tap, timeout=600)


def suite_guest(runner, build):
    runner.run('guest', 'run-all',
               [os.path.join(ROOT, 'test/guest/run-all'), '--build', build,
                '--logs', os.path.join(runner.logs, 'guest')] + ['--long'] * runner.long,
               parse_guest, timeout=3600 if runner.long else 1500)


def check_style(runner, build):
    runner.command('check', 'style', [sys.executable, os.path.join(ROOT, 'tools/check-style.py')])


def check_includes(runner, build):
    runner.command('check', 'includes',
                   [sys.executable, os.path.join(ROOT, 'tools/check-includes.py')])


def check_docs(runner, build):
    runner.run('check', 'docs',
               [sys.executable, os.path.join(ROOT, 'tools/check-docs.py'), '--build', build], parse_tap)


def check_build(runner, name):
    return runner.command('check', name, [os.path.join(ROOT, 'dev'), 'check-build', name])


def check_sanitize(runner, build):
    if not check_build(runner, 'sanitize'):
        return
    env = {
        'ASAN_OPTIONS': 'detect_leaks=1:abort_on_error=0:exitcode=99:detect_stack_use_after_return=1',
        'UBSAN_OPTIONS': 'halt_on_error=1:print_stacktrace=1',
    }
    directory = os.path.join(os.path.dirname(build), 'sanitize')
    for suite in ('unit', 'device'):
        run_meson_suite(runner, directory, suite, label='san-' + suite, env=env, factor=4,
                        over=rings.FEW_BATCHED)
    # DPDK's own programs leave memory behind, and are not built for the sanitizer: it is put in.
    env['ASAN_OPTIONS'] = env['ASAN_OPTIONS'].replace('detect_leaks=1', 'detect_leaks=0')
    preload = subprocess.check_output(['gcc', '-print-file-name=libasan.so'], text=True).strip()
    configs = [socket_config(rings.BY_NAME['split-order'])]
    stock_on_socket(runner, directory, configs, 'san-sock', env, preload, factor=4)
    own_on_socket(runner, directory, configs, 'san-sock', env, factor=4)
    for c in (configs[0], stateless_config(rings.BY_NAME['packed'])):
        asym_on_socket(runner, directory, c, ASYM_QUICK, tail=QUICK_ARGS, label='san-asym', env=env,
                       factor=4)
    differ_tests(runner, directory, ['split', 'packed', 'stateless', 'batch', 'packed-batch'],
                 'san-dif', env, divide=12, factor=4)
    suite_witness(runner, directory, 'san-wit', env, ['--sanitized', '--skip', 'device'])
    suite_faults(runner, directory, 'san-flt', env,
                 ['--kills', '5', '--app-kills', '3', '--soak', '5', '--asym-kills', '2', '--flood',
                  '5', '--sanitized'])


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--build', required=True, help='the release build folder')
    ap.add_argument('--logs', required=True)
    ap.add_argument('--long', action='store_true', help='more and longer faults')
    ap.add_argument('--checks', help='"all", or names with commas')
    ap.add_argument('suites', nargs='*')
    args = ap.parse_args()

    runner = Runner(args.logs, args.long)
    checks = []
    if args.checks:
        checks = CHECKS if args.checks == 'all' else args.checks.split(',')
    for name in checks:
        if name in ('gcc', 'clang'):
            check_build(runner, name)
        else:
            globals()['check_' + name](runner, args.build)
    for suite in args.suites:
        if suite == 'unit':
            run_meson_suite(runner, args.build, suite)
        else:
            globals()['suite_' + suite](runner, args.build)

    t = runner.totals
    print('%d passed, %d failed, %d skipped' % (t['pass'], t['fail'], t['skip']))
    return 0 if t['pass'] and not t['fail'] else 1


if __name__ == '__main__':
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
