"""Types of licences: what is wrong with one is told, and what is wrong with the items of its licences."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from egov_sdk.license.catalogue import (
    CatalogueState,
    FieldDef,
    FieldKind,
    HolderCategory,
    LicenseType,
    check_license_type,
)
from egov_sdk.license.dates import ValidityRange
from egov_sdk.license.metadata import Authority
from tests.unit.license.words import TYPE_CODE

FIELDS = (
    FieldDef(name="岗位", label="岗位类别", kind=FieldKind.CHOICE, choices=("A", "B", "C")),
    FieldDef(name="职务", label="职务", required=False, max_length=10),
    FieldDef(name="初次领证日期", label="初次领证日期", kind=FieldKind.DATE),
    FieldDef(name="学时", label="学时", kind=FieldKind.NUMBER, required=False),
    FieldDef(name="照片", label="照片", kind=FieldKind.PICTURE),
)
GOOD = {"岗位": "A", "初次领证日期": "2020年1月31日"}


def license_type(**other: object) -> LicenseType:
    values: dict[str, object] = {
        "code": TYPE_CODE,
        "name": "建筑施工企业安全生产管理人员考核合格证书",
        "fields": FIELDS,
    }
    return LicenseType.model_validate(values | other)


def test_a_type_needs_little() -> None:
    made = license_type(validity_ranges=["3年", "长期"])
    assert check_license_type(made) == ()
    assert made.defined_by == Authority(name="", code="11100000000013338W")
    assert made.validity_ranges == (ValidityRange.parse("3年"), ValidityRange.parse("长期"))
    assert made.state is CatalogueState.PUBLISHED
    assert made.face_name == made.name
    assert license_type(certificate_name="证书").face_name == "证书"
    assert made.field("岗位") is FIELDS[0]
    assert made.field("別") is None


@pytest.mark.parametrize(
    ("other", "element", "code"),
    [
        ({"name": " "}, "证照类型名称", "egov.license.missing"),
        ({"defined_by": Authority(name="某部", code="111000000000131433")}, "证照定义机构代码", "egov.license.differs"),
        ({"defined_by": Authority(name="某部", code="1")}, "证照定义机构代码", "egov.codes.length"),
        ({"item_names": ["一", "二"], "item_codes": ["1"]}, "关联事项代码", "egov.license.item_counts"),
        ({"fields": [FIELDS[0], FIELDS[0]]}, "岗位", "egov.license.field_twice"),
        ({"fields": [FieldDef(name="KZ_a", label="a")]}, "KZ_a", "egov.license.field_name"),
        ({"fields": [FieldDef(name=" a", label="a")]}, " a", "egov.license.field_name"),
        ({"fields": [FieldDef(name="a\nb", label="a")]}, r"a\nb", "egov.license.field_name"),
        ({"fields": [FieldDef(name="a", label="a", kind=FieldKind.CHOICE)]}, "a", "egov.license.field_choices"),
        ({"fields": [FieldDef(name="a", label="a", choices=("x",))]}, "a", "egov.license.field_choices"),
    ],
)
def test_one_wrong_thing_in_a_type_is_one_finding(other: dict[str, object], element: str, code: str) -> None:
    assert [(one.element, one.code) for one in check_license_type(license_type(**other))] == [(element, code)]


def test_a_wrong_type_code_is_wrong_as_a_code_and_of_its_authority() -> None:
    found = check_license_type(license_type(code="11100000000013338X011"))
    assert [one.element for one in found] == ["证照类型代码", "证照定义机构代码"]
    assert check_license_type(license_type(code=""))[0].code == "egov.license.type_code"


@pytest.mark.parametrize("other", [{"fields": [{"name": "", "label": ""}]}, {"validity_ranges": ["3"]}, {"codes": ""}])
def test_no_type_is_made_of_what_is_none(other: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        license_type(**other)


def test_good_values_pass() -> None:
    assert license_type().check_fields(GOOD, pictures=("照片",)) == ()
    more = {**GOOD, "职务": "经\n理", "学时": "-1234.50"}
    assert license_type().check_fields(more, pictures={"照片"}) == ()
    assert license_type().check_fields({**GOOD, "职务": "", "学时": ""}, pictures=["照片"]) == ()


@pytest.mark.parametrize(
    ("values", "element", "code"),
    [
        ({"岗位": ""}, "岗位", "missing"),
        ({"岗位": " "}, "岗位", "missing"),
        ({"岗位": "D"}, "岗位", "field_choice"),
        ({"岗位": "a"}, "岗位", "field_choice"),
        ({"职务": "一" * 11}, "职务", "too_long"),
        ({"职务": "一\x1b[31m"}, "职务", "character"),
        ({"初次领证日期": "31/01/2020"}, "初次领证日期", "date_order"),
        ({"初次领证日期": "长期"}, "初次领证日期", "date"),
        ({"学时": "十"}, "学时", "field_number"),
        ({"学时": "1,000"}, "学时", "field_number"),
        ({"学时": "1e9"}, "学时", "field_number"),
        ({"学时": "NaN"}, "学时", "field_number"),
        ({"学时": "１"}, "学时", "field_number"),
        ({"学时": "1" * 19}, "学时", "field_number"),
        ({"照片": "iVBOR"}, "照片", "field_picture"),
        ({"别的": "x"}, "别的", "field_unknown"),
        ({"KZ_岗位": "A"}, "KZ_岗位", "field_unknown"),
    ],
)
def test_one_wrong_value_is_one_finding(values: dict[str, str], element: str, code: str) -> None:
    found = license_type().check_fields({**GOOD, **values}, pictures=("照片",))
    assert [(one.element, one.code) for one in found] == [(element, f"egov.license.{code}")]


def test_everything_missing_and_everything_too_many_is_told() -> None:
    found = license_type().check_fields({"别的": "x"}, pictures=("头像", "岗位"))
    assert [one.element for one in found] == ["岗位", "初次领证日期", "照片", "别的", "头像", "岗位"]


def test_values_are_not_told() -> None:
    secret = "1101051949123100"
    values = {"岗位": secret, "学时": f"{secret}x", "初次领证日期": f"x{secret}xxxxxx"}
    told = "".join(one.text.en + one.text.zh for one in license_type().check_fields(values))
    assert secret not in told


@pytest.mark.parametrize(
    ("category", "admitted"),
    [
        (HolderCategory.PERSON, ["111", "414", "999"]),
        (HolderCategory.ORGANIZATION, ["001", "099"]),
        (HolderCategory.MIXED, ["111", "414", "999", "001", "099"]),
    ],
)
def test_holders_are_admitted_by_their_side(category: HolderCategory, admitted: list[str]) -> None:
    codes = ["111", "414", "999", "001", "099", "", "112"]
    assert [code for code in codes if category.admits(code)] == admitted
    made = license_type(holder_category=category)
    refused = [code for code in codes if made.check_holder_type(code) is not None]
    assert refused == [code for code in codes if code not in admitted]
