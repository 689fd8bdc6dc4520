"""Questions of the self-test whose answers are printed in standards, and what each backend must agree on.

Every one returns what it found in a few words, or raises Wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from egov_sdk.report import Text

__all__ = ["KNOWN", "Question", "Wrong", "agreement", "using_backend"]


class Wrong(Exception):
    """The answer is not the one expected; the text says what was found."""


@dataclass(frozen=True, slots=True)
class Question:
    """One line of the self-test."""

    id: str
    title: Text
    ask: Callable[[], str]


# GB/T 32918.5-2017, the examples of its annex: key A, and a signature over "message digest"
_D = 0x3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8
_POINT = bytes.fromhex(
    "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
    "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
)
_MESSAGE = b"message digest"
_SIGNATURE = bytes.fromhex(
    "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
    "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
)
_CIPHERTEXT = bytes.fromhex(
    "0404ebfc718e8d1798620432268e77feb6415e2ede0e073c0f4f640ecd2e149a73"
    "e858f9d81e5430a57b36daab8f950a3c64e6ee6a63094d99283aff767e124df0"
    "59983c18f809e262923c53aec295d30383b54e39d609d160afcb1908d0bd8766"
    "21886ca989ca9c7d58087307ca93092d651efa"
)
_SHARED = bytes.fromhex(
    "335e18d751e51f040e27d468138b7ab1dc86ad7f981d7d416222fd6ab3ed230d"
    "ab743ebcfb22d64f7b6ab791f70658f25b48fa93e54064fdbfbed3f0bd847ac9"
)
# GB/T 32907-2016, A.1, and RFC 8998, A.1
_SM4_KEY = bytes.fromhex("0123456789abcdeffedcba9876543210")
_GCM = {
    "nonce": "00001234567800000000abcd",
    "aad": "feedfacedeadbeeffeedfacedeadbeefabaddad2",
    "plain": "aa" * 8 + "bb" * 8 + "cc" * 8 + "dd" * 8 + "ee" * 8 + "ff" * 8 + "ee" * 8 + "aa" * 8,
    "sealed": (
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
        "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
        "83de3541e4c2b58177e065a9bf7b62ec"
    ),
}


def _expect(found: bytes, expected: str) -> None:
    if found.hex() != expected:
        raise Wrong(f"found {found.hex()[:64]}, expected {expected[:64]}")


def _sm3() -> str:
    from egov_sdk.crypto import sm3
    from egov_sdk.crypto.hashes import sm3_provider

    _expect(sm3(b"abc"), "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0")
    _expect(sm3(b"abcd" * 16), "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732")
    return sm3_provider()


def _kdf() -> str:
    from egov_sdk.crypto.kdf import kdf_sm3

    _expect(kdf_sm3(_SHARED, 19), "44e60fdbf0bae81437665374bef26749046c9e")
    return ""


def _sm4() -> str:
    from egov_sdk.crypto.sm4 import sm4_ecb_decrypt, sm4_ecb_encrypt

    block = sm4_ecb_encrypt(_SM4_KEY, _SM4_KEY)
    _expect(block, "681edf34d206965e86b3e94f536e4246")
    _expect(sm4_ecb_decrypt(_SM4_KEY, block), _SM4_KEY.hex())
    return ""


def _gcm() -> str:
    from egov_sdk.crypto.sm4 import SM4GCM, InvalidTag

    nonce, aad, plain, sealed = (bytes.fromhex(_GCM[name]) for name in ("nonce", "aad", "plain", "sealed"))
    _expect(SM4GCM(_SM4_KEY).encrypt(nonce, plain, aad), sealed.hex())
    _expect(SM4GCM(_SM4_KEY).decrypt(nonce, sealed, aad), plain.hex())
    try:
        SM4GCM(_SM4_KEY).decrypt(nonce, sealed[:-1] + bytes([sealed[-1] ^ 1]), aad)
    except InvalidTag:
        return ""
    raise Wrong("a changed tag was accepted")


def _sm2_standard() -> str:
    from egov_sdk.crypto import InvalidSignature, SM2PrivateKey, SM2PublicKey

    _expect(SM2PrivateKey.from_int(_D).public_key().point, _POINT.hex())
    key = SM2PublicKey.from_point(_POINT)
    key.verify(_SIGNATURE, _MESSAGE, form="raw")
    try:
        key.verify(_SIGNATURE, _MESSAGE + b".", form="raw")
    except InvalidSignature:
        return ""
    raise Wrong("a signature was accepted for another message")


def _sm2_decrypt() -> str:
    from egov_sdk.crypto import SM2PrivateKey

    _expect(SM2PrivateKey.from_int(_D).decrypt(_CIPHERTEXT, form="c1c3c2"), b"encryption standard".hex())
    return ""


def _sm2_fresh() -> str:
    from egov_sdk.crypto import InvalidSignature, SM2PrivateKey

    key = SM2PrivateKey.generate()
    signature = key.sign(_MESSAGE)
    key.public_key().verify(signature, _MESSAGE)
    _expect(key.decrypt(key.public_key().encrypt(_MESSAGE)), _MESSAGE.hex())
    try:
        SM2PrivateKey.generate().public_key().verify(signature, _MESSAGE)
    except InvalidSignature:
        return ""
    raise Wrong("a signature was accepted under another key")


KNOWN = (
    Question("sm3", Text("SM3 as in GB/T 32905, A.1 and A.2", "SM3：GB/T 32905 附录 A.1、A.2"), _sm3),
    Question("kdf", Text("KDF as in GB/T 32918.5, annex", "密钥派生：GB/T 32918.5 附录"), _kdf),
    Question("sm4", Text("SM4 as in GB/T 32907, A.1", "SM4：GB/T 32907 附录 A.1"), _sm4),
    Question("sm4.gcm", Text("SM4-GCM as in RFC 8998, A.1", "SM4-GCM：RFC 8998 附录 A.1"), _gcm),
    Question(
        "sm2.verify", Text("SM2 signature as in GB/T 32918.5, annex", "SM2 签名：GB/T 32918.5 附录"), _sm2_standard
    ),
    Question(
        "sm2.decrypt", Text("SM2 ciphertext as in GB/T 32918.5, annex", "SM2 密文：GB/T 32918.5 附录"), _sm2_decrypt
    ),
    Question("sm2.fresh", Text("SM2 with a fresh key", "SM2：新生成的密钥"), _sm2_fresh),
)


@contextmanager
def using_backend(name: str) -> Iterator[None]:
    """Compute with another backend for a while."""
    from egov_sdk.crypto import backend, set_backend

    before = backend()
    set_backend(name)
    try:
        yield
    finally:
        set_backend(before)


def agreement(name: str) -> str:
    """The backend answers the standard's examples, and to the same nonces gives the same signatures as the one in use.

    Raises:
        Wrong: it does not.
    """
    from egov_sdk.crypto import SM2PrivateKey, backend, sm3

    ours = SM2PrivateKey.from_int(_D)
    theirs = SM2PrivateKey.from_int(_D)
    rounds = 4
    for number in range(rounds):
        digest = sm3(bytes([number]))

        def repeated(count: int, number: int = number) -> bytes:
            return bytes([number + 1]) * count

        here = ours.sign_digest(digest, random=repeated)
        with using_backend(name):
            there = theirs.sign_digest(digest, random=repeated)
            theirs.public_key().verify_digest(here, digest)
        _expect(there, here.hex())
    with using_backend(name):
        for ask in (_sm2_standard, _sm2_decrypt, _sm2_fresh):
            ask()
    return f"{backend()} = {name}"
