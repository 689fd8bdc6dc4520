"""``egov seal draw`` and ``egov seal new``."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from egov_sdk.cli import _groups as groups
from egov_sdk.cli._command import argument, command, option
from egov_sdk.cli._inputs import (
    now,
    one_certificate,
    open_key,
    parse_time,
    read_certificates,
    read_file,
    refuse_existing,
    write_result,
)
from egov_sdk.cli._options import Force, PasswordEnv, ValidFrom
from egov_sdk.cli._output import Voice
from egov_sdk.cli._problems import UsageError
from egov_sdk.report import Text

if TYPE_CHECKING:
    from egov_sdk.seal import SealPicture

__all__ = ["draw", "new"]

Shape = Literal["star", "plain", "oval", "name"]
Layout = Literal["4", "5"]

_DRAWN = Text("drew {out}: {format}, {width} x {height} mm", "已绘制 {out}：{format}，{width}×{height} mm")
_MADE = Text("made {out}: {name}, {id}, {standard}", "已制作 {out}：{name}，{id}，{standard}")

_ShapeOption = Annotated[
    Shape,
    option(
        "--shape",
        "star: round with a star, plain: round without, oval, name: square, of a person.",
        "star 带五角星的圆章，plain 不带星的圆章，oval 椭圆章，name 方形名章。",
    ),
]
_MiddleText = Annotated[
    str,
    option("--middle-text", "In the middle of an oval seal, such as a tax number.", "椭圆章中间的文字，如税号。"),
]
_LowerText = Annotated[str, option("--lower-text", "A line below, such as 财务专用章.", "下方的文字，如：财务专用章。")]
_Width = Annotated[int | None, option("--width", "Printed width in millimetres.", "印章宽度（毫米）。", metavar="MM")]
_Height = Annotated[
    int | None,
    option("--height", "Printed height in millimetres.", "印章高度（毫米）。", metavar="MM"),
]
_NoSampleMark = Annotated[
    bool,
    option(
        "--no-sample-mark",
        "Leave out the mark 样章: the picture may then be taken for a real seal.",
        "不加“样章”字样：图像可能被当作真实印章。",
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawing:
    """How a seal is to look."""

    text: str
    shape: Shape
    middle_text: str
    lower_text: str
    width_mm: int | None
    height_mm: int | None
    sample: bool

    def draw(self) -> SealPicture:
        from egov_sdk.seal.draw import draw_name_seal, draw_oval_seal, draw_round_seal

        if self.shape == "oval":
            wide = self.width_mm or 30
            return draw_oval_seal(
                self.text,
                width_mm=wide,
                height_mm=self.height_mm or round(wide * 2 / 3),
                middle_text=self.middle_text,
                lower_text=self.lower_text,
                sample=self.sample,
            )
        self._refuse(self.middle_text, "--middle-text")
        self._refuse(self.height_mm if self.height_mm != self.width_mm else None, "--height")
        if self.shape == "name":
            self._refuse(self.lower_text, "--lower-text")
            return draw_name_seal(self.text, side_mm=self.width_mm or 18, sample=self.sample)
        return draw_round_seal(
            self.text,
            diameter_mm=self.width_mm or 42,
            centre="star" if self.shape == "star" else "none",
            lower_text=self.lower_text,
            sample=self.sample,
        )

    def _refuse(self, given: object, option: str) -> None:
        if given:
            raise UsageError(
                Text(f"a seal of the shape {self.shape} has no {option}", f"形状为 {self.shape} 的印章没有 {option}")
            )


@command(groups.seal, "draw", "Draw the picture of a seal.", "绘制印章图像。")
def draw(
    voice: Voice,
    text: Annotated[str, argument("TEXT", "The name on the seal.", "印章上的名称。")],
    out: Annotated[Path, argument("OUT.png", "The picture to write.", "输出的图像。")],
    shape: _ShapeOption = "star",
    middle_text: _MiddleText = "",
    lower_text: _LowerText = "",
    width: _Width = None,
    height: _Height = None,
    no_sample_mark: _NoSampleMark = False,
    force: Force = False,
) -> None:
    """Draw a seal."""
    refuse_existing(out, force=force)
    picture = _Drawing(
        text=text,
        shape=shape,
        middle_text=middle_text,
        lower_text=lower_text,
        width_mm=width,
        height_mm=height,
        sample=not no_sample_mark,
    ).draw()
    write_result(out, picture.data, force=force)
    if voice.as_json:
        size = {"width_mm": picture.width_mm, "height_mm": picture.height_mm}
        voice.document({"file": str(out), "format": picture.format, **size, "bytes": len(picture.data)})
        return
    words = voice.say(_DRAWN)
    voice.line(
        words.format(out=out, format=picture.format, width=picture.width_mm, height=picture.height_mm), style="green"
    )


@command(
    groups.seal, "new", "Make a seal: the seal maker signs it for its holders.", "制作印章：由制章者为持有者签署。"
)
def new(
    voice: Voice,
    out: Annotated[Path, argument("OUT.esl", "The seal to write.", "输出的印章文件。")],
    name: Annotated[str, option("--name", "Name of the seal.", "印章名称。")],
    holder: Annotated[
        list[Path],
        option(
            "--holder",
            "Certificate that may sign with this seal (may be repeated).",
            "可使用该印章的签名证书（可重复）。",
            metavar="CERT",
        ),
    ],
    maker_key: Annotated[str, option("--maker-key", "Private key of the seal maker.", "制章者私钥。", metavar="KEY")],
    maker_certificate: Annotated[
        Path,
        option("--maker-certificate", "Certificate of the seal maker.", "制章者证书。", metavar="CERT"),
    ],
    password_env: PasswordEnv = None,
    seal_id: Annotated[
        str | None,
        option("--id", "Number of the seal; a random one by default.", "印章编号，默认随机。"),
    ] = None,
    picture: Annotated[
        Path | None,
        option(
            "--picture", "The picture; without one the seal is drawn.", "印章图像；不提供时自动绘制。", metavar="FILE"
        ),
    ] = None,
    text: Annotated[
        str | None,
        option("--text", "What the drawn seal says; its name by default.", "绘制的文字，默认为印章名称。"),
    ] = None,
    shape: _ShapeOption = "star",
    middle_text: _MiddleText = "",
    lower_text: _LowerText = "",
    width: _Width = None,
    height: _Height = None,
    no_sample_mark: _NoSampleMark = False,
    valid_from: ValidFrom = None,
    valid_to: Annotated[
        str | None,
        option("--valid-to", "Its last day; in place of --days.", "失效时间，可代替 --days。", metavar="TIME"),
    ] = None,
    days: Annotated[
        int | None, option("--days", "How long it is valid; 365 by default.", "有效天数，默认 365。")
    ] = None,
    version: Annotated[
        Layout,
        option("--version", "4: GB/T 38540-2020, 5: GM/T 0031-2025.", "4 为 GB/T 38540-2020，5 为 GM/T 0031-2025。"),
    ] = "4",
    kind: Annotated[int, option("--kind", "Kind of the seal, a number.", "印章类型（数字）。")] = 1,
    holders_by_digest: Annotated[
        bool,
        option(
            "--holders-by-digest", "List digests in place of the holders' certificates.", "以证书杂凑代替持有者证书。"
        ),
    ] = False,
    force: Force = False,
) -> None:
    """Make a seal."""
    import secrets

    from egov_sdk.seal import SealVersion, make_seal

    refuse_existing(out, force=force)
    made_at = now()
    begin, end = _period(valid_from, valid_to, days, made_at=made_at)
    drawing = _Drawing(
        text=text or name,
        shape=shape,
        middle_text=middle_text,
        lower_text=lower_text,
        width_mm=width,
        height_mm=height,
        sample=not no_sample_mark,
    )
    seal = make_seal(
        name=name,
        seal_id=seal_id or f"EGOV-{secrets.token_hex(6).upper()}",
        picture=drawing.draw() if picture is None else _taken(picture, width_mm=width, height_mm=height),
        holders=read_certificates(holder),
        maker=open_key(maker_key, password_env=password_env),
        maker_certificate=one_certificate(maker_certificate),
        created_at=made_at,
        valid_from=begin,
        valid_to=end,
        version=SealVersion(int(version)),
        kind=kind,
        holders_by_digest=holders_by_digest,
    )
    write_result(out, seal.raw, force=force)
    if voice.as_json:
        voice.document(
            {"file": str(out), "name": seal.name, "seal_id": seal.seal_id, "standard": seal.version.standard}
        )
        return
    words = voice.say(_MADE).format(out=out, name=seal.name, id=seal.seal_id, standard=seal.version.standard)
    voice.line(words, style="green")


def _period(
    valid_from: str | None, valid_to: str | None, days: int | None, *, made_at: datetime
) -> tuple[datetime, datetime]:
    if valid_to is not None and days is not None:
        raise UsageError(Text("--valid-to and --days exclude each other", "--valid-to 与 --days 不可同用"))
    begin = made_at if valid_from is None else parse_time(valid_from)
    if valid_to is not None:
        return begin, parse_time(valid_to, end_of_day=True)
    return begin, begin + timedelta(days=365 if days is None else days)


def _taken(path: Path, *, width_mm: int | None, height_mm: int | None) -> SealPicture:
    """A picture from a file; its shape gives the side that was not told."""
    from egov_sdk.seal import SealPicture
    from egov_sdk.seal.picture import inspect_picture

    data = read_file(path)
    found = inspect_picture(data, where=path.name)
    wide = width_mm or 42
    if height_mm is None:
        ratio = found.height_px / found.width_px if found.width_px and found.height_px else 1.0
        height_mm = max(1, round(wide * ratio))
    return SealPicture(data, found.format, wide, height_mm)
