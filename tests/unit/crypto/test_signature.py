from __future__ import annotations

import pytest
from cryptography import exceptions as pyca
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.crypto.signature import InvalidSignature, decode_signature, der_to_raw, encode_signature, raw_to_der
from egov_sdk.errors import ParseError, VerificationError

numbers = st.one_of(st.integers(0, 1 << 256).filter(lambda n: n < 1 << 256), st.integers(0, 300), st.just(0))


@given(numbers, numbers)
def test_signatures_are_read_back(r: int, s: int) -> None:
    der = encode_signature(r, s)
    assert 8 <= len(der) <= 72
    assert decode_signature(der) == (r, s)
    assert raw_to_der(der_to_raw(der)) == der
    assert der_to_raw(der) == r.to_bytes(32, "big") + s.to_bytes(32, "big")


@given(st.binary(max_size=80))
def test_what_is_accepted_is_the_only_spelling(octets: bytes) -> None:
    try:
        r, s = decode_signature(octets)
    except ParseError:
        return
    assert encode_signature(r, s) == octets


@given(numbers, numbers, st.data())
def test_any_other_spelling_is_refused(r: int, s: int, choice: st.DataObject) -> None:
    der = bytearray(encode_signature(r, s))
    place = choice.draw(st.integers(0, len(der) - 1))
    der[place] ^= choice.draw(st.integers(1, 255))
    try:
        found = decode_signature(bytes(der))
    except ParseError:
        return
    assert found != (r, s)
    assert encode_signature(*found) == bytes(der)


REFUSED = {
    "nothing": "",
    "too short": "30050201010201",
    "a set": "3106020101020101",
    "a wrong outer length": "3007020101020101",
    "a long outer length": "308106020101020101",
    "an indefinite length": "30800201010201010000",
    "r is no integer": "3006040101020101",
    "s is no integer": "3006020101040101",
    "s runs over the end": "3006020101020201",
    "r runs over the end": "3006020701020101",
    "a byte behind": "300602010102010100",
    "a byte behind inside": "300702010102010100",
    "a third integer": "3009020101020101020101",
    "r is empty": "300502000201017f"[:16],
    "r is negative": "3006020180020101",
    "s is negative": "30060201010201ff",
    "r is padded": "300702020001020101",
    "s is padded": "30070201010202007f",
    "r has 257 bits": "3026022101" + "00" * 32 + "020101",
    "r has 34 octets": "302702220080" + "00" * 32 + "020101",
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_strict_der_is_refused(case: str) -> None:
    with pytest.raises(ParseError) as caught:
        decode_signature(bytes.fromhex(REFUSED[case]))
    assert caught.value.code == "egov.crypto.signature_encoding"


@pytest.mark.parametrize("size", [0, 63, 65, 128])
def test_raw_signatures_have_64_bytes(size: int) -> None:
    with pytest.raises(ParseError) as caught:
        raw_to_der(bytes(size))
    assert caught.value.detail == {"expected": 64, "found": size}


@pytest.mark.parametrize(("r", "s"), [(-1, 1), (1, -1), (1 << 256, 1), (1, 1 << 256)])
def test_numbers_that_do_not_fit_are_not_written(r: int, s: int) -> None:
    with pytest.raises(ValueError, match="2\\^256"):
        encode_signature(r, s)


def test_an_invalid_signature_is_caught_as_ours_and_as_pyca_s() -> None:
    error = InvalidSignature("no")
    assert isinstance(error, VerificationError)
    assert isinstance(error, pyca.InvalidSignature)
    assert error.code == "egov.crypto.invalid_signature"
    assert error.report is None
