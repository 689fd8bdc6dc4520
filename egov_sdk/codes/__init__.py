"""Numbers of people, organisations and places: parse, check, explain, mask, and make ones for tests."""

from __future__ import annotations

from egov_sdk.codes.citizen import CitizenNumber
from egov_sdk.codes.detect import Code, check_code, detect_kinds, mask_code, normalize, parse_code
from egov_sdk.codes.divisions import DivisionCode, DivisionTable
from egov_sdk.codes.kinds import CodeKind, Sex
from egov_sdk.codes.organizations import CreditCode
from egov_sdk.codes.problems import CodeCheck

__all__ = [
    "CitizenNumber",
    "Code",
    "CodeCheck",
    "CodeKind",
    "CreditCode",
    "DivisionCode",
    "DivisionTable",
    "Sex",
    "check_code",
    "detect_kinds",
    "mask_code",
    "normalize",
    "parse_code",
]
