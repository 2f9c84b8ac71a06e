# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The virtio-crypto stack authors
#
# Requests of a virtio crypto device as bytes, written from the offsets of the standard's section
# 5.9 and from nothing else. All numbers are little-endian; no structure has padding of its own.
#
# A request is a list of readable fields (name, bytes) and one of writable fields (name, length); how
# they are cut into descriptors is decided elsewhere.

import struct
from collections import namedtuple

CIPHER, HASH, MAC, AEAD, AKCIPHER = range(5)
PUBLIC, PRIVATE = 1, 2  # keys
SERVICE_NAME = ('CIPHER', 'HASH', 'MAC', 'AEAD', 'AKCIPHER')

F_REVISION_1 = 0
F_STATELESS = (1, 2, 3, 4, 5)  # by service

OK, ERR, BADMSG, NOTSUPP, INVSESS, NOSPC, KEY_REJECTED = range(7)
STATUS_NAME = ('OK', 'ERR', 'BADMSG', 'NOTSUPP', 'INVSESS', 'NOSPC', 'KEY_REJECTED')
UNTOUCHED = 0xa5  # what writable memory holds before

FLAG_SESSION = 1
OP_ENCRYPT, OP_DECRYPT = 1, 2
SYM_CIPHER, SYM_CHAIN = 1, 2
HASH_THEN_CIPHER, CIPHER_THEN_HASH = 1, 2
MODE_PLAIN, MODE_AUTH, MODE_NESTED = 1, 2, 3

CTRL_FLF = 56
DATA_FLF = 48

Request = namedtuple('Request', 'readable writable')

CONFIG_SIZE = 56
CONFIG_FIELDS = ('status', 'max_dataqueues', 'crypto_services', 'cipher_algo_l', 'cipher_algo_h', 'hash_algo',
                 'mac_algo_l', 'mac_algo_h', 'aead_algo', 'max_cipher_key_len', 'max_auth_key_len',
                 'akcipher_algo', 'max_size')
Config = namedtuple('Config', CONFIG_FIELDS)
CONFIG = struct.Struct('<12IQ')


def parse_config(data):
    return Config(*CONFIG.unpack(data[:CONFIG_SIZE]))


def algorithms(config, service):
    """Numbers of the algorithms that a service advertises."""
    mask = {CIPHER: config.cipher_algo_l | config.cipher_algo_h << 32, HASH: config.hash_algo,
            MAC: config.mac_algo_l | config.mac_algo_h << 32, AEAD: config.aead_algo,
            AKCIPHER: config.akcipher_algo}[service]
    return {n for n in range(64) if mask >> n & 1}


def create_opcode(service):
    return service << 8 | (4 if service == AKCIPHER else 2)


def destroy_opcode(service):
    return service << 8 | (5 if service == AKCIPHER else 3)


def control(opcode, algo, flf, vlf, revision_1, reply, flag=0, reserved=0):
    """A control request; without REVISION_1 the fixed part is 56 bytes long."""
    if not revision_1:
        flf = flf.ljust(CTRL_FLF, b'\0')
    readable = [('header', struct.pack('<IIII', opcode, algo, flag, reserved) + flf)]
    readable += [('key', key) for key in vlf if key]
    return Request(readable, [('outcome', reply)])


def create_cipher(algo, key, encrypt, revision_1=False, **kw):
    flf = struct.pack('<IIII', algo, len(key), OP_ENCRYPT if encrypt else OP_DECRYPT, 0).ljust(48, b'\0')
    flf += struct.pack('<II', SYM_CIPHER, 0)
    return control(create_opcode(CIPHER), algo, flf, [key], revision_1, 16, **kw)


