"""How fast a register of licences works: issuing, verifying, reading with its audit, taking old ones in, searching.

    python benchmarks/bench_license.py [--seconds 5] [--stored 1000000] [--postgresql URL] [--json results.json]

Issuing is everything: identifier, checks, face, seal, reservation, store, audit. The database is a new SQLite file that
waits for the disk. Rates of one core are the best of rounds in turn by processor time, with a P-256 verification of
`cryptography` among them, so that a slow moment can be told from a slow program; each licence is verified once by each
way, when it has just been issued. For the search, as many licences as ``--stored`` are put there in bulk, twenty for
each holder; each search is written into the audit log, like any use.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import count
from pathlib import Path

from bench_sm2 import p256

from egov_sdk.codes.specimens import specimen_credit_code
from egov_sdk.crypto import SM2PrivateKey
from egov_sdk.license import (
    Authority,
    LicenseDraft,
    LicenseHolder,
    LicenseIdentifier,
    LicenseMetadata,
    LicensePolicy,
    Use,
    verify,
)
from egov_sdk.license.local import LocalLicenseService
from egov_sdk.license.model import UseGround
from egov_sdk.license.register import RegisterKeys
from egov_sdk.license.samples import sample_type
from egov_sdk.license.sealing import LocalSealer
from egov_sdk.pki import LocalCA, TrustStore
from egov_sdk.seal import Policy, make_seal
from egov_sdk.seal.draw import draw_round_seal
from egov_sdk.storage import open_store
from egov_sdk.storage.sql import microseconds_of

ISSUE_GOAL, VERIFY_GOAL, SEARCH_GOAL_MS = 250, 700, 5.0
EACH = 20  # licences of one holder
BATCH = 100
FIRST_ROW = 10**9
OFFICE = Authority(name="示例市市场监督管理局", code=specimen_credit_code(1, prefix="11").number)
TYPE = sample_type(
    "business_permit", defined_by=Authority(name="某部", code=specimen_credit_code(2, prefix="11").number)
)
FIELDS = {
    "法定代表人": "李四",
    "住所": "某某路一百二十三号",
    "主体业态": "食品销售经营者",
    "经营项目": "预包装食品销售",
}
USE = Use(requester=OFFICE, purpose="性能测试", ground=UseGround.OWNER)


def now() -> datetime:
    return datetime.now(UTC)


Work = Callable[[], object]


def service_at(place: Path | str) -> LocalLicenseService:
    at = now() - timedelta(days=1)
    ca = LocalCA.create_root("测试根", at=at, days=1000)
    maker, signer = SM2PrivateKey.generate(), SM2PrivateKey.generate()
    certificate = ca.issue("signer", OFFICE.name, signer.public_key(), at=at, days=900)
    seal = make_seal(
        name=OFFICE.name,
        seal_id="33010000000001",
        picture=draw_round_seal(OFFICE.name, dpi=150),
        holders=[certificate],
        maker=maker,
        maker_certificate=ca.issue("seal_maker", "测试", maker.public_key(), at=at, days=900),
        created_at=at,
        valid_from=at,
        valid_to=at + timedelta(days=900),
    )
    made = LocalLicenseService(
        open_store(place),
        authority=OFFICE,
        sealers={"issuer": LocalSealer(seal, signer, certificate)},
        keys=RegisterKeys.generate(random=os.urandom),
        clock=now,
        trust=TrustStore([ca.certificate]),
        signer=signer,
        certificate=certificate,
    )
    made.register.types.add(TYPE)
    return made


def holder(index: int) -> LicenseHolder:
    return LicenseHolder(name=f"示例企业{index}", code=specimen_credit_code(index).number, type_code="001")


def draft(number: int) -> LicenseDraft:
    return LicenseDraft(
        type_code=TYPE.code,
        number=f"JY{number:010}",
        holders=(holder(number // EACH),),
        issued_on=now().date(),
        fields=FIELDS,
    )


def old(number: int) -> LicenseMetadata:
    return LicenseMetadata(
        identifier=LicenseIdentifier.build(type_code=TYPE.code, issuer_code=OFFICE.code, serial=f"{number:010}"),
        name=TYPE.name,
        type_name=TYPE.name,
        number=f"CL{number:010}",
        issuer=OFFICE,
        issued_on=date(2019, 1, 1),
        holders=(holder(number // EACH),),
        fields=FIELDS,
    )


def per_second(act: Work, seconds: float, *, each: int = 1) -> float:
    for _ in range(3):
        act()
    start, done = time.perf_counter(), 0
    while time.perf_counter() < start + seconds:
        act()
        done += each
    return done / (time.perf_counter() - start)


def of_one_core(work: dict[str, tuple[Work, int]], seconds: float) -> dict[str, float]:
    """The best rate of each per second of processor time, in turns of as many licences as a batch has.

    How many licences an act is about stands behind it.
    """
    best, end = dict.fromkeys(work, 0.0), time.perf_counter() + seconds
    while time.perf_counter() < end:
        for name, (act, each) in work.items():
            for _ in range(BATCH // each):
                started = time.process_time()
                act()
                best[name] = max(best[name], each / (time.process_time() - started))
    return best


def take_in(service: LocalLicenseService, number: int) -> None:
    """Take a thousand old licences in, as an import does."""
    with service.register.imports.store.write() as connection:
        service.register.imports.insert(connection, [old(number + one) for one in range(1_000)], at=now())


def fill(service: LocalLicenseService, stored: int) -> None:
    """Put licences into the tables as they are kept, past everything that checks them."""
    vault, store = service.register._desk.vault, service.register.imports.store
    at = microseconds_of(now())
    for first in range(0, stored, 10_000):
        numbers = range(first, min(first + 10_000, stored))
        series, versions, holders = [], [], []
        text = old(first).model_dump_json(exclude={"identifier"}, exclude_defaults=True)
        for number in numbers:
            row, code = FIRST_ROW + number, holder(number // EACH).code
            key = vault.digest("bench", str(number))
            series.append((row, TYPE.code, OFFICE.code, f"B{number:010}", key, "valid", 1, at))
            versions.append((row, 1, "valid", vault.pack(text.encode(), place=f"metadata {row} 1"), "", at))
            holders.append((vault.holder(code), row))
        with store.write(durable=False) as connection:
            mark = "%s" if store.dialect == "postgresql" else "?"
            for table, rows in (("series", series), ("versions", versions), ("holders", holders)):
                marks = ", ".join([mark] * len(rows[0]))
                connection.exec_driver_sql(f"INSERT INTO license_{table} VALUES ({marks})", rows)
    if store.dialect == "postgresql":  # as a server that has been at work for a while
        with store._engines.writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM ANALYZE")


def search_ms(service: LocalLicenseService, stored: int, seconds: float) -> Iterator[float]:
    holders, start = max(stored // EACH, 1), time.perf_counter()
    for turn in count():
        code = holder(turn * 7919 % holders).code
        before = time.perf_counter()
        found = service.search(code, use=USE)
        yield (time.perf_counter() - before) * 1000
        assert len(found.records) >= min(EACH, stored)
        if time.perf_counter() - start > seconds:
            return


def measure(place: Path | str, seconds: float, stored: int) -> dict[str, float]:
    service, numbers, others = service_at(place), count(10**9), count(2 * 10**9, 1_000)
    issued = service.issue(draft(next(numbers)))
    service.verify(issued.file).require()
    offline = LicensePolicy.offline(Policy.standard(trust=service.register._trust, at=now()))
    verify(issued.file, policy=offline, types=[TYPE]).require()
    fresh: deque[bytes] = deque(maxlen=2 * BATCH)  # by one, then by a batch; the last are taken first

    def one() -> None:
        fresh.append(service.issue(draft(next(numbers))).file)

    def batch() -> None:
        fresh.extend(each.file for each in service.register.issue_many([draft(next(numbers)) for _ in range(BATCH)]))

    results = {
        "issue, one by one": per_second(lambda: service.issue(draft(next(numbers))), seconds),
        f"issue, {BATCH} at a time": per_second(batch, seconds, each=BATCH),
        "read with its audit": per_second(lambda: service.get(issued.identifier, use=USE), seconds),
        "old licences taken in": per_second(lambda: take_in(service, next(others)), seconds, each=1_000),
    }
    results |= of_one_core(
        {
            "issue, one by one, per second of one core": (one, 1),
            f"issue, {BATCH} at a time, per second of one core": (batch, BATCH),
            "verify against the register": (lambda: service.verify(fresh.pop()), 1),
            "verify offline": (lambda: verify(fresh.pop(), policy=offline, types=[TYPE]), 1),
            "P-256 verify of cryptography": (p256()["verify, known key"], 1),
        },
        4 * seconds,
    )
    fill(service, stored)
    times = sorted(search_ms(service, stored, seconds))
    results["search, median ms"] = statistics.median(times)
    results["search, 99 of 100, ms"] = times[len(times) * 99 // 100]
    service.register.imports.store.close()
    return results


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--stored", type=int, default=1_000_000)
    parser.add_argument("--postgresql", metavar="URL")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        results = {"SQLite file": measure(Path(folder) / "bench.db", arguments.seconds, arguments.stored)}
    if arguments.postgresql:
        results["PostgreSQL"] = measure(arguments.postgresql, arguments.seconds, arguments.stored)
    print(f"{'per second':<48}" + "".join(f"{name:>14}" for name in results))
    for row in results["SQLite file"]:
        print(f"{row:<48}" + "".join(f"{column[row]:>14,.1f}" for column in results.values()))
    found = results["SQLite file"]
    offline = found["verify offline"]
    search = max(one["search, median ms"] for one in results.values())
    for way in ("one by one", f"{BATCH} at a time"):
        met = found[f"issue, {way}, per second of one core"] >= ISSUE_GOAL
        print(f"goal: {ISSUE_GOAL} issued a second and core on SQLite, {way}: {'met' if met else 'missed'}")
    print(f"goal: {VERIFY_GOAL} verified a second and core: {'met' if offline >= VERIFY_GOAL else 'missed'}")
    print(f"goal: a search below {SEARCH_GOAL_MS} ms: {'met' if search < SEARCH_GOAL_MS else 'missed'}")
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
