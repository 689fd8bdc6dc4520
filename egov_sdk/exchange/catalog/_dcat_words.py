"""The words of DCAT-AP that both writing and reading use, and an empty graph that knows their prefixes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final, Literal

from egov_sdk.errors import MissingExtra
from egov_sdk.exchange.catalog.audience import Audience
from egov_sdk.exchange.catalog.terms import UpdateCycle

if TYPE_CHECKING:
    from rdflib import Graph

__all__ = [
    "CYCLES", "DCAT", "DCT", "FOAF", "FREQUENCIES", "FREQUENCY", "OWN_FIELDS", "OWN_NAMESPACE", "PREFIXES", "RIGHTS",
    "SKOS", "DcatForm", "new_graph",
]  # fmt: skip

DcatForm = Literal["turtle", "json-ld"]
OWN_NAMESPACE: Final = "urn:egov-sdk:catalog:1#"
DCAT: Final = "http://www.w3.org/ns/dcat#"
DCT: Final = "http://purl.org/dc/terms/"
FOAF: Final = "http://xmlns.com/foaf/0.1/"
SKOS: Final = "http://www.w3.org/2004/02/skos/core#"
PREFIXES: Final = {"dcat": DCAT, "dct": DCT, "foaf": FOAF, "skos": SKOS, "egov": OWN_NAMESPACE}
AUTHORITY: Final = "http://publications.europa.eu/resource/authority/"
RIGHTS: Final = f"{AUTHORITY}access-right/"
FREQUENCY: Final = f"{AUTHORITY}frequency/"
FREQUENCIES: Final[Mapping[UpdateCycle, str]] = {
    UpdateCycle.REALTIME: "UPDATE_CONT",
    UpdateCycle.DAILY: "DAILY",
    UpdateCycle.WEEKLY: "WEEKLY",
    UpdateCycle.MONTHLY: "MONTHLY",
    UpdateCycle.QUARTERLY: "QUARTERLY",
    UpdateCycle.HALF_YEARLY: "ANNUAL_2",
    UpdateCycle.YEARLY: "ANNUAL",
}
CYCLES: Final = {code: cycle for cycle, code in FREQUENCIES.items()}
#: Fields that DCAT has no word for, and who sees them.
OWN_FIELDS: Final[Mapping[str, Audience]] = {
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


def new_graph() -> Graph:
    try:
        from rdflib import Graph
    except ModuleNotFoundError:
        raise MissingExtra("catalog", needed_for="DCAT") from None
    graph = Graph()
    for prefix, namespace in (
        ("dcat", DCAT),
        ("dct", DCT),
        ("foaf", FOAF),
        ("skos", SKOS),
        ("egov", OWN_NAMESPACE),
    ):
        graph.bind(prefix, namespace, override=True, replace=True)
    return graph
