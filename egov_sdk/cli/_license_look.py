"""``egov license verify``, ``show`` and ``id``: licence files and identifiers that somebody hands over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, Literal

from egov_sdk.cli import _groups as groups
from egov_sdk.cli._command import argument, command, option
from egov_sdk.cli._inputs import (
    read_certificates,
    read_file,
    read_revocations,
    refuse_existing,
    time_or_now,
    write_result,
)
from egov_sdk.cli._license_inputs import (
    AskerName,
    Office,
    OfficeName,
    PurposeText,
    authority,
    office_there,
    opened,
    read_code_text,
)
from egov_sdk.cli._license_words import plain_metadata, plain_record, show_metadata
from egov_sdk.cli._options import AtTime, CrlFiles, Force, IntermediateFiles, OcspFiles, SealMakerFiles, TrustFiles
from egov_sdk.cli._output import ExitCode, Voice, exit_code
from egov_sdk.cli._problems import UsageError, message_of
from egov_sdk.cli._report import first_reason, hint_for, show_report
from egov_sdk.errors import ParseError
from egov_sdk.report import Outcome, Report, Text

if TYPE_CHECKING:
    from egov_sdk.license.catalogue import LicenseType
    from egov_sdk.license.identifier import LicenseIdentifier
    from egov_sdk.license.metadata import Authority
    from egov_sdk.license.model import LicenseRecord, Use
    from egov_sdk.license.present import StatusList
    from egov_sdk.license.reading import LicenseFile
    from egov_sdk.license.states import LicenseState
    from egov_sdk.license.verify import StatusSource
    from egov_sdk.pki import Certificate
    from egov_sdk.seal import Policy

__all__ = ["id_", "known_types", "show", "verify"]

_MOST_BYTES: Final = 64 << 20
_NO_TEMPLATE: Final = Text(
    "without the template of its type only the index of the face is compared: give --types",
    "未提供该类型的模板，仅比对照面标引：可用 --types 提供",
)
_UNVERIFIED: Final = Text("nothing of this was verified", "以上内容均未经验证")
_NEXT_VERIFY: Final = Text("next: egov license verify {file}", "下一步：egov license verify {file}")
_NO_METADATA: Final = Text("there is no metadata that can be read", "没有可解析的元数据")
_COPY: Final = Text("annotated copy for {whom}: {cause}, until {until}", "加注件：{whom}，{cause}，有效期至 {until}")
_OTHER_LIST: Final = Text("the status list at hand is number {found}", "所给状态列表的编号为 {found}")
_OTHER_ISSUER: Final = Text("it is not that of the authority that issued it", "并非该证照颁发机构的状态列表")
_LIST_REFUSED: Final = Text("the status list says nothing: {reason}", "状态列表不予采信：{reason}")
_PLACE: Final = Text("place in the status list  {place}", "状态列表位置  {place}")
_WROTE: Final = Text("written to {out}", "已写入 {out}")
_GOOD: Final = Text("every rule is kept", "各项规则均符合")
_LENIENT: Final = Text("accepted leniently: {what}", "宽松接受：{what}")
_TRY_LENIENT: Final = Text(
    "--lenient accepts and names what real identifiers get wrong", "--lenient 接受并指明实际标识的常见偏差"
)
_PARTS: Final = (
    ("root", Text("root", "电子证照根代码")),
    ("type_code", Text("type", "证照类型代码")),
    ("issuer_code", Text("issuing authority", "证照颁发机构代码")),
    ("serial", Text("serial", "流水号")),
    ("version", Text("version", "版本号")),
    ("check", Text("check character", "校验位")),
)  # fmt: skip


@command(
    groups.license_,
    "verify",
    "Verify a licence file: offline with --trust, or against a register.",
    "验证证照文件：用 --trust 离线验证，或对照登记库。",
)
def verify(
    voice: Voice,
    file: Annotated[Path, argument("FILE", "A licence file (OFD).", "证照文件（OFD）。")],
    trust: TrustFiles = None,
    types: Annotated[
        list[Path] | None,
        option(
            "--types",
            "A catalogue with the type and its template, TOML or JSON (may be repeated).",
            "含该类型及其模板的证照目录（TOML 或 JSON，可重复）。",
            metavar="FILE",
        ),
    ] = None,
    status_list: Annotated[
        Path | None,
        option(
            "--status-list",
            "A signed list of states; with --place.",
            "已签名的状态列表，与 --place 同用。",
            metavar="FILE",
        ),
    ] = None,
    place: Annotated[
        str | None,
        option(
            "--place",
            "Where that list speaks of this licence, as its issuer says: egov license show IDENTIFIER.",
            "该证照在状态列表中的位置，由颁发机构告知（egov license show 证照标识）。",
            metavar="LIST:INDEX",
        ),
    ] = None,
    requester: Annotated[
        str | None,
        option("--requester", "For whom an annotated copy must be.", "加注件的用证单位。", metavar="CODE=NAME"),
    ] = None,
    seal_maker: SealMakerFiles = None,
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
    office: OfficeName = None,
) -> ExitCode:
    """Verify a licence file."""
    from egov_sdk.pki import TrustStore
    from egov_sdk.seal import Policy

    if (status_list is None) != (place is None):
        raise UsageError("--status-list and --place belong together")
    moment = time_or_now(at)
    if not trust and status_list is None and (office is not None or office_there(None)):
        others = (types, requester, seal_maker, crl, ocsp, intermediate, accept_claimed_time or None)
        if any(others):
            raise UsageError("a register verifies by its own rules", hint="give --trust to verify offline")
        data = read_file(file, max_bytes=_MOST_BYTES)
        with opened(office) as there:
            return _judged(voice, file, there.service.verify(data, at=moment if at is not None else None))
    seals = Policy.standard(
        trust=TrustStore(read_certificates(trust or ())),
        seal_makers=TrustStore(read_certificates(seal_maker)) if seal_maker else None,
        at=moment,
        intermediates=read_certificates(intermediate or ()),
        crls=read_revocations(crl or ()),
        ocsps=read_revocations(ocsp or ()),
        claimed_time="accept" if accept_claimed_time else "if_still_valid",
    )
    listed = None if status_list is None else _Listed(read_file(status_list), _place(place or ""), seals)
    return _judged(voice, file, _offline(voice, file, seals, known_types(types or ()), listed=listed, whom=requester))


def known_types(paths: Sequence[Path]) -> dict[str, LicenseType]:
    """The types of catalogues at hand, by their codes."""
    from egov_sdk.license.catalogue_files import CATALOGUE_BYTES, load_license_types

    found = {}
    for path in paths:
        form: Literal["json", "toml"] = "json" if path.suffix.lower() == ".json" else "toml"
        for one in load_license_types(read_file(path, max_bytes=CATALOGUE_BYTES), form=form):
            found[one.code] = one
    return found


def _place(text: str) -> tuple[int, int]:
    left, _, right = text.partition(":")
    if not (left.isascii() and left.isdigit() and right.isascii() and right.isdigit()):
        raise UsageError("--place is two numbers, LIST:INDEX", hint="egov license show IDENTIFIER prints it")
    return int(left), int(right)


def _judged(voice: Voice, file: Path, report: Report) -> ExitCode:
    report = replace(report, subject=str(file))
    if voice.as_json:
        voice.document(report.to_dict(voice.lang))
        return exit_code(report.outcome)
    show_report(voice, report)
    hint = hint_for(report)
    if hint is not None:
        voice.note(hint)
    return exit_code(report.outcome)


def _offline(
    voice: Voice,
    file: Path,
    seals: Policy,
    known: Mapping[str, LicenseType],
    *,
    listed: _Listed | None,
    whom: str | None,
) -> Report:
    """Verify a file by what is at hand."""
    from egov_sdk.license.file import read_license_file
    from egov_sdk.license.policy import LicensePolicy
    from egov_sdk.license.verify import verify as verify_license

    data = read_file(file, max_bytes=_MOST_BYTES)
    found = read_license_file(data)
    requester = authority(whom, "--requester") if whom is not None else None
    choose = LicensePolicy.offline if listed is None else LicensePolicy.with_status
    policy = choose(seals, requester=requester)
    if found.metadata is not None and found.metadata.type_code not in known:
        policy = policy.without_template()
        voice.note(_NO_TEMPLATE)
    status = None if listed is None else listed.source(voice, found)
    return verify_license(data, policy=policy, types=known, status=status, subject=str(file))


@dataclass(frozen=True, slots=True)
class _Listed:
    """A status list that is at hand, and where it is said to speak of the licence."""

    data: bytes
    place: tuple[int, int]
    seals: Policy

    def source(self, voice: Voice, found: LicenseFile) -> StatusSource:
        """What the list says of this licence; unknown, with a note why, where the list cannot be relied on."""
        from egov_sdk.license.present import read_status_list

        listed = read_status_list(self.data)
        number, index = self.place
        state: LicenseState | None = None
        if listed.list_id != number:
            voice.note(voice.say(_OTHER_LIST).format(found=listed.list_id))
        elif (report := self._check(listed, found)) is not None and report.outcome is Outcome.PASSED:
            state = listed.state_at(index)
        else:
            reason = first_reason(voice, report) if report is not None else voice.say(_OTHER_ISSUER)
            voice.note(voice.say(_LIST_REFUSED).format(reason=reason))
        return lambda _identifier: state

    def _check(self, listed: StatusList, found: LicenseFile) -> Report | None:
        """Whether the list is good and the issuer's; None where it is another's."""
        from egov_sdk.identity.trusting import CertificateTrust
        from egov_sdk.license.present import LicenseIssuer, PresentationPolicy
        from egov_sdk.license.present.check import check_status_list

        if found.metadata is None or not _names(listed.certificate, found.metadata.issuer):
            return None
        issuer = LicenseIssuer(
            subjects=frozenset({listed.certificate.subject.text}), type_codes=frozenset({found.metadata.type_code})
        )
        seals = self.seals
        trusting = CertificateTrust(
            trust=seals.trust, intermediates=seals.intermediates, crls=seals.crls, ocsps=seals.ocsps
        )
        return check_status_list(listed, policy=PresentationPolicy(trusting=trusting, issuers=(issuer,)), at=seals.at)


def _names(certificate: Certificate, who: Authority) -> bool:
    """Whether a certificate bears the name or the code of an authority."""
    texts = [one.text.strip() for one in certificate.subject.attributes if one.short in ("O", "OU", "CN")]
    return who.name in texts or bool(who.code and who.code in certificate.subject.text)


@command(
    groups.license_,
    "show",
    "Show what a licence file says, or what the register holds of an identifier; personal data masked.",
    "查看证照文件内容，或登记库中某一标识的证照；个人信息脱敏。",
)
def show(
    voice: Voice,
    what: Annotated[str, argument("FILE|IDENTIFIER", "A licence file, or an identifier.", "证照文件或证照标识。")],
    full: Annotated[bool, option("--full", "Mask nothing.", "不脱敏。")] = False,
    out: Annotated[
        Path | None,
        option(
            "--out",
            "Write the file of the identifier (OFD).",
            "写出该标识的证照文件（OFD）。",
            metavar="OUT",
            short="-o",
        ),
    ] = None,
    purpose: PurposeText = "查看",
    requester: AskerName = None,
    item: Annotated[str, option("--item", "The service item that it is for.", "事项编码。", metavar="CODE")] = "",
    force: Force = False,
    office: OfficeName = None,
) -> ExitCode:
    """Show a licence."""
    from egov_sdk.license.identifier import LicenseIdentifier

    path = Path(what)
    if path.is_file():
        if out is not None:
            raise UsageError("--out goes with an identifier")
        return _show_file(voice, path, full=full)
    if "/" in what or what.lower().endswith(".ofd"):
        raise UsageError(f"there is no file {what}")
    identifier = LicenseIdentifier.parse(what, lenient=True)
    if out is not None:
        refuse_existing(out, force=force)
    with opened(office) as there:
        use = there.use(purpose, requester, item=item)
        record, file = _of_register(there, identifier, use)
        place = there.register.shows.status_of(identifier) if there.gov.office is not None else None
    if out is not None:
        if file is None:
            from egov_sdk.license.problems import refuse

            raise refuse("file_missing")
        write_result(out, file, force=force)
    listed = f"{place.list_id}:{place.index}" if place is not None else ""
    if voice.as_json:
        voice.document({**plain_record(record, full=full), "status_place": listed, "out": str(out) if out else None})
        return ExitCode.DONE
    show_metadata(voice, record.metadata, full=full, record=record)
    if listed:
        voice.line(f"  {voice.say(_PLACE).format(place=listed)}", style="dim")
    if out is not None:
        voice.line(voice.say(_WROTE).format(out=out))
        voice.note(voice.say(_NEXT_VERIFY).format(file=out))
    return ExitCode.DONE


def _of_register(there: Office, identifier: LicenseIdentifier, use: Use) -> tuple[LicenseRecord, bytes | None]:
    """The record and the file; an imported licence that the office itself looks at may have none yet."""
    from egov_sdk.license.model import UseGround
    from egov_sdk.license.problems import LicenseRejected

    try:
        found = there.service.get(identifier, use=use)
    except LicenseRejected as error:
        record = there.register.find(identifier) if error.problem == "file_missing" and there.gov.office else None
        if record is None or use.ground is not UseGround.OWNER:
            raise
        return record, None
    return found, found.file


def _show_file(voice: Voice, path: Path, *, full: bool) -> ExitCode:
    from egov_sdk.license.file import read_license_file

    found = read_license_file(read_file(path, max_bytes=_MOST_BYTES))
    if voice.as_json:
        voice.document(_plain_file(voice, path, found, full=full))
        return ExitCode.DONE if found.metadata is not None else ExitCode.REJECTED
    voice.line(str(path), style="bold")
    if found.metadata is None:
        voice.line(_NO_METADATA, style="bold red")
    else:
        show_metadata(voice, found.metadata, full=full)
    if found.copy is not None:
        note, whom = found.copy, found.requester
        words = {"whom": whom.name if whom else "-", "cause": note.cause, "until": f"{note.valid_until:%Y-%m-%d %H:%M}"}
        voice.line(f"  {voice.say(_COPY).format(**words)}", style="yellow")
    for one in found.findings:
        voice.line(f"  ! {one.to_dict(voice.lang)['message']}  {one.code}", style="yellow")
    for odd in found.notes:
        voice.line(f"  ! {voice.say(odd.message)}  {odd.code}", style="yellow")
    voice.note(_UNVERIFIED)
    voice.note(voice.say(_NEXT_VERIFY).format(file=path))
    return ExitCode.DONE if found.metadata is not None else ExitCode.REJECTED


def _plain_file(voice: Voice, path: Path, found: LicenseFile, *, full: bool) -> dict[str, object]:
    return {
        "file": str(path),
        "verified": False,
        "metadata": plain_metadata(found.metadata, full=full) if found.metadata is not None else None,
        "copy": found.copy.model_dump(mode="json") if found.copy is not None else None,
        "requester": found.requester.model_dump() if found.requester is not None else None,
        "findings": [one.to_dict(voice.lang) for one in found.findings],
        "notes": [{"code": one.code, "message": voice.say(one.message)} for one in found.notes],
    }


@command(
    groups.license_,
    "id",
    "Take an identifier apart, and name the rule that it breaks.",
    "拆解证照标识，并指出所违反的规则。",
)
def id_(
    voice: Voice,
    text: Annotated[
        str,
        argument(
            "IDENTIFIER",
            "An identifier, or the name of a published file; - reads standard input.",
            "证照标识或已发布文件的文件名，- 表示标准输入。",
        ),
    ],
    lenient: Annotated[
        bool,
        option(
            "--lenient/--strict", "Accept, and name, what real identifiers get wrong.", "接受并指明实际标识的常见偏差。"
        ),
    ] = False,
) -> ExitCode:
    """Explain an identifier."""
    from egov_sdk.license.identifier import LENIENCIES, LicenseIdentifier

    given = read_code_text(text)
    try:
        name = given[:-4] if given.lower().endswith(".ofd") else given
        found = LicenseIdentifier.parse(name, lenient=lenient)
    except ParseError as error:
        return _refused(voice, given, error, lenient=lenient)
    wrong = found.findings()
    code = ExitCode.REJECTED if wrong and not lenient else ExitCode.DONE
    if voice.as_json:
        voice.document(_plain_identifier(voice, found, given, ok=code is ExitCode.DONE))
        return code
    voice.line(str(found), style="bold")
    voice.facts([(label, getattr(found, name) or None) for name, label in _PARTS])
    for leniency in found.leniencies:
        voice.line(voice.say(_LENIENT).format(what=voice.say(LENIENCIES[leniency])), style="yellow")
    for one in wrong:
        voice.line(f"{one.element}: {one.message.in_(voice.lang)}  {one.code}", style="yellow")
    if not wrong and not found.leniencies:
        voice.line(_GOOD, style="green")
    return code


def _refused(voice: Voice, given: str, error: ParseError, *, lenient: bool) -> ExitCode:
    if voice.as_json:
        voice.document({"identifier": given, "ok": False, "error": error.to_dict()})
        return ExitCode.REJECTED
    voice.line(message_of(error, voice.lang), style="bold red")
    voice.line(f"  {error.code}", style="dim")
    if not lenient and error.code == "egov.license.identifier_shape":
        voice.note(_TRY_LENIENT)
    return ExitCode.REJECTED


def _plain_identifier(voice: Voice, found: LicenseIdentifier, given: str, *, ok: bool) -> dict[str, object]:
    return {
        "identifier": given,
        "ok": ok,
        **{name: getattr(found, name) for name, _ in _PARTS},
        "leniencies": list(found.leniencies),
        "findings": [one.to_dict(voice.lang) for one in found.findings()],
    }
