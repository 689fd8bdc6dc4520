from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egov_sdk.crypto import SM2PrivateKey, SM2PublicKey, load_private_key, load_public_key, oids
from egov_sdk.crypto._curve import N
from egov_sdk.crypto.der import (
    bit_string,
    children,
    context,
    encode_tlv,
    integer,
    null,
    octet_string,
    oid,
    read_one,
    sequence,
)
from egov_sdk.crypto.kdf import pbkdf2_hmac_sm3
from egov_sdk.crypto.keyfiles import DEFAULT_KEY_LIMITS, KeyLimits
from egov_sdk.crypto.pem import write_pem
from egov_sdk.crypto.sm4 import sm4_cbc_encrypt
from egov_sdk.errors import InputError, KeyAccessError, LimitExceeded, ParseError

KEY = SM2PrivateKey.from_int(0x1234567890ABCDEF)
OTHER = SM2PrivateKey.from_int(99)
PASSWORD = "密码"
ALGORITHM = sequence(oid(oids.EC_PUBLIC_KEY), oid(oids.SM2_CURVE))
POINT = b"\x04" + KEY.public_key().point
PUBLIC = context(1, bit_string(POINT))
CURVE = context(0, oid(oids.SM2_CURVE))


def same(loaded: SM2PrivateKey) -> bool:
    return loaded._d == KEY._d and loaded.public_key() == KEY.public_key()


def sec1(d: bytes = KEY._d, *rest: bytes, version: int = 1) -> bytes:
    return sequence(integer(version), octet_string(d), *rest)


def pkcs8(inner: bytes, *rest: bytes, version: int = 0, algorithm: bytes = ALGORITHM) -> bytes:
    return sequence(integer(version), algorithm, octet_string(inner), *rest)


# Round trips


def test_a_private_key_is_read_back() -> None:
    assert same(load_private_key(KEY.to_pem()))
    assert same(load_private_key(KEY.to_der()))
    assert same(load_private_key(KEY.to_pem().decode()))
    assert KEY.to_pem().startswith(b"-----BEGIN PRIVATE KEY-----\n")


@pytest.mark.parametrize("password", [PASSWORD, PASSWORD.encode(), "", "a" * 200])
def test_an_encrypted_private_key_is_read_back(password: str | bytes) -> None:
    pem = KEY.to_pem(password)
    assert pem.startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n")
    assert same(load_private_key(pem, password=password))
    assert same(load_private_key(KEY.to_der(password), password=password))
    assert KEY._d not in KEY.to_der(password)


def test_a_password_that_is_not_needed_is_not_looked_at() -> None:
    assert same(load_private_key(KEY.to_pem(), password="anything"))


def test_two_files_of_one_key_and_password_differ() -> None:
    assert KEY.to_der(PASSWORD) != KEY.to_der(PASSWORD)


def test_the_file_says_what_the_standard_says() -> None:
    scheme, _ = children(read_one(KEY.to_der(PASSWORD)))
    assert oid(oids.PBES2) + b"" in scheme.raw
    assert sequence(oid(oids.HMAC_SM3)) in scheme.raw  # GB/T 33560: .401.2, without parameters
    assert oid(oids.SM4_CBC) in scheme.raw
    assert integer(65536) + integer(16) in scheme.raw


@settings(max_examples=20, deadline=None)
@given(st.integers(1, N - 2))
def test_any_key_is_read_back(d: int) -> None:
    key = SM2PrivateKey.from_int(d)
    assert load_private_key(key.to_der())._d == key._d
    assert load_public_key(key.public_key().to_der()) == key.public_key()


def test_a_public_key_is_read_back() -> None:
    public = KEY.public_key()
    assert load_public_key(public.to_pem()) == public
    assert load_public_key(public.to_pem().decode()) == public
    assert load_public_key(public.to_der()) == public
    assert public.to_pem().startswith(b"-----BEGIN PUBLIC KEY-----\n")
    assert public.to_der() == sequence(ALGORITHM, bit_string(POINT))


# Forms that others write