def create_chain(algo, key, encrypt, hash_first, mode, auth_algo, auth_key, digest_len, aad_len=0,
                 revision_1=False, **kw):
    flf = struct.pack('<IIIIII', HASH_THEN_CIPHER if hash_first else CIPHER_THEN_HASH, mode, algo, len(key),
                      OP_ENCRYPT if encrypt else OP_DECRYPT, 0)
    flf += struct.pack('<IIII', auth_algo, digest_len, len(auth_key) if mode == MODE_AUTH else 0, 0)
    flf += struct.pack('<II', aad_len, 0)
    flf += struct.pack('<II', SYM_CHAIN, 0)
    vlf = [key] + ([auth_key] if mode == MODE_AUTH else [])
    return control(create_opcode(CIPHER), algo, flf, vlf, revision_1, 16, **kw)


def create_hash(algo, digest_len, revision_1=False, **kw):
    return control(create_opcode(HASH), algo, struct.pack('<II', algo, digest_len), [], revision_1, 16, **kw)


def create_mac(algo, key, digest_len, revision_1=False, **kw):
    flf = struct.pack('<IIII', algo, digest_len, len(key), 0)
    return control(create_opcode(MAC), algo, flf, [key], revision_1, 16, **kw)


def create_aead(algo, key, encrypt, tag_len, aad_len, revision_1=False, **kw):
    flf = struct.pack('<IIIIII', algo, len(key), tag_len, aad_len, OP_ENCRYPT if encrypt else OP_DECRYPT, 0)
    return control(create_opcode(AEAD), algo, flf, [key], revision_1, 16, **kw)


def create_akcipher(algo, private, key, para, revision_1=False, **kw):
    """para: (padding, hash) of RSA, (curve,) of ECDSA."""
    flf = struct.pack('<III', algo, PRIVATE if private else PUBLIC, len(key)) + asym_para(para).ljust(44, b'\0')
    return control(create_opcode(AKCIPHER), algo, flf, [key], revision_1, 16, **kw)


def asym_para(para):
    return struct.pack('<%dI' % len(para), *para).ljust(8, b'\0')


def destroy(service, session, revision_1=False, **kw):
    return control(destroy_opcode(service), 0, struct.pack('<Q', session), [], revision_1, 1, **kw)


def parse_create(outcome):
    """(session, status)"""
    session, status, _ = struct.unpack('<QII', outcome)
    return session, status


def data(opcode, algo, session, flag, flf, readable, writable):
    header = struct.pack('<IIQII', opcode, algo, session, flag, 0)
    return Request([('header', header + flf)] + [f for f in readable if f[1]],
                   [f for f in writable if f[1]] + [('status', 1)])


class SessionMode:
    """Data requests that name a session. revision_1: the fixed part has its own length."""

    def __init__(self, revision_1, flag=FLAG_SESSION):
        self.revision_1 = revision_1
        self.flag = flag if revision_1 else 0

    def flf(self, content):
        return content if self.revision_1 else content.ljust(DATA_FLF, b'\0')

    def cipher(self, session, algo, encrypt, iv, src, dst_len=None):
        dst_len = len(src) if dst_len is None else dst_len
        flf = struct.pack('<IIII', len(iv), len(src), dst_len, 0).ljust(40, b'\0') + struct.pack('<II', SYM_CIPHER, 0)
        return data(0 if encrypt else 1, algo, session, self.flag, flf, [('iv', iv), ('src', src)],
                    [('dst', dst_len)])

    def chain(self, session, algo, encrypt, iv, src, cipher_range, hash_range, digest_len, dst_len=None, aad=b''):
        dst_len = len(src) if dst_len is None else dst_len
        flf = struct.pack('<10I', len(iv), len(src), dst_len, *cipher_range, *hash_range, len(aad), digest_len, 0)
        flf += struct.pack('<II', SYM_CHAIN, 0)
        return data(0 if encrypt else 1, algo, session, self.flag, flf, [('iv', iv), ('src', src), ('aad', aad)],
                    [('dst', dst_len), ('digest', digest_len)])

    def hash(self, session, algo, src, digest_len, service=HASH):
        flf = self.flf(struct.pack('<II', len(src), digest_len))
        return data(service << 8, algo, session, self.flag, flf, [('src', src)], [('digest', digest_len)])

    def mac(self, session, algo, src, digest_len):
        return self.hash(session, algo, src, digest_len, MAC)

    def aead(self, session, algo, encrypt, iv, aad, src, dst_len, tag_len):
        flf = self.flf(struct.pack('<6I', len(iv), len(aad), len(src), dst_len, tag_len, 0))
        return data(0x300 if encrypt else 0x301, algo, session, self.flag, flf,
                    [('iv', iv), ('src', src), ('aad', aad)], [('dst', dst_len)])


    def akcipher(self, session, algo, op, src, dst_len=0, data_to_verify=b''):
        """op: 0 encrypt, 1 decrypt, 2 sign, 3 verify, with src the signature."""
        flf = self.flf(struct.pack('<II', len(src), len(data_to_verify) if op == 3 else dst_len))
        return data(AKCIPHER << 8 | op, algo, session, self.flag, flf, [('src', src), ('data', data_to_verify)],
                    [('dst', dst_len)])


