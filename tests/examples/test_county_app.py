"""The county app as a reader starts it, at each place; its own tests lie beside it."""

from __future__ import annotations

from pathlib import Path

import pytest
from county_app.__main__ import main

from tests.examples.serving import served, sign_in

WHOLE = ["signed", "issued", "scanned", "verified", "sent", "revoked", "see"]


def told(capsys: pytest.CaptureFixture[str]) -> dict[str, list[str]]:
    """What it said, by the first word of each line."""
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    return {words[0]: words[1:] for words in lines}


def check(said: dict[str, list[str]]) -> None:
    assert list(said) == WHOLE
    assert (said["scanned"], said["verified"], said["revoked"]) == (["passed"], ["passed"], ["failed", "failed"])
    assert said["sent"][1:] == ["received", "and", "signed", "for"]
    assert all(Path(name).stat().st_size for name in said["see"])
    assert len(said["see"]) == 3


@pytest.mark.parametrize("where", ["mock:", "local:./county"])
def test_in_this_process(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    main(where)
    check(told(capsys))


def test_at_a_province_that_is_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "province"
    with served(folder):

        def somebody(prompt: str) -> str:
            password = (folder / "people.password").read_text("ascii").strip()
            return sign_in(prompt.split("\n")[1], login="test1", password=password)

        monkeypatch.setattr("builtins.input", somebody)
        main(str(folder / "office.toml"))
    check(told(capsys))
