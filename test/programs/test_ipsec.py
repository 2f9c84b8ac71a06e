# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The virtio-crypto stack authors
#
# ipsec-secgw as a gateway between a protected network on port 1 and an unprotected one on port 0. What
# it sends to the unprotected side is decrypted by scapy's ESP; what scapy has encrypted comes out on
# the protected side, unless it was tampered with or comes twice. Each run has two devices, one with
# split rings and one with packed: one has the sessions of what comes in, one those of what goes out.

import logging

from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from cases import case, check, equal
from program import Forwarder

# scapy tells whoever imports it about routes that this machine lacks.
logging.getLogger('scapy.runtime').setLevel(logging.ERROR)
from scapy.layers.inet import IP, UDP  # noqa: E402
from scapy.layers.inet6 import IPv6  # noqa: E402
from scapy.layers.ipsec import ESP, SecurityAssociation  # noqa: E402
from scapy.layers.l2 import Ether  # noqa: E402
from scapy.packet import Raw, raw  # noqa: E402

PACKETS = 40
SPI_OUT = 100
SPI_IN = 200
WINDOW = 64
SEGMENT = 2048 + 128  # all but the first, which has headroom


def pattern(n, seed):
    return bytes((seed + i * 11 + (i >> 8)) & 0xff for i in range(n))


def sha1_96(key, data):
    h = hmac.HMAC(key, hashes.SHA1())
    h.update(data)
    return h.finalize()[:12]


def xcbc_96(key, data):
    """RFC 3566."""
    def aes(k, block):
        e = Cipher(algorithms.AES(k), modes.ECB()).encryptor()
        return e.update(block) + e.finalize()

    def xor(a, b):
        return bytes(x ^ y for x, y in zip(a, b))

    k1, k2, k3 = (aes(key, bytes([i]) * 16) for i in (1, 2, 3))
    full = len(data) % 16 == 0 and data
    if not full:
        data += b'\x80' + bytes(-(len(data) + 1) % 16)
    mac = bytes(16)
    for at in range(0, len(data) - 16, 16):
        mac = aes(k1, xor(mac, data[at:at + 16]))
    return aes(k1, xor(xor(mac, data[-16:]), k2 if full else k3))[:12]


class Sa:
    """
    A pair of security associations, one in each direction, with the same keys, in the words of
    ipsec-secgw and of scapy. Keys of ciphers that have a salt end with 4 bytes of it. Without a name in
    auth the cipher does both.
    """

    def __init__(self, cipher, key_len, auth, scapy_cipher, scapy_auth, mode='ipv4-tunnel', salt=None):
        self.cipher, self.auth, self.mode = cipher, auth, mode
        self.key = pattern(key_len, 3)
        self.auth_key = pattern(AUTH_KEYS[auth], 90) if auth else b''
        self.protected = auth != 'null'
        key = self.key if salt is None else self.key[:len(self.key) - 4 + salt]
        self.algos = dict(crypt_algo=scapy_cipher, crypt_key=key)
        if scapy_auth:
            self.algos.update(auth_algo=scapy_auth, auth_key=self.auth_key)

    def words(self):
        if not self.auth:
            return 'aead_algo %s aead_key %s' % (self.cipher, self.key.hex(':'))
        return ' '.join(['cipher_algo', self.cipher] + (['cipher_key', self.key.hex(':')] if self.key else []) +
                        ['auth_algo', self.auth] + (['auth_key', self.auth_key.hex(':')] if self.auth_key else []))


AUTH_KEYS = {'null': 0, 'aes-xcbc-mac-96': 16, 'sha1-hmac': 20, 'sha256-hmac': 32, 'sha384-hmac': 48, 'sha512-hmac': 64}

