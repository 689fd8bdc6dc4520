"""``egov license present`` and ``scan``: a licence shown as a QR code, and the check of one, without a network."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

from egov_sdk.cli import _groups as groups
from egov_sdk.cli._command import argument, command, option
from egov_sdk.cli._inputs import (
    check_ending,
    read_certificates,
    read_revocations,
    refuse_existing,
    time_or_now,
    write_result,
)
from egov_sdk.cli._license_inputs import IdentifierText, read_code_text, type_code_of
from egov_sdk.cli._license_lists import MemoryFile, keep, recall, status_lists
from egov_sdk.cli._license_office import Office, OfficeName, office_there, opened
from egov_sdk.cli._license_words import WROTE, item_label
from egov_sdk.cli._options import AtTime, CrlFiles, Force, IntermediateFiles, OcspFiles, TrustFiles
from egov_sdk.cli._output import ExitCode, Voice, exit_code
from egov_sdk.cli._problems import UsageError
from egov_sdk.cli._report import show_report
from egov_sdk.errors import InputError
from egov_sdk.report import Outcome, Text

if TYPE_CHECKING:
    from egov_sdk.identity.trusting import CertificateTrust
    from egov_sdk.license.present import PresentationPolicy, PresentationResult, StatusList
    from egov_sdk.pki import Certificate

__all__ = ["present", "scan"]

_TYPE_CODE: Final = re.compile(r"[0-9A-Z]{18}[0-9]{3}")
_DRAWN: Final = Text(
    "QR code of version {version}, level {level}, {size} mm wide, written to {out}",
    "二维码版本 {version}，纠错级别 {level}，边长 {size} mm，已写入 {out}",
)
_UNTIL: Final = Text("to be shown until {until}", "有效至 {until}")
_ANYONE: Final = Text(
    "anyone may accept it: --audience binds it to one verifier", "任何验证方均可接受；--audience 可限定验证方"
)
_SHOWN: Final = Text("What is shown", "所示内容")
_NOTHING_SHOWN: Final = Text("nothing but the type {type}, and that it is in force", "仅示类型 {type} 及其有效")
_NO_TRUST: Final = Text(
    "give the certificates that you trust with --trust, the issuer's list with --status-list, and the types that it "
    "may issue with --type",
    "请用 --trust 指定信任的证书，用 --status-list 提供颁发机构的状态列表，用 --type 指明其可颁发的类型",
)
_NO_LIST: Final = Text(
    "give a fresh --status-list: egov license export list.egsl --what status-list makes one",
    "请提供最新的 --status-list：egov license export list.egsl --what status-list 可生成",
)


@command(
    groups.license_,
    "present",
    "Show a licence: a QR code that lives for a minute or two and can be checked without a network.",
    "亮证：生成短时有效、可离线核验的二维码。",
)
def present(
    voice: Voice,
    identifier: IdentifierText,
    out: Annotated[
        str,
        option(
            "--out",
            "A picture (.svg or .png) or a text file (.txt); - prints the text of the code.",
            "图片（.svg、.png）或文本（.txt）文件，- 表示输出码文本。",
            metavar="OUT",
            short="-o",
        ),
    ] = "-",
    seconds: Annotated[int, option("--seconds", "How long it lives.", "有效秒数。")] = 120,
    audience: Annotated[
        str, option("--audience", "The only verifier that may accept it.", "唯一可接受的验证方。", metavar="NAME")
    ] = "",
    field: Annotated[
        list[str] | None,
        option(
            "--field",
            "An item to show (may be repeated); what the type says by default.",
            "要出示的数据项（可重复），默认按类型规定。",
            metavar="NAME",
        ),
    ] = None,
    nothing: Annotated[
        bool, option("--no-fields", "Show the type and that it is in force, and nothing else.", "仅示类型及其有效。")
    ] = False,
    force: Force = False,
    office: OfficeName = None,
) -> ExitCode:
    """Present a licence."""
    if field and nothing:
        raise UsageError(Text("--field and --no-fields exclude each other", "--field 与 --no-fields 不可同用"))
    if out != "-":
        check_ending(Path(out), (".svg", ".png", ".txt"))
        refuse_existing(Path(out), force=force)
    fields = () if nothing else tuple(field) if field else None
    with opened(office) as there:
        shown = there.service.present(identifier, audience=audience, lifetime=timedelta(seconds=seconds), fields=fields)
    facts: dict[str, object] = {"out": out, "expires_at": shown.expires_at.isoformat(), "audience": audience}
    if out == "-":
        facts["text"] = shown.token
    told = _write(voice, shown.token, out, force=force, facts=facts)
    if voice.as_json:
        voice.document(facts)
        return ExitCode.DONE
    voice.line(told)
    voice.note(voice.say(_UNTIL).format(until=f"{shown.expires_at.astimezone():%Y-%m-%d %H:%M:%S %z}"))
    if not audience:
        voice.note(_ANYONE)
    return ExitCode.DONE


def _write(voice: Voice, token: str, out: str, *, force: bool, facts: dict[str, object]) -> str:
    """Put the code where it was wanted; what to say of that."""
    if out == "-":
        return token
    if out.lower().endswith(".txt"):
        write_result(Path(out), token.encode() + b"\n", force=force)
        return voice.say(WROTE).format(out=out)
    from egov_sdk.license.present.qr import draw_qr

    form: Literal["svg", "png"] = "svg" if out.lower().endswith(".svg") else "png"
    drawn = draw_qr(token, form=form)
    write_result(Path(out), drawn.octets, force=force)
    facts.update(version=drawn.version, level=drawn.level, size_mm=round(drawn.size_mm, 2))
    return voice.say(_DRAWN).format(version=drawn.version, level=drawn.level, size=f"{drawn.size_mm:.1f}", out=out)


@command(
    groups.license_,
    "scan",
    "Check the text of a scanned QR code: offline with --trust and --status-list, or by an office of one's own.",
    "核验扫码所得文本：用 --trust 和 --status-list 离线核验，或以本机构登记库核验。",
)
def scan(
    voice: Voice,
    text: Annotated[
        str,
        argument(
            "TEXT|@FILE",
            "What the scanner read, or a file with it; - reads standard input.",
            "扫码所得文本，或含该文本的 @文件；- 表示标准输入。",
        ),
    ],
    trust: TrustFiles = None,
    status_list: Annotated[
        list[Path] | None,
        option(
            "--status-list",
            "The signed list of states that its issuer publishes (may be repeated). Who signed it may issue the types "
            "of --type.",
            "颁发机构发布的已签名状态列表（可重复）；其签署者可颁发 --type 所指类型。",
            metavar="FILE",
        ),
    ] = None,
    issuer: Annotated[
        list[Path] | None,
        option(
            "--issuer",
            "Certificate of an authority that may issue these types, beside those in the lists (may be repeated).",
            "可颁发这些类型的机构证书，状态列表所含之外（可重复）。",
            metavar="PEM",
        ),
    ] = None,
    type_name: Annotated[
        list[str] | None,
        option(
            "--type",
            "A type that is accepted: its code (may be repeated).",
            "接受的证照类型代码（可重复）。",
            metavar="CODE",
        ),
    ] = None,
    audience: Annotated[str, option("--audience", "Who this verifier is.", "本验证方的名称。", metavar="NAME")] = "",
    item: Annotated[
        list[str] | None,
        option("--item", "An item that must be shown (may be repeated).", "必须出示的数据项（可重复）。"),
    ] = None,
    memory: MemoryFile = None,
    crl: CrlFiles = None,
    ocsp: OcspFiles = None,
    intermediate: IntermediateFiles = None,
    at: AtTime = None,
    office: OfficeName = None,
) -> ExitCode:
    """Check a code."""
    code = read_code_text(text)
    lists = status_lists(status_list or ())
    at_hand = _AtHand(lists, read_certificates(issuer or ()), tuple(type_name or ()))
    moment = time_or_now(at)
    if trust:
        from egov_sdk.identity.trusting import CertificateTrust
        from egov_sdk.pki import TrustStore

        trusting = CertificateTrust(
            trust=TrustStore(read_certificates(trust)),
            intermediates=read_certificates(intermediate or ()),
            crls=read_revocations(crl or ()),
            ocsps=read_revocations(ocsp or ()),
        )
        if office is not None:
            with opened(office) as there:
                at_hand = at_hand.with_list_of(there, code)
        policy = at_hand.policy(trusting)
    elif lists or at_hand.issuers or crl or ocsp or intermediate:
        raise UsageError(Text("nothing is trusted", "未指定任何信任锚"), hint=Text("give --trust", "请给出 --trust"))
    elif office is not None or office_there(None):
        with opened(office) as there:
            at_hand, policy = at_hand.of_office(there, code)
    else:
        raise UsageError(
            Text("nothing is trusted", "未指定任何信任锚"),
            hint=Text(
                "give --trust and --status-list, or --office", "请给出 --trust 和 --status-list，或给出 --office"
            ),
        )
    return _checked(voice, code, policy, at_hand, _Asked(moment, audience, tuple(item or ()), memory))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What this verifier wants."""

    at: datetime
    audience: str
    items: tuple[str, ...]
    memory: Path | None


