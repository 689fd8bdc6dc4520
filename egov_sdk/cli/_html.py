"""A report as one HTML file: pictures of the pages, each seal in the colour of its verdict, every check, the chains.

Nothing in it runs and nothing is fetched: a policy in its head forbids both to the browser as well. Whatever comes
from a stranger's file is escaped.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from egov_sdk.cli._html_style import STYLE
from egov_sdk.cli._problems import message_of
from egov_sdk.cli._report import hint_for
from egov_sdk.errors import EgovError, InputError
from egov_sdk.ofd.geometry import format_number
from egov_sdk.report import ANSWERS, Check, Lang, Outcome, Report, Text
from egov_sdk.report_words import CONCLUSIONS, OUTCOMES, TITLES, is_note, moment, safe, verdict_of

if TYPE_CHECKING:
    from egov_sdk.ofd import OfdPackage
    from egov_sdk.pki import Certificate
    from egov_sdk.seal import Policy
    from egov_sdk.seal.shown import ShownSignature
    from egov_sdk.seal.shown_pages import SealFrame, ShownPage, ShownPages

__all__ = ["error_page", "report_page"]

_TITLE = Text("Verification report", "验证报告")
_POLICY, _AT = Text("policy", "验证策略"), Text("as at", "验证时间")
_ANSWERS = Text("The four answers", "四项结论")
_PAGES, _PAGE = Text("Pages", "页面"), Text("page {number} of {count}", "第 {number}/{count} 页")
_NOT_SHOWN = Text("{count} more pages are not shown here", "另有 {count} 页未在此显示")
_NOT_DRAWN = Text("The page cannot be shown: {reason}", "页面无法显示：{reason}")
_DRAWN_OTHERWISE = Text("not drawn as the file asks", "未按文件要求绘制之处")
_SIGNATURES, _SIGNATURE = Text("Signatures", "签名"), Text("Signature {subject}", "签名 {subject}")
_DOCUMENT_CHECKS = Text("Checks of the document as a whole", "针对整个文档的检查")
_SEAL, _NUMBER, _LAYOUT = Text("seal", "印章"), Text("number", "编号"), Text("layout", "格式标准")
_SIGNED = Text("signed, by the signer's own word", "签署时间（签名者自称）")
_VALID = Text("seal valid", "印章有效期")
_CHECKS = Text("Every check", "逐项检查")
_COLUMNS = (Text("outcome", "结果"), Text("check and clause", "检查项与依据"), Text("what was found", "情况"))
_SIGNER_CHAIN = Text("Chain of the signer's certificate", "签名者证书链")
_MAKER_CHAIN = Text("Chain of the seal maker's certificate", "制章者证书链")
_ANCHOR = Text("trusted by you", "您信任的证书")
_NO_CHAIN = Text("it leads to no certificate that you trust", "未能追溯到您信任的证书")
_ISSUER, _SERIAL = Text("issued by", "签发者"), Text("serial number", "序列号")
_PERIOD, _PRINT = Text("valid", "有效期"), Text("SM3 fingerprint", "SM3 指纹")
_NOTE = Text("note", "提示")
_FOOT = Text(
    "This report says what was found in the file. It is no legal opinion, and it is worth as much as the certificates "
    "that were trusted. The pictures show the pages as egov_sdk draws them; other readers may draw them otherwise.",
    "本报告说明文件中的情况，不构成法律意见；其可靠程度取决于所信任的证书。"
    "页面图像由 egov_sdk 绘制，其他阅读器的显示可能不同。",
)


@dataclass(frozen=True, slots=True)
class _Words:
    """Text in the language of the report, escaped."""

    lang: Lang

    def __call__(self, text: object, **facts: object) -> str:
        words = text.in_(self.lang) if isinstance(text, Text) else str(text)
        return escape(safe(words.format(**facts) if facts else words))

    def facts(self, rows: Iterable[tuple[Text, object]]) -> str:
        told = "".join(f"<dt>{self(label)}</dt><dd>{self(value)}</dd>" for label, value in rows if str(value))
        return f"<dl>{told}</dl>" if told else ""


def report_page(report: Report, package: OfdPackage, *, policy: Policy, lang: Lang) -> str:
    """The report of one document as a whole HTML file."""
    from egov_sdk.seal.shown import shown_signatures
    from egov_sdk.seal.shown_pages import shown_pages

    say = _Words(lang)
    signatures = shown_signatures(package)
    subjects = {one.subject for one in signatures}
    verdicts = {one: verdict_of(report, one, subjects=subjects) for one in subjects}
    whole = [check for check in report.checks if check.subject not in subjects]
    parts = [
        _banner(report, say),
        f"<h2>{say(_ANSWERS)}</h2>",
        _answers(report, say),
        f"<h2>{say(_PAGES)}</h2>",
        *_pages(shown_pages(package, signatures, report), say),
        f"<h2>{say(_SIGNATURES)}</h2>" if signatures else "",
        *(_signature(one, report, verdicts[one.subject], policy, say) for one in signatures),
        f"<h2>{say(_DOCUMENT_CHECKS)}</h2>",
        f'<section class="card">{_checks(whole, report, say)}</section>',
    ]
    return _page(report.subject, parts, say)


def error_page(subject: str, error: EgovError, *, outcome: Outcome, lang: Lang) -> str:
    """The page about a file that could not be read at all."""
    say = _Words(lang)
    word = f'<p class="word">{say(CONCLUSIONS[outcome])}</p>'
    told = f"<p>{say(message_of(error, lang))}</p><p><code>{say(error.code)}</code></p>"
    return _page(subject, [f'<section class="banner {_tone(outcome)}">{word}{told}</section>'], say)


def _page(subject: str, parts: Iterable[str], say: _Words) -> str:
    language = "zh-CN" if say.lang == "zh" else "en"
    return (
        f'<!DOCTYPE html>\n<html lang="{language}"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; img-src data:; '
        "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">"
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer">'
        f"<title>{say(_TITLE)}: {say(subject)}</title><style>{STYLE}</style></head>\n<body><main>"
        f'<h1>{say(_TITLE)}</h1><p class="soft">{say(subject)}</p>\n'
        + "\n".join(filter(None, parts))
        + f'\n<p class="soft small">{say(_FOOT)}</p></main></body></html>\n'
    )


def _tone(outcome: Outcome) -> str:
    return outcome.value if outcome in (Outcome.PASSED, Outcome.FAILED, Outcome.SKIPPED) else "unknown"


def _banner(report: Report, say: _Words) -> str:
    outcome = report.outcome
    parts = [f'<p class="word">{say(CONCLUSIONS[outcome])}</p>']
    for check in report.blocking[:1]:
        about = f" · {say(_SIGNATURE, subject=check.subject)}" if check.subject else ""
        parts.append(f"<p>{say(check.message)}</p>")
        parts.append(f'<p class="soft small"><code>{say(check.id)}</code>{about} · {say(check.clause)}</p>')
    hint = hint_for(report)
    if hint is not None:
        parts.append(f'<p class="small">{say(hint)}</p>')
    parts.append(say.facts([(_POLICY, report.policy), (_AT, moment(report.verified_at))]))
    return f'<section class="banner {_tone(outcome)}">{"".join(parts)}</section>'


def _answers(report: Report, say: _Words) -> str:
    cards = []
    for name in ANSWERS:
        title, question = TITLES[name]
        outcome = report.answer(name)
        cards.append(
            f'<section class="card {_tone(outcome)}"><h3>{say(title)}</h3><p class="soft small">{say(question)}</p>'
            f'<p class="word">{say(OUTCOMES[outcome])}</p></section>'
        )
    return f'<div class="answers">{"".join(cards)}</div>'


# ---- pages


def _pages(shown: ShownPages, say: _Words) -> Iterator[str]:
    yield from (_picture(page, say) for page in shown.pages)
    if shown.left_out:
        yield f'<p class="soft">{say(_NOT_SHOWN, count=shown.left_out)}</p>'


def _picture(page: ShownPage, say: _Words) -> str:
    caption = say(_PAGE, number=page.number, count=page.count)
    if page.problem is not None:
        return f'<p class="soft">{caption}: {say(_NOT_DRAWN, reason=message_of(page.problem, say.lang))}</p>'
    picture = base64.b64encode(page.svg.encode()).decode("ascii")
    frames = "".join(_frame(frame, page, say) for frame in page.frames)
    notes = "; ".join(say(note.message) for note in page.notes[:12])
    told = f"<br>{say(_DRAWN_OTHERWISE)}: {notes}" if notes else ""
    return (
        f'<figure><div class="page"><img alt="{caption}" src="data:image/svg+xml;base64,{picture}">{frames}</div>'
        f"<figcaption>{caption}{told}</figcaption></figure>"
    )


def _frame(frame: SealFrame, page: ShownPage, say: _Words) -> str:
    """A frame around the visible part of a seal, in per cent of the page."""
    across, down, box = 100 / page.width_mm, 100 / page.height_mm, frame.box
    sides = (box.x * across, box.y * down, box.w * across, box.h * down)
    names = ("left", "top", "width", "height")
    style = ";".join(f"{name}:{format_number(side, places=3)}%" for name, side in zip(names, sides, strict=True))
    side = " east" if box.x > page.width_mm / 2 else ""
    return (
        f'<div class="seal {_tone(frame.outcome)}{side}" style="{style}">'
        f"<span>{say(frame.subject)} · {say(OUTCOMES[frame.outcome])}</span></div>"
    )


# ---- signatures


def _signature(one: ShownSignature, report: Report, verdict: Outcome, policy: Policy, say: _Words) -> str:
    parts = [
        f'<h3>{say(_SIGNATURE, subject=one.subject)} <span class="word">{say(OUTCOMES[verdict])}</span></h3>',
        _seal_facts(one, say),
        *_chains(one, policy, say),
        f"<h4>{say(_CHECKS)}</h4>",
        _checks([check for check in report.checks if check.subject == one.subject], report, say),
    ]
    return f'<section class="card {_tone(verdict)}">{"".join(parts)}</section>'


def _seal_facts(one: ShownSignature, say: _Words) -> str:
    if one.value is None:
        return "".join(f'<p class="soft"><code>{say(code)}</code></p>' for code in one.problems)
    seal = one.value.seal
    return say.facts(
        [
            (_SEAL, seal.name),
            (_NUMBER, seal.seal_id),
            (_LAYOUT, seal.version.standard),
            (_VALID, f"{moment(seal.valid_from)} – {moment(seal.valid_to)}"),
            (_SIGNED, "" if one.value.signed_at is None else moment(one.value.signed_at)),
        ]
    )


def _chains(one: ShownSignature, policy: Policy, say: _Words) -> Iterator[str]:
    from egov_sdk.pki import Certificate

    for certificate in one.certificates[:1]:
        yield _chain(_SIGNER_CHAIN, certificate, one.certificates, policy, say)
    if one.value is not None:
        try:
            maker = Certificate.parse(one.value.seal.maker_certificate)
        except InputError as error:
            yield f'<h4>{say(_MAKER_CHAIN)}</h4><p class="soft"><code>{say(error.code)}</code></p>'
            return
        yield _chain(_MAKER_CHAIN, maker, one.certificates, policy, say)


def _chain(title: Text, certificate: Certificate, carried: Sequence[Certificate], policy: Policy, say: _Words) -> str:
    from egov_sdk.pki import validate_chain

    makers = policy.seal_makers if title is _MAKER_CHAIN else None
    found = validate_chain(
        certificate,
        trust=policy.trust if makers is None else makers,
        at=policy.at,
        intermediates=(*policy.intermediates, *carried),
        revocation="off",
    )
    path = found.path or (certificate,)
    rows = [_certificate(each, say) for each in path]
    anchored = found.anchored.outcome is Outcome.PASSED
    end = f'<p class="word {_tone(Outcome.PASSED if anchored else Outcome.UNKNOWN)}">'
    end += f"{say(_ANCHOR if anchored else _NO_CHAIN)}</p>"
    return f"<h4>{say(title)}</h4><ol>{''.join(rows)}</ol>{end}"


def _certificate(certificate: Certificate, say: _Words) -> str:
    facts = say.facts(
        [
            (_ISSUER, certificate.issuer.text),
            (_SERIAL, f"{certificate.serial_number:x}"),
            (_PERIOD, f"{moment(certificate.not_before)} – {moment(certificate.not_after)}"),
            (_PRINT, certificate.fingerprint),
        ]
    )
    return f'<li>{say(certificate.subject.text)}<div class="small">{facts}</div></li>'


def _checks(checks: Sequence[Check], report: Report, say: _Words) -> str:
    rows = [_check(check, report, say) for check in checks]
    head = "".join(f"<th>{say(column)}</th>" for column in _COLUMNS)
    return f'<div class="scroll"><table><tr>{head}</tr>{"".join(rows)}</table></div>'


def _check(check: Check, report: Report, say: _Words) -> str:
    note = is_note(check, report)
    tone = "skipped" if note else _tone(check.outcome)
    word = say(_NOTE) if note else say(OUTCOMES[check.outcome])
    return (
        f'<tr class="{tone}"><td><span class="word">{word}</span></td>'
        f'<td><code>{say(check.id)}</code><br><span class="soft small">{say(check.clause)}</span></td>'
        f'<td>{say(check.message)}<br><code class="soft">{say(check.reason)}</code></td></tr>'
    )
