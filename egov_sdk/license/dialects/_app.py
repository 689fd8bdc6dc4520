"""What a client asks of a licence-use service, as flows."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from urllib.parse import quote

from egov_sdk.crypto import sm3
from egov_sdk.errors import InputError, NotOffered
from egov_sdk.gateway.asgi import read_json
from egov_sdk.gateway.messages import Flow
from egov_sdk.license.dates import NO_END, DateForm, write_date
from egov_sdk.license.dialects._app_line import AppLine
from egov_sdk.license.dialects._rows import malformed, read_metadata_row, row_values
from egov_sdk.license.dialects.flows import LicenseFlows
from egov_sdk.license.field_names import FIELD_NAMES, holder_type_to
from egov_sdk.license.metadata import LicenseMetadata
from egov_sdk.license.model import License, LicenseDraft, LicensePage, LicenseRecord, Use, UseGround
from egov_sdk.license.problems import refuse
from egov_sdk.license.reading import read_license_file
from egov_sdk.license.state_codes import STATE_CODES, read_state
from egov_sdk.license.states import LicenseState
from egov_sdk.problems import shown

__all__ = ["AppEntry", "AppFlows", "AppItem"]

_ANSWER_BYTES: Final = 96 << 20
_PAGE_SIZE: Final = 500
_AT_ONCE: Final = 100
_BETWEEN: Final = re.compile("[,，^]")
_OPERATOR: Final = ("name", "role", "identity_num", "division", "division_code")


@dataclass(frozen=True, slots=True, kw_only=True)
class AppItem:
    """What the service calls a type of licences: its own code (目录编码), and what issuing one needs."""

    item_code: str
    name: str = ""
    license_group: str = ""
    seal_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AppEntry:
    """A licence that a use may read: ``auth_code`` (用证码) reads it once; ``license_code`` is the service's own."""

    license_code: str
    auth_code: str = field(repr=False)
    item_code: str
    name: str
    number: str
    holder_name: str = field(repr=False)
    holder_code: str = field(repr=False)
    state: LicenseState
    row: Mapping[str, object] = field(repr=False, compare=False)


