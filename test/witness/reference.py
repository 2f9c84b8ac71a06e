# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The virtio-crypto stack authors
#
# What each algorithm of the standard gives, by its virtio number: computed by OpenSSL, or made of
# OpenSSL's block ciphers where it lacks the mode, or, for the algorithms of 3GPP, taken from their
# published vectors: these are stream ciphers, so that one vector tells the result for any text.

from collections import namedtuple

import libcrypto
from libcrypto import BadTag, CryptoError

__all__ = ['BadTag', 'CryptoError']


def xor(a, b):
    n = min(len(a), len(b))
    return (int.from_bytes(a[:n], 'big') ^ int.from_bytes(b[:n], 'big')).to_bytes(n, 'big')


# Key sizes: those that are tried. unit: lengths are multiples of it. limit: longest text, or None.
Cipher = namedtuple('Cipher', 'number name keys iv_len unit run minimum limit')


def openssl(pattern, bits=None):
    def run(key, iv, data, encrypt):
        name = pattern % ((bits or len(key) * 8),) if '%' in pattern else pattern
        return libcrypto.cipher(name, key, iv, data, encrypt) if data else b''
    return run


def xts(key, iv, data, encrypt):
    return libcrypto.cipher('AES-%d-XTS' % (len(key) * 4), key, iv, data, encrypt) if data else b''


def des3_key(run):
    """Keys of 16 bytes are two keys, the first of which is used again."""
    def longer(key, iv, data, encrypt):
        return run(key + key[:8] if len(key) == 16 else key, iv, data, encrypt)
    return longer


def des3_ctr(key, iv, data, encrypt):
    count = int.from_bytes(iv, 'big')
    blocks = (len(data) + 7) // 8
    counters = b''.join(((count + n) % (1 << 64)).to_bytes(8, 'big') for n in range(blocks))
    return xor(data, openssl('DES-EDE3-ECB')(key, b'', counters, True))


