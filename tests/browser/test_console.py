"""The console and the page for verifying in a real browser: signed in, dropped on, in the dark, without a script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from egov_sdk.ofd import open_ofd
from egov_sdk.platform.console.views import ROUTES
from egov_sdk.platform.powers import Power
from tests.browser.conftest import Open
from tests.console_world import PASSWORD, ConsoleWorld

Served = tuple[str, ConsoleWorld]

#: What makes a page hard to use for somebody who does not see it, or not well: each problem as a line of text.
AUDIT = (Path(__file__).parent / "audit.js").read_text("utf-8")
DROP = """([name, octets]) => {
  const given = new DataTransfer();
  given.items.add(new File([new Uint8Array(octets)], name));
  const form = document.querySelector('[data-drop]');
  for (const type of ['dragenter', 'dragover', 'drop'])
    form.dispatchEvent(new DragEvent(type, {dataTransfer: given, bubbles: true, cancelable: true}));
}"""


@pytest.fixture
def document(served: Served, tmp_path: Path) -> Path:
    path = tmp_path / "证照.ofd"
    path.write_bytes(served[1].license_file())
    return path


@pytest.fixture
def forged(document: Path) -> Path:
    package, name = open_ofd(document), "Doc_0/Pages/Page_0/Content.xml"
    changed = package.rewrite({name: package.read(name).replace("样例市".encode(), "样例县".encode(), 1)})
    path = document.with_name("forged.ofd")
    path.write_bytes(changed)
    return path


def pages(world: ConsoleWorld) -> Iterator[tuple[Power | None, str]]:
    """Every page that there is to see, with a power that sees it."""
    yield from ((None, path) for path in ("/verify", "/console/sign-in"))
    yield Power.ADMIN, "/console/password"
    for route in ROUTES:
        if route.method == "GET":
            power = Power.OPERATOR if Power.OPERATOR in route.powers else next(iter(route.powers))
            yield power, "/console" + route.path.replace("{identifier}", world.identifier())


def audited(page: Page) -> list[str]:
    """The problems of a page, in the light and in the dark."""
    found = list[str]()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        found += [f"{scheme}: {one}" for one in page.evaluate(AUDIT)]
    return found


def colour(page: Page, where: str, what: str = "background-color") -> str:
    found = page.eval_on_selector(where, f"one => getComputedStyle(one).getPropertyValue('{what}')")
    assert isinstance(found, str)
    return found


def test_somebody_signs_in_looks_around_and_signs_out(open_page: Open) -> None:
    page = open_page("/console/", power=Power.OPERATOR)
    assert page.locator("h1").inner_text() == "概览"
    page.click("nav >> text=证照")
    page.click("table >> text=YX0001")
    image = page.locator("svg[role=img] image")
    assert image.bounding_box() is not None
    page.click("text=退出")
    page.wait_for_url("**/console/sign-in")
    page.goto("/console/people")
    assert page.url.endswith("/console/sign-in")


def test_a_wrong_password_is_told_where_it_is_heard(open_page: Open, served: Served) -> None:
    page = open_page("/console/sign-in", java_script_enabled=False)
    page.on("console", lambda message: None)
    page.fill("#login", "nobody")
    page.fill("#password", PASSWORD)
    page.click("button.main")
    assert page.get_by_role("alert").inner_text() == "用户名或密码错误"
    assert page.input_value("#login") == "nobody"
    assert page.input_value("#password") == ""


def test_a_document_that_is_dropped_is_verified_with_its_seal_in_green(open_page: Open, document: Path) -> None:
    page = open_page("/verify")
    page.evaluate(DROP, [document.name, list(document.read_bytes())])
    page.wait_for_selector(".banner.passed")
    assert page.locator(".banner .word").inner_text() == "通过"
    assert page.locator(".tiles .word").all_inner_texts() == ["通过"] * 4
    assert colour(page, ".frame.passed rect", "stroke") == "rgb(17, 112, 60)"
    frame, sheet = page.locator(".frame rect").first.bounding_box(), page.locator(".sheet svg").first.bounding_box()
    assert frame is not None
    assert sheet is not None
    assert sheet["x"] < frame["x"] < frame["x"] + frame["width"] < sheet["x"] + sheet["width"]


def test_a_forged_one_is_red_and_says_which_check_failed(open_page: Open, forged: Path) -> None:
    page = open_page("/verify", lang="en")
    page.set_input_files("#file", forged)
    page.wait_for_selector(".banner.failed")
    assert page.locator(".banner .word").inner_text() == "REJECTED"
    assert page.locator(".frame.failed").count() == 1
    assert page.locator(".frame.passed").count() == 0
    assert page.locator("tr", has_text="integrity.references").locator(".badge.failed").inner_text() == "failed"


def test_a_file_that_is_too_large_is_not_even_sent(open_page: Open, tmp_path: Path) -> None:
    path = tmp_path / "large.ofd"
    with path.open("wb") as file:
        file.truncate((16 << 20) + 1)
    page, sent = open_page("/verify"), list[str]()
    page.on("request", lambda asked: sent.append(asked.method))
    page.set_input_files("#file", path)
    assert page.get_by_role("status").inner_text() == "文件过大"
    assert sent == []


def test_everything_works_without_a_script(open_page: Open, document: Path, served: Served) -> None:
    page = open_page("/verify", java_script_enabled=False)
    page.set_input_files("#file", document)
    page.click("form[data-drop] button")
    assert page.locator(".banner .word").inner_text() == "通过"
    assert page.locator("[data-print]").is_hidden()
    staff = open_page("/console/staff", power=Power.ADMIN, java_script_enabled=False)
    staff.fill("#login", "no-script")
    staff.select_option("#power", "auditor")
    staff.click("form[action$=add] button")
    assert re.fullmatch(r"[a-z2-7-]{19}", staff.locator(".secret").inner_text())
    staff.click('button[aria-label="移除 no-script"]')
    assert "no-script" not in staff.locator("table").inner_text()


def test_with_a_script_somebody_is_asked_before_a_person_is_removed(open_page: Open, served: Served) -> None:
    served[1].staff.add("asked-about", Power.AUDITOR)
    page, asked = open_page("/console/staff", power=Power.ADMIN), list[str]()

    def refuse(dialog: Any) -> None:  # playwright has no public name for it here
        asked.append(dialog.message)
        dialog.dismiss()

    page.once("dialog", refuse)
    page.click('button[aria-label="移除 asked-about"]')
    assert asked == ["移除 asked-about？"]
    page.reload()
    assert "asked-about" in page.locator("table").inner_text()


def test_the_keyboard_alone_is_enough(open_page: Open, served: Served) -> None:
    page = open_page("/console/sign-in")
    assert page.evaluate("document.activeElement.id") == "login"
    page.keyboard.type("auditor")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.locator(".skip").bounding_box()["y"] >= -80  # type: ignore[index]  # it is on the page
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.goto("/console/")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.getAttribute('href')") == "/console/audit":
            break
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
    assert outline == "3px"
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/audit")


def test_every_page_can_be_used_by_those_who_do_not_see_it(open_page: Open, served: Served) -> None:
    by_power: dict[Power | None, Page] = {}
    for power, path in pages(served[1]):
        page = by_power.get(power) or by_power.setdefault(power, open_page(path, power=power))
        page.goto(path)
        assert audited(page) == [], path


def test_a_report_can_be_used_by_those_who_do_not_see_it(open_page: Open, document: Path, forged: Path) -> None:
    page = open_page("/verify")
    for path in (document, forged):
        page.goto("/verify")
        page.set_input_files("#file", path)
        page.wait_for_selector(".banner")
        assert audited(page) == [], path.name


def test_the_auditor_itself_sees_what_is_wrong(open_page: Open) -> None:
    page = open_page("/verify")
    page.evaluate(
        """() => { document.querySelector('label[for=file]').remove();
        document.querySelector('h1').style.color = '#ccc';
        const more = '<img src="data:,"><table><td>x</td></table>';
        document.querySelector('main').insertAdjacentHTML('beforeend', more); }"""
    )
    found = page.evaluate(AUDIT)
    assert [one.partition(":")[0] for one in found] == ["contrast", "label", "alt", "headers"]


def test_the_dark_is_dark_and_the_light_is_light(open_page: Open) -> None:
    def ground(scheme: str) -> int:
        page = open_page("/verify", color_scheme=scheme)
        return sum(map(int, re.findall(r"\d+", colour(page, "body"))[:3]))

    assert ground("dark") < 120 < 600 < ground("light")


def test_a_report_prints_without_what_is_only_for_the_screen(open_page: Open, document: Path) -> None:
    page = open_page("/verify", color_scheme="dark")
    page.set_input_files("#file", document)
    page.wait_for_selector(".banner")
    page.emulate_media(media="print")
    for hidden in (".who", ".skip", ".noprint"):
        assert page.locator(hidden).first.is_hidden()
    assert colour(page, "body") == "rgb(255, 255, 255)"
    assert colour(page, ".checks td:last-child", "color") == "rgb(0, 0, 0)"
    assert page.locator(".checks").first.is_visible()
    assert page.pdf().startswith(b"%PDF")


def test_no_page_is_wider_than_a_telephone(open_page: Open, served: Served) -> None:
    by_power: dict[Power | None, Page] = {}
    small = {"width": 360, "height": 740}
    for power, path in pages(served[1]):
        page = by_power.get(power) or by_power.setdefault(power, open_page(path, power=power, viewport=small))
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
