"""The identifier of a licence (证照标识): parse, build, check character, file name.

Source:
    GB/T 36904-2018, as five systems that use it have it; GB/T 17710-2008 (ISO/IEC 7064, hybrid system MOD 37,36).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Self

from egov_sdk.codes.organizations import check_credit_code
from egov_sdk.license._text_schema import text_schema
from egov_sdk.license.findings import Finding, finding, of_code_check
from egov_sdk.license.problems import refuse, unreadable
from egov_sdk.report import Text

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

__all__ = [
    "LENIENCIES",
    "OLD_ROOT",
    "ROOT",
    "LicenseIdentifier",
    "build_type_code",
    "check_character",
    "check_type_code",
]

#: 电子证照根代码
ROOT: Final = "1.2.156.3005.2"
#: A provincial rule before 2018: no issuer, a version of two digits, and a check character of another kind.
OLD_ROOT: Final = "1.2.156.3003.2"
LAST_VERSION: Final = 999

#: What ``LicenseIdentifier.parse(..., lenient=True)`` accepts and names.
LENIENCIES: Mapping[str, Text] = MappingProxyType(
    {
        "identifier_lower_case": Text("letters of a licence identifier are in lower case", "证照标识中含小写字母"),
        "identifier_space": Text("blanks stand around a licence identifier", "证照标识前后有空白"),
        "identifier_division_issuer": Text(
            "a division code of six digits stands for the issuing authority",
            "证照颁发机构代码处为 6 位行政区划代码",
        ),
        "identifier_old_root": Text(
            "a licence identifier of a provincial rule before 2018, whose check character is not judged",
            "2018 年以前地方规则的证照标识，其校验位未予判定",
        ),
    }
)

_ELEMENT: Final = "证照标识"
_SHAPE = re.compile(
    r"1\.2\.156\.3005\.2\.([0-9A-Z]{18}[0-9]{3})\.([0-9A-Z]{18}|[0-9]{6})\.([0-9A-Z]{1,64})\.([0-9]{3})\.([0-9A-Z])"
)
_OLD_SHAPE = re.compile(r"1\.2\.156\.3003\.2\.([0-9A-Z]{1,64})\.([0-9A-Z]{1,64})\.([0-9]{2})\.([0-9A-Z])")
_TYPE_CODE = re.compile(r"[0-9A-Z]{18}[0-9]{3}")
_AUTHORITY = re.compile(r"[0-9A-Z]{18}|[0-9]{6}")
#: The standard's own limit is not known; 32 characters have been met.
_SERIAL = re.compile(r"[0-9A-Z]{1,64}")
_FILE_NAME = re.compile(r"(.+)\.ofd", re.IGNORECASE)

_ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _row(p: int) -> bytes:
    """The sums after each character that may follow a sum of p; 0, which no sum is, after all that may not."""
    row = bytearray(256)
    for value, char in enumerate(_ALPHABET.encode()):
        row[char] = ((p + value) % 36 or 36) * 2 % 37
    return bytes(row)


_NEXT: Final = (bytes(256), *map(_row, range(1, 37)))
_LAST: Final = tuple(_ALPHABET[(37 - p) % 36] for p in range(37))


def _sum(text: str, p: int = 36) -> int:
    rows = _NEXT
    for char in text.encode():
        p = rows[p][char]
    return p


@lru_cache(maxsize=4096)
def _head_sum(type_code: str, issuer_code: str) -> int:
    """Of the part that the licences of one type and issuer have in common."""
    return _sum(type_code + issuer_code)


def check_character(text: str) -> str:
    """The check character (校验位) over type code, issuer code, serial and version, without dots and without the root.

    Raises:
        ValueError: something other than digits and capital letters.
    Source:
        GB/T 17710-2008, MOD 37,36.
    Example:
        >>> check_character("11100000000013338W011" "11430000006122244L" "20230000403" "001")
        'U'
    """
    if (p := _sum(text)) == 0:
        raise ValueError("expected digits and capital letters only")
    return _LAST[p]


@dataclass(frozen=True, slots=True)
class LicenseIdentifier:
    """An identifier in its parts (证照标识).

    Attributes:
        type_code: 证照类型代码, 21 characters: the defining authority's 18 and a number from 001.
        issuer_code: 证照颁发机构代码, 18 characters; six digits of a division in some real ones.
        serial: 流水号, digits and capitals, unique among the licences of one type and issuer.
        version: 版本号, 1 to 999.
        check: 校验位, one character.
        root: OLD_ROOT only for one that was read leniently; it has no issuer code.
        leniencies: What was wrong with the text that it was read from, and accepted; no part of equality.
    """

    type_code: str
    issuer_code: str
    serial: str
    version: int
    check: str
    root: str = ROOT
    leniencies: tuple[str, ...] = field(default=(), compare=False)

    @classmethod
    def build(cls, *, type_code: str, issuer_code: str, serial: str, version: int = 1) -> Self:
        """Put an identifier together; its check character is computed.

        Raises:
            ValueError: a part has not its shape, or the version is not 1 to 999.
        """
        if _TYPE_CODE.fullmatch(type_code) is None or _AUTHORITY.fullmatch(issuer_code) is None:
            raise ValueError("type_code must be 18 digits or capitals and 3 digits, issuer_code 18 digits or capitals")
        if _SERIAL.fullmatch(serial) is None:
            raise ValueError("serial must be 1 to 64 digits and capital letters")
        if not 1 <= version <= LAST_VERSION:
            raise ValueError("version must be 1 to 999")
        p = _sum(f"{serial}{version:03d}", _head_sum(type_code, issuer_code))
        return cls(type_code, issuer_code, serial, version, _LAST[p])

    @classmethod
    def parse(cls, text: str, *, lenient: bool = False) -> Self:
        """Read an identifier.

        Args:
            lenient: Accept what LENIENCIES lists, and name it. A wrong check character is never accepted.
        Raises:
            ParseError: ``identifier_shape``: it is malformed; ``identifier_check``: it is well-formed, and its check
                character is not the one that the rule gives: something was mistyped or changed.
        """
        match = _SHAPE.fullmatch(text)
        if match is None or (not lenient and len(match[2]) == 6):
            return cls._read_leniently(text) if lenient else cls._refuse_shape(text)
        type_code, issuer_code, serial, version, check = match.groups()
        return cls._checked(
            type_code, issuer_code, serial, version, check, ("identifier_division_issuer",) * (len(issuer_code) == 6)
        )

    @classmethod
    def _checked(
        cls, type_code: str, issuer_code: str, serial: str, version: str, check: str, leniencies: tuple[str, ...]
    ) -> Self:
        if version == "000":
            raise unreadable("identifier_shape", where=_ELEMENT, part="版本号", expected="001-999", found="000")
        if (right := _LAST[_sum(serial + version, _head_sum(type_code, issuer_code))]) != check:
            raise unreadable("identifier_check", where=_ELEMENT, expected=right, found=check)
        return cls(type_code, issuer_code, serial, int(version), check, ROOT, leniencies)

    @classmethod
    def _read_leniently(cls, text: str) -> Self:
        stripped = text.strip(" \t\r\n\u3000\ufeff")
        # Only ASCII: the capital of a letter such as ß or ı is another text.
        tidy = stripped.upper() if stripped.isascii() else stripped
        names = ["identifier_space"] * (stripped != text) + ["identifier_lower_case"] * (tidy != stripped)
        if (match := _SHAPE.fullmatch(tidy)) is not None:
            type_code, issuer_code, serial, version, check = match.groups()
            names += ["identifier_division_issuer"] * (len(issuer_code) == 6)
            return cls._checked(type_code, issuer_code, serial, version, check, tuple(names))
        if (old := _OLD_SHAPE.fullmatch(tidy)) is not None and old[3] != "00":
            leniencies = (*names, "identifier_old_root")
            return cls(old[1], "", old[2], int(old[3]), old[4], OLD_ROOT, leniencies)
        return cls._refuse_shape(text)

    @classmethod
    def _refuse_shape(cls, text: str) -> Self:
        part, expected, found = _first_wrong_part(text)
        raise unreadable("identifier_shape", where=_ELEMENT, part=part, expected=expected, found=found)

    @classmethod
    def from_file_name(cls, name: str) -> Self:
        """The identifier in the name of a published file, such as ``1.2.156.3005.2.….001.0.OFD``.

        Raises:
            ParseError: it is no such name; folders in front of it are not looked at.
        """
        if (match := _FILE_NAME.fullmatch(name)) is None:
            raise unreadable("identifier_file_name", where=_ELEMENT, found=name)
        return cls.parse(match[1])

    @property
    def file_name(self) -> str:
        """The name that its file is published under."""
        return f"{self}.ofd"

    @property
    def definer_code(self) -> str:
        """The credit code of the authority that defined the type (证照定义机构代码); empty for an old root."""
        return self.type_code[:18] if self.root == ROOT else ""

    @property
    def series(self) -> str:
        """What all versions of one licence have in common: the identifier up to its version."""
        issuer = f".{self.issuer_code}" if self.issuer_code else ""
        return f"{self.root}.{self.type_code}{issuer}.{self.serial}"

    @property
    def check_is_right(self) -> bool | None:
        """Whether the check character is the one that the rule gives; None where the rule is not known (old root)."""
        if self.root != ROOT:
            return None
        p = _sum(f"{self.type_code}{self.issuer_code}{self.serial}{self.version:03d}")
        return p != 0 and _LAST[p] == self.check

    def next_version(self) -> Self:
        """The identifier of the version after this one: same number and serial, version one higher.

        Raises:
            LicenseRejected: ``version_exhausted``: it is version 999.
            ValueError: the identifier has an old root.
        """
        if self.root != ROOT:
            raise ValueError("no version can follow one of a rule before 2018")
        if self.version >= LAST_VERSION:
            raise refuse("version_exhausted", expected=LAST_VERSION, found=self.version)
        version = self.version + 1
        p = _sum(f"{self.serial}{version:03d}", _head_sum(self.type_code, self.issuer_code))
        return replace(self, version=version, check=_LAST[p], leniencies=())

    def findings(self) -> tuple[Finding, ...]:
        """What is wrong with its parts beyond their shape: the type code, and the credit code of the issuer.

        Real identifiers break these rules, so that reading one does not ask for them.
        """
        if self.root != ROOT:
            return ()
        found = [check_type_code(self.type_code)]
        if len(self.issuer_code) == 18:
            found.append(of_code_check("证照颁发机构代码", check_credit_code(self.issuer_code)))
        return tuple(one for one in found if one is not None)

    def __str__(self) -> str:
        if self.root == ROOT:
            return f"{ROOT}.{self.type_code}.{self.issuer_code}.{self.serial}.{self.version:03d}.{self.check}"
        return f"{self.series}.{self.version:02d}.{self.check}"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        """In models it may be given as text, read leniently, and is dumped as text."""
        return text_schema(cls, partial(cls.parse, lenient=True))


_PARTS: Final = (
    ("证照类型代码", _TYPE_CODE, "18 + 3 [0-9A-Z]"),
    ("证照颁发机构代码", re.compile(r"[0-9A-Z]{18}"), "18 [0-9A-Z]"),
    ("流水号", _SERIAL, "1-64 [0-9A-Z]"),
    ("版本号", re.compile(r"[0-9]{3}"), "001-999"),
    ("校验位", re.compile(r"[0-9A-Z]"), "[0-9A-Z]"),
)


def _first_wrong_part(text: str) -> tuple[str, str, str]:
    """Name, what is expected, what is found."""
    pieces = text.split(".", 11)
    if (root := ".".join(pieces[:5])) != ROOT:
        return "电子证照根代码", ROOT, root
    if len(pieces) != 10:
        return _ELEMENT, "10", str(text.count(".") + 1)
    for (name, shape, expected), piece in zip(_PARTS, pieces[5:], strict=True):
        if shape.fullmatch(piece) is None:
            return name, expected, piece
    raise AssertionError("a text whose parts have their shape is read")  # pragma: no cover


def build_type_code(authority_code: str, number: int) -> str:
    """A type code (证照类型代码): the defining authority's credit code and a number.

    Args:
        authority_code: 18 characters, with a right check character.
        number: 1 to 999, given out by that authority.
    Raises:
        ValueError: a part is not so.
    Example:
        >>> build_type_code("11100000000013338W", 11)
        '11100000000013338W011'
    """
    check = check_credit_code(authority_code)
    if not check.ok:
        raise ValueError(f"authority_code: {check.message.en}")
    if not 1 <= number <= LAST_VERSION:
        raise ValueError("number must be 1 to 999")
    return f"{authority_code}{number:03d}"


def check_type_code(code: str) -> Finding | None:
    """What is wrong with a type code: its shape, its number, or the credit code that it begins with."""
    if _TYPE_CODE.fullmatch(code) is None or code.endswith("000"):
        return finding("证照类型代码", "type_code", found=code)
    return of_code_check("证照类型代码", check_credit_code(code[:18]))
