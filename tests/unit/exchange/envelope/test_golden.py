from __future__ import annotations

import json
from pathlib import Path

import pytest

from egov_sdk.crypto import sm3
from egov_sdk.errors import EgovError
from egov_sdk.exchange.envelope.canonical import canonical
from egov_sdk.exchange.envelope.files import read_file, verify_file
from egov_sdk.exchange.envelope.json_form import read_sealed, read_signed
from egov_sdk.exchange.envelope.verify import open_envelope
from tests.unit.exchange.envelope.golden import FOLDER, LARGE, golden_files
from tests.unit.exchange.envelope.offices import AT, assert_passes, offices
from tests.unit.exchange.envelope.second import (
    Refused,
    check_message,
    check_receipt,
    content_key,
    open_attachment,
    open_sealed,
)

NAMES = sorted(path.name for path in FOLDER.iterdir())
FORMS = [name for name in NAMES if Path(name).suffix in (".json", ".xml") and name != "headers.json"]


def _golden(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


def test_every_golden_file_is_made_again_to_the_octet() -> None:
    made = golden_files()
    assert sorted(made) == NAMES
    # how zlib packs is nobody's promise: that one file is opened below instead
    assert [name for name in NAMES if made[name] != _golden(name) and "deflated" not in name] == []


@pytest.mark.parametrize("name", FORMS)
def test_what_is_read_from_a_golden_file_is_written_the_same(name: str) -> None:
    found = read_file(_golden(name))
    written = found.to_xml() if name.endswith(".xml") else found.to_json()  # type: ignore[union-attr]  # no XML evidence
    assert written == _golden(name)


@pytest.mark.parametrize("name", [name for name in FORMS if name.endswith(".json")])
def test_what_is_written_in_json_is_canonical(name: str) -> None:
    assert canonical(json.loads(_golden(name))) == _golden(name)


@pytest.mark.parametrize("stem", ["signed", "sealed", "receipt", "receipt-of-a-batch"])
def test_json_and_xml_turn_into_each_other_without_loss(stem: str) -> None:
    as_json, as_xml = read_file(_golden(f"{stem}.json")), read_file(_golden(f"{stem}.xml"))
    assert as_json.to_xml() == _golden(f"{stem}.xml")  # type: ignore[union-attr]  # none of these is evidence
    assert as_xml.to_json() == _golden(f"{stem}.json")


@pytest.mark.parametrize("name", ["signed.json", "signed.xml", "evidence.json"])
def test_the_golden_messages_verify(name: str) -> None:
    assert_passes(verify_file(_golden(name), policy=offices().policy(), at=AT))


@pytest.mark.parametrize("name", ["receipt.json", "receipt.xml", "receipt-of-a-batch.json", "receipt-of-a-batch.xml"])
def test_the_golden_receipts_verify(name: str) -> None:
    report = verify_file(_golden(name), policy=offices().policy(), at=AT, message=_golden("signed.xml"))
    assert_passes(report)


@pytest.mark.parametrize("name", ["sealed.json", "sealed.xml", "sealed-deflated.json"])
def test_the_golden_sealed_messages_open_for_each_receiver(name: str) -> None:
    world = offices()
    for office in (world.market, world.housing):
        opened = open_envelope(_golden(name), key=office.decrypter, policy=world.policy(receiver=office.party), at=AT)
        assert opened.require() == read_signed(_golden("signed.json")).envelope_unverified


@pytest.mark.parametrize("name", ["signed.json", "signed.xml"])
def test_the_second_implementation_agrees_about_messages(name: str) -> None:
    headers, content, digest = check_message(_golden(name))
    envelope = read_signed(_golden("signed.json")).envelope_unverified
    assert (headers["id"], content, digest) == (envelope.id, envelope.content, envelope.digest)


@pytest.mark.parametrize("name", ["sealed.json", "sealed.xml", "sealed-deflated.json"])
def test_the_second_implementation_opens_what_was_sealed(name: str) -> None:
    key = offices().housing.decrypter
    opened = open_sealed(_golden(name), 2003, key.public_key().point)
    assert json.loads(opened) == json.loads(_golden("signed.json"))
    with pytest.raises(Refused, match="not for us"):
        open_sealed(_golden(name), 2001, offices().tax.decrypter.public_key().point)


@pytest.mark.parametrize("name", ["receipt.json", "receipt.xml", "receipt-of-a-batch.json", "receipt-of-a-batch.xml"])
def test_the_second_implementation_agrees_about_receipts(name: str) -> None:
    receipt = check_receipt(_golden(name), _golden("signed.json"))
    assert receipt["outcome"] in {"accepted", "completed"}
    other = offices().signed(offices().envelope(b"another")).to_json()
    with pytest.raises(Refused, match="message"):
        check_receipt(_golden(name), other)


def test_the_second_implementation_opens_the_encrypted_attachment() -> None:
    headers, _, _ = check_message(_golden("signed.json"))
    key = content_key(_golden("sealed.json"), 2003, offices().housing.decrypter.public_key().point)
    (attachment,) = headers["attachments"]
    assert open_attachment(_golden("attachment.sealed"), attachment, key) == LARGE


def _flipped(name: str, path: tuple[str | int, ...]) -> bytes:
    """The golden file with one text changed in its last but one character."""
    document = json.loads(_golden(name))
    place = document
    for step in path[:-1]:
        place = place[step]
    text = place[path[-1]]
    other = "1" if text[-2] != "1" else "2"
    place[path[-1]] = text[:-2] + other + text[-1]
    return json.dumps(document).encode()


@pytest.mark.parametrize("path", [("content",), ("signatures", 0, "signature"), ("payload",)])
def test_both_implementations_refuse_a_changed_message(path: tuple[str | int, ...]) -> None:
    changed = _flipped("signed.json", path)
    with pytest.raises((Refused, ValueError)):
        check_message(changed)
    with pytest.raises(EgovError) as caught:
        verify_file(changed, policy=offices().policy(), at=AT).require()
    assert caught.value.code == "egov.verify.rejected" or caught.value.code.startswith("egov.exchange.envelope.")


def test_both_implementations_refuse_a_changed_path() -> None:
    changed = _flipped("receipt-of-a-batch.json", ("proof", "path", 1))
    with pytest.raises(Refused, match="proof"):
        check_receipt(changed, _golden("signed.json"))
    report = verify_file(changed, policy=offices().policy(), at=AT, message=_golden("signed.json"))
    assert [(one.id, one.reason) for one in report.blocking] == [("integrity.proof", "wrong")]


def test_a_stock_library_reads_the_signed_message_as_a_jws() -> None:
    from joserfc import jws
    from joserfc.jwk import OctKey

    from egov_sdk.crypto._jose import engine
    from egov_sdk.crypto._jose.encoding import DEFAULT_JOSE_LIMITS
    from egov_sdk.crypto.jose import TokenKey

    members = json.loads(_golden("signed.json"))
    registry = engine.signature_registry(frozenset({"SGD_SM3_SM2"}), DEFAULT_JOSE_LIMITS)
    key = engine.carrier(TokenKey.sm2(offices().tax.certificate.public_key))
    read = jws.deserialize_json(members, key, registry=registry)
    assert read.payload == _golden("headers.json")
    other = engine.carrier(TokenKey.sm2(offices().market.certificate.public_key))
    with pytest.raises(Exception, match="bad_signature"):
        jws.deserialize_json(members, other, registry=registry)
    assert not isinstance(key, OctKey)


def test_a_stock_library_opens_the_sealed_message_as_a_jwe() -> None:
    from joserfc import jwe

    from egov_sdk.crypto._jose import engine
    from egov_sdk.crypto._jose.encoding import DEFAULT_JOSE_LIMITS
    from egov_sdk.crypto.jose import TokenKey

    office = offices().market
    members = json.loads(_golden("sealed.json"))
    ours = sm3(b"\x04" + office.decrypter.public_key().point).hex()
    members["recipients"] = [one for one in members["recipients"] if one["header"]["kid"] == ours]
    registry = engine.encryption_registry(("SGD_SM2_3", "SGD_SM4_GCM"), DEFAULT_JOSE_LIMITS)
    read = jwe.decrypt_json(members, engine.carrier(TokenKey.sm2(office.decrypter)), registry=registry)
    assert read.plaintext == _golden("signed.json")


def test_the_golden_sealed_message_says_nothing_of_its_content_outside() -> None:
    sealed = read_sealed(_golden("sealed.json"))
    assert set(json.loads(sealed.routing)) == {
        "created",
        "expires",
        "format",
        "id",
        "receivers",
        "resource",
        "sender",
        "service",
    }
