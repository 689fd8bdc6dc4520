from __future__ import annotations

import copy
import os
import pickle
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egov_sdk.crypto import (
    DEFAULT_SIGNER_ID,
    InvalidSignature,
    Signer,
    SM2PrivateKey,
    SM2PublicKey,
    available_backends,
    set_backend,
    sm3,
)
from egov_sdk.crypto._curve import GX, GY, Z_CONSTANTS, N
from egov_sdk.crypto._numbers import hedged_numbers, usable
from egov_sdk.crypto.signature import der_to_raw, encode_signature, raw_to_der
from egov_sdk.errors import ParseError

# GB/T 32918.5-2017, A.2
D = 0x3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8
Z = bytes.fromhex("b2e14c5c79c6df5b85f4fe7ed8db7a262b9da7e07ccb0ea9f4747b8ccda8a4f3")
MESSAGE = b"message digest"
E = bytes.fromhex("f0b43e94ba45accaace692ed534382eb17e6ab5a19ce7b31f4486fdfc0d28640")
K = bytes.fromhex("59276e27d506861a16680f3ad9c02dccef3cc1fa3cdbe4ce6d54b80deac1bc21")
R = 0xF5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3
S = 0xB1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA

KEY = SM2PrivateKey.from_int(D)


@pytest.fixture(params=[status.name for status in available_backends() if status.available], autouse=True)
def arithmetic(request: pytest.FixtureRequest) -> Iterator[None]:
    set_backend(request.param)
    yield
    set_backend(None)


def b32(value: int) -> bytes:
    return value.to_bytes(32, "big")


def raw(r: int, s: int) -> bytes:
    return b32(r) + b32(s)


def test_the_example_of_the_standard() -> None:
    public = KEY.public_key()
    assert public.z() == Z
    assert sm3(Z + MESSAGE) == E
    assert KEY._sign_with(E, iter([K])) == raw(R, S)
    public.verify(encode_signature(R, S), MESSAGE)
    public.verify(raw(R, S), MESSAGE, form="raw")
    public.verify_digest(raw(R, S), E)


def test_what_is_signed_verifies() -> None:
    key = SM2PrivateKey.generate()
    for message in (b"", b"a", bytes(1000)):
        key.public_key().verify(key.sign(message), message)
        key.public_key().verify(key.sign(memoryview(message)), bytearray(message))
    digest = os.urandom(32)
    key.public_key().verify_digest(key.sign_digest(digest), digest)
    key.public_key().verify_digest(raw_to_der(key.sign_digest(digest)), digest, form="der")


def test_a_signature_belongs_to_one_key_one_message_and_one_identity() -> None:
    signature = KEY.sign(MESSAGE, signer_id=b"A")
    other = SM2PrivateKey.from_int(D + 1).public_key()
    KEY.public_key().verify(signature, MESSAGE, signer_id=b"A")
    for key, message, signer_id in (
        (other, MESSAGE, b"A"),
        (KEY.public_key(), MESSAGE + b"!", b"A"),
        (KEY.public_key(), MESSAGE, b"B"),
        (KEY.public_key(), MESSAGE, b""),
        (KEY.public_key(), MESSAGE, DEFAULT_SIGNER_ID),
    ):
        with pytest.raises(InvalidSignature) as caught:
            key.verify(signature, message, signer_id=signer_id)
        assert caught.value.code == "egov.crypto.invalid_signature"


@pytest.mark.parametrize(
    ("r", "s"),
    [
        (0, S),
        (R, 0),
        (N, S),
        (R, N),
        (2**256 - 1, S),
        (R, 2**256 - 1),
        (N - 1, S),
        (R, N - 1),
        (R, N - S),
        (N - R, S),
        (N - S, S),
        (1, N - 1),
        (S, R),
        (R, S + 1),
        (R + 1, S),
    ],
)
def test_other_numbers_are_no_signature(r: int, s: int) -> None:
    for prepared in (False, True):
        public = SM2PublicKey.from_point(KEY.public_key().point)
        if prepared:
            public.precompute()
        with pytest.raises(InvalidSignature):
            public.verify(encode_signature(r, s), MESSAGE)
        with pytest.raises(InvalidSignature):
            public.verify(raw(r, s), MESSAGE, form="raw")
        with pytest.raises(InvalidSignature):
            public.verify_digest(raw(r, s), E)


