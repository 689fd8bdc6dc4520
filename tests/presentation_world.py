"""An authority that shows licences, a holder with a key, another authority beneath the same CA, and a verifier."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from egov_sdk.crypto import SM2PrivateKey
from egov_sdk.identity.trusting import CertificateTrust
from egov_sdk.license.present import (
    Expected,
    HolderCredential,
    LicenseIssuer,
    PresentationPolicy,
    PresentationResult,
    StatusEntry,
    StatusList,
    attest,
    check_presentation,
    read_status_list,
    sign_presentation,
    sign_status_list,
)
from egov_sdk.license.states import LicenseState
from egov_sdk.pki import Certificate, TrustStore
from egov_sdk.report import Outcome
from tests.world import NOW, seeded, world

__all__ = [
    "FIELDS",
    "LIST_ID",
    "NOW",
    "OTHER_TYPE",
    "PLACE",
    "TYPE",
    "VERIFIER",
    "Scene",
    "assert_only",
    "scene",
    "seeded",
]

TYPE = "11100000000013338W011"
OTHER_TYPE = "11100000000013338W032"
VERIFIER = "91430100MA4Q5K7T3X"
LIST_ID = 3
PLACE = 70_123
FIELDS = {
    "holder_name": "张三",
    "number": "湘建安C(2023)0000403",
    "valid_until": "2029-06-01",
    "identifier": f"1.2.156.3005.2.{TYPE}.11430000006122244L.20230000403.001.U",
    "holder_code": "890000199001010152",
    "name": "建筑施工企业安全生产管理人员考核合格证书",
    "issuer_name": "示例省住房和城乡建设厅",
    "KZ_工种": "电工",
}


@dataclass(frozen=True)
class Scene:
    """Keys and certificates, and short ways to make and check what is shown."""

    key: SM2PrivateKey
    certificate: Certificate
    rival_key: SM2PrivateKey
    rival_certificate: Certificate
    stranger_key: SM2PrivateKey
    stranger_certificate: Certificate
    holder: SM2PrivateKey
    trust: TrustStore

    def policy(
        self,
        *,
        trust: TrustStore | None = None,
        certificates: Iterable[Certificate] = (),
        holder_key: bool = False,
        bound: bool = False,
        max_life: timedelta = timedelta(minutes=10),
        status_max_age: timedelta = timedelta(hours=24),
    ) -> PresentationPolicy:
        return PresentationPolicy(
            trusting=CertificateTrust(trust=self.trust if trust is None else trust),
            issuers=(
                LicenseIssuer(subjects=frozenset({self.certificate.subject.text}), type_codes=frozenset({TYPE})),
                LicenseIssuer(
                    subjects=frozenset({self.rival_certificate.subject.text}), type_codes=frozenset({OTHER_TYPE})
                ),
            ),
            certificates=(self.certificate, self.rival_certificate, self.stranger_certificate, *certificates),
            holder_key=holder_key,
            bound=bound,
            max_life=max_life,
            status_max_age=status_max_age,
        )

    def token(
        self,
        *,
        fields: Mapping[str, str] = FIELDS,
        type_code: str = TYPE,
        signer: SM2PrivateKey | None = None,
        at: datetime = NOW,
        lifetime: timedelta = timedelta(seconds=120),
        audience: str = VERIFIER,
        nonce: bytes | None = b"challenge",
        list_id: int = LIST_ID,
        index: int = PLACE,
    ) -> str:
        return sign_presentation(
            type_code,
            fields,
            status=StatusEntry(list_id, index),
            signer=signer or self.key,
            at=at,
            lifetime=lifetime,
            audience=audience,
            nonce=nonce,
            random=seeded("nonce"),
        ).text

    def credential(
        self,
        *,
        fields: Mapping[str, str] = FIELDS,
        holder: SM2PrivateKey | None = None,
        signer: SM2PrivateKey | None = None,
        days: float = 30,
        seed: str = "salts",
    ) -> HolderCredential:
        return attest(
            TYPE,
            fields,
            holder_key=(holder or self.holder).public_key(),
            status=StatusEntry(LIST_ID, PLACE),
            signer=signer or self.key,
            valid_from=NOW - timedelta(days=1),
            valid_until=NOW + timedelta(days=days),
            random=seeded(seed),
        )

    def shown(
        self,
        *show: str,
        credential: HolderCredential | None = None,
        at: datetime = NOW,
        audience: str = VERIFIER,
        nonce: bytes | None = b"challenge",
    ) -> str:
        made = (credential or self.credential()).present(
            show=show, signer=self.holder, at=at, audience=audience, nonce=nonce, random=seeded("nonce")
        )
        return made.text

    def status_list(
        self,
        states: Mapping[int, LicenseState] | None = None,
        *,
        at: datetime = NOW - timedelta(hours=1),
        sequence: int = 7,
        list_id: int = LIST_ID,
        signer: SM2PrivateKey | None = None,
        certificate: Certificate | None = None,
        lifetime: timedelta = timedelta(days=2),
        size: int = 1 << 17,
    ) -> StatusList:
        return read_status_list(
            sign_status_list(
                states or {},
                list_id=list_id,
                sequence=sequence,
                signer=signer or self.key,
                certificate=certificate or self.certificate,
                at=at,
                lifetime=lifetime,
                size=size,
            )
        )

    def check(
        self,
        text: str,
        *,
        policy: PresentationPolicy | None = None,
        at: datetime = NOW + timedelta(seconds=10),
        status_lists: Iterable[StatusList] | None = None,
        remembered: Mapping[str, int] | None = None,
        expected: Expected | None = None,
    ) -> PresentationResult:
        return check_presentation(
            text,
            policy=policy or self.policy(),
            at=at,
            status_lists=[self.status_list()] if status_lists is None else status_lists,
            remembered=remembered or {},
            expected=expected or Expected(audience=VERIFIER),
        )


def assert_only(result: PresentationResult, check_id: str, reason: str, outcome: Outcome = Outcome.FAILED) -> None:
    """The report says no, for this reason, and nothing else required failed."""
    found = [(check.id, check.reason) for check in result.report.blocking if check.outcome is outcome]
    assert found == [(check_id, reason)]
    assert result.report.outcome is outcome


@lru_cache(maxsize=1)
def scene() -> Scene:
    """The same scene every time."""
    made, known = world(), NOW - timedelta(days=50)
    rival = SM2PrivateKey.generate(random=seeded("rival"))
    return Scene(
        key=made.office.signer,
        certificate=made.office.certificate,
        rival_key=rival,
        rival_certificate=made.office.ca.issue("signer", "Rival Bureau", rival.public_key(), at=known, days=500),
        stranger_key=made.stranger.signer,
        stranger_certificate=made.stranger.certificate,
        holder=SM2PrivateKey.generate(random=seeded("holder")),
        trust=made.trust,
    )
