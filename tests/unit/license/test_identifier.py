"""Identifiers of licences: the real ones are read, what is off is named, and what is wrong is told apart."""

from __future__ import annotations

import pickle

import pytest
from pydantic import BaseModel, ValidationError

from egov_sdk.errors import ParseError
from egov_sdk.license.identifier import (
    LENIENCIES,
    OLD_ROOT,
    ROOT,
    LicenseIdentifier,
    build_type_code,
    check_character,
    check_type_code,
)
from egov_sdk.license.problems import LicenseRejected

HUNAN = "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U"
HUNAN_2 = "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.002.S"
HEFEI = "1.2.156.3005.2.11100000MB03271699022.340100.000000016.001.9"
REAL = [
    "1.2.156.3005.2.11100000000013338W032.11220000013544541J.2430599.001.F",
    HUNAN,
    HUNAN_2,
    "1.2.156.3005.2.11100000000013338W009.11330105002500287C.2025052201.002.0",
]
MADE = [
    "1.2.156.3005.2.11100000MB0143028R001.11110000000021135M.1.001.1",
    "1.2.156.3005.2.11100000MB0143028R001.11110000000021135M.A1B2C3D4E5F6.001.W",
    "1.2.156.3005.2.11100000MB0143028R001.11110000000021135M.A1B2C3D4E5F6.002.U",
    "1.2.156.3005.2.11100000000013338W001.11110000000021135M.FCE9044689494E0092B44BD193200933.001.A",
    "1.2.156.3005.2.11100000000013127D001.11320482014138860P.201807250201.001.H",
    "1.2.156.3005.2.11100000000013338W002.11320482014138860P.201807250201.001.M",
]
WRONG_CHECK = [
    (
        "1.2.156.3005.2.11100000000013661B006.113700000045046442.209FA4E88F9E4C878F3E9BED2CE7EA49.001.M",
        "D",
    ),
    ("1.2.156.3005.2.11100000000013338W050.91610800064834709T.2023000001.001.X", "2"),
    (HUNAN[:-1] + "S", "U"),
    (HUNAN.replace(".001.", ".002."), "S"),
    (HUNAN.replace("20230000403", "20230000430"), ""),
]
TYPE_CODES = [
    "11100000000013127D001",
    "11100000MB0143028R001",
    "11100000MB03271699001",
    "11100000MB03271699022",
    "11100000000013338W001",
    "11100000000013338W011",
    "111000000000131433001",
    "11100000MB0341032Y002",
    "1110000000001332XW059",
]


def refusal(text: str, *, lenient: bool = False) -> ParseError:
    with pytest.raises(ParseError) as caught:
        LicenseIdentifier.parse(text, lenient=lenient)
    return caught.value


@pytest.mark.parametrize("text", REAL + MADE)
def test_a_right_identifier_is_read_and_written_as_it_was(text: str) -> None:
    identifier = LicenseIdentifier.parse(text)
    assert str(identifier) == text
    assert identifier.check_is_right is True
    assert identifier.leniencies == ()
    assert LicenseIdentifier.parse(text, lenient=True) == identifier
    assert identifier == LicenseIdentifier.build(
        type_code=identifier.type_code,
        issuer_code=identifier.issuer_code,
        serial=identifier.serial,
        version=identifier.version,
    )


def test_the_parts_are_told_apart() -> None:
    identifier = LicenseIdentifier.parse(HUNAN)
    assert identifier.root == ROOT
    assert identifier.type_code == "11100000000013338W011"
    assert identifier.definer_code == "11100000000013338W"
    assert identifier.issuer_code == "11430000006122244L"
    assert (identifier.serial, identifier.version, identifier.check) == ("20230000403", 1, "U")
    assert identifier.series == HUNAN.removesuffix(".001.U")
    assert identifier.findings() == ()


@pytest.mark.parametrize(("text", "right"), WRONG_CHECK)
@pytest.mark.parametrize("lenient", [False, True])
def test_a_wrong_check_character_is_no_malformed_identifier(text: str, right: str, lenient: bool) -> None:
    error = refusal(text, lenient=lenient)
    assert error.code == "egov.license.identifier_check"
    assert error.detail["found"] == text[-1]
    assert right in ("", error.detail["expected"])


