"""The golden files of sharing: cases as evidence, made from fixed numbers, in which every kind of step stands.
``python -m tests.unit.exchange.sharing.golden`` writes them anew, which only a new version of the form should need.

Those under ``refused`` have one thing wrong each; ``refused/expected.json`` says how that is told.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from egov_sdk.exchange.envelope.canonical import canonical
from egov_sdk.exchange.sharing.model import (
    Acknowledgement,
    Body,
    Correction,
    Delivery,
    Dismissal,
    Objection,
    Refusal,
    Relinquishment,
    Return,
    Revocation,
    SharingCase,
    Supplement,
    Withdrawal,
)
from egov_sdk.exchange.sharing.signing import Desk
from egov_sdk.storage import open_store
from tests.unit.exchange.sharing.town import LAW, PURPOSE, Parties, Town, asked, granted, new_parties, town_of

__all__ = ["FOLDER", "REFUSED", "golden_files"]

FOLDER: Final = Path(__file__).parents[3] / "vectors" / "exchange-sharing"


class _Told:
    """A case as it is told, step by step, an hour apart."""

    def __init__(self, town: Town, people: Parties) -> None:
        self.town, self.people = town, people
        self.case = town.service.take(people.county.open(asked(), at=town.at))

    def then(self, desk: Desk, body: Body) -> SharingCase:
        self.town.wait(hours=1)
        self.case = self.town.service.take(desk.step(self.case, body, at=self.town.at))
        return self.case

    def used(self) -> str:
        """Use the grant; the reference of the first record."""
        self.town.wait(hours=1)
        served = self.town.service.use(self.people.county.use(self.case, purpose=PURPOSE, at=self.town.at))
        return served.records[0].reference

    @property
    def evidence(self) -> bytes:
        return self.town.service.evidence(self.case.case_id)


def _corrected(town: Town, people: Parties) -> tuple[_Told, _Told]:
    """A case from its return to its end, and another that is told of the correction."""
    county, market = people.county, people.market
    whole, notified = _Told(town, people), _Told(town, people)
    whole.then(market, Return(reason="用途不明"))
    whole.then(county, Supplement(request=asked()))
    whole.then(market, granted(is_ready=False))
    whole.then(market, Delivery(note="接口已开通"))
    notified.then(market, granted())
    record = whole.used()
    whole.used()
    notified.used()
    whole.then(county, Objection(record=record, fields=("企业名称",), claim="名称已变更"))
    whole.then(market, Correction(objection=whole.case.steps, fields=("企业名称",), note="已更正"))
    notified.case = town.service.case(notified.case.case_id)  # with the platform's notice
    notified.then(county, Acknowledgement(notice=notified.case.steps))
    whole.then(county, Objection(record=record, fields=("成立日期",), claim="日期有误"))
    whole.then(market, Dismissal(objection=whole.case.steps, reason="经核查无误"))
    whole.then(county, Relinquishment(reason="不再需要"))
    return whole, notified


def _cases(town: Town, people: Parties) -> Iterator[tuple[str, _Told]]:
    yield from zip(("whole.json", "notified.json"), _corrected(town, people), strict=True)
    refused, withdrawn, revoked = (_Told(town, people) for _ in range(3))
    refused.then(people.market, Refusal(reason="依法不予共享", basis=LAW))
    yield "refused.json", refused
    withdrawn.then(people.county, Withdrawal(reason="已无需要"))
    yield "withdrawn.json", withdrawn
    revoked.then(people.market, granted())
    revoked.then(people.market, Revocation(reason="用途不符"))
    yield "revoked.json", revoked


def _reworded(case: dict[str, Any]) -> None:
    payload = base64.urlsafe_b64decode(case["steps"][0]["payload"])
    case["steps"][0]["payload"] = base64.urlsafe_b64encode(payload.replace(b'"calls":3', b'"calls":9')).decode()


#: File: what is done to the refused case, and the check that fails or the code of the error.
REFUSED: Final[Mapping[str, tuple[Callable[[dict[str, Any]], object], str]]] = {
    "reworded.json": (_reworded, "integrity.signature"),
    "cut.json": (lambda case: case["steps"].pop(), "coverage.case"),
    "turned.json": (lambda case: case["steps"].reverse(), "integrity.case_chain"),
    "step-for-use.json": (lambda case: case["uses"].append(case["steps"][0]), "binding.case_uses"),
    "step-for-statement.json": (lambda case: case.update(statement=case["steps"][0]), "binding.case_statement"),
    "version.json": (lambda case: case.update(format="egov-sharing-case/2"), "egov.exchange.sharing.evidence"),
    "member.json": (lambda case: case.update(more=1), "egov.exchange.sharing.evidence"),
    "unsigned.json": (lambda case: case["steps"][0].update(certificates=[]), "egov.exchange.sharing.evidence"),
}


def golden_files() -> Mapping[str, bytes]:
    """Every golden file by its name."""
    people, made = new_parties(), dict[str, bytes]()
    with open_store("sqlite://") as store:
        town = town_of(store, people=people)
        for name, told in _cases(town, people):
            made[name] = told.evidence
    for name, (change, _) in REFUSED.items():
        case = json.loads(made["refused.json"])
        change(case)
        made[f"refused/{name}"] = canonical(case)
    expected = {name: told for name, (_, told) in REFUSED.items()}
    return made | {"refused/expected.json": json.dumps(expected, indent=1).encode() + b"\n"}


def main() -> None:
    (FOLDER / "refused").mkdir(parents=True, exist_ok=True)
    for name, content in golden_files().items():
        (FOLDER / name).write_bytes(content)


if __name__ == "__main__":
    main()
