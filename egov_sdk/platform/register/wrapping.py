"""Shared secrets at rest: wrapped with SM4-GCM under a key that is made from the office's own."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final

from egov_sdk.crypto.kdf import hkdf_sm3
from egov_sdk.crypto.sm4 import SM4GCM, InvalidTag
from egov_sdk.platform.problems import refuse

__all__ = ["CallerKeys"]

_NONCE: Final = 12
_KEY: Final = 16
_FORM: Final = b"\x01"
_PURPOSE: Final = b"egov_sdk platform callers 1"


class CallerKeys:
    """Wraps secrets, each bound to its caller and its number, so that none can be put in the place of another.

    Profiles with a shared secret check a code made with it, so the secret itself must be had again: a digest of it
    would not do.

    Args:
        office_key: secret octets of the office; the key is derived from them for this purpose alone.
    """

    __slots__ = ("_cipher", "_random")

    def __init__(self, office_key: bytes, *, random: Callable[[int], bytes] = os.urandom) -> None:
        self._cipher, self._random = SM4GCM(hkdf_sm3(office_key, _KEY, info=_PURPOSE)), random

    def wrap(self, secret: str, *, caller: str, number: int) -> bytes:
        """The secret as it is kept."""
        nonce = self._random(_NONCE)
        return _FORM + nonce + self._cipher.encrypt(nonce, secret.encode(), _bound(caller, number))

    def unwrap(self, wrapped: bytes, *, caller: str, number: int) -> str:
        """The secret again.

        Raises:
            ProvinceRejected: caller_key: it was wrapped under another key or for another caller, or it is damaged.
        """
        nonce, sealed = wrapped[1 : 1 + _NONCE], wrapped[1 + _NONCE :]
        try:
            if wrapped[:1] != _FORM:
                raise refuse("caller_key", found=caller)
            return self._cipher.decrypt(nonce, sealed, _bound(caller, number)).decode()
        except (InvalidTag, ValueError):
            raise refuse("caller_key", found=caller) from None

    def __repr__(self) -> str:
        return "<CallerKeys>"


def _bound(caller: str, number: int) -> bytes:
    return f"{number}\n{caller}".encode()
