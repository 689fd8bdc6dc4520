"""Three types of licences to begin with, whose faces are marked 样证 (specimen)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from egov_sdk.license.catalogue import FieldDef, FieldKind, HolderCategory, LicenseType
from egov_sdk.license.face.samples import SampleName, sample_template
from egov_sdk.license.identifier import build_type_code
from egov_sdk.license.metadata import Authority

__all__ = ["sample_type"]


@dataclass(frozen=True, slots=True)
class _Sample:
    name: str
    number: int
    holders: HolderCategory
    fields: tuple[FieldDef, ...]


def _text(name: str, *, required: bool = True, max_length: int = 512, disclosed: bool = False) -> FieldDef:
    return FieldDef(name=name, label=name, required=required, max_length=max_length, disclosed=disclosed)


_SAMPLES: Final[Mapping[SampleName, _Sample]] = MappingProxyType(
    {
        "business_permit": _Sample(
            "营业许可证",
            901,
            HolderCategory.ORGANIZATION,
            (
                _text("法定代表人", max_length=64),
                _text("住所"),
                _text("经营场所", required=False),
                _text("主体业态", max_length=64, disclosed=True),
                _text("经营项目", disclosed=True),
            ),
        ),
        "person_certificate": _Sample(
            "人员资格证书",
            902,
            HolderCategory.PERSON,
            (
                FieldDef(name="性别", label="性别", kind=FieldKind.CHOICE, choices=("男", "女")),
                _text("资格名称", max_length=128, disclosed=True),
                _text("级别", required=False, max_length=32, disclosed=True),
                FieldDef(name="照片", label="照片", kind=FieldKind.PICTURE),
            ),
        ),
        "multi_page_permit": _Sample(
            "许可证",
            903,
            HolderCategory.ORGANIZATION,
            (
                _text("地址"),
                _text("许可内容", max_length=4000, disclosed=True),
                _text("设备清单", required=False, max_length=4000),
            ),
        ),
    }
)


def sample_type(name: SampleName, *, defined_by: Authority) -> LicenseType:
    """A type with the sample template of that name, as if the authority had defined it.

    Raises:
        ValueError: there is no sample of that name.
    """
    template = sample_template(name)
    sample = _SAMPLES[name]
    return LicenseType(
        code=build_type_code(defined_by.code, sample.number),
        name=sample.name,
        defined_by=defined_by,
        holder_category=sample.holders,
        fields=sample.fields,
        template=template,
    )
