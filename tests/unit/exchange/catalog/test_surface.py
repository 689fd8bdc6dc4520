"""The face of the catalogue, what it needs to be installed, and odd cells."""

from __future__ import annotations

import sys
import zipfile
from datetime import datetime
from io import BytesIO

import pytest

from egov_sdk.errors import MissingExtra
from egov_sdk.exchange import catalog
from egov_sdk.exchange.catalog.audience import access_right
from egov_sdk.exchange.catalog.check import check_catalog
from egov_sdk.exchange.catalog.corexml import core_of
from egov_sdk.exchange.catalog.dcat import export_dcat
from egov_sdk.exchange.catalog.files import read_catalog, write_catalog
from egov_sdk.exchange.catalog.model import CatalogEntry, Openness, has_bad_character
from egov_sdk.exchange.catalog.sheet import read_workbook, write_workbook
from egov_sdk.exchange.catalog.terms import ResourceClass
from tests.unit.exchange.catalog.world import BUREAU, code_of, entry, rezipped, rows, workbook


def test_every_name_of_the_face_is_there_and_no_other() -> None:
    assert [name for name in catalog.__all__ if getattr(catalog, name) is None] == []
    with pytest.raises(AttributeError, match="no attribute"):
        catalog.nothing  # type: ignore[attr-defined]  # noqa: B018


@pytest.mark.parametrize("library", ["openpyxl", "rdflib"])
def test_a_missing_library_is_named_with_what_installs_it(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = write_workbook([entry()])
    monkeypatch.setitem(sys.modules, library, None)
    acts = (
        (lambda: read_workbook(data), lambda: write_workbook([entry()]))
        if library == "openpyxl"
        else (lambda: export_dcat([], base="https://x.example/", title="a", description="b", publisher=BUREAU),)
    )
    for act in acts:
        with pytest.raises(MissingExtra) as caught:
            act()
        extra = {"openpyxl": "sheets", "rdflib": "catalog"}[library]
        assert caught.value.extra == extra
        assert f"egov-sdk[{extra}]" in caught.value.hint


def told(column: str, value: object) -> list[str]:
    table = rows({})
    table[1][table[0].index(column)] = value
    return [one.problem for one in read_catalog(workbook(table), provider=BUREAU).findings]


def test_cells_that_are_no_text_are_read_as_a_person_would() -> None:
    assert told("是否向社会开放", True) == []
    assert told("数据长度", 200.0) == []
    assert told("发布日期", datetime.fromisoformat("2026-01-05T08:30:00")) == ["catalog.value.date"]


def test_a_date_before_1900_and_an_empty_row_do_no_harm() -> None:
    assert told("发布日期", "1899-12-31") == []
    assert len(read_catalog(workbook([*rows({}), [], [None, ""]]), provider=BUREAU).entries) == 1


def test_what_the_sheet_has_no_column_for_is_told_with_its_row() -> None:
    [one, other] = check_catalog(read_catalog(workbook(rows({}))))
    assert [str(one.place), str(other.place)] == ["line 2, 信息资源提供方", "line 2, 提供方代码"]


@pytest.mark.parametrize(
    ("change", "problem", "column"),
    [
        ({"部门类信息资源分类": "", "项": "", "目": ""}, "catalog.value.missing", "A"),
        ({"信息项名称": "", "数据类型": "", "数据长度": ""}, "catalog.rule.items_missing", "N"),
        ({"格式类型": ""}, "catalog.rule.format_undescribed", "L"),
    ],
)
def test_rules_are_told_in_the_column_that_they_are_about(change: dict[str, str], problem: str, column: str) -> None:
    [one] = check_catalog(read_catalog(workbook(rows(change)), provider=BUREAU))
    assert (one.problem, one.place.row, one.place.column) == (problem, 2, column)


def test_a_workbook_with_an_encrypted_part_is_refused() -> None:
    data = bytearray(write_workbook([entry()]))
    with zipfile.ZipFile(BytesIO(bytes(data))) as archive:
        first = archive.infolist()[0]
    central = data.index(b"PK\x01\x02")
    data[first.header_offset + 6] |= 1
    data[central + 8] |= 1
    assert code_of(lambda: read_catalog(bytes(data))) == "egov.sheets.damaged"


def test_a_sheet_in_utf_16_is_refused() -> None:
    def wide(name: str, content: bytes) -> bytes:
        return content.decode().encode("utf-16") if name.endswith("sheet1.xml") else content

    assert code_of(lambda: read_catalog(rezipped(workbook(rows({})), wide))) == "egov.sheets.damaged"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("好\t\n", ""), ("\u3000", ""), ("a\x00", "U+0000"), ("\ud800", "U+D800"), ("\ufdd0", "U+FDD0"),
        ("\x9f", "U+009F"), ("\U0001ffff", "U+1FFFF"), ("\u200b", ""), ("𠀀", ""),
    ],
)  # fmt: skip
def test_characters_that_no_text_has_are_named(text: str, found: str) -> None:
    assert has_bad_character(text) == found
    if found:
        with pytest.raises(ValueError, match=r"U\+"):
            CatalogEntry(name=text)


def test_a_draft_has_no_class_and_is_not_public() -> None:
    draft = CatalogEntry(name="a", openness=Openness(is_open=True))
    assert draft.resource_code is None
    assert draft.resource_class is None
    assert entry().resource_class is ResourceClass.DEPARTMENTAL
    assert access_right(draft) == "PUBLIC"
    with pytest.raises(ValueError, match="code"):
        CatalogEntry(name="a", code="307011")


def test_an_entry_keeps_its_core_metadata_in_step() -> None:
    [read] = read_catalog(write_catalog([entry()], "xml")).entries
    assert core_of(read) == core_of(entry())
