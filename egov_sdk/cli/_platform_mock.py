"""``egov platform mock``: a province on this machine that misbehaves when told to, in the form of any platform."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from egov_sdk.cli import _groups as groups
from egov_sdk.cli._command import command, option
from egov_sdk.cli._identity_inputs import clock
from egov_sdk.cli._inputs import check_port
from egov_sdk.cli._options import LocalPort
from egov_sdk.cli._output import Voice
from egov_sdk.cli._platform_inputs import FolderMade
from egov_sdk.cli._problems import UsageError, file_problem
from egov_sdk.files import put_file
from egov_sdk.report import Text

if TYPE_CHECKING:
    from egov_sdk.platform.standing import Standing

__all__ = ["mock", "run_mock"]

_SERVING = Text("a mock at {url}; end with Ctrl-C", "模拟省级平台运行于 {url}，按 Ctrl-C 结束")
_PROFILE, _FOLDER = Text("spoken to as", "接口形式"), Text("everything lies in", "数据目录")
_CALLERS = Text("files for connect(config=…)", "connect(config=…) 的配置文件")
_SWITCHES, _TOKEN = Text("switches of its faults", "故障开关"), Text("their token", "开关令牌")
_IN_EARNEST = Text(
    "the folder holds an office without people and callers for tests, and a mock would put them in; name another one",
    "该目录中的机构未预置测试人员和接入方，模拟平台会将其写入；请另选目录",
)
_CONSOLE, _ONE_TIME = Text("console", "管理控制台"), Text("one-time passwords at the console", "控制台一次性密码")


@command(
    groups.platform,
    "mock",
    "Run a mock of a province, or of a platform with interfaces of its own, whose faults can be switched on.",
    "在本机运行模拟平台（本项目接口或各地接口形式），可用开关制造故障。",
)
def mock(
    voice: Voice,
    port: LocalPort = 8080,
    folder: FolderMade = Path("egov-mock"),
    profile: Annotated[
        str,
        option(
            "--profile",
            "national, guangdong, shandong or zj-irs with interfaces of their own; or how callers of ours sign.",
            "national、guangdong、shandong、zj-irs（各自接口），或本项目接口的签名方式。",
            metavar="NAME",
        ),
    ] = "egov-sm2",
) -> None:
    """Serve until somebody ends it."""
    from egov_sdk.platform.mock.app import MOCK_PROFILES

    check_port(port)
    if profile not in MOCK_PROFILES:
        raise UsageError(
            Text(f"--profile is one of {', '.join(MOCK_PROFILES)}", f"--profile 可选：{'、'.join(MOCK_PROFILES)}")
        )
    run_mock(voice, port=port, folder=folder, profile=profile)


def run_mock(voice: Voice, *, port: int, folder: Path, profile: str) -> None:
    """Serve a mock until somebody ends it."""
    from egov_sdk.platform.mock.app import serve_mock, standing_mock
    from egov_sdk.platform.standing import Standing, may_seed

    url, for_tests = f"http://127.0.0.1:{port}", may_seed(folder)
    standing = Standing.open(folder, url=url, clock=clock)
    try:
        if not for_tests:
            raise UsageError(_IN_EARNEST)
        standing.seed()
        standing.lay_settings(url=url, profile=profile)
        token = _token(folder)
        app = standing_mock(standing, profile=profile, token=token, clock=clock)
        _tell(voice, standing, url=url, profile=profile, token=folder / _FILE)
        sys.stdout.flush()  # whoever reads it from a pipe waits for it
        with ExitStack() as beside:
            beside.enter_context(beside.enter_context(standing.neighbour()).at_work())
            serve_mock(app, port=port)
    except OSError as error:
        file_problem(f"127.0.0.1:{port}", error)
    finally:
        standing.close()


_FILE = "switches.token"


def _token(folder: Path) -> str:
    """The token of the switches, in a file that only its owner can read."""
    path = folder / _FILE
    if not path.exists():
        put_file(path, f"{os.urandom(24).hex()}\n".encode(), replace=False, private=True)
    return path.read_text("ascii").strip()


def _tell(voice: Voice, standing: Standing, *, url: str, profile: str, token: Path) -> None:
    from egov_sdk.platform.mock.switches import SWITCHES

    once = {one.staff.login: one.password for one in standing.seed_staff() if one.password}
    files = [str(path) for path in sorted(standing.folder.glob("*.toml")) if path.with_suffix(".secret").exists()]
    places: dict[str, object] = {
        "url": url,
        "profile": profile,
        "folder": str(standing.folder),
        "settings": files,
        "switches": url + SWITCHES,
        "switches_token": str(token),
        "console": f"{url}/console",
    }
    if voice.as_json:
        voice.document(places | ({"staff": once} if once else {}))
        return
    voice.line(voice.say(_SERVING).format(url=url), style="bold")
    rows: list[tuple[Text, object]] = [
        (_PROFILE, profile),
        (_FOLDER, places["folder"]),
        (_CALLERS, ", ".join(files)),
        (_SWITCHES, places["switches"]),
        (_TOKEN, places["switches_token"]),
        (_CONSOLE, places["console"]),
    ]
    if once:
        rows.append((_ONE_TIME, ", ".join(f"{name}: {password}" for name, password in once.items())))
    voice.facts(rows)
