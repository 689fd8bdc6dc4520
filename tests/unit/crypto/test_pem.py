from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.crypto.pem import PemBlock, looks_like_pem, read_pem, write_pem
from egov_sdk.errors import InputError, LimitExceeded, ParseError
from egov_sdk.limits import Asn1Limits

ONE = write_pem("THING", b"content")


@given(st.binary(max_size=300), st.sampled_from(["PUBLIC KEY", "CERTIFICATE", "X"]))
def test_blocks_are_read_back(der: bytes, label: str) -> None:
    pem = write_pem(label, der)
    assert read_pem(pem) == (PemBlock(label, der),)
    assert all(len(line) <= 64 for line in pem.splitlines()[1:-1])
    assert looks_like_pem(pem)


def test_text_around_blocks_is_skipped() -> None:
    text = b"subject=CN\n" + ONE + b"\nmore\n" + write_pem("OTHER", b"\x00") + b"end\n"
    assert [block.label for block in read_pem(text)] == ["THING", "OTHER"]


def test_windows_lines_and_indentation_are_read() -> None:
    assert read_pem(ONE.replace(b"\n", b"\r\n"))[0].der == b"content"
    assert read_pem(b"  " + ONE.replace(b"\n", b"\n  "))[0].der == b"content"


REFUSED = {
    "nothing": b"",
    "no block": b"hello",
    "a block without an end": ONE.replace(b"-----END THING-----", b""),
    "an end without a block": b"-----END THING-----\n",
    "an end under another label": ONE.replace(b"END THING", b"END OTHER"),
    "a block in a block": b"-----BEGIN A-----\n" + ONE + b"-----END A-----\n",
    "a second block without an end": ONE + b"-----BEGIN B-----\n",
    "no base64": b"-----BEGIN A-----\n!!!!\n-----END A-----\n",
    "base64 cut off": b"-----BEGIN A-----\nAAAAA\n-----END A-----\n",
    "base64 with wrong padding": b"-----BEGIN A-----\nAA=A\n-----END A-----\n",
    "base64 that goes on after padding": b"-----BEGIN A-----\nAA==AAAA\n-----END A-----\n",
    "headers": b"-----BEGIN A-----\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END A-----\n",
}


@pytest.mark.parametrize("case", REFUSED)
def test_broken_blocks_are_refused(case: str) -> None:
    with pytest.raises(ParseError) as caught:
        read_pem(REFUSED[case], where="file")
    assert caught.value.code == "egov.input.pem"
    assert caught.value.where.startswith("file, byte ")


def test_an_error_without_a_name_says_the_byte() -> None:
    with pytest.raises(ParseError, match=r"^byte 0: "):
        read_pem(b"")


def test_limits_hold() -> None:
    with pytest.raises(LimitExceeded) as caught:
        read_pem(ONE, limits=Asn1Limits(total_bytes=len(ONE) - 1))
    assert caught.value.limit == "total_bytes"
    assert len(read_pem(ONE * 3, limits=Asn1Limits(elements=3))) == 3
    with pytest.raises(LimitExceeded) as caught:
        read_pem(ONE * 4, limits=Asn1Limits(elements=3))
    assert caught.value.limit == "elements"


@given(st.binary(max_size=200))
def test_strange_bytes_give_blocks_or_an_input_error(data: bytes) -> None:
    for text in (data, b"-----BEGIN A-----\n" + data + b"\n-----END A-----\n"):
        try:
            blocks = read_pem(text)
        except InputError:
            continue
        assert blocks


def test_what_is_inside_stays_out_of_repr() -> None:
    assert repr(read_pem(ONE)[0]) == "PemBlock(label='THING')"


def test_der_does_not_look_like_pem() -> None:
    assert not looks_like_pem(b"\x30\x03\x02\x01\x05")
