"""A program that imports a sheet, told by its arguments; tests kill it."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from egov_sdk.license.legacy.importing import Importer
from tests.unit.license.legacy.world import SimpleTarget, plan


def main(database: str, sheet: str, at_once: str) -> None:
    target = SimpleTarget.at(Path(database))
    importer = Importer(target, clock=lambda: datetime.now(UTC), rows_at_once=int(at_once))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    batch = importer.import_file(Path(sheet), plan())
    sys.stdout.write(f"{batch.state.value} {batch.total}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
