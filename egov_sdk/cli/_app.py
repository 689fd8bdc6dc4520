"""The application: every command under its name."""

from __future__ import annotations

import contextlib
import sys
from typing import Annotated

import typer
from typer.main import get_command

import egov_sdk
from egov_sdk.cli import _key, _ofd
from egov_sdk.cli._command import LangOption
from egov_sdk.cli._doctor import doctor
from egov_sdk.cli._output import is_terminal
from egov_sdk.cli._selftest import self_test
from egov_sdk.cli._words import ask_first, asked_in, begin, both, language, say_in_chinese

__all__ = ["app", "run"]

app = typer.Typer(
    name="egov",
    help=both(
        "Verify electronic seals on OFD documents, stamp documents, make seals, keys and certificates.",
        "验证 OFD 文档上的电子印章，加盖印章，制作印章、密钥和证书。",
    ),
    epilog=both(
        "Exit codes: 0 passed or done, 1 rejected, 2 wrong usage, 3 could not decide, 4 a platform or device failed.",
        "退出码：0 通过或完成，1 拒绝，2 用法错误，3 无法判定，4 平台或设备出错。",
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich" if is_terminal(sys.stdout) and is_terminal(sys.stderr) else None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(*, asked: bool) -> None:
    if asked:
        typer.echo(f"egov {egov_sdk.__version__}")
        raise typer.Exit


@app.callback()
def _root(
    lang: LangOption = None,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            is_eager=True,
            callback=lambda value: _version(asked=value),
            help=both("Print the version and exit.", "输出版本号。"),
        ),
    ] = False,
) -> None:
    begin()
    ask_first(lang)


app.add_typer(_key.app, name="key")
app.add_typer(_ofd.app, name="ofd")
app.command(
    "doctor", help=both("Show what is installed and what works; nothing secret.", "查看安装与运行情况（不含机密）。")
)(doctor)
app.command("self-test", help=both("Compute what standards print, and compare.", "与标准中的已知答案比对。"))(self_test)


def run() -> None:
    """Run the command line of this process, with its help in the language asked for."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # a terminal that lacks a sign
    command = get_command(app)
    if language(asked_in(sys.argv[1:])) == "zh":
        say_in_chinese(command)
    command(prog_name="egov")
