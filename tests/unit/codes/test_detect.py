"""Which kinds a text fits, and masks."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egov_sdk.codes import CitizenNumber, CodeKind, check_code, detect_kinds, mask_code, normalize, parse_code
from egov_sdk.codes.kinds import KIND_NAMES
from egov_sdk.codes.masking import (
    mask,
    mask_bank_card,
    mask_email,
    mask_mobile,
    mask_name,
    mask_number,
    mask_other,
)
from egov_sdk.codes.problems import PROBLEMS, CodeCheck
from egov_sdk.errors import ParseError


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("11010519491231002X", CodeKind.CITIZEN_NUMBER),
        ("110105491231002", CodeKind.CITIZEN_NUMBER),
        ("810000199408230021", CodeKind.RESIDENCE_PERMIT),
        ("932682198501010017", CodeKind.PERMANENT_RESIDENT_CARD),
        ("KAZ110090123105", CodeKind.PERMANENT_RESIDENT_CARD),
        ("111000000000131433", CodeKind.CREDIT_CODE),
        ("00001333-8", CodeKind.ORGANIZATION_CODE),
        ("H00000001", CodeKind.HK_MACAO_TRAVEL_PERMIT),
        ("330102", CodeKind.DIVISION_CODE),
        ("E00000001", CodeKind.PASSPORT),
        ("某字第0000000号", CodeKind.MILITARY_ID),
    ],
)
def test_the_strictest_kind_comes_first(text: str, kind: CodeKind) -> None:
    assert detect_kinds(text)[0] is kind
    value = parse_code(text)
    assert value.kind is kind
    assert check_code(text, kind).ok


@pytest.mark.parametrize("text", ["", " ", "-", "abc", "张三", "11010519491231002X\n", "1" * 40, "a@b.cn"])
def test_a_text_of_no_kind_is_refused(text: str) -> None:
    assert detect_kinds(text) == ()
    with pytest.raises(ParseError) as caught:
        parse_code(text)
    assert caught.value.code == "egov.codes.kind_unknown"
    assert len(text) < 3 or text not in str(caught.value)


def test_a_number_with_one_slip_is_not_taken_for_a_citizen_number() -> None:
    assert CodeKind.CITIZEN_NUMBER not in detect_kinds("110105194912310021")


@settings(deadline=None)
@given(st.text(max_size=24))
def test_detection_agrees_with_the_checks(text: str) -> None:
    kinds = detect_kinds(text)
    assert set(kinds) == {kind for kind in CodeKind if check_code(text, kind).ok}
    for kind in kinds:
        assert parse_code(text, kind).kind is kind


@settings(deadline=None)
@given(st.text(max_size=24))
def test_tidying_twice_is_tidying_once(text: str) -> None:
    assert normalize(normalize(text)) == normalize(text)


@pytest.mark.parametrize(
    ("masked", "expected"),
    [
        (mask_number("11010519491231002X"), "1****************X"),
        (mask_number("ab"), "**"),
        (mask_number("a"), "*"),
        (mask_number(""), ""),
        (mask_bank_card("6222020000001234567"), "622202*********4567"),
        (mask_bank_card("6222021234"), "**********"),
        (mask_mobile("13800001234"), "138****1234"),
        (mask_mobile("1234567"), "*******"),
        (mask_name("张三"), "*三"),
        (mask_name("欧阳锋"), "*阳锋"),
        (mask_name("张"), "*"),
        (mask_name(""), ""),
        (mask_email("zhangsan@example.cn"), "zha***"),
        (mask_email("abc@example.cn"), "ab***"),
        (mask_email("a@example.cn"), "***"),
        (mask_email("@"), "***"),
        (mask_other("abcdefghi"), "abc***ghi"),
        (mask_other("ab"), "**"),
        (mask_other(""), ""),
        (mask_code("91110302MA01NP925M", CodeKind.CREDIT_CODE), "91110302MA01NP925M"),
        (mask_code("E00000001", CodeKind.PASSPORT), "E*******1"),
    ],
)
def test_masks(masked: str, expected: str) -> None:
    assert masked == expected


@pytest.mark.parametrize(("head", "tail"), [(-1, 0), (0, -1)])
def test_a_mask_cannot_show_less_than_nothing(head: int, tail: int) -> None:
    with pytest.raises(ValueError, match="negative"):
        mask("text", head=head, tail=tail)


@settings(deadline=None)
@given(st.text(max_size=40), st.integers(0, 10), st.integers(0, 10))
def test_a_mask_keeps_the_length_and_hides_something(text: str, head: int, tail: int) -> None:
    masked = mask(text, head=head, tail=tail)
    assert len(masked) == len(text)
    assert not text or "*" in masked


def test_every_rule_and_kind_is_worded_in_both_languages() -> None:
    assert set(KIND_NAMES) == set(CodeKind)
    for rule, text in PROBLEMS.items():
        check = CodeCheck(CodeKind.PASSPORT, rule)
        assert check.message.zh.startswith("护照号码：")
        assert any("\u4e00" <= character <= "\u9fff" for character in text.zh)
        assert check.to_dict()["code"] == f"egov.codes.{rule}"
    assert CodeCheck(None).message.en == "a well-formed number"
    assert CodeCheck(None).to_dict()["kind"] == ""


def test_a_value_can_be_made_without_naming_its_kind() -> None:
    assert parse_code("11010519491231002X") == CitizenNumber("11010519491231002X")
