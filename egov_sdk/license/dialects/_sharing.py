"""What a client asks of a sharing service, as flows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from egov_sdk.codes.holders import suggest_holder_type
from egov_sdk.crypto import sm3
from egov_sdk.errors import EgovError, InputError, NotOffered, PlatformRejected
from egov_sdk.gateway.messages import Flow, Request, ask
from egov_sdk.license.catalogue import LicenseType
from egov_sdk.license.dialects._rows import further_items, malformed, metadata_row, read_metadata_row, row_values
from egov_sdk.license.dialects._sharing_wire import Line, rows_of
from egov_sdk.license.dialects._showing import Showing
from egov_sdk.license.dialects.flows import LicenseFlows
from egov_sdk.license.directory import parse_license_type_pairs
from egov_sdk.license.identifier import LicenseIdentifier
from egov_sdk.license.metadata import Authority, LicenseMetadata
from egov_sdk.license.model import (
    BegunShowing,
    DownloadTicket,
    License,
    LicensePage,
    LicenseRecord,
    LicenseRef,
    ShownLicense,
    Use,
    UseGround,
    read_identifier,
)
from egov_sdk.license.policy import LicensePolicy
from egov_sdk.license.present.online import ShowingState
from egov_sdk.license.problems import LicenseRejected, refuse
from egov_sdk.license.reading import read_license_file
from egov_sdk.license.state_codes import ANSWER_CODES, read_answer
from egov_sdk.license.states import CheckAnswer, LicenseState
from egov_sdk.license.verify import verify
from egov_sdk.license.wire.national import ServiceName
from egov_sdk.problems import shown
from egov_sdk.report import Report

__all__ = ["Checking", "SharingFlows"]

_FILE_BYTES: Final = 64 << 20
_ZIP: Final = b"PK"
_PAGE_SIZE: Final = 500
_CHECK_USE: Final = Use(requester=Authority(name="-", code="-"), purpose="证照查验")
_TYPE_NAMES: Final = {
    "certificateType": "CertificateTypeName",
    "certificateTypeCode": "CertificateTypeCode",
    "certificateDefineAuthorityName": "CertificateDefineAuthorityName",
    "certificateDefineAuthorityCode": "CertificateDefineAuthorityCode",
    "certificateDefineDeptLevel": "CertificateDefineAuthorityLevel",
    "certificateIssueDeptLevel": "CertificateIssuingAuthorityLevel",
    "certificateHolderCategory": "CertificateHolderCategory",
    "validityRange": "ValidityRange",
}
_STATES: Final[Mapping[CheckAnswer, LicenseState]] = {
    CheckAnswer.INACTIVE: LicenseState.INACTIVE,
    CheckAnswer.SUSPENDED: LicenseState.SUSPENDED,
    CheckAnswer.ENDED: LicenseState.LAPSED,
}


@dataclass(frozen=True, slots=True)
class Checking:
    """How files are verified here: by which demands, and with the templates of which types."""

    policy: Callable[[datetime], LicensePolicy]
    types: Iterable[LicenseType] = ()


@dataclass(frozen=True, slots=True)
class _Answered:
    """A register whose one answer is there already."""

    record: LicenseRecord | None
    error: EgovError | None = None

    def find(self, identifier: LicenseIdentifier) -> LicenseRecord | None:
        if self.error is not None:
            raise self.error
        return self.record


class SharingFlows(LicenseFlows):
    """The operations that a sharing service has."""

    def __init__(
        self,
        line: Line,
        *,
        clock: Callable[[], datetime],
        system: str = "",
        files_at: tuple[str, ...] = (),
        checking: Checking | None = None,
    ) -> None:
        super().__init__(line.profile.name)
        self._line, self._profile, self._clock = line, line.profile, clock
        self._system, self._files_at, self._checking = system, files_at, checking
        self._showing = Showing(line, clock, system)

    # ------------------------------------------------------------------ asking

    def _ask(self, service: ServiceName, question: Mapping[str, object], use: Use, *, found: str = "-") -> Flow[object]:
        if use.ground is not UseGround.FUNCTION:
            self.not_offered(f"uses on the ground {use.ground.value}", "its interface has no place for a consent")
        told = self._profile.told_use(use, system=self._system)
        answer = yield from ask(self._line.request(service, {**question, **told}))
        facts = {"found": found, "requester": use.requester.code, "item": use.item_code or "-"}
        return self._line.data(answer, facts)

    def _one(self, service: ServiceName, question: Mapping[str, object], use: Use) -> Flow[Mapping[str, object]]:
        rows = rows_of(self._profile, (yield from self._ask(service, question, use)))
        if not rows:
            raise refuse("license_unknown")
        if len(rows) > 1:
            malformed(f"the answer has {len(rows)} licences, one was asked for")
        return rows[0]

    def _named(self, **values: str) -> dict[str, str]:
        """Items of a question under the platform's names; what it has no name for, or is empty, is left out."""
        names = self._profile.names
        return {names[key]: value for key, value in values.items() if value and key in names}

    # ------------------------------------------------------------------ types

    def types(self) -> Flow[tuple[LicenseType, ...]]:
        """The list of types; without further items and templates, which the interface does not have."""
        rows = rows_of(self._profile, (yield from self._ask("types", {}, _CHECK_USE)))
        found = []
        for row in rows:
            pairs = {_TYPE_NAMES[name]: value for name, value in row_values(row).items() if name in _TYPE_NAMES}
            try:
                found.append(parse_license_type_pairs(pairs))
            except (InputError, ValueError) as error:
                malformed(f"a type in the answer cannot be read: {shown(error)}")
        return tuple(sorted(found, key=lambda one: one.code))

    # ------------------------------------------------------------------ licences

    def search(
        self,
        holder_code: str,
        *,
        use: Use,
        type_code: str,
        states: frozenset[LicenseState] | None,
        page: str,
        page_size: int,
    ) -> Flow[LicensePage]:
        """All licences of a holder, cut into pages here: the interface has none."""
        start = self._start(page, page_size)
        if states is not None:
            self.not_offered("a search by state", "rows do not tell the state: get each")
        if self._profile.needs_type and not type_code:
            self.not_offered("a search over all types", "give a type_code")
        code = holder_code.strip()
        if not code:
            raise refuse("holder_code")
        kind = suggest_holder_type(code)
        question = self._named(holder_code=code, holder_type_code=kind.code if kind else "", type_code=type_code)
        try:
            data = yield from self._ask("search", question, use, found=type_code)
        except LicenseRejected as error:
            if error.problem != "license_unknown":
                raise
            return LicensePage(records=())
        read = [self._metadata(row) for row in rows_of(self._profile, data)]
        if any(not _held_by(one, code) or (type_code and one.type_code != type_code) for one in read):
            malformed("the answer has a licence that was not asked for")
        read.sort(key=lambda one: (one.issued_on, str(one.identifier)), reverse=True)
        records = tuple(self._record(one, LicenseState.UNKNOWN) for one in read[start : start + page_size])
        end = start + page_size
        return LicensePage(records=records, next_page=str(end) if end < len(read) else "")

    def _start(self, page: str, page_size: int) -> int:
        if not 1 <= page_size <= _PAGE_SIZE:
            raise refuse("page_size", expected=_PAGE_SIZE, found=page_size)
        if page and not (page.isascii() and page.isdecimal() and len(page) < 8):
            raise refuse("page_unknown")
        return int(page or "0")

    def get(self, identifier: LicenseRef, use: Use) -> Flow[License]:
        """The data, then the file; only what is in force is given, everything else is refused as not_in_force."""
        found = yield from self._got(read_identifier(identifier), use)
        _check_file(found)
        return found

    def _got(self, one: LicenseIdentifier, use: Use) -> Flow[License]:
        """As get, whatever the file says itself."""
        metadata = yield from self._data(one, use)
        ticket = yield from self.download_ticket(one, use)
        file = yield from self.download(ticket.value, requester=use.requester.code)
        record = self._record(metadata, LicenseState.VALID)
        return License(**{**dict(record), "file_digest": sm3(file).hex(), "file": file})

    def get_by_holder(self, holder_code: str, *, type_name: str, number: str, use: Use) -> Flow[License]:
        """As get, by what stands on the licence."""
        question = self._named(holder_code=holder_code.strip(), type_name=type_name, number=number)
        metadata = self._metadata((yield from self._one("data_by_holder", question, use)))
        if not _held_by(metadata, holder_code) or metadata.number != number:
            malformed("the answer has a licence that was not asked for")
        return (yield from self.get(metadata.identifier, use))

    def _data(self, identifier: LicenseIdentifier, use: Use) -> Flow[LicenseMetadata]:
        row = yield from self._one("data", self._named(identifier=str(identifier)), use)
        metadata = self._metadata(row)
        if metadata.identifier != identifier:
            malformed("the answer has a licence that was not asked for")
        return metadata

    def _metadata(self, row: Mapping[str, object]) -> LicenseMetadata:
        fields = further_items(row.get("surface"), name="name", value="value")
        return read_metadata_row(row, platform=self._profile.fields, fields=fields)

    def _record(self, metadata: LicenseMetadata, state: LicenseState, *, digest: str = "") -> LicenseRecord:
        """A record as of now: the interface tells neither when it changed nor whether there is a later version."""
        return LicenseRecord(
            metadata=metadata,
            state=state,
            updated_at=self._clock(),
            latest_version=metadata.version,
            file_digest=digest,
        )

    # ------------------------------------------------------------------ files

    def download_ticket(self, identifier: LicenseRef, use: Use) -> Flow[DownloadTicket]:
        """Where the file waits: the address that the platform gives is the ticket."""
        row = yield from self._one("file", self._named(identifier=str(read_identifier(identifier))), use)
        texts = row_values(row)
        told = next((texts[name] for name in ("certificateID", "certIdentifier") if name in texts), "")
        if told and told != str(read_identifier(identifier)):
            malformed("the answer has the file of a licence that was not asked for")
        if (form := texts.get("fileFormat", "ofd").lower()) != "ofd":
            malformed(f"the file is of the form {shown(form)}, not ofd")
        address = texts.get("fileUrl") or texts.get("content", "")
        self._path(address)
        until = self._clock() + timedelta(seconds=self._profile.ticket_life_s)
        return DownloadTicket(value=address, expires_at=until)

    def _path(self, address: str) -> tuple[str, tuple[tuple[str, str], ...]]:
        """The path of a file's address at this platform; never one at another."""
        from urllib.parse import parse_qsl, urlsplit

        base = next((one for one in self._files_at if address.startswith(one)), "")
        rest = address[len(base) :]
        parts = urlsplit(rest)
        if not rest.startswith("/") or rest.startswith("//") or parts.scheme or parts.netloc:
            malformed("the address of the file is not at this platform: name it in files_at if it should be")
        return parts.path, tuple(parse_qsl(parts.query, keep_blank_values=True))

    def download(self, ticket: str, *, requester: str) -> Flow[bytes]:
        """The file; a platform that gives none says why in JSON."""
        path, query = self._path(ticket)
        answer = yield from ask(Request("GET", path, query=query, max_answer_bytes=_FILE_BYTES))
        if answer.body.startswith(_ZIP):
            return answer.body
        try:
            self._line.data(answer, {})
        except PlatformRejected as error:
            texts = self._profile.ticket_texts.items()
            problem = next((problem for text, problem in texts if text in error.message), "")
            if problem:
                raise refuse(problem) from None
            raise
        malformed("the file is no OFD document")

    # ------------------------------------------------------------------ showing online

    def begin_showing(self, code: str, *, type_codes: tuple[str, ...], use: Use) -> Flow[BegunShowing]:
        """Begin to verify online, on the ground that the holder will confirm."""
        return self._showing.begin(code, type_codes=type_codes, use=use)

    def showing_status(self, transaction: str, *, verifier: str) -> Flow[ShowingState]:
        """How it stands."""
        return self._showing.status(transaction, verifier=verifier)

    def fetch_showing(self, transaction: str, *, verifier: str) -> Flow[tuple[ShownLicense, ...]]:
        """What was granted, items without files."""
        return self._showing.fetch(transaction, verifier=verifier)

    # ------------------------------------------------------------------ verification

    def verify(self, file: bytes, at: datetime | None) -> Flow[Report]:
        """Verified here, with what the platform says in place of a register."""
        if self._checking is None:
            self.not_offered("verify", "give `checking`: the demands on a licence and the templates of its types")
        when = at or self._clock()
        policy, types = self._checking.policy(when), tuple(self._checking.types)
        metadata = read_license_file(file).metadata
        registry = None if metadata is None else (yield from self._asked(metadata))
        return verify(file, policy=policy, types=types, registry=registry)

    def _asked(self, metadata: LicenseMetadata) -> Flow[_Answered]:
        try:
            answer = yield from self.check(metadata)
            if answer is CheckAnswer.NOT_FOUND:
                return _Answered(None)
            if answer in _STATES:
                return _Answered(self._record(metadata, _STATES[answer]))
            if answer is CheckAnswer.VALID:
                found = yield from self._got(metadata.identifier, _CHECK_USE)
                return _Answered(LicenseRecord(**{name: getattr(found, name) for name in LicenseRecord.model_fields}))
            # what the platform does not confirm is compared with what it holds
            held = yield from self._data(metadata.identifier, _CHECK_USE)
            return _Answered(self._record(held, LicenseState.UNKNOWN))
        except (LicenseRejected, PlatformRejected, NotOffered) as error:
            unknown = isinstance(error, LicenseRejected) and error.problem == "license_unknown"
            return _Answered(None, None if unknown else error)

    def check(self, metadata: LicenseMetadata, use: Use = _CHECK_USE) -> Flow[CheckAnswer]:
        """What the platform says of a licence's data (查验)."""
        row = metadata_row(metadata, platform=self._profile.fields)
        if self._profile.envelope == "head":
            wanted = ("holderCode", "holder", "certNo")
            checked: dict[str, object] = {
                **self._named(type_code=metadata.type_code),
                self._profile.names["checked"]: {name: row[name] for name in wanted if name in row},
            }
        else:
            checked = {
                **self._named(identifier=str(metadata.identifier), holder_code=row.get("certificateHolderCode", "")),
                self._profile.names["checked"]: row,
            }
        rows = rows_of(self._profile, (yield from self._ask("verify", checked, use)))
        result = row_values(rows[0]).get("result") if len(rows) == 1 else None
        if result is None:
            malformed("the answer has no result of the verification")
        return read_answer(ANSWER_CODES[self._profile.answers], result)


def _check_file(found: License) -> None:
    """Return if the file is of no other licence; one that does not say of which it is, is left to verification."""
    try:
        told = read_license_file(found.file).metadata
    except InputError:
        return
    if told is None or told.identifier.root != found.identifier.root:
        return
    if told.identifier != found.identifier or told.number != found.metadata.number:
        malformed("the file is not that of the licence in the data")


def _held_by(metadata: LicenseMetadata, code: str) -> bool:
    wanted = code.strip().upper()
    return any(holder.code.strip().upper() == wanted for holder in metadata.holders)
