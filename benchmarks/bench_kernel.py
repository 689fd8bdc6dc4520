"""The native kernel against what Python has otherwise: ratios in one run, beside what they must and aim to be.

    python benchmarks/bench_kernel.py [--rounds 25] [--json results.json] [--plot results.png]

Machines and moments differ, so only ratios are asked for. In each round every contestant runs once for a short
while, and the best round of each counts. Ours are the public calls, as a user makes them.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from bench_sm2 import KEY, MESSAGE, Evp, Operation, p256, per_second

from egov_sdk.crypto import SM2PublicKey, backend, sm3_many
from egov_sdk.crypto._native import features, find_kernel
from egov_sdk.crypto.sm4 import SM4GCM, sm4_ctr

MIB = os.urandom(1 << 20)
MESSAGES = [os.urandom(288) for _ in range(10_000)]
SECRET = os.urandom(32)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: a ratio, or a plain number, and what it must and aims to be."""

    work: str
    found: float
    must: float
    aim: float
    less_is_better: bool = False

    @property
    def verdict(self) -> str:
        def reached(wanted: float) -> bool:
            return self.found <= wanted if self.less_is_better else self.found >= wanted

        return "aim" if reached(self.aim) else "must" if reached(self.must) else "MISSED"


def sm2() -> dict[str, Operation]:
    point, known, signature = KEY.public_key().point, KEY.public_key(), KEY.sign(MESSAGE)
    known.precompute()
    return {
        "sign": lambda: KEY.sign(MESSAGE),
        "verify, new key": lambda: SM2PublicKey.from_point(point).verify(signature, MESSAGE),
        "verify, known key": lambda: known.verify(signature, MESSAGE),
        "sign 64": lambda: KEY.sign_many([MESSAGE] * 64),
        "verify 64": lambda: known.verify_many([(signature, MESSAGE)] * 64),
        "encrypt and decrypt": lambda: KEY.decrypt(known.encrypt(SECRET)),
    }


def symmetric() -> dict[str, dict[str, Operation]]:
    from cryptography.hazmat.primitives.ciphers import Cipher, modes
    from cryptography.hazmat.primitives.ciphers.algorithms import SM4

    key, nonce = os.urandom(16), os.urandom(12)

    def theirs(mode: modes.GCM | modes.CTR) -> None:
        encryptor = Cipher(SM4(key), mode).encryptor()
        encryptor.update(MIB)
        encryptor.finalize()

    return {
        "ours": {
            "SM3": lambda: sm3_many(MESSAGES),
            "GCM": lambda: SM4GCM(key).encrypt(nonce, MIB, None),
            "CTR": lambda: sm4_ctr(key, nonce + bytes(4), MIB),
        },
        "theirs": {
            "SM3": lambda: [hashlib.new("sm3", message).digest() for message in MESSAGES],
            "GCM": lambda: theirs(modes.GCM(nonce)),
            "CTR": lambda: theirs(modes.CTR(nonce + bytes(4))),
        },
    }


def in_threads(operation: Operation, *, threads: int, seconds: float) -> float:
    """Calls per second of so many threads together."""
    counts, stop = [0] * threads, threading.Event()

    def work(index: int) -> None:
        while not stop.is_set():
            for _ in range(20):
                operation()
            counts[index] += 20

    workers = [threading.Thread(target=work, args=(index,)) for index in range(threads)]
    started = time.perf_counter()
    for worker in workers:
        worker.start()
    time.sleep(seconds)
    stop.set()
    for worker in workers:
        worker.join()
    return sum(counts) / (time.perf_counter() - started)


def scaling(operation: Operation, rounds: int) -> float:
    """Two threads against one, the best of each."""
    one = max(in_threads(operation, threads=1, seconds=0.1) for _ in range(rounds))
    return max(in_threads(operation, threads=2, seconds=0.1) for _ in range(rounds)) / one


def import_ms(rounds: int) -> float:
    """Milliseconds of importing egov_sdk.crypto above bare Python, the best of each."""

    def run(code: str) -> float:
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True)
        return (time.perf_counter() - started) * 1e3

    return min(run("import egov_sdk.crypto") for _ in range(rounds)) - min(run("pass") for _ in range(rounds))


