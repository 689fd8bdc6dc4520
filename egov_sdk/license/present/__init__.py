"""Showing a licence (亮证): short-lived signed QR codes, checked without a network; chosen items only; status lists."""

from __future__ import annotations

from egov_sdk.license.present.fields import items_of
from egov_sdk.license.present.model import PresentationKind, ReadPresentation, SignedPresentation, StatusEntry
from egov_sdk.license.present.token import read_presentation, sign_presentation

__all__ = [
    "PresentationKind",
    "ReadPresentation",
    "SignedPresentation",
    "StatusEntry",
    "items_of",
    "read_presentation",
    "sign_presentation",
]
