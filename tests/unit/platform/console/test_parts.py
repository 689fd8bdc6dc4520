"""The small parts of the console: forms with files, charts, words, one-time passwords."""

from __future__ import annotations

import enum
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.exchange.node.model import Direction, MessageState
from egov_sdk.exchange.node.traffic import HourCount
from egov_sdk.identity.provider.web import BadRequest
from egov_sdk.license.model import Standing
from egov_sdk.license.states import LicenseAction, LicenseState
from egov_sdk.platform.console.charts import hour_chart
from egov_sdk.platform.console.multipart import FormPart, read_multipart
from egov_sdk.platform.console.problems import PROBLEMS
from egov_sdk.platform.console.words import fault_word, word
from egov_sdk.platform.mock.switches import FAULTS
from egov_sdk.platform.powers import Power
from egov_sdk.seal.records import SealState

KIND = "multipart/form-data; boundary=----b"
NOW = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)


def form(*parts: FormPart, boundary: bytes = b"----b") -> bytes:
    pieces = []
    for one in parts:
        named = f'form-data; name="{one.name}"'
        named += "" if one.file_name is None else f'; filename="{one.file_name}"'
        head = f"Content-Disposition: {named}\r\nContent-Type: application/octet-stream\r\n\r\n"
        pieces.append(b"--" + boundary + b"\r\n" + head.encode() + one.content + b"\r\n")
    return b"".join(pieces) + b"--" + boundary + b"--\r\n"


@given(st.lists(st.tuples(st.binary(), st.booleans()), min_size=1, max_size=8))
def test_a_form_is_read_as_it_was_written(given_parts: list[tuple[bytes, bool]]) -> None:
    parts = tuple(
        FormPart(f"f{place}", content, "文件.ofd" if named else None)
        for place, (content, named) in enumerate(given_parts)
        if b"----b" not in content
    )
    if parts:
        assert read_multipart(form(*parts), KIND) == parts


@given(
    st.binary(max_size=400),
    st.sampled_from([KIND, "multipart/form-data; boundary=b", 'multipart/form-data; boundary="b b"']),
)
def test_no_form_escapes_with_another_error(body: bytes, kind: str) -> None:
    with suppress(BadRequest):
        assert all(isinstance(one, FormPart) for one in read_multipart(body, kind))


@pytest.mark.parametrize(
    "kind",
    ["", "text/plain", "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=a;b=c"],
)
def test_a_form_of_no_known_kind_is_refused(kind: str) -> None:
    with pytest.raises(BadRequest) as caught:
        read_multipart(form(FormPart("a", b"x")), kind)
    assert caught.value.status == 415


@pytest.mark.parametrize(
    "body",
    [
        b"",
        form(FormPart("a", b"x"))[:-4],
        b"before" + form(FormPart("a", b"x")),
        form(FormPart("a", b"x")) + b"after",
        form(*(FormPart(f"f{n}", b"") for n in range(9))),
        b"------b\r\nContent-Disposition: form-data\r\n\r\nx\r\n------b--\r\n",
        b'------b\r\nContent-Disposition: attachment; name="a"\r\n\r\nx\r\n------b--\r\n',
        b"------b\r\n" + b"X: y\r\n" * 2_000 + b"\r\nx\r\n------b--\r\n",
    ],
)
def test_a_form_that_is_cut_or_overfull_is_refused(body: bytes) -> None:
    with pytest.raises(BadRequest):
        read_multipart(body, KIND)


def hour(place: int, count: int, state: MessageState = MessageState.DONE) -> HourCount:
    return HourCount(NOW.replace(minute=0) - timedelta(hours=place), Direction.OUT, state, count)


def test_a_chart_shows_every_message_of_its_hours_and_no_other() -> None:
    chart = hour_chart([hour(0, 3), hour(0, 2, MessageState.DEAD), hour(23, 7), hour(24, 99)], until=NOW)
    assert chart.total == 12
    assert len(chart.rows) == 24
    assert [(bar.state.value, bar.count) for bar in chart.bars] == [("done", 7), ("done", 3), ("dead", 2)]
    assert chart.states == (MessageState.DONE, MessageState.DEAD)
    assert all(chart.left <= bar.x and bar.x + bar.width <= chart.width for bar in chart.bars)
    tallest = max(bar.height for bar in chart.bars)
    assert {round(bar.height / tallest, 6) for bar in chart.bars} == {1.0, round(3 / 7, 6), round(2 / 7, 6)}
    stacked = [bar for bar in chart.bars if bar.count in (2, 3)]
    assert stacked[0].y == pytest.approx(stacked[1].y + stacked[1].height)


def test_a_chart_of_nothing_is_a_floor() -> None:
    chart = hour_chart([], until=NOW)
    assert (chart.bars, chart.total, chart.states) == ((), 0, ())


@given(st.integers(0, 10**9))
def test_no_bar_leaves_its_chart(count: int) -> None:
    chart = hour_chart([hour(1, count)], until=NOW)
    assert all(bar.y >= 0 and bar.y + bar.height <= chart.floor + 1e-6 for bar in chart.bars)
    assert all(tick == int(tick) for _, tick in chart.ticks)


@pytest.mark.parametrize("kind", [Power, SealState, LicenseState, LicenseAction, Standing, Direction, MessageState])
def test_every_state_has_words_in_both_languages(kind: type[enum.Enum]) -> None:
    for one in kind:
        assert not word(one, "zh").isascii()
        assert word(one, "en").isascii()


def test_states_of_different_kinds_with_equal_values_keep_their_own_words() -> None:
    assert (word(SealState.SUSPENDED, "zh"), word(LicenseState.SUSPENDED, "zh")) == ("暂停", "暂扣")


def test_every_fault_has_words() -> None:
    assert all(fault_word(name, "zh") != name for name in FAULTS)
    assert fault_word("unheard", "zh") == "unheard"


def test_every_reason_is_told_in_both_languages() -> None:
    for text in PROBLEMS.values():
        assert text.en.isascii()
        assert not text.zh.isascii()
