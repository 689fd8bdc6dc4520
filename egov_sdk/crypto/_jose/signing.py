"""Signed tokens (JWS, compact form): make them, verify them, and read them unverified where that must be."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, cast, get_args

from egov_sdk.crypto._jose.claims import ExpectedClaims, audiences, check_at, seconds_of, type_fits
from egov_sdk.crypto._jose.encoding import (
    DEFAULT_JOSE_LIMITS,
    JoseLimits,
    from_base64url,
    frozen_object,
    read_object,
)
from egov_sdk.crypto._jose.header import Header, read_header, split
from egov_sdk.crypto._jose.keys import SM2_ALIASES, KeySet, SignatureAlgorithm, TokenKey
from egov_sdk.crypto._jose.problems import bad, reject
from egov_sdk.crypto.keys import Random

if TYPE_CHECKING:
    from joserfc.jws import JWSRegistry

__all__ = [
    "SignatureForm",
    "UnverifiedToken",
    "VerifiedPayload",
    "VerifiedToken",
    "read_unverified",
    "sign_payload",
    "sign_token",
    "verify_payload",
    "verify_token",
]

SignatureForm = Literal["der", "raw"]

_NAMES: Final[frozenset[str]] = frozenset(get_args(SignatureAlgorithm))
#: 64 bytes in Base64url: only r || s of SM2 is that long, or by a chance of 2^-60 a very short DER.
_RAW_CHARS: Final = 86
_RESERVED: Final = frozenset({"alg", "kid", "typ", "crit", "b64", "zip", "enc"})
_MOMENTS: Final = ("exp", "nbf", "iat", "auth_time")


@dataclass(frozen=True, slots=True)
class VerifiedPayload:
    """What was signed, and by which key. ``signature_form`` says how an SM2 signature was written.

    ``algorithm`` is the name of GM/T 0125 or RFC 7518, whatever the header calls it; ``notes`` names what was unusual.
    """

    payload: bytes = field(repr=False)
    header: Mapping[str, object] = field(repr=False)
    algorithm: SignatureAlgorithm
    key: TokenKey
    signature_form: SignatureForm | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VerifiedToken:
    """Claims that were signed by a known key and are what was expected of them. ``repr`` shows no claim."""

    claims: Mapping[str, object] = field(repr=False)
    header: Mapping[str, object] = field(repr=False)
    algorithm: SignatureAlgorithm
    key: TokenKey
    signature_form: SignatureForm | None
    notes: tuple[str, ...]

    @property
    def issuer(self) -> str | None:
        return cast("str | None", self.claims.get("iss"))

    @property
    def subject(self) -> str | None:
        return cast("str | None", self.claims.get("sub"))

    @property
    def audience(self) -> tuple[str, ...]:
        return audiences(self.claims)

    @property
    def token_id(self) -> str | None:
        """``jti``, by which replays are noticed. The token's own text is no such mark: a signature has two forms."""
        return cast("str | None", self.claims.get("jti"))

    @property
    def expires_at(self) -> datetime | None:
        return self._moment("exp")

    @property
    def issued_at(self) -> datetime | None:
        return self._moment("iat")

    def _moment(self, name: str) -> datetime | None:
        value = self.claims.get(name)
        return None if value is None else datetime.fromtimestamp(cast("float", value), UTC)


@dataclass(frozen=True, slots=True)
class UnverifiedToken:
    """What a token says of itself, which anybody can write. It is for choosing keys, and for nothing else."""

    header_unverified: Mapping[str, object] = field(repr=False)
    claims_unverified: Mapping[str, object] = field(repr=False)


def read_unverified(token: str | bytes, *, limits: JoseLimits = DEFAULT_JOSE_LIMITS) -> UnverifiedToken:
    """The header and the claims of a signed token without verifying it, such as to learn whose keys to fetch.

    Raises:
        InputError: it is no token that can be read.
        TokenRejected: its header demands extensions.
    """
    _, parts = split(token, parts=3, limits=limits)
    header = read_header(parts[0], limits)
    try:
        payload = from_base64url(parts[1])
    except ValueError:
        raise bad("token.base64", part="payload") from None
    return UnverifiedToken(header.members, frozen_object(_claims(payload, limits)))


def _claims(payload: bytes, limits: JoseLimits) -> dict[str, object]:
    return read_object(payload, problem="token.json", part="payload", limits=limits)


