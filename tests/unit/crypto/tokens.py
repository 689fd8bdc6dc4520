"""Keys, claims and hand-made tokens for the tests of JOSE. The tokens are put together without the library."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from egov_sdk.crypto import SM2PrivateKey, SM2PublicKey
from egov_sdk.crypto.jose import ExpectedClaims, SignatureAlgorithm, TokenKey, VerifiedToken, verify_token
from egov_sdk.crypto.signature import der_to_raw

NOW: Final = datetime(2026, 1, 1, tzinfo=UTC)
NOW_S: Final = int(NOW.timestamp())
SM2: Final[tuple[SignatureAlgorithm, ...]] = ("SGD_SM3_SM2",)
PRIVATE: Final = SM2PrivateKey.from_int(0x3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8)
OTHER: Final = SM2PrivateKey.from_int(0x128B2FA8BD433C6C068C8D803DFF79792A519A55171B1B650C23661D15897263)
KEY: Final = TokenKey.sm2(PRIVATE, key_id="k1")
PUBLIC: Final = TokenKey.sm2(PRIVATE.public_key(), key_id="k1")
CLAIMS: Final[Mapping[str, object]] = {
    "iss": "https://id.example.gov.cn",
    "sub": "u-1",
    "aud": "app",
    "exp": NOW_S + 600,
    "iat": NOW_S - 5,
    "nonce": "n-0S6_WzA2Mj",
    "name": "张三",
}
EXPECTED: Final = ExpectedClaims(issuer="https://id.example.gov.cn", audience="app", nonce="n-0S6_WzA2Mj")


def b64(value: object) -> str:
    """Base64url by the standard library; objects become JSON."""
    octets = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def handmade(header: object, claims: object = CLAIMS, *, key: SM2PrivateKey = PRIVATE, raw: bool = False) -> str:
    """A token with any header and any payload, rightly signed with SM2; bytes are taken as they are."""
    signed = f"{b64(header)}.{b64(claims)}"
    der = key.sign(signed.encode())
    return f"{signed}.{b64(der_to_raw(der) if raw else der)}"


def verified(token: str | bytes, keys: TokenKey = PUBLIC, **changes: object) -> VerifiedToken:
    """verify_token with what the tests usually expect."""
    arguments: dict[str, object] = {"algorithms": SM2, "expected": EXPECTED, "at": NOW} | changes
    return verify_token(token, keys, **arguments)  # type: ignore[arg-type]  # the tests give what they name


def point(public: SM2PublicKey) -> dict[str, str]:
    """The coordinates of a key as members of a JWK."""
    return {"x": b64(public.point[:32]), "y": b64(public.point[32:])}
