"""``egov platform record`` and ``replay``: a real platform's traffic as a file, and a platform out of such a file."""

from __future__ import annotations

import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final
from urllib.parse import urlsplit

from egov_sdk.cli import _groups as groups
from egov_sdk.cli._command import argument, command, option
from egov_sdk.cli._identity_inputs import clock
from egov_sdk.cli._inputs import check_port
from egov_sdk.cli._options import LocalPort
from egov_sdk.cli._output import Voice
from egov_sdk.cli._problems import FileProblem, UsageError, file_problem
from egov_sdk.files import new_file, put_file
from egov_sdk.report import Text

if TYPE_CHECKING:
    from egov_sdk.gateway.asgi import App

__all__ = ["record", "replay"]

_RECORDING = Text(
    "{url} hands on to {platform}; Ctrl-C ends it and writes {file}",
    "{url} 转发至 {platform}；按 Ctrl-C 结束并写入 {file}",
)
_WRITTEN = Text(
    "{count} exchanges in {file}, without secrets and people", "{file} 已写入 {count} 次交互，已去除密钥与个人信息"
)
_DROPPED = Text("{count} more were too many and are not in it", "另有 {count} 次超出上限，未写入")
_ELSEWHERE = Text("{reason}; the recording is in {kept}", "{reason}；录制内容已存于 {kept}")
_REPLAYING = Text(
    "{count} exchanges of {file} at {url}; end with Ctrl-C", "{url} 回放 {file} 中的 {count} 次交互，按 Ctrl-C 结束"
)
_LEFT_OUT = Text(
    "{count} are not in it: something that was to be removed would still stand in them",
    "其中 {count} 次交互仍含应去除的内容，未写入",
)
_UNMATCHED = Text("asked and not recorded:", "以下请求不在录制文件中：")
#: With which terminals, service managers and people end a program; not every system has each.
_ENDING: Final = tuple(
    getattr(signal, one) for one in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK") if hasattr(signal, one)
)


@command(
    groups.platform,
    "record",
    "Stand between programs and a platform, and keep what passes without secrets and people.",
    "位于程序与平台之间转发请求，并录制去除密钥和个人信息后的流量。",
)
def record(
    voice: Voice,
    platform: Annotated[str, argument("ADDRESS", "Of the platform.", "平台地址。")],
    output: Annotated[
        Path, option("--output", "The file, which must not be there yet.", "输出文件，须尚不存在。", metavar="FILE")
    ],
    port: LocalPort = 8080,
) -> None:
    """Hand requests on until somebody ends it; then write the file."""
    from egov_sdk.gateway.forwarding import Forwarder
    from egov_sdk.platform.recording.recorder import Recorder

    if output.exists():
        raise FileProblem(Text(f"{output}: is there already", f"{output} 已存在"))
    name = urlsplit(platform).hostname or ""
    url, forwarder = _checked(port), Forwarder(platform)
    recorder = Recorder(forwarder, platform=name)
    try:
        # made now: afterwards it would be too late to complain
        with closing(forwarder), new_file(output, replace=False, private=True) as file:
            voice.note(voice.say(_RECORDING).format(url=url, platform=platform, file=output))
            _serve(recorder, port)
            with _until_interrupted(ignored=True):
                file.write(recorder.text().encode())
    except OSError as error:
        if not recorder:
            file_problem(output, error)
        kept = _kept_elsewhere(output, recorder.text())
        file_problem(output, OSError(error.errno, voice.say(_ELSEWHERE).format(reason=error.strerror, kept=kept)))
    left_out = recorder.left_out
    count = len(recorder) - left_out
    if voice.as_json:
        voice.document({"file": str(output), "exchanges": count, "dropped": recorder.dropped, "left_out": left_out})
        return
    voice.line(voice.say(_WRITTEN).format(count=count, file=output))
    if left_out:
        voice.note(voice.say(_LEFT_OUT).format(count=left_out))
    if recorder.dropped:
        voice.note(voice.say(_DROPPED).format(count=recorder.dropped))