@dataclass(frozen=True, slots=True)
class _AtHand:
    """What a verifier has: lists, certificates of issuers, and the types that these may issue."""

    lists: tuple[StatusList, ...]
    issuers: tuple[Certificate, ...]
    types: tuple[str, ...]

    def policy(self, trusting: CertificateTrust) -> PresentationPolicy:
        """Who signed the lists that are at hand, or was named, may issue the types that were named; nobody else."""
        from egov_sdk.license.present import LicenseIssuer, PresentationPolicy

        if not self.types:
            raise UsageError(
                Text("no type was named that is accepted", "未指定接受的证照类型"),
                hint=Text("give the code of a type with --type", "请用 --type 给出证照类型代码"),
            )
        if wrong := [one for one in self.types if _TYPE_CODE.fullmatch(one) is None]:
            raise UsageError(
                Text(
                    f"--type: {wrong[0]!r} is no type code of 21 characters",
                    f"--type：“{wrong[0]}”不是 21 位证照类型代码",
                )
            )
        certificates = (*self.issuers, *(one.certificate for one in self.lists))
        subjects = dict.fromkeys(one.subject.text for one in certificates)
        types = frozenset(self.types)
        issuers = tuple(LicenseIssuer(subjects=frozenset({one}), type_codes=types) for one in subjects)
        return PresentationPolicy(trusting=trusting, issuers=issuers, certificates=self.issuers)

    def with_list_of(self, there: Office, code: str) -> _AtHand:
        """The same with a list that was fetched just now, for the type that the code is of."""
        from egov_sdk.license.present import read_presentation, read_status_list
        from egov_sdk.license.problems import LicenseRejected

        try:
            wanted = read_presentation(code).type_code
        except InputError:  # told by the check
            return self
        if self.types and wanted not in self.types:
            return self
        try:
            fetched = read_status_list(there.service.status_list(wanted))
        except LicenseRejected as error:
            if error.problem != "type_unknown":
                raise
            return self
        return _AtHand((*self.lists, fetched), self.issuers, self.types)

    def of_office(self, there: Office, code: str) -> tuple[_AtHand, PresentationPolicy]:
        """Everything as an office of one's own knows it."""
        from egov_sdk.identity.trusting import CertificateTrust

        secrets = there.local.secrets
        known = there.service.types()
        named = tuple(type_code_of(known, one) for one in self.types)
        types = named or tuple(there.register.types.known())
        found = _AtHand((), (secrets.token[1],), types).with_list_of(there, code)
        return found, found.policy(CertificateTrust(trust=secrets.trust))


