from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egov_sdk.crypto import SM2PrivateKey, SM2PublicKey
from egov_sdk.crypto._backend.select import current
from egov_sdk.crypto._curve import GX, GY, N, P
from egov_sdk.crypto.exchange import KeyExchangeFailed, SM2KeyExchange
from egov_sdk.errors import ParseError, VerificationError

A, B = SM2PrivateKey.from_int(1111), SM2PrivateKey.from_int(2222)
G = GX.to_bytes(32, "big") + GY.to_bytes(32, "big")


def pair(length: int = 16, *, id_a: bytes = b"A", id_b: bytes = b"B") -> tuple[SM2KeyExchange, SM2KeyExchange]:
    a = SM2KeyExchange(A, B.public_key(), initiator=True, length=length, own_id=id_a, peer_id=id_b)
    b = SM2KeyExchange(B, A.public_key(), initiator=False, length=length, own_id=id_b, peer_id=id_a)
    return a, b


def meet(a: SM2KeyExchange, b: SM2KeyExchange) -> None:
    b.agree(a.ephemeral)
    a.agree(b.ephemeral)


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 100), st.binary(max_size=20), st.binary(max_size=20))
def test_both_sides_get_the_same_key(length: int, id_a: bytes, id_b: bytes) -> None:
    a, b = pair(length, id_a=id_a, id_b=id_b)
    meet(a, b)
    key = a.confirm(b.confirmation)
    assert len(key) == length
    assert b.confirm(a.confirmation) == key
    assert a.key_without_confirmation() == b.key_without_confirmation() == key


def test_every_run_has_another_key() -> None:
    keys = set()
    for _ in range(3):
        a, b = pair()
        meet(a, b)
        keys.add(a.confirm(b.confirmation))
    assert len(keys) == 3


def test_points_may_come_in_any_encoding() -> None:
    a, b = pair()
    b.agree(b"\x04" + a.ephemeral)
    a.agree(bytes((2 + (b.ephemeral[-1] & 1),)) + b.ephemeral[:32])
    a.confirm(b.confirmation)


def other_peer() -> tuple[SM2KeyExchange, SM2KeyExchange]:
    _, b = pair()
    stranger = SM2PrivateKey.from_int(3333).public_key()
    return SM2KeyExchange(A, stranger, initiator=True, length=16, own_id=b"A", peer_id=b"B"), b


def other_identity() -> tuple[SM2KeyExchange, SM2KeyExchange]:
    return pair(id_a=b"A")[0], pair(id_a=b"X")[1]


def same_role() -> tuple[SM2KeyExchange, SM2KeyExchange]:
    return pair()[0], SM2KeyExchange(B, A.public_key(), initiator=True, length=16, own_id=b"B", peer_id=b"A")


@pytest.mark.parametrize("mistake", [other_peer, other_identity, same_role])
def test_different_beliefs_do_not_confirm(mistake: Callable[[], tuple[SM2KeyExchange, SM2KeyExchange]]) -> None:
    a, b = mistake()
    meet(a, b)
    with pytest.raises(KeyExchangeFailed) as caught:
        a.confirm(b.confirmation)
    assert isinstance(caught.value, VerificationError)
    assert caught.value.code == "egov.crypto.key_exchange"


@pytest.mark.parametrize("change", [b"", b"\x01", bytes(32), bytes(33)])
def test_a_changed_confirmation_leaves_no_key(change: bytes) -> None:
    a, b = pair()
    meet(a, b)
    for side in (a, b):
        with pytest.raises(KeyExchangeFailed):
            side.confirm(change)
        with pytest.raises(RuntimeError, match="begin anew"):
            side.key_without_confirmation()
        with pytest.raises(RuntimeError, match="begin anew"):
            side.confirm(bytes(32))
        with pytest.raises(RuntimeError, match="begin anew"):
            _ = side.confirmation


def test_the_own_confirmation_sent_back_does_not_confirm() -> None:
    a, b = pair()
    meet(a, b)
    with pytest.raises(KeyExchangeFailed):
        a.confirm(a.confirmation)


def test_nothing_is_there_before_the_points_were_exchanged() -> None:
    a, _ = pair()
    with pytest.raises(RuntimeError, match="call agree first"):
        a.key_without_confirmation()


def test_one_run_agrees_once() -> None:
    a, b = pair()
    meet(a, b)
    with pytest.raises(RuntimeError, match="once"):
        a.agree(b.ephemeral)


@pytest.mark.parametrize("point", [b"", b"\x00", bytes(64), b"\x04" + bytes(64), G[:63], G + b"\0", b"\x05" + G])
def test_what_is_no_point_is_refused(point: bytes) -> None:
    for side in pair():
        with pytest.raises(ParseError):
            side.agree(point)


def test_a_peer_cannot_force_infinity() -> None:
    # P + [xbar(x)]R = O for P = -[xbar]R
    r = 77
    point = current().mul_base(r.to_bytes(32, "big"))
    assert point is not None
    factor = ((1 << 127) + (int.from_bytes(point[:32], "big") % (1 << 127))) % N
    scaled = current().mul(point, factor.to_bytes(32, "big"))
    assert scaled is not None
    opposite = scaled[:32] + (P - int.from_bytes(scaled[32:], "big")).to_bytes(32, "big")
    a = SM2KeyExchange(A, SM2PublicKey.from_point(opposite), initiator=True, length=16)
    with pytest.raises(KeyExchangeFailed, match="infinity"):
        a.agree(point)
    with pytest.raises(RuntimeError):
        a.key_without_confirmation()


@pytest.mark.parametrize("length", [0, -1])
def test_a_key_of_no_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        pair(length)


def test_an_identity_that_cannot_be_counted_is_refused_before_the_run() -> None:
    with pytest.raises(ValueError, match="8191"):
        pair(id_a=bytes(8192))
    with pytest.raises(ValueError, match="8191"):
        pair(id_b=bytes(8192))


def test_a_run_does_not_show_its_secrets() -> None:
    a, b = pair()
    assert repr(a) == "<SM2KeyExchange initiator>"
    assert repr(b) == "<SM2KeyExchange responder>"
