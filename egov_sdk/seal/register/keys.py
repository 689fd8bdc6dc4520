"""The keys of seals at rest: wrapped with SM4-GCM under one key that the program brings along."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final

from egov_sdk.crypto import SM2PrivateKey, load_private_key
from egov_sdk.crypto.sm4 import SM4GCM, InvalidTag
from egov_sdk.errors import InputError
from egov_sdk.seal.problems import refuse

__all__ = ["SealKeys"]

_KEY: Final = 16
_NONCE: Final = 12
_FORM: Final = b"\x01"


class SealKeys:
    """Wraps the private keys of seals, each bound to the number of its seal.

    Args:
        master: 16 bytes; whoever has them and the database has every seal.
    Raises:
        ValueError: it has another length.
    """

    __slots__ = ("_cipher", "_random")

    def __init__(self, master: bytes, *, random: Callable[[int], bytes] = os.urandom) -> None:
        if len(master) != _KEY:
            raise ValueError(f"the master key has {_KEY} bytes, got {len(master)}")
        self._cipher, self._random = SM4GCM(master), random

    def new(self) -> SM2PrivateKey:
        """A new key."""
        return SM2PrivateKey.generate(random=self._random)

    def wrap(self, key: SM2PrivateKey, seal_id: str) -> bytes:
        """The key as it is kept."""
        nonce = self._random(_NONCE)
        return _FORM + nonce + self._cipher.encrypt(nonce, key.to_der(), seal_id.encode())

    def unwrap(self, wrapped: bytes, seal_id: str) -> SM2PrivateKey:
        """The key of a seal.

        Raises:
            SealRejected: seal_key: it was wrapped under another master key or for another seal, or it is damaged.
        """
        nonce, sealed = wrapped[1 : 1 + _NONCE], wrapped[1 + _NONCE :]
        try:
            if wrapped[:1] != _FORM:
                raise refuse("seal_key", found=seal_id)
            return load_private_key(self._cipher.decrypt(nonce, sealed, seal_id.encode()))
        except (InvalidTag, InputError, ValueError):
            raise refuse("seal_key", found=seal_id) from None

    def __repr__(self) -> str:
        return "<SealKeys>"
