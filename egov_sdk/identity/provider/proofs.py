"""How applications prove who they are when they fetch tokens: a secret, or a token signed with their own key."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import unquote_plus

from egov_sdk.crypto.jose import ExpectedClaims, read_unverified, verify_token
from egov_sdk.errors import InputError, VerificationError
from egov_sdk.identity.problems import IdentityRejected, refuse
from egov_sdk.identity.provider.applications import Application, active_application
from egov_sdk.identity.provider.desk import Desk, digest_of
from egov_sdk.storage import KeyStore
from egov_sdk.storage.sql import Connection

__all__ = ["authenticate"]

_ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_ASSERTIONS: Final = KeyStore("identity.assertions")
_MOST_AGE: Final = timedelta(minutes=5)
_LEEWAY_S: Final = 60
_METHODS: Final = ("client_secret_basic", "client_secret_post", "private_key_jwt")
_DUMMY: Final = bytes(32)


def authenticate(
    connection: Connection, desk: Desk, given: Mapping[str, str], authorization: str | None, *, at: datetime
) -> Application:
    """The application that has proven who it is, in the one way that was laid down for it.

    Args:
        given: the parameters of its request.
        authorization: the header of that name.
    Raises:
        IdentityRejected: application_proof. It does not say whether such an application exists.
    """
    basic = None if authorization is None else _basic(authorization)
    used = [
        name
        for name, is_used in zip(
            _METHODS, (basic is not None, "client_secret" in given, "client_assertion" in given), strict=True
        )
        if is_used
    ]
    if len(used) > 1:
        raise _unproven(f"{len(used)} proofs", "one")
    if used == ["private_key_jwt"]:
        return _by_assertion(connection, desk, given, at)
    claimed, secret = basic or (given.get("client_id", ""), given.get("client_secret", ""))
    if basic is not None and given.get("client_id", claimed) != claimed:
        raise _unproven("two ids", "one")
    method = used[0] if used else "none"
    try:
        application, kept = active_application(connection, claimed)
    except IdentityRejected:
        hmac.compare_digest(digest_of(secret), _DUMMY)
        raise _unproven("unknown, or a wrong secret", "the proof laid down for it") from None
    right = kept is None or hmac.compare_digest(digest_of(secret), kept)
    if application.authentication != method or not right or (kept is None) is not (method == "none"):
        raise _unproven("unknown, or a wrong secret", "the proof laid down for it")
    return application


def _unproven(found: str, expected: str) -> IdentityRejected:
    return refuse("application_proof", found=found, expected=expected)


def _basic(header: str) -> tuple[str, str]:
    """Id and secret of HTTP Basic, each form-encoded inside (RFC 6749, 2.3.1)."""
    scheme, _, rest = header.partition(" ")
    try:
        octets = base64.b64decode(rest.strip(), validate=True)
        name, colon, secret = octets.decode("utf-8").partition(":")
    except (binascii.Error, ValueError):
        raise _unproven("a header that cannot be read", "Basic") from None
    if scheme.lower() != "basic" or not colon:
        raise _unproven("a header that cannot be read", "Basic")
    return unquote_plus(name), unquote_plus(secret)


def _by_assertion(connection: Connection, desk: Desk, given: Mapping[str, str], at: datetime) -> Application:
    """Whoever signed a token for us with a key that is known as theirs, once (RFC 7523, 3)."""
    if given.get("client_assertion_type") != _ASSERTION_TYPE:
        raise _unproven("another type of assertion", _ASSERTION_TYPE)
    token = given["client_assertion"]
    try:
        unverified = read_unverified(token).claims_unverified
        claimed, meant = unverified.get("sub"), unverified.get("aud")
        if not isinstance(claimed, str) or given.get("client_id", claimed) != claimed:
            raise _unproven("another id", "sub as client_id")
        application, _ = active_application(connection, claimed)
        if application.authentication != "private_key_jwt" or application.keys is None:
            raise _unproven("an assertion", application.authentication)
        issuer, here = desk.settings.issuer_for(application.algorithm), desk.settings.address("token")
        listed = meant if isinstance(meant, (list, tuple)) else (meant,)
        expected = ExpectedClaims(
            issuer=claimed,
            audience=here if here in listed else issuer,
            required=frozenset({"exp", "iat", "jti", "sub"}),
            leeway_s=_LEEWAY_S,
            max_age_s=int(_MOST_AGE.total_seconds()),
        )
        verified = verify_token(
            token, application.keys, algorithms=("SGD_SM3_SM2", "ES256", "RS256"), expected=expected, at=at
        )
    except (InputError, VerificationError) as error:
        raise _unproven("an assertion that is not acceptable", "one signed for us with a known key") from error
    until = at + _MOST_AGE + timedelta(seconds=2 * _LEEWAY_S)
    if not _ASSERTIONS.use_once(connection, f"{claimed}\0{verified.token_id}", at=at, until=until):
        raise _unproven("an assertion that was used before", "a new one")
    return application
