"""The items of a licence's metadata (证照元数据项): one table of their names in Chinese, pinyin and English.

The text of GB/T 36903-2018 could not be read: names are those that independent systems share, and what they demand and
how wide their columns are is told as evidence, not as the standard's own figure.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["ELEMENTS", "EXTENSION_PREFIX", "STATUS_PLACE", "Element", "Naming", "Obligation", "element_named"]

#: 扩展项: in front of the name of an item that only one type of licences has.
EXTENSION_PREFIX = "KZ_"
#: 状态列表位置: where its issuer's status list speaks of this version, as ``LIST:INDEX``. An 扩展项 of this library's
#: own, called so in every naming; no type may have an item of this name.
STATUS_PLACE = f"{EXTENSION_PREFIX}ZTLBWZ"


class Naming(enum.StrEnum):
    """Which names the items bear."""

    CHINESE = "zh"
    PINYIN = "pinyin"  # the short names, as in the XML of natural resources and the metadata of OFD files
    ENGLISH = "en"  # CamelCase, as in catalogues and JSON


class Obligation(enum.StrEnum):
    """Whether an item must be there (约束), as the systems enforce it."""

    REQUIRED = "M"
    OPTIONAL = "O"
    COPY = "C"  # in an annotated copy (加注件), and never in an original
    LOCAL = "L"  # of single systems: kept, and given no meaning here


@dataclass(frozen=True, slots=True)
class Element:
    """One item of the metadata (元数据项).

    Attributes:
        key: Its name in this library.
        chinese: Its name in the standard.
        pinyin: The short name; empty where none is known.
        english: The CamelCase name; empty where none is known.
        obligation: What the systems enforce.
        widths: The widths of columns that were met, in characters, narrowest first; empty for days.
        evidence: What differs between the systems, or is not certain.
        aliases: Other names of it that were met.
    """

    key: str
    chinese: str
    pinyin: str
    english: str
    obligation: Obligation
    widths: tuple[int, ...] = ()
    evidence: str = ""
    aliases: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """The widest column that was met; 0 for days."""
        return self.widths[-1] if self.widths else 0

    def name_in(self, naming: Naming) -> str:
        """Its name; where pinyin or English is not known, the other of the two: none is made up."""
        if naming is Naming.CHINESE:
            return self.chinese
        names = (self.pinyin, self.english) if naming is Naming.PINYIN else (self.english, self.pinyin)
        return names[0] or names[1]


_M, _O, _C, _L = Obligation.REQUIRED, Obligation.OPTIONAL, Obligation.COPY, Obligation.LOCAL

#: In the order in which one of the systems writes them, with items that it does not have next to their like.
_ROWS = (
    Element("name", "证照名称", "ZZMC", "CertificateName", _M, (50, 512)),
    Element(
        "type_name", "证照类型名称", "ZZLXMC", "CertificateTypeName", _M, (256,), "pinyin assumed; one system lacks it"
    ),
    Element("type_code", "证照类型代码", "ZZLXDM", "CertificateTypeCode", _M, (21, 64)),
    Element("number", "证照编号", "ZZBH", "CertificateNumber", _M, (50, 128)),
    Element("identifier", "证照标识", "ZZBS", "CertificateIdentifier", _M, (128, 200)),
    Element("version", "证照版本号", "", "CertificateVersion", _O, (32,), "required by one system; part of 证照标识"),
    Element("issuer_name", "证照颁发机构", "ZZBFJG", "CertificateIssuingAuthorityName", _M, (50, 512)),
    Element(
        "issuer_code", "证照颁发机构代码", "ZZBFJGDM", "CertificateIssuingAuthorityCode", _M, (50, 512),
        "may be empty in one system",
    ),
    Element("issued_on", "证照颁发日期", "ZZBFRQ", "CertificateIssuedDate", _M),
    Element("holder_name", "持证主体", "CZZT", "CertificateHolderName", _M, (200, 512)),
    Element("holder_code", "持证主体代码", "CZZTDM", "CertificateHolderCode", _M, (100, 512)),
    Element(
        "holder_type_name", "持证主体代码类型", "CZZTDMLX", "CertificateHolderTypeName", _O, (50, 512),
        "required by one system; follows from the code",
    ),
    Element(
        "holder_type_code", "持证主体代码类型代码", "CZZTDMLXDM", "CertificateHolderTypeCode", _M, (3,),
        aliases=("CertificateHolderType",),
    ),
    Element("valid_from", "证照有效期起始日期", "ZZYXQQSRQ", "CertificateEffectiveDate", _O),
    Element("valid_until", "证照有效期截止日期", "ZZYXQJZRQ", "CertificateExpiringDate", _O, (), "empty: no end"),
    Element(
        "area_code", "证照所属管辖属地编码", "", "CertificateAreaCode", _O, (32,),
        "six digits of a division; required in the directory, absent from one system's metadata",
    ),
    Element("item_name", "关联事项名称", "", "RelatedItemName", _O, (256,)),
    Element("item_code", "关联事项代码", "", "RelatedItemCode", _O, (64,)),
    Element("seal_signer", "证照签章人", "ZZQZR", "", _L, (50,)),
    Element("sealed_at", "证照签章时间", "ZZQZSJ", "", _L),
    Element("seal_name", "证照签章名称", "ZZQZMC", "", _L, (100,)),
    Element("digital_sign", "数字证书", "SZZS", "digitalSign", _L),
    Element("copy_made_at", "加注件制作时间", "JZJZZSJ", "CertificateCopyCreationTime", _C, (32,)),
    Element("copy_maker", "加注件制作者", "JZJZZZ", "CertificateCopyCreator", _C, (50, 256)),
    Element("copy_cause", "加注件制作事由", "JZJZZSY", "CertificateCopyCause", _C, (100, 200)),
    Element(
        "copy_valid_until", "加注件有效期截止时间", "JZJYXQJZSJ", "CertificateCopyExpiringTime", _C, (14,),
        "yyyyMMddHHmmss, or a day in one system",
    ),
)  # fmt: skip

#: Every item by its key.
ELEMENTS: Mapping[str, Element] = MappingProxyType({row.key: row for row in _ROWS})

_BY_NAME = {
    name.casefold(): row for row in _ROWS for name in (row.chinese, row.pinyin, row.english, *row.aliases) if name
}


def element_named(name: str) -> Element | None:
    """The item of a name in any of the three namings, in capitals or not; None for a name that is not in the table."""
    return _BY_NAME.get(name.casefold())
