"""Errors carry a code, a place and a hint, and say nothing that they must not."""

from __future__ import annotations

import pickle
import traceback

import pytest

from egov_sdk import errors


def test_a_limit_names_itself_its_value_and_how_to_raise_it() -> None:
    error = errors.LimitExceeded("entries", allowed=4096, found=70_000, where="a.ofd")
    assert (error.limit, error.allowed, error.found, error.where) == ("entries", 4096, 70_000, "a.ofd")
    assert str(error) == "a.ofd: entries is limited to 4096, found 70000"
    assert error.text.zh == "a.ofd：entries 上限为 4096，实际为 70000"
    assert "entries" in error.hint
    large = errors.LimitExceeded("entry_bytes", allowed=64 << 20, found=1)
    assert str(large) == large.text.en == "entry_bytes is limited to 67108864, found 1"
    assert "limited to 0.5," in str(errors.LimitExceeded("ratio", allowed=0.5, found=1))
    assert isinstance(error, errors.InputError)


def test_a_missing_extra_names_the_command_that_installs_it() -> None:
    error = errors.MissingExtra("cli", needed_for="the command line")
    assert error.hint == "pip install 'egov-sdk[cli]'"
    assert error.code == "egov.config.missing_extra"


def test_a_platform_error_puts_the_request_id_first() -> None:
    error = errors.PlatformRejected("no such licence", status=404, platform_code="E12", request_id="r-7")
    assert str(error) == "[r-7] no such licence"
    assert (error.origin, error.status, error.platform_code) == ("platform", 404, "E12")
    unreachable = errors.PlatformUnreachable("no answer", attempts=3, elapsed_s=1.5)
    assert (unreachable.attempts, unreachable.elapsed_s, unreachable.origin) == (3, 1.5, "gateway")


def test_a_code_given_to_one_error_does_not_stick_to_its_class() -> None:
    one = errors.ParseError("bad", where="x", code="egov.special")
    assert (one.code, errors.ParseError("bad").code) == ("egov.special", "egov.input.malformed")
    assert str(one) == "x: bad"


def test_the_plain_form_keeps_numbers_and_turns_the_rest_into_text() -> None:
    plain = errors.ParseError("bad", offset=3, expected=b"ab").to_dict()
    assert plain == {
        "code": "egov.input.malformed",
        "message": "bad",
        "hint": "",
        "detail": {"offset": 3, "expected": "b'ab'"},
    }


@pytest.mark.parametrize("name", [n for n in errors.__all__ if n not in ("Origin", "EgovError")])
def test_one_except_is_enough(name: str) -> None:
    assert issubclass(getattr(errors, name), errors.EgovError)


@pytest.mark.parametrize(
    "error",
    [
        errors.ParseError("bad", where="x", code="egov.special", offset=3),
        errors.LimitExceeded("entries", allowed=1, found=2),
        errors.MissingExtra("cli", needed_for="this"),
        errors.PlatformRejected("no", status=403, request_id="r"),
        errors.PlatformUnreachable("no", attempts=2, elapsed_s=0.5),
    ],
    ids=lambda error: type(error).__name__,
)
def test_errors_cross_process_pools_whole(error: errors.EgovError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert (str(again), again.code, again.hint, again.__dict__) == (
        str(error),
        error.code,
        error.hint,
        error.__dict__,
    )


def test_a_traceback_says_what_to_do_next() -> None:
    shown = "".join(traceback.format_exception(errors.MissingExtra("platform", needed_for="serving")))
    assert "hint: pip install 'egov-sdk[platform]'" in shown
    assert "hint" not in "".join(traceback.format_exception(errors.ParseError("bad")))
    again = pickle.loads(pickle.dumps(errors.MissingExtra("platform", needed_for="serving")))
    assert again.__notes__ == ["hint: pip install 'egov-sdk[platform]'"]
