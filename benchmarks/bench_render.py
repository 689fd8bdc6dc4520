"""How many pages are drawn in a second: as SVG, as PNG, and as a report; one process, one core.

    python benchmarks/bench_render.py [FILE.ofd ...] [--rounds 40] [--json results.json]

A certificate of one page with its seal and a page dense with text are made here; of files given, the first page is
drawn. Caches are warm: fonts are open and their outlines read, as in a program that draws one document after another.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from egov_sdk.cli import demo
from egov_sdk.cli._html import report_page
from egov_sdk.ofd import OfdBuilder, open_ofd
from egov_sdk.ofd.render import rasterize, render_page
from egov_sdk.pki import TrustStore
from egov_sdk.seal import Policy, verify
from egov_sdk.seal.shown import shown_signatures

AT = datetime(2026, 6, 1, tzinfo=UTC)
LINE = "兹证明张三同志经考核合格，具备使用和验证电子印章的能力，特发此证。"

Work = Callable[[], object]


def dense_page() -> bytes:
    """About 2,400 characters on one page."""
    builder = OfdBuilder(created=AT)
    page = builder.page()
    for row in range(72):
        page.text(10, 8 + 3.9 * row, LINE, size_mm=3)
    return builder.build()


def contestants(files: list[Path]) -> dict[str, Work]:
    """What is measured, by name."""
    made = demo.play(at=AT)
    trusting = Policy.standard(trust=TrustStore([made.people.root.certificate]), at=AT)
    documents = {"sealed certificate": made.sealed, "2,400 characters": dense_page()}
    documents |= {file.name: file.read_bytes() for file in files}
    found: dict[str, Work] = {}
    for name, source in documents.items():
        package = open_ofd(source)
        document = package.documents[0]
        stamps = [stamp for one in shown_signatures(package) if not one.document for stamp in one.stamps]
        drawn = render_page(document, stamps=stamps)

        def svg(document=document, stamps=stamps) -> object:  # type: ignore[no-untyped-def]
            return render_page(document, stamps=stamps)

        found[f"{name}, SVG"] = svg
        found[f"{name}, SVG to PNG, 96 dpi"] = lambda drawn=drawn: rasterize(drawn, dpi=96)
        found[f"{name}, SVG to PNG, 150 dpi"] = lambda drawn=drawn: rasterize(drawn, dpi=150)
    sealed, report = open_ofd(made.sealed), verify(made.sealed, policy=trusting)
    found["sealed certificate, HTML report"] = lambda: report_page(report, sealed, policy=trusting, lang="en")
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    rates = {name: 1 / seconds for name, seconds in best_of(contestants(options.files), options.rounds).items()}
    print(f"{'':46}{'per second':>12}{'ms':>8}")
    for name, rate in rates.items():
        print(f"  {name:44}{rate:12,.1f}{1e3 / rate:8,.1f}")
    if options.json:
        options.json.write_text(json.dumps({"at": AT.isoformat(), "per_second": rates}, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
