# SPDX-License-Identifier: BSD-3-Clause
# Copyright(c) 2026 The virtio-crypto stack authors
#
# OpenSSL's libcrypto through ctypes: what the reference needs of it, by OpenSSL's own names.

import ctypes
import ctypes.util
from ctypes import POINTER, byref, c_char_p, c_int, c_size_t, c_void_p

_lib = ctypes.CDLL('libcrypto.so.3')


def _function(name, result, *arguments):
    f = getattr(_lib, name)
    f.restype = result
    f.argtypes = arguments
    return f


_provider = _function('OSSL_PROVIDER_load', c_void_p, c_void_p, c_char_p)
_cipher_fetch = _function('EVP_CIPHER_fetch', c_void_p, c_void_p, c_char_p, c_char_p)
_ctx_new = _function('EVP_CIPHER_CTX_new', c_void_p)
_ctx_free = _function('EVP_CIPHER_CTX_free', None, c_void_p)
_ctx_ctrl = _function('EVP_CIPHER_CTX_ctrl', c_int, c_void_p, c_int, c_int, c_char_p)
_ctx_padding = _function('EVP_CIPHER_CTX_set_padding', c_int, c_void_p, c_int)
_ctx_key_length = _function('EVP_CIPHER_CTX_set_key_length', c_int, c_void_p, c_int)
_init = _function('EVP_CipherInit_ex', c_int, c_void_p, c_void_p, c_void_p, c_char_p, c_char_p, c_int)
_update = _function('EVP_CipherUpdate', c_int, c_void_p, c_char_p, POINTER(c_int), c_char_p, c_int)
_final = _function('EVP_CipherFinal_ex', c_int, c_void_p, c_char_p, POINTER(c_int))
_mac_fetch = _function('EVP_MAC_fetch', c_void_p, c_void_p, c_char_p, c_char_p)
_mac_new = _function('EVP_MAC_CTX_new', c_void_p, c_void_p)
_mac_free = _function('EVP_MAC_CTX_free', None, c_void_p)
_mac_init = _function('EVP_MAC_init', c_int, c_void_p, c_char_p, c_size_t, c_void_p)
_mac_update = _function('EVP_MAC_update', c_int, c_void_p, c_char_p, c_size_t)
_mac_final = _function('EVP_MAC_final', c_int, c_void_p, c_char_p, POINTER(c_size_t), c_size_t)
_md_fetch = _function('EVP_MD_fetch', c_void_p, c_void_p, c_char_p, c_char_p)
_md_new = _function('EVP_MD_CTX_new', c_void_p)
_md_free = _function('EVP_MD_CTX_free', None, c_void_p)
_md_init = _function('EVP_DigestInit_ex', c_int, c_void_p, c_void_p, c_void_p)
_md_update = _function('EVP_DigestUpdate', c_int, c_void_p, c_char_p, c_size_t)
_md_final = _function('EVP_DigestFinal_ex', c_int, c_void_p, c_char_p, c_void_p)
_md_final_xof = _function('EVP_DigestFinalXOF', c_int, c_void_p, c_char_p, c_size_t)

_d2i_pubkey = _function('d2i_PUBKEY', c_void_p, c_void_p, c_void_p, ctypes.c_long)
_pkey_free = _function('EVP_PKEY_free', None, c_void_p)
_pctx_new = _function('EVP_PKEY_CTX_new', c_void_p, c_void_p, c_void_p)
_pctx_free = _function('EVP_PKEY_CTX_free', None, c_void_p)
_pctx_ctrl = _function('EVP_PKEY_CTX_ctrl_str', c_int, c_void_p, c_char_p, c_char_p)
_verify_init = _function('EVP_PKEY_verify_init', c_int, c_void_p)
_verify = _function('EVP_PKEY_verify', c_int, c_void_p, c_char_p, c_size_t, c_char_p, c_size_t)
_encrypt_init = _function('EVP_PKEY_encrypt_init', c_int, c_void_p)
_encrypt = _function('EVP_PKEY_encrypt', c_int, c_void_p, c_char_p, POINTER(c_size_t), c_char_p, c_size_t)

_CTRL_AEAD_SET_IVLEN = 0x9
_CTRL_AEAD_GET_TAG = 0x10
_CTRL_AEAD_SET_TAG = 0x11

# RC4 and single DES are in the provider "legacy".
_provider(None, b'default')
_provider(None, b'legacy')


class CryptoError(Exception):
    """libcrypto refuses: a length that does not fit."""


class BadTag(Exception):
    """A tag that is not the one that goes with the data."""


class _Param(ctypes.Structure):
    _fields_ = [('key', c_char_p), ('type', ctypes.c_uint), ('data', c_char_p), ('size', c_size_t),
                ('result', c_size_t)]


_fetched = {}


def _fetch(fetch, name):
    if name not in _fetched:
        _fetched[name] = fetch(None, name.encode(), None)
    if not _fetched[name]:
        raise CryptoError('libcrypto has no %s' % name)
    return _fetched[name]


def _check(ok, what):
    if ok <= 0:
        raise CryptoError(what)


class _Context:
    def __init__(self, new, free, *args):
        self.free = free
        self.ctx = new(*args)

    def __enter__(self):
        return self.ctx

    def __exit__(self, *_):
        self.free(self.ctx)