def measure(rounds: int, budget: float) -> tuple[list[Row], dict[str, dict[str, float]]]:
    speeds = per_second({"SM2": sm2(), "P-256": p256(), "libcrypto": libcrypto()}, rounds, budget)
    bulk = per_second(symmetric(), max(rounds // 3, 3), budget)
    ours, curve, openssl = speeds["SM2"], speeds["P-256"], speeds["libcrypto"]
    operations = sm2()

    def bulk_ratio(what: str) -> float:
        return bulk["ours"][what] / bulk["theirs"][what]

    rows = [
        Row("SM2 sign / P-256 sign", ours["sign"] / curve["sign"], 1.2, 1.6),
        Row("SM2 verify, new key / P-256 verify", ours["verify, new key"] / curve["verify, known key"], 0.9, 1.2),
        Row("SM2 verify, known key / P-256 verify", ours["verify, known key"] / curve["verify, known key"], 2.5, 3.5),
        *(
            [
                Row("SM2 sign / libcrypto", ours["sign"] / openssl["sign"], 18, 25),
                Row("SM2 verify, new key / libcrypto", ours["verify, new key"] / openssl["verify, new key"], 4, 5.5),
            ]
            if openssl
            else []
        ),
        Row("SM2 encrypt and decrypt 32 bytes, pairs per second", ours["encrypt and decrypt"], 5_000, 8_000),
        Row("SM3 of 10,000 x 288 bytes / hashlib", bulk_ratio("SM3"), 4, 10),
        Row("SM4-GCM of 1 MiB / cryptography", bulk_ratio("GCM"), 5, 10),
        Row("SM4-CTR of 1 MiB / cryptography", bulk_ratio("CTR"), 6, 15),
        Row("two threads / one, sign", scaling(operations["sign"], rounds), 1.7, 1.95),
        Row("two threads / one, verify", scaling(operations["verify, new key"], rounds), 1.7, 1.95),
        Row("import of egov_sdk.crypto, ms", import_ms(rounds), 60, 30, less_is_better=True),
    ]
    return rows, {**speeds, "bulk, ours": bulk["ours"], "bulk, theirs": bulk["theirs"]}


def libcrypto() -> dict[str, Operation]:
    try:
        return Evp().operations()
    except OSError as error:
        print(f"no OpenSSL with SM2 here: {error}")
        return {}


def plot(rows: list[Row], path: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    def over_must(row: Row, value: float) -> float:
        return row.must / value if row.less_is_better else value / row.must

    figure, axes = pyplot.subplots(figsize=(9, 5))
    axes.barh([row.work for row in rows], [over_must(row, row.found) for row in rows], color="#2a6f97")
    axes.axvline(1, color="black", linewidth=1)
    aims = [over_must(row, row.aim) for row in rows]
    axes.plot(aims, range(len(rows)), "D", color="#e36414", label="aim")
    axes.set_xlabel("times what it must be")
    axes.invert_yaxis()
    axes.legend()
    figure.tight_layout()
    figure.savefig(path, dpi=120)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--budget", type=float, default=0.01, help="seconds per operation and round")
    parser.add_argument("--json", type=Path, help="write the numbers here")
    parser.add_argument("--plot", type=Path, help="draw them here, as PNG or SVG")
    arguments = parser.parse_args()
    kernel, reason = find_kernel()
    chosen = features(kernel) if kernel else {"no native kernel": reason}
    print(f"backend {backend()}; " + "; ".join(f"{key}: {value}" for key, value in chosen.items()))
    rows, speeds = measure(arguments.rounds, arguments.budget)
    print(f"\n{'':52} {'found':>9} {'must':>8} {'aim':>8}")
    for row in rows:
        print(f"{row.work:52} {row.found:>9,.2f} {row.must:>8,g} {row.aim:>8,g}  {row.verdict}")
    print("\nper second, in one thread:")
    for who, row_speeds in speeds.items():
        for what, speed in row_speeds.items():
            many = int(what.split()[1]) if what in ("sign 64", "verify 64") else 1
            print(f"  {who:14} {what + (' (each)' if many > 1 else ''):24} {speed * many:>12,.0f}")
    if arguments.json:
        facts = {"chosen": chosen, "rows": [asdict(row) for row in rows], "per_second": speeds}
        arguments.json.write_text(json.dumps(facts, indent=2), "utf-8")
    if arguments.plot:
        plot(rows, arguments.plot)


if __name__ == "__main__":
    main()
