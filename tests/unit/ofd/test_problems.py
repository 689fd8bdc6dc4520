"""The table of codes: its words, and that a stranger's text does no harm in them."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping

import pytest

from egov_sdk.errors import ParseError
from egov_sdk.ofd import open_ofd
from egov_sdk.ofd.problems import LENIENCIES, NOTES, PROBLEMS, note, refuse, shown
from egov_sdk.report import Text


def _fields(text: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(text) if field}


@pytest.mark.parametrize("table", [PROBLEMS, NOTES, LENIENCIES])
def test_every_row_has_both_languages_with_the_same_facts(table: Mapping[str, Text]) -> None:
    for name, text in table.items():
        assert re.fullmatch(r"[a-z0-9_]+(\.[a-z0-9_]+)?", name)
        assert text.en.isascii(), name
        assert re.search(r"[\u4e00-\u9fff]", text.zh), name
        assert _fields(text.en) == _fields(text.zh), name


def test_an_error_carries_code_place_and_facts() -> None:
    error = refuse("package.size_mismatch", where="a.xml", found=3, expected=4)
    assert isinstance(error, ParseError)
    assert error.code == "egov.ofd.package.size_mismatch"
    assert error.where == "a.xml"
    assert str(error) == "a.xml: holds 3 bytes, declared 4"
    assert error.detail == {"found": "3", "expected": "4"}
    assert error.text == Text("a.xml: holds 3 bytes, declared 4", "a.xml：实际 3 字节，声明 4 字节")


def test_a_note_speaks_both_languages() -> None:
    found = note("package.prefix_data", found=9)
    assert found.to_dict() == {
        "code": "egov.ofd.package.prefix_data", "where": "", "message": "9 bytes stand before the archive",
    }  # fmt: skip
    assert found.to_dict("zh")["message"] == "包前有 9 字节数据"


def test_a_strangers_text_is_made_harmless() -> None:
    assert shown("a\x1b[31m\n") == "a\\x1b[31m\\n"
    assert shown("\u202eexe") == "\\u202eexe"
    assert shown("\ud800").isprintable()
    assert shown("x" * 500) == "x" * 119 + "…"
    assert shown("施工许可证") == "施工许可证"
    assert "{found}" in refuse("package.deflate_malformed", where="{0}", found="{found}").message


def test_a_code_that_is_not_in_the_table_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        refuse("package.nonsense")
    with pytest.raises(KeyError):
        note("package.nonsense")


def test_what_is_wrong_with_an_archive_is_said_in_chinese_too() -> None:
    with pytest.raises(ParseError) as caught:
        open_ofd(b"PK\x05\x06 and no more")
    assert caught.value.text == Text(
        "the archive directory is broken: the end record is cut off", "ZIP 目录损坏：结尾记录被截断"
    )
    error = refuse("package.unsafe_name", where="a\\b", reason="backslash")
    assert error.text is not None
    assert error.text.zh.endswith("条目名称不可接受：含反斜杠")
