"""Passwords: kept so that whoever reads the database still has to guess, and that each guess costs time and memory.

scrypt (RFC 7914) is in Python and in OpenSSL, needs memory as argon2 does, and so spares a dependency with compiled
parts of its own. The parameters stand in what is kept: raising them later takes effect at each next sign-in.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import re
import unicodedata
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import Final, Self

from egov_sdk.identity.callbacks import Random
from egov_sdk.identity.problems import refuse
from egov_sdk.report import Text

__all__ = ["PasswordHasher", "ScryptCost", "check_password"]

_KEPT: Final = re.compile(
    r"\$scrypt\$ln=([0-9]{1,2}),r=([0-9]{1,2}),p=([0-9]{1,2})\$([\w+/]{22})\$([\w+/]{43})", re.ASCII
)
_MOST_CHARS: Final = 256
_FEWEST_CHARS, _SHORT_CHARS = 8, 15
_KINDS: Final = (str.islower, str.isupper, str.isdigit)


@dataclass(frozen=True, slots=True)
class ScryptCost:
    """What one guess costs: 128 * r * 2^log_n bytes of memory, gone through p times.

    The default takes 32 MiB; a provider that is short of memory takes less at once and more often.
    """

    log_n: int = 15
    r: int = 8
    p: int = 3

    @classmethod
    def unsafe_for_tests(cls) -> Self:
        """Next to nothing: for tests and demonstrations, where thousands sign in."""
        return cls(4, 8, 1)

    def derive(self, password: bytes, salt: bytes) -> bytes:
        """32 bytes from a password."""
        memory = 128 * self.r * ((1 << self.log_n) + self.p + 2)
        return hashlib.scrypt(
            password, salt=salt, n=1 << self.log_n, r=self.r, p=self.p, maxmem=memory + (1 << 20), dklen=32
        )


class PasswordHasher:
    """Keeps passwords and compares them. At most ``at_once`` are worked on at a time, since each takes memory."""

    def __init__(self, cost: ScryptCost, *, random: Random = os.urandom, at_once: int = 4) -> None:
        self._cost, self._random = cost, random
        self._turns = BoundedSemaphore(at_once)
        self._nobody = ""

    def keep(self, password: str) -> str:
        """What to keep of a password."""
        salt = self._random(16)
        with self._turns:
            derived = self._cost.derive(_octets(password), salt)
        cost = self._cost
        return f"$scrypt$ln={cost.log_n},r={cost.r},p={cost.p}${_text(salt)}${_text(derived)}"

    def matches(self, password: str, kept: str | None) -> bool:
        """Whether a password is the one that was kept. With nothing kept it takes as long, and is not."""
        read = _KEPT.fullmatch(kept or "")
        if read is None and not self._nobody:
            self._nobody = self.keep("nobody has this password")
        found = read or _KEPT.fullmatch(self._nobody)
        assert found is not None
        cost = ScryptCost(int(found[1]), int(found[2]), int(found[3]))
        with self._turns:
            derived = cost.derive(_octets(password[:_MOST_CHARS]), _bytes(found[4]))
        same = hmac.compare_digest(derived, _bytes(found[5]))
        # HMAC, within, fills keys up with zeros: with zeros at its end another password would do as well
        return same and read is not None and len(password) <= _MOST_CHARS and "\0" not in password

    def is_outdated(self, kept: str) -> bool:
        """Whether it was kept at another cost than is asked for now."""
        cost = self._cost
        return not kept.startswith(f"$scrypt$ln={cost.log_n},r={cost.r},p={cost.p}$")


def check_password(password: str, *, not_in_it: tuple[str, ...] = ()) -> None:
    """Return if a password will do: 15 characters of any kind, or 8 of three kinds; no name or number of its owner.

    Raises:
        IdentityRejected: password_weak.
    """
    password = unicodedata.normalize("NFKC", password)
    if len(password) > _MOST_CHARS:
        raise refuse(
            "password_weak",
            found=Text(f"{len(password)} characters", f"{len(password)} 个字符"),
            expected=Text(f"at most {_MOST_CHARS}", f"至多 {_MOST_CHARS} 个"),
        )
    if len(password) < _FEWEST_CHARS:
        raise refuse(
            "password_weak",
            found=Text(f"{len(password)} characters", f"{len(password)} 个字符"),
            expected=Text(f"at least {_FEWEST_CHARS}", f"至少 {_FEWEST_CHARS} 个"),
        )
    if any(unicodedata.category(one) == "Cc" for one in password):
        raise refuse(
            "password_weak", found=Text("control characters", "控制字符"), expected=Text("none", "不含控制字符")
        )
    kinds = sum(any(map(kind, password)) for kind in _KINDS) + any(not one.isalnum() for one in password)
    if len(password) < _SHORT_CHARS and kinds < 3:
        expected = Text(
            f"small letters, capitals, digits, signs: three of the four, or {_SHORT_CHARS} characters",
            f"小写字母、大写字母、数字、符号中的三类，或不少于 {_SHORT_CHARS} 个字符",
        )
        raise refuse("password_weak", found=Text(f"{kinds} kinds of characters", f"{kinds} 类字符"), expected=expected)
    if len(set(password)) < _FEWEST_CHARS // 2:
        raise refuse(
            "password_weak",
            found=Text(f"{len(set(password))} different characters", f"{len(set(password))} 个不同的字符"),
            expected=Text("at least 4", "至少 4 个"),
        )
    if any(part and len(part) > 2 and part.casefold() in password.casefold() for part in not_in_it):
        raise refuse(
            "password_weak",
            found=Text("the owner's name or number in it", "本人的姓名或号码"),
            expected=Text("something else", "与本人信息无关"),
        )


def _octets(password: str) -> bytes:
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


def _text(octets: bytes) -> str:
    return base64.b64encode(octets).rstrip(b"=").decode("ascii")


def _bytes(text: str) -> bytes:
    return binascii.a2b_base64(text + "=" * (-len(text) % 4))
