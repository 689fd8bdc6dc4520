"""The second half of the demo: a licence issued, shown, scanned without a network, revoked, and refused from then on.

As ``demo``, it uses what every program can import, keeps everything in memory, and touches no file.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from egov_sdk.cli.demo import BUREAU, People
from egov_sdk.codes.specimens import specimen_credit_code
from egov_sdk.license.catalogue import LicenseType
from egov_sdk.license.local import LocalLicenseService
from egov_sdk.license.metadata import Authority, LicenseHolder
from egov_sdk.license.model import License, LicenseDraft, Presentation
from egov_sdk.license.present import (
    Expected,
    PresentationPolicy,
    check_presentation,
    read_status_list,
)
from egov_sdk.license.present.qr import draw_qr
from egov_sdk.license.register import RegisterKeys
from egov_sdk.license.samples import sample_type
from egov_sdk.license.sealing import LocalSealer
from egov_sdk.license.states import LicenseAction
from egov_sdk.pki import TrustStore
from egov_sdk.report import Report
from egov_sdk.seal import ElectronicSeal
from egov_sdk.storage import Store, open_store

__all__ = ["AUDIENCE", "LicenseDemo", "issue_license", "open_register", "play_license", "scan"]

#: The only verifier that may accept the code.
AUDIENCE = "gate-7"
COMPANY = LicenseHolder(name="示例食品有限公司", code=specimen_credit_code(2, prefix="91").number, type_code="001")
_SHOWN_FOR = timedelta(seconds=120)


@dataclass(frozen=True, slots=True)
class LicenseDemo:
    """Everything that came out: the licence, its code, and what a verifier said before and after."""

    license_type: LicenseType
    license: License
    shown: Presentation
    picture: bytes
    register_report: Report
    scan_report: Report
    list_after: bytes = field(repr=False)
    revoked_report: Report
    rescan_report: Report


def play_license(people: People, seal: ElectronicSeal, *, at: datetime) -> LicenseDemo:
    """Do all of it, as at one moment.

    Raises:
        ValueError: ``at`` is naive.
    """
    with open_store("sqlite://") as store:
        licenses = open_register(store, people, seal, at=at)
        license_type = sample_type("business_permit", defined_by=licenses.register.authority)
        licenses.register.types.add(license_type)
        license_ = issue_license(licenses, license_type, at=at)
        shown = licenses.present(license_.identifier, audience=AUDIENCE, lifetime=_SHOWN_FOR)
        before = licenses.status_list(license_type.code)
        verified = licenses.verify(license_.file)
        licenses.act(license_.identifier, LicenseAction.REVOKE, reason="演示吊销")
        after = licenses.status_list(license_type.code)
        return LicenseDemo(
            license_type=license_type,
            license=license_,
            shown=shown,
            picture=draw_qr(shown.token).octets,
            register_report=verified,
            scan_report=scan(shown.token, before, people=people, type_code=license_type.code, at=at),
            list_after=after,
            revoked_report=licenses.verify(license_.file),
            rescan_report=scan(shown.token, after, people=people, type_code=license_type.code, at=at),
        )


def open_register(store: Store, people: People, seal: ElectronicSeal, *, at: datetime) -> LocalLicenseService:
    """Open the bureau's register of licences on a database: it seals with the bureau's seal."""
    return LocalLicenseService(
        store,
        authority=Authority(name=BUREAU, code=specimen_credit_code(1, prefix="11").number),
        sealers={"issuer": LocalSealer(seal, people.bureau_key, people.bureau)},
        keys=RegisterKeys.generate(random=os.urandom),
        trust=TrustStore([people.root.certificate]),
        signer=people.bureau_key,
        certificate=people.bureau,
        clock=lambda: at,
    )


def issue_license(licenses: LocalLicenseService, license_type: LicenseType, *, at: datetime) -> License:
    """Issue a licence to a company: identifier, face, seal and record in one step."""
    draft = LicenseDraft(
        type_code=license_type.code,
        number=f"YB{at.year}000001",
        holders=(COMPANY,),
        issued_on=at.date(),
        valid_from=at.date(),
        valid_until=at.date() + timedelta(days=5 * 365),
        fields={
            "法定代表人": "李四",
            "住所": "示例市示例路 1 号",
            "主体业态": "食品销售经营者",
            "经营项目": "预包装食品销售",
        },
    )
    return licenses.issue(draft, request_id="demo")


def scan(text: str, status_list: bytes, *, people: People, type_code: str, at: datetime) -> Report:
    """Check a code as the gate would: without a network, by the root's certificate and a list fetched before."""
    trust = TrustStore([people.root.certificate])
    policy = PresentationPolicy.of(people.bureau, type_codes=[type_code], trust=trust)
    asked = Expected(audience=AUDIENCE, type_code=type_code)
    listed = read_status_list(status_list)
    return check_presentation(text, policy=policy, at=at, status_lists=[listed], expected=asked).report
