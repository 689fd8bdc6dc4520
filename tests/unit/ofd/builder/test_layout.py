"""Lines and steps."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.ofd.builder import text_width_mm, wrap_text
from egov_sdk.ofd.builder.layout import delta_x


def _wrap(text: str, width_em: float) -> tuple[str, ...]:
    return wrap_text(text, font="宋体", size_mm=1, width_mm=width_em)


@pytest.mark.parametrize(
    ("text", "width_em", "expected"),
    [
        ("", 5, ("",)),
        ("施工许可证", 5, ("施工许可证",)),
        ("施工许可证", 2, ("施工", "许可", "证")),
        ("施工许可，证", 4, ("施工许", "可，证")),
        ("施工（许可）", 3, ("施工", "（许", "可）")),
        ("准予施工。特发此证", 4, ("准予施", "工。特发", "此证")),
        ("hello world again", 6, ("hello world", "again")),
        ("hello world again", 5, ("hello", "world", "again")),
        ("abcdefghij", 3, ("abcdef", "ghij")),
        ("编号 No.42 号", 3.5, ("编号", "No.42", "号")),
        ("一\n\n二三", 2, ("一", "", "二三")),
        ("甲  乙", 2, ("甲", "乙")),
        ("，，，，", 2, ("，，", "，，")),
        ("  缩进", 4, ("  缩进",)),
    ],
)
def test_text_is_broken_where_readers_expect_it(text: str, width_em: float, expected: tuple[str, ...]) -> None:
    assert _wrap(text, width_em) == expected


def test_a_column_narrower_than_a_character_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="at least one character"):
        _wrap("章", 0.5)


@given(st.text("施工许，。（）ab1 \n", max_size=40), st.integers(1, 12))
def test_no_line_is_too_wide_and_nothing_but_blanks_is_lost(text: str, width_em: int) -> None:
    lines = _wrap(text, width_em)
    # A blank that ends a line hangs over, so only what is seen has to fit.
    assert all(text_width_mm(line.rstrip(" "), font="宋体", size_mm=1) <= width_em + 1e-6 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace("\n", "").replace(" ", "")


@pytest.mark.parametrize(
    ("advances", "expected"),
    [
        ([], ""),
        ([5], ""),
        ([5, 5], "5"),
        ([5, 5, 5], "5 5"),
        ([5, 5, 5, 5], "g 3 5"),
        ([5, 5, 5, 5, 2.5, 2.5, 9], "g 4 5 2.5 2.5"),
        ([1 / 3] * 4, "0.333 0.334 0.333"),
        ([0, 5, 0], "0 5"),
    ],
)
def test_steps_are_written_in_runs_and_one_fewer_than_characters(advances: list[float], expected: str) -> None:
    assert delta_x(tuple(advances)) == expected


@given(st.lists(st.floats(0, 50), max_size=60))
def test_rounding_does_not_add_up(advances: list[float]) -> None:
    tokens = delta_x(tuple(advances)).split()
    steps: list[float] = []
    while tokens:
        token = tokens.pop(0)
        steps += [float(tokens.pop(1))] * int(tokens.pop(0)) if token == "g" else [float(token)]
    assert len(steps) == max(0, len(advances) - 1)
    assert sum(steps) == pytest.approx(sum(advances[:-1]), abs=0.001)
