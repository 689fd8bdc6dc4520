"""Showing online (亮证) at a sharing service, as a verifier asks: begin, look how it stands, fetch type by type."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from egov_sdk.errors import InputError, NotOffered
from egov_sdk.gateway.messages import Flow, ask
from egov_sdk.license.dialects._rows import malformed, row_values
from egov_sdk.license.dialects._sharing_wire import Line, rows_of
from egov_sdk.license.dialects._shown_rows import read_shown_row
from egov_sdk.license.model import BegunShowing, ShownLicense, Use, UseGround
from egov_sdk.license.present.online import ShowingState
from egov_sdk.license.problems import LicenseRejected, refuse
from egov_sdk.license.wire.national import ServiceName

__all__ = ["Showing"]

_GOOD: Final = frozenset({"0"})
_STATES: Final = {"1": ShowingState.WAITING, "2": ShowingState.CONFIRMED}


@dataclass(frozen=True, slots=True)
class _Begun:
    """What has to be told again later; it makes up the transaction of this library, so that nothing is remembered."""

    trx: str
    type_codes: tuple[str, ...]
    verifier: str
    told: Mapping[str, str]

    def text(self) -> str:
        value = json.dumps([self.trx, self.type_codes, self.verifier, dict(self.told)], ensure_ascii=False)
        return urlsafe_b64encode(value.encode("utf-8", "surrogatepass")).decode("ascii")

    @classmethod
    def read(cls, text: str, verifier: str) -> _Begun:
        """Raises LicenseRejected: showing_unknown, showing_verifier."""
        try:
            trx, types, began, told = json.loads(urlsafe_b64decode(text.encode("ascii")))
            found = cls(
                str(trx), tuple(map(str, types)), str(began), {str(name): str(one) for name, one in told.items()}
            )
        except (ValueError, TypeError, AttributeError, RecursionError):
            raise refuse("showing_unknown") from None
        if found.verifier != verifier:
            raise refuse("showing_verifier")
        return found


@dataclass(frozen=True, slots=True)
class Showing:
    """The three questions of a verifier."""

    line: Line
    clock: Callable[[], datetime]
    system: str

    def begin(self, code: str, *, type_codes: tuple[str, ...], use: Use) -> Flow[BegunShowing]:
        """Begin: what for is told when it is fetched, since the interface has no place for it before."""
        names, profile = self._names("begin_showing"), self.line.profile
        if use.ground is not UseGround.HOLDER or use.credential:
            raise refuse("use_refused", requester=use.requester.code, item=use.item_code or "-")
        if not code:
            raise refuse("showing_code_unknown")
        question = {names["code"]: code, names["types"]: list(type_codes)}
        data = yield from self._ask("begin_showing", question, good=profile.begun)
        trx = row_values(data).get(names["transaction"], "") if isinstance(data, dict) else ""
        if not trx:
            malformed("the answer has no id of the verification")
        begun = _Begun(trx, type_codes, use.requester.code, profile.told_use(use, system=self.system))
        until = self.clock() + timedelta(seconds=profile.showing_life_s)
        return BegunShowing(transaction=begun.text(), expires_at=until)

    def status(self, transaction: str, *, verifier: str) -> Flow[ShowingState]:
        """How it stands; what is neither 1 nor 2 is a no, whatever the platform means by it."""
        names = self._names("showing_status")
        begun = _Begun.read(transaction, verifier)
        data = yield from self._ask("showing_status", {names["transaction"]: begun.trx})
        state = row_values(data).get("verifyStatus") if isinstance(data, dict) else None
        if state is None:
            malformed("the answer has no state of the verification")
        return _STATES.get(state, ShowingState.REFUSED)

    def fetch(self, transaction: str, *, verifier: str) -> Flow[tuple[ShownLicense, ...]]:
        """Take what was granted, one question for each type that was asked for."""
        names, profile = self._names("fetch_showing"), self.line.profile
        begun = _Begun.read(transaction, verifier)
        found: list[ShownLicense] = []
        for type_code in begun.type_codes:
            question = {names["transaction"]: begun.trx, names["type_code"]: type_code, **begun.told}
            try:
                rows = rows_of(profile, (yield from self._ask("fetch_showing", question)))
            except LicenseRejected as error:
                if error.problem != "license_unknown":
                    raise
                continue  # the holder granted none of this type
            found += [self._read(row, type_code) for row in rows]
        if not found:
            raise refuse("license_unknown")
        return tuple(found)

    def _names(self, service: ServiceName) -> Mapping[str, str]:
        """What the questions call what they ask with.

        Raises:
            NotOffered: the platform does not show online.
        """
        names = self.line.profile.names
        if not self.line.profile.path(service) or not {"code", "types", "transaction", "type_code"} <= names.keys():
            raise NotOffered(service, platform=self.line.profile.name)
        return names

    def _read(self, row: Mapping[str, object], type_code: str) -> ShownLicense:
        try:
            shown = read_shown_row(row, platform=self.line.profile.fields)
        except InputError as error:
            malformed(f"a licence in the answer cannot be read: {error.code}")
        if shown.type_code != type_code:
            malformed("the answer has a licence that was not asked for")
        return shown

    def _ask(
        self, service: ServiceName, question: Mapping[str, object], *, good: frozenset[str] = _GOOD
    ) -> Flow[object]:
        answer = yield from ask(self.line.request(service, question))
        return self.line.data(answer, {}, good=good)
