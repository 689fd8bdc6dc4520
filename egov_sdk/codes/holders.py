"""Types of holder codes (持证主体代码类型) on electronic licences, and which numbers belong to each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from egov_sdk.codes._words import ANOTHER_TEXT, same, span
from egov_sdk.codes.detect import check_code, detect_kinds
from egov_sdk.codes.kinds import CodeKind
from egov_sdk.codes.problems import CodeCheck

__all__ = ["HOLDER_TYPES", "HolderType", "check_holder_code", "holder_type", "suggest_holder_type"]


@dataclass(frozen=True, slots=True)
class HolderType:
    """One row of GB/T 36903-2018, annex A: ``kind`` is None where any valid document of that side is meant."""

    code: str
    name: str
    is_person: bool
    kind: CodeKind | None


_PERSONS = (
    ("111", "公民身份号码", CodeKind.CITIZEN_NUMBER),
    ("114", "中国人民解放军军官证编号", CodeKind.MILITARY_ID),
    ("115", "中国人民武装警察部队警官证编号", CodeKind.MILITARY_ID),
    ("118", "中国人民解放军士兵证编号", CodeKind.MILITARY_ID),
    ("119", "中国人民武装警察部队士兵证编号", CodeKind.MILITARY_ID),
    ("120", "中国人民解放军文职人员证编号", CodeKind.MILITARY_ID),
    ("122", "中国人民武装警察部队文职人员证编号", CodeKind.MILITARY_ID),
    ("411", "外交护照护照号", CodeKind.PASSPORT),
    ("412", "公务护照护照号", CodeKind.PASSPORT),
    ("413", "公务普通护照护照号", CodeKind.PASSPORT),
    ("414", "普通护照护照号", CodeKind.PASSPORT),
    ("511", "台湾居民来往大陆通行证号码", CodeKind.TAIWAN_TRAVEL_PERMIT),
    ("516", "港澳居民来往内地通行证号码", CodeKind.HK_MACAO_TRAVEL_PERMIT),
    ("999", "其他自然人有效证件代码", None),
)
_ORGANIZATIONS = (
    ("001", "统一社会信用代码", CodeKind.CREDIT_CODE),
    ("099", "其他法人或其他组织有效证件代码", None),
)

#: The sixteen types by code. It has none for residence permits and permanent residence cards; 999 takes them.
HOLDER_TYPES: Mapping[str, HolderType] = MappingProxyType(
    {code: HolderType(code, name, False, kind) for code, name, kind in _ORGANIZATIONS}
    | {code: HolderType(code, name, True, kind) for code, name, kind in _PERSONS}
)
_LENGTHS: Final = range(1, 513)
_SUGGESTED: Final = {
    CodeKind.CREDIT_CODE: "001",
    CodeKind.CITIZEN_NUMBER: "111",
    CodeKind.HK_MACAO_TRAVEL_PERMIT: "516",
    CodeKind.RESIDENCE_PERMIT: "999",
    CodeKind.PERMANENT_RESIDENT_CARD: "999",
}


def holder_type(code: str) -> HolderType:
    """The type of a code such as ``111``.

    Raises:
        ParseError: the annex has no such code.
    Source:
        GB/T 36903-2018, annex A, as four systems that use it hold it.
    """
    if (found := HOLDER_TYPES.get(code)) is None:
        raise _unknown(code).to_error()
    return found


def _unknown(code: str) -> CodeCheck:
    is_short_number = code.isascii() and code.isdigit() and len(code) <= 3
    return CodeCheck(None, "holder_type", found=same(code) if is_short_number else ANOTHER_TEXT)


def check_holder_code(code: str, *, type_code: str) -> CodeCheck:
    """Which rule of its type a holder's code breaks, if any; ``holder_type`` when there is no such type."""
    if (kind_of := HOLDER_TYPES.get(type_code)) is None:
        return _unknown(type_code)
    if kind_of.kind is not None:
        return check_code(code, kind_of.kind)
    if not code.strip() or len(code) not in _LENGTHS:
        return CodeCheck(None, "length", "", span(_LENGTHS), same(str(len(code.strip()))))
    return CodeCheck(None)


def suggest_holder_type(code: str) -> HolderType | None:
    """The type that goes with a number, where its own rules leave no doubt; None for passports and the like."""
    for kind in detect_kinds(code):
        if kind in _SUGGESTED:
            return HOLDER_TYPES[_SUGGESTED[kind]]
        if not kind.is_shape_only:
            return None
    return None
