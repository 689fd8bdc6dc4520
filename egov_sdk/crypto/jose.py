"""Tokens and keys in JSON with the algorithms of GM/T 0125: signed (JWS, JWT), encrypted (JWE), key sets (JWK, JWKS).

Stock algorithms, ES256 and RS256, are there for stock clients. Nothing is accepted that the caller did not list.
"""

from __future__ import annotations

from egov_sdk.crypto._jose.claims import ExpectedClaims, check_claims
from egov_sdk.crypto._jose.encoding import DEFAULT_JOSE_LIMITS, JoseLimits, from_base64url, to_base64url
from egov_sdk.crypto._jose.encryption import DecryptedToken, decrypt_token, encrypt_token
from egov_sdk.crypto._jose.jwk import load_jwk, load_jwks
from egov_sdk.crypto._jose.keys import (
    Algorithm,
    ContentAlgorithm,
    KeyAlgorithm,
    KeyKind,
    KeySet,
    KeyUse,
    SignatureAlgorithm,
    SkippedKey,
    TokenKey,
)
from egov_sdk.crypto._jose.problems import TokenRejected
from egov_sdk.crypto._jose.signing import (
    SignatureForm,
    UnverifiedToken,
    VerifiedPayload,
    VerifiedToken,
    read_unverified,
    sign_payload,
    sign_token,
    verify_payload,
    verify_token,
)

__all__ = [
    "DEFAULT_JOSE_LIMITS",
    "Algorithm",
    "ContentAlgorithm",
    "DecryptedToken",
    "ExpectedClaims",
    "JoseLimits",
    "KeyAlgorithm",
    "KeyKind",
    "KeySet",
    "KeyUse",
    "SignatureAlgorithm",
    "SignatureForm",
    "SkippedKey",
    "TokenKey",
    "TokenRejected",
    "UnverifiedToken",
    "VerifiedPayload",
    "VerifiedToken",
    "check_claims",
    "decrypt_token",
    "encrypt_token",
    "from_base64url",
    "load_jwk",
    "load_jwks",
    "read_unverified",
    "sign_payload",
    "sign_token",
    "to_base64url",
    "verify_payload",
    "verify_token",
]
