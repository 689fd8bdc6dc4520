"""``egov exchange``: messages between departments, their receipts, and the evidence of both."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from egov_sdk.cli import _groups as groups
from egov_sdk.cli._command import argument, command, option
from egov_sdk.cli._inputs import read_certificates, read_file, read_revocations, time_or_now
from egov_sdk.cli._options import AtTime, CrlFiles, IntermediateFiles, OcspFiles, TrustFiles
from egov_sdk.cli._output import ExitCode, Voice, exit_code
from egov_sdk.cli._problems import UsageError
from egov_sdk.cli._report import hint_for, show_report

if TYPE_CHECKING:
    from egov_sdk.pki import Certificate

__all__ = ["verify"]

_MOST_BYTES = 16 << 20


@command(
    groups.exchange,
    "verify",
    "Verify a signed message, a receipt or an evidence file, offline and as at the time when it was made.",
    "离线核验已签名消息、回执或存证文件，以其制作时间为准。",
)
def verify(
    voice: Voice,
    file: Annotated[
        Path,
        argument("FILE", "A message, receipt or evidence file, JSON or XML.", "消息、回执或存证文件（JSON 或 XML）。"),
    ],
    trust: TrustFiles = None,
    party: Annotated[
        list[str] | None,
        option(
            "--party",
            "Whose certificate is whose: the code of an organisation, or code/system, and its certificate "
            "(may be repeated).",
            "单位与证书的对应：统一社会信用代码或“代码/系统”，及其证书（可重复）。",
            metavar="CODE=PEM",
        ),
    ] = None,
    message: Annotated[
        Path | None,
        option(
            "--message",
            "The signed message that a receipt should be for.",
            "回执所针对的已签名消息。",
            metavar="FILE",
        ),
    ] = None,
    attachment: Annotated[
        list[str] | None,
        option(
            "--attachment",
            "An attachment by its name in the message, and the file (may be repeated).",
            "附件在消息中的名称及其文件（可重复）。",
            metavar="NAME=FILE",
        ),
    ] = None,
    crl: CrlFiles = None,
    ocsp: OcspFiles = None,
    intermediate: IntermediateFiles = None,
    at: AtTime = None,
    accept_claimed_time: Annotated[
        bool,
        option(
            "--accept-claimed-time", "Take the signer's word for the time of signing.", "采信签名者自称的签署时间。"
        ),
    ] = False,
) -> ExitCode:
    """Verify one file."""
    from egov_sdk.exchange.envelope.files import verify_file
    from egov_sdk.exchange.envelope.policy import ExchangePolicy
    from egov_sdk.pki import TrustStore

    policy = ExchangePolicy(
        trust=TrustStore(read_certificates(trust or ())),
        parties=_parties(party or ()),
        claimed_time="accept" if accept_claimed_time else "if_still_valid",
        intermediates=read_certificates(intermediate or ()),
        crls=read_revocations(crl or ()),
        ocsps=read_revocations(ocsp or ()),
    )
    report = verify_file(
        read_file(file, max_bytes=_MOST_BYTES),
        policy=policy,
        at=time_or_now(at),
        message=read_file(message, max_bytes=_MOST_BYTES) if message is not None else None,
        attachments=_attachments(attachment) if attachment else None,
    )
    if voice.as_json:
        voice.document({**report.to_dict(voice.lang), "subject": str(file), "message": report.subject})
        return exit_code(report.outcome)
    show_report(voice, report)
    hint = hint_for(report)
    if hint is not None:
        voice.note(hint)
    return exit_code(report.outcome)


def _split(text: str, name: str) -> tuple[str, Path]:
    left, equals, right = text.partition("=")
    if not left or not equals or not right:
        raise UsageError(f"{name} takes two things with = between, got {text!r}")
    return left, Path(right)


def _parties(given: Sequence[str]) -> dict[str, tuple[Certificate, ...]]:
    from egov_sdk.exchange.envelope.model import Party

    found: dict[str, tuple[Certificate, ...]] = {}
    for text in given:
        name, path = _split(text, "--party")
        try:
            name = Party.parse(name).id
        except ValueError:
            raise UsageError(
                f"--party: {name!r} is not the code of an organisation",
                hint="write the 18 characters of its unified social credit code, and perhaps /system",
            ) from None
        # a bundle holds the party's own certificate first, then its issuers
        found[name] = (*found.get(name, ()), read_certificates([path])[0])
    return found


def _attachments(given: Sequence[str]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for text in given:
        name, path = _split(text, "--attachment")
        if not path.is_file():
            raise UsageError(f"--attachment: there is no file {path}")
        found[name] = path
    return found
