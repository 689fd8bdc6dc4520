"""The items of a licence that can be shown: names, and the numbers that stand for names in a QR code."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from egov_sdk.license.identifier import ROOT, check_character
from egov_sdk.license.present._cbor import Key

if TYPE_CHECKING:
    from egov_sdk.license.metadata import LicenseMetadata

__all__ = ["ITEM_NUMBERS", "MOST_ITEMS", "TYPE_PREFIX", "items_of"]

#: The number of each item that any licence may have; numbers are never given twice. Holders after the first have
#: ``holder2_name`` and so on, up to the fourth.
ITEM_NUMBERS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "identifier": 1,  # 证照标识
        "number": 2,  # 证照编号
        "name": 3,  # 证照名称
        "type_name": 4,  # 证照类型名称
        "holder_name": 5,  # 持证主体
        "holder_code": 6,  # 持证主体代码
        "holder_type": 7,  # 持证主体代码类型代码
        "issuer_name": 8,  # 证照颁发机构
        "issuer_code": 9,  # 证照颁发机构代码
        "issued_on": 10,  # 证照颁发日期
        "valid_from": 11,  # 证照有效期起始日期
        "valid_until": 12,  # 证照有效期截止日期
        "area_code": 13,  # 证照所属管辖属地编码
        "item_name": 14,  # 关联事项名称
        "item_code": 15,  # 关联事项代码
        **{
            f"holder{number}_{part}": 16 + 3 * (number - 2) + place
            for number in (2, 3, 4)
            for place, part in enumerate(("name", "code", "type"))
        },
    }
)
#: Stands before the names of items that only licences of the type have (扩展项).
TYPE_PREFIX: Final = "KZ_"
MOST_ITEMS: Final = 64

_NAMES: Final = {number: name for name, number in ITEM_NUMBERS.items()}
_IDENTIFIER: Final = ITEM_NUMBERS["identifier"]
_HOLDERS: Final = 4


def items_of(metadata: LicenseMetadata) -> dict[str, str]:
    """Every item of a licence that can be shown, by its name; dates as ``2026-06-01``, what is empty left out.

    Of more than four holders the first four.
    """
    holders: dict[str, str] = {}
    for number, holder in enumerate(metadata.holders[:_HOLDERS], 1):
        stem = "holder" if number == 1 else f"holder{number}"
        holders |= {f"{stem}_name": holder.name, f"{stem}_code": holder.code, f"{stem}_type": holder.type_code}
    # what is often shown together stands together: its proof is shorter
    found = {
        "holder_name": holders.pop("holder_name"),
        "number": metadata.number,
        "valid_until": metadata.valid_until.isoformat() if metadata.valid_until else "",
        "identifier": str(metadata.identifier),
        **holders,
        "name": metadata.name,
        "type_name": metadata.type_name,
        "issuer_name": metadata.issuer.name,
        "issuer_code": metadata.issuer.code,
        "issued_on": metadata.issued_on.isoformat(),
        "valid_from": metadata.valid_from.isoformat() if metadata.valid_from else "",
        "area_code": metadata.area_code,
        "item_name": metadata.item_name,
        "item_code": metadata.item_code,
    }
    found |= {f"{TYPE_PREFIX}{name}": value for name, value in metadata.fields.items()}
    return {name: value for name, value in found.items() if value}


def packed_item(name: str, value: str, *, type_code: str) -> tuple[Key, str]:
    """An item as it stands in a QR code."""
    number = ITEM_NUMBERS.get(name)
    if number == _IDENTIFIER:
        return number, _packed_identifier(value, type_code)
    if number is not None:
        return number, value
    key = name.removeprefix(TYPE_PREFIX)
    if key == name or not key:
        raise ValueError(f"{name!r} is neither an item of any licence nor begins with {TYPE_PREFIX}")
    return key, value


def unpacked_item(key: Key, value: str, *, type_code: str) -> tuple[str, str] | None:
    """What packed_item took; None for a number that stands for nothing, or an identifier that cannot be."""
    if isinstance(key, str):
        return f"{TYPE_PREFIX}{key}", value
    name = _NAMES.get(key)
    if name is None:
        return None
    if key == _IDENTIFIER and value.count(".") == 2:
        try:
            return name, f"{ROOT}.{type_code}.{value}.{check_character(type_code + value.replace('.', ''))}"
        except ValueError:
            return None
    return name, value


def _packed_identifier(value: str, type_code: str) -> str:
    """Without root, type code and check character, where these follow from the rest."""
    packed = value.removeprefix(f"{ROOT}.{type_code}.")[:-2]
    unpacked = unpacked_item(_IDENTIFIER, packed, type_code=type_code) if packed.count(".") == 2 else None
    return packed if unpacked is not None and unpacked[1] == value else value
