"""``egov seal draw`` and ``egov seal new``."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image

from tests.unit.cli.calling import Egov

pytestmark = pytest.mark.usefixtures("world")

MAKER = ("--maker-key", "maker.key.pem", "--maker-certificate", "maker.pem", "--holder", "bureau.pem")


def new(egov: Egov, *options: str) -> dict[str, object]:
    ran = egov("seal", "new", "new.esl", "--name", "示例市档案馆", *MAKER, "--picture", "seal.png", *options)
    assert ran.code == 0, ran.err
    found = egov("seal", "show", "new.esl", "--json").json["seals"][0]
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(
    ("options", "size"),
    [
        ((), (42, 42)),
        (("--shape", "plain", "--width", "38", "--lower-text", "财务专用章"), (38, 38)),
        (("--shape", "oval", "--middle-text", "91330100"), (30, 20)),
        (("--shape", "oval", "--width", "40", "--height", "30"), (40, 30)),
    ],
)
def test_a_picture_is_drawn_in_its_size(egov: Egov, options: tuple[str, ...], size: tuple[int, int]) -> None:
    ran = egov("seal", "draw", "示例市数据局", "out.png", *options, "--json")
    assert ran.code == 0
    assert (ran.json["width_mm"], ran.json["height_mm"]) == size
    with Image.open(io.BytesIO(Path("out.png").read_bytes())) as picture:
        assert picture.format == "PNG"
        assert abs(picture.width / picture.height - size[0] / size[1]) < 0.02


def test_a_name_seal_is_square(egov: Egov) -> None:
    assert egov("seal", "draw", "张三", "out.png", "--shape", "name").code == 0


def test_the_sample_mark_is_there_unless_it_is_left_out(egov: Egov) -> None:
    egov("seal", "draw", "示例市数据局", "with.png")
    egov("seal", "draw", "示例市数据局", "without.png", "--no-sample-mark")
    assert Path("with.png").read_bytes() != Path("without.png").read_bytes()


@pytest.mark.parametrize(
    "options",
    [
        ("--width", "500"),
        ("--shape", "square"),
        ("--height", "20"),
        ("--middle-text", "x"),
        ("--shape", "name"),
        ("--shape", "name", "--lower-text", "x"),
    ],
)
def test_what_cannot_be_drawn_is_wrong_usage(egov: Egov, options: tuple[str, ...]) -> None:
    ran = egov("seal", "draw", "示例市数据管理局", "out.png", *options)
    assert ran.code == 2
    assert not Path("out.png").exists()


def test_a_seal_is_made_from_a_picture(egov: Egov) -> None:
    found = new(egov, "--id", "33010000000002", "--kind", "2")
    assert (found["name"], found["seal_id"], found["kind"]) == ("示例市档案馆", "33010000000002", 2)
    assert found["standard"] == "GB/T 38540-2020"
    assert found["maker"] == "CN=示例制章单位"
    assert found["picture"] == {
        "format": "PNG", "width_mm": 42, "height_mm": 42, "bytes": Path("seal.png").stat().st_size,
    }  # fmt: skip


def test_a_seal_is_made_from_its_name(egov: Egov) -> None:
    assert (
        egov("seal", "new", "new.esl", "--name", "示例市档案馆", *MAKER, "--shape", "plain", "--width", "20").code == 0
    )
    assert egov("seal", "show", "new.esl", "--json").json["seals"][0]["picture"]["width_mm"] == 20


def test_numbers_differ_when_none_is_given(egov: Egov) -> None:
    assert new(egov)["seal_id"] != new(egov, "--force")["seal_id"]


def test_version_5_can_be_made(egov: Egov) -> None:
    assert new(egov, "--version", "5")["standard"] == "GM/T 0031-2025"


def test_a_date_alone_lasts_to_its_end_in_beijing(egov: Egov) -> None:
    found = new(egov, "--valid-from", "2024-02-01", "--valid-to", "2034-12-31")
    assert found["valid_from"] == "2024-01-31T16:00:00+00:00"
    assert found["valid_to"] == "2034-12-31T15:59:59+00:00"


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--version", "1"), 2),
        (("--days", "10", "--valid-to", "2030-01-01"), 2),
        (("--valid-to", "2001-01-01"), 2),
        (("--days", "0"), 2),
        (("--picture", "garbage.ofd"), 1),
        (("--maker-key", "bureau.key.pem"), 1),
        (("--holder", "garbage.ofd"), 1),
        (("--maker-key", "nowhere.pem"), 2),
    ],
)
def test_what_cannot_be_made_leaves_no_file(egov: Egov, options: tuple[str, ...], code: int) -> None:
    ran = egov("seal", "new", "new.esl", "--name", "示例市档案馆", *MAKER, "--picture", "seal.png", *options)
    assert ran.code == code
    assert "Traceback" not in ran.err
    assert not Path("new.esl").exists()
