"""Every error of a command goes through here: its words, its exit code, and never a traceback."""

from __future__ import annotations

import errno
import os
import sys
import traceback
from typing import NoReturn

from egov_sdk.cli._output import ExitCode, Voice
from egov_sdk.errors import ConfigError, EgovError, KeyAccessError, PlatformError, PlatformRejected
from egov_sdk.report import Lang, Text
from egov_sdk.report_words import message_of as own_message

__all__ = [
    "FileProblem",
    "InternalError",
    "UsageError",
    "as_known",
    "exit_code_of",
    "file_problem",
    "message_of",
    "show_traceback",
    "tell",
]

_DEVICE_ERRORS = frozenset({errno.EIO, errno.ENOSPC, errno.EDQUOT, errno.EROFS})
#: The database is to blame, and not what was asked of it.
_DATABASE_ERRORS = frozenset(f"egov.storage.{one}" for one in ("unreachable", "full", "undone", "read_only", "busy"))
_CODE = Text("code", "代码")
HINT = Text("hint", "提示")


class UsageError(EgovError):
    """The arguments do not make sense together, or one of them is not what it should be."""

    code = "egov.usage"

    def __init__(self, message: str | Text, *, hint: str = "") -> None:
        super().__init__(message.en if isinstance(message, Text) else message, hint=hint)
        self.text = message if isinstance(message, Text) else None


class FileProblem(EgovError):
    """A file named on the command line cannot be read or written; ``device`` says whether the disk is to blame."""

    code = "egov.file"

    def __init__(self, message: str, *, hint: str = "", device: bool = False) -> None:
        super().__init__(message, hint=hint)
        self.device = device


class InternalError(EgovError):
    """Something that should never happen did: nothing has been decided about the file."""

    code = "egov.internal"
    default_hint = "this is a bug in egov_sdk; EGOV_DEBUG=1 shows where"


def file_problem(path: object, error: OSError) -> NoReturn:
    """Raise the error for a file that the operating system does not give or take."""
    reason = error.strerror or type(error).__name__
    raise FileProblem(f"{path}: {reason}", device=error.errno in _DEVICE_ERRORS) from error


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
        place = f"{error.filename}: " if error.filename is not None else ""
        return FileProblem(f"{place}{error.strerror or error}", device=error.errno in _DEVICE_ERRORS)
    if isinstance(error, EOFError):
        return UsageError("an answer was needed and none was given")
    if isinstance(error, ValueError) and not isinstance(error, UnicodeError):
        return UsageError(_first_line(error))
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
        voice.note(f"  {voice.say(HINT)}  {known.hint}", style="")
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
