"""DCAT-AP and CKAN: valid, read back, and nothing in them that the public may not see."""

from __future__ import annotations

import json
from datetime import date

import pytest
from pyshacl import validate
from rdflib import Graph, URIRef

from egov_sdk.exchange.catalog._ckan_reading import read_ckan
from egov_sdk.exchange.catalog.audience import access_right, shown_to
from egov_sdk.exchange.catalog.ckan import export_ckan
from egov_sdk.exchange.catalog.dcat import DcatExport, DcatForm, export_dcat, read_dcat
from egov_sdk.exchange.catalog.limits import CatalogLimits
from egov_sdk.exchange.catalog.model import CatalogEntry, Openness, Provider, Service, Sharing
from egov_sdk.exchange.catalog.terms import SharingMode, SharingType, UpdateCycle
from tests.unit.exchange.catalog.world import BUREAU, PREFIX, code_of, entry, full_entry

BASE = "https://data.example/"
DCT = "http://purl.org/dc/terms/"
RIGHTS = "http://publications.europa.eu/resource/authority/access-right/"

#: What DCAT-AP 3.0.1 makes mandatory, and of which kind, written down anew.
SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix dcat: <http://www.w3.org/ns/dcat#> .
@prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
<urn:t:agent> a sh:NodeShape ; sh:targetClass foaf:Agent ;
  sh:property [ sh:path foaf:name ; sh:minCount 1 ; sh:nodeKind sh:Literal ] .
<urn:t:catalog> a sh:NodeShape ; sh:targetClass dcat:Catalog ;
  sh:property [ sh:path dct:title ; sh:minCount 1 ; sh:nodeKind sh:Literal ] ,
    [ sh:path dct:description ; sh:minCount 1 ; sh:nodeKind sh:Literal ] ,
    [ sh:path dct:publisher ; sh:minCount 1 ; sh:maxCount 1 ; sh:class foaf:Agent ] ,
    [ sh:path dcat:dataset ; sh:class dcat:Dataset ] , [ sh:path dcat:record ; sh:class dcat:CatalogRecord ] ,
    [ sh:path dcat:service ; sh:class dcat:DataService ] .
<urn:t:record> a sh:NodeShape ; sh:targetClass dcat:CatalogRecord ;
  sh:property [ sh:path foaf:primaryTopic ; sh:minCount 1 ; sh:maxCount 1 ] ,
    [ sh:path dct:modified ; sh:minCount 1 ; sh:maxCount 1 ; sh:datatype xsd:date ] .
<urn:t:dataset> a sh:NodeShape ; sh:targetClass dcat:Dataset ;
  sh:property [ sh:path dct:title ; sh:minCount 1 ; sh:nodeKind sh:Literal ] ,
    [ sh:path dct:description ; sh:minCount 1 ; sh:nodeKind sh:Literal ] ,
    [ sh:path dct:accessRights ; sh:maxCount 1 ; sh:pattern "/access-right/(PUBLIC|RESTRICTED|NON_PUBLIC)$" ] ,
    [ sh:path dct:accrualPeriodicity ; sh:maxCount 1 ; sh:nodeKind sh:IRI ] ,
    [ sh:path dct:issued ; sh:maxCount 1 ; sh:datatype xsd:date ] ,
    [ sh:path dcat:keyword ; sh:nodeKind sh:Literal ] , [ sh:path dcat:distribution ; sh:class dcat:Distribution ] .
<urn:t:distribution> a sh:NodeShape ; sh:targetClass dcat:Distribution ;
  sh:property [ sh:path dcat:accessURL ; sh:minCount 1 ; sh:nodeKind sh:IRI ] .
<urn:t:service> a sh:NodeShape ; sh:targetClass dcat:DataService ;
  sh:property [ sh:path dct:title ; sh:minCount 1 ] ,
    [ sh:path dcat:endpointURL ; sh:minCount 1 ; sh:nodeKind sh:IRI ] .
