"""A platform, a bureau that has data, two that want it and a stranger, with a catalogue and records, all made up."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import pytest

from egov_sdk.codes.specimens import specimen_citizen_number, specimen_credit_code
from egov_sdk.crypto import SM2PrivateKey
from egov_sdk.exchange.catalog import LocalCatalog
from egov_sdk.exchange.catalog.model import CatalogEntry, InformationItem, Provider, Sharing
from egov_sdk.exchange.catalog.terms import ItemType, SharingMode, SharingType
from egov_sdk.exchange.envelope.policy import ExchangePolicy
from egov_sdk.exchange.sharing.conditions import Record
from egov_sdk.exchange.sharing.fields import FieldRule, Treatment, plain
from egov_sdk.exchange.sharing.grants import Permit
from egov_sdk.exchange.sharing.guard import Source
from egov_sdk.exchange.sharing.keys import SharingKeys
from egov_sdk.exchange.sharing.local import LocalSharingService
from egov_sdk.exchange.sharing.model import Approval, GrantTerms, Quota, SharingCase, SharingRequest
from egov_sdk.exchange.sharing.problems import SharingRejected
from egov_sdk.exchange.sharing.service import SharingService
from egov_sdk.exchange.sharing.signing import Desk
from egov_sdk.pki import LocalCA, TrustStore
from egov_sdk.storage import Store
from tests.unit.exchange.catalog.world import entry
from tests.world import seeded

__all__ = [
    "AT", "COMPANY", "LAW", "OPEN", "PURPOSE", "SECRET", "Parties", "Town", "asked", "catalog_entries", "granted",
    "new_parties", "parties", "person", "refused", "town_of",
]  # fmt: skip

#: A Monday, 17:30 in Beijing.
AT = datetime(2026, 6, 1, 9, 30, tzinfo=UTC)
_MADE = AT - timedelta(days=100)
OPEN, COMPANY, SECRET = (f"307011024701/{number:06d}" for number in (1, 2, 3))
PURPOSE = "办理食品经营许可变更"
LAW = "某法第三条"
ITEMS = ("企业名称", "法定代表人", "证件号码", "联系电话", "成立日期", "区划代码")


@dataclass(frozen=True)
class Parties:
    """The desks, and the policy that knows their certificates."""

    platform: Desk
    market: Desk
    county: Desk
    tax: Desk
    stranger: Desk
    impostor: Desk
    policy: ExchangePolicy


def new_parties() -> Parties:
    """The desks with all that is random in them at its beginning."""
    ca = LocalCA.create_root("Sharing Root", at=_MADE, days=3650, random=seeded("sharing root"))
    other = LocalCA.create_root("Other Root", at=_MADE, days=3650, random=seeded("other root"))

    at = specimen_credit_code(9).number

    def desk(number: int, name: str, by: LocalCA = ca, code: int = 0) -> Desk:
        key = SM2PrivateKey.from_int(7_000 + number)
        certificate = by.issue("signer", name, key.public_key(), at=_MADE, days=365)
        return Desk(specimen_credit_code(code or number).number, key, certificate, platform=at, random=seeded(name))

    platform, market, county = desk(9, "Platform"), desk(1, "Market"), desk(2, "County")
    tax, stranger = desk(3, "Tax"), desk(4, "Stranger", other)
    impostor = desk(5, "Impostor", ca, code=2)  # says that it is the county, and is somebody of the same root
    known = {one.code: [one.certificate] for one in (platform, market, county, tax, stranger)}
    policy = ExchangePolicy(trust=TrustStore([ca.certificate]), parties=known)
    return Parties(platform, market, county, tax, stranger, impostor, policy)


parties = cache(new_parties)


def person(number: int) -> dict[str, Any]:
    """A record."""
    return {
        "企业名称": f"样例公司{number}",
        "法定代表人": "张三",
        "证件号码": specimen_citizen_number(number).number,
        "联系电话": f"138000000{number:02d}",
        "成立日期": date(2000 + number, 3, 4),
        "区划代码": "330105" if number % 2 else "330106",
    }


def catalog_entries() -> tuple[CatalogEntry, ...]:
    """Three resources of the market bureau: one of each way of sharing."""
    provider = Provider(name="示例市市场监督管理局", code=parties().market.code)
    items = tuple(InformationItem(name=name, type=ItemType.CHARACTER, length=200) for name in ITEMS)
    more = {"provider": provider, "items": items}
    conditional = Sharing(type=SharingType.CONDITIONAL, condition="仅用于行政审批核验", mode=SharingMode.PLATFORM)
    return (
        entry(1, "企业名录", **more),
        entry(2, "企业登记人员", **more, sharing=conditional),
        entry(3, "企业涉密信息", **more, sharing=Sharing(type=SharingType.REFUSED, basis=LAW)),
    )


@dataclass
class Town:
    """A service under test, the one behind it, and the clock that both read."""

    service: SharingService
    local: LocalSharingService
    store: Store
    records: list[Record]
    now: list[datetime] = field(default_factory=lambda: [AT])

    @property
    def at(self) -> datetime:
        return self.now[0]

    def wait(self, **span: float) -> None:
        self.now[0] += timedelta(**span)

    def opened(self, by: Desk | None = None, **changes: Any) -> SharingCase:
        desk = by or parties().county
        return self.service.take(desk.open(asked(**changes), at=self.at))

    def active(self, by: Desk | None = None, **changes: Any) -> SharingCase:
        """A case in which the market bureau has consented."""
        desk = by or parties().county
        return self.service.take(parties().market.step(self.opened(desk), granted(**changes), at=self.at))


def asked(resource: str = COMPANY, **changes: Any) -> SharingRequest:
    """What the county asks for."""
    given: dict[str, Any] = {
        "resource": resource,
        "purposes": (PURPOSE, "年报核查"),
        "basis": "食品经营许可管理办法第十二条",
        "fields": ("企业名称", "法定代表人", "证件号码", "成立日期"),
        "quota": Quota(calls=3, per_s=60, records=5),
        "until": AT + timedelta(days=200),
    }
    return SharingRequest(**given | changes)


def granted(**changes: Any) -> Approval:
    """What the market bureau grants."""
    given: dict[str, Any] = {
        "purposes": (PURPOSE,),
        "fields": (
            *plain("企业名称"),
            FieldRule(name="证件号码", treatment=Treatment.MASK_NUMBER),
            FieldRule(name="成立日期", treatment=Treatment.YEAR),
        ),
        "quota": Quota(calls=3, per_s=60, records=5),
        "valid_from": AT,
        "until": AT + timedelta(days=100),
    }
    is_ready = changes.pop("is_ready", True)
    return Approval(terms=GrantTerms(**given | changes), is_ready=is_ready)


def town_of(store: Store, *, people: Parties | None = None, **more: Any) -> Town:
    """The service in this process."""
    now, people = [AT], people or parties()
    catalog = LocalCatalog(store, clock=lambda: now[0])
    catalog.publish(catalog_entries(), actor="clerk-1")
    records: list[Record] = [person(number) for number in range(1, 5)]

    def fetch(permit: Permit) -> Iterator[Record]:
        return iter(records)

    local = LocalSharingService(
        store,
        catalog=catalog,
        platform=people.platform,
        policy=people.policy,
        keys=SharingKeys(b"s" * 32),
        clock=lambda: now[0],
        sources={code: Source(fetch, ("证件号码",)) for code in (OPEN, COMPANY)},
        **more,
    )
    return Town(local, local, store, records, now)


def refused(problem: str, act: Callable[[], object]) -> SharingRejected:
    """What is raised, which must be this."""
    with pytest.raises(SharingRejected) as caught:
        act()
    assert (caught.value.problem, caught.value.code) == (
        f"sharing.{problem}",
        f"egov.exchange.sharing.{problem}",
    ), caught.value
    return caught.value
