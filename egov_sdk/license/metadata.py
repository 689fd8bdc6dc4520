"""The metadata of a licence (证照元数据): one record, the note of an annotated copy, and what may be wrong with either.

Source:
    GB/T 36903-2018; names and widths as systems in use have them, where the text of the standard could not be read.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from datetime import date, datetime

from pydantic import AwareDatetime, Field

from egov_sdk.codes.divisions import check_division_code
from egov_sdk.codes.holders import HOLDER_TYPES, check_holder_code
from egov_sdk.codes.masking import mask_name, mask_number
from egov_sdk.frozen import Frozen
from egov_sdk.license.dates import FIRST_YEAR
from egov_sdk.license.elements import ELEMENTS, EXTENSION_PREFIX, STATUS_PLACE
from egov_sdk.license.findings import Finding, finding, of_code_check
from egov_sdk.license.identifier import LicenseIdentifier
from egov_sdk.license.states import StatusEntry
from egov_sdk.times import aware

__all__ = [
    "Authority",
    "CopyNote",
    "LicenseHolder",
    "LicenseMetadata",
    "check_copy_note",
    "check_holder",
    "check_metadata",
    "holder_separator",
    "unfit_character",
]

#: What stands between several holders (多个持证主体): the first is written, each is read.
HOLDER_SEPARATORS = ("^", ",", "，")
FIELD_CHARS = 4000
_UNFIT = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


class Authority(Frozen):
    """A department (颁发机构、定义机构): its name, and its unified social credit code, 18 characters."""

    name: str
    code: str


class LicenseHolder(Frozen):
    """Whom a licence was given to (持证主体): ``type_code`` is one of ``codes.holders.HOLDER_TYPES``."""

    name: str
    code: str
    type_code: str

    @property
    def type_name(self) -> str:
        """The name of its type (持证主体代码类型); empty for a code that the annex does not have."""
        found = HOLDER_TYPES.get(self.type_code)
        return found.name if found else ""

    def __repr__(self) -> str:
        return f"LicenseHolder(name={mask_name(self.name)!r}, code={mask_number(self.code)!r}, {self.type_code!r})"

    __str__ = __repr__


class LicenseMetadata(Frozen):
    """What is known of one version of a licence (证照元数据), by meaning.

    ``valid_until`` is the last day on which it is valid, None for a licence without an end (长期). ``fields`` are the
    further items of the type (扩展项), by the names that the type gives them, without the prefix ``KZ_``. ``others``
    are items of names that nobody here knows, as they came. ``status`` is where the issuer's status list speaks of this
    version (状态列表位置), None where it does not say.
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
    fields: Mapping[str, str] = Field(default_factory=dict, repr=False)
    others: Mapping[str, str] = Field(default_factory=dict, repr=False)
    status: StatusEntry | None = None

    @property
    def type_code(self) -> str:
        return self.identifier.type_code

    @property
    def version(self) -> int:
        return self.identifier.version

    @property
    def begins(self) -> date:
        """The first day on which it can be relied on: of its term, and none before it was issued."""
        return max(self.issued_on, self.valid_from or self.issued_on)

    def in_term(self, on: date) -> bool:
        """Whether it can be relied on at a day as far as its dates go, both ends included."""
        return self.begins <= on and (self.valid_until is None or on <= self.valid_until)


class CopyNote(Frozen):
    """What an annotated copy says of itself (加注件项目): made when, by whom, what for, and good until when."""

    made_at: AwareDatetime
    maker: str
    cause: str
    valid_until: AwareDatetime


def check_metadata(metadata: LicenseMetadata) -> tuple[Finding, ...]:
    """Everything that is wrong with a licence's metadata, item by item; empty when nothing is."""
    return tuple(_metadata_findings(metadata))


def _metadata_findings(metadata: LicenseMetadata) -> Iterator[Finding]:
    for key in ("name", "type_name", "number"):
        yield from _required_text(key, getattr(metadata, key))
    yield from _required_text("issuer_name", metadata.issuer.name)
    yield from _required_text("issuer_code", metadata.issuer.code)
    for key in ("item_name", "item_code"):
        yield from _text(key, getattr(metadata, key))
    yield from _identifier_findings(metadata)
    yield from _holder_findings(metadata.holders)
    yield from _day_findings(metadata)
    if metadata.area_code and (found := of_code_check("证照所属管辖属地编码", check_division_code(metadata.area_code))):
        yield found
    for name, value in metadata.fields.items():
        yield from _field_findings(name, value)


