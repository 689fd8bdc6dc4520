"""One row at a time: every rule, all problems at once, and what a row becomes."""

from __future__ import annotations

import pickle
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.errors import ConfigError, ParseError
from egov_sdk.license.catalogue import LicenseType
from egov_sdk.license.legacy.importing import _Rows
from egov_sdk.license.legacy.mapping import EPOINT, GENERAL, ZFSOFT, SheetMapping, find_header
from egov_sdk.license.legacy.rows import CheckedRow, RowPlan, check_row
from egov_sdk.license.metadata import LicenseMetadata
from egov_sdk.sheets import SheetRow
from egov_sdk.sheets.problems import Mark
from tests.unit.license.legacy.world import (
    COMPANY,
    COMPANY_TYPE,
    GOOD,
    HEADER,
    OFFICE,
    OTHER_OFFICE,
    PERSONS,
    TYPE,
    row,
)


def plan_of(header: tuple[str, ...], mapping: SheetMapping = EPOINT, *types: LicenseType, **more: object) -> RowPlan:
    types = types or (TYPE,)
    found, columns = find_header(_Rows((header,), False), mapping, types, where="sheet")
    values: dict[str, object] = {
        "batch": "b", "header": found.cells, "columns": columns, "types": types, "issuers": (OFFICE, OTHER_OFFICE),
        "issued_as_valid": mapping.issued_as_valid, "ranges": mapping.ranges,
    }  # fmt: skip
    return RowPlan(**values | more)  # type: ignore[arg-type]  # whichever are given


def check(cells: tuple[str, ...], plan: RowPlan | None = None, *marks: tuple[int, Mark]) -> CheckedRow:
    return check_row(plan or plan_of(HEADER), SheetRow(2, cells, marks))


def made(cells: tuple[str, ...], plan: RowPlan | None = None) -> LicenseMetadata:
    found = check(cells, plan)
    assert found.problems == ()
    assert found.metadata is not None
    return found.metadata


def codes(found: CheckedRow) -> list[tuple[int, str]]:
    assert found.metadata is None
    return [(one.place, one.finding.code.removeprefix("egov.license.")) for one in found.problems]


def test_a_good_row_becomes_the_metadata_of_a_licence() -> None:
    found = made(GOOD)
    assert (found.number, found.type_name, found.issuer) == (GOOD[1], TYPE.name, OFFICE)
    assert (found.issued_on, found.valid_from, found.valid_until) == (
        date(2023, 5, 4), date(2023, 5, 4), date(2026, 5, 3),
    )  # fmt: skip
    assert [(one.name, one.code, one.type_code) for one in found.holders] == [("张三", PERSONS[0], "111")]
    assert found.fields == {"gzdw": "示例建筑公司"}
    assert found.identifier.check_is_right


def test_the_serial_follows_from_import_and_row() -> None:
    one, again = made(GOOD), made(row("other"))
    assert one.identifier == again.identifier
    assert check_row(plan_of(HEADER), SheetRow(3, GOOD)).metadata != one
    other = check_row(plan_of(HEADER, batch="c"), SheetRow(2, GOOD)).metadata
    assert other is not None
    assert other.identifier.serial != one.identifier.serial


def test_every_problem_of_a_row_is_told_with_its_column() -> None:
    bad = row(
        "", 证照颁发日期="2023-02-30", 持证主体代码="110105194912310021", 证照有效期起始日期="05/04/2023",
        证照颁发机构="别处", 工作单位="", 证照名称="不知何证", 面向持证主体类别="法人和其他组织",
    )  # fmt: skip
    assert codes(check(bad)) == [
        (0, "type_other"), (1, "cell_missing"), (2, "issuer_other"), (3, "date_none"), (5, "cell_choice"),
        (7, "egov.codes.check_digit"), (8, "date_order"),
    ]  # fmt: skip


def test_nothing_personal_is_among_the_words() -> None:
    bad = row(持证主体代码="110105194912310021", 持证主体代码类型="110105194912310021", 面向持证主体类别="张三李四王五")
    for one in check(bad).problems:
        text = one.finding.text.en + one.finding.text.zh
        assert "110105194912310021" not in text
        assert "张三李四王五" not in text


