"""``egov doctor``."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import pytest

import egov_sdk
from egov_sdk.crypto import backend, set_backend
from egov_sdk.crypto._backend import gmssl, select
from egov_sdk.crypto._backend.interface import BackendUnavailable
from egov_sdk.storage import open_store
from tests.postgres import running_server
from tests.unit.cli.calling import Egov


def test_it_names_versions_backends_fonts_and_optional_parts(egov: Egov) -> None:
    found = egov("doctor", "--json").json
    assert found["schema_version"] == 1
    assert found["versions"]["egov-sdk"] == egov_sdk.__version__
    assert found["crypto"]["backend"] == backend()
    assert {one["name"] for one in found["crypto"]["backends"]} >= {"pure", "libcrypto", "gmssl"}
    assert "file" in found["crypto"]["key_schemes"]
    assert found["fonts"]["bundled"].endswith(".otf")
    assert found["optional_parts"]["cli"] is True
    assert found["trust_anchors"] == 0


def test_the_text_says_the_same_in_both_languages(egov: Egov) -> None:
    english, chinese = egov("doctor"), egov("doctor", "--lang", "zh")
    assert english.code == chinese.code == 0
    assert "SM2 backend in use" in english.out
    assert "当前 SM2 后端" in chinese.out
    for ran in (english, chinese):
        assert egov_sdk.__version__ in ran.out
        assert backend() in ran.out


def test_nothing_of_the_environment_leaks(egov: Egov, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY_PASSWORD", "top-secret-value")
    for extra in ((), ("--json",)):
        assert "top-secret-value" not in egov("doctor", *extra).out


def test_a_backend_that_cannot_be_used_is_told_and_is_wrong_usage(egov: Egov, monkeypatch: pytest.MonkeyPatch) -> None:
    before = backend()
    monkeypatch.setenv("EGOV_CRYPTO_BACKEND", "abacus")
    try:
        set_backend(None)
        ran = egov("doctor", "--json")
        assert ran.code == 2
        assert "abacus" in ran.json["crypto"]["problem"]
        assert ran.json["crypto"]["backend"] == ""
        assert "abacus" in egov("doctor").out
    finally:
        set_backend(before)


def test_a_database_is_asked_whether_it_keeps_what_it_took(egov: Egov, tmp_path: Path) -> None:
    assert egov("doctor", "--database", str(tmp_path / "none.db")).code == 2
    open_store(tmp_path / "office.db").close()
    ran = egov("doctor", "--database", str(tmp_path / "office.db"), "--json")
    assert (ran.code, ran.json["database"]["problem"]) == (0, "")
    with running_server() as server:  # it is told not to wait for its disk
        ran = egov("doctor", "--database", server.url())
        assert ran.code == 4
        assert "fsync=off" in ran.out


def test_why_a_backend_is_not_there_is_told_in_chinese(egov: Egov, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> NoReturn:
        raise BackendUnavailable("the package gmssl is not installed: no sm2")

    monkeypatch.setattr(gmssl, "load", refuse)
    monkeypatch.delitem(select._loaded, "gmssl", raising=False)
    assert "不可用: 未安装 gmssl 包: no sm2" in egov("doctor", "--lang", "zh").out
    assert "not available: the package gmssl is not installed: no sm2" in egov("doctor").out
