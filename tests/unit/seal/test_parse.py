"""Seals and signature values as they are in the wild: read by shape, every deviation named, everything else refused."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egov_sdk.crypto import oids, sm3
from egov_sdk.crypto.der import (
    bit_string,
    context,
    encode_tlv,
    generalized_time,
    ia5_string,
    integer,
    null,
    octet_string,
    oid,
    printable_string,
    read_one,
    sequence,
    utc_time,
    utf8_string,
)
from egov_sdk.errors import InputError, LimitExceeded, ParseError
from egov_sdk.limits import Asn1Limits
from egov_sdk.seal import ElectronicSeal, SealPicture, SealVersion, parse_seal
from egov_sdk.seal._gbt38540 import encode_seal, encode_seal_info, encode_to_sign, encode_value, parse_value
from egov_sdk.seal.model import CertificateDigest, Leniency, SealExtension
from tests.unit.seal import ses
from tests.unit.seal.ses import FALSE, MADE, TRUE, UNTIL, Node, extension, parts_of, seal, swapped, value
from tests.world import NOW, world

CHINA = timezone(timedelta(hours=8))
HASH = sm3(b"")  # of the empty description that ses.value takes by default


def names(leniencies: tuple[Leniency, ...]) -> list[str]:
    return [leniency.code for leniency in leniencies]


# ====================================================================== what is read


@pytest.mark.parametrize("layout", [1, 4, 5])
def test_a_plain_seal_of_each_layout_is_read_field_by_field_without_leniency(layout: int) -> None:
    found = parse_seal(seal(layout))
    office = world().office
    assert found.version is SealVersion(layout)
    assert (found.declared_version, found.vendor, found.seal_id) == (layout, "tests", "37030000001721")
    assert (found.kind, found.name) == (1, "测试专用章")
    assert found.holder_certificates == (office.certificate.raw,)
    assert found.holder_digests == ()
    assert (found.created_at, found.valid_from, found.valid_to) == (MADE, MADE, UNTIL)
    assert found.picture == office.seal.picture
    assert (found.extensions, found.time_stamp, found.leniencies) == ((), None, ())
    assert found.maker_certificate == office.maker_certificate.raw
    assert found.maker_algorithm == oids.SM2_SM3_SIGNATURE
    office.maker.public_key().verify(found.maker_signature, found.signed_bytes)


@functools.cache
def seal_raw(layout: int) -> bytes:
    return seal(layout)


@pytest.mark.parametrize("layout", [1, 4, 5])
def test_a_plain_value_of_each_layout_is_read_field_by_field_without_leniency(layout: int) -> None:
    raw = value(layout)
    found = parse_value(raw)
    office = world().office
    assert found.raw == raw
    assert found.version is SealVersion(layout)
    assert (found.declared_version, found.signed_at, found.token) == (layout, NOW, None)
    assert (found.data_hash, found.property_info) == (HASH, "/Doc_0/Signs/Sign_0/Signature.xml")
    assert (found.extensions, found.time_stamp, found.leniencies) == ((), None, ())
    assert found.signer_certificate == office.certificate.raw
    assert found.algorithm == oids.SM2_SM3_SIGNATURE
    office.signer.public_key().verify(found.signature, found.signed_bytes)
    office.maker.public_key().verify(found.seal.maker_signature, found.seal.signed_bytes)


def test_what_the_maker_of_a_v1_seal_signed_is_three_parts_taken_byte_for_byte() -> None:
    info, sign_info = parts_of(seal(1))
    assert parse_seal(sequence(info, sign_info)).signed_bytes == sequence(info, *parts_of(sign_info)[:2])


def test_what_the_maker_of_a_v4_seal_signed_is_its_first_part_alone() -> None:
    raw = seal(4)
    assert parse_seal(raw).signed_bytes == parts_of(raw)[0]


@pytest.mark.parametrize("version", [SealVersion.V4, SealVersion.V5])
@pytest.mark.parametrize("by_digest", [False, True])
@pytest.mark.parametrize("stamp", [None, b"a token"])
def test_what_is_written_is_read_back(version: SealVersion, by_digest: bool, stamp: bytes | None) -> None:
    holders = [b"one certificate", b"another"]
    digests = [CertificateDigest("SM3", sm3(holder)) for holder in holders]
    picture = SealPicture(b"picture", "PNG", 42, 30)
    info = encode_seal_info(
        version=version,
        vendor="v",
        seal_id="id-1",
        kind=15,
        name="章名",
        holders=digests if by_digest else holders,
        created_at=MADE,
        valid_from=MADE + timedelta(days=1),
        valid_to=UNTIL,
        picture=picture,
    )
    made = encode_seal(info, maker_certificate=b"maker", signature=b"signature", time_stamp=stamp)
    body = encode_to_sign(version=version, seal=made, signed_at=NOW, data_hash=HASH, property_info="/a/b")
    found = parse_value(encode_value(body, signer_certificate=b"signer", signature=b"more", time_stamp=stamp))
    own = found.seal
    assert own.raw == made
    assert own.version is (SealVersion.V5 if stamp else version)
    assert (own.vendor, own.seal_id, own.kind, own.name) == ("v", "id-1", 15, "章名")
    assert own.holder_certificates == (() if by_digest else tuple(holders))
    assert own.holder_digests == (tuple(digests) if by_digest else ())
    assert (own.created_at, own.valid_from, own.valid_to) == (MADE, MADE + timedelta(days=1), UNTIL)
    assert own.picture == picture
    assert (own.maker_certificate, own.maker_signature, own.signed_bytes) == (b"maker", b"signature", info)
    assert own.time_stamp == found.time_stamp == stamp
    assert (found.signed_at, found.data_hash, found.property_info) == (NOW, HASH, "/a/b")
    assert (found.signer_certificate, found.signature, found.signed_bytes) == (b"signer", b"more", body)


@given(
    name=st.text(st.characters(codec="utf-8"), max_size=30),
    kind=st.integers(0, 1 << 31),
    holders=st.lists(st.binary(min_size=1, max_size=200), min_size=1, max_size=5),
    created=st.datetimes(datetime(1950, 1, 1), datetime(9998, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    width=st.integers(0, 10_000),
    signature=st.binary(min_size=1, max_size=80),
)
@settings(max_examples=60, deadline=None)
def test_any_seal_that_is_written_is_read_back(
    name: str, kind: int, holders: list[bytes], created: datetime, width: int, signature: bytes
) -> None:
    info = encode_seal_info(
        version=SealVersion.V4,
        vendor="v",
        seal_id="1",
        kind=kind,
        name=name,
        holders=holders,
        created_at=created,
        valid_from=created,
        valid_to=UNTIL,
        picture=SealPicture(b"p", "PNG", width, width),
    )
    found = parse_seal(encode_seal(info, maker_certificate=b"m", signature=signature))
    assert (found.name, found.kind, found.holder_certificates) == (name, kind, tuple(holders))
    assert (found.created_at, found.picture.width_mm, found.maker_signature) == (created, width, signature)
    assert found.leniencies == ()


def test_nobody_can_write_a_seal_that_lists_nobody_or_both_kinds() -> None:
    def write(holders: Any) -> bytes:
        picture = SealPicture(b"p", "PNG", 1, 1)
        times = {"created_at": MADE, "valid_from": MADE, "valid_to": UNTIL}
        named = {"vendor": "v", "seal_id": "1", "kind": 1, "name": "n"}
        return encode_seal_info(version=SealVersion.V4, holders=holders, picture=picture, **named, **times)  # type: ignore[arg-type]  # words by kind

    for holders in ([], [b"c", CertificateDigest("SM3", b"d")]):
        with pytest.raises(ValueError, match="holders"):
            write(holders)


# ====================================================================== deviations that are read, and named

_RAW_SIGNATURE = bytes(range(1, 65))
_TEXT = b"2026-06-01 17:30:00"


def cut_zeros(octets: bytes) -> bytes:
    """A BIT STRING as an encoder writes it that takes zero bits at the end for unused ones."""
    kept = octets.rstrip(b"\x00")
    unused = (kept[-1] & -kept[-1]).bit_length() - 1
    return encode_tlv(3, bytes([unused]) + kept)


def tagged_holders() -> bytes:
    office = world().office
    return sequence(ia5_string("certID-0001"), octet_string(office.certificate.raw))


#: name of the deviation: the code it must be named with, and a seal that has it
SEALS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "v1 layout with version 4": ("version_number", lambda: seal(1, version=integer(4))),
    "v1 layout with version 5": ("version_number", lambda: seal(1, version=integer(5))),
    "v4 layout with version 1": ("version_number", lambda: seal(4, version=integer(1))),
    "v4 layout with version 0": ("version_number", lambda: seal(4, version=integer(0))),
    "v5 by its time stamp, with version 4": (
        "version_number",
        lambda: seal(4, time_stamp=context(0, bit_string(b"token"))),
    ),
    "name as IA5String": ("string_type", lambda: seal(name=ia5_string("Name"))),
    "seal number as UTF8String": ("string_type", lambda: seal(es_id=utf8_string("3703"))),
    "seal number as PrintableString": ("string_type", lambda: seal(es_id=printable_string("3703"))),
    "name as BMPString": ("string_type", lambda: seal(name=encode_tlv(0x1E, "章".encode("utf-16-be")))),
    "name in GB 18030": ("string_charset", lambda: seal(name=encode_tlv(0x0C, "专用章".encode("gb18030")))),
    "maker in UTF-8 under IA5String": ("string_charset", lambda: seal(vid=encode_tlv(0x16, "厂商".encode()))),
    "signature as OCTET STRING": ("octet_string_for_bit_string", lambda: seal(signature=octet_string(b"\x30\x00"))),
    "signature with unused bits": ("bit_string_unused_bits", lambda: seal(signature=bit_string(b"\x08", unused=3))),
    "info wrapped in an OCTET STRING": ("wrapped_structure", lambda: seal(info=octet_string(parts_of(seal())[0]))),
    "info wrapped in a BIT STRING": ("wrapped_structure", lambda: seal(info=bit_string(parts_of(seal())[0]))),
    "the whole wrapped": ("wrapped_structure", lambda: octet_string(seal())),
    "the whole wrapped in bits": ("wrapped_structure", lambda: bit_string(seal())),
    "v1 signInfo wrapped": ("wrapped_structure", lambda: seal(1, sign_info=octet_string(parts_of(seal(1))[1]))),
    "v1 signInfo wrapped in bits": ("wrapped_structure", lambda: seal(1, sign_info=bit_string(parts_of(seal(1))[1]))),
    "GeneralizedTime in v1": ("time_type", lambda: seal(1, created=generalized_time(MADE))),
    "UTCTime in v4": ("time_type", lambda: seal(4, valid_to=utc_time(UNTIL))),
    "text under GeneralizedTime": ("time_not_der", lambda: seal(created=encode_tlv(0x18, b"2026-02-21 17:30:00"))),
    "GeneralizedTime of another zone": ("time_not_der", lambda: seal(created=encode_tlv(0x18, b"20260221173000+0800"))),
    "a fraction that ends in zero": ("time_not_der", lambda: seal(created=encode_tlv(0x18, b"20260221093000.0Z"))),
    "UTCTime without seconds": ("time_not_der", lambda: seal(1, created=encode_tlv(0x17, b"2602210930Z"))),
    "UTCTime of another zone": ("time_not_der", lambda: seal(1, created=encode_tlv(0x17, b"260221173000+0800"))),
    "made after the period begins": (
        "created_after_valid_from",
        lambda: seal(created=generalized_time(MADE + timedelta(seconds=1))),
    ),
    "v1 holder named by text": ("certificate_name_for_certificate", lambda: seal(1, holders=tagged_holders())),
    "critical FALSE written out": ("extension_default_written", lambda: seal(ext=sequence(extension(FALSE)))),
    "unknown and critical": ("unknown_critical_extension", lambda: seal(ext=sequence(extension(TRUE)))),
    "extDatas under a tag": ("extensions_tagged", lambda: seal(ext=context(0, sequence(extension())))),
    "v1 extDatas under a tag": ("extensions_tagged", lambda: seal(1, ext=context(0, sequence(extension())))),
    "indefinite length": ("ber_encoding", lambda: b"\x30\x80" + read_one(seal()).content + b"\x00\x00"),
    "a length with leading zeros": ("ber_encoding", lambda: _long_length(seal())),
    "a string in pieces": (
        "ber_encoding",
        lambda: seal(es_id=b"\x36\x08" + octet_string(b"37") + octet_string(b"03")),
    ),
    "implicit time stamp": ("implicit_time_stamp", lambda: seal(5, time_stamp=context(0, b"\x00token", False))),
}


def _long_length(octets: bytes) -> bytes:
    content = read_one(octets).content
    return b"\x30\x88" + len(content).to_bytes(8, "big") + content


@pytest.mark.parametrize("name", SEALS)
def test_a_seal_with_a_known_deviation_is_read_and_the_deviation_is_named(name: str) -> None:
    code, make = SEALS[name]
    found = parse_seal(make())
    assert names(found.leniencies) == [code]
    assert found.name in ("测试专用章", "Name", "章", "专用章")
    assert found.leniencies[0].where.startswith("seal")


#: the same for signature values
VALUES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a seal of version 4 in a v1 value of version 1": (
        "version_number version_numbers_differ",
        lambda: value(1, seal=seal(1, version=integer(4))),
    ),
    "v1 layout with version 4 throughout": (
        "version_number",
        lambda: value(1, seal=seal(1, version=integer(4)), version=integer(4)),
    ),
    "another version than the seal": ("version_numbers_differ", lambda: value(version=integer(3))),
    "signature as OCTET STRING": ("octet_string_for_bit_string", lambda: value(signature=octet_string(b"s"))),
    "v1 signature as OCTET STRING": ("octet_string_for_bit_string", lambda: value(1, signature=octet_string(b"s"))),
    "hash as OCTET STRING": ("octet_string_for_bit_string", lambda: value(data_hash=octet_string(HASH))),
    "v1 time as OCTET STRING": (
        "octet_string_for_bit_string time_as_text",
        lambda: value(1, time=octet_string(_TEXT)),
    ),
    "what is signed wrapped": ("wrapped_structure", lambda: value(to_sign=octet_string(parts_of(value())[0]))),
    "the seal inside wrapped": ("wrapped_structure", lambda: value(seal=bit_string(seal()))),
    "v1 time without BIT STRING": ("time_not_in_bit_string", lambda: value(1, time=utc_time(NOW))),
    "v1 time without BIT STRING as GeneralizedTime": (
        "time_not_in_bit_string time_type",
        lambda: value(1, time=generalized_time(NOW)),
    ),
    "v1 time as GeneralizedTime": ("time_type", lambda: value(1, time=bit_string(generalized_time(NOW)))),
    "v4 time as UTCTime": ("time_type", lambda: value(time=utc_time(NOW))),
    "v4 time inside a BIT STRING": ("time_in_bit_string", lambda: value(time=bit_string(generalized_time(NOW)))),
    "v4 time as text inside a BIT STRING": ("time_in_bit_string time_as_text", lambda: value(time=bit_string(_TEXT))),
    "v1 time as text with unused bits": (
        "bit_string_unused_bits time_as_text",
        lambda: value(1, time=bit_string(b"2026-06-01 17:30:02"[:-1] + b"0", unused=4)),
    ),
    "extension with critical FALSE": (
        "extension_default_written",
        lambda: value(ext=context(0, sequence(extension(FALSE)))),
    ),
    "unknown critical extension": (
        "unknown_critical_extension",
        lambda: value(ext=context(0, sequence(extension(TRUE)))),
    ),
    "property info as UTF8String": ("string_type", lambda: value(property_info=utf8_string("/a"))),
    "property info outside ASCII": ("string_charset", lambda: value(property_info=encode_tlv(0x16, "甲".encode()))),
    "implicit time stamp": ("implicit_time_stamp", lambda: value(time_stamp=context(0, b"\x00token", False))),
    "time stamp as OCTET STRING": (
        "octet_string_for_bit_string",
        lambda: value(time_stamp=context(0, octet_string(b"token"))),
    ),
    "indefinite length": ("ber_encoding", lambda: b"\x30\x80" + read_one(value()).content + b"\x00\x00"),
    "a deviation of the seal inside": (
        "extension_default_written",
        lambda: value(seal=seal(ext=sequence(extension(FALSE)))),
    ),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_value_with_a_known_deviation_is_read_and_the_deviation_is_named(name: str) -> None:
    codes, make = VALUES[name]
    found = parse_value(make())
    assert names(found.leniencies) == codes.split()
    assert found.signed_at is not None
    assert abs(found.signed_at - NOW) < timedelta(seconds=5)


def test_bytes_behind_a_tag_or_a_bit_string_are_what_was_received() -> None:
    assert parse_seal(octet_string(seal_raw(4))).raw == seal_raw(4)
    assert parse_value(value(seal=bit_string(seal_raw(4)))).seal.raw == seal_raw(4)
    assert parse_seal(seal(5, time_stamp=context(0, b"\x00token", False))).time_stamp == b"token"


def test_extensions_are_kept_with_the_octets_that_the_maker_signed() -> None:
    raw = seal(ext=sequence(extension(FALSE), extension(name="1.3.6.1.5.5.7.1.4", value=b"x")))
    found = parse_seal(raw)
    assert found.extensions == (
        SealExtension("1.2.156.10197.6.7.2.2.1", False, b"2.1"),
        SealExtension("1.3.6.1.5.5.7.1.4", False, b"x"),
    )
    world().office.maker.public_key().verify(found.maker_signature, found.signed_bytes)
    assert b"\x01\x01\x00" in found.signed_bytes


def test_a_seal_may_have_an_empty_list_of_extensions() -> None:
    found = parse_seal(seal(ext=sequence()))
    assert (found.extensions, found.leniencies) == ((), ())


def test_holders_by_digest_are_read_with_their_free_names() -> None:
    digests = sequence(*(sequence(printable_string(name), octet_string(HASH)) for name in ("SM3", "anything")))
    found = parse_seal(seal(list_type=integer(2), holders=digests))
    assert found.holder_digests == (CertificateDigest("SM3", HASH), CertificateDigest("anything", HASH))
    assert (found.holder_certificates, found.leniencies) == ((), ())


def test_a_v1_holder_that_is_only_a_name_leaves_no_certificate() -> None:
    found = parse_seal(seal(1, holders=sequence(ia5_string("certID"))))
    assert (found.holder_certificates, names(found.leniencies)) == ((), ["certificate_name_for_certificate"])


@pytest.mark.parametrize("size", [30, 31])
@pytest.mark.parametrize("last", [0x01, 0x02, 0x80])
def test_a_hash_whose_zeros_were_cut_is_made_whole_and_the_cut_is_named(size: int, last: int) -> None:
    whole = (HASH[: size - 1] + bytes([last])).ljust(32, b"\x00")
    found = parse_value(value(data_hash=cut_zeros(whole)))
    assert found.data_hash == whole
    assert names(found.leniencies) == (["bit_string_unused_bits"] if last != 1 else []) + ["data_hash_cut"]


@pytest.mark.parametrize("size", [0, 1, 16, 20, 29, 33, 64])
def test_a_hash_of_another_length_stays_as_it_is(size: int) -> None:
    assert parse_value(value(data_hash=bit_string(b"\x01" * size))).data_hash == b"\x01" * size


def test_an_octet_string_that_stands_for_a_hash_is_never_filled_up() -> None:
    assert parse_value(value(data_hash=octet_string(HASH[:31]))).data_hash == HASH[:31]


def test_the_numbers_in_a_v1_header_may_be_what_the_old_text_prints() -> None:
    assert names(parse_seal(seal(1, version=integer(11))).leniencies) == []
    assert names(parse_seal(seal(1, version=integer(12))).leniencies) == ["version_number"]


# ====================================================================== times as text

_AT = datetime(2022, 3, 24, 8, 54, 12, tzinfo=CHINA)
TEXT_TIMES: dict[bytes, datetime] = {
    b"2022-03-24 08:54:12": _AT,  # the local time of China
    b"2022-03-24T08:54:12": _AT,
    b"20220324085412": _AT,
    b"2022-03-24 08:54:12.377": _AT.replace(microsecond=377_000),
    b"2022-03-24 08:54:12,5": _AT.replace(microsecond=500_000),
    b" 2022-03-24 08:54:12 ": _AT,
    b"2020-01-25T07:31:56.377Z": datetime(2020, 1, 25, 7, 31, 56, 377_000, UTC),
    b"20220324085412Z": _AT.replace(tzinfo=UTC),
    b"20220324085412.302Z": _AT.replace(tzinfo=UTC, microsecond=302_000),
    b"2022-03-24 08:54:12+08:00": _AT,
    b"2022-03-24 08:54:12 +0800": _AT,
    b"2022-03-24 00:54:12-00:00": _AT,
    b"2022-03-23 19:24:12-05:30": _AT,
    b"2024-02-29 00:00:00": datetime(2024, 2, 29, tzinfo=CHINA),
}


@pytest.mark.parametrize("text", TEXT_TIMES, ids=repr)
def test_a_time_as_text_is_read_and_without_a_zone_it_is_the_time_of_china(text: bytes) -> None:
    found = parse_value(value(1, time=bit_string(text)))
    assert found.signed_at == TEXT_TIMES[text]
    assert found.signed_at.utcoffset() is not None
    assert names(found.leniencies) == ["time_as_text"]
    assert found.leniencies[0].found == text.decode()


BAD_TEXTS = (
    b"",
    b"now",
    b"2022-03-24",
    b"2022-03-24 08:54",
    b"22-03-24 08:54:12",
    b"2022-13-24 08:54:12",
    b"2022-02-30 08:54:12",
    b"2023-02-29 08:54:12",
    b"2022-03-24 24:00:00",
    b"2022-03-24 08:60:12",
    b"2022-03-24 08:54:61",
    b"2022-03-24 08:54:12.1234567",
    b"2022-03-24 08:54:12.Z",
    b"2022-03-24 08:54:12 CST",
    b"2022-03-24 08:54:12+99:99",
    b"2022-03-24 08:54:12+8",
    b"2022-03-24 08:54:12x",
    b"x2022-03-24 08:54:12",
    b"2022/03/24 08:54:12",
    b"2022\xe5\xb9\xb403\xe6\x9c\x8824\xe6\x97\xa5 08:54:12",
    "２０２２-03-24 08:54:12".encode(),
    b"2022-03-24 08:54:12" + b" " * 40,
    b"1648083252",
    b"\x19\x02ab",
    b"\x18\x13" + b"2022-03-24 08:54:12" + b"\x00",
    b"\x17\x0d220324085412Z\x00",
)


@pytest.mark.parametrize("text", BAD_TEXTS, ids=repr)
def test_what_is_no_time_in_the_place_of_one_is_refused(text: bytes) -> None:
    refused(lambda: parse_value(value(1, time=encode_tlv(3, b"\x00" + text))))
    refused(lambda: parse_value(value(4, time=encode_tlv(3, b"\x00" + text))))


def test_text_under_utctime_is_refused_since_it_has_no_century() -> None:
    refused(lambda: parse_seal(seal(1, created=encode_tlv(0x17, b"2026-02-21 17:30:00"))))


def test_a_token_in_the_place_of_the_time_is_kept_as_a_token() -> None:
    token = sequence(oid(oids.GM_SIGNED_DATA))
    for found in (parse_value(value(1, time=bit_string(token))), parse_value(value(4, time=bit_string(token)))):
        assert (found.signed_at, found.token, found.time_stamp) == (None, token, None)


def test_the_last_second_that_can_be_written_is_a_time_like_another() -> None:
    found = parse_value(value(1, time=bit_string(b"9999-12-31 23:59:59-10:00")))
    assert found.signed_at is not None
    assert found.signed_at > NOW


# ====================================================================== what is refused


def refused(read: Callable[[], object], *, limit: str | None = None) -> InputError:
    with pytest.raises(InputError) as caught:
        read()
    if limit is None:
        assert isinstance(caught.value, ParseError), caught.value
        assert caught.value.where
        assert caught.value.code in ("egov.seal.malformed", "egov.input.der")
    else:
        assert isinstance(caught.value, LimitExceeded), caught.value
        assert caught.value.limit == limit
    assert len(str(caught.value)) < 400
    return caught.value


def _regrouped(octets: bytes, *, drop: int = 0, add: bytes = b"") -> bytes:
    parts = parts_of(octets)
    return sequence(*parts[: len(parts) - drop], add)


BAD_SEALS: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "one octet": lambda: b"\x30",
    "an empty sequence": sequence,
    "one element": lambda: sequence(parts_of(seal())[0]),
    "three elements": lambda: _regrouped(seal(), drop=1),
    "six elements": lambda: _regrouped(seal(5, time_stamp=context(0, bit_string(b"t"))), add=context(1, null())),
    "a byte behind": lambda: seal() + b"\x00",
    "end of contents behind": lambda: seal() + b"\x00\x00",
    "another seal behind": lambda: seal() * 2,
    "the last octet missing": lambda: seal()[:-1],
    "v1 seal with a v4 property": lambda: seal(1, property=parts_of(parts_of(seal(4))[0])[2]),
    "v4 seal with a v1 property": lambda: seal(4, property=parts_of(parts_of(seal(1))[0])[2]),
    "v1 seal with a time stamp": lambda: _regrouped(seal(1), add=context(0, bit_string(b"t"))),
    "v4 info with v1 signInfo": lambda: sequence(parts_of(seal(4))[0], parts_of(seal(1))[1]),
    "v1 info with a v4 tail": lambda: sequence(parts_of(seal(1))[0], *parts_of(seal(4))[1:]),
    "v1 signInfo of two": lambda: seal(1, sign_info=sequence(*parts_of(parts_of(seal(1))[1])[:2])),
    "v1 signInfo of four": lambda: seal(1, sign_info=_regrouped(parts_of(seal(1))[1], add=null())),
    "v1 signInfo empty": lambda: seal(1, sign_info=sequence()),
    "info of three": lambda: seal(info=_regrouped(parts_of(seal())[0], drop=1)),
    "info of six": lambda: seal(info=_regrouped(parts_of(seal(ext=sequence()))[0], add=null())),
    "header of two": lambda: seal(header=sequence(ia5_string("ES"), integer(4))),
    "header of four": lambda: seal(header=sequence(ia5_string("ES"), integer(4), ia5_string("v"), null())),
    "property of five": lambda: seal(property=sequence(*([null()] * 5))),
    "property of eight": lambda: seal(property=_regrouped(parts_of(parts_of(seal())[0])[2], add=null())),
    "another mark than ES": lambda: seal(id=ia5_string("es")),
    "a mark too long": lambda: seal(id=ia5_string("ES" * 50)),
    "an empty mark": lambda: seal(id=ia5_string("")),
    "a negative version": lambda: seal(version=integer(-4)),
    "a huge version": lambda: seal(version=integer(1 << 40)),
    "a version that is padded": lambda: seal(version=encode_tlv(2, b"\x00\x04")),
    "an empty version": lambda: seal(version=encode_tlv(2, b"")),
    "a negative kind": lambda: seal(kind=integer(-1)),
    "a negative width": lambda: seal(picture=_picture_with(width=integer(-42))),
    "a negative height": lambda: seal(picture=_picture_with(height=integer(-1))),
    "a height of 2**63": lambda: seal(picture=_picture_with(height=integer(1 << 63))),
    "a picture of three": lambda: seal(picture=sequence(ia5_string("PNG"), octet_string(b"p"), integer(1))),
    "a picture of five": lambda: seal(picture=_regrouped(_picture_with(), add=null())),
    "a picture as BIT STRING": lambda: seal(picture=_picture_with(data=bit_string(b"p"))),
    "list type 0": lambda: seal(list_type=integer(0)),
    "list type 3": lambda: seal(list_type=integer(3)),
    "list type negative": lambda: seal(list_type=integer(-1)),
    "certificates under list type 2": lambda: seal(list_type=integer(2)),
    "digests under list type 1": lambda: seal(holders=_digests()),
    "both kinds of holder": lambda: seal(holders=sequence(octet_string(b"c"), sequence(ia5_string("SM3"), null()))),
    "a holder named by text in v4": lambda: seal(holders=tagged_holders()),
    "a digest of one": lambda: seal(list_type=integer(2), holders=sequence(sequence(printable_string("SM3")))),
    "a digest of three": lambda: seal(
        list_type=integer(2), holders=sequence(sequence(printable_string("SM3"), octet_string(HASH), null()))
    ),
    "a digest as BIT STRING": lambda: seal(
        list_type=integer(2), holders=sequence(sequence(printable_string("SM3"), bit_string(HASH)))
    ),
    "holders in a SET": lambda: seal(holders=encode_tlv(0x31, octet_string(b"c"))),
    "no time": lambda: seal(created=encode_tlv(0x18, b"")),
    "a time that is not": lambda: seal(created=encode_tlv(0x18, b"20260231000000Z")),
    "a text that is no time": lambda: seal(created=encode_tlv(0x18, b"2026-02-31 00:00:00")),
    "a time as OCTET STRING": lambda: seal(created=octet_string(b"20260221093000Z")),
    "a time as IA5String": lambda: seal(valid_to=ia5_string("20260221093000Z")),
    "a BIT STRING without octets": lambda: seal(signature=encode_tlv(3, b"")),
    "a BIT STRING of unused bits only": lambda: seal(signature=encode_tlv(3, b"\x01")),
    "8 unused bits": lambda: seal(signature=encode_tlv(3, b"\x08\x00")),
    "255 unused bits": lambda: seal(signature=encode_tlv(3, b"\xff\x00")),
    "unused bits that are set": lambda: seal(signature=encode_tlv(3, b"\x02\x0a\x0e")),
    "the certificate as SEQUENCE": lambda: seal(cert=world().office.maker_certificate.raw),
    "the algorithm as SEQUENCE": lambda: seal(algorithm=sequence(oid(oids.SM2_SM3_SIGNATURE))),
    "an empty algorithm": lambda: seal(algorithm=encode_tlv(6, b"")),
    "an algorithm cut off": lambda: seal(algorithm=encode_tlv(6, b"\x2a\x81")),
    "an algorithm that is padded": lambda: seal(algorithm=encode_tlv(6, b"\x2a\x80\x01")),
    "an algorithm of 200 octets": lambda: seal(algorithm=encode_tlv(6, b"\x2a" + b"\x81" * 198 + b"\x01")),
    "a time stamp without tag": lambda: _regrouped(seal(), add=bit_string(b"t")),
    "a time stamp under [1]": lambda: _regrouped(seal(), add=context(1, bit_string(b"t"))),
    "a time stamp under [0] without content": lambda: _regrouped(seal(), add=context(0, b"")),
    "two time stamps under [0]": lambda: _regrouped(seal(), add=context(0, bit_string(b"t") * 2)),
    "an implicit time stamp without content": lambda: _regrouped(seal(), add=context(0, b"", False)),
    "an implicit time stamp with 9 unused bits": lambda: _regrouped(seal(), add=context(0, b"\x09t", False)),
    "an extension of one": lambda: seal(ext=sequence(sequence(oid("1.2.3")))),
    "an extension of four": lambda: seal(ext=sequence(extension(TRUE, TRUE))),
    "an extension without SEQUENCE": lambda: seal(ext=sequence(oid("1.2.3"))),
    "an extension whose value is no OCTET STRING": lambda: seal(ext=sequence(sequence(oid("1.2.3"), bit_string(b"")))),
    "critical behind the value": lambda: seal(ext=sequence(sequence(oid("1.2.3"), octet_string(b""), TRUE))),
    "extDatas in a SET": lambda: seal(ext=encode_tlv(0x31, extension())),
    "extDatas under [1]": lambda: seal(ext=context(1, sequence(extension()))),
    "extDatas twice under [0]": lambda: seal(ext=context(0, sequence() * 2)),
    "wrapped twice": lambda: octet_string(octet_string(seal())),
    "wrapped with something behind": lambda: octet_string(seal() + b"\x00"),
    "wrapped garbage": lambda: octet_string(b"garbage"),
    "wrapped nothing": lambda: octet_string(b""),
    "a BIT STRING around it with unused bits that are set": lambda: encode_tlv(3, b"\x07" + seal() + b"\xff"),
    "a high tag": lambda: b"\x3f\x81\x01" + seal()[1:],
    "a signature value": value,
    "a certificate": lambda: world().office.certificate.raw,
    "PNG": lambda: world().office.seal.picture.data,
    **{f"critical as {form.hex()}": functools.partial(lambda form: seal(ext=sequence(extension(form))), form)
       for form in ses.BAD_BOOLEANS},
}  # fmt: skip


def _picture_with(**parts: bytes) -> bytes:
    field = {"type": ia5_string("PNG"), "data": octet_string(b"p"), "width": integer(1), "height": integer(1), **parts}
    return sequence(*field.values())


def _digests() -> bytes:
    return sequence(sequence(printable_string("SM3"), octet_string(HASH)))


@pytest.mark.parametrize("name", BAD_SEALS)
def test_what_is_no_seal_is_refused(name: str) -> None:
    refused(lambda: parse_seal(BAD_SEALS[name]()))


BAD_VALUES: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "a seal": seal,
    "an empty sequence": sequence,
    "three elements": lambda: _regrouped(value(), drop=1),
    "six elements": lambda: _regrouped(value(time_stamp=context(0, bit_string(b"t"))), add=null()),
    "one element": lambda: sequence(parts_of(value())[0]),
    "a byte behind": lambda: value() + b"\x00",
    "a v1 value around a v4 seal": lambda: value(1, seal=seal(4)),
    "a v4 value around a v1 seal": lambda: value(4, seal=seal(1)),
    "a v1 value of five": lambda: _regrouped(value(1), add=octet_string(b"") * 3),
    "a v4 body of four": lambda: value(to_sign=_regrouped(parts_of(value())[0], drop=1)),
    "a v4 body of seven": lambda: value(to_sign=parts_of(value(1))[0]),
    "a v1 body of five": lambda: value(1, to_sign=parts_of(value(4))[0]),
    "a v1 body of eight": lambda: value(1, to_sign=_regrouped(parts_of(value(1))[0], add=null())),
    "a negative version": lambda: value(version=integer(-1)),
    "a version as string": lambda: value(version=ia5_string("4")),
    "no time at all": lambda: value(time=null()),
    "a hash as SEQUENCE": lambda: value(data_hash=sequence(octet_string(HASH))),
    "a hash as INTEGER": lambda: value(data_hash=integer(5)),
    "property info as OCTET STRING": lambda: value(property_info=octet_string(b"/a")),
    "property info as an odd BMPString": lambda: value(property_info=encode_tlv(0x1E, b"abc")),
    "extensions without tag": lambda: value(ext=sequence(extension())),
    "extensions under [1]": lambda: value(ext=context(1, sequence(extension()))),
    "extensions as primitive [0]": lambda: value(ext=context(0, sequence(extension()), False)),
    "the certificate as SEQUENCE": lambda: value(cert=world().office.certificate.raw),
    "the algorithm as text": lambda: value(algorithm=ia5_string(oids.SM2_SM3_SIGNATURE)),
    "the signature as SEQUENCE": lambda: value(signature=sequence(integer(1), integer(1))),
    "a time stamp under [2]": lambda: _regrouped(value(), add=context(2, bit_string(b"t"))),
    "a time stamp as OCTET STRING": lambda: _regrouped(value(), add=octet_string(b"t")),
    "a time stamp as SEQUENCE under [0]": lambda: _regrouped(value(), add=context(0, sequence())),
    "the seal replaced by its name": lambda: value(seal=utf8_string("章")),
    "a wrapped value": lambda: octet_string(value()),
    "a message": lambda: sequence(oid(oids.GM_SIGNED_DATA), context(0, sequence())),
}


@pytest.mark.parametrize("name", BAD_VALUES)
def test_what_is_no_value_is_refused(name: str) -> None:
    refused(lambda: parse_value(BAD_VALUES[name]()))


# ====================================================================== every element, with every other tag

_TAGS = (0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0A, 0x0C, 0x13, 0x16, 0x17, 0x18, 0x30, 0x31, 0x80, 0xA0, 0xA1, 0x60)
_TEXTS = frozenset({0x0C, 0x13, 0x14, 0x16, 0x1A, 0x1E})


def _full_seal(layout: int) -> bytes:
    stamp = {"time_stamp": context(0, bit_string(b"token"))} if layout == 5 else {}
    return seal(layout, ext=sequence(extension(TRUE)), **stamp)


def _full_value(layout: int) -> bytes:
    stamp = {} if layout == 1 else {"time_stamp": context(0, bit_string(b"token"))}
    ext = {} if layout == 1 else {"ext": context(0, sequence(extension(TRUE)))}
    return value(layout, seal=_full_seal(layout), **stamp, **ext)


def _kept_elements(layout: int) -> dict[str, bytes]:
    return {"seal": _full_seal(layout), "value": _full_value(layout)}


def _acceptable(old: int, new: int) -> bool:
    """Whether one tag may stand for another somewhere, under a name for it."""
    pairs = ({0x17, 0x18}, {0x18, 0x04}, {0x03, 0x04}, {0x30, 0x03}, {0x30, 0x04}, {0xA0, 0x80}, {0x04, 0x16})
    return {old, new} in pairs or (new in _TEXTS and old in _TEXTS | {0x04})


@pytest.mark.parametrize("layout", [1, 4, 5])
@pytest.mark.parametrize("kind", ["seal", "value"])
def test_any_element_under_any_other_tag_is_refused_or_named(layout: int, kind: str) -> None:
    whole = _kept_elements(layout)[kind]
    read: Callable[[bytes], Any] = parse_seal if kind == "seal" else parse_value
    usual = names(read(whole).leniencies)
    tree = Node.of(whole)
    tried = taken = 0
    for path in tree.paths():
        old = tree.at(path).tag
        for tag in _TAGS:
            if tag == old:
                continue
            tried += 1
            try:
                found = read(swapped(whole, path, tag))
            except ParseError:
                continue
            taken += 1
            assert _acceptable(old, tag), (path, hex(old), hex(tag))
            assert names(found.leniencies) != usual, (path, hex(old), hex(tag))
    assert tried > 400
    assert taken < tried / 10


@pytest.mark.parametrize("layout", [1, 4, 5])
def test_no_element_can_be_left_out_or_stand_twice_unseen(layout: int) -> None:
    whole = _full_value(layout)
    before = _facts(parse_value(whole).seal)
    for path in Node.of(whole).paths()[1:]:
        for times in (0, 2):
            tree = Node.of(whole)
            parent = tree.at(path[:-1])
            assert parent.parts is not None
            parent.parts[path[-1] : path[-1] + 1] = [parent.parts[path[-1]]] * times
            try:
                found = parse_value(tree.encoded())
            except ParseError:
                continue
            # lists may be longer or shorter, and what is optional may be absent: then it shows in what was read
            assert _facts(found.seal) != before or found.extensions != parse_value(whole).extensions or (
                (found.time_stamp is None) != (parse_value(whole).time_stamp is None)
            ), (path, times)  # fmt: skip


def _facts(found: ElectronicSeal) -> tuple[object, ...]:
    return (
        found.version,
        found.holder_certificates,
        found.extensions,
        found.time_stamp,
        found.seal_id,
        found.name,
        found.vendor,
    )


# ====================================================================== limits and strangers' bytes


def test_limits_are_kept_and_say_which() -> None:
    raw = seal(holders=sequence(*[octet_string(b"c")] * 5))
    assert len(parse_seal(raw, limits=Asn1Limits(certificates=5)).holder_certificates) == 5
    refused(lambda: parse_seal(raw, limits=Asn1Limits(certificates=4)), limit="certificates")
    refused(lambda: parse_seal(raw, limits=Asn1Limits(total_bytes=len(raw) - 1)), limit="total_bytes")
    refused(lambda: parse_value(value(), limits=Asn1Limits(total_bytes=100)), limit="total_bytes")


def test_the_limit_of_elements_holds_for_all_that_a_seal_is_made_of() -> None:
    def made(count: int) -> bytes:
        return seal(ext=sequence(*[extension()] * count))

    def read(count: int, elements: int) -> ElectronicSeal:
        return parse_seal(made(count), limits=Asn1Limits(elements=elements))

    own = next(n for n in range(99) if _reads(functools.partial(read, 0, n)))
    assert len(read(20, own + 60).extensions) == 20  # an extension is one element and holds two
    refused(lambda: read(21, own + 60), limit="elements")
    refused(lambda: read(20, own + 59), limit="elements")


def _reads(read: Callable[[], object]) -> bool:
    try:
        read()
    except LimitExceeded:
        return False
    return True


def test_the_usual_limits_hold_against_a_seal_of_many_holders() -> None:
    refused(lambda: parse_seal(seal(holders=sequence(*[octet_string(b"c")] * 65))), limit="certificates")
    refused(lambda: parse_seal(seal(holders=sequence(*[octet_string(b"")] * 20_001))), limit="elements")


def test_deep_nesting_is_refused_however_it_is_written() -> None:
    nested = b""
    for _ in range(2_000):
        nested = sequence(nested)
    refused(lambda: parse_seal(nested))
    refused(lambda: parse_value(seal(ext=nested)))
    refused(lambda: parse_seal(b"\x30\x80" * 50_000))


def _only_input_errors(data: bytes) -> None:
    for read in (parse_seal, parse_value):
        with contextlib.suppress(InputError):
            read(data)


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_random_bytes_raise_input_errors_only(data: bytes) -> None:
    _only_input_errors(data)
    _only_input_errors(sequence(data))


@pytest.mark.parametrize("layout", [1, 4, 5])
@given(cut=st.floats(0, 1), flips=st.lists(st.tuples(st.floats(0, 1), st.integers(1, 255)), max_size=4))
@settings(max_examples=150, deadline=None)
def test_cut_and_changed_seals_and_values_raise_input_errors_only(
    layout: int, cut: float, flips: list[tuple[float, int]]
) -> None:
    for whole in _originals(layout):
        data = bytearray(whole)
        for place, mask in flips:
            data[min(int(place * len(data)), len(data) - 1)] ^= mask
        _only_input_errors(bytes(data))
        _only_input_errors(bytes(data[: int(cut * len(data))]))


@functools.cache
def _originals(layout: int) -> tuple[bytes, ...]:
    return tuple(_kept_elements(layout).values())


def _elements() -> st.SearchStrategy[bytes]:
    """Well-formed TLVs of the kinds that occur, in any order and depth: what a mutator rarely finds."""
    leaf = st.one_of(
        st.builds(integer, st.integers(-2, 1 << 33)),
        st.builds(octet_string, st.binary(max_size=8)),
        st.builds(lambda content: encode_tlv(3, content), st.binary(max_size=5)),
        st.sampled_from(
            [oid("1.2.3"), ia5_string("ES"), utf8_string("章"), generalized_time(NOW), utc_time(NOW), TRUE]
        ),
        st.sampled_from([context(0, b"", False), null(), bit_string(_TEXT), encode_tlv(0x18, _TEXT)]),
    )
    inner = st.recursive(
        leaf, lambda parts: st.lists(parts, max_size=8).map(lambda found: sequence(*found)), max_leaves=12
    )
    return st.one_of(inner, inner.map(lambda part: context(0, part)), inner.map(octet_string), inner.map(bit_string))


@given(st.lists(_elements(), max_size=7).map(lambda parts: sequence(*parts)))
@settings(max_examples=100, deadline=None)
def test_well_formed_structures_of_any_shape_raise_input_errors_only(data: bytes) -> None:
    _only_input_errors(data)


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_a_seal_with_any_element_in_the_place_of_another_raises_input_errors_only(data: st.DataObject) -> None:
    layout = data.draw(st.sampled_from([1, 4, 5]))
    tree = Node.of(data.draw(st.sampled_from(_originals(layout))))
    path = data.draw(st.sampled_from(tree.paths()[1:]))
    parent = tree.at(path[:-1])
    assert parent.parts is not None
    parent.parts[path[-1]] = Node(0x30, b"", [])
    strange = data.draw(_elements())
    _only_input_errors(tree.encoded().replace(b"\x30\x00", strange, 1))
