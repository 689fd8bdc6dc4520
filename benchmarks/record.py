"""Run benchmarks once and keep the numbers that the docs show, with machine, date and load.

    python benchmarks/record.py [NAME ...] [--docs docs]

Each program compares within its own run; what is kept are those numbers, rounded. Run it on a quiet machine and
afterwards ``python -m tests.house.pages``, which makes the tables of the docs from the files.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent
#: Where a program is to draw; the name is known when it is run.
PICTURE = "PICTURE"
#: Every program, and what it is told.
PROGRAMS: dict[str, tuple[str, ...]] = {
    "sm2": ("--plot", PICTURE),
    "verify": ("--plot", PICTURE),
    "kernel": ("--plot", PICTURE),
    "codes": (),
    "jose": (),
    "gateway": (),
    "identity": (),
    "license": (),
    "license_file": (),
    "presentation": (),
    "import": (),
    "render": (),
    "envelope": (),
    "node": ("--postgresql",),
    "catalog": (),
    "platform": (),
    "console": (),
    "startup": (),
}


def processor() -> str:
    """The processor by its own name, where Linux tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def rounded(value: object) -> object:
    """The same with four significant digits, so that files stay small and say no more than was measured."""
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, dict):
        return {name: rounded(inner) for name, inner in value.items()}
    return [rounded(inner) for inner in value] if isinstance(value, list) else value


def facts() -> dict[str, object]:
    """Where and when: what a reader needs to judge a number."""
    from egov_sdk.crypto import backend

    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=HERE, capture_output=True, text=True)
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "commit": commit.stdout.strip(),
        "machine": f"{processor()}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}",
        "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "cryptography": version("cryptography"),
        "backend": backend(),
    }


def record(name: str, docs: Path) -> None:
    """Run one program and write its numbers, and its picture, where it draws one, for each language."""
    measured = facts()
    with tempfile.TemporaryDirectory() as folder:
        found = Path(folder) / "found.json"
        picture = Path(folder) / f"{name}.png"
        told = [str(picture) if word == PICTURE else word for word in PROGRAMS[name]]
        command = [sys.executable, str(HERE / f"bench_{name}.py"), "--json", str(found), *told]
        subprocess.run(command, check=True)
        results = rounded(json.loads(found.read_text("utf-8")))
        for place in [docs / lang / "assets" / "benchmarks" for lang in ("en", "zh") if picture.exists()]:
            place.mkdir(parents=True, exist_ok=True)
            (place / picture.name).write_bytes(picture.read_bytes())
    into = docs / "assets" / "benchmarks"
    into.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"measured": measured, "results": results}, indent=1, ensure_ascii=False)
    (into / f"{name}.json").write_text(text + "\n", "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="all by default")
    parser.add_argument("--docs", type=Path, default=HERE.parent / "docs", help="the folder of the docs")
    arguments = parser.parse_args()
    if unknown := sorted(set(arguments.names) - PROGRAMS.keys()):
        parser.error(f"no program {', '.join(unknown)}; there are {', '.join(PROGRAMS)}")
    for name in arguments.names or PROGRAMS:
        record(name, arguments.docs)


if __name__ == "__main__":
    main()
