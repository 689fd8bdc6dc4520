"""Travel permits by their published rule; passports, Taiwan permits and military IDs by a loose shape."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egov_sdk.codes import CodeKind, check_code, parse_code
from egov_sdk.codes.documents import HkMacaoTravelPermit, MilitaryId, Passport, TaiwanTravelPermit
from egov_sdk.errors import ParseError

DOCUMENTS = (
    CodeKind.PASSPORT,
    CodeKind.HK_MACAO_TRAVEL_PERMIT,
    CodeKind.TAIWAN_TRAVEL_PERMIT,
    CodeKind.MILITARY_ID,
)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (CodeKind.PASSPORT, "E00000000"),
        (CodeKind.PASSPORT, "EA0000000"),
        (CodeKind.PASSPORT, "C01X00T47"),
        (CodeKind.HK_MACAO_TRAVEL_PERMIT, "H00000000"),
        (CodeKind.HK_MACAO_TRAVEL_PERMIT, "M0000000001"),
        (CodeKind.TAIWAN_TRAVEL_PERMIT, "00000000"),
        (CodeKind.TAIWAN_TRAVEL_PERMIT, "0000000000A"),
        (CodeKind.MILITARY_ID, "某字第0000000号"),
        (CodeKind.MILITARY_ID, "某（X）字第00-00.0号"),
    ],
)
def test_usual_numbers_are_accepted(kind: CodeKind, text: str) -> None:
    code = parse_code(text, kind)
    assert code.kind is kind
    assert code.number == text
    assert text[1:-1] not in repr(code) + str(code)


def test_a_permit_tells_what_stays_and_how_often_it_was_renewed() -> None:
    permit = HkMacaoTravelPermit.parse("M0000000001")
    assert (permit.lifelong, permit.renewals) == ("M00000000", 1)
    assert HkMacaoTravelPermit.parse("H00000000").renewals is None
    assert HkMacaoTravelPermit.parse("H0000000000").renewals == 0


@pytest.mark.parametrize(
    ("kind", "text", "rule"),
    [
        (CodeKind.PASSPORT, "", "length"),
        (CodeKind.PASSPORT, "E12", "length"),
        (CodeKind.PASSPORT, "E" * 21, "length"),
        (CodeKind.PASSPORT, "e00000000", "letter_case"),
        (CodeKind.PASSPORT, "E 0000000", "character"),
        (CodeKind.PASSPORT, "Ｅ00000000", "character"),
        (CodeKind.PASSPORT, "É00000000", "character"),
        (CodeKind.PASSPORT, "E0000'--0", "character"),
        (CodeKind.PASSPORT, "E00000000\n", "character"),
        (CodeKind.PASSPORT, "PASSPORT", "shape"),
        (CodeKind.HK_MACAO_TRAVEL_PERMIT, "", "length"),
        (CodeKind.HK_MACAO_TRAVEL_PERMIT, "H0000000", "length"),
        (CodeKind.HK_MACAO_TRAVEL_PERMIT, "H000000000", "length"),
        (CodeKind.HK_MACAO_TRAVEL_PERMIT, "H00000000000", "length"),
        (CodeKind.HK_MACAO_TRAVEL_PERMIT, "h00000000", "letter_case"),
        (CodeKind.HK_MACAO_TRAVEL_PERMIT, "T00000000", "character"),
        (CodeKind.HK_MACAO_TRAVEL_PERMIT, "000000000", "character"),
        (CodeKind.HK_MACAO_TRAVEL_PERMIT, "H0000000A", "character"),
        (CodeKind.HK_MACAO_TRAVEL_PERMIT, "H0000000０", "character"),
        (CodeKind.TAIWAN_TRAVEL_PERMIT, "0000000", "length"),
        (CodeKind.TAIWAN_TRAVEL_PERMIT, "0000000000000", "length"),
        (CodeKind.TAIWAN_TRAVEL_PERMIT, "0000000(A)", "character"),
        (CodeKind.TAIWAN_TRAVEL_PERMIT, "ABCDEFGH", "shape"),
        (CodeKind.MILITARY_ID, "军1", "length"),
        (CodeKind.MILITARY_ID, "1" * 25, "length"),
        (CodeKind.MILITARY_ID, "某字第 000号", "character"),
        (CodeKind.MILITARY_ID, "某字第000号\x00", "character"),
        (CodeKind.MILITARY_ID, "<b>1</b>", "character"),
        (CodeKind.MILITARY_ID, "某某某某字第号", "shape"),
    ],
)
def test_a_broken_rule_is_named(kind: CodeKind, text: str, rule: str) -> None:
    assert check_code(text, kind).rule == rule
    with pytest.raises(ParseError) as caught:
        parse_code(text, kind)
    assert caught.value.code == f"egov.codes.{rule}"
    assert len(text) < 8 or text[1:-1] not in str(caught.value)


def test_the_kinds_without_a_known_rule_say_so() -> None:
    assert {kind for kind in CodeKind if kind.is_shape_only} == {
        CodeKind.PASSPORT,
        CodeKind.TAIWAN_TRAVEL_PERMIT,
        CodeKind.MILITARY_ID,
    }


@settings(deadline=None)
@given(st.text(max_size=30))
def test_any_text_is_answered(text: str) -> None:
    for kind in DOCUMENTS:
        check = check_code(text, kind)
        assert check.message.en
        assert check.message.zh
        if check.ok:
            assert parse_code(text, kind).number == text


@pytest.mark.parametrize("value", [Passport("E00000000"), TaiwanTravelPermit("00000000"), MilitaryId("某字第0000号")])
def test_values_of_different_kinds_are_never_equal(value: Passport | TaiwanTravelPermit | MilitaryId) -> None:
    others = (Passport("00000000"), TaiwanTravelPermit("00000000"), MilitaryId("00000000"))
    assert [other for other in others if other == value] in ([], [value])
    assert len(set(others)) == 3
