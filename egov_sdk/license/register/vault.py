"""Personal data at rest (静态数据保护): codes are found by keyed digests, contents are encrypted with SM4-GCM."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, Self

from egov_sdk.codes import CitizenNumber, CodeKind, check_code, normalize
from egov_sdk.crypto import hmac_sm3
from egov_sdk.crypto.sm4 import SM4GCM, InvalidTag
from egov_sdk.license.problems import refuse
from egov_sdk.storage import StorageError

__all__ = ["RegisterKeys", "Vault"]

_NONCE: Final = 12
_DATA_KEY: Final = 16
_SEARCH_KEY: Final = 32
_LAST_KEY: Final = 255
_OLD_CITIZEN_NUMBER: Final = 15


@dataclass(frozen=True, slots=True)
class RegisterKeys:
    """The keys of a register's database.

    Attributes:
        search: 32 bytes, under which codes of holders and numbers of licences are found. It cannot be changed later:
            nothing would be found any more.
        data: keys of 16 bytes by their numbers, 1 to 255. The highest encrypts, all of them decrypt. Empty for a
            database that is protected otherwise: contents are then kept as they are.
    Raises:
        ValueError: a key has another length, or another number.
    """

    search: bytes = field(repr=False)
    data: Mapping[int, bytes] = field(repr=False, default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        if len(self.search) != _SEARCH_KEY:
            raise ValueError(f"the search key has {_SEARCH_KEY} bytes, got {len(self.search)}")
        for number, key in self.data.items():
            if not 1 <= number <= _LAST_KEY or len(key) != _DATA_KEY:
                raise ValueError(f"data keys are numbered 1 to {_LAST_KEY} and have {_DATA_KEY} bytes each")

    @classmethod
    def generate(cls, *, random: Callable[[int], bytes]) -> Self:
        """New keys, with one that encrypts."""
        return cls(random(_SEARCH_KEY), MappingProxyType({1: random(_DATA_KEY)}))


class Vault:
    """Packs what a database shall not show, and makes the digests by which it is found."""

    __slots__ = ("_ciphers", "_current", "_random", "_search")

    def __init__(self, keys: RegisterKeys, *, random: Callable[[int], bytes]) -> None:
        self._search, self._random = keys.search, random
        self._ciphers = {number: SM4GCM(key) for number, key in keys.data.items()}
        self._current = max(self._ciphers, default=0)

    def digest(self, purpose: str, *parts: str) -> bytes:
        """The keyed digest of some texts, of one purpose; each with its length, so that none runs into the next."""
        octets = [part.encode("utf-8", "surrogatepass") for part in (purpose, *parts)]
        return hmac_sm3(self._search, b"".join(len(one).to_bytes(4, "big") + one for one in octets))

    def holder(self, code: str) -> bytes:
        """Under what the code of a holder is found, however it was written.

        Raises:
            LicenseRejected: holder_code: it is empty.
        """
        made = normalize(code)
        if not made:
            raise refuse("holder_code")
        if len(made) == _OLD_CITIZEN_NUMBER and check_code(made, CodeKind.CITIZEN_NUMBER).ok:
            made = CitizenNumber.parse(made).to_18().number
        return self.digest("holder", made)

    def pack(self, content: bytes, *, place: str) -> bytes:
        """The content as it is kept; ``place`` names where, and it can be read at that place only."""
        if not self._current:
            return b"\0" + content
        nonce = self._random(_NONCE)
        head = bytes([self._current])
        return head + nonce + self._ciphers[self._current].encrypt(nonce, content, head + place.encode())

    def unpack(self, packed: bytes, *, place: str) -> bytes:
        """The content that was packed for a place.

        Raises:
            StorageError: vault: it was changed or moved, or its key is not there.
        """
        number = packed[0] if packed else -1
        if number == 0 and not self._ciphers:
            return packed[1:]
        cipher = self._ciphers.get(number)
        if cipher is None or len(packed) <= _NONCE:
            raise _unreadable(place)
        head, nonce = packed[:1], packed[1 : 1 + _NONCE]
        try:
            return cipher.decrypt(nonce, packed[1 + _NONCE :], head + place.encode())
        except InvalidTag:
            raise _unreadable(place) from None


def _unreadable(place: str) -> StorageError:
    kind = place.partition(" ")[0]
    return StorageError(
        f"a {kind} in the register cannot be decrypted",
        code="egov.license.vault",
        hint="give the key that it was encrypted with; if that was given, somebody changed the database",
        kind=kind,
    )
