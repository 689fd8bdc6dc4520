"""``egov ofd render``: a page as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from egov_sdk.cli import _groups as groups
from egov_sdk.cli._command import command, option
from egov_sdk.cli._inputs import check_ending, refuse_existing, write_result
from egov_sdk.cli._options import Force, OfdFile
from egov_sdk.cli._output import ExitCode, Voice
from egov_sdk.cli._problems import UsageError
from egov_sdk.cli._words import both
from egov_sdk.report import Text

if TYPE_CHECKING:
    from egov_sdk.ofd import OfdPackage
    from egov_sdk.ofd.render import RenderedPage

__all__ = ["render"]

_SUFFIXES = (".svg", ".png")
_DRAWN = Text(
    "page {page} of {pages}, {width} x {height} mm: {out}", "第 {page}/{pages} 页，{width} x {height} 毫米：{out}"
)
_NOTES = Text("Not drawn as the file asks", "未按文件要求绘制之处")


@command(groups.ofd, "render", "Draw a page as SVG or PNG, with its seals.", "把一页绘制为 SVG 或 PNG，含印章。")
def render(
    voice: Voice,
    file: OfdFile,
    out: Annotated[
        Path,
        typer.Option(
            "-o",
            "--out",
            metavar="OUT",
            help=both("Where it goes; the name ends in .svg or .png.", "输出文件，以 .svg 或 .png 结尾。"),
        ),
    ],
    page: Annotated[int, option("--page", "Which page, from 1.", "页码，从 1 开始。")] = 1,
    document: Annotated[int, option("--document", "Which document of the package, from 1.", "包内第几个文档。")] = 1,
    dpi: Annotated[int, option("--dpi", "Dots per inch of a PNG.", "PNG 的分辨率（每英寸点数）。")] = 150,
    seals: Annotated[bool, option("--seals/--no-seals", "Draw the seals.", "是否绘制印章。")] = True,
    system_fonts: Annotated[
        bool,
        option(
            "--system-fonts",
            "Use the fonts of this machine for those that are named and not embedded.",
            "对仅指定名称、未嵌入的字体，使用本机字体。",
        ),
    ] = False,
    force: Force = False,
) -> ExitCode:
    """Draw a page."""
    from egov_sdk.ofd import open_ofd
    from egov_sdk.ofd.render import rasterize

    check_ending(out, _SUFFIXES)
    refuse_existing(out, force=force)
    package = open_ofd(file)
    drawn = _draw(package, page=page, document=document, seals=seals, system_fonts=system_fonts)
    content = drawn.svg.encode() if out.suffix.lower() == ".svg" else rasterize(drawn, dpi=dpi)
    write_result(out, content, force=force)
    if voice.as_json:
        voice.document(_plain(voice, drawn, file=file, out=out, page=page))
        return ExitCode.DONE
    size = {"width": f"{drawn.width_mm:g}", "height": f"{drawn.height_mm:g}"}
    pages = len(package.documents[document - 1].pages)
    voice.line(voice.say(_DRAWN).format(page=page, pages=pages, out=out, **size))
    if drawn.notes:
        voice.line()
        voice.line(_NOTES, style="bold")
        voice.table([(note.where, voice.say(note.message), note.code) for note in drawn.notes])
    return ExitCode.DONE


def _draw(package: OfdPackage, *, page: int, document: int, seals: bool, system_fonts: bool) -> RenderedPage:
    from egov_sdk.ofd.render import machine_fonts, render_page
    from egov_sdk.seal.shown import shown_signatures

    if not 1 <= document <= len(package.documents):
        raise UsageError(
            Text(
                f"document {document} does not exist, the package has {len(package.documents)}",
                f"没有第 {document} 个文档，该文件共有 {len(package.documents)} 个",
            )
        )
    chosen = package.documents[document - 1]
    if not 1 <= page <= len(chosen.pages):
        raise UsageError(
            Text(
                f"page {page} does not exist, the document has {len(chosen.pages)}",
                f"没有第 {page} 页，该文档共有 {len(chosen.pages)} 页",
            )
        )
    shown = shown_signatures(package) if seals else ()
    stamps = [stamp for one in shown if one.document == chosen.index for stamp in one.stamps]
    return render_page(chosen, page, stamps=stamps, find_font=machine_fonts() if system_fonts else None)


def _plain(voice: Voice, drawn: RenderedPage, *, file: Path, out: Path, page: int) -> dict[str, object]:
    return {
        "file": str(file),
        "out": str(out),
        "page": page,
        "width_mm": drawn.width_mm,
        "height_mm": drawn.height_mm,
        "notes": [note.to_dict(voice.lang) for note in drawn.notes],
    }
