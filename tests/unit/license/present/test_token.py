"""Presentations signed by the issuer: what is in them, what callers may not ask for, and how small they are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from egov_sdk.crypto import SM2PrivateKey, hmac_sm3, sm3
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


#: As in the documentation, made once. The issuer's key is 7, the holder's 11.
BY_ISSUER = (
    "EGL1:CPG17B:FH$-KU75$WE0 JV E%96646646646646746CL6HL601B%96SH0U60CF3 S3W8GC9F000000000000KECTLK/"
    "IC-A6$9FEFF178A%I6HT+KC/L4+M7MQN7YU7V1OLDC+1/%7GG0WTKBPAM:22AU$ZJ5L1X4NU1FTNA/$Q%HV 9J1MSBDK+7C8"
    "YCO8ES$3+LAQ1"
)
BY_HOLDER = (
    "EGL1:U G$7B:FH$-KU75$WE0 JV E%96646646646646746CL6HL601B%96SH0U60CF3 S3Y8GOJDL8BG6B7H0$WMM5296PK"
    "SSWG3E2FI6DPL8S%BZ:QETO$LG1YHABR-PS:1Q08A:EP +9O40X16WVI84740TU82948X6R3%3:N8B*2-%VCTT2D6J0UBPIA"
    "2I%TH3JT4:VW87GPEH5R$-903Q3XF.3VJJ42CAIBAL+TDDV-.9V/4B S9X4U.F.VFM6K1 9CF3 S3W8GC9F000000000000K"
    "EC.FK1RGDYDCUEZBNX/AA+0ZOQUZRX-FPD0*A8F6B6FUFS8A+BR-S%LSP.N$28%2RY%P-:0FGGDHE0A9TEUUX59Q527B*ZTJ"
    "TT35TV6GIDW:ELPFJ6FLY4KFGFXSGYJ1 %7X%VGRC9 0X8Q0ZHQ QQDLPW18VTZ+D+4S:08XH8516C%RBO2AU40APRTD"
)


def string(octets: bytes) -> bytes:
    """A byte string of CBOR, of 24 to 255 octets."""
    return b"\x58" + bytes((len(octets),)) + octets


def test_the_vectors_of_the_documentation_hold_by_rules_written_out_here() -> None:
    seven, eleven = (SM2PrivateKey.from_int(number).public_key() for number in (7, 11))
    one, two = read_presentation(BY_ISSUER), read_presentation(BY_HOLDER)
    assert dict(one.fields) == {"number": "A1", "KZ_x": "y"}
    purpose = b"\x74egov-license/1 token"
    seven.verify(one.signature, b"\x82" + purpose + string(one.body), form="raw")

    attested = two.attested
    assert attested is not None
    purpose = b"\x78\x1aegov-license/1 attestation"
    seven.verify(attested.signature, b"\x82" + purpose + string(attested.body), form="raw")
    purpose = b"\x78\x1begov-license/1 presentation"
    signed = b"\x84" + purpose + string(attested.body) + string(attested.signature) + string(two.body)
    eleven.verify(two.signature, signed, form="raw")
    assert attested.holder_key == eleven

    salts = [hmac_sm3(bytes(32), bytes((0, place)))[:16] for place in range(3)]
    items = (b"\x82\x05\x66" + "张三".encode(), b"\x82\x02\x62A1", b"\x82\x61x\x61y")
    leaves = [sm3(b"\0" + salt + item)[:16] for salt, item in zip(salts, items, strict=True)]
    pair = sm3(b"\1" + leaves[0] + leaves[1])[:16]
    assert attested.root == sm3(b"\1" + pair + leaves[2])[:16]
    assert dict(two.fields) == {"number": "A1"}
    assert two.body.endswith(b"\x58\x20" + leaves[0] + leaves[2])
