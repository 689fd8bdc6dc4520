"""The catalogue as DCAT-AP 3 (数据目录词汇表), in Turtle or JSON-LD, out and in.

The mapping is this library's own. Mandatory properties follow DCAT-AP 3.0.1; the codes of the EU's frequency list are
from memory. What DCAT has no word for stands under ``urn:egov-sdk:catalog:1#``.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import quote

from egov_sdk.errors import LimitExceeded, MissingExtra
from egov_sdk.exchange.catalog.audience import Audience, access_right, shown_to
from egov_sdk.exchange.catalog.codes import is_resource_code
from egov_sdk.exchange.catalog.fields import CatalogFile, RawEntry, RawItem, Reading
from egov_sdk.exchange.catalog.jsonform import load_json
from egov_sdk.exchange.catalog.limits import DEFAULT_CATALOG_LIMITS, CatalogLimits
from egov_sdk.exchange.catalog.model import CatalogEntry, Provider
from egov_sdk.exchange.catalog.problems import Place, unreadable
from egov_sdk.exchange.catalog.terms import UpdateCycle
from egov_sdk.report import Text

if TYPE_CHECKING:
    from rdflib import Graph, URIRef
    from rdflib.term import Node

__all__ = ["OWN_NAMESPACE", "DcatExport", "DcatForm", "export_dcat", "read_dcat"]

DcatForm = Literal["turtle", "json-ld"]
OWN_NAMESPACE: Final = "urn:egov-sdk:catalog:1#"
_DCAT: Final = "http://www.w3.org/ns/dcat#"
_DCT: Final = "http://purl.org/dc/terms/"
_FOAF: Final = "http://xmlns.com/foaf/0.1/"
_SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
_PREFIXES: Final = {"dcat": _DCAT, "dct": _DCT, "foaf": _FOAF, "skos": _SKOS, "egov": OWN_NAMESPACE}
_AUTHORITY: Final = "http://publications.europa.eu/resource/authority/"
_RIGHTS: Final = f"{_AUTHORITY}access-right/"
_FREQUENCY: Final = f"{_AUTHORITY}frequency/"
_FREQUENCIES: Final[Mapping[UpdateCycle, str]] = {
    UpdateCycle.REALTIME: "UPDATE_CONT",
    UpdateCycle.DAILY: "DAILY",
    UpdateCycle.WEEKLY: "WEEKLY",
    UpdateCycle.MONTHLY: "MONTHLY",
    UpdateCycle.QUARTERLY: "QUARTERLY",
    UpdateCycle.HALF_YEARLY: "ANNUAL_2",
    UpdateCycle.YEARLY: "ANNUAL",
}
_CYCLES: Final = {code: cycle for cycle, code in _FREQUENCIES.items()}
_URI_SAFE: Final = ":/?#[]@!$&'()*+,;=%~-._"
#: Fields that DCAT has no word for, and who sees them.
_OWN_FIELDS: Final[Mapping[str, Audience]] = {
    "format.kind": "public",
    "format.other": "public",
    "sharing.type": "public",
    "sharing.condition": "departments",
    "sharing.basis": "departments",
    "sharing.mode": "departments",
    "sharing.mode_type": "departments",
    "openness.condition": "public",
    "openness.theme": "public",
    "provider.unit": "departments",
    "provider.address": "departments",
    "business": "departments",
    "service.type": "departments",
}


@dataclass(frozen=True, slots=True)
class DcatExport:
    """A catalogue as RDF, how many resources it holds, and the codes of those that its readers may not see."""

    data: bytes
    included: int
    withheld: tuple[str, ...]


def export_dcat(
    entries: Iterable[CatalogEntry],
    *,
    base: str,
    title: str,
    description: str,
    publisher: Provider,
    audience: Audience = "public",
    form: DcatForm = "turtle",
    modified: date | None = None,
) -> DcatExport:
    """Write a catalogue as DCAT-AP.

    For the public, only what is open to society is written, without the conditions, bases and services that concern
    departments, and without the codes of related resources that are not open. 无条件共享 is not open.

    Args:
        base: the address that the identifiers of everything begin with, ending with a slash.
        publisher: who publishes the catalogue.
        modified: when the records were last changed, for entries without a date.
    Raises:
        ValueError: ``base`` is no such address, or there is no such audience or form.
        MissingExtra: rdflib is not installed.
    """
    if not base.startswith(("http://", "https://")) or not base.endswith("/") or quote(base, safe=_URI_SAFE) != base:
        raise ValueError(f"base must be an http address that ends with a slash, got {base!r}")
    if form not in ("turtle", "json-ld"):
        raise ValueError(f"form is turtle or json-ld, got {form!r}")
    shown = shown_to(audience, entries)
    writer = _Writer(base, audience, frozenset(entry.code for entry in shown.entries))
    writer.catalog(title, description, publisher)
    for entry in shown.entries:
        writer.entry(entry, modified)
    return DcatExport(writer.serialized(form), len(shown.entries), shown.withheld)


def _rdflib_graph() -> Graph:
    try:
        from rdflib import Graph
    except ModuleNotFoundError:
        raise MissingExtra("catalog", needed_for="DCAT") from None
    graph = Graph()
    for prefix, namespace in (
        ("dcat", _DCAT),
        ("dct", _DCT),
        ("foaf", _FOAF),
        ("skos", _SKOS),
        ("egov", OWN_NAMESPACE),
    ):
        graph.bind(prefix, namespace, override=True, replace=True)
    return graph


class _Writer:
    """A graph that grows by one entry at a time."""

    def __init__(self, base: str, audience: Audience, codes: frozenset[str]) -> None:
        self.graph = _rdflib_graph()
        self.base, self.audience, self.codes = base, audience, codes
        self.root = self._uri(base)

    def serialized(self, form: DcatForm) -> bytes:
        if form == "turtle":
            return self.graph.serialize(format="turtle").encode()
        return self.graph.serialize(format="json-ld", context=_PREFIXES, sort_keys=True, indent=1).encode() + b"\n"

    def _uri(self, text: str) -> URIRef:
        from rdflib import URIRef

        return URIRef(quote(text, safe=_URI_SAFE))

    def _add(self, subject: URIRef, name: str, value: Node) -> None:
        self.graph.add((subject, self._uri(name), value))

    def _say(self, subject: URIRef, name: str, text: str, *, lang: str | None = "zh") -> None:
        from rdflib import Literal as RdfLiteral

        if text:
            self._add(subject, name, RdfLiteral(text, lang=lang))

    def _day(self, subject: URIRef, name: str, day: date | None) -> None:
        from rdflib import XSD
        from rdflib import Literal as RdfLiteral

        if day is not None:
            self._add(subject, name, RdfLiteral(day.isoformat(), datatype=XSD.date))

    def _kind(self, subject: URIRef, name: str) -> None:
        from rdflib import RDF

        self.graph.add((subject, RDF.type, self._uri(name)))

    def catalog(self, title: str, description: str, publisher: Provider) -> None:
        self._kind(self.root, f"{_DCAT}Catalog")
        self._say(self.root, f"{_DCT}title", title)
        self._say(self.root, f"{_DCT}description", description)
        self._add(self.root, f"{_DCT}publisher", self._agent(publisher))

    def _agent(self, provider: Provider) -> URIRef:
        agent = self._uri(f"{self.base}agent/{quote(provider.code or provider.name, safe='')}")
        self._kind(agent, f"{_FOAF}Agent")
        self._say(agent, f"{_FOAF}name", provider.name or provider.code)
        self._say(agent, f"{_DCT}identifier", provider.code, lang=None)
        return agent

    def _dataset_uri(self, code: str) -> URIRef:
        return self._uri(f"{self.base}dataset/{quote(code, safe='')}")

    def entry(self, entry: CatalogEntry, modified: date | None) -> None:
        dataset = self._dataset_uri(entry.code)
        self._kind(dataset, f"{_DCAT}Dataset")
        self._add(self.root, f"{_DCAT}dataset", dataset)
        self._say(dataset, f"{_DCT}identifier", entry.code, lang=None)
        self._say(dataset, f"{_DCT}title", entry.name)
        self._say(dataset, f"{_DCT}description", entry.abstract or entry.name)
        self._day(dataset, f"{_DCT}issued", entry.published_on)
        self._add(dataset, f"{_DCT}accessRights", self._uri(_RIGHTS + access_right(entry)))
        if entry.provider.name or entry.provider.code:
            self._add(dataset, f"{_DCT}publisher", self._agent(entry.provider))
        if entry.cycle is not None:
            self._add(dataset, f"{_DCT}accrualPeriodicity", self._uri(_FREQUENCY + _FREQUENCIES[entry.cycle]))
        for word in entry.keywords:
            self._say(dataset, f"{_DCAT}keyword", word)
        self._theme(dataset, entry)
        self._own(dataset, entry)
        self._ways(dataset, entry)
        self._record(dataset, entry, entry.published_on or modified)

    def _theme(self, dataset: URIRef, entry: CatalogEntry) -> None:
        if not entry.category:
            return
        theme = self._uri(f"{self.base}category/{entry.code.partition('/')[0]}")
        self._kind(theme, f"{_SKOS}Concept")
        self._say(theme, f"{_SKOS}prefLabel", " / ".join(entry.category))
        self._say(theme, f"{_SKOS}notation", entry.code.partition("/")[0], lang=None)
        self._add(dataset, f"{_DCAT}theme", theme)
        for level, name in enumerate(entry.category, 1):
            self._say(dataset, f"{OWN_NAMESPACE}category{level}", name)

    def _own(self, dataset: URIRef, entry: CatalogEntry) -> None:
        for name, readers in _OWN_FIELDS.items():
            if readers == "public" or self.audience == "departments":
                first, _, second = name.partition(".")
                value = getattr(entry, first)
                value = getattr(value, second, None) if second else value
                self._say(dataset, OWN_NAMESPACE + name, "" if value is None else str(value), lang=None)
        for one in entry.format.types:
            self._say(dataset, f"{OWN_NAMESPACE}format.types", one, lang=None)
        for code in entry.related:
            if code in self.codes or self.audience == "departments":
                self._add(dataset, f"{_DCT}relation", self._dataset_uri(code))
        for number, item in enumerate(entry.items, 1):
            node = self._uri(f"{dataset}#item-{number}")
            self._add(dataset, f"{OWN_NAMESPACE}item", node)
            self._say(node, f"{OWN_NAMESPACE}position", str(number), lang=None)
            self._say(node, f"{OWN_NAMESPACE}name", item.name)
            self._say(node, f"{OWN_NAMESPACE}type", item.type or "", lang=None)
            self._say(node, f"{OWN_NAMESPACE}length", "" if item.length is None else str(item.length), lang=None)

    def _ways(self, dataset: URIRef, entry: CatalogEntry) -> None:
        for number, link in enumerate(entry.links, 1):
            way = self._uri(f"{dataset}#distribution-{number}")
            self._kind(way, f"{_DCAT}Distribution")
            self._add(way, f"{_DCAT}accessURL", self._uri(link))
            self._add(dataset, f"{_DCAT}distribution", way)
        if entry.service is not None and entry.service.url and self.audience == "departments":
            service = self._uri(f"{dataset}#service")
            self._kind(service, f"{_DCAT}DataService")
            self._say(service, f"{_DCT}title", entry.name)
            self._add(service, f"{_DCAT}endpointURL", self._uri(entry.service.url))
            self._add(service, f"{_DCAT}servesDataset", dataset)
            self._add(self.root, f"{_DCAT}service", service)

    def _record(self, dataset: URIRef, entry: CatalogEntry, modified: date | None) -> None:
        if modified is None:
            return
        record = self._uri(f"{self.base}record/{quote(entry.code, safe='')}")
        self._kind(record, f"{_DCAT}CatalogRecord")
        self._add(record, f"{_FOAF}primaryTopic", dataset)
        self._day(record, f"{_DCT}modified", modified)
        self._add(self.root, f"{_DCAT}record", record)


def read_dcat(data: bytes, form: DcatForm, *, limits: CatalogLimits = DEFAULT_CATALOG_LIMITS) -> CatalogFile:
    """Read the datasets of a DCAT catalogue as entries, in the order of their addresses.

    Nothing is fetched: a JSON-LD context elsewhere is refused. An identifier that is no code of a resource is left
    out, and ``notes`` says how often. That something is public says nothing about sharing between departments.

    Raises:
        ParseError: not such RDF, or no dataset in it.
        LimitExceeded: too large, or too many datasets.
        MissingExtra: rdflib is not installed.
    """
    if len(data) > limits.rdf_bytes:
        raise LimitExceeded("rdf_bytes", allowed=limits.rdf_bytes, found=len(data))
    graph = _parsed(data, form, limits)
    reader = _Reader(graph, Reading(limits=limits, profile=None, provider=None))
    return reader.read()


def _parsed(data: bytes, form: DcatForm, limits: CatalogLimits) -> Graph:
    graph = _rdflib_graph()
    if form == "json-ld":
        _check_contexts(load_json(data, limits=limits))
    try:
        text = data.decode("utf-8-sig")
        with _quietly(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # rdflib uses what it has deprecated itself
            return graph.parse(data=text, format=form, publicID="urn:egov-sdk:none:")
    except Exception as exc:
        raise unreadable("catalog.rdf.malformed", found=type(exc).__name__, expected=form) from exc


_QUIET: Final = ContextVar("egov_sdk.catalog.quiet", default=False)


def _is_loud(_: logging.LogRecord) -> bool:
    return not _QUIET.get()


@contextmanager
def _quietly() -> Iterator[None]:
    """Keep rdflib from writing strangers' texts into the log; what is wrong with them is told as a finding."""
    logging.getLogger("rdflib.term").addFilter(_is_loud)  # the same one again is not added
    token = _QUIET.set(True)
    try:
        yield
    finally:
        _QUIET.reset(token)