@lru_cache(maxsize=64)
def _allowed(algorithms: frozenset[str], limits: JoseLimits) -> tuple[dict[str, SignatureAlgorithm], JWSRegistry]:
    """The names that may stand in a header with what they mean, and the registry for them."""
    from egov_sdk.crypto._jose.engine import signature_registry

    if not algorithms or not algorithms <= _NAMES:
        raise ValueError(f"algorithms must be some of {', '.join(sorted(_NAMES))}; got {sorted(algorithms)}")
    names = {name: cast("SignatureAlgorithm", name) for name in algorithms}
    if "SGD_SM3_SM2" in algorithms:
        names |= dict.fromkeys(SM2_ALIASES, "SGD_SM3_SM2")
    return names, signature_registry(algorithms, limits)


def _checked_names(algorithms: Collection[str]) -> frozenset[str]:
    if isinstance(algorithms, str):
        raise TypeError("algorithms is a collection of names, not one text")
    return frozenset(algorithms)


def candidates(
    keys: TokenKey | KeySet, header: Header, algorithm: str, *, private: bool, limits: JoseLimits
) -> list[TokenKey]:
    """The keys that may have made a token, or can open it: by its key id to the letter, and by what they are for.

    Raises:
        TokenRejected: there is none, or there are too many to try.
    """
    wanted = header.key_id
    pool: tuple[TokenKey, ...]
    if isinstance(keys, TokenKey):
        pool = (keys,) if wanted is None or keys.key_id is None or keys.key_id == wanted else ()
    else:
        pool = keys.keys if wanted is None else keys.named(wanted)
    if not pool:
        raise reject("token.unknown_key", found=wanted)
    fit = [key for key in pool if key.fits(algorithm, private=private)]
    if not fit:
        raise reject("token.unfit_key", found=wanted, expected=algorithm)
    if len(fit) > limits.candidates:
        raise reject("token.ambiguous_key", found=len(fit), expected=limits.candidates)
    return fit


def _verify(
    token: str | bytes, keys: TokenKey | KeySet, algorithms: Collection[str], limits: JoseLimits
) -> tuple[bytes, Header, SignatureAlgorithm, TokenKey, SignatureForm | None, tuple[str, ...]]:
    names, registry = _allowed(_checked_names(algorithms), limits)
    token, parts = split(token, parts=3, limits=limits)
    header = read_header(parts[0], limits)
    algorithm = names.get(header.algorithm)
    if algorithm is None:
        if header.algorithm.casefold() == "none":
            raise reject("token.unsigned")
        raise reject("token.algorithm", name="alg", found=header.algorithm, expected=", ".join(sorted(names)))
    fit = candidates(keys, header, algorithm, private=False, limits=limits)
    key, payload = _signed_by(token, fit, registry)
    notes: tuple[str, ...] = () if header.algorithm == algorithm else ("token_algorithm_alias",)
    if header.offers_key:
        notes += ("token_key_in_header",)
    form: SignatureForm | None = None
    if algorithm == "SGD_SM3_SM2":
        form = "raw" if len(parts[2]) == _RAW_CHARS else "der"
    return payload, header, algorithm, key, form, notes


def _signed_by(token: bytes, fit: list[TokenKey], registry: JWSRegistry) -> tuple[TokenKey, bytes]:
    from joserfc import jws
    from joserfc.errors import JoseError

    try:
        read = jws.extract_compact(token, None, registry)
    except (JoseError, ValueError):
        raise bad("token.base64", part="payload") from None
    for key in fit:
        if jws.validate_compact(read, key.carrier(), registry=registry):
            return key, read.payload
    raise reject("token.signature", found=fit[0].key_id or fit[0].kind)


def verify_payload(
    token: str | bytes,
    keys: TokenKey | KeySet,
    *,
    algorithms: Collection[SignatureAlgorithm],
    limits: JoseLimits = DEFAULT_JOSE_LIMITS,
) -> VerifiedPayload:
    """Verify a signature in compact form over any bytes. For claims take ``verify_token``: this looks at no time.

    Raises:
        InputError: it is no such text.
        TokenRejected: it is not acceptable; the code says why.
        ValueError: algorithms is empty or names another one.
    Source:
        RFC 7515, 5.2; GM/T 0125.2-2022.
    """
    payload, header, algorithm, key, form, notes = _verify(token, keys, algorithms, limits)
    return VerifiedPayload(payload, header.members, algorithm, key, form, notes)