def test_numbers_above_n_are_not_taken_for_their_remainders() -> None:
    # a signature with tiny r: r + n still fits 32 bytes (x1 of k = 1 is Gx)
    k, r = 1, 5
    e = b32((r - GX) % N)
    signature = KEY._sign_with(e, iter([b32(k)]))
    assert signature[:32] == b32(r)
    KEY.public_key().verify_digest(signature, e)
    with pytest.raises(InvalidSignature, match=r"\[1, n-1\]"):
        KEY.public_key().verify_digest(b32(r + N) + signature[32:], e)


def test_infinity_is_not_x_zero() -> None:
    # [s]G + [t]P = O for s = -t d; with x = 0 in its place, r = e would verify
    t = 12345
    s = -t * D % N
    r = (t - s) % N
    with pytest.raises(InvalidSignature):
        KEY.public_key().verify_digest(raw(r, s), b32(r))


def test_t_zero_is_refused_before_any_arithmetic() -> None:
    # r = -s, e = r - x([s]G) would verify under every key
    s = 1
    r = N - s
    with pytest.raises(InvalidSignature, match="multiple of n"):
        KEY.public_key().verify_digest(raw(r, s), b32((r - GX) % N))


@pytest.mark.parametrize("d", [1, 2, 3, N - 2, N - 3, N // 2])
def test_edge_keys_sign_and_verify(d: int) -> None:
    key = SM2PrivateKey.from_int(d)
    for prepared in (False, True):
        public = SM2PublicKey.from_point(key.public_key().point)
        if prepared:
            public.precompute()
        public.verify(key.sign(MESSAGE), MESSAGE)


def test_the_key_one_is_the_base_point() -> None:
    assert SM2PrivateKey.from_int(1).public_key().point == b32(GX) + b32(GY)


@pytest.mark.parametrize("size", [0, 31, 33, 64])
def test_digests_have_32_bytes(size: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        KEY.sign_digest(bytes(size))
    with pytest.raises(ValueError, match="32 bytes"):
        KEY.public_key().verify_digest(raw(R, S), bytes(size))


@pytest.mark.parametrize("size", [0, 63, 65, 70])
def test_signatures_of_another_length_are_invalid(size: int) -> None:
    with pytest.raises(InvalidSignature, match="64 bytes"):
        KEY.public_key().verify(bytes(size), MESSAGE, form="raw")
    with pytest.raises(InvalidSignature, match="not a signature"):
        KEY.public_key().verify(bytes(size), MESSAGE)
    with pytest.raises(InvalidSignature, match="64 bytes"):
        KEY.public_key().verify_digest(bytes(size), E)


def test_a_form_of_another_name_is_the_caller_s_mistake() -> None:
    with pytest.raises(ValueError, match="'der' or 'raw'"):
        KEY.public_key().verify(raw(R, S), MESSAGE, form="asn1")  # type: ignore[arg-type]  # the caller's mistake


# Identities


def test_z_counts_the_identity_in_bits() -> None:
    public = KEY.public_key()
    for signer_id in (b"", b"a", bytes(8191)):
        bits = (8 * len(signer_id)).to_bytes(2, "big")
        assert public.z(signer_id) == sm3(bits + signer_id + Z_CONSTANTS + public.point)


def test_z_stays_right_when_many_identities_have_been_asked() -> None:
    public = SM2PublicKey.from_point(KEY.public_key().point)
    asked = [str(number).encode() for number in range(20)]
    first = [public.z(signer_id) for signer_id in asked]
    assert [public.z(signer_id) for signer_id in asked] == first
    assert len(set(first)) == 20
    assert public.z() == Z


@pytest.mark.parametrize("use", [SM2PublicKey.z, lambda key, signer_id: KEY.sign(b"", signer_id=signer_id)])
def test_an_identity_that_cannot_be_counted_is_refused(use: Callable[[SM2PublicKey, bytes], bytes]) -> None:
    with pytest.raises(ValueError, match="at most 8191"):
        use(KEY.public_key(), bytes(8192))


# Making keys


@pytest.mark.parametrize("d", [0, -1, N - 1, N, N + 1, 2**256])
def test_numbers_out_of_range_are_no_private_keys(d: int) -> None:
    with pytest.raises(ValueError, match=r"\[1, n-2\]"):
        SM2PrivateKey.from_int(d)


def test_numbers_out_of_range_are_drawn_again_and_not_reduced() -> None:
    drawn = iter([b32(0), b32(N - 1), b32(N), b"\xff" * 32, b32(7)])
    key = SM2PrivateKey.generate(random=lambda size: next(drawn))
    assert key.public_key() == SM2PrivateKey.from_int(7).public_key()


def test_a_broken_random_source_is_noticed() -> None:
    with pytest.raises(RuntimeError, match="broken"):
        SM2PrivateKey.generate(random=bytes)
    with pytest.raises(ValueError, match="gave 31 bytes instead of 32"):
        SM2PrivateKey.generate(random=lambda size: os.urandom(size - 1))
    with pytest.raises(ValueError, match="instead of 32"):
        KEY.sign(MESSAGE, random=lambda size: b"")


def test_keys_are_not_made_by_their_constructors() -> None:
    with pytest.raises(TypeError, match="from_point"):
        SM2PublicKey()
    with pytest.raises(TypeError, match="generate"):
        SM2PrivateKey()


# Nonces


def test_a_random_source_that_repeats_itself_does_not_give_the_key_away() -> None:
    first, again, other = (
        der_to_raw(KEY.sign(message, random=lambda size: bytes(size))) for message in (b"one", b"one", b"two")
    )
    assert first == again
    # two signatures with one nonce would give d = (s1 - s2) / (s2 - s1 + r2 - r1)
    r1, s1, r2, s2 = (int.from_bytes(half, "big") for half in (first[:32], first[32:], other[:32], other[32:]))
    assert (s1 - s2) * pow(s2 - s1 + r2 - r1, -1, N) % N != D


def test_fresh_bytes_give_fresh_signatures() -> None:
    assert len({KEY.sign(MESSAGE) for _ in range(5)}) == 5
    assert len({KEY.sign_digest(E) for _ in range(5)}) == 5


def test_nonces_out_of_range_are_drawn_again_and_not_reduced() -> None:
    candidates = [b32(0), b32(N), b32(N + 1), b"\xff" * 32, K]
    assert list(usable(iter(candidates))) == [K]
    assert KEY._sign_with(E, iter(candidates)) == raw(R, S)


def test_a_nonce_that_gives_no_signature_is_drawn_again() -> None:
    k = int.from_bytes(K, "big")
    x1 = (R - int.from_bytes(E, "big")) % N
    for bad_e in ((-x1) % N, (-k - x1) % N, (k * pow(D, -1, N) - x1) % N):  # r = 0, r + k = n, s = 0
        signature = KEY._sign_with(b32(bad_e), iter([K, b32(99)]))
        KEY.public_key().verify_digest(signature, b32(bad_e))
        assert signature == KEY._sign_with(b32(bad_e), iter([b32(99)]))


def test_hedged_numbers_depend_on_everything() -> None:
    def first(secret: bytes, context: bytes, fresh: bytes) -> bytes:
        return next(hedged_numbers(secret, context, random=lambda size: fresh))

    base = first(bytes(32), bytes(32), bytes(32))
    assert base == first(bytes(32), bytes(32), bytes(32))
    changed = b"\x01" + bytes(31)
    others = {
        first(changed, bytes(32), bytes(32)),
        first(bytes(32), changed, bytes(32)),
        first(bytes(32), bytes(32), changed),
    }
    assert len(others | {base}) == 4


def test_hedged_numbers_go_on_without_repeating() -> None:
    numbers = hedged_numbers(b"secret", b"context", random=bytes)
    assert len({next(numbers) for _ in range(50)}) == 50


# Many at once


def test_many_signatures_at_once() -> None:
    messages = [b"one", b"two", b"three"]
    signatures = KEY.sign_many(messages, signer_id=b"A")
    public = KEY.public_key()
    pairs = list(zip(signatures, messages, strict=True))
    assert public.verify_many(pairs, signer_id=b"A") == (True, True, True)
    pairs[1] = (signatures[1], b"changed")
    pairs.append((b"rubbish", b"one"))
    assert public.verify_many(iter(pairs), signer_id=b"A") == (True, False, True, False)
    assert public.verify_many([(der_to_raw(signatures[0]), b"one")], signer_id=b"A", form="raw") == (True,)
    assert public.verify_many([]) == ()


# Secrets


def test_a_private_key_shows_itself_to_nobody() -> None:
    assert repr(KEY) == str(KEY) == "<SM2PrivateKey>"
    for secret in (f"{D:x}", f"{D}"):
        assert secret not in repr(KEY._open())


@pytest.mark.parametrize("leave", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_private_key_does_not_leave_by_pickle_or_copy(leave: Callable[[object], object]) -> None:
    with pytest.raises(TypeError, match="not pickled"):
        leave(KEY)


def test_a_private_key_has_no_place_for_other_attributes() -> None:
    with pytest.raises(AttributeError):
        KEY.password = b"secret"  # type: ignore[attr-defined]  # that is the point


# Public keys as values


def test_public_keys_are_equal_by_their_point() -> None:
    public = KEY.public_key()
    same = SM2PublicKey.from_point(b"\x04" + public.point)
    other = SM2PrivateKey.from_int(D + 1).public_key()
    assert public == same
    assert hash(public) == hash(same)
    assert public != other
    assert public != public.point
    assert len({public, same, other}) == 2


def test_public_keys_may_be_pickled_and_are_checked_again() -> None:
    public = KEY.public_key()
    assert pickle.loads(pickle.dumps(public)) == public
    assert copy.deepcopy(public) == public
    function, arguments = public.__reduce__()
    with pytest.raises(ParseError):
        function(arguments[0][:63] + b"\x00")


def test_repr_of_a_public_key_is_short() -> None:
    assert repr(KEY.public_key()) == "<SM2PublicKey 09f9df311e5421a1…>"


def test_a_private_key_is_a_signer() -> None:
    assert isinstance(KEY, Signer)
    assert not isinstance(KEY.public_key(), Signer)


def test_keys_outlive_a_change_of_backend() -> None:
    key, public = SM2PrivateKey.from_int(D), SM2PublicKey.from_point(KEY.public_key().point)
    signature = key.sign(MESSAGE)
    public.verify(signature, MESSAGE)
    set_backend("pure")
    public.verify(signature, MESSAGE)
    public.verify(key.sign(MESSAGE), MESSAGE)


@settings(deadline=None, max_examples=15)
@given(st.binary(max_size=100), st.binary(max_size=30), st.integers(0, 71), st.integers(0, 7))
def test_any_flipped_bit_is_found(message: bytes, signer_id: bytes, place: int, bit: int) -> None:
    signature = bytearray(KEY.sign(message, signer_id=signer_id))
    signature[place % len(signature)] ^= 1 << bit
    with pytest.raises(InvalidSignature):
        KEY.public_key().verify(signature, message, signer_id=signer_id)
