"""Widths of characters."""

from __future__ import annotations

from pathlib import Path

import pytest

from egov_sdk.ofd.builder.metrics import advance_em, advances_mm


@pytest.mark.parametrize(
    ("character", "expected"),
    [
        ("章", 1.0), ("，", 1.0), ("Ａ", 1.0), ("“", 1.0), ("…", 1.0), ("①", 1.0), ("Ω", 1.0), ("\U00020000", 1.0),
        ("A", 0.5), (" ", 0.5), ("1", 0.5), ("é", 0.5), ("ā", 0.5), ("ｱ", 0.5), ("\u0301", 0.0),
    ],
)  # fmt: skip
@pytest.mark.parametrize("font", ["宋体", "SimSun", "KaiTi", "a font nobody knows"])
def test_a_chinese_face_gives_chinese_one_em_and_latin_half(character: str, expected: float, font: str) -> None:
    assert advance_em(character, font=font) == expected


@pytest.mark.parametrize(
    ("font", "file"),
    [("Times New Roman", "ptmr8a.afm"), ("TimesNewRomanPSMT", "ptmr8a.afm"), ("Arial", "phvr8a.afm"),
     ("Helvetica", "phvr8a.afm"), ("Courier New", "pcrr8a.afm"), ("courier-new", "pcrr8a.afm")],
)  # fmt: skip
def test_the_latin_faces_have_the_widths_of_their_published_metrics(font: str, file: str) -> None:
    matplotlib = pytest.importorskip("matplotlib", reason="its copy of the published metrics is the reference")
    metrics = (Path(matplotlib.get_data_path()) / "fonts" / "afm" / file).read_text("ascii")
    names = {"quoteright": "'", "quoteleft": "`"}
    published = {}
    for line in metrics.splitlines():
        if line.startswith("C ") and not line.startswith("C -1"):
            fields = [field.split() for field in line.split(";") if field.strip()]
            code, width, name = int(fields[0][1]), float(fields[1][1]), fields[2][1]
            if 0x20 <= code <= 0x7E and name not in names:
                published[chr(code)] = width / 1000
    assert len(published) == 93
    assert {character: advance_em(character, font=font) for character in published} == published


def test_chinese_in_a_latin_face_keeps_its_em() -> None:
    assert advance_em("章", font="Arial") == 1.0
    assert advances_mm("A章", font="Courier New", size_mm=10) == (6.0, 10.0)