def _checked(voice: Voice, code: str, policy: PresentationPolicy, at_hand: _AtHand, asked: _Asked) -> ExitCode:
    from egov_sdk.license.present import Expected, check_presentation

    remembered = recall(asked.memory)
    expected = Expected(
        audience=asked.audience,
        type_code=at_hand.types[0] if len(at_hand.types) == 1 else "",
        items=asked.items,
    )
    result = check_presentation(
        code, policy=policy, at=asked.at, status_lists=at_hand.lists, remembered=remembered, expected=expected
    )
    keep(asked.memory, remembered, result.sequences)
    good = result.report.outcome is Outcome.PASSED
    if voice.as_json:
        voice.document({**result.report.to_dict(voice.lang), "shown": _plain(result) if good else None})
        return exit_code(result.report.outcome)
    show_report(voice, result.report)
    if good:
        _tell_items(voice, result)
    elif result.report.outcome is Outcome.UNKNOWN:
        voice.note(_NO_LIST if not at_hand.lists else _NO_TRUST)
    return exit_code(result.report.outcome)


def _plain(result: PresentationResult) -> Mapping[str, object]:
    read = result.require()
    return {
        "type_code": read.type_code,
        "fields": dict(read.fields),
        "expires_at": read.expires_at.isoformat(),
        "audience": read.audience,
    }


def _tell_items(voice: Voice, result: PresentationResult) -> None:
    read = result.require()
    voice.line()
    voice.line(_SHOWN, style="bold")
    if not read.fields:
        voice.line("  " + voice.say(_NOTHING_SHOWN).format(type=read.type_code))
    voice.facts([(item_label(name), value) for name, value in read.fields.items()])
