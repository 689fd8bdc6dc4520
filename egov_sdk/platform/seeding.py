"""What a province begins with, so that it can be tried at once: types, rules, seals, people who can be nobody."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from egov_sdk.codes import CodeKind
from egov_sdk.codes.kinds import Sex
from egov_sdk.codes.specimens import specimen_citizen_number, specimen_credit_code
from egov_sdk.identity import IdentityLevel, IdentityRejected
from egov_sdk.identity.model import AgentRole, IdDocument
from egov_sdk.license.catalogue import LicenseType
from egov_sdk.license.metadata import Authority, LicenseHolder
from egov_sdk.license.model import LicenseDraft
from egov_sdk.license.register.access import AccessRule
from egov_sdk.license.samples import sample_type
from egov_sdk.seal.problems import SealRejected
from egov_sdk.seal.records import SealOwner, SealRequest

if TYPE_CHECKING:
    from egov_sdk.door.office import LocalOffice
    from egov_sdk.license.face.samples import SampleName

__all__ = [
    "HALL",
    "ITEM_CODE",
    "MARKET",
    "SeededPerson",
    "company_draft",
    "person_draft",
    "seed_office",
    "seeded_people",
]

#: The department that asks for licences.
HALL: Final = Authority(name="样例市政务服务大厅", code=specimen_credit_code(2, prefix="11").number)
#: The department beside the office, to which messages can be sent.
MARKET: Final = Authority(name="样例市市场监督管理局", code=specimen_credit_code(4, prefix="11").number)
#: The service item for which the hall may.
ITEM_CODE: Final = "000164001000"
_NAMES: Final = ("赵样例", "钱样例", "孙样例", "李样例", "周样例", "吴样例")
_COMPANY: Final = "样例市样例食品有限公司"
_TYPES: Final[tuple[SampleName, ...]] = ("business_permit", "person_certificate", "multi_page_permit")
_BASIS: Final = "样例市证照共享应用管理办法"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeededPerson:
    """Somebody who can be nobody."""

    name: str
    login: str
    number: str = field(repr=False)
    sex: Sex


def seeded_people() -> tuple[SeededPerson, ...]:
    """The people that a province begins with; their numbers can belong to nobody."""
    found = []
    for index, name in enumerate(_NAMES):
        sex = Sex.MALE if index % 2 else Sex.FEMALE
        number = specimen_citizen_number(100 + index, sex=sex).number
        found.append(SeededPerson(name=name, login=f"test{index + 1}", number=number, sex=sex))
    return tuple(found)


def seed_office(office: LocalOffice, *, password: str, at: datetime) -> None:
    """Put in what is not there yet; what is there stays as it is.

    Args:
        password: of all the people.
        at: when the two licences are issued, if there is none.
    """
    kinds = _types(office)
    _people(office, password)
    _seals(office)
    if not any(one.count for one in office.license.statistics()):
        first = seeded_people()[0]
        office.license.issue(company_draft(kinds[0], number="YX0001", at=at))
        office.license.issue(person_draft(kinds[1], number="YX0002", at=at, name=first.name, code=first.number))


def company_draft(
    kind: LicenseType, *, number: str, at: datetime, name: str = _COMPANY, code: str = ""
) -> LicenseDraft:
    """A permit for a company that can be none.

    Args:
        kind: the type ``business_permit``.
    """
    return LicenseDraft(
        type_code=kind.code,
        number=number,
        holders=(LicenseHolder(name=name, code=code or specimen_credit_code(1).number, type_code="001"),),
        issued_on=_day(at),
        valid_from=_day(at),
        valid_until=_day(at, years=5),
        fields={
            "法定代表人": _NAMES[0],
            "住所": "样例市样例区样例路1号",
            "主体业态": "食品销售经营者",
            "经营项目": "预包装食品销售",
        },
    )


def person_draft(kind: LicenseType, *, number: str, at: datetime, name: str, code: str) -> LicenseDraft:
    """A certificate for somebody.

    Args:
        kind: the type ``person_certificate``.
    """
    return LicenseDraft(
        type_code=kind.code,
        number=number,
        holders=(LicenseHolder(name=name, code=code, type_code="111"),),
        issued_on=_day(at),
        valid_from=_day(at),
        valid_until=_day(at, years=3),
        fields={"性别": "女", "资格名称": "安全生产管理人员", "级别": "二级"},
        pictures={"照片": _photo()},
    )


def _types(office: LocalOffice) -> tuple[LicenseType, ...]:
    authority = Authority(name=office.secrets.name, code=office.secrets.code)
    kinds = tuple(sample_type(name, defined_by=authority) for name in _TYPES)
    register = office.license.register
    for kind in kinds:
        if kind.code not in register.types.known():
            register.types.add(kind)
    if not register.access.rules():
        for kind in kinds:
            rule = AccessRule(requester=HALL.code, type_code=kind.code, item_code=ITEM_CODE, legal_basis=_BASIS)
            register.access.add(rule)
    return kinds


def _people(office: LocalOffice, password: str) -> None:
    accounts = office.provider.accounts
    for one in seeded_people():
        document = IdDocument(kind=CodeKind.CITIZEN_NUMBER, number=one.number)
        _unless_there(
            lambda one=one, document=document: accounts.add_person(  # type: ignore[misc]
                one.name, document, level=IdentityLevel.REAL_PERSON, login=one.login, password=password
            )
        )
    company = IdDocument(kind=CodeKind.CREDIT_CODE, number=specimen_credit_code(1).number)
    _unless_there(lambda: accounts.add_organization(_COMPANY, company))
    organization, person = accounts.find(company), accounts.by_login(seeded_people()[0].login)
    if organization is not None and person is not None:
        accounts.allow_agent(organization.id, person.id, role=AgentRole.LEGAL_REPRESENTATIVE)


def _unless_there(add: Callable[[], object]) -> None:
    try:
        add()
    except IdentityRejected as refused:
        if refused.problem not in ("account_duplicate", "login_taken"):
            raise


def _seals(office: LocalOffice) -> None:
    _ = office.license_seal
    owner = SealOwner(name=office.secrets.name, code=office.secrets.code)
    try:
        office.seal.make(SealRequest(name=owner.name, owner=owner, seal_id=f"{owner.code}002"))
    except SealRejected as refused:
        if refused.problem != "seal_taken":
            raise


def _day(at: datetime, *, years: int = 0) -> date:
    # the first of the month exists in every year
    return date(at.year + years, at.month, 1)


def _photo() -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (90, 120), (120, 132, 150)).save(out, "PNG")
    return out.getvalue()
