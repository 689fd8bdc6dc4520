"""What the provider says of itself, so that stock clients find their way (OpenID Connect Discovery 1.0)."""

from __future__ import annotations

from typing import Final

from egov_sdk.identity.model import AuthMethod, HolderKind
from egov_sdk.identity.provider.settings import ProviderSettings
from egov_sdk.identity.provider.tokens import GRANT_TYPES
from egov_sdk.identity.wire import LEVEL_OF_ACR, SCOPES

__all__ = ["PATHS", "discovery_document"]

#: The provider's places below its issuer.
PATHS: Final = {
    "discovery": ".well-known/openid-configuration",
    "stock_discovery": "stock/.well-known/openid-configuration",
    "keys": "jwks",
    "stock_keys": "stock/jwks",
    "authorize": "authorize",
    "token": "token",
    "userinfo": "userinfo",
    "revoke": "revoke",
    "logout": "logout",
}
_PROOFS: Final = ["client_secret_basic", "client_secret_post", "private_key_jwt", "none"]


def discovery_document(settings: ProviderSettings, *, stock: bool = False) -> dict[str, object]:
    """The document at ``.well-known/openid-configuration``, below the issuer or the one for stock clients."""
    place = {name: settings.address(path) for name, path in PATHS.items()}
    signed = ["SGD_SM3_SM2", "ES256", "RS256"]
    return {
        "issuer": settings.issuer_for("ES256" if stock else "SGD_SM3_SM2"),
        "authorization_endpoint": place["authorize"],
        "token_endpoint": place["token"],
        "userinfo_endpoint": place["userinfo"],
        "jwks_uri": place["stock_keys" if stock else "keys"],
        "revocation_endpoint": place["revoke"],
        "end_session_endpoint": place["logout"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": list(GRANT_TYPES),
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"] if stock else ["SGD_SM3_SM2"],
        "scopes_supported": list(SCOPES),
        "claims_supported": sorted({"sub", "iss", "acr", "amr", "auth_time", "act", *set().union(*SCOPES.values())}),
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": _PROOFS,
        "token_endpoint_auth_signing_alg_values_supported": signed,
        "revocation_endpoint_auth_methods_supported": _PROOFS,
        "revocation_endpoint_auth_signing_alg_values_supported": signed,
        "acr_values_supported": list(LEVEL_OF_ACR),
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "ui_locales_supported": ["zh", "en"],
        "authorization_response_iss_parameter_supported": True,
        "claims_parameter_supported": False,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "egov_holders_supported": [holder.value for holder in HolderKind],
        "egov_methods_supported": [method.value for method in AuthMethod if method is not AuthMethod.UNKNOWN],
    }
