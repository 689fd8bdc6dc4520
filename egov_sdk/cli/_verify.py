"""``egov verify``: one document with all its checks, or many with a line each."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from egov_sdk.cli import _groups as groups
from egov_sdk.cli._command import argument, command, option
from egov_sdk.cli._inputs import (
    check_jobs,
    read_certificates,
    read_revocations,
    refuse_existing,
    time_or_now,
    write_result,
)
from egov_sdk.cli._options import (
    AcceptClaimedTime,
    AtTime,
    CrlFiles,
    Force,
    IntermediateFiles,
    OcspFiles,
    SealMakerFiles,
    TrustFiles,
)
from egov_sdk.cli._output import ExitCode, Voice, followed, outcome_of, worst_exit
from egov_sdk.cli._problems import (
    UsageError,
    file_problem,
    message_of,
)
from egov_sdk.cli._report import STYLES, first_reason, show_error, show_verdict
from egov_sdk.cli._text import pad, width
from egov_sdk.cli._verified import SUMMARY, Verified, verified
from egov_sdk.report import Outcome, Report, Text
from egov_sdk.report_words import CONCLUSIONS

if TYPE_CHECKING:
    from egov_sdk.seal import Policy

__all__ = ["verify"]

PolicyName = Literal["standard", "strict"]


@command(groups.root, "verify", "Verify sealed or signed OFD documents.", "验证盖章或签名的 OFD 文档。")
def verify(
    voice: Voice,
    files: Annotated[list[Path] | None, argument("FILE...", "OFD documents.", "OFD 文档。")] = None,
    trust: TrustFiles = None,
    seal_maker: SealMakerFiles = None,
    crl: CrlFiles = None,
    ocsp: OcspFiles = None,
    intermediate: IntermediateFiles = None,
    certificate: Annotated[
        list[Path] | None,
        option(
            "--certificate",
            "Certificate of a signer, for signatures that hold none (may be repeated).",
            "签名者证书，用于不含证书的签名（可重复）。",
            metavar="FILE",
        ),
    ] = None,
    at: AtTime = None,
    policy: Annotated[
        PolicyName,
        option(
            "--policy",
            "What must hold; strict also wants revocation known and the time proven.",
            "验证策略；strict 还要求吊销状态明确、时间可证明。",
        ),
    ] = "standard",
    accept_claimed_time: AcceptClaimedTime = False,
    html: Annotated[
        Path | None,
        option(
            "--html",
            "Write a report with pictures of the pages to this file; for one document.",
            "把含页面图像的报告写入该文件；仅限一个文档。",
            metavar="OUT",
        ),
    ] = None,
    batch: Annotated[
        Path | None,
        option(
            "--batch",
            "Verify every OFD document under this folder, in place of FILE.",
            "验证该文件夹下的全部 OFD 文档，代替 FILE。",
            metavar="DIR",
        ),
    ] = None,
    jobs: Annotated[
        int | None,
        option("--jobs", "With --batch: in how many processes.", "与 --batch 同用：进程数。", metavar="N"),
    ] = None,
    sheet: Annotated[
        Path | None,
        option(
            "--sheet",
            "With --batch: write the results to this CSV file or Excel workbook.",
            "与 --batch 同用：把结果写入该 CSV 文件或 Excel 工作簿。",
            metavar="OUT",
        ),
    ] = None,
    resume: Annotated[
        bool,
        option("--resume", "Go on with a batch that was broken off.", "继续已中断的批量验证。"),
    ] = False,
    force: Force = False,
) -> ExitCode:
    """Verify documents."""
    files = files or []
    _check_asked(files, batch, html=html, jobs=jobs, sheet=sheet, resume=resume)
    if html is not None:
        if len(files) > 1:
            raise UsageError(Text("--html takes one document at a time", "--html 每次只用于一个文档"))
        refuse_existing(html, force=force)
    rules = _policy(
        policy,
        accept_claimed_time=accept_claimed_time,
        trust=trust or (),
        seal_makers=seal_maker or (),
        crls=crl or (),
        ocsps=ocsp or (),
        intermediates=intermediate or (),
        certificates=certificate or (),
        at=at,
    )
    if batch is not None:
        from egov_sdk.cli._batch import BatchJob, verify_batch

        given = {"trust": trust, "maker": seal_maker, "crl": crl, "ocsp": ocsp, "via": intermediate, "own": certificate}
        settings = _settings(f"{policy} {accept_claimed_time}", given)
        job = BatchJob(batch, sheet, resume, force, jobs, settings, at is not None)
        return verify_batch(voice, job, rules)
    _check_readable(files)
    if len(files) == 1:
        one = verified(files[0], rules)
        if html is not None:
            _write_html(voice, one, rules, html, force=force)
        return _one(voice, one)
    return _many(voice, files, rules)


def _check_asked(
    files: Sequence[Path],
    batch: Path | None,
    *,
    html: Path | None,
    jobs: int | None,
    sheet: Path | None,
    resume: bool,
) -> None:
    if batch is None:
        if not files:
            raise UsageError(
                Text("there is nothing to verify", "没有要验证的内容"),
                hint=Text("name OFD documents, or a folder with --batch", "请给出 OFD 文件，或用 --batch 给出文件夹"),
            )
        if jobs is not None or sheet is not None or resume:
            raise UsageError(
                Text("--jobs, --sheet and --resume go with --batch", "--jobs、--sheet 和 --resume 须与 --batch 同用")
            )
        return
    if files or html is not None:
        raise UsageError(
            Text(
                "--batch takes a folder in place of documents, and makes no --html report",
                "--batch 以文件夹代替文档参数，且不生成 --html 报告",
            )
        )
    if not batch.is_dir():
        raise UsageError(Text(f"{batch} is no folder", f"{batch} 不是文件夹"))
    if resume and sheet is None:
        raise UsageError(
            Text(
                "--resume goes on with the --sheet of a run that was broken off",
                "--resume 用于继续已中断批次的 --sheet",
            )
        )
    check_jobs(jobs)


def _settings(policy: str, given: Mapping[str, Sequence[Path] | None]) -> str:
    """What a batch rests on besides the time, as a digest."""
    from egov_sdk.crypto import SM3, sm3

    digest = SM3(policy.encode())
    for name, paths in given.items():
        for path in paths or ():
            digest.update(name.encode() + sm3(path.read_bytes()))
    return digest.hexdigest()


def _policy(
    name: PolicyName,
    *,
    accept_claimed_time: bool,
    trust: Sequence[Path],
    seal_makers: Sequence[Path],
    crls: Sequence[Path],
    ocsps: Sequence[Path],
    intermediates: Sequence[Path],
    certificates: Sequence[Path],
    at: str | None,
) -> Policy:
    from egov_sdk.pki import TrustStore
    from egov_sdk.seal import Policy

    if name == "strict" and accept_claimed_time:
        raise UsageError(
            Text(
                "--policy strict takes nobody's word for the time: leave out --accept-claimed-time",
                "--policy strict 不采信自称时间：请勿给出 --accept-claimed-time",
            )
        )
    make = Policy.strict if name == "strict" else Policy.standard
    rules = make(
        trust=TrustStore(read_certificates(trust)),
        at=time_or_now(at),
        intermediates=read_certificates(intermediates),
        crls=read_revocations(crls),
        ocsps=read_revocations(ocsps),
    )
    return dataclasses.replace(
        rules,
        certificates=read_certificates(certificates),
        seal_makers=TrustStore(read_certificates(seal_makers)) if seal_makers else None,
        claimed_time="accept" if accept_claimed_time else rules.claimed_time,
    )


def _check_readable(files: Sequence[Path]) -> None:
    """A name that leads nowhere is found before the work begins, not after half of it."""
    for path in files:
        try:
            with path.open("rb"):
                pass
        except OSError as error:
            file_problem(path, error)


def _write_html(voice: Voice, one: Verified, rules: Policy, out: Path, *, force: bool) -> None:
    from egov_sdk.cli._html import error_page, report_page
    from egov_sdk.ofd import open_ofd

    if isinstance(one.found, Report):
        made = report_page(one.found, open_ofd(one.path), policy=rules, lang=voice.lang)
    else:
        made = error_page(one.path.name, one.found, outcome=one.outcome, lang=voice.lang)
    write_result(out, made.encode(), force=force)


def _one(voice: Voice, one: Verified) -> ExitCode:
    if voice.as_json:
        voice.document(one.to_dict(voice))
    elif isinstance(one.found, Report):
        show_verdict(voice, one.found)
    else:
        show_error(voice, one.path, one.found, one.outcome)
    return one.code


def _many(voice: Voice, files: Sequence[Path], rules: Policy) -> ExitCode:
    results: Iterable[Verified] = (verified(path, rules) for path in followed(files))
    if voice.as_json or voice.colourful:
        results = list(results)  # a progress bar and results do not share a terminal
    every = []
    for one in results:
        every.append(one)
        if not voice.as_json:
            _line(voice, one)
    code = worst_exit(one.code for one in every)
    outcome = outcome_of(code)
    if voice.as_json:
        voice.document({"outcome": outcome.value, "files": [one.to_dict(voice) for one in every]})
        return code
    count = Counter(one.outcome for one in every)
    voice.line()
    voice.line(
        voice.say(SUMMARY).format(
            total=len(every),
            passed=count[Outcome.PASSED],
            rejected=count[Outcome.FAILED],
            undecided=count[Outcome.UNKNOWN],
        ),
        style=STYLES[outcome],
    )
    return code


def _line(voice: Voice, one: Verified) -> None:
    found = one.found
    reason = (
        first_reason(voice, found) if isinstance(found, Report) else f"{found.code}: {message_of(found, voice.lang)}"
    )
    word = pad(voice.say(CONCLUSIONS[one.outcome]), max(width(voice.say(each)) for each in CONCLUSIONS.values()))
    voice.line(f"{word}  {one.path}" + (f"  {reason}" if reason else ""), style=STYLES[one.outcome])
