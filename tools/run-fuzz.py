#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
#
# Runs each fuzz target for a bounded time, from seeds that the target itself makes
# ("TARGET --seeds FOLDER"), and keeps what it finds. The corpus stays in the build folder and grows
# from run to run.

import argparse
import glob
import json
import os
import re
import subprocess
import sys
import time


def targets(build):
    text = subprocess.check_output(['meson', 'introspect', build, '--targets'], text=True)
    for t in json.loads(text):
        if t['type'] == 'executable' and '/test/fuzz/' in t['defined_in']:
            yield t['name'], t['filename'][0]


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--build', required=True)
    ap.add_argument('--seconds', type=int, required=True, help='for each target')
    ap.add_argument('names', nargs='*')
    args = ap.parse_args()

    programs = dict(targets(args.build))
    unknown = [n for n in args.names if n not in programs]
    if unknown:
        sys.exit('fuzz: no target "%s"; there are %s' % (unknown[0], ', '.join(programs) or 'none'))
    env = dict(os.environ,
               ASAN_OPTIONS='detect_leaks=1', UBSAN_OPTIONS='halt_on_error=1:print_stacktrace=1')
    passed = failed = 0
    for name in args.names or programs:
        folder = os.path.join(args.build, 'corpus', name)
        found = os.path.join(args.build, 'found', name, '')
        os.makedirs(folder, exist_ok=True)
        os.makedirs(found, exist_ok=True)
        log_path = os.path.join(args.build, name + '.log')
        start = time.monotonic()
        with open(log_path, 'w+', errors='replace') as log:
            rc = subprocess.call([programs[name], '--seeds', folder], stdout=log, stderr=log,
                                 env=env)
            if rc == 0:
                rc = subprocess.call(
                    [programs[name], '-max_total_time=%d' % args.seconds, '-max_len=4096',
                     '-timeout=10', '-artifact_prefix=' + found, '-print_final_stats=1', folder],
                    stdout=log, stderr=log, env=env)
            log.seek(0)
            runs = re.findall(r'number_of_executed_units: (\d+)', log.read())
        print('%-20s %12s runs  %5.0f s  corpus %d' % (
            name, runs[-1] if runs else '?', time.monotonic() - start,
            len(glob.glob(os.path.join(folder, '*')))))
        if rc:
            print('  FAIL: log %s, inputs in %s' % (log_path, found))
            failed += 1
        else:
            passed += 1
    print('%d passed, %d failed, 0 skipped' % (passed, failed))
    return 1 if failed or not passed else 0


if __name__ == '__main__':
    sys.exit(main())
