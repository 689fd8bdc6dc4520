"""The verifier's side of showing online, served as a sharing service does: out of any service of licences."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from egov_sdk.gateway.remembered import Remembered
from egov_sdk.license.dialects._sharing_asked import Asked, Refusal
from egov_sdk.license.dialects._shown_rows import shown_row
from egov_sdk.license.model import UseGround
from egov_sdk.license.present.online import VERIFY_STATUS, digest_of
from egov_sdk.license.problems import refuse
from egov_sdk.license.service import LicenseService

__all__ = ["BEGUN_FOR", "ShowingDesk"]

#: What a verification is for where the question has no place for it.
BEGUN_FOR: Final = "在线核验"
_LASTS: Final = timedelta(minutes=10)
_MOST: Final = 10_000
_MOST_TYPES: Final = 16
_MISSING: Final = "12"


@dataclass(frozen=True, slots=True)
class _Taken:
    """What was fetched for a verifier, by type, and is still to be handed out."""

    verifier: str
    rows: dict[str, list[dict[str, str]]]


class ShowingDesk:
    """Begin, state, fetch. The service fetches once for all types; here each type is handed out once."""

    def __init__(self, service: LicenseService, *, platform: str, clock: Callable[[], datetime]) -> None:
        self._service, self._platform = service, platform
        self._taken = Remembered[_Taken](clock, lasts=_LASTS, most=_MOST)
        self._taking = Lock()

    def begin(self, asked: Asked) -> dict[str, object]:
        """A transaction, on the ground that the holder will confirm."""
        types = asked.values.get(asked.names["types"])
        if not isinstance(types, list) or not 0 < len(types) <= _MOST_TYPES:
            raise Refusal(_MISSING, asked.names["types"])
        if not all(isinstance(one, str) for one in types):
            raise Refusal(_MISSING, asked.names["types"])
        use = asked.use.model_copy(update={"ground": UseGround.HOLDER})
        begun = self._service.begin_showing(asked.needed("code"), type_codes=tuple(types), use=use)
        return {asked.names["transaction"]: begun.transaction}

    def status(self, asked: Asked) -> dict[str, object]:
        """1 waits, 2 agreed, 3 a no."""
        verifier = asked.caller.requester.code
        state = self._service.showing_status(asked.needed("transaction"), verifier=verifier)
        return {"verifyStatus": VERIFY_STATUS[state]}

    def fetch(self, asked: Asked) -> list[dict[str, str]]:
        """What was granted of one type, once."""
        transaction, type_code = asked.needed("transaction"), asked.needed("type_code")
        verifier, key = asked.caller.requester.code, digest_of(transaction)
        with self._taking:
            taken = self._taken.get(key)
            if taken is None:
                taken = _Taken(verifier, self._rows(transaction, verifier))
                self._taken.put(key, taken)
            if taken.verifier != verifier:
                raise refuse("showing_verifier")
            if type_code not in taken.rows:
                raise refuse("license_unknown")
            if not (rows := taken.rows[type_code]):
                raise refuse("showing_fetched")
            taken.rows[type_code] = []
            return rows

    def _rows(self, transaction: str, verifier: str) -> dict[str, list[dict[str, str]]]:
        rows: dict[str, list[dict[str, str]]] = {}
        for one in self._service.fetch_showing(transaction, verifier=verifier):
            rows.setdefault(one.type_code, []).append(shown_row(one, platform=self._platform))
        return rows
