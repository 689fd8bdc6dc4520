"""The service of seals at work in this process: a register on a database, a seal maker, and the keys of the seals."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from egov_sdk.codes import CodeKind, check_code
from egov_sdk.crypto import Signer, sm3
from egov_sdk.limits import DEFAULT_ASN1_LIMITS
from egov_sdk.ofd import open_ofd
from egov_sdk.pki import Certificate, LocalCA, TrustStore, load_certificates
from egov_sdk.pki.name import Name
from egov_sdk.report import Report
from egov_sdk.seal._verify.facts import gather
from egov_sdk.seal._verify.registered import with_register
from egov_sdk.seal.draw import draw_round_seal
from egov_sdk.seal.make import TimeStamper, make_seal
from egov_sdk.seal.model import SealPicture
from egov_sdk.seal.placement import Placement, Seam
from egov_sdk.seal.policy import Policy
from egov_sdk.seal.problems import refuse
from egov_sdk.seal.records import SealAction, SealRecord, SealRequest, SealState, SealUse
from egov_sdk.seal.register.keys import SealKeys
from egov_sdk.seal.register.register import Filed, SealRegister
from egov_sdk.seal.stamp import stamp
from egov_sdk.seal.verify import verify_facts
from egov_sdk.storage import Store
from egov_sdk.times import aware

__all__ = ["LocalSealService", "SealMaker"]

_LONGEST: Final = timedelta(days=3_660)
_SHORTEST: Final = timedelta(days=1)
_DIGITS: Final = 14

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class SealMaker:
    """Who makes seals here (制章者), and the authority that certifies the keys of their owners."""

    signer: Signer
    certificate: Certificate
    authority: LocalCA = field(repr=False)


class LocalSealService:
    """A SealService on a database of one's own. Threads may share one.

    Args:
        keys: Wraps the keys of the seals made here.
        trust: The anchors by which documents are verified.
        devices: Opens the key of a seal whose owner brought a certificate; None where there are no such seals.
        time_stamper: Time-stamps every stamp.
    """

    def __init__(
        self,
        store: Store,
        *,
        maker: SealMaker,
        keys: SealKeys,
        trust: TrustStore,
        clock: Clock,
        devices: Callable[[SealRecord], Signer] | None = None,
        time_stamper: TimeStamper | None = None,
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self._register = SealRegister(store)
        self._maker, self._keys, self._trust, self._clock = maker, keys, trust, clock
        self._devices, self._time_stamper, self._random = devices, time_stamper, random
        self._register.prepare(at=self._now())

    def make(self, request: SealRequest) -> SealRecord:
        """Have a seal made; see SealService."""
        at = self._now().replace(microsecond=0)
        self._check(request, at)
        seal_id = request.seal_id or self._new_id()
        self._register.check_free(seal_id)
        key = None if request.certificate else self._keys.new()
        if key is not None:
            days = request.lifetime.days + 1
            certificate = self._maker.authority.issue("signer", _subject(request), key.public_key(), at=at, days=days)
        else:
            certificate = load_certificates(request.certificate)[0]
        seal = make_seal(
            name=request.name,
            seal_id=seal_id,
            picture=_picture(request),
            holders=[certificate],
            maker=self._maker.signer,
            maker_certificate=self._maker.certificate,
            created_at=at,
            valid_from=at,
            valid_to=at + request.lifetime,
        )
        wrapped = self._keys.wrap(key, seal_id) if key is not None else None
        return self._register.file(seal, request.owner, certificate=certificate, wrapped_key=wrapped, at=at)

    def find(self, seal_id: str) -> SealRecord:
        """One seal; see SealService."""
        return self._register.find(seal_id).record

    def seals(self, *, owner_code: str = "") -> tuple[SealRecord, ...]:
        """All seals, or those of one owner; see SealService."""
        return self._register.seals(owner_code)

    def act(self, seal_id: str, action: SealAction, *, reason: str, actor: str = "") -> SealRecord:
        """Suspend, resume or revoke a seal; see SealService."""
        return self._register.act(seal_id, action, reason=reason, actor=actor, at=self._now())

    def stamp(
        self, document: bytes, seal_id: str, *, at: Sequence[Placement | Seam], reason: str = "", actor: str = ""
    ) -> bytes:
        """Stamp a document; see SealService."""
        filed, now = self._register.find(seal_id), self._now()
        if filed.record.state is not SealState.VALID:
            raise refuse("seal_not_valid", found=seal_id, state=filed.record.state.value)
        stamped = stamp(
            document,
            seal=filed.record.file,
            signer=self._signer(filed),
            at=at,
            signed_at=now,
            certificate=Certificate.parse(filed.certificate),
            time_stamper=self._time_stamper,
        )
        # a stamp that is not in the log is not given out
        self._register.note_stamp(
            seal_id, at=now, actor=actor, reason=reason, before=sm3(document).hex(), after=sm3(stamped).hex()
        )
        return stamped

    def uses(self, seal_id: str, *, after: int = 0, limit: int = 100) -> tuple[SealUse, ...]:
        """What was done with a seal; see SealService."""
        return self._register.uses(seal_id, after=after, limit=limit)

    def verify(self, document: bytes, *, at: datetime | None = None) -> Report:
        """Verify a sealed document; see SealService."""
        facts = gather(open_ofd(document), asn1_limits=DEFAULT_ASN1_LIMITS)
        report = verify_facts(facts, policy=Policy.standard(trust=self._trust, at=at or self._now()))
        return with_register(report, facts, self._register.of_seal)

    def _signer(self, filed: Filed) -> Signer:
        if filed.wrapped_key is not None:
            return self._keys.unwrap(filed.wrapped_key, filed.record.seal_id)
        if self._devices is None:
            raise refuse("seal_key", found=filed.record.seal_id)
        return self._devices(filed.record)

    def _check(self, request: SealRequest, at: datetime) -> None:
        if request.owner.code and not check_code(request.owner.code, CodeKind.CREDIT_CODE).ok:
            raise refuse("owner_code", found=request.owner.code)
        if not _SHORTEST <= request.lifetime <= _LONGEST:
            raise refuse("lifetime", found=request.lifetime, expected=f"{_LONGEST.days} days")
        ends = self._maker.certificate.not_after
        if at + request.lifetime > ends:
            raise refuse("maker_expires", expected=f"{ends:%Y-%m-%d}")

    def _new_id(self) -> str:
        return str(int.from_bytes(self._random(8), "big") % 10**_DIGITS).zfill(_DIGITS)

    def _now(self) -> datetime:
        return aware(self._clock(), "what the clock gives")


def _subject(request: SealRequest) -> Name:
    owner = request.owner
    code = [("organizationIdentifier", owner.code)] if owner.code else []
    return Name.build([("C", "CN"), ("O", owner.name), *code, ("CN", request.name)])


def _picture(request: SealRequest) -> SealPicture:
    drawing = request.drawing
    if drawing is not None:
        return SealPicture(drawing.data, drawing.format, drawing.width_mm, drawing.height_mm)
    try:
        return draw_round_seal(request.owner.name, lower_text=request.lower_text, dpi=300)
    except ValueError as error:
        raise refuse("picture", found=error) from None
