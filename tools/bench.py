#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
#
# Runs the benches and prints a table of each; the same goes to CSV files.
#
# A bench prints CSV on standard output: lines of at least two fields between commas, the first of
# them the heading. Everything else that it prints is log. Speed is told, never judged: only a bench
# that does not run is a failure.

import argparse
import csv
import json
import os
import subprocess
import sys

import chart

HERE = os.path.dirname(os.path.abspath(__file__))

# Programs that other benches run.
PARTS = {'bench_crypto', 'bench_churn', 'bench_sign'}
# Benches that are scripts, and what they draw: columns of CSV for chart.bars(), of the rows that have
# those words in those columns.
SCRIPTS = {'bench_vhost': dict(group=('engine', 'algorithm'), label='bytes',
                               bars=('direct_gbits', 'pair_gbits'), note='ratio',
                               title='Gbit/s: the engine called directly, and through driver and back end '
                                     '(above: ratio of operations per second)'),
           'bench_sessions': dict(group=('way',), label='sessions', bars=('ratio',), note='cycles',
                                  only={'what': 'operations', 'how': 'in turns'},
                                  title='Operations per second whose sessions change each time, of those of '
                                        'one session (above: cycles)'),
           'bench_asym': dict(group=('algorithm',), label='threads', bars=('ratio',), note='pair_s',
                              title='Signatures per second through driver and back end, of those of openssl '
                                    'on one processor (above: per second)'),
           'bench_asym_latency': dict(group=('order', 'signatures'), label='queue', bars=('p50_us', 'p99_us'),
                                      note='p999_us',
                                      title='Microseconds of a symmetric stream beside signatures '
                                            '(above: 99.9th percentile)')}
# Scripts under a second name, with arguments.
VARIANTS = {'bench_asym_latency': ['bench_asym', '--latency']}


def perf_programs(build):
    text = subprocess.check_output(['meson', 'introspect', build, '--targets'], text=True)
    for t in json.loads(text):
        if t['type'] == 'executable' and '/test/perf/' in t['defined_in'] and \
                t['name'] not in PARTS:
            yield t['name'], [t['filename'][0]]
    for name in SCRIPTS:
        script, *more = VARIANTS.get(name, [name])
        yield name, [os.path.join(HERE, '../test/perf', script), '--build', build, *more]


def table(rows):
    width = [max(len(r[i]) for r in rows if i < len(r)) for i in range(max(map(len, rows)))]
    for r in rows:
        cells = []
        for i, cell in enumerate(r):
            number = cell.replace('.', '', 1).replace('-', '', 1).isdigit()
            cells.append(cell.rjust(width[i]) if number else cell.ljust(width[i]))
        print('  ' + '  '.join(cells).rstrip())


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument('--build', required=True)
    ap.add_argument('--csv', required=True, help='folder for the CSV files')
    ap.add_argument('names', nargs='*')
    args = ap.parse_args()

    os.makedirs(args.csv, exist_ok=True)
    programs = dict(perf_programs(args.build))
    unknown = [n for n in args.names if n not in programs]
    if unknown:
        sys.exit('bench: no bench "%s"; there are %s' % (unknown[0], ', '.join(programs) or 'none'))
    bad = 0
    for name in args.names or programs:
        log_path = os.path.join(args.csv, name + '.log')
        with open(log_path, 'w') as log:
            p = subprocess.run(programs[name], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=log, text=True, errors='replace')
            rows = []
            for line in p.stdout.splitlines():
                row = next(csv.reader([line]), [])
                if len(row) > 1 and (not rows or len(row) == len(rows[0])):
                    rows.append(row)
                else:
                    print(line, file=log)
        print(name)
        if p.returncode or not rows:
            print('  does not run: exit status %d, log: %s' % (p.returncode, log_path))
            bad += 1
            continue
        table(rows)
        csv_path = os.path.join(args.csv, name + '.csv')
        with open(csv_path, 'w', newline='') as f:
            csv.writer(f).writerows(rows)
        print('  -> ' + csv_path)
        if name in SCRIPTS:
            svg_path = os.path.join(args.csv, name + '.svg')
            with open(svg_path, 'w') as f:
                f.write(chart.bars([dict(zip(rows[0], r)) for r in rows[1:]], **SCRIPTS[name]))
            print('  -> ' + svg_path)
    return 1 if bad or not programs else 0


if __name__ == '__main__':
    try:
        sys.exit(main())
    except BrokenPipeError:
        # Whoever read the table has seen enough of it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
