"""SM2 against the vectors, on every arithmetic backend that is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from egov_sdk.crypto import InvalidSignature, SM2PrivateKey, SM2PublicKey, available_backends, set_backend
from egov_sdk.crypto._backend import select
from egov_sdk.crypto._curve import decode_point
from egov_sdk.crypto.ciphertext import _encode, _encrypt_with
from egov_sdk.crypto.envelope import SM2EnvelopedKey
from egov_sdk.crypto.exchange import KeyExchangeFailed, SM2KeyExchange
from egov_sdk.crypto.signature import decode_signature, der_to_raw, encode_signature
from egov_sdk.crypto.sm4 import sm4_ecb_encrypt
from egov_sdk.errors import InputError, ParseError
from tests.interop.sm_vectors import Vector, octets, vectors

Record = Callable[[str, object], None]


@pytest.fixture(params=[status.name for status in available_backends() if status.available])
def arithmetic(request: pytest.FixtureRequest) -> Iterator[str]:
    set_backend(request.param)
    yield request.param
    set_backend(None)


on_every_backend = pytest.mark.usefixtures("arithmetic")


@pytest.mark.parametrize("status", available_backends(), ids=lambda status: status.name)
def test_a_backend_is_there_or_says_why_not(status: select.BackendStatus) -> None:
    if not status.available:
        assert status.reason
        pytest.skip(f"vectors do not run on the backend {status.name}: {status.reason}")
    assert select.load(status.name).name == status.name


def private_key(vector: Vector, name: str = "d") -> SM2PrivateKey:
    return SM2PrivateKey.from_int(int(vector[name], 16))


def public_key(octets: bytes) -> SM2PublicKey:
    return SM2PublicKey._from_sec1(octets)


def settle(vector: Vector, record: Record, accepted: bool) -> None:
    """Compare with the vector's result; what may go either way is written into the test record."""
    if vector["result"] == "acceptable":
        record("acceptable", f"{vector['comment']}: {'accepted' if accepted else 'refused'}")
    else:
        assert accepted == (vector["result"] == "valid"), vector["comment"]


# Signatures


@on_every_backend
@pytest.mark.parametrize("vector", vectors("sm2_sign.json", "Sm2Sign"))
def test_signing_with_the_given_nonce(vector: Vector) -> None:
    key, message, signer_id = private_key(vector), octets(vector, "msg"), octets(vector, "id")
    assert key.public_key().point.hex() == vector["pub"][2:]
    z = key.public_key().z(signer_id)
    assert z.hex() == vector["z"]
    raw = key._sign_with(octets(vector, "e"), iter([octets(vector, "k")]))
    assert raw.hex() == vector["r"] + vector["s"]
    assert encode_signature(*decode_signature(octets(vector, "sig"))).hex() == vector["sig"]
    assert der_to_raw(octets(vector, "sig")) == raw
    key.public_key().verify(octets(vector, "sig"), message, signer_id=signer_id)
    key.public_key().verify(raw, message, signer_id=signer_id, form="raw")


@on_every_backend
@pytest.mark.parametrize("vector", vectors("sm2_sign.json", "Sm2SignDigest"))
def test_a_nonce_that_must_not_be_used_is_skipped(vector: Vector) -> None:
    key, candidates = private_key(vector), [bytes.fromhex(k) for k in vector["kCandidates"]]
    raw = key._sign_with(octets(vector, "e"), iter(candidates))
    assert raw.hex() == vector["r"] + vector["s"]
    key.public_key().verify_digest(raw, octets(vector, "e"))


@pytest.mark.parametrize("vector", vectors("sm2_sign.json", "Sm2PrivateKey"))
def test_what_is_no_private_key_is_refused(vector: Vector) -> None:
    with pytest.raises(ValueError, match=r"\[1, n-2\]"):
        private_key(vector)


@on_every_backend
@pytest.mark.parametrize("vector", vectors("sm2_reject.json", "Sm2Verify"))
def test_verification(vector: Vector, record_property: Record) -> None:
    if "IdTooLong" in vector["flags"]:
        with pytest.raises(ValueError, match="at most 8191 bytes"):
            public_key(octets(vector, "pub")).z(octets(vector, "id"))
        return
    try:
        key = public_key(octets(vector, "pub"))
        key.verify(octets(vector, "sig"), octets(vector, "msg"), signer_id=octets(vector, "id"))
    except (InvalidSignature, ParseError):
        accepted = False
    else:
        accepted = True
    settle(vector, record_property, accepted)


