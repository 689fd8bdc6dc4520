"""Trust: certificates, chains, revocation, signed messages, time stamps, and a local CA."""

from __future__ import annotations

from egov_sdk.pki.certificate import Certificate
from egov_sdk.pki.load import load_certificates

__all__ = ["Certificate", "load_certificates"]