"""


def exported(*entries: CatalogEntry, audience: str = "public", form: DcatForm = "turtle") -> DcatExport:
    return export_dcat(
        entries, base=BASE, title="目录", description="示例目录", publisher=BUREAU, audience=audience, form=form,  # type: ignore[arg-type]
    )  # fmt: skip


def public(number: int, **changed: object) -> CatalogEntry:
    return entry(number, openness=Openness(is_open=True), **changed)  # type: ignore[arg-type]


def conforms(data: bytes, form: str) -> tuple[bool, str]:
    graph = Graph().parse(data=data, format=form)
    good, _, text = validate(graph, shacl_graph=Graph().parse(data=SHAPES, format="turtle"))
    return bool(good), str(text)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("audience", ["public", "departments"])
@pytest.mark.parametrize("form", ["turtle", "json-ld"])
def test_what_is_exported_keeps_the_constraints_of_dcat_ap(audience: str, form: DcatForm) -> None:
    bare = CatalogEntry(name="只有名称", code=f"{PREFIX}/9", openness=Openness(is_open=True))
    made = exported(entry(), full_entry(), bare, public(3, abstract=""), audience=audience, form=form)
    assert conforms(made.data, form) == (True, "Validation Report\nConforms: True\n")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_the_constraints_find_what_is_missing() -> None:
    broken = b"@prefix dcat: <http://www.w3.org/ns/dcat#> . <urn:a> a dcat:Dataset . <urn:b> a dcat:Distribution ."
    assert not conforms(broken, "turtle")[0]


@pytest.mark.parametrize("form", ["turtle", "json-ld"])
def test_departments_read_back_what_was_written(form: DcatForm) -> None:
    full = full_entry()
    entries = (entry(1), full, public(8, keywords=("甲", "乙")))
    read = read_dcat(exported(*entries, audience="departments", form=form).data, form)
    assert read.findings == ()
    assert read.notes == ()

    def sets(one: CatalogEntry) -> CatalogEntry:
        shape = one.format.model_copy(update={"types": tuple(sorted(one.format.types))})
        return one.model_copy(update={"keywords": tuple(sorted(one.keywords)), "format": shape})

    assert [sets(one) for one in read.entries] == [sets(one) for one in entries]


def test_the_same_catalogue_makes_the_same_bytes() -> None:
    for form in ("turtle", "json-ld"):
        first, second = (exported(full_entry(), form=form).data for _ in range(2))
        assert first == second


# 无条件共享 is about departments.

SECRETIVE = entry(
    2,
    "内部资源",
    abstract="内部摘要",
    links=("https://inner.example/x",),
    service=Service(url="https://inner.example/api"),
    keywords=("内部词",),
)


@pytest.mark.parametrize("kind", list(SharingType))
@pytest.mark.parametrize("is_open", [None, False])
def test_no_sharing_type_makes_anything_public(kind: SharingType, is_open: bool | None) -> None:
    one = SECRETIVE.model_copy(update={"sharing": Sharing(type=kind), "openness": Openness(is_open=is_open)})
    assert access_right(one) == "NON_PUBLIC"
    for form in ("turtle", "json-ld"):
        made = exported(one, public(3, related=(one.code,)), form=form)
        text = made.data.decode()
        assert made.withheld == (one.code,)
        assert made.included == 1
        for secret in ("内部", "inner.example", "000002"):
            assert secret not in text
    feed = export_ckan([one, public(3)]).decode()
    assert json.loads(feed)["result"]["count"] == 1
    assert "内部" not in feed
    assert "inner" not in feed


def test_what_is_open_and_yet_not_shared_is_withheld() -> None:
    one = entry(sharing=Sharing(type=SharingType.REFUSED, basis="法"), openness=Openness(is_open=True))
    assert not one.is_public
    assert exported(one).included == 0


def test_the_public_does_not_see_what_concerns_departments() -> None:
    text = exported(full_entry()).data.decode()
    for secret in ("仅用于审批", "《条例》", "share.example", "登记处", "示例路", "企业设立登记", "platform"):
        assert secret not in text
        assert secret in exported(full_entry(), audience="departments").data.decode()
    assert "实名登记" in text


@pytest.mark.parametrize(
    ("openness", "right"),
    [
        (Openness(is_open=True), "PUBLIC"),
        (Openness(is_open=True, condition="登记"), "RESTRICTED"),
        (Openness(is_open=False), "NON_PUBLIC"),
        (Openness(), "NON_PUBLIC"),
    ],
)
def test_the_access_right_is_that_of_openness(openness: Openness, right: str) -> None:
    one = entry(openness=openness)
    graph = Graph().parse(data=exported(one, audience="departments").data, format="turtle")
    assert [str(value) for value in graph.objects(predicate=URIRef(f"{DCT}accessRights"))] == [RIGHTS + right]


def test_reading_never_takes_public_for_shared() -> None:
    made = exported(entry(sharing=Sharing(), openness=Openness(is_open=True)), audience="departments")
    assert read_dcat(made.data, "turtle").entries[0].sharing.type is None


@pytest.mark.parametrize(
    ("rights", "right"),
    [
        (("PUBLIC",), "PUBLIC"),
        (("RESTRICTED",), "NON_PUBLIC"),  # on which condition nobody says
        (("NON_PUBLIC",), "NON_PUBLIC"),
        (("SENSITIVE",), "NON_PUBLIC"),
        ((), "NON_PUBLIC"),
        (("PUBLIC", "NON_PUBLIC"), "NON_PUBLIC"),
        (("PUBLIC", "RESTRICTED"), "NON_PUBLIC"),
        (("PUBLIC", "CONFIDENTIAL"), "NON_PUBLIC"),
    ],
)
def test_what_another_catalogue_restricts_is_not_opened_here(rights: tuple[str, ...], right: str) -> None:
    said = "".join(f" ; dct:accessRights <{RIGHTS}{one}>" for one in rights)
    prefixes = f"@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <{DCT}> ."
    dataset = f'<urn:x> a dcat:Dataset ; dct:title "t" ; dct:identifier "{public(1).code}"{said} .'
    [one] = read_dcat(f"{prefixes} {dataset}".encode(), "turtle").entries
    assert access_right(one) == right


@pytest.mark.parametrize(
    ("more", "extras", "right"),
    [
        ({}, {}, "PUBLIC"),
        ({"private": False}, {"access_rights": RIGHTS + "PUBLIC"}, "PUBLIC"),
        ({}, {"access_rights": "RESTRICTED", "open_condition": "登记"}, "RESTRICTED"),
        ({}, {"access_rights": RIGHTS + "RESTRICTED"}, "NON_PUBLIC"),
        ({}, {"access_rights": "NON_PUBLIC"}, "NON_PUBLIC"),
        ({}, {"access_rights": "内部使用"}, "NON_PUBLIC"),
        ({"access_rights": RIGHTS + "NON_PUBLIC"}, {}, "NON_PUBLIC"),
        ({"access_rights": RIGHTS + "NON_PUBLIC"}, {"access_rights": "PUBLIC"}, "NON_PUBLIC"),
        ({"private": True}, {"access_rights": "PUBLIC"}, "NON_PUBLIC"),
        ({"private": "false"}, {}, "NON_PUBLIC"),
    ],
)
def test_what_a_feed_does_not_open_is_not_opened_here(
    more: dict[str, object], extras: dict[str, str], right: str
) -> None:
    pairs = [{"key": name, "value": value} for name, value in ({"identifier": public(1).code} | extras).items()]
    page = {"success": True, "result": {"count": 1, "results": [{"title": "t", "extras": pairs, **more}]}}
    [one] = read_ckan(json.dumps(page).encode()).file.entries
    assert access_right(one) == right


@pytest.mark.parametrize("cycle", list(UpdateCycle))
def test_every_cycle_comes_back(cycle: UpdateCycle) -> None:
    assert read_dcat(exported(public(1, cycle=cycle)).data, "turtle").entries[0].cycle is cycle


@pytest.mark.parametrize(
    "base", ["", "data.example/", "https://data.example", "https://x/<a>/", "ftp://x/", "https://x/ /"]
)
def test_a_base_that_is_no_address_is_a_mistake(base: str) -> None:
    with pytest.raises(ValueError, match="base"):
        export_dcat([], base=base, title="a", description="b", publisher=BUREAU)


def test_unknown_audiences_and_forms_are_mistakes() -> None:
    with pytest.raises(ValueError, match="audience"):
        shown_to("everybody", [])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="form"):
        exported(form="n3")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="start"):
        export_ckan([], start=-1)


def test_links_and_names_that_are_no_uri_do_not_break_the_graph() -> None:
    odd = public(1, links=('https://x.example/a b"<>{}|\\^`',), keywords=('a"b\n\\',))
    odd = odd.model_copy(update={"provider": Provider(name="局 <甲>/乙")})
    graph = Graph().parse(data=exported(odd).data, format="turtle")
    assert len(graph) > 10


FOREIGN = """
@prefix dcat: <http://www.w3.org/ns/dcat#> . @prefix dct: <http://purl.org/dc/terms/> .
@prefix foaf: <http://xmlns.com/foaf/0.1/> .
<urn:x> a dcat:Dataset ; dct:title "Roads"@en, "道路"@zh ; dct:description "d" ; dct:identifier "doi:1" ;
  dct:issued "2020-01-02T10:00:00"^^<http://www.w3.org/2001/XMLSchema#dateTime> ; dcat:keyword "road"@en ;
  dct:publisher [ foaf:name "Office" ] ; dcat:landingPage <https://x.example/> .
