"""A bureau with a register of licences: two sample types, departments that ask, holders, a clock that stands still."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from egov_sdk.codes.specimens import specimen_citizen_number, specimen_credit_code
from egov_sdk.errors import EgovError
from egov_sdk.license.catalogue import LicenseType
from egov_sdk.license.local import LocalLicenseService
from egov_sdk.license.metadata import Authority, LicenseHolder
from egov_sdk.license.model import LicenseDraft, Use, UseGround
from egov_sdk.license.register import AccessRule, RegisterKeys, RegisterSettings
from egov_sdk.license.samples import sample_type
from egov_sdk.license.sealing import LocalSealer, Sealer
from egov_sdk.pki import Certificate
from egov_sdk.seal import Placement, Seam
from egov_sdk.storage import AuditLog, Store, open_store, verify_audit
from tests.world import NOW, seeded, world

__all__ = [
    "BUREAU",
    "CERTIFICATE",
    "COMPANY",
    "COUNTY",
    "DEFINER",
    "HALL",
    "ITEM",
    "PERMIT",
    "PERSON",
    "STRANGER",
    "Desk",
    "LicenseTown",
    "Watch",
    "company_draft",
    "function_use",
    "owner_use",
    "person_draft",
    "photo",
    "refused",
    "sealer",
]

#: The name that the certificate of the test office bears.
BUREAU = Authority(name="Province Bureau", code="11220000013544541J")
COUNTY = Authority(name="County Bureau", code="11430000006122244L")
DEFINER = Authority(name="某部", code="11110000000021135M")
HALL = Authority(name="某市行政审批局", code="11330105002500287C")
STRANGER = Authority(name="某市税务局", code=specimen_credit_code(7, prefix="11").number)
ITEM = "000164001000"

COMPANY = LicenseHolder(name="某某市样例食品有限公司", code="91110000600037341L", type_code="001")
PERSON = LicenseHolder(name="张三", code=specimen_citizen_number(3).number, type_code="111")

PERMIT: LicenseType = sample_type("business_permit", defined_by=DEFINER)
CERTIFICATE: LicenseType = sample_type("person_certificate", defined_by=DEFINER)
KEYS = RegisterKeys(search=bytes(range(32)), data={1: bytes(range(16))})


@dataclass
class Watch:
    """A clock that stands until somebody moves it."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        return self.at

    def wait(self, **span: float) -> None:
        self.at += timedelta(**span)


@cache
def photo() -> bytes:
    """A grey square."""
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (90, 120), (120, 132, 150)).save(out, "PNG")
    return out.getvalue()


def sealer() -> LocalSealer:
    """The bureau's seal."""
    office = world().office
    return LocalSealer(office.seal, office.signer, office.certificate)


def company_draft(number: str = "JY12200000000017", **changes: Any) -> LicenseDraft:
    """A permit for the company."""
    given: dict[str, Any] = {
        "type_code": PERMIT.code,
        "number": number,
        "holders": (COMPANY,),
        "issued_on": date(2026, 6, 1),
        "valid_from": date(2026, 6, 1),
        "valid_until": date(2031, 5, 31),
        "fields": {
            "法定代表人": "李四",
            "住所": "某某市某某区某某路一百二十三号",
            "主体业态": "食品销售经营者",
            "经营项目": "预包装食品销售",
        },
    }
    return LicenseDraft(**given | changes)


def person_draft(number: str = "ZG0001", **changes: Any) -> LicenseDraft:
    """A certificate with a photo."""
    given: dict[str, Any] = {
        "type_code": CERTIFICATE.code,
        "number": number,
        "holders": (PERSON,),
        "issued_on": date(2026, 6, 1),
        "valid_from": date(2026, 6, 1),
        "valid_until": date(2029, 5, 31),
        "fields": {"性别": "女", "资格名称": "安全生产管理人员", "级别": "二级"},
        "pictures": {"照片": photo()},
    }
    return LicenseDraft(**given | changes)


def function_use(**changes: Any) -> Use:
    """The hall of the city needs it for its item."""
    given: dict[str, Any] = {
        "requester": HALL,
        "purpose": "办理食品经营许可变更",
        "item_code": ITEM,
        "operator": "clerk-7",
    }
    return Use(**given | changes)


def owner_use(code: str = "", *, name: str = "") -> Use:
    """Somebody who issued it or holds it; the bureau itself if nobody is named."""
    who = Authority(name=name or BUREAU.name, code=code or BUREAU.code)
    return Use(requester=who, purpose="查看本人证照", ground=UseGround.OWNER)


RULE = AccessRule(requester=HALL.code, type_code=PERMIT.code, item_code=ITEM, legal_basis="食品经营许可管理办法")


def refused(problem: str, act: Callable[[], object]) -> EgovError:
    """That something is refused, and why."""
    with pytest.raises(EgovError) as caught:
        act()
    assert caught.value.code == f"egov.license.{problem}", caught.value
    return caught.value


@dataclass
class Desk:
    """A place to seal at, where tests put another sealer down."""

    sealer: Sealer = field(default_factory=sealer)

    def seal(self, document: bytes, *, at: Sequence[Placement | Seam], signed_at: datetime) -> bytes:
        return self.sealer.seal(document, at=at, signed_at=signed_at)


@dataclass
class LicenseTown:
    """A register with both types and one rule; ``service`` is what the bureau's programs see."""

    store: Store
    watch: Watch
    service: LocalLicenseService
    desk: Desk

    @classmethod
    def at(
        cls,
        place: Path | str = "sqlite://",
        *,
        keys: RegisterKeys = KEYS,
        settings: RegisterSettings | None = None,
        sealers: Mapping[str, Sealer] | None = None,
        random: Callable[[int], bytes] | None = None,
        watch: Watch | None = None,
        types: tuple[LicenseType, ...] = (PERMIT, CERTIFICATE),
        signs: bool = True,
    ) -> LicenseTown:
        store = open_store(place, durability="normal", busy_s=10)
        watch = watch or Watch()
        desk = Desk()
        chosen: dict[str, Sealer] = {"issuer": desk} if sealers is None else dict(sealers)
        key, certificate = token_key() if signs else (None, None)
        service = LocalLicenseService(
            store,
            authority=BUREAU,
            issuers=[COUNTY],
            sealers=chosen,
            trust=world().trust,
            signer=key,
            certificate=certificate,
            keys=keys,
            clock=watch,
            settings=settings,
            random=random or seeded("the register"),
        )
        known = service.register.types.known()
        for one in types:
            if one.code not in known:
                service.register.types.add(one)
        if not service.register.access.rules():
            service.register.access.add(RULE)
        return cls(store, watch, service, desk)

    def assert_audit_holds(self) -> None:
        """The chain of the audit log is whole."""
        with self.store.read() as connection:
            report = verify_audit(connection, "license", at=self.watch())
        assert report.outcome.value == "passed", report.blocking

    def actors(self) -> list[tuple[str, str]]:
        """What the audit log says: action, actor."""
        with self.store.read() as connection:
            return [(one.action, one.actor) for one in AuditLog("license").entries(connection, limit=10_000)]

    def audited(self) -> list[tuple[str, str, dict[str, object]]]:
        """What the audit log says: action, subject, detail."""
        with self.store.read() as connection:
            entries = AuditLog("license").entries(connection, limit=10_000)
        return [(one.action, one.subject, dict(one.detail)) for one in entries]


def token_key() -> tuple[Any, Certificate]:
    """The key with which the bureau signs presentations."""
    office = world().office
    return office.signer, office.certificate
