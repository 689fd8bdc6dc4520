from __future__ import annotations

import os
from collections.abc import Iterator
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egov_sdk.crypto import SM2PrivateKey, available_backends, set_backend, sm3
from egov_sdk.crypto._backend.select import current
from egov_sdk.crypto._curve import N
from egov_sdk.crypto.ciphertext import CiphertextForm, _encode, _encrypt_with, _Parts
from egov_sdk.crypto.der import children, read_one
from egov_sdk.crypto.kdf import kdf_sm3
from egov_sdk.errors import LimitExceeded, ParseError
from egov_sdk.limits import DEFAULT_ASN1_LIMITS

KEY = SM2PrivateKey.from_int(0xABCDEF)
FORMS: tuple[CiphertextForm, ...] = get_args(CiphertextForm)


@pytest.fixture(params=[status.name for status in available_backends() if status.available])
def arithmetic(request: pytest.FixtureRequest) -> Iterator[None]:
    set_backend(request.param)
    yield
    set_backend(None)


def b32(value: int) -> bytes:
    return value.to_bytes(32, "big")


@pytest.mark.usefixtures("arithmetic")
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("size", [1, 2, 16, 31, 32, 33, 300])
def test_what_is_encrypted_is_decrypted(form: CiphertextForm, size: int) -> None:
    data = os.urandom(size)
    assert KEY.decrypt(KEY.public_key().encrypt(data, form=form), form=form) == data


@pytest.mark.parametrize(
    ("form", "overhead"), [("c1c3c2", 97), ("c1c2c3", 97), ("c1c3c2-bare", 96), ("c1c2c3-bare", 96)]
)
def test_raw_forms_have_their_length_and_order(form: CiphertextForm, overhead: int) -> None:
    parts = _encrypt_with(KEY.public_key(), b"data", iter([b32(5)]))
    ciphertext = _encode(parts, form)
    assert len(ciphertext) == overhead + 4
    lead = b"" if form.endswith("bare") else b"\x04"
    tail = parts.c3 + parts.c2 if form.startswith("c1c3") else parts.c2 + parts.c3
    assert ciphertext == lead + parts.c1 + tail


def test_der_is_strict_and_shortest() -> None:
    for k in range(1, 40):
        der = _encode(_encrypt_with(KEY.public_key(), b"data", iter([b32(k)])), "der")
        fields = children(read_one(der))
        assert [field.tag for field in fields] == [0x02, 0x02, 0x04, 0x04]
        assert KEY.decrypt(der) == b"data"


def test_encryption_is_fresh_each_time_and_hedged() -> None:
    public = KEY.public_key()
    assert public.encrypt(b"data") != public.encrypt(b"data")
    first, again, other = (public.encrypt(data, random=bytes) for data in (b"data", b"data", b"atad"))
    assert first == again
    assert children(read_one(first))[0].content != children(read_one(other))[0].content


@pytest.mark.parametrize("form", FORMS)
def test_every_backend_makes_the_same_of_the_same_entropy(form: CiphertextForm) -> None:
    names = [status.name for status in available_backends() if status.available]
    try:
        for data in (b"A", b"sixteen bytes ok", bytes(200), b"long" * 20_000):
            made = {}
            for name in names:
                set_backend(name)
                made[name] = KEY.public_key().encrypt(data, form=form, random=lambda n: b"\x07" * n)
            assert len(set(made.values())) == 1
            for name in names:
                set_backend(name)
                assert KEY.decrypt(made[names[0]], form=form) == data
    finally:
        set_backend(None)


@pytest.mark.usefixtures("arithmetic")
def test_a_random_source_that_repeats_itself_ends_nowhere_in_a_loop() -> None:
    for octet in range(256):
        data = bytes([octet])
        assert KEY.decrypt(KEY.public_key().encrypt(data, random=bytes)) == data


