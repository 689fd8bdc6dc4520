"""OFD packages (GB/T 33190): open under limits, find what can be reached, read and write signature files, build."""

from __future__ import annotations

from egov_sdk.ofd.builder import OfdBuilder
from egov_sdk.ofd.document import OfdDocument, OfdPage
from egov_sdk.ofd.geometry import Box
from egov_sdk.ofd.package import OfdPackage, open_ofd
from egov_sdk.ofd.rewrite import write_ofd
from egov_sdk.ofd.signbuild import build_signature_file, build_signature_list
from egov_sdk.ofd.signfiles import parse_signature_file, parse_signature_list

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
