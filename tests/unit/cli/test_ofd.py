"""``egov ofd show``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.calling import Egov

pytestmark = pytest.mark.usefixtures("world")


def test_a_document_is_shown_with_its_signatures_and_files(egov: Egov) -> None:
    ran = egov("ofd", "show", "sealed.ofd")
    assert ran.code == 0
    assert "示例通知" in ran.out
    assert "2 (210 x 297 mm)" in ran.out
    assert "s001" in ran.out
    assert "Doc_0/Signs/Sign_0/SignedValue.dat" in ran.out


def test_json_holds_the_whole_summary(egov: Egov) -> None:
    found = egov("ofd", "show", "sealed.ofd", "--json").json
    assert found["schema_version"] == 1
    assert found["file"] == "sealed.ofd"
    assert [page["index"] for page in found["documents"][0]["pages"]] == [1, 2]
    assert found["documents"][0]["signatures"][0]["type"] == "Seal"


def test_what_is_odd_is_told(egov: Egov) -> None:
    Path("odd.ofd").write_bytes(b"#!/bin/sh\n" + Path("sealed.ofd").read_bytes())
    english, chinese = egov("ofd", "show", "odd.ofd"), egov("ofd", "show", "odd.ofd", "--lang", "zh")
    assert "10 bytes stand before the archive" in english.out
    assert "包前有 10 字节数据" in chinese.out
    assert "egov.ofd.package.prefix_data" in english.out


@pytest.mark.parametrize(
    ("name", "code"), [("nowhere.ofd", 2), (".", 2), ("garbage.ofd", 1), ("broken.ofd", 1), ("root.pem", 1)]
)
def test_what_is_no_document_says_so(egov: Egov, name: str, code: int) -> None:
    ran = egov("ofd", "show", name)
    assert ran.code == code
    assert ran.out == ""
    assert "Traceback" not in ran.err
