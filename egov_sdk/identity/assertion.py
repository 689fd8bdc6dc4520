"""Identity assertions between systems (身份断言): one tells another who is acting, and for whom, once and not for long.

The word of the system that signs is all there is: it vouches for the person and for every delegation in the chain.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final, Self, cast

from pydantic import AwareDatetime, Field, ValidationError, model_validator

from egov_sdk.crypto import Signer
from egov_sdk.crypto.jose import TokenKey, sign_token
from egov_sdk.errors import ParseError
from egov_sdk.frozen import first_misfit
from egov_sdk.identity.callbacks import Random, new_secret
from egov_sdk.identity.model import LegalPerson, UserInfo, _Text, _Word
from egov_sdk.identity.problems import shown
from egov_sdk.identity.wire import parse_userinfo, userinfo_claims
from egov_sdk.pki import Certificate
from egov_sdk.pki.cms import build_signed_data
from egov_sdk.times import aware

__all__ = ["MEDIA_TYPE", "Delegation", "IdentityAssertion", "new_assertion", "sign_as_cms", "sign_as_token"]

#: ``typ`` in the header of the JWT form: no other token of a system can be taken for an assertion.
MEDIA_TYPE: Final = "egov-assertion+jwt"
_VERSION: Final = 1
_MOST_LIFE: Final = timedelta(hours=1)
_DELEGATIONS: Final = 16
_CLAIMS: Final = ("iss", "aud", "jti", "iat", "exp", "egov_assertion", "egov_delegations")


class Delegation(_Word):
    """One who gives and one who acts (委托): for what, from when, until when. Both are ids of the asserting system."""

    principal: Annotated[_Text, Field(min_length=1)]
    principal_name: _Text = ""
    delegate: Annotated[_Text, Field(min_length=1)]
    delegate_name: _Text = ""
    scopes: Annotated[frozenset[_Text], Field(min_length=1, max_length=64)]
    not_before: AwareDatetime
    not_after: AwareDatetime

    def covers(self, at: datetime) -> bool:
        """Whether it is in force; ``not_after`` itself is too late."""
        return self.not_before <= at < self.not_after


class IdentityAssertion(_Word):
    """Who is acting, said by one system to another. ``delegations`` leads from the principal down to who acts."""

    id: Annotated[_Text, Field(min_length=16)]
    issuer: Annotated[_Text, Field(min_length=1)]
    audience: Annotated[_Text, Field(min_length=1)]
    user: UserInfo
    delegations: Annotated[tuple[Delegation, ...], Field(max_length=_DELEGATIONS)] = ()
    issued_at: AwareDatetime
    expires_at: AwareDatetime

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.expires_at <= self.issued_at:
            raise ValueError("it ends before it begins")
        return self

    @property
    def actor(self) -> str:
        """The id of the one who acts: the person, or who acts for the organisation that is signed in."""
        holder = self.user.holder
        if isinstance(holder, LegalPerson) and holder.agent is not None and holder.agent.person.subject:
            return holder.agent.person.subject
        return holder.subject

    def to_claims(self) -> dict[str, object]:
        """The assertion as claims, times in whole seconds."""
        return userinfo_claims(self.user) | {
            "iss": self.issuer,
            "aud": self.audience,
            "jti": self.id,
            "iat": int(self.issued_at.timestamp()),
            "exp": int(self.expires_at.timestamp()),
            "egov_assertion": _VERSION,
            "egov_delegations": [_delegation_claims(one) for one in self.delegations],
        }

    @classmethod
    def from_claims(cls, claims: Mapping[str, object]) -> Self:
        """Read what to_claims gave.

        Raises:
            ParseError: it is something else; egov.identity.assertion.
        """
        if claims.get("egov_assertion") != _VERSION:
            raise malformed("no assertion of this version")
        delegations = claims.get("egov_delegations")
        if not isinstance(delegations, (list, tuple)) or not all(isinstance(one, Mapping) for one in delegations):
            raise malformed("egov_delegations is no list of objects")
        try:
            about = {name: value for name, value in claims.items() if name not in _CLAIMS}
            user = parse_userinfo(about, issuer=_text(claims, "iss"))
            return cls(
                id=_text(claims, "jti"),
                issuer=_text(claims, "iss"),
                audience=_text(claims, "aud"),
                user=user,
                delegations=tuple(_delegation(cast("Mapping[str, object]", one)) for one in delegations),
                issued_at=_moment(claims, "iat"),
                expires_at=_moment(claims, "exp"),
            )
        except ParseError as error:
            raise malformed(error.message) from None
        except ValidationError as error:
            first = first_misfit(error)
            raise malformed(f"{first.place}: {first.kind}") from None


def malformed(found: str) -> ParseError:
    """The error for what is no assertion; the caller raises it."""
    return ParseError(f"not an identity assertion: {shown(found)}", code="egov.identity.assertion", found=shown(found))


def _delegation_claims(delegation: Delegation) -> dict[str, object]:
    claims: dict[str, object] = {
        "principal": delegation.principal,
        "principal_name": delegation.principal_name,
        "delegate": delegation.delegate,
        "delegate_name": delegation.delegate_name,
        "scopes": sorted(delegation.scopes),
        "nbf": int(delegation.not_before.timestamp()),
        "exp": int(delegation.not_after.timestamp()),
    }
    return {name: value for name, value in claims.items() if value != ""}


def _delegation(claims: Mapping[str, object]) -> Delegation:
    scopes = claims.get("scopes")
    if not isinstance(scopes, (list, tuple)) or not all(isinstance(one, str) for one in scopes):
        raise malformed("scopes is no list of texts")
    return Delegation(
        principal=_text(claims, "principal"),
        principal_name=_text(claims, "principal_name"),
        delegate=_text(claims, "delegate"),
        delegate_name=_text(claims, "delegate_name"),
        scopes=frozenset(scopes),
        not_before=_moment(claims, "nbf"),
        not_after=_moment(claims, "exp"),
    )


def _text(claims: Mapping[str, object], name: str) -> str:
    value = claims.get(name, "")
    if not isinstance(value, str):
        raise malformed(f"{name} is no text")
    return value


def _moment(claims: Mapping[str, object], name: str) -> datetime:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << 36:
        raise malformed(f"{name} is no moment in whole seconds")
    return datetime.fromtimestamp(value, UTC)


def new_assertion(
    user: UserInfo,
    *,
    issuer: str,
    audience: str,
    at: datetime,
    delegations: Iterable[Delegation] = (),
    life: timedelta = timedelta(minutes=2),
    random: Random = os.urandom,
) -> IdentityAssertion:
    """Assert to one other system who is acting now.

    Args:
        issuer: this system, as the other one knows it.
        audience: the other system.
        delegations: from the one on whose behalf something is done down to the one who does it.
        life: how long it may be under way, at most an hour; receivers usually allow less.
    Raises:
        ValueError: the time is naive, the life is not possible, or an id is empty.
    """
    aware(at)
    if not timedelta(seconds=1) <= life <= _MOST_LIFE:
        raise ValueError("an assertion lives for a second to an hour")
    return IdentityAssertion(
        id=new_secret(random),
        issuer=issuer,
        audience=audience,
        user=user,
        delegations=tuple(delegations),
        issued_at=at.replace(microsecond=0),
        expires_at=at.replace(microsecond=0) + life,
    )


def sign_as_token(assertion: IdentityAssertion, key: TokenKey, *, random: Random = os.urandom) -> str:
    """The assertion as a JWT with SGD_SM3_SM2, for receivers that have registered the key.

    Raises:
        ValueError: it is no private SM2 key.
    """
    return sign_token(assertion.to_claims(), key, algorithm="SGD_SM3_SM2", media_type=MEDIA_TYPE, random=random)


def sign_as_cms(
    assertion: IdentityAssertion,
    signer: Signer,
    *,
    certificate: Certificate,
    certificates: Iterable[Certificate] = (),
) -> bytes:
    """The assertion as a signed message (GM/T 0010 SignedData) in DER, for receivers that trust the certificate's CA.

    Args:
        certificates: the CAs between the certificate and an anchor.
    Raises:
        ValueError: the certificate is not the signer's.
    """
    content = json.dumps(assertion.to_claims(), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    return build_signed_data(
        signer, certificate, content=content, signing_time=assertion.issued_at, certificates=certificates
    )
