"""Codes of resources: class, item, catalogue, detail and sequence (类项目细目/顺序码), and the older 前段码/后段码."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self

from egov_sdk.exchange.catalog.problems import Place, unreadable
from egov_sdk.exchange.catalog.terms import ResourceClass

__all__ = ["CoreIdentifier", "ResourceCode", "is_core_identifier", "is_metadata_identifier", "is_resource_code"]

_EXAMPLE: Final = "307011024701/000001"
_MOST_CHARS: Final = 128
_CODE: Final = re.compile(r"([1-3])([0-9]{2})([0-9]{3})([0-9]*)/([0-9A-Za-z]+)")
_IDENTIFIER: Final = re.compile(r"([0-9A-Z]{5,6})/([!-~]+)")
_METADATA: Final = re.compile(r"[0-9A-Za-z_\-./, ]+")
_CLASSES: Final = dict(zip("123", ResourceClass, strict=True))


@dataclass(frozen=True, slots=True)
class ResourceCode:
    """The code of a resource (信息资源代码) of the guide: ``307011024701/000001``.

    One digit for the class (类), two for the item (项), three for the catalogue (目), any number for the detail (细目),
    which may be empty, and after the slash the sequence (顺序码): digits, and at some platforms letters.
    """

    text: str

    def __post_init__(self) -> None:
        if not is_resource_code(self.text):
            raise unreadable("catalog.value.code", place=Place(), found=self.text, expected=_EXAMPLE)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The code that a text is.

        Raises:
            ParseError: egov.exchange.catalog.value.code.
        """
        return cls(text)

    @property
    def resource_class(self) -> ResourceClass:
        """The class (类)."""
        return _CLASSES[self.text[0]]

    @property
    def item(self) -> str:
        """The two digits of the item (项)."""
        return self.text[1:3]

    @property
    def catalogue(self) -> str:
        """The three digits of the catalogue (目)."""
        return self.text[3:6]

    @property
    def detail(self) -> str:
        """The digits of the detail (细目); may be empty."""
        return self.text[6 : self.text.index("/")]

    @property
    def prefix(self) -> str:
        """All before the slash (前段码)."""
        return self.text[: self.text.index("/")]

    @property
    def sequence(self) -> str:
        """What follows the slash (后段码)."""
        return self.text[self.text.index("/") + 1 :]

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class CoreIdentifier:
    """An identifier of GB/T 21063.5 (信息资源标识符): ``29001/A00034``.

    The first part has 5 characters, in some places 6; the owner gives out the second. Read leniently: which of the
    positions mean what is known from one implementation only.
    """

    text: str

    def __post_init__(self) -> None:
        if not is_core_identifier(self.text):
            raise unreadable("catalog.value.identifier", found=self.text)

    @classmethod
    def parse(cls, text: str) -> Self:
        """The identifier that a text is.

        Raises:
            ParseError: egov.exchange.catalog.value.identifier.
        """
        return cls(text)

    @property
    def prefix(self) -> str:
        """The first part (前段码): who gives out the second."""
        return self.text.partition("/")[0]

    @property
    def province(self) -> str:
        """The two characters of the province."""
        return self.text[:2]

    def __str__(self) -> str:
        return self.text


def is_resource_code(text: str) -> bool:
    """Whether a text is a code of the guide."""
    return len(text) <= _MOST_CHARS and _CODE.fullmatch(text) is not None


def is_core_identifier(text: str) -> bool:
    """Whether a text is an identifier of GB/T 21063.5."""
    return len(text) <= _MOST_CHARS and _IDENTIFIER.fullmatch(text) is not None


def is_metadata_identifier(text: str) -> bool:
    """Whether a text can identify metadata (元数据标识符): letters, digits, blanks and ``_ - . / ,``."""
    return len(text) <= _MOST_CHARS and _METADATA.fullmatch(text) is not None
