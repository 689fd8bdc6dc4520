"""Metadata as names and values (元数据名值对): in an OFD file's CustomDatas, in XML, in JSON, in a table.

Items of names that nobody here knows are kept as they came and named; nothing is dropped in silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from egov_sdk.codes.holders import HOLDER_TYPES
from egov_sdk.errors import ParseError
from egov_sdk.license.dates import NO_END, DateForm, parse_date, parse_end, parse_moment, write_date, write_moment
from egov_sdk.license.elements import ELEMENTS, EXTENSION_PREFIX, STATUS_PLACE, Naming, Obligation, element_named
from egov_sdk.license.findings import Finding, finding, of_parse_error, require_none
from egov_sdk.license.identifier import LicenseIdentifier
from egov_sdk.license.metadata import (
    Authority,
    CopyNote,
    LicenseHolder,
    LicenseMetadata,
    holder_separator,
    unfit_character,
)
from egov_sdk.license.states import StatusEntry

__all__ = [
    "MetadataReading",
    "Pair",
    "copy_note_pairs",
    "metadata_pairs",
    "parse_metadata_pairs",
    "read_metadata_pairs",
]

Pair = tuple[str, str]

_COPY_KEYS: Final = ("copy_made_at", "copy_maker", "copy_cause", "copy_valid_until")
_TYPE_CODE_BY_NAME: Final = {row.name: row.code for row in HOLDER_TYPES.values()}


@dataclass(frozen=True, slots=True)
class MetadataReading:
    """What was read, and everything that is wrong with it.

    Attributes:
        metadata: None where the identifier, the date of issue or the holders cannot be had.
        copy: The note of an annotated copy, where its items are there.
        findings: Item by item, in the order of the table.
        unknown: Names that nobody here knows; their values are in ``metadata.others``.
    """

    metadata: LicenseMetadata | None
    copy: CopyNote | None = None
    findings: tuple[Finding, ...] = ()
    unknown: tuple[str, ...] = ()


def metadata_pairs(
    metadata: LicenseMetadata, *, naming: Naming = Naming.PINYIN, dates: DateForm = DateForm.DASHED
) -> tuple[Pair, ...]:
    """A licence's metadata as names and values, in the order of the table, then 扩展项, then what nobody here knows.

    Several holders are joined with ``^``. Items that are empty are left out, and a licence without an end says 长期.

    Raises:
        ValueError: several holders cannot be joined, because one of them holds a separator.
    """
    holders = metadata.holders
    if any(holder_separator(holder.name, holder.code) for holder in holders):
        raise ValueError("a holder's name or code holds what separates several holders")
    type_names = [holder.type_name for holder in holders]
    values = {
        "name": metadata.name,
        "type_name": metadata.type_name,
        "type_code": metadata.type_code,
        "number": metadata.number,
        "identifier": str(metadata.identifier),
        "version": f"{metadata.version:03d}",
        "issuer_name": metadata.issuer.name,
        "issuer_code": metadata.issuer.code,
        "issued_on": write_date(metadata.issued_on, form=dates),
        "holder_name": "^".join(holder.name for holder in holders),
        "holder_code": "^".join(holder.code for holder in holders),
        "holder_type_name": "^".join(type_names) if all(type_names) else "",
        "holder_type_code": "^".join(holder.type_code for holder in holders),
        "valid_from": write_date(metadata.valid_from, form=dates) if metadata.valid_from else "",
        "valid_until": write_date(metadata.valid_until, form=dates) if metadata.valid_until else NO_END,
        "area_code": metadata.area_code,
        "item_name": metadata.item_name,
        "item_code": metadata.item_code,
    }
    pairs = [(ELEMENTS[key].name_in(naming), value) for key, value in values.items() if value]
    pairs += [(EXTENSION_PREFIX + name, value) for name, value in metadata.fields.items()]
    if metadata.status is not None:
        pairs.append((STATUS_PLACE, str(metadata.status)))
    return (*pairs, *metadata.others.items())


def copy_note_pairs(note: CopyNote, *, naming: Naming = Naming.PINYIN) -> tuple[Pair, ...]:
    """The four items of an annotated copy (加注件) as names and values; times as yyyyMMddHHmmss in Beijing."""
    values = (write_moment(note.made_at), note.maker, note.cause, write_moment(note.valid_until))
    return tuple((ELEMENTS[key].name_in(naming), value) for key, value in zip(_COPY_KEYS, values, strict=True))


def read_metadata_pairs(
    pairs: Mapping[str, str | Sequence[str]] | Iterable[tuple[str, str | Sequence[str]]], *, lenient: bool = False
) -> MetadataReading:
    """Read metadata whatever its naming, and tell everything that is wrong with it.

    What the values say is not judged, only whether they can be read and agree: see check_metadata.

    Args:
        pairs: Names in Chinese, pinyin or English, mixed as they may be; a list of values stands for several holders.
        lenient: Of the identifier, as LicenseIdentifier.parse.
    """
    return _Reader(pairs.items() if isinstance(pairs, Mapping) else pairs).read(lenient=lenient)


def parse_metadata_pairs(
    pairs: Mapping[str, str | Sequence[str]] | Iterable[tuple[str, str | Sequence[str]]], *, lenient: bool = False
) -> LicenseMetadata:
    """Read metadata that has nothing wrong with it; names that nobody here knows may be among it.

    Raises:
        ParseError: of the first finding; its ``where`` is the item.
    """
    reading = read_metadata_pairs(pairs, lenient=lenient)
    require_none(reading.findings)
    assert reading.metadata is not None  # a finding says why there is none
    return reading.metadata


@dataclass(slots=True)
class _Reader:
    pairs: Iterable[tuple[str, str | Sequence[str]]]
    values: dict[str, str] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)
    others: dict[str, str] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def read(self, *, lenient: bool) -> MetadataReading:
        for name, value in self.pairs:
            text = value.strip() if isinstance(value, str) else "^".join(part.strip() for part in value)
            named = name.strip()
            if not (named.isprintable() and text.isprintable()):
                named, text = self._fit(named, named), self._fit(name, text.replace("\r\n", "\n"))
            self._sort(named, text)
        identifier = self._identifier(lenient)
        issued_on = self._issued_on()
        holders = self._holders()
        start = self._day("valid_from")
        end = self._day("valid_until")
        copy = self._copy_note()
        for key in ("name", "type_name", "number", "issuer_name", "issuer_code"):
            self._required(key)
        metadata = None
        if identifier is not None and issued_on is not None and holders:
            metadata = self._metadata(identifier, issued_on, holders, start, end)
        return MetadataReading(metadata, copy, tuple(self.findings), tuple(self.unknown))

    def _metadata(
        self,
        identifier: LicenseIdentifier,
        issued_on: date,
        holders: tuple[LicenseHolder, ...],
        start: date | None,
        end: date | None,
    ) -> LicenseMetadata:
        get = self.values.get
        return LicenseMetadata(
            identifier=identifier,
            name=get("name", ""),
            type_name=get("type_name", ""),
            number=get("number", ""),
            issuer=Authority(name=get("issuer_name", ""), code=get("issuer_code", "")),
            issued_on=issued_on,
            holders=holders,
            valid_from=start,
            valid_until=end,
            area_code=get("area_code", ""),
            item_name=get("item_name", ""),
            item_code=get("item_code", ""),
            fields=self.fields,
            others=self.others,
            status=self._status(),
        )

    def _sort(self, name: str, value: str) -> None:
        element = element_named(name)
        if element is not None and element.obligation is not Obligation.LOCAL:
            self._put(self.values, element.key, value, element.chinese)
        elif name == STATUS_PLACE:
            self._put(self.values, name, value, name)
        elif element is None and name.startswith(EXTENSION_PREFIX) and len(name) > len(EXTENSION_PREFIX):
            self._put(self.fields, name.removeprefix(EXTENSION_PREFIX), value, name)
        else:
            if element is None:
                self.unknown.append(name)
            self._put(self.others, name, value, name)

    def _fit(self, name: str, text: str) -> str:
        """A text without half characters, which nothing can hold; any other unfit character is told and kept."""
        if text.isprintable():
            return text
        if bad := unfit_character(text):
            self.findings.append(finding(name, "character", found=f"U+{ord(bad):04X}"))
        return text.encode("utf-8", "replace").decode()

    def _put(self, where: dict[str, str], key: str, value: str, shown: str) -> None:
        if where.setdefault(key, value) != value:
            self.findings.append(finding(shown, "item_twice"))

    def _required(self, key: str) -> str:
        value = self.values.get(key, "")
        if not value:
            self.findings.append(finding(ELEMENTS[key].chinese, "missing"))
        return value

    def _identifier(self, lenient: bool) -> LicenseIdentifier | None:
        text = self._required("identifier")
        if not text:
            return None
        try:
            identifier = LicenseIdentifier.parse(text, lenient=lenient)
        except ParseError as error:
            self.findings.append(of_parse_error(ELEMENTS["identifier"].chinese, error))
            return None
        self._agrees("type_code", identifier.type_code)
        self._agrees("version", f"{identifier.version:03d}")
        if identifier.issuer_code:
            self._agrees("issuer_code", identifier.issuer_code)
        return identifier

    def _agrees(self, key: str, expected: str) -> None:
        found = self.values.get(key, "")
        if found and found != expected:
            other = ELEMENTS["identifier"].chinese
            self.findings.append(finding(ELEMENTS[key].chinese, "differs", found=found, expected=expected, other=other))

    def _issued_on(self) -> date | None:
        return self._day("issued_on") if self._required("issued_on") else None

    def _status(self) -> StatusEntry | None:
        text = self.values.get(STATUS_PLACE)
        if text is None:
            return None
        try:
            return StatusEntry.parse(text)
        except ValueError:
            self.findings.append(finding(STATUS_PLACE, "status_place", found=text))
            return None

    def _day(self, key: str) -> date | None:
        text = self.values.get(key, "")
        if not text:
            return None
        try:
            return parse_end(text) if key == "valid_until" else parse_date(text)
        except ParseError as error:
            self.findings.append(of_parse_error(ELEMENTS[key].chinese, error))
            return None

    def _holders(self) -> tuple[LicenseHolder, ...]:
        names, codes = self._required("holder_name"), self._required("holder_code")
        if not names or not codes:
            return ()
        mark = holder_separator(names, codes)
        split_names, split_codes = (text.split(mark) if mark else [text] for text in (names, codes))
        if len(split_names) != len(split_codes):
            self._miscounted("holder_code", len(split_codes), len(split_names))
            return ()
        types = self._holder_types(mark, len(split_names))
        return tuple(
            LicenseHolder(name=name.strip(), code=code.strip(), type_code=type_code)
            for name, code, type_code in zip(split_names, split_codes, types, strict=True)
        )

    def _holder_types(self, mark: str, count: int) -> Sequence[str]:
        """The type of each holder: by code, or by name where no code is there."""
        codes, names = self.values.get("holder_type_code", ""), self.values.get("holder_type_name", "")
        if not codes and not names:
            self.findings.append(finding(ELEMENTS["holder_type_code"].chinese, "missing"))
            return [""] * count
        by_code = self._one_each("holder_type_code", codes, mark, count) if codes else None
        by_name = self._one_each("holder_type_name", names, mark, count) if names else None
        found = []
        for place in range(count):
            code = by_code[place] if by_code else ""
            name = by_name[place] if by_name else ""
            found.append(code or _TYPE_CODE_BY_NAME.get(name, ""))
            self._judge_type(code, name)
        return found

    def _judge_type(self, code: str, name: str) -> None:
        """A name that says another type than the code, or no type at all, is a finding."""
        meant = _TYPE_CODE_BY_NAME.get(name)
        element = ELEMENTS["holder_type_name"].chinese
        if name and meant is None:
            self.findings.append(finding(element, "holder_type_name", found=name))
        elif meant is not None and code and meant != code:
            other = ELEMENTS["holder_type_code"].chinese
            self.findings.append(finding(element, "differs", found=meant, expected=code, other=other))

    def _one_each(self, key: str, text: str, mark: str, count: int) -> Sequence[str]:
        """The values of all holders; one value may stand for all of them."""
        parts = [part.strip() for part in text.split(mark)] if mark else [text]
        if len(parts) == 1:
            return parts * count
        if len(parts) != count:
            self._miscounted(key, len(parts), count)
            return [""] * count
        return parts

    def _miscounted(self, key: str, found: int, expected: int) -> None:
        self.findings.append(finding(ELEMENTS[key].chinese, "holder_counts", found=found, expected=expected))

    def _copy_note(self) -> CopyNote | None:
        missing = [key for key in _COPY_KEYS if not self.values.get(key)]
        if len(missing) == len(_COPY_KEYS):
            return None
        if missing:
            names = "、".join(ELEMENTS[key].chinese for key in missing)
            self.findings.append(finding(ELEMENTS[missing[0]].chinese, "copy_items", found=names))
            return None
        made_at, valid_until = self._moment("copy_made_at"), self._moment("copy_valid_until")
        if made_at is None or valid_until is None:
            return None
        maker, cause = self.values["copy_maker"], self.values["copy_cause"]
        return CopyNote(made_at=made_at, maker=maker, cause=cause, valid_until=valid_until)

    def _moment(self, key: str) -> datetime | None:
        try:
            return parse_moment(self.values[key])
        except ParseError as error:
            self.findings.append(of_parse_error(ELEMENTS[key].chinese, error))
            return None
