"""Presentations (亮证), status lists (状态列表) and annotated copies (加注件): what a register signs and hands out."""

from __future__ import annotations

import hmac
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Final

from egov_sdk.crypto import InvalidSignature, Signer, SM2PublicKey, sm3
from egov_sdk.license.catalogue import FieldKind, LicenseType
from egov_sdk.license.copies import annotate
from egov_sdk.license.identifier import LicenseIdentifier
from egov_sdk.license.metadata import Authority, CopyNote
from egov_sdk.license.model import (
    AnnotatedCopy,
    HolderChallenge,
    LicenseRecord,
    LicenseRef,
    Presentation,
    Standing,
    Use,
    UseGround,
    read_identifier,
)
from egov_sdk.license.present.attestation import HolderCredential, attest, verify_holder_key
from egov_sdk.license.present.fields import TYPE_PREFIX, items_of
from egov_sdk.license.present.status_list import sign_status_list
from egov_sdk.license.present.token import sign_presentation
from egov_sdk.license.problems import LicenseRejected, refuse
from egov_sdk.license.register.desk import Desk
from egov_sdk.license.register.places import PlaceDesk
from egov_sdk.license.register.rows import holders_of, record_at, record_of
from egov_sdk.license.register.types import type_at
from egov_sdk.license.register.uses import UseDesk
from egov_sdk.license.sealing import Sealer
from egov_sdk.license.states import StatusEntry
from egov_sdk.pki import Certificate
from egov_sdk.storage.sql import Connection
from egov_sdk.times import BEIJING, day_in_beijing

__all__ = ["CopyDesk", "ShowDesk", "TokenKey"]

#: Of a challenge: when it ends, what was drawn, and the keyed digest; 32 octets in all.
_END: Final = 8
_DRAWN: Final = 8
_TAG: Final = 16
_ALWAYS: Final = ("type_name", "holder_name", "valid_from", "valid_until")


@dataclass(frozen=True, slots=True)
class TokenKey:
    """With what presentations and status lists are signed; verifiers trust its certificate for these types."""

    signer: Signer = field(repr=False)
    certificate: Certificate


