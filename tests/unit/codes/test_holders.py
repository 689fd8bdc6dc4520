"""Holder code types: the sixteen of the annex, and which numbers go with them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egov_sdk.codes.holders import HOLDER_TYPES, check_holder_code, holder_type, suggest_holder_type
from egov_sdk.errors import ParseError


def test_there_are_sixteen_types_and_two_are_of_organisations() -> None:
    assert len(HOLDER_TYPES) == 16
    assert [code for code, row in HOLDER_TYPES.items() if not row.is_person] == ["001", "099"]
    assert all(row.code == code for code, row in HOLDER_TYPES.items())
    assert holder_type("111").name == "公民身份号码"


@pytest.mark.parametrize("code", ["", "1", "112", "0111", "１１１", " 111", "公民身份号码", "x" * 5000])
def test_another_type_is_refused(code: str) -> None:
    assert check_holder_code("11010519491231002X", type_code=code).rule == "holder_type"
    with pytest.raises(ParseError) as caught:
        holder_type(code)
    assert caught.value.code == "egov.codes.holder_type"
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("code", "type_code", "rule"),
    [
        ("11010519491231002X", "111", ""),
        ("91110302MA01NP925M", "001", ""),
        ("某字第0000000号", "114", ""),
        ("E00000001", "414", ""),
        ("00000000", "511", ""),
        ("H00000000", "516", ""),
        ("anything at all", "999", ""),
        ("x" * 512, "099", ""),
        ("91110302MA01NP925M", "111", "character"),
        ("11010519491231002X", "001", "organization_check"),
        ("810000199408230021", "111", "other_kind"),
        ("932682198501010017", "111", "division"),
        ("h00000000", "516", "letter_case"),
        ("护照", "414", "length"),
        ("", "999", "length"),
        (" \t", "999", "length"),
        ("x" * 513, "099", "length"),
    ],
)
def test_a_code_is_checked_by_its_type(code: str, type_code: str, rule: str) -> None:
    assert check_holder_code(code, type_code=type_code).rule == rule


@pytest.mark.parametrize(
    ("code", "type_code"),
    [
        ("11010519491231002X", "111"),
        ("110105491231002", "111"),
        ("91110302MA01NP925M", "001"),
        ("H00000000", "516"),
        ("810000199408230021", "999"),
        ("932682198501010017", "999"),
        ("KAZ110090123105", "999"),
    ],
)
def test_a_type_is_suggested_where_the_number_leaves_no_doubt(code: str, type_code: str) -> None:
    found = suggest_holder_type(code)
    assert found is not None
    assert found.code == type_code
    assert check_holder_code(code, type_code=type_code).ok


@pytest.mark.parametrize("code", ["", "E00000001", "00000000", "某字第0000000号", "330102", "000013338", "nonsense"])
def test_no_type_is_suggested_on_a_guess(code: str) -> None:
    assert suggest_holder_type(code) is None


@settings(deadline=None)
@given(st.text(max_size=20), st.sampled_from(sorted(HOLDER_TYPES)))
def test_any_code_of_any_type_is_answered(code: str, type_code: str) -> None:
    assert check_holder_code(code, type_code=type_code).message.zh
