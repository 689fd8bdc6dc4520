"""Reading the signing fields of a request that someone else signed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote_plus

from egov_sdk.errors import ParseError
from egov_sdk.gateway._canonical import form_pairs, parse_pairs, reads_one_way
from egov_sdk.gateway._nhsa import canonical, open_members, read_members
from egov_sdk.gateway._profile_rules import hole
from egov_sdk.gateway.errors import ProfileError
from egov_sdk.gateway.profile import GatewayProfile
from egov_sdk.gateway.refusals import refuse
from egov_sdk.gateway.signing import Signable, request_values

__all__ = ["FieldReader", "ReceivedRequest"]

_VALUE: Final = re.compile(r"[\x20-\x7e]{0,8192}")
_SHORT: Final = frozenset({"id", "service", "time", "nonce"})
_SHORT_CHARS: Final = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedRequest:
    """A request as it came in.

    Args:
        path: As sent, percent-encoded, without the query.
        query: As sent, without the question mark.
        headers: Names in small letters.
        body: None while it has not been read.
    """

    method: str
    path: str
    query: str = ""
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    body: bytes | None = field(default=None, repr=False)

    @property
    def is_form(self) -> bool:
        """Whether the body is a form."""
        return any(
            name == "content-type" and value.lower().startswith("application/x-www-form-urlencoded")
            for name, value in self.headers
        )


class FieldReader:
    """Knows where a profile puts what, and fills its holes from a request."""

    def __init__(self, profile: GatewayProfile) -> None:
        self._profile = profile
        self._holes: dict[str, str] = {}
        self._literals: dict[str, str] = {}
        self._optional: set[str] = set()
        for wire, text, template in profile._fields:
            name = wire.lower() if profile.place == "header" else wire
            if not template.names:
                self._literals[name] = text
                continue
            if not (found := hole(text)) or found == "token":
                raise ProfileError(
                    f"profile {profile.name!r}: fields.{wire}: {text!r} cannot be taken apart again",
                    profile=profile.name,
                    setting=f"fields.{wire}",
                )
            self._holes[name] = found
            if text.startswith("[") or found in profile.values:
                self._optional.add(name)
        if not profile.time or "id" not in self._holes.values():
            raise ProfileError(
                f"profile {profile.name!r}: a request without {{id}} and {{time}} cannot be checked",
                profile=profile.name,
                setting="fields",
            )
        signed = profile._string.names
        self.claims_body = bool(set(self._holes.values()) & {"body_sm3", "body_sha256"})
        covered = signed & {"body", "body_sm3", "body_sha256"} and not self.claims_body
        self.needs_body = bool(covered or signed & {"params", "envelope"})

    def values(self, request: ReceivedRequest) -> dict[str, str]:
        """Everything that the signing string asks for, but the secret; raises RequestRefused."""
        profile = self._profile
        if profile.place == "json":
            return self._received({name: _text(value) for name, value in _members(request).items()})
        query = request.query
        if profile.place == "query":
            found = self._received(_once(parse_pairs(query), self._wanted()))
            query = "&".join(part for part in query.split("&") if _name(part) not in self._wanted())
        else:
            found = self._received(_once(request.headers, self._wanted()))
        part = Signable(
            method=request.method, path=request.path, query=query, body=request.body or b"", is_form=request.is_form
        )
        self._check_one_reading(part)
        # a digest that a field claims counts here, and is compared when the body is there
        return {**request_values(profile, part), **found}

    def _check_one_reading(self, part: Signable) -> None:
        """Raise RequestRefused for parameters that are signed in a form that other ones have too."""
        is_plain = "params" in self._profile._needs
        if not part.query.isascii() and (is_plain or self._profile.query_form == "sorted"):
            raise refuse("refused.malformed", found="query")
        in_body = form_pairs(part.body) if part.is_form else ()
        if is_plain and not reads_one_way((*parse_pairs(part.query), *in_body)):
            raise refuse("refused.malformed", found="a parameter that reads as two")

    def envelope(self, request: ReceivedRequest, *, caller: str, secret: str) -> str:
        """The canonical form of an envelope's members, its data in the clear; raises RequestRefused."""
        try:
            text = canonical(open_members(_members(request), app_id=caller, secret=secret))
            text.encode()
        except ParseError as error:
            raise refuse("refused.malformed", found=error.message, caller=caller) from None
        except UnicodeEncodeError:
            raise refuse("refused.malformed", found="half a character", caller=caller) from None
        return text

    def _wanted(self) -> set[str]:
        return self._holes.keys() | self._literals.keys()

    def _received(self, given: dict[str, str]) -> dict[str, str]:
        if not any(name in given for name in self._holes):
            raise refuse("refused.unsigned")
        for name, expected in self._literals.items():
            if given.get(name) != expected:
                raise refuse("refused.malformed", found=name)
        found, behind = {}, self._profile._string.behind
        for name, filled in self._holes.items():
            value = given.get(name)
            if value is None and name not in self._optional:
                raise refuse("refused.malformed", found=f"no {name}")
            value = value or ""
            if _VALUE.fullmatch(value) is None or (filled in _SHORT and len(value) > _SHORT_CHARS):
                raise refuse("refused.malformed", found=name)
            if (end := behind.get(filled)) and end in value:
                # the same string could be signed for two other values
                raise refuse("refused.malformed", found=name)
            found[filled] = value
        return found


def _members(request: ReceivedRequest) -> dict[str, object]:
    try:
        return read_members(request.body or b"")
    except ParseError as error:
        raise refuse("refused.malformed", found=error.message) from None


def _name(part: str) -> str:
    return unquote_plus(part.partition("=")[0])


def _text(value: object) -> str:
    return value if isinstance(value, str) else str(value) if isinstance(value, int) else ""


def _once(pairs: Iterable[tuple[str, str]], wanted: set[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in wanted:
            if name in found:
                raise refuse("refused.malformed", found=f"{name} twice")
            found[name] = value
    return found
