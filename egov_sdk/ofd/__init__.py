"""OFD packages (GB/T 33190): open under limits, find what can be reached, read and write signature files, build."""

from __future__ import annotations

from typing import TYPE_CHECKING

from egov_sdk.ofd.document import OfdDocument, OfdPage
from egov_sdk.ofd.geometry import Box
from egov_sdk.ofd.package import OfdPackage, open_ofd
from egov_sdk.ofd.rewrite import write_ofd
from egov_sdk.ofd.signbuild import build_signature_file, build_signature_list
from egov_sdk.ofd.signfiles import parse_signature_file, parse_signature_list

if TYPE_CHECKING:
    from egov_sdk.ofd.builder import OfdBuilder

__all__ = [
    "Box",
    "OfdBuilder",
    "OfdDocument",
    "OfdPackage",
    "OfdPage",
    "build_signature_file",
    "build_signature_list",
    "open_ofd",
    "parse_signature_file",
    "parse_signature_list",
    "write_ofd",
]

if not TYPE_CHECKING:  # pragma: no branch - so that a misspelt name stays an error for type checkers

    def __getattr__(name: str) -> object:
        """Load the builder when it is asked for: it is a third of the import time, and readers have no use for it."""
        if name == "OfdBuilder":
            from egov_sdk.ofd.builder import OfdBuilder

            return OfdBuilder
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