def _identifier_findings(metadata: LicenseMetadata) -> Iterator[Finding]:
    identifier, code = metadata.identifier, metadata.issuer.code
    if identifier.check_is_right is False:
        right = LicenseIdentifier.build(
            type_code=identifier.type_code,
            issuer_code=identifier.issuer_code,
            serial=identifier.serial,
            version=identifier.version,
        )
        yield finding("证照标识", "identifier_check", expected=right.check, found=identifier.check)
    yield from identifier.findings()
    if code and identifier.issuer_code and code != identifier.issuer_code:
        yield finding("证照颁发机构代码", "differs", found=code, expected=identifier.issuer_code, other="证照标识")


def _holder_findings(holders: tuple[LicenseHolder, ...]) -> Iterator[Finding]:
    seen = set()
    for holder in holders:
        yield from _required_text("holder_name", holder.name)
        if mark := holder_separator(holder.name, holder.code):
            yield finding("持证主体", "separator", found=mark)
        if (found := check_holder(holder)) is not None:
            yield found
        if (holder.type_code, holder.code) in seen:
            yield finding("持证主体代码", "holder_repeated", found=mask_number(holder.code))
        seen.add((holder.type_code, holder.code))


def holder_separator(names: str, codes: str) -> str:
    """What stands between the holders in two joined items; empty for a single one.

    A comma may be part of a name and is seldom part of a code: it counts only where it gives as many names as codes.
    """
    if HOLDER_SEPARATORS[0] in names or HOLDER_SEPARATORS[0] in codes:
        return HOLDER_SEPARATORS[0]
    for mark in HOLDER_SEPARATORS[1:]:
        if 0 < codes.count(mark) == names.count(mark):
            return mark
    return ""


def check_holder(holder: LicenseHolder) -> Finding | None:
    """What is wrong with the number of a holder or with its type."""
    if not holder.type_code:
        return finding("持证主体代码类型代码", "missing")
    if not holder.code.strip():
        return finding("持证主体代码", "missing")
    check = check_holder_code(holder.code, type_code=holder.type_code)
    return of_code_check("持证主体代码类型代码" if check.rule == "holder_type" else "持证主体代码", check)


def _day_findings(metadata: LicenseMetadata) -> Iterator[Finding]:
    start, end = metadata.valid_from, metadata.valid_until
    for key, day in (("issued_on", metadata.issued_on), ("valid_from", start), ("valid_until", end)):
        if day is not None and day.year < FIRST_YEAR:
            yield finding(ELEMENTS[key].chinese, "date_none", found=day.isoformat())
    if end is None:
        return
    if start is not None and end < start:
        yield finding("证照有效期截止日期", "term_order", found=end.isoformat(), first=start.isoformat())
    elif end < metadata.issued_on:
        yield finding("证照有效期截止日期", "term_order", found=end.isoformat(), first=metadata.issued_on.isoformat())


def _field_findings(name: str, value: str) -> Iterator[Finding]:
    reserved = name.startswith(EXTENSION_PREFIX) or EXTENSION_PREFIX + name == STATUS_PLACE
    if not name or reserved or not name.isprintable() or name != name.strip():
        yield finding(name or EXTENSION_PREFIX, "field_name", found=name)
    yield from _content(name, value, FIELD_CHARS)


def _required_text(key: str, value: str) -> Iterator[Finding]:
    if not value.strip():
        yield finding(ELEMENTS[key].chinese, "missing")
    else:
        yield from _text(key, value)


def _text(key: str, value: str) -> Iterator[Finding]:
    element = ELEMENTS[key]
    return _content(element.chinese, value, element.width)


def _content(name: str, value: str, width: int) -> Iterator[Finding]:
    if len(value) > width:
        yield finding(name, "too_long", expected=width, found=len(value))
    if not value.isprintable() and (bad := unfit_character(value)):
        yield finding(name, "character", found=f"U+{ord(bad):04X}")


def unfit_character(value: str) -> str:
    """The first control, formatting or half character, which no file of a licence should hold; empty if there is none.

    Line ends and tabs may stand. So may private use and what this Python does not know yet: rare names need them.
    """
    if value.isprintable():
        return ""
    for char in value:
        if not char.isprintable() and char not in "\n\t" and unicodedata.category(char) in _UNFIT:
            return char
    return ""


def check_copy_note(note: CopyNote, *, at: datetime) -> tuple[Finding, ...]:
    """Everything that is wrong with the note of a copy that is to be made at a moment.

    Raises:
        ValueError: ``at`` is naive.
    """
    aware(at)
    found = [*_required_text("copy_maker", note.maker), *_required_text("copy_cause", note.cause)]
    if note.valid_until <= max(at, note.made_at):
        found.append(finding("加注件有效期截止时间", "copy_expired", found=note.valid_until.isoformat()))
    return tuple(found)
