"""``egov identity``."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from egov_sdk.codes.specimens import specimen_citizen_number, specimen_credit_code
from egov_sdk.crypto import SM2PrivateKey
from egov_sdk.crypto.jose import TokenKey, sign_token
from egov_sdk.identity.profiles import PROFILES
from egov_sdk.pki import LocalCA
from tests.ports import free_port
from tests.programs import egov as program
from tests.unit.cli.calling import Egov, Ran, invoke

pytestmark = pytest.mark.usefixtures("cheap_passwords")

PASSWORD = "Correct-Horse-9"
PERSON = specimen_citizen_number(7).number
COMPANY = specimen_credit_code(7).number
AT = "2026-03-01T12:00:00+08:00"
LATER = "2026-03-01T12:01:00+08:00"
BACK = "https://app.example.gov.cn/back"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("P", PASSWORD)
    return tmp_path


def _zhang(egov: Egov) -> str:
    ran = egov(
        "identity", "account", "add", "张三", "--number", PERSON, "--level", "real_name", "--login", "zhangsan",
        "--password-env", "P", "--json",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    found = ran.json["id"]
    assert isinstance(found, str)
    return found


def test_every_known_platform_is_listed_with_what_is_open(egov: Egov) -> None:
    found = egov("identity", "profiles", "--json").json
    assert [one["name"] for one in found["profiles"]] == list(PROFILES)
    chinese = egov("identity", "profiles", "--lang", "zh").out
    for one in PROFILES.values():
        assert one.title.zh in chinese
        assert all(text.zh in chinese for text in one.unverified)


def test_an_account_is_opened_and_shown_masked(egov: Egov) -> None:
    ran = egov(
        "identity", "account", "add", "张三", "--number", PERSON, "--level", "real_name", "--login", "Zhangsan",
        "--password-env", "P",
    )  # fmt: skip
    assert ran.code == 0
    assert "egov identity serve --store identity.db" in ran.err
    shown = egov("identity", "account", "show", "zhangsan", "--json").json
    assert shown["level"] == "real_name"
    assert shown["login"] == "zhangsan"
    assert shown["document"]["kind"] == "citizen_number"
    for told in (ran.out + ran.err, str(shown), egov("identity", "account", "show", shown["id"]).out):
        assert PERSON not in told
        assert "张三" not in told
        assert PASSWORD not in told


@pytest.mark.parametrize(
    ("answers", "code", "word"),
    [
        ([PASSWORD, PASSWORD], 0, ""),
        ([PASSWORD, "another"], 2, "differ"),
        ([""], 2, "empty"),
    ],
)
def test_a_password_is_asked_for_twice_on_a_terminal(
    egov: Egov, monkeypatch: pytest.MonkeyPatch, answers: list[str], code: int, word: str
) -> None:
    asked = iter(answers)
    monkeypatch.setattr("egov_sdk.cli._identity_inputs.somebody_is_there", lambda: True)
    monkeypatch.setattr("egov_sdk.cli._identity_inputs.getpass", lambda prompt: next(asked))
    ran = egov("identity", "account", "add", "李四", "--login", "lisi")
    assert ran.code == code
    assert word in ran.err
    assert PASSWORD not in ran.out + ran.err


def test_an_organisation_has_an_account_that_shows_its_code(egov: Egov) -> None:
    ran = egov(
        "identity", "account", "add", "示例公司", "--number", COMPANY, "--kind", "credit_code", "--level", "real_name"
    )
    assert ran.code == 0
    assert COMPANY in ran.out
    assert "示例公司" in ran.out


def test_a_number_may_come_from_standard_input(egov: Egov) -> None:
    result = invoke("identity", "account", "add", "李四", "--number", "-", "--json", input=f" {PERSON} \n")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["document"]["number"].startswith("8***")
    assert egov("identity", "account", "show", json.loads(result.stdout)["id"]).code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (("李四", "--number", PERSON), 1, "account_duplicate"),
        (("李四", "--login", "ZHANGSAN", "--password-env", "P"), 1, "login_taken"),
        (("李四", "--login", "a b", "--password-env", "P"), 1, "login_shape"),
        (("李四", "--login", "lisi"), 2, "nobody to ask"),
        (("李四", "--login", "lisi", "--password-env", "NOT_SET"), 2, "NOT_SET"),
        (("李四", "--login", "lisi", "--password-env", "WEAK"), 1, "password_weak"),
        (("李四", "--level", "real_name"), 1, "document_missing"),
        (("李四", "--level", "unknown"), 2, "unknown"),
        (("李四", "--number", "890000199001010014"), 1, "egov.codes.check_digit"),
        (("李四", "--kind", "credit_code"), 2, "organisation"),
        (
            ("李四", "--kind", "credit_code", "--number", COMPANY, "--login", "x", "--password-env", "P"),
            2,
            "login name",
        ),
        (("李四", "--store", "nowhere/identity.db"), 2, "nowhere"),
    ],
)
def test_an_account_that_cannot_be_is_not_opened(
    egov: Egov, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], code: int, word: str
) -> None:
    _zhang(egov)
    monkeypatch.setenv("WEAK", "12345678")
    ran = egov("identity", "account", "add", *arguments)
    assert ran.code == code
    assert word in ran.err
    assert ran.out == ""
    assert PERSON not in ran.err
    assert "12345678" not in ran.err


def test_a_locked_account_is_opened_again_with_a_reason(egov: Egov) -> None:
    account = _zhang(egov)
    locked = egov("identity", "account", "lock", "zhangsan", "--reason", "lost telephone")
    assert locked.code == 0
    assert "locked" in locked.out
    assert egov("identity", "account", "show", account, "--json").json["state"] == "suspended"
    assert egov("identity", "account", "unlock", account, "--reason", "found", "--json").json["state"] == "active"


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (("lock", "nobody", "--reason", "x"), 1, "account_unknown"),
        (("lock", "zhangsan", "--reason", "  "), 2, "--reason"),
        (("lock", "zhangsan"), 2, "--reason"),
        (("show", "nobody"), 1, "account_unknown"),
        (("show", "zhangsan", "--store", "other.db"), 2, "other.db"),
    ],
)
def test_what_is_not_there_is_told(egov: Egov, arguments: tuple[str, ...], code: int, word: str) -> None:
    _zhang(egov)
    ran = egov("identity", "account", *arguments)
    assert ran.code == code
    assert word in ran.err


def test_an_application_gets_its_secret_in_a_file_for_its_owner_alone(egov: Egov) -> None:
    ran = egov("identity", "application", "add", "大厅", "--redirect", BACK, "--secret-out", "s.txt")
    secret = Path("s.txt").read_text("ascii")
    assert ran.code == 0
    assert Path("s.txt").stat().st_mode & 0o077 == 0
    assert len(secret) == 43
    assert secret not in ran.out + ran.err
    assert "next: give" in ran.err
    application = ran.out.split("id", 1)[1].split()[0]
    shown = egov("identity", "application", "show", application, "--json").json
    assert shown["authentication"] == "client_secret_basic"
    assert shown["redirect_uris"] == [BACK]
    assert secret not in str(shown)


def test_an_application_may_prove_itself_by_its_key_or_not_at_all(egov: Egov) -> None:
    Path("k.pem").write_bytes(SM2PrivateKey.generate().to_pem())
    assert egov("identity", "token", "jwks", "jwks.json", "--key", "k.pem").code == 0
    keyed = egov("identity", "application", "add", "a", "--redirect", BACK, "--jwks", "jwks.json", "--json").json
    public = egov("identity", "application", "add", "b", "--redirect", BACK, "--public", "--id", "b", "--json").json
    assert keyed["authentication"] == "private_key_jwt"
    assert public["authentication"] == "none"
    assert public["id"] == "b"


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (("--redirect", BACK), 2, "--secret-out"),
        (("--redirect", BACK, "--public", "--secret-out", "s.txt"), 2, "one of"),
        (("--redirect", "http://app.example.gov.cn/", "--public"), 2, "https://"),
        (("--redirect", BACK, "--secret-out", "here"), 2, "here"),
        (("--redirect", BACK, "--jwks", "here"), 1, "egov.crypto.jwk"),
        (("--redirect", BACK, "--public", "--id", "taken"), 1, "application_duplicate"),
        (("--public",), 2, "--redirect"),
    ],
)
def test_an_application_that_cannot_be_is_not_let_in(
    egov: Egov, arguments: tuple[str, ...], code: int, word: str
) -> None:
    Path("here").write_text("nothing", "utf-8")
    egov("identity", "application", "add", "a", "--redirect", BACK, "--public", "--id", "taken")
    ran = egov("identity", "application", "add", "b", *arguments)
    assert ran.code == code
    assert word in ran.err
    assert Path("here").read_text("utf-8") == "nothing"


def _serving(monkeypatch: pytest.MonkeyPatch, *, status: Callable[[Any], None] | None = None) -> list[dict[str, Any]]:
    """A server that asks once and ends."""
    calls: list[dict[str, Any]] = []

    def run(application: Any, **settings: Any) -> None:
        calls.append({"application": application, **settings})
        if status is not None:
            status(application)

    monkeypatch.setitem(sys.modules, "uvicorn", SimpleNamespace(run=run))
    return calls


def _asked(application: Any, path: str) -> httpx.Response:
    import asyncio

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(application)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8123") as client:
            return await client.get(path)

    return asyncio.run(ask())


def test_a_provider_is_served_with_people_for_tests_and_keeps_its_keys(
    egov: Egov, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[Any] = []

    def look(application: Any) -> None:
        found.append((_asked(application, "/.well-known/openid-configuration"), _asked(application, "/jwks")))

    calls = _serving(monkeypatch, status=look)
    arguments = ("identity", "serve", "--port", "8123", "--test-people", "2", "--password-env", "P")
    ran, again = egov(*arguments), egov(*arguments, "--json")
    assert (ran.code, again.code) == (0, 0)
    assert [(one["host"], one["port"], one["proxy_headers"]) for one in calls] == [("127.0.0.1", 8123, False)] * 2
    assert found[0][0].json()["issuer"] == "http://127.0.0.1:8123"
    assert found[0][1].json() == found[1][1].json()
    assert Path("identity.db.keys.json").stat().st_mode & 0o077 == 0
    assert again.json["test_people"] == ["test1", "test2"]
    assert PASSWORD not in ran.out + ran.err + again.out
    private = [key["d"] for key in json.loads(Path("identity.db.keys.json").read_text("ascii"))["keys"]]
    assert not any(secret in ran.out + again.out for secret in private)
    assert egov("identity", "account", "show", "test2", "--json").json["level"] == "real_name"


def test_a_real_server_answers_and_ends_when_it_is_told(folder: Path) -> None:
    pytest.importorskip("uvicorn")
    port = free_port()
    command = program("identity", "serve", "--port", port)
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, text=True, env={**os.environ, "LANG": "C.UTF-8"}
    ) as served:
        try:
            address, found = f"http://127.0.0.1:{port}", None
            with httpx.Client(transport=httpx.HTTPTransport(retries=8), trust_env=False) as client:
                assert served.stdout is not None
                assert address in served.stdout.readline()
                found = client.get(f"{address}/.well-known/openid-configuration", timeout=60).json()
            assert found["issuer"] == address
        finally:
            served.send_signal(signal.SIGINT)
            served.wait(90)


def test_without_its_server_the_part_to_install_is_named(egov: Egov, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    ran = egov("identity", "serve")
    assert ran.code == 2
    assert "egov-sdk[platform]" in ran.err
    assert not Path("identity.db").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (("--port", "0"), 2, "--port"),
        (("--port", "70000"), 2, "--port"),
        (("--test-people", "-1"), 2, "--test-people"),
        (("--test-people", "1001"), 2, "--test-people"),
        (("--test-people", "1"), 2, "nobody to ask"),
        (("--issuer", "http://id.example.gov.cn"), 2, "https://"),
        (("--keys", "here"), 1, "egov.crypto.jwk"),
        (("--store", "nowhere/x.db"), 2, "nowhere"),
    ],
)
def test_a_provider_that_cannot_be_is_not_served(
    egov: Egov, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], code: int, word: str
) -> None:
    Path("here").write_text("nothing", "utf-8")
    calls = _serving(monkeypatch)
    ran = egov("identity", "serve", *arguments)
    assert ran.code == code
    assert word in ran.err
    assert calls == []


# tokens


def _token(key: TokenKey, **changes: object) -> str:
    claims: dict[str, object] = {
        "iss": "https://id.example.gov.cn", "sub": "u-1", "aud": "app", "exp": 1_772_338_000, "iat": 1_772_337_600,
        "name": "张三",
    }  # fmt: skip
    return sign_token({**claims, **changes}, key)


@pytest.fixture
def key() -> TokenKey:
    key = TokenKey.generate("SGD_SM3_SM2", key_id="k1")
    Path("jwks.json").write_text(json.dumps({"keys": [key.public().to_jwk()]}), "utf-8")
    Path("token").write_text(_token(key) + "\n", "utf-8")
    return key


@pytest.mark.usefixtures("key")
def test_a_token_is_shown_without_what_may_be_personal(egov: Egov) -> None:
    ran, told = egov("identity", "token", "show", "token"), egov("identity", "token", "show", "token", "--json").json
    assert ran.code == 0
    assert "2026-03-01 04:06:40 +0000" in ran.out
    assert "nothing of this was verified" in ran.err
    assert told["verified"] is False
    assert told["hidden_claims"] == ["name"]
    assert "张三" not in ran.out + str(told)


@pytest.mark.usefixtures("key")
def test_a_token_comes_from_standard_input_too() -> None:
    result = invoke("identity", "token", "show", "-", input=Path("token").read_text("ascii"))
    assert result.exit_code == 0
    assert "u-1" in result.stdout


def test_lists_and_times_of_a_token_are_shown(egov: Egov, key: TokenKey) -> None:
    Path("token").write_text(_token(key, aud=["app", "other"], nbf="soon", auth_time=True), "utf-8")
    ran, told = egov("identity", "token", "show", "token"), egov("identity", "token", "show", "token", "--json").json
    assert '["app", "other"]' in ran.out
    assert told["claims"]["aud"] == ["app", "other"]
    assert "soon" in ran.out


def test_a_key_set_holds_public_parts_only(egov: Egov) -> None:
    Path("k.pem").write_bytes(SM2PrivateKey.generate().to_pem())
    ran = egov("identity", "token", "jwks", "jwks.json", "--key", "k.pem", "--json")
    (key,) = json.loads(Path("jwks.json").read_text("ascii"))["keys"]
    assert ran.json["key_ids"] == [key["kid"]]
    assert "d" not in key
    assert egov("identity", "token", "jwks", "jwks.json", "--key", "k.pem").code == 2


GOOD = ("token", "--jwks", "jwks.json", "--issuer", "https://id.example.gov.cn", "--audience", "app", "--at", AT)


@pytest.mark.usefixtures("key")
def test_a_good_token_passes(egov: Egov) -> None:
    ran = egov("identity", "token", "verify", *GOOD)
    assert ran.code == 0
    assert "PASSED" in ran.out
    assert egov("identity", "token", "verify", *GOOD, "--json").json["outcome"] == "passed"


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (("--audience", "other"), 1, "binding.audience"),
        (("--issuer", "https://other"), 1, "binding.issuer"),
        (("--nonce", "n"), 1, "binding.nonce"),
        (("--at", "2026-03-02"), 1, "binding.time"),
        (("--algorithm", "ES256"), 1, "integrity.algorithm"),
        (("--jwks", "other.json"), 1, "trust.key"),
        (("--leeway", "601"), 2, "leeway"),
        (("--algorithm", "none"), 2, "none"),
        (("--jwks", "missing.json"), 2, "missing.json"),
        (("--jwks", "token"), 1, "egov.crypto.jwk"),
    ],
)
def test_a_token_that_is_not_good_says_where(egov: Egov, arguments: tuple[str, ...], code: int, word: str) -> None:
    other = TokenKey.generate("SGD_SM3_SM2", key_id="k2")
    Path("other.json").write_text(json.dumps({"keys": [other.public().to_jwk()]}), "utf-8")
    ran = egov("identity", "token", "verify", *GOOD, *arguments)
    assert ran.code == code
    assert word in ran.out + ran.err


@pytest.mark.usefixtures("key")
def test_a_token_without_keys_is_not_decided(egov: Egov) -> None:
    ran = egov("identity", "token", "verify", "token", "--audience", "app", "--at", AT, "--lang", "zh")
    assert ran.code == 3
    assert "未提供密钥集" in ran.out
    assert "--jwks" in ran.err


def test_what_is_no_token_is_rejected(egov: Egov) -> None:
    Path("token").write_bytes(b"\xff\x00 nothing")
    shown, verified = egov("identity", "token", "show", "token"), egov("identity", "token", "verify", "token")
    assert (shown.code, verified.code) == (1, 1)
    assert "egov.crypto.token" in shown.err
    assert "integrity.form" in verified.out
    assert egov("identity", "token", "show", "missing").code == 2


# assertions


@pytest.fixture
def signer() -> SM2PrivateKey:
    made = SM2PrivateKey.generate()
    Path("k.pem").write_bytes(made.to_pem())
    return made


MAKE = ("--issuer", "hall", "--audience", "archive", "--key", "k.pem", "--subject", "u-1", "--at", AT)
VERIFY = ("--issuer", "hall", "--audience", "archive")


def _made(egov: Egov, *more: str) -> Ran:
    ran = egov("identity", "assert", "make", "a.jwt", *MAKE, *more)
    assert ran.code == 0, ran.err
    assert egov("identity", "token", "jwks", "jwks.json", "--key", "k.pem").code == 0
    return ran


@pytest.mark.usefixtures("signer")
def test_an_assertion_is_made_and_holds(egov: Egov) -> None:
    made = _made(
        egov, "--name", "张三", "--number", PERSON, "--level", "real_name", "--on-behalf-of", "dept", "--scope", "apply"
    )
    assert PERSON not in made.out + made.err
    assert "egov identity token jwks" in made.err
    assert Path("a.jwt").stat().st_mode & 0o077 == 0
    wanted = ("--level", "real_name", "--principal", "dept", "--scope", "apply", "--jwks", "jwks.json", "--at", LATER)
    ran = egov("identity", "assert", "verify", "a.jwt", *VERIFY, *wanted)
    assert ran.code == 0, ran.out
    assert "u-1" in ran.out
    assert "as far as this run knows" in ran.err
    found = egov("identity", "assert", "verify", "a.jwt", *VERIFY, *wanted, "--json").json
    assert (found["outcome"], found["actor"], found["remembered"]) == ("passed", "u-1", False)


@pytest.mark.usefixtures("signer")
def test_an_assertion_is_good_once_where_that_is_remembered(egov: Egov) -> None:
    _made(egov)
    arguments = (
        "identity",
        "assert",
        "verify",
        "a.jwt",
        *VERIFY,
        "--jwks",
        "jwks.json",
        "--at",
        LATER,
        "--store",
        "r.db",
    )
    assert egov(*arguments).code == 0
    again = egov(*arguments)
    assert again.code == 1
    assert "binding.once" in again.out


@pytest.mark.usefixtures("signer")
@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (("--audience", "other"), 1, "binding.audience"),
        (("--issuer", "other"), 1, "binding.issuer"),
        (("--level", "real_person"), 1, "trust.level"),
        (("--principal", "dept"), 1, "binding.delegation"),
        (("--at", "2026-03-01T13:00:00+08:00"), 1, "binding.time"),
        (("--jwks", "other.json"), 1, "integrity.signature"),
        (("--audience", ""), 2, "audience"),
    ],
)
def test_an_assertion_that_does_not_fit_says_where(
    egov: Egov, arguments: tuple[str, ...], code: int, word: str
) -> None:
    _made(egov, "--level", "real_name", "--number", PERSON)
    Path("other.pem").write_bytes(SM2PrivateKey.generate().to_pem())
    assert egov("identity", "token", "jwks", "other.json", "--key", "other.pem").code == 0
    ran = egov("identity", "assert", "verify", "a.jwt", *VERIFY, "--jwks", "jwks.json", "--at", LATER, *arguments)
    assert ran.code == code
    assert word in ran.out + ran.err


def test_a_signed_message_leads_to_a_certificate(egov: Egov, signer: SM2PrivateKey) -> None:
    from datetime import UTC, datetime

    begins = datetime(2026, 1, 1, tzinfo=UTC)
    root = LocalCA.create_root("CN=根", at=begins, days=3650)
    certificate = root.issue("signer", "CN=hall", signer.public_key(), at=begins, days=365)
    Path("c.pem").write_bytes(certificate.to_pem())
    Path("root.pem").write_bytes(root.certificate.to_pem())
    ran = egov("identity", "assert", "make", "a.p7", *MAKE, "--certificate", "c.pem", "--json")
    assert ran.json["form"] == "cms"
    rest = ("--certificate-name", certificate.subject.text, "--at", LATER)
    arguments = ("identity", "assert", "verify", "a.p7", *VERIFY, *rest)
    assert egov(*arguments, "--trust", "root.pem").code == 0
    undecided = egov(*arguments)
    assert undecided.code == 3
    assert "--trust" in undecided.err
    wrong = egov("identity", "assert", "verify", "a.p7", *VERIFY, "--certificate-name", "CN=x", "--trust", "root.pem")
    assert wrong.code == 1


@pytest.mark.usefixtures("signer")
@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("make", "a.jwt", *MAKE, "--on-behalf-of", "dept"), "--scope"),
        (("make", "a.jwt", *MAKE, "--scope", "apply"), "--on-behalf-of"),
        (("make", "a.jwt", *MAKE, "--life", "0"), "second"),
        (("make", "a.jwt", *MAKE, "--life", "99999"), "hour"),
        (("make", "k.pem", *MAKE), "exists"),
        (("make", "a.jwt", *MAKE, "--key", "missing.pem"), "missing.pem"),
        (("verify", "k.pem", *VERIFY), "--jwks"),
        (("verify", "missing", *VERIFY, "--certificate-name", "x"), "missing"),
    ],
)
def test_wrong_use_of_assertions_ends_with_2(egov: Egov, arguments: tuple[str, ...], word: str) -> None:
    ran = egov("identity", "assert", *arguments)
    assert ran.code == 2
    assert word in ran.err


# checks of elements


def _register(*rows: tuple[str, ...]) -> None:
    text = io.StringIO()
    csv.writer(text).writerows([("name", "number", "mobile"), *rows])
    Path("people.csv").write_text(text.getvalue(), "utf-8")


@pytest.mark.parametrize(
    ("arguments", "match", "code"),
    [
        (("张三", PERSON), "matched", 0),
        (("张 三", PERSON, "--mobile", "13800000000"), "matched", 0),
        (("李四", PERSON), "not_matched", 1),
        (("张三", PERSON, "--mobile", "13800000001"), "not_matched", 1),
        (("张三", specimen_citizen_number(8).number), "not_found", 1),
        (("张三", PERSON, "--bank-card", "6222000000000000000"), "unknown", 3),
    ],
)
def test_elements_are_checked_against_a_register(egov: Egov, arguments: tuple[str, ...], match: str, code: int) -> None:
    _register(("张三", PERSON, "13800000000"))
    ran = egov("identity", "check", *arguments, "--register", "people.csv", "--json")
    assert ran.code == code
    assert ran.json["match"] == match
    words = egov("identity", "check", *arguments, "--register", "people.csv")
    assert match in words.out
    assert PERSON not in ran.out + words.out


@pytest.mark.parametrize(
    ("content", "code", "word"),
    [
        (b"name,number\n,890000199001010152\n", 1, "row 2"),
        (b"name,number\n\xe5\xbc\xa0,1234\n", 1, "row 2"),
        (b"a,b\n1,2\n", 1, "columns"),
        (b"", 1, "columns"),
        (b"name,number\n\xff\xfe", 1, "UTF-8"),
        (None, 2, "people.csv"),
    ],
)
def test_a_register_that_is_none_is_told_by_its_row(egov: Egov, content: bytes | None, code: int, word: str) -> None:
    if content is not None:
        Path("people.csv").write_bytes(content)
    ran = egov("identity", "check", "张三", PERSON, "--register", "people.csv")
    assert ran.code == code
    assert word in ran.err
    assert "890000199001010152" not in ran.err
    assert "1234" not in ran.err


def test_a_number_that_breaks_its_rules_is_not_asked_about(egov: Egov) -> None:
    _register(("张三", PERSON, ""))
    ran = egov("identity", "check", "张三", PERSON[:-1] + "?", "--register", "people.csv")
    assert ran.code == 1
    assert "egov.codes.character" in ran.err
