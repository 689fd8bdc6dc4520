"""``egov verify --html``: one file, nothing in it runs, every check is there, and strangers' words stay words."""

from __future__ import annotations

import base64
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from egov_sdk.cli._html import error_page, report_page
from egov_sdk.errors import ParseError
from egov_sdk.ofd import OfdBuilder, open_ofd
from egov_sdk.report import Outcome
from egov_sdk.seal import Policy, SealPicture, make_seal, stamp, verify
from egov_sdk.seal.placement import Placement
from tests.hostile.attacks import ATTACKS, Caught
from tests.unit.cli.calling import Egov
from tests.unit.cli.world import MADE_AT
from tests.world import NOW, world

pytestmark = pytest.mark.usefixtures("world")


class _Reader(HTMLParser):
    """What an HTML file is made of; ``open`` must be empty at its end."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(self.words)

    def seals(self) -> list[str]:
        classes = [str(attrs.get("class")).split() for tag, attrs in self.tags if tag == "div"]
        return [found[1] for found in classes if found[0] == "seal"]


def _written(egov: Egov, name: str, *options: str) -> _Reader:
    egov("verify", name, "--html", "report.html", "--force", *options)
    return _Reader(Path("report.html").read_text("utf-8"))


TRUST = ("--trust", "root.pem")


@pytest.mark.parametrize(
    ("name", "options", "word", "frame"),
    [
        ("sealed.ofd", TRUST, "PASSED", ["passed"]),
        ("sealed.ofd", (), "COULD NOT DECIDE", ["unknown"]),
        ("tampered.ofd", TRUST, "REJECTED", ["failed"]),
        ("plain.ofd", TRUST, "REJECTED", []),
    ],
)
def test_the_report_says_the_verdict_and_frames_each_seal_in_its_colour(
    egov: Egov, name: str, options: tuple[str, ...], word: str, frame: list[str]
) -> None:
    report = _written(egov, name, *options)
    assert report.open == []
    assert word in report.text
    assert report.seals() == frame


def test_the_exit_code_and_the_words_are_those_without_it(egov: Egov) -> None:
    for name, options in (("sealed.ofd", TRUST), ("sealed.ofd", ()), ("tampered.ofd", TRUST)):
        plain, with_html = (
            egov("verify", name, *options),
            egov("verify", name, *options, "--html", f"{name}.html", "--force"),
        )
        assert with_html.code == plain.code
        assert with_html.out.splitlines()[0] == plain.out.splitlines()[0]


def test_every_check_is_told_with_its_reason_and_clause(egov: Egov) -> None:
    report = _written(egov, "tampered.ofd", *TRUST).text
    found = egov("verify", "tampered.ofd", *TRUST, "--json").json
    assert len(found["checks"]) > 20
    for check in found["checks"]:
        for part in ("id", "reason", "clause"):
            assert check[part] in report
    assert all(f"{answer}" in report.lower() for answer in found["answers"])


def test_the_chains_of_signer_and_maker_lead_to_the_anchor(egov: Egov) -> None:
    report = _written(egov, "sealed.ofd", *TRUST).text
    for name in ("示例根证书", "示例制章单位", "示例市数据局"):
        assert name in report
    assert report.count("trusted by you") == 2
    assert "trusted by you" not in _written(egov, "sealed.ofd").text


def test_it_is_one_file_in_which_nothing_runs_and_nothing_is_fetched(egov: Egov) -> None:
    report = _written(egov, "sealed.ofd", *TRUST)
    names = {tag for tag, _ in report.tags}
    assert not names & {"script", "link", "iframe", "object", "embed", "form", "a", "svg", "base"}
    attributes = [(key, value) for _, attrs in report.tags for key, value in attrs.items()]
    assert not [key for key, _ in attributes if key.startswith("on")]
    assert all(
        str(value).startswith("data:image/svg+xml;base64,") for key, value in attributes if key in ("src", "href")
    )
    policies = [attrs["content"] for tag, attrs in report.tags if "http-equiv" in attrs]
    assert len(policies) == 1
    assert str(policies[0]).startswith("default-src 'none'; img-src data:;")


def test_the_pages_are_pictures_with_the_frame_where_the_seal_is(egov: Egov) -> None:
    report = _written(egov, "sealed.ofd", *TRUST)
    pictures = [str(attrs["src"]) for tag, attrs in report.tags if tag == "img"]
    assert len(pictures) == 2
    assert base64.b64decode(pictures[0].partition(",")[2]).startswith(b"<svg ")
    (style,) = [str(attrs["style"]) for tag, attrs in report.tags if "style" in attrs]
    sides = [float(side) for side in re.findall(r"[\d.]+", style)]
    assert sides == pytest.approx([140 / 2.1, 230 / 2.97, 42 / 2.1, 42 / 2.97], abs=0.01)


def test_it_speaks_the_language_that_was_asked_for(egov: Egov) -> None:
    report = _written(egov, "sealed.ofd", *TRUST, "--lang", "zh")
    assert dict(report.tags[0][1]) == {"lang": "zh-CN"}
    assert "验证报告" in report.text
    assert "通过" in report.text
    assert "PASSED" not in report.text


def test_light_dark_and_paper_are_thought_of(egov: Egov) -> None:
    egov("verify", "sealed.ofd", "--html", "report.html")
    text = Path("report.html").read_text("utf-8")
    for part in ("color-scheme:light dark", "prefers-color-scheme:dark", "@media print"):
        assert part in text


@pytest.mark.parametrize(("name", "code"), [("broken.ofd", 1), ("garbage.ofd", 1), ("empty.ofd", 1)])
def test_a_file_that_cannot_be_read_has_a_report_too(egov: Egov, name: str, code: int) -> None:
    ran = egov("verify", name, "--html", "report.html")
    report = _Reader(Path("report.html").read_text("utf-8"))
    assert ran.code == code
    assert "REJECTED" in report.text
    assert "egov.ofd.package." in report.text


def test_one_document_at_a_time_and_nothing_overwritten_unasked(egov: Egov) -> None:
    assert egov("verify", "sealed.ofd", "plain.ofd", "--html", "report.html").code == 2
    assert not Path("report.html").exists()
    Path("report.html").write_text("mine", "utf-8")
    assert egov("verify", "sealed.ofd", "--html", "report.html").code == 2
    assert Path("report.html").read_text("utf-8") == "mine"


EVIL = "</title><script>alert('x')</script>\"'><img src=x onerror=alert(1)>&\u202e{0}"


def test_words_of_strangers_stay_words() -> None:
    office = world().office
    seal = make_seal(
        name=EVIL,
        seal_id=EVIL.replace("\u202e", ""),
        picture=SealPicture(office.seal.picture.data, "PNG", 42, 42),
        holders=[office.certificate],
        maker=office.maker,
        maker_certificate=office.maker_certificate,
        created_at=office.seal.created_at,
        valid_from=office.seal.valid_from,
        valid_to=office.seal.valid_to,
    )
    builder = OfdBuilder(created=NOW, title=EVIL)
    document = builder.page().text(20, 20, "文字", font="</style>{evil}").build()
    sealed = stamp(document, seal=seal, signer=office.signer, at=[Placement(page=1, x_mm=9, y_mm=9)], signed_at=NOW)
    policy = Policy.standard(trust=world().trust, at=NOW)
    for lang in ("en", "zh"):
        page = report_page(
            verify(sealed, policy=policy, subject=EVIL),
            open_ofd(sealed),
            policy=policy,
            lang=lang,
        )
        read = _Reader(page)
        assert read.open == []
        assert not {"script"} & {tag for tag, _ in read.tags}
        assert [attrs for tag, attrs in read.tags if tag == "img" and "onerror" in attrs] == []
        assert "alert('x')" in read.text
        assert "\u202e" not in page


@pytest.mark.parametrize("number", [number for number, one in ATTACKS.items() if isinstance(one.expected, Caught)])
def test_no_forged_document_gets_a_report_in_green(number: str) -> None:
    forged, policy = ATTACKS[number].make(world()), world().policy()
    report = verify(forged, policy=policy)
    read = _Reader(report_page(report, open_ofd(forged), policy=policy, lang="en"))
    assert read.open == []
    assert "script" not in {tag for tag, _ in read.tags}
    if report.outcome is not Outcome.PASSED:
        banner = next(str(attrs["class"]) for tag, attrs in read.tags if "banner" in str(attrs.get("class")))
        assert "passed" not in banner
        assert not read.seals() or set(read.seals()) != {"passed"}


def test_an_error_of_a_strangers_file_is_escaped() -> None:
    page = error_page(EVIL, ParseError(EVIL, where=EVIL, code="egov.x"), outcome=Outcome.FAILED, lang="en")
    assert {tag for tag, _ in _Reader(page).tags} & {"script", "img"} == set()


def test_the_time_of_the_policy_is_told(egov: Egov) -> None:
    report = _written(egov, "sealed.ofd", *TRUST, "--at", MADE_AT.isoformat())
    assert "2004-01-05 01:02:03 +0000" in report.text
