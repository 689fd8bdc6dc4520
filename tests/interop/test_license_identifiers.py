"""Check characters of licence identifiers beside a second writing of the rule, on the identifiers that came with it."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from typing import cast

import pytest

from egov_sdk.errors import ParseError
from egov_sdk.license.identifier import LicenseIdentifier, check_character
from tests.interop_data import interop


@pytest.fixture(scope="module")
def reference() -> dict[str, object]:
    return runpy.run_path(str(interop("license_identifier_check.py")))


def test_real_identifiers_are_read_and_wrong_ones_refused(reference: dict[str, object]) -> None:
    real = cast("list[tuple[str, str]]", reference["REAL"])
    wrong = cast("list[tuple[str, str]]", reference["BAD"])
    assert len(real) >= 5
    assert [str(LicenseIdentifier.parse(text, lenient=True)) for text, _ in real] == [text for text, _ in real]
    for text, right in wrong:
        with pytest.raises(ParseError) as caught:
            LicenseIdentifier.parse(text, lenient=True)
        assert caught.value.code == "egov.license.identifier_check"
        assert caught.value.detail["expected"] == right


@pytest.mark.parametrize("serial", ["0", "Z" * 64, "A1B2C3", "FCE9044689494E0092B44BD193200933", "9" * 20])
def test_both_writings_of_the_rule_agree(reference: dict[str, object], serial: str) -> None:
    check = cast("Callable[[str, str, str, str], str]", reference["licence_check"])
    for number in range(1, 1000, 37):
        parts = ("11100000000013338W011", "11430000006122244L", serial, f"{number:03d}")
        assert check_character("".join(parts)) == check(*parts)
