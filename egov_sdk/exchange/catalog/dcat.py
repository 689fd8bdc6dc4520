"""The catalogue as DCAT-AP 3 (数据目录词汇表), in Turtle or JSON-LD, out and in.

The mapping is this library's own. Mandatory properties follow DCAT-AP 3.0.1; the codes of the EU's frequency list are
from memory. What DCAT has no word for stands under ``urn:egov-sdk:catalog:1#``.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from egov_sdk.exchange.catalog._dcat_reading import read_dcat
from egov_sdk.exchange.catalog._dcat_words import (
    DCAT,
    DCT,
    FOAF,
    FREQUENCIES,
    FREQUENCY,
    OWN_FIELDS,
    OWN_NAMESPACE,
    PREFIXES,
    RIGHTS,
    SKOS,
    DcatForm,
    new_graph,
)
from egov_sdk.exchange.catalog.audience import Audience, access_right, shown_to
from egov_sdk.exchange.catalog.model import CatalogEntry, Provider

if TYPE_CHECKING:
    from rdflib import URIRef
    from rdflib.term import Node

__all__ = ["OWN_NAMESPACE", "DcatExport", "DcatForm", "export_dcat", "read_dcat"]

_URI_SAFE: Final = ":/?#[]@!$&'()*+,;=%~-._"


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


def _in_order(value: object) -> object:
    """JSON-LD with its arrays in one order: they are sets, which rdflib writes in another with every run."""
    if isinstance(value, dict):
        return {name: _in_order(one) for name, one in value.items()}
    if isinstance(value, list):
        return sorted(map(_in_order, value), key=lambda one: json.dumps(one, sort_keys=True))
    return value


class _Writer:
    """A graph that grows by one entry at a time."""

    def __init__(self, base: str, audience: Audience, codes: frozenset[str]) -> None:
        self.graph = new_graph()
        self.base, self.audience, self.codes = base, audience, codes
        self.root = self._uri(base)

    def serialized(self, form: DcatForm) -> bytes:
        if form == "turtle":
            return self.graph.serialize(format="turtle").encode()
        document = json.loads(self.graph.serialize(format="json-ld", context=PREFIXES))
        return json.dumps(_in_order(document), ensure_ascii=False, sort_keys=True, indent=1).encode() + b"\n"

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
        self._kind(self.root, f"{DCAT}Catalog")
        self._say(self.root, f"{DCT}title", title)
        self._say(self.root, f"{DCT}description", description)
        self._add(self.root, f"{DCT}publisher", self._agent(publisher))

    def _agent(self, provider: Provider) -> URIRef:
        agent = self._uri(f"{self.base}agent/{quote(provider.code or provider.name, safe='')}")
        self._kind(agent, f"{FOAF}Agent")
        self._say(agent, f"{FOAF}name", provider.name or provider.code)
        self._say(agent, f"{DCT}identifier", provider.code, lang=None)
        return agent

    def _dataset_uri(self, code: str) -> URIRef:
        return self._uri(f"{self.base}dataset/{quote(code, safe='')}")

    def entry(self, entry: CatalogEntry, modified: date | None) -> None:
        dataset = self._dataset_uri(entry.code)
        self._kind(dataset, f"{DCAT}Dataset")
        self._add(self.root, f"{DCAT}dataset", dataset)
        self._say(dataset, f"{DCT}identifier", entry.code, lang=None)
        self._say(dataset, f"{DCT}title", entry.name)
        self._say(dataset, f"{DCT}description", entry.abstract or entry.name)
        self._day(dataset, f"{DCT}issued", entry.published_on)
        self._add(dataset, f"{DCT}accessRights", self._uri(RIGHTS + access_right(entry)))
        if entry.provider.name or entry.provider.code:
            self._add(dataset, f"{DCT}publisher", self._agent(entry.provider))
        if entry.cycle is not None:
            self._add(dataset, f"{DCT}accrualPeriodicity", self._uri(FREQUENCY + FREQUENCIES[entry.cycle]))
        for word in entry.keywords:
            self._say(dataset, f"{DCAT}keyword", word)
        self._theme(dataset, entry)
        self._own(dataset, entry)
        self._ways(dataset, entry)
        self._record(dataset, entry, entry.published_on or modified)

    def _theme(self, dataset: URIRef, entry: CatalogEntry) -> None:
        if not entry.category:
            return
        theme = self._uri(f"{self.base}category/{entry.code.partition('/')[0]}")
        self._kind(theme, f"{SKOS}Concept")
        self._say(theme, f"{SKOS}prefLabel", " / ".join(entry.category))
        self._say(theme, f"{SKOS}notation", entry.code.partition("/")[0], lang=None)
        self._add(dataset, f"{DCAT}theme", theme)
        for level, name in enumerate(entry.category, 1):
            self._say(dataset, f"{OWN_NAMESPACE}category{level}", name)

    def _own(self, dataset: URIRef, entry: CatalogEntry) -> None:
        for name, readers in OWN_FIELDS.items():
            if readers == "public" or self.audience == "departments":
                first, _, second = name.partition(".")
                value = getattr(entry, first)
                value = getattr(value, second, None) if second else value
                self._say(dataset, OWN_NAMESPACE + name, "" if value is None else str(value), lang=None)
        for one in entry.format.types:
            self._say(dataset, f"{OWN_NAMESPACE}format.types", one, lang=None)
        for code in entry.related:
            if code in self.codes or self.audience == "departments":
                self._add(dataset, f"{DCT}relation", self._dataset_uri(code))
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
            self._kind(way, f"{DCAT}Distribution")
            self._add(way, f"{DCAT}accessURL", self._uri(link))
            self._add(dataset, f"{DCAT}distribution", way)
        if entry.service is not None and entry.service.url and self.audience == "departments":
            service = self._uri(f"{dataset}#service")
            self._kind(service, f"{DCAT}DataService")
            self._say(service, f"{DCT}title", entry.name)
            self._add(service, f"{DCAT}endpointURL", self._uri(entry.service.url))
            self._add(service, f"{DCAT}servesDataset", dataset)
            self._add(self.root, f"{DCAT}service", service)

    def _record(self, dataset: URIRef, entry: CatalogEntry, modified: date | None) -> None:
        if modified is None:
            return
        record = self._uri(f"{self.base}record/{quote(entry.code, safe='')}")
        self._kind(record, f"{DCAT}CatalogRecord")
        self._add(record, f"{FOAF}primaryTopic", dataset)
        self._day(record, f"{DCT}modified", modified)
        self._add(self.root, f"{DCAT}record", record)
