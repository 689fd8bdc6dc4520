"""Words of licences: whatever can be written is read as it was, and strangers' texts raise nothing but InputError."""

from __future__ import annotations

import json
import string
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egov_sdk.codes.holders import HOLDER_TYPES
from egov_sdk.errors import InputError
from egov_sdk.license.dates import DateForm, ValidityRange, parse_end, parse_moment, read_date, write_date
from egov_sdk.license.elements import EXTENSION_PREFIX, Naming, element_named
from egov_sdk.license.identifier import LicenseIdentifier, check_character
from egov_sdk.license.metadata import (
    Authority,
    CopyNote,
    LicenseHolder,
    LicenseMetadata,
    check_metadata,
    unfit_character,
)
from egov_sdk.license.metadata_files import (
    encode_metadata_json,
    encode_metadata_xml,
    read_metadata_json,
    read_metadata_xml,
)
from egov_sdk.license.pairs import MetadataReading, metadata_pairs, read_metadata_pairs

CAPITALS = string.digits + string.ascii_uppercase
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def _codes(length: int) -> st.SearchStrategy[str]:
    return st.text(CAPITALS, min_size=length, max_size=length)


identifiers = st.builds(
    LicenseIdentifier.build,
    type_code=st.builds(lambda head, number: f"{head}{number:03d}", _codes(18), st.integers(0, 999)),
    issuer_code=_codes(18),
    serial=st.text(CAPITALS, min_size=1, max_size=64),
    version=st.integers(1, 999),
)


def _texts(without: str = "") -> st.SearchStrategy[str]:
    """What may be written: no control or formatting characters, and nothing around it that a reader takes away."""
    fit = st.characters(
        exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"],
        include_characters="\n",
        exclude_characters=f"\ufffe\uffff{without}",
    )
    return st.text(fit, min_size=1, max_size=20).map(lambda text: text.strip() or "某")


texts = _texts()
joined = _texts("^,，")
days = st.dates(date(2001, 9, 10), date(2286, 11, 19))
holders = st.builds(LicenseHolder, name=joined, code=joined, type_code=st.sampled_from(sorted(HOLDER_TYPES)))
names = texts.filter(lambda name: element_named(EXTENSION_PREFIX + name) is None)
licences = st.builds(
    LicenseMetadata,
    identifier=identifiers,
    name=texts,
    type_name=texts,
    number=texts,
    issuer=st.builds(Authority, name=texts, code=st.just("")),
    issued_on=days,
    holders=st.lists(holders, min_size=1, max_size=3).map(tuple),
    valid_from=st.none() | days,
    valid_until=st.none() | days,
    area_code=st.just("") | texts,
    item_name=st.just("") | texts,
    item_code=st.just("") | texts,
    fields=st.dictionaries(names, texts, max_size=3),
    others=st.dictionaries(
        texts.filter(lambda name: element_named(name) is None and not name.startswith(EXTENSION_PREFIX)),
        texts,
        max_size=2,
    ),
)


def refusal(act: Callable[[], object]) -> str:
    """The code that it is refused with; empty if it is not. Nothing but an InputError may come out."""
    try:
        act()
    except InputError as error:
        return error.code
    return ""


def whole(licence: LicenseMetadata) -> LicenseMetadata:
    """With the issuer that the identifier tells."""
    issuer = Authority(name=licence.issuer.name, code=licence.identifier.issuer_code)
    return licence.model_copy(update={"issuer": issuer})


@given(identifiers)
def test_an_identifier_is_read_as_it_was_built(identifier: LicenseIdentifier) -> None:
    text = str(identifier)
    assert LicenseIdentifier.parse(text) == identifier
    assert str(LicenseIdentifier.parse(text.lower(), lenient=True)) == text
    assert LicenseIdentifier.from_file_name(identifier.file_name) == identifier
    if identifier.version < 999:
        after = identifier.next_version()
        assert LicenseIdentifier.parse(str(after)) == after
        assert (after.series, after.version) == (identifier.series, identifier.version + 1)


@given(identifiers, st.integers(min_value=0), st.sampled_from(CAPITALS))
def test_one_changed_character_is_always_noticed(identifier: LicenseIdentifier, place: int, other: str) -> None:
    text = str(identifier)
    place = 15 + place % (len(text) - 15)
    if text[place] in (".", other):
        return
    with pytest.raises(InputError):
        LicenseIdentifier.parse(text[:place] + other + text[place + 1 :], lenient=True)


