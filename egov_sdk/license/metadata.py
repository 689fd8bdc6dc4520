"""The metadata of a licence (证照元数据): one record, and one table of its names in Chinese, pinyin and English.

Source:
    GB/T 36903-2018; names and widths as systems in use have them, where the text of the standard could not be read.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from egov_sdk.codes.masking import mask_name, mask_number
from egov_sdk.license.identifier import LicenseIdentifier

__all__ = ["Authority", "LicenseHolder", "LicenseMetadata"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class Authority(_Frozen):
    """A department (颁发机构、定义机构): its name, and its unified social credit code, 18 characters."""

    name: str
    code: str


class LicenseHolder(_Frozen):
    """Whom a licence was given to (持证主体): ``type_code`` is one of ``codes.holders.HOLDER_TYPES``."""

    name: str
    code: str
    type_code: str

    def __repr__(self) -> str:
        return f"LicenseHolder(name={mask_name(self.name)!r}, code={mask_number(self.code)!r}, {self.type_code!r})"

    __str__ = __repr__


class LicenseMetadata(_Frozen):
    """What is known of one version of a licence (证照元数据), by meaning.

    ``valid_until`` is the last day on which it is valid, None for a licence without an end (长期). ``fields`` are the
    further items of the type (扩展项), by the names that the type gives them, without the prefix ``KZ_``.
    """

    identifier: LicenseIdentifier
    name: str
    type_name: str
    number: str
    issuer: Authority
    issued_on: date
    holders: tuple[LicenseHolder, ...] = Field(min_length=1)
    valid_from: date | None = None
    valid_until: date | None = None
    area_code: str = ""
    item_name: str = ""
    item_code: str = ""
    fields: Mapping[str, str] = Field(default_factory=dict)

    @property
    def type_code(self) -> str:
        return self.identifier.type_code

    @property
    def version(self) -> int:
        return self.identifier.version

    def in_term(self, on: date) -> bool:
        """Whether the day lies within the licence's term, both ends included."""
        starts_ok = self.valid_from is None or self.valid_from <= on
        return starts_ok and (self.valid_until is None or on <= self.valid_until)
