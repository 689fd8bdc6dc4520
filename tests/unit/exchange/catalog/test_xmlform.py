"""A catalogue as XML, and core metadata."""

from __future__ import annotations

from datetime import date

import pytest

from egov_sdk.errors import LimitExceeded
from egov_sdk.exchange.catalog.corexml import read_core, write_core
from egov_sdk.exchange.catalog.limits import CatalogLimits
from egov_sdk.exchange.catalog.model import Category, Contact, CoreMetadata, Keywords, Service
from egov_sdk.exchange.catalog.terms import GUIDE, SharingType
from egov_sdk.exchange.catalog.xmlform import NAMESPACE, read_xml, write_xml
from tests.unit.exchange.catalog.world import BUREAU, code_of, entry, full_entry

OPEN = f'<catalog xmlns="{NAMESPACE}">'.encode()


def resource(inner: str) -> bytes:
    return OPEN + f"<resource>{inner}</resource></catalog>".encode()


def problems(data: bytes) -> list[tuple[str, str]]:
    return [(one.problem.removeprefix("catalog."), str(one.place)) for one in read_xml(data).findings]


def test_what_was_written_is_read_back() -> None:
    entries = (entry(), full_entry(), entry(3, "没有代码的草稿", code=""))
    read = read_xml(write_xml(entries))
    assert read.entries == entries
    assert read.ok
    assert read.require() is read
    assert read.locators[1]("name").row is not None


def test_elements_without_a_namespace_and_a_byte_order_mark_are_read() -> None:
    data = b"\xef\xbb\xbf<?xml version='1.0'?><!-- c --><catalog><resource><resTitle>a</resTitle></resource></catalog>"
    assert read_xml(data).entries[0].name == "a"


def test_a_provider_is_put_in_where_the_entry_names_none() -> None:
    assert read_xml(resource("<resTitle>a</resTitle>"), provider=BUREAU).entries[0].provider == BUREAU


def test_codes_count_with_a_profile_only() -> None:
    data = resource("<resTitle>a</resTitle><sharing><type>1</type></sharing>")
    assert problems(data) == [("value.term", "line 1, resource[1]/sharing/type")]
    assert read_xml(data, profile=GUIDE).entries[0].sharing.type is SharingType.UNCONDITIONAL


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "catalog.xml.malformed"),
        (b"<catalog>", "catalog.xml.malformed"),
        (b"<catalog/>x", "catalog.xml.malformed"),
        (b"<catalog><resource></catalog>", "catalog.xml.malformed"),
        (b"<other/>", "catalog.xml.root"),
        (b"<other><resource/></other>", "catalog.xml.root"),
        (b"<catalog xmlns='urn:other'><resource/></catalog>", "catalog.xml.root"),
        (b"<resource/>", "catalog.xml.root"),
        (b"<!DOCTYPE catalog><catalog/>", "catalog.xml.doctype"),
        (b"<?xml version='1.0'?>\n<!-- x --><!DOCTYPE c [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><catalog>&a;</catalog>",
         "catalog.xml.doctype"),
        (b"<!DOCTYPE c [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><catalog>&b;</catalog>", "catalog.xml.doctype"),
        (b"<catalog>&unknown;</catalog>", "catalog.xml.malformed"),
        ("<catalog/>".encode("utf-16"), "catalog.encoding"),
        ("<?xml version='1.0' encoding='gb18030'?><catalog/>".encode("gb18030"), "catalog.encoding"),
        (b"<catalog><resource><resTitle>\xff</resTitle></resource></catalog>", "catalog.xml.malformed"),
        (b"<catalog><resource><resTitle>a\0</resTitle></resource></catalog>", "catalog.xml.malformed"),
        (b"<catalog><resource><resTitle>&#xD800;</resTitle></resource></catalog>", "catalog.xml.malformed"),
        (b"<catalog>" + b"<a>" * 400 + b"</a>" * 400 + b"</catalog>", "egov.input.limit_exceeded"),
    ],
)  # fmt: skip
def test_a_hostile_or_broken_document_is_refused(data: bytes, code: str) -> None:
    assert code_of(lambda: read_xml(data)) == code


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        ("", ("value.missing", "resource[1]/resTitle")),
        ("<resTitle>a</resTitle><resTitle>b</resTitle>", ("xml.twice", "resource[1]")),
        ("<resTitle>a<b/></resTitle>", ("xml.element", "resource[1]")),
        ("<resTitle>a</resTitle><price>1</price>", ("xml.element", "resource[1]")),
        ("<resTitle>a</resTitle><IdPoC><phone/></IdPoC>", ("xml.element", "resource[1]")),
        ("<resTitle>a</resTitle><items><thing/></items>", ("xml.element", "resource[1]")),
        ("<resTitle>a</resTitle><items><item><x/></item></items>", ("xml.element", "resource[1]")),
        ("<resTitle>a</resTitle><resID>x</resID>", ("value.code", "resource[1]/resID")),
        ("<resTitle>a</resTitle><related>x</related>", ("value.code", "resource[1]/related")),
        ("<resTitle>a</resTitle><pubDate>2026-02-30</pubDate>", ("value.date", "resource[1]/pubDate")),
        ("<resTitle>a</resTitle><onLineSrc>javascript:1</onLineSrc>", ("value.uri", "resource[1]/onLineSrc")),
        ("<resTitle>a</resTitle><openness><open>maybe</open></openness>", ("value.term", "resource[1]/openness/open")),
        ("<resTitle>a\u0085b</resTitle>", ("characters", "resource[1]/resTitle")),
        (f"<resTitle>{'x' * 9000}</resTitle>", ("value.too_long", "resource[1]/resTitle")),
        (
            "<resTitle>a</resTitle><items><item><name>b</name><length>-1</length></item></items>",
            ("value.number", "resource[1]/items/item[1]/length"),
        ),
        ("<resTitle>a</resTitle><TpCat>" + "<cateName>x</cateName>" * 6 + "</TpCat>",
         ("value.too_many", "resource[1]/TpCat/cateName")),
    ],
)  # fmt: skip
def test_a_wrong_value_is_told_with_its_place(inner: str, expected: tuple[str, str]) -> None:
    found = problems(resource(inner))
    assert (expected[0], f"line 1, {expected[1]}") in found


