"""Every error of a command goes through here: its words, its exit code, and never a traceback."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from typing import Final, NoReturn

from egov_sdk.cli._output import ExitCode, Voice
from egov_sdk.errors import ConfigError, EgovError, KeyAccessError, PlatformError, PlatformRejected
from egov_sdk.report import Lang, Text
from egov_sdk.report_words import hint_of
from egov_sdk.report_words import message_of as own_message

__all__ = [
    "FileProblem",
    "InternalError",
    "UsageError",
    "as_known",
    "exit_code_of",
    "file_problem",
    "message_of",
    "set_hint",
    "show_traceback",
    "system_reason",
    "tell",
    "untranslated",
]

_DEVICE_ERRORS = frozenset({errno.EIO, errno.ENOSPC, errno.EDQUOT, errno.EROFS})
#: The database is to blame, and not what was asked of it.
_DATABASE_ERRORS = frozenset(f"egov.storage.{one}" for one in ("unreachable", "full", "undone", "read_only", "busy"))
#: What the system says in English, of the errors that people meet.
_REASONS: Final = {
    errno.ENOENT: "没有该文件或文件夹",
    errno.EACCES: "没有权限",
    errno.EPERM: "不允许此操作",
    errno.EEXIST: "已存在",
    errno.EISDIR: "是文件夹",
    errno.ENOTDIR: "路径中有一段不是文件夹",
    errno.ENAMETOOLONG: "文件名过长",
    errno.EADDRINUSE: "地址或端口已被占用",
    errno.ENOSPC: "磁盘空间不足",
    errno.EDQUOT: "超出磁盘配额",
    errno.EROFS: "文件系统为只读",
    errno.EIO: "读写设备出错",
}
_CODE = Text("code", "代码")
HINT = Text("hint", "提示")


class UsageError(EgovError):
    """The arguments do not make sense together, or one of them is not what it should be."""

    code = "egov.usage"

    def __init__(self, message: Text, *, hint: Text | None = None) -> None:
        super().__init__(message.en, hint=hint or "")
        self.text = message


class FileProblem(EgovError):
    """A file named on the command line cannot be read or written; ``device`` says whether the disk is to blame."""

    code = "egov.file"

    def __init__(self, message: Text, *, hint: Text | None = None, device: bool = False) -> None:
        super().__init__(message.en, hint=hint or "")
        self.text, self.device = message, device


class InternalError(EgovError):
    """Something that should never happen did: nothing has been decided about the file."""

    code = "egov.internal"
    default_hint = Text(
        "this is a bug in egov_sdk; EGOV_DEBUG=1 shows where", "这是 egov_sdk 的缺陷；设置 EGOV_DEBUG=1 可显示出错位置"
    )


def untranslated(said: str) -> Text:
    """What somebody else said, who speaks one language."""
    return Text(said, said)


def system_reason(error: OSError) -> Text:
    """Why the operating system did not give or take something."""
    said = error.strerror or str(error) or type(error).__name__
    return Text(said, _REASONS.get(error.errno or 0, said))


def file_problem(path: object, error: OSError) -> NoReturn:
    """Raise the error for a file that the operating system does not give or take."""
    raise _of_file(path, error) from error


def _of_file(path: object, error: OSError) -> FileProblem:
    reason = system_reason(error)
    said = reason if path is None else Text(f"{path}: {reason.en}", f"{path}：{reason.zh}")
    return FileProblem(said, device=error.errno in _DEVICE_ERRORS)


def set_hint(error: EgovError, hint: Text) -> None:
    """What a command knows to do about an error from further below."""
    error.hint, error.hint_text = hint.en, hint


def exit_code_of(error: EgovError) -> ExitCode:
    """Which of the five codes an error ends a command with."""
    if isinstance(error, FileProblem):
        return ExitCode.DEVICE if error.device else ExitCode.USAGE
    if isinstance(error, InternalError) or error.code == "egov.verify.undecided":
        return ExitCode.UNDECIDED
    if isinstance(error, (UsageError, ConfigError)):
        return ExitCode.USAGE
    if (
        isinstance(error, KeyAccessError)
        or error.code in _DATABASE_ERRORS
        or (isinstance(error, PlatformError) and not isinstance(error, PlatformRejected))
    ):
        return ExitCode.DEVICE
    return ExitCode.REJECTED


def as_known(error: Exception) -> EgovError:
    """An error of this library as it is; what the caller got wrong as wrong usage; anything else is our bug."""
    if isinstance(error, EgovError):
        return error
    if isinstance(error, OSError):
        return _of_file(error.filename, error)
    if isinstance(error, EOFError):
        return UsageError(Text("an answer was needed and none was given", "需要输入，但没有得到任何输入"))
    if isinstance(error, ValueError) and not isinstance(error, UnicodeError):
        return UsageError(untranslated(_first_line(error)))
    return InternalError(f"{type(error).__name__}: {_first_line(error)}")


def _first_line(error: Exception) -> str:
    return next(iter(str(error).splitlines()), "")


def tell(error: Exception, voice: Voice) -> ExitCode:
    """Say what went wrong, and answer the exit code."""
    known = as_known(error)
    show_traceback(error)
    if voice.as_json:
        voice.document({"error": known.to_dict()})
        return exit_code_of(known)
    voice.note(f"egov: {message_of(known, voice.lang)}", style="bold red")
    voice.note(f"  {voice.say(_CODE)}  {known.code}")
    if known.hint:
        voice.note(f"  {voice.say(HINT)}  {hint_of(known, voice.lang)}", style="")
    return exit_code_of(known)


def show_traceback(error: Exception) -> None:
    """For those who look for a bug, and for nobody else."""
    if os.environ.get("EGOV_DEBUG"):
        traceback.print_exception(error, file=sys.stderr)


def message_of(error: EgovError, lang: Lang) -> str:
    """The message; in Chinese where there is a Chinese sentence for its code, with the facts of the English one."""
    told = own_message(error, lang)
    if lang == "zh" and told == error.message and _is_gateways(error):
        from egov_sdk.gateway.words import words_for

        text = words_for(error)
        return told if text is None else f"{text.zh}（{error.message}）"
    return told


def _is_gateways(error: EgovError) -> bool:
    return isinstance(error, PlatformError) or error.code.startswith("egov.gateway.")
