from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.errors import InputError
from egov_sdk.exchange.node.wrap import Kind, answer_to, box_of, refused, unwrap, wrap
from tests.unit.exchange.node.carried import MARKET, TAX, parcel


def code_of(data: bytes, *, kind: Kind = "parcel") -> str:
    with pytest.raises(InputError) as caught:
        unwrap(data, us=MARKET, kind=kind, where="here")
    assert caught.value.code.startswith("egov.exchange.node.")
    return caught.value.code.removeprefix("egov.exchange.node.")


@given(st.binary(max_size=300))
def test_what_was_wrapped_is_found_again(data: bytes) -> None:
    sent = dataclasses.replace(parcel(), data=data)
    found = unwrap(wrap(sent), us=MARKET, kind="parcel")
    assert (found.id, found.sender, found.receiver, found.count, found.data) == ("p1", TAX, MARKET, 1, data)
    answer = answer_to(found, b"yes")
    back = unwrap(wrap(answer), us=TAX, kind="answer")
    assert back == answer
    assert (back.id, back.sender, back.receiver) == ("p1", MARKET, TAX)


def test_a_parcel_of_ours_is_this_to_the_octet() -> None:
    assert wrap(parcel(data=b"abc")) == (
        b"egov-parcel/1 parcel p1 91890000MT00000140 91890000MT0000022T/reg.1 1 3 "
        b"66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0\nabc"
    )


@pytest.mark.parametrize("cut", [1, 5, 30, 130])
def test_half_a_parcel_is_none(cut: int) -> None:
    whole = wrap(parcel(data=b"x" * 40))
    assert code_of(whole[:-cut]) == ("wrap_half" if cut <= 40 else "wrap")


def test_a_parcel_with_something_behind_it_is_none() -> None:
    assert code_of(wrap(parcel()) + b"x") == "wrap_half"


def test_a_changed_octet_is_seen() -> None:
    whole = bytearray(wrap(parcel()))
    whole[-1] ^= 1
    assert code_of(bytes(whole)) == "wrap_digest"


def test_a_parcel_for_another_one_is_not_read() -> None:
    assert code_of(wrap(parcel(receiver=TAX))) == "wrap_receiver"


def test_an_answer_is_no_parcel_and_a_parcel_no_answer() -> None:
    answer = answer_to(unwrap(wrap(parcel(sender=MARKET)), us=MARKET, kind="parcel"), b"")
    assert code_of(wrap(answer)) == "wrap"
    assert code_of(wrap(parcel()), kind="answer") == "wrap"


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"\n",
        b"egov-parcel/2 parcel",
        b"EGOV-PARCEL/1 parcel p1 91890000MT00000140 91890000MT0000022T/reg.1 1 0 %(digest)s\n",
        b"egov-parcel/1  parcel p1 91890000MT00000140 91890000MT0000022T/reg.1 1 0 %(digest)s\n",
        b"egov-parcel/1 parcel ../p1 91890000MT00000140 91890000MT0000022T/reg.1 1 0 %(digest)s\n",
        b"egov-parcel/1 parcel p1 91890000MT00000140 91890000MT0000022T/reg.1 01 0 %(digest)s\n",
        b"egov-parcel/1 parcel p1 91890000MT00000140 91890000MT0000022T/reg.1 1 -1 %(digest)s\n",
        b"egov-parcel/1 parcel p1 91890000MT00000140 91890000MT0000022T/reg.1 1 0 %(digest)s\r\n",
        b"egov-parcel/1 parcel p1 91890000MT00000141 91890000MT0000022T/reg.1 1 0 %(digest)s\n",  # wrong check digit
        b"egov-parcel/1 parcel p1 91890000MT00000140/ 91890000MT0000022T/reg.1 1 0 %(digest)s\n",
        b"egov-parcel/1 parcel p1 ../../x 91890000MT0000022T/reg.1 1 0 %(digest)s\n",
    ],
)
def test_a_line_that_is_not_ours_is_refused(line: bytes) -> None:
    digest = b"1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b"
    good = b"egov-parcel/1 parcel p1 91890000MT00000140 91890000MT0000022T/reg.1 1 0 " + digest + b"\n"
    assert unwrap(good, us=MARKET, kind="parcel").data == b""
    assert code_of(line % {b"digest": digest}) == "wrap"


@given(st.binary(max_size=400))
def test_nothing_but_our_own_error_comes_out(data: bytes) -> None:
    for start in (b"", b"egov-parcel/1 parcel p1 "):
        with pytest.raises(InputError):
            unwrap(start + data, us=MARKET, kind="parcel")


@pytest.mark.parametrize("ident", ["", "../x", "a b", "a/b", "-a", "x" * 65, "ä"])
def test_an_id_that_cannot_be_a_name_is_the_callers_mistake(ident: str) -> None:
    with pytest.raises(ValueError, match="id of a parcel"):
        wrap(dataclasses.replace(parcel(), id=ident))


def test_a_refusal_has_a_code_and_an_origin() -> None:
    with pytest.raises(InputError) as caught:
        unwrap(b"x", us=MARKET, kind="parcel")
    told = refused("a\nb", caught.value)
    assert (told.code, told.origin, told.name) == ("egov.exchange.node.wrap", "sender", "a\\nb")


def test_two_parties_never_share_a_box() -> None:
    assert box_of(MARKET) == "91890000MT0000022T+reg.1"
    assert box_of(TAX) == TAX.code
