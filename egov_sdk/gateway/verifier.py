"""The other side: whether a request was signed by whom it says, just now, and for the first time."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Protocol

from egov_sdk.crypto import InvalidSignature, SM2PublicKey
from egov_sdk.gateway._digests import code, encode, text_matches, verify_sm2
from egov_sdk.gateway._rate import Buckets
from egov_sdk.gateway._received import FieldReader, ReceivedRequest
from egov_sdk.gateway._times import parse_time
from egov_sdk.gateway.policies import RateLimit
from egov_sdk.gateway.profile import GatewayProfile
from egov_sdk.gateway.profiles import built_in
from egov_sdk.gateway.refusals import RequestRefused, refuse
from egov_sdk.gateway.replay import MemoryReplayStore, ReplayStore
from egov_sdk.gateway.signing import signing_string
from egov_sdk.times import aware

__all__ = ["Admissions", "CallerKey", "Callers", "Rates", "ReceivedRequest", "RequestVerifier", "VerifiedRequest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerKey:
    """What is known of one caller. Several secrets or keys count while one follows another.

    Args:
        secrets: For profiles with a shared secret: those that are good now.
        public_keys: For profiles that sign with SM2.
        services: The services granted; None for all.
    """

    secrets: tuple[str, ...] = field(default=(), repr=False)
    public_keys: tuple[SM2PublicKey, ...] = ()
    services: frozenset[str] | None = None


class Callers(Protocol):
    """Where callers are looked up; a mapping from id to CallerKey will do."""

    def get(self, caller: str, /) -> CallerKey | None:
        """What is known under an id; None if nobody is registered under it."""


class Rates(Protocol):
    """How often callers come. Several processes that answer for one service share one to count together."""

    def take(self, key: str, *, now_s: float) -> float:
        """Count one request of a caller; 0 if it may come, else the seconds until it may."""


class Admissions(Protocol):
    """Rates and a ReplayStore in one, where both are kept in one place and one question is less work than two."""

    def admit(self, caller: str, key: str, *, until_s: float, now_s: float) -> None:
        """Count one request of a caller, and use its key up, which is remembered until then; an empty key is none.

        Raises:
            RequestRefused: rate_exceeded, and the key is not used up; replayed; busy.
        """


@dataclass(frozen=True, slots=True)
class _Apart:
    """Admissions of Rates and a ReplayStore that know nothing of each other."""

    rates: Rates | None
    replay: ReplayStore

    def admit(self, caller: str, key: str, *, until_s: float, now_s: float) -> None:
        wait = self.rates.take(caller, now_s=now_s) if self.rates is not None else 0.0
        if wait > 0:
            raise refuse("refused.rate_exceeded", retry_after_s=wait)
        if key and not self.replay.first_use(key, until_s=until_s, now_s=now_s):
            raise refuse("refused.replayed")


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedRequest:
    """Who made a request, for which service, and when. ``values`` are the profile's own, such as the user's id."""

    caller: str
    service: str
    signed_at: datetime
    nonce: str = ""
    values: Mapping[str, str] = field(default_factory=dict, repr=False)
    body_digest: str = ""


_REMEMBERED_S: Final = 1.0
# for an id that nobody has: the same work, so that time does not tell
_BASE_POINT: Final = bytes.fromhex(
    "32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7"
    "bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0"
)


class RequestVerifier:
    """Checks signed requests of one profile. It uses the same signing string as the clients.

    Args:
        callers: Who may call; see Callers.
        replay: Remembers what was used; shared by all processes of one service. By default this process's memory.
        skew_s: How far the clocks may differ; the profile's by default.
        service: What this service is called; requests for another one are refused. None to take any.
        rate: How often each caller may come: a limit for this process, or Rates that count for all.
        once_only: Whether a signature works once where the profile has no nonce; off, anyone who saw a request can
            repeat it within ``skew_s``. By default on where the time has milliseconds; where it has whole seconds,
            two honest requests may be equal.
        admissions: In place of ``replay`` and ``rate``.
    Raises:
        ProfileError: the profile's requests cannot be checked, as they hold no id or no time.
    """

    def __init__(
        self,
        profile: GatewayProfile | str,
        *,
        callers: Callers,
        replay: ReplayStore | None = None,
        skew_s: float | None = None,
        service: str | None = None,
        rate: RateLimit | Rates | None = None,
        once_only: bool | None = None,
        admissions: Admissions | None = None,
    ) -> None:
        self.profile = built_in(profile) if isinstance(profile, str) else profile
        self._reader = FieldReader(self.profile)
        self._callers, self._service = callers, service
        self._skew_s = self.profile.skew_s if skew_s is None else skew_s
        if self._skew_s <= 0:
            raise ValueError("skew_s is more than 0")
        rates: Rates | None = Buckets(rate) if isinstance(rate, RateLimit) else rate
        if admissions is not None and (replay is not None or rates is not None):
            raise ValueError("admissions stand in place of replay and rate")
        self._admissions = admissions or _Apart(rates, replay if replay is not None else MemoryReplayStore())
        by_time = self.profile.time == "ms" if once_only is None else once_only
        self._once = bool(self.profile.nonce) or by_time

    @property
    def needs_body(self) -> bool:
        """Whether the body must be there to check the signature; else it may be read after."""
        return self._reader.needs_body

    def verify(self, request: ReceivedRequest, *, at: datetime | float) -> VerifiedRequest:
        """Who made the request.

        Args:
            request: With its body if ``needs_body``; a body that is there is checked in any case.
            at: The time here, an aware datetime or seconds since 1970.
        Raises:
            RequestRefused: it is not let in; the code says why.
            ValueError: ``at`` is naive, or the body is missing.
        """
        now_s = at if isinstance(at, (int, float)) else aware(at).timestamp()
        if self.needs_body and request.body is None:
            raise ValueError(f"profile {self.profile.name!r} signs the body: it must be there")
        values = self._reader.values(request)
        caller = values["id"]
        try:
            signed_s = self._signed_at(values["time"], now_s)
            key, text = self._check_signature(request, values)
            self._check_service(values.get("service", ""), key)
            key_used = self._key_used(values, text)
            # longer than it could come again: a key is forgotten at the moment that it is remembered until
            until_s = signed_s + self._skew_s + _REMEMBERED_S
            self._admissions.admit(caller, key_used, until_s=until_s, now_s=now_s)
            if self._once and not key_used:
                raise refuse("refused.malformed", found="no nonce")
            verified = self._verified(values, signed_s)
            if request.body is not None:
                self.check_body(verified, request.body)
        except RequestRefused as refused:
            refused.caller = caller
            raise
        return verified

    def check_body(self, verified: VerifiedRequest, body: bytes) -> None:
        """Return if the body is the one whose digest was signed, raise RequestRefused if not."""
        if not verified.body_digest:
            return
        kind = "sm3" if "body_sm3" in self.profile._needs else "sha256"
        digest = code("sm3" if kind == "sm3" else "sha256", key=b"", text=body).hex()
        if not hmac.compare_digest(digest, verified.body_digest.lower()):
            raise refuse("refused.body_altered", caller=verified.caller)

    def _signed_at(self, text: str, now_s: float) -> float:
        try:
            signed_s = parse_time(text, self.profile.time)
        except ValueError as error:
            raise refuse("refused.malformed", found=f"time: {error}") from None
        if abs(signed_s - now_s) > self._skew_s:
            raise refuse("refused.time_outside_window", found=f"{signed_s - now_s:+.0f} s")
        return signed_s

    def _check_signature(self, request: ReceivedRequest, values: dict[str, str]) -> tuple[CallerKey, bytes]:
        key = self._callers.get(values["id"])
        by_key = self.profile.digest.startswith("sm2")
        secrets = key.secrets if key is not None and key.secrets else ("",)
        text, good = b"", False
        for secret in secrets:
            filled = {**values, "secret": secret}
            if self.profile.envelope and key is not None:
                filled["envelope"] = self._reader.envelope(request, caller=values["id"], secret=secret)
            else:
                filled.setdefault("envelope", "")
            tried = signing_string(self.profile, filled)
            # without stopping at the first: how long it takes says nothing
            if self._is_good(key, values["signature"], tried, secret if not by_key else ""):
                text, good = tried, True
        if key is None:
            raise refuse("refused.caller_unknown")
        if not good:
            raise refuse("refused.signature_mismatch")
        return key, text

    def _is_good(self, key: CallerKey | None, signature: str, text: bytes, secret: str) -> bool:
        digest, encoding = self.profile.digest, self.profile.encoding
        if not digest.startswith("sm2"):
            expected = encode(code(digest, key=secret.encode(), text=text), encoding)
            return text_matches(signature, expected, encoding=encoding) and bool(secret)
        keys = key.public_keys if key is not None else (SM2PublicKey.from_point(_BASE_POINT),)
        good = False
        for public_key in keys:
            try:
                verify_sm2(public_key, signature, text, either_form=digest == "sm2-raw")
                good = True
            except InvalidSignature:
                continue
        return good

    def _check_service(self, service: str, key: CallerKey) -> None:
        if self._service is not None and service != self._service:
            raise refuse("refused.service_mismatch", found=service)
        if key.services is not None and service not in key.services:
            raise refuse("refused.service_mismatch", found=service)

    def _key_used(self, values: dict[str, str], text: bytes) -> str:
        """What a request uses up; empty where it may come again, or lacks what it should use up."""
        # what was signed, not how the signature is written: one signature can be written in several ways
        used = values["nonce"] if self.profile.nonce else code("sha256", key=b"", text=text).hex() if self._once else ""
        return f"{self.profile.name}\n{values['id']}\n{used}" if used else ""

    def _verified(self, values: dict[str, str], signed_s: float) -> VerifiedRequest:
        claimed = values.get("body_sm3") or values.get("body_sha256") or "" if self._reader.claims_body else ""
        return VerifiedRequest(
            caller=values["id"],
            service=values.get("service", ""),
            signed_at=datetime.fromtimestamp(signed_s, UTC),
            nonce=values.get("nonce", ""),
            values={name: values[name] for name in self.profile.values if name in values},
            body_digest=claimed,
        )
