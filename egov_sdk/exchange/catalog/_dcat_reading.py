"""DCAT-AP in: the datasets of another catalogue as entries, with nothing fetched on the way."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Final

from egov_sdk.errors import LimitExceeded
from egov_sdk.exchange.catalog._dcat_words import (
    CYCLES,
    DCAT,
    DCT,
    FOAF,
    FREQUENCY,
    OWN_FIELDS,
    OWN_NAMESPACE,
    RIGHTS,
    DcatForm,
    new_graph,
)
from egov_sdk.exchange.catalog.audience import open_by
from egov_sdk.exchange.catalog.codes import is_resource_code
from egov_sdk.exchange.catalog.fields import CatalogFile, RawEntry, RawItem, Reading
from egov_sdk.exchange.catalog.jsonform import load_json
from egov_sdk.exchange.catalog.limits import DEFAULT_CATALOG_LIMITS, CatalogLimits
from egov_sdk.exchange.catalog.problems import Place, unreadable
from egov_sdk.report import Text

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

__all__ = ["read_dcat"]


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
    graph = new_graph()
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

        datasets = sorted(set(self.graph.subjects(RDF.type, URIRef(f"{DCAT}Dataset"))), key=str)
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
        code = self._text(dataset, f"{DCT}identifier")
        if code and not is_resource_code(code):
            self.others += 1
            code = ""
        publisher = self._node(dataset, f"{DCT}publisher")
        rights = {str(one).removeprefix(RIGHTS) for one in self._nodes(dataset, f"{DCT}accessRights")}
        frequency = str(self._node(dataset, f"{DCT}accrualPeriodicity") or "").removeprefix(FREQUENCY)
        title = self._text(dataset, f"{DCT}title")
        description = self._text(dataset, f"{DCT}description")
        texts = {
            "code": code,
            "name": title,
            "abstract": "" if description == title else description,
            "published_on": self._text(dataset, f"{DCT}issued")[:10],
            "provider.name": self._text(publisher, f"{FOAF}name") if publisher is not None else "",
            "provider.code": self._text(publisher, f"{DCT}identifier") if publisher is not None else "",
            "cycle": CYCLES[frequency].value if frequency in CYCLES else "",
            "service.url": self._service(dataset),
        }
        texts |= {name: self._text(dataset, OWN_NAMESPACE + name) for name in OWN_FIELDS}
        texts["openness.is_open"] = open_by(rights, texts.get("openness.condition", ""))
        return RawEntry(texts, self._lists(dataset), self._items(dataset), lambda field: _place(dataset, field))

    def _lists(self, dataset: Node) -> dict[str, list[str]]:
        ways = self._nodes(dataset, f"{DCAT}distribution")
        links = [str(url) for way in ways for url in self._nodes(way, f"{DCAT}accessURL")]
        links += [str(url) for url in self._nodes(dataset, f"{DCAT}landingPage")]
        levels = [self._text(dataset, f"{OWN_NAMESPACE}category{level}") for level in range(1, 6)]
        related = (str(one).rpartition("/dataset/")[2] for one in self._nodes(dataset, f"{DCT}relation"))
        return {
            "links": list(dict.fromkeys(links)),
            "keywords": sorted({str(word) for word in self._nodes(dataset, f"{DCAT}keyword")}),
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

        for service in sorted(self.graph.subjects(URIRef(f"{DCAT}servesDataset"), dataset), key=str):
            for url in self._nodes(service, f"{DCAT}endpointURL"):
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