ACCEPTED = {
    "SEC 1 with everything": sec1(KEY._d, CURVE, PUBLIC),
    "SEC 1 with the curve": sec1(KEY._d, CURVE),
    "SEC 1 alone": sec1(),
    "SEC 1 with the public half alone": sec1(KEY._d, PUBLIC),
    "a number without its leading zeros": sec1(KEY._d.lstrip(b"\0")),
    "PKCS#8 without the public half": pkcs8(sec1()),
    "PKCS#8 with attributes": pkcs8(sec1(), context(0, b"")),
    "RFC 5958 with a public key": pkcs8(sec1(), context(1, b"\x00" + POINT, constructed=False), version=1),
    "the SM2 number in both places": pkcs8(sec1(), algorithm=sequence(oid(oids.SM2_CURVE), oid(oids.SM2_CURVE))),
    "a compressed public half": sec1(
        KEY._d, CURVE, context(1, bit_string(bytes((2 + (POINT[-1] & 1),)) + POINT[1:33]))
    ),
}


@pytest.mark.parametrize("case", ACCEPTED)
def test_forms_that_others_write_are_read(case: str) -> None:
    assert same(load_private_key(ACCEPTED[case]))


@pytest.mark.parametrize("label", ["EC PRIVATE KEY", "SM2 PRIVATE KEY"])
def test_sec1_in_pem_behind_its_parameters(label: str) -> None:
    parameters = write_pem("EC PARAMETERS", oid(oids.SM2_CURVE))
    assert same(load_private_key(parameters + write_pem(label, sec1(KEY._d, CURVE, PUBLIC))))


