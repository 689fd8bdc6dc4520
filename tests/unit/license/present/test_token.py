"""Presentations signed by the issuer: what is in them, what callers may not ask for, and how small they are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from egov_sdk.crypto import SM2PrivateKey, sm3
from egov_sdk.license.present import PresentationKind, StatusEntry, read_presentation, sign_presentation
from egov_sdk.license.problems import LicenseRejected
from tests.presentation_world import FIELDS, LIST_ID, NOW, PLACE, TYPE, VERIFIER, scene, seeded

STATUS = StatusEntry(LIST_ID, PLACE)


def make(**changes: object) -> str:
    arguments: dict[str, object] = {"status": STATUS, "signer": scene().key, "at": NOW} | changes
    code = arguments.pop("type_code", TYPE)
    fields = arguments.pop("fields", {})
    return sign_presentation(code, fields, **arguments).text  # type: ignore[arg-type]  # wrong ones are the point


def test_it_says_what_it_was_given_and_no_more() -> None:
    read = read_presentation(scene().token(nonce=None))
    assert read.kind is PresentationKind.ISSUER
    assert read.status == STATUS
    assert (read.issued_at, read.expires_at) == (NOW, NOW + timedelta(seconds=120))
    assert read.nonce == seeded("nonce")(8)
    assert dict(read.fields) == FIELDS
    assert read.attested is None
    assert read.proven is None


def test_two_presentations_of_one_licence_have_nonces_of_their_own() -> None:
    assert read_presentation(make()).nonce != read_presentation(make()).nonce


def test_it_ends_with_the_licences_term() -> None:
    made = sign_presentation(
        TYPE, {}, status=STATUS, signer=scene().key, at=NOW, not_after=NOW + timedelta(seconds=30, microseconds=9)
    )
    assert made.expires_at == NOW + timedelta(seconds=30)
    assert read_presentation(made.text).expires_at == made.expires_at


def test_neither_the_text_nor_the_items_show_in_repr() -> None:
    made = sign_presentation(TYPE, FIELDS, status=STATUS, signer=scene().key, at=NOW)
    assert made.text not in repr(made)
    assert "张三" not in repr(read_presentation(made.text))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"at": datetime(2026, 6, 1)}, "aware"),  # noqa: DTZ001 - naive on purpose
        ({"at": datetime(1969, 1, 1, tzinfo=UTC)}, "1970"),
        ({"at": datetime(5000, 1, 1, tzinfo=UTC)}, "1970"),
        ({"lifetime": timedelta(0)}, "a second to a day"),
        ({"lifetime": timedelta(hours=25)}, "a second to a day"),
        ({"not_after": NOW}, "nothing is left"),
        ({"not_after": datetime(2026, 7, 1)}, "aware"),  # noqa: DTZ001 - naive on purpose
        ({"type_code": TYPE[:-1]}, "type_code"),
        ({"type_code": TYPE.lower()}, "type_code"),
        ({"status": StatusEntry(-1, 0)}, "list_id"),
        ({"status": StatusEntry(0, 1 << 32)}, "index"),
        ({"nonce": b"1234567"}, "8 to 32"),
        ({"nonce": bytes(33)}, "8 to 32"),
        ({"audience": "x" * 65}, "at most 64"),
        ({"fields": {"colour": "red"}}, "neither an item"),
        ({"fields": {"KZ_": "red"}}, "neither an item"),
    ],
)
def test_what_cannot_be_is_refused_before_any_work(changes: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        make(**changes)


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"number": "x" * 1_001}, "item_too_long"),
        ({f"KZ_{n}": "x" for n in range(65)}, "items_too_many"),
        ({f"KZ_{n}": "x" * 600 for n in range(4)}, "qr_too_large"),
    ],
)
def test_more_than_a_code_can_show_is_refused(fields: dict[str, str], code: str) -> None:
    with pytest.raises(LicenseRejected) as caught:
        make(fields=fields)
    assert caught.value.code == f"egov.license.{code}"


def test_the_largest_that_is_made_is_read() -> None:
    read = read_presentation(make(fields={"KZ_a": "x" * 1_000, "KZ_b": "x" * 1_000}))
    assert len(read.fields["KZ_b"]) == 1_000


def test_it_is_signed_with_the_key_that_it_names_and_no_other() -> None:
    one, two = SM2PrivateKey.generate(), SM2PrivateKey.generate()
    found = [read_presentation(make(signer=key)).issuer_key_id for key in (one, two, one)]
    assert found[0] == found[2] != found[1]
    assert all(len(each) == 8 for each in found)


def test_the_text_is_what_the_documentation_says_byte_by_byte() -> None:
    """A second implementation can be held against this: all but the signature is fixed."""
    made = sign_presentation(
        TYPE,
        {"number": "A1", "KZ_x": "y"},
        status=StatusEntry(3, 300),
        signer=SM2PrivateKey.from_int(7),
        at=datetime(2026, 6, 1, tzinfo=UTC),
        audience="v",
        nonce=bytes(8),
    )
    from egov_sdk.license.present import _base45 as base45

    octets = base45.decode(made.text.removeprefix("EGL1:"), what="test")
    key_id = sm3(SM2PrivateKey.from_int(7).public_key().point)[:8]
    body = (
        b"\x89\x48"
        + key_id
        + b"\x75"
        + TYPE.encode()
        + b"\x03\x19\x01\x2c\x1a"
        + (1_780_272_000).to_bytes(4, "big")
        + b"\x18\x78\x48"
        + bytes(8)
        + b"\x61v\xa2\x02\x62A1\x61x\x61y"
    )
    assert octets[:-64] == b"\x83\x01\x58" + bytes((len(body),)) + body + b"\x58\x40"
    assert VERIFIER not in made.text
