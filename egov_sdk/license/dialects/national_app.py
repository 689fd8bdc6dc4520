"""A service of licences behind the interface of a sharing service (证照共享服务端), as an ASGI application."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from egov_sdk.errors import EgovError, InputError, NotOffered
from egov_sdk.gateway.asgi import Received, Reply, ThreadedApp, read_json
from egov_sdk.gateway.operations import OCTETS
from egov_sdk.gateway.remembered import Remembered
from egov_sdk.license.dates import parse_date
from egov_sdk.license.dialects._rows import metadata_row, row_values
from egov_sdk.license.dialects._sharing_asked import Asked, Reader, Refusal
from egov_sdk.license.dialects._showing_app import BEGUN_FOR, ShowingDesk
from egov_sdk.license.dialects.callers import Authenticate, Caller
from egov_sdk.license.directory import license_type_pairs
from egov_sdk.license.metadata import LicenseMetadata
from egov_sdk.license.model import LicenseRecord, Standing
from egov_sdk.license.present.online import digest_of
from egov_sdk.license.problems import LicenseRejected, refuse
from egov_sdk.license.service import LicenseService
from egov_sdk.license.state_codes import ANSWER_CODES
from egov_sdk.license.states import CheckAnswer
from egov_sdk.license.wire.national import NATIONAL, ServiceName, SharingProfile
from egov_sdk.problems import shown
from egov_sdk.report import Outcome
from egov_sdk.times import day_in_beijing

__all__ = ["national_app"]

_log = logging.getLogger("egov_sdk.license")

_BODY_BYTES: Final = 96 << 20
_PAGE: Final = 200
_WAITS: Final = timedelta(hours=1)
_MOST_WAITING: Final = 100_000
_WITHOUT_USE: Final = frozenset({"begin_showing", "showing_status"})
_FORM: Final = "application/x-www-form-urlencoded"
_CALLER: Final = "11"
_MISSING: Final = "12"
_FAILED: Final = "99"
_STATUS_OF: Final = {
    Standing.ENDED: "21",
    Standing.EXPIRED: "22",
    Standing.SUSPENDED: "23",
    Standing.NOT_YET: "23",
    Standing.UNKNOWN: "23",
}
_ANSWERS: Final = {
    Standing.IN_FORCE: CheckAnswer.VALID,
    Standing.NOT_YET: CheckAnswer.INACTIVE,
    Standing.SUSPENDED: CheckAnswer.SUSPENDED,
    Standing.EXPIRED: CheckAnswer.ENDED,
    Standing.ENDED: CheckAnswer.ENDED,
}
_TYPE_NAMES: Final = {
    "CertificateTypeName": "certificateType",
    "CertificateTypeCode": "certificateTypeCode",
    "CertificateDefineAuthorityName": "certificateDefineAuthorityName",
    "CertificateDefineAuthorityCode": "certificateDefineAuthorityCode",
    "CertificateDefineAuthorityLevel": "certificateDefineDeptLevel",
    "CertificateIssuingAuthorityLevel": "certificateIssueDeptLevel",
    "CertificateHolderCategory": "certificateHolderCategory",
    "ValidityRange": "validityRange",
}
_DAYS: Final = frozenset({"issueDate", "certificateValidateStart", "certificateValidateEnd", "zzyxqqsrq", "zzyxqjzrq"})


def national_app(
    service: LicenseService,
    *,
    authenticate: Authenticate,
    clock: Callable[[], datetime],
    profile: SharingProfile = NATIONAL,
    prefix: str = "",
    address: str = "",
    max_body_bytes: int = _BODY_BYTES,
) -> ThreadedApp:
    """An application that answers as a sharing service does, out of any service of licences.

    Args:
        authenticate: Whom an account's id and token stand for; see ``authenticate_by``.
        profile: NATIONAL, CERT_SHARE, or one of your own.
        prefix: Where it is mounted, before the profile's ``base``.
        address: Put before the paths of files, such as ``https://licences.example``; empty for bare paths.
    """
    waiting = Remembered[str](clock, lasts=_WAITS, most=_MOST_WAITING)
    showing = ShowingDesk(service, platform=profile.fields, clock=clock)
    server = _Server(service, Reader(profile, authenticate), clock, profile, prefix, address, waiting, showing)
    return ThreadedApp(server.reply, max_body_bytes=max_body_bytes)


@dataclass(frozen=True, slots=True)
class _Server:
    service: LicenseService
    reader: Reader
    clock: Callable[[], datetime]
    profile: SharingProfile
    prefix: str
    address: str
    waiting: Remembered[str]
    showing: ShowingDesk

    # ------------------------------------------------------------------ in and out

    def reply(self, received: Received) -> Reply:
        name = self.profile.service_at(received.path, prefix=self.prefix)
        if name is None:
            return Reply(404)
        if received.method != ("GET" if name == "download" else "POST"):
            return Reply(405, headers=(("allow", "GET" if name == "download" else "POST"),))
        try:
            if name == "download":
                return Reply(200, self._waited_for(received.query.get("id", "")), OCTETS)
            asked = self.reader.read(received, purpose=BEGUN_FOR if name in _WITHOUT_USE else "")
            return self._said("0", self.profile.text_of("0"), self._done(name, asked), asked.caller)
        except Refusal as error:
            text = self.profile.text_of(error.status)
            return self._said(error.status, f"{text}：{shown(error.message)}" if error.message else text)
        except LicenseRejected as error:
            return self._rejected(error)
        except NotOffered:
            return self._said("2", self.profile.text_of("2"))
        except EgovError as error:
            _log.error("a question failed: %s", error)
        except Exception:  # noqa: BLE001 - nothing internal may reach the caller
            _log.exception("a question failed")
        return self._said(_FAILED, self.profile.text_of(_FAILED))

    def _rejected(self, error: LicenseRejected) -> Reply:
        told = {problem: text for text, problem in self.profile.ticket_texts.items()}
        if text := told.get(error.problem):
            return self._said(_FAILED, f"此id的文件{text}")
        if error.problem == "not_in_force":
            status = _STATUS_OF[Standing(str(error.detail["standing"]))]
            return self._said(status, self.profile.text_of(status))
        status = self.profile.status_for(error.problem)
        return self._said(status, self.profile.text_of(status) if status != _FAILED else error.text.zh)

    def _said(self, status: str, message: str, data: object = None, caller: Caller | None = None) -> Reply:
        value: dict[str, object] = {"head": {"status": int(status), "message": message}}
        if data is not None and self.profile.encrypted:
            if caller is None or caller.public_key is None:
                return self._said(_FAILED, "未登记调用方公钥")
            plain = json.dumps(data, ensure_ascii=False).encode()
            data = caller.public_key.encrypt(plain, form=self.profile.cipher_form).hex()
        value["data"] = data
        return Reply(200, json.dumps(value, ensure_ascii=False).encode())

    # ------------------------------------------------------------------ services

    def _done(self, name: ServiceName, asked: Asked) -> object:
        match name:
            case "types":
                rows = [dict(license_type_pairs(one)) for one in self.service.types()]
                return self._listed([{_TYPE_NAMES[key]: row[key] for key in _TYPE_NAMES if key in row} for row in rows])
            case "search":
                return self._listed([self._row(one.metadata) for one in self._found(asked)] or _none())
            case "data" | "data_by_holder":
                record = self._record(asked, name == "data_by_holder")
                return self._single(self._row(record.metadata))
            case "file" | "file_by_holder":
                return self._single(self._waiting(self._record(asked, name == "file_by_holder"), asked))
            case "verify":
                return self._single(self._checked(asked), bare=True)
            case "verify_file":
                return self._single(self._checked_file(asked), bare=True)
            case "begin_showing":
                return self.showing.begin(asked)
            case "showing_status":
                return self.showing.status(asked)
            case "fetch_showing":
                return {"certData": self.showing.fetch(asked)}
        raise NotOffered(name, platform=self.profile.name)

    def _listed(self, rows: list[dict[str, object]]) -> object:
        return rows if self.profile.envelope == "head" else {"total": len(rows), "dataList": rows}

    def _single(self, row: dict[str, object], *, bare: bool = False) -> object:
        if self.profile.envelope == "parameter":
            return self._listed([row])
        return row if bare or "content" in row else {"certData": row}

    def _row(self, metadata: LicenseMetadata) -> dict[str, object]:
        national = self.profile.envelope == "parameter"
        row: dict[str, object] = {}
        row.update(metadata_row(metadata, platform=self.profile.fields, only_known=national))
        if national:
            items = metadata.fields.items()
            row["surface"] = [
                {"name": name, "value": value, "valueType": "string", "columnName": name} for name, value in items
            ]
        else:
            row.update({f"KZ_{name}": value for name, value in metadata.fields.items()})
        return row

    def _found(self, asked: Asked) -> list[LicenseRecord]:
        holder, type_code = asked.needed("holder_code"), asked.text("type_code")
        if self.profile.needs_type:
            asked.needed("holder_type_code")
            asked.needed("type_code")
        found: list[LicenseRecord] = []
        page = ""
        while True:
            part = self.service.search(holder, use=asked.use, type_code=type_code, page=page, page_size=_PAGE)
            found += part.records
            page = part.next_page
            if not page:
                break
            if len(found) >= self.profile.max_rows:
                raise Refusal(_FAILED, "结果过多，请指定证照类型")
        wanted = {key: text for key in ("number", "type_name", "name", "holder_type_code") if (text := asked.text(key))}
        return [one for one in found if _matches(one.metadata, wanted)]

    def _record(self, asked: Asked, by_holder: bool) -> LicenseRecord:
        """The licence that is asked for, in force."""
        if by_holder:
            asked.needed("number")
            found = self._found(asked)
            if len(found) > 1:
                raise Refusal(_FAILED, "匹配到多份证照")
            if not found:
                raise refuse("license_unknown")
            record: LicenseRecord = found[0]
        else:
            record = self.service.get(asked.identifier, use=asked.use)
        standing = self._standing(record)
        if standing is not Standing.IN_FORCE:
            raise Refusal(_STATUS_OF[standing])
        return record

    def _standing(self, record: LicenseRecord) -> Standing:
        return record.standing(day_in_beijing(self.clock()))

    def _waiting(self, record: LicenseRecord, asked: Asked) -> dict[str, object]:
        ticket = self.service.download_ticket(record.identifier, use=asked.use)
        self.waiting.put(digest_of(ticket.value), asked.use.requester.code)
        url = f"{self.address}{self.profile.path('download', prefix=self.prefix)}?id={ticket.value}"
        if self.profile.envelope == "head":
            return {"contentType": "url", "certIdentifier": str(record.identifier), "content": url}
        row = metadata_row(record.metadata, platform=self.profile.fields)
        kept = ("certificateType", "issueDept", "certificateNumber", "issueDate")
        return {**{name: row[name] for name in kept}, "fileFormat": "ofd", "fileUrl": url}

    def _waited_for(self, ticket: str) -> bytes:
        """The file of an address: whoever has that one may fetch, since this interface does not ask who it is."""
        requester = self.waiting.get(digest_of(ticket))
        if requester is None:
            raise refuse("ticket_unknown")
        return self.service.download(ticket, requester=requester)

    # ------------------------------------------------------------------ verification

    def _checked(self, asked: Asked) -> dict[str, object]:
        given = asked.values.get(asked.names["checked"])
        if isinstance(given, str):
            try:
                given = read_json(given.encode("utf-8", "surrogatepass"))
            except ValueError:
                given = None
        if not isinstance(given, dict):
            raise Refusal("24")
        held = row_values(given)
        return self._result(CheckAnswer.NOTHING_GIVEN if not held else self._compared(held, asked))

    def _compared(self, held: Mapping[str, str], asked: Asked) -> CheckAnswer:
        record = self._meant(held, asked)
        if not isinstance(record, LicenseRecord):
            return record
        row = row_values(self._row(record.metadata))
        if any(not _same(name, value, row.get(name)) for name, value in held.items() if name in row):
            return CheckAnswer.MISMATCH
        return _ANSWERS.get(self._standing(record), CheckAnswer.UNKNOWN)

    def _meant(self, held: Mapping[str, str], asked: Asked) -> LicenseRecord | CheckAnswer:
        """The licence that the data is about."""
        if self.profile.envelope == "head":
            type_code = asked.needed("type_code")
            holder, number = held.get("holderCode", ""), held.get("certNo", "")
            if not (holder and number and held.get("holder")):
                return CheckAnswer.INCOMPLETE
            found = self.service.search(holder, use=asked.use, type_code=type_code, page_size=_PAGE).records
            matching = [one for one in found if one.metadata.number == number]
            if len(matching) == 1:
                return matching[0]
            return CheckAnswer.INCOMPLETE if matching else CheckAnswer.NOT_FOUND
        identifier = asked.text("identifier") or held.get("certificateID", "")
        if not (identifier and held.get("certificateHolderCode") and held.get("certificateNumber")):
            return CheckAnswer.INCOMPLETE
        try:
            return self.service.get(identifier, use=asked.use)
        except InputError:
            return CheckAnswer.NOT_FOUND
        except LicenseRejected as error:
            if error.problem != "license_unknown":
                raise
            return CheckAnswer.NOT_FOUND

    def _result(self, answer: CheckAnswer) -> dict[str, object]:
        """A result in the platform's codes; what its list cannot tell is no such information."""
        codes = ANSWER_CODES[self.profile.answers]
        code = codes.code_of(answer) or codes.code_of(CheckAnswer.NOT_FOUND) or _FAILED
        return {"result": code, "message": codes.read(code).text}

    def _checked_file(self, asked: Asked) -> dict[str, object]:
        if asked.values.get("contentType") != "base64":
            raise Refusal("102" if "102" in self.profile.texts else _FAILED, "contentType")
        content = asked.values.get("content")
        try:
            file = base64.b64decode(content if isinstance(content, str) else "*", validate=True)
            report = self.service.verify(file)
        except (ValueError, InputError):
            return {"result": "2", "message": "文件校验失败"}
        if report.outcome is Outcome.PASSED:
            return {"result": "0", "message": "文件验证通过"}
        sealed = report.answer("integrity") is Outcome.PASSED
        return {"result": "2", "message": "文件校验失败"} if sealed else {"result": "1", "message": "文件签章校验失败"}


def _none() -> list[dict[str, object]]:
    raise refuse("license_unknown")


def _matches(metadata: LicenseMetadata, wanted: Mapping[str, str]) -> bool:
    held = {"number": metadata.number, "type_name": metadata.type_name, "name": metadata.name}
    types = {holder.type_code for holder in metadata.holders}
    return all(text in types if key == "holder_type_code" else held[key] == text for key, text in wanted.items())


def _same(name: str, given: str, held: str | None) -> bool:
    if given == held or held is None:
        return given == held
    if name not in _DAYS:
        return False
    try:
        return parse_date(given) == parse_date(held)
    except InputError:
        return False
