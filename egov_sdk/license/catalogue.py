"""The catalogue of licence types (证照目录): what a type is called, who defines it, what its licences hold.

Source:
    GB/T 36902-2018; the set of items as systems in use have it, where the text of the standard could not be read.
"""

from __future__ import annotations

import enum

from pydantic import BaseModel, ConfigDict

from egov_sdk.license.face.template import FaceTemplate
from egov_sdk.license.metadata import Authority

__all__ = ["FieldDef", "FieldKind", "HolderCategory", "LicenseType"]


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


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class FieldDef(_Frozen):
    """One further item of a type (扩展项): its name in the metadata, without ``KZ_``, and its words on the face."""

    name: str
    label: str
    kind: FieldKind = FieldKind.TEXT
    required: bool = True
    max_length: int = 512
    choices: tuple[str, ...] = ()
    disclosed: bool = False  # whether a presentation shows it unless told otherwise


class LicenseType(_Frozen):
    """A type of licences (证照类型): ``code`` is 21 characters, the defining authority's 18 and a number."""

    code: str
    name: str
    certificate_name: str = ""  # 证照名称, on the face; empty for the type's name
    defined_by: Authority
    holder_category: HolderCategory = HolderCategory.MIXED
    fields: tuple[FieldDef, ...] = ()
    template: FaceTemplate | None = None
