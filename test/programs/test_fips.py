# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The virtio-crypto stack authors
#
# fips_validation: its self test, with vectors of its own.

import os
import re

from cases import case, check, equal
from program import Program

VECTORS = 18


def self_test(env, ring, more=()):
    return Program(env, os.path.join(env.programs, 'fips_validation'), [env.devices()[ring == 'packed']],
                   ['--self-test', '--cryptodev', 'crypto_virtio_user0'] + list(more))


@case('self test, {}', 'split', 'packed')
def passes(env, ring):
    text = self_test(env, ring).ended()
    done = re.findall(r'^PMD: Testing \(ID (\d+)\) \S+ (Encrypt|Decrypt)\.\.\.$', text, re.M)
    equal(done, [(str(i), way) for i in range(VECTORS) for way in ('Encrypt', 'Decrypt')], 'vectors')
    check('finished self-test successfully' in text, 'the program does not say that it is content')


@case('self test notices a wrong vector, {}', 'enc', 'dec')
def notices(env, way):
    p = self_test(env, 'packed', ['--broken-test-id', '12', '--broken-test-dir', way])
    p.p.wait(60)
    check(p.p.returncode > 0, 'it ends with status %d' % p.p.returncode)
    check(re.search(r'^PMD: PMD 0 Failed test SELF_TEST_AES128_GCM', p.log(), re.M), 'another test failed')
