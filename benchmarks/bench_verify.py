"""How fast a sealed document is verified and stamped: all four answers, warm caches, one process, one core.

    python benchmarks/bench_verify.py [FILE.ofd ...] [--rounds 300] [--json results.json] [--plot results.png]

The document is made and stamped here; files given are measured too, without anchors. Rounds are taken in turn with
a P-256 verification of `cryptography`, so that a number from a slow moment can be told from a slow program.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from bench_sm2 import p256

from egov_sdk.cli import demo
from egov_sdk.crypto import available_backends, set_backend
from egov_sdk.ofd import open_ofd
from egov_sdk.pki import TrustStore
from egov_sdk.seal import Policy, verify
from egov_sdk.seal._gbt38540 import parse_value

AT = datetime(2026, 6, 1, tzinfo=UTC)

Work = Callable[[], object]


def contestants(files: list[Path]) -> dict[str, Work]:
    """What is measured, by name."""
    made = demo.play(at=AT)
    trusting = Policy.standard(trust=TrustStore([made.people.root.certificate]), at=AT)
    nobody = Policy.standard(trust=None, at=AT)
    sealed, plain = made.sealed, made.certificate
    value = open_ofd(sealed).read("Doc_0/Signs/Sign_0/SignedValue.dat")
    found: dict[str, Work] = {
        "verify, all four answers": lambda: verify(sealed, policy=trusting),
        "verify, nobody trusted": lambda: verify(sealed, policy=nobody),
        "stamp, verified before it is given out": lambda: demo.stamp_certificate(
            plain, seal=made.seal, people=made.people, at=AT
        ),
        "open the package": lambda: open_ofd(sealed),
        "read the seal value": lambda: parse_value(value),
    }
    for file in files:
        document = file.read_bytes()
        found[f"verify {file.name}, nobody trusted"] = lambda document=document: verify(document, policy=nobody)
    return found


def best_of(work: dict[str, Work], rounds: int) -> dict[str, float]:
    """The shortest time of each in seconds, taken in turn."""
    best = dict.fromkeys(work, float("inf"))
    for _ in range(rounds):
        for name, run in work.items():
            started = time.perf_counter()
            run()
            best[name] = min(best[name], time.perf_counter() - started)
    return best


def plot(results: dict[str, dict[str, float]], path: Path) -> None:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    names = list(next(iter(results.values())))
    figure, axes = pyplot.subplots(figsize=(9, 0.5 * len(names) * len(results) + 1.5))
    height = 0.8 / len(results)
    for place, (backend, rates) in enumerate(results.items()):
        rows = [position + place * height for position in range(len(names))]
        axes.barh(rows, [rates[name] for name in names], height=height, label=backend)
    axes.set_yticks([position + 0.4 - height / 2 for position in range(len(names))], names)
    axes.set_xscale("log")
    axes.set_xlabel("per second and core (logarithmic)")
    axes.invert_yaxis()
    axes.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=120)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    backends = [each.name for each in available_backends() if each.available and each.name in ("native", "pure")]
    results: dict[str, dict[str, float]] = {}
    for backend in backends:
        set_backend(backend)
        work = {**contestants(options.files), "P-256 verify of cryptography": p256()["verify, known key"]}
        for run in work.values():
            run()
        results[backend] = {name: 1 / seconds for name, seconds in best_of(work, options.rounds).items()}
        set_backend(None)
    for backend, rates in results.items():
        print(f"\n{backend:44}{'per second':>12}{'µs':>10}")
        for name, rate in rates.items():
            print(f"  {name:42}{rate:12,.0f}{1e6 / rate:10,.0f}")
    if options.json:
        options.json.write_text(json.dumps({"at": AT.isoformat(), "per_second": results}, indent=2) + "\n", "utf-8")
    if options.plot:
        plot(results, options.plot)


if __name__ == "__main__":
    main()
