"""Numbers of organisations: the unified social credit code (统一社会信用代码) and the organisation code inside it."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Final, Self

from egov_sdk.codes._weights import (
    CREDIT_1,
    CREDIT_3,
    CREDIT_6,
    CREDIT_9,
    CREDIT_11,
    CREDIT_13,
    CREDIT_15,
    CREDIT_17,
    CREDIT_CHECKS,
    CREDIT_MASK,
    DIGITS,
    INNER_CHECKS,
    ORGANIZATION_SHIFT,
)
from egov_sdk.codes._words import A_CAPITAL_OR_DIGIT, A_CREDIT_CHARACTER, A_DIGIT, A_DIGIT_OR_X, IN_TABLE, counts, same
from egov_sdk.codes.check_digits import (
    CREDIT_ALPHABET,
    ORGANIZATION_ALPHABET,
    ORGANIZATION_CHECKS,
    organization_check_digit,
)
from egov_sdk.codes.citizen import SPECIMEN_PROVINCE
from egov_sdk.codes.divisions import DivisionCode, check_division_code
from egov_sdk.codes.kinds import CodeKind
from egov_sdk.codes.problems import CodeCheck, wrong_character, wrong_check
from egov_sdk.report import Text

__all__ = [
    "KNOWN_PREFIXES",
    "LENIENCIES",
    "REGISTRARS",
    "CreditCode",
    "OrganizationCode",
    "check_credit_code",
    "check_organization_code",
]

#: Who registers, by the first character.
REGISTRARS: Mapping[str, Text] = MappingProxyType(
    {
        "1": Text("institutional establishment office", "机构编制部门"),
        "5": Text("civil affairs", "民政部门"),
        "9": Text("market regulation", "工商（市场监管）部门"),
        "Y": Text("others", "其他"),
    }
)

#: The first two characters that have been met. The list is not closed: another prefix is nothing wrong.
KNOWN_PREFIXES: Final = frozenset(
    registrar + category
    for registrar, categories in {
        "1": "1239",
        "2": "19",
        "3": "123459",
        "4": "19",
        "5": "123459",
        "6": "129",
        "7": "129",
        "8": "19",
        "9": "123",
        "A": "19",
        "G": "1",
        "J": "1",
        "N": "1239",
        "Y": "1",
    }.items()
    for category in categories
)

#: What ``CreditCode.parse(..., lenient=True)`` accepts and names.
LENIENCIES: Mapping[str, Text] = MappingProxyType(
    {
        "credit_check_character": Text(
            "the check character of a credit code is not the one that the rule gives; such codes have been issued",
            "统一社会信用代码的校验码与规则不符；实际存在这样发出的代码",
        )
    }
)

_WRONG_CHECK: Final = ("credit_check_character",)
_CREDIT, _ORGANIZATION = CodeKind.CREDIT_CODE, CodeKind.ORGANIZATION_CODE
_GOOD, _GOOD_ORGANIZATION = CodeCheck(_CREDIT), CodeCheck(_ORGANIZATION)


def check_credit_code(text: str, *, divisions: Container[str] | None = None) -> CodeCheck:
    """Which rule of a unified social credit code a text breaks, if any: its check character and the one inside it.

    Args:
        text: 18 digits and capitals, nothing around them. The first two characters are not judged.
        divisions: when given, characters 3 to 8 must be in it.
    Source:
        GB 32100-2015; GB 11714 for characters 9 to 17.
    """
    try:
        total = (
            CREDIT_1[text[:2]]
            + CREDIT_3[text[2:5]]
            + CREDIT_6[text[5:8]]
            + CREDIT_9[text[8:10]]
            + CREDIT_11[text[10:12]]
            + CREDIT_13[text[12:14]]
            + CREDIT_15[text[14:16]]
            + CREDIT_17[text[16:17]]
        )
    except KeyError:
        return _explain(text)
    if len(text) != 18:
        return _explain(text)
    if (inner := INNER_CHECKS[total >> ORGANIZATION_SHIFT]) != text[16]:
        return _explain(text, wrong_check(_CREDIT, "organization_check", "17", inner, text[16]))
    if (check := CREDIT_CHECKS[total & CREDIT_MASK]) != text[17]:
        return _explain(text, wrong_check(_CREDIT, "check_digit", "18", check, text[17]))
    if divisions is not None and text[2:8] not in divisions:
        return CodeCheck(_CREDIT, "division_unknown", "3-8", IN_TABLE, same(text[2:8]))
    return _GOOD


def _explain(text: str, otherwise: CodeCheck = _GOOD) -> CodeCheck:
    """What is wrong with the length or a character; if nothing, what else was found."""
    if len(text) != 18:
        return CodeCheck(_CREDIT, "length", "", counts(18), same(str(len(text))))
    if not otherwise.ok and text[17] in CREDIT_ALPHABET:
        return otherwise
    for place, character in enumerate(text, 1):
        if 3 <= place <= 8 and character not in DIGITS:
            return wrong_character(_CREDIT, text, place, A_DIGIT)
        if character not in CREDIT_ALPHABET:
            return wrong_character(_CREDIT, text, place, A_CREDIT_CHARACTER, capitals=CREDIT_ALPHABET)
    return otherwise  # pragma: no cover - a character was wrong, or there is something else


def check_organization_code(text: str) -> CodeCheck:
    """Which rule of an organisation code (组织机构代码) a text breaks, if any.

    Args:
        text: 8 digits or capitals and the check character, with or without a hyphen between.
    Source:
        GB 11714.
    """
    if len(text) == 10 and text[8] == "-":
        text = text[:8] + text[9]
    if len(text) != 9:
        return CodeCheck(_ORGANIZATION, "length", "", counts(9, 10), same(str(len(text))))
    for place, character in enumerate(text[:8], 1):
        if character not in ORGANIZATION_ALPHABET:
            return wrong_character(_ORGANIZATION, text, place, A_CAPITAL_OR_DIGIT, capitals=ORGANIZATION_ALPHABET)
    if text[8] not in ORGANIZATION_CHECKS:
        return wrong_character(_ORGANIZATION, text, 9, A_DIGIT_OR_X, capitals="X")
    check = organization_check_digit(text[:8])
    if check != text[8]:
        return CodeCheck(_ORGANIZATION, "check_digit", "9", same(check), same(text[8]))
    return _GOOD_ORGANIZATION


@dataclass(frozen=True, slots=True)
class OrganizationCode:
    """An organisation code (组织机构代码) of 9 characters; ``number`` is without the hyphen."""

    number: str

    kind: ClassVar[CodeKind] = _ORGANIZATION

    def __post_init__(self) -> None:
        check_organization_code(self.number).require()
        object.__setattr__(self, "number", self.number.replace("-", ""))

    @classmethod
    def check(cls, text: str) -> CodeCheck:
        """As check_organization_code."""
        return check_organization_code(text)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The value of a text that breaks no rule.

        Raises:
            ParseError: it breaks one; the code names the rule.
        """
        return cls(text)

    @property
    def hyphenated(self) -> str:
        """As on old certificates: a hyphen before the check character."""
        return f"{self.number[:8]}-{self.number[8]}"

    def __str__(self) -> str:
        return self.number