@given(st.text(CAPITALS, min_size=1, max_size=80))
def test_the_check_character_makes_the_sum_one(body: str) -> None:
    p = 36
    for char in body:
        p = ((p + int(char, 36)) % 36 or 36) * 2 % 37
    assert (p + int(check_character(body), 36)) % 36 == 1


@given(st.text() | st.from_regex(r"1\.2\.156\.300[35]\.2(\.[0-9A-Za-z]{0,22}){3,6}", fullmatch=True), st.booleans())
def test_any_text_is_an_identifier_or_refused(text: str, lenient: bool) -> None:
    found = []
    refused = refusal(lambda: found.append(LicenseIdentifier.parse(text, lenient=lenient)))
    assert refused.startswith("egov.license.identifier_") or not refused
    for identifier in found:
        assert LicenseIdentifier.parse(str(identifier), lenient=True) == identifier


@given(days, st.sampled_from(DateForm))
def test_a_day_is_read_as_it_was_written(day: date, form: DateForm) -> None:
    found = read_date(write_date(day, form=form))
    assert (found.day, found.form) == (day, form)


@given(st.text(max_size=30) | st.text("0123456789-/.年月日〇一二十:TZ +", max_size=24))
def test_any_text_is_a_date_or_refused(text: str) -> None:
    for read in (read_date, parse_end, parse_moment, ValidityRange.parse):
        refused = refusal(partial(read, text))
        assert refused.startswith("egov.license.") or not refused


@settings(max_examples=30)
@given(licences, st.sampled_from(Naming), st.sampled_from([DateForm.DASHED, DateForm.NUMERALS, DateForm.EPOCH_MS]))
def test_metadata_is_read_as_it_was_written(licence: LicenseMetadata, naming: Naming, dates: DateForm) -> None:
    licence = whole(licence)
    reading = read_metadata_pairs(metadata_pairs(licence, naming=naming, dates=dates))
    assert (reading.metadata, reading.findings) == (licence, ())


@settings(max_examples=30)
@given(licences)
def test_files_of_metadata_are_read_as_they_were_written(licence: LicenseMetadata) -> None:
    licence = whole(licence)
    note = CopyNote(made_at=NOW, maker="某", cause="某事", valid_until=NOW)
    as_json = read_metadata_json(encode_metadata_json(licence, copy=note))
    assert (as_json.metadata, as_json.copy, as_json.findings) == (licence, note, ())


@settings(max_examples=30)
@given(licences)
def test_a_judgement_is_passed_on_any_metadata(licence: LicenseMetadata) -> None:
    for found in check_metadata(licence):
        assert found.element
        assert found.code.startswith("egov.")


values = st.text(max_size=12) | st.sampled_from(["", "长期", "2020-01-01", "111", "a^b", "a,b", "\ud800"])
any_names = st.text(max_size=8) | st.sampled_from(["ZZBS", "CZZT", "CZZTDM", "CZZTDMLXDM", "JZJZZSJ", "KZ_a", "ZZBFRQ"])


@given(st.lists(st.tuples(any_names, values | st.lists(values, max_size=3)), max_size=12))
def test_any_pairs_are_read_or_told(pairs: list[tuple[str, str | list[str]]]) -> None:
    reading = read_metadata_pairs(pairs, lenient=True)
    assert isinstance(reading, MetadataReading)
    assert reading.metadata is not None or reading.findings


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(any_names, inner, max_size=3),
    max_leaves=8,
)


@given(
    st.binary(max_size=60) | st.dictionaries(any_names | st.just("extend_info"), _JSON).map(json.dumps).map(str.encode)
)
def test_any_bytes_are_metadata_or_refused(data: bytes) -> None:
    for read in (read_metadata_json, read_metadata_xml):
        refused = refusal(partial(read, data))
        assert refused.startswith("egov.") or not refused


@given(st.dictionaries(any_names, texts, min_size=1, max_size=5))
def test_any_list_of_custom_data_is_read(rows: dict[str, str]) -> None:
    from lxml import etree

    root = etree.Element("CustomDatas")
    for name, value in rows.items():
        if not unfit_character(name) and not {"\ufffe", "\uffff"} & set(name):
            etree.SubElement(root, "CustomData", Name=name).text = value
    etree.SubElement(root, "CustomData", Name="ZZMC").text = "证"
    assert isinstance(read_metadata_xml(etree.tostring(root)), MetadataReading)


@settings(max_examples=30)
@given(licences)
def test_xml_is_read_as_it_was_written(licence: LicenseMetadata) -> None:
    licence = whole(licence)
    reading = read_metadata_xml(encode_metadata_xml(licence, created_at=NOW))
    assert (reading.metadata, reading.findings) == (licence, ())