@command(
    groups.platform,
    "replay",
    "Answer as a platform did, out of a recording.",
    "按录制文件回放平台的应答。",
)
def replay(
    voice: Voice,
    recording: Annotated[Path, argument("FILE", "The recording.", "录制文件。")],
    port: LocalPort = 8080,
    lenient: Annotated[
        bool,
        option(
            "--lenient/--strict",
            "Answer with what was asked at the same path where nothing else fits.",
            "没有完全匹配时，按相同路径的录制应答。",
        ),
    ] = False,
    config: Annotated[
        Path | None,
        option(
            "--config",
            "The settings with which a program connects (TOML): session secrets are handed out to it, "
            "where its gateway has such.",
            "程序连接所用的设置文件（TOML）：网关使用会话密钥时，据此向该程序发放。",
            metavar="FILE",
        ),
    ] = None,
) -> None:
    """Answer until somebody ends it."""
    from egov_sdk.platform.recording.files import read_recording
    from egov_sdk.platform.recording.replaying import Replay

    try:
        exchanges = read_recording(recording)
    except OSError as error:
        file_problem(recording, error)
    made, url = Replay(exchanges, lenient=lenient), _checked(port)
    app = made.app if config is None else _with_secrets(made.app, config)
    voice.note(voice.say(_REPLAYING).format(count=len(exchanges), file=recording, url=url))
    _serve(app, port)
    if voice.as_json:
        voice.document({"unmatched": made.unmatched})
        return
    if made.unmatched:
        voice.line(voice.say(_UNMATCHED))
        for told in made.unmatched:
            voice.line(told)


def _with_secrets(app: App, config: Path) -> App:
    from egov_sdk.door.platforms import PLATFORMS
    from egov_sdk.door.settings import read_settings
    from egov_sdk.gateway import Credentials
    from egov_sdk.gateway.profiles import built_in
    from egov_sdk.platform.recording.replaying import with_session_secrets

    settings = {name: one.value for name, one in read_settings({}, environment={}, file=config).items()}
    form = PLATFORMS.get(settings["profile"])
    profile = built_in(form.gateway if form is not None else settings["profile"])
    credentials = Credentials(settings["id"], secret=settings["app_secret"])
    try:
        return with_session_secrets(app, profile=profile, credentials=credentials, clock=clock)
    except ValueError as error:
        raise UsageError(Text(f"--config {config}: {error}", f"--config {config} 不正确：{error}")) from None


def _checked(port: int) -> str:
    check_port(port)
    return f"http://127.0.0.1:{port}"


def _serve(app: App, port: int) -> None:
    from egov_sdk.platform.mock.app import serve_mock

    sys.stderr.flush()  # whoever reads it from a pipe waits for it
    try:
        with _until_interrupted():
            serve_mock(app, port=port)
    except OSError as error:
        file_problem(f"127.0.0.1:{port}", error)


def _kept_elsewhere(path: Path, text: str) -> Path:
    """Where a recording went that cannot go where it was to, as with a full disk: what passed does not come again."""
    kept = Path(tempfile.mkdtemp(prefix="egov-recording-")) / path.name
    try:
        put_file(kept, text.encode(), replace=False, private=True)
    except OSError as error:
        file_problem(kept, error)
    return kept


@contextmanager
def _until_interrupted(*, ignored: bool = False) -> Iterator[None]:
    """Whatever asks the program to end ends the block alone, or is not heard in it: what passed lies in memory."""

    def end(*_: object) -> None:
        raise KeyboardInterrupt

    heard = [one for one in _ENDING if signal.getsignal(one) is not signal.SIG_IGN]  # nohup has one that is not
    before = {one: signal.signal(one, signal.SIG_IGN if ignored else end) for one in heard}
    try:
        with suppress(KeyboardInterrupt):
            yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