@on_every_backend
@pytest.mark.parametrize("prepared", [False, True], ids=["fresh", "prepared"])
@pytest.mark.parametrize("vector", vectors("sm2_reject.json", "Sm2VerifyDigest"))
def test_verification_of_a_digest(vector: Vector, prepared: bool, record_property: Record) -> None:
    try:
        key = public_key(octets(vector, "pub"))
        if prepared:
            key.precompute()
        key.verify_digest(der_to_raw(octets(vector, "sig")), octets(vector, "e"))
    except (InvalidSignature, ParseError):
        accepted = False
    else:
        accepted = True
    settle(vector, record_property, accepted)


# Points


def expected_point(vector: Vector) -> bytes | None:
    return None if vector["result"] == "infinity" else octets(vector, "x") + octets(vector, "y")


@on_every_backend
@pytest.mark.parametrize("vector", vectors("sm2_points.json", "ScalarMultBase"))
def test_multiples_of_the_base_point(vector: Vector) -> None:
    assert select.current().mul_base(octets(vector, "k")) == expected_point(vector)


@on_every_backend
@pytest.mark.parametrize("vector", vectors("sm2_points.json", "ScalarMult"))
def test_multiples_of_other_points(vector: Vector) -> None:
    point = decode_point(octets(vector, "point"))
    assert select.current().mul(point, octets(vector, "k")) == expected_point(vector)


@on_every_backend
@pytest.mark.parametrize("vector", vectors("sm2_points.json", "PointAdd"))
def test_sums_of_points(vector: Vector) -> None:
    if "00" in (vector["p"], vector["q"]):
        pytest.skip("infinity is never a point here: no backend is given one")
    left, right = decode_point(octets(vector, "p")), decode_point(octets(vector, "q"))
    total = None if vector["sum"] == "00" else octets(vector, "sum")[1:]
    assert select.current().add(left, right) == total


@pytest.mark.parametrize("vector", vectors("sm2_points.json", "PointDecode"))
def test_octets_become_points_or_errors(vector: Vector, record_property: Record) -> None:
    encoded = octets(vector, "encoded")
    try:
        point = decode_point(encoded)
    except ParseError:
        settle(vector, record_property, accepted=False)
        return
    settle(vector, record_property, accepted=True)
    assert point == octets(vector, "x") + octets(vector, "y")
    assert SM2PublicKey.from_point(encoded).point == point


# Encryption


@on_every_backend
@pytest.mark.parametrize("vector", vectors("sm2_encrypt.json", "Sm2Encrypt", "Sm2EncryptRetry"))
def test_encryption_with_the_given_number(vector: Vector) -> None:
    key, message = private_key(vector), octets(vector, "msg")
    assert key.public_key() == public_key(octets(vector, "pub"))
    candidates = vector.get("kCandidates") or [vector["k"]]
    parts = _encrypt_with(key.public_key(), message, iter([bytes.fromhex(k) for k in candidates]))
    forms: tuple[tuple[str, Any], ...] = (("der", "der"), ("c1c3c2", "c1c3c2"), ("c1c2c3", "c1c2c3"))
    for field, form in forms:
        if field in vector:
            assert _encode(parts, form).hex() == vector[field]
            assert key.decrypt(octets(vector, field), form=form) == message
    for field, form in (("c1c3c2", "c1c3c2-bare"), ("c1c2c3", "c1c2c3-bare")):
        if field in vector:
            assert _encode(parts, form).hex() == vector[field][2:]
    for field, form in (("c1c3c2z", "c1c3c2"), ("c1c2c3z", "c1c2c3")):
        if field in vector:
            assert key.decrypt(octets(vector, field), form=form) == message  # type: ignore[arg-type]  # from a table


@on_every_backend
@pytest.mark.parametrize("vector", vectors("sm2_encrypt.json", "Sm2Decrypt"))
def test_decryption(vector: Vector, record_property: Record) -> None:
    errors = set()
    try:
        plain = private_key(vector).decrypt(octets(vector, "ct"), form=vector["order"])
    except ParseError as error:
        errors.add((error.code, str(error)))
    settle(vector, record_property, accepted=not errors)
    if errors:
        assert errors == {("egov.crypto.decryption", "the ciphertext cannot be decrypted with this key")}
    else:
        assert plain == (octets(vector, "msg") if "msg" in vector else b"decryption test")