# No AES-CTR: the ipsec-secgw of 22.11 asks for it with an IV of 8 bytes, which none has; later ones
# ask for 16.
PLAIN_SAS = [
    Sa('aes-128-cbc', 16, 'sha1-hmac', 'AES-CBC', 'HMAC-SHA1-96'),
    Sa('aes-192-cbc', 24, 'sha256-hmac', 'AES-CBC', 'SHA2-256-128'),
    Sa('aes-256-cbc', 32, 'sha256-hmac', 'AES-CBC', 'SHA2-256-128', 'transport'),
    Sa('3des-cbc', 24, 'sha1-hmac', '3DES', 'HMAC-SHA1-96'),
    # scapy has no AES-XCBC: its place is held by a MAC of the same length.
    Sa('aes-128-cbc', 16, 'aes-xcbc-mac-96', 'AES-CBC', 'HMAC-SHA1-96'),
    Sa('null', 0, 'sha1-hmac', 'NULL', 'HMAC-SHA1-96'),
    Sa('aes-128-cbc', 16, 'null', 'AES-CBC', None),
    Sa('null', 0, 'null', 'NULL', None),
    Sa('aes-128-gcm', 20, None, 'AES-GCM', None),
    Sa('aes-256-gcm', 36, None, 'AES-GCM', None, 'ipv6-tunnel'),
]
# What only librte_ipsec (option -l) can do.
LIBRARY_SAS = PLAIN_SAS + [
    Sa('aes-128-cbc', 16, 'sha384-hmac', 'AES-CBC', 'SHA2-384-192'),
    Sa('aes-256-cbc', 32, 'sha512-hmac', 'AES-CBC', 'SHA2-512-256'),
    Sa('aes-192-gcm', 28, None, 'AES-GCM', None),
    Sa('aes-128-ccm', 20, None, 'AES-CCM', None, salt=3),
    Sa('aes-256-ccm', 36, None, 'AES-CCM', None, salt=3),
    Sa('chacha20-poly1305', 36, None, 'CHACHA20-POLY1305', None),
]
ESN_SAS = [sa for sa in LIBRARY_SAS if sa.auth in (None, 'sha1-hmac') and sa.mode == 'ipv4-tunnel']


class Plan:
    """The configuration file, and who is where: SA number n has the networks with n in their names."""

    def __init__(self, sas, jumbo=False):
        self.sas, self.jumbo = sas, jumbo

    def v6(self, n):
        return self.sas[n].mode == 'ipv6-tunnel'

    def remote(self, n):
        return 'fd00:%d::5' % (n + 1) if self.v6(n) else '10.%d.0.5' % (n + 1)

    def local(self, n):
        return 'fd01::5' if self.v6(n) else '192.168.0.5'

    def gateways(self, n):
        return ('fd02::1', 'fd02::%d' % (n + 2)) if self.v6(n) else ('172.16.0.1', '172.16.%d.1' % (n + 1))

    def text(self):
        lines = ['rt ipv4 dst 172.16.0.0/16 port 0', 'rt ipv4 dst 10.0.0.0/8 port 0',
                 'rt ipv4 dst 192.168.0.0/16 port 1',
                 'rt ipv6 dst fd02::/64 port 0', 'rt ipv6 dst fd01::/64 port 1',
                 'neigh port 0 02:00:00:00:00:01', 'neigh port 1 02:00:00:00:00:02']
        for n, sa in enumerate(self.sas):
            ip, bits = ('ipv6', 128) if self.v6(n) else ('ipv4', 32)
            here, there = self.gateways(n)
            for way, spi, src, dst, a, b in (('out', SPI_OUT + n, self.local(n), self.remote(n), here, there),
                                             ('in', SPI_IN + n, self.remote(n), self.local(n), there, here)):
                lines.append('sp %s %s esp protect %d pri 1 src %s/%d dst %s/%d sport 0:65535 dport 0:65535' % (
                    ip, way, spi, src, bits, dst, bits))
                tunnel = '' if sa.mode == 'transport' else ' src %s dst %s' % (a, b)
                lines.append('sa %s %d %s mode %s%s' % (way, spi, sa.words(), sa.mode, tunnel))
        return '\n'.join(lines) + '\n'

    def scapy(self, n, out):
        """The peer's end of one direction."""
        sa = self.sas[n]
        here, there = self.gateways(n)
        layer = IPv6 if self.v6(n) else IP
        header = None
        if sa.mode != 'transport':
            header = layer(src=here, dst=there) if out else layer(src=there, dst=here)
        return SecurityAssociation(ESP, (SPI_OUT if out else SPI_IN) + n, tunnel_header=header, **sa.algos)

    def packet(self, n, k, out):
        src, dst = (self.local(n), self.remote(n)) if out else (self.remote(n), self.local(n))
        ip = IPv6(src=src, dst=dst) if self.v6(n) else IP(src=src, dst=dst, id=k)
        length = k if k < 20 else (k * 389 + n) % 1300
        if self.jumbo:
            # No last segment is so full that librte_ipsec finds no room for what it adds.
            length += k % 3 * SEGMENT
        return ip / UDP(sport=1000 + k, dport=2000 + n) / Raw(pattern(length, k))


