"""``egov ofd render``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.calling import Egov

pytestmark = pytest.mark.usefixtures("world")

PNG = b"\x89PNG\r\n\x1a\n"


def test_a_page_becomes_svg_or_png_by_the_name_of_the_file(egov: Egov) -> None:
    assert egov("ofd", "render", "sealed.ofd", "-o", "page.svg").code == 0
    assert egov("ofd", "render", "sealed.ofd", "--out", "page.PNG", "--dpi", "40").code == 0
    assert Path("page.svg").read_text("utf-8").startswith('<svg xmlns="http://www.w3.org/2000/svg" width="210mm"')
    assert Path("page.PNG").read_bytes().startswith(PNG)


def test_the_seal_is_drawn_unless_it_is_left_out(egov: Egov) -> None:
    egov("ofd", "render", "sealed.ofd", "-o", "with.svg")
    egov("ofd", "render", "sealed.ofd", "-o", "without.svg", "--no-seals")
    egov("ofd", "render", "sealed.ofd", "-o", "second.svg", "--page", "2")
    found = {name: "data:image/png" in Path(f"{name}.svg").read_text("utf-8") for name in ("with", "without", "second")}
    assert found == {"with": True, "without": False, "second": False}


def test_what_was_drawn_otherwise_is_told_in_both_languages(egov: Egov) -> None:
    english = egov("ofd", "render", "plain.ofd", "-o", "a.svg")
    chinese = egov("ofd", "render", "plain.ofd", "-o", "b.svg", "--lang", "zh")
    assert "page 1 of 2, 210 x 297 mm: a.svg" in english.out
    assert "the font 宋体 is not embedded" in english.out
    assert "egov.ofd.render.font_substituted" in english.out
    assert "字体 宋体 未嵌入" in chinese.out


def test_json_holds_the_size_and_the_notes(egov: Egov) -> None:
    found = egov("ofd", "render", "plain.ofd", "-o", "a.svg", "--page", "2", "--json").json
    assert (found["page"], found["width_mm"], found["height_mm"], found["out"]) == (2, 210.0, 297.0, "a.svg")
    assert [note["code"] for note in found["notes"]] == ["egov.ofd.render.font_substituted"]


def test_the_same_page_gives_the_same_file(egov: Egov) -> None:
    for name in ("a.svg", "b.svg"):
        egov("ofd", "render", "sealed.ofd", "-o", name)
    assert Path("a.svg").read_bytes() == Path("b.svg").read_bytes()


def test_fonts_of_the_machine_are_used_when_asked_for(egov: Egov) -> None:
    assert egov("ofd", "render", "plain.ofd", "-o", "a.svg", "--system-fonts").code == 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("sealed.ofd", "-o", "page.jpg"), 2),
        (("sealed.ofd", "-o", "page"), 2),
        (("sealed.ofd", "-o", "sealed.ofd"), 2),
        (("sealed.ofd", "-o", "nowhere/page.svg"), 2),
        (("sealed.ofd", "-o", "page.svg", "--page", "3"), 2),
        (("sealed.ofd", "-o", "page.svg", "--page", "0"), 2),
        (("sealed.ofd", "-o", "page.svg", "--document", "2"), 2),
        (("sealed.ofd", "-o", "page.png", "--dpi", "5"), 2),
        (("sealed.ofd", "-o", "page.png", "--dpi", "99999"), 2),
        (("sealed.ofd",), 2),
        (("nowhere.ofd", "-o", "page.svg"), 2),
        (("broken.ofd", "-o", "page.svg"), 1),
        (("garbage.ofd", "-o", "page.svg"), 1),
        (("empty.ofd", "-o", "page.svg"), 1),
    ],
)
def test_what_cannot_be_drawn_says_so_and_leaves_no_file(egov: Egov, arguments: tuple[str, ...], code: int) -> None:
    ran = egov("ofd", "render", *arguments)
    assert ran.code == code
    assert "Traceback" not in ran.err
    assert not Path("page.svg").exists()
    assert not Path("page.png").exists()


def test_a_file_is_overwritten_only_when_asked_for(egov: Egov) -> None:
    Path("page.svg").write_text("mine", "utf-8")
    assert egov("ofd", "render", "sealed.ofd", "-o", "page.svg").code == 2
    assert Path("page.svg").read_text("utf-8") == "mine"
    assert egov("ofd", "render", "sealed.ofd", "-o", "page.svg", "--force").code == 0
    assert Path("page.svg").read_text("utf-8") != "mine"
