"""Whatever bytes a catalogue is said to be, reading ends with entries and findings or with an error of input."""

from __future__ import annotations

import contextlib
import json
import string
from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from egov_sdk.errors import InputError
from egov_sdk.exchange.catalog.cascade import parse_batch
from egov_sdk.exchange.catalog.check import check_catalog
from egov_sdk.exchange.catalog.corexml import read_core
from egov_sdk.exchange.catalog.dcat import read_dcat
from egov_sdk.exchange.catalog.elements import DataElement, Representation, check_value
from egov_sdk.exchange.catalog.files import FORMS, Form, read_catalog, write_catalog
from egov_sdk.exchange.catalog.model import (
    CatalogEntry,
    InformationItem,
    Openness,
    Provider,
    ResourceFormat,
    Service,
    Sharing,
    has_bad_character,
)
from egov_sdk.exchange.catalog.quality import assess
from egov_sdk.exchange.catalog.records import read_elements, read_records
from egov_sdk.exchange.catalog.terms import FormatClass, ItemType, ModeType, SharingMode, SharingType, UpdateCycle
from tests.unit.exchange.catalog.world import AT, full_entry, rezipped

_SEPARATORS = set("、,，;；\n")
_texts = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cn"], exclude_characters="\ufffe\uffff"), max_size=20
).filter(lambda text: not has_bad_character(text))
_words = _texts.map(lambda text: "".join(one for one in text if one not in _SEPARATORS).strip())
_some_words = st.lists(_words.filter(bool), max_size=3).map(tuple)
_codes = st.from_regex(r"[1-3][0-9]{2}[0-9]{3}[0-9]{0,6}/[0-9]{1,6}", fullmatch=True)
_links = st.text(string.ascii_letters + string.digits + "/?=&%._-", max_size=20).map(
    lambda text: f"https://x.example/{text}"
)
_items = st.builds(
    InformationItem,
    name=_texts.filter(lambda text: bool(text.strip())),
    type=st.none() | st.sampled_from(ItemType),
    length=st.none() | st.integers(0, 999_999_999),
)
entries = st.builds(
    CatalogEntry,
    name=_texts.filter(lambda text: bool(text.strip())),
    code=_codes,
    category=st.lists(_words.filter(bool), max_size=5).map(tuple),
    provider=st.builds(Provider, name=_texts, code=_words, unit=_texts, address=_texts),
    abstract=_texts,
    format=st.builds(ResourceFormat, kind=st.none() | st.sampled_from(FormatClass), types=_some_words, other=_texts),
    items=st.lists(_items, max_size=3).map(tuple),
    sharing=st.builds(
        Sharing,
        type=st.none() | st.sampled_from(SharingType),
        condition=_texts,
        basis=_texts,
        mode=st.none() | st.sampled_from(SharingMode),
        mode_type=st.none() | st.sampled_from(ModeType),
    ),
    openness=st.builds(Openness, is_open=st.none() | st.booleans(), condition=_texts, theme=_texts),
    cycle=st.none() | st.sampled_from(UpdateCycle),
    published_on=st.none() | st.dates(date(1000, 1, 1)),
    related=st.lists(_codes, max_size=3).map(tuple),
    business=_texts,
    keywords=_some_words,
    links=st.lists(_links, max_size=3).map(lambda some: tuple(one for one in some if one)),
    service=st.none() | st.builds(Service, url=_links, type=_texts),
)


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=40, deadline=None)
@given(one=entries)
def test_every_entry_survives_every_form(form: Form, one: CatalogEntry) -> None:
    read = read_catalog(write_catalog([one], form), form=form)
    assert read.findings == ()
    assert read.entries == (one,)


def _survives(read: Callable[[bytes], object], data: bytes) -> None:
    """What is raised is an error of input with a code of ours, or nothing is."""
    refused = None
    try:
        read(data)
    except InputError as error:
        refused = error
    assert refused is None or refused.code.startswith(("egov.exchange.catalog.", "egov.sheets.", "egov.input."))