def frame(packet):
    return raw(Ether(src='02:00:00:00:00:0a', dst='02:00:00:00:00:0b') / packet)


def key_of(ip_bytes):
    """What tells packets of Plan.packet() apart: the ports."""
    at = 40 if ip_bytes[0] >> 4 == 6 else 20
    return int.from_bytes(ip_bytes[at + 2:at + 4], 'big') - 2000, int.from_bytes(ip_bytes[at:at + 2], 'big') - 1000


def after_hop(data):
    """
    An IP packet as the program's own tunnels leave it: they count as a hop. The checksum, which they get
    wrong now and then, is not compared.
    """
    if data[0] >> 4 == 6:
        return data[:7] + bytes([data[7] - 1]) + data[8:]
    return data[:8] + bytes([data[8] - 1]) + data[9:10] + bytes(2) + data[12:]


def without_checksum(data):
    return data if data[0] >> 4 == 6 else data[:10] + bytes(2) + data[12:]


def flip(data, at):
    return data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1:]


def own_mac(sa, esn):
    """The ICV of 12 bytes where scapy 2.5 does not know it."""
    if sa.auth == 'aes-xcbc-mac-96':
        return lambda data: xcbc_96(sa.auth_key, data)
    if esn and sa.auth:
        # The upper half of the number, 0, is authenticated too.
        return lambda data: sha1_96(sa.auth_key, data + bytes(4))
    return None


def decrypt(plan, data, esn):
    """An IP packet as scapy has it back; it raises an exception where authentication fails."""
    packet = (IPv6 if data[0] >> 4 == 6 else IP)(data)
    n = packet[ESP].spi - SPI_OUT
    sa = plan.sas[n]
    mac = own_mac(sa, esn)
    if mac:
        equal(raw(packet[ESP])[-12:], mac(raw(packet[ESP])[:-12]), 'ICV of %s' % sa.auth)
    return n, packet[ESP].seq, plan.scapy(n, True).decrypt(packet, verify=not mac, esn_en=esn)


def encrypt(plan, n, k, esn):
    sa = plan.sas[n]
    packet = plan.scapy(n, False).encrypt(plan.packet(n, k, False), seq_num=k + 1, esn_en=esn)
    data = raw(packet)
    mac = own_mac(sa, esn)
    if mac:
        data = data[:-12] + mac(data[len(data) - len(raw(packet[ESP])):-12])
    return data


def ether(data):
    return bytes.fromhex('02000000000b 02000000000a') + (b'\x86\xdd' if data[0] >> 4 == 6 else b'\x08\0') + data