@pytest.mark.parametrize("place", range(15, len(HUNAN)))
def test_no_other_character_passes_in_any_place(place: int) -> None:
    if HUNAN[place] == ".":
        return
    for other in "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ":
        if other != HUNAN[place]:
            changed = HUNAN[:place] + other + HUNAN[place + 1 :]
            assert refusal(changed).code in ("egov.license.identifier_check", "egov.license.identifier_shape")


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "电子证照根代码"),
        ("1.2.156.3005.2", "证照标识"),
        (HUNAN.removeprefix("1."), "电子证照根代码"),
        (HUNAN.replace("3005", "3004"), "电子证照根代码"),
        ("01" + HUNAN[1:], "电子证照根代码"),
        (HUNAN + ".", "证照标识"),
        (HUNAN + "." * 100_000, "证照标识"),
        (HUNAN[:-2], "证照标识"),
        ("1.2.156.3005.2.062301.1101101102.0624_001.001.U", "证照类型代码"),
        (HUNAN.replace("W011", "W0A1"), "证照类型代码"),
        (HUNAN.replace("11430000006122244L", "11430000006122244"), "证照颁发机构代码"),
        (HUNAN.replace("11430000006122244L", "34010"), "证照颁发机构代码"),
        (HUNAN.replace("20230000403", ""), "流水号"),
        (HUNAN.replace("20230000403", "2023-403"), "流水号"),
        (HUNAN.replace("20230000403", "2023_403"), "流水号"),
        (HUNAN.replace("20230000403", "证"), "流水号"),
        (HUNAN.replace("20230000403", "1" * 65), "流水号"),
        (HUNAN.replace("20230000403", "２０２３"), "流水号"),
        (HUNAN.replace(".001.", ".01."), "版本号"),
        (HUNAN.replace(".001.", ".000."), "版本号"),
        (HUNAN.replace(".001.", ".A01."), "版本号"),
        (HUNAN.replace(".001.", ".٠٠١."), "版本号"),
        (HUNAN[:-1] + "u", "校验位"),
        (HUNAN[:-1], "校验位"),
        (HUNAN + "U", "校验位"),
        (HUNAN + "\n", "校验位"),
    ],
)
def test_a_malformed_identifier_names_the_part_that_is_wrong(text: str, part: str) -> None:
    error = refusal(text)
    assert error.code == "egov.license.identifier_shape"
    assert error.detail["part"] == part
    assert len(str(error)) < 400


@pytest.mark.parametrize(
    ("text", "leniencies", "plain"),
    [
        (HEFEI, ("identifier_division_issuer",), HEFEI),
        (HUNAN.lower(), ("identifier_lower_case",), HUNAN),
        (f" {HUNAN}\r\n", ("identifier_space",), HUNAN),
        (f"\ufeff{HEFEI.lower()}", ("identifier_space", "identifier_lower_case", "identifier_division_issuer"), HEFEI),
        ("1.2.156.3003.2.440100A.2017000001.01.K", ("identifier_old_root",), "1.2.156.3003.2.440100A.2017000001.01.K"),
    ],
)
def test_what_is_off_the_standard_is_read_on_demand_and_named(
    text: str, leniencies: tuple[str, ...], plain: str
) -> None:
    if plain == HEFEI == text or text != plain or OLD_ROOT in text:
        assert refusal(text).code == "egov.license.identifier_shape"
    identifier = LicenseIdentifier.parse(text, lenient=True)
    expected = tuple(name for name in leniencies if name != "identifier_lower_case" or text.upper() != text)
    assert identifier.leniencies == expected
    assert set(expected) <= LENIENCIES.keys()
    assert str(identifier) == plain


def test_an_identifier_of_an_old_rule_has_no_issuer_and_no_judged_check() -> None:
    old = LicenseIdentifier.parse("1.2.156.3003.2.440100A.2017000001.01.K", lenient=True)
    assert (old.root, old.issuer_code, old.definer_code, old.version) == (OLD_ROOT, "", "", 1)
    assert old.check_is_right is None
    assert old.findings() == ()
    with pytest.raises(ValueError, match="before 2018"):
        old.next_version()


@pytest.mark.parametrize(
    "text",
    [
        HUNAN.replace("3005", "3003"),
        "1.2.156.3003.2.440100A.2017000001.00.K",
        HUNAN.replace("W011", "ß011"),
        HUNAN.replace("20230000403", "2023-403"),
        f"{HUNAN} {HUNAN}",
        HUNAN.replace("11430000006122244L", "430000"),
    ],
)
def test_leniency_has_an_end(text: str) -> None:
    assert refusal(text, lenient=True).code.startswith("egov.license.identifier_")


def test_the_next_version_has_the_same_serial_and_another_check_character() -> None:
    first = LicenseIdentifier.parse(HUNAN)
    second = first.next_version()
    assert str(second) == HUNAN_2
    assert second.series == first.series
    assert LicenseIdentifier.parse(HEFEI, lenient=True).next_version().leniencies == ()


def test_there_is_no_version_after_999() -> None:
    last = LicenseIdentifier.build(
        type_code="11100000000013338W011", issuer_code="11430000006122244L", serial="1", version=999
    )
    with pytest.raises(LicenseRejected) as caught:
        last.next_version()
    assert caught.value.problem == "version_exhausted"


