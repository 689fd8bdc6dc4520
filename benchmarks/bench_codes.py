"""How fast numbers are checked: the library beside a regex with a check-digit loop, in one run.

    python benchmarks/bench_codes.py [--rounds 15] [--json results.json]

Machines and moments differ, so look at the ratios. Short rounds are taken in turn and the best one counts.
The reference is what people write by hand: one compiled regex, ``datetime.date`` for the birth, a loop with the
weights. Both answer for the same thousand numbers; the wrong ones have another last character.
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

from egov_sdk.codes.citizen import check_citizen_number
from egov_sdk.codes.organizations import check_credit_code
from egov_sdk.codes.specimens import specimen_citizen_number, specimen_credit_code

GOAL = 400_000  # checks per second

_CITIZEN = re.compile(r"[1-8]\d{5}(?:18|19|20|21)\d{2}(?:0\d|1[0-2])(?:[0-2]\d|3[01])\d{3}[\dX]", re.ASCII)
_CITIZEN_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CREDIT = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")
_CREDIT_VALUES = {character: value for value, character in enumerate("0123456789ABCDEFGHJKLMNPQRTUWXY")}
_CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_INNER_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def plain_citizen(text: str) -> bool:
    if _CITIZEN.fullmatch(text) is None:
        return False
    try:
        date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(text[:17], _CITIZEN_WEIGHTS, strict=True))
    return "10X98765432"[total % 11] == text[17]


def plain_credit(text: str) -> bool:
    if _CREDIT.fullmatch(text) is None:
        return False
    inner = sum(int(text[8 + place], 36) * weight for place, weight in enumerate(_INNER_WEIGHTS))
    if "0X987654321"[inner % 11] != text[16]:
        return False
    total = sum(
        _CREDIT_VALUES[character] * weight for character, weight in zip(text[:17], _CREDIT_WEIGHTS, strict=True)
    )
    return _CREDIT_VALUES[text[17]] == -total % 31


def _spoilt(text: str) -> str:
    return text[:17] + ("1" if text[17] != "1" else "2")


CITIZENS = [specimen_citizen_number(index * 997).number for index in range(1000)]
CREDITS = [specimen_credit_code(index * 1_000_003).number for index in range(1000)]
WORK: dict[str, tuple[list[str], Callable[[str], object], Callable[[str], object]]] = {
    "citizen number, good": (CITIZENS, check_citizen_number, plain_citizen),
    "citizen number, wrong": ([_spoilt(text) for text in CITIZENS], check_citizen_number, plain_citizen),
    "credit code, good": (CREDITS, check_credit_code, plain_credit),
    "credit code, wrong": ([_spoilt(text) for text in CREDITS], check_credit_code, plain_credit),
}


def per_second(check: Callable[[str], object], texts: list[str]) -> float:
    start = time.perf_counter()
    for text in texts:
        check(text)
    return len(texts) / (time.perf_counter() - start)


def measure(rounds: int) -> dict[str, dict[str, float]]:
    best = {name: {"egov_sdk": 0.0, "plain": 0.0} for name in WORK}
    for _ in range(rounds):
        for name, (texts, ours, plain) in WORK.items():
            best[name]["egov_sdk"] = max(best[name]["egov_sdk"], per_second(ours, texts))
            best[name]["plain"] = max(best[name]["plain"], per_second(plain, texts))
    for row in best.values():
        row["ratio"] = row["egov_sdk"] / row["plain"]
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    for texts, ours, plain in WORK.values():
        assert [getattr(ours(text), "ok", None) for text in texts] == [plain(text) for text in texts]
    results = measure(arguments.rounds)
    print(f"{'checks per second':<24}{'egov_sdk':>12}{'regex, loop':>14}{'ratio':>8}")
    for name, row in results.items():
        print(f"{name:<24}{row['egov_sdk']:>12,.0f}{row['plain']:>14,.0f}{row['ratio']:>8.1f}")
    print(f"goal: {GOAL:,} a second: {'met' if all(row['egov_sdk'] >= GOAL for row in results.values()) else 'missed'}")
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