def test_a_wrong_entry_is_left_out_and_the_others_are_read() -> None:
    good, bad = "<resource><resTitle>a</resTitle></resource>", "<resource><resID>x</resID></resource>"
    read = read_xml(OPEN + f"{good}{bad}<junk/>{good}</catalog>".encode())
    assert len(read.entries) == 2
    assert {one.problem for one in read.findings} == {
        "catalog.value.missing", "catalog.value.code", "catalog.xml.element",
    }  # fmt: skip
    assert code_of(read.require) in {"catalog.value.missing", "catalog.value.code"}


def test_a_resource_inside_a_resource_is_no_entry_of_its_own() -> None:
    read = read_xml(resource("<resTitle>a</resTitle><resource><resTitle>b</resTitle></resource>"))
    assert [one.problem for one in read.findings] == ["catalog.xml.element"]


@pytest.mark.parametrize(
    ("limits", "name"),
    [
        (CatalogLimits(file_bytes=10), "file_bytes"),
        (CatalogLimits(entries=1), "entries"),
        (CatalogLimits(entry_bytes=100), "entry_bytes"),
    ],
)
def test_limits_hold(limits: CatalogLimits, name: str) -> None:
    with pytest.raises(LimitExceeded) as caught:
        read_xml(write_xml([entry(number, "名" * 4000) for number in range(1, 20)]), limits=limits)
    assert caught.value.limit == name


def test_reading_stops_when_too_much_is_wrong() -> None:
    data = OPEN + b"<resource/>" * 100 + b"</catalog>"
    assert len(read_xml(data, limits=CatalogLimits(findings=5)).findings) == 5


CORE = CoreMetadata(
    metadata_id="metadata_9660512",
    title="矿产资源",
    identifier="11000/A00034VG345",
    abstract="摘要",
    providers=(Contact(name="局", address="路"), Contact(name="所")),
    categories=(Category(standard="主题分类", name="矿藏", code="ZCC00"),),
    published_on=date(2026, 1, 5),
    keywords=(Keywords(words=("矿", "产"), thesaurus="词典"), Keywords(words=("铁",))),
    links=("https://x.example/1",),
    service=Service(url="https://x.example/s", type="目录服务"),
    contacts=(Contact(name="中心"),),
    updated_on=date(2026, 2, 1),
)


def test_core_metadata_is_read_back_and_begins_with_its_identifier() -> None:
    data = write_core(CORE)
    assert read_core(data) == CORE
    assert data.index(b"<mdId>") < data.index(b"<resTitle>")


def test_both_spellings_of_the_unit_are_read_and_one_is_written() -> None:
    data = write_core(CORE)
    assert read_core(data.replace(b"rpOrgName", b"rpOrgNam")) == CORE
    assert b"rpOrgNam>" not in data


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"<metadata><mdId>a</mdId><mdId>b</mdId></metadata>", "catalog.xml.twice"),
        (b"<metadata><x/></metadata>", "catalog.xml.element"),
        (b"<metadata><mdId><x/></mdId></metadata>", "catalog.xml.element"),
        (b"<metadata><IdPoC><x/></IdPoC></metadata>", "catalog.xml.element"),
        (b"<metadata><IdPoC><cntAdd/><cntAdd/></IdPoC></metadata>", "catalog.xml.twice"),
        (b"<metadata><DescKeys><x/></DescKeys></metadata>", "catalog.xml.element"),
        (b"<metadata><pubDate>yesterday</pubDate></metadata>", "catalog.value.date"),
        ("<metadata><mdId>a\u0080</mdId></metadata>".encode(), "catalog.characters"),
        (b"<catalog/>", "catalog.xml.root"),
        (b"<!DOCTYPE a><metadata/>", "catalog.xml.doctype"),
        (b"<metadata>", "catalog.xml.malformed"),
        (b"<metadata>" + b"<onLineSrc/>" * 300 + b"</metadata>", "catalog.value.too_many"),
        (b"<metadata>" + b"<onLineSrc/>" * 30_000 + b"</metadata>", "egov.input.limit_exceeded"),
    ],
)
def test_wrong_core_metadata_is_refused(data: bytes, code: str) -> None:
    assert code_of(lambda: read_core(data)) == code