"""


def test_a_catalogue_of_another_hand_is_read_as_far_as_it_goes() -> None:
    read = read_dcat(FOREIGN.encode(), "turtle")
    [one] = read.entries
    assert (one.name, one.code, one.provider.name) == ("道路", "", "Office")
    assert one.published_on == date(2020, 1, 2)
    assert one.links == ("https://x.example/",)
    assert "1 datasets" in read.notes[0].en


@pytest.mark.parametrize(
    ("data", "form", "code"),
    [
        (b"", "turtle", "catalog.rdf.empty"),
        (b"<a> <b>", "turtle", "catalog.rdf.malformed"),
        (b"\xff", "turtle", "catalog.rdf.malformed"),
        (b"(" * 50_000, "turtle", "catalog.rdf.malformed"),
        (b"{}", "json-ld", "catalog.rdf.empty"),
        (b"{", "json-ld", "catalog.json.malformed"),
        (b'{"@id":"a","@id":"b"}', "json-ld", "catalog.json.twice"),
        (b'{"@context":"https://evil.example/c"}', "json-ld", "catalog.rdf.context"),
        (b'{"@context":[{"a":"b"},"https://evil.example/c"]}', "json-ld", "catalog.rdf.context"),
        (b'{"@graph":[{"@context":"file:///etc/passwd"}]}', "json-ld", "catalog.rdf.context"),
        (b'{"@context":{"@import":"https://evil.example/c"}}', "json-ld", "catalog.rdf.context"),
        (b'{"@context":{"a":{"@id":"urn:a","@context":"https://evil.example/c"}}}', "json-ld", "catalog.rdf.context"),
        (b'{"@context":{"@vocab":5}}', "json-ld", "catalog.rdf.empty"),
    ],
)
def test_hostile_rdf_is_refused_and_nothing_is_fetched(data: bytes, form: DcatForm, code: str) -> None:
    assert code_of(lambda: read_dcat(data, form)) in {code, "catalog.rdf.malformed"}


def test_texts_of_strangers_do_not_get_into_the_log(caplog: pytest.LogCaptureFixture) -> None:
    wrong = FOREIGN.replace("https://x.example/", "https://x.example/{secret}")
    wrong = wrong.replace('"2020-01-02T10:00:00"', '"secret"')
    assert read_dcat(wrong.encode(), "turtle").findings
    assert caplog.records == []
    Graph().parse(data=wrong, format="turtle")
    assert any("secret" in record.getMessage() for record in caplog.records)


def test_limits_hold() -> None:
    data = exported(public(1), public(2)).data
    for limits in (CatalogLimits(rdf_bytes=10), CatalogLimits(entries=1)):
        assert code_of(lambda limits=limits: read_dcat(data, "turtle", limits=limits)) == "egov.input.limit_exceeded"  # type: ignore[misc]


def test_wrong_values_are_told_with_the_dataset() -> None:
    data = FOREIGN.replace('"2020-01-02T10:00:00"', '"soon"').replace("https://x.example/", "ftp://x.example/")
    problems = [(one.problem, one.place.path) for one in read_dcat(data.encode(), "turtle").findings]
    assert problems == [("catalog.value.uri", "urn:x links"), ("catalog.value.date", "urn:x published_on")]


def test_the_feed_has_the_shape_that_ckan_harvests() -> None:
    answer = json.loads(export_ckan([full_entry(), public(2), entry(3)], rows=1))
    assert answer["success"] is True
    assert answer["result"]["count"] == 2
    [package] = answer["result"]["results"]
    assert package["name"].replace("-", "").isalnum()
    extras = {one["key"]: one["value"] for one in package["extras"]}
    assert extras["identifier"] == full_entry().code
    assert extras["access_rights"] == "RESTRICTED"
    assert extras["frequency"] == "P1D"
    assert [one["url"] for one in package["resources"]] == list(full_entry().links)
    assert json.loads(export_ckan([public(1)], start=5))["result"]["results"] == []
    assert SharingMode.PLATFORM not in json.dumps(answer)