@pytest.mark.parametrize(
    ("cells", "problems"),
    [
        ({"持证主体": ""}, [(4, "cell_missing")]),
        ({"持证主体代码": ""}, [(7, "cell_missing")]),
        ({"持证主体代码类型": "身份证"}, [(6, "holder_kind")]),
        (
            {"持证主体代码类型": "统一社会信用代码", "持证主体代码": COMPANY, "面向持证主体类别": ""},
            [(7, "holder_category")],
        ),
        ({"持证主体": "张三^李四"}, [(7, "holders_uneven")]),
        ({"持证主体": "张三^张三", "持证主体代码": f"{PERSONS[0]}^{PERSONS[0]}"}, [(7, "holder_repeated")]),
        ({"持证主体": "张\n三"}, [(4, "cell_control")]),
        ({"持证主体": "张" * 600}, [(4, "cell_long")]),
        ({"证照颁发日期": ""}, [(3, "cell_missing")]),
        ({"证照颁发日期": "2023"}, [(3, "date")]),
        ({"证照颁发日期": "去年"}, [(3, "date")]),
        ({"证照颁发日期": "230504"}, [(3, "date_order")]),
        ({"证照有效期截止日期": "2020-01-01"}, [(9, "end_early")]),
        ({"面向持证主体类别": "天使"}, [(5, "cell_choice")]),
        ({"工作单位": ""}, [(10, "missing")]),
        ({"工作单位": "x" * 600}, [(10, "too_long")]),
    ],
)
def test_each_rule_names_its_cell(cells: dict[str, str], problems: list[tuple[int, str]]) -> None:
    assert codes(check(row(**cells))) == problems


@pytest.mark.parametrize(
    "text",
    [
        "2023-05-04",
        "2023/5/4",
        "20230504",
        "2023.05.04",
        "2023年5月4日",
        "二〇二三年五月四日",
        "45050",
        "1683129600000",
    ],
)
def test_a_day_is_read_in_every_form(text: str) -> None:
    assert made(row(证照颁发日期=text)).issued_on == date(2023, 5, 4)


def test_numbers_of_days_follow_the_calendar_of_the_workbook() -> None:
    assert made(row(证照颁发日期="43588"), plan_of(HEADER, from_1904=True)).issued_on == date(2023, 5, 4)


@pytest.mark.parametrize("end", ["", "长期", "长期有效"])
def test_a_licence_may_have_no_end(end: str) -> None:
    assert made(row(证照有效期截止日期=end)).valid_until is None


def test_several_holders_have_as_many_codes_and_one_kind_may_do() -> None:
    found = made(row(持证主体="张三^李四", 持证主体代码="^".join(PERSONS[:2])))
    assert [one.code for one in found.holders] == list(PERSONS[:2])


def test_marks_of_cells_are_problems_of_columns_that_are_read() -> None:
    assert codes(check(GOOD, None, (1, "cell_formula"), (4, "cell_merged"))) == [
        (1, "cell_formula"),
        (4, "cell_merged"),
    ]
    ignoring = plan_of((*HEADER, "备用"), SheetMapping("own", {**EPOINT.columns, "备用": "ignored"}))
    assert check((*GOOD, "=1"), ignoring, (11, "cell_formula")).problems == ()


def test_cells_beyond_the_header_and_a_header_in_the_middle_are_told() -> None:
    assert codes(check((*GOOD, "mehr"))) == [(-1, "row_cells")]
    assert check((*GOOD, "", "")).problems == ()
    assert codes(check(HEADER)) == [(-1, "row_header")]


def test_a_short_row_lacks_its_last_cells() -> None:
    assert codes(check(GOOD[:9])) == [(10, "missing")]


ZF_HEADER = (
    "LICENSE_NUMBER", "HOLDER_TYPE_NAME", "HOLDER", "IDENTIFICATE_NUMBER", "VALIDITY_DATE_START", "VALIDITY_RANGE",
    "VALIDITY_DATE_END", "ELEC_LICENSE_LEVEL", "CONTACT_TEL", "AUTO_ANNUAL_FLAG", "REMARKS", "工作单位",
)  # fmt: skip
ZF_GOOD = (
    "A-1", "公民身份号码", "张三", PERSONS[0], "2023-05-04", "3年", "", "A", "010-66554433", "不需要", "", "某公司",
)  # fmt: skip


def zf(**cells: str) -> CheckedRow:
    values = dict(zip(ZF_HEADER, ZF_GOOD, strict=True)) | cells
    return check(tuple(values.values()), plan_of(ZF_HEADER, ZFSOFT))


