"""Every error ends as words and one of five exit codes."""

from __future__ import annotations

import errno
import json
import os

import pytest

from egov_sdk.cli._output import ExitCode, Voice, exit_code, outcome_of, worst_exit
from egov_sdk.cli._problems import FileProblem, InternalError, UsageError, as_known, exit_code_of, message_of, tell
from egov_sdk.codes import CodeKind, check_code
from egov_sdk.errors import (
    ConfigError,
    EgovError,
    KeyAccessError,
    LimitExceeded,
    MissingExtra,
    ParseError,
    PlatformError,
    PlatformRejected,
    PlatformUnreachable,
    VerificationError,
)
from egov_sdk.gateway.errors import ClockSkewRejected, TimedOut
from egov_sdk.identity.problems import refuse
from egov_sdk.ofd.problems import refuse as damaged
from egov_sdk.report import Outcome, Text


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ParseError("x"), 1),
        (LimitExceeded("x", allowed=1, found=2), 1),
        (VerificationError("x"), 1),
        (VerificationError("x", code="egov.verify.undecided"), 3),
        (EgovError("x"), 1),
        (UsageError(Text("x", "甲")), 2),
        (ConfigError("x"), 2),
        (MissingExtra("sheets", needed_for="x"), 2),
        (KeyAccessError("x"), 4),
        (PlatformError("x", origin="platform"), 4),
        (PlatformUnreachable("x", attempts=1, elapsed_s=1), 4),
        (PlatformRejected("x", status=403), 1),
        (InternalError("x"), 3),
        (ValueError("x"), 2),
        (EOFError(), 2),
        (FileNotFoundError(errno.ENOENT, "x"), 2),
        (OSError(errno.ENOSPC, "x"), 4),
        (OSError(errno.EIO, "x"), 4),
        (RuntimeError("x"), 3),
        (KeyError("x"), 3),
        (UnicodeDecodeError("utf-8", b"", 0, 1, "x"), 3),
        (RecursionError("x"), 3),
        (AssertionError(), 3),
    ],
)
def test_every_error_has_its_exit_code(error: Exception, code: int) -> None:
    assert exit_code_of(as_known(error)) == code
    assert tell(error, Voice("en", as_json=False)) == code


def test_an_error_says_message_code_and_hint_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    tell(ParseError("bad", where="here", hint="do that"), Voice("en", as_json=False))
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "egov: here: bad\n  code  egov.input.malformed\n  hint  do that\n"


def test_what_a_command_says_itself_is_said_in_the_language_of_the_run(capsys: pytest.CaptureFixture[str]) -> None:
    error = UsageError(Text("no such thing", "没有该项"), hint=Text("name another", "请换一项"))
    tell(error, Voice("zh", as_json=False))
    assert capsys.readouterr().err == "egov: 没有该项\n  代码  egov.usage\n  提示  请换一项\n"
    tell(error, Voice("zh", as_json=True))  # programs read one language
    assert json.loads(capsys.readouterr().out)["error"]["message"] == "no such thing"


@pytest.mark.parametrize(("number", "said"), [(errno.ENOENT, "没有该文件或文件夹"), (errno.EACCES, "没有权限")])
def test_what_the_system_says_of_a_file_is_said_in_chinese(number: int, said: str) -> None:
    error = as_known(OSError(number, os.strerror(number), "a.ofd"))
    assert message_of(error, "zh") == f"a.ofd：{said}"
    assert message_of(error, "en") == f"a.ofd: {os.strerror(number)}"


def test_what_the_system_says_without_a_name_stays_as_it_is() -> None:
    assert message_of(as_known(OSError("odd")), "zh") == "odd"


@pytest.mark.parametrize(
    ("error", "hint"),
    [
        (ClockSkewRejected("no", status=401), "请校准本机时钟"),
        (LimitExceeded("entries", allowed=1, found=2), "确知该文件无误时，可调大 limits 的 `entries`"),
        (MissingExtra("sheets", needed_for="x"), "pip install 'egov-sdk[sheets]'"),  # the same in every language
    ],
)
def test_what_helps_against_an_error_from_below_is_said_in_chinese(
    error: EgovError, hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    tell(error, Voice("zh", as_json=False))
    assert capsys.readouterr().err.endswith(f"\n  提示  {hint}\n")


def test_an_error_of_several_lines_stays_one(capsys: pytest.CaptureFixture[str]) -> None:
    tell(ValueError("1 validation error\n  secret detail"), Voice("en", as_json=False))
    assert "secret" not in capsys.readouterr().err


def test_the_place_of_a_file_is_named() -> None:
    error = FileNotFoundError(errno.ENOENT, "No such file or directory", "a.ofd")
    assert as_known(error).message == "a.ofd: No such file or directory"
    assert isinstance(as_known(error), FileProblem)


def test_a_chinese_sentence_is_used_where_there_is_one() -> None:
    error = damaged("xml.element_missing", where="a.ofd", name="DocRoot")
    assert message_of(error, "zh") == "a.ofd：缺少 DocRoot"
    assert message_of(error, "en") == "a.ofd: DocRoot is missing"
    assert message_of(ParseError("x", code="egov.ofd.unheard_of"), "zh") == "x"


def test_rooms_that_speak_chinese_are_heard() -> None:
    timed_out = TimedOut("no answer in time", origin="gateway", attempts=1, elapsed_s=2.0, request_id="r-1")
    assert message_of(timed_out, "zh") == "超时（[r-1] no answer in time）"
    assert message_of(timed_out, "en") == "[r-1] no answer in time"
    assert message_of(refuse("sign_in_failed"), "zh") == "用户名或密码错误"
    assert message_of(check_code("x", CodeKind.DIVISION_CODE).to_error(), "zh").startswith("行政区划代码：")


@pytest.mark.parametrize(
    ("codes", "expected"), [([], 0), ([0, 0], 0), ([0, 3], 3), ([3, 1, 0], 1), ([0, 2], 2), ([4, 3], 3), ([4, 2], 4)]
)
def test_the_worst_of_several_codes(codes: list[int], expected: int) -> None:
    assert worst_exit(ExitCode(code) for code in codes) == expected


@pytest.mark.parametrize(
    ("outcome", "code"),
    [(Outcome.PASSED, 0), (Outcome.FAILED, 1), (Outcome.UNKNOWN, 3), (Outcome.SKIPPED, 3)],
)
def test_only_passed_is_a_yes(outcome: Outcome, code: int) -> None:
    assert exit_code(outcome) == code
    assert (outcome_of(ExitCode(code)) is Outcome.PASSED) is (outcome is Outcome.PASSED)
    assert outcome_of(ExitCode.USAGE) is Outcome.UNKNOWN
