"""What is expected at a place, in both languages."""

from __future__ import annotations

from typing import Final

from egov_sdk.report import Text


def same(text: str) -> Text:
    """Words that are the same in every language: digits, code characters."""
    return Text(text, text)


NOTHING: Final = Text("", "")
HIDDEN_DATE: Final = same("********")
A_DIGIT: Final = Text("a digit", "数字")
A_DIGIT_OR_X: Final = Text("a digit or X", "数字或 X")
A_CAPITAL: Final = Text("a capital letter", "大写字母")
A_CAPITAL_OR_DIGIT: Final = Text("a capital letter or a digit", "大写字母或数字")
A_CREDIT_CHARACTER: Final = Text("0-9 or A-Z without I O S V Z", "数字或除 I O S V Z 以外的大写字母")
A_PRINTED_CHARACTER: Final = Text("a letter, a digit or a Chinese character", "字母、数字或汉字")
SOME_DIGIT: Final = Text("at least one digit", "至少一位数字")
H_OR_M: Final = Text("H or M", "H 或 M")
FIRST_DIGIT: Final = Text("a first digit of 1 to 8", "首位为 1 至 8")
CARD_HEAD: Final = Text("9 and a province, whose first digit is 1 to 8", "首位为 9，其后为省级代码（首位为 1 至 8）")
AREAS: Final = Text("810000, 820000 or 830000", "810000、820000 或 830000")
IN_TABLE: Final = Text("a division of the table", "区划表中的代码")
ANOTHER_TEXT: Final = Text("another text", "其他文本")
TABLE_ROW: Final = Text("a code of six digits and a name", "六位代码和名称")


def dates(first: int, last: int, form: str) -> Text:
    """A date of birth in these years."""
    return Text(f"a date from {first} to {last}, {form}", f"{first} 至 {last} 年间的日期 {form}")


def counts(*numbers: int) -> Text:
    """One of a few numbers of characters."""
    return Text(" or ".join(map(str, numbers)), " 或 ".join(map(str, numbers)))


def span(numbers: range) -> Text:
    """From a least to a most number of characters."""
    return Text(f"{numbers[0]} to {numbers[-1]}", f"{numbers[0]} 至 {numbers[-1]}")
