# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The virtio-crypto stack authors
"""What the stock dpdk-test skips, held against the reasons of test/stock/skips.ini."""
import configparser
import fnmatch
import os

TABLE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))),
                     'test/stock/skips.ini')


class Reason:
    def __init__(self, name, section):
        self.name = name
        self.why = section['why']
        self.cases = section['cases'].split('\n')
        self.cases = [c.strip() for c in self.cases if c.strip()]


def read(path=TABLE):
    ini = configparser.RawConfigParser(strict=True, delimiters=('=',), comment_prefixes=('#',))
    with open(path, encoding='utf-8') as f:
        ini.read_file(f)
    return [Reason(name, ini[name]) for name in ini.sections()]


def explain(skipped, reasons=None):
    """Reasons of skipped cases, named "suite: case".

    Returns ({name: why}, [what is wrong]).
    """
    reasons = read() if reasons is None else reasons
    lines = [(r, p) for r in reasons for p in r.cases]
    used = set()
    why = {}
    wrong = []
    for name in skipped:
        found = [(r, p) for r, p in lines if fnmatch.fnmatchcase(name, p)]
        used.update((r.name, p) for r, p in found)
        who = sorted({r.name for r, _ in found})
        if not found:
            wrong.append('%s: skipped, and no reason for it' % name)
        elif len(who) > 1:
            wrong.append('%s: skipped for more than one reason: %s' % (name, ', '.join(who)))
        else:
            why[name] = found[0][0].why
    for r, p in lines:
        if (r.name, p) not in used:
            wrong.append('[%s] %s: nothing is skipped for it' % (r.name, p))
    return why, wrong