def _checked(form: Form) -> Callable[[bytes], object]:
    return lambda data: check_catalog(read_catalog(data, form=form))


def _read_all(data: bytes) -> None:
    for form in FORMS:
        _survives(_checked(form), data)
    for read in (read_core, parse_batch):
        _survives(read, data)
    _survives(lambda data: read_dcat(data, "turtle"), data)
    _survives(lambda data: read_dcat(data, "json-ld"), data)


@settings(max_examples=100, deadline=None)
@given(data=st.binary(max_size=200))
def test_arbitrary_bytes_are_refused_in_our_words(data: bytes) -> None:
    _read_all(data)


_SEEDS = {form: write_catalog([full_entry()], form) for form in FORMS}


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_changed_files_are_read_or_refused_in_our_words(form: Form, data: st.DataObject) -> None:
    seed = bytearray(_SEEDS[form])
    for _ in range(data.draw(st.integers(1, 5))):
        seed[data.draw(st.integers(0, len(seed) - 1))] = data.draw(st.integers(0, 255))
    _survives(_checked(form), bytes(seed))


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_workbooks_with_changed_parts_are_read_or_refused_in_our_words(data: st.DataObject) -> None:
    def change(name: str, content: bytes) -> bytes:
        if name.endswith(("sheet1.xml", "sharedStrings.xml", "workbook.xml")) and data.draw(st.booleans()):
            place = data.draw(st.integers(0, len(content) - 1))
            return content[:place] + data.draw(st.binary(max_size=3)) + content[place + data.draw(st.integers(0, 8)) :]
        return content

    _survives(_checked("xlsx"), rezipped(_SEEDS["xlsx"], change))


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "name",
                    "code",
                    "sharing",
                    "type",
                    "items",
                    "format",
                    "entries",
                    "keywords",
                    "openness",
                    "is_open",
                    "x",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(value=_json)
def test_any_json_is_read_or_refused_in_our_words(value: object) -> None:
    _read_all(json.dumps(value).encode())
    _read_all(json.dumps([value]).encode())


@given(
    form=st.text(max_size=8) | st.from_regex(r"(an|a|n|d|t|dt|bl)[0-9]{0,3}(\.\.[0-9]{0,3})?(,[0-9])?", fullmatch=True),
    value=st.text(max_size=12),
)
def test_any_representation_and_any_value_end_in_our_words(form: str, value: str) -> None:
    try:
        representation = Representation.parse(form)
    except InputError:
        return
    found = check_value(DataElement(name="a", identifier="b", format=representation), value)
    if found is not None:
        assert found.message.en


_columns = st.sampled_from(["mc", "名称", "identifier", "标识符", "format", "required", "domain", "kind", "x", ""])
_cells = st.sampled_from(["", "an..18", "d8", "1..2", "9..1", "是", "=A1", "-5", "\ud800", "a\0"]) | st.text(max_size=6)
_tables = st.lists(st.lists(_columns | _cells, max_size=5), max_size=4).map(
    lambda rows: "\n".join(",".join(row) for row in rows).encode("utf-8", "surrogatepass")
)
_members = st.dictionaries(_columns, st.none() | st.booleans() | st.integers() | st.floats() | _cells, max_size=4)


@settings(max_examples=150, deadline=None)
@given(data=st.binary(max_size=60) | _tables | st.lists(_members, max_size=3).map(lambda one: json.dumps(one).encode()))
def test_any_records_and_any_data_elements_are_read_or_refused_in_our_words(data: bytes) -> None:
    known = (DataElement(name="名称", identifier="mc", format=Representation.parse("an..18")),)
    for read in (read_elements, lambda given: assess(read_records(given, known), known, at=AT).to_dict("zh")):
        with contextlib.suppress(InputError):
            read(data)
