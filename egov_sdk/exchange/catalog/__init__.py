"""The catalogue of what departments can share (政务信息资源目录): read, check, keep, search, compare, hand on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from egov_sdk.exchange.catalog.check import check_catalog, check_core, check_entry
    from egov_sdk.exchange.catalog.ckan import export_ckan
    from egov_sdk.exchange.catalog.comparing import Difference, compare
    from egov_sdk.exchange.catalog.dcat import export_dcat, read_dcat
    from egov_sdk.exchange.catalog.fields import CatalogFile
    from egov_sdk.exchange.catalog.files import read_catalog, write_catalog
    from egov_sdk.exchange.catalog.model import CatalogEntry, CoreMetadata, Provider
    from egov_sdk.exchange.catalog.problems import CatalogRejected, Finding
    from egov_sdk.exchange.catalog.store import LocalCatalog

__all__ = [
    "CatalogEntry",
    "CatalogFile",
    "CatalogRejected",
    "CoreMetadata",
    "Difference",
    "Finding",
    "LocalCatalog",
    "Provider",
    "check_catalog",
    "check_core",
    "check_entry",
    "compare",
    "export_ckan",
    "export_dcat",
    "read_catalog",
    "read_dcat",
    "write_catalog",
]

if not TYPE_CHECKING:  # pragma: no branch - so that a misspelt name stays an error for type checkers

    def __getattr__(name: str) -> object:
        """Load what a name needs when it is asked for: databases, RDF and models take long."""
        if name in {"check_catalog", "check_core", "check_entry"}:
            from egov_sdk.exchange.catalog import check

            return getattr(check, name)
        if name == "export_ckan":
            from egov_sdk.exchange.catalog import ckan

            return getattr(ckan, name)
        if name in {"Difference", "compare"}:
            from egov_sdk.exchange.catalog import comparing

            return getattr(comparing, name)
        if name in {"export_dcat", "read_dcat"}:
            from egov_sdk.exchange.catalog import dcat

            return getattr(dcat, name)
        if name == "CatalogFile":
            from egov_sdk.exchange.catalog import fields

            return getattr(fields, name)
        if name in {"read_catalog", "write_catalog"}:
            from egov_sdk.exchange.catalog import files

            return getattr(files, name)
        if name in {"CatalogEntry", "CoreMetadata", "Provider"}:
            from egov_sdk.exchange.catalog import model

            return getattr(model, name)
        if name in {"CatalogRejected", "Finding"}:
            from egov_sdk.exchange.catalog import problems

            return getattr(problems, name)
        if name == "LocalCatalog":
            from egov_sdk.exchange.catalog import store

            return getattr(store, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
