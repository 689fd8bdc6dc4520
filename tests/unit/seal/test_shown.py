"""What a sealed document shows: stamps with pictures for the pages, and the certificates behind them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from egov_sdk.errors import InputError, LimitExceeded, ParseError
from egov_sdk.ofd import Box, OfdBuilder, open_ofd
from egov_sdk.ofd.render import RenderedPage, rasterize, render_page
from egov_sdk.seal import SealPicture, sign, verify
from egov_sdk.seal.shown import picture_for_page, shown_signatures
from tests.hostile.attacks import ATTACKS
from tests.interop_data import interop
from tests.unit.seal.pictures import SVG_NS, painted
from tests.world import NOW, World, entries_of, world, zipped

VALUE, DESCRIPTION = "Doc_0/Signs/Sign_0/SignedValue.dat", "Doc_0/Signs/Sign_0/Signature.xml"


@pytest.fixture(name="made")
def _made() -> World:
    return world()


def test_a_stamp_stands_where_the_signature_says_with_the_picture_of_the_signed_value(made: World) -> None:
    (one,) = shown_signatures(open_ofd(made.stamped()))
    assert (one.subject, one.document, one.problems) == ("s001", 0, ())
    (stamp,) = one.stamps
    assert (stamp.page, stamp.boundary, stamp.clip) == (1, Box(140, 230, 42, 42), None)
    assert stamp.picture == made.office.seal.picture.data
    assert one.certificates == (made.office.certificate,)
    assert one.value is not None
    assert one.value.seal.raw == made.office.seal.raw


def test_signatures_are_called_what_the_report_calls_them(made: World) -> None:
    twice = made.stamped(made.stamped())
    subjects = {one.subject for one in shown_signatures(open_ofd(twice))}
    report = verify(twice, policy=made.policy())
    assert subjects == {check.subject for check in report.checks} - {""}
    assert len(subjects) == 2


def test_the_seal_is_seen_on_the_page(made: World) -> None:
    package = open_ofd(made.stamped())
    (one,) = shown_signatures(package)
    with_seal = render_page(package.documents[0], stamps=one.stamps)
    without = render_page(package.documents[0])
    assert with_seal.notes == without.notes
    assert rasterize(with_seal, dpi=50) != rasterize(without, dpi=50)
    assert render_page(package.documents[0], 2, stamps=one.stamps) == render_page(package.documents[0], 2)


def test_a_signature_without_a_seal_has_its_certificate_and_no_stamp(made: World) -> None:
    signed = sign(made.document, signer=made.office.signer, certificate=made.office.certificate, signed_at=NOW)
    (one,) = shown_signatures(open_ofd(signed))
    assert (one.stamps, one.value, one.problems) == ((), None, ())
    assert one.certificates[0] == made.office.certificate


@pytest.mark.parametrize("number", ["c8", "c9", "c10", "c11", "c12"])
def test_a_picture_that_does_harm_is_a_problem_of_the_signature_and_is_not_shown(made: World, number: str) -> None:
    (one,) = shown_signatures(open_ofd(ATTACKS[number].make(made)))
    assert len(one.problems) == 1
    assert [stamp.picture for stamp in one.stamps] == [None]


def test_a_document_without_signatures_shows_none(made: World) -> None:
    assert shown_signatures(open_ofd(made.document)) == ()


def _damage(name: str, edit: Callable[[bytes], bytes | None]) -> Callable[[World], bytes]:
    def make(made: World) -> bytes:
        entries = entries_of(made.stamped())
        changed = edit(entries.pop(name))
        return zipped(entries | ({} if changed is None else {name: changed}))

    return make


DAMAGE = {
    "no value": _damage(VALUE, lambda data: None),
    "empty value": _damage(VALUE, lambda data: b""),
    "cut value": _damage(VALUE, lambda data: data[: len(data) // 2]),
    "no description": _damage(DESCRIPTION, lambda data: None),
    "broken description": _damage(DESCRIPTION, lambda data: data[:-20]),
    "another root": _damage(DESCRIPTION, lambda data: b"<a/>"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_broken_signature_is_shown_with_its_problem_and_the_page_is_drawn(made: World, name: str) -> None:
    package = open_ofd(DAMAGE[name](made))
    (one,) = shown_signatures(package)
    assert one.problems
    assert all(code.startswith("egov.") for code in one.problems)
    assert all(stamp.picture is None for stamp in one.stamps)
    assert render_page(package.documents[0], stamps=one.stamps).svg


def test_a_stamp_on_a_page_that_does_not_exist_is_not_shown(made: World) -> None:
    page_id = open_ofd(made.document).documents[0].pages[0].id
    moved = _damage(DESCRIPTION, lambda data: data.replace(f'PageRef="{page_id}"'.encode(), b'PageRef="9999"'))(made)
    (one,) = shown_signatures(open_ofd(moved))
    assert one.stamps == ()


def test_an_unreadable_list_shows_nothing(made: World) -> None:
    broken = _damage("Doc_0/Signs/Signatures.xml", lambda data: data[:-9])(made)
    assert shown_signatures(open_ofd(broken)) == ()


def _picture(data: bytes, form: str) -> SealPicture:
    return SealPicture(data, form, 40, 30)


def _ofd_picture() -> bytes:
    builder = OfdBuilder(created=date(2026, 1, 5), doc_id="0" * 32)
    return builder.page(width_mm=80, height_mm=60).circle(40, 30, 20, stroke="#ff0000").build()


def test_a_seal_that_is_an_ofd_page_is_drawn_without_paper_and_stretched_to_its_boundary() -> None:
    picture = picture_for_page(_picture(_ofd_picture(), "OFD"))
    assert isinstance(picture, RenderedPage)
    assert (picture.width_mm, picture.height_mm) == (80, 60)
    assert "<rect" not in picture.svg


@pytest.mark.parametrize("form", ["PNG", "GIF", "BMP", "JPEG"])
def test_a_raster_picture_is_handed_on_as_it_is(form: str) -> None:
    data = painted(form)  # type: ignore[arg-type]  # one of four
    assert picture_for_page(_picture(data, form)) == data


def test_an_svg_picture_is_handed_on_as_text() -> None:
    svg = f'<svg xmlns="{SVG_NS}" width="9" height="9"><path d="M0 0h9v9z" fill="red"/></svg>'
    assert picture_for_page(_picture(svg.encode(), "SVG")) == svg


@pytest.mark.parametrize(
    ("inner", "kind"),
    [
        ("<script>alert(1)</script>", ParseError),
        ('<image href="http://x.example/a.png"/>', ParseError),
        ("<path/>" * 4_000, LimitExceeded),
        ('<g opacity="0.5"/>' * 300, LimitExceeded),
        (f"<desc>{'x' * 600_000}</desc>", LimitExceeded),
    ],
)
def test_an_svg_picture_that_runs_fetches_or_takes_hours_is_refused(inner: str, kind: type[InputError]) -> None:
    svg = f'<svg xmlns="{SVG_NS}">{inner}</svg>'
    with pytest.raises(kind):
        picture_for_page(_picture(svg.encode(), "SVG"))


@pytest.mark.parametrize("data", [b"", b"nothing", _ofd_picture()[:200], painted("PNG")[:30]])
def test_a_picture_that_is_none_is_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        picture_for_page(_picture(data, "PNG"))


def test_an_ofd_picture_without_a_page_is_refused() -> None:
    entries = entries_of(_ofd_picture())
    root = entries["Doc_0/Document.xml"]
    begin, end = root.index(b"<ofd:Page "), root.index(b"</ofd:Pages>")
    entries["Doc_0/Document.xml"] = root[:begin] + root[end:]
    with pytest.raises(ParseError, match="without a page"):
        picture_for_page(_picture(zipped(entries), "OFD"))


@pytest.mark.parametrize(
    "name", ["999.ofd", "made-v1.ofd", "made-v4-riding.ofd", "made-v5.ofd", "h.ofd", "draw_param_ref.ofd"]
)
def test_seals_of_other_makers_are_shown(name: str) -> None:
    package = open_ofd(Path(interop("ofd", name)))
    shown = shown_signatures(package)
    stamps = [stamp for one in shown for stamp in one.stamps]
    assert stamps
    assert all(stamp.picture for stamp in stamps)
    drawn = render_page(package.documents[0], stamps[0].page, stamps=stamps)
    assert not [note for note in drawn.notes if note.code == "egov.ofd.render.stamp_unreadable"]
