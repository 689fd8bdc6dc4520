"""The bundled font, and the search for others."""

from __future__ import annotations

import hashlib
import struct
from importlib.resources import files
from io import BytesIO
from pathlib import Path

import pytest
from PIL import ImageFont

import egov_sdk.ofd.fonts as fonts
from egov_sdk.ofd.fonts import FontFace, bundled_font, find_font, missing_characters, open_face

OURS = "egov_sdk.ofd.fonts"


def _family(family: str) -> bytes:
    """The bundled font under another family name of the same length."""
    assert len(family) == len("Egov Song SC")
    return bundled_font().replace("Egov Song SC".encode("utf-16-be"), family.encode("utf-16-be"))


def _collection(*fonts_inside: bytes) -> bytes:
    """A font collection (.ttc) of whole fonts, their table offsets moved to where they now are."""
    head = struct.pack(">4sHHI", b"ttcf", 1, 0, len(fonts_inside))
    at = len(head) + 4 * len(fonts_inside)
    offsets, bodies = [], b""
    for font in fonts_inside:
        offset = at + len(bodies)
        moved = bytearray(font)
        for table in range(struct.unpack_from(">H", font, 4)[0]):
            place = 12 + 16 * table + 8
            struct.pack_into(">I", moved, place, struct.unpack_from(">I", font, place)[0] + offset)
        offsets.append(offset)
        bodies += bytes(moved)
    return head + struct.pack(f">{len(offsets)}I", *offsets) + bodies


def test_the_bundled_font_is_the_one_whose_making_is_written_down() -> None:
    made = files(OURS).joinpath("PROVENANCE.md").read_text("utf-8")
    font = bundled_font()
    assert hashlib.sha256(font).hexdigest() in made
    assert f"{len(font):,} bytes" in made


def test_the_bundled_font_comes_with_its_licence() -> None:
    licence = files(OURS).joinpath("OFL.txt").read_text("utf-8")
    assert licence.startswith("Copyright 2017-2022 Adobe")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert open_face(size_px=20).getname() == ("Egov Song SC", "Regular")


def test_the_bundled_font_has_every_character_of_gb_2312() -> None:
    cells = (bytes((row, cell)) for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF))
    characters = "".join(cell.decode("gb2312", "ignore") for cell in cells)
    assert len(characters) == 6763
    assert missing_characters(characters) == ""


def test_the_bundled_font_has_what_names_and_numbers_need() -> None:
    assert missing_characters("镕玥喆堃翀祎珺昇𬭊𫖯㑇 ABCxyz0189（）【】《》、。：；？！“”〇①Ⅱ·—…㎡℃") == ""


def test_missing_characters_are_named_once_and_in_order() -> None:
    assert missing_characters("市龍財龍\n \u3000局\U000fffff") == "龍財\U000fffff"


@pytest.mark.parametrize("font", [None, "path", "text", "bytes", "face"])
def test_a_font_may_be_given_in_any_form(font: str | None, tmp_path: Path) -> None:
    path = tmp_path / "a font.otf"
    path.write_bytes(bundled_font())
    forms: dict[str, Path | str | bytes | FontFace] = {
        "path": path,
        "text": str(path),
        "bytes": bundled_font(),
        "face": FontFace(path),
    }
    opened = open_face(forms[font] if font else None, size_px=20.5)
    assert (opened.getname(), opened.size) == (("Egov Song SC", "Regular"), 20.5)


@pytest.mark.parametrize("data", [b"", b"OTTO", b"not a font at all", bundled_font()[:1000]])
def test_what_is_no_font_is_refused(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "simsun.ttf"
    path.write_bytes(data)
    for font in (data, path):
        with pytest.raises(ValueError, match="cannot be opened as a font"):
            open_face(font, size_px=20)


def test_a_font_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"absent\.ttf"):
        open_face(tmp_path / "absent.ttf", size_px=20)
    with pytest.raises(ValueError, match="index=1"):
        open_face(FontFace(bundled_font(), 1), size_px=20)


def test_a_face_does_not_print_its_bytes() -> None:
    assert repr(FontFace(b"abc", 2)) == "FontFace(3 bytes, index=2)"
    assert repr(FontFace(Path("a.ttf"))) == "FontFace(a.ttf, index=0)"


def test_a_known_font_is_found_at_any_depth(tmp_path: Path) -> None:
    path = tmp_path / "truetype" / "chinese" / "SimSun.ttf"
    path.parent.mkdir(parents=True)
    path.write_bytes(bundled_font())
    assert find_font("财政局", folders=[tmp_path / "absent", tmp_path]) == FontFace(path)


def test_song_comes_before_other_faces(tmp_path: Path) -> None:
    for name in ("wqy-zenhei.ttc", "NotoSerifCJK-Regular.otf", "simsun.ttf", "uming.ttc", "ZZ.ttf"):
        (tmp_path / name).write_bytes(bundled_font())
    found = []
    for _ in range(5):
        face = find_font("局", folders=[tmp_path])
        if face is None:
            break
        assert isinstance(face.source, Path)
        found.append(face.source.name)
        face.source.unlink()
    assert found == ["simsun.ttf", "NotoSerifCJK-Regular.otf", "uming.ttc", "wqy-zenhei.ttc"]


def test_a_font_without_the_characters_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "simsun.ttf").write_bytes(bundled_font())
    assert find_font("局", folders=[tmp_path]) is not None
    assert find_font("局龍", folders=[tmp_path]) is None


def test_broken_and_foreign_files_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "simsun.ttf").write_bytes(b"broken")
    (tmp_path / "stsong.ttf").symlink_to(tmp_path / "nowhere")
    (tmp_path / "simsun.txt").write_bytes(bundled_font())
    (tmp_path / "mysimsun.ttf").write_bytes(bundled_font())
    assert find_font("局", folders=[tmp_path]) is None


def test_the_mainland_face_of_a_collection_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "NotoSerifCJK-Regular.ttc"
    path.write_bytes(_collection(_family("Egov Song JP"), _family("Egov Song TC"), bundled_font()))
    assert open_face(FontFace(path, 1), size_px=20).getname()[0] == "Egov Song TC"
    assert find_font("局", folders=[tmp_path]) == FontFace(path, 2)


def test_the_usual_folders_are_searched_by_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert {"/usr/share/fonts", "C:/Windows/Fonts", "/System/Library/Fonts"} <= set(fonts.FONT_FOLDERS)
    (tmp_path / "songti.ttc").write_bytes(bundled_font())
    monkeypatch.setattr(fonts, "FONT_FOLDERS", (str(tmp_path / "absent"), str(tmp_path)))
    assert find_font("局") == FontFace(tmp_path / "songti.ttc")


def test_opening_a_face_leaves_the_callers_bytes_alone() -> None:
    assert ImageFont.truetype(BytesIO(bundled_font()), 20).getname()[0] == "Egov Song SC"
    assert bundled_font() is bundled_font()