@dataclass(frozen=True, slots=True)
class CreditCode:
    """A unified social credit code (统一社会信用代码) of 18 characters.

    ``leniencies`` names what was wrong with it and accepted all the same; empty unless that was asked for.
    """

    number: str
    leniencies: tuple[str, ...] = ()

    kind: ClassVar[CodeKind] = _CREDIT

    def __post_init__(self) -> None:
        check = check_credit_code(self.number)
        if check.ok:
            object.__setattr__(self, "leniencies", ())
        elif check.rule != "check_digit" or self.leniencies != _WRONG_CHECK:
            check.require()

    @classmethod
    def check(cls, text: str) -> CodeCheck:
        """As check_credit_code, without a table."""
        return check_credit_code(text)

    @classmethod
    def parse(cls, text: str, *, lenient: bool = False) -> Self:
        """The value of a text that breaks no rule.

        Args:
            lenient: accept a wrong last character and say so in ``leniencies``: codes were issued that way. The
                organisation code inside must still be right.
        Raises:
            ParseError: it breaks one; the code names the rule.
        """
        return cls(text, _WRONG_CHECK if lenient else ())

    @property
    def registrar(self) -> Text | None:
        """Who registered the organisation, by the first character; None where its meaning is not known here."""
        return REGISTRARS.get(self.number[0])

    @property
    def prefix(self) -> str:
        """The registrar and the category, two characters."""
        return self.number[:2]

    @property
    def has_known_prefix(self) -> bool:
        return self.prefix in KNOWN_PREFIXES

    @property
    def division(self) -> DivisionCode | None:
        """Where the organisation was registered; None if those digits are not a division code."""
        text = self.number[2:8]
        return DivisionCode(text) if check_division_code(text).ok else None

    @property
    def organization_code(self) -> OrganizationCode:
        """The organisation code inside, characters 9 to 17."""
        return OrganizationCode(self.number[8:17])

    @property
    def is_specimen(self) -> bool:
        """Whether it was made for tests and can belong to nobody; a system in service should refuse it."""
        return self.number[2:4] == SPECIMEN_PROVINCE

    def __str__(self) -> str:
        return self.number