def _check_contexts(value: object) -> None:
    """No context may stand elsewhere: rdflib would fetch it."""
    todo = [value]
    while todo:
        one = todo.pop()
        if isinstance(one, list):
            todo += one
        elif isinstance(one, dict):
            todo += one.values()
            context = one.get("@context")
            for part in context if isinstance(context, list) else [context]:
                if isinstance(part, str):
                    raise unreadable("catalog.rdf.context", found=part)
            if "@import" in one:
                raise unreadable("catalog.rdf.context", found=one["@import"])


class _Reader:
    def __init__(self, graph: Graph, reading: Reading) -> None:
        self.graph, self.reading = graph, reading
        self.others = 0

    def read(self) -> CatalogFile:
        from rdflib import RDF, URIRef

        datasets = sorted(set(self.graph.subjects(RDF.type, URIRef(f"{_DCAT}Dataset"))), key=str)
        if not datasets:
            raise unreadable("catalog.rdf.empty")
        if len(datasets) > self.reading.limits.entries:
            raise LimitExceeded("entries", allowed=self.reading.limits.entries, found=len(datasets))
        entries, locators = [], []
        for dataset in datasets:
            raw = self._raw(dataset)
            entry = self.reading.entry(raw)
            if entry is not None:
                entries.append(entry)
                locators.append(raw.where)
            if self.reading.is_full:
                break
        en = f"{self.others} datasets have an identifier that is no code of a resource; it was left out"
        note = Text(en, f"{self.others} 个数据集的标识符不是信息资源代码，未采用")
        notes = (note,) if self.others else ()
        return CatalogFile(tuple(entries), tuple(self.reading.findings), tuple(locators), notes)

    def _raw(self, dataset: Node) -> RawEntry:
        code = self._text(dataset, f"{_DCT}identifier")
        if code and not is_resource_code(code):
            self.others += 1
            code = ""
        publisher = self._node(dataset, f"{_DCT}publisher")
        right = str(self._node(dataset, f"{_DCT}accessRights") or "").removeprefix(_RIGHTS)
        frequency = str(self._node(dataset, f"{_DCT}accrualPeriodicity") or "").removeprefix(_FREQUENCY)
        title = self._text(dataset, f"{_DCT}title")
        description = self._text(dataset, f"{_DCT}description")
        texts = {
            "code": code,
            "name": title,
            "abstract": "" if description == title else description,
            "published_on": self._text(dataset, f"{_DCT}issued")[:10],
            "provider.name": self._text(publisher, f"{_FOAF}name") if publisher is not None else "",
            "provider.code": self._text(publisher, f"{_DCT}identifier") if publisher is not None else "",
            "cycle": _CYCLES[frequency].value if frequency in _CYCLES else "",
            "openness.is_open": {"PUBLIC": "1", "RESTRICTED": "1", "NON_PUBLIC": "0"}.get(right, ""),
            "service.url": self._service(dataset),
        }
        texts |= {name: self._text(dataset, OWN_NAMESPACE + name) for name in _OWN_FIELDS}
        return RawEntry(texts, self._lists(dataset), self._items(dataset), lambda field: _place(dataset, field))

    def _lists(self, dataset: Node) -> dict[str, list[str]]:
        ways = self._nodes(dataset, f"{_DCAT}distribution")
        links = [str(url) for way in ways for url in self._nodes(way, f"{_DCAT}accessURL")]
        links += [str(url) for url in self._nodes(dataset, f"{_DCAT}landingPage")]
        levels = [self._text(dataset, f"{OWN_NAMESPACE}category{level}") for level in range(1, 6)]
        related = (str(one).rpartition("/dataset/")[2] for one in self._nodes(dataset, f"{_DCT}relation"))
        return {
            "links": list(dict.fromkeys(links)),
            "keywords": sorted({str(word) for word in self._nodes(dataset, f"{_DCAT}keyword")}),
            "format.types": sorted(str(one) for one in self._nodes(dataset, f"{OWN_NAMESPACE}format.types")),
            "category": [level for level in levels if level],
            "related": [code for one in related if is_resource_code(code := one.replace("%2F", "/"))],
        }

    def _items(self, dataset: Node) -> list[RawItem]:
        found = []
        for node in self._nodes(dataset, f"{OWN_NAMESPACE}item"):
            position = self._text(node, f"{OWN_NAMESPACE}position")
            order = int(position) if position.isascii() and position.isdigit() and len(position) < 9 else 0
            texts = {name: self._text(node, OWN_NAMESPACE + name) for name in ("name", "type", "length")}
            found.append((order, str(node), RawItem(texts, lambda field, node=node: _place(node, field))))  # type: ignore[misc]
        return [item for _, _, item in sorted(found, key=lambda one: one[:2])]

    def _service(self, dataset: Node) -> str:
        from rdflib import URIRef

        for service in sorted(self.graph.subjects(URIRef(f"{_DCAT}servesDataset"), dataset), key=str):
            for url in self._nodes(service, f"{_DCAT}endpointURL"):
                return str(url)
        return ""

    def _nodes(self, subject: Node, name: str) -> Iterator[Node]:
        from rdflib import URIRef

        yield from sorted(self.graph.objects(subject, URIRef(name)), key=str)

    def _node(self, subject: Node, name: str) -> Node | None:
        return next(self._nodes(subject, name), None)

    def _text(self, subject: Node, name: str) -> str:
        """One text; of several languages Chinese, else one without a language, else the first."""
        texts = list(self._nodes(subject, name))
        texts.sort(key=lambda one: {"zh": 0, "": 1}.get((getattr(one, "language", None) or "")[:2], 2))
        return str(texts[0]) if texts else ""


def _place(node: Node, field: str) -> Place:
    return Place(path=f"{node} {field}")