@pytest.mark.parametrize("vector", vectors("sm2_encrypt.json", "Sm2EncryptInvalidKey"))
def test_nothing_is_encrypted_to_what_is_no_key(vector: Vector) -> None:
    with pytest.raises(ParseError):
        public_key(octets(vector, "pub")).encrypt(b"secret")


# Key exchange


def exchange(vector: Vector, *, key: str, peer: bytes, ids: tuple[bytes, bytes], r: str, initiator: bool) -> Any:
    run = SM2KeyExchange(
        private_key(vector, key),
        public_key(peer),
        initiator=initiator,
        length=vector["klen"],
        own_id=ids[0],
        peer_id=ids[1],
    )
    run._begin(octets(vector, r))
    return run


@on_every_backend
@pytest.mark.parametrize("vector", vectors("sm2_exchange.json", "Sm2Exchange"))
def test_key_exchange(vector: Vector) -> None:
    id_a, id_b = octets(vector, "idA"), octets(vector, "idB")
    a = exchange(vector, key="dA", peer=octets(vector, "PB"), ids=(id_a, id_b), r="rA", initiator=True)
    b = exchange(vector, key="dB", peer=octets(vector, "PA"), ids=(id_b, id_a), r="rB", initiator=False)
    assert (a.ephemeral.hex(), b.ephemeral.hex()) == (vector["RA"][2:], vector["RB"][2:])
    b.agree(octets(vector, "RA"))
    a.agree(octets(vector, "RB"))
    assert (b.confirmation.hex(), a.confirmation.hex()) == (vector["S1_SB"], vector["S2_SA"])
    assert a.confirm(b.confirmation).hex() == vector["key"]
    assert b.confirm(a.confirmation).hex() == vector["key"]
    assert a.key_without_confirmation() == b.key_without_confirmation()


@on_every_backend
@pytest.mark.parametrize("vector", vectors("sm2_exchange.json", "Sm2ExchangeInvalid"))
def test_key_exchange_that_must_end_without_a_key(vector: Vector) -> None:
    def whole_run() -> None:
        run = exchange(
            vector,
            key="d",
            peer=octets(vector, "peerP"),
            ids=(octets(vector, "id"), octets(vector, "peerId")),
            r="r",
            initiator=vector["role"] == "initiator",
        )
        run.agree(octets(vector, "peerR"))
        run.confirm(octets(vector, "peerConfirm"))

    reason = ParseError if {"InvalidR", "InvalidP"} & set(vector["flags"]) else KeyExchangeFailed
    with pytest.raises(reason):
        whole_run()


# Enveloped keys


@on_every_backend
@pytest.mark.parametrize("vector", vectors("sm2_envelope.json", "Sm2EnvelopedKey", "Sm2EnvelopedKeyVariant"))
def test_an_envelope_opens(vector: Vector) -> None:
    envelope = SM2EnvelopedKey.parse(octets(vector, "envelope"))
    opened = envelope.open(private_key(vector, "recipientD"))
    assert opened._d.hex() == vector["innerD"]
    assert opened.public_key() == envelope.public_key


@on_every_backend
@pytest.mark.parametrize("vector", vectors("sm2_envelope.json", "Sm2EnvelopedKey"))
def test_an_envelope_is_made(vector: Vector) -> None:
    inner, recipient, secret = (
        private_key(vector, "innerD"),
        private_key(vector, "recipientD"),
        octets(vector, "symKey"),
    )
    cipher = _encode(_encrypt_with(recipient.public_key(), secret, iter([octets(vector, "k")])), "der")
    assert cipher.hex() == vector["symEncryptedKey"]
    protected = sm4_ecb_encrypt(secret, inner._d)
    assert protected.hex() == vector["encryptedPrivateKey"]
    made = SM2EnvelopedKey(inner.public_key(), cipher, protected).encode()
    assert (made.hex() == vector["envelope"]) == ("AlgorithmId" not in vector["flags"])


@on_every_backend
@pytest.mark.parametrize("vector", vectors("sm2_envelope.json", "Sm2EnvelopedKeyReject"))
def test_an_envelope_stays_shut(vector: Vector) -> None:
    recipient = private_key(vector, "recipientD")
    with pytest.raises(InputError):
        SM2EnvelopedKey.parse(octets(vector, "envelope")).open(recipient)
