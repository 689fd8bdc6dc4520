"""The directory (证照目录数据): a row for each licence, pushed to the next level; and types as catalogues list them.

Source:
    GB/T 36902-2018, by the columns of three systems.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final, TypeVar

from egov_sdk.license.catalogue import AuthorityLevel, HolderCategory, LicenseType
from egov_sdk.license.dates import DateForm, ValidityRange, write_date, write_moment
from egov_sdk.license.elements import Naming
from egov_sdk.license.findings import Finding, finding
from egov_sdk.license.metadata import Authority, LicenseMetadata
from egov_sdk.license.problems import unreadable

__all__ = [
    "COLUMNS",
    "TYPE_ELEMENTS",
    "Column",
    "DirectoryRow",
    "SyncOperation",
    "directory_row",
    "license_type_pairs",
    "parse_license_type_pairs",
]

_E = TypeVar("_E", bound=enum.Enum)


class SyncOperation(enum.StrEnum):
    """What a row does at the next level (同步类型). Only U has been met; I and D are convention."""

    INSERT = "I"
    UPDATE = "U"
    DELETE = "D"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: ``width`` in characters, 0 for text without a bound."""

    name: str
    chinese: str
    width: int
    required: bool = True


#: The columns of a directory row, in their order.
COLUMNS: Final = (
    Column("certificate_source_id", "电子证照源标识", 128),
    Column("certificate_name", "证照名称", 512),
    Column("certificate_type", "证照类型名称", 256),
    Column("certificate_type_code", "证照类型代码", 64),
    Column("issue_dept", "证照颁发机构", 0),
    Column("issue_dept_code", "证照颁发机构代码", 0),
    Column("certificate_area_code", "证照所属管辖属地编码", 32),
    Column("certificate_holder", "持证主体", 0),
    Column("certificate_holder_code", "持证主体代码", 0),
    Column("certificate_holder_type", "持证主体代码类型", 2000, required=False),
    Column("certificate_number", "证照编号", 128),
    Column("issue_date", "证照颁发日期", 32),
    Column("cd_operation", "同步类型", 2),
    Column("cd_time", "同步时间", 0),
    Column("cd_batch", "同步批次", 32),
    Column("data_source", "数据来源", 3),
)


@dataclass(frozen=True, slots=True)
class DirectoryRow:
    """A row of the directory (目录信息): its values by column."""

    values: Mapping[str, str]

    @property
    def operation(self) -> SyncOperation:
        return SyncOperation(self.values["cd_operation"])

    def findings(self) -> tuple[Finding, ...]:
        """Everything that the next level would refuse: what is missing, and what is wider than its column."""
        found = []
        for column in COLUMNS:
            value = self.values.get(column.name, "")
            if not value and column.required:
                found.append(finding(column.chinese, "missing"))
            elif column.width and len(value) > column.width:
                found.append(finding(column.chinese, "too_long", expected=column.width, found=len(value)))
        return tuple(found)


def directory_row(
    metadata: LicenseMetadata, *, operation: SyncOperation, at: datetime, batch: str, data_source: str
) -> DirectoryRow:
    """The row for a licence. Several holders are joined with ``^``; the day of issue is written yyyyMMdd.

    Args:
        at: When it is pushed; written in Beijing time.
        batch: The number of the batch (同步批次).
        data_source: Up to three characters; what they may be is between the two levels.
    Raises:
        ValueError: the time is naive.
    """
    holders = metadata.holders
    values = {
        "certificate_source_id": str(metadata.identifier),
        "certificate_name": metadata.name,
        "certificate_type": metadata.type_name,
        "certificate_type_code": metadata.type_code,
        "issue_dept": metadata.issuer.name,
        "issue_dept_code": metadata.issuer.code,
        "certificate_area_code": metadata.area_code,
        "certificate_holder": "^".join(holder.name for holder in holders),
        "certificate_holder_code": "^".join(holder.code for holder in holders),
        "certificate_holder_type": "^".join(holder.type_name for holder in holders),
        "certificate_number": metadata.number,
        "issue_date": write_date(metadata.issued_on, form=DateForm.COMPACT),
        "cd_operation": operation.value,
        "cd_time": write_moment(at, form=DateForm.DASHED_TIME),
        "cd_batch": batch,
        "data_source": data_source,
    }
    return DirectoryRow(MappingProxyType(values))