def gateway(env, sas, options, swap=False, esn=False, replay=False, jumbo=False):
    plan = Plan(sas, jumbo)
    own = '-l' not in options
    numbers = [(n, k) for k in range(PACKETS) for n in range(len(sas))]
    plain = [frame(plan.packet(n, k, True)) for n, k in numbers]

    # In the middle of what comes in: for each SA, a wrong ICV, a wrong byte of what is encrypted, and a
    # copy of what came before; only then the rest.
    sealed = {(n, k): encrypt(plan, n, k, esn) for n, k in numbers}
    half = len(numbers) // 2
    bad, again = [], []
    for n in range(len(sas)):
        victim = encrypt(plan, n, PACKETS + 7, esn)
        if sas[n].protected:
            bad += [flip(victim, len(victim) - 1), flip(victim, len(victim) - 50)]
        again += [sealed[n, PACKETS // 2 - 3]] if replay else []
    incoming = [sealed[i] for i in numbers[:half]] + bad + again + [sealed[i] for i in numbers[half:]]

    cfg = env.file('secgw.cfg')
    with open(cfg, 'w') as f:
        f.write(plan.text())
    p = Forwarder(env, 'ipsec-secgw', env.devices(swap), [[ether(d) for d in incoming], plain],
                  ['-p', '3', '-P', '-u', '1', '--config', '(0,0,0),(1,0,0)', '-f', cfg] + options, memory=512)
    p.wait_sent([len(plain), len(numbers)])
    p.wait_for('operations on their way', lambda: all(c[0] == c[1] for c in (p.counts(0), p.counts(1))))
    counts = [p.counts(i) for i in range(2)]
    esp, clear = p.stop()

    # The first device has what comes in.
    equal(counts[0][2], len(bad), 'operations that failed, of what came in')
    equal(counts[1], (len(plain), len(plain), 0), 'operations of what went out: taken, done, failed')
    def as_sent(n, data):
        return after_hop(data) if own and sas[n].mode != 'transport' else data

    def as_come(n, data):
        return without_checksum(data) if own and sas[n].mode != 'transport' else data

    wanted = {i: as_sent(i[0], d[14:]) for i, d in zip(numbers, plain)}
    seen = set()
    for data in esp:
        n, seq, packet = decrypt(plan, data[14:], esn)
        got = as_come(n, raw(packet))
        equal(key_of(got)[0], n, 'SA')
        equal(got, wanted.pop(key_of(got)), 'what scapy decrypts of SA %s' % sas[n].cipher)
        check((n, seq) not in seen, 'a sequence number comes twice')
        seen.add((n, seq))
    check(not wanted, 'packets do not come out encrypted: %s' % sorted(wanted))
    wanted = {i: as_sent(i[0], raw(plan.packet(*i, False))) for i in numbers}
    for data in clear:
        i = key_of(data[14:])
        check(i in wanted, 'packet %d of SA %d comes out, which was tampered with or was there before' % (
            i[1], i[0]))
        equal(as_come(i[0], data[14:]), wanted.pop(i), 'what ipsec-secgw decrypts of SA %s' % sas[i[0]].cipher)
    check(not wanted, 'packets do not come out decrypted: %s' % sorted(wanted))


@case('the program\'s own ESP')
def plain(env):
    gateway(env, PLAIN_SAS, [])


@case('the program\'s own ESP, the other rings')
def plain_swapped(env):
    gateway(env, PLAIN_SAS, [], swap=True)


@case('librte_ipsec, with replays')
def library(env):
    gateway(env, LIBRARY_SAS, ['-l', '-w', str(WINDOW)], replay=True)


@case('librte_ipsec, with replays, the other rings')
def library_swapped(env):
    gateway(env, LIBRARY_SAS, ['-l', '-w', str(WINDOW)], swap=True, replay=True)


@case('librte_ipsec, extended sequence numbers')
def library_esn(env):
    gateway(env, ESN_SAS, ['-l', '-w', str(WINDOW), '-e'], esn=True, replay=True)


@case('librte_ipsec, packets in segments')
def library_segments(env):
    gateway(env, LIBRARY_SAS, ['-l', '-w', str(WINDOW), '--mtu', str(3 * SEGMENT)], replay=True, jumbo=True)


@case('librte_ipsec, packets in segments, the other rings')
def library_segments_swapped(env):
    gateway(env, LIBRARY_SAS, ['-l', '-w', str(WINDOW), '--mtu', str(3 * SEGMENT)], swap=True, replay=True,
            jumbo=True)
