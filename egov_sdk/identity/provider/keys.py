"""The keys with which the provider signs: SM2, and P-256 for stock clients; published as a key set."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Self

from egov_sdk.crypto import Signer, SM2PrivateKey
from egov_sdk.crypto.jose import KeySet, TokenKey, load_jwks, sign_token
from egov_sdk.identity.callbacks import Random
from egov_sdk.identity.problems import unreadable
from egov_sdk.identity.provider.applications import TokenAlgorithm

__all__ = ["ALGORITHMS", "ProviderKeys"]

ALGORITHMS: Final[tuple[TokenAlgorithm, ...]] = ("SGD_SM3_SM2", "ES256")


@dataclass(frozen=True, slots=True)
class ProviderKeys:
    """One private key per algorithm, and the public ones of before, so that tokens under way stay good.

    Programs that work side by side need the same keys: keep them with ``to_json``, or hand over a device's ``Signer``.
    """

    sm2: TokenKey
    es256: TokenKey
    retired: tuple[TokenKey, ...] = field(default=())

    def __post_init__(self) -> None:
        for key, algorithm in ((self.sm2, "SGD_SM3_SM2"), (self.es256, "ES256")):
            if not key.fits(algorithm, private=True) or key.key_id is None:
                raise ValueError(f"a private key for {algorithm} with an id is needed")

    @classmethod
    def generate(cls, *, signer: Signer | None = None, random: Random = os.urandom) -> Self:
        """New keys; the SM2 one lies in ``signer`` where that is given."""
        sm2 = TokenKey.sm2(signer or SM2PrivateKey.generate(random=random), algorithm="SGD_SM3_SM2")
        es256 = TokenKey.generate("ES256", random=random)
        return cls(_named(sm2), _named(es256))

    def rotated(self, *, signer: Signer | None = None, random: Random = os.urandom) -> ProviderKeys:
        """New keys to sign with; these stay published. Drop them with ``without_retired`` when no token needs them."""
        new = ProviderKeys.generate(signer=signer, random=random)
        return replace(new, retired=(self.sm2.public(), self.es256.public(), *self.retired))

    def without_retired(self) -> ProviderKeys:
        """These keys without those of before: what they signed is void from now on."""
        return replace(self, retired=())

    def to_json(self) -> str:
        """The keys as JSON, private parts included: a file for the provider alone.

        Raises:
            ValueError: the SM2 key lies in a device.
        """
        private = [key.to_jwk(private=True) for key in (self.sm2, self.es256)]
        return json.dumps({"keys": private + [key.to_jwk() for key in self.retired]})

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Read what to_json wrote.

        Raises:
            InputError: it is something else.
        """
        keys = load_jwks(text, private=True).keys
        private = [key for key in keys if key.is_private]
        by_algorithm = {
            algorithm: [key for key in private if key.fits(algorithm, private=True)] for algorithm in ALGORITHMS
        }
        if len(private) != len(ALGORITHMS) or any(len(found) != 1 for found in by_algorithm.values()):
            raise unreadable("kept", name=cls.__name__, found=f"{len(private)} private keys")
        try:
            return cls(private[0], private[1], tuple(key for key in keys if not key.is_private))
        except ValueError as error:
            raise unreadable("kept", name=cls.__name__, found=str(error)) from None

    def public(self, *, stock: bool = False) -> KeySet:
        """What the provider publishes; to stock clients, nothing that they might not know."""
        keys = KeySet.of([self.sm2.public(), self.es256.public(), *self.retired])
        return KeySet.of(key for key in keys if key.kind == "p256") if stock else keys

    def sign(self, claims: Mapping[str, object], *, algorithm: TokenAlgorithm, random: Random = os.urandom) -> str:
        """Sign claims for an application that expects that algorithm."""
        key = self.sm2 if algorithm == "SGD_SM3_SM2" else self.es256
        return sign_token(claims, key, algorithm=algorithm, random=random)


def _named(key: TokenKey) -> TokenKey:
    """The key under its thumbprint, which no other key has."""
    return replace(key, key_id=key.thumbprint(digest="sm3")[:22], use="sig")
