"""``egov seal stamp`` and ``egov seal sign``."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from egov_sdk.cli import _groups as groups
from egov_sdk.cli._command import argument, command, option
from egov_sdk.cli._inputs import (
    one_certificate,
    open_key,
    read_file,
    refuse_existing,
    split_numbers,
    time_or_now,
    write_result,
)
from egov_sdk.cli._options import Force, KeyName, PasswordEnv
from egov_sdk.cli._output import Voice
from egov_sdk.cli._problems import UsageError
from egov_sdk.report import Text

if TYPE_CHECKING:
    from egov_sdk.seal import Placement, Seam

__all__ = ["sign", "stamp"]


class Side(enum.StrEnum):
    """An edge of the page."""

    RIGHT = "right"
    LEFT = "left"
    TOP = "top"
    BOTTOM = "bottom"


_STAMPED = Text("stamped {out}: {places} place(s), seal {name}", "已盖章 {out}：{places} 处，印章 {name}")
_SIGNED = Text("signed {out}: {name}", "已签名 {out}：{name}")
_CLOSED = Text("closed: nobody can sign after this", "已封闭：不能再追加签名")

_In = Annotated[Path, argument("IN", "The document.", "原文档。")]
_Out = Annotated[Path, argument("OUT", "The document to write.", "输出的文档。")]
_SignedAt = Annotated[
    str | None,
    option("--signed-at", "Time of signing; now by default.", "签署时间，默认为当前时间。", metavar="TIME"),
]
_Document = Annotated[int, option("--document", "Which document of the package, from 1.", "包内第几个文档，从 1 起。")]
_Close = Annotated[
    bool,
    option("--close", "Close the document against further signatures.", "封闭文档，禁止再追加签名。"),
]
_AllowBroken = Annotated[
    bool,
    option("--allow-broken", "Go on even where an earlier signature does not hold.", "已有签名无效时仍继续。"),
]


@command(groups.seal, "stamp", "Stamp an OFD document with a seal.", "在 OFD 文档上加盖印章。")
def stamp(
    voice: Voice,
    source: _In,
    out: _Out,
    seal: Annotated[Path, option("--seal", "The seal (.esl).", "印章文件（.esl）。", metavar="FILE")],
    key: KeyName,
    password_env: PasswordEnv = None,
    at: Annotated[
        list[str] | None,
        option(
            "--at",
            "Top left corner of the seal, in millimetres (may be repeated).",
            "印章左上角的位置，毫米（可重复）。",
            metavar="PAGE,X,Y",
        ),
    ] = None,
    seam: Annotated[
        list[Side] | None,
        option("--seam", "A seal across this edge of all pages.", "骑缝章：盖在所有页面的这一侧。"),
    ] = None,
    certificate: Annotated[
        Path | None,
        option(
            "--certificate",
            "The signer's, where the seal lists digests only.",
            "签名者证书（印章仅含证书杂凑时需要）。",
            metavar="FILE",
        ),
    ] = None,
    signed_at: _SignedAt = None,
    document: _Document = 1,
    close: _Close = False,
    allow_broken: _AllowBroken = False,
    force: Force = False,
) -> None:
    """Stamp a document."""
    from egov_sdk.seal import parse_seal
    from egov_sdk.seal import stamp as stamp_document

    refuse_existing(out, force=force)
    where = _places(at or (), seam or ())
    chosen = parse_seal(read_file(seal), where=seal.name)
    content = stamp_document(
        source,
        seal=chosen,
        signer=open_key(key, password_env=password_env),
        at=where,
        signed_at=time_or_now(signed_at),
        certificate=None if certificate is None else one_certificate(certificate),
        document=document,
        close=close,
        allow_broken=allow_broken,
    )
    write_result(out, content, force=force)
    words = voice.say(_STAMPED).format(out=out, places=len(where), name=chosen.name)
    _done(voice, words, close=close, file=str(out), places=len(where), seal=chosen.name, seal_id=chosen.seal_id)


@command(groups.seal, "sign", "Sign an OFD document without a seal.", "对 OFD 文档做数字签名（不用印章）。")
def sign(
    voice: Voice,
    source: _In,
    out: _Out,
    key: KeyName,
    certificate: Annotated[Path, option("--certificate", "The signer's certificate.", "签名者证书。", metavar="FILE")],
    password_env: PasswordEnv = None,
    signed_at: _SignedAt = None,
    document: _Document = 1,
    close: _Close = False,
    allow_broken: _AllowBroken = False,
    force: Force = False,
) -> None:
    """Sign a document."""
    from egov_sdk.seal import sign as sign_document

    refuse_existing(out, force=force)
    signer = one_certificate(certificate)
    content = sign_document(
        source,
        signer=open_key(key, password_env=password_env),
        certificate=signer,
        signed_at=time_or_now(signed_at),
        document=document,
        close=close,
        allow_broken=allow_broken,
    )
    write_result(out, content, force=force)
    name = signer.subject.text
    _done(voice, voice.say(_SIGNED).format(out=out, name=name), close=close, file=str(out), signer=name)


def _done(voice: Voice, words: str, *, close: bool, **facts: object) -> None:
    if voice.as_json:
        voice.document({**facts, "closed": close})
        return
    voice.line(words, style="green")
    if close:
        voice.line(_CLOSED)


def _places(at: Iterable[str], seams: Iterable[Side]) -> list[Placement | Seam]:
    from egov_sdk.seal import Seam

    found: list[Placement | Seam] = [_placement(text) for text in at]
    found += [Seam(side=side.value) for side in seams]
    if not found:
        raise UsageError(
            Text("say where the seal goes", "请指定盖章位置"),
            hint=Text("--at PAGE,X,Y in millimetres, or --seam right", "--at 页,X,Y（毫米），或 --seam right"),
        )
    return found


def _placement(text: str) -> Placement:
    from egov_sdk.seal import Placement

    page, x_mm, y_mm = split_numbers(text, names=("PAGE", "X", "Y"))
    if page != int(page) or page < 1:
        raise UsageError(Text(f"{text!r}: pages count from 1", f"“{text}”：页码从 1 起"))
    return Placement(page=int(page), x_mm=x_mm, y_mm=y_mm)
