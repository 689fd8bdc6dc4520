"""From text to a number of one kind: tidy what people typed, tell the kinds it fits, check it, parse it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from egov_sdk.codes._words import same
from egov_sdk.codes.citizen import CitizenNumber, check_citizen_number
from egov_sdk.codes.divisions import DivisionCode, check_division_code
from egov_sdk.codes.documents import (
    HkMacaoTravelPermit,
    MilitaryId,
    Passport,
    TaiwanTravelPermit,
    check_hk_macao_travel_permit,
    check_military_id,
    check_passport,
    check_taiwan_travel_permit,
)
from egov_sdk.codes.kinds import CodeKind
from egov_sdk.codes.masking import mask_number
from egov_sdk.codes.organizations import CreditCode, OrganizationCode, check_credit_code, check_organization_code
from egov_sdk.codes.problems import CodeCheck
from egov_sdk.codes.residents import (
    PermanentResidentCard,
    ResidencePermit,
    check_permanent_resident_card,
    check_residence_permit,
)

__all__ = ["Code", "check_code", "detect_kinds", "mask_code", "normalize", "parse_code"]

#: The value of any kind of number.
Code = (
    CitizenNumber
    | ResidencePermit
    | PermanentResidentCard
    | Passport
    | HkMacaoTravelPermit
    | TaiwanTravelPermit
    | MilitaryId
    | CreditCode
    | OrganizationCode
    | DivisionCode
)

#: The kinds with the strictest rules first: the order of detect_kinds.
_CHECKS: Final[Mapping[CodeKind, Callable[[str], CodeCheck]]] = MappingProxyType(
    {
        CodeKind.CITIZEN_NUMBER: check_citizen_number,
        CodeKind.RESIDENCE_PERMIT: check_residence_permit,
        CodeKind.PERMANENT_RESIDENT_CARD: check_permanent_resident_card,
        CodeKind.CREDIT_CODE: check_credit_code,
        CodeKind.ORGANIZATION_CODE: check_organization_code,
        CodeKind.HK_MACAO_TRAVEL_PERMIT: check_hk_macao_travel_permit,
        CodeKind.DIVISION_CODE: check_division_code,
        CodeKind.PASSPORT: check_passport,
        CodeKind.TAIWAN_TRAVEL_PERMIT: check_taiwan_travel_permit,
        CodeKind.MILITARY_ID: check_military_id,
    }
)
_CLASSES: Final[Mapping[CodeKind, Callable[[str], Code]]] = MappingProxyType(
    {
        CodeKind.CITIZEN_NUMBER: CitizenNumber,
        CodeKind.RESIDENCE_PERMIT: ResidencePermit,
        CodeKind.PERMANENT_RESIDENT_CARD: PermanentResidentCard,
        CodeKind.CREDIT_CODE: CreditCode,
        CodeKind.ORGANIZATION_CODE: OrganizationCode,
        CodeKind.HK_MACAO_TRAVEL_PERMIT: HkMacaoTravelPermit,
        CodeKind.DIVISION_CODE: DivisionCode,
        CodeKind.PASSPORT: Passport,
        CodeKind.TAIWAN_TRAVEL_PERMIT: TaiwanTravelPermit,
        CodeKind.MILITARY_ID: MilitaryId,
    }
)

# full-width ASCII and the ideographic space, as Chinese keyboards give them
_HALF_WIDTH: Final = {full: full - 0xFEE0 for full in range(0xFF01, 0xFF5F)} | {0x3000: " "}


def normalize(text: str) -> str:
    """What a person typed as the standards write it: half-width, capitals, no white space. Nothing else is repaired.

    Example:
        >>> normalize(" １１０１０５ 19491231 002x ")
        '11010519491231002X'
    """
    return "".join(text.translate(_HALF_WIDTH).split()).upper()


def check_code(text: str, kind: CodeKind) -> CodeCheck:
    """Which rule of that kind a text breaks, if any. The functions per kind take days and tables as well."""
    return _CHECKS[kind](text)


def detect_kinds(text: str) -> tuple[CodeKind, ...]:
    """Every kind whose rules a text keeps, those with the strictest rules first; empty when there is none.

    A kind with ``is_shape_only`` says little: most short texts of capitals and digits could be a passport number.
    """
    return tuple(kind for kind, check in _CHECKS.items() if check(text).ok)


def parse_code(text: str, kind: CodeKind | None = None) -> Code:
    """The value of a text, of the kind given or else of the strictest kind that it fits.

    Raises:
        ParseError: it breaks a rule of that kind, or fits no kind; the code names the rule.
    """
    if kind is None:
        kinds = detect_kinds(text)
        if not kinds:
            raise CodeCheck(None, "kind_unknown", found=same(mask_number(text[:40]))).to_error()
        kind = kinds[0]
    return _CLASSES[kind](text)


def mask_code(text: str, kind: CodeKind) -> str:
    """A number as it may be shown: personal ones masked, those of organisations and places as they are."""
    return mask_number(text) if kind.is_personal else text