class ShowDesk:
    """Signs what holders show and what verifiers keep."""

    def __init__(self, desk: Desk, key: TokenKey, places: PlaceDesk) -> None:
        self._desk, self._key, self._places = desk, key, places

    def present(
        self,
        identifier: LicenseRef,
        *,
        audience: str,
        lifetime: timedelta,
        fields: tuple[str, ...] | None,
        at: datetime,
    ) -> Presentation:
        """A presentation, signed by the issuer."""
        longest = self._desk.settings.longest_presentation
        if not timedelta(seconds=1) <= lifetime <= longest:
            found, expected = int(lifetime.total_seconds()), int(longest.total_seconds())
            raise refuse("lifetime", expected=expected, found=found)
        one = read_identifier(identifier)
        with self._desk.store.write() as connection:
            row = record_at(connection, one)
            if row is None:
                raise refuse("license_unknown")
            record = record_of(self._desk.vault, row)
            _check_standing(record, at)
            shown = _shown(record, type_at(connection, one.type_code), fields)
            status = self._places.of(connection, one, series=row["id"])
            detail = {"fields": sorted(shown), "audience": audience}
            self._desk.note(connection, "license.presented", at=at, actor="holder", subject=str(one), detail=detail)
        signed = sign_presentation(
            one.type_code,
            shown,
            status=status,
            signer=self._key.signer,
            at=at,
            lifetime=lifetime,
            not_after=_end_of(record),
            audience=audience,
            random=self._desk.random,
        )
        return Presentation(token=signed.text, expires_at=signed.expires_at, audience=audience)

    def challenge(self, identifier: LicenseRef, *, holder_code: str) -> HolderChallenge:
        """What a holder's device is to sign: an end, random octets, and a keyed digest of both, licence and holder."""
        at, one = self._desk.now(), read_identifier(identifier)
        with self._noting_refusals(one, at=at), self._desk.store.read() as connection:
            self._held(connection, one, holder_code, at=at)
        until = (at + self._desk.settings.challenge_time).replace(microsecond=0)
        head = int(until.timestamp()).to_bytes(_END, "big") + self._desk.random(_DRAWN)
        return HolderChallenge(value=head + self._tag(head, one, holder_code), expires_at=until)

    def attest(
        self,
        identifier: LicenseRef,
        *,
        holder_code: str,
        holder_key: SM2PublicKey,
        challenge: bytes,
        proof: bytes,
        lifetime: timedelta,
    ) -> HolderCredential:
        """A credential for a key on the holder's device, with everything that the holder may ever show."""
        at, longest, one = self._desk.now(), self._desk.settings.longest_credential, read_identifier(identifier)
        if not timedelta(seconds=1) <= lifetime <= longest:
            raise refuse("lifetime", expected=int(longest.total_seconds()), found=int(lifetime.total_seconds()))
        with self._noting_refusals(one, at=at), self._desk.store.write() as connection:
            self._check_proof(one, holder_code, holder_key, challenge=challenge, proof=proof, at=at)
            series, record = self._held(connection, one, holder_code, at=at)
            status = self._places.of(connection, one, series=series)
            detail = {"key": sm3(holder_key.point).hex(), "holder": self._desk.vault.holder(holder_code).hex()}
            self._desk.note(connection, "license.attested", at=at, actor="holder", subject=str(one), detail=detail)
        ends = _end_of(record)
        return attest(
            one.type_code,
            items_of(record.metadata),
            holder_key=holder_key,
            status=status,
            signer=self._key.signer,
            valid_from=at,
            valid_until=at + lifetime if ends is None else min(at + lifetime, ends),
            random=self._desk.random,
        )

    def _held(
        self, connection: Connection, one: LicenseIdentifier, holder_code: str, *, at: datetime
    ) -> tuple[int, LicenseRecord]:
        """The series and the record of a licence in force that this holder holds."""
        row = record_at(connection, one)
        if row is None:
            raise refuse("license_unknown")
        if self._desk.vault.holder(holder_code) not in holders_of(connection, row["id"]):
            raise refuse("attest_holder")
        record = record_of(self._desk.vault, row)
        _check_standing(record, at)
        return row["id"], record

    def _tag(self, head: bytes, one: LicenseIdentifier, holder_code: str) -> bytes:
        holder = self._desk.vault.holder(holder_code).hex()
        return self._desk.vault.digest("challenge", head.hex(), str(one), holder)[:_TAG]

    def _check_proof(
        self,
        one: LicenseIdentifier,
        holder_code: str,
        key: SM2PublicKey,
        *,
        challenge: bytes,
        proof: bytes,
        at: datetime,
    ) -> None:
        head, tag = challenge[: _END + _DRAWN], challenge[_END + _DRAWN :]
        if not hmac.compare_digest(tag, self._tag(head, one, holder_code)):
            raise refuse("attest_challenge")
        if at.timestamp() >= int.from_bytes(head[:_END], "big"):
            raise refuse("attest_expired")
        try:
            verify_holder_key(key, proof, challenge=challenge)
        except InvalidSignature:
            raise refuse("attest_proof") from None

    @contextmanager
    def _noting_refusals(self, one: LicenseIdentifier, *, at: datetime) -> Iterator[None]:
        """Write into the audit log that a credential was asked for in vain."""
        try:
            yield
        except LicenseRejected as error:
            with self._desk.store.write() as connection:
                detail = {"problem": error.problem}
                self._desk.note(connection, "attest.refused", at=at, actor="holder", subject=str(one), detail=detail)
            raise

    def status_of(self, identifier: LicenseRef) -> StatusEntry:
        """Where the status list of its type speaks of a version; a place is drawn for it if it has none.

        Raises:
            LicenseRejected: license_unknown.
        """
        one = read_identifier(identifier)
        with self._desk.store.write() as connection:
            row = record_at(connection, one)
            if row is None:
                raise refuse("license_unknown")
            return self._places.of(connection, one, series=row["id"])

    def status_list(self, type_code: str, *, at: datetime) -> bytes:
        """The list of a type as it is now; a later one has a higher number, and what it says is later too."""
        with self._desk.store.write() as connection:
            type_at(connection, type_code)
            row = self._places.next_list(connection, type_code, at=at)
            found = self._places.states(connection, row["list_id"])
        return sign_status_list(
            found,
            list_id=row["list_id"],
            size=row["size"],
            sequence=row["sequence"],
            signer=self._key.signer,
            certificate=self._key.certificate,
            at=at,
            lifetime=self._desk.settings.status_time,
        )


