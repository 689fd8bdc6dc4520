"""What a drawing leaves out or replaces, with its words: the one place they live."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from egov_sdk.ofd.problems import PackageNote, shown
from egov_sdk.report import Text

__all__ = ["NOTES", "Notes"]

_KEPT_MAX = 200

#: What was not drawn as the file asks. The full code is ``egov.ofd.`` and the key.
NOTES: Mapping[str, Text] = MappingProxyType(
    {
        "render.limit": Text(
            "drawing stopped at the limit {limit} of {allowed}", "达到 {limit} 的上限 {allowed}，绘制到此为止"
        ),
        "render.notes_cut": Text("more was left out than is told here", "另有未列出的省略内容"),
        "render.file_missing": Text("{found} is not in the package", "包中没有 {found}"),
        "render.file_unreadable": Text("{found} cannot be read: {reason}", "{found} 无法读取：{reason}"),
        "render.file_too_large": Text("{found} is too large to be drawn", "{found} 过大，未绘制"),
        "render.resource_missing": Text("{kind} {found} is not defined", "未定义 {kind} {found}"),
        "render.object_unreadable": Text("an object was not drawn: {reason}", "有一个对象未绘制：{reason}"),
        "render.object_unknown": Text("{found} was not drawn", "{found} 未绘制"),
        "render.too_deep": Text("{found} is nested too deeply, or in itself", "{found} 嵌套过深或循环引用"),
        "render.font_substituted": Text(
            "the font {found} is not embedded; the bundled Song face stands in", "字体 {found} 未嵌入，以内置宋体代替"
        ),
        "render.font_unreadable": Text(
            "the embedded font {found} cannot be used: {reason}", "嵌入字体 {found} 无法使用：{reason}"
        ),
        "render.glyph_missing": Text("no glyph for {found}", "没有 {found} 的字形"),
        "render.glyph_unreadable": Text("glyph {found} cannot be drawn: {reason}", "字形 {found} 无法绘制：{reason}"),
        "render.image_unreadable": Text("the picture {found} was not drawn: {reason}", "图像 {found} 未绘制：{reason}"),
        "render.paint_simplified": Text("{found} is drawn in one plain colour", "{found} 以单色绘制"),
        "render.dashes_left_out": Text("a line is drawn without its dashes", "一条线未按虚线绘制"),
        "render.stamp_unreadable": Text(
            "the picture of seal {found} was not drawn: {reason}", "印章 {found} 的图像未绘制：{reason}"
        ),
    }
)


class Notes:
    """Collects notes, each once, and not without end."""

    def __init__(self) -> None:
        self._met: dict[tuple[str, ...], PackageNote] = {}

    def add(self, name: str, /, *, where: str = "", **facts: object) -> None:
        """Tell one row of NOTES."""
        if len(self._met) > _KEPT_MAX and name != "render.limit":
            return
        detail = {key: shown(value) for key, value in facts.items()}
        key = (name, where, *detail.values())
        if key in self._met:
            return
        if len(self._met) == _KEPT_MAX and name != "render.limit":
            name, detail = "render.notes_cut", {}
        text = NOTES[name]
        self._met[key] = PackageNote(
            f"egov.ofd.{name}", shown(where), Text(text.en.format_map(detail), text.zh.format_map(detail))
        )

    def all(self) -> tuple[PackageNote, ...]:
        """The notes in the order met."""
        return tuple(self._met.values())
