"""Every rule that a number can break, with its words, and the result of checking one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from egov_sdk.codes._words import NOTHING, same
from egov_sdk.codes.kinds import KIND_NAMES, CodeKind
from egov_sdk.errors import ParseError
from egov_sdk.report import Lang, Text

__all__ = ["PROBLEMS", "CodeCheck"]

#: The full code is ``egov.codes.`` and the key. What is found of a personal number is masked before it gets here.
PROBLEMS: Mapping[str, Text] = MappingProxyType(
    {
        "length": Text("has {found} characters, expected {expected}", "有 {found} 个字符，应为 {expected} 个"),
        "character": Text(
            "character {where} is {found}, expected {expected}", "第 {where} 位为 {found}，应为{expected}"
        ),
        "letter_case": Text(
            "character {where} is the lower-case letter {found}, expected {expected}",
            "第 {where} 位为小写字母 {found}，应为{expected}",
        ),
        "birth_date": Text(
            "characters {where} are not a date of birth, expected {expected}",
            "第 {where} 位不是有效的出生日期，应为{expected}",
        ),
        "birth_date_future": Text(
            "the date of birth in characters {where} is later than {expected}",
            "第 {where} 位的出生日期晚于 {expected}",
        ),
        "division": Text(
            "characters {where} are not a division code: found {found}, expected {expected}",
            "第 {where} 位不是行政区划代码：为 {found}，要求{expected}",
        ),
        "division_unknown": Text(
            "division {found} in characters {where} is not in the table of divisions given",
            "第 {where} 位的行政区划 {found} 不在所给的区划表中",
        ),
        "area": Text("characters {where} are {found}, expected {expected}", "第 {where} 位为 {found}，应为 {expected}"),
        "check_digit": Text(
            "the check character is {found}, the other characters give {expected}",
            "校验码为 {found}，按其余各位计算应为 {expected}",
        ),
        "organization_check": Text(
            "character {where}, the check of the organisation code inside, is {found}, expected {expected}",
            "第 {where} 位（所含组织机构代码的校验码）为 {found}，应为 {expected}",
        ),
        "shape": Text("has another shape: found {found}, expected {expected}", "形式不符：为 {found}，要求{expected}"),
        "other_kind": Text("is a number of another kind: {found}", "是另一种号码：{found}"),
        "kind_unknown": Text("fits no kind of number: found {found}", "不符合任何一种号码：{found}"),
        "holder_type": Text(
            "{found} is not a holder code type of GB/T 36903-2018, annex A",
            "{found} 不是 GB/T 36903-2018 附录 A 中的持证主体代码类型",
        ),
        "table_row": Text(
            "row {where} of the table of divisions is {found}, expected {expected}",
            "区划表第 {where} 行为 {found}，应为{expected}",
        ),
        "table_duplicate": Text(
            "row {where} of the table of divisions repeats the code {found}", "区划表第 {where} 行的代码 {found} 重复"
        ),
    }
)


@dataclass(frozen=True, slots=True)
class CodeCheck:
    """What checking one number found: nothing wrong, or the first rule that it breaks.

    ``rule`` is a key of PROBLEMS and empty when the number is good; ``where`` counts characters from 1;
    ``expected`` and ``found`` are fit to be shown: nothing of a personal number but one character that is wrong.
    """

    kind: CodeKind | None
    rule: str = ""
    where: str = ""
    expected: Text = NOTHING
    found: Text = NOTHING

    @property
    def ok(self) -> bool:
        return not self.rule

    @property
    def code(self) -> str:
        """The error code of the broken rule, empty when the number is good."""
        return f"egov.codes.{self.rule}" if self.rule else ""

    @property
    def message(self) -> Text:
        """What is wrong, in both languages; or that nothing is."""
        name = KIND_NAMES[self.kind] if self.kind else Text("number", "号码")
        if not self.rule:
            return Text(f"a well-formed {name.en}", f"{name.zh}格式正确")
        text = PROBLEMS[self.rule]
        en = text.en.format(where=self.where, expected=self.expected.en, found=self.found.en)
        zh = text.zh.format(where=self.where, expected=self.expected.zh, found=self.found.zh)
        return Text(f"{name.en}: {en}", f"{name.zh}：{zh}")

    def require(self) -> None:
        """Return if the number is good.

        Raises:
            ParseError: it is not; its code names the rule.
        """
        if self.rule:
            raise self.to_error()

    def to_error(self) -> ParseError:
        """The error for the broken rule; ``detail`` has kind, expected, found and the message in Chinese.

        Raises:
            ValueError: no rule is broken.
        """
        if not self.rule:
            raise ValueError("the number breaks no rule")
        error = ParseError(
            self.message.en,
            code=f"egov.codes.{self.rule}",
            kind=self.kind or "",
            expected=self.expected.en,
            found=self.found.en,
            message_zh=self.message.zh,
        )
        error.where = self.where
        return error

    def to_dict(self, lang: Lang = "en") -> dict[str, object]:
        """The result as plain values."""
        return {
            "kind": self.kind.value if self.kind else "",
            "ok": self.ok,
            "code": self.code,
            "where": self.where,
            "expected": self.expected.in_(lang),
            "found": self.found.in_(lang),
            "message": self.message.in_(lang),
        }

    def __bool__(self) -> bool:
        raise TypeError("a CodeCheck is not a yes or no by itself: ask check.ok, or call check.require()")


@lru_cache(maxsize=2048)
def wrong_check(kind: CodeKind, rule: str, where: str, expected: str, found: str) -> CodeCheck:
    """The result for a wrong check character. There are few, and making one costs more than finding it."""
    return CodeCheck(kind, rule, where, same(expected), same(found))


def wrong_character(kind: CodeKind, text: str, place: int, expected: Text, *, capitals: str = "") -> CodeCheck:
    """The result for one character of a text: a letter of ``capitals`` in lower case is told apart from others."""
    found = text[place - 1]
    rule = "letter_case" if found.isascii() and found.islower() and found.upper() in capitals else "character"
    shown = found if found.isascii() and found.isalpha() else f"U+{ord(found):04X}"
    return CodeCheck(kind, rule, str(place), expected, same(shown))
