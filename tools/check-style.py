#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
#
# The part of the style that a program can see: check-style.py [--fix] [FILE...]
#
# All text:   no trailing space, a newline at the end, no carriage return, at most 100 columns (scripts
#             120), the licence in the first lines, nothing unfinished, no path of one machine.
# C:          tabs, /* */ comments, return type on its own line, "if (" with its space.
# --fix puts right what needs no judgement: tabs, trailing space, the end of the file.

import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
COLUMNS = 100
COLUMNS_SCRIPT = 120
MAX_LINES = {'.c': 900, '.h': 500}
MAX_LINES_TEST = 1300

# Files without a licence line of their own.
NO_SPDX = ('LICENSE', '.gitignore', '.md', '.txt')
NO_COLUMNS = ('.md', '.rst', '.txt', '.ini', 'LICENSE')

# Spelled so that this file does not find itself.
UNFINISHED = re.compile(r'\b(TO' r'DO|FIX' r'ME|HA' r'CK|for ' r'now|place' r'holder'
                        r'|not ' r'implemented)\b|\bXX' r'X:', re.I)
MACHINE = re.compile(r'(?<![\w$}])/ho' r'me/\w|https?://(deb|ftp|security|snapshot|registry)\.')

DEFINITION = re.compile(r'^[A-Za-z_][\w \t*]*[ \t*]+\*?\w+\(')
NO_SPACE = re.compile(r'\b(if|for|while|switch)\(')


def files():
    try:
        out = subprocess.check_output(
            ['git', '-C', ROOT, 'ls-files', '-z', '--cached', '--others', '--exclude-standard'],
            stderr=subprocess.DEVNULL)
        names = out.decode().split('\0')
    except (OSError, subprocess.CalledProcessError):
        names = []
        for folder, dirs, here in os.walk(ROOT):
            dirs[:] = [d for d in dirs if d not in ('.git', '__pycache__', 'build')]
            names += [os.path.relpath(os.path.join(folder, f), ROOT) for f in here]
    for name in sorted(set(names)):
        if name and os.path.isfile(os.path.join(ROOT, name)):
            yield name


def fix_text(name, text):
    lines = [line.rstrip() for line in text.replace('\r\n', '\n').split('\n')]
    if name.endswith(('.c', '.h')):
        for i, line in enumerate(lines):
            m = re.match(r'^[ \t]+', line)
            if m and not re.match(r'^[ \t]* \*', line):
                width = len(m.group(0).expandtabs(8))
                lines[i] = '\t' * (width // 8) + ' ' * (width % 8) + line[m.end():]
    return '\n'.join(lines).rstrip('\n') + '\n'


def strip_c(lines):
    """The lines of a C file without strings, character constants and comments."""
    inside = False
    for line in lines:
        code = re.sub(r'"(\\.|[^"\\])*"|\'(\\.|[^\'\\])+\'', '""', line) if not inside else line
        out = ''
        while code:
            if inside:
                end = code.find('*/')
                if end < 0:
                    break
                code = code[end + 2:]
                inside = False
            else:
                start = code.find('/*')
                if start < 0:
                    out += code
                    break
                out += code[:start]
                code = code[start + 2:]
                inside = True
        yield out


def check_c(lines):
    code = list(strip_c(lines))
    for n, line in enumerate(lines, 1):
        if re.match(r'^\t* {8,}\S', line):
            yield n, 'indented with spaces'
        if re.match(r'^ +\t', line):
            yield n, 'space before tab'
    start = 0
    for n, line in enumerate(code, 1):
        if '//' in line:
            yield n, '// comment'
        if NO_SPACE.search(line):
            yield n, 'no space after ' + NO_SPACE.search(line).group(1)
        if re.match(r'^[A-Za-z_]', line):
            start = n
        if line == '{' and start:
            first = code[start - 1]
            if DEFINITION.match(first) and not first.startswith('#'):
                yield start, 'return type and name on one line'


def check(name):
    path = os.path.join(ROOT, name)
    with open(path, 'rb') as f:
        raw = f.read()
    if b'\0' in raw:
        yield 1, 'a binary file'
        return
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        yield 1, 'not UTF-8'
        return
    if not text:
        yield 1, 'empty'
        return
    lines = text.split('\n')
    if lines[-1] != '':
        yield len(lines), 'no newline at the end'
    elif len(lines) > 1 and lines[-2] == '':
        yield len(lines) - 1, 'empty line at the end'
    if not name.endswith(NO_SPDX) and not any(
            'SPDX-License-Identifier: BSD-3-Clause' in line for line in lines[:3]):
        yield 1, 'no SPDX-License-Identifier: BSD-3-Clause in the first lines'
    columns = COLUMNS if name.endswith(('.c', '.h')) else COLUMNS_SCRIPT
    for n, line in enumerate(lines, 1):
        if line != line.rstrip():
            yield n, 'trailing space or carriage return'
        # A message is not broken, so that it can be searched for.
        if not name.endswith(NO_COLUMNS) and len(line.expandtabs(8)) > columns and \
                not re.match(r'^\s*"', line):
            yield n, '%d columns, more than %d' % (len(line.expandtabs(8)), columns)
        m = UNFINISHED.search(line)
        if m:
            yield n, 'unfinished: "%s"' % m.group(0)
        if MACHINE.search(line):
            yield n, 'a path or host of one machine'
    suffix = os.path.splitext(name)[1]
    most = MAX_LINES.get(suffix, 10**9)
    if name.startswith(('test/', 'app/test/')):
        most = MAX_LINES_TEST
    # Data is as long as it is.
    if len(lines) > most and suffix != '.txt':
        yield len(lines), 'more than %d lines: two jobs' % most
    if suffix in ('.c', '.h'):
        yield from check_c(lines[:-1])


def main():
    args = sys.argv[1:]
    fix = '--fix' in args
    args = [a for a in args if a != '--fix']
    names = [os.path.relpath(os.path.abspath(a), ROOT) for a in args] or list(files())
    count = 0
    for name in names:
        if fix:
            path = os.path.join(ROOT, name)
            with open(path, 'rb') as f:
                raw = f.read()
            try:
                new = fix_text(name, raw.decode()).encode() if raw and b'\0' not in raw else raw
            except UnicodeDecodeError:
                new = raw
            if new != raw:
                with open(path, 'wb') as f:
                    f.write(new)
                print('%s: fixed' % name)
        for line, what in check(name):
            print('%s:%d: %s' % (name, line, what))
            count += 1
    print('%d files, %d findings' % (len(names), count))
    return 1 if count else 0


if __name__ == '__main__':
    sys.exit(main())
