from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from egov_sdk.crypto import SM2PrivateKey, SM2PublicKey
from egov_sdk.errors import EgovError
from egov_sdk.exchange.envelope.forms import read_message
from egov_sdk.exchange.envelope.json_form import read_sealed
from egov_sdk.exchange.envelope.model import MOST_CONTENT
from egov_sdk.exchange.envelope.sealed import SealedMessage, decrypt, encrypt, seal
from egov_sdk.exchange.envelope.signed import sign_envelope
from egov_sdk.exchange.envelope.verify import open_envelope
from tests.unit.exchange.envelope.offices import AT, Office, assert_passes, offices

WORLD = offices()


class _Token:
    """A device: it signs digests and decrypts, and that is all."""

    def __init__(self, key: SM2PrivateKey) -> None:
        self._key = key

    def public_key(self) -> SM2PublicKey:
        return self._key.public_key()

    def sign_digest(self, digest: bytes) -> bytes:
        return self._key.sign_digest(digest)

    def decrypt(self, ciphertext: bytes) -> bytes:
        return self._key.decrypt(ciphertext)


@pytest.mark.parametrize("compress", [False, True])
@pytest.mark.parametrize("to", [(WORLD.market,), (WORLD.market, WORLD.housing)], ids=len)
def test_each_receiver_opens_what_was_sealed(to: tuple[Office, ...], compress: bool) -> None:
    envelope = WORLD.envelope("内容".encode() * 500, to=to)
    made = WORLD.sealed(envelope, to=to, compress=compress)
    for data in (made.sealed.to_json(), made.sealed.to_xml()):
        for office in to:
            opened = open_envelope(data, key=office.decrypter, policy=WORLD.policy(receiver=office.party), at=AT)
            assert_passes(opened.report)
            assert opened.require() == envelope
            assert opened.message == made.message
            assert opened.stream_secret == made.stream_secret
            assert opened.envelope_unverified == envelope


@pytest.mark.parametrize("size", [0, MOST_CONTENT])
def test_the_least_and_the_most_content_goes_through_every_form(size: int) -> None:
    envelope = WORLD.envelope((bytes(range(256)) * (MOST_CONTENT >> 8))[:size])
    sealed = WORLD.sealed(envelope).sealed
    for data in (sealed.to_json(), sealed.to_xml()):
        found = read_message(data)
        assert isinstance(found, SealedMessage)
        assert decrypt(found, WORLD.market.decrypter).message.envelope_unverified == envelope


def test_compression_makes_it_shorter() -> None:
    envelope = WORLD.envelope(b"a" * 5000)
    assert len(WORLD.sealed(envelope, compress=True).sealed.to_json()) * 2 < len(
        WORLD.sealed(envelope).sealed.to_json()
    )


def test_a_device_signs_and_opens() -> None:
    envelope = WORLD.envelope()
    made = seal(
        envelope,
        to={WORLD.market.party: WORLD.market.decrypter.public_key()},
        signer=_Token(WORLD.tax.signer),
        certificate=WORLD.tax.certificate,
        certificates=[WORLD.ca.certificate],
    )
    policy = WORLD.policy(receiver=WORLD.market.party)
    opened = open_envelope(made.sealed, key=_Token(WORLD.market.decrypter), policy=policy, at=AT)
    assert opened.require() == envelope
    assert len(opened.message.signature.certificates) == 2


def test_nobody_but_the_receivers_opens_it() -> None:
    with pytest.raises(EgovError) as caught:
        decrypt(WORLD.sealed().sealed, WORLD.housing.decrypter)
    assert caught.value.code == "egov.exchange.envelope.not_encrypted_to_us"


def test_keys_that_are_not_those_of_the_receivers_are_a_mistake_of_the_caller() -> None:
    words = {"signer": WORLD.tax.signer, "certificate": WORLD.tax.certificate}
    for to in ({}, {WORLD.housing.party: WORLD.housing.encryption}):
        with pytest.raises(ValueError, match="one key for each receiver"):
            seal(WORLD.envelope(), to=to, **words)  # type: ignore[arg-type]  # a table of words
    with pytest.raises(ValueError, match="encrypted to somebody"):
        encrypt(WORLD.signed(), [])
    with pytest.raises(ValueError, match="another key"):
        sign_envelope(WORLD.envelope(), signer=WORLD.tax.signer, certificate=WORLD.market.certificate)


def test_a_certificate_that_is_not_for_encryption_is_not_encrypted_to() -> None:
    late = WORLD.envelope(at=AT + timedelta(days=400))
    for certificate, envelope in ((WORLD.market.certificate, WORLD.envelope()), (WORLD.market.encryption, late)):
        with pytest.raises(EgovError) as caught:
            seal(
                envelope,
                to={WORLD.market.party: certificate},
                signer=WORLD.tax.signer,
                certificate=WORLD.tax.certificate,
            )
        assert caught.value.code == "egov.exchange.envelope.certificate_use"


@pytest.mark.parametrize("name", ["iv", "tag", "ciphertext", "encrypted_key", "routing"])
def test_whatever_is_changed_the_answer_is_one_and_the_same(name: str) -> None:
    sealed = WORLD.sealed().sealed
    if name == "encrypted_key":
        other = WORLD.market.decrypter.public_key().encrypt(bytes(16))
        changed = replace(sealed, recipients=(replace(sealed.recipients[0], encrypted_key=other),))
    elif name == "routing":
        changed = replace(sealed, routing=sealed.routing.replace(b"s_1", b"s_2"))
    else:
        octets = getattr(sealed, name)
        changed = replace(sealed, **{name: bytes([octets[0] ^ 1]) + octets[1:]})
    with pytest.raises(EgovError) as caught:
        decrypt(changed, WORLD.market.decrypter)
    assert caught.value.code == "egov.exchange.envelope.decryption"


@pytest.mark.parametrize("wrapped", [b"", b"x", b"\x30\x00"])
def test_a_key_that_cannot_be_unwrapped_gives_the_same_answer(wrapped: bytes) -> None:
    sealed = WORLD.sealed().sealed
    changed = replace(sealed, recipients=(replace(sealed.recipients[0], encrypted_key=wrapped),))
    with pytest.raises(EgovError) as caught:
        decrypt(changed, WORLD.market.decrypter)
    assert caught.value.code == "egov.exchange.envelope.decryption"
    key = WORLD.market.decrypter.public_key().encrypt(bytes(15))
    changed = replace(sealed, recipients=(replace(sealed.recipients[0], encrypted_key=key),))
    with pytest.raises(EgovError) as caught:
        decrypt(changed, WORLD.market.decrypter)
    assert caught.value.code == "egov.exchange.envelope.decryption"


def test_the_id_is_seen_outside() -> None:
    envelope = WORLD.envelope()
    assert read_sealed(WORLD.sealed(envelope).sealed.to_json()).id_unverified == envelope.id


def test_no_secret_is_in_a_repr() -> None:
    made = WORLD.sealed()
    opened = decrypt(made.sealed, WORLD.market.decrypter)
    assert made.stream_secret.hex() not in repr(made)
    assert repr(made.stream_secret) not in repr(made)
    assert repr(made.stream_secret) not in repr(opened)
    assert opened.stream_secret == made.stream_secret
    assert len(opened.stream_secret) == 16


def test_the_outside_tells_nothing_of_purpose_or_content() -> None:
    sealed = WORLD.sealed().sealed
    outside = json.loads(sealed.routing)
    assert outside == sealed.members_unverified
    assert outside.keys().isdisjoint({"purpose", "basis", "content", "content_type", "attachments", "properties"})