@pytest.mark.parametrize(
    ("span", "end", "last"),
    [
        ("3年", "", date(2026, 5, 4)),
        ("3年", "2026-05-04", date(2026, 5, 4)),
        ("6月", "", date(2023, 11, 4)),
        ("30日", "", date(2023, 6, 3)),
        ("长期", "", None),
        ("长期", "长期", None),
        ("自定义", "2030-01-01", date(2030, 1, 1)),
    ],
)
def test_a_span_gives_the_last_day(span: str, end: str, last: date | None) -> None:
    found = zf(VALIDITY_RANGE=span, VALIDITY_DATE_END=end).metadata
    assert found is not None
    assert (found.issued_on, found.valid_from, found.valid_until) == (date(2023, 5, 4), date(2023, 5, 4), last)


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"VALIDITY_RANGE": ""}, "cell_missing"),
        ({"VALIDITY_RANGE": "三年"}, "range"),
        ({"VALIDITY_RANGE": "99999年"}, "range"),
        ({"VALIDITY_RANGE": "自定义"}, "end_missing"),
        ({"VALIDITY_DATE_END": "2026-05-05"}, "end_differs"),
        ({"VALIDITY_RANGE": "长期", "VALIDITY_DATE_END": "2026-05-05"}, "end_differs"),
        ({"ELEC_LICENSE_LEVEL": "E"}, "cell_choice"),
        ({"AUTO_ANNUAL_FLAG": "也许"}, "cell_choice"),
        ({"CONTACT_TEL": "打给我"}, "cell_number"),
        ({"REMARKS": "a\u202eb"}, "cell_control"),
    ],
)
def test_rules_of_the_batch_import_of_one_provider(cells: dict[str, str], code: str) -> None:
    assert [found for _, found in codes(zf(**cells))] == [code]


def test_a_mapping_may_allow_only_some_spans() -> None:
    cells = tuple(ZF_GOOD)
    assert check(cells, plan_of(ZF_HEADER, ZFSOFT, ranges=("3年", "长期"))).problems == ()
    assert codes(check(cells, plan_of(ZF_HEADER, ZFSOFT, ranges=("5年",)))) == [(5, "cell_choice")]


GENERAL_HEADER = (
    "CertificateTypeCode",
    "ZZBH",
    "证照颁发机构代码",
    "ZZBFRQ",
    "CZZT",
    "CZZTDM",
    "流水号",
    "KZ_gzdw",
    "区划",
)
OWN = SheetMapping("own", {**GENERAL.columns, "区划": "area_code"}, standard_names=True, required=GENERAL.required)


def general(**cells: str) -> CheckedRow:
    good = (TYPE.code, "1", OTHER_OFFICE.code, "20230504", "张三", PERSONS[1], "ABC1", "公司", "110101")
    values = dict(zip(GENERAL_HEADER, good, strict=True)) | cells
    return check(tuple(values.values()), plan_of(GENERAL_HEADER, OWN, TYPE, COMPANY_TYPE))


def test_names_of_the_metadata_are_headers_in_three_namings() -> None:
    found = general().metadata
    assert found is not None
    assert (found.issuer, found.identifier.serial, found.area_code) == (OTHER_OFFICE, "ABC1", "110101")
    assert found.holders[0].type_code == "111"  # told by the number alone


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"CertificateTypeCode": "11100000000013338W999"}, "type_other"),
        ({"CertificateTypeCode": ""}, "cell_missing"),
        ({"证照颁发机构代码": "11100000000013338W"}, "issuer_other"),
        ({"流水号": "a-b"}, "identifier_shape"),
        ({"区划": "999999"}, "egov.codes.division"),
        ({"CZZTDM": "E12345678"}, "cell_missing"),  # a passport says nothing of its kind
    ],
)
def test_rules_of_sheets_with_names_of_the_metadata(cells: dict[str, str], code: str) -> None:
    assert [found for _, found in codes(general(**cells))] == [code]


@pytest.mark.parametrize(
    ("header", "code", "named"),
    [
        (("什么", "都不是"), "header_missing", "证照编号"),
        (HEADER[1:-1], "header_missing", "工作单位"),
        (tuple(text for text in HEADER if text != "证照编号"), "header_missing", "证照编号"),
        (tuple(text for text in HEADER if text != "证照颁发日期"), "header_missing", "证照颁发日期"),
        ((*HEADER, "证照编号"), "header_twice", "证照编号"),
        ((*HEADER, " 证照 编号*"), "header_twice", "证照编号"),
        ((*HEADER, "心情"), "header_unknown", "心情"),
    ],
)
def test_a_header_that_will_not_do_is_refused_before_any_row(header: tuple[str, ...], code: str, named: str) -> None:
    with pytest.raises(ParseError) as caught:
        plan_of(header)
    assert caught.value.code == f"egov.license.{code}"
    assert named in "".join(str(fact).replace(" ", "") for fact in caught.value.detail.values())


def test_titles_may_stand_above_the_header() -> None:
    table = (("证照一览",), ("制表：某人", "2023-05-04"), HEADER, GOOD)
    found, _ = find_header(_Rows(table, False), EPOINT, (TYPE,), where="sheet")
    assert found.number == 3