def cipher(name, key, iv, data, encrypt):
    """A cipher without padding."""
    with _Context(_ctx_new, _ctx_free) as ctx:
        _check(_init(ctx, _fetch(_cipher_fetch, name), None, None, None, int(encrypt)), name)
        _check(_ctx_key_length(ctx, len(key)), '%s with a key of %d bytes' % (name, len(key)))
        _check(_init(ctx, None, None, key, iv or None, int(encrypt)), name)
        _ctx_padding(ctx, 0)
        out = ctypes.create_string_buffer(len(data) + 64)
        n = c_int(0)
        tail = c_int(0)
        _check(_update(ctx, out, byref(n), bytes(data), len(data)), name)
        end = ctypes.create_string_buffer(64)
        _check(_final(ctx, end, byref(tail)), '%s of %d bytes' % (name, len(data)))
        return out.raw[:n.value] + end.raw[:tail.value]


def aead(name, key, iv, aad, data, tag, tag_len, encrypt):
    """Encryption returns text and tag; decryption returns text or raises BadTag."""
    ccm = name.endswith('CCM')
    with _Context(_ctx_new, _ctx_free) as ctx:
        _check(_init(ctx, _fetch(_cipher_fetch, name), None, None, None, int(encrypt)), name)
        _check(_ctx_ctrl(ctx, _CTRL_AEAD_SET_IVLEN, len(iv), None), 'IV of %d bytes' % len(iv))
        if not encrypt:
            _check(_ctx_ctrl(ctx, _CTRL_AEAD_SET_TAG, len(tag), bytes(tag)), 'tag')
        elif ccm:
            _check(_ctx_ctrl(ctx, _CTRL_AEAD_SET_TAG, tag_len, None), 'tag')
        _check(_init(ctx, None, None, key, iv, int(encrypt)), name)
        n = c_int(0)
        if ccm:  # wants the length of the text first
            _check(_update(ctx, None, byref(n), None, len(data)), name)
        if aad:
            _check(_update(ctx, None, byref(n), bytes(aad), len(aad)), 'AAD')
        out = ctypes.create_string_buffer(len(data) + 64)
        n.value = 0
        if data or ccm:
            if _update(ctx, out, byref(n), bytes(data), len(data)) <= 0:
                raise BadTag if ccm and not encrypt else CryptoError(name)
        text = out.raw[:n.value]
        if not (ccm and not encrypt):
            tail = c_int(0)
            if _final(ctx, out, byref(tail)) <= 0:
                raise BadTag if not encrypt else CryptoError(name)
        if not encrypt:
            return text
        out = ctypes.create_string_buffer(16)
        _check(_ctx_ctrl(ctx, _CTRL_AEAD_GET_TAG, tag_len, out), 'tag')
        return text + out.raw[:tag_len]


def mac(name, variant, key, data):
    """name: HMAC or CMAC; variant: the digest or cipher in it."""
    kind = b'digest' if name == 'HMAC' else b'cipher'
    params = (_Param * 2)(_Param(kind, 4, variant.encode(), len(variant), c_size_t(-1).value), _Param())
    with _Context(_mac_new, _mac_free, _fetch(_mac_fetch, name)) as ctx:
        # An empty key is a key: the pointer must not be NULL.
        _check(_mac_init(ctx, bytes(key), len(key), ctypes.cast(params, c_void_p)), name)
        _check(_mac_update(ctx, bytes(data), len(data)), name)
        out = ctypes.create_string_buffer(64)
        n = c_size_t(0)
        _check(_mac_final(ctx, out, byref(n), 64), name)
        return out.raw[:n.value]


def digest(name, data, xof_len=None):
    with _Context(_md_new, _md_free) as ctx:
        _check(_md_init(ctx, _fetch(_md_fetch, name), None), name)
        _check(_md_update(ctx, bytes(data), len(data)), name)
        out = ctypes.create_string_buffer(max(64, xof_len or 0))
        if xof_len is not None:
            _check(_md_final_xof(ctx, out, xof_len), name)
            return out.raw[:xof_len]
        n = ctypes.c_uint(0)
        _check(_md_final(ctx, out, byref(n)), name)
        return out.raw[:n.value]


class PublicKey:
    """An RSA or EC key from its SubjectPublicKeyInfo. RSA has PKCS #1 v1.5 padding."""

    def __init__(self, der):
        p = c_char_p(der)
        self.pkey = _d2i_pubkey(None, byref(p), len(der))
        if not self.pkey:
            raise CryptoError('public key')

    def __del__(self):
        _pkey_free(self.pkey)

    def verify(self, sig, tbs, name):
        """name: of the digest of a PKCS #1 signature, or None."""
        with _Context(_pctx_new, _pctx_free, self.pkey, None) as ctx:
            _check(_verify_init(ctx), 'verify')
            if name is not None:
                _check(_pctx_ctrl(ctx, b'digest', name.encode()), name)
            return _verify(ctx, sig, len(sig), tbs, len(tbs)) == 1

    def encrypt(self, text):
        with _Context(_pctx_new, _pctx_free, self.pkey, None) as ctx:
            _check(_encrypt_init(ctx), 'encrypt')
            out = ctypes.create_string_buffer(2048)
            n = c_size_t(len(out))
            _check(_encrypt(ctx, out, byref(n), text, len(text)), 'encrypt')
            return out.raw[:n.value]
