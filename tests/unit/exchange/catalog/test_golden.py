"""The golden files of the catalogue: written as ever to the octet, read to the same entries, and refused if wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from rdflib import Graph

from egov_sdk.errors import InputError
from egov_sdk.exchange.catalog._ckan_reading import read_ckan
from egov_sdk.exchange.catalog.corexml import read_core
from egov_sdk.exchange.catalog.dcat import DcatForm, read_dcat
from egov_sdk.exchange.catalog.fields import CatalogFile
from egov_sdk.exchange.catalog.files import read_catalog
from egov_sdk.exchange.catalog.model import CatalogEntry, Openness, Provider, ResourceFormat, Sharing
from egov_sdk.exchange.catalog.terms import FormatClass, ItemType, ModeType, SharingMode, SharingType, UpdateCycle
from tests.unit.exchange.catalog.golden import BUREAU, CORE, DRAFT, ENTRIES, FOLDER, FULL, REFUSED, golden_files

NAMES = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*") if path.is_file())
WORKBOOKS = [name for name in NAMES if name.endswith(".xlsx")]
DCAT_FORMS: dict[str, DcatForm] = {"ttl": "turtle", "jsonld": "json-ld"}

made = cache(golden_files)


def golden(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


def cells(data: bytes) -> list[tuple[str, list[list[object]]]]:
    book = load_workbook(BytesIO(data))
    return [(sheet.title, [[cell.value for cell in row] for row in sheet.iter_rows()]) for sheet in book]


def test_there_is_a_golden_file_of_each_form_and_no_other() -> None:
    assert sorted(made()) == NAMES


@pytest.mark.parametrize("name", [name for name in NAMES if name not in WORKBOOKS])
def test_a_golden_file_is_written_again_to_the_octet(name: str) -> None:
    assert made()[name] == golden(name)


@pytest.mark.parametrize("name", WORKBOOKS)
def test_a_workbook_is_written_again_with_the_same_cells(name: str) -> None:
    # how a workbook is packed is openpyxl's and zlib's affair
    assert cells(made()[name]) == cells(golden(name))
    width = {"national.xlsx": 26, "extended.xlsx": 34}[name]
    assert {len(row) for _, rows in cells(golden(name)) for row in rows} == {width}


def test_every_term_stands_in_the_golden_files() -> None:
    said = json.loads(golden("catalog.json"))["entries"]
    sharing = [one["sharing"] for one in said if "sharing" in one]
    assert {one["format"]["kind"] for one in said if "format" in one} == set(FormatClass)
    assert {one["cycle"] for one in said if "cycle" in one} == set(UpdateCycle)
    assert {one["type"] for one in sharing} == set(SharingType)
    assert {one["mode"] for one in sharing} == set(SharingMode)
    assert {one["mode_type"] for one in sharing} == set(ModeType)
    assert {item["type"] for one in said for item in one.get("items", ())} == set(ItemType)


@pytest.mark.parametrize(
    "name", ["catalog.xml", "catalog.json", "extended.csv", "extended-gb18030.csv", "extended.xlsx"]
)
def test_a_whole_form_is_read_to_the_entries(name: str) -> None:
    read = read_catalog(golden(name))
    assert read.findings == ()
    assert read.entries == ENTRIES


def in_national(entry: CatalogEntry) -> CatalogEntry:
    """What the national sheet, which has no columns for the rest, holds of an entry."""
    provider = BUREAU.model_copy(update={"unit": entry.provider.unit})
    return entry.model_copy(update={"provider": provider, "related": (), "keywords": (), "links": (), "service": None})


@pytest.mark.parametrize("name", ["national.csv", "national-25.csv", "national.xlsx"])
def test_the_national_sheet_is_read_to_what_it_holds_of_the_entries(name: str) -> None:
    read = read_catalog(golden(name), provider=BUREAU)
    assert read.findings == ()
    assert read.entries == tuple(in_national(one) for one in ENTRIES)


def in_dcat(entry: CatalogEntry) -> CatalogEntry:
    """DCAT says who may have it: what is not shared is not open, whatever else was said."""
    is_open = entry.openness.is_open is True and entry.sharing.type is not SharingType.REFUSED
    return entry.model_copy(update={"openness": entry.openness.model_copy(update={"is_open": is_open})})


@pytest.mark.parametrize("suffix", DCAT_FORMS)
def test_dcat_for_departments_is_read_to_every_entry_with_a_code(suffix: str) -> None:
    read = read_dcat(golden(f"departments.{suffix}"), DCAT_FORMS[suffix])
    assert (read.findings, read.notes) == ((), ())
    assert read.entries == tuple(in_dcat(one) for one in ENTRIES if one is not DRAFT)


#: What the public may see: two entries, each without what concerns departments.
OPEN = (
    ENTRIES[0].model_copy(update={"sharing": Sharing(type=SharingType.UNCONDITIONAL)}),
    FULL.model_copy(
        update={
            "provider": Provider(name=BUREAU.name, code=BUREAU.code),
            "sharing": Sharing(type=SharingType.CONDITIONAL),
            "related": ("101001/1",),
            "business": "",
            "service": None,
        }
    ),
)


@pytest.mark.parametrize("suffix", DCAT_FORMS)
def test_dcat_for_the_public_is_read_to_what_is_open(suffix: str) -> None:
    read = read_dcat(golden(f"public.{suffix}"), DCAT_FORMS[suffix])
    assert (read.findings, read.notes) == ((), ())
    assert read.entries == OPEN


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # rdflib uses what it has deprecated itself
@pytest.mark.parametrize("audience", ["public", "departments"])
def test_both_forms_of_dcat_are_the_same_graph(audience: str) -> None:
    turtle, json_ld = (Graph().parse(data=golden(f"{audience}.{one}"), format=DCAT_FORMS[one]) for one in DCAT_FORMS)
    assert set(turtle) == set(json_ld)


def in_ckan(entry: CatalogEntry) -> CatalogEntry:
    """A package has no words for formats, items, themes, ways of sharing, other resources, nor for "in real time"."""
    return entry.model_copy(
        update={
            "format": ResourceFormat(),
            "items": (),
            "sharing": Sharing(),
            "openness": Openness(is_open=True, condition=entry.openness.condition),
            "related": (),
            "cycle": None if entry.cycle is UpdateCycle.REALTIME else entry.cycle,
        }
    )


def test_the_ckan_feed_is_read_to_what_is_open() -> None:
    page = read_ckan(golden("ckan.json"))
    assert (page.count, page.size, page.file.findings) == (2, 2, ())
    assert page.file.entries == tuple(in_ckan(one) for one in OPEN)


def test_core_metadata_is_read_to_the_description() -> None:
    assert read_core(golden("core.xml")) == CORE


READERS: dict[str, Callable[[bytes], object]] = {
    ".xml": read_catalog,
    ".json": read_catalog,
    ".csv": lambda data: read_catalog(data, provider=BUREAU),
    ".ttl": lambda data: read_dcat(data, "turtle"),
    ".jsonld": lambda data: read_dcat(data, "json-ld"),
    ".ckan": read_ckan,
    ".core": read_core,
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_with_one_thing_wrong_is_refused_for_it(name: str) -> None:
    try:
        read = READERS[Path(name).suffix](golden(f"refused/{name}"))
    except InputError as error:
        found = [error.code]
    else:
        assert isinstance(read, CatalogFile)
        found = [one.code for one in read.findings]
    assert found == [json.loads(golden("refused/expected.json"))[name]]