#: The items of a type in the catalogue: attribute, Chinese name, English name.
TYPE_ELEMENTS: Final = (
    ("name", "证照类型名称", "CertificateTypeName"),
    ("code", "证照类型代码", "CertificateTypeCode"),
    ("definer_name", "证照定义机构", "CertificateDefineAuthorityName"),
    ("definer_code", "证照定义机构代码", "CertificateDefineAuthorityCode"),
    ("defined_level", "证照定义机构级别", "CertificateDefineAuthorityLevel"),
    ("item_names", "关联事项名称", "RelatedItemName"),
    ("item_codes", "关联事项代码", "RelatedItemCode"),
    ("holder_category", "持证主体类别", "CertificateHolderCategory"),
    ("validity_ranges", "有效期限范围", "ValidityRange"),
    ("issued_level", "证照颁发机构级别", "CertificateIssuingAuthorityLevel"),
    ("issued_by", "证照颁发机构", "CertificateIssuingAuthority"),
)
_REQUIRED: Final = ("name", "code", "definer_name", "definer_code", "holder_category")
_LEVELS: Final = {
    AuthorityLevel.NATIONAL: "国家级",
    AuthorityLevel.PROVINCIAL: "省(部)级",
    AuthorityLevel.PREFECTURAL: "地市级",
    AuthorityLevel.COUNTY: "区县级",
    AuthorityLevel.TOWNSHIP: "乡镇级",
    AuthorityLevel.OTHER: "其他",
}
_CATEGORIES: Final = {
    HolderCategory.PERSON: "自然人",
    HolderCategory.ORGANIZATION: "法人和其他组织",
    HolderCategory.MIXED: "混合",
}
_LEVEL_WORDS: Final = {word: level for level, word in _LEVELS.items()} | {"省（部）级": AuthorityLevel.PROVINCIAL}
_CATEGORY_WORDS: Final = {word: category for category, word in _CATEGORIES.items()}


def license_type_pairs(license_type: LicenseType, *, naming: Naming = Naming.ENGLISH) -> tuple[tuple[str, str], ...]:
    """The record of a type in a catalogue (目录信息), in Chinese or English names; several values joined with ``^``.

    Raises:
        ValueError: PINYIN, which no catalogue has been seen to use.
    """
    if naming is Naming.PINYIN:
        raise ValueError("catalogues have Chinese or English names")
    values = {
        "name": license_type.name,
        "code": license_type.code,
        "definer_name": license_type.defined_by.name,
        "definer_code": license_type.defined_by.code,
        "defined_level": _LEVELS[license_type.defined_level],
        "item_names": "^".join(license_type.item_names),
        "item_codes": "^".join(license_type.item_codes),
        "holder_category": _CATEGORIES[license_type.holder_category],
        "validity_ranges": "^".join(map(str, license_type.validity_ranges)),
        "issued_level": _LEVELS[license_type.issued_level],
        "issued_by": license_type.issued_by,
    }
    place = 1 if naming is Naming.CHINESE else 2
    return tuple((row[place], values[row[0]]) for row in TYPE_ELEMENTS if values[row[0]])


def parse_license_type_pairs(pairs: Mapping[str, str]) -> LicenseType:
    """A type from its record in a catalogue, in Chinese or English names. Further names are not looked at.

    What it says is not judged: see check_license_type.

    Raises:
        ParseError: a required item is missing, or a word is not one of the catalogue's; ``where`` is the item.
    """
    values = {}
    for attribute, chinese, english in TYPE_ELEMENTS:
        values[attribute] = pairs.get(english, pairs.get(chinese, "")).strip()
        if attribute in _REQUIRED and not values[attribute]:
            raise finding(chinese, "missing").to_error()
    ranges = filter(None, values["validity_ranges"].split("^"))
    return LicenseType(
        name=values["name"],
        code=values["code"],
        defined_by=Authority(name=values["definer_name"], code=values["definer_code"]),
        defined_level=_word(_LEVEL_WORDS, values["defined_level"] or "其他", "证照定义机构级别"),
        item_names=tuple(filter(None, values["item_names"].split("^"))),
        item_codes=tuple(filter(None, values["item_codes"].split("^"))),
        holder_category=_word(_CATEGORY_WORDS, values["holder_category"], "持证主体类别"),
        validity_ranges=tuple(ValidityRange.parse(one, where="有效期限范围") for one in ranges),
        issued_level=_word(_LEVEL_WORDS, values["issued_level"] or "其他", "证照颁发机构级别"),
        issued_by=values["issued_by"],
    )


def _word(words: Mapping[str, _E], word: str, where: str) -> _E:
    if (found := words.get(word)) is None:
        raise unreadable("word", where=where, found=word, expected="、".join(words))
    return found
