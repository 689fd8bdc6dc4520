"""How many rows of old licences are checked and stored a second, into a register on SQLite, and in how much memory.

Run: python benchmarks/bench_import.py [--rows 100000] [--jobs 1] [--xlsx] [--json results.json]
"""

from __future__ import annotations

import argparse
import csv
import json
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from egov_sdk.codes.specimens import specimen_citizen_number
from egov_sdk.license.catalogue import FieldDef, LicenseType
from egov_sdk.license.legacy.importing import Importer, ImportPlan
from egov_sdk.license.legacy.mapping import EPOINT
from egov_sdk.license.metadata import Authority
from egov_sdk.license.register import LicenseRegister, RegisterKeys
from egov_sdk.sheets import write_sheet
from egov_sdk.storage import open_store

NOW = datetime(2026, 3, 1, tzinfo=UTC)
OFFICE = Authority(name="示例市住房和城乡建设局", code="11430000006122244L")
TYPE = LicenseType(
    code="11100000000013338W011",
    name="安全生产考核合格证书",
    defined_by=Authority(name="住房和城乡建设部", code="11100000000013338W"),
    fields=(FieldDef(name="工作单位", label="工作单位"), FieldDef(name="职务", label="职务", required=False)),
)
HEADER = (*EPOINT.columns, "工作单位", "职务")


def cells(number: int) -> tuple[str, ...]:
    """One row; one in fifty is wrong."""
    day = (NOW - timedelta(days=number % 3000)).date().isoformat()
    holder = specimen_citizen_number(number % 5000).number
    return (
        TYPE.name, f"湘建安A(2023){number:07d}", OFFICE.name, day if number % 50 else "2023-02-30", f"持证人{number}",
        "自然人", "公民身份号码", holder, day, "长期", "示例建筑工程有限公司", "项目负责人",
    )  # fmt: skip


def write(path: Path, rows: int) -> None:
    if path.suffix == ".xlsx":
        with write_sheet(path) as writer:
            writer.row(HEADER)
            for number in range(rows):
                writer.row(cells(number))
        return
    with path.open("w", encoding="utf-8", newline="") as file:
        writer_of = csv.writer(file)
        writer_of.writerow(HEADER)
        writer_of.writerows(map(cells, range(rows)))


def peak_mb() -> float:
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--rows", type=int, default=100_000)
    asked.add_argument("--jobs", type=int, default=1)
    asked.add_argument("--xlsx", action="store_true")
    asked.add_argument("--json", type=Path)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / ("old.xlsx" if given.xlsx else "old.csv")
        write(path, given.rows)
        store = open_store(Path(folder) / "register.db")
        keys = RegisterKeys(search=bytes(range(32)), data={1: bytes(range(16))})
        register = LicenseRegister(store, authority=OFFICE, sealers={}, keys=keys, clock=lambda: NOW)
        register.types.add(TYPE)
        importer = Importer(register.imports, clock=lambda: NOW, jobs=given.jobs)
        plan = ImportPlan(mapping=EPOINT, type_codes=(TYPE.code,))
        peaks: list[float] = []

        def watch(done: int, _: int | None) -> None:
            if done % max(given.rows // 10, 500) < 500:
                peaks.append(peak_mb())

        began, worked = time.perf_counter(), time.process_time()
        batch = importer.import_file(path, plan, progress=watch)
        seconds, worked = time.perf_counter() - began, time.process_time() - worked
        store.close()
    peak = " ".join(f"{each:.0f}" for each in peaks)
    print(f"{batch.total} rows ({batch.stored} stored, {batch.failed} refused), {given.jobs} jobs: {seconds:.1f} s")
    print(f"{batch.total / seconds:.0f} rows/s ({batch.total / worked:.0f} a second of this process)")
    print(f"peak memory {peak} MB")
    if given.json:
        results = {
            "rows": batch.total,
            "rows a second": batch.total / seconds,
            "peak memory, MB": max(peaks, default=0.0),
        }
        given.json.write_text(json.dumps(results, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
