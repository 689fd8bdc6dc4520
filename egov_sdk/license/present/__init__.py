"""Showing a licence (亮证): short-lived signed QR codes, checked without a network; chosen items only; status lists.

Issuers call ``sign_presentation``, ``attest`` and ``sign_status_list``; holders ``HolderCredential.present``;
verifiers ``check_presentation``. What is drawn is in ``present.qr``, showing online in ``present.online``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
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

_HOMES = {
    "Expected": "check",
    "HolderCredential": "attestation",
    "LicenseIssuer": "policy",
    "PresentationKind": "model",
    "PresentationPolicy": "policy",
    "PresentationResult": "check",
    "ReadPresentation": "model",
    "SignedPresentation": "model",
    "StatusEntry": "model",
    "StatusList": "status_list",
    "attest": "attestation",
    "check_presentation": "check",
    "check_status_list": "check",
    "draw_index": "status_list",
    "items_of": "fields",
    "read_presentation": "token",
    "read_status_list": "status_list",
    "sign_presentation": "token",
    "sign_status_list": "status_list",
}

if not TYPE_CHECKING:  # pragma: no branch - so that a misspelt name stays an error for type checkers

    def __getattr__(name: str) -> object:
        """Load what is asked for: whoever only names a place in a status list needs neither certificates nor tokens."""
        if name in _HOMES:
            from importlib import import_module

            return getattr(import_module(f"egov_sdk.license.present.{_HOMES[name]}"), name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