def aes_f8(key, iv, data, encrypt):
    """RFC 3711, 4.1.2.2; the key, then the mask that it is combined with for the IV."""
    half = len(key) // 2
    ecb = openssl('AES-%d-ECB' % (half * 8))
    start = ecb(xor(key[:half], key[half:]), b'', iv, True)
    stream, block = b'', bytes(16)
    for n in range((len(data) + 15) // 16):
        block = ecb(key[:half], b'', xor(xor(block, start), n.to_bytes(16, 'big')), True)
        stream += block
    return xor(data, stream)


# Published vectors of 3GPP: (algorithm, source, key, IV, text, result).
_STREAMS = [
    (10, 'TS 35.203 f8 set 1', '2bd6459f82c5b300952c49104881ff48', '72a4f20f64000000',
     '7ec61272743bf1614726446a6c38ced166f6ca76eb5430044286346cef130f92'
     '922b03450d3a9975e5bd2ea0eb55ad8e1b199e3ec4316020e9a1b285e7627953'
     '59b7bdfd39bef4b2484583d5afe082aee638bf5fd5a606193901a08f4ab41aab9b1348',
     'd1e2de70eef86c6964fb542bc2d460aabfaa10a4a093262b7d199e706fc2d489'
     '1553296910f3a973012682e41c4e2b02be2017b7253bbf9309de5819cb42e819'
     '56f4c99bc9765caf53b1d0bb8279826adbbc5522e915c120a618a5a7f5e89708933965'),
    (11, 'TS 35.217 set 1', '2bd6459f82c5b300952c49104881ff48', '72a4f20f6400000072a4f20f64000000',
     '7ec61272743bf1614726446a6c38ced166f6ca76eb5430044286346cef130f92'
     '922b03450d3a9975e5bd2ea0eb55ad8e1b199e3ec4316020e9a1b285e7627953'
     '59b7bdfd39bef4b2484583d5afe082aee638bf5fd5a606193901a08f4ab41aab9b1348',
     '8ceba62943dced3a0990b06ea1b0a2c4fb3cedc71b369f42ba64c1eb6665e72a'
     'a1c9bb0deaa20fe86058b8baee2c2e7f0becce48b52932a53c9d5f931a3a7c53'
     '2259af4325e2a65e3084ad5f6a513b7bddc1b65f0aa0d97a053db55a88c4c4f9605e41'),
    (14, 'TS 35.223 EEA3 set 2', 'e5bd3ea0eb55ade866c6ac58bd54302a', '00056823c400000000056823c4000000',
     '14a8ef693d678507bbe7270a7f67ff5006c3525b9807e467c4e56000ba338f5d'
     '429559036751822246c80d3b38f07f4be2d8ff5805f5132229bde93bbbdcaf38'
     '2bf1ee972fbf9977bada8945847a2a6c9ad34a667554e04d1f7fa2c33241bd8f01ba220d',
     '131d43e0dea1be5c5a1bfd971d852cbf712d7b4f57961fea3208afa8bca433f4'
     '56ad09c7417e58bc69cf8866d1353f74865e80781d202dfb3ecff7fcbc3b190f'
     'e82a204ed0e350fc0f6f2613b2f2bca6df5a473a57a4a00d985ebad880d6f23864a07b01'),
]

STREAM = {n: (bytes.fromhex(k), bytes.fromhex(iv), xor(bytes.fromhex(t), bytes.fromhex(r)))
          for n, _, k, iv, t, r in _STREAMS}


def published(number):
    def run(key, iv, data, encrypt):
        known_key, known_iv, stream = STREAM[number]
        if key != known_key or iv != known_iv or len(data) > len(stream):
            raise CryptoError('no published vector')
        return xor(data, stream)
    return run


CIPHERS = [
    Cipher(1, 'ARC4', (5, 16), 0, 1, openssl('RC4'), 1, None),
    Cipher(2, 'AES_ECB', (16, 24, 32), 0, 16, openssl('AES-%d-ECB'), 0, None),
    Cipher(3, 'AES_CBC', (16, 24, 32), 16, 16, openssl('AES-%d-CBC'), 0, None),
    Cipher(4, 'AES_CTR', (16, 24, 32), 16, 1, openssl('AES-%d-CTR'), 0, None),
    Cipher(5, 'DES_ECB', (8,), 0, 8, openssl('DES-ECB'), 0, None),
    Cipher(6, 'DES_CBC', (8,), 8, 8, openssl('DES-CBC'), 0, None),
    Cipher(7, '3DES_ECB', (24,), 0, 8, des3_key(openssl('DES-EDE3-ECB')), 0, None),
    Cipher(8, '3DES_CBC', (24,), 8, 8, des3_key(openssl('DES-EDE3-CBC')), 0, None),
    Cipher(9, '3DES_CTR', (24,), 8, 1, des3_key(des3_ctr), 0, None),
    Cipher(10, 'KASUMI_F8', (16,), 8, 1, published(10), 1, len(STREAM[10][2])),
    Cipher(11, 'SNOW3G_UEA2', (16,), 16, 1, published(11), 1, len(STREAM[11][2])),
    Cipher(12, 'AES_F8', (32,), 16, 1, aes_f8, 0, None),
    Cipher(13, 'AES_XTS', (32, 64), 16, 1, xts, 16, None),
    Cipher(14, 'ZUC_EEA3', (16,), 16, 1, published(14), 1, len(STREAM[14][2])),
]
CIPHER = {c.number: c for c in CIPHERS}

Hash = namedtuple('Hash', 'number name size run')


def _md(name):
    return lambda data, n: libcrypto.digest(name, data)


def _xof(name):
    return lambda data, n: libcrypto.digest(name, data, n)


HASHES = [
    Hash(1, 'MD5', 16, _md('MD5')), Hash(2, 'SHA1', 20, _md('SHA1')),
    Hash(3, 'SHA_224', 28, _md('SHA2-224')), Hash(4, 'SHA_256', 32, _md('SHA2-256')),
    Hash(5, 'SHA_384', 48, _md('SHA2-384')), Hash(6, 'SHA_512', 64, _md('SHA2-512')),
    Hash(7, 'SHA3_224', 28, _md('SHA3-224')), Hash(8, 'SHA3_256', 32, _md('SHA3-256')),
    Hash(9, 'SHA3_384', 48, _md('SHA3-384')), Hash(10, 'SHA3_512', 64, _md('SHA3-512')),
    # What these two give is as long as the session asks; these are usual lengths.
    Hash(11, 'SHAKE128', 32, _xof('SHAKE128')), Hash(12, 'SHAKE256', 64, _xof('SHAKE256')),
]
HASH = {h.number: h for h in HASHES}

# vectors: (key, data, MAC) of published ones, where nothing computes it here.
Mac = namedtuple('Mac', 'number name keys size run vectors')


def hmac(name):
    return lambda key, data: libcrypto.mac('HMAC', name, key, data)


def cmac(pattern):
    def run(key, data):
        return libcrypto.mac('CMAC', pattern % (len(key) * 8) if '%' in pattern else pattern, key, data)
    return run


def cbc_mac(key, data):
    """ISO/IEC 9797-1, algorithm 1, padded with zeros."""
    data += bytes(-len(data) % 16)
    out = openssl('AES-%d-CBC')(key, bytes(16), data or bytes(16), True)
    return out[-16:]


def xcbc(key, data):
    """RFC 3566."""
    k1, k2, k3 = (openssl('AES-128-ECB')(key, b'', bytes([n]) * 16, True) for n in (1, 2, 3))
    whole = len(data) > 0 and len(data) % 16 == 0
    if not whole:
        data += b'\x80' + bytes(-(len(data) + 1) % 16)
    return cbc_mac(k1, data[:-16] + xor(data[-16:], k2 if whole else k3))


# TS 35.203, 4: the data is COUNT, FRESH, message, direction and padding.
_F9 = [
    ('2bd6459f82c5b300952c49104881ff48', '38a6f05605d2ec496b227737296f393c8079353edc87e2e805d2ec49a4f2d8e2',
     'f63bd72c'),
    ('d42f682428201cafcd9f97945e6de7b7',
     '3edc87e2a4f2d8e2b5924384328a4ae00b737109f8b6c8dd2b4db63dd533981ceb19aad52a5b2bc3', 'a9daf1ff'),
    ('c736c6aab22bfff91e2698d2e22ad57e',
     '14793e410397e8fdd0a7d463df9fb2b278833fa02e235aa172bd970c1473e129'
     '07fb648b6599aaa0b24a038665422b20a499276a50427009c000000000000000', 'dd7dfadd'),
]
F9 = [tuple(bytes.fromhex(x) for x in v) for v in _F9]


def f9(key, data):
    for k, d, m in F9:
        if (k, d) == (key, data):
            return m
    raise CryptoError('no published vector')


MACS = [
    Mac(1, 'HMAC_MD5', (1, 64, 80), 16, hmac('MD5'), None),
    Mac(2, 'HMAC_SHA1', (1, 20, 64, 80), 20, hmac('SHA1'), None),
    Mac(3, 'HMAC_SHA_224', (28, 64, 100), 28, hmac('SHA2-224'), None),
    Mac(4, 'HMAC_SHA_256', (1, 32, 64, 200), 32, hmac('SHA2-256'), None),
    Mac(5, 'HMAC_SHA_384', (48, 128, 150), 48, hmac('SHA2-384'), None),
    Mac(6, 'HMAC_SHA_512', (64, 128, 512), 64, hmac('SHA2-512'), None),
    Mac(25, 'CMAC_3DES', (24,), 8, cmac('DES-EDE3-CBC'), None),
    Mac(26, 'CMAC_AES', (16, 24, 32), 16, cmac('AES-%d-CBC'), None),
    Mac(27, 'KASUMI_F9', (16,), 4, f9, F9),
    Mac(49, 'CBCMAC_AES', (16,), 16, cbc_mac, None),
    Mac(53, 'XCBC_AES', (16,), 16, xcbc, None),
]
MAC = {m.number: m for m in MACS}

Aead = namedtuple('Aead', 'number name keys ivs tags pattern')

AEADS = [
    Aead(1, 'GCM', (16, 24, 32), (12,), (4, 8, 12, 13, 14, 15, 16), 'AES-%d-GCM'),
    Aead(2, 'CCM', (16, 24, 32), (7, 8, 9, 10, 11, 12, 13), (4, 6, 8, 10, 12, 14, 16), 'AES-%d-CCM'),
    Aead(3, 'CHACHA20_POLY1305', (32,), (12,), (16,), 'ChaCha20-Poly1305'),
]
AEAD = {a.number: a for a in AEADS}


def cipher(number, key, iv, data, encrypt):
    return CIPHER[number].run(bytes(key), bytes(iv), bytes(data), encrypt)


def hash_(number, data, size):
    return HASH[number].run(bytes(data), size)[:size]


def mac(number, key, data, size):
    return MAC[number].run(bytes(key), bytes(data))[:size]


def _aead_name(number, key):
    pattern = AEAD[number].pattern
    return pattern % (len(key) * 8) if '%' in pattern else pattern


def gcm_counter_start(key, j0, aad, data, tag, tag_len, encrypt):
    """GCM whose IV of 16 bytes is the counter block itself [SP 800-38D, 7.1]."""
    h = int.from_bytes(openssl('AES-%d-ECB')(key, b'', bytes(16), True), 'big')
    count = (int.from_bytes(j0[12:], 'big') + 1) % (1 << 32)
    out = openssl('AES-%d-CTR')
    # CTR of OpenSSL carries beyond 32 bits; a start that would is not used here.
    if count + len(data) // 16 + 1 >= 1 << 32:
        raise CryptoError('the counter wraps')
    text = out(key, j0[:12] + count.to_bytes(4, 'big'), data, True)
    secret = text if encrypt else data
    y = 0
    for part in (aad + bytes(-len(aad) % 16), secret + bytes(-len(secret) % 16),
                 (len(aad) * 8).to_bytes(8, 'big') + (len(secret) * 8).to_bytes(8, 'big')):
        for n in range(0, len(part), 16):
            x = y ^ int.from_bytes(part[n:n + 16], 'big')
            y, v = 0, h
            for bit in range(127, -1, -1):
                if x >> bit & 1:
                    y ^= v
                v = v >> 1 ^ (0xe1 << 120 if v & 1 else 0)
    right = xor(y.to_bytes(16, 'big'), openssl('AES-%d-ECB')(key, b'', j0, True))[:tag_len]
    if encrypt:
        return text + right
    if right != tag:
        raise BadTag
    return text


def aead_encrypt(number, key, iv, aad, text, tag_len):
    """Secret and tag."""
    key, iv, aad, text = bytes(key), bytes(iv), bytes(aad), bytes(text)
    if number == 1 and len(iv) == 16:
        return gcm_counter_start(key, iv, aad, text, None, tag_len, True)
    return libcrypto.aead(_aead_name(number, key), key, iv, aad, text, None, tag_len, True)


def aead_decrypt(number, key, iv, aad, secret, tag):
    """Text, or BadTag."""
    key, iv, aad, secret, tag = bytes(key), bytes(iv), bytes(aad), bytes(secret), bytes(tag)
    if number == 1 and len(iv) == 16:
        return gcm_counter_start(key, iv, aad, secret, tag, len(tag), False)
    return libcrypto.aead(_aead_name(number, key), key, iv, aad, secret, tag, len(tag), False)


def chain(cipher_number, key, iv, encrypt, hash_first, is_mac, auth_number, auth_key, src,
          cipher_range, hash_range, size):
    """
    Destination and digest: bytes outside the ciphered range are copied; a hash before the cipher
    reads the source, one behind it the destination.
    """
    start, n = cipher_range
    dst = src[:start] + cipher(cipher_number, key, iv, src[start:start + n], encrypt) + src[start + n:]
    start, n = hash_range
    data = (src if hash_first else dst)[start:start + n]
    return dst, mac(auth_number, auth_key, data, size) if is_mac else hash_(auth_number, data, size)
