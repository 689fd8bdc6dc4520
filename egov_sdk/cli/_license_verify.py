"""``egov license verify``: a licence file, offline or against a register."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from egov_sdk.cli import _groups as groups
from egov_sdk.cli._command import argument, command, option
from egov_sdk.cli._inputs import (
    read_certificates,
    read_file,
    read_revocations,
    time_or_now,
)
from egov_sdk.cli._license_inputs import authority, known_types
from egov_sdk.cli._license_lists import MemoryFile, keep, recall, status_lists
from egov_sdk.cli._license_office import OfficeName, office_there, opened
from egov_sdk.cli._options import (
    AcceptClaimedTime,
    AtTime,
    CrlFiles,
    IntermediateFiles,
    OcspFiles,
    SealMakerFiles,
    TrustFiles,
    claimed_time,
)
from egov_sdk.cli._output import ExitCode, Voice, exit_code
from egov_sdk.cli._problems import UsageError
from egov_sdk.cli._report import show_verdict
from egov_sdk.report import Report, Text

if TYPE_CHECKING:
    from egov_sdk.license.catalogue import LicenseType
    from egov_sdk.license.listed import StatusLists
    from egov_sdk.license.states import StatusEntry
    from egov_sdk.seal import Policy


__all__ = ["verify"]

_MOST_BYTES: Final = 64 << 20
_NO_TEMPLATE: Final = Text(
    "without the template of its type only the index of the face is compared: give --types",
    "未提供该类型的模板，仅比对照面标引：可用 --types 提供",
)


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
        list[Path] | None,
        option(
            "--status-list",
            "A signed list of states that its issuer publishes (may be repeated).",
            "颁发机构发布的已签名状态列表（可重复）。",
            metavar="FILE",
        ),
    ] = None,
    place: Annotated[
        str | None,
        option(
            "--place",
            "Where that list speaks of this licence, for a file that does not say it itself.",
            "该证照在状态列表中的位置，用于自身未载明位置的文件。",
            metavar="LIST:INDEX",
        ),
    ] = None,
    memory: MemoryFile = None,
    requester: Annotated[
        str | None,
        option("--requester", "For whom an annotated copy must be.", "加注件的用证单位。", metavar="CODE=NAME"),
    ] = None,
    issuer: Annotated[
        list[str] | None,
        option(
            "--issuer",
            "Code of an authority that may issue it (may be repeated); anybody by default. Needs --types.",
            "可颁发该证照的机构代码（可重复），默认不限；须同时给出 --types。",
            metavar="CODE",
        ),
    ] = None,
    seal_maker: SealMakerFiles = None,
    crl: CrlFiles = None,
    ocsp: OcspFiles = None,
    intermediate: IntermediateFiles = None,
    at: AtTime = None,
    accept_claimed_time: AcceptClaimedTime = False,
    office: OfficeName = None,
) -> ExitCode:
    """Verify a licence file."""
    from egov_sdk.license.listed import StatusLists
    from egov_sdk.pki import TrustStore
    from egov_sdk.seal import Policy

    if status_list is None and (place is not None or memory is not None):
        raise UsageError(
            Text("--place and --memory go with --status-list", "--place 和 --memory 须与 --status-list 同用")
        )
    if issuer and not types:
        raise UsageError(Text("--issuer goes with --types", "--issuer 须与 --types 同用"))
    moment = time_or_now(at)
    if not trust and status_list is None and (office is not None or office_there(None)):
        others = (types, requester, issuer, seal_maker, crl, ocsp, intermediate, accept_claimed_time or None)
        if any(others):
            raise UsageError(
                Text("a register verifies by its own rules", "登记库按其自身规则验证"),
                hint=Text("give --trust to verify offline", "离线验证请给出 --trust"),
            )
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
        claimed_time=claimed_time(accept_claimed_time),
    )
    remembered, listed = recall(memory), None
    if status_list is not None:
        listed = StatusLists(lists=status_lists(status_list), remembered=remembered, place=_place(place))
    report = _offline(voice, file, seals, known_types(types or ()), listed=listed, whom=requester, issuers=issuer or ())
    if listed is not None:
        keep(memory, remembered, listed.met(report))
    return _judged(voice, file, report)


def _place(text: str | None) -> StatusEntry | None:
    from egov_sdk.license.states import StatusEntry

    try:
        return None if text is None else StatusEntry.parse(text)
    except ValueError:
        raise UsageError(
            Text("--place is two numbers, LIST:INDEX", "--place 为两个数字，写作 列表:位置"),
            hint=Text("egov license show IDENTIFIER prints it", "可用 egov license show 标识 查看"),
        ) from None


def _judged(voice: Voice, file: Path, report: Report) -> ExitCode:
    report = replace(report, subject=str(file))
    if voice.as_json:
        voice.document(report.to_dict(voice.lang))
        return exit_code(report.outcome)
    return show_verdict(voice, report)


def _offline(
    voice: Voice,
    file: Path,
    seals: Policy,
    known: Mapping[str, LicenseType],
    *,
    listed: StatusLists | None,
    whom: str | None,
    issuers: Sequence[str],
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
    if issuers and found.metadata is not None:
        policy = policy.trusting(type_issuers={found.metadata.type_code: issuers})
    if found.metadata is not None and found.metadata.type_code not in known:
        policy = policy.without_template()
        voice.note(_NO_TEMPLATE)
    return verify_license(data, policy=policy, types=known, status=listed, subject=str(file))
