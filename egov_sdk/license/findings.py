"""What is wrong with one item of a licence's data: which item, which rule, and words for it in both languages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from egov_sdk.codes import CodeCheck
from egov_sdk.errors import ParseError
from egov_sdk.license.problems import PROBLEMS
from egov_sdk.problems import shown
from egov_sdk.report import Lang, Text

__all__ = ["Finding", "finding", "of_code_check", "of_parse_error", "require_none"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One item that breaks one rule (校验问题).

    Attributes:
        element: The item: its Chinese name in the metadata, such as 证照颁发日期, or the name of a field of the type.
        code: ``egov.license.…`` or, where a number of a person or an organisation is wrong, ``egov.codes.…``.
        message: Fit to be shown: of personal values it holds no more than their first and last character.
    """

    element: str
    code: str
    message: Text

    @property
    def text(self) -> Text:
        """The item and what is wrong with it, as one sentence."""
        return Text(f"{self.element}: {self.message.en}", f"{self.element}：{self.message.zh}")

    def to_error(self) -> ParseError:
        """The error for it; ``where`` is the item."""
        return ParseError(self.message.en, where=self.element, code=self.code, message_zh=self.message.zh)

    def to_dict(self, lang: Lang = "en") -> dict[str, str]:
        """The finding as plain values."""
        return {"element": self.element, "code": self.code, "message": self.message.in_(lang)}


def finding(element: str, rule: str, **facts: object) -> Finding:
    """A finding by the key of its rule in PROBLEMS; a fact may be a Text, to be told in both languages."""
    text = PROBLEMS[rule]
    en = {name: shown(value.en if isinstance(value, Text) else value) for name, value in facts.items()}
    zh = {name: shown(value.zh if isinstance(value, Text) else value) for name, value in facts.items()}
    return Finding(shown(element), f"egov.license.{rule}", Text(text.en.format_map(en), text.zh.format_map(zh)))


def of_code_check(element: str, check: CodeCheck) -> Finding | None:
    """The finding for a number that breaks a rule of its own; None for one that breaks none."""
    return None if check.ok else Finding(shown(element), check.code, check.message)


def of_parse_error(element: str, error: ParseError) -> Finding:
    """The finding for a value that one of this room's or of the codes' readers refused."""
    text = PROBLEMS.get(error.code.removeprefix("egov.license."))
    facts = {name: str(value) for name, value in error.detail.items()}
    zh = text.zh.format_map(facts) if text else str(facts.get("message_zh", error.message))
    return Finding(shown(element), error.code, Text(text.en.format_map(facts) if text else error.message, zh))


def require_none(findings: Iterable[Finding]) -> None:
    """Return if nothing was found.

    Raises:
        ParseError: of the first finding.
    """
    for found in findings:
        raise found.to_error()