def verify_token(
    token: str | bytes,
    keys: TokenKey | KeySet,
    *,
    algorithms: Collection[SignatureAlgorithm],
    expected: ExpectedClaims,
    at: datetime,
    limits: JoseLimits = DEFAULT_JOSE_LIMITS,
) -> VerifiedToken:
    """Verify a token: its algorithm is one of those given, a key given signed it, and its claims are as expected.

    An SM2 signature may be DER or r || s; ``signature_form`` says which it was. A key in the header, or a place to
    fetch one from, is never looked at.

    Args:
        keys: one key, or a set from which the token's ``kid`` chooses. A key without an id takes any ``kid``.
        algorithms: those that are accepted, and no default. SGD_SM3_SM2 takes its aliases SM2-SM3 and SM2 with it.
        at: now.
    Raises:
        InputError: it is no token, or too long.
        TokenRejected: it is not acceptable; the code says why.
        ValueError: ``at`` has no time zone, or algorithms is empty or names another one.
    Source:
        RFC 7519, 7.2; GM/T 0125.2-2022.
    """
    now = seconds_of(at)
    payload, header, algorithm, key, form, notes = _verify(token, keys, algorithms, limits)
    if expected.media_type is not None and not type_fits(header.type, expected.media_type):
        raise reject("token.type", found=header.type, expected=expected.media_type)
    claims = _claims(payload, limits)
    check_at(claims, expected, now)
    return VerifiedToken(MappingProxyType(claims), header.members, algorithm, key, form, notes)


def sign_payload(
    payload: bytes,
    key: TokenKey,
    *,
    algorithm: SignatureAlgorithm | None = None,
    media_type: str | None = None,
    header: Mapping[str, object] | None = None,
    form: SignatureForm = "der",
    random: Random = os.urandom,
) -> str:
    """Sign any bytes in compact form.

    Args:
        algorithm: the only one that the key has for signing, when left out.
        media_type: ``typ`` in the header.
        header: further members; those that decide how the token is read cannot be among them.
        form: how an SM2 signature is written, ``der`` or r || s as ``raw``. What the standard prescribes is not known
            here; the programs met write DER.
    Raises:
        ValueError: the key cannot sign, or not with that algorithm; or the header has a reserved member.
    Source:
        RFC 7515, 5.1; GM/T 0125.2-2022.
    """
    from joserfc import jws

    from egov_sdk.crypto._jose import engine

    if form not in ("der", "raw"):
        raise ValueError(f"form must be 'der' or 'raw', got {form!r}")
    chosen = _signing_algorithm(key, algorithm)
    members: dict[str, object] = {"alg": chosen}
    if media_type is not None:
        members["typ"] = media_type
    if key.key_id is not None:
        members["kid"] = key.key_id
    if reserved := _RESERVED.intersection(header or ()):
        raise ValueError(f"the header's {', '.join(sorted(reserved))} cannot be given")
    members |= header or {}
    json.dumps(members, allow_nan=False)
    registry = engine.signature_registry(frozenset({chosen}), DEFAULT_JOSE_LIMITS)
    return jws.serialize_compact(members, payload, engine.carrier(key, form=form, random=random), registry=registry)


def _signing_algorithm(key: TokenKey, algorithm: SignatureAlgorithm | None) -> SignatureAlgorithm:
    able = [name for name in sorted(key.algorithms & _NAMES) if key.fits(name, private=True)]
    if algorithm is None and len(able) == 1:
        return cast("SignatureAlgorithm", able[0])
    if algorithm is None or algorithm not in able:
        raise ValueError(f"{key!r} cannot sign{f' with {algorithm}' if algorithm else ''}")
    return algorithm


def sign_token(
    claims: Mapping[str, object],
    key: TokenKey,
    *,
    algorithm: SignatureAlgorithm | None = None,
    media_type: str | None = "JWT",
    header: Mapping[str, object] | None = None,
    form: SignatureForm = "der",
    random: Random = os.urandom,
) -> str:
    """Sign claims as a token. Moments in ``exp``, ``nbf``, ``iat`` and ``auth_time`` may be aware datetimes.

    Args:
        algorithm, media_type, header, form: as for sign_payload.
    Raises:
        ValueError: as sign_payload; or a moment has no time zone, or a number is not finite.
        TypeError: a claim is nothing that JSON can hold.
    Source:
        RFC 7519, 7.1; GM/T 0125.2-2022.
    """
    written = dict(claims)
    for name in _MOMENTS:
        if isinstance(moment := written.get(name), datetime):
            written[name] = int(seconds_of(moment))
    payload = json.dumps(written, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode("utf-8")
    return sign_payload(
        payload, key, algorithm=algorithm, media_type=media_type, header=header, form=form, random=random
    )
