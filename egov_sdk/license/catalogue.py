"""The catalogue of licence types (证照目录): what a type is called, who defines it, what its licences hold.

Source:
    GB/T 36902-2018; the set of items as systems in use have it, where the text of the standard could not be read.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from pydantic import Field

from egov_sdk.codes.holders import HOLDER_TYPES
from egov_sdk.codes.masking import mask_other
from egov_sdk.codes.organizations import check_credit_code
from egov_sdk.errors import ParseError
from egov_sdk.frozen import Frozen
from egov_sdk.license.dates import ValidityRange, read_date
from egov_sdk.license.elements import EXTENSION_PREFIX
from egov_sdk.license.face.template import FaceTemplate
from egov_sdk.license.findings import Finding, finding, of_code_check, of_parse_error
from egov_sdk.license.identifier import check_type_code
from egov_sdk.license.metadata import Authority, unfit_character
from egov_sdk.report import Text

__all__ = [
    "AuthorityLevel",
    "CatalogueState",
    "FieldDef",
    "FieldKind",
    "HolderCategory",
    "LicenseKind",
    "LicenseType",
    "check_license_type",
]


class FieldKind(enum.StrEnum):
    """What a further item of a type holds."""

    TEXT = "text"
    DATE = "date"
    NUMBER = "number"
    CHOICE = "choice"
    PICTURE = "picture"


class HolderCategory(enum.StrEnum):
    """Who may hold licences of a type (持证主体类别)."""

    PERSON = "person"  # 自然人
    ORGANIZATION = "organization"  # 法人和其他组织
    MIXED = "mixed"  # 混合

    def admits(self, holder_type_code: str) -> bool:
        """Whether a holder of that type, such as ``111``, may hold one; False for a type that the annex lacks."""
        row = HOLDER_TYPES.get(holder_type_code)
        return row is not None and (self is HolderCategory.MIXED or row.is_person == (self is HolderCategory.PERSON))


class AuthorityLevel(enum.StrEnum):
    """The level of a defining or issuing authority (机构级别)."""

    NATIONAL = "national"  # 国家级
    PROVINCIAL = "provincial"  # 省(部)级
    PREFECTURAL = "prefectural"  # 地市级
    COUNTY = "county"  # 区县级
    TOWNSHIP = "township"  # 乡镇级
    OTHER = "other"  # 其他


class LicenseKind(enum.StrEnum):
    """What kind of paper a licence takes the place of (证照类别)."""

    LICENSE = "license"  # 证照
    APPROVAL = "approval"  # 批文
    PROOF = "proof"  # 证明


class CatalogueState(enum.StrEnum):
    """How far a type has come in the catalogue (目录状态); licences are issued of a PUBLISHED one."""

    DRAFT = "draft"  # 创建
    RETURNED = "returned"  # 退回
    IN_REVIEW = "in_review"  # 送审核
    PUBLISHED = "published"  # 已发布
    DISABLED = "disabled"  # 已停用


_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,18})(?:\.[0-9]{1,10})?")
_CATEGORY_WORDS: Mapping[HolderCategory, Text] = {
    HolderCategory.PERSON: Text("a person", "自然人"),
    HolderCategory.ORGANIZATION: Text("an organisation", "法人和其他组织"),
    HolderCategory.MIXED: Text("a person or an organisation", "自然人或法人和其他组织"),
}


class FieldDef(Frozen):
    """One further item of a type (扩展项): its name in the metadata, without ``KZ_``, and its words on the face."""

    name: str = Field(min_length=1, max_length=128)
    label: str
    kind: FieldKind = FieldKind.TEXT
    required: bool = True
    max_length: int = Field(default=512, ge=1, le=4000)
    choices: tuple[str, ...] = ()
    disclosed: bool = False  # whether a presentation shows it unless told otherwise

    def check(self, value: str) -> Finding | None:
        """What is wrong with a value of it; what is told of the value is masked."""
        if self.kind is FieldKind.PICTURE:
            return finding(self.name, "field_picture")
        if not value.strip():
            return finding(self.name, "missing") if self.required else None
        if len(value) > self.max_length:
            return finding(self.name, "too_long", expected=self.max_length, found=len(value))
        if bad := unfit_character(value):
            return finding(self.name, "character", found=f"U+{ord(bad):04X}")
        return self._check_kind(value)

    def _check_kind(self, value: str) -> Finding | None:
        if self.kind is FieldKind.NUMBER and _NUMBER.fullmatch(value) is None:
            return finding(self.name, "field_number", found=mask_other(value))
        if self.kind is FieldKind.CHOICE and value not in self.choices:
            return finding(self.name, "field_choice", found=mask_other(value))
        if self.kind is FieldKind.DATE:
            try:
                read_date(value)
            except ParseError as error:
                return of_parse_error(self.name, error)
        return None


def _definer(known: dict[str, Any]) -> Authority:
    """Who defined a type, as its code tells it."""
    return Authority(name="", code=str(known.get("code", ""))[:18])


class LicenseType(Frozen):
    """A type of licences (证照类型).

    Attributes:
        code: 证照类型代码, 21 characters: the defining authority's 18 and a number.
        name: 证照类型名称.
        certificate_name: 证照名称, on the face; empty for the type's name.
        defined_by: 证照定义机构; left out, it is taken from the code, without a name.
        defined_level: 证照定义机构级别.
        issued_by: 证照颁发机构, in words; empty where any authority of that level may.
        issued_level: 证照颁发机构级别.
        holder_category: 持证主体类别.
        validity_ranges: 有效期限范围: the terms of its licences as the catalogue tells them, and no rule: one that was
            renewed has a longer one, and many a term that is told as 5年 ends a day before the fifth year is over.
        item_names: 关联事项名称.
        item_codes: 关联事项代码, in the order of the names.
        kind: 证照类别.
        state: 目录状态.
        fields: 扩展项.
        template: 照面模板.
    """

    code: str
    name: str
    certificate_name: str = ""
    defined_by: Authority = Field(default_factory=_definer)
    defined_level: AuthorityLevel = AuthorityLevel.NATIONAL
    issued_by: str = ""
    issued_level: AuthorityLevel = AuthorityLevel.OTHER
    holder_category: HolderCategory = HolderCategory.MIXED
    validity_ranges: tuple[ValidityRange, ...] = ()
    item_names: tuple[str, ...] = ()
    item_codes: tuple[str, ...] = ()
    kind: LicenseKind = LicenseKind.LICENSE
    state: CatalogueState = CatalogueState.PUBLISHED
    fields: tuple[FieldDef, ...] = ()
    template: FaceTemplate | None = None

    @property
    def face_name(self) -> str:
        """证照名称: what stands on the face."""
        return self.certificate_name or self.name

    def field(self, name: str) -> FieldDef | None:
        """The further item of a name; None if the type has none."""
        return next((field for field in self.fields if field.name == name), None)

    def check_fields(self, values: Mapping[str, str], *, pictures: Collection[str] = ()) -> tuple[Finding, ...]:
        """Everything that is wrong with the further items of a licence, item by item.

        Args:
            values: By name, without ``KZ_``.
            pictures: Names of the picture items that are given.
        """
        return tuple(self._field_findings(values, pictures))

    def _field_findings(self, values: Mapping[str, str], pictures: Collection[str]) -> Iterator[Finding]:
        for field in self.fields:
            if field.name in values:
                found = field.check(values[field.name])
            else:
                given = field.kind is FieldKind.PICTURE and field.name in pictures
                found = None if given or not field.required else finding(field.name, "missing")
            if found is not None:
                yield found
        known = {field.name: field.kind for field in self.fields}
        for name in values:
            if name not in known:
                yield finding(name, "field_unknown")
        for name in pictures:
            if known.get(name) is not FieldKind.PICTURE:
                yield finding(name, "field_unknown")

    def check_holder_type(self, holder_type_code: str) -> Finding | None:
        """Whether a holder of that type may not hold such a licence."""
        if self.holder_category.admits(holder_type_code):
            return None
        expected = _CATEGORY_WORDS[self.holder_category]
        return finding("持证主体类别", "holder_category", found=holder_type_code, expected=expected)


def check_license_type(license_type: LicenseType) -> tuple[Finding, ...]:
    """Everything that is wrong with the definition of a type, item by item."""
    return tuple(_type_findings(license_type))


def _type_findings(license_type: LicenseType) -> Iterator[Finding]:
    if (wrong := check_type_code(license_type.code)) is not None:
        yield wrong
    if not license_type.name.strip():
        yield finding("证照类型名称", "missing")
    definer = license_type.defined_by.code
    if wrong := of_code_check("证照定义机构代码", check_credit_code(definer)):
        yield wrong
    elif definer != license_type.code[:18]:
        yield finding(
            "证照定义机构代码", "differs", found=definer, expected=license_type.code[:18], other="证照类型代码"
        )
    if license_type.item_codes and len(license_type.item_codes) != len(license_type.item_names):
        yield finding(
            "关联事项代码", "item_counts", found=len(license_type.item_codes), expected=len(license_type.item_names)
        )
    seen = set()
    for field in license_type.fields:
        if field.name in seen:
            yield finding(field.name, "field_twice")
        seen.add(field.name)
        yield from _field_def_findings(field)


def _field_def_findings(field: FieldDef) -> Iterator[Finding]:
    name = field.name
    if name.startswith(EXTENSION_PREFIX) or name != name.strip() or unfit_character(name) or "\n" in name:
        yield finding(name, "field_name", found=name)
    if (field.kind is FieldKind.CHOICE) != bool(field.choices):
        yield finding(name, "field_choices")