class Stateless:
    """Data requests that carry the session's parameters; REVISION_1 is a condition of theirs."""

    def cipher(self, algo, key, encrypt, iv, src, dst_len=None):
        dst_len = len(src) if dst_len is None else dst_len
        flf = struct.pack('<6I', algo, len(key), OP_ENCRYPT if encrypt else OP_DECRYPT, len(iv), len(src), dst_len)
        flf = flf.ljust(72, b'\0') + struct.pack('<I', SYM_CIPHER)
        return data(0 if encrypt else 1, algo, 0, 0, flf, [('key', key), ('iv', iv), ('src', src)],
                    [('dst', dst_len)])

    def chain(self, algo, key, encrypt, hash_first, mode, auth_algo, auth_key, iv, src, cipher_range, hash_range,
              digest_len, dst_len=None, aad=b''):
        dst_len = len(src) if dst_len is None else dst_len
        flf = struct.pack('<18I', HASH_THEN_CIPHER if hash_first else CIPHER_THEN_HASH, len(aad), algo, len(key),
                          OP_ENCRYPT if encrypt else OP_DECRYPT, auth_algo, len(auth_key), mode, len(iv),
                          len(src), dst_len, *cipher_range, *hash_range, len(aad), digest_len, 0)
        flf += struct.pack('<I', SYM_CHAIN)
        return data(0 if encrypt else 1, algo, 0, 0, flf,
                    [('key', key), ('auth_key', auth_key), ('iv', iv), ('aad', aad), ('src', src)],
                    [('dst', dst_len), ('digest', digest_len)])

    def hash(self, algo, src, digest_len):
        flf = struct.pack('<IIII', algo, len(src), digest_len, 0)
        return data(0x100, algo, 0, 0, flf, [('src', src)], [('digest', digest_len)])

    def mac(self, algo, key, src, digest_len):
        flf = struct.pack('<IIII', algo, len(key), len(src), digest_len)
        return data(0x200, algo, 0, 0, flf, [('key', key), ('src', src)], [('digest', digest_len)])

    def aead(self, algo, key, encrypt, iv, aad, src, dst_len, tag_len):
        flf = struct.pack('<8I', algo, len(key), OP_ENCRYPT if encrypt else OP_DECRYPT, len(iv), tag_len, len(aad),
                          len(src), dst_len)
        return data(0x300 if encrypt else 0x301, algo, 0, 0, flf,
                    [('key', key), ('iv', iv), ('src', src), ('aad', aad)], [('dst', dst_len)])

    def akcipher(self, algo, private, key, para, op, src, dst_len=0, data_to_verify=b''):
        flf = struct.pack('<III', algo, PRIVATE if private else PUBLIC, len(key)) + asym_para(para)
        flf += struct.pack('<II', len(src), len(data_to_verify) if op == 3 else dst_len)
        return data(AKCIPHER << 8 | op, algo, 0, 0, flf,
                    [('key', key), ('src', src), ('data', data_to_verify)], [('dst', dst_len)])