class AppFlows(LicenseFlows):
    """The operations that a licence-use service has."""

    def __init__(
        self,
        line: AppLine,
        *,
        items: Mapping[str, AppItem],
        biz_num: str,
        clock: Callable[[], datetime],
    ) -> None:
        super().__init__(line.profile.name)
        self._line, self._profile = line, line.profile
        self._items, self._biz_num, self._clock = items, biz_num, clock

    # ------------------------------------------------------------------ finding

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
        """As entries, for services whose data has the identifiers of licences."""
        found, following = yield from self._entries(holder_code, use, page, page_size)
        wanted = self._item(type_code).item_code if type_code else ""
        records = []
        for entry in found:
            if (wanted and entry.item_code != wanted) or (states is not None and entry.state not in states):
                continue
            metadata = self._metadata(entry.row)
            if metadata is None:
                self.not_offered("identifiers of licences in a search", "use entries: each has a code to read it with")
            records.append(self._record(metadata, entry.state))
        return LicensePage(records=tuple(records), next_page=following)

    def entries(self, holder_code: str, use: Use) -> Flow[tuple[AppEntry, ...]]:
        """All that a use may read of a holder, each with a code that reads it once."""
        found: list[AppEntry] = []
        page = ""
        while True:
            part, page = yield from self._entries(holder_code, use, page, _AT_ONCE)
            found += part
            if not page:
                return tuple(found)
            if len(found) > self._profile.max_rows:
                malformed(f"the platform gives more than {self._profile.max_rows} licences of one holder")

    def _entries(self, holder_code: str, use: Use, page: str, page_size: int) -> Flow[tuple[list[AppEntry], str]]:
        if not (code := holder_code.strip()):
            raise refuse("holder_code")
        if not 1 <= page_size <= _PAGE_SIZE:
            raise refuse("page_size", expected=_PAGE_SIZE, found=page_size)
        if page and not (page.isascii() and page.isdecimal() and len(page) < 8 and use.ground is UseGround.FUNCTION):
            raise refuse("page_unknown")
        index = int(page or self._profile.first_page)
        question: dict[str, object] = self._used(use)
        if use.ground is UseGround.FUNCTION:
            paging = {"page_size": page_size, "page_index": index, "request_id": ""}
            question |= {"identity_number": code, **paging, "operator": self._operator(use)}
            path = "/license/auth"
        elif use.ground is UseGround.OWNER:
            self.not_offered("uses on the ground owner", "holders and issuers use its pages")
        else:
            question |= {"credential": use.credential}
            path = "/license/holder" if use.ground is UseGround.HOLDER else "/license/entrust"
        facts = {"requester": use.requester.code, "item": use.item_code or "-"}
        value = yield from self._line.ask("POST", path, body=question, facts=facts)
        found = self._read(value)
        mine = [entry for entry in found if code.upper() in _each(entry.holder_code)]
        if len(mine) != len(found) and use.ground is not UseGround.ENTRUST:
            malformed("the answer has a licence that was not asked for")
        more = use.ground is UseGround.FUNCTION and len(found) >= page_size
        return mine, str(index + 1) if more else ""

    def _read(self, value: Mapping[str, object]) -> list[AppEntry]:
        rows, codes = value.get("data"), value.get("auth_codes")
        if rows is None:
            rows = []
        if not isinstance(rows, list) or any(not isinstance(row, dict) for row in rows):
            malformed("the answer has no list of licences")
        if len(rows) > self._profile.max_rows:
            malformed(f"the answer has {len(rows)} licences; at most {self._profile.max_rows} are read")
        if isinstance(codes, list) and len(codes) != len(rows):
            malformed(f"the answer has {len(codes)} codes for {len(rows)} licences")
        aside = codes if isinstance(codes, list) else [""] * len(rows)
        return [self._entry(row, code) for row, code in zip(rows, aside, strict=True)]

    def _entry(self, row: Mapping[str, object], code: object) -> AppEntry:
        texts, names = row_values(row), FIELD_NAMES[self._profile.fields]
        auth_code = texts.get("auth_code") or (code if isinstance(code, str) else "")
        if not auth_code or not texts.get("license_code"):
            malformed("a licence in the answer has no code")
        states = STATE_CODES[self._profile.states]
        return AppEntry(
            license_code=texts["license_code"],
            auth_code=auth_code,
            item_code=texts.get("license_item_code", ""),
            name=texts.get("name", ""),
            number=texts.get(names["number"][0], ""),
            holder_name=texts.get(names["holder_name"][0], ""),
            holder_code=texts.get(names["holder_code"][0], "").strip(),
            state=read_state(states, texts.get("license_status", "")),
            row=row,
        )

    def _metadata(self, row: Mapping[str, object]) -> LicenseMetadata | None:
        """The items of a licence, where its data has an identifier."""
        held, names = self._data_fields(row), self._profile.data_fields
        identifier = held.get(names["identifier"])
        if identifier is None:
            return None
        known = frozenset(names.values())
        fields = {name: value for name, value in held.items() if name not in known}
        name = held.get(names["name"], "") or row_values(row).get("name", "")
        # the row's own words, codes of use among them, are no items of a licence
        items = {one for names in FIELD_NAMES[self._profile.fields].values() for one in names}
        told = {item: value for item, value in row_values(row).items() if item in items}
        whole = {**told, "ZZBS": identifier, "ZZMC": name}
        return read_metadata_row(whole, platform=self._profile.fields, fields=fields)

    def _data_fields(self, row: Mapping[str, object]) -> dict[str, str]:
        """The data on the face, which is an object in a text, or an object."""
        held = row.get("data_fields")
        if isinstance(held, str) and held:
            try:
                held = read_json(held.encode("utf-8", "surrogatepass"))
            except ValueError:
                malformed("data_fields is no JSON")
        if held is not None and held != "" and not isinstance(held, dict):
            malformed("data_fields is no object")
        return row_values(held) if isinstance(held, dict) else {}

    def _record(self, metadata: LicenseMetadata, state: LicenseState) -> LicenseRecord:
        """A record as of now: the interface tells neither when it changed nor whether there is a later version."""
        at = self._clock()
        return LicenseRecord(metadata=metadata, state=state, updated_at=at, latest_version=metadata.version)

    # ------------------------------------------------------------------ reading

    def redeem(self, code: str, *, requester: str) -> Flow[License]:
        """The data of a code, then its file, out of which the metadata comes."""
        if not code:
            raise refuse("code_unknown")
        query = {"auth_code": code}
        data = (yield from self._line.ask("GET", "/license/get_license", query=query)).get("data")
        if not isinstance(data, dict):
            malformed("the answer has no licence")
        file = self._file((yield from self._line.ask("GET", "/license/archive", query=query)).get("data"))
        metadata = _of_file(file)
        texts, names = row_values(data), FIELD_NAMES[self._profile.fields]
        told = _each(texts.get(names["holder_code"][0], ""))
        holders = frozenset(one.code.upper() for one in metadata.holders)
        if texts.get(names["number"][0]) != metadata.number or told != holders:
            malformed("the file is not that of the licence in the data")
        state = read_state(STATE_CODES[self._profile.states], texts.get("license_status", ""))
        record = self._record(metadata, state)
        return License(**{**dict(record), "file_digest": sm3(file).hex(), "file": file})

    def _file(self, data: object) -> bytes:
        content = data.get("file_data") if isinstance(data, dict) else None
        try:
            file = base64.b64decode(content if isinstance(content, str) else "*", validate=True)
        except ValueError:
            malformed("the file is no Base64")
        if file.startswith(b"%PDF"):
            raise NotOffered("this licence as OFD", platform=self.platform, hint="the platform gives it as PDF only")
        return file

    # ------------------------------------------------------------------ issuing

    def issue(self, draft: LicenseDraft, request_id: str, actor: str) -> Flow[License]:
        """Made and sealed at once; a draft that is not active is made only (create)."""
        if request_id:
            self.not_offered("the same request twice", "leave request_id out, and look for the licence after a failure")
        item = self._item(draft.type_code)
        data = {
            "license_group": item.license_group,
            "seal_code": item.seal_code,
            "data_fields": self._written(draft, item),
            "attachments": [_attached(name, octets) for name, octets in draft.pictures.items()],
        }
        step = "issue" if draft.active else "create"
        path = f"/license/{quote(item.item_code, safe='')}/{step}"
        made = (yield from self._line.ask("POST", path, body={"data": data}, facts={"found": draft.type_code})).get(
            "data"
        )
        code = row_values(made).get("auth_code", "") if isinstance(made, dict) else ""
        if not code:
            malformed("the answer has no code to read the new licence with")
        return (yield from self.redeem(code, requester=""))

    def _written(self, draft: LicenseDraft, item: AppItem) -> dict[str, str]:
        if any("," in holder.name + holder.code for holder in draft.holders):
            raise refuse("separator", found=",")
        kinds = [holder_type_to(holder.type_code, platform=self._profile.fields) for holder in draft.holders]
        if None in kinds:
            self.not_offered("holders of this type")
        values = {
            "name": item.name,
            "number": draft.number,
            "holder_name": ",".join(holder.name for holder in draft.holders),
            "holder_type_code": ",".join(kind or "" for kind in kinds),
            "holder_code": ",".join(holder.code for holder in draft.holders),
            "issuer_name": draft.issuer.name if draft.issuer else "",
            "issuer_code": draft.issuer.code if draft.issuer else "",
            "area_code": draft.area_code,
            "issued_on": write_date(draft.issued_on, form=DateForm.DASHED),
            "valid_from": write_date(draft.valid_from, form=DateForm.DASHED) if draft.valid_from else "",
            "valid_until": write_date(draft.valid_until, form=DateForm.DASHED) if draft.valid_until else NO_END,
        }
        names = self._profile.data_fields
        return {names[key]: value for key, value in values.items() if value} | dict(draft.fields)

    def abolish(self, license_code: str, *, type_code: str, number: str, use: Use) -> Flow[None]:
        """End a licence (废止)."""
        data = {"license_code": license_code, "id_code": number, **self._used(use), "operator": self._operator(use)}
        path = f"/license/{quote(self._item(type_code).item_code, safe='')}/abolish"
        facts = {"requester": use.requester.code, "item": use.item_code or "-"}
        yield from self._line.ask("POST", path, body={"data": data}, facts=facts)

    def _item(self, type_code: str) -> AppItem:
        return self._items.get(type_code) or AppItem(item_code=type_code)

    def _used(self, use: Use) -> dict[str, object]:
        return {
            "service_item_code": use.item_code,
            "service_item_name": use.purpose,
            "biz_num": self._biz_num,
        }

    def _operator(self, use: Use) -> dict[str, str]:
        who = {"account": use.operator or self._line.account.account, **dict.fromkeys(_OPERATOR, "")}
        return who | {"service_org": use.requester.name, "service_org_code": use.requester.code}


def _each(codes: str) -> frozenset[str]:
    """The codes of one or several holders."""
    return frozenset(one.strip().upper() for one in _BETWEEN.split(codes))


def _attached(name: str, octets: bytes) -> dict[str, object]:
    kind = "jpg" if octets.startswith(b"\xff\xd8") else "png"
    return {"name": name, "file_type": kind, "file_data": base64.b64encode(octets).decode(), "is_license_image": True}


def _of_file(file: bytes) -> LicenseMetadata:
    try:
        metadata = read_license_file(file).metadata
    except InputError as error:
        malformed(f"the file is no OFD document: {shown(error)}")
    if metadata is None:
        malformed("the file has no metadata of a licence")
    return metadata
