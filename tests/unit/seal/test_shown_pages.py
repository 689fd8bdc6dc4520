"""Pages as pictures, with a frame around each seal in the colour of what was found of it."""

from __future__ import annotations

import pytest

from egov_sdk.ofd import Box, OfdBuilder, open_ofd
from egov_sdk.report import Outcome
from egov_sdk.seal import verify
from egov_sdk.seal.shown import shown_signatures
from egov_sdk.seal.shown_pages import ShownPages, shown_pages
from tests.world import NOW, World, world


@pytest.fixture(name="made")
def _made() -> World:
    return world()


def shown(made: World, document: bytes, **limits: int) -> ShownPages:
    package = open_ofd(document)
    report = verify(document, policy=made.policy())
    return shown_pages(package, shown_signatures(package), report, **limits)


def test_a_seal_has_a_frame_where_it_stands_in_the_colour_of_its_verdict(made: World) -> None:
    page, *others = shown(made, made.stamped()).pages
    (frame,) = page.frames
    assert (frame.subject, frame.outcome, frame.box) == ("s001", Outcome.PASSED, Box(140, 230, 42, 42))
    assert (page.number, page.count, page.problem) == (1, 1 + len(others), None)
    assert all(one.frames == () for one in others)
    assert page.svg.startswith("<svg")


def test_without_a_report_no_seal_has_a_frame(made: World) -> None:
    package = open_ofd(made.stamped())
    pages = shown_pages(package, shown_signatures(package)).pages
    assert all(page.frames == () for page in pages)
    assert all(page.svg for page in pages)


def test_of_many_pages_the_first_are_shown_and_it_is_said_how_many_are_not() -> None:
    builder = OfdBuilder(title="x", created=NOW.date())
    for number in range(5):
        builder = builder.page().text(20, 20, f"{number}")
    package = open_ofd(builder.build())
    found = shown_pages(package, (), most=3)
    assert ([page.number for page in found.pages], found.left_out) == ([1, 2, 3], 2)
    one = len(found.pages[0].svg)
    few = shown_pages(package, (), most_bytes=2 * one)
    assert (len(few.pages), few.left_out) == (2, 3)
