"""Metadata of a licence: everything that is wrong with it is told, item by item, and nothing personal with it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from pydantic import ValidationError

from egov_sdk.errors import ParseError
from egov_sdk.license.dates import FIRST_YEAR
from egov_sdk.license.findings import require_none
from egov_sdk.license.identifier import LicenseIdentifier
from egov_sdk.license.metadata import (
    Authority,
    CopyNote,
    LicenseHolder,
    check_copy_note,
    check_holder,
    check_metadata,
    holder_separator,
    unfit_character,
)
from tests.unit.license.words import AT, COMPANY, ISSUER, NOTE, PERSON, TYPE_CODE, metadata


def test_nothing_is_found_where_nothing_is_wrong() -> None:
    assert check_metadata(metadata()) == ()
    assert check_metadata(metadata(holders=(PERSON, COMPANY), valid_from=None, valid_until=None)) == ()
    assert check_metadata(metadata(area_code="", item_name="", item_code="", fields={})) == ()


def _holder(**other: str) -> tuple[LicenseHolder, ...]:
    return (PERSON.model_copy(update=other),)


def _identifier(**other: str) -> LicenseIdentifier:
    parts = {"type_code": TYPE_CODE, "issuer_code": ISSUER.code, "serial": "1"} | other
    return LicenseIdentifier.build(**parts)  # type: ignore[arg-type]  # only texts are given


@pytest.mark.parametrize(
    ("other", "element", "code"),
    [
        ({"name": ""}, "证照名称", "egov.license.missing"),
        ({"name": " \u3000"}, "证照名称", "egov.license.missing"),
        ({"name": "证" * 513}, "证照名称", "egov.license.too_long"),
        ({"name": "证\x00照"}, "证照名称", "egov.license.character"),
        ({"name": "证\u202e照"}, "证照名称", "egov.license.character"),
        ({"type_name": ""}, "证照类型名称", "egov.license.missing"),
        ({"number": ""}, "证照编号", "egov.license.missing"),
        ({"number": "1" * 129}, "证照编号", "egov.license.too_long"),
        ({"issuer": Authority(name="", code=ISSUER.code)}, "证照颁发机构", "egov.license.missing"),
        ({"issuer": Authority(name="某局", code="")}, "证照颁发机构代码", "egov.license.missing"),
        ({"issuer": Authority(name="某局", code="11220000013544541J")}, "证照颁发机构代码", "egov.license.differs"),
        ({"identifier": _identifier(type_code="11100000000013338X011")}, "证照类型代码", "egov.codes.check_digit"),
        ({"item_name": "事" * 257}, "关联事项名称", "egov.license.too_long"),
        ({"item_code": "0" * 65}, "关联事项代码", "egov.license.too_long"),
        ({"area_code": "43"}, "证照所属管辖属地编码", "egov.codes.length"),
        ({"area_code": "湖南省长沙市"}, "证照所属管辖属地编码", "egov.codes.character"),
        ({"issued_on": date(FIRST_YEAR - 1, 12, 31)}, "证照颁发日期", "egov.license.date_none"),
        ({"valid_until": date(2023, 1, 31)}, "证照有效期截止日期", "egov.license.term_order"),
        ({"valid_from": None, "valid_until": date(2023, 1, 30)}, "证照有效期截止日期", "egov.license.term_order"),
        ({"holders": _holder(name="")}, "持证主体", "egov.license.missing"),
        ({"holders": _holder(name="甲^乙")}, "持证主体", "egov.license.separator"),
        ({"holders": _holder(code="")}, "持证主体代码", "egov.license.missing"),
        ({"holders": _holder(code="110105194912310021")}, "持证主体代码", "egov.codes.check_digit"),
        ({"holders": _holder(type_code="")}, "持证主体代码类型代码", "egov.license.missing"),
        ({"holders": _holder(type_code="112")}, "持证主体代码类型代码", "egov.codes.holder_type"),
        ({"holders": _holder(type_code="001")}, "持证主体代码", "egov.codes.organization_check"),
        ({"holders": (PERSON, PERSON)}, "持证主体代码", "egov.license.holder_repeated"),
        ({"fields": {"": "x"}}, "KZ_", "egov.license.field_name"),
        ({"fields": {"KZ_岗位": "A"}}, "KZ_岗位", "egov.license.field_name"),
        ({"fields": {" 岗位": "A"}}, " 岗位", "egov.license.field_name"),
        ({"fields": {"岗位": "A" * 4001}}, "岗位", "egov.license.too_long"),
        ({"fields": {"岗位": "A\x0b"}}, "岗位", "egov.license.character"),
    ],
)
def test_one_wrong_item_is_one_finding(other: dict[str, object], element: str, code: str) -> None:
    found = check_metadata(metadata(**other))
    assert [(one.element, one.code) for one in found] == [(element, code)]
    assert found[0].message.en != found[0].message.zh


def test_every_wrong_item_is_told_and_not_only_the_first() -> None:
    wrong = metadata(name="", number="", area_code="1", holders=_holder(name="", code="1"), fields={"KZ_a": "\x00"})
    elements = [found.element for found in check_metadata(wrong)]
    assert elements == ["证照名称", "证照编号", "持证主体", "持证主体代码", "证照所属管辖属地编码", "KZ_a", "KZ_a"]


def test_a_check_character_put_in_by_hand_is_found() -> None:
    right = _identifier()
    forged = LicenseIdentifier(right.type_code, right.issuer_code, right.serial, right.version, "0")
    assert [found.code for found in check_metadata(metadata(identifier=forged))] == ["egov.license.identifier_check"]


def test_old_certificates_with_identifiers_of_an_old_rule_pass() -> None:
    old = LicenseIdentifier.parse("1.2.156.3003.2.440100A.2017000001.01.K", lenient=True)
    assert check_metadata(metadata(identifier=old)) == ()


def test_a_finding_becomes_an_error_and_plain_values() -> None:
    (found,) = check_metadata(metadata(name=""))
    assert found.text.zh == "证照名称：缺失"
    assert found.to_dict("zh") == {"element": "证照名称", "code": "egov.license.missing", "message": "缺失"}
    with pytest.raises(ParseError) as caught:
        require_none((found,))
    assert (caught.value.code, caught.value.where) == ("egov.license.missing", "证照名称")
    require_none(())


def test_nothing_personal_is_told() -> None:
    number = "110105194912310021"
    wrong = metadata(holders=(LicenseHolder(name="张三丰", code=number, type_code="111"),) * 2)
    told = "".join(found.text.en + found.text.zh for found in check_metadata(wrong)) + repr(wrong)
    assert number not in told
    assert "张三丰" not in told
    assert repr(wrong.fields) not in repr(wrong)


def test_a_holder_may_be_checked_alone() -> None:
    assert check_holder(PERSON) is None
    assert check_holder(COMPANY) is None
    assert PERSON.type_name == "公民身份号码"
    assert LicenseHolder(name="", code="", type_code="x").type_name == ""


@pytest.mark.parametrize(
    ("names", "codes", "mark"),
    [
        ("甲", "1", ""),
        ("甲^乙", "1^2", "^"),
        ("甲^乙", "1", "^"),
        ("甲,乙", "1,2", ","),
        ("甲，乙", "1，2", "，"),
        ("Foo Co., Ltd", "1", ""),
        ("Foo Co., Ltd^乙", "1^2", "^"),
        ("甲", "1,2", ""),
        ("甲,乙,丙", "1,2", ""),
    ],
)
def test_several_holders_are_told_from_a_comma_in_a_name(names: str, codes: str, mark: str) -> None:
    assert holder_separator(names, codes) == mark


@pytest.mark.parametrize(
    ("text", "bad"),
    [
        ("", ""),
        ("张三\n李四\t王五\u3000\u00a0", ""),
        ("\ue000\U000323af", ""),
        ("a\rb", "\r"),
        ("a\x00", "\x00"),
        ("a\x1c", "\x1c"),
        ("\u200b", "\u200b"),
        ("\u2028", "\u2028"),
        ("\ud800", "\ud800"),
    ],
)
def test_rare_characters_may_stand_and_hidden_ones_may_not(text: str, bad: str) -> None:
    assert unfit_character(text) == bad


def test_the_term_includes_both_its_ends() -> None:
    licence = metadata()
    days = [date(2023, 1, 31), date(2023, 2, 1), date(2026, 1, 31), date(2026, 2, 1)]
    assert [licence.in_term(day) for day in days] == [False, True, True, False]
    assert metadata(valid_from=None, valid_until=None).in_term(date.max)
    dated_ahead = [metadata(issued_on=date(2026, 1, 31)), metadata(issued_on=date(2026, 1, 31), valid_from=None)]
    assert [[one.in_term(day) for day in days] for one in dated_ahead] == [[False, False, True, False]] * 2
    assert (licence.type_code, licence.version) == (TYPE_CODE, 1)


@pytest.mark.parametrize("other", [{"holders": ()}, {"issued_on": "x"}, {"unknown": 1}, {"identifier": "1.2.3"}])
def test_no_metadata_is_made_of_what_is_none(other: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        metadata(**other)


def test_the_note_of_a_copy_is_checked_at_the_time_of_its_making() -> None:
    assert check_copy_note(NOTE, at=AT) == ()
    late = check_copy_note(NOTE, at=AT + timedelta(days=1))
    assert [found.code for found in late] == ["egov.license.copy_expired"]
    wrong = CopyNote(made_at=AT, maker=" ", cause="事" * 201, valid_until=AT)
    assert [(found.element, found.code) for found in check_copy_note(wrong, at=AT - timedelta(days=1))] == [
        ("加注件制作者", "egov.license.missing"),
        ("加注件制作事由", "egov.license.too_long"),
        ("加注件有效期截止时间", "egov.license.copy_expired"),
    ]
    with pytest.raises(ValueError, match="zone"):
        check_copy_note(NOTE, at=datetime(2026, 1, 1))  # noqa: DTZ001 - naive on purpose
