"""Signers: whoever holds a private key and signs digests with it, opened by a key URI."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final, Protocol, runtime_checkable
from urllib.parse import unquote

from egov_sdk.crypto.hashes import Buffer, sm3
from egov_sdk.crypto.keyfiles import DEFAULT_KEY_LIMITS, load_private_key
from egov_sdk.crypto.keys import DEFAULT_SIGNER_ID, SM2PublicKey
from egov_sdk.crypto.signature import raw_to_der
from egov_sdk.errors import KeyAccessError

__all__ = ["Opener", "Secret", "Signer", "key_schemes", "open_signer", "register_key_scheme", "sign_message"]


@runtime_checkable
class Signer(Protocol):
    """Holds one SM2 private key and will not give it away. SM2PrivateKey is one."""

    def public_key(self) -> SM2PublicKey:
        """The public key that belongs to it."""

    def sign_digest(self, digest: bytes) -> bytes:
        """Sign e = SM3(Z || message), 32 bytes; the signature is r || s, 64 bytes."""


#: Called when a password or PIN is needed; gives it, or raises KeyAccessError.
Secret = Callable[[], bytes | str]
#: Opens what follows the scheme in a key URI; secret is None when the caller has none.
Opener = Callable[[str, Secret | None], Signer]


def sign_message(signer: Signer, data: Buffer, *, signer_id: bytes = DEFAULT_SIGNER_ID) -> bytes:
    """Sign ``data`` with any signer; the signature is DER.

    Raises:
        ValueError: signer_id is longer than 8191 bytes.
    Source:
        GB/T 32918.2-2016, 6.1.
    """
    e = sm3(signer.public_key().z(signer_id) + data)
    return raw_to_der(signer.sign_digest(e))


def _open_file(rest: str, secret: Secret | None) -> Signer:
    path = Path(unquote(rest.removeprefix("//") if rest.startswith("///") else rest))
    try:
        with path.open("rb") as file:
            octets = file.read(DEFAULT_KEY_LIMITS.file_bytes + 1)
    except (OSError, ValueError) as error:
        raise KeyAccessError(f"key file {path} cannot be read: {error}", code="egov.key.unreadable") from error
    try:
        return load_private_key(octets)
    except KeyAccessError:
        # encrypted: now, and only now, ask
        if secret is None:
            raise
    return load_private_key(octets, password=secret())


_openers: Final[dict[str, Opener]] = {"file": _open_file}


def key_schemes() -> tuple[str, ...]:
    """The schemes that open_signer knows, in alphabetical order."""
    return tuple(sorted(_openers))


def register_key_scheme(scheme: str, opener: Opener) -> None:
    """Teach open_signer a scheme, or replace what opens one.

    Raises:
        ValueError: not a scheme by RFC 3986: a letter, then letters, digits, + - .
    """
    if not scheme[:1].isalpha() or not scheme.isascii() or not all(c.isalnum() or c in "+-." for c in scheme):
        raise ValueError(f"not a URI scheme: {scheme!r}")
    _openers[scheme.lower()] = opener


def open_signer(uri: str, *, secret: Secret | None = None) -> Signer:
    """Open the signer that a key URI names, such as ``file:/etc/keys/bureau.pem``.

    Args:
        secret: called only if the key asks for a password or PIN; it never stands in the URI.
    Raises:
        ValueError: no scheme, or one that nobody registered.
        KeyAccessError: the key cannot be read, or the password is missing or wrong.
        InputError: the key file is malformed.
    """
    scheme, colon, rest = uri.partition(":")
    opener = _openers.get(scheme.lower()) if colon else None
    if opener is None:
        raise ValueError(f"key URI must begin with one of {', '.join(f'{name}:' for name in key_schemes())}")
    return opener(rest, secret)
