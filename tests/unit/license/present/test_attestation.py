"""The holder's side: proving a key, keeping a credential, showing chosen items; and what stays hidden."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from egov_sdk.crypto import InvalidSignature, SM2PrivateKey
from egov_sdk.errors import ParseError
from egov_sdk.license.present import (
    Expected,
    HolderCredential,
    PresentationKind,
    StatusEntry,
    attest,
    read_presentation,
)
from egov_sdk.license.present import _base45 as base45
from egov_sdk.license.present import _cbor as cbor
from egov_sdk.license.present._tree import leaf_of, salt_of
from egov_sdk.license.present.attestation import prove_holder_key, verify_holder_key
from egov_sdk.report import Outcome
from tests.presentation_world import FIELDS, NOW, PLACE, TYPE, VERIFIER, Scene, scene, seeded


@pytest.fixture(scope="module")
def stage() -> Scene:
    return scene()


def test_the_whole_way_from_a_key_to_a_verifier(stage: Scene) -> None:
    device = SM2PrivateKey.generate()
    proof = prove_holder_key(device, challenge=b"of the issuer")
    verify_holder_key(device.public_key(), proof, challenge=b"of the issuer")
    sent = stage.credential(holder=device).to_bytes()
    kept = HolderCredential.from_bytes(sent, issuer_key=stage.key.public_key())
    assert kept.fields == FIELDS
    shown = kept.present(show=["holder_name", "KZ_工种"], signer=device, at=NOW, audience=VERIFIER, nonce=b"challenge")
    expected = Expected(audience=VERIFIER, nonce=b"challenge", type_code=TYPE, items=("holder_name",))
    read = stage.check(shown.text, expected=expected).require()
    assert read.kind is PresentationKind.HOLDER
    assert dict(read.fields) == {"holder_name": "张三", "KZ_工种": "电工"}


def test_a_proof_of_a_key_is_good_for_its_challenge_and_its_key_only(stage: Scene) -> None:
    proof = prove_holder_key(stage.holder, challenge=b"challenge")
    with pytest.raises(InvalidSignature):
        verify_holder_key(stage.holder.public_key(), proof, challenge=b"another one")
    with pytest.raises(InvalidSignature):
        verify_holder_key(stage.key.public_key(), proof, challenge=b"challenge")
    with pytest.raises(ValueError, match="8 to 32"):
        prove_holder_key(stage.holder, challenge=b"short")


def test_nothing_but_the_type_is_shown_unless_chosen(stage: Scene) -> None:
    result = stage.check(stage.shown(), expected=Expected(audience=VERIFIER, type_code=TYPE))
    assert dict(result.require().fields) == {}
    assert result.require().type_code == TYPE


def test_what_is_not_shown_stands_nowhere_in_the_code(stage: Scene) -> None:
    octets = base45.decode(stage.shown("number").removeprefix("EGL1:"), what="test")
    credential = stage.credential()
    assert FIELDS["number"].encode() in octets
    assert "张三".encode() not in octets
    assert credential.seed not in octets


def test_the_same_items_have_other_commitments_in_another_credential(stage: Scene) -> None:
    one, two = stage.credential(seed="one"), stage.credential(seed="two")
    assert one.attested.root != two.attested.root
    assert one.attested.root == stage.credential(seed="one").attested.root


def test_salts_are_shown_with_their_items_only(stage: Scene) -> None:
    """A verifier may guess a hidden item, but without its salt cannot tell whether the guess was right."""
    credential = stage.credential()
    octets = base45.decode(stage.shown("number").removeprefix("EGL1:"), what="test")
    salts = {place: salt_of(credential.seed, place) for place in range(len(credential.items))}
    assert [place for place, salt in salts.items() if salt in octets] == [list(FIELDS).index("number")]
    assert len(set(salts.values())) == len(salts)
    neighbour = leaf_of(salts[0], *credential.items[0])
    assert neighbour in octets
    assert leaf_of(bytes(16), *credential.items[0]) != neighbour


def test_a_credential_with_other_items_than_attested_is_refused(stage: Scene) -> None:
    value = cbor.decode(stage.credential().to_bytes(), what="test")
    assert isinstance(value, tuple)
    version, body, signature, seed, items = value
    assert isinstance(items, tuple)
    forged = cbor.encode((version, body, signature, seed, ((5, "李四"), *items[1:])))
    with pytest.raises(ParseError) as caught:
        HolderCredential.from_bytes(forged)
    assert caught.value.code == "egov.license.credential_items"


@pytest.mark.parametrize(
    ("place", "value"),
    [(0, 2), (1, b"x"), (2, bytes(63)), (3, bytes(31)), (4, ()), (4, ((5, "x"),)), (4, ((b"", "x"),) * 8)],
)
def test_a_malformed_credential_is_refused(stage: Scene, place: int, value: cbor.Value) -> None:
    parts = cbor.decode(stage.credential().to_bytes(), what="test")
    assert isinstance(parts, tuple)
    with pytest.raises(ParseError):
        HolderCredential.from_bytes(cbor.encode((*parts[:place], value, *parts[place + 1 :])))


def test_a_credential_of_another_issuer_is_refused_by_the_device(stage: Scene) -> None:
    with pytest.raises(InvalidSignature):
        HolderCredential.from_bytes(stage.credential().to_bytes(), issuer_key=stage.rival_key.public_key())


def test_a_presentation_does_not_outlive_the_attestation(stage: Scene) -> None:
    credential = stage.credential()
    late = credential.attested.valid_until - timedelta(seconds=20)
    shown = credential.present(show=(), signer=stage.holder, at=late)
    assert shown.expires_at == credential.attested.valid_until


def test_what_cannot_be_is_refused(stage: Scene) -> None:
    credential = stage.credential()
    with pytest.raises(ValueError, match="has no colour"):
        credential.present(show=["colour"], signer=stage.holder, at=NOW)
    with pytest.raises(TypeError, match="several names"):
        credential.present(show="number", signer=stage.holder, at=NOW)
    with pytest.raises(ValueError, match="not the key"):
        credential.present(show=(), signer=stage.key, at=NOW)
    with pytest.raises(ValueError, match="aware"):
        credential.present(show=(), signer=stage.holder, at=datetime(2026, 6, 1))  # noqa: DTZ001 - naive on purpose


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"fields": {}}, "at least one item"),
        ({"valid_until": NOW}, "after valid_from"),
        ({"valid_from": datetime(2026, 1, 1)}, "aware"),  # noqa: DTZ001 - naive on purpose
        ({"type_code": "x"}, "type_code"),
        ({"status": StatusEntry(1 << 32, 1)}, "list_id"),
    ],
)
def test_an_issuer_cannot_attest_what_cannot_be(stage: Scene, changes: dict[str, object], words: str) -> None:
    arguments: dict[str, object] = {
        "holder_key": stage.holder.public_key(),
        "status": StatusEntry(3, PLACE),
        "signer": stage.key,
        "valid_from": NOW,
        "valid_until": NOW + timedelta(days=1),
        "random": seeded("x"),
    } | changes
    code, fields = arguments.pop("type_code", TYPE), arguments.pop("fields", FIELDS)
    with pytest.raises(ValueError, match=words):
        attest(code, fields, **arguments)  # type: ignore[arg-type]  # wrong ones are the point


def test_secrets_do_not_show_in_repr(stage: Scene) -> None:
    credential = stage.credential()
    assert "张三" not in repr(credential)
    assert repr(credential.seed) not in repr(credential)


def test_two_attestations_of_one_licence_share_nothing_that_links_them_but_their_places(stage: Scene) -> None:
    other = SM2PrivateKey.generate()
    one = stage.credential(seed="one").attested
    two = stage.credential(seed="two", holder=other).attested
    assert one.holder_key != two.holder_key
    assert one.root != two.root
    assert one.signature != two.signature
    assert one.status == two.status  # unless the issuer gives each a place of its own


def test_a_bare_presentation_reads_back(stage: Scene) -> None:
    read = read_presentation(stage.shown())
    assert read.proven is True
    assert read.attested is not None
    assert read.attested.count == len(FIELDS)
    assert stage.check(stage.shown()).report.outcome is Outcome.PASSED
