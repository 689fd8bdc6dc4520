"""Keys as tokens use them: one kind each, and from the kind follows what a key may do."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, NoReturn, Self

from egov_sdk.crypto._jose.encoding import to_base64url
from egov_sdk.crypto.hashes import sm3
from egov_sdk.crypto.keys import DEFAULT_SIGNER_ID, Random, SM2PrivateKey, SM2PublicKey
from egov_sdk.crypto.signer import Signer
from egov_sdk.report import Text

if TYPE_CHECKING:
    from joserfc.jwk import ECKey, Key, RSAKey

__all__ = [
    "Algorithm",
    "ContentAlgorithm",
    "KeyAlgorithm",
    "KeyKind",
    "KeySet",
    "KeyUse",
    "SignatureAlgorithm",
    "SkippedKey",
    "TokenKey",
]

#: GM/T 0125-2022 for the names with SGD, RFC 7518 for the others.
SignatureAlgorithm = Literal["SGD_SM3_SM2", "SGD_SM3_HMAC", "ES256", "RS256"]
KeyAlgorithm = Literal["SGD_SM2_3", "dir"]
ContentAlgorithm = Literal["SGD_SM4_GCM", "SGD_SM4_CCM"]
Algorithm = SignatureAlgorithm | KeyAlgorithm
KeyKind = Literal["sm2", "secret", "p256", "rsa"]
KeyUse = Literal["sig", "enc"]

CURVE: Final = "sm2p256v1"
#: What programs write for SGD_SM3_SM2.
SM2_ALIASES: Final = frozenset({"SM2-SM3", "SM2"})
_HMAC_BYTES, _SM4_BYTES = 32, 16
_SIGNING: Final[frozenset[Algorithm]] = frozenset({"SGD_SM3_SM2", "SGD_SM3_HMAC", "ES256", "RS256"})
_OF_KIND: Final[Mapping[KeyKind, frozenset[Algorithm]]] = {
    "sm2": frozenset({"SGD_SM3_SM2", "SGD_SM2_3"}),
    "p256": frozenset({"ES256"}),
    "rsa": frozenset({"RS256"}),
}
_PEM_MARKS = (b"-----BEGIN", b"---- BEGIN", b"ssh-", b"ecdsa-")


def _of_secret(octets: bytes) -> frozenset[Algorithm]:
    if len(octets) == _SM4_BYTES:
        return frozenset({"dir"})
    return frozenset({"SGD_SM3_HMAC"}) if len(octets) >= _HMAC_BYTES else frozenset()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TokenKey:
    """A key of one kind with what it may do. It shows no secret; make one with ``sm2``, ``secret`` or ``generate``.

    A key serves only the algorithms of its kind: a public key is never taken for the secret of an HMAC.
    ``notes`` names what was unusual about it where it was read; ``LENIENCIES`` has the words.
    """

    kind: KeyKind
    algorithms: frozenset[Algorithm]
    key_id: str | None = None
    use: KeyUse | None = None
    signer_id: bytes = DEFAULT_SIGNER_ID
    notes: tuple[str, ...] = ()
    _public: SM2PublicKey | None = None
    _signer: Signer | None = None
    _octets: bytes | None = None
    _stock: ECKey | RSAKey | None = None
    _carrier: Key | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        if [self._public, self._octets, self._stock].count(None) != 2:
            raise TypeError("use TokenKey.sm2, TokenKey.secret, TokenKey.generate or load_jwk")
        narrowed = self.algorithms & (_of_secret(self._octets) if self._octets is not None else _OF_KIND[self.kind])
        if self.use is not None:
            narrowed &= _SIGNING if self.use == "sig" else frozenset({"SGD_SM2_3", "dir"})
        if not narrowed:
            raise ValueError("this key can do nothing of what it is meant for")
        if self.key_id == "":
            raise ValueError("key_id must not be empty")
        object.__setattr__(self, "algorithms", narrowed)

    @classmethod
    def sm2(
        cls,
        key: SM2PublicKey | Signer,
        *,
        key_id: str | None = None,
        use: KeyUse | None = None,
        algorithm: Algorithm | None = None,
        signer_id: bytes = DEFAULT_SIGNER_ID,
    ) -> Self:
        """An SM2 key: a public one, a private one, or a device that signs.

        Args:
            key_id: the ``kid`` of its tokens.
            use: ``sig`` or ``enc``; both when left out.
            algorithm: the only one it shall be used for.
            signer_id: the identity (可辨别标识) in its signatures.
        """
        allowed = _OF_KIND["sm2"] if algorithm is None else frozenset({algorithm})
        if isinstance(key, SM2PublicKey):
            return cls("sm2", allowed, key_id, use, signer_id, _public=key)
        return cls("sm2", allowed, key_id, use, signer_id, _public=key.public_key(), _signer=key)

    @classmethod
    def secret(cls, octets: bytes, *, key_id: str | None = None, algorithm: Algorithm | None = None) -> Self:
        """A shared secret: 16 bytes encrypt (``dir``), 32 bytes or more authenticate (``SGD_SM3_HMAC``).

        Raises:
            ValueError: another length, or the text of a public key or certificate.
        """
        octets = bytes(octets)
        if octets.lstrip().startswith(_PEM_MARKS):
            raise ValueError("a key file or certificate is no secret")
        if not _of_secret(octets):
            raise ValueError(
                f"a secret has {_SM4_BYTES} bytes for encryption or at least {_HMAC_BYTES}, got {len(octets)}"
            )
        allowed = _of_secret(octets) if algorithm is None else frozenset({algorithm})
        return cls("secret", allowed, key_id, _octets=octets)

    @classmethod
    def generate(
        cls,
        algorithm: Literal["SGD_SM3_SM2", "SGD_SM3_HMAC", "ES256", "SGD_SM2_3", "dir"],
        *,
        key_id: str | None = None,
        random: Random = os.urandom,
    ) -> Self:
        """A new key for one algorithm."""
        if algorithm in ("SGD_SM3_SM2", "SGD_SM2_3"):
            return cls.sm2(SM2PrivateKey.generate(random=random), key_id=key_id, algorithm=algorithm)
        if algorithm == "ES256":
            from egov_sdk.crypto._jose.engine import new_p256

            return cls("p256", frozenset({algorithm}), key_id, _stock=new_p256(random))
        if algorithm not in ("SGD_SM3_HMAC", "dir"):
            raise ValueError(f"keys for {algorithm} are not made here")
        size = _SM4_BYTES if algorithm == "dir" else _HMAC_BYTES
        return cls.secret(random(size), key_id=key_id, algorithm=algorithm)

    @property
    def is_private(self) -> bool:
        """Whether it can sign or decrypt; a secret always can."""
        if self._stock is not None:
            return self._stock.is_private
        return self._octets is not None or self._signer is not None

    @property
    def sm2_public_key(self) -> SM2PublicKey | None:
        """The public key, of an SM2 key."""
        return self._public

    def public(self) -> TokenKey:
        """The same key without its private part.

        Raises:
            ValueError: a secret has no public part.
        """
        if self._octets is not None:
            raise ValueError("a secret has no public part")
        if not self.is_private:
            return self
        if self._stock is not None:
            from egov_sdk.crypto._jose.engine import public_stock

            return TokenKey(self.kind, self.algorithms, self.key_id, self.use, _stock=public_stock(self._stock))
        return TokenKey("sm2", self.algorithms, self.key_id, self.use, self.signer_id, self.notes, self._public)

    def fits(self, algorithm: str, *, private: bool) -> bool:
        """Whether it may be used for an algorithm, and has the private part where that is needed."""
        if algorithm not in self.algorithms or (private and not self.is_private):
            return False
        return algorithm != "SGD_SM2_3" or not private or isinstance(self._signer, SM2PrivateKey)

    def members(self, *, private: bool = False) -> dict[str, str]:
        """The members that make the key (RFC 7518, 6), without kid, use and alg.

        Raises:
            ValueError: the private part is asked for and is not here, or the public part of a secret.
        """
        if not private and self._octets is not None:
            raise ValueError("a secret has no public part")
        if private and not self.is_private:
            raise ValueError("the private part of this key is not here")
        if self._octets is not None:
            return {"kty": "oct", "k": to_base64url(self._octets)}
        if self._stock is not None:
            from egov_sdk.crypto._jose.engine import stock_members

            return stock_members(self._stock, private=private)
        assert self._public is not None
        point = self._public.point
        made = {"kty": "EC", "crv": CURVE, "x": to_base64url(point[:32]), "y": to_base64url(point[32:])}
        if private:
            if not isinstance(self._signer, SM2PrivateKey):
                raise ValueError("the private part of this key stays in its device")
            made["d"] = to_base64url(self._signer._d)
        return made

    def to_jwk(self, *, private: bool = False) -> dict[str, str]:
        """The key as a JWK: what can be published, or with ``private`` what must be kept.

        Raises:
            ValueError: the private part is asked for and is not here, or the public part of a secret.
        Source:
            RFC 7517; GM/T 0125.4 for the curve name sm2p256v1.
        """
        made = self.members(private=private)
        if self.key_id is not None:
            made["kid"] = self.key_id
        if self.use is not None:
            made["use"] = self.use
        if len(self.algorithms) == 1:
            made["alg"] = next(iter(self.algorithms))
        return made

    def thumbprint(self, *, digest: Literal["sha256", "sm3"] = "sha256") -> str:
        """The thumbprint of RFC 7638 in Base64url; the curve of SM2 is written sm2p256v1.

        A secret has none: its thumbprint would let others test guesses.

        Raises:
            ValueError: it is a secret.
        """
        text = json.dumps(self.members(), sort_keys=True, separators=(",", ":")).encode("ascii")
        return to_base64url(sm3(text) if digest == "sm3" else hashlib.sha256(text).digest())

    def carrier(self) -> Key:
        """The key as joserfc wants to see it; made once."""
        if self._carrier is None:
            from egov_sdk.crypto._jose.engine import carrier

            object.__setattr__(self, "_carrier", carrier(self))
        assert self._carrier is not None
        return self._carrier

    def __reduce__(self) -> NoReturn:
        raise TypeError("keys of tokens are not pickled; keep to_jwk() or to_jwk(private=True)")

    def __repr__(self) -> str:
        named = f" {self.key_id!r}" if self.key_id else ""
        return f"<TokenKey{named} {self.kind} for {', '.join(sorted(self.algorithms))}>"


@dataclass(frozen=True, slots=True)
class SkippedKey:
    """A key of a set that was left out: its place from 0, its ``kid`` if it had one, and why."""

    index: int
    key_id: str | None
    code: str
    message: Text


@dataclass(frozen=True, slots=True)
class KeySet:
    """Keys to choose from, and those of a published set that could not be used."""

    keys: tuple[TokenKey, ...]
    skipped: tuple[SkippedKey, ...] = ()
    _by_id: dict[str | None, tuple[TokenKey, ...]] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        for key in self.keys:
            self._by_id[key.key_id] = (*self._by_id.get(key.key_id, ()), key)

    @classmethod
    def of(cls, keys: Iterable[TokenKey]) -> Self:
        """A set of these keys."""
        return cls(tuple(keys))

    def named(self, key_id: str) -> tuple[TokenKey, ...]:
        """The keys with that ``kid``, compared to the letter."""
        return self._by_id.get(key_id, ())

    def to_jwks(self) -> dict[str, list[dict[str, str]]]:
        """The set as it can be published: public parts only, and no secrets."""
        return {"keys": [key.public().to_jwk() for key in self.keys if key.kind != "secret"]}

    def __iter__(self) -> Iterator[TokenKey]:
        return iter(self.keys)

    def __len__(self) -> int:
        return len(self.keys)
