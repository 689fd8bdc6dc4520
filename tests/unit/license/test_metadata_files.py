"""Metadata in XML and JSON: what is written is read again; strangers' files are refused with a reason."""

from __future__ import annotations

import json
from datetime import datetime

import pytest

from egov_sdk.errors import InputError, LimitExceeded, ParseError
from egov_sdk.license.metadata_files import (
    METADATA_BYTES,
    encode_metadata_json,
    encode_metadata_xml,
    read_metadata_json,
    read_metadata_xml,
)
from tests.unit.license.words import AT, COMPANY, NOTE, PERSON, metadata

LICENCES = [
    metadata(),
    metadata(holders=(PERSON, COMPANY), valid_until=None, fields={"范围": "<一>&\n二"}, others={"x": "1"}),
]


@pytest.mark.parametrize("licence", LICENCES)
def test_xml_is_read_as_it_was_written(licence: object) -> None:
    licence = next(one for one in LICENCES if one is licence)
    for note in (None, NOTE):
        reading = read_metadata_xml(encode_metadata_xml(licence, created_at=AT, copy=note))
        assert (reading.metadata, reading.copy, reading.findings) == (licence, note, ())


def test_xml_has_the_shape_that_others_read() -> None:
    text = encode_metadata_xml(metadata(), created_at=AT).decode()
    assert 'xmlns:ofd="org.omg.ofd"' in text
    assert 'createtime="2026-01-01 08:00:00"' in text
    assert '<ofd:CuslomData name="CZZTDMLXDM">111</ofd:CuslomData>' in text


def test_the_list_of_an_ofd_file_is_read_as_well() -> None:
    rows = "".join(
        f'<ofd:CustomData Name="{name}">{value}</ofd:CustomData>'
        for name, value in [("证照名称", "甲"), ("native-producer", "SuwellFormSDK")]
    )
    reading = read_metadata_xml(
        f'<ofd:CustomDatas xmlns:ofd="http://www.ofdspec.org/2016">{rows}</ofd:CustomDatas>'.encode()
    )
    assert reading.metadata is None
    assert reading.unknown == ("native-producer",)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not xml",
        b"<XMI/>",
        b"<XMI><CustomDatas/></XMI>",
        b'<!DOCTYPE x [<!ENTITY a "b">]><XMI><CustomData Name="ZZMC">&a;</CustomData></XMI>',
        b"\xff\xfe<\0X\0/\0>\0",
        b"<a>" * 200 + b"</a>" * 200,
        encode_metadata_xml(metadata(), created_at=AT)[:-20],
    ],
)
def test_xml_that_is_no_metadata_is_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        read_metadata_xml(data)


def test_no_naive_time_is_written() -> None:
    with pytest.raises(ValueError, match="zone"):
        encode_metadata_xml(metadata(), created_at=datetime(2026, 1, 1))  # noqa: DTZ001 - naive on purpose


@pytest.mark.parametrize("licence", LICENCES)
def test_json_is_read_as_it_was_written(licence: object) -> None:
    licence = next(one for one in LICENCES if one is licence)
    for note in (None, NOTE):
        reading = read_metadata_json(encode_metadata_json(licence, copy=note))
        assert (reading.metadata, reading.copy, reading.findings) == (licence, note, ())


def _members(**other: object) -> bytes:
    members = json.loads(encode_metadata_json(metadata(fields={})))
    return json.dumps({**members, **other}).encode()


@pytest.mark.parametrize(
    ("other", "changed"),
    [
        ({"CertificateIssuedDate": 1675094400000}, {}),
        ({"certificateholdername": ["甲", "乙"], "CertificateHolderName": None}, None),
        ({"extend_info": {"岗位": "A", "KZ_级": 1}}, {"fields": {"岗位": "A", "级": "1"}}),
        ({"extend_info": '{"岗位": "A"}'}, {"fields": {"岗位": "A"}}),
        ({"extend_info": ""}, {"others": {"extend_info": ""}}),
        ({"extend_info": [1]}, {"others": {"extend_info": "[1]"}}),
        ({"surface": [{"name": "岗位", "value": 1.5}]}, {"others": {"surface": '[{"name": "岗位", "value": "1.5"}]'}}),
        ({"extra": True, "none": None}, {"others": {"extra": "true"}}),
        ({"extend_info": {"extend_info": {"a": 1}}}, {"fields": {"extend_info": '{"a": 1}'}}),
    ],
)
def test_json_of_platforms_is_read_and_nothing_is_lost(
    other: dict[str, object], changed: dict[str, object] | None
) -> None:
    reading = read_metadata_json(_members(**other))
    if changed is None:
        assert [found.code for found in reading.findings] == ["egov.license.holder_counts"]
        assert reading.metadata is None
    else:
        assert reading.findings == ()
        assert reading.metadata == metadata(**({"fields": {}} | changed))


def test_a_member_that_stands_twice_with_two_values_is_found() -> None:
    data = _members()[:-1] + b', "CertificateNumber": "x"}'
    assert [found.code for found in read_metadata_json(data).findings] == ["egov.license.item_twice"]


def test_two_items_with_one_name_are_not_written() -> None:
    with pytest.raises(ValueError, match="one name"):
        encode_metadata_json(metadata(others={"CertificateNumber": "x"}))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b'"x"',
        b"{",
        b"\xff",
        b"[" * 200_000,
        b'{"a":' + b"[" * 900 + b"]" * 900 + b"}",
        b'{"a":' * 900 + b"1" + b"}" * 900,
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"extend_info": "{"}',
    ],
)
def test_json_that_is_no_metadata_is_refused(data: bytes) -> None:
    with pytest.raises(ParseError) as caught:
        read_metadata_json(data)
    assert caught.value.code == "egov.license.metadata_file"


@pytest.mark.parametrize("read", [read_metadata_json, read_metadata_xml])
def test_metadata_has_a_greatest_length(read: object) -> None:
    reader = read_metadata_json if read is read_metadata_json else read_metadata_xml
    with pytest.raises(LimitExceeded):
        reader(b" " * (METADATA_BYTES + 1))
