"""``egov platform``: a province on this machine, for programs in any language."""

from __future__ import annotations

import sys
import tempfile
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from egov_sdk.cli import _groups as groups
from egov_sdk.cli._command import command, option
from egov_sdk.cli._identity_inputs import clock
from egov_sdk.cli._output import Voice
from egov_sdk.cli._platform_begun import Begun
from egov_sdk.cli._platform_inputs import (
    FOLDER,
    DatabaseUrl,
    FolderMade,
    accounts,
    check_serving,
    check_tls,
    database_url,
    host_names,
    metrics_token,
    office_secret,
    proxies_of,
    whose,
)
from egov_sdk.cli._platform_mock import run_mock
from egov_sdk.cli._problems import FileProblem, UsageError, file_problem, untranslated
from egov_sdk.report import Text

if TYPE_CHECKING:
    from egov_sdk.platform.console.staff import NewStaff
    from egov_sdk.platform.served import ServedProvince
    from egov_sdk.platform.serving import Listening
    from egov_sdk.platform.standing import Standing

__all__ = ["serve"]

_HERE = "127.0.0.1"
_NOT_CERTIFIED = Text(
    "not certified for anything: no graded protection assessment, no certified cryptographic product, no TLCP",
    "本软件未通过任何认证：未做等级保护测评，非商用密码认证产品，不支持国密 TLCP",
)
_AS_IT_IS = Text(
    "{folder} was made without people and callers for tests and stays so; --seed puts them in",
    "{folder} 建立时未预置测试人员和接入方，保持不变；如需预置请加 --seed",
)


