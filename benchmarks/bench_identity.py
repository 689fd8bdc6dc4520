"""How many people can sign in: all steps from the application's first address to the person's name.

    python benchmarks/bench_identity.py [--seconds 5] [--postgresql URL] [--json results.json]

One sign-in is: begin, the page, name and password, the code, the tokens with an ID token signed and verified, and who
it is. The database is a new SQLite file, and the audit log is kept in its chain. A password is meant to cost whoever
guesses it time, so its cost is measured by itself and left out of the rest: the rows use the cost for tests.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from egov_sdk.codes import CodeKind
from egov_sdk.codes.specimens import specimen_citizen_number
from egov_sdk.identity.local import LocalIdentityService
from egov_sdk.identity.model import AuthMethod, IdDocument, IdentityLevel, Session
from egov_sdk.identity.provider import IdentityProvider, ProviderKeys, ProviderSettings, QuietBrowser, ScryptCost
from egov_sdk.identity.provider.applications import TokenAlgorithm
from egov_sdk.identity.provider.passwords import PasswordHasher
from egov_sdk.storage import open_store, verify_audit

GOAL = 200  # sign-ins per second, SQLite
PASSWORD = "Correct-Horse-9"
CALLBACK = "https://app.example/back"


def now() -> datetime:
    return datetime.now(UTC)


def provider_at(place: Path | str) -> IdentityProvider:
    settings = ProviderSettings(issuer="https://id.example", password_cost=ScryptCost.unsafe_for_tests())
    provider = IdentityProvider(open_store(place), settings, keys=ProviderKeys.generate(), clock=now)
    for number in range(20):
        document = IdDocument(kind=CodeKind.CITIZEN_NUMBER, number=specimen_citizen_number(number).number)
        login, level = f"user{number}", IdentityLevel.REAL_NAME
        provider.accounts.add_person("测试", document, level=level, login=login, password=PASSWORD)
    return provider


def service_of(provider: IdentityProvider, algorithm: TokenAlgorithm) -> LocalIdentityService:
    made = provider.applications.add("应用", redirect_uris=[CALLBACK], algorithm=algorithm, consent="implied")
    return LocalIdentityService(provider, application=made.application.id)


def with_password(provider: IdentityProvider, service: LocalIdentityService, turn: int) -> Session:
    sign_in = service.begin(level=IdentityLevel.REAL_NAME)
    callback = QuietBrowser(provider).sign_in(sign_in.url, login=f"user{turn % 20}", password=PASSWORD)
    session = service.complete(sign_in, callback=callback)
    service.userinfo(session)
    return session


def recognised(provider: IdentityProvider, service: LocalIdentityService, account: str) -> None:
    sign_in = service.begin(method=AuthMethod.FACE)
    callback = QuietBrowser(provider).sign_in_as(sign_in.url, account=account, method=AuthMethod.FACE)
    service.userinfo(service.complete(sign_in, callback=callback))


def already_signed_in(service: LocalIdentityService, browser: QuietBrowser) -> None:
    sign_in = service.begin(prompt="none")
    service.userinfo(service.complete(sign_in, callback=browser.sign_in(sign_in.url, login="", password="")))


def per_second(act: Callable[[int], object], seconds: float, *, threads: int = 1) -> float:
    for turn in range(5):
        act(turn)
    start = time.perf_counter()
    if threads == 1:
        done = 0
        while time.perf_counter() - start < seconds:
            act(done)
            done += 1
        return done / (time.perf_counter() - start)

    def many(first: int) -> int:
        done = 0
        while time.perf_counter() - start < seconds:
            act(first + done * threads)
            done += 1
        return done

    with ThreadPoolExecutor(threads) as pool:
        done = sum(pool.map(many, range(threads)))
    return done / (time.perf_counter() - start)


def measure(place: Path | str, seconds: float) -> dict[str, float]:
    provider = provider_at(place)
    sm2, es256 = service_of(provider, "SGD_SM3_SM2"), service_of(provider, "ES256")
    account = provider.accounts.add_person("测试", login="other", password=PASSWORD).id
    browser = QuietBrowser(provider)
    first = sm2.begin()
    session = sm2.complete(first, callback=browser.sign_in(first.url, login="user1", password=PASSWORD))
    results = {
        "sign-in, password, SM2 token": per_second(lambda turn: with_password(provider, sm2, turn), seconds),
        "sign-in, password, ES256 token": per_second(lambda turn: with_password(provider, es256, turn), seconds),
        "sign-in, password, four threads": per_second(
            lambda turn: with_password(provider, sm2, turn), seconds, threads=4
        ),
        "sign-in, recognised elsewhere": per_second(lambda turn: recognised(provider, sm2, account), seconds),
        "sign-in, browser known already": per_second(lambda turn: already_signed_in(sm2, browser), seconds),
        "who it is": per_second(lambda turn: sm2.userinfo(session), seconds),
    }
    with provider.store.read() as connection:
        report = verify_audit(connection, "identity", at=now())
        report.require()
    provider.store.close()
    return results


def password_ms() -> float:
    hasher = PasswordHasher(ScryptCost())
    kept = hasher.keep(PASSWORD)
    start = time.perf_counter()
    for _ in range(3):
        assert hasher.matches(PASSWORD, kept)
    return (time.perf_counter() - start) / 3 * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--postgresql", metavar="URL")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        results = {"SQLite file": measure(Path(folder) / "bench.db", arguments.seconds)}
    results["in memory"] = measure("sqlite://", arguments.seconds)
    if arguments.postgresql:
        results["PostgreSQL"] = measure(arguments.postgresql, arguments.seconds)
    print(f"{'per second':<34}" + "".join(f"{name:>14}" for name in results))
    for row in results["SQLite file"]:
        print(f"{row:<34}" + "".join(f"{column[row]:>14,.0f}" for column in results.values()))
    print(f"a password at the cost for real use takes {password_ms():.0f} ms")
    found = results["SQLite file"]["sign-in, password, SM2 token"]
    print(f"goal: {GOAL} sign-ins a second on SQLite: {'met' if found >= GOAL else 'missed'}")
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
