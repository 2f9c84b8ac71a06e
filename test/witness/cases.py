# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The virtio-crypto stack authors
#
# Cases, how they are named and run, and what they say: TAP on standard output.

import fnmatch
import sys
import time
import traceback

ALL = []


class Skip(Exception):
    """The case does not apply here; the text says why."""


class Case:
    def __init__(self, suite, name, run):
        self.suite = suite
        self.name = '%s: %s' % (suite, name)
        self.run = run


def case(name, *params):
    """
    A function that takes the environment is a case. With params (each a tuple) it is a case for
    each, and the name is formatted with it.
    """
    def register(f):
        suite = f.__module__.replace('test_', '')
        if not params:
            ALL.append(Case(suite, name, f))
        for p in params:
            p = p if isinstance(p, tuple) else (p,)
            ALL.append(Case(suite, name.format(*p), lambda env, p=p: f(env, *p)))
        return f
    return register


def check(condition, what):
    """For what must hold; the text says what does not."""
    if not condition:
        raise AssertionError(what)


def equal(got, wanted, what):
    if got != wanted:
        if isinstance(got, bytes) and isinstance(wanted, bytes):
            at = next((i for i, (a, b) in enumerate(zip(got, wanted)) if a != b), min(len(got), len(wanted)))
            raise AssertionError('%s: differs at byte %d of %d (wanted %d): %s, wanted %s' % (
                what, at, len(got), len(wanted), got[at:at + 8].hex(), wanted[at:at + 8].hex()))
        raise AssertionError('%s: %r, wanted %r' % (what, got, wanted))


def selected(patterns, skip):
    for c in ALL:
        if patterns and not any(fnmatch.fnmatchcase(c.name, p) or c.suite == p for p in patterns):
            continue
        if any(fnmatch.fnmatchcase(c.name, p) or c.suite == p for p in skip):
            continue
        yield c


def say(text):
    for line in text.split('\n'):
        print('# ' + line)


def run(env, chosen, verbose=False):
    """Returns the number of failures."""
    chosen = list(chosen)
    failures = 0
    print('1..%d' % len(chosen))
    for n, c in enumerate(chosen, 1):
        start = time.monotonic()
        why, skipped = None, False
        try:
            env.before(c)
            c.run(env)
        except Skip as e:
            skipped = True
            why = str(e)
        except Exception as e:
            why = '%s: %s' % (type(e).__name__, e)
            trace = traceback.extract_tb(e.__traceback__)
            where = [f for f in trace if 'test_' in f.filename]
            if where:
                why += ' (%s:%d)' % (where[-1].filename.split('/')[-1], where[-1].lineno)
            if verbose:
                say(traceback.format_exc().rstrip())
        trouble = env.after(why is not None and not skipped)
        if trouble:
            why = trouble if why is None or skipped else '%s; %s' % (trouble, why)
            skipped = False
        if skipped:
            print('# skip: ' + why)
            print('ok %d # SKIP %s' % (n, c.name))
        elif why is None:
            print('ok %d - %s' % (n, c.name))
        else:
            failures += 1
            print('not ok %d - %s' % (n, c.name))
            say(why)
        if verbose:
            say('%.2f s' % (time.monotonic() - start))
        sys.stdout.flush()
    return failures
