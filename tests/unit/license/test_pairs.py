"""Names and values: read in any naming, nothing lost, everything wrong told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from egov_sdk.errors import ParseError
from egov_sdk.license.dates import DateForm
from egov_sdk.license.elements import ELEMENTS, Naming
from egov_sdk.license.metadata import LicenseHolder
from egov_sdk.license.pairs import (
    copy_note_pairs,
    metadata_pairs,
    parse_metadata_pairs,
    read_metadata_pairs,
)
from tests.unit.license.words import COMPANY, NOTE, PERSON, metadata

HEFEI = "1.2.156.3005.2.11100000MB03271699022.340100.000000016.001.9"


@pytest.mark.parametrize("naming", Naming)
@pytest.mark.parametrize("dates", [DateForm.COMPACT, DateForm.DASHED, DateForm.CHINESE, DateForm.EPOCH_MS])
def test_what_is_written_is_read_again(naming: Naming, dates: DateForm) -> None:
    for licence in (
        metadata(),
        metadata(holders=(PERSON, COMPANY), valid_until=None, valid_from=None, others={"别的": "事"}),
        metadata(holders=(COMPANY,), area_code="", item_name="", item_code="", fields={}),
    ):
        pairs = metadata_pairs(licence, naming=naming, dates=dates)
        reading = read_metadata_pairs(pairs)
        assert reading.findings == ()
        assert reading.metadata == licence == parse_metadata_pairs(dict(pairs))
        assert reading.unknown == tuple(licence.others)


def test_the_names_are_those_of_the_table() -> None:
    pinyin = dict(metadata_pairs(metadata(holders=(PERSON, COMPANY))))
    assert pinyin["ZZBS"] == str(metadata().identifier)
    assert pinyin["CZZT"] == f"{PERSON.name}^{COMPANY.name}"
    assert pinyin["CZZTDMLXDM"] == "111^001"
    assert pinyin["CZZTDMLX"] == "公民身份号码^统一社会信用代码"
    assert pinyin["KZ_岗位"] == "A"
    assert dict(metadata_pairs(metadata(valid_until=None), naming=Naming.CHINESE))["证照有效期截止日期"] == "长期"
    assert list(pinyin)[:3] == ["ZZMC", "ZZLXMC", "ZZLXDM"]


def test_types_of_holders_have_no_names_where_one_has_none() -> None:
    odd = LicenseHolder(name="某", code="1", type_code="")
    licence = metadata(holders=(PERSON, odd))
    assert "CZZTDMLX" not in dict(metadata_pairs(licence))
    assert read_metadata_pairs(metadata_pairs(licence)).metadata == licence


def _changed(**other: str | Sequence[str]) -> Mapping[str, str | Sequence[str]]:
    return {**dict(metadata_pairs(metadata(), naming=Naming.PINYIN)), **other}


@pytest.mark.parametrize(
    ("other", "element", "code"),
    [
        ({"ZZMC": ""}, "证照名称", "missing"),
        ({"ZZBS": " "}, "证照标识", "missing"),
        ({"ZZBS": "1.2.3"}, "证照标识", "identifier_shape"),
        ({"ZZBS": str(metadata().identifier)[:-1] + "0"}, "证照标识", "identifier_check"),
        ({"ZZLXDM": "11100000000013338w011"}, "证照类型代码", "differs"),
        ({"ZZLXDM": "11100000000013338W012"}, "证照类型代码", "differs"),
        ({"CertificateVersion": "002"}, "证照版本号", "differs"),
        ({"ZZBFJGDM": "11220000013544541J"}, "证照颁发机构代码", "differs"),
        ({"ZZBFRQ": ""}, "证照颁发日期", "missing"),
        ({"ZZBFRQ": "31/01/2023"}, "证照颁发日期", "date_order"),
        ({"ZZYXQQSRQ": "2023-02-30"}, "证照有效期起始日期", "date_none"),
        ({"ZZYXQQSRQ": "长期"}, "证照有效期起始日期", "date"),
        ({"ZZYXQJZRQ": "永远"}, "证照有效期截止日期", "date"),
        ({"CZZT": ""}, "持证主体", "missing"),
        ({"CZZTDM": ""}, "持证主体代码", "missing"),
        ({"CZZT": "甲^乙"}, "持证主体代码", "holder_counts"),
        ({"CZZT": "甲^乙", "CZZTDM": "1^2", "CZZTDMLXDM": "111^001^999"}, "持证主体代码类型代码", "holder_counts"),
        ({"CZZTDMLX": "", "CZZTDMLXDM": ""}, "持证主体代码类型代码", "missing"),
        ({"CZZTDMLX": "身份证"}, "持证主体代码类型", "holder_type_name"),
        ({"CZZTDMLX": "统一社会信用代码"}, "持证主体代码类型", "differs"),
        ({"证照名称": "另一个"}, "证照名称", "item_twice"),
        ({"JZJZZZ": "某"}, "加注件制作时间", "copy_items"),
        ({"KZ_a": "\x00"}, "KZ_a", "character"),
    ],
)
def test_one_wrong_item_is_one_finding(other: Mapping[str, str], element: str, code: str) -> None:
    reading = read_metadata_pairs(_changed(**other))
    assert [(one.element, one.code) for one in reading.findings] == [(element, f"egov.license.{code}")]
    with pytest.raises(ParseError) as caught:
        parse_metadata_pairs(_changed(**other))
    assert (caught.value.where, caught.value.code) == (element, f"egov.license.{code}")


def test_an_item_that_stands_twice_in_two_namings_may_say_the_same() -> None:
    twice = [*metadata_pairs(metadata()), *metadata_pairs(metadata(), naming=Naming.CHINESE)]
    assert read_metadata_pairs(twice).metadata == metadata()
    assert read_metadata_pairs(twice).findings == ()


def test_the_same_name_twice_with_two_values_is_found() -> None:
    pairs = [*metadata_pairs(metadata()), ("ZZBH", "另一个编号"), ("KZ_岗位", "B"), ("x", "1"), ("x", "2")]
    found = read_metadata_pairs(pairs).findings
    assert [one.element for one in found] == ["证照编号", "KZ_岗位", "x"]


def test_of_nothing_everything_is_missing() -> None:
    reading = read_metadata_pairs({})
    assert reading.metadata is None
    assert {found.element for found in reading.findings} == {
        ELEMENTS[key].chinese
        for key in (
            "identifier", "issued_on", "holder_name", "holder_code", "name", "type_name", "number", "issuer_name",
            "issuer_code",
        )
    }  # fmt: skip


def test_what_is_missing_elsewhere_leaves_the_rest_to_be_read() -> None:
    reading = read_metadata_pairs(_changed(ZZLXMC="", ZZYXQJZRQ="?"))
    assert reading.metadata == metadata(type_name="", valid_until=None)
    assert [found.element for found in reading.findings] == ["证照有效期截止日期", "证照类型名称"]


@pytest.mark.parametrize(
    ("names", "codes", "types"),
    [
        ("甲^乙", "1^2", "999"),
        ("甲,乙", "1,2", "999,999"),
        ("甲，乙", "1，2", "999，999"),
        (["甲", "乙"], ["1", "2"], ["999", "999"]),
        (["甲", " 乙 "], ["1", "2"], "999"),
    ],
)
def test_several_holders_are_read_however_they_are_joined(
    names: str | list[str], codes: str | list[str], types: str | list[str]
) -> None:
    reading = read_metadata_pairs(_changed(CZZT=names, CZZTDM=codes, CZZTDMLXDM=types, CZZTDMLX=""))
    assert reading.findings == ()
    assert reading.metadata is not None
    assert [(holder.name, holder.code, holder.type_code) for holder in reading.metadata.holders] == [
        ("甲", "1", "999"),
        ("乙", "2", "999"),
    ]


def test_a_type_of_holder_may_be_told_by_its_name_alone() -> None:
    reading = read_metadata_pairs(_changed(CZZTDMLXDM=""))
    assert (reading.metadata, reading.findings) == (metadata(), ())


@pytest.mark.parametrize(
    "holder",
    [
        LicenseHolder(name="甲^乙", code="1", type_code="999"),
        LicenseHolder(name="甲", code="1^2", type_code="999"),
        LicenseHolder(name="甲,乙", code="1,2", type_code="999"),
    ],
)
def test_holders_that_would_be_read_as_more_are_not_written(holder: LicenseHolder) -> None:
    with pytest.raises(ValueError, match="separates"):
        metadata_pairs(metadata(holders=(holder,)))


def test_items_of_single_systems_and_of_nobody_are_kept() -> None:
    reading = read_metadata_pairs(_changed(ZZQZR="某", 水印="有", KZ_="空"))
    assert reading.metadata is not None
    assert reading.metadata.others == {"ZZQZR": "某", "水印": "有", "KZ_": "空"}
    assert reading.unknown == ("水印", "KZ_")
    assert dict(metadata_pairs(reading.metadata))["ZZQZR"] == "某"


@pytest.mark.parametrize("naming", Naming)
def test_the_note_of_a_copy_stands_apart_from_the_metadata(naming: Naming) -> None:
    pairs = [*metadata_pairs(metadata(), naming=naming), *copy_note_pairs(NOTE, naming=naming)]
    reading = read_metadata_pairs(pairs)
    assert (reading.metadata, reading.copy, reading.findings) == (metadata(), NOTE, ())
    assert [len(value) for name, value in copy_note_pairs(NOTE)[::3]] == [14, 14]


@pytest.mark.parametrize("key", ["JZJZZSJ", "JZJYXQJZSJ"])
@pytest.mark.parametrize("value", ["2026-01-01", "明天", "20261301000000"])
def test_a_note_without_a_time_is_no_note(key: str, value: str) -> None:
    reading = read_metadata_pairs(_changed(**(dict(copy_note_pairs(NOTE)) | {key: value})))
    assert reading.copy is None
    assert len(reading.findings) == 1
    assert reading.metadata == metadata()


def test_an_issuer_of_six_digits_is_read_on_demand() -> None:
    odd = _changed(ZZBS=HEFEI, ZZLXDM="", ZZBFJGDM="340100")
    assert [found.code for found in read_metadata_pairs(odd).findings] == ["egov.license.identifier_shape"]
    reading = read_metadata_pairs(odd, lenient=True)
    assert reading.findings == ()
    assert reading.metadata is not None
    assert reading.metadata.identifier.leniencies == ("identifier_division_issuer",)


def test_half_characters_are_told_and_taken_out() -> None:
    reading = read_metadata_pairs(_changed(**{"ZZMC": "证\ud800", "\udfff": "x", "KZ_\udc00": "y"}))
    assert [found.code for found in reading.findings] == ["egov.license.character"] * 3
    assert reading.metadata is not None
    assert reading.metadata.name == "证?"


def test_line_ends_of_windows_are_line_ends() -> None:
    reading = read_metadata_pairs(_changed(KZ_范围="一\r\n二"))
    assert reading.findings == ()
    assert reading.metadata is not None
    assert reading.metadata.fields["范围"] == "一\n二"


def test_an_identifier_of_an_old_rule_has_no_issuer_to_agree_with() -> None:
    reading = read_metadata_pairs(_changed(ZZBS="1.2.156.3003.2.440100A.2017.01.K", ZZLXDM="440100A"), lenient=True)
    assert reading.findings == ()
    assert reading.metadata is not None
    assert reading.metadata.issuer.code == metadata().issuer.code
