"""How long a program waits before it can begin: imports, ``connect`` and ``egov --help`` beside a bare interpreter.

    python benchmarks/bench_startup.py [--rounds 7] [--json results.json]

Each start is a process of its own, with the modules compiled, as they are where a package was installed. They are taken
in turn with bare ones, and the best of each counts; what stands in the table is the difference. Where a service is used
for the first time, the libraries that it needs are loaded then; those rows have no goal and are there so that nobody is
surprised.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

_HELP = "import sys; sys.argv[:] = ['egov', '--help']; from egov_sdk.cli import main; main()"
_OFFICE = "import egov_sdk; gov = egov_sdk.connect('local:.')"
#: What is started, and within how many milliseconds beyond a bare interpreter.
STARTS: dict[str, tuple[str, float | None]] = {
    "import egov_sdk": ("import egov_sdk", 15),
    "import egov_sdk.crypto": ("import egov_sdk.crypto", 60),
    "connect('local:')": (_OFFICE, 150),
    "egov --help": (_HELP, 300),
    "first use of gov.identity": (f"{_OFFICE}; gov.identity", None),
    "first use of gov.seal": (f"{_OFFICE}; gov.seal", None),
    "first use of gov.license": (f"{_OFFICE}; gov.license", None),
    "first use of gov.exchange": (f"{_OFFICE}; gov.exchange", None),
}


def started_ms(code: str, folder: str) -> float:
    """How long one process takes."""
    begun = time.perf_counter()
    compiled = {"PYTHONPYCACHEPREFIX": str(Path(folder) / "compiled"), "PYTHONDONTWRITEBYTECODE": ""}
    subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=os.environ | compiled, stdout=subprocess.DEVNULL, check=True
    )
    return 1000 * (time.perf_counter() - begun)


def measure(rounds: int) -> dict[str, dict[str, float]]:
    """The best of each start and of a bare interpreter, in milliseconds."""
    best = dict.fromkeys(STARTS, float("inf"))
    bare = float("inf")
    with tempfile.TemporaryDirectory() as folder:
        for code, _goal in STARTS.values():  # keys, tables and compiled modules are made once
            started_ms(code, folder)
        for _ in range(rounds):
            bare = min(bare, started_ms("pass", folder))
            for name, (code, _goal) in STARTS.items():
                best[name] = min(best[name], started_ms(code, folder))
    return {"bare": {"ms": bare}} | {
        name: {"ms": found - bare, "times bare": found / bare} for name, found in best.items()
    }


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    found = measure(given.rounds)
    print(f"a bare interpreter: {found['bare']['ms']:.0f} ms\n")
    print(f"{'start':28}{'ms more':>9}{'times bare':>12}   goal")
    for name, (_code, goal) in STARTS.items():
        row = found[name]
        told = "" if goal is None else f"{goal:.0f} ms {'met' if row['ms'] <= goal else 'MISSED'}"
        print(f"{name:28}{row['ms']:>9.0f}{row['times bare']:>12.1f}   {told}")
    if given.json:
        given.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
