"""The golden files of the catalogue: one of every form, made from the entries below.
``python -m tests.unit.exchange.catalog.golden`` writes them anew, which only a new version of a form should ever need.

Those under ``refused`` have one thing wrong each; ``refused/expected.json`` says which.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from itertools import cycle
from pathlib import Path
from typing import Final

from egov_sdk.codes.specimens import specimen_credit_code
from egov_sdk.exchange.catalog.audience import Audience
from egov_sdk.exchange.catalog.ckan import export_ckan
from egov_sdk.exchange.catalog.columns import EXTENDED, NATIONAL, NATIONAL_25
from egov_sdk.exchange.catalog.corexml import core_of, write_core
from egov_sdk.exchange.catalog.dcat import DcatForm, export_dcat
from egov_sdk.exchange.catalog.jsonform import write_json
from egov_sdk.exchange.catalog.model import (
    CatalogEntry,
    Contact,
    InformationItem,
    Openness,
    Provider,
    ResourceFormat,
    Service,
    Sharing,
)
from egov_sdk.exchange.catalog.sheet import write_csv, write_workbook
from egov_sdk.exchange.catalog.terms import FormatClass, ItemType, ModeType, SharingMode, SharingType, UpdateCycle
from egov_sdk.exchange.catalog.xmlform import write_xml

__all__ = ["BUREAU", "CORE", "DRAFT", "ENTRIES", "FOLDER", "FULL", "REFUSED", "golden_files"]

FOLDER: Final = Path(__file__).parents[3] / "vectors" / "catalog"
BUREAU: Final = Provider(name="示例市市场监督管理局", code=specimen_credit_code(1).number)
_DAY: Final = date(2026, 1, 5)

#: Every field says something, and some of it what a form must guard: marks of XML, CSV and formulas.
FULL: Final = CatalogEntry(
    name='企业名录 & <名单>, "甲"',
    code="307011024701/000007",
    category=("部门信息资源", "市场监管", "登记", "名录", "细目"),
    provider=BUREAU.model_copy(update={"unit": "登记处", "address": "示例路 1 号"}),
    abstract="=名录\n第二行",
    format=ResourceFormat(kind=FormatClass.DATABASE, types=("dm", "oracle"), other="附说明"),
    items=tuple(InformationItem(name=f"信息项{kind}", type=kind, length=20) for kind in ItemType),
    sharing=Sharing(
        type=SharingType.CONDITIONAL,
        condition="仅用于审批",
        mode=SharingMode.PLATFORM,
        mode_type=ModeType.SERVICE,
    ),
    openness=Openness(is_open=True, condition="实名登记", theme="商贸流通"),
    cycle=UpdateCycle.DAILY,
    published_on=_DAY,
    related=("101001/1", "202033/0a"),
    business="企业设立登记",
    keywords=("企业", "名录"),
    links=("https://data.example/a.csv", "https://data.example/b.csv"),
    service=Service(url="https://share.example/api", type="查询"),
)
_CODES: Final = ("101001/1", "101001/2", "202033/0a", "202033/0b", "202033/0c", "202033/0d", "202033/0e")


def _of_terms() -> tuple[CatalogEntry, ...]:
    """Seven small entries in which every term stands."""
    terms = zip(_CODES, FormatClass, UpdateCycle, cycle(SharingType), cycle(SharingMode), cycle(ModeType), strict=False)
    return tuple(
        CatalogEntry(
            name=f"资源{code}",
            code=code,
            category=("基础信息资源",) if code.startswith("1") else ("主题信息资源",),
            provider=BUREAU,
            format=ResourceFormat(kind=kind),
            sharing=Sharing(
                type=sharing,
                basis="示例法第三条" if sharing is SharingType.REFUSED else "",
                mode=mode,
                mode_type=mode_type,
            ),
            openness=Openness(is_open=code in ("101001/1", "202033/0a")),
            cycle=often,
            published_on=_DAY,
        )
        for code, kind, often, sharing, mode, mode_type in terms
    )


#: As little as an entry can be; without a code it has no place in RDF.
DRAFT: Final = CatalogEntry(name="草稿", provider=BUREAU)
#: In the order of their codes, as RDF is read.
ENTRIES: Final = (*_of_terms(), FULL, DRAFT)
CORE: Final = core_of(FULL, updated_on=date(2026, 2, 1), maintainer=Contact(name="示例市数据局", address="示例路 2 号"))

_SMALL: Final = _of_terms()[:1]
#: File: the text of a small good one, what stands there instead, and the code that it is refused with.
REFUSED: Final[Mapping[str, tuple[str, str, str]]] = {
    "doctype.xml": ("<catalog", "<!DOCTYPE catalog>\n<catalog", "catalog.xml.doctype"),
    "namespace.xml": ("urn:egov-sdk:catalog:1", "urn:egov-sdk:catalog:2", "catalog.xml.root"),
    "element.xml": ("<updateCycle>", "<price>1</price><updateCycle>", "catalog.xml.element"),
    "twice.xml": ("<updateCycle>", "<updateCycle>daily</updateCycle><updateCycle>", "catalog.xml.twice"),
    "term.xml": ("<class>file", "<class>paper", "catalog.value.term"),
    "version.json": ("egov-sdk-catalog-1", "egov-sdk-catalog-2", "catalog.json.type"),
    "twice.json": ('"name"', '"name": "甲", "name"', "catalog.json.twice"),
    "number.json": ('"资源101001/1"', "NaN", "catalog.json.malformed"),
    "code.json": ('"101001/1"', '"401001/1"', "catalog.value.code"),
    "member.json": ('"name"', '"price": "1", "name"', "catalog.json.member"),
    "order.csv": ("项,目", "目,项", "catalog.sheet.header_order"),
    "formula.csv": ("基础信息资源", "=1+1", "catalog.sheet.formula"),
    "serial.csv": ("2026-01-05", "46027", "catalog.sheet.date_serial"),
    "extra.csv": ("2026-01-05,", "2026-01-05,,一格", "catalog.sheet.extra"),
    "malformed.ttl": ("a dcat:Dataset", "a dcat:Dataset a", "catalog.rdf.malformed"),
    "empty.ttl": ("a dcat:Dataset", "a dcat:Other", "catalog.rdf.empty"),
    "context.jsonld": ('"@context": {', '"@context": "https://x.example/c", "x": {', "catalog.rdf.context"),
    "results.ckan": ('"results"', '"result"', "catalog.json.type"),
    "count.ckan": ('"count": 1', '"count": -1', "catalog.json.type"),
    "element.core": ("<resTitle>", "<price>1</price><resTitle>", "catalog.xml.element"),
    "twice.core": ("<resTitle>", "<resTitle>甲</resTitle><resTitle>", "catalog.xml.twice"),
    "date.core": ("2026-01-05", "2026-02-30", "catalog.value.date"),
}


def _dcat(entries: tuple[CatalogEntry, ...], audience: Audience, form: DcatForm) -> bytes:
    return export_dcat(
        entries,
        base="https://data.example/",
        title="示例目录",
        description="示例市的目录",
        publisher=BUREAU,
        audience=audience,
        form=form,
    ).data


def _refused() -> Mapping[str, bytes]:
    small = {
        ".xml": write_xml(_SMALL),
        ".json": write_json(_SMALL),
        ".csv": write_csv(_SMALL, sheet=NATIONAL),
        ".ttl": _dcat(_SMALL, "public", "turtle"),
        ".jsonld": _dcat(_SMALL, "public", "json-ld"),
        ".ckan": export_ckan(_SMALL),
        ".core": write_core(core_of(_SMALL[0])),
    }
    made: dict[str, bytes] = {}
    for name, (good, wrong, _) in REFUSED.items():
        text = small[Path(name).suffix].decode()
        if good not in text:
            raise ValueError(f"{name}: there is no {good} to change")
        made[f"refused/{name}"] = text.replace(good, wrong, 1).encode()
    expected = {name: f"egov.exchange.{code}" for name, (_, _, code) in REFUSED.items()}
    return made | {"refused/expected.json": json.dumps(expected, indent=1).encode() + b"\n"}


def golden_files() -> Mapping[str, bytes]:
    """Every golden file by its name."""
    return {
        "catalog.xml": write_xml(ENTRIES),
        "catalog.json": write_json(ENTRIES),
        "core.xml": write_core(CORE),
        "national.csv": write_csv(ENTRIES, sheet=NATIONAL),
        "national-25.csv": write_csv(ENTRIES, sheet=NATIONAL_25),
        "extended.csv": write_csv(ENTRIES, sheet=EXTENDED),
        "extended-gb18030.csv": write_csv(ENTRIES, sheet=EXTENDED, encoding="gb18030"),
        "national.xlsx": write_workbook(ENTRIES, sheet=NATIONAL),
        "extended.xlsx": write_workbook(ENTRIES, sheet=EXTENDED),
        "public.ttl": _dcat(ENTRIES, "public", "turtle"),
        "public.jsonld": _dcat(ENTRIES, "public", "json-ld"),
        "departments.ttl": _dcat(ENTRIES, "departments", "turtle"),
        "departments.jsonld": _dcat(ENTRIES, "departments", "json-ld"),
        "ckan.json": export_ckan(ENTRIES),
        **_refused(),
    }


def main() -> None:
    (FOLDER / "refused").mkdir(parents=True, exist_ok=True)
    for name, content in golden_files().items():
        (FOLDER / name).write_bytes(content)


if __name__ == "__main__":
    main()