REFUSED = {
    "nothing": b"",
    "a byte behind": KEY.to_der() + b"\x00",
    "cut off": KEY.to_der()[:-1],
    "an empty sequence": sequence(),
    "one part": sequence(integer(0)),
    "text in front": sequence(encode_tlv(0x0C, b"x"), ALGORITHM, octet_string(sec1())),
    "version 2": pkcs8(sec1(), version=2),
    "version 3 of SEC 1": sec1(version=3),
    "an inner version 0": pkcs8(sec1(version=0)),
    "an inner sequence of one": pkcs8(sequence(integer(1))),
    "the public key in place": KEY.public_key().to_der(),
    "P-256": pkcs8(sec1(), algorithm=sequence(oid(oids.EC_PUBLIC_KEY), oid("1.2.840.10045.3.1.7"))),
    "RSA": pkcs8(sec1(), algorithm=sequence(oid("1.2.840.113549.1.1.1"), oid(oids.SM2_CURVE))),
    "no curve": pkcs8(sec1(), algorithm=sequence(oid(oids.EC_PUBLIC_KEY))),
    "curve parameters written out": pkcs8(sec1(), algorithm=sequence(oid(oids.EC_PUBLIC_KEY), sequence())),
    "no algorithm": pkcs8(sec1(), algorithm=sequence()),
    "another curve inside": pkcs8(sec1(KEY._d, context(0, oid("1.2.840.10045.3.1.7")))),
    "two curves inside": pkcs8(sec1(KEY._d, context(0, oid(oids.SM2_CURVE) * 2))),
    "no curve inside its tag": pkcs8(sec1(KEY._d, context(0, b""))),
    "unknown parts inside": pkcs8(sec1(KEY._d, CURVE, PUBLIC, null())),
    "parts in another order": pkcs8(sec1(KEY._d, PUBLIC, CURVE)),
    "unknown parts outside": pkcs8(sec1(), null()),
    "too many parts outside": pkcs8(sec1(), context(0, b""), context(0, b""), context(0, b"")),
    "a number of zero": pkcs8(sec1(bytes(32))),
    "a number of n-1": pkcs8(sec1((N - 1).to_bytes(32, "big"))),
    "a number of n": pkcs8(sec1(N.to_bytes(32, "big"))),
    "no number": pkcs8(sec1(b"")),
    "33 bytes": pkcs8(sec1(b"\0" + KEY._d)),
    "an integer for a number": pkcs8(sequence(integer(1), integer(5))),
    "the public half of another key": pkcs8(sec1(KEY._d, context(1, bit_string(b"\x04" + OTHER.public_key().point)))),
    "a public half off the curve": pkcs8(sec1(KEY._d, context(1, bit_string(POINT[:-1] + b"\x00")))),
    "a public half without its first octet": pkcs8(sec1(KEY._d, context(1, bit_string(POINT[1:])))),
    "a public half of infinity": pkcs8(sec1(KEY._d, context(1, bit_string(b"\x00")))),
    "a public half with unused bits": pkcs8(sec1(KEY._d, context(1, encode_tlv(0x03, b"\x01" + POINT)))),
    "two public halves": pkcs8(sec1(KEY._d, context(1, bit_string(POINT) * 2))),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_private_key_is_refused(case: str) -> None:
    with pytest.raises(ParseError) as caught:
        load_private_key(REFUSED[case])
    assert caught.value.code in ("egov.crypto.key_file", "egov.input.der", "egov.crypto.point")


@pytest.mark.parametrize(
    "pem",
    [
        KEY.public_key().to_pem(),
        write_pem("CERTIFICATE", b"\x30\x00"),
        KEY.to_pem()[:-5],
        KEY.to_pem().replace(b"KEY-----\n", b"KEY-----\nProc-Type: 4,ENCRYPTED\n\n", 1),
    ],
)
def test_other_pem_is_refused(pem: bytes) -> None:
    with pytest.raises(ParseError):
        load_private_key(pem)


REFUSED_PUBLIC = {
    "nothing": b"",
    "a byte behind": KEY.public_key().to_der() + b"\x00",
    "the private key": KEY.to_der(),
    "one part": sequence(ALGORITHM),
    "three parts": sequence(ALGORITHM, bit_string(POINT), null()),
    "an octet string": sequence(ALGORITHM, octet_string(POINT)),
    "unused bits": sequence(ALGORITHM, encode_tlv(0x03, b"\x01" + POINT)),
    "off the curve": sequence(ALGORITHM, bit_string(POINT[:-1] + b"\x00")),
    "without its first octet": sequence(ALGORITHM, bit_string(POINT[1:])),
    "infinity": sequence(ALGORITHM, bit_string(b"\x00")),
    "zeros": sequence(ALGORITHM, bit_string(b"\x04" + bytes(64))),
    "P-256": sequence(sequence(oid(oids.EC_PUBLIC_KEY), oid("1.2.840.10045.3.1.7")), bit_string(POINT)),
    "both names exchanged": sequence(sequence(oid(oids.SM2_CURVE), oid(oids.EC_PUBLIC_KEY)), bit_string(POINT)),
}


@pytest.mark.parametrize("case", REFUSED_PUBLIC)
def test_what_is_no_public_key_is_refused(case: str) -> None:
    with pytest.raises(ParseError):
        load_public_key(REFUSED_PUBLIC[case])


def test_both_spellings_of_a_public_key_s_algorithm_are_read() -> None:
    twice = sequence(sequence(oid(oids.SM2_CURVE), oid(oids.SM2_CURVE)), bit_string(POINT))
    assert load_public_key(twice) == KEY.public_key()


# Encrypted keys


def sealed(
    plain: bytes = b"",
    *,
    password: str = PASSWORD,
    iterations: int = 3,
    salt: bytes = b"saltsalt",
    length: bytes = b"",
    prf: bytes = sequence(oid(oids.HMAC_SM3)),
    hash_name: str = "",
    cipher: bytes = oid(oids.SM4_CBC),
    iv: bytes = bytes(16),
    scheme: bytes = oid(oids.PBES2),
    derivation: bytes = oid(oids.PBKDF2),
    more: bytes = b"",
) -> bytes:
    """An EncryptedPrivateKeyInfo, every part of which can be made different."""
    if hash_name:
        key = hashlib.pbkdf2_hmac(hash_name, password.encode(), salt, iterations, 16)
    else:
        key = pbkdf2_hmac_sm3(password.encode(), salt, iterations=max(iterations, 1), length=16)
    parameters = sequence(octet_string(salt), integer(iterations), length, prf, more)
    algorithm = sequence(scheme, sequence(sequence(derivation, parameters), sequence(cipher, octet_string(iv))))
    return sequence(algorithm, octet_string(sm4_cbc_encrypt(key, bytes(16), plain or KEY.to_der())))


ACCEPTED_SEALED = {
    "GmSSL": sealed(length=integer(16)),
    "OpenSSL and Tongsuo": sealed(prf=sequence(oid(oids.HMAC_SM3_OPENSSL), null())),
    "the standard's PRF with NULL": sealed(prf=sequence(oid(oids.HMAC_SM3), null())),
    "OpenSSL's PRF without parameters": sealed(prf=sequence(oid(oids.HMAC_SM3_OPENSSL))),
    "HMAC-SHA256": sealed(prf=sequence(oid(oids.HMAC_SHA256), null()), hash_name="sha256"),
    "SM4 without a mode but with an IV": sealed(cipher=oid(oids.SM4)),
    "a salt of 1024 bytes": sealed(salt=bytes(1024)),
    "an empty salt": sealed(salt=b""),
}


@pytest.mark.parametrize("case", ACCEPTED_SEALED)
def test_encrypted_keys_of_others_are_read(case: str) -> None:
    assert same(load_private_key(ACCEPTED_SEALED[case], password=PASSWORD))


def test_without_a_password_the_error_says_that_one_is_needed() -> None:
    with pytest.raises(KeyAccessError) as caught:
        load_private_key(KEY.to_pem(PASSWORD))
    assert caught.value.code == "egov.key.password_needed"


WRONG = {
    "another password": (sealed(), "other"),
    "no characters": (sealed(), ""),
    "valid padding by chance, nothing inside": (sealed(b"\x01"), PASSWORD),
    "valid padding by chance, no key inside": (sealed(sequence(integer(5))), PASSWORD),
    "valid padding by chance, half a key inside": (sealed(KEY.to_der()[:-1]), PASSWORD),
    "a key out of range inside": (sealed(pkcs8(sec1(bytes(32)))), PASSWORD),
    "an encrypted key inside": (sealed(sealed()), PASSWORD),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_password_has_one_error_whatever_comes_out(case: str) -> None:
    der, password = WRONG[case]
    with pytest.raises(KeyAccessError) as caught:
        load_private_key(der, password=password)
    assert caught.value.to_dict() == {
        "code": "egov.key.wrong_password",
        "message": "the private key cannot be decrypted: wrong password?",
        "hint": "",
        "detail": {},
    }
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("cut", [0, 1, 15, 17])
def test_a_ciphertext_of_cut_blocks_is_a_wrong_password_too(cut: int) -> None:
    scheme, _ = children(read_one(sealed()))
    with pytest.raises(KeyAccessError):
        load_private_key(sequence(scheme.raw, octet_string(bytes(cut))), password=PASSWORD)


REFUSED_SEALED = {
    "PBES1": sealed(scheme=oid("1.2.840.113549.1.5.3")),
    "the scheme of GM/T 0091": sealed(scheme=oid("1.2.156.10197.6.4.1.5.2")),
    "scrypt": sealed(derivation=oid("1.3.6.1.4.1.11591.4.11")),
    "AES-128-CBC": sealed(cipher=oid("2.16.840.1.101.3.4.1.2")),
    "SM4-ECB": sealed(cipher=oid(oids.SM4_ECB)),
    "an IV of 12 bytes": sealed(iv=bytes(12)),
    "an IV of 17 bytes": sealed(iv=bytes(17)),
    "no PRF, which means HMAC-SHA1": sealed(prf=b""),
    "HMAC-SHA1": sealed(prf=sequence(oid(oids.HMAC_SHA1), null())),
    "a PRF with other parameters": sealed(prf=sequence(oid(oids.HMAC_SM3), integer(1))),
    "a PRF of three parts": sealed(prf=sequence(oid(oids.HMAC_SM3), null(), null())),
    "a PRF without an identifier": sealed(prf=sequence()),
    "a key of 32 bytes": sealed(length=integer(32)),
    "no iterations": sealed(iterations=0),
    "negative iterations": sealed(iterations=-1),
    "a salt of 1025 bytes": sealed(salt=bytes(1025)),
    "one part too many": sealed(more=null()),
    "three parts": sequence(*(part.raw for part in children(read_one(sealed()))), null()),
    "one part": sequence(children(read_one(sealed()))[0].raw),
    "a bit string": sequence(children(read_one(sealed()))[0].raw, bit_string(bytes(16))),
    "PBES2 without parameters": sequence(sequence(oid(oids.PBES2)), octet_string(bytes(16))),
    "PBES2 of one part": sequence(sequence(oid(oids.PBES2), sequence(sequence())), octet_string(bytes(16))),
    "PBKDF2 without parameters": sequence(
        sequence(
            oid(oids.PBES2), sequence(sequence(oid(oids.PBKDF2)), sequence(oid(oids.SM4_CBC), octet_string(bytes(16))))
        ),
        octet_string(bytes(16)),
    ),
    "PBKDF2 with a salt alone": sequence(
        sequence(
            oid(oids.PBES2),
            sequence(
                sequence(oid(oids.PBKDF2), sequence(octet_string(b"salt"))),
                sequence(oid(oids.SM4_CBC), octet_string(bytes(16))),
            ),
        ),
        octet_string(bytes(16)),
    ),
    "a cipher without an IV": sequence(
        sequence(oid(oids.PBES2), sequence(sequence(oid(oids.PBKDF2), null()), sequence(oid(oids.SM4_CBC)))),
        octet_string(bytes(16)),
    ),
}


@pytest.mark.parametrize("case", REFUSED_SEALED)
def test_other_encryption_is_refused_by_name(case: str) -> None:
    with pytest.raises(ParseError) as caught:
        load_private_key(REFUSED_SEALED[case], password=PASSWORD)
    assert caught.value.code in ("egov.crypto.key_file", "egov.input.der")


@pytest.mark.parametrize("iterations", [1_000_001, 1 << 31, 1 << 200])
def test_a_hostile_file_does_not_choose_how_long_we_work(iterations: int) -> None:
    salt, iv = octet_string(b"salt"), octet_string(bytes(16))
    derivation = sequence(oid(oids.PBKDF2), sequence(salt, integer(iterations), sequence(oid(oids.HMAC_SM3))))
    scheme = sequence(oid(oids.PBES2), sequence(derivation, sequence(oid(oids.SM4_CBC), iv)))
    with pytest.raises(LimitExceeded) as caught:
        load_private_key(sequence(scheme, octet_string(bytes(16))), password=PASSWORD)
    assert (caught.value.limit, caught.value.allowed) == ("iterations", 1_000_000)


def test_limits_may_be_changed() -> None:
    assert same(load_private_key(sealed(iterations=3), password=PASSWORD, limits=KeyLimits(iterations=3)))
    with pytest.raises(LimitExceeded):
        load_private_key(sealed(iterations=4), password=PASSWORD, limits=KeyLimits(iterations=3))


@pytest.mark.parametrize("load", [load_private_key, load_public_key])
def test_a_file_of_any_size_is_not_read(load: object) -> None:
    assert callable(load)
    for data in (bytes(DEFAULT_KEY_LIMITS.file_bytes + 1), b"-----BEGIN " * 10_000, "x" * 70_000):
        with pytest.raises(LimitExceeded) as caught:
            load(data)
        assert caught.value.limit == "file_bytes"


# Strange bytes


@given(st.binary(max_size=200))
def test_strange_bytes_give_an_input_error(data: bytes) -> None:
    for load in (load_private_key, load_public_key):
        with pytest.raises(InputError):
            load(data)


@settings(deadline=None)
@given(st.integers(0, len(KEY.to_der()) - 1), st.integers(1, 255))
def test_a_damaged_private_key_is_the_same_key_or_an_input_error(place: int, change: int) -> None:
    damaged = bytearray(KEY.to_der())
    damaged[place] ^= change
    try:
        loaded = load_private_key(bytes(damaged))
    except InputError:
        return
    assert same(loaded)


SEALED = sealed(length=integer(16))


@settings(deadline=None)
@given(st.integers(0, len(SEALED) - 1), st.integers(1, 255))
def test_a_damaged_encrypted_key_is_the_same_key_or_an_error(place: int, change: int) -> None:
    damaged = bytearray(SEALED)
    damaged[place] ^= change
    try:
        loaded = load_private_key(bytes(damaged), password=PASSWORD, limits=KeyLimits(iterations=1000))
    except (InputError, KeyAccessError):
        return
    assert isinstance(loaded, SM2PrivateKey)


@settings(deadline=None)
@given(st.integers(0, len(KEY.public_key().to_der()) - 1), st.integers(1, 255))
def test_a_damaged_public_key_is_another_point_or_an_input_error(place: int, change: int) -> None:
    damaged = bytearray(KEY.public_key().to_der())
    damaged[place] ^= change
    try:
        loaded = load_public_key(bytes(damaged))
    except InputError:
        return
    assert isinstance(loaded, SM2PublicKey)


def test_errors_do_not_hold_the_key() -> None:
    damaged = pkcs8(sec1(KEY._d, context(1, bit_string(b"\x04" + OTHER.public_key().point))))
    with pytest.raises(ParseError) as caught:
        load_private_key(damaged)
    assert KEY._d.hex().lstrip("0") not in repr(caught.value) + str(caught.value.to_dict())