class CopyDesk:
    """Makes annotated copies, each for one use."""

    def __init__(self, desk: Desk, uses: UseDesk, sealer: Sealer) -> None:
        self._desk, self._uses, self._sealer = desk, uses, sealer

    def copy(self, identifier: LicenseRef, *, use: Use, requester: Authority, valid_until: datetime) -> AnnotatedCopy:
        """A copy marked with what for, for whom and until when; the original stays untouched."""
        at, longest = self._desk.now(), self._desk.settings.longest_copy
        if not timedelta() < self._desk.now(valid_until) - at <= longest:
            raise refuse("copy_term", expected=longest.days)
        with self._uses.noting_refusals(use, identifier, at=at):
            if use.ground is not UseGround.OWNER and requester.code != use.requester.code:
                raise refuse("copy_requester")
            with self._desk.store.read() as connection:
                opened = self._uses.open(connection, identifier, use, at=at)
                original = self._uses.license_of(connection, opened.row)
            _check_standing(original, at)
            note = CopyNote(made_at=at, maker=self._desk.authority.name, cause=use.purpose, valid_until=valid_until)
            file = annotate(original.file, note=note, requester=requester, sealer=self._sealer, at=at)
            copy_id = self._desk.new_id()
            whom = self._uses.named(requester.code)
            with self._desk.store.write() as connection:
                subject = str(opened.identifier)
                self._uses.note(connection, "use.copy", use, opened.access, at=at, subject=subject)
                detail = {"copy": copy_id, "for": whom, "file": sm3(file).hex(), "until": valid_until.isoformat()}
                self._desk.note(
                    connection, "copy.made", at=at, actor=use.operator or "-", subject=subject, detail=detail
                )
        return AnnotatedCopy(
            copy_id=copy_id,
            identifier=opened.identifier,
            purpose=use.purpose,
            requester=requester,
            made_at=at,
            valid_until=valid_until,
            file=file,
        )


def _check_standing(record: LicenseRecord, at: datetime) -> None:
    standing = record.standing(day_in_beijing(at))
    if standing is not Standing.IN_FORCE:
        raise refuse("not_in_force", standing=standing.value)


def _end_of(record: LicenseRecord) -> datetime | None:
    """The moment after the last day of its term."""
    until = record.metadata.valid_until
    return None if until is None else datetime.combine(until + timedelta(days=1), time(), BEIJING)


def _shown(record: LicenseRecord, license_type: LicenseType, fields: tuple[str, ...] | None) -> Mapping[str, str]:
    """The items to be shown: those that were chosen, or those that the type says."""
    there = items_of(record.metadata)
    if fields is None:
        own = (one for one in license_type.fields if one.disclosed and one.kind is not FieldKind.PICTURE)
        wanted = [*_ALWAYS, *(TYPE_PREFIX + one.name for one in own)]
        return {name: there[name] for name in wanted if name in there}
    chosen = {}
    for name in fields:
        found = name if name in there else TYPE_PREFIX + name
        if found not in there:
            raise refuse("field_not_there", element=name)
        chosen[found] = there[found]
    return chosen
