from __future__ import annotations

import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egov_sdk.crypto import SM2PrivateKey, oids
from egov_sdk.crypto._curve import N
from egov_sdk.crypto.der import bit_string, children, integer, null, octet_string, oid, read_one, sequence
from egov_sdk.crypto.envelope import SM2EnvelopedKey
from egov_sdk.crypto.sm4 import sm4_ecb_encrypt
from egov_sdk.errors import InputError, ParseError

KEY, RECIPIENT, OTHER = (SM2PrivateKey.from_int(d) for d in (5, 6, 7))
SECRET = bytes(range(16))
ALGORITHM = sequence(oid(oids.SM4_ECB), null())
CIPHER = RECIPIENT.public_key().encrypt(SECRET)
POINT = b"\x04" + KEY.public_key().point


def envelope(
    *,
    algorithm: bytes = ALGORITHM,
    cipher: bytes = CIPHER,
    point: bytes = bit_string(POINT),
    plain: bytes = KEY._d,
    secret: bytes = SECRET,
) -> bytes:
    return sequence(algorithm, cipher, point, bit_string(sm4_ecb_encrypt(secret, plain)))


def test_a_sealed_key_is_opened_by_its_recipient_alone() -> None:
    sealed = SM2EnvelopedKey.seal(KEY, RECIPIENT.public_key())
    parsed = SM2EnvelopedKey.parse(sealed.encode())
    assert parsed == sealed
    assert parsed.open(RECIPIENT)._d == KEY._d
    assert parsed.public_key == KEY.public_key()
    with pytest.raises(ParseError) as caught:
        parsed.open(OTHER)
    assert caught.value.code == "egov.crypto.enveloped_key"


def test_every_envelope_has_a_secret_of_its_own() -> None:
    first, second = (SM2EnvelopedKey.seal(KEY, RECIPIENT.public_key(), random=os.urandom) for _ in range(2))
    assert first.encrypted_private_key != second.encrypted_private_key


@pytest.mark.parametrize("name", [oids.SM4, oids.SM4_ECB])
@pytest.mark.parametrize("parameters", [b"", null()])
def test_every_spelling_of_the_cipher_is_read(name: str, parameters: bytes) -> None:
    parsed = SM2EnvelopedKey.parse(envelope(algorithm=sequence(oid(name), parameters)))
    assert parsed.open(RECIPIENT)._d == KEY._d


def test_a_key_in_the_place_of_512_bits_is_read() -> None:
    assert SM2EnvelopedKey.parse(envelope(plain=bytes(32) + KEY._d)).open(RECIPIENT)._d == KEY._d


REFUSED = {
    "nothing": b"",
    "a byte behind": envelope() + b"\0",
    "three parts": sequence(*(part.raw for part in children(read_one(envelope()))[:3])),
    "five parts": sequence(*(part.raw for part in children(read_one(envelope()))), null()),
    "SM1": envelope(algorithm=sequence(oid("1.2.156.10197.1.102.1"), null())),
    "SM4-CBC": envelope(algorithm=sequence(oid(oids.SM4_CBC), null())),
    "no algorithm": envelope(algorithm=sequence()),
    "parameters that are not NULL": envelope(algorithm=sequence(oid(oids.SM4_ECB), integer(0))),
    "two parameters": envelope(algorithm=sequence(oid(oids.SM4_ECB), null(), null())),
    "a wrapped ciphertext": envelope(cipher=octet_string(CIPHER)),
    "a public key off the curve": envelope(point=bit_string(POINT[:-1] + b"\0")),
    "a public key without its first octet": envelope(point=bit_string(POINT[1:])),
    "a public key in an octet string": envelope(point=octet_string(POINT)),
    "a private key of 16 bytes": envelope(plain=bytes(16)),
    "a padded private key": envelope(plain=KEY._d + b"\x10" * 16),
    "a private key of 96 bytes": envelope(plain=bytes(96)),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_envelope_is_refused(case: str) -> None:
    with pytest.raises(ParseError):
        SM2EnvelopedKey.parse(REFUSED[case])


SHUT = {
    "for another recipient": envelope(cipher=OTHER.public_key().encrypt(SECRET)),
    "the public half of another key": envelope(point=bit_string(b"\x04" + OTHER.public_key().point)),
    "another private key": envelope(plain=OTHER._d),
    "zero": envelope(plain=bytes(32)),
    "n": envelope(plain=N.to_bytes(32, "big")),
    "n-1": envelope(plain=(N - 1).to_bytes(32, "big")),
    "n + d": envelope(plain=(N + 5).to_bytes(32, "big")),
    "something in front of 512 bits": envelope(plain=b"\x01" + bytes(31) + KEY._d),
    "the other half of 512 bits": envelope(plain=KEY._d + bytes(32)),
    "a secret of 15 bytes": envelope(cipher=RECIPIENT.public_key().encrypt(SECRET[:15])),
    "a secret of 32 bytes": envelope(cipher=RECIPIENT.public_key().encrypt(SECRET * 2)),
    "another secret": envelope(secret=bytes(16)),
    "a ciphertext that is none": envelope(cipher=sequence()),
}


@pytest.mark.parametrize("case", SHUT)
def test_an_envelope_that_does_not_fit_stays_shut_with_one_error(case: str) -> None:
    with pytest.raises(ParseError) as caught:
        SM2EnvelopedKey.parse(SHUT[case]).open(RECIPIENT)
    assert str(caught.value) == "SM2EnvelopedKey: cannot be opened with this key"
    assert caught.value.__cause__ is None


WHOLE = envelope()


@settings(deadline=None)
@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 7))
def test_any_flipped_bit_is_found(place: int, bit: int) -> None:
    damaged = bytearray(WHOLE)
    damaged[place] ^= 1 << bit
    try:
        opened = SM2EnvelopedKey.parse(bytes(damaged)).open(RECIPIENT)
    except InputError:
        return
    assert opened._d == KEY._d  # 04 in front of the public key may turn into a hybrid form of it


def test_an_envelope_does_not_show_what_is_inside() -> None:
    shown = repr(SM2EnvelopedKey.parse(WHOLE))
    assert CIPHER.hex() not in shown
    assert shown.startswith("SM2EnvelopedKey(public_key=<SM2PublicKey ")
    assert "encrypted" not in shown
