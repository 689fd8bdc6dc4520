"""Encrypted tokens (JWE, compact form): the content under SM4, its key under SM2 or agreed beforehand."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final, cast, get_args

from egov_sdk.crypto._jose.encoding import DEFAULT_JOSE_LIMITS, JoseLimits
from egov_sdk.crypto._jose.header import Header, read_header, split
from egov_sdk.crypto._jose.keys import ContentAlgorithm, KeyAlgorithm, KeySet, TokenKey
from egov_sdk.crypto._jose.problems import reject
from egov_sdk.crypto._jose.signing import candidates
from egov_sdk.crypto.keys import Random
from egov_sdk.errors import InputError, VerificationError

__all__ = ["DecryptedToken", "decrypt_token", "encrypt_token"]

_KEY_NAMES: Final[frozenset[str]] = frozenset(get_args(KeyAlgorithm))
_CONTENT_NAMES: Final[frozenset[str]] = frozenset(get_args(ContentAlgorithm))
_RESERVED: Final = frozenset({"alg", "enc", "kid", "cty", "crit", "b64", "zip"})
#: A DER SM2Cipher begins with 30, which Base64url writes as M; the raw form begins with 04, which it writes as B.
_RAW_LEAD: Final = b"B"


@dataclass(frozen=True, slots=True)
class DecryptedToken:
    """What was encrypted. Anybody who has the public key can have written it: verify a signature inside, or trust
    nothing of it. ``notes`` names what was unusual."""

    plaintext: bytes = field(repr=False)
    header: Mapping[str, object] = field(repr=False)
    algorithm: KeyAlgorithm
    content_algorithm: ContentAlgorithm
    content_type: str | None
    key: TokenKey
    notes: tuple[str, ...]


def encrypt_token(
    plaintext: bytes | str,
    key: TokenKey,
    *,
    algorithm: KeyAlgorithm | None = None,
    content_algorithm: ContentAlgorithm = "SGD_SM4_GCM",
    content_type: str | None = None,
    header: Mapping[str, object] | None = None,
    random: Random = os.urandom,
) -> str:
    """Encrypt bytes, or a signed token, to the holder of an SM2 key or of a shared SM4 key.

    Args:
        algorithm: SGD_SM2_3 for an SM2 key, dir for a secret of 16 bytes; follows from the key when left out.
        content_type: ``cty``; JWT when the plaintext is a token.
        header: further members; those that decide how the token is read cannot be among them.
    Raises:
        ValueError: the key is not for encryption, an algorithm is not known, or the header has a reserved member.
    Source:
        RFC 7516, 5.1; GM/T 0125.3-2022. The encrypted key is DER, the nonce 12 and the tag 16 bytes, as the programs
        met write them.
    """
    from joserfc import jwe

    from egov_sdk.crypto._jose import engine

    chosen = _key_algorithm(key, algorithm)
    if content_algorithm not in _CONTENT_NAMES:
        raise ValueError(f"content_algorithm must be one of {', '.join(sorted(_CONTENT_NAMES))}")
    members: dict[str, object] = {"alg": chosen, "enc": content_algorithm}
    if key.key_id is not None:
        members["kid"] = key.key_id
    if content_type is not None:
        members["cty"] = content_type
    if reserved := _RESERVED.intersection(header or ()):
        raise ValueError(f"the header's {', '.join(sorted(reserved))} cannot be given")
    members |= header or {}
    json.dumps(members, allow_nan=False)
    registry = engine.encryption_registry((chosen, content_algorithm), DEFAULT_JOSE_LIMITS, random=random)
    carrier = engine.carrier(key, random=random)
    return jwe.encrypt_compact(members, plaintext, carrier, registry=registry)


def _key_algorithm(key: TokenKey, algorithm: KeyAlgorithm | None) -> KeyAlgorithm:
    able = key.algorithms & _KEY_NAMES
    if algorithm is None and len(able) == 1:
        return cast("KeyAlgorithm", next(iter(able)))
    if algorithm is None or algorithm not in able:
        raise ValueError(f"{key!r} cannot encrypt{f' with {algorithm}' if algorithm else ''}")
    return algorithm


def decrypt_token(
    token: str | bytes,
    keys: TokenKey | KeySet,
    *,
    algorithms: Collection[KeyAlgorithm],
    content_algorithms: Collection[ContentAlgorithm],
    limits: JoseLimits = DEFAULT_JOSE_LIMITS,
) -> DecryptedToken:
    """Decrypt a token with a private SM2 key or a shared SM4 key. What comes out is authentic only if it is signed.

    Args:
        keys: one key, or a set from which the token's ``kid`` chooses.
        algorithms, content_algorithms: those that are accepted; there is no default.
    Raises:
        InputError: it is no such token, or too long.
        TokenRejected: it is not acceptable; one and the same code, ``egov.crypto.token.decryption``, for all that can
            go wrong once the key is chosen.
        ValueError: a list of algorithms is empty or names another one.
    Source:
        RFC 7516, 5.2; GM/T 0125.3-2022.
    """
    for given, known in ((algorithms, _KEY_NAMES), (content_algorithms, _CONTENT_NAMES)):
        if isinstance(given, str):
            raise TypeError("algorithms are a collection of names, not one text")
        if not given or not known.issuperset(given):
            raise ValueError(f"algorithms must be some of {', '.join(sorted(known))}; got {sorted(given)}")
    token, parts = split(token, parts=5, limits=limits)
    header = read_header(parts[0], limits)
    for name, found, allowed in (
        ("alg", header.algorithm, algorithms),
        ("enc", header.encryption, content_algorithms),
    ):
        if found not in allowed:
            raise reject("token.algorithm", name=name, found=found, expected=", ".join(sorted(allowed)))
    fit = candidates(keys, header, header.algorithm, private=True, limits=limits)
    plaintext, key = _opened_by(token, fit, header, limits)
    notes = ("token_wrapped_key_raw",) if header.algorithm == "SGD_SM2_3" and parts[1][:1] == _RAW_LEAD else ()
    return DecryptedToken(
        plaintext,
        header.members,
        cast("KeyAlgorithm", header.algorithm),
        cast("ContentAlgorithm", header.encryption),
        header.content_type,
        key,
        notes + ("token_key_in_header",) * header.offers_key,
    )


def _opened_by(token: bytes, fit: list[TokenKey], header: Header, limits: JoseLimits) -> tuple[bytes, TokenKey]:
    from joserfc import jwe
    from joserfc.errors import JoseError

    from egov_sdk.crypto._jose import engine

    registry = engine.encryption_registry((header.algorithm, str(header.encryption)), limits)
    for key in fit:
        try:
            opened = jwe.decrypt_compact(token, key.carrier(), registry=registry)
        except (JoseError, InputError, VerificationError, ValueError, TypeError, AssertionError):
            continue
        return opened.plaintext or b"", key
    raise reject("token.decryption", found=fit[0].key_id or fit[0].kind)
