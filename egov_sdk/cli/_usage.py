"""What is wrong with a command line itself, told as every other problem is: in the language asked for, or as JSON."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import Any, Final

import typer
from typer.core import TyperGroup

from egov_sdk.cli._help import usage_in_chinese
from egov_sdk.cli._output import ExitCode, Voice
from egov_sdk.cli._problems import UsageError, tell
from egov_sdk.cli._words import asked_in, begin
from egov_sdk.report import Text

__all__ = ["SpeakingGroup"]

#: What typer says, and what it is in Chinese; what is not here stays as it is.
_SAID: Final = (
    (r"No such option:? (.+)", "没有选项 {0}"),
    (r"No such command (.+)", "没有命令 {0}"),
    (r"Missing command", "缺少命令"),
    (r"Missing option (.+)", "缺少选项 {0}"),
    (r"Missing argument (.+)", "缺少参数 {0}"),
    (r"Option (.+) does not take a value", "选项 {0} 不带值"),
    (r"Option (.+) requires an argument", "选项 {0} 须带一个值"),
    (r"Got unexpected extra argument\S* \((.*)\)", "多余的参数：{0}"),
    (r"Invalid value for (.+?): (.+) is not one of (.+)", "{0} 的值 {1} 不在可选范围内，可选：{2}"),
    (r"Invalid value for (.+?): .*(?:integer|int\b).*", "{0} 的值须为整数"),
    (r"Invalid value for (.+?): .*(?:number|float).*", "{0} 的值须为数字"),
    (r"Invalid value for (.+?): (.+)", "{0} 的值无效：{1}"),
)
_TAILS: Final = (
    (r"\.? \(Possible options: (.+)\)", "；相近的选项：{0}"),
    (r"\.? Did you mean (.+)\?", "；相近的写法：{0}"),
    (r"\.? Choose from: (.+)", "；可选：{0}"),
)
_ENDED: Final = Text("ended before it was done", "已中止")
#: typer shows the class to nobody but its heirs.
_WRONG: Final[type[Exception]] = typer.BadParameter.__mro__[1]


class SpeakingGroup(TyperGroup):
    """The outermost group: it ends the process with one of our exit codes, and words of our own."""

    def main(self, args: Sequence[str] | None = None, *others: Any, **more: Any) -> Any:
        """Run the command line that these arguments are, or this process's."""
        begin()
        given = list(sys.argv[1:] if args is None else args)
        voice = Voice.of(asked_in(given), as_json="--json" in given)
        try:
            code = super().main(given, *others, **{**more, "standalone_mode": False})
        except _WRONG as error:
            code = _tell(error, voice)
        except typer.Abort:
            voice.note(_ENDED)
            code = ExitCode.REJECTED
        sys.exit(code)


def _tell(error: Any, voice: Voice) -> ExitCode:
    if type(error).__name__ == "NoArgsIsHelpError":
        if error.message:  # otherwise the help is shown already
            error.show()
        return ExitCode.USAGE
    said = " ".join(error.format_message().replace("Value error, ", "").split()).rstrip(".")
    hint = None if error.ctx is None else _how(error.ctx)
    return tell(UsageError(Text(said, _in_chinese(said)), hint=hint), voice)


def _how(context: Any) -> Text:
    path = context.command_path
    usage = " ".join([path, *context.command.collect_usage_pieces(context)])
    return Text(f"usage: {usage}; {path} -h tells more", f"用法：{usage_in_chinese(usage)}；详见 {path} -h")


def _in_chinese(said: str) -> str:
    tail = ""
    for pattern, words in _TAILS:
        if found := re.search(f"{pattern}$", said):
            said, tail = said[: found.start()], words.format(*found.groups())
    for pattern, words in _SAID:
        if found := re.fullmatch(pattern, said):
            return words.format(*found.groups()) + tail
    return said + tail
