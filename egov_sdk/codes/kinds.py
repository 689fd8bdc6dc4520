"""Which numbers of people, organisations and places there are, and what they are called."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from types import MappingProxyType

from egov_sdk.report import Text

__all__ = ["KIND_NAMES", "CodeKind", "Sex"]


class Sex(enum.StrEnum):
    """The sex that a number states: an odd sequence is male, an even one female."""

    MALE = "male"
    FEMALE = "female"


class CodeKind(enum.StrEnum):
    """A kind of number. The values are stable and may be stored."""

    CITIZEN_NUMBER = "citizen_number"
    RESIDENCE_PERMIT = "residence_permit"
    PERMANENT_RESIDENT_CARD = "permanent_resident_card"
    PASSPORT = "passport"
    HK_MACAO_TRAVEL_PERMIT = "hk_macao_travel_permit"
    TAIWAN_TRAVEL_PERMIT = "taiwan_travel_permit"
    MILITARY_ID = "military_id"
    CREDIT_CODE = "credit_code"
    ORGANIZATION_CODE = "organization_code"
    DIVISION_CODE = "division_code"

    @property
    def is_personal(self) -> bool:
        """Whether the number names a person, and so is masked wherever it is shown."""
        return self not in _PUBLIC

    @property
    def is_shape_only(self) -> bool:
        """Whether no public rule is known beyond a loose shape: a good check then says little."""
        return self in _SHAPE_ONLY


_PUBLIC = frozenset({CodeKind.CREDIT_CODE, CodeKind.ORGANIZATION_CODE, CodeKind.DIVISION_CODE})
_SHAPE_ONLY = frozenset({CodeKind.PASSPORT, CodeKind.TAIWAN_TRAVEL_PERMIT, CodeKind.MILITARY_ID})

KIND_NAMES: Mapping[CodeKind, Text] = MappingProxyType(
    {
        CodeKind.CITIZEN_NUMBER: Text("citizen number", "公民身份号码"),
        CodeKind.RESIDENCE_PERMIT: Text(
            "number of a residence permit for Hong Kong, Macao or Taiwan residents", "港澳台居民居住证号码"
        ),
        CodeKind.PERMANENT_RESIDENT_CARD: Text(
            "number of a foreigner's permanent residence card", "外国人永久居留身份证号码"
        ),
        CodeKind.PASSPORT: Text("passport number", "护照号码"),
        CodeKind.HK_MACAO_TRAVEL_PERMIT: Text(
            "number of a mainland travel permit for Hong Kong and Macao residents", "港澳居民来往内地通行证号码"
        ),
        CodeKind.TAIWAN_TRAVEL_PERMIT: Text(
            "number of a mainland travel permit for Taiwan residents", "台湾居民来往大陆通行证号码"
        ),
        CodeKind.MILITARY_ID: Text("number of a military or armed police ID", "军人或武警证件号码"),
        CodeKind.CREDIT_CODE: Text("unified social credit code", "统一社会信用代码"),
        CodeKind.ORGANIZATION_CODE: Text("organisation code", "组织机构代码"),
        CodeKind.DIVISION_CODE: Text("administrative division code", "行政区划代码"),
    }
)
