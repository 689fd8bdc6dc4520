"""Trust: certificates, chains, revocation, signed messages, time stamps, and a local CA."""

from __future__ import annotations

from egov_sdk.pki.certificate import Certificate
from egov_sdk.pki.chain import ChainResult, validate_chain
from egov_sdk.pki.load import load_certificates
from egov_sdk.pki.local_ca import LocalCA
from egov_sdk.pki.trust import TrustStore

__all__ = ["Certificate", "ChainResult", "LocalCA", "TrustStore", "load_certificates", "validate_chain"]
