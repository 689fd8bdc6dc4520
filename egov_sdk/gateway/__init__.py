"""HTTP to any platform: its gateway's way to sign, its secrets, retries and errors; and the other side of the same."""

from __future__ import annotations

from egov_sdk.gateway.client import AsyncGatewayClient, GatewayClient
from egov_sdk.gateway.credentials import Credentials
from egov_sdk.gateway.loading import load_profile
from egov_sdk.gateway.messages import Answer, Flow, Request
from egov_sdk.gateway.profile import GatewayProfile
from egov_sdk.gateway.profiles import built_in
from egov_sdk.gateway.uploads import Upload

__all__ = [
    "Answer",
    "AsyncGatewayClient",
    "Credentials",
    "Flow",
    "GatewayClient",
    "GatewayProfile",
    "Request",
    "Upload",
    "built_in",
    "load_profile",
]
