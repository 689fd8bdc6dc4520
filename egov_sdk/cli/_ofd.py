"""``egov ofd``: look into OFD packages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from egov_sdk.cli import _groups as groups
from egov_sdk.cli._command import command
from egov_sdk.cli._options import OfdFile
from egov_sdk.cli._output import Voice
from egov_sdk.report import Text

if TYPE_CHECKING:
    from egov_sdk.ofd.describe import DocumentSummary, PackageSummary, SignatureSummary

__all__ = ["show"]


_DOCUMENT = Text("document", "文档")
_TITLE, _AUTHOR = Text("title", "标题"), Text("author", "作者")
_ID = Text("ID", "标识")
_CREATOR, _CREATED = Text("made with", "制作软件"), Text("made on", "创建日期")
_PAGES = Text("pages", "页面")
_SIGNATURES = Text("signatures (not verified here)", "签名（此处未验证）")
_NO_SIGNATURES = Text("none", "无")
_FORBIDDEN = Text("forbidden", "禁止")
_SIGNING = Text("signing", "签名")
_VERSIONS = Text("versions", "版本")
_CUSTOM = Text("custom data", "自定义数据")
_MISSING = Text("missing files", "缺失文件")
_FILES = Text("files", "文件")
_NOTES = Text("notes", "说明")
_BYTES = Text("bytes", "字节")
_NOWHERE = Text("nothing leads here", "无引用")
_PROTECTS = Text("protects {count} files", "保护 {count} 个文件")
_SHOWN = Text("shown {count} times", "盖章 {count} 处")


@command(groups.ofd, "show", "Show what an OFD file holds; nothing is verified.", "查看 OFD 文件的内容（不做验证）。")
def show(
    voice: Voice,
    file: OfdFile,
) -> None:
    """Show the documents, signatures and files of a package."""
    from egov_sdk.ofd import open_ofd
    from egov_sdk.ofd.describe import describe

    summary = describe(open_ofd(file))
    if voice.as_json:
        voice.document({"file": str(file), **summary.to_dict()})
        return
    voice.line(str(file), style="bold")
    for document in summary.documents:
        _document(voice, document)
    _files(voice, summary)


def _document(voice: Voice, document: DocumentSummary) -> None:
    info = document.info
    sizes = dict.fromkeys(f"{page.width_mm:g} x {page.height_mm:g} mm" for page in document.pages)
    voice.line()
    voice.line(f"{voice.say(_DOCUMENT)} {document.index + 1}", style="bold")
    voice.facts(
        [
            (_TITLE, info.title),
            (_AUTHOR, info.author),
            (_ID, info.doc_id),
            (_CREATOR, " ".join(filter(None, (info.creator, info.creator_version)))),
            (_CREATED, info.creation_date),
            (_PAGES, f"{len(document.pages)} ({', '.join(sizes)})" if document.pages else "0"),
            (_VERSIONS, len(document.versions) or None),
            (_CUSTOM, "; ".join(f"{name}={value}" for name, value in document.custom_datas)),
            (_SIGNING, None if document.permissions.may_sign else voice.say(_FORBIDDEN)),
            (_MISSING, tuple(missing.name for missing in document.missing)),
        ]
    )
    voice.line(f"  {voice.say(_SIGNATURES)}" + ("" if document.signatures else f": {voice.say(_NO_SIGNATURES)}"))
    voice.table([_signature(voice, signature) for signature in document.signatures], indent="    ")


def _signature(voice: Voice, signature: SignatureSummary) -> tuple[str, ...]:
    return (
        signature.id,
        signature.type,
        signature.date_time,
        signature.provider,
        voice.say(_PROTECTS).format(count=signature.references),
        voice.say(_SHOWN).format(count=len(signature.stamps)),
    )


def _files(voice: Voice, summary: PackageSummary) -> None:
    voice.line()
    voice.line(
        f"{voice.say(_FILES)} ({len(summary.entries)}, {summary.archive_bytes} {voice.say(_BYTES)})", style="bold"
    )
    voice.table(
        [(entry.name, str(entry.size), entry.reached or voice.say(_NOWHERE)) for entry in summary.entries],
        styles=("", "dim", "dim"),
    )
    if summary.notes:
        voice.line()
        voice.line(_NOTES, style="bold")
        voice.table([(note.where, voice.say(note.message), note.code) for note in summary.notes])