@command(
    groups.platform,
    "serve",
    "Run a province on this machine: licences, seals, sign-ins, with people and callers who can be nobody.",
    "在本机运行模拟省级平台：证照、印章、登录，并备有测试人员和接入方。",
)
def serve(
    voice: Voice,
    port: Annotated[int, option("--port", "The port to listen on.", "监听端口。", metavar="NUMBER")] = 8080,
    folder: FolderMade = FOLDER,
    profile: Annotated[
        str,
        option(
            "--profile",
            "How callers sign their requests (egov-sm2, tif, …), or whose interfaces it has: national, zj-irs, …",
            "接入方的签名方式（egov-sm2、tif 等），或所仿平台的接口形式（national、zj-irs 等）。",
            metavar="NAME",
        ),
    ] = "egov-sm2",
    seed: Annotated[
        bool | None,
        option(
            "--seed/--no-seed",
            "Put in types of licences, two licences, seals, people and callers for tests; "
            "where it is left out, into a new folder alone.",
            "预置证照类型、两份证照、印章、测试人员和接入方；不给出时只预置于新目录。",
        ),
    ] = None,
    show_secrets: Annotated[
        bool,
        option("--show-secrets", "Print the secrets and passwords as well.", "同时显示共享密钥和口令。"),
    ] = False,
    staff_password: Annotated[
        str,
        option(
            "--staff-password",
            "The password of admin, operator and auditor at the console; made and printed once where it is left out.",
            "控制台 admin、operator、auditor 的密码；不给出时生成一次性密码并显示一次。",
            metavar="PASSWORD",
        ),
    ] = "",
    host: Annotated[str, option("--host", "The address to listen on.", "监听地址。", metavar="ADDRESS")] = _HERE,
    url: Annotated[
        str,
        option(
            "--url",
            "Where it is reached from outside, such as https://zheng.example.cn; requests to other names are refused.",
            "对外地址，如 https://zheng.example.cn；对其他名称的请求会被拒绝。",
            metavar="URL",
        ),
    ] = "",
    workers: Annotated[
        int, option("--workers", "So many processes serve, and are started again.", "服务进程数。", metavar="NUMBER")
    ] = 1,
    rate: Annotated[
        int,
        option(
            "--rate", "So often may each caller come, a second; 0 for no limit.", "每个接入方每秒请求数上限，0 为不限。"
        ),
    ] = 200,
    database: DatabaseUrl = "",
    certificate: Annotated[
        Path | None,
        option("--certificate", "For TLS without a proxy: the certificates, PEM.", "直接提供 TLS 时的证书（PEM）。"),
    ] = None,
    key: Annotated[
        Path | None, option("--key", "The key of the certificate, PEM.", "证书的私钥（PEM）。", metavar="FILE")
    ] = None,
    proxy: Annotated[
        list[str] | None,
        option(
            "--proxy",
            "A proxy, or a network of them, that is believed when it says who calls (X-Forwarded-For).",
            "采信其 X-Forwarded-For 的反向代理地址或网段，可多次给出。",
            metavar="ADDRESS",
        ),
    ] = None,
    department: Annotated[
        str, option("--department", "Whose office it is, when it is made.", "新建时的机构名称。", metavar="NAME")
    ] = "",
    code: Annotated[
        str, option("--code", "Its unified social credit code.", "机构统一社会信用代码。", metavar="CODE")
    ] = "",
) -> None:
    """Serve until somebody ends it."""
    from egov_sdk.door.platforms import PLATFORMS
    from egov_sdk.gateway.policies import RateLimit
    from egov_sdk.platform.partners import FILE, read_partners
    from egov_sdk.platform.seeding import seeded_people
    from egov_sdk.platform.served import ServedProvince
    from egov_sdk.platform.serving import Listening, check_free
    from egov_sdk.platform.standing import may_seed

    check_serving(port=port, profile=profile, workers=workers, rate=rate)
    check_tls(certificate, key)
    if profile in PLATFORMS:
        if (
            seed is False
            or workers > 1
            or any((url, database, certificate, proxy, department, staff_password, host != _HERE))
        ):
            raise UsageError(
                Text(
                    f"{profile} is the form of a mock: on this machine, in one process, with what is seeded",
                    f"{profile} 是模拟平台的接口形式：只能在本机以单进程运行，并使用预置数据",
                )
            )
        run_mock(voice, port=port, folder=folder, profile=profile)
        return
    as_it_is = seed is None and not may_seed(folder)
    seed = not as_it_is if seed is None else seed
    address = url.rstrip("/") or f"http{'s' if certificate else ''}://127.0.0.1:{port}"
    partners, known_at = read_partners(folder / FILE), accounts()
    province = ServedProvince(
        folder=folder,
        url=address,
        profile=profile,
        database=database_url(database),
        secret=office_secret(),
        department=whose(department, code),
        hosts=host_names(address),
        rate=RateLimit(per_s=rate, burst=2 * rate) if rate else None,
        partners=partners.known,
        partner_roots=partners.roots,
        metrics_token=metrics_token(),
    )
    listening = Listening(host=host, port=port, certificate=certificate, key=key, proxies=proxies_of(proxy))
    try:
        check_free(listening)
    except OSError as error:
        file_problem(f"{host}:{port}", error)
    standing = province.open()
    try:
        with ExitStack() as beside:
            staff: tuple[NewStaff, ...] = ()
            if seed:
                standing.seed()
                staff = standing.seed_staff(password=staff_password)
                standing.lay_settings(url=address, profile=profile)
                beside.enter_context(beside.enter_context(standing.neighbour()).at_work())
            if partners:
                beside.enter_context(partners.at_work(standing.office.node, clock=clock, accounts=known_at))
            Begun(
                standing=standing,
                url=address,
                profile=profile,
                partners=partners,
                people=[one.login for one in seeded_people()] if seed else (),
                staff=staff,
                show_secrets=show_secrets,
            ).tell(voice)
            if as_it_is:
                voice.note(voice.say(_AS_IT_IS).format(folder=folder))
            voice.note(_NOT_CERTIFIED)
            sys.stdout.flush()  # whoever reads it from a pipe waits for it
            _run(province, standing, listening, workers=workers)
    except OSError as error:
        file_problem(f"{host}:{port}", error)
    finally:
        standing.close()


def _run(province: ServedProvince, standing: Standing, listening: Listening, *, workers: int) -> None:
    from egov_sdk.platform.serving import WorkersFailed, serve_workers
    from egov_sdk.platform.serving import serve as run

    if workers == 1:
        run(province.app(standing), listening)
        return
    with tempfile.TemporaryDirectory(prefix="egov-counters-") as counters:
        try:
            partners = tuple(standing.office.node.desk.partners.values())
            each = replace(province, counters=Path(counters), partners=partners)
            serve_workers(each, listening, workers=workers)
        except WorkersFailed as error:
            raise FileProblem(untranslated(str(error)), device=True) from None
