"""Which language a run speaks."""

from __future__ import annotations

import locale

import pytest

from egov_sdk.cli._words import ask_first, asked_in, begin, language


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    begin()


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh"}, "zh"),
        ({"LANG": "en_US.UTF-8"}, "en"),
        ({"LANG": "C"}, "en"),
        ({"LANG": "de_DE"}, "en"),
        ({"LC_ALL": "zh_TW.UTF-8", "LANG": "en_US"}, "zh"),
        ({"LC_ALL": "C.UTF-8", "LC_MESSAGES": "zh_CN", "LANG": "zh_CN"}, "en"),
        ({"LC_ALL": "", "LC_MESSAGES": "zh_CN", "LANG": "en_US"}, "zh"),
    ],
)
def test_the_locale_decides(monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], expected: str) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert language() == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Chinese_China", "zh"), ("zh_CN", "zh"), ("English", "en"), (None, "en")],
)
def test_without_variables_the_system_is_asked(
    monkeypatch: pytest.MonkeyPatch, name: str | None, expected: str
) -> None:
    monkeypatch.setattr(locale, "getlocale", lambda: (name, "UTF-8"))
    assert language() == expected


def test_what_is_asked_for_counts_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert language("en") == "en"
    ask_first("en")
    assert language() == "en"
    assert language("zh") == "zh"
    begin()
    assert language() == "zh"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], None),
        (["--lang", "zh", "verify"], "zh"),
        (["verify", "--lang=en"], "en"),
        (["--lang", "zh", "--lang", "en"], "en"),
        (["--lang"], None),
        (["--lang", "fr"], None),
        (["--language", "zh"], None),
    ],
)
def test_the_help_finds_the_language_among_raw_arguments(arguments: list[str], expected: str | None) -> None:
    assert asked_in(arguments) == expected