@pytest.mark.parametrize(
    "wrong",
    [
        {"type_code": "11100000000013338W"},
        {"type_code": "11100000000013338w011"},
        {"issuer_code": ""},
        {"issuer_code": "1143000000612224 L"},
        {"serial": ""},
        {"serial": "1.1"},
        {"serial": "abc"},
        {"serial": "1" * 65},
        {"serial": "1\n"},
        {"version": 0},
        {"version": 1000},
        {"version": -1},
    ],
)
def test_nothing_is_built_of_parts_without_their_shape(wrong: dict[str, object]) -> None:
    parts: dict[str, object] = {
        "type_code": "11100000000013338W011",
        "issuer_code": "11430000006122244L",
        "serial": "1",
        "version": 1,
    }
    with pytest.raises(ValueError, match=next(iter(wrong))):
        LicenseIdentifier.build(**(parts | wrong))  # type: ignore[arg-type]  # wrong on purpose


def test_a_check_character_that_was_put_there_by_hand_is_seen() -> None:
    right = LicenseIdentifier.parse(HUNAN)
    forged = LicenseIdentifier(right.type_code, right.issuer_code, right.serial, right.version, "0")
    assert forged.check_is_right is False
    assert LicenseIdentifier("ß", "", "", 1, "0").check_is_right is False


@pytest.mark.parametrize("text", ["é", "a", "1.1", " ", "证", "\ud800"])
def test_the_check_character_is_of_digits_and_capitals(text: str) -> None:
    with pytest.raises(ValueError):
        check_character(text)


def test_files_are_named_after_the_identifier() -> None:
    identifier = LicenseIdentifier.parse(REAL[3])
    assert identifier.file_name == f"{REAL[3]}.ofd"
    assert LicenseIdentifier.from_file_name(identifier.file_name) == identifier
    assert LicenseIdentifier.from_file_name(f"{REAL[3]}.OFD") == identifier


@pytest.mark.parametrize(
    "name", ["", ".ofd", HUNAN, f"{HUNAN}.pdf", f"{HUNAN}.ofd.exe", f"../{HUNAN}.ofd", f"C:\\{HUNAN}.ofd"]
)
def test_another_file_name_is_refused(name: str) -> None:
    with pytest.raises(ParseError) as caught:
        LicenseIdentifier.from_file_name(name)
    assert caught.value.code.startswith("egov.license.identifier_")


@pytest.mark.parametrize("code", TYPE_CODES)
def test_a_real_type_code_is_that_of_an_authority_and_a_number(code: str) -> None:
    assert check_type_code(code) is None
    assert build_type_code(code[:18], int(code[18:])) == code


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("", "egov.license.type_code"),
        ("11100000000013338W", "egov.license.type_code"),
        ("11100000000013338W000", "egov.license.type_code"),
        ("11100000000013338W0011", "egov.license.type_code"),
        ("11100000000013338w001", "egov.license.type_code"),
        ("1110000000001332XX059", "egov.codes.check_digit"),
        ("11100000000013338X011", "egov.codes.check_digit"),
        ("11100000000013388W011", "egov.codes.organization_check"),
    ],
)
def test_another_type_code_is_told(code: str, expected: str) -> None:
    found = check_type_code(code)
    assert found is not None
    assert found.code == expected
    assert found.element == "证照类型代码"


@pytest.mark.parametrize(("authority", "number"), [("11100000000013338X", 1), ("", 1), ("11100000000013338W", 0)])
def test_no_type_code_is_built_of_a_wrong_part(authority: str, number: int) -> None:
    with pytest.raises(ValueError):
        build_type_code(authority, number)
    with pytest.raises(ValueError, match="999"):
        build_type_code("11100000000013338W", 1000)


def test_wrong_credit_codes_inside_are_told_and_do_not_stop_the_reading() -> None:
    odd = LicenseIdentifier.build(type_code="11100000000013338X011", issuer_code="11430000006122244X", serial="1")
    assert LicenseIdentifier.parse(str(odd)) == odd
    assert [found.element for found in odd.findings()] == ["证照类型代码", "证照颁发机构代码"]
    assert LicenseIdentifier.parse(HEFEI, lenient=True).findings() == ()


class _Model(BaseModel):
    identifier: LicenseIdentifier


def test_models_take_and_give_it_as_text() -> None:
    identifier = LicenseIdentifier.parse(HUNAN)
    assert _Model(identifier=identifier).identifier is identifier
    assert _Model.model_validate({"identifier": HUNAN}).identifier == identifier
    assert _Model(identifier=identifier).model_dump_json() == f'{{"identifier":"{HUNAN}"}}'
    assert _Model(identifier=identifier).model_dump() == {"identifier": HUNAN}
    real = _Model.model_validate_json(f'{{"identifier":"{HEFEI}"}}')
    assert real.identifier.leniencies == ("identifier_division_issuer",)


@pytest.mark.parametrize("value", ["", HUNAN[:-1] + "0", 1, None, {"serial": "1"}])
def test_models_take_no_other_value(value: object) -> None:
    with pytest.raises(ValidationError):
        _Model.model_validate({"identifier": value})


def test_it_crosses_processes() -> None:
    identifier = LicenseIdentifier.parse(HEFEI, lenient=True)
    again = pickle.loads(pickle.dumps(identifier))
    assert (again, again.leniencies) == (identifier, identifier.leniencies)
