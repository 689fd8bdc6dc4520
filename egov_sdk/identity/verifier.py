"""Proving who it is (实人认证): do a name, a number and what else somebody states belong to one person?"""

from __future__ import annotations

import enum
import hmac
import math
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Final, Protocol

from egov_sdk.codes import CodeKind, check_code, normalize
from egov_sdk.codes.masking import mask_name, mask_number
from egov_sdk.identity.model import IdentityLevel

__all__ = [
    "AsyncIdentityVerifier",
    "Element",
    "Elements",
    "FaceScore",
    "IdentityRegister",
    "IdentityVerifier",
    "Match",
    "Verdict",
]


class Element(enum.StrEnum):
    """One thing stated of a person (要素). What 三要素 or 四要素 adds to name and number differs by platform."""

    NAME = "name"
    NUMBER = "number"
    MOBILE = "mobile"
    BANK_CARD = "bank_card"
    VALID_FROM = "valid_from"
    VALID_TO = "valid_to"


class Match(enum.StrEnum):
    """What a register says. Only MATCHED is a yes; UNKNOWN is neither yes nor no."""

    MATCHED = "matched"
    NOT_MATCHED = "not_matched"
    NOT_FOUND = "not_found"
    UNKNOWN = "unknown"


_WORST_FIRST: Final = (Match.NOT_FOUND, Match.NOT_MATCHED, Match.UNKNOWN, Match.MATCHED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Elements:
    """What is stated of one person. ``repr`` shows names and numbers masked.

    Args:
        valid_to: the last day of the document; ``date.max`` for one without an end (长期).
    Raises:
        ValueError: the name is empty, the kind is not one of a person, or the document ends before it begins.
        ParseError: the number breaks the rules of its kind; the code names the rule.
    """

    name: str
    number: str
    kind: CodeKind = CodeKind.CITIZEN_NUMBER
    mobile: str = ""
    bank_card: str = ""
    valid_from: date | None = None
    valid_to: date | None = None

    def __post_init__(self) -> None:
        if not _folded(self.name):
            raise ValueError("a name is needed")
        if not self.kind.is_personal:
            raise ValueError(f"{self.kind.value} is no number of a person")
        if self.valid_from is not None and self.valid_to is not None and self.valid_to < self.valid_from:
            raise ValueError("the document ends before it begins")
        object.__setattr__(self, "number", normalize(self.number))
        check = check_code(self.number, self.kind)
        if not check.ok:
            raise check.to_error()

    @property
    def asked(self) -> frozenset[Element]:
        """Which elements are stated, and so are to be checked."""
        return frozenset(element for element in Element if getattr(self, element.value))

    def __repr__(self) -> str:
        stated = ", ".join(sorted(self.asked))
        return f"Elements({mask_name(self.name)} {mask_number(self.number)}: {stated})"


@dataclass(frozen=True, slots=True)
class FaceScore:
    """How alike a face and the picture on record are, as whoever compared them found, and from where on that is a yes.

    Both lie between 0 and 1. ``source`` says who compared.
    """

    value: float
    threshold: float
    source: str = ""

    def __post_init__(self) -> None:
        for number in (self.value, self.threshold):
            if isinstance(number, bool) or not math.isfinite(number) or not 0 <= number <= 1:
                raise ValueError("a score and its threshold lie between 0 and 1")
        if self.threshold == 0:
            raise ValueError("a threshold of 0 would let any face pass")

    @property
    def match(self) -> Match:
        return Match.MATCHED if self.value >= self.threshold else Match.NOT_MATCHED


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What came of a check: of the elements, of the face, and both together. ``reference`` is the platform's own id."""

    elements: Match
    asked: frozenset[Element]
    face: FaceScore | None = None
    reference: str = ""
    raw: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)

    @property
    def match(self) -> Match:
        """The worse of elements and face: a good face never makes up for a wrong name."""
        if self.face is None:
            return self.elements
        return min(self.elements, self.face.match, key=_WORST_FIRST.index)

    @property
    def level(self) -> IdentityLevel:
        """What this proves: a real name by name and number, a real person with the face as well; otherwise nothing."""
        if self.match is not Match.MATCHED or not {Element.NAME, Element.NUMBER} <= self.asked:
            return IdentityLevel.NONE
        return IdentityLevel.REAL_NAME if self.face is None else IdentityLevel.REAL_PERSON

    def __bool__(self) -> bool:
        raise TypeError("a Verdict is not a yes or no: ask verdict.match")


class IdentityVerifier(Protocol):
    """Checks elements against an authority's register (二要素、三要素、四要素核验)."""

    def verify(self, elements: Elements, *, face: FaceScore | None = None) -> Verdict:
        """Whether the elements belong to one person.

        Args:
            face: how well the face was found to match, where that was compared.
        Raises:
            PlatformError: the register could not be asked. Not being able to ask is never a no.
        """


class AsyncIdentityVerifier(Protocol):
    """As IdentityVerifier, awaited."""

    async def verify(self, elements: Elements, *, face: FaceScore | None = None) -> Verdict:
        """As IdentityVerifier.verify."""


class IdentityRegister:
    """A register in memory, for tests and demonstrations; an IdentityVerifier.

    An element that the register does not hold for somebody makes the answer UNKNOWN, if the others are right.
    """

    def __init__(self) -> None:
        self._people: dict[tuple[CodeKind, str], Elements] = {}

    def add(self, person: Elements) -> None:
        """Enter somebody, or change what is held of them."""
        self._people[person.kind, person.number] = person

    def remove(self, number: str, *, kind: CodeKind = CodeKind.CITIZEN_NUMBER) -> None:
        """Strike somebody off; nothing happens if nobody has that number."""
        self._people.pop((kind, normalize(number)), None)

    def verify(self, elements: Elements, *, face: FaceScore | None = None) -> Verdict:
        """As IdentityVerifier.verify."""
        held = self._people.get((elements.kind, elements.number))
        found = Match.NOT_FOUND
        if held is not None:
            found = min((_compared(held, elements, one) for one in elements.asked), key=_WORST_FIRST.index)
        return Verdict(elements=found, asked=elements.asked, face=face)

    def __len__(self) -> int:
        return len(self._people)


def _compared(held: Elements, stated: Elements, element: Element) -> Match:
    here, there = getattr(held, element.value), getattr(stated, element.value)
    if not here:
        return Match.UNKNOWN
    if element is Element.NAME:
        here, there = _folded(here), _folded(there)
    same = hmac.compare_digest(str(here).encode(), str(there).encode())
    return Match.MATCHED if same else Match.NOT_MATCHED


# the dot between the parts of a name is written in many ways
_DOTS: Final = dict.fromkeys(map(ord, "•・‧∙⋅．."), "·")


def _folded(name: str) -> str:
    """A name as it is compared: width, case, spaces and the middle dot (间隔号) do not matter."""
    return "".join(unicodedata.normalize("NFKC", name.translate(_DOTS)).casefold().split())
