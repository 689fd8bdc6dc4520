"""What the arguments of ``egov platform`` stand for: the folder of a province, its database, who acts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

from egov_sdk.cli._command import option
from egov_sdk.cli._identity_inputs import clock
from egov_sdk.cli._inputs import check_port
from egov_sdk.cli._problems import FileProblem, UsageError, system_reason
from egov_sdk.report import Text

if TYPE_CHECKING:
    from egov_sdk.license.metadata import Authority
    from egov_sdk.platform.standing import Standing
    from egov_sdk.platform.ways import Accounts

__all__ = [
    "FOLDER",
    "DatabaseUrl",
    "FolderMade",
    "FolderThere",
    "OfficerName",
    "accounts",
    "check_serving",
    "check_tls",
    "database_url",
    "host_names",
    "metrics_token",
    "office_secret",
    "open_province",
    "proxies_of",
    "whose",
]

#: Where a province lies, unless it is said.
FOLDER = Path("egov-province")
_DATABASE, _SECRET, _METRICS = "EGOV_DATABASE", "EGOV_SECRET", "EGOV_METRICS_TOKEN"
_BROKER = "EGOV_BROKER"
_HERE = ("localhost", "127.0.0.1")
_MOST_WORKERS = 64
_NO_PAIR = Text(
    "expected a certificate and its key, PEM, without a password", "应为一张证书及其私钥，PEM 格式，不设口令"
)

FolderThere = Annotated[
    Path, option("--folder", "Where its keys and its database lie.", "密钥和数据库所在目录。", metavar="FOLDER")
]
FolderMade = Annotated[
    Path,
    option(
        "--folder",
        "Where its database and its keys lie; made where it is not there.",
        "数据库和密钥所在目录，不存在时新建。",
        metavar="FOLDER",
    ),
]
DatabaseUrl = Annotated[
    str,
    option(
        "--database",
        "The URL of a PostgreSQL database; in the environment variable EGOV_DATABASE where it holds a password.",
        "PostgreSQL 数据库地址；含口令时宜改用环境变量 EGOV_DATABASE。",
        metavar="URL",
    ),
]
OfficerName = Annotated[
    str,
    option("--by", "Who does it, for the audit log.", "操作人员姓名，写入审计日志。", metavar="NAME"),
]


def proxies_of(given: list[str] | None) -> tuple[str, ...]:
    """The addresses of proxies that are believed.

    Raises:
        UsageError: one is no address and no network.
    """
    for one in given or ():
        try:
            ip_network(one)
        except ValueError:
            raise UsageError(
                Text(
                    f"--proxy {one}: an address such as 10.0.0.5, or a network such as 10.0.0.0/24",
                    f"--proxy {one}：应为地址（如 10.0.0.5）或网段（如 10.0.0.0/24）",
                )
            ) from None
    return tuple(given or ())


def database_url(given: str) -> str:
    """The URL that was given, or the one of the environment; empty for a file in the folder."""
    return given or os.environ.get(_DATABASE, "")


def office_secret() -> str:
    """What opens the office's keys, from the environment; empty where they are not encrypted."""
    return os.environ.get(_SECRET, "")


def metrics_token() -> str:
    """What who reads the metrics gives, from the environment; empty for everybody who reaches the server."""
    return os.environ.get(_METRICS, "")


def accounts() -> Accounts:
    """The office's accounts at brokers, from the environment.

    Raises:
        UsageError: one of them is none.
    """
    from egov_sdk.platform.ways import broker_accounts

    try:
        return broker_accounts(os.environ.get(_BROKER, ""))
    except ValueError as error:
        raise UsageError(Text(f"{_BROKER} {error}", f"环境变量 {_BROKER} 不正确：{error}")) from None


def check_serving(*, port: int, profile: str, workers: int, rate: int) -> None:
    """Return if a province can be served so.

    Raises:
        UsageError: it cannot.
    """
    from egov_sdk.platform.mock.app import MOCK_PROFILES

    check_port(port)
    if profile not in MOCK_PROFILES:
        raise UsageError(
            Text(f"--profile is one of {', '.join(MOCK_PROFILES)}", f"--profile 可选：{'、'.join(MOCK_PROFILES)}")
        )
    if not 0 < workers <= _MOST_WORKERS:
        raise UsageError(Text(f"--workers is from 1 to {_MOST_WORKERS}", f"--workers 须在 1 至 {_MOST_WORKERS} 之间"))
    if rate < 0:
        raise UsageError(Text("--rate is not negative", "--rate 不得为负"))


def check_tls(certificate: Path | None, key: Path | None) -> None:
    """Return if TLS can be offered with these files, or is not asked for.

    Raises:
        UsageError: there is a key, and no certificate.
        FileProblem: they cannot be read, do not belong together, or the key has a password.
    """
    import ssl

    if certificate is None:
        if key is not None:
            raise UsageError(Text("--key goes with --certificate", "--key 须与 --certificate 同用"))
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="-")  # noqa: S106 - so that nobody is asked
    except OSError as error:
        reason = _NO_PAIR if isinstance(error, ssl.SSLError) else system_reason(error)
        named = f"--certificate {certificate}{f' --key {key}' if key else ''}"
        raise FileProblem(Text(f"{named}: {reason.en}", f"{named}：{reason.zh}")) from None


def host_names(url: str) -> tuple[str, ...]:
    """Under which names a province at this address may be called: its own, and those of this machine.

    Raises:
        UsageError: it is no address of a server.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query or parts.username:
        raise UsageError(
            Text(
                f"--url is http:// or https:// and a host, got {url}",
                f"--url 须为 http:// 或 https:// 加主机名，实际为 {url}",
            )
        )
    return tuple(dict.fromkeys((parts.hostname, *_HERE)))


def whose(department: str, code: str) -> Authority | None:
    """The department of a new office; None where none is named.

    Raises:
        UsageError: only one of both is given, or the code is none.
    """
    from egov_sdk.codes import CodeKind, check_code
    from egov_sdk.license.metadata import Authority

    if not department and not code:
        return None
    if not department or not check_code(code, CodeKind.CREDIT_CODE).ok:
        raise UsageError(
            Text(
                "--department goes with --code, a unified social credit code",
                "--department 须与 --code（统一社会信用代码）同用",
            )
        )
    return Authority(name=department, code=code)


@contextmanager
def open_province(folder: Path, database: str) -> Iterator[Standing]:
    """A province that is there already, closed at the end.

    Raises:
        UsageError: there is none in the folder.
    """
    from egov_sdk.door.homes import KEYS
    from egov_sdk.platform.standing import Standing

    if not (folder / KEYS).is_file():
        raise UsageError(
            Text(f"there is no province in {folder}", f"{folder} 中没有平台"),
            hint=Text("`egov platform serve` makes one", "可用 egov platform serve 建立"),
        )
    # nobody is served: the address does not matter
    standing = Standing.open(
        folder, url="http://localhost", clock=clock, database=database_url(database), secret=office_secret()
    )
    try:
        yield standing
    finally:
        standing.close()
