"""How long a province for a test takes to be ready, and a call through it; beside bare Python and a bare hash.

    python benchmarks/bench_province.py [--rounds 30] [--json results.json]

Machines and moments differ, so look at the ratios: every round times the province and a fixed piece of work of this
interpreter in turn, and the best of each counts.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import time
from collections.abc import Callable
from pathlib import Path

from egov_sdk.testing import Province

GOALS = {"ready_ms": 20.0, "call_ms": 1.0}
_OCTETS = b"x" * (1 << 20)


def timed(what: Callable[[], object]) -> float:
    started = time.perf_counter()
    what()
    return (time.perf_counter() - started) * 1_000


def measure(rounds: int) -> dict[str, float]:
    """The best milliseconds of each."""
    with Province() as first:  # the world is made once in a process
        first.connect("hall").license.types()
    ready, call, bare = [], [], []
    for _ in range(rounds):
        made: list[Province] = []
        ready.append(timed(lambda made=made: made.append(Province())))  # type: ignore[misc]  # bound at once
        with made[0] as province:
            gov = province.connect()
            gov.license.statistics()
            for _ in range(20):
                call.append(timed(gov.license.statistics))
        bare.append(timed(lambda: hashlib.sha256(_OCTETS).digest()))
    return {"ready_ms": min(ready), "call_ms": min(call), "sha256_of_1_mib_ms": min(bare)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    found = measure(arguments.rounds)
    found |= {f"{name}_over_sha256": found[name] / found["sha256_of_1_mib_ms"] for name in GOALS}
    for name, value in found.items():
        goal = f"  (goal: below {GOALS[name]:g})" if name in GOALS else ""
        print(f"{name:28} {value:8.2f}{goal}")
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
