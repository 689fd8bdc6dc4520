from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egov_sdk.errors import InputError, ParseError
from egov_sdk.identity.callbacks import check_return_to, check_signed_in, code_challenge, new_secret, read_callback
from egov_sdk.identity.model import HolderKind, IdentityLevel, SignIn
from egov_sdk.identity.problems import IdentityRejected

NOW = datetime(2026, 6, 1, 9, 30, tzinfo=UTC)
SIGN_IN = SignIn(
    url="https://id.example/authorize",
    state="the-state",
    redirect_uri="https://app.example/back",
    issuer="https://id.example",
    begun_at=NOW,
    expires_at=NOW + timedelta(minutes=10),
)


def read(callback: str, **changes: object) -> dict[str, str]:
    given: dict[str, object] = {"at": NOW}
    return dict(read_callback(SIGN_IN, callback, **(given | changes)))  # type: ignore[arg-type]  # as each test says


@pytest.mark.parametrize(
    "callback",
    [
        "https://app.example/back?code=a%20b&state=the-state",
        "https://app.example/back?code=a+b&state=the-state#fragment",
        "/back?code=a+b&state=the-state",
        "?code=a+b&state=the-state",
        "code=a+b&state=the-state",
    ],
)
def test_the_answer_is_read_from_the_address_or_its_query(callback: str) -> None:
    assert read(callback) == {"code": "a b", "state": "the-state"}


def test_a_question_mark_in_a_query_is_no_address() -> None:
    assert read("code=a?b&state=the-state") == {"code": "a?b", "state": "the-state"}


def test_the_state_may_come_under_another_name() -> None:
    assert read("ticket=t&sp=the-state", state_name="sp")["ticket"] == "t"


REFUSED: dict[str, tuple[str, dict[str, object], str]] = {
    "nothing": ("", {}, "state_mismatch"),
    "no state": ("code=a", {}, "state_mismatch"),
    "another state": ("code=a&state=other", {}, "state_mismatch"),
    "a longer state": ("code=a&state=the-state2", {}, "state_mismatch"),
    "a state of other letters": ("code=a&state=的", {}, "state_mismatch"),
    "an error without the state": ("error=access_denied", {}, "state_mismatch"),
    "the state under its usual name": ("ticket=t&state=the-state", {"state_name": "sp"}, "state_mismatch"),
    "too late": ("code=a&state=the-state", {"at": NOW + timedelta(minutes=10)}, "sign_in_expired"),
    "another issuer": ("code=a&state=the-state&iss=https://evil.example", {}, "issuer_mismatch"),
    "an empty issuer": ("code=a&state=the-state&iss=", {}, "issuer_mismatch"),
    "no issuer where there must be one": ("code=a&state=the-state", {"needs_issuer": True}, "issuer_mismatch"),
    "a no": ("error=access_denied&state=the-state&error_description=not+now", {}, "denied"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_an_answer_that_is_not_to_this_sign_in_or_is_a_no_is_refused(case: str) -> None:
    callback, changes, problem = REFUSED[case]
    with pytest.raises(IdentityRejected) as caught:
        read(callback, **changes)
    assert caught.value.code == f"egov.identity.{problem}"
    assert "the-state" not in str(caught.value.to_dict())


def test_what_a_no_says_is_shown_on_one_line() -> None:
    with pytest.raises(IdentityRejected) as caught:
        read(urlencode({"error": "x\r\ny", "error_description": "\x1b[31m" + "z" * 500, "state": "the-state"}))
    assert caught.value.message.isprintable()
    assert len(caught.value.message) < 250


@pytest.mark.parametrize(
    "callback",
    [
        "state=the-state&state=other",
        "state=the-state&code=a&code=b",
        "state=the-state&code=%ff",
        "state=the-state&" + "&".join(f"x{number}=" for number in range(70)),
        "state=the-state&code=" + "x" * 17_000,
        "https://[::1?state=the-state",
        "state=\ud800",
        "https://app.example/back?state=the-state&code=\udc80",
    ],
)
def test_an_answer_that_can_be_read_in_two_ways_is_refused(callback: str) -> None:
    with pytest.raises(InputError) as caught:
        read(callback)
    assert caught.value.code == "egov.identity.callback"


@pytest.mark.parametrize(
    ("callback", "zh"),
    [
        ("state=the-state&code=a&code=b", "浏览器带回的地址含有 参数 code 重复，应为 每个参数一次"),
        ("state=the-state&code=%ff", "浏览器带回的地址含有 其他内容，应为 UTF-8 编码的参数"),
        ("x" * 17_000, "浏览器带回的地址含有 17000 个字符，应为 至多 16384 个"),
    ],
)
def test_what_is_wrong_with_an_answer_is_told_in_chinese(callback: str, zh: str) -> None:
    with pytest.raises(ParseError) as caught:
        read(callback)
    assert caught.value.text is not None
    assert caught.value.text.zh == zh


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        read("state=the-state", at=NOW.replace(tzinfo=None))


@given(st.text(max_size=80))
def test_whatever_comes_back_is_refused_unless_it_has_the_state(callback: str) -> None:
    with pytest.raises((IdentityRejected, InputError)):
        read(callback)


def test_the_challenge_is_the_one_of_the_standard() -> None:
    """RFC 7636, appendix B."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert code_challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_secrets_are_256_bits_in_base64url() -> None:
    made = {new_secret() for _ in range(50)}
    assert len(made) == 50
    assert {len(secret) for secret in made} == {43}
    assert new_secret(lambda count: b"\xff" * count) == "_" * 42 + "8"


@given(st.text(max_size=40))
def test_a_way_back_that_is_let_through_is_a_path_of_the_application(path: str) -> None:
    try:
        check_return_to(path)
    except IdentityRejected as error:
        assert error.problem == "return_to"  # noqa: PT017 - one of the two ways
    else:
        assert path.startswith("/")
        assert not path.startswith(("//", "/\\"))
        assert not set(path) & set("\\\r\n\t \x7f\0")


@pytest.mark.parametrize(
    ("level", "holder", "problem"),
    [
        (IdentityLevel.REAL_NAME, HolderKind.LEGAL, ""),
        (IdentityLevel.REAL_PERSON, HolderKind.LEGAL, ""),
        (IdentityLevel.NONE, HolderKind.LEGAL, "level_too_low"),
        (IdentityLevel.UNKNOWN, HolderKind.LEGAL, "level_too_low"),
        (IdentityLevel.REAL_NAME, HolderKind.NATURAL, "holder_mismatch"),
    ],
)
def test_what_was_signed_in_is_what_was_asked_for(level: IdentityLevel, holder: HolderKind, problem: str) -> None:
    asked = SIGN_IN.model_copy(update={"level": IdentityLevel.REAL_NAME, "holder": HolderKind.LEGAL})
    if not problem:
        check_signed_in(asked, level=level, holder=holder)
        return
    with pytest.raises(IdentityRejected) as caught:
        check_signed_in(asked, level=level, holder=holder)
    assert caught.value.problem == problem
