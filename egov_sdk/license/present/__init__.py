"""Showing a licence (亮证): short-lived signed QR codes, checked without a network; chosen items only; status lists.

Issuers call ``sign_presentation``, ``attest`` and ``sign_status_list``; holders ``HolderCredential.present``;
verifiers ``check_presentation``. What is drawn is in ``present.qr``, showing online in ``present.online``.
"""

from __future__ import annotations

from egov_sdk.license.present.attestation import HolderCredential, attest
from egov_sdk.license.present.check import Expected, PresentationResult, check_presentation, check_status_list
from egov_sdk.license.present.fields import items_of
from egov_sdk.license.present.model import PresentationKind, ReadPresentation, SignedPresentation, StatusEntry
from egov_sdk.license.present.policy import LicenseIssuer, PresentationPolicy
from egov_sdk.license.present.status_list import StatusList, draw_index, read_status_list, sign_status_list
from egov_sdk.license.present.token import read_presentation, sign_presentation

__all__ = [
    "Expected",
    "HolderCredential",
    "LicenseIssuer",
    "PresentationKind",
    "PresentationPolicy",
    "PresentationResult",
    "ReadPresentation",
    "SignedPresentation",
    "StatusEntry",
    "StatusList",
    "attest",
    "check_presentation",
    "check_status_list",
    "draw_index",
    "items_of",
    "read_presentation",
    "read_status_list",
    "sign_presentation",
    "sign_status_list",
]