@settings(deadline=None)
@given(st.data())
def test_backends_take_and_refuse_the_same_der(choice: st.DataObject) -> None:
    der = bytearray(KEY.public_key().encrypt(b"secret message", random=bytes))
    for _ in range(choice.draw(st.integers(0, 2))):
        at = choice.draw(st.integers(0, len(der) - 1))
        if choice.draw(st.booleans()):
            der[at] = choice.draw(st.integers(0, 255))
        else:
            der[at:at] = choice.draw(st.sampled_from([b"\0", b"\x81", b"\x82\0", b"\xff"]))
    outcomes = set()
    for name in ("native", "pure"):
        if name not in {status.name for status in available_backends() if status.available}:
            continue
        set_backend(name)
        try:
            outcomes.add(KEY.decrypt(der))
        except ParseError:
            outcomes.add(b"")
        finally:
            set_backend(None)
    assert len(outcomes) == 1


def test_der_beyond_all_limits_is_refused_as_such() -> None:
    with pytest.raises(LimitExceeded, match="total_bytes"):
        KEY.decrypt(b"\x30" + bytes(DEFAULT_ASN1_LIMITS.total_bytes))


def test_nothing_is_not_encrypted() -> None:
    with pytest.raises(ValueError, match="one byte or more"):
        KEY.public_key().encrypt(b"")


@pytest.mark.parametrize("form", ["", "DER", "c3c1c2", "raw"])
def test_a_form_of_another_name_is_the_caller_s_mistake(form: CiphertextForm) -> None:
    with pytest.raises(ValueError, match="form must be one of"):
        KEY.public_key().encrypt(b"data", form=form)
    with pytest.raises(ValueError, match="form must be one of"):
        KEY.decrypt(b"data", form=form)


def zero_mask_number() -> int:
    """A k whose key stream for one byte is 00."""
    point = KEY.public_key().point
    for k in range(1, 5000):
        shared = current().mul(point, b32(k))
        assert shared is not None
        if kdf_sm3(shared, 1) == b"\0":
            return k
    raise AssertionError("one number in 256 has a key stream of 00")


def test_a_key_stream_of_zeros_is_not_used() -> None:
    k = zero_mask_number()
    parts = _encrypt_with(KEY.public_key(), b"A", iter([b32(0), b32(N), b32(k), b32(1)]))
    assert parts == _encrypt_with(KEY.public_key(), b"A", iter([b32(1)]))
    shared = current().mul(KEY.public_key().point, b32(k))
    c1 = current().mul_base(b32(k))
    assert shared is not None
    assert c1 is not None
    forged = _encode(_Parts(c1, sm3(shared[:32] + b"A" + shared[32:]), b"A"), "der")
    with pytest.raises(ParseError):
        KEY.decrypt(forged)


@settings(deadline=None)
@given(st.sampled_from(FORMS), st.data())
def test_any_change_gives_the_one_error(form: CiphertextForm, choice: st.DataObject) -> None:
    ciphertext = bytearray(KEY.public_key().encrypt(b"secret message", form=form, random=bytes))
    kind = choice.draw(st.sampled_from(["flip", "cut", "grow"]))
    if kind == "flip":
        first = 0 if form == "der" else 1  # 04 may turn into 06 or 07, the hybrid form of the same point
        ciphertext[choice.draw(st.integers(first, len(ciphertext) - 1))] ^= 1 << choice.draw(st.integers(0, 7))
    elif kind == "cut":
        del ciphertext[choice.draw(st.integers(0, len(ciphertext) - 1)) :]
    else:
        ciphertext += choice.draw(st.binary(min_size=1, max_size=40))
    with pytest.raises(ParseError) as caught:
        KEY.decrypt(ciphertext, form=form)
    assert caught.value.to_dict() == {
        "code": "egov.crypto.decryption",
        "message": "the ciphertext cannot be decrypted with this key",
        "hint": "",
        "detail": {},
    }
    assert caught.value.__cause__ is None


@given(st.binary(max_size=200), st.sampled_from(FORMS))
def test_strange_bytes_give_the_one_error(data: bytes, form: CiphertextForm) -> None:
    with pytest.raises(ParseError) as caught:
        KEY.decrypt(data, form=form)
    assert caught.value.code == "egov.crypto.decryption"


def test_the_wrong_key_gives_the_one_error() -> None:
    with pytest.raises(ParseError, match="cannot be decrypted"):
        SM2PrivateKey.from_int(5).decrypt(KEY.public_key().encrypt(b"data"))