def test_headers_may_carry_asterisks_and_full_width_brackets() -> None:
    header = tuple(f"*{text}（必填）" for text in HEADER)
    assert made(GOOD, plan_of(header)).number == GOOD[1]


def test_a_mapping_that_holds_nothing_known_is_refused() -> None:
    with pytest.raises(ConfigError, match="wish"):
        SheetMapping("own", {"a": "wish"})


def test_a_field_may_have_another_header() -> None:
    renamed = ("单位", *HEADER[:-1])
    mapping = SheetMapping("own", {**EPOINT.columns, "单位": "field:gzdw"})
    assert made((GOOD[-1], *GOOD[:-1]), plan_of(renamed, mapping)).fields == {"gzdw": "示例建筑公司"}


FIELD_HEADER = (*HEADER, "出生日期", "类别", "学时")


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (("1949年12月31日", "A", "12.5"), {"csrq": "1949-12-31", "lb": "A", "xs": "12.5"}),
        (("", "", ""), {}),
    ],
)
def test_fields_of_the_type_are_kept(cells: tuple[str, ...], expected: dict[str, str]) -> None:
    assert made((*GOOD, *cells), plan_of(FIELD_HEADER)).fields == {"gzdw": "示例建筑公司", **expected}


@pytest.mark.parametrize(
    ("cells", "problems"),
    [
        (("昨天", "D", "many"), [(11, "date"), (12, "field_choice"), (13, "field_number")]),
        (("1949-02-30", "a", "1e5"), [(11, "date_none"), (12, "field_choice"), (13, "field_number")]),
    ],
)
def test_fields_of_the_type_are_checked(cells: tuple[str, ...], problems: list[tuple[int, str]]) -> None:
    assert codes(check((*GOOD, *cells), plan_of(FIELD_HEADER))) == problems


@given(st.lists(st.text(max_size=30), max_size=16))
def test_any_cells_give_a_licence_or_problems_and_can_be_sent(cells: list[str]) -> None:
    found = check(tuple(cells))
    assert (found.metadata is None) == bool(found.problems)
    assert pickle.loads(pickle.dumps(found)) == found


KIND_HEADER = (*HEADER[:6], "CertificateHolderTypeName", "持证主体代码类型代码", *HEADER[7:])


@pytest.mark.parametrize(
    ("kinds", "problems"),
    [
        (("公民身份号码", "111"), []),
        (("", "111"), []),
        (("公民身份号码", "414"), [(7, "differs")]),
        (("公民身份号码^公民身份号码", ""), [(6, "holders_uneven")]),
        (("无", "111"), [(6, "holder_kind"), (7, "differs")]),
    ],
)
def test_name_and_code_of_a_kind_must_agree(kinds: tuple[str, str], problems: list[tuple[int, str]]) -> None:
    mapping = SheetMapping("own", {**GENERAL.columns, "面向持证主体类别": "holder_side"}, standard_names=True)
    found = check((*GOOD[:6], *kinds, *GOOD[7:]), plan_of(KIND_HEADER, mapping))
    assert [(one.place, one.finding.code.removeprefix("egov.license.")) for one in found.problems] == problems


def test_one_item_has_one_column() -> None:
    with pytest.raises(ParseError) as caught:
        plan_of((*HEADER, "KZ_gzdw"))
    assert caught.value.code == "egov.license.header_twice"
    assert caught.value.detail["found"] == "工作单位 = KZ_gzdw"
    with pytest.raises(ParseError):
        plan_of((*HEADER, "号码"), SheetMapping("own", {**EPOINT.columns, "号码": "number"}))


def test_days_beside_a_flag_are_a_number() -> None:
    mapping = SheetMapping("own", {**ZFSOFT.columns, "提前天数": "days"}, issued_as_valid=True)
    plan = plan_of((*ZF_HEADER, "提前天数"), mapping)
    assert check((*ZF_GOOD, "30"), plan).problems == ()
    assert codes(check((*ZF_GOOD, "一个月"), plan)) == [(len(ZF_GOOD), "cell_number")]


def test_a_span_needs_a_day_to_count_from() -> None:
    header = (*HEADER[:8], "有效期限", "工作单位")
    mapping = SheetMapping("own", {**EPOINT.columns, "有效期限": "validity_range"})
    assert codes(check((*GOOD[:8], "3年", "公司"), plan_of(header, mapping))) == [(-1, "start_missing")]
    found = check((*GOOD[:8], "长期", "公司"), plan_of(header, mapping)).metadata
    assert found is not None
    assert found.valid_until is None
